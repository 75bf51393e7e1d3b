//! What has come of blobs that are not whole yet: a file each in the data folder, which is continued where it
//! ends, however often the connection breaks.
//!
//! A person continues only what they began themselves, for the same document: so nobody learns what others send,
//! and nobody can spoil it. Whoever writes one holds its lock, also against other relays on the same folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use shared::ids::{BlobHash, DocumentId, UserId};

use crate::data_folder::create_private;

/// The folder inside the data folder.
const FOLDER: &str = "uploads";
/// Begun uploads that are kept of one person; the oldest makes room for a further one. A phone sends one photo
/// after the other, so more are left behind only by breaking off again and again.
const KEPT_OF_PERSON: usize = 8;
/// How long a begun upload is kept: over a long weekend without a network.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Hex digits in a file's name that stand for the person.
const PERSON_DIGITS: usize = 32;

/// The uploads of all persons.
#[derive(Clone, Debug)]
pub struct Uploads {
    folder: PathBuf,
}

/// Which upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadKey(String);

impl UploadKey {
    /// This person's upload of this blob for this document. The name tells nothing to who sees it, and holds
    /// nothing that a path could be made of.
    pub fn new(user: &UserId, doc: DocumentId, hash: BlobHash) -> Self {
        let person = Sha256::digest(user.as_str());
        let blob = Sha256::new().chain_update(doc.as_bytes()).chain_update(hash.as_bytes()).finalize();
        Self(format!("{}-{}", &hex::encode(person)[..PERSON_DIGITS], hex::encode(blob)))
    }

    fn of_same_person(&self, name: &str) -> bool {
        name.get(..=PERSON_DIGITS) == self.0.get(..=PERSON_DIGITS)
    }
}

/// An upload that is being written, by nobody else meanwhile.
#[derive(Debug)]
pub struct Upload {
    file: File,
    path: PathBuf,
    offset: u64,
}

/// Why an upload cannot be continued.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Another request is writing it.
    #[error("another request is writing this upload")]
    UnderWay,
    /// The file cannot be read or written.
    #[error("an upload cannot be kept")]
    Io(#[from] io::Error),
}

