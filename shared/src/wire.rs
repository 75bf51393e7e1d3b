//! The frames between client and relay, and their CBOR form: one map each, told apart by its key `t`.
//!
//! The page `shared/PROTOCOL.md` describes them for a client in any language. Decoding puts limits
//! first: a frame over [`limits::FRAME_BYTES`] is refused before a byte of it is read, unknown keys
//! are skipped without being kept, and nothing is allocated by a length that was only claimed.

pub mod code;
mod codec;
mod contents;
mod entries;
pub mod limits;

pub use codec::{DecodeError, Frame, decode_sequence, encode_sequence};
pub use contents::Bytes;

use crate::code::Code;
use crate::ids::{ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Receipt, Tag, UserId};
use crate::inclusion::Inclusion;
use crate::model::decision::Event;
use crate::model::kind::Kind;
use crate::ordered::OrderedMap;
use crate::role::Role;
use code::{ByeCode, Feature, NackCode};

/// The version of the protocol that this code speaks.
pub const VERSION: u32 = 1;

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "simpul.v1";

/// A place in a feed: the sequence number of its last known entry and that entry's tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub u64, pub Tag);

impl Cursor {
    /// Before the first entry.
    pub const START: Cursor = Cursor(0, Tag::START);
}

/// How a feed is read with snapshots: those whose first entry is above a number and that were made no later
/// than a mark of the relay's. What was passed over once under it is passed over for good, so a device
/// names it again in each `hello` until it has caught up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folding {
    /// The cursor with which the reading began.
    pub after: u64,
    /// The mark of the newest snapshot that counts; 0: none does.
    pub made: u64,
}

impl Folding {
    /// Every entry as it stands in the log.
    pub fn raw(after: u64) -> Self {
        Self { after, made: 0 }
    }
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq)]
pub enum FromClient {
    /// The first frame of a connection.
    Hello(Hello),
    /// Changes of one document.
    Push(Push),
    /// A decision on one document.
    Decide(Decide),
    /// What the device holds above `base`, after a mismatch of epoch or cursor.
    Have(Have),
    /// Entries that others made and the relay wants back.
    Offer(Offer),
    /// Where this person is in a document; forwarded, never stored.
    Presence(ClientPresence),
    /// Are you there?
    Ping(Ping),
    /// A frame of a kind that this version does not know, with its `id` where it has one.
    Unknown(Option<u64>),
}

/// What a relay sends.
#[derive(Clone, Debug, PartialEq)]
pub enum FromRelay {
    /// The answer to `hello`.
    Welcome(Welcome),
    /// A stretch of a feed.
    Batch(Batch),
    /// All of a push is on disk.
    Ack(Ack),
    /// A push is refused, or perhaps stored (`busy`).
    Nack(Nack),
    /// The answer to `have`.
    Want(Want),
    /// Where another person is in a document.
    Presence(RelayPresence),
    /// Here I am.
    Pong(Pong),
    /// The connection ends.
    Bye(Bye),
    /// A frame of a kind that this version does not know.
    Unknown(Option<u64>),
}

/// `hello`.
#[derive(Clone, Debug, PartialEq)]
pub struct Hello {
    /// The protocol's version.
    pub v: u32,
    /// The device of this database.
    pub device: DeviceId,
    /// The epoch of the relay that the cursors belong to.
    pub epoch: Option<EpochId>,
    /// Where the device stands; a feed that is not named starts at 0.
    pub cursors: OrderedMap<FeedId, Cursor>,
    /// False: entries made by this device are left out.
    pub own: bool,
    /// The last entries of which this device knows that they were in the log, where they are above its
    /// cursor: what it sent was acked there. A relay that has another entry at that number has forgotten.
    pub acked: OrderedMap<FeedId, Cursor>,
    /// Older cursors, of feeds of which the relay just said that the cursor does not match: the highest one
    /// that does is where both logs part at the earliest. At most [`limits::TRAIL_POINTS`] a feed are looked at.
    pub trail: OrderedMap<FeedId, Vec<Cursor>>,
    /// How each feed is being read, as the last `welcome` said.
    pub folding: OrderedMap<FeedId, Folding>,
    /// What the client can do besides this version of the protocol.
    pub features: Vec<Code<Feature>>,
}

impl Hello {
    /// What a device says that has nothing yet.
    pub fn bare(device: DeviceId) -> Self {
        Self {
            v: VERSION,
            device,
            epoch: None,
            cursors: OrderedMap::new(),
            own: false,
            acked: OrderedMap::new(),
            trail: OrderedMap::new(),
            folding: OrderedMap::new(),
            features: Vec::new(),
        }
    }
}

