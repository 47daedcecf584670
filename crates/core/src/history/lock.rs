//! One process a data folder (DB-5).

use std::fs::{File, TryLockError};
use std::path::Path;

use super::error::OpenError;
use super::files;

/// Held while the store is open. The system lets go of it when the process ends, however it ends, so the file that
/// stays behind means nothing.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Locks a data folder.
    ///
    /// # Errors
    /// [`OpenError::InUse`] where it is locked already, [`OpenError::Folder`] where the lock file cannot be used.
    pub fn acquire(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(files::LOCK);
        let file = files::private_file(&path).map_err(OpenError::folder(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => Err(OpenError::folder(&path)(error)),
        }
    }
}
