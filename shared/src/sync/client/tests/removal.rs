//! A role that is taken, in question, given again.

use super::*;
use crate::device::directory::DirectoryRow;
use crate::device::open_document::OpenDocument;
use crate::device::row::{Access, LostRole, PersonRow, UnreadRow, from_bytes, to_bytes};
use crate::device::set_aside_text::set_aside_text;
use crate::device::table::{Commit, Row};
use crate::model::decision::Event;
use crate::ordered::OrderedSet;
use crate::wire::RemovedRole;

fn other_feed() -> FeedId {
    "nasional".parse().unwrap()
}

fn doc(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

fn feed_row(bench: &Bench) -> FeedRow {
    bench.get(&Key::feed(&feed())).unwrap()
}

impl Bench {
    /// Puts a document with one acked and one unsent change of this device, as [`Bench::write`] does.
    fn with_work() -> (Self, Vec<NewChange>) {
        let mut bench = Self::online();
        let changes = changes_of(ME, 2);
        bench.write(&changes[..1]);
        let id = bench.pushes()[0].0;
        bench.ack(id, 1);
        bench.input(Input::Closed);
        bench.write(&changes[1..]);
        (bench, changes)
    }

    /// Puts documents that others made.
    fn with_documents(&mut self, docs: std::ops::Range<u8>, feeds: &[FeedId]) {
        for number in docs {
            let row = DocumentRow {
                doc: doc(number),
                kind: Kind::TripReport,
                home: feeds[0].clone(),
                feeds: feeds.to_vec(),
            };
            self.put(&row.put());
            let chunk = ChunkRow {
                bytes: Bytes::from(vec![1]),
                place: Some(Place { feed: feeds[0].clone(), seq: 1 }),
                origin: None,
                proof: None,
                folded: None,
                unproven_since: None,
            };
            self.put(&chunk.put(doc(number), ChangeHash::from_bytes([number; 32])));
            let stale = Row { table: Table::Stale, key: Key::document(doc(number)), value: Vec::new() };
            self.put(&Write::Put(stale));
        }
    }

    /// A welcome that names neither the feed nor that the role was taken.
    fn knows_nothing(&self) -> Welcome {
        Welcome { feeds: Vec::new(), ..self.welcome() }
    }

    fn takes_role(&self, view: u64) -> Welcome {
        Welcome { removed_roles: vec![RemovedRole { feed: feed(), view }], ..self.knows_nothing() }
    }

    fn reconnect_with(&mut self, welcome: Welcome) {
        self.input(Input::Closed);
        self.input(Input::TryNow);
        self.connect(welcome);
    }

    fn aside(&self) -> Vec<SetAsideRow> {
        self.tables.all::<SetAsideRow>()
    }
}

#[test]
fn taken_role_removes_all_documents_and_keeps_what_was_unsent() {
    let (mut bench, changes) = Bench::with_work();
    bench.with_documents(20..40, &[feed()]);
    let person = PersonRow {
        user: user("budi"),
        name: "Budi".to_owned(),
        position: String::new(),
        devices: vec![OTHER],
        office: None,
    };
    bench.put(&person.put());
    bench.reconnect_with(bench.takes_role(2));

    for table in [Table::Documents, Table::Chunks, Table::Outbox, Table::Stale, Table::Summaries] {
        assert_eq!(bench.tables.count(table), 0, "{table:?}");
    }
    let [aside] = bench.aside().try_into().unwrap();
    assert_eq!(aside.hash, changes[1].hash, "what was acked is the relay's");
    let lost = LostRole { feed: Some(feed()), kind: Some(Kind::TripReport.into()), title: String::new() };
    assert_eq!(aside.reason, SetAsideReason::RoleLost(lost));
    assert_eq!((feed_row(&bench).access, feed_row(&bench).cursor), (Access::Removed, Cursor::START));
    assert!(bench.told.contains(&Notice::Removed(feed())));
    assert!(bench.engine.status().feeds.is_empty());
    assert_eq!(bench.engine.status().waiting, 0);
    let directory = bench.tables.row(Table::Meta, &Key::meta(MetaKey::Directory)).unwrap();
    assert_eq!(
        directory.value,
        to_bytes(&DirectoryRow::anew()),
        "names go with the feed, once it is read anew"
    );
}

#[test]
fn feed_that_a_relay_does_not_know_is_kept_read_only_and_nothing_is_sent() {
    for epoch in [EPOCH, EpochId::from_bytes([8; 16])] {
        let (mut bench, changes) = Bench::with_work();
        let sent = bench.pushes().len();
        bench.reconnect_with(Welcome { epoch, ..bench.knows_nothing() });
        assert_eq!(feed_row(&bench).access, Access::InQuestion);
        assert!(bench.chunk(changes[0].hash).is_some() && bench.chunk(changes[1].hash).is_some());
        assert_eq!(bench.pushes().len(), sent);
        let status = &bench.engine.status().feeds[&feed()];
        assert_eq!((status.role, status.access), (Role::Reader, Access::InQuestion));
        assert_eq!(bench.engine.status().waiting, 1, "it is still shown as unsent");

        // Given again, it goes on.
        bench.reconnect_with(Welcome { epoch, ..bench.welcome() });
        assert_eq!(feed_row(&bench).access, Access::Given);
        assert_eq!(bench.pushes().len(), sent + 1);
    }
}

#[test]
fn role_that_was_taken_before_it_was_given_last_is_in_question() {
    let (mut bench, _) = Bench::with_work();
    bench.reconnect_with(bench.takes_role(1));
    assert_eq!(feed_row(&bench).access, Access::InQuestion);
    // Refused once more, it is gone.
    bench.reconnect_with(bench.takes_role(7));
    assert_eq!((feed_row(&bench).access, bench.aside().len()), (Access::Removed, 1));
}

#[test]
fn removal_goes_on_where_it_was_cut_and_no_connection_begins_before_it_is_over() {
    let (mut bench, _) = Bench::with_work();
    bench.with_documents(20..40, &[feed()]);
    bench.input(Input::Closed);
    bench.wait(60_000);
    bench.input(Input::Opened);
    // The engine ends after some of its commits, at each of them once.
    for commits in 1..8 {
        let mut tables = bench.tables.clone();
        let mut engine = ClientSync::new(bench.now, 11);
        let mut done = 0;
        let welcome = FromRelay::Welcome(bench.takes_role(2)).encode();
        let mut is_open = false;
        while let Some(effect) = engine.poll_effect() {
            match effect {
                Effect::Read(ticket, queries) => {
                    let rows = tables.read(&queries);
                    engine.handle(bench.now, Input::Rows(ticket, rows));
                }
                Effect::Commit(ticket, commit) if done < commits + 1 => {
                    done += 1;
                    let result = tables.commit(&commit);
                    engine.handle(bench.now, Input::Committed(ticket, result));
                }
                Effect::Commit(..) => break,
                Effect::Open => {
                    engine.handle(bench.now, Input::Opened);
                    engine.handle(bench.now, Input::Frame(welcome.clone()));
                    is_open = true;
                }
                _ => {}
            }
        }
        assert!(is_open);
        let mut again = Bench::new();
        again.tables = tables;
        again.run();
        assert_eq!(again.tables.count(Table::Chunks), 0, "after {commits} commits");
        assert_eq!((again.aside().len(), feed_row(&again).access), (1, Access::Removed));
        assert_eq!(again.opened, 1);
        again.input(Input::Opened);
        let Some(FromClient::Hello(hello)) = again.sent.last() else { panic!() };
        assert!(hello.cursors.is_empty() && !hello.own);
    }
}

#[test]
fn what_was_kept_aside_before_keeps_its_reason_and_what_somebody_took_over_goes() {
    let (mut bench, _) = Bench::with_work();
    let own = changes_of(ME, 6);
    let mut puts = |change: &NewChange, reason| {
        let bytes = Bytes::from(change.bytes.clone());
        bench.put(&SetAsideRow { doc: DOC, hash: change.hash, bytes, reason, at: 7 }.put());
    };
    puts(&own[2], SetAsideReason::TakenOver(own[1].hash));
    puts(&own[3], SetAsideReason::Crashed);
    puts(&own[4], SetAsideReason::Refused(NackCode::Forbidden, "why".to_owned()));
    puts(&changes_of(OTHER, 2)[1], SetAsideReason::Crashed);
    bench.reconnect_with(bench.takes_role(2));
    let reason_of = |change: &NewChange| {
        bench.aside().into_iter().find(|row| row.hash == change.hash).map(|row| (row.reason, row.at))
    };
    assert_eq!(reason_of(&own[2]), None, "the log says what it said");
    assert_eq!(reason_of(&own[3]), Some((SetAsideReason::Crashed, 7)));
    assert!(matches!(reason_of(&own[4]), Some((SetAsideReason::RoleLost(_), 7))));
    assert_eq!(bench.aside().len(), 3, "with the unsent change; what others made goes with the record");
}

#[test]
fn what_was_typed_and_could_not_be_read_is_set_aside_and_stands_in_its_field_again() {
    let (mut bench, _) = Bench::with_work();
    let typed = |field: &str, text: &str| UnreadRow {
        doc: DOC,
        list: String::new(),
        item: None,
        field: field.to_owned(),
        text: text.to_owned(),
        over: String::new(),
    };
    let (date, blank) = (typed("dated_on", "hari Rabu kemarin"), typed("starts_on", " "));
    let remark = UnreadRow::remark(DOC, Event::Return, "Lengkapi pagu.".to_owned());
    [&date, &blank, &remark].into_iter().for_each(|row| bench.put(&row.put()));
    for view in [2, 4] {
        // Also where the role is taken once more before the person has looked.
        bench.reconnect_with(bench.takes_role(view));
        assert_eq!(
            (bench.tables.count(Table::Unread), bench.aside().len()),
            (0, 3),
            "with the unsent change"
        );
        let mut welcome = bench.welcome();
        welcome.feeds[0].view = view + 1;
        bench.reconnect_with(welcome);
    }
    let text = set_aside_text(bench.aside().iter());
    assert!(text.contains("hari Rabu kemarin") && text.contains("Lengkapi pagu."), "{text}");
    let mut open = OpenDocument::create(0, DOC, Kind::TripReport, feed(), ActorId::new(ME, 1));
    let again = open.apply_again(0, &bench.aside(), &OrderedSet::new()).unwrap();
    again.writes.iter().for_each(|write| bench.put(write));
    assert_eq!(bench.tables.all::<UnreadRow>().len(), 2);
    assert!(
        bench.tables.all::<UnreadRow>().contains(&date) && bench.tables.all::<UnreadRow>().contains(&remark)
    );
    assert!(bench.aside().iter().all(|row| from_bytes::<UnreadRow>(&row.bytes).is_none()));
}

#[test]
fn damaged_line_of_the_outbox_waits_no_more_once_the_role_is_lost() {
    let (mut bench, changes) = Bench::with_work();
    let both =
        DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed(), other_feed()] };
    bench.put(&both.put());
    let damaged = Row { table: Table::Outbox, key: Key::change(DOC, changes[1].hash), value: vec![0xff] };
    bench.put(&Write::Put(damaged));
    bench.reconnect_with(bench.takes_role(2));
    assert_eq!(bench.tables.count(Table::Outbox), 0);
}

