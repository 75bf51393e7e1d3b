//! Reopenings: changes by which a person takes back that they settled a fact which others had set differently. Automerge keeps
//! no value that was overwritten, so the message of each names the heads of the version in which the values stood side by
//! side: as long as nobody sets the fact anew, it is in conflict as it was there.
//!
//! The message is `simpul reopens 1`, and behind it, each after a space, the heads in lower-case hex, ascending and each
//! once, at most [`stand_in::MOST`]. Do not change: it is in documents since version 1. Any other message says nothing of
//! the kind; who does not know this one sees the fact as its last change set it.

use crate::ids::ChangeHash;
use crate::restoration::named;
use crate::stand_in;

const PREFIX: &str = "simpul reopens 1";

/// The message of a change that opens again what stood in conflict in the version with these heads.
pub fn message(heads: &[ChangeHash]) -> String {
    stand_in::naming(PREFIX, &named(heads))
}

/// The heads that a change with this message names; none where it is another one.
pub fn reopened(message: &str) -> Vec<ChangeHash> {
    let rest = message.strip_prefix(PREFIX).map(str::as_bytes);
    rest.and_then(stand_in::named).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration;

    #[test]
    fn message_names_the_version_and_no_other_message_does() {
        let heads = [ChangeHash::from_bytes([2; 32]), ChangeHash::from_bytes([1; 32])];
        let said = message(&heads);
        assert_eq!(reopened(&said), [heads[1], heads[0]]);
        assert!(restoration::restored(&said).is_empty());
        for other in ["", PREFIX, &restoration::message(&heads), &said[..said.len() - 1]] {
            assert!(reopened(other).is_empty(), "{other}");
        }
    }
}
