//! The data folder: the database, the receipts' key beside it, and the mark of a demonstration.
//!
//! The folder has mode 0700 and what lies in it 0600, also where it was made otherwise. The receipts' key lives in a file of its own, outside the database
//! and its backups: whoever holds both could forge who wrote an entry. A folder is made either for work
//! or for demonstration, once and for all, since the demonstration's passwords are known to everybody.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shared::audit::AuditKey;

use crate::config;
use crate::database_files;
use crate::hindrance::remedy;
use crate::random::random;

/// File that marks a folder as made for demonstration; it tells how far the demonstration is built.
const MARK: &str = "DEMONSTRATION";
const MARK_BEGUN: &str = "begun\n";
const MARK_COMPLETE: &str = "complete\n";

/// The new store of a restore that is certain to go on.
const RESTORED: &str = "restored.sqlite";
/// The same while it is made and may be refused.
const RESTORING: &str = "restoring.sqlite";

/// Bytes of the receipts' key.
pub const RECEIPT_KEY_BYTES: usize = 32;

/// What a data folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Real work.
    Work,
    /// Demonstration: made-up people whose passwords are printed.
    Demonstration,
}

/// A data folder that exists and serves the wanted purpose.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Something in it cannot be read or written.
    #[error("{path} cannot be read or written{}", remedy(.source))]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Made for demonstration, and real work is wanted.
    #[error(
        "the data folder {} was made for demonstration, with passwords that everybody knows: \
         serve it with --demo, or name another folder with --data", .0.display()
    )]
    IsDemonstration(PathBuf),
    /// Holds something else, and a demonstration is wanted.
    #[error(
        "the data folder {} holds data that is no demonstration: \
         name a new folder with --data, or leave out --demo", .0.display()
    )]
    IsNoDemonstration(PathBuf),
    /// The key's file does not hold a key.
    #[error(
        "the receipts' key {} is damaged: put back the copy that was kept of it; \
         without it, who wrote an entry can no longer be proved", .0.display()
    )]
    DamagedKey(PathBuf),
    /// The audit log's key's file does not hold a key.
    #[error(
        "the audit log's key {} is damaged: put back the copy that was kept of it; without it, what the audit log \
         says can no longer be verified", .0.display()
    )]
    DamagedAuditKey(PathBuf),
    /// A restore was cut off.
    #[error(
        "a restore into {} was cut off: say it again, with the same file and options. The store before it is not lost: it is \
         there as simpul.sqlite, or as the newest before-restore-….sqlite, and the command finds it by itself", .0.display()
    )]
    Restoring(PathBuf),
    /// A relay, a restore or a repair has the folder.
    #[error("a relay runs on the data folder {}, or a command changes it: stop it first", .0.display())]
    InUse(PathBuf),
}

/// The folder's lock: who holds it may take the database for its own. It goes with the process, however that
/// ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: fs::File,
}

impl DataFolder {
    /// Opens the folder for a purpose; makes it where there is none.
    ///
    /// # Errors
    /// When it serves another purpose, or cannot be made or read.
    pub fn open(path: &Path, purpose: Purpose) -> Result<Self, DataFolderError> {
        let folder = Self { path: path.to_owned() };
        create_private(path).map_err(|source| folder.error(path, source))?;
        close_to_others(path).map_err(|source| folder.error(path, source))?;
        let is_demonstration = folder.mark().exists();
        match purpose {
            Purpose::Work if is_demonstration => Err(DataFolderError::IsDemonstration(folder.path)),
            Purpose::Demonstration if !is_demonstration => {
                if !folder.is_unused()? {
                    return Err(DataFolderError::IsNoDemonstration(folder.path));
                }
                folder.write_mark(MARK_BEGUN)?;
                Ok(folder)
            }
            Purpose::Work | Purpose::Demonstration => Ok(folder),
        }
    }

