//! What an answer used.

use serde::{Deserialize, Serialize};

/// Token counts as normalised by the dialect. `None` is "the vendor did not say", which is not zero.
///
/// Invariants: `cache_read + cache_write <= input_total`, `cache_write_1h <= cache_write`, and `reasoning <= output_total` but for vendors whose own
/// totals count more reasoning than output: their figures are kept as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Every input token, cached ones too.
    pub input_total: Option<u64>,
    /// Of these, read from the vendor's prompt cache.
    pub cache_read: Option<u64>,
    /// Of these, written to it.
    pub cache_write: Option<u64>,
    /// Of these, audio.
    pub input_audio: Option<u64>,
    /// Of those written, kept for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<u64>,
    /// Every output token, reasoning too.
    pub output_total: Option<u64>,
    /// Of these, reasoning.
    pub reasoning: Option<u64>,
    /// Of these, audio.
    pub output_audio: Option<u64>,
    /// Web searches that the vendor ran, which most charge for beside the tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searches: Option<u64>,
    /// What is invoiced, where the vendor says that it is other than what the model read and wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoiced: Option<InvoicedTokens>,
}

/// Tokens that a vendor charges for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicedTokens {
    /// Of the input, cached ones too.
    pub input: u64,
    /// Of the output, reasoning too.
    pub output: u64,
}

impl Usage {
    /// The counts that prices are for: what is invoiced, else everything as it is.
    pub fn to_price(self) -> Self {
        match self.invoiced {
            Some(InvoicedTokens { input, output }) => {
                let searches = self.searches;
                Self { input_total: Some(input), output_total: Some(output), searches, ..Self::default() }
            }
            None => self,
        }
    }
}
