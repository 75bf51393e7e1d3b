//! Every text of the interface, in both languages side by side.
//!
//! A text is a value: put its name into a view (`<h1>{words::home::title}</h1>`) and it follows the language; ask
//! for its [`Word::text`] where a string is wanted. A text with arguments is a function that gives the string.
//! Leaving out a translation, or naming a text that does not exist, does not compile. The texts themselves stand
//! in the modules below, one for each place.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use shared::domain::countries::Country;

pub mod agreement;
pub mod choices;
pub mod fields;
pub mod home;
pub mod import;
pub mod lists;
pub mod marks;
pub mod paper;
pub mod parts;
pub mod people;
pub mod plan;
pub mod record;
pub mod record_refusal;
pub mod report;
pub mod search;
pub mod session;
pub mod settings;
pub mod shell;
pub mod time;
pub mod values;
pub mod work;

/// A text without arguments, in each language. One type for all of them, and no code for any one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(&'static [&'static str; 2]);

impl Word {
    /// A text by its two translations; the texts themselves are declared with `words!`.
    pub const fn new(indonesian_and_english: &'static [&'static str; 2]) -> Self {
        Self(indonesian_and_english)
    }

    /// The text in the language of the interface, tracked.
    pub fn text(self) -> &'static str {
        self.0[language() as usize]
    }

    /// As an address names it, whatever the interface speaks: its Indonesian letters and digits in small, parted by `-`.
    pub fn slug(self) -> String {
        let mut slug = String::new();
        for character in self.0[0].chars() {
            if character.is_alphanumeric() {
                slug.extend(character.to_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(slug.trim_end_matches('-').len());
        slug
    }

    fn following_language(self) -> SharedReactiveFunction<&'static str> {
        Arc::new(Mutex::new(move || self.text()))
    }
}

/// A country as a record has it: of a code the name in the language of the interface, tracked; else as it was written.
pub fn country(stored: &str) -> &str {
    match (Country::of_code(stored), language()) {
        (Some(country), Language::Indonesian) => country.indonesian(),
        (Some(country), Language::English) => country.english(),
        (None, _) => stored,
    }
}

impl IntoRender for Word {
    type Output = SharedReactiveFunction<&'static str>;

    fn into_render(self) -> Self::Output {
        self.following_language()
    }
}

impl IntoAttributeValue for Word {
    type Output = SharedReactiveFunction<&'static str>;

    fn into_attribute_value(self) -> Self::Output {
        self.following_language()
    }
}

impl From<Word> for TextProp {
    fn from(word: Word) -> Self {
        Self::from(move || word.text())
    }
}

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// *Bahasa Indonesia*; the first text of a [`Word`].
    #[default]
    Indonesian = 0,
    /// English; the second.
    English = 1,
}

impl Language {
    /// As in `<html lang>` and in the browser's storage.
    pub fn code(self) -> &'static str {
        match self {
            Language::Indonesian => "id",
            Language::English => "en",
        }
    }

    /// From [`Language::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Language::Indonesian, Language::English].into_iter().find(|language| language.code() == code)
    }
}

thread_local! {
    // Not in a Leptos context: event handlers and tasks also speak, and they have no owner.
    static LANGUAGE: ArcRwSignal<Language> = ArcRwSignal::new(Language::default());
    static FIXED: Cell<Option<Language>> = const { Cell::new(None) };
}

/// The language of the interface, tracked.
pub fn language() -> Language {
    if let Some(language) = FIXED.get() {
        return language;
    }
    LANGUAGE.with(|language| language.try_get()).unwrap_or_default()
}

/// A text in one language, whatever the interface speaks: printed pages are Indonesian.
pub fn with_language(wanted: Language, word: Word) -> &'static str {
    spoken_in(wanted, || word.text())
}

/// What `speak` gives in one language, whatever the interface speaks.
pub fn spoken_in<T>(wanted: Language, speak: impl FnOnce() -> T) -> T {
    let before = FIXED.replace(Some(wanted));
    let spoken = speak();
    FIXED.set(before);
    spoken
}

/// Changes the language of every text on the page at once.
pub fn set_language(language: Language) {
    LANGUAGE.with(|signal| signal.set(language));
}

/// Declares texts: a name, arguments where there are some, then Indonesian, then English.
macro_rules! words {
    (@one $name:ident : $indonesian:literal, $english:literal) => {
        #[doc = concat!("*", $indonesian, "*")]
        #[allow(non_upper_case_globals, reason = "in a view a text reads like any other name")]
        pub const $name: $crate::words::Word = $crate::words::Word::new(&[$indonesian, $english]);
    };
    (@one $name:ident ($($argument:ident : $type:ty),*) : $indonesian:literal, $english:literal) => {
        #[doc = concat!("*", $indonesian, "*")]
        pub fn $name($($argument: $type),*) -> String {
            match $crate::words::language() {
                $crate::words::Language::Indonesian => format!($indonesian),
                $crate::words::Language::English => format!($english),
            }
        }
    };
    ($( $name:ident $( ($($argument:ident : $type:ty),*) )? : $indonesian:literal, $english:literal; )*) => {
        $( $crate::words::words!(@one $name $( ($($argument : $type),*) )? : $indonesian, $english); )*
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_word_in_indonesian_letters() {
        set_language(Language::English);
        assert_eq!(choices::agreement_type::sister_city.slug(), "ksdpl-kabupaten-kota-kembar");
        assert_eq!(marks::on_device.slug(), "di-perangkat-ini");
    }

    #[test]
    fn a_text_follows_the_language() {
        set_language(Language::Indonesian);
        assert_eq!(marks::unsent(3), "Belum terkirim: 3");
        set_language(Language::English);
        assert_eq!((marks::unsent(3).as_str(), session::sign_in.text()), ("Not sent: 3", "Sign in"));
    }
}
