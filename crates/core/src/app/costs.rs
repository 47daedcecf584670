//! Costs: what was spent on whom, and what it would have been elsewhere.

use super::App;
use crate::{
    error::Error,
    view::{CostDashboard, CostFilter, CostFormat, DashboardInput, ExportView, RequestPage, RequestsInput, WhatIfView},
};

impl App {
    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn dashboard(&self, input: DashboardInput) -> Result<CostDashboard, Error> {
        let _ = input;
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn requests(&self, input: RequestsInput) -> Result<RequestPage, Error> {
        let _ = input;
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn export_costs(&self, filter: CostFilter, format: CostFormat) -> Result<ExportView, Error> {
        drop((filter, format));
        Err(Error::invalid("command", "not_built"))
    }

    /// Not built yet.
    ///
    /// # Errors
    /// Always.
    pub async fn what_if(&self, filter: CostFilter) -> Result<Vec<WhatIfView>, Error> {
        let _ = filter;
        Err(Error::invalid("command", "not_built"))
    }
}
