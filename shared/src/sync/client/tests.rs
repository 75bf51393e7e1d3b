//! One input, and the effects that follow: a device with a store in memory, and a relay played by hand.

mod known_changes;
mod newer;
mod removal;
mod snapshots;
mod stand_ins;
mod unproven;

use super::*;
use crate::device::memory::MemoryTables;
use crate::device::row::{
    ChunkRow, DeviceRow, DocumentRow, FeedRow, OutboxRow, Place, SetAsideReason, SetAsideRow, Stored,
    from_bytes,
};
use crate::device::table::{Key, MetaKey, Table, Write};
use crate::ids::{ActorId, ChangeHash, DecisionId, EpochId, Receipt, Tag};
use crate::model::decision::Event;
use crate::model::document::{Document, NewChange};
use crate::model::edit::Edit;
use crate::model::field::Scalar;
use crate::model::kind::Kind;
use crate::model::trip_report::heading;
use crate::ordered::OrderedMap;
use crate::wire::code::ByeCode;
use crate::wire::{
    Ack, Batch, Bye, Cursor, Decision, Entry, FeedView, Frame, FromClient, FromRelay, Hello, Nack, Pong,
    Proof, RelayLimits, VERSION, Want, Welcome,
};

const DOC: DocumentId = DocumentId::from_bytes([4; 16]);
const ME: DeviceId = DeviceId::from_bytes([1; 16]);
const OTHER: DeviceId = DeviceId::from_bytes([2; 16]);
const EPOCH: EpochId = EpochId::from_bytes([9; 16]);

fn feed() -> FeedId {
    "3404".parse().unwrap()
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

/// A device under test: its engine, its store, what it sent and told.
struct Bench {
    engine: ClientSync,
    tables: MemoryTables,
    now: u64,
    sent: Vec<FromClient>,
    told: Vec<Notice>,
    opened: u32,
    closed: u32,
    /// What commits answer from now on.
    refusal: Option<CommitResult>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            engine: ClientSync::new(1_000, 7),
            tables: MemoryTables::default(),
            now: 1_000,
            sent: Vec::new(),
            told: Vec::new(),
            opened: 0,
            closed: 0,
            refusal: None,
        };
        bench.put(
            &DeviceRow {
                user: user("sari"),
                name: "Sari".to_owned(),
                device: ME,
                epoch: None,
                retired: false,
                revoked: false,
                former: Vec::new(),
            }
            .put(),
        );
        bench
    }

    /// A device whose engine has greeted the relay.
    fn online() -> Self {
        let mut bench = Self::new();
        bench.run();
        bench.connect(bench.welcome());
        bench
    }

    fn put(&mut self, write: &Write) {
        self.tables.write(write);
    }

    fn input(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        self.run();
    }

    fn run(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Read(ticket, queries) => {
                    let rows = self.tables.read(&queries);
                    self.engine.handle(self.now, Input::Rows(ticket, rows));
                }
                Effect::Commit(ticket, commit) => {
                    let result = self.refusal.clone().unwrap_or_else(|| self.tables.commit(&commit));
                    self.engine.handle(self.now, Input::Committed(ticket, result));
                }
                Effect::Open => self.opened += 1,
                Effect::Send(bytes) => self.sent.push(FromClient::decode(&bytes).unwrap()),
                Effect::Close => self.closed += 1,
                Effect::Announce(notice) => self.told.push(notice),
            }
        }
    }

    fn get<T: Stored>(&self, key: &Key) -> Option<T> {
        self.tables.get(key)
    }

    fn chunk(&self, hash: ChangeHash) -> Option<ChunkRow> {
        from_bytes(&self.tables.row(Table::Chunks, &Key::change(DOC, hash))?.value)
    }

    fn welcome(&self) -> Welcome {
        Welcome {
            v: VERSION,
            epoch: EPOCH,
            user: user("sari"),
            device: ME,
            feeds: vec![FeedView {
                feed: feed(),
                name: "Kabupaten Sleman".to_owned(),
                role: Role::Writer.into(),
                head: 0,
                view: 1,
                base: None,
                folding: None,
                settings: None,
            }],
            removed_roles: Vec::new(),
            limits: RelayLimits::default(),
            now: self.now + 500,
            features: Vec::new(),
        }
    }

    fn connect(&mut self, welcome: Welcome) {
        self.input(Input::Opened);
        self.frame(FromRelay::Welcome(welcome));
    }

    fn frame(&mut self, frame: FromRelay) {
        self.input(Input::Frame(frame.encode()));
    }

    fn wait(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while let Some(at) = self.engine.next_wakeup().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.input(Input::Wake);
        }
        self.now = end;
    }

    /// Stores changes as a tab does, and says "look".
    fn write(&mut self, changes: &[NewChange]) {
        let document = DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed()] };
        self.put(&document.put());
        for change in changes {
            let row = ChunkRow {
                bytes: Bytes::from(change.bytes.clone()),
                place: None,
                origin: None,
                proof: None,
                folded: None,
                unproven_since: None,
            };
            self.put(&row.put(DOC, change.hash));
            let row = OutboxRow::Change { doc: DOC, hash: change.hash, actor: change.actor };
            self.put(&row.put());
        }
        self.input(Input::Look);
    }

    fn pushes(&self) -> Vec<(u64, usize)> {
        self.sent
            .iter()
            .filter_map(|frame| match frame {
                FromClient::Push(push) => Some((push.id, push.changes.len())),
                _ => None,
            })
            .collect()
    }

    fn ack(&mut self, id: u64, seq: u64) {
        self.frame(FromRelay::Ack(Ack { id, feed: feed(), seq, tag: None, proofs: Vec::new() }));
    }

    /// An ack that says where and what it proves.
    fn ack_with(&mut self, id: u64, seq: u64, proofs: Vec<Option<Proof>>) {
        let tag = Some(cursor(seq).1);
        self.frame(FromRelay::Ack(Ack { id, feed: feed(), seq, tag, proofs }));
    }

    fn nack(&mut self, id: u64, code: NackCode, hashes: Option<Vec<ChangeHash>>) {
        let message = "why".to_owned();
        self.frame(FromRelay::Nack(Nack { id: Some(id), code, message, hashes, retry_ms: None }));
    }

    fn batch(&mut self, from: u64, entries: Vec<Entry>) {
        let to = entries.last().map_or(from, |entry| entry.seq);
        let tag = Tag::from_bytes([to as u8; 8]);
        self.frame(FromRelay::Batch(Batch { feed: feed(), from, to, tag, entries, newer: Vec::new() }));
    }
}

