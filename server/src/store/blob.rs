//! A blob that a document refers to, as a store keeps it. The bytes lie elsewhere, see [`crate::blobs`].

use shared::ids::{BlobHash, DeviceId, UserId};

/// A document's blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// What its bytes hash to.
    pub hash: BlobHash,
    /// How many they are.
    pub size_bytes: u64,
    /// What they are, such as `image/jpeg`: found out from the bytes, not only said.
    pub media_type: String,
    /// Who added it.
    pub by: UserId,
    /// On which device.
    pub device: DeviceId,
    /// When, milliseconds since 1970.
    pub at: u64,
}
