//! A document that this tab has open. However many screens show it, there is one copy in memory: two copies
//! that write as one actor would give the same number to two changes.
//!
//! What was typed is applied at once, becomes a change after a pause, and is committed; a commit that fails stays
//! in the queue and is tried again, so that nothing is lost while the tab lives.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use futures::channel::oneshot;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::device::decision_time::DecisionTime;
use shared::device::open_document::{Decider, OpenDocument, RECEIVED_WAIT_MS, StepMark, gather_ms};
use shared::device::poison::set_aside;
use shared::device::row::{ChunkRow, DecisionRow, SetAsideReason, SetAsideRow, Stored};
use shared::device::table::{Commit, CommitResult, Key, Query, StoreTrouble, Table, Write};
use shared::device::takeover::Share;
use shared::ids::{ChangeHash, DocumentId};
use shared::model::crossing::Character;
use shared::model::decision::State;
use shared::model::document::DocumentError;
use shared::model::edit::Edit;
use shared::model::kind::Kind;
use shared::model::moment::Clock;
use shared::model::summary::Summary;
use shared::ordered::OrderedSet;
use shared::role::Role;
use shared::wire::Decision;
use wasm_bindgen_futures::spawn_local;

use super::company::Others;
use super::desk::Desk;
use super::document_rows::{DocumentRows, Overtaken, Waiting, is_own, is_refused, refused_of};
use super::drafting::Drafting;
use super::steps::Steps;
use super::takeover::{self, TakenOver};
use super::typing::Typing;
use super::{PageNotice, Presence, Refused, RestoreTrouble, Safety, WorkStep};
use crate::browser;

/// Waits between two tries of a commit that failed, in milliseconds; the last one repeats.
const RETRY_MS: [u32; 4] = [1_000, 2_000, 5_000, 10_000];
/// How long a list may show an open document as it was before others changed it.
const SUMMARY_MS: u32 = 1_000;

/// A document that this tab has open.
pub(super) struct Opened {
    pub(super) doc: DocumentId,
    pub(super) kind: Kind,
    desk: Weak<Desk>,
    pub(super) document: RefCell<OpenDocument>,
    /// Added to the document's own version: a document that was built anew begins again at 0.
    base_version: Cell<u64>,
    /// How many records of screens show it.
    pub(super) users: Cell<usize>,
    pub(super) drafting: Drafting,
    pub(super) typing: Typing,
    pub(super) steps: Steps,
    queue: RefCell<VecDeque<Commit>>,
    is_committing: Cell<bool>,
    trouble: RefCell<Option<StoreTrouble>>,
    settled: RefCell<Vec<oneshot::Sender<Result<(), StoreTrouble>>>>,
    flush_timer: RefCell<Option<Timeout>>,
    pub(super) is_looking: Cell<bool>,
    look_again: Cell<bool>,
    summary_timer: RefCell<Option<Timeout>>,
    pub(super) others: Others,
    pub(super) signals: Signals,
}

/// What screens read of one document.
#[derive(Clone)]
pub(super) struct Signals {
    pub(super) version: ArcRwSignal<u64>,
    pub(super) safety: ArcRwSignal<Safety>,
    pub(super) refused: ArcRwSignal<Option<Refused>>,
    /// What waits for its makers' devices, since no receipt proves who made it.
    pub(super) waiting: ArcRwSignal<Waiting>,
    /// The changes in the log that say what changes of this device said, which came too late.
    pub(super) overtaken: ArcRwSignal<Overtaken>,
    /// It was removed from this device, with the person's role.
    pub(super) removed: ArcRwSignal<bool>,
    pub(super) presences: ArcRwSignal<Vec<Presence>>,
    pub(super) decisions: ArcRwSignal<Vec<DecisionRow>>,
    pub(super) decision_times: ArcRwSignal<Vec<DecisionTime>>,
}

