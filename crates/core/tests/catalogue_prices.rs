//! The names that vendors of the catalogue have in the price data: each is there, and most of the vendor's models with it.
#![allow(clippy::unwrap_used)]

use parlance_core::costs::catalogue::PriceData;
use parlance_providers::catalog::Catalog;

/// 21 November 2026, in UTC milliseconds.
const NOW: i64 = 1_795_219_200_000;

/// Vendors of whose models the price data knows the smaller part: the costs of the others show as unknown. One that gets
/// prices for most must leave this list.
const THIN: [&str; 1] = ["cohere"];

#[test]
fn every_name_for_prices_has_some() {
    let data = PriceData::bundled();
    let mut vendors = 0;
    for vendor in Catalog::bundled().iter() {
        let Some(prices) = &vendor.prices else { continue };
        vendors += 1;
        let (priced, none): (Vec<_>, Vec<_>) = vendor
            .models
            .iter()
            .map(|m| m.id.as_str())
            .partition(|model| data.list_price(prices, model, NOW).is_some());
        assert!(!priced.is_empty(), "{}: {prices} has no prices at all", vendor.id);
        let most = priced.len() * 2 > vendor.models.len();
        assert_eq!(most, !THIN.contains(&vendor.id.as_str()), "{}: {prices} has no prices for {none:?}", vendor.id);
    }
    assert!(vendors >= 15, "{vendors} vendors have prices");
    assert!(data.list_price("nobody", "gpt-4o", NOW).is_none());
}
