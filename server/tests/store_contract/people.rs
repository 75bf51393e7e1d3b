//! People, roles, devices and sessions.

use shared::role::Role;
use shared::wire::RemovedRole;
use shared::wire::code::NackCode;
use simpul::store::person::{DirectoryRange, Enrolment, Person, SessionRow, Sessions, TokenHash};

use crate::world::*;

contract! {
    view_grows_when_sight_widens
    role_that_was_taken_or_refused_is_named_with_a_number_above_all_before
    device_belongs_to_one_person
    revoked_device_has_no_session_and_writes_nothing
    device_is_proved_by_its_last_secret_until_it_is_revoked
    sessions_of_one_person_end_together_and_everybody_is_named
    session_ends_by_time_sign_out_and_disabling
    directory_shows_those_who_share_a_feed
    directory_comes_in_pages
    who_begins_to_see_a_feed_is_told_of_everybody_there
    who_wrote_keeps_the_name_after_the_role_and_the_person_are_gone
    office_of_a_person_is_kept_and_told
}

fn view_grows_when_sight_widens(world: World) {
    let view = |world: &World| {
        let greeting = world.store.greet(&user("ani"), &world.hello(None)).unwrap();
        greeting.feeds.first().map(|standing| (standing.role, standing.view))
    };
    let set = |role| world.store.set_role(&user("ani"), &feed("kota"), role, world.now).unwrap();
    let (role, begun) = view(&world).unwrap();
    assert_eq!(role, Role::Writer);
    set(Some(Role::Reader));
    assert_eq!(view(&world), Some((Role::Reader, begun)), "she saw all of it before");
    set(None);
    assert_eq!(view(&world), None);
    set(Some(Role::Writer));
    assert!(view(&world).is_some_and(|(role, view)| role == Role::Writer && view > begun));
}

fn role_that_was_taken_or_refused_is_named_with_a_number_above_all_before(world: World) {
    let greeting = || {
        let greeting = world.store.greet(&user("ani"), &world.hello(None)).unwrap();
        assert_eq!(world.store.removed_roles(&user("ani")).unwrap(), greeting.removed_roles);
        greeting
    };
    let set = |role, now| world.store.set_role(&user("ani"), &feed("kota"), role, now).unwrap();
    let view = greeting().feeds[0].view;
    assert_eq!(greeting().removed_roles, [], "nothing was taken");
    set(None, 0);
    let taken = RemovedRole { feed: feed("kota"), view: view + 1 };
    assert_eq!((greeting().feeds.len(), greeting().removed_roles), (0, vec![taken]));
    set(None, world.now + 500);
    let refused = RemovedRole { feed: feed("kota"), view: world.now + 500 };
    assert_eq!(greeting().removed_roles, [refused], "at least the time, and refused once more");
    set(Some(Role::Reader), 0);
    assert_eq!((greeting().feeds[0].view, greeting().removed_roles), (world.now + 501, vec![]));
    // Also one that the person never had: a restored store knows nothing of it.
    world.store.put_feed(&feed("baru"), "Baru").unwrap();
    world.store.set_role(&user("ani"), &feed("baru"), None, 7).unwrap();
    assert_eq!(greeting().removed_roles, [RemovedRole { feed: feed("baru"), view: 7 }]);
    let others = world.store.greet(&user("budi"), &world.hello(None)).unwrap().removed_roles;
    assert_eq!(others, [], "of nobody else's roles anything is said");
}

fn device_belongs_to_one_person(world: World) {
    let enrol = |who: &str, n| world.store.enrol(device(n), &user(who), "x", 5).unwrap();
    assert_eq!(enrol("ani", 1), Enrolment::Enrolled);
    assert_eq!(enrol("budi", 1), Enrolment::OfAnother);
    assert!(world.store.enrol(device(77), &user("nobody"), "x", 5).is_err());
    world.store.enrol(device(78), &user("ani"), "laptop", world.now + 1).unwrap();
    world.store.note_seen(device(78), 42).unwrap();
    let devices = world.store.devices(&user("ani")).unwrap();
    let listed: Vec<_> = devices.iter().map(|d| (d.device, d.name.as_str(), d.seen_at)).collect();
    assert_eq!(listed, [(device(1), "ponsel", None), (device(78), "laptop", Some(42))]);
}

