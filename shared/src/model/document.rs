//! One record as an Automerge document. This file and `document/` alone know Automerge's structure.
//!
//! The root holds `id`, `kind`, `schema`, the kind's fields, its lists (maps from item id to item) and
//! `discarded`. Every container that a schema names is made in the first change, so that no two devices
//! create one at once. The first change writes the document's own id: otherwise two new documents of
//! one device would begin with byte-identical changes.
//!
//! What must not happen here: a random actor, a clock, `load_incremental`, a merge of a whole struct; and
//! any call of `AutoCommit` that ends the open group of edits on its own (`get_heads`, `get_changes`,
//! `save`, `fork`, `set_actor` and more do, with no time): its change would never reach the outbox.

mod ancestry;
mod change_log;
mod crossed;
mod items;
mod misplaced;
mod outline;
mod prose;
mod pushed_out;
mod reader;
mod reopened;
mod replaced;
mod restored;
mod text_cache;
mod torn;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};

pub use change_log::{ChangeLog, ChangeNote};
pub use items::Made;
pub(crate) use prose::Caret;
pub use reader::{Reader, Values};

use super::crossing::{self, Character};
use super::edit::Edit;
use super::field::{FactType, Field, FieldRef, Holds, Item, List, Record, Scalar, Schema};
use super::kind::Kind;
use super::{action_plan, agreement, discussion, personal, trip_report};
use crate::ids::{ActorId, ChangeHash, DocumentId, ItemId};
use crate::ordered::OrderedSet;
use crate::restoration;
use crate::stand_in::StandIn;
use pushed_out::PushedOut;
use reader::{automerge_scalar, scalar_of};
use text_cache::TextCache;

/// The schema number that this code writes.
pub const SCHEMA_NUMBER: u64 = 1;

/// Maps by item that every document has from its first change, also where its kind does not name them yet: room for
/// versions to come, since two devices that made one at once would make two.
const ROOM: [&str; 3] = ["attachments", "links", "periods"];

const ID: &str = "id";
pub(crate) const KIND: &str = "kind";
const SCHEMA: &str = "schema";
const DISCARDED: &str = "discarded";
pub(crate) const ORDER: &str = "order";
const REMOVED: &str = "removed";

/// A document in memory, with the edits that are not yet a change.
#[derive(Clone)]
pub struct Document {
    id: DocumentId,
    kind: Kind,
    doc: TextCache,
    log: ChangeLog,
    pushed_out: PushedOut,
    mode: Mode,
    is_newer: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Current,
    OldVersion,
}

/// A change of one's own, ready to be stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its actor: one's own, or nobody's.
    pub actor: ActorId,
    /// The chunk, deflated where that pays.
    pub bytes: Vec<u8>,
}

/// Why a document cannot be opened or edited.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The changes do not make up a document.
    #[error("the stored changes of this document do not fit together")]
    Load(#[source] automerge::AutomergeError),
    /// Changes are missing that others build on.
    #[error("{} changes of this document have not arrived yet", .0.len())]
    MissingDependencies(Vec<ChangeHash>),
    /// Edits are open: received changes would end their group at a place that nobody chose.
    #[error("edits are open that are not yet a change")]
    OpenEdits,
    /// Automerge passed over these changes without a word, or would give them out again as others, with other hashes:
    /// a file of the document could not be read, and no old version be told.
    #[error("{} changes of this document would not be kept as they came", .0.len())]
    NotPreserved(Vec<ChangeHash>),
    /// The document's root names another id or no known kind.
    #[error("the document does not say what it is")]
    Identity,
    /// The edit names a field, list or item that the document does not have.
    #[error("the edit does not fit the document")]
    Edit(#[source] automerge::AutomergeError),
    /// The edit names an item or a place that the document does not have.
    #[error("the edit names what the document does not have: {0}")]
    NoSuchPlace(String),
    /// The document has no place for it: it was begun before there was such a place, or another program put something else
    /// there.
    #[error(
        "this document has no place for {0}: it was begun by an older version of Simpul, or another program changed it; write it elsewhere"
    )]
    NoContainer(&'static str),
    /// Written by a newer version of the app: it opens read-only.
    #[error("this document was written by a newer version of Simpul; reload the app to edit it")]
    NewerSchema,
    /// An old version, opened for reading.
    #[error("this is an old version of the document; restore it to edit it")]
    OldVersion,
    /// The text is longer than a field may hold.
    #[error(
        "the text would have {found} characters, a field holds at most {most}; split it over several lines or attach it as a file"
    )]
    TextTooLong {
        /// UTF-16 units that the field may hold.
        most: usize,
        /// UTF-16 units that it would hold.
        found: usize,
    },
    /// The document's changes are near the limit of what the relay takes.
    #[error("this document is full; go on in a new one")]
    Full,
}

