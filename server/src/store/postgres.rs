//! The store in a PostgreSQL database, which several relays may share.
//!
//! One connection writes, a few read beside it, and one hears what other relays write. A batch is one
//! transaction of two round trips ([`log`]); the rows of its feeds are locked meanwhile, so that numbers
//! have no gaps whoever writes. A connection that is lost is made anew by whoever needs it next.
//!
//! The functions block on a runtime of the store's own: they may not be called from asynchronous code.

mod audit;
mod blobs;
mod facts;
mod link;
mod log;
mod password_links;
mod people;
mod presences;
mod reading;
mod receipt_keys;
mod rows;
mod settings;
mod snapshots;
mod steps;
mod survey;
pub mod tls;
mod waking;

use std::future::Future;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

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
use tokio::runtime::Runtime;

use super::audit as acts;
use super::blob::Blob;
use super::person::{
    Device, DirectoryEntry, DirectoryRange, Enrolment, LinkStanding, NewPassword, PasswordSetter, Person,
    RightsChanged, SessionEnd, SessionRow, Sessions, TokenHash,
};
use super::survey::Survey;
use super::{Chunk, KeyMark, Result, Sharing, Store, StoreError};
use crate::feed_tail::FeedTails;
use crate::password::PasswordDigest;
use crate::rights::RightsWatch;
use link::{Link, Server, is_lost};

/// Readers at once, as in the SQLite store. With the writer and the listener a relay has six connections.
const READERS: usize = 4;

/// How long a question may take before its connection counts as lost: longer than the server lets one
/// statement wait.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);

/// The store.
pub struct PostgresStore {
    /// Carries the connections. `None` only while it is dropped.
    runtime: Option<Runtime>,
    server: Server,
    writer: Mutex<Writing>,
    /// The server process behind the writer's connection.
    writing_process: Arc<AtomicI32>,
    readers: Mutex<Readers>,
    reader_is_back: Condvar,
    audit_key: OnceLock<AuditKey>,
    /// Who gives commands; nobody where the relay itself works.
    operator: OnceLock<SetBy>,
}

#[derive(Default)]
struct Writing {
    link: Option<Link>,
    log: log::LogWriter,
}

#[derive(Default)]
struct Readers {
    idle: Vec<Link>,
    open: usize,
}

/// A runtime that carries connections.
fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("postgres")
        .enable_all()
        .build()
        .map_err(StoreError::Runtime)
}

impl PostgresStore {
    /// Connects, and takes the steps that the database lacks. `url` as `postgres://user@host/database`;
    /// `epoch` is for a new database.
    ///
    /// # Errors
    /// When the database cannot be reached or changed, or was written by a newer version.
    pub fn open(url: &str, epoch: EpochId) -> Result<Self> {
        let server = Server::of(url)?;
        if server.is_readable_on_the_way() {
            tracing::warn!(
                "what is stored goes to the database unencrypted: add ?sslmode=verify-full to its address"
            );
        }
        let runtime = runtime()?;
        runtime.block_on(async {
            let link = Link::open_first(&server).await?;
            steps::take(&link, epoch).await
        })?;
        Ok(Self {
            runtime: Some(runtime),
            server,
            writer: Mutex::default(),
            writing_process: Arc::default(),
            readers: Mutex::default(),
            reader_is_back: Condvar::new(),
            audit_key: OnceLock::new(),
            operator: OnceLock::new(),
        })
    }

    /// Counts what a database holds, without changing anything.
    ///
    /// # Errors
    /// When it cannot be reached, is no database of Simpul, or of another version.
    pub fn survey(url: &str) -> Result<Survey> {
        let server = Server::of(url)?;
        runtime()?.block_on(async {
            let link = Link::open_first(&server).await?;
            // Counting takes as long as it takes.
            link.run("SET statement_timeout = 0").await?;
            survey::survey(&link).await
        })
    }

    /// Makes sure that a database is there and of this version, without changing anything.
    ///
    /// # Errors
    /// When it cannot be reached, is no database of Simpul, or of another version.
    pub fn look(url: &str) -> Result<()> {
        let server = Server::of(url)?;
        runtime()?.block_on(async {
            let link = Link::open_first(&server).await?;
            steps::look(&link).await.map(drop)
        })
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is taken out only while the store is dropped")
    }

