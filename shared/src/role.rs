//! What a person may do in a feed.

use serde::{Deserialize, Serialize};

use crate::cbor_code;
use crate::code::Code;

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
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Writer => "writer",
            Role::Approver => "approver",
            Role::Admin => "admin",
        }
    }

    /// From the form on the wire.
    pub fn from_code(code: &str) -> Option<Self> {
        [Role::Reader, Role::Writer, Role::Approver, Role::Admin]
            .into_iter()
            .find(|role| role.as_str() == code)
    }

    /// Whether this role may write changes.
    pub fn may_write(self) -> bool {
        self >= Role::Writer
    }

    /// Whether this role may decide on what others submit.
    pub fn may_approve(self) -> bool {
        self >= Role::Approver
    }
}

impl Code<Role> {
    /// What the person may do as far as this version knows: a role that it does not know reads, and nothing else.
    pub fn or_reader(&self) -> Role {
        self.known().unwrap_or(Role::Reader)
    }
}

cbor_code!(Role);
