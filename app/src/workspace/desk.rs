//! One person's database in this tab: what is open, what the list shows, and this tab's place among the
//! others.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use shared::device::listing::{Listing, Standing, document_of};
use shared::device::open_document::OpenDocument;
use shared::device::poison::set_aside;
use shared::device::presence::PresenceState;
use shared::device::row::{DeviceRow, DocumentRow, FeedRow, LostRole, from_bytes};
use shared::device::table::{Commit, CommitResult, Key, MetaKey, Query, Row, StoreTrouble, Table, Write};
use shared::ids::{ActorId, DeviceId, DocumentId, FeedId, UserId};
use shared::model::decision::FourEyes;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::moment::Clock;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::client::{Connection, FeedStatus, Input, Notice, SyncStatus};
use wasm_bindgen_futures::spawn_local;

use super::document_rows::DocumentRows;
use super::marks::{Marks, look_for_poison};
use super::opened::{Opened, marked};
use super::screen::Screen;
use super::{
    Feed, ListedRecord, OpenError, PageNotice, Person, Safety, SessionState, directory, drafts,
    feed_settings, retired, storage, summaries, takeover,
};
use crate::browser;
use crate::pump::Pump;
use crate::store::Store;
use crate::tabs::Channel;
use crate::tabs::leader::Leadership;
use crate::tabs::lock::{self, Lock};
use crate::tabs::message::Message;

/// How long to wait after the engine saw another leader, before this tab leads anew where it still holds the lock.
const SUPERSEDED_MS: u32 = 1_000;

/// One person's database in this tab.
pub(crate) struct Desk {
    pub(super) screen: Screen,
    pub(super) store: Store,
    pub(super) marks: Marks,
    pub(super) user: UserId,
    name: String,
    pub(super) device: RefCell<DeviceRow>,
    slot: u8,
    _slot_lock: Lock,
    channel: RefCell<Option<Channel>>,
    leadership: RefCell<Option<Rc<Leadership>>>,
    pump: RefCell<Option<Rc<Pump>>>,
    pub(super) opened: RefCell<OrderedMap<DocumentId, Rc<Opened>>>,
    /// One document is opened at a time, so that none is opened twice.
    opening: futures::lock::Mutex<()>,
    /// Slots of other tabs whose end this tab waits for.
    pub(super) followed: RefCell<OrderedSet<u8>>,
    pub(super) listing: RefCell<Listing>,
    is_ended: Cell<bool>,
    is_refreshing: Cell<bool>,
    refresh_again: Cell<bool>,
    is_connected: Cell<bool>,
    /// The settings of the feeds were compared with what the last `welcome` said of them.
    has_asked_for_settings: Cell<bool>,
    /// The directory is being fetched.
    pub(super) is_fetching: Cell<bool>,
    /// Somebody wants it fetched once more.
    pub(super) fetch_again: Cell<bool>,
    /// Devices that were on the screen while nobody knew whose they are.
    pub(super) asked_about: RefCell<OrderedSet<DeviceId>>,
    /// What is due after a sync is being done.
    is_taking_over: Cell<bool>,
    /// The sync after which it was done.
    taken_over_at: Cell<Option<u64>>,
    /// Work of a former device was looked for since this database was opened.
    has_applied_again: Cell<bool>,
}

/// Why a person's database does not open.
pub(super) enum DeskError {
    /// Nobody has enrolled a device in it.
    NoDevice,
    /// The store refuses.
    Store(StoreTrouble),
}

impl From<StoreTrouble> for DeskError {
    fn from(trouble: StoreTrouble) -> Self {
        Self::Store(trouble)
    }
}

/// The name of a person's database, and of their tabs' locks and channel.
pub(super) fn database_name(user: &UserId) -> String {
    format!("simpul-{user}")
}

