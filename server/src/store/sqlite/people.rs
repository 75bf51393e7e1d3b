//! People, roles, devices and sessions.

use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::ids::{DeviceId, FeedId, SessionId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::relay::facts::SessionFacts;
use shared::sync::relay::standing::next_view;

use super::super::person::{
    Device, DirectoryEntry, DirectoryRange, Enrolment, LinkEnd, NewPassword, PasswordSetter, Person,
    RightsChanged, SessionEnd, SessionRow, Sessions, TokenHash,
};
use super::super::{Result, StoreError};
use super::log::feed_id;
use super::password_links;
use super::reading::{id, user_id};
use super::{signed, unsigned};

pub(super) fn feeds(connection: &Connection) -> Result<OrderedMap<FeedId, String>> {
    let mut statement = connection.prepare_cached("SELECT feed, name FROM feeds")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| row.map_err(Into::into).and_then(|(feed, name)| Ok((feed_id(&feed)?, name)))).collect()
}

pub(super) fn put_feed(connection: &Connection, feed: &FeedId, name: &str) -> Result<()> {
    connection.execute(
        "INSERT INTO feeds (feed, name) VALUES (?1, ?2) ON CONFLICT (feed) DO UPDATE SET name = ?2",
        params![feed.as_str(), name],
    )?;
    Ok(())
}

pub(super) fn people(connection: &Connection) -> Result<Vec<Person>> {
    let mut statement = connection.prepare_cached(
        "SELECT user, name, position, password_digest, is_disabled, office FROM people ORDER BY user",
    )?;
    let mut rows = statement.query([])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        people.push(Person {
            user: user_id(&row.get::<_, String>(0)?)?,
            name: row.get(1)?,
            position: row.get(2)?,
            password_digest: row.get(3)?,
            is_disabled: row.get(4)?,
            office: row.get(5)?,
        });
    }
    Ok(people)
}

pub(super) fn person(connection: &Connection, user: &UserId) -> Result<Option<Person>> {
    let mut statement = connection.prepare_cached(
        "SELECT name, position, password_digest, is_disabled, office FROM people WHERE user = ?1",
    )?;
    let found = statement.query_row([user.as_str()], |row| {
        Ok(Person {
            user: user.clone(),
            name: row.get(0)?,
            position: row.get(1)?,
            password_digest: row.get(2)?,
            is_disabled: row.get(3)?,
            office: row.get(4)?,
        })
    });
    Ok(found.optional()?)
}

pub(super) fn put_person(connection: &Connection, person: &Person, now: u64) -> Result<()> {
    connection.execute(
        "INSERT INTO people (user, name, position, password_digest, is_disabled, changed_at, office)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (user) DO UPDATE SET name = ?2, position = ?3, password_digest = ?4, is_disabled = ?5,
             changed_at = ?6, office = ?7",
        params![
            person.user.as_str(),
            person.name,
            person.position,
            person.password_digest,
            person.is_disabled,
            signed(now),
            person.office
        ],
    )?;
    note_rights(connection, &person.user)
}

/// Gives the person the number above all others, so that relays which are running see whose rights have changed.
pub(super) fn note_rights(connection: &Connection, user: &UserId) -> Result<()> {
    let next = newest_change(connection)? + 1;
    connection
        .prepare_cached("UPDATE people SET rights = ?2 WHERE user = ?1")?
        .execute(params![user.as_str(), signed(next)])?;
    Ok(())
}

/// The number of the newest change of somebody's rights or of a feed's settings.
pub(super) fn newest_change(connection: &Connection) -> Result<u64> {
    let newest = connection
        .prepare_cached(
            "SELECT max((SELECT coalesce(max(rights), 0) FROM people),
                        (SELECT coalesce(max(settings_changed), 0) FROM feeds))",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(unsigned(newest))
}

pub(super) fn rights_changed(connection: &Connection, after: u64) -> Result<RightsChanged> {
    let newest = newest_change(connection)?;
    let mut statement = connection.prepare_cached("SELECT user FROM people WHERE rights > ?1")?;
    let users = statement.query_map([signed(after)], |row| row.get::<_, String>(0))?;
    let people = users.map(|user| user_id(&user?)).collect::<Result<_>>()?;
    let mut statement = connection.prepare_cached("SELECT feed FROM feeds WHERE settings_changed > ?1")?;
    let feeds = statement.query_map([signed(after)], |row| row.get::<_, String>(0))?;
    let feeds = feeds.map(|feed| feed_id(&feed?)).collect::<Result<_>>()?;
    Ok(RightsChanged { newest, people, feeds })
}

