//! One press, one act: a double click and a held key begin one thing, and what comes under the pointer or gets the focus
//! meanwhile is not pressed by them. Nor does the second press take the focus from where the first has put it.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent};

use crate::browser;

const PRESSABLE: &str = "button, a[href], summary, [role='menuitem']";

/// Listens for as long as the page lives, before anything that is pressed does.
pub fn listen() {
    let window = browser::window();
    let pressed = Rc::new(RefCell::new(None::<Element>));
    let pressed_before = Rc::clone(&pressed);
    browser::listen_first(&window, "mousedown", move |event| {
        let Some(press) = event.dyn_ref::<MouseEvent>() else { return };
        // In a text that was clicked it selects a word.
        let follows = pressed_before.borrow().is_some();
        if press.detail() > 1 && follows {
            event.prevent_default();
        }
    });
    browser::listen_first(&window, "click", move |event| {
        let Some(click) = event.dyn_ref::<MouseEvent>() else { return };
        let target = pressable(&event);
        // The first of a series, or one by keyboard or program.
        if click.detail() < 2 {
            *pressed.borrow_mut() = target;
            return;
        }
        let Some(target) = target else { return };
        let is_same = pressed.borrow().as_ref() == Some(&target);
        // What has only a sign is pressed several times on purpose: up, down, undo.
        if !is_same || !target.class_list().contains("button-icon") {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    // The key that pressed something and is still held.
    let held = Rc::new(RefCell::new(None::<String>));
    let let_go = Rc::clone(&held);
    browser::listen_first(&window, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        let name = key.key();
        if !matches!(name.as_str(), "Enter" | " ") {
            return;
        }
        let is_on_pressable = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .is_some_and(|target| target.matches(PRESSABLE).unwrap_or(false));
        let mut held = held.borrow_mut();
        if !key.repeat() {
            *held = is_on_pressable.then_some(name);
        } else if is_on_pressable || held.as_ref() == Some(&name) {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    browser::listen_first(&window, "keyup", move |_| {
        let_go.borrow_mut().take();
    });
}

/// What an event presses.
fn pressable(event: &web_sys::Event) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(PRESSABLE).ok().flatten()
}
