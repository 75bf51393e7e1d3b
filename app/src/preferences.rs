//! What a person chose for this browser: language, theme and paper. Kept in `localStorage`; where the browser
//! refuses that, the choice lasts as long as the page.

use leptos::prelude::*;

use crate::words::{self, Language};

const LANGUAGE: &str = "simpul.language";
const THEME: &str = "simpul.theme";
const PAPER_SIZE: &str = "simpul.paper";

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    fn code(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// The paper that is printed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PaperSize {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// *Folio*: 215 × 330 mm.
    F4,
}

impl PaperSize {
    /// As it is kept.
    pub fn code(self) -> &'static str {
        match self {
            PaperSize::A4 => "a4",
            PaperSize::F4 => "f4",
        }
    }

    /// From [`PaperSize::code`].
    pub fn from_code(code: &str) -> Self {
        if code == "f4" { PaperSize::F4 } else { PaperSize::A4 }
    }

    /// Width and height as a style sheet has them, upright.
    pub fn upright(self) -> &'static str {
        match self {
            PaperSize::A4 => "210mm 297mm",
            PaperSize::F4 => "215mm 330mm",
        }
    }

    /// The same across: two lengths take no word for it.
    pub fn across(self) -> &'static str {
        match self {
            PaperSize::A4 => "297mm 210mm",
            PaperSize::F4 => "330mm 215mm",
        }
    }
}

thread_local! {
    static CHOSEN_PAPER_SIZE: ArcRwSignal<PaperSize> = ArcRwSignal::new(PaperSize::default());
    static CHOSEN_THEME: ArcRwSignal<Theme> = ArcRwSignal::new(Theme::default());
}

/// The theme, tracked.
pub fn theme() -> Theme {
    CHOSEN_THEME.with(ArcRwSignal::clone).get()
}

/// The paper, tracked.
pub fn paper_size() -> PaperSize {
    CHOSEN_PAPER_SIZE.with(ArcRwSignal::clone).get()
}

/// Chooses the paper.
pub fn choose_paper_size(size: PaperSize) {
    write(PAPER_SIZE, size.code());
    CHOSEN_PAPER_SIZE.with(|signal| signal.set(size));
}

/// Takes up what was chosen before.
pub fn restore() {
    let size = read(PAPER_SIZE).map(|code| PaperSize::from_code(&code)).unwrap_or_default();
    CHOSEN_PAPER_SIZE.with(|signal| signal.set(size));
    let language = read(LANGUAGE).and_then(|code| Language::from_code(&code)).unwrap_or_default();
    show_language(language);
    let theme = match read(THEME).as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    };
    show_theme(theme);
}

/// Chooses the language.
pub fn choose_language(language: Language) {
    write(LANGUAGE, language.code());
    show_language(language);
}

/// Chooses the theme.
pub fn choose_theme(theme: Theme) {
    write(THEME, theme.code());
    show_theme(theme);
}

fn show_language(language: Language) {
    words::set_language(language);
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", language.code());
    }
}

fn show_theme(theme: Theme) {
    CHOSEN_THEME.with(|signal| signal.set(theme));
    let Some(root) = document().document_element() else { return };
    // The style sheet follows the device where the attribute is absent.
    let _ = match theme {
        Theme::Auto => root.remove_attribute("data-theme"),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.code()),
    };
}

fn read(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

fn write(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}
