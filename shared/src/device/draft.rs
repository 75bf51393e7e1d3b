//! The draft: what was typed into a document and is in no stored change yet, in a row of its own, so that the end of the
//! tab loses none of it.
//!
//! A change for each pause of typing would cost its bytes for ever, and storing one costs a wait for the disk. So each edit
//! is written into the draft at once, and the draft is replaced by the change once the group is closed and stored. Its table
//! is in no other transaction's scope while somebody types: nothing stands before it. It is never sent and never exported.
//!
//! Draft and change are written independently, so after the end of a tab either may be there in any state:
//! - a change of the draft is told by its hash;
//! - its edits count only while nothing that its actor made has their number or a higher one: else they are in that change.
//!
//! Who holds the lock of the actor's slot, and so knows that nobody writes as this actor any more, takes the draft up
//! ([`take_up`]): its edits are made a change on the version that they were typed on, in one commit which also deletes it.

use super::open_document::OpenDocument;
use super::row::{ChunkRow, DeviceRow, LostRole, OutboxRow, SetAsideReason, SetAsideRow, Stored, from_bytes};
use super::table::{Commit, Guard, Key, Query, Row, Table, Write};
use crate::cbor_map;
use crate::change_check::{CheckedChange, check_change, outline};
use crate::ids::{ActorId, ChangeHash, DocumentId, ItemId};
use crate::model::document::{Document, NewChange, schema_of};
use crate::model::edit::Edit;
use crate::model::field::{FieldRef, List, Scalar, Schema};
use crate::model::foreign::ForeignValue;
use crate::model::kind::Kind;
use crate::model::text;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::wire::Bytes;

/// What one actor has typed into a document that is in no stored change yet.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftRow {
    /// The document.
    pub doc: DocumentId,
    /// Who types.
    pub actor: ActorId,
    /// The version on which the edits were made.
    pub base: Vec<ChangeHash>,
    /// The number among the actor's changes that the one of the edits gets.
    pub seq: u64,
    /// When it was typed last, milliseconds since 1970.
    pub at: u64,
    /// Changes that were made and are not known to be stored.
    pub changes: Vec<Bytes>,
    /// What was typed since.
    pub edits: Vec<DraftEdit>,
}

/// One edit, by the names of its field and list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DraftEdit {
    what: String,
    list: Option<String>,
    item: Option<ItemId>,
    after: Option<ItemId>,
    field: Option<String>,
    at: Option<usize>,
    delete: Option<usize>,
    text: Option<String>,
    number: Option<i64>,
    flag: Option<bool>,
    /// The bits of a decimal.
    fraction: Option<u64>,
}

cbor_map! {
    DraftRow { doc, actor, base, seq, at, changes: sparse, edits: sparse }
    DraftEdit {
        what,
        list: sparse,
        item: sparse,
        after: sparse,
        field: sparse,
        at: sparse,
        delete: sparse,
        text: sparse,
        number: sparse,
        flag: sparse,
        fraction: sparse,
    }
}

impl Stored for DraftRow {
    const TABLE: Table = Table::Drafts;
    fn key(&self) -> Key {
        Key::draft(self.doc, self.actor)
    }
}

/// The edits of the open group, with what a draft says of them.
#[derive(Default)]
pub(super) struct Group {
    edits: Vec<Edit>,
    /// An edit among them has no form in a draft: the group is to become a change at once.
    is_urgent: bool,
}

impl Group {
    /// Takes note of an edit that was applied. What is typed on where the last edit ended joins it.
    pub(super) fn note(&mut self, edit: &Edit) {
        self.is_urgent |= !has_form(edit);
        if let (
            Some(Edit::Splice { field: before, at: begin, delete: 0, insert: typed }),
            Edit::Splice { field, at, delete: 0, insert },
        ) = (self.edits.last_mut(), edit)
            && before == field
            && *begin + text::units(typed) == *at
        {
            typed.push_str(insert);
            return;
        }
        self.edits.push(edit.clone());
    }

    /// Whether it must become a change at once, since no draft can hold it.
    pub(super) fn is_urgent(&self) -> bool {
        self.is_urgent
    }

    /// As a draft has them, up to the first that has no form there.
    pub(super) fn drafted(&self) -> Vec<DraftEdit> {
        self.edits.iter().map_while(DraftEdit::of).collect()
    }
}

/// Whether a draft can hold an edit.
fn has_form(edit: &Edit) -> bool {
    !matches!(edit, Edit::Set { value: Scalar::Foreign(value), .. } if !matches!(value, ForeignValue::Float(_)))
}

