//! Who made what: nothing is stored under a name that did not make it, and nobody is cut off by what others send.

use shared::ids::{ChangeHash, DecisionId, Receipt};
use shared::model::decision::Event;
use shared::model::kind::Kind;
use shared::role::Role;
use shared::sync::relay::entry::ReceiptKey;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Decide, Decision, Entry};

use crate::world::*;

contract! {
    forged_change_is_refused_and_its_victim_goes_on_writing
    forged_decision_is_refused_and_takes_nobodys_id
    receipt_of_another_key_proves_nothing
    receipt_holds_for_its_content_maker_document_kind_and_feed_alone
    reader_cannot_begin_a_lost_document_elsewhere
    change_with_a_receipt_of_a_device_that_is_anothers_now_is_refused
    decision_on_no_version_or_on_one_that_is_not_here_is_refused
    decision_that_is_offered_waits_for_its_changes
    decision_said_again_is_acked_to_its_maker_with_the_same_content_alone
    decision_of_one_feed_is_taken_in_no_other
    push_that_is_stored_is_acked_in_its_own_feed_alone
}

fn unsigned(entry: Entry) -> Entry {
    Entry { receipt: Receipt::from_bytes([0; 16]), ..entry }
}

fn forged_change_is_refused_and_its_victim_goes_on_writing(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let first = world.entries().remove(0);
    // Everybody has the document, so anybody can make the change that would be ani's next.
    let mut copied = draft.on(&ani());
    let forged = copied.write();
    let entry = Entry { change: Some(Bytes::from(forged.bytes)), ..first };
    for who in [budi(), dewi(), citra()] {
        for entry in [entry.clone(), unsigned(entry.clone())] {
            let nack = world.offer(&who, vec![entry]).unwrap_err();
            assert_eq!((nack.code, nack.hashes), (NackCode::Unproven, Some(vec![forged.hash])));
        }
    }
    assert_eq!(world.entries().len(), 1);
    draft.document.edit(&shared::model::edit::Edit::Recover).unwrap();
    let next = draft.document.commit(1_700_000_000_000).unwrap();
    assert_ne!(next.hash, forged.hash);
    assert_eq!(seq(world.push(&ani(), draft.doc, &[next])), 2, "her number is hers");
}

fn forged_decision_is_refused_and_takes_nobodys_id(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    let Decide { decision, heads, note, made_at, .. } = world.decision(2);
    let content = Decision { decision, event: Event::Approve, heads, note, made_at };
    // In the name of one who may approve, brought by one who may too.
    let entry =
        Entry { by: user("citra"), device: device(3), decision: Some(content), ..world.entries().remove(1) };
    world.store.set_role(&user("budi"), &feed("kota"), Some(Role::Approver), world.now).unwrap();
    for entry in [entry.clone(), unsigned(entry)] {
        assert_eq!(code(world.offer(&budi(), vec![entry])), NackCode::Unproven);
    }
    assert_eq!(world.entries().len(), 2);
    assert_eq!(seq(world.decide(&citra(), 2, doc(1), Event::Approve)), 3);
    assert_eq!(world.entries().remove(2).by, user("citra"));
}

fn receipt_of_another_key_proves_nothing(mut world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    let entries = world.entries();
    let lost = in_memory();
    world.rules.key = ReceiptKey::new([8; 32]);
    assert_eq!(seq(world.offer(&dewi(), entries.clone())), 2, "what is there already is acked");
    let other = World { rules: world.rules.clone(), ..lost };
    assert_eq!(code(other.offer(&dewi(), entries)), NackCode::Unproven);
    assert_eq!(other.entries(), []);
}

fn receipt_holds_for_its_content_maker_document_kind_and_feed_alone(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let changes = [draft.write(), draft.write()];
    seq(world.push(&ani(), draft.doc, &changes));
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    let entries = world.entries();
    let lost = in_memory();
    for name in ["ani", "dewi"] {
        lost.store.set_role(&user(name), &feed("desa"), Some(Role::Reader), 1).unwrap();
    }
    let change = &entries[0];
    for forged in [
        Entry { by: user("budi"), ..change.clone() },
        Entry { device: device(2), by: user("budi"), ..change.clone() },
        Entry { at: change.at - 1, ..change.clone() },
        Entry { doc: doc(9), ..change.clone() },
        Entry { kind: Kind::Agreement, ..change.clone() },
        Entry { change: entries[1].change.clone(), ..change.clone() },
    ] {
        assert_eq!(code(lost.offer(&dewi(), vec![forged.clone()])), NackCode::Unproven, "{forged:?}");
    }
    assert_eq!(code(lost.offer_in("desa", &dewi(), entries.clone())), NackCode::Unproven);
    assert_eq!(seq(lost.offer(&dewi(), entries[..2].to_vec())), 2);
    let decided = &entries[2];
    let content = decided.decision.clone().unwrap();
    for forged in [
        Decision { event: Event::Archive, ..content.clone() },
        Decision { heads: vec![changes[0].hash], ..content.clone() },
        Decision { note: None, ..content.clone() },
        Decision { made_at: 1, ..content.clone() },
        Decision { decision: DecisionId::from_bytes([9; 16]), ..content.clone() },
    ] {
        let forged = Entry { decision: Some(forged), ..decided.clone() };
        assert_eq!(code(lost.offer(&dewi(), vec![forged.clone()])), NackCode::Unproven, "{forged:?}");
    }
    assert_eq!(seq(lost.offer(&dewi(), entries[2..].to_vec())), 3);
    assert_eq!(lost.entries(), entries);
}

