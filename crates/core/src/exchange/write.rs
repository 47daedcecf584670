//! A configuration in our own form.

use parlance_providers::{
    Secret,
    credential::{self, Identity},
};
use toml::Spanned;
use url::Url;
use zeroize::Zeroizing;

use super::{
    PlannedBudget, PlannedPrice, PlannedScope, keys,
    own::{Account, Budget, Document, Entry, Pairs, Price, Route},
    rows::{Everything, Exported},
    variables::written,
};
use crate::{
    costs::{
        budgets::{Budget as StoredBudget, Scope},
        own_prices::{self, OwnPrices},
    },
    error::Error,
    history::error::StoreError,
    registry::{
        accounts::{AccountRow, StoredKey},
        routes::RouteRow,
        slots::SecretRow,
    },
    secrets::Secrets,
    view::{ProviderSettings, ProxySetting, SecretSlot},
};

/// A file, and how many secrets could not be had for it.
pub(crate) struct Written {
    pub(crate) text: Zeroizing<String>,
    pub(crate) missing: u32,
}

/// Writes everything down. Secrets go along only where a store of secrets is given to read them from.
///
/// # Errors
/// Where the form has no place for a value, which is a fault of ours.
pub(crate) async fn write(
    Everything { providers, routes, budgets, prices }: Everything,
    with_secrets: Option<&Secrets>,
) -> Result<Written, Error> {
    let mut writing = Writing { with_secrets, missing: 0 };
    let slugs: Vec<(i64, String)> = routes.iter().map(|row| (row.id, row.slug.clone())).collect();
    let routes = named(routes, &providers);
    let slug = |id: i64| {
        let (_, slug) = slugs.iter().find(|(known, _)| *known == id)?;
        routes.iter().any(|route| route.is(slug)).then(|| slug.clone())
    };
    let budgets = budgets.into_iter().filter_map(|budget| limited(budget, &providers, slug)).collect();
    let mut document = Document::of(Vec::with_capacity(providers.len()), routes, budgets, priced(&prices, &providers));
    for (place, provider) in (1..).zip(providers) {
        document.providers.push(writing.entry(place, provider).await);
    }
    let text = toml::to_string(&document).map_err(|_| StoreError::internal("a configuration that TOML cannot hold"))?;
    Ok(Written { text: Zeroizing::new(text), missing: writing.missing })
}

/// Routes as the file calls their providers and accounts. Targets of what is deleted are left out, and so is a route
/// that has no other.
fn named(routes: Vec<RouteRow>, providers: &[Exported]) -> Vec<Route> {
    let name = |id: i64, account: Option<i64>| {
        let Exported { slug, row } = providers.iter().find(|known| known.row.id == id)?;
        let label = match account {
            Some(id) => Some(row.accounts.iter().find(|known| known.id == id)?.label.clone()),
            None => None,
        };
        Some((slug.clone(), label))
    };
    routes.into_iter().map(|row| Route::of(row, name)).filter(Route::is_whole).collect()
}

/// A budget with the name by which the file knows what it is for; `None` where that is not in the file.
fn limited(budget: StoredBudget, providers: &[Exported], route: impl Fn(i64) -> Option<String>) -> Option<Budget> {
    let scope = match budget.scope {
        Scope::All => PlannedScope::All,
        Scope::Provider(id) => PlannedScope::Provider(providers.iter().find(|known| known.row.id == id)?.slug.clone()),
        Scope::Route(id) => PlannedScope::Route(route(id)?),
    };
    let StoredBudget { period, limit_nano, warn_at, at_limit, .. } = budget;
    Some(Budget::of(&PlannedBudget { at: 0, scope, period, limit_nano, warn_at, at_limit }))
}

/// Own prices, provider by provider, each model's oldest first.
fn priced(prices: &OwnPrices, providers: &[Exported]) -> Vec<Price> {
    let mut models: Vec<(i64, &str)> = prices.models().collect();
    models.sort_unstable();
    let mut written = Vec::new();
    for Exported { slug, row } in providers {
        for (_, model) in models.iter().filter(|(provider_id, _)| *provider_id == row.id) {
            written.extend(prices.history(row.id, model).iter().rev().map(|price| {
                let (model, valid_from) = (price.model.clone(), price.valid_from.clone());
                let rates = own_prices::rates(&price.card);
                Price::of(PlannedPrice { at: 0, provider: slug.clone(), model, valid_from, rates })
            }));
        }
    }
    written
}

struct Writing<'a> {
    with_secrets: Option<&'a Secrets>,
    missing: u32,
}

