//! What two texts have in common, in the same order: whole paragraphs first, then words between them.

use crate::ordered::OrderedMap;

/// Comparisons that one stretch between common pieces is worth.
const COMPARISONS: usize = 1 << 20;
/// How often a stretch that is too long for that is divided at what both have once.
const DIVISIONS: usize = 16;

/// A stretch of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch<'a> {
    /// Both have it.
    Both(&'a str),
    /// They differ in it; it begins and ends between words.
    Changed {
        /// What the old text says.
        old: &'a str,
        /// What the new one says instead.
        new: &'a str,
    },
}

/// Two texts in stretches, from their beginning to their end.
pub(super) fn stretches<'a>(old: &'a str, new: &'a str) -> Vec<Stretch<'a>> {
    let mut found = Vec::new();
    for stretch in aligned(old, new, paragraphs) {
        let Stretch::Changed { old, new } = stretch else {
            found.push(stretch);
            continue;
        };
        for stretch in aligned(old, new, words) {
            match stretch {
                Stretch::Both(_) => found.push(stretch),
                Stretch::Changed { old, new } => found.extend(narrowed(old, new)),
            }
        }
    }
    found.retain(|stretch| *stretch != Stretch::Both(""));
    found
}

/// Two texts in stretches, by the pieces into which each is divided.
fn aligned<'a>(old: &'a str, new: &'a str, divide: fn(&str) -> Vec<&str>) -> Vec<Stretch<'a>> {
    let (olds, news) = (divide(old), divide(new));
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    let (mut old_at, mut new_at) = (0, 0);
    let length = |pieces: &[&str]| pieces.iter().map(|piece| piece.len()).sum::<usize>();
    let ends = [(olds.len(), news.len())];
    for (from, to) in common(&olds, &news, DIVISIONS).into_iter().chain(ends) {
        let (old_end, new_end) = (old_at + length(&olds[i..from]), new_at + length(&news[j..to]));
        if (old_at, new_at) != (old_end, new_end) {
            found.push(Stretch::Changed { old: &old[old_at..old_end], new: &new[new_at..new_end] });
        }
        let both = olds.get(from).map_or(0, |piece| piece.len());
        found.push(Stretch::Both(&old[old_end..old_end + both]));
        (i, j) = (from + 1, to + 1);
        (old_at, new_at) = (old_end + both, new_end + both);
    }
    found
}

/// A stretch that differs without what both say at its ends, so that the dot and the paragraph's end behind a word that
/// was replaced stay, and with them what others write there.
fn narrowed<'a>(old: &'a str, new: &'a str) -> [Stretch<'a>; 3] {
    let same = |(a, b): &((usize, char), char)| a.1 == *b;
    let ends = |(at, letter): (usize, char)| at + letter.len_utf8();
    let shared = old.char_indices().zip(new.chars()).take_while(same).map(|(a, _)| ends(a));
    let is_between = |at: &usize| !is_within_word(old, *at) && !is_within_word(new, *at);
    let begin = shared.filter(is_between).last().unwrap_or(0);
    let (old_rest, new_rest) = (&old[begin..], &new[begin..]);
    let shared = old_rest.char_indices().rev().zip(new_rest.chars().rev()).take_while(same);
    let end = shared
        .map(|(a, _)| old_rest.len() - a.0)
        .filter(|end| {
            !is_within_word(old_rest, old_rest.len() - end) && !is_within_word(new_rest, new_rest.len() - end)
        })
        .last()
        .unwrap_or(0);
    [
        Stretch::Both(&old[..begin]),
        Stretch::Changed { old: &old_rest[..old_rest.len() - end], new: &new_rest[..new_rest.len() - end] },
        Stretch::Both(&old_rest[old_rest.len() - end..]),
    ]
}

fn is_within_word(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let behind = text[at..].chars().next();
    before.is_some_and(char::is_alphanumeric) && behind.is_some_and(char::is_alphanumeric)
}

/// A text in paragraphs, each with the line ends behind it.
pub(super) fn paragraphs(text: &str) -> Vec<&str> {
    divided(text, |before, character| before == '\n' && character != '\n')
}

/// A text in words, each with what stands behind it up to the next or to the end of the line. Line ends stand by themselves,
/// so that one which both texts have stays, and what others write before it with it.
pub(super) fn words(text: &str) -> Vec<&str> {
    divided(text, |before, character| {
        let begins_word = !before.is_alphanumeric() && character.is_alphanumeric();
        begins_word || (before == '\n') != (character == '\n')
    })
}

/// A text divided where one piece ends and the next begins, as is told of two characters that stand side by side.
fn divided(text: &str, is_between: fn(char, char) -> bool) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut before) = (0, None);
    for (place, character) in text.char_indices() {
        if before.is_some_and(|before| is_between(before, character)) {
            pieces.push(&text[from..place]);
            from = place;
        }
        before = Some(character);
    }
    pieces.push(&text[from..]);
    pieces
}

/// The places of a long run of pieces that both have in the same order; none of a stretch where that is too much to ask.
fn common(old: &[&str], new: &[&str], divisions: usize) -> Vec<(usize, usize)> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (olds, news) = (&old[prefix..], &new[prefix..]);
    let suffix = olds.iter().rev().zip(news.iter().rev()).take_while(|(a, b)| a == b).count();
    let (olds, news) = (&olds[..olds.len() - suffix], &news[..news.len() - suffix]);
    let mut places: Vec<(usize, usize)> = (0..prefix).map(|place| (place, place)).collect();
    let between = if olds.len().saturating_mul(news.len()) <= COMPARISONS {
        longest_common(olds, news)
    } else if divisions > 0 {
        divided_common(olds, news, divisions - 1)
    } else {
        Vec::new()
    };
    places.extend(between.into_iter().map(|(i, j)| (i + prefix, j + prefix)));
    places.extend((0..suffix).rev().map(|place| (old.len() - 1 - place, new.len() - 1 - place)));
    places
}

