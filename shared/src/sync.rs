//! The sync engine: how a device and a relay bring each other up to date.
//!
//! Both sides are state machines without IO: what happens is an input, what must be done is an effect,
//! timers included. The app and the relay only carry; the simulator drives the very same machines.

pub mod client;
pub mod relay;
pub mod settings;
