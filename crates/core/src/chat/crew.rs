//! The accounts of one run: who may be asked, who was, and who is next.

use parlance_providers::{Category, ProviderError, catalog::DialectId};

use crate::{
    error::Error,
    fallback::{self, Candidate, Next, Tried},
    registry::{Registry, Resolved, tables::ProviderRow},
    view::Target,
};

/// The accounts of a provider, for one run.
#[derive(Clone, Debug)]
pub struct Crew {
    row: ProviderRow,
    model: String,
    /// The wire that the provider's list names for the model.
    wire: Option<DialectId>,
    tried: Vec<Tried>,
}

impl Crew {
    /// Nobody has been asked yet.
    ///
    /// # Errors
    /// `provider_disabled`.
    pub fn new(row: ProviderRow, model: String) -> Result<Self, Error> {
        enabled(&row)?;
        Ok(Self::asked(row, model))
    }

    /// For a run that has asked already: it goes on where the provider was switched off meanwhile.
    pub fn asked(row: ProviderRow, model: String) -> Self {
        Self { row, model, wire: None, tried: Vec::new() }
    }

    /// The provider, as it was read last.
    pub fn provider(&self) -> &ProviderRow {
        &self.row
    }

    /// Whom the run means.
    pub fn target(&self) -> Target {
        Target { provider_id: self.row.id.to_string(), model: self.model.clone() }
    }

    /// Whoever is asked is asked by this wire, where the vendor's list is one that says so.
    pub fn speaks(&mut self, wire: Option<DialectId>) {
        self.wire = wire;
    }

    /// The provider as it is now; whom the run has asked it still knows.
    ///
    /// # Errors
    /// As [`Crew::new`].
    pub fn renew(&mut self, row: ProviderRow) -> Result<(), Error> {
        enabled(&row)?;
        self.row = row;
        Ok(())
    }

    /// An attempt with an account has failed, after some output or before any.
    pub fn failed(&mut self, account_id: i64, error: ProviderError, output: bool) {
        self.tried.push(Tried { account_id, error, output });
    }

    /// Whom to ask next. An account whose key cannot be had counts as tried.
    ///
    /// # Errors
    /// What the run ends with where nobody is left, or what is wrong with the provider itself.
    pub async fn next(&mut self, registry: &Registry, now: i64) -> Result<Resolved, Error> {
        let enabled = self.row.accounts.iter().filter(|account| account.enabled);
        let candidate = |account_id| Candidate { account_id, rest: registry.rests().of(account_id, now) };
        let candidates: Vec<_> = enabled.map(|account| candidate(account.id)).collect();
        loop {
            let id = match fallback::next(&candidates, &self.tried, now) {
                Next::Attempt(id) => id,
                Next::Stop(error) => return Err(error.unwrap_or_else(nobody).into()),
            };
            let account = self.row.accounts.iter().find(|account| account.id == id);
            let account = account.ok_or_else(nobody)?;
            match registry.resolve_with(&self.row, account, &self.model).await {
                Err(Error::Provider(error)) if error.category == Category::MissingKey => self.failed(id, error, false),
                other => return other.map(|resolved| resolved.speaking(self.wire)),
            }
        }
    }
}

fn enabled(row: &ProviderRow) -> Result<(), Error> {
    if row.enabled {
        return Ok(());
    }
    Err(ProviderError::because(Category::Forbidden, "provider_disabled", "the provider is switched off").into())
}

fn nobody() -> ProviderError {
    ProviderError::because(Category::MissingKey, "no_key", "every key is switched off")
}
