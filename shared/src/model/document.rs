//! One record as an Automerge document. This file alone knows Automerge's structure.
//!
//! The root holds `id`, `kind`, `schema`, the kind's fields, its lists (maps from item id to item) and
//! `discarded`. Every container that a schema names is made in the first change, so that no two devices
//! create one at once. The first change writes the document's own id: otherwise two new documents of
//! one device would begin with byte-identical changes.
//!
//! What must not happen here: a random actor, a clock, `load_incremental`, a merge of a whole struct.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};

use super::conflict::{Conflict, ConflictValue};
use super::edit::Edit;
use super::field::{Field, FieldRef, Holds, Item, List, Record, Scalar, Schema};
use super::kind::Kind;
use super::{action_plan, agreement, personal, trip_report};
use crate::ids::{ActorId, ChangeHash, DocumentId, ItemId};
use crate::order::OrderKey;

/// The schema number that this code writes.
pub const SCHEMA_NUMBER: u64 = 1;

const ID: &str = "id";
const KIND: &str = "kind";
const SCHEMA: &str = "schema";
const DISCARDED: &str = "discarded";
const ORDER: &str = "order";
const REMOVED: &str = "removed";

/// A document in memory, with the edits that are not yet a change.
#[derive(Clone)]
pub struct Document {
    id: DocumentId,
    kind: Kind,
    doc: AutoCommit,
}

/// A change of one's own, ready to be stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// The chunk, deflated where that pays.
    pub bytes: Vec<u8>,
}

