//! Configured providers: what the user set up, made into something that answers.

pub mod accounts;
mod keys;
pub mod limits;
mod local;
pub mod models;
pub mod rests;
pub mod tables;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use accounts::AccountRow;
use limits::Gates;
use models::KnownModels;
use parlance_providers::{
    Category, ModelInfo, Provider, ProviderError,
    catalog::{self, Catalog, DialectId, Vendor},
    demo::DemoProvider,
    transport::{self, Endpoint, HttpProvider},
};
use rests::Rests;
use tables::{ProviderFields, ProviderRow};

use crate::{
    capabilities,
    costs::{Rate, Tariff, catalogue},
    error::Error,
    history::rows::TargetRow,
    secrets::{self, EntryName, Secrets, StoreKind},
    view::{
        AccountView, EnvName, KeyNeed, KeyStatus, KeyringState, Mark, ModelOrigin, ModelView, NamedAddress,
        ProviderInput, ProviderView, SecretStoresView, VaultState, VendorField, VendorView,
    },
};

/// Makes a provider out of a vendor and where to ask it. The app's own is [`OverHttp`]; tests bring others.
pub trait Connect: Send + Sync {
    /// A provider that asks at this endpoint.
    ///
    /// # Errors
    /// What [`HttpProvider::new`] says of the endpoint.
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError>;
}

/// Real providers: HTTP, and the built-in Demo.
pub struct OverHttp;

impl Connect for OverHttp {
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        match parlance_providers::dialects::dialect(vendor.dialect) {
            Some(dialect) => Ok(Arc::new(HttpProvider::new(vendor, dialect, endpoint)?)),
            None => Ok(Arc::new(DemoProvider)),
        }
    }
}

/// The providers of one store.
pub struct Registry {
    catalog: &'static Catalog,
    connect: Arc<dyn Connect>,
    secrets: Secrets,
    /// By account.
    connected: Mutex<HashMap<i64, Arc<dyn Provider>>>,
    /// What the last use of each account's key said.
    statuses: Mutex<HashMap<i64, KeyStatus>>,
    rests: Rests,
    gates: Gates,
    demo: bool,
}

/// A configured provider, ready to be asked.
pub struct Resolved {
    /// For the attempt's row.
    pub target: TargetRow,
    /// The vendor's data.
    pub vendor: Arc<Vendor>,
    /// Whom to ask.
    pub provider: Arc<dyn Provider>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    /// An empty registry. `demo` offers the Demo and nothing else; without it the Demo is not offered.
    pub fn new(catalog: &'static Catalog, connect: Arc<dyn Connect>, secrets: Secrets, demo: bool) -> Self {
        let (connected, statuses) = (Mutex::default(), Mutex::default());
        let (rests, gates) = (Rests::default(), Gates::default());
        Self { catalog, connect, secrets, connected, statuses, rests, gates, demo }
    }

    /// The accounts that are left out for a while.
    pub fn rests(&self) -> &Rests {
        &self.rests
    }

    /// The lines before the providers.
    pub fn gates(&self) -> &Gates {
        &self.gates
    }

    /// The vendors a person may set up.
    pub fn vendors(&self) -> Vec<VendorView> {
        self.catalog.iter().filter(|vendor| self.offers(vendor)).map(|vendor| self.vendor_view(vendor)).collect()
    }

    fn offers(&self, vendor: &Vendor) -> bool {
        (vendor.dialect == DialectId::Demo) == self.demo
    }

    fn vendor_view(&self, vendor: &Vendor) -> VendorView {
        VendorView {
            id: vendor.id.clone(),
            name: vendor.name.clone(),
            category: vendor.category.as_str().to_owned(),
            mark: mark(vendor),
            base_url: vendor.base_url.clone(),
            needs_base_url: vendor.base_url.is_none() && vendor.dialect != DialectId::Demo,
            key: key_need(vendor),
            env: vendor.env.iter().map(|name| self.env_name(name)).collect(),
            key_url: vendor.key_url.clone(),
            key_prefixes: vendor.key_prefixes.clone(),
            dialect: vendor.dialect.as_str().to_owned(),
            addresses: vendor.addresses.iter().map(named_address).collect(),
            fields: vendor.fields.iter().map(vendor_field).collect(),
            has_balance: vendor.balance.is_some(),
            own: Catalog::bundled().get(&vendor.id).is_none(),
        }
    }

