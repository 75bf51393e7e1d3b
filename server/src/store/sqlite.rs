//! The store in one SQLite file: no server to set up, and a commit is one fsync of its log.
//!
//! One connection writes the log and one the rest, by turns; a few read beside them (WAL). `synchronous =
//! FULL`: when a commit returns, it has survived. The folder of the file must lie on a disk of this machine,
//! not on a network share.

mod audit;
mod blobs;
pub mod carry_over;
mod facts;
mod log;
mod password_links;
mod people;
mod reading;
pub mod receipt_keys;
pub mod salvage;
mod settings;
mod snapshots;
pub mod soundness;
mod steps;
pub mod upkeep;
mod write_ahead;

use std::path::Path;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use shared::audit::{Act, AuditKey, Head, Row};
use shared::ids::{BlobHash, ChangeHash, DeviceId, DocumentId, EpochId, FeedId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::relay::blob::BlobRefusal;
use shared::sync::relay::compaction::{Foldable, Growth, Snapshot};
use shared::sync::relay::entry::{Page, ReceiptKey};
use shared::sync::relay::facts::DocumentFacts;
use shared::sync::relay::standing::Greeting;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::sync::settings::{SetBy, SettingRow};
use shared::wire::{Folding, Hello, RemovedRole};

use super::audit as acts;
use super::blob::Blob;
use super::person::{
    Device, DirectoryEntry, DirectoryRange, Enrolment, LinkStanding, NewPassword, PasswordSetter, Person,
    RightsChanged, SessionEnd, SessionRow, Sessions, TokenHash,
};
use super::{Chunk, KeyMark, Result, Store, StoreError};
use crate::hindrance;
use crate::password::PasswordDigest;

/// Readers at once: more than the cores of the machines that this is made for, so that one slow read does
/// not hold up the others.
const READERS: usize = 4;

/// Memory for pages of each reader. SQLite forgets them whenever somebody has written meanwhile, and the system keeps the
/// file's pages as well: more is of no use.
const READER_CACHE_KIB: i64 = 256;

/// How long to wait for another process, such as the command line, to end its transaction.
const BUSY_MS: u64 = 5_000;

/// Prepared statements kept a connection: all that there are.
const STATEMENTS: usize = 128;

/// Pages of the write-ahead log after which a commit moves them into the file. Four thousand are 16 MB: a
/// page that is written often is moved once for many commits.
const CHECKPOINT_PAGES: u32 = 4_000;

/// The store.
pub struct SqliteStore {
    path: PathBuf,
    writer: Mutex<Writing>,
    readers: Mutex<Readers>,
    reader_is_back: Condvar,
    audit_key: OnceLock<AuditKey>,
    /// Who gives commands; nobody where the relay itself works.
    operator: OnceLock<SetBy>,
}

/// Who writes, one at a time: the log, and everything else.
struct Writing {
    log: log::LogWriter,
    rest: Connection,
}

#[derive(Default)]
struct Readers {
    idle: Vec<Connection>,
    open: usize,
}

/// A connection that reads, until it is dropped.
struct Reader<'a> {
    store: &'a SqliteStore,
    connection: Option<Connection>,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.store.readers().idle.extend(self.connection.take());
        self.store.reader_is_back.notify_one();
    }
}

impl SqliteStore {
    /// Opens a database, makes it where there is none, and takes the steps that it lacks. `epoch` is for a
    /// new one.
    ///
    /// # Errors
    /// When the file cannot be opened or written, is no database, or was written by a newer version.
    pub fn open(path: &Path, epoch: EpochId) -> Result<Self> {
        Self::try_open(path, epoch).map_err(|error| hindered(path, error))
    }

