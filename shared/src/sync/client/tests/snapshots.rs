//! A device that was sent a snapshot in place of entries.

use super::*;
use crate::device::row::{DeviceRow, PoisonRow};
use crate::sync::relay::compaction::{Foldable, FoldableChange, Snapshot, fold};
use crate::sync::relay::entry::{Authorship, ReceiptKey, Scope, Subject};
use crate::wire::Folding;

const FOLDING: Folding = Folding { after: 0, made: 77 };

fn key() -> ReceiptKey {
    ReceiptKey::new([7; 32])
}

/// What a relay makes of changes that stand at the first numbers of the feed, under one receipt.
fn folded(changes: &[NewChange]) -> Snapshot {
    let change = |(index, change): (usize, &NewChange)| FoldableChange {
        seq: index as u64 + 1,
        hash: change.hash,
        bytes: change.bytes.clone(),
        authorship: Authorship {
            by: user("budi"),
            device: OTHER,
            at: 100 + index as u64,
            receipt: key().receipt(
                Scope { doc: DOC, kind: Kind::TripReport, feed: &feed() },
                Subject::Change(change.hash),
                &user("budi"),
                OTHER,
                100 + index as u64,
            ),
        },
    };
    let changes: Vec<_> = changes.iter().enumerate().map(change).collect();
    let tag = Tag::from_bytes([changes.len() as u8; 8]);
    fold(&Foldable { doc: DOC, kind: Kind::TripReport, home: feed(), changes, tag }, &key(), &mut || true)
        .unwrap()
}

fn snapshot_entry(snapshot: &Snapshot) -> Entry {
    let (bytes, folded) = (Some(snapshot.bytes.clone()), Some(snapshot.folded.clone()));
    Entry { change: None, snapshot: bytes, folded, ..entry(1, b"") }
}

impl Bench {
    /// A device that has read a snapshot of these changes, and no further than the first of them.
    fn with_snapshot(changes: &[NewChange]) -> Self {
        let mut bench = Self::new();
        bench.run();
        let mut welcome = bench.welcome();
        welcome.feeds[0].folding = Some(FOLDING);
        welcome.feeds[0].head = 20;
        bench.connect(welcome);
        bench.batch(0, vec![snapshot_entry(&folded(changes))]);
        bench
    }

    fn snapshots(&self) -> Vec<ChunkRow> {
        let rows = self.tables.chunks(DOC).map(|(_, bytes)| from_bytes::<ChunkRow>(bytes).unwrap());
        rows.filter(|row| row.folded.is_some()).collect()
    }

    fn last_hello(&self) -> &Hello {
        let hello = |frame: &&FromClient| matches!(frame, FromClient::Hello(_));
        match self.sent.iter().rev().find(hello) {
            Some(FromClient::Hello(hello)) => hello,
            _ => panic!("no hello was said"),
        }
    }

    fn connects_again(&mut self) {
        let opened = self.opened;
        self.input(Input::Closed);
        self.wait(2_000);
        while self.opened == opened {
            self.wait(2_000);
        }
        self.input(Input::Opened);
    }
}

#[test]
fn a_snapshot_is_stored_as_it_came_and_the_reading_goes_on_as_it_began() {
    let changes = changes_of(OTHER, 9);
    let mut bench = Bench::with_snapshot(&changes);
    let [row] = bench.snapshots().try_into().unwrap();
    assert_eq!(row.bytes, folded(&changes).bytes);
    assert_eq!(row.place, Some(Place { feed: feed(), seq: 9 }), "that of the last entry that it folds");
    bench.connects_again();
    let hello = bench.last_hello();
    assert_eq!(hello.folding, OrderedMap::from([(feed(), FOLDING)]));
    assert_eq!(hello.cursors[&feed()].0, 1);
    // The relay can see whether it still has what the snapshot folds.
    assert_eq!(hello.acked, OrderedMap::from([(feed(), Cursor(9, Tag::from_bytes([9; 8])))]));
    // Once it has caught up, the relay says nothing of snapshots any more.
    bench.frame(FromRelay::Welcome(bench.welcome()));
    assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().folding, None);
}

