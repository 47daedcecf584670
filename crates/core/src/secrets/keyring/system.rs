//! The keyring of this system, through `keyring-core` and the store of the platform.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Connection, End, Item, Keyring, KeyringState};
use crate::secrets::SecretError;

#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service as platform;

#[cfg(any(target_os = "macos", windows))]
mod unlocked;
#[cfg(any(target_os = "macos", windows))]
use unlocked as platform;

/// The service name of all our entries: the identifier of the app.
pub const APP: &str = "app.parlance.desktop";

/// What an entry is written with, for a system by its name in `std::env::consts::OS` (KEY-11). Without it, Windows
/// would send keys to the other computers of a domain account.
pub fn options<'a>(system: &str, label: &'a str) -> HashMap<&'static str, &'a str> {
    match system {
        "windows" => HashMap::from([("persistence", "Local")]),
        "macos" => HashMap::new(),
        _ => HashMap::from([("label", label)]),
    }
}

/// The keyring of this system.
#[must_use]
pub fn system() -> Arc<dyn Keyring> {
    Arc::new(System)
}

struct System;

impl Keyring for System {
    fn name(&self) -> &'static str {
        platform::NAME
    }

    /// The store object is ours and made anew each time: the crate's own default is made once and stays broken.
    fn connect(&self) -> Result<Box<dyn Connection>, SecretError> {
        Ok(Box::new(Connected { store: platform::store().map_err(ours)?, access: platform::Access::new()? }))
    }
}

struct Connected {
    store: Arc<CredentialStore>,
    access: platform::Access,
}

impl Connected {
    fn entry(&self, item: &Item) -> Result<Entry, SecretError> {
        self.store.build(APP, &item.account, Some(&options(std::env::consts::OS, &item.label))).map_err(ours)
    }
}

impl Connection for Connected {
    fn end(&self) -> Option<End> {
        self.access.end()
    }

    fn state(&mut self) -> Result<KeyringState, SecretError> {
        self.access.state()
    }

    fn unlock(&mut self) -> Result<(), SecretError> {
        self.access.unlock()
    }

    fn read(&mut self, item: &Item) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        self.access.find(&item.account)?;
        self.entry(item)?.get_secret().map(Zeroizing::new).map_err(ours)
    }

    fn write(&mut self, item: &Item, secret: &[u8]) -> Result<(), SecretError> {
        self.entry(item)?.set_secret(secret).map_err(ours)
    }

    fn remove(&mut self, item: &Item) -> Result<(), SecretError> {
        let removed =
            self.access.find(&item.account).and_then(|()| self.entry(item)?.delete_credential().map_err(ours));
        match removed {
            Err(SecretError::NotFound) => Ok(()),
            other => other,
        }
    }
}

/// Ours for theirs, which must never be printed: some carry the secret's bytes (KEY-8).
fn ours(error: Error) -> SecretError {
    match error {
        Error::NoEntry => SecretError::NotFound,
        Error::NoStorageAccess(_) => SecretError::Locked,
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            SecretError::Damaged
        }
        Error::TooLong(_, limit) => SecretError::TooLong { limit: usize::try_from(limit).unwrap_or(usize::MAX) },
        Error::Invalid(_, _) => SecretError::BadName,
        // `Ambiguous` too: which of the two is ours cannot be known.
        _ => SecretError::Unavailable,
    }
}