/// Changes of one actor, each building on the one before.
fn changes_of(device: DeviceId, count: usize) -> Vec<NewChange> {
    let mut document = Document::create(DOC, Kind::TripReport, ActorId::new(device, 0));
    (0..count)
        .map(|index| {
            let value = Scalar::Text(format!("number {index}"));
            document.edit(&Edit::Set { field: heading::number.at_root(), value }).unwrap();
            document.commit(1_000 * index as u64).unwrap()
        })
        .collect()
}

fn entry(seq: u64, change: &[u8]) -> Entry {
    Entry {
        seq,
        doc: DOC,
        kind: Kind::TripReport,
        at: 5,
        by: user("budi"),
        device: OTHER,
        receipt: Receipt::from_bytes([3; 16]),
        change: Some(Bytes::from(change.to_vec())),
        snapshot: None,
        folded: None,
        decision: None,
        removed: false,
        inclusion: None,
    }
}

fn cursor(number: u64) -> Cursor {
    Cursor(number, Tag::from_bytes([number as u8; 8]))
}

#[test]
fn begins_with_a_read_and_connects_once_it_knows_who_it_is() {
    let mut bench = Bench::new();
    assert!(matches!(bench.engine.effects.front(), Some(Effect::Read(..))));
    bench.run();
    assert_eq!((bench.opened, bench.sent.len()), (1, 0));
    bench.input(Input::Opened);
    let FromClient::Hello(hello) = &bench.sent[0] else { panic!("{:?}", bench.sent) };
    assert_eq!((hello.device, hello.own, hello.epoch, hello.cursors.len()), (ME, false, None, 0));
}

#[test]
fn a_database_without_a_device_asks_to_sign_in_and_connects_after_it() {
    let mut bench = Bench::new();
    let key = Key::meta(MetaKey::Device);
    let device = bench.tables.row(Table::Meta, &key).unwrap();
    bench.put(&Write::Delete(Table::Meta, key));
    bench.run();
    assert_eq!((bench.opened, bench.engine.status().connection), (0, Connection::SignInNeeded));
    bench.put(&Write::Put(device));
    bench.input(Input::SignedIn);
    assert_eq!(bench.opened, 1);
}

#[test]
fn a_relay_of_another_person_is_sent_nothing() {
    for (name, device) in [("budi", ME), ("sari", OTHER)] {
        let mut bench = Bench::new();
        bench.run();
        bench.write(&changes_of(ME, 1));
        let welcome = Welcome { user: user(name), device, ..bench.welcome() };
        bench.connect(welcome);
        assert_eq!(bench.engine.status().connection, Connection::WrongDevice);
        assert_eq!((bench.closed, bench.sent.len()), (1, 1), "{name}");
        bench.wait(600_000);
        assert_eq!(bench.opened, 1);
    }
}

