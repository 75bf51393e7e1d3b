//! Leaves of a damaged store what stands by itself: every change with what it builds on, every decision with its version and
//! those before it, every feed without a gap. What is left out is named; the devices that hold it bring it again.

mod gaps;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, Row, params};
use shared::change_check::check_change;
use shared::change_check::history::History;
use shared::ids::{ChangeHash, DocumentId, EpochId, FeedId, Receipt};
use shared::model::decision::{Event, State};
use shared::model::kind::Kind;
use shared::ordered::OrderedMap;
use shared::sync::relay::entry::{ReceiptKey, Scope, Subject};

use super::super::super::soundness::is_other;
use super::super::super::{Result, Sharing, StoreError};
use super::super::log::{blob, feed_id};
use super::super::reading::{self, id};
use super::super::soundness::{Mode, check};
use super::super::{open_for_writing, receipt_keys, signed, steps, unsigned};
use super::rebuild::{UNKNOWN_AUTHOR, derive, kind_of};
use gaps::close_gaps;
pub(super) use gaps::ranges;

/// Why an entry is not in the store any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    /// It cannot be read.
    Gone,
    /// It reads, but no receipt says that it is of whom it names.
    Unproven,
    /// It builds on what is lost.
    Dependent,
}

impl Loss {
    fn says(self) -> &'static str {
        match self {
            Loss::Gone => "are lost",
            Loss::Unproven => "have no receipt of the key in receipts.key, and are left out",
            Loss::Dependent => "build on what is lost, and are left out with it",
        }
    }
}

/// A row of the log: a change or a decision, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Change(i64),
    Decision(i64),
}

/// A document whose rows are looked at.
struct Document {
    row: i64,
    doc: DocumentId,
    kind: Kind,
    home: i64,
    feed: FeedId,
}

#[derive(Default)]
struct Sifting {
    /// The last entry of each feed whose receipt is of a key that was given up.
    given_up: OrderedMap<i64, u64>,
    /// The documents of which a decision is gone.
    without_decision: BTreeSet<i64>,
    losses: BTreeMap<Item, Loss>,
    proven: u64,
    unproven: u64,
    said: Vec<String>,
}

/// Settles a store that nobody has open, and begins an epoch of it: devices go back to where the log is not any more what
/// they know. Without a key receipts are not looked at. Gives what is left out, a sentence each.
///
/// # Errors
/// When it cannot be read or written, or no receipt in it is of this key.
pub fn settle(database: &Path, key: Option<&ReceiptKey>, epoch: EpochId) -> Result<Vec<String>> {
    let mut connection = open_for_writing(database)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "DELETE FROM sessions; DELETE FROM password_links; DELETE FROM snapshots; DELETE FROM set_aside",
    )?;
    derive(&transaction)?;
    let mark = receipt_keys::mark(&transaction)?;
    if is_other(key, mark) {
        return Err(StoreError::OtherReceiptKey(Sharing::Alone));
    }
    let mut sifting = Sifting {
        given_up: receipt_keys::given_up(&transaction)?,
        without_decision: transaction
            .prepare(
                "SELECT document_id FROM entries
                 WHERE decision_id IS NOT NULL AND decision_id NOT IN (SELECT id FROM decisions)",
            )?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?,
        ..Sifting::default()
    };
    for document in documents(&transaction, &mut sifting.said)? {
        sifting.sift(&transaction, &document, key)?;
    }
    // Nothing is left out where it may only be of a key that was given up, or of another relay's.
    let is_unknown = sifting.proven == 0 || mark.is_none() || receipt_keys::has_lost_limits(&transaction)?;
    if sifting.unproven > 0 && is_unknown {
        return Err(StoreError::OtherReceiptKey(Sharing::Alone));
    }
    for item in sifting.losses.keys() {
        match item {
            Item::Change(row) => transaction.execute("DELETE FROM changes WHERE id = ?1", [row])?,
            Item::Decision(row) => transaction.execute("DELETE FROM decisions WHERE id = ?1", [row])?,
        };
    }
    let parted = close_gaps(&transaction, &mut sifting)?;
    transaction.execute_batch(WITHOUT_PARENTS)?;
    transaction.commit()?;
    check(&mut connection, key, Mode::Repair, &mut |_, _| {})?;
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM epochs WHERE epoch = ?1", [epoch.as_bytes()])?;
    steps::begin_epoch(&transaction, epoch)?;
    for (feed, last) in parted {
        transaction.execute(
            "UPDATE epoch_heads SET head = min(head, ?2)
             WHERE feed_id = ?1 AND epoch_id = (SELECT id FROM epochs WHERE epoch = ?3)",
            params![feed, signed(last), epoch.as_bytes()],
        )?;
    }
    transaction.commit()?;
    Ok(sifting.said)
}

