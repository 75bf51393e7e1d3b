//! Brings the elements of a row to what the row shows.

use shared::domain::reading::FactKind;
use shared::grid::columns::{COLUMNS, Column, Holds};
use wasm_bindgen::JsCast;

use super::face::{Face, heading};
use super::pattern::{button, element, icon};
use super::row::HEAD_ROWS;
use crate::parts::icon::Glyph;
use crate::words::{self, Language};

/// What a row shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// The number of the line.
    pub number: usize,
    /// The number of the row.
    pub row: Option<usize>,
    /// The code of its status.
    pub status: String,
    /// What its cells show.
    pub faces: Vec<Face>,
    /// The selected columns, from the first to the last.
    pub selected: Option<(usize, usize)>,
    /// The active column, where the active cell is here.
    pub active: Option<usize>,
    /// The column in which somebody writes.
    pub live: Option<usize>,
    /// Whether it is only shown.
    pub is_read_only: bool,
    /// Whether it stands unfolded on a phone.
    pub is_unfolded: bool,
    /// Whether its menu is open.
    pub has_menu: bool,
    /// The columns in which stands what is looked for.
    pub found: Vec<bool>,
    /// The language of its words.
    pub language: Language,
}

/// Brings a row to what it shows: only what differs is written.
pub fn draw(row: &web_sys::Element, cells: &[web_sys::HtmlElement], before: &Look, now: &Look) {
    let is_first = before.faces.is_empty();
    let set = |element: &web_sys::Element, name: &str, value: &str| {
        let _ = element.set_attribute(name, value);
    };
    let is_other_language = is_first || before.language != now.language;
    let is_other_number = is_other_language || before.number != now.number;
    if is_first || (&before.status, before.is_unfolded) != (&now.status, now.is_unfolded) {
        let mut class = String::from("plan-line");
        if !now.status.is_empty() {
            class.push_str(" is-");
            class.push_str(&now.status);
        }
        if now.is_unfolded {
            class.push_str(" is-unfolded");
        }
        set(row, "class", &class);
    }
    if (is_first || before.row != now.row)
        && let Some(place) = now.row
    {
        set(row, "aria-rowindex", &(place + 1 + HEAD_ROWS).to_string());
    }
    let Some((number, cells)) = cells.split_first() else { return };
    if is_other_number {
        set(row, "data-line", &now.number.to_string());
        say(number, &now.number.to_string());
    }
    for (act, label, is_expanded, was_expanded) in [
        ("menu", words::plan::line_menu(now.number), now.has_menu, before.has_menu),
        ("unfold", words::plan::unfold(now.number), now.is_unfolded, before.is_unfolded),
    ] {
        if !is_other_number && is_expanded == was_expanded {
            continue;
        }
        if let Ok(Some(button)) = number.query_selector(&format!("[data-act={act}]")) {
            set(&button, "aria-label", &label);
            set(&button, "aria-expanded", if is_expanded { "true" } else { "false" });
        }
    }
    point(number, 0, before, now);
    let nothing = Face::default();
    for (place, (cell, column)) in cells.iter().zip(COLUMNS).enumerate() {
        let face = &now.faces[place];
        let face_before = before.faces.get(place).unwrap_or(&nothing);
        let is_found = now.found.get(place) == Some(&true);
        let was_found = before.found.get(place) == Some(&true);
        if is_other_language {
            set(cell, "data-column", heading(column).text());
        }
        if column.holds == Holds::Flag
            && (is_other_number || before.is_read_only != now.is_read_only || face.is_on != face_before.is_on)
            && let Some(input) = cell
                .first_element_child()
                .and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok())
        {
            set(&input, "aria-label", &words::plan::cell(heading(column).text(), now.number));
            input.set_checked(face.is_on);
            input.set_disabled(now.is_read_only);
        }
        if is_first || is_found != was_found || class_of(column, face) != class_of(column, face_before) {
            let is_live = cell.class_list().contains("is-live");
            let found = if is_found { " is-found" } else { "" };
            let live = if is_live { " is-live" } else { "" };
            set(cell, "class", &format!("{}{found}{live}", class_of(column, face)));
        }
        if face != face_before {
            if column.holds != Holds::Flag && face.text != face_before.text {
                say(cell, &face.text);
                if let Holds::Fact(FactKind::Number | FactKind::Rupiah) = column.holds {
                    let_break(cell, &face.text);
                }
            }
            mark(cell, face);
        }
        if is_first || before.is_read_only != now.is_read_only {
            set(cell, "aria-readonly", if now.is_read_only { "true" } else { "false" });
        }
        point(cell, place + 1, before, now);
    }
}

