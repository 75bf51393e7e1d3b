//! The page that prints an action plan.

use leptos::prelude::*;
use shared::model::kind::Kind;

use super::paper::PrintPage;
use super::plan::title_of;

/// The page.
#[component]
pub fn PlanPrintPage() -> impl IntoView {
    view! {
        <PrintPage kind=Kind::ActionPlan title=title_of />
    }
}
