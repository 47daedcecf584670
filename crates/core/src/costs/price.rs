//! Tokens times prices, in integers.

use parlance_providers::Usage;

use super::rate::{Rate, RateCard};

/// What is charged for: the token counts, and what no token count tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Billed {
    /// The token counts.
    pub usage: Usage,
    /// Of the tokens written to the cache, those kept for an hour.
    pub cache_write_1h: u64,
    /// Web searches the vendor ran.
    pub searches: u64,
}

impl From<Usage> for Billed {
    fn from(usage: Usage) -> Self {
        let (hour, searches) = (usage.cache_write_1h.unwrap_or(0), usage.searches.unwrap_or(0));
        Self { usage, cache_write_1h: hour, searches }
    }
}

/// Amounts by kind in nano-USD (1e-9 USD); `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Input tokens, audio included, the cached ones not.
    pub input: Option<i64>,
    /// Input tokens read from the cache; `None` also where the vendor did not count them.
    pub cache_read: Option<i64>,
    /// Input tokens written to the cache; `None` also where the vendor did not count them.
    pub cache_write: Option<i64>,
    /// Output tokens, reasoning and audio included.
    pub output: Option<i64>,
    /// Fees beside the tokens; `None` where there are none.
    pub request: Option<i64>,
    /// The sum; `None` where a part of it is unknown.
    pub total: Option<i64>,
}

/// Why no amount can be worked out from the numbers as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The amount does not fit.
    #[error("the amount does not fit into 64 bits")]
    Overflow,
    /// Parts are larger than the whole they are part of.
    #[error("the token counts contradict each other")]
    Inconsistent,
}

/// Prices one request. Each kind is rounded once, half to even. A total is given only where every count and every
/// price it needs is known.
///
/// Where the vendor invoices other counts than the model read and wrote, those are priced.
///
/// A cache or audio count the vendor left out is taken as part of its whole, at the whole's price. Audio that
/// would overlap with cached or reasoning tokens counts as those.
///
/// # Errors
///
/// [`PriceError`] where counts contradict each other or an amount does not fit; nothing is clamped or wrapped.
pub fn price(billed: impl Into<Billed>, card: &RateCard) -> Result<Amounts, PriceError> {
    let billed = billed.into();
    let usage = &billed.usage.to_price();
    let write = card.cache_write.or(card.input);
    let cache_read = usage.cache_read.unwrap_or(0);
    let cache_write = usage.cache_write.unwrap_or(0);
    // What is invoiced tells nothing of the cache.
    let hour = if billed.usage.invoiced.is_some() { 0 } else { billed.cache_write_1h };
    let written_briefly = cache_write.checked_sub(hour).ok_or(PriceError::Inconsistent)?;

    let cache_read_nano = kind(&[(cache_read, card.cache_read.or(card.input))])?;
    let cache_write_nano = kind(&[(written_briefly, write), (hour, card.cache_write_1h.or(write))])?;
    let input = match usage.input_total {
        Some(total) => {
            let cached = cache_read.checked_add(cache_write).ok_or(PriceError::Inconsistent)?;
            let fresh = total.checked_sub(cached).ok_or(PriceError::Inconsistent)?;
            let audio = usage.input_audio.unwrap_or(0).min(fresh);
            kind(&[(fresh - audio, card.input), (audio, card.input_audio.or(card.input))])?
        }
        None => None,
    };
    let output = match usage.output_total {
        Some(total) => {
            // Some vendors count more reasoning than output and bill the output: at one price it makes no difference.
            let reasoning = card.reasoning.and(usage.reasoning).unwrap_or(0);
            let spoken = total.checked_sub(reasoning).ok_or(PriceError::Inconsistent)?;
            let audio = usage.output_audio.unwrap_or(0).min(spoken);
            kind(&[
                (spoken - audio, card.output),
                (reasoning, card.reasoning),
                (audio, card.output_audio.or(card.output)),
            ])?
        }
        None => None,
    };
    // A fee for the request pays for its searches, where these have no price of their own.
    let search = card.search.or(card.request.map(|_| Rate::ZERO));
    let fees = kind(&[(1, card.request.or(Some(Rate::ZERO))), (billed.searches, search)])?;

    Ok(Amounts {
        input,
        cache_read: usage.cache_read.and(cache_read_nano),
        cache_write: usage.cache_write.and(cache_write_nano),
        output,
        request: fees.filter(|_| card.request.is_some() || billed.searches > 0),
        total: total(&[input, cache_read_nano, cache_write_nano, output, fees])?,
    })
}

/// One kind: its exact sum, rounded once. `None` where a price is missing for units that are there.
fn kind(parts: &[(u64, Option<Rate>)]) -> Result<Option<i64>, PriceError> {
    let mut exact: i128 = 0;
    for &(count, rate) in parts.iter().filter(|(count, _)| *count > 0) {
        let Some(rate) = rate else { return Ok(None) };
        let charge = i128::from(count).checked_mul(i128::from(rate.nano())).ok_or(PriceError::Overflow)?;
        exact = exact.checked_add(charge).ok_or(PriceError::Overflow)?;
    }
    i64::try_from(per_million_half_even(exact)).map(Some).map_err(|_| PriceError::Overflow)
}

fn total(kinds: &[Option<i64>]) -> Result<Option<i64>, PriceError> {
    let mut sum: i64 = 0;
    for &amount in kinds {
        let Some(amount) = amount else { return Ok(None) };
        sum = sum.checked_add(amount).ok_or(PriceError::Overflow)?;
    }
    Ok(Some(sum))
}

/// Divides by a million; a half goes to the even neighbour.
fn per_million_half_even(exact: i128) -> i128 {
    const MILLION: i128 = 1_000_000;
    let (whole, rest) = (exact.div_euclid(MILLION), exact.rem_euclid(MILLION));
    let up = match (rest * 2).cmp(&MILLION) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    whole + i128::from(up)
}