pub(super) fn disable(connection: &Connection, user: &UserId, now: u64) -> Result<()> {
    password_links::end_of(connection, user, LinkEnd::Withdrawn)?;
    change_person(
        connection,
        "UPDATE people SET is_disabled = TRUE, changed_at = ?2 WHERE user = ?1",
        user,
        now,
    )
}

pub(super) fn enable(connection: &Connection, user: &UserId, now: u64) -> Result<()> {
    close_sessions(connection, user, Sessions::All)?;
    change_person(
        connection,
        "UPDATE people SET is_disabled = FALSE, changed_at = ?2 WHERE user = ?1",
        user,
        now,
    )
}

fn change_person(connection: &Connection, sql: &str, user: &UserId, now: u64) -> Result<()> {
    if connection.execute(sql, params![user.as_str(), signed(now)])? == 0 {
        return Err(StoreError::Absent(format!("person {user}")));
    }
    note_rights(connection, user)
}

pub(super) fn set_password(
    connection: &Connection,
    user: &UserId,
    password: &NewPassword,
    but_for: Option<TokenHash>,
    now: u64,
) -> Result<()> {
    let changed = connection.execute(
        "UPDATE people SET password_digest = ?2, password_setter = ?3, changed_at = ?4 WHERE user = ?1",
        params![user.as_str(), password.digest.as_str(), password.setter.as_str(), signed(now)],
    )?;
    if changed == 0 {
        return Err(StoreError::Absent(format!("person {user}")));
    }
    if let Some(token) = &but_for {
        // It may have ended while the password was hashed: then it sets none any more.
        let mut statement = connection.prepare_cached("SELECT 1 FROM sessions WHERE token = ?1")?;
        if !statement.exists(params![token.as_bytes()])? {
            return Err(StoreError::SessionOver);
        }
    }
    password_links::end_of(connection, user, LinkEnd::Replaced)?;
    close_sessions(connection, user, but_for.map_or(Sessions::All, Sessions::AllBut))
}

pub(super) fn password_setter(connection: &Connection, user: &UserId) -> Result<PasswordSetter> {
    let mut statement = connection.prepare_cached("SELECT password_setter FROM people WHERE user = ?1")?;
    let setter = statement.query_row([user.as_str()], |row| row.get::<_, String>(0)).optional()?;
    let setter = setter.ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
    PasswordSetter::from_stored(&setter).ok_or(StoreError::Damaged("who set a password"))
}

pub(super) fn roles(connection: &Connection, user: &UserId) -> Result<OrderedMap<FeedId, Role>> {
    let mut statement = connection.prepare_cached(
        "SELECT f.feed, m.role FROM memberships m
         JOIN people p ON p.id = m.person_id JOIN feeds f ON f.id = m.feed_id
         WHERE p.user = ?1 AND m.role IS NOT NULL",
    )?;
    let rows = statement
        .query_map([user.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (feed, role) = row?;
        Ok((feed_id(&feed)?, Role::from_code(&role).ok_or(StoreError::Damaged("a role"))?))
    })
    .collect()
}

