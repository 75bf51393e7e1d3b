//! Work that does not count (refused, or made by a retired device) applied again as new edits: what it said
//! beyond the version that it was made on, moved along with what was written since.

use super::OpenDocument;
use crate::change_check::{CheckedChange, check_change};
use crate::device::row::{DocumentRow, SetAsideReason, SetAsideRow, Stored, UnreadRow, from_bytes};
use crate::device::table::{Commit, Key, Table, Write};
use crate::ids::{ActorId, ChangeHash};
use crate::model::difference::{difference, rebased};
use crate::model::document::{Document, DocumentError};
use crate::ordered::{OrderedMap, OrderedSet};
use crate::stand_in::{self, StandIn};

/// Whether work that was set aside for this reason can be applied again: it was good, only not welcome.
pub fn is_good(reason: &SetAsideReason) -> bool {
    match reason {
        SetAsideReason::Refused(..)
        | SetAsideReason::BuildsOnRefused(_)
        | SetAsideReason::RetiredDevice
        | SetAsideReason::RoleLost(_) => true,
        SetAsideReason::BadChange(_)
        | SetAsideReason::Crashed
        | SetAsideReason::TakenOver(_)
        | SetAsideReason::Orphaned(_) => false,
    }
}

impl OpenDocument {
    /// Applies set-aside changes again as new edits. The one commit stores them and removes the rows that they
    /// replace, so that nothing is lost or applied twice; rows that cannot be applied stay. So do those of changes that this
    /// copy still holds and that are not among the `stored` ones: only what counts has come back by itself.
    ///
    /// # Errors
    /// When an edit would be over a limit. What was applied before it, and what was typed before, is in the document
    /// and waits for a flush; the rows stay.
    pub fn apply_again(
        &mut self,
        now: u64,
        rows: &[SetAsideRow],
        stored: &OrderedSet<ChangeHash>,
    ) -> Result<Commit, DocumentError> {
        // Only made, not given out: an error below must not drop a change that later ones build on.
        self.close_group(now);
        let (changes, known): (Vec<_>, Vec<_>) =
            good_changes(rows).partition(|change| !self.document().has(change.hash));
        let (changes, heads) = whole_changes(changes, |hash| self.document().has(hash));
        let came_back = known.iter().map(|change| change.hash).filter(|hash| stored.contains(hash));
        let mut settled: Vec<ChangeHash> = came_back.collect();
        if !changes.is_empty() {
            let before = self.document().at(&heads)?;
            let after = with_changes(&before, &changes)?;
            let edits = rebased(difference(&before, &after), &before, &mut self.intake.document);
            self.stand_for(stood_for(&changes));
            self.edit_all(now, &edits)?;
            settled.extend(changes.iter().map(|change| change.hash));
        }
        let mut commit = self.flush(now).map(|flushed| flushed.commit).unwrap_or_default();
        commit.writes.extend(removals(rows, &settled));
        commit.writes.extend(typed_again(rows));
        Ok(commit)
    }

    /// Begins a document again of which nothing counts but what was set aside: the same document, its first change
    /// made anew. `None` where the set-aside changes make up no document.
    pub fn begin_again(
        now: u64,
        row: DocumentRow,
        actor: ActorId,
        rows: &[SetAsideRow],
    ) -> Option<(Self, Commit)> {
        let (changes, _) = whole_changes(good_changes(rows).collect(), |_| false);
        let automerge_changes = changes.iter().map(|change| change.change.clone());
        let after = Document::open_as(row.doc, row.kind, actor, automerge_changes).ok()?;
        let mut again = Self::create(now, row.doc, row.kind, row.home.clone(), actor);
        let edits = difference(again.document(), &after);
        again.edit_all(now, &edits).ok()?;
        let mut commit = again.flush(now)?.commit;
        let settled: Vec<ChangeHash> = changes.iter().map(|change| change.hash).collect();
        commit.writes.extend(removals(rows, &settled));
        commit.writes.extend(typed_again(rows));
        Some((again, commit))
    }

