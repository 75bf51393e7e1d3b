//! The reasons that a relay gives when it refuses or hangs up.

use serde::{Deserialize, Serialize};

/// Why a push, decision or offer is refused. `Busy` means "perhaps stored, send again"; with every
/// other code nothing of it was stored, and it is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NackCode {
    /// No such document, or no right to know of it.
    UnknownDocument,
    /// May read, may not do this.
    Forbidden,
    /// A change builds on one that the relay does not have.
    MissingDependencies,
    /// The change check refuses it; the message says which rule.
    BadChange,
    /// The change's actor does not belong to this device.
    WrongActor,
    /// The actor's sequence number is taken by another change, or skipped: the device's identity has
    /// been copied or lost.
    ActorConflict,
    /// Over one of the limits.
    TooLarge,
    /// The feed is full.
    Quota,
    /// The document is archived.
    Archived,
    /// Perhaps stored; send again.
    Busy,
    /// The document's state does not allow this decision.
    BadDecision,
    /// A frame of a kind that the relay does not know.
    UnknownFrame,
    /// A code that this version does not know; as final as any but `Busy`.
    #[serde(other)]
    Unknown,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ByeCode {
    /// The frames broke the protocol.
    Protocol,
    /// A frame was over its limit.
    TooLarge,
    /// The session is over: sign in again.
    SessionEnded,
    /// The device was revoked.
    DeviceRevoked,
    /// The same device connected again.
    Replaced,
    /// The relay restarts: come back.
    Restarting,
    /// The relay does not speak this version.
    Version,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}
