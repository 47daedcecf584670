//! Configured providers: what the user set up, made into something that answers.

pub mod accounts;
mod connection;
mod keys;
pub mod limits;
mod local;
pub mod model_data;
pub mod models;
mod relay;
pub mod rests;
pub mod routes;
pub mod settings;
pub mod slots;
pub mod tables;
mod validate;
mod vendors;
mod views;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use accounts::AccountRow;
use connection::Connected;
pub(crate) use connection::may_ask;
pub use keys::GivenKey;
use keys::Holder;
use limits::Gates;
use parlance_providers::{
    Category, ModelInfo, Provider, ProviderError,
    catalog::{Catalog, DialectId, Vendor},
    claude_code::ClaudeCode,
    demo::DemoProvider,
    dialects,
    replicate::Replicate,
    transport::{Endpoint, HttpProvider},
};
use relay::HumanRelay;
use rests::Rests;
use tables::ProviderRow;
pub(crate) use validate::unfit;

use crate::{
    error::Error,
    fallback::health::Health,
    history::rows::TargetRow,
    secrets::{self, Secrets},
    view::{KeyStatus, KeyringState, SecretStoresView, VaultState},
};

/// Makes a provider out of a vendor and where to ask it. The app's own is [`OverHttp`]; tests bring others.
pub trait Connect: Send + Sync {
    /// A provider that asks at this endpoint.
    ///
    /// # Errors
    /// What [`HttpProvider::new`] says of the endpoint.
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError>;
}

/// Real providers: HTTP, installed programs, a person, and the built-in Demo.
pub struct OverHttp;

impl Connect for OverHttp {
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        match (vendor.dialect, dialects::dialect(vendor.dialect)) {
            (DialectId::Replicate, _) => Ok(Arc::new(Replicate::new(vendor, endpoint)?)),
            (_, Some(dialect)) => Ok(Arc::new(HttpProvider::new(vendor, dialect, endpoint)?)),
            (DialectId::ClaudeCode, None) => Ok(Arc::new(ClaudeCode::new(vendor, &endpoint))),
            (DialectId::HumanRelay, None) => Ok(Arc::new(HumanRelay::new(vendor))),
            (_, None) => Ok(Arc::new(DemoProvider)),
        }
    }
}

/// The providers of one store.
pub struct Registry {
    catalog: RwLock<Arc<Catalog>>,
    connect: Arc<dyn Connect>,
    secrets: Secrets,
    /// By account.
    connected: Mutex<HashMap<i64, Connected>>,
    /// What the last use of each secret said.
    statuses: Mutex<HashMap<Holder, KeyStatus>>,
    /// Providers whose old list of models was asked for anew.
    refreshed: Mutex<HashSet<i64>>,
    rests: Rests,
    health: Health,
    gates: Gates,
    demo: bool,
}

/// A configured provider, ready to be asked.
#[derive(Clone)]
pub struct Resolved {
    /// For the attempt's row: with the model as it was asked for.
    pub target: TargetRow,
    /// The model as the vendor is told: what goes out, and what is paid for.
    pub model: String,
    /// The vendor's data.
    pub vendor: Arc<Vendor>,
    /// Whom to ask.
    pub provider: Arc<dyn Provider>,
    /// What the sources but the catalogue say of the model; nothing where nobody looked.
    pub said: ModelInfo,
}

