//! What screens may ask of the app: the documents, their safety, the connection, the session.
//!
//! A screen knows this facade and `shared::model`; it knows nothing of IndexedDB, tabs or the relay.
//! Everything here answers from memory or from the device; only [`Workspace::sign_in`] needs the relay.

mod company;
pub(crate) mod desk;
mod directory;
mod document_rows;
mod drafting;
mod drafts;
mod export;
mod feed_settings;
mod marks;
mod opened;
mod page;
mod retired;
mod screen;
mod steps;
mod storage;
mod summaries;
mod takeover;
mod typing;
mod unread;

use std::future::Future;
use std::rc::Rc;

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use shared::device::decision_time::DecisionTime;
use shared::device::listing::KeptAside;
use shared::device::open_document::{OpenDocument, StepMark};
use shared::device::row::{Access, PersonRow};
use shared::device::settings::SettingsRow;
use shared::device::table::StoreTrouble;
use shared::ids::{ActorId, ChangeHash, DecisionId, DocumentId, FeedId, ItemId, UserId};
use shared::model::conflict::Conflict;
use shared::model::crossing::{Character, Crossing};
use shared::model::decision::{Event, FourEyes};
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::feed_settings::{FeedSettings, TimeZone};
use shared::model::field::{FieldRef, List};
use shared::model::kind::Kind;
use shared::model::known_change::is_nobodys;
use shared::model::summary::Summary;
use shared::model::text::Delta;
use shared::role::Role;
use shared::sync::client::{FeedStatus, SyncStatus};
use shared::wire::Decision;
use shared::wire::code::NackCode;

use crate::account::AccountRefusal;
use crate::{browser, update};
use document_rows::{Overtaken, Waiting};
use opened::Opened;
use page::Page;
use screen::Screen;
pub use takeover::TakenOver;

/// Where a record is safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Safety {
    /// Typed, but not yet stored: a moment only.
    InMemory,
    /// *Di perangkat ini*.
    OnDevice,
    /// *Di server*.
    #[default]
    OnServer,
    /// *Disisihkan*: changes of it were refused.
    Refused,
    /// The device's store refuses: the words are only in this tab.
    NotStored,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedRecord {
    /// What it shows.
    pub summary: Summary,
    /// Its home feed.
    pub home: FeedId,
    /// Where it is safe.
    pub safety: Safety,
}

/// Whether all that the relay has is on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is, as far as is known.
    Whole,
    /// It is being fetched and read.
    OnTheWay,
    /// Nobody knows until the relay is reached.
    WaitsForConnection,
}

/// Who is signed in on this database.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The user name.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// The feeds and the role in each.
    pub feeds: Vec<Feed>,
}

/// A feed of the person.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// The feed.
    pub feed: FeedId,
    /// Its name for people.
    pub name: String,
    /// What the person may do in it.
    pub role: Role,
    /// Whether the relay still lets them read it.
    pub access: Access,
}

impl Feed {
    fn of(feed: FeedId, status: FeedStatus) -> Self {
        let FeedStatus { name, role, access } = status;
        Self { feed, name, role, access }
    }
}

/// Whether somebody is signed in on this browser.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SessionState {
    /// The store is being opened.
    #[default]
    Starting,
    /// Nobody has signed in yet.
    SignedOut,
    /// Works, also offline and also while the relay's session is over.
    SignedIn(Person),
    /// The browser gives no store: what is wrong.
    NoStore(StoreTrouble),
}

impl SessionState {
    /// What the person may do in a feed.
    fn role_in(&self, feed: &FeedId) -> Option<Role> {
        match self {
            Self::SignedIn(person) => {
                person.feeds.iter().find(|known| known.feed == *feed).map(|known| known.role)
            }
            _ => None,
        }
    }
}

/// Why signing in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// Wrong user name or password.
    Wrong,
    /// The account is disabled.
    Disabled,
    /// Somebody else set the password: [`Workspace::change_due_password`] goes on.
    PasswordDue,
    /// The session was over before the password was changed.
    SessionOver,
    /// Too many tries; wait so many seconds.
    TooMany(u64),
    /// The relay cannot be reached.
    Offline,
    /// Something answers that is not the relay, such as the sign-in page of a hotel's network.
    NotTheRelay,
    /// The device's store refuses.
    Store(StoreTrouble),
    /// Anything else, in the relay's words.
    Other(String),
}

