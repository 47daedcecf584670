//! The keys of accounts: taken, kept, released for their address, forgotten.

use futures::FutureExt;
use parlance_providers::{
    Category, ProviderError, Secret,
    catalog::KeyForm,
    credential::{self, Identity},
};
use url::Url;
use zeroize::Zeroizing;

use super::{
    Registry,
    accounts::{AccountRow, StoredKey},
    locked,
    settings::sendable,
    tables::ProviderRow,
};
use crate::{
    error::Error,
    secrets::{EntryName, KeyRef, Origin, SecretError, StoreKind},
    view::{KeyInput, KeyState, KeyStatus, ProviderSecret, ProxySetting, SecretSlot, VaultState},
};

/// Whose secret it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// The key of this account.
    Account(i64),
    /// A secret of this provider.
    Provider(i64, SecretSlot),
}

/// What a person gave for an account, as far as its row may know it.
pub struct GivenKey {
    /// Where the secret is.
    pub key: StoredKey,
    /// Whose it is, where the key alone does not say enough.
    pub identity: Option<Identity>,
}

/// A secret, and where it goes.
pub(super) struct Kept<'a> {
    pub(super) holder: Holder,
    pub(super) key: &'a StoredKey,
    /// The address that it goes to now.
    pub(super) address: &'a str,
}

impl<'a> Kept<'a> {
    pub(super) fn of_account(row: &'a ProviderRow, account: &'a AccountRow) -> Self {
        Self { holder: Holder::Account(account.id), key: &account.key, address: &row.base_url }
    }

    /// `None` where nothing was kept for this slot, or the settings have it no more.
    pub(super) fn of_slot(row: &'a ProviderRow, slot: &SecretSlot) -> Option<Self> {
        let secret = row.secrets.iter().find(|secret| secret.slot == *slot)?;
        let holder = Holder::Provider(row.id, slot.clone());
        Some(Self { holder, key: &secret.key, address: destination(row, slot)? })
    }
}

/// Where a secret goes.
fn destination<'a>(row: &'a ProviderRow, slot: &SecretSlot) -> Option<&'a str> {
    match (slot, &row.settings.proxy) {
        (SecretSlot::Header { .. }, _) => Some(&row.base_url),
        (SecretSlot::Proxy, ProxySetting::Address { url, .. }) => Some(url),
        (SecretSlot::Proxy, _) => None,
    }
}

impl Registry {
    /// Keeps a key for a provider's address. What is returned is what the row may know; the key that it replaces is
    /// still there, until the row is committed and [`Registry::forget`] is called with the old one.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the key or the variable's name cannot be one; [`Error::Secret`] where it was not kept.
    pub async fn keep(&self, row: &ProviderRow, input: KeyInput) -> Result<GivenKey, Error> {
        let form = self.vendor(&row.vendor).map_or(KeyForm::Token, |vendor| vendor.auth.key_form());
        let mut identity = None;
        let read = |text: &str| match form {
            KeyForm::Token | KeyForm::SignIn => {
                let secret = Secret::from_pasted(text);
                let fits = secret.expose().bytes().all(|b| b.is_ascii_graphic());
                fits.then_some(Some(secret)).ok_or(Error::invalid("key", "not_ascii"))
            }
            KeyForm::Aws | KeyForm::Google => {
                let read = credential::read(form, text)?;
                identity = read.identity;
                Ok(read.secret)
            }
        };
        let key = self.keep_for(input, read, || origin(&row.base_url)).await?;
        Ok(GivenKey { key, identity })
    }

    /// Keeps a secret beside the keys, as [`Registry::keep`] does.
    ///
    /// # Errors
    /// As [`Registry::keep`]; `unknown_slot` where the settings have no place for it.
    pub async fn keep_secret(&self, row: &ProviderRow, slot: &SecretSlot, input: KeyInput) -> Result<StoredKey, Error> {
        if !row.settings.slots().contains(slot) {
            return Err(Error::invalid("slot", "unknown_slot"));
        }
        let address = destination(row, slot).ok_or(Error::invalid("slot", "unknown_slot"))?;
        let is_header = matches!(slot, SecretSlot::Header { .. });
        let read = |text: &str| {
            // Every character of a password counts, but no key and no password ends a line.
            let text = if is_header { text.trim() } else { text.trim_matches(['\r', '\n']) };
            let fits = if is_header { sendable(text) } else { !text.chars().any(char::is_control) };
            let secret = Secret::verbatim(Zeroizing::new(text.to_owned()));
            fits.then_some(Some(secret)).ok_or(Error::invalid("key", if is_header { "not_ascii" } else { "control" }))
        };
        let kept = self.keep_for(input, read, || origin(address)).await?;
        // The end of a password tells more of it than that of a key.
        Ok(StoredKey { hint: kept.hint.filter(|_| is_header), ..kept })
    }