/// Rows that refer to what is lost.
const WITHOUT_PARENTS: &str = "
    DELETE FROM documents WHERE id NOT IN (SELECT document_id FROM changes);
    DELETE FROM document_feeds WHERE document_id NOT IN (SELECT id FROM documents) OR feed_id NOT IN (SELECT id FROM feeds);
    DELETE FROM blobs WHERE document_id NOT IN (SELECT id FROM documents);
    DELETE FROM actors WHERE document_id NOT IN (SELECT id FROM documents);
    DELETE FROM stand_ins WHERE document_id NOT IN (SELECT id FROM documents);
    DELETE FROM memberships WHERE person_id NOT IN (SELECT id FROM people) OR feed_id NOT IN (SELECT id FROM feeds);
    DELETE FROM devices WHERE person_id NOT IN (SELECT id FROM people);
    DELETE FROM feed_settings WHERE feed_id NOT IN (SELECT id FROM feeds);
    DELETE FROM feed_authors WHERE feed_id NOT IN (SELECT id FROM feeds);
    DELETE FROM given_up WHERE feed_id NOT IN (SELECT id FROM feeds);
    DELETE FROM epoch_heads WHERE feed_id NOT IN (SELECT id FROM feeds) OR epoch_id NOT IN (SELECT id FROM epochs)";

/// The documents whose own rows are whole. All that is of others is dropped with the rows that refer to nothing.
fn documents(connection: &Connection, said: &mut Vec<String>) -> Result<Vec<Document>> {
    let mut first =
        connection.prepare("SELECT bytes FROM changes WHERE document_id = ?1 ORDER BY home_seq LIMIT 1")?;
    let mut statement = connection.prepare(
        "SELECT d.id, d.doc, d.kind, d.home_id, f.feed FROM documents d LEFT JOIN feeds f ON f.id = d.home_id
         ORDER BY d.id",
    )?;
    let mut rows = statement.query([])?;
    let mut documents = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let feed = row.get::<_, Option<String>>(4)?.and_then(|feed| feed_id(&feed).ok());
        let (Ok(doc), Some(feed)) = (id::<DocumentId>(row, 1), feed) else { continue };
        let kind = match Kind::from_code(&row.get::<_, String>(2)?) {
            Some(kind) => kind,
            None => {
                let bytes = first.query_row([number], |row| blob(row, 0)).ok();
                let Some(kind) = bytes.and_then(|bytes| kind_of(doc, &bytes)) else { continue };
                let sql = "UPDATE documents SET kind = ?2 WHERE id = ?1";
                connection.execute(sql, params![number, kind.as_str()])?;
                kind
            }
        };
        documents.push(Document { row: number, doc, kind, home: row.get(3)?, feed });
    }
    let whole: BTreeSet<_> = documents.iter().map(|document| document.row).collect();
    let mut statement = connection.prepare(
        "SELECT document_id, count(*) FROM changes GROUP BY document_id
         UNION ALL SELECT document_id, count(*) FROM decisions GROUP BY document_id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (number, count): (i64, i64) = (row.get(0)?, row.get(1)?);
        if !whole.contains(&number) {
            said.push(format!("{count} changes or decisions of a document are left out: what it is is lost"));
            for table in ["changes", "decisions"] {
                connection.execute(&format!("DELETE FROM {table} WHERE document_id = ?1"), [number])?;
            }
            connection.execute("DELETE FROM documents WHERE id = ?1", [number])?;
        }
    }
    Ok(documents)
}