/// Why a document cannot be opened or edited.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The chunks do not make up a document.
    #[error("the stored changes of this document do not fit together")]
    Load(#[source] automerge::AutomergeError),
    /// Changes are missing that others build on.
    #[error("{} changes of this document have not arrived yet", .0.len())]
    MissingDependencies(Vec<ChangeHash>),
    /// The document's root names another id or no known kind.
    #[error("the document does not say what it is")]
    Identity,
    /// The edit names a field, list or item that the document does not have.
    #[error("the edit does not fit the document")]
    Edit(#[source] automerge::AutomergeError),
    /// The edit names an item or a place that the document does not have.
    #[error("the edit names what the document does not have: {0}")]
    NoSuchPlace(String),
    /// Written by a newer version of the app: it opens read-only.
    #[error("this document was written by a newer version of Simpul")]
    NewerSchema,
}

impl Document {
    /// Begins a new document. The first change is open until [`Document::commit`].
    pub fn create(id: DocumentId, kind: Kind, actor: ActorId) -> Self {
        let mut doc = AutoCommit::new().with_actor(actor.into());
        let schema = schema_of(kind);
        let begin = |doc: &mut AutoCommit| -> Result<(), automerge::AutomergeError> {
            doc.put(ROOT, ID, ScalarValue::Bytes(id.as_bytes().to_vec()))?;
            doc.put(ROOT, KIND, kind.as_str())?;
            doc.put(ROOT, SCHEMA, SCHEMA_NUMBER)?;
            for field in schema.fields.iter().filter(|field| field.holds == Holds::Prose) {
                doc.put_object(ROOT, field.name, ObjType::Text)?;
            }
            for list in schema.lists {
                doc.put_object(ROOT, list.name, ObjType::Map)?;
            }
            Ok(())
        };
        begin(&mut doc).expect("a new document takes its first keys");
        Self { id, kind, doc }
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
        let mut doc = AutoCommit::new().with_actor(actor.into());
        let changes: Vec<_> = changes.into_iter().collect();
        doc.apply_changes(changes).map_err(DocumentError::Load)?;
        let missing = doc.get_missing_deps(&[]);
        if !missing.is_empty() {
            return Err(DocumentError::MissingDependencies(missing.into_iter().map(Into::into).collect()));
        }
        let says_id = matches!(doc.get(ROOT, ID), Ok(Some((value, _)))
            if value.as_bytes() == Some(id.as_bytes().as_slice()));
        let kind = match doc.get(ROOT, KIND) {
            Ok(Some((value, _))) => value.as_str().and_then(Kind::from_code),
            _ => None,
        };
        match kind {
            Some(kind) if says_id => Ok(Self { id, kind, doc }),
            _ => Err(DocumentError::Identity),
        }
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

    /// Whether a newer version of the app wrote it, so that this one may only show it.
    pub fn is_newer(&self) -> bool {
        let number = match self.doc.get(ROOT, SCHEMA) {
            Ok(Some((value, _))) => {
                value.as_u64().or_else(|| value.as_i64().and_then(|n| u64::try_from(n).ok()))
            }
            _ => None,
        };
        number.is_some_and(|number| number > SCHEMA_NUMBER)
    }

    /// The actor that this document's own edits are made by.
    pub fn set_actor(&mut self, actor: ActorId) {
        self.doc.set_actor(actor.into());
    }

    /// The heads of what is committed.
    pub fn heads(&mut self) -> Vec<ChangeHash> {
        self.doc.get_heads().into_iter().map(Into::into).collect()
    }

    /// Whether edits are waiting for [`Document::commit`].
    pub fn has_open_edits(&self) -> bool {
        self.doc.pending_ops() > 0
    }

    /// Applies one edit; it becomes part of a change at the next [`Document::commit`].
    ///
    /// # Errors
    /// When the edit names what the document does not have, or a newer version wrote the document.
    pub fn edit(&mut self, edit: &Edit) -> Result<(), DocumentError> {
        if self.is_newer() {
            return Err(DocumentError::NewerSchema);
        }
        match edit {
            Edit::Splice { field, at, delete, insert } => {
                let text = self.prose_object(field)?;
                let length = self.doc.length(&text);
                let at = (*at).min(length);
                let delete = (*delete).min(length - at);
                self.doc.splice_text(&text, at, delete as isize, insert).map_err(DocumentError::Edit)
            }
            Edit::Rewrite { field, text } => {
                let object = self.prose_object(field)?;
                let current = self.doc.text(&object).map_err(DocumentError::Edit)?;
                let Some((at, delete, insert)) = difference(&current, text) else { return Ok(()) };
                self.doc.splice_text(&object, at, delete as isize, &insert).map_err(DocumentError::Edit)
            }
            Edit::Set { field, value } => {
                let object = self.object_of(field)?;
                let values = self.doc.get_all(&object, field.field.name).map_err(DocumentError::Edit)?;
                let is_same = values.len() == 1 && scalar_of(&values[0].0) == *value;
                if is_same || (values.is_empty() && *value == Scalar::Empty) {
                    return Ok(());
                }
                self.doc.put(&object, field.field.name, automerge_scalar(value)).map_err(DocumentError::Edit)
            }
            Edit::Add { list, item, after } => {
                let order = self.order_after(*list, *after, *item)?;
                let map = self.list_object(*list)?;
                let add = |doc: &mut AutoCommit| -> Result<(), automerge::AutomergeError> {
                    let object = doc.put_object(&map, item.to_string(), ObjType::Map)?;
                    doc.put(&object, ORDER, order.as_str())?;
                    for field in list.fields.iter().filter(|field| field.holds == Holds::Prose) {
                        doc.put_object(&object, field.name, ObjType::Text)?;
                    }
                    Ok(())
                };
                if self.item_object(*list, *item).is_ok() {
                    return Err(DocumentError::NoSuchPlace(format!("item {item} is there already")));
                }
                add(&mut self.doc).map_err(DocumentError::Edit)
            }
            Edit::Move { list, item, after } => {
                let order = self.order_after(*list, *after, *item)?;
                let object = self.item_object(*list, *item)?;
                self.doc.put(&object, ORDER, order.as_str()).map_err(DocumentError::Edit)
            }
            Edit::Remove { list, item } => {
                let object = self.item_object(*list, *item)?;
                self.doc.put(&object, REMOVED, true).map_err(DocumentError::Edit)
            }
            Edit::Restore { list, item } => {
                let object = self.item_object(*list, *item)?;
                self.doc.put(&object, REMOVED, false).map_err(DocumentError::Edit)
            }
            Edit::Discard => self.doc.put(ROOT, DISCARDED, true).map_err(DocumentError::Edit),
            Edit::Recover => self.doc.put(ROOT, DISCARDED, false).map_err(DocumentError::Edit),
        }
    }

    /// Makes one change of the edits since the last one; `None` where there were none. `now` is in
    /// milliseconds since 1970.
    pub fn commit(&mut self, now: u64) -> Option<NewChange> {
        if !self.has_open_edits() {
            return None;
        }
        let seconds = i64::try_from(now / 1000).unwrap_or(i64::MAX);
        self.doc.commit_with(CommitOptions::default().with_time(seconds))?;
        let mut change = self.doc.get_last_local_change()?;
        Some(NewChange { hash: change.hash().into(), bytes: change.bytes().into_owned() })
    }

    /// Takes in changes that passed the change check. Open edits must have been committed before.
    ///
    /// # Errors
    /// When they do not fit; the document is then as before.
    pub fn receive(&mut self, changes: Vec<automerge::Change>) -> Result<(), DocumentError> {
        debug_assert!(!self.has_open_edits(), "a change would end at a place that nobody chose");
        self.doc.apply_changes(changes).map_err(DocumentError::Load)
    }

    /// Whether the document holds a change.
    pub fn has(&mut self, hash: ChangeHash) -> bool {
        self.doc.get_change_meta_by_hash(&hash.into()).is_some()
    }

    /// Every change of the document, dependencies first.
    pub fn changes(&mut self) -> Vec<automerge::Change> {
        self.doc.get_changes(&[])
    }

    /// The document as one Automerge file.
    pub fn save(&mut self) -> Vec<u8> {
        self.doc.save()
    }

    /// Reads the fields of the root.
    pub fn root(&self) -> Reader<'_> {
        Reader { doc: &self.doc, object: ROOT, heads: None }
    }

    /// The value of a fact that the view shows, in the root or in an item.
    pub fn fact(&self, field: &FieldRef) -> Scalar {
        self.object_of(field)
            .map_or(Scalar::Empty, |object| Reader { doc: &self.doc, object, heads: None }.fact(field.field))
    }

    /// The text of a prose field, in the root or in an item.
    pub fn prose(&self, field: &FieldRef) -> String {
        self.object_of(field).map_or_else(
            |_| String::new(),
            |object| Reader { doc: &self.doc, object, heads: None }.prose(field.field),
        )
    }

    /// The items of a list that are not in its bin, in order.
    pub fn items<T: Record>(&self, list: List) -> Vec<Item<T>> {
        self.item_objects(list)
            .into_iter()
            .filter(|entry| !entry.removed)
            .map(|entry| Item {
                id: entry.id,
                order: entry.order,
                value: T::read(&Reader { doc: &self.doc, object: entry.object, heads: None }),
            })
            .collect()
    }

    /// The items in a list's bin, in order, each with whether it was edited elsewhere meanwhile.
    pub fn removed_items<T: Record>(&self, list: List) -> Vec<(Item<T>, bool)> {
        self.item_objects(list)
            .into_iter()
            .filter(|entry| entry.removed)
            .map(|entry| {
                let edited = self.is_edited_since_removal(list, &entry);
                let reader = Reader { doc: &self.doc, object: entry.object, heads: None };
                (Item { id: entry.id, order: entry.order, value: T::read(&reader) }, edited)
            })
            .collect()
    }

    /// Whether the record is in the bin.
    pub fn is_discarded(&self) -> bool {
        matches!(self.doc.get(ROOT, DISCARDED), Ok(Some((value, _))) if value.as_bool() == Some(true))
    }

    /// All facts that have more than one value.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let schema = self.schema();
        let mut conflicts: Vec<Conflict> = Vec::new();
        let mut look = |object: &ObjId, field_ref: FieldRef| {
            if field_ref.field.holds != Holds::Fact {
                return;
            }
            let Ok(values) = self.doc.get_all(object, field_ref.field.name) else { return };
            if values.len() < 2 {
                return;
            }
            let winner = self.doc.get(object, field_ref.field.name).ok().flatten().map(|(_, id)| id);
            let mut values: Vec<_> = values
                .into_iter()
                .map(|(value, id)| (Some(&id) != winner.as_ref(), self.conflict_value(&value, &id)))
                .collect();
            values.sort_by_key(|(is_hidden, _)| *is_hidden);
            let values: Vec<_> = values.into_iter().map(|(_, value)| value).collect();
            // Two devices that set the same value do not disagree.
            if values.iter().any(|value| value.value != values[0].value) {
                conflicts.push(Conflict { field: field_ref, values });
            }
        };
        for field in schema.fields {
            look(&ROOT, field.at_root());
        }
        for list in schema.lists {
            for entry in self.item_objects(*list).into_iter().filter(|entry| !entry.removed) {
                for field in list.fields {
                    look(&entry.object, field.of(*list, entry.id));
                }
            }
        }
        conflicts
    }

    /// How many removed items were edited elsewhere meanwhile.
    pub fn reviews(&self) -> usize {
        self.schema()
            .lists
            .iter()
            .flat_map(|list| self.item_objects(*list).into_iter().map(move |entry| (*list, entry)))
            .filter(|(list, entry)| entry.removed && self.is_edited_since_removal(*list, entry))
            .count()
    }

    /// All text of the document that is not in a bin, one field a line.
    pub fn all_text(&self) -> String {
        let mut lines = Vec::new();
        let mut take = |reader: &Reader<'_>, fields: &[Field]| {
            for field in fields {
                match field.holds {
                    Holds::Prose => lines.push(reader.prose(*field)),
                    Holds::Fact => {
                        if let Scalar::Text(text) = reader.fact(*field) {
                            lines.push(text);
                        }
                    }
                }
            }
        };
        let schema = self.schema();
        take(&self.root(), schema.fields);
        for list in schema.lists {
            for entry in self.item_objects(*list).into_iter().filter(|entry| !entry.removed) {
                take(&Reader { doc: &self.doc, object: entry.object, heads: None }, list.fields);
            }
        }
        lines.join("\n")
    }

    /// When the newest change was made, in milliseconds since 1970.
    pub fn edited_at(&self) -> u64 {
        let heads = self.doc.clone().get_heads();
        heads
            .iter()
            .filter_map(|head| self.doc.get_change_by_hash(head).map(|change| change.timestamp()))
            .max()
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map_or(0, |seconds| seconds.saturating_mul(1000))
    }

    fn object_of(&self, field: &FieldRef) -> Result<ObjId, DocumentError> {
        match field.item {
            None => Ok(ROOT),
            Some((list, item)) => self.item_object(list, item),
        }
    }

    fn prose_object(&self, field: &FieldRef) -> Result<ObjId, DocumentError> {
        let object = self.object_of(field)?;
        match self.doc.get(&object, field.field.name) {
            Ok(Some((Value::Object(ObjType::Text), text))) => Ok(text),
            _ => Err(DocumentError::NoSuchPlace(field.field.name.to_owned())),
        }
    }

    fn list_object(&self, list: List) -> Result<ObjId, DocumentError> {
        match self.doc.get(ROOT, list.name) {
            Ok(Some((Value::Object(ObjType::Map), map))) => Ok(map),
            _ => Err(DocumentError::NoSuchPlace(list.name.to_owned())),
        }
    }

    fn item_object(&self, list: List, item: ItemId) -> Result<ObjId, DocumentError> {
        let map = self.list_object(list)?;
        match self.doc.get(&map, item.to_string()) {
            Ok(Some((Value::Object(ObjType::Map), object))) => Ok(object),
            _ => Err(DocumentError::NoSuchPlace(format!("{} {item}", list.name))),
        }
    }

    fn item_objects(&self, list: List) -> Vec<ItemEntry> {
        let Ok(map) = self.list_object(list) else { return Vec::new() };
        let mut entries: Vec<ItemEntry> = self
            .doc
            .keys(&map)
            .filter_map(|key| {
                let id: ItemId = key.parse().ok()?;
                let Ok(Some((Value::Object(ObjType::Map), object))) = self.doc.get(&map, key.as_str()) else {
                    return None;
                };
                let reader = Reader { doc: &self.doc, object: object.clone(), heads: None };
                let order = match reader.scalar(ORDER) {
                    Scalar::Text(text) => OrderKey::parse(&text),
                    _ => None,
                };
                // An item whose order is unreadable is shown at the end rather than not at all.
                let order = order.unwrap_or_else(OrderKey::last);
                Some(ItemEntry { id, order, removed: reader.scalar(REMOVED) == Scalar::Flag(true), object })
            })
            .collect();
        entries.sort_by(|a, b| (&a.order, a.id).cmp(&(&b.order, b.id)));
        entries
    }

    /// The order of an item that shall follow `after`, among the items that a person sees.
    fn order_after(
        &self,
        list: List,
        after: Option<ItemId>,
        moving: ItemId,
    ) -> Result<OrderKey, DocumentError> {
        // The bin's items keep their places: an item that comes back stands where it stood.
        let entries: Vec<_> =
            self.item_objects(list).into_iter().filter(|entry| entry.id != moving).collect();
        let place = match after {
            None => 0,
            Some(after) => {
                entries
                    .iter()
                    .position(|entry| entry.id == after)
                    .ok_or_else(|| DocumentError::NoSuchPlace(format!("{} {after}", list.name)))?
                    + 1
            }
        };
        let before = place.checked_sub(1).map(|index| &entries[index].order);
        // Among items with equal keys the next greater key is the bound.
        let next = entries[place..].iter().map(|entry| &entry.order).find(|order| Some(*order) > before);
        Ok(OrderKey::between(before, next))
    }

    fn conflict_value(&self, value: &Value<'_>, id: &ObjId) -> ConflictValue {
        let change = self.doc.hash_for_opid(id);
        let at = change.and_then(|hash| self.doc.get_change_by_hash(&hash).map(|change| change.timestamp()));
        let actor = match id {
            ObjId::Id(_, actor, _) => ActorId::try_from(actor.to_bytes()).ok(),
            ObjId::Root => None,
        };
        ConflictValue {
            value: scalar_of(value),
            actor: actor.unwrap_or(ActorId::from_bytes([0; ActorId::LENGTH])),
            change: change.map(Into::into),
            at: at.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0).saturating_mul(1000),
        }
    }

    /// Whether an item differs now from what it was in the version that removed it.
    fn is_edited_since_removal(&self, list: List, entry: &ItemEntry) -> bool {
        let Ok(Some((_, id))) = self.doc.get(&entry.object, REMOVED) else { return false };
        let Some(removal) = self.doc.hash_for_opid(&id) else { return false };
        let then = Reader { doc: &self.doc, object: entry.object.clone(), heads: Some(vec![removal]) };
        let now = Reader { doc: &self.doc, object: entry.object.clone(), heads: None };
        list.fields.iter().any(|field| match field.holds {
            Holds::Prose => then.prose(*field) != now.prose(*field),
            Holds::Fact => then.fact(*field) != now.fact(*field),
        })
    }
}

