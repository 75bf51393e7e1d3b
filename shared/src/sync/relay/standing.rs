//! How the feeds stand for a device that says hello: where it may read on, and from where it must heal.
//!
//! A store has a history of epochs: each restore begins a new one, and notes where every feed's head was.
//! What a device has seen in an older epoch is shared only up to the earliest of the later beginnings.

use crate::ids::{EpochId, FeedId};
use crate::role::Role;
use crate::wire::{Cursor, FeedView, Folding, Hello, RemovedRole, limits};

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
    /// Those of the points that `hello` names ([`points`]) at which this log has an entry with that tag.
    pub matching: Vec<Cursor>,
    /// The last entry that this store surely shares with the epoch that the device names
    /// ([`shared_until`]), and its tag.
    pub shared: Cursor,
    /// The highest number at which a snapshot stands; 0 where there is none.
    pub last_snapshot: u64,
    /// The number of the newest setting; 0 where nothing was ever set.
    pub settings: u64,
}

/// What the store says to a hello.
#[derive(Clone, Debug, PartialEq)]
pub struct Greeting {
    /// This life of the store.
    pub epoch: EpochId,
    /// The feeds that the person may read.
    pub feeds: Vec<FeedStanding>,
    /// Those in which their role was taken.
    pub removed_roles: Vec<RemovedRole>,
    /// The mark of the newest snapshot; 0 where there is none.
    pub newest_snapshot: u64,
}

