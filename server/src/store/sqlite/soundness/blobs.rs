//! Whether the rows of blobs are what they must be. Their bytes lie elsewhere, and are looked at there.

use rusqlite::params;
use shared::ids::FeedId;

use super::super::super::Result;
use super::super::blobs::blob_of;
use super::super::log::feed_id;
use super::super::{signed, unsigned};
use super::Inspection;
use crate::media_type::MediaType;

impl Inspection<'_> {
    /// Looks at the row of every blob, and at what each feed says that they take.
    pub(super) fn blobs(&mut self) -> Result<()> {
        let connection = self.connection;
        let mut statement =
            connection.prepare("SELECT hash, size, media_type, user, device, at FROM blobs ORDER BY hash")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match blob_of(row) {
                Ok(blob) if MediaType::named(&blob.media_type).is_none() => {
                    let short = blob.hash.short();
                    self.report.lose(format!("attachment {short} is of no type that is taken"));
                }
                Ok(blob) => {
                    let size_bytes = *self.report.blobs.entry(blob.hash).or_insert(blob.size_bytes);
                    if size_bytes != blob.size_bytes {
                        let short = blob.hash.short();
                        self.report.lose(format!("attachment {short} has one size here and another there"));
                    }
                }
                Err(error) => self.report.lose(format!("the row of an attachment is damaged: {error}")),
            }
        }
        let mut statement = connection.prepare(
            "SELECT f.id, f.feed, f.blob_bytes, coalesce(sum(b.size), 0)
             FROM feeds f LEFT JOIN documents d ON d.home_id = f.id LEFT JOIN blobs b ON b.document_id = d.id
             GROUP BY f.id ORDER BY f.id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let feed: FeedId = feed_id(&row.get::<_, String>(1)?)?;
            let (said, found) = (unsigned(row.get(2)?), unsigned(row.get(3)?));
            if said != found {
                self.report.derive(format!("feed {feed} says {said} bytes of attachments and has {found}"));
                let values = params![row.get::<_, i64>(0)?, signed(found)];
                self.repair("UPDATE feeds SET blob_bytes = ?2 WHERE id = ?1", values)?;
            }
        }
        Ok(())
    }
}
