//! What can go wrong between us and a vendor: one category for decisions, the vendor's own words beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The kind of failure, the only thing decisions are made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// No key is set for this provider.
    MissingKey,
    /// The vendor refused the key (401).
    RejectedKey,
    /// The key is good but may not do this (403).
    Forbidden,
    /// The account has no money, credit or quota left.
    NoCredit,
    /// Too many requests or tokens for now (429).
    RateLimited,
    /// The vendor is over capacity (503, 529, "overloaded").
    Overloaded,
    /// One of our clocks ran out: connect, first event, idle or progress.
    Timeout,
    /// DNS, connect, TLS, reset: no answer came at all.
    Network,
    /// The conversation is larger than the model's window.
    ContextTooLong,
    /// The request itself is wrong (400, 422).
    BadRequest,
    /// The vendor does not know, or no longer serves, this model.
    UnknownModel,
    /// The vendor declined to answer (safety, policy).
    Refused,
    /// The answer broke off or cannot be read: no terminal event, bad framing, HTML instead of the API.
    BrokenStream,
    /// A person stopped it.
    Cancelled,
    /// Anything else, the vendor's 5xx included.
    Internal,
}

impl Category {
    /// Every category, for tables and tests.
    pub const ALL: [Self; 15] = [
        Self::MissingKey,
        Self::RejectedKey,
        Self::Forbidden,
        Self::NoCredit,
        Self::RateLimited,
        Self::Overloaded,
        Self::Timeout,
        Self::Network,
        Self::ContextTooLong,
        Self::BadRequest,
        Self::UnknownModel,
        Self::Refused,
        Self::BrokenStream,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The stable name, as stored and as sent to the UI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::RejectedKey => "rejected_key",
            Self::Forbidden => "forbidden",
            Self::NoCredit => "no_credit",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::ContextTooLong => "context_too_long",
            Self::BadRequest => "bad_request",
            Self::UnknownModel => "unknown_model",
            Self::Refused => "refused",
            Self::BrokenStream => "broken_stream",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// What a router may do about it before any output was seen. Exhaustive on purpose: a new category must
    /// be placed here before it compiles.
    pub fn disposition(self) -> Disposition {
        match self {
            Self::Overloaded | Self::Timeout | Self::Network | Self::Internal | Self::BrokenStream => {
                Disposition::RetryHere
            }
            Self::RateLimited | Self::RejectedKey => Disposition::NextAccount,
            Self::MissingKey
            | Self::Forbidden
            | Self::NoCredit
            | Self::UnknownModel
            | Self::ContextTooLong
            | Self::Refused => Disposition::NextTarget,
            Self::BadRequest | Self::Cancelled => Disposition::Stop,
        }
    }
}

/// The answer of [`Category::disposition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Try the same target again, after the hint or a backoff.
    RetryHere,
    /// Try another account of the same provider.
    NextAccount,
    /// Try the next target of the route.
    NextTarget,
    /// Tell the user.
    Stop,
}

/// A failure with both readings: our category, and what the vendor said, verbatim.
///
/// It never carries a secret: URLs are stored without query and userinfo, headers not at all.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}: {message}", category.as_str())]
pub struct ProviderError {
    /// Our reading, for decisions.
    pub category: Category,
    /// HTTP status, where an answer came.
    pub status: Option<u16>,
    /// The vendor's own code or type, e.g. `insufficient_quota`.
    pub code: Option<String>,
    /// The vendor's own sentence where there is one, else ours.
    pub message: String,
    /// How long the vendor asks us to wait.
    pub retry_after: Option<Duration>,
    /// The vendor's request id, for a support case.
    pub request_id: Option<String>,
    /// A short machine-readable cause of ours, e.g. `redirected`, `got_html`, `idle_timeout`, `tls_unknown_issuer`.
    pub cause: Option<&'static str>,
}

impl ProviderError {
    /// An error of ours, without an answer from the vendor.
    pub fn new(category: Category, message: impl Into<String>) -> Self {
        Self {
            category,
            status: None,
            code: None,
            message: message.into(),
            retry_after: None,
            request_id: None,
            cause: None,
        }
    }

    /// The same with a machine-readable cause.
    pub fn because(category: Category, cause: &'static str, message: impl Into<String>) -> Self {
        Self { cause: Some(cause), ..Self::new(category, message) }
    }
}
