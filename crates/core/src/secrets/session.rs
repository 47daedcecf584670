//! Keys that live until the app quits.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use parlance_providers::Secret;

use super::{EntryName, Origin, SecretError, SecretStore, checked};

/// Keeps secrets in memory, each with the origin it was saved for.
#[derive(Default)]
pub struct SessionStore {
    entries: Mutex<HashMap<EntryName, (Origin, Secret)>>,
}

impl SessionStore {
    /// A panic elsewhere cannot leave a map half-changed: each change is one call.
    fn entries(&self) -> MutexGuard<'_, HashMap<EntryName, (Origin, Secret)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SecretStore for SessionStore {
    async fn put(&self, entry: &EntryName, origin: &Origin, secret: Secret) -> Result<(), SecretError> {
        checked(&secret)?;
        self.entries().insert(entry.clone(), (origin.clone(), secret));
        Ok(())
    }

    async fn get(&self, entry: &EntryName, origin: &Origin) -> Result<Secret, SecretError> {
        let entries = self.entries();
        let (bound, secret) = entries.get(entry).ok_or(SecretError::NotFound)?;
        if bound != origin {
            return Err(SecretError::WrongOrigin { bound: bound.clone(), asked: origin.clone() });
        }
        Ok(secret.duplicate())
    }

    async fn delete(&self, entry: &EntryName, _: &Origin) -> Result<(), SecretError> {
        self.entries().remove(entry);
        Ok(())
    }
}
