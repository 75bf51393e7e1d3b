//! What the writer must know before it decides, as plain data: a store loads it for a whole batch of
//! submissions at once, inside the transaction that will store them.

use super::entry::{Place, Standing};
use crate::change_check::history::Known;
use crate::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, FeedId, SessionId, Tag, UserId};
use crate::model::decision::{Course, FourEyes};
use crate::model::kind::Kind;
use crate::model::known_change::is_nobodys;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::role::Role;
use crate::wire::Decision;

/// Which facts a batch of submissions asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// People: their roles in all feeds.
    pub people: OrderedSet<UserId>,
    /// Sessions.
    pub sessions: OrderedSet<SessionId>,
    /// Devices: whose they are.
    pub devices: OrderedSet<DeviceId>,
    /// Documents.
    pub documents: OrderedSet<DocumentId>,
    /// Changes: those that are brought, and those that they build on.
    pub changes: OrderedSet<(DocumentId, ChangeHash)>,
    /// Changes that are brought: how they stand in the log, where they do. With the actor of each and its
    /// number: one above the actor's last is surely not stored.
    pub brought: OrderedMap<(DocumentId, ChangeHash), (ActorId, u64)>,
    /// Changes for which another may stand: those that are brought, and those for which they stand.
    pub stood_for: OrderedSet<(DocumentId, ChangeHash)>,
    /// Actors: the number of their last change in the document.
    pub actors: OrderedSet<(DocumentId, ActorId)>,
    /// Decisions.
    pub decisions: OrderedSet<DecisionId>,
    /// Documents that are decided on: which version of each was submitted last, and its heads among the changes.
    pub decided: OrderedSet<DocumentId>,
    /// Feeds. A store loads, besides these, every feed in which one of `documents` stands.
    pub feeds: OrderedSet<FeedId>,
}

/// What the store knows of all that. What it does not know is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Each role of each person.
    pub roles: OrderedMap<UserId, OrderedMap<FeedId, Role>>,
    /// Each session that has not been ended, of a person who is not disabled and a device that is not revoked.
    pub sessions: OrderedMap<SessionId, SessionFacts>,
    /// Whose each device is.
    pub devices: OrderedMap<DeviceId, DeviceFacts>,
    /// Each document.
    pub documents: OrderedMap<DocumentId, DocumentFacts>,
    /// Each change that is stored.
    pub changes: OrderedMap<(DocumentId, ChangeHash), ChangeFacts>,
    /// How each of the changes that are brought stands in the log already.
    pub brought: OrderedMap<(DocumentId, ChangeHash), Standing>,
    /// The change that stands for each, where one does. No change is stored itself and stood for.
    pub stood_for: OrderedMap<(DocumentId, ChangeHash), ChangeHash>,
    /// The number of each actor's last change in the document.
    pub actors: OrderedMap<(DocumentId, ActorId), u64>,
    /// Each decision that is stored.
    pub decisions: OrderedMap<DecisionId, DecisionFacts>,
    /// The heads of the version of each document that was submitted last.
    pub submitted: OrderedMap<DocumentId, Vec<ChangeHash>>,
    /// Each feed.
    pub feeds: OrderedMap<FeedId, FeedFacts>,
}

/// A session, as the writer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// The person.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// When it ends, milliseconds since 1970.
    pub expires_at: u64,
}

/// A device, as the writer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFacts {
    /// Whose it is.
    pub owner: UserId,
    /// Revoked: nothing is taken from it any more.
    pub is_revoked: bool,
}

/// A document, as the writer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFacts {
    /// Its kind.
    pub kind: Kind,
    /// Its home feed.
    pub home: FeedId,
    /// The feeds that it stands in, its home among them.
    pub feeds: OrderedSet<FeedId>,
    /// What its decisions come to.
    pub course: Course,
    /// Bytes of its changes.
    pub bytes: u64,
}

/// A stored change, as the writer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFacts {
    /// The number of its entry in the document's home feed.
    pub seq: u64,
    /// What another change that builds on it must know.
    pub known: Known,
}

/// A stored decision, as the writer knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionFacts {
    /// The document.
    pub doc: DocumentId,
    /// Its first entry in the document's home feed.
    pub place: Place,
    /// How it stands there.
    pub standing: Standing,
    /// What it says.
    pub content: Decision,
}

/// A feed, as the writer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFacts {
    /// The number of its last entry.
    pub head: u64,
    /// The tag of its last entry.
    pub tag: Tag,
    /// Documents whose home it is.
    pub documents: u64,
    /// Bytes of the changes of these documents.
    pub bytes: u64,
    /// Whether who submits a document may approve it.
    pub four_eyes: FourEyes,
}

impl Default for FeedFacts {
    fn default() -> Self {
        Self { head: 0, tag: Tag::START, documents: 0, bytes: 0, four_eyes: FourEyes::default() }
    }
}

impl Facts {
    /// A person's role in a feed; `None` where they may not even read it.
    pub fn role(&self, user: &UserId, feed: &FeedId) -> Option<Role> {
        self.roles.get(user)?.get(feed).copied()
    }

    /// Whether a version of a document, by its heads, has all that was in the one that was submitted last. So it is where none
    /// was; a head that is not known is in no version.
    pub fn has_submission(&self, doc: DocumentId, heads: &[ChangeHash]) -> bool {
        let clock = |head: &ChangeHash| self.changes.get(&(doc, *head)).map(|change| &change.known.clock.0);
        let reaches = |actor: &ActorId, number: &u64| {
            heads.iter().filter_map(clock).any(|known| known.get(actor).is_some_and(|last| last >= number))
        };
        let has = |submitted: &ChangeHash| {
            // What nobody made belongs to no version.
            let is_reached = |(actor, number): (&ActorId, &u64)| is_nobodys(*actor) || reaches(actor, number);
            heads.contains(submitted) || clock(submitted).is_some_and(|clock| clock.iter().all(is_reached))
        };
        self.submitted.get(&doc).is_none_or(|submitted| submitted.iter().all(has))
    }

    /// Whether a person may read some feed in which the document stands.
    pub fn may_read(&self, user: &UserId, document: &DocumentFacts) -> bool {
        document.feeds.iter().any(|feed| self.role(user, feed).is_some())
    }
}
