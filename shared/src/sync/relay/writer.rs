//! What the writer decides: whether a submission is stored, and exactly how.
//!
//! Decide first, then do. [`decide`] is asked for each submission of a batch in order, over the facts that
//! the store loaded for all of them; what one submission stores, the later ones already see. A store
//! carries the plans out in the same transaction, and answers only after that is on disk.
//!
//! What must not happen here: a change attributed to a person whose device did not make it; a sign that a
//! document exists to someone who may not read it; half a push.

use super::draft::Draft;
use super::entry::{Authorship, Content, Item, Place, ReceiptKey, Scope, Stored, Subject};
use super::facts::{DecisionFacts, DocumentFacts, Facts, FeedFacts, Needs};
use super::held_back::busy;
use super::nobody;
use super::submission::{IncomingChange, OfferedContent, OfferedEntry, Request, Submission, nack};
use crate::change_check::ChangeHeader;
use crate::change_check::history::{HistoryRefusal, Known, check_history};
use crate::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId, Tag, UserId};
use crate::model::decision::{DecisionRefusal, State};
use crate::model::kind::Kind;
use crate::model::known_change::KnownChanges;
use crate::role::Role;
use crate::wire::code::NackCode;
use crate::wire::{Ack, Bytes, Decision, FromRelay, Nack, Proof, RelayLimits, limits};

/// What the relay's operator sets.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The key of the receipts.
    pub key: ReceiptKey,
    /// The quotas.
    pub limits: RelayLimits,
    /// The changes that nobody made and everybody may bring.
    pub known: KnownChanges,
}

impl Rules {
    /// The rules of this version.
    pub fn new(key: ReceiptKey, limits: RelayLimits) -> Self {
        Self { key, limits, known: KnownChanges::OF_THIS_VERSION }
    }
}

/// What becomes of a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is stored, by this plan.
    Accept(Plan),
    /// All of it is stored already.
    AlreadyStored(Stored),
    /// Nothing of it is stored.
    Refuse(Nack),
}

/// What is to be stored, all of it or nothing. Carry out in the order of the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Devices that a receipt proves to have been enrolled, and whose they are.
    pub enrolments: Vec<(DeviceId, UserId)>,
    /// New documents.
    pub beginnings: Vec<Beginning>,
    /// New changes and decisions.
    pub items: Vec<NewItem>,
    /// What the ack says.
    pub ack: Stored,
}

/// A new document.
#[derive(Clone, Debug, PartialEq)]
pub struct Beginning {
    /// The document.
    pub doc: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Its home feed.
    pub home: FeedId,
}

/// A new item of the log, and its entries.
#[derive(Clone, Debug, PartialEq)]
pub struct NewItem {
    /// The item.
    pub item: Item,
    /// Of a change: its actor, its number among the actor's, and what another that builds on it must know.
    pub history: Option<(ActorId, u64, Known)>,
    /// Of a change: those for which it stands.
    pub stands_for: Vec<ChangeHash>,
    /// Its entries, in ascending order of the feeds.
    pub places: Vec<Placed>,
}

/// One entry of a new item.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The feed.
    pub feed: FeedId,
    /// Its number there.
    pub seq: u64,
    /// Its tag.
    pub tag: Tag,
}

impl Verdict {
    /// The answer to the submission, once its plan is on disk.
    pub fn answer(&self) -> Result<Stored, Nack> {
        match self {
            Verdict::Accept(plan) => Ok(plan.ack.clone()),
            Verdict::AlreadyStored(stored) => Ok(stored.clone()),
            Verdict::Refuse(nack) => Err(nack.clone()),
        }
    }
}

/// The frame that carries an answer to the frame with this id.
pub fn answer_frame(id: u64, answer: Result<Stored, Nack>) -> FromRelay {
    match answer {
        Ok(Stored { place, tag, proofs }) => {
            FromRelay::Ack(Ack { id, feed: place.feed, seq: place.seq, tag, proofs })
        }
        Err(nack) => FromRelay::Nack(Nack { id: Some(id), ..nack }),
    }
}

/// The facts that a batch of submissions asks for.
pub fn needs<'a>(submissions: impl IntoIterator<Item = &'a Submission>) -> Needs {
    let mut needs = Needs::default();
    for submission in submissions {
        submission.add_needs(&mut needs);
    }
    needs
}

