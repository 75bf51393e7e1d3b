//! The words of what is set aside, for a person who reads an export. The document that they belong to may be here no
//! more, so they are read from the changes alone: what each one writes, as far as no later one takes it back.

use std::collections::HashMap;

use automerge::ScalarValue;
use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};

use super::draft::DraftRow;
use super::row::{DecisionRow, SetAsideRow, UnreadRow, from_bytes};
use crate::change_check::{CheckedChange, check_change};
use crate::model::document::{KIND, ORDER};

/// The words that these rows hold, one piece a line: what was typed in one place, a fact, the note of a decision. What
/// is damaged has none.
pub fn set_aside_text<'a>(rows: impl Iterator<Item = &'a SetAsideRow> + Clone) -> String {
    let mut changes: Vec<CheckedChange> =
        rows.clone().filter_map(|row| check_change(&row.bytes).ok()).collect();
    // What builds on a change begins at a larger number.
    changes.sort_by_key(|change| change.start_op);
    let mut pieces = Pieces::default();
    for change in &changes {
        let expanded = change.change.decode();
        for (number, op) in (change.start_op..).zip(&expanded.operations) {
            pieces.take(OpId::new(number, &expanded.actor_id), op);
        }
    }
    let notes = rows.clone().filter_map(|row| from_bytes::<DecisionRow>(&row.bytes)?.decision.note);
    // What stood in fields and could not be read.
    let unread = rows.clone().filter_map(|row| Some(from_bytes::<UnreadRow>(&row.bytes)?.text));
    // What was being typed in a record that was gone before it could become a change.
    let drafts = rows.filter_map(|row| from_bytes::<DraftRow>(&row.bytes)).flat_map(DraftRow::words);
    let lines: Vec<String> = pieces
        .lines()
        .chain(drafts)
        .chain(notes)
        .chain(unread)
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines.join("\n")
}

/// Texts in the order in which they were begun, each as a linked list of what was typed.
#[derive(Default)]
struct Pieces {
    firsts: Vec<usize>,
    written: Vec<Written>,
    places: HashMap<OpId, usize>,
}

struct Written {
    text: String,
    next: Option<usize>,
    is_gone: bool,
}

impl Pieces {
    fn take(&mut self, id: OpId, op: &Op) {
        for replaced in op.pred.iter() {
            if let Some(place) = self.places.get(replaced) {
                self.written[*place].is_gone = true;
            }
        }
        let OpType::Put(ScalarValue::Str(text)) = &op.action else { return };
        if is_of_the_form(op) {
            return;
        }
        let place = self.written.len();
        let before = match &op.key {
            Key::Seq(ElementId::Id(element)) => self.places.get(element).copied(),
            Key::Seq(ElementId::Head) | Key::Map(_) => None,
        };
        let next = match before {
            Some(before) => self.written[before].next.replace(place),
            None => {
                self.firsts.push(place);
                None
            }
        };
        self.written.push(Written { text: text.to_string(), next, is_gone: false });
        self.places.insert(id, place);
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        self.firsts.iter().map(|first| {
            let mut line = String::new();
            let mut place = Some(*first);
            while let Some(written) = place.map(|place| &self.written[place]) {
                if !written.is_gone {
                    line.push_str(&written.text);
                }
                place = written.next;
            }
            line
        })
    }
}

/// Whether a text is the document's own, such as the place of an item in its list; nobody typed it.
fn is_of_the_form(op: &Op) -> bool {
    let Key::Map(name) = &op.key else { return false };
    name == ORDER || (name == KIND && op.obj == ObjectId::Root)
}

#[cfg(test)]
mod tests {
    use crate::device::open_document::OpenDocument;
    use crate::device::row::{ChunkRow, SetAsideReason, from_bytes, to_bytes};
    use crate::device::table::{Commit, Key, Table, Write};
    use crate::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, UserId};
    use crate::model::action_plan::heading;
    use crate::model::decision::Event;
    use crate::model::edit::Edit;
    use crate::model::field::{FieldRef, Scalar};
    use crate::model::kind::Kind;
    use crate::wire::{Bytes, Decision};

    use super::*;

    const DOC: DocumentId = DocumentId::from_bytes([1; 16]);

    fn begun() -> OpenDocument {
        let actor = ActorId::new(DeviceId::from_bytes([1; 16]), 0);
        OpenDocument::create(0, DOC, Kind::ActionPlan, "kab-sleman".parse().unwrap(), actor)
    }

    fn aside(hash: ChangeHash, bytes: Bytes) -> SetAsideRow {
        SetAsideRow { doc: DOC, hash, bytes, reason: SetAsideReason::RetiredDevice, at: 0 }
    }

    fn flushed(document: &mut OpenDocument) -> Vec<SetAsideRow> {
        let Commit { writes, .. } = document.flush(0).unwrap().commit;
        let chunk = |write: Write| match write {
            Write::Put(row) if row.table == Table::Chunks => {
                let bytes = from_bytes::<ChunkRow>(&row.value).unwrap().bytes;
                Some(aside(Key::change_hash(&row.key).unwrap(), bytes))
            }
            _ => None,
        };
        writes.into_iter().filter_map(chunk).collect()
    }

    fn splice(field: FieldRef, at: usize, delete: usize, insert: &str) -> Edit {
        Edit::Splice { field, at, delete, insert: insert.to_owned() }
    }

    #[test]
    fn words_are_read_without_the_document_that_they_were_typed_into_as_they_stood_at_last() {
        let mut document = begun();
        let title = heading::title.at_root();
        document.edit(0, &splice(title, 0, 0, "Rencana")).unwrap();
        let before = flushed(&mut document);
        document.edit(0, &splice(title, 7, 0, " kerja bersama Kyoto")).unwrap();
        let mut rows = flushed(&mut document);
        document.edit(0, &splice(title, 8, 13, "aksi dengan")).unwrap();
        rows.extend(flushed(&mut document));
        rows.reverse();
        assert_eq!(set_aside_text(rows.iter()), " aksi dengan Kyoto");
        rows.extend(before);
        assert_eq!(set_aside_text(rows.iter()), "Rencana aksi dengan Kyoto");
    }

    #[test]
    fn fact_that_was_set_again_stands_once_and_a_note_of_a_decision_is_read() {
        let mut document = begun();
        document.edit(0, &splice(heading::title.at_root(), 0, 0, "Rencana")).unwrap();
        flushed(&mut document);
        let partner = heading::partner.at_root();
        let mut rows = Vec::new();
        for text in ["Kota Kyoto", "Prefektur Kyoto"] {
            document.edit(0, &Edit::Set { field: partner, value: Scalar::Text(text.to_owned()) }).unwrap();
            rows.extend(flushed(&mut document));
        }
        let decision = Decision {
            decision: DecisionId::from_bytes([2; 16]),
            event: Event::Return,
            heads: Vec::new(),
            note: Some("Lengkapi anggaran.".to_owned()),
            made_at: 0,
        };
        let by: UserId = "sri".parse().unwrap();
        let row = DecisionRow {
            doc: DOC,
            decision,
            by,
            place: None,
            origin: None,
            proof: None,
            unproven_since: None,
        };
        rows.push(aside(ChangeHash::from_bytes([3; 32]), to_bytes(&row).into()));
        rows.push(aside(ChangeHash::from_bytes([4; 32]), b"damaged".to_vec().into()));
        assert_eq!(set_aside_text(rows.iter()), "Prefektur Kyoto\nLengkapi anggaran.");
    }
}
