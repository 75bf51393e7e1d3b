//! One's own account at the relay: passwords, devices, and links by which a password is set.

use shared::ids::{DeviceId, UserId};

use crate::json::{Read, Written};
use crate::session::{ACCOUNT_DISABLED, Answer, Body, PASSWORD_DUE, REQUEST_MS, WRONG_OLD_PASSWORD, ask};

/// Why the relay did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountRefusal {
    /// It cannot be reached.
    Unreachable,
    /// The session is over.
    SignInNeeded,
    /// The old password is another one.
    WrongOldPassword,
    /// Too many tries; wait so many seconds.
    TooMany(u64),
    /// In the relay's words.
    Said(String),
}

/// A device of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDevice {
    /// Its id.
    pub device: DeviceId,
    /// What it called itself: the browser and the system.
    pub name: String,
    /// When it was enrolled, milliseconds since 1970.
    pub enrolled_at: u64,
    /// When it was connected last.
    pub seen_at: Option<u64>,
    /// Whether somebody is signed in there.
    pub is_signed_in: bool,
    /// Whether it is this one.
    pub is_this: bool,
}

/// Which devices are to be signed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOut {
    /// One.
    Device(DeviceId),
    /// All but this one.
    Others,
    /// All.
    Everywhere,
}

/// Whose password a link sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkOwner {
    /// The user name.
    pub user: UserId,
    /// The name.
    pub name: String,
}

/// Changes the password of who is signed in; their other devices are signed out.
///
/// # Errors
/// Why it was not changed.
pub async fn change_password(old: String, new: String) -> Result<(), AccountRefusal> {
    let body = Written::Object(vec![("old", Written::Text(old)), ("new", Written::Text(new))]);
    done("PUT", "/api/v1/password", Body::Json(body.to_line())).await.map(drop)
}

/// The person's devices that are not revoked, this one first and then those that were here last.
///
/// # Errors
/// Why the relay does not name them.
pub async fn own_devices(user: &UserId) -> Result<Vec<OwnDevice>, AccountRefusal> {
    let answer = done("GET", "/api/v1/devices", Body::Empty).await?;
    let rows = Read::parse(&answer.body).and_then(|rows| {
        rows.list(|row| {
            let is_own = row.get("user").text()? == user.as_str() && row.get("revoked_at").is_absent();
            let device = OwnDevice {
                device: row.get("device").parsed()?,
                name: row.get("name").text().unwrap_or_default(),
                enrolled_at: row.get("enrolled_at").number().unwrap_or(0),
                seen_at: row.get("seen_at").number(),
                is_signed_in: row.get("is_signed_in").is_true(),
                is_this: row.get("is_this").is_true(),
            };
            Some(is_own.then_some(device))
        })
    });
    let mut devices: Vec<OwnDevice> =
        rows.ok_or(AccountRefusal::Unreachable)?.into_iter().flatten().collect();
    devices.sort_by_key(|row| {
        std::cmp::Reverse((row.is_this, row.is_signed_in, row.seen_at.unwrap_or(row.enrolled_at)))
    });
    Ok(devices)
}

/// Signs devices out. What they have not sent stays on them.
///
/// # Errors
/// Why they were not.
pub async fn sign_out(which: SignOut) -> Result<(), AccountRefusal> {
    let path = match which {
        SignOut::Device(device) => format!("/api/v1/devices/{device}/session"),
        SignOut::Others => "/api/v1/sessions/others".to_owned(),
        SignOut::Everywhere => "/api/v1/sessions".to_owned(),
    };
    done("DELETE", &path, Body::Empty).await.map(drop)
}

/// Whose password a link sets, where it may be used.
///
/// # Errors
/// Why it may not.
pub async fn look_at_link(token: String) -> Result<LinkOwner, AccountRefusal> {
    let body = Written::Object(vec![("token", Written::Text(token))]);
    let answer = done("POST", "/api/v1/link", Body::Json(body.to_line())).await?;
    let owner = Read::parse(&answer.body).and_then(|answer| {
        Some(LinkOwner { user: answer.get("user").parsed()?, name: answer.get("name").text()? })
    });
    owner.ok_or(AccountRefusal::Unreachable)
}

/// Sets a password by a link, which then is used.
///
/// # Errors
/// Why it was not set.
pub async fn set_by_link(token: String, password: String) -> Result<(), AccountRefusal> {
    let body = Written::Object(vec![("token", Written::Text(token)), ("password", Written::Text(password))]);
    done("POST", "/api/v1/link/password", Body::Json(body.to_line())).await.map(drop)
}

async fn done(method: &str, path: &str, body: Body) -> Result<Answer, AccountRefusal> {
    let answer = ask(method, path, body, REQUEST_MS).await.map_err(|_| AccountRefusal::Unreachable)?;
    match answer.status {
        200..=299 => Ok(answer),
        // Whose account is disabled reads that: no sign-in would help.
        401 if !answer.is_problem(ACCOUNT_DISABLED) => Err(AccountRefusal::SignInNeeded),
        403 if answer.is_problem(PASSWORD_DUE) => Err(AccountRefusal::SignInNeeded),
        403 if answer.is_problem(WRONG_OLD_PASSWORD) => Err(AccountRefusal::WrongOldPassword),
        429 => Err(AccountRefusal::TooMany(answer.retry_after.unwrap_or(60))),
        // What has no words of the relay's comes from something in front of it.
        _ => Err(answer.detail().map_or(AccountRefusal::Unreachable, AccountRefusal::Said)),
    }
}
