//! How a text field and a text that others write meet. Pure: no browser. Places count UTF-16 units.

use shared::model::text::{Splice, difference, units};

/// Where a place of the old text stands in the new one. A place inside a stretch that went stands where
/// the stretch stood.
pub fn carried(place: usize, old: &str, new: &str) -> usize {
    let Some(splice) = difference(old, new) else { return place };
    let end = splice.at + splice.delete;
    if place <= splice.at {
        place
    } else if place >= end {
        place - splice.delete + units(&splice.insert)
    } else {
        splice.at
    }
}

/// What the person did in the field, as a splice of the text as it stands in the record. `shown` is what
/// the field held before, `typed` what it holds now, `current` what the record holds: others may have
/// written meanwhile, and their words must stay.
pub fn own_splice(shown: &str, typed: &str, current: &str) -> Option<Splice> {
    let splice = difference(shown, typed)?;
    let at = carried(splice.at, shown, current);
    let end = carried(splice.at + splice.delete, shown, current);
    Some(Splice { at, delete: end.saturating_sub(at), insert: splice.insert })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_moves_with_words_that_others_write_before_it() {
        assert_eq!(carried(9, "Hasil dua", "Satu. Hasil dua"), 15);
        assert_eq!(carried(3, "Hasil dua", "Hasil dua tiga"), 3);
        assert_eq!(carried(7, "Hasil dua", "Hasil"), 5);
    }

    #[test]
    fn typing_keeps_what_others_wrote_meanwhile() {
        // The field still shows "Rapat", others have made it "Rapat di Kyoto", the person types "Rapat ke-2".
        let splice = own_splice("Rapat", "Rapat ke-2", "Rapat di Kyoto").expect("something was typed");
        assert_eq!(splice, Splice { at: 5, delete: 0, insert: " ke-2".into() });
        let splice = own_splice("Rapat", "Rpat", "Hasil Rapat").expect("something was typed");
        assert_eq!(splice, Splice { at: 7, delete: 1, insert: String::new() });
    }

    #[test]
    fn places_count_utf_16_units() {
        assert_eq!(difference("a😀b", "a😀cb"), Some(Splice { at: 3, delete: 0, insert: "c".into() }));
    }

    #[test]
    fn nothing_typed_is_no_splice() {
        assert_eq!(own_splice("sama", "sama", "lain"), None);
    }
}
