//! The Secret Service of Linux desktops, over D-Bus.
//!
//! The store alone would not do: its search opens an unlock prompt whenever it meets a locked item, without a time
//! limit, and says "no entry" where there is no collection at all. So the service is asked for the state first, on a
//! connection beside the store's, and the store is used only for what is known to be open.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Error as StoreError};
use secret_service::blocking::{Collection, SecretService};
use secret_service::{EncryptionType, Error};
use zbus::blocking::Connection as Bus;
use zbus_secret_service_keyring_store::Store;

use super::{APP, End, KeyringState, SecretError};

pub(super) const NAME: &str = "Secret Service";
/// What libsecret calls the collection that it makes where there is none.
const MADE: &str = "Default keyring";

pub(super) fn store() -> Result<Arc<CredentialStore>, StoreError> {
    let store: Arc<CredentialStore> = Store::new()?;
    Ok(store)
}

/// Asks what is open.
pub(super) struct Access {
    bus: Bus,
    service: SecretService<'static>,
}

impl Access {
    /// Nothing secret passes over this connection, so it needs no encryption.
    pub(super) fn new() -> Result<Self, SecretError> {
        let bus = Bus::session().map_err(|_| SecretError::Unavailable)?;
        let service = SecretService::connect_with_existing(EncryptionType::Plain, bus.clone()).map_err(ours)?;
        Ok(Self { bus, service })
    }

    /// The service withdraws the prompts of a client that leaves the bus.
    pub(super) fn end(&self) -> Option<End> {
        let bus = self.bus.clone();
        Some(Box::new(move || {
            // It is closed, or was before.
            let _ = bus.close();
        }))
    }

    pub(super) fn state(&self) -> Result<KeyringState, SecretError> {
        match default_collection(&self.service)? {
            Some(collection) if !collection.is_locked().map_err(ours)? => Ok(KeyringState::Available),
            _ => Ok(KeyringState::Locked),
        }
    }

    pub(super) fn unlock(&self) -> Result<(), SecretError> {
        let collection = match default_collection(&self.service)? {
            Some(collection) => collection,
            None => self.service.create_collection(MADE, "default").map_err(ours)?,
        };
        if collection.is_locked().map_err(ours)? {
            collection.unlock().map_err(ours)?;
        }
        if collection.is_locked().map_err(ours)? { Err(SecretError::Locked) } else { Ok(()) }
    }

    /// Whether the one item with this user name can be read without a prompt.
    pub(super) fn find(&self, account: &str) -> Result<(), SecretError> {
        let attributes = HashMap::from([("service", APP), ("username", account)]);
        let found = self.service.search_items(attributes).map_err(ours)?;
        match (found.unlocked.len(), found.locked.len()) {
            (1, 0) => Ok(()),
            // An item in a locked collection may not be listed at all.
            (0, 0) if self.state()? == KeyringState::Available => Err(SecretError::NotFound),
            (0, 0) => Err(SecretError::Locked),
            (_, 0) => Err(SecretError::Unavailable),
            _ => Err(SecretError::Locked),
        }
    }
}

fn default_collection<'a>(service: &'a SecretService<'a>) -> Result<Option<Collection<'a>>, SecretError> {
    match service.get_default_collection() {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(other) => Err(ours(other)),
    }
}

fn ours(error: Error) -> SecretError {
    match error {
        // Dismissed by the person, or withdrawn because nobody waits: not a reason to ask again.
        Error::Locked | Error::Prompt | Error::PromptDisconnected => SecretError::Locked,
        _ => SecretError::Unavailable,
    }
}
