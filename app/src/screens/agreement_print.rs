//! The page that prints an agreement's record.

use leptos::prelude::*;
use shared::model::kind::Kind;

use super::agreement::title_of;
use super::paper::PrintPage;

/// The page.
#[component]
pub fn AgreementPrintPage() -> impl IntoView {
    view! {
        <PrintPage kind=Kind::Agreement title=title_of />
    }
}
