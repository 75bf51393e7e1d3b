//! Snapshots in place of entries.

use shared::change_check::check_change;
use shared::change_check::snapshot::check_snapshot;
use shared::ids::{DeviceId, DocumentId};
use shared::model::decision::Event;
use shared::model::document::NewChange;
use shared::sync::relay::compaction::{Growth, Snapshot, fold};
use shared::sync::relay::entry::Page;
use shared::wire::{Cursor, Entry, FoldedProof, Folding, limits};

use crate::world::*;

contract! {
    snapshot_stands_for_the_entries_that_it_folds
    cursor_that_has_seen_a_folded_entry_gets_the_entries_themselves
    who_began_a_document_is_not_sent_a_snapshot_of_it
    page_with_a_snapshot_stops_at_its_limit_but_gives_at_least_one_entry
    newer_snapshot_counts_for_who_begins_then_and_the_older_one_for_who_began_before
    snapshots_that_are_kept_together_have_a_mark_each
    what_has_grown_is_found_along_the_feed
    document_that_cannot_be_folded_is_noted_until_it_can
    older_snapshot_goes_when_no_reading_counts_on_it
}

/// Keeps a snapshot; whether it is kept.
fn keep(world: &World, snapshot: &Snapshot, now: u64) -> bool {
    world.store.put_snapshots(std::slice::from_ref(snapshot), now).unwrap()[0]
}

/// Folds a document, and keeps the snapshot.
fn fold_document(world: &World, doc: DocumentId) -> Snapshot {
    let foldable = world.store.foldable(doc).unwrap().unwrap();
    let snapshot = fold(&foldable, &world.rules.key, &mut || true).unwrap();
    assert!(keep(world, &snapshot, world.now));
    snapshot
}

fn read_folded(world: &World, after: u64, leave_out: Option<DeviceId>, folding: Folding) -> Page {
    world.store.read_folded(&feed("kota"), after, limits::BATCH_BYTES, leave_out, folding).unwrap()
}

fn newest_snapshot(world: &World) -> u64 {
    world.store.greet(&user("ani"), &world.hello(None)).unwrap().newest_snapshot
}

fn last_snapshot(world: &World) -> u64 {
    world.store.greet(&user("ani"), &world.hello(None)).unwrap().feeds[0].last_snapshot
}

/// Two documents whose entries mix: of the first three changes by two people, of the second one.
fn mixed(world: &World) -> (Draft, Vec<NewChange>) {
    let mut at_ani = Draft::begin(1, &ani());
    let first = at_ani.write();
    seq(world.push(&ani(), at_ani.doc, std::slice::from_ref(&first)));
    let mut other = Draft::begin(2, &citra());
    seq(world.push(&citra(), other.doc, &[other.write()]));
    let mut at_budi = at_ani.on(&budi());
    let rest = [at_budi.write(), at_budi.write()];
    seq(world.push(&budi(), at_budi.doc, &rest));
    (at_budi, [vec![first], rest.to_vec()].concat())
}

fn snapshot_stands_for_the_entries_that_it_folds(world: World) {
    let (mut draft, changes) = mixed(&world);
    assert_eq!((newest_snapshot(&world), last_snapshot(&world)), (0, 0));
    let snapshot = fold_document(&world, draft.doc);
    assert_eq!((snapshot.first, snapshot.folded.until), (1, Cursor(4, world.tag())));
    let raw = world.entries();
    seq(world.push(&ani(), draft.doc, &[draft.on(&ani()).write()]));
    let made = newest_snapshot(&world);
    assert_eq!((made, last_snapshot(&world)), (world.now, 1));

    let page = read_folded(&world, 0, None, Folding { after: 0, made });
    assert_eq!(page.to, 5);
    assert_eq!(page.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 5]);
    let sent = &page.entries[0];
    assert_eq!((&sent.change, sent.snapshot.as_ref()), (&None, Some(&snapshot.bytes)));
    assert_eq!((&sent.by, sent.at, sent.receipt), (&raw[0].by, raw[0].at, raw[0].receipt));
    // It gives exactly the changes back, and says of each what its entry says.
    let given = check_snapshot(sent.snapshot.as_ref().unwrap()).unwrap();
    let mut hashes: Vec<_> = given.iter().map(|change| change.hash).collect();
    hashes.sort_unstable();
    let mut expected: Vec<_> = changes.iter().map(|change| change.hash).collect();
    expected.sort_unstable();
    assert_eq!(hashes, expected);
    let folded = sent.folded.as_ref().unwrap();
    assert!(folded.receipt.is_some(), "one receipt stands for all");
    for (hash, FoldedProof(author, at, receipt)) in hashes.iter().zip(&folded.proofs) {
        let is_it = |entry: &&Entry| {
            entry.change.as_ref().is_some_and(|bytes| check_change(bytes).unwrap().hash == *hash)
        };
        let entry = raw.iter().find(is_it).unwrap();
        let author = &folded.authors[*author as usize];
        assert_eq!((&author.by, author.device), (&entry.by, entry.device));
        assert_eq!((folded.since.unwrap() + at, *receipt), (entry.at, None));
    }
    // The entries themselves are still there.
    assert_eq!(world.entries()[..4], raw[..]);
    assert_eq!(world.store.chunks(draft.doc).unwrap().len(), 4);
}

