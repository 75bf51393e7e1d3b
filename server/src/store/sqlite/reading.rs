//! The reading half: batches, greetings, whole documents.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::ids::{ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Receipt, Tag, UserId};
use shared::model::decision::Event;
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::role::Role;
use shared::sync::relay::entry::{Authorship, Content, Item, Page};
use shared::sync::relay::standing::{FeedStanding, Greeting, points, shared_until};
use shared::wire::{Bytes, Cursor, Decision, Hello, RemovedRole};

use super::super::{Chunk, Result, StoreError, readable};
use super::facts::document;
use super::log::{blob, feed_id};
use super::{signed, snapshots, unsigned};

/// Entries looked at in one read, so that a long stretch of passed over ones does not hold a reader.
pub(super) const LOOKED_AT: i64 = 4_096;

/// Entries of feed ?1 after number ?2, at most ?3; [`item`] reads a row of them.
pub(super) const ENTRIES: &str = "
    SELECT e.seq, e.tag, a.device, a.user, d.doc, d.kind,
           c.hash, c.bytes, c.at, c.receipt,
           x.decision, x.event, x.heads, x.note, x.made_at, x.at, x.receipt
    FROM entries e
    JOIN authors a ON a.id = e.author_id
    JOIN documents d ON d.id = e.document_id
    LEFT JOIN changes c ON c.id = e.change_id
    LEFT JOIN decisions x ON x.id = e.decision_id
    WHERE e.feed_id = ?1 AND e.seq > ?2 ORDER BY e.seq LIMIT ?3";

/// The same, with the document's snapshot in its home feed beside each change, the newest of those marked no
/// higher than ?4: row, first, last, mark, maker.
pub(super) const ENTRIES_AND_SNAPSHOTS: &str = "
    SELECT e.seq, e.tag, a.device, a.user, d.doc, d.kind,
           c.hash, c.bytes, c.at, c.receipt,
           x.decision, x.event, x.heads, x.note, x.made_at, x.at, x.receipt,
           s.document_id, s.first_seq, s.until_seq, s.made, s.maker
    FROM entries e
    JOIN authors a ON a.id = e.author_id
    JOIN documents d ON d.id = e.document_id
    LEFT JOIN changes c ON c.id = e.change_id
    LEFT JOIN decisions x ON x.id = e.decision_id
    LEFT JOIN snapshots s
        ON s.document_id = e.document_id AND s.home_id = e.feed_id AND e.change_id IS NOT NULL
        AND s.made = (SELECT max(n.made) FROM snapshots n WHERE n.document_id = e.document_id AND n.made <= ?4)
    WHERE e.feed_id = ?1 AND e.seq > ?2 ORDER BY e.seq LIMIT ?3";

/// See [`super::super::Store::read`].
pub(super) fn read(
    connection: &Connection,
    feed: &FeedId,
    after: u64,
    max_bytes: usize,
    leave_out: Option<DeviceId>,
) -> Result<Page> {
    let mut page = Page { to: after, tag: Tag::START, entries: Vec::new() };
    let Some((feed, ..)) = feed_row(connection, feed)? else { return Ok(page) };
    page.tag = tag_at(connection, feed, after)?.unwrap_or(Tag::START);
    let mut statement = connection.prepare_cached(ENTRIES)?;
    let mut rows = statement.query(params![feed, signed(after), LOOKED_AT])?;
    let mut size_bytes = 0;
    while let Some(row) = rows.next()? {
        let seq = unsigned(row.get(0)?);
        let device: DeviceId = id(row, 2)?;
        if leave_out != Some(device) {
            let item = item(row, device)?;
            size_bytes += item.size_bytes();
            if size_bytes > max_bytes && !page.entries.is_empty() {
                break;
            }
            page.entries.push(item.entry(seq));
        }
        page.to = seq;
        page.tag = id(row, 1)?;
    }
    Ok(page)
}