#[test]
fn document_in_another_feed_stays_without_what_waits_in_the_lost_one() {
    let (mut bench, changes) = Bench::with_work();
    let both =
        DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed(), other_feed()] };
    bench.put(&both.put());
    bench.reconnect_with(bench.takes_role(2));
    let row: DocumentRow = bench.get(&Key::document(DOC)).unwrap();
    assert_eq!((row.home, row.feeds), (feed(), vec![other_feed()]));
    assert!(bench.chunk(changes[0].hash).is_some());
    assert!(bench.chunk(changes[1].hash).is_none());
    assert_eq!((bench.aside().len(), bench.tables.count(Table::Outbox)), (1, 0));
}

#[test]
fn what_a_tab_stores_after_the_removal_is_set_aside_as_well() {
    let (mut bench, changes) = Bench::with_work();
    bench.reconnect_with(bench.takes_role(2));
    // A commit that was under way: a change without its document, and one of a document that was just begun.
    let late = changes_of(ME, 3).pop().unwrap();
    let chunk = |change: &NewChange| ChunkRow {
        bytes: Bytes::from(change.bytes.clone()),
        place: None,
        origin: None,
        proof: None,
        folded: None,
        unproven_since: None,
    };
    let outbox = |doc, hash| OutboxRow::Change { doc, hash, actor: ActorId::new(ME, 0) };
    bench.put(&chunk(&late).put(DOC, late.hash));
    bench.put(&outbox(DOC, late.hash).put());
    let begun = DocumentRow { doc: doc(50), kind: Kind::TripReport, home: feed(), feeds: vec![feed()] };
    bench.put(&begun.put());
    bench.put(&chunk(&changes[0]).put(doc(50), changes[0].hash));
    bench.put(&outbox(doc(50), changes[0].hash).put());
    bench.input(Input::Look);
    bench.reconnect_with(bench.takes_role(2));

    for table in [Table::Documents, Table::Chunks, Table::Outbox] {
        assert_eq!(bench.tables.count(table), 0, "{table:?}");
    }
    assert_eq!(bench.aside().len(), 3);
    assert!(bench.aside().iter().all(|row| matches!(row.reason, SetAsideReason::RoleLost(_))));
    assert!(!bench.engine.status().retired);
}