impl Desk {
    /// Opens a person's database; the list is on the screen before anything else begins.
    pub(super) async fn open(screen: Screen, user: UserId) -> Result<Rc<Self>, DeskError> {
        let name = database_name(&user);
        let store = Store::open(name.clone()).await?;
        let mut queries = vec![
            Query::Row(Table::Meta, Key::meta(MetaKey::Device)),
            Query::Prefix(Table::Feeds, Key(Vec::new())),
            Query::Prefix(Table::Directory, Key(Vec::new())),
            Query::Prefix(Table::Settings, Key(Vec::new())),
        ];
        queries.extend(Listing::whole());
        let (own, listed): (Vec<Row>, Vec<Row>) = store.read(queries).await?.into_iter().partition(|row| {
            matches!(row.table, Table::Meta | Table::Feeds | Table::Directory | Table::Settings)
        });
        let device: DeviceRow = own
            .iter()
            .find(|row| row.table == Table::Meta)
            .and_then(|row| from_bytes(&row.value))
            .ok_or(DeskError::NoDevice)?;
        let (slot, slot_lock) =
            lock::lease_slot(&name).await.ok_or(DeskError::Store(StoreTrouble::Unavailable))?;
        let desk = Rc::new(Self {
            screen,
            marks: Marks::new(store.clone(), &name),
            store,
            user,
            name,
            device: RefCell::new(device),
            slot,
            _slot_lock: slot_lock,
            channel: RefCell::default(),
            leadership: RefCell::default(),
            pump: RefCell::default(),
            opened: RefCell::default(),
            opening: futures::lock::Mutex::new(()),
            followed: RefCell::default(),
            listing: RefCell::new(Listing::new(listed)),
            is_ended: Cell::new(false),
            is_refreshing: Cell::new(false),
            refresh_again: Cell::new(false),
            is_connected: Cell::new(false),
            has_asked_for_settings: Cell::new(false),
            is_fetching: Cell::new(false),
            fetch_again: Cell::new(false),
            asked_about: RefCell::default(),
            is_taking_over: Cell::new(false),
            taken_over_at: Cell::new(None),
            has_applied_again: Cell::new(false),
        });
        desk.show_person(&own);
        desk.show_list();
        // Before anything is stored, so that the tab with the connection hears of it.
        desk.join();
        look_for_poison(&desk).await?;
        drafts::at_start(&desk).await;
        desk.ask_to_lead();
        // A tab that is reloaded may have stored as it ended what it had no time to tell.
        let unsent = desk.unsent();
        if !unsent.is_empty() {
            desk.tell(&Message::Changed(unsent));
        }
        desk.look();
        storage::refresh(desk.screen);
        Ok(desk)
    }

    /// The slot of this tab.
    pub(super) fn slot(&self) -> u8 {
        self.slot
    }

    /// The name of the lock of a slot.
    pub(super) fn slot_lock_name(&self, slot: u8) -> String {
        lock::slot_name(&self.name, slot)
    }

    /// The actor of this tab's edits.
    pub(super) fn actor(&self) -> ActorId {
        ActorId::new(self.device.borrow().device, self.slot)
    }

    /// What the person may do in a feed.
    pub(super) fn role_in(&self, feed: &FeedId) -> Option<Role> {
        self.screen.session.with_untracked(|session| session.role_in(feed))
    }

    /// Whether who submits a record of a feed may approve it, as its region has set it.
    pub(super) fn four_eyes_in(&self, feed: &FeedId) -> FourEyes {
        let settings = self.screen.settings;
        settings.with_untracked(|all| all.get(feed).map(|row| row.settings().four_eyes)).unwrap_or_default()
    }

    /// A person's name, or the user name where the directory does not know them.
    pub(super) fn name_of(&self, user: &UserId) -> String {
        let known = self
            .screen
            .directory
            .with_untracked(|directory| directory.person(user).map(|person| person.name.clone()));
        known.unwrap_or_else(|| user.to_string())
    }

    /// Where the stored part of a document is safe.
    pub(super) fn safety(&self, doc: DocumentId) -> Safety {
        safety_of(self.listing.borrow().standing(doc))
    }

