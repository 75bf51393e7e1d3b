//! `/metrics`: on its own listener, only where it is wished, and right.

use shared::wire::FromRelay;
use simpul::config::Wishes;

use crate::world::{World, push, send};

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_the_relay_does_and_stand_on_their_own_listener() {
    let wishes = Wishes { metrics: Some("127.0.0.1:0".parse().unwrap()), ..Wishes::default() };
    let world = World::start_with(wishes).await;
    let sri = world.sign_in("sri");
    let mut socket = world.greeted(&sri).await;
    let (doc, change) = world.new_report(sri.device, "Kunjungan");
    socket.send(push(1, doc, change.clone())).await;
    while !matches!(socket.next().await, FromRelay::Ack(_)) {}
    socket.send(push(2, doc, change[..20].to_vec())).await;
    while !matches!(socket.next().await, FromRelay::Nack(_)) {}

    let url = format!("http://{}/metrics", world.metrics.unwrap());
    let answer = send("GET", &url, &[], &[]);
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = String::from_utf8(answer.body).unwrap();
    for line in [
        "simpul_connections 1",
        "simpul_pushes_total 1",
        "simpul_acks_total 1",
        "simpul_refused_total{code=\"bad-change\"} 1",
        "simpul_commit_batch_pushes_count 1",
        "simpul_commit_seconds_count 1",
        "simpul_feed_head{feed=\"kab-uji\"} 1",
        "simpul_feed_head{feed=\"kab-lain\"} 0",
        "simpul_store_errors_total 0",
        "simpul_refused_total{code=\"quota\"} 0",
        "simpul_limited_total{what=\"connections\"} 0",
        "simpul_misfits_total{what=\"unlisted-proxy\"} 0",
        "simpul_audited_total{sort=\"sign-in\"} 1",
        "simpul_audited_total{sort=\"sign-in-refused\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    let memory = text.lines().find_map(|line| line.strip_prefix("simpul_memory_bytes ")).unwrap();
    assert!(!cfg!(target_os = "linux") || memory.parse::<u64>().unwrap() > 1 << 20, "{memory}");
    assert!(text.ends_with("# EOF\n"));
    for secret in ["sri", &doc.to_path(), &sri.token] {
        assert!(!text.contains(secret), "nobody is named");
    }
    // To the public listener the address is one of the app's pages, if anything.
    assert!(!String::from_utf8_lossy(&world.get("/metrics", &[]).body).contains("simpul_acks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_off_where_nobody_wished_them() {
    let world = World::start().await;
    assert_eq!(world.metrics, None);
}
