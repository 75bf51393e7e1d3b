//! Links by which people set a password.

use shared::ids::UserId;

use super::super::person::{LinkEnd, LinkStanding, NewPassword, PasswordSetter, TokenHash};
use super::super::{Result, StoreError};
use super::link::Link;
use super::people;
use super::reading::user_id;
use super::{signed, unsigned};
use crate::password::PasswordDigest;

/// See [`super::super::Store::put_link`].
pub(super) async fn put(link: &Link, user: &UserId, token: TokenHash, expires_at: u64) -> Result<()> {
    let person = lock_person(link, user).await?;
    end_of(link, user, LinkEnd::Replaced).await?;
    link.execute(
        "INSERT INTO password_links (token, person_id, expires_at) VALUES ($1, $2, $3)",
        &[&token.as_bytes().as_slice(), &person, &signed(expires_at)],
    )
    .await?;
    Ok(())
}

/// Locks a person's row until the end, so that of two who make or use links one comes after the other; gives its id.
async fn lock_person(link: &Link, user: &UserId) -> Result<i64> {
    let rows =
        link.query("SELECT id FROM people WHERE \"user\" = $1 FOR NO KEY UPDATE", &[&user.as_str()]).await?;
    let row = rows.first().ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
    Ok(row.try_get(0)?)
}

/// Ends the links of a person that were not used.
pub(super) async fn end_of(link: &Link, user: &UserId, end: LinkEnd) -> Result<()> {
    link.execute(
        "UPDATE password_links SET ended = $2
         WHERE ended IS NULL AND person_id = (SELECT id FROM people WHERE \"user\" = $1)",
        &[&user.as_str(), &end.as_str()],
    )
    .await?;
    Ok(())
}

/// See [`super::super::Store::link`].
pub(super) async fn standing(link: &Link, token: TokenHash, now: u64) -> Result<LinkStanding> {
    let rows = link
        .query(
            "SELECT p.\"user\", l.ended, l.expires_at FROM password_links l JOIN people p ON p.id = l.person_id
             WHERE l.token = $1",
            &[&token.as_bytes().as_slice()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(LinkStanding::Unknown) };
    let ended = row.try_get::<_, Option<&str>>(1)?.map(LinkEnd::from_stored).transpose()?;
    Ok(LinkStanding::of(user_id(row, 0)?, ended, unsigned(row.try_get(2)?), now))
}

/// See [`super::super::Store::use_link`].
pub(super) async fn take(
    link: &Link,
    token: TokenHash,
    password: &PasswordDigest,
    now: u64,
) -> Result<LinkStanding> {
    let before = standing(link, token, now).await?;
    let LinkStanding::Good(user) = &before else { return Ok(before) };
    // The feeds, then the person, as whoever takes a right does. Somebody may have been quicker.
    people::lock_feeds_of(link, user).await?;
    lock_person(link, user).await?;
    let standing = standing(link, token, now).await?;
    let LinkStanding::Good(user) = &standing else { return Ok(standing) };
    link.execute(
        "UPDATE password_links SET ended = $2 WHERE token = $1",
        &[&token.as_bytes().as_slice(), &LinkEnd::Used.as_str()],
    )
    .await?;
    let password = NewPassword { digest: password.clone(), setter: PasswordSetter::Themselves };
    people::set_password(link, user, &password, None, now).await?;
    Ok(standing)
}

/// See [`super::super::Store::withdraw_links`].
pub(super) async fn withdraw(link: &Link) -> Result<()> {
    link.execute("UPDATE password_links SET ended = $1 WHERE ended IS NULL", &[&LinkEnd::Withdrawn.as_str()])
        .await?;
    Ok(())
}

/// See [`super::super::Store::forget_links`].
pub(super) async fn forget(link: &Link, expired_by: u64) -> Result<usize> {
    let forgotten =
        link.execute("DELETE FROM password_links WHERE expires_at <= $1", &[&signed(expired_by)]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}
