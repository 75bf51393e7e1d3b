//! What tabs tell each other. Tabs of two versions of the app live side by side: a message that one of them does
//! not know is ignored, and new fields have a default.

use shared::device::row;
use shared::device::table::StoreTrouble;
use shared::ids::{DeviceId, DocumentId, FeedId, UserId};
use shared::ordered::OrderedMap;
use shared::sync::client::{Connection, FeedStatus, SyncStatus};
use shared::wire::Bytes;
use shared::{cbor_map, cbor_variants};

/// What one tab tells the others.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The outbox has something new.
    Look,
    /// The store has something new of these documents.
    Changed(Vec<DocumentId>),
    /// Who holds the connection? Answered by [`Message::Here`].
    WhoLeads,
    /// The leader is awake.
    Here,
    /// How the connection stands, from the leader.
    Status(Box<StatusMessage>),
    /// Where another person is, from the leader.
    Presence {
        /// The document.
        doc: DocumentId,
        /// The person.
        user: UserId,
        /// Their device.
        device: DeviceId,
        /// What they say.
        state: Bytes,
    },
    /// Where this tab's person is, for the leader to send.
    TellPresence(FeedId, DocumentId, Bytes),
    /// A tab became visible, came online, or its person pressed "try now".
    TryNow,
    /// Somebody signed in or out: read the session again.
    SessionChanged,
    /// Signed in again on the same database: the cookie is there.
    SignedInAgain,
    /// The device's identity is retired.
    DeviceRetired,
    /// The same, since somebody revoked it.
    DeviceRevoked,
    /// The store has new people in its directory.
    Directory,
    /// The store has new settings of feeds.
    Settings,
    /// The person lost their role in this feed; its documents were removed.
    Removed(FeedId),
}

/// [`SyncStatus`] as it travels between tabs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusMessage {
    connection: String,
    is_plain: bool,
    refusal: Option<String>,
    waiting: usize,
    synced_at: Option<u64>,
    bytes_up: u64,
    bytes_down: u64,
    next_try_at: Option<u64>,
    trouble: Option<String>,
    retired: bool,
    revoked: bool,
    feeds: OrderedMap<FeedId, FeedStatus>,
    clock_offset_ms: Option<i64>,
}

cbor_variants! {
    Message {
        Look,
        Changed(docs),
        WhoLeads,
        Here,
        Status(status),
        Presence { doc, user, device, state },
        TellPresence(feed, doc, state),
        TryNow,
        SessionChanged,
        SignedInAgain,
        DeviceRetired,
        DeviceRevoked,
        Directory,
        Settings,
        Removed(feed),
    }
}

cbor_map! {
    StatusMessage {
        connection: defaulted,
        is_plain: sparse,
        refusal: sparse,
        waiting: defaulted,
        synced_at: defaulted,
        bytes_up: defaulted,
        bytes_down: defaulted,
        next_try_at: defaulted,
        trouble: defaulted,
        retired: defaulted,
        revoked: sparse,
        feeds: defaulted,
        clock_offset_ms: defaulted,
    }
}

impl Message {
    /// As it is posted.
    pub fn encode(&self) -> Vec<u8> {
        row::to_bytes(self)
    }

    /// As it was posted; `None` where another version means something else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        row::from_bytes(bytes)
    }
}

const CONNECTIONS: [(Connection, &str); 8] = [
    (Connection::Offline, "offline"),
    (Connection::Connecting, "connecting"),
    (Connection::Connected, "connected"),
    (Connection::Refused, "refused"),
    (Connection::SignInNeeded, "sign-in-needed"),
    (Connection::Disabled, "disabled"),
    (Connection::WrongDevice, "wrong-device"),
    (Connection::VersionMismatch, "version-mismatch"),
];

impl From<&SyncStatus> for StatusMessage {
    fn from(status: &SyncStatus) -> Self {
        let connection = CONNECTIONS.iter().find(|(connection, _)| *connection == status.connection);
        Self {
            connection: connection.map(|(_, word)| (*word).to_owned()).unwrap_or_default(),
            is_plain: status.is_plain,
            refusal: status.refusal.clone(),
            waiting: status.waiting,
            synced_at: status.synced_at,
            bytes_up: status.bytes_up,
            bytes_down: status.bytes_down,
            next_try_at: status.next_try_at,
            trouble: status.trouble.as_ref().map(|trouble| match trouble {
                StoreTrouble::Full => "full".to_owned(),
                StoreTrouble::Closed => "closed".to_owned(),
                StoreTrouble::Unavailable => "unavailable".to_owned(),
                StoreTrouble::Other(text) => format!("other:{text}"),
            }),
            retired: status.retired,
            revoked: status.revoked,
            feeds: status.feeds.clone(),
            clock_offset_ms: status.clock_offset_ms,
        }
    }
}

