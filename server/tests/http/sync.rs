//! The WebSocket.

use shared::role::Role;
use shared::sync::relay::connection::HELLO_WITHIN_MS;
use shared::wire::code::{ByeCode, NackCode};
use shared::wire::{Frame, FromClient, FromRelay, Ping, SUBPROTOCOL, limits};
use simpul::store::person::Sessions;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::world::{FEED, OTHER_FEED, World, feed, hello, push};

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_session_gets_401_and_no_socket() {
    let world = World::start().await;
    for headers in [vec![], vec![("authorization", "Bearer 00")], vec![("cookie", "simpul_session=00")]] {
        let refused = world.open_socket(&headers, Some(SUBPROTOCOL)).await;
        let Err(Error::Http(answer)) = refused else { panic!("no socket without a session") };
        // A cookie without an own page's origin is refused before it is looked at.
        let expected = if headers.iter().any(|(name, _)| *name == "cookie") { 403 } else { 401 };
        assert_eq!(answer.status().as_u16(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cookie_opens_a_socket_for_own_pages_only() {
    let world = World::start().await;
    let cookie = world.sign_in_with_cookie("sri");
    let own = world.url("");
    for origin in [None, Some("https://lain.example"), Some("null")] {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let Err(Error::Http(answer)) = world.open_socket(&headers, Some(SUBPROTOCOL)).await else {
            panic!("a page of {origin:?} must not get a socket")
        };
        assert_eq!(answer.status().as_u16(), 403, "{origin:?}");
    }
    let headers = [("cookie", cookie.as_str()), ("origin", own.as_str())];
    assert!(world.open_socket(&headers, Some(SUBPROTOCOL)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn change_of_one_device_reaches_another_and_is_acked() {
    let world = World::start().await;
    let (sri, budi) = (world.sign_in("sri"), world.sign_in("budi"));
    let (mut of_sri, mut of_budi) = (world.greeted(&sri).await, world.greeted(&budi).await);
    let (doc, change) = world.new_report(sri.device, "Laporan");
    of_sri.send(push(7, doc, change.clone())).await;
    let FromRelay::Batch(batch) = of_budi.next().await else { panic!("no batch") };
    assert_eq!((batch.feed.clone(), batch.from, batch.to), (feed(FEED), 0, 1));
    let entry = &batch.entries[0];
    assert_eq!((entry.doc, entry.by.as_str(), entry.device), (doc, "sri", sri.device));
    assert_eq!(entry.change.as_ref().map(|bytes| bytes.to_vec()), Some(change));
    loop {
        match of_sri.next().await {
            FromRelay::Ack(ack) => {
                assert_eq!((ack.id, ack.seq), (7, 1));
                break;
            }
            FromRelay::Batch(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.store.head(&feed(FEED)).unwrap(), 1, "what is acked is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn reader_is_refused_and_the_connection_goes_on() {
    let world = World::start().await;
    let dewi = world.sign_in("dewi");
    let mut socket = world.greeted(&dewi).await;
    let (doc, change) = world.new_report(dewi.device, "Laporan");
    socket.send(push(1, doc, change)).await;
    let FromRelay::Nack(nack) = socket.next().await else { panic!("no nack") };
    assert_eq!((nack.id, nack.code), (Some(1), NackCode::Forbidden));
    socket.send(FromClient::Ping(Ping { id: 9 })).await;
    assert!(matches!(socket.next().await, FromRelay::Pong(pong) if pong.id == 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn change_that_is_none_is_refused_by_name() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let mut socket = world.greeted(&sri).await;
    let (doc, mut change) = world.new_report(sri.device, "Laporan");
    let last = change.len() - 1;
    change[last] ^= 1;
    socket.send(push(1, doc, change)).await;
    assert!(matches!(socket.next().await, FromRelay::Nack(nack) if nack.code == NackCode::BadChange));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_once_lost_a_role_and_is_told_of_rights_before_the_hello_is_greeted_all_the_same() {
    let world = World::start().await;
    let sri = "sri".parse().unwrap();
    for role in [Some(Role::Reader), None] {
        world.store.set_role(&sri, &feed(OTHER_FEED), role, 2).unwrap();
    }
    let (here, elsewhere) = (world.sign_in("sri"), world.sign_in("sri"));
    let (mut silent, mut ended) = (world.connect(&here).await, world.greeted(&elsewhere).await);
    // Both connections are told in one go, and what the silent one may do is as before.
    world.store.close_sessions(&sri, Sessions::Of(elsewhere.device)).unwrap();
    assert_eq!(ended.bye().await, ByeCode::SessionEnded);
    silent.send(FromClient::Hello(hello(here.device))).await;
    let FromRelay::Welcome(welcome) = silent.next().await else { panic!("no welcome") };
    assert_eq!(welcome.removed_roles.iter().map(|role| role.feed.as_str()).collect::<Vec<_>>(), [OTHER_FEED]);
    silent.send(FromClient::Ping(Ping { id: 1 })).await;
    assert!(matches!(silent.next().await, FromRelay::Pong(_)));
    // Refused once more while it is open, it is told.
    world.store.set_role(&sri, &feed(OTHER_FEED), None, 3).unwrap();
    assert_eq!(silent.bye().await, ByeCode::Restarting);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_frame_is_answered_and_ignored() {
    let world = World::start().await;
    let mut socket = world.greeted(&world.sign_in("sri")).await;
    socket.send(FromClient::Unknown(Some(5))).await;
    let FromRelay::Nack(nack) = socket.next().await else { panic!("no nack") };
    assert_eq!((nack.id, nack.code), (Some(5), NackCode::UnknownFrame));
    socket.send(FromClient::Ping(Ping { id: 1 })).await;
    assert!(matches!(socket.next().await, FromRelay::Pong(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_text_and_a_missing_hello_end_the_connection_with_bye() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let cases = [
        ("garbage", Message::Binary(vec![0xff; 40].into())),
        ("a cut frame", Message::Binary(FromClient::Hello(hello(sri.device)).encode()[..9].to_vec().into())),
        ("no map", Message::Binary(vec![0x83, 1, 2, 3].into())),
        ("nothing", Message::Binary(Vec::new().into())),
        ("text", Message::Text("hello".into())),
        ("a ping before hello", Message::Binary(FromClient::Ping(Ping { id: 1 }).encode().into())),
    ];
    for (name, message) in cases {
        let mut socket = world.connect(&sri).await;
        socket.send_message(message).await;
        assert_eq!(socket.bye().await, ByeCode::Protocol, "{name}");
    }
    const { assert!(HELLO_WITHIN_MS >= 1000, "the frames above come well within the time for a hello") };
}

#[tokio::test(flavor = "multi_thread")]
async fn frame_over_the_limit_is_answered_with_bye() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let mut socket = world.connect(&sri).await;
    socket.send_message(Message::Binary(vec![0; limits::FRAME_BYTES + 1].into())).await;
    assert_eq!(socket.bye().await, ByeCode::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn frame_far_over_the_limit_is_answered_with_bye() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let mut socket = world.connect(&sri).await;
    // Only what the socket takes of it: the relay stops reading at the claimed length.
    socket.send_message(Message::Binary(vec![0; limits::FRAME_BYTES + (128 << 10)].into())).await;
    assert_eq!(socket.bye().await, ByeCode::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_of_another_subprotocol_is_told_so() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let bearer = format!("Bearer {}", sri.token);
    let mut socket = world.open_socket(&[("authorization", &bearer)], None).await.unwrap();
    assert_eq!(socket.bye().await, ByeCode::Protocol);
}

#[tokio::test(flavor = "multi_thread")]
async fn database_of_another_device_gets_a_welcome_and_nothing_more() {
    let world = World::start().await;
    let (sri, budi) = (world.sign_in("sri"), world.sign_in("budi"));
    let mut of_sri = world.greeted(&sri).await;
    let (doc, change) = world.new_report(sri.device, "Laporan");
    of_sri.send(push(1, doc, change)).await;
    assert!(matches!(of_sri.next().await, FromRelay::Ack(_) | FromRelay::Batch(_)));
    let mut socket = world.connect(&budi).await;
    socket.send(FromClient::Hello(hello(sri.device))).await;
    let FromRelay::Welcome(welcome) = socket.next().await else { panic!("no welcome") };
    assert_eq!((welcome.user.as_str(), welcome.device), ("budi", budi.device));
    socket.send(FromClient::Ping(Ping { id: 1 })).await;
    assert!(matches!(socket.next().await, FromRelay::Pong(_)), "no batch comes before the pong");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_connection_of_a_device_replaces_the_first() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let mut first = world.greeted(&sri).await;
    let _second = world.greeted(&sri).await;
    assert_eq!(first.bye().await, ByeCode::Replaced);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_and_revoking_end_the_connection() {
    let world = World::start().await;
    let sri = world.sign_in("sri");
    let bearer = format!("Bearer {}", sri.token);
    let mut socket = world.greeted(&sri).await;
    assert_eq!(world.send("DELETE", "/api/v1/session", &[("authorization", &bearer)], &[]).status, 204);
    assert_eq!(socket.bye().await, ByeCode::SessionEnded);

    let (lost, kept) = (world.sign_in("sri"), world.sign_in("sri"));
    let mut socket = world.greeted(&lost).await;
    let bearer = format!("Bearer {}", kept.token);
    let path = format!("/api/v1/devices/{}", lost.device);
    assert_eq!(world.send("DELETE", &path, &[("authorization", &bearer)], &[]).status, 204);
    assert_eq!(socket.bye().await, ByeCode::DeviceRevoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_relay_says_goodbye_and_keeps_what_it_acked() {
    let mut world = World::start().await;
    let sri = world.sign_in("sri");
    let mut socket = world.greeted(&sri).await;
    for number in 1..=20 {
        let (doc, change) = world.new_report(sri.device, "Laporan");
        socket.send(push(number, doc, change)).await;
    }
    let mut acked = 0;
    while acked < 5 {
        acked += u64::from(matches!(socket.next().await, FromRelay::Ack(_)));
    }
    let (_, code) = tokio::join!(world.stop(), async {
        loop {
            match socket.next().await {
                FromRelay::Ack(_) => acked += 1,
                FromRelay::Bye(bye) => return bye.code,
                _ => {}
            }
        }
    });
    assert_eq!(code, ByeCode::Restarting);
    assert!(world.store.head(&feed(FEED)).unwrap() >= acked);
    assert!(tokio::net::TcpStream::connect(world.address).await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_reaches_the_others_of_the_feed_and_no_one_else() {
    let world = World::start().await;
    let (sri, budi, eka) = (world.sign_in("sri"), world.sign_in("budi"), world.sign_in("eka"));
    let (mut of_sri, mut of_budi) = (world.greeted(&sri).await, world.greeted(&budi).await);
    let mut of_eka = world.greeted(&eka).await;
    let (doc, _) = world.new_report(sri.device, "Laporan");
    let state = shared::wire::Bytes::from(vec![1, 2, 3]);
    of_sri.send(FromClient::Presence(shared::wire::ClientPresence { feed: feed(FEED), doc, state })).await;
    let FromRelay::Presence(presence) = of_budi.next().await else { panic!("no presence") };
    assert_eq!((presence.user.as_str(), presence.device), ("sri", sri.device));
    of_eka.send(FromClient::Ping(Ping { id: 1 })).await;
    assert!(matches!(of_eka.next().await, FromRelay::Pong(_)));
}
