//! The machine of a connection: hello, reading on, slow readers, limits.
#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

use shared::code::Code;
use shared::ids::{ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Receipt, Tag, UserId};
use shared::model::document::Document;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::sync::relay::connection::{
    Connection, Effect, HELLO_WITHIN_MS, Input, PASSING_WITHIN_MS, Session, Ticket,
};
use shared::sync::relay::entry::{Page, Place, Stored};
use shared::sync::relay::held_back::busy;
use shared::sync::relay::standing::{FeedStanding, Greeting};
use shared::wire::code::{ByeCode, NackCode};
use shared::wire::{
    Bytes, ClientPresence, Cursor, Decide, Entry, Folding, Frame, FromClient, FromRelay, Hello, Nack, Ping,
    Proof, Push, RelayLimits, RelayPresence, VERSION, Welcome, limits,
};

const NOW: u64 = 1_700_000_000_000;

fn device(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 16])
}

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

fn tag(n: u64) -> Tag {
    Tag::from_bytes(n.to_be_bytes())
}

fn epoch() -> EpochId {
    EpochId::from_bytes([1; 16])
}

fn hello() -> Hello {
    Hello {
        v: VERSION,
        device: device(1),
        epoch: Some(epoch()),
        cursors: OrderedMap::new(),
        own: false,
        acked: OrderedMap::new(),
        trail: OrderedMap::new(),
        folding: OrderedMap::new(),
        features: Vec::new(),
    }
}

fn standing(head: u64) -> FeedStanding {
    FeedStanding {
        feed: feed(),
        name: "Kota".to_owned(),
        role: Role::Writer,
        head,
        view: 1,
        matching: Vec::new(),
        shared: Cursor(head, tag(head)),
        last_snapshot: 0,
        settings: 0,
    }
}

fn greeting(head: u64) -> Greeting {
    Greeting { epoch: epoch(), feeds: vec![standing(head)], removed_roles: Vec::new(), newest_snapshot: 0 }
}

fn entry(seq: u64) -> Entry {
    Entry {
        seq,
        doc: DocumentId::from_bytes([5; 16]),
        kind: Kind::TripReport,
        at: NOW,
        by: "budi".parse().unwrap(),
        device: device(2),
        receipt: Receipt::from_bytes([0; 16]),
        change: Some(Bytes::from(vec![1, 2, 3])),
        snapshot: None,
        folded: None,
        decision: None,
        removed: false,
        inclusion: None,
    }
}

fn page(to: u64, entries: Vec<Entry>) -> Input {
    Input::Read(feed(), Page { to, tag: tag(to), entries })
}

struct World {
    connection: Connection,
    now: u64,
}

impl World {
    fn silent() -> Self {
        let session = Session {
            id: None,
            user: "ani".parse().unwrap(),
            device: device(1),
            expires_at: NOW + 86_400_000,
        };
        Self { connection: Connection::new(NOW, session, RelayLimits::default()), now: NOW }
    }

    /// A connection that was welcomed to a feed with this head.
    fn welcomed(head: u64) -> Self {
        let mut world = Self::silent();
        let effects = world.frame(FromClient::Hello(hello()));
        assert!(matches!(effects.as_slice(), [Effect::Greet(_)]));
        let effects = world.input(Input::Greeted(greeting(head)));
        assert!(matches!(effects[0], Effect::Send(FromRelay::Welcome(_))));
        assert_eq!(effects.len(), if head > 0 { 2 } else { 1 });
        world
    }

    fn input(&mut self, input: Input) -> Vec<Effect> {
        self.connection.handle(self.now, input);
        std::iter::from_fn(|| self.connection.poll_effect()).collect()
    }

    fn frame(&mut self, frame: FromClient) -> Vec<Effect> {
        self.input(Input::Frame(frame.encode()))
    }

    fn push(&mut self, id: u64) -> Vec<Effect> {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&id.to_be_bytes());
        let doc = DocumentId::from_bytes(bytes);
        let mut document = Document::create(doc, Kind::TripReport, shared::ids::ActorId::new(device(1), 0));
        let change = document.commit(NOW).unwrap();
        let changes = vec![Bytes::from(change.bytes)];
        self.frame(FromClient::Push(Push { id, feed: feed(), doc, kind: Kind::TripReport.into(), changes }))
    }
}

