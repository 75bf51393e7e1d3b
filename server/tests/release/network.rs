//! A relay and devices in one thread on one virtual clock: the real store, the real machines and the real engine,
//! so that what comes out is the same each time.

use std::cell::Cell;
use std::collections::VecDeque;

use shared::device::directory::{Directory, DirectoryPage, DirectoryRow};
use shared::device::memory::MemoryTables;
use shared::device::open_document::{Decider, OpenDocument};
use shared::device::row::{DeviceRow, DocumentRow, FeedRow, PersonRow, Stored};
use shared::device::settings::SettingsRow;
use shared::device::table::{Commit, CommitResult, Key, Table, Write};
use shared::ids::{ActorId, DecisionId, DeviceId, DocumentId, FeedId, UserId};
use shared::model::decision::{Event, FourEyes};
use shared::model::edit::Edit;
use shared::model::field::{Field, FieldRef, Holds, Record, Scalar};
use shared::model::kind::Kind;
use shared::role::Role;
use shared::sync::client::{self, ClientSync};
use shared::sync::relay::connection::{Connection, Effect, Input, Session};
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::sync::settings::difference;
use shared::wire::{Decision, Frame, FromRelay, RelayLimits};
use simpul::store::Store;
use simpul::store::person::DirectoryRange;

use crate::rows;

/// How long any device may take, on the virtual clock.
const LEVEL_WITHIN_MS: u64 = 120_000;

/// A relay over a store.
pub struct Relay<'a> {
    pub store: &'a dyn Store,
    pub rules: Rules,
    now: Cell<u64>,
}

impl<'a> Relay<'a> {
    pub fn new(store: &'a dyn Store, key: [u8; 32], now: u64) -> Self {
        let rules = Rules::new(ReceiptKey::new(key), RelayLimits::default());
        Self { store, rules, now: Cell::new(now) }
    }

    /// The time, a second later each time that it is asked for.
    pub fn later(&self) -> u64 {
        self.now.set(self.now.get() + 1_000);
        self.now.get()
    }

    fn serve(&self, machine: &mut Connection, effect: Effect) -> Option<FromRelay> {
        let now = self.now.get();
        let input = match effect {
            Effect::Send(frame) => {
                if matches!(frame, FromRelay::Batch(_)) {
                    machine.handle(now, Input::SocketReady);
                }
                return Some(frame);
            }
            Effect::Greet(hello) => {
                Input::Greeted(self.store.greet(&machine.session().user, &hello).unwrap())
            }
            Effect::Submit(ticket, submission) => {
                let verdicts = self.store.commit(&[submission], &self.rules).unwrap();
                let answer = Verdict::answer(&verdicts[0]);
                assert!(answer.is_ok(), "{answer:?}");
                Input::Answered(ticket, answer)
            }
            Effect::Read { feed, after, max_bytes, leave_out, folding: None } => {
                let page = self.store.read(&feed, after, max_bytes, leave_out).unwrap();
                Input::Read(feed, page)
            }
            Effect::Read { feed, after, max_bytes, leave_out, folding: Some(folding) } => {
                let page = self.store.read_folded(&feed, after, max_bytes, leave_out, folding).unwrap();
                Input::Read(feed, page)
            }
            Effect::FindMissing { id, feed, docs } => {
                Input::Missing(id, self.store.missing(&feed, &docs).unwrap())
            }
            Effect::Forward(_) => return None,
            Effect::Close => panic!("nobody breaks a rule"),
        };
        machine.handle(now, input);
        for feed in machine.feeds().cloned().collect::<Vec<_>>() {
            let head = self.store.head(&feed).unwrap();
            machine.handle(now, Input::Woken(feed, head));
        }
        None
    }
}

/// A device of one person.
pub struct Device<'a> {
    pub user: UserId,
    pub id: DeviceId,
    pub tables: MemoryTables,
    relay: &'a Relay<'a>,
}

impl<'a> Device<'a> {
    /// A new device, enrolled.
    pub fn new(relay: &'a Relay<'a>, id: DeviceId, user: UserId, name: &str) -> Self {
        relay.store.enrol(id, &user, name, relay.later()).unwrap();
        let person = relay.store.person(&user).unwrap().unwrap();
        let row = DeviceRow {
            user: user.clone(),
            name: person.name,
            device: id,
            epoch: None,
            retired: false,
            revoked: false,
            former: Vec::new(),
        };
        let mut device = Self { user, id, tables: MemoryTables::default(), relay };
        device.tables.write(&row.put());
        device
    }

    fn commit(&mut self, commit: &Commit) {
        assert_eq!(self.tables.commit(commit), CommitResult::Done);
    }

    /// Begins a document with these edits.
    pub fn begin(&mut self, doc: DocumentId, kind: Kind, home: &FeedId, edits: Vec<Edit>) {
        let now = self.relay.later();
        let mut open = OpenDocument::create(now, doc, kind, home.clone(), ActorId::new(self.id, 0));
        self.write(&mut open, edits);
    }

    /// Says the first thing about a document in a feed.
    pub fn discuss(&mut self, about: DocumentId, feed: &FeedId, edits: Vec<Edit>) {
        let now = self.relay.later();
        let actor = ActorId::new(self.id, 0);
        let mut open = OpenDocument::begin_discussion(now, about, feed.clone(), actor).unwrap();
        self.write(&mut open, edits);
    }

    /// Edits a document: one change.
    pub fn edit(&mut self, doc: DocumentId, edits: Vec<Edit>) {
        let mut open = self.open(doc);
        self.write(&mut open, edits);
    }

