//! What a row of each of our tables and indexes looks like, so that rows are known where nothing says whose they are.
//!
//! Taken from a database that has just taken all steps, never from the damaged one.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::super::super::Result;
use super::node::Row;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Integer,
    Text,
    Blob,
    /// The row id stands in its place.
    RowId,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    holds: Holds,
    may_be_null: bool,
}

/// How rows of a table or an index are stored.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// The name of the table or index.
    pub(super) name: String,
    /// The table, also of an index.
    pub(super) table: String,
    /// Whether rows have a row id: tables do, but for those without, and indexes do not.
    pub(super) has_ids: bool,
    columns: Vec<Column>,
}

impl Shape {
    /// The shape of the schema itself.
    pub(super) fn of_schema() -> Self {
        let column = |name: &str, holds, may_be_null| Column { name: name.to_owned(), holds, may_be_null };
        let columns = vec![
            column("type", Holds::Text, false),
            column("name", Holds::Text, false),
            column("tbl_name", Holds::Text, false),
            column("rootpage", Holds::Integer, false),
            column("sql", Holds::Text, true),
        ];
        let name = "sqlite_schema".to_owned();
        Self { table: name.clone(), name, has_ids: true, columns }
    }

    /// The shapes of everything in a database that is sound.
    pub(super) fn all(sound: &Connection) -> Result<Vec<Self>> {
        let mut statement = sound.prepare(
            "SELECT name, tbl_name, type = 'table', coalesce(sql, '') LIKE '%WITHOUT ROWID%' FROM sqlite_schema",
        )?;
        let mut rows = statement.query([])?;
        let mut shapes = Vec::new();
        while let Some(row) = rows.next()? {
            let (name, table): (String, String) = (row.get(0)?, row.get(1)?);
            let (is_table, has_no_ids): (bool, bool) = (row.get(2)?, row.get(3)?);
            let columns = if is_table {
                table_columns(sound, &name, has_no_ids)?
            } else {
                index_columns(sound, &name, &table)?
            };
            shapes.push(Self { name, table, has_ids: is_table && !has_no_ids, columns });
        }
        Ok(shapes)
    }

    /// Whether this is a table, and not an index.
    pub(super) fn is_table(&self) -> bool {
        self.name == self.table
    }

    /// The columns in the order in which they are stored.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Whether a row can be one of these.
    pub(super) fn fits(&self, row: &Row) -> bool {
        row.id.is_some() == self.has_ids
            && row.values.len() == self.columns.len()
            && self.columns.iter().zip(&row.values).all(|(column, value)| column.takes(value))
    }

    /// The values to be stored again: the row id where it stands in place of a column.
    pub(super) fn values(&self, row: Row) -> Vec<Value> {
        let id = row.id;
        let value = |(column, value): (&Column, Value)| match (column.holds, id) {
            (Holds::RowId, Some(id)) => Value::Integer(id),
            _ => value,
        };
        self.columns.iter().zip(row.values).map(value).collect()
    }
}

impl Column {
    fn takes(&self, value: &Value) -> bool {
        match (self.holds, value) {
            (Holds::RowId, Value::Null)
            | (Holds::Integer, Value::Integer(_))
            | (Holds::Text, Value::Text(_))
            | (Holds::Blob, Value::Blob(_)) => true,
            (Holds::Integer | Holds::Text | Holds::Blob, Value::Null) => self.may_be_null,
            _ => false,
        }
    }
}

fn holds(declared: &str) -> Holds {
    match declared {
        "TEXT" => Holds::Text,
        "BLOB" => Holds::Blob,
        _ => Holds::Integer,
    }
}

fn table_columns(sound: &Connection, table: &str, has_no_ids: bool) -> Result<Vec<Column>> {
    let mut statement = sound.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1)")?;
    let mut columns = statement
        .query_map([table], |row| {
            let (name, declared): (String, String) = (row.get(0)?, row.get(1)?);
            let (is_never_null, key): (bool, i64) = (row.get(2)?, row.get(3)?);
            Ok((key, Column { name, holds: holds(&declared), may_be_null: !is_never_null }))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    if has_no_ids {
        // The key comes first, in its own order.
        columns.sort_by_key(|(key, _)| if *key > 0 { *key } else { i64::MAX });
    } else if columns.iter().filter(|(key, _)| *key > 0).count() == 1 {
        for (_, column) in columns.iter_mut().filter(|(key, _)| *key > 0) {
            if column.holds == Holds::Integer {
                column.holds = Holds::RowId;
            }
        }
    }
    Ok(columns.into_iter().map(|(_, column)| column).collect())
}

fn index_columns(sound: &Connection, index: &str, table: &str) -> Result<Vec<Column>> {
    let mut statement = sound.prepare(
        "SELECT coalesce(i.name, 'id'), coalesce(t.type, 'INTEGER'), coalesce(t.\"notnull\", 1)
         FROM pragma_index_xinfo(?1) i LEFT JOIN pragma_table_info(?2) t ON t.cid = i.cid ORDER BY i.seqno",
    )?;
    let columns = statement.query_map([index, table], |row| {
        let (name, declared): (String, String) = (row.get(0)?, row.get(1)?);
        let is_never_null: bool = row.get(2)?;
        Ok(Column { name, holds: holds(&declared), may_be_null: !is_never_null })
    })?;
    Ok(columns.collect::<rusqlite::Result<Vec<_>>>()?)
}
