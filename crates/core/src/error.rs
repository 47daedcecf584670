//! The errors of the core. Each has a stable code that a user interface may match on.

use parlance_providers::{Category, ProviderError};

use crate::{
    exchange::ConfigError,
    history::error::StoreError,
    secrets::SecretError,
    view::{BudgetStop, FailureView, SkipView},
};

/// Anything a command of the core may fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A provider failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// What was given is wrong; nothing was changed.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which field, in the boundary's camelCase.
        field: &'static str,
        /// A stable word for the reason, e.g. `empty`, `too_long`, `not_an_id`.
        reason: &'static str,
    },
    /// What was given for a part of a field is wrong, e.g. for one of several headers; nothing was changed.
    #[error("{field}.{part}: {reason}")]
    InvalidPart {
        /// Which field, in the boundary's camelCase.
        field: &'static str,
        /// Which part of it: its own name, as it was given.
        part: String,
        /// A stable word for the reason.
        reason: &'static str,
    },
    /// A key could not be read or kept.
    #[error(transparent)]
    Secret(SecretError),
    /// The person no longer wants to wait for the keyring.
    #[error("waiting for the keyring was given up")]
    CancelledWaiting,
    /// The conversation is being answered; wait or stop it first.
    #[error("a reply is running in this conversation")]
    Running,
    /// Nobody of a route can be asked; nothing was sent or stored.
    #[error("nobody can be asked")]
    NoTarget {
        /// Why not, target by target.
        skipped: Vec<SkipView>,
    },
    /// A budget does not allow it; nothing was sent or stored.
    #[error("a budget does not allow it")]
    OverBudget {
        /// The budgets in its way.
        budgets: Vec<BudgetStop>,
    },
    /// Price data that was fetched or given cannot be used; what was there before is kept.
    #[error("price data: {0}")]
    Prices(&'static str),
    /// A configuration cannot be read; nothing was changed.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Provider(_) => "provider",
            Self::Invalid { .. } | Self::InvalidPart { .. } => "invalid",
            Self::Secret(_) => "secret",
            Self::CancelledWaiting => "cancelled_waiting",
            Self::Running => "running",
            Self::NoTarget { .. } => "no_target",
            Self::OverBudget { .. } => "over_budget",
            Self::Prices(_) => "prices",
            Self::Config(_) => "invalid",
        }
    }

    /// A wrong field.
    pub fn invalid(field: &'static str, reason: &'static str) -> Self {
        Self::Invalid { field, reason }
    }

    /// A wrong part of a field.
    pub fn invalid_part(field: &'static str, part: &str, reason: &'static str) -> Self {
        Self::InvalidPart { field, part: part.to_owned(), reason }
    }
}

impl From<SecretError> for Error {
    /// What is wrong with the input names its field; the rest is about the place where keys are.
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Empty => Self::invalid("key", "empty"),
            SecretError::TooLong { .. } => Self::invalid("key", "too_long"),
            SecretError::BadName => Self::invalid("key", "not_a_variable"),
            SecretError::BadAddress => Self::invalid("baseUrl", "not_a_url"),
            other => Self::Secret(other),
        }
    }
}

impl From<&ProviderError> for FailureView {
    fn from(error: &ProviderError) -> Self {
        Self {
            category: error.category,
            status: error.status.map(u32::from),
            code: error.cause.map(str::to_owned).or_else(|| error.code.clone()),
            message: bounded(&error.message),
        }
    }
}

impl FailureView {
    /// A failure of ours.
    pub fn internal(code: &str, message: &str) -> Self {
        Self { category: Category::Internal, status: None, code: Some(code.to_owned()), message: bounded(message) }
    }
}

/// A vendor's words are hostile input: what is stored and shown has an end.
fn bounded(message: &str) -> String {
    const MOST: usize = 4_000;
    match message.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}