fn device_is_proved_by_its_last_secret_until_it_is_revoked(world: World) {
    let (old, new) = (TokenHash::of(b"old"), TokenHash::of(b"new"));
    let proves = |who: &str, n, secret| world.store.proves_device(device(n), &user(who), secret).unwrap();
    assert!(!proves("ani", 1, old), "it has none yet");
    world.store.put_device_secret(device(1), old).unwrap();
    assert!(proves("ani", 1, old));
    assert!(!proves("budi", 1, old), "it is another person's");
    assert!(!proves("ani", 2, old), "it is another device's");
    world.store.put_device_secret(device(1), new).unwrap();
    assert!(proves("ani", 1, new) && !proves("ani", 1, old));
    world.store.revoke(device(1), 50).unwrap();
    assert!(!proves("ani", 1, new));
    assert!(world.store.put_device_secret(device(99), new).is_err());
}

fn revoked_device_has_no_session_and_writes_nothing(world: World) {
    let token = TokenHash::of(b"one");
    let session = SessionRow { user: user("ani"), device: device(1), expires_at: 100 };
    world.store.open_session(token, &session).unwrap();
    world.store.revoke(device(1), 50).unwrap();
    assert_eq!(world.store.session(token, 60).unwrap(), None);
    let mut draft = Draft::begin(1, &ani());
    assert_eq!(code(world.push(&ani(), draft.doc, &[draft.write()])), NackCode::WrongActor);
    assert_eq!(world.store.enrol(device(1), &user("ani"), "x", 5).unwrap(), Enrolment::Revoked);
    assert!(world.store.revoke(device(99), 50).is_err());
}

fn sessions_of_one_person_end_together_and_everybody_is_named(world: World) {
    let session = SessionRow { user: user("ani"), device: device(1), expires_at: 100 };
    let tokens = [TokenHash::of(b"one"), TokenHash::of(b"two")];
    for token in tokens {
        world.store.open_session(token, &session).unwrap();
    }
    world.store.close_sessions(&user("budi"), Sessions::All).unwrap();
    assert!(world.store.session(tokens[0], 50).unwrap().is_some());
    world.store.close_sessions(&user("ani"), Sessions::All).unwrap();
    for token in tokens {
        assert_eq!(world.store.session(token, 50).unwrap(), None);
    }
    let people = world.store.people().unwrap();
    let names: Vec<_> = people.iter().map(|person| person.user.clone()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted);
    assert!(names.contains(&user("ani")) && names.contains(&user("budi")));
}

fn session_ends_by_time_sign_out_and_disabling(world: World) {
    let session = SessionRow { user: user("ani"), device: device(1), expires_at: 100 };
    let (one, two) = (TokenHash::of(b"one"), TokenHash::of(b"two"));
    world.store.open_session(one, &session).unwrap();
    world.store.open_session(two, &session).unwrap();
    let of_another = SessionRow { user: user("budi"), ..session.clone() };
    assert!(world.store.open_session(TokenHash::of(b"three"), &of_another).is_err());
    assert_eq!(world.store.session(one, 99).unwrap(), Some(session.clone()));
    assert_eq!(world.store.session(one, 100).unwrap(), None);
    let longer = SessionRow { expires_at: 200, ..session.clone() };
    world.store.open_session(one, &longer).unwrap();
    assert_eq!(world.store.session(one, 100).unwrap(), Some(longer));
    world.store.close_session(one).unwrap();
    assert_eq!(world.store.session(one, 50).unwrap(), None);
    let mut person = world.store.person(&user("ani")).unwrap().unwrap();
    person.is_disabled = true;
    world.store.put_person(&person, 1).unwrap();
    assert_eq!(world.store.session(two, 50).unwrap(), None);
    assert_eq!(world.store.forget_expired_sessions(100).unwrap(), 1);
}

fn seen(world: &World, who: &str, range: DirectoryRange) -> Vec<String> {
    let entries = world.store.directory(&user(who), &range).unwrap();
    entries.into_iter().map(|entry| entry.user.to_string()).collect()
}

