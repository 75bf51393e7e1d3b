//! What the relay counts of itself, in the text that Prometheus reads.
//!
//! Nothing here names a person, a device or a document: feeds and codes are the only labels. What the store
//! or the system knows at any time (heads, memory, open connections) is asked when somebody looks.

use std::time::{Duration, Instant};

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use shared::audit::Sort;
use shared::ids::FeedId;
use shared::wire::FromRelay;
use shared::wire::code::NackCode;

use crate::misfits::{Misfit, Misfits};

/// The type of the text, as HTTP names it.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What may be held up for a rate, or for a bound.
const LIMITED: [&str; 4] = ["requests", "frames", "uploads", "connections"];

/// What a relay that runs tells in the audit log beside its store.
const AUDITED: [Sort; 6] =
    [Sort::SignIn, Sort::SignInRefused, Sort::SignOut, Sort::DeviceRevoked, Sort::Refusal, Sort::Export];

/// One label with its value.
type Label = [(&'static str, String); 1];

/// The relay's counters.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    connections: Gauge,
    pushes: Counter,
    acks: Counter,
    refused: Family<Label, Counter>,
    batch_pushes: Histogram,
    commit_seconds: Histogram,
    heads: Family<Label, Gauge>,
    limited: Family<Label, Counter>,
    misfits: Family<Label, Counter>,
    /// Which of them the log was told of.
    told: Misfits,
    tail_hits: Counter,
    tail_misses: Counter,
    store_errors: Counter,
    folds: Counter,
    fold_seconds: Histogram,
    folds_failed: Counter,
    set_aside: Gauge,
    audit_rows: Family<Label, Counter>,
    memory_bytes: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("simpul"),
            connections: Gauge::default(),
            pushes: Counter::default(),
            acks: Counter::default(),
            refused: Family::default(),
            // From one push to a full batch.
            batch_pushes: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            // From 0.5 ms, a fast disk's fsync, to 8 s.
            commit_seconds: Histogram::new(exponential_buckets(0.0005, 2.0, 15)),
            heads: Family::default(),
            limited: Family::default(),
            misfits: Family::default(),
            told: Misfits::default(),
            tail_hits: Counter::default(),
            tail_misses: Counter::default(),
            store_errors: Counter::default(),
            folds: Counter::default(),
            // From 1 ms to 32 s, more than one may take.
            fold_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 16)),
            folds_failed: Counter::default(),
            set_aside: Gauge::default(),
            audit_rows: Family::default(),
            memory_bytes: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("connections", "Open WebSockets", metrics.connections.clone());
        registry.register(
            "pushes",
            "Pushes, decisions and offers handed to the writer",
            metrics.pushes.clone(),
        );
        registry.register("acks", "Pushes, decisions and offers told to be stored", metrics.acks.clone());
        registry.register("refused", "Frames that were refused, by code", metrics.refused.clone());
        registry.register("commit_batch_pushes", "Pushes in one commit", metrics.batch_pushes.clone());
        registry.register("commit_seconds", "How long a commit took", metrics.commit_seconds.clone());
        registry.register("feed_head", "The number of a feed's last entry", metrics.heads.clone());
        registry.register(
            "limited",
            "Requests and uploads told to come back, and frames read later, for a rate",
            metrics.limited.clone(),
        );
        registry.register(
            "misfits",
            "Requests that show that something between people and the relay is set wrongly",
            metrics.misfits.clone(),
        );
        registry.register("tail_hits", "Reads answered from memory", metrics.tail_hits.clone());
        registry.register("tail_misses", "Reads that asked the store", metrics.tail_misses.clone());
        registry.register(
            "store_errors",
            "Questions and commits that the store failed",
            metrics.store_errors.clone(),
        );
        registry.register("snapshots", "Snapshots that were made", metrics.folds.clone());
        registry.register("snapshot_seconds", "How long one took", metrics.fold_seconds.clone());
        registry.register(
            "snapshots_failed",
            "Documents that could not be folded",
            metrics.folds_failed.clone(),
        );
        registry.register(
            "documents_set_aside",
            "Documents that are served as their entries because they cannot be folded",
            metrics.set_aside.clone(),
        );
        registry.register(
            "audited",
            "Sign-ins, refusals and exports that the audit log tells or counts, by sort",
            metrics.audit_rows.clone(),
        );
        registry.register("memory_bytes", "Resident memory of the process", metrics.memory_bytes.clone());
        metrics.begin_at_zero();
        metrics
    }
}

