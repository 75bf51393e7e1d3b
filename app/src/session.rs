//! Signing in and out, and what else is asked of the relay over plain HTTP. All of it is the app's own origin;
//! the session is a cookie that scripts cannot read.

use js_sys::Uint8Array;
use shared::code::Code;
use shared::device::directory::DirectoryPage;
use shared::device::row::PersonRow;
use shared::ids::{DeviceId, FeedId, UserId};
use shared::role::Role;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestCredentials, RequestInit, Response};

use crate::browser;
use crate::json::{Read, Written};

/// How long an ordinary request may take; links here are slow, not dead.
pub const REQUEST_MS: i32 = 30_000;

/// The problem with which the relay answers whose account is disabled.
pub const ACCOUNT_DISABLED: &str = "account-disabled";
/// The problem with which it answers a device that was revoked.
const DEVICE_REVOKED: &str = "device-revoked";
/// The problem with which the relay answers who is to change the password first that somebody else set.
pub const PASSWORD_DUE: &str = "password-due";
/// The relay's problem where the old password is another one.
pub const WRONG_OLD_PASSWORD: &str = "wrong-old-password";
/// The problem of a device that belongs to another person.
const FOREIGN_DEVICE: &str = "foreign-device";

/// An answer of the relay, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Seconds to wait, where the relay says so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// The relay could not be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the relay cannot be reached: {0}")]
pub struct Unreachable(pub String);

/// A body to be sent.
#[derive(Clone, Debug)]
pub enum Body {
    /// None.
    Empty,
    /// JSON.
    Json(String),
    /// CBOR frames.
    Cbor(Vec<u8>),
}

/// What the relay knows of who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person.
    pub user: UserId,
    /// Their name, where the answer has it.
    pub name: Option<String>,
    /// The device of the session.
    pub device: DeviceId,
    /// The feeds that they may read.
    pub feeds: Vec<SignedInFeed>,
    /// The password is to be changed before the session does anything else.
    pub password_due: bool,
}

impl SignedIn {
    fn read(body: &[u8]) -> Option<Self> {
        let answer = Read::parse(body)?;
        let feeds = answer.get("feeds").list(|feed| {
            Some(SignedInFeed {
                feed: feed.get("feed").parsed()?,
                name: feed.get("name").text().unwrap_or_default(),
                role: Code::from_text(&feed.get("role").text()?)?,
            })
        })?;
        Some(Self {
            user: answer.get("user").parsed()?,
            name: answer.get("name").text(),
            device: answer.get("device").parsed()?,
            feeds,
            password_due: answer.get("password_due").is_true(),
        })
    }
}

/// A feed of who has just signed in.
#[derive(Clone, Debug)]
pub struct SignedInFeed {
    /// The feed.
    pub feed: FeedId,
    /// Its name for people.
    pub name: String,
    /// What the person may do in it.
    pub role: Code<Role>,
}

/// Why signing in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// Wrong user name or password.
    Wrong,
    /// The account is disabled.
    Disabled,
    /// The device belongs to another person.
    ForeignDevice,
    /// Too many tries; wait so many seconds.
    TooMany(u64),
    /// The relay cannot be reached.
    Unreachable,
    /// Something answers that is not the relay, such as the sign-in page of a hotel's network.
    NotTheRelay,
    /// Anything else, in the relay's words.
    Other(String),
}

/// Signs in, and enrols this browser as a device where it has none yet.
///
/// # Errors
/// Why it failed.
pub async fn sign_in(
    username: &str,
    password: &str,
    device: Option<DeviceId>,
) -> Result<SignedIn, SignInRefusal> {
    let mut credentials = vec![
        ("username", Written::Text(username.to_owned())),
        ("password", Written::Text(password.to_owned())),
        ("device_name", Written::Text(device_name())),
    ];
    credentials.extend(device.map(|device| ("device", Written::Text(device.to_string()))));
    let secret = device.and_then(remembered::device_secret);
    credentials.extend(secret.map(|secret| ("device_secret", Written::Text(secret))));
    let body = Written::Object(credentials).to_line();
    let answer = ask("POST", "/api/v1/session", Body::Json(body), REQUEST_MS)
        .await
        .map_err(|_| SignInRefusal::Unreachable)?;
    match answer.status {
        200..=299 => {
            let signed_in = SignedIn::read(&answer.body).ok_or(SignInRefusal::NotTheRelay)?;
            if let Some(secret) = Read::parse(&answer.body).and_then(|body| body.get("device_secret").text())
            {
                remembered::set_device_secret(signed_in.device, &secret);
            }
            Ok(signed_in)
        }
        401 if answer.is_problem(ACCOUNT_DISABLED) => Err(SignInRefusal::Disabled),
        401 => Err(SignInRefusal::Wrong),
        403 if answer.is_problem(FOREIGN_DEVICE) => Err(SignInRefusal::ForeignDevice),
        429 => Err(SignInRefusal::TooMany(answer.retry_after.unwrap_or(60))),
        // A proxy's answer for a relay that is down.
        502..=504 => Err(SignInRefusal::Unreachable),
        status => Err(SignInRefusal::Other(answer.detail().unwrap_or_else(|| format!("HTTP {status}.")))),
    }
}

