//! The paper of a working screen, which is there only while the browser prints.

use leptos::prelude::*;

use super::standing::PageMargins;
use super::{Edition, paper_of};
use crate::parts::erased::Show;
use crate::screens::record::Standing;
use crate::workspace::{OpenRecord, use_workspace};

/// Builds the paper when the browser begins to print, so that printing a working screen gives the record; or the version
/// whose page somebody reads. Pages get their margins then too.
#[component]
pub fn OnPrint(
    /// The record.
    record: OpenRecord,
    /// Whether the screen has the record's paper already.
    #[prop(optional)]
    is_shown: bool,
) -> impl IntoView {
    let printing = RwSignal::new(false);
    let begins = window_event_listener(leptos::ev::beforeprint, move |_| printing.set(true));
    let ends = window_event_listener(leptos::ev::afterprint, move |_| printing.set(false));
    on_cleanup(move || {
        begins.remove();
        ends.remove();
    });
    let workspace = use_workspace();
    let read = expect_context::<Standing>().version_read;
    let paper = move || {
        let version = read.get();
        let edition = version.unwrap_or_else(|| Edition::from(record));
        let is_needed = version.is_some() || !is_shown;
        view! {
            <PageMargins edition />
            {is_needed.then(|| paper_of(edition))}
        }
    };
    view! {
        // A picture that was not shown before would come after the page was printed.
        {move || workspace.feed_picture(&record.home()).map(|source| view! { <img src=source alt="" hidden=true /> })}
        <Show when=move || printing.get()>
            <div class="paper-for-print">{paper}</div>
        </Show>
    }
}
