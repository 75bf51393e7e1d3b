//! The addresses of the pages, written and read.

use shared::ids::DocumentId;
use shared::model::kind::Kind;

/// The list of a kind of record.
pub fn list_path(kind: Kind) -> &'static str {
    match kind {
        Kind::TripReport | Kind::Personal | Kind::Discussion => "/laporan",
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

/// The page that a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The first page.
    Home,
    /// Signing in again, from inside.
    SignInAgain,
    /// All records of a kind.
    List(Kind),
    /// The import of reports.
    Import,
    /// One record; which, [`doc_in`] reads.
    Record(Kind),
    /// One record on paper.
    Print(Kind),
    /// The search.
    Search,
    /// The bin.
    Bin,
    /// The settings.
    Settings,
    /// A link by which a password is set; its token stands behind `#`.
    Link,
    /// None of ours.
    Unknown,
}

impl Route {
    /// Reads a path.
    pub fn of(path: &str) -> Self {
        let mut segments = segments(path);
        let (first, second, third) = (segments.next(), segments.next(), segments.next());
        if segments.next().is_some() {
            return Self::Unknown;
        }
        match (first, second, third) {
            (None | Some(""), None, None) => Self::Home,
            (Some("masuk"), None, None) => Self::SignInAgain,
            (Some("cari"), None, None) => Self::Search,
            (Some("tempat-sampah"), None, None) => Self::Bin,
            (Some("pengaturan"), None, None) => Self::Settings,
            (Some("tautan"), None, None) => Self::Link,
            (Some("laporan"), Some("impor"), None) => Self::Import,
            (Some(list), second, third) => match (kind_of(list), second, third) {
                (Some(kind), None, None) => Self::List(kind),
                (Some(kind), Some(id), None) if !id.is_empty() => Self::Record(kind),
                (Some(kind), Some(id), Some("cetak")) if !id.is_empty() => Self::Print(kind),
                _ => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    /// The kind of the one record that the page shows.
    pub fn record_kind(self) -> Option<Kind> {
        match self {
            Self::Record(kind) | Self::Print(kind) => Some(kind),
            _ => None,
        }
    }
}

/// The record that a path names; nothing where its id is none.
pub fn doc_in(path: &str) -> Option<DocumentId> {
    segments(path).nth(1)?.parse().ok()
}

/// The parts between the slashes; one slash at the end changes nothing.
fn segments(path: &str) -> std::str::Split<'_, char> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}

fn kind_of(list: &str) -> Option<Kind> {
    match list {
        "laporan" => Some(Kind::TripReport),
        "kerja-sama" => Some(Kind::Agreement),
        "rencana-aksi" => Some(Kind::ActionPlan),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 3] = [Kind::TripReport, Kind::Agreement, Kind::ActionPlan];

    #[test]
    fn what_is_written_is_read_again() {
        let doc = DocumentId::try_from([7; 16].as_slice()).expect("16 bytes are an id");
        for kind in KINDS {
            assert_eq!(Route::of(list_path(kind)), Route::List(kind));
            let (record, print) = (record_path(kind, doc), print_path(kind, doc));
            assert_eq!((Route::of(&record), doc_in(&record)), (Route::Record(kind), Some(doc)));
            assert_eq!((Route::of(&print), doc_in(&print)), (Route::Print(kind), Some(doc)));
        }
    }

    #[test]
    fn each_path_leads_to_its_page() {
        for (path, route) in [
            ("/", Route::Home),
            ("/masuk", Route::SignInAgain),
            ("/laporan/impor", Route::Import),
            ("/cari", Route::Search),
            ("/cari/", Route::Search),
            ("/tempat-sampah", Route::Bin),
            ("/pengaturan", Route::Settings),
            ("/tautan", Route::Link),
            ("/kerja-sama/", Route::List(Kind::Agreement)),
            ("/kerja-sama/impor", Route::Record(Kind::Agreement)),
            ("/laporan//cetak", Route::Unknown),
            ("/laporan/a/b", Route::Unknown),
            ("/laporan/a/cetak/b", Route::Unknown),
            ("/pengaturan/a", Route::Unknown),
            ("/lain", Route::Unknown),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
        }
    }

    #[test]
    fn an_id_that_is_none_names_no_record() {
        assert_eq!(doc_in("/laporan/abc"), None);
        assert_eq!(doc_in("/laporan"), None);
    }
}
