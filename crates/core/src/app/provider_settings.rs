//! What a person sets of a provider, of its models, and of the catalogue.

use super::App;
use crate::{
    error::Error,
    view::{BalanceView, CatalogueView, KeyInput, ModelInput, ProviderSettings, ProviderView, SecretSlot},
};

impl App {
    /// Sets all that can be set of a provider beside its name, address and keys. A secret whose slot is no longer there
    /// is forgotten.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field; `not_found`.
    pub async fn save_provider_settings(&self, _id: &str, _settings: ProviderSettings) -> Result<ProviderView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Keeps, names or forgets a secret of a provider: a header's value, the proxy's password.
    ///
    /// # Errors
    /// As [`App::set_key`].
    pub async fn set_provider_secret(
        &self,
        _id: &str,
        _slot: SecretSlot,
        _input: KeyInput,
    ) -> Result<ProviderView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Adds a model by hand, or says more of one.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field; `not_found`.
    pub async fn add_model(&self, _provider_id: &str, _model: ModelInput) -> Result<ProviderView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Forgets what a person said of a model. One that only a person knew of is gone.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_model(&self, _provider_id: &str, _model: &str) -> Result<ProviderView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// What is left of an account's money, as the vendor says. Costs nothing.
    ///
    /// # Errors
    /// `not_found`; [`Error::Provider`].
    pub async fn provider_balance(&self, _id: &str, _account_id: &str) -> Result<BalanceView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// The catalogue with what the user added to it; reads the user's vendor files anew.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn catalogue(&self) -> Result<CatalogueView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Fetches what models.dev says of models.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `not_allowed` where the user has not allowed it; [`Error::Provider`].
    pub async fn refresh_model_data(&self) -> Result<CatalogueView, Error> {
        Err(Error::invalid("command", "not_built"))
    }
}
