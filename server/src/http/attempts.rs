//! Failed sign-ins: who has to wait before the next attempt is heard, and how long.
//!
//! A device that proves that it was enrolled here has a count of its own, which nobody else can raise. All others are
//! counted by user name and address together, so that nobody is locked out from elsewhere, and with high bounds and short
//! waits by address alone, so that one cannot try a password on everybody, and by name alone, so that many cannot try
//! many on one. Failures age. Pure: time is given, and monotonic.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use shared::ids::DeviceId;
use shared::ordered::OrderedMap;

use crate::hashing::Caller;

/// Failures of one user name from one address, or of a known device, that are free of waiting: people mistype.
const FREE_FAILURES: u32 = 5;
/// Failures of all user names from one address that are free of waiting: an office shares one address.
const FREE_FAILURES_OF_ADDRESS: u32 = 50;
/// Failures of one user name from all addresses that are free of waiting.
const FREE_FAILURES_OF_NAME: u32 = 200;
/// The longest wait: 15 minutes. A guesser at one address then has some 100 attempts a day.
const LONGEST_WAIT_MS: u64 = 15 * 60 * 1000;
/// The longest wait for what others did: half a minute.
const LONGEST_WAIT_FOR_OTHERS_MS: u64 = 30 * 1000;
/// The time in which half of the failures are forgiven.
const HALF_FORGIVEN_MS: u64 = 2 * 60 * 60 * 1000;
/// Keys that are remembered; past it the oldest is forgotten, so that memory is bounded.
const MOST_KEYS: usize = 10_000;

/// A user name, as it is counted: the beginning of its hash, since the names of a guesser may be long.
type Name = [u8; 8];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Device(DeviceId),
    Address(IpAddr),
    Name(Name),
    NameAndAddress(Name, IpAddr),
}

impl Key {
    /// What is counted of a caller.
    fn of(caller: &Caller) -> Vec<Self> {
        match caller {
            Caller::Known(device) => vec![Self::Device(*device)],
            Caller::Unknown { name, address } => {
                let mut hash = Name::default();
                hash.copy_from_slice(&Sha256::digest(name)[..8]);
                let address = network_of(*address);
                vec![Self::NameAndAddress(hash, address), Self::Address(address), Self::Name(hash)]
            }
        }
    }

    /// Failures that are free of waiting, and the longest wait.
    fn bounds(&self) -> (u32, u64) {
        match self {
            Self::Device(_) | Self::NameAndAddress(..) => (FREE_FAILURES, LONGEST_WAIT_MS),
            Self::Address(_) => (FREE_FAILURES_OF_ADDRESS, LONGEST_WAIT_FOR_OTHERS_MS),
            Self::Name(_) => (FREE_FAILURES_OF_NAME, LONGEST_WAIT_FOR_OTHERS_MS),
        }
    }

    /// Whether a success shows that all its failures were the same person's.
    fn is_of_one(&self) -> bool {
        matches!(self, Self::Device(_) | Self::NameAndAddress(..))
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: f64,
    last_at: u64,
}

impl Failures {
    /// How many count now.
    fn aged(&self, now: u64) -> f64 {
        let elapsed = now.saturating_sub(self.last_at) as f64 / HALF_FORGIVEN_MS as f64;
        self.count * (-elapsed).exp2()
    }
}

/// The failed attempts that are remembered.
#[derive(Debug, Default)]
pub struct Attempts {
    failures: OrderedMap<Key, Failures>,
}

impl Attempts {
    /// Begins an attempt, which counts as failed until [`Attempts::succeed`]: attempts made at once
    /// cannot slip past the count. `now` in milliseconds, since whenever.
    ///
    /// # Errors
    /// Seconds to wait, where too many have failed; then the attempt does not count.
    pub fn begin(&mut self, now: u64, caller: &Caller) -> Result<(), u64> {
        let keys = Key::of(caller);
        let wait_ms = keys.iter().map(|key| self.wait_ms(now, key)).max().unwrap_or(0);
        if wait_ms > 0 {
            return Err(wait_ms.div_ceil(1000));
        }
        for key in keys {
            let failures = self.failures.entry(key).or_insert(Failures { count: 0.0, last_at: now });
            *failures = Failures { count: failures.aged(now) + 1.0, last_at: now };
        }
        self.forget(now);
        Ok(())
    }

    /// The attempt succeeded: the failures of this device, or of this name from this address, are forgotten, and those of
    /// the address and of the name go back by this attempt.
    pub fn succeed(&mut self, caller: &Caller) {
        for key in Key::of(caller) {
            if key.is_of_one() {
                self.failures.remove(&key);
            } else if let Some(failures) = self.failures.get_mut(&key) {
                failures.count = (failures.count - 1.0).max(0.0);
            }
        }
    }

    /// The attempt was not heard after all: it does not count.
    pub fn take_back(&mut self, caller: &Caller) {
        for key in Key::of(caller) {
            if let Some(failures) = self.failures.get_mut(&key) {
                failures.count = (failures.count - 1.0).max(0.0);
            }
        }
    }

    fn wait_ms(&self, now: u64, key: &Key) -> u64 {
        let Some(failures) = self.failures.get(key) else { return 0 };
        let (free, longest) = key.bounds();
        let count = failures.aged(now).round() as u32;
        if count < free {
            return 0;
        }
        // 2 s after the last free one, then twice as long each time.
        let wait = 2000_u64.saturating_mul(1 << (count - free).min(16)).min(longest);
        failures.last_at.saturating_add(wait).saturating_sub(now)
    }

    fn forget(&mut self, now: u64) {
        if self.failures.len() <= MOST_KEYS {
            return;
        }
        self.failures.retain(|_, failures| failures.aged(now) >= 0.5);
        while self.failures.len() > MOST_KEYS {
            let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.last_at);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            self.failures.remove(&key);
        }
    }
}

