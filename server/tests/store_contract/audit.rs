//! What a store tells in the audit log by itself.

use shared::audit::{AuditKey, Head, Verification};
use shared::model::decision::Event;
use shared::role::Role;

use crate::world::*;

contract! {
    people_roles_devices_and_decisions_are_told_by_the_store
    nothing_is_told_where_nobody_said_under_which_key
}

fn told(world: &World) -> Vec<(String, String, String)> {
    let rows = world.store.audit(0, 1_000).unwrap();
    rows.into_iter().map(|row| (row.act.sort, row.act.person, row.act.detail)).collect()
}

fn people_roles_devices_and_decisions_are_told_by_the_store(world: World) {
    let key = AuditKey::new([5; 32]);
    let store = &world.store;
    store.trace_with(&key).unwrap();
    store.set_role(&user("eko"), &feed("kota"), Some(Role::Reader), 1).unwrap();
    store.set_role(&user("eko"), &feed("kota"), None, 2).unwrap();
    store.enrol(device(9), &user("eko"), "ponsel", 3).unwrap();
    store.enrol(device(9), &user("eko"), "ponsel", 4).unwrap();
    store.revoke(device(9), 5).unwrap();
    store.disable(&user("eko"), 6).unwrap();
    store.enable(&user("eko"), 7).unwrap();
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(store.audit_head().unwrap().seq, 6, "a change is no act of the audit log");
    seq(world.decide(&ani(), 1, draft.doc, Event::Submit));
    // Again changes nothing, and the approver's word is missing for the next.
    let _ = world.decide(&ani(), 1, draft.doc, Event::Submit);
    let _ = world.decide(&ani(), 2, draft.doc, Event::Approve);
    let expected = [
        ("role", "eko", "reader".to_owned()),
        ("role", "eko", "none".to_owned()),
        ("device-enrolled", "eko", String::new()),
        ("device-revoked", "eko", String::new()),
        ("person", "eko", "disabled".to_owned()),
        ("person", "eko", "enabled".to_owned()),
        ("decision", "ani", format!("submit {}", draft.doc)),
    ];
    let expected = expected.map(|(sort, person, detail)| (sort.to_owned(), person.to_owned(), detail));
    assert_eq!(told(&world), expected);
    let rows = store.audit(0, 1_000).unwrap();
    assert_eq!((rows[2].act.device, rows[6].act.feed.as_str()), (Some(device(9)), "kota"));
    let head = store.audit_head().unwrap();
    let mut look = Verification::new(&key, [head]);
    rows.iter().for_each(|row| look.row(row));
    assert_eq!(look.end(Some(head)).faults, []);
    assert_eq!(store.audit(5, 1).unwrap(), rows[5..6]);
}

fn nothing_is_told_where_nobody_said_under_which_key(world: World) {
    world.store.set_role(&user("eko"), &feed("kota"), Some(Role::Reader), 1).unwrap();
    assert_eq!((told(&world), world.store.audit_head().unwrap()), (vec![], Head::START));
}