impl Opened {
    pub(super) fn new(desk: &Rc<Desk>, document: OpenDocument, rows: &DocumentRows) -> Rc<Self> {
        let opened = Rc::new(Self {
            doc: document.document().id(),
            kind: document.document().kind(),
            desk: Rc::downgrade(desk),
            document: RefCell::new(document),
            base_version: Cell::new(0),
            users: Cell::new(0),
            drafting: Drafting::default(),
            typing: Typing::default(),
            steps: Steps::default(),
            queue: RefCell::default(),
            is_committing: Cell::new(false),
            trouble: RefCell::default(),
            settled: RefCell::default(),
            flush_timer: RefCell::default(),
            is_looking: Cell::new(false),
            look_again: Cell::new(false),
            summary_timer: RefCell::default(),
            others: Others::default(),
            signals: Signals {
                version: ArcRwSignal::new(0),
                safety: ArcRwSignal::new(Safety::OnServer),
                refused: ArcRwSignal::new(refused_of(&rows.set_aside)),
                waiting: ArcRwSignal::new(rows.waiting(desk)),
                overtaken: ArcRwSignal::new(rows.overtaken(desk)),
                removed: ArcRwSignal::new(false),
                presences: ArcRwSignal::new(Vec::new()),
                decisions: ArcRwSignal::new(Vec::new()),
                decision_times: ArcRwSignal::new(Vec::new()),
            },
        });
        opened.note_waiting();
        opened.show();
        opened.check_clock();
        opened.meet_restorations();
        opened.document.borrow_mut().show_crossings();
        opened
    }

    /// Lists show since when something waits.
    fn note_waiting(&self) {
        let since = self.signals.waiting.with_untracked(|waiting| waiting.since);
        self.document.borrow_mut().note_waiting(since);
    }

    /// Applies an edit at once.
    pub(super) fn edit(self: &Rc<Self>, edit: &Edit) {
        self.check_clock();
        let applied = self.document.borrow_mut().edit(browser::now(), edit);
        if let Err(error) = applied {
            let detail = error.to_string();
            self.with_desk(|desk| desk.screen.tell(PageNotice::EditRefused { doc: self.doc, detail }));
        }
        match edit {
            Edit::Splice { .. } => self.typed(),
            _ => self.typing.end(),
        }
        self.edited();
    }

    /// Applies edits at once that are one step of the person's work.
    pub(super) fn edit_in_one_step(self: &Rc<Self>, edits: &[Edit]) {
        self.check_clock();
        let applied = self.document.borrow_mut().edit_in_one_step(browser::now(), edits);
        self.settled(applied);
    }

    /// The same, where the screen changes something with it.
    pub(super) fn edit_with_screen(self: &Rc<Self>, edits: &[Edit]) -> Option<StepMark> {
        self.check_clock();
        let applied = self.document.borrow_mut().edit_with_screen(browser::now(), edits);
        self.settled(applied)
    }

    /// After a step: shows what became of it, and says where it was refused.
    fn settled<T>(self: &Rc<Self>, applied: Result<T, DocumentError>) -> Option<T> {
        self.typing.end();
        self.edited();
        match applied {
            Ok(made) => Some(made),
            Err(error) => {
                let detail = error.to_string();
                self.with_desk(|desk| desk.screen.tell(PageNotice::EditRefused { doc: self.doc, detail }));
                None
            }
        }
    }

    /// What was heard of the relay's clock decides whether this device's counts.
    fn check_clock(&self) {
        self.with_desk(|desk| {
            let offset_ms = desk.screen.sync.with_untracked(|sync| sync.clock_offset_ms);
            self.document.borrow_mut().set_clock(Clock::of_offset(offset_ms));
        });
    }

    /// After the document was edited in memory: shows it, and sets the time of its change.
    pub(super) fn edited(self: &Rc<Self>) {
        self.write_draft();
        self.show();
        let due_at = self.document.borrow().due_at();
        let timer = due_at.map(|due_at| {
            let wait_ms = u32::try_from(due_at.saturating_sub(browser::now())).unwrap_or(u32::MAX);
            let opened = Rc::clone(self);
            Timeout::new(wait_ms, move || opened.flush())
        });
        // Replacing the timer cancels the one before.
        *self.flush_timer.borrow_mut() = timer;
    }

    /// Makes a change of the open edits now, and begins to commit it.
    pub(super) fn flush(self: &Rc<Self>) {
        let flushed = self.document.borrow_mut().flush(browser::now());
        if let Some(flushed) = flushed {
            self.commit(flushed.commit);
        } else {
            self.show();
        }
    }

