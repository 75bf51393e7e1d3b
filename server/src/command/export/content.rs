//! What a document holds, as JSON: each field as the app reads it, all else as Automerge has it.

use serde_json::{Map, Value, json};
use shared::model::conflict::Conflict;
use shared::model::document::{Document, Reader};
use shared::model::field::{Field, FieldRef, Holds, Scalar};

/// Everything in the document. `None` where Automerge gives no object.
pub(super) fn of(document: &Document) -> Option<Value> {
    let mut content = serde_json::to_value(document.content()).ok()?;
    let root = content.as_object_mut()?;
    let schema = document.schema();
    put(root, &document.root(), schema.fields);
    for list in schema.lists {
        let Some(items) = root.get_mut(list.name).and_then(Value::as_object_mut) else { continue };
        for (item, _) in document.item_ids(*list) {
            let values = items.get_mut(&item.to_string()).and_then(Value::as_object_mut);
            if let (Some(values), Some(reader)) = (values, document.item_reader(*list, item)) {
                put(values, &reader, list.fields);
            }
        }
    }
    Some(content)
}

/// What the app cannot read, or has no place for: facts, and what stands where a list or an item belongs.
pub(super) fn unreadable(document: &Document) -> Vec<String> {
    document.unreadable().iter().map(place).chain(document.misplaced()).collect()
}

/// A field as it is named in lists of fields: `title`, or `lines/0000000000000001/target`.
pub(super) fn place(field: &FieldRef) -> String {
    match field.item {
        None => field.field.name.to_owned(),
        Some((list, item)) => format!("{}/{item}/{}", list.name, field.field.name),
    }
}

/// A field that more than one device set at once, with every value.
pub(super) fn conflict(conflict: &Conflict) -> Value {
    let values: Vec<_> = conflict.values.iter().map(|value| json_of(&value.value)).collect();
    json!({ "field": place(&conflict.field), "values": values })
}

fn put(values: &mut Map<String, Value>, reader: &Reader<'_>, fields: &[Field]) {
    for field in fields {
        let read = match field.holds {
            Holds::Prose => Scalar::Text(reader.prose(*field)),
            Holds::Fact(_) => reader.fact(*field),
        };
        // What is not there stays away, and what cannot be read stays as it was written.
        if !matches!(read, Scalar::Empty | Scalar::Foreign(_)) && values.contains_key(field.name) {
            values.insert(field.name.to_owned(), json_of(&read));
        }
    }
}

fn json_of(value: &Scalar) -> Value {
    match value {
        Scalar::Empty => Value::Null,
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Integer(number) => (*number).into(),
        Scalar::Flag(flag) => (*flag).into(),
        Scalar::Foreign(value) => value.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shared::change_check::check_change;
    use shared::device::open_document::OpenDocument;
    use shared::ids::{ActorId, DocumentId, ItemId};
    use shared::model::discussion::{REMARKS, remark};
    use shared::model::edit::Edit;
    use shared::model::kind::Kind;

    use super::*;

    #[derive(serde::Deserialize)]
    struct Case {
        kind: String,
        changes: Vec<String>,
    }

    /// Documents that people wrote with the official JavaScript package.
    fn document(name: &str) -> Document {
        let fixture = include_str!("../../../../shared/tests/fixtures/other-clients.json");
        let mut cases: BTreeMap<String, Case> = serde_json::from_str(fixture).unwrap();
        let case = cases.remove(name).unwrap();
        let change = |text: &String| check_change(&hex::decode(text).unwrap()).unwrap().change;
        let kind = Kind::from_code(&case.kind).unwrap();
        let reader = ActorId::from_bytes([0; ActorId::LENGTH]);
        let doc = DocumentId::from_bytes([0x51; 16]);
        Document::open_as(doc, kind, reader, case.changes.iter().map(change)).unwrap()
    }

    #[test]
    fn export_says_of_each_fact_what_the_app_says_and_names_what_neither_reads() {
        let plan = document("plan");
        let content = of(&plan).unwrap();
        assert_eq!(content["starts_on"], "2026-01-01");
        let lines = &content["lines"];
        let first = &lines["0000000000000001"];
        assert_eq!((&first["ceiling"], &first["spent"]), (&json!(1_500_000), &json!(250_000)));
        assert_eq!((&first["quarter_1"], &first["starts_on"]), (&json!(true), &json!("2026-07-01")));
        assert_eq!(first["target"], 40.5);
        assert_eq!(lines["0000000000000002"]["responsible"]["nama"], "Bapperida");
        assert_eq!(lines["bukan-id"]["activity"], "Kunci yang bukan id");
        let unreadable = unreadable(&plan);
        assert!(unreadable.contains(&"lines/bukan-id".to_owned()), "{unreadable:?}");
        assert!(unreadable.contains(&"lines/0000000000000002/progress".to_owned()), "{unreadable:?}");
        assert!(
            !unreadable.contains(&"lines/0000000000000001/target".to_owned()),
            "a decimal: {unreadable:?}"
        );
        assert!(unreadable.contains(&"adopted_on".to_owned()), "{unreadable:?}");
    }

    #[test]
    fn discussion_is_exported_with_what_was_said_and_about_what() {
        let about = DocumentId::from_bytes([0x51, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15]);
        let actor = ActorId::from_bytes([1; ActorId::LENGTH]);
        let mut open = OpenDocument::begin_discussion(0, about, "kota".parse().unwrap(), actor).unwrap();
        let item = ItemId::from_bytes([1; 8]);
        open.edit(1, &Edit::Add { list: REMARKS, item, after: None }).unwrap();
        let text = "Periksa biaya.".to_owned();
        open.edit(1, &Edit::Rewrite { field: remark::text.of(REMARKS, item), text }).unwrap();
        let content = of(open.document()).unwrap();
        assert_eq!((&content["about"], &content["feed"]), (&json!(about.to_string()), &json!("kota")));
        assert_eq!(content["remarks"][item.to_string()]["text"], "Periksa biaya.");
        assert!(unreadable(open.document()).is_empty());
    }

    #[test]
    fn export_has_every_value_of_a_conflict_and_a_line_break_for_a_block() {
        let conflicts: Vec<_> = document("fractions-at-once").conflicts().iter().map(conflict).collect();
        assert_eq!(conflicts.len(), 1);
        assert_eq!(conflicts[0]["field"], "attendance");
        let values = conflicts[0]["values"].as_array().unwrap();
        assert!(values.contains(&json!("40.5")) && values.contains(&json!("41.5")), "{values:?}");
        assert_eq!(of(&document("blocks")).unwrap()["conclusion"], "satu\ndua");
        assert_eq!(of(&document("prose-scalar")).unwrap()["title"], "Kota kembar 👍");
    }
}
