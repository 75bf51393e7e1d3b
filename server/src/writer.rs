//! The one writer: it collects what all connections bring and commits it together, one fsync for all.
//!
//! While a commit waits for the disk, the next batch gathers by itself; so the batches grow with the load,
//! and a single push is committed at once. Answers are given only after the commit.
//!
//! Where the store panics at a batch, its submissions are tried one by one: the one at which it panics is told `busy`, the
//! others are stored. A panic anywhere else in the writer ends the process, so that whoever watches it starts it anew: a
//! relay that looks well and stores nothing is worse than none.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use shared::sync::relay::entry::Stored;
use shared::sync::relay::held_back::busy;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::wire::Nack;
use tokio::sync::{mpsc, oneshot};

use crate::feed_tail::FeedTails;
use crate::http::causes;
use crate::metrics::Metrics;
use crate::store::{self, Store, StoreError};

/// Submissions that may wait. More than a commit can take: the rest is told `busy` at once.
const WAITING: usize = 4096;

/// Bytes that may wait: a bound on memory, whatever the sizes of the pushes.
const WAITING_BYTES: usize = 64 << 20;

/// Submissions in one commit. Beyond it an fsync costs a push next to nothing, and the answers of those
/// who came first only wait longer.
const BATCH: usize = 512;

/// How long a batch that failed tells that the next would fail too: devices try again sooner.
const FAILURE_COUNTS_FOR: Duration = Duration::from_secs(5);

/// Gets the answer to a submission, after it is on disk. Called on the writer's thread: hand it on, do not
/// work in it.
pub type Reply = Box<dyn FnOnce(Result<Stored, Nack>) + Send>;

/// A way to the writer; cheap to clone. The writer ends when the last one is dropped and all is answered.
#[derive(Clone)]
pub struct Writer {
    sender: mpsc::Sender<Waiting>,
    waiting_bytes: Arc<AtomicUsize>,
    outcomes: Arc<Outcomes>,
}

/// What became of the batches, for who asks whether a push would be stored.
#[derive(Debug, Default)]
struct Outcomes {
    stored: AtomicU64,
    failed: AtomicU64,
    /// When the last batch failed, if it did and none was stored since.
    failed_at: Mutex<Option<Instant>>,
}

impl Outcomes {
    fn note(&self, is_stored: bool) {
        let counter = if is_stored { &self.stored } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner) = (!is_stored).then(Instant::now);
    }

    fn failed_just_now(&self) -> bool {
        let failed_at = *self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| at.elapsed() < FAILURE_COUNTS_FOR)
    }
}

/// How many batches were stored and how many failed, by which a former answer is seen to be of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Batches that were stored.
    pub stored: u64,
    /// Batches that failed.
    pub failed: u64,
}

enum Waiting {
    Submission {
        submission: Box<Submission>,
        size_bytes: usize,
        reply: Reply,
    },
    /// Asks whether a submission would be stored now.
    Proof(oneshot::Sender<bool>),
}

