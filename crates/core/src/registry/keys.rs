//! The keys of accounts: taken, kept, released for their address, forgotten.

use parlance_providers::{Category, ProviderError, Secret};
use url::Url;

use super::{
    Registry,
    accounts::{AccountRow, StoredKey},
    locked,
    tables::ProviderRow,
};
use crate::{
    error::Error,
    secrets::{EntryName, KeyRef, Origin, SecretError, StoreKind},
    view::{KeyInput, KeyState, KeyStatus, VaultState},
};

impl Registry {
    /// Keeps a key for a provider's address. What is returned is what the row may know; the key that it replaces is
    /// still there, until the row is committed and [`Registry::forget`] is called with the old one.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the key or the variable's name cannot be one; [`Error::Secret`] where it was not kept.
    pub async fn keep(&self, row: &ProviderRow, input: KeyInput) -> Result<StoredKey, Error> {
        let (kind, key) = match input {
            KeyInput::None => return Ok(StoredKey::none()),
            KeyInput::Env { name } => {
                let entry = EntryName::new(name.trim()).map_err(|_| Error::invalid("key", "not_a_variable"))?;
                let key = KeyRef { store: StoreKind::Env, entry, origin: origin(row)? };
                return Ok(stored(&key, None));
            }
            KeyInput::Session { key } => (StoreKind::Session, key),
            KeyInput::Keyring { key } => (StoreKind::Keyring, key),
            KeyInput::Vault { key } => (StoreKind::Vault, key),
        };
        let secret = Secret::from_pasted(&key);
        drop(zeroize::Zeroizing::new(key));
        if secret.is_empty() {
            return Err(Error::invalid("key", "empty"));
        }
        if !secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::invalid("key", "not_ascii"));
        }
        let hint = secret.ends_with();
        let kept = self.secrets.save(kind, &origin(row)?, secret).await?;
        Ok(stored(&kept, hint))
    }

    /// "Send this key to HOST" (KEY-9): the key of an account for the provider's present address. As with
    /// [`Registry::keep`] the old one is still there.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there is no key; [`Error::Secret`] where it could not be read or kept.
    pub async fn rebind(&self, row: &ProviderRow, account: &AccountRow) -> Result<StoredKey, Error> {
        let key = key_ref(&account.key).ok_or(Error::invalid("key", "empty"))?;
        let kept = self.secrets.rebind(&key, &origin(row)?).await?;
        Ok(stored(&kept, account.key.hint.clone()))
    }

    /// Forgets the key that a row pointed to. A store that cannot be reached keeps an entry nobody points to; that is
    /// said in the log, because there is nothing a person could do about it here.
    pub async fn forget(&self, account_id: i64, key: &StoredKey) {
        self.forget_connection(account_id);
        if let Some(key) = key_ref(key)
            && let Err(error) = self.secrets.forget(&key).await
        {
            tracing::warn!(code = error.code(), "a key could not be forgotten");
        }
    }

    /// The key of an account, if it has one that may go to the provider's present address.
    pub(super) async fn key(&self, row: &ProviderRow, account: &AccountRow) -> Result<Option<Secret>, ProviderError> {
        if account.key.store == "none" {
            return Ok(None);
        }
        let (Some(key), Ok(url)) = (key_ref(&account.key), Url::parse(&row.base_url)) else {
            let message = "this version cannot read where the key is";
            return Err(ProviderError::because(Category::MissingKey, "unknown_store", message));
        };
        let read = self.secrets.key_for(&key, &url).await;
        let status = read.as_ref().map_or_else(|error| status_of(error, key.store), |_| KeyStatus::Ready);
        locked(&self.statuses).insert(account.id, status);
        match read {
            Ok(secret) => Ok(Some(secret)),
            Err(error) => Err(missing(&error, status)),
        }
    }

    /// What is known of an account's key, without asking a keyring: a list that is shown must neither wait for one
    /// nor make it ask for a password.
    pub(super) async fn key_state(&self, row: &ProviderRow, account: &AccountRow) -> KeyState {
        let stored = &account.key;
        let status = self.key_status(row, account).await;
        let ends_with = match stored.store.as_str() {
            "env" => self.key(row, account).await.ok().flatten().and_then(|key| key.ends_with()),
            _ => stored.hint.clone(),
        };
        KeyState {
            store: stored.store.clone(),
            status,
            env_name: stored.reference.clone().filter(|_| stored.store == "env"),
            ends_with: ends_with.filter(|_| status != KeyStatus::SessionOver),
            origin: stored.origin.clone(),
        }
    }

    async fn key_status(&self, row: &ProviderRow, account: &AccountRow) -> KeyStatus {
        if account.key.store == "none" {
            return KeyStatus::None;
        }
        let Some(key) = key_ref(&account.key) else { return KeyStatus::Unavailable };
        if origin(row).is_ok_and(|here| here != key.origin) {
            return KeyStatus::OtherAddress;
        }
        match key.store {
            StoreKind::Session | StoreKind::Env => {
                let read = self.secrets.store(key.store).get(&key.entry, &key.origin).await;
                read.map_or_else(|error| status_of(&error, key.store), |_| KeyStatus::Ready)
            }
            StoreKind::Vault => match self.vault_state() {
                VaultState::Open => self.last_status(account.id),
                VaultState::Locked => KeyStatus::Locked,
                VaultState::None => KeyStatus::Unavailable,
            },
            StoreKind::Keyring => self.last_status(account.id),
        }
    }

    /// What the last use of a key said.
    fn last_status(&self, account_id: i64) -> KeyStatus {
        locked(&self.statuses).get(&account_id).copied().unwrap_or(KeyStatus::Ready)
    }
}

