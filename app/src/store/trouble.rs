//! The browser's errors in the few words with which a person can do something.

use indexed_db_futures::error::{Error, OpenDbError};
use shared::device::table::StoreTrouble;
use wasm_bindgen::JsValue;

/// Why reading or writing failed.
pub(super) fn of(error: &Error) -> StoreTrouble {
    match name_of(error).as_deref() {
        Some("QuotaExceededError") => StoreTrouble::Full,
        Some(
            "InvalidStateError" | "AbortError" | "TransactionInactiveError" | "UnknownError" | "VersionError",
        ) => StoreTrouble::Closed,
        _ => StoreTrouble::Other(error.to_string()),
    }
}

/// Why opening failed.
pub(super) fn of_opening(error: &OpenDbError) -> StoreTrouble {
    match error {
        // Ours is never version 0: the library says so of whatever the browser throws at once, as it does where
        // a setting blocks the storage.
        OpenDbError::UnsupportedEnvironment | OpenDbError::NullFactory | OpenDbError::VersionZero => {
            StoreTrouble::Unavailable
        }
        OpenDbError::Base(base) => match name_of(base).as_deref() {
            // A newer app has been here: this one must be reloaded.
            Some("VersionError" | "AbortError") => StoreTrouble::Closed,
            Some("QuotaExceededError") => StoreTrouble::Full,
            // Private windows and settings that forbid storage answer with one of these.
            Some("SecurityError" | "InvalidStateError" | "UnknownError") => StoreTrouble::Unavailable,
            _ => StoreTrouble::Other(base.to_string()),
        },
    }
}

/// Whether the connection itself has gone, so that a new one may help.
pub(super) fn is_closed(error: &Error) -> bool {
    let name = name_of(error);
    matches!(
        name.as_deref(),
        Some("InvalidStateError" | "AbortError" | "TransactionInactiveError" | "UnknownError")
    )
}

fn name_of(error: &Error) -> Option<String> {
    let value: &JsValue = match error {
        Error::DomException(exception) => exception.as_ref(),
        Error::Unknown(error) => error.as_ref(),
        Error::Serialisation(_) | Error::MissingData(_) => return None,
    };
    js_sys::Reflect::get(value, &"name".into()).ok()?.as_string()
}
