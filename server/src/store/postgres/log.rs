//! The writing half: one batch is one transaction of two round trips. The first begins it, locks the feeds
//! and loads the facts; the second stores everything, tells the other relays, and commits.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use shared::ids::{DeviceId, DocumentId, FeedId, UserId};
use shared::sync::relay::entry::{Authorship, Content};
use shared::sync::relay::facts::Facts;
use shared::sync::relay::held_back::busy;
use shared::sync::relay::submission::{Request, Submission};
use shared::sync::relay::writer::{NewItem, Plan, Rules, Verdict, decide, needs};

use super::super::{Result, StoreError};
use super::facts::{Rows, begin};
use super::link::{Link, Question, is_lost};
use super::waking::payloads;
use super::{people, signed};

/// How many ids the sequence `ids` gives at once. Do not change: the first step made it so.
const BLOCK: i64 = 1024;

/// How often a batch is tried whole. Two relays that brought the same thing at once get in each other's
/// way once; the next try sees what the other stored.
const TRIES: usize = 3;

type Author = (UserId, DeviceId, Option<UserId>);

/// What the one writer of this relay remembers between batches.
#[derive(Default)]
pub(super) struct LogWriter {
    /// Rows of `authors` that are committed.
    authors: BTreeMap<Author, i64>,
    /// Ids that are ours to give.
    ids: VecDeque<Range<i64>>,
}

impl LogWriter {
    /// See [`super::super::Store::commit`]. Where storing the batch fails, it is tried again, then each
    /// submission by itself, so that one that the database refuses does not hold up the others.
    pub(super) async fn commit(
        &mut self,
        link: &Link,
        batch: &[Submission],
        rules: &Rules,
    ) -> Result<Vec<Verdict>> {
        if let Some(verdicts) = self.try_commit(link, batch, rules).await? {
            return Ok(verdicts);
        }
        let mut verdicts = Vec::with_capacity(batch.len());
        for submission in batch {
            match self.try_commit(link, std::slice::from_ref(submission), rules).await? {
                Some(stored) => verdicts.extend(stored),
                None => verdicts.push(Verdict::Refuse(busy())),
            }
        }
        Ok(verdicts)
    }

