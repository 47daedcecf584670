//! Links and pictures at addresses.

use super::App;
use crate::{
    error::Error,
    view::{FileData, LinkView},
};

impl App {
    /// What a link really is; nothing is opened or asked.
    ///
    /// # Errors
    /// As its description says.
    pub async fn inspect_link(&self, address: &str) -> Result<LinkView, Error> {
        let _ = address;
        Err(Error::invalid("command", "not_built"))
    }

    /// Fetches a picture that a person asked to see.
    ///
    /// # Errors
    /// As its description says.
    pub async fn fetch_image(&self, address: &str) -> Result<FileData, Error> {
        let _ = address;
        Err(Error::invalid("command", "not_built"))
    }
}
