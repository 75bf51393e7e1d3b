//! The relay over real sockets: what each route promises, and what it refuses.

#![expect(clippy::unwrap_used, reason = "what is unwrapped in a test is what the test expects")]

#[path = "http/world.rs"]
mod world;

#[path = "http/account.rs"]
mod account;
#[path = "http/blobs.rs"]
mod blobs;
#[path = "http/devices_and_directory.rs"]
mod devices_and_directory;
#[path = "http/documents.rs"]
mod documents;
#[path = "http/door.rs"]
mod door;
#[path = "http/exchange.rs"]
mod exchange;
#[path = "http/feeds.rs"]
mod feeds;
#[path = "http/metrics.rs"]
mod metrics;
#[path = "http/rates.rs"]
mod rates;
#[path = "http/session.rs"]
mod session;
#[path = "http/site.rs"]
mod site;
#[path = "http/sync.rs"]
mod sync;
#[path = "http/tls.rs"]
mod tls;
