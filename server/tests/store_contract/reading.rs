//! What a store gives to read: entries, cursors, tags, whole documents.

use shared::change_check::check_change;
use shared::ids::{ActorId, Tag};
use shared::model::decision::Event;
use shared::model::document::Document;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::sync::relay::standing::base;
use shared::wire::code::NackCode;
use shared::wire::{Cursor, Hello, limits};

use crate::world::*;

contract! {
    accepted_push_is_read_in_order
    own_entries_are_passed_over
    read_stops_at_its_limit_but_gives_at_least_one_entry
    document_out_of_sight_is_unknown
    cursor_is_checked_by_its_tag
    acked_entry_and_trail_are_checked_by_their_tags
    tag_stands_for_all_entries_before_it
    new_epoch_sends_devices_back_to_what_is_shared
    missing_changes_are_named_without_revealing_other_feeds
    whole_document_is_read_back
}

fn accepted_push_is_read_in_order(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    assert_eq!(seq(world.push(&ani(), draft.doc, &[first.clone(), second.clone()])), 2);
    let page = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    let read: Vec<_> =
        page.entries.iter().map(|entry| (entry.seq, entry.change.as_ref().unwrap().to_vec())).collect();
    assert_eq!(read, [(1, first.bytes), (2, second.bytes)]);
    let entry = &page.entries[1];
    assert_eq!((&entry.by, entry.device, entry.at), (&user("ani"), device(1), world.now));
    assert_eq!((entry.doc, entry.kind), (draft.doc, Kind::TripReport));
    assert_eq!(page.to, 2);
    assert_eq!(world.store.head(&feed("kota")).unwrap(), 2);
    let rest = world.store.read(&feed("kota"), 1, limits::BATCH_BYTES, None).unwrap();
    assert_eq!((rest.entries.as_slice(), rest.tag), (&page.entries[1..], page.tag));
}

fn own_entries_are_passed_over(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let mut other = Draft::begin(2, &budi());
    seq(world.push(&budi(), other.doc, &[other.write()]));
    let all = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    let others = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, Some(device(2))).unwrap();
    assert_eq!((others.to, others.tag), (2, all.tag));
    assert_eq!(others.entries, all.entries[..1]);
}

fn read_stops_at_its_limit_but_gives_at_least_one_entry(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let changes = [draft.write(), draft.write(), draft.write()];
    seq(world.push(&ani(), draft.doc, &changes));
    let page = world.store.read(&feed("kota"), 0, 1, None).unwrap();
    assert_eq!((page.to, page.entries.len()), (1, 1));
    let beyond = world.store.read(&feed("kota"), 3, 1, None).unwrap();
    assert_eq!((beyond.to, beyond.entries.len()), (3, 0));
}

fn document_out_of_sight_is_unknown(world: World) {
    let mut draft = Draft::begin(1, &ani());
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let mut at_eko = draft.on(&eko());
    let change = at_eko.write();
    let to_known = world.push(&eko(), at_eko.doc, std::slice::from_ref(&change)).unwrap_err();
    let to_own_feed =
        world.commit_one(world.submission_to("desa", &eko(), at_eko.doc, &[change])).unwrap_err();
    let mut unknown = Draft::begin(9, &eko());
    let to_unknown = world.push(&eko(), unknown.doc, &[unknown.write()]).unwrap_err();
    let no_feed = world.commit_one(world.submission_to("nihil", &ani(), draft.doc, &[draft.write()]));
    assert_eq!(to_known, to_unknown);
    assert_eq!(to_known, to_own_feed);
    assert_eq!(to_known.code, NackCode::UnknownDocument);
    assert_eq!(code(no_feed), NackCode::Forbidden, "ani may read it, and its home is another feed");
    let decided = world.decide(&eko(), 1, doc(1), Event::Submit).unwrap_err();
    assert_eq!(decided, world.decide(&eko(), 1, doc(9), Event::Submit).unwrap_err());
}

fn cursor_is_checked_by_its_tag(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let change = draft.write();
    seq(world.push(&ani(), draft.doc, &[change]));
    let page = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    let cursor = Cursor(page.to, page.tag);
    for (name, cursor, expected) in [
        ("right", cursor, None),
        ("wrong tag", Cursor(cursor.0, Tag::from_bytes([9; 8])), Some(Cursor::START)),
        ("beyond the head", Cursor(cursor.0 + 5, cursor.1), Some(Cursor::START)),
    ] {
        let hello = world.hello(Some(cursor));
        let greeting = world.store.greet(&user("ani"), &hello).unwrap();
        assert_eq!(greeting.feeds.len(), 1);
        assert_eq!((greeting.feeds[0].head, greeting.feeds[0].name.as_str()), (1, "Kota"));
        assert_eq!(base(&greeting.feeds[0], greeting.epoch, &hello), expected, "{name}");
    }
}

