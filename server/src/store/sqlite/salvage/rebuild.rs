//! Rows that are gone, made again of what others still name. What a row said that nothing else says is lost, and told; a
//! right is never made up: a role, a password or a revocation that is gone counts as taken away.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::{Connection, OptionalExtension, params};
use shared::change_check::check_change;
use shared::ids::{ActorId, DocumentId};
use shared::model::document::Document;
use shared::model::kind::Kind;

use super::super::super::Result;
use super::super::super::soundness::NO_AUDIT_HEAD;
use super::super::log::blob;
use super::super::reading::id;

/// Whom a change is said to be of whose author is lost: it can be read and exported, but no receipt stands for it.
pub(in crate::store::sqlite) const UNKNOWN_AUTHOR: &str = "unknown-author";

/// One way to make rows again, and what is lost all the same.
struct Way {
    /// Where the rows are taken from; without it there is nothing to do.
    index: &'static str,
    /// Names the rows that are lacking, one text each.
    names: &'static str,
    /// Makes them.
    sql: &'static str,
    /// Says of each what is lost.
    says: &'static str,
}

const WAYS: [Way; 5] = [
    Way {
        index: "found_sqlite_autoindex_feeds_1",
        names: "SELECT feed FROM found_sqlite_autoindex_feeds_1 WHERE id NOT IN (SELECT id FROM feeds)",
        sql: "INSERT OR IGNORE INTO feeds (id, feed, name) SELECT id, feed, feed FROM found_sqlite_autoindex_feeds_1",
        says: "the name of feed {} is lost: give it again with `simpul feed add`",
    },
    Way {
        index: "found_sqlite_autoindex_people_1",
        names: "SELECT user FROM found_sqlite_autoindex_people_1 WHERE id NOT IN (SELECT id FROM people)",
        sql: "INSERT OR IGNORE INTO people (id, user, name, position, password_digest, is_disabled, changed_at)
              SELECT id, user, user, '', '', 1, 0 FROM found_sqlite_autoindex_people_1",
        says: "name and password of {} are lost: the person is disabled until `simpul user change`, `password` and `enable`",
    },
    Way {
        index: "found_sqlite_autoindex_authors_1",
        names: "SELECT NULL WHERE 0",
        sql: "INSERT OR IGNORE INTO authors (id, user, device) SELECT id, user, device FROM found_sqlite_autoindex_authors_1",
        says: "",
    },
    Way {
        index: "found_devices_by_person",
        names: "SELECT hex(i.device) FROM found_sqlite_autoindex_devices_1 i JOIN found_devices_by_person p ON p.id = i.id
                WHERE i.id NOT IN (SELECT id FROM devices)",
        // Whether it was revoked, the audit log says.
        sql: "INSERT OR IGNORE INTO devices (id, device, person_id, name, enrolled_at, revoked_at)
              SELECT i.id, i.device, p.person_id, '', 0,
                     (SELECT max(at) FROM audit a WHERE a.device = i.device AND a.sort = 'device-revoked')
              FROM found_sqlite_autoindex_devices_1 i JOIN found_devices_by_person p ON p.id = i.id",
        says: "the name of device {} is lost",
    },
    Way {
        index: "found_memberships_by_feed",
        names: "SELECT coalesce(p.user, i.person_id) || ' in ' || coalesce(f.feed, i.feed_id)
                FROM found_memberships_by_feed i LEFT JOIN people p ON p.id = i.person_id LEFT JOIN feeds f ON f.id = i.feed_id
                WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.person_id = i.person_id AND m.feed_id = i.feed_id)",
        sql: "INSERT OR IGNORE INTO memberships (person_id, feed_id) SELECT person_id, feed_id FROM found_memberships_by_feed",
        says: "the role of {} is lost: give it again with `simpul user role`",
    },
];

/// Makes the rows again. `say` takes a sentence about what is lost all the same.
pub(super) fn rebuild(connection: &Connection, say: &mut dyn FnMut(String)) -> Result<()> {
    for Way { index, names, sql, says } in WAYS {
        if !is_found(connection, index)? {
            continue;
        }
        let names: Vec<String> =
            connection.prepare(names)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        connection.execute(sql, [])?;
        names.iter().for_each(|name| say(says.replacen("{}", name, 1)));
    }
    authors(connection)?;
    documents(connection, say)?;
    derive(connection)?;
    if !connection.prepare("SELECT 1 FROM audit_head")?.exists([])? {
        say(format!("{NO_AUDIT_HEAD}: the last one that can be read takes its place"));
        connection.execute_batch(
            "INSERT OR IGNORE INTO audit_head (id, seq, tag) SELECT 1, seq, tag FROM audit ORDER BY seq DESC LIMIT 1;
             INSERT OR IGNORE INTO audit_head (id, seq, tag) VALUES (1, 0, zeroblob(16))",
        )?;
    }
    Ok(())
}

