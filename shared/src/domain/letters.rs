//! Letters as they are looked for: small, and without their marks.
//!
//! The tables of a library for all of Unicode are a twentieth of the program that crosses the officer's link, and letters of
//! other scripts have no marks that an Indonesian keyboard would leave out: so the Latin ones stand here, and a test compares
//! each with `unicode-normalization`.

/// Each letter without marks, and the small letters that are it with marks.
const LATIN: [(&str, &str); 31] = [
    ("a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ("ae", "æ"),
    ("b", "ḃḅḇ"),
    ("c", "çćĉċčḉ"),
    ("d", "ďḋḍḏḑḓđð"),
    ("e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ("f", "ḟ"),
    ("g", "ĝğġģǧǵḡ"),
    ("h", "ĥȟḣḥḧḩḫẖħ"),
    ("i", "ìíîïĩīĭįǐȉȋḭḯỉịı"),
    ("j", "ĵǰ"),
    ("k", "ķǩḱḳḵ"),
    ("l", "ĺļľḷḹḻḽł"),
    ("m", "ḿṁṃ"),
    ("n", "ñńņňǹṅṇṉṋ"),
    ("o", "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợø"),
    ("oe", "œ"),
    ("p", "ṕṗ"),
    ("r", "ŕŗřȑȓṙṛṝṟ"),
    ("s", "śŝşšșṡṣṥṧṩ"),
    ("ss", "ß"),
    ("t", "ţťțṫṭṯṱẗŧ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
    ("v", "ṽṿ"),
    ("w", "ŵẁẃẅẇẉẘ"),
    ("x", "ẋẍ"),
    ("y", "ýÿŷȳẏẙỳỵỷỹ"),
    ("z", "źżžẑẓẕ"),
    ("ij", "ĳ"),
    ("n", "ŉ"),
];

/// Adds a letter as it is looked for; a mark that stands by itself adds nothing.
pub fn push_plain(text: &mut String, letter: char) {
    // Nearly all of them, in texts that are read whole at each pause in typing.
    if letter.is_ascii() {
        text.push(letter.to_ascii_lowercase());
        return;
    }
    for small in letter.to_lowercase().filter(|small| !is_mark(*small)) {
        match LATIN.iter().find(|(_, marked)| marked.contains(small)) {
            Some((plain, _)) => text.push_str(plain),
            None => text.push(small),
        }
    }
}

/// Whether it is a mark on the letter before it.
pub fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn letters_lose_the_marks_that_the_library_knows_of() {
        let latin = ('\u{c0}'..='\u{24f}').chain('\u{1e00}'..='\u{1eff}').filter(|c| c.is_alphabetic());
        for letter in latin {
            let library: String = letter.to_lowercase().nfd().filter(|c| !is_mark(*c)).collect();
            let mut ours = String::new();
            push_plain(&mut ours, letter);
            if library.is_ascii() {
                assert_eq!(ours, library, "{letter}");
            }
        }
    }

    #[test]
    fn a_mark_of_its_own_is_none_and_other_scripts_stay() {
        let mut text = String::new();
        for letter in "Kyo\u{304}to ÆGIR Straße 東京".chars() {
            push_plain(&mut text, letter);
        }
        assert_eq!(text, "kyoto aegir strasse 東京");
    }
}
