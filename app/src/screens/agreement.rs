//! The page of one record of this kind.

use leptos::prelude::*;

use crate::parts::page::PageHead;
use crate::words;

/// The page.
#[component]
pub fn AgreementPage() -> impl IntoView {
    view! {
        <div class="page">
            <PageHead title=|| words::marks::kind(shared::model::kind::Kind::Agreement)() />
        </div>
    }
}
