//! Who signs: the official of *Mengetahui* beside those who wrote.

use leptos::prelude::*;
use shared::model::acknowledgement::Acknowledgement;

/// One who signs: what stands above the hand, room for it, the name and what stands beneath.
#[component]
pub fn Signer(
    /// Lines above the hand, such as part, position and office.
    #[prop(into)]
    above: Vec<String>,
    /// The name.
    #[prop(into)]
    name: String,
    /// Lines beneath the name, such as rank and NIP.
    #[prop(into)]
    beneath: Vec<String>,
) -> impl IntoView {
    let lines = |lines: Vec<String>| {
        let lines = lines.into_iter().filter(|line| !line.trim().is_empty());
        lines.map(|line| view! { <p>{line}</p> }).collect_view()
    };
    view! {
        <div class="paper-signer">
            <div class="paper-signer-above">{lines(above)}</div>
            <p class="paper-hand" aria-hidden="true"></p>
            <div>
                <p class="paper-name">{name}</p>
                {lines(beneath)}
            </div>
        </div>
    }
}

/// *Mengetahui*, with the official's position, name and NIP; nothing where nobody was chosen.
#[component]
pub fn Acknowledged(
    /// The text of the fact.
    text: Option<String>,
    /// The officials of the region.
    officials: Vec<shared::model::feed_settings::Official>,
) -> impl IntoView {
    text.as_deref().and_then(Acknowledgement::read).map(|chosen| {
        let beneath: Vec<String> =
            chosen.nip(&officials).map(|nip| format!("NIP. {nip}")).into_iter().collect();
        let above = vec!["Mengetahui,".to_owned(), chosen.position];
        view! { <Signer above name=chosen.name beneath /> }
    })
}