    /// `None` where the database refuses it time and again; an error only where the database is gone.
    async fn try_commit(
        &mut self,
        link: &Link,
        batch: &[Submission],
        rules: &Rules,
    ) -> Result<Option<Vec<Verdict>>> {
        for _ in 0..TRIES {
            match self.store(link, batch, rules).await {
                Ok(Some(verdicts)) => return Ok(Some(verdicts)),
                Ok(None) => {}
                Err(error) if is_lost(&error) => return Err(error),
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(pushes = batch.len(), cause, "a batch could not be stored: {error}");
                }
            }
            link.run("ROLLBACK").await?;
        }
        Ok(None)
    }

    async fn store(
        &mut self,
        link: &Link,
        batch: &[Submission],
        rules: &Rules,
    ) -> Result<Option<Vec<Verdict>>> {
        let ours: i64 = self.ids.iter().map(|range| range.end - range.start).sum();
        let lacking = (new_ids_at_most(batch) - ours).max(0);
        let Some(loaded) = begin(link, &needs(batch), (lacking + BLOCK - 1) / BLOCK).await? else {
            return Ok(None);
        };
        self.ids.extend(loaded.blocks.iter().map(|first| *first..*first + BLOCK));
        let (mut facts, mut rows) = (loaded.facts, loaded.rows);
        let known: BTreeSet<_> = rows.documents.keys().copied().collect();
        let verdicts: Vec<_> = batch.iter().map(|submission| decide(&mut facts, submission, rules)).collect();
        let plans: Vec<(&Plan, u64)> = verdicts
            .iter()
            .zip(batch)
            .filter_map(|(verdict, submission)| match verdict {
                Verdict::Accept(plan) => Some((plan, submission.at)),
                _ => None,
            })
            .collect();
        if plans.is_empty() {
            link.run("COMMIT").await?;
            return Ok(Some(verdicts));
        }
        for (plan, at) in &plans {
            for (device, owner) in &plan.enrolments {
                // Where the restored store does not know the person any more, nothing is done.
                people::insert_device(link, *device, owner, "", *at).await?;
            }
        }
        let authors = self.authors(link, &plans).await?;
        let mut log = NewRows::default();
        for (plan, _) in &plans {
            for beginning in &plan.beginnings {
                rows.documents.insert(beginning.doc, self.next_id()?);
            }
            for new in &plan.items {
                log.add(self, &rows, &facts, &authors, new)?;
            }
        }
        let totals = Totals::of(&facts, &rows, &known, &plans)?;
        let payloads = payloads(&totals.heads);
        let mut questions = Vec::with_capacity(8);
        totals.put_documents(&mut questions);
        log.put(&mut questions);
        totals.put_feeds(&mut questions);
        questions.push(Question::new(NOTIFY, &[&payloads]));
        questions.push(Question::new("COMMIT", &[]));
        link.pipeline(&questions).await?;
        self.authors.extend(authors);
        Ok(Some(verdicts))
    }

    fn next_id(&mut self) -> Result<i64> {
        while let Some(range) = self.ids.front_mut() {
            if let Some(id) = range.next() {
                return Ok(id);
            }
            self.ids.pop_front();
        }
        Err(StoreError::Damaged("more rows than ids"))
    }

    /// The row of each author of the plans. Those that are not known are made, always in the same order, so
    /// that two relays never wait for each other.
    async fn authors(&mut self, link: &Link, plans: &[(&Plan, u64)]) -> Result<BTreeMap<Author, i64>> {
        let items = plans.iter().flat_map(|(plan, _)| &plan.items);
        let all: BTreeSet<Author> = items.map(|new| author(&new.item.authorship)).collect();
        let mut authors = BTreeMap::new();
        for key in all {
            let id = match self.authors.get(&key) {
                Some(id) => *id,
                None => {
                    let new = self.next_id()?;
                    let (user, device, via) = &key;
                    let (user, device) = (user.as_str(), device.as_bytes().as_slice());
                    let via = via.as_ref().map_or("", UserId::as_str);
                    let answers = link
                        .pipeline(&[
                            Question::new(
                                "INSERT INTO authors (id, \"user\", device, via) VALUES ($1, $2, $3, $4)
                                 ON CONFLICT DO NOTHING",
                                &[&new, &user, &device, &via],
                            ),
                            Question::new(
                                "SELECT id FROM authors WHERE \"user\" = $1 AND device = $2 AND via = $3",
                                &[&user, &device, &via],
                            ),
                        ])
                        .await?;
                    let row = answers.last().and_then(|rows| rows.first());
                    row.ok_or(StoreError::Damaged("no author"))?.try_get(0)?
                }
            };
            authors.insert(key, id);
        }
        Ok(authors)
    }
}

fn author(authorship: &Authorship) -> Author {
    (authorship.by.clone(), authorship.device, authorship.via.clone())
}

/// Rows that a batch can make: for each item one, and a document and an author with it.
fn new_ids_at_most(batch: &[Submission]) -> i64 {
    let items = batch.iter().map(|submission| match &submission.request {
        Request::Push { changes, .. } => changes.len() + 2,
        Request::Decide { .. } => 2,
        Request::Offer(entries) => 3 * entries.len(),
    });
    signed(items.sum::<usize>() as u64)
}

const NOTIFY: &str = "SELECT pg_notify('simpul', told.heads) FROM unnest($1::text[]) AS told (heads)";

/// The new rows of the log, a list for each column.
#[derive(Default)]
struct NewRows<'a> {
    changes: Changes<'a>,
    decisions: Decisions<'a>,
    entries: Entries<'a>,
}

#[derive(Default)]
struct Changes<'a> {
    id: Vec<i64>,
    document: Vec<i64>,
    hash: Vec<&'a [u8]>,
    actor: Vec<&'a [u8]>,
    sequence: Vec<i64>,
    max_op: Vec<i64>,
    home_seq: Vec<i64>,
    author: Vec<i64>,
    at: Vec<i64>,
    receipt: Vec<&'a [u8]>,
    clock: Vec<Vec<u8>>,
    bytes: Vec<&'a [u8]>,
}

#[derive(Default)]
struct Decisions<'a> {
    id: Vec<i64>,
    decision: Vec<&'a [u8]>,
    document: Vec<i64>,
    event: Vec<&'a str>,
    heads: Vec<Vec<u8>>,
    note: Vec<Option<&'a [u8]>>,
    made_at: Vec<i64>,
    home_seq: Vec<i64>,
    author: Vec<i64>,
    at: Vec<i64>,
    receipt: Vec<&'a [u8]>,
}

