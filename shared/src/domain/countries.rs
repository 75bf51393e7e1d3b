//! The countries of ISO 3166-1, by what people call them. A record stores the code.
//!
//! The names are those of the npm package `i18n-iso-countries` 7.14 (MIT, © widdix GmbH), in places as Indonesian
//! offices write them (Prancis, Inggris, Republik Rakyat Tiongkok), with short forms beside them.

/// A line for each: the code, the Indonesian name, the English one where it is another, other names.
const LINES: &str = include_str!("countries.txt");

/// Countries that a beginning of a name may be asked about.
const MOST_ASKED: usize = 4;

/// A country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(&'static str);

impl Country {
    /// All of them, by their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        LINES.lines().map(Self)
    }

    /// The country of a code, as it is stored.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::all().find(|country| country.code() == code)
    }

    /// The country that a text names, or whose code it is; two where an abbreviation (*AS*, Amerika Serikat) is the code of
    /// another.
    pub fn named(text: &str) -> Vec<Self> {
        let wanted = bare(text);
        let is_named = |name: &str| bare(name) == wanted;
        Self::all().filter(|country| is_named(country.code()) || country.names().any(is_named)).collect()
    }

    /// The few countries of which a name begins so; none where there are more.
    pub fn beginning(text: &str) -> Vec<Self> {
        let wanted = bare(text);
        let begins = |country: &Self| country.names().any(|name| bare(name).starts_with(&wanted));
        let found: Vec<Self> = Self::all().filter(begins).take(MOST_ASKED + 1).collect();
        if found.len() > MOST_ASKED { Vec::new() } else { found }
    }

    /// The code of two letters, as it is stored.
    pub fn code(self) -> &'static str {
        self.0.get(..2).unwrap_or_default()
    }

    /// What it is called: in Indonesian, in English where that is another name, and otherwise.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.0.get(2..).unwrap_or_default().split('|')
    }

    /// Its Indonesian name.
    pub fn indonesian(self) -> &'static str {
        self.names().next().unwrap_or_default()
    }

    /// Its English name.
    pub fn english(self) -> &'static str {
        self.names().nth(1).unwrap_or_else(|| self.indonesian())
    }
}

/// A name without case, blanks, signs and the diacritics of Latin letters, and with its republic in full.
fn bare(name: &str) -> String {
    let plain = |letter: char| match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        letter => letter,
    };
    // An accent may be a character of its own.
    let lower = name.chars().flat_map(char::to_lowercase);
    let bare: String = lower.filter(|letter| letter.is_alphanumeric()).map(plain).collect();
    let is_short = name.trim_start().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("rep."));
    if is_short { bare.replacen("rep", "republik", 1) } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ordered::OrderedSet;

    #[test]
    fn each_country_is_there_once_and_is_found_by_each_of_its_names() {
        let codes: OrderedSet<&str> = Country::all().map(Country::code).collect();
        assert_eq!((codes.len(), Country::all().count()), (249, 249));
        for country in Country::all() {
            assert!(country.code().bytes().all(|byte| byte.is_ascii_uppercase()), "{country:?}");
            assert_eq!(Country::of_code(country.code()), Some(country));
            for name in country.names().chain([country.code()]) {
                let most = if name == "AS" { 2 } else { 1 };
                for text in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
                    let found = Country::named(&text);
                    assert!(found.contains(&country) && found.len() == most, "{text}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn case_blanks_signs_and_diacritics_do_not_matter() {
        for (text, code) in [
            (" JEPANG ", "JP"),
            ("cote divoire", "CI"),
            ("Cu\u{301}racao", "CW"),
            ("timor leste", "TL"),
            ("TURKIYE", "TR"),
            ("guinea bissau", "GW"),
            ("Rep. Korea", "KR"),
            ("rep.ceko", "CZ"),
        ] {
            let found: Vec<&str> = Country::named(text).into_iter().map(Country::code).collect();
            assert_eq!(found, [code], "{text}");
        }
        for nothing in ["", "-", "´"] {
            assert_eq!(Country::named(nothing), [], "{nothing}");
            assert_eq!(Country::beginning(nothing), [], "{nothing}");
        }
    }

    #[test]
    fn a_country_has_a_name_in_each_language() {
        let japan = Country::of_code("JP").unwrap();
        assert_eq!((japan.indonesian(), japan.english()), ("Jepang", "Japan"));
        let chile = Country::of_code("CL").unwrap();
        assert_eq!((chile.indonesian(), chile.english()), ("Chile", "Chile"));
    }
}