pub(super) fn set_role(
    connection: &Connection,
    user: &UserId,
    feed: &FeedId,
    role: Option<Role>,
    now: u64,
) -> Result<()> {
    let person = person_row(connection, user)?.ok_or_else(|| StoreError::Absent(format!("person {user}")))?;
    let row = connection
        .query_row("SELECT id FROM feeds WHERE feed = ?1", [feed.as_str()], |row| row.get::<_, i64>(0))
        .optional()?
        .ok_or_else(|| StoreError::Absent(format!("feed {feed}")))?;
    let before: Option<(Option<String>, i64)> = connection
        .query_row(
            "SELECT role, view FROM memberships WHERE person_id = ?1 AND feed_id = ?2",
            [person, row],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (before, view) = before.unwrap_or((None, 0));
    let begins = before.is_none() && role.is_some();
    let before = before.as_deref().map(|code| Role::from_code(code).unwrap_or(Role::Reader));
    connection.execute(
        "INSERT INTO memberships (person_id, feed_id, role, view, granted_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (person_id, feed_id) DO UPDATE
             SET role = ?3, view = ?4, granted_at = iif(?6, ?5, granted_at)",
        params![
            person,
            row,
            role.map(Role::as_str),
            signed(next_view(unsigned(view), before, role, now)),
            signed(now),
            begins
        ],
    )?;
    connection.execute("UPDATE people SET changed_at = ?2 WHERE id = ?1", params![person, signed(now)])?;
    note_rights(connection, user)
}

/// Whoever began to see a feed since then does not know yet whom they see there: then all are given.
const DIRECTORY: &str = "
    WITH mine AS (
        SELECT m.feed_id, m.granted_at FROM memberships m JOIN people v ON v.id = m.person_id
        WHERE v.user = ?1 AND m.role IS NOT NULL)
    SELECT p.id, p.user, p.name, p.position, p.changed_at, p.office FROM people p
    WHERE p.changed_at >= iif((SELECT max(granted_at) FROM mine) >= ?2, 0, ?2) AND p.user > ?3
        AND (p.user = ?1
            OR EXISTS (SELECT 1 FROM mine JOIN memberships theirs ON theirs.feed_id = mine.feed_id
                WHERE theirs.person_id = p.id AND theirs.role IS NOT NULL)
            OR EXISTS (SELECT 1 FROM mine JOIN feed_authors a ON a.feed_id = mine.feed_id
                WHERE a.user = p.user))
    ORDER BY p.user LIMIT ?4";

pub(super) fn directory(
    connection: &Connection,
    viewer: &UserId,
    range: &DirectoryRange,
) -> Result<Vec<DirectoryEntry>> {
    let mut statement = connection.prepare_cached(DIRECTORY)?;
    let after = range.after.as_ref().map_or("", UserId::as_str);
    let most = signed(range.most as u64);
    let mut rows = statement.query(params![viewer.as_str(), signed(range.since), after, most])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let person: i64 = row.get(0)?;
        let mut statement =
            connection.prepare_cached("SELECT device FROM devices WHERE person_id = ?1 ORDER BY device")?;
        let mut device_rows = statement.query([person])?;
        let mut devices = Vec::new();
        while let Some(row) = device_rows.next()? {
            devices.push(id(row, 0)?);
        }
        entries.push(DirectoryEntry {
            user: user_id(&row.get::<_, String>(1)?)?,
            name: row.get(2)?,
            position: row.get(3)?,
            office: row.get(5)?,
            devices,
            changed_at: unsigned(row.get(4)?),
        });
    }
    Ok(entries)
}

pub(super) fn enrol(
    connection: &Connection,
    device: DeviceId,
    owner: &UserId,
    name: &str,
    now: u64,
) -> Result<Enrolment> {
    if let Some(known) = self::device(connection, device)? {
        return Ok(match known {
            known if known.owner != *owner => Enrolment::OfAnother,
            known if known.revoked_at.is_some() => Enrolment::Revoked,
            _ => Enrolment::Enrolled,
        });
    }
    if person_row(connection, owner)?.is_none() {
        return Err(StoreError::Absent(format!("person {owner}")));
    }
    insert_device(connection, device, owner, name, now)?;
    Ok(Enrolment::Enrolled)
}

/// Enrols a device that a receipt proves to have been enrolled. Where the restored store does not know the
/// person any more, there is nobody to enrol it for, and nothing is done.
pub(super) fn take_back_device(
    connection: &Connection,
    device: DeviceId,
    owner: &UserId,
    now: u64,
) -> Result<()> {
    insert_device(connection, device, owner, "", now)
}

fn insert_device(
    connection: &Connection,
    device: DeviceId,
    owner: &UserId,
    name: &str,
    now: u64,
) -> Result<()> {
    connection.execute(
        "INSERT INTO devices (device, person_id, name, enrolled_at)
         SELECT ?1, id, ?3, ?4 FROM people WHERE user = ?2",
        params![device.as_bytes(), owner.as_str(), name, signed(now)],
    )?;
    connection
        .execute("UPDATE people SET changed_at = ?2 WHERE user = ?1", params![owner.as_str(), signed(now)])?;
    Ok(())
}

