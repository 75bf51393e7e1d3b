//! The work with the store: one read or one commit at a time, so that each begins with what the one
//! before it left.
//!
//! After a guard that failed or a store that refused, everything in memory counts for nothing: the
//! connection is closed and the store is read anew.

use super::healing::{Search, Step};
use super::outbox::Consequence;
use super::removal::{self, Removal, Removed};
use super::settlement::Settlement;
use super::shelf::{Known, Shelf};
use super::talk::Stage;
use super::{ClientSync, Connection, Effect, Healing, Notice, Phase, Ticket, inbox};
use crate::change_check::check_change;
use crate::device::row::{Access, ChunkRow, DeviceRow, FeedRow, Stored, from_bytes};
use crate::device::stand_ins::{self, Ledger, Settled};
use crate::device::table::{Commit, CommitResult, Key, MetaKey, Query, Row, StoreTrouble, Table, Write};
use crate::ids::{ChangeHash, DocumentId};
use crate::ordered::OrderedSet;
use crate::wire::Batch;

/// The longest pause before the store is tried again.
const TROUBLE_MS: u64 = 30_000;

/// So often another connection may take this leader's place before its database counts as copied...
const REPLACED_TIMES: usize = 3;
/// ...within this time. Two machines that speak as one device replace each other at every try.
const REPLACED_WITHIN_MS: u64 = 600_000;

/// What is being read or written.
#[derive(Clone, Debug)]
pub(super) enum Job {
    /// Reads the device, the feeds and the outbox.
    Look,
    /// Writes who leads; the shelf as it was read.
    Lead(Shelf),
    /// Reads what sending these documents takes.
    Load(Vec<DocumentId>),
    /// Reads changes that the relay lacks.
    Fetch(DocumentId, Vec<ChangeHash>),
    /// Reads what was kept for a newer version.
    Newer,
    /// Reads what storing these takes, which can be read now.
    ReadKept(Vec<inbox::Kept>),
    /// Reads what storing these batches takes.
    Receive(Vec<Batch>),
    /// Reads all of the documents in which the batches change what counts, besides what was read.
    ReceiveWhole(Vec<Batch>, Vec<Row>),
    /// Reads a document of which changes in the log say what these say, each with the one that does.
    Reread(DocumentId, Vec<(ChangeHash, ChangeHash)>),
    /// Stores which of its changes count.
    LetGo(DocumentId, Vec<ChangeHash>),
    /// Stores batches.
    Store(inbox::Plan),
    /// Stores what became of what was sent.
    Settle(Settlement),
    /// Reads what the relay may have lost.
    Search(Search),
    /// Marks the snapshot that is about to be taken apart.
    Mark(Search),
    /// Stores the changes of a snapshot in its place.
    Unfold(Search),
    /// Stores what a `welcome` changes: the shelf as it shall be.
    Greet(Shelf, Healing),
    /// Stores that feeds are healed: the shelf as it shall be.
    Healed(Shelf),
    /// Stores that the device is retired.
    Retire(Known<DeviceRow>),
    /// Reads what a removal takes.
    ReadRemoval(Removal),
    /// Removes a few documents.
    Remove(Removal, Removed),
    /// Stores that a feed was removed, or is to be removed once more: its row as it shall be.
    EndRemoval(Known<FeedRow>),
}

/// The work with the store.
#[derive(Debug)]
pub(super) struct Desk {
    /// What this engine writes into the leader's row.
    token: Vec<u8>,
    job: Option<(Ticket, Job)>,
    last_ticket: u64,
    must_look: bool,
    /// What was kept for a newer version was looked at by this one.
    has_read_newer: bool,
    last_was_look: bool,
    last_was_removal: bool,
    /// The removal that is under way.
    removal: Option<Removal>,
    must_retire: bool,
    /// That is since somebody revoked it.
    was_revoked: bool,
    /// The relay says that another connection uses this device's identity.
    was_replaced: bool,
    /// When it said so while this engine led.
    replaced_at: Vec<u64>,
    /// This engine has led; another leader in the store means that it leads no more.
    has_led: bool,
    /// The store was read and written since the last doubt.
    is_leading: bool,
    is_superseded: bool,
    /// Changes that the relay lacks, to be looked for.
    to_fetch: Vec<(DocumentId, Vec<ChangeHash>)>,
    /// Doubts in a row.
    doubts: u32,
    /// Nothing before this time.
    blocked_until: Option<u64>,
    pub(super) was_synced: bool,
}

