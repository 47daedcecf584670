//! Keys in environment variables, read at each use and kept nowhere.

use async_trait::async_trait;
use parlance_providers::Secret;

use super::{EntryName, Origin, SecretError, SecretStore};

type ReadVariable = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Reads variables through a function the shell passes in.
pub struct EnvStore {
    read: Box<ReadVariable>,
}

impl EnvStore {
    /// With the function that reads one variable.
    pub fn new(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { read: Box::new(read) }
    }

    /// Whether a variable is set and not empty.
    pub fn is_set(&self, name: &EntryName) -> bool {
        self.secret(name).is_some()
    }

    pub(super) fn secret(&self, name: &EntryName) -> Option<Secret> {
        (self.read)(name.as_str()).map(|text| Secret::from_pasted(&text)).filter(|secret| !secret.is_empty())
    }
}

#[async_trait]
impl SecretStore for EnvStore {
    /// The environment is the user's: always [`SecretError::ReadOnly`].
    async fn put(&self, _: &EntryName, _: &Origin, _: Secret) -> Result<(), SecretError> {
        Err(SecretError::ReadOnly)
    }

    async fn get(&self, entry: &EntryName, _: &Origin) -> Result<Secret, SecretError> {
        self.secret(entry).ok_or(SecretError::NotFound)
    }

    /// Forgetting the reference is all there is to do, and that is not ours.
    async fn delete(&self, _: &EntryName, _: &Origin) -> Result<(), SecretError> {
        Ok(())
    }
}
