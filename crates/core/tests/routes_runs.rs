//! Runs over a route: who is asked, what is waited for, what comes of text that broke off, and what is written down.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod broken_off;
use std::{sync::Arc, time::Duration};

use crate::common::{Asked, Bench, NOON, count, input, settled, store, text_of};
use parlance_core::{
    Error,
    view::{
        AfterOutput, AttemptReason, ChatTarget, CostSource, DryRunInput, MessageStatus, MessageView, ProviderView,
        RouteCache, RouteInput, RouteOverrides, RouteRules, RouteStrategy, RouteTargetInput, RouteView, RunReceipt,
        SendInput, Settled, Shelf, SkipReason, Target, WaitingView,
    },
};
use parlance_providers::{Category, ChatEvent, ProviderError, Role};
use tokio::time::Instant;

/// Three providers, of which a route has the first two, and the route.
struct Scene {
    bench: Bench,
    providers: Vec<ProviderView>,
    route: String,
}

fn target(provider: &ProviderView) -> Target {
    Target { provider_id: provider.id.clone(), model: "m-1".into() }
}

fn at(n: usize) -> String {
    format!("http://127.0.0.1:{}/v1", n + 1)
}

impl Scene {
    async fn new(rules: RouteRules) -> Self {
        Self::over(Bench::new().await, rules).await
    }

    async fn over(bench: Bench, rules: RouteRules) -> Self {
        let mut providers = Vec::new();
        for n in 0..3 {
            providers.push(bench.app.save_provider(input(&at(n))).await.unwrap());
        }
        let targets = providers[..2].iter().map(|provider| RouteTargetInput {
            target: target(provider),
            account_id: None,
            weight: 1,
            overrides: RouteOverrides::default(),
        });
        let input = RouteInput {
            id: None,
            name: "Everyday".into(),
            strategy: RouteStrategy::Priority,
            targets: targets.collect(),
            rules,
        };
        let route = bench.app.save_route(input).await.unwrap().id;
        Self { bench, providers, route }
    }

    fn target(&self) -> ChatTarget {
        ChatTarget::Route { route_id: self.route.clone(), model: None }
    }

    async fn send(&self, chat: Option<&str>, text: &str) -> RunReceipt {
        self.bench.app.send(SendInput::text(chat.map(str::to_owned), text, self.target())).await.unwrap()
    }

    async fn asked(&mut self, n: usize) -> Asked {
        let asked = self.bench.asked.recv().await.unwrap();
        assert_eq!(asked.at, at(n));
        asked
    }

    /// Waits for the end of a run whose answers were all said.
    async fn end(&self, receipt: &RunReceipt) -> MessageView {
        let ended = format!("SELECT count(*) FROM run WHERE id = {} AND outcome IS NOT NULL", receipt.run_id);
        while count(&self.bench.data(), &ended) == 0 || self.is_running(&receipt.run_id) {
            tokio::task::yield_now().await;
        }
        self.reply(receipt).await
    }

    /// What is known of how fast a target begins.
    async fn first_token(&self, n: usize) -> Option<u32> {
        let mut routes = self.bench.app.list_routes().await.unwrap();
        let RouteView { id, name, strategy, rules, .. } = routes.pop().unwrap();
        let one = RouteTargetInput {
            target: target(&self.providers[n]),
            account_id: None,
            weight: 1,
            overrides: RouteOverrides::default(),
        };
        let route = RouteInput { id: Some(id), name, strategy, targets: vec![one], rules };
        let input =
            DryRunInput { route, model: None, prompt: "hi".into(), input_tokens: None, output_tokens: 10, images: 0 };
        self.bench.app.dry_run_route(input).await.unwrap().lines[0].first_token_ms
    }

    fn is_running(&self, run_id: &str) -> bool {
        self.bench.app.attach("look").0.runs.iter().any(|run| run.run_id == run_id)
    }

    async fn reply(&self, receipt: &RunReceipt) -> MessageView {
        let id = receipt.messages.last().unwrap().id.clone();
        self.bench.app.select_version(&id).await.unwrap().messages.into_iter().find(|m| m.id == id).unwrap()
    }

