//! Single facts: what does not fit, what an older store becomes, how an entry came about.

use std::sync::Arc;

use parlance_core::{
    clock::ManualClock,
    costs::{
        Amounts, LedgerEntry, TokensSource, audit,
        dashboard::{self, Question},
        ledger::{Booking, LedgerError, insert_entry, month_spend},
        range::{self, Asked},
        rollup,
        wanted::Wanted,
    },
    history::{Database, migrate::MIGRATIONS},
    view::{CostFilter, CostGrain, CostGroup, CostSource},
};
use parlance_providers::Usage;
use rusqlite::Connection;

use super::ledgers::{TODAY, fill_people, on, store};

fn attempt(connection: &Connection, run: i64, reason: &str) -> i64 {
    connection
        .execute(
            "INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, first_token_ms, duration_ms, reason)
             VALUES (?1, (SELECT count(*) FROM attempt), 1, 'v', 'm', 0, 700, 900, ?2)",
            rusqlite::params![run, reason],
        )
        .unwrap();
    connection.last_insert_rowid()
}

fn entry(total: i64) -> LedgerEntry {
    LedgerEntry {
        usage: Usage::default(),
        tokens_source: TokensSource::Reported,
        source: CostSource::Reported,
        amounts: Amounts { total: Some(total), ..Amounts::default() },
        reported_raw: None,
        rates: None,
        saved_nano: None,
        cache_saved_nano: None,
    }
}

fn book(connection: &mut Connection, attempt_id: i64, day: &str, entry: &LedgerEntry) -> Result<i64, LedgerError> {
    let booking = Booking {
        attempt_id,
        conversation_id: None,
        purpose: "chat",
        provider_id: 1,
        account_id: None,
        route_id: None,
        vendor: "v",
        model: "m",
        outcome: "complete",
        booked_at: 0,
        booked_day: day,
    };
    let tx = connection.transaction().unwrap();
    let id = insert_entry(&tx, &booking, entry)?;
    tx.commit().unwrap();
    Ok(id)
}

fn question(filter: CostFilter) -> Question {
    Question {
        asked: Asked::of(&filter).unwrap(),
        wanted: Wanted::of(&filter).unwrap(),
        filter,
        group: CostGroup::Provider,
        today: range::day(TODAY).unwrap(),
    }
}

#[test]
fn what_does_not_fit_is_an_error_and_no_booking_fails_for_it() {
    let mut connection = store();
    for nano in [i64::MAX, i64::MAX, 5] {
        let attempt = attempt(&connection, 1, "first");
        book(&mut connection, attempt, TODAY, &entry(nano)).unwrap();
    }
    let found = dashboard::read(&connection, &question(CostFilter::default()));
    assert!(matches!(found, Err(LedgerError::Overflow)), "{found:?}");
    assert!(rollup::check(&connection, "2026-11").unwrap(), "made anew it is as much too large");
    // Sums that fit each, and not together.
    let mut connection = store();
    for day in ["2026-11-01", "2026-11-02"] {
        let attempt = attempt(&connection, 1, "first");
        book(&mut connection, attempt, day, &entry((1 << 53) - 1)).unwrap();
    }
    let found = dashboard::read(&connection, &question(CostFilter::default()));
    assert!(matches!(found, Err(LedgerError::Overflow)), "{found:?}");
    let day = |day: &str| CostFilter { from: day.into(), to: day.into(), ..CostFilter::default() };
    let one = dashboard::read(&connection, &question(day("2026-11-02"))).unwrap();
    assert_eq!(one.totals.total_nano, ((1_i64 << 53) - 1) as f64);
}

