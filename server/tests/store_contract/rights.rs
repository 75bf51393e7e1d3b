//! Who lost a right writes nothing more, and running relays find out who it was.

use shared::ids::DecisionId;
use shared::model::decision::Event;
use shared::role::Role;
use shared::sync::relay::submission::Submission;
use shared::wire::code::NackCode;
use shared::wire::{Decide, Offer};
use simpul::password::PasswordDigest;
use simpul::store::person::{NewPassword, PasswordSetter, SessionEnd, SessionRow, Sessions, TokenHash};
use simpul::store::postgres::PostgresStore;
use simpul::store::{Store, StoreError};

use crate::postgres::{self, Postgres};
use crate::world::*;

contract! {
    nothing_is_stored_in_a_session_that_is_over
    session_of_another_proves_nothing
    lost_role_ends_writing_at_once
    password_that_is_changed_ends_the_other_sessions
    password_that_somebody_set_leaves_a_session_only_to_change_it
    person_signs_out_one_device_or_all_others
    enabled_person_signs_in_anew
    session_says_why_it_is_over
    changes_of_rights_are_numbered_and_name_the_person
    latest_time_is_that_of_the_last_entry_or_later
}

/// Each way to lose a session.
const LOSSES: [fn(&dyn Store, TokenHash); 5] = [
    |store, token| store.close_session(token).unwrap(),
    |store, _| store.close_sessions(&user("ani"), Sessions::All).unwrap(),
    |store, _| store.disable(&user("ani"), 2).unwrap(),
    |store, _| store.revoke(device(1), 2).unwrap(),
    |store, _| store.set_password(&user("ani"), &new_password(PasswordSetter::Somebody), None, 2).unwrap(),
];

fn new_password(setter: PasswordSetter) -> NewPassword {
    NewPassword { digest: PasswordDigest::from_stored("$another$".to_owned()), setter }
}

fn open(world: &World, name: &[u8]) -> TokenHash {
    let token = TokenHash::of(name);
    let expires_at = world.now + 1_000;
    let session = SessionRow { user: user("ani"), device: device(1), expires_at };
    world.store.open_session(token, &session).unwrap();
    token
}

fn begin(world: &World) -> Draft {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    draft
}

