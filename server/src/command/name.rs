//! Names of people and feeds, as somebody types them on the command line.

use shared::model::decision::says_nothing;

/// Characters that a name may have.
const MOST_CHARACTERS: usize = 200;

/// A name that people can read: one line with something on it.
///
/// # Errors
/// What is wrong with it.
pub fn read_name(text: &str) -> Result<String, String> {
    let name = read_words(text)?;
    if says_nothing(&name) {
        Err("people would not know who it is: give a name".to_owned())
    } else {
        Ok(name)
    }
}

/// Words beside a name, such as a position: one line, or nothing.
///
/// # Errors
/// What is wrong with them.
pub fn read_words(text: &str) -> Result<String, String> {
    let words = text.trim();
    if words.chars().any(char::is_control) {
        return Err("it has a tab or a line break: write it on one line".to_owned());
    }
    if words.chars().count() > MOST_CHARACTERS {
        return Err(format!("it is longer than {MOST_CHARACTERS} characters"));
    }
    Ok(words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_one_line_that_can_be_read() {
        assert_eq!(read_name(" Sri Wahyuni, S.Sos. "), Ok("Sri Wahyuni, S.Sos.".to_owned()));
        assert_eq!(read_words("  "), Ok(String::new()));
        for text in ["", "   ", "\u{200b}", "\u{a0}\u{2060}", "Gita\tSari", "Gita\nSari"] {
            assert!(read_name(text).is_err(), "{text:?}");
        }
        assert!(read_name(&"ä".repeat(200)).is_ok() && read_name(&"ä".repeat(201)).is_err());
    }
}
