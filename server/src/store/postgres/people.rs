//! People, roles, devices and sessions.

use shared::ids::{DeviceId, FeedId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::relay::standing::next_view;
use tokio_postgres::Row;

use super::super::person::{
    Device, DirectoryEntry, DirectoryRange, Enrolment, LinkEnd, NewPassword, PasswordSetter, Person,
    RightsChanged, SessionEnd, SessionRow, Sessions, TokenHash,
};
use super::super::{Result, StoreError};
use super::link::Link;
use super::password_links;
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
            "SELECT \"user\", name, position, password_digest, is_disabled, office FROM people
             ORDER BY \"user\" COLLATE \"C\"",
            &[],
        )
        .await?;
    rows.iter().map(person_of).collect()
}

pub(super) async fn person(link: &Link, user: &UserId) -> Result<Option<Person>> {
    let rows = link
        .query(
            "SELECT \"user\", name, position, password_digest, is_disabled, office FROM people WHERE \"user\" = $1",
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
        office: row.try_get(5)?,
    })
}

/// Locks the feeds of a person, as a batch does that writes to them: it waits for those that are under way, and whatever
/// comes later sees what the caller changes. To be called before any other row is locked.
pub(super) async fn lock_feeds_of(link: &Link, user: &UserId) -> Result<()> {
    link.query(
        "SELECT id FROM feeds WHERE id IN (SELECT m.feed_id FROM memberships m
             JOIN people p ON p.id = m.person_id WHERE p.\"user\" = $1 AND m.role IS NOT NULL)
         ORDER BY id FOR NO KEY UPDATE",
        &[&user.as_str()],
    )
    .await?;
    Ok(())
}

/// Gives the person the number above all others, so that relays which are running see whose rights have changed, and
/// tells them. To be called last: the number's row stays locked until the end.
async fn note_rights(link: &Link, user: &UserId) -> Result<()> {
    link.execute(
        "WITH next AS (UPDATE rights SET newest = newest + 1 RETURNING newest)
         UPDATE people SET rights = next.newest FROM next WHERE \"user\" = $1",
        &[&user.as_str()],
    )
    .await?;
    link.query("SELECT pg_notify('simpul_rights', '')", &[]).await?;
    Ok(())
}

pub(super) async fn rights_changed(link: &Link, after: u64) -> Result<RightsChanged> {
    // One statement: all from one state of the database.
    let rows = link
        .query(
            "SELECT newest, NULL, NULL FROM rights
             UNION ALL SELECT r.newest, p.\"user\", NULL FROM rights r
                 JOIN people p ON p.rights > $1 AND p.rights <= r.newest
             UNION ALL SELECT r.newest, NULL, f.feed FROM rights r
                 JOIN feeds f ON f.settings_changed > $1 AND f.settings_changed <= r.newest",
            &[&signed(after)],
        )
        .await?;
    let mut changed = RightsChanged::default();
    for row in &rows {
        changed.newest = unsigned(row.try_get(0)?);
        if row.try_get::<_, Option<&str>>(1)?.is_some() {
            changed.people.push(user_id(row, 1)?);
        }
        if row.try_get::<_, Option<&str>>(2)?.is_some() {
            changed.feeds.push(feed_id(row, 2)?);
        }
    }
    Ok(changed)
}

pub(super) async fn disable(link: &Link, user: &UserId, now: u64) -> Result<()> {
    lock_feeds_of(link, user).await?;
    set_disabled(link, user, true, now).await?;
    // After the person's row is locked, as everybody does.
    password_links::end_of(link, user, LinkEnd::Withdrawn).await
}

pub(super) async fn enable(link: &Link, user: &UserId, now: u64) -> Result<()> {
    lock_feeds_of(link, user).await?;
    end_sessions(link, user, Sessions::All).await?;
    set_disabled(link, user, false, now).await
}

