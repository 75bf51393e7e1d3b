//! The one writer: it collects what all connections bring and commits it together, one fsync for all.
//!
//! While a commit waits for the disk, the next batch gathers by itself; so the batches grow with the load,
//! and a single push is committed at once. Answers are given only after the commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use shared::sync::relay::entry::Stored;
use shared::sync::relay::held_back::busy;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::wire::Nack;
use tokio::sync::mpsc;

use crate::feed_tail::FeedTails;
use crate::metrics::Metrics;
use crate::store::Store;

/// Submissions that may wait. More than a commit can take: the rest is told `busy` at once.
const WAITING: usize = 4096;

/// Bytes that may wait: a bound on memory, whatever the sizes of the pushes.
const WAITING_BYTES: usize = 64 << 20;

/// Submissions in one commit. Beyond it an fsync costs a push next to nothing, and the answers of those
/// who came first only wait longer.
const BATCH: usize = 512;

/// Gets the answer to a submission, after it is on disk. Called on the writer's thread: hand it on, do not
/// work in it.
pub type Reply = Box<dyn FnOnce(Result<Stored, Nack>) + Send>;

/// A way to the writer; cheap to clone. The writer ends when the last one is dropped and all is answered.
#[derive(Clone)]
pub struct Writer {
    sender: mpsc::Sender<Waiting>,
    waiting_bytes: Arc<AtomicUsize>,
}

struct Waiting {
    submission: Submission,
    size_bytes: usize,
    reply: Reply,
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
        let writer = Self { sender, waiting_bytes: waiting_bytes.clone() };
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || write(&*store, &rules, &tails, &metrics, receiver, &waiting_bytes))?;
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
        match self.sender.try_send(Waiting { submission, size_bytes, reply }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(waiting) | mpsc::error::TrySendError::Closed(waiting)) => {
                self.waiting_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
                (waiting.reply)(Err(busy()));
            }
        }
    }
}

fn write(
    store: &dyn Store,
    rules: &Rules,
    tails: &FeedTails,
    metrics: &Metrics,
    mut receiver: mpsc::Receiver<Waiting>,
    waiting_bytes: &AtomicUsize,
) {
    while let Some(first) = receiver.blocking_recv() {
        let mut submissions = Vec::new();
        let mut replies = Vec::new();
        let mut next = Some(first);
        while let Some(Waiting { submission, size_bytes, reply }) = next {
            waiting_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
            submissions.push(submission);
            replies.push(reply);
            next = if submissions.len() < BATCH { receiver.try_recv().ok() } else { None };
        }
        let began = Instant::now();
        let committed = store.commit(&submissions, rules);
        metrics.committed(submissions.len(), began.elapsed());
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