impl Uploads {
    /// The uploads of a data folder.
    pub fn in_data(data: &Path) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    /// How many bytes have come.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn offset(&self, key: &UploadKey) -> io::Result<u64> {
        match fs::metadata(self.folder.join(&key.0)) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Begins or continues an upload.
    ///
    /// # Errors
    /// When somebody else writes it, or it cannot be kept.
    pub fn begin(&self, key: &UploadKey) -> Result<Upload, UploadError> {
        create_private(&self.folder)?;
        let path = self.folder.join(&key.0);
        if !path.exists() {
            self.make_room(key)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(UploadError::UnderWay),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let offset = file.seek(SeekFrom::End(0))?;
        Ok(Upload { file, path, offset })
    }

    /// Forgets what was begun and not continued for long.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file not removed.
    pub fn forget_old(&self) -> io::Result<()> {
        for (path, _, written_at) in self.begun()? {
            // A clock that was set back makes no upload old.
            if written_at.elapsed().is_ok_and(|age| age > KEPT_FOR) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn make_room(&self, key: &UploadKey) -> io::Result<()> {
        let mut own: Vec<_> =
            self.begun()?.into_iter().filter(|(_, name, _)| key.of_same_person(name)).collect();
        own.sort_by_key(|(_, _, written_at)| *written_at);
        let too_many = (own.len() + 1).saturating_sub(KEPT_OF_PERSON);
        own.iter().take(too_many).try_for_each(|(path, _, _)| remove(path))
    }

    fn begun(&self) -> io::Result<Vec<(PathBuf, String, SystemTime)>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut begun = Vec::new();
        for entry in entries {
            let entry = entry?;
            match entry.metadata().and_then(|metadata| metadata.modified()) {
                Ok(written_at) => {
                    begun.push((entry.path(), entry.file_name().to_string_lossy().into_owned(), written_at));
                }
                // It became whole meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(begun)
    }
}

impl Upload {
    /// How many bytes have come.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes back to an earlier byte: what came after it comes again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn go_back_to(&mut self, offset: u64) -> io::Result<()> {
        if offset < self.offset {
            self.file.set_len(offset)?;
            self.offset = self.file.seek(SeekFrom::Start(offset))?;
        }
        Ok(())
    }

    /// Takes further bytes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// All bytes that have come.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.offset).unwrap_or(0));
        self.file.seek(SeekFrom::Start(0))?;
        Read::by_ref(&mut self.file).take(self.offset).read_to_end(&mut bytes)?;
        self.file.seek(SeekFrom::Start(self.offset))?;
        Ok(bytes)
    }

    /// Forgets it: it is stored elsewhere by now, or no use.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(self) -> io::Result<()> {
        remove(&self.path)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(user: &str, n: u8) -> UploadKey {
        UploadKey::new(
            &user.parse().unwrap(),
            DocumentId::from_bytes([1; 16]),
            BlobHash::from_bytes([n; BlobHash::LENGTH]),
        )
    }

    #[test]
    fn upload_is_continued_where_it_ended_and_from_an_earlier_byte() {
        let data = tempfile::tempdir().unwrap();
        let uploads = Uploads::in_data(data.path());
        assert_eq!(uploads.offset(&key("sri", 1)).unwrap(), 0);
        uploads.begin(&key("sri", 1)).unwrap().write(b"abcdef").unwrap();
        assert_eq!(uploads.offset(&key("sri", 1)).unwrap(), 6);
        let mut again = uploads.begin(&key("sri", 1)).unwrap();
        again.go_back_to(4).unwrap();
        again.write(b"xyz").unwrap();
        assert_eq!((again.read().unwrap().as_slice(), again.offset()), (b"abcdxyz".as_slice(), 7));
        again.remove().unwrap();
        assert_eq!(uploads.offset(&key("sri", 1)).unwrap(), 0);
    }

    #[test]
    fn one_request_at_a_time_writes_an_upload_and_each_person_has_their_own() {
        let data = tempfile::tempdir().unwrap();
        let uploads = Uploads::in_data(data.path());
        let mut first = uploads.begin(&key("sri", 1)).unwrap();
        first.write(b"abc").unwrap();
        assert!(matches!(uploads.begin(&key("sri", 1)), Err(UploadError::UnderWay)));
        assert_eq!(uploads.begin(&key("budi", 1)).unwrap().offset(), 0);
        drop(first);
        assert_eq!(uploads.begin(&key("sri", 1)).unwrap().offset(), 3);
    }

    #[test]
    fn persons_oldest_upload_makes_room_for_a_further_one_and_nobody_elses() {
        let data = tempfile::tempdir().unwrap();
        let uploads = Uploads::in_data(data.path());
        uploads.begin(&key("budi", 1)).unwrap().write(b"b").unwrap();
        for n in 0..=KEPT_OF_PERSON {
            let n = u8::try_from(n).unwrap();
            let mut upload = uploads.begin(&key("sri", n)).unwrap();
            upload.write(b"a").unwrap();
            let written_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 + u64::from(n));
            upload.file.set_modified(written_at).unwrap();
        }
        let offset = |user, n| uploads.offset(&key(user, n)).unwrap();
        assert_eq!((offset("sri", 0), offset("sri", 1), offset("budi", 1)), (0, 1, 1));
        uploads.forget_old().unwrap();
        assert_eq!((offset("sri", 1), offset("budi", 1)), (0, 1), "the others were written just now");
    }

    #[test]
    fn name_of_a_person_leads_out_of_no_folder() {
        assert!(key("..", 1).0.chars().all(|c| c.is_ascii_hexdigit() || c == '-'));
    }
}
