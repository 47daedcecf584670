//! Budgets in a whole app: who is refused, who may pass, what is told, and what is left of it.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod estimated;

use std::time::Duration;

use crate::common::{self, Asked, Bench, count, settled, store};
use parlance_core::{
    Error,
    costs::rollup,
    view::{
        AtLimit, BudgetInput, BudgetPeriod, BudgetScope, BudgetView, ChatTarget, DryRunInput, ExportInput, ImportInput,
        KeyInput, LimitSettings, MessageStatus, OwnPriceInput, PricesInput, ProviderInput, ProviderSettings,
        ProviderView, Rates, RouteCache, RouteInput, RouteOverrides, RouteRules, RouteStrategy, RouteTargetInput,
        RunReceipt, SendInput, Settled, SkipReason, Target,
    },
};
use parlance_providers::{Category, ChatEvent, ProviderError};

/// Ten dollars a million in, forty out: the price data knows it.
const MODEL: &str = "gpt-4o";
const DOLLAR: f64 = 1e9;
const DAY: i64 = 86_400_000;

async fn provider(bench: &Bench, name: &str) -> ProviderView {
    let input = ProviderInput {
        id: None,
        vendor: "openai".into(),
        name: name.into(),
        base_url: "https://api.openai.com/v1".into(),
        enabled: true,
        default_model: None,
        in_clear: false,
        fields: Default::default(),
    };
    let saved = bench.app.save_provider(input).await.unwrap();
    let key = KeyInput::Session { key: format!("sk-{name}-0123456789abcdef") };
    bench.app.set_key(&saved.accounts[0].id, key).await.unwrap()
}

fn target(provider: &ProviderView) -> Target {
    Target { provider_id: provider.id.clone(), model: MODEL.into() }
}

fn message(text: &str, to: impl Into<ChatTarget>) -> SendInput {
    SendInput::text(None, text, to)
}

fn budget(scope: BudgetScope, dollars: f64, at_limit: AtLimit) -> BudgetInput {
    let period = BudgetPeriod::Month;
    BudgetInput { id: None, scope, period, limit_nano: dollars * DOLLAR, warn_at: Vec::new(), at_limit }
}

async fn route(bench: &Bench, targets: &[&ProviderView], rules: RouteRules) -> ChatTarget {
    let target = |provider: &&ProviderView| RouteTargetInput {
        target: target(provider),
        account_id: None,
        weight: 1,
        overrides: RouteOverrides::default(),
    };
    let input = RouteInput {
        id: None,
        name: "Everyday".into(),
        strategy: RouteStrategy::Priority,
        targets: targets.iter().map(target).collect(),
        rules,
    };
    ChatTarget::Route { route_id: bench.app.save_route(input).await.unwrap().id, model: None }
}

/// Says how the answer ends: at this price, as the vendor says.
fn costs(asked: &Asked, dollars: f64) {
    asked.text("dear");
    let nano = (dollars * DOLLAR) as i64;
    asked.say.send(Ok(ChatEvent::ReportedCost { nano_usd: nano, raw: dollars.to_string() })).unwrap();
    asked.finish();
}

async fn end(bench: &Bench, receipt: &RunReceipt) -> Settled {
    let (snapshot, mut reader) = bench.app.attach("end");
    let running = snapshot.runs.iter().any(|run| run.run_id == receipt.run_id);
    assert!(running, "it runs still");
    loop {
        let frame = reader.next().await.unwrap();
        bench.app.acknowledge("end", &snapshot.attachment, frame.frame);
        let of_run = frame.runs.into_iter().filter(|delta| delta.run_id == receipt.run_id);
        if let Some(settled) = of_run.filter_map(|delta| delta.settled).next_back() {
            return settled;
        }
    }
}

