//! Work that waits for its makers' devices, taken over: when the person says so, or after fourteen days; and own work that
//! lost its ground since somebody took over what it builds on. What is done, `shared::device::takeover` decides.

use std::rc::Rc;

use shared::device::listing::document_of;
use shared::device::row::{DocumentRow, SetAsideReason, SetAsideRow, from_bytes};
use shared::device::table::{CommitResult, Key, Query, StoreTrouble, Table};
use shared::device::takeover::{self, Share};
use shared::ids::{ActorId, DocumentId};
use shared::model::decision::State;
use shared::ordered::OrderedSet;
use shared::role::Role;

use super::desk::Desk;
use super::opened::marked;
use crate::browser;

/// What became of a takeover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenOver {
    /// It is stored.
    Done,
    /// There is nothing to take over any more.
    Nothing,
}

/// Takes over in one document.
///
/// # Errors
/// When the store refuses, or the document cannot be opened.
pub(super) async fn take_over(
    desk: &Rc<Desk>,
    doc: DocumentId,
    share: Share,
) -> Result<TakenOver, StoreTrouble> {
    let opened = desk.opened.borrow().get(&doc).cloned();
    if let Some(opened) = &opened {
        opened.settle().await?;
    }
    // What others made is applied: if that ends the page, the next start knows of it.
    let _awake = desk.marks.mark(doc, Vec::new()).await?;
    let mut queries = takeover::queries(doc);
    queries.push(Query::Row(Table::Documents, Key::document(doc)));
    let read = desk.store.read(queries).await;
    let taken = read.and_then(|rows| {
        let row = rows.iter().find(|row| row.table == Table::Documents);
        let Some(row) = row.and_then(|row| from_bytes::<DocumentRow>(&row.value)) else { return Ok(None) };
        let device = desk.device.borrow();
        let actor = ActorId::new(device.device, takeover::SLOT);
        let taken = takeover::take_over(browser::now(), &row, actor, &rows, share, &|of| device.is_own(of));
        taken.map_err(|error| StoreTrouble::Other(error.to_string()))
    });
    desk.marks.clear(doc).await;
    let Some(taken) = taken? else { return Ok(TakenOver::Nothing) };
    match desk.store.commit(&taken.commit).await {
        // Another tab did it, or the makers came back this moment.
        CommitResult::GuardFailed => return Ok(TakenOver::Nothing),
        result => marked(result)?,
    }
    desk.committed(doc).await;
    desk.changed(OrderedSet::from([doc]));
    Ok(TakenOver::Done)
}

/// What is due once everything has been read from the relay: own work that lost its ground, and what has waited too long.
///
/// # Errors
/// When the store refuses.
pub(super) async fn after_sync(desk: &Rc<Desk>) -> Result<(), StoreTrouble> {
    let aside = desk.store.read(vec![Query::Prefix(Table::SetAside, Key(Vec::new()))]).await?;
    let is_orphaned = |row: &&shared::device::table::Row| {
        from_bytes::<SetAsideRow>(&row.value)
            .is_some_and(|row| matches!(row.reason, SetAsideReason::Orphaned(_)))
    };
    let orphaned: OrderedSet<DocumentId> =
        aside.iter().filter(is_orphaned).filter_map(|row| document_of(&row.key)).collect();
    let now = browser::now();
    let lines = desk.listing.borrow().lines();
    for line in lines {
        let may_write = desk.role_in(&line.home).is_some_and(Role::may_write);
        if !may_write || line.summary.state == State::Archived {
            continue;
        }
        let doc = line.summary.doc;
        if line.summary.waits_since.is_some_and(|since| takeover::is_due(since, now)) {
            take_over(desk, doc, Share::All).await?;
        } else if orphaned.contains(&doc) {
            take_over(desk, doc, Share::Own).await?;
        }
    }
    Ok(())
}
