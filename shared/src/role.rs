//! What a person may do in a feed.

use serde::{Deserialize, Serialize};

/// What a person may do in a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads, writes and submits.
    Writer,
    /// As a writer, and returns, verifies, approves, archives and reopens.
    Approver,
    /// As an approver, and keeps people, roles and devices.
    Admin,
}

impl Role {
    /// Whether this role may write changes.
    pub fn may_write(self) -> bool {
        self >= Role::Writer
    }

    /// Whether this role may decide on what others submit.
    pub fn may_approve(self) -> bool {
        self >= Role::Approver
    }
}