impl DraftEdit {
    fn of(edit: &Edit) -> Option<Self> {
        let named = |what: &str| Self { what: what.to_owned(), ..Self::default() };
        let at = |what, field: &FieldRef| Self {
            list: field.item.map(|(list, _)| list.name.to_owned()),
            item: field.item.map(|(_, item)| item),
            field: Some(field.field.name.to_owned()),
            ..named(what)
        };
        let of = |what, list: &List, item: &ItemId| Self {
            list: Some(list.name.to_owned()),
            item: Some(*item),
            ..named(what)
        };
        Some(match edit {
            Edit::Splice { field, at: begin, delete, insert } => Self {
                at: Some(*begin),
                delete: Some(*delete),
                text: Some(insert.clone()),
                ..at("splice", field)
            },
            Edit::Rewrite { field, text } => Self { text: Some(text.clone()), ..at("rewrite", field) },
            Edit::Settle { field, most_units } => Self { delete: Some(*most_units), ..at("settle", field) },
            Edit::Set { field, value } => {
                let set = at("set", field);
                match value {
                    Scalar::Empty => set,
                    Scalar::Text(text) => Self { text: Some(text.clone()), ..set },
                    Scalar::Integer(number) => Self { number: Some(*number), ..set },
                    Scalar::Flag(flag) => Self { flag: Some(*flag), ..set },
                    Scalar::Foreign(ForeignValue::Float(bits)) => Self { fraction: Some(*bits), ..set },
                    Scalar::Foreign(_) => return None,
                }
            }
            Edit::Add { list, item, after } => Self { after: *after, ..of("add", list, item) },
            Edit::Move { list, item, after } => Self { after: *after, ..of("move", list, item) },
            Edit::Remove { list, item } => of("remove", list, item),
            Edit::Restore { list, item } => of("restore", list, item),
            Edit::Discard => named("discard"),
            Edit::Recover => named("recover"),
        })
    }

    /// The edit in a document of this schema; `None` where it has no such field or list.
    fn edit(&self, schema: Schema) -> Option<Edit> {
        let list = || {
            let name = self.list.as_deref()?;
            Some((*schema.lists.iter().find(|list| list.name == name)?, self.item?))
        };
        let field = || {
            let name = self.field.as_deref()?;
            let item = if self.list.is_some() { Some(list()?) } else { None };
            let fields = item.map_or(schema.fields, |(list, _)| list.fields);
            Some(FieldRef { item, field: *fields.iter().find(|field| field.name == name)? })
        };
        let text = || self.text.clone();
        Some(match self.what.as_str() {
            "splice" => Edit::Splice { field: field()?, at: self.at?, delete: self.delete?, insert: text()? },
            "rewrite" => Edit::Rewrite { field: field()?, text: text()? },
            "settle" => Edit::Settle { field: field()?, most_units: self.delete? },
            "set" => {
                let number = self.number.map(Scalar::Integer);
                let fraction = self.fraction.map(|bits| Scalar::Foreign(ForeignValue::Float(bits)));
                let flag = self.flag.map(Scalar::Flag);
                let value = text().map(Scalar::Text).or(number).or(flag).or(fraction);
                Edit::Set { field: field()?, value: value.unwrap_or_default() }
            }
            "add" | "move" | "remove" | "restore" => {
                let (list, item) = list()?;
                match self.what.as_str() {
                    "add" => Edit::Add { list, item, after: self.after },
                    "move" => Edit::Move { list, item, after: self.after },
                    "remove" => Edit::Remove { list, item },
                    _ => Edit::Restore { list, item },
                }
            }
            "discard" => Edit::Discard,
            "recover" => Edit::Recover,
            _ => return None,
        })
    }
}

impl DraftRow {
    /// The words of what was typed since the last change, one piece for each place.
    pub(super) fn words(self) -> impl Iterator<Item = String> {
        self.edits.into_iter().filter_map(|edit| edit.text)
    }
}

/// The rows of one document that [`take_up`] takes.
pub fn queries(doc: DocumentId) -> Vec<Query> {
    let of_document = [Table::Documents, Table::Chunks, Table::SetAside, Table::Drafts];
    of_document.map(|table| Query::Prefix(table, Key::document(doc))).to_vec()
}

/// The actor whose draft lies under this key.
pub fn actor_of(key: &Key) -> Option<ActorId> {
    ActorId::try_from(key.0.get(DocumentId::LENGTH..)?).ok()
}

