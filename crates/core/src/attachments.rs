//! Files that persons and models bring: kept once by their content, in a folder beside the database
//! (`docs/decisions/0013-attachments-by-content.md`).

mod generated;
pub mod kinds;
mod names;
mod sweep;
pub mod table;

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::history::files;

pub use names::clean as clean_name;
pub(crate) use names::misleads;
pub(crate) use sweep::sweep;

/// The largest file that is kept, in bytes.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// The folder's name in the data folder.
pub const FOLDER: &str = "attachments";

/// A file on the disk, before it has its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The SHA-256 of its content, 64 lower-case hexadecimal digits; also its name.
    pub sha256: String,
    /// Found from the content.
    pub media_type: &'static str,
    /// How large it is.
    pub bytes: u64,
}

/// Why a kept file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not there any more.
    #[error("the file is gone from the data folder")]
    Missing,
    /// Its content is not what was kept.
    #[error("the file in the data folder is damaged")]
    Damaged,
    /// The disk or its rights refuse.
    #[error("the file in the data folder cannot be read")]
    Refused,
}

impl Unreadable {
    /// The stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Refused => "unreadable",
        }
    }
}

/// The files of one store. Cheap to clone. Reading and keeping block: they belong off the async threads.
#[derive(Clone, Debug)]
pub struct Attachments {
    folder: PathBuf,
    sweeping: Arc<RwLock<()>>,
}

/// While it lives, no file is swept away: held from before a file is kept until its row stands.
pub struct Held(#[expect(dead_code, reason = "it is held, not read")] OwnedRwLockReadGuard<()>);

impl Attachments {
    /// The files of the store in this data folder.
    pub fn of(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(FOLDER), sweeping: Arc::default() }
    }

    /// Keeps the sweeper out.
    pub async fn hold(&self) -> Held {
        Held(Arc::clone(&self.sweeping).read_owned().await)
    }

    pub(crate) async fn hold_alone(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.sweeping).write_owned().await
    }

    /// Where the file with this content lies: `<first two digits>/<all digits>`.
    pub fn path(&self, sha256: &str) -> PathBuf {
        self.folder.join(sha256.get(..2).unwrap_or_default()).join(sha256)
    }

    /// Writes a file through to the disk, or finds it there: when this returns, a row may name it.
    ///
    /// # Errors
    /// Those of the file system; nothing is left behind then.
    pub fn keep(&self, content: &[u8]) -> io::Result<Kept> {
        let sha256 = sha256_of(content);
        let kept = Kept { media_type: kinds::media_type(content), bytes: content.len() as u64, sha256 };
        // A damaged file is written anew.
        if self.read(&kept.sha256).is_ok() {
            return Ok(kept);
        }
        files::private_dir(&self.folder)?;
        let path = self.path(&kept.sha256);
        let folder = path.parent().unwrap_or(&self.folder);
        files::private_dir(folder)?;
        let scratch = folder.join(format!("{}.{:016x}{}", kept.sha256, rand::random::<u64>(), sweep::SCRATCH));
        let written = write_through(&scratch, content).and_then(|()| fs::rename(&scratch, &path));
        if let Err(error) = written {
            let _left_for_the_sweeper = files::remove_if_there(&scratch);
            return Err(error);
        }
        files::sync_dir(folder)?;
        Ok(kept)
    }

    /// The content of a kept file, proven to be what was kept.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(&self, sha256: &str) -> Result<Vec<u8>, Unreadable> {
        let content = fs::read(self.path(sha256)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Unreadable::Missing,
            _ => Unreadable::Refused,
        })?;
        if sha256_of(&content) == sha256 { Ok(content) } else { Err(Unreadable::Damaged) }
    }
}

fn write_through(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = files::new_private_file(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sha256_of(content: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    Sha256::digest(content).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whether a text can be the id of a file.
pub fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
