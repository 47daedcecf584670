//! The vault's file: read with a limit, replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::history::files::{new_private_file, remove_if_there, sync_dir};

/// More than two hundred of the longest secrets.
const LONGEST: u64 = 8 * 1024 * 1024;

/// Reads the file; `None` where it is longer than any vault.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LONGEST).then_some(bytes))
}

/// Replaces the file: after a crash it is the old one or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = beside(path);
    // What a crash has left.
    remove_if_there(&next)?;
    let written = new_private_file(&next).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&next, path));
    if replaced.is_err() {
        remove_if_there(&next)?;
    }
    replaced?;
    sync_folder(path)
}

/// Removes the file, and what a crash may have left beside it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    remove_if_there(&beside(path))?;
    remove_if_there(path)?;
    sync_folder(path)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".new");
    name.into()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}
