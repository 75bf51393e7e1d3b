//! Panics inside of Automerge, apart from all others.
//!
//! The change check cannot know everything about a document, and Automerge panics on some of what is left. On the
//! relay such a panic ends in `catch_unwind`, on a device in the poison mark. So a target goes on after one; a
//! panic anywhere else is ours, and fails it.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;

/// The crates that may panic: Automerge, and its columns.
const MAY_PANIC: [&str; 2] = ["/automerge-0", "/hexane-"];

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does something; gives the place of the panic where Automerge panicked meanwhile.
///
/// # Errors
/// The file and line in Automerge.
///
/// # Panics
/// Where anything else panicked.
pub fn contained<T>(something: impl FnOnce() -> T) -> Result<T, String> {
    note_places();
    catch_unwind(AssertUnwindSafe(something)).map_err(|panic| {
        let place = PLACE.with_borrow_mut(Option::take).unwrap_or_default();
        if MAY_PANIC.iter().any(|name| place.contains(name)) { place } else { resume_unwind(panic) }
    })
}

/// From now on a panic inside of Automerge is noted and not told; all others are told as before.
fn note_places() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let is_automerge = MAY_PANIC.iter().any(|name| place.contains(name));
            PLACE.set(Some(place));
            if !is_automerge {
                before(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_of_our_own_is_not_contained() {
        let outer = catch_unwind(|| contained(|| panic!("ours")));
        assert!(outer.is_err());
        assert_eq!(contained(|| 7), Ok(7));
    }
}
