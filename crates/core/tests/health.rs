//! How providers do: from real calls, from the ledger, and from free questions.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use std::{sync::Arc, time::Duration};

use crate::common::{self, Bench, NOON, count, settled, store};
use parlance_core::{
    costs::rollup,
    view::{AccountInput, HealthView, MessageStatus, ProviderFacts, ProviderInput, ProviderSettings, ProviderView},
};
use parlance_providers::{Category, ProviderError};

async fn facts(bench: &Bench) -> ProviderFacts {
    bench.app.provider_facts().await.unwrap().remove(0)
}

/// Fills the ledger and the attempts of a store from outside.
fn fill(bench: &Bench, sql: &str) {
    store(&bench.data()).execute_batch(sql).unwrap();
}

/// Attempts of account 1 at provider 1, one for each of these ends, the oldest first.
fn attempts(ends: &[(&str, Option<i64>)]) -> String {
    let row = |(at, (outcome, first_token)): (usize, &(&str, Option<i64>))| {
        let first_token = first_token.map_or("NULL".to_owned(), |ms| ms.to_string());
        let error = if *outcome == "failed" { "'network'" } else { "NULL" };
        format!(
            "INSERT INTO run (purpose, started_at) VALUES ('chat', {at});
             INSERT INTO attempt (run_id, ordinal, provider_id, account_id, vendor, model, started_at, outcome,
                 first_token_ms, error_category, error_message)
             VALUES (last_insert_rowid(), 0, 1, 1, 'v', 'm-{at}', {at}, '{outcome}', {first_token}, {error}, 'no');"
        )
    };
    format!("BEGIN; {} COMMIT;", ends.iter().enumerate().map(row).collect::<String>())
}

#[tokio::test]
async fn the_last_twenty_calls_that_nobody_stopped() {
    let bench = Bench::new().await;
    bench.provider().await;
    assert_eq!(facts(&bench).await.health, HealthView::default());
    let mut ends = vec![("failed", None)];
    ends.extend((1..=20).map(|ms| ("complete", Some(ms * 100))));
    ends.extend([("cancelled", Some(1)), ("running", None), ("cancelled", None)]);
    fill(&bench, &attempts(&ends));
    let health = facts(&bench).await.health;
    assert_eq!(health.calls.len(), 20);
    assert_eq!((health.calls[0].at, health.calls[19].at), (1.0, 20.0), "the oldest first");
    assert!(health.calls.iter().all(|call| call.outcome == MessageStatus::Complete));
    assert_eq!((health.failed, &health.last_error), (0, &None), "the failure is too long ago");
    assert_eq!((health.first_token_median_ms, health.first_token_p95_ms), (Some(1_050), Some(1_900)));
    assert_eq!(facts(&bench).await.accounts[0].health, health);

    fill(&bench, "UPDATE attempt SET outcome = 'failed', error_category = 'timeout' WHERE model = 'm-20'");
    let health = facts(&bench).await.health;
    let last = health.last_error.unwrap();
    assert_eq!((health.failed, last.failure.category, last.model.as_str()), (1, Category::Timeout, "m-20"));
    assert_eq!(health.calls[19].category, Some(Category::Timeout));
}

#[tokio::test]
async fn however_many_calls_there_are_a_few_rows_are_read() {
    let bench = Bench::new().await;
    bench.provider().await;
    let many: Vec<_> =
        (0..3_000).map(|at| if at < 1_500 { ("complete", Some(5)) } else { ("cancelled", None) }).collect();
    fill(&bench, &attempts(&many));
    assert!(facts(&bench).await.health.calls.is_empty(), "it does not look for them without end");
}