impl Document {
    /// Begins a new document. The first change is open until [`Document::commit`].
    pub fn create(id: DocumentId, kind: Kind, actor: ActorId) -> Self {
        let mut doc = AutoCommit::new().with_actor(actor.into());
        let schema = schema_of(kind);
        let begin = |doc: &mut AutoCommit| -> Result<(), automerge::AutomergeError> {
            doc.put(ROOT, ID, ScalarValue::Bytes(id.as_bytes().to_vec()))?;
            doc.put(ROOT, KIND, kind.as_str())?;
            // Signed: JavaScript reads an unsigned one as a big integer, which equals no number.
            doc.put(ROOT, SCHEMA, SCHEMA_NUMBER as i64)?;
            for field in schema.fields.iter().filter(|field| field.holds == Holds::Prose) {
                doc.put_object(ROOT, field.name, ObjType::Text)?;
            }
            let lists = schema.lists.iter().map(|list| list.name);
            let room = ROOM.into_iter().filter(|name| schema.lists.iter().all(|list| list.name != *name));
            for name in lists.chain(room) {
                doc.put_object(ROOT, name, ObjType::Map)?;
            }
            Ok(())
        };
        begin(&mut doc).expect("a new document takes its first keys");
        Self {
            id,
            kind,
            doc: TextCache::new(doc),
            log: ChangeLog::default(),
            pushed_out: PushedOut::default(),
            mode: Mode::Current,
            is_newer: false,
        }
    }

    /// Opens a document from changes that passed the change check, in any order.
    ///
    /// # Errors
    /// When they do not fit together, some are missing, or the root names another document.
    pub fn open(
        id: DocumentId,
        actor: ActorId,
        changes: impl IntoIterator<Item = automerge::Change>,
    ) -> Result<Self, DocumentError> {
        let mut document = Self::blank(id, actor);
        document.receive(changes.into_iter().collect())?;
        document.identify()
    }

    /// The same for a document whose kind the log tells.
    ///
    /// # Errors
    /// When the changes do not fit together, some are missing, or the root names another document.
    pub fn open_as(
        id: DocumentId,
        kind: Kind,
        actor: ActorId,
        changes: impl IntoIterator<Item = automerge::Change>,
    ) -> Result<Self, DocumentError> {
        let mut document = Self::blank(id, actor);
        document.receive(changes.into_iter().collect())?;
        document.identified_as(kind)
    }

    /// A document without any change, to be filled by [`Document::receive`] and then asked who it is.
    pub(crate) fn blank(id: DocumentId, actor: ActorId) -> Self {
        let doc = AutoCommit::new().with_actor(actor.into());
        // The kind is not known before the changes are in; any will do until then.
        Self {
            id,
            kind: Kind::Personal,
            doc: TextCache::new(doc),
            log: ChangeLog::default(),
            pushed_out: PushedOut::default(),
            mode: Mode::Current,
            is_newer: false,
        }
    }

    /// Whether it has neither a change nor an open edit.
    pub(crate) fn is_blank(&self) -> bool {
        self.log.notes().is_empty() && !self.has_open_edits()
    }

    /// Takes over, in place of a blank document, one that was loaded and gave these changes, dependencies first.
    pub(crate) fn begin_with(&mut self, mut loaded: AutoCommit, changes: &[automerge::Change]) {
        debug_assert!(self.is_blank(), "what is there would be lost");
        loaded.set_actor(self.doc.get_actor().clone());
        self.doc = TextCache::new(loaded);
        changes.iter().for_each(|change| self.pushed_out.note(change));
        let added = self.log.add(changes.iter().map(ChangeNote::of).collect());
        debug_assert_eq!(added, Ok(()), "a whole history has all that it builds on");
    }

