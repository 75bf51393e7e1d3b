//! What the writer must know, loaded for a whole batch in one round trip that also locks the feeds.

use shared::change_check::history::{Clock, Known};
use shared::ids::{ActorId, ChangeHash, DocumentId, FeedId, Tag};
use shared::model::decision::{Course, Event, State};
use shared::model::feed_settings::four_eyes;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::entry::{Place, Standing};
use shared::sync::relay::facts::{
    ChangeFacts, DecisionFacts, DeviceFacts, DocumentFacts, Facts, FeedFacts, Needs, SessionFacts,
};
use tokio_postgres::Row;

use super::super::{Result, StoreError};
use super::link::{Link, Question};
use super::people::role;
use super::reading::{self, authorship, feed_id, id, kind, user_id};
use super::unsigned;

/// Which row each document and feed of a batch has.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) documents: OrderedMap<DocumentId, i64>,
    pub(super) feeds: OrderedMap<FeedId, i64>,
}

/// What was loaded.
pub(super) struct Loaded {
    pub(super) facts: Facts,
    pub(super) rows: Rows,
    /// The first of each block of new ids that was asked for.
    pub(super) blocks: Vec<i64>,
}

/// All feeds that the batch may write to are locked, lowest first, until the transaction ends: so numbers
/// have no gaps, no entry is seen before a lower one, and two relays never wait for each other. Every later
/// statement sees what was committed before the locks were had.
const FEEDS: &str = "
    SELECT id, feed, head, documents, bytes FROM feeds
    WHERE feed = ANY($1) OR id IN (SELECT s.feed_id FROM documents d
        JOIN document_feeds s ON s.document_id = d.id WHERE d.doc = ANY($2))
    ORDER BY id FOR NO KEY UPDATE";

/// The tags at their heads, and a setting: a statement of its own, since the one that locks may wait, and then finds newer
/// heads, but not the entries there.
const TAGS: &str = "
    SELECT f.feed, e.tag, (SELECT s.value FROM feed_settings s WHERE s.feed_id = f.id AND s.key = 'four-eyes'
        ORDER BY s.number DESC LIMIT 1)
    FROM feeds f LEFT JOIN entries e ON e.feed_id = f.id AND e.seq = f.head
    WHERE f.feed = ANY($1) OR f.id IN (SELECT s.feed_id FROM documents d
        JOIN document_feeds s ON s.document_id = d.id WHERE d.doc = ANY($2))";

const ROLES: &str = "
    SELECT p.\"user\", f.feed, m.role FROM memberships m
    JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
    WHERE p.\"user\" = ANY($1) AND m.role IS NOT NULL";

const SESSIONS: &str = "
    SELECT s.token, p.\"user\", d.device, s.expires_at FROM sessions s
    JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id
    WHERE s.token = ANY($1) AND d.revoked_at IS NULL AND NOT p.is_disabled AND p.password_setter <> 'other'";

const DEVICES: &str = "
    SELECT d.device, p.\"user\", d.revoked_at IS NOT NULL FROM devices d
    JOIN people p ON p.id = d.person_id WHERE d.device = ANY($1)";

const DOCUMENTS: &str = "
    SELECT d.id, d.doc, d.kind, f.feed, d.state, d.bytes,
        ARRAY(SELECT g.feed FROM document_feeds s JOIN feeds g ON g.id = s.feed_id
              WHERE s.document_id = d.id),
        (SELECT a.\"user\" FROM decisions x JOIN authors a ON a.id = x.author_id
         WHERE x.document_id = d.id AND x.event = $2 ORDER BY x.home_seq DESC LIMIT 1)
    FROM documents d JOIN feeds f ON f.id = d.home_id WHERE d.doc = ANY($1)";

const SUBMITTED: &str = "
    SELECT d.doc, x.heads FROM documents d CROSS JOIN LATERAL (
        SELECT heads FROM decisions WHERE document_id = d.id AND event = $2 ORDER BY home_seq DESC LIMIT 1) x
    WHERE d.doc = ANY($1)";

const CHANGES: &str = "
    SELECT n.doc, n.hash, c.home_seq, c.max_op, c.clock
    FROM unnest($1::bytea[], $2::bytea[]) AS n (doc, hash)
    JOIN documents d ON d.doc = n.doc JOIN changes c ON c.document_id = d.id AND c.hash = n.hash";

const BROUGHT: &str = "
    SELECT n.doc, n.hash, e.tag, a.\"user\", a.device, c.at, c.receipt
    FROM unnest($1::bytea[], $2::bytea[]) AS n (doc, hash)
    JOIN documents d ON d.doc = n.doc JOIN changes c ON c.document_id = d.id AND c.hash = n.hash
    JOIN authors a ON a.id = c.author_id JOIN entries e ON e.feed_id = d.home_id AND e.seq = c.home_seq";

