//! The audit log's rows. Whoever appends holds the head's row until the transaction ends, so that relays take
//! turns; nobody waits for anything else after that.

use shared::audit::{Act, AuditKey, Head, Row};
use shared::ids::AuditTag;
use tokio_postgres::Row as SqlRow;

use super::super::{KeyMark, Result, Sharing, StoreError};
use super::link::Link;
use super::reading::id;
use super::{signed, unsigned};

/// Makes sure that all relays on this database chain with one key; the first one says which.
pub(super) async fn agree_on_key(link: &Link, key: &AuditKey) -> Result<()> {
    let marks = link.query("SELECT key_mark FROM audit_head FOR UPDATE", &[]).await?;
    let mark: Option<&[u8]> = marks.first().ok_or(StoreError::NoAuditHead)?.try_get(0)?;
    match mark {
        None => take_key(link, key).await,
        Some(mark) if mark == key.mark().as_slice() => Ok(()),
        Some(_) => Err(StoreError::OtherAuditKey(Sharing::Shared)),
    }
}

/// Notes the key that holds from now on for all relays on the database.
pub(super) async fn take_key(link: &Link, key: &AuditKey) -> Result<()> {
    link.execute("UPDATE audit_head SET key_mark = $1", &[&key.mark().as_slice()]).await?;
    Ok(())
}

/// Writes acts behind the last row. In a transaction.
pub(super) async fn append(link: &Link, key: &AuditKey, acts: Vec<Act>) -> Result<()> {
    if acts.is_empty() {
        return Ok(());
    }
    let heads = link.query("SELECT seq, tag, key_mark FROM audit_head FOR UPDATE", &[]).await?;
    let stored = heads.first().ok_or(StoreError::NoAuditHead)?;
    // Somebody may have begun another key since this relay took its own.
    if stored.try_get::<_, Option<&[u8]>>(2)?.is_some_and(|mark| mark != key.mark().as_slice()) {
        return Err(StoreError::OtherAuditKey(Sharing::Shared));
    }
    let mut head = head_of(stored)?;
    for act in acts {
        let row = key.next(head, act);
        let Row { seq, act, tag } = &row;
        let device = act.device.as_ref().map(|device| device.as_bytes().as_slice());
        link.execute(
            "INSERT INTO audit (seq, at, sort, person, address, device, feed, detail, tag)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &signed(*seq),
                &signed(act.at),
                &act.sort,
                &act.person,
                &act.address,
                &device,
                &act.feed,
                &act.detail,
                &tag.as_bytes().as_slice(),
            ],
        )
        .await?;
        head = Head { seq: row.seq, tag: row.tag };
    }
    let (seq, tag) = (signed(head.seq), head.tag.as_bytes().as_slice());
    link.execute("UPDATE audit_head SET seq = $1, tag = $2", &[&seq, &tag]).await?;
    Ok(())
}

pub(super) async fn head(link: &Link) -> Result<Head> {
    let heads = link.query("SELECT seq, tag FROM audit_head", &[]).await?;
    head_of(heads.first().ok_or(StoreError::NoAuditHead)?)
}

/// The mark of the key under which all relays on the database chain.
pub(super) async fn key_mark(link: &Link) -> Result<Option<KeyMark>> {
    let marks = link.query("SELECT key_mark FROM audit_head", &[]).await?;
    let row = marks.first().ok_or(StoreError::NoAuditHead)?;
    let mark: Option<&[u8]> = row.try_get(0)?;
    mark.map(|_| id(row, 0)).transpose()
}

fn head_of(row: &SqlRow) -> Result<Head> {
    Ok(Head { seq: unsigned(row.try_get(0)?), tag: id::<AuditTag>(row, 1)? })
}

/// At most so many rows after a number.
pub(super) async fn rows(link: &Link, after: u64, most: u64) -> Result<Vec<Row>> {
    let rows = link
        .query(
            "SELECT seq, at, sort, person, address, device, feed, detail, tag FROM audit
             WHERE seq > $1 ORDER BY seq LIMIT $2",
            &[&signed(after), &signed(most)],
        )
        .await?;
    rows.iter().map(row_of).collect()
}

fn row_of(row: &SqlRow) -> Result<Row> {
    let device: Option<&[u8]> = row.try_get(5)?;
    Ok(Row {
        seq: unsigned(row.try_get(0)?),
        act: Act {
            at: unsigned(row.try_get(1)?),
            sort: row.try_get(2)?,
            person: row.try_get(3)?,
            address: row.try_get(4)?,
            device: if device.is_some() { Some(id(row, 5)?) } else { None },
            feed: row.try_get(6)?,
            detail: row.try_get(7)?,
        },
        tag: id(row, 8)?,
    })
}
