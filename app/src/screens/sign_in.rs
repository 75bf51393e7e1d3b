//! Placeholder while the parts land.
use leptos::prelude::*;
/// The page.
#[component]
pub fn SignInPage() -> impl IntoView {}
/// The page.
#[component]
pub fn SignInAgain() -> impl IntoView {}
