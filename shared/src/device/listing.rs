//! What lists know of every document of a device, kept true row by row: its summary, its home, and where it is
//! safe. No document is opened for it.

use super::row::{DocumentRow, LostRole, SetAsideReason, SetAsideRow, from_bytes};
use super::table::{Key, Query, Row, Table};
use super::takeover::{self, Share};
use crate::ids::{DocumentId, FeedId};
use crate::model::kind::Kind;
use crate::model::summary::Summary;
use crate::ordered::{OrderedMap, OrderedSet};

/// Where the changes and decisions of a stored document are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// All of them are on the relay's disk.
    #[default]
    OnServer,
    /// Some wait to be sent, by this device or by that which made them.
    OnDevice,
    /// Some were refused, damaged or made the app crash; they are set aside.
    Refused,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it shows.
    pub summary: Summary,
    /// The document's home feed.
    pub home: FeedId,
    /// Where it is safe.
    pub standing: Standing,
}

/// All lines, by document.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    entries: OrderedMap<DocumentId, Entry>,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    row: Option<DocumentRow>,
    summary: Option<Summary>,
    waiting: usize,
    set_aside: usize,
    /// What builds on work that somebody took over, and is to be applied again.
    orphaned: usize,
    /// Kept, although what it says is in the log under another name.
    taken_over: usize,
    /// When the first of it was set aside.
    taken_over_at: Option<u64>,
    newer: usize,
    /// What is remembered of it, where it was removed with the person's role.
    lost: Option<LostRole>,
}

/// Work that was unsent when its document was removed with the person's role.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAside {
    /// The document.
    pub doc: DocumentId,
    /// What is remembered of it.
    pub lost: LostRole,
    /// Changes and decisions.
    pub count: usize,
}

const TABLES: [Table; 5] = [Table::Documents, Table::Summaries, Table::Outbox, Table::SetAside, Table::Newer];

impl Listing {
    /// What to read for [`Listing::new`].
    pub fn whole() -> Vec<Query> {
        TABLES.map(|table| Query::Prefix(table, Key(Vec::new()))).to_vec()
    }

    /// What to read for [`Listing::replace`].
    pub fn of_documents(documents: &OrderedSet<DocumentId>) -> Vec<Query> {
        let of = |doc: &DocumentId| TABLES.map(|table| Query::Prefix(table, Key::document(*doc)));
        documents.iter().flat_map(of).collect()
    }

    /// The listing of a whole store.
    pub fn new(rows: Vec<Row>) -> Self {
        let mut listing = Self::default();
        listing.take(rows);
        listing
    }

    /// Takes the rows of these documents in place of what was known of them; a document without rows is gone.
    pub fn replace(&mut self, documents: &OrderedSet<DocumentId>, rows: Vec<Row>) {
        for doc in documents {
            self.entries.remove(doc);
        }
        self.take(rows);
    }

