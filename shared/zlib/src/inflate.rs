//! Reading a deflate stream.

use std::mem::MaybeUninit;

use miniz_oxide::inflate::stream::{FullReset, InflateState, inflate};
use miniz_oxide::{MZError, MZFlush, MZStatus};

use crate::stream::Stream;
use crate::{Status, format, room};

/// How much of what can be written is wanted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(isize)]
pub enum InflateFlush {
    /// As it comes.
    NoFlush = 0,
    /// All that can be.
    SyncFlush = 2,
    /// All, and the input is whole.
    Finish = 4,
}

impl From<InflateFlush> for MZFlush {
    fn from(flush: InflateFlush) -> Self {
        match flush {
            InflateFlush::NoFlush => Self::None,
            InflateFlush::SyncFlush => Self::Sync,
            InflateFlush::Finish => Self::Finish,
        }
    }
}

/// Why a stream could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InflateError {
    /// It was written with a dictionary, which has this checksum.
    NeedDict {
        /// Adler-32 of the dictionary.
        dict_id: u32,
    },
    /// What was asked is not offered, or the stream had ended in an error before.
    StreamError,
    /// It is no deflate stream.
    DataError,
}

/// A stream that is being read.
pub type Inflate = Stream<InflateState>;

impl Inflate {
    /// Begins a stream, with zlib's header or without. The window is of 32 KiB, which reads all smaller ones.
    pub fn new(has_header: bool, _window_bits: u8) -> Self {
        Self::of(InflateState::new_boxed(format(has_header)))
    }

    /// Begins another stream.
    pub fn reset(&mut self, has_header: bool) {
        self.state.reset_as(FullReset(format(has_header)));
        self.count_anew();
    }

    /// Reads on.
    ///
    /// # Errors
    /// [`InflateError::DataError`] where the input is no such stream; the stream cannot go on afterwards.
    pub fn decompress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: InflateFlush,
    ) -> Result<Status, InflateError> {
        let step = inflate(&mut self.state, input, output, flush.into());
        match self.count(step) {
            Ok(MZStatus::Ok) => Ok(Status::Ok),
            Ok(MZStatus::StreamEnd) => Ok(Status::StreamEnd),
            Ok(MZStatus::NeedDict) => {
                let dict_id = self.state.decompressor().adler32().unwrap_or_default();
                Err(InflateError::NeedDict { dict_id })
            }
            Err(MZError::Buf) => Ok(Status::BufError),
            Err(MZError::Data) => Err(InflateError::DataError),
            Err(_) => Err(InflateError::StreamError),
        }
    }

    /// As [`Inflate::decompress`], into room that was never written.
    ///
    /// # Errors
    /// As [`Inflate::decompress`].
    pub fn decompress_uninit(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: InflateFlush,
    ) -> Result<Status, InflateError> {
        room::fill(output, |written| {
            let before = self.total_out();
            let status = self.decompress(input, written, flush);
            ((self.total_out() - before) as usize, status)
        })
    }

    /// Not offered.
    ///
    /// # Errors
    /// Always.
    pub fn set_dictionary(&mut self, _dictionary: &[u8]) -> Result<u32, InflateError> {
        Err(InflateError::StreamError)
    }
}
