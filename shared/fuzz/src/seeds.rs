//! Where fuzzing begins: what it found before, the golden bytes of frames and rows, the hostile fixtures of the change check, the changes of
//! the official JavaScript package, and small histories in which much happens.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId as AutomergeActor, AutoCommit, AutomergeError, ObjType, ROOT, ScalarValue};
use shared::model::document::Document;
use shared::model::kind::Kind;

use crate::document_target::DOC;
use crate::parts::{CHANGE, DOCUMENT, history_of};

#[allow(
    dead_code,
    missing_docs,
    clippy::pedantic,
    reason = "the tests of the change check use the rest, and explain it"
)]
#[path = "../../tests/change_check"]
mod change_check {
    pub mod cases;
    pub mod documents;
    pub mod forge;
}

pub(crate) use change_check::forge;
use change_check::{cases, documents};

/// Longer ones only slow the fuzzer down.
const LONGEST: usize = 4096;

/// A name, and the bytes.
pub type Seed = (String, Vec<u8>);

/// The names of the targets.
pub const TARGETS: [&str; 3] = ["frames", "changes", "documents"];

/// The seeds of a target, by its name; none where there is no such target.
pub fn of(target: &str) -> Vec<Seed> {
    let seeds = match target {
        "frames" => frames(),
        "changes" => changes(),
        "documents" => histories(),
        _ => Vec::new(),
    };
    seeds.into_iter().filter(|(_, bytes)| bytes.len() <= LONGEST).collect()
}

/// What fuzzing has found worth keeping for a target. What once broke a promise has a name.
pub fn corpus(target: &str) -> Vec<Seed> {
    lines(match target {
        "frames" => include_str!("../corpus/frames.txt"),
        "changes" => include_str!("../corpus/changes.txt"),
        "documents" => include_str!("../corpus/documents.txt"),
        _ => "",
    })
}

/// Reads lines of a name and bytes in hex.
fn lines(text: &str) -> Vec<Seed> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, bytes) = line.rsplit_once(' ').expect("a line is a name and bytes");
            (name.to_owned(), hex::decode(bytes).expect("the bytes are hex"))
        })
        .collect()
}

/// The golden bytes of every frame and every row.
fn frames() -> Vec<Seed> {
    lines(concat!(include_str!("../../tests/golden/frames.txt"), include_str!("../../tests/golden/rows.txt")))
}

/// Changes and snapshots, good ones and hostile ones, each as its type and its body.
fn changes() -> Vec<Seed> {
    let mut seeds: Vec<Seed> =
        cases::cases().into_iter().map(|(name, bytes, _)| (name.to_owned(), bytes)).collect();
    seeds.push(("ordinary".to_owned(), documents::ordinary().raw_bytes().to_vec()));
    for (name, changes) in javascript() {
        seeds.extend(changes.into_iter().take(8).map(|bytes| (name.clone(), bytes)));
    }
    seeds.push(("snapshot".to_owned(), busy().save()));
    for seed in &mut seeds {
        // Beside the bytes as they are: what is behind a right checksum is reached only through this form.
        if seed.1.len() > 9 && matches!(seed.1[8], CHANGE | DOCUMENT) {
            seed.1 = [&seed.1[8..9], forge::body_of(&seed.1)].concat();
        }
    }
    seeds
}

/// Histories: of the JavaScript package, of a record, and one of everything that Automerge can do.
fn histories() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let bodies = |changes: Vec<Vec<u8>>| -> Vec<Vec<u8>> {
        let plain = changes.iter().map(|bytes| {
            let change = automerge::Change::try_from(&bytes[..]).expect("a seed is a change");
            forge::body_of(change.raw_bytes()).to_vec()
        });
        plain.collect()
    };
    let raw = |doc: &mut AutoCommit| {
        doc.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect()
    };
    for (name, changes) in javascript() {
        let mut changes = bodies(changes);
        changes.truncate(8);
        seeds.extend(history_of(&changes).map(|bytes| (name, bytes)));
    }
    let mut record = Document::create(DOC, Kind::ActionPlan, documents::actor(1));
    record.commit(1_562_716_800_000);
    let record: Vec<_> = record.changes().iter().map(|change| change.raw_bytes().to_vec()).collect();
    seeds.extend(history_of(&bodies(record)).map(|bytes| ("record".to_owned(), bytes)));
    let mut busy = busy();
    seeds.extend(history_of(&bodies(raw(&mut busy))).map(|bytes| ("busy".to_owned(), bytes)));
    let file = busy.save();
    let body = forge::body_of(&file);
    let length = u16::try_from(body.len()).expect("the seed is small").to_le_bytes();
    seeds.push(("snapshot".to_owned(), [&[DOCUMENT, 0], &length[..], body].concat()));
    seeds
}

/// The changes of the official JavaScript package, by the kind of work.
fn javascript() -> BTreeMap<String, Vec<Vec<u8>>> {
    let fixture = include_str!("../../tests/fixtures/javascript-changes.json");
    let texts: BTreeMap<String, Vec<String>> = serde_json::from_str(fixture).expect("the fixture is JSON");
    let read = |texts: Vec<String>| texts.iter().map(|text| forge::base64(text)).collect();
    texts.into_iter().map(|(name, texts)| (name, read(texts))).collect()
}

/// A small document of two devices with everything that Automerge can do, concurrent edits and deletions among it.
fn busy() -> AutoCommit {
    work().expect("a new document takes the edits")
}

fn work() -> Result<AutoCommit, AutomergeError> {
    use automerge::marks::{ExpandMark, Mark};

    let commit = |doc: &mut AutoCommit| doc.commit_with(CommitOptions::default().with_time(1_562_716_800));
    let mut first = documents::document(1);
    first.put(ROOT, "id", ScalarValue::Bytes(DOC.as_bytes().to_vec()))?;
    first.put(ROOT, "kind", Kind::ActionPlan.as_str())?;
    first.put(ROOT, "schema", 1_u64)?;
    let prose = first.put_object(ROOT, "uraian", ObjType::Text)?;
    let list = first.put_object(ROOT, "daftar", ObjType::List)?;
    let lines = first.put_object(ROOT, "lines", ObjType::Map)?;
    commit(&mut first);
    first.splice_text(&prose, 0, 0, "rapat 👍")?;
    first.insert(&list, 0, ScalarValue::counter(3))?;
    first.insert(&list, 1, 2.5)?;
    let item = first.put_object(&lines, "0102030405060708", ObjType::Map)?;
    first.put(&item, "order", "a")?;
    commit(&mut first);
    let mut second: AutoCommit = first.fork().with_actor(AutomergeActor::from(documents::actor(2)));
    first.mark(&prose, Mark::new("tebal".to_owned(), true, 1, 4), ExpandMark::Both)?;
    first.increment(&list, 0, 2)?;
    commit(&mut first);
    second.splice_text(&prose, 2, 3, "x")?;
    second.delete(&list, 1)?;
    second.put(&item, "order", "b")?;
    second.put(ROOT, "schema", ScalarValue::Null)?;
    commit(&mut second);
    first.put(&item, "order", "c")?;
    first.split_block(&prose, 2)?;
    commit(&mut first);
    first.merge(&mut second)?;
    first.delete(&lines, "0102030405060708")?;
    first.put(ROOT, "discarded", true)?;
    commit(&mut first);
    Ok(first)
}
