//! What screens may ask of the app: the documents, their safety, the connection, the session.
//!
//! A screen knows this facade and `shared::model`; it knows nothing of IndexedDB, tabs or the relay.
//! Everything here answers from memory or from the device; only [`Workspace::sign_in`] needs the relay.

use leptos::prelude::*;
use shared::device::row::PersonRow;
use shared::device::table::StoreTrouble;
use shared::ids::{ActorId, DocumentId, FeedId, ItemId, UserId};
use shared::model::conflict::Conflict;
use shared::model::decision::Event;
use shared::model::document::Document;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::summary::Summary;
use shared::role::Role;
use shared::sync::client::SyncStatus;
use shared::wire::code::NackCode;

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
    /// *Ditolak*: changes of it were refused.
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

/// Why signing in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// Wrong user name or password.
    Wrong,
    /// Too many tries; wait so many seconds.
    TooMany(u64),
    /// The relay cannot be reached.
    Offline,
    /// The device's store refuses.
    Store(StoreTrouble),
    /// Anything else, in the relay's words.
    Other(String),
}

/// Why a record cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// This device does not have it.
    Unknown,
    /// Some of its changes have not arrived yet.
    Incomplete,
    /// Its changes do not fit together; what could be kept is in the export.
    Damaged(String),
    /// The device's store refuses.
    Store(StoreTrouble),
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

/// A change that was refused, as the screen lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Why, where the relay said so.
    pub code: Option<NackCode>,
    /// In a developer's words.
    pub detail: String,
    /// How many changes are set aside.
    pub changes: usize,
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

/// The facade; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Workspace {
    session: RwSignal<SessionState>,
    records: RwSignal<Vec<ListedRecord>>,
    sync: RwSignal<SyncStatus>,
    storage: RwSignal<StorageHealth>,
    directory: RwSignal<Vec<PersonRow>>,
    update_ready: RwSignal<bool>,
}

/// The workspace of this page.
pub fn use_workspace() -> Workspace {
    use_context::<Workspace>().expect("the page puts the workspace into context before any screen")
}

impl Workspace {
    /// Opens the store and the last person's database, and begins to sync.
    pub fn start() -> Self {
        Self {
            session: RwSignal::new(SessionState::SignedOut),
            records: RwSignal::default(),
            sync: RwSignal::default(),
            storage: RwSignal::default(),
            directory: RwSignal::default(),
            update_ready: RwSignal::new(false),
        }
    }

    /// Who is signed in.
    pub fn session(&self) -> Signal<SessionState> {
        self.session.into()
    }

    /// Every record on this device, discarded ones too, newest first. Personal documents are left out.
    pub fn records(&self) -> Signal<Vec<ListedRecord>> {
        self.records.into()
    }

    /// The connection.
    pub fn sync(&self) -> Signal<SyncStatus> {
        self.sync.into()
    }

    /// The device's storage.
    pub fn storage(&self) -> Signal<StorageHealth> {
        self.storage.into()
    }

    /// The person and the position behind an actor, where the directory knows them.
    pub fn author(&self, actor: ActorId) -> Option<PersonRow> {
        self.directory.with(|people| people.iter().find(|p| p.devices.contains(&actor.device())).cloned())
    }

    /// A new version of the app waits for consent.
    pub fn update_ready(&self) -> Signal<bool> {
        self.update_ready.into()
    }

    /// Consents to the new version: flushes every tab, then reloads all of them.
    pub fn apply_update(&self) {}

    /// Tries the connection now.
    pub fn try_now(&self) {}

    /// Signs in; afterwards the app opens offline for good.
    ///
    /// # Errors
    /// What went wrong, for a sentence on the screen.
    pub async fn sign_in(&self, _user: String, _password: String) -> Result<(), SignInError> {
        Err(SignInError::Offline)
    }

