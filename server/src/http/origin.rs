//! Whether a request comes from one of the app's own pages.
//!
//! A cookie goes along with whatever a browser sends here, so on each request with a cookie that changes
//! state or syncs the page's origin must be ours. A WebSocket is under no same-origin rule at all: there
//! this check is the only one.

use axum::http::{HeaderMap, header};

use super::Relay;
use super::problem::Problem;
use crate::misfits::Misfit;

/// Bytes of a header that the log repeats.
const TOLD_BYTES: usize = 200;

/// Refuses what comes from no page of ours, and tells the log which origin came and which is expected.
///
/// # Errors
/// [`Problem::ForeignOrigin`] where it does.
pub(super) fn expect_own(relay: &Relay, headers: &HeaderMap) -> Result<(), Problem> {
    let configured = relay.settings().origin.as_deref();
    if is_own(headers, configured) {
        return Ok(());
    }
    if relay.metrics().misfit(Misfit::ForeignOrigin) {
        let came = told(headers, header::ORIGIN);
        match configured {
            Some(expected) => tracing::warn!(
                "a request was refused: its page is of {came:?}, and {expected:?} is expected. Where people type the former, \
                 set `origin` (SIMPUL_ORIGIN) to it"
            ),
            None => tracing::warn!(
                "a request was refused: its page is of {came:?}, and it was sent to the host {:?}. Behind a proxy, set \
                 `origin` (SIMPUL_ORIGIN) to the address that people type",
                told(headers, header::HOST)
            ),
        }
    }
    Err(Problem::ForeignOrigin)
}

/// The same of a request that no cookie speaks for: what is no browser's names no page, and is let in.
///
/// # Errors
/// As [`expect_own`].
pub(super) fn expect_own_if_named(relay: &Relay, headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(header::ORIGIN) { expect_own(relay, headers) } else { Ok(()) }
}

/// A header's text, as the log repeats it.
fn told(headers: &HeaderMap, name: header::HeaderName) -> String {
    let bytes = headers.get(name).map_or(&b""[..], |value| value.as_bytes());
    String::from_utf8_lossy(&bytes[..bytes.len().min(TOLD_BYTES)]).into_owned()
}

/// Whether the `Origin` header names this relay: the configured origin, or else the host that the request
/// was sent to. A request without the header is none of a browser's page.
pub fn is_own(headers: &HeaderMap, configured: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return false };
    if let Some(configured) = configured {
        return origin.eq_ignore_ascii_case(configured);
    }
    let host_of_origin = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    match (host_of_origin, text(header::HOST)) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(origin: Option<&'static str>, host: &'static str, configured: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        is_own(&headers, configured)
    }

    #[test]
    fn page_of_the_same_host_and_port_is_own() {
        assert!(asked(Some("http://localhost:8080"), "localhost:8080", None));
        assert!(!asked(Some("http://localhost:8081"), "localhost:8080", None));
        assert!(!asked(Some("https://evil.example"), "localhost:8080", None));
    }

    #[test]
    fn configured_origin_is_the_only_own_one() {
        let configured = Some("https://simpul.example");
        assert!(asked(Some("https://simpul.example"), "127.0.0.1:8080", configured));
        assert!(!asked(Some("http://127.0.0.1:8080"), "127.0.0.1:8080", configured));
    }

    #[test]
    fn absent_and_opaque_origins_are_not_own() {
        assert!(!asked(None, "localhost", None));
        assert!(!asked(Some("null"), "localhost", None));
    }
}
