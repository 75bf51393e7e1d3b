//! Changes that stand for others: what is said once is said by one change, whichever comes first.

use shared::ids::{ActorId, ChangeHash, Receipt};
use shared::model::document::{Document, NewChange};
use shared::model::edit::Edit;
use shared::stand_in::StandIn;
use shared::wire::Entry;
use shared::wire::code::NackCode;

use crate::world::*;

contract! {
    original_that_comes_after_its_stand_in_is_refused_and_told_which_it_is
    stand_in_that_comes_after_an_original_is_refused_and_told_which_it_is
    second_stand_in_for_any_of_the_same_is_refused
    original_and_stand_in_of_one_batch_are_told_apart
    stand_in_of_one_document_stands_for_nothing_of_another
    refused_stand_in_claims_nothing
    holders_are_told_that_their_unproven_copy_was_taken_over
}

/// A document of ani's that is stored, and two changes of hers on top that are not.
fn lost(world: &World) -> (Draft, NewChange, Vec<NewChange>) {
    let mut draft = Draft::begin(1, &ani());
    let begun = draft.write();
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&begun)));
    let originals = vec![draft.write(), draft.write()];
    (draft, begun, originals)
}

/// What somebody writes who has the document as it is stored, to stand for these.
fn stand_in(begun: &NewChange, who: &Writer, stands_for: &[ChangeHash]) -> NewChange {
    let change = shared::change_check::check_change(&begun.bytes).unwrap().change;
    let mut document = Document::open(doc(1), ActorId::new(who.device, 9), [change]).unwrap();
    document.edit(&Edit::Discard).unwrap();
    stand_in_for(&mut document, stands_for)
}

fn stand_in_for(document: &mut Document, stands_for: &[ChangeHash]) -> NewChange {
    document.commit_stand_in(1_700_000_000_000, &StandIn::new(stands_for.iter().copied(), [])).unwrap()
}

fn told(
    answer: Result<shared::sync::relay::entry::Place, shared::wire::Nack>,
) -> (NackCode, Vec<ChangeHash>) {
    let nack = answer.unwrap_err();
    (nack.code, nack.hashes.unwrap_or_default())
}

fn hashes(changes: &[NewChange]) -> Vec<ChangeHash> {
    changes.iter().map(|change| change.hash).collect()
}

fn original_that_comes_after_its_stand_in_is_refused_and_told_which_it_is(world: World) {
    let (draft, begun, originals) = lost(&world);
    let taken = stand_in(&begun, &budi(), &hashes(&originals));
    assert_eq!(seq(world.push(&budi(), draft.doc, std::slice::from_ref(&taken))), 2);
    for (sent, at_fault) in [(&originals[..], 0), (&originals[..1], 0), (&originals[1..], 1)] {
        let answer = told(world.push(&ani(), draft.doc, sent));
        assert_eq!(answer, (NackCode::TakenOver, vec![originals[at_fault].hash, taken.hash]));
    }
    assert_eq!(
        seq(world.push(&budi(), draft.doc, std::slice::from_ref(&taken))),
        2,
        "said again, it is stored"
    );
    assert_eq!(world.entries().len(), 2);
    let again =
        [&begun, &taken].map(|change| shared::change_check::check_change(&change.bytes).unwrap().change);
    let mut document = Document::open(doc(1), ActorId::new(ani().device, 0), again).unwrap();
    document.edit(&Edit::Recover).unwrap();
    let next = document.commit(1_700_000_000_000).unwrap();
    assert_eq!(seq(world.push(&ani(), draft.doc, &[next])), 3, "her number is free for what she writes next");
}

fn stand_in_that_comes_after_an_original_is_refused_and_told_which_it_is(world: World) {
    let (draft, begun, originals) = lost(&world);
    seq(world.push(&ani(), draft.doc, &originals[..1]));
    let taken = stand_in(&begun, &budi(), &hashes(&originals));
    let answer = told(world.push(&budi(), draft.doc, std::slice::from_ref(&taken)));
    assert_eq!(answer, (NackCode::OriginalStored, vec![taken.hash, originals[0].hash]));
    assert_eq!(seq(world.push(&ani(), draft.doc, &originals[1..])), 3, "nothing was claimed");
}