    /// Reads from the root what kind of document it is.
    ///
    /// # Errors
    /// When the root names another document or no known kind.
    pub(crate) fn identify(self) -> Result<Self, DocumentError> {
        let kind = match self.root().scalar(KIND) {
            Scalar::Text(code) => Kind::from_code(&code),
            _ => None,
        };
        self.identified_as(kind.ok_or(DocumentError::Identity)?)
    }

    /// Takes the kind from the log, which fixed it with the first push, whatever the root says.
    ///
    /// # Errors
    /// When nothing of the document is here, or it is another one.
    pub(crate) fn identified_as(mut self, kind: Kind) -> Result<Self, DocumentError> {
        // Another program may have left the id out; the log has it too. A whole one that differs where the document begins is
        // another document's; what somebody puts in its place later says nothing, or one writer could lock a record for ever.
        let said = self.begun_by().map(|first| self.doc.get_at(ROOT, ID, &first));
        let is_other = matches!(said, Some(Ok(Some((value, _))))
            if value.as_bytes().is_some_and(|id| id.len() == DocumentId::LENGTH && id != self.id.as_bytes()));
        // What has known changes alone has not begun; edits that are open begin it.
        let is_begun = self.log.first().is_some() || self.has_open_edits();
        if is_other || !is_begun {
            return Err(DocumentError::Identity);
        }
        self.kind = kind;
        self.is_newer = self.begins_newer();
        Ok(self)
    }

    /// The document as it was at an old version, for reading. Heads that are not known are passed over.
    ///
    /// # Errors
    /// When the version holds no whole document.
    pub fn at(&self, heads: &[ChangeHash]) -> Result<Document, DocumentError> {
        let version = self.log.version(heads);
        let changes = self.changes().into_iter().filter(|change| version.contains(&change.hash().into()));
        let nobody = ActorId::from_bytes([0; ActorId::LENGTH]);
        let mut document = Document::open_as(self.id, self.kind, nobody, changes)?;
        document.mode = Mode::OldVersion;
        Ok(document)
    }

    /// The document as it was at an old version, with the known changes beside it, for an actor to write on.
    ///
    /// # Errors
    /// When the version holds no whole document.
    pub(crate) fn branch(&self, heads: &[ChangeHash], actor: ActorId) -> Result<Document, DocumentError> {
        let mut version = self.log.version(heads);
        version.extend(self.log.notes().iter().filter(|note| note.is_known_change()).map(|note| note.hash));
        let changes = self.changes().into_iter().filter(|change| version.contains(&change.hash().into()));
        Document::open_as(self.id, self.kind, actor, changes)
    }

    /// The document's id.
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// The document's kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The fields and lists of this kind.
    pub fn schema(&self) -> Schema {
        schema_of(self.kind)
    }

    /// Whether a newer version of the app began it, so that this one may only show it. What a later change writes there
    /// counts nowhere: nobody can lock a record that others write in.
    pub fn is_newer(&self) -> bool {
        self.is_newer
    }

    /// Its first change, as the heads of the version that it alone made.
    fn begun_by(&self) -> Option<[automerge::ChangeHash; 1]> {
        self.log.first().map(|first| [automerge::ChangeHash(*first.hash.as_bytes())])
    }

    /// Whether its first change says a schema above that of this code.
    fn begins_newer(&self) -> bool {
        let Some(heads) = self.begun_by() else { return false };
        let said = self.doc.get_at(ROOT, SCHEMA, &heads);
        let Ok(Some((value, object))) = said else { return false };
        let said = scalar_of(&self.doc, Some(&heads), &value, &object);
        matches!(FactType::Integer.meaning(said), Scalar::Integer(number)
            if u64::try_from(number).is_ok_and(|number| number > SCHEMA_NUMBER))
    }

    /// The changes that it holds: who made them, when, on what.
    pub fn log(&self) -> &ChangeLog {
        &self.log
    }

