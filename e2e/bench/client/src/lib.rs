//! A device for the benchmarks beside the peers: what the app runs between its screens and the network, over tables in
//! memory in place of the browser's database.
//!
//! Each edit goes the app's way: it is applied, becomes a change, is committed with its place in the outbox and the record's
//! summary, and only then read and sent by the engine. What comes is committed with the cursor, then checked, applied and
//! shown. What the app does while nobody waits, the list's lines of what others changed, is left out. The socket and the
//! timers are the caller's; Automerge and the checks are those of the app.

use shared::device::memory::MemoryTables;
use shared::device::open_document::OpenDocument;
use shared::device::poison::{poison_clear, poison_mark};
use shared::device::row::{ChunkRow, DeviceRow, DocumentRow, Stored, from_bytes};
use shared::device::table::{Commit, CommitResult, Key, Table};
use shared::ids::{ActorId, DeviceId, DocumentId, FeedId, IdError};
use shared::model::edit::Edit;
use shared::model::field::FieldRef;
use shared::model::kind::Kind;
use shared::model::text::{Splice, apply, difference, units};
use shared::model::trip_report::heading;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::client::{ClientSync, Connection, Effect, Input, Notice};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// What the caller does for the device.
    pub type Host;
    /// Opens the connection; answered by [`Device::opened`].
    #[wasm_bindgen(method)]
    fn open(this: &Host);
    /// Sends a frame.
    #[wasm_bindgen(method)]
    fn send(this: &Host, frame: Vec<u8>);
    /// Closes the connection, without a word of it to the device.
    #[wasm_bindgen(method)]
    fn close(this: &Host);
    /// Others inserted this into a text that is watched.
    #[wasm_bindgen(method)]
    fn inserted(this: &Host, name: &str, text: &str);
}

/// The prose that the benchmarks write.
fn prose() -> FieldRef {
    heading::activities.at_root()
}

/// A device of one person in one feed.
#[wasm_bindgen]
pub struct Device {
    host: Host,
    feed: FeedId,
    actor: ActorId,
    tables: MemoryTables,
    /// The tab's engine, while the tab is there.
    sync: Option<ClientSync>,
    open: OrderedMap<DocumentId, Watched>,
}

/// An open document, and its text as it is shown.
struct Watched {
    name: String,
    document: OpenDocument,
    text: String,
    is_watched: bool,
}

impl Watched {
    fn new(document: OpenDocument) -> Self {
        let (name, text) = (document.document().id().to_string(), document.document().prose(&prose()));
        Self { name, document, text, is_watched: false }
    }
}

#[wasm_bindgen]
impl Device {
    /// Enrols the device (16 bytes) in an empty store.
    ///
    /// # Errors
    /// When a name or an id is none.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host, user: &str, device: &[u8], feed: &str) -> Result<Device, JsError> {
        let device = DeviceId::try_from(device)?;
        let row = DeviceRow {
            user: user.parse()?,
            name: user.to_owned(),
            device,
            epoch: None,
            retired: false,
            revoked: false,
            former: Vec::new(),
        };
        let mut tables = MemoryTables::default();
        tables.write(&row.put());
        let (feed, actor) = (feed.parse()?, ActorId::new(device, 0));
        Ok(Self { host, feed, actor, tables, sync: None, open: OrderedMap::new() })
    }

    /// Opens the tab: its engine reads the store and asks for the connection.
    pub fn start(&mut self, now: f64, seed: u32) {
        self.sync = Some(ClientSync::new(now as u64, seed.into()));
        self.input(now, Input::Visible(true));
    }

    /// Closes the tab; the store stays.
    pub fn stop(&mut self) {
        self.sync = None;
    }

    /// The connection is open.
    pub fn opened(&mut self, now: f64) {
        self.input(now, Input::Opened);
    }

    /// A frame came.
    pub fn frame(&mut self, now: f64, bytes: Vec<u8>) {
        self.input(now, Input::Frame(bytes));
    }

    /// The connection ended, or could not be opened.
    pub fn closed(&mut self, now: f64) {
        self.input(now, Input::Closed);
    }

    /// The time that [`Device::wakes_at`] told has come.
    pub fn wake(&mut self, now: f64) {
        self.input(now, Input::Wake);
    }

    /// When the engine wants to be woken, in milliseconds since 1970.
    pub fn wakes_at(&self) -> Option<f64> {
        Some(self.sync.as_ref()?.next_wakeup()? as f64)
    }

    /// Whether the relay has greeted.
    pub fn is_connected(&self) -> bool {
        self.sync.as_ref().is_some_and(|sync| sync.status().connection == Connection::Connected)
    }

    /// Whether everything that the relay had is stored here, and everything that waited is acked.
    pub fn is_synced(&self) -> bool {
        self.sync.as_ref().is_some_and(|sync| sync.status().synced_at.is_some())
    }

    /// How many changes the relay has not acked.
    pub fn waiting(&self) -> usize {
        self.tables.count(Table::Outbox)
    }

    /// Whether a document is here.
    ///
    /// # Errors
    /// When the name is none.
    pub fn has(&self, name: &str) -> Result<bool, JsError> {
        Ok(self.tables.has(Table::Documents, &Key::document(id(name)?)))
    }

    /// Begins a document with this id (16 bytes), and gives its name.
    ///
    /// # Errors
    /// When the id is none.
    pub fn create(&mut self, now: f64, doc: &[u8]) -> Result<String, JsError> {
        let doc = DocumentId::try_from(doc)?;
        let document = OpenDocument::create(now as u64, doc, Kind::TripReport, self.feed.clone(), self.actor);
        self.open.insert(doc, Watched::new(document));
        self.flush(now, doc);
        Ok(doc.to_string())
    }

    /// Calls the host back with every text that others insert from now on.
    ///
    /// # Errors
    /// When the document is not here.
    pub fn watch(&mut self, now: f64, name: &str) -> Result<(), JsError> {
        self.opened_document(now, id(name)?)?.is_watched = true;
        Ok(())
    }

    /// Writes at the end of the text, as a change of its own.
    ///
    /// # Errors
    /// When the document is not here, or the edit is refused.
    pub fn insert(&mut self, now: f64, name: &str, text: &str) -> Result<(), JsError> {
        let doc = id(name)?;
        let watched = self.opened_document(now, doc)?;
        let splice = Splice { at: units(&watched.text), delete: 0, insert: text.to_owned() };
        watched.text = apply(&watched.text, &splice);
        let Splice { at, delete, insert } = splice;
        watched.document.edit(now as u64, &Edit::Splice { field: prose(), at, delete, insert })?;
        self.flush(now, doc);
        Ok(())
    }

    /// The text.
    ///
    /// # Errors
    /// When the document is not here.
    pub fn text(&mut self, now: f64, name: &str) -> Result<String, JsError> {
        Ok(self.opened_document(now, id(name)?)?.document.document().prose(&prose()))
    }
}

