//! What people say about a document in one feed: remarks on a place of it, in a document of its own, so that a remark
//! changes nothing that was approved.
//!
//! There is one for each document and feed. Its id follows from both, and the other way round; so nobody has to be told of
//! it, and whoever begins it (two devices offline, at once) begins the same one. Two first changes of two devices would
//! make the list of remarks twice. So it begins with one that nobody makes: its bytes follow from document and feed too.

use sha2::{Digest, Sha256};

use super::document::{Document, Made, NewChange};
use super::edit::Edit;
use super::field::{Fact, FactValue, Item, List, Prose, Record, Schema, record};
use super::kind::Kind;
use super::known_change::beginning_actor;
use crate::ids::{DocumentId, FeedId};

record! {
    /// What a discussion is about; the first change says it.
    pub struct Topic in topic {
        /// The document.
        about: Fact<DocumentId>,
        /// The feed whose people talk.
        feed: Fact<String>,
    }
}

record! {
    /// What somebody said. Who and when, the change tells with which it was made.
    pub struct Remark in remark {
        /// The words.
        text: Prose,
        /// The list of the document in which the place is; none for the root.
        list: Fact<String>,
        /// The item of the list.
        item: Fact<String>,
        /// The field; none for the whole item, or the whole document.
        field: Fact<String>,
        /// The words of the field that it is about; none for all of it.
        quote: Fact<String>,
        /// The remark that it answers.
        reply_to: Fact<String>,
        /// Nothing is left to do.
        settled: Fact<bool>,
    }
}

/// What was said.
pub const REMARKS: List = List { name: "remarks", fields: Remark::FIELDS };

/// The schema of discussions.
pub const SCHEMA: Schema = Schema { fields: Topic::FIELDS, lists: &[REMARKS] };

/// A discussion as a screen shows it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Discussion {
    /// What it is about.
    pub topic: Topic,
    /// In their order, each with who made it and when.
    pub remarks: Vec<(Item<Remark>, Option<Made>)>,
}

impl Discussion {
    /// Reads the discussion from its document.
    pub fn read(document: &Document) -> Self {
        let remarks = document.items(REMARKS).into_iter();
        Self {
            topic: Topic::read(&document.root()),
            remarks: remarks
                .map(|remark: Item<Remark>| {
                    let made = document.item_made(REMARKS, remark.id);
                    (remark, made)
                })
                .collect(),
        }
    }
}

/// The bytes of an id that say which version and variant of UUID it is.
const VERSION: usize = 6;
const VARIANT: usize = 8;

/// Whether an id is that of a discussion: a UUID of version 8. Those of all other documents are of version 4, so that
/// nobody begins another document in the place of a discussion.
pub fn is_id(id: DocumentId) -> bool {
    is_of_version(id, 8)
}

/// The id of the discussion of a document in a feed; `None` where the document has an id of another form than ours.
pub fn id_of(document: DocumentId, feed: &FeedId) -> Option<DocumentId> {
    is_of_version(document, 4).then(|| masked(document, feed, 8))
}

/// The document that a discussion in a feed is about; `None` where the id is not one of a discussion.
pub fn document_of(id: DocumentId, feed: &FeedId) -> Option<DocumentId> {
    is_id(id).then(|| masked(id, feed, 4))
}

fn is_of_version(id: DocumentId, version: u8) -> bool {
    id.as_bytes()[VERSION] >> 4 == version && id.as_bytes()[VARIANT] >> 6 == 0b10
}

/// An id combined with the feed by exclusive or, which takes it to the other and back.
fn masked(id: DocumentId, feed: &FeedId, version: u8) -> DocumentId {
    let mask = Sha256::new().chain_update("simpul discussion 1").chain_update(feed.as_str()).finalize();
    let mut bytes: [u8; DocumentId::LENGTH] = std::array::from_fn(|place| id.as_bytes()[place] ^ mask[place]);
    bytes[VERSION] = (bytes[VERSION] & 0x0f) | (version << 4);
    bytes[VARIANT] = (bytes[VARIANT] & 0x3f) | 0x80;
    DocumentId::from_bytes(bytes)
}

/// The first change of the discussion with this id in a feed; `None` where the id is not one of a discussion. Do not
/// change what it says: relays take this one and no other.
pub fn first_change(id: DocumentId, feed: &FeedId) -> Option<NewChange> {
    let about = document_of(id, feed)?;
    let mut document = Document::create(id, Kind::Discussion, beginning_actor(Kind::Discussion));
    for (field, value) in
        [(topic::about, about.to_scalar()), (topic::feed, feed.as_str().to_owned().to_scalar())]
    {
        document.edit(&Edit::Set { field: field.at_root(), value }).ok()?;
    }
    document.commit(0)
}
