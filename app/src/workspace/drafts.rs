//! Taking up the drafts of tabs that ended: when this tab starts, when it opens a document, when it becomes visible, and when
//! a tab ends that it saw. What is done with a draft, `shared::device::draft` decides.

use std::rc::Rc;

use shared::device::listing::document_of;
use shared::device::table::{CommitResult, Key, StoreTrouble, Table};
use shared::device::{draft, takeover};
use shared::ids::DocumentId;
use shared::ordered::{OrderedMap, OrderedSet};
use wasm_bindgen_futures::spawn_local;

use super::PageNotice;
use super::desk::Desk;
use super::opened::marked;
use crate::browser;
use crate::tabs::lock::{self, Lock, Manner};

/// How long to wait after a tab ended until what it handed over last is in the store.
const SETTLE_MS: u32 = 250;

/// Whose drafts are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Those of other tabs' slots, and of this tab's slot before anything of theirs was opened.
    AnyTab,
    /// Those of other tabs' slots.
    OtherTabs,
    /// Those of one slot, whose lock is held.
    Slot(u8),
}

/// A draft that this tab may take up while it has the lock.
struct Found {
    doc: DocumentId,
    key: Key,
    _lock: Option<Rc<Lock>>,
}

/// Looks for all drafts, before this tab opens anything.
pub(super) async fn at_start(desk: &Rc<Desk>) {
    // A full disk keeps nobody from their records; the draft stays, and is looked for again with its document.
    if let Err(trouble) = look(desk, Of::AnyTab).await {
        desk.screen.tell(PageNotice::NotRead(trouble));
    }
    // Who types in another tab just now may end at any time.
    for slot in 0..desk.slot() {
        follow(desk, slot);
    }
}

/// Looks for the drafts of a document that this tab is about to open, under a mark of the caller's.
pub(super) async fn of_document(desk: &Rc<Desk>, doc: DocumentId) -> Result<(), StoreTrouble> {
    for found in find(desk, Key::document(doc), Of::AnyTab).await? {
        take_up(desk, &found).await?;
    }
    Ok(())
}

/// Looks for the drafts of other tabs, where this one has just become visible.
pub(super) fn of_other_tabs(desk: &Rc<Desk>) {
    let desk = Rc::clone(desk);
    spawn_local(async move {
        if let Err(trouble) = look(&desk, Of::OtherTabs).await {
            desk.screen.tell(PageNotice::NotRead(trouble));
        }
    });
}

async fn look(desk: &Rc<Desk>, of: Of) -> Result<(), StoreTrouble> {
    for found in find(desk, Key(Vec::new()), of).await? {
        // The document is opened for it: if that ends the page, the next start knows of it.
        let _awake = desk.marks.mark(found.doc, Vec::new()).await?;
        let result = take_up(desk, &found).await;
        desk.marks.clear(found.doc).await;
        result?;
    }
    Ok(())
}

async fn find(desk: &Rc<Desk>, prefix: Key, of: Of) -> Result<Vec<Found>, StoreTrouble> {
    let mut all = Vec::new();
    let mut locks: OrderedMap<u8, Rc<Lock>> = OrderedMap::new();
    for key in desk.store.keys(Table::Drafts, prefix).await? {
        let (Some(doc), Some(actor)) = (document_of(&key), draft::actor_of(&key)) else { continue };
        let slot = actor.slot();
        let lock = match of {
            Of::Slot(held) if held == slot => None,
            Of::Slot(_) => continue,
            // Of what is open here the draft is being written.
            Of::AnyTab if slot == desk.slot() && !desk.opened.borrow().contains_key(&doc) => None,
            Of::AnyTab | Of::OtherTabs if slot == desk.slot() => continue,
            Of::AnyTab | Of::OtherTabs => {
                if !locks.contains_key(&slot) {
                    let Some(lock) = lock::take_if_free(&desk.slot_lock_name(slot)).await else {
                        follow(desk, slot);
                        continue;
                    };
                    locks.insert(slot, Rc::new(lock));
                }
                locks.get(&slot).cloned()
            }
        };
        all.push(Found { doc, key, _lock: lock });
    }
    Ok(all)
}

/// Another tab has started: it may end at any time, too.
pub(super) fn follow_others(desk: &Rc<Desk>) {
    let desk = Rc::clone(desk);
    spawn_local(async move {
        // Tabs take the lowest slot that is free.
        for slot in desk.slot() + 1..takeover::SLOT {
            if lock::take_if_free(&desk.slot_lock_name(slot)).await.is_some() {
                break;
            }
            follow(&desk, slot);
        }
    });
}

/// Takes the drafts of a slot up once its tab has ended.
fn follow(desk: &Rc<Desk>, slot: u8) {
    if slot == desk.slot() || !desk.followed.borrow_mut().insert(slot) {
        return;
    }
    let Some(request) = lock::request(&desk.slot_lock_name(slot), Manner::Wait) else { return };
    let following = Rc::downgrade(desk);
    spawn_local(async move {
        let lock = request.granted.await;
        let Some(desk) = following.upgrade().filter(|desk| !desk.is_ended()) else { return };
        browser::wait_ms(SETTLE_MS).await;
        desk.followed.borrow_mut().remove(&slot);
        if let Err(trouble) = look(&desk, Of::Slot(slot)).await {
            desk.screen.tell(PageNotice::NotRead(trouble));
        }
        drop(lock);
        desk.look_after_others();
    });
}

/// Takes one draft up; a damaged one stays.
async fn take_up(desk: &Rc<Desk>, found: &Found) -> Result<(), StoreTrouble> {
    let Found { doc, key, .. } = found;
    let doc = *doc;
    loop {
        let rows = desk.store.read(draft::queries(doc)).await?;
        let stored = rows.iter().find(|row| row.table == Table::Drafts && row.key == *key);
        let device = desk.device.borrow().clone();
        let commit = stored.and_then(|stored| draft::take_up(browser::now(), stored, &rows, &device));
        let Some(commit) = commit else { return Ok(()) };
        match desk.store.commit(&commit).await {
            // It was written once more by the tab that ended, or another tab did it: read again.
            CommitResult::GuardFailed => {}
            result => {
                marked(result)?;
                desk.committed(doc).await;
                desk.changed(OrderedSet::from([doc]));
                return Ok(());
            }
        }
    }
}