/// The item of an entry's row.
pub(super) fn item(row: &Row<'_>, device: DeviceId) -> Result<Item> {
    let kind: String = row.get(5)?;
    let has_change = row.get_ref(6)? != rusqlite::types::ValueRef::Null;
    let has_decision = row.get_ref(10)? != rusqlite::types::ValueRef::Null;
    let (content, at) = if has_change {
        (Content::Change { hash: id(row, 6)?, bytes: Bytes::from(blob(row, 7)?) }, Some(8))
    } else if has_decision {
        (Content::Decision(decision(row, 10)?), Some(15))
    } else {
        (Content::Removed, None)
    };
    let (at, receipt) = match at {
        Some(column) => (unsigned(row.get(column)?), id::<Receipt>(row, column + 1)?),
        None => (0, Receipt::from_bytes([0; Receipt::LENGTH])),
    };
    Ok(Item {
        doc: id(row, 4)?,
        kind: Kind::from_code(&kind).ok_or(StoreError::Damaged("a document's kind"))?,
        authorship: authorship(row, device, at, receipt)?,
        content,
    })
}

/// The heads that a decision is pinned to.
pub(super) fn pinned_heads(row: &Row<'_>, column: usize) -> Result<Vec<ChangeHash>> {
    let heads = blob(row, column)?;
    let head = |head| ChangeHash::try_from(head).map_err(|_| StoreError::Damaged("a decision's heads"));
    heads.chunks(ChangeHash::LENGTH).map(head).collect()
}

/// Reads a decision's columns from `first` on: id, event, heads, note, time.
pub(super) fn decision(row: &Row<'_>, first: usize) -> Result<Decision> {
    let event: String = row.get(first + 1)?;
    Ok(Decision {
        decision: id::<DecisionId>(row, first)?,
        event: Event::from_code(&event).ok_or(StoreError::Damaged("a decision's event"))?,
        heads: pinned_heads(row, first + 2)?,
        note: row.get(first + 3)?,
        made_at: unsigned(row.get(first + 4)?),
    })
}

/// Reads the author's column 3.
pub(super) fn authorship(row: &Row<'_>, device: DeviceId, at: u64, receipt: Receipt) -> Result<Authorship> {
    Ok(Authorship { by: user_id(&row.get::<_, String>(3)?)?, device, at, receipt })
}

/// See [`super::super::Store::greet`].
pub(super) fn greet(connection: &Connection, user: &UserId, hello: &Hello) -> Result<Greeting> {
    let mut statement = connection.prepare_cached(
        "SELECT f.id, f.feed, f.name, f.head, m.role, m.view,
                (SELECT coalesce(max(s.first_seq), 0) FROM snapshots s WHERE s.home_id = f.id),
                (SELECT coalesce(max(s.number), 0) FROM feed_settings s WHERE s.feed_id = f.id)
         FROM memberships m JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
         WHERE p.user = ?1 AND m.role IS NOT NULL",
    )?;
    let mut rows = statement.query([user.as_str()])?;
    let mut feeds = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, head): (i64, u64) = (row.get(0)?, unsigned(row.get(3)?));
        let feed = feed_id(&row.get::<_, String>(1)?)?;
        let role: String = row.get(4)?;
        let shared = shared_until(&epochs(connection, id)?, hello.epoch, head);
        let mut matching = Vec::new();
        for point in points(hello, &feed) {
            if has_point(connection, id, point)? {
                matching.push(point);
            }
        }
        feeds.push(FeedStanding {
            feed,
            name: row.get(2)?,
            role: Role::from_code(&role).ok_or(StoreError::Damaged("a role"))?,
            head,
            view: unsigned(row.get(5)?),
            matching,
            last_snapshot: unsigned(row.get(6)?),
            settings: unsigned(row.get(7)?),
            shared: Cursor(shared, tag_at(connection, id, shared)?.unwrap_or(Tag::START)),
        });
    }
    feeds.sort_by(|one, other| one.feed.cmp(&other.feed));
    let newest_snapshot = snapshots::newest(connection)?;
    let removed_roles = removed_roles(connection, user)?;
    Ok(Greeting { epoch: epoch(connection)?, feeds, removed_roles, newest_snapshot })
}

