//! What a submission stores, and what is then known; taken back where the submission is refused after all.

use super::entry::{Authorship, Content, Item, Place, Standing, Stored};
use super::facts::{ChangeFacts, DecisionFacts, DeviceFacts, DocumentFacts, Facts, FeedFacts};
use super::writer::{Beginning, NewItem, Placed, Plan};
use crate::change_check::ChangeHeader;
use crate::change_check::history::{HistoryFacts, Known};
use crate::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, FeedId, Tag, UserId};
use crate::model::decision::{Course, Event};
use crate::model::kind::Kind;
use crate::ordered::OrderedMap;
use crate::wire::Decision;

/// A plan in the making. It writes into the facts as it goes, since copies of them cost more than all rules.
///
/// Invariant: dropped without [`Draft::finish`], it leaves the facts as they were.
pub(super) struct Draft<'a> {
    facts: &'a mut Facts,
    undo: Vec<Undo>,
    enrolments: Vec<(DeviceId, UserId)>,
    beginnings: Vec<Beginning>,
    items: Vec<NewItem>,
}

/// What was known before a step.
enum Undo {
    Device(DeviceId),
    Document(DocumentId),
    DocumentWas(DocumentId, u64, Course),
    FeedWas(FeedId, Option<FeedFacts>),
    Change((DocumentId, ChangeHash)),
    ActorWas((DocumentId, ActorId), Option<u64>),
    StoodFor((DocumentId, ChangeHash)),
    Decision(DecisionId),
    SubmittedWas(DocumentId, Option<Vec<ChangeHash>>),
}

impl<'a> Draft<'a> {
    pub(super) fn new(facts: &'a mut Facts) -> Self {
        let (enrolments, beginnings, items) = Default::default();
        Self { facts, undo: Vec::new(), enrolments, beginnings, items }
    }

    /// The plan. What it stores is known from now on.
    pub(super) fn finish(mut self, ack: Stored) -> Plan {
        self.undo.clear();
        let enrolments = std::mem::take(&mut self.enrolments);
        let beginnings = std::mem::take(&mut self.beginnings);
        let items = std::mem::take(&mut self.items);
        Plan { enrolments, beginnings, items, ack }
    }

    pub(super) fn facts(&self) -> &Facts {
        self.facts
    }

    pub(super) fn document(&self, doc: DocumentId) -> Option<&DocumentFacts> {
        self.facts.documents.get(&doc)
    }

    pub(super) fn change(&self, key: (DocumentId, ChangeHash)) -> Option<&ChangeFacts> {
        self.facts.changes.get(&key)
    }

    /// The change in the log that stands for this one.
    pub(super) fn stand_in(&self, key: (DocumentId, ChangeHash)) -> Option<ChangeHash> {
        self.facts.stood_for.get(&key).copied()
    }

    /// How a change that is brought stands in the log.
    pub(super) fn standing(&self, key: (DocumentId, ChangeHash)) -> Option<&Standing> {
        self.facts.brought.get(&key)
    }

    pub(super) fn decision(&self, id: DecisionId) -> Option<&DecisionFacts> {
        self.facts.decisions.get(&id)
    }

    pub(super) fn device(&self, device: DeviceId) -> Option<&DeviceFacts> {
        self.facts.devices.get(&device)
    }

    pub(super) fn feed(&self, feed: &FeedId) -> Option<&FeedFacts> {
        self.facts.feeds.get(feed)
    }

    pub(super) fn history_of(&self, doc: DocumentId, change: &ChangeHeader) -> HistoryFacts {
        let last = self.facts.actors.get(&(doc, change.actor));
        HistoryFacts {
            actor_last_seq: last.copied().unwrap_or(0),
            dependencies: change
                .deps
                .iter()
                .filter_map(|dep| Some((*dep, self.change((doc, *dep))?.known.clone())))
                .collect(),
        }
    }

    pub(super) fn enrol(&mut self, device: DeviceId, owner: UserId) {
        self.undo.push(Undo::Device(device));
        self.facts.devices.insert(device, DeviceFacts { owner: owner.clone(), is_revoked: false });
        self.enrolments.push((device, owner));
    }

    pub(super) fn begin(&mut self, doc: DocumentId, kind: Kind, home: FeedId) {
        self.change_feed(&home, |feed| feed.documents += 1);
        let facts = DocumentFacts {
            kind,
            home: home.clone(),
            feeds: [home.clone()].into(),
            course: Course::default(),
            bytes: 0,
        };
        self.undo.push(Undo::Document(doc));
        self.facts.documents.insert(doc, facts);
        self.beginnings.push(Beginning { doc, kind, home });
    }

