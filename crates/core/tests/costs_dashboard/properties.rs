//! What holds for every ledger, filter and grouping.

use std::collections::BTreeSet;

use parlance_core::{
    costs::{
        ledger::{month_spend, month_spend_by_account},
        range::{self, Asked, Known},
        requests::{self, Log},
        rollup,
        wanted::Wanted,
    },
    view::{CostFilter, CostGroup, CostOutcome, CostPoint, CostSource, CostTotals, WasteKind},
};
use proptest::prelude::*;
use rusqlite::Connection;

use super::ledgers::{Row, TODAY, book, filters, group_id, groups, meant, on, steps, store};

/// The sums of rows, one by one, without the median.
fn sums<'a>(rows: impl IntoIterator<Item = &'a Row>) -> CostTotals {
    let mut sums = CostTotals::default();
    for row in rows {
        let known = row.total.unwrap_or(0) as f64;
        let count = |tokens: Option<u64>| tokens.unwrap_or(0) as f64;
        sums.entries += 1.0;
        match row.outcome {
            CostOutcome::Complete => sums.complete += 1.0,
            CostOutcome::Interrupted | CostOutcome::Failed => sums.failed += 1.0,
            CostOutcome::Cancelled => {}
        }
        match row.source {
            CostSource::Reported => {
                (sums.reported, sums.reported_nano) = (sums.reported + 1.0, sums.reported_nano + known)
            }
            CostSource::Priced => sums.priced += 1.0,
            CostSource::Estimated => {
                (sums.estimated, sums.estimated_nano) = (sums.estimated + 1.0, sums.estimated_nano + known);
            }
            CostSource::Free => sums.free += 1.0,
            CostSource::Unknown => sums.unknown += 1.0,
        }
        sums.total_nano += known;
        sums.input += count(row.input);
        sums.cache_read += count(row.cache_read);
        sums.output += count(row.output);
        sums.reasoning += count(row.reasoning);
        sums.cache_saved_nano += row.cache_saved.unwrap_or(0) as f64;
        sums.answer_saved_nano += row.saved.unwrap_or(0) as f64;
    }
    sums
}

fn without_median(totals: CostTotals) -> CostTotals {
    CostTotals { first_token_ms: None, ..totals }
}

/// Sums of sums.
fn plus(a: CostTotals, b: CostTotals) -> CostTotals {
    CostTotals {
        entries: a.entries + b.entries,
        complete: a.complete + b.complete,
        failed: a.failed + b.failed,
        total_nano: a.total_nano + b.total_nano,
        estimated_nano: a.estimated_nano + b.estimated_nano,
        reported_nano: a.reported_nano + b.reported_nano,
        reported: a.reported + b.reported,
        priced: a.priced + b.priced,
        estimated: a.estimated + b.estimated,
        free: a.free + b.free,
        unknown: a.unknown + b.unknown,
        input: a.input + b.input,
        cache_read: a.cache_read + b.cache_read,
        cache_write: a.cache_write + b.cache_write,
        output: a.output + b.output,
        reasoning: a.reasoning + b.reasoning,
        cache_saved_nano: a.cache_saved_nano + b.cache_saved_nano,
        answer_saved_nano: a.answer_saved_nano + b.answer_saved_nano,
        first_token_ms: None,
    }
}

fn median_holds(found: Option<f64>, rows: &[&Row]) {
    let mut times: Vec<i64> = rows.iter().filter_map(|row| row.first_token).collect();
    times.sort_unstable();
    match (found, times.is_empty()) {
        (None, true) => {}
        (Some(found), false) => {
            let exact = (times[(times.len() - 1) / 2] + times[times.len() / 2]) as f64 / 2.0;
            assert!((found - exact).abs() <= exact / 10.0, "{found} is not {exact}");
        }
        wrong => panic!("{wrong:?} of {times:?}"),
    }
}

fn guessed(rows: &[&Row]) -> f64 {
    let ours = |row: &&&Row| matches!(row.source, CostSource::Priced | CostSource::Estimated);
    rows.iter().filter(ours).filter_map(|row| row.total).sum::<i64>() as f64
}

