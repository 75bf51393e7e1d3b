//! The device's store in the browser: IndexedDB, one database per person.
//!
//! Dumb on purpose, as the simulator's is: byte keys, byte values, [`Query`] and [`Commit`]. A read is one
//! transaction, a commit is one transaction that is `strict`, and nothing but the transaction's own
//! requests is awaited while it lives. Which rows there are is decided in `shared::device`.
//!
//! A connection that the browser closed (as iOS does) is opened again and the transaction is made once
//! more; a newer version of the database in another tab closes this one for good: [`StoreTrouble::Closed`].

mod trouble;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use futures::future::{Either, select};
use indexed_db_futures::database::Database;
use indexed_db_futures::error::Error;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::object_store::ObjectStore;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{
    Transaction, TransactionDurability, TransactionFinishKind, TransactionMode, TransactionOptions,
};
use indexed_db_futures::{BuildPrimitive, KeyRange};
use js_sys::Uint8Array;
use shared::device::table::{
    Commit, CommitResult, Key, Query, Row, STEPS, StoreTrouble, Table, Write, tables_since,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::browser;

/// The version of the database; an older app cannot open a newer one.
const VERSION: u32 = STEPS.len() as u32;

/// How long opening may take before the person is told; a blocked upgrade would wait for ever.
const OPEN_MS: u32 = 15_000;

/// One person's database; cheap to clone.
#[derive(Clone)]
pub struct Store(Rc<Connection>);

struct Connection {
    name: String,
    database: RefCell<Option<Database>>,
    /// Invariant: once true it stays so; another tab upgrades the database, and only a reload helps.
    is_superseded: Cell<bool>,
}

/// How surely a commit must be on disk before it is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// Written through to the disk: people's work.
    Strict,
    /// Handed to the operating system: survives the end of the page, not of the machine's power.
    Relaxed,
}

impl Store {
    /// Opens the database of a name, and makes its tables where it is new.
    ///
    /// # Errors
    /// When the browser gives no database, or an older or newer tab stands in the way.
    pub async fn open(name: String) -> Result<Self, StoreTrouble> {
        let store =
            Self(Rc::new(Connection { name, database: RefCell::new(None), is_superseded: Cell::new(false) }));
        store.database().await?;
        Ok(store)
    }

    /// Reads rows, all queries in one transaction.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(&self, queries: Vec<Query>) -> Result<Vec<Row>, StoreTrouble> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let database = self.database().await?;
        let answer = match read_rows(&database, &queries).await {
            Err(error) if trouble::is_closed(&error) => {
                self.forget();
                read_rows(&self.database().await?, &queries).await
            }
            answer => answer,
        };
        answer.map_err(|error| trouble::of(&error))
    }

    /// Reads the keys of the rows whose key begins so.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keys(&self, table: Table, prefix: Key) -> Result<Vec<Key>, StoreTrouble> {
        let database = self.database().await?;
        let answer = match read_keys(&database, table, &prefix).await {
            Err(error) if trouble::is_closed(&error) => {
                self.forget();
                read_keys(&self.database().await?, table, &prefix).await
            }
            answer => answer,
        };
        answer.map_err(|error| trouble::of(&error))
    }

    /// Writes rows, wholly or not at all; done means on disk.
    pub async fn commit(&self, commit: &Commit) -> CommitResult {
        self.write(commit, Durability::Strict).await
    }

    /// Writes what needs to survive the end of the page only: marks, and what is typed and no change yet.
    pub async fn mark(&self, commit: &Commit) -> CommitResult {
        self.write(commit, Durability::Relaxed).await
    }

    /// Hands one write over to the browser before this task ends, as surely as [`Store::mark`] does: nothing is waited for,
    /// so that a page that ends right afterwards has written it all the same. The answer comes later. `None` where the
    /// connection is not open, and nothing was handed over.
    pub fn hand_over(&self, write: &Write) -> Option<impl Future<Output = CommitResult> + use<>> {
        let database = self.0.database.borrow().clone()?;
        let done = {
            let tables = std::iter::once(table_of(write));
            let transaction =
                begin(&database, tables, TransactionMode::Readwrite, Durability::Relaxed).ok()?;
            let done = transaction.on_done().ok()?;
            ask(&transaction, write).ok()?;
            commit_now(&transaction).ok()?;
            done
        };
        Some(async move {
            match done.await {
                TransactionFinishKind::Ok => CommitResult::Done,
                _ => CommitResult::Failed(StoreTrouble::Closed),
            }
        })
    }

    /// Whether there is a connection to write over.
    pub fn is_open(&self) -> bool {
        self.0.database.borrow().is_some()
    }

    /// Closes the connection; the next read or write opens it again.
    pub fn close(&self) {
        self.forget();
    }

    async fn write(&self, commit: &Commit, durability: Durability) -> CommitResult {
        if commit.guards.is_empty() && commit.writes.is_empty() {
            return CommitResult::Done;
        }
        let database = match self.database().await {
            Ok(database) => database,
            Err(trouble) => return CommitResult::Failed(trouble),
        };
        let answer = match write_rows(&database, commit, durability).await {
            // Nothing was written, so writing it again over a new connection changes nothing twice.
            Err(error) if error.is_of_connection() => {
                self.forget();
                match self.database().await {
                    Ok(database) => write_rows(&database, commit, durability).await,
                    Err(trouble) => return CommitResult::Failed(trouble),
                }
            }
            answer => answer,
        };
        match answer {
            Ok(true) => CommitResult::Done,
            Ok(false) => CommitResult::GuardFailed,
            Err(WriteError::Browser(error)) => CommitResult::Failed(trouble::of(&error)),
            Err(WriteError::Aborted(trouble)) => CommitResult::Failed(trouble),
        }
    }

    fn forget(&self) {
        if let Some(database) = self.0.database.borrow_mut().take() {
            database.close();
        }
    }

    async fn database(&self) -> Result<Database, StoreTrouble> {
        if self.0.is_superseded.get() {
            return Err(StoreTrouble::Closed);
        }
        if let Some(database) = self.0.database.borrow().as_ref() {
            return Ok(database.clone());
        }
        let database = connect(&self.0.name).await?;
        self.watch(&database);
        *self.0.database.borrow_mut() = Some(database.clone());
        Ok(database)
    }

    /// Lets go of the database when the browser closes it or another tab wants to upgrade it.
    fn watch(&self, database: &Database) {
        let Ok(mut changes) = database.version_changes() else { return };
        let connection = Rc::downgrade(&self.0);
        spawn_local(async move {
            let event = changes.recv().await;
            let Some(connection) = connection.upgrade() else { return };
            if event.is_some() {
                connection.is_superseded.set(true);
            }
            if let Some(database) = connection.database.borrow_mut().take() {
                database.close();
            }
        });
    }
}

