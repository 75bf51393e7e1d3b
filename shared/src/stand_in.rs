//! Stand-ins: changes that say again, as their maker's own new edits, what changes of others said that no receipt
//! proves and whose makers did not come back. The message of a stand-in names the hashes for which it stands, so that
//! nobody says the same once more, and an original that comes late is known as such.
//!
//! The message is `simpul stands for 1`, and behind it, each after a space, the hashes in lower-case hex, ascending and
//! each once. Do not change: it is in documents since version 1. A message that begins otherwise says nothing of the
//! kind; one that begins so and goes on otherwise is refused by the change check.

use crate::ids::ChangeHash;
use crate::wire::limits;

const PREFIX: &str = "simpul stands for 1";
/// A space and a hash in hex.
const HASH_BYTES: usize = 1 + 2 * ChangeHash::LENGTH;

/// For how many changes one stand-in can stand: as many as its message has room for.
pub const MOST: usize = (limits::MESSAGE_BYTES as usize - PREFIX.len()) / HASH_BYTES;

/// The message begins as that of a stand-in and does not go on so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message does not name the changes for which it stands")]
pub struct BadStandIn;

/// The message of a change that stands for these, at most [`MOST`].
pub fn message(stands_for: &[ChangeHash]) -> String {
    naming(PREFIX, stands_for)
}

/// The changes for which a change with this message stands, ascending; none where it is an ordinary one.
///
/// # Errors
/// When the message is that of a stand-in and damaged.
pub fn stands_for(message: &[u8]) -> Result<Vec<ChangeHash>, BadStandIn> {
    let Some(rest) = message.strip_prefix(PREFIX.as_bytes()) else { return Ok(Vec::new()) };
    named(rest).ok_or(BadStandIn)
}

/// A message that names changes, at most [`MOST`], behind its beginning.
pub(crate) fn naming(prefix: &str, hashes: &[ChangeHash]) -> String {
    let mut hashes = hashes.to_vec();
    hashes.sort_unstable();
    hashes.dedup();
    debug_assert!(hashes.len() <= MOST, "more than a message has room for");
    hashes.iter().fold(prefix.to_owned(), |message, hash| format!("{message} {hash}"))
}

/// What stands behind the beginning of such a message; `None` where it is damaged.
pub(crate) fn named(rest: &[u8]) -> Option<Vec<ChangeHash>> {
    if rest.is_empty() || !rest.len().is_multiple_of(HASH_BYTES) || rest.len() > MOST * HASH_BYTES {
        return None;
    }
    let hashes = rest.chunks_exact(HASH_BYTES).map(hash).collect::<Option<Vec<_>>>()?;
    hashes.is_sorted_by(|a, b| a < b).then_some(hashes)
}

fn hash(text: &[u8]) -> Option<ChangeHash> {
    let digits = text.strip_prefix(b" ")?;
    let is_lower = |digit: &u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    digits.iter().all(is_lower).then_some(())?;
    let bytes: [u8; ChangeHash::LENGTH] = hex::decode(digits).ok()?.try_into().ok()?;
    Some(ChangeHash::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(count: usize) -> Vec<ChangeHash> {
        (0..count).map(|number| ChangeHash::from_bytes([number as u8; 32])).collect()
    }

    #[test]
    fn message_says_what_it_was_made_for_and_never_exceeds_a_change() {
        for count in [1, 2, MOST] {
            let said = message(&hashes(count).into_iter().rev().collect::<Vec<_>>());
            assert!(said.len() as u64 <= limits::MESSAGE_BYTES);
            assert_eq!(stands_for(said.as_bytes()), Ok(hashes(count)));
        }
    }

    #[test]
    fn other_messages_stand_for_nothing() {
        for other in ["", "Perbaiki ejaan", "simpul stands for 2 00", "simpul stands", " simpul stands for 1"]
        {
            assert_eq!(stands_for(other.as_bytes()), Ok(Vec::new()), "{other}");
        }
    }

    #[test]
    fn message_that_only_begins_so_is_no_message_at_all() {
        let good = message(&hashes(2));
        let hash = "ab".repeat(32);
        for bad in [
            PREFIX.to_owned(),
            format!("{PREFIX} "),
            format!("{PREFIX}1 {hash}"),
            format!("{PREFIX} {hash} "),
            format!("{PREFIX} {}", hash.to_uppercase()),
            format!("{PREFIX} {hash} {hash}"),
            format!("{PREFIX} {hash} {}", "aa".repeat(32)),
            format!("{PREFIX} {}é{}", &hash[..31], &hash[33..]),
            good[..good.len() - 1].to_owned(),
            good.replace(" 00", "\n00"),
        ] {
            assert_eq!(stands_for(bad.as_bytes()), Err(BadStandIn), "{bad}");
        }
    }
}
