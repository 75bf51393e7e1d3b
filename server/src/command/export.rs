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
use shared::ids::DocumentId;
use whole::Whole;

use super::{CommandError, Place, existing_store, progress, say, trace};
use crate::blobs::Blobs;
use crate::clock::now_ms;
use crate::config::Wishes;
use crate::media_type::MediaType;
use crate::store::Store;

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    place: Place,
    /// The folder to write; it must be empty, or not be there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &ExportArguments) -> Result<(), CommandError> {
    let store = existing_store(&arguments.place)?;
    let target = &arguments.folder;
    if fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CommandError::Exists(target.clone()));
    }
    let documents = store.documents()?;
    let attachments = Attachments {
        blobs: Blobs::open(&arguments.place.settings(Wishes::default())?)?,
        runtime: tokio::runtime::Runtime::new().map_err(CommandError::Runtime)?,
    };
    let mut told = progress("written");
    let (mut index, mut left_out, mut changes_left_out, mut without_bytes) = (Vec::new(), 0, 0, 0);
    for (done, doc) in documents.iter().enumerate() {
        match one(&*store, *doc, target)? {
            Ok(mut line) => {
                let (lines, lacking) = attachments.write(&*store, *doc, &line, target)?;
                without_bytes += lacking;
                changes_left_out += line["left_out_changes"].as_array().map_or(0, Vec::len);
                line["attachments"] = lines;
                index.push(line);
            }
            Err(why) => {
                left_out += 1;
                index.push(json!({ "document": doc.to_string(), "left_out": why }));
            }
        }
        told(done as u64 + 1, documents.len() as u64);
    }
    let detail = format!("{} documents, all feeds", documents.len() - left_out);
    trace(&arguments.place, Act::new(now_ms(), Sort::Export).saying(detail));
    let text = format!("{:#}\n", Value::Array(index));
    write(&target.join("index.json"), text.as_bytes())?;
    say(&format!("{}: {} documents, and index.json\n", target.display(), documents.len() - left_out))?;
    match (left_out, changes_left_out, without_bytes) {
        (0, 0, 0) => Ok(()),
        (0, 0, lacking) => Err(CommandError::BlobsNotExported(lacking)),
        (0, changes, _) => Err(CommandError::ChangesNotExported(changes)),
        (left_out, ..) => Err(CommandError::NotExported(left_out)),
    }
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

/// Writes one document, gives its line in the index, or why it was left out.
fn one(
    store: &dyn Store,
    doc: DocumentId,
    target: &Path,
) -> Result<Result<Value, &'static str>, CommandError> {
    let Some(facts) = store.document(doc)? else { return Ok(Err("it is not there any more")) };
    let chunks = store.chunks(doc)?;
    let Some(whole) = Whole::of(doc, &facts, &chunks) else {
        return Ok(Err("its changes do not make a document"));
    };
    let name = format!("{}/{}", facts.kind.as_str(), hex::encode(doc.as_bytes()));
    let document = json!({
        "document": doc.to_string(), "kind": facts.kind.as_str(), "state": facts.course.state.as_str(),
        "feed": facts.home.as_str(), "content": whole.content,
        "unreadable": whole.unreadable, "conflicts": whole.conflicts,
    });
    write(&target.join(format!("{name}.automerge")), &whole.bytes)?;
    write(&target.join(format!("{name}.json")), format!("{document:#}\n").as_bytes())?;
    let left_out: Vec<_> =
        whole.left_out.iter().map(|(hash, why)| json!({ "change": hash.to_string(), "why": why })).collect();
    Ok(Ok(json!({
        "document": doc.to_string(),
        "kind": facts.kind.as_str(),
        "title": whole.summary.title,
        "state": facts.course.state.as_str(),
        "feed": facts.home.as_str(),
        "changes": chunks.len() - left_out.len(),
        "left_out_changes": left_out,
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
