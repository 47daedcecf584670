//! Prices: the list, a person's own, and models without one.

use super::App;
use crate::{
    error::Error,
    view::{OwnPriceInput, PriceList, PriceSource, PricesInput, SavedPrice, UnpricedModel},
};

impl App {
    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn list_prices(&self, input: PricesInput) -> Result<PriceList, Error> {
        let _ = input;
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn save_price(&self, input: OwnPriceInput) -> Result<SavedPrice, Error> {
        let _ = input;
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn remove_price(&self, id: &str) -> Result<(), Error> {
        let _ = id;
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn refresh_prices(&self) -> Result<PriceSource, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn unpriced_models(&self) -> Result<Vec<UnpricedModel>, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn dismiss_unpriced(&self, provider_id: &str, model: &str) -> Result<(), Error> {
        let _ = (provider_id, model);
        Err(Error::invalid("command", "not_built"))
    }
}
