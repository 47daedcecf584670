//! Files and folders that only their owner can read, whatever the umask (KEY-12), and that survive a power loss.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The database's name in the data folder.
pub const DATABASE: &str = "parlance.db";
/// The lock's name in the data folder.
pub const LOCK: &str = "parlance.lock";
/// The folder of backups in the data folder.
pub const BACKUPS: &str = "backups";

/// The name SQLite gives a companion of a database: `-wal`, `-shm`, `-journal`.
#[must_use]
pub fn companion(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes a folder and its missing parents with mode 0700, or takes everyone else's rights from one that is there.
///
/// # Errors
/// Those of the file system.
pub fn private_dir(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_dir(parent)?;
        }
    }
    owner_only(path, 0o700)
}

/// Opens a file for reading and writing, made with mode 0600 where it is missing.
///
/// # Errors
/// Those of the file system.
pub fn private_file(path: &Path) -> io::Result<File> {
    open_private(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

/// Makes a file with mode 0600 that must not be there yet.
///
/// # Errors
/// Those of the file system; `AlreadyExists` where it is there.
pub fn new_private_file(path: &Path) -> io::Result<File> {
    open_private(path, OpenOptions::new().read(true).write(true).create_new(true))
}

/// Makes the file `stem.ending`, or `stem-2.ending` and so on where that is there: never over another. The folder is made
/// where it is missing; its rights are not ours to change.
///
/// # Errors
/// Those of the file system; `AlreadyExists` where a thousand of them are there.
pub fn new_numbered(folder: &Path, stem: &str, ending: &str) -> io::Result<(PathBuf, File)> {
    const MOST: u32 = 1_000;
    std::fs::create_dir_all(folder)?;
    for number in 1..=MOST {
        let again = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{stem}{again}.{ending}"));
        match new_private_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return Ok((path, opened?)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let file = options.open(path)?;
    owner_only(path, 0o600)?;
    Ok(file)
}

/// Replaces a file, or makes it, with mode 0600: after a crash it is the old one or the new one.
///
/// # Errors
/// Those of the file system; the old one is there then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let next = companion(path, ".new");
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
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// Takes the rights of group and others from a file or folder; does nothing where there are no Unix modes.
///
/// # Errors
/// Those of the file system.
pub fn owner_only(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let now = fs::metadata(path)?.permissions();
        if now.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
    Ok(())
}

/// Removes a file that may be missing.
///
/// # Errors
/// Those of the file system.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file's content through to the disk.
///
/// # Errors
/// Those of the file system.
pub fn sync_file(path: &Path) -> io::Result<()> {
    // Windows flushes only through a handle that may write.
    OpenOptions::new().read(true).write(true).open(path)?.sync_all()
}

/// Writes a folder's entries through to the disk, so that files made or renamed in it are still there after a power
/// loss. Windows has no such call and needs none.
///
/// # Errors
/// Those of the file system.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
