//! The recorder of traffic.

use super::App;
use crate::{
    error::Error,
    view::{ExportView, TrafficView},
};

impl App {
    /// What is recorded.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn traffic(&self) -> Result<TrafficView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Writes what was recorded into the host's folder for such files.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn export_traffic(&self) -> Result<ExportView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Deletes what was recorded.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn clear_traffic(&self) -> Result<TrafficView, Error> {
        Err(Error::invalid("command", "not_built"))
    }
}
