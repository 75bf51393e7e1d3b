//! Placeholder while the parts land.
use leptos::prelude::*;
/// The page.
#[component]
pub fn BinPage() -> impl IntoView {
    view! { <p>"BinPage"</p> }
}
