//! Placeholder while the parts land.
use leptos::prelude::*;
/// The page.
#[component]
pub fn ReportsPage() -> impl IntoView {}
/// The page.
#[component]
pub fn AgreementsPage() -> impl IntoView {}
/// The page.
#[component]
pub fn PlansPage() -> impl IntoView {}
