//! A document that a tab has open: edits, their grouping into changes, what others did meanwhile, and
//! the commits that make it durable.
//!
//! A tab's life of a document:
//! 1. [`super::poison::poison_mark`] is committed, then the document's chunks are read and given to
//!    [`OpenDocument::open`], then [`super::poison::poison_clear`] is committed.
//! 2. Each [`Edit`] is applied at once and joins the open group. [`OpenDocument::due_at`] says when the
//!    group becomes a change; [`OpenDocument::flush`] makes it and gives the one commit that stores it:
//!    chunk, outbox and summary. Only after that commit is done may it be sent or be called safe.
//! 3. When the store has new chunks ("look"), those that [`OpenDocument::knows`] not are read, marked and
//!    given to [`OpenDocument::receive`]. The open group becomes a change first, and comes back with the
//!    answer: it must be committed like any other.

pub mod again;
mod crossings;
mod reopen;
mod restore;

use std::collections::VecDeque;

use super::decision_time::{DecisionTime, decision_times};
use super::draft::{DraftRow, Group};
use super::edit_limits::{Cost, GROUP_BYTES, GROUP_OPERATIONS, check_room, pieces};
use super::intake::Intake;
use super::row::{ChunkRow, DecisionRow, DocumentRow, OutboxRow, SetAsideRow, Stored};
use super::table::{Commit, Table, Write};
use super::text_watch::TextWatches;
pub use super::undo::StepMark;
use super::undo::{Inverse, Step, Undo, Way};
use crate::ids::{ActorId, ChangeHash, DocumentId, FeedId, UserId};
use crate::model::decision::{Course, DecisionRefusal, Event, FourEyes, State, says_nothing};
use crate::model::discussion;
use crate::model::document::{ChangeNote, Document, DocumentError, NewChange};
use crate::model::edit::Edit;
use crate::model::field::{FieldRef, List};
use crate::model::kind::Kind;
use crate::model::known_change::{KnownChanges, actor as actor_of_known};
use crate::model::moment::Clock;
use crate::model::standing_note::{StandingNote, standing_decision};
use crate::model::summary::Summary;
use crate::model::text::Delta;
use crate::model::version::version_number;
use crate::ordered::OrderedSet;
use crate::role::Role;
use crate::stand_in::StandIn;
use crate::wire::{Bytes, Decision, limits};
use crossings::Crossings;

/// How long a group of keystrokes may stay open while nobody else is in the document.
pub const GROUP_ALONE_MS: u64 = 4_000;
/// The same while others are in the document.
pub const GROUP_TOGETHER_MS: u64 = 400;
/// The pause after which a group becomes a change, alone and together.
pub const PAUSE_ALONE_MS: u64 = 1_000;
/// See [`PAUSE_ALONE_MS`].
pub const PAUSE_TOGETHER_MS: u64 = 150;
/// How long received changes may wait for an open group.
pub const RECEIVED_WAIT_MS: u64 = 200;
/// The longest time for which the work of others is gathered before the next of it is applied.
const GATHER_MS: u64 = 1_000;

/// How long the work of others is gathered after applying some of it took so long, in milliseconds: Automerge walks a
/// whole text for one change of it as for many, and who types beside shall have three quarters of the time.
pub fn gather_ms(took_ms: u64) -> u64 {
    took_ms.saturating_mul(3).min(GATHER_MS)
}

/// A document that a tab has open.
pub struct OpenDocument {
    intake: Intake,
    row: DocumentRow,
    is_new: bool,
    actor: ActorId,
    decisions: Vec<DecisionRow>,
    group_began: Option<u64>,
    group_bytes: usize,
    group: Group,
    /// The version on which the open group is made, and the number that its change gets.
    group_base: Option<(Vec<ChangeHash>, u64)>,
    last_edit: u64,
    /// Changes that a large edit has filled, not yet given out by [`OpenDocument::flush`].
    made: Vec<NewChange>,
    /// Changes that [`OpenDocument::flush`] has given out and of which it is not known that they are stored.
    unstored: Vec<NewChange>,
    with_others: bool,
    clock: Clock,
    /// When the last change was made without a time, by the clock that is off.
    untimed_ms: u64,
    version: u64,
    undo: Undo,
    texts: TextWatches,
    /// What the change that is made next stands for.
    stand_in: StandIn,
    /// The heads of the version that the changes which are made now restore.
    restores: Vec<ChangeHash>,
    /// How many changes that restore something there were when they met last.
    met_restorations: usize,
    crossings: Crossings,
    waits_since: Option<u64>,
}

