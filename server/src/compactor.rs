//! The worker that folds documents into snapshots, slowly and beside everything else.
//!
//! It reads each feed like a device does, with a number of its own, and folds what has grown. What it makes
//! is derived and never urgent: it takes a third of one core at most, one document at a time, whose size and
//! time are bounded. A document that it cannot fold, or at which Automerge panics, is set aside with the
//! reason and is served as its entries.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use shared::ids::{DocumentId, FeedId};
use shared::ordered::OrderedMap;
use shared::sync::relay::compaction::{CannotFold, Snapshot, fold};
use shared::sync::relay::entry::ReceiptKey;

use crate::clock::now_ms;
use crate::metrics::Metrics;
use crate::store::{Result, Store};

/// How long it rests once it has read all feeds to their heads.
const REST: Duration = Duration::from_secs(15);
/// How long it may work on one document: the largest take some seconds, and the machine may have other work.
const FOLD_WITHIN: Duration = Duration::from_secs(30);
/// After a piece of work it pauses for so many times as long.
const PAUSES: u32 = 2;
/// Entries that are looked at in one question.
const ENTRIES_AT_ONCE: u64 = 4_096;
/// Snapshots, and their bytes, that are stored together: while they wait for the disk no edit is stored.
const TOGETHER: usize = 32;
const TOGETHER_BYTES: usize = 1 << 20;

/// How long it may say nothing: more than it may work on one document and pause after it.
const SILENT_FOR: Duration = Duration::from_secs(5 * 60);

/// The worker's thread; it ends when this is dropped.
#[derive(Debug)]
pub struct Compacting {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    pulse: Pulse,
}

/// When the worker last went on, by which others know that it does.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Option<Instant>>>);

impl Pulse {
    fn begin() -> Self {
        Self(Arc::new(Mutex::new(Some(Instant::now()))))
    }

    fn beat(&self) {
        *self.last() = Some(Instant::now());
    }

    /// Whether the worker goes on.
    pub fn beats(&self, now: Instant) -> bool {
        self.last().is_some_and(|last| now.saturating_duration_since(last) < SILENT_FOR)
    }

    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops the pulse when the worker's thread ends, however it does.
struct Last(Pulse);

impl Drop for Last {
    fn drop(&mut self) {
        *self.0.last() = None;
    }
}

impl Compacting {
    /// Starts the worker on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(store: Arc<dyn Store>, key: ReceiptKey, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let mut compactor = Compactor::new(store, key, metrics, Pace::Beside(stopped));
        let pulse = compactor.pulse.clone();
        let last = Last(pulse.clone());
        let work = move || {
            let _last = last;
            while compactor.rests(REST) {
                // A pass that panics leaves the documents before it folded; the next begins where it stood.
                match catch_unwind(AssertUnwindSafe(|| compactor.pass())) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::warn!("snapshots could not be made, it is tried again: {error}");
                    }
                    Err(_) => {
                        compactor.metrics.could_not_fold();
                        tracing::error!("the compactor panicked: no snapshots were made, it is tried again");
                    }
                }
            }
        };
        let thread = std::thread::Builder::new().name("compactor".to_owned()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread), pulse })
    }

    /// By which others know that it goes on.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }
}

impl Drop for Compacting {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of it was told when it happened.
            let _ = thread.join();
        }
    }
}

/// How hard it works.
#[derive(Debug)]
pub enum Pace {
    /// Without a pause, for whoever waits for it.
    AtOnce,
    /// Beside a relay that serves, with pauses, until the other end is dropped.
    Beside(Receiver<()>),
}

/// The worker.
pub struct Compactor {
    store: Arc<dyn Store>,
    /// What snapshots get their receipts from.
    key: ReceiptKey,
    metrics: Arc<Metrics>,
    pace: Pace,
    /// Up to where each feed was read.
    read: OrderedMap<FeedId, u64>,
    /// What was made and is not stored yet, with how long each took.
    made: Vec<(Snapshot, Duration)>,
    made_bytes: usize,
    pulse: Pulse,
}

impl Compactor {
    /// A worker that has read nothing yet.
    pub fn new(store: Arc<dyn Store>, key: ReceiptKey, metrics: Arc<Metrics>, pace: Pace) -> Self {
        let pulse = Pulse::begin();
        Self { store, key, metrics, pace, read: OrderedMap::new(), made: Vec::new(), made_bytes: 0, pulse }
    }

