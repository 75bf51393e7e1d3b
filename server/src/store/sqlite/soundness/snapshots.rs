//! Whether a snapshot is what it folds. It is derived, so one that is not is taken away; the relay makes it
//! anew.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::{Row, params};
use shared::sync::relay::compaction::{check_folds, folded_from_bytes, is_folded_of};

use super::super::super::Result;
use super::super::log::blob;
use super::super::{reading, snapshots, unsigned};
use super::{Document, Inspection};

impl Inspection<'_> {
    /// Looks at the snapshots of a document.
    pub(super) fn snapshots(&mut self, document: &Document) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT first_seq, until_seq, changes, folded, bytes, made FROM snapshots WHERE document_id = ?1",
        )?;
        let mut rows = statement.query([document.row])?;
        let mut damaged = Vec::new();
        while let Some(row) = rows.next()? {
            let made: i64 = row.get(5)?;
            let what = self.what_is_wrong(document, row)?;
            damaged.extend(what.map(|what| (made, what)));
        }
        for (made, what) in damaged {
            self.report.derive(format!("the snapshot of document {} {what}", document.doc.short()));
            let values = params![document.row, made];
            self.repair("DELETE FROM snapshots WHERE document_id = ?1 AND made = ?2", values)?;
        }
        Ok(())
    }

    fn what_is_wrong(&self, document: &Document, row: &Row<'_>) -> Result<Option<String>> {
        let (first, until, changes) = (unsigned(row.get(0)?), unsigned(row.get(1)?), unsigned(row.get(2)?));
        let (stored_folded, bytes) = (blob(row, 3)?, blob(row, 4)?);
        let what = match snapshots::foldable(self.connection, document.doc) {
            Ok(Some(mut foldable)) => {
                foldable.changes.retain(|change| change.seq <= until);
                foldable.tag =
                    reading::tag_at(self.connection, document.home, until)?.unwrap_or(foldable.tag);
                let ends = (foldable.changes.first(), foldable.changes.last());
                let stands = ends.0.is_some_and(|change| change.seq == first)
                    && ends.1.is_some_and(|change| change.seq == until)
                    && foldable.changes.len() as u64 == changes;
                if !stands {
                    Some("stands for other entries than it says".to_owned())
                } else if !folded_from_bytes(&stored_folded)
                    .is_some_and(|said| is_folded_of(&said, &foldable, until, self.key))
                {
                    Some("says something else of its entries than they do".to_owned())
                } else {
                    // Automerge panics at some documents.
                    match catch_unwind(AssertUnwindSafe(|| check_folds(&bytes, &foldable))) {
                        Ok(Ok(())) => None,
                        Ok(Err(error)) => Some(format!("is not what it folds: {error}")),
                        Err(_) => Some("cannot be loaded".to_owned()),
                    }
                }
            }
            _ => Some("folds what cannot be read".to_owned()),
        };
        Ok(what)
    }
}
