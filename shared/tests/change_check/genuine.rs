//! No change that Automerge makes is refused, in Rust or in JavaScript; and what passes does no harm.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ObjType, ROOT, ReadDoc, ScalarValue};
use proptest::prelude::*;
use shared::change_check::check_change;
use shared::change_check::history::History;
use shared::change_check::snapshot::check_snapshot;

use super::documents::{actor, document};
use super::forge::{self, deflated, plain};

#[test]
fn changes_of_the_official_javascript_package_pass() {
    let fixture = include_str!("../fixtures/javascript-changes.json");
    let histories: BTreeMap<String, Vec<String>> =
        serde_json::from_str(fixture).expect("the fixture is JSON");
    assert!(histories.len() >= 10, "every kind of work is there");
    for (name, changes) in histories {
        let mut history = History::default();
        let mut doc = document(200);
        for (number, text) in changes.iter().enumerate() {
            let bytes = forge::base64(text);
            let checked = check_change(&bytes).unwrap_or_else(|refusal| panic!("{name} {number}: {refusal}"));
            history.admit(&checked).unwrap_or_else(|refusal| panic!("{name} {number}: {refusal}"));
            let mut change = checked.change;
            let deflated = change.bytes().into_owned();
            assert_eq!(
                check_change(&deflated).map(|again| again.hash),
                Ok(checked.header.hash),
                "{name} {number}"
            );
            doc.apply_changes([change]).unwrap_or_else(|error| panic!("{name} {number}: {error}"));
        }
        let snapshot = check_snapshot(&doc.save()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(snapshot.len(), changes.len(), "{name}");
    }
}

/// One step of somebody's work.
#[derive(Clone, Debug)]
enum Step {
    Type { who: usize, at: usize, text: String },
    Delete { who: usize, at: usize, count: usize },
    Set { who: usize, key: u8, value: ScalarValue },
    Remove { who: usize, key: u8 },
    Item { who: usize, key: u8 },
    Merge { who: usize, from: usize },
    Nothing { who: usize },
}

fn scalar() -> impl Strategy<Value = ScalarValue> {
    prop_oneof![
        any::<i64>().prop_map(ScalarValue::Int),
        any::<u64>().prop_map(ScalarValue::Uint),
        any::<f64>().prop_map(ScalarValue::F64),
        any::<bool>().prop_map(ScalarValue::Boolean),
        any::<i64>().prop_map(ScalarValue::Timestamp),
        any::<i64>().prop_map(ScalarValue::counter),
        ".{0,40}".prop_map(|text| ScalarValue::Str(text.into())),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(ScalarValue::Bytes),
        Just(ScalarValue::Null),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..3_usize;
    prop_oneof![
        4 => (who.clone(), any::<usize>(), ".{0,20}").prop_map(|(who, at, text)| Step::Type { who, at, text }),
        2 => (who.clone(), any::<usize>(), 0..9_usize).prop_map(|(who, at, count)| Step::Delete { who, at, count }),
        3 => (who.clone(), 0..6_u8, scalar()).prop_map(|(who, key, value)| Step::Set { who, key, value }),
        1 => (who.clone(), 0..6_u8).prop_map(|(who, key)| Step::Remove { who, key }),
        1 => (who.clone(), 0..6_u8).prop_map(|(who, key)| Step::Item { who, key }),
        2 => (who.clone(), 0..3_usize).prop_map(|(who, from)| Step::Merge { who, from }),
        1 => who.prop_map(|who| Step::Nothing { who }),
    ]
}

/// One step within a document's first change.
#[derive(Clone, Debug)]
enum FirstStep {
    Type(usize, String),
    Delete(usize, usize),
    Set(u8, ScalarValue),
    Count(u8),
    Remove(u8),
    Append(i64),
}

fn first_step() -> impl Strategy<Value = FirstStep> {
    prop_oneof![
        (any::<usize>(), ".{0,12}").prop_map(|(at, text)| FirstStep::Type(at, text)),
        (any::<usize>(), 0..5_usize).prop_map(|(at, count)| FirstStep::Delete(at, count)),
        (0..4_u8, scalar()).prop_map(|(key, value)| FirstStep::Set(key, value)),
        (0..4_u8).prop_map(FirstStep::Count),
        (0..4_u8).prop_map(FirstStep::Remove),
        any::<i64>().prop_map(FirstStep::Append),
    ]
}

fn first_change(steps: &[FirstStep]) -> automerge::Change {
    let mut doc = document(1);
    let work = |doc: &mut AutoCommit| -> Result<(), automerge::AutomergeError> {
        let prose = doc.put_object(ROOT, "hasil", ObjType::Text)?;
        let list = doc.put_object(ROOT, "daftar", ObjType::List)?;
        let map = doc.put_object(ROOT, "isi", ObjType::Map)?;
        for step in steps {
            let length = doc.length(&prose);
            match step {
                FirstStep::Type(at, text) => doc.splice_text(&prose, at % (length + 1), 0, text)?,
                FirstStep::Delete(at, count) => {
                    let at = at % (length + 1);
                    doc.splice_text(&prose, at, (*count).min(length - at) as isize, "")?;
                }
                FirstStep::Set(key, value) => doc.put(&map, format!("k{key}"), value.clone())?,
                FirstStep::Count(key) => {
                    doc.put(&map, format!("k{key}"), ScalarValue::counter(1))?;
                    doc.increment(&map, format!("k{key}"), 2)?;
                }
                FirstStep::Remove(key) => doc.delete(&map, format!("k{key}"))?,
                FirstStep::Append(number) => {
                    let end = doc.length(&list);
                    doc.insert(&list, end, *number)?;
                }
            }
        }
        Ok(())
    };
    work(&mut doc).expect("a new document takes the steps");
    doc.commit_with(CommitOptions::default().with_time(1_562_716_800));
    doc.get_last_local_change().expect("there is one change")
}

/// Three people at work; all of their changes, dependencies first.
fn work(steps: Vec<Step>) -> AutoCommit {
    let mut first = document(1);
    let prose = first.put_object(ROOT, "hasil", ObjType::Text).expect("a new document takes a text");
    first.commit_with(CommitOptions::default().with_time(0));
    let second = first.fork().with_actor(actor(2).into());
    let third = first.fork().with_actor(actor(3).into());
    let mut people = [first, second, third];
    for (time, step) in (0..).zip(steps) {
        let who = match &step {
            Step::Type { who, .. }
            | Step::Delete { who, .. }
            | Step::Set { who, .. }
            | Step::Remove { who, .. }
            | Step::Item { who, .. }
            | Step::Merge { who, .. }
            | Step::Nothing { who } => *who,
        };
        let length = people[who].length(&prose);
        let options = || CommitOptions::default().with_time(time);
        let done = match step {
            Step::Type { at, text, .. } => people[who].splice_text(&prose, at % (length + 1), 0, &text),
            Step::Delete { at, count, .. } => {
                let at = at % (length + 1);
                people[who].splice_text(&prose, at, count.min(length - at) as isize, "")
            }
            Step::Set { key, value, .. } => people[who].put(ROOT, format!("k{key}"), value),
            Step::Remove { key, .. } => people[who].delete(ROOT, format!("k{key}")),
            Step::Item { key, .. } => {
                people[who].put_object(ROOT, format!("k{key}"), ObjType::Map).map(|_| ())
            }
            Step::Merge { from, .. } => {
                let mut other = people[from].clone();
                people[who].merge(&mut other).map(|_| ())
            }
            Step::Nothing { .. } => {
                people[who].empty_change(options());
                Ok(())
            }
        };
        done.expect("the step fits the document");
        people[who].commit_with(options());
    }
    let [mut first, mut second, mut third] = people;
    first.merge(&mut second).expect("the three fit");
    first.merge(&mut third).expect("the three fit");
    first
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_made_by_automerge_pass_and_fit(steps in proptest::collection::vec(step(), 0..40)) {
        let mut doc = work(steps);
        let mut history = History::default();
        for mut change in doc.get_changes(&[]) {
            let checked = check_change(change.raw_bytes());
            prop_assert!(checked.is_ok(), "{:?}", checked.err());
            prop_assert_eq!(history.admit(&checked.expect("just looked")), Ok(()));
            let deflated = check_change(&change.bytes()).map(|checked| checked.hash);
            prop_assert_eq!(deflated, Ok(change.hash().into()));
        }
        let snapshot = check_snapshot(&doc.save());
        prop_assert_eq!(snapshot.map(|changes| changes.len()), Ok(doc.get_changes(&[]).len()));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0..4_u8) {
        let _ = check_change(&bytes);
        let _ = check_snapshot(&bytes);
        let _ = check_change(&forge::chunk(kind, &bytes));
        let _ = check_snapshot(&forge::chunk(0, &bytes));
        let _ = check_change(&deflated(&bytes));
    }

    #[test]
    fn damaged_change_with_a_right_checksum_is_refused_or_written_the_same_by_automerge(
        steps in proptest::collection::vec(step(), 1..12),
        which in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut doc = work(steps);
        let changes = doc.get_changes(&[]);
        let mut body = forge::body_of(changes[which.index(changes.len())].raw_bytes()).to_vec();
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let bytes = plain(&body);
        if let Ok(checked) = check_change(&bytes) {
            prop_assert_eq!(checked.change.raw_bytes(), &bytes[..]);
            let again = automerge::Change::from(checked.change.decode());
            prop_assert_eq!(again.raw_bytes(), &bytes[..]);
        }
    }

    /// A first change refers to nothing outside itself, so that the check sees all of it. Marks are left out:
    /// Automerge cannot load a document in which a mark ends before it begins, and where that is depends on
    /// all else in the text.
    #[test]
    fn damaged_first_change_is_refused_or_harmless(
        steps in proptest::collection::vec(first_step(), 1..12),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..4),
    ) {
        let mut body = forge::body_of(first_change(&steps).raw_bytes()).to_vec();
        for (at, byte, is_small) in damage {
            let at = at.index(body.len());
            body[at] = if is_small { body[at].wrapping_add(byte % 3).wrapping_sub(1) } else { byte };
        }
        let Ok(checked) = check_change(&plain(&body)) else { return Ok(()) };
        if History::default().admit(&checked).is_err() {
            return Ok(());
        }
        let mut doc = document(200);
        let hash = checked.change.hash();
        prop_assert!(doc.apply_changes([checked.change]).is_ok());
        prop_assert!(doc.get_change_by_hash(&hash).is_some());
        let loaded = AutoCommit::load(&doc.save());
        prop_assert!(loaded.is_ok(), "{:?}", loaded.err());
    }
}
