//! The main menu: at the side where there is room, at the bottom on a phone.

use leptos::prelude::*;

use crate::parts::erased::Show;
use crate::parts::icon::{Glyph, Icon};
use crate::route::use_place;
use crate::screens::begin::use_beginning;
use crate::words::{self, Word};

/// Where a letter after `g` leads, and the menu's order.
pub const PLACES: [(&str, &str, Word, Glyph); 6] = [
    ("b", "/", words::shell::home, Glyph::Home),
    ("l", "/laporan", words::shell::reports, Glyph::Report),
    ("k", "/kerja-sama", words::shell::agreements, Glyph::Agreement),
    ("r", "/rencana-aksi", words::shell::plans, Glyph::Plan),
    ("c", "/cari", words::shell::search, Glyph::Search),
    ("p", "/pengaturan", words::shell::settings, Glyph::Settings),
];

/// The main menu.
#[component]
pub fn Navigation() -> impl IntoView {
    let path = use_place().path;
    let beginning = use_beginning();
    view! {
        <nav class="navigation" aria-label=words::shell::navigation>
            <Show when=move || beginning.is_possible()>
                <button
                    type="button"
                    class="button button-primary navigation-new"
                    on:click=move |_| beginning.choose()
                >
                    <Icon glyph=Glyph::Add />
                    <span>{words::home::create_new}</span>
                </button>
            </Show>
            <ul>
                {PLACES
                    .into_iter()
                    .map(|(_, place, word, glyph)| {
                        let is_here = move || {
                            let path = path.get();
                            path == place || (place != "/" && path.starts_with(&format!("{place}/")))
                        };
                        view! {
                            <li class:only-wide=place == "/cari">
                                <a href=place aria-current=move || is_here().then_some("page")>
                                    <Icon glyph />
                                    <span>{word}</span>
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
                <li class="only-wide navigation-bin">
                    <a href="/tempat-sampah" aria-current=move || (path.get() == "/tempat-sampah").then_some("page")>
                        <Icon glyph=Glyph::Bin />
                        <span>{words::shell::bin}</span>
                    </a>
                </li>
            </ul>
        </nav>
    }
}
