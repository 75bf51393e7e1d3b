//! What the rows of the device's store hold. Do not change: on users' disks since version 1; new fields
//! are optional and have a default.

use super::settings::SettingsRow;
use super::table::{FieldPlace, Key, MetaKey, Row, Table, Write};
use crate::cbor::reader::Reader;
use crate::cbor::writer::Writer;
use crate::cbor::{self, Form};
use crate::code::Code;
use crate::ids::{ActorId, ChangeHash, DeviceId, DocumentId, EpochId, FeedId, ItemId, Receipt, UserId};
use crate::inclusion::Inclusion;
use crate::model::decision::Event;
use crate::model::kind::Kind;
use crate::model::summary::Summary;
use crate::role::Role;
use crate::wire::code::NackCode;
use crate::wire::{Bytes, Cursor, Decision, Folded, Folding};
use crate::{cbor_map, cbor_variants};

/// Whose database this is.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRow {
    /// The person.
    pub user: UserId,
    /// Their name, for the screen.
    pub name: String,
    /// The enrolled device; lives in the same database as the chunks.
    pub device: DeviceId,
    /// The relay's life that the cursors belong to.
    pub epoch: Option<EpochId>,
    /// A sequence number might be used twice: nothing is pushed until a new device is enrolled.
    pub retired: bool,
    /// It is retired since somebody revoked it: the relay takes nothing from it any more.
    pub revoked: bool,
    /// Devices that this database had before; their unacked changes are applied again as new edits.
    pub former: Vec<DeviceId>,
}

/// Where the device stands in a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedRow {
    /// The feed.
    pub feed: FeedId,
    /// Its name for people.
    pub name: String,
    /// What the person may do in it.
    pub role: Code<Role>,
    /// The last entry that is stored here.
    pub cursor: Cursor,
    /// The relay's `view` that the cursor belongs to.
    pub view: u64,
    /// The relay lost what stood above this number, and has not yet been offered all of it again.
    pub healing_from: Option<u64>,
    /// The last entry of which the relay said that it is stored, where it is above the cursor.
    pub acked: Option<Cursor>,
    /// Older cursors, ascending, the fewer the older: where the relay's log is another, they find out since
    /// when.
    pub trail: Vec<Cursor>,
    /// How the feed is being read, until the cursor has caught up.
    pub folding: Option<Folding>,
    /// The number of the relay's newest setting, as its last `welcome` named it. What the device has of them stands in
    /// [`super::settings::SettingsRow`].
    pub settings: Option<u64>,
    /// The relay has lost what stood above this number. Of that, entries in [`Table::Newer`] could not be offered
    /// again: once they are read, healing begins here.
    pub newer_above: Option<u64>,
    /// Whether the relay still lets the person read it.
    pub access: Access,
    /// It was removed from this device and given again: up to this number what this device made is read, too.
    pub own_until: Option<u64>,
}

/// Whether the relay still lets the person read a feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// It does, as far as is known.
    #[default]
    Given,
    /// A relay that was restored does not know of it: kept, read-only, until somebody has given or refused it again.
    InQuestion,
    /// The role was taken: its documents are being removed.
    Leaving,
    /// They are removed; what was unsent is set aside.
    Removed,
}

impl Access {
    const ALL: [Self; 4] = [Self::Given, Self::InQuestion, Self::Leaving, Self::Removed];

    /// As in the device's store.
    fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::InQuestion => "in-question",
            Self::Leaving => "leaving",
            Self::Removed => "removed",
        }
    }

    /// Whether the feed's documents stay on this device.
    pub fn keeps_documents(self) -> bool {
        matches!(self, Self::Given | Self::InQuestion)
    }
}

impl FeedRow {
    /// What the person may do in it now.
    pub fn role_now(&self) -> Role {
        // While own changes are missing, a new one would take the number of one of them.
        let is_whole = self.access == Access::Given && self.own_until.is_none();
        if is_whole { self.role.or_reader() } else { Role::Reader }
    }

    /// Whether what waits for it may be sent.
    pub fn may_send(&self) -> bool {
        self.access == Access::Given && self.own_until.is_none()
    }
}

