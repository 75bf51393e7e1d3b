//! Everything unsent and everything set aside, as one JSON file: the text of each document and of what is set aside for
//! people, and every chunk for the operator who brings it in.

use std::rc::Rc;

use shared::device::open_document::OpenDocument;
use shared::device::row::{OutboxRow, SetAsideReason, UnreadRow, from_bytes};
use shared::device::set_aside_text::set_aside_text;
use shared::device::table::{Key, Query, StoreTrouble, Table};
use shared::ids::{ChangeHash, DocumentId};
use shared::ordered::OrderedSet;
use shared::wire::Decision;

use super::desk::Desk;
use super::document_rows::DocumentRows;
use super::unread::unread_rows;
use crate::browser;
use crate::json::Written;

/// The file.
pub(super) async fn unsent(desk: &Rc<Desk>) -> Result<Vec<u8>, StoreTrouble> {
    // What could not be made durable is in no row; the documents that hold it say so on the screen.
    let _ = desk.settle().await;
    let exported_at = browser::now();
    let typed = unread_rows(desk).await;
    let mut documents: OrderedSet<DocumentId> = desk.listing.borrow().unsent().collect();
    documents.extend(typed.iter().map(|row| row.doc));
    let mut exported = Vec::new();
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
        let is_unsent = |wanted: &ChangeHash| {
            outbox.iter().any(|row| matches!(row, OutboxRow::Change { hash, .. } if hash == wanted))
        };
        let row = desk.listing.borrow().row(doc).cloned();
        let aside = rows.set_aside_hashes();
        let text = row.clone().and_then(|row| {
            let chunks = rows.chunks.clone();
            let opened = OpenDocument::open(browser::now(), row, desk.actor(), chunks, Vec::new(), &aside);
            opened.ok().map(|opened| opened.document.document().all_text())
        });
        let chunks = rows.chunks.iter();
        let unsent = chunks.clone().filter(|(hash, _)| is_unsent(hash));
        let decisions = outbox.iter().filter_map(|row| match row {
            OutboxRow::Decision { decision, .. } => Some(decision_object(decision)),
            OutboxRow::Change { .. } => None,
        });
        let aside_text = Some(set_aside_text(rows.set_aside.iter())).filter(|text| !text.is_empty());
        let aside = rows.set_aside.iter();
        exported.push(Written::Object(vec![
            ("document", text_of(&doc)),
            ("kind", Written::optional(row.as_ref().map(|row| row.kind.as_str()))),
            ("home", Written::optional(row.map(|row| row.home.to_string()))),
            ("text", Written::optional(text)),
            ("unsent", unsent.map(|(hash, row)| chunk_object(hash, &row.bytes, None)).collect()),
            ("unsent_decisions", decisions.collect()),
            // Of a record that is here no more, these are all the words that there are.
            ("set_aside_text", Written::optional(aside_text)),
            ("set_aside", aside.map(|row| chunk_object(&row.hash, &row.bytes, Some(&row.reason))).collect()),
            // What stands in fields and could not be read.
            ("typed", typed.iter().filter(|row| row.doc == doc).map(typed_object).collect()),
            // All changes of the document that count, so that the unsent ones can be read.
            ("chunks", chunks.map(|(hash, row)| chunk_object(hash, &row.bytes, None)).collect()),
        ]));
    }
    let file = Written::Object(vec![
        ("simpul_unsent", Written::Number(1)),
        ("user", text_of(&desk.user)),
        ("device", text_of(&desk.device.borrow().device)),
        ("exported_at", Written::Number(exported_at)),
        ("documents", Written::List(exported)),
    ]);
    Ok(file.to_lines().into_bytes())
}

fn text_of(value: &impl ToString) -> Written {
    Written::Text(value.to_string())
}

fn chunk_object(hash: &ChangeHash, bytes: &[u8], reason: Option<&SetAsideReason>) -> Written {
    let mut pairs = vec![("hash", text_of(hash)), ("base64", Written::Text(base64(bytes)))];
    pairs.extend(reason.map(|reason| ("reason", reason_value(reason))));
    Written::Object(pairs)
}