/// What follows a try to set a password, where the try itself has nothing more to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AfterPassword {
    /// It is set, and the person is in.
    SignedIn,
    /// It is set, and the person has to sign in with it: why they are not in.
    Set(SignInError),
    /// It is not set, and the person has to sign in first.
    NotSet(SignInError),
}

/// Why a record cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// This device does not have it.
    Unknown,
    /// The person lost their role, and it was removed from this device.
    Removed,
    /// Some of its changes have not arrived yet.
    Incomplete,
    /// Its changes do not fit together; what could be kept is in the export.
    Damaged(String),
    /// The device's store refuses.
    Store(StoreTrouble),
}

/// A step of one's own work in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkStep {
    /// Takes back the last.
    Undo,
    /// Does again what was taken back last.
    Redo,
}

/// Another person in the same document.
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Where they are: list name, item, field name; as much as they say.
    pub place: Option<(String, Option<ItemId>, String)>,
    /// A number from 0 to 7 for their colour.
    pub colour: u8,
}

/// Changes and decisions that were refused, as the screen lists them.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Why.
    pub why: WhyAside,
    /// In a developer's words.
    pub detail: String,
    /// How many changes are set aside.
    pub changes: usize,
    /// How many decisions are.
    pub decisions: usize,
    /// The words that they hold, a piece a line.
    pub text: String,
}

/// Why work was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyAside {
    /// The relay refused it.
    Refused(NackCode),
    /// The person's role was taken before it was stored at the relay.
    RoleLost,
    /// This device cannot use it.
    Unusable,
}

/// How the device's storage is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StorageHealth {
    /// Whether the browser promised to keep it; `None` where it does not say.
    pub persisted: Option<bool>,
    /// Bytes in use.
    pub used_bytes: Option<u64>,
    /// Bytes that the browser gives.
    pub quota_bytes: Option<u64>,
}

/// Why an old version was not restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreTrouble {
    /// A part of its history is not here; the record is as it was.
    NotWhole,
    /// An edit was over a limit, which the page has said.
    Refused,
}

/// Something that the person is told once.
#[derive(Clone, Debug, PartialEq)]
pub enum PageNotice {
    /// An edit does not fit the document or is over a limit; the rest goes on.
    EditRefused {
        /// The document.
        doc: DocumentId,
        /// In a developer's words.
        detail: String,
    },
    /// What was typed in this document is only in this tab; it is tried again.
    NotStored {
        /// The document.
        doc: DocumentId,
        /// Why.
        trouble: StoreTrouble,
    },
    /// The store cannot be read.
    NotRead(StoreTrouble),
    /// The relay refused changes of this document; they are set aside.
    Refused {
        /// The document.
        doc: DocumentId,
        /// Why.
        code: NackCode,
    },
    /// Opening this document made the app crash; what did is set aside, the rest opens.
    Crashed {
        /// The document.
        doc: DocumentId,
    },
    /// The person lost their role in this feed: its records were removed from this device.
    RoleLost {
        /// Its name.
        name: String,
    },
    /// This device's identity may have been copied or lost: signing in again enrols a new one.
    DeviceRetired,
    /// Somebody revoked this device: the same.
    DeviceRevoked,
    /// Another person's unsent work stays on this browser, and is sent when they sign in again.
    OthersUnsent {
        /// The person.
        user: UserId,
        /// Changes and decisions that wait.
        waiting: usize,
    },
    /// The new version waits: this tab's work could not be made durable.
    ReloadHeld,
}

/// The facade; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Workspace {
    screen: Screen,
    page: StoredValue<Rc<Page>, LocalStorage>,
}

/// The workspace of this page.
pub fn use_workspace() -> Workspace {
    use_context::<Workspace>().expect("the page puts the workspace into context before any screen")
}

