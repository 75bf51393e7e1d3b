//! Several cells at once: copying, pasting a block from a spreadsheet, filling down and emptying. Each is one step of the
//! person's work.

use leptos::prelude::*;
use shared::device::open_document::StepMark;
use shared::grid::block::{self, BlockError, MOST_BYTES, MOST_ROWS};
use shared::grid::columns::{COLUMNS, ChoiceWord, Holds};
use shared::grid::paste::{self, Pasted, Target};
use shared::ids::ItemId;
use shared::model::action_plan::{LINES, LineStatus, line};
use shared::model::edit::Edit;
use shared::model::field::{FieldRef, Scalar};

use super::face;
use super::keys::element_of;
use super::state::{CellAt, Grid, Wish};
use crate::parts::fact_text::{over, plain};
use crate::parts::notice::{self, Tone};
use crate::words;
use crate::words::choices::Choice;
use crate::words::{Language, with_language};
use crate::workspace::WorkStep;

impl Grid {
    /// Whether the clipboard is the grid's: not that of a field that somebody writes in.
    fn has_clipboard(event: &web_sys::ClipboardEvent) -> bool {
        element_of(event).is_some_and(|target| {
            let in_field = target.closest(".cell-editor, dialog").ok().flatten().is_some();
            !in_field && !event.default_prevented()
        })
    }

    /// Puts what is selected onto the clipboard.
    pub fn copy(self, event: &web_sys::ClipboardEvent) {
        let Some(data) = event.clipboard_data().filter(|_| Self::has_clipboard(event)) else { return };
        let Some(selection) = self.selection() else { return };
        let rows: Vec<Vec<String>> = self
            .selected_lines()
            .into_iter()
            .map(|line| {
                let values = self.values_of(line);
                let cell = |column: usize| match column.checked_sub(1) {
                    // As it stands there, read or not.
                    Some(place) => untrack(|| self.editing.unread(COLUMNS[place].field.of(LINES, line)))
                        .map_or_else(|| face::text(COLUMNS[place], &values[place]), |row| row.text),
                    None => {
                        untrack(|| self.numbers.with(|numbers| numbers.get(&line).map(ToString::to_string)))
                            .unwrap_or_default()
                    }
                };
                selection.columns().map(cell).collect()
            })
            .collect();
        // Refused only while the event is over.
        let _ = data.set_data("text/plain", &block::write(&rows));
        event.prevent_default();
    }

    /// The same, and empties it.
    pub fn cut(self, event: &web_sys::ClipboardEvent) {
        if Self::has_clipboard(event) {
            self.copy(event);
            self.empty();
        }
    }

    /// Puts a block from the clipboard into the lines from where the person is.
    pub fn paste(self, event: &web_sys::ClipboardEvent) {
        let Some(data) = event.clipboard_data().filter(|_| Self::has_clipboard(event)) else { return };
        event.prevent_default();
        if self.is_read_only() {
            return;
        }
        let text = data.get_data("text/plain").unwrap_or_default();
        if text.is_empty() {
            return;
        }
        match block::parse(&text) {
            Ok(block) => self.put(block),
            Err(BlockError::TooManyRows) => {
                notice::tell(Tone::Warning, words::plan::paste_too_many_rows(MOST_ROWS));
            }
            Err(BlockError::TooLong) => {
                notice::tell(Tone::Warning, words::plan::paste_too_long(MOST_BYTES / 1_000_000));
            }
        }
    }

    fn put(self, block: Vec<Vec<String>>) {
        let Some(selection) = self.selection() else { return };
        let (rows, columns) = (selection.rows(), selection.columns());
        let block = paste::over(block, rows.end() + 1 - rows.start(), columns.end() + 1 - columns.start());
        let lines = self.layout.with_untracked(|layout| layout.lines.clone());
        let last = lines.last().copied();
        let field = last.and_then(|last| {
            match untrack(|| self.record.read(|document| document.value(&line::field.of(LINES, last)))) {
                Some(Scalar::Text(field)) => Some(field),
                _ => None,
            }
        });
        let choices = status_words();
        let target = Target {
            lines: lines.get(*rows.start()..).unwrap_or_default(),
            // The number of a line is not written.
            column: columns.start().saturating_sub(1),
            after: last,
            field: field.as_deref(),
            choices: &choices,
        };
        let unit_of = |line_: ItemId| match untrack(|| {
            self.record.read(|document| document.value(&line::unit.of(LINES, line_)))
        }) {
            Some(Scalar::Text(unit)) => unit,
            _ => String::new(),
        };
        let pasted = paste::paste(&block, target, unit_of, || self.workspace.new_item());
        let first = target.lines.first().copied().or(pasted.new_lines.first().copied());
        self.take(pasted);
        if let Some(first) = first {
            self.go_to(CellAt { line: first, column: (*columns.start()).max(1) }, Wish::Focus);
        }
    }