    /// Commits after all that were given before.
    pub(super) fn commit(self: &Rc<Self>, commit: Commit) {
        self.queue.borrow_mut().push_back(commit);
        self.show();
        if !self.is_committing.replace(true) {
            let opened = Rc::clone(self);
            spawn_local(async move { opened.drain().await });
        }
    }

    /// Whether all is durable, once it is known: flushes, and waits until the queue is empty or a commit failed.
    pub(super) async fn settle(self: &Rc<Self>) -> Result<(), StoreTrouble> {
        self.flush();
        if self.queue.borrow().is_empty() {
            return Ok(());
        }
        let (sender, receiver) = oneshot::channel();
        self.settled.borrow_mut().push(sender);
        receiver.await.unwrap_or(Err(StoreTrouble::Closed))
    }

    async fn drain(self: &Rc<Self>) {
        let mut tries = 0;
        while let Some(commit) = { self.queue.borrow().front().cloned() } {
            let Some(desk) = self.desk.upgrade() else { break };
            let trouble = match desk.store.commit(&commit).await {
                CommitResult::Done => None,
                CommitResult::GuardFailed => Some(StoreTrouble::Other("a guard did not hold".to_owned())),
                CommitResult::Failed(trouble) => Some(trouble),
            };
            match trouble {
                None => {
                    tries = 0;
                    self.queue.borrow_mut().pop_front();
                    self.document.borrow_mut().note_committed(&commit);
                    // The change has taken its place.
                    self.write_draft();
                    self.trouble.borrow_mut().take();
                    desk.committed(self.doc).await;
                }
                Some(trouble) => {
                    *self.trouble.borrow_mut() = Some(trouble.clone());
                    desk.screen.tell(PageNotice::NotStored { doc: self.doc, trouble: trouble.clone() });
                    self.tell_settled(&Err(trouble));
                    self.show();
                    browser::wait_ms(RETRY_MS[tries.min(RETRY_MS.len() - 1)]).await;
                    tries += 1;
                }
            }
            self.show();
        }
        self.is_committing.set(false);
        if let Some(desk) = self.desk.upgrade() {
            let is_told =
                |notice: &PageNotice| matches!(notice, PageNotice::NotStored { doc, .. } if *doc == self.doc);
            desk.screen.settle(is_told);
            desk.let_go(self);
        }
        self.tell_settled(&Ok(()));
        self.show();
    }

    fn tell_settled(&self, result: &Result<(), StoreTrouble>) {
        for waiting in self.settled.take() {
            // Who asked may have gone.
            let _ = waiting.send(result.clone());
        }
    }

    /// Whether the last commit failed.
    pub(super) fn is_in_trouble(&self) -> bool {
        self.trouble.borrow().is_some()
    }

    pub(super) fn desk(&self) -> Option<Rc<Desk>> {
        self.desk.upgrade()
    }

    /// Whether nothing of it is only in memory.
    pub(super) fn is_durable(&self) -> bool {
        self.queue.borrow().is_empty() && self.document.borrow().is_flushed()
    }

    /// The store has something new of this document: takes it in.
    pub(super) fn look(self: &Rc<Self>) {
        self.look_again.set(true);
        if self.is_looking.replace(true) {
            return;
        }
        let opened = Rc::clone(self);
        spawn_local(async move {
            while opened.look_again.replace(false) {
                match opened.take_in().await {
                    Ok(0) => {}
                    Ok(took_ms) => browser::wait_ms(gather_ms(took_ms) as u32).await,
                    Err(trouble) => {
                        opened.with_desk(|desk| desk.screen.tell(PageNotice::NotRead(trouble)));
                        break;
                    }
                }
            }
            opened.is_looking.set(false);
            opened.summarise_later();
            // Whoever showed it may have gone meanwhile.
            opened.with_desk(|desk| desk.let_go(&opened));
        });
    }

    /// The record is here no more. What was typed is stored all the same: whoever leads sets it aside.
    pub(super) fn remove(self: &Rc<Self>) {
        self.flush();
        self.signals.removed.set_if_new(true);
    }

