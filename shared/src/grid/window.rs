//! Which rows of a long table are drawn: those in sight and some around them, with gaps as high as the rest.

use std::ops::Range;

/// What is drawn in the place of rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drawn {
    /// The row of this number.
    Row(usize),
    /// Nothing, as high as all rows from `first` up to the next that is drawn.
    Gap {
        /// The first row that it stands for.
        first: usize,
        /// Its height.
        height_px: f64,
    },
}

/// The stretch of a table that is in sight, from the top of its first row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sight {
    /// Where it begins.
    pub top_px: f64,
    /// Where it ends.
    pub bottom_px: f64,
}

impl Sight {
    /// The same with a margin above and below.
    #[must_use]
    pub fn with_margin(self, margin_px: f64) -> Self {
        Self { top_px: self.top_px - margin_px, bottom_px: self.bottom_px + margin_px }
    }
}

/// The rows that a stretch touches; at least one where there is any.
pub fn touched(heights_px: &[f64], sight: Sight) -> Range<usize> {
    let mut start = None;
    let mut end = 0;
    let mut top_px = 0.0;
    for (row, height_px) in heights_px.iter().enumerate() {
        let bottom_px = top_px + height_px;
        if start.is_none() && bottom_px > sight.top_px {
            start = Some(row);
            end = row + 1;
        }
        if top_px >= sight.bottom_px {
            break;
        }
        end = end.max(row + 1);
        top_px = bottom_px;
    }
    // A table that is scrolled out of sight at its upper edge keeps its last row.
    let start = start.unwrap_or_else(|| heights_px.len().saturating_sub(1));
    start.min(end)..end
}

/// The rows to draw in the next frame, on the way from those that are drawn to those that are wanted. A frame draws so many
/// new rows at most, those in sight before those around them, so that none takes long.
pub fn step(
    drawn: &Range<usize>,
    wanted: &Range<usize>,
    seen: &Range<usize>,
    most_new: usize,
) -> Range<usize> {
    let kept = drawn.start.max(wanted.start)..drawn.end.min(wanted.end);
    let mut left = most_new.max(1);
    let mut next = if kept.is_empty() || kept.end < seen.start || kept.start > seen.end {
        let start = seen.start.clamp(wanted.start, wanted.end);
        start..start
    } else {
        kept
    };
    for bounds in [seen, wanted] {
        while left > 0 && next.end < bounds.end.min(wanted.end) {
            next.end += 1;
            left -= 1;
        }
        while left > 0 && next.start > bounds.start.max(wanted.start) {
            next.start -= 1;
            left -= 1;
        }
    }
    next
}

/// What stands in the table: the rows of a range, and single ones that stay wherever they are, with gaps between them.
/// `space_px` lies between any two that are drawn, gaps included.
pub fn drawn(heights_px: &[f64], range: &Range<usize>, kept: &[usize], space_px: f64) -> Vec<Drawn> {
    let mut rows: Vec<usize> =
        range.clone().chain(kept.iter().copied()).filter(|row| *row < heights_px.len()).collect();
    rows.sort_unstable();
    rows.dedup();
    let gap = |rows: Range<usize>| {
        let all_px: f64 = heights_px[rows.clone()].iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "no table has so many rows")]
        let spaces_px = (rows.len() - 1) as f64 * space_px;
        Drawn::Gap { first: rows.start, height_px: all_px + spaces_px }
    };
    let mut all = Vec::with_capacity(rows.len() + 3);
    let mut from = 0;
    for row in rows {
        if from < row {
            all.push(gap(from..row));
        }
        all.push(Drawn::Row(row));
        from = row + 1;
    }
    if from < heights_px.len() {
        all.push(gap(from..heights_px.len()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHTS: [f64; 6] = [10.0, 20.0, 10.0, 30.0, 10.0, 20.0];

    fn sight(top_px: f64, bottom_px: f64) -> Sight {
        Sight { top_px, bottom_px }
    }

    #[test]
    fn rows_in_sight_are_told_by_their_own_heights() {
        for (top_px, bottom_px, rows) in [
            (0.0, 10.0, 0..1),
            (0.0, 11.0, 0..2),
            (10.0, 40.0, 1..3),
            (39.0, 41.0, 2..4),
            (-50.0, -10.0, 0..1),
            (-50.0, 5.0, 0..1),
            (70.0, 1_000.0, 4..6),
            (500.0, 1_000.0, 5..6),
        ] {
            assert_eq!(touched(&HEIGHTS, sight(top_px, bottom_px)), rows, "{top_px} to {bottom_px}");
        }
        assert_eq!(touched(&[], sight(0.0, 100.0)), 0..0);
        assert_eq!(touched(&HEIGHTS, sight(10.0, 20.0).with_margin(15.0)), 0..3);
    }

    #[test]
    fn gaps_are_as_high_as_what_they_stand_for_and_a_kept_row_stands_in_its_place() {
        let gap = |first, height_px| Drawn::Gap { first, height_px };
        assert_eq!(
            drawn(&HEIGHTS, &(2..4), &[], 0.0),
            [gap(0, 30.0), Drawn::Row(2), Drawn::Row(3), gap(4, 30.0)]
        );
        assert_eq!(
            drawn(&HEIGHTS, &(3..4), &[5, 0, 99], 0.0),
            [Drawn::Row(0), gap(1, 30.0), Drawn::Row(3), gap(4, 10.0), Drawn::Row(5)]
        );
        assert_eq!(drawn(&HEIGHTS, &(0..6), &[2], 0.0).len(), 6);
        // With space between rows the whole stays as high: 100 and five spaces, of which four are beside what is drawn.
        let spaced = drawn(&HEIGHTS, &(2..3), &[], 4.0);
        assert_eq!(spaced, [gap(0, 34.0), Drawn::Row(2), gap(3, 68.0)]);
    }

    #[test]
    fn each_frame_draws_few_new_rows_and_those_in_sight_first() {
        let (wanted, seen) = (10..40, 18..30);
        let first = step(&(0..5), &wanted, &seen, 8);
        assert_eq!(first, 18..26, "from far away it begins with what is in sight");
        let second = step(&first, &wanted, &seen, 8);
        assert_eq!(second, 18..34);
        let third = step(&second, &wanted, &seen, 8);
        assert_eq!(third, 16..40);
        assert_eq!(step(&third, &wanted, &seen, 8), 10..40);
        assert_eq!(step(&wanted, &wanted, &seen, 8), 10..40);
        assert_eq!(step(&(10..40), &(12..42), &(20..32), 8), 12..42, "what goes costs nothing");
        assert_eq!(step(&(0..0), &(0..0), &(0..0), 8), 0..0);
        assert_eq!(step(&(4..9), &(0..3), &(0..2), 8), 0..3, "lines went");
    }
}
