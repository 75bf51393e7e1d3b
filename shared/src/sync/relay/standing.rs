//! How the feeds stand for a device that says hello: where it may read on, and from where it must heal.
//!
//! A store has a history of epochs: each restore begins a new one, and notes where every feed's head was.
//! What a device has seen in an older epoch is shared only up to the earliest of the later beginnings.

use crate::ids::{EpochId, FeedId, Tag};
use crate::role::Role;
use crate::wire::{Cursor, FeedView, Hello};

/// One feed of the person, as the store finds it when the device says hello.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedStanding {
    /// The feed.
    pub feed: FeedId,
    /// Its name for people.
    pub name: String,
    /// What the person may do in it.
    pub role: Role,
    /// The number of its last entry.
    pub head: u64,
    /// Grows whenever this person's sight of the feed widens.
    pub view: u64,
    /// The tag of the entry with the cursor's number, where there is one.
    pub tag_at_cursor: Option<Tag>,
    /// The last entry that this store surely shares with the epoch that the device names
    /// ([`shared_until`]), and its tag.
    pub shared: Cursor,
}

/// What the store says to a hello.
#[derive(Clone, Debug, PartialEq)]
pub struct Greeting {
    /// This life of the store.
    pub epoch: EpochId,
    /// The feeds that the person may read.
    pub feeds: Vec<FeedStanding>,
}

/// The number of the last entry of a feed that this store surely shares with a device of another epoch.
/// `epochs` are the store's, oldest first, each with the feed's head when it began (0 for a feed that did
/// not exist); `head` is the feed's head now.
pub fn shared_until(epochs: &[(EpochId, u64)], theirs: Option<EpochId>, head: u64) -> u64 {
    let known = theirs.and_then(|theirs| epochs.iter().position(|(epoch, _)| *epoch == theirs));
    let later = match known {
        Some(index) if index + 1 == epochs.len() => return head,
        Some(index) => &epochs[index + 1..],
        // An epoch that was lost with a restore, or another relay's: nobody knows where it left our line. It
        // may have begun from a backup that is older than all that this store remembers.
        None => return 0,
    };
    later.iter().map(|(_, start)| *start).min().unwrap_or(0).min(head)
}

/// Where the device must go back to in a feed; `None` where it may just read on.
pub fn base(standing: &FeedStanding, epoch: EpochId, hello: &Hello) -> Option<Cursor> {
    let cursor = hello.cursors.get(&standing.feed).copied().unwrap_or(Cursor::START);
    let is_at_start = cursor.0 == 0;
    let is_same_epoch = hello.epoch == Some(epoch) || (hello.epoch.is_none() && hello.cursors.is_empty());
    if is_same_epoch && is_at_start {
        return None;
    }
    let matches = is_at_start || standing.tag_at_cursor == Some(cursor.1);
    if is_same_epoch {
        // Without a new epoch nobody knows where the two logs part: only the beginning is surely shared.
        return if matches { None } else { Some(Cursor::START) };
    }
    if cursor.0 > standing.shared.0 {
        return Some(standing.shared);
    }
    // Even where the cursor matches: what the device was acked may lie above it, and be lost.
    Some(if matches && !is_at_start { cursor } else { Cursor::START })
}

/// The feed as `welcome` shows it.
pub fn view(standing: &FeedStanding, base: Option<Cursor>) -> FeedView {
    FeedView {
        feed: standing.feed.clone(),
        name: standing.name.clone(),
        role: standing.role,
        head: standing.head,
        view: standing.view,
        base,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ids::DeviceId;
    use crate::wire::VERSION;

    fn epoch(n: u8) -> EpochId {
        EpochId::from_bytes([n; 16])
    }

    fn tag(n: u8) -> Tag {
        Tag::from_bytes([n; 8])
    }

    fn hello(epoch: Option<EpochId>, cursor: Option<Cursor>) -> Hello {
        let feed: FeedId = "kota".parse().unwrap();
        let cursors: BTreeMap<_, _> = cursor.into_iter().map(|cursor| (feed.clone(), cursor)).collect();
        Hello { v: VERSION, device: DeviceId::from_bytes([1; 16]), epoch, cursors, own: false }
    }

    fn standing(head: u64, tag_at_cursor: Option<Tag>, shared: Cursor) -> FeedStanding {
        let feed = "kota".parse().unwrap();
        FeedStanding { feed, name: String::new(), role: Role::Writer, head, view: 0, tag_at_cursor, shared }
    }

    #[test]
    fn log_is_shared_up_to_the_earliest_restore_since_the_device_was_there() {
        let epochs = [(epoch(1), 0), (epoch(2), 100), (epoch(3), 115)];
        let cases = [
            ("the present epoch", Some(epoch(3)), 120),
            ("the epoch before", Some(epoch(2)), 115),
            ("two restores ago", Some(epoch(1)), 100),
            ("an epoch that was lost", Some(epoch(9)), 0),
            ("no epoch, but a cursor", None, 0),
        ];
        for (name, theirs, expected) in cases {
            assert_eq!(shared_until(&epochs, theirs, 120), expected, "{name}");
        }
        assert_eq!(shared_until(&epochs[..1], Some(epoch(9)), 120), 0, "another relay's epoch");
    }

    #[test]
    fn cursor_that_matches_reads_on() {
        let standing = standing(10, Some(tag(7)), Cursor(10, tag(1)));
        assert_eq!(base(&standing, epoch(1), &hello(Some(epoch(1)), Some(Cursor(7, tag(7))))), None);
        assert_eq!(base(&standing, epoch(1), &hello(None, None)), None);
    }

    #[test]
    fn wrong_tag_or_range_in_the_same_epoch_goes_back_to_the_start() {
        let wrong = standing(10, Some(tag(8)), Cursor(10, tag(1)));
        let hello_at_7 = hello(Some(epoch(1)), Some(Cursor(7, tag(7))));
        assert_eq!(base(&wrong, epoch(1), &hello_at_7), Some(Cursor::START));
        let beyond = standing(5, None, Cursor(5, tag(1)));
        assert_eq!(base(&beyond, epoch(1), &hello_at_7), Some(Cursor::START));
    }

    #[test]
    fn device_of_an_older_epoch_is_sent_back_to_what_is_shared() {
        let shared = Cursor(100, tag(100));
        let ahead = standing(130, Some(tag(1)), shared);
        let hello_at_120 = hello(Some(epoch(1)), Some(Cursor(120, tag(9))));
        assert_eq!(base(&ahead, epoch(2), &hello_at_120), Some(shared));
        let behind = standing(130, Some(tag(9)), shared);
        let hello_at_90 = hello(Some(epoch(1)), Some(Cursor(90, tag(9))));
        assert_eq!(base(&behind, epoch(2), &hello_at_90), Some(Cursor(90, tag(9))));
    }
}
