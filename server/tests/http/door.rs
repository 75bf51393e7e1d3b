//! The door: how many are let in, and how long they may take to say what they want.

use std::time::Duration;

use simpul::config::Wishes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{World, send, write};

/// Far longer than the relay may take.
const SOON: Duration = Duration::from_secs(20);

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(SOON, stream.read_to_end(&mut answer)).await.expect("it ends soon");
    // A reset ends it as well.
    let _ = read;
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_beyond_the_limit_is_told_so_and_a_websocket_keeps_its_place() {
    let world = World::start_with(Wishes { connections: Some(2), ..Wishes::default() }).await;
    let sri = world.sign_in("sri");
    let mut one = world.greeted(&sri).await;
    // The sign-in's own connection may take a moment to be gone; then a place is free.
    let idle = loop {
        let mut idle = TcpStream::connect(world.address).await.unwrap();
        idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut begin = [0; 15];
        idle.read_exact(&mut begin).await.unwrap();
        if &begin == b"HTTP/1.1 200 OK" {
            break idle;
        }
    };
    let mut third = TcpStream::connect(world.address).await.unwrap();
    let answer = read_to_end(&mut third).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 5"), "{answer}");
    drop(idle);
    // Whoever is in is served on.
    one.send(shared::wire::FromClient::Ping(shared::wire::Ping { id: 7 })).await;
    while !matches!(one.next().await, shared::wire::FromRelay::Pong(_)) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_slow_with_a_head_is_closed_and_others_are_served() {
    let world = World::start_with(Wishes { head_seconds: Some(1), ..Wishes::default() }).await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: ").await.unwrap();
    let mut silent = TcpStream::connect(world.address).await.unwrap();
    assert_eq!(world.get("/healthz", &[]).status, 200);
    for stream in [&mut slow, &mut silent] {
        let answer = read_to_end(stream).await;
        assert!(!answer.contains("200 OK"), "{answer}");
    }
    // A WebSocket is no head that takes long.
    let sri = world.sign_in("sri");
    let mut socket = world.greeted(&sri).await;
    socket.send(shared::wire::FromClient::Ping(shared::wire::Ping { id: 7 })).await;
    while !matches!(socket.next().await, shared::wire::FromRelay::Pong(_)) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_nothing_of_an_answer_loses_its_place_to_others() {
    let wishes = Wishes { connections: Some(1), head_seconds: Some(1), ..Wishes::default() };
    let world = World::start_with(wishes).await;
    write(&world.site(), "index.html", b"<!DOCTYPE html>");
    // More than the buffers of both sides hold.
    write(&world.site(), "assets/large.bin", &vec![0; 32 << 20]);
    let mut stalled = TcpStream::connect(world.address).await.unwrap();
    stalled.write_all(b"GET /assets/large.bin HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut turned_away = 0;
    let served = async {
        while world.get("/healthz", &[]).status != 200 {
            turned_away += 1;
        }
    };
    tokio::time::timeout(SOON, served).await.expect("the place is free soon");
    assert!(turned_away > 0, "the one place was taken");
    let mut taken = Vec::new();
    // A reset ends it as well.
    let _ = stalled.read_to_end(&mut taken).await;
    assert!(taken.starts_with(b"HTTP/1.1 200 OK") && taken.len() < 32 << 20, "{}", taken.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn head_that_is_too_long_is_refused_before_it_is_read() {
    let world = World::start().await;
    for (bytes, expected) in [(8_000, "HTTP/1.1 200 "), (40_000, "HTTP/1.1 431 ")] {
        let long = "a".repeat(bytes);
        let head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-long: {long}\r\n\r\n");
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        // Closed with something unread, the answer may be lost on its way.
        assert!(answer.starts_with(expected) || (bytes > 16 << 10 && answer.is_empty()), "{answer}");
    }
}

/// Asks for the person's devices in a connection that stays open; gives it with the status.
async fn ask_and_stay(world: &World, token: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!("GET /api/v1/devices HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.unwrap();
    (stream, String::from_utf8(begin.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn address_has_few_places_without_a_session_and_each_signed_in_person_their_own() {
    let wishes =
        Wishes { connections_per_address: Some(3), connections_per_person: Some(4), ..Wishes::default() };
    let world = World::start_with(wishes).await;
    let sessions = ["sri", "budi", "dewi"].map(|user| world.sign_in(user));
    let mut signed_in = Vec::new();
    for session in &sessions {
        for _ in 0..4 {
            let (stream, status) = ask_and_stay(&world, &session.token).await;
            assert_eq!(status, "HTTP/1.1 200", "signed in, each has their own places");
            signed_in.push(stream);
        }
    }
    let (_fifth, status) = ask_and_stay(&world, &sessions[0].token).await;
    assert_eq!(status, "HTTP/1.1 429", "a person has so many");
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(world.address).await.unwrap());
    }
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "an address has so many without a session: {answer}");
}

/// The counter of misfits of this kind.
fn misfits(world: &World, kind: &str) -> String {
    let answer = send("GET", &format!("http://{}/metrics", world.metrics.unwrap()), &[], &[]);
    let text = String::from_utf8(answer.body).unwrap();
    let line = format!("simpul_misfits_total{{what=\"{kind}\"}} ");
    text.lines().find_map(|found| found.strip_prefix(&line)).unwrap_or("0").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_is_believed_only_where_it_is_listed() {
    let metrics = || Some("127.0.0.1:0".parse().unwrap());
    let wrong = serde_json::json!({"username": "sri", "password": "Perahu-Pagi-08"});
    let fail =
        |world: &World, client: &str| world.post_session(&wrong, &[("x-forwarded-for", client)]).status;
    let listed =
        Wishes { proxies: Some(vec!["127.0.0.1".parse().unwrap()]), metrics: metrics(), ..Wishes::default() };
    let world = World::start_with(listed).await;
    for _ in 0..5 {
        assert_eq!(fail(&world, "203.0.113.7"), 401);
    }
    assert_eq!(
        fail(&world, "198.51.100.1, 203.0.113.7"),
        429,
        "what the client wrote itself counts for nothing"
    );
    assert_eq!(fail(&world, "203.0.113.8"), 401, "another client is counted by itself");
    assert_eq!(misfits(&world, "unlisted-proxy"), "0");

    let world = World::start_with(Wishes { metrics: metrics(), ..Wishes::default() }).await;
    for n in 0..5 {
        assert_eq!(fail(&world, &format!("203.0.113.{n}")), 401);
    }
    assert_eq!(fail(&world, "203.0.113.99"), 429, "nobody chooses their own address");
    assert_eq!(misfits(&world, "unlisted-proxy"), "6");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_between_is_named_in_the_answer_and_counted() {
    let wishes = Wishes { metrics: Some("127.0.0.1:0".parse().unwrap()), ..Wishes::default() };
    let world = World::start_with(wishes).await;
    let bearer = format!("Bearer {}", world.sign_in("sri").token);
    let answer = world.get("/api/v1/sync", &[("authorization", &bearer)]);
    assert_eq!((answer.status, answer.problem().as_str()), (426, "lost-upgrade"));
    assert_eq!(answer.header("upgrade"), "websocket");
    assert_eq!(misfits(&world, "lost-upgrade"), "1");
    let body = serde_json::json!({"username": "sri", "password": crate::world::PASSWORD});
    assert_eq!(world.post_session(&body, &[("origin", "https://lain.example")]).problem(), "foreign-origin");
    assert_eq!(misfits(&world, "foreign-origin"), "1");
}
