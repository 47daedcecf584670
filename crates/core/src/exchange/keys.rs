//! Secrets of a configuration on their way into a store, and out of it into a file that is encrypted.

use parlance_providers::Secret;
use zeroize::Zeroizing;

use super::{Key, Plan, PlannedSecret};
use crate::{
    error::Error,
    registry::accounts::StoredKey,
    secrets::{EntryName, KeyRef, Origin, SecretError, Secrets, StoreKind},
    view::SecretSlot,
};

/// What the rows may know of a provider's secrets, in the order of its plan.
#[derive(Default)]
pub(crate) struct KeptSecrets {
    /// Account by account.
    pub(crate) accounts: Vec<StoredKey>,
    /// Slot by slot.
    pub(crate) secrets: Vec<StoredKey>,
}

/// Keeps all secrets of a plan. What is kept is also in `kept`, so that a failure can be undone.
///
/// # Errors
/// [`Error::Secret`] where one could not be kept; [`Error::Invalid`] for an address.
pub(crate) async fn keep(
    secrets: &Secrets,
    store: StoreKind,
    plan: &Plan,
    kept: &mut Vec<StoredKey>,
) -> Result<Vec<KeptSecrets>, Error> {
    let mut all = Vec::with_capacity(plan.providers.len());
    for provider in &plan.providers {
        let mut of_provider = KeptSecrets::default();
        for account in &provider.accounts {
            of_provider.accounts.push(keep_one(secrets, store, &provider.base_url, &account.key, kept).await?);
        }
        for PlannedSecret { slot, address, key } in &provider.secrets {
            let stored = keep_one(secrets, store, address, key, kept).await?;
            // The end of a password tells more of it than that of a key.
            let hint = stored.hint.filter(|_| *slot != SecretSlot::Proxy);
            of_provider.secrets.push(StoredKey { hint, ..stored });
        }
        all.push(of_provider);
    }
    Ok(all)
}

async fn keep_one(
    secrets: &Secrets,
    store: StoreKind,
    address: &str,
    key: &Key,
    kept: &mut Vec<StoredKey>,
) -> Result<StoredKey, Error> {
    let stored = match key {
        Key::None => return Ok(StoredKey::none()),
        Key::Env(name) => {
            let key = KeyRef { store: StoreKind::Env, entry: EntryName::new(name)?, origin: Origin::parse(address)? };
            return Ok(StoredKey::of(&key, None));
        }
        Key::Given(text) => {
            let secret = Secret::verbatim(text.clone());
            let hint = secret.ends_with();
            StoredKey::of(&secrets.save(store, &Origin::parse(address)?, secret).await?, hint)
        }
    };
    kept.push(stored.clone());
    Ok(stored)
}

/// Forgets what was kept, or what it has replaced. What cannot be forgotten stays where nobody points to.
pub(crate) async fn forget(secrets: &Secrets, kept: &[StoredKey]) {
    for key in kept.iter().filter_map(StoredKey::key_ref) {
        if let Err(error) = secrets.forget(&key).await {
            tracing::warn!(code = error.code(), "a key could not be forgotten");
        }
    }
}

/// Reads a secret for the file of an export, if it may go to this address.
pub(crate) async fn read(
    secrets: &Secrets,
    stored: &StoredKey,
    address: &str,
) -> Result<Zeroizing<String>, SecretError> {
    let key = stored.key_ref().ok_or(SecretError::NotFound)?;
    let here = Origin::parse(address)?;
    if here != key.origin {
        return Err(SecretError::WrongOrigin { bound: key.origin, asked: here });
    }
    let secret = secrets.store(key.store).get(&key.entry, &here).await?;
    Ok(Zeroizing::new(secret.expose().to_owned()))
}
