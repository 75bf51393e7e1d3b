//! The page: which person's desk it shows, and the browser's events that concern all of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::oneshot;
use leptos::prelude::*;
use shared::device::directory::Directory;
use shared::device::row::{Access, DeviceRow, FeedRow, Stored, from_bytes};
use shared::device::table::{Commit, CommitResult, Guard, Key, MetaKey, Query, StoreTrouble, Table};
use shared::ids::UserId;
use shared::ordered::OrderedMap;
use shared::sync::client::{SyncStatus, enrolment};
use shared::wire::Cursor;
use wasm_bindgen_futures::spawn_local;

use super::desk::{Desk, DeskError, database_name};
use super::opened::marked;
use super::screen::Screen;
use super::{AfterPassword, PageNotice, SessionState, SignInError};
use crate::account::{self, AccountRefusal};
use crate::session::{self, SignInRefusal, SignedIn, remembered};
use crate::store::Store;
use crate::tabs::Channel;
use crate::tabs::message::Message;
use crate::{browser, update};

/// The channel of all tabs, whoever is signed in.
const CHANNEL: &str = "simpul";

/// What this page shows.
pub(super) struct Page {
    screen: Screen,
    desk: RefCell<Option<Rc<Desk>>>,
    is_starting: Cell<bool>,
    ready: RefCell<Vec<oneshot::Sender<()>>>,
    channel: RefCell<Option<Channel>>,
    /// Who signed in with a password that somebody else set, until it is changed.
    due: RefCell<Option<SignedIn>>,
}

impl Page {
    /// Opens the last person's database, and listens to the browser.
    pub(super) fn start(screen: Screen) -> Rc<Self> {
        let page = Rc::new(Self {
            screen,
            desk: RefCell::default(),
            is_starting: Cell::new(true),
            ready: RefCell::default(),
            channel: RefCell::default(),
            due: RefCell::default(),
        });
        page.listen();
        let starting = Rc::clone(&page);
        spawn_local(async move { starting.show_remembered().await });
        page
    }

    /// The desk of who is signed in.
    pub(super) fn desk(&self) -> Option<Rc<Desk>> {
        self.desk.borrow().clone()
    }

    /// The same, once the page knows who is.
    pub(super) async fn desk_when_ready(&self) -> Option<Rc<Desk>> {
        if self.is_starting.get() {
            let (sender, receiver) = oneshot::channel();
            self.ready.borrow_mut().push(sender);
            // The page lives as long as the app.
            let _ = receiver.await;
        }
        self.desk()
    }

    /// Signs in: the relay first, then the person's database with its device.
    pub(super) async fn sign_in(self: &Rc<Self>, username: &str, password: &str) -> Result<(), SignInError> {
        let username = username.trim();
        let known: Option<UserId> = username.parse().ok();
        let mut device = None;
        if let Some(user) = known.filter(|user| remembered::people().contains(user)) {
            let found = device_of(&user).await.map_err(SignInError::Store)?;
            // A retired device is never used again.
            device = found.filter(|row| !row.retired).map(|row| row.device);
        }
        // Its cookie gives way to the new session's: afterwards nobody could end it.
        session::end_left_session().await.map_err(told)?;
        let signed_in = match session::sign_in(username, password, device).await {
            Err(SignInRefusal::ForeignDevice) if device.is_some() => {
                // The relay does not know this device as this person's: this database gets a new one.
                session::sign_in(username, password, None).await
            }
            answer => answer,
        }
        .map_err(told)?;
        if signed_in.password_due {
            self.due.replace(Some(signed_in));
            return Err(SignInError::PasswordDue);
        }
        self.let_in(signed_in).await.map_err(SignInError::Store)
    }

    /// Changes the password that somebody else set, and lets the person in.
    pub(super) async fn change_due_password(
        self: &Rc<Self>,
        old: String,
        new: String,
    ) -> Result<AfterPassword, AccountRefusal> {
        match account::change_password(old, new).await {
            Ok(()) => {}
            // The session has ended, or the password was changed elsewhere: no other new password helps.
            Err(AccountRefusal::SignInNeeded) => return Ok(AfterPassword::NotSet(SignInError::SessionOver)),
            Err(AccountRefusal::WrongOldPassword) => return Ok(AfterPassword::NotSet(SignInError::Wrong)),
            Err(refusal) => return Err(refusal),
        }
        let Some(signed_in) = self.due.take() else {
            return Ok(AfterPassword::Set(SignInError::SessionOver));
        };
        Ok(match self.let_in(signed_in).await {
            Ok(()) => AfterPassword::SignedIn,
            Err(trouble) => AfterPassword::Set(SignInError::Store(trouble)),
        })
    }

    /// Gives up such a sign-in: nobody could end its session afterwards.
    pub(super) fn leave_due_password(&self) {
        if self.due.take().is_some() {
            spawn_local(session::sign_out());
        }
    }