impl From<StatusMessage> for SyncStatus {
    fn from(message: StatusMessage) -> Self {
        let connection = CONNECTIONS.iter().find(|(_, word)| *word == message.connection);
        Self {
            connection: connection.map(|(connection, _)| *connection).unwrap_or_default(),
            is_plain: message.is_plain,
            refusal: message.refusal,
            waiting: message.waiting,
            synced_at: message.synced_at,
            bytes_up: message.bytes_up,
            bytes_down: message.bytes_down,
            next_try_at: message.next_try_at,
            trouble: message.trouble.map(|trouble| match trouble.as_str() {
                "full" => StoreTrouble::Full,
                "closed" => StoreTrouble::Closed,
                "unavailable" => StoreTrouble::Unavailable,
                other => StoreTrouble::Other(other.trim_start_matches("other:").to_owned()),
            }),
            retired: message.retired,
            revoked: message.revoked,
            feeds: message.feeds,
            clock_offset_ms: message.clock_offset_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::device::row::Access;
    use shared::role::Role;

    use super::*;

    fn status() -> SyncStatus {
        SyncStatus {
            connection: Connection::Connected,
            is_plain: false,
            refusal: None,
            waiting: 3,
            synced_at: Some(1_562_716_800_123),
            bytes_up: 70_000,
            bytes_down: 12,
            next_try_at: None,
            trouble: Some(StoreTrouble::Other("x".to_owned())),
            retired: true,
            revoked: false,
            feeds: [(
                "kab-sleman".parse().unwrap(),
                FeedStatus { name: "Sleman".to_owned(), role: Role::Writer, access: Access::Given },
            )]
            .into(),
            clock_offset_ms: Some(-1_500),
        }
    }

    fn messages() -> Vec<(&'static str, Message)> {
        let doc = DocumentId::from_bytes([0xd0; 16]);
        let device = DeviceId::from_bytes([0xde; 16]);
        vec![
            ("644c6f6f6b", Message::Look),
            ("a1674368616e6765648150d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0", Message::Changed(vec![doc])),
            ("6857686f4c65616473", Message::WhoLeads),
            ("6448657265", Message::Here),
            (
                concat!(
                    "a166537461747573aa6a636f6e6e656374696f6e606777616974696e67006973796e6365645f6174",
                    "f66862797465735f7570006a62797465735f646f776e006b6e6578745f7472795f6174f66774726f",
                    "75626c65f66772657469726564f4656665656473a06f636c6f636b5f6f66667365745f6d73f6"
                ),
                Message::Status(Box::default()),
            ),
            (
                concat!(
                    "a166537461747573aa6a636f6e6e656374696f6e69636f6e6e65637465646777616974696e670369",
                    "73796e6365645f61741b0000016bd92e047b6862797465735f75701a000111706a62797465735f64",
                    "6f776e0c6b6e6578745f7472795f6174f66774726f75626c65676f746865723a7867726574697265",
                    "64f5656665656473a16a6b61622d736c656d616ea2646e616d6566536c656d616e64726f6c656677",
                    "72697465726f636c6f636b5f6f66667365745f6d733905db"
                ),
                Message::Status(Box::new(StatusMessage::from(&status()))),
            ),
            (
                concat!(
                    "a166537461747573ac6a636f6e6e656374696f6e67726566757365646869735f706c61696ef56772",
                    "65667573616c61786777616974696e67006973796e6365645f6174f66862797465735f7570006a62",
                    "797465735f646f776e006b6e6578745f7472795f6174f66774726f75626c65f66772657469726564",
                    "f4656665656473a06f636c6f636b5f6f66667365745f6d73f6"
                ),
                Message::Status(Box::new(StatusMessage::from(&SyncStatus {
                    connection: Connection::Refused,
                    is_plain: true,
                    refusal: Some("x".to_owned()),
                    ..SyncStatus::default()
                }))),
            ),
            (
                concat!(
                    "a16850726573656e6365a463646f6350d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06475736572646275",
                    "64696664657669636550dededededededededededededededede657374617465420908"
                ),
                Message::Presence {
                    doc,
                    user: "budi".parse().unwrap(),
                    device,
                    state: Bytes::from(vec![9, 8]),
                },
            ),
            (
                concat!(
                    "a16c54656c6c50726573656e636583686e6173696f6e616c50d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0",
                    "d04107"
                ),
                Message::TellPresence("nasional".parse().unwrap(), doc, Bytes::from(vec![7])),
            ),
            ("665472794e6f77", Message::TryNow),
            ("6e53657373696f6e4368616e676564", Message::SessionChanged),
            ("6d5369676e6564496e416761696e", Message::SignedInAgain),
            ("6d44657669636552657469726564", Message::DeviceRetired),
            ("6d4465766963655265766f6b6564", Message::DeviceRevoked),
            ("694469726563746f7279", Message::Directory),
            ("6853657474696e6773", Message::Settings),
        ]
    }

    #[test]
    fn every_message_has_its_golden_bytes_and_is_read_back_from_them() {
        let mut wrong = String::new();
        for (golden, message) in messages() {
            let bytes = message.encode();
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            if hex != golden {
                wrong += &format!("{hex}\n");
            }
            assert_eq!(Message::decode(&bytes), Some(message));
        }
        assert!(wrong.is_empty(), "tabs of another version read other bytes:\n{wrong}");
    }
}
