//! Prose fields.

use shared::device::edit_limits::PROSE_UNITS;
use shared::model::agreement::identity;
use shared::model::document::DocumentError;
use shared::model::edit::Edit;
use shared::model::field::{Field, FieldRef};
use shared::model::search::{Search, SearchText};
use shared::model::summary::Summary;
use shared::model::trip_report::heading;

use super::{chunks, opened, opened_by};

fn splice(field: Field, at: usize, delete: usize, insert: &str) -> Edit {
    Edit::Splice { field: field.at_root(), at, delete, insert: insert.to_owned() }
}

#[test]
fn prose_that_is_no_text_is_shown_and_becomes_one_with_the_first_edit() {
    let mut document = opened("prose-scalar");
    let prose = |document: &shared::device::open_document::OpenDocument, field: Field| {
        document.document().prose(&field.at_root())
    };
    assert_eq!(Summary::of(document.document()).title, "Kota kembar 👍");
    assert!(Search::of("kembar").finds(&Summary::of(document.document()).text));
    assert_eq!(prose(&document, identity::fields), "12");
    assert_eq!(prose(&document, identity::remarks), "");
    assert_eq!(prose(&document, identity::sources), r#"{"a":["b"]}"#);
    assert_eq!(prose(&document, identity::legal_basis), r#"[1,"dua"]"#);

    document.edit(0, &splice(identity::title, 12, 0, " kita")).unwrap();
    document.edit(0, &splice(identity::fields, 0, 1, "")).unwrap();
    document.edit(0, &splice(identity::remarks, 0, 0, "Catatan")).unwrap();
    document.edit(0, &splice(identity::legal_basis, 0, 1, "")).unwrap();
    assert_eq!(
        prose(&document, identity::title),
        "Kota kembar  kita👍",
        "a place inside a character is before it"
    );
    assert_eq!(prose(&document, identity::fields), "2");
    assert_eq!(prose(&document, identity::remarks), "Catatan");
    assert_eq!(prose(&document, identity::legal_basis), r#"1,"dua"]"#);
    assert!(document.undo(0).unwrap() && document.undo(5_000).unwrap());
    let flushed = document.flush(0).unwrap();
    assert_eq!(flushed.changes.len(), 1);
    // What it became is a text like any other: others' typing joins it.
    document.edit(0, &splice(identity::title, 0, 4, "Daerah")).unwrap();
    assert!(prose(&document, identity::title).starts_with("Daerah kembar"));
}

#[test]
fn long_prose_that_is_no_text_becomes_one_in_several_changes() {
    let mut document = opened("prose-scalar");
    let long = "Kerja sama 👍 ".repeat(2_000);
    document.edit(0, &splice(identity::title, 0, 0, &long)).unwrap();
    let title = document.document().prose(&identity::title.at_root());
    assert_eq!(title, format!("{long}Kota kembar 👍"));
    assert!(document.flush(0).unwrap().changes.len() > 1, "a change holds a part of it");
    assert!(document.undo(5_000).unwrap());
    assert_eq!(document.document().prose(&identity::title.at_root()), "Kota kembar 👍");
    let too_long = "x".repeat(PROSE_UNITS);
    let refused = document.edit(9_000, &splice(identity::sources, 0, 0, &too_long));
    assert!(matches!(refused, Err(DocumentError::TextTooLong { .. })));
}

#[test]
fn block_marker_is_a_line_break_and_edits_around_it_keep_their_place() {
    let mut document = opened("blocks");
    let field: FieldRef = heading::conclusion.at_root();
    assert_eq!(document.document().prose(&field), "satu\ndua");
    assert_eq!(Summary::of(document.document()).text, SearchText::of_text("Laporan blok\nsatu\ndua"));
    document.edit(0, &splice(heading::conclusion, 8, 0, " tiga")).unwrap();
    document.edit(0, &Edit::Rewrite { field, text: "satu!\ndua tiga".to_owned() }).unwrap();
    assert_eq!(document.document().prose(&field), "satu!\ndua tiga");
    document.flush(0);
    // Another device that typed meanwhile finds its place to undo.
    let (_, before) = chunks("blocks");
    let mut other = opened_by("blocks", 0xbb);
    other.edit(0, &splice(heading::conclusion, 0, 0, "nol ")).unwrap();
    other.flush(0);
    let news = document.document().changes().into_iter().map(|mut change| {
        let hash = change.hash().into();
        let bytes = change.bytes().into_owned();
        (hash, shared::device::row::ChunkRow { bytes: bytes.into(), ..before[0].1.clone() })
    });
    other.receive(0, news.collect());
    assert_eq!(other.document().prose(&field), "nol satu!\ndua tiga");
    assert!(other.undo(0).unwrap());
    assert_eq!(other.document().prose(&field), "satu!\ndua tiga");
}
