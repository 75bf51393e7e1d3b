//! What pointers, ticks and the focus do in the grid.

use leptos::prelude::*;
use shared::grid::columns::Holds;
use shared::grid::cursor::Begin;
use shared::ids::ItemId;
use shared::model::action_plan::line;
use shared::model::field::Field;
use wasm_bindgen::JsCast;

use super::keys::element_of;
use super::state::{CellAt, Cursor, Grid, Wish};
use super::window::is_cards;

/// What a folded card shows of its line; `screens-plan.css` has it, too.
const SHOWN_FOLDED: [Field; 3] = [line::activity, line::progress, line::status];

impl Grid {
    /// A pointer went down in the table.
    pub fn pointer_down(self, event: &web_sys::PointerEvent) {
        let Some(target) = element_of(event) else { return };
        // A finger may be about to scroll: what it touches is told by its click.
        let is_mouse = event.button() == 0 && event.pointer_type() == "mouse";
        let Some(cell) = self.cell_of(&target).filter(|_| is_mouse) else { return };
        if target.closest(".cell-editor, button").ok().flatten().is_some() {
            return;
        }
        let anchor =
            if event.shift_key() { untrack(|| self.place()).map(|cursor| cursor.anchor) } else { None };
        if anchor.is_some() {
            // Else the browser would select words.
            event.prevent_default();
        }
        let was_here = self.has_focus.get_value().get()
            && self.cursor.get_untracked() == Some(Cursor { anchor: cell, active: cell });
        self.goes_in.get_value().set(was_here.then_some(cell));
        self.end_editing(Wish::None);
        self.go(Cursor { anchor: anchor.unwrap_or(cell), active: cell }, Wish::Focus);
    }

    /// The pointer goes over cells while it is down: they are selected.
    pub fn pointer_over(self, event: &web_sys::PointerEvent) {
        if event.buttons() != 1 || event.pointer_type() != "mouse" || self.live.get_untracked().is_some() {
            return;
        }
        let (Some(target), Some(cursor)) = (element_of(event), self.cursor.get_untracked()) else { return };
        if let Some(active) = self.cell_of(&target).filter(|cell| *cell != cursor.active)
            && self.has_focus.get_value().get()
        {
            self.goes_in.get_value().set(None);
            self.go(Cursor { active, ..cursor }, Wish::Focus);
        }
    }

    /// Something was clicked in the table.
    pub fn click(self, event: &web_sys::MouseEvent) {
        let Some(target) = element_of(event) else { return };
        let Some(cell) = self.cell_of(&target) else { return };
        if let Ok(Some(button)) = target.closest("[data-act]") {
            self.go_to(cell, Wish::None);
            match button.get_attribute("data-act").as_deref() {
                Some("menu") => self.menu.update(|open| {
                    *open = if *open == Some(cell.line) { None } else { Some(cell.line) };
                }),
                Some("unfold") => self.unfold(cell.line),
                _ => self.settle(cell),
            }
            return;
        }
        if cell.column == 0 && is_cards() {
            self.unfold(cell.line);
            return;
        }
        let is_control = target.closest(".cell-editor, input").ok().flatten().is_some();
        if is_control || event.shift_key() {
            return;
        }
        if self.cursor.get_untracked().is_none_or(|cursor| cursor.active != cell) {
            self.end_editing(Wish::None);
            self.go_to(cell, Wish::Focus);
        }
        // On a phone nobody selects first and writes then.
        let is_second = self.goes_in.get_value().take() == Some(cell);
        let writes = cell.kind().is_some_and(|column| column.holds != Holds::Flag);
        if writes && (is_second || is_cards() || event.detail() == 2) {
            self.edit(cell, Begin::AsItIs);
        }
    }

    /// Unfolds the card of a cell that a folded one does not show, so that it can have the focus.
    pub fn unfold_for(self, cell: CellAt) {
        let field = cell.kind().map(|column| column.field);
        let is_shown = field.is_none_or(|field| SHOWN_FOLDED.contains(&field));
        let is_unfolded = || self.unfolded.with_untracked(|unfolded| unfolded.contains(&cell.line));
        if !is_shown && is_cards() && !is_unfolded() {
            self.unfold(cell.line);
        }
    }

    /// Unfolds a card, or folds it.
    fn unfold(self, line: ItemId) {
        self.unfolded.update(|unfolded| {
            if !unfolded.remove(&line) {
                unfolded.insert(line);
            }
        });
    }

    /// A tick was set or taken away.
    pub fn change(self, event: &web_sys::Event) {
        let Some(target) = element_of(event) else { return };
        if target.closest(".cell-editor").ok().flatten().is_some() {
            return;
        }
        if let (Some(cell), Some(input)) =
            (self.cell_of(&target), target.dyn_ref::<web_sys::HtmlInputElement>())
        {
            self.set_flag(cell, input.checked());
        }
    }

    /// The focus came into the table.
    pub fn focus_in(self, event: &web_sys::FocusEvent) {
        let was_in = self.has_focus.get_value().replace(true);
        let Some(cell) = element_of(event).and_then(|target| self.cell_of(&target)) else { return };
        let is_here = self.cursor.get_untracked().is_some_and(|cursor| cursor.active == cell);
        if !is_here {
            self.go_to(cell, Wish::None);
        }
        if !was_in || !is_here {
            self.editing.enter(cell.field());
        }
    }

    /// The focus left something in the table.
    pub fn focus_out(self, event: &web_sys::FocusEvent) {
        if self.live.get_untracked().is_some() {
            self.check_focus();
        }
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let stays = self.table.get_untracked().is_some_and(|table| table.contains(to.as_ref()));
        if to.is_some() && !stays {
            self.has_focus.get_value().set(false);
            self.editing.leave();
        }
    }
}
