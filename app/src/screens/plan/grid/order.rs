//! The order of the rows: follows the record and the view, and keeps the person where they are.

use std::sync::Arc;

use leptos::prelude::*;
use shared::grid::layout::{Layout, SortKey, is_of_office};
use shared::ids::ItemId;
use shared::model::action_plan::{LINES, LineStatus, line};
use shared::model::document::Document;
use shared::model::field::{Field, Scalar};
use shared::model::numbering::numbers_in;
use shared::ordered::OrderedMap;

use super::state::{CellAt, Cursor, Grid, View, Wish};
use crate::parts::erased::{Memo, effect};
use crate::workspace::{OpenRecord, Workspace};

/// What the record and the view say.
#[derive(Clone, PartialEq)]
struct Rows {
    layout: Arc<Layout>,
    /// The number of each line in the plan.
    numbers: Arc<OrderedMap<ItemId, usize>>,
}

impl Grid {
    /// Brings the rows to what the record and the view say, and keeps the person where they are.
    pub fn follow(self) {
        let fresh = Memo::new(move || self.fresh_rows());
        // At once: what is drawn first has its lines.
        self.take_rows(fresh.get_untracked());
        effect(move || {
            let fresh = fresh.get();
            let live = self.live.get();
            let before = self.layout.get_untracked();
            // Somebody writes the word by which lines are grouped: their line stays where it is until they have.
            let is_held = live.is_some_and(|cell| {
                fresh.numbers.contains_key(&cell.line)
                    && fresh.layout.has_same_lines_beside(&before, cell.line)
            });
            if !is_held {
                self.take_rows(fresh);
            }
        });
    }

    /// Brings the rows to what the record says, also while somebody writes in one.
    pub fn catch_up(self) {
        self.take_rows(untrack(|| self.fresh_rows()));
    }

    fn take_rows(self, Rows { layout, numbers }: Rows) {
        if self.numbers.with_untracked(|before| *before != numbers) {
            self.numbers.set(numbers);
        }
        let before = self.layout.get_untracked();
        if before != layout {
            self.layout.set(Arc::clone(&layout));
            self.keep_place(&before, &layout);
        }
    }

    fn fresh_rows(self) -> Rows {
        Rows {
            layout: Arc::new(self.fresh_layout()),
            numbers: Arc::new(self.groups.with(|groups| numbers_in(groups))),
        }
    }

    /// Where the person's line is gone, they are in the one that has its place now.
    fn keep_place(self, before: &Layout, now: &Layout) {
        let Some(cursor) = self.cursor.get_untracked() else { return };
        let had_focus = self.has_focus.get_value().get();
        let line = cursor.active.line;
        let is_gone = now.place_of(line).is_none();
        if is_gone && self.live.get_untracked().is_some_and(|cell| cell.line == line) {
            // What stands in the field goes with the line, not into the next one.
            self.end_editing(Wish::None);
        }
        // Who writes is told by the record, and their keys go nowhere.
        let by_other = |document: &Document| document.removed_by_other(LINES, line);
        let is_held = is_gone && untrack(|| self.record.read(by_other)).flatten().is_some();
        if now.place_of(cursor.active.line).is_none() {
            let place = before.place_of(cursor.active.line).unwrap_or(0);
            let line = now.lines.get(place.min(now.lines.len().saturating_sub(1)));
            let cell = line.map(|line| CellAt { line: *line, ..cursor.active });
            self.cursor.set(cell.map(|cell| Cursor { anchor: cell, active: cell }));
        } else if now.place_of(cursor.anchor.line).is_none() {
            self.cursor.set(Some(Cursor { anchor: cursor.active, ..cursor }));
        }
        if had_focus && !is_held && self.live.get_untracked().is_none() {
            // A row that is put elsewhere loses the focus.
            let grid = self;
            request_animation_frame(move || {
                let is_lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
                if is_lost {
                    grid.focus_active();
                }
            });
        }
    }

    fn fresh_layout(self) -> Layout {
        let View { is_own, order } = self.view.get();
        let office = self.office.get().filter(|_| is_own);
        self.groups.with(|groups| {
            let read = |field: Field| -> OrderedMap<ItemId, Scalar> {
                let values = |document: &Document| {
                    let lines = groups.iter().flat_map(|group| &group.lines);
                    lines.map(|line| (*line, document.value(&field.of(LINES, *line)))).collect()
                };
                self.record.read(values).unwrap_or_default()
            };
            let offices = office.as_ref().map(|_| read(line::responsible));
            let is_shown = |line: ItemId| match (&office, &offices) {
                (Some(office), Some(offices)) => {
                    matches!(offices.get(&line), Some(Scalar::Text(text)) if is_of_office(text, office))
                }
                _ => true,
            };
            match order {
                None => Layout::grouped(groups, is_shown),
                Some((field, order)) => {
                    let values = read(field);
                    let codes: Vec<&str> = if field == line::status {
                        LineStatus::ALL.iter().map(|status| status.code()).collect()
                    } else {
                        Vec::new()
                    };
                    let key = |line: ItemId| {
                        values.get(&line).map_or(SortKey::Nothing, |value| SortKey::of(value, &codes))
                    };
                    Layout::sorted(groups, is_shown, order, key)
                }
            }
        })
    }
}

/// The name of the person's office in the region of a record.
pub fn office_of(workspace: Workspace, record: OpenRecord) -> Option<String> {
    let office = workspace.own_person()?.office?;
    workspace.feed_settings(&record.home()).office(&office).map(str::to_owned)
}
