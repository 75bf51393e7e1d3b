//! Reading a report from Markdown.

use super::encoding;
use super::extract::extract;
use super::{
    BASIS_KEYS, FOLLOW_UP_COLUMNS, HEADING_KEYS, OUTCOME_KEYS, ReportContent, SECTION_NAMES, Section, TITLE,
    TRAVELLER_COLUMNS, take,
};
use crate::model::field::{Field, Record};
use crate::model::trip_report::{Basis, FollowUp, Outcome, Traveller};

/// Bytes that a file may have. A report of a hundred pages has a third of it.
pub const FILE_BYTES: usize = 1 << 20;

/// Why a file is not read. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// Over [`FILE_BYTES`].
    #[error("the file has {0} bytes, a report may have {FILE_BYTES}")]
    TooLarge(usize),
    /// Not UTF-8 text.
    #[error("the file is not text; save the report as Markdown or plain text and try again")]
    Binary,
    /// A file of Word or a program like it.
    #[error("the file is of a word processor; save it as plain text, or paste its text")]
    Office,
    /// A PDF.
    #[error("the file is a PDF; paste its text")]
    Pdf,
    /// No section of the form is in it.
    #[error("the file has none of the sections of a trip report (Pendahuluan, Kegiatan, Hasil, Penutup)")]
    NoReport,
}

