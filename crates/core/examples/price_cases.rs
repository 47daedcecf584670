//! Prices a file of cases with their own rates, through the code that prices the ledger.
//!
//! `price_cases CASES.json` reads an array of cases (`name`, `usage`, `rates` in USD per million tokens, web searches
//! per thousand, `request_fee_usd`) and prints one line a case: `{"name": …, "usd": … | null}`.

use std::error::Error;
use std::io::Write;

use parlance_core::costs::{Billed, Rate, RateCard, price};
use parlance_providers::Usage;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    usage: Counts,
    rates: Rates,
    #[serde(default = "yes")]
    input_includes_cache: bool,
    #[serde(default = "yes")]
    output_includes_reasoning: bool,
    web_searches: Option<u64>,
    request_fee_usd: Option<f64>,
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

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: price_cases CASES.json")?;
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(path)?)?;
    let mut out = std::io::stdout().lock();
    for case in &cases {
        let total = price(case.billed(), &case.card()).ok().and_then(|amounts| amounts.total);
        let usd = total.map(|nano| nano as f64 / 1e9);
        writeln!(out, "{}", serde_json::json!({ "name": case.name, "usd": usd }))?;
    }
    Ok(())
}
