//! Failed sign-ins: who has to wait before the next attempt is heard, and how long.
//!
//! Counted per user name and address together, so that nobody can lock somebody else out from elsewhere,
//! and per address alone, so that one address cannot try a password on everybody. Pure: time is given.

use shared::ordered::OrderedMap;
use std::net::IpAddr;

/// Failures of one user name from one address that are free of waiting: people mistype.
const FREE_FAILURES: u32 = 5;
/// Failures of all user names from one address that are free of waiting: an office shares one address.
const FREE_FAILURES_OF_ADDRESS: u32 = 50;
/// The longest wait: 15 minutes. A guesser then has under 100 attempts a day.
const LONGEST_WAIT_MS: u64 = 15 * 60 * 1000;
/// After this time without a failure all is forgotten.
const FORGET_AFTER_MS: u64 = 60 * 60 * 1000;
/// Keys that are remembered; past it the oldest is forgotten, so that memory is bounded.
const MOST_KEYS: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Address(IpAddr),
    UserAndAddress(String, IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last_at: u64,
}

/// The failed attempts that are remembered.
#[derive(Debug, Default)]
pub struct Attempts {
    failures: OrderedMap<Key, Failures>,
}

impl Attempts {
    /// Begins an attempt, which counts as failed until [`Attempts::succeed`]: attempts made at once
    /// cannot slip past the count.
    ///
    /// # Errors
    /// Seconds to wait, where too many have failed; then the attempt does not count.
    pub fn begin(&mut self, now: u64, user: &str, address: IpAddr) -> Result<(), u64> {
        // An address of version 6 is usually one of a whole network's: count the network.
        let address = network_of(address);
        let keys = [
            (Key::UserAndAddress(user.chars().take(64).collect(), address), FREE_FAILURES),
            (Key::Address(address), FREE_FAILURES_OF_ADDRESS),
        ];
        let wait_ms = keys.iter().map(|(key, free)| self.wait_ms(now, key, *free)).max().unwrap_or(0);
        if wait_ms > 0 {
            return Err(wait_ms.div_ceil(1000));
        }
        for (key, _) in keys {
            let failures = self.failures.entry(key).or_insert(Failures { count: 0, last_at: now });
            if now.saturating_sub(failures.last_at) > FORGET_AFTER_MS {
                failures.count = 0;
            }
            *failures = Failures { count: failures.count.saturating_add(1), last_at: now };
        }
        self.forget(now);
        Ok(())
    }

    /// The attempt succeeded: this user name's failures from here are forgotten, and the address's count
    /// goes back by this attempt.
    pub fn succeed(&mut self, user: &str, address: IpAddr) {
        let address = network_of(address);
        self.failures.remove(&Key::UserAndAddress(user.chars().take(64).collect(), address));
        if let Some(failures) = self.failures.get_mut(&Key::Address(address)) {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    fn wait_ms(&self, now: u64, key: &Key, free: u32) -> u64 {
        let Some(failures) = self.failures.get(key) else { return 0 };
        if failures.count < free || now.saturating_sub(failures.last_at) > FORGET_AFTER_MS {
            return 0;
        }
        // 2 s after the last free one, then twice as long each time.
        let wait = 2000_u64.saturating_mul(1 << (failures.count - free).min(16)).min(LONGEST_WAIT_MS);
        failures.last_at.saturating_add(wait).saturating_sub(now)
    }

    fn forget(&mut self, now: u64) {
        if self.failures.len() <= MOST_KEYS {
            return;
        }
        self.failures.retain(|_, failures| now.saturating_sub(failures.last_at) <= FORGET_AFTER_MS);
        while self.failures.len() > MOST_KEYS {
            let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.last_at);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            self.failures.remove(&key);
        }
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn fail(attempts: &mut Attempts, times: u32, user: &str, address: IpAddr) {
        for _ in 0..times {
            attempts.begin(0, user, address).unwrap();
        }
    }

    #[test]
    fn sixth_failure_has_to_wait_and_each_further_one_longer() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", HERE);
        assert_eq!(attempts.begin(0, "sri", HERE), Err(2));
        assert_eq!(attempts.begin(2000, "sri", HERE), Ok(()));
        assert_eq!(attempts.begin(2000, "sri", HERE), Err(4));
    }

    #[test]
    fn nobody_is_locked_out_from_elsewhere() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", HERE);
        assert_eq!(attempts.begin(0, "sri", THERE), Ok(()));
        assert_eq!(attempts.begin(0, "budi", HERE), Ok(()));
    }

    #[test]
    fn one_address_cannot_try_everybody() {
        let mut attempts = Attempts::default();
        for number in 0..50 {
            attempts.begin(0, &format!("user{number}"), HERE).unwrap();
        }
        assert_eq!(attempts.begin(0, "another", HERE), Err(2));
    }

    #[test]
    fn success_forgets_the_failures_before_it() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", HERE);
        attempts.succeed("sri", HERE);
        assert_eq!(attempts.begin(0, "sri", HERE), Ok(()));
    }

    #[test]
    fn wait_ends_after_fifteen_minutes_and_memory_is_bounded() {
        let mut attempts = Attempts::default();
        let mut now = 0;
        for _ in 0..100 {
            if let Err(wait_s) = attempts.begin(now, "sri", HERE) {
                assert!(wait_s <= 15 * 60, "{wait_s}");
                now += wait_s * 1000;
            }
        }
        for number in 0..(MOST_KEYS as u32 + 50) {
            let address = IpAddr::V4(std::net::Ipv4Addr::from(0x0b00_0000 + number));
            attempts.begin(now, "sri", address).unwrap();
        }
        assert!(attempts.failures.len() <= MOST_KEYS);
    }

    #[test]
    fn addresses_of_one_network_of_version_6_count_as_one() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", "2001:db8::1".parse().unwrap());
        assert_eq!(attempts.begin(0, "sri", "2001:db8::2".parse().unwrap()), Err(2));
        assert_eq!(attempts.begin(0, "sri", "2001:db8:0:1::2".parse().unwrap()), Ok(()));
    }
}