fn since(since: u64) -> DirectoryRange {
    DirectoryRange { since, ..DirectoryRange::WHOLE }
}

fn directory_shows_those_who_share_a_feed(world: World) {
    assert_eq!(seen(&world, "ani", DirectoryRange::WHOLE), ["ani", "budi", "citra", "dewi"]);
    assert_eq!(seen(&world, "eko", DirectoryRange::WHOLE), ["eko"]);
    assert!(seen(&world, "ani", since(world.now + 1)).is_empty());
    world.store.enrol(device(50), &user("budi"), "tablet", world.now + 5).unwrap();
    assert_eq!(seen(&world, "ani", since(world.now + 1)), ["budi"]);
    let budi = world.store.directory(&user("ani"), &since(world.now + 1)).unwrap().remove(0);
    assert_eq!((budi.name.as_str(), budi.devices), ("BUDI", vec![device(2), device(50)]));
    assert_eq!(budi.changed_at, world.now + 5);
}

fn directory_comes_in_pages(world: World) {
    let page = |after: &str, most| {
        let after = (!after.is_empty()).then(|| user(after));
        seen(&world, "ani", DirectoryRange { since: 0, after, most })
    };
    assert_eq!(page("", 3), ["ani", "budi", "citra"]);
    assert_eq!(page("citra", 3), ["dewi"]);
    assert_eq!(page("b", 2), ["budi", "citra"], "whoever comes after, known or not");
    assert!(page("dewi", 3).is_empty());
}

fn who_begins_to_see_a_feed_is_told_of_everybody_there(world: World) {
    let later = world.now + 1_000_000;
    assert!(seen(&world, "eko", since(later)).is_empty());
    world.store.set_role(&user("eko"), &feed("kota"), Some(Role::Reader), later + 5).unwrap();
    assert_eq!(seen(&world, "eko", since(later)), ["ani", "budi", "citra", "dewi", "eko"]);
    assert_eq!(seen(&world, "ani", since(later)), ["eko"]);
    assert!(seen(&world, "eko", since(later + 6)).is_empty());
    world.store.set_role(&user("eko"), &feed("kota"), Some(Role::Writer), later + 7).unwrap();
    assert_eq!(seen(&world, "eko", since(later + 6)), ["eko"], "they saw it before");
}

fn who_wrote_keeps_the_name_after_the_role_and_the_person_are_gone(world: World) {
    let mut draft = Draft::begin(1, &budi());
    seq(world.push(&budi(), draft.doc, &[draft.write()]));
    for gone in ["budi", "citra"] {
        world.store.set_role(&user(gone), &feed("kota"), None, world.now + 5).unwrap();
    }
    let person = world.store.person(&user("budi")).unwrap().unwrap();
    world.store.put_person(&Person { is_disabled: true, ..person }, world.now + 6).unwrap();
    assert_eq!(seen(&world, "ani", DirectoryRange::WHOLE), ["ani", "budi", "dewi"], "citra wrote nothing");
    assert_eq!(seen(&world, "eko", DirectoryRange::WHOLE), ["eko"], "who may not read the feed is not told");
    let budi = world.store.directory(&user("ani"), &since(world.now + 6)).unwrap().remove(0);
    assert_eq!((budi.name.as_str(), budi.devices), ("BUDI", vec![device(2)]));
}

fn office_of_a_person_is_kept_and_told(world: World) {
    let person = world.store.person(&user("budi")).unwrap().unwrap();
    assert_eq!(person.office, None);
    let moved = Person { office: Some("setda".to_owned()), ..person };
    world.store.put_person(&moved, world.now + 1).unwrap();
    assert_eq!(world.store.person(&user("budi")).unwrap(), Some(moved.clone()));
    assert!(world.store.people().unwrap().contains(&moved));
    let entries = world.store.directory(&user("ani"), &since(world.now + 1)).unwrap();
    let offices: Vec<_> =
        entries.iter().map(|entry| (entry.user.as_str(), entry.office.as_deref())).collect();
    assert_eq!(offices, [("budi", Some("setda"))]);
}