#[test]
fn a_batch_moves_the_cursor_in_the_commit_that_stores_it() {
    let mut bench = Bench::online();
    let changes = changes_of(OTHER, 2);
    bench.batch(0, vec![entry(3, &changes[0].bytes), entry(4, &changes[1].bytes)]);
    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!((row.cursor, row.role), (cursor(4), Role::Writer.into()));
    assert_eq!(bench.chunk(changes[1].hash).unwrap().place, Some(Place { feed: feed(), seq: 4 }));
    let document: DocumentRow = bench.get(&Key::document(DOC)).unwrap();
    assert_eq!((document.home, document.feeds), (feed(), vec![feed()]));
    assert!(bench.tables.has(Table::Stale, &Key::document(DOC)));
    assert!(bench.told.contains(&Notice::Documents(vec![DOC])));
    assert_eq!(bench.get::<DeviceRow>(&Key::meta(MetaKey::Device)).unwrap().epoch, Some(EPOCH));

    bench.input(Input::Closed);
    bench.wait(60_000);
    bench.input(Input::Opened);
    let Some(FromClient::Hello(hello)) = bench.sent.last() else { panic!() };
    assert_eq!(hello.cursors, OrderedMap::from([(feed(), cursor(4))]));
}

#[test]
fn a_batch_that_does_not_follow_ends_the_connection_and_moves_nothing() {
    for (from, seq) in [(1, 2), (0, 0)] {
        let mut bench = Bench::online();
        let changes = changes_of(OTHER, 1);
        bench.batch(from, vec![entry(seq, &changes[0].bytes)]);
        assert_eq!(bench.closed, 1);
        assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().cursor, Cursor::START);
    }
}

#[test]
fn bytes_that_are_no_change_are_set_aside_and_do_not_block_the_cursor() {
    let mut bench = Bench::online();
    let good = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, b"no change"), entry(2, &good[0].bytes)]);
    assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().cursor, cursor(2));
    assert!(bench.chunk(good[0].hash).is_some());
    assert_eq!(bench.tables.count(Table::SetAside), 1);
}

#[test]
fn garbage_closes_and_backs_off() {
    let mut bench = Bench::online();
    bench.input(Input::Frame(vec![0xff; 40]));
    assert_eq!((bench.closed, bench.engine.status().connection), (1, Connection::Offline));
    assert!(bench.engine.status().next_try_at.unwrap() > bench.now);
}

#[test]
fn what_the_relay_refuses_with_stands_until_it_takes_the_connection_or_answers_no_more() {
    let mut bench = Bench::online();
    let seen = |bench: &Bench| {
        let status = bench.engine.status();
        (status.connection, status.refusal.clone())
    };
    let words = Some("another address".to_owned());
    bench.input(Input::Closed);
    assert_eq!(seen(&bench), (Connection::Offline, None));
    // Long enough for the next try, and too short for one to be given up.
    bench.wait(5_000);
    bench.input(Input::Refused("another address".to_owned()));
    assert_eq!(seen(&bench), (Connection::Refused, words.clone()));
    // That one is made by itself, and who looks on goes on reading why.
    bench.wait(5_000);
    assert_eq!((bench.opened, seen(&bench)), (3, (Connection::Refused, words)));
    bench.input(Input::Closed);
    assert_eq!(seen(&bench), (Connection::Offline, None));
    bench.wait(5_000);
    bench.input(Input::Refused("another address".to_owned()));
    bench.wait(5_000);
    bench.connect(bench.welcome());
    assert_eq!(seen(&bench), (Connection::Connected, None));
}

#[test]
fn changes_are_sent_from_the_store_in_the_order_of_their_dependencies_and_acked_into_it() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 70);
    bench.write(&changes);
    let pushes = bench.pushes();
    assert_eq!(pushes.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [64]);
    let FromClient::Push(push) = bench.sent.last().unwrap() else { panic!() };
    for (sent, change) in push.changes.iter().zip(&changes) {
        assert_eq!(sent[..], change.bytes);
    }
    assert_eq!(bench.engine.status().waiting, 70);
    bench.ack(pushes[0].0, 64);
    assert_eq!(bench.engine.status().waiting, 6);
    let (id, count) = bench.pushes()[1];
    assert_eq!(count, 6);
    bench.ack(id, 70);
    assert_eq!(bench.engine.status().waiting, 0);
    assert_eq!(bench.tables.count(Table::Outbox), 0);
    assert_eq!(bench.chunk(changes[69].hash).unwrap().place, Some(Place { feed: feed(), seq: 70 }));
    assert_eq!(bench.engine.status().synced_at, Some(bench.now));
}

