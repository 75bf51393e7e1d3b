//! The account: changing one's own password, signing out elsewhere, and setting a password by a link.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use shared::audit::{Act, Sort};
use shared::ids::{DeviceId, UserId};
use tracing::info;

use super::body::Said;
use super::problem::Problem;
use super::session::{Limited, SignedIn};
use super::{Relay, origin};
use crate::hashing::Caller;
use crate::password::{AllowedPassword, Owner, PasswordDigest};
use crate::proxies::ClientAddress;
use crate::store::person::{LinkStanding, NewPassword, PasswordSetter, Person, Sessions, TokenHash};
use crate::trail::refused_sign_in;

/// Hex digits of a link's hash by which wrong ones are counted.
const COUNTED_DIGITS: usize = 16;

/// The body of a change of password.
#[derive(Deserialize)]
pub(super) struct PasswordChange {
    old: String,
    new: String,
}

/// `PUT /api/v1/password`: the person's own password. Their other sessions end.
pub(super) async fn change_password(
    State(relay): State<Relay>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Limited(session): Limited,
    Said(PasswordChange { old, new }): Said<PasswordChange>,
) -> Result<StatusCode, Problem> {
    // The session proves the device: what others try does not hold it up, and it has its own count.
    let caller = Caller::Known(session.device);
    let user = session.user.clone();
    let person = relay.ask(move |store| store.person(&user)).await?.ok_or(Problem::NotSignedIn)?;
    let is_same = old == new;
    let new = allowed(new, &person)?;
    relay.begin_attempt(&caller)?;
    let digest = PasswordDigest::from_stored(person.password_digest);
    let checked = relay.check_password(caller.clone(), Some(digest), old).await;
    if !checked.inspect_err(|_| relay.attempt_unheard(&caller))? {
        let now = relay.clock().wall_ms();
        let act = refused_sign_in(now, Some(&session.user), address, "wrong old password");
        relay.trail().gather(act.on(session.device));
        return Err(Problem::WrongOldPassword);
    }
    relay.attempt_succeeded(&caller);
    if is_same {
        return Err(Problem::PasswordUnchanged);
    }
    let digest = relay.hash_password(caller, new).await?;
    let password = NewPassword { digest, setter: PasswordSetter::Themselves };
    let (user, token, now) = (session.user.clone(), session.token, relay.clock().wall_ms());
    relay.ask(move |store| store.set_password(&user, &password, Some(token), now)).await?;
    relay.rights().changed();
    info!(user = %session.user, device = session.device.short(), "{} changed the password", session.user);
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/sessions/others`: signs out everywhere else. What the devices have not sent stays on them.
pub(super) async fn sign_out_others(
    State(relay): State<Relay>,
    session: SignedIn,
) -> Result<StatusCode, Problem> {
    let kept = Sessions::AllBut(session.token);
    end_sessions(&relay, &session, kept, "this person signed out all other devices").await
}

/// `DELETE /api/v1/sessions`: signs out everywhere, here too.
pub(super) async fn sign_out_everywhere(
    State(relay): State<Relay>,
    session: SignedIn,
) -> Result<StatusCode, Problem> {
    end_sessions(&relay, &session, Sessions::All, "this person signed out all devices").await
}

/// `DELETE /api/v1/devices/{device}/session`: signs out one of the person's own devices.
pub(super) async fn sign_out_device(
    State(relay): State<Relay>,
    session: SignedIn,
    Path(device): Path<String>,
) -> Result<StatusCode, Problem> {
    let device: DeviceId = device.parse().map_err(|_| Problem::NotFound)?;
    let user = session.user.clone();
    let is_theirs = relay.ask(move |store| {
        let is_theirs = store.device(device)?.is_some_and(|row| row.owner == user);
        if is_theirs {
            store.close_sessions(&user, Sessions::Of(device))?;
        }
        Ok(is_theirs)
    });
    // That another person's device exists is not told.
    if !is_theirs.await? {
        return Err(Problem::NotFound);
    }
    Ok(signed_out(&relay, &session, &format!("this person signed out device {}", device.short())))
}

async fn end_sessions(
    relay: &Relay,
    session: &SignedIn,
    sessions: Sessions,
    detail: &str,
) -> Result<StatusCode, Problem> {
    let user = session.user.clone();
    relay.ask(move |store| store.close_sessions(&user, sessions)).await?;
    Ok(signed_out(relay, session, detail))
}

/// Tells whom it concerns that sessions have ended.
fn signed_out(relay: &Relay, session: &SignedIn, detail: &str) -> StatusCode {
    relay.rights().changed();
    info!(user = %session.user, device = session.device.short(), "{} signed out devices", session.user);
    let act = Act::new(relay.clock().wall_ms(), Sort::SignOut).of(&session.user).on(session.device);
    relay.trail().tell(act.saying(detail));
    StatusCode::NO_CONTENT
}

/// The body of a question for a link. It stands in no address: those are logged on the way.
#[derive(Deserialize)]
pub(super) struct LinkQuestion {
    token: String,
}

/// Whose password a link sets.
#[derive(Serialize)]
pub(super) struct LinkAnswer {
    user: UserId,
    name: String,
}

/// `POST /api/v1/link`: whether a link may still be used, and by whom.
pub(super) async fn look_at_link(
    State(relay): State<Relay>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    Said(LinkQuestion { token }): Said<LinkQuestion>,
) -> Result<Json<LinkAnswer>, Problem> {
    let link = Link { token: token_of(&token)?, address };
    let person = link.person(&relay, &headers).await?;
    Ok(Json(LinkAnswer { user: person.user, name: person.name }))
}

/// The body of a password that is set by a link.
#[derive(Deserialize)]
pub(super) struct LinkUse {
    token: String,
    password: String,
}

/// `POST /api/v1/link/password`: sets the password, once. The person's sessions of before end.
pub(super) async fn use_link(
    State(relay): State<Relay>,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    Said(LinkUse { token, password }): Said<LinkUse>,
) -> Result<StatusCode, Problem> {
    let link = Link { token: token_of(&token)?, address };
    let person = link.person(&relay, &headers).await?;
    let password = allowed(password, &person)?;
    let digest = relay.hash_password(link.caller(), password).await?;
    let (token, now) = (link.token, relay.clock().wall_ms());
    good(relay.ask(move |store| store.use_link(token, &digest, now)).await?)?;
    relay.rights().changed();
    info!(user = %person.user, "{} set a password by a link", person.user);
    Ok(StatusCode::NO_CONTENT)
}

/// A link that somebody brings.
struct Link {
    token: TokenHash,
    address: std::net::IpAddr,
}

impl Link {
    /// Who brings it: wrong ones count against the address, and against no other's link.
    fn caller(&self) -> Caller {
        let mut name = format!("link {}", hex::encode(self.token.as_bytes()));
        name.truncate("link ".len() + COUNTED_DIGITS);
        Caller::Unknown { name, address: self.address }
    }

    /// Whose password it sets.
    async fn person(&self, relay: &Relay, headers: &HeaderMap) -> Result<Person, Problem> {
        // A page of somebody else's sets nobody's password.
        origin::expect_own_if_named(relay, headers)?;
        let caller = self.caller();
        relay.begin_attempt(&caller)?;
        let (token, now) = (self.token, relay.clock().wall_ms());
        let found = relay.ask(move |store| {
            let standing = store.link(token, now)?;
            let person = if let LinkStanding::Good(user) = &standing { store.person(user)? } else { None };
            Ok((standing, person))
        });
        let (standing, person) = found.await.inspect_err(|_| relay.attempt_unheard(&caller))?;
        if standing == LinkStanding::Unknown {
            relay.trail().gather(refused_sign_in(now, None, self.address, "no such link"));
        } else {
            relay.attempt_succeeded(&caller);
        }
        good(standing)?;
        person.ok_or(Problem::LinkUnknown)
    }
}

fn token_of(text: &str) -> Result<TokenHash, Problem> {
    Ok(TokenHash::of(&hex::decode(text).map_err(|_| Problem::LinkUnknown)?))
}

fn good(standing: LinkStanding) -> Result<UserId, Problem> {
    match standing {
        LinkStanding::Good(user) => Ok(user),
        LinkStanding::Used => Err(Problem::LinkUsed),
        LinkStanding::Expired => Err(Problem::LinkExpired),
        LinkStanding::Replaced => Err(Problem::LinkReplaced),
        LinkStanding::Withdrawn => Err(Problem::LinkWithdrawn),
        LinkStanding::Unknown => Err(Problem::LinkUnknown),
    }
}

fn allowed(password: String, person: &Person) -> Result<AllowedPassword, Problem> {
    let owner = Owner { user: &person.user, name: &person.name };
    AllowedPassword::new(password, owner).map_err(Problem::PasswordRefused)
}