    /// The lines, newest first; what is no record of its own is left out.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self
            .entries
            .values()
            .filter_map(|entry| {
                let (row, summary) = (entry.row.as_ref()?, entry.summary.as_ref()?);
                row.kind.is_record().then(|| Line {
                    summary: summary.clone(),
                    home: row.home.clone(),
                    standing: entry.standing(),
                })
            })
            .collect();
        lines.sort_by_key(|line| (std::cmp::Reverse(line.summary.edited_at), line.summary.doc));
        lines
    }

    /// Where a document is safe.
    pub fn standing(&self, doc: DocumentId) -> Standing {
        self.entries.get(&doc).map(Entry::standing).unwrap_or_default()
    }

    /// What is known of a document besides its changes.
    pub fn row(&self, doc: DocumentId) -> Option<&DocumentRow> {
        self.entries.get(&doc)?.row.as_ref()
    }

    /// The summary that is stored of a document.
    pub fn summary(&self, doc: DocumentId) -> Option<&Summary> {
        self.entries.get(&doc)?.summary.as_ref()
    }

    /// The documents that have no summary yet.
    pub fn without_summary(&self) -> impl Iterator<Item = DocumentId> {
        let entries = self.entries.iter();
        entries.filter(|(_, entry)| entry.row.is_some() && entry.summary.is_none()).map(|(doc, _)| *doc)
    }

    /// The personal document that belongs to a document of this device is among these.
    pub fn personal(&self) -> impl Iterator<Item = DocumentId> {
        let entries = self.entries.iter();
        let is_personal = |entry: &Entry| entry.row.as_ref().is_some_and(|row| row.kind == Kind::Personal);
        entries.filter(move |(_, entry)| is_personal(entry)).map(|(doc, _)| *doc)
    }

    /// Changes and decisions that wait to be sent, over all documents.
    pub fn waiting(&self) -> usize {
        self.entries.values().map(|entry| entry.waiting).sum()
    }

    /// The documents of which something waits to be sent or is set aside.
    pub fn unsent(&self) -> impl Iterator<Item = DocumentId> {
        let entries = self.entries.iter();
        entries
            .filter(|(_, entry)| entry.waiting + entry.set_aside + entry.taken_over > 0)
            .map(|(doc, _)| *doc)
    }

    /// What was unsent of documents that are here no more.
    pub fn kept_aside(&self) -> Vec<KeptAside> {
        let gone = self.entries.iter().filter(|(_, entry)| entry.row.is_none());
        let kept = |(doc, entry): (&DocumentId, &Entry)| {
            Some(KeptAside { doc: *doc, lost: entry.lost.clone()?, count: entry.set_aside })
        };
        gone.filter_map(kept).collect()
    }

    /// The documents of which something is to be taken over by now, their home feeds, and how much of it.
    pub fn to_take_over(&self, now: u64) -> Vec<(DocumentId, FeedId, Share)> {
        let due = |(doc, entry): (&DocumentId, &Entry)| {
            let (row, summary) = (entry.row.as_ref()?, entry.summary.as_ref()?);
            let share = takeover::due(summary, entry.orphaned > 0, now)?;
            Some((*doc, row.home.clone(), share))
        };
        self.entries.iter().filter_map(due).collect()
    }

    /// The documents of which something that somebody took over may be let go of by now.
    pub fn to_let_go(&self, now: u64) -> Vec<DocumentId> {
        let entries = self.entries.iter();
        let is_due = |entry: &Entry| entry.taken_over_at.is_some_and(|at| takeover::has_outlived(at, now));
        entries.filter(|(_, entry)| is_due(entry)).map(|(doc, _)| *doc).collect()
    }

    /// The documents of which something can be read by a newer version of the app only.
    pub fn newer(&self) -> usize {
        self.entries.values().filter(|entry| entry.newer > 0).count()
    }

    fn take(&mut self, rows: Vec<Row>) {
        for row in rows {
            let Some(doc) = document_of(&row.key) else { continue };
            let entry = self.entries.entry(doc).or_default();
            match row.table {
                Table::Documents => entry.row = from_bytes(&row.value),
                // A damaged summary is made anew like one that is missing.
                Table::Summaries => entry.summary = from_bytes(&row.value),
                Table::Outbox => entry.waiting += 1,
                Table::SetAside => {
                    match from_bytes::<SetAsideRow>(&row.value).map(|row| (row.reason, row.at)) {
                        // These are about to be applied again as new edits: nobody refused them.
                        Some((SetAsideReason::RetiredDevice, _)) => entry.waiting += 1,
                        Some((SetAsideReason::Orphaned(_), _)) => {
                            entry.waiting += 1;
                            entry.orphaned += 1;
                        }
                        // What it says is in the log.
                        Some((SetAsideReason::TakenOver(_), at)) => {
                            entry.taken_over += 1;
                            entry.taken_over_at = entry.taken_over_at.into_iter().chain([at]).min();
                        }
                        reason => {
                            entry.set_aside += 1;
                            if let Some((SetAsideReason::RoleLost(lost), _)) = reason {
                                entry.lost = Some(lost);
                            }
                        }
                    }
                }
                Table::Newer => entry.newer += 1,
                _ => {}
            }
        }
        let is_empty = |entry: &Entry| entry.waiting + entry.set_aside + entry.taken_over + entry.newer == 0;
        self.entries.retain(|_, entry| entry.row.is_some() || !is_empty(entry));
    }
}

