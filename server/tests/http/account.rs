//! Passwords, devices and links of one's own.

use serde_json::{Value, json};
use shared::audit::AuditKey;
use shared::model::feed_settings::Setting;
use shared::sync::settings::SetBy;
use shared::wire::code::ByeCode;
use simpul::config::Wishes;
use simpul::store::person::{LinkStanding, NewPassword, PasswordSetter, Sessions, TokenHash};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::{Answer, FEED, OTHER_FEED, PASSWORD, SignedIn, World, digest_of, feed};

const NEW: &str = "Layar-Senja-12";
const TOKEN: [u8; 32] = [9; 32];

fn send(world: &World, who: &SignedIn, method: &str, path: &str, body: Option<Value>) -> Answer {
    let bearer = format!("Bearer {}", who.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    world.send(method, path, &headers, body.map(|body| body.to_string()).unwrap_or_default().as_bytes())
}

fn change(world: &World, who: &SignedIn, old: &str, new: &str) -> Answer {
    send(world, who, "PUT", "/api/v1/password", Some(json!({ "old": old, "new": new })))
}

fn post(world: &World, path: &str, body: Value) -> Answer {
    world.send("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
}

fn try_to_sign_in(world: &World, user: &str, password: &str) -> Answer {
    world.post_session(&json!({"username": user, "password": password, "want_token": true}), &[])
}

fn signed_in(answer: &Answer) -> SignedIn {
    let answer = answer.json();
    SignedIn {
        token: answer["token"].as_str().unwrap().to_owned(),
        device: answer["device"].as_str().unwrap().parse().unwrap(),
    }
}

fn let_somebody_set(world: &World, user: &str, password: &str) {
    let password = NewPassword { digest: digest_of(password), setter: PasswordSetter::Somebody };
    world.store.set_password(&user.parse().unwrap(), &password, None, 2).unwrap();
}

fn is_good(world: &World, who: &SignedIn) -> bool {
    send(world, who, "GET", "/api/v1/devices", None).status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn own_password_is_changed_by_who_knows_the_old_one_and_ends_all_other_sessions() {
    let world = World::start().await;
    let (mine, other) = (world.sign_in("sri"), world.sign_in("sri"));
    let (mut here, mut there) = (world.greeted(&mine).await, world.greeted(&other).await);
    let answer = change(&world, &mine, "Perahu-Pagi-08", NEW);
    assert_eq!((answer.status, answer.problem().as_str()), (403, "wrong-old-password"));
    assert_eq!(change(&world, &mine, PASSWORD, PASSWORD).problem(), "password-unchanged");
    assert_eq!(try_to_sign_in(&world, "sri", PASSWORD).status, 200, "nothing was changed yet");
    assert_eq!(change(&world, &mine, PASSWORD, NEW).status, 204);
    assert_eq!(there.bye().await, ByeCode::SessionEnded);
    assert!(is_good(&world, &mine) && !is_good(&world, &other));
    here.send(shared::wire::FromClient::Ping(shared::wire::Ping { id: 7 })).await;
    assert!(matches!(here.next().await, shared::wire::FromRelay::Pong(_)), "the own connection goes on");
    assert_eq!(try_to_sign_in(&world, "sri", PASSWORD).status, 401);
    assert_eq!(try_to_sign_in(&world, "sri", NEW).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_while_they_change_the_password_is_told_so_and_changes_nothing() {
    let world = World::start().await;
    let mine = world.sign_in("sri");
    let body = json!({ "old": PASSWORD, "new": NEW }).to_string();
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "PUT /api/v1/password HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        mine.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The body is asked for once the session was looked at.
    let mut goes_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut goes_on).await.unwrap();
    assert!(goes_on.starts_with(b"HTTP/1.1 100"));
    world.store.close_sessions(&"sri".parse().unwrap(), Sessions::All).unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("not-signed-in"), "{answer}");
    assert_eq!(try_to_sign_in(&world, "sri", NEW).status, 401);
    assert_eq!(try_to_sign_in(&world, "sri", PASSWORD).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_password_is_not_guessed_by_who_has_a_session() {
    let world = World::start().await;
    let (mine, other) = (world.sign_in("sri"), world.sign_in("sri"));
    for _ in 0..5 {
        assert_eq!(change(&world, &mine, "Perahu-Pagi-08", NEW).status, 403);
    }
    let answer = change(&world, &mine, PASSWORD, NEW);
    assert_eq!((answer.status, answer.problem().as_str()), (429, "too-many-attempts"));
    assert_eq!(change(&world, &other, PASSWORD, NEW).status, 204, "each device has its own count");
}

#[tokio::test(flavor = "multi_thread")]
async fn common_passwords_and_those_with_the_name_are_refused_with_the_reason() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    world.store.put_link(&"budi".parse().unwrap(), TokenHash::of(&TOKEN), u64::MAX >> 2, 2).unwrap();
    for (password, problem) in [
        ("Pendek-07", "password-too-short"),
        (&*"p".repeat(2_000), "password-too-long"),
        ("Rahasia-123456", "password-common"),
        ("qwerty123456", "password-common"),
        ("perahu sri pagi budi", "password-like-name"),
    ] {
        let answer = change(&world, &sri, PASSWORD, password);
        assert_eq!((answer.status, answer.problem()), (422, problem.to_owned()), "{password}");
        assert!(answer.json()["detail"].as_str().unwrap().len() > 30);
        let body = json!({"token": hex::encode(TOKEN), "password": password});
        let answer = post(&world, "/api/v1/link/password", body);
        assert_eq!((answer.status, answer.problem()), (422, problem.to_owned()), "{password}");
    }
    assert_eq!(try_to_sign_in(&world, "sri", PASSWORD).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_that_somebody_else_set_is_changed_before_anything_else() {
    let world = World::start().await;
    let before = world.sign_in("sri");
    let_somebody_set(&world, "sri", NEW);
    assert!(!is_good(&world, &before));
    let answer = try_to_sign_in(&world, "sri", NEW);
    assert_eq!(answer.json()["password_due"], true);
    let sri = signed_in(&answer);
    let hello = super::world::hello(sri.device);
    for (method, path, body) in [
        ("GET", "/api/v1/devices".to_owned(), Vec::new()),
        ("GET", "/api/v1/directory".to_owned(), Vec::new()),
        ("GET", format!("/api/v1/feeds/{FEED}/settings"), Vec::new()),
        ("DELETE", "/api/v1/sessions".to_owned(), Vec::new()),
        ("DELETE", "/api/v1/sessions/others".to_owned(), Vec::new()),
        ("DELETE", format!("/api/v1/devices/{}", sri.device), Vec::new()),
        ("DELETE", format!("/api/v1/devices/{}/session", sri.device), Vec::new()),
        ("POST", "/api/v1/push".to_owned(), vec![0x80]),
        (
            "POST",
            "/api/v1/pull".to_owned(),
            shared::wire::Frame::encode(&shared::wire::FromClient::Hello(hello)),
        ),
    ] {
        let bearer = format!("Bearer {}", sri.token);
        let answer = world.send(method, &path, &[("authorization", &bearer)], &body);
        assert_eq!((answer.status, answer.problem().as_str()), (403, "password-due"), "{method} {path}");
    }
    let bearer = format!("Bearer {}", sri.token);
    let socket = world.open_socket(&[("authorization", &bearer)], Some(shared::wire::SUBPROTOCOL)).await;
    assert!(socket.is_err(), "no connection either");
    assert_eq!(change(&world, &sri, NEW, NEW).problem(), "password-unchanged");
    assert_eq!(change(&world, &sri, NEW, "Merpati-Pos-34").status, 204);
    assert!(is_good(&world, &sri), "the same session serves from then on");
    world.greeted(&sri).await;
    let answer = try_to_sign_in(&world, "sri", "Merpati-Pos-34");
    assert!(answer.json().get("password_due").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_to_change_a_password_may_also_sign_out() {
    let world = World::start().await;
    let_somebody_set(&world, "sri", NEW);
    let sri = signed_in(&try_to_sign_in(&world, "sri", NEW));
    assert_eq!(send(&world, &sri, "DELETE", "/api/v1/session", None).status, 204);
    assert_eq!(change(&world, &sri, NEW, "Merpati-Pos-34").status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn device_of_ones_own_is_signed_out_at_once_and_may_sign_in_again() {
    let world = World::start().await;
    let (mine, other) = (world.sign_in("sri"), world.sign_in("sri"));
    let mut there = world.greeted(&other).await;
    let path = |device| format!("/api/v1/devices/{device}/session");
    assert_eq!(send(&world, &mine, "DELETE", &path(other.device.to_string()), None).status, 204);
    assert_eq!(there.bye().await, ByeCode::SessionEnded);
    assert!(is_good(&world, &mine) && !is_good(&world, &other));
    let rows = send(&world, &mine, "GET", "/api/v1/devices", None).json();
    let rows = rows.as_array().unwrap().iter();
    let stand: Vec<_> = rows.map(|row| (row["is_this"] == true, row["is_signed_in"] == true)).collect();
    assert!(stand.contains(&(true, true)) && stand.contains(&(false, false)), "{stand:?}");
    let again = json!({"username": "sri", "password": PASSWORD, "device": other.device.to_string()});
    assert_eq!(world.post_session(&again, &[]).status, 200);
    // Nobody signs out another's, an admin neither, nor learns that there is one.
    let nothing = send(&world, &mine, "DELETE", &path("00".repeat(16)), None);
    for who in [world.sign_in("ayu"), world.sign_in("budi"), world.sign_in("eka")] {
        let answer = send(&world, &who, "DELETE", &path(mine.device.to_string()), None);
        assert_eq!((answer.status, &answer.body), (404, &nothing.body));
    }
    assert!(is_good(&world, &mine));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_others_or_all_are_signed_out_together() {
    let world = World::start().await;
    let (mine, one, two) = (world.sign_in("sri"), world.sign_in("sri"), world.sign_in("sri"));
    let budi = world.sign_in("budi");
    let mut there = world.greeted(&one).await;
    assert_eq!(send(&world, &mine, "DELETE", "/api/v1/sessions/others", None).status, 204);
    assert_eq!(there.bye().await, ByeCode::SessionEnded);
    assert_eq!([&mine, &one, &two, &budi].map(|who| is_good(&world, who)), [true, false, false, true]);
    assert_eq!(send(&world, &mine, "DELETE", "/api/v1/sessions", None).status, 204);
    assert_eq!([&mine, &budi].map(|who| is_good(&world, who)), [false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn link_sets_a_password_once_and_says_afterwards_that_it_did() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let user = "sri".parse().unwrap();
    let link = |token: &[u8]| json!({"token": hex::encode(token)});
    let set = |token: &[u8]| {
        let body = json!({"token": hex::encode(token), "password": NEW});
        post(&world, "/api/v1/link/password", body)
    };
    world.store.put_link(&user, TokenHash::of(&TOKEN), u64::MAX >> 2, 2).unwrap();
    let answer = post(&world, "/api/v1/link", link(&TOKEN));
    assert_eq!((answer.status, answer.json()), (200, json!({"user": "sri", "name": "SRI"})));
    let foreign = [("content-type", "application/json"), ("origin", "https://lain.example")];
    let body = json!({"token": hex::encode(TOKEN), "password": NEW}).to_string();
    let answer = world.send("POST", "/api/v1/link/password", &foreign, body.as_bytes());
    assert_eq!(answer.problem(), "foreign-origin");
    assert_eq!(set(&TOKEN).status, 204);
    assert!(!is_good(&world, &sri), "whoever was signed in by the old password is not any more");
    assert_eq!(try_to_sign_in(&world, "sri", NEW).status, 200);
    for answer in [set(&TOKEN), post(&world, "/api/v1/link", link(&TOKEN))] {
        assert_eq!((answer.status, answer.problem().as_str()), (410, "link-used"));
    }
    world.store.put_link(&user, TokenHash::of(b"late"), 3, 2).unwrap();
    assert_eq!(set(b"late").problem(), "link-expired");
    world.store.put_link(&user, TokenHash::of(b"old"), u64::MAX >> 2, 2).unwrap();
    world.store.put_link(&user, TokenHash::of(b"new"), u64::MAX >> 2, 2).unwrap();
    assert_eq!(set(b"old").problem(), "link-replaced");
    world.store.disable(&user, 3).unwrap();
    assert_eq!(set(b"new").problem(), "link-withdrawn");
    assert_eq!((set(b"none").status, set(b"none").problem().as_str()), (404, "link-unknown"));
    assert_eq!(post(&world, "/api/v1/link", json!({"token": "bukan hex"})).problem(), "link-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_not_guessed_and_no_guesser_holds_up_who_has_one() {
    let proxies = Some(vec!["127.0.0.1".parse().unwrap()]);
    let world = World::start_with(Wishes { proxies, ..Wishes::default() }).await;
    let from = |address: &str, path: &str, body: Value| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
        world.send("POST", path, &headers, body.to_string().as_bytes())
    };
    const GUESSER: &str = "198.51.100.7";
    let mut refused = 0;
    for n in 0..120_u8 {
        let answer = from(GUESSER, "/api/v1/link", json!({"token": hex::encode([n; 32])}));
        refused += usize::from(answer.status == 429);
    }
    assert!(refused > 0, "wrong ones count against the address");
    assert_eq!(world.store.link(TokenHash::of(&TOKEN), 1).unwrap(), LinkStanding::Unknown);
    let sri = json!({"username": "sri", "password": PASSWORD, "want_token": true});
    assert_eq!(from(GUESSER, "/api/v1/session", sri).status, 429, "as wrong passwords do");

    world.store.put_link(&"budi".parse().unwrap(), TokenHash::of(&TOKEN), u64::MAX >> 2, 2).unwrap();
    let question = json!({"token": hex::encode(TOKEN)});
    assert_eq!(from("203.0.113.5", "/api/v1/link", question.clone()).status, 200, "elsewhere nobody waits");
    let beside = from(GUESSER, "/api/v1/link", question);
    let wait_s: u64 = beside.header("retry-after").parse().unwrap();
    assert!(
        beside.status == 429 && wait_s <= 30,
        "who shares the guesser's address waits half a minute at most"
    );
    let set = json!({"token": hex::encode(TOKEN), "password": NEW});
    assert_eq!(from("203.0.113.5", "/api/v1/link/password", set).status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_connections_come_back_when_a_setting_of_their_feed_changes() {
    let world = World::start().await;
    let (sri, eka) = (world.sign_in("sri"), world.sign_in("eka"));
    let (mut of_sri, mut of_eka) = (world.greeted(&sri).await, world.greeted(&eka).await);
    let setting = Setting::IdleLock(Some(5));
    let set = |name| {
        let operator = SetBy::operator("root");
        world.store.put_setting(&feed(name), setting.key(), &setting.value(), &operator, 100).unwrap()
    };
    set(FEED);
    assert_eq!(of_sri.bye().await, ByeCode::Restarting);
    of_eka.send(shared::wire::FromClient::Ping(shared::wire::Ping { id: 7 })).await;
    assert!(matches!(of_eka.next().await, shared::wire::FromRelay::Pong(_)), "who reads it not stays");
    set(OTHER_FEED);
    assert_eq!(of_eka.bye().await, ByeCode::Restarting);
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_log_tells_of_passwords_links_and_sign_outs_and_none_of_their_secrets() {
    let mut world = World::start().await;
    world.store.trace_with(&AuditKey::new([3; 32])).unwrap();
    let sri = world.sign_in("sri");
    change(&world, &sri, "Perahu-Pagi-08", NEW);
    change(&world, &sri, PASSWORD, NEW);
    world.store.put_link(&"budi".parse().unwrap(), TokenHash::of(&TOKEN), u64::MAX >> 2, 2).unwrap();
    post(&world, "/api/v1/link", json!({"token": hex::encode([1; 32])}));
    post(&world, "/api/v1/link/password", json!({"token": hex::encode(TOKEN), "password": "Merpati-Pos-34"}));
    send(&world, &sri, "DELETE", "/api/v1/sessions", None);
    world.stop().await;
    let rows = world.store.audit(0, 100).unwrap();
    let told: String =
        rows.iter().map(|row| format!("{} {} {}\n", row.act.sort, row.act.person, row.act.detail)).collect();
    for line in [
        "sign-in-refused sri wrong old password",
        "person sri new password, their own",
        "person budi link to set a password made",
        "sign-in-refused  no such link",
        "person budi new password, their own, by a link",
        "sign-out sri this person signed out all devices",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    for secret in [PASSWORD, NEW, "Merpati", &hex::encode(TOKEN), &hex::encode([1; 32])] {
        assert!(!told.contains(secret), "{told}");
    }
}
