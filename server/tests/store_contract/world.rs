//! The stores, and who writes to them.

use shared::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Tag, UserId};
use shared::model::decision::Event;
use shared::model::document::{Document, NewChange};
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::sync::relay::entry::{Place, ReceiptKey, Stored};
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Cursor, Decide, Entry, Hello, Nack, Offer, Push, RelayLimits, VERSION, limits};
use simpul::store::Store;
use simpul::store::memory::MemoryStore;
use simpul::store::person::{Enrolment, Person};
use simpul::store::postgres::PostgresStore;
use simpul::store::sqlite::SqliteStore;

use crate::postgres::Postgres;

/// A store with two feeds and five people, and the devices that they write on.
pub struct World {
    pub store: Box<dyn Store>,
    pub rules: Rules,
    pub now: u64,
    pub _folder: Option<tempfile::TempDir>,
}

/// One person on one device, with the documents that they have open.
pub struct Writer {
    pub user: UserId,
    pub device: DeviceId,
}

/// A document that somebody writes.
pub struct Draft {
    pub doc: DocumentId,
    pub document: Document,
    pub is_discarded: bool,
}

pub fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

pub fn feed(name: &str) -> FeedId {
    name.parse().unwrap()
}

pub fn doc(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

pub fn device(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 16])
}

pub fn epoch(n: u8) -> EpochId {
    EpochId::from_bytes([n; 16])
}

pub fn in_memory() -> World {
    World::new(Box::new(MemoryStore::new(epoch(1))), None)
}

pub fn on_sqlite() -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("simpul.db"), epoch(1)).unwrap();
    World::new(Box::new(store), Some(folder))
}

pub fn on_postgres() -> World {
    let store = PostgresStore::open(&Postgres::shared().new_database(), epoch(1)).unwrap();
    World::new(Box::new(store), None)
}

impl World {
    pub fn new(store: Box<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        let rules = Rules::new(ReceiptKey::new([7; 32]), RelayLimits::default());
        let world = Self { store, rules, now: 1_700_000_000_000, _folder: folder };
        world.store.put_feed(&feed("kota"), "Kota").unwrap();
        world.store.put_feed(&feed("desa"), "Desa").unwrap();
        for (n, (name, role)) in [
            ("ani", Some(Role::Writer)),
            ("budi", Some(Role::Writer)),
            ("citra", Some(Role::Approver)),
            ("dewi", Some(Role::Reader)),
            ("eko", None),
        ]
        .into_iter()
        .enumerate()
        {
            let person = Person {
                user: user(name),
                name: name.to_uppercase(),
                position: "Analis".to_owned(),
                password_digest: "$argon2id$".to_owned(),
                office: None,
                is_disabled: false,
            };
            world.store.put_person(&person, world.now).unwrap();
            if role.is_some() {
                world.store.set_role(&user(name), &feed("kota"), role, world.now).unwrap();
            }
            let enrolled = world.store.enrol(device(n as u8 + 1), &user(name), "ponsel", world.now);
            assert_eq!(enrolled.unwrap(), Enrolment::Enrolled);
        }
        world.store.set_role(&user("eko"), &feed("desa"), Some(Role::Writer), world.now).unwrap();
        world
    }

    pub fn commit(&self, batch: &[Submission]) -> Vec<Result<Place, Nack>> {
        let verdicts = self.store.commit(batch, &self.rules).unwrap();
        assert_eq!(verdicts.len(), batch.len());
        verdicts.iter().map(Verdict::answer).map(|answer| answer.map(|stored| stored.place)).collect()
    }

    pub fn commit_one(&self, submission: Submission) -> Result<Place, Nack> {
        self.commit(&[submission]).remove(0)
    }

    pub fn push(&self, who: &Writer, doc: DocumentId, changes: &[NewChange]) -> Result<Place, Nack> {
        self.commit_one(self.submission(who, doc, changes))
    }

    pub fn submission(&self, who: &Writer, doc: DocumentId, changes: &[NewChange]) -> Submission {
        self.submission_to("kota", who, doc, changes)
    }

    pub fn submission_to(
        &self,
        to: &str,
        who: &Writer,
        doc: DocumentId,
        changes: &[NewChange],
    ) -> Submission {
        let push = Push {
            id: 1,
            feed: feed(to),
            doc,
            kind: Kind::TripReport.into(),
            changes: changes.iter().map(|change| Bytes::from(change.bytes.clone())).collect(),
        };
        Submission::push(who.user.clone(), who.device, self.now, push).unwrap()
    }

