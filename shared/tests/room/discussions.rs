//! One discussion for each document and feed, begun by nobody.

use shared::model::discussion::{Discussion, REMARKS, document_of, first_change, id_of, is_id, remark};
use shared::model::field::{FactValue, Scalar};
use shared::model::summary::Summary;

use super::*;

fn about() -> DocumentId {
    let bytes = hex::decode(fixture().discussion.about).unwrap();
    DocumentId::try_from(bytes.as_slice()).unwrap()
}

fn begin(device: u8) -> OpenDocument {
    OpenDocument::begin_discussion(0, about(), home(), actor(device)).unwrap()
}

fn remark_on(open: &mut OpenDocument, number: u8, text: &str) {
    let item = ItemId::from_bytes([number; 8]);
    let field = remark::text.of(REMARKS, item);
    open.edit(1, &Edit::Add { list: REMARKS, item, after: None }).unwrap();
    open.edit(1, &Edit::Rewrite { field, text: text.to_owned() }).unwrap();
}

#[test]
fn discussion_begins_as_another_program_begins_it_from_the_protocol_alone() {
    let Begun { feed, id, changes, .. } = fixture().discussion;
    let feed: FeedId = feed.parse().unwrap();
    let own = id_of(about(), &feed).unwrap();
    assert_eq!(hex::encode(own.as_bytes()), id);
    assert_eq!(first_change(own, &feed).unwrap().hash, checked(&changes[0]).hash);
}

#[test]
fn document_and_feed_lead_to_the_discussion_and_back_and_no_other_document_has_its_id() {
    let (kota, desa): (FeedId, FeedId) = ("kota".parse().unwrap(), "desa".parse().unwrap());
    let id = id_of(about(), &kota).unwrap();
    assert_eq!(document_of(id, &kota), Some(about()));
    assert_ne!(id_of(about(), &desa), Some(id), "each feed talks for itself");
    assert!(is_id(id) && !is_id(about()));
    assert_eq!(document_of(about(), &kota), None);
    assert_eq!(id_of(id, &kota), None, "nobody talks about a discussion");
}

#[test]
fn devices_that_begin_a_discussion_at_once_hold_each_remark_once_with_its_maker() {
    let (mut one, mut two) = (begin(1), begin(2));
    assert_eq!(one.document().heads(), two.document().heads());
    remark_on(&mut one, 1, "periksa biaya");
    remark_on(&mut two, 2, "sudah");
    let flushed = one.flush(2).unwrap();
    assert_eq!(flushed.changes.len(), 2, "the beginning is stored and sent with the remark");
    two.flush(2).unwrap();
    two.receive(3, all_chunks(one.document()));
    one.receive(3, all_chunks(two.document()));
    for open in [&one, &two] {
        let Discussion { topic, remarks } = Discussion::read(open.document());
        assert_eq!((topic.about, topic.feed), (Some(about()), Some("kota".to_owned())));
        let mut said: Vec<_> = remarks
            .into_iter()
            .map(|(remark, made)| (remark.value.text, made.unwrap().actor, remark.value.settled))
            .collect();
        said.sort_unstable();
        assert_eq!(said, [("periksa biaya".into(), actor(1), None), ("sudah".into(), actor(2), None)]);
        assert!(open.document().conflicts().is_empty());
    }
    assert_eq!(one.document().heads(), two.document().heads());
}

#[test]
fn discussion_is_begun_again_as_it_was_where_its_changes_were_set_aside() {
    use shared::device::row::{SetAsideReason, SetAsideRow};
    let mut open = begin(1);
    remark_on(&mut open, 1, "periksa biaya");
    open.flush(2).unwrap();
    let doc = open.document().id();
    let rows: Vec<SetAsideRow> = all_chunks(open.document())
        .into_iter()
        .map(|(hash, chunk)| SetAsideRow {
            doc,
            hash,
            bytes: chunk.bytes,
            reason: SetAsideReason::RetiredDevice,
            at: 0,
        })
        .collect();
    let row = DocumentRow { doc, kind: Kind::Discussion, feeds: vec![home()], home: home() };
    let (again, _) = OpenDocument::begin_again(9, row, actor(7), &rows).unwrap();
    let Discussion { remarks, .. } = Discussion::read(again.document());
    assert_eq!(remarks[0].0.value.text, "periksa biaya");
    let first = first_change(doc, &home()).unwrap().hash;
    assert_eq!(again.document().log().first().unwrap().hash, first);
}

#[test]
fn discussion_is_settled_and_found_nowhere_as_a_record() {
    let mut open = begin(1);
    remark_on(&mut open, 1, "periksa biaya");
    let settled = remark::settled.of(REMARKS, ItemId::from_bytes([1; 8]));
    open.edit(2, &Edit::Set { field: settled, value: true.to_scalar() }).unwrap();
    assert_eq!(open.document().fact(&settled), Scalar::Flag(true));
    let summary = Summary::of(open.document());
    assert!(summary.text.is_empty() && summary.title.is_empty());
    assert!(!summary.kind.is_record());
}
