//! A tab: documents in its own memory, one slot of the device, and the engine where it leads.

use shared::change_check::CheckedChange;
use shared::device::table::{Key, Table};
use shared::ids::{ActorId, ChangeHash, DocumentId};
use shared::model::document::Document;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::client::{ClientSync, Input};

use super::disk::Disk;

/// A document that a tab has open.
pub struct Open {
    /// The document.
    pub document: Document,
    /// Every change in it.
    pub hashes: OrderedSet<ChangeHash>,
    /// Changes whose commit has not been told yet.
    pub in_flight: OrderedSet<ChangeHash>,
    /// Words typed since the last change.
    pub words: Vec<String>,
    /// The store has something that the memory lacks, or the other way round.
    pub must_refresh: bool,
}

/// The engine of a tab that leads, or believes so.
pub struct Engine {
    /// The machine.
    pub sync: ClientSync,
    /// Its connection.
    pub connection: Option<u64>,
    /// The browser lets the tab do nothing before this time.
    pub frozen_until: u64,
    /// What came meanwhile.
    pub backlog: Vec<Input>,
    /// The wake-up that is planned.
    pub wake_at: Option<u64>,
}

/// A tab.
pub struct Tab {
    /// Its slot; no other living tab of the device has it.
    pub slot: u8,
    /// Its documents.
    pub open: OrderedMap<DocumentId, Open>,
    /// Its engine.
    pub engine: Option<Engine>,
}

/// What a store holds of a document.
pub struct Loaded {
    /// What fits together, dependencies first.
    pub changes: Vec<CheckedChange>,
    /// A change builds on one that is neither stored nor set aside: it was lost.
    pub is_lacking: bool,
}

/// Reads a document's changes beyond those that are known.
pub fn load(disk: &Disk, doc: DocumentId, known: &OrderedSet<ChangeHash>) -> Loaded {
    let changes = disk.changes(doc).into_iter().filter(|(hash, _)| !known.contains(hash));
    let mut left: Vec<CheckedChange> = changes.map(|(_, change)| change).collect();
    let mut has = known.clone();
    let mut changes = Vec::new();
    loop {
        let (fits, rest): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|change| change.deps.iter().all(|dep| has.contains(dep)));
        left = rest;
        if fits.is_empty() {
            break;
        }
        has.extend(fits.iter().map(|change| change.hash));
        changes.extend(fits);
    }
    let here: OrderedSet<_> = left.iter().map(|change| change.hash).collect();
    let is_lacking = left.iter().flat_map(|change| &change.deps).any(|dep| {
        !has.contains(dep) && !here.contains(dep) && !disk.has(Table::SetAside, &Key::change(doc, *dep))
    });
    Loaded { changes, is_lacking }
}

impl Open {
    /// Opens a document from the store; `None` where the store has nothing that is one.
    pub fn from_disk(disk: &Disk, doc: DocumentId, actor: ActorId) -> (Option<Self>, bool) {
        let loaded = load(disk, doc, &OrderedSet::new());
        let hashes = loaded.changes.iter().map(|change| change.hash).collect();
        let changes = loaded.changes.into_iter().map(|change| change.change);
        let open = Document::open(doc, actor, changes).ok().map(|document| Self {
            document,
            hashes,
            in_flight: OrderedSet::new(),
            words: Vec::new(),
            must_refresh: false,
        });
        (open, loaded.is_lacking)
    }
}
