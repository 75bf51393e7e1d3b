//! Placeholder while the parts land.
use leptos::prelude::*;
/// The page.
#[component]
pub fn SearchPage() -> impl IntoView {
    view! { <p>"SearchPage"</p> }
}
