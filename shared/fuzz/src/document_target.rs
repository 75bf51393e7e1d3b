//! A document out of checked chunks, as a device opens it and a relay folds it.
//!
//! What promises to hold: a document that opened can be read, edited and saved; the own change passes the check; the file
//! loads again with the same changes. What is bad is named, and the rest is as it would be without it.

use shared::change_check::check_change;
use shared::change_check::snapshot::check_snapshot;
use shared::device::open_document::{OpenDocument, Opened};
use shared::device::row::{ChunkRow, DocumentRow};
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId};
use shared::model::edit::Edit;
use shared::model::history::history;
use shared::model::kind::Kind;
use shared::ordered::OrderedSet;
use shared::wire::Bytes;

use crate::contained::contained;
use crate::parts::{self, Sealed};

/// The document that the seeds are of.
pub const DOC: DocumentId = DocumentId::from_bytes([1; 16]);
const NOW: u64 = 1_562_716_800_123;

/// How far a history came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// There is no document in it.
    Nothing,
    /// Automerge panicked, here: the relay catches it, a device finds its poison mark.
    Contained(String),
    /// It opened, with so many changes.
    Opened(usize),
}

/// Opens the history that the bytes are, reads it, edits it and saves it.
///
/// # Panics
/// Where one of the promises above is broken.
pub fn run(bytes: &[u8]) -> Came {
    let chunks = parts::history(bytes);
    if chunks.is_empty() {
        return Came::Nothing;
    }
    run_on(&chunks)
}

/// The same with chunks.
///
/// # Panics
/// Where one of the promises above is broken.
pub fn run_on(chunks: &[Sealed]) -> Came {
    match contained(|| open(chunks)) {
        Ok(None) => Came::Nothing,
        Ok(Some(changes)) => Came::Opened(changes),
        Err(place) => Came::Contained(place),
    }
}

fn open(chunks: &[Sealed]) -> Option<usize> {
    let feed: FeedId = "kota".parse().expect("the feed's name is one");
    let row = DocumentRow { doc: DOC, kind: Kind::ActionPlan, home: feed.clone(), feeds: vec![feed] };
    let actor = ActorId::new(DeviceId::from_bytes([9; 16]), 0);
    let rows: Vec<_> = chunks.iter().map(|chunk| (chunk.hash, chunk_row(chunk.bytes.clone()))).collect();
    let Opened { mut document, bad, waiting: _ } =
        OpenDocument::open(NOW, row, actor, rows, Vec::new(), &OrderedSet::new()).ok()?;
    for set_aside in &bad {
        assert!(!document.knows(set_aside.hash), "what is set aside does not count");
    }
    read(&document);

    let came = document.document().log().notes().len();
    let edit = if document.document().is_discarded() { Edit::Recover } else { Edit::Discard };
    if document.edit(NOW, &edit).is_ok() {
        let flushed = document.flush(NOW).expect("an edit that was taken becomes a change");
        assert_eq!(flushed.changes.len(), 1);
        let own = document
            .document()
            .changes()
            .into_iter()
            .find(|change| flushed.changes.contains(&change.hash().into()));
        let own = own.expect("the own change is in the document");
        assert_eq!(
            check_change(own.raw_bytes()).map(|checked| checked.hash).as_ref(),
            Ok(&flushed.changes[0])
        );
    }
    read(&document);
    fold(&document);
    Some(came)
}

/// Everything that a screen asks for.
fn read(document: &OpenDocument) {
    let _ = document.summary();
    let document = document.document();
    let _ = (document.all_text(), history(document, &OrderedSet::new()));
    for list in document.schema().lists {
        let _ = document.removed_items(*list);
    }
    serde_json::to_string(&document.content()).expect("a document is JSON");
    let heads = document.heads();
    // One of several heads may lead to no whole document: a change that stands on none, beside the one that began it.
    if let Ok(before) = document.at(&heads[..heads.len().min(1)]) {
        assert!(before.log().notes().len() <= document.log().notes().len());
    }
    let whole = document.at(&heads);
    assert!(whole.is_ok_and(|whole| whole.log().notes().len() == document.log().notes().len()));
}

/// As a snapshot is made: it counts only where it gives the same changes again.
fn fold(document: &OpenDocument) {
    let document = document.document();
    let bytes = document.save();
    if let Ok(changes) = check_snapshot(&bytes) {
        let folded: OrderedSet<ChangeHash> = changes.iter().map(|checked| checked.hash).collect();
        let held: OrderedSet<ChangeHash> = document.log().notes().iter().map(|note| note.hash).collect();
        assert_eq!(folded, held, "a snapshot that passes the check holds every change");
    }
}

fn chunk_row(bytes: Vec<u8>) -> ChunkRow {
    ChunkRow {
        bytes: Bytes::from(bytes),
        place: None,
        origin: None,
        proof: None,
        folded: None,
        unproven_since: None,
    }
}
