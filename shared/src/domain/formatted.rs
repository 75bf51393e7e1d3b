//! The light marks in a plain text, as the page shows them: `*italic*`, `**bold**`, lists of `-` and `1.`.
//!
//! The text stays what was typed; a mark that opens or closes nothing is a character like any other.

use std::ops::Range;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Lines that belong together; a line break stays.
    Paragraph(Vec<Vec<Span>>),
    /// Items with a dash before them.
    Bullets(Vec<Vec<Vec<Span>>>),
    /// Items with the number that was typed before each.
    Numbered(Vec<(u32, Vec<Vec<Span>>)>),
}

/// A stretch of a line with its looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The text without marks.
    pub text: String,
    /// Its looks.
    pub look: Look,
}

/// How a stretch looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// As the rest.
    #[default]
    Plain,
    /// Italic.
    Italic,
    /// Bold.
    Bold,
    /// Both.
    BoldItalic,
}

/// What a pair of marks makes of the text between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Emphasis {
    /// `*`.
    Italic,
    /// `**`.
    Bold,
}

/// Two marks and what stands between them; places are bytes of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) emphasis: Emphasis,
    /// Where the opening mark begins.
    pub(crate) open: usize,
    /// Where the closing mark begins.
    pub(crate) close: usize,
}

impl Emphasis {
    /// How many stars it has.
    pub(crate) fn stars(self) -> usize {
        match self {
            Self::Italic => 1,
            Self::Bold => 2,
        }
    }
}

impl Pair {
    pub(crate) fn inner(&self) -> Range<usize> {
        self.open + self.emphasis.stars()..self.close
    }

    pub(crate) fn outer(&self) -> Range<usize> {
        self.open..self.close + self.emphasis.stars()
    }
}

/// What begins an item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Bullet,
    Number(u32),
}

/// The marker at the beginning of a line, and how many bytes it takes with the blanks around it.
pub(crate) fn marker_of(line: &str) -> Option<(Marker, usize)> {
    let begin = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[begin..];
    if rest.starts_with("- ") {
        return Some((Marker::Bullet, begin + 2));
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let is_marker = (1..=3).contains(&digits) && rest[digits..].starts_with(". ");
    is_marker.then(|| Some((Marker::Number(rest[..digits].parse().ok()?), begin + digits + 2)))?
}

/// The stretches of a text that are marks, in order; the page shows what they mean in their place. Places are bytes.
pub fn marks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut begin = 0;
    for line in text.split('\n') {
        let taken = marker_of(line).map_or(0, |(_, taken)| taken);
        let content = begin + taken;
        let stars = pairs(&line[taken..]).into_iter().flat_map(|pair| {
            let (inner, outer) = (pair.inner(), pair.outer());
            [outer.start..inner.start, inner.end..outer.end]
        });
        let mut of_line: Vec<Range<usize>> =
            stars.map(|mark| content + mark.start..content + mark.end).collect();
        of_line.extend((taken > 0).then_some(begin..content));
        of_line.sort_by_key(|mark| mark.start);
        found.extend(of_line);
        begin += line.len() + 1;
    }
    found
}

/// A text without the stars that are marks, for where it stands as plain words. What begins an item of a list stays.
pub fn without_stars(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = 0;
    for mark in marks(text).into_iter().filter(|mark| text[mark.clone()].starts_with('*')) {
        plain.push_str(&text[rest..mark.start]);
        rest = mark.end;
    }
    plain + &text[rest..]
}

/// A text in blocks. An empty line parts them.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_parted = true;
    for line in text.lines() {
        if line.trim().is_empty() {
            is_parted = true;
            continue;
        }
        let last = blocks.last_mut().filter(|_| !is_parted);
        is_parted = false;
        match (marker_of(line), last) {
            (Some((Marker::Bullet, taken)), Some(Block::Bullets(items))) => {
                items.push(vec![spans(&line[taken..])])
            }
            (Some((Marker::Number(number), taken)), Some(Block::Numbered(items))) => {
                items.push((number, vec![spans(&line[taken..])]));
            }
            (Some((Marker::Bullet, taken)), _) => {
                blocks.push(Block::Bullets(vec![vec![spans(&line[taken..])]]))
            }
            (Some((Marker::Number(number), taken)), _) => {
                blocks.push(Block::Numbered(vec![(number, vec![spans(&line[taken..])])]));
            }
            // Without a marker it goes on with what stands before it.
            (None, Some(Block::Bullets(items))) => {
                items.last_mut().into_iter().for_each(|item| item.push(spans(line)))
            }
            (None, Some(Block::Numbered(items))) => {
                items.last_mut().into_iter().for_each(|(_, item)| item.push(spans(line)));
            }
            (None, Some(Block::Paragraph(lines))) => lines.push(spans(line)),
            (None, None) => blocks.push(Block::Paragraph(vec![spans(line)])),
        }
    }
    blocks
}

