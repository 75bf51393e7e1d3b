//! The writing half: facts are loaded, plans are carried out, all in the transaction of one batch.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use shared::change_check::history::{Clock, Known};
use shared::ids::{DeviceId, DocumentId, FeedId, Tag, UserId};
use shared::model::decision::State;
use shared::model::kind::Kind;
use shared::sync::relay::entry::{Authorship, Content, Place, Standing};
use shared::sync::relay::facts::{
    ChangeFacts, DecisionFacts, DeviceFacts, DocumentFacts, Facts, FeedFacts, Needs,
};
use shared::sync::relay::held_back::busy;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{NewItem, Plan, Rules, Verdict, decide, needs};

use super::super::{Result, StoreError};
use super::reading::{authorship, id};
use super::{people, signed, unsigned};

/// The one connection that writes.
pub(super) struct LogWriter {
    pub(super) connection: Connection,
    /// Rows of `authors` that are known to be committed or in this transaction.
    authors: BTreeMap<(UserId, DeviceId, Option<UserId>), i64>,
}

/// Which row each document and feed of a batch has.
#[derive(Default)]
struct Rows {
    documents: BTreeMap<DocumentId, i64>,
    feeds: BTreeMap<FeedId, i64>,
}

impl LogWriter {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, authors: BTreeMap::new() }
    }

    /// See [`super::super::Store::commit`]. Where storing the batch fails, each submission is tried by itself,
    /// so that one that the database refuses does not hold up the others.
    pub(super) fn commit(&mut self, batch: &[Submission], rules: &Rules) -> Result<Vec<Verdict>> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match store(&transaction, &mut self.authors, batch, rules) {
            Ok(verdicts) => {
                // Rows of authors that were not committed must not be remembered.
                transaction.commit().inspect_err(|_| self.authors.clear())?;
                return Ok(verdicts);
            }
            Err(error) => {
                tracing::warn!(
                    pushes = batch.len(),
                    "a batch could not be stored, going one by one: {error}"
                );
                self.authors.clear();
                transaction.rollback()?;
            }
        }
        let mut transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut verdicts = Vec::with_capacity(batch.len());
        for submission in batch {
            let savepoint = transaction.savepoint()?;
            match store(&savepoint, &mut self.authors, std::slice::from_ref(submission), rules) {
                Ok(stored) => {
                    savepoint.commit()?;
                    verdicts.extend(stored);
                }
                Err(error) => {
                    tracing::error!("a push could not be stored: {error}");
                    self.authors.clear();
                    // Dropped, the savepoint is rolled back.
                    savepoint.finish()?;
                    verdicts.push(Verdict::Refuse(busy()));
                }
            }
        }
        transaction.commit().inspect_err(|_| self.authors.clear())?;
        Ok(verdicts)
    }
}

type Authors = BTreeMap<(UserId, DeviceId, Option<UserId>), i64>;

fn store(
    connection: &Connection,
    authors: &mut Authors,
    batch: &[Submission],
    rules: &Rules,
) -> Result<Vec<Verdict>> {
    let (mut facts, mut rows) = load(connection, &needs(batch))?;
    let mut verdicts = Vec::with_capacity(batch.len());
    let mut touched = BTreeSet::new();
    for submission in batch {
        let verdict = decide(&mut facts, submission, rules);
        if let Verdict::Accept(plan) = &verdict {
            carry_out(connection, authors, &mut rows, &facts, plan, submission.at)?;
            touched.extend(plan.items.iter().map(|new| new.item.doc));
            touched.extend(plan.beginnings.iter().map(|beginning| beginning.doc));
        }
        verdicts.push(verdict);
    }
    note_totals(connection, &facts, &rows, &touched)?;
    Ok(verdicts)
}

