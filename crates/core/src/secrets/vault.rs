//! Keys in one file under a passphrase, for where there is no keyring.
//!
//! The file is an `age` file, so the `age` program can open it too. While the vault is open its secrets and the
//! passphrase are in memory, so that saving another key asks for nothing; a lock wipes both.

mod file;
mod sealed;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use parlance_providers::Secret;
use zeroize::Zeroizing;

use self::sealed::{Contents, Kept};
use super::{EntryName, Origin, SecretError, SecretStore, checked};
use crate::history::files;

/// scrypt's N as a power of two: 256 MiB and somewhat under a second for each guess. It is what `age` itself takes.
const WORK: u8 = 18;

/// What a vault is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultState {
    /// There is no file.
    None,
    /// There is one, and its passphrase has not been given.
    Locked,
    /// Its keys can be used.
    Open,
}

/// The vault of a data folder.
pub struct Vault {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    file: PathBuf,
    work: u8,
    /// Held during scrypt and writing: one change at a time.
    changing: Mutex<()>,
    open: Mutex<Option<Open>>,
}

/// What a lock wipes.
struct Open {
    passphrase: Secret,
    contents: Contents,
}

impl Vault {
    /// In this file, which need not be there.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self::with_work(file, WORK)
    }

    /// With another price for each guess of the passphrase: `work` is scrypt's N as a power of two, 1 to 20.
    pub fn with_work(file: impl Into<PathBuf>, work: u8) -> Self {
        let inner = Inner { file: file.into(), work, changing: Mutex::default(), open: Mutex::default() };
        Self { inner: Some(Arc::new(inner)) }
    }

    /// A vault that cannot be made.
    pub fn absent() -> Self {
        Self { inner: None }
    }

    /// What it is like.
    pub fn state(&self) -> VaultState {
        match &self.inner {
            Some(inner) if lock(&inner.open).is_some() => VaultState::Open,
            Some(inner) if inner.is_there() => VaultState::Locked,
            _ => VaultState::None,
        }
    }

    /// Makes an empty vault, and leaves it open. The passphrase is taken as it is, white space included: make it with
    /// [`Secret::verbatim`].
    ///
    /// # Errors
    ///
    /// [`SecretError::AlreadyThere`]; [`SecretError::Empty`] without a passphrase; [`SecretError::Unavailable`] where
    /// the file cannot be written.
    pub async fn create(&self, passphrase: Secret) -> Result<(), SecretError> {
        self.change(move |inner| {
            if passphrase.is_empty() {
                return Err(SecretError::Empty);
            }
            if lock(&inner.open).is_some() || inner.is_there() {
                return Err(SecretError::AlreadyThere);
            }
            inner.keep(Open { passphrase, contents: Contents::default() })
        })
        .await
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`SecretError::WrongPassphrase`]; [`SecretError::Damaged`], with the file left as it is;
    /// [`SecretError::Unavailable`] where there is none or it cannot be read.
    pub async fn unlock(&self, passphrase: Secret) -> Result<(), SecretError> {
        self.change(move |inner| {
            let contents = inner.read(&passphrase)?;
            *lock(&inner.open) = Some(Open { passphrase, contents });
            Ok(())
        })
        .await
    }

    /// Closes it and wipes what was in memory.
    pub fn lock(&self) {
        if let Some(inner) = &self.inner {
            *lock(&inner.open) = None;
        }
    }

    /// Gives an open vault another passphrase.
    ///
    /// # Errors
    ///
    /// [`SecretError::Locked`]; [`SecretError::WrongPassphrase`] where `current` is not the present one;
    /// [`SecretError::Empty`].
    pub async fn change_passphrase(&self, current: Secret, new: Secret) -> Result<(), SecretError> {
        self.change(move |inner| {
            if new.is_empty() {
                return Err(SecretError::Empty);
            }
            let contents = {
                let open = lock(&inner.open);
                let open = open.as_ref().ok_or(SecretError::Locked)?;
                if open.passphrase.expose() != current.expose() {
                    return Err(SecretError::WrongPassphrase);
                }
                duplicate(&open.contents)
            };
            inner.keep(Open { passphrase: new, contents })
        })
        .await
    }

    /// Deletes the vault and every key in it. Nothing else ever does.
    ///
    /// # Errors
    ///
    /// [`SecretError::Unavailable`] where the file cannot be removed.
    pub async fn reset(&self) -> Result<(), SecretError> {
        self.change(|inner| {
            file::remove(&inner.file).map_err(|_| SecretError::Unavailable)?;
            *lock(&inner.open) = None;
            Ok(())
        })
        .await
    }

    /// scrypt and the disk are no work for an async worker. Once begun, a change runs to its end.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Inner) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let inner = Arc::clone(self.inner.as_ref().ok_or(SecretError::Unavailable)?);
        let changed = tokio::task::spawn_blocking(move || {
            let _one = lock(&inner.changing);
            change(&inner)
        });
        changed.await.map_err(|_| SecretError::Unavailable)?
    }

    /// Changes the contents of an open vault, on the disk first.
    async fn edit(&self, edit: impl FnOnce(&mut Contents) -> bool + Send + 'static) -> Result<(), SecretError> {
        self.change(move |inner| {
            let mut next = {
                let open = lock(&inner.open);
                let Some(open) = open.as_ref() else { return Err(inner.closed()) };
                Open { passphrase: open.passphrase.duplicate(), contents: duplicate(&open.contents) }
            };
            if edit(&mut next.contents) { inner.keep(next) } else { Ok(()) }
        })
        .await
    }
}

