//! Work that waits for its makers' devices, taken over: when the person says so, or after fourteen days; and own work that
//! lost its ground since somebody took over what it builds on. What is done, `shared::device::takeover` decides.

use std::rc::Rc;

use shared::device::row::{DocumentRow, from_bytes};
use shared::device::table::{CommitResult, Key, Query, StoreTrouble, Table};
use shared::device::takeover::{self, Share};
use shared::ids::{ActorId, DocumentId};
use shared::model::document::DocumentError;
use shared::ordered::OrderedSet;
use shared::role::Role;

use super::desk::Desk;
use super::opened::marked;
use crate::browser;

/// What became of a takeover.
#[derive(Debug)]
pub enum TakenOver {
    /// It is stored.
    Done,
    /// There is nothing to take over any more.
    Nothing,
    /// The document cannot be opened, or would be over a limit. What waits goes on waiting.
    Impossible(DocumentError),
}

/// Takes over in one document.
///
/// # Errors
/// When the store refuses.
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
    let taken = read.map(|rows| {
        let row = rows.iter().find(|row| row.table == Table::Documents);
        let row = row.and_then(|row| from_bytes::<DocumentRow>(&row.value))?;
        let device = desk.device.borrow();
        let actor = ActorId::new(device.device, takeover::SLOT);
        let taken = takeover::take_over(browser::now(), &row, actor, &rows, share, &|of| device.is_own(of));
        taken.transpose()
    });
    desk.marks.clear(doc).await;
    let taken = match taken? {
        None => return Ok(TakenOver::Nothing),
        Some(Err(error)) => return Ok(TakenOver::Impossible(error)),
        Some(Ok(taken)) => taken,
    };
    match desk.store.commit(&taken.commit).await {
        // Another tab did it, or the makers came back this moment.
        CommitResult::GuardFailed => return Ok(TakenOver::Nothing),
        result => marked(result)?,
    }
    desk.committed(doc).await;
    desk.changed(OrderedSet::from([doc]));
    Ok(TakenOver::Done)
}

/// What is due once everything has been read from the relay: own work that lost its ground, what has waited too long, and
/// what need not be kept any more.
///
/// # Errors
/// When the store refuses.
pub(super) async fn after_sync(desk: &Rc<Desk>) -> Result<(), StoreTrouble> {
    let outlived = desk.listing.borrow().to_let_go(browser::now());
    for doc in outlived {
        let rows = desk.store.read(takeover::queries(doc)).await?;
        let commit = takeover::outlived(browser::now(), doc, &rows, &|of| desk.device.borrow().is_own(of));
        // A guard that fails says that something of it counts again.
        if !commit.writes.is_empty() && desk.store.commit(&commit).await == CommitResult::Done {
            desk.committed(doc).await;
        }
    }
    let due = desk.listing.borrow().to_take_over(browser::now());
    for (doc, home, share) in due {
        // One that cannot be opened holds up no other.
        if desk.role_in(&home).is_some_and(Role::may_write) {
            take_over(desk, doc, share).await?;
        }
    }
    Ok(())
}
