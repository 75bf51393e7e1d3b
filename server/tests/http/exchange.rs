//! The HTTPS fallback.

use shared::wire::code::NackCode;
use shared::wire::{Cursor, Frame, FromClient, FromRelay, Ping, decode_sequence, encode_sequence};

use super::world::{Answer, FEED, SignedIn, World, feed, hello, push, send};

fn frames(answer: &Answer) -> Vec<FromRelay> {
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/cbor"), "{answer:?}");
    decode_sequence(&answer.body, answer.body.len()).unwrap()
}

fn post(world: &World, session: &SignedIn, path: &str, body: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", session.token);
    world.send("POST", path, &[("authorization", &bearer), ("content-type", "application/cbor")], body)
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_are_acked_in_their_order_and_pulled_elsewhere() {
    let world = World::start().await;
    let (sri, budi) = (world.sign_in("sri"), world.sign_in("budi"));
    let (doc, change) = world.new_report(sri.device, "Laporan");
    let (other, mut broken) = world.new_report(sri.device, "Rusak");
    broken.truncate(20);
    let asked = [push(1, doc, change.clone()), push(2, other, broken), FromClient::Ping(Ping { id: 3 })];
    let answers = frames(&post(&world, &sri, "/api/v1/push", &encode_sequence(&asked)));
    assert!(matches!(&answers[0], FromRelay::Ack(ack) if (ack.id, ack.seq) == (1, 1)), "{answers:?}");
    assert!(matches!(&answers[1], FromRelay::Nack(nack) if nack.code == NackCode::BadChange), "{answers:?}");
    assert!(matches!(&answers[2], FromRelay::Pong(pong) if pong.id == 3), "{answers:?}");

    let body = FromClient::Hello(hello(budi.device)).encode();
    let pulled = frames(&post(&world, &budi, "/api/v1/pull", &body));
    let [FromRelay::Welcome(welcome), FromRelay::Batch(batch)] = &pulled[..] else { panic!("{pulled:?}") };
    assert_eq!(welcome.user.as_str(), "budi");
    assert_eq!(batch.entries[0].change.as_ref().map(|bytes| bytes.to_vec()), Some(change));
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_waits_until_something_is_new() {
    let world = World::start().await;
    let (sri, budi) = (world.sign_in("sri"), world.sign_in("budi"));
    let (first, change) = world.new_report(sri.device, "Pertama");
    post(&world, &sri, "/api/v1/push", &encode_sequence(&[push(1, first, change)]));
    let mut greeting = hello(budi.device);
    let pulled = frames(&post(&world, &budi, "/api/v1/pull", &FromClient::Hello(greeting.clone()).encode()));
    let [FromRelay::Welcome(welcome), FromRelay::Batch(batch)] = &pulled[..] else { panic!("{pulled:?}") };
    greeting.epoch = Some(welcome.epoch);
    greeting.cursors.insert(feed(FEED), Cursor(batch.to, batch.tag));

    let (url, bearer) = (world.url("/api/v1/pull?wait=50"), format!("Bearer {}", budi.token));
    let waiting = tokio::spawn(async move {
        send("POST", &url, &[("authorization", &bearer)], &FromClient::Hello(greeting).encode())
    });
    let (second, change) = world.new_report(sri.device, "Kedua");
    post(&world, &sri, "/api/v1/push", &encode_sequence(&[push(2, second, change)]));
    let pulled = frames(&waiting.await.unwrap());
    let batch = pulled.iter().find_map(|frame| match frame {
        FromRelay::Batch(batch) => Some(batch),
        _ => None,
    });
    assert_eq!(batch.expect("a batch").entries[0].doc, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_that_does_not_wait_answers_at_once() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let body = FromClient::Hello(hello(sri.device)).encode();
    let pulled = frames(&post(&world, &sri, "/api/v1/pull?wait=0", &body));
    assert!(matches!(&pulled[..], [FromRelay::Welcome(_)]), "{pulled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_that_waits_ends_when_its_person_signs_out_or_its_device_is_revoked() {
    let world = World::start().await;
    for is_revoked in [false, true] {
        let (budi, kept) = (world.sign_in("budi"), world.sign_in("budi"));
        let (url, bearer) = (world.url("/api/v1/pull?wait=50"), format!("Bearer {}", budi.token));
        let body = FromClient::Hello(hello(budi.device)).encode();
        let by_itself = bearer.clone();
        let waiting = tokio::spawn(async move { send("POST", &url, &[("authorization", &bearer)], &body) });
        // It waits by the time that as many questions are answered as it asks.
        for _ in 0..20 {
            assert_eq!(world.get("/api/v1/directory", &[("authorization", &by_itself)]).status, 200);
        }
        let (path, bearer) = match is_revoked {
            false => ("/api/v1/session".to_owned(), by_itself),
            true => (format!("/api/v1/devices/{}", budi.device), format!("Bearer {}", kept.token)),
        };
        assert_eq!(world.send("DELETE", &path, &[("authorization", &bearer)], &[]).status, 204);
        assert_eq!(waiting.await.unwrap().problem(), "not-signed-in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pull_of_another_devices_database_gets_nothing_and_does_not_wait() {
    let world = World::start().await;
    let (sri, budi) = (world.sign_in("sri"), world.sign_in("budi"));
    let body = FromClient::Hello(hello(sri.device)).encode();
    let pulled = frames(&post(&world, &budi, "/api/v1/pull?wait=50", &body));
    assert!(matches!(&pulled[..], [FromRelay::Welcome(welcome)] if welcome.device == budi.device));
}

#[tokio::test(flavor = "multi_thread")]
async fn fallback_refuses_strangers_foreign_pages_and_nonsense() {
    let world = World::start().await;
    let body = encode_sequence::<FromClient>(&[]);
    assert_eq!(world.send("POST", "/api/v1/push", &[], &body).problem(), "not-signed-in");
    assert_eq!(world.send("POST", "/api/v1/pull", &[], &body).problem(), "not-signed-in");
    let cookie = world.sign_in_with_cookie("sri");
    let foreign = [("cookie", cookie.as_str()), ("origin", "https://lain.example")];
    assert_eq!(world.send("POST", "/api/v1/push", &foreign, &body).problem(), "foreign-origin");

    let sri = world.sign_in("sri");
    for (path, body, problem) in [
        ("/api/v1/push", vec![0xff; 9], "malformed"),
        ("/api/v1/push", vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "malformed"),
        ("/api/v1/push", vec![0; 2 << 20], "too-large"),
        ("/api/v1/pull", vec![0xff; 9], "malformed"),
        ("/api/v1/pull", FromClient::Ping(Ping { id: 1 }).encode(), "malformed"),
        ("/api/v1/pull?wait=soon", Vec::new(), "malformed"),
    ] {
        assert_eq!(post(&world, &sri, path, &body).problem(), problem, "{path} {}", body.len());
    }
}
