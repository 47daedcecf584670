//! Through the app: what is booked is shown, listed and exported.

use crate::common::{self, Bench, count, input};
use parlance_core::{
    Error,
    view::{
        CostFilter, CostFormat, CostGroup, CostSource, DashboardInput, ModelInput, RequestPage, RequestsInput,
        RouteInput, RouteOverrides, RouteRules, RouteStrategy, RouteTargetInput, ShelfChange, Target,
    },
};
use serde_json::Value;

fn everything() -> CostFilter {
    CostFilter::default()
}

async fn requests(bench: &Bench, filter: CostFilter, after: Option<String>, limit: u32) -> RequestPage {
    bench.app.requests(RequestsInput { filter, after, limit }).await.unwrap()
}

#[tokio::test]
async fn an_answer_is_on_the_dashboard_and_in_the_log() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let [chat, _, reply] = bench.talk(None, "hello", &provider).await;
    let dashboard =
        bench.app.dashboard(DashboardInput { filter: everything(), group: CostGroup::Provider }).await.unwrap();
    assert_eq!((dashboard.totals.entries, dashboard.totals.complete, dashboard.totals.unknown), (1.0, 1.0, 1.0));
    assert_eq!((dashboard.totals.input, dashboard.totals.output), (12.0, 3.0));
    assert_eq!(dashboard.today_totals, dashboard.totals);
    assert_eq!((dashboard.today.as_str(), dashboard.since.as_deref()), ("2026-05-28", Some("2026-05-28")));
    let series = dashboard.series[0].key.as_ref().unwrap();
    assert_eq!((series.id.as_str(), series.name.as_str()), (provider.id.as_str(), "Bench"));
    assert_eq!(dashboard.lines[1].model.as_deref(), Some("m-1"));
    let page = requests(&bench, everything(), None, 50).await;
    assert_eq!((page.rows.len(), page.total, page.next), (1, 1.0, None));
    let row = &page.rows[0];
    assert_eq!((row.conversation_id.as_deref(), row.message_id.as_deref()), (Some(&*chat), Some(&*reply)));
    assert_eq!((row.provider_name.as_str(), row.model.as_str(), row.in_trash), ("Bench", "m-1", false));
    assert_eq!((row.cost.source, row.cost.total_nano, row.cost.input_total), (CostSource::Unknown, None, Some(12)));
    bench.app.shelve(vec![chat], ShelfChange::Trash).await.unwrap();
    assert!(requests(&bench, everything(), None, 50).await.rows[0].in_trash);
}

#[tokio::test]
async fn the_log_is_read_page_by_page() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    for text in ["a", "b", "c"] {
        bench.talk(None, text, &provider).await;
    }
    let first = requests(&bench, everything(), None, 2).await;
    let second = requests(&bench, everything(), first.next.clone(), 2).await;
    let ids: Vec<&str> = first.rows.iter().chain(&second.rows).map(|row| row.id.as_str()).collect();
    assert_eq!((ids, second.next, first.total), (vec!["3", "2", "1"], None, 3.0));
    for wrong in ["", "3", "2026-05-28", "2026-05-28:x", "x:3"] {
        let input = RequestsInput { filter: everything(), after: Some(wrong.into()), limit: 2 };
        let refused = bench.app.requests(input).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "after", .. })), "{wrong}: {refused:?}");
    }
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_is_refused_by_its_field() {
    let bench = Bench::new().await;
    let wrong = [
        ("from", CostFilter { from: "yesterday".into(), ..everything() }),
        ("to", CostFilter { to: "2026-02-30".into(), ..everything() }),
        ("providers", CostFilter { providers: vec!["x".into()], ..everything() }),
        ("routes", CostFilter { routes: vec!["-1".into()], ..everything() }),
        ("accounts", CostFilter { accounts: vec!["1 OR 1".into()], ..everything() }),
    ];
    for (wanted, filter) in wrong {
        let refused = bench.app.dashboard(DashboardInput { filter, group: CostGroup::Model }).await;
        assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == wanted), "{wanted}: {refused:?}");
    }
    let quoted = CostFilter { models: vec!["'; DROP TABLE ledger; --".into()], ..everything() };
    assert_eq!(requests(&bench, quoted, None, 5).await.total, 0.0);
}

