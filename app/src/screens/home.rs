//! Placeholder while the parts land.
use leptos::prelude::*;
/// The page.
#[component]
pub fn HomePage() -> impl IntoView {
    view! { <p>"HomePage"</p> }
}
