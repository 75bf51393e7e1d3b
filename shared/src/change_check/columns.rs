//! The columns of a change's operations: which there are, how many rows their runs claim, and whether
//! every number in them stays within bounds. Runs are counted, never expanded.
//!
//! The order of checks is that of cost: the runs of the action column say how many operations there
//! are, and no other column may claim more.

use std::ops::Range;

use super::Refusal;
use super::reader::Reader;
use crate::wire::limits;

/// The column kinds that a change has, in the order in which they are written: id, times 16, plus type.
mod spec {
    pub(super) const OBJECT_ACTOR: u64 = 0x01;
    pub(super) const OBJECT_COUNTER: u64 = 0x02;
    pub(super) const KEY_ACTOR: u64 = 0x11;
    pub(super) const KEY_COUNTER: u64 = 0x13;
    pub(super) const KEY_TEXT: u64 = 0x15;
    pub(super) const INSERT: u64 = 0x34;
    pub(super) const ACTION: u64 = 0x42;
    pub(super) const VALUE_META: u64 = 0x56;
    pub(super) const VALUE: u64 = 0x57;
    pub(super) const PREDECESSOR_COUNT: u64 = 0x70;
    pub(super) const PREDECESSOR_ACTOR: u64 = 0x71;
    pub(super) const PREDECESSOR_COUNTER: u64 = 0x73;
    pub(super) const EXPAND: u64 = 0x94;
    pub(super) const MARK_NAME: u64 = 0xa5;

    pub(super) const ALL: [u64; 14] = [
        OBJECT_ACTOR,
        OBJECT_COUNTER,
        KEY_ACTOR,
        KEY_COUNTER,
        KEY_TEXT,
        INSERT,
        ACTION,
        VALUE_META,
        VALUE,
        PREDECESSOR_COUNT,
        PREDECESSOR_ACTOR,
        PREDECESSOR_COUNTER,
        EXPAND,
        MARK_NAME,
    ];

    /// The bit that says that a column is deflated; in a change none may be.
    pub(super) const DEFLATED: u64 = 0x08;
}

/// The largest action: make, set, delete, increment and mark have numbers up to it.
const LAST_ACTION: u64 = 7;

/// The columns of one change, in the order of [`spec::ALL`]; one that is absent is empty.
pub(super) struct Columns<'a> {
    data: [&'a [u8]; spec::ALL.len()],
}

impl<'a> Columns<'a> {
    /// Reads the list of columns and then their bytes, which must be all that is left.
    pub(super) fn parse(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        let count = reader.unsigned()?;
        if count > spec::ALL.len() as u64 {
            return Err(Refusal::Malformed("it has more columns than a change has"));
        }
        let mut lengths = [0_u64; spec::ALL.len()];
        let mut next = 0;
        for _ in 0..count {
            let column = reader.unsigned()?;
            let length = reader.unsigned()?;
            if column & spec::DEFLATED != 0 {
                return Err(Refusal::Malformed("a column within a change is deflated"));
            }
            let known = spec::ALL.iter().position(|known| *known == column);
            let place = known.ok_or(Refusal::Malformed("it has a column that no change has"))?;
            if place < next {
                return Err(Refusal::Malformed("its columns are out of order"));
            }
            if length == 0 {
                return Err(Refusal::NotCanonical);
            }
            lengths[place] = length;
            next = place + 1;
        }
        let mut data: [&[u8]; spec::ALL.len()] = [&[]; spec::ALL.len()];
        for (place, length) in lengths.into_iter().enumerate() {
            data[place] = reader.take(length)?;
        }
        if !reader.is_empty() {
            return Err(Refusal::ExtraBytes);
        }
        Ok(Self { data })
    }

