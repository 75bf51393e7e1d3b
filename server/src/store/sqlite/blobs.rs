//! Which blobs the documents refer to.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::ids::{BlobHash, DocumentId, FeedId};
use shared::sync::relay::blob::{BlobRefusal, BlobRoom, may_add};

use super::super::Result;
use super::super::blob::Blob;
use super::facts::document;
use super::people::roles;
use super::reading::{id, user_id};
use super::{signed, unsigned};

const BLOBS: &str = "
    SELECT b.hash, b.size, b.media_type, b.user, b.device, b.at
    FROM blobs b JOIN documents d ON d.id = b.document_id WHERE d.doc = ?1";

/// See [`super::super::Store::blob`].
pub(super) fn blob(connection: &Connection, doc: DocumentId, hash: BlobHash) -> Result<Option<Blob>> {
    let mut statement = connection.prepare_cached(&format!("{BLOBS} AND b.hash = ?2"))?;
    let mut rows = statement.query(params![doc.as_bytes(), hash.as_bytes()])?;
    rows.next()?.map(blob_of).transpose()
}

/// See [`super::super::Store::blobs`].
pub(super) fn blobs(connection: &Connection, doc: DocumentId) -> Result<Vec<Blob>> {
    let mut statement = connection.prepare_cached(&format!("{BLOBS} ORDER BY b.hash"))?;
    let mut rows = statement.query(params![doc.as_bytes()])?;
    let mut blobs = Vec::new();
    while let Some(row) = rows.next()? {
        blobs.push(blob_of(row)?);
    }
    Ok(blobs)
}

/// See [`super::super::Store::blob_bytes`].
pub(super) fn blob_bytes(connection: &Connection, feed: &FeedId) -> Result<u64> {
    let mut statement = connection.prepare_cached("SELECT blob_bytes FROM feeds WHERE feed = ?1")?;
    let found = statement.query_row([feed.as_str()], |row| row.get(0)).optional()?;
    Ok(found.map_or(0, unsigned))
}

/// See [`super::super::Store::put_blob`].
pub(super) fn put_blob(
    connection: &Connection,
    doc: DocumentId,
    added: &Blob,
    most_bytes: u64,
) -> Result<std::result::Result<(), BlobRefusal>> {
    let found = document(connection, doc)?;
    let used_bytes = match &found {
        Some((_, facts)) => blob_bytes(connection, &facts.home)?,
        None => 0,
    };
    let roles = roles(connection, &added.by)?;
    let facts = found.as_ref().map(|(_, facts)| facts);
    let is_there = blob(connection, doc, added.hash)?.is_some();
    let size_bytes = if is_there { 0 } else { added.size_bytes };
    if let Err(refusal) = may_add(&roles, facts, size_bytes, BlobRoom { used_bytes, most_bytes }) {
        return Ok(Err(refusal));
    }
    if let (Some((row, facts)), false) = (&found, is_there) {
        connection.execute(
            "INSERT INTO blobs (document_id, hash, size, media_type, user, device, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                row,
                added.hash.as_bytes(),
                signed(added.size_bytes),
                added.media_type,
                added.by.as_str(),
                added.device.as_bytes(),
                signed(added.at)
            ],
        )?;
        connection.execute(
            "UPDATE feeds SET blob_bytes = blob_bytes + ?2 WHERE feed = ?1",
            params![facts.home.as_str(), signed(added.size_bytes)],
        )?;
    }
    Ok(Ok(()))
}

/// A blob from its row.
pub(super) fn blob_of(row: &Row<'_>) -> Result<Blob> {
    Ok(Blob {
        hash: id(row, 0)?,
        size_bytes: unsigned(row.get(1)?),
        media_type: row.get(2)?,
        by: user_id(&row.get::<_, String>(3)?)?,
        device: id(row, 4)?,
        at: unsigned(row.get(5)?),
    })
}