    fn try_open(path: &Path, epoch: EpochId) -> Result<Self> {
        let mut rest = open_for_writing(path)?;
        steps::take(&mut rest, epoch)?;
        let log = open_for_writing(path)?;
        // The rows that the log refers to were read or made in the same transaction, and none is ever
        // deleted: looking them up again for each reference, six times a change, would find nothing else.
        log.pragma_update(None, "foreign_keys", false)?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(Writing { log: log::LogWriter::new(log), rest }),
            readers: Mutex::new(Readers::default()),
            reader_is_back: Condvar::new(),
            audit_key: OnceLock::new(),
            operator: OnceLock::new(),
        })
    }

    /// Opens a database for a relay that serves: as [`SqliteStore::open`], with room laid out for its log
    /// ([`write_ahead`]). Where the disk has none, it goes without.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_to_serve(path: &Path, epoch: EpochId) -> Result<Self> {
        write_ahead::remove_draft(path);
        // What a run left that was killed is read from its log, which has room for the next.
        if !write_ahead::has_full_log(path) {
            // Opened and closed, so that there is a database and it is one that uses such a log. A short one, as commands leave
            // it, is moved into the file by this, unless somebody else has it open.
            drop(Self::open(path, epoch)?);
            if let Err(error) = write_ahead::lay_out(path) {
                tracing::warn!(%error, "no room was laid out for the log of {}: commits take longer", path.display());
            }
        }
        Self::open(path, epoch)
    }

    fn writer(&self) -> MutexGuard<'_, Writing> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something outside the log, in one transaction.
    fn change<T>(&self, change: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut writer = self.writer();
        let transaction = writer.rest.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = change(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// Tells an act in the audit log, in the transaction that does it.
    fn tell(&self, connection: &Connection, act: Act) -> Result<()> {
        let act = self.by_operator(act);
        self.audit_key.get().map_or(Ok(()), |key| audit::append(connection, key, vec![act]))
    }

    /// With the operator's name, where one gives commands.
    fn by_operator(&self, act: Act) -> Act {
        match self.operator.get() {
            Some(operator) => act.by(operator),
            None => act,
        }
    }

    /// Reads, all of it from one state of the database.
    fn view<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut reader = Reader { store: self, connection: Some(self.take_reader()?) };
        let connection = reader.connection.as_mut().expect("it is taken only when it goes back");
        // Dropped, also by a panic, the transaction ends and the reader goes back.
        let transaction = connection.transaction()?;
        let done = read(&transaction)?;
        transaction.finish()?;
        Ok(done)
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_reader(&self) -> Result<Connection> {
        let mut readers = self.readers();
        loop {
            if let Some(connection) = readers.idle.pop() {
                return Ok(connection);
            }
            if readers.open < READERS {
                let connection = Connection::open_with_flags(
                    &self.path,
                    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
                )?;
                configure(&connection)?;
                // Negative: in KiB instead of pages.
                connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
                readers.open += 1;
                return Ok(connection);
            }
            readers = self.reader_is_back.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Names what keeps the process from a database's file, where SQLite says only that it cannot be had.
fn hindered(path: &Path, error: StoreError) -> StoreError {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
    let is_of_system = matches!(
        &error,
        StoreError::Database(error)
            if matches!(error.sqlite_error_code(), Some(CannotOpen | DiskFull | PermissionDenied | ReadOnly | SystemIoFailure))
    );
    let found = is_of_system.then(|| hindrance::of_database(path)).flatten();
    found.map_or(error, |(path, source)| StoreError::Hindered { path, source })
}

/// What helps where nothing but SQLite says what is wrong; nothing where that is all that is known.
pub(super) fn remedy(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(CannotOpen | PermissionDenied | ReadOnly) => {
            ": this user may not open or make a file of it, the disk is mounted read-only, or full"
        }
        Some(DiskFull) => ": the disk is full, make room",
        Some(SystemIoFailure) => ": the disk may be full, or fails; the log of the kernel says which",
        _ => "",
    }
}

fn open_for_writing(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    configure(&connection)?;
    // WAL is a property of the file; FULL, unlike NORMAL, makes each commit wait for the disk.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Numbers of SQLite are signed; ours never come near the end of either.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// See [`signed`].
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Store for SqliteStore {
    fn commit(&self, batch: &[Submission], rules: &Rules) -> Result<Vec<Verdict>> {
        self.writer().log.commit(batch, rules, self.audit_key.get())
    }

    fn prove_writable(&self) -> Result<()> {
        self.writer().log.prove_writable()
    }

    fn forget_batch(&self) {
        self.writer().log.forget();
    }

    fn read(&self, feed: &FeedId, after: u64, max_bytes: usize, leave_out: Option<DeviceId>) -> Result<Page> {
        self.view(|connection| reading::read(connection, feed, after, max_bytes, leave_out))
    }

    fn read_folded(
        &self,
        feed: &FeedId,
        after: u64,
        max_bytes: usize,
        leave_out: Option<DeviceId>,
        folding: Folding,
    ) -> Result<Page> {
        self.view(|connection| snapshots::read(connection, feed, after, max_bytes, leave_out, folding))
    }

    fn greet(&self, user: &UserId, hello: &Hello) -> Result<Greeting> {
        self.view(|connection| reading::greet(connection, user, hello))
    }

    fn missing(
        &self,
        feed: &FeedId,
        docs: &OrderedMap<DocumentId, Vec<ChangeHash>>,
    ) -> Result<OrderedMap<DocumentId, Vec<ChangeHash>>> {
        self.view(|connection| reading::missing(connection, feed, docs))
    }

    fn head(&self, feed: &FeedId) -> Result<u64> {
        self.view(|connection| reading::head(connection, feed))
    }

    fn epoch(&self) -> Result<EpochId> {
        self.view(reading::epoch)
    }

    fn begin_epoch(&self, epoch: EpochId) -> Result<()> {
        self.change(|connection| steps::begin_epoch(connection, epoch))
    }

    fn document(&self, doc: DocumentId) -> Result<Option<DocumentFacts>> {
        self.view(|connection| Ok(facts::document(connection, doc)?.map(|(_, facts)| facts)))
    }

    fn documents(&self) -> Result<Vec<DocumentId>> {
        self.view(reading::documents)
    }

    fn chunks(&self, doc: DocumentId) -> Result<Vec<Chunk>> {
        self.view(|connection| reading::chunks(connection, doc))
    }

    fn readable_documents(&self) -> Result<(Vec<DocumentId>, usize)> {
        self.view(reading::readable_documents)
    }

    fn readable_chunks(&self, doc: DocumentId) -> Result<(Vec<Chunk>, usize)> {
        self.view(|connection| reading::readable_chunks(connection, doc))
    }

    fn blob(&self, doc: DocumentId, hash: BlobHash) -> Result<Option<Blob>> {
        self.view(|connection| blobs::blob(connection, doc, hash))
    }

    fn blobs(&self, doc: DocumentId) -> Result<Vec<Blob>> {
        self.view(|connection| blobs::blobs(connection, doc))
    }

    fn blob_bytes(&self, feed: &FeedId) -> Result<u64> {
        self.view(|connection| blobs::blob_bytes(connection, feed))
    }

    fn put_blob(
        &self,
        doc: DocumentId,
        blob: &Blob,
        most_bytes: u64,
    ) -> Result<std::result::Result<(), BlobRefusal>> {
        self.change(|connection| blobs::put_blob(connection, doc, blob, most_bytes))
    }

    fn grown(&self, feed: &FeedId, after: u64, most: u64) -> Result<(u64, OrderedSet<DocumentId>)> {
        self.view(|connection| snapshots::grown(connection, feed, after, most))
    }

    fn growth(&self, doc: DocumentId) -> Result<Growth> {
        self.view(|connection| snapshots::growth(connection, doc))
    }

    fn foldable(&self, doc: DocumentId) -> Result<Option<Foldable>> {
        self.view(|connection| snapshots::foldable(connection, doc))
    }

    fn put_snapshots(&self, snapshots: &[Snapshot], now: u64) -> Result<Vec<bool>> {
        // They wait for the disk, derived as they are: a device is told their marks, and no mark is given out twice.
        self.change(|connection| {
            snapshots.iter().map(|snapshot| snapshots::put(connection, snapshot, now)).collect()
        })
    }

    fn set_aside(&self, doc: DocumentId, changes: u64, why: &str, now: u64) -> Result<()> {
        self.change(|connection| snapshots::set_aside(connection, doc, changes, why, now))
    }

    fn count_set_aside(&self) -> Result<u64> {
        self.view(snapshots::count_set_aside)
    }

    fn receipt_key_mark(&self) -> Result<Option<KeyMark>> {
        self.view(receipt_keys::mark)
    }

    fn agree_on_receipt_key(&self, key: &ReceiptKey) -> Result<()> {
        self.change(|connection| receipt_keys::agree(connection, key))
    }

    fn audit_key_mark(&self) -> Result<Option<KeyMark>> {
        self.view(audit::key_mark)
    }

    fn trace_with(&self, key: &AuditKey) -> Result<()> {
        self.change(|connection| audit::agree_on_key(connection, key))?;
        self.audit_key.get_or_init(|| key.clone());
        Ok(())
    }

    fn trace_with_another(&self, key: &AuditKey, act: Act) -> Result<()> {
        let act = self.by_operator(act);
        self.change(|connection| {
            audit::mark_key(connection, key.mark())?;
            audit::append(connection, key, vec![act])
        })?;
        self.audit_key.get_or_init(|| key.clone());
        Ok(())
    }

    fn name_operator(&self, operator: SetBy) {
        self.operator.get_or_init(|| operator);
    }

    fn trace(&self, acts: Vec<Act>) -> Result<()> {
        let acts: Vec<_> = acts.into_iter().map(|act| self.by_operator(act)).collect();
        match self.audit_key.get() {
            Some(key) if !acts.is_empty() => self.change(|connection| audit::append(connection, key, acts)),
            _ => Ok(()),
        }
    }

    fn audit(&self, after: u64, most: u64) -> Result<Vec<Row>> {
        self.view(|connection| audit::rows(connection, after, most))
    }

    fn audit_head(&self) -> Result<Head> {
        self.view(audit::head)
    }

    fn feeds(&self) -> Result<OrderedMap<FeedId, String>> {
        self.view(people::feeds)
    }

    fn put_feed(&self, feed: &FeedId, name: &str) -> Result<()> {
        self.change(|connection| people::put_feed(connection, feed, name))
    }

    fn people(&self) -> Result<Vec<Person>> {
        self.view(people::people)
    }

    fn person(&self, user: &UserId) -> Result<Option<Person>> {
        self.view(|connection| people::person(connection, user))
    }

    fn put_person(&self, person: &Person, now: u64) -> Result<()> {
        self.change(|connection| {
            let before = people::person(connection, &person.user)?;
            people::put_person(connection, person, now)?;
            self.tell(connection, acts::written(before.as_ref(), person, now))
        })
    }

    fn disable(&self, user: &UserId, now: u64) -> Result<()> {
        self.change(|connection| {
            people::disable(connection, user, now)?;
            self.tell(connection, acts::person(user, "disabled", now))
        })
    }

    fn enable(&self, user: &UserId, now: u64) -> Result<()> {
        self.change(|connection| {
            people::enable(connection, user, now)?;
            self.tell(connection, acts::person(user, "enabled", now))
        })
    }

    fn set_password(
        &self,
        user: &UserId,
        password: &NewPassword,
        but_for: Option<TokenHash>,
        now: u64,
    ) -> Result<()> {
        self.change(|connection| {
            people::set_password(connection, user, password, but_for, now)?;
            self.tell(connection, acts::password(user, password, now))
        })
    }

    fn put_link(&self, user: &UserId, token: TokenHash, expires_at: u64, now: u64) -> Result<()> {
        self.change(|connection| {
            password_links::put(connection, user, token, expires_at)?;
            self.tell(connection, acts::link_made(user, now))
        })
    }

    fn link(&self, token: TokenHash, now: u64) -> Result<LinkStanding> {
        self.view(|connection| password_links::standing(connection, token, now))
    }

    fn use_link(&self, token: TokenHash, password: &PasswordDigest, now: u64) -> Result<LinkStanding> {
        self.change(|connection| {
            let standing = password_links::take(connection, token, password, now)?;
            if let LinkStanding::Good(user) = &standing {
                self.tell(connection, acts::link_used(user, now))?;
            }
            Ok(standing)
        })
    }

    fn withdraw_links(&self) -> Result<()> {
        self.change(password_links::withdraw)
    }

    fn forget_links(&self, expired_by: u64) -> Result<usize> {
        self.change(|connection| password_links::forget(connection, expired_by))
    }

    fn password_setter(&self, user: &UserId) -> Result<PasswordSetter> {
        self.view(|connection| people::password_setter(connection, user))
    }

    fn rights_changed(&self, after: u64) -> Result<RightsChanged> {
        self.view(|connection| people::rights_changed(connection, after))
    }

    fn latest_time(&self) -> Result<u64> {
        self.view(reading::latest_time)
    }

    fn roles(&self, user: &UserId) -> Result<OrderedMap<FeedId, Role>> {
        self.view(|connection| people::roles(connection, user))
    }

    fn removed_roles(&self, user: &UserId) -> Result<Vec<RemovedRole>> {
        self.view(|connection| reading::removed_roles(connection, user))
    }

    fn set_role(&self, user: &UserId, feed: &FeedId, role: Option<Role>, now: u64) -> Result<()> {
        self.change(|connection| {
            people::set_role(connection, user, feed, role, now)?;
            self.tell(connection, Act::role(now, user, feed, role))
        })
    }

    fn directory(&self, viewer: &UserId, range: &DirectoryRange) -> Result<Vec<DirectoryEntry>> {
        self.view(|connection| people::directory(connection, viewer, range))
    }

    fn settings(&self, feed: &FeedId) -> Result<Vec<SettingRow>> {
        self.view(|connection| settings::newest(connection, feed))
    }

    fn setting_history(&self, feed: &FeedId, from: u64) -> Result<Vec<SettingRow>> {
        self.view(|connection| settings::history(connection, feed, from))
    }

    fn put_setting(&self, feed: &FeedId, key: &str, value: &[u8], by: &SetBy, now: u64) -> Result<u64> {
        self.change(|connection| {
            let number = settings::put(connection, feed, key, value, by, now)?;
            self.tell(connection, acts::setting(feed, key, number, by, now))?;
            Ok(number)
        })
    }

    fn enrol(&self, device: DeviceId, owner: &UserId, name: &str, now: u64) -> Result<Enrolment> {
        self.change(|connection| {
            let is_new = people::device(connection, device)?.is_none();
            let enrolment = people::enrol(connection, device, owner, name, now)?;
            if is_new {
                self.tell(connection, acts::enrolled(device, owner, now))?;
            }
            Ok(enrolment)
        })
    }

    fn device(&self, device: DeviceId) -> Result<Option<Device>> {
        self.view(|connection| people::device(connection, device))
    }

    fn devices(&self, owner: &UserId) -> Result<Vec<Device>> {
        self.view(|connection| people::devices(connection, owner))
    }

    fn signed_in_devices(&self, owner: &UserId, now: u64) -> Result<OrderedSet<DeviceId>> {
        self.view(|connection| people::signed_in_devices(connection, owner, now))
    }

    fn proves_device(&self, device: DeviceId, owner: &UserId, secret: TokenHash) -> Result<bool> {
        self.view(|connection| people::proves_device(connection, device, owner, secret))
    }

    fn put_device_secret(&self, device: DeviceId, secret: TokenHash) -> Result<()> {
        self.change(|connection| people::put_device_secret(connection, device, secret))
    }

    fn revoke(&self, device: DeviceId, now: u64) -> Result<()> {
        self.change(|connection| {
            people::revoke(connection, device, now)?;
            let row = people::device(connection, device)?;
            self.tell(connection, acts::revoked(device, row.as_ref().map(|row| &row.owner), now))
        })
    }

    fn note_seen(&self, device: DeviceId, now: u64) -> Result<()> {
        self.change(|connection| people::note_seen(connection, device, now))
    }

    fn open_session(&self, token: TokenHash, session: &SessionRow) -> Result<()> {
        self.change(|connection| people::open_session(connection, token, session))
    }

    fn session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
        self.view(|connection| people::session(connection, token, now))
    }

    fn limited_session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
        self.view(|connection| people::limited_session(connection, token, now))
    }

    fn session_end(&self, token: TokenHash) -> Result<SessionEnd> {
        self.view(|connection| people::session_end(connection, token))
    }

    fn close_session(&self, token: TokenHash) -> Result<()> {
        self.change(|connection| people::close_session(connection, token))
    }

    fn close_sessions(&self, user: &UserId, sessions: Sessions) -> Result<()> {
        self.change(|connection| people::close_sessions(connection, user, sessions))
    }

    fn forget_expired_sessions(&self, now: u64) -> Result<usize> {
        self.change(|connection| people::forget_expired_sessions(connection, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_that_commands_left_gives_way_to_one_that_is_laid_out() {
        let folder = tempfile::tempdir().unwrap();
        let (path, epoch) = (folder.path().join("simpul.sqlite"), EpochId::from_bytes([1; 16]));
        let store = SqliteStore::open(&path, epoch).unwrap();
        let kota = "kota".parse().unwrap();
        store.put_feed(&kota, "Kota").unwrap();
        assert_eq!(store.feeds().unwrap().len(), 1);
        // Its reader is the last to go, and leaves the log where it is.
        drop(store);
        assert!(write_ahead::has_log(&path) && !write_ahead::has_full_log(&path));
        let store = SqliteStore::open_to_serve(&path, epoch).unwrap();
        assert!(write_ahead::has_full_log(&path));
        assert!(store.feeds().unwrap().contains_key(&kota));
    }

    #[test]
    fn reading_that_panics_gives_its_reader_back() {
        let folder = tempfile::tempdir().unwrap();
        let epoch = EpochId::from_bytes([1; 16]);
        let store = SqliteStore::open(&folder.path().join("simpul.sqlite"), epoch).unwrap();
        for _ in 0..2 * READERS {
            let read = std::panic::AssertUnwindSafe(|| store.view(|_| -> Result<()> { panic!("a bad row") }));
            assert!(std::panic::catch_unwind(read).is_err());
        }
        // Without a reader this would wait for ever.
        assert_eq!(store.epoch().unwrap(), epoch);
        assert!(store.readers().open <= READERS);
    }
}
