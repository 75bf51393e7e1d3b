//! What a connection hands to the writer: a frame that asks for something to be stored, its bytes
//! already through the change check.

use super::entry::Subject;
use super::facts::Needs;
use super::nobody::closed_with;
use crate::change_check::{ChangeHeader, Refusal, check_change};
use crate::code::{Code, Coded};
use crate::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId, SessionId, UserId};
use crate::inclusion::LONGEST_PATH_BYTES;
use crate::model::kind::Kind;
use crate::wire::code::NackCode;
use crate::wire::{Bytes, Decide, Decision, Entry, Nack, Offer, Push, limits};

/// Something to be stored, and who asks for it.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The person of the session.
    pub user: UserId,
    /// The device of the session.
    pub device: DeviceId,
    /// The session. `None`: the relay brings it itself, as it does for a demonstration.
    pub session: Option<SessionId>,
    /// The relay's clock, milliseconds since 1970.
    pub at: u64,
    /// The feed that the frame names.
    pub feed: FeedId,
    /// What is to be stored.
    pub request: Request,
}

/// What is to be stored.
#[derive(Clone, Debug)]
pub enum Request {
    /// Changes of one document, made on the session's device.
    Push {
        /// The document.
        doc: DocumentId,
        /// The document's kind.
        kind: Kind,
        /// Dependencies first.
        changes: Vec<IncomingChange>,
    },
    /// A decision on one document, made by the session's person.
    Decide {
        /// The document.
        doc: DocumentId,
        /// The decision.
        decision: Decision,
    },
    /// Entries that others made.
    Offer(Vec<OfferedEntry>),
}

/// A change that passed the change check. Its operations are not kept: a push of 64 changes may inflate to
/// 256 MiB, and the relay asks for none of them.
#[derive(Clone, Debug)]
pub struct IncomingChange {
    /// What it says of itself.
    pub checked: ChangeHeader,
    /// The chunk as it was sent.
    pub bytes: Bytes,
}

/// An entry that is offered.
#[derive(Clone, Debug)]
pub struct OfferedEntry {
    /// As it stood in a batch. Its change is moved to `content`.
    pub entry: Entry,
    /// What it is.
    pub content: OfferedContent,
}

/// What an offered entry is.
#[derive(Clone, Debug)]
pub enum OfferedContent {
    /// A change.
    Change(Box<IncomingChange>),
    /// A decision.
    Decision(Decision),
}

impl OfferedEntry {
    /// What the entry's receipt is about.
    pub fn subject(&self) -> Subject<'_> {
        match &self.content {
            OfferedContent::Change(change) => Subject::Change(change.checked.hash),
            OfferedContent::Decision(decision) => Subject::Decision(decision),
        }
    }
}

/// The last millisecond of the year 9999: a later time is no time, and stores could not hold every number.
const LAST_TIME: u64 = 253_402_300_799_999;

/// A refusal of the frame with this id.
pub(super) fn nack(id: Option<u64>, code: NackCode, message: impl Into<String>) -> Nack {
    Nack { id, code, message: message.into(), hashes: None, retry_ms: None }
}

fn unknown_kind(id: Option<u64>, what: &str) -> Nack {
    nack(id, NackCode::UnknownKind, format!("this relay is too old for {what}"))
}

/// What a code stands for, where this relay knows it.
fn known<T: Coded>(id: Option<u64>, code: &Code<T>) -> Result<T, Nack> {
    code.known().ok_or_else(|| unknown_kind(id, code.as_str()))
}

