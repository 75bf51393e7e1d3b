//! Known changes in the outbox: the same on every device, so sent by any, and behind the document that they are for.

use super::*;
use crate::change_check::check_change;
use crate::sync::client::enrolment::{enrol, queries};

/// Known changes of a version to come, whose hashes lie on both sides of any other.
fn known() -> Vec<NewChange> {
    let fixture: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/known-changes.json")).unwrap();
    let change = |row: &serde_json::Value| {
        let bytes = hex::decode(row["bytes"].as_str().unwrap()).unwrap();
        let checked = check_change(&bytes).unwrap();
        NewChange { hash: checked.hash, actor: checked.actor, bytes }
    };
    fixture["table"].as_array().unwrap().iter().map(change).collect()
}

fn pushed(bench: &Bench) -> Vec<ChangeHash> {
    let FromClient::Push(push) = bench.sent.last().unwrap() else { panic!("{:?}", bench.sent.last()) };
    push.changes.iter().map(|bytes| check_change(bytes).unwrap().hash).collect()
}

#[test]
fn known_changes_are_sent_behind_the_first_change_of_their_document() {
    let mut bench = Bench::online();
    let first = changes_of(ME, 1);
    bench.write(&[known(), first.clone()].concat());
    let sent = pushed(&bench);
    assert_eq!((sent[0], sent.len()), (first[0].hash, 3));
    let (id, _) = bench.pushes()[0];
    bench.ack_with(id, 3, vec![Some(Proof(5, Receipt::from_bytes([3; 16]))), None, None]);
    assert_eq!(bench.tables.count(Table::Outbox), 0);
    for change in known() {
        let chunk = bench.chunk(change.hash).unwrap();
        assert_eq!((chunk.place.map(|place| place.seq), chunk.proof), (Some(3), None), "nobody made it");
    }
}

#[test]
fn known_change_whose_document_the_relay_lacks_is_not_refused_but_sent_again() {
    let mut bench = Bench::online();
    bench.write(&known()[..1]);
    for _ in 0..20 {
        let (id, _) = *bench.pushes().last().unwrap();
        bench.nack(id, NackCode::MissingDependencies, None);
        bench.wait(10_000);
    }
    assert_eq!((bench.pushes().len(), bench.tables.count(Table::SetAside)), (21, 0));
    let (id, _) = *bench.pushes().last().unwrap();
    bench.ack(id, 4);
    assert_eq!(bench.tables.count(Table::Outbox), 0);
}

#[test]
fn new_device_sends_known_changes_of_the_one_before_as_they_stand() {
    let mut bench = Bench::new();
    let (own, known) = (changes_of(ME, 1), known());
    bench.write(&[own.clone(), known.clone()].concat());
    let rows = bench.tables.read(&queries());
    assert_eq!(bench.tables.commit(&enrol(9, &rows, OTHER).unwrap()), CommitResult::Done);
    assert_eq!(bench.tables.count(Table::SetAside), 1, "what the device made itself");
    assert_eq!(bench.chunk(own[0].hash), None);
    let waiting = known.iter().filter(|change| {
        bench.tables.has(Table::Outbox, &Key::change(DOC, change.hash)) && bench.chunk(change.hash).is_some()
    });
    assert_eq!((waiting.count(), bench.tables.count(Table::Outbox)), (2, 2));
}
