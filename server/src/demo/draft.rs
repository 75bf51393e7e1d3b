//! One document of the demonstration while it is written: who changes what, when.

use shared::change_check::check_change;
use shared::ids::{DocumentId, ItemId};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::field::{FieldRef, Holds, List, Record, Scalar};
use shared::model::kind::Kind;

use super::{Person, document_id, item_id};

/// A document of the demonstration, as its officers' devices push it.
#[derive(Debug, PartialEq)]
pub struct Draft {
    /// The document.
    pub id: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// The changes, dependencies first.
    pub changes: Vec<DraftChange>,
}

/// A change and whose device it comes from.
#[derive(Debug, PartialEq)]
pub struct DraftChange {
    /// The person's user name.
    pub user: &'static str,
    /// The chunk.
    pub bytes: Vec<u8>,
}

/// Writes a document, change by change.
pub(super) struct Writing {
    name: String,
    person: &'static Person,
    document: Document,
    items: usize,
    changes: Vec<DraftChange>,
}

impl Writing {
    /// Begins the document with this name; `person` writes it.
    pub(super) fn begin(name: &str, kind: Kind, person: &'static Person) -> Self {
        let document = Document::create(document_id(name), kind, person.actor());
        Self { name: name.to_owned(), person, document, items: 0, changes: Vec::new() }
    }

    /// From now on this person writes.
    pub(super) fn hand_to(&mut self, person: &'static Person) {
        debug_assert!(!self.document.has_open_edits(), "a change is one person's");
        self.person = person;
        self.document = reopened(&mut self.document, person);
    }

    /// The id of the next item.
    fn new_item(&mut self) -> ItemId {
        self.items += 1;
        item_id(&self.name, self.items)
    }

    /// Applies edits.
    pub(super) fn apply(&mut self, edits: impl IntoIterator<Item = Edit>) {
        for edit in edits {
            self.document.edit(&edit).expect("the demonstration's edits fit its documents");
        }
    }

    /// Fills the root with what the record holds.
    pub(super) fn fill(&mut self, record: &impl Record) {
        for (field, content) in record.contents() {
            self.put(field.at_root(), content);
        }
    }

    /// Adds an item behind another, and fills it.
    fn add(&mut self, list: List, after: Option<ItemId>, record: &impl Record) -> ItemId {
        let item = self.new_item();
        self.apply([Edit::Add { list, item, after }]);
        self.fill_item(list, item, record);
        item
    }

    /// Fills an item with what the record holds.
    pub(super) fn fill_item(&mut self, list: List, item: ItemId, record: &impl Record) {
        for (field, content) in record.contents() {
            self.put(field.of(list, item), content);
        }
    }

    /// Adds items at the end of an empty list.
    pub(super) fn add_all(&mut self, list: List, records: &[impl Record]) -> Vec<ItemId> {
        let mut items: Vec<ItemId> = Vec::new();
        for record in records {
            let item = self.add(list, items.last().copied(), record);
            items.push(item);
        }
        items
    }

    fn put(&mut self, field: FieldRef, content: Scalar) {
        let edit = match (field.field.holds, content) {
            (_, Scalar::Empty) => return,
            (Holds::Prose, Scalar::Text(text)) => Edit::Rewrite { field, text },
            (_, value) => Edit::Set { field, value },
        };
        self.apply([edit]);
    }

    /// Ends a change. `now` is in milliseconds since 1970.
    pub(super) fn commit(&mut self, now: u64) {
        let change = self.document.commit(now).expect("every commit of the demonstration has edits");
        self.changes.push(DraftChange { user: self.person.user, bytes: change.bytes });
    }

    /// The writer sets a fact while another, who has not seen it, sets the same: a contradiction for a
    /// person to settle. Both changes are committed, a minute apart.
    pub(super) fn contradict(
        &mut self,
        field: FieldRef,
        value: Scalar,
        other: (&'static Person, Scalar),
        now: u64,
    ) {
        let mut others = reopened(&mut self.document, other.0);
        self.apply([Edit::Set { field, value }]);
        self.commit(now);
        others.edit(&Edit::Set { field, value: other.1 }).expect("the field is there");
        let change = others.commit(now + 60_000).expect("the fact was empty before");
        let checked = check_change(&change.bytes).expect("an own change passes the check");
        self.document.receive(vec![checked.change]).expect("both begin at the same version");
        self.changes.push(DraftChange { user: other.0.user, bytes: change.bytes });
    }

    /// The finished document.
    pub(super) fn finish(self) -> Draft {
        debug_assert!(!self.document.has_open_edits(), "the last change is committed");
        Draft { id: self.document.id(), kind: self.document.kind(), changes: self.changes }
    }
}

/// The same document on another person's device.
fn reopened(document: &mut Document, person: &Person) -> Document {
    let changes = document.changes();
    Document::open(document.id(), person.actor(), changes).expect("what one device wrote another can read")
}

/// Opens a draft as any device would.
#[cfg(test)]
pub(super) fn open(draft: &Draft) -> Document {
    let check = |change: &DraftChange| check_change(&change.bytes).expect("it passes the check").change;
    let reader = shared::ids::ActorId::from_bytes([0; 17]);
    Document::open(draft.id, reader, draft.changes.iter().map(check)).expect("the changes fit together")
}