/// Reads a report.
///
/// # Errors
/// When the file is empty, too large, no text, or has none of the form's sections.
pub fn import(bytes: &[u8]) -> Result<ReportContent, ImportError> {
    if bytes.len() > FILE_BYTES {
        return Err(ImportError::TooLarge(bytes.len()));
    }
    // A .docx or .odt is a zip, a .doc an OLE file.
    let begins = |signatures: &[&[u8]]| signatures.iter().any(|signature| bytes.starts_with(signature));
    if begins(&[b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf"]) {
        return Err(ImportError::Office);
    }
    if begins(&[b"%PDF-"]) {
        return Err(ImportError::Pdf);
    }
    let text = encoding::decode(bytes).ok_or(ImportError::Binary)?;
    if text.contains('\0') {
        return Err(ImportError::Binary);
    }
    if text.trim().is_empty() {
        return Err(ImportError::Empty);
    }
    let text = text.replace("\r\n", "\n");
    let (block, body) = split_block(&text);
    let mut content = read_body(body).ok_or(ImportError::NoReport)?;
    extract(&mut content);
    for line in block {
        apply_block_line(&mut content, line);
    }
    Ok(content)
}

/// Reads the form without its block, and without drawing facts; `None` where it has no section.
fn read_body(body: &str) -> Option<ReportContent> {
    let mut sections: Vec<(Section, Vec<&str>)> = vec![(Section::Preamble, Vec::new())];
    let mut has_section = false;
    for line in body.lines() {
        if is_title_line(line) && !has_section && sections[0].1.iter().all(|line| line.trim().is_empty()) {
            continue;
        }
        match section_of(line) {
            Some((section, rest)) => {
                has_section = true;
                sections.push((section, if rest.is_empty() { Vec::new() } else { vec![rest] }));
            }
            None => sections.last_mut().expect("the first section is there from the start").1.push(line),
        }
    }
    if !has_section {
        return None;
    }
    let mut content = ReportContent::default();
    for (section, lines) in sections {
        place_section(&mut content, section, &lines);
    }
    Some(content)
}

fn place_section(content: &mut ReportContent, section: Section, lines: &[&str]) {
    let heading = &mut content.heading;
    match section {
        // What stands between the first heading and its first part is of no part: it goes before all.
        Section::Preamble | Section::Introduction => append(&mut heading.preamble, prose_of(lines)),
        Section::Purpose => append(&mut heading.purpose, prose_of(lines)),
        Section::Activities => append(&mut heading.activities, prose_of(lines)),
        Section::Conclusion => append(&mut heading.conclusion, prose_of(lines)),
        Section::Advice => append(&mut heading.advice, prose_of(lines)),
        Section::Closing => append(&mut heading.closing, prose_of(lines)),
        Section::Copies => append(&mut heading.copies, prose_of(lines)),
        Section::Addressee => append(&mut heading.addressee, prose_of(lines)),
        Section::Bases => {
            content.bases.extend(items_of(lines).into_iter().map(|text| Basis { text, ..Basis::default() }));
        }
        Section::Outcomes => {
            content
                .outcomes
                .extend(items_of(lines).into_iter().map(|text| Outcome { text, ..Outcome::default() }));
        }
        Section::Travellers => {
            let rest = read_table::<Traveller>(lines, &TRAVELLER_COLUMNS, &mut content.travellers);
            // Outside a table, each item is a traveller's name with whatever stands beside it.
            let names = items_of(&rest).into_iter().filter(|name| !name.is_empty());
            content
                .travellers
                .extend(names.map(|name| Traveller { name: Some(name), ..Traveller::default() }));
        }
        Section::FollowUps => {
            let rest = read_table::<FollowUp>(lines, &FOLLOW_UP_COLUMNS, &mut content.follow_ups);
            let texts = items_of(&rest).into_iter().filter(|text| !text.is_empty());
            content.follow_ups.extend(texts.map(|text| FollowUp { text, ..FollowUp::default() }));
        }
    }
}

/// The lines as one text, without the empty ones at both ends and without the escapes.
fn prose_of(lines: &[&str]) -> String {
    let is_blank = |line: &&str| line.trim().is_empty();
    let Some(first) = lines.iter().position(|line| !is_blank(line)) else { return String::new() };
    let last = lines.iter().rposition(|line| !is_blank(line)).unwrap_or(first);
    lines[first..=last]
        .iter()
        .map(|line| line.strip_prefix('\\').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

fn append(text: &mut String, more: String) {
    if text.is_empty() {
        *text = more;
    } else if !more.is_empty() {
        text.push_str("\n\n");
        text.push_str(&more);
    }
}

/// The numbered items of a section. Only the number that comes next begins one: numbers are derived, so
/// any other stays in the text. A section without numbers has an item for each paragraph.
fn items_of(lines: &[&str]) -> Vec<String> {
    let mut items: Vec<Vec<&str>> = vec![Vec::new()];
    for line in lines {
        match numbered(line) {
            Some((number, rest)) if number == items.len() => items.push(vec![rest]),
            _ => items.last_mut().expect("the first item is there from the start").push(line),
        }
    }
    let lead = items.remove(0);
    if items.is_empty() {
        return lead
            .split(|line| line.trim().is_empty())
            .filter(|paragraph| !paragraph.is_empty())
            .map(prose_of)
            .collect();
    }
    let mut texts: Vec<String> = items.iter().map(|lines| prose_of(lines)).collect();
    let lead = prose_of(&lead);
    if !lead.is_empty() {
        // What stands before the first number belongs to no item; it stays with the nearest.
        texts[0] = if texts[0].is_empty() { lead } else { format!("{lead}\n\n{}", texts[0]) };
    }
    texts
}

/// `3. text` or `3) text`.
pub(super) fn numbered(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(['.', ')'])?;
    let is_item = (1..=4).contains(&digits) && (rest.is_empty() || rest.starts_with([' ', '\t']));
    is_item.then(|| Some((line[..digits].parse().ok()?, rest.strip_prefix([' ', '\t']).unwrap_or(rest))))?
}

pub(super) fn is_title_line(line: &str) -> bool {
    bare(line).eq_ignore_ascii_case(TITLE)
}

/// The section that a line begins, and what stands on the same line behind its name.
pub(super) fn section_of(line: &str) -> Option<(Section, &str)> {
    if line.starts_with('\\') {
        return None;
    }
    let trimmed = line.trim();
    let is_marked = trimmed.starts_with('#')
        || (trimmed.starts_with("**") && trimmed.trim_end_matches([' ', ':']).ends_with("**"));
    let (name, rest) = match trimmed.split_once(':') {
        Some((name, rest)) => (name, rest.trim_start_matches(['*', ' '])),
        None => (trimmed, ""),
    };
    let (has_number, name) = without_number(bare(name));
    let section = SECTION_NAMES
        .iter()
        .find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .map(|(section, _)| *section)?;
    // Without any sign of a heading, a line of running text may happen to be such a word: only a
    // capitalised line counts, or one that ends with the colon of a heading.
    let is_heading = is_marked
        || has_number
        || name.chars().all(|c| !c.is_lowercase())
        || (trimmed.contains(':')
            && (rest.is_empty() || section == Section::Addressee || section == Section::Copies));
    is_heading.then_some((section, rest))
}

/// A heading's text without `#`, emphasis, dots and colons at its ends.
fn bare(line: &str) -> &str {
    line.trim().trim_start_matches('#').trim_matches(|c: char| c.is_whitespace() || "*_:.".contains(c))
}

/// The text behind `III.`, `A.` or `2.`, and whether there was such a number.
fn without_number(text: &str) -> (bool, &str) {
    let Some((number, rest)) = text.split_once(['.', ')']) else { return (false, text) };
    let is_roman =
        !number.is_empty() && number.len() <= 5 && number.bytes().all(|byte| b"IVXivx".contains(&byte));
    let is_letter = number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_digits =
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_roman || is_letter || is_digits {
        (true, rest.trim_matches(|c: char| c.is_whitespace() || "*_".contains(c)))
    } else {
        (false, text)
    }
}

/// Reads the rows of a table that has these columns, and gives the lines that are none of its.
fn read_table<'a, T: Record + Default>(
    lines: &[&'a str],
    columns: &[(&str, Field)],
    records: &mut Vec<T>,
) -> Vec<&'a str> {
    let cells_of = |line: &'a str| -> Option<Vec<&'a str>> {
        let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(inside.split('|').map(str::trim).collect())
    };
    let is_head = |cells: &[&str]| {
        cells.len() == columns.len() && cells.iter().zip(columns).all(|(cell, (name, _))| cell == name)
    };
    let mut rest = Vec::new();
    let mut in_table = false;
    let mut after_head = false;
    for line in lines {
        let is_rule = std::mem::take(&mut after_head);
        match cells_of(line) {
            Some(cells) if is_head(&cells) => (in_table, after_head) = (true, true),
            Some(cells)
                if is_rule && cells.iter().all(|cell| cell.bytes().all(|byte| b"-: ".contains(&byte))) => {}
            Some(cells) if in_table && cells.len() == columns.len() => {
                let mut record = T::default();
                let mut unread = Vec::new();
                for (cell, (name, field)) in cells.iter().zip(columns) {
                    if !take(&mut record, *field, cell) {
                        unread.push(format!("{name}: {cell}"));
                    }
                }
                if !unread.is_empty() {
                    // What its field cannot hold stays beside what the row is about.
                    take(&mut record, columns[0].1, &format!("{} ({})", cells[0], unread.join(", ")));
                }
                records.push(record);
            }
            _ => {
                in_table = false;
                rest.push(*line);
            }
        }
    }
    rest
}

/// The lines of the block between two `---` at the beginning, and the body behind it.
fn split_block(text: &str) -> (Vec<&str>, &str) {
    let Some(rest) = text.strip_prefix("---\n") else { return (Vec::new(), text) };
    let Some((block, body)) = rest.split_once("\n---\n") else { return (Vec::new(), text) };
    let lines: Vec<&str> = block.lines().collect();
    // A block of anything else than our keys is text of the report.
    if lines.iter().all(|line| block_field(line).is_some()) { (lines, body) } else { (Vec::new(), text) }
}

/// What a line of the block speaks of.
enum BlockField {
    Heading(Field),
    Basis(usize, Field),
    Outcome(usize, Field),
}

fn block_field(line: &str) -> Option<(BlockField, &str)> {
    let (key, value) = line.split_once(':')?;
    let value = value.strip_prefix(' ').unwrap_or(value);
    let find = |keys: &[(&str, Field)], name: &str| {
        keys.iter().find(|(key, _)| *key == name).map(|(_, field)| *field)
    };
    let parts: Vec<&str> = key.split('.').collect();
    let field = match parts[..] {
        [key] => BlockField::Heading(find(HEADING_KEYS, key)?),
        ["dasar", number, key] => {
            BlockField::Basis(number.parse::<usize>().ok()?.checked_sub(1)?, find(BASIS_KEYS, key)?)
        }
        ["hasil", number, key] => {
            BlockField::Outcome(number.parse::<usize>().ok()?.checked_sub(1)?, find(OUTCOME_KEYS, key)?)
        }
        _ => return None,
    };
    Some((field, value))
}

fn apply_block_line(content: &mut ReportContent, line: &str) {
    let Some((field, text)) = block_field(line) else { return };
    let is_taken = match field {
        BlockField::Heading(field) => take(&mut content.heading, field, text),
        BlockField::Basis(index, field) => take_at(&mut content.bases, index, field, text),
        BlockField::Outcome(index, field) => take_at(&mut content.outcomes, index, field, text),
    };
    if !is_taken {
        // What its field cannot hold stays as it was written, where a person sees it.
        append(&mut content.heading.preamble, line.to_owned());
    }
}

fn take_at<T: Record>(records: &mut [T], index: usize, field: Field, text: &str) -> bool {
    // A line that speaks of an item that is not there says nothing that a person could have typed.
    records.get_mut(index).is_none_or(|record| take(record, field, text))
}
