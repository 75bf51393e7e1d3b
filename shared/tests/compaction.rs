//! Folding a document into a snapshot: when it is worth it, and what makes it fit for use.
#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ObjType, ROOT};
use shared::change_check::check_change;
use shared::change_check::snapshot::check_snapshot;
use shared::device::row::ChunkRow;
use shared::device::unfolding::unfold;
use shared::ids::{ActorId, DeviceId, DocumentId, FeedId, Receipt, Tag, UserId};
use shared::inclusion::{Inclusion, LONGEST_PATH_BYTES};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::field::Scalar;
use shared::model::kind::Kind;
use shared::model::trip_report::heading;
use shared::sync::relay::compaction::{
    CannotFold, FOLD_AFTER, Foldable, FoldableChange, Growth, check_folds, fold, folded_bytes,
    folded_from_bytes, is_folded_of,
};
use shared::sync::relay::entry::{Authorship, ReceiptKey, Scope, Subject};
use shared::sync::relay::submission::{Request, Submission};
use shared::wire::code::NackCode;
use shared::wire::{Entry, Offer};

const DOC: DocumentId = DocumentId::from_bytes([4; 16]);

fn key() -> ReceiptKey {
    ReceiptKey::new([7; 32])
}

/// A document of one person with so many changes, every second number of the feed being another document's.
fn written(count: usize) -> Foldable {
    let device = DeviceId::from_bytes([1; 16]);
    let mut document = Document::create(DOC, Kind::TripReport, ActorId::new(device, 0));
    let home: FeedId = "kota".parse().unwrap();
    let scope = Scope { doc: DOC, kind: Kind::TripReport, feed: &home };
    let changes = (0..count as u64).map(|index| {
        let value = Scalar::Text(format!("number {index}"));
        document.edit(&Edit::Set { field: heading::number.at_root(), value }).unwrap();
        let change = document.commit(1_000 * index).unwrap();
        let (by, at): (UserId, u64) = ("budi".parse().unwrap(), 100 + index);
        let receipt = key().receipt(scope, Subject::Change(change.hash), &by, device, at);
        let authorship = Authorship { by, device, at, receipt };
        FoldableChange { seq: 3 + 2 * index, hash: change.hash, bytes: change.bytes, authorship }
    });
    let changes = changes.collect();
    Foldable { doc: DOC, kind: Kind::TripReport, home: home.clone(), changes, tag: Tag::from_bytes([7; 8]) }
}

#[test]
fn snapshot_gives_back_exactly_what_it_was_made_of_in_fewer_bytes() {
    let foldable = written(50);
    let snapshot = fold(&foldable, &key(), &mut || true).unwrap();
    assert_eq!((snapshot.first, snapshot.folded.until.0, snapshot.changes()), (3, 101, 50));
    assert_eq!(check_snapshot(&snapshot.bytes).unwrap().len(), 50);
    assert_eq!(check_folds(&snapshot.bytes, &foldable), Ok(()));
    let raw: usize = foldable.changes.iter().map(|change| change.bytes.len()).sum();
    assert!(snapshot.size_bytes() * 2 < raw, "{} of {raw}", snapshot.size_bytes());
    assert_eq!(folded_from_bytes(&folded_bytes(&snapshot.folded)), Some(snapshot.folded.clone()));
    assert_eq!(
        fold(&foldable, &key(), &mut || true).unwrap(),
        snapshot,
        "the same changes give the same bytes"
    );
}

#[test]
fn snapshot_of_other_changes_is_not_used() {
    let foldable = written(9);
    let snapshot = fold(&foldable, &key(), &mut || true).unwrap();
    let fewer = written(8);
    assert_eq!(check_folds(&snapshot.bytes, &fewer), Err(CannotFold::OtherChanges));
    let older = fold(&fewer, &key(), &mut || true).unwrap();
    assert_eq!(check_folds(&older.bytes, &foldable), Err(CannotFold::OtherChanges));
}

#[test]
fn what_cannot_be_folded_is_named() {
    let mut damaged = written(9);
    let last = damaged.changes[4].bytes.len() - 1;
    damaged.changes[4].bytes[last] ^= 1;
    let hash = damaged.changes[4].hash;
    assert!(matches!(fold(&damaged, &key(), &mut || true), Err(CannotFold::Change(of, _)) if of == hash));

    let mut swapped = written(9);
    swapped.changes[4].bytes = swapped.changes[5].bytes.clone();
    assert_eq!(fold(&swapped, &key(), &mut || true), Err(CannotFold::OtherHash(hash)));

    let mut with_a_gap = written(9);
    with_a_gap.changes.remove(4);
    assert!(matches!(
        fold(&with_a_gap, &key(), &mut || true),
        Err(CannotFold::Apply(_) | CannotFold::Snapshot(_))
    ));

    let empty = Foldable { changes: Vec::new(), ..written(1) };
    assert_eq!(fold(&empty, &key(), &mut || true), Err(CannotFold::Empty));
}