fn acked_entry_and_trail_are_checked_by_their_tags(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let stored: Vec<_> = (0..3).map(|_| world.stored(&ani(), draft.doc, &[draft.write()])).collect();
    let point = |n: usize| Cursor(stored[n].place.seq, stored[n].tag.unwrap());
    let gone = Cursor(3, Tag::from_bytes([9; 8]));
    let base_of = |hello: &Hello| {
        let greeting = world.store.greet(&user("ani"), hello).unwrap();
        base(&greeting.feeds[0], greeting.epoch, hello)
    };
    let mut hello = world.hello(Some(point(0)));
    hello.acked.insert(feed("kota"), point(2));
    assert_eq!(base_of(&hello), None);
    hello.acked.insert(feed("kota"), gone);
    assert_eq!(base_of(&hello), Some(point(0)), "what was acked is lost");
    let mut hello = world.hello(Some(gone));
    hello.trail.insert(feed("kota"), vec![Cursor(2, gone.1), point(1), point(0)]);
    assert_eq!(base_of(&hello), Some(point(1)));
}

fn tag_stands_for_all_entries_before_it(world: World) {
    let other = in_memory();
    let (mut one, mut two) = (Draft::begin(1, &ani()), Draft::begin(2, &ani()));
    let (first, second) = (one.write(), two.write());
    // The same second entry behind another first one.
    seq(world.push(&ani(), one.doc, &[first]));
    let mut third = Draft::begin(3, &ani());
    seq(other.push(&ani(), third.doc, &[third.write()]));
    for relay in [&world, &other] {
        assert_eq!(seq(relay.push(&ani(), two.doc, std::slice::from_ref(&second))), 2);
    }
    assert_eq!(world.entries()[1], other.entries()[1]);
    assert_ne!(world.tag(), other.tag());
}

fn new_epoch_sends_devices_back_to_what_is_shared(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let changes = [draft.write(), draft.write()];
    seq(world.push(&ani(), draft.doc, &changes));
    let shared = world.store.read(&feed("kota"), 0, limits::BATCH_BYTES, None).unwrap();
    world.store.begin_epoch(epoch(2)).unwrap();
    assert_eq!(world.store.epoch().unwrap(), epoch(2));
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    let hello = world.hello(Some(Cursor(7, shared.tag)));
    let greeting = world.store.greet(&user("ani"), &hello).unwrap();
    let expected = Some(Cursor(shared.to, shared.tag));
    assert_eq!(base(&greeting.feeds[0], greeting.epoch, &hello), expected);
}

fn missing_changes_are_named_without_revealing_other_feeds(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let (first, second) = (draft.write(), draft.write());
    seq(world.push(&ani(), draft.doc, std::slice::from_ref(&first)));
    let held: OrderedMap<_, _> = [(doc(1), vec![first.hash, second.hash]), (doc(2), vec![first.hash])].into();
    let missing = world.store.missing(&feed("kota"), &held).unwrap();
    assert_eq!(missing, [(doc(1), vec![second.hash]), (doc(2), vec![first.hash])].into());
    assert_eq!(world.store.missing(&feed("desa"), &held).unwrap(), held);
}

fn whole_document_is_read_back(world: World) {
    let mut at_ani = Draft::begin(1, &ani());
    let first = at_ani.write();
    let mut at_budi = at_ani.on(&budi());
    let second = at_budi.write();
    seq(world.push(&ani(), at_ani.doc, &[first]));
    seq(world.push(&budi(), at_budi.doc, &[second]));
    let chunks = world.store.chunks(doc(1)).unwrap();
    assert_eq!(chunks[1].authorship.by, user("budi"));
    let changes = chunks.iter().map(|chunk| check_change(&chunk.bytes).unwrap().change);
    let document = Document::open(doc(1), ActorId::new(device(9), 0), changes).unwrap();
    assert_eq!(document.heads(), at_budi.document.heads());
    let facts = world.store.document(doc(1)).unwrap().unwrap();
    let bytes: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
    assert_eq!((facts.bytes, facts.home), (bytes as u64, feed("kota")));
    assert!(world.store.chunks(doc(2)).unwrap().is_empty());
}