/// Makes again what changes and decisions say by themselves: their entries, and who stands in which feed.
pub(super) fn derive(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "INSERT OR IGNORE INTO entries (feed_id, seq, document_id, author_id, change_id, tag)
             SELECT d.home_id, c.home_seq, d.id, c.author_id, c.id, zeroblob(8)
             FROM changes c JOIN documents d ON d.id = c.document_id;
         INSERT OR IGNORE INTO entries (feed_id, seq, document_id, author_id, decision_id, tag)
             SELECT d.home_id, x.home_seq, d.id, x.author_id, x.id, zeroblob(8)
             FROM decisions x JOIN documents d ON d.id = x.document_id;
         INSERT OR IGNORE INTO document_feeds (document_id, feed_id) SELECT id, home_id FROM documents;
         INSERT OR IGNORE INTO feed_authors (feed_id, user)
             SELECT DISTINCT e.feed_id, a.user FROM entries e JOIN authors a ON a.id = e.author_id",
    )?;
    Ok(())
}

fn is_found(connection: &Connection, index: &str) -> Result<bool> {
    Ok(connection.prepare("SELECT 1 FROM temp.sqlite_schema WHERE name = ?1")?.exists([index])?)
}

/// What was written by somebody who is lost can be read all the same.
fn authors(connection: &Connection) -> Result<()> {
    connection.execute(
        "INSERT OR IGNORE INTO authors (id, user, device)
         SELECT author_id, ?1, CAST(printf('%016d', author_id) AS BLOB)
         FROM (SELECT author_id FROM changes UNION SELECT author_id FROM decisions)
         WHERE author_id NOT IN (SELECT id FROM authors)",
        [UNKNOWN_AUTHOR],
    )?;
    Ok(())
}

/// Documents of which changes are there: the index names them, the first change says the kind, and entries the feed.
fn documents(connection: &Connection, say: &mut dyn FnMut(String)) -> Result<()> {
    if !is_found(connection, "found_sqlite_autoindex_documents_1")? {
        return Ok(());
    }
    let mut lacking = connection.prepare(
        "SELECT i.id, i.doc,
             coalesce((SELECT feed_id FROM document_feeds s WHERE s.document_id = i.id),
                      (SELECT feed_id FROM entries e WHERE e.document_id = i.id LIMIT 1),
                      (SELECT min(id) FROM feeds HAVING count(*) = 1))
         FROM found_sqlite_autoindex_documents_1 i WHERE i.id NOT IN (SELECT id FROM documents)",
    )?;
    let mut first =
        connection.prepare("SELECT bytes FROM changes WHERE document_id = ?1 ORDER BY home_seq LIMIT 1")?;
    let mut rows = lacking.query([])?;
    while let Some(row) = rows.next()? {
        let (number, home): (i64, Option<i64>) = (row.get(0)?, row.get(2)?);
        let Ok(doc) = id::<DocumentId>(row, 1) else { continue };
        let begun = first.query_row([number], |row| Ok(blob(row, 0))).optional()?;
        let kind = begun.transpose()?.and_then(|bytes| kind_of(doc, &bytes));
        match (home, kind) {
            (Some(home), Some(kind)) => {
                connection.execute(
                    "INSERT INTO documents (id, doc, kind, home_id, state) VALUES (?1, ?2, ?3, ?4, 'draft')",
                    params![number, doc.as_bytes(), kind.as_str(), home],
                )?;
            }
            (home, _) => {
                let what = if home.is_none() { "its feed" } else { "its first change" };
                say(format!("document {doc} is lost: {what} cannot be read"));
            }
        }
    }
    Ok(())
}

/// The kind that a document's first change says.
pub(super) fn kind_of(doc: DocumentId, bytes: &[u8]) -> Option<Kind> {
    let change = check_change(bytes).ok()?.change;
    let reader = ActorId::from_bytes([0; ActorId::LENGTH]);
    // Automerge panics at some changes.
    let opened = catch_unwind(AssertUnwindSafe(|| Document::open(doc, reader, [change]).ok())).ok()??;
    Some(opened.kind())
}
