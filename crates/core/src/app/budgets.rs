//! Budgets: how much may be spent.

use super::App;
use crate::{
    error::Error,
    view::{BudgetInput, BudgetView},
};

impl App {
    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn list_budgets(&self) -> Result<Vec<BudgetView>, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn save_budget(&self, input: BudgetInput) -> Result<BudgetView, Error> {
        let _ = input;
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn remove_budget(&self, id: &str) -> Result<(), Error> {
        let _ = id;
        Err(Error::invalid("command", "not_built"))
    }
}