impl Entry {
    fn standing(&self) -> Standing {
        let waits_for_makers = self.summary.as_ref().is_some_and(|summary| summary.waits_since.is_some());
        match (self.set_aside, self.waiting) {
            (1.., _) => Standing::Refused,
            (0, 1..) => Standing::OnDevice,
            (0, 0) if waits_for_makers => Standing::OnDevice,
            (0, 0) => Standing::OnServer,
        }
    }
}

/// The document that a key of one of the tables by document begins with.
pub fn document_of(key: &Key) -> Option<DocumentId> {
    DocumentId::try_from(key.0.get(..DocumentId::LENGTH)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::row::{OutboxRow, Stored};
    use crate::device::table::Write;
    use crate::ids::{ActorId, ChangeHash};
    use crate::model::decision::State;
    use crate::model::search::SearchText;
    use crate::wire::Bytes;

    fn doc(number: u8) -> DocumentId {
        DocumentId::from_bytes([number; 16])
    }

    fn row(write: Write) -> Row {
        match write {
            Write::Put(row) => row,
            Write::Delete(..) => panic!("a put is expected"),
        }
    }

    fn document(number: u8, kind: Kind) -> Row {
        let home: FeedId = "kab-sleman".parse().unwrap();
        row(DocumentRow { doc: doc(number), kind, feeds: vec![home.clone()], home }.put())
    }

    fn summary(number: u8, edited_at: u64) -> Row {
        row(Summary {
            doc: doc(number),
            kind: Kind::TripReport,
            title: format!("report {number}"),
            number: None,
            partner: None,
            country: None,
            place: None,
            detail: None,
            category: None,
            activity: None,
            starts_on: None,
            ends_on: None,
            edited_at,
            conflicts: 0,
            reviews: 0,
            discarded: false,
            text: SearchText::default(),
            offices: OrderedSet::new(),
            people: OrderedSet::new(),
            places: OrderedSet::new(),
            state: State::Draft,
            submitted_by: None,
            waits_since: None,
            note: None,
            discarded_by: None,
        }
        .put())
    }

    fn waiting(number: u8) -> Row {
        let actor = ActorId::from_bytes([1; 17]);
        row(OutboxRow::Change { doc: doc(number), hash: ChangeHash::from_bytes([9; 32]), actor }.put())
    }

    fn set_aside(number: u8, reason: SetAsideReason) -> Row {
        let hash = ChangeHash::from_bytes([8; 32]);
        row(SetAsideRow { doc: doc(number), hash, bytes: Bytes::default(), reason, at: 0 }.put())
    }

    #[test]
    fn newest_record_stands_first_and_personal_data_is_left_out() {
        let listing = Listing::new(vec![
            document(1, Kind::TripReport),
            document(2, Kind::TripReport),
            document(3, Kind::Personal),
            summary(1, 10),
            summary(2, 20),
            summary(3, 30),
        ]);
        let titles: Vec<_> = listing.lines().into_iter().map(|line| line.summary.title).collect();
        assert_eq!(titles, ["report 2", "report 1"]);
    }

    #[test]
    fn record_is_on_the_server_only_when_nothing_of_it_waits() {
        let mut listing = Listing::new(vec![document(1, Kind::TripReport), summary(1, 1), waiting(1)]);
        assert_eq!(listing.standing(doc(1)), Standing::OnDevice);
        listing.replace(&OrderedSet::from([doc(1)]), vec![document(1, Kind::TripReport), summary(1, 1)]);
        assert_eq!(listing.standing(doc(1)), Standing::OnServer);
    }

    #[test]
    fn record_in_which_work_of_others_waits_for_their_devices_is_not_said_to_be_on_the_server() {
        let mut line: Summary = from_bytes(&summary(1, 1).value).unwrap();
        line.waits_since = Some(7);
        let listing = Listing::new(vec![document(1, Kind::TripReport), row(line.put())]);
        assert_eq!((listing.standing(doc(1)), listing.waiting()), (Standing::OnDevice, 0));
    }

    #[test]
    fn what_somebody_took_over_is_let_go_of_no_earlier_than_a_backup_may_want_it() {
        let taken = set_aside(1, SetAsideReason::TakenOver(ChangeHash::from_bytes([3; 32])));
        let listing = Listing::new(vec![document(1, Kind::TripReport), summary(1, 1), taken]);
        assert_eq!(listing.to_let_go(takeover::AFTER_MS - 1), []);
        assert_eq!(listing.to_let_go(takeover::AFTER_MS), [doc(1)]);
    }

    #[test]
    fn refused_change_shows_even_while_another_waits() {
        let refused = set_aside(1, SetAsideReason::Crashed);
        let listing = Listing::new(vec![document(1, Kind::TripReport), summary(1, 1), waiting(1), refused]);
        assert_eq!(listing.standing(doc(1)), Standing::Refused);
    }

    #[test]
    fn change_of_a_retired_device_waits_and_is_not_refused() {
        let retired = set_aside(1, SetAsideReason::RetiredDevice);
        let listing = Listing::new(vec![document(1, Kind::TripReport), summary(1, 1), retired]);
        assert_eq!((listing.standing(doc(1)), listing.waiting()), (Standing::OnDevice, 1));
    }

    #[test]
    fn what_was_unsent_of_a_removed_record_is_listed_by_its_title_until_the_record_is_here_again() {
        let lost = LostRole { feed: None, kind: None, title: "Kunjungan".to_owned() };
        let aside = set_aside(1, SetAsideReason::RoleLost(lost.clone()));
        let listing = Listing::new(vec![aside.clone(), document(2, Kind::TripReport), summary(2, 1)]);
        assert_eq!(listing.kept_aside(), [KeptAside { doc: doc(1), lost, count: 1 }]);
        assert_eq!(listing.unsent().collect::<Vec<_>>(), [doc(1)], "it is exported");
        let again = Listing::new(vec![aside, document(1, Kind::TripReport), summary(1, 1)]);
        assert!(again.kept_aside().is_empty());
        assert_eq!(again.standing(doc(1)), Standing::Refused, "its own page offers to apply it again");
    }

    #[test]
    fn work_is_taken_over_that_waited_long_enough_or_lost_its_ground_unless_its_record_is_archived() {
        let waits = |number, state, since| {
            let of: Summary = from_bytes(&summary(number, 1).value).unwrap();
            row(Summary { state, waits_since: since, ..of }.put())
        };
        let orphaned = |number| set_aside(number, SetAsideReason::Orphaned(ChangeHash::from_bytes([1; 32])));
        let documents = (1..=6).map(|number| document(number, Kind::TripReport));
        let rows = documents.chain([
            waits(1, State::Draft, Some(100)),
            waits(2, State::Draft, Some(101)),
            waits(3, State::Archived, Some(100)),
            waits(4, State::Approved, None),
            orphaned(4),
            waits(5, State::Archived, None),
            orphaned(5),
            waits(6, State::Draft, Some(100)),
            orphaned(6),
        ]);
        let listing = Listing::new(rows.collect());
        let due = |now| -> Vec<_> {
            listing.to_take_over(now).into_iter().map(|(doc, _, share)| (doc, share)).collect()
        };
        assert_eq!(due(takeover::AFTER_MS + 99), [(doc(4), Share::Own), (doc(6), Share::Own)]);
        assert_eq!(
            due(takeover::AFTER_MS + 100),
            [(doc(1), Share::All), (doc(4), Share::Own), (doc(6), Share::All)]
        );
    }

    #[test]
    fn damaged_summary_hides_no_unsent_work() {
        let damaged = Row { table: Table::Summaries, key: Key::document(doc(1)), value: vec![0xff] };
        let listing = Listing::new(vec![document(1, Kind::TripReport), damaged, waiting(1)]);
        assert_eq!(listing.without_summary().collect::<Vec<_>>(), [doc(1)]);
        assert_eq!(listing.unsent().collect::<Vec<_>>(), [doc(1)]);
    }

    #[test]
    fn document_that_left_the_store_leaves_the_list() {
        let mut listing = Listing::new(vec![document(1, Kind::TripReport), summary(1, 1)]);
        listing.replace(&OrderedSet::from([doc(1)]), Vec::new());
        assert!(listing.lines().is_empty());
    }
}
