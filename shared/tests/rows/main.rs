//! The rows of a device's store as bytes.

mod examples;
mod golden;
mod hostile;
