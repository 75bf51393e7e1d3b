//! Frames to CBOR bytes and back.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::{FromClient, FromRelay, limits};

/// Why bytes are no frame. The connection ends with `bye protocol` or `bye too-large`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Over [`limits::FRAME_BYTES`].
    #[error("the frame has {0} bytes, more than the limit of {limit}", limit = limits::FRAME_BYTES)]
    TooLarge(usize),
    /// Not one CBOR map with the keys of its kind.
    #[error("the frame is not what it claims to be: {0}")]
    Malformed(String),
}

/// What is read of a frame first: its kind, and its id for the answer to an unknown one.
#[derive(Deserialize)]
struct Head {
    t: String,
    #[serde(default)]
    id: Option<u64>,
}

fn from_cbor<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut rest = bytes;
    let value =
        ciborium::from_reader(&mut rest).map_err(|error| DecodeError::Malformed(error.to_string()))?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(DecodeError::Malformed(format!("{} bytes follow the frame", rest.len())))
    }
}

fn head_of(bytes: &[u8]) -> Result<Head, DecodeError> {
    if bytes.len() > limits::FRAME_BYTES {
        return Err(DecodeError::TooLarge(bytes.len()));
    }
    from_cbor(bytes)
}

/// Writes a payload as CBOR, with the key `t` before its own keys.
fn tagged<T: Serialize>(t: &str, payload: &T) -> Vec<u8> {
    let body = to_cbor(payload);
    // Every payload is a struct of fewer than 23 keys, so its map header is this one byte.
    let header = body[0];
    debug_assert!((0xa0..0xb7).contains(&header), "a frame is a map of fewer than 23 keys");
    let mut bytes = Vec::with_capacity(body.len() + t.len() + 3);
    bytes.push(header + 1);
    bytes.extend_from_slice(&to_cbor(&"t"));
    bytes.extend_from_slice(&to_cbor(&t));
    bytes.extend_from_slice(&body[1..]);
    bytes
}

fn to_cbor<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("writing to a Vec cannot fail");
    bytes
}

/// A frame of either direction: [`FromClient`] or [`FromRelay`].
pub trait Frame: Sized {
    /// The frame as one CBOR map.
    fn encode(&self) -> Vec<u8>;

    /// Reads one frame.
    ///
    /// # Errors
    /// When the bytes are over the limit, or no CBOR map with the keys of its kind.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;
}

macro_rules! frames {
    ($frame:ident, $($text:literal => $variant:ident),* $(,)?) => {
        impl Frame for $frame {
            fn encode(&self) -> Vec<u8> {
                match self {
                    $($frame::$variant(payload) => tagged($text, payload),)*
                    $frame::Unknown(id) => tagged("unknown", &Unknown { id: *id }),
                }
            }

            fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let head = head_of(bytes)?;
                Ok(match head.t.as_str() {
                    $($text => $frame::$variant(from_cbor(bytes)?),)*
                    _ => $frame::Unknown(head.id),
                })
            }
        }
    };
}

#[derive(Serialize)]
struct Unknown {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
}

frames!(FromClient,
    "hello" => Hello,
    "push" => Push,
    "decide" => Decide,
    "have" => Have,
    "offer" => Offer,
    "presence" => Presence,
    "ping" => Ping,
);

frames!(FromRelay,
    "welcome" => Welcome,
    "batch" => Batch,
    "ack" => Ack,
    "nack" => Nack,
    "want" => Want,
    "presence" => Presence,
    "pong" => Pong,
    "bye" => Bye,
);

/// Writes frames as the CBOR array that the HTTPS fallback carries.
pub fn encode_sequence<T: Frame>(frames: &[T]) -> Vec<u8> {
    // The header of an array, with its length in eight bytes: always valid, and simple.
    let mut bytes = vec![0x9b];
    bytes.extend_from_slice(&(frames.len() as u64).to_be_bytes());
    for frame in frames {
        bytes.extend_from_slice(&frame.encode());
    }
    bytes
}

/// Reads the CBOR array of the HTTPS fallback, without building more than one frame at a time.
///
/// # Errors
/// When the bytes are over `limit`, no array of definite length, or an element is no frame.
pub fn decode_sequence<T: Frame>(bytes: &[u8], limit: usize) -> Result<Vec<T>, DecodeError> {
    if bytes.len() > limit {
        return Err(DecodeError::TooLarge(bytes.len()));
    }
    let malformed = |what: &str| DecodeError::Malformed(what.to_owned());
    let (first, mut rest) = bytes.split_first().ok_or_else(|| malformed("the body is empty"))?;
    let length_bytes = match first {
        0x80..=0x97 => 0,
        0x98 => 1,
        0x99 => 2,
        0x9a => 4,
        0x9b => 8,
        _ => return Err(malformed("the body is no array of definite length")),
    };
    let mut count = u64::from(first & 0x1f);
    if length_bytes > 0 {
        let (length, after) =
            rest.split_at_checked(length_bytes).ok_or_else(|| malformed("the array's length is cut off"))?;
        count = length.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        rest = after;
    }
    let mut frames = Vec::new();
    for _ in 0..count {
        let element = rest;
        ciborium::from_reader::<IgnoredAny, _>(&mut rest)
            .map_err(|error| DecodeError::Malformed(error.to_string()))?;
        frames.push(T::decode(&element[..element.len() - rest.len()])?);
    }
    if rest.is_empty() { Ok(frames) } else { Err(malformed("bytes follow the array")) }
}