/// Sends and has it answered at this price.
async fn spend(bench: &mut Bench, provider: &ProviderView, dollars: f64) -> Settled {
    let receipt = bench.app.send(message("hello", target(provider))).await.unwrap();
    let (snapshot, mut reader) = bench.app.attach("main");
    costs(&bench.asked.recv().await.unwrap(), dollars);
    settled(&bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await
}

async fn only(bench: &Bench) -> BudgetView {
    bench.app.list_budgets().await.unwrap().remove(0)
}

fn stops(error: Error) -> Vec<(String, bool)> {
    let Error::OverBudget { budgets } = error else { panic!("{error:?}") };
    budgets.into_iter().map(|stop| (stop.budget.id, stop.may_pass)).collect()
}

#[tokio::test]
async fn a_budget_is_kept_as_it_was_made_and_says_what_is_wrong_with_it() {
    let bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let all = bench
        .app
        .save_budget(BudgetInput { warn_at: vec![80, 50, 80], ..budget(BudgetScope::All, 80.0, AtLimit::Ask) });
    let all = all.await.unwrap();
    assert_eq!(
        (all.limit_nano, all.warn_at.as_slice(), all.at_limit),
        (80.0 * DOLLAR, [50, 80].as_slice(), AtLimit::Ask)
    );
    assert_eq!((all.spent_nano, all.reserved_nano, all.unknown, all.warned, all.reached), (0.0, 0.0, 0.0, 0, false));
    assert_eq!(all.until, "2026-06-01");
    let scope = BudgetScope::Provider { provider_id: one.id.clone() };
    let of_one = bench.app.save_budget(budget(scope.clone(), 5.0, AtLimit::Stop)).await.unwrap();
    assert_eq!((of_one.name.as_str(), &of_one.scope), ("One", &scope));

    let refused = |input: BudgetInput| async {
        let Err(Error::Invalid { field, reason }) = bench.app.save_budget(input).await else { panic!("taken") };
        (field, reason)
    };
    let plain = || budget(BudgetScope::All, 1.0, AtLimit::Stop);
    assert_eq!(refused(plain()).await, ("scope", "taken"));
    for limit_nano in [0.0, -1.0, f64::NAN, f64::INFINITY, 2e15] {
        assert_eq!(refused(BudgetInput { limit_nano, ..plain() }).await, ("limitNano", "out_of_range"));
    }
    assert_eq!(refused(BudgetInput { warn_at: vec![0], ..plain() }).await, ("warnAt", "out_of_range"));
    assert_eq!(refused(BudgetInput { warn_at: vec![101], ..plain() }).await, ("warnAt", "out_of_range"));
    assert_eq!(refused(BudgetInput { warn_at: vec![1, 2, 3, 4, 5, 6], ..plain() }).await, ("warnAt", "too_many"));
    let nowhere = BudgetScope::Route { route_id: "99".into() };
    assert_eq!(refused(budget(nowhere, 1.0, AtLimit::Stop)).await, ("scope", "not_found"));

    let changed = BudgetInput { id: Some(all.id.clone()), period: BudgetPeriod::Day, ..plain() };
    let changed = bench.app.save_budget(changed).await.unwrap();
    assert_eq!((changed.id, changed.until.as_str(), changed.limit_nano), (all.id.clone(), "2026-05-29", DOLLAR));
    bench.app.remove_provider(&one.id).await.unwrap();
    let left: Vec<_> = bench.app.list_budgets().await.unwrap().into_iter().map(|budget| budget.id).collect();
    assert_eq!(left, [all.id.as_str()], "the budget of a provider goes with it");
    bench.app.remove_budget(&all.id).await.unwrap();
    assert!(bench.app.list_budgets().await.unwrap().is_empty());
    assert!(bench.app.remove_budget(&all.id).await.is_err());
}

#[tokio::test]
async fn a_budget_that_stops_refuses_before_anything_is_stored() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let two = provider(&bench, "Two").await;
    let scope = BudgetScope::Provider { provider_id: one.id.clone() };
    let made = bench.app.save_budget(budget(scope, 2.0, AtLimit::Stop)).await.unwrap();
    spend(&mut bench, &one, 1.99).await;
    assert_eq!(only(&bench).await.spent_nano, 1.99 * DOLLAR);
    let rows = "SELECT count(*) FROM message";
    let before = count(&bench.data(), rows);
    // An answer of 16,384 tokens is more than a cent.
    let mut again = message("again", target(&one));
    assert_eq!(stops(bench.app.send(again.clone()).await.unwrap_err()), [(made.id.clone(), false)]);
    again.over_budget = true;
    assert_eq!(stops(bench.app.send(again).await.unwrap_err()), [(made.id, false)], "it does not ask");
    assert_eq!(count(&bench.data(), rows), before);
    assert!(bench.asked.try_recv().is_err());
    spend(&mut bench, &two, 1.0).await;
    assert_eq!(bench.app.under_way(), (0, 0));
}

