//! Writing a report as Markdown.

use super::import::{import, numbered, section_of};
use super::{
    BASIS_KEYS, FOLLOW_UP_COLUMNS, HEADING_KEYS, OUTCOME_KEYS, ReportContent, TITLE, TRAVELLER_COLUMNS,
    write_value,
};
use crate::model::field::{Field, Record, Scalar};

/// Writes a report so that reading it gives the same report.
pub fn export(content: &ReportContent) -> String {
    let body = form(content);
    // What reading the form alone would give; the block says where that differs.
    let read = import(body.as_bytes()).unwrap_or_default();
    let mut block = Vec::new();
    differences("", HEADING_KEYS, &content.heading, &read.heading, &mut block);
    list_differences("dasar", BASIS_KEYS, &content.bases, &read.bases, &mut block);
    list_differences("hasil", OUTCOME_KEYS, &content.outcomes, &read.outcomes, &mut block);
    if block.is_empty() { body } else { format!("---\n{}\n---\n{body}", block.join("\n")) }
}

fn list_differences<T: Record + Default>(
    name: &str,
    keys: &[(&str, Field)],
    wanted: &[T],
    found: &[T],
    block: &mut Vec<String>,
) {
    let nothing = T::default();
    for (index, record) in wanted.iter().enumerate() {
        let prefix = format!("{name}.{}.", index + 1);
        differences(&prefix, keys, record, found.get(index).unwrap_or(&nothing), block);
    }
}

fn differences<T: Record>(
    prefix: &str,
    keys: &[(&str, Field)],
    wanted: &T,
    found: &T,
    block: &mut Vec<String>,
) {
    let found = found.contents();
    for (field, content) in wanted.contents() {
        let is_found = found.iter().any(|(other, found)| *other == field && *found == content);
        let key = keys.iter().find(|(_, known)| *known == field).map(|(key, _)| *key);
        if let (false, Some(key)) = (is_found, key) {
            let value = write_value(&content);
            let space = if value.is_empty() { "" } else { " " };
            block.push(format!("{prefix}{key}:{space}{value}"));
        }
    }
}

fn form(content: &ReportContent) -> String {
    let heading = &content.heading;
    let mut lines = vec![format!("## **{TITLE}**"), String::new()];
    let mut section = |name: &str, text: String| {
        lines.extend([format!("### **{name}**"), String::new()]);
        if !text.is_empty() {
            lines.extend([text, String::new()]);
        }
    };
    if !heading.addressee.is_empty() {
        section("YTH", prose(&heading.addressee));
    }
    section("I. PENDAHULUAN", prose(&heading.preamble));
    section("1. Dasar Hukum", items(content.bases.iter().map(|basis| basis.text.as_str())));
    section("2. Maksud dan Tujuan", prose(&heading.purpose));
    section("II. KEGIATAN YANG DILAKSANAKAN", prose(&heading.activities));
    section("III. HASIL YANG DICAPAI", items(content.outcomes.iter().map(|outcome| outcome.text.as_str())));
    if !heading.conclusion.is_empty() {
        section("KESIMPULAN", prose(&heading.conclusion));
    }
    if !heading.advice.is_empty() {
        section("SARAN", prose(&heading.advice));
    }
    if !content.follow_ups.is_empty() {
        section("TINDAK LANJUT", table(&FOLLOW_UP_COLUMNS, &content.follow_ups));
    }
    section("IV. PENUTUP", prose(&heading.closing));
    if !content.travellers.is_empty() {
        section("PELAKSANA", table(&TRAVELLER_COLUMNS, &content.travellers));
    }
    if !heading.copies.is_empty() {
        section("TEMBUSAN", prose(&heading.copies));
    }
    lines.join("\n")
}

/// Each line of a text, escaped where reading would take it for something else than text.
fn prose(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

fn escape(line: &str) -> String {
    let would_be_read =
        line.starts_with('\\') || section_of(line).is_some() || super::import::is_title_line(line);
    if would_be_read { format!("\\{line}") } else { line.to_owned() }
}

fn items<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut lines = Vec::new();
    for (index, text) in texts.enumerate() {
        for (place, line) in text.split('\n').enumerate() {
            if place == 0 {
                let numbered = format!("{}. {line}", index + 1);
                let needs_escape = line.starts_with('\\') || section_of(&numbered).is_some();
                lines.push(if needs_escape { format!("{}. \\{line}", index + 1) } else { numbered });
            } else if numbered(line).is_some() {
                lines.push(format!("\\{line}"));
            } else {
                lines.push(escape(line));
            }
        }
    }
    lines.join("\n")
}

fn table<T: Record>(columns: &[(&str, Field)], records: &[T]) -> String {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![
        row(columns.iter().map(|(name, _)| (*name).to_owned()).collect()),
        row(columns.iter().map(|_| "---".to_owned()).collect()),
    ];
    for record in records {
        let contents = record.contents();
        let cell = |field: Field| {
            let content = contents.iter().find(|(known, _)| *known == field).map(|(_, content)| content);
            write_value(content.unwrap_or(&Scalar::Empty))
        };
        lines.push(row(columns.iter().map(|(_, field)| cell(*field)).collect()));
    }
    lines.join("\n")
}
