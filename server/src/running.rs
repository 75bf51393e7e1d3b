//! A relay that serves: its writer, its listener, and the order in which they stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use shared::sync::relay::entry::ReceiptKey;
use shared::sync::relay::writer::Rules;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::certificate::Certificate;
use crate::clock::{Clock, DAY_MS};
use crate::compactor::Compacting;
use crate::config::Settings;
use crate::door::{self, Hall, Width};
use crate::feed_tail::FeedTails;
use crate::hindrance::address_remedy;
use crate::http::{Relay, Resources, causes, router};
use crate::metrics::Metrics;
use crate::places::Bounds;
use crate::proxies::Proxies;
use crate::rights::RightsWatch;
use crate::store::Store;
use crate::trail::WRITE_EVERY;
use crate::writer::Writer;

/// How long connections may take to end once the relay stops.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// How often the certificate's files are looked at. Who renews them does so weeks before the old one ends.
const RENEW_EVERY: Duration = Duration::from_secs(60);
/// How often the relay's log says where the audit log ends.
const HEAD_EVERY: Duration = Duration::from_secs(60 * 60);
/// How often sessions that have expired, and uploads that nobody continues, are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long it is known after its time what became of a link, so that who opens it late is told.
const LINKS_KEPT_MS: u64 = 30 * DAY_MS;
/// How often it is asked which times are stored, as other relays may store some.
const NOTE_TIME_EVERY: Duration = Duration::from_secs(10);

/// A store with its writer at work.
pub struct Storing {
    store: Arc<dyn Store>,
    key: ReceiptKey,
    writer: Writer,
    tails: Arc<FeedTails>,
    rights: RightsWatch,
    clock: Clock,
    metrics: Arc<Metrics>,
    thread: thread::JoinHandle<()>,
}

impl Storing {
    /// Starts the writer of a store.
    ///
    /// # Errors
    /// When the system gives no thread, or the store cannot be read.
    pub fn start(store: Arc<dyn Store>, rules: Rules) -> io::Result<Self> {
        Self::start_at(store, rules, Clock::default())
    }

    /// The same with a clock of one's own.
    ///
    /// # Errors
    /// When the system gives no thread, or the store cannot be read.
    pub fn start_at(store: Arc<dyn Store>, rules: Rules, clock: Clock) -> io::Result<Self> {
        // On a thread of its own: a store blocks, and the caller may be on a runtime.
        let latest = thread::scope(|scope| scope.spawn(|| store.latest_time()).join());
        let latest = latest.map_err(|_| io::Error::other("asking the store panicked"))?;
        clock.note_stored(latest.map_err(io::Error::other)?);
        let rights = RightsWatch::default();
        let tails = Arc::new(FeedTails::default());
        let metrics = Arc::new(Metrics::default());
        store.watch(&tails, &rights);
        let key = rules.key.clone();
        let (writer, thread) =
            Writer::start(Arc::clone(&store), rules, Arc::clone(&tails), Arc::clone(&metrics))?;
        Ok(Self { store, key, writer, tails, rights, clock, metrics, thread })
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// A way to the writer.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }
}

/// A relay that serves.
pub struct Running {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    relay: Relay,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    writer: thread::JoinHandle<()>,
    compacting: Compacting,
}

impl Running {
    /// Starts to serve on a listener. To be called on a runtime.
    ///
    /// # Errors
    /// When the listener has no address, the one for the counters cannot be had, or the certificate cannot be used.
    pub fn start(
        settings: Settings,
        is_demonstration: bool,
        storing: Storing,
        listener: TcpListener,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let Storing { store, key, writer, tails, rights, clock, metrics, thread } = storing;
        let watched = settings.metrics.map(watched_listener).transpose()?;
        let width = Width {
            places: Bounds {
                all: settings.connections as usize,
                of_address: settings.connections_per_address as usize,
                of_person: settings.connections_per_person as usize,
            },
            head_within: Duration::from_secs(settings.head_seconds.into()),
        };
        let certificate = settings.certificate.clone().map(Certificate::read).transpose();
        let certificate = certificate.map_err(io::Error::other)?.map(Arc::new);
        if let Some(certificate) = &certificate {
            tokio::spawn(renew(Arc::clone(certificate)));
        }
        let compacting = Compacting::start(Arc::clone(&store), key, Arc::clone(&metrics))?;
        let (stop, stopping) = watch::channel(false);
        let proxies = Arc::new(Proxies::new(&settings.proxies));
        let counted = Arc::clone(&metrics);
        let compactor = compacting.pulse().clone();
        let resources =
            Resources { store: Arc::clone(&store), writer, tails, rights, metrics, clock, compactor };
        let relay = Relay::new(settings, is_demonstration, resources, stopping.clone())?;
        let metrics_address = watched.as_ref().map(TcpListener::local_addr).transpose()?;
        if let Some(listener) = watched {
            let service = crate::http::scrape::router(relay.clone());
            let served = axum::serve(listener, service).with_graceful_shutdown(stopped(stopping.clone()));
            tokio::spawn(served.into_future());
        }
        tokio::spawn(trace(relay.clone(), stopping.clone()));
        tokio::spawn(forget(store, relay.clone(), stopping.clone()));
        tokio::spawn(watch_rights(relay.clone(), stopping.clone()));
        tokio::spawn(note_time(relay.clone(), stopping.clone()));
        let hall = Hall { router: router(relay.clone()), proxies, metrics: counted, stopping };
        let server = tokio::spawn(door::serve(listener, hall, width, certificate));
        Ok(Self { address, metrics_address, relay, stop, server, writer: thread, compacting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it tells its counters, if it does.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Stops: takes no more requests, tells every connection to come back, stores and answers what waits.
    ///
    /// # Errors
    /// When serving had failed.
    pub async fn stop(self) -> io::Result<()> {
        // All that is left to listen to it may be gone already.
        let _ = self.stop.send(true);
        let served = match tokio::time::timeout(STOP_WITHIN, self.server).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(panic)) => Err(io::Error::other(panic)),
            // Whoever still holds a connection open loses it with the process; nothing of theirs is acked.
            Err(_) => Ok(()),
        };
        // WebSockets are no longer the server's: each says goodbye by itself.
        let _ = tokio::time::timeout(STOP_WITHIN, self.relay.all_connections_gone()).await;
        self.relay.close_writer();
        let relay = self.relay.clone();
        let writer = tokio::task::spawn_blocking(move || {
            if let Err(error) = relay.trail().write_all() {
                tracing::error!(error = %causes(&error), "the last acts are not in the audit log");
            }
            // It ends at the next piece of work, which has at most some seconds.
            drop(self.compacting);
            self.writer.join()
        });
        if let Ok(Ok(Err(_))) = tokio::time::timeout(STOP_WITHIN, writer).await {
            return Err(io::Error::other("the writer panicked"));
        }
        served
    }
}

/// Listens for who reads the counters.
fn watched_listener(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address).map_err(|error| {
        let remedy = address_remedy(&error, address, "SIMPUL_METRICS (`metrics` in simpul.toml)");
        io::Error::new(error.kind(), format!("cannot listen on {address} for /metrics: {remedy} ({error})"))
    })?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // The sender is dropped only after it has said so, or with the relay itself.
    let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
}

/// Takes the certificate's files anew when they have changed, for as long as the runtime is there.
async fn renew(certificate: Arc<Certificate>) {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let asked = Arc::clone(&certificate);
        match tokio::task::spawn_blocking(move || asked.renew()).await {
            Ok(Ok(true)) => tracing::info!("the certificate was renewed"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(cause, "the certificate cannot be renewed, the old one goes on: {error}");
            }
            // A panic there is told by the panic itself.
            Err(_) => {}
        }
    }
}

