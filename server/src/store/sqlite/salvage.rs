//! What can still be read of a damaged file, in a fresh one.
//!
//! SQLite gives up a query at the first bad page. So the pages are read here one by one ([`pages`], [`node`]), their trees
//! walked around what is bad ([`trees`]), and rows that nobody points to any more known by their [`shape`]. What rows are gone
//! but named elsewhere is made again ([`rebuild`]). [`settle`] then leaves a store that stands by itself.

mod node;
mod pages;
mod rebuild;
pub mod settle;
mod shape;
#[cfg(test)]
mod tests;
mod trees;

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use shared::ids::{DocumentId, EpochId};

use super::super::{Result, StoreError};
use super::{SqliteStore, open_for_writing, reading, unsigned};
use node::Row;
use pages::Pages;
pub(super) use rebuild::UNKNOWN_AUTHOR;
use shape::Shape;
use trees::{Forest, Tree};

/// Tables that are not brought along: sessions and links for a password end, the rest is derived or is that of the fresh file.
const LEFT: [&str; 6] = ["sessions", "password_links", "snapshots", "set_aside", "actors", "migrations"];

/// Tables that say what people may do.
const RIGHTS: [&str; 4] = ["people", "memberships", "devices", "feed_settings"];

/// What was found in a damaged file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// What is hit and what is lost, a sentence each.
    pub hit: Vec<String>,
    /// The tables that say what people may do and are hit: nobody knows what they said.
    pub rights_hit: Vec<String>,
}

/// Brings everything that can be read of a damaged file, and of the log beside it, into a fresh one. What was written by
/// people stands there as it was found, with gaps: [`settle::settle`] leaves what stands by itself.
///
/// # Errors
/// When the file cannot be opened, is none of ours, or the fresh one cannot be written.
pub fn salvage(damaged: &Path, fresh: &Path) -> Result<Salvage> {
    let pages = Pages::open(damaged).map_err(|_| StoreError::Damaged("the file cannot be opened"))?;
    drop(SqliteStore::open(fresh, EpochId::from_bytes([0; EpochId::LENGTH]))?);
    let mut connection = open_for_writing(fresh)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let shapes = Shape::all(&connection)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch("DELETE FROM epochs; DELETE FROM audit_head")?;
    let mut forest = Forest::new(&pages);
    let (roots, schema_is_whole) = roots(&mut forest)?;
    let sown = |shape: &Shape| roots.contains_key(&shape.name) || !schema_is_whole;
    // What a sound schema does not name, an older version of the relay did not have yet.
    let (tables, indexes): (Vec<_>, Vec<_>) = shapes.into_iter().filter(sown).partition(Shape::is_table);
    let mut trees = Vec::new();
    for shape in tables {
        let root = roots.get(&shape.name).copied();
        trees.push(forest.walk(shape, root, &mut |shape, row| keep(&transaction, shape, row))?);
    }
    for shape in indexes {
        // An index is asked where its table cannot say it all.
        let is_asked = trees.iter().any(|tree: &Tree| tree.shape.name == shape.table && tree.is_broken());
        if is_asked {
            let columns: Vec<_> = shape.columns().collect();
            transaction.execute_batch(&format!(
                "CREATE TEMP TABLE found_{} ({})",
                shape.name,
                columns.join(", ")
            ))?;
        }
        let root = roots.get(&shape.name).copied();
        let mut sink = |shape: &Shape, row| if is_asked { find(&transaction, shape, row) } else { Ok(()) };
        trees.push(forest.walk(shape, root, &mut sink)?);
    }
    forest.scan(&trees, &mut |shape, row| {
        if shape.is_table() {
            keep(&transaction, shape, row)
        } else if trees.iter().any(|tree| tree.shape.name == shape.table && tree.is_broken()) {
            find(&transaction, shape, row)
        } else {
            Ok(())
        }
    })?;
    if !transaction
        .prepare("SELECT 1 FROM feeds UNION SELECT 1 FROM changes UNION SELECT 1 FROM people")?
        .exists([])?
    {
        return Err(StoreError::Foreign);
    }
    let mut found = Salvage::default();
    if pages.log_ends_early {
        found.hit.push("the log beside the file is damaged: what was committed last is lost".to_owned());
    }
    if !schema_is_whole {
        found.hit.push(
            "page 1 of the file is damaged, or one that belongs to it: they say which tables there are, and without them the file \
             cannot be opened"
                .to_owned(),
        );
    }
    for tree in &trees {
        tree.tell(&transaction, &mut found)?;
    }
    rebuild::rebuild(&transaction, &mut |sentence| found.hit.push(sentence))?;
    tell_documents(&transaction, &mut found)?;
    transaction.commit()?;
    Ok(found)
}

