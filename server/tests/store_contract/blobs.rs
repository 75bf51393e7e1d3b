//! Which documents refer to which attachments.

use shared::ids::BlobHash;
use shared::model::decision::Event;
use shared::sync::relay::blob::BlobRefusal;
use simpul::store::blob::Blob;

use crate::world::*;

contract! {
    blob_is_the_documents_alone_and_again_changes_nothing
    blob_is_added_by_writers_of_the_home_feed_while_there_is_room
}

fn blob(who: &Writer, n: u8, size_bytes: u64) -> Blob {
    Blob {
        hash: BlobHash::from_bytes([n; BlobHash::LENGTH]),
        size_bytes,
        media_type: "application/pdf".to_owned(),
        by: who.user.clone(),
        device: who.device,
        at: 7,
    }
}

fn blob_is_the_documents_alone_and_again_changes_nothing(world: World) {
    let (mut one, mut other) = (Draft::begin(1, &ani()), Draft::begin(2, &ani()));
    for draft in [&mut one, &mut other] {
        seq(world.push(&ani(), draft.doc, &[draft.write()]));
    }
    let (first, second) = (blob(&ani(), 9, 100), blob(&ani(), 8, 50));
    for added in [&first, &second] {
        assert_eq!(world.store.put_blob(one.doc, added, 1_000).unwrap(), Ok(()));
    }
    let by_another = Blob { at: 8, ..blob(&budi(), 9, 100) };
    assert_eq!(world.store.put_blob(one.doc, &by_another, 1_000).unwrap(), Ok(()));
    assert_eq!(world.store.blob(one.doc, first.hash).unwrap(), Some(first.clone()));
    assert_eq!(world.store.blobs(one.doc).unwrap(), [second, first.clone()]);
    assert_eq!(world.store.blob(other.doc, first.hash).unwrap(), None, "the other document has it not");
    assert_eq!(world.store.blob_bytes(&feed("kota")).unwrap(), 150);
    assert_eq!(world.store.put_blob(other.doc, &first, 1_000).unwrap(), Ok(()));
    assert_eq!(world.store.blob_bytes(&feed("kota")).unwrap(), 250, "each document's counts");
    assert_eq!(world.store.blob_bytes(&feed("desa")).unwrap(), 0);
}

fn blob_is_added_by_writers_of_the_home_feed_while_there_is_room(world: World) {
    let mut draft = Draft::begin(1, &ani());
    let put =
        |who: &Writer, n, size_bytes| world.store.put_blob(doc(1), &blob(who, n, size_bytes), 100).unwrap();
    assert_eq!(put(&ani(), 1, 10), Err(BlobRefusal::UnknownDocument));
    seq(world.push(&ani(), draft.doc, &[draft.write()]));
    assert_eq!(put(&dewi(), 1, 10), Err(BlobRefusal::Forbidden));
    assert_eq!(put(&eko(), 1, 10), Err(BlobRefusal::UnknownDocument));
    assert_eq!(put(&ani(), 1, 60), Ok(()));
    assert_eq!(put(&ani(), 2, 41), Err(BlobRefusal::Quota));
    assert_eq!(put(&ani(), 2, 40), Ok(()));
    assert_eq!(put(&ani(), 1, 60), Ok(()), "what is there needs no room");
    for (n, event) in [(1, Event::Submit), (2, Event::Verify), (3, Event::Approve), (4, Event::Archive)] {
        let who = if event == Event::Submit { ani() } else { citra() };
        seq(world.decide(&who, n, doc(1), event));
    }
    assert_eq!(put(&ani(), 3, 0), Err(BlobRefusal::Archived));
    assert_eq!(world.store.blob_bytes(&feed("kota")).unwrap(), 100);
}
