//! The reasons that a relay gives when it refuses or hangs up.

use crate::cbor_code;

/// Why a push, decision or offer is refused. `Busy` means "perhaps stored, send again"; with every
/// other code nothing of it was stored, and it is final, but for `UnknownKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Who submitted a version does not verify or approve it.
    OwnSubmission,
    /// Only who submitted a version withdraws it.
    NotSubmitter,
    /// The decision needs a remark.
    NoRemark,
    /// No receipt proves who made what is offered. Its maker can bring it.
    Unproven,
    /// Another change in the log stands for it, or for one of those for which it stands.
    TakenOver,
    /// It stands for a change that is in the log itself.
    OriginalStored,
    /// A frame of a kind that the relay does not know.
    UnknownFrame,
    /// A kind of document, an event or a sort of entry that the relay does not know: it is older than the client.
    /// Not final: a newer relay takes it.
    UnknownKind,
    /// A code that this version does not know; as final as any but `Busy`.
    Unknown,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ByeCode {
    /// The frames broke the protocol.
    Protocol,
    /// A frame was over its limit.
    TooLarge,
    /// The session is over: sign in again.
    SessionEnded,
    /// The person was disabled.
    AccountDisabled,
    /// The device was revoked.
    DeviceRevoked,
    /// The same device connected again.
    Replaced,
    /// The relay restarts: come back.
    Restarting,
    /// The relay does not speak this version.
    Version,
    /// A code that this version does not know.
    Unknown,
}

/// What a side can do besides the version of the protocol that it speaks. This version has nothing of the kind: it
/// says none, and passes over those that it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {}

impl Feature {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {}
    }

    /// From the form on the wire.
    pub fn from_code(_: &str) -> Option<Self> {
        None
    }
}

impl NackCode {
    /// Whether only a decision is refused so: of the text nothing is.
    pub fn is_of_decision(self) -> bool {
        matches!(self, Self::BadDecision | Self::OwnSubmission | Self::NotSubmitter | Self::NoRemark)
    }

    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            NackCode::UnknownDocument => "unknown-document",
            NackCode::Forbidden => "forbidden",
            NackCode::MissingDependencies => "missing-dependencies",
            NackCode::BadChange => "bad-change",
            NackCode::WrongActor => "wrong-actor",
            NackCode::ActorConflict => "actor-conflict",
            NackCode::TooLarge => "too-large",
            NackCode::Quota => "quota",
            NackCode::Archived => "archived",
            NackCode::Busy => "busy",
            NackCode::BadDecision => "bad-decision",
            NackCode::OwnSubmission => "own-submission",
            NackCode::NotSubmitter => "not-submitter",
            NackCode::NoRemark => "no-remark",
            NackCode::Unproven => "unproven",
            NackCode::TakenOver => "taken-over",
            NackCode::OriginalStored => "original-stored",
            NackCode::UnknownFrame => "unknown-frame",
            NackCode::UnknownKind => "unknown-kind",
            NackCode::Unknown => "unknown",
        }
    }

    /// All that this version knows.
    pub const KNOWN: [Self; 19] = [
        Self::UnknownDocument,
        Self::Forbidden,
        Self::MissingDependencies,
        Self::BadChange,
        Self::WrongActor,
        Self::ActorConflict,
        Self::TooLarge,
        Self::Quota,
        Self::Archived,
        Self::Busy,
        Self::BadDecision,
        Self::OwnSubmission,
        Self::NotSubmitter,
        Self::NoRemark,
        Self::Unproven,
        Self::TakenOver,
        Self::OriginalStored,
        Self::UnknownFrame,
        Self::UnknownKind,
    ];

    /// From the form on the wire; there is always one, since a code that is not known is [`NackCode::Unknown`].
    fn from_code(code: &str) -> Option<Self> {
        Some(Self::KNOWN.into_iter().find(|known| known.as_str() == code).unwrap_or(Self::Unknown))
    }
}

impl ByeCode {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ByeCode::Protocol => "protocol",
            ByeCode::TooLarge => "too-large",
            ByeCode::SessionEnded => "session-ended",
            ByeCode::AccountDisabled => "account-disabled",
            ByeCode::DeviceRevoked => "device-revoked",
            ByeCode::Replaced => "replaced",
            ByeCode::Restarting => "restarting",
            ByeCode::Version => "version",
            ByeCode::Unknown => "unknown",
        }
    }

    /// From the form on the wire; there is always one, since a code that is not known is [`ByeCode::Unknown`].
    fn from_code(code: &str) -> Option<Self> {
        use ByeCode::{
            AccountDisabled, DeviceRevoked, Protocol, Replaced, Restarting, SessionEnded, TooLarge, Version,
        };
        let known =
            [Protocol, TooLarge, SessionEnded, AccountDisabled, DeviceRevoked, Replaced, Restarting, Version];
        Some(known.into_iter().find(|known| known.as_str() == code).unwrap_or(ByeCode::Unknown))
    }
}

cbor_code!(NackCode, ByeCode, Feature);