#[test]
fn feed_that_is_given_again_is_read_from_its_beginning_with_own_entries() {
    let (mut bench, changes) = Bench::with_work();
    bench.reconnect_with(bench.takes_role(2));
    let mut welcome = bench.welcome();
    welcome.feeds[0].view = 3;
    welcome.feeds[0].head = 1;
    bench.reconnect_with(welcome.clone());
    let status = &bench.engine.status().feeds[&feed()];
    assert_eq!((status.role, status.access), (Role::Reader, Access::Given), "until its own entries are here");
    bench.input(Input::Opened);
    let Some(FromClient::Hello(hello)) = bench.sent.last() else { panic!() };
    assert!(hello.own && hello.cursors.is_empty());
    bench.frame(FromRelay::Welcome(welcome));
    let own = Entry { device: ME, by: user("sari"), ..entry(1, &changes[0].bytes) };
    bench.batch(0, vec![own]);
    assert!(bench.chunk(changes[0].hash).is_some());
    assert_eq!(bench.engine.status().feeds[&feed()].role, Role::Writer);
    assert_eq!(bench.aside().len(), 1, "what was set aside waits for the person");
}

#[test]
fn own_entries_that_a_restored_relay_lost_are_not_waited_for() {
    let (mut bench, _) = Bench::with_work();
    bench.reconnect_with(bench.takes_role(2));
    let mut welcome = bench.welcome();
    (welcome.feeds[0].view, welcome.feeds[0].head) = (3, 9);
    bench.reconnect_with(welcome.clone());
    assert_eq!(feed_row(&bench).own_until, Some(9));
    bench.input(Input::Opened);
    bench.frame(FromRelay::Welcome(welcome.clone()));
    bench.batch(0, vec![entry(1, &changes_of(OTHER, 1)[0].bytes)]);
    assert_eq!(feed_row(&bench).own_until, Some(9));
    (welcome.epoch, welcome.feeds[0].head) = (EpochId::from_bytes([8; 16]), 4);
    welcome.feeds[0].base = Some(cursor(1));
    bench.reconnect_with(welcome);
    assert_eq!(feed_row(&bench).own_until, Some(4), "its log ends there now");
}

