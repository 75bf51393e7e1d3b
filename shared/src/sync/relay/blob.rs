//! Attachments: who may read a document's blobs, who may add one, and whether there is room for it.
//!
//! A blob has the rights of its document, and of that document alone: that another one refers to the same
//! bytes changes nothing.

use super::facts::DocumentFacts;
use crate::ids::FeedId;
use crate::model::decision::State;
use crate::ordered::OrderedMap;
use crate::role::Role;

/// Why a blob is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobRefusal {
    /// There is no such document, or the person may not know of it.
    UnknownDocument,
    /// The person may read the document, but not write in its home feed.
    Forbidden,
    /// The document is archived.
    Archived,
    /// The blobs of the home feed would take more than they may.
    Quota,
}

/// How much room the blobs of a feed have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobRoom {
    /// Bytes that they take.
    pub used_bytes: u64,
    /// Bytes that they may take.
    pub most_bytes: u64,
}

/// Whether a person with these roles may read the document, and so its blobs. `None`: there is no document.
pub fn may_read(roles: &OrderedMap<FeedId, Role>, document: Option<&DocumentFacts>) -> bool {
    document.is_some_and(|document| document.feeds.iter().any(|feed| roles.contains_key(feed)))
}

/// Whether a person with these roles may add a blob of this size to the document.
///
/// # Errors
/// Why not; that a document exists is told only to who may read it.
pub fn may_add(
    roles: &OrderedMap<FeedId, Role>,
    document: Option<&DocumentFacts>,
    size_bytes: u64,
    room: BlobRoom,
) -> Result<(), BlobRefusal> {
    let Some(document) = document.filter(|document| may_read(roles, Some(document))) else {
        return Err(BlobRefusal::UnknownDocument);
    };
    if !roles.get(&document.home).is_some_and(|role| role.may_write()) {
        return Err(BlobRefusal::Forbidden);
    }
    if document.course.state == State::Archived {
        return Err(BlobRefusal::Archived);
    }
    if room.used_bytes.saturating_add(size_bytes) > room.most_bytes {
        return Err(BlobRefusal::Quota);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::decision::Course;
    use crate::model::kind::Kind;

    const ROOM: BlobRoom = BlobRoom { used_bytes: 90, most_bytes: 100 };

    fn feed(id: &str) -> FeedId {
        id.parse().unwrap()
    }

    /// A document at home in `kota` that also stands in `nasional`.
    fn document(state: State) -> DocumentFacts {
        DocumentFacts {
            kind: Kind::TripReport,
            home: feed("kota"),
            feeds: [feed("kota"), feed("nasional")].into(),
            course: Course { state, submitted_by: None },
            bytes: 0,
        }
    }

    fn asked(id: &str, role: Role, document: Option<&DocumentFacts>) -> Result<(), BlobRefusal> {
        may_add(&[(feed(id), role)].into(), document, 10, ROOM)
    }

    #[test]
    fn writers_of_the_home_feed_add_and_others_who_read_do_not() {
        let draft = document(State::Draft);
        assert_eq!(asked("kota", Role::Writer, Some(&draft)), Ok(()));
        assert_eq!(asked("kota", Role::Reader, Some(&draft)), Err(BlobRefusal::Forbidden));
        assert_eq!(asked("nasional", Role::Admin, Some(&draft)), Err(BlobRefusal::Forbidden));
    }

    #[test]
    fn who_may_not_read_learns_no_more_than_of_a_document_that_is_not_there() {
        let archived = document(State::Archived);
        for document in [Some(&archived), None] {
            assert_eq!(asked("desa", Role::Admin, document), Err(BlobRefusal::UnknownDocument));
            assert!(!may_read(&[(feed("desa"), Role::Admin)].into(), document));
        }
        assert!(may_read(&[(feed("nasional"), Role::Reader)].into(), Some(&archived)));
    }

    #[test]
    fn archived_document_takes_no_blob() {
        let archived = document(State::Archived);
        assert_eq!(asked("kota", Role::Writer, Some(&archived)), Err(BlobRefusal::Archived));
    }

    #[test]
    fn feed_takes_blobs_until_its_room_is_full_to_the_byte() {
        let draft = document(State::Draft);
        let roles = [(feed("kota"), Role::Writer)].into();
        assert_eq!(may_add(&roles, Some(&draft), 10, ROOM), Ok(()));
        assert_eq!(may_add(&roles, Some(&draft), 11, ROOM), Err(BlobRefusal::Quota));
        assert_eq!(may_add(&roles, Some(&draft), u64::MAX, ROOM), Err(BlobRefusal::Quota));
    }
}
