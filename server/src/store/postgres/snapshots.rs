//! Snapshots: what is worth folding, what is folded, and pages in which snapshots stand for entries.

use shared::ids::{DeviceId, DocumentId, FeedId, Tag};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::compaction::{Foldable, FoldableChange, Growth, Snapshot};
use shared::sync::relay::compaction::{folded_bytes, folded_from_bytes};
use shared::sync::relay::entry::Page;
use shared::sync::relay::folding::{KEPT_MS, Share, SnapshotPlace, in_place, share};
use shared::wire::Folding;
use tokio_postgres::Row;

use super::super::{Chunk, Result, StoreError};
use super::link::{Link, Question};
use super::reading::{self, id, item};
use super::{facts, signed, unsigned};

/// Where entries stand and what they take, without their contents.
const LINES: &str = "
    SELECT e.seq, e.tag, a.device, e.size, s.document_id, s.first_seq, s.until_seq, s.made, s.maker, s.size
    FROM (SELECT * FROM entries WHERE feed_id = (SELECT id FROM feeds WHERE feed = $1) AND seq > $2
          ORDER BY seq LIMIT $3) e
    JOIN authors a ON a.id = e.author_id
    LEFT JOIN snapshots s
        ON s.document_id = e.document_id AND s.home_id = e.feed_id AND e.change_id IS NOT NULL
        AND s.made = (SELECT max(n.made) FROM snapshots n WHERE n.document_id = e.document_id AND n.made <= $4)
    ORDER BY e.seq";

/// Entries by their numbers; [`item`] reads a row of them.
const CONTENTS: &str = "
    SELECT e.seq, e.tag, a.device, a.\"user\", d.doc, d.kind,
           e.change_id IS NOT NULL, c.hash, c.bytes, c.at, c.receipt,
           e.decision_id IS NOT NULL, x.decision, x.event, x.heads, x.note, x.made_at, x.at, x.receipt
    FROM entries e
    JOIN authors a ON a.id = e.author_id
    JOIN documents d ON d.id = e.document_id
    LEFT JOIN changes c ON c.id = e.change_id
    LEFT JOIN decisions x ON x.id = e.decision_id
    WHERE e.feed_id = (SELECT id FROM feeds WHERE feed = $1) AND e.seq = ANY($2) ORDER BY e.seq";

const SNAPSHOTS: &str = "SELECT made, bytes, folded FROM snapshots WHERE made = ANY($1)";

/// See [`super::super::Store::read_folded`].
pub(super) async fn read(
    link: &Link,
    feed: &FeedId,
    after: u64,
    max_bytes: usize,
    leave_out: Option<DeviceId>,
    folding: Folding,
) -> Result<Page> {
    let name = feed.as_str();
    let (from, made) = (signed(after), signed(folding.made));
    let answers = link
        .pipeline(&[
            Question::new(reading::TAG, &[&name, &from]),
            Question::new(LINES, &[&name, &from, &reading::LOOKED_AT, &made]),
        ])
        .await?;
    let [tag, lines] = answers.as_slice() else { return Err(StoreError::Damaged("an answer")) };
    let tag = tag.first().map(|row| id(row, 0)).transpose()?.unwrap_or(Tag::START);
    let mut page = Page { to: after, tag, entries: Vec::new() };
    let mut wanted: Vec<i64> = Vec::new();
    let mut in_places: OrderedMap<i64, i64> = OrderedMap::new();
    let mut size_bytes = 0;
    for row in lines {
        let seq: i64 = row.try_get(0)?;
        let share = share_of(row, folding, leave_out)?;
        let (is_sent, size): (bool, i64) = match share {
            Share::PassedOver => (false, 0),
            Share::Snapshot => (true, row.try_get(9)?),
            Share::Raw => (leave_out != Some(id(row, 2)?), row.try_get(3)?),
        };
        if is_sent {
            size_bytes += usize::try_from(size).unwrap_or(usize::MAX);
            if size_bytes > max_bytes && !wanted.is_empty() {
                break;
            }
            wanted.push(seq);
            if share == Share::Snapshot {
                in_places.insert(seq, row.try_get(7)?);
            }
        }
        page.to = unsigned(seq);
        page.tag = id(row, 1)?;
    }
    if wanted.is_empty() {
        return Ok(page);
    }
    let marks: Vec<i64> = in_places.values().copied().collect();
    let answers = link
        .pipeline(&[Question::new(CONTENTS, &[&name, &wanted]), Question::new(SNAPSHOTS, &[&marks])])
        .await?;
    let [contents, stored] = answers.as_slice() else { return Err(StoreError::Damaged("an answer")) };
    let stored: OrderedMap<i64, &Row> =
        stored.iter().map(|row| Ok((row.try_get(0)?, row))).collect::<Result<_>>()?;
    for row in contents {
        let seq: i64 = row.try_get(0)?;
        let entry = item(row, id(row, 2)?)?.entry(unsigned(seq));
        page.entries.push(match in_places.get(&seq) {
            None => entry,
            Some(mark) => {
                let row = stored.get(mark).ok_or(StoreError::Damaged("no snapshot"))?;
                let folded = folded_from_bytes(row.try_get(2)?);
                in_place(entry, row.try_get(1)?, folded.ok_or(StoreError::Damaged("a snapshot"))?)
            }
        });
    }
    Ok(page)
}

