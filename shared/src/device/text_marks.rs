//! Putting the light marks around what is selected in a plain text, taking them off again, and going on with a list.
//!
//! What is given is a [`TextChange`]: the stretches that come and go, so that what colleagues write between them stays
//! where it is. Places are UTF-16 units as browsers count them, bytes inside.

use std::ops::Range;

use super::text_field::Selection;
use crate::domain::formatted::{Emphasis, Marker, Pair, marker_of, pairs};
use crate::model::text::{Delta, Side, Splice, byte_place, units};

/// What a button or a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `**tebal**`.
    Bold,
    /// `*miring*`.
    Italic,
    /// `- `.
    Bullets,
    /// `1. `.
    Numbers,
}

/// What becomes of a text, and what is selected in it afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// The change.
    pub delta: Delta,
    /// What is selected afterwards.
    pub selection: Selection,
}

/// What replaces a stretch of bytes.
type Piece = (Range<usize>, String);

/// Puts a mark around what is selected, or takes it off where all of that has it. `None` where nothing would change.
pub fn toggle(text: &str, selection: Selection, mark: Mark) -> Option<TextChange> {
    let selected = byte_place(text, selection.start)..byte_place(text, selection.end.max(selection.start));
    match mark {
        Mark::Bold => emphasise(text, selected, Emphasis::Bold),
        Mark::Italic => emphasise(text, selected, Emphasis::Italic),
        Mark::Bullets => list(text, selected, ListKind::Bullets),
        Mark::Numbers => list(text, selected, ListKind::Numbers),
    }
}

/// What Enter does in an item of a list: the next item, or the end of the list where the item is empty. `None` where it
/// is a line break like any other.
pub fn go_on(text: &str, selection: Selection) -> Option<TextChange> {
    if selection.start != selection.end {
        return None;
    }
    let at = byte_place(text, selection.start);
    let line = line_around(text, at);
    let (marker, taken) = marker_of(&text[line.clone()])?;
    let content = line.start + taken;
    if at < content {
        return None;
    }
    if text[content..line.end].trim().is_empty() {
        return Some(change(text, vec![(line.clone(), String::new())], line.start..line.start));
    }
    let indent = text[line].chars().take_while(|c| *c == ' ').count();
    let next = match marker {
        Marker::Bullet => "- ".to_owned(),
        Marker::Number(number) => format!("{}. ", number + 1),
    };
    let insert = format!("\n{}{next}", " ".repeat(indent));
    let caret = at + insert.len();
    Some(placed(text, vec![(at..at, insert)], caret..caret))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ListKind {
    Bullets,
    Numbers,
}

fn emphasise(text: &str, selected: Range<usize>, emphasis: Emphasis) -> Option<TextChange> {
    let stars = "*".repeat(emphasis.stars());
    if selected.is_empty() && word_around(text, selected.start).is_empty() {
        return Some(empty_marks(text, selected.start, &stars));
    }
    let selected = if selected.is_empty() { word_around(text, selected.start) } else { selected };
    let stretches: Vec<(Range<usize>, Range<usize>)> = lines_in(text, &selected)
        .filter_map(|line| Some((line.clone(), within_line(text, line, &selected)?)))
        .collect();
    // What all of has the mark loses it; else what lacks it gets it.
    let has =
        |(line, stretch): &(Range<usize>, Range<usize>)| around(text, line, stretch, emphasis).is_some();
    let takes_off = !stretches.is_empty() && stretches.iter().all(has);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut ends: Option<Range<usize>> = None;
    for (line, stretch) in stretches.into_iter().filter(|stretch| takes_off || !has(stretch)) {
        let remove = |pair: &Pair, pieces: &mut Vec<Piece>| {
            let (inner, outer) = (pair.inner(), pair.outer());
            pieces.extend([outer.start..inner.start, inner.end..outer.end].map(|mark| (mark, String::new())));
        };
        let mut marked = stretch.clone();
        if takes_off {
            remove(&around(text, &line, &stretch, emphasis)?, &mut pieces);
        } else {
            // Marks of the same kind in it, or across its ends, become part of the new ones.
            for pair in pairs_of(text, &line, emphasis) {
                let outer = pair.outer();
                if outer.start < marked.end && marked.start < outer.end {
                    remove(&pair, &mut pieces);
                    marked = marked.start.min(outer.start)..marked.end.max(outer.end);
                }
            }
            pieces.push((marked.start..marked.start, stars.clone()));
            pieces.push((marked.end..marked.end, stars.clone()));
        }
        let begin = ends.as_ref().map_or(stretch.start, |ends| ends.start);
        ends = Some(begin..stretch.end);
    }
    let ends = ends?;
    Some(change(text, pieces, ends))
}

/// An empty pair of marks with the caret in it; an empty pair around the caret goes again.
fn empty_marks(text: &str, at: usize, stars: &str) -> TextChange {
    let run = |run: usize| run == stars.len();
    let before = text[..at].bytes().rev().take_while(|byte| *byte == b'*').count();
    let behind = text[at..].bytes().take_while(|byte| *byte == b'*').count();
    if run(before) && run(behind) {
        let around = at - stars.len()..at + stars.len();
        let caret = around.start;
        return placed(text, vec![(around, String::new())], caret..caret);
    }
    let caret = at + stars.len();
    placed(text, vec![(at..at, stars.repeat(2))], caret..caret)
}

/// The pair of marks that has all of a stretch: around it, or with its marks selected too.
fn around(text: &str, line: &Range<usize>, stretch: &Range<usize>, emphasis: Emphasis) -> Option<Pair> {
    pairs_of(text, line, emphasis).into_iter().find(|pair| {
        let (inner, outer) = (pair.inner(), pair.outer());
        let is_inside = outer.start <= stretch.start && stretch.end <= outer.end;
        // Not a part of a mark alone.
        is_inside && stretch.start < inner.end && inner.start < stretch.end
    })
}

fn pairs_of(text: &str, line: &Range<usize>, emphasis: Emphasis) -> Vec<Pair> {
    let of_text = |pair: Pair| Pair { open: pair.open + line.start, close: pair.close + line.start, ..pair };
    pairs(&text[line.clone()]).into_iter().filter(|pair| pair.emphasis == emphasis).map(of_text).collect()
}

/// What of a line is selected, without the marker of a list and without blanks at its ends.
fn within_line(text: &str, line: Range<usize>, selected: &Range<usize>) -> Option<Range<usize>> {
    let content = line.start + marker_of(&text[line.clone()]).map_or(0, |(_, taken)| taken);
    let start = selected.start.max(content);
    let end = selected.end.min(line.end);
    let part = text.get(start..end)?;
    let start = start + (part.len() - part.trim_start().len());
    let end = end - (part.len() - part.trim_end().len());
    (start < end).then_some(start..end)
}

fn list(text: &str, selected: Range<usize>, kind: ListKind) -> Option<TextChange> {
    let has_text = |line: &Range<usize>| !text[line.clone()].trim().is_empty();
    let mut lines: Vec<Range<usize>> = lines_in(text, &selected).collect();
    if lines.iter().any(has_text) {
        lines.retain(has_text);
    } else {
        lines.truncate(1);
    }
    let marker = |line: &Range<usize>| marker_of(&text[line.clone()]);
    let is_of_kind = |line: &Range<usize>| {
        matches!(
            (marker(line), kind),
            (Some((Marker::Bullet, _)), ListKind::Bullets)
                | (Some((Marker::Number(_), _)), ListKind::Numbers)
        )
    };
    let takes_off = lines.iter().all(is_of_kind);
    // A list that stands right above is gone on with.
    let above = lines.first().filter(|first| first.start > 0).map(|first| line_around(text, first.start - 1));
    let mut number = match above.as_ref().and_then(marker) {
        Some((Marker::Number(number), _)) => number,
        _ => 0,
    };
    let mut pieces = Vec::new();
    for line in &lines {
        let taken = marker(line).map_or(0, |(_, taken)| taken);
        let indent = text[line.clone()].bytes().take_while(|byte| *byte == b' ').count().min(taken);
        number += 1;
        let insert = match kind {
            _ if takes_off => String::new(),
            ListKind::Bullets => "- ".to_owned(),
            ListKind::Numbers => format!("{number}. "),
        };
        let old = line.start + indent..line.start + taken;
        if text[old.clone()] != insert {
            pieces.push((old, insert));
        }
    }
    (!pieces.is_empty()).then(|| change(text, pieces, selected))
}

/// The line that a place stands in, without its line break.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..end
}

