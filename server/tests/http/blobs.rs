//! Attachments.

use shared::audit::{AuditKey, Sort};
use shared::ids::DocumentId;
use shared::model::decision::Event;
use shared::wire::{Decide, FromClient, FromRelay};
use simpul::blobs::hash_of;
use simpul::config::Wishes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::{Answer, FEED, SignedIn, World, feed, push};

/// A document of Sri's, and who may do what with it.
struct Office {
    world: World,
    sri: SignedIn,
    doc: DocumentId,
}

/// A made-up PDF of so many bytes.
fn pdf(size_bytes: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((0..).map(|n: u32| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).take(size_bytes - bytes.len()));
    bytes
}

impl Office {
    async fn open(wishes: Wishes) -> Self {
        let world = World::start_with(wishes).await;
        let sri = world.sign_in("sri");
        let doc = report(&world, &sri).await;
        Self { world, sri, doc }
    }

    fn path(&self, bytes: &[u8]) -> String {
        format!("/api/v1/documents/{}/blobs/{}", self.doc.to_path(), hash_of(bytes))
    }

    fn ask(&self, who: &SignedIn, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", who.token);
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        self.world.send(method, path, &headers, body)
    }

    fn put(&self, bytes: &[u8]) -> Answer {
        self.ask(&self.sri, "PUT", &self.path(bytes), &[], bytes)
    }

    fn get(&self, bytes: &[u8], headers: &[(&str, &str)]) -> Answer {
        self.ask(&self.sri, "GET", &self.path(bytes), headers, &[])
    }

    fn head(&self, bytes: &[u8]) -> Answer {
        self.ask(&self.sri, "HEAD", &self.path(bytes), &[], &[])
    }

    /// Sends a part.
    fn put_part(&self, bytes: &[u8], range: std::ops::Range<usize>) -> Answer {
        let said = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
        self.ask(&self.sri, "PUT", &self.path(bytes), &[("content-range", &said)], &bytes[range])
    }

