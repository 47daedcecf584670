//! What a person does with accounts, keys and the places where keys are kept.

use std::{future::Future, sync::PoisonError};

use parlance_providers::{CancellationToken, Secret};
use zeroize::Zeroizing;

use super::{App, parse_id};
use crate::{
    error::Error,
    history::StoreError,
    registry::{
        GivenKey,
        accounts::{self, AccountRow},
    },
    secrets::{Origin, SecretError},
    view::{AccountInput, KeyInput, ProviderView, SecretStoresView},
};

/// The longest label of an account, in characters.
const LONGEST_LABEL: usize = 100;
/// The shortest and the longest passphrase of a vault, in characters.
const PASSPHRASE: std::ops::RangeInclusive<usize> = 8..=1_000;

impl App {
    /// Adds or changes an account of a provider.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field; `not_found`.
    pub async fn save_account(&self, input: AccountInput) -> Result<ProviderView, Error> {
        let id = input.id.as_deref().map(|id| parse_id("id", id)).transpose()?;
        let provider_id = parse_id("providerId", &input.provider_id)?;
        let label = input.label.trim().to_owned();
        if label.chars().count() > LONGEST_LABEL {
            return Err(Error::invalid("label", "too_long"));
        }
        self.provider_row(provider_id).await?;
        let now = self.inner.clock.now_ms();
        let save = move |tx: &rusqlite::Transaction<'_>| match id {
            None => accounts::insert(tx, provider_id, &label, input.enabled, now).map(|_| ()),
            Some(id) if accounts::get(tx, id)?.provider_id == provider_id => {
                accounts::update(tx, id, &label, input.enabled, now)
            }
            Some(_) => Err(StoreError::NotFound),
        };
        self.inner.database.write(save).await?;
        self.provider(provider_id).await
    }

    /// Removes an account and forgets its key. A provider keeps its last account.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `last`; `not_found`.
    pub async fn remove_account(&self, id: &str) -> Result<ProviderView, Error> {
        let id = parse_id("id", id)?;
        let now = self.inner.clock.now_ms();
        let remove = move |tx: &rusqlite::Transaction<'_>| {
            let account = accounts::get(tx, id)?;
            if accounts::list(tx, account.provider_id)?.len() < 2 {
                return Ok(None);
            }
            accounts::remove(tx, id, now)?;
            Ok(Some(account))
        };
        let account = self.inner.database.write(remove).await?.ok_or(Error::invalid("id", "last"))?;
        self.inner.registry.forget(account.id, &account.key).await;
        self.provider(account.provider_id).await
    }

    /// Puts a provider's accounts in this order.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none; `not_found`.
    pub async fn order_accounts(&self, provider_id: &str, ids: &[String]) -> Result<ProviderView, Error> {
        let provider_id = parse_id("providerId", provider_id)?;
        let ids = ids.iter().map(|id| parse_id("ids", id)).collect::<Result<Vec<_>, _>>()?;
        let now = self.inner.clock.now_ms();
        self.inner.database.write(move |tx| accounts::order(tx, provider_id, &ids, now)).await?;
        self.provider(provider_id).await
    }

    /// Gives, names or forgets an account's key. It is kept, and read back, before the row points to it; only then
    /// the key that it replaces is forgotten: whatever fails in between, a key that worked still works.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it cannot be a key or a variable; [`Error::Secret`] where it was not kept;
    /// [`Error::CancelledWaiting`]; `not_found`.
    pub async fn set_key(&self, account_id: &str, input: KeyInput) -> Result<ProviderView, Error> {
        let (account, row) = self.account(account_id).await?;
        let stored = self.wait_for_person(self.inner.registry.keep(&row, input)).await?;
        self.replace_key(account.id, stored).await?;
        self.provider(row.id).await
    }

    /// "Send this key to HOST" (KEY-9): binds an account's key to the provider's present address, which must be the
    /// `origin` that the person was shown.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the address has changed meanwhile or there is no key; [`Error::Secret`].
    pub async fn allow_key(&self, account_id: &str, origin: &str) -> Result<ProviderView, Error> {
        let (account, row) = self.account(account_id).await?;
        let shown = Origin::parse(origin).map_err(|_| Error::invalid("origin", "not_a_url"))?;
        if Origin::parse(&row.base_url).ok() != Some(shown) {
            return Err(Error::invalid("origin", "changed"));
        }
        let key = self.wait_for_person(self.inner.registry.rebind(&row, &account)).await?;
        self.replace_key(account.id, GivenKey { key, identity: account.identity }).await?;
        self.provider(row.id).await
    }

    pub(super) async fn account(&self, id: &str) -> Result<(AccountRow, crate::registry::tables::ProviderRow), Error> {
        let id = parse_id("accountId", id)?;
        let account = self.inner.database.read(move |connection| accounts::get(connection, id)).await?;
        let row = self.provider_row(account.provider_id).await?;
        Ok((account, row))
    }

    pub(super) async fn replace_key(&self, account_id: i64, given: GivenKey) -> Result<(), Error> {
        let now = self.inner.clock.now_ms();
        let fresh = given.key.clone();
        let replace = move |tx: &rusqlite::Transaction<'_>| {
            let before = accounts::get(tx, account_id)?;
            accounts::set_key(tx, account_id, &given.key, given.identity.as_ref(), now)?;
            Ok(before)
        };
        let before = self.inner.database.write(replace).await;
        match before {
            Ok(before) => {
                self.inner.registry.forget(account_id, &before.key).await;
                Ok(())
            }
            Err(error) => {
                // Nobody points to what was just kept.
                self.inner.registry.forget(account_id, &fresh).await;
                Err(error.into())
            }
        }
    }

    /// The places where keys can be kept, and what they are like. It takes 2 s at the most.
    pub async fn secret_stores(&self) -> SecretStoresView {
        self.inner.registry.stores().await
    }

    /// Asks the person to unlock the keyring and waits as long as that takes, or until [`App::cancel_waiting`].
    ///
    /// # Errors
    /// [`Error::Secret`], [`Error::CancelledWaiting`].
    pub async fn unlock_keyring(&self) -> Result<SecretStoresView, Error> {
        let unlock = async { Ok(self.inner.registry.secrets().unlock_keyring().await?) };
        self.wait_for_person(unlock).await?;
        self.inner.registry.forget_statuses();
        Ok(self.secret_stores().await)
    }

    /// Ends every wait for the keyring: who waits fails with [`Error::CancelledWaiting`].
    pub fn cancel_waiting(&self) {
        let mut waiting = self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *waiting, CancellationToken::new()).cancel();
    }

    pub(super) async fn wait_for_person<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let given_up = self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner).clone();
        given_up.run_until_cancelled(work).await.unwrap_or(Err(Error::CancelledWaiting))
    }

    /// Makes the vault, open.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `too_short` or `too_long`; [`Error::Secret`] where there is one or it could not be written.
    pub async fn create_vault(&self, passphrase: String) -> Result<SecretStoresView, Error> {
        let passphrase = chosen(passphrase)?;
        self.inner.registry.secrets().vault().create(passphrase).await?;
        Ok(self.secret_stores().await)
    }

    /// Opens the vault until the app quits.
    ///
    /// # Errors
    /// [`Error::Secret`]: not its passphrase, damaged, or there is none.
    pub async fn unlock_vault(&self, passphrase: String) -> Result<SecretStoresView, Error> {
        let passphrase = secret(passphrase);
        // Nothing that long was ever taken; it is not worth a second of work.
        if passphrase.expose().chars().count() > *PASSPHRASE.end() {
            return Err(SecretError::WrongPassphrase.into());
        }
        self.inner.registry.secrets().vault().unlock(passphrase).await?;
        self.inner.registry.forget_statuses();
        Ok(self.secret_stores().await)
    }

    /// Closes the vault; what was connected with its keys is forgotten.
    pub async fn lock_vault(&self) -> SecretStoresView {
        self.inner.registry.secrets().vault().lock();
        self.inner.registry.disconnect_all();
        self.secret_stores().await
    }

    /// Gives the vault another passphrase.
    ///
    /// # Errors
    /// As [`App::create_vault`] and [`App::unlock_vault`]; the old passphrase is then still good.
    pub async fn change_vault_passphrase(&self, current: String, next: String) -> Result<SecretStoresView, Error> {
        let next = chosen(next)?;
        self.inner.registry.secrets().vault().change_passphrase(secret(current), next).await?;
        Ok(self.secret_stores().await)
    }

    /// Deletes the vault with all keys in it.
    ///
    /// # Errors
    /// [`Error::Secret`] where the file cannot be deleted.
    pub async fn reset_vault(&self) -> Result<SecretStoresView, Error> {
        self.inner.registry.secrets().vault().reset().await?;
        self.inner.registry.disconnect_all();
        Ok(self.secret_stores().await)
    }
}

pub(super) fn secret(text: String) -> Secret {
    Secret::verbatim(Zeroizing::new(text))
}

pub(super) fn chosen(passphrase: String) -> Result<Secret, Error> {
    let passphrase = secret(passphrase);
    match passphrase.expose().chars().count() {
        count if count < *PASSPHRASE.start() => Err(Error::invalid("passphrase", "too_short")),
        count if count > *PASSPHRASE.end() => Err(Error::invalid("passphrase", "too_long")),
        _ => Ok(passphrase),
    }
}
