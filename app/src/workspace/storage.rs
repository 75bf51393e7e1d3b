//! The browser's promise to keep what is stored, and how much room it gives.

use std::cell::Cell;

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::screen::Screen;
use crate::browser;

thread_local! {
    /// The question is put once a page: some browsers show it to the person.
    static HAS_ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Asks the browser to keep what is stored, at the first save of this page.
pub(super) fn ask_to_persist(screen: Screen) {
    if HAS_ASKED.replace(true) {
        return;
    }
    let Some(storage) = manager() else { return };
    spawn_local(async move {
        let persisted = match storage.persist() {
            Ok(promise) => JsFuture::from(promise).await.ok().map(|answer| answer.is_truthy()),
            Err(_) => None,
        };
        screen.storage.update(|health| health.persisted = persisted);
        refresh(screen);
    });
}

/// Reads how much room is used and given.
pub(super) fn refresh(screen: Screen) {
    let Some(storage) = manager() else { return };
    spawn_local(async move {
        if let Ok(promise) = storage.persisted()
            && let Ok(answer) = JsFuture::from(promise).await
        {
            screen.storage.update(|health| health.persisted = Some(answer.is_truthy()));
        }
        let Ok(promise) = storage.estimate() else { return };
        let Ok(estimate) = JsFuture::from(promise).await else { return };
        let bytes = |name: &str| {
            Reflect::get(&estimate, &name.into()).ok().and_then(|n| n.as_f64()).map(|bytes| bytes as u64)
        };
        let (used, quota) = (bytes("usage"), bytes("quota"));
        screen.storage.update(|health| {
            health.used_bytes = used;
            health.quota_bytes = quota;
        });
    });
}

fn manager() -> Option<web_sys::StorageManager> {
    // Absent on pages that were not loaded securely.
    let navigator = browser::window().navigator();
    let storage = Reflect::get(&navigator, &"storage".into()).ok()?;
    storage.is_object().then(|| storage.unchecked_into())
}
