//! One example of each frame, and of each form that it takes.

use shared::ids::{ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Receipt, Tag, UserId};
use shared::inclusion::Inclusion;
use shared::model::decision::Event;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::wire::code::{ByeCode, NackCode};
use shared::wire::{
    Ack, Author, Batch, Bye, Bytes, ClientPresence, Cursor, Decide, Decision, Entry, FeedView, Folded,
    FoldedProof, Folding, FromClient, FromRelay, Have, Hello, Nack, NewerEntry, Offer, Ping, Pong, Proof,
    Push, RelayLimits, RelayPresence, RemovedRole, VERSION, Want, Welcome,
};

fn doc() -> DocumentId {
    DocumentId::from_bytes([0xd0; 16])
}

fn device() -> DeviceId {
    DeviceId::from_bytes([0xde; 16])
}

fn feed() -> FeedId {
    "kab-sleman".parse().expect("it is a feed's id")
}

fn user(name: &str) -> UserId {
    name.parse().expect("it is a user's id")
}

fn hash(byte: u8) -> ChangeHash {
    ChangeHash::from_bytes([byte; 32])
}

fn tag() -> Tag {
    Tag::from_bytes([0x7a; 8])
}

fn entry(seq: u64) -> Entry {
    Entry {
        seq,
        doc: doc(),
        kind: Kind::TripReport,
        at: 1_562_716_800_123,
        by: user("ayu"),
        device: device(),
        receipt: Receipt::from_bytes([0x4e; 16]),
        change: None,
        snapshot: None,
        folded: None,
        decision: None,
        removed: false,
        inclusion: None,
    }
}

fn entries() -> Vec<Entry> {
    let decision = Decision {
        decision: DecisionId::from_bytes([0xdc; 16]),
        event: Event::Return,
        heads: vec![hash(1), hash(2)],
        note: Some("Tanggal belum diisi".to_owned()),
        made_at: 1_562_716_700_000,
    };
    vec![
        Entry { change: Some(Bytes::from(vec![1, 2, 3])), ..entry(7) },
        Entry { change: Some(Bytes::from(vec![4])), ..entry(8) },
        Entry { snapshot: Some(Bytes::from(vec![5, 6])), kind: Kind::Agreement, ..entry(9) },
        Entry { decision: Some(decision), ..entry(10) },
        Entry { removed: true, kind: Kind::ActionPlan, ..entry(11) },
    ]
}

/// A snapshot that says what it folds.
fn snapshot() -> Entry {
    let folded = Folded {
        until: Cursor(40, tag()),
        authors: vec![
            Author { by: user("ayu"), device: device() },
            Author { by: user("budi"), device: device() },
        ],
        proofs: vec![
            FoldedProof(1, 1_562_716_800_123, Some(Receipt::from_bytes([0x4f; 16]))),
            FoldedProof(0, 1_562_716_800_456, Some(Receipt::from_bytes([0x50; 16]))),
        ],
        since: None,
        receipt: None,
    };
    Entry { snapshot: Some(Bytes::from(vec![5, 6])), folded: Some(folded), ..entry(9) }
}

/// The same under one receipt.
fn snapshot_under_one_receipt() -> Entry {
    let Entry { folded, .. } = snapshot();
    let folded = folded.map(|folded| Folded {
        proofs: vec![FoldedProof(1, 0, None), FoldedProof(0, 333, None)],
        since: Some(1_562_716_800_123),
        receipt: Some(Receipt::from_bytes([0x51; 16])),
        ..folded
    });
    Entry { folded, ..snapshot() }
}

/// An entry of a snapshot, as it is offered.
fn included() -> Entry {
    let inclusion = Inclusion { index: 1, size: 2, path: Bytes::from(vec![0x99; 32]) };
    Entry { change: Some(Bytes::from(vec![1, 2, 3])), inclusion: Some(inclusion), ..entry(8) }
}

/// What only a newer version says.
fn code<T: shared::code::Coded>(text: &str) -> shared::code::Code<T> {
    shared::code::Code::from_text(text).expect("it is short")
}

/// An entry of a kind that only a newer version knows.
fn newer_entry() -> NewerEntry {
    let of_now = entries().remove(1);
    let mut bytes = shared::cbor::to_bytes(&of_now);
    let known = of_now.kind.as_str();
    let at = bytes.windows(known.len()).position(|part| part == known.as_bytes()).expect("it says its kind");
    bytes[at..at + known.len()].fill(b'x');
    NewerEntry {
        seq: of_now.seq,
        doc: of_now.doc,
        until: None,
        removed: of_now.removed,
        bytes: Bytes::from(bytes),
    }
}