fn bye(effects: &[Effect]) -> ByeCode {
    match effects {
        [Effect::Send(FromRelay::Bye(bye)), Effect::Close] => bye.code,
        other => panic!("no bye: {other:?}"),
    }
}

fn nack(effects: &[Effect]) -> Nack {
    match effects {
        [Effect::Send(FromRelay::Nack(nack))] => nack.clone(),
        other => panic!("no nack: {other:?}"),
    }
}

fn reads_after(effects: &[Effect]) -> Vec<u64> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Read { after, .. } => Some(*after),
            _ => None,
        })
        .collect()
}

fn batches(effects: &[Effect]) -> Vec<(u64, u64, usize)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(FromRelay::Batch(batch)) => Some((batch.from, batch.to, batch.entries.len())),
            _ => None,
        })
        .collect()
}

#[test]
fn client_that_says_nothing_is_sent_away() {
    let mut world = World::silent();
    assert_eq!(world.connection.next_wakeup(), Some(NOW + HELLO_WITHIN_MS));
    world.now += HELLO_WITHIN_MS;
    assert_eq!(bye(&world.input(Input::Tick)), ByeCode::Protocol);
    assert_eq!(world.connection.next_wakeup(), None);
    assert!(world.frame(FromClient::Ping(Ping { id: 1 })).is_empty(), "nothing happens after the end");
}

#[test]
fn frames_that_break_the_protocol_end_the_connection() {
    let cases = [
        ("no hello first", FromClient::Ping(Ping { id: 1 }).encode(), ByeCode::Protocol),
        ("no CBOR", vec![0xff; 10], ByeCode::Protocol),
        ("over the limit", vec![0; limits::FRAME_BYTES + 1], ByeCode::TooLarge),
        ("another version", FromClient::Hello(Hello { v: 2, ..hello() }).encode(), ByeCode::Version),
    ];
    for (name, bytes, code) in cases {
        assert_eq!(bye(&World::silent().input(Input::Frame(bytes))), code, "{name}");
    }
    assert_eq!(bye(&World::welcomed(0).frame(FromClient::Hello(hello()))), ByeCode::Protocol);
}

#[test]
fn database_of_another_device_is_told_so_and_gets_nothing() {
    let mut world = World::silent();
    world.frame(FromClient::Hello(Hello { device: device(9), ..hello() }));
    let effects = world.input(Input::Greeted(greeting(5)));
    let [Effect::Send(FromRelay::Welcome(Welcome { device: named, .. }))] = effects.as_slice() else {
        panic!("only a welcome: {effects:?}")
    };
    assert_eq!(*named, device(1));
    assert!(world.push(1).is_empty());
    assert!(world.input(Input::Woken(feed(), 9)).is_empty());
}

#[test]
fn slow_reader_is_read_for_only_when_its_socket_is_ready() {
    let mut world = World::welcomed(10);
    let effects = world.input(page(4, vec![entry(1), entry(4)]));
    assert_eq!((batches(&effects), reads_after(&effects)), (vec![(0, 4, 2)], vec![]));
    for head in 11..100 {
        assert!(world.input(Input::Woken(feed(), head)).is_empty(), "nothing is queued");
    }
    assert_eq!(reads_after(&world.input(Input::SocketReady)), [4]);
    let effects = world.input(page(99, vec![entry(99)]));
    assert_eq!(batches(&effects), [(4, 99, 1)]);
    assert!(world.input(Input::SocketReady).is_empty(), "it stands at the head");
}

#[test]
fn presence_is_dropped_while_the_socket_is_not_ready() {
    let mut world = World::welcomed(1);
    let presence = |n| {
        Input::Presence(RelayPresence {
            feed: feed(),
            doc: DocumentId::from_bytes([5; 16]),
            user: "budi".parse::<UserId>().unwrap(),
            device: device(n),
            state: Bytes::from(vec![1]),
        })
    };
    assert_eq!(world.input(presence(2)).len(), 1);
    assert!(world.input(presence(1)).is_empty(), "its own is not sent back");
    world.input(page(1, vec![entry(1)]));
    assert!(world.input(presence(2)).is_empty());
}

#[test]
fn device_that_catches_up_hears_that_it_has_even_where_all_is_its_own() {
    let mut world = World::welcomed(10);
    let effects = world.input(page(6, vec![]));
    assert_eq!((batches(&effects), reads_after(&effects)), (vec![], vec![6]));
    assert_eq!(batches(&world.input(page(10, vec![]))), [(0, 10, 0)]);
}

