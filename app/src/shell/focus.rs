//! Where the focus goes when what had it is taken from the page by a key: a button that has done its work, a row that was
//! deleted. Browsers leave it nowhere, and who works by keyboard or by ear begins at the top again.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

const FOCUSABLE: &str = "a[href], button:enabled, input:enabled, textarea, select:enabled, [tabindex='0']";

/// Listens while the frame is there.
pub fn listen() {
    // From what had the focus last up to the page, each with what stands behind it.
    let way = Rc::new(RefCell::new(Vec::<(Element, Option<Element>)>::new()));
    let remembered = Rc::clone(&way);
    let focused = window_event_listener(leptos::ev::focusin, move |event| {
        let mut way = remembered.borrow_mut();
        way.clear();
        let mut next = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        while let Some(element) = next {
            next = element.parent_element();
            let behind = element.next_element_sibling();
            way.push((element, behind));
        }
    });
    let pressed = window_event_listener(leptos::ev::keyup, move |_| {
        if is_nowhere() {
            // Taken out: the focus that moves is remembered anew.
            go_on(&way.take());
        }
    });
    on_cleanup(move || {
        focused.remove();
        pressed.remove();
    });
}

fn is_nowhere() -> bool {
    document().active_element().is_some_and(|active| active.tag_name() == "BODY")
}

/// What stood behind all that is gone takes the focus, else the nearest that is still there.
fn go_on(way: &[(Element, Option<Element>)]) {
    let Some(still_there) = way.iter().position(|(element, _)| element.is_connected()) else { return };
    let (gone, left) = way.split_at(still_there);
    let Some((_, behind)) = gone.last() else { return };
    for element in behind.iter().chain(left.iter().map(|(element, _)| element)) {
        let field = element.query_selector(FOCUSABLE).ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            // One that is not in sight does not take it.
            let _ = field.focus();
            if !is_nowhere() {
                return;
            }
        }
    }
}