#[test]
fn work_ends_when_the_time_is_up_at_whatever_point() {
    let foldable = written(100);
    let mut asked = 0;
    fold(&foldable, &key(), &mut || {
        asked += 1;
        true
    })
    .unwrap();
    assert!(asked > 100, "it asks at every change, and while it applies them: {asked}");
    for end in 0..asked {
        let mut left = end;
        let mut goes_on = || {
            left -= 1;
            left >= 0
        };
        assert_eq!(fold(&foldable, &key(), &mut goes_on), Err(CannotFold::OutOfTime), "{end}");
    }
}

#[test]
fn document_with_more_changes_than_fit_beside_a_snapshot_is_not_folded() {
    let mut foldable = written(1);
    // Not even looked at: what they say of their makers alone is too much for one frame.
    foldable.changes = vec![foldable.changes[0].clone(); 120_000];
    for (index, change) in (0_u32..).zip(&mut foldable.changes) {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&index.to_be_bytes());
        change.hash = shared::ids::ChangeHash::from_bytes(bytes);
    }
    assert_eq!(fold(&foldable, &key(), &mut || true), Err(CannotFold::TooLarge("changes of a snapshot")));
}

#[test]
fn document_is_folded_once_enough_has_come_and_one_that_failed_at_twice_the_size() {
    let cases = [
        ("too little", Growth { changes: FOLD_AFTER - 1, folded: 0, set_aside: 0 }, false),
        ("the first time", Growth { changes: FOLD_AFTER, folded: 0, set_aside: 0 }, true),
        ("little since", Growth { changes: 107, folded: 100, set_aside: 0 }, false),
        ("a tenth since", Growth { changes: 110, folded: 100, set_aside: 0 }, false),
        ("a quarter since", Growth { changes: 125, folded: 100, set_aside: 0 }, true),
        ("it failed", Growth { changes: 199, folded: 0, set_aside: 100 }, false),
        ("it failed at half the size", Growth { changes: 200, folded: 0, set_aside: 100 }, true),
    ];
    for (name, growth, expected) in cases {
        assert_eq!(growth.must_fold(), expected, "{name}");
    }
}

/// The changes of a snapshot as a device offers them one by one.
fn offered(foldable: &Foldable) -> Vec<(Entry, shared::ids::ChangeHash)> {
    let snapshot = fold(foldable, &key(), &mut || true).unwrap();
    let row = ChunkRow {
        bytes: snapshot.bytes.clone(),
        place: None,
        origin: None,
        proof: None,
        folded: Some(snapshot.folded.clone()),
        unproven_since: None,
    };
    let changes = unfold(&row).unwrap();
    let entry = |(checked, row): (shared::change_check::CheckedChange, ChunkRow)| {
        let origin = row.origin.unwrap();
        let entry = Entry {
            seq: 1,
            doc: DOC,
            kind: Kind::TripReport,
            at: origin.at,
            by: origin.by,
            device: origin.device,
            receipt: origin.receipt,
            change: Some(row.bytes),
            snapshot: None,
            folded: None,
            decision: None,
            removed: false,
            inclusion: origin.inclusion,
        };
        (entry, checked.hash)
    };
    changes.into_iter().map(entry).collect()
}

#[test]
fn one_receipt_vouches_for_every_folded_change_as_the_relay_stored_it_and_for_nothing_else() {
    let foldable = written(20);
    let offered = offered(&foldable);
    assert_eq!(offered.len(), 20);
    for (entry, hash) in &offered {
        let stored = foldable.changes.iter().find(|stored| stored.hash == *hash).unwrap();
        let Authorship { by, device, at, receipt } = &stored.authorship;
        assert_eq!((&entry.by, entry.device, entry.at), (by, *device, *at));
        assert_ne!(entry.receipt, *receipt);
        let is_valid = |entry: &Entry| key().is_valid(Subject::Change(*hash), &foldable.home, entry);
        assert!(is_valid(entry));
        let elsewhere: FeedId = "desa".parse().unwrap();
        assert!(!key().is_valid(Subject::Change(*hash), &elsewhere, entry), "in another feed");
        let other = &offered[0].0;
        let other = if other.inclusion == entry.inclusion { &offered[1].0 } else { other };
        for forged in [
            Entry { by: "ani".parse().unwrap(), ..entry.clone() },
            Entry { device: DeviceId::from_bytes([2; 16]), ..entry.clone() },
            Entry { at: entry.at + 1, ..entry.clone() },
            Entry { kind: Kind::Agreement, ..entry.clone() },
            Entry { doc: DocumentId::from_bytes([5; 16]), ..entry.clone() },
            Entry { inclusion: None, ..entry.clone() },
            Entry { inclusion: other.inclusion.clone(), ..entry.clone() },
        ] {
            assert!(!is_valid(&forged), "{forged:?}");
        }
        assert!(!ReceiptKey::new([8; 32]).is_valid(Subject::Change(*hash), &foldable.home, entry));
    }
}