/// Decides on one submission; `facts` must hold what [`Submission::add_needs`] names. Where it is accepted,
/// `facts` afterwards holds what is known once the plan is carried out; else it is as before.
pub fn decide(facts: &mut Facts, submission: &Submission, rules: &Rules) -> Verdict {
    if !is_signed_in(facts, submission) {
        return Verdict::Refuse(signed_out());
    }
    let judged = match &submission.request {
        Request::Push { doc, kind, changes } => judge_push(facts, submission, rules, *doc, *kind, changes),
        Request::Decide { doc, decision } => judge_decision(facts, submission, rules, *doc, decision),
        Request::Offer(entries) => judge_offer(facts, submission, rules, entries),
    };
    judged.map_or_else(|verdict| *verdict, Verdict::Accept)
}

type Judged<T> = Result<T, Box<Verdict>>;

fn refuse<T>(code: NackCode, message: impl Into<String>) -> Judged<T> {
    Err(Box::new(Verdict::Refuse(nack(None, code, message))))
}

/// To who may only read in a feed, whatever document they push to it.
const MAY_NOT_WRITE: &str = "you may read this document, but not write it";

fn unknown_document<T>() -> Judged<T> {
    refuse(NackCode::UnknownDocument, "there is no such document for you")
}

fn judge_push(
    facts: &mut Facts,
    submission: &Submission,
    rules: &Rules,
    doc: DocumentId,
    kind: Kind,
    changes: &[IncomingChange],
) -> Judged<Plan> {
    let known = facts.documents.get(&doc);
    let role = role_for_writing(facts, &submission.user, &submission.feed, known)?;
    if let Some(document) = known {
        if document.home != submission.feed {
            return refuse(NackCode::Forbidden, "the document's home is another feed");
        }
        let mut last = Last::default();
        if changes.iter().all(|change| last.is_stored(facts, submission, (doc, change.checked.hash))) {
            return Err(Box::new(Verdict::AlreadyStored(last.stored(document.home.clone()))));
        }
    }
    if !role.is_some_and(Role::may_write) {
        return refuse(NackCode::Forbidden, MAY_NOT_WRITE);
    }
    if known.is_some_and(|document| document.kind != kind) {
        return refuse(NackCode::BadChange, "the document is of another kind");
    }
    if is_archived(facts, doc, kind, &submission.feed) {
        return refuse(NackCode::Archived, "the document is archived");
    }
    if !is_own_device(facts, submission) {
        return refuse(NackCode::WrongActor, "the session's device is not enrolled for this person");
    }
    let is_new = known.is_none();
    let feed = submission.feed.clone();
    let mut draft = Draft::new(facts);
    if is_new {
        begin(&mut draft, doc, kind, &feed)?;
    }
    let mut last = Last::default();
    for change in changes {
        let scope = Scope { doc, kind, feed: &feed };
        let nobodys = bytes_of_nobody(&draft, rules, scope, &change.checked)?;
        if nobodys.is_none() && change.checked.actor.device() != submission.device {
            let message = "the change's actor does not belong to the session's device";
            return refuse(NackCode::WrongActor, message);
        }
        if last.is_stored(draft.facts(), submission, (doc, change.checked.hash)) {
            continue;
        }
        check_stand_in(&draft, doc, &change.checked)?;
        let (seq, tag) = if let Some(bytes) = nobodys {
            let authorship = nobody::authorship(rules, scope, &change.checked, submission.at);
            last.proofs.push(None);
            add_change(&mut draft, doc, kind, authorship, &change.checked, bytes)?
        } else {
            let subject = Subject::Change(change.checked.hash);
            let author = (&submission.user, submission.device, submission.at);
            let authorship = sign(rules, scope, subject, author);
            last.proofs.push(Some(Proof(authorship.at, authorship.receipt)));
            add_change(&mut draft, doc, kind, authorship, &change.checked, change.bytes.clone())?
        };
        last.reach(seq, Some(tag));
    }
    check_quota(&draft, doc, rules)?;
    Ok(draft.finish(last.stored(feed)))
}

