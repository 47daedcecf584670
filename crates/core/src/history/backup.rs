//! A verified copy of the store in one file, made before anything rewrites it (DB-6).

use std::path::{Path, PathBuf};
use std::{fs, io};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;
use super::files;

/// How many backups made before migrations are kept.
const KEPT: usize = 5;
const PREFIX: &str = "parlance-v";
const PARTIAL: &str = ".partial";

/// Copies an open database into `folder` under a name of its version and the time (UTC milliseconds), reads the copy
/// back, checks it whole, and only then gives it its name. Older copies beyond the newest five are removed.
///
/// # Errors
/// [`StoreError::Corrupt`] where the copy does not pass SQLite's integrity check, else those of SQLite and the file
/// system. A failed copy leaves no file.
pub fn make(source: &Connection, folder: &Path, version: u32, now_ms: i64) -> Result<PathBuf, StoreError> {
    files::private_dir(folder)?;
    remove_partial(folder)?;
    let path = free_name(folder, version, now_ms);
    let partial = files::companion(&path, PARTIAL);
    let made = copy(source, &partial).and_then(|()| verify(&partial, version)).and_then(|()| {
        files::sync_file(&partial)?;
        fs::rename(&partial, &path)?;
        Ok(files::sync_dir(folder)?)
    });
    match made {
        Ok(()) => {
            thin(folder, &path)?;
            Ok(path)
        }
        Err(error) => {
            files::remove_if_there(&partial)?;
            Err(error)
        }
    }
}

fn copy(source: &Connection, to: &Path) -> Result<(), StoreError> {
    drop(files::new_private_file(to)?);
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The copy is thrown away unless it is whole, so it needs no journal file beside it.
    target.pragma_update_and_check(None, "journal_mode", "memory", |_| Ok(()))?;
    let backup = Backup::new(source, &mut target)?;
    match backup.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(StoreError::Busy),
    }
}

/// Opens a copy without a companion file and checks it whole.
fn verify(path: &Path, version: u32) -> Result<(), StoreError> {
    let copy = open_still(path)?;
    let found: u32 = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let verdict: String = copy.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if found != version || verdict != "ok" {
        return Err(StoreError::Corrupt);
    }
    Ok(())
}

/// Opens a database that nobody writes, read-only and without making any file beside it.
///
/// # Errors
/// Those of SQLite.
pub fn open_still(path: &Path) -> Result<Connection, StoreError> {
    let absolute = std::path::absolute(path)?;
    let mut uri =
        url::Url::from_file_path(&absolute).map_err(|()| StoreError::internal("a path that is no file address"))?;
    uri.set_query(Some("mode=ro&immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(uri.as_str(), flags)?)
}

fn free_name(folder: &Path, version: u32, now_ms: i64) -> PathBuf {
    let moment = chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default().format("%Y%m%dT%H%M%S%3fZ");
    (1_u32..)
        .map(|nth| folder.join(format!("{PREFIX}{version}-{moment}-{nth:02}.db")))
        .find(|path| !path.exists())
        .unwrap_or_default()
}

/// Removes what a killed backup left.
fn remove_partial(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().contains(".db.partial") {
            files::remove_if_there(&path)?;
        }
    }
    Ok(())
}

/// Keeps the newest backups, whatever the clock says of the one just made.
fn thin(folder: &Path, newest: &Path) -> io::Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(PREFIX) && name.ends_with(".db") && entry.path() != newest {
            // The part after the version sorts by time.
            let time = name.split_once('-').and_then(|(_, rest)| rest.split_once('-')).map(|(_, at)| at.to_owned());
            found.push((time, entry.path()));
        }
    }
    found.sort();
    let extra = (found.len() + 1).saturating_sub(KEPT);
    found.iter().take(extra).try_for_each(|(_, path)| files::remove_if_there(path))
}
