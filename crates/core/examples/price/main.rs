//! Prices a file of cases through the code that prices the ledger.
//!
//! `price CASES.json` prices each with its own rates (USD per million tokens, web searches per thousand,
//! `request_fee_usd`); `price --lookup CASES.json` with those that the vendor's data and the bundled price data give
//! for its provider and model. Either prints one line a case: `{"name": …, "usd": … | null, "agrees": …}`.

mod cases;

use std::{error::Error, io::Write, path::PathBuf, sync::Arc};

use parlance_core::costs::{Quotes, catalogue::PriceData, own_prices::OwnPrices};
use parlance_providers::catalog::Catalog;

/// The moment at which prices are looked up: 21 November 2026, noon, in UTC milliseconds.
const NOON: i64 = 1_795_262_400_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let lookup = arguments.iter().any(|argument| argument == "--lookup");
    arguments.retain(|argument| argument != "--lookup");
    let [path] = arguments.as_slice() else { return Err("usage: price [--lookup] CASES.json".into()) };
    let quotes = Quotes::new(PriceData::bundled(), Arc::new(OwnPrices::default()), NOON, "2026-11-21".to_owned());
    let mut out = std::io::stdout().lock();
    for case in cases::read(&PathBuf::from(path))? {
        let total = if lookup { case.by_look_up(Catalog::bundled(), &quotes) } else { case.by_its_rates() };
        let usd = total.map(|nano| nano as f64 / 1e9);
        let line = serde_json::json!({ "name": case.name, "usd": usd, "agrees": case.agrees(total) });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
