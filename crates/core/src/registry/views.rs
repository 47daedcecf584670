//! Configured providers, as a person sees them.

use super::{
    Registry, connection,
    keys::Kept,
    models::{self, KnownModels},
    tables::ProviderRow,
    vendors::key_need,
};
use crate::costs::Quotes;
use crate::view::{AccountView, KeyNeed, KeyStatus, ProviderView};

impl Registry {
    /// A provider as it is shown.
    pub async fn provider_view(&self, row: &ProviderRow, known: KnownModels, quotes: &Quotes) -> ProviderView {
        let vendor = self.vendor_at(&row.vendor, &row.base_url).ok();
        let vendor = vendor.as_deref();
        let (mark, category) = self.mark_of(&row.vendor);
        let key_need = vendor.map_or(KeyNeed::Optional, key_need);
        let mut accounts = Vec::with_capacity(row.accounts.len());
        for account in &row.accounts {
            let (id, label) = (account.id.to_string(), account.label.clone());
            let mut key = self.key_state(&Kept::of_account(row, account)).await;
            if key.status == KeyStatus::None && account.has_key() {
                key.status = KeyStatus::Ready;
            }
            let identity = account.identity.as_ref().map(|identity| identity.shown().to_owned());
            accounts.push(AccountView { id, label, enabled: account.enabled, key, identity });
        }
        let secrets = self.secret_states(row).await;
        let in_clear = connection::in_clear(vendor, &row.settings, &row.base_url);
        let keys_may_go = !in_clear || connection::agreed(row);
        let usable = |account: &AccountView| match account.key.status {
            KeyStatus::Ready => keys_may_go,
            KeyStatus::None => key_need != KeyNeed::Required,
            _ => false,
        };
        let complete = vendor.is_some_and(|vendor| connection::missing_field(row, vendor).is_none())
            && secrets.iter().all(|secret| secret.key.status == KeyStatus::Ready);
        ProviderView {
            id: row.id.to_string(),
            vendor: row.vendor.clone(),
            name: row.name.clone(),
            category,
            mark,
            base_url: row.base_url.clone(),
            dialect: vendor.map_or_else(String::new, |vendor| vendor.dialect.as_str().to_owned()),
            enabled: row.enabled,
            ready: row.enabled && complete && accounts.iter().any(|account| account.enabled && usable(account)),
            accounts,
            key_need,
            default_model: row.default_model.clone(),
            models: vendor.map(|vendor| models::views(vendor, row, known, quotes)).unwrap_or_default(),
            models_fetched_at: row.models_fetched_at.map(|at| at as f64),
            settings: row.settings.clone(),
            secrets,
            in_clear,
        }
    }
}
