//! Stretches of text, counted in UTF-16 units as browsers do.

/// What replaces a stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Where it begins, in UTF-16 units.
    pub at: usize,
    /// How many units go.
    pub delete: usize,
    /// What comes.
    pub insert: String,
}

/// How many UTF-16 units a text has.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A stretch of a text by UTF-16 units. A character that lies across a border belongs to the stretch that
/// it begins in.
pub fn stretch(text: &str, at: usize, length: usize) -> &str {
    let from = byte_place(text, at);
    &text[from..from + byte_place(&text[from..], length)]
}

/// The byte where a UTF-16 place stands; the end of the text where it lies behind it.
fn byte_place(text: &str, at: usize) -> usize {
    let mut passed = 0;
    for (byte, character) in text.char_indices() {
        if passed >= at {
            return byte;
        }
        passed += character.len_utf16();
    }
    text.len()
}

/// The one stretch in which two texts differ, and what comes instead; `None` where they are equal. It
/// begins and ends between whole characters.
pub fn difference(old: &str, new: &str) -> Option<Splice> {
    if old == new {
        return None;
    }
    let prefix: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    Some(Splice {
        at: units(&old[..prefix]),
        delete: units(&old_rest[..old_rest.len() - suffix]),
        insert: new_rest[..new_rest.len() - suffix].to_owned(),
    })
}

/// The text after a splice.
pub fn apply(text: &str, splice: &Splice) -> String {
    let from = byte_place(text, splice.at);
    let to = from + byte_place(&text[from..], splice.delete);
    [&text[..from], &splice.insert, &text[to..]].concat()
}
