//! Keeps edits within what one change may hold: a large one is taken in pieces, each of which fits a
//! change of its own; one that no field may hold is refused before anything is changed.

use crate::model::document::{Document, DocumentError};
use crate::model::edit::Edit;
use crate::model::field::{FieldRef, Holds, Scalar};
use crate::model::text::{self, Splice};
use crate::wire::limits;

/// Operations that a group may hold before it becomes a change. At the worst some twenty bytes each, so
/// that a change stays below [`limits::CHANGE_BYTES`] whatever is typed.
pub const GROUP_OPERATIONS: usize = 20_000;
/// Bytes of text that a group may hold before it becomes a change.
pub const GROUP_BYTES: usize = limits::CHANGE_BYTES / 4;
/// UTF-16 units of a prose field: some two hundred printed pages.
pub const PROSE_UNITS: usize = 500_000;
/// UTF-16 units of a fact.
pub const FACT_UNITS: usize = 20_000;

/// What an edit adds to the open group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) operations: usize,
    pub(super) bytes: usize,
}

impl Cost {
    pub(super) fn of(edit: &Edit) -> Self {
        match edit {
            Edit::Splice { delete, insert, .. } => {
                Self { operations: delete + insert.chars().count(), bytes: insert.len() }
            }
            Edit::Rewrite { text, .. } => Self { operations: text.chars().count(), bytes: text.len() },
            Edit::Set { value: Scalar::Text(text), .. } => Self { operations: 1, bytes: text.len() },
            // At most; a scalar that becomes a text comes to what is deleted.
            Edit::Settle { most_units, .. } => {
                Self { operations: (*most_units).min(GROUP_OPERATIONS), bytes: 0 }
            }
            Edit::Add { list, .. } => Self { operations: 2 + list.fields.len(), bytes: 0 },
            _ => Self { operations: 2, bytes: 0 },
        }
    }
}

/// The edit in pieces that fit a change each; none where it changes nothing.
///
/// # Errors
/// When no field may hold the text, or the document lacks the field.
pub(super) fn pieces(document: &Document, edit: &Edit) -> Result<Vec<Edit>, DocumentError> {
    match edit {
        Edit::Splice { field, .. } | Edit::Rewrite { field, .. } => {
            let Some(splice) = document.splice_of(edit)? else { return Ok(Vec::new()) };
            if !document.is_text(field)? {
                // It becomes a text with the first piece, and the rest follows at its end.
                let text = text::apply(&document.prose(field), &splice);
                let found = text::units(&text);
                if found > PROSE_UNITS {
                    return Err(DocumentError::TextTooLong { most: PROSE_UNITS, found });
                }
                let first = runs(&text).next().unwrap_or_default();
                let rest = inserted(field, text::units(first), &text[first.len()..]);
                let begun = Edit::Rewrite { field: *field, text: first.to_owned() };
                return Ok(std::iter::once(begun).chain(rest).collect());
            }
            let added = text::units(&splice.insert);
            if added > splice.delete {
                let found = document.prose_units(field)? - splice.delete + added;
                if found > PROSE_UNITS {
                    return Err(DocumentError::TextTooLong { most: PROSE_UNITS, found });
                }
            }
            if splice.delete + added <= GROUP_OPERATIONS && splice.insert.len() <= GROUP_BYTES {
                return Ok(vec![splice_edit(field, splice)]);
            }
            let current = document.prose(field);
            let deleted = text::stretch(&current, splice.at, splice.delete);
            let goes = runs(deleted).map(|run| Splice {
                at: splice.at,
                delete: text::units(run),
                insert: String::new(),
            });
            let comes = inserted(field, splice.at, &splice.insert);
            Ok(goes.map(|piece| splice_edit(field, piece)).chain(comes).collect())
        }
        Edit::Settle { field, .. } => {
            let piece = Edit::Settle { field: *field, most_units: GROUP_OPERATIONS };
            Ok(vec![piece; document.other_units(field)?.div_ceil(GROUP_OPERATIONS)])
        }
        Edit::Set { value: Scalar::Text(text), .. } if text::units(text) > FACT_UNITS => {
            Err(DocumentError::TextTooLong { most: FACT_UNITS, found: text::units(text) })
        }
        // Another program deleted it, so that there is nothing to take out of the bin: it is written anew.
        Edit::Restore { list, item } if !document.has_item(*list, *item) => {
            let Some(reader) = document.item_reader(*list, *item) else { return Ok(vec![edit.clone()]) };
            let after = document.item_before(*list, *item);
            let mut pieces = vec![Edit::Add { list: *list, item: *item, after }];
            for field in list.fields {
                let place = field.of(*list, *item);
                match (field.holds, reader.value(*field)) {
                    (_, Scalar::Empty) => {}
                    (Holds::Prose, Scalar::Text(text)) => pieces.extend(inserted(&place, 0, &text)),
                    (_, value) => pieces.push(Edit::Set { field: place, value }),
                }
            }
            Ok(pieces)
        }
        _ => Ok(vec![edit.clone()]),
    }
}