impl Metrics {
    /// Gives each label that is known a series: a rule on one that never was would see nothing, and not a zero.
    fn begin_at_zero(&self) {
        begin(&self.refused, "code", NackCode::KNOWN.map(NackCode::as_str));
        begin(&self.limited, "what", LIMITED);
        begin(&self.misfits, "what", Misfit::ALL.map(Misfit::name));
        begin(&self.audit_rows, "sort", AUDITED.map(Sort::as_str));
    }

    /// Something was handed to the writer.
    pub fn pushed(&self) {
        self.pushes.inc();
    }

    /// A frame goes out; acks and refusals are counted.
    pub fn answered(&self, frame: &FromRelay) {
        match frame {
            FromRelay::Ack(_) => {
                self.acks.inc();
            }
            FromRelay::Nack(nack) => {
                let code = nack.code.as_str().to_owned();
                self.refused.get_or_create(&[("code", code)]).inc();
            }
            _ => {}
        }
    }

    /// A commit of so many pushes ended after so long.
    pub fn committed(&self, pushes: usize, took: Duration) {
        self.batch_pushes.observe(pushes as f64);
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// A rate held something up: `requests`, `uploads` or `frames`.
    pub fn limited(&self, what: &'static str) {
        self.limited.get_or_create(&[("what", what.to_owned())]).inc();
    }

    /// Something between people and the relay is set wrongly; whether the log is to be told of it now.
    pub fn misfit(&self, misfit: Misfit) -> bool {
        self.misfits.get_or_create(&[("what", misfit.name().to_owned())]).inc();
        self.told.is_to_be_told(misfit, Instant::now())
    }

    /// A read was answered from memory.
    pub fn tail_hit(&self) {
        self.tail_hits.inc();
    }

    /// A read had to ask the store.
    pub fn tail_missed(&self) {
        self.tail_misses.inc();
    }

    /// The store failed.
    pub fn store_failed(&self) {
        self.store_errors.inc();
    }

    /// Something is told in the audit log, by the code of its sort.
    pub fn traced(&self, sort: &str) {
        self.audit_rows.get_or_create(&[("sort", sort.to_owned())]).inc();
    }

    /// A document was folded in so long.
    pub fn folded(&self, took: Duration) {
        self.folds.inc();
        self.fold_seconds.observe(took.as_secs_f64());
    }

    /// A document could not be folded.
    pub fn could_not_fold(&self) {
        self.folds_failed.inc();
    }

    /// The text, with what stands at this moment.
    pub fn text(&self, connections: usize, heads: &[(FeedId, u64)], set_aside: u64) -> String {
        self.set_aside.set(i64::try_from(set_aside).unwrap_or(i64::MAX));
        self.connections.set(i64::try_from(connections).unwrap_or(i64::MAX));
        for (feed, head) in heads {
            let gauge = self.heads.get_or_create(&[("feed", feed.as_str().to_owned())]);
            gauge.set(i64::try_from(*head).unwrap_or(i64::MAX));
        }
        self.memory_bytes.set(resident_bytes().unwrap_or(0));
        let mut output = String::new();
        text::encode(&mut output, &self.registry).expect("writing to a String cannot fail");
        output
    }
}

/// Makes a series for each of these values of a label.
fn begin<const N: usize>(family: &Family<Label, Counter>, label: &'static str, values: [&str; N]) {
    for value in values {
        drop(family.get_or_create(&[(label, value.to_owned())]));
    }
}

/// The process's resident memory; `None` where the system does not say.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}
