//! Work of a device that this database had before: the relay never acked it, and it may not be sent under the
//! old name. Once everything has been read from the relay, it is applied again as new edits.

use std::rc::Rc;

use shared::device::listing::document_of;
use shared::device::open_document::OpenDocument;
use shared::device::row::{SetAsideReason, SetAsideRow, from_bytes};
use shared::device::table::{Key, Query, StoreTrouble, Table};
use shared::ids::DocumentId;
use shared::ordered::OrderedSet;

use super::desk::Desk;
use super::opened::marked;
use crate::browser;

/// Applies all of it again, document by document. What cannot be applied stays where it is, and is exported.
pub(super) async fn apply_again(desk: &Rc<Desk>) -> Result<(), StoreTrouble> {
    let all = desk.store.read(vec![Query::Prefix(Table::SetAside, Key(Vec::new()))]).await?;
    let is_retired = |row: &&shared::device::table::Row| {
        from_bytes::<SetAsideRow>(&row.value).is_some_and(|row| row.reason == SetAsideReason::RetiredDevice)
    };
    let documents: OrderedSet<DocumentId> =
        all.iter().filter(is_retired).filter_map(|row| document_of(&row.key)).collect();
    for doc in documents {
        let has_chunks = !desk.store.keys(Table::Chunks, Key::document(doc)).await?.is_empty();
        if has_chunks {
            // One that does not open keeps what was set aside; its own page says why.
            let Ok(opened) = desk.open_document(doc).await else { continue };
            let result = opened.settle_refused(true).await;
            opened.close();
            result?;
        } else {
            begin_again(desk, doc, &all).await?;
        }
    }
    Ok(())
}

async fn begin_again(
    desk: &Rc<Desk>,
    doc: DocumentId,
    all: &[shared::device::table::Row],
) -> Result<(), StoreTrouble> {
    let Some(row) = desk.listing.borrow().row(doc).cloned() else { return Ok(()) };
    let rows: Vec<SetAsideRow> = all
        .iter()
        .filter_map(|row| from_bytes::<SetAsideRow>(&row.value))
        .filter(|row| row.doc == doc)
        .collect();
    if let Some((_, commit)) = OpenDocument::begin_again(browser::now(), row, desk.actor(), &rows) {
        marked(desk.store.commit(&commit).await)?;
        desk.committed(doc).await;
    }
    Ok(())
}
