//! Where the person is: the address as signals, and the ways from one page to another.
//!
//! It promises that a plain click on a link of ours and [`Place::go`] change the page without loading the
//! app anew, and that every other click is the browser's. What an address means is [`crate::places`]'.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::asked::Asked;
use crate::places::Route;

/// The address; cheap to copy, in context.
#[derive(Clone, Copy)]
pub struct Place {
    /// The path, with escapes resolved.
    pub path: RwSignal<String>,
    /// What it asks of the page.
    pub asked: RwSignal<Asked>,
    /// The page; changes only with it.
    pub route: Memo<Route>,
}

/// The address.
pub fn use_place() -> Place {
    use_context::<Place>().expect("the shell follows the address before it builds anything")
}

/// Goes to another page of the app; to be made while a component is built, used whenever.
pub fn use_go() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let place = use_place();
    move |path: &str| place.go(path)
}

impl Place {
    /// Follows the address from now on, and puts itself into context.
    pub fn follow() {
        let path = RwSignal::new(String::new());
        let route = Memo::new(move |_| path.with(|path| Route::of(path)));
        let place = Self { path, asked: RwSignal::default(), route };
        place.look();
        let clicks = window_event_listener(leptos::ev::click, move |event| place.take_click(&event));
        // Back and forward: the browser has changed the address, and brings the old scroll position back.
        let steps = window_event_listener(leptos::ev::popstate, move |_| place.look());
        on_cleanup(move || {
            clicks.remove();
            steps.remove();
        });
        provide_context(place);
    }

    /// Goes to an address of this origin, at its top.
    pub fn go(self, address: &str) {
        let window = window();
        let Ok(here) = window.location().href() else { return };
        let Ok(there) = web_sys::Url::new_with_base(address, &here) else { return };
        let there = there.href();
        // The entry comes first, so that the old one keeps the scroll position of the old page. Going to
        // where one is already makes none.
        if there != here
            && let Ok(history) = window.history()
        {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&there));
        }
        self.look();
        // After the effects that build the page.
        leptos::task::spawn_local(async move { window.scroll_to_with_x_and_y(0.0, 0.0) });
    }

    /// Goes to an address of this origin in place of the one where one is, which leaves the history.
    pub fn go_instead(self, address: &str) {
        if let Ok(history) = window().history() {
            // A browser that refuses stays at the address; the page changes all the same.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
        }
        self.look();
    }

    /// Asks something else of the page where one is, in place of what was asked before: *back* leads to the page before.
    pub fn ask(self, asked: Asked) {
        let address = asked.address(&window().location().pathname().unwrap_or_default());
        if let Ok(history) = window().history() {
            // A browser refuses when there were too many at once; the next letter tries again.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        }
        set(self.asked, asked);
    }

    /// Reads the address.
    fn look(self) {
        let location = window().location();
        let path = location.pathname().unwrap_or_default();
        let path = js_sys::decode_uri_component(&path).map_or(path, String::from);
        // First, so that a page which the path builds finds what it is asked.
        set(self.asked, Asked::of(&location.search().unwrap_or_default()));
        set(self.path, path);
    }

    /// Follows the link that was clicked, unless the browser has to.
    fn take_click(self, event: &web_sys::MouseEvent) {
        let is_plain = event.button() == 0
            && !(event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key());
        if event.default_prevented() || !is_plain {
            return;
        }
        let Some(link) = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("a[href]").ok().flatten())
            .and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok())
        else {
            return;
        };
        let is_ours = window().location().origin().is_ok_and(|origin| origin == link.origin());
        // A fragment is a place in a page, which the browser finds.
        if !is_ours || !link.target().is_empty() || link.has_attribute("download") || !link.hash().is_empty()
        {
            return;
        }
        event.prevent_default();
        self.go(&link.href());
    }
}

/// Sets what is another, so that nothing follows from going to where one is.
fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}
