//! What Simpul decides, in every place where something is decided: domain, documents, wire, sync engine.
//!
//! Pure: no clock, randomness, IO or async; time and random bytes come in as arguments. So all of it
//! runs natively under a simulated network, clock and disk.
//!
//! # Words
//!
//! One word per idea, in wire, code, SQL, logs and tests.
//!
//! | word | meaning |
//! | --- | --- |
//! | document | one record, an Automerge document |
//! | change | one Automerge change; identified by (document, hash) |
//! | chunk | the bytes of a change or of a whole document |
//! | heads | the changes that no other builds on: a version |
//! | decision | submit, return, verify, approve, archive, reopen: an entry, never merged |
//! | entry | one change or decision in a feed |
//! | feed | the append-only log of a region or of the nation |
//! | cursor | where a device stands in a feed: number and tag |
//! | actor | who makes a change: device and slot |
//! | outbox | what a device wrote and the relay has not acked |
//! | receipt | the relay's proof of who made an entry |
//! | epoch | one life of a relay's store |
//! | snapshot | a document chunk in place of the changes that it folds |
//! | restoration | a change that brings a document back to an old version, as new edits |
//! | reopening | a change that brings back a conflict which somebody settled |
//! | stand-in | a change that says again what changes of others said that no receipt proves |
//! | blob | the bytes of an attachment; identified by (document, SHA-256) |
//! | summary | what a list shows of a document |

pub mod audit;
pub mod cbor;
pub mod change_check;
pub mod code;
pub mod device;
pub mod domain;
pub mod grid;
pub mod ids;
pub mod inclusion;
pub mod model;
pub mod order;
pub mod ordered;
pub mod reopening;
pub mod restoration;
pub mod role;
pub mod stand_in;
pub mod sync;
pub mod wire;
