//! Lists.

use shared::device::open_document::OpenDocument;
use shared::ids::{ActorId, DeviceId, ItemId};
use shared::model::action_plan::{ActionPlan, LINES};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::summary::Summary;
use shared::model::trip_report::{OUTCOMES, outcome};

use super::{DOC, item, opened, opened_by, read};

#[test]
fn item_without_an_order_stands_at_the_end_and_what_is_no_item_is_named() {
    let order = read("plan", |document| document.item_ids(LINES));
    assert_eq!(order, [(item(1), false), (item(2), false), (item(3), false)]);
    let third = read("plan", ActionPlan::read).lines.remove(2).value;
    assert_eq!(third.activity, "Tanpa urutan");
    assert_eq!(read("plan", Document::misplaced), ["lines/0000000000000004", "lines/bukan-id"]);
}

fn text(document: &Document, number: u8) -> String {
    document.prose(&outcome::text.of(OUTCOMES, item(number)))
}

/// The results in the bin, each with its text and whether it was edited since.
fn bin(document: &Document) -> Vec<(ItemId, String, bool)> {
    let said = |id| document.item_reader(OUTCOMES, id).unwrap().prose(outcome::text);
    document.removed_items(OUTCOMES).into_iter().map(|(id, edited)| (id, said(id), edited)).collect()
}

fn restore(document: &mut OpenDocument, number: u8) {
    document.edit(0, &Edit::Restore { list: OUTCOMES, item: item(number) }).unwrap();
    document.flush(0);
}

#[test]
fn items_that_another_program_deleted_or_left_out_of_a_list_are_in_its_bin() {
    let first =
        |edited| (item(1), if edited { "Hasil sri. Kata luring." } else { "Hasil sri." }.to_owned(), edited);
    for (name, in_bin, shown) in [
        ("list-assigned", vec![(item(1), "Hasil pertama".to_owned(), false)], vec![item(2)]),
        ("item-deleted", vec![first(false)], vec![]),
        ("item-deleted-while-another-wrote", vec![first(true)], vec![item(3)]),
        ("items-deleted-with-their-list", vec![first(false)], vec![]),
        (
            "items-deleted-with-their-list-while-another-wrote",
            vec![first(true), (item(3), "Hasil luring.".to_owned(), true)],
            vec![],
        ),
        (
            "item-assigned-in-its-list-while-another-wrote",
            vec![(item(3), "Hasil luring.".to_owned(), true)],
            vec![item(1), item(2)],
        ),
    ] {
        let mut document = opened(name);
        assert_eq!(bin(document.document()), in_bin, "{name}");
        assert!(document.document().misplaced().is_empty(), "{name}");
        assert_eq!(
            Summary::of(document.document()).reviews,
            in_bin.iter().filter(|it| it.2).count(),
            "{name}"
        );
        let there = |document: &Document| -> Vec<ItemId> {
            let all = document.item_ids(OUTCOMES);
            all.into_iter().filter(|(_, removed)| !removed).map(|(id, _)| id).collect()
        };
        assert_eq!(there(document.document()), shown, "{name}");
        let conflicts = document.document().conflicts();

        // Each comes back as it was, as a new device reads it too.
        for (id, ..) in &in_bin {
            document.edit(0, &Edit::Restore { list: OUTCOMES, item: *id }).unwrap();
        }
        document.flush(0);
        let actor = ActorId::new(DeviceId::from_bytes([0xdd; 16]), 0);
        let fresh = Document::open_as(DOC, Kind::TripReport, actor, document.document().changes()).unwrap();
        for document in [document.document(), &fresh] {
            assert_eq!(bin(document), [], "{name}");
            assert_eq!(there(document).len(), in_bin.len() + shown.len(), "{name}");
            for (id, said, _) in &in_bin {
                assert_eq!(document.prose(&outcome::text.of(OUTCOMES, *id)), *said, "{name}");
            }
            assert_eq!(
                document.conflicts(),
                conflicts,
                "{name}: nothing is asked about what came back whole"
            );
        }
    }
    assert_eq!(read("list-is-a-list", Document::misplaced), ["outcomes", "outcomes/0000000000000001"]);
    for name in ["assigned", "blocks", "prose-scalar"] {
        assert!(read(name, Document::misplaced).is_empty(), "{name}");
    }
}

#[test]
fn who_has_a_deleted_item_open_goes_on_writing_in_it_and_finds_the_words_in_the_bin() {
    let mut document = opened("item-deleted");
    let field = outcome::text.of(OUTCOMES, item(1));
    document
        .edit(0, &Edit::Splice { field, at: 0, delete: 0, insert: "Masih ditulis: ".to_owned() })
        .unwrap();
    document.flush(0);
    assert_eq!(bin(document.document()), [(item(1), "Masih ditulis: Hasil sri.".to_owned(), true)]);
    restore(&mut document, 1);
    assert_eq!(text(document.document(), 1), "Masih ditulis: Hasil sri.");
    document.undo(0).unwrap();
    document.flush(0);
    assert_eq!(bin(document.document()), [(item(1), "Masih ditulis: Hasil sri.".to_owned(), false)]);
    restore(&mut document, 1);
    assert_eq!(bin(document.document()), []);
}

#[test]
fn who_removed_an_item_is_told_unless_it_was_the_one_who_writes_here() {
    let gone = opened("item-deleted");
    let by = gone.document().removed_by_other(OUTCOMES, item(1)).unwrap();
    assert_eq!(by.device(), DeviceId::from_bytes([3; 16]));
    let mut document = opened("item-assigned");
    assert_eq!(document.document().removed_by_other(OUTCOMES, item(1)), None);
    document.edit(0, &Edit::Remove { list: OUTCOMES, item: item(1) }).unwrap();
    document.flush(0);
    assert_eq!(document.document().removed_by_other(OUTCOMES, item(1)), None, "one's own");
    let actor = ActorId::new(DeviceId::from_bytes([0xdd; 16]), 0);
    let elsewhere = Document::open_as(DOC, Kind::TripReport, actor, document.document().changes()).unwrap();
    let by = elsewhere.removed_by_other(OUTCOMES, item(1)).unwrap();
    assert_eq!(by.device(), DeviceId::from_bytes([0xaa; 16]));
}

#[test]
fn list_that_another_program_deleted_takes_new_items_and_two_at_once_lose_none() {
    let mut one = opened_by("items-deleted-with-their-list", 0xaa);
    let mut two = opened_by("items-deleted-with-their-list", 0xbb);
    assert!(!one.lacks_list(OUTCOMES));
    for (document, number) in [(&mut one, 4), (&mut two, 5)] {
        document.edit(0, &Edit::Add { list: OUTCOMES, item: item(number), after: None }).unwrap();
        let field = outcome::text.of(OUTCOMES, item(number));
        document.edit(0, &Edit::Rewrite { field, text: format!("Hasil {number}") }).unwrap();
        document.flush(0);
    }
    let actor = ActorId::new(DeviceId::from_bytes([0xdd; 16]), 0);
    let all = one.document().changes().into_iter().chain(two.document().changes());
    let both = Document::open_as(DOC, Kind::TripReport, actor, all).unwrap();
    let mut found: Vec<String> =
        both.readers(OUTCOMES).iter().map(|item| item.prose(outcome::text)).collect();
    found.extend(bin(&both).into_iter().map(|(_, said, _)| said));
    found.sort();
    assert_eq!(found, ["Hasil 4", "Hasil 5", "Hasil sri."]);
    assert_eq!(both.reviews(), 1, "the one that lost its place is to be looked at");
}
