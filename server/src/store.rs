//! What the relay keeps: the log of every feed, and people with their roles, devices and sessions.
//!
//! [`Store`] is the one page that the rest of the relay knows. Behind it stand [`sqlite`], [`postgres`] and
//! [`memory`]; `server/tests/store_contract` is the one suite that all pass. Every function blocks: call them on a
//! thread that may wait, and [`Store::commit`] only through [`crate::writer`], which makes one
//! transaction of what all connections bring.
//!
//! A store decides nothing. What is stored, and how, `shared::sync::relay::writer` says; a store loads the
//! facts for it and carries its plans out.

mod audit;
pub mod blob;
pub mod carried;
pub mod memory;
pub mod person;
pub mod postgres;
pub mod soundness;
pub mod sqlite;
pub mod survey;

use std::path::PathBuf;
use std::sync::Arc;

use shared::audit::{Act, AuditKey, Head, Row};
use shared::ids::{BlobHash, ChangeHash, DeviceId, DocumentId, EpochId, FeedId, UserId};
use shared::ordered::{OrderedMap, OrderedSet};
use shared::role::Role;
use shared::sync::relay::blob::BlobRefusal;
use shared::sync::relay::compaction::{Foldable, Growth, Snapshot};
use shared::sync::relay::entry::{Authorship, Page, ReceiptKey};
use shared::sync::relay::facts::DocumentFacts;
use shared::sync::relay::standing::Greeting;
use shared::sync::relay::submission::Submission;
use shared::sync::relay::writer::{Rules, Verdict};
use shared::sync::settings::{SetBy, SettingRow};
use shared::wire::{Folding, Hello, RemovedRole};

use crate::feed_tail::FeedTails;
use crate::hindrance::remedy;
use crate::password::PasswordDigest;
use crate::rights::RightsWatch;
use blob::Blob;
use person::{
    Device, DirectoryEntry, DirectoryRange, Enrolment, LinkStanding, NewPassword, PasswordSetter, Person,
    RightsChanged, SessionEnd, SessionRow, Sessions, TokenHash,
};