    /// Waits for an answer of the database, but not for ever.
    fn wait<T>(&self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime().block_on(async {
            tokio::time::timeout(ANSWER_WITHIN, answer).await.unwrap_or(Err(StoreError::Silent))
        })
    }

    /// Writes on the one connection that writes. After an error it is made anew: nobody knows how much of
    /// a transaction is open on it.
    fn write<T>(&self, write: impl AsyncFnOnce(&mut log::LogWriter, &Link) -> Result<T>) -> Result<T> {
        let mut writing = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Writing { link, log } = &mut *writing;
        self.wait(async {
            let open = match link.take() {
                Some(open) if !open.is_closed() => open,
                _ => {
                    let open = Link::open(&self.server).await?;
                    let process = open.query("SELECT pg_backend_pid()", &[]).await?;
                    let process = process.first().map(|row| row.try_get(0)).transpose()?;
                    self.writing_process.store(process.unwrap_or(0), Ordering::Release);
                    open
                }
            };
            let written = write(log, &open).await?;
            *link = Some(open);
            Ok(written)
        })
    }

    /// Changes something outside the log, in one transaction.
    fn change<T>(&self, change: impl AsyncFnOnce(&Link) -> Result<T>) -> Result<T> {
        self.write(async |_, link| {
            link.run("BEGIN").await?;
            let changed = change(link).await?;
            link.run("COMMIT").await?;
            Ok(changed)
        })
    }

    /// Tells an act in the audit log, in the transaction that does it. The last thing that is done in it: whoever holds
    /// the head of the log waits for nothing else.
    async fn tell(&self, link: &Link, act: Act) -> Result<()> {
        match self.audit_key.get() {
            Some(key) => audit::append(link, key, vec![self.by_operator(act)]).await,
            None => Ok(()),
        }
    }

    /// With the operator's name, where one gives commands.
    fn by_operator(&self, act: Act) -> Act {
        match self.operator.get() {
            Some(operator) => act.by(operator),
            None => act,
        }
    }

    /// Reads. A connection that was lost while it lay idle is found out only now: then once more on a new
    /// one.
    fn view<T>(&self, read: impl AsyncFn(&Link) -> Result<T>) -> Result<T> {
        let mut place = ReaderPlace { store: self, link: self.take_reader() };
        self.wait(async {
            if let Some(link) = place.link.take_if(|link| !link.is_closed()) {
                match read(&link).await {
                    Err(error) if is_lost(&error) => {}
                    answer => {
                        place.link = Some(link);
                        return answer;
                    }
                }
            }
            let link = Link::open(&self.server).await?;
            let answer = read(&link).await?;
            place.link = Some(link);
            Ok(answer)
        })
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is one's turn to read; gives a connection where one lies idle.
    fn take_reader(&self) -> Option<Link> {
        let mut readers = self.readers();
        while readers.open >= READERS {
            readers = self.reader_is_back.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
        readers.open += 1;
        readers.idle.pop()
    }
}

/// A turn to read, until it is dropped.
struct ReaderPlace<'a> {
    store: &'a PostgresStore,
    link: Option<Link>,
}

impl Drop for ReaderPlace<'_> {
    fn drop(&mut self) {
        let mut readers = self.store.readers();
        readers.open -= 1;
        readers.idle.extend(self.link.take());
        drop(readers);
        self.store.reader_is_back.notify_one();
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // The store may be dropped in asynchronous code, where nothing may wait.
            runtime.shutdown_background();
        }
    }
}