/// What is known of a document besides its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRow {
    /// The document.
    pub doc: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Its home feed.
    pub home: FeedId,
    /// The feeds that it stands in; it is deleted only when this is empty.
    pub feeds: Vec<FeedId>,
}

impl DocumentRow {
    /// Whether it stands in a feed, or has its home there.
    pub fn stands_in(&self, feed: &FeedId) -> bool {
        self.home == *feed || self.feeds.contains(feed)
    }
}

/// One change, or one snapshot under the hash of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkRow {
    /// The chunk.
    pub bytes: Bytes,
    /// Its place in a feed; `None` while the relay has not acked it. A snapshot's is that of the last entry
    /// that it folds.
    pub place: Option<Place>,
    /// What the relay said of its author; `None` for a change made here.
    pub origin: Option<Origin>,
    /// Of a change made here: what the relay said with its ack, so that it can be offered later like any
    /// other. It stays when the relay has lost the change.
    pub proof: Option<Origin>,
    /// Of a snapshot: what the entries would have said that it folds.
    pub folded: Option<Folded>,
    /// The relay has lost it, and no receipt proves who made it: since when it waits for its maker's device,
    /// milliseconds since 1970.
    pub unproven_since: Option<u64>,
}

/// The place of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The feed.
    pub feed: FeedId,
    /// The entry's number. For a push of several changes that was acked: the last one's.
    pub seq: u64,
}

/// What an entry said of its author.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Who made it.
    pub by: UserId,
    /// On which device.
    pub device: DeviceId,
    /// When the relay stored it.
    pub at: u64,
    /// Goes back with an offer.
    pub receipt: Receipt,
    /// Goes back with it, where the receipt is that of a snapshot.
    pub inclusion: Option<Inclusion>,
}

/// Something that waits to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum OutboxRow {
    /// A change, in [`Table::Chunks`].
    Change {
        /// The document.
        doc: DocumentId,
        /// The change.
        hash: ChangeHash,
        /// Who made it.
        actor: ActorId,
    },
    /// A decision, in [`Table::Decisions`].
    Decision {
        /// The document.
        doc: DocumentId,
        /// The feed in which it is made.
        feed: FeedId,
        /// The decision.
        decision: Decision,
        /// What the relay said when it acked it; then it has lost it since.
        proof: Option<Origin>,
    },
}

impl OutboxRow {
    /// Whether a change waits, not a decision.
    pub fn is_change(&self) -> bool {
        matches!(self, OutboxRow::Change { .. })
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRow {
    /// The document.
    pub doc: DocumentId,
    /// The decision.
    pub decision: Decision,
    /// Who made it.
    pub by: UserId,
    /// Its place; `None` while the relay has not acked it.
    pub place: Option<Place>,
    /// What the relay said of its author; `None` for one made here.
    pub origin: Option<Origin>,
    /// Of one made here: what the relay said with its ack.
    pub proof: Option<Origin>,
    /// Made by another, lost by the relay and proven by no receipt: since when it waits for its maker's device.
    pub unproven_since: Option<u64>,
}

/// A person, as the directory knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonRow {
    /// The user name.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// *Jabatan*.
    pub position: String,
    /// Their devices, so that an actor leads to a person.
    pub devices: Vec<DeviceId>,
    /// The id of their office among the settings of their feed.
    pub office: Option<String>,
}

/// What is being applied just now.
#[derive(Clone, Debug, PartialEq)]
pub struct PoisonRow {
    /// The document.
    pub doc: DocumentId,
    /// The chunks; empty: the whole document is being opened.
    pub hashes: Vec<ChangeHash>,
    /// How often this mark was found at start so far, and the document opened again.
    pub tries: u64,
}

/// Where [`Table::Unread`] keeps remarks. Do not change: on users' disks.
const REMARKS: &str = "decisions";

/// What a person typed into a fact and could not be read as a whole, or was not yet: it stands in the field again when
/// the record is opened on this device. What can be read is stored as the fact, and its row goes.
#[derive(Clone, Debug, PartialEq)]
pub struct UnreadRow {
    /// The document.
    pub doc: DocumentId,
    /// The list; empty for the record's own fields.
    pub list: String,
    /// The item of the list.
    pub item: Option<ItemId>,
    /// The field.
    pub field: String,
    /// What was typed.
    pub text: String,
    /// What the fact said meanwhile, as its field shows it: where it says something else since, nothing of this is
    /// stored without the person.
    pub over: String,
}

impl UnreadRow {
    /// The remark that somebody began to write beside a decision, kept until it is made or the remark is emptied. It is of no
    /// field: no list has this name.
    pub fn remark(doc: DocumentId, event: Event, text: String) -> Self {
        let field = event.as_str().to_owned();
        Self { doc, list: REMARKS.to_owned(), item: None, field, text, over: String::new() }
    }