/// Why a store fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refuses.
    #[error("the database refuses{}", sqlite::remedy(.0))]
    Database(#[source] rusqlite::Error),
    /// The system keeps the process from the database's file.
    #[error("the database cannot be used: {}{}", .path.display(), remedy(.source))]
    Hindered {
        /// The file or folder.
        path: PathBuf,
        /// By what.
        #[source]
        source: std::io::Error,
    },
    /// The file is none of SQLite's.
    #[error(
        "the file is no SQLite database, or its first page is damaged: is it the right one? Then `simpul check` tells more, and \
         `simpul restore FILE --damaged` keeps everything that can be read"
    )]
    NotADatabase(#[source] rusqlite::Error),
    /// PostgreSQL refuses, or cannot be reached.
    #[error("the database refuses, or cannot be reached")]
    Postgres(#[source] tokio_postgres::Error),
    /// The role that the relay connects as may not do in PostgreSQL what it must.
    #[error(
        "the role that Simpul connects as lacks a right in the database: from PostgreSQL 15 on only the owner of the schema makes \
         tables in it. Say there `ALTER SCHEMA public OWNER TO …` with the role's name, or `GRANT USAGE, CREATE ON SCHEMA public TO \
         …`; a table that another role made is given by `ALTER TABLE … OWNER TO …`"
    )]
    NoRight(#[source] tokio_postgres::Error),
    /// Something between the relay and PostgreSQL drops the settings of a session.
    #[error(
        "the database does not keep the session's settings: something between drops them, such as PgBouncer with \
         ignore_startup_parameters = options. Connect to PostgreSQL itself, or give them to the role there: {0}"
    )]
    SettingsLost(String),
    /// Something between the relay and PostgreSQL refuses the settings of a session.
    #[error(
        "what stands before the database takes no settings of a session, as PgBouncer by itself does not: say \
         ignore_startup_parameters = options there, and give the settings to the role in PostgreSQL, as the next message names \
         them; or connect to PostgreSQL itself"
    )]
    SettingsRefused(#[source] tokio_postgres::Error),
    /// Something between the relay and PostgreSQL gives the session of one connection to another.
    #[error(
        "connections to the database have no session of their own: what stands between gives it to others, as PgBouncer does \
         with pool_mode = transaction or statement. Use pool_mode = session, or connect to PostgreSQL itself"
    )]
    SessionShared,
    /// PostgreSQL does not answer.
    #[error("the database does not answer")]
    Silent,
    /// TLS to PostgreSQL cannot be had as its address asks for it.
    #[error(transparent)]
    Tls(#[from] postgres::tls::TlsError),
    /// The address of the database is none.
    #[error("the database's address cannot be read: it is written as postgres://user@host/database")]
    Address,
    /// There is nothing to carry connections.
    #[error("the system gives no thread for the database")]
    Runtime(#[source] std::io::Error),
    /// The database was written by a newer version of the relay.
    #[error(
        "the database was written by a newer Simpul (step {found}, this one knows {known}); start that one"
    )]
    Newer {
        /// Steps that the database has taken.
        found: u32,
        /// Steps that this version knows.
        known: u32,
    },
    /// A store knows the receipts' key that it began with, and relays that share a database share it.
    #[error(
        "the receipts' key in the data folder is another than that of this store: put back the copy of receipts.key that was kept{}",
        .0.or_copy("receipts.key")
    )]
    OtherReceiptKey(Sharing),
    /// A store knows the key of its audit log, and relays that share a database share it.
    #[error(
        "the audit log's key in the data folder is another than that of this store: put back the copy of audit.key that was kept{}",
        .0.or_copy("audit.key")
    )]
    OtherAuditKey(Sharing),
    /// Nothing says any more where the audit log ends.
    #[error(
        "the row that says where the audit log ends is gone: nothing can be told in it. `simpul audit --verify` names what else \
         is wrong; then restore a backup, or on SQLite the store itself with --damaged"
    )]
    NoAuditHead,
    /// The database was written by an older version of the relay.
    #[error(
        "the database was written by an older Simpul (step {found}, this one knows {known}); \
         start the relay once, and it takes the steps that are lacking"
    )]
    Older {
        /// Steps that the database has taken.
        found: u32,
        /// Steps that this version knows.
        known: u32,
    },
    /// The database is of something else, or empty.
    #[error("this is no database of Simpul")]
    Foreign,
    /// There is nothing in the database.
    #[error(
        "this is no database of Simpul, there is nothing in it: `simpul feed add` begins one, and so does `simpul serve`"
    )]
    Empty,
    /// A row does not hold what it must.
    #[error("the database is damaged: {0}; restore it from a backup")]
    Damaged(&'static str),
    /// The store's own code failed.
    #[error("the store panicked, which is a fault of Simpul: please report it with the log")]
    Panicked,
    /// The session in which something is to be changed has ended by now.
    #[error("the session has ended")]
    SessionOver,
    /// A feed, person or device that must exist does not.
    #[error("there is no {0}")]
    Absent(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotADatabase(error),
            _ => Self::Database(error),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        match error.code() {
            Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => Self::NoRight(error),
            _ => Self::Postgres(error),
        }
    }
}

impl StoreError {
    /// Whether it says that what is stored is damaged: then what else can be read is worth to be read.
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, SystemIoFailure};
        use tokio_postgres::error::SqlState;
        match self {
            _ if self.is_of_row() => true,
            Self::NotADatabase(_) => true,
            Self::Database(error) => {
                matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | SystemIoFailure))
            }
            Self::Postgres(error) => {
                matches!(error.code(), Some(code) if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code))
            }
            _ => false,
        }
    }

    /// Whether it says that a row is damaged that the database itself gives: one without a flaw in its page.
    fn is_of_row(&self) -> bool {
        use rusqlite::Error::{
            FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error,
        };
        matches!(
            self,
            Self::Damaged(_)
                | Self::Database(
                    FromSqlConversionFailure(..)
                        | InvalidColumnType(..)
                        | IntegralValueOutOfRange(..)
                        | Utf8Error(..)
                )
        )
    }

    /// Whether a database that has taken these steps is of this version.
    fn unless_of_this_version(taken: u32, known: u32) -> Result<()> {
        match taken.cmp(&known) {
            std::cmp::Ordering::Greater => Err(Self::Newer { found: taken, known }),
            std::cmp::Ordering::Less => Err(Self::Older { found: taken, known }),
            std::cmp::Ordering::Equal => Ok(()),
        }
    }
}

/// Whether other relays may have the same store, and the same keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// One relay alone has it: it is SQLite's file.
    Alone,
    /// Any number of relays may: it is in PostgreSQL.
    Shared,
}

