//! Configuration in and out.

use super::App;
use crate::{
    error::Error,
    view::{ExportInput, ExportView, ImportInput, ImportView},
};

impl App {
    /// What a configuration holds and what would become of it; nothing is written.
    ///
    /// # Errors
    /// [`Error::Invalid`] with where it cannot be read.
    pub async fn preview_import(&self, _input: ImportInput) -> Result<ImportView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Takes a configuration over: providers in one transaction, keys straight into their store.
    ///
    /// # Errors
    /// As [`App::preview_import`]; [`Error::Secret`] where a key was not kept: then nothing was taken over.
    pub async fn import_config(&self, _input: ImportInput) -> Result<ImportView, Error> {
        Err(Error::invalid("command", "not_built"))
    }

    /// Writes the configuration into the host's folder for such files.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the passphrase; [`Error::Secret`] for the keys; [`Error::Store`].
    pub async fn export_config(&self, _input: ExportInput) -> Result<ExportView, Error> {
        Err(Error::invalid("command", "not_built"))
    }
}