fn share_of(row: &Row, folding: Folding, leave_out: Option<DeviceId>) -> Result<Share> {
    let snapshot: Option<i64> = row.try_get(4)?;
    if snapshot.is_none() {
        return Ok(Share::Raw);
    }
    let place = SnapshotPlace {
        first: unsigned(row.try_get(5)?),
        until: unsigned(row.try_get(6)?),
        made: unsigned(row.try_get(7)?),
        maker: id(row, 8)?,
    };
    Ok(share(folding, &place, unsigned(row.try_get(0)?), leave_out))
}

/// See [`super::super::Store::grown`].
pub(super) async fn grown(
    link: &Link,
    feed: &FeedId,
    after: u64,
    most: u64,
) -> Result<(u64, OrderedSet<DocumentId>)> {
    let heads = reading::heads(link, std::slice::from_ref(feed)).await?;
    let head = heads.get(feed).copied().unwrap_or(0);
    let to = head.min(after.saturating_add(most)).max(after);
    let rows = link
        .query(
            "SELECT DISTINCT d.doc FROM entries e JOIN documents d ON d.id = e.document_id
             WHERE e.feed_id = (SELECT id FROM feeds WHERE feed = $1)
                 AND e.seq > $2 AND e.seq <= $3 AND e.change_id IS NOT NULL",
            &[&feed.as_str(), &signed(after), &signed(to)],
        )
        .await?;
    Ok((to, rows.iter().map(|row| id(row, 0)).collect::<Result<_>>()?))
}

/// See [`super::super::Store::growth`].
pub(super) async fn growth(link: &Link, doc: DocumentId) -> Result<Growth> {
    let rows = link
        .query(
            "SELECT (SELECT count(*) FROM changes c WHERE c.document_id = d.id),
                    (SELECT coalesce(max(s.changes), 0) FROM snapshots s WHERE s.document_id = d.id),
                    coalesce(a.changes, 0)
             FROM documents d LEFT JOIN set_aside a ON a.document_id = d.id WHERE d.doc = $1",
            &[&doc.as_bytes().as_slice()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(Growth::default()) };
    Ok(Growth {
        changes: unsigned(row.try_get(0)?),
        folded: unsigned(row.try_get(1)?),
        set_aside: unsigned(row.try_get(2)?),
    })
}

/// See [`super::super::Store::foldable`].
pub(super) async fn foldable(link: &Link, doc: DocumentId) -> Result<Option<Foldable>> {
    let Some(facts) = facts::document(link, doc).await? else { return Ok(None) };
    let chunks = reading::chunks(link, doc).await?;
    let last = signed(chunks.last().map_or(0, |chunk| chunk.seq));
    let rows = link.query(reading::TAG, &[&facts.home.as_str(), &last]).await?;
    let tag = rows.first().map(|row| id(row, 0)).transpose()?.unwrap_or(Tag::START);
    let change = |chunk: Chunk| FoldableChange {
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
        tag,
    }))
}

