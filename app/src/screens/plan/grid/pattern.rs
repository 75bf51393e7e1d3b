//! The elements of a row, made from one pattern: a row that scrolls in has to be there within a frame.

use std::cell::RefCell;

use leptos::prelude::*;
use shared::grid::columns::{COLUMNS, Holds};
use wasm_bindgen::JsCast;

use crate::parts::icon::Glyph;

thread_local! {
    /// The cells of a row, to be cloned.
    static PATTERN: RefCell<Option<web_sys::DocumentFragment>> = const { RefCell::new(None) };
}

/// Puts the cells into a row.
pub fn fill(row: &web_sys::Element) -> Vec<web_sys::HtmlElement> {
    let clone = PATTERN.with(|known| {
        let mut known = known.borrow_mut();
        known.get_or_insert_with(pattern).clone_node_with_deep(true)
    });
    if let Ok(clone) = clone {
        // Fails only for what a row cannot hold.
        let _ = row.append_child(&clone);
    }
    let children = row.children();
    (0..children.length()).filter_map(|place| children.item(place)?.dyn_into().ok()).collect()
}

fn pattern() -> web_sys::DocumentFragment {
    let fragment = document().create_document_fragment();
    let number = element(
        "th",
        &[
            ("role", "rowheader"),
            ("scope", "row"),
            ("class", "plan-number"),
            ("tabindex", "-1"),
            ("data-cell", "0"),
            ("aria-colindex", "1"),
        ],
    );
    let put = |parent: &web_sys::Element, child: &web_sys::Element| {
        let _ = parent.append_child(child);
    };
    let text = element("span", &[("class", "cell-text")]);
    put(&number, &text);
    let unfold = button("unfold", "button button-icon button-small plan-unfold", Glyph::Down);
    put(&number, &unfold);
    let menu = button("menu", "button button-icon button-small plan-more", Glyph::More);
    let _ = menu.set_attribute("aria-haspopup", "menu");
    put(&number, &menu);
    let _ = fragment.append_child(&number);
    for (place, column) in COLUMNS.iter().enumerate() {
        let at = (place + 1).to_string();
        let index = (place + 2).to_string();
        let cell = element(
            "td",
            &[("role", "gridcell"), ("tabindex", "-1"), ("data-cell", &at), ("aria-colindex", &index)],
        );
        if column.holds == Holds::Flag {
            put(&cell, &element("input", &[("type", "checkbox"), ("class", "checkbox"), ("tabindex", "-1")]));
        } else {
            put(&cell, &element("span", &[("class", "cell-text")]));
        }
        let _ = fragment.append_child(&cell);
    }
    fragment
}

/// An element with these attributes.
pub fn element(tag: &str, attributes: &[(&str, &str)]) -> web_sys::Element {
    let element = document().create_element(tag).expect("a tag of HTML");
    for (name, value) in attributes {
        let _ = element.set_attribute(name, value);
    }
    element
}

/// A button with an icon, which the grid's own listener knows by its act.
pub fn button(act: &str, class: &str, glyph: Glyph) -> web_sys::Element {
    let button =
        element("button", &[("type", "button"), ("tabindex", "-1"), ("class", class), ("data-act", act)]);
    let _ = button.append_child(&icon(glyph));
    button
}

/// An icon, as [`crate::parts::icon::Icon`] draws it.
pub fn icon(glyph: Glyph) -> web_sys::Element {
    const SVG: &str = "http://www.w3.org/2000/svg";
    let page = document();
    let (svg, path) = (page.create_element_ns(Some(SVG), "svg"), page.create_element_ns(Some(SVG), "path"));
    let (svg, path) = (svg.expect("a tag of SVG"), path.expect("a tag of SVG"));
    for (name, value) in
        [("class", "icon"), ("viewBox", "0 0 24 24"), ("aria-hidden", "true"), ("focusable", "false")]
    {
        let _ = svg.set_attribute(name, value);
    }
    let _ = path.set_attribute("d", glyph.path());
    let _ = svg.append_child(&path);
    svg
}
