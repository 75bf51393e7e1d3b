//! What the audit log costs a batch: decisions with and without it. Changes are no act of it.

use shared::audit::AuditKey;
use shared::ids::{DecisionId, FeedId, UserId};
use shared::model::decision::Event;
use shared::sync::relay::submission::Submission;
use shared::wire::Decide;
use simpul::store::Store;

use super::Growing;
use super::durable::{Cost, commit_all, new_store};
use super::relay::device;

/// Documents, each submitted once.
const DOCUMENTS: usize = 2_000;

/// The same decisions in batches, by turns with and without the audit log; the fastest round of each counts.
pub fn measure(rounds: usize) {
    println!(
        "decisions a second, told in the audit log ({DOCUMENTS} documents; us: processor time of the thread that stores)"
    );
    println!("  {:>5}  {:>9} {:>6}  {:>9} {:>6} {:>6}", "batch", "told /s", "us", "not /s", "us", "ratio");
    let (feed, user): (FeedId, UserId) = ("kota".parse().unwrap(), "sri".parse().unwrap());
    let mut documents: Vec<_> = (0..DOCUMENTS).map(|n| Growing::new(n as u64, device(0))).collect();
    let at = 1_700_000_000_000;
    let pushes: Vec<_> = documents
        .iter_mut()
        .map(|doc| Submission::push(user.clone(), device(0), at, doc.push(0, feed.clone(), 1)).unwrap())
        .collect();
    let decide = |(n, doc): (usize, &mut Growing)| {
        let mut decision = [0; 16];
        decision[..8].copy_from_slice(&(n as u64).to_be_bytes());
        let decide = Decide {
            id: n as u64,
            decision: DecisionId::from_bytes(decision),
            feed: feed.clone(),
            doc: doc.doc,
            event: Event::Submit.into(),
            heads: doc.document.heads(),
            note: None,
            made_at: at,
        };
        Submission::decide(user.clone(), device(0), at, decide).unwrap()
    };
    let decisions: Vec<_> = documents.iter_mut().enumerate().map(decide).collect();
    for batch in [1, 16, 64, 256] {
        let (mut told, mut untold) = (Cost::MOST, Cost::MOST);
        for _ in 0..rounds {
            let cost = |key: Option<AuditKey>| {
                let folder = tempfile::tempdir().unwrap();
                let store = new_store(&folder.path().join("store.db"), &feed, &user);
                commit_all(&store, &pushes, 256);
                if let Some(key) = key {
                    store.trace_with(&key).unwrap();
                }
                Cost::of(|| commit_all(&store, &decisions, batch))
            };
            told = told.least(cost(Some(AuditKey::new([5; 32]))));
            untold = untold.least(cost(None));
        }
        let a_second = |cost: &Cost| DOCUMENTS as f64 / cost.seconds;
        let us = |cost: &Cost| 1e6 * cost.processor_seconds / DOCUMENTS as f64;
        println!(
            "  {batch:>5}  {:>9.0} {:>6.2}  {:>9.0} {:>6.2} {:>5.0}%",
            a_second(&told),
            us(&told),
            a_second(&untold),
            us(&untold),
            100.0 * untold.seconds / told.seconds
        );
    }
}
