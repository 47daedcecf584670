//! Errors as they cross to a page: a code to match on, data for a sentence, never the sentence.

use parlance_providers::Category;
use serde::{Deserialize, Serialize};

use super::{BudgetStop, SkipView};
use crate::{error::Error, history::OpenError};

boundary! {
    /// Why a command did nothing.
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
        #[cfg_attr(feature = "bindings", specta(optional))]
        pub skipped: Option<Vec<SkipView>>,
        /// The budgets in the way, for the code `over_budget`.
        #[cfg_attr(feature = "bindings", specta(optional))]
        pub budgets: Option<Vec<BudgetStop>>,
    }
}

impl CommandError {
    /// A code with technical detail and nothing else.
    pub fn of(code: impl Into<String>, message: impl ToString) -> Self {
        let (code, message) = (code.into(), message.to_string());
        Self { code, message, category: None, field: None, status: None, cause: None, skipped: None, budgets: None }
    }
}

impl From<&OpenError> for CommandError {
    fn from(error: &OpenError) -> Self {
        Self::of(format!("store_{}", error.code()), error)
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