/// Whether a document takes no changes any more, or the one that it belongs to.
fn is_archived(facts: &Facts, doc: DocumentId, kind: Kind, home: &FeedId) -> bool {
    let closing = [Some(doc), nobody::closed_with(doc, kind, home)];
    let is_archived = |doc: DocumentId| {
        facts
            .documents
            .get(&doc)
            .is_some_and(|document| document.feeds.contains(home) && document.course.state == State::Archived)
    };
    closing.into_iter().flatten().any(is_archived)
}

/// Begins a document, which must have an id of its kind.
fn begin(draft: &mut Draft<'_>, doc: DocumentId, kind: Kind, home: &FeedId) -> Judged<()> {
    if !nobody::is_id_of_kind(doc, kind) {
        return refuse(NackCode::BadChange, "the id is that of a document of another kind");
    }
    draft.begin(doc, kind, home.clone());
    Ok(())
}

/// The bytes with which a change of a document is stored that nobody made.
fn bytes_of_nobody(
    draft: &Draft<'_>,
    rules: &Rules,
    scope: Scope<'_>,
    change: &ChangeHeader,
) -> Judged<Option<Bytes>> {
    let is_begun = draft.document(scope.doc).is_some_and(|document| document.bytes > 0);
    nobody::bytes_of(rules, scope, is_begun, change).map_err(|nack| Box::new(Verdict::Refuse(nack)))
}

fn judge_decision(
    facts: &mut Facts,
    submission: &Submission,
    rules: &Rules,
    doc: DocumentId,
    decision: &Decision,
) -> Judged<Plan> {
    let feed = &submission.feed;
    let document = facts.documents.get(&doc).filter(|document| facts.may_read(&submission.user, document));
    let Some(document) = document else { return unknown_document() };
    let Some(role) = facts.role(&submission.user, feed).filter(|_| document.feeds.contains(feed)) else {
        return refuse(NackCode::Forbidden, "you may read this document, but not decide this");
    };
    if let Some(stored) = facts.decisions.get(&decision.decision) {
        // Who made it may have lost the right since, and must hear that it is stored all the same.
        let is_own = stored.standing.authorship.by == submission.user;
        if is_own && stored.doc == doc && stored.content == *decision {
            return Err(Box::new(Verdict::AlreadyStored(stored_decision(stored, submission))));
        }
        return refuse(NackCode::BadDecision, "the decision's id is taken");
    }
    if !decision.event.is_allowed_for(role) {
        return refuse(NackCode::Forbidden, "you may read this document, but not decide this");
    }
    if !is_own_device(facts, submission) {
        return refuse(NackCode::WrongActor, "the session's device is not enrolled for this person");
    }
    if !document.kind.is_record() {
        return refuse(NackCode::BadDecision, "nobody decides on a document of this kind");
    }
    let four_eyes = facts.feeds.get(&document.home).map(|home| home.four_eyes).unwrap_or_default();
    let note = decision.note.as_deref();
    if let Err(refusal) = document.course.judge(decision.event, &submission.user, note, four_eyes) {
        return refuse(decision_code(refusal), refusal.to_string());
    }
    check_heads(facts, doc, decision)?;
    if decision.event.needs_last_submission() && !facts.has_submission(doc, &decision.heads) {
        let refusal = DecisionRefusal::OtherSubmission;
        return refuse(decision_code(refusal), refusal.to_string());
    }
    let kind = document.kind;
    let scope = Scope { doc, kind, feed };
    let author = (&submission.user, submission.device, submission.at);
    let authorship = sign(rules, scope, Subject::Decision(decision), author);
    let mut draft = Draft::new(facts);
    let stored = draft.add_decision((doc, kind), authorship, decision);
    Ok(draft.finish(stored_decision(&stored, submission)))
}

/// A decision is on a version of its document that is in the log. What is of another document is not.
fn check_heads(facts: &Facts, doc: DocumentId, decision: &Decision) -> Judged<()> {
    let is_missing = |head: &&ChangeHash| !facts.changes.contains_key(&(doc, **head));
    let missing: Vec<ChangeHash> = decision.heads.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = "the decision is on changes that are not here";
    Err(Box::new(Verdict::Refuse(Nack {
        hashes: Some(missing),
        ..nack(None, NackCode::MissingDependencies, message)
    })))
}