#[tokio::test]
async fn a_person_lets_a_budget_that_asks_pass_for_one_run() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let made = bench.app.save_budget(budget(BudgetScope::All, 1.0, AtLimit::Ask)).await.unwrap();
    spend(&mut bench, &one, 1.0).await;
    assert!(only(&bench).await.reached);
    let again = message("again", target(&one));
    assert_eq!(stops(bench.app.send(again.clone()).await.unwrap_err()), [(made.id.clone(), true)]);
    let receipt = bench.app.send(SendInput { over_budget: true, ..again }).await.unwrap();
    let reply = receipt.messages[1].id.clone();
    // Its retries pass, too.
    bench.asked.recv().await.unwrap().fail(Category::Overloaded);
    let second = bench.asked.recv().await.unwrap();
    second.text("half");
    second.fail(Category::BrokenStream);
    assert_eq!(end(&bench, &receipt).await.status, MessageStatus::Interrupted);
    assert_eq!(stops(bench.app.retry(&reply, None, false).await.unwrap_err()), [(made.id.clone(), true)]);
    assert_eq!(stops(bench.app.continue_message(&reply, false).await.unwrap_err()), [(made.id, true)]);
    let receipt = bench.app.continue_message(&reply, true).await.unwrap();
    costs(&bench.asked.recv().await.unwrap(), 0.5);
    assert_eq!(end(&bench, &receipt).await.status, MessageStatus::Complete);
    assert_eq!(bench.app.under_way(), (0, 0));
}

#[tokio::test]
async fn a_route_passes_over_whom_a_budget_keeps() {
    let mut bench = Bench::new().await;
    let (one, two) = (provider(&bench, "One").await, provider(&bench, "Two").await);
    let to = route(&bench, &[&one, &two], RouteRules::default()).await;
    let of = |provider: &ProviderView| BudgetScope::Provider { provider_id: provider.id.clone() };
    let asks = bench.app.save_budget(budget(of(&one), 0.01, AtLimit::Ask)).await.unwrap();
    let receipt = bench.app.send(message("hello", to.clone())).await.unwrap();
    let asked = bench.asked.recv().await.unwrap();
    assert_eq!(asked.key.as_deref(), Some("sk-Two-0123456789abcdef"));
    costs(&asked, 0.02);
    let settled = end(&bench, &receipt).await;
    assert_eq!(
        settled.attempts[0].skipped.iter().map(|skip| skip.reason).collect::<Vec<_>>(),
        [SkipReason::OverBudget]
    );

    // The dry run and the route's screen say so, too.
    let saved = bench.app.list_routes().await.unwrap().remove(1);
    assert_eq!(saved.targets[0].standing.skip, Some(SkipReason::OverBudget));
    let targets = saved.targets.iter().map(|target| RouteTargetInput {
        target: target.target.clone(),
        account_id: None,
        weight: 1,
        overrides: RouteOverrides::default(),
    });
    let input = RouteInput {
        id: Some(saved.id.clone()),
        name: saved.name.clone(),
        strategy: saved.strategy,
        targets: targets.collect(),
        rules: saved.rules.clone(),
    };
    let dry = DryRunInput {
        route: input,
        model: None,
        prompt: "hello".into(),
        images: 0,
        input_tokens: None,
        output_tokens: 500,
    };
    let dry = bench.app.dry_run_route(dry).await.unwrap();
    assert_eq!(dry.lines.iter().map(|line| line.skip).collect::<Vec<_>>(), [Some(SkipReason::OverBudget), None]);

    // Where one of them may pass, that one is asked about; where none may, all are told.
    let stop = bench.app.save_budget(budget(of(&two), 0.01, AtLimit::Stop)).await.unwrap();
    assert_eq!(stops(bench.app.send(message("again", to.clone())).await.unwrap_err()), [(asks.id.clone(), true)]);
    let harder = BudgetInput { id: Some(asks.id.clone()), ..budget(of(&one), 0.01, AtLimit::Stop) };
    bench.app.save_budget(harder).await.unwrap();
    let told = stops(bench.app.send(message("again", to)).await.unwrap_err());
    assert_eq!(told, [(asks.id, false), (stop.id, false)]);
}