    /// The decision of which it is the remark; `None` for what stands in a field.
    pub fn remark_of(&self) -> Option<Event> {
        Event::from_code(&self.field).filter(|_| self.list == REMARKS)
    }

    /// Which field it is of.
    pub fn place(&self) -> FieldPlace {
        (self.list.clone(), self.item, self.field.clone())
    }
}

/// An entry that only a newer version of the app can read. The cursor has passed it: once it can be read, it is
/// taken from here.
#[derive(Clone, Debug, PartialEq)]
pub struct NewerRow {
    /// The document.
    pub doc: DocumentId,
    /// The feed that it came in.
    pub feed: FeedId,
    /// Its number there.
    pub seq: u64,
    /// The entry as it came.
    pub entry: Bytes,
}

/// A change that does not count, kept all the same. A refused decision is kept here too: `bytes` are then
/// those of its [`DecisionRow`] and `hash` is their SHA-256. `hash` is the SHA-256 of `bytes` also where
/// they are no change at all.
#[derive(Clone, Debug, PartialEq)]
pub struct SetAsideRow {
    /// The document.
    pub doc: DocumentId,
    /// The change.
    pub hash: ChangeHash,
    /// The chunk.
    pub bytes: Bytes,
    /// Why.
    pub reason: SetAsideReason,
    /// When, milliseconds since 1970.
    pub at: u64,
}

/// Why a change does not count.
#[derive(Clone, Debug, PartialEq)]
pub enum SetAsideReason {
    /// The relay refused it.
    Refused(NackCode, String),
    /// It builds on a refused change.
    BuildsOnRefused(ChangeHash),
    /// The change check refuses it.
    BadChange(String),
    /// The app crashed while applying it.
    Crashed,
    /// It was made by a device id that is retired.
    RetiredDevice,
    /// This change in the log says what it said: it stands for it, or for the same as it, or is one for which it stood.
    TakenOver(ChangeHash),
    /// It builds on this one, which was taken over. It is applied again as new edits.
    Orphaned(ChangeHash),
    /// It was unsent when the person lost their role, and its document was removed.
    RoleLost(LostRole),
}

impl SetAsideReason {
    /// Whether somebody took over what it said, or what it builds on; not refused, and nothing a person has to settle.
    pub fn is_of_takeover(&self) -> bool {
        matches!(self, Self::TakenOver(_) | Self::Orphaned(_))
    }
}

/// What is remembered of a document that was removed with the person's role.
#[derive(Clone, Debug, PartialEq)]
pub struct LostRole {
    /// Its home feed, as far as is known.
    pub feed: Option<FeedId>,
    /// Its kind, as far as is known.
    pub kind: Option<Code<Kind>>,
    /// Its title, as lists showed it; empty where it had none.
    pub title: String,
}

cbor_map! {
    DeviceRow { user, name, device, epoch: defaulted, retired: defaulted, revoked: sparse, former: defaulted }
    FeedRow {
        feed,
        name,
        role,
        cursor,
        view,
        healing_from: defaulted,
        acked: sparse,
        trail: sparse,
        folding: sparse,
        settings: sparse,
        newer_above: sparse,
        access: sparse,
        own_until: sparse,
    }
    DocumentRow { doc, kind, home, feeds }
    ChunkRow { bytes, place: defaulted, origin: defaulted, proof: sparse, folded: sparse, unproven_since: sparse }
    Place { feed, seq }
    Origin { by, device, at, receipt, inclusion: sparse }
    DecisionRow { doc, decision, by, place: defaulted, origin: defaulted, proof: sparse, unproven_since: sparse }
    PersonRow { user, name, position: defaulted, devices: defaulted, office: sparse }
    PoisonRow { doc, hashes, tries: defaulted }
    SetAsideRow { doc, hash, bytes, reason, at }
    LostRole { feed: sparse, kind: sparse, title: defaulted }
    NewerRow { doc, feed, seq, entry }
    UnreadRow { doc, list, item: sparse, field, text, over }
}

cbor_variants! {
    OutboxRow { Change { doc, hash, actor }, Decision { doc, feed, decision, proof: sparse } }
}

cbor_variants! {
    SetAsideReason {
        Refused(code, message),
        BuildsOnRefused(hash),
        BadChange(why),
        Crashed,
        RetiredDevice,
        TakenOver(by),
        Orphaned(of),
        RoleLost(lost),
    }
}

impl Form for Access {
    fn write(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text()?;
        Self::ALL.into_iter().find(|access| access.as_str() == text)
    }

