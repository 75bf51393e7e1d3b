//! Attachments and the commands that keep a store, and attachments in a bucket.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests do more with a device")]
#[path = "process/device.rs"]
mod device;
#[path = "process/postgres.rs"]
mod postgres;
#[path = "process/relay.rs"]
mod relay;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use device::Device;
use postgres::Postgres;
use relay::{Relay, device as device_id, fill, prepare, token, user};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::ids::{BlobHash, DocumentId, EpochId};
use shared::ordered::OrderedMap;
use simpul::blobs::hash_of;
use simpul::data_folder::{DataFolder, Purpose};
use simpul::store::postgres::PostgresStore;
use tempfile::TempDir;

const DOC: DocumentId = DocumentId::from_bytes([1; 16]);

/// A store with one document.
struct Office {
    folder: TempDir,
    data: PathBuf,
}

impl Office {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        prepare(&data, 1, |_| "kota".parse().unwrap());
        let relay = Relay::start(&data);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut device = Device::new(device_id(0), user(0));
        device.begin(DOC, "kota".parse().unwrap());
        runtime.block_on(device.be_level(&relay));
        Self { folder, data }
    }

    fn simpul(&self, words: &[&str]) -> (i32, String) {
        simpul(words, &self.data)
    }

    fn file_of(&self, hash: BlobHash) -> PathBuf {
        let name = hash.to_string();
        self.data.join("blobs").join(&name[..2]).join(name)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn simpul(words: &[&str], data: &Path) -> (i32, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_simpul")).args(words).arg("--data").arg(data).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn photo(n: u8) -> Vec<u8> {
    [b"\xff\xd8\xff\xe0".as_slice(), &[n; 5_000]].concat()
}

/// Asks for the document's blob, or sends it; gives status and body.
fn ask(relay: &Relay, method: &str, hash: BlobHash, range: Option<&str>, body: &[u8]) -> (u16, Vec<u8>) {
    let headers: Vec<_> = range.map(|range| ("range", range)).into_iter().collect();
    ask_with(relay, method, hash, &headers, body)
}

fn ask_with(
    relay: &Relay,
    method: &str,
    hash: BlobHash,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, Vec<u8>) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent = ureq::Agent::new_with_config(config);
    let url = format!("http://{}/api/v1/documents/{}/blobs/{hash}", relay.address, DOC.to_path());
    let bearer = format!("Bearer {}", hex::encode(token(device_id(0))));
    let mut request = ureq::http::Request::builder().method(method).uri(url).header("authorization", bearer);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = agent.run(request.body(body).unwrap()).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
}

fn put(relay: &Relay, bytes: &[u8]) -> BlobHash {
    let hash = hash_of(bytes);
    assert_eq!(ask(relay, "PUT", hash, None, bytes).0, 201);
    hash
}

#[test]
fn commands_say_where_attachments_lie_and_which_are_lost() {
    let office = Office::open();
    let relay = Relay::start(&office.data);
    let (kept, lost) = (put(&relay, &photo(1)), put(&relay, &photo(2)));
    let place = office.data.join("blobs").display().to_string();
    let (code, said) = office.simpul(&["check"]);
    assert!(code == 0 && said.contains(&format!("2 attachments looked at in {place}")), "{said}");
    let backup = office.path("backup.sqlite");
    let backup = backup.to_str().unwrap();
    let (code, said) = office.simpul(&["backup", backup]);
    assert!(
        code == 0
            && said.contains(&format!("2 attachments, 9.8 KiB, are not in it: copy them now from {place}")),
        "{said}"
    );
    let (code, said) = office.simpul(&["check", "--file", backup]);
    assert!(code == 0 && said.contains("attachments were not looked at"), "{said}");
    let status: Value = serde_json::from_str(&office.simpul(&["status", "--json"]).1).unwrap();
    assert_eq!((&status["blobs"], &status["blob_bytes"]), (&2.into(), &10_008.into()));

    std::fs::remove_file(office.file_of(lost)).unwrap();
    let (code, said) = office.simpul(&["check"]);
    assert!(
        code == 2 && said.contains(&format!("damaged: the bytes of attachment {lost} are not there")),
        "{said}"
    );
    assert!(
        said.contains("1 attachments are lost") && !said.contains("restore a backup"),
        "no backup has them: {said}"
    );
    std::fs::write(office.file_of(lost), photo(3)).unwrap();
    let (code, said) = office.simpul(&["check"]);
    assert!(
        code == 2 && said.contains(&format!("attachment {lost} holds other bytes than it should")),
        "{said}"
    );
    std::fs::remove_file(office.file_of(lost)).unwrap();

    let target = office.path("out");
    let (code, said) = office.simpul(&["export", target.to_str().unwrap()]);
    assert!(code == 1 && said.contains("the bytes of 1 attachments are not there"), "{said}");
    let index: Value = serde_json::from_slice(&std::fs::read(target.join("index.json")).unwrap()).unwrap();
    let lines = index["documents"][0]["attachments"].as_array().unwrap();
    let line = |hash: BlobHash| lines.iter().find(|line| line["sha256"] == hash.to_string()).unwrap();
    assert_eq!((&line(lost)["file"], &line(lost)["bytes"]), (&Value::Null, &5_004.into()));
    let file = line(kept)["file"].as_str().unwrap();
    assert!(file.ends_with(".jpg") && std::fs::read(target.join(file)).unwrap() == photo(1), "{file}");

    // Whoever still has the file sends it again, and all is well.
    put(&relay, &photo(2));
    assert_eq!(office.simpul(&["check"]).0, 0);
    drop(relay);
    let (code, said) = office.simpul(&["restore", backup]);
    assert!(
        code == 0
            && said.contains(&format!("2 attachments are not in the backup: they are to be in {place}")),
        "{said}"
    );
    let (code, said) = office.simpul(&["check"]);
    assert!(code == 0 && said.contains("2 attachments looked at"), "{said}");
}