    async fn keep_for(
        &self,
        input: KeyInput,
        read: impl FnOnce(&str) -> Result<Option<Secret>, Error>,
        origin: impl FnOnce() -> Result<Origin, Error>,
    ) -> Result<StoredKey, Error> {
        let (kind, key) = match input {
            KeyInput::None => return Ok(StoredKey::none()),
            KeyInput::Env { name } => {
                let entry = EntryName::new(name.trim()).map_err(|_| Error::invalid("key", "not_a_variable"))?;
                let key = KeyRef { store: StoreKind::Env, entry, origin: origin()? };
                return Ok(StoredKey::of(&key, None));
            }
            KeyInput::Session { key } => (StoreKind::Session, key),
            KeyInput::Keyring { key } => (StoreKind::Keyring, key),
            KeyInput::Vault { key } => (StoreKind::Vault, key),
        };
        let key = Zeroizing::new(key);
        let Some(secret) = read(&key)? else { return Ok(StoredKey::none()) };
        if secret.is_empty() {
            return Err(Error::invalid("key", "empty"));
        }
        let hint = secret.ends_with();
        let kept = self.secrets.save(kind, &origin()?, secret).await?;
        Ok(StoredKey::of(&kept, hint))
    }

    /// "Send this key to HOST" (KEY-9): the key of an account for the provider's present address. As with
    /// [`Registry::keep`] the old one is still there.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there is no key; [`Error::Secret`] where it could not be read or kept.
    pub async fn rebind(&self, row: &ProviderRow, account: &AccountRow) -> Result<StoredKey, Error> {
        let key = account.key.key_ref().ok_or(Error::invalid("key", "empty"))?;
        let kept = self.secrets.rebind(&key, &origin(&row.base_url)?).await?;
        Ok(StoredKey::of(&kept, account.key.hint.clone()))
    }

    /// Forgets the key that a row pointed to. A store that cannot be reached keeps an entry nobody points to; that is
    /// said in the log, because there is nothing a person could do about it here.
    pub async fn forget(&self, account_id: i64, key: &StoredKey) {
        self.forget_connection(account_id);
        self.drop_key(key).await;
    }

    /// Forgets a secret beside the keys, as [`Registry::forget`] does.
    pub async fn forget_secret(&self, row: &ProviderRow, slot: &SecretSlot, key: &StoredKey) {
        locked(&self.statuses).remove(&Holder::Provider(row.id, slot.clone()));
        row.accounts.iter().for_each(|account| self.forget_connection(account.id));
        self.drop_key(key).await;
    }

    async fn drop_key(&self, key: &StoredKey) {
        if let Some(key) = key.key_ref()
            && let Err(error) = self.secrets.forget(&key).await
        {
            tracing::warn!(code = error.code(), "a key could not be forgotten");
        }
    }

    /// The key of an account, if it has one that may go to the provider's present address.
    ///
    /// # Errors
    /// `missing_key` with the cause: it was given for another address, or its place does not have it or is locked.
    pub async fn key(&self, row: &ProviderRow, account: &AccountRow) -> Result<Option<Secret>, ProviderError> {
        self.secret(&Kept::of_account(row, account)).await
    }

    /// A secret beside the keys that may go where it goes now.
    ///
    /// # Errors
    /// `missing_key`: `store_locked`, else `header_missing` or `proxy_password_missing`; the message names the header.
    pub async fn provider_secret(&self, row: &ProviderRow, slot: &SecretSlot) -> Result<Secret, ProviderError> {
        let read = match Kept::of_slot(row, slot) {
            Some(kept) => self.secret(&kept).await,
            None => Ok(None),
        };
        let why = match read {
            Ok(Some(secret)) => return Ok(secret),
            Ok(None) => "it was never given".to_owned(),
            Err(error) if error.cause == Some("store_locked") => return Err(error),
            Err(error) => error.message,
        };
        let (cause, message) = match slot {
            SecretSlot::Header { name } => ("header_missing", format!("the value of the header {name}: {why}")),
            SecretSlot::Proxy => ("proxy_password_missing", format!("the password of the proxy: {why}")),
        };
        Err(ProviderError::because(Category::MissingKey, cause, message))
    }