fn judge_offer(
    facts: &mut Facts,
    submission: &Submission,
    rules: &Rules,
    entries: &[OfferedEntry],
) -> Judged<Plan> {
    let feed = &submission.feed;
    if facts.role(&submission.user, feed).is_none() {
        return unknown_document();
    }
    if !is_own_device(facts, submission) {
        return refuse(NackCode::WrongActor, "the session's device is not enrolled for this person");
    }
    let mut draft = Draft::new(facts);
    let mut last = Last::default();
    for offered in entries {
        let doc = offered.entry.doc;
        let kind = offered.entry.kind;
        if let Some(document) = draft.document(doc) {
            let may_read = draft.facts().may_read(&submission.user, document);
            let (is_here, is_of_kind) = (document.feeds.contains(feed), document.kind == kind);
            if !may_read {
                // Answered as one that does not exist, which takes a receipt first.
                vouched(&mut draft, rules, feed, offered)?;
            }
            if !may_read || !is_here {
                return unknown_document();
            }
            if !is_of_kind {
                return refuse(NackCode::BadChange, "the document is of another kind");
            }
        }
        let (seq, tag) = match &offered.content {
            OfferedContent::Change(change) => offered_change(&mut draft, rules, submission, offered, change)?,
            OfferedContent::Decision(decision) => {
                offered_decision(&mut draft, rules, feed, offered, decision)?
            }
        };
        last.reach(seq, tag);
        check_quota(&draft, doc, rules)?;
    }
    Ok(draft.finish(last.stored(feed.clone())))
}

/// Stores a change that is offered, unless it is there; where it stands.
fn offered_change(
    draft: &mut Draft<'_>,
    rules: &Rules,
    submission: &Submission,
    offered: &OfferedEntry,
    change: &IncomingChange,
) -> Judged<(u64, Option<Tag>)> {
    let feed = &submission.feed;
    let (doc, kind) = (offered.entry.doc, offered.entry.kind);
    let key = (doc, change.checked.hash);
    if let Some(stored) = draft.change(key) {
        return Ok((stored.seq, draft.standing(key).map(|standing| standing.tag)));
    }
    check_stand_in(draft, doc, &change.checked)?;
    let home = draft.document(doc).map_or_else(|| feed.clone(), |document| document.home.clone());
    let scope = Scope { doc, kind, feed: &home };
    let (authorship, bytes) = match bytes_of_nobody(draft, rules, scope, &change.checked)? {
        Some(bytes) => (nobodys_authorship(draft, rules, scope, submission, offered, change)?, bytes),
        None => (vouched(draft, rules, feed, offered)?, change.bytes.clone()),
    };
    if change.checked.actor.device() != authorship.device {
        return refuse(NackCode::WrongActor, "the change's actor does not belong to the entry's device");
    }
    if draft.document(doc).is_none() {
        begin(draft, doc, kind, feed)?;
    }
    let (seq, tag) = add_change(draft, doc, kind, authorship, &change.checked, bytes)?;
    Ok((seq, Some(tag)))
}

/// What stands in the log of an offered change that nobody made: what stood there, where a receipt says so; else it is
/// brought anew, by who may write the document.
fn nobodys_authorship(
    draft: &Draft<'_>,
    rules: &Rules,
    scope: Scope<'_>,
    submission: &Submission,
    offered: &OfferedEntry,
    change: &IncomingChange,
) -> Judged<Authorship> {
    if let Some(at) = nobody::proven_at(rules, &submission.feed, offered) {
        return Ok(nobody::authorship(rules, scope, &change.checked, at));
    }
    if !draft.facts().role(&submission.user, scope.feed).is_some_and(Role::may_write) {
        return refuse(NackCode::Forbidden, MAY_NOT_WRITE);
    }
    if is_archived(draft.facts(), scope.doc, scope.kind, scope.feed) {
        return refuse(NackCode::Archived, "the document is archived");
    }
    Ok(nobody::authorship(rules, scope, &change.checked, submission.at))
}