#[test]
fn own_entries_are_passed_over_silently_for_a_while() {
    let mut world = World::welcomed(0);
    assert_eq!(reads_after(&world.input(Input::Woken(feed(), 3))), [0]);
    assert!(world.input(page(3, vec![])).is_empty());
    assert_eq!(world.connection.next_wakeup(), Some(NOW + PASSING_WITHIN_MS));
    world.input(Input::Woken(feed(), 4));
    assert_eq!(batches(&world.input(page(4, vec![entry(4)]))), [(0, 4, 1)], "from where the client stands");
    world.input(Input::SocketReady);
    world.input(Input::Woken(feed(), 5));
    world.input(page(5, vec![]));
    world.now += PASSING_WITHIN_MS;
    assert_eq!(batches(&world.input(Input::Tick)), [(4, 5, 0)]);
}

#[test]
fn answer_carries_the_clients_id_and_comes_once() {
    let mut world = World::welcomed(0);
    let effects = world.push(41);
    let [Effect::Submit(ticket, _)] = effects.as_slice() else { panic!("{effects:?}") };
    let proofs = vec![Some(Proof(5, Receipt::from_bytes([3; 16])))];
    let stored = Stored { place: Place { feed: feed(), seq: 7 }, tag: Some(tag(7)), proofs: proofs.clone() };
    let effects = world.input(Input::Answered(*ticket, Ok(stored.clone())));
    let [Effect::Send(FromRelay::Ack(ack))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((ack.id, ack.seq), (41, 7));
    assert!(world.input(Input::Answered(*ticket, Ok(stored))).is_empty());
}

#[test]
fn more_pushes_than_may_be_unanswered_are_busy() {
    let mut world = World::welcomed(0);
    let limit = u64::from(RelayLimits::default().unacked_pushes);
    for id in 0..limit {
        assert!(matches!(world.push(id).as_slice(), [Effect::Submit(..)]));
    }
    let refused = nack(&world.push(limit));
    assert_eq!((refused.id, refused.code), (Some(limit), NackCode::Busy));
    assert!(refused.retry_ms.is_some());
    world.input(Input::Answered(Ticket(0), Err(busy())));
    assert!(matches!(world.push(limit + 1).as_slice(), [Effect::Submit(..)]));
}

#[test]
fn kind_and_event_of_a_newer_client_are_unknown_and_nothing_ends() {
    let mut world = World::welcomed(0);
    let push = Push {
        id: 3,
        feed: feed(),
        doc: DocumentId::from_bytes([1; 16]),
        kind: Code::from_text("monitoring").unwrap(),
        changes: vec![Bytes::from(vec![9; 40])],
    };
    let refused = nack(&world.frame(FromClient::Push(push)));
    assert_eq!((refused.id, refused.code), (Some(3), NackCode::UnknownKind));
    let decide = Decide {
        id: 4,
        decision: DecisionId::from_bytes([1; 16]),
        feed: feed(),
        doc: DocumentId::from_bytes([1; 16]),
        event: Code::from_text("countersign").unwrap(),
        heads: Vec::new(),
        note: None,
        made_at: 1,
    };
    let refused = nack(&world.frame(FromClient::Decide(decide)));
    assert_eq!((refused.id, refused.code), (Some(4), NackCode::UnknownKind));
}

#[test]
fn push_of_what_is_no_change_is_refused_without_the_writer() {
    let mut world = World::welcomed(0);
    let push = |changes| Push {
        id: 3,
        feed: feed(),
        doc: DocumentId::from_bytes([1; 16]),
        kind: Kind::TripReport.into(),
        changes,
    };
    let rubbish = nack(&world.frame(FromClient::Push(push(vec![Bytes::from(vec![9; 40])]))));
    assert_eq!((rubbish.id, rubbish.code), (Some(3), NackCode::BadChange));
    let empty = nack(&world.frame(FromClient::Push(push(vec![]))));
    assert_eq!(empty.code, NackCode::BadChange);
    let many = vec![Bytes::from(vec![9]); limits::PUSH_CHANGES + 1];
    assert_eq!(nack(&world.frame(FromClient::Push(push(many)))).code, NackCode::TooLarge);
}

#[test]
fn unknown_frame_is_answered_and_ignored() {
    let mut world = World::welcomed(0);
    let refused = nack(&world.frame(FromClient::Unknown(Some(8))));
    assert_eq!((refused.id, refused.code), (Some(8), NackCode::UnknownFrame));
}

#[test]
fn others_hear_once_that_a_connection_is_gone_in_each_document_where_its_person_was() {
    let mut world = World::welcomed(0);
    for n in [5, 6, 5] {
        let doc = DocumentId::from_bytes([n; 16]);
        let state = vec![1].into();
        world.frame(FromClient::Presence(ClientPresence { feed: "kota".parse().unwrap(), doc, state }));
    }
    let gone = world.connection.depart();
    let told: Vec<_> =
        gone.iter().map(|presence| (presence.doc.as_bytes()[0], presence.state.len())).collect();
    assert_eq!(told, [(5, 0), (6, 0)]);
    assert!(gone.iter().all(|presence| presence.user.as_str() == "ani" && presence.device == device(1)));
    assert!(world.connection.depart().is_empty());
}

#[test]
fn presence_is_forwarded_with_its_sender_and_not_too_often() {
    let mut world = World::welcomed(0);
    let presence = |feed: &str, bytes| {
        let doc = DocumentId::from_bytes([5; 16]);
        FromClient::Presence(ClientPresence {
            feed: feed.parse().unwrap(),
            doc,
            state: vec![1; bytes].into(),
        })
    };
    let effects = world.frame(presence("kota", 5));
    let [Effect::Forward(forwarded)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((forwarded.user.as_str(), forwarded.device), ("ani", device(1)));
    assert!(world.frame(presence("desa", 5)).is_empty(), "a feed that the person may not read");
    let over = nack(&world.frame(presence("kota", limits::PRESENCE_BYTES + 1)));
    assert_eq!(over.code, NackCode::TooLarge);
    let forwarded = (0..50).map(|_| world.frame(presence("kota", 5)).len()).sum::<usize>();
    assert_eq!(forwarded, RelayLimits::default().presence_per_second as usize - 2);
    world.now += 1_000;
    assert_eq!(world.frame(presence("kota", 5)).len(), 1);
}

#[test]
fn session_that_ends_ends_the_connection() {
    let mut world = World::welcomed(0);
    world.now = NOW + 86_400_000;
    assert_eq!(world.connection.next_wakeup(), Some(world.now));
    assert_eq!(bye(&world.input(Input::Tick)), ByeCode::SessionEnded);
}

#[test]
fn have_is_asked_of_the_store_and_answered_by_want() {
    let mut world = World::welcomed(0);
    let docs: OrderedMap<_, _> =
        [(DocumentId::from_bytes([5; 16]), vec![ChangeHash::from_bytes([1; 32])])].into();
    let have = |feed: &str| {
        let docs = docs.clone();
        FromClient::Have(shared::wire::Have { id: 6, feed: feed.parse().unwrap(), docs, more: false })
    };
    assert!(matches!(world.frame(have("kota")).as_slice(), [Effect::FindMissing { id: 6, .. }]));
    assert_eq!(nack(&world.frame(have("desa"))).code, NackCode::UnknownDocument);
    let effects = world.input(Input::Missing(6, docs.clone()));
    let [Effect::Send(FromRelay::Want(want))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((want.id, &want.hashes), (6, &docs));
}

#[test]
fn what_is_said_before_the_welcome_waits_for_the_rights() {
    let mut world = World::silent();
    world.frame(FromClient::Hello(hello()));
    let have = |id, feed: &str| {
        let docs = OrderedMap::new();
        FromClient::Have(shared::wire::Have { id, feed: feed.parse().unwrap(), docs, more: false })
    };
    assert!(world.frame(have(1, "desa")).is_empty());
    assert!(world.frame(have(2, "kota")).is_empty());
    assert!(world.push(3).is_empty());
    assert_eq!(world.frame(FromClient::Ping(Ping { id: 4 })).len(), 1, "a sign of life needs no right");
    let effects = world.input(Input::Greeted(greeting(0)));
    let [Effect::Send(FromRelay::Welcome(_)), refused, asked, pushed] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let refused = nack(std::slice::from_ref(refused));
    assert_eq!((refused.id, refused.code), (Some(1), NackCode::UnknownDocument));
    assert!(matches!(asked, Effect::FindMissing { id: 2, .. }));
    assert!(matches!(pushed, Effect::Submit(..)));
}

#[test]
fn more_than_is_held_before_the_welcome_ends_the_connection() {
    let long = |id| {
        let note = Some("x".repeat(limits::FRAME_BYTES / 2));
        let decide = shared::wire::Decide {
            id,
            decision: shared::ids::DecisionId::from_bytes([1; 16]),
            feed: feed(),
            doc: DocumentId::from_bytes([1; 16]),
            event: shared::model::decision::Event::Submit.into(),
            heads: Vec::new(),
            note,
            made_at: NOW,
        };
        FromClient::Decide(decide)
    };
    let mut world = World::silent();
    world.frame(FromClient::Hello(hello()));
    assert!(world.frame(long(1)).is_empty());
    assert_eq!(bye(&world.frame(long(2))), ByeCode::Protocol);
    let mut world = World::silent();
    world.frame(FromClient::Hello(hello()));
    for id in 0..32 {
        assert!(world.push(id).is_empty());
    }
    assert_eq!(bye(&world.push(32)), ByeCode::Protocol);
}

#[test]
fn what_is_stored_while_the_store_is_asked_how_the_feeds_stand_is_read_after_the_welcome() {
    let mut world = World::silent();
    world.frame(FromClient::Hello(hello()));
    assert!(reads_after(&world.input(Input::Woken(feed(), 7))).is_empty());
    let effects = world.input(Input::Greeted(greeting(0)));
    assert_eq!(reads_after(&effects), [0]);
}

#[test]
fn who_lacks_much_is_read_for_with_snapshots_until_the_head_of_the_welcome() {
    let mut world = World::silent();
    world.frame(FromClient::Hello(hello()));
    let feeds = vec![FeedStanding { last_snapshot: 5, ..standing(20) }];
    let effects = world.input(Input::Greeted(Greeting {
        epoch: epoch(),
        feeds,
        removed_roles: Vec::new(),
        newest_snapshot: 77,
    }));
    let folding = Folding { after: 0, made: 77 };
    let Effect::Send(FromRelay::Welcome(welcome)) = &effects[0] else { panic!("{effects:?}") };
    assert_eq!(welcome.feeds[0].folding, Some(folding));
    assert_eq!(foldings(&effects), [Some(folding)]);
    world.input(Input::Woken(feed(), 25));
    world.input(page(12, vec![entry(12)]));
    assert_eq!(foldings(&world.input(Input::SocketReady)), [Some(folding)]);
    // A stretch of which nothing is sent, because a snapshot holds it, is followed by the next at once.
    assert_eq!(foldings(&world.input(page(20, Vec::new()))), []);
    assert_eq!(foldings(&world.input(Input::SocketReady)), [None], "what came since is in memory");
}

#[test]
fn device_that_goes_on_reading_names_how_it_began_and_one_that_heals_gets_the_entries() {
    const DAY_MS: u64 = 86_400_000;
    let at_7 = Cursor(7, tag(7));
    let begun = Folding { after: 3, made: NOW - 6 * DAY_MS };
    let too_long_ago = Folding { after: 3, made: NOW - 8 * DAY_MS };
    let anew = Folding { after: 7, made: NOW };
    for (name, begun, matching, expected) in [
        ("it matches", begun, vec![at_7], Some(begun)),
        ("it takes too long", too_long_ago, vec![at_7], Some(anew)),
        ("it is sent back", begun, Vec::new(), None),
    ] {
        let mut world = World::silent();
        let cursors = [(feed(), at_7)].into();
        world.frame(FromClient::Hello(Hello { cursors, folding: [(feed(), begun)].into(), ..hello() }));
        let feeds = vec![FeedStanding { matching, last_snapshot: 20, ..standing(30) }];
        let effects = world.input(Input::Greeted(Greeting {
            epoch: epoch(),
            feeds,
            removed_roles: Vec::new(),
            newest_snapshot: NOW,
        }));
        assert_eq!(foldings(&effects), [expected], "{name}");
    }
}

fn foldings(effects: &[Effect]) -> Vec<Option<Folding>> {
    let folding = |effect: &Effect| match effect {
        Effect::Read { folding, .. } => Some(*folding),
        _ => None,
    };
    effects.iter().filter_map(folding).collect()
}