impl Submission {
    /// Takes a push.
    ///
    /// # Errors
    /// The answer, where the push is over a limit or one of its changes does not pass the change check.
    pub fn push(user: UserId, device: DeviceId, at: u64, push: Push) -> Result<Self, Nack> {
        let id = Some(push.id);
        if push.changes.is_empty() {
            return Err(nack(id, NackCode::BadChange, "the push brings no change"));
        }
        if push.changes.len() > limits::PUSH_CHANGES {
            return Err(nack(id, NackCode::TooLarge, "the push brings more changes than the limit"));
        }
        if push.changes.iter().map(|bytes| bytes.len()).sum::<usize>() > limits::PUSH_BYTES {
            return Err(nack(id, NackCode::TooLarge, "the push brings more bytes than the limit"));
        }
        let kind = known(id, &push.kind)?;
        let changes =
            push.changes.into_iter().map(|bytes| incoming(id, bytes)).collect::<Result<Vec<_>, _>>()?;
        let request = Request::Push { doc: push.doc, kind, changes };
        Ok(Self { user, device, session: None, at, feed: push.feed, request })
    }

    /// Takes a decision.
    ///
    /// # Errors
    /// The answer, where it is over a limit.
    pub fn decide(user: UserId, device: DeviceId, at: u64, decide: Decide) -> Result<Self, Nack> {
        let decision = Decision {
            decision: decide.decision,
            event: known(Some(decide.id), &decide.event)?,
            heads: decide.heads,
            note: decide.note,
            made_at: decide.made_at,
        };
        check_decision(Some(decide.id), &decision)?;
        let request = Request::Decide { doc: decide.doc, decision };
        Ok(Self { user, device, session: None, at, feed: decide.feed, request })
    }

    /// Takes an offer.
    ///
    /// # Errors
    /// The answer, where an entry cannot be offered, is over a limit or does not pass the change check.
    pub fn offer(user: UserId, device: DeviceId, at: u64, offer: Offer) -> Result<Self, Nack> {
        let id = Some(offer.id);
        if !offer.newer.is_empty() {
            return Err(unknown_kind(id, "an entry of this sort"));
        }
        let mut entries = Vec::new();
        for mut entry in offer.entries {
            let content = match (entry.change.take(), &entry.decision) {
                (Some(bytes), None) => OfferedContent::Change(Box::new(incoming(id, bytes)?)),
                (None, Some(decision)) => {
                    check_decision(id, decision)?;
                    OfferedContent::Decision(decision.clone())
                }
                _ => {
                    let message = "only entries of one change or one decision can be offered";
                    return Err(nack(id, NackCode::BadChange, message));
                }
            };
            // Neither is looked at, and both would wait with the rest.
            (entry.snapshot, entry.folded) = (None, None);
            if entry.inclusion.as_ref().is_some_and(|inclusion| inclusion.path.len() > LONGEST_PATH_BYTES) {
                return Err(nack(
                    id,
                    NackCode::TooLarge,
                    "the path of an inclusion is longer than any tree is high",
                ));
            }
            entries.push(OfferedEntry { entry, content });
        }
        if entries.is_empty() {
            return Err(nack(id, NackCode::BadChange, "the offer brings no entry"));
        }
        Ok(Self { user, device, session: None, at, feed: offer.feed, request: Request::Offer(entries) })
    }

    /// The same, brought in a session: it is stored only while the session is good.
    #[must_use]
    pub fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// Adds the facts that the writer needs for it.
    pub fn add_needs(&self, needs: &mut Needs) {
        if !needs.people.contains(&self.user) {
            needs.people.insert(self.user.clone());
        }
        needs.sessions.extend(self.session);
        needs.devices.insert(self.device);
        if !needs.feeds.contains(&self.feed) {
            needs.feeds.insert(self.feed.clone());
        }
        match &self.request {
            Request::Push { doc, kind, changes } => {
                needs.documents.insert(*doc);
                needs.documents.extend(closed_with(*doc, *kind, &self.feed));
                for change in changes {
                    needs.add_change(*doc, &change.checked);
                }
            }
            Request::Decide { doc, decision } => {
                needs.documents.insert(*doc);
                needs.decided.insert(*doc);
                needs.add_decision(*doc, decision);
            }
            Request::Offer(entries) => {
                for offered in entries {
                    needs.documents.insert(offered.entry.doc);
                    needs.documents.extend(closed_with(offered.entry.doc, offered.entry.kind, &self.feed));
                    needs.devices.insert(offered.entry.device);
                    match &offered.content {
                        OfferedContent::Change(change) => {
                            needs.add_change(offered.entry.doc, &change.checked);
                        }
                        OfferedContent::Decision(decision) => {
                            needs.add_decision(offered.entry.doc, decision);
                        }
                    }
                }
            }
        }
    }

