//! What the browser gives: time, chance, timers and events.
//!
//! The one place where the app reads the clock or draws random bytes; both go into `shared` as arguments.

use futures::channel::oneshot;
use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

/// The window of this page.
pub fn window() -> web_sys::Window {
    web_sys::window().expect("the app runs in a page")
}

/// Milliseconds since 1970, UTC.
pub fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// Milliseconds since the page began; for measuring how long something takes.
pub fn elapsed_ms() -> f64 {
    js_sys::Reflect::get(&window(), &"performance".into())
        .ok()
        .and_then(|performance| {
            let read = js_sys::Reflect::get(&performance, &"now".into()).ok()?;
            read.dyn_ref::<js_sys::Function>()?.call0(&performance).ok()?.as_f64()
        })
        .unwrap_or_else(js_sys::Date::now)
}

/// Random bytes from the browser's source for keys.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("every browser that runs this app has crypto.getRandomValues");
    bytes
}

/// Waits.
pub async fn wait_ms(milliseconds: u32) {
    let (done, waiting) = oneshot::channel();
    let timeout = Timeout::new(milliseconds, move || {
        // Nobody waits any more when the task was dropped.
        let _ = done.send(());
    });
    let _ = waiting.await;
    drop(timeout);
}

/// Whether the person sees this page.
pub fn is_visible() -> bool {
    window().document().is_some_and(|page| page.visibility_state() == web_sys::VisibilityState::Visible)
}

/// Calls `listener` at each event of this name, for as long as the page lives.
pub fn listen(target: &web_sys::EventTarget, name: &str, listener: impl FnMut(web_sys::Event) + 'static) {
    let closure = Closure::<dyn FnMut(web_sys::Event)>::new(listener);
    // Only a wrong name or target could fail, and both are ours.
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// The same, before the listeners of what the event is about.
pub fn listen_first(
    target: &web_sys::EventTarget,
    name: &str,
    listener: impl FnMut(web_sys::Event) + 'static,
) {
    let closure = Closure::<dyn FnMut(web_sys::Event)>::new(listener);
    let callback = closure.as_ref().unchecked_ref();
    // Only a wrong name or target could fail, and both are ours.
    let _ = target.add_event_listener_with_callback_and_bool(name, callback, true);
    closure.forget();
}

/// Scrolls as far as it takes until an element is in sight.
pub fn into_sight(element: &web_sys::Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// What a JavaScript value says when it is read as an error.
pub fn error_text(value: &JsValue) -> String {
    js_sys::Reflect::get(value, &"message".into())
        .ok()
        .and_then(|message| message.as_string())
        .or_else(|| value.as_string())
        .unwrap_or_else(|| "the browser gave no reason".to_owned())
}
