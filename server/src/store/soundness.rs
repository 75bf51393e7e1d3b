//! What was found in a store that was looked at for damage, and a look that needs no more than what every
//! store gives: every change's checksum, hash, dependencies and numbers, every receipt, every tag, every feed
//! without a gap, and what documents say of their bytes and states.
//!
//! It only looks, and a relay may write meanwhile: what grew is not taken for damage. SQLite's file has a
//! closer look of its own (`sqlite/soundness.rs`), which also repairs what can be derived.

use shared::change_check::check_change;
use shared::change_check::history::History;
use shared::ids::{BlobHash, DocumentId, FeedId, Tag};
use shared::model::decision::{Event, state_of};
use shared::ordered::OrderedMap;
use shared::sync::relay::entry::{Authorship, Content, Item, ReceiptKey, Scope, Subject};
use shared::sync::relay::facts::DocumentFacts;
use shared::wire::Entry;

use super::{Chunk, KeyMark, Result, Store, StoreError};
use crate::http::causes;
use crate::media_type::MediaType;

/// Damage that is named by its first sentences: a broken disk makes thousands, and nobody reads them.
pub const NAMED: usize = 200;

/// What is said where the audit log has lost its end.
pub(in crate::store) const NO_AUDIT_HEAD: &str = "the row that says where the audit log ends is gone";

/// Bytes of entries read at once.
const BYTES_AT_ONCE: usize = 1024 * 1024;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Changes that were looked at.
    pub changes: u64,
    /// Decisions that were looked at.
    pub decisions: u64,
    /// Entries that were looked at.
    pub entries: u64,
    /// The blobs that documents refer to, each once, with their sizes.
    pub blobs: OrderedMap<BlobHash, u64>,
    /// Damage that cannot be repaired here, a sentence each; at most a few hundred.
    pub lost: Vec<String>,
    /// Damage that can be repaired, or was, a sentence each; at most a few hundred.
    pub derived: Vec<String>,
    /// Whether pages of the file are damaged, so that what lies in them is not even looked at.
    pub has_bad_pages: bool,
    /// How many changes and decisions have receipts of a key that was given up: who made them is not proved, and they are
    /// sound else.
    pub unproven: u64,
    /// Whether the key in the data folder is another than the store's, so that receipts were not looked at.
    pub is_of_other_key: bool,
    /// How much damage there is that cannot be repaired here.
    pub lost_count: u64,
    /// How much damage there is that can be repaired, or was.
    pub derived_count: u64,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.lost_count == 0 && self.derived_count == 0 && !self.is_of_other_key
    }

    /// Notes damage that cannot be repaired here.
    pub fn lose(&mut self, sentence: String) {
        self.lost_count += 1;
        if self.lost.len() < NAMED {
            self.lost.push(sentence);
        }
    }

    pub(super) fn derive(&mut self, sentence: String) {
        self.derived_count += 1;
        if self.derived.len() < NAMED {
            self.derived.push(sentence);
        }
    }
}

