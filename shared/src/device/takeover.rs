//! Work that no receipt proves and whose makers do not come back, applied again as this person's own new edits, in
//! stand-ins ([`crate::stand_in`]); and what was written on top of work that somebody took over.
//!
//! Of a document all that waits is taken over at once, with what builds on it, own edits among it: after [`AFTER_MS`] or
//! when the person says so. Only edits of this device that lost their ground ([`SetAsideReason::Orphaned`]) are applied
//! again at once. The relay decides whose stand-in counts; [`super::stand_ins`] follows it.

use std::collections::VecDeque;

use super::open_document::OpenDocument;
use super::row::{DecisionRow, DocumentRow, SetAsideReason, SetAsideRow, from_bytes};
use super::stand_ins::{self, Ledger};
use super::table::{Commit, Key, Query, Row, Table};
use crate::change_check::snapshot::load_snapshot;
use crate::change_check::{CheckedChange, check_change, outline};
use crate::ids::{ActorId, ChangeHash, DeviceId, DocumentId};
use crate::model::decision::State;
use crate::model::difference::transplanted;
use crate::model::document::{Document, DocumentError};
use crate::model::summary::Summary;
use crate::ordered::{OrderedMap, OrderedSet};
use crate::stand_in::{self, StandIn};

/// How long work waits for its maker's device before it is taken over without anybody saying so.
pub const AFTER_MS: u64 = 14 * 24 * 60 * 60 * 1_000;

/// The slot of the actor that takes over: no tab's, so that no tab's open document writes beside it.
pub const SLOT: u8 = u8::MAX;

/// What is to be applied again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// All that waits in the document, whoever made it.
    All,
    /// What this device wrote on top of what somebody took over.
    Own,
}

/// What a takeover gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The one commit that stores the stand-ins in place of what they stand for. Its guards hold only once: of several
    /// tabs one does it.
    pub commit: Commit,
    /// Each stand-in, and what it stands for.
    pub stand_ins: Vec<(ChangeHash, Vec<ChangeHash>)>,
}

/// Whether work may be taken over in a document of this state, by whoever may write in it.
pub fn may_take_over(state: State) -> bool {
    state != State::Archived
}

/// How much of a document is taken over now without anybody saying so; `None`: nothing.
pub fn due(summary: &Summary, has_orphaned: bool, now: u64) -> Option<Share> {
    if !may_take_over(summary.state) {
        return None;
    }
    let has_waited = |since: u64| now.saturating_sub(since) >= AFTER_MS;
    let is_due = summary.waits_since.is_some_and(has_waited);
    is_due.then_some(Share::All).or(has_orphaned.then_some(Share::Own))
}

/// The rows of one document that this takes.
pub fn queries(doc: DocumentId) -> Vec<Query> {
    let mut queries = stand_ins::queries(doc);
    queries.push(Query::Prefix(Table::Decisions, Key::document(doc)));
    queries
}

/// How much of a document waits for its makers' devices, and since when; `None` where nothing does.
pub fn waiting(
    rows: &[Row],
    doc: DocumentId,
    is_own: &dyn Fn(DeviceId) -> bool,
) -> Option<(u64, Vec<ChangeHash>)> {
    let ledger = Ledger::of(doc, rows);
    let held = ledger.chunks.iter().filter_map(|(hash, chunk)| Some((chunk.row.unproven_since?, *hash)));
    waiting_among(held, ledger.aside.values().map(|aside| &aside.row), is_own)
}

