//! Signing in and out, and who speaks in a request.
//!
//! A session is a random token; the store knows only its hash. Browsers carry it in a cookie that no
//! script can read, other clients in `Authorization: Bearer`. A session belongs to one person and one
//! device.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use axum_extra::extract::CookieJar;
use serde::{Deserialize, Serialize};
use shared::audit::{Act, Sort};
use shared::ids::{DeviceId, FeedId, UserId};
use shared::role::Role;
use tracing::info;

use super::body::Said;
use super::problem::Problem;
use super::{Relay, origin};
use crate::clock::DAY_MS;
use crate::hashing::Caller;
use crate::password::PasswordDigest;
use crate::places::Place;
use crate::proxies::ClientAddress;
use crate::random::random;
use crate::store::person::{Enrolment, PasswordSetter, SessionEnd, SessionRow, TokenHash};
use crate::store::{Store, StoreError};
use crate::trail::refused_sign_in;

const COOKIE: &str = "simpul_session";
/// Seconds after which who has too many connections may come back.
const CROWDED_RETRY_S: u64 = 5;
/// Bytes of a token: 256 random bits.
const TOKEN_BYTES: usize = 32;
/// Characters of a device's name that are kept.
const DEVICE_NAME_CHARACTERS: usize = 80;

/// Who speaks: extracted from a request before anything else of it is read.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    /// The person.
    pub(super) user: UserId,
    /// The device.
    pub(super) device: DeviceId,
    /// When the session ends, milliseconds since 1970.
    pub(super) expires_at: u64,
    /// The session's key in the store.
    pub(super) token: TokenHash,
}

impl FromRequestParts<Relay> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, relay: &Relay) -> Result<Self, Problem> {
        Self::find(parts, relay, |store, token, now| store.session(token, now)).await
    }
}

/// The same, also where the person is to change the password first that somebody else set: for the routes by which they
/// do that, or sign out.
#[derive(Clone, Debug)]
pub(super) struct Limited(pub(super) SignedIn);

impl FromRequestParts<Relay> for Limited {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, relay: &Relay) -> Result<Self, Problem> {
        SignedIn::find(parts, relay, |store, token, now| store.limited_session(token, now)).await.map(Self)
    }
}

/// How the store is asked for a session.
type Question = fn(&dyn Store, TokenHash, u64) -> Result<Option<SessionRow>, StoreError>;

impl SignedIn {
    async fn find(parts: &mut Parts, relay: &Relay, ask: Question) -> Result<Self, Problem> {
        let bearer = parts.headers.get(header::AUTHORIZATION).map(bearer_token);
        let token = match bearer {
            Some(token) => token.ok_or(Problem::NotSignedIn)?,
            None => {
                let jar = CookieJar::from_headers(&parts.headers);
                let cookie = jar.get(COOKIE).ok_or(Problem::NotSignedIn)?;
                let changes_state = !matches!(parts.method, Method::GET | Method::HEAD);
                let syncs = parts.headers.contains_key(header::UPGRADE);
                if changes_state || syncs {
                    origin::expect_own(relay, &parts.headers)?;
                }
                cookie.value().to_owned()
            }
        };
        let token = TokenHash::of(&hex::decode(token).map_err(|_| Problem::NotSignedIn)?);
        let now = relay.clock().wall_ms();
        let found = relay.ask(move |store| match ask(store, token, now)? {
            Some(row) => Ok(Ok(row)),
            None => Ok(Err(store.session_end(token)?)),
        });
        let row = found.await?.map_err(|end| match end {
            SessionEnd::Disabled => Problem::AccountDisabled,
            SessionEnd::PasswordDue => Problem::PasswordDue,
            SessionEnd::Revoked => Problem::DeviceRevoked,
            SessionEnd::Over => Problem::NotSignedIn,
        })?;
        let counted = relay.rates().request(&row.user);
        counted.inspect_err(|_| relay.metrics().limited("requests"))?;
        let is_in = parts.extensions.get::<Place>().is_none_or(|place| place.is_of(&row.user).is_ok());
        if !is_in {
            relay.metrics().limited("connections");
            return Err(Problem::TooManyRequests { retry_after_s: CROWDED_RETRY_S });
        }
        let mut session = Self { user: row.user, device: row.device, expires_at: row.expires_at, token };
        session.prolong(relay, now).await?;
        Ok(session)
    }

