//! What the writer must know before it decides: loaded inside the transaction that will store it, and
//! remembered from one batch to the next as long as nobody else has written.

use rusqlite::{Connection, OptionalExtension, params};
use shared::change_check::history::{Clock, Known};
use shared::ids::{ChangeHash, DecisionId, DocumentId, FeedId, Tag};
use shared::model::decision::{Course, Event, State};
use shared::model::feed_settings::four_eyes;
use shared::model::kind::Kind;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::entry::{Place, Standing};
use shared::sync::relay::facts::{
    ChangeFacts, DecisionFacts, DeviceFacts, DocumentFacts, Facts, FeedFacts, Needs,
};

use super::super::{Result, StoreError};
use super::log::feed_id;
use super::reading::{self, authorship, id};
use super::{people, unsigned};

/// Documents that may be remembered: those that people work in at one time, not those at rest. Past it all
/// is forgotten, and loaded again as it is asked for.
const REMEMBERED_DOCUMENTS: usize = 512;
/// Changes that may be remembered: mostly the heads of these documents, since what was built upon is
/// forgotten.
const REMEMBERED_CHANGES: usize = 1_024;

/// The facts of a batch, and what is remembered of those before it.
///
/// Invariant: what it holds is what the database holds. Forgetting anything is allowed at any time, since
/// what is absent is loaded.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) facts: Facts,
    pub(super) rows: Rows,
    /// The database as this connection last left it; `None` before the first batch.
    left_at: Option<Mark>,
}

/// Which row each document and feed has.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) documents: OrderedMap<DocumentId, i64>,
    pub(super) feeds: OrderedMap<FeedId, i64>,
}

/// Moves when another connection has committed something, or when this one has written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    data_version: i64,
    total_changes: u64,
}

impl Mark {
    fn of(connection: &Connection) -> Result<Self> {
        let data_version =
            connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        Ok(Self { data_version, total_changes: connection.total_changes() })
    }
}

impl Memory {
    /// To be called within the transaction of a batch: forgets all where the command line, another part of
    /// the relay or anybody else has written since the last batch.
    pub(super) fn begin(&mut self, connection: &Connection) -> Result<()> {
        let now = Mark::of(connection)?;
        if self.left_at != Some(now) {
            *self = Self { left_at: Some(now), ..Self::default() };
        }
        Ok(())
    }

    /// To be called when the batch is committed; `built_upon` are the changes that its changes name.
    pub(super) fn end(
        &mut self,
        connection: &Connection,
        built_upon: impl IntoIterator<Item = (DocumentId, ChangeHash)>,
    ) {
        for key in built_upon {
            self.facts.changes.remove(&key);
        }
        self.facts.brought.clear();
        self.facts.stood_for.clear();
        self.facts.decisions.clear();
        self.facts.submitted.clear();
        if self.facts.documents.len() > REMEMBERED_DOCUMENTS || self.facts.changes.len() > REMEMBERED_CHANGES
        {
            (self.facts, self.rows) = Default::default();
        }
        // The version is that of the transaction: asked for now, it might be that of somebody who has
        // committed since.
        if let Some(mark) = &mut self.left_at {
            mark.total_changes = connection.total_changes();
        }
    }

