//! Looking for words in the cells of a grid: the browser's own search does not know of lines that are not drawn.

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    words: String,
    /// Its digits, where it is an amount or another number.
    digits: String,
}

impl Query {
    /// A query; `None` where nothing is asked.
    pub fn new(text: &str) -> Option<Self> {
        let words = folded(text.trim());
        let is_number = words.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '));
        let digits = if is_number { digits(&words) } else { String::new() };
        (!words.is_empty()).then_some(Self { words, digits })
    }

    /// Whether a cell says so, in a part of a word too. An amount is found with and without its points.
    pub fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.words) || (self.digits.len() > 2 && digits(text).contains(&self.digits))
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The place after the one that was found last, or before it, round the end; `None` where there are none.
pub fn next(found: &[usize], from: Option<usize>, forwards: Forwards) -> Option<usize> {
    let first = found.first().copied();
    let last = found.last().copied();
    match (from, forwards) {
        (None, Forwards::Yes) => first,
        (None, Forwards::No) => last,
        (Some(from), Forwards::Yes) => found.iter().copied().find(|place| *place > from).or(first),
        (Some(from), Forwards::No) => found.iter().copied().rev().find(|place| *place < from).or(last),
    }
}

/// In which direction one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwards {
    /// To the end.
    Yes,
    /// To the beginning.
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_parts_and_amounts_with_and_without_points() {
        for (query, text, is_found) in [
            ("karya", "Lokakarya", true),
            ("RAPAT", "rapat kerja", true),
            ("rapat kerja", "Rapat kerja tahunan", true),
            ("rapat tahunan", "Rapat kerja tahunan", false),
            ("1.987.000", "1.987.000", true),
            ("1987000", "1.987.000", true),
            ("987", "1.987.000", true),
            ("7.0", "Nomor 17/09", false),
            ("12", "1 dari 2", false),
        ] {
            assert_eq!(Query::new(query).unwrap().is_in(text), is_found, "{query} in {text}");
        }
        assert_eq!(Query::new("  "), None);
    }

    #[test]
    fn looking_goes_round_the_end() {
        let found = [2, 5, 9];
        let go = |from, forwards| next(&found, from, forwards);
        assert_eq!((go(None, Forwards::Yes), go(None, Forwards::No)), (Some(2), Some(9)));
        assert_eq!((go(Some(2), Forwards::Yes), go(Some(9), Forwards::Yes)), (Some(5), Some(2)));
        assert_eq!((go(Some(5), Forwards::No), go(Some(2), Forwards::No)), (Some(2), Some(9)));
        assert_eq!((go(Some(4), Forwards::Yes), next(&[], Some(4), Forwards::Yes)), (Some(5), None));
    }
}