#[tokio::test]
async fn two_that_want_the_last_cent_do_not_both_get_it() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    // Room for one answer of 16,384 tokens at ten dollars a million, not for two.
    let made = bench.app.save_budget(budget(BudgetScope::All, 0.3, AtLimit::Stop)).await.unwrap();
    let first = bench.app.send(message("first", target(&one))).await.unwrap();
    let held = only(&bench).await.reserved_nano;
    assert!(held > 0.15 * DOLLAR && held < 0.3 * DOLLAR, "{held}");
    assert_eq!(stops(bench.app.send(message("second", target(&one))).await.unwrap_err()), [(made.id, false)]);
    costs(&bench.asked.recv().await.unwrap(), 0.01);
    end(&bench, &first).await;
    assert_eq!((only(&bench).await.reserved_nano, only(&bench).await.spent_nano), (0.0, 0.01 * DOLLAR));
    let third = bench.app.send(message("third", target(&one))).await.unwrap();
    bench.app.stop(&third.run_id).unwrap();
    bench.asked.recv().await.unwrap();
    end(&bench, &third).await;
    assert_eq!(bench.app.under_way(), (0, 0));
}

#[tokio::test]
async fn the_next_try_has_what_the_failed_one_did_not_take() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    bench.app.save_budget(budget(BudgetScope::All, 0.3, AtLimit::Stop)).await.unwrap();
    let receipt = bench.app.send(message("hello", target(&one))).await.unwrap();
    bench.asked.recv().await.unwrap().fail(Category::Overloaded);
    costs(&bench.asked.recv().await.unwrap(), 0.01);
    assert_eq!(end(&bench, &receipt).await.status, MessageStatus::Complete);
    assert_eq!(bench.app.under_way(), (0, 0));
}

#[tokio::test]
async fn a_run_that_waits_to_try_again_says_that_a_budget_stops_it() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    bench.app.save_budget(budget(BudgetScope::All, 0.3, AtLimit::Stop)).await.unwrap();
    let receipt = bench.app.send(message("hello", target(&one))).await.unwrap();
    let first = bench.asked.recv().await.unwrap();
    let hint = Some(Duration::from_millis(300));
    let busy = ProviderError { retry_after: hint, ..ProviderError::new(Category::Overloaded, "the vendor's words") };
    first.say.send(Err(busy)).unwrap();
    while bench.app.attach("look").0.runs.iter().all(|run| run.waiting.is_none()) {
        tokio::task::yield_now().await;
    }
    // Meanwhile something else is booked.
    book(&bench, &one, 0.3);
    let settled = end(&bench, &receipt).await;
    let last = settled.attempts.last().unwrap();
    assert_eq!(last.error.as_ref().unwrap().code.as_deref(), Some("over_budget"), "{:?}", settled.attempts);
    assert!(bench.asked.try_recv().is_err());
    assert_eq!(bench.app.under_way(), (0, 0));
}

#[tokio::test]
async fn a_run_in_the_line_is_looked_at_again_when_its_turn_comes() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let limits = LimitSettings { concurrent: Some(1), ..LimitSettings::default() };
    let settings = ProviderSettings { limits, ..one.settings.clone() };
    bench.app.save_provider_settings(&one.id, settings).await.unwrap();
    bench.app.save_budget(budget(BudgetScope::All, 0.5, AtLimit::Stop)).await.unwrap();
    bench.app.send(message("first", target(&one))).await.unwrap();
    let first = bench.asked.recv().await.unwrap();
    let second = bench.app.send(message("second", target(&one))).await.unwrap();
    assert_eq!(bench.app.under_way().0, 2, "one that waits holds its money, too");
    costs(&first, 0.45);
    let settled = end(&bench, &second).await;
    let last = settled.attempts.last().unwrap();
    assert_eq!(last.error.as_ref().unwrap().code.as_deref(), Some("over_budget"), "{:?}", settled.attempts);
    assert!(bench.asked.try_recv().is_err());
    assert_eq!(bench.app.under_way(), (0, 0));
}

/// An entry in the ledger, from outside.
fn book(bench: &Bench, provider: &ProviderView, dollars: f64) {
    let sql = "INSERT INTO ledger (purpose, provider_id, vendor, model, outcome, booked_at, booked_day, tokens_source,
                   source, total_nano)
               VALUES ('chat', ?1, 'openai', 'm', 'complete', 0, '2026-05-28', 'unknown', 'reported', ?2)";
    let mut store = store(&bench.data());
    let tx = store.transaction().unwrap();
    tx.execute(sql, (provider.id.parse::<i64>().unwrap(), (dollars * DOLLAR) as i64)).unwrap();
    rollup::rebuild_all(&tx).unwrap();
    tx.commit().unwrap();
}