#[tokio::test]
async fn an_export_holds_every_row_and_no_formula() {
    let mut bench = Bench::new().await;
    let mut odd = input("http://127.0.0.1:9/v1");
    odd.name = "=cmd, \"x\"".into();
    let provider = bench.app.save_provider(odd).await.unwrap();
    for text in ["a", "b"] {
        bench.talk(None, text, &provider).await;
    }
    let csv = bench.app.export_costs(everything(), CostFormat::Csv).await.unwrap();
    assert_eq!(csv.count, 2);
    let text = std::fs::read_to_string(&csv.path).unwrap();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("timeUtc,localDay,provider,"));
    assert!(
        lines[1].starts_with("2026-05-28T20:26:40.000Z,2026-05-28,\"'=cmd, \"\"x\"\"\",openai-compatible,"),
        "{}",
        lines[1]
    );
    assert!(lines[1].contains(",unknown,,"), "what is not known is empty, never 0: {}", lines[1]);

    let json = bench.app.export_costs(everything(), CostFormat::Json).await.unwrap();
    let read: Value = serde_json::from_str(&std::fs::read_to_string(&json.path).unwrap()).unwrap();
    assert_eq!(read["filter"]["from"], "2026-05-28");
    assert_eq!((read["totals"]["entries"].as_f64(), read["requests"].as_array().unwrap().len()), (Some(2.0), 2));
    assert_eq!(
        (&read["requests"][0]["costUsd"], &read["requests"][0]["inputTokens"]),
        (&Value::Null, &Value::from(12))
    );

    let again = bench.app.export_costs(everything(), CostFormat::Csv).await.unwrap();
    assert_ne!(again.path, csv.path, "never over another");
    let none = CostFilter { models: vec!["nobody".into()], ..everything() };
    let empty = bench.app.export_costs(none, CostFormat::Json).await.unwrap();
    let read: Value = serde_json::from_str(&std::fs::read_to_string(&empty.path).unwrap()).unwrap();
    assert_eq!((empty.count, read["requests"].as_array().unwrap().len()), (0, 0));
}

#[tokio::test]
async fn a_zone_or_a_clock_that_changes_moves_and_doubles_nothing() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    bench.talk(None, "today", &provider).await;
    bench.clock.advance(-400 * 24 * 3_600_000);
    bench.talk(None, "long ago", &provider).await;
    bench.clock.advance(800 * 24 * 3_600_000);
    bench.talk(None, "far ahead", &provider).await;
    let days = |page: &RequestPage| page.rows.iter().map(|row| row.day.clone()).collect::<Vec<_>>();
    let wanted = ["2027-07-02", "2026-05-28", "2025-04-23"];
    let page = requests(&bench, everything(), None, 9).await;
    assert_eq!(days(&page), wanted);
    bench.app.close().await;
    let clock = std::sync::Arc::new(parlance_core::clock::ManualClock::new(common::NOON, 14 * 60));
    let bench = Bench::at(bench.folder, clock).await;
    let elsewhere = requests(&bench, everything(), None, 9).await;
    assert_eq!((days(&elsewhere), elsewhere.total), (wanted.map(str::to_owned).to_vec(), 3.0));
    let dashboard =
        bench.app.dashboard(DashboardInput { filter: everything(), group: CostGroup::Model }).await.unwrap();
    assert_eq!((dashboard.totals.entries, dashboard.today_totals.entries), (3.0, 0.0), "here it is the next day");
}

#[tokio::test]
async fn every_route_says_what_its_cheapest_target_would_have_taken() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    bench.talk(None, "hello", &provider).await;
    let local = bench.app.save_provider(parlance_core::view::ProviderInput {
        vendor: "ollama".into(),
        name: "Here".into(),
        ..input("http://127.0.0.1:11434")
    });
    let local = local.await.unwrap();
    let target = |provider_id: &str, model: &str| RouteTargetInput {
        target: Target { provider_id: provider_id.into(), model: model.into() },
        account_id: None,
        weight: 1,
        overrides: RouteOverrides::default(),
    };
    let route = RouteInput {
        id: None,
        name: "Cheap".into(),
        strategy: RouteStrategy::Priority,
        targets: vec![target(&provider.id, "nobody-knows"), target(&local.id, "llama3.2")],
        rules: RouteRules::default(),
    };
    let route = bench.app.save_route(route).await.unwrap();
    assert!(bench.app.what_if(everything()).await.unwrap().is_empty(), "nobody is known to take so much");
    let model = |context| ModelInput {
        id: "llama3.2".into(),
        name: None,
        context: Some(context),
        max_output: None,
        can: Default::default(),
    };
    bench.app.add_model(&local.id, model(10)).await.unwrap();
    assert!(bench.app.what_if(everything()).await.unwrap().is_empty(), "ten are fewer than twelve");
    bench.app.add_model(&local.id, model(12)).await.unwrap();
    let found = bench.app.what_if(everything()).await.unwrap();
    let [known] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((known.route_id.as_str(), known.provider.id.as_str()), (route.id.as_str(), local.id.as_str()));
    assert_eq!((known.total_nano, known.entries, known.left_out), (0.0, 1.0, 0.0));
}

#[tokio::test]
async fn embeddings_are_in_the_log_too() {
    let mut bench = Bench::new().await;
    let provider = bench.provider().await;
    let target = Target { provider_id: provider.id, model: "e".into() };
    let app = bench.app.clone();
    let asked = tokio::spawn(async move { app.embed(&target, vec!["text".into()], None).await });
    bench.embeds.recv().await.unwrap().answer();
    asked.await.unwrap().unwrap();
    let page = requests(&bench, everything(), None, 9).await;
    assert_eq!(
        (page.rows[0].purpose, page.rows[0].conversation_id.clone()),
        (parlance_core::view::Purpose::Embedding, None)
    );
    assert_eq!(count(&bench.data(), "SELECT sum(entries) FROM ledger_rollup WHERE length(bucket) = 10"), 1);
}