/// What [`OpenDocument::open`] gives.
pub struct Opened {
    /// The document, with all that is good.
    pub document: OpenDocument,
    /// Chunks that are bad: to be moved by [`super::poison::set_aside`].
    pub bad: Vec<SetAsideRow>,
    /// How many changes wait for others that are not here.
    pub waiting: usize,
}

/// Why a document cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct OpenFailure {
    /// The cause.
    #[source]
    pub error: DocumentError,
    /// Chunks that are bad, as in [`Opened`].
    pub bad: Vec<SetAsideRow>,
    /// How many changes wait for others that are not here. With some, and nothing bad, the rest of the
    /// document is still on its way.
    pub waiting: usize,
}

/// What [`OpenDocument::flush`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Flushed {
    /// The new changes, in order: one, or more where an edit was larger than a change may be.
    pub changes: Vec<ChangeHash>,
    /// Stores them: chunks, outbox, summary, and the document's row when it is new.
    pub commit: Commit,
}

/// What [`OpenDocument::receive`] gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// The open group, which became a change first: commit it.
    pub flushed: Option<Flushed>,
    /// What was taken in.
    pub applied: Vec<ChangeHash>,
    /// Chunks that are bad: to be moved by [`super::poison::set_aside`].
    pub bad: Vec<SetAsideRow>,
    /// How many changes wait for others that are not here.
    pub waiting: usize,
}

/// What [`OpenDocument::pin`] gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Pinned {
    /// The open group, which became a change first: commit it.
    pub flushed: Option<Flushed>,
    /// The version that stands: what a decision is made on that begins now.
    pub heads: Vec<ChangeHash>,
}

/// Who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decider {
    /// The person.
    pub user: UserId,
    /// Their role in the document's home feed.
    pub role: Role,
    /// What that feed's region says of deciding on one's own submission.
    pub four_eyes: FourEyes,
}

/// Why a decision cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// It is no record of its own: nobody decides on it.
    #[error("nobody decides on a document of this kind")]
    NoRecord,
    /// The role does not allow it.
    #[error("this role may not make this decision")]
    Role,
    /// The decisions before it do not allow it, or it lacks its remark.
    #[error(transparent)]
    Refused(#[from] DecisionRefusal),
    /// The note is too long.
    #[error("the note is longer than {} bytes", limits::NOTE_BYTES)]
    Note,
    /// More heads than a decision may name.
    #[error("the document has too many loose ends; edit it once, then decide")]
    Heads,
    /// The version is not in this copy: nothing, or changes that were set aside since.
    #[error("the version is not here any more; look at the document again")]
    Version,
}

impl OpenDocument {
    /// Begins a new document; the first [`OpenDocument::flush`] stores its row too.
    pub fn create(now: u64, doc: DocumentId, kind: Kind, home: FeedId, actor: ActorId) -> Self {
        if kind == Kind::Discussion
            && let Some(begun) = Self::created_discussion(now, doc, home.clone(), actor)
        {
            return begun;
        }
        let row = DocumentRow { doc, kind, feeds: vec![home.clone()], home };
        let intake = Intake::begun(Document::create(doc, kind, actor));
        Self { group_began: Some(now), last_edit: now, is_new: true, ..Self::with(intake, row, actor) }
    }

    /// Begins the discussion of a document in a feed, as everybody begins it; the first [`OpenDocument::flush`] stores
    /// it. `None` where the document has an id of another form than ours.
    pub fn begin_discussion(now: u64, about: DocumentId, feed: FeedId, actor: ActorId) -> Option<Self> {
        Self::created_discussion(now, discussion::id_of(about, &feed)?, feed, actor)
    }

    fn created_discussion(now: u64, doc: DocumentId, feed: FeedId, actor: ActorId) -> Option<Self> {
        let first = discussion::first_change(doc, &feed)?;
        let mut intake = Intake::blank(doc, actor);
        if !intake.take_nobodys(&first.bytes) {
            return None;
        }
        let intake = intake.identified_as(Kind::Discussion).ok()?;
        let row = DocumentRow { doc, kind: Kind::Discussion, feeds: vec![feed.clone()], home: feed };
        let begun =
            Self { group_began: Some(now), last_edit: now, is_new: true, ..Self::with(intake, row, actor) };
        Some(Self { made: vec![first], ..begun })
    }