impl Writer {
    /// Starts the writer on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        store: Arc<dyn Store>,
        rules: Rules,
        tails: Arc<FeedTails>,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let outcomes = Arc::new(Outcomes::default());
        let writer = Self { sender, waiting_bytes: waiting_bytes.clone(), outcomes: outcomes.clone() };
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            let work = || write(&*store, &rules, &tails, &metrics, receiver, &waiting_bytes, &outcomes);
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                tracing::error!("the writer panicked: the relay ends, since it could store nothing more");
                std::process::abort();
            }
        })?;
        Ok((writer, thread))
    }

    /// Hands over a submission; `reply` gets the answer, and gets `busy` at once where too much waits.
    /// Submissions of one caller are decided and answered in the order in which they are handed over.
    pub fn submit(&self, submission: Submission, reply: Reply) {
        let size_bytes = submission.size_bytes();
        if self.waiting_bytes.fetch_add(size_bytes, Ordering::Relaxed) + size_bytes > WAITING_BYTES {
            self.waiting_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
            return reply(Err(busy()));
        }
        let waiting = Waiting::Submission { submission: Box::new(submission), size_bytes, reply };
        match self.sender.try_send(waiting) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(waiting) | mpsc::error::TrySendError::Closed(waiting)) => {
                self.waiting_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
                if let Waiting::Submission { reply, .. } = waiting {
                    reply(Err(busy()));
                }
            }
        }
    }

    /// What became of the batches until now.
    pub fn outcome(&self) -> Outcome {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Outcome { stored: count(&self.outcomes.stored), failed: count(&self.outcomes.failed) }
    }

    /// Asks the writer's thread to write what changes nothing, in its turn among the submissions: true where that is done,
    /// and the last batch did not just fail. `None` where so much waits that a submission would be told `busy`.
    pub fn prove(&self) -> Option<oneshot::Receiver<bool>> {
        let (sender, receiver) = oneshot::channel();
        self.sender.try_send(Waiting::Proof(sender)).ok()?;
        Some(receiver)
    }
}

fn write(
    store: &dyn Store,
    rules: &Rules,
    tails: &FeedTails,
    metrics: &Metrics,
    mut receiver: mpsc::Receiver<Waiting>,
    waiting_bytes: &AtomicUsize,
    outcomes: &Outcomes,
) {
    while let Some(first) = receiver.blocking_recv() {
        let mut submissions = Vec::new();
        let mut replies = Vec::new();
        let mut proofs = Vec::new();
        let mut next = Some(first);
        while let Some(waiting) = next {
            match waiting {
                Waiting::Submission { submission, size_bytes, reply } => {
                    waiting_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
                    submissions.push(*submission);
                    replies.push(reply);
                }
                Waiting::Proof(proof) => proofs.push(proof),
            }
            next = if submissions.len() < BATCH { receiver.try_recv().ok() } else { None };
        }
        prove(store, metrics, outcomes, proofs);
        if submissions.is_empty() {
            continue;
        }
        let began = Instant::now();
        let committed = commit(store, &submissions, rules);
        metrics.committed(submissions.len(), began.elapsed());
        outcomes.note(committed.is_ok());
        let answers: Vec<_> = match committed {
            Ok(verdicts) => {
                tails.append(&verdicts);
                verdicts.iter().map(Verdict::answer).collect()
            }
            Err(error) => {
                metrics.store_failed();
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(pushes = submissions.len(), cause, "could not store a batch: {error}");
                submissions.iter().map(|_| Err(busy())).collect()
            }
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            reply(answer);
        }
    }
}

/// Answers who asks whether the store can be written, all with one writing.
fn prove(store: &dyn Store, metrics: &Metrics, outcomes: &Outcomes, proofs: Vec<oneshot::Sender<bool>>) {
    if proofs.is_empty() {
        return;
    }
    let proven = catch_unwind(AssertUnwindSafe(|| store.prove_writable())).unwrap_or_else(|_| {
        store.forget_batch();
        Err(StoreError::Panicked)
    });
    if let Err(error) = &proven {
        metrics.store_failed();
        tracing::error!(error = causes(error), "the store cannot be written");
    }
    for proof in proofs {
        // Who asked may have gone meanwhile.
        let _ = proof.send(proven.is_ok() && !outcomes.failed_just_now());
    }
}

/// Commits a batch. Where the store panics at it, each submission by itself, so that only the one at which it panics is
/// refused.
fn commit(store: &dyn Store, batch: &[Submission], rules: &Rules) -> store::Result<Vec<Verdict>> {
    one_by_one_after_a_panic(
        batch,
        |batch| store.commit(batch, rules),
        || store.forget_batch(),
        || Verdict::Refuse(busy()),
    )
}