fn cursor_that_has_seen_a_folded_entry_gets_the_entries_themselves(world: World) {
    let (draft, _) = mixed(&world);
    fold_document(&world, draft.doc);
    let made = newest_snapshot(&world);
    let raw = world.entries();
    for (name, after, folding) in [
        ("it began behind the first", 1, Folding { after: 1, made }),
        ("the snapshot was made since it began", 0, Folding { after: 0, made: made - 1 }),
        ("it wants none", 0, Folding::raw(0)),
    ] {
        let page = read_folded(&world, after, None, folding);
        assert_eq!(page.entries, raw[after as usize..], "{name}");
    }
    // One that came through the first of them under the same folding has the snapshot.
    let rest = read_folded(&world, 1, None, Folding { after: 0, made });
    assert_eq!((rest.to, rest.tag), (4, world.tag()));
    assert_eq!(rest.entries, raw[1..2]);
}

fn who_began_a_document_is_not_sent_a_snapshot_of_it(world: World) {
    let (draft, _) = mixed(&world);
    fold_document(&world, draft.doc);
    let folding = Folding { after: 0, made: newest_snapshot(&world) };
    let raw = world.entries();
    assert_eq!(read_folded(&world, 0, Some(device(1)), folding).entries, raw[1..]);
    // Budi's own changes are in it, and come along.
    let for_budi = read_folded(&world, 0, Some(device(2)), folding).entries;
    assert_eq!(for_budi.len(), 2);
    assert!(for_budi[0].snapshot.is_some() && for_budi[1] == raw[1]);
}

fn page_with_a_snapshot_stops_at_its_limit_but_gives_at_least_one_entry(world: World) {
    let (draft, _) = mixed(&world);
    fold_document(&world, draft.doc);
    let folding = Folding { after: 0, made: newest_snapshot(&world) };
    let page = world.store.read_folded(&feed("kota"), 0, 1, None, folding).unwrap();
    assert_eq!((page.to, page.entries.len()), (1, 1));
    let rest = world.store.read_folded(&feed("kota"), page.to, 1, None, folding).unwrap();
    assert_eq!((rest.to, rest.entries.len(), rest.tag), (4, 1, world.tag()), "the folded ones cost nothing");
}