    fn write(&mut self, open: &mut OpenDocument, edits: Vec<Edit>) {
        let now = self.relay.later();
        for edit in edits {
            open.edit(now, &edit).unwrap();
        }
        let flushed = open.flush(now).unwrap();
        self.commit(&flushed.commit);
    }

    /// A document, as a tab opens it.
    pub fn open(&self, doc: DocumentId) -> OpenDocument {
        rows::open(&self.tables, self.tables.get::<DocumentRow>(&Key::document(doc)).unwrap())
    }

    /// Decides on a document as it stands here.
    pub fn decide(&mut self, doc: DocumentId, event: Event, role: Role, note: Option<&str>, id: u8) {
        let now = self.relay.later();
        let mut open = self.open(doc);
        let decision = Decision {
            decision: DecisionId::from_bytes([id; 16]),
            event,
            heads: open.pin(now).heads,
            note: note.map(str::to_owned),
            made_at: now,
        };
        let by = Decider { user: self.user.clone(), role, four_eyes: FourEyes::Required };
        let commit = open.decide(by, decision).unwrap();
        self.commit(&commit);
    }

    /// Talks with the relay until both know the same.
    pub fn be_level(&mut self) {
        let relay = self.relay;
        let mut now = relay.later();
        let deadline = now + LEVEL_WITHIN_MS;
        let mut sync = ClientSync::new(now, u64::from(self.id.as_bytes()[0]) + 1);
        let mut machine: Option<Connection> = None;
        let mut inputs = VecDeque::from([client::Input::Visible(true)]);
        loop {
            while let Some(effect) = sync.poll_effect() {
                self.carry_out(effect, now, &mut machine, &mut inputs);
            }
            if let Some(machine) = &mut machine {
                while let Some(effect) = machine.poll_effect() {
                    let frame = relay.serve(machine, effect);
                    inputs.extend(frame.map(|frame| client::Input::Frame(frame.encode())));
                }
            }
            if let Some(input) = inputs.pop_front() {
                sync.handle(now, input);
                continue;
            }
            let status = sync.status();
            if status.synced_at.is_some() && status.waiting == 0 {
                relay.now.set(now);
                return;
            }
            let machine_due = machine.as_ref().and_then(Connection::next_wakeup);
            let due = [sync.next_wakeup(), machine_due].into_iter().flatten().min().unwrap();
            now = due.max(now + 1);
            assert!(now < deadline, "{status:?}");
            relay.now.set(now);
            inputs.push_back(client::Input::Wake);
            if let Some(machine) = &mut machine {
                machine.handle(now, Input::Tick);
            }
        }
    }

    fn carry_out(
        &mut self,
        effect: client::Effect,
        now: u64,
        machine: &mut Option<Connection>,
        inputs: &mut VecDeque<client::Input>,
    ) {
        match effect {
            client::Effect::Read(ticket, queries) => {
                inputs.push_back(client::Input::Rows(ticket, self.tables.read(&queries)));
            }
            client::Effect::Commit(ticket, commit) => {
                inputs.push_back(client::Input::Committed(ticket, self.tables.commit(&commit)));
            }
            client::Effect::Open => {
                let (user, device) = (self.user.clone(), self.id);
                let session = Session { id: None, user, device, expires_at: u64::MAX };
                *machine = Some(Connection::new(now, session, self.relay.rules.limits));
                inputs.push_back(client::Input::Opened);
            }
            client::Effect::Send(bytes) => {
                machine.as_mut().expect("it is open").handle(now, Input::Frame(bytes));
            }
            client::Effect::Close => *machine = None,
            client::Effect::Announce(_) => {}
        }
    }

    /// Makes the lines of lists anew, as the app does, but for one document.
    pub fn summarise_all_but(&mut self, left: DocumentId) {
        for row in self.tables.prefix(Table::Stale, &Key(Vec::new())) {
            let doc = DocumentId::try_from(row.key.0.as_slice()).unwrap();
            if doc != left {
                let summary = self.open(doc).summary().put();
                self.commit(&Commit {
                    guards: Vec::new(),
                    writes: vec![summary, Write::Delete(row.table, row.key)],
                });
            }
        }
    }

    /// Learns who people are and what the region decides, as the app does by plain requests.
    pub fn learn(&mut self) {
        let people = self.relay.store.directory(&self.user, &DirectoryRange::WHOLE).unwrap();
        let people = people.into_iter().map(|person| PersonRow {
            user: person.user,
            name: person.name,
            position: person.position,
            devices: person.devices,
            office: person.office,
        });
        let page = DirectoryPage { now: self.relay.later(), people: people.collect(), has_more: false };
        let commit = DirectoryRow::default().take_in(&page, &Directory::default());
        self.commit(&commit);
        for FeedRow { feed, .. } in self.tables.all::<FeedRow>() {
            let mut row = SettingsRow::new(feed.clone());
            row.take_in(difference(self.relay.store.settings(&feed).unwrap(), 0, false));
            self.tables.write(&row.put());
        }
    }
}

/// The edits that fill a record.
pub fn filled(record: &impl Record, place: impl Fn(Field) -> FieldRef) -> Vec<Edit> {
    let edit = |(field, content): (Field, Scalar)| match (field.holds, content) {
        (_, Scalar::Empty) => None,
        (Holds::Prose, Scalar::Text(text)) => Some(Edit::Rewrite { field: place(field), text }),
        (_, value) => Some(Edit::Set { field: place(field), value }),
    };
    record.contents().into_iter().filter_map(edit).collect()
}
