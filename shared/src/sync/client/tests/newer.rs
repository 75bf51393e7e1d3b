//! What only a newer version of the app can read: it is kept, nothing stops, and it is read after the update.

use super::*;
use crate::cbor;
use crate::code::Code;
use crate::device::listing::Listing;
use crate::device::row::NewerRow;
use crate::wire::NewerEntry;

/// What a newer app calls [`Kind::TripReport`] in these tests: as long, so that one can stand for the other.
const NEWER_KIND: &[u8] = b"observation";
const KNOWN_KIND: &[u8] = b"trip-report";

/// The bytes with each occurrence of one text replaced by another of the same length.
fn renamed(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len().saturating_sub(from.len() - 1) {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

/// An entry as this version reads it where its kind is another.
fn newer(entry: &Entry) -> NewerEntry {
    NewerEntry {
        seq: entry.seq,
        doc: entry.doc,
        until: None,
        removed: entry.removed,
        bytes: Bytes::from(renamed(&cbor::to_bytes(entry), KNOWN_KIND, NEWER_KIND)),
    }
}

impl Bench {
    fn batch_of_newer(&mut self, from: u64, entries: &[Entry]) {
        let to = entries.last().map_or(from, |entry| entry.seq);
        let tag = Tag::from_bytes([to as u8; 8]);
        let newer = entries.iter().map(newer).collect();
        self.frame(FromRelay::Batch(Batch { feed: feed(), from, to, tag, entries: vec![], newer }));
    }

    fn kept(&self) -> Vec<NewerRow> {
        let rows = self.tables.read(&[Query::Prefix(Table::Newer, Key(Vec::new()))]);
        rows.iter().map(|row| from_bytes(&row.value).unwrap()).collect()
    }

    /// The app is updated: it knows the kind, and begins anew over the same store.
    fn update(&mut self) {
        for row in self.tables.read(&[Query::Prefix(Table::Newer, Key(Vec::new()))]) {
            let value = renamed(&row.value, NEWER_KIND, KNOWN_KIND);
            self.tables.write(&Write::Put(Row { value, ..row }));
        }
        self.engine = ClientSync::new(self.now, 8);
        self.sent.clear();
        self.run();
    }
}

#[test]
fn entries_of_an_unknown_kind_are_kept_and_the_cursor_passes_them() {
    let mut bench = Bench::online();
    let theirs = changes_of(OTHER, 2);
    bench.batch_of_newer(0, &[entry(1, &theirs[0].bytes), entry(2, &theirs[1].bytes)]);
    bench.batch(2, vec![]);
    assert_eq!((bench.closed, bench.kept().len()), (0, 2));
    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!(row.cursor.0, 2);
    assert_eq!(bench.chunk(theirs[0].hash), None);
    assert!(bench.told.contains(&Notice::Documents(vec![DOC])));
    let listing = Listing::new(bench.tables.read(&Listing::whole()));
    assert_eq!((listing.newer(), listing.lines().len()), (1, 0));
}

#[test]
fn kept_entries_are_read_after_the_update_before_anything_is_said() {
    let mut bench = Bench::online();
    let theirs = changes_of(OTHER, 2);
    bench.batch_of_newer(0, &[entry(1, &theirs[0].bytes), entry(2, &theirs[1].bytes)]);
    bench.told.clear();
    bench.update();
    assert_eq!(bench.kept(), []);
    for (change, seq) in theirs.iter().zip(1..) {
        let chunk = bench.chunk(change.hash).unwrap();
        assert_eq!(chunk.place.map(|place| place.seq), Some(seq));
        assert_eq!(chunk.origin.map(|origin| origin.by), Some(user("budi")));
    }
    assert!(bench.told.contains(&Notice::Documents(vec![DOC])));
    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!((row.cursor.0, row.healing_from), (2, None));
}

#[test]
fn what_an_older_version_could_not_offer_again_is_offered_after_the_update() {
    let mut bench = Bench::online();
    let theirs = changes_of(OTHER, 3);
    bench.batch(0, vec![entry(1, &theirs[0].bytes)]);
    bench.batch_of_newer(1, &[entry(2, &theirs[1].bytes), entry(3, &theirs[2].bytes)]);
    bench.input(Input::Closed);
    bench.wait(60_000);
    // A restored relay has the first entry only.
    let fresh = EpochId::from_bytes([10; 16]);
    let mut welcome = Welcome { epoch: fresh, ..bench.welcome() };
    welcome.feeds[0].base = Some(cursor(1));
    bench.connect(welcome.clone());
    // It is asked once more, with the older cursors.
    bench.connect(welcome.clone());
    assert_eq!(bench.get::<FeedRow>(&Key::feed(&feed())).unwrap().cursor, cursor(1));
    bench.input(Input::Closed);
    bench.update();
    welcome.feeds[0].base = None;
    bench.connect(welcome);
    let have = bench.sent.iter().find_map(|frame| match frame {
        FromClient::Have(have) => have.docs.get(&DOC).cloned(),
        _ => None,
    });
    let mut told = have.expect("what may be lost is told");
    told.sort_unstable();
    let mut lost = vec![theirs[1].hash, theirs[2].hash];
    lost.sort_unstable();
    assert_eq!(told, lost);
}

#[test]
fn document_that_leaves_the_feed_takes_what_was_kept_of_it_along() {
    let mut bench = Bench::online();
    let theirs = changes_of(OTHER, 2);
    bench.batch_of_newer(0, &[entry(1, &theirs[0].bytes)]);
    let left = Entry { removed: true, change: None, ..entry(3, &[]) };
    bench.batch_of_newer(1, &[entry(2, &theirs[1].bytes), left]);
    assert_eq!(bench.kept(), []);
}

#[test]
fn push_that_an_older_relay_does_not_know_waits_and_is_sent_again_to_the_next_one() {
    let mut bench = Bench::online();
    bench.write(&changes_of(ME, 1));
    let (id, changes) = bench.pushes()[0];
    bench.nack(id, NackCode::UnknownKind, None);
    assert_eq!((bench.engine.status().waiting, bench.pushes().len()), (1, 1));
    assert!(!bench.told.iter().any(|notice| matches!(notice, Notice::Refused(..))));
    bench.input(Input::Closed);
    bench.wait(60_000);
    bench.connect(bench.welcome());
    assert_eq!((bench.pushes().len(), bench.pushes()[1].1), (2, changes));
}

#[test]
fn role_that_is_not_known_reads() {
    let mut bench = Bench::new();
    bench.run();
    let mut welcome = bench.welcome();
    welcome.feeds[0].role = Code::from_text("inspector").unwrap();
    bench.connect(welcome);
    assert_eq!(bench.engine.status().feeds[&feed()].role, Role::Reader);
    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!(row.role.as_str(), "inspector");
}