impl Resolved {
    /// The stable name of the wire that the model is asked by.
    pub fn dialect(&self) -> &'static str {
        self.vendor.dialect_of(&self.model).as_str()
    }

    /// The same for a model that the vendor's list says is asked by this wire.
    #[must_use]
    pub fn speaking(self, wire: Option<DialectId>) -> Self {
        Self { vendor: self.vendor.speaking(&self.model, wire), ..self }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    /// An empty registry. `demo` offers the Demo and nothing else; without it the Demo is not offered.
    pub fn new(catalog: Arc<Catalog>, connect: Arc<dyn Connect>, secrets: Secrets, demo: bool) -> Self {
        let catalog = RwLock::new(catalog);
        Self {
            catalog,
            connect,
            secrets,
            connected: Mutex::default(),
            statuses: Mutex::default(),
            refreshed: Mutex::default(),
            rests: Rests::default(),
            health: Health::default(),
            gates: Gates::default(),
            demo,
        }
    }

    /// The accounts that are left out for a while.
    pub fn rests(&self) -> &Rests {
        &self.rests
    }

    /// How the targets of routes do.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The lines before the providers.
    pub fn gates(&self) -> &Gates {
        &self.gates
    }

    /// The vendor of a stored provider; `unknown_vendor` where the catalogue no longer has it.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn vendor(&self, id: &str) -> Result<Arc<Vendor>, Error> {
        self.catalog().shared(id).ok_or(Error::invalid("vendor", "unknown_vendor"))
    }

    /// The vendor of a stored provider, as it is at the provider's address.
    ///
    /// # Errors
    /// As [`Registry::vendor`].
    pub fn vendor_at(&self, id: &str, base_url: &str) -> Result<Arc<Vendor>, Error> {
        self.vendor(id).map(|vendor| vendor.at(base_url))
    }

    /// Something to ask, for a provider and a model: with the first of its accounts whose key can be had, one that rests
    /// only where no other is left.
    ///
    /// # Errors
    /// `unknown_vendor`, or what is wrong with the address or the keys, without any request.
    pub async fn resolve(&self, row: &ProviderRow, model: &str, now: i64) -> Result<Resolved, Error> {
        let mut refused = None;
        let mut accounts: Vec<_> = row.accounts.iter().filter(|account| account.enabled).collect();
        accounts.sort_by_key(|account| self.rests.of(account.id, now).is_some());
        for account in accounts {
            match self.resolve_with(row, account, model).await {
                Ok(resolved) => return Ok(resolved),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        let none = || ProviderError::because(Category::MissingKey, "no_key", "every key is switched off").into();
        Err(refused.unwrap_or_else(none))
    }

    /// Something to ask with one account.
    ///
    /// # Errors
    /// As [`Registry::resolve`].
    pub async fn resolve_with(&self, row: &ProviderRow, account: &AccountRow, model: &str) -> Result<Resolved, Error> {
        let vendor = self.vendor_at(&row.vendor, &row.base_url)?;
        let provider = self.connection(row, account, &vendor).await?;
        let target = TargetRow {
            provider_id: row.id,
            account_id: Some(account.id),
            vendor: row.vendor.clone(),
            model: model_name(model)?,
        };
        let model = row.settings.sent(&target.model).to_owned();
        Ok(Resolved { target, model, vendor, provider, said: ModelInfo::default() })
    }

    /// The next request with this account connects anew: its address or key has changed.
    pub fn forget_connection(&self, account_id: i64) {
        locked(&self.connected).remove(&account_id);
        locked(&self.statuses).remove(&Holder::Account(account_id));
        self.rests.lift(account_id);
        // The transaction that changed the address or the key took their rows out of the store.
        self.health.forget_account(account_id);
    }

    /// Whether nobody asked this before for a provider: an old list of models is asked for anew only once.
    pub(crate) fn first_refresh(&self, provider_id: i64) -> bool {
        locked(&self.refreshed).insert(provider_id)
    }

    /// What the keyring and the vault are like. It takes 2 s at the most.
    pub async fn stores(&self) -> SecretStoresView {
        let state = self.secrets.stores().await;
        SecretStoresView {
            keyring: match state.keyring {
                secrets::KeyringState::Available => KeyringState::Available,
                secrets::KeyringState::Locked => KeyringState::Locked,
                secrets::KeyringState::Unavailable => KeyringState::Unavailable,
            },
            keyring_name: state.keyring_name.to_owned(),
            vault: self.vault_state(),
        }
    }

    /// What the vault is like.
    pub(crate) fn vault_state(&self) -> VaultState {
        match self.secrets.vault().state() {
            secrets::VaultState::None => VaultState::None,
            secrets::VaultState::Locked => VaultState::Locked,
            secrets::VaultState::Open => VaultState::Open,
        }
    }

    /// The stores of secrets.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What earlier uses of keys said no longer counts, and nothing made from a key in this store is used again.
    pub(crate) fn forget_statuses(&self) {
        locked(&self.statuses).clear();
    }

    /// Nothing that was made from a key is used again.
    pub(crate) fn disconnect_all(&self) {
        locked(&self.connected).clear();
        self.forget_statuses();
    }
}

/// A model's name as it may be sent.
///
/// # Errors
/// [`Error::Invalid`] where it is empty, too long or holds control characters.
pub fn model_name(model: &str) -> Result<String, Error> {
    let model = model.trim();
    if model.is_empty() {
        return Err(Error::invalid("model", "empty"));
    }
    if model.len() > 300 || model.chars().any(char::is_control) {
        return Err(Error::invalid("model", "not_a_model"));
    }
    Ok(model.to_owned())
}