async fn set_disabled(link: &Link, user: &UserId, is_disabled: bool, now: u64) -> Result<()> {
    let changed = link
        .execute(
            "UPDATE people SET is_disabled = $2, changed_at = $3 WHERE \"user\" = $1",
            &[&user.as_str(), &is_disabled, &signed(now)],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::Absent(format!("person {user}")));
    }
    note_rights(link, user).await
}

pub(super) async fn set_password(
    link: &Link,
    user: &UserId,
    password: &NewPassword,
    but_for: Option<TokenHash>,
    now: u64,
) -> Result<()> {
    lock_feeds_of(link, user).await?;
    let changed = link
        .execute(
            "UPDATE people SET password_digest = $2, password_setter = $3, changed_at = $4 WHERE \"user\" = $1",
            &[&user.as_str(), &password.digest.as_str(), &password.setter.as_str(), &signed(now)],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::Absent(format!("person {user}")));
    }
    if let Some(token) = &but_for {
        // It may have ended while the password was hashed: then it sets none any more.
        let known =
            link.query("SELECT 1 FROM sessions WHERE token = $1", &[&token.as_bytes().as_slice()]).await?;
        if known.is_empty() {
            return Err(StoreError::SessionOver);
        }
    }
    password_links::end_of(link, user, LinkEnd::Replaced).await?;
    end_sessions(link, user, but_for.map_or(Sessions::All, Sessions::AllBut)).await?;
    note_rights(link, user).await
}

pub(super) async fn password_setter(link: &Link, user: &UserId) -> Result<PasswordSetter> {
    let rows =
        link.query("SELECT password_setter FROM people WHERE \"user\" = $1", &[&user.as_str()]).await?;
    let row = rows.first().ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
    PasswordSetter::from_stored(row.try_get(0)?).ok_or(StoreError::Damaged("who set a password"))
}