    /// Until the one run waits for another try.
    async fn waits(&self) -> WaitingView {
        loop {
            let runs = self.bench.app.attach("look").0.runs;
            if let Some(waiting) = runs.into_iter().find_map(|run| run.waiting) {
                return waiting;
            }
            tokio::task::yield_now().await;
        }
    }
}

fn answer(asked: &Asked, text: &str) {
    asked.text(text);
    asked.finish();
}

fn reasons(message: &MessageView) -> Vec<(AttemptReason, MessageStatus)> {
    message.attempts.iter().map(|attempt| (attempt.reason, attempt.outcome)).collect()
}

fn after(after_output: AfterOutput) -> RouteRules {
    RouteRules { after_output, ..RouteRules::default() }
}

#[tokio::test]
async fn the_next_target_answers_and_why_it_came_to_that_is_told() {
    let mut scene = Scene::new(RouteRules::default()).await;
    let receipt = scene.send(None, "the canary sings").await;
    scene.asked(0).await.fail(Category::Forbidden);
    let second = scene.asked(1).await;
    assert_eq!(second.request.messages.len(), 1);
    answer(&second, "hello");
    let reply = scene.end(&receipt).await;
    assert_eq!((reply.status, text_of(&reply).as_str()), (MessageStatus::Complete, "hello"));
    let expected =
        [(AttemptReason::First, MessageStatus::Failed), (AttemptReason::NextTarget, MessageStatus::Complete)];
    assert_eq!(reasons(&reply), expected);
    assert!(reply.attempts.iter().all(|a| a.route.as_ref().is_some_and(|route| route.name == "Everyday")));
    let route = &scene.route;
    assert_eq!(count(&scene.bench.data(), &format!("SELECT count(*) FROM ledger WHERE route_id = {route}")), 2);
    let chat = scene.bench.app.get_conversation(&receipt.summary.id).await.unwrap();
    assert_eq!(chat.target, Some(scene.target()));
    assert_eq!(scene.bench.app.bootstrap().await.unwrap().settings.last_target, Some(scene.target()));

    // One that is switched off is passed over, and that is told, too.
    let off =
        parlance_core::view::ProviderInput { id: Some(scene.providers[0].id.clone()), enabled: false, ..input(&at(0)) };
    scene.bench.app.save_provider(off).await.unwrap();
    let receipt = scene.send(Some(&receipt.summary.id), "and the canary?").await;
    answer(&scene.asked(1).await, "again");
    let reply = scene.end(&receipt).await;
    let skipped: Vec<_> = reply.attempts[0].skipped.iter().map(|skip| (&skip.provider_id, skip.reason)).collect();
    assert_eq!(skipped, [(&scene.providers[0].id, SkipReason::Disabled)]);
    let connections = scene.bench.connections.lock().unwrap().clone();
    assert!(connections.iter().all(|(url, _)| *url != at(2)), "nobody outside the route is asked");
    assert!(scene.bench.asked.try_recv().is_err());
}

#[tokio::test]
async fn where_nobody_can_be_asked_nothing_is_stored_and_every_reason_is_told() {
    let scene = Scene::new(RouteRules::default()).await;
    store(&scene.bench.data()).execute("UPDATE provider SET enabled = 0", []).unwrap();
    let sent = scene.bench.app.send(SendInput::text(None, "hi", scene.target())).await;
    let Err(Error::NoTarget { skipped }) = sent else { panic!("{sent:?}") };
    assert_eq!(skipped.iter().map(|skip| skip.reason).collect::<Vec<_>>(), [SkipReason::Disabled; 2]);
    let rows = "SELECT (SELECT count(*) FROM conversation) + (SELECT count(*) FROM run)";
    assert_eq!(count(&scene.bench.data(), rows), 0);
}