/// A text that comes to a place, in pieces.
fn inserted(field: &FieldRef, mut at: usize, text: &str) -> Vec<Edit> {
    let piece = |run: &str| {
        let piece = Splice { at, delete: 0, insert: run.to_owned() };
        at += text::units(run);
        splice_edit(field, piece)
    };
    runs(text).map(piece).collect()
}

/// Refuses what would bring the document over what the relay takes of one.
///
/// # Errors
/// [`DocumentError::Full`].
pub(super) fn check_room(document: &Document, used_bytes: u64, cost: Cost) -> Result<(), DocumentError> {
    let operations = document.log().max_op() + (document.open_operations() + cost.operations) as u64;
    let bytes = used_bytes + (cost.bytes + limits::CHANGE_BYTES) as u64;
    if operations > limits::START_OPERATION || bytes > limits::DOCUMENT_BYTES {
        return Err(DocumentError::Full);
    }
    Ok(())
}

fn splice_edit(field: &FieldRef, splice: Splice) -> Edit {
    Edit::Splice { field: *field, at: splice.at, delete: splice.delete, insert: splice.insert }
}

/// The text in runs of whole characters, each of which fits a group.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // A character has at most four bytes, so the bytes of a run fit as well.
        let most = GROUP_OPERATIONS.min(GROUP_BYTES / 4);
        let end = rest.char_indices().nth(most).map_or(rest.len(), |(byte, _)| byte);
        let (run, behind) = rest.split_at(end);
        rest = behind;
        Some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ActorId, DocumentId};
    use crate::model::kind::Kind;

    #[test]
    fn document_near_its_limit_refuses_edits_before_they_become_changes() {
        let document = Document::create(
            DocumentId::from_bytes([1; 16]),
            Kind::ActionPlan,
            ActorId::from_bytes([2; ActorId::LENGTH]),
        );
        let cost = Cost { operations: 1, bytes: 1 };
        assert!(check_room(&document, 0, cost).is_ok());
        let full = check_room(&document, limits::DOCUMENT_BYTES - limits::CHANGE_BYTES as u64, cost);
        assert!(matches!(full, Err(DocumentError::Full)));
        let numbers = Cost { operations: limits::START_OPERATION as usize, bytes: 1 };
        assert!(matches!(check_room(&document, 0, numbers), Err(DocumentError::Full)));
    }

    #[test]
    fn runs_of_a_text_are_whole_characters_and_make_up_the_text() {
        let text = "a👍é漢".repeat(20_000);
        assert!(runs(&text).all(|run| run.chars().count() <= GROUP_OPERATIONS && run.len() <= GROUP_BYTES));
        assert_eq!(runs(&text).collect::<String>(), text);
    }
}
