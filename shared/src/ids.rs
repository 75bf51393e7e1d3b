//! The identifiers of the domain, each a type of its own so that none can stand in for another.
//!
//! On the wire and in stores an id is a CBOR byte string; as text it is lower-case hex, except a
//! document's, which is written as automerge-repo writes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use crate::cbor::Form;
use crate::cbor::reader::Reader;
use crate::cbor::writer::Writer;

/// In JSON an id is its text.
macro_rules! json_text {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

json_text!(DeviceId, FeedId, UserId);

/// Why a text or a byte string is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The byte string has another length than this kind of id.
    #[error("an id of {expected} bytes is needed, these are {found}")]
    Length {
        /// Bytes that the id has.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// The text is not the textual form of this kind of id.
    #[error("this is not the text of an id: {0:?}")]
    Text(String),
    /// The text is no name of a person or a feed.
    #[error("{0:?} is no user name or feed: these have 1 to 64 characters out of a-z 0-9 . - _")]
    Name(String),
}

macro_rules! byte_id {
    ($(#[$meta:meta])* $name:ident, $length:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Length in bytes.
            pub const LENGTH: usize = $length;

            /// The id with these bytes.
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// The first eight hex digits, for log lines and for the eye.
            pub fn short(&self) -> String {
                hex::encode(&self.0[..4])
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = IdError;

            fn try_from(bytes: &[u8]) -> Result<Self, IdError> {
                let array: [u8; $length] = bytes
                    .try_into()
                    .map_err(|_| IdError::Length { expected: $length, found: bytes.len() })?;
                Ok(Self(array))
            }
        }

        impl Form for $name {
            fn write(&self, writer: &mut Writer) {
                writer.byte_string(&self.0);
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                reader.byte_string()?.as_ref().try_into().ok()
            }
        }
    };
}

macro_rules! hex_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.short())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let bytes = hex::decode(text).map_err(|_| IdError::Text(text.to_owned()))?;
                Self::try_from(bytes.as_slice())
            }
        }
    )*};
}

byte_id! {
    /// One record: a UUIDv4, written `automerge:` and bs58check, as automerge-repo does.
    DocumentId, 16
}
byte_id! {
    /// One enrolled database of one person on one browser or machine.
    DeviceId, 16
}
byte_id! {
    /// Who makes a change: a device and one of its slots (a tab holds one slot at a time).
    ActorId, 17
}
byte_id! {
    /// The SHA-256 of a change chunk; identifies a change within its document only.
    ChangeHash, 32
}
byte_id! {
    /// One decision (submit, return, verify, approve, archive, reopen): random, made by the device.
    DecisionId, 16
}
byte_id! {
    /// One item of a list in a document: random, made by the device.
    ItemId, 8
}
byte_id! {
    /// One life of a relay's store; a restored store takes a new one.
    EpochId, 16
}
byte_id! {
    /// First eight bytes of the SHA-256 of a log entry: tells two logs with equal numbers apart.
    Tag, 8
}
byte_id! {
    /// One session at the relay: the SHA-256 of its token, which itself is stored nowhere.
    SessionId, 32
}
byte_id! {
    /// The SHA-256 of a blob's bytes; a document names its attachments by it.
    BlobHash, 32
}
byte_id! {
    /// The relay's HMAC over an entry, with which any member can offer it again, authorship intact.
    Receipt, 16
}
byte_id! {
    /// The HMAC over a row of the audit log and all rows before it.
    AuditTag, 16
}

hex_text!(
    DeviceId, ActorId, ChangeHash, DecisionId, ItemId, EpochId, Tag, SessionId, BlobHash, Receipt, AuditTag
);

impl Tag {
    /// The tag of position 0, before the first entry of a feed.
    pub const START: Tag = Tag([0; 8]);
}

impl AuditTag {
    /// The tag before the first row.
    pub const START: AuditTag = AuditTag([0; 16]);
}

impl ActorId {
    /// The actor of one slot of a device.
    pub fn new(device: DeviceId, slot: u8) -> Self {
        let mut bytes = [0; 17];
        bytes[..16].copy_from_slice(&device.0);
        bytes[16] = slot;
        Self(bytes)
    }

    /// The device that this actor belongs to.
    pub fn device(&self) -> DeviceId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.0[..16]);
        DeviceId(bytes)
    }

    /// The slot within the device.
    pub fn slot(&self) -> u8 {
        self.0[16]
    }
}

impl From<automerge::ChangeHash> for ChangeHash {
    fn from(hash: automerge::ChangeHash) -> Self {
        Self(hash.0)
    }
}

