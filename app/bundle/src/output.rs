//! Writes the site, and replaces the folder of the last one as a whole.

use std::path::{Path, PathBuf};

use crate::compressed::Compressed;
use crate::error::BundleError;
use crate::site::Site;

/// Writes the site beside the folder, then puts it in the folder's place; a relay that serves the folder sees
/// the old site or the new one, but for the instant between two renames.
///
/// # Errors
/// When a file cannot be written; the old folder is then as it was.
pub fn replace(out: &Path, site: &Site, compressed: &Compressed) -> Result<(), BundleError> {
    let fresh = beside(out, "new");
    let old = beside(out, "old");
    remove(&fresh)?;
    remove(&old)?;
    let plain = site.files.iter().map(|(path, content)| (path.clone(), content));
    let brotli = compressed.brotli.iter().map(|(path, content)| (format!("{path}.br"), content));
    let gzip = compressed.gzip.iter().map(|(path, content)| (format!("{path}.gz"), content));
    for (path, content) in plain.chain(brotli).chain(gzip) {
        let path = fresh.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(BundleError::file(folder))?;
        }
        std::fs::write(&path, content).map_err(BundleError::file(&path))?;
    }
    if out.exists() {
        std::fs::rename(out, &old).map_err(BundleError::file(out))?;
    }
    std::fs::rename(&fresh, out).map_err(BundleError::file(out))?;
    remove(&old)
}

fn beside(out: &Path, word: &str) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{word}"));
    out.with_file_name(name)
}

fn remove(folder: &Path) -> Result<(), BundleError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(BundleError::file(folder)(error)),
        _ => Ok(()),
    }
}