impl Workspace {
    /// Opens the store and the last person's database, and begins to sync.
    pub fn start() -> Self {
        let screen = Screen::new();
        Self { screen, page: StoredValue::new_local(Page::start(screen)) }
    }

    /// Who is signed in.
    pub fn session(&self) -> Signal<SessionState> {
        self.screen.session.into()
    }

    /// The feeds of who is signed in, tracked.
    pub fn feeds(&self) -> Vec<Feed> {
        self.screen.session.with(|session| match session {
            SessionState::SignedIn(person) => person.feeds.clone(),
            _ => Vec::new(),
        })
    }

    /// Every record on this device, discarded ones too, newest first. Personal documents are left out.
    pub fn records(&self) -> Signal<Vec<ListedRecord>> {
        self.screen.records.into()
    }

    /// How many records need a newer version of the app: what came of them is kept until then.
    pub fn newer(&self) -> Signal<usize> {
        self.screen.newer.into()
    }

    /// The personal documents on this device; which report each belongs to stands in the document.
    #[allow(dead_code, reason = "part of the facade, for screens that come")]
    pub fn personal_documents(&self) -> Signal<Vec<DocumentId>> {
        self.screen.personal.into()
    }

    /// Whether an empty list is one, or records of the relay may still be on their way.
    pub fn arrival(&self) -> Signal<Arrival> {
        let (sync, unread, settled) = (self.sync(), self.screen.unread, self.screen.settled);
        Signal::derive(move || {
            sync.with(|sync| match sync.synced_at {
                // What came is read before lists know of it.
                _ if unread.get() || sync.is_receiving() => Arrival::OnTheWay,
                Some(_) if settled.get() => Arrival::Whole,
                Some(_) => Arrival::OnTheWay,
                None => Arrival::WaitsForConnection,
            })
        })
    }

    /// The connection.
    pub fn sync(&self) -> Signal<SyncStatus> {
        self.screen.sync.into()
    }

    /// The device's storage.
    pub fn storage(&self) -> Signal<StorageHealth> {
        self.screen.storage.into()
    }

    /// What the person is told, oldest first, each with a number that grows. One that is settled goes by itself.
    pub fn notices(&self) -> Signal<Vec<(u64, PageNotice)>> {
        self.screen.notices.into()
    }

    /// The person and the position behind an actor. Where the directory does not know them yet, the relay is asked once.
    pub fn author(&self, actor: ActorId) -> Option<PersonRow> {
        let device = actor.device();
        let known = self.screen.directory.with(|directory| directory.owner(device).cloned());
        if known.is_none()
            && !is_nobodys(actor)
            && let Some(desk) = self.page().desk()
        {
            directory::ask_about(&desk, device);
        }
        known
    }

    /// Whether an actor is of this device, or of one that its database was before.
    pub fn is_own(&self, actor: ActorId) -> bool {
        self.page().desk().is_some_and(|desk| desk.device.borrow().is_own(actor.device()))
    }

    /// The picture of a feed's letterhead, as the source of an image.
    pub fn feed_picture(&self, feed: &FeedId) -> Option<String> {
        let source = |row: &SettingsRow| {
            let picture = row.picture.as_ref()?;
            Some(format!("data:{};base64,{}", picture.media_type, export::base64(&picture.bytes)))
        };
        self.screen.settings.with(|all| all.get(feed).and_then(source))
    }

    /// The time zone of a feed's region, where this device knows what the region has decided.
    pub fn time_zone(&self, feed: &FeedId) -> Option<TimeZone> {
        self.screen.settings.with(|all| all.get(feed).map(|row| row.settings().time_zone))
    }

    /// What the region decides for a feed, as far as this device knows.
    pub fn feed_settings(&self, feed: &FeedId) -> FeedSettings {
        self.screen.settings.with(|all| all.get(feed).map(SettingsRow::settings)).unwrap_or_default()
    }

    /// The names of all who are in the directory.
    pub fn people_names(&self) -> Vec<String> {
        self.screen.directory.with(|directory| directory.people().map(|person| person.name.clone()).collect())
    }