    fn is_absent(&self) -> bool {
        *self == Self::Given
    }
}

/// Writes a row's value.
pub fn to_bytes<T: Form>(value: &T) -> Vec<u8> {
    cbor::to_bytes(value)
}

/// Reads a row's value; `None` where it is damaged.
pub fn from_bytes<T: Form>(bytes: &[u8]) -> Option<T> {
    T::read(&mut Reader::new(bytes))
}

/// A row that knows its table and key.
pub trait Stored: Form {
    /// The table.
    const TABLE: Table;
    /// The key.
    fn key(&self) -> Key;

    /// The write that puts it.
    fn put(&self) -> Write {
        Write::Put(Row { table: Self::TABLE, key: self.key(), value: to_bytes(self) })
    }
}

macro_rules! stored {
    ($($row:ty, $table:ident, $this:ident => $key:expr;)*) => {$(
        impl Stored for $row {
            const TABLE: Table = Table::$table;
            fn key(&self) -> Key {
                let $this = self;
                $key
            }
        }
    )*};
}

stored! {
    FeedRow, Feeds, this => Key::feed(&this.feed);
    SettingsRow, Settings, this => Key::feed(&this.feed);
    DocumentRow, Documents, this => Key::document(this.doc);
    DecisionRow, Decisions, this => Key::decision(this.doc, this.decision.decision);
    PersonRow, Directory, this => Key::user(&this.user);
    PoisonRow, Poison, this => Key::document(this.doc);
    SetAsideRow, SetAside, this => Key::change(this.doc, this.hash);
    NewerRow, Newer, this => Key::change(this.doc, ChangeHash::of_bytes(&this.entry));
    UnreadRow, Unread, this => Key::field(this.doc, &this.place());
    Summary, Summaries, this => Key::document(this.doc);
    OutboxRow, Outbox, this => match this {
        OutboxRow::Change { doc, hash, .. } => Key::change(*doc, *hash),
        OutboxRow::Decision { doc, decision, .. } => Key::decision(*doc, decision.decision),
    };
}

impl Stored for DeviceRow {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Key {
        Key::meta(MetaKey::Device)
    }
}

impl DeviceRow {
    /// Whether the database is, or was, this device.
    pub fn is_own(&self, device: DeviceId) -> bool {
        self.device == device || self.former.contains(&device)
    }
}

impl ChunkRow {
    /// A change of which nothing is known yet but its bytes.
    pub fn of(bytes: Bytes) -> Self {
        Self { bytes, place: None, origin: None, proof: None, folded: None, unproven_since: None }
    }

    /// The write that puts it; its key is not part of it.
    pub fn put(&self, doc: DocumentId, hash: ChangeHash) -> Write {
        Write::Put(Row { table: Table::Chunks, key: Key::change(doc, hash), value: to_bytes(self) })
    }
}