    /// A session that is used lasts on; written at most once a day.
    async fn prolong(&mut self, relay: &Relay, now: u64) -> Result<(), Problem> {
        let expires_at = now + u64::from(relay.settings().session_days) * DAY_MS;
        if expires_at < self.expires_at + DAY_MS {
            return Ok(());
        }
        self.expires_at = expires_at;
        let (token, row) = (self.token, self.row());
        relay.ask(move |store| store.open_session(token, &row)).await
    }

    fn row(&self) -> SessionRow {
        SessionRow { user: self.user.clone(), device: self.device, expires_at: self.expires_at }
    }
}

fn bearer_token(value: &HeaderValue) -> Option<String> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The body of a sign-in.
#[derive(Deserialize)]
pub(super) struct SignInRequest {
    username: String,
    password: String,
    #[serde(default)]
    device_name: String,
    #[serde(default)]
    device: Option<DeviceId>,
    /// In hex: what an earlier sign-in of the device was given.
    #[serde(default)]
    device_secret: Option<String>,
    #[serde(default)]
    want_token: bool,
}

/// The answer to a sign-in.
#[derive(Serialize)]
struct SignInAnswer {
    user: UserId,
    name: String,
    position: String,
    device: DeviceId,
    feeds: Vec<FeedOfPerson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// In hex: a new one, where the device proved none. It outlives the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_secret: Option<String>,
    /// The password is to be changed first: until then the session does nothing else.
    #[serde(skip_serializing_if = "is_not_due")]
    password_due: bool,
}

/// What is not so is left out.
fn is_not_due(password_due: &bool) -> bool {
    !password_due
}

#[derive(Serialize)]
struct FeedOfPerson {
    feed: FeedId,
    name: String,
    role: Role,
}