#[derive(Default)]
struct Entries<'a> {
    feed: Vec<i64>,
    seq: Vec<i64>,
    document: Vec<i64>,
    author: Vec<i64>,
    change: Vec<Option<i64>>,
    decision: Vec<Option<i64>>,
    tag: Vec<&'a [u8]>,
    size: Vec<i64>,
}

impl<'a> NewRows<'a> {
    fn add(
        &mut self,
        writer: &mut LogWriter,
        rows: &Rows,
        facts: &Facts,
        authors: &BTreeMap<Author, i64>,
        new: &'a NewItem,
    ) -> Result<()> {
        let item = &new.item;
        let absent = StoreError::Damaged("a plan without its document");
        let document = *rows.documents.get(&item.doc).ok_or(absent)?;
        let author = authors.get(&author(&item.authorship)).ok_or(StoreError::Damaged("no author"))?;
        let home = facts.documents.get(&item.doc).map(|document| &document.home);
        let home_seq =
            new.places.iter().find(|placed| Some(&placed.feed) == home).map_or(0, |placed| placed.seq);
        let at = signed(item.authorship.at);
        let receipt = item.authorship.receipt.as_bytes().as_slice();
        let (mut change_id, mut decision_id) = (None, None);
        match (&item.content, &new.history) {
            (Content::Change { hash, bytes }, Some((actor, sequence, known))) => {
                let id = writer.next_id()?;
                let changes = &mut self.changes;
                changes.id.push(id);
                changes.document.push(document);
                changes.hash.push(hash.as_bytes());
                changes.actor.push(actor.as_bytes());
                changes.sequence.push(signed(*sequence));
                changes.max_op.push(signed(known.max_op));
                changes.home_seq.push(signed(home_seq));
                changes.author.push(*author);
                changes.at.push(at);
                changes.receipt.push(receipt);
                changes.clock.push(known.clock.to_bytes());
                changes.bytes.push(bytes.as_slice());
                change_id = Some(id);
            }
            (Content::Decision(decision), _) => {
                let id = writer.next_id()?;
                let decisions = &mut self.decisions;
                decisions.id.push(id);
                decisions.decision.push(decision.decision.as_bytes());
                decisions.document.push(document);
                decisions.event.push(decision.event.as_str());
                decisions.heads.push(decision.heads.iter().flat_map(|head| *head.as_bytes()).collect());
                decisions.note.push(decision.note.as_ref().map(String::as_bytes));
                decisions.made_at.push(signed(decision.made_at));
                decisions.home_seq.push(signed(home_seq));
                decisions.author.push(*author);
                decisions.at.push(at);
                decisions.receipt.push(receipt);
                decision_id = Some(id);
            }
            _ => {}
        }
        for placed in &new.places {
            let feed = rows.feeds.get(&placed.feed).ok_or_else(|| absent_feed(&placed.feed))?;
            let entries = &mut self.entries;
            entries.feed.push(*feed);
            entries.seq.push(signed(placed.seq));
            entries.document.push(document);
            entries.author.push(*author);
            entries.change.push(change_id);
            entries.decision.push(decision_id);
            entries.tag.push(placed.tag.as_bytes());
            entries.size.push(signed(item.size_bytes() as u64));
        }
        Ok(())
    }

    fn put<'q>(&'q self, questions: &mut Vec<Question<'q>>) {
        let (changes, decisions, entries) = (&self.changes, &self.decisions, &self.entries);
        if !changes.id.is_empty() {
            questions.push(Question::new(
                "INSERT INTO changes (id, document_id, hash, actor, sequence, max_op, home_seq, author_id, at,
                     receipt, clock, bytes)
                 SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[],
                     $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[], $11::bytea[],
                     $12::bytea[])",
                &[
                    &changes.id,
                    &changes.document,
                    &changes.hash,
                    &changes.actor,
                    &changes.sequence,
                    &changes.max_op,
                    &changes.home_seq,
                    &changes.author,
                    &changes.at,
                    &changes.receipt,
                    &changes.clock,
                    &changes.bytes,
                ],
            ));
        }
        if !decisions.id.is_empty() {
            questions.push(Question::new(
                "INSERT INTO decisions (id, decision, document_id, event, heads, note, made_at, home_seq,
                     author_id, at, receipt)
                 SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::text[], $5::bytea[],
                     $6::bytea[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[])",
                &[
                    &decisions.id,
                    &decisions.decision,
                    &decisions.document,
                    &decisions.event,
                    &decisions.heads,
                    &decisions.note,
                    &decisions.made_at,
                    &decisions.home_seq,
                    &decisions.author,
                    &decisions.at,
                    &decisions.receipt,
                ],
            ));
        }
        if !entries.feed.is_empty() {
            questions.push(Question::new(
                "INSERT INTO entries (feed_id, seq, document_id, author_id, change_id, decision_id, tag, size)
                 SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                     $6::bigint[], $7::bytea[], $8::bigint[])",
                &[
                    &entries.feed,
                    &entries.seq,
                    &entries.document,
                    &entries.author,
                    &entries.change,
                    &entries.decision,
                    &entries.tag,
                    &entries.size,
                ],
            ));
        }
    }
}