#[tokio::test]
async fn money_of_this_month_by_provider_and_account() {
    let bench = Bench::new().await;
    let provider = bench.provider().await;
    let second = AccountInput { id: None, provider_id: provider.id.clone(), label: "b".into(), enabled: true };
    bench.app.save_account(second).await.unwrap();
    let entry = |account: i64, day: &str, nano: i64, source: &str| {
        format!(
            "INSERT INTO ledger (purpose, provider_id, account_id, vendor, model, outcome, booked_at, booked_day,
                 tokens_source, source, total_nano)
             VALUES ('chat', 1, {account}, 'v', 'm', 'complete', 0, '{day}', 'reported', '{source}', {nano});"
        )
    };
    // Noon of the bench is in May 2026.
    let sql = [
        entry(1, "2026-05-01", 10, "priced"),
        entry(1, "2026-05-31", 5, "estimated"),
        entry(2, "2026-05-28", 100, "priced"),
        entry(2, "2026-04-30", 7_000, "priced"),
        entry(2, "2026-06-01", 7_000, "priced"),
        "INSERT INTO ledger (kind, adjusts, purpose, provider_id, account_id, vendor, model, outcome, booked_at,
             booked_day, tokens_source, source, total_nano)
         VALUES ('adjustment', 3, 'chat', 1, 2, 'v', 'm', 'complete', 0, '2026-05-28', 'unknown', 'reported', -40);"
            .to_owned(),
    ];
    fill(&bench, &sql.concat());
    let mut store = store(&bench.data());
    let tx = store.transaction().unwrap();
    rollup::rebuild_all(&tx).unwrap();
    tx.commit().unwrap();
    assert_eq!(count(&bench.data(), "SELECT count(*) FROM ledger"), 6);
    let facts = facts(&bench).await;
    let sums = |spend: &parlance_core::view::SpendView| (spend.total_nano, spend.estimated_nano, spend.entries);
    assert_eq!(sums(&facts.accounts[0].spend), (15.0, 5.0, 2));
    assert_eq!(sums(&facts.accounts[1].spend), (60.0, 0.0, 1));
    assert_eq!(sums(&facts.spend), (75.0, 5.0, 3));
    assert_eq!(facts.spend, bench.app.spend().await.unwrap());
}

/// Switches free questions on or off, as the settings do.
async fn probes(bench: &Bench, provider: &ProviderView, on: bool) {
    let settings = ProviderSettings { probes: on, ..ProviderSettings::default() };
    let json = serde_json::to_string(&settings).unwrap();
    store(&bench.data()).execute("UPDATE provider SET config = ?1", [json]).unwrap();
    let same = ProviderInput { id: Some(provider.id.clone()), ..common::input("http://127.0.0.1:9/v1") };
    assert_eq!(bench.app.save_provider(same).await.unwrap().settings.probes, on);
}

const MINUTE: Duration = Duration::from_secs(60);

/// Until a provider is asked, which is due within so long. The threads of the store keep no time that a test could
/// pass, so once it is due this looks on until they are done, however long they take.
async fn is_asked_within(bench: &mut Bench, time: Duration) {
    let mut looks = 0;
    while !asked_within(bench, if looks == 0 { time } else { Duration::ZERO }).await {
        looks += 1;
        assert!(looks < 10_000, "nobody was asked");
        bench.app.provider_facts().await.unwrap();
    }
}