fn begin_another(world: &World) -> Draft {
    let mut draft = Draft::begin(2, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    draft
}

/// What a session may bring: a change, a decision, and an entry of another.
fn frames(world: &World, draft: &mut Draft) -> [Submission; 3] {
    let decide = Decide {
        id: 1,
        decision: DecisionId::from_bytes([9; 16]),
        feed: feed("kota"),
        doc: draft.doc,
        event: Event::Submit.into(),
        heads: draft.document.heads(),
        note: None,
        made_at: world.now,
    };
    let offer = Offer { id: 1, feed: feed("kota"), entries: world.entries(), newer: vec![] };
    [
        world.submission(&ani(), draft.doc, &[draft.write()]),
        Submission::decide(ani().user, ani().device, world.now, decide).unwrap(),
        Submission::offer(ani().user, ani().device, world.now, offer).unwrap(),
    ]
}

fn nothing_is_stored_in_a_session_that_is_over(world: World) {
    let mut draft = begin(&world);
    // The device stays revoked, so that is the last one.
    let [one, two, three, four, five] = LOSSES;
    for (n, lose) in [one, two, three, five, four].into_iter().enumerate() {
        world.store.enable(&user("ani"), 2).unwrap();
        // What somebody else set would leave her nothing before she changes it.
        world.store.set_password(&user("ani"), &new_password(PasswordSetter::Themselves), None, 2).unwrap();
        let token = open(&world, &[n as u8]);
        let good = world.submission(&ani(), draft.doc, &[draft.write()]).in_session(token.into());
        seq(world.commit_one(good.clone()));
        lose(&*world.store, token);
        let before = world.entries();
        let late = frames(&world, &mut draft.on(&ani())).map(|late| late.in_session(token.into()));
        // Not even that what it brings is stored already.
        for late in late.into_iter().chain([good]) {
            assert_eq!(code(world.commit_one(late)), NackCode::Busy, "loss {n}");
        }
        assert_eq!(world.entries(), before);
    }
    let mut at_budi = draft.on(&budi());
    seq(world.push(&budi(), at_budi.doc, &[at_budi.write()]));
}

fn session_of_another_proves_nothing(world: World) {
    let mut draft = begin(&world);
    let mut at_budi = draft.on(&budi());
    let token = open(&world, b"one");
    let change = at_budi.write();
    let foreign = world.submission(&budi(), draft.doc, &[change]).in_session(token.into());
    assert_eq!(code(world.commit_one(foreign)), NackCode::Busy);
    let submission = world.submission(&ani(), draft.doc, &[draft.write()]).in_session(token.into());
    let expired = Submission { at: world.now + 1_000, ..submission.clone() };
    assert_eq!(code(world.commit_one(expired)), NackCode::Busy, "the session expires then");
    seq(world.commit_one(Submission { at: world.now + 999, ..submission }));
}

fn lost_role_ends_writing_at_once(world: World) {
    let mut draft = begin(&world);
    let token = open(&world, b"one");
    for role in [Some(Role::Reader), None] {
        world.store.set_role(&user("ani"), &feed("kota"), Some(Role::Writer), 2).unwrap();
        let good = world.submission(&ani(), draft.doc, &[draft.write()]).in_session(token.into());
        seq(world.commit_one(good));
        world.store.set_role(&user("ani"), &feed("kota"), role, 2).unwrap();
        let expected = if role.is_some() { NackCode::Forbidden } else { NackCode::UnknownDocument };
        let [push, decide, _] = frames(&world, &mut draft.on(&ani()));
        for late in [push, decide] {
            assert_eq!(code(world.commit_one(late.in_session(token.into()))), expected);
        }
    }
}

fn password_that_is_changed_ends_the_other_sessions(world: World) {
    let (mine, other) = (open(&world, b"one"), open(&world, b"two"));
    let setter = || world.store.password_setter(&user("ani")).unwrap();
    assert_eq!(setter(), PasswordSetter::Themselves);
    let set = |setter, but_for| {
        world.store.set_password(&user("ani"), &new_password(setter), but_for, 2).unwrap();
    };
    set(PasswordSetter::Themselves, Some(mine));
    assert!(world.store.session(mine, 3).unwrap().is_some());
    assert_eq!(world.store.session(other, 3).unwrap(), None);
    assert_eq!(setter(), PasswordSetter::Themselves);
    let digest = world.store.person(&user("ani")).unwrap().unwrap().password_digest;
    assert_eq!(digest, "$another$");
    set(PasswordSetter::Somebody, None);
    assert_eq!(world.store.session(mine, 3).unwrap(), None);
    assert_eq!(setter(), PasswordSetter::Somebody);
    assert!(world.store.set_password(&user("nobody"), &new_password(setter()), None, 2).is_err());
    assert!(world.store.password_setter(&user("nobody")).is_err());
    // Whose session has ended meanwhile changes nothing any more.
    let late = new_password(PasswordSetter::Themselves);
    let refused = world.store.set_password(&user("ani"), &late, Some(mine), 3);
    assert!(matches!(refused, Err(StoreError::SessionOver)), "{refused:?}");
    assert_eq!(setter(), PasswordSetter::Somebody);
}

fn password_that_somebody_set_leaves_a_session_only_to_change_it(world: World) {
    let mut draft = begin(&world);
    let set = |setter, but_for| {
        world.store.set_password(&user("ani"), &new_password(setter), but_for, 2).unwrap();
    };
    set(PasswordSetter::Somebody, None);
    let token = open(&world, b"one");
    assert_eq!(world.store.session(token, 3).unwrap(), None);
    assert_eq!(world.store.session_end(token).unwrap(), SessionEnd::PasswordDue);
    let limited = world.store.limited_session(token, 3).unwrap().unwrap();
    assert_eq!((limited.user, limited.device), (user("ani"), device(1)));
    let write = |draft: &mut Draft| world.submission(&ani(), draft.doc, &[draft.write()]);
    assert_eq!(code(world.commit_one(write(&mut draft).in_session(token.into()))), NackCode::Busy);
    set(PasswordSetter::Themselves, Some(token));
    assert!(world.store.session(token, 3).unwrap().is_some(), "the same session serves from then on");
    let mut draft = begin_another(&world);
    seq(world.commit_one(write(&mut draft).in_session(token.into())));
    // The demonstration's is known to everybody, and stays.
    set(PasswordSetter::Demonstration, None);
    let token = open(&world, b"two");
    assert!(world.store.session(token, 3).unwrap().is_some());
    // A limited session ends as every other.
    set(PasswordSetter::Somebody, None);
    for (n, lose) in [0, 1, 2, 4, 3].map(|n| (n, LOSSES[n])) {
        world.store.enable(&user("ani"), 2).unwrap();
        let token = open(&world, &[n as u8]);
        assert!(world.store.limited_session(token, 3).unwrap().is_some(), "loss {n}");
        assert_eq!(world.store.limited_session(token, world.now + 1_000).unwrap(), None, "it expires");
        lose(&*world.store, token);
        assert_eq!(world.store.limited_session(token, 3).unwrap(), None, "loss {n}");
    }
}

fn person_signs_out_one_device_or_all_others(world: World) {
    let mine = open(&world, b"one");
    world.store.enrol(device(41), &user("ani"), "lain", 2).unwrap();
    let at = |name: &[u8], number| {
        let token = TokenHash::of(name);
        let row = SessionRow { user: user("ani"), device: device(number), expires_at: world.now + 1_000 };
        world.store.open_session(token, &row).unwrap();
        token
    };
    let is_good = |token| world.store.session(token, 3).unwrap().is_some();
    let other = at(b"other", 41);
    let signed_in =
        || world.store.signed_in_devices(&user("ani"), 3).unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(signed_in(), [device(1), device(41)]);
    assert!(world.store.signed_in_devices(&user("ani"), world.now + 1_000).unwrap().is_empty());
    // A device of one's own alone.
    world.store.close_sessions(&user("budi"), Sessions::Of(device(41))).unwrap();
    assert!(is_good(other));
    let before = world.store.rights_changed(0).unwrap().newest;
    world.store.close_sessions(&user("ani"), Sessions::Of(device(41))).unwrap();
    assert_eq!((is_good(mine), is_good(other)), (true, false));
    assert_eq!(signed_in(), [device(1)]);
    assert_eq!(world.store.rights_changed(before).unwrap().people, [user("ani")]);
    assert_eq!(world.store.device(device(41)).unwrap().unwrap().revoked_at, None, "it may sign in again");
    let (other, second) = (at(b"other", 41), open(&world, b"two"));
    world.store.close_sessions(&user("ani"), Sessions::AllBut(mine)).unwrap();
    assert_eq!([mine, other, second].map(is_good), [true, false, false]);
}

fn enabled_person_signs_in_anew(world: World) {
    let token = open(&world, b"one");
    world.store.disable(&user("ani"), 2).unwrap();
    assert_eq!(world.store.session(token, 3).unwrap(), None);
    assert!(world.store.person(&user("ani")).unwrap().unwrap().is_disabled);
    world.store.enable(&user("ani"), 2).unwrap();
    assert_eq!(world.store.session(token, 3).unwrap(), None, "the old session does not come back to life");
    let token = open(&world, b"two");
    assert!(world.store.session(token, 3).unwrap().is_some());
    assert!(
        world.store.disable(&user("nobody"), 2).is_err() && world.store.enable(&user("nobody"), 2).is_err()
    );
}

fn session_says_why_it_is_over(world: World) {
    let (one, two) = (open(&world, b"one"), open(&world, b"two"));
    let why = |token| world.store.session_end(token).unwrap();
    world.store.close_session(two).unwrap();
    assert_eq!(why(two), SessionEnd::Over);
    assert_eq!(why(TokenHash::of(b"never")), SessionEnd::Over);
    world.store.revoke(device(1), 2).unwrap();
    assert_eq!(why(one), SessionEnd::Revoked);
    world.store.disable(&user("ani"), 2).unwrap();
    assert_eq!(why(one), SessionEnd::Disabled, "which is more than one device");
}

fn changes_of_rights_are_numbered_and_name_the_person(world: World) {
    let token = open(&world, b"one");
    let mut after = world.store.rights_changed(0).unwrap().newest;
    let mut changed = |what: &str, expected: &[&str]| {
        let changed = world.store.rights_changed(after).unwrap();
        assert_eq!(changed.people, expected.iter().map(|name| user(name)).collect::<Vec<_>>(), "{what}");
        assert_eq!(changed.newest > after, !expected.is_empty(), "{what}");
        after = changed.newest;
    };
    changed("nothing", &[]);
    world.store.set_role(&user("ani"), &feed("kota"), None, 2).unwrap();
    changed("a role", &["ani"]);
    world.store.close_session(token).unwrap();
    changed("a sign-out", &["ani"]);
    world.store.close_session(token).unwrap();
    changed("nothing to end", &[]);
    world.store.set_password(&user("budi"), &new_password(PasswordSetter::Somebody), None, 2).unwrap();
    changed("a password", &["budi"]);
    world.store.revoke(device(3), 2).unwrap();
    changed("a device", &["citra"]);
    world.store.disable(&user("dewi"), 2).unwrap();
    world.store.disable(&user("dewi"), 2).unwrap();
    changed("disabled twice", &["dewi"]);
    world.store.close_sessions(&user("eko"), Sessions::All).unwrap();
    changed("all sessions", &["eko"]);
    world.store.note_seen(device(1), 3).unwrap();
    open(&world, b"three");
    changed("what gives and takes no right", &[]);
}

fn latest_time_is_that_of_the_last_entry_or_later(world: World) {
    assert_eq!(world.store.latest_time().unwrap(), world.now);
    let world = World { now: world.now + 7, ..world };
    begin(&world);
    assert_eq!(world.store.latest_time().unwrap(), world.now);
    world.store.note_seen(device(1), world.now + 9).unwrap();
    assert_eq!(world.store.latest_time().unwrap(), world.now + 9);
}

/// What the writer remembers from one batch to the next must not hide what the command line took away.
#[test]
fn loss_through_another_process_is_seen_by_the_next_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("simpul.db");
    let on_sqlite =
        || -> Box<dyn Store> { Box::new(simpul::store::sqlite::SqliteStore::open(&path, epoch(1)).unwrap()) };
    let database = Postgres::shared().new_database();
    let on_postgres = || -> Box<dyn Store> { Box::new(PostgresStore::open(&database, epoch(1)).unwrap()) };
    for open_store in [&on_sqlite as &dyn Fn() -> Box<dyn Store>, &on_postgres] {
        let world = World::new(open_store(), None);
        let command_line = open_store();
        let mut draft = begin(&world);
        for (n, lose) in LOSSES.into_iter().enumerate() {
            command_line.enable(&user("ani"), 2).unwrap();
            let token = open(&world, &[n as u8]);
            if n == 4 {
                break;
            }
            let good = world.submission(&ani(), draft.doc, &[draft.write()]).in_session(token.into());
            seq(world.commit_one(good));
            lose(&*command_line, token);
            let late = world.submission(&ani(), draft.doc, &[draft.on(&ani()).write()]);
            assert_eq!(code(world.commit_one(late.in_session(token.into()))), NackCode::Busy, "loss {n}");
        }
    }
}