    /// Opens a document, or gives the copy that is open already; counts one more user.
    pub(super) async fn open_document(self: &Rc<Self>, doc: DocumentId) -> Result<Rc<Opened>, OpenError> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(opened) = self.opened.borrow().get(&doc) {
            opened.users.set(opened.users.get() + 1);
            if opened.users.get() == 1 {
                opened.come();
            }
            return Ok(Rc::clone(opened));
        }
        let _awake = self.marks.mark(doc, Vec::new()).await.map_err(OpenError::Store)?;
        let drafts = drafts::of_document(self, doc).await.map_err(OpenError::Store);
        let result = match drafts {
            Ok(()) => self.read_document(doc).await,
            Err(error) => Err(error),
        };
        self.marks.clear(doc).await;
        let opened = result?;
        opened.users.set(1);
        self.opened.borrow_mut().insert(doc, Rc::clone(&opened));
        // What was stored or acked since the rows were read found no copy to tell of it.
        opened.show();
        opened.look();
        opened.come();
        Ok(opened)
    }

    /// Reads a document and applies all its chunks, under a mark of the caller's.
    pub(super) async fn read_document(self: &Rc<Self>, doc: DocumentId) -> Result<Rc<Opened>, OpenError> {
        let mut queries = vec![Query::Row(Table::Documents, Key::document(doc))];
        queries.extend(DocumentRows::whole(doc));
        let rows = self.store.read(queries).await.map_err(OpenError::Store)?;
        let row = rows.iter().find(|row| row.table == Table::Documents);
        let row = row.and_then(|row| from_bytes(&row.value));
        let mut rows = DocumentRows::of(rows);
        let row = row.or_else(|| self.row_of_lost(doc, rows.lost()?)).ok_or(OpenError::Unknown)?;
        let never_taken = rows.never_taken();
        let is_taken = never_taken.is_empty();
        let aside = if is_taken { rows.set_aside_hashes() } else { OrderedSet::new() };
        let chunks = if is_taken { std::mem::take(&mut rows.chunks) } else { never_taken };
        let decisions = rows.decisions.clone();
        let opened = OpenDocument::open(browser::now(), row, self.actor(), chunks, decisions, &aside);
        let (bad, result) = match opened {
            Ok(opened) => (opened.bad, Ok(opened.document)),
            Err(failure) if failure.waiting > 0 && failure.bad.is_empty() => {
                return Err(OpenError::Incomplete);
            }
            Err(failure) => (failure.bad.clone(), Err(OpenError::Damaged(failure.to_string()))),
        };
        if !bad.is_empty() {
            // Where this fails the bad chunks stay where they are, and are found again next time.
            if self.store.commit(&set_aside(bad.clone())).await == CommitResult::Done {
                self.changed(OrderedSet::from([doc]));
            }
            rows.set_aside.extend(bad);
        }
        result.map(|document| Opened::new(self, document, &rows))
    }

    /// The row of a record that was begun here, never reached the relay and was removed with the person's role, once they may
    /// write there again.
    fn row_of_lost(&self, doc: DocumentId, lost: &LostRole) -> Option<DocumentRow> {
        let (home, kind) = (lost.feed.clone()?, lost.kind.as_ref()?.known()?);
        let may_write = self.role_in(&home).is_some_and(Role::may_write);
        may_write.then(|| DocumentRow { doc, kind, feeds: vec![home.clone()], home })
    }

    /// Makes a document with its first edits; durable when it returns.
    pub(super) async fn create(
        self: &Rc<Self>,
        home: FeedId,
        kind: Kind,
        edits: &[Edit],
    ) -> Result<DocumentId, StoreTrouble> {
        let doc = new_document_id();
        let now = browser::now();
        let mut document = OpenDocument::create(now, doc, kind, home, self.actor());
        let offset_ms = self.screen.sync.with_untracked(|sync| sync.clock_offset_ms);
        document.set_clock(Clock::of_offset(offset_ms));
        for edit in edits {
            if let Err(error) = document.edit(now, edit) {
                return Err(StoreTrouble::Other(error.to_string()));
            }
        }
        let flushed = document.flush(now).expect("a new document has its first change to store");
        marked(self.store.commit(&flushed.commit).await)?;
        let nothing = DocumentRows::of(Vec::new());
        // Kept open without a user until the list knows it; the next opening finds this copy or reads it.
        let opened = Opened::new(self, document, &nothing);
        self.opened.borrow_mut().insert(doc, Rc::clone(&opened));
        self.committed(doc).await;
        self.let_go(&opened);
        Ok(doc)
    }

    /// Forgets the copy of a document that no screen shows, once all of it is durable and it takes nothing in any more: a
    /// second copy beside one that goes on would tell the list what it no longer knows.
    pub(super) fn let_go(self: &Rc<Self>, opened: &Rc<Opened>) {
        if opened.users.get() == 0 && opened.is_durable() && !opened.is_looking.get() {
            opened.summarise_if_due();
            self.opened.borrow_mut().remove(&opened.doc);
            self.refresh_summaries();
        }
    }

    /// After a commit of this tab: the list, the other tabs and the connection hear of it.
    pub(super) async fn committed(self: &Rc<Self>, doc: DocumentId) {
        storage::ask_to_persist(self.screen);
        self.reread(&OrderedSet::from([doc])).await;
        self.tell(&Message::Changed(vec![doc]));
        self.look();
    }

    /// Another tab ended, and may have stored what it had no time to tell.
    pub(super) fn look_after_others(self: &Rc<Self>) {
        let opened = self.opened.borrow().keys().copied().collect();
        self.changed(opened);
        self.look();
    }

    /// The documents of which something was not sent, as far as the list knows.
    fn unsent(&self) -> Vec<DocumentId> {
        let listing = self.listing.borrow();
        let lines = listing.lines().into_iter();
        lines
            .filter(|line| safety_of(line.standing) == Safety::OnDevice)
            .map(|line| line.summary.doc)
            .collect()
    }

    /// The outbox has something new.
    pub(super) fn look(&self) {
        match self.pump() {
            Some(pump) => pump.input(Input::Look),
            None => self.tell(&Message::Look),
        }
    }

    /// The store has something new of these documents.
    pub(crate) fn changed(self: &Rc<Self>, documents: OrderedSet<DocumentId>) {
        let desk = Rc::clone(self);
        spawn_local(async move {
            desk.reread(&documents).await;
            let opened: Vec<_> =
                documents.iter().filter_map(|doc| desk.opened.borrow().get(doc).cloned()).collect();
            for opened in opened {
                opened.look();
            }
            desk.refresh_summaries();
        });
    }

    pub(super) async fn reread(&self, documents: &OrderedSet<DocumentId>) {
        match self.store.read(Listing::of_documents(documents)).await {
            Ok(rows) => {
                self.listing.borrow_mut().replace(documents, rows);
                self.show_list();
            }
            Err(trouble) => self.screen.tell(PageNotice::NotRead(trouble)),
        }
        for doc in documents {
            let opened = self.opened.borrow().get(doc).cloned();
            if let Some(opened) = opened {
                if self.listing.borrow().row(*doc).is_none() {
                    // It was removed with the person's role.
                    opened.remove();
                    continue;
                }
                opened.show();
                opened.summarise_later();
            }
        }
    }

    /// What the connection's engine wants to be known; only the leader hears it.
    pub(crate) fn announce(self: &Rc<Self>, notice: Notice, status: &SyncStatus) {
        match notice {
            Notice::Status => {
                self.tell(&Message::Status(Box::new(status.into())));
                self.show_status(status.clone());
            }
            Notice::Documents(documents) => {
                self.tell(&Message::Changed(documents.clone()));
                self.changed(documents.into_iter().collect());
            }
            Notice::Presence { doc, user, device, state } => {
                self.tell(&Message::Presence { doc, user: user.clone(), device, state: state.clone() });
                self.hear_presence(doc, user, device, &state);
            }
            Notice::Refused(doc, code) => {
                self.screen.tell(PageNotice::Refused { doc, code });
                self.tell(&Message::Changed(vec![doc]));
                self.changed(OrderedSet::from([doc]));
            }
            Notice::Removed(feed) => {
                self.tell(&Message::Removed(feed.clone()));
                self.removed(feed);
                directory::fetch(self);
            }
            Notice::DeviceRetired => {
                self.tell(&Message::DeviceRetired);
                self.screen.tell(PageNotice::DeviceRetired);
            }
            Notice::DeviceRevoked => {
                self.tell(&Message::DeviceRevoked);
                self.screen.tell(PageNotice::DeviceRevoked);
            }
            Notice::Superseded => {
                let desk = Rc::clone(self);
                spawn_local(async move {
                    // Where the lock was stolen this tab hears so at once, and leads no more.
                    browser::wait_ms(SUPERSEDED_MS).await;
                    let leads = desk.leadership.borrow().as_ref().is_some_and(|own| own.is_leader());
                    if leads {
                        desk.lead(true);
                    }
                });
            }
        }
    }

    /// This tab begins or ceases to hold the connection.
    fn lead(self: &Rc<Self>, leads: bool) {
        let pump = (leads && !self.is_ended()).then(|| Pump::begin(self, self.store.clone()));
        let before = self.pump.replace(pump.clone());
        if let Some(before) = before {
            before.end();
        }
        if let Some(pump) = pump {
            pump.start();
            self.tell(&Message::Here);
            self.refresh_summaries();
        }
    }

    fn hear(self: &Rc<Self>, message: Message) {
        match message {
            Message::Look => {
                if let Some(pump) = self.pump() {
                    pump.input(Input::Look);
                    self.tell(&Message::Here);
                }
            }
            Message::Changed(documents) => self.changed(documents.into_iter().collect()),
            Message::WhoLeads => {
                drafts::follow_others(self);
                if let Some(pump) = self.pump() {
                    self.tell(&Message::Here);
                    self.tell(&Message::Status(Box::new((&pump.status()).into())));
                }
            }
            Message::Here => self.heard_leader(),
            Message::Status(status) => {
                self.heard_leader();
                if self.pump().is_none() {
                    self.show_status((*status).into());
                }
            }
            Message::Presence { doc, user, device, state } => self.hear_presence(doc, user, device, &state),
            Message::TellPresence(feed, doc, state) => {
                if let Some(pump) = self.pump() {
                    pump.input(Input::Presence(feed, doc, state.into_vec()));
                }
            }
            Message::TryNow => {
                if let Some(pump) = self.pump() {
                    pump.input(Input::TryNow);
                }
            }
            Message::SignedInAgain => {
                if let Some(pump) = self.pump() {
                    pump.input(Input::SignedIn);
                }
            }
            Message::Directory => {
                let desk = Rc::clone(self);
                spawn_local(async move { directory::reread(&desk).await });
            }
            Message::Settings => {
                let desk = Rc::clone(self);
                spawn_local(async move { feed_settings::reread(&desk).await });
            }
            Message::Removed(feed) => self.removed(feed),
            Message::DeviceRetired => self.screen.tell(PageNotice::DeviceRetired),
            Message::DeviceRevoked => self.screen.tell(PageNotice::DeviceRevoked),
            // Heard on the channel of all people.
            Message::SessionChanged => {}
        }
    }

    /// The person lost their role in a feed, and nothing of it is here any more.
    fn removed(self: &Rc<Self>, feed: FeedId) {
        let name = untrack(|| self.screen.feed_name(&feed));
        self.screen.tell(PageNotice::RoleLost { name });
        self.screen.session.update(|session| {
            if let SessionState::SignedIn(person) = session {
                person.feeds.retain(|known| known.feed != feed);
            }
        });
        let desk = Rc::clone(self);
        spawn_local(async move { feed_settings::reread(&desk).await });
    }

    fn heard_leader(&self) {
        if let Some(leadership) = self.leadership.borrow().as_ref() {
            leadership.heard();
        }
    }

    fn hear_presence(&self, doc: DocumentId, user: UserId, device: DeviceId, state: &[u8]) {
        let opened = self.opened.borrow().get(&doc).cloned();
        let Some(opened) = opened else { return };
        if state.is_empty() {
            opened.lose_device(&user, device);
        } else if let Some(state) = PresenceState::decode(state) {
            opened.hear(user, device, state);
        }
    }

    /// Tells others where this tab's person is.
    pub(super) fn tell_presence(&self, feed: FeedId, doc: DocumentId, state: Vec<u8>) {
        match self.pump() {
            Some(pump) => pump.input(Input::Presence(feed, doc, state)),
            None => self.tell(&Message::TellPresence(feed, doc, state.into())),
        }
    }

    /// Tries the connection now.
    pub(super) fn try_now(&self) {
        match self.pump() {
            Some(pump) => pump.input(Input::TryNow),
            None => self.tell(&Message::TryNow),
        }
        if let Some(leadership) = self.leadership.borrow().as_ref() {
            leadership.ask();
        }
    }

    /// The system says that there is no network.
    pub(super) fn network_lost(&self) {
        if let Some(pump) = self.pump() {
            pump.network_lost();
        }
    }

    /// Signed in again on this database: the cookie is there.
    pub(super) fn signed_in_again(&self) {
        match self.pump() {
            Some(pump) => pump.input(Input::SignedIn),
            None => self.tell(&Message::SignedInAgain),
        }
    }

    /// This tab became visible or hidden.
    pub(super) fn visible(self: &Rc<Self>, is_visible: bool) {
        if let Some(pump) = self.pump() {
            pump.input(Input::Visible(is_visible));
        }
        if is_visible {
            self.try_now();
            drafts::of_other_tabs(self);
            // What happened while the page was frozen was not heard.
            for opened in self.all_opened() {
                opened.look();
            }
            self.come();
        } else {
            self.flush();
        }
    }

    /// Begins to make all that was typed durable.
    pub(super) fn flush(&self) {
        for opened in self.all_opened() {
            // The page may end with this task: first what survives that.
            opened.hand_over_draft();
            opened.flush();
        }
    }

    /// Whether words would be lost, were the page left now.
    pub(super) fn is_at_risk(&self) -> bool {
        self.all_opened().iter().any(Opened::is_at_risk)
    }

    /// Makes all that was typed durable.
    pub(super) async fn settle(&self) -> Result<(), StoreTrouble> {
        let mut result = Ok(());
        for opened in self.all_opened() {
            result = opened.settle().await.and(result);
        }
        result
    }

    /// Tells the others that this tab's person is in its records, and asks who else is.
    pub(super) fn come(&self) {
        for opened in self.all_opened() {
            opened.come();
        }
    }

    /// Tells the others that this tab's person is gone.
    pub(super) fn say_left(&self) {
        for opened in self.all_opened() {
            opened.say_left();
        }
    }

    fn all_opened(&self) -> Vec<Rc<Opened>> {
        self.opened.borrow().values().cloned().collect()
    }

    /// Lets go of the connection and of this tab's place; what is open can still be made durable.
    pub(super) fn end(&self) {
        self.is_ended.set(true);
        if let Some(leadership) = self.leadership.borrow_mut().take() {
            leadership.end();
        }
        if let Some(pump) = self.pump.borrow_mut().take() {
            pump.end();
        }
        self.channel.borrow_mut().take();
    }

    pub(super) fn is_ended(&self) -> bool {
        self.is_ended.get()
    }

    fn pump(&self) -> Option<Rc<Pump>> {
        self.pump.borrow().clone()
    }

    pub(super) fn is_leader(&self) -> bool {
        self.pump.borrow().is_some()
    }

    pub(super) fn tell(&self, message: &Message) {
        if let Some(channel) = self.channel.borrow().as_ref() {
            channel.tell(message);
        }
    }

    /// Hears the person's other tabs, and is heard by them.
    fn join(self: &Rc<Self>) {
        let hearing = Rc::downgrade(self);
        let channel = Channel::join(&self.name, move |message| {
            if let Some(desk) = hearing.upgrade() {
                desk.hear(message);
            }
        });
        *self.channel.borrow_mut() = channel;
    }

    /// Takes this tab's place among those that wait for the connection.
    fn ask_to_lead(self: &Rc<Self>) {
        let Some(channel) = self.channel.borrow().clone() else { return };
        let leading = Rc::downgrade(self);
        let leadership = Leadership::begin(format!("{}-leader", self.name), channel, move |leads| {
            if let Some(desk) = leading.upgrade() {
                desk.lead(leads);
            }
        });
        leadership.ask();
        *self.leadership.borrow_mut() = Some(leadership);
    }

    fn show_person(&self, rows: &[Row]) {
        let feeds = rows.iter().filter(|row| row.table == Table::Feeds);
        let feeds: Vec<_> = feeds.filter_map(|row| from_bytes::<FeedRow>(&row.value)).collect();
        self.screen.learn_feed_names(feeds.iter().map(|row| (&row.feed, row.name.as_str())));
        let feeds = feeds.iter().filter(|row| row.access.keeps_documents());
        let feeds = feeds.map(|row| Feed::of(row.feed.clone(), FeedStatus::of(row))).collect();
        self.screen.directory.set(directory::directory_in(rows));
        self.screen.settings.set(feed_settings::settings_in(rows));
        let name = self.device.borrow().name.clone();
        self.screen.session.set(SessionState::SignedIn(Person { user: self.user.clone(), name, feeds }));
    }

    fn show_list(&self) {
        if self.is_ended() {
            return;
        }
        let listing = self.listing.borrow();
        let records: Vec<ListedRecord> = listing
            .lines()
            .into_iter()
            .map(|line| ListedRecord {
                summary: line.summary,
                home: line.home,
                safety: safety_of(line.standing),
            })
            .collect();
        let personal: Vec<DocumentId> = listing.personal().collect();
        let newer = listing.newer();
        let unread = listing.without_summary().next().is_some();
        let kept_aside = listing.kept_aside();
        drop(listing);
        if self.screen.kept_aside.with_untracked(|shown| *shown != kept_aside) {
            self.screen.kept_aside.set(kept_aside);
        }
        if self.screen.unread.get_untracked() != unread {
            self.screen.unread.set(unread);
        }
        if self.screen.newer.get_untracked() != newer {
            self.screen.newer.set(newer);
        }
        if self.screen.records.with_untracked(|shown| *shown != records) {
            self.screen.records.set(records);
        }
        if self.screen.personal.with_untracked(|shown| *shown != personal) {
            self.screen.personal.set(personal);
        }
    }

    /// Lists what is stored and came too lately to be listed: from then on an empty list is one.
    async fn settle_lists(self: &Rc<Self>) {
        let Ok(keys) = self.store.keys(Table::Documents, Key(Vec::new())).await else { return };
        let documents = keys.iter().filter_map(document_of);
        let is_new = |doc: &DocumentId| self.listing.borrow().row(*doc).is_none();
        let new: OrderedSet<DocumentId> = documents.filter(is_new).collect();
        if !new.is_empty() {
            self.reread(&new).await;
        }
        if !self.is_ended() {
            self.screen.settled.set(true);
        }
    }

    fn show_status(self: &Rc<Self>, status: SyncStatus) {
        if self.is_ended() {
            return;
        }
        let is_connected = status.connection == Connection::Connected;
        let was_connected = self.is_connected.replace(is_connected);
        if is_connected && !was_connected && self.is_leader() {
            directory::fetch(self);
            self.has_asked_for_settings.set(false);
        }
        if is_connected && !was_connected {
            self.come();
        }
        if was_connected && !is_connected {
            for opened in self.opened.borrow().values() {
                opened.lose_company();
            }
        }
        if status.synced_at.is_some() && !self.screen.settled.get_untracked() {
            let desk = Rc::clone(self);
            spawn_local(async move { desk.settle_lists().await });
        }
        // By now it is stored what `welcome` said of them.
        let is_welcome = is_connected && status.synced_at.is_some();
        if is_welcome && self.is_leader() && !self.has_asked_for_settings.replace(true) {
            feed_settings::fetch(self);
        }
        let is_synced = is_connected && status.waiting == 0 && status.synced_at.is_some();
        if is_synced && self.is_leader() && !self.has_applied_again.replace(true) {
            let desk = Rc::clone(self);
            spawn_local(async move {
                if let Err(trouble) = retired::apply_again(&desk).await {
                    desk.screen.tell(PageNotice::NotRead(trouble));
                    desk.has_applied_again.set(false);
                }
            });
        }
        // Own work on top of what waits for its maker's device waits with it.
        let is_new_sync = is_welcome && self.taken_over_at.get() != status.synced_at;
        if is_new_sync && self.is_leader() && !self.is_taking_over.replace(true) {
            self.taken_over_at.set(status.synced_at);
            let desk = Rc::clone(self);
            spawn_local(async move {
                if let Err(trouble) = takeover::after_sync(&desk).await {
                    desk.screen.tell(PageNotice::NotRead(trouble));
                }
                desk.is_taking_over.set(false);
            });
        }
        self.screen.learn_feed_names(status.feeds.iter().map(|(feed, status)| (feed, status.name.as_str())));
        if !status.feeds.is_empty() {
            let feeds: Vec<Feed> =
                status.feeds.iter().map(|(feed, status)| Feed::of(feed.clone(), status.clone())).collect();
            let differs = self.screen.session.with_untracked(
                |session| matches!(session, SessionState::SignedIn(person) if person.feeds != feeds),
            );
            if differs {
                self.screen.session.update(|session| {
                    if let SessionState::SignedIn(person) = session {
                        person.feeds = feeds;
                    }
                });
            }
        }
        if self.screen.sync.with_untracked(|shown| *shown != status) {
            self.screen.sync.set(status);
        }
    }

    /// Makes the summaries of documents that others changed; only the leader does.
    pub(super) fn refresh_summaries(self: &Rc<Self>) {
        self.refresh_again.set(true);
        if !self.is_leader() || self.is_refreshing.replace(true) {
            return;
        }
        let desk = Rc::clone(self);
        spawn_local(async move {
            while desk.refresh_again.replace(false) && !desk.is_ended() && desk.is_leader() {
                if let Err(trouble) = summaries::refresh(&desk).await {
                    desk.screen.tell(PageNotice::NotRead(trouble));
                    break;
                }
            }
            desk.is_refreshing.set(false);
        });
    }

    /// Discards unsent work of a record that was removed.
    pub(super) async fn discard_aside(self: &Rc<Self>, doc: DocumentId) -> Result<(), StoreTrouble> {
        let keys = self.store.keys(Table::SetAside, Key::document(doc)).await?;
        let writes = keys.into_iter().map(|key| Write::Delete(Table::SetAside, key)).collect();
        marked(self.store.commit(&Commit { guards: Vec::new(), writes }).await)?;
        self.committed(doc).await;
        Ok(())
    }

    /// After summaries were made: shows them, here and in the other tabs.
    pub(super) async fn summarised(&self, documents: OrderedSet<DocumentId>) {
        self.reread(&documents).await;
        self.tell(&Message::Changed(documents.into_iter().collect()));
    }
}

fn safety_of(standing: Standing) -> Safety {
    match standing {
        Standing::OnServer => Safety::OnServer,
        Standing::OnDevice => Safety::OnDevice,
        Standing::Refused => Safety::Refused,
    }
}

/// A random UUID of version 4.
fn new_document_id() -> DocumentId {
    let mut bytes: [u8; 16] = browser::random();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    DocumentId::from_bytes(bytes)
}