    /// Gives how long applying it took, in milliseconds.
    async fn take_in(self: &Rc<Self>) -> Result<u64, StoreTrouble> {
        let Some(desk) = self.desk.upgrade() else { return Ok(0) };
        if self.signals.removed.get_untracked() {
            // Where the role is back, so is the row. What this copy held is not what counts now.
            return self.rebuild(&desk).await.map(|()| 0);
        }
        let keys = desk.store.keys(Table::Chunks, Key::document(self.doc)).await?;
        let is_new = |hash: &ChangeHash| !self.document.borrow().knows(*hash);
        let mut unknown: Vec<ChangeHash> = keys.iter().filter_map(Key::change_hash).filter(is_new).collect();
        // What was made without a time learns it from its row, once the relay has acked it.
        unknown.extend(self.document.borrow().untimed());
        let mut queries = DocumentRows::queries(self.doc);
        // Those that wait for their makers' devices may have been brought meanwhile.
        let unproven = self.signals.waiting.get_untracked().changes;
        let asked = unknown.iter().chain(&unproven);
        queries.extend(asked.map(|hash| Query::Row(Table::Chunks, Key::change(self.doc, *hash))));
        let mut rows = DocumentRows::of(desk.store.read(queries).await?);
        self.signals.waiting.set_if_new(rows.waiting(&desk));
        self.signals.overtaken.set_if_new(rows.overtaken(&desk));
        self.note_waiting();
        rows.chunks.retain(|(hash, _)| !unproven.contains(hash));
        self.signals.refused.set_if_new(refused_of(&rows.set_aside));

        // A refused change is in this copy still: the copy is built anew from what counts.
        let has_refused = rows.set_aside.iter().any(|row| self.document.borrow().document().has(row.hash));
        if has_refused {
            return self.rebuild(&desk).await.map(|()| 0);
        }
        let mut took_ms = 0;
        if !rows.chunks.is_empty() {
            if !self.document.borrow().is_flushed() {
                // Somebody types: their group may end meanwhile, and the cursor jumps once instead of often.
                browser::wait_ms(RECEIVED_WAIT_MS as u32).await;
            }
            let hashes = rows.chunks.iter().map(|(hash, _)| *hash).collect();
            let _awake = desk.marks.mark(self.doc, hashes).await?;
            let began_ms = browser::elapsed_ms();
            let received = self.document.borrow_mut().receive(browser::now(), rows.chunks);
            self.typing.end();
            if !self.document.borrow().is_flushed() {
                // What a restoration took out of a sentence that is being written here was put back.
                self.edited();
            }
            took_ms = (browser::elapsed_ms() - began_ms) as u64;
            desk.marks.clear(self.doc).await;
            if let Some(flushed) = received.flushed {
                self.commit(flushed.commit);
            }
            if !received.bad.is_empty() {
                self.commit(set_aside(received.bad));
            }
        }
        self.document.borrow_mut().set_decisions(rows.decisions);
        self.meet_restorations();
        self.date_changes(&desk).await?;
        self.show();
        Ok(took_ms)
    }

    /// Asks the store when the relay stored changes of this device, where that counts: their rows know it once they are
    /// acked, and are not read again by themselves.
    async fn date_changes(&self, desk: &Desk) -> Result<(), StoreTrouble> {
        let undated = self.document.borrow().undated();
        if !undated.is_empty() {
            let query = |hash: &ChangeHash| Query::Row(Table::Chunks, Key::change(self.doc, *hash));
            let rows = DocumentRows::of(desk.store.read(undated.iter().map(query).collect()).await?);
            self.document.borrow_mut().note_stored(&rows.chunks);
        }
        Ok(())
    }

    /// What lists show of the copy in memory.
    pub(super) fn summary(&self) -> Summary {
        self.document.borrow().summary()
    }

    /// Sees to it that lists show what this copy holds, once for all that comes until then: another tab, or who makes the
    /// summaries of records that are closed, may have stored one that lacked some of it.
    pub(super) fn summarise_later(self: &Rc<Self>) {
        if self.summary_timer.borrow().is_none() {
            let opened = Rc::clone(self);
            *self.summary_timer.borrow_mut() =
                Some(Timeout::new(SUMMARY_MS, move || opened.summarise_if_due()));
        }
    }

