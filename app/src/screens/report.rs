//! The trip report: the official form, the page beside it as it will be printed, and the checklist.

use leptos::prelude::*;
use shared::model::kind::Kind;
use shared::model::trip_report::heading;

use super::paper::OnPrint;
use super::record::checklist::{Checklist, LeftToDo};
use super::record::side::{follow_wanted, open_side};
use super::record::{RecordPage, Standing, titled};
use crate::parts::editing::use_editing;
use crate::parts::erased::{Memo, Show};
use crate::parts::tabs::Tabs;
use crate::words;
use crate::workspace::OpenRecord;

mod form;
mod offers;
pub mod paper;
mod told;

/// The page.
#[component]
pub fn ReportPage() -> impl IntoView {
    view! {
        <RecordPage
            kind=Kind::TripReport
            title=title_of
            body=|record| view! { <Editor record /> }.into_any()
        />
    }
}

/// What the report is called.
pub fn title_of(record: OpenRecord) -> String {
    titled(record, heading::title)
}

#[component]
fn Editor(record: OpenRecord) -> impl IntoView {
    // On a narrow screen one of the two is shown; on a wide one both are, and the tabs are hidden.
    let standing = expect_context::<Standing>();
    let side = open_side(standing, "look", "write");
    follow_wanted(standing, side, |_| "write");
    let editing = use_editing();
    let read_only = editing.read_only();
    view! {
        <div class="sides-tabs">
            {move || {
                let form = if read_only.get() { words::record::tab_fields } else { words::record::write };
                view! {
                    <Tabs
                        label=words::record::writing_or_looking
                        tabs=vec![("write", form), ("look", words::record::look)]
                        selected=side
                    />
                }
            }}
        </div>
        <div class="sides" class:shows-second=move || side.get() == "look">
            <div class="side side-form" id="panel-write">
                <Show when=move || !standing.is_read_only()>
                    <Checklist left=Memo::new(move || LeftToDo::of(record, editing)) />
                </Show>
                <form::ReportForm record />
            </div>
            <aside class="side side-paper" id="panel-look" aria-label=words::report::paper>
                <div class="paper-frame" tabindex="0" role="group" aria-label=words::report::paper>
                    <paper::ReportPaper edition=record.into() />
                </div>
            </aside>
        </div>
        <OnPrint record is_shown=true />
    }
}