/// Stores a decision that is offered, unless it is there; where it stands. It waits for what it was made on.
fn offered_decision(
    draft: &mut Draft<'_>,
    rules: &Rules,
    feed: &FeedId,
    offered: &OfferedEntry,
    decision: &Decision,
) -> Judged<(u64, Option<Tag>)> {
    let (doc, kind) = (offered.entry.doc, offered.entry.kind);
    if let Some(stored) = draft.decision(decision.decision) {
        if stored.doc != doc || stored.content != *decision {
            return refuse(NackCode::BadDecision, "the decision's id is taken");
        }
        return Ok((stored.place.seq, Some(stored.standing.tag)));
    }
    let authorship = vouched(draft, rules, feed, offered)?;
    check_heads(draft.facts(), doc, decision)?;
    // It was allowed when it was made; it stands as it stood, even where decisions between are not back yet.
    let stored = draft.add_decision((doc, kind), authorship, decision);
    Ok((stored.place.seq, Some(stored.standing.tag)))
}

/// The last entry of what is brought, and the proofs for its maker.
#[derive(Default)]
struct Last {
    seq: u64,
    tag: Option<Tag>,
    proofs: Vec<Option<Proof>>,
}

impl Last {
    fn reach(&mut self, seq: u64, tag: Option<Tag>) {
        if seq >= self.seq {
            (self.seq, self.tag) = (seq, tag);
        }
    }

    /// Whether a change that is brought is in the log already; then it counts.
    fn is_stored(&mut self, facts: &Facts, submission: &Submission, key: (DocumentId, ChangeHash)) -> bool {
        let Some(stored) = facts.changes.get(&key) else { return false };
        let standing = facts.brought.get(&key);
        self.reach(stored.seq, standing.map(|standing| standing.tag));
        self.proofs.push(standing.and_then(|standing| standing.proof(&submission.user, submission.device)));
        true
    }

    fn stored(self, feed: FeedId) -> Stored {
        Stored { place: Place { feed, seq: self.seq }, tag: self.tag, proofs: self.proofs }
    }
}

fn decision_code(refusal: DecisionRefusal) -> NackCode {
    match refusal {
        DecisionRefusal::State(_) | DecisionRefusal::OtherSubmission => NackCode::BadDecision,
        DecisionRefusal::OwnSubmission => NackCode::OwnSubmission,
        DecisionRefusal::NotSubmitter => NackCode::NotSubmitter,
        DecisionRefusal::NoRemark => NackCode::NoRemark,
    }
}

fn stored_decision(stored: &DecisionFacts, submission: &Submission) -> Stored {
    let DecisionFacts { place, standing, .. } = stored;
    let proof = standing.proof(&submission.user, submission.device);
    Stored { place: place.clone(), tag: Some(standing.tag), proofs: vec![proof] }
}

/// The authorship of an offered entry, which the relay's own receipt proves; else it is not stored, whoever brings
/// it. A device that the store has forgotten is enrolled again on this proof; one that is somebody else's now proves
/// nothing.
fn vouched(
    draft: &mut Draft<'_>,
    rules: &Rules,
    feed: &FeedId,
    offered: &OfferedEntry,
) -> Judged<Authorship> {
    let entry = &offered.entry;
    let owner = draft.device(entry.device).map(|device| device.owner.clone());
    let is_anothers = owner.as_ref().is_some_and(|owner| *owner != entry.by);
    if is_anothers || !rules.key.is_valid(offered.subject(), feed, entry) {
        let hashes = match &offered.content {
            OfferedContent::Change(change) => Some(vec![change.checked.hash]),
            OfferedContent::Decision(_) => None,
        };
        let message = "no receipt of this relay proves who made it";
        let nack = Nack { hashes, ..nack(None, NackCode::Unproven, message) };
        return Err(Box::new(Verdict::Refuse(nack)));
    }
    if owner.is_none() {
        draft.enrol(entry.device, entry.by.clone());
    }
    // A receipt that stands for many is not kept: the entry gets its own again, the one that it had.
    let scope = Scope { doc: entry.doc, kind: entry.kind, feed };
    Ok(sign(rules, scope, offered.subject(), (&entry.by, entry.device, entry.at)))
}