/// See [`super::super::Store::removed_roles`].
pub(super) fn removed_roles(connection: &Connection, user: &UserId) -> Result<Vec<RemovedRole>> {
    let mut statement = connection.prepare_cached(
        "SELECT f.feed, m.view
         FROM memberships m JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
         WHERE p.user = ?1 AND m.role IS NULL ORDER BY f.feed",
    )?;
    let mut rows = statement.query([user.as_str()])?;
    let mut removed = Vec::new();
    while let Some(row) = rows.next()? {
        removed.push(RemovedRole { feed: feed_id(&row.get::<_, String>(0)?)?, view: unsigned(row.get(1)?) });
    }
    Ok(removed)
}

/// The epochs, oldest first, each with the feed's head when it began.
fn epochs(connection: &Connection, feed: i64) -> Result<Vec<(EpochId, u64)>> {
    let mut statement = connection.prepare_cached(
        "SELECT e.epoch, coalesce(h.head, 0) FROM epochs e
         LEFT JOIN epoch_heads h ON h.epoch_id = e.id AND h.feed_id = ?1 ORDER BY e.id",
    )?;
    let mut rows = statement.query([feed])?;
    let mut epochs = Vec::new();
    while let Some(row) = rows.next()? {
        epochs.push((id(row, 0)?, unsigned(row.get(1)?)));
    }
    Ok(epochs)
}

/// See [`super::super::Store::epoch`].
pub(super) fn epoch(connection: &Connection) -> Result<EpochId> {
    let mut statement = connection.prepare_cached("SELECT epoch FROM epochs ORDER BY id DESC LIMIT 1")?;
    let mut rows = statement.query([])?;
    let row = rows.next()?.ok_or(StoreError::Damaged("no epoch"))?;
    id(row, 0)
}

/// See [`super::super::Store::head`].
/// The latest time that the log and the people's rows hold. The entry at each feed's head is its latest.
pub(super) fn latest_time(connection: &Connection) -> Result<u64> {
    let latest = connection.query_row(
        "SELECT max(
             coalesce((SELECT max(coalesce(c.at, x.at)) FROM feeds f
                 JOIN entries e ON e.feed_id = f.id AND e.seq = f.head
                 LEFT JOIN changes c ON c.id = e.change_id LEFT JOIN decisions x ON x.id = e.decision_id), 0),
             coalesce((SELECT max(changed_at) FROM people), 0),
             coalesce((SELECT max(max(enrolled_at, coalesce(seen_at, 0), coalesce(revoked_at, 0))) FROM devices), 0))",
        [],
        |row| row.get(0),
    )?;
    Ok(unsigned(latest))
}

pub(super) fn head(connection: &Connection, feed: &FeedId) -> Result<u64> {
    Ok(feed_row(connection, feed)?.map_or(0, |(_, head)| head))
}

pub(super) fn feed_row(connection: &Connection, feed: &FeedId) -> Result<Option<(i64, u64)>> {
    let mut statement = connection.prepare_cached("SELECT id, head FROM feeds WHERE feed = ?1")?;
    let found = statement.query_row([feed.as_str()], |row| Ok((row.get(0)?, unsigned(row.get(1)?))));
    Ok(found.optional()?)
}

pub(super) fn tag_at(connection: &Connection, feed: i64, seq: u64) -> Result<Option<Tag>> {
    if seq == 0 {
        return Ok(Some(Tag::START));
    }
    let mut statement =
        connection.prepare_cached("SELECT tag FROM entries WHERE feed_id = ?1 AND seq = ?2")?;
    let mut rows = statement.query(params![feed, signed(seq)])?;
    rows.next()?.map(|row| id(row, 0)).transpose()
}