    /// Opens the database of who has signed in.
    async fn let_in(self: &Rc<Self>, signed_in: SignedIn) -> Result<(), StoreTrouble> {
        let before = self.desk();
        let same = before.as_ref().filter(|desk| desk.user == signed_in.user).cloned();
        let is_new_device = enrol(&signed_in, same.as_ref().map(|desk| desk.store.clone())).await?;
        remembered::set_signed_in(Some(&signed_in.user));
        if is_new_device {
            self.screen
                .settle(|notice| matches!(notice, PageNotice::DeviceRetired | PageNotice::DeviceRevoked));
        }
        match same {
            Some(desk) if !is_new_device => desk.signed_in_again(),
            _ => {
                self.leave(before, Some(&signed_in.user)).await;
                self.show(signed_in.user.clone()).await?;
            }
        }
        self.tell(&Message::SessionChanged);
        Ok(())
    }

    /// Signs out: what waits stays in the person's database.
    pub(super) async fn sign_out(self: &Rc<Self>) -> usize {
        let desk = self.desk();
        let waiting = desk.as_ref().map_or(0, |desk| desk.listing.borrow().waiting());
        self.leave(desk, None).await;
        remembered::set_signed_in(None);
        self.show_nobody();
        self.tell(&Message::SessionChanged);
        session::sign_out().await;
        waiting
    }

    /// Makes the work of a desk durable and takes it off the page; what waits there is told, but where the same person comes
    /// back to it.
    async fn leave(&self, desk: Option<Rc<Desk>>, coming: Option<&UserId>) {
        let Some(desk) = desk else { return };
        if let Err(trouble) = desk.settle().await {
            self.screen.tell(PageNotice::NotRead(trouble));
        }
        let waiting = desk.listing.borrow().waiting();
        desk.end();
        self.desk.borrow_mut().take();
        if waiting > 0 && coming != Some(&desk.user) {
            self.screen.tell(PageNotice::OthersUnsent { user: desk.user.clone(), waiting });
        }
    }

    async fn show_remembered(self: &Rc<Self>) {
        match remembered::signed_in() {
            Some(user) => {
                if let Err(trouble) = self.show(user).await {
                    self.screen.session.set(SessionState::NoStore(trouble));
                }
            }
            None => self.show_nobody(),
        }
        spawn_local(async {
            let _ = session::end_left_session().await;
        });
        self.is_starting.set(false);
        for waiting in self.ready.take() {
            let _ = waiting.send(());
        }
    }

    async fn show(self: &Rc<Self>, user: UserId) -> Result<(), StoreTrouble> {
        match Desk::open(self.screen, user.clone()).await {
            Ok(desk) => {
                // What waits of this person is no other's any more.
                self.screen.settle(
                    |notice| matches!(notice, PageNotice::OthersUnsent { user: other, .. } if *other == user),
                );
                *self.desk.borrow_mut() = Some(desk);
                Ok(())
            }
            Err(DeskError::NoDevice) => {
                self.show_nobody();
                Ok(())
            }
            Err(DeskError::Store(trouble)) => Err(trouble),
        }
    }

    fn show_nobody(&self) {
        self.screen.records.set(Vec::new());
        self.screen.personal.set(Vec::new());
        self.screen.settled.set(false);
        self.screen.directory.set(Directory::default());
        self.screen.settings.set(OrderedMap::new());
        self.screen.feed_names.set(OrderedMap::new());
        self.screen.sync.set(SyncStatus::default());
        self.screen.session.set(SessionState::SignedOut);
    }

    fn tell(&self, message: &Message) {
        if let Some(channel) = self.channel.borrow().as_ref() {
            channel.tell(message);
        }
    }

    /// Another tab signed in or out.
    async fn session_changed(self: &Rc<Self>) {
        let now = remembered::signed_in();
        let desk = self.desk();
        let is_same = match (&now, &desk) {
            (Some(user), Some(desk)) if *user == desk.user => device_of(user)
                .await
                .is_ok_and(|row| row.is_some_and(|row| row.device == desk.device.borrow().device)),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            self.leave(desk, now.as_ref()).await;
            self.show_remembered().await;
        }
    }