impl Desk {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            token: seed.to_be_bytes().to_vec(),
            job: None,
            last_ticket: 0,
            must_look: true,
            has_read_newer: false,
            last_was_look: false,
            last_was_removal: false,
            removal: None,
            must_retire: false,
            was_revoked: false,
            was_replaced: false,
            replaced_at: Vec::new(),
            has_led: false,
            is_leading: false,
            is_superseded: false,
            to_fetch: Vec::new(),
            doubts: 0,
            blocked_until: None,
            was_synced: false,
        }
    }

    pub(super) fn look_again(&mut self) {
        self.must_look = true;
    }

    /// The clock was set back by this much.
    pub(super) fn set_back(&mut self, by: u64) {
        for at in self.blocked_until.iter_mut().chain(&mut self.replaced_at) {
            *at = at.saturating_sub(by);
        }
    }

    pub(super) fn try_now(&mut self) {
        self.blocked_until = None;
    }

    pub(super) fn retire(&mut self) {
        self.must_retire = true;
    }

    /// Somebody revoked the device: it is retired for that.
    pub(super) fn revoke(&mut self) {
        (self.must_retire, self.was_revoked) = (true, true);
    }

    /// Whether the device is about to be retired: nothing more may be sent in its name.
    pub(super) fn is_retiring(&self) -> bool {
        self.must_retire
    }

    pub(super) fn replaced(&mut self) {
        self.was_replaced = true;
        self.must_look = true;
    }

    pub(super) fn fetch(&mut self, doc: DocumentId, hashes: Vec<ChangeHash>) {
        self.to_fetch.push((doc, hashes));
    }

    pub(super) fn is_superseded(&self) -> bool {
        self.is_superseded
    }

    pub(super) fn is_idle(&self) -> bool {
        self.job.is_none() && !self.must_look
    }

    /// Whether no job is under way that may move a cursor, and the store is known.
    pub(super) fn may_open(&self) -> bool {
        let moves_cursor = matches!(
            self.job,
            Some((
                _,
                Job::Store(_)
                    | Job::Settle(_)
                    | Job::Greet(..)
                    | Job::Healed(_)
                    | Job::Lead(_)
                    | Job::Retire(_)
                    | Job::EndRemoval(_)
            ))
        );
        self.is_leading && self.has_read_newer && !moves_cursor
    }

    /// When the store is tried again.
    pub(super) fn deadline(&self) -> Option<u64> {
        self.blocked_until
    }

    /// What belongs to a connection that has ended is not read on.
    pub(super) fn forget_talk(&mut self) {
        self.to_fetch.clear();
        if matches!(
            self.job,
            Some((
                _,
                Job::Receive(_) | Job::ReceiveWhole(..) | Job::Reread(..) | Job::Search(_) | Job::Fetch(..)
            ))
        ) {
            self.job = None;
        }
    }

    fn take(&mut self, ticket: Ticket) -> Option<Job> {
        match self.job.take() {
            Some((expected, job)) if expected == ticket => Some(job),
            other => {
                self.job = other;
                None
            }
        }
    }
}

impl ClientSync {
    /// Begins the next piece of work with the store, unless one is under way.
    pub(super) fn begin_job(&mut self, now: u64) {
        if self.desk.blocked_until.is_some_and(|until| until <= now) {
            self.desk.blocked_until = None;
        }
        while self.desk.job.is_none() && self.desk.blocked_until.is_none() && !self.desk.is_superseded {
            if self.desk.must_look && (!self.desk.is_leading || !self.desk.last_was_look) {
                self.look();
                self.desk.last_was_look = true;
            } else {
                self.desk.last_was_look = false;
                if !self.begin_talk_job(now) {
                    if self.desk.must_look {
                        self.look();
                    }
                    return;
                }
            }
        }
    }