impl Device {
    fn input(&mut self, now: f64, input: Input) {
        let Some(sync) = &mut self.sync else { return };
        sync.handle(now as u64, input);
        while let Some(effect) = self.sync.as_mut().and_then(ClientSync::poll_effect) {
            self.carry_out(now, effect);
        }
    }

    fn carry_out(&mut self, now: f64, effect: Effect) {
        let answer = match effect {
            Effect::Read(ticket, queries) => Input::Rows(ticket, self.tables.read(&queries)),
            Effect::Commit(ticket, commit) => Input::Committed(ticket, self.tables.commit(&commit)),
            Effect::Open => return self.host.open(),
            Effect::Send(frame) => return self.host.send(frame),
            Effect::Close => return self.host.close(),
            Effect::Announce(Notice::Documents(docs)) => return self.look(now, &docs),
            Effect::Announce(Notice::Status | Notice::Presence { .. }) => return,
            Effect::Announce(notice) => panic!("a benchmark has no answer to {notice:?}"),
        };
        if let Some(sync) = &mut self.sync {
            sync.handle(now as u64, answer);
        }
    }

    /// Makes a change of what was edited, commits it, and tells the engine.
    fn flush(&mut self, now: f64, doc: DocumentId) {
        let Some(watched) = self.open.get_mut(&doc) else { return };
        if let Some(flushed) = watched.document.flush(now as u64) {
            self.commit(&flushed.commit);
            self.input(now, Input::Look);
        }
    }

    fn commit(&mut self, commit: &Commit) {
        assert_eq!(self.tables.commit(commit), CommitResult::Done, "a commit without guards");
    }

    /// Takes in what the store has new of documents that are open.
    fn look(&mut self, now: f64, docs: &[DocumentId]) {
        for doc in docs {
            let Some(watched) = self.open.get_mut(doc) else { continue };
            let new = self.tables.chunks(*doc).filter(|(hash, _)| !watched.document.knows(*hash));
            let chunks: Vec<_> =
                new.filter_map(|(hash, value)| Some((hash, from_bytes::<ChunkRow>(value)?))).collect();
            if chunks.is_empty() {
                continue;
            }
            let hashes = chunks.iter().map(|(hash, _)| *hash).collect();
            self.tables.commit(&poison_mark(*doc, hashes));
            let received = watched.document.receive(now as u64, chunks);
            assert!(received.bad.is_empty(), "a change was refused: {:?}", received.bad);
            self.tables.commit(&poison_clear(*doc));
            // As a field shows it.
            let text = watched.document.document().prose(&prose());
            let became = difference(&watched.text, &text).filter(|_| watched.is_watched);
            watched.text = text;
            if let Some(splice) = became {
                self.host.inserted(&watched.name, &splice.insert);
            }
        }
    }

    fn opened_document(&mut self, now: f64, doc: DocumentId) -> Result<&mut Watched, JsError> {
        if !self.open.contains_key(&doc) {
            let row: Option<DocumentRow> = self.tables.get(&Key::document(doc));
            let row = row.ok_or_else(|| JsError::new("the document is not here"))?;
            let chunks = self.tables.chunks(doc);
            let chunks = chunks.filter_map(|(hash, value)| Some((hash, from_bytes(value)?))).collect();
            let aside = OrderedSet::new();
            let opened = OpenDocument::open(now as u64, row, self.actor, chunks, Vec::new(), &aside)?;
            self.open.insert(doc, Watched::new(opened.document));
        }
        self.open.get_mut(&doc).ok_or_else(|| JsError::new("the document was closed"))
    }
}

fn id(name: &str) -> Result<DocumentId, IdError> {
    name.parse()
}
