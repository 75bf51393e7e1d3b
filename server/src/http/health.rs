//! `/healthz` and `/readyz`: for whoever watches the relay.

use std::time::{Duration, Instant};

use axum::extract::State;
use tokio::sync::Mutex;

use super::Relay;
use super::problem::Problem;
use crate::writer::{Outcome, Writer};

/// How long an answer stands: whoever asks more often, or however many ask, the store is written once a second for it.
const STANDS_FOR: Duration = Duration::from_secs(1);
/// How long the writer's thread may take to answer: a device waits about as long for an ack before it doubts it.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The last answer.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<Answer>>);

#[derive(Clone, Copy, Debug)]
struct Answer {
    since: Instant,
    is_ready: bool,
    /// What had become of the batches until then.
    outcome: Outcome,
}

impl Answer {
    /// Whether it still stands: a batch that failed since, or was stored since, may have belied it.
    fn stands(&self, outcome: Outcome) -> bool {
        let is_belied = if self.is_ready {
            self.outcome.failed != outcome.failed
        } else {
            self.outcome.stored != outcome.stored
        };
        self.since.elapsed() < STANDS_FOR && !is_belied
    }
}

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// A push would be stored now: the writer's thread writes, the compactor's goes on, and the relay is not stopping.
pub(super) async fn ready(State(relay): State<Relay>) -> Result<&'static str, Problem> {
    // Who asks while an answer is sought waits for that one.
    let mut last = relay.readiness().0.lock().await;
    let Some(writer) = relay.writer() else { return Err(Problem::Unavailable) };
    let outcome = writer.outcome();
    let is_ready = match *last {
        Some(answer) if answer.stands(outcome) => answer.is_ready,
        _ => {
            let is_ready = is_ready(&relay, &writer).await;
            *last = Some(Answer { since: Instant::now(), is_ready, outcome });
            is_ready
        }
    };
    let is_stopping = *relay.stopping().borrow();
    if is_ready && !is_stopping { Ok("ok\n") } else { Err(Problem::Unavailable) }
}

async fn is_ready(relay: &Relay, writer: &Writer) -> bool {
    if !relay.compactor().beats(Instant::now()) {
        tracing::error!("not ready: the compactor does not go on");
        return false;
    }
    let Some(proof) = writer.prove() else { return false };
    match tokio::time::timeout(ANSWER_WITHIN, proof).await {
        Ok(Ok(is_written)) => is_written,
        Ok(Err(_)) => false,
        Err(_) => {
            tracing::error!("not ready: the writer does not answer within {ANSWER_WITHIN:?}");
            false
        }
    }
}