/// The person's role in the document's home feed. A document that they may not read is unknown to them.
fn role_for_writing(
    facts: &Facts,
    user: &UserId,
    feed: &FeedId,
    known: Option<&DocumentFacts>,
) -> Judged<Option<Role>> {
    match known {
        // Answered as one that does not exist.
        Some(document) if !facts.may_read(user, document) => match facts.role(user, feed) {
            Some(role) if !role.may_write() => refuse(NackCode::Forbidden, MAY_NOT_WRITE),
            _ => unknown_document(),
        },
        Some(document) => Ok(facts.role(user, &document.home)),
        None if !facts.feeds.contains_key(feed) => unknown_document(),
        None => match facts.role(user, feed) {
            None => unknown_document(),
            role => Ok(role),
        },
    }
}

/// Whether the session that brings it is good, and was when the relay got it.
fn is_signed_in(facts: &Facts, submission: &Submission) -> bool {
    let Some(session) = submission.session else { return true };
    facts.sessions.get(&session).is_some_and(|session| {
        session.user == submission.user
            && session.device == submission.device
            && session.expires_at > submission.at
    })
}

/// The answer to who is not signed in any more. No refusal: the device keeps its work, and sends it in its next session.
fn signed_out() -> Nack {
    Nack { message: "the session is over: sign in and send it again".to_owned(), ..busy() }
}

fn is_own_device(facts: &Facts, submission: &Submission) -> bool {
    let device = facts.devices.get(&submission.device);
    device.is_some_and(|device| device.owner == submission.user && !device.is_revoked)
}

pub(super) fn sign(
    rules: &Rules,
    scope: Scope<'_>,
    subject: Subject<'_>,
    (by, device, at): (&UserId, DeviceId, u64),
) -> Authorship {
    let receipt = rules.key.receipt(scope, subject, by, device, at);
    Authorship { by: by.clone(), device, at, receipt }
}

fn add_change(
    draft: &mut Draft<'_>,
    doc: DocumentId,
    kind: Kind,
    authorship: Authorship,
    checked: &ChangeHeader,
    bytes: Bytes,
) -> Judged<(u64, Tag)> {
    let history = check_history(checked, &draft.history_of(doc, checked));
    let known = history.map_err(|refusal| Box::new(Verdict::Refuse(history_nack(checked.hash, refusal))))?;
    let content = Content::Change { hash: checked.hash, bytes };
    let item = Item { doc, kind, authorship, content };
    Ok(draft.add_change(item, checked, known))
}

/// What is said once is said by one change: an original that came first, or the first that stands for it.
fn check_stand_in(draft: &Draft<'_>, doc: DocumentId, change: &ChangeHeader) -> Judged<()> {
    let lost = |code, first: ChangeHash, message| {
        let hashes = Some(vec![change.hash, first]);
        Err(Box::new(Verdict::Refuse(Nack { hashes, ..nack(None, code, message) })))
    };
    for hash in [&change.hash].into_iter().chain(&change.stands_for) {
        if let Some(first) = draft.stand_in((doc, *hash)) {
            return lost(NackCode::TakenOver, first, "another change stands for it already");
        }
    }
    match change.stands_for.iter().find(|hash| draft.change((doc, **hash)).is_some()) {
        Some(first) => lost(NackCode::OriginalStored, *first, "it stands for a change that is here itself"),
        None => Ok(()),
    }
}

fn history_nack(hash: ChangeHash, refusal: HistoryRefusal) -> Nack {
    let message = refusal.to_string();
    let (code, hashes) = match refusal {
        HistoryRefusal::MissingDependencies(missing) => (NackCode::MissingDependencies, missing),
        HistoryRefusal::ActorConflict { .. } => (NackCode::ActorConflict, vec![hash]),
        _ => (NackCode::BadChange, vec![hash]),
    };
    Nack { id: None, code, message, hashes: Some(hashes), retry_ms: None }
}

fn check_quota(draft: &Draft<'_>, doc: DocumentId, rules: &Rules) -> Judged<()> {
    let document = draft.document(doc).expect("it is begun before its changes");
    if document.bytes > limits::DOCUMENT_BYTES {
        return refuse(NackCode::TooLarge, "the document would be larger than the limit");
    }
    let limits = &rules.limits;
    let is_full = |home: &FeedFacts| home.documents > limits.feed_documents || home.bytes > limits.feed_bytes;
    if draft.feed(&document.home).is_some_and(is_full) {
        return refuse(NackCode::Quota, "the feed is full");
    }
    Ok(())
}
