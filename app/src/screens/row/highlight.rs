//! Marks the words that were searched for. Search finds words by their beginning; so does the mark.

use leptos::prelude::*;
use shared::model::summary::words_of;

/// A piece of a text: marked or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Plain(String),
    /// The beginning of a word that was searched for.
    Found(String),
}

/// Cuts a text where words begin as the query's words do.
pub fn pieces(text: &str, query: &str) -> Vec<Piece> {
    let wanted = words_of(query);
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_word = rest.chars().next().is_some_and(char::is_alphanumeric);
        let end = rest.find(|c: char| c.is_alphanumeric() != is_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        let found = is_word.then(|| wanted.iter().filter_map(|word| beginning(run, word)).max()).flatten();
        match found {
            Some(length) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Found(run[..length].to_owned()));
                plain.push_str(&run[length..]);
            }
            None => plain.push_str(run),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    pieces
}

/// How many bytes of `run` the lower-case word covers, where `run` begins with it.
fn beginning(run: &str, word: &str) -> Option<usize> {
    let mut wanted = word.chars();
    let mut next = wanted.next();
    for (place, character) in run.char_indices() {
        if next.is_none() {
            return Some(place);
        }
        for lower in character.to_lowercase() {
            if next != Some(lower) {
                return None;
            }
            next = wanted.next();
        }
    }
    next.is_none().then_some(run.len())
}

/// A text with the searched words marked.
#[component]
pub fn Highlighted(
    /// The text.
    text: String,
    /// What was searched for; empty: nothing is marked.
    query: String,
) -> impl IntoView {
    pieces(&text, &query)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.into_any(),
            Piece::Found(text) => view! { <mark>{text}</mark> }.into_any(),
        })
        .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginnings_of_words_are_marked() {
        let plain = |text: &str| Piece::Plain(text.to_owned());
        let found = |text: &str| Piece::Found(text.to_owned());
        assert_eq!(
            pieces("Surat dari Kyoto, Ky.", "ky surat"),
            [found("Surat"), plain(" dari "), found("Ky"), plain("oto, "), found("Ky"), plain(".")]
        );
        assert_eq!(pieces("Bekerja", "kerja"), [plain("Bekerja")]);
        assert_eq!(pieces("", "x"), []);
        assert_eq!(pieces("Évian-les", "évi"), [found("Évi"), plain("an-les")]);
    }
}
