//! `/healthz` and `/readyz`: for whoever watches the relay.

use axum::extract::State;

use super::Relay;
use super::problem::Problem;

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The store can be read and written, and the relay is not stopping.
pub(super) async fn ready(State(relay): State<Relay>) -> Result<&'static str, Problem> {
    if *relay.stopping().borrow() {
        return Err(Problem::Unavailable);
    }
    relay.ask(|store| store.epoch().and_then(|_| store.prove_writable())).await?;
    Ok("ok\n")
}