/// The same of a document's unproven changes, each with the time since when it waits, and of what is set aside.
pub fn waiting_among<'a>(
    unproven: impl Iterator<Item = (u64, ChangeHash)>,
    aside: impl Iterator<Item = &'a SetAsideRow>,
    is_own: &dyn Fn(DeviceId) -> bool,
) -> Option<(u64, Vec<ChangeHash>)> {
    let orphaned = aside.filter(|row| {
        matches!(row.reason, SetAsideReason::Orphaned(_))
            && outline(&row.bytes).is_some_and(|outline| !is_own(outline.actor.device()))
    });
    let all: Vec<(u64, ChangeHash)> = unproven.chain(orphaned.map(|row| (row.at, row.hash))).collect();
    let since = all.iter().map(|(since, _)| *since).min()?;
    Some((since, all.into_iter().map(|(_, hash)| hash).collect()))
}

/// The changes of this device that lost their ground since somebody took over what they build on, among what is set aside.
/// They are applied again at once by whoever may write; where the person may not, nobody can, and they are theirs to discard.
pub fn own_orphans<'a>(
    aside: impl Iterator<Item = &'a SetAsideRow>,
    is_own: &dyn Fn(DeviceId) -> bool,
) -> Vec<ChangeHash> {
    let is_own = |row: &&SetAsideRow| {
        matches!(row.reason, SetAsideReason::Orphaned(_))
            && outline(&row.bytes).is_some_and(|outline| is_own(outline.actor.device()))
    };
    aside.filter(is_own).map(|row| row.hash).collect()
}

/// Lets go of what others made and somebody took over, [`AFTER_MS`] after it was set aside: its stand-in is in the log by
/// then, and in every backup that is still of use. What this device made stays until its person has seen it. Of the rows of
/// [`queries`].
pub fn outlived(now: u64, doc: DocumentId, rows: &[Row], is_own: &dyn Fn(DeviceId) -> bool) -> Commit {
    let ledger = Ledger::of(doc, rows);
    let mut commit = Commit::default();
    for (hash, aside) in &ledger.aside {
        let SetAsideReason::TakenOver(by) = aside.row.reason else { continue };
        let is_others = aside.outline.as_ref().is_some_and(|outline| !is_own(outline.actor.device()));
        if is_others && has_outlived(aside.row.at, now) && ledger.is_stored(&by) {
            ledger.drop_aside(&mut commit, *hash);
        }
    }
    commit
}

/// Whether what was set aside at a time need not be kept for a stand-in that is lost.
pub(super) fn has_outlived(at: u64, now: u64) -> bool {
    now.saturating_sub(at) >= AFTER_MS
}

/// Applies work again; `None` where there is none, or nothing of it can be. `actor` must have [`SLOT`]; `is_own` knows the
/// devices that this database is and was.
///
/// # Errors
/// When the document cannot be opened or would be over a limit; nothing is done then.
pub fn take_over(
    now: u64,
    row: &DocumentRow,
    actor: ActorId,
    rows: &[Row],
    share: Share,
    is_own: &dyn Fn(DeviceId) -> bool,
) -> Result<Option<Taken>, DocumentError> {
    let ledger = Ledger::of(row.doc, rows);
    let work = chosen(&ledger, share, is_own);
    let pool = Pool::of(&ledger);
    let pieces = pieces(&work, &pool);
    if pieces.is_empty() {
        return Ok(None);
    }
    let mut onto = begun(now, row, actor, &ledger, rows, &work)?;
    if share == Share::Own {
        onto.note_waiting(waiting(rows, row.doc, is_own).map(|(since, _)| since));
    }
    let mut taken = Taken { commit: Commit::default(), stand_ins: Vec::new() };
    let mut pieces: VecDeque<Vec<ChangeHash>> = pieces.into();
    while let Some(piece) = pieces.pop_front() {
        let Ok((before, mut after)) = pool.around(row, &piece) else {
            // Of two lines of a document in which one actor gave a number twice, each change is taken over by itself. One that
            // fits in no version stays as it is.
            if piece.len() > 1 {
                piece.iter().rev().for_each(|hash| pieces.push_front(vec![*hash]));
            }
            continue;
        };
        // What was never anywhere else begins once more.
        let before = before.map_or_else(|| blank(row, actor), Ok)?;
        let edits = transplanted(&before, &mut after, onto.document());
        let makers =
            piece.iter().filter_map(|hash| pool.changes.get(hash)).map(|change| change.actor.device());
        onto.stand_for(StandIn::new(piece.iter().copied(), makers));
        onto.edit_all(now, &edits)?;
        let Some(flushed) = onto.flush(now) else { continue };
        let Some(first) = flushed.changes.first() else { continue };
        taken.commit.writes.extend(flushed.commit.writes);
        for hash in &piece {
            ledger.put_aside(&mut taken.commit, now, *hash, SetAsideReason::TakenOver(*first));
        }
        taken.stand_ins.push((*first, piece));
    }
    Ok((!taken.stand_ins.is_empty()).then_some(taken))
}

