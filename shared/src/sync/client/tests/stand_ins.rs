//! Stand-ins: what they stand for is let go of, and what was written on top of it is kept for its maker.

use super::*;
use crate::change_check::check_change;
use crate::device::row::{SetAsideReason, SetAsideRow};
use crate::device::table::Query;
use crate::device::takeover::{self, Share};
use crate::stand_in::StandIn;
use crate::wire::Push;

fn last_push(bench: &Bench) -> Push {
    let push = |frame: &FromClient| match frame {
        FromClient::Push(push) => Some(push.clone()),
        _ => None,
    };
    bench.sent.iter().filter_map(push).next_back().unwrap()
}

/// What another writes who has these changes, to stand for others.
fn stand_in(on: &[&NewChange], stands_for: &[ChangeHash]) -> NewChange {
    let changes = on.iter().map(|change| check_change(&change.bytes).unwrap().change);
    let mut document = Document::open(DOC, ActorId::new(OTHER, takeover::SLOT), changes).unwrap();
    document.edit(&Edit::Discard).unwrap();
    document.commit_stand_in(9_000, &StandIn::new(stands_for.iter().copied(), [])).unwrap()
}

fn reason(bench: &Bench, hash: ChangeHash) -> Option<SetAsideReason> {
    let row: SetAsideRow = from_bytes(&bench.tables.row(Table::SetAside, &Key::change(DOC, hash))?.value)?;
    Some(row.reason)
}

#[test]
fn original_that_was_taken_over_is_set_aside_and_what_builds_on_it_is_made_again() {
    let mut bench = Bench::online();
    let own = changes_of(ME, 3);
    bench.batch(0, vec![]);
    bench.write(&own);
    let push = last_push(&bench);
    let taken = stand_in(&[&own[0]], &[own[1].hash]);
    bench.nack(push.id, NackCode::TakenOver, Some(vec![own[1].hash, taken.hash]));
    assert_eq!(reason(&bench, own[1].hash), Some(SetAsideReason::TakenOver(taken.hash)));
    assert_eq!(reason(&bench, own[2].hash), Some(SetAsideReason::Orphaned(own[1].hash)));
    let aside = bench.tables.read(&[Query::Prefix(Table::SetAside, Key::document(DOC))]);
    let aside: Vec<SetAsideRow> = aside.iter().filter_map(|row| from_bytes(&row.value)).collect();
    assert_eq!(takeover::own_orphans(aside.iter(), &|device| device == ME), [own[2].hash]);
    assert_eq!(takeover::own_orphans(aside.iter(), &|_| false), []);
    assert_eq!(last_push(&bench).changes, [Bytes::from(own[0].bytes.clone())], "the rest is sent");
    bench.ack(last_push(&bench).id, 1);
    bench.batch(0, vec![entry(2, &taken.bytes)]);

    let rows = bench.tables.read(&takeover::queries(DOC));
    let document = DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed()] };
    let actor = ActorId::new(ME, takeover::SLOT);
    let again = takeover::take_over(1, &document, actor, &rows, Share::Own, &|device| device == ME);
    let again = again.unwrap().expect("there is work to make again");
    assert_eq!(again.stand_ins.len(), 1);
    assert_eq!(
        again.stand_ins[0].1,
        [own[2].hash],
        "it says for which it stands, so that others let go of theirs"
    );
    assert_eq!(bench.tables.commit(&again.commit), CommitResult::Done);
    assert_eq!(bench.tables.commit(&again.commit), CommitResult::GuardFailed, "of two tabs one does it");
    bench.input(Input::Look);
    let sent = check_change(&last_push(&bench).changes[0]).unwrap();
    assert_eq!((sent.stands_for.clone(), sent.deps.clone()), (vec![own[2].hash], vec![taken.hash]));
}

