//! The dashboard and the request log over a ledger of a million entries in three years, and what an entry's sums cost.
//!
//! `cargo bench -p parlance-core --bench costs` makes the store in a temporary folder, which takes a minute and half a
//! gigabyte. `PARLANCE_BENCH_ENTRIES` makes a smaller one; `PARLANCE_BENCH_STORE` names a folder to keep it in.
//!
//! Fails where the p95 of a kind of question is above its limit. Judged is the CPU time of the process, not the clock, as
//! in the benchmark of the search.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that fails should say where, and prints")]

#[path = "common/desk.rs"]
mod desk;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use cpu_time::ProcessTime;
use parlance_core::{
    App,
    clock::{Clock, SystemClock},
    costs::{Amounts, LedgerEntry, TokensSource, ledger, rollup},
    view::{CostFilter, CostGroup, CostOutcome, CostSource, DashboardInput, Purpose, RequestsInput},
};
use parlance_providers::Usage;
use rusqlite::{Connection, params};

const ENTRIES: i64 = 1_000_000;
const DAYS: i64 = 3 * 365;
const DAY_MS: i64 = 24 * 3_600_000;
const ROUNDS: usize = 40;
const ROWS: u32 = 100;
const BOOKED: i64 = 2_000;

/// What each may take at p95, in milliseconds of CPU.
const A_MONTH_MS: f64 = 50.0;
const ALL_TIME_MS: f64 = 200.0;
const A_PAGE_MS: f64 = 50.0;
/// What the sums may add to the booking of an entry, in microseconds of CPU: a commit alone takes a hundred times that.
const MOST_US: f64 = 500.0;

fn main() -> ExitCode {
    // `cargo test --benches` runs this too; it measures only when asked to.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let entries = std::env::var("PARLANCE_BENCH_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(ENTRIES);
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("PARLANCE_BENCH_STORE").map_or_else(|| temporary.path().join("data"), PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let slow = runtime.block_on(async {
        if !folder.join("parlance.db").exists() {
            desk::open(&folder).await.close().await;
            fill(&folder.join("parlance.db"), entries);
        }
        checked_today(&folder.join("parlance.db"));
        let app = desk::open(&folder).await;
        let slow = questions(&app).await;
        app.close().await;
        slow
    });
    let us = booking(&folder.join("parlance.db"));
    if slow.is_empty() && us <= MOST_US {
        return ExitCode::SUCCESS;
    }
    println!("above their limits: {}", slow.join(", "));
    ExitCode::FAILURE
}

/// Ten providers, forty models of which few are used most, accounts, routes, and what becomes of requests, all by
/// arithmetic on their numbers. The last day is today.
fn fill(path: &Path, entries: i64) {
    let began = Instant::now();
    let mut store = Connection::open(path).unwrap();
    store.pragma_update(None, "synchronous", "off").unwrap();
    let tx = store.transaction().unwrap();
    tx.execute_batch(
        "INSERT INTO setting (key, value, updated_at) VALUES ('onboarded', 'true', 1);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
             INSERT INTO provider (slug, vendor, name, base_url, created_at, updated_at)
             SELECT 'p' || i, 'openai-compatible', 'Provider ' || i, 'http://127.0.0.1:9/v1', 1, 1 FROM n;
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
             INSERT INTO account (provider_id, label, created_at, updated_at)
             SELECT i % 10 + 1, 'Account ' || i, 1, 1 FROM n;
         INSERT INTO route (slug, name, strategy, created_at, updated_at)
             VALUES ('a', 'Everyday', 'priority', 1, 1), ('b', 'Cheap', 'lowest-cost', 1, 1);",
    )
    .unwrap();
    let first = SystemClock.now_ms() - DAYS * DAY_MS;
    let numbered = format!(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {entries}),
         q AS (SELECT i, {first} + (i + 1) * {span} / {entries} AS at, (i * 2654435761 >> 7) % 1000 AS a,
                   (i * 40503 >> 3) % 1000 AS b, (i * 69069 + 1) % 997 AS c FROM n),
         r AS (SELECT *, CAST(40.0 * a * a * a / 1e9 AS INTEGER) AS m FROM q)",
        span = DAYS * DAY_MS
    );
    tx.execute_batch(&format!(
        "{numbered} INSERT INTO run (id, purpose, trigger, started_at, outcome)
             SELECT i + 1, 'chat', CASE WHEN b < 20 THEN 'retry' ELSE 'send' END, at, 'complete' FROM r;
         {numbered} INSERT INTO attempt (id, run_id, ordinal, provider_id, vendor, model, started_at, first_token_ms, outcome)
             SELECT i + 1, i + 1, 0, 1, 'openai-compatible', 'm', at, 200 + c, 'complete' FROM r;
         {numbered} INSERT INTO ledger (attempt_id, purpose, provider_id, account_id, route_id, vendor, model, outcome,
                 booked_at, booked_day, input_total, cache_read, output_total, tokens_source, source, total_nano,
                 first_token_ms, duration_ms, again, cache_saved_nano)
             SELECT i + 1,
                 CASE WHEN b < 850 THEN 'chat' WHEN b < 950 THEN 'title' WHEN b < 999 THEN 'embedding' ELSE 'check' END,
                 m % 10 + 1, m % 10 + 1, CASE WHEN b % 5 = 0 AND b < 850 THEN 2 + b % 2 END, 'openai-compatible',
                 CASE WHEN i % 20011 = 7 THEN 'rare-model' ELSE 'vendor/model-with-a-usual-name-' || m END,
                 CASE WHEN c < 30 THEN 'failed' WHEN c < 45 THEN 'interrupted' WHEN c < 46 THEN 'cancelled' ELSE 'complete' END,
                 at, date(at / 1000, 'unixepoch'), 500 + a * 17, a * 5, 100 + c * 3, 'reported',
                 CASE WHEN m % 10 = 3 THEN 'reported' WHEN m % 10 = 4 THEN 'free' WHEN c < 45 THEN 'estimated'
                      WHEN b = 1 THEN 'unknown' ELSE 'priced' END,
                 CASE WHEN m % 10 = 3 THEN 900000 WHEN m % 10 = 4 THEN 0 WHEN c < 45 THEN 1000 WHEN b = 1 THEN NULL
                      ELSE 1000000 + a * 20000 END,
                 150 + a * 3 + c * c / 500, 900 + c * 20,
                 CASE WHEN b < 20 THEN 'asked' WHEN c % 80 = 0 THEN 'tried' ELSE 'first' END, a * 1000
             FROM r;"
    ))
    .unwrap();
    let filled = began.elapsed().as_secs_f64();
    rollup::rebuild_all(&tx).unwrap();
    tx.commit().unwrap();
    let sums: i64 = store.query_row("SELECT count(*) FROM ledger_rollup", [], |row| row.get(0)).unwrap();
    let months = "SELECT count(*) FROM ledger_rollup WHERE length(bucket) = 7";
    let months: i64 = store.query_row(months, [], |row| row.get(0)).unwrap();
    let size = std::fs::metadata(path).unwrap().len() >> 20;
    println!(
        "{entries} entries made in {filled:.0} s, their {sums} sums ({months} of months) in {:.0} s, store {size} MB",
        began.elapsed().as_secs_f64() - filled
    );
}