#[test]
fn check_derives_anew_what_attachments_take() {
    let office = Office::open();
    let relay = Relay::start(&office.data);
    put(&relay, &photo(1));
    drop(relay);
    let tamper = |sql: &str| {
        let connection = rusqlite::Connection::open(office.data.join("simpul.sqlite")).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    tamper("UPDATE feeds SET blob_bytes = 7");
    let (code, said) = office.simpul(&["check"]);
    assert!(code == 2 && said.contains("feed kota says 7 bytes of attachments and has 5004"), "{said}");
    assert_eq!(office.simpul(&["check", "--repair"]).0, 0);
    assert_eq!(office.simpul(&["check"]).0, 0);
    tamper("UPDATE blobs SET media_type = 'text/html'");
    let (code, said) = office.simpul(&["check"]);
    assert!(code == 2 && said.contains("is of no type that is taken"), "{said}");
}

#[test]
fn attachment_survives_the_kill_of_the_relay_and_a_broken_upload_goes_on() {
    let office = Office::open();
    let mut relay = Relay::start(&office.data);
    let hash = put(&relay, &photo(1));
    let other = photo(2);
    let part = |relay: &Relay, range: std::ops::Range<usize>| {
        let said = format!("bytes {}-{}/{}", range.start, range.end - 1, other.len());
        ask_with(relay, "PUT", hash_of(&other), &[("content-range", &said)], &other[range]).0
    };
    assert_eq!(part(&relay, 0..2_000), 202);
    relay.kill();
    let relay = Relay::start(&office.data);
    assert!(ask(&relay, "GET", hash, None, &[]) == (200, photo(1)));
    assert_eq!(part(&relay, 2_001..5_004), 409, "a byte is lacking");
    assert_eq!(part(&relay, 2_000..5_004), 201);
    assert!(ask(&relay, "GET", hash_of(&other), None, &[]) == (200, photo(2)));
    assert_eq!(office.simpul(&["check"]).0, 0);
}

/// A bucket in memory that speaks as much of S3's protocol as is needed, and only with who signs.
#[derive(Clone, Default)]
struct Bucket(Arc<Mutex<OrderedMap<String, Bytes>>>);

impl Bucket {
    /// Serves on a free port; gives the address.
    async fn serve(&self) -> (String, tokio::task::JoinHandle<()>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (format!("http://{address}"), serving)
    }

    fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }
}

