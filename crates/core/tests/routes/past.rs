//! What routes did: the times that they moved on, page by page.

use parlance_core::view::{RouteView, SkipReason};
use parlance_providers::Category;

use super::{provider, route, target};
use crate::common::{Bench, NOON, store};

/// Runs with their attempts, written as a run would.
struct Past {
    db: rusqlite::Connection,
    route: i64,
    started: i64,
}

impl Past {
    fn run(&mut self, outcome: &str) -> i64 {
        self.started += 1_000;
        let sql = "INSERT INTO run (purpose, route_id, started_at, outcome) VALUES ('chat', ?1, ?2, ?3)";
        self.db.execute(sql, (self.route, self.started, outcome)).unwrap();
        self.db.last_insert_rowid()
    }

    fn attempt(&mut self, run: i64, provider: &str, reason: &str, failed: bool, skipped: Option<&str>) {
        self.started += 100;
        let sql = "INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, outcome, reason, skipped,
                                        error_category, error_message)
                   VALUES (?1, (SELECT count(*) FROM attempt WHERE run_id = ?1), ?2, 'openai', 'm', ?3, ?4, ?5, ?6, ?7, ?8)";
        let outcome = if failed { "failed" } else { "complete" };
        let error = failed.then_some("overloaded");
        let words = failed.then_some("busy");
        let values = (run, provider, self.started, outcome, reason, skipped, error, words);
        self.db.execute(sql, values).unwrap();
    }
}

#[tokio::test]
async fn switches_are_told_newest_first_with_whom_they_left() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai", "Two").await);
    let saved = bench.app.save_route(route("R", vec![target(&one, "m"), target(&two, "m")])).await.unwrap();
    let other = bench.app.save_route(route("Other", vec![target(&one, "m")])).await.unwrap();
    let id = |view: &RouteView| view.id.parse::<i64>().unwrap();
    let mut past = Past { db: store(&bench.data()), route: id(&saved), started: NOON - 1_000_000 };
    let skip = serde_json::json!([{ "providerId": one.id, "providerName": "Then", "model": "m", "reason": "resting",
        "until": null, "because": null }]);
    let quiet = past.run("complete");
    past.attempt(quiet, &one.id, "first", false, None);
    let failed = past.run("complete");
    past.attempt(failed, &one.id, "first", true, None);
    past.attempt(failed, &one.id, "retry", true, None);
    past.attempt(failed, &two.id, "next_target", false, None);
    let passed = past.run("failed");
    past.attempt(passed, &two.id, "first", true, Some(&skip.to_string()));
    past.route = id(&other);
    let elsewhere = past.run("complete");
    past.attempt(elsewhere, &two.id, "next_target", false, None);
    past.db.execute("UPDATE run SET started_at = ?1 WHERE id = ?2", (NOON - 8 * 86_400_000, quiet)).unwrap();

    let page = bench.app.route_switches(&saved.id, None).await.unwrap();
    let [newest, before] = &page.switches[..] else { panic!("{page:?}") };
    assert_eq!((newest.skip, newest.tries, newest.lost_ms), (Some(SkipReason::Resting), 0, 0));
    assert_eq!((newest.from.provider_name.as_str(), newest.to.provider_name.as_str()), ("One", "Two"));
    assert_eq!((before.tries, before.lost_ms, before.skip), (2, 200, None));
    assert_eq!(before.failure.as_ref().map(|failure| failure.category), Some(Category::Overloaded));
    assert_eq!((page.week, page.answers, page.next), (2, 1, None), "of seven days, complete ones alone");
}

#[tokio::test]
async fn a_switch_says_where_its_chat_lies_in_the_trash() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai", "Two").await);
    let saved = bench.app.save_route(route("R", vec![target(&one, "m"), target(&two, "m")])).await.unwrap();
    let mut past = Past { db: store(&bench.data()), route: saved.id.parse().unwrap(), started: NOON - 1_000_000 };
    let run = past.run("complete");
    past.attempt(run, &one.id, "first", true, None);
    past.attempt(run, &two.id, "next_target", false, None);
    past.db.execute("INSERT INTO conversation (created_at, updated_at, touched) VALUES (1, 1, 1)", ()).unwrap();
    let chat = past.db.last_insert_rowid();
    past.db.execute("UPDATE run SET conversation_id = ?1 WHERE id = ?2", (chat, run)).unwrap();
    for deleted_at in [None, Some(2)] {
        past.db.execute("UPDATE conversation SET deleted_at = ?1 WHERE id = ?2", (deleted_at, chat)).unwrap();
        let page = bench.app.route_switches(&saved.id, None).await.unwrap();
        let [switch] = &page.switches[..] else { panic!("{page:?}") };
        assert_eq!(switch.conversation_id.as_deref(), Some(chat.to_string().as_str()));
        assert_eq!(switch.trashed, deleted_at.is_some());
    }
}

#[tokio::test]
async fn pages_over_a_hundred_thousand_runs_leave_out_no_switch_and_tell_none_twice() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai", "Two").await);
    let saved = bench.app.save_route(route("R", vec![target(&one, "m"), target(&two, "m")])).await.unwrap();
    let db = store(&bench.data());
    db.execute_batch(&format!(
        "BEGIN;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO run (purpose, route_id, started_at, outcome)
             SELECT 'chat', {route}, {NOON} - (100000 - i) * 60000, 'complete' FROM n;
         INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, outcome)
             SELECT id, 0, {one}, 'openai', 'm', started_at, iif(id % 700 = 0, 'failed', 'complete') FROM run;
         INSERT INTO attempt (run_id, ordinal, provider_id, vendor, model, started_at, outcome, reason)
             SELECT id, 1, {two}, 'openai', 'm', started_at + 500, 'complete', 'next_target' FROM run WHERE id % 700 = 0;
         COMMIT;",
        route = saved.id,
        one = one.id,
        two = two.id,
    ))
    .unwrap();
    let (mut all, mut before) = (0, None);
    loop {
        let page = bench.app.route_switches(&saved.id, before.as_deref()).await.unwrap();
        all += page.switches.len();
        assert!(page.switches.is_sorted_by(|newer, older| newer.at > older.at));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(all, 100_000 / 700);
}