/// The changes that are to be applied again.
fn chosen(ledger: &Ledger, share: Share, is_own: &dyn Fn(DeviceId) -> bool) -> OrderedSet<ChangeHash> {
    let orphans = ledger.aside.iter().filter_map(|(hash, aside)| {
        let is_orphan = matches!(aside.row.reason, SetAsideReason::Orphaned(_));
        Some((*hash, aside.outline.as_ref().filter(|_| is_orphan)?))
    });
    let mut work: OrderedSet<ChangeHash> = match share {
        Share::Own => {
            let own = orphans.filter(|(_, outline)| is_own(outline.actor.device()));
            return own.map(|(hash, _)| hash).collect();
        }
        Share::All => orphans.map(|(hash, _)| hash).collect(),
    };
    work.extend(
        ledger.chunks.iter().filter(|(_, chunk)| chunk.row.unproven_since.is_some()).map(|(hash, _)| *hash),
    );
    loop {
        let before = work.len();
        for (hash, chunk) in &ledger.chunks {
            let builds_on = |deps: &[ChangeHash]| deps.iter().any(|dep| work.contains(dep));
            if chunk.outline.as_ref().is_some_and(|outline| builds_on(&outline.deps)) {
                work.insert(*hash);
            }
        }
        if work.len() == before {
            return work;
        }
    }
}

/// The document without the work, to write in; a new one where nothing else of it is there.
fn begun(
    now: u64,
    row: &DocumentRow,
    actor: ActorId,
    ledger: &Ledger,
    rows: &[Row],
    work: &OrderedSet<ChangeHash>,
) -> Result<OpenDocument, DocumentError> {
    let counting: Vec<_> = ledger
        .chunks
        .iter()
        .filter(|(hash, _)| !work.contains(hash))
        .map(|(hash, chunk)| (*hash, chunk.row.clone()))
        .collect();
    if counting.is_empty() {
        return Ok(OpenDocument::create(now, row.doc, row.kind, row.home.clone(), actor));
    }
    let decisions = rows.iter().filter(|row| row.table == Table::Decisions);
    let decisions = decisions.filter_map(|row| from_bytes::<DecisionRow>(&row.value)).collect();
    let opened = OpenDocument::open(now, row.clone(), actor, counting, decisions, &OrderedSet::new());
    opened.map(|opened| opened.document).map_err(|failure| failure.error)
}

/// What a new document says: the same on both sides of a comparison.
fn blank(row: &DocumentRow, actor: ActorId) -> Result<Document, DocumentError> {
    Ok(Document::create(row.doc, row.kind, actor))
}

/// The work in pieces that one message can name, each behind those that it builds on. What builds on a change that is not
/// here is left out.
fn pieces(work: &OrderedSet<ChangeHash>, pool: &Pool) -> Vec<Vec<ChangeHash>> {
    let mut left = work.clone();
    let mut ordered: Vec<ChangeHash> = Vec::new();
    let mut done: OrderedSet<ChangeHash> = OrderedSet::new();
    loop {
        let is_ready = |hash: &ChangeHash| {
            pool.changes.get(hash).is_some_and(|change| {
                change
                    .deps
                    .iter()
                    .all(|dep| done.contains(dep) || (!work.contains(dep) && pool.is_whole(dep, work)))
            })
        };
        let ready: Vec<ChangeHash> = left.iter().filter(|hash| is_ready(hash)).copied().collect();
        if ready.is_empty() {
            return ordered.chunks(stand_in::MOST).map(<[ChangeHash]>::to_vec).collect();
        }
        for hash in ready {
            left.remove(&hash);
            done.insert(hash);
            ordered.push(hash);
        }
    }
}

