//! Remembers the results of slow steps by the hash of what went in.
//!
//! A second bundle of an unchanged app asks neither wasm-opt nor brotli again. Entries are never wrong, since
//! the key covers the step, its settings and its input; deleting the folder costs only time.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::error::BundleError;

/// The results on disk.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// A cache in a folder, made when first needed.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The result of a step, remembered or made now.
    ///
    /// `step` names the step and everything besides the input that changes its result: settings, versions.
    ///
    /// # Errors
    /// What `make` gives, or that the result cannot be stored.
    pub fn get_or_make(
        &self,
        step: &str,
        input: &[u8],
        make: impl FnOnce(&[u8]) -> Result<Vec<u8>, BundleError>,
    ) -> Result<Vec<u8>, BundleError> {
        let key = Sha256::new().chain_update(step).chain_update([0]).chain_update(input).finalize();
        let path = self.folder.join(hex::encode(key));
        if let Ok(result) = std::fs::read(&path) {
            return Ok(result);
        }
        let result = make(input)?;
        std::fs::create_dir_all(&self.folder).map_err(BundleError::file(&self.folder))?;
        // Written aside first: a bundle that is interrupted must not leave half a result under a good name.
        let aside = path.with_extension(format!("{}.part", std::process::id()));
        std::fs::write(&aside, &result).map_err(BundleError::file(&aside))?;
        std::fs::rename(&aside, &path).map_err(BundleError::file(&path))?;
        Ok(result)
    }
}

/// The first 16 hexadecimal digits of a content's SHA-256: enough for a name.
pub fn short_hash(content: &[u8]) -> String {
    let mut digits = hex::encode(Sha256::digest(content));
    digits.truncate(16);
    digits
}