    /// Stores a change, gives the number of its entry in the document's home feed, and its tag.
    pub(super) fn add_change(&mut self, item: Item, change: &ChangeHeader, known: Known) -> (u64, Tag) {
        let doc = item.doc;
        let bytes = match &item.content {
            Content::Change { bytes, .. } => bytes.len() as u64,
            Content::Decision(_) | Content::Removed => 0,
        };
        let (places, (seq, tag)) = self.append(&item, bytes);
        let key = (doc, change.hash);
        self.undo.push(Undo::Change(key));
        self.facts.changes.insert(key, ChangeFacts { seq, known: known.clone() });
        self.facts.brought.insert(key, Standing { tag, authorship: item.authorship.clone() });
        let actor = (doc, change.actor);
        let last = self.facts.actors.insert(actor, change.seq);
        self.undo.push(Undo::ActorWas(actor, last));
        for original in &change.stands_for {
            let key = (doc, *original);
            self.undo.push(Undo::StoodFor(key));
            self.facts.stood_for.insert(key, change.hash);
        }
        let history = Some((change.actor, change.seq, known));
        self.items.push(NewItem { item, history, stands_for: change.stands_for.clone(), places });
        (seq, tag)
    }

    /// Stores a decision, gives how it now stands in the document's home feed.
    pub(super) fn add_decision(
        &mut self,
        (doc, kind): (DocumentId, Kind),
        authorship: Authorship,
        content: &Decision,
    ) -> DecisionFacts {
        let item = Item { doc, kind, authorship, content: Content::Decision(content.clone()) };
        let id = content.decision;
        let (places, (seq, tag)) = self.append(&item, 0);
        let feed = self.document(doc).expect("append knows it").home.clone();
        let standing = Standing { tag, authorship: item.authorship.clone() };
        let stored = DecisionFacts { doc, place: Place { feed, seq }, standing, content: content.clone() };
        self.undo.push(Undo::Decision(id));
        self.facts.decisions.insert(id, stored.clone());
        self.items.push(NewItem { item, history: None, stands_for: Vec::new(), places });
        stored
    }

    /// Appends an item to the feeds of its document, which grows by so many bytes; a decision takes its course on.
    /// Gives all places, and that in the home feed.
    fn append(&mut self, item: &Item, bytes: u64) -> (Vec<Placed>, (u64, Tag)) {
        let Facts { documents, feeds, submitted, .. } = &mut *self.facts;
        let document = documents.get_mut(&item.doc).expect("a document is begun before its items");
        self.undo.push(Undo::DocumentWas(item.doc, document.bytes, document.course.clone()));
        document.bytes += bytes;
        if let Content::Decision(decision) = &item.content {
            document.course.go_on(decision.event, &item.authorship.by);
            if decision.event == Event::Submit {
                let was = submitted.insert(item.doc, decision.heads.clone());
                self.undo.push(Undo::SubmittedWas(item.doc, was));
            }
        }
        let mut places = Vec::with_capacity(document.feeds.len());
        // In ascending order: so do relays that share a database lock the rows of feeds.
        for feed in &document.feeds {
            let known = known_feed(feeds, &mut self.undo, feed);
            known.bytes += if *feed == document.home { bytes } else { 0 };
            known.head += 1;
            known.tag = item.tag(known.head, known.tag);
            places.push(Placed { feed: feed.clone(), seq: known.head, tag: known.tag });
        }
        let home = place_in(&places, &document.home);
        (places, home)
    }

    fn change_feed(&mut self, feed: &FeedId, change: impl FnOnce(&mut FeedFacts)) {
        change(known_feed(&mut self.facts.feeds, &mut self.undo, feed));
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        let facts = &mut *self.facts;
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Device(device) => drop(facts.devices.remove(&device)),
                Undo::Document(doc) => drop(facts.documents.remove(&doc)),
                Undo::DocumentWas(doc, bytes, course) => {
                    if let Some(document) = facts.documents.get_mut(&doc) {
                        (document.bytes, document.course) = (bytes, course);
                    }
                }
                Undo::FeedWas(feed, was) => put_back(&mut facts.feeds, feed, was),
                Undo::Change(key) => {
                    facts.changes.remove(&key);
                    facts.brought.remove(&key);
                }
                Undo::StoodFor(key) => drop(facts.stood_for.remove(&key)),
                Undo::ActorWas(actor, was) => put_back(&mut facts.actors, actor, was),
                Undo::Decision(id) => drop(facts.decisions.remove(&id)),
                Undo::SubmittedWas(doc, was) => put_back(&mut facts.submitted, doc, was),
            }
        }
    }
}