/// The daily comparison of the sums with their rows would otherwise run beside the questions, and count as theirs.
fn checked_today(path: &Path) {
    let kept = "INSERT INTO setting (key, value, updated_at) VALUES ('sums_checked_on', json_quote(?1), 1)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    Connection::open(path).unwrap().execute(kept, [day(0)]).unwrap();
}

fn day(days_ago: i64) -> String {
    SystemClock.local_day(SystemClock.now_ms() - days_ago * DAY_MS)
}

/// A filter of each kind, and none.
fn filters(from: &str, to: &str) -> Vec<CostFilter> {
    let days = CostFilter { from: from.into(), to: to.into(), ..CostFilter::default() };
    vec![
        days.clone(),
        CostFilter { providers: vec!["3".into(), "4".into()], ..days.clone() },
        CostFilter { models: vec!["vendor/model-with-a-usual-name-7".into()], ..days.clone() },
        CostFilter { purposes: vec![Purpose::Chat], sources: vec![CostSource::Priced], ..days.clone() },
        CostFilter { outcomes: vec![CostOutcome::Failed, CostOutcome::Interrupted], ..days },
    ]
}

/// Asks everything and prints the times. What was above its limit, by name.
async fn questions(app: &App) -> Vec<&'static str> {
    let today = day(0);
    let month = format!("{}-01", &today[..7]);
    let mut slow = Vec::new();
    println!("{:<34} {:>24} {:>24}", "p50, p95, worst", "ms", "ms of CPU");
    for (name, from, limit) in
        [("dashboard, a month", month.as_str(), A_MONTH_MS), ("dashboard, all time", "", ALL_TIME_MS)]
    {
        let groups = [CostGroup::Provider, CostGroup::Model, CostGroup::Purpose, CostGroup::Route, CostGroup::Account];
        let mut times = Times::default();
        for (round, filter) in filters(from, "").iter().cycle().take(ROUNDS).enumerate() {
            let input = DashboardInput { filter: filter.clone(), group: groups[round % 3 + round % 2] };
            let found = times.of(app.dashboard(input)).await.unwrap();
            assert!(found.totals.entries > 0.0);
        }
        times.judge(name, limit, &mut slow);
    }
    let half = day(DAYS / 2);
    let rare = |filter: CostFilter| CostFilter { models: vec!["rare-model".into()], ..filter };
    let odd = CostFilter {
        outcomes: vec![CostOutcome::Cancelled],
        purposes: vec![Purpose::Embedding, Purpose::Check],
        ..CostFilter::default()
    };
    let pages = [
        ("requests, newest", filters("", ""), None),
        ("requests, in the middle", filters("", ""), Some(format!("{half}:{}", i64::MAX))),
        ("requests, a rare model", vec![rare(CostFilter::default())], None),
        ("requests, a rare model, middle", vec![rare(CostFilter::default())], Some(format!("{half}:{}", i64::MAX))),
        ("requests, a rare ending", vec![odd.clone()], None),
        ("requests, a rare ending, middle", vec![odd], Some(format!("{half}:{}", i64::MAX))),
    ];
    for (name, filters, after) in pages {
        let mut times = Times::default();
        for filter in filters.iter().cycle().take(ROUNDS) {
            let input = RequestsInput { filter: filter.clone(), after: after.clone(), limit: ROWS };
            let found = times.of(app.requests(input)).await.unwrap();
            assert!(!found.rows.is_empty());
        }
        times.judge(name, A_PAGE_MS, &mut slow);
    }
    slow
}

