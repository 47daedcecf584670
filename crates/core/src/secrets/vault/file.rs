//! The vault's file: read with a limit, and removed.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::history::files::{companion, remove_if_there, sync_dir};

/// More than two hundred of the longest secrets.
const LONGEST: u64 = 8 * 1024 * 1024;

/// Reads the file; `None` where it is longer than any vault.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LONGEST).then_some(bytes))
}

/// Removes the file, and what a crash may have left beside it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    remove_if_there(&companion(path, ".new"))?;
    remove_if_there(path)?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}