    /// Opens a document from its rows. `set_aside` are the changes that do not count. What is bad is
    /// reported, and the rest opens.
    ///
    /// # Errors
    /// When what is good makes up no document.
    pub fn open(
        now: u64,
        row: DocumentRow,
        actor: ActorId,
        chunks: Vec<(ChangeHash, ChunkRow)>,
        decisions: Vec<DecisionRow>,
        set_aside: &OrderedSet<ChangeHash>,
    ) -> Result<Opened, Box<OpenFailure>> {
        let mut intake = Intake::blank(row.doc, actor);
        let chunks = chunks.into_iter().filter(|(hash, _)| !set_aside.contains(hash)).collect();
        let bad = intake.take(now, chunks).bad;
        let waiting = intake.waiting();
        match intake.identified_as(row.kind) {
            Ok(intake) => {
                let document =
                    Self { decisions: in_log_order(&row.home, decisions), ..Self::with(intake, row, actor) };
                Ok(Opened { document, bad, waiting })
            }
            Err(error) => Err(Box::new(OpenFailure { error, bad, waiting })),
        }
    }

    fn with(intake: Intake, row: DocumentRow, actor: ActorId) -> Self {
        Self {
            intake,
            row,
            is_new: false,
            actor,
            decisions: Vec::new(),
            group_began: None,
            group_bytes: 0,
            group: Group::default(),
            group_base: None,
            last_edit: 0,
            made: Vec::new(),
            unstored: Vec::new(),
            with_others: false,
            clock: Clock::default(),
            untimed_ms: 0,
            version: 0,
            undo: Undo::default(),
            texts: TextWatches::default(),
            stand_in: StandIn::default(),
            restores: Vec::new(),
            met_restorations: 0,
            crossings: Crossings::default(),
            waits_since: None,
        }
    }

    /// The document as it stands, open edits included.
    pub fn document(&self) -> &Document {
        &self.intake.document
    }

    /// Grows with each edit, each received change and each new decision.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The feed that it belongs to.
    pub fn home(&self) -> &FeedId {
        &self.row.home
    }

    /// The actor of this tab's edits.
    pub fn actor(&self) -> ActorId {
        self.actor
    }

    /// Whether a chunk is in already, or waits for others.
    pub fn knows(&self, hash: ChangeHash) -> bool {
        self.intake.knows(hash)
    }

    /// Whether everything typed has been given out by [`OpenDocument::flush`].
    pub fn is_flushed(&self) -> bool {
        self.made.is_empty() && !self.document().has_open_edits()
    }

    /// What the store says of it: its kind and where it stands.
    pub fn row(&self) -> &DocumentRow {
        &self.row
    }

    /// Others are in the document just now: groups are short.
    pub fn set_with_others(&mut self, with_others: bool) {
        self.with_others = with_others;
    }

    /// What is known of this device's clock: while it is off, changes are made without a time.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// Which known changes there are, instead of those of this version.
    pub fn set_known(&mut self, known: KnownChanges) {
        self.intake.known = known;
    }

    /// Whether nothing can be written into a field, because the document has no place for it and no known change makes one.
    pub fn lacks(&self, field: &FieldRef) -> bool {
        let name = field.item.map_or(field.field.name, |(list, _)| list.name);
        self.document().lacks(field) && !self.gets(name)
    }

    /// Whether no item can be added to a list, for the same reason.
    pub fn lacks_list(&self, list: List) -> bool {
        self.document().lacks_list(list) && !self.gets(list.name)
    }

    /// Whether a known change makes a container that is missing.
    fn gets(&self, name: &str) -> bool {
        self.document().lacks_container(name) && self.intake.known.adding(self.row.kind, name).is_some()
    }

    /// Takes note since when work of others in it waits for their devices, which lists show.
    pub fn note_waiting(&mut self, waits_since: Option<u64>) {
        self.waits_since = waits_since;
    }

    /// The change that is made next stands for others, and is made also where there are no edits.
    pub(in crate::device) fn stand_for(&mut self, stand_in: StandIn) {
        self.stand_in = stand_in;
    }

