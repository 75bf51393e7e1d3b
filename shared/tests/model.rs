//! Documents that several people edit at once: nothing typed is lost, and all devices end up the same.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT, ReadDoc, ScalarValue};
use proptest::prelude::*;
use shared::domain::money::Rupiah;
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, ItemId};
use shared::model::action_plan::{ActionPlan, LINES, LineStatus, Totals, groups, heading, line};
use shared::model::agreement::Agreement;
use shared::model::decision::DecisionView;
use shared::model::difference::{difference, rebased};
use shared::model::discussion::Discussion;
use shared::model::document::{Document, DocumentError, NewChange, schema_of};
use shared::model::edit::Edit;
use shared::model::field::{FactValue, Field, FieldRef, Holds, List, Scalar};
use shared::model::history::history;
use shared::model::kind::Kind;
use shared::model::personal::{IDENTITIES, Personal, identity};
use shared::model::summary::Summary;
use shared::model::text;
use shared::model::trip_report::TripReport;
use shared::ordered::OrderedSet;
use shared::stand_in::StandIn;

const DOC: DocumentId = DocumentId::from_bytes([1; 16]);
const SECOND: u64 = 1_000;

fn actor(device: u8) -> ActorId {
    ActorId::new(DeviceId::from_bytes([device; 16]), 0)
}

fn item(number: u8) -> ItemId {
    ItemId::from_bytes([number; 8])
}

fn cell(field: Field, number: u8) -> FieldRef {
    field.of(LINES, item(number))
}

fn splice(field: FieldRef, at: usize, delete: usize, insert: &str) -> Edit {
    Edit::Splice { field, at, delete, insert: insert.to_owned() }
}

fn set(field: FieldRef, value: impl FactValue) -> Edit {
    Edit::Set { field, value: value.to_scalar() }
}

fn remove(number: u8) -> Edit {
    Edit::Remove { list: LINES, item: item(number) }
}

fn moved(number: u8, after: Option<u8>) -> Edit {
    Edit::Move { list: LINES, item: item(number), after: after.map(item) }
}

/// Two devices with one plan of three lines, written by the first.
struct World {
    one: Document,
    two: Document,
    now: u64,
}

impl World {
    fn new() -> Self {
        let mut one = Document::create(DOC, Kind::ActionPlan, actor(1));
        for number in 1..=3_u8 {
            let after = number.checked_sub(1).filter(|before| *before > 0).map(item);
            one.edit(&Edit::Add { list: LINES, item: item(number), after }).unwrap();
            one.edit(&splice(cell(line::activity, number), 0, 0, &format!("kegiatan {number}"))).unwrap();
        }
        one.commit(SECOND).unwrap();
        let two = Document::open(DOC, actor(2), one.changes()).unwrap();
        Self { one, two, now: 2 * SECOND }
    }

    fn edit_apart(&mut self, one: &[Edit], two: &[Edit]) {
        for (document, edits) in [(&mut self.one, one), (&mut self.two, two)] {
            for edit in edits {
                document.edit(edit).unwrap();
            }
            document.commit(self.now);
            self.now += SECOND;
        }
    }

    fn join(&mut self) {
        let (ones, twos) = (self.one.changes(), self.two.changes());
        self.one.receive(twos).unwrap();
        self.two.receive(ones).unwrap();
        self.assert_same();
    }

    fn assert_same(&self) {
        assert_eq!(self.one.heads(), self.two.heads());
        assert_eq!(ActionPlan::read(&self.one), ActionPlan::read(&self.two));
        assert_eq!(self.one.conflicts(), self.two.conflicts());
        assert_eq!(self.one.reviews(), self.two.reviews());
        assert_eq!(Summary::of(&self.one), Summary::of(&self.two));
    }

    fn order(&self) -> Vec<u8> {
        ActionPlan::read(&self.one).lines.iter().map(|line| line.id.as_bytes()[0]).collect()
    }

    fn activity(&self, number: u8) -> String {
        self.one.prose(&cell(line::activity, number))
    }
}

