//! The door: how many are let in, and how long they may take to say what they want.

use std::time::Duration;

use simpul::config::Wishes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{World, write};

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
