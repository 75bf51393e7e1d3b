//! What the relay tells in the audit log beside what its store tells by itself: sign-ins and refusals.
//!
//! Anybody can make these happen, so they are gathered (`shared::audit::repeats`) and written by the way, every few
//! seconds: nobody waits for it, and nobody fills the disk with it.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::audit::repeats::Repeats;
use shared::audit::{Act, Sort};
use shared::ids::UserId;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::{Result, Store};

/// How often what has come is written.
pub const WRITE_EVERY: Duration = Duration::from_secs(5);

/// Sign-ins that wait to be written while the store fails; older ones than so many are let go of, and counted as such.
const WAITING: usize = 1_000;

/// The way to the audit log.
pub struct Trail {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    clock: Clock,
    waiting: Mutex<Waiting>,
}

struct Waiting {
    by_anybody: Repeats,
    downloads: Repeats,
    acts: Vec<Act>,
}

impl Trail {
    /// The way to the audit log of a store.
    pub fn new(store: Arc<dyn Store>, metrics: Arc<Metrics>, clock: Clock) -> Self {
        let waiting = Waiting {
            by_anybody: Repeats::by_anybody(),
            downloads: Repeats::of_downloads(),
            acts: Vec::new(),
        };
        Self { store, metrics, clock, waiting: Mutex::new(waiting) }
    }

    /// Something happened that only those with an account can make happen.
    pub fn tell(&self, act: Act) {
        self.metrics.traced(&act.sort);
        let mut waiting = self.waiting();
        if waiting.acts.len() < WAITING {
            waiting.acts.push(act);
        } else {
            waiting.by_anybody.note(Act { person: String::new(), device: None, ..act });
        }
    }

    /// Something happened that anybody can make happen as often as they like.
    pub fn gather(&self, act: Act) {
        self.metrics.traced(&act.sort);
        self.waiting().by_anybody.note(act);
    }

    /// Something was downloaded, which may come in as many parts as somebody likes. Gathered apart from what anybody can
    /// make happen, so that wrong sign-ins hide no download.
    pub fn downloaded(&self, act: Act) {
        self.metrics.traced(&act.sort);
        self.waiting().downloads.note(act);
    }

    /// Writes what has come. Blocks.
    ///
    /// # Errors
    /// When the store fails; nothing is let go of then.
    pub fn write(&self) -> Result<()> {
        self.write_these(|repeats, now| repeats.take(now))
    }

    /// Writes what has come and what was gathered, before the relay ends. Blocks.
    ///
    /// # Errors
    /// As [`Trail::write`].
    pub fn write_all(&self) -> Result<()> {
        self.write_these(Repeats::take_all)
    }

    fn write_these(&self, take: impl Fn(&mut Repeats, u64) -> Vec<Act>) -> Result<()> {
        let mut acts = {
            let mut waiting = self.waiting();
            let now = self.clock.wall_ms();
            let mut acts = std::mem::take(&mut waiting.acts);
            acts.extend(take(&mut waiting.by_anybody, now));
            acts.extend(take(&mut waiting.downloads, now));
            acts
        };
        acts.sort_by_key(|act| act.at);
        let written = self.store.trace(acts.clone());
        if written.is_err() {
            acts.truncate(WAITING);
            self.waiting().acts.splice(0..0, acts);
        }
        written
    }

    /// Says in the relay's own log where the audit log ends: against it a cut tail is found. Blocks.
    ///
    /// # Errors
    /// When the store fails.
    pub fn say_head(&self) -> Result<()> {
        let head = self.store.audit_head()?;
        tracing::info!(rows = head.seq, %head, "the audit log ends at {head}");
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sign-in was refused; `person` where there is one of that name. Any other text may be a password that somebody
/// typed into the wrong field.
pub fn refused_sign_in(at: u64, person: Option<&UserId>, address: IpAddr, why: &str) -> Act {
    let act = Act::new(at, Sort::SignInRefused).from(address).saying(why);
    match person {
        Some(person) => act.of(person),
        None => act,
    }
}

#[cfg(test)]
mod tests {
    use shared::audit::AuditKey;
    use shared::ids::EpochId;

    use super::*;
    use crate::store::memory::MemoryStore;

    #[test]
    fn wrong_sign_ins_hide_no_download() {
        let store = Arc::new(MemoryStore::new(EpochId::from_bytes([1; 16])));
        store.trace_with(&AuditKey::new([1; 32])).unwrap();
        let trail = Trail::new(store.clone(), Arc::default(), Clock::default());
        let address = |n: u32| IpAddr::from([127, 0, (n / 250) as u8, (n % 250) as u8]);
        for n in 0..1_000 {
            trail.gather(refused_sign_in(1, None, address(n), "no such person"));
        }
        trail.downloaded(Act::new(2, Sort::Export).saying("attachment a of document b"));
        trail.write().unwrap();
        let rows = store.audit(0, 10_000).unwrap();
        assert!(rows.len() < 300, "those that anybody makes are bounded");
        assert!(rows.iter().any(|row| row.act.detail == "attachment a of document b"));
    }
}
