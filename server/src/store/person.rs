//! People, their devices and their sessions, as a store keeps them.

use std::fmt;

use sha2::{Digest, Sha256};
use shared::ids::{DeviceId, FeedId, SessionId, UserId};

use super::StoreError;
use crate::password::PasswordDigest;

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The user name.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// *Jabatan*.
    pub position: String,
    /// The id of their office among the settings of their feed.
    pub office: Option<String>,
    /// The password's digest in PHC form (argon2id).
    pub password_digest: String,
    /// May not sign in, and their sessions are void.
    pub is_disabled: bool,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("user", &self.user).field("is_disabled", &self.is_disabled).finish()
    }
}

/// A person, as others in the same feeds may know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The user name.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// *Jabatan*.
    pub position: String,
    /// The id of their office.
    pub office: Option<String>,
    /// Their devices, revoked ones too, so that an actor leads to a person.
    pub devices: Vec<DeviceId>,
    /// When any of this changed last, milliseconds since 1970.
    pub changed_at: u64,
}

/// Which part of the directory is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryRange {
    /// Only who changed then or later; all where the viewer began to see a feed since then.
    pub since: u64,
    /// Only who comes after this one, by user name.
    pub after: Option<UserId>,
    /// How many at most.
    pub most: usize,
}

impl DirectoryRange {
    /// All of it.
    pub const WHOLE: Self = Self { since: 0, after: None, most: 1 << 24 };
}

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub device: DeviceId,
    /// Whose it is.
    pub owner: UserId,
    /// As the person called it.
    pub name: String,
    /// When it was enrolled, milliseconds since 1970.
    pub enrolled_at: u64,
    /// When it was connected last.
    pub seen_at: Option<u64>,
    /// When it was revoked.
    pub revoked_at: Option<u64>,
}

/// What became of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// The device is the person's.
    Enrolled,
    /// The device is another person's.
    OfAnother,
    /// The device was revoked: it needs a new id.
    Revoked,
}

/// A session, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The person.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// When it ends, milliseconds since 1970.
    pub expires_at: u64,
}

/// Which sessions of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// All.
    All,
    /// All but this one.
    AllBut(TokenHash),
    /// Those of one device.
    Of(DeviceId),
}

/// Why a session serves no more, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// It was ended, has expired, or never was.
    Over,
    /// The person is to change the password first that somebody else set.
    PasswordDue,
    /// The person was disabled.
    Disabled,
    /// The device was revoked.
    Revoked,
}

/// Who set a person's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordSetter {
    /// The person.
    Themselves,
    /// Somebody who keeps the people: it is to be changed at the first sign-in.
    Somebody,
    /// The demonstration, which prints it: it stays.
    Demonstration,
}

impl PasswordSetter {
    /// As it is stored.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Themselves => "self",
            Self::Somebody => "other",
            Self::Demonstration => "demo",
        }
    }

    /// As it was stored.
    pub(super) fn from_stored(text: &str) -> Option<Self> {
        [Self::Themselves, Self::Somebody, Self::Demonstration]
            .into_iter()
            .find(|setter| setter.as_str() == text)
    }
}

/// What ended a link before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkEnd {
    /// A password was set by it.
    Used,
    /// A newer link or password took its place.
    Replaced,
    /// It was taken back.
    Withdrawn,
}

impl LinkEnd {
    /// As it is stored.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// As it was stored.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where nothing ever was stored so.
    pub(super) fn from_stored(text: &str) -> Result<Self, StoreError> {
        [Self::Used, Self::Replaced, Self::Withdrawn]
            .into_iter()
            .find(|end| end.as_str() == text)
            .ok_or(StoreError::Damaged("how a link ended"))
    }
}

/// How a link stands by which a person sets a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStanding {
    /// This person may set a password by it.
    Good(UserId),
    /// A password was set by it.
    Used,
    /// It was not used in time.
    Expired,
    /// A newer link or password took its place.
    Replaced,
    /// It was taken back: the person was disabled, or the store restored.
    Withdrawn,
    /// There is none.
    Unknown,
}

impl LinkStanding {
    /// What the columns of a link say.
    pub(super) fn of(user: UserId, ended: Option<LinkEnd>, expires_at: u64, now: u64) -> Self {
        match ended {
            Some(LinkEnd::Used) => Self::Used,
            Some(LinkEnd::Replaced) => Self::Replaced,
            Some(LinkEnd::Withdrawn) => Self::Withdrawn,
            None if expires_at <= now => Self::Expired,
            None => Self::Good(user),
        }
    }
}

/// A new password of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPassword {
    /// Its digest.
    pub digest: PasswordDigest,
    /// Who sets it.
    pub setter: PasswordSetter,
}

/// Whose rights have changed, and where settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightsChanged {
    /// The number of the newest change.
    pub newest: u64,
    /// The people, each once.
    pub people: Vec<UserId>,
    /// Feeds whose settings have changed.
    pub feeds: Vec<FeedId>,
}

/// The SHA-256 of a session's or a link's token, or of a device's secret: what it is of is stored nowhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token's bytes.
    pub fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// The hash as it is stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<TokenHash> for SessionId {
    fn from(token: TokenHash) -> Self {
        Self::from_bytes(token.0)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(hidden)")
    }
}