/// Whether the feed has an entry with this number and tag. A device may name the tag that it had before tags
/// were chained.
fn has_point(connection: &Connection, feed: i64, point: Cursor) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM entries WHERE feed_id = ?1 AND seq = ?2 AND (tag = ?3 OR older_tag = ?3)",
    )?;
    Ok(statement.exists(params![feed, signed(point.0), point.1.as_bytes()])?)
}

/// See [`super::super::Store::missing`].
pub(super) fn missing(
    connection: &Connection,
    feed: &FeedId,
    docs: &OrderedMap<DocumentId, Vec<ChangeHash>>,
) -> Result<OrderedMap<DocumentId, Vec<ChangeHash>>> {
    let mut missing = OrderedMap::new();
    for (doc, hashes) in docs {
        let standing = document(connection, *doc)?.filter(|(_, document)| document.feeds.contains(feed));
        let mut absent = Vec::new();
        for hash in hashes {
            let is_there = match &standing {
                None => false,
                Some((id, _)) => connection
                    .prepare_cached("SELECT 1 FROM changes WHERE document_id = ?1 AND hash = ?2")?
                    .exists(params![id, hash.as_bytes()])?,
            };
            if !is_there {
                absent.push(*hash);
            }
        }
        if !absent.is_empty() {
            missing.insert(*doc, absent);
        }
    }
    Ok(missing)
}

/// See [`super::super::Store::documents`].
pub(super) fn documents(connection: &Connection) -> Result<Vec<DocumentId>> {
    let mut statement = connection.prepare("SELECT doc FROM documents ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut documents = Vec::new();
    while let Some(row) = rows.next()? {
        documents.push(id(row, 0)?);
    }
    Ok(documents)
}

/// See [`super::super::Store::readable_documents`].
pub(super) fn readable_documents(connection: &Connection) -> Result<(Vec<DocumentId>, usize)> {
    let mut statement = connection.prepare("SELECT doc FROM documents ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok(id(row, 0)))?;
    readable(rows.map(|row| row.unwrap_or_else(|error| Err(error.into()))))
}

/// See [`super::super::Store::chunks`].
pub(super) fn chunks(connection: &Connection, doc: DocumentId) -> Result<Vec<Chunk>> {
    let (chunks, others) = readable_chunks(connection, doc)?;
    if others == 0 { Ok(chunks) } else { Err(StoreError::Damaged("a change")) }
}

/// See [`super::super::Store::readable_chunks`].
pub(super) fn readable_chunks(connection: &Connection, doc: DocumentId) -> Result<(Vec<Chunk>, usize)> {
    // In the order of the home feed every change comes after those that it builds on.
    let mut statement = connection.prepare_cached(
        "SELECT c.hash, c.bytes, a.device, a.user, c.at, c.receipt, c.home_seq
         FROM changes c JOIN documents d ON d.id = c.document_id JOIN authors a ON a.id = c.author_id
         WHERE d.doc = ?1 ORDER BY c.home_seq",
    )?;
    let chunk = |row: &Row<'_>| {
        let (device, at, receipt) = (id(row, 2)?, unsigned(row.get(4)?), id(row, 5)?);
        let authorship = authorship(row, device, at, receipt)?;
        let seq = unsigned(row.get(6)?);
        Ok(Chunk { hash: id(row, 0)?, bytes: blob(row, 1)?, authorship, seq })
    };
    let rows = statement.query_map(params![doc.as_bytes()], |row| Ok(chunk(row)))?;
    readable(rows.map(|row| row.unwrap_or_else(|error| Err(error.into()))))
}

/// An id from its column.
pub(super) fn id<T>(row: &Row<'_>, column: usize) -> Result<T>
where
    T: for<'a> TryFrom<&'a [u8]>,
{
    let bytes = row.get_ref(column)?.as_blob().map_err(|_| StoreError::Damaged("an id"))?;
    T::try_from(bytes).map_err(|_| StoreError::Damaged("an id"))
}

/// A user's id from its column.
pub(super) fn user_id(text: &str) -> Result<UserId> {
    text.parse().map_err(|_| StoreError::Damaged("a user's id"))
}
