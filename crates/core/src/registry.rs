//! Configured providers: what the user set up, made into something that answers.

pub mod tables;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use url::Url;

use parlance_providers::{
    Category, ModelInfo, Provider, ProviderError, Secret,
    catalog::{self, Catalog, DialectId, Vendor},
    demo::DemoProvider,
    transport::{self, Endpoint, HttpProvider},
};
use tables::{ProviderFields, ProviderRow};

use crate::{
    costs::{Rate, Tariff, catalogue},
    error::Error,
    history::rows::TargetRow,
    secrets::{EntryName, KeyRef, Origin, SecretError, Secrets, StoreKind},
    view::{EnvName, KeyInput, KeyNeed, KeyState, Mark, ModelView, ProviderInput, ProviderView, VendorView},
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
    connected: Mutex<HashMap<i64, Arc<dyn Provider>>>,
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
        Self { catalog, connect, secrets, connected: Mutex::default(), demo }
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

    /// Takes a key. What is returned is what the store may know: store, reference, origin.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the key or the variable's name cannot be one.
    pub async fn take_key(&self, row: &ProviderRow, input: KeyInput) -> Result<StoredKey, Error> {
        if matches!(input, KeyInput::None) {
            self.forget_key(row).await;
            return Ok(StoredKey { store: "none", reference: None, origin: None });
        }
        let origin = Origin::parse(&row.base_url).map_err(|_| Error::invalid("baseUrl", "not_a_url"))?;
        let stored = |kind: StoreKind, reference: Option<String>| StoredKey {
            store: kind.as_str(),
            reference,
            origin: Some(origin.as_str().to_owned()),
        };
        let stored = match input {
            KeyInput::None => return Err(Error::invalid("key", "empty")),
            KeyInput::Env { name } => {
                let entry = EntryName::new(name.trim()).map_err(|_| Error::invalid("key", "not_a_variable"))?;
                self.forget_key(row).await;
                stored(StoreKind::Env, Some(entry.as_str().to_owned()))
            }
            KeyInput::Session { key } => {
                let secret = Secret::from_pasted(&key);
                if !secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
                    return Err(Error::invalid("key", "not_ascii"));
                }
                let entry = EntryName::of_account(row.account_id);
                self.secrets.store(StoreKind::Session).put(&entry, &origin, secret).await.map_err(bad_key)?;
                stored(StoreKind::Session, None)
            }
        };
        self.forget_connection(row.id);
        Ok(stored)
    }

    /// Where a provider's key is; `None` where it has none.
    fn key_ref(&self, row: &ProviderRow) -> Option<KeyRef> {
        let store = StoreKind::from_name(&row.secret_store)?;
        let entry = match &row.secret_ref {
            Some(name) => EntryName::new(name).ok()?,
            None => EntryName::of_account(row.account_id),
        };
        Some(KeyRef { store, entry, origin: Origin::parse(row.secret_origin.as_deref()?).ok()? })
    }

    /// The key of a provider, if it has one that may go to its present address (KEY-9).
    async fn key(&self, row: &ProviderRow) -> Result<Option<Secret>, ProviderError> {
        if row.secret_store == "none" {
            return Ok(None);
        }
        let unusable = |cause, message| ProviderError::because(Category::MissingKey, cause, message);
        let (Some(key), Ok(url)) = (self.key_ref(row), Url::parse(&row.base_url)) else {
            return Err(unusable("unknown_store", "this version cannot read where the key is"));
        };
        self.secrets.key_for(&key, &url).await.map(Some).map_err(|error| match (error, key.store) {
            (SecretError::WrongOrigin { .. }, _) => {
                unusable("key_bound_elsewhere", "the key was given for another address")
            }
            (_, StoreKind::Env) => unusable("variable_unset", "the environment variable is not set"),
            (_, StoreKind::Session) => unusable("session_over", "the key was kept for one session only"),
            (_, StoreKind::Keyring | StoreKind::Vault) => unusable("store_closed", "the key's store cannot be read"),
        })
    }

    async fn key_state(&self, row: &ProviderRow) -> KeyState {
        let key = self.key(row).await.ok().flatten();
        KeyState {
            store: row.secret_store.clone(),
            usable: key.is_some(),
            env_name: row.secret_ref.clone().filter(|_| row.secret_store == "env"),
            ends_with: key.as_ref().and_then(Secret::ends_with),
            origin: row.secret_origin.clone(),
        }
    }

    /// A provider as it is shown.
    pub async fn provider_view(&self, row: &ProviderRow, models: Vec<ModelInfo>, now_ms: i64) -> ProviderView {
        let vendor = self.catalog.get(&row.vendor);
        let (mark, category) = self.mark_of(&row.vendor);
        ProviderView {
            id: row.id.to_string(),
            vendor: row.vendor.clone(),
            name: row.name.clone(),
            category,
            mark,
            base_url: row.base_url.clone(),
            enabled: row.enabled,
            key: self.key_state(row).await,
            key_need: vendor.map_or(KeyNeed::Optional, key_need),
            default_model: row.default_model.clone(),
            models: self.models(row, models, now_ms),
        }
    }

    /// The models of a provider: its own list where one was fetched, else what the catalogue knows.
    fn models(&self, row: &ProviderRow, listed: Vec<ModelInfo>, now_ms: i64) -> Vec<ModelView> {
        let Some(vendor) = self.catalog.get(&row.vendor) else { return Vec::new() };
        let known = |id: &str| vendor.models.iter().find(|model| model.id == id);
        let listed = if listed.is_empty() {
            vendor.models.iter().map(|model| ModelInfo { id: model.id.clone(), ..ModelInfo::default() }).collect()
        } else {
            listed
        };
        let view = |model: ModelInfo| {
            let known = known(&model.id);
            let (input_nano, output_nano) = prices(vendor, &model.id, now_ms);
            ModelView {
                name: model.name.or_else(|| known.and_then(|k| k.name.clone())),
                context: model.context.or_else(|| known.and_then(|k| k.context)).and_then(|c| u32::try_from(c).ok()),
                input_nano,
                output_nano,
                id: model.id,
            }
        };
        listed.into_iter().map(view).collect()
    }

    /// Something to ask, for a provider and a model.
    ///
    /// # Errors
    /// `unknown_vendor`, or what is wrong with the address or the key, without any request.
    pub async fn resolve(&self, row: &ProviderRow, model: &str) -> Result<Resolved, Error> {
        let vendor = Arc::new(self.vendor(&row.vendor)?.clone());
        let provider = self.connection(row, &vendor).await?;
        let target = TargetRow {
            provider_id: row.id,
            account_id: Some(row.account_id),
            vendor: row.vendor.clone(),
            model: model_name(model)?,
        };
        Ok(Resolved { target, vendor, provider })
    }

    async fn connection(&self, row: &ProviderRow, vendor: &Arc<Vendor>) -> Result<Arc<dyn Provider>, Error> {
        if let Some(provider) = locked(&self.connected).get(&row.id) {
            return Ok(Arc::clone(provider));
        }
        let key = self.key(row).await?;
        let endpoint = Endpoint { base_url: row.base_url.clone(), key, ..Endpoint::default() };
        let provider = self.connect.connect(Arc::clone(vendor), endpoint)?;
        // A variable is read at each use, so what was made from it is not kept.
        if row.secret_store != StoreKind::Env.as_str() {
            locked(&self.connected).insert(row.id, Arc::clone(&provider));
        }
        Ok(provider)
    }

    /// The next request to this provider connects anew: its address or key has changed.
    pub fn forget_connection(&self, provider_id: i64) {
        locked(&self.connected).remove(&provider_id);
    }

    /// Forgets a provider's key.
    pub async fn forget_key(&self, row: &ProviderRow) {
        self.forget_connection(row.id);
        if let Some(key) = self.key_ref(row)
            && let Err(error) = self.secrets.forget(&key).await
        {
            tracing::warn!(code = error.code(), "a key could not be forgotten");
        }
    }
}

fn bad_key(error: SecretError) -> Error {
    match error {
        SecretError::Empty => Error::invalid("key", "empty"),
        SecretError::TooLong { .. } => Error::invalid("key", "too_long"),
        _ => Error::invalid("key", "not_kept"),
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

/// What the store may know of a key.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Which kind of store holds it.
    pub store: &'static str,
    /// The variable's or entry's name.
    pub reference: Option<String>,
    /// scheme://host:port it was given for.
    pub origin: Option<String>,
}

fn mark(vendor: &Vendor) -> Mark {
    Mark { letters: vendor.mark.letters.clone(), hue: vendor.mark.hue.clone(), hatched: vendor.mark.hatched }
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
