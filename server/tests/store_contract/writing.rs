//! What a store takes in and what it refuses.

use shared::model::decision::{Event, State};
use shared::model::document::NewChange;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::role::Role;
use shared::sync::relay::submission::Submission;
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Decide, Entry, Proof, Push};
use simpul::store::memory::MemoryStore;

use crate::world::*;

contract! {
    push_sent_twice_is_acked_with_its_first_place
    ack_names_the_tag_and_proves_who_made_what
    later_push_of_a_batch_builds_on_an_earlier_one
    refused_push_leaves_the_others_of_its_batch
    reader_may_not_write
    change_of_another_device_is_refused
    sequence_number_used_twice_is_an_actor_conflict
    push_that_lacks_a_dependency_is_refused_whole
    document_keeps_its_kind_and_home
    full_feed_refuses_another_document
    decisions_follow_the_state_machine
    decision_sent_again_is_acked_after_the_state_moved_on
    decision_on_a_version_that_lacks_what_was_submitted_since_is_refused
    who_submitted_last_neither_verifies_nor_approves
    only_who_submitted_withdraws_and_the_document_is_a_draft_again
    return_needs_a_remark
    archived_document_refuses_changes_and_acks_old_ones
    offered_entries_keep_their_authorship
}

fn push_sent_twice_is_acked_with_its_first_place(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    assert_eq!(seq(world.push(&ani(), draft.doc, std::slice::from_ref(&first))), 1);
    let again = world.submission(&ani(), draft.doc, std::slice::from_ref(&first));
    let both = world.submission(&ani(), draft.doc, &[first.clone(), second]);
    let answers = world.commit(&[again.clone(), both.clone(), both, again]);
    assert_eq!(answers.into_iter().map(seq).collect::<Vec<_>>(), [1, 2, 2, 1]);
    assert_eq!(world.entries().len(), 2);
}

fn ack_names_the_tag_and_proves_who_made_what(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    let stored = world.stored(&ani(), draft.doc, &[first.clone(), second.clone()]);
    assert_eq!((stored.place.seq, stored.tag), (2, Some(world.tag())));
    let proofs: Vec<_> = world.entries().iter().map(|entry| Some(Proof(entry.at, entry.receipt))).collect();
    assert_eq!(stored.proofs, proofs);
    let later = World { now: world.now + 5, ..world };
    assert_eq!(later.stored(&ani(), draft.doc, &[first.clone(), second]), stored, "said again");
    // With a proof another can bring the change to a relay that never saw it, though its maker may not write.
    let lost = in_memory();
    lost.store.set_role(&user("ani"), &feed("kota"), Some(Role::Reader), 1).unwrap();
    let Some(Proof(at, receipt)) = stored.proofs[0] else { panic!("{stored:?}") };
    let change = Some(Bytes::from(first.bytes.clone()));
    let entry = Entry { at, receipt, change, ..later.entries()[0].clone() };
    for who in [ani(), dewi()] {
        assert_eq!(seq(lost.offer(&who, vec![entry.clone()])), 1);
    }
    let brought = &lost.entries()[0];
    assert_eq!((brought.by.clone(), brought.device), (user("ani"), device(1)));
}

fn later_push_of_a_batch_builds_on_an_earlier_one(world: World) {
    let mut at_ani = Draft::begin(1, &ani());
    let first = at_ani.write();
    let mut at_budi = at_ani.on(&budi());
    let second = at_budi.write();
    let mut other = Draft::begin(2, &citra());
    let batch = [
        world.submission(&ani(), at_ani.doc, &[first]),
        world.submission(&citra(), other.doc, &[other.write()]),
        world.submission(&budi(), at_budi.doc, &[second]),
    ];
    assert_eq!(world.commit(&batch).into_iter().map(seq).collect::<Vec<_>>(), [1, 2, 3]);
    // What the batch stored, the next one finds.
    let third = at_budi.write();
    assert_eq!(seq(world.push(&budi(), at_budi.doc, &[third])), 4);
}