#[test]
fn an_entry_says_how_it_came_about() {
    let mut connection = store();
    for (run, reason) in [(1, "first"), (2, "first"), (1, "next_target"), (2, "retry")] {
        let attempt = attempt(&connection, run, reason);
        book(&mut connection, attempt, TODAY, &entry(1)).unwrap();
    }
    let mut statement =
        connection.prepare("SELECT again, first_token_ms, duration_ms FROM ledger ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let rows: Vec<(String, i64, i64)> = rows.collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["first", "asked", "tried", "tried"]);
    assert!(rows.iter().all(|row| (row.1, row.2) == (700, 900)));
}

#[test]
fn an_entry_of_no_attempt_is_refused() {
    let mut connection = store();
    assert!(matches!(book(&mut connection, 99, TODAY, &entry(1)), Err(LedgerError::NoAttempt)));
}

#[test]
fn an_older_store_has_its_columns_and_sums_filled() {
    let mut connection = Connection::open_in_memory().unwrap();
    let (before, costs) = MIGRATIONS.split_at(8);
    before.iter().for_each(|step| connection.execute_batch(&step.sql).unwrap());
    fill_people(&connection);
    let asked = attempt(&connection, 2, "first");
    let tried = attempt(&connection, 1, "retry");
    let rates = r#"{"input":3000000000,"cache_read":300000000,"cache_write":3750000000,"source":"s","date":"d"}"#;
    connection
        .execute_batch(&format!(
            "INSERT INTO ledger (attempt_id, purpose, provider_id, vendor, model, outcome, booked_at, booked_day, input_total,
                 cache_read, cache_write, tokens_source, source, total_nano, rates) VALUES
                 ({asked}, 'chat', 1, 'v', 'm', 'complete', 0, '2026-10-31', 9000, 1000, 1000, 'reported', 'priced', 7, '{rates}'),
                 ({tried}, 'chat', 1, 'v', 'm', 'failed', 0, '2026-11-01', 9, NULL, NULL, 'reported', 'priced', 3, '{rates}'),
                 (NULL, 'title', NULL, 'v', 'm', 'complete', 0, '2026-11-01', {max}, 5, NULL, 'reported', 'unknown', NULL, NULL),
                 (NULL, 'title', NULL, 'v', 'm', 'complete', 0, '2026-11-02', {max}, {max}, NULL, 'reported', 'priced', 1, '{rates}');
             INSERT INTO ledger (kind, adjusts, purpose, provider_id, vendor, model, outcome, booked_at, booked_day,
                 tokens_source, source, total_nano) VALUES
                 ('adjustment', 1, 'chat', 1, 'v', 'm', 'complete', 0, '2026-10-31', 'unknown', 'reported', -2);",
            max = i64::MAX
        ))
        .unwrap();
    let tx = connection.transaction().unwrap();
    tx.execute_batch(&costs[0].sql).unwrap();
    tx.commit().unwrap();
    let mut statement = connection
        .prepare("SELECT again, cached, cache_saved_nano FROM ledger WHERE kind = 'entry' ORDER BY id LIMIT 3")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let rows: Vec<(String, bool, Option<i64>)> = rows.collect::<Result<_, _>>().unwrap();
    let wanted = [("asked", Some(1_950_000)), ("tried", None), ("first", None)];
    assert_eq!(rows, wanted.map(|(again, saved)| (again.to_owned(), false, saved)));
    for month in ["2026-10", "2026-11"] {
        assert!(rollup::check(&connection, month).unwrap(), "{month}: the migration holds another definition");
    }
    let october = CostFilter { from: "2026-10-01".into(), to: "2026-10-31".into(), ..CostFilter::default() };
    let found = on(&connection, &october, CostGroup::Provider, TODAY);
    assert_eq!((found.totals.total_nano, found.totals.reported, found.totals.priced), (5.0, 1.0, 0.0));
    assert_eq!(found.totals.first_token_ms, Some(671.5));
}

