//! `simpul export`: every document as an `.automerge` file and as JSON with its attachments, and an index of them all.
//!
//! Files are named by the document's id in hex, in a folder for each kind: no title, no user's text, and no
//! two names that differ in capitals alone, so that every file system takes them.

mod content;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use shared::audit::{Act, Sort};
use shared::ids::{DocumentId, EpochId};
use whole::Whole;

use super::check::look_at_store;
use super::scratch::Scratch;
use super::{CommandError, Place, existing_database, existing_store, progress, say, trace};
use crate::blobs::{Blobs, hash_of};
use crate::clock::now_ms;
use crate::config::Wishes;
use crate::http::causes;
use crate::media_type::MediaType;
use crate::store::sqlite::SqliteStore;
use crate::store::{Chunk, Store};

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    place: Place,
    /// The folder to write; it must be empty, or not be there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &ExportArguments) -> Result<(), CommandError> {
    let target = &arguments.folder;
    let is_there = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some());
    let written = match existing_store(&arguments.place) {
        Ok(_) if is_there => return Err(CommandError::Exists(target.clone())),
        Ok(store) => write_all(arguments, &*store),
        Err(error) => Err(error),
    };
    let mut written = match written {
        Err(CommandError::Store(error)) if error.is_damage() && !is_there => salvage_all(arguments, error)?,
        written => written?,
    };
    look_for_damage(&arguments.place, &mut written.damage);
    let detail = format!("{} documents, all feeds", written.documents);
    trace(&arguments.place, Act::new(now_ms(), Sort::Export).saying(detail));
    let text = format!("{:#}\n", json!({ "documents": written.index, "damage": written.damage }));
    write(&target.join("index.json"), text.as_bytes())?;
    say(&format!("{}: {} documents, and index.json\n", target.display(), written.documents))?;
    match (written.left_out, written.changes_left_out, written.without_bytes, written.damage.len()) {
        (0, 0, 0, 0) => Ok(()),
        (0, 0, 0, places) => Err(CommandError::ExportedOfDamage(places)),
        (0, 0, lacking, _) => Err(CommandError::BlobsNotExported(lacking)),
        (0, changes, ..) => Err(CommandError::ChangesNotExported(changes)),
        (left_out, ..) => Err(CommandError::NotExported(left_out)),
    }
}

/// Adds what `simpul check` finds: that every document can be written says nothing of people, roles and the audit log.
fn look_for_damage(place: &Place, damage: &mut Vec<String>) {
    let found = match look_at_store(place) {
        Ok((report, _)) => [report.lost, report.derived].concat(),
        Err(error) => vec![format!("the store could not be looked at for damage: {}", causes(&error))],
    };
    for sentence in found {
        if !damage.contains(&sentence) {
            damage.push(sentence);
        }
    }
}

/// What was written.
#[derive(Default)]
struct Written {
    /// A line of each document, also of those that are left out.
    index: Vec<Value>,
    /// What is hit of the store, a sentence each.
    damage: Vec<String>,
    documents: usize,
    left_out: usize,
    changes_left_out: usize,
    without_bytes: usize,
}

/// Writes what can be read of a store whose file has bad pages, and names them in the index.
fn salvage_all(
    arguments: &ExportArguments,
    error: crate::store::StoreError,
) -> Result<Written, CommandError> {
    let Ok((folder, database)) = existing_database(&arguments.place) else { return Err(error.into()) };
    let (scratch, found) = Scratch::salvaged(folder.path(), &database)?;
    let mut written = {
        let store = SqliteStore::open(scratch.path(), EpochId::from_bytes([0; EpochId::LENGTH]))?;
        write_all(arguments, &store)?
    };
    written.damage.splice(0..0, found.hit);
    Ok(written)
}

fn write_all(arguments: &ExportArguments, store: &dyn Store) -> Result<Written, CommandError> {
    let target = &arguments.folder;
    let (documents, others) = store.readable_documents()?;
    let attachments = Attachments {
        blobs: Blobs::open(&arguments.place.settings(Wishes::default())?)?,
        runtime: tokio::runtime::Runtime::new().map_err(CommandError::Runtime)?,
    };
    let mut told = progress("written");
    let mut written = Written { left_out: others, ..Written::default() };
    for (done, doc) in documents.iter().enumerate() {
        let line = match one(store, *doc, target) {
            // On SQLite whatever lies in the bad page is looked for elsewhere; PostgreSQL goes on with the next.
            Err(CommandError::Store(error)) if error.is_damage() && !is_file(&error) => {
                Err(left_out(*doc, &causes(&error)))
            }
            line => line?,
        };
        match line {
            Ok(mut line) => {
                let (lines, lacking) = attachments.write(store, *doc, &line, target)?;
                written.without_bytes += lacking;
                written.changes_left_out += line["left_out_changes"].as_array().map_or(0, Vec::len);
                line["attachments"] = lines;
                written.index.push(line);
                written.documents += 1;
            }
            Err(line) => {
                written.left_out += 1;
                written.index.push(line);
            }
        }
        told(done as u64 + 1, documents.len() as u64);
    }
    if others > 0 {
        written.damage.push(format!("the ids of {others} documents cannot be read"));
    }
    Ok(written)
}

