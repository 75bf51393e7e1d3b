//! Stand-ins: changes that say again, as their maker's own new edits, what changes of others said that no receipt
//! proves and whose makers did not come back. The message of a stand-in names the hashes for which it stands, so that
//! nobody says the same once more, and an original that comes late is known as such; and the devices that made them, for
//! the history.
//!
//! The message is `simpul stands for 1`, and behind it, each after a space, the hashes in lower-case hex, ascending and
//! each once; and where it names devices ` of`, and those likewise. Do not change: it is in documents since version 1. A
//! message that begins otherwise says nothing of the kind; one that begins so and goes on otherwise is refused by the change
//! check. Nobody can prove what it says of devices: it is the word of who wrote the stand-in.

use crate::ids::{ChangeHash, DeviceId};
use crate::ordered::OrderedSet;
use crate::wire::limits;

const PREFIX: &str = "simpul stands for 1";
const OF: &str = " of";
/// A space and a hash in hex.
const HASH_BYTES: usize = 1 + 2 * ChangeHash::LENGTH;
/// A space and a device in hex.
const DEVICE_BYTES: usize = 1 + 2 * DeviceId::LENGTH;

/// For how many changes one stand-in can stand: as many as its message has room for, where each was made by another device.
pub const MOST: usize =
    (limits::MESSAGE_BYTES as usize - PREFIX.len() - OF.len()) / (HASH_BYTES + DEVICE_BYTES);

/// What the message of a stand-in says; of an ordinary change nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandIn {
    /// The changes for which it stands, ascending.
    pub stands_for: Vec<ChangeHash>,
    /// The devices that made them, ascending, as far as it names them.
    pub makers: Vec<DeviceId>,
}

/// The message begins as that of a stand-in and does not go on so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message does not name the changes for which it stands")]
pub struct BadStandIn;

impl StandIn {
    /// One that stands for these changes of these devices; at most [`MOST`] of each.
    pub fn new(
        stands_for: impl IntoIterator<Item = ChangeHash>,
        makers: impl IntoIterator<Item = DeviceId>,
    ) -> Self {
        let stands_for: OrderedSet<_> = stands_for.into_iter().collect();
        let makers: OrderedSet<_> = makers.into_iter().collect();
        debug_assert!(stands_for.len().max(makers.len()) <= MOST, "more than a message has room for");
        Self { stands_for: stands_for.into_iter().collect(), makers: makers.into_iter().collect() }
    }

    /// Reads the message of a change.
    ///
    /// # Errors
    /// When the message is that of a stand-in and damaged.
    pub fn read(message: &[u8]) -> Result<Self, BadStandIn> {
        let Some(rest) = message.strip_prefix(PREFIX.as_bytes()) else { return Ok(Self::default()) };
        let of = rest.windows(OF.len()).position(|part| part == OF.as_bytes());
        let (hashes, devices) = of.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + OF.len()..])));
        let stands_for = ids(hashes)?.into_iter().map(ChangeHash::from_bytes).collect();
        let makers = devices.map(ids).transpose()?.unwrap_or_default();
        Ok(Self { stands_for, makers: makers.into_iter().map(DeviceId::from_bytes).collect() })
    }

    /// Whether it is that of an ordinary change.
    pub fn is_empty(&self) -> bool {
        self.stands_for.is_empty()
    }

    /// The message that says so.
    pub fn message(&self) -> String {
        let mut message = PREFIX.to_owned();
        self.stands_for.iter().for_each(|hash| message.push_str(&format!(" {hash}")));
        if !self.makers.is_empty() {
            message.push_str(OF);
            let hex = self.makers.iter().map(|device| hex::encode(device.as_bytes()));
            hex.for_each(|device| message.push_str(&format!(" {device}")));
        }
        message
    }
}

/// A message that names changes, at most [`MOST`], behind its beginning.
pub(crate) fn naming(prefix: &str, hashes: &[ChangeHash]) -> String {
    let hashes: OrderedSet<ChangeHash> = hashes.iter().copied().collect();
    debug_assert!(hashes.len() <= MOST, "more than a message has room for");
    hashes.iter().fold(prefix.to_owned(), |message, hash| format!("{message} {hash}"))
}

/// What stands behind the beginning of such a message; `None` where it is damaged.
pub(crate) fn named(rest: &[u8]) -> Option<Vec<ChangeHash>> {
    Some(ids(rest).ok()?.into_iter().map(ChangeHash::from_bytes).collect())
}

/// Ids of one length, each after a space, ascending and each once; at least one.
fn ids<const LENGTH: usize>(text: &[u8]) -> Result<Vec<[u8; LENGTH]>, BadStandIn> {
    let each = 1 + 2 * LENGTH;
    if text.is_empty() || !text.len().is_multiple_of(each) || text.len() > MOST * each {
        return Err(BadStandIn);
    }
    let ids = text.chunks_exact(each).map(id).collect::<Option<Vec<_>>>().ok_or(BadStandIn)?;
    if ids.is_sorted_by(|a, b| a < b) { Ok(ids) } else { Err(BadStandIn) }
}

fn id<const LENGTH: usize>(text: &[u8]) -> Option<[u8; LENGTH]> {
    let digits = text.strip_prefix(b" ")?;
    let is_lower = |digit: &u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    digits.iter().all(is_lower).then_some(())?;
    hex::decode(digits).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hashes: usize, devices: usize) -> StandIn {
        let hashes = (0..hashes).map(|number| ChangeHash::from_bytes([number as u8; 32]));
        StandIn::new(hashes.rev(), (0..devices).map(|number| DeviceId::from_bytes([number as u8; 16])))
    }

    #[test]
    fn message_says_what_it_was_made_for_and_never_exceeds_a_change() {
        for count in [1, 2, MOST] {
            for devices in [0, 1, count] {
                let message = of(count, devices).message();
                assert!(message.len() as u64 <= limits::MESSAGE_BYTES);
                let read = StandIn::read(message.as_bytes()).unwrap();
                assert_eq!((read.stands_for.len(), read.makers.len()), (count, devices));
                assert_eq!(read, of(count, devices));
            }
        }
    }

    #[test]
    fn other_messages_stand_for_nothing() {
        for other in ["", "Perbaiki ejaan", "simpul stands for 2 00", "simpul stands", " simpul stands for 1"]
        {
            assert_eq!(StandIn::read(other.as_bytes()), Ok(StandIn::default()), "{other}");
        }
    }

    #[test]
    fn message_that_only_begins_so_is_no_message_at_all() {
        let (hash, device) = ("ab".repeat(32), "cd".repeat(16));
        let good = of(2, 2).message();
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
            format!("{PREFIX} of {device}"),
            format!("{PREFIX} {hash} of"),
            format!("{PREFIX} {hash} of {hash}"),
            format!("{PREFIX} {hash} of {device} of {device}"),
            format!("{PREFIX} {hash} of {device} {device}"),
            of(1, MOST).message() + &format!(" {}", "ee".repeat(16)),
        ] {
            assert_eq!(StandIn::read(bad.as_bytes()), Err(BadStandIn), "{bad}");
        }
    }
}
