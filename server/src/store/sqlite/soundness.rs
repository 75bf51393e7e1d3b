//! Whether a database holds what it must: every change's checksum, hash, dependencies and numbers, every
//! receipt, every tag, every feed without a gap, and every figure that is derived from these.
//!
//! What is derived (clocks, totals, states, heads, tags) can be written anew from what it is derived of.
//! What people wrote cannot: then only a backup helps, and the devices that still have it.

mod blobs;
mod snapshots;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use shared::change_check::check_change;
use shared::change_check::history::{Clock, HistoryFacts, Known, check_history};
use shared::ids::{ActorId, ChangeHash, DocumentId, FeedId, Receipt, Tag};
use shared::model::decision::{State, state_of};
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::sync::relay::entry::{Content, ReceiptKey, Scope, Subject};

use super::super::soundness::{NO_AUDIT_HEAD, Report, is_other};
use super::super::{Result, StoreError};
use super::log::{blob, feed_id};
use super::reading::{self, id};
use super::{receipt_keys, signed, unsigned};

/// Entries read at once.
const ENTRIES_AT_ONCE: i64 = 1_000;

/// Whether to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only look.
    Look,
    /// Write anew what can be derived.
    Repair,
}

/// Looks at everything. `progress` is told how many rows of how many are done.
///
/// # Errors
/// When the database cannot be read, or written where it is to be repaired.
pub fn check(
    connection: &mut Connection,
    key: Option<&ReceiptKey>,
    mode: Mode,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report> {
    let transaction = connection.transaction()?;
    let count =
        |sql: &str| -> Result<u64> { Ok(unsigned(transaction.query_row(sql, [], |row| row.get(0))?)) };
    let total = count(
        "SELECT (SELECT count(*) FROM changes) + (SELECT count(*) FROM decisions)
                       + (SELECT count(*) FROM entries)",
    )?;
    let is_of_other_key = is_other(key, receipt_keys::mark(&transaction)?);
    let mut inspection = Inspection {
        connection: &transaction,
        key: key.filter(|_| !is_of_other_key),
        given_up: receipt_keys::given_up(&transaction)?,
        mode,
        report: Report { is_of_other_key, ..Report::default() },
        done: 0,
        total,
        progress,
    };
    inspection.pages()?;
    inspection.texts()?;
    inspection.audit_head()?;
    inspection.documents()?;
    inspection.feeds()?;
    inspection.blobs()?;
    let report = inspection.report;
    transaction.commit()?;
    Ok(report)
}

struct Inspection<'a> {
    connection: &'a Connection,
    key: Option<&'a ReceiptKey>,
    /// The last entry of each feed whose receipt is of a key that was given up.
    given_up: OrderedMap<i64, u64>,
    mode: Mode,
    report: Report,
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

/// A document's row.
struct Document {
    row: i64,
    doc: DocumentId,
    kind: Option<Kind>,
    home: i64,
    home_name: FeedId,
}

impl Inspection<'_> {
    fn did_one(&mut self) {
        self.done += 1;
        (self.progress)(self.done, self.total);
    }

    /// Derives something anew, where that is wished.
    fn repair(&self, sql: &str, values: impl rusqlite::Params) -> Result<()> {
        if self.mode == Mode::Repair {
            self.connection.prepare_cached(sql)?.execute(values)?;
        }
        Ok(())
    }

    /// What SQLite itself finds.
    fn pages(&mut self) -> Result<()> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(100)")?;
        let mut rows = statement.query([])?;
        let mut has_broken_index = false;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line == "ok" {
                continue;
            }
            // An index is derived of its table.
            if line.contains("index") {
                has_broken_index = true;
                self.report.derive(format!("an index of the file is damaged: {line}"));
            } else {
                self.report.has_bad_pages = true;
                self.report.lose(format!("the file is damaged: {line}"));
            }
        }
        drop(rows);
        if has_broken_index {
            self.repair("REINDEX", [])?;
        }
        let mut statement = self.connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            self.report.lose(format!("a row of {table} refers to one of {parent} that is not there"));
        }
        let has_epoch = self.connection.prepare("SELECT 1 FROM epochs")?.exists([])?;
        if !has_epoch {
            self.report.lose("the store has no epoch".to_owned());
        }
        Ok(())
    }

    /// Whether every text is one: SQLite itself gives whatever bytes a sound page holds.
    fn texts(&mut self) -> Result<()> {
        let mut tables = self.connection.prepare(
            "SELECT t.name, group_concat(c.name) FROM pragma_table_list t, pragma_table_info(t.name) c
             WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND c.type = 'TEXT' GROUP BY t.name",
        )?;
        let mut tables = tables.query([])?;
        while let Some(table) = tables.next()? {
            let (table, columns): (String, String) = (table.get(0)?, table.get(1)?);
            // An index of a column would give its own copy of the text.
            let sql = format!("SELECT {columns} FROM {table} NOT INDEXED");
            let mut statement = self.connection.prepare(&sql)?;
            let mut bad: Vec<_> = columns.split(',').map(|column| (column, 0_u64)).collect();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for (at, (_, bad)) in bad.iter_mut().enumerate() {
                    let value = row.get_ref(at)?;
                    *bad += u64::from(value != ValueRef::Null && value.as_str().is_err());
                }
            }
            for (column, bad) in bad.into_iter().filter(|(_, bad)| *bad > 0) {
                // What is left of such a row a salvage tells, as of a row in a bad page.
                self.report.has_bad_pages = true;
                self.report
                    .lose(format!("{bad} rows of table {table} are damaged: their {column} is no text"));
            }
        }
        Ok(())
    }

    /// Whether the audit log has its end: without it nothing more can be told there.
    fn audit_head(&mut self) -> Result<()> {
        if !self.connection.prepare("SELECT 1 FROM audit_head")?.exists([])? {
            // A salvage takes the last row that there is.
            self.report.has_bad_pages = true;
            self.report.lose(NO_AUDIT_HEAD.to_owned());
        }
        Ok(())
    }

    fn documents(&mut self) -> Result<()> {
        let mut statement = self.connection.prepare(
            "SELECT d.id, d.doc, d.home_id, f.feed, d.bytes, d.state, d.kind FROM documents d
             JOIN feeds f ON f.id = d.home_id ORDER BY d.id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let document = Document {
                row: row.get(0)?,
                doc: id(row, 1)?,
                kind: Kind::from_code(&row.get::<_, String>(6)?),
                home: row.get(2)?,
                home_name: feed_id(&row.get::<_, String>(3)?)?,
            };
            let (bytes, state): (i64, String) = (row.get(4)?, row.get(5)?);
            let found_bytes = self.changes(&document)?;
            let found_state = self.decisions(&document)?;
            self.snapshots(&document)?;
            let short = document.doc.short();
            if found_bytes != unsigned(bytes) {
                let said = format!("document {short} says {bytes} bytes and has {found_bytes}");
                self.report.derive(said);
                let values = params![document.row, signed(found_bytes)];
                self.repair("UPDATE documents SET bytes = ?2 WHERE id = ?1", values)?;
            }
            if found_state.as_str() != state {
                let found = found_state.as_str();
                self.report
                    .derive(format!("document {short} says {state:?}; its decisions lead to {found:?}"));
                self.repair("UPDATE documents SET state = ?2 WHERE id = ?1", params![document.row, found])?;
            }
        }
        Ok(())
    }

    /// Looks at the changes of a document, gives their bytes.
    fn changes(&mut self, document: &Document) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.id, c.hash, c.actor, c.sequence, c.max_op, c.home_seq, c.at, c.receipt, c.clock, c.bytes,
                    a.user, a.device, e.change_id
             FROM changes c JOIN authors a ON a.id = c.author_id
             LEFT JOIN entries e ON e.feed_id = ?2 AND e.seq = c.home_seq
             WHERE c.document_id = ?1 ORDER BY c.home_seq",
        )?;
        let mut rows = statement.query(params![document.row, document.home])?;
        let mut known: OrderedMap<ChangeHash, Known> = OrderedMap::new();
        let mut last: OrderedMap<ActorId, u64> = OrderedMap::new();
        let mut stood_for: OrderedMap<ChangeHash, ChangeHash> = OrderedMap::new();
        let mut size_bytes = 0;
        while let Some(row) = rows.next()? {
            self.report.changes += 1;
            let change: i64 = row.get(0)?;
            let (hash, actor): (ChangeHash, ActorId) = (id(row, 1)?, id(row, 2)?);
            let (sequence, max_op) = (unsigned(row.get(3)?), unsigned(row.get(4)?));
            let bytes = blob(row, 9)?;
            size_bytes += bytes.len() as u64;
            let name = format!("change {} of document {}", hash.short(), document.doc.short());
            self.home_entry(&name, document, unsigned(row.get(5)?), change, row.get(12)?);
            let seq = unsigned(row.get(5)?);
            if !self.is_given_up(document, seq) {
                self.receipt(&name, document, Subject::Change(hash), row, 10, (6, 7))?;
            }
            let stored_clock = Clock::from_bytes(row.get_ref(8)?.as_blob().unwrap_or_default());
            let stored = stored_clock.map(|clock| Known { clock, max_op });
            let mut its_own = (actor, sequence);
            let derived = match check_change(&bytes) {
                Err(refusal) => {
                    self.report.lose(format!("{name} is damaged: {refusal}"));
                    None
                }
                Ok(checked) if checked.hash != hash => {
                    self.report.lose(format!("{name} holds another change, {}", checked.hash.short()));
                    None
                }
                Ok(checked) => {
                    let facts = HistoryFacts {
                        actor_last_seq: last.get(&checked.actor).copied().unwrap_or(0),
                        dependencies: checked
                            .deps
                            .iter()
                            .filter_map(|dep| Some((*dep, known.get(dep)?.clone())))
                            .collect(),
                    };
                    its_own = (checked.actor, checked.seq);
                    stood_for.extend(checked.stands_for.iter().map(|original| (*original, hash)));
                    if its_own != (actor, sequence) {
                        self.report
                            .derive(format!("{name} stands under another number or actor than its own"));
                        self.repair(
                            "UPDATE changes SET actor = ?2, sequence = ?3 WHERE id = ?1",
                            params![change, checked.actor.as_bytes(), signed(checked.seq)],
                        )?;
                    }
                    match check_history(&checked, &facts) {
                        Ok(derived) => Some(derived),
                        Err(refusal) => {
                            self.report.lose(format!("{name} does not fit what is before it: {refusal}"));
                            None
                        }
                    }
                }
            };
            if let Some(derived) = &derived
                && stored.as_ref() != Ok(derived)
            {
                self.report.derive(format!("{name} has another clock than its ancestors give"));
                self.repair(
                    "UPDATE changes SET clock = ?2, max_op = ?3 WHERE id = ?1",
                    params![change, derived.clock.to_bytes(), signed(derived.max_op)],
                )?;
            }
            // A damaged one still stands for itself, so that what builds on it is judged by its own.
            known.insert(hash, derived.or(stored.ok()).unwrap_or_default());
            let highest = last.entry(its_own.0).or_default();
            *highest = its_own.1.max(*highest);
            self.did_one();
        }
        self.actors(document, &last)?;
        self.stand_ins(document, &stood_for)?;
        Ok(size_bytes)
    }

    /// Whether the document's actors stand with the numbers of their last changes.
    fn actors(&mut self, document: &Document, last: &OrderedMap<ActorId, u64>) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT actor, last FROM actors WHERE document_id = ?1")?;
        let mut rows = statement.query([document.row])?;
        let mut said = OrderedMap::new();
        while let Some(row) = rows.next()? {
            said.insert(id::<ActorId>(row, 0)?, unsigned(row.get(1)?));
        }
        if said == *last {
            return Ok(());
        }
        let short = document.doc.short();
        self.report.derive(format!("document {short} says of its actors other numbers than their changes"));
        self.repair("DELETE FROM actors WHERE document_id = ?1", [document.row])?;
        for (actor, number) in last {
            let values = params![document.row, actor.as_bytes(), signed(*number)];
            self.repair("INSERT INTO actors (document_id, actor, last) VALUES (?1, ?2, ?3)", values)?;
        }
        Ok(())
    }

    /// Whether the changes for which others stand are those that these name.
    fn stand_ins(&mut self, document: &Document, named: &OrderedMap<ChangeHash, ChangeHash>) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT hash, stand_in FROM stand_ins WHERE document_id = ?1")?;
        let mut rows = statement.query([document.row])?;
        let mut said = OrderedMap::new();
        while let Some(row) = rows.next()? {
            said.insert(id::<ChangeHash>(row, 0)?, id::<ChangeHash>(row, 1)?);
        }
        if said == *named {
            return Ok(());
        }
        let short = document.doc.short();
        self.report.derive(format!("document {short} says of its stand-ins other than their messages"));
        self.repair("DELETE FROM stand_ins WHERE document_id = ?1", [document.row])?;
        for (original, by) in named {
            let values = params![document.row, original.as_bytes(), by.as_bytes()];
            self.repair("INSERT INTO stand_ins (document_id, hash, stand_in) VALUES (?1, ?2, ?3)", values)?;
        }
        Ok(())
    }

    /// Looks at the decisions of a document, gives the state that they lead to.
    fn decisions(&mut self, document: &Document) -> Result<State> {
        let mut statement = self.connection.prepare_cached(
            "SELECT x.id, x.decision, x.event, x.heads, x.note, x.made_at, x.home_seq, x.at, x.receipt,
                    a.user, a.device, e.decision_id
             FROM decisions x JOIN authors a ON a.id = x.author_id
             LEFT JOIN entries e ON e.feed_id = ?2 AND e.seq = x.home_seq
             WHERE x.document_id = ?1 ORDER BY x.home_seq",
        )?;
        let mut rows = statement.query(params![document.row, document.home])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            self.report.decisions += 1;
            let name = format!("a decision on document {}", document.doc.short());
            self.home_entry(&name, document, unsigned(row.get(6)?), row.get(0)?, row.get(11)?);
            match reading::decision(row, 1) {
                Ok(decision) => {
                    let seq = unsigned(row.get(6)?);
                    if !self.is_given_up(document, seq) {
                        self.receipt(&name, document, Subject::Decision(&decision), row, 9, (7, 8))?;
                    }
                    events.push(decision.event);
                }
                Err(StoreError::Damaged(what)) => self.report.lose(format!("{name} is damaged: {what}")),
                Err(error) => return Err(error),
            }
            self.did_one();
        }
        Ok(state_of(events))
    }

    /// Whether the home feed has an item where the item says.
    fn home_entry(&mut self, name: &str, document: &Document, seq: u64, item: i64, found: Option<i64>) {
        if found != Some(item) {
            let feed = &document.home_name;
            self.report.lose(format!("{name} is not entry {seq} of feed {feed}, as it should be"));
        }
    }

    /// Whether an entry is of the time of a key that was given up: it is counted as not proved, and is no damage.
    fn is_given_up(&mut self, document: &Document, seq: u64) -> bool {
        let is_given_up = self.given_up.get(&document.home).is_some_and(|last| seq <= *last);
        self.report.unproven += u64::from(is_given_up);
        is_given_up
    }

    /// Whether the receipt is this relay's. `author`: the first of the columns user and device; `proof`:
    /// those of time and receipt.
    fn receipt(
        &mut self,
        name: &str,
        document: &Document,
        subject: Subject<'_>,
        row: &Row<'_>,
        author: usize,
        proof: (usize, usize),
    ) -> Result<()> {
        // A kind that cannot be read is told of with the entries.
        let (Some(key), Some(kind)) = (self.key, document.kind) else { return Ok(()) };
        let user = reading::user_id(&row.get::<_, String>(author)?)?;
        let receipt: Receipt = id(row, proof.1)?;
        let at = unsigned(row.get(proof.0)?);
        let scope = Scope { doc: document.doc, kind, feed: &document.home_name };
        if key.receipt(scope, subject, &user, id(row, author + 1)?, at) != receipt {
            self.report.lose(format!("{name} has a receipt that the key in receipts.key did not give"));
        }
        Ok(())
    }

    fn feeds(&mut self) -> Result<()> {
        let mut statement =
            self.connection.prepare("SELECT id, feed, head, documents, bytes FROM feeds ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (row_id, feed) = (row.get(0)?, feed_id(&row.get::<_, String>(1)?)?);
            let head = self.entries(row_id, &feed)?;
            let totals = "SELECT count(*), coalesce(sum(bytes), 0) FROM documents WHERE home_id = ?1";
            let (documents, bytes): (i64, i64) =
                self.connection.query_row(totals, [row_id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let found = (signed(head), documents, bytes);
            let said: (i64, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
            if said.0 > found.0 {
                self.report.lose(format!("feed {feed} says that it ends at {}, and ends at {head}", said.0));
            } else if found != said {
                self.report.derive(format!(
                    "feed {feed} says head, documents and bytes {said:?}; they are {found:?}"
                ));
                self.repair(
                    "UPDATE feeds SET head = ?2, documents = ?3, bytes = ?4 WHERE id = ?1",
                    params![row_id, found.0, found.1, found.2],
                )?;
            }
        }
        Ok(())
    }

    /// Looks at the entries of a feed, gives the number of the last.
    fn entries(&mut self, row: i64, feed: &FeedId) -> Result<u64> {
        let (mut last, mut wrong_tags, mut first_wrong) = (0, 0_u64, 0);
        let mut previous = Tag::START;
        let mut has_left = OrderedMap::new();
        loop {
            let from = last;
            let connection = self.connection;
            let mut statement = connection.prepare_cached(reading::ENTRIES)?;
            let mut rows = statement.query(params![row, signed(from), ENTRIES_AT_ONCE])?;
            while let Some(entry) = rows.next()? {
                self.report.entries += 1;
                let seq = unsigned(entry.get(0)?);
                if seq != last + 1 {
                    self.report.lose(format!("feed {feed} has no entries from {} to {}", last + 1, seq - 1));
                }
                last = seq;
                let stored: Tag = id(entry, 1)?;
                match reading::item(entry, id(entry, 2)?) {
                    Ok(item) => {
                        has_left.insert(item.doc, item.content == Content::Removed);
                        let tag = item.tag(seq, previous);
                        previous = tag;
                        if stored != tag {
                            wrong_tags += 1;
                            first_wrong = if first_wrong == 0 { seq } else { first_wrong };
                            let values = params![row, signed(seq), tag.as_bytes()];
                            self.repair(
                                "UPDATE entries SET tag = ?3 WHERE feed_id = ?1 AND seq = ?2",
                                values,
                            )?;
                        }
                    }
                    Err(StoreError::Damaged(what)) => {
                        previous = stored;
                        self.report.lose(format!("entry {seq} of feed {feed} is damaged: {what}"));
                    }
                    Err(error) => return Err(error),
                }
                self.did_one();
            }
            if last == from {
                break;
            }
        }
        self.standing(row, feed, &has_left)?;
        if wrong_tags > 0 {
            self.report.derive(format!(
                "{wrong_tags} entries of feed {feed}, from {first_wrong} on, have another tag than their content"
            ));
        }
        Ok(last)
    }

    /// Whether the documents that have entries in a feed, and have not left it, stand in it.
    fn standing(&mut self, row: i64, feed: &FeedId, has_left: &OrderedMap<DocumentId, bool>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM document_feeds s JOIN documents d ON d.id = s.document_id
             WHERE s.feed_id = ?1 AND d.doc = ?2",
        )?;
        for (doc, _) in has_left.iter().filter(|(_, has_left)| !**has_left) {
            if !statement.exists(params![row, doc.as_bytes()])? {
                let short = doc.short();
                self.report
                    .derive(format!("document {short} has entries in feed {feed} and stands not in it"));
                self.repair(
                    "INSERT INTO document_feeds (document_id, feed_id)
                     SELECT id, ?1 FROM documents WHERE doc = ?2",
                    params![row, doc.as_bytes()],
                )?;
            }
        }
        Ok(())
    }
}
