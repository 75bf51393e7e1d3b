//! Several names in one sentence.

use super::words;

words! {
    and_others(names: &str, count: usize): "{names} dan {count} lainnya", "{names} and {count} more";
}

/// How many are named.
const NAMED: usize = 3;

/// The names, each once, in their order; of many the first, and how many more there are.
pub fn few(names: impl IntoIterator<Item = String>) -> String {
    let mut named: Vec<String> = Vec::new();
    for name in names {
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let said = named.join(", ");
    if more == 0 { said } else { and_others(&said, more) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, set_language};

    #[test]
    fn three_are_named_and_the_others_counted_nobody_twice() {
        set_language(Language::Indonesian);
        let said = |names: &[&str]| few(names.iter().map(|name| (*name).to_owned()));
        assert_eq!(said(&[]), "");
        assert_eq!(said(&["Sri", "Budi", "Sri"]), "Sri, Budi");
        assert_eq!(said(&["Sri", "Budi", "Dewi"]), "Sri, Budi, Dewi");
        assert_eq!(said(&["Sri", "Budi", "Dewi", "Sri", "Ketut", "Ani"]), "Sri, Budi, Dewi dan 2 lainnya");
    }
}