    async fn secret(&self, kept: &Kept<'_>) -> Result<Option<Secret>, ProviderError> {
        if kept.key.store == "none" {
            return Ok(None);
        }
        let (Some(key), Ok(url)) = (kept.key.key_ref(), Url::parse(kept.address)) else {
            let message = "this version cannot read where the key is";
            return Err(ProviderError::because(Category::MissingKey, "unknown_store", message));
        };
        let read = self.secrets.key_for(&key, &url).await;
        let status = read.as_ref().map_or_else(|error| status_of(error, key.store), |_| KeyStatus::Ready);
        locked(&self.statuses).insert(kept.holder.clone(), status);
        match read {
            Ok(secret) => Ok(Some(secret)),
            Err(error) => Err(missing(&error, status)),
        }
    }

    /// What is known of a secret, without asking a keyring: a list that is shown must neither wait for one nor make it
    /// ask for a password.
    pub(super) async fn key_state(&self, kept: &Kept<'_>) -> KeyState {
        let stored = kept.key;
        let status = self.key_status(kept).await;
        let is_password = matches!(kept.holder, Holder::Provider(_, SecretSlot::Proxy));
        let ends_with = match stored.store.as_str() {
            "env" if is_password => None,
            "env" => self.secret(kept).await.ok().flatten().and_then(|key| key.ends_with()),
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

    /// What is known of the secrets beside the keys that a provider's settings want.
    pub(super) async fn secret_states(&self, row: &ProviderRow) -> Vec<ProviderSecret> {
        let mut states = Vec::new();
        for slot in row.settings.slots() {
            let none = StoredKey::none();
            let holder = Holder::Provider(row.id, slot.clone());
            let unset = Kept { holder, key: &none, address: &row.base_url };
            let key = self.key_state(&Kept::of_slot(row, &slot).unwrap_or(unset)).await;
            states.push(ProviderSecret { slot, key });
        }
        states
    }

    /// Whether a key is known not to be there: without asking the keyring or the vault for it.
    pub(crate) fn is_keyless(&self, account: &AccountRow, address: &str) -> bool {
        if account.key.store == "none" {
            return false;
        }
        let Some(key) = account.key.key_ref() else { return true };
        if origin(address).is_ok_and(|here| here != key.origin) {
            return true;
        }
        match key.store {
            StoreKind::Env => !self.secrets.env_is_set(&key.entry),
            StoreKind::Session => {
                // It lies in memory, so this never waits.
                let read = self.secrets.store(key.store).get(&key.entry, &key.origin).now_or_never();
                read.is_some_and(|read| read.is_err())
            }
            StoreKind::Keyring | StoreKind::Vault => false,
        }
    }

    async fn key_status(&self, kept: &Kept<'_>) -> KeyStatus {
        if kept.key.store == "none" {
            return KeyStatus::None;
        }
        let Some(key) = kept.key.key_ref() else { return KeyStatus::Unavailable };
        if origin(kept.address).is_ok_and(|here| here != key.origin) {
            return KeyStatus::OtherAddress;
        }
        match key.store {
            StoreKind::Session | StoreKind::Env => {
                let read = self.secrets.store(key.store).get(&key.entry, &key.origin).await;
                read.map_or_else(|error| status_of(&error, key.store), |_| KeyStatus::Ready)
            }
            StoreKind::Vault => match self.vault_state() {
                VaultState::Open => self.last_status(&kept.holder),
                VaultState::Locked => KeyStatus::Locked,
                VaultState::None => KeyStatus::Unavailable,
            },
            StoreKind::Keyring => self.last_status(&kept.holder),
        }
    }

    /// What the last use of a key said.
    fn last_status(&self, holder: &Holder) -> KeyStatus {
        locked(&self.statuses).get(holder).copied().unwrap_or(KeyStatus::Ready)
    }
}

fn origin(address: &str) -> Result<Origin, Error> {
    Origin::parse(address).map_err(|_| Error::invalid("baseUrl", "not_a_url"))
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