const DEVICES: &str = "
    SELECT d.device, p.user, d.name, d.enrolled_at, d.seen_at, d.revoked_at
    FROM devices d JOIN people p ON p.id = d.person_id";

fn device_of(row: &Row<'_>) -> Result<Device> {
    Ok(Device {
        device: id(row, 0)?,
        owner: user_id(&row.get::<_, String>(1)?)?,
        name: row.get(2)?,
        enrolled_at: unsigned(row.get(3)?),
        seen_at: row.get::<_, Option<i64>>(4)?.map(unsigned),
        revoked_at: row.get::<_, Option<i64>>(5)?.map(unsigned),
    })
}

pub(super) fn device(connection: &Connection, device: DeviceId) -> Result<Option<Device>> {
    let mut statement = connection.prepare_cached(&format!("{DEVICES} WHERE d.device = ?1"))?;
    let mut rows = statement.query(params![device.as_bytes()])?;
    rows.next()?.map(device_of).transpose()
}

pub(super) fn devices(connection: &Connection, owner: &UserId) -> Result<Vec<Device>> {
    let mut statement = connection
        .prepare_cached(&format!("{DEVICES} WHERE p.user = ?1 ORDER BY d.enrolled_at, d.device"))?;
    let mut rows = statement.query([owner.as_str()])?;
    let mut devices = Vec::new();
    while let Some(row) = rows.next()? {
        devices.push(device_of(row)?);
    }
    Ok(devices)
}

pub(super) fn signed_in_devices(
    connection: &Connection,
    owner: &UserId,
    now: u64,
) -> Result<OrderedSet<DeviceId>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT d.device FROM sessions s
         JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id
         WHERE p.user = ?1 AND s.expires_at > ?2 AND d.revoked_at IS NULL AND NOT p.is_disabled",
    )?;
    let mut rows = statement.query(params![owner.as_str(), signed(now)])?;
    let mut devices = OrderedSet::new();
    while let Some(row) = rows.next()? {
        devices.insert(id(row, 0)?);
    }
    Ok(devices)
}

pub(super) fn proves_device(
    connection: &Connection,
    device: DeviceId,
    owner: &UserId,
    secret: TokenHash,
) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM devices d JOIN people p ON p.id = d.person_id
         WHERE d.device = ?1 AND p.user = ?2 AND d.secret = ?3 AND d.revoked_at IS NULL",
    )?;
    Ok(statement.exists(params![device.as_bytes(), owner.as_str(), secret.as_bytes()])?)
}

pub(super) fn put_device_secret(connection: &Connection, device: DeviceId, secret: TokenHash) -> Result<()> {
    let changed = connection.execute(
        "UPDATE devices SET secret = ?2 WHERE device = ?1",
        params![device.as_bytes(), secret.as_bytes()],
    )?;
    if changed == 0 {
        return Err(StoreError::Absent(format!("device {}", device.short())));
    }
    Ok(())
}

pub(super) fn revoke(connection: &Connection, device: DeviceId, now: u64) -> Result<()> {
    let revoked = connection.execute(
        "UPDATE devices SET revoked_at = ?2 WHERE device = ?1",
        params![device.as_bytes(), signed(now)],
    )?;
    if revoked == 0 {
        return Err(StoreError::Absent(format!("device {}", device.short())));
    }
    match self::device(connection, device)? {
        Some(known) => note_rights(connection, &known.owner),
        None => Ok(()),
    }
}

pub(super) fn note_seen(connection: &Connection, device: DeviceId, now: u64) -> Result<()> {
    connection.execute(
        "UPDATE devices SET seen_at = ?2 WHERE device = ?1",
        params![device.as_bytes(), signed(now)],
    )?;
    Ok(())
}

pub(super) fn open_session(connection: &Connection, token: TokenHash, session: &SessionRow) -> Result<()> {
    let opened = connection.execute(
        "INSERT INTO sessions (token, device_id, expires_at)
         SELECT ?1, d.id, ?4 FROM devices d JOIN people p ON p.id = d.person_id
         WHERE d.device = ?2 AND p.user = ?3
         ON CONFLICT (token) DO UPDATE SET expires_at = excluded.expires_at",
        params![
            token.as_bytes(),
            session.device.as_bytes(),
            session.user.as_str(),
            signed(session.expires_at)
        ],
    )?;
    if opened == 0 {
        return Err(StoreError::Absent(format!("device {} of {}", session.device.short(), session.user)));
    }
    Ok(())
}