struct ItemEntry {
    id: ItemId,
    order: OrderKey,
    removed: bool,
    object: ObjId,
}

/// Reads the fields of one object of a document. What is absent or of another type reads as empty.
pub struct Reader<'a> {
    doc: &'a AutoCommit,
    object: ObjId,
    heads: Option<Vec<automerge::ChangeHash>>,
}

impl Reader<'_> {
    /// The text of a prose field.
    pub fn prose(&self, field: Field) -> String {
        let found = match &self.heads {
            None => self.doc.get(&self.object, field.name),
            Some(heads) => self.doc.get_at(&self.object, field.name, heads),
        };
        match (found, &self.heads) {
            (Ok(Some((Value::Object(ObjType::Text), text))), None) => {
                self.doc.text(&text).unwrap_or_default()
            }
            (Ok(Some((Value::Object(ObjType::Text), text))), Some(heads)) => {
                self.doc.text_at(&text, heads).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The value of a fact that the view shows.
    pub fn fact(&self, field: Field) -> Scalar {
        self.scalar(field.name)
    }

    fn scalar(&self, name: &str) -> Scalar {
        let found = match &self.heads {
            None => self.doc.get(&self.object, name),
            Some(heads) => self.doc.get_at(&self.object, name, heads),
        };
        match found {
            Ok(Some((value, _))) => scalar_of(&value),
            _ => Scalar::Empty,
        }
    }
}

/// The schema of a kind of document.
pub fn schema_of(kind: Kind) -> Schema {
    match kind {
        Kind::TripReport => trip_report::SCHEMA,
        Kind::Agreement => agreement::SCHEMA,
        Kind::ActionPlan => action_plan::SCHEMA,
        Kind::Personal => personal::SCHEMA,
    }
}

fn scalar_of(value: &Value<'_>) -> Scalar {
    match value.as_scalar() {
        Some(ScalarValue::Str(text)) => Scalar::Text(text.to_string()),
        Some(ScalarValue::Int(number)) => Scalar::Integer(*number),
        Some(ScalarValue::Uint(number)) => i64::try_from(*number).map_or(Scalar::Empty, Scalar::Integer),
        Some(ScalarValue::Boolean(flag)) => Scalar::Flag(*flag),
        _ => Scalar::Empty,
    }
}

fn automerge_scalar(scalar: &Scalar) -> ScalarValue {
    match scalar {
        Scalar::Empty => ScalarValue::Null,
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Integer(number) => ScalarValue::Int(*number),
        Scalar::Flag(flag) => ScalarValue::Boolean(*flag),
    }
}

/// The one stretch in which two texts differ: place and length in UTF-16 units, and what comes instead.
fn difference(old: &str, new: &str) -> Option<(usize, usize, String)> {
    if old == new {
        return None;
    }
    let prefix: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let units = |text: &str| text.encode_utf16().count();
    Some((
        units(&old[..prefix]),
        units(&old_rest[..old_rest.len() - suffix]),
        new_rest[..new_rest.len() - suffix].to_owned(),
    ))
}