fn refused_push_leaves_the_others_of_its_batch(world: World) {
    let (mut one, mut two) = (Draft::begin(1, &ani()), Draft::begin(2, &dewi()));
    let mut three = Draft::begin(3, &budi());
    let batch = [
        world.submission(&ani(), one.doc, &[one.write()]),
        world.submission(&dewi(), two.doc, &[two.write()]),
        world.submission(&budi(), three.doc, &[three.write()]),
    ];
    let mut answers = world.commit(&batch);
    assert_eq!(seq(answers.pop().unwrap()), 2);
    assert_eq!(code(answers.pop().unwrap()), NackCode::Forbidden);
    assert_eq!(world.entries().iter().map(|entry| entry.doc).collect::<Vec<_>>(), [doc(1), doc(3)]);
    assert_eq!(world.store.document(doc(2)).unwrap(), None);
}

fn reader_may_not_write(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let mut at_dewi = draft.on(&dewi());
    let change = at_dewi.write();
    assert_eq!(code(world.push(&dewi(), at_dewi.doc, &[change])), NackCode::Forbidden);
    assert_eq!(code(world.decide(&dewi(), 1, doc(1), Event::Submit)), NackCode::Forbidden);
    assert_eq!(code(world.decide(&ani(), 1, doc(1), Event::Approve)), NackCode::Forbidden);
}

fn change_of_another_device_is_refused(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let change = draft.write();
    assert_eq!(code(world.push(&budi(), draft.doc, &[change])), NackCode::WrongActor);
    let stranger = Writer { user: user("ani"), device: device(2) };
    let mut draft = Draft::begin(2, &stranger);
    let change = draft.write();
    assert_eq!(code(world.push(&stranger, draft.doc, &[change])), NackCode::WrongActor);
}

fn sequence_number_used_twice_is_an_actor_conflict(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let first = draft.write();
    let mut copied = draft.on(&ani());
    seq(world.push(&ani(), draft.doc, &[first, draft.write()]));
    copied.document.edit(&Edit::Recover).unwrap();
    copied.document.edit(&Edit::Discard).unwrap();
    let clash = copied.document.commit(1_800_000_000_000).unwrap();
    assert_eq!(code(world.push(&ani(), copied.doc, &[clash])), NackCode::ActorConflict);
}

fn push_that_lacks_a_dependency_is_refused_whole(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second, third) = (draft.write(), draft.write(), draft.write());
    let nack = world.push(&ani(), draft.doc, &[first.clone(), third.clone()]).unwrap_err();
    assert_eq!((nack.code, nack.hashes), (NackCode::MissingDependencies, Some(vec![second.hash])));
    assert_eq!((world.entries(), world.store.document(doc(1)).unwrap()), (vec![], None));
    assert_eq!(seq(world.push(&ani(), draft.doc, &[first, second, third])), 3);
}

fn document_keeps_its_kind_and_home(world: World) {
    world.store.set_role(&user("ani"), &feed("desa"), Some(Role::Writer), world.now).unwrap();
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let change = draft.write();
    let elsewhere = world.submission_to("desa", &ani(), draft.doc, std::slice::from_ref(&change));
    assert_eq!(code(world.commit_one(elsewhere)), NackCode::Forbidden);
    let push = Push {
        id: 1,
        feed: feed("kota"),
        doc: draft.doc,
        kind: Kind::Agreement.into(),
        changes: vec![Bytes::from(change.bytes)],
    };
    let other_kind = Submission::push(user("ani"), device(1), world.now, push).unwrap();
    assert_eq!(code(world.commit_one(other_kind)), NackCode::BadChange);
}

fn full_feed_refuses_another_document(mut world: World) {
    world.rules.limits.feed_documents = 1;
    let (mut one, mut two) = (Draft::begin(1, &ani()), Draft::begin(2, &ani()));
    let batch = [
        world.submission(&ani(), one.doc, &[one.write()]),
        world.submission(&ani(), two.doc, &[two.write()]),
    ];
    let mut answers = world.commit(&batch);
    assert_eq!(code(answers.pop().unwrap()), NackCode::Quota);
    assert_eq!(seq(answers.pop().unwrap()), 1);
    world.rules.limits.feed_bytes = 1;
    assert_eq!(code(world.push(&ani(), one.doc, &[one.write()])), NackCode::Quota);
}

