//! How a feed is read with snapshots: which of its entries a snapshot stands for, and for whom.
//!
//! A reading begins at a cursor. A snapshot counts for it where the cursor has seen none of the entries
//! that it folds, and where it was there when the reading began. So it is sent in place of the first of
//! them, and whoever has passed that place has got it: the others may be passed over, also on a later
//! connection that names the same beginning. What was made meanwhile does not count: a change too often does
//! no harm, one too few would.
//!
//! So what counts for a reading must not change while it lasts, also where somebody lays an older copy of the
//! store back under the same epoch. A newer snapshot therefore stands beside the older ones, and these go only
//! when no reading counts any more that began before it ([`KEPT_MS`]).

use super::compaction::FOLD_AFTER;
use super::standing::FeedStanding;
use crate::ids::DeviceId;
use crate::wire::{Cursor, Entry, Folded, Folding, Hello};

/// How long a reading may last, by its mark: what takes a week is begun anew.
const READING_MS: u64 = 7 * 86_400_000;
/// How long a snapshot is kept after a newer one of its document was made: a day longer than a reading, since
/// the clocks of relays may differ.
pub const KEPT_MS: u64 = READING_MS + 86_400_000;

/// Where a snapshot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotPlace {
    /// The number of the first entry that it folds.
    pub first: u64,
    /// The number of the last.
    pub until: u64,
    /// The mark of its making: higher than of all that were made before. A relay takes its clock's
    /// milliseconds where that is higher, so that a restored store gives none out again.
    pub made: u64,
    /// The device that made the first entry.
    pub maker: DeviceId,
}

/// What a reader gets of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// The entry as it stands.
    Raw,
    /// The snapshot in its place.
    Snapshot,
    /// Nothing: the snapshot that was sent before holds it.
    PassedOver,
}

/// What a reader gets of a document's change with this number in the home feed, where the document has a
/// snapshot that counts: the newest of those whose mark is not above the reading's. `leave_out` is the device whose own entries are passed over: what it began is sent to it as it
/// stands, since it has most of it.
pub fn share(folding: Folding, place: &SnapshotPlace, seq: u64, leave_out: Option<DeviceId>) -> Share {
    let counts = place.made <= folding.made && place.first > folding.after;
    if !counts || seq > place.until || leave_out == Some(place.maker) {
        Share::Raw
    } else if seq == place.first {
        Share::Snapshot
    } else {
        Share::PassedOver
    }
}

/// How a feed is read from a cursor on after a `hello`. `newest` is the mark of the newest snapshot.
///
/// A device that is sent back to a `base` holds what is above it, and gets the entries themselves, with
/// their new numbers. Who lacks fewer entries than a snapshot folds at least gains nothing, and is served
/// from memory.
pub fn folding(
    now: u64,
    standing: &FeedStanding,
    from: Cursor,
    is_base: bool,
    hello: &Hello,
    newest: u64,
) -> Option<Folding> {
    if is_base || standing.head.saturating_sub(from.0) <= FOLD_AFTER {
        return None;
    }
    let lasts = |folding: &Folding| {
        folding.after <= from.0 && (folding.made == 0 || now < folding.made.saturating_add(READING_MS))
    };
    let begun = hello.folding.get(&standing.feed).copied().filter(lasts);
    // Where none stands above the cursor, the entries may as well come out of memory.
    begun.or((standing.last_snapshot > from.0).then_some(Folding { after: from.0, made: newest }))
}

/// The entry in whose place a snapshot is sent.
pub fn in_place(entry: Entry, bytes: Vec<u8>, folded: Folded) -> Entry {
    Entry { change: None, snapshot: Some(bytes.into()), folded: Some(folded), ..entry }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Tag;
    use crate::role::Role;

    const OWN: DeviceId = DeviceId::from_bytes([1; 16]);
    const PLACE: SnapshotPlace =
        SnapshotPlace { first: 5, until: 9, made: 100, maker: DeviceId::from_bytes([2; 16]) };

    fn shares(folding: Folding, place: SnapshotPlace) -> Vec<Share> {
        [5, 6, 9, 10].map(|seq| share(folding, &place, seq, Some(OWN))).to_vec()
    }

    #[test]
    fn snapshot_stands_for_its_entries_where_the_cursor_has_seen_none_of_them() {
        let all = [Share::Snapshot, Share::PassedOver, Share::PassedOver, Share::Raw];
        assert_eq!(shares(Folding { after: 4, made: 100 }, PLACE), all);
        assert_eq!(shares(Folding { after: 5, made: 100 }, PLACE), [Share::Raw; 4], "it has seen the first");
        assert_eq!(shares(Folding { after: 0, made: 99 }, PLACE), [Share::Raw; 4], "made since");
        assert_eq!(shares(Folding::raw(0), PLACE), [Share::Raw; 4]);
        let own = SnapshotPlace { maker: OWN, ..PLACE };
        assert_eq!(shares(Folding { after: 0, made: 100 }, own), [Share::Raw; 4], "begun by the reader");
    }

    #[test]
    fn reading_goes_on_as_it_began_until_the_device_has_caught_up() {
        let feed: crate::ids::FeedId = "kota".parse().unwrap();
        let standing = FeedStanding {
            feed: feed.clone(),
            name: String::new(),
            role: Role::Reader,
            head: 50,
            view: 1,
            matching: Vec::new(),
            shared: Cursor(50, Tag::START),
            last_snapshot: 30,
            settings: 0,
        };
        let mut hello = Hello::bare(OWN);
        let at = |seq| Cursor(seq, Tag::START);
        let fresh = Folding { after: 20, made: 7 };
        assert_eq!(folding(10, &standing, at(20), false, &hello, 7), Some(fresh));
        assert_eq!(folding(10, &standing, at(30), false, &hello, 7), None, "no snapshot stands above it");
        assert_eq!(folding(10, &standing, at(20), true, &hello, 7), None, "the device holds what follows");
        assert_eq!(folding(10, &standing, at(42), false, &hello, 7), None, "too little is left");
        for begun in [Folding { after: 3, made: 5 }, Folding::raw(3)] {
            hello.folding.insert(feed.clone(), begun);
            assert_eq!(folding(10, &standing, at(20), false, &hello, 7), Some(begun));
            assert_eq!(folding(10, &standing, at(42), false, &hello, 7), None);
        }
        assert_eq!(folding(READING_MS + 5, &standing, at(20), false, &hello, 7), Some(Folding::raw(3)));
        hello.folding.insert(feed.clone(), Folding { after: 3, made: 5 });
        assert_eq!(
            folding(READING_MS + 5, &standing, at(20), false, &hello, 7),
            Some(fresh),
            "it took too long"
        );
        hello.folding.insert(feed, Folding { after: 30, made: 5 });
        assert_eq!(
            folding(10, &standing, at(20), false, &hello, 7),
            Some(fresh),
            "the cursor went back since"
        );
    }
}
