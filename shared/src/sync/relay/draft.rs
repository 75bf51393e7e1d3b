//! What a submission would store, and what would then be known; nothing of it counts until the whole
//! submission is accepted.

use super::entry::{Content, Item, Place, Standing, Stored};
use super::facts::{ChangeFacts, DecisionFacts, DeviceFacts, DocumentFacts, Facts, FeedFacts};
use super::writer::{Beginning, NewItem, Placed, Plan};
use crate::change_check::ChangeHeader;
use crate::change_check::history::{HistoryFacts, Known};
use crate::ids::{ChangeHash, DecisionId, DeviceId, DocumentId, FeedId, Tag, UserId};
use crate::model::decision::State;
use crate::model::kind::Kind;

/// A plan in the making.
pub(super) struct Draft<'a> {
    facts: &'a Facts,
    newer: Facts,
    plan: Plan,
}

impl<'a> Draft<'a> {
    pub(super) fn new(facts: &'a Facts, place: Place) -> Self {
        let ack = Stored { place, tag: None, proofs: Vec::new() };
        Self { facts, newer: Facts::default(), plan: Plan::new(ack) }
    }

    /// The plan, and what is known once it is carried out.
    pub(super) fn finish(mut self, ack: Stored) -> (Plan, Facts) {
        self.plan.ack = ack;
        (self.plan, self.newer)
    }

    pub(super) fn document(&self, doc: DocumentId) -> Option<&DocumentFacts> {
        self.newer.documents.get(&doc).or_else(|| self.facts.documents.get(&doc))
    }

    pub(super) fn change(&self, key: (DocumentId, ChangeHash)) -> Option<&ChangeFacts> {
        self.newer.changes.get(&key).or_else(|| self.facts.changes.get(&key))
    }

    /// How a change that is brought stands in the log.
    pub(super) fn standing(&self, key: (DocumentId, ChangeHash)) -> Option<&Standing> {
        self.newer.brought.get(&key).or_else(|| self.facts.brought.get(&key))
    }

    pub(super) fn decision(&self, id: DecisionId) -> Option<&DecisionFacts> {
        self.newer.decisions.get(&id).or_else(|| self.facts.decisions.get(&id))
    }

    pub(super) fn device(&self, device: DeviceId) -> Option<&DeviceFacts> {
        self.newer.devices.get(&device).or_else(|| self.facts.devices.get(&device))
    }

    pub(super) fn feed(&self, feed: &FeedId) -> FeedFacts {
        self.newer.feeds.get(feed).or_else(|| self.facts.feeds.get(feed)).cloned().unwrap_or_default()
    }

    pub(super) fn history_of(&self, doc: DocumentId, change: &ChangeHeader) -> HistoryFacts {
        let actor = (doc, change.actor);
        let last = self.newer.actors.get(&actor).or_else(|| self.facts.actors.get(&actor));
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
        self.newer.devices.insert(device, DeviceFacts { owner: owner.clone(), is_revoked: false });
        self.plan.enrolments.push((device, owner));
    }

    pub(super) fn begin(&mut self, doc: DocumentId, kind: Kind, home: FeedId) {
        let mut feed = self.feed(&home);
        feed.documents += 1;
        self.newer.feeds.insert(home.clone(), feed);
        let facts = DocumentFacts {
            kind,
            home: home.clone(),
            feeds: [home.clone()].into(),
            state: State::Draft,
            bytes: 0,
        };
        self.newer.documents.insert(doc, facts);
        self.plan.beginnings.push(Beginning { doc, kind, home });
    }

    /// Stores a change, gives the number of its entry in the document's home feed, and its tag.
    pub(super) fn add_change(&mut self, item: Item, change: &ChangeHeader, known: Known) -> (u64, Tag) {
        let doc = item.doc;
        let bytes = match &item.content {
            Content::Change { bytes, .. } => bytes.len() as u64,
            Content::Decision(_) | Content::Removed => 0,
        };
        let mut document = self.document(doc).expect("a document is begun before its changes").clone();
        document.bytes += bytes;
        let mut home = self.feed(&document.home);
        home.bytes += bytes;
        self.newer.feeds.insert(document.home.clone(), home);
        let places = self.append(&item, &document);
        let (seq, tag) = place_in(&places, &document.home);
        self.newer.documents.insert(doc, document);
        self.newer.changes.insert((doc, change.hash), ChangeFacts { seq, known: known.clone() });
        let standing = Standing { tag, authorship: item.authorship.clone() };
        self.newer.brought.insert((doc, change.hash), standing);
        self.newer.actors.insert((doc, change.actor), change.seq);
        let history = Some((change.actor, change.seq, known));
        self.plan.items.push(NewItem { item, history, places });
        (seq, tag)
    }

    /// Stores a decision, gives how it now stands in the document's home feed.
    pub(super) fn add_decision(&mut self, item: Item, id: DecisionId, state: State) -> DecisionFacts {
        let doc = item.doc;
        let mut document = self.document(doc).expect("a decision is on a known document").clone();
        document.state = state;
        let places = self.append(&item, &document);
        let (seq, tag) = place_in(&places, &document.home);
        let place = Place { feed: document.home.clone(), seq };
        let standing = Standing { tag, authorship: item.authorship.clone() };
        let stored = DecisionFacts { doc, place, standing };
        self.newer.documents.insert(doc, document);
        self.newer.decisions.insert(id, stored.clone());
        self.plan.items.push(NewItem { item, history: None, places });
        stored
    }

    fn append(&mut self, item: &Item, document: &DocumentFacts) -> Vec<Placed> {
        let mut places = Vec::with_capacity(document.feeds.len());
        // In ascending order: so do relays that share a database lock the rows of feeds.
        for feed in &document.feeds {
            let mut facts = self.feed(feed);
            facts.head += 1;
            facts.tag = item.tag(facts.head, facts.tag);
            places.push(Placed { feed: feed.clone(), seq: facts.head, tag: facts.tag });
            self.newer.feeds.insert(feed.clone(), facts);
        }
        places
    }
}

fn place_in(places: &[Placed], feed: &FeedId) -> (u64, Tag) {
    let placed = places.iter().find(|placed| placed.feed == *feed);
    placed.map_or((0, Tag::START), |placed| (placed.seq, placed.tag))
}
