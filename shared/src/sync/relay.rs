//! The relay's side: a machine per connection, and the rules by which the writer stores.

pub mod connection;
pub mod writer;
