//! Cases of what a request costs, and what we make of them.

use std::{error::Error, path::Path};

use parlance_core::costs::{Billed, Names, Quotes, Rate, RateCard, price};
use parlance_providers::{
    Usage,
    catalog::{Catalog, Vendor},
};
use serde::Deserialize;

/// Reads a file of cases: an array.
pub(crate) fn read(path: &Path) -> Result<Vec<Case>, Box<dyn Error>> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

/// One request and its cost.
#[derive(Deserialize)]
pub(crate) struct Case {
    /// What it is called.
    pub(crate) name: String,
    provider: String,
    model: String,
    reply_model: Option<String>,
    usage: Counts,
    rates: Rates,
    #[serde(default = "yes")]
    input_includes_cache: bool,
    #[serde(default = "yes")]
    output_includes_reasoning: bool,
    web_searches: Option<u64>,
    request_fee_usd: Option<f64>,
    /// What whoever worked the case out came to, in USD.
    pub(crate) expected_usd: f64,
}

#[derive(Deserialize)]
struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    cache_write_1h: Option<u64>,
    reasoning: Option<u64>,
}

#[derive(Deserialize)]
struct Rates {
    input: Option<f64>,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
    cache_write_1h: Option<f64>,
    reasoning: Option<f64>,
    web_search_per_1000: Option<f64>,
}

fn yes() -> bool {
    true
}

impl Case {
    /// By the prices that the case brings, in nano-USD.
    pub(crate) fn by_its_rates(&self) -> Option<i64> {
        price(self.billed(), &self.card()).ok()?.total
    }

    /// By the prices that our own look-up finds, in nano-USD: its provider is one of models.dev's names.
    pub(crate) fn by_look_up(&self, catalog: &Catalog, quotes: &Quotes) -> Option<i64> {
        let vendor = vendor(catalog, &self.provider)?;
        let names = Names { asked: &self.model, sent: &self.model, served: self.reply_model.as_deref() };
        let billed = self.billed();
        let card = quotes.offer(0, vendor).card(&names, billed.usage.input_total.unwrap_or(0))?;
        price(billed, &card).ok()?.total
    }

    /// Whether an amount is the one that the case expects: within half a percent, or a hundredth of a cent.
    pub(crate) fn agrees(&self, nano: Option<i64>) -> bool {
        let want = self.expected_usd;
        let share = 0.005 * want;
        let room = share.max(if want > 0.02 { 0.0001 } else { share + 1e-9 });
        nano.is_some_and(|nano| (nano as f64 / 1e9 - want).abs() <= room)
    }

    /// The counts as a dialect would hand them over: totals include their parts.
    fn billed(&self) -> Billed {
        let counts = &self.usage;
        let hour = counts.cache_write_1h.unwrap_or(0);
        let written = counts.cache_write.map(|n| n + hour).or(counts.cache_write_1h);
        let beside = |included: bool, tokens: u64| if included { 0 } else { tokens };
        let cached = counts.cache_read.unwrap_or(0) + written.unwrap_or(0);
        Billed {
            usage: Usage {
                input_total: counts.input.map(|n| n + beside(self.input_includes_cache, cached)),
                cache_read: counts.cache_read,
                cache_write: written,
                output_total: counts
                    .output
                    .map(|n| n + beside(self.output_includes_reasoning, counts.reasoning.unwrap_or(0))),
                reasoning: counts.reasoning,
                ..Usage::default()
            },
            cache_write_1h: hour,
            searches: self.web_searches.unwrap_or(0),
        }
    }

    fn card(&self) -> RateCard {
        let rate = |usd: Option<f64>| usd.and_then(Rate::from_usd);
        RateCard {
            input: rate(self.rates.input),
            output: rate(self.rates.output),
            cache_read: rate(self.rates.cache_read),
            cache_write: rate(self.rates.cache_write),
            cache_write_1h: rate(self.rates.cache_write_1h),
            reasoning: rate(self.rates.reasoning),
            search: rate(self.rates.web_search_per_1000.map(|usd| usd * 1e3)),
            request: rate(self.request_fee_usd.map(|usd| usd * 1e6)),
            source: "given".into(),
            ..RateCard::default()
        }
    }
}

/// The vendor that models.dev has under this name: as its file says, else as we or the price data call it.
fn vendor<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Vendor> {
    let said = |vendor: &&Vendor| vendor.models_dev.as_deref() == Some(name);
    let ours = |vendor: &&Vendor| vendor.models_dev.is_none() && vendor.id == name;
    let priced = |vendor: &&Vendor| vendor.models_dev.is_none() && vendor.prices.as_deref() == Some(name);
    let gateway = |vendor: &&Vendor| name.strip_suffix("-gateway") == Some(vendor.id.as_str());
    let find = |is: &dyn Fn(&&Vendor) -> bool| catalog.iter().find(is);
    find(&said).or_else(|| find(&ours)).or_else(|| find(&priced)).or_else(|| find(&gateway))
}