    /// Carries out what a block comes to, says how much that was, and offers to take it back.
    fn take(self, pasted: Pasted) {
        let Pasted { edits, cells, unread, new_lines, left_out } = pasted;
        let Some(mark) = self.write(&edits, &cells, &unread) else { return };
        let mut said = vec![words::plan::pasted(cells.len(), new_lines.len())];
        if !unread.is_empty() {
            said.push(words::plan::pasted_unread(unread.len()));
        }
        if left_out > 0 {
            said.push(words::plan::pasted_left_out(left_out));
        }
        let tone = if unread.is_empty() && left_out == 0 { Tone::Success } else { Tone::Warning };
        let undo = Callback::new(move |()| {
            if self.record.is_last_step(mark) {
                self.record.step(WorkStep::Undo);
            } else {
                notice::tell(Tone::Information, words::plan::paste_not_last.text());
            }
        });
        notice::tell_with_action(tone, said.join(" "), words::parts::undo.text(), undo);
    }

    /// Empties what is selected.
    pub fn empty(self) {
        let Some(selection) = self.selection().filter(|_| !self.is_read_only()) else { return };
        let columns = selection.columns();
        if *columns.end() == 0 {
            return;
        }
        let columns = columns.start().saturating_sub(1)..=columns.end() - 1;
        let lines = self.selected_lines();
        self.write(&paste::empty(columns.clone(), &lines), &cells(columns, &lines), &[]);
    }

    /// Fills what is selected from its first row, or a single row from the one above.
    pub fn fill_down(self) {
        let Some(selection) = self.selection().filter(|_| !self.is_read_only()) else { return };
        let mut lines = self.selected_lines();
        let columns = selection.columns();
        if lines.len() == 1 {
            let above = selection.rows().start().checked_sub(1);
            let above =
                above.and_then(|row| self.layout.with_untracked(|layout| layout.lines.get(row).copied()));
            if let Some(above) = above {
                lines.insert(0, above);
            }
        }
        let (first, rest) = match lines.split_first() {
            Some((first, rest)) if !rest.is_empty() && *columns.end() > 0 => (*first, rest),
            _ => return,
        };
        let from = columns.start().saturating_sub(1);
        let values = self.values_of(first);
        let mut filled = paste::fill(&values[from..*columns.end()], from, rest);
        // What stands there unread is what is seen, and not what is stored beneath it.
        let mut unread = Vec::new();
        for column in &COLUMNS[from..*columns.end()] {
            let Some(row) = untrack(|| self.editing.unread(column.field.of(LINES, first))) else { continue };
            let into: Vec<FieldRef> = rest.iter().map(|line| column.field.of(LINES, *line)).collect();
            filled.retain(|edit| !matches!(edit, Edit::Set { field, .. } if into.contains(field)));
            unread.extend(into.into_iter().map(|field| (field, row.text.clone())));
        }
        self.write(&filled, &cells(from..=columns.end() - 1, rest), &unread);
    }

    /// Carries out what is done to cells as one step of the person's work. The texts that stood there unread go, those that
    /// come stand there instead; undoing the step brings back the ones, doing it again the others.
    pub fn write(
        self,
        edits: &[Edit],
        cells: &[FieldRef],
        unread: &[(FieldRef, String)],
    ) -> Option<StepMark> {
        let before = cells.iter().map(|field| (*field, untrack(|| self.editing.unread(*field)))).collect();
        self.editing.step_with_unread(edits, before, || {
            for field in cells {
                match unread.iter().find(|(unread, _)| unread == field) {
                    Some((_, text)) => {
                        let stored = untrack(|| self.record.read(|document| document.value(field)));
                        let over = shown_of(*field, &stored.unwrap_or_default());
                        self.editing.keep_unread(*field, text.clone(), over);
                    }
                    None => self.editing.forget_unread(*field),
                }
            }
        })
    }
}

/// The cells of these columns in these lines.
fn cells(columns: std::ops::RangeInclusive<usize>, lines: &[ItemId]) -> Vec<FieldRef> {
    let in_line = |line: &ItemId| {
        let line = *line;
        COLUMNS[columns.clone()].iter().map(move |column| column.field.of(LINES, line))
    };
    lines.iter().flat_map(in_line).collect()
}

/// What a cell shows of a stored fact, whatever language the screen speaks.
fn shown_of(field: FieldRef, stored: &Scalar) -> String {
    match COLUMNS.iter().find(|column| column.field == field.field).map(|column| column.holds) {
        Some(Holds::Fact(kind)) => over(kind, stored),
        _ => plain(stored),
    }
}

/// The words of the status, in both languages: a block may come from anywhere.
fn status_words() -> Vec<ChoiceWord<'static>> {
    let of = |status: &LineStatus| {
        let word = |language| (with_language(language, Choice::word(*status)), status.code());
        [word(Language::Indonesian), word(Language::English)]
    };
    LineStatus::ALL.iter().flat_map(of).collect()
}
