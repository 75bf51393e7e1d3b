//! Devices and the directory.

use serde_json::Value;

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
    let devices = directory["devices"].as_array().unwrap();
    let owner = |device: &SignedIn| {
        devices.iter().find(|row| row["device"] == device.device.to_string()).map(|row| row["user"].clone())
    };
    assert_eq!(owner(&budi), Some("budi".into()));
    assert_eq!(owner(&eka), None);
    let later = format!("/api/v1/directory?since={}", directory["now"].as_u64().unwrap() + 1);
    assert_eq!(get(&world, &sri, &later)["people"].as_array().unwrap().len(), 0);
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
    assert_eq!(world.get("/api/v1/devices", &[("authorization", &bearer)]).status, 401);
    let body = serde_json::json!({
        "username": "sri", "password": super::world::PASSWORD, "device": sri.device.to_string()
    });
    assert_eq!(world.post_session(&body, &[]).problem(), "revoked-device");
}