/// Makes changes of what a draft has and the store lacks: the one commit that stores them and deletes the draft. It is
/// guarded by the draft, so that of several tabs one does it. To be called only by who holds the lock of its actor's slot.
///
/// What can be part of no version that counts is set aside like other unsent work. `None` where the row is damaged: it stays
/// where it is.
pub fn take_up(now: u64, stored: &Row, rows: &[Row], device: &DeviceRow) -> Option<Commit> {
    let draft: DraftRow = from_bytes(&stored.value).filter(|draft: &DraftRow| draft.key() == stored.key)?;
    let made: Vec<CheckedChange> =
        draft.changes.iter().map(|bytes| check_change(bytes).ok()).collect::<Option<_>>()?;
    let stock = Stock::of(rows);
    let expected = Some(stored.value.clone());
    let mut commit = Commit {
        guards: vec![Guard { table: Table::Drafts, key: stored.key.clone(), expected }],
        writes: Vec::new(),
    };
    let mut changes: Vec<NewChange> = Vec::new();
    for (change, bytes) in made.iter().zip(&draft.changes) {
        let (hash, actor) = (change.hash, change.actor);
        if !stock.has(hash) {
            changes.push(NewChange { hash, actor, bytes: bytes.to_vec() });
        }
    }
    let made_last = made.iter().filter(|change| change.actor == draft.actor).map(|change| change.seq).max();
    let mut raw = None;
    if !draft.edits.is_empty() && made_last.is_none_or(|last| last < draft.seq) {
        match stock.replay(now, &draft, &changes) {
            Replayed::Known => {}
            Replayed::Made(change) => changes.push(change),
            Replayed::Unfit(why) => raw = Some(why),
        }
    }
    let mut fate = Fate { stock: &stock, device, aside: OrderedMap::new() };
    for change in changes {
        let row = match fate.of(&change) {
            None => {
                let NewChange { hash, actor, bytes } = change;
                let chunk = ChunkRow {
                    bytes: bytes.into(),
                    place: None,
                    origin: None,
                    proof: None,
                    folded: None,
                    unproven_since: None,
                };
                commit.writes.push(chunk.put(draft.doc, hash));
                commit.writes.push(OutboxRow::Change { doc: draft.doc, hash, actor }.put());
                continue;
            }
            Some(reason) => {
                SetAsideRow { doc: draft.doc, hash: change.hash, bytes: change.bytes.into(), reason, at: now }
            }
        };
        commit.writes.push(row.put());
    }
    if let Some(reason) = raw {
        // The draft itself: what it says can still be exported.
        let bytes = Bytes::from(stored.value.clone());
        let hash = ChangeHash::of_bytes(&bytes);
        commit.writes.push(SetAsideRow { doc: draft.doc, hash, bytes, reason, at: now }.put());
    }
    if stock.kind.is_some() && !commit.writes.is_empty() {
        let stale = Row { table: Table::Stale, key: Key::document(draft.doc), value: Vec::new() };
        commit.writes.push(Write::Put(stale));
    }
    commit.writes.push(Write::Delete(Table::Drafts, stored.key.clone()));
    Some(commit)
}

/// What the store has of the document.
struct Stock {
    document: Option<super::row::DocumentRow>,
    kind: Option<Kind>,
    chunks: Vec<(ChangeHash, ChunkRow)>,
    aside: OrderedMap<ChangeHash, SetAsideRow>,
}

/// What became of the edits of a draft.
enum Replayed {
    /// They are in a change that the store has.
    Known,
    /// This change says what they say.
    Made(NewChange),
    /// The store has no version on which they could be made.
    Unfit(SetAsideReason),
}

impl Stock {
    fn of(rows: &[Row]) -> Self {
        let document = rows.iter().find(|row| row.table == Table::Documents);
        let document: Option<super::row::DocumentRow> = document.and_then(|row| from_bytes(&row.value));
        let mut stock = Self {
            kind: document.as_ref().map(|row| row.kind),
            document,
            chunks: Vec::new(),
            aside: OrderedMap::new(),
        };
        for row in rows {
            let Some(hash) = row.key.change_hash() else { continue };
            match row.table {
                Table::Chunks => stock.chunks.extend(from_bytes(&row.value).map(|chunk| (hash, chunk))),
                Table::SetAside => stock.aside.extend(from_bytes(&row.value).map(|aside| (hash, aside))),
                _ => {}
            }
        }
        stock
    }

    fn has(&self, hash: ChangeHash) -> bool {
        self.aside.contains_key(&hash) || self.chunks.iter().any(|(there, _)| *there == hash)
    }

