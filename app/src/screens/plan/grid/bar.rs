//! What stands above the grid: looking for words in all its lines, the order of the lines, and those of one's own office.

use leptos::html;
use leptos::prelude::*;
use shared::grid::columns::{COLUMNS, FIELDS};
use shared::grid::find::{Forwards, Query, next};
use shared::grid::layout::Order;
use shared::model::action_plan::LINES;
use shared::model::document::Document;
use wasm_bindgen::JsCast;

use super::face::{heading, text};
use super::state::{CellAt, Grid, WIDTH, Wish, use_grid};
use crate::parts::erased::{Memo, Show};
use crate::parts::icon::{Glyph, Icon};
use crate::words;

/// The id of the search field.
const SEARCH: &str = "plan-search";
/// That of the order.
const ORDER: &str = "plan-order";

/// Puts the focus into the search.
pub fn focus_search() {
    let field = document().get_element_by_id(SEARCH);
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        let _ = field.focus();
        field.select();
    }
}

/// The bar.
#[component]
pub fn Bar() -> impl IntoView {
    let grid = use_grid();
    let select = NodeRef::<html::Select>::new();
    let order = move || {
        let Some(place) = select.get_untracked().and_then(|select| select.value().parse::<usize>().ok())
        else {
            grid.view.update(|view| view.order = None);
            return;
        };
        let (column, direction) =
            (place / 2, if place % 2 == 0 { Order::Ascending } else { Order::Descending });
        grid.view.update(|view| view.order = COLUMNS.get(column).map(|column| (column.field, direction)));
    };
    let chosen = move || {
        grid.view.with(|view| {
            let (field, order) = view.order?;
            let column = COLUMNS.iter().position(|column| column.field == field)?;
            Some(column * 2 + usize::from(order == Order::Descending))
        })
    };
    let options = COLUMNS
        .iter()
        .enumerate()
        .flat_map(|(place, column)| {
            let word = heading(*column);
            [(place * 2, word, words::plan::ascending), (place * 2 + 1, word, words::plan::descending)]
        })
        .map(|(value, word, direction)| {
            view! {
                <option value=value selected=move || chosen() == Some(value)>
                    {move || format!("{}, {}", word.text(), direction.text())}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="plan-bar">
            <Search />
            <div class="plan-order">
                <label for=ORDER>{words::plan::order}</label>
                <select id=ORDER class="input select" node_ref=select on:change=move |_| order()>
                    <option value="" selected=move || chosen().is_none()>{words::plan::plan_order}</option>
                    {options}
                </select>
            </div>
            <Show when=move || grid.office.with(Option::is_some)>
                <label class="plan-own">
                    <input
                        type="checkbox"
                        class="checkbox"
                        prop:checked=move || grid.view.with(|view| view.is_own)
                        on:change=move |event| grid.view.update(|view| view.is_own = event_target_checked(&event))
                    />
                    <span>{words::plan::own_office}</span>
                </label>
            </Show>
        </div>
    }
}

#[component]
fn Search() -> impl IntoView {
    let grid = use_grid();
    // Cells by number, in the order of reading.
    let found = Memo::new(move || {
        let Some(query) = grid.query.get() else { return Vec::new() };
        let layout = grid.layout.get();
        // What is seen in a cell is looked through: not the value beneath a text that could not be read.
        let unread = grid.editing.unread_of(LINES);
        let look = |document: &Document| {
            let mut found = Vec::new();
            for (row, line) in layout.lines.iter().enumerate() {
                let values = document.values(LINES, *line, &FIELDS);
                for (column, kind) in COLUMNS.iter().enumerate() {
                    let typed =
                        unread.iter().find(|row| row.item == Some(*line) && row.field == kind.field.name);
                    let is_found = match typed {
                        Some(row) => query.is_in(&row.text),
                        None => values.get(kind.field).is_some_and(|value| query.is_in(&text(*kind, value))),
                    };
                    if is_found {
                        found.push(row * WIDTH + column + 1);
                    }
                }
            }
            found
        };
        grid.record.read(look).unwrap_or_default()
    });
    let here = move || {
        let cursor = grid.cursor.get()?;
        let row = grid.layout.with(|layout| layout.place_of(cursor.active.line))?;
        Some(row * WIDTH + cursor.active.column)
    };
    let go = move |forwards: Forwards| {
        let place = untrack(|| next(&found.get(), here(), forwards));
        show(grid, place);
    };
    let said = move || {
        grid.query.with(Option::is_some).then(|| {
            let place =
                here().and_then(|here| found.with(|found| found.iter().position(|place| *place == here)));
            words::plan::found(place.map_or(0, |place| place + 1), found.with(Vec::len))
        })
    };
    view! {
        <div class="plan-search" role="search">
            <Icon glyph=Glyph::Search />
            <input
                id=SEARCH
                class="input"
                type="search"
                autocomplete="off"
                aria-label=words::plan::search
                placeholder=words::plan::search
                on:input=move |event| {
                    grid.query.set(Query::new(&event_target_value(&event)));
                    // From where the person is, or what is found first behind it.
                    let place = untrack(|| {
                        let found = found.get();
                        let from = here().and_then(|here| here.checked_sub(1));
                        next(&found, from, Forwards::Yes)
                    });
                    show(grid, place);
                }
                on:keydown=move |event| match event.key().as_str() {
                    "Enter" => {
                        event.prevent_default();
                        go(if event.shift_key() { Forwards::No } else { Forwards::Yes });
                    }
                    "Escape" | "ArrowDown" => {
                        event.prevent_default();
                        grid.focus_active();
                    }
                    _ => {}
                }
            />
            <span class="plan-found" role="status">{said}</span>
            <button
                type="button"
                class="button button-icon button-small"
                aria-label=words::plan::found_before
                hidden=move || grid.query.with(Option::is_none)
                on:click=move |_| go(Forwards::No)
            >
                <Icon glyph=Glyph::Up />
            </button>
            <button
                type="button"
                class="button button-icon button-small"
                aria-label=words::plan::found_after
                hidden=move || grid.query.with(Option::is_none)
                on:click=move |_| go(Forwards::Yes)
            >
                <Icon glyph=Glyph::Down />
            </button>
        </div>
    }
}

/// Brings a cell into sight; the focus stays where it is.
fn show(grid: Grid, place: Option<usize>) {
    let Some(place) = place else { return };
    let line = grid.layout.with_untracked(|layout| layout.lines.get(place / WIDTH).copied());
    if let Some(line) = line {
        grid.go_to(CellAt { line, column: place % WIDTH }, Wish::Sight);
    }
}
