//! A trip report as Markdown: reading a real file into the form's fields, and writing it back.
//!
//! Reading is lenient and drops nothing: every line of the file stands afterwards in some field, as it
//! was typed, typos and `*emphasis*` included; what belongs to no section stays as text in the nearest.
//! Facts (number, dates, venue, theme, attendance) are drawn from the sentences, which stay whole.
//!
//! Writing gives the office's form. Facts that the sentences would not give again stand before it in a
//! block of `key: value` lines, so that a second reading gives the same report.

mod encoding;
mod export;
mod extract;
mod import;

pub use export::export;
pub use import::{FILE_BYTES, ImportError, import};

use crate::domain::reading::{FactKind, Reading};
use crate::ids::ItemId;
use crate::model::edit::Edit;
use crate::model::field::{FactType, Field, FieldRef, Holds, List, Record, Scalar};
use crate::model::trip_report::{
    BASES, Basis, FOLLOW_UPS, FollowUp, Heading, OUTCOMES, Outcome, TRAVELLERS, Traveller, TripReport,
};

/// What a report says, without ids and order keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportContent {
    /// The report's own fields.
    pub heading: Heading,
    /// *Dasar hukum*, in order.
    pub bases: Vec<Basis>,
    /// *Pelaksana*, in order.
    pub travellers: Vec<Traveller>,
    /// *Hasil yang dicapai*, in order.
    pub outcomes: Vec<Outcome>,
    /// *Tindak lanjut*, in order.
    pub follow_ups: Vec<FollowUp>,
}

/// Draws facts from the sentences of a report, as reading a file does. What the sentences do not say stays.
pub fn draw_facts(content: &mut ReportContent) {
    extract::extract(content);
}

impl From<&TripReport> for ReportContent {
    fn from(report: &TripReport) -> Self {
        Self {
            heading: report.heading.clone(),
            bases: report.bases.iter().map(|item| item.value.clone()).collect(),
            travellers: report.travellers.iter().map(|item| item.value.clone()).collect(),
            outcomes: report.outcomes.iter().map(|item| item.value.clone()).collect(),
            follow_ups: report.follow_ups.iter().map(|item| item.value.clone()).collect(),
        }
    }
}

impl ReportContent {
    /// Whether all results became one that looks like several: a text that was copied often loses its numbers.
    pub fn lost_numbers(&self) -> bool {
        let [only] = &self.outcomes[..] else { return false };
        only.text.lines().filter(|line| !line.trim().is_empty()).count() >= 3
    }

    /// The edits that put the content into a new report; `new_item` gives ids for the items.
    pub fn edits(&self, mut new_item: impl FnMut() -> ItemId) -> Vec<Edit> {
        let mut edits: Vec<Edit> = self
            .heading
            .contents()
            .into_iter()
            .filter_map(|(field, content)| fill(field.at_root(), content))
            .collect();
        add_items(BASES, &self.bases, &mut new_item, &mut edits);
        add_items(TRAVELLERS, &self.travellers, &mut new_item, &mut edits);
        add_items(OUTCOMES, &self.outcomes, &mut new_item, &mut edits);
        add_items(FOLLOW_UPS, &self.follow_ups, &mut new_item, &mut edits);
        edits
    }
}

fn add_items<T: Record>(
    list: List,
    values: &[T],
    new_item: &mut impl FnMut() -> ItemId,
    edits: &mut Vec<Edit>,
) {
    let mut after = None;
    for value in values {
        let item = new_item();
        edits.push(Edit::Add { list, item, after });
        after = Some(item);
        edits.extend(
            value.contents().into_iter().filter_map(|(field, content)| fill(field.of(list, item), content)),
        );
    }
}

fn fill(field: FieldRef, content: Scalar) -> Option<Edit> {
    match (field.field.holds, content) {
        (_, Scalar::Empty) => None,
        (Holds::Prose, Scalar::Text(insert)) => Some(Edit::Splice { field, at: 0, delete: 0, insert }),
        (_, value) => Some(Edit::Set { field, value }),
    }
}

/// The sections of the form, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Preamble,
    Introduction,
    Bases,
    Purpose,
    Activities,
    Outcomes,
    Conclusion,
    Advice,
    FollowUps,
    Travellers,
    Closing,
    Copies,
    Addressee,
}

/// The title that the form prints above the first section.
const TITLE: &str = "LAPORAN HASIL PERJALANAN DINAS";