    fn column(&self, column: u64) -> &'a [u8] {
        let place = spec::ALL.iter().position(|known| *known == column);
        self.data[place.expect("only the columns of the list are asked for")]
    }

    /// Counts the operations, and checks that every column stays within what they allow.
    ///
    /// `actors` is how many actors the change names, its own included.
    pub(super) fn check(&self, actors: u64, start_op: u64) -> Result<u64, Refusal> {
        use Refusal::Malformed;

        let operations = {
            let mut actions = bounded(LAST_ACTION, "it has an action that no change has");
            let runs =
                scan(self.column(spec::ACTION), limits::CHANGE_OPERATIONS, "operations", &mut actions)?;
            if runs.nulls > 0 {
                return Err(Malformed("an operation has no action"));
            }
            runs.rows
        };
        // No operation can refer to one that comes after it.
        let last_op = (start_op + operations).saturating_sub(1);
        let actor = || bounded(actors.saturating_sub(1), "an actor is not in the list of actors");
        let counter = || bounded(last_op, "an operation refers to a later one");
        let rows = |column, read: &mut ReadValue<'_, 'a>| {
            scan(self.column(column), operations, "rows of a column", read).map(|_| ())
        };

        rows(spec::OBJECT_ACTOR, &mut actor())?;
        rows(spec::OBJECT_COUNTER, &mut counter())?;
        rows(spec::KEY_ACTOR, &mut actor())?;
        rows(spec::KEY_COUNTER, &mut steps(last_op))?;
        rows(spec::KEY_TEXT, &mut texts(limits::CHANGE_INFLATED_BYTES))?;
        rows(spec::MARK_NAME, &mut texts(limits::CHANGE_INFLATED_BYTES))?;
        check_flags(self.column(spec::INSERT), operations)?;
        check_flags(self.column(spec::EXPAND), operations)?;
        let bytes_of_values = self.column(spec::VALUE).len() as u64;
        check_value_lengths(self.column(spec::VALUE_META), bytes_of_values, operations)?;

        let mut predecessors = 0;
        scan(
            self.column(spec::PREDECESSOR_COUNT),
            operations,
            "rows of a column",
            &mut counted(&mut predecessors, limits::CHANGE_PREDECESSORS, "predecessors"),
        )?;
        let of_predecessors = |column, read: &mut ReadValue<'_, 'a>| {
            let runs = scan(self.column(column), predecessors, "rows of a column", read)?;
            let is_whole = runs.rows == predecessors && runs.nulls == 0;
            if is_whole { Ok(()) } else { Err(Malformed("its predecessors do not add up")) }
        };
        of_predecessors(spec::PREDECESSOR_ACTOR, &mut actor())?;
        of_predecessors(spec::PREDECESSOR_COUNTER, &mut steps(last_op))?;
        Ok(operations)
    }

    /// Whether an operation takes something away that stood under a key of a map, of which `concerns` is true.
    pub(super) fn overwrites(&self, concerns: fn(&str) -> bool) -> Result<bool, Refusal> {
        let mut keys: Vec<Range<u64>> = Vec::new();
        scan_rows(self.column(spec::KEY_TEXT), u64::MAX, "rows of a column", &mut |reader, rows| {
            if std::str::from_utf8(reader.prefixed()?).is_ok_and(concerns) {
                keys.push(rows);
            }
            Ok(())
        })?;
        let mut is_found = false;
        if keys.is_empty() {
            return Ok(is_found);
        }
        scan_rows(
            self.column(spec::PREDECESSOR_COUNT),
            u64::MAX,
            "rows of a column",
            &mut |reader, rows| {
                let takes_away = reader.unsigned()? > 0;
                is_found |= takes_away && keys.iter().any(|key| key.start < rows.end && rows.start < key.end);
                Ok(())
            },
        )?;
        Ok(is_found)
    }
}

/// The lengths that the values claim are together exactly the bytes that are there.
pub(super) fn check_value_lengths(lengths: &[u8], there: u64, rows: u64) -> Result<(), Refusal> {
    let mut claimed = 0_u64;
    scan(lengths, rows, "rows of a column", &mut |reader, times| {
        // The low four bits are the value's type.
        let length = reader.unsigned()? >> 4;
        let added = length.checked_mul(times).and_then(|more| claimed.checked_add(more));
        claimed = added
            .filter(|sum| *sum <= there)
            .ok_or(Refusal::Malformed("a value is longer than what is there"))?;
        Ok(())
    })?;
    if claimed == there { Ok(()) } else { Err(Refusal::Malformed("bytes follow the last value")) }
}

