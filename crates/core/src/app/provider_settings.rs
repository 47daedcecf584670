//! What a person sets of a provider, of its models, and of the catalogue.

use parlance_providers::{Abilities, CancellationToken, ModelInfo, Quota, catalog::Catalog, model_data as models_dev};
use rusqlite::{Connection, Transaction};

use super::{App, parse_id};
use crate::{
    error::Error,
    history::StoreError,
    registry::{
        accounts::StoredKey,
        model_data, model_name, models,
        settings::check,
        slots,
        tables::{self, ProviderRow},
        unfit,
    },
    settings,
    view::{
        BalanceView, Capabilities, CatalogueView, KeyInput, ModelDataView, ModelInput, ProviderSettings, ProviderView,
        QuotaView, SecretSlot,
    },
};

/// The longest name of a model for people, in characters.
const LONGEST_NAME: usize = 200;

impl App {
    /// Sets all that can be set of a provider beside its name, address and keys. A secret whose slot is no longer there
    /// is forgotten. An address that is the vendor's usual one for its fields follows them; a person's own stays.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::InvalidPart`] naming the field; `not_found`.
    pub async fn save_provider_settings(&self, id: &str, settings: ProviderSettings) -> Result<ProviderView, Error> {
        let row = self.provider_row(parse_id("id", id)?).await?;
        let vendor = self.inner.registry.vendor(&row.vendor)?;
        let mut settings = settings;
        // What the vendor's file no longer asks for is on no form: nobody could take it out.
        settings.fields.retain(|id, value| {
            vendor.fields.iter().any(|field| field.id == *id) || row.settings.fields.get(id) != Some(value)
        });
        let settings = check(&vendor, settings)?;
        let moved = vendor.followed(&row.base_url, &row.settings.fields, &settings.fields).map_err(unfit)?;
        let (id, now) = (row.id, self.inner.clock.now_ms());
        let configure = move |tx: &Transaction<'_>| {
            if let Some(address) = moved {
                tables::move_to(tx, id, &address, now)?;
            }
            tables::configure(tx, id, &settings, now)
        };
        let gone = self.inner.database.write(configure).await?;
        for secret in gone {
            self.inner.registry.forget_secret(&row, &secret.slot, &secret.key).await;
        }
        row.accounts.iter().for_each(|account| self.inner.registry.forget_connection(account.id));
        self.provider(id).await
    }

    /// Keeps, names or forgets a secret of a provider: a header's value, the proxy's password. It is kept, and read
    /// back, before the row points to it; only then the one that it replaces is forgotten.
    ///
    /// # Errors
    /// As [`App::set_key`]; [`Error::Invalid`] with `unknown_slot` where the settings have no place for it.
    pub async fn set_provider_secret(
        &self,
        id: &str,
        slot: SecretSlot,
        input: KeyInput,
    ) -> Result<ProviderView, Error> {
        let row = self.provider_row(parse_id("id", id)?).await?;
        let slot = match slot {
            SecretSlot::Header { name } => SecretSlot::Header { name: name.trim().to_ascii_lowercase() },
            SecretSlot::Proxy => SecretSlot::Proxy,
        };
        let kept = self.wait_for_person(self.inner.registry.keep_secret(&row, &slot, input)).await?;
        self.replace_secret(&row, slot, kept).await?;
        self.provider(row.id).await
    }

    async fn replace_secret(&self, row: &ProviderRow, slot: SecretSlot, kept: StoredKey) -> Result<(), Error> {
        let (id, now) = (row.id, self.inner.clock.now_ms());
        let (place, fresh) = (slot.clone(), kept.clone());
        let replace = move |tx: &Transaction<'_>| {
            // The settings may have changed while a person looked for the key.
            if !tables::get(tx, id)?.settings.slots().contains(&place) {
                return Err(StoreError::NotFound);
            }
            slots::set(tx, id, &place, &kept, now)
        };
        let registry = &self.inner.registry;
        match self.inner.database.write(replace).await {
            Ok(Some(before)) => registry.forget_secret(row, &slot, &before).await,
            Ok(None) => registry.forget_secret(row, &slot, &StoredKey::none()).await,
            Err(error) => {
                // Nobody points to what was just kept.
                registry.forget_secret(row, &slot, &fresh).await;
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Adds a model by hand, or says more of one.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field; `not_found`.
    pub async fn add_model(&self, provider_id: &str, model: ModelInput) -> Result<ProviderView, Error> {
        let id = parse_id("providerId", provider_id)?;
        let model = told(model)?;
        let now = self.inner.clock.now_ms();
        let add = move |tx: &Transaction<'_>| {
            tables::get(tx, id)?;
            models::add(tx, id, &model, now)
        };
        self.inner.database.write(add).await?;
        self.provider(id).await
    }

    /// Forgets what a person said of a model. One that only a person knew of is gone.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_model(&self, provider_id: &str, model: &str) -> Result<ProviderView, Error> {
        let id = parse_id("providerId", provider_id)?;
        let model = model_name(model)?;
        let now = self.inner.clock.now_ms();
        self.inner.database.write(move |tx| models::forget(tx, id, &model, now)).await?;
        self.provider(id).await
    }

    /// What is left of an account's money or plan, as the vendor says. Costs nothing.
    ///
    /// # Errors
    /// `not_found`; [`Error::Invalid`] with `no_balance` where the vendor does not tell; [`Error::Provider`].
    pub async fn provider_balance(&self, id: &str, account_id: &str) -> Result<BalanceView, Error> {
        let row = self.provider_row(parse_id("id", id)?).await?;
        let account_id = parse_id("accountId", account_id)?;
        let account = row.accounts.iter().find(|account| account.id == account_id).ok_or(StoreError::NotFound)?;
        // The name is not used: no model is asked.
        let resolved = self.inner.registry.resolve_with(&row, account, "-").await?;
        if let Some(money) = resolved.provider.balance(CancellationToken::new()).await? {
            return Ok(BalanceView { amount: Some(money.amount), currency: Some(money.currency), quota: None });
        }
        let quota = resolved.provider.quota(CancellationToken::new()).await?;
        let Quota { remaining, entitlement, unlimited, resets_at } = quota.ok_or(Error::invalid("id", "no_balance"))?;
        let quota = QuotaView { entitlement, unlimited, resets_at: resets_at.map(|at| at as f64) };
        Ok(BalanceView { amount: remaining, currency: None, quota: Some(quota) })
    }

    /// The catalogue with what the user added to it; reads the user's vendor files anew.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn catalogue(&self) -> Result<CatalogueView, Error> {
        let folder = self.inner.outside.vendors.clone();
        // A reader that fails leaves what is known.
        if let Ok(catalog) = tokio::task::spawn_blocking(move || Catalog::of_user(&folder)).await {
            self.inner.registry.replace_catalog(catalog);
        }
        self.catalogue_view().await
    }

    async fn catalogue_view(&self) -> Result<CatalogueView, Error> {
        let read = |connection: &Connection| Ok((settings::model_data_at(connection)?, model_data::count(connection)?));
        let (fetched_at, models) = self.inner.database.read(read).await?;
        let data = fetched_at.map(|at| ModelDataView { fetched_at: at as f64, models });
        Ok(self.inner.registry.catalogue_view(&self.inner.outside.vendors, data))
    }

    /// Fetches what models.dev says of models. Where that fails, what was fetched before stays.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `not_allowed` where the user has not allowed it; [`Error::Provider`].
    pub async fn refresh_model_data(&self) -> Result<CatalogueView, Error> {
        if !self.inner.database.read(settings::models_dev).await? {
            return Err(Error::invalid("modelsDev", "not_allowed"));
        }
        let document = models_dev::fetch(&self.inner.outside.model_data, &CancellationToken::new()).await?;
        let catalog = self.inner.registry.catalog();
        let reading = tokio::task::spawn_blocking(move || models_dev::read(&document, &catalog));
        let models = reading.await.map_err(|_| Error::invalid("modelsDev", "unreadable"))??;
        let now = self.inner.clock.now_ms();
        let keep = move |tx: &Transaction<'_>| {
            model_data::replace(tx, &models)?;
            settings::remember_model_data(tx, now)
        };
        self.inner.database.write(keep).await?;
        self.catalogue_view().await
    }
}

/// What a person says of a model, as the store keeps it.
fn told(model: ModelInput) -> Result<ModelInfo, Error> {
    let ModelInput { id, name, context, max_output, can } = model;
    let id = model_name(&id).map_err(|error| match error {
        Error::Invalid { reason, .. } => Error::invalid("id", reason),
        other => other,
    })?;
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME) {
        return Err(Error::invalid("name", "too_long"));
    }
    if context == Some(0) {
        return Err(Error::invalid("context", "out_of_range"));
    }
    if max_output == Some(0) {
        return Err(Error::invalid("maxOutput", "out_of_range"));
    }
    let Capabilities { images, pdf, audio, tools, reasoning, structured, embeddings, makes_images } = can;
    let can = Abilities {
        images,
        pdf,
        audio,
        tools,
        reasoning,
        structured,
        embeddings,
        makes_images,
        ..Abilities::default()
    };
    let (context, max_output) = (context.map(u64::from), max_output.map(u64::from));
    Ok(ModelInfo { id, name, context, max_output, can, ..ModelInfo::default() })
}