/// The lines that a stretch reaches; one that it ends at the beginning of is not.
fn lines_in<'a>(text: &'a str, stretch: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let last = if stretch.is_empty() { stretch.end } else { stretch.end.max(stretch.start + 1) };
    let mut next = Some(line_around(text, stretch.start));
    std::iter::from_fn(move || {
        let line = next.take()?;
        let begins = line.end + 1;
        next = (begins < last && begins <= text.len()).then(|| line_around(text, begins));
        Some(line)
    })
}

/// The word that a place stands in or beside.
fn word_around(text: &str, at: usize) -> Range<usize> {
    let is_word = |c: &char| c.is_alphanumeric() || *c == '-' || *c == '\'';
    let before: usize = text[..at].chars().rev().take_while(is_word).map(char::len_utf8).sum();
    let behind: usize = text[at..].chars().take_while(is_word).map(char::len_utf8).sum();
    let word = at - before..at + behind;
    // A dash alone is none.
    if text[word.clone()].chars().any(char::is_alphanumeric) { word } else { at..at }
}

/// A change after which the same is selected as before.
fn change(text: &str, pieces: Vec<Piece>, selected: Range<usize>) -> TextChange {
    let place = |byte: usize| units(&text[..byte]);
    let delta = delta_of(text, pieces);
    let is_caret = selected.is_empty();
    let start = delta.carried(place(selected.start), Side::BeforeNext);
    let end =
        if is_caret { start } else { delta.carried(place(selected.end), Side::BehindBefore).max(start) };
    TextChange { delta, selection: Selection { start, end } }
}

/// A change after which these bytes of the new text are selected.
fn placed(text: &str, pieces: Vec<Piece>, selected: Range<usize>) -> TextChange {
    let delta = delta_of(text, pieces);
    let after = delta.apply_to(text);
    let place = |byte: usize| units(&after[..byte]);
    TextChange { delta, selection: Selection { start: place(selected.start), end: place(selected.end) } }
}

fn delta_of(text: &str, mut pieces: Vec<Piece>) -> Delta {
    pieces.sort_by_key(|(stretch, _)| (stretch.start, stretch.end));
    let mut shift = 0_isize;
    let splices: Vec<Splice> = pieces
        .into_iter()
        .map(|(stretch, insert)| {
            let delete = units(&text[stretch.clone()]);
            let at = units(&text[..stretch.start]).saturating_add_signed(shift);
            shift += units(&insert) as isize - delete as isize;
            Splice { at, delete, insert }
        })
        .collect();
    Delta::in_order(&splices).unwrap_or_default()
}

#[cfg(test)]
mod tests;
