//! Where a month goes if it goes on like the weeks before.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate};
use rusqlite::{Connection, params_from_iter, types::Value};

use super::{
    ledger::LedgerError,
    range::{self, Known, Range},
    rollup::bounded,
    wanted::Wanted,
};
use crate::view::CostProjection;

/// Days before today that are looked at: each weekday occurs four times.
const LATELY: u64 = 28;
/// Days of them with spend that are needed.
const FEWEST: usize = 3;

/// What is spent already, in nano-USD.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// In the month.
    pub total: i64,
    /// Of these, today.
    pub today: i64,
}

/// Projects the running month: each coming day costs what its weekday cost in the mean of the last 28 days before today,
/// as far as the ledger goes back; a weekday that did not occur in these costs the mean of all of them. What is left of
/// today is what its weekday is above what it has taken already. So the sum is never below what is spent. `None` where
/// the range is another or fewer than three of these days have any spend.
///
/// # Errors
///
/// [`LedgerError::Overflow`]; [`LedgerError::Database`].
pub fn read(
    connection: &Connection,
    wanted: &Wanted,
    range: Range,
    today: NaiveDate,
    known: Option<Known>,
    spent: Spent,
) -> Result<Option<CostProjection>, LedgerError> {
    let month = Range::month(today);
    let (Some(known), Some(begin)) = (known, today.checked_sub_days(Days::new(LATELY))) else { return Ok(None) };
    let (Some(yesterday), true) = (today.pred_opt(), range == month) else { return Ok(None) };
    let lately = Range { first: begin.max(known.first), last: yesterday };
    let by_day = by_day(connection, wanted, lately)?;
    Ok(project(&by_day, lately, today, month.last, spent))
}

/// Nano-USD by day, where there is any.
fn by_day(connection: &Connection, wanted: &Wanted, range: Range) -> Result<BTreeMap<NaiveDate, i64>, LedgerError> {
    let condition = wanted.condition("source");
    let sql = format!(
        "SELECT bucket, CAST(total(total_nano) AS INTEGER) FROM ledger_rollup
         WHERE bucket BETWEEN ? AND ? AND length(bucket) = 10 {} GROUP BY bucket",
        condition.sql
    );
    let days = [range.first, range.last].map(|day| Value::from(range::name(day)));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(days.into_iter().chain(condition.values)))?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        if let Some(day) = range::day(&row.get::<_, String>(0)?) {
            found.insert(day, bounded(row.get(1)?)?);
        }
    }
    Ok(found)
}

fn project(
    by_day: &BTreeMap<NaiveDate, i64>,
    lately: Range,
    today: NaiveDate,
    last: NaiveDate,
    spent: Spent,
) -> Option<CostProjection> {
    if by_day.values().filter(|nano| **nano > 0).count() < FEWEST {
        return None;
    }
    let mean_of = |weekday: Option<chrono::Weekday>| {
        let days: Vec<i64> = lately
            .days()
            .filter(|day| weekday.is_none_or(|weekday| day.weekday() == weekday))
            .map(|day| by_day.get(&day).copied().unwrap_or(0))
            .collect();
        let sum: f64 = days.iter().map(|nano| *nano as f64).sum();
        (!days.is_empty()).then(|| (sum / days.len() as f64).max(0.0).round())
    };
    let overall = mean_of(None)?;
    let usual = |day: NaiveDate| mean_of(Some(day.weekday())).unwrap_or(overall);
    let coming = Range { first: today.succ_opt()?, last };
    let days: Vec<f64> = coming.days().map(usual).collect();
    let left_of_today = (usual(today) - spent.today as f64).max(0.0);
    Some(CostProjection { total_nano: spent.total as f64 + left_of_today + days.iter().sum::<f64>(), days })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        range::day(text).unwrap()
    }

    /// 2026-11-22 is a Sunday.
    fn of(by_day: &[(&str, i64)], first: &str, spent: Spent) -> Option<CostProjection> {
        let by_day = by_day.iter().map(|(day, nano)| (date(day), *nano)).collect();
        let lately = Range { first: date(first), last: date("2026-11-21") };
        project(&by_day, lately, date("2026-11-22"), date("2026-11-30"), spent)
    }

    #[test]
    fn weekdays_count_for_themselves() {
        // Mondays cost 40, the other days nothing, but for one Sunday.
        let lately =
            [("2026-10-26", 40), ("2026-11-02", 40), ("2026-11-09", 40), ("2026-11-15", 8), ("2026-11-16", 40)];
        let found = of(&lately, "2026-10-25", Spent { total: 100, today: 0 }).unwrap();
        assert_eq!(found.days, [40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 40.0]);
        assert_eq!(found.total_nano, 100.0 + 2.0 + 82.0, "with what is left of today, a Sunday");
        let more = of(&lately, "2026-10-25", Spent { total: 100, today: 50 }).unwrap();
        assert_eq!(more.total_nano, 100.0 + 82.0, "today has had more than its share");
    }

    #[test]
    fn a_short_history_is_not_thinned_and_three_days_are_needed() {
        let days = [("2026-11-19", 10), ("2026-11-20", 20), ("2026-11-21", 30)];
        let found = of(&days, "2026-11-19", Spent { total: 60, today: 0 }).unwrap();
        assert_eq!(found.days, [20.0, 20.0, 20.0, 10.0, 20.0, 30.0, 20.0, 20.0]);
        assert_eq!(of(&days[1..], "2026-11-19", Spent { total: 60, today: 0 }), None);
    }

    #[test]
    fn it_never_falls_below_what_is_spent() {
        let days = [("2026-11-18", 1), ("2026-11-19", 1), ("2026-11-20", 1), ("2026-11-21", -500)];
        let found = of(&days, "2026-11-18", Spent { total: 7, today: 7 }).unwrap();
        assert!(found.total_nano >= 7.0 && found.days.iter().all(|day| *day >= 0.0), "{found:?}");
    }
}
