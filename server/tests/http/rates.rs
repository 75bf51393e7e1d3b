//! How often a person may ask, and how fast frames are taken in.

use std::time::{Duration, Instant};

use shared::wire::{FromClient, FromRelay, Ping};
use simpul::config::Wishes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::{World, send};

#[tokio::test(flavor = "multi_thread")]
async fn person_who_asks_too_often_is_told_when_to_come_back_on_every_route() {
    let metrics = Some("127.0.0.1:0".parse().unwrap());
    let wishes = Wishes { requests_per_second: Some(1), metrics, ..Wishes::default() };
    let world = World::start_with(wishes).await;
    let (sri, budi) = (world.sign_in("sri"), world.sign_in("budi"));
    let bearer = format!("Bearer {}", sri.token);
    let ask = |method: &str, path: &str| world.send(method, path, &[("authorization", &bearer)], &[]);
    let mut asked = 0;
    let refused = loop {
        let answer = ask("GET", "/api/v1/directory");
        if answer.status == 429 {
            break answer;
        }
        asked += 1;
        assert!(asked < 1_000, "it never ends");
    };
    assert!(asked >= 10, "{asked} may come at once");
    assert_eq!((refused.problem().as_str(), refused.header("retry-after")), ("too-many-requests", "1"));
    // The next place comes after a second: of so many requests at once most are refused, whatever the route.
    let routes = ["push", "pull", "devices", "directory", "documents/x", "documents/x/blobs/y"];
    let methods = ["POST", "POST", "GET", "GET", "GET", "PUT"];
    let refused = routes
        .iter()
        .zip(methods)
        .filter(|(path, method)| ask(method, &format!("/api/v1/{path}")).status == 429);
    assert!(refused.count() >= 4);
    let metrics = send("GET", &format!("http://{}/metrics", world.metrics.unwrap()), &[], &[]);
    let metrics = String::from_utf8(metrics.body).unwrap();
    let limited =
        metrics.lines().find_map(|line| line.strip_prefix("simpul_limited_total{what=\"requests\"} "));
    assert!(limited.is_some_and(|count| count.parse::<u64>().unwrap() >= 5), "{metrics}");
    let bearer = format!("Bearer {}", budi.token);
    assert_eq!(world.get("/api/v1/directory", &[("authorization", &bearer)]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn flood_of_frames_is_slowed_down_without_losing_one_and_others_are_answered() {
    let world = World::start_with(Wishes { frames_per_second: Some(100), ..Wishes::default() }).await;
    let (sri, budi) = (world.sign_in("sri"), world.sign_in("budi"));
    let (mut of_sri, mut of_budi) = (world.greeted(&sri).await, world.greeted(&budi).await);
    let begun = Instant::now();
    // A thousand may come at once, and a hundred a second after them.
    let flood = tokio::spawn(async move {
        for id in 0..1_200 {
            of_sri.send(FromClient::Ping(Ping { id })).await;
        }
        for id in 0..1_200 {
            let FromRelay::Pong(pong) = of_sri.next().await else { panic!("no pong") };
            assert_eq!(pong.id, id);
        }
        begun.elapsed()
    });
    of_budi.send(FromClient::Ping(Ping { id: 7 })).await;
    assert!(matches!(of_budi.next().await, FromRelay::Pong(_)));
    let others = begun.elapsed();
    let took = flood.await.unwrap();
    assert!(took >= Duration::from_millis(1_500), "1,200 frames took {took:?}");
    assert!(others < took, "the other waited {others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn push_that_does_not_come_on_is_ended_and_others_are_served() {
    let world = World::start_with(Wishes { head_seconds: Some(1), ..Wishes::default() }).await;
    let sri = world.sign_in("sri");
    for route in ["push", "pull"] {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let head = format!(
            "POST /api/v1/{route} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n",
            sri.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&[0x81]).await.unwrap();
        assert_eq!(world.get("/healthz", &[]).status, 200);
        let mut answer = [0; 20];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408 Request", "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_does_not_come_on_is_ended_for_who_has_no_session_too() {
    let world = World::start_with(Wishes { head_seconds: Some(1), ..Wishes::default() }).await;
    let sri = world.sign_in("sri");
    for (method, route) in
        [("POST", "session"), ("POST", "link"), ("POST", "link/password"), ("PUT", "password")]
    {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let head = format!(
            "{method} /api/v1/{route} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{",
            sri.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 20];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408 Request", "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn push_over_the_limit_is_refused_also_where_its_head_tells_no_length() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "POST /api/v1/push HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\n",
        sri.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A frame of the largest size and the array around it would still be taken.
    let piece = [b"10000\r\n".as_slice(), &[0; 0x10000], b"\r\n"].concat();
    for _ in 0..18 {
        stream.write_all(&piece).await.unwrap();
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}
