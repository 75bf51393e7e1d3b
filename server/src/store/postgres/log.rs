//! The writing half: one batch is one transaction of two round trips. The first begins it, locks the feeds
//! and loads the facts; the second stores everything, tells the other relays, and commits.

use std::collections::VecDeque;
use std::ops::Range;

use shared::audit::AuditKey;
use shared::ids::UserId;
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::held_back::busy;
use shared::sync::relay::submission::{Request, Submission};
use shared::sync::relay::writer::{Plan, Rules, Verdict, decide, needs};

use super::super::audit::decided;
use super::super::{Result, StoreError};
use super::audit;
use super::facts::begin;
use super::link::{Link, Question, is_lost};
use super::rows::{Author, NewNames, NewRows, Totals};
use super::waking::payloads;
use super::{people, signed};

/// How many ids the sequence `ids` gives at once. Do not change: the first step made it so.
const BLOCK: i64 = 1024;

/// How often a batch is tried whole. Two relays that brought the same thing at once get in each other's
/// way once; the next try sees what the other stored.
const TRIES: usize = 3;

/// What the one writer of this relay remembers between batches.
#[derive(Default)]
pub(super) struct LogWriter {
    /// Rows of `authors` that are committed.
    authors: OrderedMap<Author, i64>,
    /// Rows of `feed_authors` that are committed.
    named: OrderedSet<(i64, UserId)>,
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
        audit_key: Option<&AuditKey>,
    ) -> Result<Vec<Verdict>> {
        if let Some(verdicts) = self.try_commit(link, batch, rules, audit_key).await? {
            return Ok(verdicts);
        }
        let mut verdicts = Vec::with_capacity(batch.len());
        for submission in batch {
            match self.try_commit(link, std::slice::from_ref(submission), rules, audit_key).await? {
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
        audit_key: Option<&AuditKey>,
    ) -> Result<Option<Vec<Verdict>>> {
        for _ in 0..TRIES {
            match self.store(link, batch, rules, audit_key).await {
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
        audit_key: Option<&AuditKey>,
    ) -> Result<Option<Vec<Verdict>>> {
        let ours: i64 = self.ids.iter().map(|range| range.end - range.start).sum();
        let lacking = (new_ids_at_most(batch) - ours).max(0);
        let Some(loaded) = begin(link, &needs(batch), (lacking + BLOCK - 1) / BLOCK).await? else {
            return Ok(None);
        };
        self.ids.extend(loaded.blocks.iter().map(|first| *first..*first + BLOCK));
        let (mut facts, mut rows) = (loaded.facts, loaded.rows);
        let known: OrderedSet<_> = rows.documents.keys().copied().collect();
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
                log.add(|| self.next_id(), &rows, &facts, &authors, new)?;
            }
        }
        let named = log.named().filter(|pair| !self.named.contains(pair)).collect::<OrderedSet<_>>();
        let naming = NewNames::of(&named, &plans);
        if let Some(key) = audit_key {
            audit::append(link, key, decided(batch, &verdicts)).await?;
        }
        let totals = Totals::of(&facts, &rows, &known, &plans)?;
        let payloads = payloads(&totals.heads);
        let mut questions = Vec::with_capacity(8);
        totals.put_documents(&mut questions);
        log.put(&mut questions);
        totals.put_feeds(&mut questions);
        naming.put(&mut questions);
        questions.push(Question::new(NOTIFY, &[&payloads]));
        questions.push(Question::new("COMMIT", &[]));
        link.pipeline(&questions).await?;
        self.authors.extend(authors);
        self.named.extend(named);
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
    async fn authors(&mut self, link: &Link, plans: &[(&Plan, u64)]) -> Result<OrderedMap<Author, i64>> {
        let items = plans.iter().flat_map(|(plan, _)| &plan.items);
        let all: OrderedSet<Author> = items.map(|new| Author::of(&new.item.authorship)).collect();
        let mut authors = OrderedMap::new();
        for key in all {
            let id = match self.authors.get(&key) {
                Some(id) => *id,
                None => {
                    let new = self.next_id()?;
                    let (user, device) = (key.user.as_str(), key.device.as_bytes().as_slice());
                    let answers = link
                        .pipeline(&[
                            Question::new(
                                "INSERT INTO authors (id, \"user\", device) VALUES ($1, $2, $3)
                                 ON CONFLICT DO NOTHING",
                                &[&new, &user, &device],
                            ),
                            Question::new(
                                "SELECT id FROM authors WHERE \"user\" = $1 AND device = $2",
                                &[&user, &device],
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
