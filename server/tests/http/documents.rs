//! Whole documents as files.

use shared::audit::{AuditKey, Sort};
use shared::change_check::check_change;
use shared::ids::ActorId;
use shared::model::document::Document;
use shared::model::kind::Kind;
use shared::wire::FromRelay;

use super::world::{SignedIn, World, push};

#[tokio::test(flavor = "multi_thread")]
async fn document_is_downloaded_whole_by_who_may_read_it_and_by_nobody_else() {
    let mut world = World::start().await;
    world.store.trace_with(&AuditKey::new([5; 32])).unwrap();
    let (sri, dewi, eka) = (world.sign_in("sri"), world.sign_in("dewi"), world.sign_in("eka"));
    let mut socket = world.greeted(&sri).await;
    let (doc, change) = world.new_report(sri.device, "Laporan");
    socket.send(push(1, doc, change.clone())).await;
    while !matches!(socket.next().await, FromRelay::Ack(_)) {}

    let get = |session: &SignedIn, id: &str| {
        let bearer = format!("Bearer {}", session.token);
        world.get(&format!("/api/v1/documents/{id}"), &[("authorization", &bearer)])
    };
    let answer = get(&dewi, &doc.to_path());
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"));
    assert!(answer.header("content-disposition").contains(".automerge"));
    let change = check_change(&change).unwrap().change;
    let reader = ActorId::from_bytes([0; 17]);
    let same = Document::open(doc, reader, [change]).unwrap();
    assert_eq!((same.kind(), answer.body), (Kind::TripReport, same.save()));

    assert_eq!(get(&sri, &doc.to_string()).status, 200, "the id with its prefix is read as well");
    assert_eq!(get(&eka, &doc.to_path()).problem(), "not-found");
    assert_eq!(get(&sri, "nothing").problem(), "not-found");
    assert_eq!(world.get(&format!("/api/v1/documents/{}", doc.to_path()), &[]).problem(), "not-signed-in");
    world.stop().await;
    let acts: Vec<_> = world.store.audit(0, 100).unwrap().into_iter().map(|row| row.act).collect();
    let told: Vec<_> = acts
        .iter()
        .filter(|act| act.sort == Sort::Export.as_str())
        .map(|act| (act.person.as_str(), act.address.as_str(), act.detail.clone()))
        .collect();
    let detail = format!("document {doc}");
    let expected = [("dewi", "127.0.0.1", detail.clone()), ("sri", "127.0.0.1", detail)];
    assert_eq!(told, expected, "who got it is told, and who was refused got nothing");
}
