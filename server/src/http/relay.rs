//! What every handler has at hand.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::audit::{Act, Sort};
use shared::wire::FromRelay;
use shared::wire::code::NackCode;
use tokio::sync::{Semaphore, watch};

use super::attempts::Attempts;
use super::connections::Connections;
use super::health::Readiness;
use super::problem::Problem;
use super::rates::Rates;
use super::session::SignedIn;
use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::compactor::Pulse;
use crate::config::Settings;
use crate::feed_tail::FeedTails;
use crate::hashing::{Caller, Hashing};
use crate::metrics::Metrics;
use crate::password::{AllowedPassword, PasswordDigest};
use crate::rights::RightsWatch;
use crate::store::{Store, StoreError};
use crate::trail::Trail;
use crate::uploads::Uploads;
use crate::writer::Writer;

/// Seconds after which who found no turn for a password to be checked may come back.
const CROWDED_RETRY_S: u64 = 5;
/// Documents put together at once: each may take 16 MiB of changes and many times that in memory.
const DOCUMENTS_AT_ONCE: usize = 1;
/// Bytes from which on a frame is taken in as a long one: it may hold changes that inflate to megabytes, seconds of work.
const LONG_FRAME_BYTES: usize = 2 << 10;
/// Long frames taken in at once: each may take 32 MiB, and a core.
const LONG_FRAMES_AT_ONCE: usize = 2;

/// Blobs looked at and stored at once: each is in memory meanwhile.
const BLOBS_AT_ONCE: usize = 2;

/// What the relay is made over.
pub struct Resources {
    /// The store.
    pub store: Arc<dyn Store>,
    /// A way to its writer.
    pub writer: Writer,
    /// The newest entries of the feeds.
    pub tails: Arc<FeedTails>,
    /// Who listens to changes of rights.
    pub rights: RightsWatch,
    /// What it counts of itself.
    pub metrics: Arc<Metrics>,
    /// What it reads the time from.
    pub clock: Clock,
    /// Whether the compactor goes on.
    pub compactor: Pulse,
}

/// The relay, as its handlers see it. Cheap to clone.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    settings: Settings,
    is_demonstration: bool,
    clock: Clock,
    rights: RightsWatch,
    store: Arc<dyn Store>,
    writer: Mutex<Option<Writer>>,
    connections: Connections,
    tails: Arc<FeedTails>,
    metrics: Arc<Metrics>,
    attempts: Mutex<Attempts>,
    hashing: Hashing,
    documents: Arc<Semaphore>,
    blobs: Blobs,
    uploads: Uploads,
    finishing: Semaphore,
    rates: Rates,
    long_frames: Semaphore,
    readiness: Readiness,
    compactor: Pulse,
    trail: Trail,
    stopping: watch::Receiver<bool>,
}

impl Relay {
    /// A relay; `stopping` turns true when it is to stop.
    ///
    /// # Errors
    /// When the place of the attachments cannot be had, or the system gives no thread.
    pub fn new(
        settings: Settings,
        is_demonstration: bool,
        resources: Resources,
        stopping: watch::Receiver<bool>,
    ) -> std::io::Result<Self> {
        let Resources { store, writer, tails, rights, metrics, clock, compactor } = resources;
        let trail = Trail::new(Arc::clone(&store), Arc::clone(&metrics), clock.clone());
        Ok(Self(Arc::new(Inner {
            uploads: Uploads::in_data(&settings.data),
            rates: Rates::new(settings.requests_per_second, settings.frames_per_second),
            is_demonstration,
            clock,
            rights,
            store,
            writer: Mutex::new(Some(writer)),
            connections: Connections::default(),
            tails,
            metrics,
            attempts: Mutex::default(),
            hashing: Hashing::start(settings.password_threads as usize)?,
            documents: Arc::new(Semaphore::new(DOCUMENTS_AT_ONCE)),
            blobs: Blobs::open(&settings).map_err(std::io::Error::other)?,
            finishing: Semaphore::new(BLOBS_AT_ONCE),
            long_frames: Semaphore::new(LONG_FRAMES_AT_ONCE),
            readiness: Readiness::default(),
            compactor,
            trail,
            stopping,
            settings,
        })))
    }

    /// The settings that it runs with.
    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Whether it shows a demonstration.
    pub(super) fn is_demonstration(&self) -> bool {
        self.0.is_demonstration
    }

    /// The folder with the bundled app.
    pub(super) fn site(&self) -> &Path {
        &self.0.settings.site
    }

    /// Whether people reach it over an encrypted connection.
    pub(super) fn is_https(&self) -> bool {
        self.0.settings.is_https()
    }

