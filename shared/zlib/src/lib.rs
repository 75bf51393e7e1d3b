//! Deflate for Automerge, by `miniz_oxide` under the name of `zlib-rs`.
//!
//! Automerge asks flate2 for its backend `zlib-rs`, and flate2 offers no way to take that wish back. That library is
//! made for speed: with its tables it is 26 kB of what a first visit brings over an officer's link, for columns of a few
//! hundred bytes. So the workspace puts this crate in its place (`[patch.crates-io]`). It holds what flate2 1.1 asks of
//! zlib-rs 0.6, and decides nothing: a stream's bytes are those of `miniz_oxide`.
//!
//! Not here, since nothing of ours asks for it: preset dictionaries and a level that changes on the way, which are answered
//! with an error, and other windows than that of 32 KiB, which is taken instead. Gzip's header flate2 writes and reads itself.

pub mod crc32;
mod deflate;
mod inflate;
mod room;
mod stream;

pub use deflate::{Deflate, DeflateError, DeflateFlush};
pub use inflate::{Inflate, InflateError, InflateFlush};

/// How far a stream has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Something was read or written.
    Ok,
    /// Nothing could be: input or room for output is lacking.
    BufError,
    /// The stream has ended.
    StreamEnd,
}

/// With zlib's header of two bytes and its checksum, or bare.
fn format(has_header: bool) -> miniz_oxide::DataFormat {
    if has_header { miniz_oxide::DataFormat::Zlib } else { miniz_oxide::DataFormat::Raw }
}