    /// The changes without a time of which it is not known when the relay stored them.
    pub fn untimed(&self) -> impl Iterator<Item = ChangeHash> {
        let notes = self.document().log().notes().iter();
        let is_untimed =
            |note: &&ChangeNote| note.own_ms == 0 && note.stored_ms.is_none() && !note.is_known_change();
        notes.filter(is_untimed).map(|note| note.hash)
    }

    /// The decisions, in the order of the log; those that the relay has not acked come last.
    pub fn decisions(&self) -> &[DecisionRow] {
        &self.decisions
    }

    /// When each of the decisions was made, in their order.
    pub fn decision_times(&self) -> Vec<DecisionTime> {
        decision_times(&self.decisions, |hash| self.intake.received(hash))
    }

    /// The changes of which it is to be asked when the relay stored them: those that decisions name and that were made
    /// here, and those that may have crossed others. Their rows say so once they are acked; to be given to
    /// [`OpenDocument::note_stored`].
    pub fn undated(&self) -> Vec<ChangeHash> {
        let heads = self.decisions.iter().flat_map(|row| &row.decision.heads);
        let heads = heads.filter(|head| self.intake.received(**head).is_none()).copied();
        heads.chain(self.document().of_unknown_waiting()).collect()
    }

    /// Notes what rows of changes say of when the relay stored them.
    pub fn note_stored(&mut self, chunks: &[(ChangeHash, ChunkRow)]) {
        self.intake.note_stored(chunks);
        self.look_for_crossings_of(chunks.iter().map(|(hash, _)| *hash));
    }

    /// Takes the decisions as the store has them now.
    pub fn set_decisions(&mut self, decisions: Vec<DecisionRow>) {
        let decisions = in_log_order(&self.row.home, decisions);
        if decisions != self.decisions {
            self.decisions = decisions;
            self.version += 1;
        }
    }

    /// What its decisions come to.
    pub fn course(&self) -> Course {
        Course::of(self.decisions.iter().map(|row| (row.decision.event, &row.by)))
    }

    /// Whether a version has all that was in the one that was submitted last, as far as that is here.
    pub fn has_submission(&self, heads: &[ChangeHash]) -> bool {
        let submissions = self.decisions.iter().rev().filter(|row| row.decision.event == Event::Submit);
        let Some(last) = submissions.map(|row| &row.decision.heads).next() else { return true };
        let log = self.document().log();
        let version = log.version(heads);
        last.iter()
            .filter_map(|head| log.get(*head))
            .all(|note| note.is_known_change() || version.contains(&note.hash))
    }

    /// The summary as the document stands.
    pub fn summary(&self) -> Summary {
        let summary = Summary::of(self.document());
        // A change without a time stands in lists where its device's clock puts it until the relay says when it came.
        let edited_at = if self.untimed().next().is_some() {
            summary.edited_at.max(self.untimed_ms)
        } else {
            summary.edited_at
        };
        let Course { state, submitted_by } = self.course();
        let note = self.standing_note();
        let notes = self.decisions.iter().filter_map(|row| row.decision.note.as_deref());
        let text = summary.text.and(notes);
        Summary { text, state, submitted_by, edited_at, waits_since: self.waits_since, note, ..summary }
    }

    /// The place of the decision that put the record where it stands.
    pub fn standing_decision(&self) -> Option<usize> {
        standing_decision(self.decisions.iter().map(|row| row.decision.event))
    }

    fn standing_note(&self) -> Option<StandingNote> {
        let place = self.standing_decision()?;
        let row = &self.decisions[place];
        let note = row.decision.note.as_ref().filter(|note| !says_nothing(note))?;
        let at = self.decision_times().get(place)?.at;
        let number = version_number(self.decisions.iter().map(|row| row.decision.event), place);
        Some(StandingNote::new(row.decision.event, row.by.clone(), at, note).on_version(number))
    }

    /// Applies an edit at once; it joins the open group. One that is larger than a change may be fills
    /// several; the next [`OpenDocument::flush`] stores them all.
    ///
    /// # Errors
    /// When the edit does not fit the document or would be over a limit; nothing is changed then.
    pub fn edit(&mut self, now: u64, edit: &Edit) -> Result<(), DocumentError> {
        let inverses = self.apply(now, edit)?;
        self.undo.note(now, inverses);
        Ok(())
    }

