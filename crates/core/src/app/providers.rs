//! What a person does with providers and their models.

use std::sync::Arc;

use parlance_providers::{CancellationToken, Category, ModelInfo, ProviderError};
use tokio::time::Instant;

use super::{App, parse_id};
use crate::{
    error::Error,
    history::StoreError,
    registry::{
        Resolved, model_name, models,
        tables::{self, ProviderRow},
    },
    view::{CheckView, FailureView, LocalServerView, ModelView, ProviderInput, ProviderView, Target, VendorView},
};

/// More models than any vendor lists are cut off.
const MOST_MODELS: usize = 5_000;
/// A list of models that was fetched longer ago is old, in milliseconds.
const MODELS_ARE_OLD_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What a free question to a provider came to.
struct Found {
    models: u32,
    version: Option<String>,
}

impl App {
    /// The vendors that can be set up.
    pub fn list_vendors(&self) -> Vec<VendorView> {
        self.inner.registry.vendors()
    }

    /// The configured providers, in the user's order.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_providers(&self) -> Result<Vec<ProviderView>, Error> {
        let rows = self
            .inner
            .database
            .read(|connection| {
                let with_models = |row: tables::ProviderRow| {
                    let models = models::known(connection, row.id)?;
                    Ok((row, models))
                };
                tables::list(connection)?.into_iter().map(with_models).collect::<Result<Vec<_>, StoreError>>()
            })
            .await?;
        let quotes = self.inner.quotes();
        let mut views = Vec::with_capacity(rows.len());
        for (row, models) in rows {
            views.push(self.inner.registry.provider_view(&row, models, &quotes).await);
        }
        Ok(views)
    }

    pub(super) async fn provider(&self, id: i64) -> Result<ProviderView, Error> {
        let read =
            move |connection: &rusqlite::Connection| Ok((tables::get(connection, id)?, models::known(connection, id)?));
        let (row, models) = self.inner.database.read(read).await?;
        self.take_effect(&row);
        Ok(self.inner.registry.provider_view(&row, models, &self.inner.quotes()).await)
    }

    /// What is set of a provider holds from now on, also for what waits.
    fn take_effect(&self, row: &tables::ProviderRow) {
        self.inner.registry.gates().with(row.id, row.settings.limits);
        self.inner.probes.look_again();
    }

    pub(super) async fn provider_row(&self, id: i64) -> Result<tables::ProviderRow, Error> {
        Ok(self.inner.database.read(move |connection| tables::get(connection, id)).await?)
    }

    /// Adds or changes a provider. Its keys stay bound to the address they were given for.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field, `baseUrl` with `in_clear` where a key would travel in clear and nobody
    /// agreed to that for this address; `not_found`.
    pub async fn save_provider(&self, input: ProviderInput) -> Result<ProviderView, Error> {
        let id = input.id.as_deref().map(|id| parse_id("id", id)).transpose()?;
        let before = match id {
            Some(id) => Some(self.provider_row(id).await?),
            None => None,
        };
        let (fields, settings) = self.inner.registry.validate(&input, before.as_ref())?;
        let now = self.inner.clock.now_ms();
        let save = move |tx: &rusqlite::Transaction<'_>| {
            let id = match id {
                Some(id) => tables::update(tx, id, &fields, now).map(|()| id),
                None => tables::insert(tx, &fields, now),
            }?;
            // Only fields of the vendor are new: no secret loses its place.
            settings.iter().try_for_each(|settings| tables::configure(tx, id, settings, now).map(drop))?;
            Ok(id)
        };
        let id = self.inner.database.write(save).await?;
        self.inner.purse.changed();
        for account in self.provider_row(id).await?.accounts {
            self.inner.registry.forget_connection(account.id);
        }
        self.provider(id).await
    }

    /// Removes a provider and forgets its keys. Chats and money that name it stay.
    ///
    /// # Errors
    /// `not_found`, [`Error::Store`].
    pub async fn remove_provider(&self, id: &str) -> Result<(), Error> {
        let id = parse_id("id", id)?;
        let now = self.inner.clock.now_ms();
        let remove = move |tx: &rusqlite::Transaction<'_>| {
            let row = tables::get(tx, id)?;
            tables::remove(tx, id, now)?;
            Ok(row)
        };
        let row = self.inner.database.write(remove).await?;
        self.inner.purse.changed();
        for account in &row.accounts {
            self.inner.registry.forget(account.id, &account.key).await;
        }
        for secret in &row.secrets {
            self.inner.registry.forget_secret(&row, &secret.slot, &secret.key).await;
        }
        Ok(())
    }

    /// Puts the providers in this order.
    ///
    /// # Errors
    /// [`Error::Invalid`] where an id is none, [`Error::Store`].
    pub async fn order_providers(&self, ids: &[String]) -> Result<Vec<ProviderView>, Error> {
        let ids = ids.iter().map(|id| parse_id("ids", id)).collect::<Result<Vec<_>, _>>()?;
        let now = self.inner.clock.now_ms();
        self.inner.database.write(move |tx| tables::order(tx, &ids, now)).await?;
        self.list_providers().await
    }

    /// Proves a provider's address and key with free requests, and refreshes its models. Without an account the first
    /// one whose key can be had is used.
    ///
    /// # Errors
    /// `not_found`, [`Error::Store`]. What the provider says is in the view, not an error.
    pub async fn check_provider(&self, id: &str, account: Option<&str>) -> Result<CheckView, Error> {
        let id = parse_id("id", id)?;
        let account = account.map(|account| parse_id("account", account)).transpose()?;
        let started = Instant::now();
        let checked = self.fetch_models(id, account, true).await;
        let duration_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        match checked {
            Ok(Found { models, version }) => Ok(CheckView { ok: true, error: None, models, duration_ms, version }),
            Err(Error::Provider(error)) => {
                let error = Some(FailureView::from(&error));
                Ok(CheckView { ok: false, error, models: 0, duration_ms, version: None })
            }
            Err(other) => Err(other),
        }
    }

    /// Fetches a provider's models anew.
    ///
    /// # Errors
    /// `not_found`, [`Error::Provider`], [`Error::Store`].
    pub async fn list_models(&self, id: &str) -> Result<Vec<ModelView>, Error> {
        let id = parse_id("id", id)?;
        self.fetch_models(id, None, false).await?;
        Ok(self.provider(id).await?.models)
    }

    /// Puts a model among the favourites, or takes it out.
    ///
    /// # Errors
    /// `not_found`, [`Error::Invalid`] where the name is none, [`Error::Store`].
    pub async fn favour_model(&self, target: Target, favourite: bool) -> Result<ProviderView, Error> {
        let id = parse_id("target", &target.provider_id)?;
        let model = model_name(&target.model)?;
        let now = self.inner.clock.now_ms();
        let favour = move |tx: &rusqlite::Transaction<'_>| {
            tables::get(tx, id)?;
            models::favour(tx, id, &model, favourite, now)
        };
        self.inner.database.write(favour).await?;
        self.provider(id).await
    }

    /// Offers models in the picker, or not.
    ///
    /// # Errors
    /// `not_found`, [`Error::Invalid`] where a name is none, [`Error::Store`].
    pub async fn show_models(&self, id: &str, names: &[String], shown: bool) -> Result<ProviderView, Error> {
        let id = parse_id("id", id)?;
        let names = names.iter().map(|name| model_name(name)).collect::<Result<Vec<_>, _>>()?;
        let now = self.inner.clock.now_ms();
        let choose = move |tx: &rusqlite::Transaction<'_>| {
            tables::get(tx, id)?;
            names.iter().try_for_each(|model| models::choose(tx, id, model, shown, now))
        };
        self.inner.database.write(choose).await?;
        self.provider(id).await
    }

    /// Local servers that answer at their usual addresses. Nothing leaves the machine.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn find_local_servers(&self) -> Result<Vec<LocalServerView>, Error> {
        let configured = self.inner.database.read(tables::list).await?;
        Ok(self.inner.registry.local_servers(&configured).await)
    }

    async fn fetch_models(&self, id: i64, account: Option<i64>, check: bool) -> Result<Found, Error> {
        let row = self.provider_row(id).await?;
        // The name is not used: neither request names a model.
        let resolved = match account {
            None => self.inner.registry.resolve(&row, "-", self.inner.clock.now_ms()).await?,
            Some(account) => {
                let account = row.accounts.iter().find(|known| known.id == account).ok_or(StoreError::NotFound)?;
                self.inner.registry.resolve_with(&row, account, "-").await?
            }
        };
        if check {
            resolved.provider.check(CancellationToken::new()).await?;
            if let Some(account) = resolved.target.account_id {
                self.inner.registry.rests().lift(account);
            }
        }
        let models = self.keep_models(id, &resolved).await?;
        Ok(Found { models, version: resolved.provider.version() })
    }

    /// Asks for the list of models and keeps it. One without a single model that can be used is none: what is known
    /// stays.
    async fn keep_models(&self, id: i64, resolved: &Resolved) -> Result<u32, Error> {
        let mut models = resolved.provider.models(CancellationToken::new()).await?;
        let embeds = |model: &ModelInfo| model.can.or(resolved.vendor.abilities(&model.id)).embeddings == Some(true);
        models.retain(|model| (model.chats != Some(false) || embeds(model)) && model_name(&model.id).is_ok());
        models.truncate(MOST_MODELS);
        if models.is_empty() {
            let message = "the list of models is empty";
            return Err(ProviderError::because(Category::BrokenStream, "empty_list", message).into());
        }
        let count = models.len() as u32;
        let now = self.inner.clock.now_ms();
        self.inner.database.write(move |tx| models::replace(tx, id, &models, now)).await?;
        Ok(count)
    }

    /// A person asks a provider whose list of models is old: the list is fetched anew beside that, once while the app
    /// is open.
    pub(super) fn refresh_old_models(&self, row: &ProviderRow, resolved: &Resolved) {
        let now = self.inner.clock.now_ms();
        let is_old = row.models_fetched_at.is_some_and(|at| now.saturating_sub(at) > MODELS_ARE_OLD_MS);
        if !is_old || !self.inner.registry.first_refresh(row.id) {
            return;
        }
        let (this, id, resolved) = (self.clone(), row.id, resolved.clone());
        self.inner.tasks.spawn(async move {
            if let Err(error) = this.keep_models(id, &resolved).await {
                tracing::info!(code = error.code(), "an old list of models was not fetched anew");
            }
        });
    }

    /// Whom a target means: its provider, and whom of its accounts a person's request asks.
    ///
    /// # Errors
    /// [`Error::Invalid`], `not_found`, `provider_disabled`, or why it cannot be asked at all.
    pub(super) async fn one_of(&self, target: &Target) -> Result<(ProviderRow, Resolved), Error> {
        let id = parse_id("target", &target.provider_id)?;
        let model = model_name(&target.model)?;
        let row = self.provider_row(id).await?;
        if !row.enabled {
            let message = "the provider is switched off";
            return Err(ProviderError::because(Category::Forbidden, "provider_disabled", message).into());
        }
        let resolved = self.inner.registry.resolve(&row, &model, self.inner.clock.now_ms()).await?;
        self.refresh_old_models(&row, &resolved);
        let (vendor, sent) = (Arc::clone(&resolved.vendor), resolved.model.clone());
        let read = move |connection: &rusqlite::Connection| models::said(connection, id, &vendor, &model, &sent);
        let said = self.inner.database.read(read).await?;
        let resolved = resolved.speaking(said.wire);
        Ok((row, Resolved { said, ..resolved }))
    }

    /// The demo folder has its one provider, with today's scripts, from the first moment on.
    pub(super) async fn set_up_demo(&self) -> Result<(), Error> {
        let now = self.inner.clock.now_ms();
        let Some(vendor) = self.list_vendors().into_iter().next() else { return Ok(()) };
        let fields = tables::ProviderFields {
            vendor: vendor.id,
            name: vendor.name,
            base_url: String::new(),
            enabled: true,
            default_model: None,
            clear_origin: None,
        };
        let set_up = move |tx: &rusqlite::Transaction<'_>| match tables::list(tx)?.first() {
            Some(provider) => Ok(provider.id),
            None => tables::insert(tx, &fields, now),
        };
        let id = self.inner.database.write(set_up).await?;
        self.fetch_models(id, None, false).await.map(|_| ())
    }
}
