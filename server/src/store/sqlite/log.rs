//! The writing half: facts are loaded, plans are carried out, all in the transaction of one batch.

use rusqlite::{CachedStatement, Connection, Row, TransactionBehavior, params};
use shared::audit::AuditKey;
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId, UserId};
use shared::model::decision::State;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::entry::{Authorship, Content};
use shared::sync::relay::facts::Facts;
use shared::sync::relay::held_back::busy;
use shared::sync::relay::submission::{Request, Submission};
use shared::sync::relay::writer::{NewItem, Plan, Rules, Verdict, decide, needs};

use super::super::audit::decided;
use super::super::{Result, StoreError};
use super::audit;
use super::facts::{Memory, Rows};
use super::{people, signed};

/// The one connection that writes the log.
pub(super) struct LogWriter {
    connection: Connection,
    memory: Memory,
    authors: Authors,
}

/// Rows that are known to be committed or in this transaction.
#[derive(Default)]
struct Authors {
    /// Of `authors`.
    ids: OrderedMap<(UserId, DeviceId), i64>,
    /// Of `feed_authors`.
    named: OrderedSet<(i64, UserId)>,
}

impl Authors {
    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl LogWriter {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, memory: Memory::default(), authors: Authors::default() }
    }

    /// Forgets what it remembers of a batch that a panic ended. Its transaction was rolled back then.
    pub(super) fn forget(&mut self) {
        self.memory = Memory::default();
        self.authors.clear();
    }

    /// Writes what changes nothing, on the connection and by the way that a batch takes.
    pub(super) fn prove_writable(&mut self) -> Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("UPDATE epochs SET epoch = epoch", [])?;
        Ok(transaction.commit()?)
    }

    /// See [`super::super::Store::commit`]. Where storing the batch fails, each submission is tried by itself,
    /// so that one that the database refuses does not hold up the others.
    pub(super) fn commit(
        &mut self,
        batch: &[Submission],
        rules: &Rules,
        audit_key: Option<&AuditKey>,
    ) -> Result<Vec<Verdict>> {
        // What was not committed must not be remembered; where a panic ends the batch, `forget` sees to the rest.
        let mut memory = std::mem::take(&mut self.memory);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        memory.begin(&transaction)?;
        let stored = store(&transaction, &mut memory, &mut self.authors, batch, rules);
        match stored.and_then(|verdicts| told(&transaction, audit_key, batch, verdicts)) {
            Ok(verdicts) => {
                transaction.commit().inspect_err(|_| self.authors.clear())?;
                memory.end(&self.connection, built_upon(batch));
                self.memory = memory;
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
            let one = std::slice::from_ref(submission);
            let stored = store(&savepoint, &mut Memory::default(), &mut self.authors, one, rules);
            match stored.and_then(|verdicts| told(&savepoint, audit_key, one, verdicts)) {
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

fn store(
    connection: &Connection,
    memory: &mut Memory,
    authors: &mut Authors,
    batch: &[Submission],
    rules: &Rules,
) -> Result<Vec<Verdict>> {
    memory.load(connection, &needs(batch))?;
    let Memory { facts, rows, .. } = memory;
    let mut statements = Statements::prepare(connection)?;
    let mut verdicts = Vec::with_capacity(batch.len());
    let mut touched = OrderedSet::new();
    let mut written = OrderedSet::new();
    for submission in batch {
        let verdict = decide(facts, submission, rules);
        if let Verdict::Accept(plan) = &verdict {
            carry_out(connection, &mut statements, authors, rows, facts, plan, submission.at)?;
            for NewItem { item, history, .. } in &plan.items {
                touched.insert(item.doc);
                written.extend(history.iter().map(|(actor, ..)| (item.doc, *actor)));
            }
            touched.extend(plan.beginnings.iter().map(|beginning| beginning.doc));
        }
        verdicts.push(verdict);
    }
    note_totals(connection, facts, rows, &touched)?;
    note_actors(connection, facts, rows, &written)?;
    Ok(verdicts)
}

/// Tells in the audit log which decisions are stored.
fn told(
    connection: &Connection,
    audit_key: Option<&AuditKey>,
    batch: &[Submission],
    verdicts: Vec<Verdict>,
) -> Result<Vec<Verdict>> {
    if let Some(key) = audit_key {
        audit::append(connection, key, decided(batch, &verdicts))?;
    }
    Ok(verdicts)
}

/// The changes on which those of a batch build.
fn built_upon(batch: &[Submission]) -> impl Iterator<Item = (DocumentId, ChangeHash)> {
    batch
        .iter()
        .filter_map(|submission| match &submission.request {
            Request::Push { doc, changes, .. } => Some((*doc, changes)),
            Request::Decide { .. } | Request::Offer(_) => None,
        })
        .flat_map(|(doc, changes)| {
            changes.iter().flat_map(move |change| &change.checked.deps).map(move |dep| (doc, *dep))
        })
}

/// The statements of every change, looked up once for a batch.
struct Statements<'c> {
    change: CachedStatement<'c>,
    entry: CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    fn prepare(connection: &'c Connection) -> Result<Self> {
        let change = connection.prepare_cached(
            "INSERT INTO changes (document_id, hash, actor, sequence, max_op, home_seq, author_id, at,
                 receipt, clock, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let entry = connection.prepare_cached(
            "INSERT INTO entries (feed_id, seq, document_id, author_id, change_id, decision_id, tag)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        Ok(Self { change, entry })
    }
}

fn carry_out(
    connection: &Connection,
    statements: &mut Statements<'_>,
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
        add(connection, statements, authors, rows, facts, new)?;
    }
    Ok(())
}

fn add(
    connection: &Connection,
    statements: &mut Statements<'_>,
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
            statements.change.execute(params![
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
            for original in &new.stands_for {
                connection
                    .prepare_cached(
                        "INSERT INTO stand_ins (document_id, hash, stand_in) VALUES (?1, ?2, ?3)",
                    )?
                    .execute(params![document, original.as_bytes(), hash.as_bytes()])?;
            }
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
        statements.entry.execute(params![
            feed,
            signed(placed.seq),
            document,
            author,
            change_id,
            decision_id,
            placed.tag.as_bytes()
        ])?;
        let named = (*feed, item.authorship.by.clone());
        if !authors.named.contains(&named) {
            name_author(connection, *feed, &item.authorship)?;
            authors.named.insert(named);
        }
    }
    Ok(())
}

/// Notes that somebody has entries in a feed; whoever reads it is told their name, whatever becomes of their role.
fn name_author(connection: &Connection, feed: i64, authorship: &Authorship) -> Result<()> {
    let user = authorship.by.as_str();
    let is_new = connection
        .prepare_cached("INSERT OR IGNORE INTO feed_authors (feed_id, user) VALUES (?1, ?2)")?
        .execute(params![feed, user])?;
    if is_new > 0 {
        connection
            .prepare_cached("UPDATE people SET changed_at = max(changed_at, ?2) WHERE user = ?1")?
            .execute(params![user, signed(authorship.at)])?;
    }
    Ok(())
}

/// The row of an author, made where there is none.
fn author(connection: &Connection, authors: &mut Authors, authorship: &Authorship) -> Result<i64> {
    let key = (authorship.by.clone(), authorship.device);
    if let Some(id) = authors.ids.get(&key) {
        return Ok(*id);
    }
    let columns = params![authorship.by.as_str(), authorship.device.as_bytes()];
    connection
        .prepare_cached("INSERT OR IGNORE INTO authors (user, device) VALUES (?1, ?2)")?
        .execute(columns)?;
    let id = connection
        .prepare_cached("SELECT id FROM authors WHERE user = ?1 AND device = ?2")?
        .query_row(columns, |row| row.get(0))?;
    authors.ids.insert(key, id);
    Ok(id)
}

/// Writes heads, sizes and states once for the whole batch.
fn note_totals(
    connection: &Connection,
    facts: &Facts,
    rows: &Rows,
    touched: &OrderedSet<DocumentId>,
) -> Result<()> {
    let mut grown = OrderedSet::new();
    let mut statement =
        connection.prepare_cached("UPDATE documents SET bytes = ?2, state = ?3 WHERE id = ?1")?;
    for doc in touched {
        let (Some(document), Some(id)) = (facts.documents.get(doc), rows.documents.get(doc)) else {
            continue;
        };
        statement.execute(params![id, signed(document.bytes), document.course.state.as_str()])?;
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

/// Writes the number of each actor's last change once for the whole batch.
fn note_actors(
    connection: &Connection,
    facts: &Facts,
    rows: &Rows,
    written: &OrderedSet<(DocumentId, ActorId)>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO actors (document_id, actor, last) VALUES (?1, ?2, ?3)
         ON CONFLICT (document_id, actor) DO UPDATE SET last = ?3",
    )?;
    for key @ (doc, actor) in written {
        let (Some(id), Some(last)) = (rows.documents.get(doc), facts.actors.get(key)) else { continue };
        statement.execute(params![id, actor.as_bytes(), signed(*last)])?;
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
