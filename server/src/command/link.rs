//! A link by which a person sets a password, once: made here, shown here, and stored nowhere but hashed.

use clap::Args;
use shared::ids::UserId;

use super::{CommandError, clock_of, say};
use crate::clock::DAY_MS;
use crate::config::Settings;
use crate::random::random;
use crate::store::Store;
use crate::store::person::TokenHash;

/// Bytes of a link's token: 256 random bits.
const TOKEN_BYTES: usize = 32;

/// How long a link may be used.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct LinkTime {
    /// Days in which a link may be used
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=30))]
    days: u64,
}

/// Makes a link, in place of older ones of the person, and shows it.
pub(super) fn make(
    settings: &Settings,
    store: &dyn Store,
    user: &UserId,
    time: LinkTime,
) -> Result<(), CommandError> {
    let token = random();
    let now = clock_of(store)?.wall_ms();
    let expires_at = now + time.days * DAY_MS;
    store.put_link(user, TokenHash::of(&token), expires_at, now)?;
    let until = std::time::UNIX_EPOCH + std::time::Duration::from_millis(expires_at);
    let address = address(settings, &token);
    let note = if settings.origin.is_some() { "" } else { NO_ORIGIN };
    say(&format!(
        "{user} sets a password with this link, once, until {}:\n{address}\n{note}",
        httpdate::fmt_http_date(until)
    ))
}

/// What is said where nobody set the address that people type.
const NO_ORIGIN: &str =
    "Where people type another address, set `origin` (SIMPUL_ORIGIN) to it, or put it before /tautan.\n";

/// What stands behind `#` leaves no browser: it is in no request, and in no log of a proxy.
fn address(settings: &Settings, token: &[u8; TOKEN_BYTES]) -> String {
    let origin = settings.origin.clone().unwrap_or_else(|| settings.local_address(settings.port));
    format!("{origin}/tautan#{}", hex::encode(token))
}