fn reason_value(reason: &SetAsideReason) -> Written {
    match reason {
        SetAsideReason::Refused(code, message) => {
            let pair = [code.as_str(), message].map(|text| text_of(&text));
            Written::Object(vec![("Refused", pair.into_iter().collect())])
        }
        SetAsideReason::BuildsOnRefused(hash) => Written::Object(vec![("BuildsOnRefused", text_of(hash))]),
        SetAsideReason::BadChange(why) => Written::Object(vec![("BadChange", text_of(why))]),
        SetAsideReason::Crashed => text_of(&"Crashed"),
        SetAsideReason::RetiredDevice => text_of(&"RetiredDevice"),
        SetAsideReason::TakenOver(by) => Written::Object(vec![("TakenOver", text_of(by))]),
        SetAsideReason::Orphaned(of) => Written::Object(vec![("Orphaned", text_of(of))]),
        SetAsideReason::RoleLost(lost) => Written::Object(vec![(
            "RoleLost",
            Written::Object(vec![
                ("feed", Written::optional(lost.feed.as_ref().map(ToString::to_string))),
                ("kind", Written::optional(lost.kind.as_ref().map(|kind| kind.as_str().to_owned()))),
                ("title", text_of(&lost.title)),
            ]),
        )]),
    }
}

fn typed_object(row: &UnreadRow) -> Written {
    let place = [Some(row.list.clone()), row.item.map(|item| item.to_string()), Some(row.field.clone())];
    let place: Vec<String> = place.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    Written::Object(vec![("field", Written::Text(place.join("/"))), ("text", text_of(&row.text))])
}

fn decision_object(decision: &Decision) -> Written {
    Written::Object(vec![
        ("decision", text_of(&decision.decision)),
        ("event", text_of(&decision.event.as_str())),
        ("heads", decision.heads.iter().map(text_of).collect()),
        ("note", Written::optional(decision.note.clone())),
        ("made_at", Written::Number(decision.made_at)),
    ])
}

/// Bytes in base64.
pub(super) fn base64(bytes: &[u8]) -> String {
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

#[cfg(test)]
mod tests {
    use shared::ids::DecisionId;
    use shared::model::decision::Event;
    use shared::wire::code::NackCode;

    use super::*;

    #[test]
    fn reasons_are_written_by_their_names_with_what_they_hold() {
        let hash = ChangeHash::from_bytes([0xab; 32]);
        let refused = SetAsideReason::Refused(NackCode::BadChange, "x".to_owned());
        let builds_on = format!(r#"{{"BuildsOnRefused":"{hash}"}}"#);
        for (reason, json) in [
            (refused, r#"{"Refused":["bad-change","x"]}"#),
            (SetAsideReason::BuildsOnRefused(hash), &builds_on),
            (SetAsideReason::BadChange("y".to_owned()), r#"{"BadChange":"y"}"#),
            (SetAsideReason::Crashed, r#""Crashed""#),
            (SetAsideReason::RetiredDevice, r#""RetiredDevice""#),
        ] {
            assert_eq!(reason_value(&reason).to_line(), json);
        }
    }

    #[test]
    fn chunks_and_decisions_are_objects_with_their_keys_in_order() {
        let hash = ChangeHash::from_bytes([1; 32]);
        let chunk = chunk_object(&hash, &[1, 2, 3, 4], None).to_line();
        assert_eq!(chunk, format!(r#"{{"hash":"{hash}","base64":"AQIDBA=="}}"#));
        let decision = Decision {
            decision: DecisionId::from_bytes([2; 16]),
            event: Event::Submit,
            heads: vec![hash],
            note: None,
            made_at: 7,
        };
        let id = decision.decision;
        let json =
            format!(r#"{{"decision":"{id}","event":"submit","heads":["{hash}"],"note":null,"made_at":7}}"#);
        assert_eq!(decision_object(&decision).to_line(), json);
    }
}