/// Every frame of a client, by name.
pub fn from_client() -> Vec<(&'static str, FromClient)> {
    let decide = Decide {
        id: 2,
        decision: DecisionId::from_bytes([0xdc; 16]),
        feed: feed(),
        doc: doc(),
        event: Event::Submit.into(),
        heads: vec![hash(1)],
        note: None,
        made_at: 1_562_716_700_000,
    };
    vec![
        (
            "hello-first",
            FromClient::Hello(Hello {
                v: VERSION,
                device: device(),
                epoch: None,
                cursors: OrderedMap::new(),
                own: false,
                acked: OrderedMap::new(),
                trail: OrderedMap::new(),
                folding: OrderedMap::new(),
                features: Vec::new(),
            }),
        ),
        (
            "hello-again",
            FromClient::Hello(Hello {
                v: VERSION,
                device: device(),
                epoch: Some(EpochId::from_bytes([0xe0; 16])),
                cursors: OrderedMap::from([(feed(), Cursor(70_000, tag()))]),
                own: true,
                acked: OrderedMap::new(),
                trail: OrderedMap::new(),
                folding: OrderedMap::new(),
                features: Vec::new(),
            }),
        ),
        (
            "hello-parted",
            FromClient::Hello(Hello {
                v: VERSION,
                device: device(),
                epoch: Some(EpochId::from_bytes([0xe0; 16])),
                cursors: OrderedMap::from([(feed(), Cursor(70_000, tag()))]),
                own: false,
                acked: OrderedMap::from([(feed(), Cursor(70_002, tag()))]),
                trail: OrderedMap::from([(feed(), vec![Cursor(69_999, tag()), Cursor(23, tag())])]),
                folding: OrderedMap::new(),
                features: Vec::new(),
            }),
        ),
        (
            "hello-folding",
            FromClient::Hello(Hello {
                v: VERSION,
                device: device(),
                epoch: Some(EpochId::from_bytes([0xe0; 16])),
                cursors: OrderedMap::from([(feed(), Cursor(70_000, tag()))]),
                own: false,
                acked: OrderedMap::new(),
                trail: OrderedMap::new(),
                folding: OrderedMap::from([(feed(), Folding { after: 12, made: 1_562_716_800_123 })]),
                features: Vec::new(),
            }),
        ),
        (
            "push",
            FromClient::Push(Push {
                id: 1,
                feed: feed(),
                doc: doc(),
                kind: Kind::Personal.into(),
                changes: vec![Bytes::from(vec![0x85, 0x6f]), Bytes::from(vec![])],
            }),
        ),
        (
            "push-newer",
            FromClient::Push(Push {
                id: 1,
                feed: feed(),
                doc: doc(),
                kind: code("monitoring"),
                changes: vec![Bytes::from(vec![0x85, 0x6f])],
            }),
        ),
        ("decide-newer", FromClient::Decide(Decide { event: code("countersign"), ..decide.clone() })),
        ("decide", FromClient::Decide(decide.clone())),
        (
            "decide-with-note",
            FromClient::Decide(Decide {
                note: Some("Sudah lengkap".to_owned()),
                event: Event::Approve.into(),
                ..decide
            }),
        ),
        (
            "have",
            FromClient::Have(Have {
                id: 3,
                feed: feed(),
                docs: OrderedMap::from([(doc(), vec![hash(1), hash(2)])]),
                more: true,
            }),
        ),
        ("offer", FromClient::Offer(Offer { id: 4, feed: feed(), entries: entries(), newer: vec![] })),
        (
            "offer-included",
            FromClient::Offer(Offer { id: 5, feed: feed(), entries: vec![included()], newer: vec![] }),
        ),
        (
            "presence",
            FromClient::Presence(ClientPresence { feed: feed(), doc: doc(), state: Bytes::from(vec![9, 8]) }),
        ),
        ("ping", FromClient::Ping(Ping { id: u64::MAX })),
    ]
}