/// `POST /api/v1/session`.
pub(super) async fn sign_in(
    State(relay): State<Relay>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    Said(request): Said<SignInRequest>,
) -> Result<Response, Problem> {
    // A page of somebody else's must not sign a browser in as somebody else.
    origin::expect_own_if_named(&relay, &headers)?;
    let username = request.username.trim().to_lowercase();
    let refused =
        |person: Option<&UserId>, why| refused_sign_in(relay.clock().wall_ms(), person, address, why);
    let user: Option<UserId> = username.parse().ok();
    let caller = match known_device(&relay, user.clone(), &request).await? {
        Some(device) => Caller::Known(device),
        None => Caller::Unknown { name: username, address },
    };
    let begun = relay.begin_attempt(&caller);
    begun.inspect_err(|_| relay.trail().gather(refused(None, "too many attempts")))?;
    let person = match user {
        Some(user) => relay.ask(move |store| store.person(&user)).await?,
        None => None,
    };
    let known = person.as_ref().map(|person| person.user.clone());
    let digest = person.as_ref().map(|person| PasswordDigest::from_stored(person.password_digest.clone()));
    let checked = relay.check_password(caller.clone(), digest, request.password).await;
    let is_right = checked.inspect_err(|_| relay.attempt_unheard(&caller))?;
    let Some(person) = person.filter(|_| is_right) else {
        info!("a sign-in failed");
        let why = if known.is_some() { "wrong password" } else { "no such name" };
        relay.trail().gather(refused(known.as_ref(), why));
        return Err(Problem::WrongPassword);
    };
    relay.attempt_succeeded(&caller);
    // Told only to who knows the password: others do not learn who has an account.
    if person.is_disabled {
        relay.trail().gather(refused(known.as_ref(), "the account is disabled"));
        return Err(Problem::AccountDisabled);
    }

    let now = relay.clock().wall_ms();
    let device = request.device.unwrap_or_else(|| DeviceId::from_bytes(random()));
    let device_name: String = request.device_name.chars().take(DEVICE_NAME_CHARACTERS).collect();
    let token: [u8; TOKEN_BYTES] = random();
    let days = relay.settings().session_days;
    let expires_at = now + u64::from(days) * DAY_MS;
    let user = person.user.clone();
    let secret: Option<[u8; TOKEN_BYTES]> = matches!(caller, Caller::Unknown { .. }).then(random);
    let (enrolment, setter, feeds) = relay
        .ask(move |store| {
            let enrolment = store.enrol(device, &user, &device_name, now)?;
            if enrolment == Enrolment::Enrolled {
                let row = SessionRow { user: user.clone(), device, expires_at };
                store.open_session(TokenHash::of(&token), &row)?;
                if let Some(secret) = secret {
                    store.put_device_secret(device, TokenHash::of(&secret))?;
                }
            }
            let names = store.feeds()?;
            let roles = store.roles(&user)?.into_iter();
            let feeds = roles.map(|(feed, role)| FeedOfPerson {
                name: names.get(&feed).cloned().unwrap_or_default(),
                feed,
                role,
            });
            Ok((enrolment, store.password_setter(&user)?, feeds.collect()))
        })
        .await?;
    match enrolment {
        Enrolment::Enrolled => {}
        Enrolment::OfAnother => {
            let act = refused(Some(&person.user), "the device is another person's");
            relay.trail().gather(act.on(device));
            return Err(Problem::ForeignDevice);
        }
        Enrolment::Revoked => {
            let act = refused(Some(&person.user), "the device was revoked");
            relay.trail().gather(act.on(device));
            return Err(Problem::RevokedDevice);
        }
    }
    relay.trail().tell(Act::new(now, Sort::SignIn).of(&person.user).on(device).from(address));
    info!(user = %person.user, device = device.short(), "{} signed in", person.user);
    let token = hex::encode(token);
    let answer = SignInAnswer {
        user: person.user,
        name: person.name,
        position: person.position,
        device,
        feeds,
        token: request.want_token.then(|| token.clone()),
        device_secret: secret.map(hex::encode),
        password_due: setter == PasswordSetter::Somebody,
    };
    let mut response = (StatusCode::OK, Json(answer)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Who asked for the token keeps it; a cookie besides would be a second copy that nobody guards.
    if request.want_token {
        return Ok(response);
    }
    let max_age = u64::from(days) * DAY_MS / 1000;
    Ok((set_cookie(&relay, &token, max_age), response).into_response())
}

/// The device that the request proves to be, by the secret of an earlier sign-in of this person.
async fn known_device(
    relay: &Relay,
    user: Option<UserId>,
    request: &SignInRequest,
) -> Result<Option<DeviceId>, Problem> {
    let secret = request.device_secret.as_deref().and_then(|secret| hex::decode(secret).ok());
    let (Some(user), Some(device), Some(secret)) = (user, request.device, secret) else { return Ok(None) };
    let secret = TokenHash::of(&secret);
    let is_proven = relay.ask(move |store| store.proves_device(device, &user, secret)).await?;
    Ok(is_proven.then_some(device))
}

/// `DELETE /api/v1/session`: signs out this device. What it has not sent stays on it.
pub(super) async fn sign_out(
    State(relay): State<Relay>,
    Limited(session): Limited,
) -> Result<Response, Problem> {
    let token = session.token;
    relay.ask(move |store| store.close_session(token)).await?;
    relay.rights().changed();
    relay.connections().end_session(session.device);
    info!(user = %session.user, device = session.device.short(), "{} signed out", session.user);
    relay.trail().tell(Act::new(relay.clock().wall_ms(), Sort::SignOut).of(&session.user).on(session.device));
    Ok((set_cookie(&relay, "", 0), StatusCode::NO_CONTENT).into_response())
}

/// The `Set-Cookie` header of a session; an age of 0 takes the cookie away.
fn set_cookie(relay: &Relay, token: &str, max_age_s: u64) -> [(header::HeaderName, String); 1] {
    let secure = if relay.settings().has_secure_cookies() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}");
    [(header::SET_COOKIE, cookie)]
}