/// Numbers of PostgreSQL are signed; ours never come near the end of either.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// See [`signed`].
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Store for PostgresStore {
    fn commit(&self, batch: &[Submission], rules: &Rules) -> Result<Vec<Verdict>> {
        self.write(async |log, link| log.commit(link, batch, rules, self.audit_key.get()).await)
    }

    fn prove_writable(&self) -> Result<()> {
        // A server that only follows another one gives no transaction a number.
        self.change(async |link| {
            link.run("SELECT pg_current_xact_id()").await?;
            // A relay whose audit key was replaced beside it stores no decision any more.
            match self.audit_key.get() {
                Some(key) if audit::key_mark(link).await?.is_some_and(|mark| mark != *key.mark()) => {
                    Err(StoreError::OtherAuditKey(Sharing::Shared))
                }
                _ => Ok(()),
            }
        })
    }

    fn watch(&self, tails: &Arc<FeedTails>, rights: &RightsWatch) {
        let (server, own) = (self.server.clone(), Arc::clone(&self.writing_process));
        self.runtime().spawn(waking::watch(server, Arc::downgrade(tails), rights.clone(), own));
    }

    fn read(&self, feed: &FeedId, after: u64, max_bytes: usize, leave_out: Option<DeviceId>) -> Result<Page> {
        self.view(async |link| reading::read(link, feed, after, max_bytes, leave_out).await)
    }

    fn read_folded(
        &self,
        feed: &FeedId,
        after: u64,
        max_bytes: usize,
        leave_out: Option<DeviceId>,
        folding: Folding,
    ) -> Result<Page> {
        self.view(async |link| snapshots::read(link, feed, after, max_bytes, leave_out, folding).await)
    }

    fn greet(&self, user: &UserId, hello: &Hello) -> Result<Greeting> {
        self.view(async |link| reading::greet(link, user, hello).await)
    }

    fn missing(
        &self,
        feed: &FeedId,
        docs: &OrderedMap<DocumentId, Vec<ChangeHash>>,
    ) -> Result<OrderedMap<DocumentId, Vec<ChangeHash>>> {
        self.view(async |link| reading::missing(link, feed, docs).await)
    }

    fn head(&self, feed: &FeedId) -> Result<u64> {
        let heads = self.view(async |link| reading::heads(link, std::slice::from_ref(feed)).await)?;
        Ok(heads.get(feed).copied().unwrap_or(0))
    }

    fn epoch(&self) -> Result<EpochId> {
        self.view(async |link| reading::epoch(link).await)
    }

    fn begin_epoch(&self, epoch: EpochId) -> Result<()> {
        self.change(async |link| steps::begin_epoch(link, epoch).await)
    }

    fn document(&self, doc: DocumentId) -> Result<Option<DocumentFacts>> {
        self.view(async |link| facts::document(link, doc).await)
    }

    fn documents(&self) -> Result<Vec<DocumentId>> {
        self.view(async |link| reading::documents(link).await)
    }

    fn chunks(&self, doc: DocumentId) -> Result<Vec<Chunk>> {
        self.view(async |link| reading::chunks(link, doc).await)
    }

    fn readable_documents(&self) -> Result<(Vec<DocumentId>, usize)> {
        self.view(async |link| reading::readable_documents(link).await)
    }

    fn readable_chunks(&self, doc: DocumentId) -> Result<(Vec<Chunk>, usize)> {
        self.view(async |link| reading::readable_chunks(link, doc).await)
    }

    fn blob(&self, doc: DocumentId, hash: BlobHash) -> Result<Option<Blob>> {
        self.view(async |link| blobs::blob(link, doc, hash).await)
    }

    fn blobs(&self, doc: DocumentId) -> Result<Vec<Blob>> {
        self.view(async |link| blobs::blobs(link, doc).await)
    }

    fn blob_bytes(&self, feed: &FeedId) -> Result<u64> {
        self.view(async |link| blobs::blob_bytes(link, feed).await)
    }

    fn put_blob(
        &self,
        doc: DocumentId,
        blob: &Blob,
        most_bytes: u64,
    ) -> Result<std::result::Result<(), BlobRefusal>> {
        self.change(async |link| blobs::put_blob(link, doc, blob, most_bytes).await)
    }

    fn grown(&self, feed: &FeedId, after: u64, most: u64) -> Result<(u64, OrderedSet<DocumentId>)> {
        self.view(async |link| snapshots::grown(link, feed, after, most).await)
    }

    fn growth(&self, doc: DocumentId) -> Result<Growth> {
        self.view(async |link| snapshots::growth(link, doc).await)
    }

    fn foldable(&self, doc: DocumentId) -> Result<Option<Foldable>> {
        self.view(async |link| snapshots::foldable(link, doc).await)
    }

    fn put_snapshots(&self, snapshots: &[Snapshot], now: u64) -> Result<Vec<bool>> {
        self.change(async |link| snapshots::put(link, snapshots, now).await)
    }

    fn set_aside(&self, doc: DocumentId, changes: u64, why: &str, now: u64) -> Result<()> {
        self.change(async |link| snapshots::set_aside(link, doc, changes, why, now).await)
    }

    fn count_set_aside(&self) -> Result<u64> {
        self.view(async |link| snapshots::count_set_aside(link).await)
    }

    fn receipt_key_mark(&self) -> Result<Option<KeyMark>> {
        self.view(async |link| receipt_keys::mark(link).await)
    }

    fn agree_on_receipt_key(&self, key: &ReceiptKey) -> Result<()> {
        self.change(async |link| receipt_keys::agree(link, key).await)
    }

    fn audit_key_mark(&self) -> Result<Option<KeyMark>> {
        self.view(async |link| audit::key_mark(link).await)
    }

    fn trace_with(&self, key: &AuditKey) -> Result<()> {
        self.change(async |link| audit::agree_on_key(link, key).await)?;
        self.audit_key.get_or_init(|| key.clone());
        Ok(())
    }

    fn trace_with_another(&self, key: &AuditKey, act: Act) -> Result<()> {
        self.change(async |link| {
            audit::take_key(link, key).await?;
            audit::append(link, key, vec![self.by_operator(act)]).await
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
            Some(key) if !acts.is_empty() => self.change(async |link| audit::append(link, key, acts).await),
            _ => Ok(()),
        }
    }

    fn audit(&self, after: u64, most: u64) -> Result<Vec<Row>> {
        self.view(async |link| audit::rows(link, after, most).await)
    }

    fn audit_head(&self) -> Result<Head> {
        self.view(async |link| audit::head(link).await)
    }

    fn feeds(&self) -> Result<OrderedMap<FeedId, String>> {
        self.view(async |link| people::feeds(link).await)
    }

    fn put_feed(&self, feed: &FeedId, name: &str) -> Result<()> {
        self.change(async |link| people::put_feed(link, feed, name).await)
    }

    fn people(&self) -> Result<Vec<Person>> {
        self.view(async |link| people::people(link).await)
    }

    fn person(&self, user: &UserId) -> Result<Option<Person>> {
        self.view(async |link| people::person(link, user).await)
    }

    fn put_person(&self, person: &Person, now: u64) -> Result<()> {
        self.change(async |link| {
            let before = people::person(link, &person.user).await?;
            people::put_person(link, person, now).await?;
            self.tell(link, acts::written(before.as_ref(), person, now)).await
        })
    }

    fn disable(&self, user: &UserId, now: u64) -> Result<()> {
        self.change(async |link| {
            people::disable(link, user, now).await?;
            self.tell(link, acts::person(user, "disabled", now)).await
        })
    }

    fn enable(&self, user: &UserId, now: u64) -> Result<()> {
        self.change(async |link| {
            people::enable(link, user, now).await?;
            self.tell(link, acts::person(user, "enabled", now)).await
        })
    }

    fn set_password(
        &self,
        user: &UserId,
        password: &NewPassword,
        but_for: Option<TokenHash>,
        now: u64,
    ) -> Result<()> {
        self.change(async |link| {
            people::set_password(link, user, password, but_for, now).await?;
            self.tell(link, acts::password(user, password, now)).await
        })
    }

    fn put_link(&self, user: &UserId, token: TokenHash, expires_at: u64, now: u64) -> Result<()> {
        self.change(async |link| {
            password_links::put(link, user, token, expires_at).await?;
            self.tell(link, acts::link_made(user, now)).await
        })
    }

    fn link(&self, token: TokenHash, now: u64) -> Result<LinkStanding> {
        self.view(async |link| password_links::standing(link, token, now).await)
    }

    fn use_link(&self, token: TokenHash, password: &PasswordDigest, now: u64) -> Result<LinkStanding> {
        self.change(async |link| {
            let standing = password_links::take(link, token, password, now).await?;
            if let LinkStanding::Good(user) = &standing {
                self.tell(link, acts::link_used(user, now)).await?;
            }
            Ok(standing)
        })
    }

    fn withdraw_links(&self) -> Result<()> {
        self.change(async |link| password_links::withdraw(link).await)
    }

    fn forget_links(&self, expired_by: u64) -> Result<usize> {
        self.change(async |link| password_links::forget(link, expired_by).await)
    }

    fn password_setter(&self, user: &UserId) -> Result<PasswordSetter> {
        self.view(async |link| people::password_setter(link, user).await)
    }

    fn rights_changed(&self, after: u64) -> Result<RightsChanged> {
        self.view(async |link| people::rights_changed(link, after).await)
    }

    fn latest_time(&self) -> Result<u64> {
        self.view(async |link| reading::latest_time(link).await)
    }

    fn roles(&self, user: &UserId) -> Result<OrderedMap<FeedId, Role>> {
        self.view(async |link| people::roles(link, user).await)
    }

    fn removed_roles(&self, user: &UserId) -> Result<Vec<RemovedRole>> {
        self.view(async |link| reading::removed_roles(link, user).await)
    }

    fn set_role(&self, user: &UserId, feed: &FeedId, role: Option<Role>, now: u64) -> Result<()> {
        self.change(async |link| {
            people::set_role(link, user, feed, role, now).await?;
            self.tell(link, Act::role(now, user, feed, role)).await
        })
    }

    fn directory(&self, viewer: &UserId, range: &DirectoryRange) -> Result<Vec<DirectoryEntry>> {
        self.view(async |link| people::directory(link, viewer, range).await)
    }

    fn settings(&self, feed: &FeedId) -> Result<Vec<SettingRow>> {
        self.view(async |link| settings::newest(link, feed).await)
    }

    fn setting_history(&self, feed: &FeedId, from: u64) -> Result<Vec<SettingRow>> {
        self.view(async |link| settings::history(link, feed, from).await)
    }

    fn put_setting(&self, feed: &FeedId, key: &str, value: &[u8], by: &SetBy, now: u64) -> Result<u64> {
        self.change(async |link| {
            let number = settings::put(link, feed, key, value, by, now).await?;
            self.tell(link, acts::setting(feed, key, number, by, now)).await?;
            Ok(number)
        })
    }

    fn enrol(&self, device: DeviceId, owner: &UserId, name: &str, now: u64) -> Result<Enrolment> {
        self.change(async |link| {
            let is_new = people::device(link, device).await?.is_none();
            let enrolment = people::enrol(link, device, owner, name, now).await?;
            if is_new {
                self.tell(link, acts::enrolled(device, owner, now)).await?;
            }
            Ok(enrolment)
        })
    }

    fn device(&self, device: DeviceId) -> Result<Option<Device>> {
        self.view(async |link| people::device(link, device).await)
    }

    fn devices(&self, owner: &UserId) -> Result<Vec<Device>> {
        self.view(async |link| people::devices(link, owner).await)
    }

    fn signed_in_devices(&self, owner: &UserId, now: u64) -> Result<OrderedSet<DeviceId>> {
        self.view(async |link| people::signed_in_devices(link, owner, now).await)
    }

    fn proves_device(&self, device: DeviceId, owner: &UserId, secret: TokenHash) -> Result<bool> {
        self.view(async |link| people::proves_device(link, device, owner, secret).await)
    }

    fn put_device_secret(&self, device: DeviceId, secret: TokenHash) -> Result<()> {
        self.change(async |link| people::put_device_secret(link, device, secret).await)
    }

    fn revoke(&self, device: DeviceId, now: u64) -> Result<()> {
        self.change(async |link| {
            people::revoke(link, device, now).await?;
            let row = people::device(link, device).await?;
            self.tell(link, acts::revoked(device, row.as_ref().map(|row| &row.owner), now)).await
        })
    }

    fn note_seen(&self, device: DeviceId, now: u64) -> Result<()> {
        self.change(async |link| people::note_seen(link, device, now).await)
    }

    fn open_session(&self, token: TokenHash, session: &SessionRow) -> Result<()> {
        self.change(async |link| people::open_session(link, token, session).await)
    }

    fn session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
        self.view(async |link| people::session(link, token, now).await)
    }

    fn limited_session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>> {
        self.view(async |link| people::limited_session(link, token, now).await)
    }

    fn session_end(&self, token: TokenHash) -> Result<SessionEnd> {
        self.view(async |link| people::session_end(link, token).await)
    }

    fn close_session(&self, token: TokenHash) -> Result<()> {
        self.change(async |link| people::close_session(link, token).await)
    }

    fn close_sessions(&self, user: &UserId, sessions: Sessions) -> Result<()> {
        self.change(async |link| people::close_sessions(link, user, sessions).await)
    }

    fn forget_expired_sessions(&self, now: u64) -> Result<usize> {
        self.change(async |link| people::forget_expired_sessions(link, now).await)
    }
}
