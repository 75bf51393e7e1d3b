//! Names of files that are handed out: after their record, and such that every file system takes them.

/// As much as file systems, mail and office programs take without cutting, in characters.
const MOST_CHARACTERS: usize = 80;
/// Names that Windows keeps for devices.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The name of a file with this ending, after a title; after what it is where the title leaves nothing.
pub fn file_name(title: &str, what: &str, ending: &str) -> String {
    let is_safe = |c: char| !c.is_control() && !"/\\:*?\"<>|\u{200e}\u{200f}\u{202a}\u{202e}".contains(c);
    let plain: String = title.chars().map(|c| if is_safe(c) { c } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(MOST_CHARACTERS).collect();
    // A dot in front hides a file, one at the end is lost on Windows.
    let name = name.trim_matches(['.', ' ', '-', '~']);
    let stem = name.split('.').next().unwrap_or_default().trim().to_lowercase();
    if name.is_empty() {
        format!("{what}.{ending}")
    } else if RESERVED.contains(&stem.as_str()) {
        format!("{what} {name}.{ending}")
    } else {
        format!("{name}.{ending}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_its_record() {
        for (title, name) in [
            ("Sister City Forum", "Sister City Forum.md"),
            ("Rapat 10/7: \"Kyōto\"\nhari ke-2?", "Rapat 10 7 Kyōto hari ke-2.md"),
            ("", "Laporan.md"),
            ("../..", "Laporan.md"),
            ("..hidden.", "hidden.md"),
            ("CON", "Laporan CON.md"),
            ("nul.txt", "Laporan nul.txt.md"),
        ] {
            assert_eq!(file_name(title, "Laporan", "md"), name, "{title}");
        }
        assert_eq!(file_name(&"京".repeat(200), "Laporan", "md").chars().count(), MOST_CHARACTERS + 3);
    }
}