fn second_stand_in_for_any_of_the_same_is_refused(world: World) {
    let (draft, begun, originals) = lost(&world);
    let first = stand_in(&begun, &budi(), &hashes(&originals[..1]));
    seq(world.push(&budi(), draft.doc, std::slice::from_ref(&first)));
    let second = stand_in(&begun, &citra(), &hashes(&originals));
    let answer = told(world.push(&citra(), draft.doc, std::slice::from_ref(&second)));
    assert_eq!(answer, (NackCode::TakenOver, vec![second.hash, first.hash]));
    let rest = stand_in(&begun, &citra(), &hashes(&originals[1..]));
    assert_eq!(seq(world.push(&citra(), draft.doc, std::slice::from_ref(&rest))), 3);
}

fn original_and_stand_in_of_one_batch_are_told_apart(world: World) {
    let (draft, begun, originals) = lost(&world);
    let (first, second) =
        (stand_in(&begun, &budi(), &hashes(&originals)), stand_in(&begun, &citra(), &hashes(&originals)));
    let batch = [
        world.submission(&budi(), draft.doc, std::slice::from_ref(&first)),
        world.submission(&citra(), draft.doc, std::slice::from_ref(&second)),
        world.submission(&ani(), draft.doc, &originals),
    ];
    let verdicts = world.store.commit(&batch, &world.rules).unwrap();
    let codes: Vec<_> = verdicts.iter().map(|verdict| verdict.answer().err().map(|nack| nack.code)).collect();
    assert_eq!(codes, [None, Some(NackCode::TakenOver), Some(NackCode::TakenOver)]);
    assert_eq!(world.entries().len(), 2);
}

fn stand_in_of_one_document_stands_for_nothing_of_another(world: World) {
    let (draft, _, originals) = lost(&world);
    let mut other = Draft::begin(2, &budi());
    other.document.edit(&Edit::Discard).unwrap();
    let claim = stand_in_for(&mut other.document, &hashes(&originals));
    seq(world.push(&budi(), other.doc, std::slice::from_ref(&claim)));
    assert_eq!(seq(world.push(&ani(), draft.doc, &originals)), 4);
}

fn refused_stand_in_claims_nothing(world: World) {
    let (draft, begun, originals) = lost(&world);
    let taken = stand_in(&begun, &dewi(), &hashes(&originals));
    assert_eq!(code(world.push(&dewi(), draft.doc, std::slice::from_ref(&taken))), NackCode::Forbidden);
    let taken = stand_in(&begun, &budi(), &hashes(&originals));
    // In one push with what is refused, all of it is as if it had not been sent.
    let both = [taken.clone(), stand_in(&begun, &ani(), &[originals[0].hash])];
    assert_eq!(code(world.push(&budi(), draft.doc, &both)), NackCode::WrongActor);
    assert_eq!(seq(world.push(&ani(), draft.doc, &originals)), 3);
}

fn holders_are_told_that_their_unproven_copy_was_taken_over(world: World) {
    let (draft, begun, originals) = lost(&world);
    let taken = stand_in(&begun, &budi(), &hashes(&originals));
    seq(world.push(&budi(), draft.doc, std::slice::from_ref(&taken)));
    let copy = Entry {
        change: Some(originals[0].bytes.clone().into()),
        receipt: Receipt::from_bytes([0; 16]),
        ..world.entries().remove(0)
    };
    let answer = told(world.offer(&citra(), vec![copy.clone()]));
    assert_eq!(answer, (NackCode::TakenOver, vec![originals[0].hash, taken.hash]));
    assert_eq!(code(world.offer(&eko(), vec![copy])), NackCode::UnknownDocument, "who may not know of it");
}
