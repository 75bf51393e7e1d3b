//! *Cari*: over every record on this device, or those of one group of *Beranda*. The question stands in the address, so that
//! it can be kept.

use leptos::html;
use leptos::prelude::*;
use shared::model::search::Search;

use super::home::overview::Group;
use super::home::with_reader;
use super::row::{RecordRow, Row};
use crate::parts::erased::{For, Memo, Show, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::parts::page::{EmptyState, PageHead};
use crate::route::use_place;
use crate::words;
use crate::words::search::search_for;
use crate::workspace::{ListedRecord, use_workspace};

/// The id of the field, for the shortcut.
pub const SEARCH_FIELD: &str = "search-field";

/// How many rows are drawn at once.
const WINDOW: usize = 30;

/// The page.
#[component]
pub fn SearchPage() -> impl IntoView {
    let workspace = use_workspace();
    let records = workspace.records();
    let place = use_place();
    let query = Memo::new(move || place.asked.with(|asked| asked.get("q").to_owned()));
    let group = Memo::new(move || place.asked.with(|asked| Group::from_slug(asked.get("kelompok"))));
    let window = RwSignal::new(WINDOW);
    let search = Memo::new(move || query.with(|query| search_for(query)));
    let is_asked = Memo::new(move || group.get().is_some() || !search.with(Search::is_empty));
    // Places in the list: only what is drawn is copied.
    let found = Memo::new(move || {
        let (group, search) = (group.get(), search.get());
        if !is_asked.get() {
            return Vec::new();
        }
        with_reader(&workspace, |reader| {
            let fits = |record: &ListedRecord| {
                !record.summary.is_in_bin()
                    && group.is_none_or(|group| reader.finds(record, group))
                    && search.finds(&record.summary.text)
            };
            records.with(|records| {
                let all = records.iter().enumerate();
                all.filter(|(_, record)| fits(record)).map(|(place, _)| place).collect::<Vec<_>>()
            })
        })
        .unwrap_or_default()
    });
    let shown = move || {
        let (search, feeds) = (search.get(), workspace.feeds());
        records.with(|records| {
            let found = found.get();
            let records = found.iter().take(window.get()).filter_map(|place| records.get(*place));
            records.map(|record| Row::found(record, &search).owned(&record.home, &feeds)).collect::<Vec<_>>()
        })
    };
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
                        place.ask(place.asked.get_untracked().with("q", text));
                    }
                />
            </div>
            {move || group.get().map(|group| view! {
                <p class="search-group">
                    <span>{move || words::lists::only(group.word().text())}</span>
                    <button
                        type="button"
                        class="button button-small"
                        on:click=move |_| place.ask(place.asked.get_untracked().with("kelompok", ""))
                    >
                        {words::lists::clear_filters}
                    </button>
                </p>
            })}
            <p class="list-count" role="status">
                {move || is_asked.get().then(|| words::lists::results(&words::time::count(count.get())))}
            </p>
            <Show
                when=move || is_asked.get()
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
                        <For each=shown key=Row::key let:row>
                            <li>
                                <RecordRow row />
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
