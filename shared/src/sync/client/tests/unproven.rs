//! Work of others that no receipt proves, and decisions on what the relay has lost.

use super::*;
use crate::wire::{Offer, Push};

fn offers(bench: &Bench) -> Vec<Offer> {
    let offer = |frame: &FromClient| match frame {
        FromClient::Offer(offer) => Some(offer.clone()),
        _ => None,
    };
    bench.sent.iter().filter_map(offer).collect()
}

fn last_push(bench: &Bench) -> Push {
    let push = |frame: &FromClient| match frame {
        FromClient::Push(push) => Some(push.clone()),
        _ => None,
    };
    bench.sent.iter().filter_map(push).next_back().unwrap()
}

/// A device that got two changes of another and wrote one on top, before the relay lost all three.
fn healing() -> (Bench, Vec<NewChange>, NewChange) {
    let mut bench = Bench::online();
    let others = changes_of(OTHER, 2);
    bench.batch(0, vec![entry(1, &others[0].bytes), entry(2, &others[1].bytes)]);
    let chunks = others.iter().map(|change| crate::change_check::check_change(&change.bytes).unwrap().change);
    let mut document = Document::open(DOC, ActorId::new(ME, 0), chunks).unwrap();
    document.edit(&Edit::Discard).unwrap();
    let own = document.commit(9_000).unwrap();
    bench.write(std::slice::from_ref(&own));
    bench.ack_with(last_push(&bench).id, 3, vec![Some(Proof(77, Receipt::from_bytes([4; 16])))]);
    come_back(&mut bench, Some(Cursor::START));
    let Some(FromClient::Have(have)) = bench.sent.last() else { panic!("{:?}", bench.sent.last()) };
    let hashes = [(DOC, others.iter().map(|change| change.hash).collect())].into();
    let id = have.id;
    bench.frame(FromRelay::Want(Want { id, hashes }));
    (bench, others, own)
}

fn come_back(bench: &mut Bench, base: Option<Cursor>) {
    bench.input(Input::Closed);
    bench.input(Input::TryNow);
    let mut welcome = bench.welcome();
    welcome.feeds[0].base = base;
    bench.connect(welcome);
}

#[test]
fn what_no_receipt_proves_waits_with_all_that_builds_on_it_until_its_maker_has_brought_it() {
    let (mut bench, others, own) = healing();
    let offer = offers(&bench).pop().unwrap();
    assert_eq!(offer.entries.len(), 2);
    bench.nack(offer.id, NackCode::Unproven, Some(vec![others[0].hash, others[1].hash]));
    let since = bench.chunk(others[0].hash).unwrap().unproven_since;
    assert_eq!(since, Some(bench.now));
    let row: FeedRow = bench.get(&Key::feed(&feed())).unwrap();
    assert_eq!(row.healing_from, None, "the relay was told all that there is to tell");
    assert_eq!(
        bench.engine.status().synced_at,
        Some(bench.now),
        "all is sent that can be, so work may be taken over"
    );
    assert_eq!((bench.engine.status().waiting, bench.tables.count(Table::SetAside)), (1, 0));
    assert!(!bench.told.iter().any(|notice| matches!(notice, Notice::Refused(..))));

    // Their maker comes back, and pushes both.
    let before = bench.sent.len();
    bench.batch(0, vec![entry(1, &others[0].bytes)]);
    assert_eq!(bench.sent.len(), before, "half of it is not enough");
    bench.batch(1, vec![entry(2, &others[1].bytes)]);
    let push = last_push(&bench);
    assert_eq!(push.changes, [Bytes::from(own.bytes)]);
    bench.ack(push.id, 3);
    let row = bench.chunk(others[1].hash).unwrap();
    assert_eq!((row.unproven_since, row.place.map(|place| place.seq)), (None, Some(2)));
    assert_eq!(bench.engine.status().waiting, 0);
}

