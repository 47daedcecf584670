//! The keyring store over a keyring that fails as it is told. The real ones are in `tests/acceptance`.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod desk;
mod fake;
mod kept;
mod parts;

use parlance_core::secrets::{EntryName, KeyringStore, Origin, SecretError, SecretStore as _};
use parlance_providers::Secret;
use zeroize::Zeroizing;

fn entry() -> EntryName {
    EntryName::new("key-of-a-test").unwrap()
}

fn origin() -> Origin {
    Origin::parse("https://api.example.com/v1").unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::verbatim(Zeroizing::new(text.to_owned()))
}

async fn put(store: &KeyringStore, text: &str) -> Result<(), SecretError> {
    store.put(&entry(), &origin(), secret(text)).await
}

/// The text, so that a failed comparison shows it: these secrets are none.
async fn get(store: &KeyringStore) -> Result<String, SecretError> {
    store.get(&entry(), &origin()).await.map(|secret| secret.expose().to_owned())
}

async fn delete(store: &KeyringStore) -> Result<(), SecretError> {
    store.delete(&entry(), &origin()).await
}
