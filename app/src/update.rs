//! A new version of the app: it waits for consent, then every tab makes its work durable and reloads.
//!
//! `boot.js` and the service worker carry versions; this is the app's side of what they say to each other.

use std::future::Future;

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::browser;

/// Calls back as soon as a newer version waits for consent.
pub fn on_ready(mut ready: impl FnMut() + 'static) {
    let is_ready = boot()
        .and_then(|boot| Reflect::get(&boot, &"updateReady".into()).ok())
        .is_some_and(|ready| ready.is_truthy());
    if is_ready {
        ready();
    }
    browser::listen(&browser::window(), "simpul-update-ready", move |_| ready());
}

/// Holds back each reload until the work is durable; where it cannot be, this tab goes on as it is.
pub fn before_reload<F>(flush: impl Fn() -> F + 'static)
where
    F: Future<Output = Result<(), String>> + 'static,
{
    browser::listen(&browser::window(), "simpul-before-reload", move |event| {
        let work = flush();
        let promise = future_to_promise(async move {
            work.await.map(|()| JsValue::UNDEFINED).map_err(|why| JsValue::from_str(&why))
        });
        let wait_until = Reflect::get(&event, &"detail".into())
            .and_then(|detail| Ok((Reflect::get(&detail, &"waitUntil".into())?, detail)));
        if let Ok((wait_until, detail)) = wait_until
            && let Some(wait_until) = wait_until.dyn_ref::<Function>()
        {
            let _ = wait_until.call1(&detail, &promise);
        }
    });
}

/// Consents: the waiting version takes over, and every tab reloads after it has flushed.
pub fn apply() {
    let Some(boot) = boot() else { return };
    if let Ok(apply) = Reflect::get(&boot, &"applyUpdate".into())
        && let Some(apply) = apply.dyn_ref::<Function>()
    {
        let _ = apply.call0(&boot);
    }
}

fn boot() -> Option<JsValue> {
    Reflect::get(&browser::window(), &"simpul".into()).ok().filter(|boot| boot.is_object())
}