    /// Loads what a batch needs to know and is not remembered.
    pub(super) fn load(&mut self, connection: &Connection, needs: &Needs) -> Result<()> {
        let Self { facts, rows, .. } = self;
        for user in &needs.people {
            if !facts.roles.contains_key(user) {
                facts.roles.insert(user.clone(), people::roles(connection, user)?);
            }
        }
        for session in &needs.sessions {
            if !facts.sessions.contains_key(session)
                && let Some(known) = people::session_facts(connection, *session)?
            {
                facts.sessions.insert(*session, known);
            }
        }
        for device in &needs.devices {
            if !facts.devices.contains_key(device)
                && let Some(known) = people::device(connection, *device)?
            {
                let is_revoked = known.revoked_at.is_some();
                facts.devices.insert(*device, DeviceFacts { owner: known.owner, is_revoked });
            }
        }
        for doc in &needs.documents {
            if !facts.documents.contains_key(doc)
                && let Some((id, known)) = document(connection, *doc)?
            {
                for home in &known.feeds {
                    load_feed(connection, facts, rows, home)?;
                }
                rows.documents.insert(*doc, id);
                facts.documents.insert(*doc, known);
            }
        }
        for feed in &needs.feeds {
            load_feed(connection, facts, rows, feed)?;
        }
        for key @ (doc, actor) in &needs.actors {
            let Some(document) = rows.documents.get(doc) else { continue };
            if facts.actors.contains_key(key) {
                continue;
            }
            let mut statement =
                connection.prepare_cached("SELECT last FROM actors WHERE document_id = ?1 AND actor = ?2")?;
            let last = statement.query_row(params![document, actor.as_bytes()], |row| row.get(0));
            if let Some(last) = last.optional()? {
                facts.actors.insert(*key, unsigned(last));
            }
        }
        for key @ (doc, _) in &needs.changes {
            let Some(document) = rows.documents.get(doc) else { continue };
            // A change with a number above its actor's last is not stored, whatever its hash.
            let is_new = needs.brought.get(key).is_some_and(|(actor, sequence)| {
                *sequence > facts.actors.get(&(*doc, *actor)).copied().unwrap_or(0)
            });
            if !is_new && !facts.changes.contains_key(key) {
                load_change(connection, facts, *document, *key)?;
            }
        }
        for doc in &needs.decided {
            let Some(document) = rows.documents.get(doc) else { continue };
            let Some(heads) = submitted(connection, *document)? else { continue };
            for head in &heads {
                load_change(connection, facts, *document, (*doc, *head))?;
            }
            facts.submitted.insert(*doc, heads);
        }
        for key in &needs.stood_for {
            if let Some(document) = rows.documents.get(&key.0)
                && let Some(by) = stand_in(connection, *document, key.1)?
            {
                facts.stood_for.insert(*key, by);
            }
        }
        for key in needs.brought.keys() {
            if facts.changes.contains_key(key)
                && let Some(document) = rows.documents.get(&key.0)
            {
                load_standing(connection, facts, *document, *key)?;
            }
        }
        for decision in &needs.decisions {
            load_decision(connection, facts, *decision)?;
        }
        Ok(())
    }
}

fn load_feed(connection: &Connection, facts: &mut Facts, rows: &mut Rows, feed: &FeedId) -> Result<()> {
    if facts.feeds.contains_key(feed) {
        return Ok(());
    }
    let mut statement = connection.prepare_cached(
        "SELECT f.id, f.head, f.documents, f.bytes, e.tag,
             (SELECT s.value FROM feed_settings s WHERE s.feed_id = f.id AND s.key = 'four-eyes'
              ORDER BY s.number DESC LIMIT 1)
         FROM feeds f LEFT JOIN entries e ON e.feed_id = f.id AND e.seq = f.head WHERE f.feed = ?1",
    )?;
    let mut found = statement.query([feed.as_str()])?;
    if let Some(row) = found.next()? {
        let head = unsigned(row.get(1)?);
        let tag = if head == 0 { Tag::START } else { id(row, 4)? };
        let known = FeedFacts {
            head,
            tag,
            documents: unsigned(row.get(2)?),
            bytes: unsigned(row.get(3)?),
            four_eyes: four_eyes(row.get::<_, Option<Vec<u8>>>(5)?.as_deref()),
        };
        rows.feeds.insert(feed.clone(), row.get(0)?);
        facts.feeds.insert(feed.clone(), known);
    }
    Ok(())
}

fn load_change(
    connection: &Connection,
    facts: &mut Facts,
    document: i64,
    key: (DocumentId, ChangeHash),
) -> Result<()> {
    let mut statement = connection
        .prepare_cached("SELECT home_seq, max_op, clock FROM changes WHERE document_id = ?1 AND hash = ?2")?;
    let found = statement.query_row(params![document, key.1.as_bytes()], |row| {
        let clock = Clock::from_bytes(row.get_ref(2)?.as_blob()?);
        Ok((unsigned(row.get(0)?), unsigned(row.get(1)?), clock))
    });
    if let Some((seq, max_op, clock)) = found.optional()? {
        let clock = clock.map_err(|_| StoreError::Damaged("the clock of a change"))?;
        facts.changes.insert(key, ChangeFacts { seq, known: Known { clock, max_op } });
    }
    Ok(())
}

/// The heads of the version of a document that was submitted last.
fn submitted(connection: &Connection, document: i64) -> Result<Option<Vec<ChangeHash>>> {
    let mut statement = connection.prepare_cached(
        "SELECT heads FROM decisions WHERE document_id = ?1 AND event = ?2 ORDER BY home_seq DESC LIMIT 1",
    )?;
    let mut found = statement.query(params![document, Event::Submit.as_str()])?;
    found.next()?.map(|row| reading::pinned_heads(row, 0)).transpose()
}

