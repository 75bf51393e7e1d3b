//! Devices and the directory.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::world::{SignedIn, World};

fn get(world: &World, session: &SignedIn, path: &str) -> Value {
    let bearer = format!("Bearer {}", session.token);
    world.get(path, &[("authorization", &bearer)]).json()
}

fn users(rows: &Value) -> Vec<&str> {
    let mut users: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row["user"].as_str().unwrap()).collect();
    users.dedup();
    users
}

#[tokio::test(flavor = "multi_thread")]
async fn directory_shows_who_shares_a_feed_and_no_one_else() {
    let world = World::start().await;
    let (sri, budi, eka) = (world.sign_in("sri"), world.sign_in("budi"), world.sign_in("eka"));
    let directory = get(&world, &sri, "/api/v1/directory");
    let mut seen = users(&directory["people"]);
    seen.sort_unstable();
    assert_eq!(seen, ["ayu", "budi", "dewi", "sri"]);
    assert_eq!(directory["feeds"].as_array().unwrap().len(), 1);
    let people = directory["people"].as_array().unwrap();
    let has = |device: &SignedIn| {
        let owner = people
            .iter()
            .find(|row| row["devices"].as_array().unwrap().contains(&device.device.to_string().into()));
        owner.map(|row| row["user"].clone())
    };
    assert_eq!((has(&budi), has(&eka)), (Some("budi".into()), None));
    assert_eq!(directory["more"], false);
    let overlap = 5 * 60 * 1000;
    let later = format!("/api/v1/directory?since={}", directory["now"].as_u64().unwrap() + overlap + 60_000);
    assert_eq!(get(&world, &sri, &later)["people"].as_array().unwrap().len(), 0);
}

/// Adds people with two devices each to Sri's feed, past the store, which would sync each of them.
fn add_people(world: &World, count: u32) {
    let mut database = rusqlite::Connection::open(world.folder.path().join("simpul.sqlite")).unwrap();
    let transaction = database.transaction().unwrap();
    for n in 0..count {
        let name = format!("Pegawai Nomor {n}, S.IP., M.Si.");
        let position = ["Analis Kerja Sama", "Kepala Subbagian Tata Usaha", "Pengelola Data"][n as usize % 3];
        transaction
            .execute(
                "INSERT INTO people (user, name, position, password_digest, office, changed_at)
                 VALUES (?1, ?2, ?3, '', 'setda', 1)",
                (format!("pegawai.{n:05}"), name, position),
            )
            .unwrap();
        let person = transaction.last_insert_rowid();
        transaction
            .execute(
                "INSERT INTO memberships (person_id, feed_id, role, view)
                 SELECT ?1, id, 'writer', 1 FROM feeds WHERE feed = ?2",
                (person, super::world::FEED),
            )
            .unwrap();
        for device in 0..2 {
            let id = &Sha256::digest(format!("{n} {device}"))[..16];
            transaction
                .execute(
                    "INSERT INTO devices (device, person_id, name, enrolled_at) VALUES (?1, ?2, '', 1)",
                    (id, person),
                )
                .unwrap();
        }
    }
    transaction.commit().unwrap();
}

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(body), &mut bytes).unwrap();
    bytes
}

/// An office of ten thousand, each with a phone and a laptop.
#[tokio::test(flavor = "multi_thread")]
async fn directory_of_ten_thousand_comes_in_pages_and_few_bytes() {
    const PEOPLE: u32 = 10_000;
    let world = World::start().await;
    let sri = world.sign_in("sri");
    add_people(&world, PEOPLE);
    let (mut after, mut seen, mut wire_bytes, mut json_bytes) = (String::new(), 0, 0, 0);
    loop {
        let bearer = format!("Bearer {}", sri.token);
        let headers = [("authorization", bearer.as_str()), ("accept-encoding", "gzip")];
        let answer = world.get(&format!("/api/v1/directory?since=0{after}"), &headers);
        wire_bytes += answer.body.len();
        // The last page has a few people only.
        let is_packed = answer.header("content-encoding") == "gzip";
        let text = if is_packed { unpacked(&answer.body) } else { answer.body };
        assert!(is_packed || text.len() < 1024);
        json_bytes += text.len();
        let page: Value = serde_json::from_slice(&text).unwrap();
        let people = page["people"].as_array().unwrap();
        seen += people.len();
        if page["more"] != true {
            break;
        }
        after = format!("&after={}", people.last().unwrap()["user"].as_str().unwrap());
    }
    println!("{seen} people: {wire_bytes} bytes on the wire, {json_bytes} of JSON");
    assert_eq!(seen, PEOPLE as usize + 4);
    // 400 kbit/s brings this in 10 s; most of it are the random ids of 20,000 devices.
    assert!(wire_bytes < 600_000 && wire_bytes * 3 < json_bytes, "{wire_bytes} of {json_bytes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_carries_a_token_or_is_small_is_not_compressed() {
    let world = World::start().await;
    let body = serde_json::json!({"username": "sri", "password": super::world::PASSWORD, "want_token": true,
        "device_name": "x".repeat(4_000)});
    let answer = world.post_session(&body, &[("accept-encoding", "gzip")]);
    assert_eq!((answer.status, answer.header("content-encoding")), (200, ""));
    let sri = world.sign_in("sri");
    let bearer = format!("Bearer {}", sri.token);
    let few = world.get("/api/v1/devices", &[("authorization", &bearer), ("accept-encoding", "gzip")]);
    assert_eq!(few.header("content-encoding"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn own_devices_are_listed_and_an_admin_sees_those_of_the_region() {
    let world = World::start().await;
    let (sri, _budi, _eka, ayu) =
        (world.sign_in("sri"), world.sign_in("budi"), world.sign_in("eka"), world.sign_in("ayu"));
    let own = get(&world, &sri, "/api/v1/devices");
    assert_eq!(users(&own), ["sri"]);
    assert_eq!((&own[0]["name"], &own[0]["is_this"]), (&"uji".into(), &true.into()));
    assert_eq!(users(&get(&world, &ayu, "/api/v1/devices")), ["ayu", "budi", "sri"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn device_is_revoked_by_its_person_or_an_admin_and_by_nobody_else() {
    let world = World::start().await;
    let (sri, budi, ayu) = (world.sign_in("sri"), world.sign_in("budi"), world.sign_in("ayu"));
    let revoke = |by: &SignedIn, device: &str| {
        let bearer = format!("Bearer {}", by.token);
        world.send("DELETE", &format!("/api/v1/devices/{device}"), &[("authorization", &bearer)], &[])
    };
    assert_eq!(revoke(&budi, &sri.device.to_string()).problem(), "not-found");
    assert_eq!(revoke(&budi, "nothing").problem(), "not-found");
    assert_eq!(revoke(&ayu, &sri.device.to_string()).status, 204);
    let bearer = format!("Bearer {}", sri.token);
    let answer = world.get("/api/v1/devices", &[("authorization", &bearer)]);
    assert_eq!((answer.status, answer.problem().as_str()), (401, "device-revoked"), "it is told why");
    let body = serde_json::json!({
        "username": "sri", "password": super::world::PASSWORD, "device": sri.device.to_string()
    });
    assert_eq!(world.post_session(&body, &[]).problem(), "revoked-device");
}
