//! Snapshots: what is worth folding, what is folded, and pages in which snapshots stand for entries.

use rusqlite::{Connection, OptionalExtension, params};
use shared::ids::{DeviceId, DocumentId, FeedId, Tag};
use shared::ordered::OrderedSet;
use shared::sync::relay::compaction::{Foldable, FoldableChange, Growth, Snapshot};
use shared::sync::relay::compaction::{folded_bytes, folded_from_bytes};
use shared::sync::relay::entry::Page;
use shared::sync::relay::folding::{self, KEPT_MS, Share, SnapshotPlace, in_place};
use shared::wire::Folding;

use super::super::{Result, StoreError};
use super::facts::document;
use super::log::blob;
use super::reading::{self, id, item};
use super::{signed, unsigned};

/// See [`super::super::Store::read_folded`].
pub(super) fn read(
    connection: &Connection,
    feed: &FeedId,
    after: u64,
    max_bytes: usize,
    leave_out: Option<DeviceId>,
    folding: Folding,
) -> Result<Page> {
    let mut page = Page { to: after, tag: Tag::START, entries: Vec::new() };
    let Some((feed, ..)) = reading::feed_row(connection, feed)? else { return Ok(page) };
    page.tag = reading::tag_at(connection, feed, after)?.unwrap_or(Tag::START);
    let mut statement = connection.prepare_cached(reading::ENTRIES_AND_SNAPSHOTS)?;
    let values = params![feed, signed(after), reading::LOOKED_AT, signed(folding.made)];
    let mut rows = statement.query(values)?;
    let mut size_bytes = 0;
    while let Some(row) = rows.next()? {
        let (seq, device): (u64, DeviceId) = (unsigned(row.get(0)?), id(row, 2)?);
        let snapshot: Option<i64> = row.get(17)?;
        let (mut share, mut made) = (Share::Raw, 0);
        if snapshot.is_some() {
            made = row.get(20)?;
            let (first, until) = (unsigned(row.get(18)?), unsigned(row.get(19)?));
            let place = SnapshotPlace { first, until, made: unsigned(made), maker: id(row, 21)? };
            share = folding::share(folding, &place, seq, leave_out);
        }
        let is_sent = match share {
            Share::PassedOver => false,
            Share::Snapshot => true,
            Share::Raw => leave_out != Some(device),
        };
        if is_sent {
            let item = item(row, device)?;
            let (entry, size) = match (share, snapshot) {
                (Share::Snapshot, Some(document)) => {
                    let (bytes, folded) = stored(connection, document, made)?;
                    let size = bytes.len() + folded.len();
                    let folded = folded_from_bytes(&folded).ok_or(StoreError::Damaged("a snapshot"))?;
                    (in_place(item.entry(seq), bytes, folded), size)
                }
                _ => (item.entry(seq), item.size_bytes()),
            };
            size_bytes += size;
            if size_bytes > max_bytes && !page.entries.is_empty() {
                break;
            }
            page.entries.push(entry);
        }
        page.to = seq;
        page.tag = id(row, 1)?;
    }
    Ok(page)
}

/// A snapshot, and what it says of its entries.
fn stored(connection: &Connection, document: i64, made: i64) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut statement = connection
        .prepare_cached("SELECT bytes, folded FROM snapshots WHERE document_id = ?1 AND made = ?2")?;
    Ok(statement.query_row([document, made], |row| Ok((blob(row, 0)?, blob(row, 1)?)))?)
}

/// The mark of the newest one; 0 where there is none.
pub(super) fn newest(connection: &Connection) -> Result<u64> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(made), 0) FROM snapshots")?;
    Ok(unsigned(statement.query_row([], |row| row.get(0))?))
}

/// See [`super::super::Store::grown`].
pub(super) fn grown(
    connection: &Connection,
    feed: &FeedId,
    after: u64,
    most: u64,
) -> Result<(u64, OrderedSet<DocumentId>)> {
    let Some((feed, head)) = reading::feed_row(connection, feed)? else {
        return Ok((after, OrderedSet::new()));
    };
    let to = head.min(after.saturating_add(most)).max(after);
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT d.doc FROM entries e JOIN documents d ON d.id = e.document_id
         WHERE e.feed_id = ?1 AND e.seq > ?2 AND e.seq <= ?3 AND e.change_id IS NOT NULL",
    )?;
    let mut rows = statement.query(params![feed, signed(after), signed(to)])?;
    let mut docs = OrderedSet::new();
    while let Some(row) = rows.next()? {
        docs.insert(id(row, 0)?);
    }
    Ok((to, docs))
}

