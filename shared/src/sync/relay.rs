//! The relay's side: a machine per connection, and the rules by which the writer stores.
//!
//! How a push travels: [`connection`] takes the frame and makes a [`submission`] of it (the change check
//! is asked here, outside any transaction). The writer collects the submissions of all connections, asks
//! the store for the [`facts`] that they need, lets [`writer::decide`] judge one after the other, and
//! carries the plans out in the same transaction. What is then in the log is an [`entry`].
//!
//! [`blob`] says who may read a document's attachments and who may add one.
//!
//! A new device would read every change that was ever made. So [`compaction`] folds them into snapshots, and
//! [`folding`] says who gets one in place of which entries.
//!
//! [`memory`] is a log that forgets at the end of the process: for the simulator and for tests.

pub mod blob;
pub mod compaction;
pub mod connection;
mod draft;
mod early;
pub mod entry;
pub mod facts;
pub mod folding;
pub mod held_back;
pub mod memory;
pub mod moment;
mod nobody;
pub mod standing;
pub mod submission;
pub mod writer;
