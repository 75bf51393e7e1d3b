//! Which blobs the documents refer to.

use shared::ids::{BlobHash, DocumentId, FeedId};
use shared::sync::relay::blob::{BlobRefusal, BlobRoom, may_add};
use tokio_postgres::Row;

use super::super::Result;
use super::super::blob::Blob;
use super::facts::document;
use super::link::Link;
use super::people::roles;
use super::reading::{id, user_id};
use super::{signed, unsigned};

/// See [`super::super::Store::blob`].
pub(super) async fn blob(link: &Link, doc: DocumentId, hash: BlobHash) -> Result<Option<Blob>> {
    let rows = link
        .query(
            "SELECT b.hash, b.size, b.media_type, b.\"user\", b.device, b.at
             FROM blobs b JOIN documents d ON d.id = b.document_id WHERE d.doc = $1 AND b.hash = $2",
            &[&doc.as_bytes().as_slice(), &hash.as_bytes().as_slice()],
        )
        .await?;
    rows.first().map(blob_of).transpose()
}

/// See [`super::super::Store::blobs`].
pub(super) async fn blobs(link: &Link, doc: DocumentId) -> Result<Vec<Blob>> {
    let rows = link
        .query(
            "SELECT b.hash, b.size, b.media_type, b.\"user\", b.device, b.at
             FROM blobs b JOIN documents d ON d.id = b.document_id WHERE d.doc = $1 ORDER BY b.hash",
            &[&doc.as_bytes().as_slice()],
        )
        .await?;
    rows.iter().map(blob_of).collect()
}

/// See [`super::super::Store::blob_bytes`].
pub(super) async fn blob_bytes(link: &Link, feed: &FeedId) -> Result<u64> {
    let rows = link.query("SELECT blob_bytes FROM feeds WHERE feed = $1", &[&feed.as_str()]).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?.map_or(0, unsigned))
}

/// See [`super::super::Store::put_blob`]. In a transaction.
pub(super) async fn put_blob(
    link: &Link,
    doc: DocumentId,
    added: &Blob,
    most_bytes: u64,
) -> Result<std::result::Result<(), BlobRefusal>> {
    // The home feed stands still until the transaction ends: two relays cannot fill its last room twice.
    link.query(
        "SELECT f.id FROM feeds f JOIN documents d ON d.home_id = f.id WHERE d.doc = $1 FOR NO KEY UPDATE OF f",
        &[&doc.as_bytes().as_slice()],
    )
    .await?;
    let facts = document(link, doc).await?;
    let used_bytes = match &facts {
        Some(facts) => blob_bytes(link, &facts.home).await?,
        None => 0,
    };
    let roles = roles(link, &added.by).await?;
    let is_there = blob(link, doc, added.hash).await?.is_some();
    let size_bytes = if is_there { 0 } else { added.size_bytes };
    if let Err(refusal) = may_add(&roles, facts.as_ref(), size_bytes, BlobRoom { used_bytes, most_bytes }) {
        return Ok(Err(refusal));
    }
    if let (Some(facts), false) = (&facts, is_there) {
        link.execute(
            "INSERT INTO blobs (document_id, hash, size, media_type, \"user\", device, at)
             SELECT id, $2, $3, $4, $5, $6, $7 FROM documents WHERE doc = $1",
            &[
                &doc.as_bytes().as_slice(),
                &added.hash.as_bytes().as_slice(),
                &signed(added.size_bytes),
                &added.media_type,
                &added.by.as_str(),
                &added.device.as_bytes().as_slice(),
                &signed(added.at),
            ],
        )
        .await?;
        link.execute(
            "UPDATE feeds SET blob_bytes = blob_bytes + $2 WHERE feed = $1",
            &[&facts.home.as_str(), &signed(added.size_bytes)],
        )
        .await?;
    }
    Ok(Ok(()))
}

fn blob_of(row: &Row) -> Result<Blob> {
    Ok(Blob {
        hash: id(row, 0)?,
        size_bytes: unsigned(row.try_get(1)?),
        media_type: row.try_get(2)?,
        by: user_id(row, 3)?,
        device: id(row, 4)?,
        at: unsigned(row.try_get(5)?),
    })
}
