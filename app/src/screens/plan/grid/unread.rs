//! What was typed into a cell whose page ended at once: it waits as text, since no field of a form stands in the cell that would
//! read it.

use leptos::prelude::*;
use shared::domain::reading::Reading;
use shared::grid::columns::{COLUMNS, Holds};
use shared::model::action_plan::{LINES, line};
use shared::model::field::Scalar;

use super::state::Grid;
use crate::parts::erased::effect;
use crate::parts::fact_text::over;

impl Grid {
    /// Stores what can be read of what was left in cells, where the fact still says what it said then.
    pub fn take_in_unread(self) {
        effect(move || {
            let rows = self.editing.unread_of(LINES);
            if self.editing.read_only().get() {
                return;
            }
            for row in rows {
                let column = COLUMNS.iter().find(|column| column.field.name == row.field);
                let Some((item, column)) = row.item.zip(column) else { continue };
                let (Holds::Fact(kind), field) = (column.holds, column.field.of(LINES, item)) else {
                    continue;
                };
                if untrack(|| self.live.get()).is_some_and(|cell| cell.field() == field) {
                    continue;
                }
                let value_of = |field| {
                    untrack(|| self.record.read(|document| document.value(&field))).unwrap_or_default()
                };
                let (stored, unit) = (value_of(field), value_of(line::unit.of(LINES, item)));
                let unit = if let Scalar::Text(unit) = unit { unit } else { String::new() };
                if let Reading::Value(value) = kind.read(&row.text, &unit)
                    && over(kind, &stored) == row.over
                {
                    self.editing.set(field, value.clone());
                    if value_of(field) == value {
                        self.editing.forget_unread(field);
                    }
                }
            }
        });
    }
}
