//! Web Locks. A lock is held until it is dropped or the tab ends, or until another tab steals it.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::browser;

/// A lock that this tab holds.
pub struct Lock {
    release: Function,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Resolving a promise cannot fail.
        let _ = self.release.call0(&JsValue::NULL);
    }
}

/// How a lock is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Waits until it is free.
    Wait,
    /// Gives up at once where it is taken.
    IfFree,
    /// Shared with others who ask so; waits while one holds it alone.
    Shared,
    /// Takes it away from the tab that holds it.
    Steal,
}

/// A request for a lock.
pub struct Request {
    /// The lock; `None` where it is taken, and this tab did not want to wait.
    pub granted: oneshot::Receiver<Option<Lock>>,
    /// Ends when the lock is gone: released here, or stolen by another tab.
    pub ended: oneshot::Receiver<()>,
}

/// Asks for a lock; `None` where the browser has no locks (a page that was not loaded securely).
pub fn request(name: &str, manner: Manner) -> Option<Request> {
    let locks = Reflect::get(&browser::window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    let (key, value): (&str, JsValue) = match manner {
        Manner::Wait => ("mode", "exclusive".into()),
        Manner::IfFree => ("ifAvailable", true.into()),
        Manner::Shared => ("mode", "shared".into()),
        Manner::Steal => ("steal", true.into()),
    };
    Reflect::set(&options, &key.into(), &value).ok()?;

    let (grant, granted) = oneshot::channel();
    let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        if lock.is_null() || lock.is_undefined() {
            let _ = grant.send(None);
            return JsValue::UNDEFINED;
        }
        let resolve = Rc::new(RefCell::new(None));
        let held = Promise::new(&mut |done, _| {
            resolve.borrow_mut().replace(done);
        });
        if let Some(release) = resolve.borrow_mut().take() {
            // Nobody waits any more: the lock that comes back is dropped, and so released.
            let _ = grant.send(Some(Lock { release }));
        }
        held.into()
    });
    let arguments = Array::of3(&name.into(), &options, &callback);
    let promise: Promise = request.apply(&locks, &arguments).ok()?.dyn_into().ok()?;
    let (end, ended) = oneshot::channel();
    spawn_local(async move {
        // A stolen lock rejects, a released one resolves: it is gone either way.
        let _ = JsFuture::from(promise).await;
        let _ = end.send(());
    });
    Some(Request { granted, ended })
}

/// The lock, where it is free; `None` where it is taken or the browser has no locks.
pub async fn take_if_free(name: &str) -> Option<Lock> {
    request(name, Manner::IfFree)?.granted.await.ok().flatten()
}

/// The name of the lock of a slot.
pub fn slot_name(prefix: &str, slot: u8) -> String {
    format!("{prefix}-slot-{slot}")
}

/// The first free slot below that in which work of others is taken over, and its lock; `None` where the browser has no locks or all are taken.
pub async fn lease_slot(prefix: &str) -> Option<(u8, Lock)> {
    for slot in 0..shared::device::takeover::SLOT {
        if let Some(lock) = take_if_free(&slot_name(prefix, slot)).await {
            return Some((slot, lock));
        }
    }
    None
}
