//! Graphemes for Automerge, each a character, under the name of `unicode-segmentation`.
//!
//! Automerge counts a text in graphemes where a program chooses so, and compares two texts by them in `update_text`. Simpul
//! counts UTF-16 units, as browsers do, and splices; so that library's tables and state machine are 6 kB of the first
//! visit that no path reaches, and Automerge has no switch to leave them out. The workspace puts this crate in their place
//! (`[patch.crates-io]`). Beside Automerge only macros ask for it, to change the case of Rust's names.
//!
//! `places_in_text_are_utf16_units_and_no_character_is_split` in `shared/tests/model.rs` fails where Automerge counts
//! characters in our documents.

/// What the original offers on texts.
pub trait UnicodeSegmentation {
    /// The text's characters, in order, as texts; the original takes together what a reader sees as one.
    fn graphemes(&self, is_extended: bool) -> Graphemes<'_>;

    /// The same, each with the byte at which it begins.
    fn grapheme_indices(&self, is_extended: bool) -> impl Iterator<Item = (usize, &str)>;
}

impl UnicodeSegmentation for str {
    fn graphemes(&self, _is_extended: bool) -> Graphemes<'_> {
        Graphemes { rest: self }
    }

    fn grapheme_indices(&self, is_extended: bool) -> impl Iterator<Item = (usize, &str)> {
        self.char_indices().map(|(at, _)| at).zip(self.graphemes(is_extended))
    }
}

/// An iterator over the characters of a text.
#[derive(Clone, Debug)]
pub struct Graphemes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Graphemes<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.rest.chars().next()?;
        let (grapheme, rest) = self.rest.split_at(first.len_utf8());
        self.rest = rest;
        Some(grapheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_comes_by_itself_and_none_is_lost() {
        let of = |text: &'static str| text.graphemes(true).collect::<Vec<_>>();
        assert_eq!(of(""), Vec::<&str>::new());
        assert_eq!(of("aé👍"), ["a", "é", "👍"]);
        assert_eq!(of("e\u{301}"), ["e", "\u{301}"]);
        assert_eq!("é👍b".grapheme_indices(true).collect::<Vec<_>>(), [(0, "é"), (2, "👍"), (6, "b")]);
    }
}