    /// A way to the writer; `None` once the relay is stopping and the writer empties itself.
    pub(super) fn writer(&self) -> Option<Writer> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes nothing more to be stored: what waits is stored and answered, then the writer ends.
    pub fn close_writer(&self) {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The open WebSockets.
    pub(super) fn connections(&self) -> &Connections {
        &self.0.connections
    }

    /// Waits until no WebSocket is open.
    pub async fn all_connections_gone(&self) {
        self.0.connections.all_gone().await;
    }

    /// The newest entries of the feeds, and who listens to them.
    pub(super) fn tails(&self) -> &FeedTails {
        &self.0.tails
    }

    /// What it reads the time from.
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Who listens to changes of rights.
    pub(crate) fn rights(&self) -> &RightsWatch {
        &self.0.rights
    }

    /// What it counts of itself.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// An answer goes out to somebody: acks and refusals are counted, and what was refused to whom is told in the audit
    /// log. What is only to be sent again is no refusal.
    pub(super) fn answered(&self, session: &SignedIn, frame: &FromRelay) {
        self.metrics().answered(frame);
        if let FromRelay::Nack(nack) = frame
            && nack.code != NackCode::Busy
        {
            let act = Act::new(self.clock().wall_ms(), Sort::Refusal).of(&session.user).on(session.device);
            self.trail().gather(act.saying(nack.code.as_str()));
        }
    }

    /// Begins a sign-in, which counts as failed until it succeeds.
    ///
    /// # Errors
    /// [`Problem::TooManyAttempts`] where too many have failed.
    pub(super) fn begin_attempt(&self, caller: &Caller) -> Result<(), Problem> {
        let begun = self.attempts().begin(self.0.clock.steady_ms(), caller);
        begun.map_err(|retry_after_s| Problem::TooManyAttempts { retry_after_s })
    }

    /// A sign-in found no turn: it was not heard.
    pub(super) fn attempt_unheard(&self, caller: &Caller) {
        self.attempts().take_back(caller);
    }

    /// A sign-in succeeded.
    pub(super) fn attempt_succeeded(&self, caller: &Caller) {
        self.attempts().succeed(caller);
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The permits for documents to be put together.
    pub(super) fn documents(&self) -> &Arc<Semaphore> {
        &self.0.documents
    }

    /// The way to the audit log.
    pub fn trail(&self) -> &Trail {
        &self.0.trail
    }

    /// Where the bytes of attachments lie.
    pub(super) fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// What has come of attachments that are not whole yet.
    pub(super) fn uploads(&self) -> &Uploads {
        &self.0.uploads
    }

    /// The permits for attachments to be looked at and stored.
    pub(super) fn finishing(&self) -> &Semaphore {
        &self.0.finishing
    }

    /// Whether it was ready when somebody last asked.
    pub(super) fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// Whether the compactor goes on.
    pub(super) fn compactor(&self) -> &Pulse {
        &self.0.compactor
    }

    /// How often a person may ask.
    pub(super) fn rates(&self) -> &Rates {
        &self.0.rates
    }

    /// Forgets uploads that nobody continues, and rates that nobody uses. Blocks.
    ///
    /// # Errors
    /// When an upload cannot be removed.
    pub fn forget_idle(&self) -> std::io::Result<()> {
        self.0.rates.forget_idle();
        self.0.rights.forget_idle();
        self.0.uploads.forget_old()
    }

    /// Takes in what came in so many bytes. A long one waits for its turn, and the thread's other connections go on
    /// elsewhere meanwhile.
    pub(super) async fn take_in<T>(&self, size_bytes: usize, take: impl FnOnce() -> T) -> T {
        if size_bytes < LONG_FRAME_BYTES {
            return take();
        }
        let _turn = self.0.long_frames.acquire().await.expect("the semaphore is never closed");
        tokio::task::block_in_place(take)
    }

    /// Turns true when the relay is to stop.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.clone()
    }

    /// Asks the store on a thread that may wait.
    ///
    /// # Errors
    /// [`Problem::NotSignedIn`] where the session has ended meanwhile, [`Problem::Unavailable`] where the store fails; the
    /// cause of that is logged here.
    pub(crate) async fn ask<T, F>(&self, question: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
    {
        let store = Arc::clone(&self.0.store);
        match tokio::task::spawn_blocking(move || question(store.as_ref())).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(StoreError::SessionOver)) => Err(Problem::NotSignedIn),
            Ok(Err(error)) => {
                self.metrics().store_failed();
                tracing::error!(error = %causes(&error), "the store failed");
                Err(Problem::Unavailable)
            }
            Err(panic) => {
                tracing::error!(%panic, "a question to the store panicked");
                Err(Problem::Internal)
            }
        }
    }

    /// Whether a password is the one of this digest; where there is none, the same work is done for
    /// nobody. It waits for its turn, half a minute at most.
    ///
    /// # Errors
    /// [`Problem::TooManyAttempts`] where there is no turn for the caller.
    pub(super) async fn check_password(
        &self,
        caller: Caller,
        digest: Option<PasswordDigest>,
        password: String,
    ) -> Result<bool, Problem> {
        let checked = self.0.hashing.check(caller, digest, password).await;
        checked.map_err(|_| Problem::TooManyAttempts { retry_after_s: CROWDED_RETRY_S })
    }

    /// Hashes a new password. It waits for its turn as [`Relay::check_password`] does.
    ///
    /// # Errors
    /// [`Problem::TooManyAttempts`] where there is no turn for the caller.
    pub(super) async fn hash_password(
        &self,
        caller: Caller,
        password: AllowedPassword,
    ) -> Result<PasswordDigest, Problem> {
        let hashed = self.0.hashing.digest(caller, password).await;
        hashed.map_err(|_| Problem::TooManyAttempts { retry_after_s: CROWDED_RETRY_S })
    }
}

/// An error and its causes in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