fn one_by_one_after_a_panic<S, V>(
    batch: &[S],
    commit: impl Fn(&[S]) -> store::Result<Vec<V>>,
    forget: impl Fn(),
    refuse: impl Fn() -> V,
) -> store::Result<Vec<V>> {
    let attempt = |batch: &[S]| {
        let committed = catch_unwind(AssertUnwindSafe(|| commit(batch)));
        committed.unwrap_or_else(|_| {
            forget();
            Err(StoreError::Panicked)
        })
    };
    match attempt(batch) {
        Err(StoreError::Panicked) if batch.len() > 1 => {
            tracing::error!(pushes = batch.len(), "the store panicked at a batch, going one by one");
            let mut verdicts = Vec::with_capacity(batch.len());
            for one in batch.chunks(1) {
                match attempt(one) {
                    Ok(verdict) => verdicts.extend(verdict),
                    Err(error) => {
                        tracing::error!("a push could not be stored: {error}");
                        verdicts.push(refuse());
                    }
                }
            }
            Ok(verdicts)
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use shared::ids::{DocumentId, EpochId};
    use shared::model::kind::Kind;
    use shared::sync::relay::entry::ReceiptKey;
    use shared::sync::relay::submission::Request;

    use super::*;
    use crate::store::memory::MemoryStore;

    #[test]
    fn submission_at_which_the_store_panics_is_refused_and_the_others_of_its_batch_are_stored() {
        let forgotten = Cell::new(0);
        let commit = |batch: &[u8]| {
            assert!(!batch.contains(&3), "a fault");
            Ok(batch.iter().map(|_| "stored").collect())
        };
        let forget = || forgotten.set(forgotten.get() + 1);
        let verdicts = one_by_one_after_a_panic(&[1, 2, 3, 4], commit, forget, || "busy").unwrap();
        assert_eq!(verdicts, ["stored", "stored", "busy", "stored"]);
        assert_eq!(forgotten.get(), 2, "after the batch and after the one");
        let alone = one_by_one_after_a_panic(&[3], commit, || {}, || "busy");
        assert!(matches!(alone, Err(StoreError::Panicked)));
    }

    #[test]
    fn batch_that_failed_tells_that_a_push_would_until_one_is_stored() {
        let outcomes = Outcomes::default();
        assert!(!outcomes.failed_just_now());
        outcomes.note(false);
        assert!(outcomes.failed_just_now());
        outcomes.note(true);
        assert!(!outcomes.failed_just_now());
    }

    /// Runs in a process of its own, which is the one that ends: see the next test.
    #[test]
    #[ignore = "it ends its process"]
    fn writer_that_panics() {
        let rules = Rules::new(ReceiptKey::new([7; 32]), shared::wire::RelayLimits::default());
        let store = Arc::new(MemoryStore::new(EpochId::from_bytes([1; 16])));
        let (writer, thread) = Writer::start(store, rules, Arc::default(), Arc::default()).unwrap();
        let submission = Submission {
            user: "sri".parse().unwrap(),
            device: shared::ids::DeviceId::from_bytes([1; 16]),
            session: None,
            at: 1,
            feed: "kota".parse().unwrap(),
            request: Request::Push {
                doc: DocumentId::from_bytes([1; 16]),
                kind: Kind::TripReport,
                changes: Vec::new(),
            },
        };
        writer.submit(submission, Box::new(|_| panic!("a fault outside the store")));
        // Joined, not dropped: a relay has other threads that would go on.
        let _ = thread.join();
    }

    #[test]
    fn panic_in_the_writer_ends_the_process_so_that_no_relay_looks_well_and_stores_nothing() {
        let this = std::env::current_exe().unwrap();
        let output = std::process::Command::new(this)
            .args(["--ignored", "--exact", "writer::tests::writer_that_panics", "--nocapture"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("a fault outside the store"), "{said}");
        assert_eq!(output.status.code(), None, "it ends by a signal, and not as a test does: {said}");
    }
}
