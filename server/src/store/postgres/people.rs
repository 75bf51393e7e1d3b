//! People, roles, devices and sessions.

use shared::ids::{DeviceId, FeedId, UserId};
use shared::ordered::OrderedMap;
use shared::role::Role;
use tokio_postgres::Row;

use super::super::person::{Device, DirectoryEntry, Enrolment, Person, SessionRow, TokenHash};
use super::super::{Result, StoreError};
use super::link::Link;
use super::reading::{feed_id, id, user_id};
use super::{signed, unsigned};

pub(super) async fn feeds(link: &Link) -> Result<OrderedMap<FeedId, String>> {
    let rows = link.query("SELECT feed, name FROM feeds", &[]).await?;
    rows.iter().map(|row| Ok((feed_id(row, 0)?, row.try_get(1)?))).collect()
}

pub(super) async fn put_feed(link: &Link, feed: &FeedId, name: &str) -> Result<()> {
    link.execute(
        "INSERT INTO feeds (feed, name) VALUES ($1, $2) ON CONFLICT (feed) DO UPDATE SET name = $2",
        &[&feed.as_str(), &name],
    )
    .await?;
    Ok(())
}

pub(super) async fn people(link: &Link) -> Result<Vec<Person>> {
    let rows = link
        .query(
            "SELECT \"user\", name, position, password_digest, is_disabled FROM people
             ORDER BY \"user\" COLLATE \"C\"",
            &[],
        )
        .await?;
    rows.iter().map(person_of).collect()
}

pub(super) async fn person(link: &Link, user: &UserId) -> Result<Option<Person>> {
    let rows = link
        .query(
            "SELECT \"user\", name, position, password_digest, is_disabled FROM people WHERE \"user\" = $1",
            &[&user.as_str()],
        )
        .await?;
    rows.first().map(person_of).transpose()
}

fn person_of(row: &Row) -> Result<Person> {
    Ok(Person {
        user: user_id(row, 0)?,
        name: row.try_get(1)?,
        position: row.try_get(2)?,
        password_digest: row.try_get(3)?,
        is_disabled: row.try_get(4)?,
    })
}