/// Ends the session of this browser at the relay. Where the relay cannot be reached, it is ended at the next contact: the
/// browser keeps the session's cookie, and that it is to be ended.
pub async fn sign_out() {
    remembered::set_must_end(true);
    // Where it does not end now, the next contact ends it.
    let _ = end_left_session().await;
}

/// Ends at the relay what was signed out without a connection.
///
/// # Errors
/// Why it has not ended: nobody but the relay says that it has.
pub async fn end_left_session() -> Result<(), SignInRefusal> {
    if !remembered::must_end() {
        return Ok(());
    }
    let answer = ask("DELETE", "/api/v1/session", Body::Empty, REQUEST_MS).await;
    let answer = answer.map_err(|_| SignInRefusal::Unreachable)?;
    match answer.standing() {
        Standing::Good if answer.status == 200 => return Err(SignInRefusal::NotTheRelay),
        Standing::Refused(detail) => return Err(SignInRefusal::Other(detail)),
        Standing::Unreachable => return Err(SignInRefusal::Unreachable),
        // It has ended now, or was over already.
        Standing::Good | Standing::SignInNeeded | Standing::AccountDisabled | Standing::DeviceRevoked => {}
    }
    remembered::set_must_end(false);
    Ok(())
}

/// What an answer says of whether this device may sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Good,
    /// The session is over.
    SignInNeeded,
    /// The account is disabled.
    AccountDisabled,
    /// The device was revoked.
    DeviceRevoked,
    /// The relay refuses, in these words.
    Refused(String),
    /// The relay does not answer, or not now, or somebody else does.
    Unreachable,
}

/// A page of the directory; `None` where the relay does not tell.
pub async fn directory(path: &str) -> Option<DirectoryPage> {
    let answer = Read::parse(&fetch(path).await?)?;
    let people = answer.get("people").list(|person| {
        Some(PersonRow {
            user: person.get("user").parsed()?,
            name: person.get("name").text().unwrap_or_default(),
            position: person.get("position").text().unwrap_or_default(),
            devices: person.get("devices").list(|device| device.parsed())?,
            office: person.get("office").text(),
        })
    })?;
    Some(DirectoryPage { now: answer.get("now").number()?, people, has_more: answer.get("more").is_true() })
}

/// What lies under a path of the relay; `None` where it does not give it just now.
pub async fn fetch(path: &str) -> Option<Vec<u8>> {
    let answer = ask("GET", path, Body::Empty, REQUEST_MS).await.ok()?;
    (answer.status == 200).then_some(answer.body)
}

/// Sends one request to the relay and reads its answer.
///
/// # Errors
/// When no answer comes within `limit_ms`.
pub async fn ask(method: &str, path: &str, body: Body, limit_ms: i32) -> Result<Answer, Unreachable> {
    let unreachable = |error: JsValue| Unreachable(browser::error_text(&error));
    let headers = Headers::new().map_err(unreachable)?;
    // What the relay says is for the person: in the language of the screen, not of the browser.
    headers.set("accept-language", crate::words::language().code()).map_err(unreachable)?;
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::SameOrigin);
    match &body {
        Body::Empty => {}
        Body::Json(text) => {
            headers.set("content-type", "application/json").map_err(unreachable)?;
            init.set_body(&JsValue::from_str(text));
        }
        Body::Cbor(bytes) => {
            headers.set("content-type", "application/cbor").map_err(unreachable)?;
            init.set_body(&Uint8Array::from(bytes.as_slice()));
        }
    }
    init.set_headers(&headers);
    let abort = AbortController::new().map_err(unreachable)?;
    init.set_signal(Some(&abort.signal()));
    let _limit = gloo_timers::callback::Timeout::new(limit_ms.unsigned_abs(), move || abort.abort());

    let request = browser::window().fetch_with_str_and_init(path, &init);
    let response: Response =
        JsFuture::from(request).await.map_err(unreachable)?.dyn_into().map_err(unreachable)?;
    let retry_after = response.headers().get("retry-after").ok().flatten().and_then(|text| text.parse().ok());
    let body = JsFuture::from(response.array_buffer().map_err(unreachable)?).await.map_err(unreachable)?;
    Ok(Answer { status: response.status(), retry_after, body: Uint8Array::new(&body).to_vec() })
}