fn decisions_follow_the_state_machine(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(code(world.decide(&citra(), 1, doc(1), Event::Approve)), NackCode::BadDecision);
    assert_eq!(seq(world.decide(&ani(), 2, doc(1), Event::Submit)), 2);
    assert_eq!(seq(world.decide(&citra(), 3, doc(1), Event::Approve)), 3);
    let entry = world.entries().remove(2);
    let decision = entry.decision.unwrap();
    assert_eq!((entry.by, decision.event), (user("citra"), Event::Approve));
    assert_eq!(decision.heads, [world.store.chunks(doc(1)).unwrap()[0].hash]);
    assert_eq!((decision.note.as_deref(), decision.made_at), (Some("baik"), world.now));
}

fn decision_sent_again_is_acked_after_the_state_moved_on(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(seq(world.decide(&ani(), 1, doc(1), Event::Submit)), 2);
    assert_eq!(seq(world.decide(&citra(), 2, doc(1), Event::Archive)), 3);
    assert_eq!(seq(world.decide(&ani(), 1, doc(1), Event::Submit)), 2);
    assert_eq!(world.entries().len(), 3);
}

/// She decided without a network on what was submitted first; meanwhile it was withdrawn, and another version submitted.
fn decision_on_a_version_that_lacks_what_was_submitted_since_is_refused(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let versions = [draft.write(), draft.write(), draft.write()];
    let on = |who: &Writer, n, event: Event, version: &NewChange| {
        let heads = vec![version.hash];
        Submission::decide(
            who.user.clone(),
            who.device,
            world.now,
            Decide { event: event.into(), heads, ..world.decision(n) },
        )
        .unwrap()
    };
    let decide = |who: &Writer, n, event, version| world.commit_one(on(who, n, event, version));
    seq(world.push(&ani(), draft.doc, &versions[..1]));
    seq(decide(&ani(), 1, Event::Submit, &versions[0]));
    seq(decide(&ani(), 2, Event::Withdraw, &versions[0]));
    seq(world.push(&ani(), draft.doc, &versions[1..]));
    seq(decide(&ani(), 3, Event::Submit, &versions[1]));
    for event in [Event::Submit, Event::Return, Event::Verify, Event::Approve] {
        assert_eq!(code(decide(&citra(), 4, event, &versions[0])), NackCode::BadDecision, "{event:?}");
        forget(&world);
        assert_eq!(code(decide(&citra(), 4, event, &versions[0])), NackCode::BadDecision, "from the rows");
    }
    assert_eq!(world.store.document(doc(1)).unwrap().unwrap().course.state, State::Submitted);
    // One that has all of it, and more, is about it.
    seq(decide(&citra(), 5, Event::Verify, &versions[2]));
    let both = [on(&ani(), 6, Event::Submit, &versions[2]), on(&citra(), 7, Event::Return, &versions[1])];
    let answers = world.commit(&both);
    assert!(answers[0].is_ok());
    assert_eq!(code(answers[1].clone()), NackCode::BadDecision, "also in one batch");
    seq(decide(&citra(), 8, Event::Archive, &versions[1]));
}

/// What the store remembers of a document is forgotten, so that the next batch loads it from the rows.
fn forget(world: &World) {
    world.store.set_role(&user("eko"), &feed("desa"), Some(Role::Writer), world.now).unwrap();
}

fn who_submitted_last_neither_verifies_nor_approves(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    seq(world.decide(&citra(), 2, doc(1), Event::Submit));
    for event in [Event::Verify, Event::Approve] {
        assert_eq!(code(world.decide(&citra(), 3, doc(1), event)), NackCode::OwnSubmission);
        forget(&world);
        assert_eq!(code(world.decide(&citra(), 3, doc(1), event)), NackCode::OwnSubmission, "from the rows");
    }
    assert_eq!(world.entries().len(), 3, "nothing of it is stored");
    seq(world.decide(&ani(), 4, doc(1), Event::Submit));
    forget(&world);
    seq(world.decide(&citra(), 5, doc(1), Event::Verify));
    seq(world.decide(&citra(), 6, doc(1), Event::Approve));
}