/// Loads what a batch needs to know.
fn load(connection: &Connection, needs: &Needs) -> Result<(Facts, Rows)> {
    let (mut facts, mut rows) = (Facts::default(), Rows::default());
    for user in &needs.people {
        for (feed, role) in people::roles(connection, user)? {
            facts.roles.insert((user.clone(), feed), role);
        }
    }
    for device in &needs.devices {
        if let Some(known) = people::device(connection, *device)? {
            let is_revoked = known.revoked_at.is_some();
            facts.devices.insert(*device, DeviceFacts { owner: known.owner, is_revoked });
        }
    }
    for doc in &needs.documents {
        if let Some((id, document)) = document(connection, *doc)? {
            rows.documents.insert(*doc, id);
            facts.documents.insert(*doc, document);
        }
    }
    let standing_in = facts.documents.values().flat_map(|document| document.feeds.iter());
    let wanted: BTreeSet<_> = needs.feeds.iter().chain(standing_in).cloned().collect();
    for feed in wanted {
        let mut statement = connection.prepare_cached(
            "SELECT f.id, f.head, f.documents, f.bytes, e.tag FROM feeds f
             LEFT JOIN entries e ON e.feed_id = f.id AND e.seq = f.head WHERE f.feed = ?1",
        )?;
        let mut found = statement.query([feed.as_str()])?;
        if let Some(row) = found.next()? {
            let head = unsigned(row.get(1)?);
            let tag = if head == 0 { Tag::START } else { id(row, 4)? };
            let known =
                FeedFacts { head, tag, documents: unsigned(row.get(2)?), bytes: unsigned(row.get(3)?) };
            rows.feeds.insert(feed.clone(), row.get(0)?);
            facts.feeds.insert(feed, known);
        }
    }
    for (doc, hash) in &needs.changes {
        let Some(document) = rows.documents.get(doc) else { continue };
        let mut statement = connection.prepare_cached(
            "SELECT home_seq, max_op, clock FROM changes WHERE document_id = ?1 AND hash = ?2",
        )?;
        let found = statement.query_row(params![document, hash.as_bytes()], |row| {
            let clock = Clock::from_bytes(row.get_ref(2)?.as_blob()?);
            Ok((unsigned(row.get(0)?), unsigned(row.get(1)?), clock))
        });
        if let Some((seq, max_op, clock)) = found.optional()? {
            let clock = clock.map_err(|_| StoreError::Damaged("the clock of a change"))?;
            facts.changes.insert((*doc, *hash), ChangeFacts { seq, known: Known { clock, max_op } });
        }
    }
    for key @ (doc, hash) in needs.brought.iter().filter(|key| facts.changes.contains_key(*key)) {
        let Some(document) = rows.documents.get(doc) else { continue };
        let mut statement = connection.prepare_cached(
            "SELECT e.tag, c.at, c.receipt, a.user, a.via, a.device FROM changes c
             JOIN authors a ON a.id = c.author_id JOIN documents d ON d.id = c.document_id
             JOIN entries e ON e.feed_id = d.home_id AND e.seq = c.home_seq
             WHERE c.document_id = ?1 AND c.hash = ?2",
        )?;
        let mut found = statement.query(params![document, hash.as_bytes()])?;
        if let Some(row) = found.next()? {
            let authorship = authorship(row, id(row, 5)?, unsigned(row.get(1)?), id(row, 2)?)?;
            facts.brought.insert(*key, Standing { tag: id(row, 0)?, authorship });
        }
    }
    for (doc, actor) in &needs.actors {
        let Some(document) = rows.documents.get(doc) else { continue };
        let mut statement = connection
            .prepare_cached("SELECT max(sequence) FROM changes WHERE document_id = ?1 AND actor = ?2")?;
        let last: Option<i64> = statement.query_row(params![document, actor.as_bytes()], |row| row.get(0))?;
        if let Some(last) = last {
            facts.actors.insert((*doc, *actor), unsigned(last));
        }
    }
    for decision in &needs.decisions {
        let mut statement = connection.prepare_cached(
            "SELECT d.doc, f.feed, x.home_seq, a.user, a.via, a.device, x.at, x.receipt, e.tag
             FROM decisions x
             JOIN documents d ON d.id = x.document_id JOIN feeds f ON f.id = d.home_id
             JOIN authors a ON a.id = x.author_id
             JOIN entries e ON e.feed_id = d.home_id AND e.seq = x.home_seq
             WHERE x.decision = ?1",
        )?;
        let mut found = statement.query(params![decision.as_bytes()])?;
        if let Some(row) = found.next()? {
            let place = Place { feed: feed_id(&row.get::<_, String>(1)?)?, seq: unsigned(row.get(2)?) };
            let authorship = authorship(row, id(row, 5)?, unsigned(row.get(6)?), id(row, 7)?)?;
            let standing = Standing { tag: id(row, 8)?, authorship };
            facts.decisions.insert(*decision, DecisionFacts { doc: id(row, 0)?, place, standing });
        }
    }
    Ok((facts, rows))
}