    /// Signs out; unsent work stays on the device. Gives how much is unsent.
    pub async fn sign_out(&self) -> usize {
        0
    }

    /// Makes a record with its first edits, durable before it returns.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn create(
        &self,
        _home: FeedId,
        _kind: Kind,
        _edits: Vec<Edit>,
    ) -> Result<DocumentId, StoreTrouble> {
        Err(StoreTrouble::Unavailable)
    }

    /// Opens a record for reading and editing in this tab.
    ///
    /// # Errors
    /// When it is not here, incomplete or damaged.
    pub async fn open(&self, _doc: DocumentId) -> Result<OpenRecord, OpenError> {
        Err(OpenError::Unknown)
    }

    /// Everything unsent, and everything set aside, as one file to hand over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn export_unsent(&self) -> Result<Vec<u8>, StoreTrouble> {
        Err(StoreTrouble::Unavailable)
    }

    /// Random bytes for an item's id.
    pub fn new_item(&self) -> ItemId {
        ItemId::from_bytes([0; 8])
    }
}

/// A record that a screen has open; cheap to copy. It is closed when its owner is disposed.
#[derive(Clone, Copy)]
pub struct OpenRecord {
    doc: DocumentId,
    kind: Kind,
    home: StoredValue<FeedId>,
    document: StoredValue<Option<Document>, LocalStorage>,
    version: RwSignal<u64>,
    safety: RwSignal<Safety>,
    refused: RwSignal<Option<Refused>>,
    presences: RwSignal<Vec<Presence>>,
    decisions: RwSignal<Vec<shared::device::row::DecisionRow>>,
}

impl OpenRecord {
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
        self.home.get_value()
    }

    /// Grows with each edit and each received change: track it, then read.
    pub fn version(&self) -> Signal<u64> {
        self.version.into()
    }

    /// Reads the document as it stands, tracking [`OpenRecord::version`].
    pub fn read<T>(&self, read: impl FnOnce(&Document) -> T) -> Option<T> {
        self.version.track();
        self.document.with_value(|document| document.as_ref().map(read))
    }

    /// Facts to be settled.
    pub fn conflicts(&self) -> Vec<Conflict> {
        self.read(Document::conflicts).unwrap_or_default()
    }

    /// Applies an edit at once. A failure is told to the screen through the page's notices.
    pub fn edit(&self, _edit: Edit) {}

    /// Makes a change of the open edits now (on blur, on leaving).
    pub fn flush(&self) {}

    /// Undoes the last edit of this tab in this record, as a new edit. False where there is none.
    pub fn undo(&self) -> bool {
        false
    }

    /// Does again what was undone last. False where there is none.
    pub fn redo(&self) -> bool {
        false
    }

    /// Where it is safe.
    pub fn safety(&self) -> Signal<Safety> {
        self.safety.into()
    }

    /// Why changes were refused, where some were.
    pub fn refused(&self) -> Signal<Option<Refused>> {
        self.refused.into()
    }

    /// Applies refused changes again as new edits, or discards them.
    pub async fn settle_refused(&self, _apply_again: bool) -> Result<(), StoreTrouble> {
        Ok(())
    }

    /// Others who are in the document just now.
    pub fn presences(&self) -> Signal<Vec<Presence>> {
        self.presences.into()
    }

    /// Tells others where this person is.
    pub fn tell_presence(&self, _place: Option<(String, Option<ItemId>, String)>) {}

    /// The decisions, in the order of the log, unsent ones last.
    pub fn decisions(&self) -> Signal<Vec<shared::device::row::DecisionRow>> {
        self.decisions.into()
    }

    /// Makes a decision on the version that is shown; durable before it returns.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn decide(&self, _event: Event, _note: Option<String>) -> Result<(), StoreTrouble> {
        Err(StoreTrouble::Unavailable)
    }

    /// The whole document as an Automerge file.
    pub fn save(&self) -> Vec<u8> {
        Vec::new()
    }
}