/// Every change of a document that is here, whether it counts or not.
struct Pool {
    changes: OrderedMap<ChangeHash, CheckedChange>,
    /// Those that wait for somebody else, so that nothing is applied again that was made on them.
    open: OrderedSet<ChangeHash>,
}

impl Pool {
    fn of(ledger: &Ledger) -> Self {
        let mut changes = OrderedMap::new();
        for chunk in ledger.chunks.values() {
            if chunk.outline.is_some() {
                changes.extend(check_change(&chunk.row.bytes).ok().map(|checked| (checked.hash, checked)));
            } else if let Ok(snapshot) = load_snapshot(&chunk.row.bytes) {
                changes.extend(snapshot.changes.into_iter().map(|checked| (checked.hash, checked)));
            }
        }
        for (hash, aside) in &ledger.aside {
            if aside.outline.is_some() && !changes.contains_key(hash) {
                changes.extend(check_change(&aside.row.bytes).ok().map(|checked| (checked.hash, checked)));
            }
        }
        let is_open =
            |aside: &stand_ins::StoredAside| !matches!(aside.row.reason, SetAsideReason::TakenOver(_));
        let aside =
            ledger.aside.iter().filter(|(hash, aside)| is_open(aside) && !ledger.chunks.contains_key(hash));
        Self { changes, open: aside.map(|(hash, _)| *hash).collect() }
    }

    /// Whether a change is here with all that it builds on, nothing of it waiting for somebody else.
    fn is_whole(&self, hash: &ChangeHash, work: &OrderedSet<ChangeHash>) -> bool {
        let (mut seen, mut stack) = (OrderedSet::new(), vec![*hash]);
        while let Some(hash) = stack.pop() {
            let Some(change) = self.changes.get(&hash) else { return false };
            if self.open.contains(&hash) && !work.contains(&hash) {
                return false;
            }
            if seen.insert(hash) {
                stack.extend(change.deps.iter().copied());
            }
        }
        true
    }

    /// The version that a piece of work was made on, and the one with it; no version where it begins the document.
    fn around(
        &self,
        row: &DocumentRow,
        piece: &[ChangeHash],
    ) -> Result<(Option<Document>, Document), DocumentError> {
        let of_piece: OrderedSet<ChangeHash> = piece.iter().copied().collect();
        let mut before: OrderedSet<ChangeHash> = OrderedSet::new();
        let mut stack: Vec<ChangeHash> = piece.to_vec();
        while let Some(hash) = stack.pop() {
            let deps = self.changes.get(&hash).map(|change| change.deps.as_slice()).unwrap_or_default();
            stack.extend(deps.iter().filter(|dep| !of_piece.contains(dep) && before.insert(**dep)));
        }
        let of = |hashes: &OrderedSet<ChangeHash>| {
            let found = hashes.iter().filter_map(|hash| self.changes.get(hash));
            found.map(|checked| checked.change.clone()).collect::<Vec<_>>()
        };
        let nobody = ActorId::from_bytes([0; ActorId::LENGTH]);
        let open = |changes| Document::open_as(row.doc, row.kind, nobody, changes);
        let earlier = of(&before);
        let whole = earlier.iter().cloned().chain(of(&of_piece)).collect::<Vec<_>>();
        let earlier = if earlier.is_empty() { None } else { Some(open(earlier)?) };
        Ok((earlier, open(whole)?))
    }
}