/// A document with its row.
pub(super) fn document(connection: &Connection, doc: DocumentId) -> Result<Option<(i64, DocumentFacts)>> {
    let mut statement = connection.prepare_cached(
        "SELECT d.id, d.kind, f.feed, d.state, d.bytes FROM documents d JOIN feeds f ON f.id = d.home_id
         WHERE d.doc = ?1",
    )?;
    let found = statement.query_row(params![doc.as_bytes()], |row| {
        let (kind, home, state): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((row.get::<_, i64>(0)?, kind, home, state, unsigned(row.get(4)?)))
    });
    let Some((id, kind, home, state, bytes)) = found.optional()? else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT f.feed FROM document_feeds s JOIN feeds f ON f.id = s.feed_id WHERE s.document_id = ?1",
    )?;
    let feeds = statement.query_map([id], |row| row.get::<_, String>(0))?;
    let feeds = feeds.map(|feed| feed_id(&feed?)).collect::<Result<BTreeSet<_>>>()?;
    let kind = Kind::from_code(&kind).ok_or(StoreError::Damaged("a document's kind"))?;
    let state = State::from_code(&state).ok_or(StoreError::Damaged("a document's state"))?;
    Ok(Some((id, DocumentFacts { kind, home: feed_id(&home)?, feeds, state, bytes })))
}

fn carry_out(
    connection: &Connection,
    authors: &mut Authors,
    rows: &mut Rows,
    facts: &Facts,
    plan: &Plan,
    at: u64,
) -> Result<()> {
    for (device, owner) in &plan.enrolments {
        people::take_back_device(connection, *device, owner, at)?;
    }
    for beginning in &plan.beginnings {
        let home = *rows.feeds.get(&beginning.home).ok_or_else(|| absent_feed(&beginning.home))?;
        connection
            .prepare_cached("INSERT INTO documents (doc, kind, home_id, state) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                beginning.doc.as_bytes(),
                beginning.kind.as_str(),
                home,
                State::Draft.as_str()
            ])?;
        let id = connection.last_insert_rowid();
        rows.documents.insert(beginning.doc, id);
        connection
            .prepare_cached("INSERT INTO document_feeds (document_id, feed_id) VALUES (?1, ?2)")?
            .execute(params![id, home])?;
    }
    for new in &plan.items {
        add(connection, authors, rows, facts, new)?;
    }
    Ok(())
}

