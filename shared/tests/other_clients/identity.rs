//! What the document is.

use shared::model::document::{Document, DocumentError};
use shared::model::summary::Summary;

use super::{opened, read};

#[test]
fn document_whose_kind_or_id_another_program_wrote_in_its_own_way_is_listed_by_what_the_log_says() {
    for (name, title) in [
        ("kind-text", "Jenis sebagai teks"),
        ("kind-missing", "Tanpa jenis"),
        ("kind-number", "Jenis sebagai angka"),
        ("id-missing", "Tanpa id"),
    ] {
        let mut document = opened(name);
        assert_eq!(Summary::of(document.document()).title, title, "{name}");
        // Its versions open too, and an empty version is no document.
        let heads = document.document().heads();
        assert!(document.document().at(&heads).is_ok(), "{name}");
        assert!(matches!(document.document().at(&[]), Err(DocumentError::Identity)), "{name}");
        assert!(document.flush(0).is_none(), "{name}: to open it is no edit");
    }
}

#[test]
fn newer_schema_is_seen_whatever_form_its_number_has() {
    for name in ["schema-text", "schema-whole"] {
        assert!(read(name, Document::is_newer), "{name}");
    }
}
