//! What stands in a composer before it is sent.

use super::App;
use crate::{
    error::Error,
    view::{EstimateInput, EstimateView, Target, TargetView},
};

impl App {
    /// What a model takes.
    ///
    /// # Errors
    /// As its description says.
    pub async fn describe_target(&self, target: Target) -> Result<TargetView, Error> {
        let _ = target;
        Err(Error::invalid("command", "not_built"))
    }

    /// What a message would take if it were sent now.
    ///
    /// # Errors
    /// As its description says.
    pub async fn estimate(&self, input: EstimateInput) -> Result<EstimateView, Error> {
        let _ = input;
        Err(Error::invalid("command", "not_built"))
    }
}
