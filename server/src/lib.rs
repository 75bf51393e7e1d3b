//! Simpul's relay.

pub mod feed_tail;
pub mod store;
pub mod writer;
