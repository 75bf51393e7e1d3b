//! What the log holds: an item with its authorship, its place in feeds, its tag and its receipt.
//!
//! The one place that defines the bytes under tags and receipts. Do not change: devices hold both since
//! version 1. Tags were chained later: the store of a relay keeps the older ones beside those, since devices
//! may still name them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::ids::{ChangeHash, DeviceId, DocumentId, FeedId, Receipt, Tag, UserId};
use crate::inclusion::{self, Node, Tree};
use crate::model::kind::Kind;
use crate::wire::{Bytes, Decision, Entry, Proof};

/// Who made an item, when it was stored, and the relay's proof of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorship {
    /// Who made it.
    pub by: UserId,
    /// On which device.
    pub device: DeviceId,
    /// When the relay stored it first, milliseconds since 1970.
    pub at: u64,
    /// The proof, over everything above and the item.
    pub receipt: Receipt,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// One change.
    Change {
        /// Its hash.
        hash: ChangeHash,
        /// The chunk as it was sent.
        bytes: Bytes,
    },
    /// One decision.
    Decision(Decision),
    /// The document has left the feed.
    Removed,
}

/// One item of the log. It is stored once; each feed that its document stands in has an entry for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The document.
    pub doc: DocumentId,
    /// The document's kind.
    pub kind: Kind,
    /// Who made it.
    pub authorship: Authorship,
    /// What it is.
    pub content: Content,
}

/// The place of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The feed.
    pub feed: FeedId,
    /// The entry's number, from 1.
    pub seq: u64,
}

/// That all of a submission is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where its last entry stands.
    pub place: Place,
    /// The tag there, where it is known.
    pub tag: Option<Tag>,
    /// For each change of a push in their order, or for one decision: the proof that the session's person
    /// made it on the session's device; `None` where the log says something else of it. Empty for an offer.
    pub proofs: Vec<Option<Proof>>,
}

/// How an item stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The tag of its entry in the document's home feed.
    pub tag: Tag,
    /// Who made it.
    pub authorship: Authorship,
}

impl Standing {
    /// The proof for the maker; `None` where the log names another.
    pub fn proof(&self, user: &UserId, device: DeviceId) -> Option<Proof> {
        let Authorship { by, device: on, at, receipt } = &self.authorship;
        (by == user && *on == device).then_some(Proof(*at, *receipt))
    }
}

/// A stretch of a feed, as a store reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The number of the last entry that was looked at, also where it was passed over.
    pub to: u64,
    /// Its tag.
    pub tag: Tag,
    /// In order of their numbers.
    pub entries: Vec<Entry>,
}

impl Item {
    /// The item as an entry of a batch.
    pub fn entry(&self, seq: u64) -> Entry {
        let (mut change, mut decision, mut removed) = (None, None, false);
        match &self.content {
            Content::Change { bytes, .. } => change = Some(bytes.clone()),
            Content::Decision(content) => decision = Some(content.clone()),
            Content::Removed => removed = true,
        }
        Entry {
            seq,
            doc: self.doc,
            kind: self.kind,
            at: self.authorship.at,
            by: self.authorship.by.clone(),
            device: self.authorship.device,
            receipt: self.authorship.receipt,
            change,
            snapshot: None,
            folded: None,
            decision,
            removed,
            inclusion: None,
        }
    }

    /// The tag of the item's entry with this number, behind the entry with that tag: [`chained`] over what
    /// the entry says by itself. So two logs with one tag at one number are the same up to there.
    pub fn tag(&self, seq: u64, previous: Tag) -> Tag {
        chained(previous, self.digest(seq))
    }

    /// What the entry says by itself: the first eight bytes of a SHA-256 over all of it but the receipt, a
    /// change standing for itself by its hash. Before tags were chained, this was the tag.
    fn digest(&self, seq: u64) -> Tag {
        let mut form = Form::new("simpul entry 1");
        form.number(seq);
        form.fixed(self.doc.as_bytes());
        form.text(self.kind.as_str());
        form.author(&self.authorship.by, self.authorship.device, self.authorship.at);
        match &self.content {
            Content::Change { hash, .. } => {
                form.fixed(&[1]);
                form.fixed(hash.as_bytes());
            }
            Content::Decision(decision) => {
                form.fixed(&[2]);
                form.decision(decision);
            }
            Content::Removed => form.fixed(&[3]),
        }
        form.shortened()
    }

    /// How many bytes it takes in a batch, roughly, never less than its chunk or note.
    pub fn size_bytes(&self) -> usize {
        let content = match &self.content {
            Content::Change { bytes, .. } => bytes.len(),
            Content::Decision(decision) => {
                decision.heads.len() * 34 + decision.note.as_ref().map_or(0, String::len) + 64
            }
            Content::Removed => 0,
        };
        content + ENTRY_BYTES
    }
}

/// The tag of an entry that says this by itself, behind the entry with the previous tag ([`Tag::START`]
/// before the first): the first eight bytes of a SHA-256 over both.
pub fn chained(previous: Tag, digest: Tag) -> Tag {
    let mut form = Form::new("simpul chain 1");
    form.fixed(previous.as_bytes());
    form.fixed(digest.as_bytes());
    form.shortened()
}

/// What an entry has besides its content: keys, ids and a user name of usual length, in CBOR.
const ENTRY_BYTES: usize = 160;

/// Where a receipt holds, and nowhere else.
///
/// So nobody begins a lost document in another feed or as another kind, and nobody carries a decision from one feed
/// into another.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The document.
    pub doc: DocumentId,
    /// The document's kind.
    pub kind: Kind,
    /// Of a change the document's home feed, of a decision the feed in which it was made.
    pub feed: &'a FeedId,
}

