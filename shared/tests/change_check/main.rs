//! The change check against hostile bytes, each case with its own reason, and against false refusals.

mod cases;
mod documents;
mod forge;
mod genuine;
mod hostile;
mod snapshots;