/// See [`super::super::Store::put_snapshots`]. In a transaction.
pub(super) async fn put(link: &Link, snapshots: &[Snapshot], now: u64) -> Result<Vec<bool>> {
    // One after the other, so that none is committed with a lower mark than another that is seen already.
    link.run("LOCK TABLE snapshots IN EXCLUSIVE MODE").await?;
    let mut kept = Vec::with_capacity(snapshots.len());
    for snapshot in snapshots {
        kept.push(put_one(link, snapshot, now).await?);
    }
    Ok(kept)
}

async fn put_one(link: &Link, snapshot: &Snapshot, now: u64) -> Result<bool> {
    let doc = snapshot.doc.as_bytes().as_slice();
    let kept = link
        .execute(
            "INSERT INTO snapshots
                 (document_id, home_id, first_seq, until_seq, made, maker, changes, size, folded, bytes)
             SELECT d.id, d.home_id, $3, $4, greatest($5::bigint, (SELECT coalesce(max(made), 0) + 1 FROM snapshots)),
                    a.device, $6, $7, $8, $9
             FROM documents d JOIN feeds f ON f.id = d.home_id AND f.feed = $2
             JOIN entries e ON e.feed_id = d.home_id AND e.seq = $3
             JOIN authors a ON a.id = e.author_id WHERE d.doc = $1 AND NOT EXISTS
                 (SELECT 1 FROM snapshots n WHERE n.document_id = d.id AND n.until_seq >= $4)",
            &[
                &doc,
                &snapshot.home.as_str(),
                &signed(snapshot.first),
                &signed(snapshot.folded.until.0),
                &signed(now),
                &signed(snapshot.changes()),
                &signed(snapshot.size_bytes() as u64),
                &folded_bytes(&snapshot.folded),
                &&snapshot.bytes[..],
            ],
        )
        .await?;
    // One goes when the one after it has stood for long enough.
    link.execute(
        "DELETE FROM snapshots s USING documents d WHERE d.doc = $1 AND s.document_id = d.id
             AND s.made < (SELECT max(n.made) FROM snapshots n WHERE n.document_id = d.id AND n.made < $2)",
        &[&doc, &signed(now.saturating_sub(KEPT_MS))],
    )
    .await?;
    link.execute(
        "DELETE FROM set_aside WHERE document_id = (SELECT id FROM documents WHERE doc = $1)",
        &[&doc],
    )
    .await?;
    Ok(kept > 0)
}

/// See [`super::super::Store::set_aside`].
pub(super) async fn set_aside(link: &Link, doc: DocumentId, changes: u64, why: &str, now: u64) -> Result<()> {
    link.execute(
        "INSERT INTO set_aside (document_id, changes, why, at) SELECT id, $2, $3, $4 FROM documents WHERE doc = $1
         ON CONFLICT (document_id) DO UPDATE SET changes = excluded.changes, why = excluded.why, at = excluded.at",
        &[&doc.as_bytes().as_slice(), &signed(changes), &why, &signed(now)],
    )
    .await?;
    Ok(())
}

/// See [`super::super::Store::count_set_aside`].
pub(super) async fn count_set_aside(link: &Link) -> Result<u64> {
    let rows = link.query("SELECT count(*) FROM set_aside", &[]).await?;
    Ok(unsigned(rows.first().ok_or(StoreError::Damaged("no count"))?.try_get(0)?))
}