    /// The memory that it takes while it waits, in bytes: chunks, their headers, and the rest.
    pub fn size_bytes(&self) -> usize {
        let of_change = |change: &IncomingChange| {
            let IncomingChange { checked, bytes } = change;
            let hashes = (checked.deps.len() + checked.stands_for.len()) * ChangeHash::LENGTH;
            bytes.len() + hashes + checked.other_actors.len() * ActorId::LENGTH + 1024
        };
        let of_decision = |decision: &Decision| {
            decision.heads.len() * ChangeHash::LENGTH + decision.note.as_ref().map_or(0, String::len) + 256
        };
        match &self.request {
            Request::Push { changes, .. } => changes.iter().map(of_change).sum(),
            Request::Decide { decision, .. } => of_decision(decision),
            Request::Offer(entries) => entries
                .iter()
                .map(|offered| {
                    let path = offered.entry.inclusion.as_ref().map_or(0, |inclusion| inclusion.path.len());
                    path + match &offered.content {
                        OfferedContent::Change(change) => of_change(change),
                        OfferedContent::Decision(decision) => of_decision(decision),
                    }
                })
                .sum(),
        }
    }

    /// The changes that it brings.
    pub fn hashes(&self) -> Vec<(DocumentId, ChangeHash)> {
        match &self.request {
            Request::Push { doc, changes, .. } => {
                changes.iter().map(|change| (*doc, change.checked.hash)).collect()
            }
            Request::Decide { .. } => Vec::new(),
            Request::Offer(entries) => entries
                .iter()
                .filter_map(|offered| match &offered.content {
                    OfferedContent::Change(change) => Some((offered.entry.doc, change.checked.hash)),
                    OfferedContent::Decision(_) => None,
                })
                .collect(),
        }
    }
}

impl Needs {
    fn add_change(&mut self, doc: DocumentId, change: &ChangeHeader) {
        self.changes.insert((doc, change.hash));
        self.brought.insert((doc, change.hash), (change.actor, change.seq));
        self.changes.extend(change.deps.iter().map(|dep| (doc, *dep)));
        self.actors.insert((doc, change.actor));
        self.stood_for.insert((doc, change.hash));
        let originals = change.stands_for.iter().map(|hash| (doc, *hash));
        self.changes.extend(originals.clone());
        self.stood_for.extend(originals);
    }

    fn add_decision(&mut self, doc: DocumentId, decision: &Decision) {
        self.decisions.insert(decision.decision);
        self.changes.extend(decision.heads.iter().map(|head| (doc, *head)));
    }
}

fn incoming(id: Option<u64>, bytes: Bytes) -> Result<IncomingChange, Nack> {
    match check_change(&bytes) {
        Ok(checked) => Ok(IncomingChange { checked: checked.header, bytes }),
        Err(refusal) => {
            let code = match refusal {
                Refusal::TooLarge(_) => NackCode::TooLarge,
                Refusal::Actor(_) => NackCode::WrongActor,
                _ => NackCode::BadChange,
            };
            Err(nack(id, code, refusal.to_string()))
        }
    }
}

fn check_decision(id: Option<u64>, decision: &Decision) -> Result<(), Nack> {
    if decision.heads.is_empty() {
        return Err(nack(id, NackCode::BadDecision, "the decision names no version"));
    }
    if decision.heads.len() > limits::HEADS {
        return Err(nack(id, NackCode::TooLarge, "the decision names more heads than the limit"));
    }
    if decision.note.as_ref().is_some_and(|note| note.len() > limits::NOTE_BYTES) {
        return Err(nack(id, NackCode::TooLarge, "the decision's note is longer than the limit"));
    }
    if decision.made_at > LAST_TIME {
        return Err(nack(id, NackCode::BadDecision, "the decision's time is no time"));
    }
    Ok(())
}
