//! A panic ends the whole module: the page that says so is drawn by `boot.js`, which lives on.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

use crate::browser;

/// Shows the stopped page when the app panics, with the panic's words: work that was stored is safe, reloading goes on.
///
/// Only in quick builds. In a release a panic is a bare trap without words; `boot.js` sees that by itself.
pub fn install() {
    if !cfg!(debug_assertions) {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        let show = || -> Option<()> {
            let simpul = Reflect::get(&browser::window(), &"simpul".into()).ok()?;
            let show: Function = Reflect::get(&simpul, &"panic".into()).ok()?.dyn_into().ok()?;
            show.call1(&simpul, &panic.to_string().into()).ok()?;
            Some(())
        };
        // Without boot.js there is nobody to show it; the console has it.
        let _ = show();
    }));
}