    fn env_name(&self, name: &str) -> EnvName {
        let set = EntryName::new(name).is_ok_and(|entry| self.secrets.env_is_set(&entry));
        EnvName { name: name.to_owned(), set }
    }

    /// The vendor of a stored provider; `unknown_vendor` where the catalogue no longer has it.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn vendor(&self, id: &str) -> Result<&'static Vendor, Error> {
        self.catalog.get(id).ok_or(Error::invalid("vendor", "unknown_vendor"))
    }

    /// How a vendor is drawn, also one that the catalogue no longer has.
    pub fn mark_of(&self, vendor: &str) -> (Mark, String) {
        match self.catalog.get(vendor) {
            Some(vendor) => (mark(vendor), vendor.category.as_str().to_owned()),
            None => {
                let letters = vendor.chars().take(2).collect();
                let mark = Mark { letters, hue: "graphite".to_owned(), hatched: false };
                (mark, "specialised".to_owned())
            }
        }
    }

    /// Checks what a person entered for a provider; nothing is stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub fn validate(&self, input: &ProviderInput) -> Result<ProviderFields, Error> {
        let vendor = self.vendor(&input.vendor)?;
        if !self.offers(vendor) {
            return Err(Error::invalid("vendor", "not_offered"));
        }
        let name = input.name.trim();
        if name.chars().count() > 100 {
            return Err(Error::invalid("name", "too_long"));
        }
        let name = if name.is_empty() { vendor.name.clone() } else { name.to_owned() };
        let base_url = match (input.base_url.trim(), &vendor.base_url) {
            ("", Some(usual)) => usual.clone(),
            ("", None) if vendor.dialect == DialectId::Demo => String::new(),
            ("", None) => return Err(Error::invalid("baseUrl", "empty")),
            (given, _) if given.len() > 2_048 => return Err(Error::invalid("baseUrl", "too_long")),
            (given, _) => {
                transport::origin(given).map_err(|_| Error::invalid("baseUrl", "not_a_url"))?;
                given.to_owned()
            }
        };
        let default_model = input.default_model.as_deref().map(model_name).transpose()?;
        Ok(ProviderFields { vendor: vendor.id.clone(), name, base_url, enabled: input.enabled, default_model })
    }

    /// A provider as it is shown.
    pub async fn provider_view(&self, row: &ProviderRow, models: KnownModels, now_ms: i64) -> ProviderView {
        let vendor = self.catalog.get(&row.vendor);
        let (mark, category) = self.mark_of(&row.vendor);
        let key_need = vendor.map_or(KeyNeed::Optional, key_need);
        let mut accounts = Vec::with_capacity(row.accounts.len());
        for account in &row.accounts {
            let (id, label) = (account.id.to_string(), account.label.clone());
            let key = self.key_state(row, account).await;
            accounts.push(AccountView { id, label, enabled: account.enabled, key });
        }
        let usable = |account: &AccountView| match account.key.status {
            KeyStatus::Ready => true,
            KeyStatus::None => key_need != KeyNeed::Required,
            _ => false,
        };
        ProviderView {
            id: row.id.to_string(),
            vendor: row.vendor.clone(),
            name: row.name.clone(),
            category,
            mark,
            base_url: row.base_url.clone(),
            dialect: vendor.map_or_else(String::new, |vendor| vendor.dialect.as_str().to_owned()),
            enabled: row.enabled,
            ready: row.enabled && accounts.iter().any(|account| account.enabled && usable(account)),
            accounts,
            key_need,
            default_model: row.default_model.clone(),
            models: self.models(row, models, now_ms),
            models_fetched_at: row.models_fetched_at.map(|at| at as f64),
            settings: row.settings.clone(),
            secrets: Vec::new(),
            in_clear: transport::sends_in_clear(&row.base_url),
        }
    }

    /// The models of a provider: its own list where one was fetched, else what the catalogue knows.
    fn models(&self, row: &ProviderRow, models: KnownModels, now_ms: i64) -> Vec<ModelView> {
        let Some(vendor) = self.catalog.get(&row.vendor) else { return Vec::new() };
        let known = |id: &str| vendor.models.iter().find(|model| model.id == id);
        let listed = if models.listed.is_empty() {
            vendor.models.iter().map(|model| ModelInfo { id: model.id.clone(), ..ModelInfo::default() }).collect()
        } else {
            models.listed
        };
        let view = |model: ModelInfo| {
            let known = known(&model.id);
            let (input_nano, output_nano) = prices(vendor, &model.id, now_ms);
            let max_output = model.max_output.or_else(|| vendor.max_output(&model.id));
            ModelView {
                can: capabilities::of(vendor, &model.id, Some(&model)),
                name: model.name.or_else(|| known.and_then(|k| k.name.clone())),
                context: model.context.or_else(|| known.and_then(|k| k.context)).and_then(|c| u32::try_from(c).ok()),
                input_nano,
                output_nano,
                cache_read_nano: None,
                max_output: max_output.and_then(|most| u32::try_from(most).ok()),
                origin: ModelOrigin::Listed,
                shown: models.shown.get(&model.id).copied().unwrap_or(true),
                favourite: models.favourites.contains(&model.id),
                id: model.id,
            }
        };
        listed.into_iter().map(view).collect()
    }

    /// Something to ask, for a provider and a model: with the first of its accounts whose key can be had.
    ///
    /// # Errors
    /// `unknown_vendor`, or what is wrong with the address or the keys, without any request.
    pub async fn resolve(&self, row: &ProviderRow, model: &str) -> Result<Resolved, Error> {
        let mut refused = None;
        for account in row.accounts.iter().filter(|account| account.enabled) {
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
        let vendor = Arc::new(self.vendor(&row.vendor)?.clone());
        let provider = self.connection(row, account, &vendor).await?;
        let target = TargetRow {
            provider_id: row.id,
            account_id: Some(account.id),
            vendor: row.vendor.clone(),
            model: model_name(model)?,
        };
        Ok(Resolved { target, vendor, provider })
    }

    async fn connection(
        &self,
        row: &ProviderRow,
        account: &AccountRow,
        vendor: &Arc<Vendor>,
    ) -> Result<Arc<dyn Provider>, Error> {
        if let Some(provider) = locked(&self.connected).get(&account.id) {
            return Ok(Arc::clone(provider));
        }
        let key = self.key(row, account).await?;
        // An account without its key is no way to ask a vendor that wants one: the next account may have it.
        if key.is_none() && vendor.key == catalog::KeyNeed::Required {
            let message = format!("{} needs a key", vendor.name);
            return Err(ProviderError::because(Category::MissingKey, "no_key", message).into());
        }
        let endpoint = Endpoint { base_url: row.base_url.clone(), key, ..Endpoint::default() };
        let provider = self.connect.connect(Arc::clone(vendor), endpoint)?;
        // A variable is read at each use, so what was made from it is not kept.
        if account.key.store != StoreKind::Env.as_str() {
            locked(&self.connected).insert(account.id, Arc::clone(&provider));
        }
        Ok(provider)
    }

    /// The next request with this account connects anew: its address or key has changed.
    pub fn forget_connection(&self, account_id: i64) {
        locked(&self.connected).remove(&account_id);
        locked(&self.statuses).remove(&account_id);
        self.rests.lift(account_id);
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

/// List prices in nano-USD per million tokens: input and output.
fn prices(vendor: &Vendor, model: &str, now_ms: i64) -> (Option<f64>, Option<f64>) {
    match Tariff::of(vendor) {
        Tariff::Free => (Some(0.0), Some(0.0)),
        Tariff::Catalogue(name) => {
            let (input, output) = catalogue::list_price(name, model, now_ms).unwrap_or_default();
            let nano = |rate: Option<Rate>| rate.map(|rate| rate.nano() as f64);
            (nano(input), nano(output))
        }
        Tariff::Own(_) | Tariff::Unknown => (None, None),
    }
}

fn mark(vendor: &Vendor) -> Mark {
    Mark { letters: vendor.mark.letters.clone(), hue: vendor.mark.hue.clone(), hatched: vendor.mark.hatched }
}

fn named_address(address: &catalog::NamedAddress) -> NamedAddress {
    NamedAddress { name: address.name.clone(), url: address.url.clone() }
}

fn vendor_field(field: &catalog::VendorField) -> VendorField {
    VendorField {
        id: field.id.clone(),
        name: field.name.clone(),
        help: field.help.clone(),
        choices: field.choices.clone(),
        required: field.required,
    }
}

fn key_need(vendor: &Vendor) -> KeyNeed {
    match vendor.key {
        catalog::KeyNeed::Required => KeyNeed::Required,
        catalog::KeyNeed::Optional => KeyNeed::Optional,
        catalog::KeyNeed::None => KeyNeed::None,
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
