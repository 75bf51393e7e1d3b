//! A document that comes as a snapshot is the one that its changes make.

#![expect(clippy::unwrap_used, reason = "a test says what must be there")]

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, Change, ROOT};
use shared::device::open_document::{OpenDocument, Opened};
use shared::device::row::{ChunkRow, DocumentRow, SetAsideReason, Stored, from_bytes};
use shared::device::table::{Table, Write};
use shared::ids::{ActorId, ChangeHash, DeviceId, DocumentId, FeedId, ItemId};
use shared::model::action_plan::{LINES, heading, line};
use shared::model::edit::Edit;
use shared::model::field::{FactValue, FieldRef};
use shared::model::kind::Kind;
use shared::ordered::OrderedSet;
use shared::wire::Bytes;

const DOC: DocumentId = DocumentId::from_bytes([1; 16]);
const SNAPSHOT: ChangeHash = ChangeHash::from_bytes([7; 32]);

type Chunk = (ChangeHash, ChunkRow);

fn home() -> FeedId {
    "kab-sleman".parse().unwrap()
}

fn actor(device: u8) -> ActorId {
    ActorId::new(DeviceId::from_bytes([device; 16]), 0)
}

fn chunk(hash: ChangeHash, bytes: Vec<u8>) -> Chunk {
    (
        hash,
        ChunkRow {
            bytes: Bytes::from(bytes),
            place: None,
            origin: None,
            proof: None,
            folded: None,
            unproven_since: None,
        },
    )
}

fn chunk_of(change: &Change) -> Chunk {
    chunk(change.hash().into(), change.raw_bytes().to_vec())
}

fn open(device: u8, chunks: Vec<Chunk>) -> Opened {
    let row = DocumentRow { doc: DOC, kind: Kind::ActionPlan, home: home(), feeds: vec![home()] };
    OpenDocument::open(0, row, actor(device), chunks, Vec::new(), &OrderedSet::new()).unwrap()
}

fn title() -> FieldRef {
    heading::title.at_root()
}

fn type_into(field: FieldRef, at: usize, text: &str) -> Edit {
    Edit::Splice { field, at, delete: 0, insert: text.to_owned() }
}

/// The chunks that a flush stores.
fn flushed(document: &mut OpenDocument, now: u64) -> Vec<Chunk> {
    let writes = document.flush(now).unwrap().commit.writes;
    let chunk_in = |write: Write| match write {
        Write::Put(row) if row.table == Table::Chunks => {
            Some((row.key.change_hash()?, from_bytes(&row.value)?))
        }
        _ => None,
    };
    writes.into_iter().filter_map(chunk_in).collect()
}

/// A plan of two people, with a text of both, a line that one removed and a fact that they disagree on.
fn two_people() -> OpenDocument {
    let mut ayu = OpenDocument::create(1_000, DOC, Kind::ActionPlan, home(), actor(1));
    let item = ItemId::from_bytes([9; 8]);
    ayu.edit(1_000, &type_into(title(), 0, "Rencana")).unwrap();
    ayu.edit(1_000, &Edit::Add { list: LINES, item, after: None }).unwrap();
    ayu.edit(1_000, &type_into(line::activity.of(LINES, item), 0, "Pelatihan 👍🏽 guru")).unwrap();
    let mut budi = open(2, flushed(&mut ayu, 2_000)).document;
    let partner =
        |name: &str| Edit::Set { field: heading::partner.at_root(), value: name.to_owned().to_scalar() };
    ayu.edit(3_000, &type_into(title(), 0, "Draf ")).unwrap();
    ayu.edit(3_000, &partner("Kyoto")).unwrap();
    ayu.edit(3_000, &Edit::Remove { list: LINES, item }).unwrap();
    budi.edit(3_000, &type_into(title(), 7, " kerja")).unwrap();
    budi.edit(3_000, &partner("Osaka")).unwrap();
    budi.edit(3_000, &type_into(line::activity.of(LINES, item), 9, " para")).unwrap();
    flushed(&mut ayu, 4_000);
    ayu.receive(5_000, flushed(&mut budi, 4_000));
    ayu
}

/// Everything that can be asked of a document.
fn all_of(document: &OpenDocument) -> (String, Vec<ChangeHash>, String, Vec<ChangeHash>) {
    let inner = document.document();
    let changes = inner.changes().iter().map(|change| change.hash().into()).collect();
    let summary = format!("{:?}", document.summary().put());
    (serde_json::to_string(&inner.content()).unwrap(), inner.heads(), summary, changes)
}