/// A line in stretches of one look each.
pub fn spans(line: &str) -> Vec<Span> {
    let pairs = pairs(line);
    let is_mark = |at: usize| {
        let of = |pair: &Pair| {
            let (inner, outer) = (pair.inner(), pair.outer());
            outer.contains(&at) && !inner.contains(&at)
        };
        pairs.iter().any(of)
    };
    let look = |at: usize| {
        let within =
            |emphasis| pairs.iter().any(|pair| pair.emphasis == emphasis && pair.inner().contains(&at));
        match (within(Emphasis::Bold), within(Emphasis::Italic)) {
            (true, true) => Look::BoldItalic,
            (true, false) => Look::Bold,
            (false, true) => Look::Italic,
            (false, false) => Look::Plain,
        }
    };
    if pairs.is_empty() {
        return vec![Span { text: line.to_owned(), look: Look::Plain }];
    }
    let mut spans: Vec<Span> = Vec::new();
    for (at, character) in line.char_indices().filter(|(at, _)| !is_mark(*at)) {
        let look = look(at);
        match spans.last_mut().filter(|last| last.look == look) {
            Some(last) => last.text.push(character),
            None => spans.push(Span { text: character.to_string(), look }),
        }
    }
    spans
}

/// The pairs of marks of a line, an outer one before those in it.
pub(crate) fn pairs(line: &str) -> Vec<Pair> {
    let mut found = Vec::new();
    find(line, 0..line.len(), &mut found);
    found
}

/// A run of stars: where it begins, and how many there are.
fn next_run(line: &str, within: Range<usize>) -> Option<(usize, usize)> {
    let begin = within.start + line[within.clone()].find('*')?;
    Some((begin, line[begin..within.end].bytes().take_while(|byte| *byte == b'*').count()))
}

fn find(line: &str, within: Range<usize>, found: &mut Vec<Pair>) {
    let mut at = within.start;
    while let Some((open, stars)) = next_run(line, at..within.end) {
        let inside = open + stars;
        at = match pair_at(line, open, stars, within.end) {
            Some(pairs) => {
                let inner = pairs.last().map(Pair::inner).unwrap_or_default();
                let end = pairs.first().map(|pair| pair.outer().end).unwrap_or(inside);
                found.extend(pairs);
                find(line, inner, found);
                end
            }
            None => inside,
        };
    }
}

/// What a run of stars opens: the outer pair first; nothing where nothing closes it.
fn pair_at(line: &str, open: usize, stars: usize, end: usize) -> Option<Vec<Pair>> {
    let inside = open + stars;
    let behind = line[inside..end].chars().next()?;
    let before = line[..open].chars().next_back();
    // Between two digits it multiplies.
    let multiplies = behind.is_ascii_digit() && before.is_some_and(|before| before.is_ascii_digit());
    if behind.is_whitespace() || multiplies {
        return None;
    }
    let pair = |emphasis: Emphasis, open: usize, close: usize| Pair { emphasis, open, close };
    match stars {
        1 => Some(vec![pair(Emphasis::Italic, open, closing(line, inside..end, 1)?)]),
        2 => Some(vec![pair(Emphasis::Bold, open, closing(line, inside..end, 2)?)]),
        3 => {
            if let Some(close) = closing(line, inside..end, 3) {
                return Some(vec![
                    pair(Emphasis::Bold, open, close + 1),
                    pair(Emphasis::Italic, open + 2, close),
                ]);
            }
            // One of the two ends before the other: that one is inside.
            let (first, length) = (1..=2)
                .filter_map(|length| Some((closing(line, inside..end, length)?, length)))
                .min_by_key(|(close, _)| *close)?;
            let outer = 3 - length;
            let close = closing(line, first + length..end, outer)?;
            let emphasis = if outer == 2 { Emphasis::Bold } else { Emphasis::Italic };
            Some(vec![pair(emphasis, open, close)])
        }
        _ => None,
    }
}

