//! Placeholder while the parts land.
use leptos::prelude::*;
/// The page.
#[component]
pub fn ImportPage() -> impl IntoView {
    view! { <p>"ImportPage"</p> }
}