impl From<ChangeHash> for automerge::ChangeHash {
    fn from(hash: ChangeHash) -> Self {
        automerge::ChangeHash(hash.0)
    }
}

impl From<ActorId> for automerge::ActorId {
    fn from(actor: ActorId) -> Self {
        automerge::ActorId::from(actor.0)
    }
}

impl ChangeHash {
    /// The SHA-256 of bytes: what anything but a change is named by.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl DocumentId {
    const PREFIX: &'static str = "automerge:";

    /// The id without its prefix, as it stands in addresses of pages.
    pub fn to_path(&self) -> String {
        let mut bytes = self.0.to_vec();
        bytes.extend(self.checksum());
        bs58::encode(bytes).into_string()
    }

    /// The checksum of bs58check: the first bytes of SHA-256, done twice.
    fn checksum(&self) -> [u8; 4] {
        let digest: [u8; 32] = Sha256::digest(Sha256::digest(self.0)).into();
        std::array::from_fn(|place| digest[place])
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, self.to_path())
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentId({})", self.short())
    }
}

impl FromStr for DocumentId {
    type Err = IdError;

    /// Reads the form with the prefix and the form without it.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bare = text.strip_prefix(Self::PREFIX).unwrap_or(text);
        // 16 bytes and a checksum of 4 need at most 28 digits in base 58.
        if bare.len() > 28 {
            return Err(IdError::Text(text.to_owned()));
        }
        let bytes = bs58::decode(bare).into_vec().unwrap_or_default();
        let (id, checksum) = bytes.split_last_chunk::<4>().ok_or_else(|| IdError::Text(text.to_owned()))?;
        let id = Self::try_from(id)?;
        if id.checksum() == *checksum { Ok(id) } else { Err(IdError::Text(text.to_owned())) }
    }
}

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// Invariant: 1 to 64 characters of `a-z`, `0-9`, `.`, `-`, `_`.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
                if text.is_empty() || text.len() > 64 || !text.chars().all(allowed) {
                    return Err(IdError::Name(text.chars().take(80).collect()));
                }
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl Form for $name {
            fn write(&self, writer: &mut Writer) {
                writer.text(&self.0);
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                reader.text()?.parse().ok()
            }
        }
    };
}

text_id! {
    /// One feed: a region's (`3404` or `kab-sleman`) or the nation's (`nasional`).
    FeedId
}
text_id! {
    /// One person: the user name that they sign in with.
    UserId
}

impl UserId {
    /// Who stands in the log as the maker of what nobody made. No account has this name.
    pub fn nobody() -> Self {
        Self("-".to_owned())
    }

    /// Whether it stands for nobody.
    pub fn is_nobody(&self) -> bool {
        self.0 == "-"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_id_is_read_back_from_its_text() {
        let id = DocumentId::from_bytes([7; 16]);
        assert!(id.to_string().starts_with("automerge:"));
        assert_eq!(id.to_string().parse::<DocumentId>(), Ok(id));
        assert_eq!(id.to_path().parse::<DocumentId>(), Ok(id));
    }

    /// Made by another hand from the description of Base58Check.
    #[test]
    fn document_id_is_written_as_others_write_it() {
        for (bytes, text) in [
            (std::array::from_fn(|place| place as u8), "1Bhh3pU9gLXZiNDL6PEa1Gs9fh"),
            ([0; 16], "11111111111111114Ki9Gx"),
        ] {
            assert_eq!(DocumentId::from_bytes(bytes).to_path(), text);
            assert_eq!(text.parse::<DocumentId>(), Ok(DocumentId::from_bytes(bytes)));
        }
    }

    #[test]
    fn text_that_is_no_document_id_is_refused() {
        for text in ["", "1", "1111", "0OIl", "111111111111111111111111111111", "automerge:", "automerge:é"]
        {
            assert!(text.parse::<DocumentId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn document_id_with_a_wrong_digit_is_refused() {
        let mut text = DocumentId::from_bytes([7; 16]).to_string();
        let last = if text.ends_with('2') { '3' } else { '2' };
        text.pop();
        text.push(last);
        assert!(text.parse::<DocumentId>().is_err());
    }

    #[test]
    fn actor_is_a_device_and_a_slot() {
        let actor = ActorId::new(DeviceId::from_bytes([9; 16]), 3);
        assert_eq!((actor.device(), actor.slot()), (DeviceId::from_bytes([9; 16]), 3));
    }

    #[test]
    fn feed_id_refuses_capitals_blanks_and_emptiness() {
        for text in ["", "Sleman", "kab sleman", "a/b"] {
            assert!(text.parse::<FeedId>().is_err(), "{text:?}");
        }
    }
}
