//! The paper of a working screen, which is there only while the browser prints.

use leptos::prelude::*;

use super::standing::PageMargins;
use crate::parts::erased::Show;
use crate::workspace::{OpenRecord, use_workspace};

/// Builds the paper when the browser begins to print, so that printing a working screen gives the record. Pages get
/// their margins then too.
#[component]
pub fn OnPrint(
    /// The record.
    record: OpenRecord,
    /// The paper; nothing where the screen has one already.
    #[prop(optional, into)]
    paper: Option<Callback<OpenRecord, AnyView>>,
) -> impl IntoView {
    let printing = RwSignal::new(false);
    let begins = window_event_listener(leptos::ev::beforeprint, move |_| printing.set(true));
    let ends = window_event_listener(leptos::ev::afterprint, move |_| printing.set(false));
    on_cleanup(move || {
        begins.remove();
        ends.remove();
    });
    let workspace = use_workspace();
    view! {
        // A picture that was not shown before would come after the page was printed.
        {move || workspace.feed_picture(&record.home()).map(|source| view! { <img src=source alt="" hidden=true /> })}
        <Show when=move || printing.get()>
            <div class="paper-for-print">
                <PageMargins record />
                {paper.map(|paper| paper.run(record))}
            </div>
        </Show>
    }
}