fn origin(row: &ProviderRow) -> Result<Origin, Error> {
    Origin::parse(&row.base_url).map_err(|_| Error::invalid("baseUrl", "not_a_url"))
}

fn stored(key: &KeyRef, hint: Option<String>) -> StoredKey {
    StoredKey {
        store: key.store.as_str().to_owned(),
        reference: Some(key.entry.as_str().to_owned()),
        origin: Some(key.origin.as_str().to_owned()),
        hint,
    }
}

/// Where a key is; `None` where there is none, or in a store this version does not have.
fn key_ref(key: &StoredKey) -> Option<KeyRef> {
    Some(KeyRef {
        store: StoreKind::from_name(&key.store)?,
        entry: EntryName::new(key.reference.as_deref()?).ok()?,
        origin: Origin::parse(key.origin.as_deref()?).ok()?,
    })
}

fn status_of(error: &SecretError, store: StoreKind) -> KeyStatus {
    match (error, store) {
        (SecretError::WrongOrigin { .. }, _) => KeyStatus::OtherAddress,
        (_, StoreKind::Session) => KeyStatus::SessionOver,
        (_, StoreKind::Env) => KeyStatus::VariableUnset,
        (SecretError::Locked, _) => KeyStatus::Locked,
        (SecretError::NotFound | SecretError::Damaged, _) => KeyStatus::Lost,
        _ => KeyStatus::Unavailable,
    }
}

/// Why nothing can be sent, for the person who wanted to send.
fn missing(error: &SecretError, status: KeyStatus) -> ProviderError {
    let (cause, message) = match (status, error) {
        (KeyStatus::OtherAddress, _) => ("key_bound_elsewhere", "the key was given for another address"),
        (KeyStatus::SessionOver, _) => ("session_over", "the key was kept for one session only"),
        (KeyStatus::VariableUnset, _) => ("variable_unset", "the environment variable is not set"),
        (KeyStatus::Locked, _) => ("store_locked", "the place where the key is kept is locked"),
        (_, SecretError::Damaged) => ("key_damaged", "what is kept of the key is damaged"),
        (KeyStatus::Lost, _) => ("key_lost", "the key is no longer where it was kept"),
        _ => ("store_unavailable", "the place where the key is kept does not answer"),
    };
    ProviderError::because(Category::MissingKey, cause, message)
}