#[test]
fn document_from_a_snapshot_is_the_one_that_its_changes_make() {
    let plan = two_people();
    let changes: Vec<Chunk> = plan.document().changes().iter().map(chunk_of).collect();
    let folded = open(3, vec![chunk(SNAPSHOT, plan.document().save())]);
    let applied = open(3, changes.clone());
    assert!(folded.bad.is_empty() && applied.bad.is_empty());
    let (mut folded, mut applied) = (folded.document, applied.document);
    assert_eq!(all_of(&folded), all_of(&applied));
    assert_eq!(folded.document().log().notes().len(), changes.len());
    assert_eq!(folded.summary().conflicts, 1);
    assert!(folded.knows(SNAPSHOT));
    assert!(changes.iter().all(|(hash, _)| folded.knows(*hash)));

    // What is written on it is written by the same hand, and what others write comes in.
    let mut own = Vec::new();
    for document in [&mut folded, &mut applied] {
        document.edit(6_000, &type_into(title(), 0, "Ini ")).unwrap();
        own.push(flushed(document, 7_000));
    }
    assert_eq!(own[0], own[1]);
    let mut citra = open(4, vec![chunk(SNAPSHOT, plan.document().save())]).document;
    citra.edit(6_500, &type_into(title(), 0, "Itu ")).unwrap();
    let others = flushed(&mut citra, 7_500);
    for document in [&mut folded, &mut applied] {
        let received = document.receive(8_000, others.clone());
        assert_eq!((received.applied.len(), received.bad.len()), (1, 0));
    }
    assert_eq!(all_of(&folded), all_of(&applied));
}

#[test]
fn snapshot_and_changes_that_it_holds_and_lacks_make_one_document() {
    let mut plan = two_people();
    let older: Vec<Chunk> = plan.document().changes().iter().map(chunk_of).collect();
    let snapshot = chunk(SNAPSHOT, plan.document().save());
    plan.edit(6_000, &type_into(title(), 0, "Ini ")).unwrap();
    let newer = flushed(&mut plan, 7_000);
    let whole = all_of(&plan);

    let orders = [
        [vec![snapshot.clone()], older.clone(), newer.clone()].concat(),
        [newer.clone(), older.clone(), vec![snapshot.clone()]].concat(),
        [newer.clone(), vec![snapshot.clone()]].concat(),
    ];
    for chunks in orders {
        let opened = open(3, chunks);
        assert_eq!((opened.bad.len(), opened.waiting), (0, 0));
        assert_eq!(all_of(&opened.document), whole);
    }
    let mut begun = open(3, older[..1].to_vec()).document;
    assert_eq!(begun.receive(8_000, newer).waiting, 1);
    let received = begun.receive(9_000, vec![snapshot]);
    assert_eq!((received.applied.len(), received.bad.len(), received.waiting), (older.len(), 0, 0));
    assert_eq!(all_of(&begun), whole);
}

#[test]
fn of_two_snapshots_the_second_adds_what_the_first_lacks() {
    let mut plan = two_people();
    let first = chunk(SNAPSHOT, plan.document().save());
    plan.edit(6_000, &type_into(title(), 0, "Ini ")).unwrap();
    plan.flush(7_000).unwrap();
    let second = chunk(ChangeHash::from_bytes([8; 32]), plan.document().save());
    for chunks in [vec![first.clone(), second.clone()], vec![second, first]] {
        let opened = open(3, chunks);
        assert!(opened.bad.is_empty());
        assert_eq!(all_of(&opened.document), all_of(&plan));
    }
}

#[test]
fn snapshot_with_a_change_that_does_not_fit_the_others_gives_the_others() {
    let plan = two_people();
    let mut doc = AutoCommit::new().with_actor(actor(5).into());
    doc.apply_changes(plan.document().changes()).unwrap();
    let heads = doc.get_heads();
    doc.empty_change(CommitOptions::default().with_time(8));
    let first = doc.get_last_local_change().unwrap();
    doc.put(ROOT, "dua", 1).unwrap();
    doc.commit_with(CommitOptions::default().with_time(9));
    let second = doc.get_last_local_change().unwrap();
    // Its number follows the first's, and it is written beside it.
    let mut beside = second.decode();
    beside.deps = heads;
    let beside = Change::from(beside);
    let mut forged = AutoCommit::new();
    forged.apply_changes(plan.document().changes()).unwrap();
    forged.apply_changes([first.clone(), beside.clone()]).unwrap();
    assert!(forged.get_changes(&[]).iter().any(|change| change.hash() == beside.hash()));

    let opened = open(3, vec![chunk(SNAPSHOT, forged.save())]);
    let [bad] = &opened.bad[..] else { panic!("one change does not fit: {:?}", opened.bad) };
    assert_eq!(bad.hash, beside.hash().into());
    assert!(matches!(bad.reason, SetAsideReason::BadChange(_)));
    let log = opened.document.document().log();
    assert_eq!(log.notes().len(), plan.document().log().notes().len() + 1);
    assert!(log.has(first.hash().into()));
}
