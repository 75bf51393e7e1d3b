//! *Cari*: over every record on this device. The question stands in the address, so that it can be kept.

use leptos::html;
use leptos::prelude::*;
use shared::model::summary::words_of;

use super::row::{RecordRow, Row};
use crate::parts::erased::{For, Memo, Show, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::page::{EmptyState, PageHead};
use crate::route::use_place;
use crate::words;
use crate::workspace::use_workspace;

/// The id of the field, for the shortcut.
pub const SEARCH_FIELD: &str = "search-field";

/// How many rows are drawn at once.
const WINDOW: usize = 30;

/// The page.
#[component]
pub fn SearchPage() -> impl IntoView {
    let records = use_workspace().records();
    let place = use_place();
    let query = place.question;
    let window = RwSignal::new(WINDOW);
    let has_words = Memo::new(move || query.with(|query| !words_of(query).is_empty()));
    let found = Memo::new(move || {
        if !has_words.get() {
            return Vec::new();
        }
        records.with(|records| {
            query.with(|query| {
                records
                    .iter()
                    .filter(|record| !record.summary.is_in_bin() && record.summary.matches(query))
                    .map(Row::of)
                    .collect::<Vec<_>>()
            })
        })
    });
    let shown = move || found.with(|found| found.iter().take(window.get()).cloned().collect::<Vec<_>>());
    let count = Memo::new(move || found.with(Vec::len));
    let field = NodeRef::<html::Input>::new();
    effect(move || {
        if let Some(field) = field.get() {
            // After the frame has moved the focus to the page.
            request_animation_frame(move || {
                let _ = field.focus();
            });
        }
    });
    view! {
        <div class="page">
            <PageHead title=words::lists::search_title lead=words::lists::search_hint />
            <div class="list-search search-field" role="search">
                <Icon glyph=Glyph::Search />
                <input
                    node_ref=field
                    id=SEARCH_FIELD
                    class="input"
                    type="search"
                    aria-label=words::lists::search_label
                    placeholder=words::lists::search_placeholder
                    prop:value=move || query.get()
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        window.set(WINDOW);
                        place.ask(&text);
                    }
                />
            </div>
            <p class="list-count" role="status">
                {move || has_words.get().then(|| words::lists::found(&words::time::count(count.get())))}
            </p>
            <Show
                when=move || has_words.get()
                fallback=|| {
                    view! {
                        <EmptyState
                            glyph=Glyph::Search
                            title=words::lists::search_begin
                            sentence=words::lists::search_begin_sentence
                        />
                    }
                }
            >
                <Show
                    when=move || { count.get() > 0 }
                    fallback=|| {
                        view! {
                            <EmptyState
                                glyph=Glyph::Search
                                title=words::lists::nothing_fits
                                sentence=words::lists::nothing_fits_sentence
                            />
                        }
                    }
                >
                    <ul class="rows">
                        <For each=shown key=move |row| (row.key(), query.get()) let:row>
                            <li>
                                <RecordRow row query=query.get_untracked() />
                            </li>
                        </For>
                    </ul>
                    <Show when=move || { count.get() > window.get() }>
                        <div class="show-more">
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| window.update(|window| *window += WINDOW)
                            >
                                {move || words::lists::show_more(WINDOW.min(count.get() - window.get()))}
                            </button>
                        </div>
                    </Show>
                </Show>
            </Show>
        </div>
    }
}
