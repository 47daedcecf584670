//! Public prices, resolved by the `genai-prices` crate from the data it bundles.
//!
//! The crate matches models, picks tiers by input size and prices by date and hour, but shows no price, only
//! totals. So a card is read out of it by asking for the price of one kind of token at a time.

use std::time::{Duration, SystemTime};

use genai_prices::{Calculator, PriceRequest, Usage as Counts};

use super::rate::{Rate, RateCard};

/// The crate and version whose data is bundled, as named in every card.
pub const SOURCE: &str = "genai-prices 0.2.1";

/// The prices of a model for a request of `input_total` tokens (tiers reprice the whole request) at `at_ms` (UTC
/// milliseconds; some vendors have hours). `None` where the vendor or the model is unknown, or has no token price.
pub fn card(prices: &str, model: &str, input_total: u64, at_ms: i64) -> Option<RateCard> {
    Probe::new(prices, model, input_total, at_ms)?.card()
}

/// The prices that a list of models shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListPrice {
    /// Of input.
    pub input: Option<Rate>,
    /// Of input that is read from the cache; absent where that is no other.
    pub cache_read: Option<Rate>,
    /// Of output.
    pub output: Option<Rate>,
}

/// What a model costs below any tier, for a list of models. `None` as in [`card`].
pub fn list_price(prices: &str, model: &str, at_ms: i64) -> Option<ListPrice> {
    let probe = Probe::new(prices, model, 0, at_ms)?;
    let (input, output) = (probe.input(), probe.output());
    let cache_read = probe.of_input("cache_read_tokens").filter(|rate| Some(*rate) != input);
    (input.is_some() || output.is_some()).then_some(ListPrice { input, cache_read, output })
}

/// Makes the crate decode its data, which takes tens of milliseconds; call it off the first request.
pub fn warm_up() {
    let _decoded = Calculator::bundled();
}

/// Questions about one model at one time and size.
struct Probe<'a> {
    prices: &'a str,
    model: &'a str,
    at: SystemTime,
    /// Input tokens of the request, for the tier.
    size: f64,
    /// Input tokens to ask the price of; never none.
    count: f64,
    /// What the crate calls the match.
    matched: String,
    date: String,
}

impl<'a> Probe<'a> {
    fn new(prices: &'a str, model: &'a str, input_total: u64, at_ms: i64) -> Option<Self> {
        let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(u64::try_from(at_ms).ok()?))?;
        let counts = Counts::new();
        let request = PriceRequest::new(model, &counts).with_provider_id(prices).with_timestamp(at);
        let found = Calculator::bundled().calculate(&request).ok()?;
        Some(Self {
            prices,
            model,
            at,
            size: input_total as f64,
            count: input_total.max(1) as f64,
            matched: format!("{SOURCE}: {}/{}", found.provider_id, found.model_id),
            date: chrono::DateTime::from_timestamp_millis(at_ms)?.format("%Y-%m-%d").to_string(),
        })
    }

    fn card(&self) -> Option<RateCard> {
        let (input, output) = (self.input(), self.output());
        // A kind without a price of its own comes back at the price of its whole: then the card leaves it out.
        let unless = |rate: Option<Rate>, whole: Option<Rate>| rate.filter(|_| rate != whole);
        let cache_read = unless(self.of_input("cache_read_tokens"), input);
        let cache_write = unless(self.of_input("cache_write_tokens"), input);
        let card = RateCard {
            input,
            cache_read,
            cache_write,
            cache_write_1h: unless(self.cache_write_1h(), cache_write.or(input)),
            input_audio: unless(self.of_input("input_audio_tokens"), input),
            output,
            reasoning: unless(self.of_output("output_reasoning_tokens"), output),
            output_audio: unless(self.of_output("output_audio_tokens"), output),
            request: self.fee(&[], 0.0),
            search: self.fee(&[("web_searches", 1.0)], self.total(&[])?),
            source: self.matched.clone(),
            date: self.date.clone(),
        };
        (!card.is_blank()).then_some(card)
    }

    fn input(&self) -> Option<Rate> {
        let rate = self.input_rate(&[("input_tokens", self.count)])?;
        // A part without its whole is refused, but only where the whole has a price: so nought is told from none.
        (rate != Rate::ZERO || self.total(&[("cache_read_tokens", 1.0)]).is_none()).then_some(rate)
    }

    fn output(&self) -> Option<Rate> {
        let rate = self.output_rate(&[("output_tokens", MILLION)])?;
        (rate != Rate::ZERO || self.total(&[("output_reasoning_tokens", 1.0)]).is_none()).then_some(rate)
    }

    fn of_input(&self, kind: &'static str) -> Option<Rate> {
        self.input_rate(&[("input_tokens", self.count), (kind, self.count)])
    }

    fn cache_write_1h(&self) -> Option<Rate> {
        let all = self.count;
        self.input_rate(&[("input_tokens", all), ("cache_write_tokens", all), ("cache_write_1h_tokens", all)])
    }

    fn of_output(&self, kind: &'static str) -> Option<Rate> {
        self.output_rate(&[("output_tokens", MILLION), (kind, MILLION)])
    }

    fn input_rate(&self, counts: &[(&'static str, f64)]) -> Option<Rate> {
        Rate::from_usd(self.ask(counts)?.input_price * MILLION / self.count)
    }

    fn output_rate(&self, counts: &[(&'static str, f64)]) -> Option<Rate> {
        let mut counts = counts.to_vec();
        counts.push(("input_tokens", self.size));
        Rate::from_usd(self.ask(&counts)?.output_price)
    }

    /// What `counts` cost beyond `already`, for a million; `None` where nothing.
    fn fee(&self, counts: &[(&'static str, f64)], already: f64) -> Option<Rate> {
        Rate::from_usd((self.total(counts)? - already) * MILLION).filter(|&rate| rate != Rate::ZERO)
    }

    fn total(&self, counts: &[(&'static str, f64)]) -> Option<f64> {
        self.ask(counts).map(|found| found.total_price)
    }

    fn ask(&self, counts: &[(&'static str, f64)]) -> Option<genai_prices::PriceCalculation> {
        let counts: Counts = counts.iter().copied().collect();
        let request = PriceRequest::new(self.model, &counts).with_provider_id(self.prices).with_timestamp(self.at);
        Calculator::bundled().calculate(&request).ok()
    }
}

const MILLION: f64 = 1e6;