    /// A person of the directory.
    pub fn person(&self, user: &UserId) -> Option<PersonRow> {
        self.screen.directory.with(|directory| directory.person(user).cloned())
    }

    /// The person who is signed in, as the directory knows them, tracked.
    pub fn own_person(&self) -> Option<PersonRow> {
        let user = self.session().with(|session| match session {
            SessionState::SignedIn(person) => Some(person.user.clone()),
            _ => None,
        })?;
        self.person(&user)
    }

    /// A new version of the app waits for consent.
    pub fn update_ready(&self) -> Signal<bool> {
        self.screen.update_ready.into()
    }

    /// Consents to the new version: flushes every tab, then reloads all of them.
    pub fn apply_update(&self) {
        update::apply();
    }

    /// Tries the connection now.
    pub fn try_now(&self) {
        if let Some(desk) = self.page().desk() {
            desk.try_now();
        }
    }

    /// Signs in; afterwards the app opens offline for good.
    ///
    /// # Errors
    /// What went wrong, for a sentence on the screen.
    pub async fn sign_in(&self, user: String, password: String) -> Result<(), SignInError> {
        self.page().sign_in(&user, &password).await
    }

    /// Changes the password with which the last sign-in was one that somebody else set, and lets the person in.
    ///
    /// # Errors
    /// Why it was not changed, where another try may do.
    pub async fn change_due_password(
        &self,
        old: String,
        new: String,
    ) -> Result<AfterPassword, AccountRefusal> {
        self.page().change_due_password(old, new).await
    }

    /// Leaves such a sign-in without changing the password.
    pub fn leave_due_password(&self) {
        self.page().leave_due_password();
    }

    /// Signs out; unsent work stays on the device. Gives how much is unsent.
    pub async fn sign_out(&self) -> usize {
        self.page().sign_out().await
    }

    /// Makes a record with its first edits, durable before it returns.
    ///
    /// # Errors
    /// When the store refuses, or an edit is over a limit.
    pub async fn create(
        &self,
        home: FeedId,
        kind: Kind,
        edits: Vec<Edit>,
    ) -> Result<DocumentId, StoreTrouble> {
        let desk = self.page().desk().ok_or(StoreTrouble::Unavailable)?;
        desk.create(home, kind, &edits).await
    }

    /// Opens a record for reading and editing in this tab. Called where an owner is at hand (in a component, or
    /// in a resource), it is closed when that owner is disposed.
    ///
    /// # Errors
    /// When it is not here, incomplete or damaged.
    pub fn open(&self, doc: DocumentId) -> impl Future<Output = Result<OpenRecord, OpenError>> + use<> {
        // The owner of the call: after an await it would be another's.
        let owner = Owner::current();
        let page = self.page();
        async move {
            let desk = page.desk_when_ready().await.ok_or(OpenError::Unknown)?;
            let opened = desk.open_document(doc).await?;
            Ok(match owner {
                Some(owner) => owner.with(|| OpenRecord::show(opened)),
                None => OpenRecord::show(opened),
            })
        }
    }

    /// Everything unsent, and everything set aside, as one file to hand over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn export_unsent(&self) -> Result<Vec<u8>, StoreTrouble> {
        let desk = self.page().desk().ok_or(StoreTrouble::Unavailable)?;
        export::unsent(&desk).await
    }

    /// Unsent work of records that were removed from this device with a role.
    pub fn kept_aside(&self) -> Signal<Vec<KeptAside>> {
        self.screen.kept_aside.into()
    }

    /// The name of a feed, also of one in which the person has lost their role, tracked.
    pub fn feed_name(&self, feed: &FeedId) -> String {
        self.screen.feed_name(feed)
    }

    /// What the person may do in a feed, tracked.
    pub fn role_in(&self, feed: &FeedId) -> Option<Role> {
        self.session().with(|session| session.role_in(feed))
    }

    /// A person's name; the user name where the directory does not know them.
    pub fn name_of(&self, user: &UserId) -> String {
        self.person(user).map_or_else(|| user.to_string(), |person| person.name)
    }

    /// The name of who is signed in, tracked: as the directory has it since, else as it was at the sign-in.
    pub fn name_of_own(&self, person: &Person) -> String {
        self.person(&person.user).map_or_else(|| person.name.clone(), |known| known.name)
    }

    /// Discards such work of one record.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn discard_aside(&self, doc: DocumentId) -> Result<(), StoreTrouble> {
        let desk = self.page().desk().ok_or(StoreTrouble::Unavailable)?;
        desk.discard_aside(doc).await
    }

    /// Whether who submits a record of a feed may approve it, tracked.
    pub fn four_eyes(&self, feed: &FeedId) -> FourEyes {
        self.feed_settings(feed).four_eyes
    }

    /// Random bytes for an item's id.
    pub fn new_item(&self) -> ItemId {
        ItemId::from_bytes(browser::random())
    }

    fn page(&self) -> Rc<Page> {
        self.page.get_value()
    }
}