#[test]
fn offer_waits_with_nothing_that_is_not_looked_at() {
    let foldable = written(9);
    let folded = fold(&foldable, &key(), &mut || true).unwrap().folded;
    let (entry, _) = offered(&foldable).remove(0);
    let device = DeviceId::from_bytes([1; 16]);
    let submitted = |entry: Entry| {
        let offer = Offer { id: 1, feed: "kota".parse().unwrap(), entries: vec![entry], newer: vec![] };
        Submission::offer("budi".parse().unwrap(), device, 1, offer)
    };
    let more = Entry { snapshot: Some(vec![0; 1 << 19].into()), folded: Some(folded), ..entry.clone() };
    let submission = submitted(more).unwrap();
    assert_eq!(submission.size_bytes(), submitted(entry.clone()).unwrap().size_bytes());
    let Request::Offer(entries) = &submission.request else { panic!("{submission:?}") };
    assert_eq!((&entries[0].entry.snapshot, &entries[0].entry.folded), (&None, &None));
    let path = vec![0; LONGEST_PATH_BYTES + 32].into();
    let inclusion = entry.inclusion.clone().map(|inclusion| Inclusion { path, ..inclusion });
    assert_eq!(submitted(Entry { inclusion, ..entry }).unwrap_err().code, NackCode::TooLarge);
}

#[test]
fn snapshot_keeps_the_receipts_apart_that_another_key_gave_out() {
    let mut foldable = written(20);
    foldable.changes[3].authorship.receipt = Receipt::from_bytes([9; 16]);
    for (entry, hash) in offered(&foldable) {
        let stored = foldable.changes.iter().find(|stored| stored.hash == hash).unwrap();
        assert_eq!((entry.receipt, &entry.inclusion), (stored.authorship.receipt, &None));
        assert_eq!((&entry.by, entry.at), (&stored.authorship.by, stored.authorship.at));
    }
}

#[test]
fn what_a_snapshot_says_of_its_entries_is_told_from_what_it_does_not() {
    let foldable = written(20);
    let snapshot = fold(&foldable, &key(), &mut || true).unwrap();
    let until = snapshot.folded.until.0;
    let is_it = |said: &_, key: Option<&_>| is_folded_of(said, &foldable, until, key);
    assert!(is_it(&snapshot.folded, Some(&key())) && is_it(&snapshot.folded, None));
    let mut other = snapshot.folded.clone();
    other.receipt = Some(Receipt::from_bytes([1; 16]));
    assert!(!is_it(&other, Some(&key())) && is_it(&other, None), "the receipt is for whoever has the key");
    other.proofs[0].1 += 1;
    assert!(!is_it(&other, None));
    // As relays of before kept it.
    let mut each = written(20);
    each.changes[3].authorship.receipt = Receipt::from_bytes([9; 16]);
    let kept = fold(&each, &key(), &mut || true).unwrap().folded;
    assert!(is_folded_of(&kept, &each, until, Some(&key())) && !is_it(&kept, None));
}

/// A second change that writes into an object that the first one did not make. Each passes the check by itself,
/// and the relay stores both, since it opens no document. Where Automerge panics, the worker survives it.
#[test]
fn change_that_writes_into_nothing_never_becomes_a_snapshot() {
    let actor = ActorId::new(DeviceId::from_bytes([1; 16]), 0);
    let begun = |key: &str, object: bool| {
        let mut doc = AutoCommit::new().with_actor(actor.into());
        let made = if object { doc.put_object(ROOT, key, ObjType::Map).unwrap() } else { ROOT };
        if !object {
            doc.put(ROOT, key, 1).unwrap();
        }
        doc.commit_with(CommitOptions::default().with_time(1));
        (doc, made)
    };
    let (mut other, made) = begun("m", true);
    other.put(&made, "k", 1).unwrap();
    other.commit_with(CommitOptions::default().with_time(2));
    let (mut doc, _) = begun("m", false);
    let first = doc.get_last_local_change().unwrap();
    let mut second = other.get_last_local_change().unwrap().decode();
    second.deps = vec![first.hash()];
    second.hash = None;
    let mut second = automerge::Change::from(second);
    let change = |seq, change: &mut automerge::Change| FoldableChange {
        seq,
        hash: change.hash().into(),
        bytes: change.bytes().to_vec(),
        authorship: written(1).changes[0].authorship.clone(),
    };
    let mut first = first;
    let changes = vec![change(1, &mut first), change(2, &mut second)];
    for change in &changes {
        check_change(&change.bytes).unwrap();
    }
    let foldable = Foldable { changes, ..written(1) };
    let folded = std::panic::catch_unwind(|| fold(&foldable, &key(), &mut || true));
    assert!(!matches!(folded, Ok(Ok(_))), "{folded:?}");
}