impl Answer {
    /// Whether it is the relay's problem of this name.
    pub fn is_problem(&self, name: &str) -> bool {
        let problem = Read::parse(&self.body).and_then(|problem| problem.get("type").text());
        problem.is_some_and(|problem| problem.rsplit(':').next() == Some(name))
    }

    /// What it says of whether this device may sync.
    pub fn standing(&self) -> Standing {
        match self.status {
            200 | 204 => Standing::Good,
            _ if self.is_problem(ACCOUNT_DISABLED) => Standing::AccountDisabled,
            _ if self.is_problem(DEVICE_REVOKED) => Standing::DeviceRevoked,
            _ if self.is_problem(PASSWORD_DUE) => Standing::SignInNeeded,
            401 => Standing::SignInNeeded,
            // Too slow, or too often: it is tried again.
            408 | 429 => Standing::Unreachable,
            // What has no words of the relay's comes from something in front of it.
            400..500 => self.detail().map_or(Standing::Unreachable, Standing::Refused),
            _ => Standing::Unreachable,
        }
    }

    /// What `application/problem+json` says in words.
    pub fn detail(&self) -> Option<String> {
        let problem = Read::parse(&self.body)?;
        problem.get("detail").text().or_else(|| problem.get("title").text())
    }
}

/// What this browser calls itself in the list of devices: the browser and the system, never a serial number.
fn device_name() -> String {
    let agent = browser::window().navigator().user_agent().unwrap_or_default();
    let named = |names: &[(&str, &str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned())
    };
    let program = named(&[
        ("Edg/", "Edge"),
        ("SamsungBrowser", "Samsung Internet"),
        ("OPR/", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = named(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    let words: Vec<String> = [program, system].into_iter().flatten().collect();
    if words.is_empty() { "Browser".to_owned() } else { words.join(", ") }
}

/// Which people have signed in on this browser, the last one first. Kept apart from their databases, and small.
pub mod remembered {
    use super::{DeviceId, UserId, browser};

    const PEOPLE: &str = "simpul.people";
    const SIGNED_IN: &str = "simpul.signed-in";
    /// Before the device.
    const SECRET: &str = "simpul.device-secret.";
    const MUST_END: &str = "simpul.must-end";

    /// The person whose database opens at the next start.
    pub fn signed_in() -> Option<UserId> {
        storage()?.get_item(SIGNED_IN).ok()??.parse().ok()
    }

    /// Everybody who has a database on this browser.
    pub fn people() -> Vec<UserId> {
        let text = storage().and_then(|storage| storage.get_item(PEOPLE).ok().flatten()).unwrap_or_default();
        text.split('\n').filter_map(|user| user.parse().ok()).collect()
    }

    /// Whether a session was signed out that the relay still holds for good.
    pub fn must_end() -> bool {
        storage().and_then(|storage| storage.get_item(MUST_END).ok().flatten()).is_some()
    }

    /// By what a device proves at a sign-in that it was here before, so that it does not wait for what others do.
    pub fn device_secret(device: DeviceId) -> Option<String> {
        storage()?.get_item(&format!("{SECRET}{device}")).ok()?
    }

    /// Keeps that, also once the session is over.
    pub fn set_device_secret(device: DeviceId, secret: &str) {
        let Some(storage) = storage() else { return };
        // A browser that refuses this waits its turn like one that is new.
        let _ = storage.set_item(&format!("{SECRET}{device}"), secret);
    }

    /// Notes that the relay is to be told of a sign-out, or that it was.
    pub fn set_must_end(must_end: bool) {
        let Some(storage) = storage() else { return };
        // A browser that refuses this keeps no database either.
        let _ = if must_end { storage.set_item(MUST_END, "1") } else { storage.remove_item(MUST_END) };
    }

    /// This person's database opens from now on.
    pub fn set_signed_in(user: Option<&UserId>) {
        let Some(storage) = storage() else { return };
        // A browser that refuses this keeps no database either, which is told where the database is opened.
        let _ = match user {
            Some(user) => {
                let others = people().into_iter().filter(|known| known != user);
                let all: Vec<String> =
                    std::iter::once(user.clone()).chain(others).map(|user| user.to_string()).collect();
                let _ = storage.set_item(PEOPLE, &all.join("\n"));
                storage.set_item(SIGNED_IN, user.as_str())
            }
            None => storage.remove_item(SIGNED_IN),
        };
    }

    fn storage() -> Option<web_sys::Storage> {
        browser::window().local_storage().ok().flatten()
    }
}
