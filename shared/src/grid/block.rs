//! A block of cells as a clipboard has it: cells parted by tabs, rows by line breaks, and quotes around what holds either.

/// Rows of a block at most: past it a paste is refused.
pub const MOST_ROWS: usize = 2_000;
/// Columns of a block at most; what stands further right is left out.
const MOST_COLUMNS: usize = 64;
/// Bytes of a block at most.
pub const MOST_BYTES: usize = 2_000_000;

/// Why a block is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Too many bytes.
    #[error("the block has more than {MOST_BYTES} bytes")]
    TooLong,
    /// Too many rows.
    #[error("the block has more than {MOST_ROWS} rows")]
    TooManyRows,
}

/// Reads a block, as spreadsheets write it. A cell that begins with a quote ends with one, and a doubled one in it stands
/// for one; where none follows, the quote is a character like any other.
///
/// # Errors
/// When it is larger than is taken at once.
pub fn parse(text: &str) -> Result<Vec<Vec<String>>, BlockError> {
    if text.len() > MOST_BYTES {
        return Err(BlockError::TooLong);
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut rest = text;
    loop {
        let (cell, behind) = quoted(rest).unwrap_or_else(|| plain(rest));
        if row.len() < MOST_COLUMNS {
            row.push(cell);
        }
        if let Some(next) = behind.strip_prefix('\t') {
            rest = next;
            continue;
        }
        rows.push(std::mem::take(&mut row));
        if rows.len() > MOST_ROWS {
            return Err(BlockError::TooManyRows);
        }
        rest = behind.strip_prefix("\r\n").or_else(|| behind.strip_prefix(['\n', '\r'])).unwrap_or_default();
        // Spreadsheets end the last row like any other.
        if rest.is_empty() {
            return Ok(rows);
        }
    }
}

/// The cell up to the next tab or line break, and what follows.
fn plain(text: &str) -> (String, &str) {
    let end = text.find(['\t', '\n', '\r']).unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// The cell in quotes that a text begins with, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut cell = String::new();
    loop {
        let end = rest.find('"')?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if let Some(next) = rest.strip_prefix('"') {
            cell.push('"');
            rest = next;
        } else if rest.is_empty() || rest.starts_with(['\t', '\n', '\r']) {
            return Some((cell.replace("\r\n", "\n"), rest));
        } else {
            return None;
        }
    }
}

/// A block as spreadsheets take it; [`parse`] reads the same cells again.
pub fn write(rows: &[Vec<String>]) -> String {
    let cell = |cell: &String| {
        if cell.contains(['\t', '\n', '\r', '"']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let row = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join("\t");
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_are_read_as_spreadsheets_write_them() {
        let cases: [(&str, &[&[&str]]); 14] = [
            ("Rapat", &[&["Rapat"]]),
            ("", &[&[""]]),
            ("a\tb\nc\td", &[&["a", "b"], &["c", "d"]]),
            ("a\tb\r\nc\td\r\n", &[&["a", "b"], &["c", "d"]]),
            ("a\rb", &[&["a"], &["b"]]),
            ("a\t\tb\n\t\t", &[&["a", "", "b"], &["", "", ""]]),
            ("a\n\nb\n", &[&["a"], &[""], &["b"]]),
            ("\"dua\nbaris\"\tx", &[&["dua\nbaris", "x"]]),
            ("\"dua\r\nbaris\"\r\ny", &[&["dua\nbaris"], &["y"]]),
            ("\"kata \"\"kutip\"\"\"", &[&["kata \"kutip\""]]),
            ("\"\"\tz", &[&["", "z"]]),
            ("\"belum ditutup\tx\ny", &[&["\"belum ditutup", "x"], &["y"]]),
            ("\"5\" meja\tx", &[&["\"5\" meja", "x"]]),
            ("5\" meja", &[&["5\" meja"]]),
        ];
        for (text, rows) in cases {
            assert_eq!(parse(text).unwrap(), rows, "{text:?}");
        }
    }

    #[test]
    fn what_is_larger_than_a_plan_is_refused() {
        assert_eq!(parse(&"x\n".repeat(MOST_ROWS)).map(|rows| rows.len()), Ok(MOST_ROWS));
        assert_eq!(parse(&"x\n".repeat(MOST_ROWS + 1)), Err(BlockError::TooManyRows));
        assert_eq!(parse(&"x".repeat(MOST_BYTES + 1)), Err(BlockError::TooLong));
        let wide = parse(&"x\t".repeat(1_000)).unwrap();
        assert_eq!(wide[0].len(), MOST_COLUMNS);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            rows in prop::collection::vec(prop::collection::vec("[a-z\"\t\n ]{0,6}", 3), 1..5)
        ) {
            prop_assert_eq!(parse(&write(&rows)).unwrap(), rows);
        }

        #[test]
        fn no_text_is_too_strange(text in "[\"\t\r\na]{0,40}") {
            prop_assert!(!parse(&text).unwrap().is_empty());
        }
    }
}
