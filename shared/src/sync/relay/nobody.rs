//! Changes that nobody made: which the relay takes, from whoever may write the document, and as what it stores them.
//!
//! They are taken for their bytes alone, which the relay knows beforehand; so no receipt has to prove who made them.

use super::entry::{Authorship, Scope, Subject};
use super::submission::{OfferedEntry, nack};
use super::writer::{Rules, sign};
use crate::change_check::ChangeHeader;
use crate::ids::{DocumentId, FeedId, UserId};
use crate::model::discussion;
use crate::model::kind::Kind;
use crate::model::known_change::{is_known_change, is_nobodys};
use crate::wire::code::NackCode;
use crate::wire::{Bytes, Nack};

/// Whether a document of this kind may have this id: discussions have ids of a version of their own.
pub(super) fn is_id_of_kind(doc: DocumentId, kind: Kind) -> bool {
    discussion::is_id(doc) == (kind == Kind::Discussion)
}

/// The document whose being archived closes this one too, where it is another: a discussion's.
pub(super) fn closed_with(doc: DocumentId, kind: Kind, home: &FeedId) -> Option<DocumentId> {
    match kind {
        Kind::Discussion => discussion::document_of(doc, home),
        Kind::TripReport | Kind::Agreement | Kind::ActionPlan | Kind::Personal => None,
    }
}

/// The bytes with which a change is stored that nobody made; `None` where somebody did. `is_begun`: the document has a
/// change already.
///
/// # Errors
/// The answer, where it is not one of the changes that this relay knows, or not in its place.
pub(super) fn bytes_of(
    rules: &Rules,
    scope: Scope<'_>,
    is_begun: bool,
    change: &ChangeHeader,
) -> Result<Option<Bytes>, Nack> {
    let Scope { doc, kind, feed } = scope;
    let refuse =
        |code, message: &str| Err(Nack { hashes: Some(vec![change.hash]), ..nack(None, code, message) });
    if !is_nobodys(change.actor) {
        let is_beginning = kind == Kind::Discussion && change.deps.is_empty();
        if is_beginning {
            let message = "a discussion begins with the change that follows from its document and feed";
            return refuse(NackCode::BadChange, message);
        }
        return Ok(None);
    }
    if !is_known_change(change.actor) {
        let first = (kind == Kind::Discussion).then(|| discussion::first_change(doc, feed)).flatten();
        return match first.filter(|first| first.hash == change.hash) {
            Some(first) => Ok(Some(first.bytes.into())),
            None => refuse(NackCode::BadChange, "nobody begins this document with this change"),
        };
    }
    match rules.known.of(change.actor) {
        None => refuse(NackCode::UnknownKind, "this relay is too old for this known change"),
        Some(known) if known.kind != kind || known.hash != change.hash => {
            refuse(NackCode::BadChange, "this is not the known change of its kind and version")
        }
        Some(_) if !is_begun => {
            let message = "a known change is never the first of a document, and this one is not here";
            Err(nack(None, NackCode::MissingDependencies, message))
        }
        Some(known) => Ok(Some(known.bytes.to_vec().into())),
    }
}

/// What stands in the log of a change that nobody made, stored at this time.
pub(super) fn authorship(rules: &Rules, scope: Scope<'_>, change: &ChangeHeader, at: u64) -> Authorship {
    let nobody = UserId::nobody();
    sign(rules, scope, Subject::Change(change.hash), (&nobody, change.actor.device(), at))
}

/// When the relay stored an offered change that nobody made, where its own receipt says so.
pub(super) fn proven_at(rules: &Rules, feed: &FeedId, offered: &OfferedEntry) -> Option<u64> {
    let is_proven =
        offered.entry.by.is_nobody() && rules.key.is_valid(offered.subject(), feed, &offered.entry);
    is_proven.then_some(offered.entry.at)
}