    /// Reads all feeds to their heads, and folds what is worth it.
    ///
    /// # Errors
    /// When the store fails; it is gone on from there the next time.
    pub fn pass(&mut self) -> Result<()> {
        // Of a pass that failed: it is made again.
        self.forget_made();
        for feed in self.store.feeds()?.into_keys() {
            loop {
                let after = self.read.get(&feed).copied().unwrap_or(0);
                let (to, docs) = self.store.grown(&feed, after, ENTRIES_AT_ONCE)?;
                if to <= after {
                    break;
                }
                for doc in docs {
                    let began = Instant::now();
                    self.look_at(doc)?;
                    if !self.rests(began.elapsed() * PAUSES) {
                        return self.keep();
                    }
                }
                self.keep()?;
                self.read.insert(feed.clone(), to);
            }
        }
        Ok(())
    }

    fn forget_made(&mut self) -> Vec<(Snapshot, Duration)> {
        self.made_bytes = 0;
        std::mem::take(&mut self.made)
    }

    /// Stores what was made; one after the other where the store does not take all of it, so that one that it refuses
    /// holds up none before it.
    fn keep(&mut self) -> Result<()> {
        let (snapshots, times): (Vec<_>, Vec<_>) = self.forget_made().into_iter().unzip();
        if snapshots.is_empty() {
            return Ok(());
        }
        let now = now_ms();
        let kept = match self.store.put_snapshots(&snapshots, now) {
            Err(_) if snapshots.len() > 1 => {
                let mut kept = Vec::with_capacity(snapshots.len());
                for snapshot in &snapshots {
                    kept.extend(self.store.put_snapshots(std::slice::from_ref(snapshot), now)?);
                }
                kept
            }
            result => result?,
        };
        for (_, time) in kept.iter().zip(times).filter(|(is_kept, _)| **is_kept) {
            self.metrics.folded(time);
        }
        Ok(())
    }

    fn look_at(&mut self, doc: DocumentId) -> Result<()> {
        let growth = self.store.growth(doc)?;
        if !growth.must_fold() {
            return Ok(());
        }
        let began = Instant::now();
        match self.fold(doc, began + FOLD_WITHIN)? {
            Folded::Snapshot(snapshot) => {
                self.made_bytes += snapshot.size_bytes();
                self.made.push((*snapshot, began.elapsed()));
                if self.made.len() >= TOGETHER || self.made_bytes >= TOGETHER_BYTES {
                    self.keep()?;
                }
            }
            Folded::SetAside(why) => {
                self.metrics.could_not_fold();
                tracing::warn!(
                    doc.id = %doc.short(),
                    why,
                    "document {} is served as its entries, it cannot be folded: {why}",
                    doc.short()
                );
                self.store.set_aside(doc, growth.changes, &why, now_ms())?;
            }
            Folded::Stopped => {}
        }
        Ok(())
    }

    fn fold(&self, doc: DocumentId, until: Instant) -> Result<Folded> {
        let Some(foldable) = self.store.foldable(doc)? else { return Ok(Folded::Stopped) };
        let mut goes_on = || Instant::now() < until && !self.is_stopped();
        // Nothing that is shared is changed meanwhile: what a panic leaves is dropped.
        let folded = catch_unwind(AssertUnwindSafe(|| fold(&foldable, &self.key, &mut goes_on)));
        Ok(match folded {
            Ok(Ok(snapshot)) => Folded::Snapshot(Box::new(snapshot)),
            Ok(Err(CannotFold::OutOfTime)) if self.is_stopped() => Folded::Stopped,
            Ok(Err(error)) => Folded::SetAside(in_full(&error)),
            Err(_) => Folded::SetAside("Automerge panicked at it".to_owned()),
        })
    }

    fn is_stopped(&self) -> bool {
        matches!(&self.pace, Pace::Beside(stopped) if stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected))
    }

    /// Waits; whether it is to go on.
    fn rests(&self, pause: Duration) -> bool {
        self.pulse.beat();
        match &self.pace {
            Pace::AtOnce => true,
            Pace::Beside(stopped) => stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout),
        }
    }
}

/// What came of a document.
enum Folded {
    Snapshot(Box<Snapshot>),
    SetAside(String),
    /// It is gone, or the relay stops.
    Stopped,
}

/// An error with its causes.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use shared::ids::EpochId;

    use super::*;
    use crate::store::memory::MemoryStore;

    #[test]
    fn worker_that_says_nothing_for_too_long_or_has_ended_goes_on_no_more() {
        let store = Arc::new(MemoryStore::new(EpochId::from_bytes([1; 16])));
        let compacting = Compacting::start(store, ReceiptKey::new([7; 32]), Arc::default()).unwrap();
        let pulse = compacting.pulse().clone();
        let now = Instant::now();
        assert!(pulse.beats(now) && pulse.beats(now + SILENT_FOR / 2));
        assert!(!pulse.beats(now + SILENT_FOR * 2), "it hangs");
        drop(compacting);
        assert!(!pulse.beats(Instant::now()), "its thread has ended");
    }
}
