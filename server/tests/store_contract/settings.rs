//! The settings of feeds.

use shared::model::decision::{Event, FourEyes};
use shared::model::feed_settings::{Setting, unset};
use shared::sync::settings::{SetBy, SettingRow};
use shared::wire::code::NackCode;
use simpul::store::carried::carry_settings;

use crate::world::*;

contract! {
    newest_value_of_a_setting_counts_and_the_older_ones_stay
    numbers_of_settings_grow_whatever_the_clock_says
    welcome_names_the_newest_setting_of_each_feed
    settings_of_no_feed_are_none
    running_relays_find_out_whose_settings_have_changed
    four_eyes_are_required_until_the_region_waives_them
    settings_since_a_backup_are_carried_over_with_their_numbers
}

fn put(world: &World, to: &str, key: &str, value: &[u8], now: u64) -> u64 {
    world.store.put_setting(&feed(to), key, value, &SetBy::person(&user("ani")), now).unwrap()
}

fn keys(rows: &[SettingRow]) -> Vec<(&str, &[u8])> {
    rows.iter().map(|row| (row.key.as_str(), &row.value[..])).collect()
}

fn newest_value_of_a_setting_counts_and_the_older_ones_stay(world: World) {
    put(&world, "kota", "time-zone", b"\x63WIB", 100);
    let second = put(&world, "kota", "four-eyes", b"\x66waived", 200);
    put(&world, "kota", "time-zone", b"\x63WIT", 300);
    put(&world, "desa", "kelak", b"\xf6", 400);
    let newest = world.store.settings(&feed("kota")).unwrap();
    assert_eq!(keys(&newest), [("four-eyes", &b"\x66waived"[..]), ("time-zone", b"\x63WIT")]);
    let all = world.store.setting_history(&feed("kota"), 0).unwrap();
    let expected = [("time-zone", &b"\x63WIB"[..]), ("four-eyes", b"\x66waived"), ("time-zone", b"\x63WIT")];
    assert_eq!(keys(&all), expected);
    assert_eq!((all[0].at, all[0].by.clone(), all[0].number), (100, SetBy::person(&user("ani")), 100));
    assert_eq!(world.store.setting_history(&feed("kota"), second).unwrap(), all[1..]);
    assert_eq!(keys(&world.store.settings(&feed("desa")).unwrap()), [("kelak", &b"\xf6"[..])]);
    let root = SetBy::operator("root");
    let by_operator = world.store.put_setting(&feed("desa"), "kelak", b"\xf5", &root, 500).unwrap();
    let row = world.store.setting_history(&feed("desa"), by_operator).unwrap().remove(0);
    assert_eq!((row.by, row.at), (root, 500));
}

fn numbers_of_settings_grow_whatever_the_clock_says(world: World) {
    let numbers = [1_000, 1_000, 7, 2_000].map(|now| put(&world, "kota", "idle-lock", b"\x05", now));
    assert_eq!(numbers, [1_000, 1_001, 1_002, 2_000]);
    assert_eq!(put(&world, "desa", "idle-lock", b"\x05", 7), 7, "each feed counts for itself");
}

fn welcome_names_the_newest_setting_of_each_feed(world: World) {
    let told = |who: &str| {
        let greeting = world.store.greet(&user(who), &world.hello(None)).unwrap();
        greeting.feeds.iter().map(|standing| standing.settings).collect::<Vec<_>>()
    };
    assert_eq!(told("ani"), [0]);
    put(&world, "kota", "idle-lock", b"\x05", 100);
    let last = put(&world, "kota", "four-eyes", b"\x66waived", 200);
    assert_eq!((told("ani"), told("eko")), (vec![last], vec![0]));
}

fn settings_of_no_feed_are_none(world: World) {
    let nowhere = feed("nowhere");
    assert_eq!(world.store.settings(&nowhere).unwrap(), []);
    assert_eq!(world.store.setting_history(&nowhere, 0).unwrap(), []);
    assert!(world.store.put_setting(&nowhere, "four-eyes", b"\xf6", &SetBy::operator(""), 1).is_err());
}

fn running_relays_find_out_whose_settings_have_changed(world: World) {
    let before = world.store.rights_changed(0).unwrap();
    put(&world, "kota", "idle-lock", b"\x05", 100);
    let changed = world.store.rights_changed(before.newest).unwrap();
    assert_eq!((changed.people, changed.feeds), (vec![], vec![feed("kota")]));
    assert!(changed.newest > before.newest);
    // In one order with the rights of people.
    world.store.disable(&user("ani"), 101).unwrap();
    let later = world.store.rights_changed(changed.newest).unwrap();
    assert_eq!((later.people, later.feeds), (vec![user("ani")], vec![]));
    let both = world.store.rights_changed(before.newest).unwrap();
    assert_eq!((both.people.len(), both.feeds.len(), both.newest), (1, 1, later.newest));
}

fn four_eyes_are_required_until_the_region_waives_them(world: World) {
    let mut draft = Draft::begin(1, &citra());
    seq(world.push(&citra(), draft.doc, &[draft.write()]));
    seq(world.decide(&citra(), 1, draft.doc, Event::Submit));
    let verify = |n| world.decide(&citra(), n, draft.doc, Event::Verify);
    assert_eq!(code(verify(2)), NackCode::OwnSubmission);
    put(&world, "desa", "four-eyes", &Setting::FourEyes(FourEyes::Waived).value(), 100);
    assert_eq!(code(verify(3)), NackCode::OwnSubmission, "another region decides for itself");
    put(&world, "kota", "four-eyes", &Setting::FourEyes(FourEyes::Waived).value(), 200);
    seq(verify(4));
    let approve = |n| world.decide(&citra(), n, draft.doc, Event::Approve);
    put(&world, "kota", "four-eyes", b"\x67someday", 300);
    assert_eq!(code(approve(5)), NackCode::OwnSubmission, "what is not understood waives nothing");
    put(&world, "kota", "four-eyes", &Setting::FourEyes(FourEyes::Waived).value(), 400);
    put(&world, "kota", "four-eyes", &unset(), 500);
    assert_eq!(code(approve(6)), NackCode::OwnSubmission);
}

fn settings_since_a_backup_are_carried_over_with_their_numbers(world: World) {
    let restored = in_memory();
    for store in [&world, &restored] {
        put(store, "kota", "four-eyes", b"\x66waived", 100);
    }
    put(&world, "kota", "four-eyes", b"\x68required", 50);
    put(&world, "kota", "time-zone", b"\x63WIT", 300);
    put(&world, "desa", "time-zone", b"\x64WITA", 300);
    for _ in 0..2 {
        carry_settings(&*world.store, &*restored.store).unwrap();
        for name in ["kota", "desa"] {
            let told = |world: &World| {
                let rows = world.store.setting_history(&feed(name), 0).unwrap().into_iter();
                rows.map(|row| (row.key, row.value, row.number, row.by)).collect::<Vec<_>>()
            };
            assert_eq!(told(&restored), told(&world), "{name}");
        }
    }
}