    /// Does it now: a copy that is let go of knows nothing of what comes afterwards.
    pub(super) fn summarise_if_due(self: &Rc<Self>) {
        if self.summary_timer.take().is_some() {
            let opened = Rc::clone(self);
            spawn_local(async move { opened.summarise().await });
        }
    }

    async fn summarise(&self) {
        // What waits to be committed brings a summary of its own.
        let Some(desk) = self.desk.upgrade().filter(|_| self.is_durable()) else { return };
        let summary = self.summary();
        let is_new = {
            let listing = desk.listing.borrow();
            listing.row(self.doc).is_some() && listing.summary(self.doc) != Some(&summary)
        };
        if is_new {
            let commit = Commit { guards: Vec::new(), writes: vec![summary.put()] };
            if desk.store.mark(&commit).await == CommitResult::Done {
                desk.summarised(OrderedSet::from([self.doc])).await;
            }
        }
    }

    /// Builds the copy in memory anew from the store, once all that was typed is in it.
    async fn rebuild(self: &Rc<Self>, desk: &Rc<Desk>) -> Result<(), StoreTrouble> {
        self.settle().await?;
        let Some(row) = desk.listing.borrow().row(self.doc).cloned() else { return Ok(()) };
        let rows = DocumentRows::of(desk.store.read(DocumentRows::whole(self.doc)).await?);
        if !self.is_durable() {
            // Typed while the rows were read: once more, so that no word is left behind.
            self.look_again.set(true);
            return Ok(());
        }
        let aside = rows.set_aside_hashes();
        let has_nothing = rows.chunks.is_empty();
        let actor = self.document.borrow().actor();
        match OpenDocument::open(browser::now(), row, actor, rows.chunks, rows.decisions, &aside) {
            Ok(again) => {
                self.put_in_place(again.document);
                if self.signals.removed.get_untracked() {
                    self.signals.removed.set(false);
                    // What is set aside or waits has not been looked at since.
                    self.look_again.set(true);
                }
                if !again.bad.is_empty() {
                    self.commit(set_aside(again.bad));
                }
            }
            // Its changes are still on their way, and each that comes is looked at.
            Err(_) if self.signals.removed.get_untracked() => {}
            // The relay never took it: this copy is all that there is.
            Err(_) if has_nothing => {}
            Err(failure) => {
                let detail = failure.to_string();
                desk.screen.tell(PageNotice::EditRefused { doc: self.doc, detail });
            }
        }
        self.show();
        Ok(())
    }

    /// Puts another copy in the place of the one in memory.
    fn put_in_place(&self, again: OpenDocument) {
        let before = self.document.replace(again);
        self.typing.end();
        self.document.borrow_mut().show_crossings();
        self.check_clock();
        self.base_version.set(self.base_version.get() + before.version() + 1);
        self.steps.forget();
    }

    /// Applies again what was set aside of a record of which nothing else counts: it begins anew, as itself.
    fn begin_again(self: &Rc<Self>, desk: &Rc<Desk>, rows: &[SetAsideRow]) -> Result<(), StoreTrouble> {
        let row = self.document.borrow().row().clone();
        let begun = OpenDocument::begin_again(browser::now(), row, desk.actor(), rows);
        let Some((again, commit)) = begun else {
            return Err(StoreTrouble::Other("what was set aside makes up no record".to_owned()));
        };
        self.put_in_place(again);
        self.commit(commit);
        Ok(())
    }

    /// Brings the signals to what is in memory.
    pub(super) fn show(&self) {
        let (version, decisions, times, is_flushed) = {
            let document = self.document.borrow();
            let decisions = document.decisions().to_vec();
            (document.version(), decisions, document.decision_times(), document.is_flushed())
        };
        let safety = if self.trouble.borrow().is_some() {
            Safety::NotStored
        } else if !is_flushed || !self.queue.borrow().is_empty() {
            Safety::InMemory
        } else {
            self.desk.upgrade().map_or(Safety::OnDevice, |desk| desk.safety(self.doc))
        };
        self.signals.safety.set_if_new(safety);
        // The times first: who reads a decision finds its time.
        self.signals.decision_times.set_if_new(times);
        self.signals.decisions.set_if_new(decisions);
        if !self.typing.is_on() {
            self.signals.version.set_if_new(self.base_version.get() + version);
        }
    }