/// The number of a person's sight of a feed after their role went from `before` to `after`. Only where it begins, ends,
/// or is refused once more, does it grow; and to at least the time in milliseconds, so that a restored store gives
/// none out twice.
pub fn next_view(last: u64, before: Option<Role>, after: Option<Role>, now: u64) -> u64 {
    if before.is_some() && after.is_some() { last } else { now.max(last + 1) }
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

/// The points of a feed that a `hello` names, besides the start: the cursor, the last acked entry above it,
/// and older cursors. A store says which of them it has.
pub fn points(hello: &Hello, feed: &FeedId) -> Vec<Cursor> {
    let trail = hello.trail.get(feed).into_iter().flatten().take(limits::TRAIL_POINTS);
    let named = hello.cursors.get(feed).into_iter().chain(hello.acked.get(feed)).chain(trail);
    named.filter(|point| point.0 > 0).copied().collect()
}

/// Where the device must go back to in a feed; `None` where it may just read on.
pub fn base(standing: &FeedStanding, epoch: EpochId, hello: &Hello) -> Option<Cursor> {
    let cursor = hello.cursors.get(&standing.feed).copied().unwrap_or(Cursor::START);
    let is_same_epoch = hello.epoch == Some(epoch) || (hello.epoch.is_none() && hello.cursors.is_empty());
    let has = |point: &Cursor| point.0 == 0 || standing.matching.contains(point);
    if has(&cursor) {
        // Tags are chained, so all that the device has read is here. What it was acked may lie above, and
        // be lost.
        let has_acked = hello.acked.get(&standing.feed).is_none_or(has);
        return if is_same_epoch && has_acked { None } else { Some(cursor) };
    }
    if let Some(trail) = hello.trail.get(&standing.feed) {
        let shared = trail.iter().take(limits::TRAIL_POINTS).filter(|point| has(point));
        return Some(shared.max_by_key(|point| point.0).copied().unwrap_or(Cursor::START));
    }
    // Without a new epoch nobody knows where the two logs part: only the beginning is surely shared.
    Some(if !is_same_epoch && cursor.0 > standing.shared.0 { standing.shared } else { Cursor::START })
}

/// The feed as `welcome` shows it.
pub fn view(standing: &FeedStanding, base: Option<Cursor>, folding: Option<Folding>) -> FeedView {
    FeedView {
        feed: standing.feed.clone(),
        name: standing.name.clone(),
        role: standing.role.into(),
        head: standing.head,
        view: standing.view,
        base,
        folding,
        settings: Some(standing.settings).filter(|number| *number > 0),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::ids::{DeviceId, Tag};
    use crate::ordered::OrderedMap;
    use crate::wire::VERSION;

    fn epoch(n: u8) -> EpochId {
        EpochId::from_bytes([n; 16])
    }

    fn tag(n: u8) -> Tag {
        Tag::from_bytes([n; 8])
    }

    fn hello(epoch: Option<EpochId>, cursor: Option<Cursor>) -> Hello {
        let feed: FeedId = "kota".parse().unwrap();
        let cursors: OrderedMap<_, _> = cursor.into_iter().map(|cursor| (feed.clone(), cursor)).collect();
        Hello {
            v: VERSION,
            device: DeviceId::from_bytes([1; 16]),
            epoch,
            cursors,
            own: false,
            acked: OrderedMap::new(),
            trail: OrderedMap::new(),
            folding: OrderedMap::new(),
            features: Vec::new(),
        }
    }

    fn standing(head: u64, matching: &[Cursor], shared: Cursor) -> FeedStanding {
        let feed = "kota".parse().unwrap();
        let matching = matching.to_vec();
        let (name, role) = (String::new(), Role::Writer);
        FeedStanding { feed, name, role, head, view: 0, matching, shared, last_snapshot: 0, settings: 0 }
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
        let at_7 = Cursor(7, tag(7));
        let standing = standing(10, &[at_7], Cursor(10, tag(1)));
        assert_eq!(base(&standing, epoch(1), &hello(Some(epoch(1)), Some(at_7))), None);
        assert_eq!(base(&standing, epoch(1), &hello(None, None)), None);
    }

    #[test]
    fn wrong_tag_or_range_in_the_same_epoch_goes_back_to_the_start() {
        let hello_at_7 = hello(Some(epoch(1)), Some(Cursor(7, tag(7))));
        for head in [10, 5] {
            let other = standing(head, &[], Cursor(head, tag(1)));
            assert_eq!(base(&other, epoch(1), &hello_at_7), Some(Cursor::START), "head {head}");
        }
    }

    #[test]
    fn acked_entry_that_is_gone_goes_back_to_the_cursor() {
        let (at_7, at_9) = (Cursor(7, tag(7)), Cursor(9, tag(9)));
        let mut told = hello(Some(epoch(1)), Some(at_7));
        told.acked.insert("kota".parse().unwrap(), at_9);
        let whole = standing(10, &[at_7, at_9], Cursor(10, tag(1)));
        assert_eq!(base(&whole, epoch(1), &told), None);
        let forgetful = standing(10, &[at_7], Cursor(10, tag(1)));
        assert_eq!(base(&forgetful, epoch(1), &told), Some(at_7));
        let mut new = hello(Some(epoch(1)), None);
        new.acked = told.acked;
        assert_eq!(base(&forgetful, epoch(1), &new), Some(Cursor::START), "nothing was read yet");
    }

    #[test]
    fn trail_finds_the_last_point_that_is_shared() {
        let trail = [Cursor(12, tag(2)), Cursor(11, tag(3)), Cursor(4, tag(4))];
        let mut told = hello(Some(epoch(1)), Some(Cursor(16, tag(1))));
        told.trail.insert("kota".parse().unwrap(), trail.to_vec());
        let shared = Cursor(15, tag(9));
        assert_eq!(base(&standing(20, &trail[1..], shared), epoch(1), &told), Some(trail[1]));
        assert_eq!(base(&standing(20, &trail[2..], shared), epoch(2), &told), Some(trail[2]));
        assert_eq!(base(&standing(20, &[], shared), epoch(2), &told), Some(Cursor::START));
    }

    #[test]
    fn device_of_an_older_epoch_is_sent_back_to_what_is_shared() {
        let shared = Cursor(100, tag(100));
        let hello_at_120 = hello(Some(epoch(1)), Some(Cursor(120, tag(9))));
        assert_eq!(base(&standing(130, &[], shared), epoch(2), &hello_at_120), Some(shared));
        let at_90 = Cursor(90, tag(9));
        let behind = standing(130, &[at_90], shared);
        assert_eq!(base(&behind, epoch(2), &hello(Some(epoch(1)), Some(at_90))), Some(at_90));
    }
}
