//! Whose turn it is: fair by address, and within it by name. Pure: time is given, monotonic.
//!
//! Who asked least of late comes first. So a thousand attempts of one address, or on one name, cost others one turn each,
//! and only who has asked often waits behind who has not.

use std::net::IpAddr;
use std::time::Duration;

use shared::ids::DeviceId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::http::network_of;

/// How long what somebody asked counts.
const COUNTS_FOR: Duration = Duration::from_secs(60);
/// Addresses and names that are remembered; past it all that nobody waits for is forgotten.
const MOST_REMEMBERED: usize = 8192;
/// Characters of a name that tell it from others.
const NAME_CHARACTERS: usize = 64;

/// What waits, in the order of its turns.
#[derive(Debug)]
pub(super) struct FairQueue<T> {
    most: usize,
    number: u64,
    waiting: BTreeMap<Turn, T>,
    asked: BTreeMap<Key, Asked>,
}

/// The smallest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    by_address: u32,
    by_name: u32,
    number: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Address(IpAddr),
    Name(String),
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    times: u32,
    since: Duration,
}

impl<T> FairQueue<T> {
    /// A queue with so many places.
    pub(super) fn new(most: usize) -> Self {
        Self { most, number: 0, waiting: BTreeMap::new(), asked: BTreeMap::new() }
    }

    /// Puts something in its turn. Where all places are taken, the last in turn is left out: false where that is this one.
    pub(super) fn push(&mut self, now: Duration, name: &str, address: IpAddr, what: T) -> bool {
        if self.asked.len() >= MOST_REMEMBERED {
            self.asked.retain(|_, asked| now.saturating_sub(asked.since) < COUNTS_FOR);
            if self.asked.len() >= MOST_REMEMBERED {
                self.asked = BTreeMap::new();
            }
        }
        self.number += 1;
        let turn = Turn {
            by_address: self.ask(now, Key::Address(network_of(address))),
            by_name: self.ask(now, Key::Name(name.chars().take(NAME_CHARACTERS).collect())),
            number: self.number,
        };
        self.waiting.insert(turn, what);
        if self.waiting.len() <= self.most {
            return true;
        }
        self.waiting.pop_last().is_some_and(|(last, _)| last != turn)
    }

    /// Takes what is next.
    pub(super) fn pop(&mut self) -> Option<T> {
        self.waiting.pop_first().map(|(_, what)| what)
    }

    /// Counts once more, and gives how often it asked before.
    fn ask(&mut self, now: Duration, key: Key) -> u32 {
        let asked = self.asked.entry(key).or_insert(Asked { times: 0, since: now });
        if now.saturating_sub(asked.since) >= COUNTS_FOR {
            *asked = Asked { times: 0, since: now };
        }
        let before = asked.times;
        asked.times = before.saturating_add(1);
        before
    }
}

/// What known devices wait for: one thing each, in the order in which they came.
#[derive(Debug)]
pub(super) struct KnownQueue<T> {
    waiting: VecDeque<(DeviceId, T)>,
    devices: BTreeSet<DeviceId>,
}

impl<T> Default for KnownQueue<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), devices: BTreeSet::new() }
    }
}

impl<T> KnownQueue<T> {
    /// Puts something at the end; false where the device waits already.
    pub(super) fn push(&mut self, device: DeviceId, what: T) -> bool {
        let is_new = self.devices.insert(device);
        if is_new {
            self.waiting.push_back((device, what));
        }
        is_new
    }

    /// Takes what is next.
    pub(super) fn pop(&mut self) -> Option<T> {
        let (device, what) = self.waiting.pop_front()?;
        self.devices.remove(&device);
        Some(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from(0x0a00_0000 + n))
    }

    fn drain(queue: &mut FairQueue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn many_attempts_of_one_address_cost_others_one_turn() {
        let mut queue = FairQueue::new(256);
        for n in 0..100 {
            assert!(queue.push(Duration::ZERO, &format!("user{n}"), address(1), "hostile"));
        }
        assert!(queue.push(Duration::ZERO, "sri", address(2), "honest"));
        assert_eq!(drain(&mut queue)[1], "honest");
    }

    #[test]
    fn many_addresses_that_try_one_name_cost_other_names_one_turn() {
        let mut queue = FairQueue::new(256);
        for n in 0..200 {
            queue.push(Duration::ZERO, "sri", address(n), "hostile");
        }
        queue.push(Duration::ZERO, "budi", address(1000), "honest");
        assert_eq!(drain(&mut queue)[1], "honest");
    }

    #[test]
    fn who_asked_often_of_late_comes_after_who_did_not_and_is_forgiven_after_a_minute() {
        let mut queue = FairQueue::new(256);
        for _ in 0..10 {
            queue.push(Duration::ZERO, "sri", address(1), "before");
            queue.pop();
        }
        queue.push(Duration::ZERO, "sri", address(1), "often");
        queue.push(Duration::ZERO, "budi", address(2), "first");
        assert_eq!(drain(&mut queue), ["first", "often"]);
        queue.push(COUNTS_FOR, "sri", address(1), "often");
        queue.push(COUNTS_FOR, "budi", address(2), "first");
        assert_eq!(drain(&mut queue), ["often", "first"]);
    }

    #[test]
    fn full_queue_leaves_out_who_asked_most() {
        let mut queue = FairQueue::new(3);
        for _ in 0..3 {
            assert!(queue.push(Duration::ZERO, "sri", address(1), "hostile"));
        }
        assert!(!queue.push(Duration::ZERO, "sri", address(1), "hostile"));
        assert!(queue.push(Duration::ZERO, "budi", address(2), "honest"));
        assert_eq!(drain(&mut queue).iter().filter(|who| **who == "honest").count(), 1);
    }

    #[test]
    fn memory_is_bounded_whoever_asks() {
        let mut queue = FairQueue::new(4);
        for n in 0..20_000 {
            queue.push(Duration::ZERO, &format!("user{n}"), address(n), "hostile");
        }
        assert!(queue.asked.len() <= MOST_REMEMBERED + 2 && queue.waiting.len() <= 4);
    }
}