#[test]
fn what_is_wrong_is_found_and_made_right() {
    let mut connection = store();
    let attempt = attempt(&connection, 1, "first");
    book(&mut connection, attempt, TODAY, &entry(5)).unwrap();
    for harm in [
        "UPDATE ledger_rollup SET total_nano = 6 WHERE length(bucket) = 7",
        "UPDATE ledger_rollup SET first_token = '{\"640\":2}' WHERE length(bucket) = 10",
        "DELETE FROM ledger_rollup WHERE length(bucket) = 10",
        "INSERT INTO ledger_rollup SELECT '2026-11-30', 9, 9, 9, 'x', purpose, outcome, source, again, 1, 1, 1, 1, 1, 1, 1, 1, 1,
             '{}' FROM ledger_rollup LIMIT 1",
    ] {
        connection.execute_batch(harm).unwrap();
        assert!(!rollup::check(&connection, "2026-11").unwrap(), "{harm}");
        let tx = connection.transaction().unwrap();
        rollup::rebuild(&tx, "2026-11").unwrap();
        tx.commit().unwrap();
        assert!(rollup::check(&connection, "2026-11").unwrap());
    }
}

#[test]
fn the_running_month_is_projected_and_no_other() {
    let mut connection = store();
    for day in ["2026-11-19", "2026-11-20", "2026-11-21"] {
        let attempt = attempt(&connection, 1, "first");
        book(&mut connection, attempt, day, &entry(100)).unwrap();
    }
    let of = |from: &str, to: &str| {
        let filter = CostFilter { from: from.into(), to: to.into(), ..CostFilter::default() };
        on(&connection, &filter, CostGroup::Provider, TODAY)
    };
    let month = of("2026-11-01", "2026-11-30");
    assert_eq!((month.grain, month.buckets.len()), (CostGrain::Day, 30));
    let projection = month.projection.unwrap();
    assert_eq!((projection.total_nano, projection.days.len()), (1_200.0, 8));
    assert_eq!(of("2026-11-01", TODAY).projection, None);
    assert_eq!(of("2026-10-01", "2026-10-31").projection, None);
    let other = CostFilter {
        from: "2026-11-01".into(),
        to: "2026-11-30".into(),
        models: vec!["x".into()],
        ..CostFilter::default()
    };
    assert_eq!(on(&connection, &other, CostGroup::Provider, TODAY).projection, None, "the filter holds for it too");
}

#[test]
fn an_empty_ledger_is_a_day_of_nothing() {
    let found = on(&store(), &CostFilter::default(), CostGroup::Model, TODAY);
    assert_eq!((found.since, found.buckets.as_slice()), (None, &[TODAY.to_owned()][..]));
    assert!(found.series.is_empty() && found.lines.is_empty() && found.waste.is_empty());
    assert_eq!(found.totals, Default::default());
}

#[tokio::test]
async fn once_a_day_wrong_sums_are_made_right() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(1_780_000_000_000, 0));
    let database = Database::open(folder.path(), clock.clone()).unwrap().database;
    let wrong = |tx: &rusqlite::Transaction<'_>| {
        fill_people(tx);
        tx.execute_batch(
            "INSERT INTO ledger (purpose, provider_id, vendor, model, outcome, booked_at, booked_day, tokens_source, source,
                 total_nano) VALUES ('chat', 1, 'v', 'm', 'complete', 0, '2026-05-28', 'reported', 'priced', 7)",
        )?;
        Ok(())
    };
    database.write(wrong).await.unwrap();
    let spent = |connection: &Connection| Ok(month_spend(connection, "2026-05")?.total_nano);
    audit::once(&database, &*clock).await.unwrap();
    assert_eq!(database.read(spent).await.unwrap(), 7);
    let harm = |tx: &rusqlite::Transaction<'_>| Ok(tx.execute("DELETE FROM ledger_rollup", [])?);
    database.write(harm).await.unwrap();
    audit::once(&database, &*clock).await.unwrap();
    assert_eq!(database.read(spent).await.unwrap(), 0, "not twice a day");
    clock.advance(24 * 3_600_000);
    audit::once(&database, &*clock).await.unwrap();
    assert_eq!(database.read(spent).await.unwrap(), 7);
}