impl Sifting {
    /// Notes which changes and decisions of a document do not stand.
    fn sift(&mut self, connection: &Connection, document: &Document, key: Option<&ReceiptKey>) -> Result<()> {
        let mut history = History::default();
        let (mut changes, mut decisions) = (BTreeMap::<Loss, u64>::new(), BTreeMap::<Loss, u64>::new());
        let mut statement = connection.prepare_cached(
            "SELECT c.id, c.hash, c.bytes, a.user, a.device, c.at, c.receipt, e.change_id, c.home_seq
             FROM changes c LEFT JOIN authors a ON a.id = c.author_id
             LEFT JOIN entries e ON e.feed_id = ?2 AND e.seq = c.home_seq
             WHERE c.document_id = ?1 ORDER BY c.home_seq, c.id",
        )?;
        let mut rows = statement.query(params![document.row, document.home])?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let loss = match id::<ChangeHash>(row, 1) {
                Ok(hash) if row.get::<_, Option<i64>>(7)? == Some(number) => {
                    let key = self.key_of(document, row.get(8)?, key);
                    let proof = self.proof(document, Subject::Change(hash), row, 3, key);
                    match check_change(&blob(row, 2)?).ok().filter(|checked| checked.hash == hash) {
                        None => Some(Loss::Gone),
                        Some(_) if proof.is_some() => proof,
                        Some(checked) => history.admit(&checked).is_err().then_some(Loss::Dependent),
                    }
                }
                _ => Some(Loss::Gone),
            };
            if let Some(loss) = loss {
                self.losses.insert(Item::Change(number), loss);
                *changes.entry(loss).or_default() += 1;
            }
        }
        let mut is_one_lost = self.without_decision.contains(&document.row);
        let mut statement = connection.prepare_cached(
            "SELECT x.id, x.decision, x.event, x.heads, x.note, x.made_at, a.user, a.device, x.at, x.receipt, e.decision_id,
                    x.home_seq
             FROM decisions x LEFT JOIN authors a ON a.id = x.author_id
             LEFT JOIN entries e ON e.feed_id = ?2 AND e.seq = x.home_seq
             WHERE x.document_id = ?1 ORDER BY x.home_seq, x.id",
        )?;
        let mut rows = statement.query(params![document.row, document.home])?;
        let mut state = State::default();
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let loss = match reading::decision(row, 1) {
                Ok(decision) if row.get::<_, Option<i64>>(10)? == Some(number) => {
                    let key = self.key_of(document, row.get(11)?, key);
                    let proof = self.proof(document, Subject::Decision(&decision), row, 6, key);
                    let is_complete = decision.heads.iter().all(|head| history.has(*head));
                    proof.or_else(|| follow(&mut state, decision.event, is_complete, is_one_lost))
                }
                _ => Some(Loss::Gone),
            };
            if let Some(loss) = loss {
                is_one_lost = true;
                self.losses.insert(Item::Decision(number), loss);
                *decisions.entry(loss).or_default() += 1;
            }
        }
        let name = document.doc.short();
        for (what, losses) in [("changes", changes), ("decisions", decisions)] {
            for (loss, count) in losses {
                self.said.push(format!("{count} {what} of document {name} {}", loss.says()));
            }
        }
        Ok(())
    }

    /// The key by which the receipt of an entry is looked at: none where it is of a key that was given up.
    fn key_of<'k>(
        &self,
        document: &Document,
        seq: i64,
        key: Option<&'k ReceiptKey>,
    ) -> Option<&'k ReceiptKey> {
        let is_given_up = self.given_up.get(&document.home).is_some_and(|last| unsigned(seq) <= *last);
        key.filter(|_| !is_given_up)
    }

    /// What is wrong with the receipt of a row; `author` is the first of the columns user, device, time and receipt.
    fn proof(
        &mut self,
        document: &Document,
        subject: Subject<'_>,
        row: &Row<'_>,
        author: usize,
        key: Option<&ReceiptKey>,
    ) -> Option<Loss> {
        let named = row.get::<_, Option<String>>(author).ok().flatten().filter(|user| user != UNKNOWN_AUTHOR);
        let user = named.and_then(|user| reading::user_id(&user).ok());
        let at = row.get::<_, i64>(author + 2).map(unsigned);
        let (Some(user), Ok(device), Ok(at), Ok(receipt)) =
            (user, id(row, author + 1), at, id::<Receipt>(row, author + 3))
        else {
            return Some(Loss::Gone);
        };
        let key = key?;
        let scope = Scope { doc: document.doc, kind: document.kind, feed: &document.feed };
        if key.receipt(scope, subject, &user, device, at) == receipt {
            self.proven += 1;
            None
        } else {
            self.unproven += 1;
            Some(Loss::Unproven)
        }
    }
}

/// Takes the next decision of a document. Where one is lost, those after it stand only where they follow all the same; else
/// the log is as it came.
fn follow(state: &mut State, event: Event, is_complete: bool, is_one_lost: bool) -> Option<Loss> {
    match state.after(event) {
        _ if !is_complete => Some(Loss::Dependent),
        Some(after) => {
            *state = after;
            None
        }
        None => is_one_lost.then_some(Loss::Dependent),
    }
}