    fn replay(&self, now: u64, draft: &DraftRow, made: &[NewChange]) -> Replayed {
        let mut aside = self.aside.values().filter_map(|row| number_of(&row.bytes, draft.actor));
        if aside.any(|number| number >= draft.seq) {
            return Replayed::Known;
        }
        let lost = LostRole { feed: None, kind: self.kind.map(Into::into), title: String::new() };
        let Some(row) = &self.document else { return Replayed::Unfit(SetAsideReason::RoleLost(lost)) };
        let chunk = |bytes: Bytes| ChunkRow {
            bytes,
            place: None,
            origin: None,
            proof: None,
            folded: None,
            unproven_since: None,
        };
        let made = made.iter().map(|change| (change.hash, chunk(change.bytes.clone().into())));
        let mut chunks: Vec<(ChangeHash, ChunkRow)> = self.chunks.iter().cloned().chain(made).collect();
        // What ended the app is never opened again unasked.
        let aside = self.aside.iter().filter(|(_, row)| row.reason != SetAsideReason::Crashed);
        let aside: Vec<_> = aside.map(|(hash, row)| (*hash, chunk(row.bytes.clone()))).collect();
        for others in [Vec::new(), aside] {
            chunks.extend(others);
            let none = OrderedSet::new();
            let opened = OpenDocument::open(now, row.clone(), draft.actor, chunks.clone(), Vec::new(), &none);
            let Ok(opened) = opened else { continue };
            let document = opened.document.document();
            let own = document.log().notes().iter().filter(|note| note.actor == draft.actor);
            let waiting = chunks.iter().filter(|(hash, _)| !document.has(*hash));
            let own_waiting = waiting.filter_map(|(_, chunk)| number_of(&chunk.bytes, draft.actor));
            if own.map(|note| note.seq).chain(own_waiting).any(|number| number >= draft.seq) {
                return Replayed::Known;
            }
            if draft.base.iter().all(|head| document.has(*head)) {
                return match replayed(draft, document) {
                    Some(change) => Replayed::Made(change),
                    None => Replayed::Unfit(unfit("the draft does not fit the version that it names")),
                };
            }
        }
        Replayed::Unfit(unfit("the version on which it was typed is not here"))
    }
}

/// The number of a change among those of this actor; `None` where it is another's, or none.
fn number_of(bytes: &[u8], actor: ActorId) -> Option<u64> {
    outline(bytes).filter(|outline| outline.actor == actor)?;
    check_change(bytes).ok().map(|change| change.seq)
}

fn unfit(why: &str) -> SetAsideReason {
    SetAsideReason::BadChange(why.to_owned())
}

/// The change that the edits make on their version.
fn replayed(draft: &DraftRow, document: &Document) -> Option<NewChange> {
    let mut version = document.branch(&draft.base, draft.actor).ok()?;
    let schema = schema_of(version.kind());
    for edit in &draft.edits {
        version.edit(&edit.edit(schema)?).ok()?;
    }
    let change = version.commit(draft.at)?;
    let has_its_number = check_change(&change.bytes).is_ok_and(|checked| checked.seq == draft.seq);
    has_its_number.then_some(change)
}

/// Where changes of a draft belong.
struct Fate<'a> {
    stock: &'a Stock,
    device: &'a DeviceRow,
    /// Those that are set aside with it.
    aside: OrderedMap<ChangeHash, SetAsideReason>,
}

impl Fate<'_> {
    /// Why a change does not count; `None` where it does.
    fn of(&mut self, change: &NewChange) -> Option<SetAsideReason> {
        let reason = if self.stock.document.is_none() {
            Some(SetAsideReason::RoleLost(LostRole { feed: None, kind: None, title: String::new() }))
        } else if self.device.former.contains(&change.actor.device()) {
            Some(SetAsideReason::RetiredDevice)
        } else {
            let deps = outline(&change.bytes).map(|outline| outline.deps).unwrap_or_default();
            deps.iter().find_map(|dep| {
                let of_store = self.stock.aside.get(dep).map(|row| &row.reason);
                Some(match self.aside.get(dep).or(of_store)? {
                    SetAsideReason::RetiredDevice => SetAsideReason::RetiredDevice,
                    SetAsideReason::TakenOver(_) | SetAsideReason::Orphaned(_) => {
                        SetAsideReason::Orphaned(*dep)
                    }
                    _ => SetAsideReason::BuildsOnRefused(*dep),
                })
            })
        };
        if let Some(reason) = &reason {
            self.aside.insert(change.hash, reason.clone());
        }
        reason
    }
}
