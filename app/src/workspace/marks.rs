//! The poison marks of this tab: written before bytes are applied, removed afterwards, and looked for at start
//! ([`shared::device::poison`]).

use std::cell::RefCell;
use std::rc::Rc;

use shared::device::poison::{Found, poison_clear, poison_found, poison_mark};
use shared::device::row::{PoisonRow, from_bytes};
use shared::device::table::{Commit, Key, Query, StoreTrouble, Table};
use shared::ids::{ChangeHash, DocumentId};
use shared::ordered::OrderedMap;
use wasm_bindgen_futures::spawn_local;

use super::PageNotice;
use super::desk::Desk;
use super::document_rows::DocumentRows;
use super::opened::marked;
use crate::browser;
use crate::store::Store;
use crate::tabs::lock::{self, Lock, Manner};

/// The marks of what this tab applies just now.
pub(super) struct Marks {
    store: Store,
    lock_name: String,
    held: RefCell<OrderedMap<DocumentId, Commit>>,
}

impl Marks {
    /// For the database of this name.
    pub(super) fn new(store: Store, database: &str) -> Self {
        Self { store, lock_name: format!("{database}-opening"), held: RefCell::default() }
    }

    /// Marks what is about to be applied; nothing may be applied without it. Where no hashes are given the whole
    /// document is about to be opened. The lock is to be held until [`Marks::clear`] is done: to other tabs it
    /// says that a mark is no sign of a crash. It ends with the tab.
    pub(super) async fn mark(
        &self,
        doc: DocumentId,
        hashes: Vec<ChangeHash>,
    ) -> Result<Option<Lock>, StoreTrouble> {
        let lock = match lock::request(&self.lock_name, Manner::Shared) {
            Some(request) => request.granted.await.ok().flatten(),
            None => None,
        };
        self.put(doc, poison_mark(doc, hashes)).await?;
        Ok(lock)
    }

    async fn put(&self, doc: DocumentId, mark: Commit) -> Result<(), StoreTrouble> {
        self.held.borrow_mut().insert(doc, mark.clone());
        let result = marked(self.store.mark(&mark).await);
        if result.is_err() {
            self.held.borrow_mut().remove(&doc);
        }
        result
    }

    /// What was marked is applied, or was not at all: whatever came of it, the app did not crash. A mark that stays
    /// because the store refuses is removed at the next opening.
    pub(super) async fn clear(&self, doc: DocumentId) {
        self.held.borrow_mut().remove(&doc);
        let _ = self.store.mark(&poison_clear(doc)).await;
    }

    /// The page is left, between two steps: nothing crashed. The browser need not finish these writes, which is
    /// why a mark that is found once is not yet taken for a crash.
    pub(super) fn page_is_left(&self) {
        for doc in self.held.borrow().keys() {
            self.begin(poison_clear(*doc));
        }
    }

    /// The page came back as it was left: what was about to be applied still is.
    pub(super) fn page_is_back(&self) {
        for mark in self.held.borrow().values() {
            self.begin(mark.clone());
        }
    }

    fn begin(&self, commit: Commit) {
        let store = self.store.clone();
        spawn_local(async move {
            let _ = store.mark(&commit).await;
        });
    }
}

/// Opens again what was being opened when the app last ended, and sets aside what ended it twice.
pub(super) async fn look_for_poison(desk: &Rc<Desk>) -> Result<(), StoreTrouble> {
    let all = || vec![Query::Prefix(Table::Poison, Key(Vec::new()))];
    if desk.store.read(all()).await?.is_empty() {
        return Ok(());
    }
    // Another tab opens a document just now: the mark is its own.
    let Some(_alone) = lock::take_if_free(&desk.marks.lock_name).await else {
        return Ok(());
    };
    for mark in desk.store.read(all()).await? {
        let Some(mark) = from_bytes::<PoisonRow>(&mark.value) else { continue };
        let doc = mark.doc;
        let query = Query::Prefix(Table::Chunks, Key::document(doc));
        let chunks = DocumentRows::of(desk.store.read(vec![query]).await?).chunks;
        match poison_found(mark, chunks, browser::now()) {
            Found::OpenAgain(mark) => {
                desk.marks.put(doc, mark).await?;
                // Only whether it ends the app is asked here; a screen that shows it opens it again.
                let _ = desk.read_document(doc).await;
                desk.marks.clear(doc).await;
            }
            Found::SetAside(commit) => {
                marked(desk.store.commit(&commit).await)?;
                desk.screen.tell(PageNotice::Crashed { doc });
                desk.committed(doc).await;
            }
            Found::Nothing(commit) => marked(desk.store.commit(&commit).await)?,
        }
    }
    Ok(())
}