#[test]
fn role_that_is_reduced_sets_unsent_work_aside_and_keeps_the_documents() {
    let (mut bench, changes) = Bench::with_work();
    let mut welcome = bench.welcome();
    welcome.feeds[0].role = Role::Reader.into();
    welcome.feeds[0].head = 1;
    bench.reconnect_with(welcome);
    let id = bench.pushes().last().unwrap().0;
    bench.nack(id, NackCode::Forbidden, None);
    assert!(bench.chunk(changes[0].hash).is_some());
    let [aside] = bench.aside().try_into().unwrap();
    assert_eq!(aside.reason, SetAsideReason::Refused(NackCode::Forbidden, "why".to_owned()));
    assert_eq!(bench.engine.status().feeds[&feed()].role, Role::Reader);
}

#[test]
fn full_store_holds_a_removal_up_and_loses_nothing() {
    let (mut bench, _) = Bench::with_work();
    bench.input(Input::Closed);
    bench.wait(60_000);
    bench.input(Input::Opened);
    bench.refusal = Some(CommitResult::Failed(StoreTrouble::Full));
    let welcome = bench.takes_role(2);
    bench.frame(FromRelay::Welcome(welcome.clone()));
    assert_eq!(bench.aside().len(), 0);
    assert_eq!(bench.tables.count(Table::Outbox), 1);
    bench.refusal = None;
    bench.wait(60_000);
    bench.connect(welcome);
    assert_eq!((bench.aside().len(), feed_row(&bench).access), (1, Access::Removed));
    // Nothing is asked of the store over and over.
    assert_eq!(bench.tables.commit(&Commit::default()), CommitResult::Done);
}
