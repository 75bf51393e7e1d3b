//! A file of a command's own, for what it salvages of a damaged store: private, and gone with the command.

use std::path::{Path, PathBuf};

use super::CommandError;
use crate::data_folder::write_private;
use crate::database_files;
use crate::store::sqlite::salvage::{Salvage, salvage};

/// The file; it is removed when this is dropped.
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Salvages a damaged store into a scratch file in the folder, for the operator alone: it holds what everybody wrote.
    pub(super) fn salvaged(folder: &Path, damaged: &Path) -> Result<(Self, Salvage), CommandError> {
        let path = folder.join(format!("salvage-{}.sqlite", std::process::id()));
        remove_with_logs(&path)?;
        write_private(&path, &[]).map_err(|source| CommandError::WriteFile { path: path.clone(), source })?;
        let scratch = Self { path };
        let found = salvage(damaged, &scratch.path)?;
        Ok((scratch, found))
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever wants the folder clean sees what is left.
        let _ = remove_with_logs(&self.path);
    }
}

/// Removes a database and what lies beside it, where they are there.
pub(super) fn remove_with_logs(path: &Path) -> Result<(), CommandError> {
    database_files::remove(path).map_err(|(path, source)| CommandError::WriteFile { path, source })
}