fn only_who_submitted_withdraws_and_the_document_is_a_draft_again(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(code(world.decide(&ani(), 1, doc(1), Event::Withdraw)), NackCode::BadDecision);
    seq(world.decide(&ani(), 2, doc(1), Event::Submit));
    assert_eq!(code(world.decide(&budi(), 3, doc(1), Event::Withdraw)), NackCode::NotSubmitter);
    assert_eq!(code(world.decide(&citra(), 3, doc(1), Event::Withdraw)), NackCode::NotSubmitter);
    assert_eq!(code(world.decide(&dewi(), 3, doc(1), Event::Withdraw)), NackCode::Forbidden);
    forget(&world);
    let withdrawn = seq(world.decide_saying(None, &ani(), 4, doc(1), Event::Withdraw));
    assert_eq!(world.store.document(doc(1)).unwrap().unwrap().course.state, State::Draft);
    forget(&world);
    assert_eq!(code(world.decide(&citra(), 5, doc(1), Event::Approve)), NackCode::BadDecision);
    let again = world.decide_saying(None, &ani(), 4, doc(1), Event::Withdraw);
    assert_eq!(seq(again), withdrawn, "sent again, it is acked");
    seq(world.decide(&ani(), 6, doc(1), Event::Submit));
    seq(world.decide(&citra(), 7, doc(1), Event::Verify));
    assert_eq!(code(world.decide(&ani(), 8, doc(1), Event::Withdraw)), NackCode::BadDecision);
}

fn return_needs_a_remark(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    seq(world.decide_saying(None, &ani(), 1, doc(1), Event::Submit));
    for blank in [None, Some(""), Some(" \n\t")] {
        let returned = world.decide_saying(blank, &citra(), 2, doc(1), Event::Return);
        assert_eq!(code(returned), NackCode::NoRemark, "{blank:?}");
    }
    assert_eq!(seq(world.decide_saying(Some("biaya"), &citra(), 2, doc(1), Event::Return)), 3);
    assert_eq!(world.store.document(doc(1)).unwrap().unwrap().course.state, State::Returned);
}

fn archived_document_refuses_changes_and_acks_old_ones(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&first)));
    seq(world.decide(&citra(), 1, doc(1), Event::Archive));
    assert_eq!(code(world.push(&ani(), draft.doc, std::slice::from_ref(&second))), NackCode::Archived);
    assert_eq!(seq(world.push(&ani(), draft.doc, &[first])), 1);
    seq(world.decide(&citra(), 2, doc(1), Event::Reopen));
    assert_eq!(seq(world.push(&ani(), draft.doc, &[second])), 4);
}

fn offered_entries_keep_their_authorship(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let changes = [draft.write(), draft.write()];
    seq(world.push(&ani(), draft.doc, &changes));
    seq(world.decide(&ani(), 1, doc(1), Event::Submit));
    let entries = world.entries();
    // A restored relay that has lost all of it, and the device's enrolment.
    let mut restored = in_memory();
    restored.store = Box::new(MemoryStore::new(epoch(2)));
    restored.store.put_feed(&feed("kota"), "Kota").unwrap();
    for name in ["ani", "dewi"] {
        let person = world.store.person(&user(name)).unwrap().unwrap();
        restored.store.put_person(&person, 1).unwrap();
    }
    restored.store.set_role(&user("dewi"), &feed("kota"), Some(Role::Reader), 1).unwrap();
    restored.store.enrol(device(4), &user("dewi"), "laptop", 1).unwrap();
    restored.now += 1_000_000;
    assert_eq!(seq(restored.offer(&dewi(), entries.clone())), 3);
    assert_eq!(restored.entries(), entries);
    assert_eq!(restored.store.device(device(1)).unwrap().unwrap().owner, user("ani"));
    assert_eq!(seq(world.offer(&dewi(), entries.clone())), 3, "what is there already is acked");
    assert_eq!(world.entries(), entries);
}