#[test]
fn what_was_under_way_when_the_connection_ended_is_sent_again() {
    let mut bench = Bench::online();
    bench.write(&changes_of(ME, 1));
    bench.input(Input::Visible(true));
    bench.input(Input::Closed);
    let next_try = bench.engine.status().next_try_at.unwrap();
    assert!(next_try <= bench.now + 3_000);
    bench.wait(3_000);
    bench.connect(bench.welcome());
    assert_eq!(bench.pushes().len(), 2);
}

#[test]
fn a_refused_change_takes_its_dependants_with_it() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 3);
    bench.write(&changes);
    let (id, _) = bench.pushes()[0];
    bench.nack(id, NackCode::BadChange, Some(vec![changes[1].hash]));
    // The first waits again and is sent alone.
    assert_eq!(bench.pushes()[1].1, 1);
    bench.ack(bench.pushes()[1].0, 1);
    assert!(bench.chunk(changes[0].hash).is_some_and(|chunk| chunk.place.is_some()));
    let aside = |index: usize| -> SetAsideReason {
        bench.get::<SetAsideRow>(&Key::change(DOC, changes[index].hash)).unwrap().reason
    };
    assert_eq!(aside(1), SetAsideReason::Refused(NackCode::BadChange, "why".to_owned()));
    assert_eq!(aside(2), SetAsideReason::BuildsOnRefused(changes[1].hash));
    assert_eq!((bench.chunk(changes[1].hash), bench.chunk(changes[2].hash)), (None, None));
    assert_eq!(bench.engine.status().waiting, 0);
    assert!(bench.told.contains(&Notice::Refused(DOC, NackCode::BadChange)));
}

#[test]
fn a_change_built_on_a_refused_one_before_the_tab_heard_is_set_aside_too() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 2);
    bench.write(&changes[..1]);
    bench.nack(bench.pushes()[0].0, NackCode::Forbidden, None);
    bench.write(&changes[1..]);
    assert_eq!(bench.pushes().len(), 1);
    let row: SetAsideRow = bench.get(&Key::change(DOC, changes[1].hash)).unwrap();
    assert_eq!(row.reason, SetAsideReason::BuildsOnRefused(changes[0].hash));
}

#[test]
fn a_refusal_that_names_no_change_is_narrowed_down_one_by_one() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 3);
    bench.write(&changes);
    bench.nack(bench.pushes()[0].0, NackCode::TooLarge, None);
    assert_eq!(bench.pushes()[1].1, 1);
    bench.ack(bench.pushes()[1].0, 1);
    bench.nack(bench.pushes()[2].0, NackCode::TooLarge, None);
    assert_eq!(bench.engine.status().waiting, 0);
    assert!(bench.chunk(changes[0].hash).is_some());
    assert!(bench.get::<SetAsideRow>(&Key::change(DOC, changes[2].hash)).is_some());
}

#[test]
fn busy_is_sent_again_after_the_time_that_the_relay_names() {
    let mut bench = Bench::online();
    bench.write(&changes_of(ME, 1));
    let id = bench.pushes()[0].0;
    bench.frame(FromRelay::Nack(Nack {
        id: Some(id),
        code: NackCode::Busy,
        message: String::new(),
        hashes: None,
        retry_ms: Some(700),
    }));
    bench.wait(699);
    assert_eq!(bench.pushes().len(), 1);
    bench.wait(1);
    assert_eq!(bench.pushes().len(), 2);
}

#[test]
fn an_actor_conflict_retires_the_device_and_ends_pushing() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 2);
    bench.write(&changes[..1]);
    bench.nack(bench.pushes()[0].0, NackCode::ActorConflict, None);
    assert!(bench.get::<DeviceRow>(&Key::meta(MetaKey::Device)).unwrap().retired);
    assert!(bench.told.contains(&Notice::DeviceRetired) && bench.engine.status().retired);
    bench.write(&changes);
    assert_eq!((bench.pushes().len(), bench.engine.status().waiting), (1, 2));
}

#[test]
fn a_device_that_somebody_revoked_is_told_so_also_after_a_reload_until_a_new_one_is_enrolled() {
    let bye = Bye { code: ByeCode::DeviceRevoked, message: String::new(), retry_ms: None };
    // While it is connected, or when it comes back.
    for told in [Input::Frame(FromRelay::Bye(bye).encode()), Input::DeviceRevoked] {
        let mut bench = Bench::online();
        bench.write(&changes_of(ME, 1));
        bench.input(told);
        let row: DeviceRow = bench.get(&Key::meta(MetaKey::Device)).unwrap();
        assert!(row.retired && row.revoked);
        assert!(bench.told.contains(&Notice::DeviceRevoked) && !bench.told.contains(&Notice::DeviceRetired));
        let status = bench.engine.status();
        assert!(status.retired && status.revoked && status.connection == Connection::SignInNeeded);
        let commit = enrolment::enrol(
            bench.now,
            &bench.tables.read(&enrolment::queries()),
            DeviceId::from_bytes([8; 16]),
        );
        commit.unwrap().writes.iter().for_each(|write| bench.put(write));
        bench.input(Input::Look);
        assert!(!bench.engine.status().retired && !bench.engine.status().revoked);
    }
}