fn reader_cannot_begin_a_lost_document_elsewhere(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let entries = world.entries();
    let lost = in_memory();
    lost.store.set_role(&user("dewi"), &feed("desa"), Some(Role::Reader), 1).unwrap();
    assert_eq!(code(lost.offer_in("desa", &dewi(), entries.clone())), NackCode::Unproven);
    assert_eq!(lost.store.document(doc(1)).unwrap(), None);
    assert_eq!(seq(lost.offer(&dewi(), entries)), 1, "its own office has it back");
}

fn change_with_a_receipt_of_a_device_that_is_anothers_now_is_refused(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let entries = world.entries();
    let lost = in_memory();
    lost.store.enrol(device(77), &user("ani"), "ponsel", 1).unwrap();
    lost.store.enrol(device(78), &user("budi"), "ponsel", 1).unwrap();
    let receipt = |device, by: &str| {
        let kota = feed("kota");
        let scope = shared::sync::relay::entry::Scope { doc: doc(1), kind: Kind::TripReport, feed: &kota };
        let subject = shared::sync::relay::entry::Subject::Change(draft.document.heads()[0]);
        lost.rules.key.receipt(scope, subject, &user(by), device, entries[0].at)
    };
    let entry = Entry { receipt: receipt(device(78), "ani"), device: device(78), ..entries[0].clone() };
    assert_eq!(code(lost.offer(&dewi(), vec![entry])), NackCode::Unproven);
    let entry = Entry { receipt: receipt(device(77), "ani"), device: device(77), ..entries[0].clone() };
    assert_eq!(code(lost.offer(&dewi(), vec![entry])), NackCode::WrongActor, "the change is of device 1");
}

fn decision_on_no_version_or_on_one_that_is_not_here_is_refused(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&first)));
    let mut other = Draft::begin(2, &ani());
    let elsewhere = other.write();
    seq(world.push(&ani(), other.doc, std::slice::from_ref(&elsewhere)));
    let on = |heads: &[ChangeHash]| world.send(&ani(), Decide { heads: heads.to_vec(), ..world.decision(1) });
    assert_eq!(code(on(&[])), NackCode::BadDecision);
    let missing = on(&[first.hash, second.hash]).unwrap_err();
    assert_eq!((missing.code, missing.hashes), (NackCode::MissingDependencies, Some(vec![second.hash])));
    let missing = on(&[elsewhere.hash]).unwrap_err();
    assert_eq!((missing.code, missing.hashes), (NackCode::MissingDependencies, Some(vec![elsewhere.hash])));
    assert_eq!(world.entries().len(), 2);
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&second)));
    assert_eq!(seq(on(&[second.hash])), 4, "the same decision, once its changes are there");
}

fn decision_that_is_offered_waits_for_its_changes(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let change = draft.write();
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&change)));
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    let entries = world.entries();
    let lost = in_memory();
    let missing = lost.offer(&dewi(), entries[1..].to_vec()).unwrap_err();
    assert_eq!((missing.code, missing.hashes), (NackCode::MissingDependencies, Some(vec![change.hash])));
    assert_eq!(lost.store.document(doc(1)).unwrap(), None, "a decision begins no document");
    assert_eq!(seq(lost.offer(&dewi(), entries.clone())), 2);
    assert_eq!(lost.entries(), entries);
}

fn decision_said_again_is_acked_to_its_maker_with_the_same_content_alone(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let decide = world.decision(1);
    assert_eq!(seq(world.send(&ani(), decide.clone())), 2);
    for other in [
        Decide { event: Event::Archive.into(), ..decide.clone() },
        Decide { note: None, ..decide.clone() },
        Decide { heads: vec![ChangeHash::from_bytes([1; 32])], ..decide.clone() },
    ] {
        assert_eq!(code(world.send(&ani(), other)), NackCode::BadDecision);
    }
    assert_eq!(code(world.send(&budi(), decide.clone())), NackCode::BadDecision, "replayed by another");
    assert_eq!(code(world.send(&eko(), decide.clone())), NackCode::UnknownDocument, "who may not know of it");
    assert_eq!(seq(world.send(&ani(), decide.clone())), 2);
    world.store.set_role(&user("ani"), &feed("kota"), Some(Role::Reader), world.now).unwrap();
    assert_eq!(seq(world.send(&ani(), decide.clone())), 2, "it is stored, whatever she may do now");
    world.store.set_role(&user("ani"), &feed("kota"), None, world.now).unwrap();
    assert_eq!(code(world.send(&ani(), decide)), NackCode::UnknownDocument);
    let mut again = world.entries().remove(1);
    again.decision.as_mut().unwrap().note = None;
    assert_eq!(code(world.offer(&budi(), vec![again])), NackCode::BadDecision, "offered with other words");
}

fn decision_of_one_feed_is_taken_in_no_other(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    for role in [Role::Reader, Role::Admin] {
        world.store.set_role(&user("ani"), &feed("desa"), Some(role), world.now).unwrap();
        let elsewhere = Decide { feed: feed("desa"), ..world.decision(1) };
        assert_eq!(code(world.send(&ani(), elsewhere)), NackCode::Forbidden);
    }
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    let decided = world.entries().split_off(1);
    assert_eq!(code(world.offer_in("desa", &ani(), decided)), NackCode::UnknownDocument);
}

fn push_that_is_stored_is_acked_in_its_own_feed_alone(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let change = draft.write();
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&change)));
    let again = world.submission_to("desa", &ani(), draft.doc, std::slice::from_ref(&change));
    assert_eq!(code(world.commit_one(again)), NackCode::Forbidden);
    let again = world.submission(&eko(), draft.doc, &[change]);
    assert_eq!(code(world.commit_one(again)), NackCode::UnknownDocument);
}
