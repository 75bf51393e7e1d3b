//! The page that prints a report.

use leptos::prelude::*;
use shared::model::kind::Kind;

use super::paper::PrintPage;
use super::report::title_of;

/// The page.
#[component]
pub fn ReportPrintPage() -> impl IntoView {
    view! {
        <PrintPage kind=Kind::TripReport title=title_of />
    }
}