/// A record that a screen has open; cheap to copy. It is closed when its owner is disposed.
#[derive(Clone, Copy)]
pub struct OpenRecord {
    doc: DocumentId,
    kind: Kind,
    opened: StoredValue<Rc<Opened>, LocalStorage>,
    version: RwSignal<u64>,
    safety: RwSignal<Safety>,
    refused: RwSignal<Option<Refused>>,
    waiting: RwSignal<Waiting>,
    overtaken: RwSignal<Overtaken>,
    removed: RwSignal<bool>,
    presences: RwSignal<Vec<Presence>>,
    decisions: RwSignal<Vec<shared::device::row::DecisionRow>>,
    decision_times: RwSignal<Vec<DecisionTime>>,
}

impl OpenRecord {
    /// Shows an open document until the owner at hand is disposed.
    fn show(opened: Rc<Opened>) -> Self {
        let signals = opened.signals.clone();
        let closing = SendWrapper::new(Rc::clone(&opened));
        on_cleanup(move || closing.close());
        Self {
            doc: opened.doc,
            kind: opened.kind,
            opened: StoredValue::new_local(opened),
            version: signals.version.into(),
            safety: signals.safety.into(),
            refused: signals.refused.into(),
            waiting: signals.waiting.into(),
            overtaken: signals.overtaken.into(),
            removed: signals.removed.into(),
            presences: signals.presences.into(),
            decisions: signals.decisions.into(),
            decision_times: signals.decision_times.into(),
        }
    }

    fn opened(&self) -> Option<Rc<Opened>> {
        self.opened.try_get_value()
    }