/// Reads one value that stands for so many rows. Not generic, so that there is one walk and not one for each column.
pub(super) type ReadValue<'f, 'a> = dyn FnMut(&mut Reader<'a>, u64) -> Result<(), Refusal> + 'f;

/// Reads one value that stands for these rows.
type ReadRows<'f, 'a> = dyn FnMut(&mut Reader<'a>, Range<u64>) -> Result<(), Refusal> + 'f;

/// What the runs of a column claim.
pub(super) struct Runs {
    /// Rows, those without a value too.
    pub(super) rows: u64,
    /// Rows without a value.
    pub(super) nulls: u64,
}

/// Walks the runs of a column: (n, value) is n equal rows, (-n, n values) are n rows, (0, n) are n
/// rows without a value.
pub(super) fn scan<'a>(
    column: &'a [u8],
    limit: u64,
    what: &'static str,
    read: &mut ReadValue<'_, 'a>,
) -> Result<Runs, Refusal> {
    scan_rows(column, limit, what, &mut |reader, rows| read(reader, rows.end - rows.start))
}

/// The same, where it counts which rows they are.
fn scan_rows<'a>(
    column: &'a [u8],
    limit: u64,
    what: &'static str,
    read: &mut ReadRows<'_, 'a>,
) -> Result<Runs, Refusal> {
    let mut reader = Reader::new(column);
    let mut runs = Runs { rows: 0, nulls: 0 };
    while !reader.is_empty() {
        let length = reader.signed()?;
        let rows = if length == 0 { reader.unsigned()? } else { length.unsigned_abs() };
        if rows == 0 {
            return Err(Refusal::NotCanonical);
        }
        // The sum is at most the limit before, and so cannot overflow.
        if rows > limit - runs.rows {
            return Err(Refusal::TooLarge(what));
        }
        let first = runs.rows;
        runs.rows += rows;
        match length {
            0 => runs.nulls += rows,
            1.. => read(&mut reader, first..runs.rows)?,
            _ => (first..runs.rows).try_for_each(|row| read(&mut reader, row..row + 1))?,
        }
    }
    Ok(runs)
}

/// A column of numbers up to `max`.
pub(super) fn bounded<'a>(
    max: u64,
    otherwise: &'static str,
) -> impl FnMut(&mut Reader<'a>, u64) -> Result<(), Refusal> {
    move |reader, _| if reader.unsigned()? <= max { Ok(()) } else { Err(Refusal::Malformed(otherwise)) }
}

/// A column of differences whose sums stay from 0 to `max`.
fn steps<'a>(max: u64) -> impl FnMut(&mut Reader<'a>, u64) -> Result<(), Refusal> {
    let mut sum = 0_i128;
    move |reader, times| {
        // Within a run the sums move one way, so that its end is the farthest.
        sum += i128::from(reader.signed()?) * i128::from(times);
        let is_within = (0..=i128::from(max)).contains(&sum);
        if is_within { Ok(()) } else { Err(Refusal::Malformed("an operation refers to a later one")) }
    }
}

/// A column of numbers whose sum goes into `sum` and is at most `max`.
pub(super) fn counted<'a>(
    sum: &mut u64,
    max: u64,
    what: &'static str,
) -> impl FnMut(&mut Reader<'a>, u64) -> Result<(), Refusal> {
    move |reader, times| {
        let added = reader.unsigned()?.checked_mul(times).and_then(|more| sum.checked_add(more));
        *sum = added.filter(|sum| *sum <= max).ok_or(Refusal::TooLarge(what))?;
        Ok(())
    }
}

/// A column of texts. Automerge copies a text for each of its rows when it applies the change, so that
/// `limit` is for the bytes of the copies.
pub(super) fn texts<'a>(limit: usize) -> impl FnMut(&mut Reader<'a>, u64) -> Result<(), Refusal> {
    let mut expanded = 0_u64;
    move |reader, times| {
        let text = reader.prefixed()?;
        if std::str::from_utf8(text).is_err() {
            return Err(Refusal::Malformed("a key is not UTF-8"));
        }
        expanded = expanded.saturating_add((text.len() as u64).saturating_mul(times));
        if expanded > limit as u64 {
            return Err(Refusal::TooLarge("bytes of keys"));
        }
        Ok(())
    }
}

/// A column of yes and no: numbers of equal rows, beginning with no.
pub(super) fn check_flags(column: &[u8], limit: u64) -> Result<(), Refusal> {
    let mut reader = Reader::new(column);
    let mut rows = 0;
    let mut is_first = true;
    while !reader.is_empty() {
        let count = reader.unsigned()?;
        if count == 0 && !is_first {
            return Err(Refusal::NotCanonical);
        }
        if count > limit - rows {
            return Err(Refusal::TooLarge("rows of a column"));
        }
        rows += count;
        is_first = false;
    }
    Ok(())
}