/// How the sections are called: as the form prints them first, then as papers also do.
const SECTION_NAMES: &[(Section, &[&str])] = &[
    (Section::Introduction, &["PENDAHULUAN"]),
    (Section::Bases, &["DASAR HUKUM", "DASAR"]),
    (Section::Purpose, &["MAKSUD DAN TUJUAN", "MAKSUD & TUJUAN"]),
    (
        Section::Activities,
        &["KEGIATAN YANG DILAKSANAKAN", "KEGIATAN", "PELAKSANAAN KEGIATAN", "KEGIATAN YANG DILAKUKAN"],
    ),
    (Section::Outcomes, &["HASIL YANG DICAPAI", "HASIL", "HASIL KEGIATAN"]),
    (Section::Conclusion, &["KESIMPULAN"]),
    (Section::Advice, &["SARAN"]),
    (Section::FollowUps, &["TINDAK LANJUT"]),
    (Section::Travellers, &["PELAKSANA", "PELAKSANA PERJALANAN DINAS"]),
    (Section::Closing, &["PENUTUP"]),
    (Section::Copies, &["TEMBUSAN"]),
    (Section::Addressee, &["YTH"]),
];

/// The columns of the tables in which travellers and follow-ups are written.
const TRAVELLER_COLUMNS: [(&str, Field); 5] = {
    use crate::model::trip_report::traveller::{name, office, position, rank, role};
    [
        ("Nama", name),
        ("Pangkat/Golongan", rank),
        ("Jabatan", position),
        ("Unit kerja", office),
        ("Peran", role),
    ]
};
const FOLLOW_UP_COLUMNS: [(&str, Field); 4] = {
    use crate::model::trip_report::follow_up::{due_on, responsible, status, text};
    [("Uraian", text), ("Penanggung jawab", responsible), ("Tenggat", due_on), ("Status", status)]
};

/// The keys of the block before the form. Do not change: files that people keep have them.
const HEADING_KEYS: &[(&str, Field)] = {
    use crate::model::trip_report::heading::*;
    &[
        ("judul", title),
        ("nomor", number),
        ("maksud", purpose),
        ("tema", theme),
        ("penyelenggara", organiser),
        ("mulai", starts_on),
        ("selesai", ends_on),
        ("tempat", venue),
        ("jumlah_peserta", attendance),
        ("peserta", attendees),
        ("kegiatan", activities),
        ("kesimpulan", conclusion),
        ("saran", advice),
        ("penutup", closing),
        ("yth", addressee),
        ("tembusan", copies),
        ("tempat_laporan", place),
        ("tanggal_laporan", dated_on),
        ("kerja_sama", agreement),
        ("pembuka", preamble),
        ("bentuk", layout),
        ("mengetahui", acknowledged_by),
        ("cetak_judul", print_title),
        ("cetak_tema", print_theme),
        ("cetak_penyelenggara", print_organiser),
        ("cetak_tanggal", print_dates),
        ("cetak_tempat", print_venue),
        ("cetak_jumlah_peserta", print_attendance),
        ("cetak_peserta", print_attendees),
    ]
};
const BASIS_KEYS: &[(&str, Field)] = {
    use crate::model::trip_report::basis::*;
    &[
        ("jenis", kind),
        ("uraian", text),
        ("penerbit", issuer),
        ("nomor", number),
        ("tanggal", dated_on),
        ("perihal", subject),
        ("cetak_rincian", print_facts),
    ]
};
const OUTCOME_KEYS: &[(&str, Field)] = {
    use crate::model::trip_report::outcome::*;
    &[("uraian", text), ("kerja_sama", agreement)]
};

/// What a scalar reads as in the block and in tables; the inverse of [`read_value`].
fn write_value(content: &Scalar) -> String {
    match content {
        Scalar::Empty => String::new(),
        Scalar::Text(text) => text
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "\\r")
            .replace('|', "\\p")
            // White space at the ends would be trimmed away with the layout's own.
            .replace(' ', if text.trim() == text { " " } else { "\\s" })
            .replace('\t', "\\t"),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Flag(flag) => flag.to_string(),
        // With a comma, and so that it reads back as the same number.
        Scalar::Foreign(value) => FactKind::Number.typed_form(content).unwrap_or_else(|| value.to_string()),
    }
}

fn read_value(text: &str) -> Scalar {
    if text.is_empty() {
        return Scalar::Empty;
    }
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('p') => value.push('|'),
            Some('s') => value.push(' '),
            Some('t') => value.push('\t'),
            Some(other) => value.push(other),
            None => value.push('\\'),
        }
    }
    Scalar::Text(value)
}

/// Reads what a file says of a field into a record. Gives whether it could be read; nothing is dropped unsaid.
fn take<T: Record>(record: &mut T, field: Field, text: &str) -> bool {
    record.put(field, &read_value_for(field, text));
    text.is_empty()
        || record.contents().iter().any(|(other, value)| *other == field && *value != Scalar::Empty)
}

/// A value of the file for one field: numbers and dates as people write them, too.
fn read_value_for(field: Field, text: &str) -> Scalar {
    let value = read_value(text);
    let Holds::Fact(of) = field.holds else { return value };
    let value = of.meaning(value);
    let kind = match of {
        FactType::Decimal => FactKind::People,
        FactType::Date => FactKind::Date,
        _ => return value,
    };
    match (&value, of.reads(&value)) {
        (Scalar::Text(text), false) => match kind.read(text, "") {
            Reading::Value(value) => value,
            _ => Scalar::Empty,
        },
        _ => value,
    }
}
