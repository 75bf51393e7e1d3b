//! The menu of a line: one for the grid, beside the line that it was opened for.

use leptos::html;
use leptos::prelude::*;
use shared::grid::cursor::Step;
use shared::ids::ItemId;
use shared::model::action_plan::LINES;
use wasm_bindgen::JsCast;

use super::state::{CellAt, Grid, Wish, use_grid};
use crate::parts::icon::Glyph;
use crate::parts::menu::{Closing, MenuEntry, MenuList};
use crate::screens::record::items;
use crate::words;

/// As high as a menu of all entries is.
const MENU_PX: f64 = 270.0;

/// The open menu.
#[component]
pub fn LineMenu() -> impl IntoView {
    let grid = use_grid();
    view! { {move || grid.menu.get().map(|line| view! { <Opened line /> })} }
}

#[component]
fn Opened(line: ItemId) -> impl IntoView {
    let grid = use_grid();
    let number = cell_of(line);
    let wrapper = NodeRef::<html::Div>::new();
    let place = grid.element(number).map(|cell| cell.get_bounding_client_rect());
    let (left_px, top_px, bottom_px) =
        place.map_or((0.0, 0.0, 0.0), |rect| (rect.left(), rect.top(), rect.bottom()));
    let page_px =
        crate::browser::window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0);
    // Beneath its line where there is room, else above it.
    let (top, bottom) = if bottom_px + MENU_PX > page_px {
        ("auto".to_owned(), format!("{}px", page_px - top_px))
    } else {
        (format!("{bottom_px}px"), "auto".to_owned())
    };
    let entries = entries(grid, line);
    let close = move |way: Closing| {
        grid.menu.set(None);
        if way == Closing::Back {
            grid.go_to(number, Wish::Focus);
        }
    };
    let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let to = event.target().and_then(|to| to.dyn_into::<web_sys::Element>().ok());
        let is_in = to.as_ref().is_some_and(|to| {
            let in_menu = wrapper.get_untracked().is_some_and(|wrapper| wrapper.contains(Some(to)));
            in_menu || to.closest("[data-act=menu]").ok().flatten().is_some()
        });
        if !is_in {
            grid.menu.set(None);
        }
    });
    // It stands where its line was.
    let scrolled = window_event_listener(leptos::ev::wheel, move |_| grid.menu.set(None));
    on_cleanup(move || {
        outside.remove();
        scrolled.remove();
    });
    view! {
        <div class="plan-menu" node_ref=wrapper style:left=format!("{left_px}px") style:top=top style:bottom=bottom>
            <MenuList entries close=Callback::new(close) />
        </div>
    }
}

fn cell_of(line: ItemId) -> CellAt {
    CellAt { line, column: 0 }
}

fn entries(grid: Grid, line: ItemId) -> Vec<MenuEntry> {
    let number = grid.numbers.with_untracked(|numbers| numbers.get(&line).copied().unwrap_or(0));
    let what = words::plan::line_word;
    let mut entries = vec![MenuEntry::new(
        move || words::plan::all_fields(number),
        Glyph::Pencil,
        move || grid.in_full.set(Some((line, number))),
    )];
    if grid.is_read_only() {
        return entries;
    }
    let is_sorted = grid.view.with_untracked(|view| view.order.is_some());
    if !is_sorted {
        entries.push(MenuEntry::new(
            move || words::record::move_item_up(what.text(), number),
            Glyph::Up,
            move || grid.move_line(line, Step::Up),
        ));
        entries.push(MenuEntry::new(
            move || words::record::move_item_down(what.text(), number),
            Glyph::Down,
            move || grid.move_line(line, Step::Down),
        ));
    }
    entries.push(MenuEntry::new(
        move || words::plan::insert_below(number),
        Glyph::Add,
        move || grid.add_after(Some(line), Wish::Edit),
    ));
    entries.push(MenuEntry::new(
        move || words::record::remove_item(what.text(), number),
        Glyph::Bin,
        move || items::remove(grid.record, LINES, line),
    ));
    entries
}
