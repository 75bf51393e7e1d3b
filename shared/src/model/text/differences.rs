//! The stretches in which two texts differ, by the fewest words that come or go.
//!
//! After E. W. Myers, An O(ND) Difference Algorithm and Its Variations, Algorithmica 1 (1986), over words, each with the
//! blanks behind it. Within the words that differ only what differs counts.

use super::{Splice, difference, units};

/// Words that may come and go before the two texts count as one stretch that differs. It bounds time and memory: some
/// 40,000 steps beside the reading of the texts.
const MOST_WORDS: usize = 200;

/// What leads from one text to the other, from the beginning on, to be carried out one after the other.
pub fn differences(old: &str, new: &str) -> Vec<Splice> {
    let (old_words, new_words) = (words(old), words(new));
    let Some(kept) = kept_words(&old_words, &new_words) else {
        return difference(old, new).into_iter().collect();
    };
    let mut splices = Vec::new();
    let mut at = 0;
    let (mut old_from, mut new_from) = (0, 0);
    // Behind the last words that both have, what is left of each.
    for (old_place, new_place) in kept.into_iter().chain([(old_words.len(), new_words.len())]) {
        let goes = old_words[old_from..old_place].concat();
        let comes = new_words[new_from..new_place].concat();
        if let Some(splice) = difference(&goes, &comes) {
            splices.push(Splice { at: at + splice.at, ..splice });
        }
        at += units(&comes) + new_words.get(new_place).map_or(0, |word| units(word));
        (old_from, new_from) = (old_place + 1, new_place + 1);
    }
    splices
}

fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

/// Where each word that stays is in the old text and in the new one; `None` where too many come and go.
fn kept_words(old: &[&str], new: &[&str]) -> Option<Vec<(usize, usize)>> {
    let most = MOST_WORDS.min(old.len() + new.len());
    let mut reached = Reached::new(most);
    // As it was before each count of words that come and go.
    let mut before = Vec::new();
    for count in 0..=most as isize {
        before.push(reached.clone());
        for diagonal in (-count..=count).step_by(2) {
            let (mut place, _) = reached.begin(diagonal, count);
            let word = |place: isize| Some((at(old, place)?, at(new, place - diagonal)?));
            while word(place).is_some_and(|(old, new)| old == new) {
                place += 1;
            }
            reached.set(diagonal, place);
            if place >= old.len() as isize && place - diagonal >= new.len() as isize {
                return Some(traced_back(&before, old.len(), new.len()));
            }
        }
    }
    None
}

fn at<'a>(words: &[&'a str], place: isize) -> Option<&'a str> {
    words.get(usize::try_from(place).ok()?).copied()
}

/// The way that led to the ends of both texts, from there back to the beginning: the words on it that stay.
fn traced_back(before: &[Reached], old_end: usize, new_end: usize) -> Vec<(usize, usize)> {
    let (mut old, mut new) = (old_end as isize, new_end as isize);
    let mut kept = Vec::new();
    for (count, reached) in before.iter().enumerate().rev() {
        let (begin, has_come) = reached.begin(old - new, count as isize);
        while old > begin {
            (old, new) = (old - 1, new - 1);
            kept.push((old as usize, new as usize));
        }
        if has_come {
            new -= 1;
        } else {
            old -= 1;
        }
    }
    kept.reverse();
    kept
}

/// How far into the old text one gets on each diagonal: words gone minus words come.
#[derive(Clone)]
struct Reached {
    places: Vec<isize>,
    middle: isize,
}

impl Reached {
    fn new(most: usize) -> Self {
        Self { places: vec![0; 2 * most + 3], middle: most as isize + 1 }
    }

    fn get(&self, diagonal: isize) -> isize {
        self.places[(self.middle + diagonal) as usize]
    }

    fn set(&mut self, diagonal: isize, place: isize) {
        self.places[(self.middle + diagonal) as usize] = place;
    }

    /// Where one begins on a diagonal with so many words come and gone, and whether the last of them came.
    fn begin(&self, diagonal: isize, count: isize) -> (isize, bool) {
        let (by_going, by_coming) = (self.get(diagonal - 1) + 1, self.get(diagonal + 1));
        if count == 0 {
            (0, false)
        } else if diagonal == -count || (diagonal != count && by_going <= by_coming) {
            (by_coming, true)
        } else {
            (by_going, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::text::apply;

    fn splice(at: usize, delete: usize, insert: &str) -> Splice {
        Splice { at, delete, insert: insert.to_owned() }
    }

    #[test]
    fn words_far_apart_are_stretches_of_their_own() {
        let old = "Nota kesepahaman ditandatangani di Bandung pada Mei 2019.";
        let new = "Nota kesepahaman itu ditandatangani di Kota Bandung pada Mei 2020.";
        assert_eq!(
            differences(old, new),
            [splice(17, 0, "itu "), splice(39, 0, "Kota "), splice(63, 2, "20")]
        );
    }

    #[test]
    fn only_what_differs_within_a_word_counts() {
        assert_eq!(differences("satu kotra tiga", "satu kota tiga"), [splice(8, 1, "")]);
        assert_eq!(differences("👍 satu", "👍 dua satu"), [splice(3, 0, "dua ")]);
    }

    #[test]
    fn texts_that_have_little_in_common_are_one_stretch() {
        let old: String = (0..300).map(|number| format!("{number} ")).collect();
        let new: String = (0..300).map(|number| format!("{} ", number + 1000)).collect();
        assert_eq!(differences(&old, &new).len(), 1);
        assert_eq!(differences("", "satu dua"), [splice(0, 0, "satu dua")]);
        assert_eq!(differences("satu dua", ""), [splice(0, 8, "")]);
        assert_eq!(differences("sama", "sama"), []);
    }

    proptest! {
        #[test]
        fn differences_lead_from_one_text_to_the_other(old in "[abc \n👍]{0,40}", new in "[abc \n👍]{0,40}") {
            let reached =
                differences(&old, &new).iter().fold(old, |text, splice| apply(&text, splice));
            prop_assert_eq!(reached, new);
        }

        #[test]
        fn no_more_words_come_and_go_than_were_written(
            words in proptest::collection::vec("[a-d]{1,3}", 1..60), added in "[x-z]{1,4}", place in any::<prop::sample::Index>(),
        ) {
            let old: String = words.iter().map(|word| format!("{word} ")).collect();
            let mut more = words.clone();
            more.insert(place.index(words.len()), added.clone());
            let new: String = more.iter().map(|word| format!("{word} ")).collect();
            let found = differences(&old, &new);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!((found[0].delete, found[0].insert.len()), (0, added.len() + 1));
        }
    }
}