impl Writing<'_> {
    async fn entry(&mut self, place: i64, Exported { slug, row }: Exported) -> Entry {
        let settings = row.settings;
        let mut accounts = Vec::with_capacity(row.accounts.len());
        for account in row.accounts {
            accounts.push(self.account(account, &row.base_url).await);
        }
        let headers = self.headers(&settings, &row.secrets, &row.base_url).await;
        let proxy = self.proxy(&settings.proxy, &row.secrets).await;
        let plain = |pairs: Vec<(String, String)>| {
            Pairs(pairs.into_iter().map(|(name, text)| (name, Zeroizing::new(written(&text)))).collect())
        };
        let mapping = settings.model_mapping.iter().map(|one| (one.asked.clone(), one.sent.clone()));
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Entry {
            id: Spanned::new(0..0, slug),
            vendor: row.vendor,
            name: Some(row.name),
            enabled: Some(row.enabled),
            priority: Some(place),
            base_url: text(&written(&row.base_url)),
            default_model: row.default_model,
            embedding_model: settings.embedding_model.clone(),
            proxy,
            prompt_cache: settings.prompt_cache,
            probes: settings.probes,
            extras: text(&settings.extras),
            ca_pem: text(&settings.ca_pem),
            timeout: (&settings.timeouts).into(),
            limits: (&settings.limits).into(),
            parameters: (&settings.parameters).into(),
            model_mapping: Pairs(mapping.map(|(asked, sent)| (asked, Zeroizing::new(sent))).collect()),
            headers,
            fields: plain(settings.fields.into_iter().collect()),
            accounts,
        }
    }

    async fn account(&mut self, account: AccountRow, base_url: &str) -> Account {
        let key = match &account.identity {
            Some(identity) => self.credential(identity, &account.key, base_url).await,
            None => self.secret(&account.key, base_url).await,
        };
        Account { label: account.label, key, enabled: account.enabled }
    }

    /// A credential as a person would enter it.
    async fn credential(&mut self, identity: &Identity, key: &StoredKey, address: &str) -> Option<Zeroizing<String>> {
        if identity.stands_alone() {
            return credential::whole(identity, None).map(|text| Zeroizing::new(written(&text)));
        }
        let secrets = self.with_secrets.filter(|_| key.store != "none")?;
        let read = keys::read(secrets, key, address).await.ok().map(Secret::verbatim);
        let whole = read.and_then(|secret| credential::whole(identity, Some(&secret)));
        if whole.is_none() {
            tracing::warn!("a credential could not be read for an export");
            self.missing += 1;
        }
        whole.map(|text| Zeroizing::new(written(&text)))
    }

    /// The reference of a variable, or the secret itself where secrets go along.
    async fn secret(&mut self, key: &StoredKey, address: &str) -> Option<Zeroizing<String>> {
        if key.store == "env" {
            return key.reference.as_ref().map(|name| Zeroizing::new(format!("${{{name}}}")));
        }
        let secrets = self.with_secrets.filter(|_| key.store != "none")?;
        match keys::read(secrets, key, address).await {
            Ok(secret) => Some(Zeroizing::new(written(&secret))),
            Err(error) => {
                tracing::warn!(code = error.code(), "a key could not be read for an export");
                self.missing += 1;
                None
            }
        }
    }

    async fn headers(&mut self, settings: &ProviderSettings, secrets: &[SecretRow], base_url: &str) -> Pairs {
        let mut headers = Pairs::default();
        for header in &settings.headers {
            let value = match &header.value {
                Some(value) => Some(Zeroizing::new(written(value))),
                None => {
                    let slot = SecretSlot::Header { name: header.name.to_ascii_lowercase() };
                    match secrets.iter().find(|secret| secret.slot == slot) {
                        Some(secret) => self.secret(&secret.key, base_url).await,
                        None => None,
                    }
                }
            };
            headers.0.push((header.name.clone(), value.unwrap_or_default()));
        }
        headers
    }

    async fn proxy(&mut self, proxy: &ProxySetting, secrets: &[SecretRow]) -> Option<Zeroizing<String>> {
        let (url, user) = match proxy {
            ProxySetting::System => return None,
            ProxySetting::None => return Some(Zeroizing::new("none".to_owned())),
            ProxySetting::Address { url, user } => (url, user),
        };
        let kept = secrets.iter().find(|secret| secret.slot == SecretSlot::Proxy);
        let password = match kept {
            Some(secret) => self.secret(&secret.key, url).await,
            None => None,
        };
        let bare = || Zeroizing::new(url.clone());
        let Ok(mut with_user) = Url::parse(url) else { return Some(bare()) };
        // A host without a port of its own keeps the `/` that it is written with; reading drops it again.
        let named = user.as_deref().is_none_or(|user| with_user.set_username(user).is_ok());
        let sealed = password.as_ref().is_none_or(|password| with_user.set_password(Some(password)).is_ok());
        if named && sealed { Some(Zeroizing::new(with_user.into())) } else { Some(bare()) }
    }
}
