//! Links by which people set a password, once.

use simpul::password::PasswordDigest;
use simpul::store::person::{LinkStanding, NewPassword, PasswordSetter, SessionRow, TokenHash};

use crate::world::*;

contract! {
    link_sets_a_password_once_and_ends_the_sessions_of_before
    link_that_was_not_used_in_time_says_so
    newer_link_or_password_takes_the_place_of_a_link
    link_of_who_is_disabled_is_withdrawn_for_good
    restored_store_has_no_link_that_may_be_used
    link_that_ended_long_ago_is_forgotten
}

fn digest(text: &str) -> PasswordDigest {
    PasswordDigest::from_stored(format!("${text}$"))
}

fn make(world: &World, name: &[u8], who: &str, expires_at: u64) -> TokenHash {
    let token = TokenHash::of(name);
    world.store.put_link(&user(who), token, expires_at, 5).unwrap();
    token
}

fn good(who: &str) -> LinkStanding {
    LinkStanding::Good(user(who))
}

fn stored(world: &World, who: &str) -> String {
    world.store.person(&user(who)).unwrap().unwrap().password_digest
}

fn link_sets_a_password_once_and_ends_the_sessions_of_before(world: World) {
    let session = SessionRow { user: user("ani"), device: device(1), expires_at: 1_000 };
    let before = TokenHash::of(b"session");
    world.store.open_session(before, &session).unwrap();
    let (link, others) = (make(&world, b"one", "ani", 100), make(&world, b"others", "budi", 100));
    let after = world.store.rights_changed(0).unwrap().newest;
    assert_eq!(world.store.link(link, 99).unwrap(), good("ani"));
    assert!(world.store.session(before, 99).unwrap().is_some(), "a link that was only made ends nothing");
    assert_eq!(world.store.use_link(link, &digest("first"), 99).unwrap(), good("ani"));
    assert_eq!(stored(&world, "ani"), "$first$");
    assert_eq!(world.store.password_setter(&user("ani")).unwrap(), PasswordSetter::Themselves);
    assert_eq!(world.store.session(before, 99).unwrap(), None);
    assert_eq!(world.store.rights_changed(after).unwrap().people, [user("ani")]);
    for _ in 0..2 {
        assert_eq!(world.store.use_link(link, &digest("second"), 99).unwrap(), LinkStanding::Used);
        assert_eq!(world.store.link(link, 99).unwrap(), LinkStanding::Used);
    }
    assert_eq!(stored(&world, "ani"), "$first$");
    assert_eq!(world.store.link(others, 99).unwrap(), good("budi"));
    let unknown = TokenHash::of(b"none");
    assert_eq!(world.store.use_link(unknown, &digest("second"), 99).unwrap(), LinkStanding::Unknown);
    assert!(world.store.put_link(&user("nobody"), unknown, 100, 5).is_err());
}

fn link_that_was_not_used_in_time_says_so(world: World) {
    let link = make(&world, b"one", "ani", 100);
    let before = stored(&world, "ani");
    assert_eq!(world.store.link(link, 100).unwrap(), LinkStanding::Expired);
    assert_eq!(world.store.use_link(link, &digest("late"), 100).unwrap(), LinkStanding::Expired);
    assert_eq!(stored(&world, "ani"), before);
}

fn newer_link_or_password_takes_the_place_of_a_link(world: World) {
    let first = make(&world, b"one", "ani", 100);
    let second = make(&world, b"two", "ani", 100);
    assert_eq!(world.store.link(first, 50).unwrap(), LinkStanding::Replaced);
    assert_eq!(world.store.link(second, 50).unwrap(), good("ani"));
    let password = NewPassword { digest: digest("by-hand"), setter: PasswordSetter::Somebody };
    world.store.set_password(&user("ani"), &password, None, 50).unwrap();
    assert_eq!(world.store.use_link(second, &digest("late"), 50).unwrap(), LinkStanding::Replaced);
    assert_eq!(stored(&world, "ani"), "$by-hand$");
}

fn link_of_who_is_disabled_is_withdrawn_for_good(world: World) {
    let link = make(&world, b"one", "ani", 100);
    world.store.disable(&user("ani"), 20).unwrap();
    assert_eq!(world.store.use_link(link, &digest("late"), 50).unwrap(), LinkStanding::Withdrawn);
    world.store.enable(&user("ani"), 30).unwrap();
    assert_eq!(world.store.link(link, 50).unwrap(), LinkStanding::Withdrawn);
}

fn restored_store_has_no_link_that_may_be_used(world: World) {
    let (used, open) = (make(&world, b"one", "ani", 100), make(&world, b"two", "budi", 100));
    world.store.use_link(used, &digest("first"), 50).unwrap();
    world.store.withdraw_links().unwrap();
    assert_eq!(world.store.link(used, 50).unwrap(), LinkStanding::Used);
    assert_eq!(world.store.use_link(open, &digest("late"), 50).unwrap(), LinkStanding::Withdrawn);
}

fn link_that_ended_long_ago_is_forgotten(world: World) {
    let (old, new) = (make(&world, b"one", "ani", 100), make(&world, b"two", "budi", 101));
    assert_eq!(world.store.forget_links(100).unwrap(), 1);
    assert_eq!(world.store.link(old, 200).unwrap(), LinkStanding::Unknown);
    assert_eq!(world.store.link(new, 200).unwrap(), LinkStanding::Expired);
}
