//! The signals that screens read, in one place.

use leptos::prelude::*;
use shared::device::directory::Directory;
use shared::device::listing::KeptAside;
use shared::device::settings::SettingsRow;
use shared::ids::{DocumentId, FeedId};
use shared::ordered::OrderedMap;
use shared::sync::client::SyncStatus;

use super::{ListedRecord, PageNotice, SessionState, StorageHealth};

/// Notices that a page keeps; past it the oldest goes.
const MOST_NOTICES: usize = 20;

/// What screens read; cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Screen {
    pub(super) session: RwSignal<SessionState>,
    pub(super) records: RwSignal<Vec<ListedRecord>>,
    pub(super) sync: RwSignal<SyncStatus>,
    pub(super) storage: RwSignal<StorageHealth>,
    pub(super) directory: RwSignal<Directory>,
    pub(super) settings: RwSignal<OrderedMap<FeedId, SettingsRow>>,
    pub(super) personal: RwSignal<Vec<DocumentId>>,
    /// Records came of which lists do not know yet.
    pub(super) unread: RwSignal<bool>,
    /// Since it was synced, lists were compared with what the store holds.
    pub(super) settled: RwSignal<bool>,
    /// Records of which a newer version of the app knows more.
    pub(super) newer: RwSignal<usize>,
    /// Unsent work of records that were removed with a role.
    pub(super) kept_aside: RwSignal<Vec<KeptAside>>,
    /// Names of the feeds that this device knows, those of a lost role too.
    pub(super) feed_names: RwSignal<OrderedMap<FeedId, String>>,
    pub(super) update_ready: RwSignal<bool>,
    pub(super) notices: RwSignal<Vec<(u64, PageNotice)>>,
    next_notice: StoredValue<u64>,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self {
            session: RwSignal::default(),
            records: RwSignal::default(),
            sync: RwSignal::default(),
            storage: RwSignal::default(),
            directory: RwSignal::default(),
            settings: RwSignal::default(),
            personal: RwSignal::default(),
            unread: RwSignal::new(false),
            settled: RwSignal::new(false),
            newer: RwSignal::new(0),
            kept_aside: RwSignal::default(),
            feed_names: RwSignal::default(),
            update_ready: RwSignal::new(false),
            notices: RwSignal::default(),
            next_notice: StoredValue::new(0),
        }
    }

    /// Takes in how feeds are called now.
    pub(super) fn learn_feed_names<'a>(&self, names: impl Iterator<Item = (&'a FeedId, &'a str)>) {
        let new: Vec<_> = self.feed_names.with_untracked(|known| {
            let is_new = |(feed, name): &(&FeedId, &str)| known.get(*feed).is_none_or(|known| known != name);
            names.filter(is_new).map(|(feed, name)| (feed.clone(), name.to_owned())).collect()
        });
        if !new.is_empty() {
            self.feed_names.update(|known| known.extend(new));
        }
    }

    /// The name of a feed, tracked; its id where this device does not know it.
    pub(super) fn feed_name(&self, feed: &FeedId) -> String {
        self.feed_names.with(|known| known.get(feed).cloned()).unwrap_or_else(|| feed.to_string())
    }

    /// Tells the person something that is no state; told once while the same still stands.
    pub(super) fn tell(&self, notice: PageNotice) {
        if self.notices.with_untracked(|all| all.iter().any(|(_, told)| *told == notice)) {
            return;
        }
        let number = self.next_notice.get_value();
        self.next_notice.set_value(number + 1);
        self.notices.update(|all| {
            all.push((number, notice));
            if all.len() > MOST_NOTICES {
                all.remove(0);
            }
        });
    }

    /// A notice is settled.
    pub(super) fn settle(&self, is_settled: impl Fn(&PageNotice) -> bool) {
        if self.notices.with_untracked(|all| all.iter().any(|(_, notice)| is_settled(notice))) {
            self.notices.update(|all| all.retain(|(_, notice)| !is_settled(notice)));
        }
    }
}
