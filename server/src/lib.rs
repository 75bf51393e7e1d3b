//! Simpul's relay.

pub mod store;