    /// Applies edits that are one step of the person's work, such as a block that is pasted.
    ///
    /// # Errors
    /// When one of them does not fit the document or would be over a limit: those before it stay, as a step.
    pub fn edit_in_one_step(&mut self, now: u64, edits: &[Edit]) -> Result<(), DocumentError> {
        self.undo.end_step();
        let (inverses, outcome) = self.apply_all(now, edits);
        self.undo.note(now, inverses);
        self.undo.end_step();
        outcome
    }

    /// The same, where the screen changes something with it that is not in the record: it is a step though no edit changes
    /// anything, and [`OpenDocument::last_stepped`] tells of it by its mark.
    ///
    /// # Errors
    /// As above.
    pub fn edit_with_screen(&mut self, now: u64, edits: &[Edit]) -> Result<StepMark, DocumentError> {
        let (inverses, outcome) = self.apply_all(now, edits);
        match outcome {
            Ok(()) => Ok(self.undo.note_standing(now, inverses)),
            Err(error) => {
                self.undo.note(now, inverses);
                self.undo.end_step();
                Err(error)
            }
        }
    }

    fn apply_all(&mut self, now: u64, edits: &[Edit]) -> (Vec<Inverse>, Result<(), DocumentError>) {
        let mut inverses = Vec::new();
        for edit in edits {
            match self.apply(now, edit) {
                Ok(more) => inverses.extend(more),
                Err(error) => return (inverses, Err(error)),
            }
        }
        (inverses, Ok(()))
    }

    /// Whether a step is the last that was made, and is not undone.
    pub fn is_last_step(&self, mark: StepMark) -> bool {
        self.undo.last() == Some(mark)
    }

