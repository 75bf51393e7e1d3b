//! What a batch stores, gathered into one list a column, so that a statement takes all rows of a table.

use shared::ids::{DeviceId, DocumentId, FeedId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::sync::relay::entry::{Authorship, Content};
use shared::sync::relay::facts::Facts;
use shared::sync::relay::writer::{NewItem, Plan};

use super::super::{Result, StoreError};
use super::facts::Rows;
use super::link::Question;
use super::signed;

/// What a row of `authors` says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Author {
    pub(super) user: UserId,
    pub(super) device: DeviceId,
}

impl Author {
    /// The author of an item.
    pub(super) fn of(authorship: &Authorship) -> Self {
        Self { user: authorship.by.clone(), device: authorship.device }
    }
}

/// The new rows of the log, a list for each column.
#[derive(Default)]
pub(super) struct NewRows<'a> {
    /// Who has entries in which feed.
    named: OrderedSet<(i64, UserId)>,
    changes: Changes<'a>,
    stand_ins: StandIns<'a>,
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
struct StandIns<'a> {
    document: Vec<i64>,
    hash: Vec<&'a [u8]>,
    stand_in: Vec<&'a [u8]>,
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
    /// Adds an item and its entries; `next_id` gives the ids of new rows.
    pub(super) fn add(
        &mut self,
        mut next_id: impl FnMut() -> Result<i64>,
        rows: &Rows,
        facts: &Facts,
        authors: &OrderedMap<Author, i64>,
        new: &'a NewItem,
    ) -> Result<()> {
        let item = &new.item;
        let absent = StoreError::Damaged("a plan without its document");
        let document = *rows.documents.get(&item.doc).ok_or(absent)?;
        let author = authors.get(&Author::of(&item.authorship)).ok_or(StoreError::Damaged("no author"))?;
        let home = facts.documents.get(&item.doc).map(|document| &document.home);
        let home_seq =
            new.places.iter().find(|placed| Some(&placed.feed) == home).map_or(0, |placed| placed.seq);
        let at = signed(item.authorship.at);
        let receipt = item.authorship.receipt.as_bytes().as_slice();
        let (mut change_id, mut decision_id) = (None, None);
        match (&item.content, &new.history) {
            (Content::Change { hash, bytes }, Some((actor, sequence, known))) => {
                let id = next_id()?;
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
                changes.bytes.push(&bytes[..]);
                change_id = Some(id);
                for original in &new.stands_for {
                    self.stand_ins.document.push(document);
                    self.stand_ins.hash.push(original.as_bytes());
                    self.stand_ins.stand_in.push(hash.as_bytes());
                }
            }
            (Content::Decision(decision), _) => {
                let id = next_id()?;
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
            self.named.insert((*feed, item.authorship.by.clone()));
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

    /// Who has entries in which feed.
    pub(super) fn named(&self) -> impl Iterator<Item = (i64, UserId)> {
        self.named.iter().cloned()
    }

    /// The statements that store them.
    pub(super) fn put<'q>(&'q self, questions: &mut Vec<Question<'q>>) {
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
        let stand_ins = &self.stand_ins;
        if !stand_ins.hash.is_empty() {
            questions.push(Question::new(
                "INSERT INTO stand_ins (document_id, hash, stand_in)
                 SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])",
                &[&stand_ins.document, &stand_ins.hash, &stand_ins.stand_in],
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

/// Who had no entries in a feed before: whoever reads it is told their name from now on, whatever becomes of their role.
#[derive(Default)]
pub(super) struct NewNames<'a> {
    feed: Vec<i64>,
    user: Vec<&'a str>,
    at: i64,
}

impl<'a> NewNames<'a> {
    /// The names that a batch brings.
    pub(super) fn of(named: &'a OrderedSet<(i64, UserId)>, plans: &[(&Plan, u64)]) -> Self {
        let mut names =
            Self { at: signed(plans.iter().map(|(_, at)| *at).max().unwrap_or(0)), ..Self::default() };
        for (feed, user) in named {
            names.feed.push(*feed);
            names.user.push(user.as_str());
        }
        names
    }

    /// The statement that notes them.
    pub(super) fn put<'q>(&'q self, questions: &mut Vec<Question<'q>>) {
        if !self.feed.is_empty() {
            questions.push(Question::new(
                "WITH named AS (
                     INSERT INTO feed_authors (feed_id, \"user\")
                     SELECT * FROM unnest($1::bigint[], $2::text[]) ON CONFLICT DO NOTHING RETURNING \"user\")
                 UPDATE people SET changed_at = greatest(changed_at, $3)
                 WHERE \"user\" IN (SELECT \"user\" FROM named)",
                &[&self.feed, &self.user, &self.at],
            ));
        }
    }
}

/// Heads, sizes and states, written once for the whole batch.
#[derive(Default)]
pub(super) struct Totals<'a> {
    pub(super) heads: OrderedMap<&'a FeedId, u64>,
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
    pub(super) fn of(
        facts: &'a Facts,
        rows: &Rows,
        known: &OrderedSet<DocumentId>,
        plans: &[(&'a Plan, u64)],
    ) -> Result<Self> {
        let mut totals = Self::default();
        let touched: OrderedSet<&'a DocumentId> = plans
            .iter()
            .flat_map(|(plan, _)| {
                let items = plan.items.iter().map(|new| &new.item.doc);
                items.chain(plan.beginnings.iter().map(|beginning| &beginning.doc))
            })
            .collect();
        let mut grown = OrderedSet::new();
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
            list.state.push(document.course.state.as_str());
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

    /// The statements that make documents and note how they have grown.
    pub(super) fn put_documents<'q>(&'q self, questions: &mut Vec<Question<'q>>) {
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

    /// The statement that notes how feeds have grown.
    pub(super) fn put_feeds<'q>(&'q self, questions: &mut Vec<Question<'q>>) {
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