/// Every frame of a relay, by name.
pub fn from_relay() -> Vec<(&'static str, FromRelay)> {
    let view = FeedView {
        feed: feed(),
        name: "Kabupaten Sleman".to_owned(),
        role: Role::Writer.into(),
        head: 70_001,
        view: 1,
        base: None,
        folding: None,
        settings: None,
    };
    let national = FeedView {
        feed: "nasional".parse().expect("it is a feed's id"),
        name: "Nasional".to_owned(),
        role: Role::Reader.into(),
        head: 12,
        view: 3,
        base: Some(Cursor(11, tag())),
        folding: None,
        settings: Some(1_562_716_800_124),
    };
    let nack = Nack {
        id: None,
        code: NackCode::UnknownFrame,
        message: "x".to_owned(),
        hashes: None,
        retry_ms: None,
    };
    vec![
        (
            "welcome",
            FromRelay::Welcome(Welcome {
                v: VERSION,
                epoch: EpochId::from_bytes([0xe0; 16]),
                user: user("ayu"),
                device: device(),
                feeds: vec![view.clone(), national],
                removed_roles: vec![RemovedRole { feed: feed(), view: 1_562_716_800_125 }],
                limits: RelayLimits::default(),
                now: 1_562_716_800_123,
                features: Vec::new(),
            }),
        ),
        (
            "welcome-newer",
            FromRelay::Welcome(Welcome {
                v: VERSION,
                epoch: EpochId::from_bytes([0xe0; 16]),
                user: user("ayu"),
                device: device(),
                feeds: vec![FeedView { role: code("inspector"), ..view.clone() }],
                removed_roles: Vec::new(),
                limits: RelayLimits::default(),
                now: 1_562_716_800_123,
                features: vec![code("carrier-pigeons")],
            }),
        ),
        (
            "welcome-folding",
            FromRelay::Welcome(Welcome {
                v: VERSION,
                epoch: EpochId::from_bytes([0xe0; 16]),
                user: user("ayu"),
                device: device(),
                feeds: vec![FeedView {
                    folding: Some(Folding { after: 12, made: 1_562_716_800_123 }),
                    ..view
                }],
                removed_roles: Vec::new(),
                limits: RelayLimits::default(),
                now: 1_562_716_800_123,
                features: Vec::new(),
            }),
        ),
        (
            "batch-snapshot",
            FromRelay::Batch(Batch {
                feed: feed(),
                from: 6,
                to: 40,
                tag: tag(),
                entries: vec![snapshot()],
                newer: vec![],
            }),
        ),
        (
            "batch-snapshot-under-one-receipt",
            FromRelay::Batch(Batch {
                feed: feed(),
                from: 6,
                to: 40,
                tag: tag(),
                entries: vec![snapshot_under_one_receipt()],
                newer: vec![],
            }),
        ),
        (
            "batch",
            FromRelay::Batch(Batch {
                feed: feed(),
                from: 6,
                to: 12,
                tag: tag(),
                entries: entries(),
                newer: vec![],
            }),
        ),
        (
            "batch-with-what-is-newer",
            FromRelay::Batch(Batch {
                feed: feed(),
                from: 6,
                to: 12,
                tag: tag(),
                entries: entries().into_iter().take(1).collect(),
                newer: vec![newer_entry()],
            }),
        ),
        (
            "batch-empty",
            FromRelay::Batch(Batch {
                feed: feed(),
                from: 0,
                to: 0,
                tag: Tag::START,
                entries: vec![],
                newer: vec![],
            }),
        ),
        ("ack", FromRelay::Ack(Ack { id: 1, feed: feed(), seq: 70_002, tag: None, proofs: vec![] })),
        (
            "ack-with-proofs",
            FromRelay::Ack(Ack {
                id: 1,
                feed: feed(),
                seq: 70_002,
                tag: Some(tag()),
                proofs: vec![Some(Proof(1_562_716_800_123, Receipt::from_bytes([0x4e; 16]))), None],
            }),
        ),
        ("nack", FromRelay::Nack(nack.clone())),
        (
            "nack-with-all",
            FromRelay::Nack(Nack {
                id: Some(1),
                code: NackCode::MissingDependencies,
                message: "2 changes are not there".to_owned(),
                hashes: Some(vec![hash(1), hash(2)]),
                retry_ms: None,
            }),
        ),
        (
            "nack-unproven",
            FromRelay::Nack(Nack {
                id: Some(4),
                code: NackCode::Unproven,
                hashes: Some(vec![hash(1)]),
                ..nack.clone()
            }),
        ),
        (
            "nack-taken-over",
            FromRelay::Nack(Nack {
                id: Some(5),
                code: NackCode::TakenOver,
                hashes: Some(vec![hash(1), hash(2)]),
                ..nack.clone()
            }),
        ),
        (
            "nack-original-stored",
            FromRelay::Nack(Nack {
                id: Some(6),
                code: NackCode::OriginalStored,
                hashes: Some(vec![hash(1), hash(2)]),
                ..nack.clone()
            }),
        ),
        (
            "nack-busy",
            FromRelay::Nack(Nack { id: Some(2), code: NackCode::Busy, retry_ms: Some(250), ..nack }),
        ),
        ("want", FromRelay::Want(Want { id: 3, hashes: OrderedMap::from([(doc(), vec![hash(2)])]) })),
        (
            "presence",
            FromRelay::Presence(RelayPresence {
                feed: feed(),
                doc: doc(),
                user: user("budi"),
                device: device(),
                state: Bytes::from(vec![9, 8]),
            }),
        ),
        ("pong", FromRelay::Pong(Pong { id: 5, now: 1_562_716_800_123 })),
        (
            "bye",
            FromRelay::Bye(Bye {
                code: ByeCode::SessionEnded,
                message: "sign in again".to_owned(),
                retry_ms: None,
            }),
        ),
        (
            "bye-restarting",
            FromRelay::Bye(Bye {
                code: ByeCode::Restarting,
                message: "back soon".to_owned(),
                retry_ms: Some(1500),
            }),
        ),
    ]
}