/// Where a mark of so many stars closes, behind at least one character. A run of three also ends a mark of one or two
/// around another one.
fn closing(line: &str, within: Range<usize>, stars: usize) -> Option<usize> {
    let mut at = within.start;
    while let Some((begin, run)) = next_run(line, at..within.end) {
        let is_behind_word =
            line[within.start..begin].chars().next_back().is_some_and(|c| !c.is_whitespace());
        if is_behind_word && (run == stars || run == 3) {
            return Some(begin + run.saturating_sub(stars));
        }
        at = begin + run;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let tag = |span: &Span| match span.look {
            Look::Plain => span.text.clone(),
            Look::Italic => format!("<i>{}</i>", span.text),
            Look::Bold => format!("<b>{}</b>", span.text),
            Look::BoldItalic => format!("<bi>{}</bi>", span.text),
        };
        spans(line).iter().map(tag).collect()
    }

    #[test]
    fn marks_that_open_and_close_are_shown_as_what_they_mean_and_others_stay() {
        for (line, expected) in [
            ("kerja sama *sister city*.", "kerja sama <i>sister city</i>."),
            ("**tebal** dan *miring*", "<b>tebal</b> dan <i>miring</i>"),
            ("***keduanya***", "<bi>keduanya</bi>"),
            ("**tebal *miring* tebal**", "<b>tebal </b><bi>miring</bi><b> tebal</b>"),
            ("**tebal *miring***", "<b>tebal </b><bi>miring</bi>"),
            ("*miring **tebal***", "<i>miring </i><bi>tebal</bi>"),
            ("***a* b**", "<bi>a</bi><b> b</b>"),
            ("***a** b*", "<bi>a</bi><i> b</i>"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("2*3*4 dan 5**2**3", "2*3*4 dan 5**2**3"),
            ("*MoU*", "<i>MoU</i>"),
            ("ber-*MoU*, *action plan*-nya", "ber-<i>MoU</i>, <i>action plan</i>-nya"),
            ("tanpa tanda", "tanpa tanda"),
            ("* bukan butir", "* bukan butir"),
            ("*terbuka", "*terbuka"),
            ("** kosong **", "** kosong **"),
            ("****", "****"),
            ("****x****", "****x****"),
            ("*a **b*", "<i>a **b</i>"),
            ("é*ü*é", "é<i>ü</i>é"),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }

    #[test]
    fn lines_with_markers_are_lists_and_keep_the_numbers_that_were_typed() {
        let line = |text: &str| vec![spans(text)];
        let text = "Pengantar:\n- satu\n  lanjutan\n- dua\n\n3. tiga\n4. empat\nPenutup\n2019. Bukan butir";
        assert_eq!(
            blocks(text),
            [
                Block::Paragraph(line("Pengantar:")),
                Block::Bullets(vec![vec![spans("satu"), spans("  lanjutan")], line("dua")]),
                Block::Numbered(vec![
                    (3, line("tiga")),
                    (4, vec![spans("empat"), spans("Penutup"), spans("2019. Bukan butir")])
                ]),
            ]
        );
        assert_eq!(blocks("\n \n"), []);
        assert_eq!(blocks("a\nb\n\nc").len(), 2);
    }

    #[test]
    fn marks_are_what_the_page_shows_otherwise() {
        let dimmed = |text: &str| {
            let mut rest = 0;
            let mut shown = String::new();
            for mark in marks(text) {
                shown += &format!("{}[{}]", &text[rest..mark.start], &text[mark.clone()]);
                rest = mark.end;
            }
            shown + &text[rest..]
        };
        for (text, expected) in [
            ("tanpa tanda", "tanpa tanda"),
            ("2 * 3\n*buka", "2 * 3\n*buka"),
            ("kerja *sama* **kota**", "kerja [*]sama[*] [**]kota[**]"),
            ("***é***", "[**][*]é[*][**]"),
            ("- butir *miring*\n  12. dua\n", "[- ]butir [*]miring[*]\n[  12. ]dua\n"),
        ] {
            assert_eq!(dimmed(text), expected, "{text}");
        }
    }

    #[test]
    fn plain_words_have_no_marks_and_keep_every_other_star() {
        for (text, plain) in [
            ("kerja *sama* **kota**", "kerja sama kota"),
            ("- ***é*** dan 2 * 3", "- é dan 2 * 3"),
            ("*buka", "*buka"),
        ] {
            assert_eq!(without_stars(text), plain, "{text}");
        }
    }

    #[test]
    fn nothing_of_a_text_is_lost() {
        // Every character but marks that are shown as what they mean.
        for line in ["a*b", "**", "*a*b*c*", "***", "a***b***c*", "*é* * x ** y**", "**a*", "*a**", "***a*"]
        {
            let stars = |text: &str| text.matches('*').count();
            let marks: usize = pairs(line).iter().map(|pair| 2 * pair.emphasis.stars()).sum();
            let text: String = spans(line).iter().map(|span| span.text.as_str()).collect();
            assert_eq!(text.replace('*', ""), line.replace('*', ""), "{line}");
            assert_eq!(stars(&text) + marks, stars(line), "{line}");
        }
    }
}