#[test]
fn a_new_device_in_place_of_a_retired_one_sets_unacked_work_aside_and_reads_from_the_beginning() {
    let mut bench = Bench::online();
    let theirs = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, &theirs[0].bytes)]);
    let mine = changes_of(ME, 1);
    bench.write(&mine);
    bench.nack(bench.pushes()[0].0, NackCode::ActorConflict, None);
    let rows = bench.tables.read(&enrolment::queries());
    let fresh = DeviceId::from_bytes([8; 16]);
    let commit = enrolment::enrol(bench.now, &rows, fresh).unwrap();
    commit.writes.iter().for_each(|write| bench.put(write));
    bench.input(Input::Look);
    let row: SetAsideRow = bench.get(&Key::change(DOC, mine[0].hash)).unwrap();
    assert_eq!(row.reason, SetAsideReason::RetiredDevice);
    assert!(bench.chunk(mine[0].hash).is_none() && bench.chunk(theirs[0].hash).is_some());
    assert_eq!((bench.engine.status().retired, bench.engine.status().waiting), (false, 0));
    bench.input(Input::Opened);
    let Some(FromClient::Hello(hello)) = bench.sent.last() else { panic!() };
    assert_eq!((hello.device, hello.cursors.len()), (fresh, 0));
}

#[test]
fn a_change_whose_chunk_is_lost_retires_the_device() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 1);
    bench.put(&OutboxRow::Change { doc: DOC, hash: changes[0].hash, actor: ActorId::new(ME, 0) }.put());
    bench.input(Input::Look);
    assert!(bench.engine.status().retired && bench.pushes().is_empty());
}

#[test]
fn a_decision_is_sent_only_once_its_version_is_on_the_server() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 1);
    let decision = Decision {
        decision: DecisionId::from_bytes([6; 16]),
        event: Event::Submit,
        heads: vec![changes[0].hash],
        note: None,
        made_at: 9,
    };
    bench.put(&OutboxRow::Decision { doc: DOC, feed: feed(), decision: decision.clone(), proof: None }.put());
    bench.write(&changes);
    let is_decide = |frame: &FromClient| matches!(frame, FromClient::Decide(_));
    assert!(!bench.sent.iter().any(is_decide));
    bench.ack(bench.pushes()[0].0, 1);
    let Some(FromClient::Decide(decide)) = bench.sent.last() else { panic!("{:?}", bench.sent) };
    assert_eq!((decide.decision, decide.event.known()), (decision.decision, Some(Event::Submit)));
    let id = decide.id;
    bench.ack(id, 2);
    let row: crate::device::row::DecisionRow = bench.get(&Key::decision(DOC, decision.decision)).unwrap();
    assert_eq!((row.place, bench.engine.status().waiting), (Some(Place { feed: feed(), seq: 2 }), 0));
}

