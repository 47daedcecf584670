//! Prices as integers.

use serde::{Deserialize, Serialize};

/// A price in nano-USD (1e-9 USD) per million units; 1 USD per million is 1,000,000,000.
///
/// Nano rather than micro-USD, because the price data knows thirds of a cent per million
/// (`docs/decisions/0009-rates-in-nano-usd.md`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(u64);

impl Rate {
    /// Costs nothing.
    pub const ZERO: Self = Self(0);

    /// From nano-USD per million units.
    pub const fn from_nano(nano_usd_per_million: u64) -> Self {
        Self(nano_usd_per_million)
    }

    /// From USD per million units, to the nearest nano-USD. `None` for what is no price: negative, not finite, or
    /// above a million USD.
    pub fn from_usd(usd_per_million: f64) -> Option<Self> {
        (0.0..=1e6).contains(&usd_per_million).then(|| Self((usd_per_million * 1e9).round() as u64))
    }

    /// Nano-USD per million units.
    pub const fn nano(self) -> u64 {
        self.0
    }
}

/// The prices that hold for one request: its model, its tier by input size, its hour. `None` is unknown.
///
/// Serialised into the ledger row, so that the amount can be checked years later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, default)]
pub struct RateCard {
    /// Input tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Rate>,
    /// Input tokens read from the vendor's cache; without it the input price holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<Rate>,
    /// Input tokens written to it; without it the input price holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<Rate>,
    /// Of these, kept for an hour; without it the cache-write price holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<Rate>,
    /// Audio input tokens; without it the input price holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_audio: Option<Rate>,
    /// Output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Rate>,
    /// Reasoning tokens; without it the output price holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Rate>,
    /// Audio output tokens; without it the output price holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_audio: Option<Rate>,
    /// Fee for the request itself, in nano-USD per million requests; absent means there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Rate>,
    /// Web searches the vendor ran, in nano-USD per million searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Rate>,
    /// Where the prices come from, e.g. `genai-prices 0.2.1: openai/gpt-5`.
    pub source: String,
    /// The UTC day the prices were looked up for, YYYY-MM-DD.
    pub date: String,
}

impl RateCard {
    /// True where no token price is known at all.
    pub fn is_blank(&self) -> bool {
        self.input.is_none() && self.output.is_none()
    }
}