/// The change that stands for another.
fn stand_in(connection: &Connection, document: i64, hash: ChangeHash) -> Result<Option<ChangeHash>> {
    let mut statement =
        connection.prepare_cached("SELECT stand_in FROM stand_ins WHERE document_id = ?1 AND hash = ?2")?;
    let mut found = statement.query(params![document, hash.as_bytes()])?;
    found.next()?.map(|row| id(row, 0)).transpose()
}

/// How a change that is brought again stands in the log.
fn load_standing(
    connection: &Connection,
    facts: &mut Facts,
    document: i64,
    key: (DocumentId, ChangeHash),
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT e.tag, c.at, c.receipt, a.user, a.device FROM changes c
         JOIN authors a ON a.id = c.author_id JOIN documents d ON d.id = c.document_id
         JOIN entries e ON e.feed_id = d.home_id AND e.seq = c.home_seq
         WHERE c.document_id = ?1 AND c.hash = ?2",
    )?;
    let mut found = statement.query(params![document, key.1.as_bytes()])?;
    if let Some(row) = found.next()? {
        let authorship = authorship(row, id(row, 4)?, unsigned(row.get(1)?), id(row, 2)?)?;
        facts.brought.insert(key, Standing { tag: id(row, 0)?, authorship });
    }
    Ok(())
}

fn load_decision(connection: &Connection, facts: &mut Facts, decision: DecisionId) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT d.doc, f.feed, x.home_seq, a.user, a.device, x.at, x.receipt, e.tag,
                x.decision, x.event, x.heads, x.note, x.made_at
         FROM decisions x
         JOIN documents d ON d.id = x.document_id JOIN feeds f ON f.id = d.home_id
         JOIN authors a ON a.id = x.author_id
         JOIN entries e ON e.feed_id = d.home_id AND e.seq = x.home_seq
         WHERE x.decision = ?1",
    )?;
    let mut found = statement.query(params![decision.as_bytes()])?;
    if let Some(row) = found.next()? {
        let place = Place { feed: feed_id(&row.get::<_, String>(1)?)?, seq: unsigned(row.get(2)?) };
        let authorship = authorship(row, id(row, 4)?, unsigned(row.get(5)?), id(row, 6)?)?;
        let standing = Standing { tag: id(row, 7)?, authorship };
        let known = DecisionFacts { doc: id(row, 0)?, place, standing, content: reading::decision(row, 8)? };
        facts.decisions.insert(decision, known);
    }
    Ok(())
}

/// A document with its row.
pub(super) fn document(connection: &Connection, doc: DocumentId) -> Result<Option<(i64, DocumentFacts)>> {
    let mut statement = connection.prepare_cached(
        "SELECT d.id, d.kind, f.feed, d.state, d.bytes,
             (SELECT a.user FROM decisions x JOIN authors a ON a.id = x.author_id
              WHERE x.document_id = d.id AND x.event = ?2 ORDER BY x.home_seq DESC LIMIT 1)
         FROM documents d JOIN feeds f ON f.id = d.home_id WHERE d.doc = ?1",
    )?;
    let found = statement.query_row(params![doc.as_bytes(), Event::Submit.as_str()], |row| {
        let (kind, home, state): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((row.get::<_, i64>(0)?, kind, home, state, unsigned(row.get(4)?), row.get(5)?))
    });
    let Some((id, kind, home, state, bytes, submitted_by)) = found.optional()? else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT f.feed FROM document_feeds s JOIN feeds f ON f.id = s.feed_id WHERE s.document_id = ?1",
    )?;
    let feeds = statement.query_map([id], |row| row.get::<_, String>(0))?;
    let feeds = feeds.map(|feed| feed_id(&feed?)).collect::<Result<OrderedSet<_>>>()?;
    let kind = Kind::from_code(&kind).ok_or(StoreError::Damaged("a document's kind"))?;
    let state = State::from_code(&state).ok_or(StoreError::Damaged("a document's state"))?;
    let submitted_by: Option<String> = submitted_by;
    let submitted_by = submitted_by.map(|user| user.parse()).transpose();
    let submitted_by = submitted_by.map_err(|_| StoreError::Damaged("a user name"))?;
    let course = Course { state, submitted_by };
    Ok(Some((id, DocumentFacts { kind, home: feed_id(&home)?, feeds, course, bytes })))
}