/// `push`.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    /// Names the push in its answer; chosen by the client, unique on the connection.
    pub id: u64,
    /// The document's home feed.
    pub feed: FeedId,
    /// The document.
    pub doc: DocumentId,
    /// Fixed by the first push of the document.
    pub kind: Code<Kind>,
    /// Automerge change chunks (type 1 or 2), dependencies first.
    pub changes: Vec<Bytes>,
}

/// `decide`.
#[derive(Clone, Debug, PartialEq)]
pub struct Decide {
    /// Names the frame in its answer.
    pub id: u64,
    /// The decision's own id: sent again after any doubt, stored once.
    pub decision: DecisionId,
    /// The feed in which it is made.
    pub feed: FeedId,
    /// The document.
    pub doc: DocumentId,
    /// What is decided.
    pub event: Code<Event>,
    /// The exact version that it is pinned to.
    pub heads: Vec<ChangeHash>,
    /// A remark, such as why a report is returned.
    pub note: Option<String>,
    /// When the person decided, by the device's clock, in milliseconds since 1970.
    pub made_at: u64,
}

/// `have`.
#[derive(Clone, Debug, PartialEq)]
pub struct Have {
    /// Names the frame in its answer.
    pub id: u64,
    /// The feed.
    pub feed: FeedId,
    /// Every hash that the device holds above `base`, parents first.
    pub docs: OrderedMap<DocumentId, Vec<ChangeHash>>,
    /// True: another `have` follows.
    pub more: bool,
}

/// `offer`.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Names the frame in its answer.
    pub id: u64,
    /// The feed.
    pub feed: FeedId,
    /// As they stood in a batch, with their receipts.
    pub entries: Vec<Entry>,
    /// Those among them that this version cannot read.
    pub newer: Vec<NewerEntry>,
}

/// `presence`, as a client sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientPresence {
    /// The feed.
    pub feed: FeedId,
    /// The document.
    pub doc: DocumentId,
    /// At most [`limits::PRESENCE_BYTES`], opaque to the relay.
    pub state: Bytes,
}

/// `ping`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ping {
    /// Repeated in the `pong`.
    pub id: u64,
}

/// `welcome`.
#[derive(Clone, Debug, PartialEq)]
pub struct Welcome {
    /// The protocol's version.
    pub v: u32,
    /// This life of the relay's store.
    pub epoch: EpochId,
    /// Whom the session belongs to.
    pub user: UserId,
    /// Which device the session belongs to.
    pub device: DeviceId,
    /// The feeds that the person may read.
    pub feeds: Vec<FeedView>,
    /// The feeds in which the person's role was taken. A feed that stands in neither list is one that this relay does
    /// not know of: nothing follows from that.
    pub removed_roles: Vec<RemovedRole>,
    /// The relay's configuration.
    pub limits: RelayLimits,
    /// The relay's clock, milliseconds since 1970.
    pub now: u64,
    /// What the relay can do besides this version of the protocol.
    pub features: Vec<Code<Feature>>,
}

/// One feed as this person sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedView {
    /// The feed.
    pub feed: FeedId,
    /// Its name for people.
    pub name: String,
    /// What the person may do in it; one that is not known [reads](Code::<Role>::or_reader).
    pub role: Code<Role>,
    /// The number of its last entry.
    pub head: u64,
    /// Grows whenever this person's sight of the feed widens or ends: on a change the feed is read from 0.
    pub view: u64,
    /// The cursor did not match: go back to it, and offer what is above.
    pub base: Option<Cursor>,
    /// Snapshots stand for some of the entries that follow; say so again in the next `hello`.
    pub folding: Option<Folding>,
    /// The number of the feed's newest setting; `None` where nothing was ever set.
    pub settings: Option<u64>,
}

/// A role that the person had in a feed, and has no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedRole {
    /// The feed.
    pub feed: FeedId,
    /// A number like [`FeedView::view`], given when the role was taken. What a client has under a higher one was given
    /// afterwards, by a relay that lost that since: then it is not taken.
    pub view: u64,
}

/// The limits that a relay's operator sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayLimits {
    /// Pushes that a connection may have unanswered.
    pub unacked_pushes: u32,
    /// Presence frames a second and connection.
    pub presence_per_second: u32,
    /// Documents a feed may hold.
    pub feed_documents: u64,
    /// Bytes of changes a feed may hold.
    pub feed_bytes: u64,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self { unacked_pushes: 32, presence_per_second: 10, feed_documents: 1_000_000, feed_bytes: 64 << 30 }
    }
}

/// `batch`.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The feed.
    pub feed: FeedId,
    /// The entries' numbers are above it.
    pub from: u64,
    /// The client's cursor afterwards, also where the last entries were not for this client.
    pub to: u64,
    /// The tag of entry `to`.
    pub tag: Tag,
    /// In order of their numbers.
    pub entries: Vec<Entry>,
    /// Those among them that this version cannot read, in order of their numbers.
    pub newer: Vec<NewerEntry>,
}

