//! The limits of the protocol that are asked on the relay beside the change check: what lies at one is taken, and
//! what lies above it gets a clear answer.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use shared::ids::{ActorId, ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, UserId};
use shared::model::decision::{Course, Event};
use shared::model::document::Document;
use shared::model::kind::Kind;
use shared::role::Role;
use shared::sync::relay::connection::{Connection, Effect, Input, Session};
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::facts::{DeviceFacts, DocumentFacts, Facts, FeedFacts};
use shared::sync::relay::standing::Greeting;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict, decide};
use shared::wire::code::NackCode;
use shared::wire::{Bytes, Decide, Frame, FromClient, FromRelay, Have, Hello, Push, RelayLimits, limits};

const NOW: u64 = 1_700_000_000_000;
const DEVICE: DeviceId = DeviceId::from_bytes([1; 16]);
const DOC: DocumentId = DocumentId::from_bytes([5; 16]);

fn ani() -> UserId {
    "ani".parse().unwrap()
}

fn feed() -> FeedId {
    "kota".parse().unwrap()
}

fn push(changes: Vec<Bytes>) -> Push {
    Push { id: 1, feed: feed(), doc: DOC, kind: Kind::TripReport.into(), changes }
}

fn code(verdict: &Verdict) -> Option<NackCode> {
    verdict.answer().err().map(|nack| nack.code)
}

/// What becomes of the first change of a device in a document and a feed of so many bytes.
fn pushed_to(document_bytes: u64, feed_bytes: u64, limits: RelayLimits) -> (u64, Option<NackCode>) {
    let mut document = Document::create(DOC, Kind::TripReport, ActorId::new(DEVICE, 0));
    let change = document.commit(NOW).unwrap().bytes;
    let size_bytes = change.len() as u64;
    let mut facts = Facts::default();
    facts.roles.entry(ani()).or_default().insert(feed(), Role::Writer);
    facts.devices.insert(DEVICE, DeviceFacts { owner: ani(), is_revoked: false });
    facts.documents.insert(
        DOC,
        DocumentFacts {
            kind: Kind::TripReport,
            home: feed(),
            feeds: [feed()].into(),
            course: Course::default(),
            bytes: document_bytes - size_bytes,
        },
    );
    let bytes = feed_bytes - size_bytes;
    facts.feeds.insert(feed(), FeedFacts { documents: 1, bytes, ..FeedFacts::default() });
    let submission = Submission::push(ani(), DEVICE, NOW, push(vec![change.into()])).unwrap();
    let rules = Rules::new(ReceiptKey::new([7; 32]), limits);
    (size_bytes, code(&decide(&mut facts, &submission, &rules)))
}

#[test]
fn document_and_feed_grow_to_their_limit_and_not_by_a_byte_more() {
    let relay = RelayLimits { feed_bytes: 100 << 20, ..RelayLimits::default() };
    let pushed = |document, feed| pushed_to(document, feed, relay).1;
    assert_eq!(pushed(limits::DOCUMENT_BYTES, 100 << 20), None);
    assert_eq!(pushed(limits::DOCUMENT_BYTES + 1, 100 << 20), Some(NackCode::TooLarge));
    assert_eq!(pushed(limits::DOCUMENT_BYTES, (100 << 20) + 1), Some(NackCode::Quota));
}

#[test]
fn decision_names_as_many_heads_and_says_as_much_as_it_may() {
    let decided = |heads: usize, note: usize| {
        let decide = Decide {
            id: 1,
            decision: DecisionId::from_bytes([1; 16]),
            feed: feed(),
            doc: DOC,
            event: Event::Submit.into(),
            heads: vec![ChangeHash::from_bytes([1; 32]); heads],
            note: Some("a".repeat(note)),
            made_at: NOW,
        };
        Submission::decide(ani(), DEVICE, NOW, decide).err().map(|nack| (nack.id, nack.code))
    };
    assert_eq!(decided(limits::HEADS, limits::NOTE_BYTES), None);
    assert_eq!(decided(limits::HEADS + 1, 0), Some((Some(1), NackCode::TooLarge)));
    assert_eq!(decided(1, limits::NOTE_BYTES + 1), Some((Some(1), NackCode::TooLarge)));
}

#[test]
fn push_over_its_bytes_is_too_large_before_a_change_is_looked_at() {
    let pushed = |sizes: &[usize]| {
        let changes = sizes.iter().map(|size| Bytes::from(vec![9; *size])).collect();
        Submission::push(ani(), DEVICE, NOW, push(changes)).unwrap_err().code
    };
    let half = limits::PUSH_BYTES / 2;
    assert_eq!(pushed(&[half, half]), NackCode::BadChange, "within the limit it is looked at");
    assert_eq!(pushed(&[half, half + 1]), NackCode::TooLarge);
}

#[test]
fn have_names_as_many_hashes_as_it_may() {
    let session = Session { id: None, user: ani(), device: DEVICE, expires_at: NOW + 86_400_000 };
    let mut connection = Connection::new(NOW, session, RelayLimits::default());
    let mut told = |input: Input| {
        connection.handle(NOW, input);
        std::iter::from_fn(|| connection.poll_effect()).collect::<Vec<_>>()
    };
    let hello = Hello::bare(DEVICE);
    told(Input::Frame(FromClient::Hello(hello).encode()));
    let standing = shared::sync::relay::standing::FeedStanding {
        feed: feed(),
        name: "Kota".to_owned(),
        role: Role::Writer,
        head: 0,
        view: 1,
        matching: Vec::new(),
        shared: shared::wire::Cursor::START,
        last_snapshot: 0,
        settings: 0,
    };
    told(Input::Greeted(Greeting {
        epoch: EpochId::from_bytes([1; 16]),
        feeds: vec![standing],
        removed_roles: Vec::new(),
        newest_snapshot: 0,
    }));
    let mut named = |count: usize| {
        let docs = [(DOC, vec![ChangeHash::from_bytes([1; 32]); count])].into();
        told(Input::Frame(FromClient::Have(Have { id: 3, feed: feed(), docs, more: false }).encode()))
    };
    assert!(matches!(named(limits::HAVE_HASHES).as_slice(), [Effect::FindMissing { id: 3, .. }]));
    let refused = named(limits::HAVE_HASHES + 1);
    let [Effect::Send(FromRelay::Nack(nack))] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!((nack.id, nack.code), (Some(3), NackCode::TooLarge));
}