/// Takes a right away.
type Take = fn(&dyn Store);

/// A batch that has loaded what people may do holds its feeds locked: whoever takes a right away waits for it.
#[test]
fn whoever_takes_a_right_away_waits_for_the_batch_under_way() {
    let database = Postgres::shared().new_database();
    let world = World::new(Box::new(PostgresStore::open(&database, epoch(1)).unwrap()), None);
    open(&world, b"one");
    let takes: [(&str, Take); 5] = [
        ("role", |store| store.set_role(&user("ani"), &feed("kota"), None, 2).unwrap()),
        ("password", |store| {
            store.set_password(&user("budi"), &new_password(PasswordSetter::Somebody), None, 2).unwrap();
        }),
        ("device", |store| store.revoke(device(3), 2).unwrap()),
        ("disable", |store| store.disable(&user("dewi"), 2).unwrap()),
        ("sign-out", |store| store.close_sessions(&user("budi"), Sessions::All).unwrap()),
    ];
    for (name, take) in takes {
        let before = world.store.rights_changed(0).unwrap().newest;
        postgres::hold(&database, "SELECT id FROM feeds WHERE feed = 'kota' FOR NO KEY UPDATE", |waits| {
            std::thread::scope(|scope| {
                let taking = scope.spawn(|| take(&*world.store));
                waits.until_one_waits();
                assert_eq!(world.store.rights_changed(0).unwrap().newest, before, "{name}");
                waits.let_go();
                taking.join().unwrap();
            });
        });
        assert!(world.store.rights_changed(0).unwrap().newest > before, "{name}");
    }
}