    /// Opens a connection and says the head of an upload, whose body is to follow.
    async fn begin_put(&self, who: &SignedIn, bytes: &[u8], length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(self.world.address).await.unwrap();
        let head = format!(
            "PUT {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {length}\r\n\r\n",
            self.path(bytes),
            who.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    fn used_bytes(&self) -> u64 {
        self.world.store.blob_bytes(&feed(FEED)).unwrap()
    }
}

async fn report(world: &World, who: &SignedIn) -> DocumentId {
    let mut socket = world.greeted(who).await;
    let (doc, change) = world.new_report(who.device, "Laporan");
    socket.send(push(1, doc, change)).await;
    while !matches!(socket.next().await, FromRelay::Ack(_)) {}
    doc
}

#[tokio::test(flavor = "multi_thread")]
async fn attachment_comes_back_as_it_was_sent_with_headers_that_make_it_harmless() {
    let mut office = Office::open(Wishes::default()).await;
    office.world.store.trace_with(&AuditKey::new([5; 32])).unwrap();
    let bytes = pdf(100_000);
    assert_eq!(office.get(&bytes, &[]).problem(), "not-found");
    assert_eq!(office.put(&bytes).status, 201);
    assert_eq!(office.put(&bytes).status, 204, "again changes nothing");
    assert_eq!(office.used_bytes(), 100_000);
    let answer = office.get(&bytes, &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/pdf"));
    assert!(answer.body == bytes);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").contains("sandbox"), "{answer:?}");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\""), "{answer:?}");
    assert!(answer.header("content-disposition").ends_with(".pdf\""), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let head = office.head(&bytes);
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "100000", 0));
    let again = office.get(&bytes, &[("if-none-match", answer.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    for range in ["bytes=500-", "bytes=0-499"] {
        assert_eq!(office.get(&bytes, &[("range", range)]).status, 206);
    }
    let other = pdf(2_000);
    assert_eq!(office.put(&other).status, 201);
    assert_eq!(office.get(&other, &[("range", "bytes=1-")]).status, 206);
    office.world.stop().await;
    let acts = office.world.store.audit(0, 100).unwrap().into_iter().map(|row| row.act);
    let told: Vec<_> = acts
        .filter(|act| act.sort == Sort::Export.as_str())
        .map(|act| (act.person, act.feed, act.detail))
        .collect();
    let export = |bytes: &[u8], again: &str| {
        let detail = format!("attachment {} of document {}{again}", hash_of(bytes).short(), office.doc);
        ("sri".to_owned(), FEED.to_owned(), detail)
    };
    let expected =
        [export(&bytes, ""), export(&other, ""), export(&bytes, " (2 times more within the hour)")];
    assert_eq!(
        told, expected,
        "every part is told, also where the first byte is in none, and repeats by one row"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn attachment_has_the_rights_of_its_document_and_of_no_other() {
    let mut office = Office::open(Wishes::default()).await;
    let bytes = pdf(1_000);
    assert_eq!(office.put(&bytes).status, 201);
    let of = |name: &str| office.world.sign_in(name);
    let (budi, dewi, eka) = (of("budi"), of("dewi"), of("eka"));
    let path = office.path(&bytes);
    for reader in [&budi, &dewi] {
        assert_eq!(office.ask(reader, "GET", &path, &[], &[]).status, 200);
        assert_eq!(office.ask(reader, "HEAD", &path, &[], &[]).status, 200);
    }
    let other = pdf(2_000);
    assert_eq!(office.ask(&dewi, "PUT", &office.path(&other), &[], &other).problem(), "forbidden");
    let nowhere =
        format!("/api/v1/documents/{}/blobs/{}", DocumentId::from_bytes([9; 16]).to_path(), hash_of(&bytes));
    for path in [&path, &nowhere] {
        for method in ["GET", "PUT"] {
            let answer = office.ask(&eka, method, path, &[], if method == "PUT" { &bytes } else { &[] });
            assert_eq!(answer.problem(), "not-found", "{method} {path}");
        }
        let answer = office.ask(&eka, "HEAD", path, &[], &[]);
        assert_eq!((answer.status, answer.header("upload-offset")), (404, ""), "{path}");
    }
    let answer = office.world.send("GET", &path, &[], &[]);
    assert_eq!(answer.problem(), "not-signed-in");

    // Who knows the hash does not have the bytes: another document gets them only from who sends them.
    office.doc = report(&office.world, &office.sri).await;
    assert_eq!(office.get(&bytes, &[]).problem(), "not-found");
    assert_eq!(office.put_part(&bytes, 999..1_000).problem(), "wrong-offset");
    assert_eq!(office.put(&bytes).status, 201);
    assert_eq!(office.get(&bytes, &[]).status, 200);
    assert_eq!(office.used_bytes(), 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_goes_on_where_it_broke_off() {
    let office = Office::open(Wishes::default()).await;
    let bytes = pdf(300_000);
    let head = office.head(&bytes);
    assert_eq!((head.status, head.header("upload-offset")), (404, "0"));
    let answer = office.put_part(&bytes, 0..100_000);
    assert_eq!((answer.status, answer.header("upload-offset")), (202, "100000"));

    // The connection breaks in the middle of the next part.
    let mut stream = TcpStream::connect(office.world.address).await.unwrap();
    let head = format!(
        "PUT {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 100000\r\n\
         content-range: bytes 100000-199999/300000\r\n\r\n",
        office.path(&bytes),
        office.sri.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[100_000..150_000]).await.unwrap();
    while office.head(&bytes).header("upload-offset") != "150000" {}
    assert_eq!(office.put_part(&bytes, 150_000..150_001).problem(), "upload-under-way");
    drop(stream);

    let refused = loop {
        let answer = office.put_part(&bytes, 200_000..300_000);
        if answer.problem() != "upload-under-way" {
            break answer;
        }
    };
    assert_eq!((refused.problem().as_str(), refused.header("upload-offset")), ("wrong-offset", "150000"));
    assert_eq!(office.get(&bytes, &[]).problem(), "not-found", "what is not whole is not served");
    // From an earlier byte on: what came after it comes again.
    assert_eq!(office.put_part(&bytes, 140_000..300_000).status, 201);
    assert!(office.get(&bytes, &[]).body == bytes);
    assert!(std::fs::read_dir(office.world.folder.path().join("uploads")).unwrap().next().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn part_of_an_attachment_is_sent_where_it_is_asked_for() {
    let office = Office::open(Wishes::default()).await;
    let bytes = pdf(10_000);
    assert_eq!(office.put(&bytes).status, 201);
    for (range, said, part) in [
        ("bytes=0-99", "bytes 0-99/10000", 0..100),
        ("bytes=9990-", "bytes 9990-9999/10000", 9_990..10_000),
        ("bytes=9990-20000", "bytes 9990-9999/10000", 9_990..10_000),
        ("bytes=-10", "bytes 9990-9999/10000", 9_990..10_000),
    ] {
        let answer = office.get(&bytes, &[("range", range)]);
        assert_eq!((answer.status, answer.header("content-range")), (206, said));
        assert_eq!(answer.body, bytes[part], "{range}");
    }
    let answer = office.get(&bytes, &[("range", "bytes=10000-")]);
    assert_eq!(answer.problem(), "range-not-satisfiable");
    assert_eq!((answer.status, answer.header("content-range")), (416, "bytes */10000"));
    for range in ["bytes=0-1,5-6", "lines=1-2", "bytes=x"] {
        assert_eq!(office.get(&bytes, &[("range", range)]).status, 200, "{range}");
    }
    let other = "\"0000\"";
    assert_eq!(office.get(&bytes, &[("range", "bytes=0-99"), ("if-range", other)]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn attachment_that_is_not_what_it_says_is_never_served() {
    let office = Office::open(Wishes::default()).await;
    let (named, sent) = (pdf(1_000), pdf(1_001));
    let path = office.path(&named);
    assert_eq!(office.ask(&office.sri, "PUT", &path, &[], &sent).problem(), "wrong-hash");
    assert_eq!(office.get(&named, &[]).problem(), "not-found");
    assert_eq!(office.head(&named).header("upload-offset"), "0", "it begins anew");
    let page = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
    assert_eq!(office.put(&page).problem(), "blob-type");
    assert_eq!(
        office.ask(&office.sri, "PUT", &path, &[("content-type", "image/png")], &named).problem(),
        "blob-type"
    );
    let english = [("accept-language", "en"), ("content-type", "text/html")];
    let answer = office.ask(&office.sri, "PUT", &path, &english, &named).json();
    assert!(answer["detail"].as_str().unwrap().contains("PDF and office files"), "{answer}");
    assert_eq!(office.used_bytes(), 0);
    for (header, value) in [
        ("content-range", "bytes 5-1/1000"),
        ("content-range", "bytes 0-1000/1000"),
        ("content-range", "bytes 0-999/*"),
        ("content-range", "lines 0-999/1000"),
        ("content-range", "bytes 0-99/1000"),
    ] {
        let answer = office.ask(&office.sri, "PUT", &path, &[(header, value)], &named);
        assert_eq!(answer.problem(), "malformed", "{value}");
    }
    for path in [format!("{path}00"), path.replace("/blobs/", "/blobs/.."), path[..path.len() - 2].to_owned()]
    {
        assert_eq!(office.ask(&office.sri, "GET", &path, &[], &[]).status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attachment_is_within_its_own_size_and_the_room_of_the_feed() {
    let wishes = Wishes { blob_bytes: Some(1_000), feed_blob_bytes: Some(2_500), ..Wishes::default() };
    let office = Office::open(wishes).await;
    let too_large = pdf(1_001);
    assert_eq!(office.put(&too_large).problem(), "blob-too-large");
    assert_eq!(office.put_part(&too_large, 0..10).problem(), "blob-too-large");
    assert_eq!(office.put_part(&pdf(5_000), 0..10).problem(), "blob-too-large", "for every feed");
    for (size_bytes, status) in [(1_000, 201), (999, 201), (998, 507), (501, 201), (100, 507)] {
        assert_eq!(office.put(&pdf(size_bytes)).status, status, "{size_bytes}");
    }
    assert_eq!(office.put(&pdf(1_000)).status, 204, "what is there needs no room");
    assert_eq!(office.used_bytes(), 2_500);
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_document_keeps_its_attachments_and_takes_no_more() {
    let office = Office::open(Wishes::default()).await;
    let bytes = pdf(1_000);
    assert_eq!(office.put(&bytes).status, 201);
    let ayu = office.world.sign_in("ayu");
    let mut sri = office.world.greeted(&office.sri).await;
    let mut ayu = office.world.greeted(&ayu).await;
    let heads = vec![office.world.store.chunks(office.doc).unwrap()[0].hash];
    for (n, event) in [Event::Submit, Event::Verify, Event::Approve, Event::Archive].into_iter().enumerate() {
        let decide = Decide {
            id: n as u64,
            decision: shared::ids::DecisionId::from_bytes([n as u8; 16]),
            feed: feed(FEED),
            doc: office.doc,
            event: event.into(),
            heads: heads.clone(),
            note: None,
            made_at: 1,
        };
        let socket = if event == Event::Submit { &mut sri } else { &mut ayu };
        socket.send(FromClient::Decide(decide)).await;
        loop {
            match socket.next().await {
                FromRelay::Ack(_) => break,
                FromRelay::Nack(nack) => panic!("{event:?}: {nack:?}"),
                _ => {}
            }
        }
    }
    assert_eq!(office.put(&pdf(1_001)).problem(), "archived");
    assert_eq!(office.head(&pdf(1_001)).status, 404);
    assert_eq!(office.get(&bytes, &[]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_bytes_are_not_there_until_somebody_sends_them_again() {
    let office = Office::open(Wishes::default()).await;
    let bytes = pdf(1_000);
    assert_eq!(office.put(&bytes).status, 201);
    std::fs::remove_dir_all(office.world.folder.path().join("blobs")).unwrap();
    assert_eq!(office.get(&bytes, &[]).problem(), "not-found");
    assert_eq!(office.head(&bytes).header("upload-offset"), "0");
    assert_eq!(office.put(&bytes).status, 201);
    assert!(office.get(&bytes, &[]).body == bytes);
    assert_eq!(office.used_bytes(), 1_000, "it is counted once");
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_that_does_not_come_on_is_told_so_and_kept() {
    let office = Office::open(Wishes { head_seconds: Some(1), ..Wishes::default() }).await;
    let bytes = pdf(1_000);
    let mut stream = office.begin_put(&office.sri, &bytes, 1_000).await;
    stream.write_all(&bytes[..10]).await.unwrap();
    let mut answer = [0; 20];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408 Request");
    assert_eq!(office.head(&bytes).header("upload-offset"), "10");
}

/// Closed with something unread, the connection would break before the answer is read: a proxy then tells of that instead.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_before_the_body_was_read_hears_the_reason_after_having_sent_all_of_it() {
    let office = Office::open(Wishes { blob_bytes: Some(8 << 20), ..Wishes::default() }).await;
    let dewi = office.world.sign_in("dewi");
    let bytes = pdf(9 << 20);
    for (who, size_bytes, status) in [(&dewi, 8 << 20, "403"), (&office.sri, 9 << 20, "413")] {
        let mut stream = office.begin_put(who, &bytes, size_bytes).await;
        stream.write_all(&bytes[..size_bytes]).await.expect("all of it is taken");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(std::str::from_utf8(&answer).unwrap(), format!("HTTP/1.1 {status}"));
    }
    // Nobody is read on for ever.
    let mut stream = office.begin_put(&dewi, &bytes, 999_999_999).await;
    let mut sent = 0;
    while sent < 200 << 20 && stream.write_all(&bytes).await.is_ok() {
        sent += bytes.len();
    }
    assert!(sent < 200 << 20, "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attachment_of_a_device_that_was_revoked_meanwhile_is_not_taken() {
    let office = Office::open(Wishes::default()).await;
    let (bytes, lost) = (pdf(1_000), office.world.sign_in("sri"));
    let mut stream = office.begin_put(&lost, &bytes, 1_000).await;
    stream.write_all(&bytes[..500]).await.unwrap();
    while office.head(&bytes).header("upload-offset") != "500" {}
    let revoked = office.ask(&office.sri, "DELETE", &format!("/api/v1/devices/{}", lost.device), &[], &[]);
    assert_eq!(revoked.status, 204);
    stream.write_all(&bytes[500..]).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
    assert_eq!((office.get(&bytes, &[]).status, office.used_bytes()), (404, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn cookie_sends_attachments_from_own_pages_only() {
    let office = Office::open(Wishes::default()).await;
    let cookie = office.world.sign_in_with_cookie("sri");
    let (bytes, own) = (pdf(1_000), office.world.url(""));
    let put = |headers: &[(&str, &str)]| office.world.send("PUT", &office.path(&bytes), headers, &bytes);
    assert_eq!(put(&[("cookie", &cookie), ("origin", "https://lain.example")]).problem(), "foreign-origin");
    assert_eq!(put(&[("cookie", &cookie), ("origin", &own)]).status, 201);
}