/// Whether a provider is asked within so long. Time passes in steps, and the store has its own while after each.
async fn asked_within(bench: &mut Bench, time: Duration) -> bool {
    let step = Duration::from_secs(10);
    for _ in 0..time.as_secs() / step.as_secs() {
        tokio::time::advance(step).await;
        for _ in 0..2 {
            bench.app.provider_facts().await.unwrap();
        }
        if bench.checks.try_recv().is_ok() {
            return true;
        }
    }
    bench.checks.try_recv().is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_free_question_now_and_then_where_the_user_wants_it() {
    // Somebody is always at work, so time stands still but for the steps of this test.
    tokio::spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    assert!(!asked_within(&mut bench, 20 * MINUTE).await, "off by default");
    probes(&bench, &provider, true).await;
    is_asked_within(&mut bench, MINUTE).await;
    let mark = facts(&bench).await.health.probe.unwrap();
    assert_eq!((mark.at, mark.failure), (NOON as f64, None));
    assert!(!asked_within(&mut bench, 4 * MINUTE).await);
    *bench.refuse.lock().unwrap() = Some(ProviderError::new(Category::Overloaded, "busy"));
    is_asked_within(&mut bench, 2 * MINUTE).await;
    is_asked_within(&mut bench, 6 * MINUTE).await;
    let failure = facts(&bench).await.health.probe.unwrap().failure.unwrap();
    assert_eq!((failure.category, failure.message.as_str()), (Category::Overloaded, "busy"));
    *bench.refuse.lock().unwrap() = None;
    let booked = "SELECT (SELECT count(*) FROM attempt) + (SELECT count(*) FROM ledger) + (SELECT count(*) FROM run)";
    assert_eq!(count(&bench.data(), booked), 0, "nothing is booked");

    // A call says more than a question: for five minutes after it none is asked.
    bench.send(None, "hi", &provider).await;
    let asked = bench.asked.recv().await.unwrap();
    assert!(!asked_within(&mut bench, 20 * MINUTE).await, "also while it runs");
    asked.finish();
    while facts(&bench).await.running > 0 {}
    assert!(!asked_within(&mut bench, 4 * MINUTE).await);
    is_asked_within(&mut bench, 8 * MINUTE).await;

    probes(&bench, &provider, false).await;
    assert!(!asked_within(&mut bench, 20 * MINUTE).await);
    assert_eq!(facts(&bench).await.health.probe, None, "what is switched off says nothing");
    probes(&bench, &provider, true).await;
    is_asked_within(&mut bench, MINUTE).await;
    bench.app.close().await;
    for _ in 0..60 {
        tokio::time::advance(MINUTE).await;
    }
    assert!(bench.checks.try_recv().is_err(), "it ends with the app");
}

#[tokio::test(start_paused = true)]
async fn after_a_sleep_of_the_computer_no_connection_from_before_is_used() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    bench.send(None, "hi", &provider).await;
    bench.asked.recv().await.unwrap().finish();
    // The wall clock goes on as the waits do, then by more than half a minute too much.
    for (wall, drops) in [(5_000, false), (5_000, false), (40_000, true), (5_000, false)] {
        bench.clock.advance(wall);
        tokio::time::sleep(Duration::from_secs(5)).await;
        tokio::task::yield_now().await;
        assert_eq!(bench.drops.try_recv().is_ok(), drops, "{wall}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_to_the_first_token_does_not_count_the_wait() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    fill(&bench, r#"UPDATE provider SET config = '{"limits": {"requestsPerMinute": 1}}'"#);
    let (snapshot, mut reader) = bench.app.attach("main");
    let began = tokio::time::Instant::now();
    for text in ["a", "b"] {
        let receipt = bench.send(None, text, &provider).await;
        let asked = bench.asked.recv().await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        asked.text("now");
        asked.finish();
        settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
    }
    assert!(began.elapsed() >= MINUTE, "the second waited");
    let slowest = count(&bench.data(), "SELECT max(first_token_ms) FROM attempt");
    assert!((2_000..30_000).contains(&slowest), "{slowest}");
}

#[tokio::test]
async fn settings_of_the_provider_go_into_the_request() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let config = r#"{"parameters": {"temperature": 0.25, "maxTokens": 50}, "extras": "{\"service_tier\": \"flex\"}"}"#;
    store(&bench.data()).execute("UPDATE provider SET config = ?1", [config]).unwrap();
    bench.send(None, "hi", &provider).await;
    let request = bench.asked.recv().await.unwrap().request;
    assert_eq!((request.parameters.temperature, request.parameters.max_tokens), (Some(0.25), Some(50)));
    assert_eq!(request.extra.get("service_tier").and_then(|tier| tier.as_str()), Some("flex"));
    let bench = Bench::over(Arc::new(tempfile::tempdir().unwrap())).await;
    assert!(bench.app.provider_facts().await.unwrap().is_empty());
}