/// Writes what the audit log is to tell, and says now and then where that ends.
async fn trace(relay: Relay, stopping: watch::Receiver<bool>) {
    let mut said_at: Option<Instant> = None;
    loop {
        let is_due = said_at.is_none_or(|at| at.elapsed() >= HEAD_EVERY);
        let told = relay.clone();
        // A panic there is told by the panic itself.
        let done = tokio::task::spawn_blocking(move || {
            let written = told.trail().write();
            if is_due { written.and_then(|()| told.trail().say_head()) } else { written }
        });
        match done.await {
            Ok(Ok(())) if is_due => said_at = Some(Instant::now()),
            Ok(Err(error)) => {
                tracing::warn!(error = %causes(&error), "the audit log cannot be written; it is tried again");
            }
            _ => {}
        }
        tokio::select! {
            () = tokio::time::sleep(WRITE_EVERY) => {}
            // The last ones are written when all connections have ended.
            () = stopped(stopping.clone()) => return,
        }
    }
}

/// Forgets sessions and links that have expired, and uploads that nobody continues.
async fn forget(store: Arc<dyn Store>, relay: Relay, stopping: watch::Receiver<bool>) {
    loop {
        let (store, relay) = (Arc::clone(&store), relay.clone());
        // A panic there is told by the panic itself.
        let _ = tokio::task::spawn_blocking(move || {
            if let Err(error) = store.forget_expired_sessions(relay.clock().wall_ms()) {
                tracing::error!(%error, "expired sessions could not be forgotten; it is tried again in an hour");
            }
            let expired_by = relay.clock().wall_ms().saturating_sub(LINKS_KEPT_MS);
            if let Err(error) = store.forget_links(expired_by) {
                tracing::error!(%error, "expired links could not be forgotten; it is tried again in an hour");
            }
            if let Err(error) = relay.forget_idle() {
                tracing::error!(%error, "old uploads could not be forgotten; it is tried again in an hour");
            }
        })
        .await;
        tokio::select! {
            () = tokio::time::sleep(FORGET_EVERY) => {}
            () = stopped(stopping.clone()) => return,
        }
    }
}

/// Tells open connections whose rights have changed, whoever changed them.
async fn watch_rights(relay: Relay, stopping: watch::Receiver<bool>) {
    // The connections that are open asked for their rights later than this.
    let mut seen = None;
    while !*stopping.borrow() {
        let after = seen.unwrap_or(u64::MAX);
        // A store that cannot be read is told where it is asked; what changed meanwhile is told once it can.
        if let Ok(changed) = relay.ask(move |store| store.rights_changed(after)).await {
            if seen.is_some() {
                relay.rights().tell(&changed);
            }
            seen = Some(changed.newest);
        }
        relay.rights().until_due().await;
    }
}

/// Keeps the clock at or above every time that is stored, also by other relays.
async fn note_time(relay: Relay, stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(NOTE_TIME_EVERY) => {}
            () = stopped(stopping.clone()) => return,
        }
        if let Ok(latest) = relay.ask(|store| store.latest_time()).await {
            relay.clock().note_stored(latest);
        }
    }
}
