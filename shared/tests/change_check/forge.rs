//! Makes chunks by hand, right in every way but the one that a test is about.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress};
use sha2::{Digest, Sha256};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// The parts of a change body. By default: one operation that sets the key `a` of the root to 1.
#[derive(Clone)]
pub struct Forged {
    pub deps: Vec<[u8; 32]>,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub message: Vec<u8>,
    pub others: Vec<Vec<u8>>,
    pub columns: Vec<(u64, Vec<u8>)>,
    pub tail: Vec<u8>,
}

impl Default for Forged {
    fn default() -> Self {
        let mut actor = vec![7; 16];
        actor.push(0);
        Self {
            deps: vec![],
            actor,
            seq: 1,
            start_op: 1,
            time: 1_562_716_800,
            message: vec![],
            others: vec![],
            columns: vec![
                (0x15, vec![0x7f, 1, b'a']),
                (0x34, vec![1]),
                (0x42, runs(1, 1)),
                (0x56, runs(1, 0x14)),
                (0x57, vec![1]),
                (0x70, runs(1, 0)),
            ],
            tail: vec![],
        }
    }
}

impl Forged {
    /// Puts a column in its place, or takes it away where it is empty.
    pub fn set_column(&mut self, spec: u64, bytes: Vec<u8>) {
        self.columns.retain(|(other, _)| *other & !8 != spec & !8);
        if !bytes.is_empty() {
            self.columns.push((spec, bytes));
        }
        self.columns.sort_by_key(|(spec, _)| *spec & !8);
    }

    pub fn body(&self) -> Vec<u8> {
        let mut body = unsigned(self.deps.len() as u64);
        body.extend(self.deps.iter().flatten());
        body.extend(prefixed(&self.actor));
        body.extend(unsigned(self.seq));
        body.extend(unsigned(self.start_op));
        body.extend(signed(self.time));
        body.extend(prefixed(&self.message));
        body.extend(unsigned(self.others.len() as u64));
        body.extend(self.others.iter().flat_map(|actor| prefixed(actor)));
        let (list, bytes) = columns(&self.columns);
        body.extend(list);
        body.extend(bytes);
        body.extend(&self.tail);
        body
    }
}

/// The list of columns, and their bytes.
pub fn columns(columns: &[(u64, Vec<u8>)]) -> (Vec<u8>, Vec<u8>) {
    let mut list = unsigned(columns.len() as u64);
    for (spec, bytes) in columns {
        list.extend(unsigned(*spec));
        list.extend(unsigned(bytes.len() as u64));
    }
    (list, columns.iter().flat_map(|(_, bytes)| bytes).copied().collect())
}

/// So many rows of one number.
pub fn runs(count: i64, value: u64) -> Vec<u8> {
    [signed(if count == 1 { -1 } else { count }), unsigned(value)].concat()
}

pub fn unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![];
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub fn signed(mut value: i64) -> Vec<u8> {
    let mut bytes = vec![];
    while !(-64..64).contains(&value) {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push((value & 0x7f) as u8);
    bytes
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [unsigned(bytes.len() as u64), bytes.to_vec()].concat()
}

/// The hash of a chunk of this type.
pub fn hash(kind: u8, body: &[u8]) -> [u8; 32] {
    let mut head = vec![kind];
    head.extend(unsigned(body.len() as u64));
    Sha256::new().chain_update(head).chain_update(body).finalize().into()
}

fn envelope(kind: u8, checksum: [u8; 32], data: &[u8]) -> Vec<u8> {
    [&MAGIC[..], &checksum[..4], &[kind], &unsigned(data.len() as u64), data].concat()
}

/// A chunk of any type, its checksum right.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    envelope(kind, hash(kind, body), body)
}

/// A change chunk.
pub fn plain(body: &[u8]) -> Vec<u8> {
    chunk(1, body)
}

/// A deflated change chunk.
pub fn deflated(body: &[u8]) -> Vec<u8> {
    deflated_with_tail(body, &[])
}

/// A deflated change chunk with bytes after its stream.
pub fn deflated_with_tail(body: &[u8], tail: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(vec![], Compression::default());
    encoder.write_all(body).expect("a Vec takes all");
    let mut stream = encoder.finish().expect("a Vec takes all");
    stream.extend_from_slice(tail);
    envelope(2, hash(1, body), &stream)
}

/// A short deflate stream of so many megabytes of zeros.
pub fn bomb_stream(megabytes: usize) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(64 << 10);
    // A full flush ends on a whole byte and refers to nothing before: such blocks can be repeated.
    compress
        .compress_vec(&vec![0; 1 << 20], &mut block, FlushCompress::Full)
        .expect("zeros can be compressed");
    let mut stream = block.repeat(megabytes);
    // The last block: stored, empty.
    stream.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    stream
}

/// A deflated change chunk that inflates to so many megabytes.
pub fn bomb(megabytes: usize) -> Vec<u8> {
    envelope(2, [0; 32], &bomb_stream(megabytes))
}

/// The body of a chunk that is not deflated.
pub fn body_of(chunk: &[u8]) -> &[u8] {
    let length_bytes = chunk[9..].iter().position(|byte| byte & 0x80 == 0).map_or(1, |last| last + 1);
    &chunk[9 + length_bytes..]
}

/// The chunk with other bytes for its length.
pub fn with_length_bytes(chunk: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let body = body_of(chunk);
    let mut length = chunk[9..chunk.len() - body.len()].to_vec();
    change(&mut length);
    [&chunk[..9], &length, body].concat()
}

/// Reads base64 with padding.
pub fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = vec![];
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let digit = DIGITS.iter().position(|digit| *digit == letter).expect("the text is base64");
        bits = (bits << 6) | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