#[test]
fn totals_and_groups_are_those_of_the_lines_that_stand() {
    let mut world = World::new();
    let money = |number, field, amount| set(cell(field, number), Rupiah(amount));
    world.edit_apart(
        &[
            set(cell(line::status, 1), LineStatus::Done),
            money(1, line::ceiling, i64::MAX),
            money(1, line::spent, 5),
            set(cell(line::field, 1), "Pendidikan".to_owned()),
            set(cell(line::status, 2), LineStatus::Done),
            remove(2),
        ],
        &[
            money(3, line::ceiling, 2),
            money(3, line::spent, 7),
            set(cell(line::field, 3), "Pendidikan".to_owned()),
            money(2, line::spent, 100),
        ],
    );
    world.join();
    let totals = Totals { lines: 2, done: 1, ceiling: Rupiah(i64::MAX), spent: Rupiah(12), unreadable: 1 };
    assert_eq!(Totals::of(&world.one), totals);
    assert_eq!(Summary::of(&world.one).detail.as_deref(), Some("1/2"));
    let of_education = groups(&world.one);
    assert_eq!(of_education.len(), 1);
    assert_eq!(
        (of_education[0].field.as_deref(), &of_education[0].lines[..]),
        (Some("Pendidikan"), &[item(1), item(3)][..])
    );
    world.edit_apart(&[Edit::Restore { list: LINES, item: item(2) }], &[]);
    world.join();
    assert_eq!(Totals::of(&world.two).spent, Rupiah(112));
    assert_eq!(groups(&world.two).iter().map(|group| group.lines.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn fields_of_an_item_read_together_are_what_each_reads_alone() {
    let mut world = World::new();
    world.edit_apart(
        &[set(cell(line::target, 1), 12_i64), set(cell(line::quarter_1, 1), true)],
        &[set(cell(line::target, 1), 13_i64), splice(cell(line::output, 1), 0, 0, "hasil")],
    );
    world.join();
    let shown = [line::activity, line::output, line::target, line::unit, line::quarter_1];
    let values = world.one.values(LINES, item(1), &shown);
    let text = |text: &str| Some(Scalar::Text(text.to_owned()));
    assert_eq!(values.get(line::activity).cloned(), text("kegiatan 1"));
    assert_eq!(values.get(line::output).cloned(), text("hasil"));
    assert_eq!(values.get(line::unit), Some(&Scalar::Empty));
    assert_eq!(values.get(line::status), None, "what was not asked for is not said to be empty");
    for field in shown {
        assert_eq!(values.get(field), Some(&world.one.value(&cell(field, 1))), "{}", field.name);
    }
    assert_eq!(world.one.values(LINES, item(9), &shown).get(line::activity), None);
}

#[test]
fn edits_of_different_cells_join() {
    let mut world = World::new();
    world.edit_apart(&[set(cell(line::target, 1), 12_i64)], &[set(cell(line::unit, 1), "orang".to_owned())]);
    world.join();
    let line = &ActionPlan::read(&world.one).lines[0].value;
    assert_eq!((line.target, line.unit.as_deref()), (Some(12.into()), Some("orang")));
    assert!(world.one.conflicts().is_empty());
}

#[test]
fn typing_in_the_same_cell_keeps_every_word_of_both() {
    let mut world = World::new();
    let field = cell(line::activity, 1);
    world.edit_apart(&[splice(field, 10, 0, " guru dan murid")], &[splice(field, 10, 0, " di Kyoto")]);
    world.join();
    let text = world.activity(1);
    for words in ["kegiatan 1", " guru dan murid", " di Kyoto"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn line_that_one_moves_and_the_other_edits_is_moved_and_edited() {
    let mut world = World::new();
    world.edit_apart(&[moved(3, None)], &[splice(cell(line::activity, 3), 0, 0, "Pameran, ")]);
    world.join();
    assert_eq!(world.order(), [3, 1, 2]);
    assert_eq!(world.activity(3), "Pameran, kegiatan 3");
}

#[test]
fn line_that_both_move_stands_in_one_place() {
    let mut world = World::new();
    world.edit_apart(&[moved(3, None)], &[moved(3, Some(1))]);
    world.join();
    let mut order = world.order();
    order.sort_unstable();
    assert_eq!(order, [1, 2, 3]);
}

#[test]
fn line_that_one_removes_and_the_other_edits_is_kept_for_review() {
    let mut world = World::new();
    world.edit_apart(&[remove(2)], &[splice(cell(line::activity, 2), 0, 0, "Penting: ")]);
    world.join();
    assert_eq!(world.order(), [1, 3]);
    assert_eq!(world.one.reviews(), 1);
    assert_eq!(world.one.removed_items(LINES), [(item(2), true)]);
    let removed = world.one.item_reader(LINES, item(2)).expect("it is in the bin");
    assert_eq!(removed.prose(line::activity), "Penting: kegiatan 2");
    // Looked at and removed all the same: the review is over, on both.
    world.edit_apart(&[remove(2)], &[]);
    world.join();
    assert_eq!((world.one.reviews(), world.order()), (0, vec![1, 3]));
    world.edit_apart(&[], &[Edit::Restore { list: LINES, item: item(2) }]);
    world.join();
    assert_eq!(world.order(), [1, 2, 3]);
    assert_eq!(world.activity(2), "Penting: kegiatan 2");
}

#[test]
fn line_that_is_removed_and_not_edited_asks_for_no_review() {
    let mut world = World::new();
    world.edit_apart(&[splice(cell(line::activity, 2), 0, 0, "x"), remove(2)], &[]);
    world.join();
    assert_eq!(world.one.reviews(), 0);
}

#[test]
fn fact_that_both_set_is_a_conflict_with_both_values_authors_and_times() {
    let mut world = World::new();
    let field = cell(line::status, 1);
    world.edit_apart(&[set(field, LineStatus::Running)], &[set(field, LineStatus::Done)]);
    world.join();
    let conflicts = world.one.conflicts();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].field, field);
    let mut values: Vec<_> =
        conflicts[0].values.iter().map(|value| (value.actor, value.value.clone(), value.at)).collect();
    values.sort();
    assert_eq!(
        values,
        [
            (actor(1), LineStatus::Running.to_scalar(), 2 * SECOND),
            (actor(2), LineStatus::Done.to_scalar(), 3 * SECOND)
        ]
    );
    assert_eq!(conflicts[0].values[0].value, world.one.fact(&field), "the shown value comes first");
    assert!(conflicts[0].values.iter().all(|value| value.change.is_some_and(|hash| world.one.has(hash))));
    assert_eq!(Summary::of(&world.one).conflicts, 1);
    // Either value settles it, the hidden one too, on both devices.
    let chosen = conflicts[0].values[1].value.clone();
    world.edit_apart(&[Edit::Set { field, value: chosen.clone() }], &[]);
    world.join();
    assert!(world.one.conflicts().is_empty());
    assert_eq!(world.two.fact(&field), chosen);
}

#[test]
fn settling_with_the_shown_value_settles_too() {
    let mut world = World::new();
    let field = cell(line::target, 1);
    world.edit_apart(&[set(field, 1_i64)], &[set(field, 2_i64)]);
    world.join();
    let shown = world.one.fact(&field);
    world.edit_apart(&[Edit::Set { field, value: shown.clone() }], &[]);
    world.join();
    assert!(world.two.conflicts().is_empty());
    assert_eq!(world.two.fact(&field), shown);
}

#[test]
fn two_who_settle_one_conflict_differently_while_apart_are_asked_again() {
    let field = cell(line::status, 1);
    for one_takes_the_shown in [true, false] {
        let mut world = World::new();
        world.edit_apart(&[set(field, LineStatus::Running)], &[set(field, LineStatus::Done)]);
        world.join();
        let values: Vec<Scalar> =
            world.one.conflicts()[0].values.iter().map(|value| value.value.clone()).collect();
        let choose = |place: usize| [Edit::Set { field, value: values[place].clone() }];
        let (one, two) = if one_takes_the_shown { (choose(0), choose(1)) } else { (choose(1), choose(0)) };
        world.edit_apart(&one, &two);
        world.join();
        let conflicts = world.two.conflicts();
        assert_eq!(conflicts.len(), 1, "the shown value was chosen by the first: {one_takes_the_shown}");
        for value in &values {
            assert!(conflicts[0].values.iter().any(|left| left.value == *value), "{value:?} was chosen too");
        }
        // Both choose the same now, and it is settled.
        world.edit_apart(&choose(0), &choose(0));
        world.join();
        assert!(world.one.conflicts().is_empty());
        assert_eq!(world.two.fact(&field), values[0]);
    }
}

#[test]
fn same_value_set_twice_is_no_conflict() {
    let mut world = World::new();
    let field = cell(line::target, 1);
    world.edit_apart(&[set(field, 5_i64)], &[set(field, 5_i64)]);
    world.join();
    assert!(world.one.conflicts().is_empty());
}

#[test]
fn fact_that_one_clears_and_the_other_sets_is_a_conflict() {
    let mut world = World::new();
    let field = cell(line::target, 1);
    world.edit_apart(&[set(field, 5_i64)], &[]);
    world.join();
    world.edit_apart(&[Edit::Set { field, value: Scalar::Empty }], &[set(field, 7_i64)]);
    world.join();
    assert_eq!(world.one.conflicts().len(), 1);
}

#[test]
fn setting_what_is_set_already_makes_no_change() {
    let mut world = World::new();
    let field = cell(line::target, 1);
    world.one.edit(&set(field, 5_i64)).unwrap();
    world.one.commit(SECOND).unwrap();
    world.one.edit(&set(field, 5_i64)).unwrap();
    world.one.edit(&Edit::Set { field: cell(line::unit, 1), value: Scalar::Empty }).unwrap();
    world.one.edit(&Edit::Rewrite { field: cell(line::activity, 1), text: "kegiatan 1".to_owned() }).unwrap();
    assert_eq!(world.one.commit(SECOND), None);
}

#[test]
fn lines_that_two_add_at_one_place_both_stand() {
    let mut world = World::new();
    let add = |number, after| Edit::Add { list: LINES, item: item(number), after: Some(item(after)) };
    world.edit_apart(&[add(11, 1)], &[add(12, 1)]);
    world.join();
    assert_eq!(world.order(), [1, 11, 12, 2, 3]);
    // Equal keys: what is put behind the first of them stands behind both, never before.
    world.edit_apart(&[add(13, 11)], &[]);
    world.join();
    assert_eq!(world.order(), [1, 11, 12, 13, 2, 3]);
}

#[test]
fn item_that_two_make_under_one_id_keeps_what_both_said() {
    let mut one = Document::create(DOC, Kind::Personal, actor(1));
    one.commit(0).unwrap();
    let mut two = Document::open(DOC, actor(2), one.changes()).unwrap();
    let traveller = item(7);
    let nip = identity::nip.of(IDENTITIES, traveller);
    for document in [&mut one, &mut two] {
        document.edit(&Edit::Add { list: IDENTITIES, item: traveller, after: None }).unwrap();
    }
    one.edit(&set(nip, "198001012005011001".to_owned())).unwrap();
    one.commit(SECOND).unwrap();
    two.commit(SECOND).unwrap();
    one.receive(two.changes()).unwrap();
    two.receive(one.changes()).unwrap();
    for document in [&one, &two] {
        assert_eq!(Personal::read(document).nip(traveller), Some("198001012005011001"));
        assert!(document.conflicts().is_empty());
    }
    // And where both say something, it is a conflict like any other.
    two.edit(&set(nip, "197001012005011001".to_owned())).unwrap();
    assert_eq!(Personal::read(&two).nip(traveller), Some("197001012005011001"));
    assert!(two.conflicts().is_empty(), "who sets it sees what there was");
}

#[test]
fn two_who_settle_apart_what_stands_in_two_items_of_one_id_are_asked_again() {
    let nip = identity::nip.of(IDENTITIES, item(7));
    let numbers = ["197001012005011001", "198001012005011001"].map(|number| Scalar::Text(number.to_owned()));
    for chosen_first in [0, 1] {
        let mut one = Document::create(DOC, Kind::Personal, actor(1));
        one.commit(0).unwrap();
        let mut two = Document::open(DOC, actor(2), one.changes()).unwrap();
        let meet = |one: &mut Document, two: &mut Document| {
            one.commit(SECOND);
            two.commit(SECOND);
            one.receive(two.changes()).unwrap();
            two.receive(one.changes()).unwrap();
        };
        for (document, number) in [(&mut one, &numbers[0]), (&mut two, &numbers[1])] {
            document.edit(&Edit::Add { list: IDENTITIES, item: item(7), after: None }).unwrap();
            document.edit(&Edit::Set { field: nip, value: number.clone() }).unwrap();
        }
        meet(&mut one, &mut two);
        assert_eq!(one.conflicts().len(), 1);
        one.edit(&Edit::Set { field: nip, value: numbers[chosen_first].clone() }).unwrap();
        two.edit(&Edit::Set { field: nip, value: numbers[1 - chosen_first].clone() }).unwrap();
        meet(&mut one, &mut two);
        for document in [&one, &two] {
            let conflicts = document.conflicts();
            assert_eq!(conflicts.len(), 1);
            let left: Vec<Scalar> = conflicts[0].values.iter().map(|value| value.value.clone()).collect();
            assert!(numbers.iter().all(|number| left.contains(number)), "{left:?}");
        }
    }
}

#[test]
fn discarded_record_comes_back_whole() {
    let mut world = World::new();
    world.edit_apart(&[Edit::Discard], &[]);
    world.join();
    assert!(world.two.is_discarded() && Summary::of(&world.two).discarded);
    world.edit_apart(&[], &[Edit::Recover]);
    world.join();
    assert!(!world.one.is_discarded());
    assert_eq!(world.order(), [1, 2, 3]);
}

#[test]
fn places_in_text_are_utf16_units_and_no_character_is_split() {
    let mut world = World::new();
    let field = heading::title.at_root();
    world.one.edit(&splice(field, 0, 0, "a👍b")).unwrap();
    world.one.edit(&splice(field, 3, 0, "-")).unwrap();
    assert_eq!(world.one.prose(&field), "a👍-b");
    world.one.edit(&splice(field, 2, 0, "+")).unwrap();
    assert_eq!(world.one.prose(&field), "a+👍-b", "inside a character counts as before it");
    world.one.edit(&splice(field, 3, 1, "")).unwrap();
    assert_eq!(world.one.prose(&field), "a+-b", "half a character goes as a whole");
    world.one.edit(&Edit::Rewrite { field, text: "a+👎-b".to_owned() }).unwrap();
    world.one.edit(&Edit::Rewrite { field, text: "a+👍-b".to_owned() }).unwrap();
    assert_eq!(world.one.prose(&field), "a+👍-b");
    world.one.edit(&splice(field, usize::MAX, usize::MAX, "!")).unwrap();
    assert_eq!(world.one.prose(&field), "a+👍-b!");
}

#[test]
fn rewriting_replaces_only_what_differs_so_that_others_words_stay() {
    let mut world = World::new();
    let field = cell(line::activity, 1);
    let rewrite = Edit::Rewrite { field, text: "kegiatan satu".to_owned() };
    world.edit_apart(&[rewrite], &[splice(field, 0, 0, "Awal ")]);
    world.join();
    assert_eq!(world.activity(1), "Awal kegiatan satu");
}

#[test]
fn two_documents_begun_by_one_actor_begin_with_different_changes() {
    let first = |id: u8| -> NewChange {
        Document::create(DocumentId::from_bytes([id; 16]), Kind::ActionPlan, actor(1)).commit(SECOND).unwrap()
    };
    assert_ne!(first(1).hash, first(2).hash);
    assert_eq!(first(1), first(1), "nothing in it is random");
}

#[test]
fn document_opens_from_changes_in_any_order_and_names_what_is_missing() {
    let mut world = World::new();
    for number in 0..10 {
        world.edit_apart(&[set(cell(line::target, 1), number)], &[set(cell(line::progress, 2), number)]);
        world.join();
    }
    let mut changes = world.one.changes();
    changes.reverse();
    let opened = Document::open(DOC, actor(3), changes.clone()).unwrap();
    assert_eq!(opened.heads(), world.one.heads());
    assert_eq!(ActionPlan::read(&opened), ActionPlan::read(&world.one));
    let gone = changes.remove(5);
    let Err(DocumentError::MissingDependencies(missing)) = Document::open(DOC, actor(3), changes) else {
        panic!("a change is missing")
    };
    assert!(missing.contains(&gone.hash().into()));
    let other = DocumentId::from_bytes([9; 16]);
    let wrong = Document::open(other, actor(3), world.one.changes());
    assert!(matches!(wrong, Err(DocumentError::Identity)));
}

#[test]
fn id_that_another_program_writes_over_later_locks_nobody_out() {
    let world = World::new();
    let mut doc = AutoCommit::load(&world.one.save()).unwrap().with_actor(actor(5).into());
    doc.put(ROOT, "id", vec![7_u8; 16]).unwrap();
    doc.commit();
    let changes = doc.get_changes(&[]);
    let opened = Document::open(DOC, actor(3), changes).unwrap();
    assert_eq!(ActionPlan::read(&opened), ActionPlan::read(&world.one));
    assert!(opened.at(&opened.heads()).is_ok());
}

#[test]
fn asking_a_document_never_ends_its_open_group() {
    let mut world = World::new();
    let field = heading::title.at_root();
    world.one.edit(&splice(field, 0, 0, "Rencana")).unwrap();
    let heads = world.one.heads();
    let known = world.one.changes().len();
    world.one.save();
    Summary::of(&world.one);
    history(&world.one, &OrderedSet::new());
    world.one.at(&heads).unwrap();
    assert!(matches!(world.one.receive(world.two.changes()), Err(DocumentError::OpenEdits)));
    assert!(world.one.has_open_edits());
    let change = world.one.commit(9 * SECOND).unwrap();
    assert_eq!(world.one.changes().len(), known + 1);
    assert_eq!(world.one.log().get(change.hash).unwrap().moment.at, 9 * SECOND);
    assert_eq!(world.one.edited_at(), 9 * SECOND);
    assert_eq!(world.one.prose(&field), "Rencana");
}

#[test]
fn document_of_a_newer_schema_opens_for_reading_only() {
    let mut doc = AutoCommit::new().with_actor(actor(1).into());
    doc.put(ROOT, "id", ScalarValue::Bytes(DOC.as_bytes().to_vec())).unwrap();
    doc.put(ROOT, "kind", "action-plan").unwrap();
    doc.put(ROOT, "schema", 2_u64).unwrap();
    let text = doc.put_object(ROOT, "title", ObjType::Text).unwrap();
    doc.splice_text(&text, 0, 0, "Baru").unwrap();
    let mut document = Document::open(DOC, actor(2), doc.get_changes(&[])).unwrap();
    assert!(document.is_newer());
    assert_eq!(ActionPlan::read(&document).heading.title, "Baru");
    let edit = splice(heading::title.at_root(), 0, 0, "x");
    assert!(matches!(document.edit(&edit), Err(DocumentError::NewerSchema)));
}

#[test]
fn schema_that_a_later_change_writes_locks_nobody_out_and_frees_nothing() {
    let schema_written = |first: i64, later: i64| {
        let mut doc = AutoCommit::new().with_actor(actor(1).into());
        doc.put(ROOT, "id", ScalarValue::Bytes(DOC.as_bytes().to_vec())).unwrap();
        doc.put(ROOT, "kind", "action-plan").unwrap();
        doc.put(ROOT, "schema", first).unwrap();
        doc.put_object(ROOT, "title", ObjType::Text).unwrap();
        doc.commit();
        doc.put(ROOT, "schema", later).unwrap();
        Document::open(DOC, actor(2), doc.get_changes(&[])).unwrap()
    };
    let mut locked = schema_written(1, 99);
    assert!(!locked.is_newer());
    locked.edit(&splice(heading::title.at_root(), 0, 0, "x")).unwrap();
    assert!(schema_written(2, 1).is_newer());
}

#[test]
fn every_document_begins_with_room_for_what_comes_and_a_schema_that_is_a_plain_number() {
    for kind in Kind::ALL {
        let mut document = Document::create(DOC, kind, actor(1));
        document.commit(SECOND).unwrap();
        let mut doc = AutoCommit::new();
        doc.apply_changes(document.changes()).unwrap();
        for name in ["attachments", "links", "periods"] {
            let found = doc.get_all(ROOT, name).unwrap();
            let kinds: Vec<_> = found.iter().map(|(value, _)| value.to_objtype()).collect();
            assert_eq!(kinds, [Some(ObjType::Map)], "{kind:?} {name}");
        }
        let (schema, _) = doc.get(ROOT, "schema").unwrap().unwrap();
        assert_eq!(schema.as_scalar(), Some(&ScalarValue::Int(1)), "{kind:?}");
    }
}

#[test]
fn document_with_wrong_types_everywhere_is_read_without_a_panic_and_nothing_of_it_is_hidden() {
    for kind in Kind::ALL {
        for round in 0..4 {
            let mut doc = AutoCommit::new().with_actor(actor(1).into());
            doc.put(ROOT, "id", ScalarValue::Bytes(DOC.as_bytes().to_vec())).unwrap();
            doc.put(ROOT, "kind", kind.as_str()).unwrap();
            let schema = schema_of(kind);
            let mut spoil = |object: &automerge::ObjId, name: &str| match round {
                0 => doc.put(object, name, ScalarValue::counter(3)).unwrap(),
                1 => drop(doc.put_object(object, name, ObjType::List).unwrap()),
                2 => doc.put(object, name, f64::NAN).unwrap(),
                _ => drop(doc.put_object(object, name, ObjType::Map).unwrap()),
            };
            let said = ["3", "[]", "NaN", "{}"][round];
            for field in schema.fields {
                spoil(&ROOT, field.name);
            }
            spoil(&ROOT, "discarded");
            if round > 0 {
                // A count of 3 would be the number of a newer schema.
                spoil(&ROOT, "schema");
            }
            for list in schema.lists {
                let map = doc.put_object(ROOT, list.name, ObjType::Map).unwrap();
                for number in 0..150_u64 {
                    doc.put(&map, format!("{number:016x}"), ScalarValue::Timestamp(1)).unwrap();
                    doc.put_object(&map, format!("{number:016X}Z"), ObjType::Map).unwrap();
                }
                let bare = doc.put_object(&map, "ffffffffffffffff", ObjType::Map).unwrap();
                let upper = doc.put_object(&map, "FFFFFFFFFFFFFFFF", ObjType::Map).unwrap();
                doc.put(&upper, "order", "V").unwrap();
                doc.put(&bare, "order", "not a key!").unwrap();
                doc.put(&bare, "removed", "yes").unwrap();
                for field in list.fields {
                    doc.put(&bare, field.name, ScalarValue::Bytes(vec![1])).unwrap();
                }
            }
            let mut document = Document::open(DOC, actor(2), doc.get_changes(&[])).unwrap();
            match kind {
                Kind::TripReport => {
                    let report = TripReport::read(&document);
                    assert_eq!(report.heading.title, said);
                    assert_eq!(report.heading.starts_on, None);
                    assert_eq!(report.outcomes.len(), 1, "the one whose key is an id");
                    assert_eq!(report.outcomes[0].value.text, "1 byte");
                }
                Kind::Agreement => assert_eq!(Agreement::read(&document).identity.title, said),
                Kind::ActionPlan => assert_eq!(ActionPlan::read(&document).heading.title, said),
                Kind::Personal => assert_eq!(Personal::read(&document).owner.report, None),
                Kind::Discussion => assert_eq!(Discussion::read(&document).topic.about, None),
            }
            assert_eq!(Summary::of(&document).title, if kind.is_record() { said } else { "" });
            assert!(document.conflicts().is_empty());
            let unreadable = document.unreadable();
            let of_item =
                |list: &List| list.fields.iter().filter(|field| field.holds != Holds::Prose).count();
            let in_items = unreadable.iter().filter(|field| field.item.is_some()).count();
            assert_eq!(in_items, schema.lists.iter().map(of_item).sum::<usize>());
            assert!(round == 0 || unreadable.iter().any(|field| field.item.is_none()));
            for list in schema.lists {
                let add = Edit::Add { list: *list, item: item(1), after: None };
                document.edit(&add).unwrap();
                for field in schema.fields.iter().map(|field| field.at_root()) {
                    // Refused or taken, never a panic.
                    drop(document.edit(&splice(field, 3, 3, "x")));
                    drop(document.edit(&Edit::Rewrite { field, text: "y".to_owned() }));
                }
            }
        }
    }
}

#[test]
fn edit_of_what_is_not_there_is_refused_and_changes_nothing() {
    let mut world = World::new();
    for edit in [
        splice(cell(line::activity, 99), 0, 0, "x"),
        set(cell(line::target, 99), 1_i64),
        set(cell(line::activity, 1), "a fact in place of prose".to_owned()),
        splice(cell(line::target, 1), 0, 0, "prose in place of a fact"),
        moved(99, None),
        moved(1, Some(99)),
        remove(99),
        Edit::Add { list: LINES, item: item(1), after: None },
    ] {
        assert!(matches!(world.one.edit(&edit), Err(DocumentError::NoSuchPlace(_))), "{edit:?}");
    }
    assert_eq!(world.one.commit(SECOND), None);
}

#[test]
fn old_version_reads_as_it_was_and_is_restored_by_new_edits() {
    let mut world = World::new();
    let old = world.one.heads();
    let was = ActionPlan::read(&world.one);
    let add = Edit::Add { list: LINES, item: item(4), after: Some(item(1)) };
    world.edit_apart(
        &[splice(cell(line::activity, 1), 0, 8, "Rapat"), remove(2), moved(3, None), add],
        &[set(cell(line::target, 1), 7_i64), Edit::Discard],
    );
    world.join();
    assert_eq!(world.one.changes_since(&old), 2);
    let mut version = world.one.at(&old).unwrap();
    assert_eq!(ActionPlan::read(&version), was);
    assert!(matches!(version.edit(&remove(1)), Err(DocumentError::OldVersion)));
    for edit in difference(&world.one, &version) {
        world.one.edit(&edit).unwrap();
    }
    world.one.commit(9 * SECOND).unwrap();
    world.join();
    assert!(difference(&world.one, &version).is_empty(), "{:?}", difference(&world.one, &version));
    assert_eq!(world.order(), [1, 2, 3]);
    assert!(!world.one.is_discarded());
}

#[test]
fn restored_text_leaves_whole_what_a_colleague_writes_in_another_paragraph() {
    let mut world = World::new();
    let field = cell(line::activity, 1);
    let was = "Rapat dibuka di Bogor.\n\nPeserta hadir.\n\nRapat ditutup sore.";
    let rewrite = |text: &str| Edit::Rewrite { field, text: text.to_owned() };
    world.edit_apart(&[rewrite(was)], &[]);
    world.join();
    let version = world.one.at(&world.one.heads()).unwrap();
    let now = "Rapat dibuka di Bandung.\n\nPeserta hadir.\n\nRapat ditutup malam.";
    world.edit_apart(&[rewrite(now)], &[]);
    world.join();
    let place = now.find("\n\nRapat").unwrap();
    let restored = difference(&world.one, &version);
    world.edit_apart(
        &restored,
        &[splice(field, place, 0, " Semua menandatangani."), splice(field, 0, 0, "Kata budi. ")],
    );
    world.join();
    assert_eq!(
        world.one.prose(&field),
        "Kata budi. Rapat dibuka di Bogor.\n\nPeserta hadir. Semua menandatangani.\n\nRapat ditutup sore."
    );
}

#[test]
fn restored_list_has_back_what_was_removed_and_stands_in_its_order() {
    let mut world = World::new();
    let version = world.one.at(&world.one.heads()).unwrap();
    world.edit_apart(&[remove(2), moved(3, None)], &[]);
    world.join();
    // A colleague writes in the removed line and in a moved one.
    let restored = difference(&world.one, &version);
    let text = world.two.prose(&cell(line::activity, 2));
    let end = text::units(&text);
    world.edit_apart(
        &restored,
        &[splice(cell(line::activity, 2), end, 0, " lanjutan"), set(cell(line::target, 3), 7_i64)],
    );
    world.join();
    assert_eq!(world.order(), [1, 2, 3]);
    let plan = ActionPlan::read(&world.one);
    assert_eq!(plan.lines[1].value.activity, format!("{text} lanjutan"));
    assert_eq!(plan.lines[2].value.target, Some(7.into()));
}

#[test]
fn decision_shows_whether_its_version_is_here_and_what_came_since() {
    let mut world = World::new();
    let base = world.two.heads();
    world.edit_apart(&[remove(2)], &[]);
    let decided = world.one.heads();
    let early = DecisionView::of(&world.two, &decided);
    assert!(!early.is_complete);
    world.join();
    world.edit_apart(&[], &[remove(3)]);
    world.join();
    let view = DecisionView::of(&world.two, &decided);
    assert_eq!((view.is_complete, view.changes_since), (true, 1));
    assert_eq!(view.version, early.version);
    assert_eq!(DecisionView::of(&world.two, &base).changes_since, 2);
}

#[test]
fn history_is_grouped_by_person_and_time_and_the_same_on_all_devices() {
    let mut world = World::new();
    world.edit_apart(&[remove(1)], &[remove(2)]);
    world.join();
    world.now += shared::model::history::SITTING_PAUSE_MS;
    world.edit_apart(&[], &[remove(3)]);
    world.join();
    let mut reversed = world.one.changes();
    reversed.reverse();
    let third = Document::open(DOC, actor(3), reversed).unwrap();
    let sittings = history(&world.one, &OrderedSet::new());
    assert_eq!(sittings, history(&world.two, &OrderedSet::new()));
    assert_eq!(sittings, history(&third, &OrderedSet::new()));
    let who: Vec<_> = sittings.iter().map(|sitting| (sitting.actor, sitting.changes)).collect();
    assert_eq!(who, [(actor(1), 2), (actor(2), 1), (actor(2), 1)]);
    assert_eq!(sittings.last().unwrap().heads_after, world.one.heads());
    let before = world.one.at(&sittings[2].heads_before).unwrap();
    let after = world.one.at(&sittings[2].heads_after).unwrap();
    assert_eq!(difference(&before, &after), [remove(3)]);
}

#[test]
fn what_was_taken_over_is_a_sitting_of_its_own_and_says_for_whom() {
    let mut world = World::new();
    let base = history(&world.one, &OrderedSet::new()).len();
    let gone = ChangeHash::from_bytes([7; 32]);
    world.one.edit(&remove(1)).unwrap();
    world.one.commit(world.now).unwrap();
    world.one.edit(&remove(2)).unwrap();
    let away = DeviceId::from_bytes([9; 16]);
    world.one.commit_stand_in(world.now, &StandIn::new([gone], [away])).unwrap();
    world.one.edit(&remove(3)).unwrap();
    world.one.commit(world.now).unwrap();
    let sittings = history(&world.one, &OrderedSet::new());
    let said: Vec<_> = sittings.iter().map(|sitting| (sitting.stands_for, sitting.makers.len())).collect();
    assert_eq!(said[said.len() - 3..], [(0, 0), (1, 1), (0, 0)], "{base} before");
    assert!(sittings[sittings.len() - 2].makers.contains(&away));
}

#[test]
fn refused_work_is_applied_again_beside_what_others_wrote() {
    let mut world = World::new();
    let base = world.one.at(&world.one.heads()).unwrap();
    // What the first wrote is refused: it is in no one else's document.
    world.edit_apart(
        &[
            splice(cell(line::activity, 1), 10, 0, " untuk guru"),
            Edit::Add { list: LINES, item: item(4), after: Some(item(3)) },
            splice(cell(line::activity, 4), 0, 0, "baru"),
            set(cell(line::target, 2), 3_i64),
        ],
        &[splice(cell(line::activity, 1), 0, 0, "Sudah: "), moved(3, None)],
    );
    let lost = difference(&base, &world.one);
    let mut anew = Document::open(DOC, actor(9), world.two.changes()).unwrap();
    for edit in rebased(lost, &base, &mut anew) {
        anew.edit(&edit).unwrap();
    }
    anew.commit(9 * SECOND).unwrap();
    let plan = ActionPlan::read(&anew);
    assert_eq!(anew.prose(&cell(line::activity, 1)), "Sudah: kegiatan 1 untuk guru");
    assert_eq!(plan.lines.iter().map(|line| line.id.as_bytes()[0]).collect::<Vec<_>>(), [3, 4, 1, 2]);
    assert_eq!((plan.lines[1].value.activity.as_str(), plan.lines[3].value.target), ("baru", Some(3.into())));
}

/// An edit drawn at random, of a plan with lines 1 to 5.
fn any_edit() -> impl Strategy<Value = Edit> {
    let number = 1..6_u8;
    prop_oneof![
        4 => (number.clone(), 0..12_usize, 0..4_usize, "[a-z👍é]{0,3}")
            .prop_map(|(n, at, delete, text)| splice(cell(line::activity, n), at, delete, &text)),
        2 => (number.clone(), 0..3_i64).prop_map(|(n, value)| set(cell(line::target, n), value)),
        1 => (number.clone(), prop::option::of(number.clone())).prop_map(|(n, after)| moved(n, after)),
        1 => number.clone().prop_map(remove),
        1 => number.clone().prop_map(|n| Edit::Restore { list: LINES, item: item(n) }),
        1 => (number.clone(), prop::option::of(number))
            .prop_map(|(n, after)| Edit::Add { list: LINES, item: item(n), after: after.map(item) }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn devices_that_edit_apart_end_up_the_same(
        rounds in prop::collection::vec(
            (prop::collection::vec(any_edit(), 0..5), prop::collection::vec(any_edit(), 0..5)),
            1..5,
        ),
    ) {
        let mut world = World::new();
        for (one, two) in rounds {
            for edit in one {
                drop(world.one.edit(&edit));
            }
            for edit in two {
                drop(world.two.edit(&edit));
            }
            world.one.commit(SECOND);
            world.two.commit(SECOND);
            world.join();
        }
        let mut order = world.order();
        order.sort_unstable();
        let many = order.len();
        order.dedup();
        prop_assert_eq!(order.len(), many, "no line stands twice");
        let again = Document::open(DOC, actor(3), world.one.changes()).unwrap();
        prop_assert_eq!(ActionPlan::read(&again), ActionPlan::read(&world.one));
    }

    #[test]
    fn what_is_remembered_of_a_document_is_what_is_there(
        rounds in prop::collection::vec(
            (prop::collection::vec(any_edit(), 0..6), prop::collection::vec(any_edit(), 0..3)),
            1..4,
        ),
    ) {
        // A copy remembers nothing.
        let is_same = |document: &Document| {
            let fresh = document.clone();
            assert_eq!(ActionPlan::read(document), ActionPlan::read(&fresh));
            assert_eq!(document.item_ids(LINES), fresh.item_ids(LINES));
            assert_eq!(document.conflicts(), fresh.conflicts());
            assert_eq!(document.removed_items(LINES), fresh.removed_items(LINES));
            assert_eq!(Summary::of(document), Summary::of(&fresh));
        };
        let mut world = World::new();
        for (one, two) in rounds {
            for edit in one {
                drop(world.one.edit(&edit));
                is_same(&world.one);
            }
            for edit in two {
                drop(world.two.edit(&edit));
            }
            world.one.commit(SECOND);
            is_same(&world.one);
            world.two.commit(SECOND);
            world.join();
            is_same(&world.one);
        }
    }

    #[test]
    fn difference_leads_from_any_version_to_any_other(
        one in prop::collection::vec(any_edit(), 0..8),
        two in prop::collection::vec(any_edit(), 0..8),
    ) {
        let mut world = World::new();
        for (document, edits) in [(&mut world.one, one), (&mut world.two, two)] {
            for edit in edits {
                drop(document.edit(&edit));
            }
            document.commit(SECOND);
        }
        for edit in difference(&world.one, &world.two) {
            world.one.edit(&edit).unwrap();
        }
        let (reached, wanted) = (ActionPlan::read(&world.one), ActionPlan::read(&world.two));
        let seen = |plan: &ActionPlan| -> Vec<_> {
            plan.lines.iter().map(|line| (line.id, line.value.clone())).collect()
        };
        prop_assert_eq!(seen(&reached), seen(&wanted));
    }
}
