//! The live editor of one cell: the same field as in a form, put into the cell while somebody is in it.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::tachys::view::{Mountable, Render};
use shared::grid::columns::{Column, FIELDS, Holds};
use shared::grid::cursor::Begin;
use shared::model::action_plan::{LINES, LineStatus};
use shared::model::edit::Edit;
use shared::model::field::Scalar;
use wasm_bindgen::JsCast;

use super::face::heading;
use super::state::{CellAt, Grid, Wish};
use crate::parts::editing::use_editing;
use crate::parts::erased::effect;
use crate::parts::fact_field::{FactField, FactInput};
use crate::parts::field_frame::Density;
use crate::parts::prose::Prose;
use crate::words;
use crate::words::choices::options;

/// What is mounted in a cell.
#[derive(Clone)]
pub struct LiveCell {
    owner: Owner,
    unmount: Rc<dyn Fn()>,
    /// What the cell said as the editing began.
    before: Scalar,
}

impl Grid {
    /// Begins to edit a cell. What has no editor of its own does what it does.
    pub fn edit(self, cell: CellAt, begin: Begin) {
        let Some(column) = cell.kind() else {
            self.menu.set(Some(cell.line));
            return;
        };
        if column.holds == Holds::Flag {
            self.toggle(cell);
        } else if !self.is_read_only() {
            self.mount(cell, column);
            self.begin(cell, begin);
        }
    }

    /// Shows the choice between the values of a cell.
    pub fn settle(self, cell: CellAt) {
        let Some(column) = cell.kind() else { return };
        self.mount(cell, column);
        // The button is in the page once the effects have run that bring it there.
        request_animation_frame(move || {
            let button = self
                .element(cell)
                .and_then(|cell| cell.query_selector(".cell-editor .settle-button").ok().flatten());
            if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
                button.click();
            }
        });
    }

    /// Says yes instead of no, or the other way.
    pub fn toggle(self, cell: CellAt) {
        if self.is_read_only() {
            return;
        }
        let is_on = self.record.read(|document| document.value(&cell.field())) == Some(Scalar::Flag(true));
        self.set_flag(cell, !is_on);
    }

    /// Says yes or no.
    pub fn set_flag(self, cell: CellAt, is_on: bool) {
        let field = cell.field();
        self.write(&[Edit::Set { field, value: Scalar::Flag(is_on) }], &[field], &[]);
    }

    fn mount(self, cell: CellAt, column: Column) {
        if self.live.get_untracked() == Some(cell) {
            return;
        }
        self.end_editing(Wish::None);
        let Some(element) = self.element(cell) else { return };
        let before =
            untrack(|| self.record.read(|document| document.value(&cell.field()))).unwrap_or_default();
        let owner = self.owner.with_value(|owner| owner.with(Owner::new));
        let mut state = owner.with(|| view! { <Editor cell column /> }.into_any().build());
        state.mount(&element, None);
        // Views are neither cloned nor shared; the cell is taken once.
        let state = std::cell::RefCell::new(state);
        let unmount = Rc::new(move || state.borrow_mut().unmount());
        self.live_cell.set_value(Some(LiveCell { owner, unmount, before }));
        // Only a class that is none could fail.
        let _ = element.class_list().add_1("is-live");
        self.live.set(Some(cell));
    }

    /// Puts the focus into the editor, so that the key that began it goes there.
    fn begin(self, cell: CellAt, begin: Begin) {
        self.wish.get_value().set(Wish::None);
        let Some(control) = self.control(cell) else { return };
        let _ = control.focus();
        if let Some(area) = control.dyn_ref::<web_sys::HtmlTextAreaElement>() {
            // A text may be a colleague's, too: what is typed comes to it and does not take its place.
            let end = area.value().encode_utf16().count() as u32;
            let _ = area.set_selection_range(end, end);
        } else if let Some(input) = control.dyn_ref::<web_sys::HtmlInputElement>() {
            match begin {
                Begin::Typed => input.select(),
                Begin::AsItIs => {
                    let end = input.value().encode_utf16().count() as u32;
                    let _ = input.set_selection_range(end, end);
                }
            }
        } else if begin == Begin::AsItIs
            && let Ok(show) = js_sys::Reflect::get(&control, &"showPicker".into())
            && let Some(show) = show.dyn_ref::<js_sys::Function>()
        {
            // Some browsers show a list only where a person asked for it.
            let _ = show.call0(&control);
        }
    }

    /// Puts a letter in the place of what stands in a cell's editor, as its key would. The key itself is not left to do it:
    /// by when it does, the field may have its words once more, with the caret behind them.
    pub fn type_over(self, cell: CellAt, letter: &str) {
        let Some(control) = self.control(cell) else { return };
        let Ok(input) = control.dyn_into::<web_sys::HtmlInputElement>() else { return };
        input.set_value(letter);
        let init = web_sys::EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = web_sys::Event::new_with_event_init_dict("input", &init) {
            // Whether a listener cancels it matters to nobody.
            let _ = input.dispatch_event(&event);
        }
    }

    /// The control of the editor in a cell.
    pub fn control(self, cell: CellAt) -> Option<web_sys::HtmlElement> {
        let control =
            self.element(cell)?.query_selector(".cell-editor :is(textarea, input, select)").ok()??;
        control.dyn_into().ok()
    }

    /// Ends the editing of whatever cell is being edited.
    pub fn end_editing(self, wish: Wish) {
        let Some(cell) = self.live.get_untracked() else { return };
        let element = self.element(cell);
        if wish == Wish::Focus
            && let Some(element) = &element
        {
            // The field is left before it goes: it takes what stands in it.
            let _ = element.focus();
        } else if let Some(control) = self.control(cell) {
            let _ = control.blur();
        }
        let live = self.live_cell.try_update_value(Option::take).flatten();
        if let Some(live) = live {
            (live.unmount)();
            live.owner.cleanup();
            let is_choice = cell.kind().is_some_and(|column| column.holds == Holds::Status);
            let value = untrack(|| self.record.read(|document| document.value(&cell.field())));
            if is_choice && value.is_some_and(|value| value != live.before) {
                self.editing.forget_unread(cell.field());
            }
        }
        if let Some(element) = element {
            let _ = element.class_list().remove_1("is-live");
        }
        self.live.set(None);
    }

    /// The focus left the editor, perhaps for nothing that can hold it: looks where it is.
    pub fn check_focus(self) {
        request_animation_frame(move || {
            let Some(cell) = self.live.try_get_untracked().flatten() else { return };
            let active = document().active_element();
            let stays = self.element(cell).is_some_and(|element| element.contains(active.as_deref()));
            if !stays {
                self.end_editing(Wish::None);
            }
        });
    }
}

