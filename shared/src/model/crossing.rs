//! *Dua orang menulis di sini*: a paragraph in which two changes that did not know of each other each wrote a whole word,
//! one of them long before it was sent. What such two wrote may not fit together, and neither could see it. Told from the
//! document's changes whenever it is asked for, and stored nowhere.
//!
//! It is over with the next edit in the paragraph by somebody who had both, or once somebody who had both says that it is
//! checked: by a change without edits, whose message is `simpul checked 1`, a space and a character that stands in the
//! paragraph: the number of the operation that inserted it, `@` and its actor in lower-case hex. Do not change: it is in
//! documents since version 1. Any other message says nothing of the kind: nobody depends on it, so the change check does not
//! look.

use super::field::FieldRef;
use crate::ids::ActorId;
use crate::ordered::OrderedSet;

/// How long a change waited to be sent whose maker could not see what others wrote: with a connection it takes a second or
/// two.
pub const WAITED_MS: u64 = 10_000;

const PREFIX: &str = "simpul checked 1 ";

/// A paragraph in which two or more wrote without knowing of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The text.
    pub field: FieldRef,
    /// Which of its paragraphs that are not empty, from 1.
    pub paragraph: usize,
    /// All of them.
    pub actors: OrderedSet<ActorId>,
    /// A character by which the paragraph is known: the last of a word of one of the two.
    pub character: Character,
}

/// A character of a text, by the operation that inserted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Character {
    /// Who inserted it.
    pub actor: ActorId,
    /// The operation's number.
    pub operation: u64,
}

/// The message of a change that says that a paragraph was checked.
pub fn message(of: Character) -> String {
    format!("{PREFIX}{}@{}", of.operation, hex::encode(of.actor.as_bytes()))
}

/// The character of the paragraph that a change with this message says was checked; `None` where it is another one.
pub fn checked(message: &str) -> Option<Character> {
    let (operation, actor) = message.strip_prefix(PREFIX)?.split_once('@')?;
    let bytes: [u8; ActorId::LENGTH] = hex::decode(actor).ok()?.try_into().ok()?;
    Some(Character { operation: operation.parse().ok()?, actor: ActorId::from_bytes(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_a_character_and_any_other_none() {
        let of = Character { operation: 12, actor: ActorId::from_bytes([0xab; ActorId::LENGTH]) };
        let said = message(of);
        assert_eq!(checked(&said), Some(of));
        let cut = &said[..said.len() - 1];
        for other in [
            "",
            "simpul checked 1",
            "simpul checked 1 @",
            "simpul checked 1 x@ab",
            "simpul checked 2 1@ab",
            cut,
        ] {
            assert_eq!(checked(other), None, "{other}");
        }
    }
}
