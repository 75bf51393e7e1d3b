//! What a release wrote, later versions read: its frames, rows, records and the store of a device lie in
//! `tests/fixtures/`, and stay as they are. `server/tests/release` writes them, and opens those of its relay.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod device;
mod manifest;
mod reading;
mod values;