    fn look(&mut self) {
        self.desk.must_look = false;
        let mut queries = Shelf::queries();
        queries.push(Query::Prefix(Table::Outbox, Key(Vec::new())));
        self.read(Job::Look, queries);
    }

    fn announce_retired(&mut self) {
        let is_revoked = self.shelf.device.as_ref().is_some_and(|known| known.row.revoked);
        self.announce(if is_revoked { Notice::DeviceRevoked } else { Notice::DeviceRetired });
    }

    /// Begins the most urgent piece of work; whether anything was done.
    fn begin_talk_job(&mut self, now: u64) -> bool {
        if !self.desk.is_leading {
            return false;
        }
        let Some(known) = &self.shelf.device else { return false };
        if self.desk.must_retire {
            if known.row.retired {
                self.desk.must_retire = false;
                return true;
            }
            let revoked = self.desk.was_revoked;
            let retired = Known::written(DeviceRow { retired: true, revoked, ..known.row.clone() });
            let commit = Commit {
                guards: vec![self.shelf.leader_guard(), self.shelf.device_guard()],
                writes: vec![retired.row.put()],
            };
            self.commit(Job::Retire(retired), commit);
            return true;
        }
        if !self.desk.has_read_newer {
            // Before the first `hello`, so that healing can be part of it.
            self.read(Job::Newer, vec![Query::Prefix(Table::Newer, Key(Vec::new()))]);
            return true;
        }
        if self.begin_greeting() {
            return true;
        }
        if let Some((doc, displaced)) = self.outbox.displaced() {
            self.read(Job::Reread(doc, displaced), stand_ins::queries(doc));
            return true;
        }
        if let Some(known) = self.outbox.beyond_removal(&self.shelf) {
            // A tab has stored something of it since: once more.
            let row = FeedRow { access: Access::Leaving, ..known.row.clone() };
            let commit =
                Commit { guards: vec![self.shelf.leader_guard(), known.guard()], writes: vec![row.put()] };
            self.commit(Job::EndRemoval(Known::written(row)), commit);
            return true;
        }
        if let Some(sender) = self.sender()
            && let Some(mut settlement) = self.outbox.settlement(now, &sender)
        {
            settlement.commit.guards.push(self.shelf.leader_guard());
            settlement.note_acked(&self.shelf);
            let commit = std::mem::take(&mut settlement.commit);
            self.commit(Job::Settle(settlement), commit);
            return true;
        }
        // Removing takes turns with what comes, so that neither keeps the other waiting.
        if !std::mem::take(&mut self.desk.last_was_removal) && self.begin_removal() {
            return true;
        }
        self.begin_ready_job(now) || self.begin_removal()
    }

    /// Goes on with the removal of a feed that the person may no longer read; whether there is one.
    fn begin_removal(&mut self) -> bool {
        let Some(removal) = self.desk.removal.take().or_else(|| Removal::of(&self.shelf)) else {
            return false;
        };
        self.desk.last_was_removal = true;
        match removal.step() {
            removal::Step::Read(queries) => self.read(Job::ReadRemoval(removal), queries),
            removal::Step::Finish => {
                let Some((known, mut commit)) = removal.finish(&self.shelf) else { return false };
                commit.guards.push(self.shelf.leader_guard());
                self.commit(Job::EndRemoval(known), commit);
            }
        }
        true
    }

    /// The rows came that a removal takes.
    fn remove(&mut self, now: u64, mut removal: Removal, rows: &[Row]) {
        if !removal.is_listed() {
            removal.listed(rows);
            self.desk.removal = Some(removal);
            return;
        }
        let Some(device) = &self.shelf.device else { return };
        let mut removed = removal.page(now, rows, &device.row);
        let mut commit = std::mem::take(&mut removed.commit);
        commit.guards.extend([self.shelf.leader_guard(), self.shelf.feed_guard(removal.feed())]);
        self.commit(Job::Remove(removal, removed), commit);
    }