/// An entry whose kind, event or sort this version does not know, kept whole until a newer one reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewerEntry {
    /// Its number in the feed.
    pub seq: u64,
    /// The document.
    pub doc: DocumentId,
    /// Of a snapshot: the last entry that it folds.
    pub until: Option<Cursor>,
    /// The document has left this feed.
    pub removed: bool,
    /// The entry as it came.
    pub bytes: Bytes,
}

/// One entry of a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number in the feed, from 1, without gaps.
    pub seq: u64,
    /// The document.
    pub doc: DocumentId,
    /// The document's kind.
    pub kind: Kind,
    /// When the relay stored it, milliseconds since 1970.
    pub at: u64,
    /// Who made it.
    pub by: UserId,
    /// On which device.
    pub device: DeviceId,
    /// Opaque to clients; goes back with an `offer`.
    pub receipt: Receipt,
    /// One Automerge change chunk.
    pub change: Option<Bytes>,
    /// One Automerge document chunk in place of the document's folded entries.
    pub snapshot: Option<Bytes>,
    /// What the entries would have said that the snapshot folds.
    pub folded: Option<Folded>,
    /// A decision.
    pub decision: Option<Decision>,
    /// The document has left this feed.
    pub removed: bool,
    /// Goes with an offer, where the receipt is that of a snapshot: that this entry is among those it stands for.
    pub inclusion: Option<Inclusion>,
}

/// What a snapshot says of the entries that it folds, besides their changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// The last of them.
    pub until: Cursor,
    /// Who made them.
    pub authors: Vec<Author>,
    /// One for each change of the snapshot, in ascending order of the changes' hashes.
    pub proofs: Vec<FoldedProof>,
    /// What the times of the proofs count from.
    pub since: Option<u64>,
    /// The receipt that stands for all of them (`shared/src/inclusion.rs`). Without it each proof has its own.
    pub receipt: Option<Receipt>,
}

/// Who made changes, and on which device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author {
    /// The person.
    pub by: UserId,
    /// The device.
    pub device: DeviceId,
}

/// What the entry of a folded change says of it: the place of its author in the list, when the relay stored
/// it (counted from [`Folded::since`]), its receipt where [`Folded::receipt`] does not stand for it.
///
/// On the wire an array of these, or the time alone where the author is the first and there is no receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldedProof(pub u64, pub u64, pub Option<Receipt>);

/// A decision as it stands in an entry and in a device's store.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Its id.
    pub decision: DecisionId,
    /// What was decided.
    pub event: Event,
    /// The version it is pinned to. These changes may arrive later than the decision.
    pub heads: Vec<ChangeHash>,
    /// A remark.
    pub note: Option<String>,
    /// When the person decided, milliseconds since 1970.
    pub made_at: u64,
}

/// `ack`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ack {
    /// The push, decision or offer.
    pub id: u64,
    /// The feed.
    pub feed: FeedId,
    /// The number of its last entry.
    pub seq: u64,
    /// The tag of that entry.
    pub tag: Option<Tag>,
    /// One for each change of a push in their order, or one for a decision: with it any member can offer
    /// the item later. `None`: the log does not name this person and device as its maker.
    pub proofs: Vec<Option<Proof>>,
}

/// When the relay stored an item (milliseconds since 1970), and its receipt for it: what an entry says of an
/// item besides its maker, whom the one who is acked knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof(pub u64, pub Receipt);

/// `nack`.
#[derive(Clone, Debug, PartialEq)]
pub struct Nack {
    /// The frame that is refused, where it has an id.
    pub id: Option<u64>,
    /// Why.
    pub code: NackCode,
    /// Why, for a developer's eye. The screen has its own words for each code.
    pub message: String,
    /// The changes that are at fault or missing.
    pub hashes: Option<Vec<ChangeHash>>,
    /// With `busy`: send again after this many milliseconds.
    pub retry_ms: Option<u64>,
}

/// `want`.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    /// The `have` that it answers.
    pub id: u64,
    /// The changes to be sent again: own ones with `push`, others' with `offer`.
    pub hashes: OrderedMap<DocumentId, Vec<ChangeHash>>,
}

/// `presence`, as a relay sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct RelayPresence {
    /// The feed.
    pub feed: FeedId,
    /// The document.
    pub doc: DocumentId,
    /// Set by the relay.
    pub user: UserId,
    /// Set by the relay.
    pub device: DeviceId,
    /// Opaque to the relay.
    pub state: Bytes,
}

/// `pong`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pong {
    /// The `ping` that it answers.
    pub id: u64,
    /// The relay's clock, milliseconds since 1970.
    pub now: u64,
}

/// `bye`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bye {
    /// Why.
    pub code: ByeCode,
    /// Why, for a developer's eye.
    pub message: String,
    /// Come back after this many milliseconds.
    pub retry_ms: Option<u64>,
}
