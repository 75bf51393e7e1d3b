//! Each hostile change is refused for its own reason, at once.

use std::time::{Duration, Instant};

use shared::change_check::{Refusal, check_change};
use shared::wire::limits;

use super::cases::cases;
use super::documents::{actor, ordinary};
use super::forge::{self, Forged, deflated, plain, runs};

#[test]
fn ordinary_change_passes_plain_and_deflated_with_the_same_hash() {
    let mut change = ordinary();
    let plain = check_change(change.raw_bytes()).unwrap();
    let deflated = change.bytes().into_owned();
    assert_eq!(deflated[8], 2, "the change is long enough to be deflated");
    let deflated = check_change(&deflated).unwrap();
    assert_eq!(plain.hash, change.hash().into());
    assert_eq!(deflated.hash, plain.hash);
    assert_eq!((plain.actor, plain.seq, plain.start_op), (actor(1), 1, 1));
    assert_eq!(plain.operations, change.len() as u64);
    assert_eq!(plain.time, 1_562_716_800);
}

#[test]
fn forged_change_without_a_fault_passes() {
    // Otherwise the cases below could be refused for another reason than their own.
    let checked = check_change(&plain(&Forged::default().body())).unwrap();
    assert_eq!((checked.operations, checked.actor), (1, actor(7)));
    assert!(check_change(&deflated(&Forged::default().body())).is_ok());
}

#[test]
fn change_cut_off_at_any_length_is_malformed() {
    let mut change = ordinary();
    for bytes in [change.raw_bytes().to_vec(), change.bytes().into_owned()] {
        for length in 0..bytes.len() {
            assert!(matches!(check_change(&bytes[..length]), Err(Refusal::Malformed(_))), "{length}");
        }
    }
}

#[test]
fn body_cut_off_at_any_length_is_refused_though_its_checksum_is_right() {
    let body = Forged::default().body();
    for length in 0..body.len() {
        let refusal = check_change(&plain(&body[..length])).expect_err("a part is no change");
        assert!(!matches!(refusal, Refusal::Undecodable(_) | Refusal::Checksum), "{length}: {refusal}");
    }
}

#[test]
fn random_bytes_are_malformed() {
    assert_eq!(check_change(&[]).unwrap_err(), Refusal::Malformed("it ends too early"));
    let noise: Vec<u8> = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_eq!(check_change(&noise).unwrap_err(), Refusal::Malformed("it does not begin as a chunk does"));
}

#[test]
fn each_hostile_change_is_refused_for_its_own_reason() {
    for (name, bytes, expected) in cases() {
        let begun = Instant::now();
        let result = check_change(&bytes);
        let took = begun.elapsed();
        assert_eq!(result.expect_err(name), expected, "{name}");
        // Generous, for a busy machine without optimisation; an expansion would take seconds.
        assert!(took < Duration::from_millis(500), "{name} took {took:?}");
    }
}

#[test]
fn ten_million_operations_take_70_bytes() {
    // So the case above is what it says.
    let mut forged = Forged::default();
    forged.set_column(0x42, runs(10_000_000, 1));
    assert!(plain(&forged.body()).len() <= 90, "{}", plain(&forged.body()).len());
}

#[test]
fn largest_change_within_the_limits_passes() {
    let mut forged = Forged { start_op: limits::START_OPERATION, ..Forged::default() };
    let count = limits::CHANGE_OPERATIONS as i64;
    forged.set_column(0x15, [forge::signed(count), vec![1, b'a']].concat());
    forged.set_column(0x34, forge::unsigned(count as u64));
    forged.set_column(0x42, runs(count, 1));
    forged.set_column(0x56, runs(count, 0x14));
    forged.set_column(0x57, vec![1; count as usize]);
    forged.set_column(0x70, runs(count, 0));
    assert_eq!(check_change(&deflated(&forged.body())).unwrap().operations, limits::CHANGE_OPERATIONS);
}
