//! Texts that another program put in another's place.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ROOT};
use shared::device::open_document::OpenDocument;
use shared::ids::{ActorId, DeviceId};
use shared::model::action_plan::{LINES, line};
use shared::model::conflict::{Conflict, ValueStanding};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::field::{Field, FieldRef, Scalar};
use shared::model::kind::Kind;
use shared::model::summary::Summary;
use shared::model::trip_report::{OUTCOMES, heading, outcome};

use super::{DOC, chunk, item, opened, read};

const FIELD: FieldRef = heading::conclusion.at_root();

fn texts(conflict: &Conflict) -> Vec<(&str, ValueStanding)> {
    fn text(value: &Scalar) -> Option<&str> {
        if let Scalar::Text(text) = value { Some(text) } else { None }
    }
    // The shown one first, the others in the order of their words.
    let mut texts: Vec<_> =
        conflict.values.iter().map(|it| (text(&it.value).unwrap(), it.standing)).collect();
    texts[1..].sort_by_key(|(text, _)| *text);
    texts
}

fn settle(document: &mut OpenDocument, text: &str) {
    document.edit(0, &Edit::Rewrite { field: FIELD, text: text.to_owned() }).unwrap();
    document.edit(0, &Edit::Settle { field: FIELD, most_units: usize::MAX }).unwrap();
    assert_eq!(document.document().conflicts(), []);
    assert_eq!(document.document().prose(&FIELD), text);
    document.flush(0).unwrap();
    assert_eq!(document.document().conflicts(), []);
}

#[test]
fn words_that_an_assigned_text_pushed_out_are_offered_and_can_be_taken_back() {
    for (name, shown, pushed_out) in [
        ("assigned", "Kata klien.", vec!["Kata sri sebelumnya."]),
        ("assigned-while-another-wrote", "Kata klien.", vec!["Kata sri sebelumnya. Kata sri luring."]),
        ("assigned-scalar", "Kata tetap.", vec!["Kata sri sebelumnya."]),
        ("assigned-twice", "Kata terakhir.", vec!["Kata klien.", "Kata sri sebelumnya."]),
        ("deleted", "", vec!["Kata sri sebelumnya."]),
    ] {
        let mut document = opened(name);
        let conflicts = document.document().conflicts();
        assert_eq!(conflicts.len(), 1, "{name}");
        assert_eq!(conflicts[0].field, FIELD);
        let mut expected = vec![(shown, ValueStanding::Set)];
        expected.extend(pushed_out.iter().map(|text| (*text, ValueStanding::Replaced)));
        assert_eq!(texts(&conflicts[0]), expected, "{name}");
        assert_eq!(Summary::of(document.document()).conflicts, 1, "{name}: lists say so");
        settle(&mut document, &format!("{shown} {}", pushed_out.join(" ")));
    }
}

#[test]
fn words_of_an_item_that_was_assigned_whole_are_offered_and_can_be_taken_back() {
    let field = outcome::text.of(OUTCOMES, item(1));
    for (name, pushed_out) in [
        ("item-assigned", "Hasil sri."),
        ("item-assigned-while-another-wrote", "Hasil sri. Kata luring."),
        ("item-assigned-in-its-list", "Hasil sri."),
        ("item-assigned-in-its-list-while-another-wrote", "Hasil sri. Kata luring."),
        ("item-deleted-and-assigned", "Hasil sri."),
    ] {
        let mut document = opened(name);
        let conflicts = document.document().conflicts();
        assert_eq!(conflicts.len(), 1, "{name}");
        assert_eq!(conflicts[0].field, field);
        let expected = [("Hasil klien.", ValueStanding::Set), (pushed_out, ValueStanding::Replaced)];
        assert_eq!(texts(&conflicts[0]), expected, "{name}");
        assert_eq!(document.document().conflict_of(&field).as_ref(), conflicts.first());
        let both = format!("Hasil klien. {pushed_out}");
        document.edit(0, &Edit::Rewrite { field, text: both.clone() }).unwrap();
        document.edit(0, &Edit::Settle { field, most_units: usize::MAX }).unwrap();
        document.flush(0).unwrap();
        assert_eq!(document.document().conflicts(), [], "{name}");
        assert_eq!(document.document().prose(&field), both);
    }
    assert_eq!(read("item-assigned-with-all-words", Document::conflicts), []);
    let more = read("item-assigned-with-all-words-while-another-wrote", Document::conflicts);
    assert_eq!(texts(&more[0])[1].0, "Hasil sri. Kata luring.");
}

