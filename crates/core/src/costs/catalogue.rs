//! Public prices, resolved by the `genai-prices` crate from the data it bundles or from newer data of the same form.
//!
//! The crate matches models, picks tiers by input size and prices by date and hour, but shows no price, only
//! totals. So a card is read out of it by asking for the price of one kind of token at a time.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    time::{Duration, SystemTime},
};

use genai_prices::{Calculator, PriceRequest, Usage as Counts};

use super::rate::{Rate, RateCard};

/// The crate and version whose data is bundled.
pub const SOURCE: &str = "genai-prices 0.2.1";
/// The day of the newest price in that data.
pub const BUNDLED_DATE: &str = "2026-10-20";

static BUNDLED: LazyLock<Arc<PriceData>> = LazyLock::new(|| {
    Arc::new(PriceData {
        calculator: Data::Bundled(Calculator::bundled()),
        source: format!("{SOURCE} ({BUNDLED_DATE})"),
        date: BUNDLED_DATE.to_owned(),
        fetched_at: None,
    })
});

/// Price data, all of it of one day.
pub struct PriceData {
    calculator: Data,
    /// As cards name it.
    source: String,
    date: String,
    fetched_at: Option<i64>,
}

enum Data {
    Bundled(&'static Calculator),
    Fetched(Box<Calculator>),
}

impl fmt::Debug for PriceData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriceData").field("source", &self.source).finish_non_exhaustive()
    }
}

impl PriceData {
    /// The data that came with the app. The first call decodes it, which takes tens of milliseconds.
    pub fn bundled() -> Arc<Self> {
        Arc::clone(&BUNDLED)
    }

    /// Data that was fetched at `fetched_at` (UTC milliseconds) and whose newest price is of `date`.
    ///
    /// # Errors
    /// Why the crate does not take it.
    pub fn read(document: &[u8], date: String, fetched_at: i64) -> Result<Self, genai_prices::Error> {
        let calculator = Data::Fetched(Box::new(Calculator::from_json(document)?));
        Ok(Self { calculator, source: format!("genai-prices ({date})"), date, fetched_at: Some(fetched_at) })
    }

    /// The day of its newest price, YYYY-MM-DD.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// When it was fetched, UTC milliseconds; `None` where it came with the app.
    pub fn fetched_at(&self) -> Option<i64> {
        self.fetched_at
    }

    /// The crate's own view of it.
    pub fn calculator(&self) -> &Calculator {
        match &self.calculator {
            Data::Bundled(calculator) => calculator,
            Data::Fetched(calculator) => calculator,
        }
    }

    /// Models with a price in it.
    pub fn models(&self) -> usize {
        self.calculator().providers().map(|provider| provider.models().count()).sum()
    }

    /// The prices of a model for a request of `input_total` tokens (tiers reprice the whole request) at `at_ms` (UTC
    /// milliseconds; some vendors have hours). `None` where the vendor or the model is unknown, or has no token price.
    pub fn card(&self, prices: &str, model: &str, input_total: u64, at_ms: i64) -> Option<RateCard> {
        Probe::new(self, prices, model, input_total, at_ms)?.card()
    }

    /// What a million tokens of input and of output cost in a request of so many input tokens, in USD: one question
    /// only, to see whether prices vary. `None` as in [`PriceData::card`].
    pub fn head(&self, prices: &str, model: &str, input_total: u64, at_ms: i64) -> Option<(f64, f64)> {
        let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(u64::try_from(at_ms).ok()?))?;
        let counts: Counts = [("input_tokens", input_total as f64), ("output_tokens", MILLION)].into_iter().collect();
        let request = PriceRequest::new(model, &counts).with_provider_id(prices).with_timestamp(at);
        let found = self.calculator().calculate(&request).ok()?;
        Some((found.input_price * MILLION / input_total as f64, found.output_price))
    }

    /// What a model costs below any tier, for a list of models. `None` as in [`PriceData::card`].
    pub fn list_price(&self, prices: &str, model: &str, at_ms: i64) -> Option<ListPrice> {
        let probe = Probe::new(self, prices, model, 0, at_ms)?;
        let (input, output) = (probe.input(), probe.output());
        let cache_read = probe.of_input("cache_read_tokens").filter(|rate| Some(*rate) != input);
        (input.is_some() || output.is_some()).then_some(ListPrice { input, cache_read, output })
    }
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

impl ListPrice {
    /// Costs nothing, by nature.
    pub const FREE: Self = Self { input: Some(Rate::ZERO), cache_read: Some(Rate::ZERO), output: Some(Rate::ZERO) };
}

/// Questions about one model at one time and size.
struct Probe<'a> {
    data: &'a PriceData,
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
    fn new(data: &'a PriceData, prices: &'a str, model: &'a str, input_total: u64, at_ms: i64) -> Option<Self> {
        let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(u64::try_from(at_ms).ok()?))?;
        let counts = Counts::new();
        let request = PriceRequest::new(model, &counts).with_provider_id(prices).with_timestamp(at);
        let found = data.calculator().calculate(&request).ok()?;
        Some(Self {
            data,
            prices,
            model,
            at,
            size: input_total as f64,
            count: input_total.max(1) as f64,
            matched: format!("{}: {}/{}", data.source, found.provider_id, found.model_id),
            date: Some(utc_day(at_ms)).filter(|day| !day.is_empty())?,
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
        self.data.calculator().calculate(&request).ok()
    }
}

const MILLION: f64 = 1e6;

/// The UTC day of a moment in milliseconds, YYYY-MM-DD; empty beyond any calendar.
pub fn utc_day(at_ms: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at_ms);
    at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// Whether a text is a calendar day, YYYY-MM-DD.
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}