async fn connect(name: &str) -> Result<Database, StoreTrouble> {
    let opening = Database::open(name)
        .with_version(VERSION)
        // Blocked means that an older tab has not let go yet: the wait below ends it in words.
        .with_on_blocked(|_| Ok(()))
        .with_on_upgrade_needed(|event, database| upgrade(event.old_version() as u32, &database))
        .build()
        .map_err(|error| trouble::of_opening(&error))?;
    let opening = std::pin::pin!(opening.into_future());
    let waiting = std::pin::pin!(browser::wait_ms(OPEN_MS));
    match select(opening, waiting).await {
        Either::Left((answer, _)) => answer.map_err(|error| trouble::of_opening(&error)),
        Either::Right(_) => Err(StoreTrouble::Closed),
    }
}

/// Takes the database from any older version to [`VERSION`], by the steps that a new one takes.
fn upgrade(from: u32, database: &Database) -> Result<(), Error> {
    for name in tables_since(from) {
        let _store = database.create_object_store(name).build()?;
    }
    Ok(())
}

/// A transaction over several tables, and their object stores.
fn begin<'a>(
    database: &'a Database,
    tables: impl Iterator<Item = Table>,
    mode: TransactionMode,
    durability: Durability,
) -> Result<Transaction<'a>, Error> {
    let mut tables: Vec<Table> = tables.collect();
    tables.sort_unstable();
    tables.dedup();
    let names: Vec<&str> = tables.into_iter().map(Table::name).collect();
    let mut options = TransactionOptions::new();
    options.set_durability(match durability {
        Durability::Strict => TransactionDurability::Strict,
        Durability::Relaxed => TransactionDurability::Relaxed,
    });
    database.transaction(names.as_slice()).with_mode(mode).with_options(options).build()
}

async fn read_rows(database: &Database, queries: &[Query]) -> Result<Vec<Row>, Error> {
    enum Asked<One, Keys, Values> {
        One(One),
        Range(Keys, Values),
    }
    let table_of = |query: &Query| match query {
        Query::Row(table, _) | Query::Prefix(table, _) => *table,
    };
    let transaction =
        begin(database, queries.iter().map(table_of), TransactionMode::Readonly, Durability::Relaxed)?;
    // Every request leaves before the first answer is awaited, so the transaction stays alive.
    let mut asked = Vec::with_capacity(queries.len());
    for query in queries {
        let store = transaction.object_store(table_of(query).name())?;
        asked.push(match query {
            Query::Row(_, key) => {
                Asked::One(store.get::<JsValue, JsValue, JsValue>(to_js(&key.0)).primitive()?)
            }
            Query::Prefix(_, prefix) => match range_of(prefix) {
                Some(range) => Asked::Range(
                    store.get_all_keys::<JsValue>().with_query::<JsValue, _>(range.clone()).primitive()?,
                    store.get_all::<JsValue>().with_query::<JsValue, _>(range).primitive()?,
                ),
                None => Asked::Range(
                    store.get_all_keys::<JsValue>().primitive()?,
                    store.get_all::<JsValue>().primitive()?,
                ),
            },
        });
    }
    let mut rows = Vec::new();
    for (query, asked) in queries.iter().zip(asked) {
        let table = table_of(query);
        match (query, asked) {
            (Query::Row(_, key), Asked::One(request)) => {
                if let Some(value) = request.await? {
                    rows.push(Row { table, key: key.clone(), value: from_js(&value) });
                }
            }
            (_, Asked::Range(keys, values)) => {
                let (keys, values) = (keys.await?, values.await?);
                for (key, value) in keys.zip(values) {
                    rows.push(Row { table, key: Key(from_js(&key?)), value: from_js(&value?) });
                }
            }
            (Query::Prefix(..), Asked::One(_)) => {}
        }
    }
    Ok(rows)
}