    /// The document.
    pub fn doc(&self) -> DocumentId {
        self.doc
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its home feed.
    pub fn home(&self) -> FeedId {
        self.opened.with_value(|opened| opened.document.borrow().home().clone())
    }

    /// Grows with each edit and each received change: track it, then read. Letters count once the fingers rest.
    pub fn version(&self) -> Signal<u64> {
        self.version.into()
    }

    /// Reads the document as it stands, tracking [`OpenRecord::version`].
    pub fn read<T>(&self, read: impl FnOnce(&Document) -> T) -> Option<T> {
        self.version.try_with(|_| ())?;
        let opened = self.opened()?;
        let document = opened.document.borrow();
        Some(read(document.document()))
    }

    /// Whether the document has no place for what would be written into a field, and gets none, tracked.
    pub fn lacks(&self, field: FieldRef) -> bool {
        self.asks(|document| document.lacks(&field))
    }

    /// Whether the document has no place for the items of a list, and gets none, tracked.
    pub fn lacks_list(&self, list: List) -> bool {
        self.asks(|document| document.lacks_list(list))
    }

    fn asks(&self, ask: impl FnOnce(&OpenDocument) -> bool) -> bool {
        self.version
            .try_with(|_| ())
            .and_then(|()| self.opened())
            .is_some_and(|opened| ask(&opened.document.borrow()))
    }

    /// Facts to be settled.
    pub fn conflicts(&self) -> Vec<Conflict> {
        self.read(Document::conflicts).unwrap_or_default()
    }

    /// The paragraphs in which two people wrote without knowing of each other, tracked.
    pub fn crossings(&self) -> Vec<Crossing> {
        let opened = self.version.try_with(|_| ()).and_then(|()| self.opened());
        opened.map(|opened| opened.document.borrow().crossings().to_vec()).unwrap_or_default()
    }

    /// Says that one of them was checked.
    pub fn note_checked(&self, of: Character) {
        if let Some(opened) = self.opened() {
            opened.note_checked(of);
        }
    }

    /// Applies an edit at once. A failure is told to the screen through the page's notices.
    pub fn edit(&self, edit: Edit) {
        if let Some(opened) = self.opened() {
            opened.edit(&edit);
        }
    }

    /// Applies edits at once that are one step of the person's work. Where one is refused, the page says so.
    pub fn edit_in_one_step(&self, edits: &[Edit]) {
        if let Some(opened) = self.opened() {
            opened.edit_in_one_step(edits);
        }
    }

    /// The same, where the screen changes something with it that is not in the record: [`OpenRecord::follow_step`] tells it
    /// what becomes of the step. `None` where an edit was refused, which the page has said.
    pub fn edit_with_screen(&self, edits: &[Edit]) -> Option<StepMark> {
        self.opened()?.edit_with_screen(edits)
    }

    /// Tells when a step is undone or done again, after the record was.
    pub fn follow_step(&self, mark: StepMark, tell: impl Fn(WorkStep) + 'static) {
        if let Some(opened) = self.opened() {
            opened.follow_step(mark, Rc::new(tell));
        }
    }

    /// Whether a step is the one that would be undone next.
    pub fn is_last_step(&self, mark: StepMark) -> bool {
        self.opened().is_some_and(|opened| opened.document.borrow().is_last_step(mark))
    }

    /// Makes a change of the open edits now (on blur, on leaving).
    pub fn flush(&self) {
        if let Some(opened) = self.opened() {
            opened.flush();
            opened.rest();
        }
    }

    /// Brings it back to an old version, by new edits.
    ///
    /// # Errors
    /// When that cannot be; the page has said why where an edit was refused.
    pub fn restore(&self, heads: &[ChangeHash]) -> Result<(), RestoreTrouble> {
        self.opened().map_or(Ok(()), |opened| opened.restore(heads))
    }

    /// Undoes this tab's last step in this record, or does it again, as new edits.
    pub fn step(&self, step: WorkStep) -> bool {
        self.opened().is_some_and(|opened| opened.step(step))
    }

    /// The text of a prose field as it stands.
    pub fn prose(&self, field: FieldRef) -> String {
        self.read(|document| document.prose(&field)).unwrap_or_default()
    }

    /// Begins to note what becomes of a text, for a field that shows it and has this number.
    pub fn watch_text(&self, id: u64, field: FieldRef) {
        if let Some(opened) = self.opened() {
            opened.document.borrow_mut().watch_text(id, field);
        }
    }

    /// Ends it.
    pub fn unwatch_text(&self, id: u64) {
        if let Some(opened) = self.opened() {
            opened.document.borrow_mut().unwatch_text(id);
        }
    }

    /// What became of a watched text since it was asked last; `None` where it must be read as a whole.
    pub fn take_text_news(&self, id: u64) -> Option<Vec<Delta>> {
        self.opened()?.document.borrow_mut().take_text_news(id)
    }

    /// Who of the others wrote last in a watched text.
    pub fn text_writer(&self, id: u64) -> Option<ActorId> {
        self.opened()?.document.borrow().text_writer(id)
    }

    /// Holds a caret of a watched text as it was taken last; false where that is not possible.
    pub fn hold_caret(&self, id: u64, at: usize) -> bool {
        self.opened().is_some_and(|opened| opened.document.borrow_mut().hold_caret(id, at))
    }

    /// Where the caret stands that was held last.
    pub fn held_caret(&self, id: u64) -> Option<usize> {
        self.opened()?.document.borrow().held_caret(id)
    }

    /// Where it is safe.
    pub fn safety(&self) -> Signal<Safety> {
        self.safety.into()
    }

    /// How many changes wait for their makers' devices.
    pub fn waiting_count(&self) -> usize {
        self.waiting.with(|waiting| waiting.changes.len())
    }

    /// Whether one of these changes waits for its maker's device.
    pub fn waits_for(&self, heads: &[ChangeHash]) -> bool {
        self.waiting.with(|waiting| heads.iter().any(|head| waiting.changes.contains(head)))
    }

    /// Applies what waits for its makers' devices again, as this person's own edits.
    ///
    /// # Errors
    /// When the store refuses, or the document cannot be opened.
    pub async fn take_over(&self) -> Result<TakenOver, StoreTrouble> {
        let opened = self.opened().ok_or(StoreTrouble::Closed)?;
        opened.take_over().await
    }

    /// The changes in the log that say what changes of this device said, which came too late.
    pub fn taken_over(&self) -> Vec<ChangeHash> {
        self.overtaken.with(|overtaken| overtaken.by.clone())
    }

    /// How many changes of this device built on what somebody took over, and are not applied again yet.
    pub fn orphan_count(&self) -> usize {
        self.overtaken.with(|overtaken| overtaken.orphans)
    }

    /// Discards those.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn discard_orphans(&self) -> Result<(), StoreTrouble> {
        let opened = self.opened().ok_or(StoreTrouble::Closed)?;
        opened.discard_orphans().await
    }

