//! What every store must do: one suite, run on the store in memory, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../process/postgres.rs"]
mod postgres;

/// Runs each story on every store.
macro_rules! contract {
    ($($name:ident)*) => {
        mod memory { $(#[test] fn $name() { super::$name(crate::world::in_memory()); })* }
        mod sqlite { $(#[test] fn $name() { super::$name(crate::world::on_sqlite()); })* }
        mod on_postgres { $(#[test] fn $name() { super::$name(crate::world::on_postgres()); })* }
    };
}

mod world;

mod audit;
mod authors;
mod blobs;
mod databases;
mod discussions;
mod known_changes;
mod password_links;
mod people;
mod reading;
mod rights;
mod settings;
mod snapshots;
mod soundness;
mod stand_ins;
mod tls;
mod writing;