    /// A decision on the version that the store has.
    pub fn decide(&self, who: &Writer, n: u8, doc: DocumentId, event: Event) -> Result<Place, Nack> {
        self.decide_saying(Some("baik"), who, n, doc, event)
    }

    pub fn decide_saying(
        &self,
        note: Option<&str>,
        who: &Writer,
        n: u8,
        doc: DocumentId,
        event: Event,
    ) -> Result<Place, Nack> {
        self.send(who, Decide { doc, event: event.into(), note: note.map(str::to_owned), ..self.decision(n) })
    }

    /// A decision to submit the first document, on the version that the store has.
    pub fn decision(&self, n: u8) -> Decide {
        let last = self.store.chunks(doc(1)).unwrap().last().map(|chunk| chunk.hash);
        Decide {
            id: 1,
            decision: DecisionId::from_bytes([n; 16]),
            feed: feed("kota"),
            doc: doc(1),
            event: Event::Submit.into(),
            heads: vec![last.unwrap_or(ChangeHash::from_bytes([n; 32]))],
            note: Some("baik".to_owned()),
            made_at: self.now,
        }
    }

    pub fn send(&self, who: &Writer, decide: Decide) -> Result<Place, Nack> {
        self.commit_one(Submission::decide(who.user.clone(), who.device, self.now, decide)?)
    }

    pub fn offer(&self, who: &Writer, entries: Vec<Entry>) -> Result<Place, Nack> {
        self.offer_in("kota", who, entries)
    }

    pub fn offer_in(&self, to: &str, who: &Writer, entries: Vec<Entry>) -> Result<Place, Nack> {
        let offer = Offer { id: 1, feed: feed(to), entries, newer: vec![] };
        self.commit_one(Submission::offer(who.user.clone(), who.device, self.now, offer)?)
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap().entries
    }

    pub fn hello(&self, cursor: Option<Cursor>) -> Hello {
        Hello {
            v: VERSION,
            device: device(1),
            epoch: Some(epoch(1)),
            cursors: cursor.into_iter().map(|cursor| (feed("kota"), cursor)).collect(),
            own: false,
            acked: OrderedMap::new(),
            trail: OrderedMap::new(),
            folding: OrderedMap::new(),
            features: Vec::new(),
        }
    }

    /// What is said to one who pushes.
    pub fn stored(&self, who: &Writer, doc: DocumentId, changes: &[NewChange]) -> Stored {
        let verdicts = self.store.commit(&[self.submission(who, doc, changes)], &self.rules).unwrap();
        verdicts[0].answer().unwrap()
    }

    pub fn tag(&self) -> Tag {
        self.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap().tag
    }
}

pub fn ani() -> Writer {
    Writer { user: user("ani"), device: device(1) }
}

pub fn budi() -> Writer {
    Writer { user: user("budi"), device: device(2) }
}

pub fn citra() -> Writer {
    Writer { user: user("citra"), device: device(3) }
}

pub fn dewi() -> Writer {
    Writer { user: user("dewi"), device: device(4) }
}

pub fn eko() -> Writer {
    Writer { user: user("eko"), device: device(5) }
}

impl Draft {
    pub fn begin(n: u8, who: &Writer) -> Self {
        let document = Document::create(doc(n), Kind::TripReport, ActorId::new(who.device, 0));
        Self { doc: doc(n), document, is_discarded: false }
    }

    /// The same document on another device.
    pub fn on(&mut self, who: &Writer) -> Self {
        let changes = self.document.changes();
        let document = Document::open(self.doc, ActorId::new(who.device, 0), changes).unwrap();
        Self { doc: self.doc, document, is_discarded: self.is_discarded }
    }

    pub fn write(&mut self) -> NewChange {
        if !self.document.has_open_edits() {
            self.document.edit(if self.is_discarded { &Edit::Recover } else { &Edit::Discard }).unwrap();
            self.is_discarded = !self.is_discarded;
        }
        self.document.commit(1_700_000_000_000).unwrap()
    }
}

pub fn code(answer: Result<Place, Nack>) -> NackCode {
    answer.expect_err("it should have been refused").code
}

pub fn seq(answer: Result<Place, Nack>) -> u64 {
    answer.unwrap_or_else(|nack| panic!("refused: {nack:?}")).seq
}
