//! How providers do.

use super::App;
use crate::{error::Error, view::ProviderFacts};

impl App {
    /// Every provider at a glance: money, last calls, queues. Nobody is asked.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn provider_facts(&self) -> Result<Vec<ProviderFacts>, Error> {
        Err(Error::invalid("command", "not_built"))
    }
}