fn add(
    connection: &Connection,
    authors: &mut Authors,
    rows: &Rows,
    facts: &Facts,
    new: &NewItem,
) -> Result<()> {
    let item = &new.item;
    let document = rows.documents.get(&item.doc).ok_or(StoreError::Damaged("a plan without its document"))?;
    let author = author(connection, authors, &item.authorship)?;
    let home = facts.documents.get(&item.doc).map(|document| &document.home);
    let home_seq = new.places.iter().find(|placed| Some(&placed.feed) == home).map_or(0, |placed| placed.seq);
    let (mut change_id, mut decision_id) = (None, None);
    match (&item.content, &new.history) {
        (Content::Change { hash, bytes }, Some((actor, sequence, known))) => {
            connection
                .prepare_cached(
                    "INSERT INTO changes (document_id, hash, actor, sequence, max_op, home_seq, author_id, at,
                         receipt, clock, bytes)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                )?
                .execute(params![
                    document,
                    hash.as_bytes(),
                    actor.as_bytes(),
                    signed(*sequence),
                    signed(known.max_op),
                    signed(home_seq),
                    author,
                    signed(item.authorship.at),
                    item.authorship.receipt.as_bytes(),
                    known.clock.to_bytes(),
                    &bytes[..],
                ])?;
            change_id = Some(connection.last_insert_rowid());
        }
        (Content::Decision(decision), _) => {
            let heads: Vec<u8> = decision.heads.iter().flat_map(|head| *head.as_bytes()).collect();
            connection
                .prepare_cached(
                    "INSERT INTO decisions (decision, document_id, event, heads, note, made_at, home_seq,
                         author_id, at, receipt)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .execute(params![
                    decision.decision.as_bytes(),
                    document,
                    decision.event.as_str(),
                    heads,
                    decision.note,
                    signed(decision.made_at),
                    signed(home_seq),
                    author,
                    signed(item.authorship.at),
                    item.authorship.receipt.as_bytes(),
                ])?;
            decision_id = Some(connection.last_insert_rowid());
        }
        _ => {}
    }
    for placed in &new.places {
        let feed = rows.feeds.get(&placed.feed).ok_or_else(|| absent_feed(&placed.feed))?;
        connection
            .prepare_cached(
                "INSERT INTO entries (feed_id, seq, document_id, author_id, change_id, decision_id, tag)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                feed,
                signed(placed.seq),
                document,
                author,
                change_id,
                decision_id,
                placed.tag.as_bytes()
            ])?;
    }
    Ok(())
}

/// The row of an author, made where there is none.
fn author(connection: &Connection, authors: &mut Authors, authorship: &Authorship) -> Result<i64> {
    let key = (authorship.by.clone(), authorship.device, authorship.via.clone());
    if let Some(id) = authors.get(&key) {
        return Ok(*id);
    }
    let via = authorship.via.as_ref().map_or("", UserId::as_str);
    let columns = params![authorship.by.as_str(), authorship.device.as_bytes(), via];
    connection
        .prepare_cached("INSERT OR IGNORE INTO authors (user, device, via) VALUES (?1, ?2, ?3)")?
        .execute(columns)?;
    let id = connection
        .prepare_cached("SELECT id FROM authors WHERE user = ?1 AND device = ?2 AND via = ?3")?
        .query_row(columns, |row| row.get(0))?;
    authors.insert(key, id);
    Ok(id)
}

/// Writes heads, sizes and states once for the whole batch.
fn note_totals(
    connection: &Connection,
    facts: &Facts,
    rows: &Rows,
    touched: &BTreeSet<DocumentId>,
) -> Result<()> {
    let mut grown = BTreeSet::new();
    for doc in touched {
        let (Some(document), Some(id)) = (facts.documents.get(doc), rows.documents.get(doc)) else {
            continue;
        };
        connection
            .prepare_cached("UPDATE documents SET bytes = ?2, state = ?3 WHERE id = ?1")?
            .execute(params![id, signed(document.bytes), document.state.as_str()])?;
        grown.extend(document.feeds.iter());
    }
    for feed in grown {
        let (Some(known), Some(id)) = (facts.feeds.get(feed), rows.feeds.get(feed)) else { continue };
        connection
            .prepare_cached("UPDATE feeds SET head = ?2, documents = ?3, bytes = ?4 WHERE id = ?1")?
            .execute(params![id, signed(known.head), signed(known.documents), signed(known.bytes)])?;
    }
    Ok(())
}

/// A feed's id from its column.
pub(super) fn feed_id(text: &str) -> Result<FeedId> {
    text.parse().map_err(|_| StoreError::Damaged("a feed's id"))
}

/// A byte column.
pub(super) fn blob(row: &Row<'_>, index: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(row.get_ref(index)?.as_blob()?.to_vec())
}

fn absent_feed(feed: &FeedId) -> StoreError {
    StoreError::Absent(format!("feed {feed}"))
}
