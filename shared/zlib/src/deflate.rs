//! Writing a deflate stream.

use std::mem::MaybeUninit;

use miniz_oxide::deflate::core::CompressorOxide;
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::{MZError, MZFlush, MZStatus};

use crate::stream::Stream;
use crate::{Status, format, room};

/// What must be in the output after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(isize)]
pub enum DeflateFlush {
    /// Nothing: as much is gathered as serves the stream.
    NoFlush = 0,
    /// All that was read.
    PartialFlush = 1,
    /// All that was read, up to a whole byte.
    SyncFlush = 2,
    /// As before, and the reader may begin behind it.
    FullFlush = 3,
    /// All, and the stream's end.
    Finish = 4,
}

impl From<DeflateFlush> for MZFlush {
    fn from(flush: DeflateFlush) -> Self {
        match flush {
            DeflateFlush::NoFlush => Self::None,
            DeflateFlush::PartialFlush => Self::Partial,
            DeflateFlush::SyncFlush => Self::Sync,
            DeflateFlush::FullFlush => Self::Full,
            DeflateFlush::Finish => Self::Finish,
        }
    }
}

/// Why a stream could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeflateError {
    /// What was asked is not offered, or the stream had ended before.
    StreamError,
}

/// A stream that is being written.
pub type Deflate = Stream<CompressorOxide>;

impl Deflate {
    /// Begins a stream: from level 0, nothing is compressed, to 9, the smallest; with zlib's header or without.
    pub fn new(level: i32, has_header: bool, _window_bits: u8) -> Self {
        let mut state = Box::<CompressorOxide>::default();
        state.set_format_and_level(format(has_header), u8::try_from(level).unwrap_or(6));
        Self::of(state)
    }

    /// Begins another stream of the same kind.
    pub fn reset(&mut self) {
        self.state.reset();
        self.count_anew();
    }

    /// Writes on.
    ///
    /// # Errors
    /// [`DeflateError::StreamError`] where the stream has ended.
    pub fn compress(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        flush: DeflateFlush,
    ) -> Result<Status, DeflateError> {
        let step = deflate(&mut self.state, input, output, flush.into());
        match self.count(step) {
            Ok(MZStatus::Ok) => Ok(Status::Ok),
            Ok(MZStatus::StreamEnd) => Ok(Status::StreamEnd),
            Err(MZError::Buf) => Ok(Status::BufError),
            Ok(MZStatus::NeedDict) | Err(_) => Err(DeflateError::StreamError),
        }
    }

    /// As [`Deflate::compress`], into room that was never written.
    ///
    /// # Errors
    /// As [`Deflate::compress`].
    pub fn compress_uninit(
        &mut self,
        input: &[u8],
        output: &mut [MaybeUninit<u8>],
        flush: DeflateFlush,
    ) -> Result<Status, DeflateError> {
        room::fill(output, |written| {
            let before = self.total_out();
            let status = self.compress(input, written, flush);
            ((self.total_out() - before) as usize, status)
        })
    }

    /// Not offered.
    ///
    /// # Errors
    /// Always.
    pub fn set_dictionary(&mut self, _dictionary: &[u8]) -> Result<u32, DeflateError> {
        Err(DeflateError::StreamError)
    }

    /// Not offered.
    ///
    /// # Errors
    /// Always.
    pub fn set_level(&mut self, _level: i32) -> Result<Status, DeflateError> {
        Err(DeflateError::StreamError)
    }
}
