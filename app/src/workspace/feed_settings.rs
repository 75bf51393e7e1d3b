//! Fetches what the region decides for its feeds, and keeps it for offline. What is wanted, and what is kept of an answer,
//! [`shared::device::settings`] says.

use std::rc::Rc;

use leptos::prelude::*;
use shared::device::row::{FeedRow, Stored, from_bytes};
use shared::device::settings::{SettingsRow, outdated, read_answer};
use shared::device::table::{Commit, CommitResult, Key, Query, Row, Table};
use shared::ids::FeedId;
use shared::model::feed_settings::Picture;
use shared::ordered::OrderedMap;
use wasm_bindgen_futures::spawn_local;

use super::desk::Desk;
use crate::session;
use crate::tabs::message::Message;

/// The settings in rows of the store.
pub(super) fn settings_in(rows: &[Row]) -> OrderedMap<FeedId, SettingsRow> {
    let settings = rows.iter().filter(|row| row.table == Table::Settings);
    let settings = settings.filter_map(|row| from_bytes::<SettingsRow>(&row.value));
    settings.map(|row| (row.feed.clone(), row)).collect()
}

/// Fetches what the last `welcome` told to be new.
pub(super) fn fetch(desk: &Rc<Desk>) {
    let desk = Rc::clone(desk);
    spawn_local(async move {
        let queries = vec![
            Query::Prefix(Table::Feeds, Key(Vec::new())),
            Query::Prefix(Table::Settings, Key(Vec::new())),
        ];
        let Ok(rows) = desk.store.read(queries).await else { return };
        let feeds = rows.iter().filter(|row| row.table == Table::Feeds);
        let feeds: Vec<FeedRow> = feeds.filter_map(|row| from_bytes(&row.value)).collect();
        let here = settings_in(&rows);
        let mut changed: OrderedMap<FeedId, SettingsRow> = OrderedMap::new();
        for wanted in outdated(&feeds, &here) {
            let path = format!("/api/v1/feeds/{}/settings?since={}", wanted.feed, wanted.since);
            let Some(answer) = session::fetch(&path).await.and_then(|body| read_answer(&body)) else {
                return;
            };
            let known = here.get(&wanted.feed).cloned();
            let mut row = known.unwrap_or_else(|| SettingsRow::new(wanted.feed.clone()));
            row.take_in(answer);
            changed.insert(wanted.feed, row);
        }
        // Also one whose fetching broke off before.
        let all: Vec<SettingsRow> = feeds
            .iter()
            .filter_map(|feed| changed.get(&feed.feed).or_else(|| here.get(&feed.feed)).cloned())
            .collect();
        for mut row in all {
            let Some(hash) = row.lacking_picture() else { continue };
            let path = format!("/api/v1/feeds/{}/picture", row.feed);
            let Some(bytes) = session::fetch(&path).await else { continue };
            let Some(reference) = row.settings().picture else { continue };
            row.picture = Some(Picture { media_type: reference.media_type, hash, bytes: bytes.into() });
            changed.insert(row.feed.clone(), row);
        }
        let commit = Commit { guards: Vec::new(), writes: changed.values().map(Stored::put).collect() };
        if !commit.writes.is_empty() && desk.store.commit(&commit).await == CommitResult::Done {
            desk.tell(&Message::Settings);
            reread(&desk).await;
        }
    });
}

/// Shows what the store has.
pub(super) async fn reread(desk: &Rc<Desk>) {
    let query = Query::Prefix(Table::Settings, Key(Vec::new()));
    if let Ok(rows) = desk.store.read(vec![query]).await
        && !desk.is_ended()
    {
        desk.screen.settings.set(settings_in(&rows));
    }
}
