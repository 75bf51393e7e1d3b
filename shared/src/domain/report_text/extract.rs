//! Facts drawn from the sentences of a report. The sentences stay as they are.

use super::ReportContent;
use crate::domain::date_text::{range_at_start, read_date};
use crate::domain::decimal::Decimal;
use crate::domain::reading::{FactKind, Reading};
use crate::model::field::FactValue;
use crate::model::trip_report::{Basis, BasisKind};

/// Fills the facts of a report from its sentences.
pub(super) fn extract(content: &mut ReportContent) {
    for basis in &mut content.bases {
        extract_basis(basis);
    }
    extract_event(content);
    extract_attendance(content);
}

fn extract_basis(basis: &mut Basis) {
    let text = basis.text.clone();
    let lower = text.to_ascii_lowercase();
    let begins = |starts: &[&str]| starts.iter().any(|start| lower.trim_start().starts_with(start));
    basis.kind = if begins(&["surat perintah", "surat tugas", "spt"]) {
        Some(BasisKind::Assignment)
    } else if begins(&["surat", "undangan", "nota dinas", "radiogram"]) {
        Some(BasisKind::Letter)
    } else if begins(&[
        "undang-undang",
        "uu ",
        "peraturan",
        "pp ",
        "permendagri",
        "perda",
        "keputusan",
        "instruksi",
    ]) {
        Some(BasisKind::Regulation)
    } else if begins(&["disposisi"]) {
        Some(BasisKind::Disposition)
    } else if begins(&["dpa", "dokumen pelaksanaan anggaran"]) {
        Some(BasisKind::Budget)
    } else {
        None
    };
    let number_at = find_word(&lower, &["nomor", "no."]);
    if let Some((start, end)) = number_at {
        let rest = text[end..].trim_start_matches([' ', ':', '\t']);
        let stop =
            find_word(&rest.to_ascii_lowercase(), &["tanggal", "tgl", "perihal", "hal", "tentang", "tahun"])
                .map_or(rest.len(), |(at, _)| at);
        let number = rest[..stop].trim().trim_end_matches(['.', ',', ';']).trim_end();
        basis.number = non_empty(number);
        let before = text[..start].trim().trim_end_matches([',', ':']).trim_end();
        let issuer = ["Surat Undangan", "Surat Perintah Tugas", "Surat Tugas", "Surat"]
            .iter()
            .find_map(|prefix| before.strip_prefix(prefix))
            .unwrap_or(if basis.kind == Some(BasisKind::Letter) { before } else { "" });
        basis.issuer = non_empty(issuer.trim().trim_start_matches("dari ").trim());
    }
    if let Some((_, end)) = find_word(&lower, &["tanggal", "tgl"]) {
        basis.dated_on = first_words_that_are_a_date(&text[end..]);
    }
    if let Some((_, end)) = find_word(&lower, &["perihal", "hal", "tentang"]) {
        basis.subject = non_empty(text[end..].trim_start_matches([' ', ':']).trim().trim_end_matches('.'));
    }
}

fn extract_event(content: &mut ReportContent) {
    let purpose = content.heading.purpose.clone();
    let lower = purpose.to_ascii_lowercase();
    if let Some((_, end)) = find_word(&lower, &["menghadiri", "mengikuti", "melaksanakan", "melakukan"]) {
        let rest = &purpose[end..];
        let stop = find_word(
            &rest.to_ascii_lowercase(),
            &["dengan tema", "bertema", "pada tanggal", "tanggal", "bertempat", "yang"],
        )
        .map_or(rest.len(), |(at, _)| at);
        content.heading.title = rest[..stop].trim().trim_end_matches([',', '.']).trim_end().to_owned();
    }
    if let Some((_, end)) = find_word(&lower, &["tema"]) {
        content.heading.theme = quoted(&purpose[end..]).unwrap_or_default().to_owned();
    }
    let mut from = 0;
    while let Some((_, end)) = find_word(&lower[from..], &["tanggal", "tgl"]) {
        let rest = purpose[from + end..].trim_start_matches([' ', ':']);
        if let Some((start, last, _)) = range_at_start(rest) {
            content.heading.starts_on = Some(start);
            content.heading.ends_on = Some(last);
            break;
        }
        from += end;
    }
    if let Some((_, end)) = find_word(&lower, &["bertempat di", "bertempat pada", "tempat di", "bertempat"]) {
        let paragraph = purpose[end..].split("\n\n").next().unwrap_or_default();
        content.heading.venue = paragraph.trim().trim_end_matches('.').trim_end().to_owned();
    }
}

fn extract_attendance(content: &mut ReportContent) {
    let activities = content.heading.activities.clone();
    let lower = activities.to_ascii_lowercase();
    let Some((_, end)) = find_word(&lower, &["dihadiri oleh", "diikuti oleh", "dihadiri", "diikuti"]) else {
        return;
    };
    let rest = activities[end..].trim_start();
    // The number, and in brackets behind it the same in words; `1.250` alone may be two numbers and is left to people.
    let digits = rest.find(|c: char| c.is_whitespace() || c == '(').unwrap_or(rest.len());
    let (number, mut after) = rest.split_at(digits);
    let mut read = FactKind::People.read(number.trim_end_matches([',', '.', ';']), "");
    if let Some((_, behind)) = after.trim_start().strip_prefix('(').and_then(|inside| inside.split_once(')'))
    {
        if !matches!(read, Reading::Value(_)) {
            read = FactKind::People.read(&rest[..rest.len() - behind.len()], "");
        }
        after = behind;
    }
    let Reading::Value(count) = read else { return };
    let Some(count) = Decimal::from_scalar(&count) else { return };
    let after = after.trim_start();
    let people = after.split("\n\n").next().unwrap_or_default().trim();
    content.heading.attendance = Some(count);
    content.heading.attendees = people.trim_end_matches('.').trim_end().to_owned();
}

/// Where the first of these words stands as a whole word: beginning and end in bytes.
///
/// `lower` is the ASCII lower case of the text, so that its bytes stand at the same places.
fn find_word(lower: &str, words: &[&str]) -> Option<(usize, usize)> {
    words
        .iter()
        .filter_map(|word| {
            lower.match_indices(word).find_map(|(at, _)| {
                let end = at + word.len();
                let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                let whole = !is_letter(lower[..at].chars().next_back())
                    && (word.ends_with('.') || !is_letter(lower[end..].chars().next()));
                whole.then_some((at, end))
            })
        })
        .min_by_key(|(at, end)| (*at, usize::MAX - end))
}

fn quoted(text: &str) -> Option<&str> {
    let opening = text.find(['“', '"', '”'])?;
    let inside = &text[opening..];
    let inside = &inside[inside.chars().next()?.len_utf8()..];
    let closing = inside.find(['”', '"', '“'])?;
    Some(inside[..closing].trim()).filter(|theme| !theme.is_empty())
}

fn first_words_that_are_a_date(text: &str) -> Option<crate::domain::date::PartialDate> {
    let words: Vec<&str> = text.trim_start_matches([' ', ':']).split_whitespace().take(3).collect();
    (1..=words.len()).rev().find_map(|count| read_date(&words[..count].join(" ")))
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
