//! Where the bytes of attachments lie: files in the data folder, or a bucket of an S3-compatible store.
//!
//! Each lies once, under its hash, whatever the number of documents that refer to it. Which do, the
//! [`crate::store::Store`] knows; who may have them is asked there, never here. What lies here was hashed before
//! it was written, and is written whole or not at all.

use std::fmt;
use std::ops::Range;
use std::path::Path as FilePath;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientConfigKey, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::ids::BlobHash;

use crate::config::{ConfigError, Settings};

/// The folder of the bytes inside the data folder.
pub const FOLDER: &str = "blobs";

/// Bytes that are read at once.
const PIECE_BYTES: u64 = 512 << 10;
/// How long a bucket may take to take a connection, and to answer one request. The largest attachment then needs
/// 200 kB a second.
const BUCKET_LIMITS: [(ClientConfigKey, &str); 2] =
    [(ClientConfigKey::ConnectTimeout, "5s"), (ClientConfigKey::Timeout, "120s")];
/// How long a request to a bucket is tried again: somebody waits for it, and can try again themselves.
const TRY_AGAIN_WITHIN: Duration = Duration::from_secs(10);

/// A bucket, such as `s3://bucket/folder`, in which the bytes lie instead of in the data folder. Keys, region and
/// endpoint are in the environment, as for any program that uses S3.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BucketUrl {
    url: String,
    folder: String,
}

impl TryFrom<String> for BucketUrl {
    type Error = ConfigError;

    fn try_from(url: String) -> Result<Self, ConfigError> {
        let place = url.strip_prefix("s3://").unwrap_or_default();
        let (bucket, folder) = place.split_once('/').unwrap_or((place, ""));
        // What else a URL could hold would be taken for a part of the bucket's name: a user, a port, a query.
        let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
        if bucket.is_empty() || !is_name(bucket) || !folder.split('/').all(is_name) {
            return Err(ConfigError::Blobs(url));
        }
        let folder = folder.trim_matches('/').to_owned();
        Ok(Self { url: format!("s3://{bucket}"), folder })
    }
}

impl FromStr for BucketUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        text.to_owned().try_into()
    }
}

impl fmt::Display for BucketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.url, self.folder)
    }
}

/// Why bytes cannot be had or stored.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The folder cannot be made.
    #[error("the folder {path} for attachments cannot be made")]
    Folder {
        /// The folder.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The bytes are not there.
    #[error("the bytes of attachment {} are not there", .0.short())]
    Absent(BlobHash),
    /// Folder or bucket refuse, or cannot be reached.
    #[error("the place of the attachments cannot be used")]
    Store(#[from] object_store::Error),
}

/// The place of the bytes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    place: String,
}

impl Blobs {
    /// The place that the settings name. Does not look whether a bucket can be reached.
    ///
    /// # Errors
    /// When the folder cannot be made, or the environment does not say how to reach the bucket.
    pub fn open(settings: &Settings) -> Result<Self, BlobError> {
        match &settings.blobs {
            None => Self::in_folder(&settings.data.join(FOLDER)),
            Some(bucket) => Self::in_bucket(bucket, AmazonS3Builder::from_env()),
        }
    }

    /// Files in a folder, which is made where there is none. What is told to be stored has survived a power cut.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn in_folder(path: &FilePath) -> Result<Self, BlobError> {
        crate::data_folder::create_private(path)
            .map_err(|source| BlobError::Folder { path: path.to_owned(), source })?;
        let store = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), prefix: Path::default(), place: path.display().to_string() })
    }

    /// Objects in a bucket, reached as the builder says.
    ///
    /// # Errors
    /// When the builder does not say enough.
    pub fn in_bucket(bucket: &BucketUrl, builder: AmazonS3Builder) -> Result<Self, BlobError> {
        // The process may have chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 3, retry_timeout: TRY_AGAIN_WITHIN, ..RetryConfig::default() };
        let mut builder = builder.with_url(&bucket.url).with_retry(retry);
        for (key, limit) in BUCKET_LIMITS {
            builder = builder.with_config(AmazonS3ConfigKey::Client(key), limit);
        }
        let store = builder.build()?;
        let prefix = Path::from(bucket.folder.as_str());
        Ok(Self { store: Arc::new(store), prefix, place: bucket.to_string() })
    }

    /// The folder or bucket, for eyes.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Stores bytes that hash to this; when it returns, they have survived. Again changes nothing.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub async fn put(&self, hash: BlobHash, bytes: Bytes) -> Result<(), BlobError> {
        self.store.put(&self.path(hash), PutPayload::from_bytes(bytes)).await?;
        Ok(())
    }

    /// How many bytes lie under this hash; `None` where there are none.
    ///
    /// # Errors
    /// When the place cannot be asked.
    pub async fn size_bytes(&self, hash: BlobHash) -> Result<Option<u64>, BlobError> {
        match self.store.head(&self.path(hash)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A part of the bytes, which is not empty, piece by piece: each is fetched once the one before was taken, so that a
    /// slow reader holds no more than one in memory, and no connection to a bucket.
    ///
    /// # Errors
    /// When they are not there, or cannot be read.
    pub async fn read(
        &self,
        hash: BlobHash,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        // The first is fetched before anything is told: whether they are there is known by then.
        let (first, rest) = self.piece(hash, range).await?;
        let next = (self.clone(), rest);
        let rest = stream::try_unfold(next, move |(blobs, rest)| async move {
            if rest.is_empty() {
                return Ok(None);
            }
            let (piece, rest) = blobs.piece(hash, rest).await?;
            Ok(Some((piece, (blobs, rest))))
        });
        Ok(stream::once(async move { Ok(first) }).chain(rest).boxed())
    }

    /// The first piece of a range, and what is then left of it.
    async fn piece(&self, hash: BlobHash, range: Range<u64>) -> Result<(Bytes, Range<u64>), BlobError> {
        let end = range.end.min(range.start.saturating_add(PIECE_BYTES));
        let piece = self.store.get_range(&self.path(hash), range.start..end).await;
        let piece = piece.map_err(|error| match error {
            object_store::Error::NotFound { .. } => BlobError::Absent(hash),
            error => error.into(),
        })?;
        Ok((piece, end..range.end))
    }

    /// Whether the bytes under a hash are there and hash to it: `None` where they are not there.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn is_sound(&self, hash: BlobHash) -> Result<Option<bool>, BlobError> {
        let mut pieces = match self.store.get(&self.path(hash)).await {
            Ok(found) => found.into_stream(),
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut hasher = Sha256::new();
        while let Some(piece) = pieces.try_next().await? {
            hasher.update(&piece);
        }
        Ok(Some(hasher.finalize().as_slice() == hash.as_bytes()))
    }

    /// All bytes under a hash; `None` where they are not there.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn get(&self, hash: BlobHash) -> Result<Option<Bytes>, BlobError> {
        match self.store.get(&self.path(hash)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A folder for each first byte: no folder then has more files than tools can show.
    fn path(&self, hash: BlobHash) -> Path {
        let name = hash.to_string();
        self.prefix.clone().join(&name[..2]).join(name)
    }
}

/// What bytes hash to.
pub fn hash_of(bytes: &[u8]) -> BlobHash {
    BlobHash::from_bytes(Sha256::digest(bytes).into())
}