pub(super) async fn put_person(link: &Link, person: &Person, now: u64) -> Result<()> {
    link.execute(
        "INSERT INTO people (\"user\", name, position, password_digest, is_disabled, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (\"user\") DO UPDATE SET name = $2, position = $3, password_digest = $4,
             is_disabled = $5, changed_at = $6",
        &[
            &person.user.as_str(),
            &person.name,
            &person.position,
            &person.password_digest,
            &person.is_disabled,
            &signed(now),
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn roles(link: &Link, user: &UserId) -> Result<OrderedMap<FeedId, Role>> {
    let rows = link
        .query(
            "SELECT f.feed, m.role FROM memberships m
             JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
             WHERE p.\"user\" = $1 AND m.role IS NOT NULL",
            &[&user.as_str()],
        )
        .await?;
    rows.iter().map(|row| Ok((feed_id(row, 0)?, role(row, 1)?))).collect()
}

/// A role from its column.
pub(super) fn role(row: &Row, column: usize) -> Result<Role> {
    Role::from_code(row.try_get(column)?).ok_or(StoreError::Damaged("a role"))
}

pub(super) async fn set_role(
    link: &Link,
    user: &UserId,
    feed: &FeedId,
    role: Option<Role>,
    now: u64,
) -> Result<()> {
    let person = link
        .query(
            "UPDATE people SET changed_at = $2 WHERE \"user\" = $1 RETURNING id",
            &[&user.as_str(), &signed(now)],
        )
        .await?;
    let person = person.first().ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
    let row = link.query("SELECT id FROM feeds WHERE feed = $1", &[&feed.as_str()]).await?;
    let row = row.first().ok_or_else(|| StoreError::Absent(format!("feed {feed}")))?;
    // Only from seeing nothing to seeing all does the sight of a feed widen.
    link.execute(
        "INSERT INTO memberships (person_id, feed_id, role, view)
         VALUES ($1, $2, $3, CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END)
         ON CONFLICT (person_id, feed_id) DO UPDATE
             SET view = memberships.view
                 + CASE WHEN memberships.role IS NULL AND $3::text IS NOT NULL THEN 1 ELSE 0 END,
             role = $3",
        &[&person.try_get::<_, i64>(0)?, &row.try_get::<_, i64>(0)?, &role.map(Role::as_str)],
    )
    .await?;
    Ok(())
}

pub(super) async fn directory(link: &Link, viewer: &UserId, since: u64) -> Result<Vec<DirectoryEntry>> {
    let rows = link
        .query(
            "SELECT p.\"user\", p.name, p.position, p.changed_at,
                 ARRAY(SELECT d.device FROM devices d WHERE d.person_id = p.id ORDER BY d.device)
             FROM people p
             WHERE p.changed_at >= $2 AND (p.\"user\" = $1 OR EXISTS (
                 SELECT 1 FROM memberships theirs
                 JOIN memberships mine ON mine.feed_id = theirs.feed_id AND mine.role IS NOT NULL
                 JOIN people viewer ON viewer.id = mine.person_id AND viewer.\"user\" = $1
                 WHERE theirs.person_id = p.id AND theirs.role IS NOT NULL))
             ORDER BY p.\"user\" COLLATE \"C\"",
            &[&viewer.as_str(), &signed(since)],
        )
        .await?;
    let entry = |row: &Row| {
        let devices: Vec<&[u8]> = row.try_get(4)?;
        let devices = devices.into_iter().map(DeviceId::try_from).collect::<std::result::Result<_, _>>();
        Ok(DirectoryEntry {
            user: user_id(row, 0)?,
            name: row.try_get(1)?,
            position: row.try_get(2)?,
            devices: devices.map_err(|_| StoreError::Damaged("an id"))?,
            changed_at: unsigned(row.try_get(3)?),
        })
    };
    rows.iter().map(entry).collect()
}

pub(super) async fn enrol(
    link: &Link,
    device: DeviceId,
    owner: &UserId,
    name: &str,
    now: u64,
) -> Result<Enrolment> {
    // A text may not hold U+0000 here.
    let name = name.replace('\0', "");
    insert_device(link, device, owner, &name, now).await?;
    match self::device(link, device).await? {
        None => Err(StoreError::Absent(format!("person {owner}"))),
        Some(known) if known.owner != *owner => Ok(Enrolment::OfAnother),
        Some(known) if known.revoked_at.is_some() => Ok(Enrolment::Revoked),
        Some(_) => Ok(Enrolment::Enrolled),
    }
}

/// Enrols a device, where it is not and the person is known.
pub(super) async fn insert_device(
    link: &Link,
    device: DeviceId,
    owner: &UserId,
    name: &str,
    now: u64,
) -> Result<()> {
    link.execute(
        "WITH enrolled AS (
             INSERT INTO devices (device, person_id, name, enrolled_at)
             SELECT $1, id, $3, $4 FROM people WHERE \"user\" = $2
             ON CONFLICT (device) DO NOTHING RETURNING person_id)
         UPDATE people SET changed_at = $4 WHERE id IN (SELECT person_id FROM enrolled)",
        &[&device.as_bytes().as_slice(), &owner.as_str(), &name, &signed(now)],
    )
    .await?;
    Ok(())
}

fn device_of(row: &Row) -> Result<Device> {
    Ok(Device {
        device: id(row, 0)?,
        owner: user_id(row, 1)?,
        name: row.try_get(2)?,
        enrolled_at: unsigned(row.try_get(3)?),
        seen_at: row.try_get::<_, Option<i64>>(4)?.map(unsigned),
        revoked_at: row.try_get::<_, Option<i64>>(5)?.map(unsigned),
    })
}

pub(super) async fn device(link: &Link, device: DeviceId) -> Result<Option<Device>> {
    let rows = link
        .query(
            "SELECT d.device, p.\"user\", d.name, d.enrolled_at, d.seen_at, d.revoked_at
             FROM devices d JOIN people p ON p.id = d.person_id WHERE d.device = $1",
            &[&device.as_bytes().as_slice()],
        )
        .await?;
    rows.first().map(device_of).transpose()
}

pub(super) async fn devices(link: &Link, owner: &UserId) -> Result<Vec<Device>> {
    let rows = link
        .query(
            "SELECT d.device, p.\"user\", d.name, d.enrolled_at, d.seen_at, d.revoked_at
             FROM devices d JOIN people p ON p.id = d.person_id
             WHERE p.\"user\" = $1 ORDER BY d.enrolled_at, d.device",
            &[&owner.as_str()],
        )
        .await?;
    rows.iter().map(device_of).collect()
}

pub(super) async fn revoke(link: &Link, device: DeviceId, now: u64) -> Result<()> {
    let revoked = link
        .query(
            "WITH revoked AS (UPDATE devices SET revoked_at = $2 WHERE device = $1 RETURNING id),
                 ended AS (DELETE FROM sessions WHERE device_id IN (SELECT id FROM revoked))
             SELECT id FROM revoked",
            &[&device.as_bytes().as_slice(), &signed(now)],
        )
        .await?;
    if revoked.is_empty() {
        return Err(StoreError::Absent(format!("device {}", device.short())));
    }
    Ok(())
}

pub(super) async fn note_seen(link: &Link, device: DeviceId, now: u64) -> Result<()> {
    link.execute(
        "UPDATE devices SET seen_at = $2 WHERE device = $1",
        &[&device.as_bytes().as_slice(), &signed(now)],
    )
    .await?;
    Ok(())
}

pub(super) async fn open_session(link: &Link, token: TokenHash, session: &SessionRow) -> Result<()> {
    let opened = link
        .execute(
            "INSERT INTO sessions (token, device_id, expires_at)
             SELECT $1, d.id, $4 FROM devices d JOIN people p ON p.id = d.person_id
             WHERE d.device = $2 AND p.\"user\" = $3
             ON CONFLICT (token) DO UPDATE SET expires_at = excluded.expires_at",
            &[
                &token.as_bytes().as_slice(),
                &session.device.as_bytes().as_slice(),
                &session.user.as_str(),
                &signed(session.expires_at),
            ],
        )
        .await?;
    if opened == 0 {
        return Err(StoreError::Absent(format!("device {} of {}", session.device.short(), session.user)));
    }
    Ok(())
}

pub(super) async fn session(link: &Link, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
    let rows = link
        .query(
            "SELECT d.device, p.\"user\", s.expires_at FROM sessions s
             JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id
             WHERE s.token = $1 AND s.expires_at > $2 AND d.revoked_at IS NULL AND NOT p.is_disabled",
            &[&token.as_bytes().as_slice(), &signed(now)],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let expires_at = unsigned(row.try_get(2)?);
    Ok(Some(SessionRow { user: user_id(row, 1)?, device: id(row, 0)?, expires_at }))
}

pub(super) async fn close_session(link: &Link, token: TokenHash) -> Result<()> {
    link.execute("DELETE FROM sessions WHERE token = $1", &[&token.as_bytes().as_slice()]).await?;
    Ok(())
}

pub(super) async fn close_sessions_of(link: &Link, user: &UserId) -> Result<()> {
    link.execute(
        "DELETE FROM sessions WHERE device_id IN
         (SELECT d.id FROM devices d JOIN people p ON p.id = d.person_id WHERE p.\"user\" = $1)",
        &[&user.as_str()],
    )
    .await?;
    Ok(())
}

pub(super) async fn forget_expired_sessions(link: &Link, now: u64) -> Result<usize> {
    let forgotten = link.execute("DELETE FROM sessions WHERE expires_at <= $1", &[&signed(now)]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}