/// Puts words into a cell.
fn say(cell: &web_sys::Element, text: &str) {
    if let Some(words) = cell.first_element_child() {
        words.set_text_content(Some(text));
    }
}

/// Lets a number that is wider than its column break between its thousands, and not inside of them.
fn let_break(cell: &web_sys::Element, text: &str) {
    let Some(words) = cell.first_element_child().filter(|_| text.contains(['.', ','])) else { return };
    words.set_text_content(None);
    for group in text.split_inclusive(['.', ',']) {
        // Nodes that are made here and belong nowhere else are always taken.
        let _ = words.append_with_str_1(group);
        let _ = words.append_child(&element("wbr", &[]));
    }
}

/// Says whether a cell is selected, and whether Tab comes to it.
fn point(cell: &web_sys::HtmlElement, column: usize, before: &Look, now: &Look) {
    let is_in = |look: &Look| look.selected.is_some_and(|(first, last)| (first..=last).contains(&column));
    // While somebody writes in it, Tab comes to their field.
    let is_stop = |look: &Look| look.active == Some(column) && look.live != Some(column);
    if is_in(before) != is_in(now) {
        let _ = cell.set_attribute("aria-selected", if is_in(now) { "true" } else { "false" });
    }
    if is_stop(before) != is_stop(now) {
        cell.set_tab_index(if is_stop(now) { 0 } else { -1 });
    }
}

fn class_of(column: Column, face: &Face) -> String {
    let mut class = String::from(match column.holds {
        Holds::Prose => "plan-prose",
        Holds::Fact(FactKind::Text) => "plan-text",
        Holds::Fact(_) => "plan-amount",
        Holds::Flag => "plan-quarter",
        Holds::Status => "plan-status",
    });
    class.push_str(" column-");
    class.push_str(column.field.name);
    if face.is_unread {
        class.push_str(" is-unread");
    }
    if face.has_conflict {
        class.push_str(" has-conflict");
    }
    if face.note.is_some() {
        class.push_str(" has-note");
    }
    if let Some((_, colour)) = face.other {
        class.push_str(&format!(" has-presence presence-{colour}"));
    }
    class
}

/// Puts beside the words of a cell what is to be said of them.
fn mark(cell: &web_sys::Element, face: &Face) {
    if let Ok(Some(old)) = cell.query_selector(":scope > .cell-marks") {
        old.remove();
    }
    if !face.has_conflict && face.note.is_none() && face.other.is_none() {
        return;
    }
    let marks = element("span", &[("class", "cell-marks")]);
    let put = |child: web_sys::Element| {
        let _ = marks.append_child(&child);
    };
    if face.has_conflict {
        let choose = button("settle", "settle-button", Glyph::Fork);
        let words = element("span", &[]);
        words.set_text_content(Some(words::marks::to_be_settled.text()));
        let _ = choose.append_child(&words);
        put(choose);
    }
    if let Some(note) = &face.note {
        let said = element("span", &[("class", "cell-note"), ("title", note)]);
        let _ = said.append_child(&icon(Glyph::Warning));
        let words = element("span", &[("class", "visually-hidden")]);
        words.set_text_content(Some(note));
        let _ = said.append_child(&words);
        put(said);
    }
    if let Some((name, _)) = &face.other {
        let who = element("span", &[("class", "field-presence")]);
        let shown = element("span", &[("aria-hidden", "true"), ("translate", "no")]);
        shown.set_text_content(Some(name));
        let hidden = element("span", &[("class", "visually-hidden")]);
        hidden.set_text_content(Some(&words::parts::is_here(name)));
        let _ = who.append_child(&shown);
        let _ = who.append_child(&hidden);
        put(who);
    }
    let _ = cell.append_child(&marks);
}
