//! Fetches the directory from the relay, page by page, and keeps it. What is wanted next, and what is stored of an
//! answer, [`shared::device::directory`] says.

use std::rc::Rc;

use leptos::prelude::*;
use shared::device::directory::{Directory, DirectoryRow};
use shared::device::row::{PersonRow, from_bytes};
use shared::device::table::{CommitResult, Key, MetaKey, Query, Row, Table};
use shared::ids::DeviceId;
use shared::sync::client::Connection;
use wasm_bindgen_futures::spawn_local;

use super::desk::Desk;
use crate::session;
use crate::tabs::message::Message;

/// The directory in rows of the store.
pub(super) fn directory_in(rows: &[Row]) -> Directory {
    let people = rows.iter().filter(|row| row.table == Table::Directory);
    people.filter_map(|row| from_bytes::<PersonRow>(&row.value)).collect()
}

/// Somebody's device is on the screen and nobody knows whose: asks once. Without a connection the next one asks.
pub(super) fn ask_about(desk: &Rc<Desk>, device: DeviceId) {
    let is_connected = desk.screen.sync.with_untracked(|status| status.connection == Connection::Connected);
    if is_connected && desk.asked_about.borrow_mut().insert(device) {
        fetch(desk);
    }
}

/// Fetches what is new. One tab may do it beside another: both store the same.
pub(super) fn fetch(desk: &Rc<Desk>) {
    desk.fetch_again.set(true);
    if desk.is_fetching.replace(true) {
        return;
    }
    let desk = Rc::clone(desk);
    spawn_local(async move {
        while desk.fetch_again.replace(false) && !desk.is_ended() {
            read_on(&desk).await;
        }
        desk.is_fetching.set(false);
    });
}

/// Fetches page after page. What breaks off goes on with the next connection, where it was.
async fn read_on(desk: &Rc<Desk>) {
    let query = Query::Row(Table::Meta, Key::meta(MetaKey::Directory));
    let Ok(rows) = desk.store.read(vec![query]).await else { return };
    let mut row: DirectoryRow = rows.first().and_then(|row| from_bytes(&row.value)).unwrap_or_default();
    while !desk.is_ended() {
        let Some(page) = session::directory(&row.request()).await else { return };
        let commit = desk.screen.directory.with_untracked(|known| row.take_in(&page, known));
        let has_news = commit.writes.len() > 1;
        if desk.store.commit(&commit).await != CommitResult::Done {
            return;
        }
        if has_news {
            desk.tell(&Message::Directory);
            reread(desk).await;
        }
        if !page.has_more {
            return;
        }
    }
}

/// Shows what the store has.
pub(super) async fn reread(desk: &Rc<Desk>) {
    let query = Query::Prefix(Table::Directory, Key(Vec::new()));
    if let Ok(rows) = desk.store.read(vec![query]).await
        && !desk.is_ended()
    {
        desk.screen.directory.set(directory_in(&rows));
    }
}
