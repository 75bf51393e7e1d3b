//! Documents as Automerge makes them.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ObjType, ROOT, ScalarValue};
use shared::ids::{ActorId, DeviceId};

/// The first slot of a device.
pub fn actor(device: u8) -> ActorId {
    ActorId::new(DeviceId::from_bytes([device; 16]), 0)
}

/// A new document of a device.
pub fn document(device: u8) -> AutoCommit {
    AutoCommit::new().with_actor(actor(device).into())
}

/// A change of ordinary work: text, facts, a list item, some of it deleted again.
pub fn ordinary() -> automerge::Change {
    let mut doc = document(1);
    let work = |doc: &mut AutoCommit| -> Result<(), automerge::AutomergeError> {
        let prose = doc.put_object(ROOT, "hasil", ObjType::Text)?;
        doc.splice_text(&prose, 0, 0, "Rapat koordinasi kerja sama daerah 👍 berjalan lancar")?;
        doc.splice_text(&prose, 3, 4, "")?;
        let items = doc.put_object(ROOT, "peserta", ObjType::Map)?;
        let item = doc.put_object(&items, "0102030405060708", ObjType::Map)?;
        doc.put(&item, "nama", "Ayu")?;
        doc.put(&item, "jumlah", 61_u64)?;
        doc.put(&item, "sah", true)?;
        doc.put(&item, "bytes", ScalarValue::Bytes(vec![1, 2, 3]))?;
        Ok(())
    };
    work(&mut doc).expect("a new document takes the edits");
    doc.commit_with(CommitOptions::default().with_time(1_562_716_800));
    doc.get_last_local_change().expect("there is one change")
}