/// The same of a long stretch, between the pieces that each has once.
fn divided_common(old: &[&str], new: &[&str], divisions: usize) -> Vec<(usize, usize)> {
    let new_places = once(new);
    let mut pairs: Vec<(usize, usize)> =
        once(old).iter().filter_map(|(piece, place)| Some(((*place)?, (*new_places.get(piece)?)?))).collect();
    pairs.sort_unstable();
    let run = longest_run(&pairs.iter().map(|(_, place)| *place).collect::<Vec<_>>());
    if run.is_empty() {
        return Vec::new();
    }
    let mut places = Vec::new();
    let (mut i, mut j) = (0, 0);
    let ends = [(old.len(), new.len())];
    for (from, to) in run.into_iter().map(|index| pairs[index]).chain(ends) {
        let between = common(&old[i..from], &new[j..to], divisions);
        places.extend(between.into_iter().map(|(a, b)| (a + i, b + j)));
        if from < old.len() {
            places.push((from, to));
        }
        (i, j) = (from + 1, to + 1);
    }
    places
}

/// Where each piece stands; no place for one that stands more than once.
fn once<'a>(pieces: &[&'a str]) -> OrderedMap<&'a str, Option<usize>> {
    let mut places: OrderedMap<&str, Option<usize>> = OrderedMap::new();
    for (place, piece) in pieces.iter().enumerate() {
        let is_first = !places.contains_key(piece);
        places.insert(*piece, is_first.then_some(place));
    }
    places
}

/// The places of a longest run of pieces that both have in the same order.
fn longest_common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    // How long such a run is behind each pair of places.
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = if old[i] == new[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut places) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            places.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    places
}

/// Which of these numbers, each there once, make a longest run that rises.
pub(super) fn longest_run(numbers: &[usize]) -> Vec<usize> {
    // By patience: for each length the run that ends lowest.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::new();
    for (index, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut run: Vec<usize> = std::iter::successors(ends.last().copied(), |index| previous[*index]).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn changed<'a>(old: &'a str, new: &'a str) -> Vec<(&'a str, &'a str)> {
        let changed = |stretch| match stretch {
            Stretch::Changed { old, new } => Some((old, new)),
            Stretch::Both(_) => None,
        };
        stretches(old, new).into_iter().filter_map(changed).collect()
    }

    #[test]
    fn words_are_replaced_and_what_stands_between_them_stays() {
        for (old, new, wanted) in [
            ("Rapat di Bogor.\n\nSelesai.", "Rapat di Bandung.\n\nSelesai.", vec![("Bogor", "Bandung")]),
            ("Satu.\n\nTiga.", "Satu.\n\nDua.\n\nTiga.", vec![("", "Dua.\n\n")]),
            ("Satu.\n\nDua.", "Satu.", vec![("\n\nDua.", "")]),
            ("Satu.", "Satu. Dua.", vec![("", " Dua.")]),
            (
                "Awal lain.\n\nSatu. Dua\n\nTiada lagi.",
                "Awal.\n\nSatu.\n\nHabis.",
                vec![(" lain", ""), (" Dua", ""), ("Tiada lagi", "Habis")],
            ),
            ("Rapat dibuka.", "Rapat ditutup.", vec![("dibuka", "ditutup")]),
            ("sama", "sama", vec![]),
            ("", "baru", vec![("", "baru")]),
            ("61 orang", "6 orang", vec![("61", "6")]),
        ] {
            assert_eq!(changed(old, new), wanted, "{old:?} and {new:?}");
        }
    }

    #[test]
    fn long_texts_are_compared_by_the_word_also_within_one_paragraph() {
        let text = |changed: &[usize]| -> String {
            let word =
                |number| if changed.contains(&number) { "lain ".into() } else { format!("kata{number} ") };
            (0..20_000).map(word).collect()
        };
        let (old, new) = (text(&[]), text(&[3, 9_000, 19_990]));
        let wanted = [("kata3", "lain"), ("kata9000", "lain"), ("kata19990", "lain")];
        assert_eq!(changed(&old, &new), wanted);
    }

    #[test]
    fn texts_with_nothing_in_common_are_not_compared_for_ever() {
        let words = |word: &str| format!("{word} ").repeat(60_000);
        assert_eq!(changed(&words("a"), &words("b")).len(), 1);
        // Nothing stands once, and beginning and end differ.
        let (old, new) = (format!("x {}", words("a b")), format!("{}y", words("b a")));
        let delta = stretches(&old, &new);
        assert!(delta.len() < 10, "{}", delta.len());
    }

    proptest! {
        #[test]
        fn stretches_make_up_both_texts(old in "[ab👍é .\n]{0,24}", new in "[ab👍é .\n]{0,24}") {
            let (mut olds, mut news) = (String::new(), String::new());
            for stretch in stretches(&old, &new) {
                let (old, new) = match stretch {
                    Stretch::Both(both) => (both, both),
                    Stretch::Changed { old, new } => (old, new),
                };
                olds.push_str(old);
                news.push_str(new);
            }
            prop_assert_eq!((olds, news), (old, new));
        }
    }
}