/// Looks at a whole store. `progress` is told how many entries and documents of how many are done; it may be more than
/// there were at the beginning.
///
/// # Errors
/// When the store cannot be read. What it holds but cannot be read back is damage, and reported.
pub fn look(
    store: &dyn Store,
    key: Option<&ReceiptKey>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report> {
    let feeds: Vec<FeedId> = store.feeds()?.into_keys().collect();
    let mut total = store.readable_documents()?.0.len() as u64;
    for feed in &feeds {
        total += store.head(feed)?;
    }
    let is_of_other_key = is_other(key, store.receipt_key_mark()?);
    let report = Report { is_of_other_key, ..Report::default() };
    let key = key.filter(|_| !is_of_other_key);
    let mut look = Look { store, key, report, done: 0, total, progress };
    let (mut read, mut said_bytes) = (OrderedMap::new(), OrderedMap::new());
    for feed in feeds {
        said_bytes.insert(feed.clone(), store.blob_bytes(&feed)?);
        let found = look.feed(&feed)?;
        read.insert(feed, found);
    }
    let mut blob_bytes = OrderedMap::new();
    let (documents, others) = store.readable_documents()?;
    if others > 0 {
        look.report.lose(format!("the ids of {others} documents are damaged"));
    }
    for doc in documents {
        look.document(doc, &read, &mut blob_bytes)?;
    }
    look.blob_bytes(&said_bytes, &blob_bytes)?;
    if let Err(StoreError::NoAuditHead) = store.audit_head() {
        look.report.lose(NO_AUDIT_HEAD.to_owned());
    }
    Ok(look.report)
}

/// Whether a store holds the receipts of another key than this one.
pub(crate) fn is_other(key: Option<&ReceiptKey>, mark: Option<KeyMark>) -> bool {
    matches!((key, mark), (Some(key), Some(mark)) if *key.mark() != mark)
}

struct Look<'a> {
    store: &'a dyn Store,
    key: Option<&'a ReceiptKey>,
    report: Report,
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

/// What the entries of a feed say.
#[derive(Default)]
struct Read {
    /// The number of the last that was read.
    last: u64,
    documents: OrderedMap<DocumentId, Told>,
}

/// What the entries of a feed say of one document.
#[derive(Default)]
struct Told {
    changes: u64,
    events: Vec<Event>,
}

impl Look<'_> {
    fn did_one(&mut self) {
        self.done += 1;
        (self.progress)(self.done, self.total);
    }

    /// Looks at the entries of a feed.
    fn feed(&mut self, feed: &FeedId) -> Result<Read> {
        let head = self.store.head(feed)?;
        let mut read = Read::default();
        let mut previous = Some(Tag::START);
        let mut most_bytes = BYTES_AT_ONCE;
        loop {
            let from = read.last;
            let page = match self.store.read(feed, from, most_bytes, None) {
                Ok(page) => page,
                Err(StoreError::Damaged(_)) if most_bytes > 1 => {
                    // One by one up to the damaged one: the others are not to be judged by it.
                    most_bytes = 1;
                    continue;
                }
                Err(StoreError::Damaged(what)) => {
                    read.last += 1;
                    previous = None;
                    most_bytes = BYTES_AT_ONCE;
                    self.report.lose(format!("entry {} of feed {feed} is damaged: {what}", read.last));
                    continue;
                }
                Err(error) => return Err(error),
            };
            for entry in &page.entries {
                if entry.seq != read.last + 1 {
                    let gap = (read.last + 1, entry.seq - 1);
                    self.report.lose(format!("feed {feed} has no entries from {} to {}", gap.0, gap.1));
                }
                read.last = entry.seq;
                previous = self.entry(feed, entry, previous, &mut read);
                self.did_one();
            }
            if page.entries.is_empty() {
                break;
            }
            // Only the page's last tag is given. What could not be read has none that the next could be chained to.
            if previous.is_some_and(|tag| tag != page.tag) {
                let (first, to) = (from + 1, page.to);
                self.report.lose(format!(
                    "entries {first} to {to} of feed {feed} have another tag than their content"
                ));
            }
            previous = Some(page.tag);
        }
        // What was read was committed with the head, so that the one before is no larger and the one after no smaller.
        let (last, after) = (read.last, self.store.head(feed)?);
        if last < head || after < last {
            let said = if last < head { head } else { after };
            self.report.lose(format!("feed {feed} says that it ends at {said}, and ends at {last}"));
        }
        Ok(read)
    }

    /// Looks at an entry; gives its tag, where that can be told.
    fn entry(&mut self, feed: &FeedId, entry: &Entry, previous: Option<Tag>, read: &mut Read) -> Option<Tag> {
        self.report.entries += 1;
        let told = read.documents.entry(entry.doc).or_default();
        let authorship =
            Authorship { by: entry.by.clone(), device: entry.device, at: entry.at, receipt: entry.receipt };
        let content = match (&entry.change, &entry.decision) {
            (Some(bytes), _) => {
                told.changes += 1;
                // That it is damaged is said of the document.
                let checked = check_change(bytes).ok()?;
                Content::Change { hash: checked.hash, bytes: bytes.clone() }
            }
            (None, Some(decision)) => {
                told.events.push(decision.event);
                self.report.decisions += 1;
                let name = format!("the decision of entry {} of feed {feed}", entry.seq);
                let scope = Scope { doc: entry.doc, kind: entry.kind, feed };
                self.receipt(&name, scope, Subject::Decision(decision), &authorship);
                Content::Decision(decision.clone())
            }
            (None, None) => Content::Removed,
        };
        let item = Item { doc: entry.doc, kind: entry.kind, authorship, content };
        previous.map(|previous| item.tag(entry.seq, previous))
    }

    fn receipt(&mut self, name: &str, scope: Scope<'_>, subject: Subject<'_>, authorship: &Authorship) {
        let Some(key) = self.key else { return };
        let Authorship { by, device, at, receipt } = authorship;
        if key.receipt(scope, subject, by, *device, *at) != *receipt {
            self.report.lose(format!("{name} has a receipt that the key in receipts.key did not give"));
        }
    }

    /// Looks at a document, its changes and its attachments.
    fn document(
        &mut self,
        doc: DocumentId,
        read: &OrderedMap<FeedId, Read>,
        blob_bytes: &mut OrderedMap<FeedId, u64>,
    ) -> Result<()> {
        self.did_one();
        let short = doc.short();
        let Some(before) = self.facts(doc)? else { return Ok(()) };
        let nothing = Read::default();
        let home = read.get(&before.home).unwrap_or(&nothing);
        let chunks = match self.store.readable_chunks(doc) {
            Ok((chunks, 0)) => chunks,
            Ok((chunks, others)) => {
                self.report
                    .lose(format!("{others} changes of document {short} are damaged: they cannot be read"));
                self.changes(Scope { doc, kind: before.kind, feed: &before.home }, &chunks);
                return Ok(());
            }
            Err(error) if error.is_damage() => {
                self.report.lose(format!("the changes of document {short} are damaged: {}", causes(&error)));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.changes(Scope { doc, kind: before.kind, feed: &before.home }, &chunks);

        let told = home.documents.get(&doc);
        let among_entries = told.map_or(0, |told| told.changes);
        let by_then = chunks.iter().filter(|chunk| chunk.seq <= home.last).count() as u64;
        if by_then != among_entries {
            let feed = &before.home;
            self.report.lose(format!(
                "document {short} has {by_then} changes and {among_entries} among the entries of feed {feed}"
            ));
        }
        // Where nobody has written since the entries were read, the rest must be what they lead to.
        if self.store.head(&before.home)? == home.last && self.facts(doc)?.as_ref() == Some(&before) {
            let bytes: u64 = chunks.iter().map(|chunk| chunk.bytes.len() as u64).sum();
            if bytes != before.bytes {
                self.report.lose(format!("document {short} says {} bytes and has {bytes}", before.bytes));
            }
            let found = state_of(told.into_iter().flat_map(|told| told.events.iter().copied()));
            if found != before.course.state {
                let (says, found) = (before.course.state.as_str(), found.as_str());
                self.report.lose(format!("document {short} says {says:?}; its decisions lead to {found:?}"));
            }
        }
        let blobs = match self.store.blobs(doc) {
            Err(StoreError::Damaged(what)) => {
                self.report.lose(format!("the attachments of document {short} are damaged: {what}"));
                return Ok(());
            }
            answer => answer?,
        };
        for blob in blobs {
            let name = blob.hash.short();
            if MediaType::named(&blob.media_type).is_none() {
                self.report.lose(format!("attachment {name} is of no type that is taken"));
            }
            if *self.report.blobs.entry(blob.hash).or_insert(blob.size_bytes) != blob.size_bytes {
                self.report.lose(format!("attachment {name} has one size here and another there"));
            }
            *blob_bytes.entry(before.home.clone()).or_default() += blob.size_bytes;
        }
        Ok(())
    }

    /// What the store says of a document that it lists.
    fn facts(&mut self, doc: DocumentId) -> Result<Option<DocumentFacts>> {
        let short = doc.short();
        match self.store.document(doc) {
            Ok(None) => self.report.lose(format!("document {short} is listed and cannot be found")),
            Err(StoreError::Damaged(what)) => {
                self.report.lose(format!("the row of document {short} is damaged: {what}"));
            }
            Err(error) if error.is_damage() => {
                self.report.lose(format!("the row of document {short} is damaged: {}", causes(&error)));
            }
            answer => return answer,
        }
        Ok(None)
    }

    fn changes(&mut self, scope: Scope<'_>, chunks: &[Chunk]) {
        let mut history = History::default();
        for chunk in chunks {
            self.report.changes += 1;
            let name = format!("change {} of document {}", chunk.hash.short(), scope.doc.short());
            self.receipt(&name, scope, Subject::Change(chunk.hash), &chunk.authorship);
            match check_change(&chunk.bytes) {
                Err(refusal) => self.report.lose(format!("{name} is damaged: {refusal}")),
                Ok(checked) if checked.hash != chunk.hash => {
                    self.report.lose(format!("{name} holds another change, {}", checked.hash.short()));
                }
                Ok(checked) => {
                    if let Err(refusal) = history.admit(&checked) {
                        self.report.lose(format!("{name} does not fit what is before it: {refusal}"));
                    }
                }
            }
        }
    }

    /// Looks at what feeds say that their attachments take, and said before these were read.
    fn blob_bytes(
        &mut self,
        before: &OrderedMap<FeedId, u64>,
        found: &OrderedMap<FeedId, u64>,
    ) -> Result<()> {
        for (feed, before) in before {
            let (said, found) = (self.store.blob_bytes(feed)?, found.get(feed).copied().unwrap_or(0));
            // One that was attached meanwhile makes it more.
            if said == *before && said != found {
                self.report.lose(format!("feed {feed} says {said} bytes of attachments and has {found}"));
            }
        }
        Ok(())
    }
}