    /// The heads of what is committed, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.log.heads()
    }

    /// Whether the document holds a change.
    pub fn has(&self, hash: ChangeHash) -> bool {
        self.log.has(hash)
    }

    /// How many changes came since a version; the open edits will be one.
    pub fn changes_since(&self, heads: &[ChangeHash]) -> usize {
        self.log.since(heads) + usize::from(self.has_open_edits())
    }

    /// How many changes a version has beyond another.
    pub fn changes_between(&self, before: &[ChangeHash], after: &[ChangeHash]) -> usize {
        self.log.between(before, after)
    }

    /// When the newest of the heads was made, in milliseconds since 1970; see [`super::moment`].
    pub fn edited_at(&self) -> u64 {
        self.log
            .heads()
            .into_iter()
            .filter_map(|head| self.log.get(head))
            .map(|note| note.moment.at)
            .max()
            .unwrap_or(0)
    }

    /// Takes note of when the relay stored changes, here already or yet to come: what their devices' clocks say stands
    /// only where that is possible.
    pub fn note_stored(&mut self, times: impl IntoIterator<Item = (ChangeHash, u64)>) {
        self.log.note_stored(times);
    }

    /// Whether edits are waiting for [`Document::commit`].
    pub fn has_open_edits(&self) -> bool {
        self.doc.pending_ops() > 0
    }

    /// How many operations wait for [`Document::commit`].
    pub fn open_operations(&self) -> usize {
        self.doc.pending_ops()
    }

    /// Whether there is no place for what would be written into a field: the text of a prose field, or the list of an item, was
    /// made neither with the document nor by a known change.
    pub fn lacks(&self, field: &FieldRef) -> bool {
        field.item.is_some_and(|(list, _)| self.lacks_list(list))
            || (field.field.holds == Holds::Prose && self.prose_place(field).is_err())
    }

    /// Whether there is no place for the items of a list.
    pub fn lacks_list(&self, list: List) -> bool {
        self.list_object(list).is_err() && !self.is_deleted(list)
    }

    /// Whether nothing stands under a key of the root, where a known change could make a container.
    pub(crate) fn lacks_container(&self, name: &str) -> bool {
        matches!(self.doc.get(ROOT, name), Ok(None))
    }

    /// Applies one edit; it becomes part of a change at the next [`Document::commit`].
    ///
    /// A place inside a character of two UTF-16 units counts as before it, and a stretch that ends inside
    /// one takes the whole: no half of a character is ever left.
    ///
    /// # Errors
    /// When the edit names what the document does not have, or the document may only be read; nothing is
    /// changed then.
    pub fn edit(&mut self, edit: &Edit) -> Result<(), DocumentError> {
        self.check_writable()?;
        match edit {
            Edit::Splice { field, .. } | Edit::Rewrite { field, .. } => {
                let Some(splice) = self.splice_of(edit)? else { return Ok(()) };
                self.splice_prose(field, &splice)
            }
            Edit::Settle { field, most_units } => self.settle_prose(field, *most_units),
            Edit::Set { field, value } => self.set(field, value),
            Edit::Add { list, item, after } => {
                if self.has_item(*list, *item) {
                    return Err(DocumentError::NoSuchPlace(format!("item {item} is there already")));
                }
                let order = self.order_after(*list, *after, *item)?;
                let map = self.make_list_object(*list)?;
                let add = |doc: &mut AutoCommit| -> Result<(), automerge::AutomergeError> {
                    let object = doc.put_object(&map, item.to_string(), ObjType::Map)?;
                    doc.put(&object, ORDER, order.as_str())?;
                    for field in list.fields.iter().filter(|field| field.holds == Holds::Prose) {
                        doc.put_object(&object, field.name, ObjType::Text)?;
                    }
                    Ok(())
                };
                add(self.doc.changing_order(&map)).map_err(DocumentError::Edit)
            }
            Edit::Move { list, item, after } => {
                let object = self.item_object(*list, *item)?;
                let order = self.order_after(*list, *after, *item)?;
                let doc = self.doc.changing_order(&object);
                doc.put(&object, ORDER, order.as_str()).map_err(DocumentError::Edit)
            }
            Edit::Remove { list, item } => {
                let object = self.item_object(*list, *item)?;
                // Removing once more is a decision too: what was edited meanwhile has been seen. Automerge
                // passes over a put that changes nothing, hence the delete.
                if Reader::new(&self.doc, vec![object.clone()]).flag(REMOVED) {
                    self.doc.changing_order(&object).delete(&object, REMOVED).map_err(DocumentError::Edit)?;
                }
                self.doc.changing_order(&object).put(&object, REMOVED, true).map_err(DocumentError::Edit)
            }
            Edit::Restore { list, item } => {
                let object = self.item_object(*list, *item)?;
                self.doc.changing_order(&object).put(&object, REMOVED, false).map_err(DocumentError::Edit)
            }
            Edit::Discard => self.doc.put(ROOT, DISCARDED, true).map_err(DocumentError::Edit),
            Edit::Recover => self.doc.put(ROOT, DISCARDED, false).map_err(DocumentError::Edit),
        }
    }

    fn check_writable(&self) -> Result<(), DocumentError> {
        if self.mode == Mode::OldVersion {
            return Err(DocumentError::OldVersion);
        }
        if self.is_newer() {
            return Err(DocumentError::NewerSchema);
        }
        Ok(())
    }

    fn set(&mut self, field: &FieldRef, value: &Scalar) -> Result<(), DocumentError> {
        let Holds::Fact(of) = field.field.holds else {
            return Err(DocumentError::NoSuchPlace(format!("{} is prose, no fact", field.field.name)));
        };
        let name = field.field.name;
        let mut objects = self.objects_of(field)?;
        let object = objects.remove(0);
        let values = self.doc.get_all(&object, name).map_err(DocumentError::Edit)?;
        let said = |(said, id): &(Value<'_>, ObjId)| of.meaning(scalar_of(&self.doc, None, said, id));
        let says_something =
            |twin: &ObjId| Reader::new(&self.doc, vec![twin.clone()]).scalar(name) != Scalar::Empty;
        let former = self.former_of(field);
        let unheard = self.unheard_facts(&former, name, of).into_iter().map(|(.., former)| former.clone());
        let twins: Vec<ObjId> = objects.into_iter().filter(says_something).chain(unheard).collect();
        let is_contested = values.len() > 1 || !twins.is_empty() || self.is_reopened(field);
        let is_same = match values.as_slice() {
            [] => *value == Scalar::Empty,
            [only] => said(only) == *value,
            _ => false,
        };
        // Of several values, a put of the one that is shown would write none: another's choice, made at once, would stand alone.
        if is_contested {
            self.forget_value(&object, name)?;
        }
        if is_contested || !is_same {
            self.doc
                .changing_fact(&object)
                .put(&object, name, automerge_scalar(value))
                .map_err(DocumentError::Edit)?;
        }
        // Settled is settled: what a twin says of it no longer counts.
        for twin in twins {
            self.doc.put(&twin, name, ScalarValue::Null).map_err(DocumentError::Edit)?;
        }
        Ok(())
    }

    /// Makes one change of the edits since the last one; `None` where there were none. `now` is in
    /// milliseconds since 1970; 0 where the device's clock says nothing that counts.
    pub fn commit(&mut self, now: u64) -> Option<NewChange> {
        if !self.has_open_edits() {
            return None;
        }
        self.doc.keeping_all().commit_with(at(now))?;
        self.committed_last()
    }

    /// Makes one change of the edits since the last one, also where there were none, that stands for others.
    pub fn commit_stand_in(&mut self, now: u64, stand_in: &StandIn) -> Option<NewChange> {
        let options = at(now).with_message(stand_in.message());
        if self.has_open_edits() {
            self.doc.keeping_all().commit_with(options)?;
        } else {
            self.doc.keeping_all().empty_change(options);
        }
        self.committed_last()
    }

    /// Makes one change of the edits since the last one, also where there were none, that restores the version with these
    /// heads.
    pub fn commit_restoration(&mut self, now: u64, heads: &[ChangeHash]) -> Option<NewChange> {
        let options = at(now).with_message(restoration::message(heads));
        if self.has_open_edits() {
            self.doc.keeping_all().commit_with(options)?;
        } else {
            self.doc.keeping_all().empty_change(options);
        }
        self.committed_last()
    }

    /// Makes a change without edits that says that the paragraph with this character was checked; `None` while edits are open.
    pub fn commit_check(&mut self, now: u64, of: Character) -> Option<NewChange> {
        if self.has_open_edits() {
            return None;
        }
        self.doc.keeping_all().empty_change(at(now).with_message(crossing::message(of)));
        self.committed_last()
    }

    fn committed_last(&mut self) -> Option<NewChange> {
        let mut change = self.doc.keeping_all().get_last_local_change()?;
        let note = ChangeNote::of(&change);
        let actor = note.actor;
        self.pushed_out.note(&change);
        self.log.add(vec![note]).expect("an own change builds on what is there");
        Some(NewChange { hash: change.hash().into(), actor, bytes: change.bytes().into_owned() })
    }

    /// Takes in changes that passed the change check, in any order. Open edits must have been committed
    /// before; where they were not, nothing is taken in.
    ///
    /// # Errors
    /// When they do not fit or some are missing; the document is then as before.
    pub fn receive(&mut self, changes: Vec<automerge::Change>) -> Result<(), DocumentError> {
        if self.has_open_edits() {
            return Err(DocumentError::OpenEdits);
        }
        let notes: Vec<ChangeNote> = changes.iter().map(ChangeNote::of).collect();
        let mut lost: Vec<ChangeHash> =
            notes.iter().map(|note| note.hash).filter(|hash| !self.log.has(*hash)).collect();
        let heads: Vec<automerge::ChangeHash> = self.heads().into_iter().map(Into::into).collect();
        let mark = self.log.mark();
        self.log.add(notes).map_err(DocumentError::MissingDependencies)?;
        let before = (self.doc.clone(), self.pushed_out.clone());
        changes.iter().for_each(|change| self.pushed_out.note(change));
        let applied = self.doc.apply_changes(changes).map_err(DocumentError::Load);
        // Automerge keeps what it cannot place and says nothing. And it keeps operations, not changes, and puts the changes
        // together again from what it thinks that they did: an operation that removes a fact under another's name
        // becomes one that is in order, another change. Then nothing of the batch shall stand.
        let outcome = applied.and_then(|()| {
            let told: OrderedSet<ChangeHash> =
                self.doc.get_changes(&heads).iter().map(|change| change.hash().into()).collect();
            lost.retain(|hash| !told.contains(hash));
            if lost.is_empty() { Ok(()) } else { Err(DocumentError::NotPreserved(lost)) }
        });
        if outcome.is_err() {
            (self.doc, self.pushed_out) = before;
            self.log.rewind(mark);
        }
        outcome
    }

    /// Takes note of what becomes of texts from now on, so that [`Document::text_since`] this version has no need to read
    /// them whole. The document must have no open edits.
    pub(crate) fn begin_diff(&mut self) {
        if !self.has_open_edits() {
            self.doc.keeping_all().update_diff_cursor();
        }
    }

    /// Ends it: what is noted would grow with every edit.
    pub(crate) fn end_diff(&mut self) {
        if !self.has_open_edits() {
            self.doc.keeping_all().reset_diff_cursor();
        }
    }

    /// Every change of the document, dependencies first; edits that are still open are left out.
    pub fn changes(&self) -> Vec<automerge::Change> {
        self.committed().get_changes(&[])
    }

    /// The document as one Automerge file; edits that are still open are left out.
    pub fn save(&self) -> Vec<u8> {
        self.committed().save()
    }

    /// Everything in the document as a plain map, for other programs: fields and items by their names, of each
    /// fact the value that the view shows.
    pub fn content(&self) -> impl serde::Serialize + '_ {
        automerge::AutoSerde::from(&*self.doc)
    }

    /// A copy without the open edits, since both questions above would end their group.
    fn committed(&self) -> AutoCommit {
        let mut doc = AutoCommit::clone(&self.doc);
        doc.rollback();
        doc
    }

    /// Reads the fields of the root.
    pub fn root(&self) -> Reader<'_> {
        Reader::new(&self.doc, vec![ROOT])
    }

    /// The value of a fact that the view shows, in the root or in an item.
    pub fn fact(&self, field: &FieldRef) -> Scalar {
        self.reader_of(field).map(|reader| reader.fact(field.field)).unwrap_or_default()
    }

    /// The text of a prose field, in the root or in an item.
    pub fn prose(&self, field: &FieldRef) -> String {
        self.reader_of(field).map(|reader| reader.prose(field.field)).unwrap_or_default()
    }

    /// The value of a fact, or a prose field's text.
    pub fn value(&self, field: &FieldRef) -> Scalar {
        self.reader_of(field).map(|reader| reader.value(field.field)).unwrap_or_default()
    }

    fn reader_of(&self, field: &FieldRef) -> Option<Reader<'_>> {
        self.objects_of(field).ok().map(|objects| Reader::new(&self.doc, objects))
    }

    /// The items of a list that are not in its bin, in order.
    pub fn items<T: Record>(&self, list: List) -> Vec<Item<T>> {
        self.entries(list)
            .into_iter()
            .filter(|entry| !entry.removed)
            .map(|entry| Item { value: T::read(&entry.reader), id: entry.id, order: entry.order })
            .collect()
    }

    /// Reads the items of a list that are not in its bin, in order.
    pub fn readers(&self, list: List) -> Vec<Reader<'_>> {
        self.item_readers(list).into_iter().map(|(_, reader)| reader).collect()
    }

    /// The same, each with its item.
    pub fn item_readers(&self, list: List) -> Vec<(ItemId, Reader<'_>)> {
        let entries = self.entries(list).into_iter().filter(|entry| !entry.removed);
        entries.map(|entry| (entry.id, entry.reader)).collect()
    }

    /// The items in a list's bin, in order, each with whether it was edited elsewhere meanwhile. What they hold,
    /// [`Document::item_reader`] reads.
    pub fn removed_items(&self, list: List) -> Vec<(ItemId, bool)> {
        let removed = self.entries(list).into_iter().filter(|entry| entry.removed);
        removed.map(|entry| (entry.id, self.is_edited_since_removal(list, &entry))).collect()
    }

    /// Whether the record is in the bin.
    pub fn is_discarded(&self) -> bool {
        self.root().flag(DISCARDED)
    }

    /// Who put the record into the bin; `None` where it is not in it.
    pub fn discarded_by(&self) -> Option<ActorId> {
        if !self.is_discarded() {
            return None;
        }
        let Ok(Some((_, ObjId::Id(_, actor, _)))) = self.doc.get(ROOT, DISCARDED) else { return None };
        ActorId::try_from(actor.to_bytes()).ok()
    }

    /// The facts whose value this app cannot read, besides those of items in a bin. They are kept, and shown as they are.
    pub fn unreadable(&self) -> Vec<FieldRef> {
        let unread = |reader: &Reader<'_>, fields: &[Field]| -> Vec<Field> {
            let is_unread =
                |field: &&Field| matches!(field.holds, Holds::Fact(of) if !of.reads(&reader.fact(**field)));
            fields.iter().filter(is_unread).copied().collect()
        };
        let schema = self.schema();
        let mut found: Vec<FieldRef> =
            unread(&self.root(), schema.fields).into_iter().map(Field::at_root).collect();
        for list in schema.lists {
            for entry in self.entries(*list).into_iter().filter(|entry| !entry.removed) {
                let fields = unread(&entry.reader, list.fields).into_iter();
                found.extend(fields.map(|field| field.of(*list, entry.id)));
            }
        }
        found
    }

    /// All text of the document that is not in a bin, one field a line.
    pub fn all_text(&self) -> String {
        let lines: Vec<String> = self.field_texts().into_iter().map(|(_, text)| text).collect();
        lines.join("\n")
    }

    /// What each field says in words, besides those in a bin.
    pub fn field_texts(&self) -> Vec<(Field, String)> {
        let texts =
            self.field_contents().into_iter().filter_map(|(field, value)| match (field.holds, value) {
                (_, Scalar::Text(text)) => Some((field, text)),
                // Else a search and an export for people would pass over it in silence.
                (Holds::Fact(of), value) if !of.reads(&value) => Some((field, value.into_prose())),
                _ => None,
            });
        texts.collect()
    }

    /// What each field holds, prose as text, besides those in a bin.
    pub fn field_contents(&self) -> Vec<(Field, Scalar)> {
        let mut contents = Vec::new();
        let mut take = |reader: &Reader<'_>, fields: &[Field]| {
            contents.extend(fields.iter().map(|field| match field.holds {
                Holds::Prose => (*field, Scalar::Text(reader.prose(*field))),
                Holds::Fact(_) => (*field, reader.fact(*field)),
            }));
        };
        let schema = self.schema();
        take(&self.root(), schema.fields);
        for list in schema.lists {
            for entry in self.entries(*list).into_iter().filter(|entry| !entry.removed) {
                take(&entry.reader, list.fields);
            }
        }
        contents
    }
}

fn at(now: u64) -> CommitOptions {
    CommitOptions::default().with_time(i64::try_from(now / 1000).unwrap_or(i64::MAX))
}

/// The schema of a kind of document.
pub fn schema_of(kind: Kind) -> Schema {
    match kind {
        Kind::TripReport => trip_report::SCHEMA,
        Kind::Agreement => agreement::SCHEMA,
        Kind::ActionPlan => action_plan::SCHEMA,
        Kind::Personal => personal::SCHEMA,
        Kind::Discussion => discussion::SCHEMA,
    }
}