    /// Forgets the originals that somebody took over: what they say is in the record.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn forget_taken_over(&self) -> Result<(), StoreTrouble> {
        let opened = self.opened().ok_or(StoreTrouble::Closed)?;
        opened.forget_taken_over().await
    }

    /// Whether it was removed from this device, with the person's role.
    pub fn is_removed(&self) -> Signal<bool> {
        self.removed.into()
    }

    /// Why changes were refused, where some were.
    pub fn refused(&self) -> Signal<Option<Refused>> {
        self.refused.into()
    }

    /// Applies refused changes again as new edits, or discards them.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn settle_refused(&self, apply_again: bool) -> Result<(), StoreTrouble> {
        let opened = self.opened().ok_or(StoreTrouble::Closed)?;
        opened.settle_refused(apply_again).await
    }

    /// Others who are in the document just now.
    pub fn presences(&self) -> Signal<Vec<Presence>> {
        self.presences.into()
    }

    /// Tells others where this person is.
    pub fn tell_presence(&self, place: Option<(String, Option<ItemId>, String)>) {
        if let Some(opened) = self.opened() {
            opened.tell_presence(place);
        }
    }

    /// The decisions, in the order of the log, unsent ones last.
    pub fn decisions(&self) -> Signal<Vec<shared::device::row::DecisionRow>> {
        self.decisions.into()
    }

    /// Whether a version has all of the one that was submitted last, tracked.
    pub fn has_submission(&self, heads: &[ChangeHash]) -> bool {
        self.version().track();
        self.decisions.track();
        self.opened().is_none_or(|opened| opened.document.borrow().has_submission(heads))
    }

    /// When each of the decisions was made, in their order.
    pub fn decision_times(&self) -> Signal<Vec<DecisionTime>> {
        self.decision_times.into()
    }

    /// The version that is on the screen, open edits included: a decision that begins now is made on it.
    pub fn pin(&self) -> Vec<ChangeHash> {
        self.opened().map(|opened| opened.pin()).unwrap_or_default()
    }

    /// Makes a decision on a version that [`OpenRecord::pin`] gave; durable when it returns.
    ///
    /// # Errors
    /// When the store refuses, or role, state or what was decided before do not allow it.
    pub async fn decide(
        &self,
        event: Event,
        note: Option<String>,
        heads: Vec<ChangeHash>,
    ) -> Result<(), StoreTrouble> {
        let opened = self.opened().ok_or(StoreTrouble::Closed)?;
        let decision = DecisionId::from_bytes(browser::random());
        let made_at = browser::now();
        opened.decide(Decision { decision, event, heads, note, made_at }).await
    }

    /// The whole document as an Automerge file.
    pub fn save(&self) -> Vec<u8> {
        self.read(Document::save).unwrap_or_default()
    }
}
