//! A report that several people have open, each on a device of their own.

use shared::device::open_document::OpenDocument;
use shared::device::row::{ChunkRow, DocumentRow, from_bytes};
use shared::device::table::{Commit, Table, Write};
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId};
use shared::model::edit::Edit;
use shared::model::field::FieldRef;
use shared::model::kind::Kind;
use shared::ordered::OrderedSet;

const DOC: DocumentId = DocumentId::from_bytes([1; 16]);

/// Who began it, and is none of them.
const BEGINNER: usize = 9;

/// Changes as a device's rows have them.
pub type Changes = Vec<(ChangeHash, ChunkRow)>;

fn home() -> FeedId {
    "kab-sleman".parse().unwrap()
}

/// The actor of a person's device.
pub fn actor(person: usize) -> ActorId {
    ActorId::new(DeviceId::from_bytes([person as u8 + 1; 16]), 0)
}

/// A new report in which these texts stand.
pub fn begun(now: u64, texts: &[(FieldRef, &str)]) -> Changes {
    let mut first = OpenDocument::create(now, DOC, Kind::TripReport, home(), actor(BEGINNER));
    for (field, text) in texts {
        first.edit(now, &Edit::Rewrite { field: *field, text: (*text).to_owned() }).unwrap();
    }
    made(&first.flush(now).unwrap().commit)
}

/// The report as a person opens it who has these changes.
pub fn open(person: usize, made: Changes) -> OpenDocument {
    let row = DocumentRow { doc: DOC, kind: Kind::TripReport, home: home(), feeds: vec![home()] };
    OpenDocument::open(0, row, actor(person), made, Vec::new(), &OrderedSet::new()).ok().unwrap().document
}

/// The changes that a commit stores.
pub fn made(commit: &Commit) -> Changes {
    let puts = commit.writes.iter().filter_map(|write| match write {
        Write::Put(row) if row.table == Table::Chunks => Some(row),
        _ => None,
    });
    puts.map(|row| (row.key.change_hash().unwrap(), from_bytes(&row.value).unwrap())).collect()
}
