//! The relay: the pure machines of `shared::sync::relay` over a log in memory, with a disk that takes time,
//! a process that ends, and backups.

use std::collections::{BTreeMap, BTreeSet};

use shared::ids::{DeviceId, EpochId, FeedId, UserId};
use shared::role::Role;
use shared::sync::relay::connection::{Connection, Ticket};
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::memory::MemoryLog;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::Rules;
use shared::wire::RelayLimits;

/// The relay.
pub struct Relay {
    /// What is on its disk.
    pub log: MemoryLog,
    /// Copies of it.
    pub backups: Vec<MemoryLog>,
    /// Whether the process runs.
    pub is_up: bool,
    /// Its connections.
    pub connections: BTreeMap<u64, Connection>,
    /// What waits for the writer.
    pub queue: Vec<(u64, Ticket, Submission)>,
    /// Whether the writer's commit is under way.
    pub is_committing: bool,
    /// Grows with each process, so that events of an ended one are known.
    pub process: u64,
    /// What the operator set.
    pub rules: Rules,
    /// Devices that may not speak any more; kept outside the log, as sessions are.
    pub revoked: BTreeSet<DeviceId>,
    /// What each person may do now; a restored log is told again.
    pub roles: BTreeMap<(UserId, FeedId), Role>,
    /// When the log was last put back.
    pub restored: u64,
}

impl Relay {
    /// A relay with an empty log.
    pub fn new(epoch: EpochId) -> Self {
        let limits = RelayLimits { unacked_pushes: 4, ..RelayLimits::default() };
        Self {
            log: MemoryLog::new(epoch),
            backups: Vec::new(),
            is_up: true,
            connections: BTreeMap::new(),
            queue: Vec::new(),
            is_committing: false,
            process: 0,
            rules: Rules { key: ReceiptKey::new([7; 32]), limits },
            revoked: BTreeSet::new(),
            roles: BTreeMap::new(),
            restored: 0,
        }
    }

    /// Gives a person a role.
    pub fn set_role(&mut self, user: &UserId, feed: &FeedId, role: Role) {
        self.roles.insert((user.clone(), feed.clone()), role);
        self.log.set_role(user.clone(), feed.clone(), Some(role));
    }

    /// The process ends: what was not on disk is gone.
    pub fn end(&mut self) {
        self.is_up = false;
        self.process += 1;
        self.connections.clear();
        self.queue.clear();
        self.is_committing = false;
    }

    /// Puts an older log in place of the present one.
    pub fn restore(&mut self, backup: MemoryLog) {
        self.log = backup;
        self.restored += 1;
        for ((user, feed), role) in self.roles.clone() {
            self.log.put_feed(feed.clone(), feed.as_str());
            self.log.set_role(user, feed, Some(role));
        }
    }
}
