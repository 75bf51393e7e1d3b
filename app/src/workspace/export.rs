//! Everything unsent and everything set aside, as one JSON file: the text of each document for people, and every
//! chunk for the operator who brings it in.

use std::rc::Rc;

use serde::Serialize;
use shared::device::open_document::OpenDocument;
use shared::device::row::{OutboxRow, SetAsideReason, from_bytes};
use shared::device::table::{Key, Query, StoreTrouble, Table};

use super::desk::Desk;
use super::opened::DocumentRows;
use crate::browser;

#[derive(Serialize)]
struct File {
    simpul_unsent: u32,
    user: String,
    device: String,
    exported_at: u64,
    documents: Vec<Exported>,
}

#[derive(Serialize)]
struct Exported {
    document: String,
    kind: Option<&'static str>,
    home: Option<String>,
    text: Option<String>,
    unsent: Vec<Chunk>,
    unsent_decisions: Vec<Decision>,
    set_aside: Vec<Chunk>,
    /// All changes of the document that count, so that the unsent ones can be read.
    chunks: Vec<Chunk>,
}

#[derive(Serialize)]
struct Chunk {
    hash: String,
    base64: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<SetAsideReason>,
}

#[derive(Serialize)]
struct Decision {
    decision: String,
    event: shared::model::decision::Event,
    heads: Vec<String>,
    note: Option<String>,
    made_at: u64,
}

/// The file.
pub(super) async fn unsent(desk: &Rc<Desk>) -> Result<Vec<u8>, StoreTrouble> {
    // What could not be made durable is in no row; the documents that hold it say so on the screen.
    let _ = desk.settle().await;
    let documents: Vec<_> = desk.listing.borrow().unsent().collect();
    let mut file = File {
        simpul_unsent: 1,
        user: desk.user.to_string(),
        device: desk.device.borrow().device.to_string(),
        exported_at: browser::now(),
        documents: Vec::new(),
    };
    for doc in documents {
        let mut queries = DocumentRows::whole(doc);
        queries.push(Query::Prefix(Table::Outbox, Key::document(doc)));
        let rows = desk.store.read(queries).await?;
        let outbox: Vec<OutboxRow> = rows
            .iter()
            .filter(|row| row.table == Table::Outbox)
            .filter_map(|row| from_bytes(&row.value))
            .collect();
        let rows = DocumentRows::of(rows);
        let is_unsent = |wanted: &shared::ids::ChangeHash| {
            outbox.iter().any(|row| matches!(row, OutboxRow::Change { hash, .. } if hash == wanted))
        };
        let chunk = |hash: &shared::ids::ChangeHash, bytes: &[u8]| Chunk {
            hash: hash.to_string(),
            base64: base64(bytes),
            reason: None,
        };
        let row = desk.listing.borrow().row(doc).cloned();
        let aside = rows.set_aside_hashes();
        let text = row.clone().and_then(|row| {
            let chunks = rows.chunks.clone();
            let opened = OpenDocument::open(browser::now(), row, desk.actor(), chunks, Vec::new(), &aside);
            opened.ok().map(|opened| opened.document.document().all_text())
        });
        file.documents.push(Exported {
            document: doc.to_string(),
            kind: row.as_ref().map(|row| row.kind.as_str()),
            home: row.map(|row| row.home.to_string()),
            text,
            unsent: rows
                .chunks
                .iter()
                .filter(|(hash, _)| is_unsent(hash))
                .map(|(hash, row)| chunk(hash, &row.bytes))
                .collect(),
            unsent_decisions: outbox
                .iter()
                .filter_map(|row| match row {
                    OutboxRow::Decision { decision, .. } => Some(Decision {
                        decision: decision.decision.to_string(),
                        event: decision.event,
                        heads: decision.heads.iter().map(ToString::to_string).collect(),
                        note: decision.note.clone(),
                        made_at: decision.made_at,
                    }),
                    OutboxRow::Change { .. } => None,
                })
                .collect(),
            set_aside: rows
                .set_aside
                .iter()
                .map(|row| Chunk { reason: Some(row.reason.clone()), ..chunk(&row.hash, &row.bytes) })
                .collect(),
            chunks: rows.chunks.iter().map(|(hash, row)| chunk(hash, &row.bytes)).collect(),
        });
    }
    serde_json::to_vec_pretty(&file).map_err(|error| StoreTrouble::Other(error.to_string()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            if place <= group.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
