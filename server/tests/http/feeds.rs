//! The settings of feeds and the picture of their letterhead.

use shared::cbor::Form;
use shared::cbor::reader::Reader;
use shared::model::decision::FourEyes;
use shared::model::feed_settings::{FeedSettings, Picture, Setting};
use shared::ordered::OrderedMap;
use shared::sync::settings::{SetBy, SettingsDifference, take_in};

use super::world::{Answer, FEED, OTHER_FEED, SignedIn, World, feed};

fn get(world: &World, who: &SignedIn, path: &str, headers: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", who.token);
    let headers: Vec<_> = headers.iter().copied().chain([("authorization", bearer.as_str())]).collect();
    world.get(path, &headers)
}

fn settings(world: &World, who: &SignedIn, since: u64) -> SettingsDifference {
    let answer = get(world, who, &format!("/api/v1/feeds/{FEED}/settings?since={since}"), &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/cbor"));
    SettingsDifference::read(&mut Reader::new(&answer.body)).unwrap()
}

fn put(world: &World, setting: &Setting, now: u64) -> u64 {
    world
        .store
        .put_setting(&feed(FEED), setting.key(), &setting.value(), &SetBy::operator("root"), now)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn device_gets_the_settings_of_its_feeds_and_later_what_is_newer() {
    let world = World::start().await;
    let dewi = world.sign_in("dewi");
    assert_eq!(settings(&world, &dewi, 0), SettingsDifference::default());
    put(&world, &Setting::IdleLock(Some(15)), 100);
    let first = settings(&world, &dewi, 0);
    let mut values = OrderedMap::new();
    let number = first.number;
    take_in(&mut values, first);
    put(&world, &Setting::FourEyes(FourEyes::Waived), 200);
    let second = settings(&world, &dewi, number);
    assert_eq!((second.since, second.settings.len()), (number, 1));
    take_in(&mut values, second);
    let read = FeedSettings::read(&values);
    assert_eq!((read.idle_lock_minutes, read.four_eyes), (Some(15), FourEyes::Waived));
    let unknown = settings(&world, &dewi, 150);
    assert_eq!((unknown.since, unknown.settings.len()), (0, 2), "of a number that it never gave: all");
}

#[tokio::test(flavor = "multi_thread")]
async fn picture_is_given_to_who_reads_the_feed_and_can_do_nothing() {
    let world = World::start().await;
    let (dewi, eka) = (world.sign_in("dewi"), world.sign_in("eka"));
    let path = format!("/api/v1/feeds/{FEED}/picture");
    assert_eq!(get(&world, &dewi, &path, &[]).problem(), "not-found");
    let hash = shared::ids::BlobHash::from_bytes([7; 32]);
    let bytes = vec![b'x'; 5_000];
    let picture = Picture { media_type: "image/svg+xml".to_owned(), hash, bytes: bytes.clone().into() };
    put(&world, &Setting::Picture(picture), 100);
    let told = settings(&world, &dewi, 0).settings.remove(0);
    assert!(told.value.len() < 200, "the settings name it, without its bytes");
    let answer = get(&world, &dewi, &path, &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(answer.body, bytes);
    assert!(answer.header("content-security-policy").contains("sandbox"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let tag = format!("\"{hash}\"");
    assert_eq!(get(&world, &dewi, &path, &[("if-none-match", &tag)]).status, 304);
    assert_eq!(get(&world, &eka, &path, &[]).problem(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_nobody_elses_business() {
    let world = World::start().await;
    let eka = world.sign_in("eka");
    put(&world, &Setting::IdleLock(Some(15)), 100);
    let of_others = get(&world, &eka, &format!("/api/v1/feeds/{FEED}/settings"), &[]);
    let of_nobody = get(&world, &eka, "/api/v1/feeds/nowhere/settings", &[]);
    assert_eq!((of_others.problem(), of_nobody.problem()), ("not-found".into(), "not-found".into()));
    assert_eq!(get(&world, &eka, &format!("/api/v1/feeds/{OTHER_FEED}/settings"), &[]).status, 200);
    assert_eq!(world.get(&format!("/api/v1/feeds/{FEED}/settings"), &[]).status, 401);
}