#[component]
fn Editor(cell: CellAt, column: Column) -> impl IntoView {
    use_editing().provide_item(LINES, cell.line, &FIELDS);
    let grid = super::state::use_grid();
    let numbers = grid.numbers;
    let number = move || numbers.with(|numbers| numbers.get(&cell.line).copied().unwrap_or(0));
    let word = heading(column);
    let label = move || words::plan::cell(word.text(), number());
    let field = cell.field();
    // Once somebody has chosen, there is nothing more to do here.
    let had_conflict = untrack(|| use_editing().conflict(field).is_some());
    let editing = use_editing();
    effect(move || {
        if had_conflict && editing.conflict(field).is_none() {
            request_animation_frame(move || {
                if grid.live.try_get_untracked().flatten() == Some(cell) {
                    grid.end_editing(Wish::Focus);
                }
            });
        }
    });
    let density = Density::Compact;
    let control = match column.holds {
        Holds::Prose => view! { <Prose field label rows=1 density /> }.into_any(),
        Holds::Fact(kind) => {
            view! { <FactField field input=FactInput::Typed(kind) label density /> }.into_any()
        }
        Holds::Flag => view! { <FactField field input=FactInput::Flag label density /> }.into_any(),
        Holds::Status => {
            let input = FactInput::Choice(options::<LineStatus>());
            view! { <FactField field input label density /> }.into_any()
        }
    };
    view! { <div class="cell-editor">{control}</div> }
}