/// See [`super::super::Store::growth`].
pub(super) fn growth(connection: &Connection, doc: DocumentId) -> Result<Growth> {
    let mut statement = connection.prepare_cached(
        "SELECT (SELECT count(*) FROM changes c WHERE c.document_id = d.id),
                (SELECT coalesce(max(s.changes), 0) FROM snapshots s WHERE s.document_id = d.id),
                coalesce(a.changes, 0)
         FROM documents d LEFT JOIN set_aside a ON a.document_id = d.id WHERE d.doc = ?1",
    )?;
    let growth = statement.query_row([doc.as_bytes()], |row| {
        Ok(Growth {
            changes: unsigned(row.get(0)?),
            folded: unsigned(row.get(1)?),
            set_aside: unsigned(row.get(2)?),
        })
    });
    Ok(growth.optional()?.unwrap_or_default())
}

/// See [`super::super::Store::foldable`].
pub(super) fn foldable(connection: &Connection, doc: DocumentId) -> Result<Option<Foldable>> {
    let Some((_, facts)) = document(connection, doc)? else { return Ok(None) };
    let chunks = reading::chunks(connection, doc)?;
    let home = reading::feed_row(connection, &facts.home)?;
    let last = chunks.last().map_or(0, |chunk| chunk.seq);
    let tag = home.map(|(feed, _)| reading::tag_at(connection, feed, last)).transpose()?.flatten();
    let change = |chunk: super::super::Chunk| FoldableChange {
        seq: chunk.seq,
        hash: chunk.hash,
        bytes: chunk.bytes,
        authorship: chunk.authorship,
    };
    Ok(Some(Foldable {
        doc,
        kind: facts.kind,
        home: facts.home,
        changes: chunks.into_iter().map(change).collect(),
        tag: tag.unwrap_or(Tag::START),
    }))
}

/// See [`super::super::Store::put_snapshots`].
pub(super) fn put(connection: &Connection, snapshot: &Snapshot, now: u64) -> Result<bool> {
    let Some((row, facts)) = document(connection, snapshot.doc)? else { return Ok(false) };
    if facts.home != snapshot.home {
        return Ok(false);
    }
    let made = now.max(newest(connection)? + 1);
    let kept = connection.execute(
        "INSERT INTO snapshots (document_id, home_id, first_seq, until_seq, made, maker, changes, folded, bytes)
         SELECT ?1, d.home_id, ?2, ?3, ?4, a.device, ?5, ?6, ?7
         FROM documents d JOIN entries e ON e.feed_id = d.home_id AND e.seq = ?2
         JOIN authors a ON a.id = e.author_id
         WHERE d.id = ?1 AND NOT EXISTS (SELECT 1 FROM snapshots WHERE document_id = ?1 AND until_seq >= ?3)",
        params![
            row,
            signed(snapshot.first),
            signed(snapshot.folded.until.0),
            signed(made),
            signed(snapshot.changes()),
            folded_bytes(&snapshot.folded),
            &snapshot.bytes[..],
        ],
    )?;
    // One goes when the one after it has stood for long enough.
    connection.execute(
        "DELETE FROM snapshots WHERE document_id = ?1
             AND made < (SELECT max(n.made) FROM snapshots n WHERE n.document_id = ?1 AND n.made < ?2)",
        params![row, signed(now.saturating_sub(KEPT_MS))],
    )?;
    connection.execute("DELETE FROM set_aside WHERE document_id = ?1", [row])?;
    Ok(kept > 0)
}

/// See [`super::super::Store::set_aside`].
pub(super) fn set_aside(
    connection: &Connection,
    doc: DocumentId,
    changes: u64,
    why: &str,
    now: u64,
) -> Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO set_aside (document_id, changes, why, at)
         SELECT id, ?2, ?3, ?4 FROM documents WHERE doc = ?1",
        params![doc.as_bytes(), signed(changes), why, signed(now)],
    )?;
    Ok(())
}

/// See [`super::super::Store::count_set_aside`].
pub(super) fn count_set_aside(connection: &Connection) -> Result<u64> {
    Ok(unsigned(connection.query_row("SELECT count(*) FROM set_aside", [], |row| row.get(0))?))
}