#[test]
fn what_waits_for_its_maker_goes_on_waiting_after_a_new_connection() {
    let (mut bench, others, _) = healing();
    let offer = offers(&bench).pop().unwrap();
    bench.nack(offer.id, NackCode::Unproven, Some(vec![others[0].hash, others[1].hash]));
    let since = bench.chunk(others[1].hash).unwrap().unproven_since;
    come_back(&mut bench, None);
    let push = last_push(&bench);
    bench.nack(push.id, NackCode::MissingDependencies, Some(vec![others[1].hash]));
    let offer = offers(&bench).pop().unwrap();
    assert_eq!(offer.entries.len(), 1, "the relay may have found its key again");
    bench.nack(offer.id, NackCode::Unproven, Some(vec![others[1].hash]));
    assert_eq!(bench.chunk(others[1].hash).unwrap().unproven_since, since, "since the first time");
    assert_eq!((bench.engine.status().waiting, bench.tables.count(Table::SetAside)), (1, 0));
}

#[test]
fn one_unproven_change_does_not_hold_up_the_others_of_its_frame() {
    let (mut bench, others, _) = healing();
    let offer = offers(&bench).pop().unwrap();
    bench.nack(offer.id, NackCode::Unproven, Some(vec![others[1].hash]));
    let again = offers(&bench).pop().unwrap();
    assert_ne!(again.id, offer.id);
    assert_eq!(again.entries[0].change, Some(Bytes::from(others[0].bytes.clone())));
    assert_eq!(again.entries.len(), 1);
}

fn decide(bench: &mut Bench, heads: Vec<ChangeHash>) -> DecisionId {
    let id = DecisionId::from_bytes([6; 16]);
    let decision = Decision { decision: id, event: Event::Submit, heads, note: None, made_at: 1 };
    let row = crate::device::row::DecisionRow {
        doc: DOC,
        decision: decision.clone(),
        by: user("sari"),
        place: None,
        origin: None,
        proof: None,
        unproven_since: None,
    };
    bench.put(&row.put());
    bench.put(&OutboxRow::Decision { doc: DOC, feed: feed(), decision, proof: None }.put());
    bench.input(Input::Look);
    id
}

fn decisions(bench: &Bench) -> Vec<u64> {
    let id = |frame: &FromClient| match frame {
        FromClient::Decide(decide) => Some(decide.id),
        _ => None,
    };
    bench.sent.iter().filter_map(id).collect()
}

#[test]
fn decision_on_what_the_relay_lost_sends_that_and_is_made_again() {
    let mut bench = Bench::online();
    let others = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, &others[0].bytes)]);
    decide(&mut bench, vec![others[0].hash]);
    let first = decisions(&bench)[0];
    bench.nack(first, NackCode::MissingDependencies, Some(vec![others[0].hash]));
    let offer = offers(&bench).pop().expect("the change goes first");
    assert_eq!(decisions(&bench).len(), 1, "and the decision waits for it");
    bench.ack(offer.id, 1);
    assert_eq!(decisions(&bench).len(), 2);
    bench.ack(decisions(&bench)[1], 2);
    assert_eq!(bench.engine.status().waiting, 0);
}

#[test]
fn decision_on_a_version_that_nobody_has_any_more_is_set_aside_and_told() {
    let mut bench = Bench::online();
    let others = changes_of(OTHER, 1);
    bench.batch(0, vec![entry(1, &others[0].bytes)]);
    let gone = ChangeHash::from_bytes([8; 32]);
    let id = decide(&mut bench, vec![gone]);
    bench.nack(decisions(&bench)[0], NackCode::MissingDependencies, Some(vec![gone]));
    assert!(bench.told.contains(&Notice::Refused(DOC, NackCode::MissingDependencies)));
    assert!(!bench.tables.has(Table::Decisions, &Key::decision(DOC, id)));
    assert_eq!((bench.tables.count(Table::SetAside), bench.tables.count(Table::Outbox)), (1, 0));
    assert_eq!(decisions(&bench).len(), 1);
}