#[test]
fn facts_that_an_assigned_item_did_not_know_are_a_conflict_and_those_that_it_knew_are_not() {
    let mut document = opened("line-assigned-while-another-set-facts");
    let of = |field: Field| field.of(LINES, item(1));
    let said = |conflict: &Conflict| {
        (conflict.field, conflict.values.iter().map(|it| it.value.clone()).collect::<Vec<_>>())
    };
    let whole = |number| Scalar::Integer(number);
    let done = Scalar::Text("done".to_owned());
    let found: Vec<_> = document.document().conflicts().iter().map(said).collect();
    assert_eq!(
        found,
        [
            (of(line::ceiling), vec![whole(1_000_000), whole(2_500_000)]),
            (of(line::status), vec![Scalar::Empty, done.clone()]),
        ],
        "the target, which the program changed, and the unit, which it left out, it had seen"
    );
    for (field, value) in [(line::ceiling, whole(2_500_000)), (line::status, Scalar::Empty)] {
        document.edit(0, &Edit::Set { field: of(field), value: value.clone() }).unwrap();
        document.flush(0);
        assert_eq!(document.document().fact(&of(field)), value);
    }
    assert_eq!(document.document().conflicts(), []);
}

#[test]
fn texts_that_two_assign_at_once_are_a_conflict_of_all() {
    for (name, both) in [
        ("assigned-at-once", ["Kata klien.", "Kata klien kedua."]),
        ("assigned-scalars-at-once", ["Kata tetap.", "Kata tetap lain."]),
    ] {
        let mut document = opened(name);
        let conflicts = document.document().conflicts();
        let texts = texts(&conflicts[0]);
        for text in both {
            assert!(texts.contains(&(text, ValueStanding::Set)), "{name}: {texts:?}");
        }
        assert!(texts.contains(&("Kata sri sebelumnya.", ValueStanding::Replaced)), "{name}: {texts:?}");
        settle(&mut document, both[0]);
    }
}

#[test]
fn text_that_keeps_all_words_or_comes_where_none_were_is_not_asked_about() {
    for name in ["assigned-with-all-words", "assigned-over-nothing"] {
        assert_eq!(read(name, |document| document.conflicts()), [], "{name}");
    }
}

#[test]
fn what_is_written_into_a_replaced_text_after_it_was_settled_is_offered_again() {
    // The device that does not know of the assigned text writes on in the old one.
    let mut here = opened("assigned");
    let changes = here.document().changes();
    let (_, old) = changes.split_last().unwrap();
    let actor = ActorId::new(DeviceId::from_bytes([0xbb; 16]), 0);
    let mut before = Document::open_as(DOC, Kind::TripReport, actor, old.to_vec()).unwrap();
    settle(&mut here, "Kata klien.");
    before.edit(&Edit::Splice { field: FIELD, at: 20, delete: 0, insert: " Dan lagi.".to_owned() }).unwrap();
    let change = before.commit(0).unwrap();
    let received = here.receive(0, vec![(change.hash, chunk(change.bytes))]);
    assert_eq!(received.applied, [change.hash]);
    let conflicts = here.document().conflicts();
    assert_eq!(texts(&conflicts[0])[1], (" Dan lagi.", ValueStanding::Replaced));
    settle(&mut here, "Kata klien. Dan lagi.");
}

#[test]
fn settling_a_long_text_takes_several_changes_and_leaves_none_of_it() {
    let mut document = opened("assigned");
    // What is shown grows long and is pushed out in turn by a program that assigns.
    let long = "panjang ".repeat(3_000);
    document.edit(0, &Edit::Rewrite { field: FIELD, text: long.clone() }).unwrap();
    document.flush(0);
    let mut doc = AutoCommit::load(&document.document().save()).unwrap();
    doc.set_actor(ActorId::new(DeviceId::from_bytes([0xcc; 16]), 0).into());
    doc.put(ROOT, "conclusion", "pendek").unwrap();
    let change = doc.get_last_local_change().unwrap();
    document.receive(0, vec![(change.hash().into(), chunk(change.raw_bytes().to_vec()))]);
    assert_eq!(document.document().prose(&FIELD), "pendek");
    assert_eq!(texts(&document.document().conflicts()[0]).len(), 3);
    document.edit(0, &Edit::Settle { field: FIELD, most_units: usize::MAX }).unwrap();
    assert_eq!(document.document().conflicts(), []);
    assert!(document.flush(0).unwrap().changes.len() > 1);
}
