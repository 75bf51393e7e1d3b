//! The relay: the pure machines of `shared::sync::relay` over a log in memory, with a disk that takes time,
//! two processes that end and start, and backups.

use shared::ids::{DeviceId, EpochId, FeedId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::relay::connection::{Connection, Ticket};
use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::memory::MemoryLog;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::Rules;
use shared::wire::RelayLimits;

use super::version::Version;

/// Entries that a process keeps in memory for each feed.
const TAIL_ENTRIES: u64 = 4;

/// One of the processes that serve over the same log.
#[derive(Default)]
pub struct Process {
    /// Whether it runs.
    pub is_up: bool,
    /// What waits for its writer.
    pub queue: Vec<(u64, Ticket, Submission)>,
    /// Whether its writer's commit is under way.
    pub is_committing: bool,
    /// Grows with each start, so that events of an ended one are known.
    pub number: u64,
    /// Of each feed the numbers that it has in memory: those above the first, up to the second.
    tails: OrderedMap<FeedId, (u64, u64)>,
}

impl Process {
    /// Takes in what it stored itself: a tail has no gaps.
    pub fn append(&mut self, feed: &FeedId, before: u64, head: u64) {
        let tail = self.tails.entry(feed.clone()).or_insert((before, before));
        let start = if tail.1 == before { tail.0 } else { before };
        *tail = (start.max(head.saturating_sub(TAIL_ENTRIES)), head);
    }

    /// Whether what follows a number is in memory.
    pub fn has_in_memory(&self, feed: &FeedId, after: u64) -> bool {
        self.tails.get(feed).is_some_and(|(start, end)| (*start..*end).contains(&after))
    }
}

/// The relay.
pub struct Relay {
    /// What it knows.
    pub version: Version,
    /// What is on its disk.
    pub log: MemoryLog,
    /// Copies of it.
    pub backups: Vec<MemoryLog>,
    /// Those that serve.
    pub processes: [Process; 2],
    /// All connections.
    pub connections: OrderedMap<u64, Connection>,
    /// Which process serves each.
    pub served_by: OrderedMap<u64, usize>,
    /// Connections that were read for out of memory the last time.
    pub at_tail: OrderedSet<u64>,
    /// What the operator set.
    pub rules: Rules,
    /// Devices that may not speak any more; kept outside the log, as sessions are.
    pub revoked: OrderedSet<DeviceId>,
    /// What each person may do now; a restored log is told again.
    pub roles: OrderedMap<(UserId, FeedId), Role>,
    /// Roles that were taken.
    pub taken: OrderedSet<(UserId, FeedId)>,
    /// People who were added later.
    pub added: OrderedSet<UserId>,
    /// When the log was last put back.
    pub restored: u64,
    /// Connections that said how they had begun to read.
    pub resumed: OrderedSet<u64>,
}

impl Relay {
    /// A relay with an empty log.
    pub fn new(epoch: EpochId) -> Self {
        let limits = RelayLimits { unacked_pushes: 4, ..RelayLimits::default() };
        Self {
            version: Version::New,
            log: MemoryLog::new(epoch),
            backups: Vec::new(),
            processes: [true, true].map(|is_up| Process { is_up, ..Process::default() }),
            connections: OrderedMap::new(),
            served_by: OrderedMap::new(),
            at_tail: OrderedSet::new(),
            rules: Rules::new(ReceiptKey::new([7; 32]), limits),
            revoked: OrderedSet::new(),
            roles: OrderedMap::new(),
            taken: OrderedSet::new(),
            added: OrderedSet::new(),
            restored: 0,
            resumed: OrderedSet::new(),
        }
    }

    /// Gives a person a role.
    pub fn set_role(&mut self, user: &UserId, feed: &FeedId, role: Role, now: u64) {
        self.roles.insert((user.clone(), feed.clone()), role);
        self.taken.remove(&(user.clone(), feed.clone()));
        self.log.set_role(user.clone(), feed.clone(), Some(role), now);
    }

    /// Takes a role, or refuses it.
    pub fn take_role(&mut self, user: &UserId, feed: &FeedId, now: u64) {
        self.roles.remove(&(user.clone(), feed.clone()));
        self.taken.insert((user.clone(), feed.clone()));
        self.log.set_role(user.clone(), feed.clone(), None, now);
    }

    /// People may do what they might when the log that was put back was copied.
    pub fn roles_as_in_log(&mut self) {
        let before: Vec<(UserId, FeedId)> = self.roles.keys().cloned().chain(self.taken.clone()).collect();
        self.roles.clear();
        for (user, feed) in before {
            if let Some(role) = self.log.roles_of(&user).get(&feed) {
                self.roles.insert((user.clone(), feed.clone()), *role);
                self.taken.remove(&(user, feed));
            }
        }
    }

    /// A process ends: what was not on disk is gone. Gives the connections that it served.
    pub fn end(&mut self, index: usize) -> Vec<u64> {
        let number = self.processes[index].number + 1;
        self.processes[index] = Process { number, ..Process::default() };
        let served = self.connections.keys().filter(|wire| self.served_by.get(wire) == Some(&index));
        let served: Vec<u64> = served.copied().collect();
        self.connections.retain(|wire, _| !served.contains(wire));
        served
    }

    /// The processes that run.
    pub fn running(&self) -> Vec<usize> {
        (0..self.processes.len()).filter(|index| self.processes[*index].is_up).collect()
    }

    /// Whether this process still runs.
    pub fn is_alive(&self, (index, number): (usize, u64)) -> bool {
        self.processes[index].is_up && self.processes[index].number == number
    }

    /// Puts an older log in place of the present one.
    pub fn restore(&mut self, backup: MemoryLog, now: u64) {
        self.log = backup;
        self.restored += 1;
        for ((user, feed), role) in self.roles.clone() {
            self.log.put_feed(feed.clone(), feed.as_str());
            self.log.set_role(user, feed, Some(role), now);
        }
    }
}
