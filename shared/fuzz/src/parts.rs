//! Chunks as fuzzing writes them: without what only a hash could get right.
//!
//! One chunk is its type and its body. A history is parts one after the other: the type, which of the parts before it
//! builds on, two bytes of length, and the body without its dependencies. The bit of weight 1 stands for the part just
//! before, that of weight 2 for the one before that, and so on.

use shared::ids::ChangeHash;

use crate::seeds::forge;

/// A document chunk.
pub const DOCUMENT: u8 = 0;
/// A change chunk.
pub const CHANGE: u8 = 1;
/// A change chunk whose body is deflated.
pub const DEFLATED_CHANGE: u8 = 2;

/// The most parts of one history: more say nothing new, and only take time.
const MOST_PARTS: usize = 16;

/// A chunk with its hash.
pub struct Sealed {
    /// The hash of a change; of a document chunk the one that it is stored under.
    pub hash: ChangeHash,
    /// The chunk.
    pub bytes: Vec<u8>,
}

/// Gives a body its envelope.
pub fn seal(kind: u8, body: &[u8]) -> Sealed {
    let bytes = match kind {
        DEFLATED_CHANGE => forge::deflated(body),
        kind => forge::chunk(kind, body),
    };
    let hashed = if kind == DEFLATED_CHANGE { CHANGE } else { kind };
    Sealed { hash: ChangeHash::from_bytes(forge::hash(hashed, body)), bytes }
}

/// The chunks of a history.
pub fn history(mut bytes: &[u8]) -> Vec<Sealed> {
    let mut chunks: Vec<Sealed> = Vec::new();
    while let [kind, builds_on, low, high, rest @ ..] = bytes {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (rest_of_body, after) = rest.split_at(length);
        bytes = after;
        let kind = kind % 3;
        let body = match kind {
            DOCUMENT => rest_of_body.to_vec(),
            _ => {
                let before = chunks.iter().rev().enumerate().take(8);
                let mut deps: Vec<_> = before
                    .filter(|(place, _)| builds_on >> place & 1 == 1)
                    .map(|(_, chunk)| *chunk.hash.as_bytes())
                    .collect();
                deps.sort_unstable();
                deps.dedup();
                [forge::unsigned(deps.len() as u64), deps.concat(), rest_of_body.to_vec()].concat()
            }
        };
        chunks.push(seal(kind, &body));
        if chunks.len() == MOST_PARTS {
            break;
        }
    }
    chunks
}

/// Writes the bodies of changes as a history; `None` where one of them builds on what is not just before.
pub fn history_of(bodies: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    for body in bodies {
        let count = usize::from(body[0]);
        let (deps, rest_of_body) = body[1..].split_at_checked(count * ChangeHash::LENGTH)?;
        let mut builds_on = 0;
        for dep in deps.chunks_exact(ChangeHash::LENGTH) {
            let place = hashes.iter().rev().take(8).position(|hash| hash == dep)?;
            builds_on |= 1 << place;
        }
        bytes.extend([CHANGE, builds_on]);
        bytes.extend(u16::try_from(rest_of_body.len()).ok()?.to_le_bytes());
        bytes.extend(rest_of_body);
        hashes.push(forge::hash(CHANGE, body));
    }
    Some(bytes)
}