#[test]
fn stand_in_that_comes_takes_the_place_of_what_it_stands_for() {
    let mut bench = Bench::online();
    let own = changes_of(ME, 2);
    bench.write(&own[..1]);
    bench.ack(last_push(&bench).id, 1);
    bench.write(&own[1..]);
    let taken = stand_in(&[&own[0]], &[own[1].hash]);
    bench.batch(0, vec![entry(2, &taken.bytes)]);
    assert_eq!(reason(&bench, own[1].hash), Some(SetAsideReason::TakenOver(taken.hash)));
    assert_eq!((bench.engine.status().waiting, bench.tables.count(Table::Outbox)), (0, 0));
    // The relay answers what was under way: nothing more comes of it.
    bench.nack(last_push(&bench).id, NackCode::TakenOver, Some(vec![own[1].hash, taken.hash]));
    assert_eq!(bench.tables.count(Table::SetAside), 1);
}

#[test]
fn second_stand_in_is_given_up_and_the_rest_of_what_it_stood_for_waits_again() {
    let mut bench = Bench::online();
    let others = changes_of(OTHER, 3);
    bench.batch(0, others.iter().zip(1..).map(|(change, seq)| entry(seq, &change.bytes)).collect());
    for change in &others[1..] {
        let row = ChunkRow { unproven_since: Some(7), ..bench.chunk(change.hash).unwrap() };
        bench.put(&row.put(DOC, change.hash));
    }
    let rows = bench.tables.read(&takeover::queries(DOC));
    let document = DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed()] };
    let actor = ActorId::new(ME, takeover::SLOT);
    let is_own = |device| device == ME;
    assert_eq!(takeover::waiting(&rows, DOC, &is_own).unwrap().0, 7);
    let mine = takeover::take_over(1, &document, actor, &rows, Share::All, &is_own).unwrap().unwrap();
    assert_eq!(bench.tables.commit(&mine.commit), CommitResult::Done);
    bench.input(Input::Look);
    let push = last_push(&bench);
    // Somebody else was first, who had one of the two only.
    let first = stand_in(&[&others[0]], &[others[1].hash]);
    let (stand_in, _) = mine.stand_ins[0];
    bench.nack(push.id, NackCode::TakenOver, Some(vec![stand_in, first.hash]));
    bench.batch(3, vec![entry(4, &first.bytes)]);
    assert_eq!(reason(&bench, stand_in), Some(SetAsideReason::TakenOver(first.hash)));
    assert_eq!(reason(&bench, others[1].hash), Some(SetAsideReason::TakenOver(first.hash)));
    assert!(matches!(reason(&bench, others[2].hash), Some(SetAsideReason::Orphaned(_))));
    let rows = bench.tables.read(&takeover::queries(DOC));
    assert_eq!(takeover::waiting(&rows, DOC, &is_own).unwrap().1, [others[2].hash]);
    let rest = takeover::take_over(2, &document, actor, &rows, Share::All, &is_own).unwrap().unwrap();
    assert_eq!(rest.stand_ins[0].1, [others[2].hash]);
}