/// The environment of a relay whose attachments lie there.
fn reaching(endpoint: &str) -> [(&'static str, &str); 6] {
    [
        ("SIMPUL_BLOBS", "s3://simpul/lampiran"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "id-1"),
        ("AWS_ACCESS_KEY_ID", "kunci"),
        ("AWS_SECRET_ACCESS_KEY", "rahasia"),
    ]
}

async fn answer(State(bucket): State<Bucket>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let signed = head.headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
    if !signed.starts_with("AWS4-HMAC-SHA256 Credential=kunci/") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let name = head.uri.path().to_owned();
    match head.method {
        Method::PUT => {
            let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let said = head.headers["x-amz-content-sha256"].to_str().unwrap();
            assert_eq!(said, hex::encode(Sha256::digest(&bytes)), "what is signed is what is sent");
            bucket.0.lock().unwrap().insert(name, bytes);
            [(header::ETAG, "\"1\"")].into_response()
        }
        Method::GET | Method::HEAD => match bucket.0.lock().unwrap().get(&name) {
            Some(bytes) => object(bytes, &head.headers),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn object(bytes: &Bytes, headers: &HeaderMap) -> Response {
    let described = [(header::ETAG, "\"1\""), (header::LAST_MODIFIED, "Wed, 25 Nov 2026 10:00:00 GMT")];
    let Some(range) = headers.get(header::RANGE) else {
        return (described, bytes.clone()).into_response();
    };
    let range = range.to_str().unwrap().strip_prefix("bytes=").unwrap();
    let (first, last) = range.split_once('-').unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let said = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", bytes.len()))];
    (StatusCode::PARTIAL_CONTENT, described, said, bytes.slice(first..=last)).into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_lie_in_a_bucket_where_one_is_named() {
    let office = tokio::task::spawn_blocking(Office::open).await.unwrap();
    let bucket = Bucket::default();
    let (endpoint, serving) = bucket.serve().await;
    let variables = reaching(&endpoint);
    tokio::task::block_in_place(|| {
        let relay = Relay::start_with(&office.data, &variables);
        let hash = put(&relay, &photo(1));
        let name = hash.to_string();
        assert_eq!(bucket.names(), [format!("/simpul/lampiran/{}/{name}", &name[..2])]);
        let in_folder = std::fs::read_dir(office.data.join("blobs")).unwrap().count();
        assert_eq!(in_folder, 0, "nothing lies in the data folder, which another relay made");
        // Another relay, as after a restart.
        drop(relay);
        let relay = Relay::start_with(&office.data, &variables);
        assert_eq!(ask(&relay, "HEAD", hash, None, &[]).0, 200);
        assert!(ask(&relay, "GET", hash, None, &[]) == (200, photo(1)));
        assert!(ask(&relay, "GET", hash, Some("bytes=0-2"), &[]) == (206, photo(1)[..3].to_vec()));
        let check = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_simpul"));
            let output =
                command.arg("check").arg("--data").arg(&office.data).envs(variables).output().unwrap();
            (
                output.status.code().unwrap(),
                String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
            )
        };
        let (code, said) = check();
        assert!(code == 0 && said.contains("1 attachments looked at in s3://simpul/lampiran"), "{said}");
        bucket.0.lock().unwrap().clear();
        let (code, said) = check();
        assert!(code == 2 && said.contains("are not there"), "{said}");
        assert_eq!(ask(&relay, "GET", hash, None, &[]).0, 404);
        assert_eq!(put(&relay, &photo(1)), hash, "it is sent again");
        // A bucket that cannot be reached is told; all else goes on.
        serving.abort();
        while !serving.is_finished() {
            std::thread::yield_now();
        }
        let other = photo(2);
        assert_eq!(ask(&relay, "PUT", hash_of(&other), None, &other).0, 503);
        assert_eq!(ask(&relay, "HEAD", hash_of(&other), None, &[]).0, 404, "what has come is kept");
        let ready = ureq::get(format!("http://{}/readyz", relay.address)).call().unwrap();
        assert_eq!(ready.status().as_u16(), 200);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn attachment_sent_to_one_relay_is_read_at_another_that_shares_database_and_bucket() {
    let place = tempfile::tempdir().unwrap();
    let folders = ["one", "two"].map(|name| place.path().join(name));
    let database = tokio::task::block_in_place(|| {
        let database = Postgres::shared().new_database();
        let store = PostgresStore::open(&database, EpochId::from_bytes([1; 16])).unwrap();
        fill(&store, 1, |_| "kota".parse().unwrap());
        let one = DataFolder::open(&folders[0], Purpose::Work).unwrap();
        one.receipt_key().unwrap();
        one.audit_key().unwrap();
        DataFolder::open(&folders[1], Purpose::Work).unwrap();
        for key in ["receipts.key", "audit.key"] {
            std::fs::copy(folders[0].join(key), folders[1].join(key)).unwrap();
        }
        database
    });
    let (endpoint, _serving) = Bucket::default().serve().await;
    let variables = [reaching(&endpoint).as_slice(), &[("SIMPUL_DATABASE", database.as_str())]].concat();
    let [one, two] =
        tokio::task::block_in_place(|| [0, 1].map(|n| Relay::start_with(&folders[n], &variables)));
    let mut device = Device::new(device_id(0), user(0));
    device.begin(DOC, "kota".parse().unwrap());
    device.be_level(&one).await;
    tokio::task::block_in_place(|| {
        let hash = put(&one, &photo(1));
        assert!(ask(&two, "GET", hash, None, &[]) == (200, photo(1)));
        assert_eq!(ask(&two, "PUT", hash, None, &photo(1)).0, 204);
    });
}
