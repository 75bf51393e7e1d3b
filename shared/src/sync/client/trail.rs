//! Older cursors of a feed, kept so that a device finds out since when a relay's log is another.
//!
//! The fewer the older: of the points whose distance to the cursor lies between two powers of four only the
//! oldest and the newest stay. So a feed of a million entries has some twenty, and what is read again after
//! the logs parted is at most a few times what was lost.

use crate::wire::Cursor;

/// Notes that the cursor moves from a point on to a number.
pub(super) fn pass(trail: &mut Vec<Cursor>, point: Cursor, to: u64) {
    if point.0 > 0 && point.0 < to && trail.last().is_none_or(|last| last.0 < point.0) {
        trail.push(point);
    }
    let of = |point: &Cursor| to.saturating_sub(point.0).max(1).ilog2() / 2;
    let classes: Vec<u32> = trail.iter().map(of).collect();
    let mut index = 0;
    trail.retain(|_| {
        let class = classes[index];
        let is_oldest = index == 0 || classes[index - 1] != class;
        let is_newest = classes.get(index + 1) != Some(&class);
        index += 1;
        is_oldest || is_newest
    });
}

/// Forgets the points from a number on.
pub(super) fn cut(trail: &mut Vec<Cursor>, from: u64) {
    trail.retain(|point| point.0 < from);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Tag;

    fn walked(to: u64) -> Vec<u64> {
        let mut trail = Vec::new();
        for seq in 0..to {
            pass(&mut trail, Cursor(seq, Tag::from_bytes(seq.to_be_bytes())), seq + 1);
        }
        trail.iter().map(|point| point.0).collect()
    }

    #[test]
    fn points_are_fewer_the_older_they_are_and_never_far_apart_for_their_age() {
        let trail = walked(10_000);
        assert!(trail.len() <= 16, "{trail:?}");
        assert_eq!(trail.last(), Some(&9_999));
        for lost in [1, 10, 100, 1_000, 5_000] {
            let parted = 10_000 - lost;
            let found = trail.iter().rev().find(|point| **point <= parted).copied().unwrap_or(0);
            assert!(10_000 - found <= 16 * lost, "{lost} lost, {found} found in {trail:?}");
        }
    }

    #[test]
    fn points_that_are_not_shared_are_forgotten() {
        let mut trail = vec![Cursor(3, Tag::START), Cursor(7, Tag::START), Cursor(9, Tag::START)];
        cut(&mut trail, 7);
        assert_eq!(trail, [Cursor(3, Tag::START)]);
        pass(&mut trail, Cursor(2, Tag::START), 8);
        assert_eq!(trail, [Cursor(3, Tag::START)], "what was passed before is passed again");
    }
}