impl Inner {
    /// What cannot be looked at counts as there: it may be a vault, and must not be written over.
    fn is_there(&self) -> bool {
        std::fs::symlink_metadata(&self.file).map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true)
    }

    fn closed(&self) -> SecretError {
        if self.is_there() { SecretError::Locked } else { SecretError::Unavailable }
    }

    fn read(&self, passphrase: &Secret) -> Result<Contents, SecretError> {
        let bytes = file::read(&self.file).map_err(|_| SecretError::Unavailable)?;
        sealed::open(&bytes.ok_or(SecretError::Damaged)?, passphrase)
    }

    /// Writes the vault, and reads it back before it counts (KEY-14). One that was locked meanwhile stays locked.
    fn keep(&self, next: Open) -> Result<(), SecretError> {
        let was_open = lock(&self.open).is_some();
        let sealed = sealed::seal(&next.contents, &next.passphrase, self.work)?;
        let former = file::read(&self.file).ok().flatten();
        files::replace(&self.file, &sealed).map_err(|_| SecretError::Unavailable)?;
        if !self.read(&next.passphrase).is_ok_and(|kept| kept == next.contents) {
            let restored = match former {
                Some(former) => files::replace(&self.file, &former),
                None => file::remove(&self.file),
            };
            if restored.is_err() {
                tracing::warn!("a vault that was not kept could not be put back");
            }
            return Err(SecretError::NotKept);
        }
        let mut open = lock(&self.open);
        if open.is_some() == was_open {
            *open = Some(next);
        }
        Ok(())
    }
}

/// Nothing that happens under these locks can leave a change half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn duplicate(contents: &Contents) -> Contents {
    let copy = |kept: &Kept| Kept { origin: kept.origin.clone(), secret: kept.secret.clone() };
    Contents { keys: contents.keys.iter().map(|(name, kept)| (name.clone(), copy(kept))).collect::<BTreeMap<_, _>>() }
}

#[async_trait]
impl SecretStore for Vault {
    async fn put(&self, entry: &EntryName, origin: &Origin, secret: Secret) -> Result<(), SecretError> {
        checked(&secret)?;
        let name = entry.as_str().to_owned();
        let kept = Kept { origin: origin.as_str().to_owned(), secret: Zeroizing::new(secret.expose().to_owned()) };
        self.edit(move |contents| {
            contents.keys.insert(name, kept);
            true
        })
        .await
    }

    async fn get(&self, entry: &EntryName, origin: &Origin) -> Result<Secret, SecretError> {
        let inner = self.inner.as_ref().ok_or(SecretError::Unavailable)?;
        let open = lock(&inner.open);
        let Some(open) = open.as_ref() else { return Err(inner.closed()) };
        let kept = open.contents.keys.get(entry.as_str()).ok_or(SecretError::NotFound)?;
        let bound = Origin::parse(&kept.origin).map_err(|_| SecretError::Damaged)?;
        if bound != *origin {
            return Err(SecretError::WrongOrigin { bound, asked: origin.clone() });
        }
        Ok(Secret::verbatim(kept.secret.clone()))
    }

    async fn delete(&self, entry: &EntryName, _: &Origin) -> Result<(), SecretError> {
        let name = entry.as_str().to_owned();
        self.edit(move |contents| contents.keys.remove(&name).is_some()).await
    }
}
