//! The reading half: batches, greetings, whole documents.

use shared::ids::{ChangeHash, DecisionId, DeviceId, DocumentId, EpochId, FeedId, Receipt, Tag, UserId};
use shared::model::decision::Event;
use shared::model::kind::Kind;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::entry::{Authorship, Content, Item, Page};
use shared::sync::relay::standing::{FeedStanding, Greeting, points, shared_until};
use shared::wire::{Bytes, Cursor, Decision, Hello, RemovedRole};
use tokio_postgres::Row;

use super::super::{Chunk, Result, StoreError, readable};
use super::link::{Link, Question};
use super::people::role;
use super::{signed, unsigned};

/// Entries looked at in one read, so that a long stretch of passed over ones does not hold a connection.
pub(super) const LOOKED_AT: i64 = 4_096;

/// A chunk is fetched only where it is wanted ($4 is left out), and where what stands before it fits ($5).
const ENTRIES: &str = "
    SELECT p.seq, p.tag, p.device, p.\"user\", d.doc, d.kind,
           p.change_id IS NOT NULL, c.hash, c.bytes, c.at, c.receipt,
           p.decision_id IS NOT NULL, x.decision, x.event, x.heads, x.note, x.made_at, x.at, x.receipt
    FROM (
        SELECT e.*, a.device, a.\"user\", a.device IS DISTINCT FROM $4::bytea AS is_wanted,
               coalesce(sum(e.size) FILTER (WHERE a.device IS DISTINCT FROM $4::bytea)
                   OVER (ORDER BY e.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM (SELECT * FROM entries WHERE feed_id = (SELECT id FROM feeds WHERE feed = $1) AND seq > $2
              ORDER BY seq LIMIT $3) e
        JOIN authors a ON a.id = e.author_id
    ) p
    JOIN documents d ON d.id = p.document_id
    LEFT JOIN changes c ON c.id = p.change_id AND p.is_wanted
    LEFT JOIN decisions x ON x.id = p.decision_id AND p.is_wanted
    WHERE p.before <= $5::bigint ORDER BY p.seq";

pub(super) const TAG: &str = "
    SELECT e.tag FROM entries e JOIN feeds f ON f.id = e.feed_id WHERE f.feed = $1 AND e.seq = $2";

/// See [`super::super::Store::read`].
pub(super) async fn read(
    link: &Link,
    feed: &FeedId,
    after: u64,
    max_bytes: usize,
    leave_out: Option<DeviceId>,
) -> Result<Page> {
    let name = feed.as_str();
    let from = signed(after);
    let left_out = leave_out.as_ref().map(|device| device.as_bytes().as_slice());
    let most = signed(max_bytes as u64);
    let answers = link
        .pipeline(&[
            Question::new(TAG, &[&name, &from]),
            Question::new(ENTRIES, &[&name, &from, &LOOKED_AT, &left_out, &most]),
        ])
        .await?;
    let [tag, rows] = answers.as_slice() else { return Err(StoreError::Damaged("an answer")) };
    let tag = tag.first().map(|row| id(row, 0)).transpose()?.unwrap_or(Tag::START);
    let mut page = Page { to: after, tag, entries: Vec::new() };
    let mut size_bytes = 0;
    for row in rows {
        let seq = unsigned(row.try_get(0)?);
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

pub(super) fn item(row: &Row, device: DeviceId) -> Result<Item> {
    let (has_change, has_decision): (bool, bool) = (row.try_get(6)?, row.try_get(11)?);
    let (content, at) = if has_change {
        let bytes: Option<Vec<u8>> = row.try_get(8)?;
        let bytes = bytes.ok_or(StoreError::Damaged("an entry without its change"))?;
        (Content::Change { hash: id(row, 7)?, bytes: Bytes::from(bytes) }, Some(9))
    } else if has_decision {
        (Content::Decision(decision(row, 12)?), Some(17))
    } else {
        (Content::Removed, None)
    };
    let (at, receipt) = match at {
        Some(column) => (unsigned(row.try_get(column)?), id::<Receipt>(row, column + 1)?),
        None => (0, Receipt::from_bytes([0; Receipt::LENGTH])),
    };
    Ok(Item {
        doc: id(row, 4)?,
        kind: kind(row, 5)?,
        authorship: authorship(row, device, at, receipt)?,
        content,
    })
}

/// The heads that a decision is pinned to.
pub(super) fn pinned_heads(row: &Row, column: usize) -> Result<Vec<ChangeHash>> {
    let heads: &[u8] = row.try_get(column)?;
    let head = |head| ChangeHash::try_from(head).map_err(|_| StoreError::Damaged("a decision's heads"));
    heads.chunks(ChangeHash::LENGTH).map(head).collect()
}

/// Reads a decision's columns from `first` on: id, event, heads, note, time.
pub(super) fn decision(row: &Row, first: usize) -> Result<Decision> {
    let event: Option<&str> = row.try_get(first + 1)?;
    let event = event.ok_or(StoreError::Damaged("an entry without its decision"))?;
    let note: Option<Vec<u8>> = row.try_get(first + 3)?;
    let note = note.map(String::from_utf8).transpose();
    Ok(Decision {
        decision: id::<DecisionId>(row, first)?,
        event: Event::from_code(event).ok_or(StoreError::Damaged("a decision's event"))?,
        heads: pinned_heads(row, first + 2)?,
        note: note.map_err(|_| StoreError::Damaged("a decision's note"))?,
        made_at: unsigned(row.try_get(first + 4)?),
    })
}

/// Reads the author's column 3.
pub(super) fn authorship(row: &Row, device: DeviceId, at: u64, receipt: Receipt) -> Result<Authorship> {
    Ok(Authorship { by: user_id(row, 3)?, device, at, receipt })
}

/// The roles of a person that were taken or refused.
const REMOVED_ROLES: &str = "
    SELECT f.feed, m.view
    FROM memberships m JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
    WHERE p.\"user\" = $1 AND m.role IS NULL ORDER BY f.feed COLLATE \"C\"";

/// See [`super::super::Store::removed_roles`].
pub(super) async fn removed_roles(link: &Link, user: &UserId) -> Result<Vec<RemovedRole>> {
    removed_roles_in(&link.query(REMOVED_ROLES, &[&user.as_str()]).await?)
}

fn removed_roles_in(rows: &[Row]) -> Result<Vec<RemovedRole>> {
    rows.iter()
        .map(|row| Ok(RemovedRole { feed: feed_id(row, 0)?, view: unsigned(row.try_get(1)?) }))
        .collect()
}

/// See [`super::super::Store::greet`]. What is asked later only knows more: entries are never changed.
pub(super) async fn greet(link: &Link, user: &UserId, hello: &Hello) -> Result<Greeting> {
    let user = user.as_str();
    let named: OrderedSet<&FeedId> =
        hello.cursors.keys().chain(hello.acked.keys()).chain(hello.trail.keys()).collect();
    let (mut point_feeds, mut point_seqs, mut point_tags) = (Vec::new(), Vec::new(), Vec::new());
    for feed in named {
        for Cursor(seq, tag) in points(hello, feed) {
            point_feeds.push(feed.as_str());
            point_seqs.push(signed(seq));
            point_tags.push(tag.as_bytes().to_vec());
        }
    }
    let answers = link
        .pipeline(&[
            Question::new(
                "SELECT f.feed, f.name, f.head, m.role, m.view,
                        (SELECT coalesce(max(s.first_seq), 0) FROM snapshots s WHERE s.home_id = f.id),
                        (SELECT coalesce(max(s.number), 0) FROM feed_settings s WHERE s.feed_id = f.id)
                 FROM memberships m JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
                 WHERE p.\"user\" = $1 AND m.role IS NOT NULL",
                &[&user],
            ),
            // A device may name the tag that an entry had before tags were chained.
            Question::new(
                "SELECT f.feed, c.seq, c.tag
                 FROM unnest($1::text[], $2::bigint[], $3::bytea[]) AS c (feed, seq, tag)
                 JOIN feeds f ON f.feed = c.feed JOIN entries e ON e.feed_id = f.id AND e.seq = c.seq
                 WHERE e.tag = c.tag OR e.older_tag = c.tag",
                &[&point_feeds, &point_seqs, &point_tags],
            ),
            Question::new("SELECT id, epoch FROM epochs ORDER BY id", &[]),
            Question::new(
                "SELECT f.feed, h.epoch_id, h.head
                 FROM memberships m JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
                 JOIN epoch_heads h ON h.feed_id = f.id
                 WHERE p.\"user\" = $1 AND m.role IS NOT NULL",
                &[&user],
            ),
            Question::new("SELECT coalesce(max(made), 0) FROM snapshots", &[]),
            Question::new(REMOVED_ROLES, &[&user]),
        ])
        .await?;
    let [standings, found, epochs, epoch_heads, newest, removed] = answers.as_slice() else {
        return Err(StoreError::Damaged("an answer"));
    };
    let epochs: Vec<(i64, EpochId)> =
        epochs.iter().map(|row| Ok((row.try_get(0)?, id(row, 1)?))).collect::<Result<_>>()?;
    let mut heads = OrderedMap::new();
    for row in epoch_heads {
        heads.insert((feed_id(row, 0)?, row.try_get::<_, i64>(1)?), unsigned(row.try_get(2)?));
    }
    let mut matching: OrderedMap<FeedId, Vec<Cursor>> = OrderedMap::new();
    for row in found {
        let point = Cursor(unsigned(row.try_get(1)?), id(row, 2)?);
        matching.entry(feed_id(row, 0)?).or_default().push(point);
    }
    let mut feeds = Vec::new();
    for row in standings {
        let (feed, head) = (feed_id(row, 0)?, unsigned(row.try_get(2)?));
        let lives: Vec<_> = epochs
            .iter()
            .map(|(id, epoch)| (*epoch, heads.get(&(feed.clone(), *id)).copied().unwrap_or(0)))
            .collect();
        feeds.push(FeedStanding {
            name: row.try_get(1)?,
            role: role(row, 3)?,
            head,
            view: unsigned(row.try_get(4)?),
            matching: matching.remove(&feed).unwrap_or_default(),
            last_snapshot: unsigned(row.try_get(5)?),
            settings: unsigned(row.try_get(6)?),
            shared: Cursor(shared_until(&lives, hello.epoch, head), Tag::START),
            feed,
        });
    }
    let shared: (Vec<_>, Vec<_>) =
        feeds.iter().map(|standing| (standing.feed.as_str(), signed(standing.shared.0))).unzip();
    let rows = link
        .query(
            "SELECT f.feed, e.tag FROM unnest($1::text[], $2::bigint[]) AS c (feed, seq)
             JOIN feeds f ON f.feed = c.feed JOIN entries e ON e.feed_id = f.id AND e.seq = c.seq",
            &[&shared.0, &shared.1],
        )
        .await?;
    let mut tags = OrderedMap::new();
    for row in &rows {
        tags.insert(feed_id(row, 0)?, id(row, 1)?);
    }
    for standing in &mut feeds {
        if let Some(tag) = tags.get(&standing.feed) {
            standing.shared.1 = *tag;
        }
    }
    feeds.sort_by(|one, other| one.feed.cmp(&other.feed));
    let (_, epoch) = *epochs.last().ok_or(StoreError::Damaged("no epoch"))?;
    let newest = newest.first().ok_or(StoreError::Damaged("an answer"))?;
    let removed_roles = removed_roles_in(removed)?;
    Ok(Greeting { epoch, feeds, removed_roles, newest_snapshot: unsigned(newest.try_get(0)?) })
}

/// See [`super::super::Store::epoch`].
pub(super) async fn epoch(link: &Link) -> Result<EpochId> {
    let rows = link.query("SELECT epoch FROM epochs ORDER BY id DESC LIMIT 1", &[]).await?;
    id(rows.first().ok_or(StoreError::Damaged("no epoch"))?, 0)
}

/// The heads of these feeds, of those that exist. See [`super::super::Store::head`].
pub(super) async fn heads(link: &Link, feeds: &[FeedId]) -> Result<OrderedMap<FeedId, u64>> {
    let feeds: Vec<_> = feeds.iter().map(FeedId::as_str).collect();
    let rows = link.query("SELECT feed, head FROM feeds WHERE feed = ANY($1)", &[&feeds]).await?;
    rows.iter().map(|row| Ok((feed_id(row, 0)?, unsigned(row.try_get(1)?)))).collect()
}

/// The latest time that the log and the people's rows hold. The entry at each feed's head is its latest.
pub(super) async fn latest_time(link: &Link) -> Result<u64> {
    let rows = link
        .query(
            "SELECT greatest(
                 (SELECT max(coalesce(c.at, x.at)) FROM feeds f
                  JOIN entries e ON e.feed_id = f.id AND e.seq = f.head
                  LEFT JOIN changes c ON c.id = e.change_id LEFT JOIN decisions x ON x.id = e.decision_id),
                 (SELECT max(changed_at) FROM people),
                 (SELECT max(greatest(enrolled_at, seen_at, revoked_at)) FROM devices), 0)",
            &[],
        )
        .await?;
    rows.first().map_or(Ok(0), |row| Ok(unsigned(row.try_get(0)?)))
}

/// See [`super::super::Store::missing`].
pub(super) async fn missing(
    link: &Link,
    feed: &FeedId,
    docs: &OrderedMap<DocumentId, Vec<ChangeHash>>,
) -> Result<OrderedMap<DocumentId, Vec<ChangeHash>>> {
    let asked = docs.iter().flat_map(|(doc, hashes)| hashes.iter().map(move |hash| (doc, hash)));
    let asked: (Vec<_>, Vec<_>) =
        asked.map(|(doc, hash)| (doc.as_bytes().as_slice(), hash.as_bytes().as_slice())).unzip();
    let rows = link
        .query(
            "SELECT n.doc, n.hash FROM unnest($2::bytea[], $3::bytea[]) AS n (doc, hash)
             JOIN documents d ON d.doc = n.doc
             JOIN document_feeds s ON s.document_id = d.id
             JOIN feeds f ON f.id = s.feed_id AND f.feed = $1
             JOIN changes c ON c.document_id = d.id AND c.hash = n.hash",
            &[&feed.as_str(), &asked.0, &asked.1],
        )
        .await?;
    let there: OrderedSet<(DocumentId, ChangeHash)> =
        rows.iter().map(|row| Ok((id(row, 0)?, id(row, 1)?))).collect::<Result<_>>()?;
    let mut missing = OrderedMap::new();
    for (doc, hashes) in docs {
        let absent: Vec<_> = hashes.iter().copied().filter(|hash| !there.contains(&(*doc, *hash))).collect();
        if !absent.is_empty() {
            missing.insert(*doc, absent);
        }
    }
    Ok(missing)
}

/// See [`super::super::Store::documents`].
pub(super) async fn documents(link: &Link) -> Result<Vec<DocumentId>> {
    let rows = link.query("SELECT doc FROM documents ORDER BY id", &[]).await?;
    rows.iter().map(|row| id(row, 0)).collect()
}

/// See [`super::super::Store::readable_documents`].
pub(super) async fn readable_documents(link: &Link) -> Result<(Vec<DocumentId>, usize)> {
    let rows = link.query("SELECT doc FROM documents ORDER BY id", &[]).await?;
    readable(rows.iter().map(|row| id(row, 0)))
}

/// See [`super::super::Store::chunks`].
pub(super) async fn chunks(link: &Link, doc: DocumentId) -> Result<Vec<Chunk>> {
    let (chunks, others) = readable_chunks(link, doc).await?;
    if others == 0 { Ok(chunks) } else { Err(StoreError::Damaged("a change")) }
}

/// See [`super::super::Store::readable_chunks`].
pub(super) async fn readable_chunks(link: &Link, doc: DocumentId) -> Result<(Vec<Chunk>, usize)> {
    // In the order of the home feed every change comes after those that it builds on.
    let rows = link
        .query(
            "SELECT c.hash, c.bytes, a.device, a.\"user\", c.at, c.receipt, c.home_seq
             FROM documents d JOIN changes c ON c.document_id = d.id JOIN authors a ON a.id = c.author_id
             WHERE d.doc = $1 ORDER BY c.home_seq",
            &[&doc.as_bytes().as_slice()],
        )
        .await?;
    let chunk = |row: &Row| {
        let (device, at, receipt) = (id(row, 2)?, unsigned(row.try_get(4)?), id(row, 5)?);
        let authorship = authorship(row, device, at, receipt)?;
        let seq = unsigned(row.try_get(6)?);
        Ok(Chunk { hash: id(row, 0)?, bytes: row.try_get(1)?, authorship, seq })
    };
    readable(rows.iter().map(chunk))
}

/// An id from its column.
pub(super) fn id<T>(row: &Row, column: usize) -> Result<T>
where
    T: for<'a> TryFrom<&'a [u8]>,
{
    let bytes: Option<&[u8]> = row.try_get(column)?;
    bytes.and_then(|bytes| T::try_from(bytes).ok()).ok_or(StoreError::Damaged("an id"))
}

/// A user's id from its column.
pub(super) fn user_id(row: &Row, column: usize) -> Result<UserId> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Damaged("a user's id"))
}

/// A feed's id from its column.
pub(super) fn feed_id(row: &Row, column: usize) -> Result<FeedId> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Damaged("a feed's id"))
}

/// A document's kind from its column.
pub(super) fn kind(row: &Row, column: usize) -> Result<Kind> {
    let code: &str = row.try_get(column)?;
    Kind::from_code(code).ok_or(StoreError::Damaged("a document's kind"))
}
