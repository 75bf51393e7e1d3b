//! The app's files: which are kept how long, and what pages may load.
//!
//! Files under `/assets/` carry a hash in their names and never change. All others are asked for anew each
//! time. An address of the app (`/laporan/…`) is answered with `index.html`, whatever the app makes of it.
//! Where a file lies beside its `.br` or `.gz`, that one is sent to whoever takes it, and caches are told so (`Vary`).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use super::Relay;
use super::problem::Problem;

/// What stands in place of the app where it was not built.
const NOT_BUILT: &str = include_str!("site/not_built.html");

/// Answers whatever is no route of the API.
pub async fn serve(State(relay): State<Relay>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") {
        return Problem::NotFound.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::MethodNotAllowed.into_response();
    }
    let site = relay.site();
    if !site.join("index.html").is_file() {
        return not_built();
    }
    let mut response = if is_app_address(&path) {
        let index = ServeFile::new(site.join("index.html")).precompressed_br().precompressed_gzip();
        carried(index.oneshot(request).await)
    } else {
        let files = ServeDir::new(site)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        carried(files.oneshot(request).await)
    };
    // Which of the files goes out hangs on it; ServeDir does not say so. A 304 repeats it.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let is_hashed = path.starts_with("/assets/") && response.status().is_success();
    let cache = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    // A 304 keeps what the browser was told with the file itself.
    if response.status() != StatusCode::NOT_MODIFIED || !path.starts_with("/assets/") {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    }
    response
}

/// Whether an address is a page of the app rather than a file: its last part has no dot.
fn is_app_address(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    !path.starts_with("/assets/") && (!last.contains('.') || path == "/index.html")
}

fn carried<B>(answer: Result<axum::http::Response<B>, std::convert::Infallible>) -> Response
where
    B: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    match answer {
        Ok(response) => response.map(axum::body::Body::new),
        Err(never) => match never {},
    }
}

fn not_built() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, NOT_BUILT).into_response()
}

/// Puts on every answer what keeps pages to themselves: the content security policy and its kin.
pub async fn guard(State(relay): State<Relay>, request: Request, next: Next) -> Response {
    let policy = content_security_policy(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // An attachment has a stricter one.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in GUARDS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if relay.is_https() {
        let a_year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, a_year);
    }
    response
}

const GUARDS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), \
         midi=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// The policy of every page. The WebSocket's address is named as well, for browsers that do not count it
/// as `'self'`.
fn content_security_policy(headers: &HeaderMap) -> HeaderValue {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    // Only what can be a host comes into the header; anything else could write directives of its own.
    let is_host = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    let sockets = host.filter(is_host).map(|host| format!(" ws://{host} wss://{host}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{sockets}; manifest-src 'self'; \
         worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("the host has only letters, digits and a few marks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_app_are_told_from_files() {
        for page in ["/", "/masuk", "/laporan/3xY", "/index.html"] {
            assert!(is_app_address(page), "{page}");
        }
        for file in ["/sw.js", "/manifest.webmanifest", "/assets/app-1a2b.js", "/assets/none", "/icons/i.svg"]
        {
            assert!(!is_app_address(file), "{file}");
        }
    }

    #[test]
    fn host_cannot_write_into_the_policy() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("a; script-src *"));
        let policy = content_security_policy(&headers);
        assert!(policy.to_str().unwrap().contains("connect-src 'self';"));
        headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
        let policy = content_security_policy(&headers);
        assert!(
            policy.to_str().unwrap().contains("connect-src 'self' ws://localhost:8080 wss://localhost:8080;")
        );
    }
}