    /// The version that stands, open edits included: what a decision is made on that begins now.
    pub(super) fn pin(self: &Rc<Self>) -> Vec<ChangeHash> {
        let pinned = self.document.borrow_mut().pin(browser::now());
        if let Some(flushed) = pinned.flushed {
            self.commit(flushed.commit);
        }
        pinned.heads
    }

    /// Makes a decision on a version that was pinned; durable when it returns.
    pub(super) async fn decide(self: &Rc<Self>, decision: Decision) -> Result<(), StoreTrouble> {
        let desk = self.desk.upgrade().ok_or(StoreTrouble::Closed)?;
        let home = self.document.borrow().home().clone();
        let by = Decider {
            user: desk.user.clone(),
            role: desk.role_in(&home).unwrap_or(Role::Reader),
            four_eyes: desk.four_eyes_in(&home),
        };
        let decided = self.document.borrow_mut().decide(by, decision);
        self.commit(decided.map_err(|error| StoreTrouble::Other(error.to_string()))?);
        self.settle().await
    }

    /// Applies what was set aside again as new edits, or discards it.
    pub(super) async fn settle_refused(self: &Rc<Self>, apply_again: bool) -> Result<(), StoreTrouble> {
        let desk = self.desk.upgrade().ok_or(StoreTrouble::Closed)?;
        // A refused change that is still in this copy would count as one that came back.
        self.take_in().await?;
        let query = Query::Prefix(Table::SetAside, Key::document(self.doc));
        let rows = DocumentRows::of(desk.store.read(vec![query]).await?).set_aside;
        let stored = desk.store.keys(Table::Chunks, Key::document(self.doc)).await?;
        let stored: OrderedSet<ChangeHash> = stored.iter().filter_map(Key::change_hash).collect();
        if apply_again && stored.is_empty() {
            self.begin_again(&desk, &rows)?;
        } else if apply_again {
            let commit = self.document.borrow_mut().apply_again(browser::now(), &rows, &stored);
            self.edited();
            let mut commit = commit.map_err(|error| StoreTrouble::Other(error.to_string()))?;
            // What crashed the app may have been innocent (a phone ends pages at any time): it gets another try,
            // under a mark like any other.
            for row in rows.into_iter().filter(|row| row.reason == SetAsideReason::Crashed) {
                commit.writes.push(Write::Delete(Table::SetAside, Key::change(row.doc, row.hash)));
                let chunk = ChunkRow {
                    bytes: row.bytes,
                    place: None,
                    origin: None,
                    proof: None,
                    folded: None,
                    unproven_since: None,
                };
                commit.writes.push(chunk.put(row.doc, row.hash));
            }
            self.commit(commit);
        } else {
            let remove = |row: &SetAsideRow| Write::Delete(Table::SetAside, Key::change(row.doc, row.hash));
            let writes = rows.iter().filter(is_refused).map(remove).collect();
            self.commit(Commit { guards: Vec::new(), writes });
        }
        self.settle().await?;
        let is_told =
            |notice: &PageNotice| matches!(notice, PageNotice::Refused { doc, .. } if *doc == self.doc);
        desk.screen.settle(is_told);
        self.look();
        Ok(())
    }

    /// Applies what waits for its makers' devices again, as this person's own edits.
    pub(super) async fn take_over(self: &Rc<Self>) -> Result<TakenOver, StoreTrouble> {
        let desk = self.desk.upgrade().ok_or(StoreTrouble::Closed)?;
        takeover::take_over(&desk, self.doc, Share::All).await
    }

    /// Forgets the originals that somebody took over.
    pub(super) async fn forget_taken_over(self: &Rc<Self>) -> Result<(), StoreTrouble> {
        self.discard_own(|reason| matches!(reason, SetAsideReason::TakenOver(_))).await
    }

    /// Discards what this device wrote on top of what somebody took over.
    pub(super) async fn discard_orphans(self: &Rc<Self>) -> Result<(), StoreTrouble> {
        self.discard_own(|reason| matches!(reason, SetAsideReason::Orphaned(_))).await
    }