#[test]
fn what_the_relay_lost_of_a_snapshot_is_offered_under_the_receipt_that_came_with_it() {
    let changes = changes_of(OTHER, 9);
    let mut bench = Bench::with_snapshot(&changes);
    bench.connects_again();
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = Some(cursor(1));
    bench.frame(FromRelay::Welcome(welcome));
    assert!(bench.snapshots().is_empty(), "it was taken apart");
    assert_eq!(bench.get::<PoisonRow>(&Key::document(DOC)), None);
    assert!(changes.iter().all(|change| bench.chunk(change.hash).is_some()));
    let Some(FromClient::Have(have)) = bench.sent.last() else { panic!("{:?}", bench.sent.last()) };
    let hashes: Vec<_> = changes.iter().map(|change| change.hash).collect();
    assert_eq!(have.docs, OrderedMap::from([(DOC, hashes.clone())]), "dependencies first");
    let id = have.id;
    bench.frame(FromRelay::Want(Want { id, hashes: OrderedMap::from([(DOC, hashes[7..].to_vec())]) }));
    let offered: Vec<Entry> = bench
        .sent
        .iter()
        .filter_map(|frame| match frame {
            FromClient::Offer(offer) => Some(offer.entries.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(offered.len(), 2);
    for (index, entry) in (7..).zip(&offered) {
        assert_eq!(
            crate::change_check::check_change(entry.change.as_ref().unwrap()).unwrap().hash,
            hashes[index]
        );
        assert_eq!((entry.by.clone(), entry.device, entry.at), (user("budi"), OTHER, 100 + index as u64));
        assert!(key().is_valid(Subject::Change(hashes[index]), &feed(), entry), "{entry:?}");
    }
    // What it holds is not sent to it in another form once more.
    bench.connects_again();
    assert_eq!(bench.last_hello().folding, OrderedMap::from([(feed(), Folding::raw(1))]));
}

#[test]
fn a_snapshot_that_ends_below_what_is_shared_stays_whole() {
    let changes = changes_of(OTHER, 9);
    let mut bench = Bench::with_snapshot(&changes);
    bench.batch(1, vec![entry(10, &changes_of(OTHER, 10)[9].bytes)]);
    bench.connects_again();
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = Some(cursor(9));
    bench.frame(FromRelay::Welcome(welcome));
    assert_eq!(bench.snapshots().len(), 1);
}

#[test]
fn own_changes_beside_a_snapshot_stay_as_they_are_when_it_is_taken_apart() {
    let mut bench = Bench::with_snapshot(&changes_of(OTHER, 3));
    // This change is in the snapshot too, and the device has it from its own pen.
    let own = &changes_of(OTHER, 3)[1];
    let row = ChunkRow {
        bytes: own.bytes.clone().into(),
        place: Some(Place { feed: feed(), seq: 2 }),
        origin: None,
        proof: None,
        folded: None,
        unproven_since: None,
    };
    bench.put(&row.put(DOC, own.hash));
    bench.connects_again();
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = Some(Cursor::START);
    bench.frame(FromRelay::Welcome(welcome));
    assert!(bench.chunk(own.hash).is_some_and(|chunk| chunk.origin.is_none()));
}

#[test]
fn a_snapshot_that_does_not_say_what_it_folds_is_set_aside() {
    let mut bench = Bench::online();
    let silent = Entry { folded: None, ..snapshot_entry(&folded(&changes_of(OTHER, 3))) };
    bench.batch(0, vec![silent]);
    assert!(bench.snapshots().is_empty());
    assert_eq!(bench.tables.prefix(Table::SetAside, &Key::document(DOC)).len(), 1);
    assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().cursor.0, 1);
}

#[test]
fn a_new_device_in_place_of_a_retired_one_is_sent_no_snapshots() {
    let mut bench = Bench::with_snapshot(&changes_of(OTHER, 9));
    let rows = bench.tables.read(&enrolment::queries());
    let commit = enrolment::enrol(bench.now, &rows, DeviceId::from_bytes([8; 16])).unwrap();
    commit.writes.iter().for_each(|write| bench.put(write));
    assert_eq!(bench.get::<DeviceRow>(&Key::meta(MetaKey::Device)).unwrap().former, [ME]);
    assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().folding, Some(Folding::raw(0)));
}