/// Sessions of people who are not disabled and devices that are not revoked.
const SESSIONS: &str = "
    SELECT d.device, p.user, s.expires_at FROM sessions s
    JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id
    WHERE s.token = ?1 AND d.revoked_at IS NULL AND NOT p.is_disabled";
/// Those of people whose password is not to be changed first.
const PASSWORD_STAYS: &str = "p.password_setter <> 'other'";

pub(super) fn session(connection: &Connection, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
    session_row(connection, &format!("{SESSIONS} AND s.expires_at > ?2 AND {PASSWORD_STAYS}"), token, now)
}

pub(super) fn limited_session(
    connection: &Connection,
    token: TokenHash,
    now: u64,
) -> Result<Option<SessionRow>> {
    session_row(connection, &format!("{SESSIONS} AND s.expires_at > ?2"), token, now)
}

fn session_row(connection: &Connection, sql: &str, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![token.as_bytes(), signed(now)])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(SessionRow {
        user: user_id(&row.get::<_, String>(1)?)?,
        device: id(row, 0)?,
        expires_at: unsigned(row.get(2)?),
    }))
}

/// A session, as the writer knows it, whether it has expired or not.
pub(super) fn session_facts(connection: &Connection, session: SessionId) -> Result<Option<SessionFacts>> {
    let mut statement = connection.prepare_cached(&format!("{SESSIONS} AND {PASSWORD_STAYS}"))?;
    let mut rows = statement.query(params![session.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(SessionFacts {
        user: user_id(&row.get::<_, String>(1)?)?,
        device: id(row, 0)?,
        expires_at: unsigned(row.get(2)?),
    }))
}

pub(super) fn session_end(connection: &Connection, token: TokenHash) -> Result<SessionEnd> {
    let mut statement = connection.prepare_cached(
        "SELECT p.is_disabled, d.revoked_at IS NOT NULL, p.password_setter = 'other' FROM sessions s
         JOIN devices d ON d.id = s.device_id JOIN people p ON p.id = d.person_id WHERE s.token = ?1",
    )?;
    let found =
        statement.query_row(params![token.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    Ok(match found.optional()? {
        Some((true, ..)) => SessionEnd::Disabled,
        Some((false, true, _)) => SessionEnd::Revoked,
        Some((false, false, true)) => SessionEnd::PasswordDue,
        Some((false, false, false)) | None => SessionEnd::Over,
    })
}

pub(super) fn close_session(connection: &Connection, token: TokenHash) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM sessions WHERE token = ?1 RETURNING
         (SELECT p.user FROM devices d JOIN people p ON p.id = d.person_id WHERE d.id = device_id)",
    )?;
    let user = statement.query_row(params![token.as_bytes()], |row| row.get::<_, String>(0)).optional()?;
    match user {
        Some(user) => note_rights(connection, &user_id(&user)?),
        None => Ok(()),
    }
}

pub(super) fn close_sessions(connection: &Connection, user: &UserId, sessions: Sessions) -> Result<()> {
    let (kept, device) = match &sessions {
        Sessions::All => (None, None),
        Sessions::AllBut(token) => (Some(token.as_bytes()), None),
        Sessions::Of(device) => (None, Some(device.as_bytes())),
    };
    connection.execute(
        "DELETE FROM sessions WHERE token IS NOT ?2 AND device_id IN
         (SELECT d.id FROM devices d JOIN people p ON p.id = d.person_id
          WHERE p.user = ?1 AND (?3 IS NULL OR d.device = ?3))",
        params![user.as_str(), kept, device],
    )?;
    note_rights(connection, user)
}

pub(super) fn forget_expired_sessions(connection: &Connection, now: u64) -> Result<usize> {
    Ok(connection.execute("DELETE FROM sessions WHERE expires_at <= ?1", [signed(now)])?)
}

fn person_row(connection: &Connection, user: &UserId) -> Result<Option<i64>> {
    let found =
        connection.query_row("SELECT id FROM people WHERE user = ?1", [user.as_str()], |row| row.get(0));
    Ok(found.optional()?)
}
