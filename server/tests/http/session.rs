//! Signing in and out.

use serde_json::json;
use shared::audit::{AuditKey, Sort};
use simpul::config::Wishes;

use super::world::{PASSWORD, World};

#[tokio::test(flavor = "multi_thread")]
async fn browser_gets_a_cookie_that_no_script_and_no_other_site_can_use() {
    let world = World::start().await;
    let body = json!({"username": "sri", "password": PASSWORD, "device_name": "peramban"});
    let answer = world.post_session(&body, &[]);
    assert_eq!(answer.status, 200);
    let cookie = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "only this machine reaches the relay: {cookie}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = answer.json();
    assert_eq!(answer["user"], "sri");
    assert_eq!(answer["feeds"], json!([{"feed": "kab-uji", "name": "Kabupaten Uji", "role": "writer"}]));
    assert!(answer.get("token").is_none(), "a browser is given no token that a script could read");
}

#[tokio::test(flavor = "multi_thread")]
async fn cookie_is_secure_behind_an_https_address() {
    let wishes = Wishes { origin: Some("https://simpul.example".to_owned()), ..Wishes::default() };
    let world = World::start_with(wishes).await;
    let body = json!({"username": "sri", "password": PASSWORD});
    let answer = world.post_session(&body, &[("origin", "https://simpul.example")]);
    assert!(answer.header("set-cookie").ends_with("; Secure"));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_clients_get_a_token_and_no_cookie() {
    let world = World::start().await;
    let body = json!({"username": "sri", "password": PASSWORD, "want_token": true});
    let answer = world.post_session(&body, &[]);
    assert_eq!(answer.header("set-cookie"), "");
    let bearer = format!("Bearer {}", answer.json()["token"].as_str().unwrap());
    assert_eq!(world.get("/api/v1/devices", &[("authorization", &bearer)]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_and_unknown_person_get_the_same_answer() {
    let world = World::start().await;
    let wrong = json!({"username": "sri", "password": "Perahu-Pagi-08"});
    let unknown = json!({"username": "siapa", "password": PASSWORD});
    let nonsense = json!({"username": "Si Apa?", "password": PASSWORD});
    let english = [("accept-language", "en")];
    let answer = world.post_session(&wrong, &english);
    assert_eq!((answer.status, answer.problem().as_str()), (401, "wrong-password"));
    assert_eq!(answer.json()["title"], "Sign-in failed");
    for other in [&unknown, &nonsense] {
        let other = world.post_session(other, &english);
        assert_eq!((other.status, other.body), (answer.status, answer.body.clone()));
    }
    let indonesian = world.post_session(&wrong, &[("accept-language", "id-ID,en;q=0.5")]);
    assert_eq!(indonesian.json()["title"], "Gagal masuk");
    assert_eq!(indonesian.header("content-language"), "id");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_failures_have_to_wait_even_with_the_right_password() {
    let world = World::start().await;
    let wrong = json!({"username": "sri", "password": "Perahu-Pagi-08"});
    for _ in 0..5 {
        assert_eq!(world.post_session(&wrong, &[]).status, 401);
    }
    let right = json!({"username": "sri", "password": PASSWORD});
    let answer = world.post_session(&right, &[]);
    assert_eq!((answer.status, answer.problem().as_str()), (429, "too-many-attempts"));
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    let another = json!({"username": "budi", "password": PASSWORD});
    assert_eq!(world.post_session(&another, &[]).status, 200, "others do not wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn device_is_taken_back_by_its_person_and_by_nobody_else() {
    let world = World::start().await;
    let device = world.sign_in("sri").device.to_string();
    let again = json!({"username": "sri", "password": PASSWORD, "device": device});
    assert_eq!(world.post_session(&again, &[]).json()["device"], device);
    let another = json!({"username": "budi", "password": PASSWORD, "device": device});
    let answer = world.post_session(&another, &[]);
    assert_eq!((answer.status, answer.problem().as_str()), (403, "foreign-device"));
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn device_that_was_here_before_is_not_held_up_by_what_others_do() {
    let world = World::start().await;
    let first = json!({"username": "sri", "password": PASSWORD, "want_token": true});
    let first = world.post_session(&first, &[]).json();
    let (device, secret) = (first["device"].clone(), first["device_secret"].clone());
    // It survives signing out.
    let bearer = format!("Bearer {}", first["token"].as_str().unwrap());
    assert_eq!(world.send("DELETE", "/api/v1/session", &[("authorization", &bearer)], &[]).status, 204);
    let wrong = json!({"username": "sri", "password": "Perahu-Pagi-08"});
    while world.post_session(&wrong, &[]).status != 429 {}
    let unknown = json!({"username": "sri", "password": PASSWORD});
    assert_eq!(world.post_session(&unknown, &[]).status, 429);
    let known = json!({"username": "sri", "password": PASSWORD, "device": device, "device_secret": secret});
    let answer = world.post_session(&known, &[]);
    assert_eq!(answer.status, 200);
    assert!(answer.json().get("device_secret").is_none(), "it keeps the one that it has");
    // Its own count.
    let mistyped = json!({"username": "sri", "password": "x", "device": device, "device_secret": secret});
    for _ in 0..5 {
        assert_eq!(world.post_session(&mistyped, &[]).status, 401);
    }
    assert_eq!(world.post_session(&known, &[]).status, 429);
    // A secret of somebody else's device, or a wrong one, proves nothing.
    for (user, secret) in [("budi", secret), ("sri", json!("00"))] {
        let body = json!({"username": user, "password": "x", "device": device, "device_secret": secret});
        let expected = if user == "sri" { 429 } else { 401 };
        assert_eq!(world.post_session(&body, &[]).status, expected, "{user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_from_a_foreign_page_is_refused() {
    let world = World::start().await;
    let body = json!({"username": "sri", "password": PASSWORD});
    let answer = world.post_session(&body, &[("origin", "https://lain.example")]);
    assert_eq!((answer.status, answer.problem().as_str()), (403, "foreign-origin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session() {
    let world = World::start().await;
    let cookie = world.sign_in_with_cookie("sri");
    let origin = world.url("");
    let own = [("cookie", cookie.as_str()), ("origin", origin.as_str())];
    assert_eq!(world.get("/api/v1/devices", &own).status, 200);
    let foreign = [("cookie", cookie.as_str()), ("origin", "https://lain.example")];
    assert_eq!(world.send("DELETE", "/api/v1/session", &foreign, &[]).problem(), "foreign-origin");
    let answer = world.send("DELETE", "/api/v1/session", &own, &[]);
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(world.get("/api/v1/devices", &own).problem(), "not-signed-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_person_is_out_at_once_and_stays_out() {
    let world = World::start().await;
    let session = world.sign_in("sri");
    world.store.disable(&"sri".parse().unwrap(), 2).unwrap();
    let bearer = format!("Bearer {}", session.token);
    let answer = world.get("/api/v1/devices", &[("authorization", &bearer)]);
    assert_eq!((answer.status, answer.problem().as_str()), (401, "account-disabled"));
    let body = json!({"username": "sri", "password": PASSWORD});
    let answer = world.post_session(&body, &[]);
    assert_eq!((answer.status, answer.problem().as_str()), (401, "account-disabled"));
    let wrong = json!({"username": "sri", "password": "Perahu-Pagi-08"});
    assert_eq!(world.post_session(&wrong, &[]).problem(), "wrong-password", "strangers do not learn of it");
    world.store.enable(&"sri".parse().unwrap(), 2).unwrap();
    let answer = world.get("/api/v1/devices", &[("authorization", &bearer)]);
    assert_eq!(answer.problem(), "not-signed-in", "the old session does not come back to life");
    assert_eq!(world.post_session(&body, &[]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_answered_with_a_problem() {
    let world = World::start().await;
    let json = [("content-type", "application/json")];
    let post = |body: &[u8]| world.send("POST", "/api/v1/session", &json, body);
    for (body, status, problem) in [
        (&b"{"[..], 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b"{\"username\": 1, \"password\": 2}", 400, "malformed"),
        (&[b' '; 20_000], 413, "too-large"),
    ] {
        let answer = post(body);
        assert_eq!((answer.status, answer.problem().as_str()), (status, problem));
    }
    assert_eq!(world.send("POST", "/api/v1/session", &[], b"{}").problem(), "unsupported-type");
    assert_eq!(world.get("/api/v1/session", &[]).problem(), "method-not-allowed");
    assert_eq!(world.get("/api/v1/nothing", &[]).problem(), "not-found");
    for token in ["Bearer x", "Bearer ", "Basic eDp5", "Bearer 00"] {
        let answer = world.get("/api/v1/devices", &[("authorization", token)]);
        assert_eq!((answer.status, answer.problem().as_str()), (401, "not-signed-in"), "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_right_and_wrong_are_told_in_the_audit_log_and_nothing_that_was_typed() {
    let mut world = World::start().await;
    world.store.trace_with(&AuditKey::new([5; 32])).unwrap();
    for _ in 0..3 {
        world.post_session(&json!({"username": "sri", "password": "Perahu-Pagi-08"}), &[]);
    }
    // A password in the field of the name.
    world.post_session(&json!({"username": "perahu-pagi-09", "password": "x"}), &[]);
    let signed_in = world.sign_in("budi");
    let bearer = format!("Bearer {}", signed_in.token);
    let answer = world.send("DELETE", "/api/v1/session", &[("authorization", &bearer)], b"");
    assert_eq!(answer.status, 204);
    world.stop().await;
    let acts: Vec<_> = world.store.audit(0, 100).unwrap().into_iter().map(|row| row.act).collect();
    let of = |sort: Sort| acts.iter().filter(move |act| act.sort == sort.as_str());
    let refused: Vec<_> =
        of(Sort::SignInRefused).map(|act| (&*act.person, &*act.address, &*act.detail)).collect();
    let here = "127.0.0.1";
    assert!(refused.contains(&("sri", here, "wrong password")), "{refused:?}");
    let again = "wrong password (2 times more within the hour)";
    assert!(refused.contains(&("sri", here, again)), "{refused:?}");
    assert!(refused.contains(&("", here, "no such name")), "{refused:?}");
    assert_eq!(refused.len(), 3);
    for sort in [Sort::DeviceEnrolled, Sort::SignIn, Sort::SignOut] {
        let told: Vec<_> = of(sort).map(|act| (&*act.person, act.device)).collect();
        assert_eq!(told, [("budi", Some(signed_in.device))], "{sort:?}");
    }
    assert!(!format!("{acts:?}").to_lowercase().contains("perahu"), "{acts:?}");
}