#[test]
fn a_restored_relay_gets_back_what_it_lost() {
    let mut bench = Bench::online();
    let (theirs, mine) = (changes_of(OTHER, 3), changes_of(ME, 2));
    bench.write(&mine);
    bench.ack(bench.pushes()[0].0, 2);
    bench.batch(0, vec![]);
    bench.frame(FromRelay::Batch(Batch {
        feed: feed(),
        from: 0,
        to: 5,
        tag: Tag::from_bytes([5; 8]),
        entries: (0..3).map(|i| entry(3 + i as u64, &theirs[i].bytes)).collect(),
        newer: vec![],
    }));
    bench.input(Input::Closed);
    bench.wait(60_000);
    let fresh = EpochId::from_bytes([10; 16]);
    let mut welcome = Welcome { epoch: fresh, ..bench.welcome() };
    welcome.feeds[0].base = Some(cursor(1));
    bench.connect(welcome.clone());
    // The relay cannot be sure of that, so the device says once more hello, with the older cursors it has.
    let Some(FromClient::Hello(first)) = bench.sent.last() else { panic!("{:?}", bench.sent.last()) };
    assert!(first.trail.is_empty());
    bench.input(Input::Opened);
    let Some(FromClient::Hello(again)) = bench.sent.last() else { panic!("{:?}", bench.sent.last()) };
    assert!(again.trail.contains_key(&feed()));
    bench.frame(FromRelay::Welcome(welcome));

    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!((row.cursor, row.healing_from), (cursor(1), Some(1)));
    assert_eq!(bench.get::<DeviceRow>(&Key::meta(MetaKey::Device)).unwrap().epoch, Some(fresh));
    assert_eq!(bench.engine.status().waiting, 2);
    let Some(FromClient::Have(have)) = bench.sent.last() else { panic!("{:?}", bench.sent.last()) };
    let told: Vec<_> = theirs.iter().map(|change| change.hash).collect();
    assert_eq!((have.docs.get(&DOC), have.more), (Some(&told), false));

    // Nothing is pushed before the relay has said what it wants.
    assert_eq!(bench.pushes().len(), 1);
    let id = have.id;
    let hashes = OrderedMap::from([(DOC, told[1..].to_vec())]);
    bench.frame(FromRelay::Want(Want { id, hashes }));
    let mut sent: Vec<_> = bench.sent.iter().rev().take(1).collect();
    let offered = loop {
        match sent.pop().unwrap() {
            FromClient::Offer(offer) => break offer.clone(),
            FromClient::Push(push) => {
                let id = push.id;
                bench.ack(id, 3);
                sent = bench.sent.iter().rev().take(1).collect();
            }
            frame => panic!("{frame:?}"),
        }
    };
    assert_eq!(offered.entries.len(), 2);
    assert_eq!(offered.entries[0].receipt, Receipt::from_bytes([3; 16]));
    assert_eq!(offered.entries[0].by, user("budi"));
    bench.ack(offered.id, 5);
    if let Some((id, _)) = bench.pushes().get(1).copied() {
        bench.ack(id, 6);
    }
    assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().healing_from, None);
    assert_eq!(bench.engine.status().waiting, 0);
}

#[test]
fn what_was_acked_above_the_cursor_is_told_until_the_cursor_passes_it() {
    let mut bench = Bench::online();
    bench.write(&changes_of(ME, 1));
    bench.ack_with(bench.pushes()[0].0, 4, vec![]);
    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!((row.cursor, row.acked), (Cursor::START, Some(cursor(4))));
    bench.input(Input::Closed);
    bench.wait(60_000);
    bench.input(Input::Opened);
    let Some(FromClient::Hello(hello)) = bench.sent.last() else { panic!("{:?}", bench.sent.last()) };
    assert_eq!(hello.acked, OrderedMap::from([(feed(), cursor(4))]));
    let mut welcome = bench.welcome();
    welcome.feeds[0].head = 4;
    bench.frame(FromRelay::Welcome(welcome));
    let (from, to, tag) = (0, 4, cursor(4).1);
    bench.frame(FromRelay::Batch(Batch { feed: feed(), from, to, tag, entries: vec![], newer: vec![] }));
    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!((row.cursor, row.acked), (cursor(4), None));
}

#[test]
fn what_was_acked_once_and_may_not_be_pushed_any_more_is_offered_with_its_receipt() {
    let mut bench = Bench::online();
    let mine = changes_of(ME, 2);
    bench.write(&mine[..1]);
    let proof = Proof(77, Receipt::from_bytes([4; 16]));
    bench.ack_with(bench.pushes()[0].0, 1, vec![Some(proof)]);
    let origin = bench.chunk(mine[0].hash).unwrap().proof.expect("it is kept");
    assert_eq!((origin.by, origin.device, origin.at), (user("sari"), ME, 77));
    bench.input(Input::Closed);
    bench.write(&mine[1..]);
    bench.wait(60_000);
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = Some(Cursor::START);
    bench.connect(welcome);
    for _ in 0..2 {
        let (id, _) = *bench.pushes().last().unwrap();
        bench.nack(id, NackCode::Forbidden, None);
    }
    let Some(FromClient::Offer(offer)) = bench.sent.last() else { panic!("{:?}", bench.sent.last()) };
    let [entry] = offer.entries.as_slice() else { panic!("{offer:?}") };
    assert_eq!((entry.by.clone(), entry.device, entry.at), (user("sari"), ME, 77));
    assert_eq!(entry.receipt, proof.1);
    let id = offer.id;
    bench.ack_with(id, 1, vec![]);
    let (id, _) = *bench.pushes().last().unwrap();
    bench.nack(id, NackCode::Forbidden, None);
    assert!(bench.chunk(mine[0].hash).is_some_and(|chunk| chunk.place.is_some()));
    assert!(bench.chunk(mine[1].hash).is_none(), "what was never acked is refused");
}

