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
        // With a right checksum it is another document, or none: never a panic.
        let _ = check_snapshot(&forge::chunk(0, forge::body_of(&damaged)));
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
    let with = |columns: &[(u64, Vec<u8>)]| {
        let mut body = vec![1, 17];
        body.extend_from_slice(&[7; 17]);
        body.extend_from_slice(&[0, 0]);
        body.extend_from_slice(&forge::column_list(columns));
        forge::chunk(0, &body)
    };
    let cases = [
        ("ten million operations", with(&[(0x42, runs(10_000_000, 1))]), Refusal::TooLarge("operations")),
        ("huge run of no", with(&[(0x34, forge::unsigned(1 << 60))]), Refusal::TooLarge("operations")),
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
