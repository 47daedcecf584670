//! Costs that vendors and others worked out, beside ours: with the prices that were in force for them, and with those
//! that our look-up finds. The cases are not part of this repository: `PARLANCE_SHARED_PRICES` names their folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)] // the helpers of a test are test code too

#[path = "../examples/price/cases.rs"]
mod cases;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use parlance_core::costs::{Quotes, catalogue::PriceData, own_prices::OwnPrices};
use parlance_providers::catalog::Catalog;
use serde::Deserialize;

/// 2026-11-21 12:00 UTC.
const NOON: i64 = 1_795_262_400_000;
/// Cases for which the look-up comes to another figure, and why.
const DIFFERENCES: &str = include_str!("fixtures/price_lookup.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    usd: Option<f64>,
    why: String,
}

fn all_cases() -> Option<Vec<cases::Case>> {
    let Some(folder) = std::env::var_os("PARLANCE_SHARED_PRICES") else {
        eprintln!("SKIPPED: PARLANCE_SHARED_PRICES is not set");
        return None;
    };
    Some(cases::read(&PathBuf::from(folder).join("cost-cases.json")).unwrap())
}

#[test]
fn every_case_comes_to_its_cost_by_its_own_prices() {
    let Some(cases) = all_cases() else { return };
    for case in &cases {
        let ours = case.by_its_rates();
        assert!(case.agrees(ours), "{}: {ours:?} nano-USD instead of {} USD", case.name, case.expected_usd);
    }
    assert!(cases.len() >= 49);
}

#[test]
fn what_the_look_up_makes_other_is_known_and_explained() {
    let known: BTreeMap<String, Difference> = serde_json::from_str(DIFFERENCES).unwrap();
    assert!(known.values().all(|difference| difference.why.len() > 20), "each says why");
    let Some(cases) = all_cases() else { return };
    let quotes = Quotes::new(PriceData::bundled(), Arc::new(OwnPrices::default()), NOON, "2026-11-21".to_owned());
    let mut found = BTreeMap::new();
    for case in &cases {
        let ours = case.by_look_up(Catalog::bundled(), &quotes);
        if !case.agrees(ours) {
            found.insert(case.name.clone(), ours);
        }
    }
    let nano = |difference: &Difference| difference.usd.map(|usd| (usd * 1e9).round() as i64);
    let known: BTreeMap<_, _> = known.iter().map(|(name, difference)| (name.clone(), nano(difference))).collect();
    assert_eq!(found, known);
}