/// Heads, sizes and states, written once for the whole batch.
#[derive(Default)]
struct Totals<'a> {
    heads: BTreeMap<&'a FeedId, u64>,
    feeds: (Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>),
    begun: Documents<'a>,
    grown: Documents<'a>,
}

#[derive(Default)]
struct Documents<'a> {
    id: Vec<i64>,
    doc: Vec<&'a [u8]>,
    kind: Vec<&'a str>,
    home: Vec<i64>,
    state: Vec<&'a str>,
    bytes: Vec<i64>,
}

impl<'a> Totals<'a> {
    /// The totals of what the plans touch. `known` are the documents that were there before.
    fn of(
        facts: &'a Facts,
        rows: &Rows,
        known: &BTreeSet<DocumentId>,
        plans: &[(&'a Plan, u64)],
    ) -> Result<Self> {
        let mut totals = Self::default();
        let touched: BTreeSet<&'a DocumentId> = plans
            .iter()
            .flat_map(|(plan, _)| {
                let items = plan.items.iter().map(|new| &new.item.doc);
                items.chain(plan.beginnings.iter().map(|beginning| &beginning.doc))
            })
            .collect();
        let mut grown = BTreeSet::new();
        for doc in touched {
            let absent = StoreError::Damaged("a plan without its document");
            let (Some(document), Some(id)) = (facts.documents.get(doc), rows.documents.get(doc)) else {
                return Err(absent);
            };
            let home = rows.feeds.get(&document.home).ok_or_else(|| absent_feed(&document.home))?;
            let list = if known.contains(doc) { &mut totals.grown } else { &mut totals.begun };
            list.id.push(*id);
            list.doc.push(doc.as_bytes());
            list.kind.push(document.kind.as_str());
            list.home.push(*home);
            list.state.push(document.state.as_str());
            list.bytes.push(signed(document.bytes));
            grown.extend(&document.feeds);
        }
        for feed in grown {
            let (Some(known), Some(id)) = (facts.feeds.get(feed), rows.feeds.get(feed)) else { continue };
            totals.heads.insert(feed, known.head);
            totals.feeds.0.push(*id);
            totals.feeds.1.push(signed(known.head));
            totals.feeds.2.push(signed(known.documents));
            totals.feeds.3.push(signed(known.bytes));
        }
        Ok(totals)
    }

    fn put_documents<'q>(&'q self, questions: &mut Vec<Question<'q>>) {
        let (begun, grown) = (&self.begun, &self.grown);
        if !begun.id.is_empty() {
            questions.push(Question::new(
                "WITH begun AS (
                     INSERT INTO documents (id, doc, kind, home_id, state, bytes)
                     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::bigint[], $5::text[],
                         $6::bigint[])
                     RETURNING id, home_id)
                 INSERT INTO document_feeds (document_id, feed_id) SELECT id, home_id FROM begun",
                &[&begun.id, &begun.doc, &begun.kind, &begun.home, &begun.state, &begun.bytes],
            ));
        }
        if !grown.id.is_empty() {
            questions.push(Question::new(
                "UPDATE documents d SET state = n.state, bytes = n.bytes
                 FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS n (id, state, bytes)
                 WHERE d.id = n.id",
                &[&grown.id, &grown.state, &grown.bytes],
            ));
        }
    }

    fn put_feeds<'q>(&'q self, questions: &mut Vec<Question<'q>>) {
        let (id, head, documents, bytes) = &self.feeds;
        questions.push(Question::new(
            "UPDATE feeds f SET head = n.head, documents = n.documents, bytes = n.bytes
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
                 AS n (id, head, documents, bytes)
             WHERE f.id = n.id",
            &[id, head, documents, bytes],
        ));
    }
}

fn absent_feed(feed: &FeedId) -> StoreError {
    StoreError::Absent(format!("feed {feed}"))
}
