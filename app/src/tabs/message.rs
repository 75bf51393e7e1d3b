//! What tabs tell each other. Tabs of two versions of the app live side by side: a message that one of them does
//! not know is ignored, and new fields have a default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::device::row;
use shared::device::table::StoreTrouble;
use shared::ids::{DeviceId, DocumentId, FeedId, UserId};
use shared::role::Role;
use shared::sync::client::{Connection, SyncStatus};
use shared::wire::Bytes;

/// What one tab tells the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// The store has new people in its directory.
    Directory,
}

/// [`SyncStatus`] as it travels between tabs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatusMessage {
    #[serde(default)]
    connection: String,
    #[serde(default)]
    waiting: usize,
    #[serde(default)]
    synced_at: Option<u64>,
    #[serde(default)]
    bytes_up: u64,
    #[serde(default)]
    bytes_down: u64,
    #[serde(default)]
    next_try_at: Option<u64>,
    #[serde(default)]
    trouble: Option<String>,
    #[serde(default)]
    retired: bool,
    #[serde(default)]
    feeds: BTreeMap<FeedId, (String, Role)>,
    #[serde(default)]
    clock_offset_ms: Option<i64>,
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

const CONNECTIONS: [(Connection, &str); 6] = [
    (Connection::Offline, "offline"),
    (Connection::Connecting, "connecting"),
    (Connection::Connected, "connected"),
    (Connection::SignInNeeded, "sign-in-needed"),
    (Connection::WrongDevice, "wrong-device"),
    (Connection::VersionMismatch, "version-mismatch"),
];

impl From<&SyncStatus> for StatusMessage {
    fn from(status: &SyncStatus) -> Self {
        let connection = CONNECTIONS.iter().find(|(connection, _)| *connection == status.connection);
        Self {
            connection: connection.map(|(_, word)| (*word).to_owned()).unwrap_or_default(),
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
            feeds: message.feeds,
            clock_offset_ms: message.clock_offset_ms,
        }
    }
}
