//! From what is set of a provider to something that can be asked.

use std::sync::Arc;

use parlance_providers::{
    Category, Provider, ProviderError,
    catalog::{self, Vendor},
    credential::Identity,
    transport::{self, Endpoint, Proxy, ProxyServer},
};

use super::{
    Registry,
    accounts::{AccountRow, StoredKey},
    locked,
    slots::SecretRow,
    tables::ProviderRow,
};
use crate::{
    error::Error,
    secrets::StoreKind,
    view::{ProviderSettings, ProxySetting, SecretSlot},
};

/// A provider that was made, and all that it was made from.
pub(super) struct Connected {
    provider: Arc<dyn Provider>,
    vendor: Arc<Vendor>,
    base_url: String,
    settings: ProviderSettings,
    secrets: Vec<SecretRow>,
    key: StoredKey,
    identity: Option<Identity>,
}

impl Connected {
    /// Whether nothing that it was made from has changed.
    fn is_of(&self, row: &ProviderRow, account: &AccountRow, vendor: &Arc<Vendor>) -> bool {
        self.base_url == row.base_url
            && self.key == account.key
            && self.identity == account.identity
            && (Arc::ptr_eq(&self.vendor, vendor) || self.vendor == *vendor)
            && self.settings == row.settings
            && self.secrets == row.secrets
    }
}

impl Registry {
    pub(super) async fn connection(
        &self,
        row: &ProviderRow,
        account: &AccountRow,
        vendor: &Arc<Vendor>,
    ) -> Result<Arc<dyn Provider>, Error> {
        check_clear(row, account, vendor)?;
        let kept = locked(&self.connected)
            .get(&account.id)
            .filter(|kept| kept.is_of(row, account, vendor))
            .map(|kept| Arc::clone(&kept.provider));
        if let Some(provider) = kept {
            return Ok(provider);
        }
        let key = self.key(row, account).await?;
        // An account without its key is no way to ask a vendor that wants one: the next account may have it.
        if key.is_none() && !account.has_key() && vendor.key == catalog::KeyNeed::Required {
            let message = format!("{} needs a key", vendor.name);
            return Err(ProviderError::because(Category::MissingKey, "no_key", message).into());
        }
        check_fields(row, vendor)?;
        let endpoint = Endpoint { key, identity: account.identity.clone(), ..self.endpoint(row).await? };
        let provider = self.connect.connect(Arc::clone(vendor), endpoint)?;
        // A variable is read at each use, so what was made from it is not kept.
        let is_variable = |key: &StoredKey| key.store == StoreKind::Env.as_str();
        if !is_variable(&account.key) && !row.secrets.iter().any(|secret| is_variable(&secret.key)) {
            let connected = Connected {
                provider: Arc::clone(&provider),
                vendor: Arc::clone(vendor),
                base_url: row.base_url.clone(),
                settings: row.settings.clone(),
                secrets: row.secrets.clone(),
                key: account.key.clone(),
                identity: account.identity.clone(),
            };
            // Of several that connected at the same moment one is kept: what it obtains is obtained once.
            let mut all = locked(&self.connected);
            if let Some(first) = all.get(&account.id).filter(|kept| kept.is_of(row, account, vendor)) {
                return Ok(Arc::clone(&first.provider));
            }
            all.insert(account.id, connected);
        }
        Ok(provider)
    }

    /// Where and how to ask, without the key.
    pub(crate) async fn endpoint(&self, row: &ProviderRow) -> Result<Endpoint, ProviderError> {
        let settings = &row.settings;
        let mut headers = Vec::with_capacity(settings.headers.len());
        for header in &settings.headers {
            let value = match &header.value {
                Some(value) => value.clone(),
                None => {
                    let slot = SecretSlot::Header { name: header.name.to_ascii_lowercase() };
                    self.provider_secret(row, &slot).await?.expose().to_owned()
                }
            };
            headers.push((header.name.clone(), value));
        }
        let proxy = match &settings.proxy {
            ProxySetting::System => Proxy::System,
            ProxySetting::None => Proxy::Off,
            ProxySetting::Address { url, user } => {
                let password = match user {
                    Some(_) => Some(self.provider_secret(row, &SecretSlot::Proxy).await?),
                    None => None,
                };
                Proxy::Via(ProxyServer { url: url.clone(), user: user.clone(), password })
            }
        };
        Ok(Endpoint {
            base_url: row.base_url.clone(),
            headers,
            fields: settings.fields.clone(),
            timeouts: settings.timeouts.into(),
            proxy,
            ca_pem: (!settings.ca_pem.is_empty()).then(|| settings.ca_pem.clone().into_bytes()),
            ..Endpoint::default()
        })
    }
}

/// Whether a key could travel in clear to this address: outside this machine and private networks, without TLS.
pub(super) fn in_clear(vendor: Option<&Vendor>, settings: &ProviderSettings, base_url: &str) -> bool {
    let has_key = vendor.is_none_or(|vendor| vendor.key != catalog::KeyNeed::None);
    let stays_here = vendor.is_some_and(|vendor| !vendor.dialect.has_address());
    let hides_header = || settings.headers.iter().any(|header| header.value.is_none());
    !stays_here && (has_key || hides_header()) && transport::sends_in_clear(base_url)
}

/// Whether a person agreed to send keys to this address in clear.
pub(super) fn agreed(row: &ProviderRow) -> bool {
    row.clear_origin.is_some() && row.clear_origin == transport::origin(&row.base_url).ok()
}

fn check_clear(row: &ProviderRow, account: &AccountRow, vendor: &Vendor) -> Result<(), ProviderError> {
    let has_secret = account.has_key() || row.settings.headers.iter().any(|header| header.value.is_none());
    if !has_secret || !in_clear(Some(vendor), &row.settings, &row.base_url) || agreed(row) {
        return Ok(());
    }
    let message = "the key would travel in clear to this address, and nobody agreed to that";
    Err(ProviderError::because(Category::MissingKey, "key_in_clear", message))
}

/// Whether an account may be asked with, as far as that shows without looking for its key.
pub(crate) fn may_ask(row: &ProviderRow, account: &AccountRow, vendor: &Vendor) -> bool {
    let has_key = account.has_key() || vendor.key != catalog::KeyNeed::Required;
    account.enabled && has_key && check_clear(row, account, vendor).is_ok() && missing_field(row, vendor).is_none()
}

/// The first of the vendor's own fields that must be filled and is not.
pub(super) fn missing_field<'a>(row: &ProviderRow, vendor: &'a Vendor) -> Option<&'a str> {
    let filled = |id: &str| row.settings.fields.get(id).is_some_and(|value| !value.trim().is_empty());
    vendor.fields.iter().find(|field| field.required && !filled(&field.id)).map(|field| field.name.as_str())
}

fn check_fields(row: &ProviderRow, vendor: &Vendor) -> Result<(), ProviderError> {
    let Some(field) = missing_field(row, vendor) else { return Ok(()) };
    let message = format!("{} needs its setting \"{field}\"", vendor.name);
    Err(ProviderError::because(Category::BadRequest, "field_missing", message))
}
