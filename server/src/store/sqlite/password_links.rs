//! Links by which people set a password.

use rusqlite::{Connection, OptionalExtension, params};
use shared::ids::UserId;

use super::super::person::{LinkEnd, LinkStanding, NewPassword, PasswordSetter, TokenHash};
use super::super::{Result, StoreError};
use super::people;
use super::reading::user_id;
use super::{signed, unsigned};
use crate::password::PasswordDigest;

/// See [`super::super::Store::put_link`].
pub(super) fn put(connection: &Connection, user: &UserId, token: TokenHash, expires_at: u64) -> Result<()> {
    end_of(connection, user, LinkEnd::Replaced)?;
    let made = connection.execute(
        "INSERT INTO password_links (token, person_id, expires_at) SELECT ?1, id, ?3 FROM people WHERE user = ?2",
        params![token.as_bytes(), user.as_str(), signed(expires_at)],
    )?;
    if made == 0 { Err(StoreError::Absent(format!("person {user}"))) } else { Ok(()) }
}

/// Ends the links of a person that were not used.
pub(super) fn end_of(connection: &Connection, user: &UserId, end: LinkEnd) -> Result<()> {
    connection.execute(
        "UPDATE password_links SET ended = ?2
         WHERE ended IS NULL AND person_id = (SELECT id FROM people WHERE user = ?1)",
        params![user.as_str(), end.as_str()],
    )?;
    Ok(())
}

/// See [`super::super::Store::link`].
pub(super) fn standing(connection: &Connection, token: TokenHash, now: u64) -> Result<LinkStanding> {
    let found = connection
        .prepare_cached(
            "SELECT p.user, l.ended, l.expires_at FROM password_links l JOIN people p ON p.id = l.person_id
             WHERE l.token = ?1",
        )?
        .query_row(params![token.as_bytes()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((user, ended, expires_at)) = found else { return Ok(LinkStanding::Unknown) };
    let ended = ended.as_deref().map(LinkEnd::from_stored).transpose()?;
    Ok(LinkStanding::of(user_id(&user)?, ended, unsigned(expires_at), now))
}

/// See [`super::super::Store::use_link`].
pub(super) fn take(
    connection: &Connection,
    token: TokenHash,
    password: &PasswordDigest,
    now: u64,
) -> Result<LinkStanding> {
    let standing = standing(connection, token, now)?;
    if let LinkStanding::Good(user) = &standing {
        connection.execute(
            "UPDATE password_links SET ended = ?2 WHERE token = ?1",
            params![token.as_bytes(), LinkEnd::Used.as_str()],
        )?;
        let password = NewPassword { digest: password.clone(), setter: PasswordSetter::Themselves };
        people::set_password(connection, user, &password, None, now)?;
    }
    Ok(standing)
}

/// See [`super::super::Store::withdraw_links`].
pub(super) fn withdraw(connection: &Connection) -> Result<()> {
    connection
        .execute("UPDATE password_links SET ended = ?1 WHERE ended IS NULL", [LinkEnd::Withdrawn.as_str()])?;
    Ok(())
}

/// See [`super::super::Store::forget_links`].
pub(super) fn forget(connection: &Connection, expired_by: u64) -> Result<usize> {
    Ok(connection.execute("DELETE FROM password_links WHERE expires_at <= ?1", [signed(expired_by)])?)
}