const STOOD_FOR: &str = "
    SELECT n.doc, n.hash, s.stand_in FROM unnest($1::bytea[], $2::bytea[]) AS n (doc, hash)
    JOIN documents d ON d.doc = n.doc JOIN stand_ins s ON s.document_id = d.id AND s.hash = n.hash";

const ACTORS: &str = "
    SELECT n.doc, n.actor,
        (SELECT max(c.sequence) FROM changes c WHERE c.document_id = d.id AND c.actor = n.actor)
    FROM unnest($1::bytea[], $2::bytea[]) AS n (doc, actor) JOIN documents d ON d.doc = n.doc";

const DECISIONS: &str = "
    SELECT x.decision, d.doc, f.feed, a.\"user\", a.device, x.at, x.receipt, x.home_seq, e.tag,
        x.decision, x.event, x.heads, x.note, x.made_at
    FROM decisions x JOIN documents d ON d.id = x.document_id JOIN feeds f ON f.id = d.home_id
    JOIN authors a ON a.id = x.author_id JOIN entries e ON e.feed_id = d.home_id AND e.seq = x.home_seq
    WHERE x.decision = ANY($1)";

/// Begins a transaction, locks the feeds of a batch and loads what it needs to know, and as many blocks of
/// ids as are asked for. `None` where a document came meanwhile into a feed that is not locked.
pub(super) async fn begin(link: &Link, needs: &Needs, blocks: i64) -> Result<Option<Loaded>> {
    let people: Vec<_> = needs.people.iter().map(|user| user.as_str()).collect();
    let sessions: Vec<_> = needs.sessions.iter().map(|session| session.as_bytes().as_slice()).collect();
    let devices: Vec<_> = needs.devices.iter().map(|device| device.as_bytes().as_slice()).collect();
    let documents: Vec<_> = needs.documents.iter().map(|doc| doc.as_bytes().as_slice()).collect();
    let feeds: Vec<_> = needs.feeds.iter().map(FeedId::as_str).collect();
    let decisions: Vec<_> = needs.decisions.iter().map(|decision| decision.as_bytes().as_slice()).collect();
    let changes: (Vec<_>, Vec<_>) = needs
        .changes
        .iter()
        .map(|(doc, hash)| (doc.as_bytes().as_slice(), hash.as_bytes().as_slice()))
        .unzip();
    let brought: (Vec<_>, Vec<_>) = needs
        .brought
        .keys()
        .map(|(doc, hash)| (doc.as_bytes().as_slice(), hash.as_bytes().as_slice()))
        .unzip();
    let stood_for: (Vec<_>, Vec<_>) = needs
        .stood_for
        .iter()
        .map(|(doc, hash)| (doc.as_bytes().as_slice(), hash.as_bytes().as_slice()))
        .unzip();
    let actors: (Vec<_>, Vec<_>) = needs
        .actors
        .iter()
        .map(|(doc, actor)| (doc.as_bytes().as_slice(), actor.as_bytes().as_slice()))
        .unzip();
    let answers = link
        .pipeline(&[
            Question::new("BEGIN", &[]),
            Question::new(FEEDS, &[&feeds, &documents]),
            Question::new(TAGS, &[&feeds, &documents]),
            Question::new(ROLES, &[&people]),
            Question::new(SESSIONS, &[&sessions]),
            Question::new(DEVICES, &[&devices]),
            Question::new(DOCUMENTS, &[&documents, &Event::Submit.as_str()]),
            Question::new(CHANGES, &[&changes.0, &changes.1]),
            Question::new(BROUGHT, &[&brought.0, &brought.1]),
            Question::new(STOOD_FOR, &[&stood_for.0, &stood_for.1]),
            Question::new(ACTORS, &[&actors.0, &actors.1]),
            Question::new(DECISIONS, &[&decisions]),
            Question::new("SELECT nextval('ids') FROM generate_series(1, $1::bigint)", &[&blocks]),
        ])
        .await?;
    let [
        _,
        feeds,
        tags,
        roles,
        sessions,
        devices,
        documents,
        changes,
        brought,
        stood_for,
        actors,
        decisions,
        blocks,
    ] = answers.as_slice()
    else {
        return Err(StoreError::Damaged("an answer"));
    };
    let (mut facts, mut rows) = (Facts::default(), Rows::default());
    for row in feeds {
        let feed = feed_id(row, 1)?;
        rows.feeds.insert(feed.clone(), row.try_get(0)?);
        let known = FeedFacts {
            head: unsigned(row.try_get(2)?),
            tag: Tag::START,
            documents: unsigned(row.try_get(3)?),
            bytes: unsigned(row.try_get(4)?),
            ..FeedFacts::default()
        };
        facts.feeds.insert(feed, known);
    }
    for row in tags {
        if let Some(known) = facts.feeds.get_mut(&feed_id(row, 0)?) {
            if row.try_get::<_, Option<&[u8]>>(1)?.is_some() {
                known.tag = id(row, 1)?;
            }
            known.four_eyes = four_eyes(row.try_get(2)?);
        }
    }
    for row in roles {
        facts.roles.entry(user_id(row, 0)?).or_default().insert(feed_id(row, 1)?, role(row, 2)?);
    }
    for row in sessions {
        let known = SessionFacts {
            user: user_id(row, 1)?,
            device: id(row, 2)?,
            expires_at: unsigned(row.try_get(3)?),
        };
        facts.sessions.insert(id(row, 0)?, known);
    }
    for row in devices {
        let known = DeviceFacts { owner: user_id(row, 1)?, is_revoked: row.try_get(2)? };
        facts.devices.insert(id(row, 0)?, known);
    }
    for row in documents {
        let document = document_of(row)?;
        if document.feeds.iter().any(|feed| !rows.feeds.contains_key(feed)) {
            return Ok(None);
        }
        let doc: DocumentId = id(row, 1)?;
        rows.documents.insert(doc, row.try_get(0)?);
        facts.documents.insert(doc, document);
    }
    take_changes(&mut facts, changes)?;
    if !needs.decided.is_empty() {
        load_submitted(link, needs, &mut facts).await?;
    }
    for row in brought {
        let authorship = authorship(row, id(row, 4)?, unsigned(row.try_get(5)?), id(row, 6)?)?;
        facts.brought.insert((id(row, 0)?, id(row, 1)?), Standing { tag: id(row, 2)?, authorship });
    }
    for row in stood_for {
        facts.stood_for.insert((id(row, 0)?, id(row, 1)?), id(row, 2)?);
    }
    for row in actors {
        let key: (DocumentId, ActorId) = (id(row, 0)?, id(row, 1)?);
        if let Some(last) = row.try_get::<_, Option<i64>>(2)? {
            facts.actors.insert(key, unsigned(last));
        }
    }
    for row in decisions {
        let place = Place { feed: feed_id(row, 2)?, seq: unsigned(row.try_get(7)?) };
        let authorship = authorship(row, id(row, 4)?, unsigned(row.try_get(5)?), id(row, 6)?)?;
        let standing = Standing { tag: id(row, 8)?, authorship };
        let content = reading::decision(row, 9)?;
        facts.decisions.insert(id(row, 0)?, DecisionFacts { doc: id(row, 1)?, place, standing, content });
    }
    let blocks = blocks.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_>>()?;
    Ok(Some(Loaded { facts, rows, blocks }))
}