/// A feed to be changed; how it was is noted.
fn known_feed<'f>(
    feeds: &'f mut OrderedMap<FeedId, FeedFacts>,
    undo: &mut Vec<Undo>,
    feed: &FeedId,
) -> &'f mut FeedFacts {
    undo.push(Undo::FeedWas(feed.clone(), feeds.get(feed).cloned()));
    feeds.entry(feed.clone()).or_default()
}

fn put_back<K: Ord, V>(map: &mut OrderedMap<K, V>, key: K, was: Option<V>) {
    match was {
        Some(was) => drop(map.insert(key, was)),
        None => drop(map.remove(&key)),
    }
}

fn place_in(places: &[Placed], feed: &FeedId) -> (u64, Tag) {
    let placed = places.iter().find(|placed| placed.feed == *feed);
    placed.map_or((0, Tag::START), |placed| (placed.seq, placed.tag))
}

#[cfg(test)]
mod tests {
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{AutoCommit, ROOT};

    use super::super::entry::ReceiptKey;
    use super::super::entry::{Scope, Subject};
    use super::*;
    use crate::change_check::check_change;
    use crate::change_check::history::check_history;
    use crate::model::decision::Event;

    const DOC: DocumentId = DocumentId::from_bytes([1; 16]);
    const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);

    fn item(content: Content, subject: Subject<'_>) -> Item {
        let by: UserId = "sri".parse().unwrap();
        let feed: FeedId = "kota".parse().unwrap();
        let scope = Scope { doc: DOC, kind: Kind::TripReport, feed: &feed };
        let receipt = ReceiptKey::new([9; 32]).receipt(scope, subject, &by, DEVICE, 5);
        Item {
            doc: DOC,
            kind: Kind::TripReport,
            authorship: Authorship { by, device: DEVICE, at: 5, receipt },
            content,
        }
    }

    /// Everything that a draft can do, twice.
    fn fill(draft: &mut Draft<'_>, document: &mut AutoCommit) {
        for n in 0..2_u8 {
            document.put(ROOT, "lokasi", i64::from(n)).unwrap();
            document.commit_with(CommitOptions::default().with_time(0));
            let bytes = document.get_last_local_change().unwrap().raw_bytes().to_vec();
            let checked = check_change(&bytes).unwrap().header;
            let known = check_history(&checked, &draft.history_of(DOC, &checked)).unwrap();
            let content = Content::Change { hash: checked.hash, bytes: bytes.into() };
            draft.add_change(item(content, Subject::Change(checked.hash)), &checked, known);
            let id = DecisionId::from_bytes([n ^ document.get_heads()[0].0[0]; 16]);
            let decision = Decision {
                decision: id,
                event: Event::Submit,
                heads: vec![checked.hash],
                note: None,
                made_at: 5,
            };
            let content = Content::Decision(decision.clone());
            let Item { authorship, .. } = item(content, Subject::Decision(&decision));
            draft.add_decision((DOC, Kind::TripReport), authorship, &decision);
        }
    }

    #[test]
    fn draft_that_is_given_up_leaves_the_facts_as_they_were() {
        let mut facts = Facts::default();
        let mut document = AutoCommit::new().with_actor(ActorId::new(DEVICE, 0).into());
        for has_history in [false, true] {
            let before = facts.clone();
            let mut draft = Draft::new(&mut facts);
            if !has_history {
                draft.enrol(DEVICE, "sri".parse().unwrap());
                draft.begin(DOC, Kind::TripReport, "kota".parse().unwrap());
            }
            fill(&mut draft, &mut document.fork().with_actor(ActorId::new(DEVICE, 0).into()));
            drop(draft);
            assert_eq!(facts, before, "with history: {has_history}");

            let mut draft = Draft::new(&mut facts);
            if !has_history {
                draft.enrol(DEVICE, "sri".parse().unwrap());
                draft.begin(DOC, Kind::TripReport, "kota".parse().unwrap());
            }
            fill(&mut draft, &mut document);
            let place = Place { feed: "kota".parse().unwrap(), seq: 4 };
            let plan = draft.finish(Stored { place, tag: None, proofs: Vec::new() });
            assert_eq!(plan.items.len(), 4);
            assert_ne!(facts, before, "what is finished is known");
        }
        assert_eq!(facts.feeds[&"kota".parse::<FeedId>().unwrap()].head, 8);
    }
}
