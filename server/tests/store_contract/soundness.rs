//! What a look at a whole store finds.

use shared::ids::BlobHash;
use shared::model::decision::Event;
use shared::sync::relay::entry::ReceiptKey;
use simpul::store::blob::Blob;
use simpul::store::soundness::look;

use crate::world::*;

contract! {
    sound_store_is_looked_at_whole_and_found_sound
    receipts_of_another_key_are_named
}

/// Two documents with seven changes by two people, two decisions and an attachment.
fn written(world: &World) {
    let mut one = Draft::begin(1, &ani());
    let mut other = Draft::begin(2, &budi());
    seq(world.push(&ani(), one.doc, &[one.write(), one.write()]));
    let mut ones = one.on(&budi());
    seq(world.push(&budi(), one.doc, &[ones.write()]));
    seq(world.push(&ani(), one.doc, &[one.write()]));
    seq(world.push(&budi(), other.doc, &[other.write(), other.write(), other.write()]));
    seq(world.decide(&ani(), 1, one.doc, Event::Submit));
    seq(world.decide(&citra(), 2, one.doc, Event::Verify));
    let blob = Blob {
        hash: BlobHash::from_bytes([9; BlobHash::LENGTH]),
        size_bytes: 100,
        media_type: "application/pdf".to_owned(),
        by: user("ani"),
        device: device(1),
        at: 7,
    };
    for doc in [other.doc, one.doc] {
        // What is verified takes no more.
        let _ = world.store.put_blob(doc, &blob, 1_000).unwrap();
    }
}

fn sound_store_is_looked_at_whole_and_found_sound(world: World) {
    written(&world);
    let mut told = Vec::new();
    let report = look(&*world.store, Some(&world.rules.key), &mut |done, total| told.push((done, total)));
    let report = report.unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.changes, report.decisions, report.entries), (7, 2, 9));
    assert_eq!(report.blobs.len(), 1);
    assert_eq!(told.len(), 11);
    assert_eq!(told.last(), Some(&(11, 11)));
}

fn receipts_of_another_key_are_named(world: World) {
    written(&world);
    let report = look(&*world.store, Some(&ReceiptKey::new([8; 32])), &mut |_, _| {}).unwrap();
    assert_eq!(report.lost_count, 9, "{report:?}");
    assert!(
        report.lost.iter().all(|said| said.contains("the key in receipts.key did not give")),
        "{report:?}"
    );
    assert!(look(&*world.store, None, &mut |_, _| {}).unwrap().is_sound());
}