#[test]
fn change_that_was_acked_and_lost_is_kept_for_the_device_that_takes_the_place_of_its_maker() {
    let mut bench = Bench::online();
    let mine = changes_of(ME, 2);
    bench.write(&mine[..1]);
    bench.ack_with(bench.pushes()[0].0, 1, vec![Some(Proof(77, Receipt::from_bytes([4; 16])))]);
    bench.input(Input::Closed);
    bench.write(&mine[1..]);
    bench.wait(60_000);
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = Some(Cursor::START);
    bench.connect(welcome);
    let rows = bench.tables.read(&enrolment::queries());
    let commit = enrolment::enrol(bench.now, &rows, DeviceId::from_bytes([9; 16])).unwrap();
    for write in &commit.writes {
        bench.put(write);
    }
    let kept = bench.chunk(mine[0].hash).expect("its receipt brings it back");
    assert_eq!((kept.place, kept.origin.map(|origin| origin.device)), (None, Some(ME)));
    assert!(bench.chunk(mine[1].hash).is_none(), "what was never acked is set aside");
    assert_eq!(bench.tables.count(Table::Outbox), 0);
}

#[test]
fn healing_goes_on_after_a_cut() {
    let mut bench = Bench::online();
    let theirs = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, &theirs[0].bytes)]);
    bench.input(Input::Closed);
    bench.wait(60_000);
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = Some(Cursor::START);
    bench.connect(welcome);
    bench.input(Input::Closed);
    bench.wait(60_000);
    bench.connect(bench.welcome());
    assert!(matches!(bench.sent.last(), Some(FromClient::Have(_))));
}

#[test]
fn a_wider_view_is_read_from_the_beginning_on_a_new_connection() {
    let mut bench = Bench::online();
    bench.batch(0, vec![entry(1, &changes_of(OTHER, 1)[0].bytes)]);
    bench.input(Input::Closed);
    bench.wait(60_000);
    let mut welcome = bench.welcome();
    welcome.feeds[0].view = 2;
    let (closed, opened) = (bench.closed, bench.opened);
    bench.connect(welcome);
    assert_eq!((bench.closed, bench.opened), (closed + 1, opened + 1));
    bench.input(Input::Opened);
    let Some(FromClient::Hello(hello)) = bench.sent.last() else { panic!() };
    assert!(hello.cursors.is_empty());
}

#[test]
fn a_leader_whose_lock_was_stolen_writes_nothing_more() {
    let mut bench = Bench::online();
    let mut other = ClientSync::new(bench.now, 8);
    std::mem::swap(&mut bench.engine, &mut other);
    bench.run();
    std::mem::swap(&mut bench.engine, &mut other);
    let changes = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, &changes[0].bytes)]);
    assert!(bench.chunk(changes[0].hash).is_none());
    bench.wait(60_000);
    assert!(bench.told.contains(&Notice::Superseded));
    assert_eq!((bench.opened, bench.engine.status().connection), (2, Connection::Offline));
}

#[test]
fn a_second_machine_that_speaks_as_this_device_retires_it() {
    let mut bench = Bench::online();
    for times in 1..=3 {
        let message = String::new();
        bench.frame(FromRelay::Bye(Bye { code: ByeCode::Replaced, message, retry_ms: None }));
        // Once may be a leader of before whose greeting was under way.
        assert_eq!(bench.engine.status().retired, times == 3);
        bench.wait(3_000);
        bench.connect(bench.welcome());
    }
}

#[test]
fn a_full_store_stops_reading_and_is_tried_again_later() {
    let mut bench = Bench::online();
    bench.refusal = Some(CommitResult::Failed(StoreTrouble::Full));
    let changes = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, &changes[0].bytes)]);
    assert_eq!(bench.engine.status().trouble, Some(StoreTrouble::Full));
    assert_eq!((bench.closed, bench.engine.status().connection), (1, Connection::Offline));
    bench.refusal = None;
    bench.wait(60_000);
    bench.connect(bench.welcome());
    bench.batch(0, vec![entry(1, &changes[0].bytes)]);
    assert_eq!(bench.engine.status().trouble, None);
    assert!(bench.chunk(changes[0].hash).is_some());
}

#[test]
fn a_session_that_is_over_keeps_the_queue_and_waits_for_a_sign_in() {
    let mut bench = Bench::new();
    bench.run();
    bench.write(&changes_of(ME, 1));
    bench.input(Input::SignInNeeded);
    bench.wait(600_000);
    assert_eq!((bench.opened, bench.engine.status().waiting), (1, 1));
    bench.input(Input::SignedIn);
    assert_eq!(bench.opened, 2);
}

#[test]
fn a_silent_relay_is_given_up_after_two_pings() {
    let mut bench = Bench::online();
    bench.wait(25_000);
    let is_ping = |frame: &&FromClient| matches!(frame, FromClient::Ping(_));
    assert_eq!(bench.sent.iter().filter(is_ping).count(), 1);
    bench.frame(FromRelay::Pong(Pong { id: 1, now: 0 }));
    assert!(bench.engine.status().clock_offset_ms.unwrap() < 0);
    bench.wait(75_000);
    assert_eq!(bench.closed, 1);
}

