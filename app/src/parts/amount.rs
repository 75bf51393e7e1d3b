//! An amount that breaks between its thousands, where its column is too narrow, and never inside of them.

use leptos::prelude::*;
use shared::domain::money::Rupiah;

/// The digits of an amount, with a place to break behind each point.
pub fn breakable(amount: Rupiah) -> AnyView {
    let digits = amount.digits();
    let groups: Vec<String> = digits.split_inclusive('.').map(str::to_owned).collect();
    groups.into_iter().map(|group| view! { {group} <wbr /> }).collect_view().into_any()
}
