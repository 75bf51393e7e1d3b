use super::*;
use crate::domain::formatted::spans;

/// A text with what is selected between `[` and `]`, or the caret at `|`.
fn read(text: &str) -> (String, Selection) {
    let place = |mark: char| text.find(mark).map(|at| units(&text[..at]));
    let selection = match (place('['), place(']'), place('|')) {
        (Some(start), Some(end), _) => Selection { start, end: end - 1 },
        (_, _, Some(at)) => Selection { start: at, end: at },
        _ => panic!("nothing is selected in {text}"),
    };
    (text.replace(['[', ']', '|'], ""), selection)
}

fn write(text: &str, selection: Selection) -> String {
    let (start, end) = (byte_place(text, selection.start), byte_place(text, selection.end));
    if start == end {
        format!("{}|{}", &text[..start], &text[start..])
    } else {
        format!("{}[{}]{}", &text[..start], &text[start..end], &text[end..])
    }
}

fn done(before: &str, act: impl Fn(&str, Selection) -> Option<TextChange>) -> Option<String> {
    let (text, selection) = read(before);
    let change = act(&text, selection)?;
    Some(write(&change.delta.apply_to(&text), change.selection))
}

#[test]
fn emphasis_goes_around_what_is_selected_and_off_again() {
    use Mark::{Bold, Italic};
    for (before, mark, after) in [
        ("kerja [sister city] ini", Italic, "kerja *[sister city]* ini"),
        ("kerja *[sister city]* ini", Italic, "kerja [sister city] ini"),
        ("kerja [*sister city*] ini", Italic, "kerja [sister city] ini"),
        ("kerja *sister [city]* ini", Italic, "kerja sister [city] ini"),
        ("[sister city ]ini", Bold, "**[sister city]** ini"),
        ("sister ci|ty", Bold, "sister **[city]**"),
        ("sister **ci|ty**", Bold, "sister [city]"),
        ("kata |", Italic, "kata *|*"),
        ("kata *|*", Italic, "kata |"),
        ("|", Bold, "**|**"),
        ("**|**", Bold, "|"),
        ("[**tebal** lalu]", Bold, "**[tebal lalu]**"),
        ("**te[bal** la]lu", Bold, "**te[bal la]**lu"),
        ("**[tebal]**", Italic, "***[tebal]***"),
        ("***[tebal]***", Italic, "**[tebal]**"),
        ("***[tebal]***", Bold, "*[tebal]*"),
        ("[satu\n\ndua]", Bold, "**[satu**\n\n**dua]**"),
        ("**[satu**\n\n**dua]**", Bold, "[satu\n\ndua]"),
        ("[- satu\n- dua]", Italic, "- *[satu*\n- *dua]*"),
        ("Kyō[to 🌸]", Bold, "Kyō**[to 🌸]**"),
    ] {
        let found = done(before, |text, selection| toggle(text, selection, mark));
        assert_eq!(found.as_deref(), Some(after), "{before} {mark:?}");
    }
    assert_eq!(done("satu[ \n ]dua", |text, selection| toggle(text, selection, Bold)), None);
}

#[test]
fn what_was_put_on_is_shown_and_comes_off_to_the_same_text() {
    let text = "Kerja sama sister city ini, *MoU* dan 2 * 3 = 6.";
    for start in 0..text.len() {
        for end in start + 1..=text.len() {
            for mark in [Mark::Bold, Mark::Italic] {
                let selection = Selection { start, end };
                let Some(on) = toggle(text, selection, mark) else { continue };
                let marked = on.delta.apply_to(text);
                let plain =
                    |text: &str| -> String { spans(text).into_iter().map(|span| span.text).collect() };
                if selection_touches_star(text, start, end) {
                    continue;
                }
                assert_eq!(plain(&marked), plain(text), "{start}..{end} {mark:?}: {marked}");
                let off = toggle(&marked, on.selection, mark).expect("it comes off");
                assert_eq!(off.delta.apply_to(&marked), text, "{start}..{end} {mark:?}");
            }
        }
    }
}

/// Marks beside and inside marks that stand there already have tables of their own above.
fn selection_touches_star(text: &str, start: usize, end: usize) -> bool {
    let is_inside = text[..start].contains(" *M") && text[end..].starts_with("U*");
    is_inside || text[start.saturating_sub(1)..(end + 1).min(text.len())].contains('*')
}

#[test]
fn lists_are_put_on_changed_and_taken_off() {
    use Mark::{Bullets, Numbers};
    for (before, mark, after) in [
        ("sa|tu", Bullets, "- sa|tu"),
        ("- sa|tu", Bullets, "sa|tu"),
        ("[satu\ndua]", Numbers, "1. [satu\n2. dua]"),
        ("1. [satu\n2. dua]", Numbers, "[satu\ndua]"),
        ("1. [satu\n2. dua]", Bullets, "- [satu\n- dua]"),
        ("[satu\n\ndua\n]tiga", Bullets, "- [satu\n\n- dua\n]tiga"),
        ("1. satu\n[dua\ntiga]", Numbers, "1. satu\n2. [dua\n3. tiga]"),
        ("|", Bullets, "- |"),
        ("- |", Bullets, "|"),
        ("[- satu\ndua]", Bullets, "[- satu\n- dua]"),
    ] {
        let found = done(before, |text, selection| toggle(text, selection, mark));
        assert_eq!(found.as_deref(), Some(after), "{before} {mark:?}");
    }
}

#[test]
fn enter_goes_on_with_a_list_and_ends_it_on_an_empty_item() {
    for (before, after) in [
        ("- satu|", Some("- satu\n- |")),
        ("1. satu|", Some("1. satu\n2. |")),
        ("9. sem|bilan", Some("9. sem\n10. |bilan")),
        ("  - satu|", Some("  - satu\n  - |")),
        ("- satu\n- |", Some("- satu\n|")),
        ("1. satu\n2. |\n\nlain", Some("1. satu\n|\n\nlain")),
        ("bukan daftar|", None),
        ("-| satu", None),
        ("- [satu]", None),
        ("2019. Tahun|", None),
        ("-satu|", None),
    ] {
        assert_eq!(done(before, go_on).as_deref(), after, "{before}");
    }
}

#[test]
fn words_between_the_marks_are_not_touched() {
    let (text, selection) = read("[satu\ndua\ntiga]");
    let change = toggle(&text, selection, Mark::Bullets).unwrap();
    let splices = change.delta.splices();
    assert_eq!(splices.len(), 3);
    assert!(splices.iter().all(|splice| splice.delete == 0 && splice.insert == "- "));
}
