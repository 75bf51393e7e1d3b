//! What keys do in the grid: carries out what `shared::grid::cursor` decides.

use leptos::prelude::*;
use shared::grid::columns::Holds;
use shared::grid::cursor::{self, Act, Begin, Control, Direction, Leave, Press, Selection, Step};
use wasm_bindgen::JsCast;

use super::state::{CellAt, Cursor, Grid, Wish};
use crate::parts::suggestions::LIST;
use crate::screens::record::items::item_of;

impl Grid {
    /// A key was pressed somewhere in the table.
    pub fn key(self, event: &web_sys::KeyboardEvent) {
        if event.is_composing() || event.default_prevented() {
            return;
        }
        let Some(target) = element_of(event) else { return };
        if target.closest("dialog").ok().flatten().is_some() {
            return;
        }
        let key = event.key();
        let press = Press {
            key: &key,
            shift: event.shift_key(),
            command: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
            repeat: event.repeat(),
        };
        match self.live.get_untracked() {
            Some(cell) if target.closest(".cell-editor").ok().flatten().is_some() => {
                self.key_in_editor(event, cell, press, &target);
            }
            _ => self.key_in_cell(event, press, &target),
        }
    }

    fn key_in_editor(
        self,
        event: &web_sys::KeyboardEvent,
        cell: CellAt,
        press: Press<'_>,
        target: &web_sys::Element,
    ) {
        let Some(leave) = cursor::leave(press, control_of(target)) else { return };
        event.prevent_default();
        event.stop_propagation();
        match leave {
            Leave::Move(step) => {
                self.move_line(cell.line, step);
                self.catch_up();
            }
            // A key that is held goes no further than one cell.
            Leave::Row(_) if press.repeat && press.key == "Enter" => {}
            Leave::Stay => {
                self.end_editing(Wish::Focus);
                self.focus_active();
            }
            Leave::Row(step) => {
                self.end_editing(Wish::Focus);
                self.go_on(cell, step, press.key == "Enter");
            }
            Leave::Cell(direction) => {
                self.end_editing(Wish::Focus);
                let at = self.selection().map(|selection| selection.active);
                match at.and_then(|at| cursor::beside(at, direction, self.extent())) {
                    Some(place) => self.select(Selection::at(place), Wish::Focus),
                    None if direction == Direction::Next => self.go_on(cell, Step::Down, true),
                    None => self.focus_active(),
                }
            }
        }
    }

    /// To the row above or below; after the last line a new one begins where the person went on by Enter.
    fn go_on(self, cell: CellAt, step: Step, begins_line: bool) {
        let Some(at) = self.selection().map(|selection| selection.active) else { return };
        let last = self.extent().rows.saturating_sub(1);
        match step {
            Step::Down if at.row >= last && begins_line && !self.is_read_only() => {
                self.add_after(Some(cell.line), Wish::Focus);
            }
            Step::Down => {
                let place = cursor::Place { row: (at.row + 1).min(last), ..at };
                self.select(Selection::at(place), Wish::Focus);
            }
            Step::Up => {
                let place = cursor::Place { row: at.row.saturating_sub(1), ..at };
                self.select(Selection::at(place), Wish::Focus);
            }
        }
    }

    fn key_in_cell(self, event: &web_sys::KeyboardEvent, press: Press<'_>, target: &web_sys::Element) {
        // A button in a cell has its own use for these.
        if target.tag_name() == "BUTTON" && matches!(press.key, "Enter" | " ") {
            return;
        }
        if press.key == "Tab" && self.is_released.get_value().take() {
            return;
        }
        let Some(selection) = self.selection() else { return };
        let Some(act) = cursor::act(selection, press, self.extent()) else { return };
        let Some(Cursor { active, .. }) = untrack(|| self.place()) else { return };
        event.stop_propagation();
        if act == Act::Edit(Begin::Typed) && self.edit_by_letter(active, press.key) {
            // The letter goes into the field that has the focus now.
            return;
        }
        event.prevent_default();
        match act {
            Act::Select(selection) => self.select(selection, Wish::Focus),
            Act::Edit(Begin::AsItIs) => self.edit(active, Begin::AsItIs),
            Act::Empty => self.empty(),
            Act::FillDown => self.fill_down(),
            Act::Move(step) => self.move_line(active.line, step),
            Act::Release => {
                self.is_released.get_value().set(true);
                self.cursor.set(Some(Cursor { anchor: active, active }));
            }
            Act::Find => super::bar::focus_search(),
            Act::Edit(Begin::Typed) | Act::Nothing => {}
        }
    }

    /// A letter was typed in a cell: says whether a field takes it.
    fn edit_by_letter(self, cell: CellAt, letter: &str) -> bool {
        match cell.kind().map(|column| column.holds) {
            // Letters do nothing beside a number or a tick, but for the blank that sets it.
            None => false,
            Some(Holds::Flag) => {
                if letter == " " {
                    self.toggle(cell);
                }
                false
            }
            Some(Holds::Status) => {
                // The list has the focus by when the letter is taken, and chooses by it as any list does.
                self.edit(cell, Begin::Typed);
                self.live.get_untracked() == Some(cell)
            }
            Some(Holds::Prose | Holds::Fact(_)) => {
                self.edit(cell, Begin::Typed);
                if self.live.get_untracked() != Some(cell) {
                    return false;
                }
                // A letter that is still composed goes into the field by itself, as one does that joins a text.
                let is_whole = letter.chars().count() == 1;
                let takes_place = matches!(cell.kind().map(|column| column.holds), Some(Holds::Fact(_)));
                if is_whole && takes_place {
                    self.type_over(cell, letter);
                }
                !(is_whole && takes_place)
            }
        }
    }

    /// The cell that an element stands in.
    pub fn cell_of(self, element: &web_sys::Element) -> Option<CellAt> {
        let cell = element.closest("[data-cell]").ok().flatten()?;
        let column = cell.get_attribute("data-cell")?.parse().ok()?;
        let line = item_of(&cell)?;
        Some(CellAt { line, column })
    }
}

/// The element that an event is about.
pub fn element_of(event: &web_sys::Event) -> Option<web_sys::Element> {
    event.target()?.dyn_into().ok()
}

/// What a control has its own use for.
fn control_of(element: &web_sys::Element) -> Control {
    if let Some(area) = element.dyn_ref::<web_sys::HtmlTextAreaElement>() {
        let caret = area.selection_start().ok().flatten().unwrap_or(0) as usize;
        let units: Vec<u16> = area.value().encode_utf16().collect();
        let (before, after) = units.split_at(caret.min(units.len()));
        let has_break = |part: &[u16]| part.contains(&u16::from(b'\n'));
        return Control::Text { is_first_row: !has_break(before), is_last_row: !has_break(after) };
    }
    match element.dyn_ref::<web_sys::HtmlInputElement>() {
        Some(input) if input.get_attribute("list").as_deref() == Some(LIST) => Control::Suggesting,
        Some(input) if input.type_() == "text" => Control::Line,
        _ => Control::Other,
    }
}