fn newer_snapshot_counts_for_who_begins_then_and_the_older_one_for_who_began_before(world: World) {
    let (mut draft, _) = mixed(&world);
    let older = fold_document(&world, draft.doc);
    let before = newest_snapshot(&world);
    assert!(!keep(&world, &older, world.now + 9), "there is one that folds as much");
    let more = draft.write();
    seq(world.push(&budi(), draft.doc, &[more]));
    assert_eq!(
        world.store.growth(draft.doc).unwrap(),
        Growth { changes: 4, folded: 3, set_aside: 0 },
        "only what is new counts"
    );
    // The clock stands still, and yet the mark grows.
    let newer = fold_document(&world, draft.doc);
    assert_eq!((newer.folded.until.0, newer.changes()), (5, 4));
    assert!(newest_snapshot(&world) > before);
    assert!(!keep(&world, &older, world.now + 9), "an older one never comes back");
    // Who began with the older one reads on with it, and gets what came since as it stands.
    let begun = Folding { after: 0, made: before };
    let rest = read_folded(&world, 1, None, begun);
    assert_eq!(rest.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(read_folded(&world, 0, None, begun).entries[0].snapshot, Some(older.bytes.clone()));
    let anew = Folding { after: 0, made: newest_snapshot(&world) };
    assert_eq!(read_folded(&world, 0, None, anew).entries.len(), 2);
}

fn snapshots_that_are_kept_together_have_a_mark_each(world: World) {
    let docs = [1, 2, 3].map(|id| {
        let mut draft = Draft::begin(id, &ani());
        let change = draft.write();
        seq(world.push(&ani(), draft.doc, &[change]));
        draft.doc
    });
    let fold_it = |doc: &DocumentId| {
        let foldable = world.store.foldable(*doc).unwrap().unwrap();
        fold(&foldable, &world.rules.key, &mut || true).unwrap()
    };
    let [first, second, third] = docs.each_ref().map(fold_it);
    let kept = world.store.put_snapshots(&[first.clone(), second.clone(), first], world.now).unwrap();
    assert_eq!(kept, [true, true, false], "of two that fold as much the first is kept");
    let made = newest_snapshot(&world);
    assert_eq!(made, world.now + 1, "the second stands above the first");
    let kept = world.store.put_snapshots(&[second, third], world.now).unwrap();
    assert_eq!((kept, newest_snapshot(&world)), (vec![false, true], made + 1));
    assert!(world.store.put_snapshots(&[], world.now).unwrap().is_empty());
    // Who began between the two gets what was kept until then.
    let snapshots = |made| {
        let page = read_folded(&world, 0, None, Folding { after: 0, made });
        page.entries.iter().filter(|entry| entry.snapshot.is_some()).count()
    };
    assert_eq!([made - 2, made - 1, made, made + 1].map(snapshots), [0, 1, 2, 3]);
}

fn what_has_grown_is_found_along_the_feed(world: World) {
    let (draft, _) = mixed(&world);
    let kota = feed("kota");
    assert_eq!(world.store.grown(&kota, 0, 1).unwrap(), (1, [draft.doc].into()));
    assert_eq!(world.store.grown(&kota, 1, 100).unwrap(), (4, [draft.doc, doc(2)].into()));
    assert_eq!(seq(world.decide(&ani(), 1, draft.doc, Event::Submit)), 5);
    assert_eq!(world.store.grown(&kota, 4, 100).unwrap(), (5, [].into()), "a decision folds nothing");
    assert_eq!(world.store.grown(&kota, 5, 100).unwrap(), (5, [].into()));
    assert_eq!(world.store.grown(&feed("nowhere"), 0, 100).unwrap(), (0, [].into()));
    assert_eq!(world.store.growth(doc(9)).unwrap(), Growth::default());
    assert_eq!(world.store.foldable(doc(9)).unwrap(), None);
}

fn document_that_cannot_be_folded_is_noted_until_it_can(world: World) {
    let (draft, _) = mixed(&world);
    world.store.set_aside(draft.doc, 3, "too large", world.now).unwrap();
    world.store.set_aside(draft.doc, 3, "too large still", world.now).unwrap();
    assert_eq!(world.store.count_set_aside().unwrap(), 1);
    assert_eq!(world.store.growth(draft.doc).unwrap().set_aside, 3);
    fold_document(&world, draft.doc);
    assert_eq!(world.store.count_set_aside().unwrap(), 0);
    assert_eq!(world.store.growth(draft.doc).unwrap(), Growth { changes: 3, folded: 3, set_aside: 0 });
}

fn older_snapshot_goes_when_no_reading_counts_on_it(world: World) {
    let (mut draft, _) = mixed(&world);
    let mut marks = Vec::new();
    let mut world = world;
    for days in [0, 1, 9, 11] {
        world.now = 1_700_000_000_000 + days * 86_400_000;
        seq(world.push(&budi(), draft.doc, &[draft.write()]));
        fold_document(&world, draft.doc);
        marks.push(newest_snapshot(&world));
    }
    let has =
        |made: u64| read_folded(&world, 0, None, Folding { after: 0, made }).entries[0].snapshot.is_some();
    // The second stood for ten days when the last was made, so nobody counts on the first. The third stood for two.
    assert_eq!(marks.iter().map(|made| has(*made)).collect::<Vec<_>>(), [false, true, true, true]);
}