/// The versions that were submitted last. Few batches decide anything: they ask once more.
async fn load_submitted(link: &Link, needs: &Needs, facts: &mut Facts) -> Result<()> {
    let decided: Vec<_> = needs.decided.iter().map(|doc| doc.as_bytes().as_slice()).collect();
    for row in &link.query(SUBMITTED, &[&decided, &Event::Submit.as_str()]).await? {
        facts.submitted.insert(id(row, 0)?, reading::pinned_heads(row, 1)?);
    }
    let (documents, heads): (Vec<_>, Vec<_>) = facts
        .submitted
        .iter()
        .flat_map(|(doc, heads)| {
            heads.iter().map(|head| (doc.as_bytes().as_slice(), head.as_bytes().as_slice()))
        })
        .unzip();
    let changes = link.query(CHANGES, &[&documents, &heads]).await?;
    take_changes(facts, &changes)
}

fn take_changes(facts: &mut Facts, rows: &[Row]) -> Result<()> {
    for row in rows {
        let clock =
            Clock::from_bytes(row.try_get(4)?).map_err(|_| StoreError::Damaged("the clock of a change"))?;
        let known = Known { clock, max_op: unsigned(row.try_get(3)?) };
        let key: (DocumentId, ChangeHash) = (id(row, 0)?, id(row, 1)?);
        facts.changes.insert(key, ChangeFacts { seq: unsigned(row.try_get(2)?), known });
    }
    Ok(())
}

/// A document, as the writer knows it.
pub(super) async fn document(link: &Link, doc: DocumentId) -> Result<Option<DocumentFacts>> {
    let rows = link.query(DOCUMENTS, &[&vec![doc.as_bytes().as_slice()], &Event::Submit.as_str()]).await?;
    rows.first().map(document_of).transpose()
}

fn document_of(row: &Row) -> Result<DocumentFacts> {
    let feeds: Vec<&str> = row.try_get(6)?;
    let submitted_by: Option<&str> = row.try_get(7)?;
    let submitted_by = submitted_by.map(str::parse).transpose();
    let feeds = feeds.into_iter().map(str::parse).collect::<std::result::Result<OrderedSet<FeedId>, _>>();
    Ok(DocumentFacts {
        kind: kind(row, 2)?,
        home: feed_id(row, 3)?,
        feeds: feeds.map_err(|_| StoreError::Damaged("a feed's id"))?,
        course: Course {
            state: State::from_code(row.try_get(4)?).ok_or(StoreError::Damaged("a document's state"))?,
            submitted_by: submitted_by.map_err(|_| StoreError::Damaged("a user name"))?,
        },
        bytes: unsigned(row.try_get(5)?),
    })
}