#[test]
fn a_clock_that_is_set_back_makes_no_wait_longer() {
    let mut bench = Bench::online();
    bench.now += 7_200_000;
    bench.frame(FromRelay::Pong(Pong { id: 1, now: 0 }));
    bench.sent.clear();
    // What wakes the engine is a timer, which knows no clock.
    bench.now -= 3_600_000;
    bench.input(Input::Wake);
    bench.wait(25_000);
    assert!(bench.sent.iter().any(|frame| matches!(frame, FromClient::Ping(_))), "the link is watched on");
    bench.wait(75_000);
    assert!(bench.closed >= 1, "and given up where the relay is silent");
    let opened = bench.opened;
    bench.now -= 3_600_000;
    bench.input(Input::Wake);
    bench.wait(120_000);
    assert!(bench.opened > opened, "the next try is made all the same");
}

#[test]
fn a_document_that_left_its_feed_is_deleted_unless_something_of_it_is_unsent() {
    for is_unsent in [false, true] {
        let mut bench = Bench::online();
        let theirs = changes_of(OTHER, 1);
        bench.batch(0, vec![entry(1, &theirs[0].bytes)]);
        if is_unsent {
            bench.write(&changes_of(ME, 1));
        }
        let removed = Entry { change: None, removed: true, ..entry(2, b"") };
        bench.batch(1, vec![removed]);
        assert_eq!(bench.chunk(theirs[0].hash).is_some(), is_unsent);
        let row: Option<DocumentRow> = bench.get(&Key::document(DOC));
        assert_eq!(row.map(|row| row.feeds), is_unsent.then(Vec::new));
    }
}

#[test]
fn a_refused_change_counts_again_once_the_log_builds_on_it() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 2);
    bench.write(&changes[..1]);
    bench.nack(bench.pushes()[0].0, NackCode::Forbidden, None);
    assert!(bench.chunk(changes[0].hash).is_none());
    bench.batch(0, vec![entry(1, &changes[1].bytes)]);
    assert!(bench.chunk(changes[0].hash).is_some() && bench.chunk(changes[1].hash).is_some());
    assert!(bench.get::<SetAsideRow>(&Key::change(DOC, changes[0].hash)).is_none());
}

#[test]
fn a_stored_change_whose_ack_was_lost_is_not_set_aside_with_the_new_ones() {
    let mut bench = Bench::online();
    let changes = changes_of(ME, 2);
    bench.write(&changes);
    bench.nack(bench.pushes()[0].0, NackCode::Forbidden, None);
    assert_eq!(bench.pushes()[1].1, 1);
    bench.ack(bench.pushes()[1].0, 1);
    bench.nack(bench.pushes()[2].0, NackCode::Forbidden, None);
    assert!(bench.chunk(changes[0].hash).is_some_and(|chunk| chunk.place.is_some()));
    assert!(bench.get::<SetAsideRow>(&Key::change(DOC, changes[1].hash)).is_some());
}

#[test]
fn a_conflict_in_what_others_made_does_not_retire_this_device() {
    let mut bench = Bench::online();
    let theirs = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, &theirs[0].bytes)]);
    bench.input(Input::Closed);
    bench.wait(60_000);
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = Some(Cursor::START);
    bench.connect(welcome);
    let Some(FromClient::Have(have)) = bench.sent.last() else { panic!() };
    let (id, hashes) = (have.id, OrderedMap::from([(DOC, vec![theirs[0].hash])]));
    bench.frame(FromRelay::Want(Want { id, hashes }));
    let Some(FromClient::Offer(offer)) = bench.sent.last() else { panic!() };
    let id = offer.id;
    bench.nack(id, NackCode::ActorConflict, Some(vec![theirs[0].hash]));
    assert!(!bench.engine.status().retired);
    // Only one of two changes with one number can be in a document, and the relay has the other.
    assert!(bench.get::<SetAsideRow>(&Key::change(DOC, theirs[0].hash)).is_some());
    assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().healing_from, None);
}

#[test]
fn list_line_of_a_change_without_a_time_is_made_anew_once_the_relay_says_when_it_came() {
    for (at, is_made_anew) in [(0, true), (9_000, false)] {
        let mut bench = Bench::online();
        let mut document = Document::create(DOC, Kind::TripReport, ActorId::new(ME, 0));
        bench.write(&[document.commit(at).unwrap()]);
        let id = bench.pushes()[0].0;
        bench.ack_with(id, 1, vec![Some(Proof(5_000, Receipt::from_bytes([3; 16])))]);
        assert_eq!(bench.tables.has(Table::Stale, &Key::document(DOC)), is_made_anew, "made at {at}");
    }
}