/// What a receipt is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A change.
    Change(ChangeHash),
    /// A decision, with everything that it says.
    Decision(&'a Decision),
}

/// The relay's key for receipts. It lives outside the database and its backups.
///
/// Kept as the beginning of every receipt, so that the key is not worked in anew for each.
#[derive(Clone)]
pub struct ReceiptKey {
    begun: Hmac<Sha256>,
    mark: [u8; 32],
}

impl std::fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReceiptKey(hidden)")
    }
}

impl ReceiptKey {
    /// The key of these random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        let begun = Hmac::<Sha256>::new_from_slice(&bytes).expect("HMAC takes a key of any length");
        let mark = Sha256::new().chain_update("simpul receipt key 1").chain_update(bytes).finalize().into();
        Self { begun, mark }
    }

    /// By which a store knows the key whose receipts it holds; it does not give the key away.
    pub fn mark(&self) -> &[u8; 32] {
        &self.mark
    }

    /// The receipt of an item.
    pub fn receipt(
        &self,
        scope: Scope<'_>,
        subject: Subject<'_>,
        by: &UserId,
        device: DeviceId,
        at: u64,
    ) -> Receipt {
        receipt_of(self.mac(scope, subject, by, device, at))
    }

    /// The receipt that stands for all entries of a document that a snapshot folds; the tree is over their
    /// [`folded_leaf`]s, in ascending order of the changes' hashes.
    pub fn folded_receipt(&self, scope: Scope<'_>, tree: &Tree) -> Receipt {
        receipt_of(self.folded_mac(scope, tree.size(), &tree.root()))
    }

    fn folded_mac(&self, scope: Scope<'_>, size: u64, root: &Node) -> Hmac<Sha256> {
        let mut form = Form::new("simpul folded receipt 1");
        form.scope(scope);
        form.number(size);
        form.fixed(root);
        let mut mac = self.begun.clone();
        mac.update(&form.0);
        mac
    }

    /// Whether this relay gave out the receipt of an entry that is offered in this feed, or one that stands for it;
    /// takes the same time for every wrong one of a kind.
    pub fn is_valid(&self, subject: Subject<'_>, feed: &FeedId, entry: &Entry) -> bool {
        let scope = Scope { doc: entry.doc, kind: entry.kind, feed };
        let mac = match (&entry.inclusion, subject) {
            (None, _) => self.mac(scope, subject, &entry.by, entry.device, entry.at),
            (Some(inclusion), Subject::Change(hash)) => {
                let leaf = folded_leaf(hash, &entry.by, entry.device, entry.at);
                let Some(root) = inclusion.root(leaf) else { return false };
                self.folded_mac(scope, inclusion.size, &root)
            }
            // No snapshot folds a decision.
            (Some(_), Subject::Decision(_)) => return false,
        };
        mac.verify_truncated_left(entry.receipt.as_bytes()).is_ok()
    }

    fn mac(
        &self,
        scope: Scope<'_>,
        subject: Subject<'_>,
        by: &UserId,
        device: DeviceId,
        at: u64,
    ) -> Hmac<Sha256> {
        let mut form = Form::new("simpul receipt 1");
        form.scope(scope);
        match subject {
            Subject::Change(hash) => {
                form.fixed(&[1]);
                form.fixed(hash.as_bytes());
            }
            Subject::Decision(decision) => {
                form.fixed(&[2]);
                form.decision(decision);
            }
        }
        form.author(by, device, at);
        let mut mac = self.begun.clone();
        mac.update(&form.0);
        mac
    }
}

fn receipt_of(mac: Hmac<Sha256>) -> Receipt {
    let digest = mac.finalize().into_bytes();
    let mut receipt = [0; Receipt::LENGTH];
    receipt.copy_from_slice(&digest[..Receipt::LENGTH]);
    Receipt::from_bytes(receipt)
}

/// What an entry says that a snapshot folds, as a leaf of the tree under the snapshot's receipt.
pub fn folded_leaf(hash: ChangeHash, by: &UserId, device: DeviceId, at: u64) -> Node {
    let mut form = Form::new("simpul folded entry 1");
    form.fixed(hash.as_bytes());
    form.author(by, device, at);
    inclusion::leaf(&form.0)
}

/// Bytes under a hash: every part of variable length is preceded by its length, so that no two different
/// entries have the same form.
struct Form(Vec<u8>);

impl Form {
    fn new(purpose: &str) -> Self {
        let mut form = Self(Vec::with_capacity(192));
        form.text(purpose);
        form
    }

    fn shortened(&self) -> Tag {
        let digest = Sha256::digest(&self.0);
        let mut tag = [0; Tag::LENGTH];
        tag.copy_from_slice(&digest[..Tag::LENGTH]);
        Tag::from_bytes(tag)
    }

    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn scope(&mut self, Scope { doc, kind, feed }: Scope<'_>) {
        self.fixed(doc.as_bytes());
        self.text(kind.as_str());
        self.text(feed.as_str());
    }

    fn author(&mut self, by: &UserId, device: DeviceId, at: u64) {
        self.text(by.as_str());
        self.fixed(device.as_bytes());
        self.number(at);
    }

    fn decision(&mut self, decision: &Decision) {
        self.fixed(decision.decision.as_bytes());
        self.text(decision.event.as_str());
        self.number(decision.heads.len() as u64);
        for head in &decision.heads {
            self.fixed(head.as_bytes());
        }
        self.fixed(&[u8::from(decision.note.is_some())]);
        self.text(decision.note.as_deref().unwrap_or_default());
        self.number(decision.made_at);
    }
}