#[tokio::test]
async fn a_new_day_begins_anew_and_an_old_one_comes_back_with_the_clock() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let daily = BudgetInput { period: BudgetPeriod::Day, ..budget(BudgetScope::All, 1.0, AtLimit::Stop) };
    bench.app.save_budget(daily).await.unwrap();
    spend(&mut bench, &one, 1.0).await;
    bench.app.send(message("no", target(&one))).await.unwrap_err();
    bench.clock.advance(DAY);
    assert_eq!((only(&bench).await.spent_nano, only(&bench).await.until.as_str()), (0.0, "2026-05-30"));
    spend(&mut bench, &one, 0.1).await;
    bench.clock.advance(-DAY);
    assert_eq!(only(&bench).await.spent_nano, DOLLAR);
    bench.app.send(message("no", target(&one))).await.unwrap_err();
}

#[tokio::test]
async fn a_share_is_told_once_a_period_to_the_page_and_to_the_desktop() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let warns = BudgetInput { warn_at: vec![50, 80], ..budget(BudgetScope::All, 1.0, AtLimit::Warn) };
    let made = bench.app.save_budget(warns.clone()).await.unwrap();
    let mut notices = bench.app.notices();
    assert!(spend(&mut bench, &one, 0.4).await.budgets.is_empty());
    let told = |settled: Settled| settled.budgets.into_iter().map(|warning| warning.share).collect::<Vec<_>>();
    assert_eq!(told(spend(&mut bench, &one, 0.4).await), [50, 80], "both at once");
    assert_eq!(told(spend(&mut bench, &one, 0.1).await), Vec::<u32>::new());
    assert_eq!(told(spend(&mut bench, &one, 0.2).await), [100], "it only warns, and so tells of its limit");
    let heard: Vec<_> = std::iter::from_fn(|| notices.try_recv().ok()).map(|warning| warning.share).collect();
    assert_eq!(heard, [50, 80, 100]);
    assert_eq!(only(&bench).await.warned, 100);
    // A limit that was moved is another one; what is passed of it already is seen where it is moved.
    bench.app.save_budget(BudgetInput { id: Some(made.id), limit_nano: 2.0 * DOLLAR, ..warns }).await.unwrap();
    assert_eq!(told(spend(&mut bench, &one, 0.1).await), Vec::<u32>::new(), "55 per cent were passed before");
    assert_eq!(told(spend(&mut bench, &one, 0.5).await), [80]);
    let (mut bench, one) = (bench.reopen().await, one);
    bench.app.set_key(&one.accounts[0].id, KeyInput::Session { key: "sk-0123456789abcdef".into() }).await.unwrap();
    assert_eq!(told(spend(&mut bench, &one, 0.1).await), Vec::<u32>::new(), "also across a start");
    bench.clock.advance(4 * DAY);
    assert_eq!(told(spend(&mut bench, &one, 1.6).await), [50, 80], "a new month");
}

#[tokio::test]
async fn kept_answers_are_told_where_there_is_no_money() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let cache = RouteCache { enabled: true, any_temperature: true, ..RouteCache::default() };
    let to = route(&bench, &[&one], RouteRules { cache, ..RouteRules::default() }).await;
    let receipt = bench.app.send(message("hello", to.clone())).await.unwrap();
    costs(&bench.asked.recv().await.unwrap(), 1.0);
    end(&bench, &receipt).await;
    bench.app.save_budget(budget(BudgetScope::All, 1.0, AtLimit::Stop)).await.unwrap();
    let receipt = bench.app.send(message("hello", to.clone())).await.unwrap();
    let settled = end(&bench, &receipt).await;
    assert!(settled.attempts[0].cached && settled.status == MessageStatus::Complete);
    // Another question is refused where it would be asked.
    let receipt = bench.app.send(message("hello there", to)).await.unwrap();
    let settled = end(&bench, &receipt).await;
    assert_eq!(settled.attempts[0].error.as_ref().unwrap().code.as_deref(), Some("over_budget"));
    assert!(bench.asked.try_recv().is_err());
    assert_eq!(bench.app.under_way(), (0, 0));
    let again = bench.app.retry(&receipt.messages[1].id, None, false).await.unwrap_err();
    assert!(!stops(again).is_empty(), "another answer is never a kept one");
}