    async fn discard_own(self: &Rc<Self>, is_it: fn(&SetAsideReason) -> bool) -> Result<(), StoreTrouble> {
        let desk = self.desk.upgrade().ok_or(StoreTrouble::Closed)?;
        let query = Query::Prefix(Table::SetAside, Key::document(self.doc));
        let rows = DocumentRows::of(desk.store.read(vec![query]).await?).set_aside;
        let remove = |row: &SetAsideRow| Write::Delete(Table::SetAside, Key::change(row.doc, row.hash));
        let own = rows.iter().filter(|row| is_it(&row.reason) && is_own(&desk, row));
        let writes = own.map(remove).collect();
        self.commit(Commit { guards: Vec::new(), writes });
        self.settle().await?;
        self.look();
        Ok(())
    }

    /// Brings the document back to an old version.
    pub(super) fn restore(self: &Rc<Self>, heads: &[ChangeHash]) -> Result<(), RestoreTrouble> {
        self.check_clock();
        let restored = self.document.borrow_mut().restore(browser::now(), heads);
        self.typing.end();
        self.flush();
        restored.map_err(|error| match error {
            DocumentError::TextTooLong { .. } | DocumentError::Full => {
                let detail = error.to_string();
                self.with_desk(|desk| desk.screen.tell(PageNotice::EditRefused { doc: self.doc, detail }));
                RestoreTrouble::Refused
            }
            _ => RestoreTrouble::NotWhole,
        })
    }

    /// Takes back what this device restored although somebody else restored it at once.
    fn meet_restorations(self: &Rc<Self>) {
        let home = self.document.borrow().home().clone();
        let role = self.desk.upgrade().and_then(|desk| desk.role_in(&home));
        let is_archived = self.document.borrow().course().state == State::Archived;
        if role.is_some_and(Role::may_write)
            && !is_archived
            && self.document.borrow_mut().meet_restorations(browser::now())
        {
            self.flush();
        }
    }

    /// Says that a paragraph was checked in which two people wrote without knowing of each other.
    pub(super) fn note_checked(self: &Rc<Self>, of: Character) {
        self.check_clock();
        if self.document.borrow_mut().note_checked(browser::now(), of) {
            self.typing.end();
            self.flush();
        }
    }

    /// Undoes the last step of this tab, or does it again. False where there is none.
    pub(super) fn step(self: &Rc<Self>, step: WorkStep) -> bool {
        self.check_clock();
        self.typing.end();
        let now = browser::now();
        let (stepped, mark) = {
            let mut document = self.document.borrow_mut();
            let stepped = match step {
                WorkStep::Undo => document.undo(now),
                WorkStep::Redo => document.redo(now),
            };
            (stepped, document.last_stepped())
        };
        self.edited();
        match stepped {
            Ok(true) => self.tell_step(mark, step),
            Ok(false) => return false,
            Err(error) => {
                let detail = error.to_string();
                self.with_desk(|desk| desk.screen.tell(PageNotice::EditRefused { doc: self.doc, detail }));
            }
        }
        true
    }

    /// One screen less shows it; the last one flushes and leaves.
    pub(super) fn close(self: &Rc<Self>) {
        self.users.set(self.users.get().saturating_sub(1));
        self.flush();
        if self.users.get() == 0 {
            self.say_left();
            self.with_desk(|desk| desk.let_go(self));
        }
    }

    pub(super) fn with_desk(&self, act: impl FnOnce(&Rc<Desk>)) {
        if let Some(desk) = self.desk.upgrade() {
            act(&desk);
        }
    }
}

/// Sets a signal only where the value differs, so that nothing is drawn for nothing.
pub(super) trait SetIfNew<T> {
    fn set_if_new(&self, value: T);
}

impl<T: PartialEq + Send + Sync + 'static> SetIfNew<T> for ArcRwSignal<T> {
    fn set_if_new(&self, value: T) {
        if self.with_untracked(|current| *current != value) {
            self.set(value);
        }
    }
}

/// A mark that could not be written: nothing is applied without it.
pub(super) fn marked(result: CommitResult) -> Result<(), StoreTrouble> {
    match result {
        CommitResult::Done => Ok(()),
        CommitResult::GuardFailed => Err(StoreTrouble::Other("a guard did not hold".to_owned())),
        CommitResult::Failed(trouble) => Err(trouble),
    }
}
