//! Whole lines: beginning, moving and removing them.

use leptos::prelude::*;
use shared::grid::cursor::Step;
use shared::ids::ItemId;
use shared::model::action_plan::{LINES, line};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::field::{Field, FieldRef, Scalar};

use super::state::{ACTIVITY, CellAt, Grid, Wish};
use crate::screens::record::items::neighbour;

impl Grid {
    /// Moves a line by one place within its group.
    pub fn move_line(self, id: ItemId, step: Step) {
        if self.is_read_only() || self.view.with_untracked(|view| view.order.is_some()) {
            return;
        }
        let by = match step {
            Step::Up => -1,
            Step::Down => 1,
        };
        let after = self.groups.with_untracked(|groups| {
            let lines = &groups.iter().find(|group| group.lines.contains(&id))?.lines;
            let after = neighbour(lines, id, by)?;
            // Within its bidang: the first place there follows whatever stands before it in the plan.
            Some(after.or_else(|| {
                let all: Vec<ItemId> = groups.iter().flat_map(|group| group.lines.iter().copied()).collect();
                let place = all.iter().position(|other| lines.first() == Some(other))?;
                place.checked_sub(1).map(|before| all[before])
            }))
        });
        if let Some(after) = after {
            self.record.edit(Edit::Move { list: LINES, item: id, after });
            self.record.flush();
        }
    }

    /// Begins a line after another, in its group. Where that one is still empty, it is the line that was just begun: a
    /// double click or a held key makes one.
    pub fn add_after(self, after: Option<ItemId>, wish: Wish) {
        if let Some(after) = after.filter(|after| self.is_empty(*after)) {
            self.go_to(CellAt { line: after, column: ACTIVITY }, wish);
            return;
        }
        let fact = |field: Field| {
            let after = after?;
            let value = untrack(|| self.record.read(|document| document.value(&field.of(LINES, after))))?;
            Some((field, value)).filter(|(_, value)| *value != Scalar::Empty)
        };
        self.add(after, fact(line::field).into_iter().chain(self.own_office()).collect(), wish);
    }

    /// What a new line says so that it stands among those of one's own office, where only those are shown.
    pub fn own_office(self) -> Vec<(Field, Scalar)> {
        let office = self.office.get_untracked().filter(|_| self.view.with_untracked(|view| view.is_own));
        office.into_iter().map(|office| (line::responsible, Scalar::Text(office))).collect()
    }

    /// Begins a line after another, with what is known of it.
    pub fn add(self, after: Option<ItemId>, facts: Vec<(Field, Scalar)>, wish: Wish) {
        let item = self.workspace.new_item();
        let mut edits = vec![Edit::Add { list: LINES, item, after }];
        let set = |(field, value): (Field, Scalar)| {
            let field: FieldRef = field.of(LINES, item);
            Edit::Set { field, value }
        };
        edits.extend(facts.into_iter().map(set));
        self.record.edit_in_one_step(&edits);
        self.unfolded.update(|unfolded| {
            unfolded.insert(item);
        });
        self.go_to(CellAt { line: item, column: ACTIVITY }, wish);
    }

    /// Whether nothing stands in a line besides its group.
    pub fn is_empty(self, line: ItemId) -> bool {
        let read = |document: &Document| {
            let values = document.values(LINES, line, LINES.fields);
            LINES.fields.iter().filter(|field| **field != line::field).all(|field| match values.get(*field) {
                None | Some(Scalar::Empty | Scalar::Flag(false)) => true,
                Some(Scalar::Text(text)) => text.is_empty(),
                Some(_) => false,
            })
        };
        untrack(|| self.record.read(read)).unwrap_or(false)
    }
}