#[tokio::test]
async fn what_is_free_and_what_nobody_knows_the_price_of() {
    let mut bench = Bench::new().await;
    let (one, unpriced) = (provider(&bench, "One").await, bench.provider().await);
    let made = bench.app.save_budget(budget(BudgetScope::All, 1.0, AtLimit::Stop)).await.unwrap();
    // No price is known: nothing is held, and the budget says that it does not know all.
    let receipt = bench.send(None, "hello", &unpriced).await;
    assert_eq!(bench.app.under_way(), (1, 0));
    bench.answer(&receipt, "hello").await;
    assert_eq!((only(&bench).await.unknown, only(&bench).await.spent_nano), (1.0, 0.0));
    spend(&mut bench, &one, 1.0).await;
    let to = Target { provider_id: unpriced.id.clone(), model: "m-1".into() };
    assert_eq!(stops(bench.app.send(message("no", to)).await.unwrap_err()), [(made.id, false)]);
    let local = ProviderInput { vendor: "ollama".into(), ..common::input("http://127.0.0.1:11434") };
    let local = bench.app.save_provider(local).await.unwrap();
    let receipt = bench.send(None, "hello", &local).await;
    assert_eq!(bench.answer(&receipt, "free").await.status, MessageStatus::Complete);
}

#[tokio::test]
async fn vectors_pass_the_same_budgets_with_nobody_there_to_ask() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let asks = bench.app.save_budget(budget(BudgetScope::All, 1.0, AtLimit::Ask)).await.unwrap();
    let embedder = Target { provider_id: one.id.clone(), model: "text-embedding-3-small".into() };
    let (app, to) = (bench.app.clone(), embedder.clone());
    let vectors = tokio::spawn(async move { app.embed(&to, vec!["text".into()], None).await.unwrap() });
    let asked = bench.embeds.recv().await.unwrap();
    assert_eq!(bench.app.under_way().0, 1);
    asked.answer();
    vectors.await.unwrap();
    assert_eq!(bench.app.under_way(), (0, 0));
    spend(&mut bench, &one, 1.0).await;
    let Err(refused) = bench.app.embed(&embedder, vec!["text".into()], None).await else { panic!("it was asked") };
    assert_eq!(stops(refused), [(asks.id, false)]);
}

#[tokio::test]
async fn budgets_go_out_with_a_configuration_and_come_back() {
    let bench = Bench::new().await;
    let one = provider(&bench, "One").await;
    let ChatTarget::Route { route_id, .. } = route(&bench, &[&one], RouteRules::default()).await else { panic!() };
    let of_one = BudgetScope::Provider { provider_id: one.id.clone() };
    let day = |input: BudgetInput| BudgetInput { period: BudgetPeriod::Day, ..input };
    let inputs = [
        BudgetInput { warn_at: vec![50, 80], ..budget(BudgetScope::All, 79.99, AtLimit::Ask) },
        day(budget(of_one, 0.1, AtLimit::Stop)),
        budget(BudgetScope::Route { route_id }, 3.0, AtLimit::Warn),
    ];
    for input in inputs {
        bench.app.save_budget(input).await.unwrap();
    }
    let plain = |budgets: Vec<BudgetView>| {
        let one = |b: BudgetView| (b.name, b.period, b.limit_nano, b.warn_at, b.at_limit);
        budgets.into_iter().map(one).collect::<Vec<_>>()
    };
    let before = plain(bench.app.list_budgets().await.unwrap());
    let price = OwnPriceInput {
        id: None,
        provider_id: one.id.clone(),
        model: "house-model".into(),
        valid_from: "2026-05-01".into(),
        rates: Rates { input: Some(0.07 * DOLLAR), output: Some(3.0 * DOLLAR), request: Some(1e6), ..Rates::default() },
        book_late: false,
    };
    let priced = bench.app.save_price(price).await.unwrap().price;
    let file = bench.app.export_config(ExportInput { passphrase: None }).await.unwrap();
    let text = std::fs::read_to_string(&file.path).unwrap();
    let input = || ImportInput { text: text.clone(), passphrase: None, store: "session".into() };

    let other = Bench::new().await;
    let preview = other.app.preview_import(input()).await.unwrap();
    assert_eq!((preview.budgets, preview.prices, preview.notes.len()), (3, 1, 0));
    assert!(other.app.list_budgets().await.unwrap().is_empty(), "a look changes nothing");
    for _ in 0..2 {
        // Taken over twice, there is still one of each.
        other.app.import_config(input()).await.unwrap();
        assert_eq!(plain(other.app.list_budgets().await.unwrap()), before);
        let own = PricesInput { own: true, limit: 10, ..PricesInput::default() };
        let rows = other.app.list_prices(own).await.unwrap().rows;
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.own[0].valid_from.as_str(), &row.own[0].rates), ("2026-05-01", &priced.rates));
        assert_eq!(row.rates.output, Some(3.0 * DOLLAR), "it is in force at once");
    }
}