/// Whether it is SQLite's file that is damaged, and no single row.
fn is_file(error: &crate::store::StoreError) -> bool {
    use crate::store::StoreError::{Database, NotADatabase};
    matches!(error, Database(_) | NotADatabase(_))
}

/// Where the attachments are read.
struct Attachments {
    blobs: Blobs,
    runtime: tokio::runtime::Runtime,
}

impl Attachments {
    /// Writes those of a document, whose line in the index is given. Gives their lines, and how many have no bytes.
    fn write(
        &self,
        store: &dyn Store,
        doc: DocumentId,
        line: &Value,
        target: &Path,
    ) -> Result<(Value, usize), CommandError> {
        let (mut lines, mut lacking) = (Vec::new(), 0);
        for blob in store.blobs(doc)? {
            let ending = MediaType::named(&blob.media_type).map_or("bin", MediaType::ending);
            let kind = line["kind"].as_str().unwrap_or_default();
            let name = format!("{kind}/{}-{}.{ending}", hex::encode(doc.as_bytes()), blob.hash);
            let bytes = self.runtime.block_on(self.blobs.get(blob.hash))?;
            // Others than it is known by are no attachment of this document.
            let bytes = bytes.filter(|bytes| hash_of(bytes) == blob.hash);
            match &bytes {
                Some(bytes) => write(&target.join(&name), bytes)?,
                None => lacking += 1,
            }
            lines.push(json!({
                "sha256": blob.hash.to_string(),
                "media_type": blob.media_type,
                "bytes": blob.size_bytes,
                "by": blob.by.as_str(),
                "at": blob.at,
                "file": bytes.map(|_| name),
            }));
        }
        Ok((Value::Array(lines), lacking))
    }
}

/// The line of a document that was left out.
fn left_out(doc: DocumentId, why: &str) -> Value {
    json!({ "document": doc.to_string(), "left_out": why })
}

/// Writes a change that is in no document as it came: whoever finds what it builds on can apply it. Gives its line.
fn write_alone(target: &Path, name: &str, chunk: &Chunk, why: &str) -> Result<Value, CommandError> {
    let file = format!("{name}-{}.change", chunk.hash);
    write(&target.join(&file), &chunk.bytes)?;
    Ok(json!({ "change": chunk.hash.to_string(), "why": why, "file": file }))
}

/// Writes one document, gives its line in the index, or the one that says why it was left out.
fn one(store: &dyn Store, doc: DocumentId, target: &Path) -> Result<Result<Value, Value>, CommandError> {
    let Some(facts) = store.document(doc)? else { return Ok(Err(left_out(doc, "it is not there any more"))) };
    let (chunks, others) = store.readable_chunks(doc)?;
    let name = format!("{}/{}", facts.kind.as_str(), hex::encode(doc.as_bytes()));
    let Some(whole) = Whole::of(doc, &facts, &chunks) else {
        let mut line = left_out(doc, "its changes do not make a document");
        let alone = chunks.iter().map(|chunk| write_alone(target, &name, chunk, "the first is lost, or bad"));
        line["left_out_changes"] = alone.collect::<Result<Vec<_>, _>>()?.into();
        return Ok(Err(line));
    };
    let document = json!({
        "document": doc.to_string(), "kind": facts.kind.as_str(), "state": facts.course.state.as_str(),
        "feed": facts.home.as_str(), "content": whole.content,
        "unreadable": whole.unreadable, "conflicts": whole.conflicts,
    });
    write(&target.join(format!("{name}.automerge")), &whole.bytes)?;
    write(&target.join(format!("{name}.json")), format!("{document:#}\n").as_bytes())?;
    let changes = chunks.len() - whole.left_out.len();
    let mut left_out_changes = Vec::with_capacity(whole.left_out.len() + others);
    for (hash, why) in &whole.left_out {
        left_out_changes.push(match chunks.iter().find(|chunk| chunk.hash == *hash) {
            Some(chunk) => write_alone(target, &name, chunk, why)?,
            None => json!({ "change": hash.to_string(), "why": why }),
        });
    }
    left_out_changes.extend((0..others).map(|_| json!({ "why": "its row cannot be read" })));
    Ok(Ok(json!({
        "document": doc.to_string(),
        "kind": facts.kind.as_str(),
        "title": whole.summary.title,
        "state": facts.course.state.as_str(),
        "feed": facts.home.as_str(),
        "changes": changes,
        "left_out_changes": left_out_changes,
        "edited_at": whole.summary.edited_at,
        "heads": whole.heads.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "automerge": format!("{name}.automerge"),
        "json": format!("{name}.json"),
    })))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let error = |source| CommandError::WriteFile { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(error)?;
    }
    fs::write(path, bytes).map_err(error)
}
