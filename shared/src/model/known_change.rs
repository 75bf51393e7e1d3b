//! Changes that nobody makes: each is the same bytes on every device, so that two devices which add it at once add the
//! same change.
//!
//! Two devices that made one container at once would make two, one of which is not seen. So a later version gives older
//! documents of a kind a new container in the root by one *known change*, whose bytes stand in a table that devices and
//! relays have. It has an actor of its own, number 1 and no dependencies, and is never a document's first.
//!
//! A version is told, compared, pinned and counted without known changes: what was approved is still that. Whether a
//! change is one says its actor alone, so that a version of the app agrees that does not have it in its table yet.

use sha2::{Digest, Sha256};

use super::kind::Kind;
use crate::ids::{ActorId, ChangeHash};

/// How the actors of all changes begin that nobody makes. No device has such an id: relays give out random ones.
const MARK: [u8; 8] = [0x00, 0xc6, 0x2f, 0x04, 0x8b, 0x43, 0xef, 0xfa];
/// Where the bytes of the kind begin, and those of the version.
const KIND: usize = 8;
const VERSION: usize = 14;
/// The version of the change with which nobody begins a document; see [`super::discussion`].
const BEGINNING: u16 = 0;

/// Whether an actor is nobody's.
pub fn is_nobodys(actor: ActorId) -> bool {
    actor.as_bytes().starts_with(&MARK)
}

/// Whether an actor is that of a known change, which adds a container to a document that is there.
pub fn is_known_change(actor: ActorId) -> bool {
    is_nobodys(actor) && version_of(actor) != BEGINNING
}

/// The version in the actor of a change that nobody made.
pub fn version_of(actor: ActorId) -> u16 {
    let bytes = actor.as_bytes();
    u16::from_be_bytes([bytes[VERSION], bytes[VERSION + 1]])
}

/// The actor of the known change with which a kind of document gets its containers of a version, from 1 on: eight bytes
/// that all have, six of the SHA-256 of the kind, two of the version; and slot 0.
pub fn actor(kind: Kind, version: u16) -> ActorId {
    let mut bytes = [0; ActorId::LENGTH];
    bytes[..KIND].copy_from_slice(&MARK);
    bytes[KIND..VERSION].copy_from_slice(&Sha256::digest(kind.as_str())[..VERSION - KIND]);
    bytes[VERSION..VERSION + 2].copy_from_slice(&version.to_be_bytes());
    ActorId::from_bytes(bytes)
}

/// The actor of the change with which nobody begins a document of a kind.
pub(super) fn beginning_actor(kind: Kind) -> ActorId {
    actor(kind, BEGINNING)
}

/// A known change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownChange {
    /// The kind of documents that it is for.
    pub kind: Kind,
    /// Its number among those of the kind, from 1.
    pub version: u16,
    /// The key in the root under which it makes a container.
    pub container: &'static str,
    /// Its hash.
    pub hash: ChangeHash,
    /// The chunk.
    pub bytes: &'static [u8],
}

/// A table of known changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownChanges(&'static [KnownChange]);

impl KnownChanges {
    /// Those of this version: none yet, since every document has the containers that this version knows. Rows are only
    /// ever added.
    pub const OF_THIS_VERSION: Self = Self(&[]);

    /// The table of these rows.
    pub const fn new(rows: &'static [KnownChange]) -> Self {
        Self(rows)
    }

    /// The known change of this actor.
    pub fn of(self, of: ActorId) -> Option<&'static KnownChange> {
        self.0.iter().find(|known| actor(known.kind, known.version) == of)
    }

    /// The known change with which a document of a kind gets a container.
    pub fn adding(self, kind: Kind, container: &str) -> Option<&'static KnownChange> {
        self.0.iter().find(|known| known.kind == kind && known.container == container)
    }
}