    /// Opens a folder that exists, whatever its purpose.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open_any(path: &Path) -> Result<Self, DataFolderError> {
        let is_demonstration = path.join(MARK).exists();
        Self::open(path, if is_demonstration { Purpose::Demonstration } else { Purpose::Work })
    }

    /// A folder to look into: nothing is made in it, and nothing changed of it.
    pub fn look(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The SQLite database.
    pub fn database(&self) -> PathBuf {
        Self::database_in(&self.path)
    }

    /// Where the SQLite database of a folder would be.
    pub fn database_in(folder: &Path) -> PathBuf {
        folder.join("simpul.sqlite")
    }

    /// Whether a restore into a folder was cut off, so that the store may lie under another name.
    pub fn is_being_restored(folder: &Path) -> bool {
        folder.join(RESTORED).exists()
    }

    /// Whether a restore into a folder was cut off so that no store may be begun or opened there: of one that was cut off while it
    /// made the new store, only where there is no other, since nothing else was touched by then.
    pub fn awaits_restore(folder: &Path) -> bool {
        let is_begun = || folder.join(RESTORING).exists() && !Self::database_in(folder).exists();
        Self::is_being_restored(folder) || is_begun()
    }

    /// Takes the folder's lock: the relay holds it while it runs; a restore and a repair need it.
    ///
    /// # Errors
    /// [`DataFolderError::InUse`] where another process has it.
    pub fn lock(&self) -> Result<FolderLock, DataFolderError> {
        let path = self.path.join("relay.lock");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|source| self.error(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(FolderLock { _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(DataFolderError::InUse(self.path.clone())),
            Err(fs::TryLockError::Error(source)) => Err(self.error(&path, source)),
        }
    }

    /// Whether another process has the lock. Nothing is made by looking, and a disk that is mounted read-only does not hinder.
    pub fn is_locked(&self) -> bool {
        fs::File::open(self.path.join("relay.lock"))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
    }

    /// The new store of a restore that is under way: while it is made and may be refused, and from then on. Under that second
    /// name it guards: a restore was cut off, and the folder's keys and the store's name may be those of either store.
    pub fn restoring(&self) -> (PathBuf, PathBuf) {
        (self.path.join(RESTORING), self.path.join(RESTORED))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the receipts' key lies.
    pub fn receipt_key_file(&self) -> PathBuf {
        self.path.join("receipts.key")
    }

    /// Whether the folder has a receipts' key.
    ///
    /// # Errors
    /// When nobody can tell, as where the folder belongs to another user.
    pub fn has_receipt_key(&self) -> Result<bool, DataFolderError> {
        let path = self.receipt_key_file();
        path.try_exists().map_err(|source| self.error(&path, source))
    }

    /// Whether the folder has an audit log's key.
    ///
    /// # Errors
    /// When nobody can tell.
    pub fn has_audit_key(&self) -> Result<bool, DataFolderError> {
        let path = self.audit_key_file();
        path.try_exists().map_err(|source| self.error(&path, source))
    }

    /// The receipts' key; made at the first use, readable by the relay's user alone.
    ///
    /// # Errors
    /// When it cannot be read or made, or is damaged.
    pub fn receipt_key(&self) -> Result<[u8; RECEIPT_KEY_BYTES], DataFolderError> {
        let path = self.receipt_key_file();
        self.key(&path)?.ok_or(DataFolderError::DamagedKey(path))
    }

    /// Where the audit log's key lies.
    pub fn audit_key_file(&self) -> PathBuf {
        self.path.join("audit.key")
    }

    /// The audit log's key; made at the first use, readable by the relay's user alone.
    ///
    /// # Errors
    /// When it cannot be read or made, or is damaged.
    pub fn audit_key(&self) -> Result<AuditKey, DataFolderError> {
        let path = self.audit_key_file();
        Ok(AuditKey::new(self.key(&path)?.ok_or(DataFolderError::DamagedAuditKey(path))?))
    }

    /// Removes what a command left that was cut off while it wrote a key. To be called under the folder's lock: a key
    /// that is just being written would go as well.
    ///
    /// # Errors
    /// When the folder cannot be read, or a draft not removed.
    pub fn remove_key_drafts(&self) -> Result<(), DataFolderError> {
        for entry in fs::read_dir(&self.path).map_err(|source| self.error(&self.path, source))? {
            let entry = entry.map_err(|source| self.error(&self.path, source))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_of_key = ["receipts.key.", "audit.key."].iter().any(|key| name.starts_with(key));
            if is_of_key && name.ends_with(".new") {
                fs::remove_file(entry.path()).map_err(|source| self.error(&entry.path(), source))?;
            }
        }
        Ok(())
    }

    /// Makes another audit log's key, and keeps it once it is taken: where `take` fails, nothing was changed here.
    ///
    /// # Errors
    /// When `take` fails, or the key cannot be written.
    pub fn replace_audit_key<E: From<DataFolderError>>(
        &self,
        take: impl FnOnce(&AuditKey) -> Result<(), E>,
    ) -> Result<(), E> {
        let key = random();
        take(&AuditKey::new(key))?;
        let path = self.audit_key_file();
        let kept = self.write_key(&path, key, |draft, path| fs::rename(draft, path));
        Ok(kept.map_err(|source| self.error(&path, source))?)
    }

    /// The key in a file, made where there is none; `None` where the file holds none.
    fn key(&self, path: &Path) -> Result<Option<[u8; RECEIPT_KEY_BYTES]>, DataFolderError> {
        let read = || match fs::read(path) {
            Ok(bytes) => Ok(hex::decode(bytes.trim_ascii()).ok().and_then(|key| key.try_into().ok())),
            Err(error) => Err(error),
        };
        match read() {
            Ok(key) => Ok(key),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Relays on a database elsewhere may share the folder, and begin at once: the first one's key holds.
                match self.write_key(path, random(), |draft, path| fs::hard_link(draft, path)) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        Err(self.error(path, error))
                    }
                    _ => read().map_err(|source| self.error(path, source)),
                }
            }
            Err(source) => Err(self.error(path, source)),
        }
    }

    /// Writes a key to a file, whole or not at all: a half-written one would be taken for a damaged one. `name` gives the
    /// draft its name.
    fn write_key(
        &self,
        path: &Path,
        key: [u8; RECEIPT_KEY_BYTES],
        name: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let draft = path.with_extension(format!("key.{}.new", hex::encode(random::<8>())));
        let written = write_private(&draft, hex::encode(key).as_bytes()).and_then(|()| name(&draft, path));
        // Where it was renamed there is none any more.
        let _ = fs::remove_file(&draft);
        written?;
        fs::File::open(&self.path)?.sync_all()
    }

    /// Whether the demonstration in this folder is built to its end.
    pub fn is_demonstration_complete(&self) -> bool {
        fs::read_to_string(self.mark()).is_ok_and(|text| text == MARK_COMPLETE)
    }

    /// Notes that the demonstration is built to its end.
    ///
    /// # Errors
    /// When the mark cannot be written.
    pub fn mark_demonstration_complete(&self) -> Result<(), DataFolderError> {
        self.write_mark(MARK_COMPLETE)
    }

    /// Takes away a demonstration that was left half-built, so that it can be built anew.
    ///
    /// # Errors
    /// When its files cannot be removed.
    pub fn clear_half_built_demonstration(&self) -> Result<(), DataFolderError> {
        debug_assert!(self.mark().exists(), "only a demonstration is ever removed");
        database_files::remove(&self.database()).map_err(|(path, error)| self.error(&path, error))
    }

    fn mark(&self) -> PathBuf {
        self.path.join(MARK)
    }

    fn write_mark(&self, text: &str) -> Result<(), DataFolderError> {
        let mark = self.mark();
        write_private(&mark, text.as_bytes()).map_err(|source| self.error(&mark, source))
    }

    /// Whether nothing lies in the folder yet, a configuration file apart.
    fn is_unused(&self) -> Result<bool, DataFolderError> {
        let entries = fs::read_dir(&self.path).map_err(|source| self.error(&self.path, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| self.error(&self.path, source))?;
            if entry.file_name() != config::FILE_NAME {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn error(&self, path: &Path, source: io::Error) -> DataFolderError {
        DataFolderError::Io { path: path.to_owned(), source }
    }
}

#[cfg(unix)]
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Takes from others what they may do with the folder and with what lies right in it: deeper folders are out of their
/// reach then. What belongs to another user is left as it is.
#[cfg(unix)]
fn close_to_others(path: &Path) -> io::Result<()> {
    take_from_others(path, fs::metadata(path)?)?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Not what a link leads to. What is gone meanwhile needs nothing.
        match entry.metadata() {
            Ok(metadata) if metadata.is_file() || metadata.is_dir() => {
                take_from_others(&entry.path(), metadata)?
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn take_from_others(path: &Path, metadata: fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    match fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            tracing::warn!(
                "{} may be read by others, and belongs to another user: say `chmod go=` on it",
                path.display()
            );
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> io::Result<()> {
    Ok(())
}

pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn folder_and_key_are_for_the_relays_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("deep/data");
        let folder = DataFolder::open(&path, Purpose::Work).unwrap();
        folder.receipt_key().unwrap();
        folder.audit_key().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("receipts.key")), 0o600);
        assert_eq!(mode(&path.join("audit.key")), 0o600);
    }

    #[test]
    fn audit_key_that_nobody_took_is_not_kept() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(&place.path().join("data"), Purpose::Work).unwrap();
        let failed = |_: &AuditKey| Err(DataFolderError::DamagedKey(PathBuf::new()));
        assert!(folder.replace_audit_key(failed).is_err());
        assert!(!folder.audit_key_file().exists());
        let mut taken = None;
        let keep = |key: &AuditKey| -> Result<(), DataFolderError> {
            taken = Some(*key.mark());
            Ok(())
        };
        folder.replace_audit_key(keep).unwrap();
        assert_eq!(Some(*folder.audit_key().unwrap().mark()), taken);
    }

    #[test]
    fn relays_that_begin_at_once_in_one_folder_have_one_key() {
        let place = tempfile::tempdir().unwrap();
        for round in 0..20 {
            let folder = DataFolder::open(&place.path().join(round.to_string()), Purpose::Work).unwrap();
            let keys: Vec<_> = std::thread::scope(|scope| {
                let begun: Vec<_> = (0..8).map(|_| scope.spawn(|| folder.receipt_key().unwrap())).collect();
                begun.into_iter().map(|one| one.join().unwrap()).collect()
            });
            assert!(keys.iter().all(|key| *key == folder.receipt_key().unwrap()), "{keys:?}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
        }
    }

    #[cfg(unix)]
    #[test]
    fn folder_that_others_could_read_is_closed_to_them_with_what_lies_in_it() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for name in ["simpul.sqlite", "receipts.key"] {
            fs::write(place.path().join(name), hex::encode([7; RECEIPT_KEY_BYTES])).unwrap();
            open(&place.path().join(name), 0o644);
        }
        fs::create_dir(place.path().join("blobs")).unwrap();
        open(&place.path().join("blobs"), 0o755);
        open(place.path(), 0o755);
        DataFolder::open(place.path(), Purpose::Work).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(place.path()), mode(&place.path().join("blobs"))), (0o700, 0o700));
        for name in ["simpul.sqlite", "receipts.key"] {
            assert_eq!(mode(&place.path().join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn key_stays_the_same_and_a_damaged_one_is_not_replaced() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(place.path(), Purpose::Work).unwrap();
        let key = folder.receipt_key().unwrap();
        assert_eq!(folder.receipt_key().unwrap(), key);
        fs::write(place.path().join("receipts.key"), "short").unwrap();
        assert!(matches!(folder.receipt_key(), Err(DataFolderError::DamagedKey(_))));
    }

    #[test]
    fn folder_for_demonstration_is_refused_for_work() {
        let place = tempfile::tempdir().unwrap();
        DataFolder::open(place.path(), Purpose::Demonstration).unwrap();
        let refused = DataFolder::open(place.path(), Purpose::Work);
        assert!(matches!(refused, Err(DataFolderError::IsDemonstration(_))));
        assert!(DataFolder::open(place.path(), Purpose::Demonstration).is_ok());
        assert!(DataFolder::open_any(place.path()).is_ok());
    }

    #[test]
    fn folder_with_other_data_is_refused_for_demonstration() {
        let place = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(place.path(), Purpose::Work).unwrap();
        fs::write(folder.database(), "data").unwrap();
        let refused = DataFolder::open(place.path(), Purpose::Demonstration);
        assert!(matches!(refused, Err(DataFolderError::IsNoDemonstration(_))));
    }

    #[test]
    fn configuration_file_alone_does_not_forbid_a_demonstration() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(config::FILE_NAME), "port = 1\n").unwrap();
        assert!(DataFolder::open(place.path(), Purpose::Demonstration).is_ok());
    }
}
