//! The numbers of entries: those that are left stand without gaps, and those that are not are named.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::super::super::super::Result;
use super::super::super::{receipt_keys, signed, unsigned};
use super::{Item, Loss, Sifting};

/// Gives the entries that are left numbers without gaps. Gives for each feed that had a gap the last number before it, from
/// which on the log is another than devices know.
pub(super) fn close_gaps(connection: &Connection, sifting: &mut Sifting) -> Result<BTreeMap<i64, u64>> {
    let feeds: Vec<(i64, String, i64)> = connection
        .prepare("SELECT id, feed, head FROM feeds ORDER BY id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    connection.execute_batch(
        "DELETE FROM entries WHERE feed_id NOT IN (SELECT id FROM feeds)
             OR author_id NOT IN (SELECT id FROM authors) OR document_id NOT IN (SELECT id FROM documents)",
    )?;
    let mut parted = BTreeMap::new();
    for (feed, name, head) in feeds {
        let mut lost: BTreeMap<Loss, Vec<u64>> = BTreeMap::new();
        let (mut last, mut next) = (0, 1);
        let given_up = sifting.given_up.get(&feed).copied().unwrap_or(0);
        let mut still_given_up = 0;
        for entry in entries(connection, feed)? {
            lost.entry(Loss::Gone).or_default().extend(last + 1..entry.seq);
            last = entry.seq;
            if let Some(loss) = entry.loss(&sifting.losses) {
                lost.entry(loss).or_default().push(entry.seq);
                connection
                    .prepare_cached("DELETE FROM entries WHERE feed_id = ?1 AND seq = ?2")?
                    .execute(params![feed, signed(entry.seq)])?;
                continue;
            }
            if next != entry.seq {
                parted.entry(feed).or_insert(next - 1);
                entry.renumber(connection, feed, next)?;
            }
            if entry.seq <= given_up {
                still_given_up = next;
            }
            next += 1;
        }
        lost.entry(Loss::Gone).or_default().extend(last + 1..=unsigned(head));
        connection.execute("UPDATE feeds SET head = ?2 WHERE id = ?1", params![feed, signed(next - 1)])?;
        receipt_keys::give_up_to(connection, feed, still_given_up)?;
        for (loss, numbers) in lost.into_iter().filter(|(_, numbers)| !numbers.is_empty()) {
            let count = numbers.len();
            let numbers = ranges(numbers.into_iter());
            sifting.said.push(format!("{count} entries of feed {name} {}: {numbers}", loss.says()));
        }
    }
    Ok(parted)
}

/// An entry, and whether the rows are there that it stands for.
struct Entry {
    seq: u64,
    item: Option<Item>,
    is_there: bool,
    is_home: bool,
}

impl Entry {
    fn loss(&self, losses: &BTreeMap<Item, Loss>) -> Option<Loss> {
        let known = self.item.and_then(|item| losses.get(&item).copied());
        if self.is_there { known } else { Some(known.unwrap_or(Loss::Gone)) }
    }

    /// Gives it another number, lower than it had, that is free.
    fn renumber(&self, connection: &Connection, feed: i64, number: u64) -> Result<()> {
        connection
            .prepare_cached("UPDATE entries SET seq = ?3, older_tag = NULL WHERE feed_id = ?1 AND seq = ?2")?
            .execute(params![feed, signed(self.seq), signed(number)])?;
        let (table, row) = match self.item {
            Some(Item::Change(row)) if self.is_home => ("changes", row),
            Some(Item::Decision(row)) if self.is_home => ("decisions", row),
            _ => return Ok(()),
        };
        connection
            .prepare_cached(&format!("UPDATE {table} SET home_seq = ?2 WHERE id = ?1"))?
            .execute(params![row, signed(number)])?;
        Ok(())
    }
}

fn entries(connection: &Connection, feed: i64) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(
        "SELECT e.seq, e.change_id, e.decision_id, d.home_id = ?1,
             (e.change_id IS NULL OR EXISTS (SELECT 1 FROM changes c WHERE c.id = e.change_id))
             AND (e.decision_id IS NULL OR EXISTS (SELECT 1 FROM decisions x WHERE x.id = e.decision_id))
         FROM entries e JOIN documents d ON d.id = e.document_id WHERE e.feed_id = ?1 ORDER BY e.seq",
    )?;
    let entries = statement.query_map([feed], |row| {
        let (change, decision): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
        Ok(Entry {
            seq: unsigned(row.get(0)?),
            item: change.map(Item::Change).or(decision.map(Item::Decision)),
            is_home: row.get(3)?,
            is_there: row.get(4)?,
        })
    })?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

/// Numbers in ascending order, as ranges for eyes: `3, 7 to 12`.
pub(in super::super) fn ranges(numbers: impl Iterator<Item = u64>) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let text = |(first, last): &(u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(", ")
}