#[tokio::test(start_paused = true)]
async fn it_tries_again_after_a_wait_that_is_shown_and_that_ends_at_once() {
    let mut scene = Scene::new(RouteRules { tries: 2, ..RouteRules::default() }).await;
    let receipt = scene.send(None, "hi").await;
    scene.asked(0).await.fail(Category::Overloaded);
    let waiting = scene.waits().await;
    let retry = waiting.retry.unwrap();
    assert_eq!((retry.number, retry.most, retry.because.category), (2, 2, Category::Overloaded));
    assert_eq!((waiting.limit, waiting.target), (None, target(&scene.providers[0])));
    let until = waiting.until.unwrap() - NOON as f64;
    assert!((0.0..=500.0).contains(&until), "{until}");
    let again = scene.asked(0).await;
    assert!(scene.bench.app.attach("look").0.runs[0].waiting.is_none());
    again.fail(Category::Overloaded);
    answer(&scene.asked(1).await, "there");
    let reply = scene.end(&receipt).await;
    let came: Vec<_> = reply.attempts.iter().map(|attempt| attempt.reason).collect();
    assert_eq!(came, [AttemptReason::First, AttemptReason::Retry, AttemptReason::NextTarget]);

    let limited = ProviderError {
        retry_after: Some(Duration::from_secs(30)),
        ..ProviderError::new(Category::Overloaded, "busy")
    };
    let receipt = scene.send(None, "stop").await;
    scene.asked(0).await.say.send(Err(limited)).unwrap();
    let waiting = scene.waits().await;
    assert_eq!(waiting.until, Some((NOON + 30_000) as f64), "the vendor's own time");
    scene.bench.app.stop(&receipt.run_id).unwrap();
    let reply = scene.end(&receipt).await;
    // A wait that went on would have ended in another attempt.
    assert_eq!((reply.status, reply.attempts.len()), (MessageStatus::Cancelled, 1));
    assert!(scene.bench.asked.try_recv().is_err(), "nobody is asked any more");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_says_nothing_in_time_is_left() {
    let rules = RouteRules { first_token_s: Some(5), tries: 1, ..RouteRules::default() };
    let mut scene = Scene::new(rules).await;
    let receipt = scene.send(None, "hi").await;
    let silent = scene.asked(0).await;
    silent.reasoning("hm");
    let second = scene.asked(1).await;
    assert!(silent.cancel.is_cancelled(), "its request is dropped");
    answer(&second, "quick");
    let reply = scene.end(&receipt).await;
    assert_eq!(text_of(&reply), "quick");
    let error = reply.attempts[0].error.clone().unwrap();
    assert_eq!((error.category, error.code.as_deref()), (Category::Timeout, Some("first_token_timeout")));

    // What the first one thought stays with it, and is nobody's prompt.
    assert_eq!(reply.parts[0].attempt_id.as_deref(), Some(reply.attempts[0].id.as_str()));
    scene.send(Some(&receipt.summary.id), "and?").await;
    let next = scene.asked(0).await;
    assert_eq!(next.request.messages[1].parts, [parlance_providers::Part::text("quick")]);
}

#[tokio::test(start_paused = true)]
async fn a_storm_against_a_dead_server_asks_little_more_than_once_each() {
    let scene = Scene::new(RouteRules::default()).await;
    *scene.bench.refuse.lock().unwrap() = Some(ProviderError::new(Category::Overloaded, "down"));
    let plain = || async {
        scene.bench.app.send(SendInput::text(None, "hi", target(&scene.providers[2]))).await.unwrap();
    };
    futures::future::join_all((0..200).map(|_| plain())).await;
    let open = "SELECT count(*) FROM run WHERE outcome IS NULL";
    while count(&scene.bench.data(), open) > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let attempts = count(&scene.bench.data(), "SELECT count(*) FROM attempt");
    assert!((200..=210).contains(&attempts), "{attempts}");
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM ledger"), attempts);
}

#[tokio::test]
async fn a_circuit_outlives_the_app_and_one_good_answer_closes_it() {
    let rules = RouteRules { tries: 1, failures: 1, ..RouteRules::default() };
    let mut scene = Scene::new(rules).await;
    let receipt = scene.send(None, "hi").await;
    scene.asked(0).await.fail(Category::Internal);
    answer(&scene.asked(1).await, "b");
    scene.end(&receipt).await;
    let rows = "SELECT count(*) FROM circuit";
    while count(&scene.bench.data(), rows) == 0 {
        tokio::task::yield_now().await;
    }
    let Scene { bench, providers, route } = scene;
    let mut scene = Scene { bench: bench.reopen().await, providers, route };
    let receipt = scene.send(None, "rests").await;
    answer(&scene.asked(1).await, "b");
    let reply = scene.end(&receipt).await;
    let skip = &reply.attempts[0].skipped[0];
    assert_eq!((skip.reason, skip.until), (SkipReason::Resting, Some((NOON + 30_000) as f64)));
    assert_eq!(skip.because.as_ref().unwrap().category, Category::Internal);

    scene.bench.clock.advance(30_000);
    let receipt = scene.send(None, "half-open").await;
    let probe = scene.asked(0).await;
    // One at a time tries it: the next goes on to the second.
    let beside = scene.send(None, "beside").await;
    answer(&scene.asked(1).await, "b");
    scene.end(&beside).await;
    answer(&probe, "a");
    scene.end(&receipt).await;
    while count(&scene.bench.data(), rows) > 0 {
        tokio::task::yield_now().await;
    }
    scene.send(None, "closed").await;
    scene.asked(0).await;
}

#[tokio::test]
async fn a_chat_with_a_model_of_its_own_falls_back_to_its_route_and_stays_with_the_model() {
    let mut scene = Scene::new(RouteRules::default()).await;
    let own = target(&scene.providers[2]);
    let send = |chat: Option<String>| SendInput::text(chat, "hi", own.clone());
    let receipt = scene.bench.app.send(send(None)).await.unwrap();
    answer(&scene.asked(2).await, "c");
    scene.end(&receipt).await;
    let chat = receipt.summary.id.clone();
    scene.bench.app.set_chat_fallback(&chat, Some(&scene.route)).await.unwrap();
    let receipt = scene.bench.app.send(send(Some(chat.clone()))).await.unwrap();
    scene.asked(2).await.fail(Category::NoCredit);
    scene.asked(0).await.fail(Category::NoCredit);
    answer(&scene.asked(1).await, "b");
    assert_eq!(scene.end(&receipt).await.attempts.len(), 3);
    let chat = scene.bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!((chat.target, chat.fallback_route_id), (Some(own.into()), Some(scene.route.clone())));

    // A route is named from the attempt on that it caused; what the model answered itself was on none.
    let named: Vec<Vec<bool>> = [&chat.messages[1], &chat.messages[3]]
        .map(|m| m.attempts.iter().map(|attempt| attempt.route.is_some()).collect())
        .to_vec();
    assert_eq!(named, [vec![false], vec![false, true, true]]);
    let data = scene.bench.data();
    assert_eq!(count(&data, "SELECT count(*) FROM run WHERE route_id IS NOT NULL"), 1);
    assert_eq!(count(&data, "SELECT count(*) FROM ledger WHERE route_id IS NOT NULL"), 2);
    let page = scene.bench.app.route_switches(&scene.route, None).await.unwrap();
    assert_eq!((page.switches.len(), page.week, page.answers), (2, 2, 1));
    let copy = scene.bench.app.branch_off(&chat.messages[3].id).await.unwrap();
    assert_eq!(copy.fallback_route_id, Some(scene.route), "a chat that begins there falls back to it, too");
}

#[tokio::test]
async fn the_list_shows_who_answered_and_not_who_was_asked_first() {
    let mut scene = Scene::new(RouteRules::default()).await;
    let named = format!("UPDATE provider SET vendor = 'ollama' WHERE id = {}", scene.providers[1].id);
    store(&scene.bench.data()).execute(&named, []).unwrap();
    let receipt = scene.send(None, "hi").await;
    let first = receipt.summary.mark.clone();
    scene.asked(0).await.fail(Category::NoCredit);
    answer(&scene.asked(1).await, "b");
    scene.end(&receipt).await;
    let app = scene.bench.app.clone();
    let mark = async || app.list_shelf(Shelf::List, None).await.unwrap().items[0].mark.clone();
    let answered = mark().await;
    assert!(answered.is_some() && answered != first, "{answered:?}");
    let receipt = scene.send(Some(&receipt.summary.id), "again").await;
    scene.asked(0).await.fail(Category::BadRequest);
    scene.end(&receipt).await;
    assert_eq!(mark().await, answered, "nobody answered since");
}

#[tokio::test]
async fn a_route_that_is_deleted_while_a_chat_waits_ends_it_and_says_so() {
    let mut scene = Scene::new(RouteRules::default()).await;
    let receipt = scene.send(None, "hi").await;
    let said =
        ProviderError { retry_after: Some(Duration::from_secs(1)), ..ProviderError::new(Category::Overloaded, "busy") };
    scene.asked(0).await.say.send(Err(said)).unwrap();
    scene.waits().await;
    scene.bench.app.remove_route(&scene.route).await.unwrap();
    let reply = scene.end(&receipt).await;
    let codes: Vec<_> = reply.attempts.iter().map(|a| a.error.as_ref().unwrap().code.as_deref()).collect();
    assert_eq!((reply.status, codes), (MessageStatus::Failed, vec![None, Some("route_deleted")]));
    assert!(scene.bench.asked.try_recv().is_err(), "nobody is asked any more");
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM ledger WHERE total_nano > 0"), 0);
}

#[tokio::test]
async fn a_chat_begins_with_the_route_that_it_falls_back_to() {
    let mut scene = Scene::new(RouteRules::default()).await;
    let own = target(&scene.providers[2]);
    let input = |chat: Option<String>, route: Option<&str>| SendInput {
        fallback_route_id: route.map(str::to_owned),
        ..SendInput::text(chat, "hi", own.clone())
    };
    for (wrong, why) in [("x", "not_an_id"), ("77", "not_found")] {
        let refused = scene.bench.app.send(input(None, Some(wrong))).await.unwrap_err();
        match refused {
            Error::Invalid { field, reason } => assert_eq!((field, reason), ("fallbackRouteId", why)),
            other => assert_eq!(other.code(), why),
        }
    }
    scene.bench.app.remove_route(&scene.route).await.unwrap();
    assert_eq!(scene.bench.app.send(input(None, Some(&scene.route))).await.unwrap_err().code(), "not_found");
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM conversation"), 0, "nothing was stored");
    assert!(scene.bench.asked.try_recv().is_err(), "nothing was sent");

    scene.bench.app.restore_route(&scene.route).await.unwrap();
    let receipt = scene.bench.app.send(input(None, Some(&scene.route))).await.unwrap();
    scene.asked(2).await.fail(Category::NoCredit);
    answer(&scene.asked(0).await, "a");
    assert_eq!(scene.end(&receipt).await.attempts.len(), 2);
    let chat = receipt.summary.id.clone();
    let view = scene.bench.app.get_conversation(&chat).await.unwrap();
    assert_eq!((view.target, view.fallback_route_id), (Some(own.clone().into()), Some(scene.route.clone())));
    let receipt = scene.bench.app.send(input(Some(chat), None)).await.unwrap();
    scene.asked(2).await.fail(Category::NoCredit);
    answer(&scene.asked(0).await, "it stays with the chat");
    scene.end(&receipt).await;
}

#[tokio::test]
async fn a_kept_answer_is_told_again_for_nothing_and_a_person_may_ask_anew() {
    let cache = RouteCache { enabled: true, any_temperature: true, ..RouteCache::default() };
    let mut scene = Scene::new(RouteRules { cache, ..RouteRules::default() }).await;
    let receipt = scene.send(None, "hi").await;
    answer(&scene.asked(0).await, "hello");
    scene.end(&receipt).await;
    store(&scene.bench.data()).execute("UPDATE response_cache SET cost_nano = 77", []).unwrap();
    let receipt = scene.send(None, "hi").await;
    let reply = scene.end(&receipt).await;
    assert_eq!((reply.status, text_of(&reply).as_str()), (MessageStatus::Complete, "hello"));
    let attempt = &reply.attempts[0];
    let cost = attempt.cost.as_ref().unwrap();
    assert!(attempt.cached);
    assert_eq!((cost.source, cost.total_nano, cost.saved_nano), (CostSource::Free, Some(0.0), Some(77.0)));
    assert!(scene.bench.asked.try_recv().is_err(), "nobody was asked");

    let again = scene.bench.app.retry(&reply.id, None, false).await.unwrap();
    answer(&scene.asked(0).await, "hello there");
    assert!(!scene.end(&again).await.attempts[0].cached);
    // Another prompt is another key; what cannot be read is dropped and asked for; what is too old is, too.
    store(&scene.bench.data()).execute("UPDATE response_cache SET answer = '[7]'", []).unwrap();
    for advance in [0, i64::from(RouteCache::default().ttl_s) * 1_000] {
        scene.bench.clock.advance(advance);
        let receipt = scene.send(None, "hi").await;
        answer(&scene.asked(0).await, "anew");
        assert!(!scene.end(&receipt).await.attempts[0].cached);
    }
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM response_cache"), 1);
    let off = RouteRules::default();
    let mut route = RouteInput {
        id: Some(scene.route.clone()),
        name: "Everyday".into(),
        strategy: RouteStrategy::Priority,
        targets: Vec::new(),
        rules: off,
    };
    route.targets.push(RouteTargetInput {
        target: target(&scene.providers[0]),
        account_id: None,
        weight: 1,
        overrides: RouteOverrides::default(),
    });
    scene.bench.app.save_route(route).await.unwrap();
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM response_cache"), 0, "switched off, it is emptied");
}

#[tokio::test]
async fn what_waits_when_the_app_closes_is_interrupted_and_asks_nobody() {
    let rules = RouteRules { backoff_base_ms: 60_000, backoff_cap_ms: 60_000, ..RouteRules::default() };
    let mut scene = Scene::new(rules).await;
    let receipt = scene.send(None, "hi").await;
    let said = ProviderError {
        retry_after: Some(Duration::from_secs(50)),
        ..ProviderError::new(Category::Overloaded, "busy")
    };
    scene.asked(0).await.say.send(Err(said)).unwrap();
    scene.waits().await;
    let before = Instant::now();
    let Scene { bench, providers, route } = scene;
    let folder = Arc::clone(&bench.folder);
    bench.app.close().await;
    assert!(before.elapsed() < Duration::from_secs(10));
    drop(bench);
    let mut scene = Scene { bench: Bench::over(folder).await, providers, route };
    let reply = scene.reply(&receipt).await;
    assert_eq!((reply.status, reply.attempts.len()), (MessageStatus::Interrupted, 1));
    assert!(scene.bench.asked.try_recv().is_err());
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM run WHERE outcome IS NULL"), 0);
}

#[tokio::test]
async fn a_computer_that_slept_or_is_offline_makes_no_target_rest() {
    let rules = RouteRules { tries: 1, failures: 1, ..RouteRules::default() };
    let mut scene = Scene::new(rules).await;
    let (snapshot, mut reader) = scene.bench.app.attach("main");
    for slept in [true, false] {
        let receipt = scene.send(None, "hi").await;
        let first = scene.asked(0).await;
        let error = match slept {
            true => ProviderError::new(Category::BrokenStream, "cut"),
            false => ProviderError::because(Category::Network, "dns", "no such host"),
        };
        if slept {
            scene.bench.clock.advance(60_000);
        }
        first.say.send(Err(error)).unwrap();
        let next = scene.bench.asked.recv().await.unwrap();
        answer(&next, "x");
        let end: Settled = settled(&scene.bench.app, &snapshot.attachment, &mut reader, &receipt.run_id).await;
        assert_eq!(end.status, MessageStatus::Complete);
    }
    assert_eq!(count(&scene.bench.data(), "SELECT count(*) FROM circuit"), 0);
    scene.send(None, "still asked first").await;
    scene.asked(0).await;
}
