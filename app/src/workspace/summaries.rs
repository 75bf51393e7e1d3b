//! Summaries of documents that others changed, made afterwards: one document at a time, in slices of
//! [`SLICE_MS`], so that the page stays quick under the thumb. The flag `stale` in the store outlives a crash.

use std::rc::Rc;

use shared::device::listing::document_of;
use shared::device::row::Stored;
use shared::device::table::{Commit, CommitResult, Guard, Key, Query, StoreTrouble, Table, Write};
use shared::ids::DocumentId;
use shared::model::summary::Summary;
use shared::ordered::{OrderedMap, OrderedSet};

use super::OpenError;
use super::desk::Desk;
use super::opened::marked;
use crate::browser;

/// How long the page may be busy with summaries in one go.
const SLICE_MS: f64 = 8.0;
/// Summaries that one commit stores.
const BATCH: usize = 32;
/// How long to wait while the connection brings more.
const BUSY_MS: u32 = 500;

/// Makes the summaries that are stale or missing, the newest lines of the list first.
pub(super) async fn refresh(desk: &Rc<Desk>) -> Result<(), StoreTrouble> {
    let mut tried = OrderedSet::new();
    loop {
        let todo = next_batch(desk, &tried).await?;
        if todo.is_empty() || desk.is_ended() || !desk.is_leader() {
            return Ok(());
        }
        let feeds = desk.store.read(vec![Query::Prefix(Table::Feeds, Key(Vec::new()))]).await?;
        let mut summaries = Vec::new();
        let mut slice_began = browser::elapsed_ms();
        for doc in &todo {
            if browser::elapsed_ms() - slice_began >= SLICE_MS {
                browser::wait_ms(0).await;
                slice_began = browser::elapsed_ms();
            }
            summaries.extend(summarise(desk, *doc).await?.map(|summary| summary.put()));
            tried.insert(*doc);
        }
        // A batch that came meanwhile moved a cursor: then its documents may be stale again, and all flags stay.
        let guards = feeds
            .into_iter()
            .map(|row| Guard { table: row.table, key: row.key, expected: Some(row.value) })
            .collect();
        let flags = todo.iter().map(|doc| Write::Delete(Table::Stale, Key::document(*doc)));
        let whole = Commit { guards, writes: summaries.iter().cloned().chain(flags).collect() };
        match desk.store.mark(&whole).await {
            CommitResult::GuardFailed => {
                marked(desk.store.mark(&Commit { guards: Vec::new(), writes: summaries }).await)?;
                for doc in &todo {
                    tried.remove(doc);
                }
                desk.summarised(todo.into_iter().collect()).await;
                // The connection brings more; summaries made in between would be made twice.
                browser::wait_ms(BUSY_MS).await;
            }
            result => {
                marked(result)?;
                desk.summarised(todo.into_iter().collect()).await;
            }
        }
    }
}

/// The documents whose summary is stale or missing, those that the list shows first.
async fn next_batch(desk: &Desk, tried: &OrderedSet<DocumentId>) -> Result<Vec<DocumentId>, StoreTrouble> {
    let keys = desk.store.keys(Table::Stale, Key(Vec::new())).await?;
    let mut todo: OrderedSet<DocumentId> = keys.iter().filter_map(document_of).collect();
    let listing = desk.listing.borrow();
    // One whose beginning has not come yet cannot be summarised: its flag is set when more of it comes.
    todo.extend(listing.without_summary().filter(|doc| !tried.contains(doc)));
    let order: OrderedMap<DocumentId, usize> =
        listing.lines().into_iter().enumerate().map(|(place, line)| (line.summary.doc, place)).collect();
    // One that this tab has open sees to its line itself, and stays stale until it is closed: to build it again from all
    // its rows at each change of others would take longer with each.
    let opened = desk.opened.borrow();
    let mut todo: Vec<DocumentId> = todo.into_iter().filter(|doc| !opened.contains_key(doc)).collect();
    todo.sort_by_key(|doc| order.get(doc).copied().unwrap_or(usize::MAX));
    todo.truncate(BATCH);
    Ok(todo)
}

/// The summary of one document; `None` where it cannot be opened yet.
async fn summarise(desk: &Rc<Desk>, doc: DocumentId) -> Result<Option<Summary>, StoreTrouble> {
    let _awake = desk.marks.mark(doc, Vec::new()).await?;
    let read = desk.read_document(doc).await;
    desk.marks.clear(doc).await;
    match read {
        Ok(opened) => Ok(Some(opened.summary())),
        Err(OpenError::Store(trouble)) => Err(trouble),
        Err(_) => Ok(None),
    }
}
