//! Frames to CBOR bytes and back.

use super::{
    Ack, Author, Bye, ClientPresence, Cursor, Decide, Decision, Entry, FeedView, Folded, FoldedProof,
    Folding, FromClient, FromRelay, Have, Hello, Nack, Ping, Pong, Proof, Push, RelayLimits, RelayPresence,
    RemovedRole, Want, Welcome, limits,
};
use crate::cbor::reader::{Left, Reader};
use crate::cbor::writer::Writer;
use crate::cbor::{Form, Keyed};
use crate::cbor_map;
use crate::inclusion::Inclusion;

/// Why bytes are no frame. The connection ends with `bye protocol` or `bye too-large`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Over [`limits::FRAME_BYTES`].
    #[error("the frame has {0} bytes, more than the limit of {limit}", limit = limits::FRAME_BYTES)]
    TooLarge(usize),
    /// Not one CBOR map, or more than that.
    #[error("the frame is not what it claims to be: {0}")]
    Malformed(&'static str),
    /// A key that the frame must have is not there, or its value is not what it should be.
    #[error("the frame's key {0} is missing, or its value is of another kind")]
    Key(&'static str),
}

cbor_map! {
    Hello {
        v,
        device,
        epoch: sparse,
        cursors: defaulted,
        own: defaulted,
        acked: sparse,
        trail: sparse,
        folding: sparse,
        features: sparse,
    }
    Push { id, feed, doc, kind, changes }
    Decide { id, decision, feed, doc, event, heads, note: sparse, made_at }
    Have { id, feed, docs, more: defaulted }
    ClientPresence { feed, doc, state }
    Ping { id }
}

cbor_map! {
    Welcome { v, epoch, user, device, feeds, removed_roles: sparse, limits, now, features: sparse }
    Ack { id, feed, seq, tag: sparse, proofs: sparse }
    Nack { id: sparse, code, message, hashes: sparse, retry_ms: sparse }
    Want { id, hashes }
    RelayPresence { feed, doc, user, device, state }
    Pong { id, now }
    Bye { code, message, retry_ms: sparse }
}

cbor_map! {
    FeedView { feed, name, role, head, view, base: sparse, folding: sparse, settings: sparse }
    RemovedRole { feed, view }
    RelayLimits { unacked_pushes, presence_per_second, feed_documents, feed_bytes }
    Entry {
        seq,
        doc,
        kind,
        at,
        by,
        device,
        receipt,
        change: sparse,
        snapshot: sparse,
        folded: sparse,
        decision: sparse,
        removed: sparse,
        inclusion: sparse,
    }
    Decision { decision, event, heads, note: sparse, made_at }
    Folded { until, authors, proofs, since: sparse, receipt: sparse }
    Inclusion { index, size, path }
    Author { by, device }
}

/// What is read of a frame first: its kind, and its id for the answer to an unknown one.
struct Head {
    t: String,
    id: Option<u64>,
}

cbor_map! { Head { t, id: sparse } }

/// A frame of a kind that is not known.
struct Unknown {
    id: Option<u64>,
}

cbor_map! { Unknown { id: sparse } }

impl Form for Cursor {
    fn write(&self, writer: &mut Writer) {
        (self.0, self.1).write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Form::read(reader).map(|(seq, tag)| Cursor(seq, tag))
    }
}

impl Form for Folding {
    fn write(&self, writer: &mut Writer) {
        (self.after, self.made).write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Form::read(reader).map(|(after, made)| Folding { after, made })
    }
}

impl Form for FoldedProof {
    const MOST: usize = limits::FOLDED_CHANGES;

    fn write(&self, writer: &mut Writer) {
        match self {
            Self(0, at, None) => at.write(writer),
            Self(author, at, None) => (*author, *at).write(writer),
            Self(author, at, Some(receipt)) => {
                writer.array(3);
                author.write(writer);
                at.write(writer);
                receipt.write(writer);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut ahead = reader.clone();
        if let Some(at) = ahead.unsigned() {
            *reader = ahead;
            return Some(Self(0, at, None));
        }
        let mut left = reader.array()?;
        let author = if reader.more(&mut left) { u64::read(reader)? } else { return None };
        let at = if reader.more(&mut left) { u64::read(reader)? } else { return None };
        let receipt = if reader.more(&mut left) {
            Some(Form::read(reader)?)
        } else {
            return Some(Self(author, at, None));
        };
        (!reader.more(&mut left)).then_some(Self(author, at, receipt))
    }
}

impl Form for Proof {
    fn write(&self, writer: &mut Writer) {
        (self.0, self.1).write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Form::read(reader).map(|(at, receipt)| Proof(at, receipt))
    }
}

/// Reads what the bytes hold, and nothing else.
fn whole<T: Form>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = T::read(&mut reader);
    let why = || match reader.wrong_key() {
        Some(key) => DecodeError::Key(key),
        None => DecodeError::Malformed("it is no CBOR map of which each key stands once"),
    };
    let value = value.ok_or_else(why)?;
    if reader.is_at_end() { Ok(value) } else { Err(DecodeError::Malformed("bytes follow it")) }
}

fn head_of(bytes: &[u8]) -> Result<Head, DecodeError> {
    if bytes.len() > limits::FRAME_BYTES {
        return Err(DecodeError::TooLarge(bytes.len()));
    }
    whole(bytes)
}

/// Writes a payload as a map, with the key `t` before its own keys.
fn tagged(t: &str, payload: &impl Keyed) -> Vec<u8> {
    let mut writer = Writer::default();
    let map = writer.open_map();
    writer.key(map, "t");
    writer.text(t);
    payload.write_keys(&mut writer, map);
    writer.into_bytes()
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
                    $($text => $frame::$variant(whole(bytes)?),)*
                    _ => $frame::Unknown(head.id),
                })
            }
        }
    };
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
    let no_array = DecodeError::Malformed("the body is no array of definite length");
    if !matches!(bytes.first(), Some(0x80..=0x9b)) {
        return Err(no_array);
    }
    let mut reader = Reader::new(bytes);
    let mut left: Left = reader.array().ok_or(no_array)?;
    let mut frames = Vec::new();
    while reader.more(&mut left) {
        let start = reader.position();
        reader.skip().ok_or(DecodeError::Malformed("an element of the body is no CBOR"))?;
        frames.push(T::decode(&bytes[start..reader.position()])?);
    }
    if reader.is_at_end() { Ok(frames) } else { Err(DecodeError::Malformed("bytes follow the array")) }
}