    /// Undoes this tab's last step as new edits; false where there is none, or others decided otherwise.
    ///
    /// # Errors
    /// When the edits would be over a limit.
    pub fn undo(&mut self, now: u64) -> Result<bool, DocumentError> {
        while let Some(step) = self.undo.pop_done() {
            let inverses = self.carry_out(now, &step, Way::Undo)?;
            if step.stands() || !inverses.is_empty() {
                self.undo.note_undone(step.reversed(inverses, now));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Does again what was undone last; false where there is none.
    ///
    /// # Errors
    /// When the edits would be over a limit.
    pub fn redo(&mut self, now: u64) -> Result<bool, DocumentError> {
        while let Some(step) = self.undo.pop_undone() {
            let inverses = self.carry_out(now, &step, Way::Redo)?;
            if step.stands() || !inverses.is_empty() {
                self.undo.note_redone(step.reversed(inverses, now));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The step that was undone or done again last.
    pub fn last_stepped(&self) -> Option<StepMark> {
        self.undo.stepped()
    }

    /// Begins to note what becomes of a text, for a field that shows it; `id` is the field's own, and of no other.
    pub fn watch_text(&mut self, id: u64, field: FieldRef) {
        self.texts.begin(id, field, &self.intake.document);
    }

    /// Ends it.
    pub fn unwatch_text(&mut self, id: u64) {
        self.texts.end(id);
    }

    /// Takes what became of a watched text since it was taken last, in order. `None` where that is not known; then it must
    /// be read as a whole and watched anew.
    pub fn take_text_news(&mut self, id: u64) -> Option<Vec<Delta>> {
        self.texts.take(id, &self.intake.document)
    }

    /// Who of the others wrote last in a watched text.
    pub fn text_writer(&self, id: u64) -> Option<ActorId> {
        self.texts.writer(id)
    }

    /// Who made the last piece of what others' changes made of a text. Where they took out only, who made the last of them.
    fn writer_of(&self, field: &FieldRef, change: &Delta, changes: &[ChangeHash]) -> Option<ActorId> {
        let came = change.last_inserted();
        let written = came.and_then(|came| self.document().writer_at(field, came.end.saturating_sub(1)));
        written.or_else(|| changes.last().and_then(|last| Some(self.document().log().get(*last)?.actor)))
    }

    /// Holds a caret of a watched text as it was taken last, in UTF-16 units: it stays before the character behind it, and where
    /// that stood once it is gone. False where the text has changed since it was taken.
    pub fn hold_caret(&mut self, id: u64, at: usize) -> bool {
        self.texts.hold(id, at, &self.intake.document)
    }

    /// Where the caret stands that was held last.
    pub fn held_caret(&self, id: u64) -> Option<usize> {
        self.texts.held(id, &self.intake.document)
    }

    /// Whether there is a step to undo.
    pub fn can_undo(&self) -> bool {
        self.undo.can_undo()
    }

    /// Whether there is a step to redo.
    pub fn can_redo(&self) -> bool {
        self.undo.can_redo()
    }

    fn carry_out(&mut self, now: u64, step: &Step, way: Way) -> Result<Vec<Inverse>, DocumentError> {
        let mut inverses = Vec::new();
        let mut rest: VecDeque<Inverse> = step.inverses.iter().cloned().collect();
        while let Some(inverse) = rest.pop_front() {
            let edits = match &inverse {
                Inverse::Choice { field, from, to, heads } => {
                    if let Some(settling) = self.reopen(now, field, from, to, heads)? {
                        inverses.push(settling);
                        continue;
                    }
                    inverse.edits(self.document(), self.actor, way)
                }
                Inverse::Prose { field, delta, gone: Some(gone) } => {
                    let put = gone.put_back(self.document(), field, delta);
                    if let Some(change) = &put.elsewhere {
                        self.undo.put_elsewhere(way, *field, change, rest.make_contiguous());
                    }
                    put.splices.into_iter().map(|splice| Edit::of_splice(*field, splice)).collect()
                }
                _ => inverse.edits(self.document(), self.actor, way),
            };
            for edit in edits {
                match self.apply(now, &edit) {
                    Ok(more) => inverses.extend(more),
                    // The place is no more; nothing of it is left to undo.
                    Err(DocumentError::NoSuchPlace(_) | DocumentError::NoContainer(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(inverses)
    }

    /// Brings the known change that makes the container which an edit writes into, where that is missing. It is a change
    /// of its own, and the edit builds on it.
    fn make_container(&mut self, now: u64, edit: &Edit) {
        let document = self.document();
        let missing = edit.container().filter(|name| document.lacks_container(name) && !document.is_newer());
        let Some(known) = missing.and_then(|name| self.intake.known.adding(self.row.kind, name)) else {
            return;
        };
        self.close_group(now);
        if self.intake.take_nobodys(known.bytes) {
            let (hash, bytes) = (known.hash, known.bytes.to_vec());
            self.made.push(NewChange { hash, actor: actor_of_known(known.kind, known.version), bytes });
            self.group_began.get_or_insert(now);
            self.last_edit = now;
            self.version += 1;
        }
    }

    /// Applies an edit in pieces, and gives what undoes each.
    fn apply(&mut self, now: u64, edit: &Edit) -> Result<Vec<Inverse>, DocumentError> {
        self.make_container(now, edit);
        let mut inverses = Vec::new();
        let pieces = pieces(self.document(), edit)?;
        let costs: Vec<Cost> = pieces.iter().map(Cost::of).collect();
        let whole = costs.iter().fold(Cost { operations: 0, bytes: 0 }, |sum, cost| Cost {
            operations: sum.operations + cost.operations,
            bytes: sum.bytes + cost.bytes,
        });
        check_room(self.document(), self.intake.bytes() + self.group_bytes as u64, whole)?;
        for (piece, cost) in pieces.iter().zip(costs) {
            let operations = self.document().open_operations() + cost.operations;
            if operations > GROUP_OPERATIONS || self.group_bytes + cost.bytes > GROUP_BYTES {
                self.close_group(now);
            }
            let inverse = Inverse::of(self.document(), piece);
            if self.group_base.is_none() {
                self.group_base = Some((self.document().heads(), self.next_number()));
            }
            self.intake.document.edit(piece)?;
            self.texts.edited(piece);
            self.group.note(piece);
            // An item that is written anew goes away as a whole, with what it says.
            if inverses.is_empty() || !matches!(edit, Edit::Restore { .. }) {
                inverses.extend(inverse);
            }
            self.group_bytes += cost.bytes;
        }
        if self.document().has_open_edits() {
            self.group_began.get_or_insert(now);
            self.last_edit = now;
        }
        self.version += 1;
        Ok(inverses)
    }

    /// When the open group becomes a change; `None` while there is none.
    pub fn due_at(&self) -> Option<u64> {
        let began = self.group_began?;
        if !self.made.is_empty() || self.group.is_urgent() {
            return Some(self.last_edit);
        }
        let (pause, longest) = if self.with_others {
            (PAUSE_TOGETHER_MS, GROUP_TOGETHER_MS)
        } else {
            (PAUSE_ALONE_MS, GROUP_ALONE_MS)
        };
        Some((self.last_edit + pause).min(began + longest))
    }

    /// Makes a change of the open group, and gives the one commit that stores it; `None` where nothing
    /// waits. The commit must be done before the change is sent or called safe; one that fails is kept
    /// and tried again, for the change is made.
    pub fn flush(&mut self, now: u64) -> Option<Flushed> {
        self.close_group(now);
        self.group_began = None;
        let made = std::mem::take(&mut self.made);
        self.look_at_known_crossings();
        if made.is_empty() {
            return None;
        }
        let doc = self.row.doc;
        let mut commit = Commit::default();
        let mut changes = Vec::new();
        if std::mem::take(&mut self.is_new) {
            commit.writes.push(self.row.put());
        }
        self.unstored.extend(made.iter().cloned());
        for NewChange { hash, actor, bytes } in made {
            let chunk = ChunkRow {
                bytes: Bytes::from(bytes),
                place: None,
                origin: None,
                proof: None,
                folded: None,
                unproven_since: None,
            };
            commit.writes.push(chunk.put(doc, hash));
            commit.writes.push(OutboxRow::Change { doc, hash, actor }.put());
            changes.push(hash);
        }
        commit.writes.push(self.summary().put());
        Some(Flushed { changes, commit })
    }

    fn close_group(&mut self, now: u64) {
        let written_ms = self.clock.written_ms(now);
        let stand_in = std::mem::take(&mut self.stand_in);
        let change = if !stand_in.is_empty() {
            self.intake.document.commit_stand_in(written_ms, &stand_in)
        } else if self.restores.is_empty() {
            self.intake.document.commit(written_ms)
        } else {
            self.intake.document.commit_restoration(written_ms, &self.restores)
        };
        if let Some(change) = change {
            self.note_made(now, change);
        }
        self.group_bytes = 0;
        self.group = Group::default();
        self.group_base = None;
    }

    fn note_made(&mut self, now: u64, change: NewChange) {
        if self.clock == Clock::Wrong {
            self.untimed_ms = now;
        }
        debug_assert!(change.bytes.len() <= limits::CHANGE_BYTES, "groups are closed before");
        self.intake.made_here(&change.bytes);
        self.made.push(change);
    }

    /// The number of this tab's next change.
    fn next_number(&self) -> u64 {
        let own = self.document().log().notes().iter().rev().find(|note| note.actor == self.actor);
        own.map_or(0, |note| note.seq) + 1
    }

    /// What was typed and is not known to be stored; `None` where nothing is. To be written at each edit, so that the end of
    /// the tab loses nothing. A document that was only begun has none: nothing could be said of it before its first change.
    pub fn draft(&self) -> Option<DraftRow> {
        let changes: Vec<Bytes> =
            self.unstored.iter().chain(&self.made).map(|change| change.bytes.clone().into()).collect();
        let edits = self.group.drafted();
        if self.is_new || (changes.is_empty() && edits.is_empty()) {
            return None;
        }
        let (base, seq) =
            self.group_base.clone().unwrap_or_else(|| (self.document().heads(), self.next_number()));
        let at = self.clock.written_ms(self.last_edit);
        Some(DraftRow { doc: self.row.doc, actor: self.actor, base, seq, at, changes, edits })
    }

    /// Takes note that a commit of [`OpenDocument::flush`] is done.
    pub fn note_committed(&mut self, commit: &Commit) {
        for write in &commit.writes {
            if let Write::Put(row) = write
                && row.table == Table::Chunks
            {
                self.unstored.retain(|change| row.key.change_hash() != Some(change.hash));
            }
        }
    }

    /// Takes in chunks from the store, in any order. The open group becomes a change first. Of those that are in already
    /// it learns when the relay stored them.
    pub fn receive(&mut self, now: u64, chunks: Vec<(ChangeHash, ChunkRow)>) -> Received {
        if self.untimed().next().is_some() {
            self.version += 1;
        }
        self.intake.note_stored(&chunks);
        let chunks: Vec<_> = chunks.into_iter().filter(|(hash, _)| !self.knows(*hash)).collect();
        if chunks.is_empty() {
            return Received { waiting: self.intake.waiting(), ..Received::default() };
        }
        let flushed = self.flush(now);
        let heads = self.document().heads();
        let mut fields = self.undo.prose_fields();
        fields.extend(self.texts.fields());
        let texts: Vec<_> = fields.into_iter().map(|field| (field, self.document().prose(&field))).collect();
        if !texts.is_empty() {
            self.intake.document.begin_diff();
        }
        let taken = self.intake.take(now, chunks);
        if !taken.applied.is_empty() {
            self.version += 1;
        }
        for (field, before) in texts {
            let changes = self.intake.document.text_since(&field, &heads, &before);
            for change in &changes {
                self.undo.others_changed(field, change);
                self.texts.changed(field, change);
            }
            if let Some(last) = changes.last() {
                let writer = self.writer_of(&field, last, &taken.applied);
                self.texts.written(field, writer);
            }
        }
        self.intake.document.end_diff();
        self.mend_torn(now, &heads, &taken.applied);
        self.look_for_crossings_of(taken.applied.iter().copied());
        Received { flushed, applied: taken.applied, bad: taken.bad, waiting: self.intake.waiting() }
    }

    /// Names the version that stands, open edits included, so that a decision is made on what was shown when the person
    /// began to decide, whatever comes meanwhile. One that is submitted and was put into the bin without a network leaves
    /// it here: it is shown as what it is, and would vanish once it is returned.
    pub fn pin(&mut self, now: u64) -> Pinned {
        let state = self.course().state;
        let is_archived = state == State::Archived;
        if self.document().is_discarded() && !state.may_be_binned() && !is_archived {
            // Fails only where the document has no room for another edit; then the flag stays, and is passed over.
            let _ = self.apply(now, &Edit::Recover);
        }
        let flushed = self.flush(now);
        Pinned { flushed, heads: self.document().heads() }
    }

    /// Makes a decision on the version that [`OpenDocument::pin`] named; gives the commit that stores the decision, its
    /// place in the outbox, and the summary.
    ///
    /// # Errors
    /// When the role, or the decisions so far, do not allow it, or it cannot be stored; nothing is changed then.
    pub fn decide(&mut self, by: Decider, decision: Decision) -> Result<Commit, DecideError> {
        if !self.row.kind.is_record() {
            return Err(DecideError::NoRecord);
        }
        if !decision.event.is_allowed_for(by.role) {
            return Err(DecideError::Role);
        }
        self.course().judge(decision.event, &by.user, decision.note.as_deref(), by.four_eyes)?;
        if decision.note.as_ref().is_some_and(|note| note.len() > limits::NOTE_BYTES) {
            return Err(DecideError::Note);
        }
        if decision.heads.len() > limits::HEADS {
            return Err(DecideError::Heads);
        }
        if decision.heads.is_empty() || !decision.heads.iter().all(|head| self.document().has(*head)) {
            return Err(DecideError::Version);
        }
        if decision.event.needs_last_submission() && !self.has_submission(&decision.heads) {
            return Err(DecideError::Refused(DecisionRefusal::OtherSubmission));
        }
        let doc = self.row.doc;
        let row = DecisionRow {
            doc,
            decision: decision.clone(),
            by: by.user,
            place: None,
            origin: None,
            proof: None,
            unproven_since: None,
        };
        let waits = OutboxRow::Decision { doc, feed: self.row.home.clone(), decision, proof: None };
        let mut writes = vec![row.put(), waits.put()];
        self.decisions.push(row);
        self.version += 1;
        writes.push(self.summary().put());
        Ok(Commit { guards: Vec::new(), writes })
    }
}

/// Decisions in the order that the log gives them: the home feed's by number, then those of other feeds,
/// then those that no relay has acked, by the time of the person.
fn in_log_order(home: &FeedId, mut decisions: Vec<DecisionRow>) -> Vec<DecisionRow> {
    decisions.sort_by_key(|row| {
        let place = row.place.as_ref().map(|place| (place.feed != *home, place.feed.clone(), place.seq));
        (place.is_none(), place, row.decision.made_at, row.decision.decision)
    });
    decisions
}