async fn end_sessions(link: &Link, user: &UserId, sessions: Sessions) -> Result<()> {
    let (kept, device) = match &sessions {
        Sessions::All => (None, None),
        Sessions::AllBut(token) => (Some(token.as_bytes().as_slice()), None),
        Sessions::Of(device) => (None, Some(device.as_bytes().as_slice())),
    };
    link.execute(
        "DELETE FROM sessions WHERE token IS DISTINCT FROM $2 AND device_id IN
         (SELECT d.id FROM devices d JOIN people p ON p.id = d.person_id
          WHERE p.\"user\" = $1 AND ($3::bytea IS NULL OR d.device = $3))",
        &[&user.as_str(), &kept, &device],
    )
    .await?;
    Ok(())
}

pub(super) async fn put_person(link: &Link, person: &Person, now: u64) -> Result<()> {
    lock_feeds_of(link, &person.user).await?;
    link.execute(
        "INSERT INTO people (\"user\", name, position, password_digest, is_disabled, changed_at, office)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (\"user\") DO UPDATE SET name = $2, position = $3, password_digest = $4,
             is_disabled = $5, changed_at = $6, office = $7",
        &[
            &person.user.as_str(),
            &person.name,
            &person.position,
            &person.password_digest,
            &person.is_disabled,
            &signed(now),
            &person.office,
        ],
    )
    .await?;
    note_rights(link, &person.user).await
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
    // Lowest first, like the batches: the person's others are not written to, and need no lock.
    link.query("SELECT id FROM feeds WHERE feed = $1 FOR NO KEY UPDATE", &[&feed.as_str()]).await?;
    let person = link
        .query(
            "UPDATE people SET changed_at = $2 WHERE \"user\" = $1 RETURNING id",
            &[&user.as_str(), &signed(now)],
        )
        .await?;
    let person = person.first().ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
    let row = link.query("SELECT id FROM feeds WHERE feed = $1", &[&feed.as_str()]).await?;
    let row = row.first().ok_or_else(|| StoreError::Absent(format!("feed {feed}")))?;
    let (person, row): (i64, i64) = (person.try_get(0)?, row.try_get(0)?);
    // Under the lock of the feed's row.
    let before = link
        .query("SELECT role, view FROM memberships WHERE person_id = $1 AND feed_id = $2", &[&person, &row])
        .await?;
    let (before, view): (Option<String>, i64) = match before.first() {
        Some(before) => (before.try_get(0)?, before.try_get(1)?),
        None => (None, 0),
    };
    let begins = before.is_none() && role.is_some();
    let before = before.as_deref().map(|code| Role::from_code(code).unwrap_or(Role::Reader));
    let view = signed(next_view(unsigned(view), before, role, now));
    link.execute(
        "INSERT INTO memberships (person_id, feed_id, role, view, granted_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person_id, feed_id) DO UPDATE
             SET role = $3, view = $4,
                 granted_at = CASE WHEN $6 THEN $5 ELSE memberships.granted_at END",
        &[&person, &row, &role.map(Role::as_str), &view, &signed(now), &begins],
    )
    .await?;
    note_rights(link, user).await
}

/// Whoever began to see a feed since then does not know yet whom they see there: then all are given.
const DIRECTORY: &str = "
    WITH mine AS (
        SELECT m.feed_id, m.granted_at FROM memberships m JOIN people v ON v.id = m.person_id
        WHERE v.\"user\" = $1 AND m.role IS NOT NULL)
    SELECT p.\"user\", p.name, p.position, p.changed_at,
        ARRAY(SELECT d.device FROM devices d WHERE d.person_id = p.id ORDER BY d.device), p.office
    FROM people p
    WHERE p.changed_at >= CASE WHEN (SELECT max(granted_at) FROM mine) >= $2 THEN 0 ELSE $2 END
        AND p.\"user\" COLLATE \"C\" > $3
        AND (p.\"user\" = $1
            OR EXISTS (SELECT 1 FROM mine JOIN memberships theirs ON theirs.feed_id = mine.feed_id
                WHERE theirs.person_id = p.id AND theirs.role IS NOT NULL)
            OR EXISTS (SELECT 1 FROM mine JOIN feed_authors a ON a.feed_id = mine.feed_id
                WHERE a.\"user\" = p.\"user\"))
    ORDER BY p.\"user\" COLLATE \"C\" LIMIT $4";

pub(super) async fn directory(
    link: &Link,
    viewer: &UserId,
    range: &DirectoryRange,
) -> Result<Vec<DirectoryEntry>> {
    let after = range.after.as_ref().map_or("", UserId::as_str);
    let most = signed(range.most as u64);
    let rows = link.query(DIRECTORY, &[&viewer.as_str(), &signed(range.since), &after, &most]).await?;
    let entry = |row: &Row| {
        let devices: Vec<&[u8]> = row.try_get(4)?;
        let devices = devices.into_iter().map(DeviceId::try_from).collect::<std::result::Result<_, _>>();
        Ok(DirectoryEntry {
            user: user_id(row, 0)?,
            name: row.try_get(1)?,
            position: row.try_get(2)?,
            office: row.try_get(5)?,
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

pub(super) async fn signed_in_devices(link: &Link, owner: &UserId, now: u64) -> Result<OrderedSet<DeviceId>> {
    let rows = link
        .query(
            "SELECT DISTINCT d.device FROM sessions s
             JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id
             WHERE p.\"user\" = $1 AND s.expires_at > $2 AND d.revoked_at IS NULL AND NOT p.is_disabled",
            &[&owner.as_str(), &signed(now)],
        )
        .await?;
    rows.iter().map(|row| id(row, 0)).collect()
}

pub(super) async fn proves_device(
    link: &Link,
    device: DeviceId,
    owner: &UserId,
    secret: TokenHash,
) -> Result<bool> {
    let found = link
        .query(
            "SELECT 1 FROM devices d JOIN people p ON p.id = d.person_id
             WHERE d.device = $1 AND p.\"user\" = $2 AND d.secret = $3 AND d.revoked_at IS NULL",
            &[&device.as_bytes().as_slice(), &owner.as_str(), &secret.as_bytes().as_slice()],
        )
        .await?;
    Ok(!found.is_empty())
}

pub(super) async fn put_device_secret(link: &Link, device: DeviceId, secret: TokenHash) -> Result<()> {
    let changed = link
        .execute(
            "UPDATE devices SET secret = $2 WHERE device = $1",
            &[&device.as_bytes().as_slice(), &secret.as_bytes().as_slice()],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::Absent(format!("device {}", device.short())));
    }
    Ok(())
}

pub(super) async fn revoke(link: &Link, device: DeviceId, now: u64) -> Result<()> {
    let Some(known) = self::device(link, device).await? else {
        return Err(StoreError::Absent(format!("device {}", device.short())));
    };
    lock_feeds_of(link, &known.owner).await?;
    link.execute(
        "UPDATE devices SET revoked_at = $2 WHERE device = $1",
        &[&device.as_bytes().as_slice(), &signed(now)],
    )
    .await?;
    note_rights(link, &known.owner).await
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

/// A session that has not expired, of a person and a device that may sign in.
macro_rules! session_where {
    ($more:literal) => {
        concat!(
            "SELECT d.device, p.\"user\", s.expires_at FROM sessions s
             JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id
             WHERE s.token = $1 AND s.expires_at > $2 AND d.revoked_at IS NULL AND NOT p.is_disabled",
            $more
        )
    };
}

const SESSION: &str = session_where!(" AND p.password_setter <> 'other'");
const LIMITED_SESSION: &str = session_where!("");

pub(super) async fn session(link: &Link, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
    session_row(link, SESSION, token, now).await
}

pub(super) async fn limited_session(link: &Link, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
    session_row(link, LIMITED_SESSION, token, now).await
}

async fn session_row(
    link: &Link,
    sql: &'static str,
    token: TokenHash,
    now: u64,
) -> Result<Option<SessionRow>> {
    let rows = link.query(sql, &[&token.as_bytes().as_slice(), &signed(now)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let expires_at = unsigned(row.try_get(2)?);
    Ok(Some(SessionRow { user: user_id(row, 1)?, device: id(row, 0)?, expires_at }))
}

pub(super) async fn session_end(link: &Link, token: TokenHash) -> Result<SessionEnd> {
    let rows = link
        .query(
            "SELECT p.is_disabled, d.revoked_at IS NOT NULL, p.password_setter = 'other' FROM sessions s
             JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id WHERE s.token = $1",
            &[&token.as_bytes().as_slice()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(SessionEnd::Over) };
    Ok(match (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?) {
        (true, ..) => SessionEnd::Disabled,
        (false, true, _) => SessionEnd::Revoked,
        (false, false, true) => SessionEnd::PasswordDue,
        (false, false, false) => SessionEnd::Over,
    })
}

pub(super) async fn close_session(link: &Link, token: TokenHash) -> Result<()> {
    let token = token.as_bytes().as_slice();
    let rows = link
        .query(
            "SELECT p.\"user\" FROM sessions s JOIN devices d ON d.id = s.device_id
             JOIN people p ON p.id = d.person_id WHERE s.token = $1",
            &[&token],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let user = user_id(row, 0)?;
    lock_feeds_of(link, &user).await?;
    link.execute("DELETE FROM sessions WHERE token = $1", &[&token]).await?;
    note_rights(link, &user).await
}

pub(super) async fn close_sessions(link: &Link, user: &UserId, sessions: Sessions) -> Result<()> {
    lock_feeds_of(link, user).await?;
    end_sessions(link, user, sessions).await?;
    note_rights(link, user).await
}

pub(super) async fn forget_expired_sessions(link: &Link, now: u64) -> Result<usize> {
    let forgotten = link.execute("DELETE FROM sessions WHERE expires_at <= $1", &[&signed(now)]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}