    fn listen(self: &Rc<Self>) {
        let window = browser::window();
        let on = |target: &web_sys::EventTarget, name: &str, act: fn(&Rc<Desk>)| {
            let page = Rc::clone(self);
            browser::listen(target, name, move |_| {
                if let Some(desk) = page.desk() {
                    act(&desk);
                }
            });
        };
        on(&window, "online", |desk| desk.try_now());
        browser::listen(&window, "online", |_| {
            spawn_local(async {
                let _ = session::end_left_session().await;
            });
        });
        on(&window, "offline", |desk| desk.network_lost());
        on(&window, "blur", |desk| desk.flush());
        on(&window, "pagehide", |desk| {
            desk.flush();
            desk.say_left();
            desk.marks.page_is_left();
        });
        let page = Rc::clone(self);
        browser::listen(&window, "beforeunload", move |event| {
            // Asked only where the store fails: what is typed is in a draft before anybody can leave.
            if page.desk().is_some_and(|desk| desk.is_at_risk()) {
                event.prevent_default();
            }
        });
        // After a load there are no marks yet; after a return through the history there may be.
        on(&window, "pageshow", |desk| {
            desk.marks.page_is_back();
            desk.come();
        });
        if let Some(document) = window.document() {
            on(&document, "visibilitychange", |desk| desk.visible(browser::is_visible()));
        }

        let hearing = Rc::clone(self);
        *self.channel.borrow_mut() = Channel::join(CHANNEL, move |message| {
            if message == Message::SessionChanged {
                let page = Rc::clone(&hearing);
                spawn_local(async move { page.session_changed().await });
            }
        });

        let screen = self.screen;
        update::on_ready(move || screen.update_ready.set(true));
        let page = Rc::clone(self);
        update::before_reload(move || {
            let desk = page.desk();
            let screen = page.screen;
            async move {
                let Some(desk) = desk else { return Ok(()) };
                desk.settle().await.map_err(|trouble| {
                    screen.tell(PageNotice::ReloadHeld);
                    crate::shell::trouble_sentence(&trouble)
                })
            }
        });
    }
}

/// Why signing in failed, as the screen says it.
fn told(refusal: SignInRefusal) -> SignInError {
    match refusal {
        SignInRefusal::Wrong => SignInError::Wrong,
        SignInRefusal::Disabled => SignInError::Disabled,
        SignInRefusal::TooMany(seconds) => SignInError::TooMany(seconds),
        SignInRefusal::Unreachable => SignInError::Offline,
        SignInRefusal::NotTheRelay => SignInError::NotTheRelay,
        SignInRefusal::ForeignDevice => SignInError::Other("this device is another person's.".to_owned()),
        SignInRefusal::Other(detail) => SignInError::Other(detail),
    }
}

/// The device of a person's database on this browser.
async fn device_of(user: &UserId) -> Result<Option<DeviceRow>, StoreTrouble> {
    let store = Store::open(database_name(user)).await?;
    let rows = store.read(vec![Query::Row(Table::Meta, Key::meta(MetaKey::Device))]).await?;
    store.close();
    Ok(rows.first().and_then(|row| from_bytes(&row.value)))
}

/// Writes who signed in into their database; true where its device is a new one.
async fn enrol(signed_in: &SignedIn, store: Option<Store>) -> Result<bool, StoreTrouble> {
    let store = match store {
        Some(store) => store,
        None => Store::open(database_name(&signed_in.user)).await?,
    };
    loop {
        let rows = store.read(enrolment::queries()).await?;
        let device = rows.iter().find(|row| row.table == Table::Meta);
        let before: Option<DeviceRow> = device.and_then(|row| from_bytes(&row.value));
        let is_new = before.as_ref().is_none_or(|row| row.device != signed_in.device);
        let mut commit = match before {
            // What the old device made and the relay never acked is set aside, to be applied again.
            Some(_) => enrolment::enrol(browser::now(), &rows, signed_in.device).unwrap_or_default(),
            None => {
                let row = DeviceRow {
                    user: signed_in.user.clone(),
                    name: signed_in.name.clone().unwrap_or_else(|| signed_in.user.to_string()),
                    device: signed_in.device,
                    epoch: None,
                    retired: false,
                    revoked: false,
                    former: Vec::new(),
                };
                let write = row.put();
                let guard = Guard {
                    table: Table::Meta,
                    key: row.key(),
                    expected: device.map(|row| row.value.clone()),
                };
                Commit { guards: vec![guard], writes: vec![write] }
            }
        };
        for feed in &signed_in.feeds {
            let key = Key::feed(&feed.feed);
            // Of a feed that is known already the relay's welcome tells more.
            if rows.iter().any(|row| row.table == Table::Feeds && row.key == key) {
                continue;
            }
            commit.guards.push(Guard { table: Table::Feeds, key, expected: None });
            commit.writes.push(new_feed(feed).put());
        }
        match store.commit(&commit).await {
            // The leading tab wrote meanwhile: read again.
            CommitResult::GuardFailed => {}
            result => return marked(result).map(|()| is_new),
        }
    }
}

fn new_feed(feed: &session::SignedInFeed) -> FeedRow {
    let name = if feed.name.is_empty() { feed.feed.to_string() } else { feed.name.clone() };
    FeedRow {
        feed: feed.feed.clone(),
        name,
        role: feed.role.clone(),
        cursor: Cursor::START,
        view: 0,
        healing_from: None,
        acked: None,
        trail: Vec::new(),
        folding: None,
        settings: None,
        newer_above: None,
        access: Access::Given,
        own_until: None,
    }
}
