//! Placeholder while the parts land.
use leptos::prelude::*;
/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! { <p>"SettingsPage"</p> }
}