    /// Begins what only a connection asks for; whether anything was done.
    fn begin_ready_job(&mut self, now: u64) -> bool {
        if !self.session.as_ref().is_some_and(|session| session.stage == Stage::Ready) {
            return false;
        }
        if let Some((doc, hashes)) = self.desk.to_fetch.pop() {
            let row = |hash: &ChangeHash| Query::Row(Table::Chunks, Key::change(doc, *hash));
            let queries = hashes.iter().map(row).collect();
            self.read(Job::Fetch(doc, hashes), queries);
            return true;
        }
        let docs = self.outbox.unread();
        if !docs.is_empty() {
            let queries = self.outbox.queries(&docs);
            self.read(Job::Load(docs), queries);
            return true;
        }
        if !self.inbox.is_empty() {
            let batches = self.inbox.next();
            let queries = inbox::queries(&batches);
            if queries.is_empty() {
                self.store(now, &batches, &[]);
            } else {
                self.read(Job::Receive(batches), queries);
            }
            return true;
        }
        let has_told_all = !self.healing.is_asking() && self.healing.decisions.is_empty();
        if self.healing.is_under_way() && has_told_all && !self.outbox.has_wanted() {
            self.end_healing();
            return true;
        }
        false
    }

    /// Goes on with what a `welcome` changes; whether there was anything to do.
    fn begin_greeting(&mut self) -> bool {
        let Some(session) = &mut self.session else { return false };
        match std::mem::replace(&mut session.stage, Stage::Ready) {
            Stage::Ready => false,
            Stage::Storing => {
                session.stage = Stage::Storing;
                false
            }
            Stage::Searching(greeting, search) => match search.step() {
                Step::Read(queries) => {
                    session.stage = Stage::Searching(greeting, Box::default());
                    self.read(Job::Search(*search), queries);
                    true
                }
                Step::Mark(mut commit) => {
                    session.stage = Stage::Searching(greeting, Box::default());
                    commit.guards.push(self.shelf.leader_guard());
                    self.commit(Job::Mark(*search), commit);
                    true
                }
                Step::Done => {
                    session.stage = Stage::Storing;
                    let (mut commit, healing) = search.finish();
                    let mut shelf = self.shelf.clone();
                    greeting.store(&mut shelf, &mut commit);
                    if commit.writes.is_empty() {
                        self.greeted(shelf, healing);
                    } else {
                        self.commit(Job::Greet(shelf, healing), commit);
                    }
                    true
                }
            },
        }
    }

    /// What a `welcome` changes is stored.
    fn greeted(&mut self, shelf: Shelf, healing: Healing) {
        self.shelf = shelf;
        let Some(session) = &mut self.session else {
            self.desk.must_look = true;
            return;
        };
        session.stage = Stage::Ready;
        if healing.is_under_way() {
            // What waits again has to be read.
            self.desk.must_look = true;
            self.announce(Notice::Documents(healing.docs()));
        }
        self.healing = healing;
        if self.session.as_ref().is_some_and(|session| session.must_reconnect) {
            self.reconnect();
        }
    }

    /// A new connection at once: only `hello` can move a cursor on the relay.
    pub(super) fn reconnect(&mut self) {
        self.close_and_rest();
        self.link.ended_at(0);
    }

    fn end_healing(&mut self) {
        let mut shelf = self.shelf.clone();
        let mut commit = Commit { guards: vec![self.shelf.leader_guard()], writes: Vec::new() };
        for feed in self.healing.feeds() {
            if let Some(known) = shelf.feeds.get_mut(feed) {
                commit.guards.push(known.guard());
                let mut row = known.row.clone();
                row.healing_from = None;
                commit.writes.push(row.put());
                *known = Known::written(row);
            }
        }
        self.healing = Healing::default();
        self.commit(Job::Healed(shelf), commit);
    }

    fn store(&mut self, now: u64, batches: &[Batch], rows: &[Row]) {
        self.store_settled(now, batches, rows, &OrderedSet::new());
    }