/// Wall and CPU time of each call, in milliseconds.
#[derive(Default)]
struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Times {
    async fn of<T>(&mut self, call: impl Future<Output = T>) -> T {
        let (start, cpu) = (Instant::now(), ProcessTime::now());
        let found = call.await;
        self.wall.push(start.elapsed().as_secs_f64() * 1_000.0);
        self.cpu.push(cpu.elapsed().as_secs_f64() * 1_000.0);
        found
    }

    fn judge(mut self, name: &'static str, limit: f64, slow: &mut Vec<&'static str>) {
        let spread = |times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            (times[times.len() / 2], times[(times.len() - 1) * 95 / 100], times[times.len() - 1])
        };
        let (wall, cpu) = (spread(&mut self.wall), spread(&mut self.cpu));
        let shown = |(p50, p95, worst): (f64, f64, f64)| format!("{p50:>7.1} {p95:>7.1} {worst:>7.1}");
        println!("{name:<34} {:>24} {:>24}  at most {limit}", shown(wall), shown(cpu));
        if cpu.1 > limit {
            slow.push(name);
        }
    }
}

/// Books entries with their sums, and as many without; prints and gives the microseconds of CPU that a sum adds.
fn booking(path: &Path) -> f64 {
    let mut store = Connection::open(path).unwrap();
    let tx = store.transaction().unwrap();
    let today = day(0);
    let mut took = [0.0; 2];
    for with_sums in [false, true] {
        let attempts: Vec<i64> = (0..BOOKED)
            .map(|nth| {
                tx.execute(
                    "INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, first_token_ms)
                     VALUES (1, ?1, 1, 'v', 'm', 0, ?2)",
                    params![nth + 1 + BOOKED * i64::from(with_sums), 100 + nth],
                )
                .unwrap();
                tx.last_insert_rowid()
            })
            .collect();
        let start = ProcessTime::now();
        for (nth, attempt) in attempts.iter().enumerate() {
            if with_sums {
                book(&tx, *attempt, nth, &today);
            } else {
                raw(&tx, *attempt, nth, &today);
            }
        }
        took[usize::from(with_sums)] = start.elapsed().as_secs_f64() * 1e6 / BOOKED as f64;
    }
    tx.rollback().unwrap();
    let added = took[1] - took[0];
    println!("booking an entry: {:.0} µs of CPU, of which its sums {added:.0} (at most {MOST_US})", took[1]);
    added
}

fn model(nth: usize) -> String {
    format!("vendor/model-with-a-usual-name-{}", nth % 40)
}

fn book(tx: &rusqlite::Transaction<'_>, attempt_id: i64, nth: usize, today: &str) {
    let booking = ledger::Booking {
        attempt_id,
        conversation_id: None,
        purpose: "chat",
        provider_id: 1 + nth as i64 % 10,
        account_id: None,
        route_id: None,
        vendor: "v",
        model: &model(nth),
        outcome: "complete",
        booked_at: 1,
        booked_day: today,
    };
    let entry = LedgerEntry {
        usage: Usage { input_total: Some(1_000), output_total: Some(200), ..Usage::default() },
        tokens_source: TokensSource::Reported,
        source: CostSource::Priced,
        amounts: Amounts { total: Some(5_000_000), ..Amounts::default() },
        reported_raw: None,
        rates: None,
        saved_nano: None,
        cache_saved_nano: None,
    };
    ledger::insert_entry(tx, &booking, &entry).unwrap();
}

fn raw(tx: &rusqlite::Transaction<'_>, attempt_id: i64, nth: usize, today: &str) {
    tx.prepare_cached(
        "INSERT INTO ledger (attempt_id, purpose, provider_id, vendor, model, outcome, booked_at, booked_day, input_total,
             output_total, tokens_source, source, total_nano, first_token_ms)
         SELECT id, 'chat', ?2, 'v', ?3, 'complete', 1, ?4, 1000, 200, 'reported', 'priced', 5000000, first_token_ms
         FROM attempt WHERE id = ?1",
    )
    .unwrap()
    .execute(params![attempt_id, 1 + nth as i64 % 10, model(nth), today])
    .unwrap();
}