#[test]
fn what_others_made_and_somebody_took_over_is_let_go_of_once_its_stand_in_has_lasted() {
    let mut bench = Bench::online();
    let (own, others) = (changes_of(ME, 2), changes_of(OTHER, 3));
    bench.batch(0, others.iter().zip(1..).map(|(change, seq)| entry(seq, &change.bytes)).collect());
    let since = bench.now;
    for change in &others[1..] {
        let row = ChunkRow { unproven_since: Some(since), ..bench.chunk(change.hash).unwrap() };
        bench.put(&row.put(DOC, change.hash));
    }
    let rows = bench.tables.read(&takeover::queries(DOC));
    let document = DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed()] };
    let is_own = |device| device == ME;
    let actor = ActorId::new(ME, takeover::SLOT);
    let mine = takeover::take_over(since, &document, actor, &rows, Share::All, &is_own).unwrap().unwrap();
    let (stand_in, originals) = &mine.stand_ins[0];
    assert_eq!(bench.tables.commit(&mine.commit), CommitResult::Done);
    let reason = SetAsideReason::TakenOver(*stand_in);
    let bytes = Bytes::from(own[1].bytes.clone());
    bench.put(&SetAsideRow { doc: DOC, hash: own[1].hash, bytes, reason, at: since }.put());
    let said = StandIn::read(
        check_change(&bench.chunk(*stand_in).unwrap().bytes).unwrap().change.message().unwrap().as_bytes(),
    );
    assert_eq!(said, Ok(StandIn::new(originals.iter().copied(), [OTHER])), "it says whose they were");

    let let_go = |bench: &Bench, now| {
        let rows = bench.tables.read(&takeover::queries(DOC));
        takeover::outlived(now, DOC, &rows, &is_own).writes.len()
    };
    let later = since + takeover::AFTER_MS;
    assert_eq!(let_go(&bench, later), 0, "the relay does not have the stand-in yet");
    bench.input(Input::Look);
    bench.ack(last_push(&bench).id, 4);
    assert_eq!(let_go(&bench, later - 1), 0, "a backup that is laid back may want them");
    let rows = bench.tables.read(&takeover::queries(DOC));
    let commit = takeover::outlived(later, DOC, &rows, &is_own);
    assert_eq!(bench.tables.commit(&commit), CommitResult::Done);
    let left = bench.tables.read(&[Query::Prefix(Table::SetAside, Key::document(DOC))]);
    let left: Vec<_> = left.iter().filter_map(|row| row.key.change_hash()).collect();
    assert_eq!(left, [own[1].hash], "what this device made stays until its person has seen it");
}

#[test]
fn stand_in_for_a_change_that_is_there_itself_gives_way_to_it() {
    let mut bench = Bench::online();
    let others = changes_of(OTHER, 2);
    bench.batch(0, vec![entry(1, &others[0].bytes), entry(2, &others[1].bytes)]);
    let row = ChunkRow { unproven_since: Some(7), ..bench.chunk(others[1].hash).unwrap() };
    bench.put(&row.put(DOC, others[1].hash));
    let rows = bench.tables.read(&takeover::queries(DOC));
    let document = DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed()] };
    let is_own = |device| device == ME;
    let actor = ActorId::new(ME, takeover::SLOT);
    let mine = takeover::take_over(1, &document, actor, &rows, Share::All, &is_own).unwrap().unwrap();
    assert_eq!(bench.tables.commit(&mine.commit), CommitResult::Done);
    bench.batch(2, vec![entry(3, &others[1].bytes)]);
    assert!(bench.chunk(others[1].hash).is_some_and(|row| row.unproven_since.is_none()));
    assert_eq!(reason(&bench, mine.stand_ins[0].0), Some(SetAsideReason::TakenOver(others[1].hash)));
    assert_eq!(bench.tables.count(Table::Outbox), 0);
}

#[test]
fn what_a_refused_stand_in_stood_for_waits_for_its_maker_again() {
    let mut bench = Bench::online();
    let others = changes_of(OTHER, 2);
    bench.batch(0, vec![entry(1, &others[0].bytes), entry(2, &others[1].bytes)]);
    let row = ChunkRow { unproven_since: Some(7), ..bench.chunk(others[1].hash).unwrap() };
    bench.put(&row.put(DOC, others[1].hash));
    let rows = bench.tables.read(&takeover::queries(DOC));
    let document = DocumentRow { doc: DOC, kind: Kind::TripReport, home: feed(), feeds: vec![feed()] };
    let is_own = |device| device == ME;
    let actor = ActorId::new(ME, takeover::SLOT);
    let mine = takeover::take_over(1, &document, actor, &rows, Share::All, &is_own).unwrap().unwrap();
    assert_eq!(bench.tables.commit(&mine.commit), CommitResult::Done);
    bench.input(Input::Look);
    // Meanwhile the record was archived.
    let (stand_in, _) = mine.stand_ins[0];
    bench.nack(last_push(&bench).id, NackCode::Archived, Some(vec![stand_in]));
    assert!(matches!(reason(&bench, stand_in), Some(SetAsideReason::Refused(..))));
    assert_eq!(reason(&bench, others[1].hash), None);
    assert_eq!(bench.chunk(others[1].hash).unwrap().unproven_since, Some(7));
    assert_eq!(bench.engine.status().waiting, 0);
}
