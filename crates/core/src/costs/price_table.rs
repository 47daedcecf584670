//! All prices of the data in use as a table, worked out once and again where the hour changes them.

use std::sync::Arc;

use super::{catalogue::PriceData, rate::RateCard};

/// In milliseconds.
const HOUR: i64 = 3_600_000;
/// Input tokens below every tier, and beyond.
const SHORT: u64 = 1_000;
const LONG: u64 = 3_000_000;
/// Hours of a day at which prices are looked at, so many apart: no vendor's hours are fewer.
const STEP: i64 = 3;

/// A model of the price data with the prices that hold below any tier.
#[derive(Clone, Debug)]
pub struct Line {
    /// The provider's name in the price data.
    pub prices: String,
    /// Its name for people.
    pub provider_name: String,
    /// The model.
    pub model: String,
    /// Its name for people.
    pub name: Option<String>,
    /// The prices.
    pub card: RateCard,
    /// It costs more above some length.
    pub has_tiers: bool,
    /// It costs more at certain hours.
    pub has_hours: bool,
}

/// Every line, as it holds in one hour.
#[derive(Debug)]
pub struct Table {
    /// Hours since 1970.
    hour: i64,
    /// By provider and model, as the data has them; only models with a token price.
    pub lines: Vec<Line>,
}

impl Table {
    /// The table of this hour. What `before` says is taken where the hour cannot have changed it.
    pub fn of(data: &PriceData, now_ms: i64, before: Option<&Arc<Self>>) -> Arc<Self> {
        let hour = now_ms.div_euclid(HOUR);
        match before {
            Some(table) if table.hour == hour => Arc::clone(table),
            // Prices begin and end with days.
            Some(table) if table.hour.div_euclid(24) == hour.div_euclid(24) => {
                let anew = |line: &Line| {
                    let card = if line.has_hours { data.card(&line.prices, &line.model, 0, now_ms) } else { None };
                    card.map_or_else(|| line.clone(), |card| Line { card, ..line.clone() })
                };
                Arc::new(Self { hour, lines: table.lines.iter().map(anew).collect() })
            }
            _ => Arc::new(Self { hour, lines: lines(data, now_ms) }),
        }
    }
}

fn lines(data: &PriceData, now_ms: i64) -> Vec<Line> {
    let mut lines = Vec::new();
    for provider in data.calculator().providers() {
        for model in provider.models() {
            let Some(card) = data.card(provider.id(), model.id(), 0, now_ms) else { continue };
            let head = |size: u64, at_ms: i64| data.head(provider.id(), model.id(), size, at_ms);
            let plain = head(SHORT, now_ms);
            let is_other = |other: Option<(f64, f64)>| match (plain, other) {
                (Some(a), Some(b)) => differs(a.0, b.0) || differs(a.1, b.1),
                _ => false,
            };
            let day = now_ms - now_ms.rem_euclid(24 * HOUR);
            lines.push(Line {
                prices: provider.id().to_owned(),
                provider_name: provider.name().to_owned(),
                model: model.id().to_owned(),
                name: model.name().filter(|name| *name != model.id()).map(str::to_owned),
                has_tiers: is_other(head(LONG, now_ms)),
                has_hours: (0..24 / STEP).any(|step| is_other(head(SHORT, day + step * STEP * HOUR))),
                card,
            });
        }
    }
    lines
}

/// More than the last digits of a division.
fn differs(a: f64, b: f64) -> bool {
    (a - b).abs() > 1e-6 * a.max(b)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// 2026-11-21 12:00 UTC.
    const NOON: i64 = 1_795_262_400_000;

    #[test]
    fn the_table_knows_what_varies_and_follows_the_hour() {
        let data = PriceData::bundled();
        data.models();
        let began = Instant::now();
        let table = Table::of(&data, NOON, None);
        println!("{} lines in {:?}", table.lines.len(), began.elapsed());
        let line = |table: &Table, prices: &str, model: &str| {
            table.lines.iter().find(|line| line.prices == prices && line.model == model).cloned().unwrap()
        };
        assert!(table.lines.len() > 1_800);
        let tiered = line(&table, "openai", "gpt-5.4");
        assert!(tiered.has_tiers && !tiered.has_hours);
        let plain = line(&table, "openai", "gpt-4o");
        assert!(!plain.has_tiers && !plain.has_hours);
        let flash = line(&table, "deepseek", "deepseek-v4-flash");
        assert!(flash.has_hours);
        let began = Instant::now();
        let peak = Table::of(&data, NOON - 10 * HOUR, Some(&table));
        println!("the next hour in {:?}", began.elapsed());
        assert_ne!(line(&peak, "deepseek", "deepseek-v4-flash").card.input, flash.card.input);
        assert!(Arc::ptr_eq(&peak, &Table::of(&data, NOON - 10 * HOUR + 5, Some(&peak))), "nothing to do");
    }
}
