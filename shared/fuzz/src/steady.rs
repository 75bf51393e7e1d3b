//! The same random bytes in each process of a fuzz target, so that a run with one seed is one run.
//!
//! The standard library seeds its hash maps with what the system's `getrandom` gives, and Automerge walks some of them:
//! what counts as new, and with it all later inputs, would differ from run to run. std leaves that symbol open to
//! be taken (`std/src/sys/random/linux.rs`). Maps that take their keys from addresses instead are held by `.ci/fuzz`.

use std::ffi::{c_uint, c_void};

/// Fills the buffer with one byte, whatever is asked for.
///
/// # Safety
/// The buffer must have room for so many bytes, as the system's own function demands.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, _flags: c_uint) -> isize {
    // SAFETY: the caller vouches for the room.
    unsafe { buffer.cast::<u8>().write_bytes(0x5a, length) };
    isize::try_from(length).unwrap_or(isize::MAX)
}