async fn read_keys(database: &Database, table: Table, prefix: &Key) -> Result<Vec<Key>, Error> {
    let transaction =
        begin(database, std::iter::once(table), TransactionMode::Readonly, Durability::Relaxed)?;
    let store = transaction.object_store(table.name())?;
    let request = match range_of(prefix) {
        Some(range) => store.get_all_keys::<JsValue>().with_query::<JsValue, _>(range).primitive()?,
        None => store.get_all_keys::<JsValue>().primitive()?,
    };
    request.await?.map(|key| Ok(Key(from_js(&key?)))).collect()
}

enum WriteError {
    Browser(Error),
    Aborted(StoreTrouble),
}

impl WriteError {
    /// Whether a new connection may help.
    fn is_of_connection(&self) -> bool {
        match self {
            Self::Browser(error) => trouble::is_closed(error),
            Self::Aborted(trouble) => *trouble == StoreTrouble::Closed,
        }
    }
}

impl<E: Into<Error>> From<E> for WriteError {
    fn from(error: E) -> Self {
        Self::Browser(error.into())
    }
}

/// Writes a commit; false where a guard does not hold.
async fn write_rows(
    database: &Database,
    commit: &Commit,
    durability: Durability,
) -> Result<bool, WriteError> {
    let tables = commit.guards.iter().map(|guard| guard.table).chain(commit.writes.iter().map(table_of));
    let transaction = begin(database, tables, TransactionMode::Readwrite, durability)?;
    let mut done = transaction.on_done()?;

    let mut guarded = Vec::with_capacity(commit.guards.len());
    for guard in &commit.guards {
        let store = transaction.object_store(guard.table.name())?;
        guarded.push(store.get::<JsValue, JsValue, JsValue>(to_js(&guard.key.0)).primitive()?);
    }
    let mut holds = true;
    for (guard, request) in commit.guards.iter().zip(guarded) {
        let found = request.await?.map(|value| from_js(&value));
        holds &= found == guard.expected;
    }
    if !holds || commit.writes.is_empty() {
        transaction.abort().await.ok();
        return Ok(holds);
    }

    for write in &commit.writes {
        ask(&transaction, write)?;
    }
    // Said at once, and not when the last answer has come: a page that ends meanwhile has committed all the same.
    commit_now(&transaction)?;
    loop {
        match done.await {
            TransactionFinishKind::Ok => return Ok(true),
            // A request failed; the abort that follows has the reason.
            TransactionFinishKind::Err => done = transaction.on_done()?,
            TransactionFinishKind::Abort => {
                return Err(match transaction.error() {
                    Some(error) => WriteError::Browser(error),
                    // The browser aborts without a reason when it closes the connection.
                    None => WriteError::Aborted(StoreTrouble::Closed),
                });
            }
        }
    }
}

fn table_of(write: &Write) -> Table {
    match write {
        Write::Put(row) => row.table,
        Write::Delete(table, _) => *table,
    }
}

/// Asks for one write. What the request answers is told by the transaction's end.
fn ask(transaction: &Transaction<'_>, write: &Write) -> Result<(), Error> {
    let store: ObjectStore<'_> = transaction.object_store(table_of(write).name())?;
    match write {
        Write::Put(row) => {
            drop(store.put(to_js(&row.value)).with_key(to_js(&row.key.0)).without_key_type().primitive()?)
        }
        Write::Delete(_, key) => drop(store.delete::<JsValue, _>(to_js(&key.0)).primitive()?),
    }
    Ok(())
}

/// Commits without waiting for the answers of what was asked. The library's own `commit` does so too, and takes the
/// transaction with the reason why it may fail along.
fn commit_now(transaction: &Transaction<'_>) -> Result<(), Error> {
    let this: &JsValue = transaction.as_sys().as_ref();
    let commit = js_sys::Reflect::get(this, &"commit".into())?;
    js_sys::Function::from(commit).call0(this)?;
    Ok(())
}

fn to_js(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// Bytes of a value (`Uint8Array`) or of a key (`ArrayBuffer`).
fn from_js(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}

/// The range of all keys that begin so; `None`: every key.
fn range_of(prefix: &Key) -> Option<KeyRange<JsValue>> {
    let mut next = prefix.0.clone();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last + 1);
            return Some(KeyRange::Bound(to_js(&prefix.0), false, to_js(&next), true));
        }
    }
    (!prefix.0.is_empty()).then(|| KeyRange::LowerBound(to_js(&prefix.0), false))
}
