//! The ordered map and set do what the standard library's do, for any history of calls.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use proptest::collection::vec;
use proptest::prelude::*;
use shared::ordered::{Entry, OrderedMap, OrderedSet};

/// What is done with a map.
#[derive(Clone, Debug)]
enum Call {
    Insert(u16, u32),
    Remove(u16),
    AddTo(u16, u32),
    RemoveByEntry(u16),
    PopFirst,
    PopLast,
    RetainMultiples(u16),
    DoubleAll,
}

fn call() -> impl Strategy<Value = Call> {
    // Few keys, so that calls meet; many puts, so that pages fill, split and empty again.
    let key = 0_u16..700;
    prop_oneof![
        40 => (key.clone(), any::<u32>()).prop_map(|(key, value)| Call::Insert(key, value)),
        10 => key.clone().prop_map(Call::Remove),
        10 => (key.clone(), any::<u32>()).prop_map(|(key, value)| Call::AddTo(key, value)),
        3 => key.prop_map(Call::RemoveByEntry),
        2 => Just(Call::PopFirst),
        2 => Just(Call::PopLast),
        1 => (1_u16..5).prop_map(Call::RetainMultiples),
        1 => Just(Call::DoubleAll),
    ]
}

fn both(calls: &[Call]) -> (OrderedMap<u16, u32>, BTreeMap<u16, u32>) {
    let (mut ours, mut theirs) = (OrderedMap::new(), BTreeMap::new());
    for call in calls {
        match *call {
            Call::Insert(key, value) => assert_eq!(ours.insert(key, value), theirs.insert(key, value)),
            Call::Remove(key) => assert_eq!(ours.remove(&key), theirs.remove(&key)),
            Call::AddTo(key, value) => {
                let (a, b) = (ours.entry(key).or_insert(7), theirs.entry(key).or_insert(7));
                (*a, *b) = (a.wrapping_add(value), b.wrapping_add(value));
                assert_eq!(a, b);
            }
            Call::RemoveByEntry(key) => {
                let removed = match ours.entry(key) {
                    Entry::Occupied(mut entry) => {
                        *entry.get_mut() = entry.get().wrapping_add(1);
                        Some(entry.remove())
                    }
                    Entry::Vacant(_) => None,
                };
                assert_eq!(removed, theirs.remove(&key).map(|value| value.wrapping_add(1)));
            }
            Call::PopFirst => assert_eq!(ours.pop_first(), theirs.pop_first()),
            Call::PopLast => assert_eq!(ours.pop_last(), theirs.pop_last()),
            Call::RetainMultiples(of) => {
                ours.retain(|key, value| key % of == 0 || *value % 3 == 0);
                theirs.retain(|key, value| key % of == 0 || *value % 3 == 0);
            }
            Call::DoubleAll => {
                ours.values_mut().for_each(|value| *value = value.wrapping_mul(2));
                theirs.values_mut().for_each(|value| *value = value.wrapping_mul(2));
            }
        }
        assert_eq!(ours.len(), theirs.len());
    }
    (ours, theirs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_map_is_what_the_standard_one_is_after_any_calls(calls in vec(call(), 0..1_500)) {
        let (ours, theirs) = both(&calls);
        prop_assert!(ours.iter().eq(theirs.iter()));
        prop_assert!(ours.iter().rev().eq(theirs.iter().rev()));
        prop_assert!(ours.keys().eq(theirs.keys()) && ours.values().eq(theirs.values()));
        prop_assert_eq!(ours.first_key_value(), theirs.first_key_value());
        prop_assert_eq!(ours.last_key_value(), theirs.last_key_value());
        prop_assert_eq!(&ours, &theirs.iter().map(|(key, value)| (*key, *value)).collect());
        for key in 0..700 {
            prop_assert_eq!(ours.get(&key), theirs.get(&key));
            prop_assert_eq!(ours.get_key_value(&key), theirs.get_key_value(&key));
        }
        prop_assert!(ours.clone().into_keys().eq(theirs.clone().into_keys()));
        prop_assert!(ours.into_iter().eq(theirs));
    }

    #[test]
    fn a_range_holds_what_the_standard_one_holds(
        members in vec(0_u16..900, 0..1_000), one in 0_u16..900, other in 0_u16..900,
    ) {
        let ours: OrderedSet<u16> = members.iter().copied().collect();
        let theirs: BTreeSet<u16> = members.into_iter().collect();
        let (low, high) = (one.min(other), one.max(other));
        prop_assert!(ours.range(low..high).eq(theirs.range(low..high)));
        prop_assert!(ours.range(low..=high).eq(theirs.range(low..=high)));
        prop_assert!(ours.range(low..).rev().eq(theirs.range(low..).rev()));
        prop_assert!(ours.range(..high).eq(theirs.range(..high)));
        if low < high {
            let open = (Bound::Excluded(low), Bound::Excluded(high));
            prop_assert!(ours.range(open).eq(theirs.range(open)));
        }
    }

    #[test]
    fn an_iterator_may_be_eaten_from_both_ends(members in vec(0_u16..900, 0..600), from_front in vec(any::<bool>(), 700)) {
        let ours: OrderedSet<u16> = members.iter().copied().collect();
        let theirs: BTreeSet<u16> = members.into_iter().collect();
        let (mut a, mut b) = (ours.iter(), theirs.iter());
        for is_front in from_front {
            if is_front {
                prop_assert_eq!(a.next(), b.next());
            } else {
                prop_assert_eq!(a.next_back(), b.next_back());
            }
        }
    }

    #[test]
    fn sets_compare_as_the_standard_ones_do(a in vec(0_u8..12, 0..8), b in vec(0_u8..12, 0..8)) {
        let (ours_a, ours_b): (OrderedSet<u8>, OrderedSet<u8>) = (a.iter().copied().collect(), b.iter().copied().collect());
        let (a, b): (BTreeSet<u8>, BTreeSet<u8>) = (a.into_iter().collect(), b.into_iter().collect());
        prop_assert_eq!(ours_a.is_subset(&ours_b), a.is_subset(&b));
        prop_assert_eq!(ours_a.is_disjoint(&ours_b), a.is_disjoint(&b));
        prop_assert!(ours_a.difference(&ours_b).eq(a.difference(&b)));
        prop_assert!(ours_a.intersection(&ours_b).eq(a.intersection(&b)));
        prop_assert_eq!(ours_a == ours_b, a == b);
    }
}

#[test]
fn a_range_that_ends_before_it_begins_is_empty() {
    let set: OrderedSet<u8> = [1, 2, 3].into();
    let (low, high) = (1, 3);
    assert_eq!(set.range(high..low).count(), 0);
}

#[test]
fn texts_are_found_by_borrowed_texts() {
    let mut map = OrderedMap::from([("b".to_owned(), 2), ("a".to_owned(), 1)]);
    assert_eq!(map.get("a"), Some(&1));
    assert_eq!(map["b"], 2);
    *map.get_mut("b").unwrap() = 5;
    assert_eq!(map.remove("b"), Some(5));
    assert!(!map.contains_key("b"));
}

#[test]
fn what_is_put_in_twice_is_there_once_with_the_later_value() {
    let map: OrderedMap<u8, char> = [(1, 'a'), (2, 'b'), (1, 'c')].into_iter().collect();
    assert_eq!(map, OrderedMap::from([(1, 'c'), (2, 'b')]));
    assert_eq!(format!("{map:?}"), "{1: 'c', 2: 'b'}");
}
