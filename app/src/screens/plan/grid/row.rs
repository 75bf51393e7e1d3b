//! The rows of the grid. A row's cells are plain elements made from one pattern; an effect a row puts the words into them.

use std::cell::RefCell;

use leptos::html;
use leptos::prelude::*;
use shared::grid::columns::{COLUMNS, Column, FIELDS};
use shared::grid::layout::RowKey;
use shared::ids::ItemId;
use shared::model::action_plan::{LINES, line};
use shared::model::field::Scalar;

use super::draw::{Look, draw};
use super::face::{Face, face};
use super::pattern::fill;
use super::state::{CellAt, Grid, Wish, use_grid};
use crate::browser::into_sight;
use crate::parts::editing::use_editing;
use crate::parts::erased::{Memo, effect};
use crate::parts::icon::{Glyph, Icon};
use crate::screens::record::items::item_anchor;
use crate::words::{self, language};

/// Rows of headings above the first line.
pub const HEAD_ROWS: usize = 2;

/// Draws a row.
pub fn row(key: RowKey) -> AnyView {
    match key {
        RowKey::Heading(field) => view! { <HeadingRow field /> }.into_any(),
        RowKey::Line(id) => view! { <LineRow id /> }.into_any(),
    }
}

#[component]
fn HeadingRow(field: Option<String>) -> impl IntoView {
    let grid = use_grid();
    let element = NodeRef::<html::Tr>::new();
    let wanted = RowKey::Heading(field.clone());
    let count = Memo::new(move || grid.layout.with(|layout| layout.lines_under(&wanted)));
    let name = field.clone();
    let heading = move || name.clone().unwrap_or_else(|| words::plan::no_field.text().to_owned());
    let heading_again = heading.clone();
    let key = RowKey::Heading(field.clone());
    let number = move || {
        let row = grid.layout.with(|layout| layout.rows.iter().position(|row| *row == key));
        row.map(|row| (row + 1 + HEAD_ROWS).to_string())
    };
    effect(move || {
        if let Some(element) = element.get() {
            grid.window.came(&element);
        }
    });
    on_cleanup(move || {
        if let Some(element) = element.try_get_untracked().flatten() {
            grid.window.went(&element);
        }
    });
    let last = move || {
        grid.groups.with_untracked(|groups| {
            groups.iter().find(|group| group.field == field).and_then(|group| group.lines.last().copied())
        })
    };
    view! {
        <tr node_ref=element role="row" class="plan-group" aria-rowindex=number>
            <th role="rowheader" scope="rowgroup" colspan="15">
                <span class="plan-group-line">
                    <span class="plan-group-name">{heading}</span>
                    <span class="plan-group-count">{move || words::plan::group_count(count.get())}</span>
                    <button
                        type="button"
                        tabindex="-1"
                        class="button button-quiet button-small"
                        hidden=move || grid.editing.read_only().get()
                        aria-label=move || format!("{}: {}", words::plan::add_line.text(), heading_again())
                        on:click=move |_| grid.add_after(last(), Wish::Edit)
                    >
                        <Icon glyph=Glyph::Add />
                    </button>
                </span>
            </th>
        </tr>
    }
}

#[component]
fn LineRow(id: ItemId) -> impl IntoView {
    let grid = use_grid();
    use_editing().provide_item(LINES, id, &FIELDS);
    let editing = use_editing();
    let element = NodeRef::<html::Tr>::new();
    let place = Memo::new(move || grid.layout.with(|layout| layout.row_of(id).zip(layout.place_of(id))));
    let selected = Memo::new(move || {
        let (_, place) = place.get()?;
        let cursor = grid.cursor.get()?;
        let (anchor, active) = grid.layout.with_untracked(|layout| {
            Some((layout.place_of(cursor.anchor.line)?, layout.place_of(cursor.active.line)?))
        })?;
        let rows = anchor.min(active)..=anchor.max(active);
        let columns = (cursor.anchor.column, cursor.active.column);
        rows.contains(&place).then_some((columns.0.min(columns.1), columns.0.max(columns.1)))
    });
    let active = Memo::new(move || {
        grid.place().map(|cursor| cursor.active).filter(|cell| cell.line == id).map(|cell| cell.column)
    });
    let live = Memo::new(move || grid.live.get().filter(|cell| cell.line == id).map(|cell| cell.column));
    let is_unfolded = Memo::new(move || grid.unfolded.with(|unfolded| unfolded.contains(&id)));
    let has_menu = Memo::new(move || grid.menu.get() == Some(id));
    let marks = Memo::new(move || {
        // What stands in a field is told without a signal: it is looked at again as the field is left.
        live.get();
        editing.item_marks(LINES, id)
    });
    let number = Memo::new(move || grid.numbers.with(|numbers| numbers.get(&id).copied().unwrap_or(0)));
    let shown =
        StoredValue::new_local(std::rc::Rc::new(RefCell::new(None::<(Vec<web_sys::HtmlElement>, Look)>)));
    effect(move || {
        let Some(row) = element.get() else { return };
        // Before the marks, which read it, too: what an effect reads through another memo first, it is not told of.
        let live = live.get();
        let values: Vec<(Column, Scalar)> =
            COLUMNS.iter().map(|column| (*column, editing.value(column.field.of(LINES, id)))).collect();
        let faces: Vec<Face> =
            marks.with(|marks| COLUMNS.iter().map(|column| face(*column, id, &values, marks)).collect());
        let found = grid.query.with(|query| match query {
            Some(query) => faces.iter().map(|face| query.is_in(&face.text)).collect(),
            None => Vec::new(),
        });
        let status = values.iter().find(|(column, _)| column.field == line::status);
        let look = Look {
            number: number.get(),
            row: place.get().map(|(row, _)| row),
            status: match status {
                Some((_, Scalar::Text(code))) => code.clone(),
                _ => String::new(),
            },
            faces,
            selected: selected.get(),
            active: active.get(),
            live,
            is_read_only: editing.read_only().get(),
            is_unfolded: is_unfolded.get(),
            has_menu: has_menu.get(),
            found,
            language: language(),
        };
        let shown = shown.get_value();
        let mut shown = shown.borrow_mut();
        let (cells, before) = shown.get_or_insert_with(|| {
            let cells = fill(&row);
            grid.window.came(&row);
            (cells, Look::default())
        });
        draw(&row, cells, before, &look);
        let came = look.active.filter(|column| before.active != Some(*column));
        *before = look;
        drop(shown);
        if let Some(column) = came {
            untrack(|| grid.grant(CellAt { line: id, column }));
        }
    });
    on_cleanup(move || {
        if let Some(row) = element.try_get_untracked().flatten() {
            grid.window.went(&row);
        }
        // The row goes with whoever is in it.
        if grid.live.try_get_untracked().flatten().is_some_and(|cell| cell.line == id) {
            grid.end_editing(Wish::None);
        }
    });
    view! { <tr node_ref=element role="row" class="plan-line" id=item_anchor(id)></tr> }
}

impl Grid {
    /// Does what was wished of the active cell, now that it is drawn.
    pub fn grant(self, cell: CellAt) {
        let Some(element) = self.element(cell) else { return };
        let wish = self.wish.get_value().take();
        match wish {
            Wish::None => {}
            Wish::Sight => into_sight(&element),
            Wish::Focus => {
                let _ = element.focus();
            }
            Wish::Edit => {
                let _ = element.focus();
                self.edit(cell, shared::grid::cursor::Begin::AsItIs);
            }
            Wish::Settle => {
                let _ = element.focus();
                self.settle(cell);
            }
        }
    }
}
