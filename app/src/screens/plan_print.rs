//! The printed page of one record of this kind.

use leptos::prelude::*;

use crate::parts::page::PageHead;
use crate::words;

/// The page.
#[component]
pub fn PlanPrintPage() -> impl IntoView {
    view! {
        <div class="page">
            <PageHead title=words::parts::print />
        </div>
    }
}