    /// Stores batches, and which changes of these documents, all of whose rows were read, count from then on.
    fn store_settled(&mut self, now: u64, batches: &[Batch], rows: &[Row], docs: &OrderedSet<DocumentId>) {
        let mut plan = inbox::plan(now, batches, rows, &self.shelf, docs);
        let commit = std::mem::take(&mut plan.commit);
        self.commit(Job::Store(plan), commit);
    }

    fn read(&mut self, job: Job, queries: Vec<Query>) {
        self.desk.last_ticket += 1;
        let ticket = Ticket(self.desk.last_ticket);
        self.desk.job = Some((ticket, job));
        self.effects.push_back(Effect::Read(ticket, queries));
    }

    fn commit(&mut self, job: Job, commit: Commit) {
        self.desk.last_ticket += 1;
        let ticket = Ticket(self.desk.last_ticket);
        self.desk.job = Some((ticket, job));
        self.effects.push_back(Effect::Commit(ticket, commit));
    }

    /// Rows were read.
    pub(super) fn rows_came(&mut self, now: u64, ticket: Ticket, rows: &[Row]) {
        match self.desk.take(ticket) {
            Some(Job::Look) => self.looked(now, rows),
            Some(Job::Load(docs)) => {
                self.desk.must_retire |= self.outbox.load(&docs, rows) == Consequence::Retire;
            }
            Some(Job::Fetch(doc, hashes)) => self.fetched(doc, &hashes, rows),
            Some(Job::Newer) => {
                let kept = inbox::readable(rows, &self.shelf);
                self.desk.has_read_newer = kept.is_empty();
                if !kept.is_empty() {
                    let queries = inbox::queries_of_kept(&kept);
                    self.read(Job::ReadKept(kept), queries);
                }
            }
            Some(Job::ReadKept(kept)) => {
                let mut plan = inbox::plan_kept(now, &kept, rows, &self.shelf);
                let commit = std::mem::take(&mut plan.commit);
                self.commit(Job::Store(plan), commit);
            }
            Some(Job::Receive(batches)) => {
                let docs = inbox::to_settle(&batches, rows);
                if docs.is_empty() {
                    self.store(now, &batches, rows);
                } else {
                    let queries = docs.iter().flat_map(|doc| stand_ins::queries(*doc)).collect();
                    self.read(Job::ReceiveWhole(batches, rows.to_vec()), queries);
                }
            }
            Some(Job::ReceiveWhole(batches, before)) => {
                let docs = inbox::to_settle(&batches, &before);
                // Of the tables that were read whole later, that counts.
                let is_read_again = |row: &Row| {
                    stand_ins::TABLES.contains(&row.table)
                        && docs.iter().any(|doc| row.key.0.starts_with(doc.as_bytes()))
                };
                let kept = before.iter().filter(|row| !is_read_again(row));
                let all: Vec<Row> = kept.cloned().chain(rows.iter().cloned()).collect();
                self.store_settled(now, &batches, &all, &docs);
            }
            Some(Job::Reread(doc, displaced)) => {
                let Some(known) = &self.shelf.device else { return };
                let is_own = |device| known.row.is_own(device);
                let Settled { mut commit, gone } = Ledger::of(doc, rows).settle(now, &displaced, &is_own);
                commit.guards.push(self.shelf.leader_guard());
                commit.writes.push(Write::Put(Row {
                    table: Table::Stale,
                    key: Key::document(doc),
                    value: Vec::new(),
                }));
                self.commit(Job::LetGo(doc, gone), commit);
            }
            Some(Job::ReadRemoval(removal)) => self.remove(now, removal, rows),
            Some(Job::Search(mut search)) => {
                search.look_through(rows);
                self.search_on(search);
            }
            _ => {}
        }
    }

    /// Goes on with a search, unless the connection that it belongs to has ended.
    fn search_on(&mut self, search: Search) {
        if let Some(session) = &mut self.session
            && let Stage::Searching(_, waiting) = &mut session.stage
            && waiting.is_placeholder()
        {
            **waiting = search;
        }
    }

