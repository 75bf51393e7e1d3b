//! Enrolling a new device in a database whose device id is retired.
//!
//! A number of the old id may have been used twice, so nothing that it made and the relay has not acked
//! may be sent under it. It is set aside, whole, and can be applied again as new edits. All feeds are read
//! from their beginning: what the old device made is then another's, and comes back. What the relay had acked
//! and lost since is another's as well, and is offered with its receipt.

use crate::change_check::check_change;
use crate::device::row::{
    ChunkRow, DeviceRow, FeedRow, OutboxRow, SetAsideReason, SetAsideRow, Stored, from_bytes,
};
use crate::device::table::{Commit, Guard, Key, MetaKey, Query, Row, Table, Write};
use crate::ids::{DeviceId, DocumentId};
use crate::model::known_change::is_nobodys;
use crate::ordered::OrderedMap;
use crate::wire::{Cursor, Folding};

/// The rows that [`enrol`] takes: all in one read.
pub fn queries() -> Vec<Query> {
    let all = |table| Query::Prefix(table, Key(Vec::new()));
    vec![
        Query::Row(Table::Meta, Key::meta(MetaKey::Device)),
        all(Table::Feeds),
        all(Table::Outbox),
        all(Table::Chunks),
    ]
}

/// Whether a row of the outbox is of a change that nobody made: the same on every device.
fn is_nobodys_change(row: &Row) -> bool {
    matches!(from_bytes(&row.value), Some(OutboxRow::Change { actor, .. }) if is_nobodys(actor))
}

/// The one commit that puts a new device in place of the retired one. `None` where the database has no
/// device yet, or has this one already.
pub fn enrol(now: u64, rows: &[Row], device: DeviceId) -> Option<Commit> {
    let stored = rows.iter().find(|row| row.key == Key::meta(MetaKey::Device))?;
    let mut row: DeviceRow = from_bytes(&stored.value)?;
    if row.device == device {
        return None;
    }
    row.former.push(row.device);
    row.device = device;
    (row.retired, row.revoked) = (false, false);
    row.epoch = None;
    let mut commit = Commit {
        guards: vec![Guard {
            table: Table::Meta,
            key: stored.key.clone(),
            expected: Some(stored.value.clone()),
        }],
        writes: vec![row.put()],
    };
    let waiting: OrderedMap<&Key, &Row> =
        rows.iter().filter(|row| row.table == Table::Outbox).map(|row| (&row.key, row)).collect();
    for row in rows {
        match row.table {
            Table::Feeds => {
                let Some(mut feed) = from_bytes::<FeedRow>(&row.value) else { continue };
                if !feed.access.keeps_documents() {
                    continue;
                }
                feed.cursor = Cursor::START;
                feed.acked = None;
                feed.trail.clear();
                // The documents are here: their entries come again as they stand.
                feed.folding = Some(Folding::raw(0));
                // What the relay may have lost before the new device spoke for the first time.
                feed.healing_from = Some(0);
                commit.writes.push(feed.put());
            }
            Table::Chunks => {
                let Some(outbox) = waiting.get(&row.key).filter(|outbox| !is_nobodys_change(outbox)) else {
                    continue;
                };
                let Some(chunk) = from_bytes::<ChunkRow>(&row.value) else { continue };
                let Ok(checked) = check_change(&chunk.bytes) else { continue };
                let Some(doc) = row.key.0.get(..DocumentId::LENGTH) else { continue };
                let Ok(doc) = DocumentId::try_from(doc) else { continue };
                commit.guards.push(Guard {
                    table: Table::Outbox,
                    key: row.key.clone(),
                    expected: Some(outbox.value.clone()),
                });
                if let Some(proof) = chunk.proof {
                    // The relay acked it once and then lost it. Its receipt brings it back as what it is.
                    let kept = ChunkRow {
                        bytes: chunk.bytes,
                        place: None,
                        origin: Some(proof),
                        proof: None,
                        folded: None,
                        unproven_since: None,
                    };
                    commit.writes.push(kept.put(doc, checked.hash));
                    continue;
                }
                let aside = SetAsideRow {
                    doc,
                    hash: checked.hash,
                    bytes: chunk.bytes,
                    reason: SetAsideReason::RetiredDevice,
                    at: now,
                };
                let stale = Row { table: Table::Stale, key: Key::document(doc), value: Vec::new() };
                commit.writes.extend([
                    aside.put(),
                    Write::Delete(Table::Chunks, row.key.clone()),
                    Write::Put(stale),
                ]);
            }
            // A decision has no actor, and what nobody made that of no device: they may be sent by the new one as they
            // stand.
            Table::Outbox
                if from_bytes::<OutboxRow>(&row.value).is_none_or(|row| row.is_change())
                    && !is_nobodys_change(row) =>
            {
                commit.writes.push(Write::Delete(Table::Outbox, row.key.clone()));
            }
            _ => {}
        }
    }
    Some(commit)
}
