//! What the store holds of one document, and what screens are told of its rows that wait or were set aside.

use shared::change_check::outline;
use shared::device::open_document::again::is_good;
use shared::device::row::{ChunkRow, DecisionRow, LostRole, SetAsideReason, SetAsideRow, from_bytes};
use shared::device::set_aside_text::set_aside_text;
use shared::device::table::{Key, Query, Row, Table};
use shared::device::takeover as takeover_of;
use shared::ids::{ChangeHash, DocumentId};
use shared::ordered::OrderedSet;

use super::desk::Desk;
use super::{Refused, WhyAside};

/// The rows of one document, read in one transaction.
pub(super) struct DocumentRows {
    pub(super) chunks: Vec<(ChangeHash, ChunkRow)>,
    pub(super) decisions: Vec<DecisionRow>,
    pub(super) set_aside: Vec<SetAsideRow>,
    /// Changes that wait for their makers' devices, and since when.
    unproven: Vec<(u64, ChangeHash)>,
}

/// What waits in a document for its makers' devices.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Waiting {
    /// Since when.
    pub(super) since: Option<u64>,
    /// The changes.
    pub(super) changes: Vec<ChangeHash>,
}

/// What became of this device's work where somebody took over.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Overtaken {
    /// The changes in the log that say what changes of this device said, each once.
    pub(super) by: Vec<ChangeHash>,
    /// How many changes built on such work and are not applied again yet.
    pub(super) orphans: usize,
}

impl DocumentRows {
    /// What to read, besides the chunks.
    pub(super) fn queries(doc: DocumentId) -> Vec<Query> {
        [Table::Decisions, Table::SetAside].map(|table| Query::Prefix(table, Key::document(doc))).to_vec()
    }

    /// What to read for the whole document.
    pub(super) fn whole(doc: DocumentId) -> Vec<Query> {
        let mut queries = Self::queries(doc);
        queries.push(Query::Prefix(Table::Chunks, Key::document(doc)));
        queries
    }

    /// Sorts rows into what they are; a damaged row is passed over and stays where it is.
    pub(super) fn of(rows: Vec<Row>) -> Self {
        let (chunks, decisions, set_aside, unproven) = Default::default();
        let mut all = Self { chunks, decisions, set_aside, unproven };
        for row in rows {
            match row.table {
                Table::Chunks => all.chunks.extend(row.key.change_hash().zip(from_bytes(&row.value))),
                Table::Decisions => all.decisions.extend(from_bytes::<DecisionRow>(&row.value)),
                Table::SetAside => all.set_aside.extend(from_bytes::<SetAsideRow>(&row.value)),
                _ => {}
            }
        }
        let unproven = |(hash, chunk): &(ChangeHash, ChunkRow)| Some((chunk.unproven_since?, *hash));
        all.unproven = all.chunks.iter().filter_map(unproven).collect();
        all
    }

    /// What waits for its makers' devices.
    pub(super) fn waiting(&self, desk: &Desk) -> Waiting {
        let device = desk.device.borrow();
        let (unproven, aside) = (self.unproven.iter().copied(), self.set_aside.iter());
        let waiting = takeover_of::waiting_among(unproven, aside, &|of| device.is_own(of));
        let (since, changes) = waiting.unzip();
        Waiting { since, changes: changes.unwrap_or_default() }
    }

    /// What became of this device's work where somebody took over.
    pub(super) fn overtaken(&self, desk: &Desk) -> Overtaken {
        let by = self.set_aside.iter().filter_map(|row| match row.reason {
            SetAsideReason::TakenOver(by) if is_own(desk, row) && !is_stand_in(row) => Some(by),
            _ => None,
        });
        let by = by.collect::<OrderedSet<_>>().into_iter().collect();
        let device = desk.device.borrow();
        let orphans = takeover_of::own_orphans(self.set_aside.iter(), &|of| device.is_own(of)).len();
        Overtaken { by, orphans }
    }

    /// Where nothing of a document counts, what was set aside and was good: a record that the relay never took. It is shown
    /// so that a person can apply it again.
    pub(super) fn never_taken(&self) -> Vec<(ChangeHash, ChunkRow)> {
        if !self.chunks.is_empty() {
            return Vec::new();
        }
        let good = self.set_aside.iter().filter(|row| is_good(&row.reason));
        // Decisions and what was left in fields are set aside, too.
        let good = good.filter(|row| outline(&row.bytes).is_some());
        good.map(|row| (row.hash, ChunkRow::of(row.bytes.clone()))).collect()
    }

    /// What is remembered of a document that was removed with the person's role.
    pub(super) fn lost(&self) -> Option<&LostRole> {
        self.set_aside.iter().find_map(|row| match &row.reason {
            SetAsideReason::RoleLost(lost) => Some(lost),
            _ => None,
        })
    }

    pub(super) fn set_aside_hashes(&self) -> OrderedSet<ChangeHash> {
        self.set_aside.iter().map(|row| row.hash).collect()
    }
}

/// Whether a change that was set aside was made on this device, or by one that this database had before.
pub(super) fn is_own(desk: &Desk, row: &SetAsideRow) -> bool {
    outline(&row.bytes).is_some_and(|outline| desk.device.borrow().is_own(outline.actor.device()))
}

/// Whether it only said again what others had said.
fn is_stand_in(row: &SetAsideRow) -> bool {
    outline(&row.bytes).is_some_and(|outline| !outline.stands_for.is_empty())
}

/// Whether it was refused, or never sent; not taken over or about to be applied again.
pub(super) fn is_refused(row: &&SetAsideRow) -> bool {
    !row.reason.is_of_takeover()
}

pub(super) fn refused_of(rows: &[SetAsideRow]) -> Option<Refused> {
    let rows: Vec<_> =
        rows.iter().filter(|row| is_refused(row) && row.reason != SetAsideReason::RetiredDevice).collect();
    let first = rows.iter().find(|row| matches!(row.reason, SetAsideReason::Refused(..))).or(rows.first())?;
    let unusable = |detail: &str| (WhyAside::Unusable, detail.to_owned());
    let (why, detail) = match &first.reason {
        SetAsideReason::Refused(code, detail) => (WhyAside::Refused(*code), detail.clone()),
        SetAsideReason::BuildsOnRefused(hash) => unusable(&format!("builds on {}", hash.short())),
        SetAsideReason::BadChange(detail) => unusable(detail),
        SetAsideReason::Crashed => unusable("the app crashed while applying it"),
        SetAsideReason::RetiredDevice | SetAsideReason::TakenOver(_) | SetAsideReason::Orphaned(_) => {
            unusable("")
        }
        SetAsideReason::RoleLost(_) => (WhyAside::RoleLost, String::new()),
    };
    let decisions = rows.iter().filter(|row| from_bytes::<DecisionRow>(&row.bytes).is_some()).count();
    let text = set_aside_text(rows.iter().copied());
    Some(Refused { why, detail, changes: rows.len() - decisions, decisions, text })
}