/// The table of sums as text.
fn table(connection: &Connection) -> Vec<String> {
    let mut statement = connection
        .prepare(
            "SELECT *, (SELECT group_concat(key || ':' || value) FROM
                 (SELECT key, value FROM json_each(first_token) ORDER BY CAST(key AS INTEGER)))
             FROM ledger_rollup ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
        )
        .unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let column = |at| row.get::<_, rusqlite::types::Value>(at).map(|value| format!("{value:?}"));
        // The one before the last is the same as the last, in any order.
        (0..columns).filter(|at| *at != columns - 2).map(column).collect::<Result<Vec<_>, _>>()
    });
    rows.unwrap().map(|row| row.unwrap().join(" ")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everything_shown_is_the_sum_of_its_rows(steps in steps(), filter in filters(), group in groups()) {
        let mut connection = store();
        let rows = book(&mut connection, &steps);
        let found = on(&connection, &filter, group, TODAY);
        let meant_rows = meant(&rows, &filter, &found.filter.from, &found.filter.to);
        let totals = without_median(found.totals);
        prop_assert_eq!(totals, sums(meant_rows.iter().copied()));
        median_holds(found.totals.first_token_ms, &meant_rows);
        let today = meant(&rows, &filter, TODAY, TODAY);
        prop_assert_eq!(without_median(found.today_totals), sums(today.iter().copied()));
        // An amount that is not known is in no sum and is counted.
        let unknown = meant_rows.iter().filter(|row| row.total.is_none()).count();
        prop_assert_eq!(totals.unknown, unknown as f64);
        prop_assert_eq!(totals.entries, totals.reported + totals.priced + totals.estimated + totals.free + totals.unknown);

        // The series and the rest.
        let all = found.series.iter().map(|series| without_median(series.totals)).fold(CostTotals::default(), plus);
        prop_assert_eq!(all, totals);
        prop_assert!(found.series.iter().filter(|series| series.key.is_some()).count() <= 8);
        let named: BTreeSet<String> = found.series.iter().filter_map(|s| s.key.as_ref()).map(|key| key.id.clone()).collect();
        for series in &found.series {
            let of: Vec<&Row> = meant_rows.iter().copied().filter(|row| match &series.key {
                Some(key) => group_id(row, group) == key.id,
                None => !named.contains(&group_id(row, group)),
            }).collect();
            prop_assert_eq!(without_median(series.totals), sums(of.iter().copied()));
            median_holds(series.totals.first_token_ms, &of);
            points(&series.points, &found.buckets, &of);
        }
        let weights: Vec<f64> = found.series.iter().filter(|s| s.key.is_some()).map(|s| s.totals.total_nano).collect();
        prop_assert!(weights.is_sorted_by(|a, b| a >= b), "largest first: {:?}", weights);

        // The table.
        let providers = found.lines.iter().filter(|line| line.model.is_none());
        let all = providers.clone().map(|line| without_median(line.totals)).fold(CostTotals::default(), plus);
        prop_assert_eq!(all, totals);
        for provider in providers {
            let of = found.lines.iter().filter(|line| line.provider == provider.provider && line.model.is_some());
            let below = of.clone().map(|line| without_median(line.totals)).fold(CostTotals::default(), plus);
            prop_assert_eq!(below, without_median(provider.totals));
            for line in of {
                let is = |row: &&Row| row.provider.to_string() == line.provider.id && Some(row.model) == line.model.as_deref();
                let of: Vec<&Row> = meant_rows.iter().copied().filter(is).collect();
                prop_assert_eq!(without_median(line.totals), sums(of.iter().copied()));
                median_holds(line.totals.first_token_ms, &of);
            }
        }

        // What was wasted counts once.
        let wasted: f64 = found.waste.iter().map(|waste| waste.entries).sum();
        let ended_badly = meant_rows.iter().filter(|row| row.outcome != CostOutcome::Complete || row.again.0 != "first");
        prop_assert_eq!(wasted, ended_badly.count() as f64);
        for waste in &found.waste {
            let outcome = |outcome| meant_rows.iter().copied().filter(move |row: &&Row| row.outcome == outcome);
            let again = |name| outcome(CostOutcome::Complete).filter(move |row| row.again.0 == name);
            let of: Vec<&Row> = match waste.kind {
                WasteKind::CutOff => outcome(CostOutcome::Interrupted).collect(),
                WasteKind::Failed => outcome(CostOutcome::Failed).collect(),
                WasteKind::Stopped => outcome(CostOutcome::Cancelled).collect(),
                WasteKind::AskedAgain => again("retry").collect(),
                WasteKind::TriedAgain => again("tried").collect(),
            };
            prop_assert_eq!((waste.entries, waste.total_nano, waste.guessed_nano),
                (of.len() as f64, of.iter().filter_map(|row| row.total).sum::<i64>() as f64, guessed(&of)));
        }

        // What can be filtered by knows of no filter but the days.
        let anything = meant(&rows, &CostFilter::default(), &found.filter.from, &found.filter.to);
        let ids = |group| anything.iter().map(|row| group_id(row, group)).collect::<BTreeSet<_>>();
        let keys = |keys: &[parlance_core::view::CostKey]| keys.iter().map(|key| key.id.clone()).collect::<BTreeSet<_>>();
        prop_assert_eq!(keys(&found.facets.providers), ids(CostGroup::Provider));
        prop_assert_eq!(keys(&found.facets.models), ids(CostGroup::Model));
        prop_assert_eq!(keys(&found.facets.accounts), ids(CostGroup::Account));
        prop_assert_eq!(keys(&found.facets.routes), ids(CostGroup::Route));
        prop_assert_eq!(found.facets.purposes.len(), ids(CostGroup::Purpose).len());
    }

    #[test]
    fn the_log_has_every_row_once_and_in_order(steps in steps(), filter in filters(), limit in 1_usize..9) {
        let mut connection = store();
        let rows = book(&mut connection, &steps);
        let known = Known::read(&connection).unwrap();
        let range = Asked::of(&filter).unwrap().resolve(known, range::day(TODAY).unwrap());
        let mut wanted_rows = meant(&rows, &filter, &range::name(range.first), &range::name(range.last));
        wanted_rows.sort_by_key(|row| std::cmp::Reverse((row.day, row.id)));
        let wanted = Wanted::of(&filter).unwrap();
        let log = Log::open(&connection, range, known, &wanted).unwrap();
        prop_assert_eq!(log.total(), wanted_rows.len() as i64);
        let mut found = Vec::new();
        loop {
            let page = log.page(found.last(), limit).unwrap();
            prop_assert!(page.len() <= limit);
            if page.is_empty() { break; }
            found.extend(page);
        }
        prop_assert_eq!(found.len(), wanted_rows.len());
        for (place, row) in found.iter().zip(wanted_rows) {
            let view = requests::request(&connection, place).unwrap();
            prop_assert_eq!((view.id, view.day.as_str()), (row.id.to_string(), row.day));
            prop_assert_eq!((view.cost.source, view.cost.total_nano), (row.source, row.total.map(|nano| nano as f64)));
            prop_assert_eq!((view.outcome, view.purpose, view.model.as_str()), (row.outcome, row.purpose, row.model));
        }
    }

    #[test]
    fn sums_made_anew_are_those_that_were_kept(steps in steps()) {
        let mut connection = store();
        let rows = book(&mut connection, &steps);
        let kept = table(&connection);
        let months = rollup::months(&connection).unwrap();
        let named: BTreeSet<String> = rows.iter().map(|row| row.day[..7].to_owned()).collect();
        prop_assert_eq!(&months, &named.into_iter().collect::<Vec<_>>());
        for month in &months {
            prop_assert!(rollup::check(&connection, month).unwrap(), "{}", month);
            let of: Vec<&Row> = rows.iter().filter(|row| row.day.starts_with(month.as_str())).collect();
            let spend = month_spend(&connection, month).unwrap();
            let wanted = sums(of.iter().copied());
            prop_assert_eq!((spend.total_nano as f64, spend.estimated_nano as f64), (wanted.total_nano, wanted.estimated_nano));
            prop_assert_eq!((f64::from(spend.unknown), f64::from(spend.entries)), (wanted.unknown, wanted.entries));
            let by_account: i64 = month_spend_by_account(&connection, month).unwrap().iter().map(|line| line.2.total_nano).sum();
            prop_assert_eq!(by_account, spend.total_nano);
        }
        let tx = connection.transaction().unwrap();
        rollup::rebuild_all(&tx).unwrap();
        tx.commit().unwrap();
        prop_assert_eq!(kept, table(&connection));
    }

    #[test]
    fn days_put_together_are_the_whole_whatever_day_it_is(steps in steps(), today in prop::sample::select(&["2020-01-01", TODAY, "2031-05-05"][..])) {
        let mut connection = store();
        let rows = book(&mut connection, &steps);
        let whole = on(&connection, &CostFilter::default(), CostGroup::Provider, today);
        prop_assert_eq!(without_median(whole.totals), sums(&rows));
        let days: BTreeSet<&str> = rows.iter().map(|row| row.day).collect();
        let day = |day: &&str| {
            let filter = CostFilter { from: (*day).into(), to: (*day).into(), ..CostFilter::default() };
            without_median(on(&connection, &filter, CostGroup::Provider, today).totals)
        };
        prop_assert_eq!(days.iter().map(day).fold(CostTotals::default(), plus), sums(&rows));
    }
}

/// Each point is the sum of the rows of its group and its day or month; where there is none there are no rows.
fn points(points: &[CostPoint], buckets: &[String], rows: &[&Row]) {
    assert!(points.is_sorted_by(|a, b| a.bucket < b.bucket));
    let mut seen = 0;
    for point in points {
        let bucket = &buckets[point.bucket as usize];
        let of: Vec<&Row> = rows.iter().copied().filter(|row| row.day.starts_with(bucket.as_str())).collect();
        let wanted = sums(of.iter().copied());
        assert_eq!((point.total_nano, point.entries), (wanted.total_nano, wanted.entries));
        assert_eq!((point.input, point.output), (wanted.input, wanted.output));
        assert_eq!(point.guessed_nano, guessed(&of));
        seen += of.len();
    }
    assert_eq!(seen, rows.len());
}