    fn looked(&mut self, now: u64, rows: &[Row]) {
        let shelf = Shelf::from_rows(rows);
        let leads = shelf.leader.as_ref() == Some(&self.desk.token);
        if self.desk.has_led && !leads {
            self.close_and_rest();
            self.desk.is_superseded = true;
            self.announce(Notice::Superseded);
            return;
        }
        self.outbox.read(rows);
        if std::mem::take(&mut self.desk.was_replaced) {
            // The store says that this engine leads, and yet somebody else speaks as this device. Once may
            // be a leader of before whose greeting was under way; again and again is a copied database.
            self.desk.replaced_at.retain(|at| at + REPLACED_WITHIN_MS > now);
            self.desk.replaced_at.push(now);
            self.desk.must_retire |= self.desk.replaced_at.len() >= REPLACED_TIMES;
            // Two that replace each other at once would do nothing else.
            self.link.ended(now);
        }
        if shelf.device.is_none() {
            self.shelf = shelf;
            self.desk.is_leading = false;
            self.stop(Connection::SignInNeeded);
            return;
        }
        if !self.desk.is_leading {
            // The leader of before may have a commit under way, which moves what `hello` will name.
            let feeds = shelf.feeds.keys().map(|feed| shelf.feed_guard(feed));
            let commit = Commit {
                guards: [shelf.leader_guard()].into_iter().chain(feeds).collect(),
                writes: vec![Write::Put(Row {
                    table: Table::Meta,
                    key: Key::meta(MetaKey::Leader),
                    value: self.desk.token.clone(),
                })],
            };
            self.commit(Job::Lead(shelf), commit);
            return;
        }
        let is_other_device = |shelf: &Shelf| shelf.device.as_ref().map(|known| known.row.device);
        let was_retired = self.shelf.device.as_ref().is_some_and(|known| known.row.retired);
        let must_begin_anew =
            is_other_device(&shelf) != is_other_device(&self.shelf) || shelf.feeds != self.shelf.feeds;
        let is_retired = shelf.device.as_ref().is_some_and(|known| known.row.retired);
        self.shelf = shelf;
        if is_retired && !was_retired {
            self.announce_retired();
        }
        if must_begin_anew {
            (self.desk.must_retire, self.desk.was_revoked) = (false, false);
            self.close_and_rest();
            self.link.try_now(now);
        } else if self.link.phase() == Phase::Resting(None) {
            self.link.try_now(now);
        }
    }

    fn fetched(&mut self, doc: DocumentId, hashes: &[ChangeHash], rows: &[Row]) {
        let Some(sender) = self.sender() else { return };
        let mut found = Vec::new();
        for row in rows {
            let Some(chunk) = from_bytes::<ChunkRow>(&row.value) else { continue };
            let Ok(checked) = check_change(&chunk.bytes) else { continue };
            found.push((checked.hash, checked.actor.device()));
        }
        let has: OrderedSet<_> = found.iter().map(|(hash, _)| *hash).collect();
        let nowhere: Vec<_> = hashes.iter().filter(|hash| !has.contains(hash)).copied().collect();
        if nowhere.is_empty() {
            self.outbox.want(sender.device, doc, found);
        } else {
            self.outbox.cannot_fetch(doc, &nowhere);
        }
    }

    /// A read failed.
    pub(super) fn read_failed(&mut self, now: u64, ticket: Ticket, trouble: StoreTrouble) {
        if self.desk.take(ticket).is_some() {
            self.doubt(now, Some(trouble));
        }
    }

