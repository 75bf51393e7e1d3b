//! What bytes from outside may do to `shared`: three targets, for libFuzzer and for a native test.
//!
//! A target is a function of bytes. It fails by panicking, where a promise is broken, and gives how far the bytes came,
//! so that a test can tell whether its seeds still reach what they are for. A panic inside of Automerge is no failure of
//! a target: whoever applies changes survives it ([`contained`]).
//!
//! Random bytes never have a right checksum. So the targets of chunks write length, checksum and, in a
//! history, the hashes of dependencies themselves, and the fuzzer changes what is behind them.

pub mod chunk_target;
pub mod contained;
pub mod document_target;
pub mod frame_target;
pub mod parts;
pub mod seeds;
#[cfg(all(fuzzing, target_os = "linux"))]
pub mod steady;
