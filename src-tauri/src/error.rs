//! Errors as they cross to the page: a code to match on, data for a sentence, never the sentence.

use parlance_core::{
    Error,
    history::OpenError,
    view::{BudgetStop, SkipView},
};
use parlance_providers::Category;
use serde::Serialize;

/// Why a command did nothing.
#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
#[expect(unreachable_pub, reason = "the exporter names it")]
pub struct CommandError {
    /// The stable code.
    pub code: String,
    /// The provider's failure, for the code `provider`.
    pub category: Option<Category>,
    /// Technical detail, or the vendor's own words.
    pub message: String,
    /// The field that is wrong, for the code `invalid`.
    pub field: Option<String>,
    /// The vendor's HTTP status.
    pub status: Option<u32>,
    /// The cause within a category, or why a field is wrong.
    pub cause: Option<String>,
    /// Why nobody can be asked, target by target, for the code `no_target`.
    #[specta(optional)]
    pub skipped: Option<Vec<SkipView>>,
    /// The budgets in the way, for the code `over_budget`.
    #[specta(optional)]
    pub budgets: Option<Vec<BudgetStop>>,
}

impl CommandError {
    fn of(code: impl Into<String>, message: impl ToString) -> Self {
        let (code, message) = (code.into(), message.to_string());
        Self { code, message, category: None, field: None, status: None, cause: None, skipped: None, budgets: None }
    }

    /// An argument that is missing or not of its type.
    pub(crate) fn wrong_type(field: &str) -> Self {
        let plain = Self::of("invalid", "missing, or not of the declared type");
        Self { field: Some(field.to_owned()), cause: Some("wrong_type".to_owned()), ..plain }
    }

    /// A fault of ours that no input should bring about.
    pub(crate) fn internal(message: &str) -> Self {
        Self::of("internal", message)
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        let plain = Self::of(error.code(), &error);
        match error {
            Error::Provider(error) => Self {
                category: Some(error.category),
                message: error.message,
                status: error.status.map(u32::from),
                cause: error.cause.map(str::to_owned).or(error.code),
                ..plain
            },
            Error::Invalid { field, reason } => {
                Self { field: Some(field.to_owned()), cause: Some(reason.to_owned()), ..plain }
            }
            Error::InvalidPart { field, part, reason } => {
                Self { field: Some(format!("{field}.{part}")), cause: Some(reason.to_owned()), ..plain }
            }
            Error::Secret(error) => Self { cause: Some(error.code().to_owned()), ..plain },
            Error::NoTarget { skipped } => Self { skipped: Some(skipped), ..plain },
            Error::OverBudget { budgets } => Self { budgets: Some(budgets), ..plain },
            // Why, in a stable word: `truncated`, `absurd`, `older`, `not_json`, …
            Error::Prices(cause) => Self { cause: Some(cause.to_owned()), ..plain },
            Error::Store(_) | Error::CancelledWaiting | Error::Running => plain,
            // The message names the line, and the key where it can.
            Error::Config(error) => {
                Self { field: Some("text".to_owned()), cause: Some(error.fault.code().to_owned()), ..plain }
            }
        }
    }
}

impl From<&OpenError> for CommandError {
    fn from(error: &OpenError) -> Self {
        Self::of(format!("store_{}", error.code()), error)
    }
}