    pub(in crate::device) fn edit_all(
        &mut self,
        now: u64,
        edits: &[crate::model::edit::Edit],
    ) -> Result<(), DocumentError> {
        for edit in edits {
            match self.edit(now, edit) {
                // Its place is no more, or an item has come back by another way: nothing of it is left to do.
                Ok(()) | Err(DocumentError::NoSuchPlace(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// What was typed and not stored stands in its fields again.
fn typed_again(rows: &[SetAsideRow]) -> impl Iterator<Item = Write> {
    let typed = rows.iter().filter(|row| is_good(&row.reason)).filter_map(|row| {
        let typed = from_bytes::<UnreadRow>(&row.bytes)?;
        Some([typed.put(), Write::Delete(Table::SetAside, Key::change(row.doc, row.hash))])
    });
    typed.flatten()
}

/// What the changes stood for, as far as one message has room for it.
fn stood_for(changes: &[CheckedChange]) -> StandIn {
    let said = changes.iter().filter_map(|change| StandIn::read(change.change.message()?.as_bytes()).ok());
    let (mut stands_for, mut makers) = (OrderedSet::new(), OrderedSet::new());
    for said in said {
        stands_for.extend(said.stands_for);
        makers.extend(said.makers);
    }
    StandIn::new(stands_for.into_iter().take(stand_in::MOST), makers.into_iter().take(stand_in::MOST))
}

fn good_changes(rows: &[SetAsideRow]) -> impl Iterator<Item = CheckedChange> {
    rows.iter().filter(|row| is_good(&row.reason)).filter_map(|row| check_change(&row.bytes).ok())
}

/// The changes whose ancestors are all known or among them, and the known ones that they build on.
fn whole_changes(
    changes: Vec<CheckedChange>,
    is_known: impl Fn(ChangeHash) -> bool,
) -> (Vec<CheckedChange>, Vec<ChangeHash>) {
    let mut waiting: OrderedMap<ChangeHash, CheckedChange> =
        changes.into_iter().map(|change| (change.hash, change)).collect();
    let (mut whole, mut heads) = (Vec::new(), OrderedSet::new());
    let mut taken = OrderedSet::new();
    loop {
        let ready: Vec<ChangeHash> = waiting
            .values()
            .filter(|change| change.deps.iter().all(|dep| is_known(*dep) || taken.contains(dep)))
            .map(|change| change.hash)
            .collect();
        if ready.is_empty() {
            return (whole, heads.into_iter().collect());
        }
        for hash in ready {
            let Some(change) = waiting.remove(&hash) else { continue };
            heads.extend(change.deps.iter().filter(|dep| is_known(**dep)).copied());
            taken.insert(hash);
            whole.push(change);
        }
    }
}

fn with_changes(before: &Document, changes: &[CheckedChange]) -> Result<Document, DocumentError> {
    let nobody = ActorId::from_bytes([0; ActorId::LENGTH]);
    let all = before.changes().into_iter().chain(changes.iter().map(|change| change.change.clone()));
    Document::open_as(before.id(), before.kind(), nobody, all)
}

fn removals(rows: &[SetAsideRow], settled: &[ChangeHash]) -> impl Iterator<Item = Write> {
    rows.iter()
        .filter(|row| settled.contains(&row.hash))
        .map(|row| Write::Delete(Table::SetAside, Key::change(row.doc, row.hash)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::row::{ChunkRow, Stored, from_bytes};
    use crate::ids::{DeviceId, DocumentId, FeedId};
    use crate::model::edit::Edit;
    use crate::model::field::{FieldRef, Scalar};
    use crate::model::kind::Kind;
    use crate::model::trip_report::heading;

    const DOC: DocumentId = DocumentId::from_bytes([7; 16]);

    fn home() -> FeedId {
        "kab-sleman".parse().unwrap()
    }

    fn row() -> DocumentRow {
        DocumentRow { doc: DOC, kind: Kind::TripReport, home: home(), feeds: vec![home()] }
    }

    fn actor(device: u8) -> ActorId {
        ActorId::new(DeviceId::from_bytes([device; 16]), 0)
    }

    fn purpose() -> FieldRef {
        heading::purpose.at_root()
    }

    fn rewrite(document: &mut OpenDocument, text: &str) -> Vec<(ChangeHash, ChunkRow)> {
        document.edit(1_000, &Edit::Rewrite { field: purpose(), text: text.to_owned() }).unwrap();
        chunks(&document.flush(1_000).unwrap().commit)
    }

    fn chunks(commit: &Commit) -> Vec<(ChangeHash, ChunkRow)> {
        let puts = commit.writes.iter().filter_map(|write| match write {
            Write::Put(row) if row.table == Table::Chunks => Some(row),
            _ => None,
        });
        puts.map(|row| (row.key.change_hash().unwrap(), from_bytes(&row.value).unwrap())).collect()
    }

    fn aside(chunks: Vec<(ChangeHash, ChunkRow)>, reason: SetAsideReason) -> Vec<SetAsideRow> {
        let row = |(hash, chunk): (ChangeHash, ChunkRow)| SetAsideRow {
            doc: DOC,
            hash,
            bytes: chunk.bytes,
            reason: reason.clone(),
            at: 0,
        };
        chunks.into_iter().map(row).collect()
    }

    fn open(chunks: Vec<(ChangeHash, ChunkRow)>, actor: ActorId) -> OpenDocument {
        OpenDocument::open(0, row(), actor, chunks, Vec::new(), &OrderedSet::new()).ok().unwrap().document
    }

    fn removed_rows(commit: &Commit) -> usize {
        commit.writes.iter().filter(|write| matches!(write, Write::Delete(Table::SetAside, _))).count()
    }

    #[test]
    fn refused_words_come_back_beside_what_was_written_since() {
        let mut first = OpenDocument::create(0, DOC, Kind::TripReport, home(), actor(1));
        let mut good = chunks(&first.flush(0).unwrap().commit);
        good.extend(rewrite(&mut first, "satu tiga"));
        let refused = rewrite(&mut first, "satu dua tiga");

        let mut now = open(good, actor(2));
        rewrite(&mut now, "satu tiga empat");
        let rows = aside(refused, SetAsideReason::RetiredDevice);
        let commit = now.apply_again(2_000, &rows, &OrderedSet::new()).unwrap();
        assert_eq!(now.document().prose(&purpose()), "satu dua tiga empat");
        assert_eq!(removed_rows(&commit), 1);
        assert!(now.is_flushed());
    }

    #[test]
    fn words_that_are_being_typed_survive_what_cannot_be_applied_again() {
        let mut first = OpenDocument::create(0, DOC, Kind::TripReport, home(), actor(1));
        let good = chunks(&first.flush(0).unwrap().commit);
        // Another client's, which knows no limit for a fact.
        let value = Scalar::Text("x".repeat(crate::device::edit_limits::FACT_UNITS + 1));
        let too_long = Edit::Set { field: heading::number.at_root(), value };
        first.intake.document.edit(&too_long).unwrap();
        let refused = chunks(&first.flush(1_000).unwrap().commit);
        let mut now = open(good.clone(), actor(2));
        now.edit(1_000, &Edit::Rewrite { field: purpose(), text: "kata".to_owned() }).unwrap();
        assert!(
            now.apply_again(2_000, &aside(refused, SetAsideReason::RetiredDevice), &OrderedSet::new())
                .is_err()
        );
        assert!(!now.is_flushed() && now.due_at().is_some(), "it still waits to be stored");
        let mut stored = good;
        stored.extend(chunks(&now.flush(3_000).unwrap().commit));
        assert_eq!(open(stored, actor(3)).document().prose(&purpose()), "kata");
    }

    #[test]
    fn document_that_never_arrived_begins_again_as_itself() {
        let mut first = OpenDocument::create(0, DOC, Kind::TripReport, home(), actor(1));
        let mut all = chunks(&first.flush(0).unwrap().commit);
        all.extend(rewrite(&mut first, "semua kata"));
        let rows = aside(all, SetAsideReason::RetiredDevice);
        let (again, commit) = OpenDocument::begin_again(0, row(), actor(2), &rows).unwrap();
        assert_eq!(again.document().id(), DOC);
        assert_eq!(again.document().prose(&purpose()), "semua kata");
        assert_eq!(removed_rows(&commit), 2);
        assert!(commit.writes.contains(&row().put()));
    }

    #[test]
    fn change_that_crashed_the_app_is_not_applied_again() {
        let mut first = OpenDocument::create(0, DOC, Kind::TripReport, home(), actor(1));
        let good = chunks(&first.flush(0).unwrap().commit);
        let rows = aside(rewrite(&mut first, "racun"), SetAsideReason::Crashed);
        let mut now = open(good, actor(2));
        let commit = now.apply_again(0, &rows, &OrderedSet::new()).unwrap();
        assert_eq!(now.document().prose(&purpose()), "");
        assert_eq!(removed_rows(&commit), 0);
    }

    #[test]
    fn change_that_came_back_by_itself_is_not_applied_twice() {
        let mut first = OpenDocument::create(0, DOC, Kind::TripReport, home(), actor(1));
        let mut good = chunks(&first.flush(0).unwrap().commit);
        let came_back = rewrite(&mut first, "sekali");
        good.extend(came_back.clone());
        let mut now = open(good, actor(2));
        let stored = came_back.iter().map(|(hash, _)| *hash).collect();
        let rows = aside(came_back, SetAsideReason::RetiredDevice);
        let commit = now.apply_again(0, &rows, &stored).unwrap();
        assert_eq!(now.document().prose(&purpose()), "sekali");
        assert_eq!((removed_rows(&commit), commit.writes.len()), (1, 1));
    }

    #[test]
    fn change_that_only_the_copy_in_memory_holds_stays_set_aside() {
        let mut copy = OpenDocument::create(0, DOC, Kind::TripReport, home(), actor(1));
        let first = chunks(&copy.flush(0).unwrap().commit);
        let refused = rewrite(&mut copy, "semua kata");
        let stored = first.iter().map(|(hash, _)| *hash).collect();
        let commit =
            copy.apply_again(2_000, &aside(refused, SetAsideReason::RetiredDevice), &stored).unwrap();
        assert_eq!(commit.writes, [], "nothing else has these words");
    }
}