/// What an address counts as: one of version 6 is usually one of a whole network's, whose holder has them all.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
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
    const HOUR_MS: u64 = 60 * 60 * 1000;

    fn unknown(name: &str, address: IpAddr) -> Caller {
        Caller::Unknown { name: name.to_owned(), address }
    }

    fn known(n: u8) -> Caller {
        Caller::Known(DeviceId::from_bytes([n; 16]))
    }

    fn numbered(n: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from(0x0b00_0000 + n))
    }

    fn fail(attempts: &mut Attempts, times: u32, user: &str, address: IpAddr) {
        for _ in 0..times {
            attempts.begin(0, &unknown(user, address)).unwrap();
        }
    }

    #[test]
    fn sixth_failure_has_to_wait_and_each_further_one_longer() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", HERE);
        assert_eq!(attempts.begin(0, &unknown("sri", HERE)), Err(2));
        assert_eq!(attempts.begin(2000, &unknown("sri", HERE)), Ok(()));
        assert_eq!(attempts.begin(2000, &unknown("sri", HERE)), Err(4));
    }

    #[test]
    fn nobody_is_locked_out_from_elsewhere() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", HERE);
        assert_eq!(attempts.begin(0, &unknown("sri", THERE)), Ok(()));
        assert_eq!(attempts.begin(0, &unknown("budi", HERE)), Ok(()));
    }

    #[test]
    fn one_address_cannot_try_everybody() {
        let mut attempts = Attempts::default();
        for number in 0..50 {
            attempts.begin(0, &unknown(&format!("user{number}"), HERE)).unwrap();
        }
        assert_eq!(attempts.begin(0, &unknown("another", HERE)), Err(2));
    }

    #[test]
    fn many_addresses_cannot_try_many_passwords_on_one_and_nobody_waits_long_for_it() {
        let mut attempts = Attempts::default();
        for n in 0..FREE_FAILURES_OF_NAME {
            attempts.begin(0, &unknown("sri", numbered(n))).unwrap();
        }
        assert_eq!(attempts.begin(0, &unknown("sri", HERE)), Err(2));
        let mut now = 0;
        for n in 0..100 {
            match attempts.begin(now, &unknown("sri", numbered(1000 + n))) {
                Ok(()) => {}
                Err(wait_s) => {
                    assert!(wait_s <= 30, "{wait_s}");
                    now += wait_s * 1000;
                }
            }
        }
        assert_eq!(attempts.begin(now, &unknown("budi", HERE)), Ok(()));
    }

    #[test]
    fn known_device_is_not_held_up_by_what_others_do_and_has_its_own_count() {
        let mut attempts = Attempts::default();
        for n in 0..FREE_FAILURES_OF_NAME {
            attempts.begin(0, &unknown("sri", numbered(n))).unwrap();
        }
        for _ in 0..5 {
            assert_eq!(attempts.begin(0, &known(1)), Ok(()));
        }
        assert_eq!(attempts.begin(0, &known(1)), Err(2));
        assert_eq!(attempts.begin(0, &known(2)), Ok(()));
        attempts.succeed(&known(1));
        assert_eq!(attempts.begin(0, &known(1)), Ok(()));
    }

    #[test]
    fn success_forgets_the_failures_before_it() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", HERE);
        attempts.succeed(&unknown("sri", HERE));
        assert_eq!(attempts.begin(0, &unknown("sri", HERE)), Ok(()));
    }

    #[test]
    fn attempt_that_was_not_heard_does_not_count() {
        let mut attempts = Attempts::default();
        for _ in 0..100 {
            assert_eq!(attempts.begin(0, &unknown("sri", HERE)), Ok(()));
            attempts.take_back(&unknown("sri", HERE));
        }
    }

    #[test]
    fn failures_age() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", HERE);
        // Half of them are forgiven after two hours: three more are free.
        let later = 2 * HOUR_MS;
        for _ in 0..2 {
            assert_eq!(attempts.begin(later, &unknown("sri", HERE)), Ok(()));
        }
        assert_eq!(attempts.begin(later, &unknown("sri", HERE)), Err(2));
        for _ in 0..5 {
            assert_eq!(attempts.begin(later + 24 * HOUR_MS, &unknown("sri", HERE)), Ok(()));
        }
    }

    #[test]
    fn guesser_has_some_hundred_attempts_a_day() {
        let mut attempts = Attempts::default();
        let (mut now, mut heard) = (0, 0);
        while now < 24 * HOUR_MS {
            match attempts.begin(now, &unknown("sri", HERE)) {
                Ok(()) => heard += 1,
                Err(wait_s) => {
                    assert!(wait_s <= 15 * 60, "{wait_s}");
                    now += wait_s * 1000;
                }
            }
        }
        assert!(heard < 150, "{heard}");
    }

    #[test]
    fn memory_is_bounded() {
        let mut attempts = Attempts::default();
        for number in 0..(MOST_KEYS as u32 + 50) {
            attempts.begin(0, &unknown(&format!("user{number}"), numbered(number))).unwrap();
        }
        assert!(attempts.failures.len() <= MOST_KEYS);
    }

    #[test]
    fn addresses_of_one_network_of_version_6_count_as_one() {
        let mut attempts = Attempts::default();
        fail(&mut attempts, 5, "sri", "2001:db8::1".parse().unwrap());
        assert_eq!(attempts.begin(0, &unknown("sri", "2001:db8::2".parse().unwrap())), Err(2));
        assert_eq!(attempts.begin(0, &unknown("sri", "2001:db8:0:1::2".parse().unwrap())), Ok(()));
    }
}
