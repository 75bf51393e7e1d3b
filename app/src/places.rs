//! The addresses of the pages.

use shared::ids::DocumentId;
use shared::model::kind::Kind;

/// The list of a kind of record.
pub fn list_path(kind: Kind) -> &'static str {
    match kind {
        Kind::TripReport | Kind::Personal => "/laporan",
        Kind::Agreement => "/kerja-sama",
        Kind::ActionPlan => "/rencana-aksi",
    }
}

/// The page of a record.
pub fn record_path(kind: Kind, doc: DocumentId) -> String {
    format!("{}/{}", list_path(kind), doc.to_path())
}

/// The page that prints a record.
pub fn print_path(kind: Kind, doc: DocumentId) -> String {
    format!("{}/cetak", record_path(kind, doc))
}
