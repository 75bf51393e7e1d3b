//! Simpul's relay: joins the devices of an office when there is a link.
//!
//! It carries what `shared` decides: HTTP and WebSockets in front, one writer and a store behind. It never
//! applies a document's changes on the way; it checks them, stores them and passes them on.

pub mod command;
pub mod config;
pub mod rights;
pub mod running;

pub mod certificate;
pub mod door;
pub mod http;
pub mod misfits;
pub mod places;
pub mod proxies;

pub mod writer;

pub mod compactor;

pub mod feed_tail;
pub mod listeners;
pub mod metrics;

pub mod store;
pub mod trail;

pub mod blobs;
pub mod media_type;
pub mod picture;
pub mod uploads;

pub mod data_folder;
pub mod database_files;
pub mod hashing;
pub mod hindrance;
pub mod password;
pub mod random;

pub mod clock;
pub mod demo;