/// Says of each document which of its entries have lost what they stand for.
fn tell_documents(connection: &Connection, found: &mut Salvage) -> Result<()> {
    let mut statement = connection.prepare(
        "SELECT d.doc, f.feed, e.seq FROM entries e
         JOIN documents d ON d.id = e.document_id JOIN feeds f ON f.id = e.feed_id
         WHERE (e.change_id IS NOT NULL AND e.change_id NOT IN (SELECT id FROM changes))
            OR (e.decision_id IS NOT NULL AND e.decision_id NOT IN (SELECT id FROM decisions))
         ORDER BY e.feed_id, e.seq",
    )?;
    let mut rows = statement.query([])?;
    let mut lost: BTreeMap<(DocumentId, String), Vec<u64>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        if let Ok(doc) = reading::id::<DocumentId>(row, 0) {
            lost.entry((doc, row.get(1)?)).or_default().push(unsigned(row.get(2)?));
        }
    }
    for ((doc, feed), entries) in lost {
        let entries = settle::ranges(entries.into_iter());
        found.hit.push(format!("document {doc} has lost its entries {entries} of feed {feed}"));
    }
    let mut statement = connection
        .prepare("SELECT doc FROM documents WHERE id NOT IN (SELECT document_id FROM changes) ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Ok(doc) = reading::id::<DocumentId>(row, 0) {
            found.hit.push(format!("document {doc} is lost: none of its changes can be read"));
        }
    }
    Ok(())
}

/// The root of each tree by its name, as far as the schema can be read, and whether all of it can.
fn roots(forest: &mut Forest<'_>) -> Result<(BTreeMap<String, u32>, bool)> {
    let mut roots = BTreeMap::new();
    let mut take = |_: &Shape, row: Row| {
        if let [_, Value::Text(name), _, Value::Integer(root), _] = row.values.as_slice()
            && let Ok(root) = u32::try_from(*root)
        {
            roots.entry(name.clone()).or_insert(root);
        }
        Ok(())
    };
    let tree = forest.walk(Shape::of_schema(), Some(1), &mut take)?;
    let is_whole = !tree.is_broken();
    forest.scan(&[tree], &mut take)?;
    Ok((roots, is_whole))
}

impl Tree {
    fn is_broken(&self) -> bool {
        !self.holes.is_empty() || !self.unread.is_empty()
    }

    /// Says what of it is hit.
    fn tell(&self, connection: &Connection, found: &mut Salvage) -> Result<()> {
        let name = &self.shape.name;
        for hole in &self.holes {
            let place =
                hole.page.map_or("a page that nobody knows".to_owned(), |page| format!("page {page}"));
            let part = if self.shape.is_table() {
                format!("table {name}{}", self.range(connection, hole)?)
            } else {
                format!("index {name}, which can be made anew")
            };
            found.hit.push(format!("{place} is damaged, of {part}"));
        }
        if !self.unread.is_empty() {
            let rows = settle::ranges(self.unread.iter().filter_map(|id| u64::try_from(*id).ok()));
            found.hit.push(format!("rows {rows} of table {name} are damaged"));
        }
        if self.is_broken() && RIGHTS.contains(&name.as_str()) {
            found.rights_hit.push(name.clone());
        }
        Ok(())
    }

    /// Which rows a hole is about, where their numbers are known, and how many of them were found elsewhere.
    fn range(&self, connection: &Connection, hole: &trees::Hole) -> Result<String> {
        if !self.shape.has_ids || LEFT.contains(&self.shape.name.as_str()) {
            return Ok(String::new());
        }
        let number = |bound: &Option<Vec<Value>>| match bound.as_deref() {
            Some([Value::Integer(number)]) => Some(*number),
            _ => None,
        };
        let (above, upto) = (number(&hole.above).unwrap_or(0), number(&hole.upto));
        let sql = format!("SELECT count(*) FROM {} WHERE rowid > ?1 AND rowid <= ?2", self.shape.name);
        let elsewhere: i64 =
            connection.query_row(&sql, [above, upto.unwrap_or(i64::MAX)], |row| row.get(0))?;
        let upto = upto.map_or("the end".to_owned(), |upto| upto.to_string());
        Ok(format!(": rows {} to {upto}, {elsewhere} of them found elsewhere", above.saturating_add(1)))
    }
}

/// Keeps the row of a table. Of two that say different things of somebody's rights, the one that takes them counts.
fn keep(connection: &Connection, shape: &Shape, row: Row) -> Result<()> {
    let table = shape.name.as_str();
    if LEFT.contains(&table) || !shape.fits(&row) {
        return Ok(());
    }
    let columns: Vec<_> = shape.columns().collect();
    let conflict = match table {
        "memberships" => "DO UPDATE SET role = CASE WHEN role IS excluded.role THEN role END",
        "people" => "DO UPDATE SET is_disabled = max(is_disabled, excluded.is_disabled)",
        "devices" => "DO UPDATE SET revoked_at = coalesce(revoked_at, excluded.revoked_at)",
        _ => "DO NOTHING",
    };
    let places: Vec<_> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let (columns, places) = (columns.join(", "), places.join(", "));
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT {conflict}");
    connection.prepare_cached(&sql)?.execute(params_from_iter(shape.values(row)))?;
    Ok(())
}

/// Notes what an index names.
fn find(connection: &Connection, shape: &Shape, row: Row) -> Result<()> {
    let places: Vec<_> = (1..=row.values.len()).map(|at| format!("?{at}")).collect();
    let sql = format!("INSERT INTO temp.found_{} VALUES ({})", shape.name, places.join(", "));
    connection.prepare_cached(&sql)?.execute(params_from_iter(row.values))?;
    Ok(())
}