    /// A commit ended.
    pub(super) fn commit_ended(&mut self, now: u64, ticket: Ticket, result: CommitResult) {
        let Some(job) = self.desk.take(ticket) else { return };
        match result {
            CommitResult::Done => {}
            CommitResult::GuardFailed => return self.doubt(now, None),
            CommitResult::Failed(trouble) => return self.doubt(now, Some(trouble)),
        }
        let is_lead = matches!(job, Job::Lead(_));
        // A small write says nothing about whether there is room for a large one.
        if !is_lead || self.status.trouble != Some(StoreTrouble::Full) {
            self.status.trouble = None;
            self.desk.doubts = 0;
        }
        match job {
            Job::Lead(mut shelf) => {
                shelf.leader = Some(self.desk.token.clone());
                self.shelf = shelf;
                self.desk.has_led = true;
                self.desk.is_leading = true;
                if self.shelf.device.as_ref().is_some_and(|known| known.row.retired) {
                    self.announce_retired();
                }
                let is_signed_out = matches!(
                    self.link.phase(),
                    Phase::Stopped(Connection::SignInNeeded | Connection::Disabled)
                );
                if self.link.phase() == Phase::Resting(None) || is_signed_out {
                    self.link.try_now(now);
                }
            }
            Job::Store(plan) => {
                self.outbox.arrived(&plan.arrived);
                self.outbox.built_on(plan.built_on);
                for (doc, gone) in &plan.gone {
                    self.outbox.let_go(*doc, gone);
                }
                self.shelf.feeds.extend(plan.feeds);
                if !plan.docs.is_empty() {
                    self.announce(Notice::Documents(plan.docs.into_iter().collect()));
                }
            }
            Job::Settle(settlement) => {
                self.outbox.settled(&settlement);
                self.shelf.feeds.extend(settlement.feeds);
                for (doc, code) in &settlement.refused {
                    self.announce(Notice::Refused(*doc, *code));
                }
                self.announce(Notice::Documents(settlement.docs.into_iter().collect()));
            }
            Job::LetGo(doc, gone) => {
                self.outbox.let_go(doc, &gone);
                self.announce(Notice::Documents(vec![doc]));
            }
            Job::Mark(mut search) => {
                let mut commit = search.unfold();
                commit.guards.push(self.shelf.leader_guard());
                self.commit(Job::Unfold(search), commit);
            }
            Job::Unfold(search) => self.search_on(search),
            Job::Greet(shelf, healing) => self.greeted(shelf, healing),
            Job::Healed(shelf) => {
                self.shelf = shelf;
                if self.session.as_ref().is_some_and(|session| session.sees_more_than(&self.shelf)) {
                    self.reconnect();
                }
            }
            Job::Remove(removal, removed) => {
                self.desk.removal = Some(removal);
                // What waited of them is set aside.
                self.desk.must_look = true;
                self.announce(Notice::Documents(removed.docs));
            }
            Job::EndRemoval(known) => {
                let (feed, access) = (known.row.feed.clone(), known.row.access);
                self.shelf.feeds.insert(feed.clone(), known);
                self.desk.must_look = true;
                if access == Access::Removed {
                    self.announce(Notice::Removed(feed));
                    if self.link.phase() == Phase::Resting(None) {
                        self.link.try_now(now);
                    }
                }
            }
            Job::Retire(known) => {
                self.shelf.device = Some(known);
                self.desk.must_retire = false;
                self.announce_retired();
            }
            Job::Look
            | Job::Load(_)
            | Job::Fetch(..)
            | Job::Newer
            | Job::ReadKept(_)
            | Job::Receive(_)
            | Job::ReceiveWhole(..)
            | Job::Reread(..)
            | Job::ReadRemoval(_)
            | Job::Search(_) => {}
        }
    }

    /// What is in memory may not be what is stored: forget it, close, read again after a pause.
    fn doubt(&mut self, now: u64, trouble: Option<StoreTrouble>) {
        self.close_and_rest();
        self.desk.doubts = self.desk.doubts.saturating_add(1);
        let pause = match &trouble {
            Some(_) => (500 << self.desk.doubts.min(8)).min(TROUBLE_MS),
            None => 20 << self.desk.doubts.min(8),
        };
        if trouble.is_some() {
            self.status.trouble = trouble;
        }
        self.desk.blocked_until = Some(now + pause);
        self.desk.is_leading = false;
        self.desk.must_look = true;
        self.desk.removal = None;
        self.outbox = super::Outbox::default();
    }
}