impl Sharing {
    /// Where else a key is found.
    pub(crate) fn or_copy(self, key: &str) -> String {
        match self {
            Self::Alone => String::new(),
            Self::Shared => format!(", or copy {key} from the data folder of another relay on this database"),
        }
    }
}

/// By which a key is known without giving it away.
pub type KeyMark = [u8; 32];

/// What a store's functions give.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A stored change of a document, for reading the whole document.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// Its hash.
    pub hash: ChangeHash,
    /// The chunk as it was sent.
    pub bytes: Vec<u8>,
    /// Who made it.
    pub authorship: Authorship,
    /// The number of its entry in the document's home feed.
    pub seq: u64,
}

/// Those that can be read, and how many others there are. What keeps all from being read is an error.
fn readable<T>(read: impl Iterator<Item = Result<T>>) -> Result<(Vec<T>, usize)> {
    let (mut readable, mut others) = (Vec::new(), 0);
    for one in read {
        match one {
            Ok(one) => readable.push(one),
            Err(error) if error.is_of_row() => others += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((readable, others))
}

/// The relay's store.
pub trait Store: Send + Sync + 'static {
    /// Decides on a batch of submissions in order and stores what is accepted, in one transaction. When it
    /// returns, all of it is on disk.
    fn commit(&self, batch: &[Submission], rules: &Rules) -> Result<Vec<Verdict>>;
    /// Writes a little, which changes nothing: an error where the store cannot be written just now.
    fn prove_writable(&self) -> Result<()>;
    /// Forgets what it remembers of a batch at which it panicked.
    fn forget_batch(&self) {}
    /// Begins to tell, for as long as the tails exist, what others write to the same database and whose rights they change. Does not
    /// block. There is nothing to tell where one relay has the database for itself.
    fn watch(&self, _tails: &Arc<FeedTails>, _rights: &RightsWatch) {}
    /// Reads entries of a feed, as `shared::sync::relay::connection::Effect::Read` asks.
    fn read(&self, feed: &FeedId, after: u64, max_bytes: usize, leave_out: Option<DeviceId>) -> Result<Page>;
    /// Reads entries of a feed, with snapshots in place of those that they fold.
    fn read_folded(
        &self,
        feed: &FeedId,
        after: u64,
        max_bytes: usize,
        leave_out: Option<DeviceId>,
        folding: Folding,
    ) -> Result<Page>;
    /// How the person's feeds stand for a device that says hello.
    fn greet(&self, user: &UserId, hello: &Hello) -> Result<Greeting>;
    /// Which of these changes no document of the feed has.
    fn missing(
        &self,
        feed: &FeedId,
        docs: &OrderedMap<DocumentId, Vec<ChangeHash>>,
    ) -> Result<OrderedMap<DocumentId, Vec<ChangeHash>>>;
    /// The number of a feed's last entry; 0 where there is no such feed.
    fn head(&self, feed: &FeedId) -> Result<u64>;
    /// This life of the store.
    fn epoch(&self) -> Result<EpochId>;
    /// Begins a new life, after a restore.
    fn begin_epoch(&self, epoch: EpochId) -> Result<()>;

    /// A document, as the writer knows it. Whether a person may read it, the feeds say that it stands in.
    fn document(&self, doc: DocumentId) -> Result<Option<DocumentFacts>>;
    /// Every document, the oldest first where one relay wrote them.
    fn documents(&self) -> Result<Vec<DocumentId>>;
    /// All changes of a document, dependencies first.
    fn chunks(&self, doc: DocumentId) -> Result<Vec<Chunk>>;
    /// The documents whose ids can be read, and how many others there are.
    fn readable_documents(&self) -> Result<(Vec<DocumentId>, usize)>;
    /// The changes of a document that can be read, dependencies first, and how many others there are.
    fn readable_chunks(&self, doc: DocumentId) -> Result<(Vec<Chunk>, usize)>;

    /// A blob that a document refers to.
    fn blob(&self, doc: DocumentId, hash: BlobHash) -> Result<Option<Blob>>;
    /// All blobs that a document refers to.
    fn blobs(&self, doc: DocumentId) -> Result<Vec<Blob>>;
    /// Bytes that the blobs take of the documents whose home is this feed.
    fn blob_bytes(&self, feed: &FeedId) -> Result<u64>;
    /// Lets a document refer to a blob, where `shared::sync::relay::blob` allows it and the blobs of the home
    /// feed then take at most so many bytes. Its bytes must be stored by now. Again changes nothing.
    fn put_blob(
        &self,
        doc: DocumentId,
        blob: &Blob,
        most_bytes: u64,
    ) -> Result<std::result::Result<(), BlobRefusal>>;

    /// The documents that have changes among the entries of a feed after a number, `most` of them looked at, and
    /// the number of the last one.
    fn grown(&self, feed: &FeedId, after: u64, most: u64) -> Result<(u64, OrderedSet<DocumentId>)>;
    /// How far a document has grown beyond its snapshot.
    fn growth(&self, doc: DocumentId) -> Result<Growth>;
    /// A document with all its changes, to be folded; `None` where there is none.
    fn foldable(&self, doc: DocumentId) -> Result<Option<Foldable>>;
    /// Keeps snapshots beside their documents' older ones, all in one transaction, and marks each with a number above all
    /// others: `now` where that is. Older ones go when no reading counts on them any more. False of one: there is
    /// another that folds as much.
    fn put_snapshots(&self, snapshots: &[Snapshot], now: u64) -> Result<Vec<bool>>;
    /// Notes that a document could not be folded when it had so many changes.
    fn set_aside(&self, doc: DocumentId, changes: u64, why: &str, now: u64) -> Result<()>;
    /// How many documents could not be folded.
    fn count_set_aside(&self) -> Result<u64>;

    /// The mark of the key whose receipts it holds; `None` where none was agreed on.
    fn receipt_key_mark(&self) -> Result<Option<KeyMark>>;
    /// Makes sure that who entries are by is proved with one key; the first one that comes says which.
    /// [`StoreError::OtherReceiptKey`] where it is another.
    fn agree_on_receipt_key(&self, key: &ReceiptKey) -> Result<()>;

    /// The mark of the audit log's key; `None` where none was agreed on.
    fn audit_key_mark(&self) -> Result<Option<KeyMark>>;
    /// From now on tells in the audit log, under this key, what is decided and who is given or loses what.
    fn trace_with(&self, key: &AuditKey) -> Result<()>;
    /// The same under a key in place of one that is lost, of which this act tells as the first: what was told before is not
    /// proved any more. All of it or nothing.
    fn trace_with_another(&self, key: &AuditKey, act: Act) -> Result<()>;
    /// From now on names in all that it tells the operator who does it, on the command line.
    fn name_operator(&self, operator: SetBy);
    /// Tells more in the audit log; nothing where [`Store::trace_with`] was not said.
    fn trace(&self, acts: Vec<Act>) -> Result<()>;
    /// At most so many rows of the audit log after a number.
    fn audit(&self, after: u64, most: u64) -> Result<Vec<Row>>;
    /// Where the audit log ends.
    fn audit_head(&self) -> Result<Head>;

    /// Every feed with its name.
    fn feeds(&self) -> Result<OrderedMap<FeedId, String>>;
    /// Makes a feed, or gives one another name.
    fn put_feed(&self, feed: &FeedId, name: &str) -> Result<()>;
    /// Everybody, by user name.
    fn people(&self) -> Result<Vec<Person>>;
    /// A person.
    fn person(&self, user: &UserId) -> Result<Option<Person>>;
    /// Makes a person, or changes one. `now` in milliseconds since 1970, as everywhere.
    fn put_person(&self, person: &Person, now: u64) -> Result<()>;
    /// The roles of a person.
    fn roles(&self, user: &UserId) -> Result<OrderedMap<FeedId, Role>>;
    /// The roles of a person that were taken or refused, by feed.
    fn removed_roles(&self, user: &UserId) -> Result<Vec<RemovedRole>>;
    /// Lets a person sign in no more; their sessions are void, their links withdrawn.
    fn disable(&self, user: &UserId, now: u64) -> Result<()>;
    /// Lets a person sign in again. Their sessions of before are ended.
    fn enable(&self, user: &UserId, now: u64) -> Result<()>;
    /// Gives a person another password and ends their links, and their sessions `but_for` the one in which they do it;
    /// [`StoreError::SessionOver`] where that has ended.
    fn set_password(
        &self,
        user: &UserId,
        password: &NewPassword,
        but_for: Option<TokenHash>,
        now: u64,
    ) -> Result<()>;
    /// Makes a link by which a person sets a password, once, until that time; older ones of theirs are replaced.
    fn put_link(&self, user: &UserId, token: TokenHash, expires_at: u64, now: u64) -> Result<()>;
    /// How a link stands.
    fn link(&self, token: TokenHash, now: u64) -> Result<LinkStanding>;
    /// Gives the person of a link their own password by it, as [`Store::set_password`] does, where the link is good. How it
    /// stood, which is `Good` for one call alone.
    fn use_link(&self, token: TokenHash, password: &PasswordDigest, now: u64) -> Result<LinkStanding>;
    /// Takes back all links that were not used, after a restore.
    fn withdraw_links(&self) -> Result<()>;
    /// Forgets the links whose time ended so long ago; gives how many.
    fn forget_links(&self, expired_by: u64) -> Result<usize>;
    /// Who set the person's password.
    fn password_setter(&self, user: &UserId) -> Result<PasswordSetter>;
    /// The people whose rights were taken or given after this change of rights, the feeds whose settings have changed, and the
    /// number of the newest change.
    fn rights_changed(&self, after: u64) -> Result<RightsChanged>;
    /// The latest time that the store holds: no clock that is right is behind it.
    fn latest_time(&self) -> Result<u64>;
    /// Gives a person a role in a feed, or takes it away. Both must exist.
    fn set_role(&self, user: &UserId, feed: &FeedId, role: Option<Role>, now: u64) -> Result<()>;
    /// The people who share a feed with this person or have entries in it, themselves too, by user name.
    fn directory(&self, viewer: &UserId, range: &DirectoryRange) -> Result<Vec<DirectoryEntry>>;

    /// The newest value of each setting of a feed; none where there is no such feed.
    fn settings(&self, feed: &FeedId) -> Result<Vec<SettingRow>>;
    /// Every value that a setting of the feed had from a number on, the oldest first.
    fn setting_history(&self, feed: &FeedId, from: u64) -> Result<Vec<SettingRow>>;
    /// Gives a setting of a feed another value; the ones before stay. Gives its number.
    fn put_setting(&self, feed: &FeedId, key: &str, value: &[u8], by: &SetBy, now: u64) -> Result<u64>;

    /// Enrols a device for a person, or finds it enrolled.
    fn enrol(&self, device: DeviceId, owner: &UserId, name: &str, now: u64) -> Result<Enrolment>;
    /// A device.
    fn device(&self, device: DeviceId) -> Result<Option<Device>>;
    /// The devices of a person, oldest first.
    fn devices(&self, owner: &UserId) -> Result<Vec<Device>>;
    /// The devices of a person on which they are signed in.
    fn signed_in_devices(&self, owner: &UserId, now: u64) -> Result<OrderedSet<DeviceId>>;
    /// Whether a device that is not revoked is this person's and has this secret.
    fn proves_device(&self, device: DeviceId, owner: &UserId, secret: TokenHash) -> Result<bool>;
    /// Gives a device a secret, in place of one that it may have.
    fn put_device_secret(&self, device: DeviceId, secret: TokenHash) -> Result<()>;
    /// Takes nothing from a device any more; its sessions are void.
    fn revoke(&self, device: DeviceId, now: u64) -> Result<()>;
    /// Notes that a device was connected.
    fn note_seen(&self, device: DeviceId, now: u64) -> Result<()>;

    /// Begins a session, or sets when it ends.
    fn open_session(&self, token: TokenHash, session: &SessionRow) -> Result<()>;
    /// A session that has not expired, of a person who is not disabled, whose password is not to be changed first, and a device
    /// that is not revoked.
    fn session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>>;
    /// The same, also of a person whose password is to be changed first: it may do that, or end.
    fn limited_session(&self, token: TokenHash, now: u64) -> Result<Option<SessionRow>>;
    /// Why there is no session under a token any more.
    fn session_end(&self, token: TokenHash) -> Result<SessionEnd>;
    /// Ends a session.
    fn close_session(&self, token: TokenHash) -> Result<()>;
    /// Ends sessions of a person.
    fn close_sessions(&self, user: &UserId, sessions: Sessions) -> Result<()>;
    /// Forgets the sessions that have expired; gives how many.
    fn forget_expired_sessions(&self, now: u64) -> Result<usize>;
}
