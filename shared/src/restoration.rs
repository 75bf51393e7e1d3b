//! Restorations: changes that bring a document back to an old version, as new edits. The message of each names the heads of
//! that version, so that the history says what was restored, and two that restored one version at once are known as such
//! ([`crate::model::document::Document::restored_twice`]).
//!
//! The message is `simpul restores 1`, and behind it, each after a space, the heads in lower-case hex, ascending and each
//! once, at most [`stand_in::MOST`]. Do not change: it is in documents since version 1. Any other message says nothing of
//! the kind: nobody but who reads the history depends on it, so the change check does not look.

use crate::ids::ChangeHash;
use crate::stand_in;

const PREFIX: &str = "simpul restores 1";

/// The version as a message names it: of more heads than it has room for, the first.
pub fn named(heads: &[ChangeHash]) -> Vec<ChangeHash> {
    let mut heads = heads.to_vec();
    heads.sort_unstable();
    heads.dedup();
    heads.truncate(stand_in::MOST);
    heads
}

/// The message of a change that restores the version with these heads.
pub fn message(heads: &[ChangeHash]) -> String {
    stand_in::naming(PREFIX, &named(heads))
}

/// The heads of the version that a change with this message restores; none where it is another one.
pub fn restored(message: &str) -> Vec<ChangeHash> {
    let rest = message.strip_prefix(PREFIX).map(str::as_bytes);
    rest.and_then(stand_in::named).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::limits;

    #[test]
    fn message_says_which_version_it_was_made_for_and_never_exceeds_a_change() {
        let heads = |count: usize| -> Vec<ChangeHash> {
            (0..count).map(|number| ChangeHash::from_bytes([number as u8; 32])).collect()
        };
        for count in [1, 2, stand_in::MOST] {
            let said = message(&heads(count).into_iter().rev().collect::<Vec<_>>());
            assert!(said.len() as u64 <= limits::MESSAGE_BYTES);
            assert_eq!(restored(&said), heads(count));
        }
        assert_eq!(restored(&message(&heads(stand_in::MOST + 1))), heads(stand_in::MOST));
    }

    #[test]
    fn other_messages_restore_nothing() {
        let hash = "ab".repeat(32);
        for other in [
            "".to_owned(),
            PREFIX.to_owned(),
            format!("{PREFIX} {}", &hash[1..]),
            format!("{PREFIX} {hash} {hash}"),
            format!("simpul restores 2 {hash}"),
            stand_in::StandIn::new([ChangeHash::from_bytes([7; 32])], []).message(),
        ] {
            assert_eq!(restored(&other), [], "{other}");
        }
    }
}
