//! Snapshots: whole ones give their changes, damaged and hostile ones are refused.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ROOT, ReadDoc};
use shared::change_check::Refusal;
use shared::change_check::history::History;
use shared::change_check::snapshot::check_snapshot;
use shared::wire::limits;

use super::documents::{actor, document, ordinary};
use super::forge::{self, runs};

/// A document of two people, deflated columns included.
fn two_people() -> AutoCommit {
    let mut ayu = document(1);
    ayu.apply_changes([ordinary()]).expect("the change fits");
    let mut budi = ayu.fork().with_actor(actor(2).into());
    for (doc, text) in [(&mut ayu, "Kabupaten "), (&mut budi, "Kota ")] {
        let (_, prose) = doc.get(ROOT, "hasil").expect("the key is read").expect("the text is there");
        for round in 0..30 {
            doc.splice_text(&prose, 0, 0, &format!("{text} {round} ")).expect("the text takes words");
            doc.commit_with(CommitOptions::default().with_time(1_562_716_800 + round));
        }
    }
    ayu.merge(&mut budi).expect("the two fit");
    ayu
}

#[test]
fn snapshot_gives_every_change_dependencies_first() {
    let mut doc = two_people();
    let changes = check_snapshot(&doc.save()).unwrap();
    let expected: Vec<_> = doc.get_changes(&[]).iter().map(|change| change.hash().into()).collect();
    assert_eq!(changes.iter().map(|change| change.hash).collect::<Vec<_>>(), expected);
    let mut history = History::default();
    for change in &changes {
        history.admit(change).unwrap();
    }
}

#[test]
fn damaged_snapshots_are_refused() {
    let bytes = two_people().save();
    for length in 0..bytes.len() {
        assert!(matches!(check_snapshot(&bytes[..length]), Err(Refusal::Malformed(_))), "{length}");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(check_snapshot(&damaged).is_err(), "{at}");
    }
    assert_eq!(
        check_snapshot(&[&bytes[..], &bytes[..]].concat()).unwrap_err(),
        Refusal::Malformed("bytes follow the chunk")
    );
    assert_eq!(check_snapshot(ordinary().raw_bytes()).unwrap_err(), Refusal::ChunkType(1));
    let large = vec![0; limits::SNAPSHOT_BYTES + 1];
    assert_eq!(check_snapshot(&large).unwrap_err(), Refusal::TooLarge("bytes of the snapshot"));
}

#[test]
fn hostile_snapshots_are_refused() {
    // One actor and no heads; the list of columns of changes, that of operations, and then their bytes.
    let chunk = |changes: &[(u64, Vec<u8>)], operations: &[(u64, Vec<u8>)]| {
        let (change_list, change_bytes) = forge::columns(changes);
        let (operation_list, operation_bytes) = forge::columns(operations);
        let body =
            [&[1, 17][..], &[7; 17], &[0], &change_list, &operation_list, &change_bytes, &operation_bytes];
        forge::chunk(0, &body.concat())
    };
    let with = |operations: &[(u64, Vec<u8>)]| chunk(&[], operations);
    let with_changes = |changes: &[(u64, Vec<u8>)]| chunk(changes, &[]);
    let cases = [
        (
            "change that builds on one that is not there",
            with_changes(&[(0x01, runs(1, 0)), (0x13, runs(1, 1)), (0x40, runs(1, 1)), (0x43, runs(1, 7))]),
            Refusal::Malformed("a change builds on a later one"),
        ),
        (
            "change of four thousand million operations",
            with_changes(&[
                (0x01, runs(1, 0)),
                (0x13, [forge::signed(-1), forge::signed(4_000_000_000)].concat()),
                (0x40, runs(1, 0)),
            ]),
            Refusal::Malformed("its changes have more operations than there are"),
        ),
        (
            "two operations with one number",
            with(&[(0x21, runs(2, 0)), (0x23, [forge::signed(-2), vec![1, 0]].concat()), (0x42, runs(2, 1))]),
            Refusal::Malformed("two operations have one number"),
        ),
        (
            "value longer than what is there",
            with(&[(0x56, runs(1, 1 << 40))]),
            Refusal::Malformed("a value is longer than what is there"),
        ),
        ("ten million operations", with(&[(0x42, runs(10_000_000, 1))]), Refusal::TooLarge("operations")),
        ("huge run of no", with(&[(0x34, forge::unsigned(1 << 60))]), Refusal::TooLarge("rows of a column")),
        ("groups without end", with(&[(0x70, runs(1000, 1 << 40))]), Refusal::TooLarge("references")),
        (
            "column that inflates to 400 MB",
            with(&[(0x42 | 8, forge::bomb_stream(400))]),
            Refusal::TooLarge("bytes once inflated"),
        ),
        (
            "columns that together inflate to too much",
            with(&[(0x57 | 8, forge::bomb_stream(20)), (0x67 | 8, forge::bomb_stream(20))]),
            Refusal::TooLarge("bytes once inflated"),
        ),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(check_snapshot(&bytes).expect_err(name), expected, "{name}");
    }
}
