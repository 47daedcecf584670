//! Routes as a person keeps them: saved, checked, deleted, tried dry, and what they did.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod past;

use crate::common::{Bench, NOON, store};
use parlance_core::{
    Error,
    view::{
        AccountInput, AfterOutput, Capabilities, ChatTarget, DryRunInput, DryRunVerdict, DryRunView, ExportInput,
        ImportInput, KeyInput, LimitSettings, ModelInput, ModelMapping, ProviderInput, ProviderView, RouteInput,
        RouteOverrides, RouteRules, RouteStrategy, RouteTargetInput, RouteView, SkipReason, Target,
    },
};
use parlance_providers::{Category, ProviderError};

/// A provider of a vendor with a key for this session, where it wants one.
async fn provider(bench: &Bench, vendor: &str, name: &str) -> ProviderView {
    let base_url = match vendor {
        "openai-compatible" => "http://127.0.0.1:9/v1",
        "openai" => "https://api.openai.com/v1",
        "anthropic" => "https://api.anthropic.com/v1",
        other => panic!("{other}"),
    };
    let input = ProviderInput {
        id: None,
        vendor: vendor.into(),
        name: name.into(),
        base_url: base_url.into(),
        enabled: true,
        default_model: None,
        in_clear: false,
        fields: Default::default(),
    };
    let saved = bench.app.save_provider(input).await.unwrap();
    if vendor == "openai-compatible" {
        return saved;
    }
    let key = KeyInput::Session { key: format!("sk-{name}-0123456789abcdef") };
    bench.app.set_key(&saved.accounts[0].id, key).await.unwrap()
}

fn target(provider: &ProviderView, model: &str) -> RouteTargetInput {
    RouteTargetInput {
        target: Target { provider_id: provider.id.clone(), model: model.into() },
        account_id: None,
        weight: 1,
        overrides: RouteOverrides::default(),
    }
}

fn route(name: &str, targets: Vec<RouteTargetInput>) -> RouteInput {
    let (strategy, rules) = (RouteStrategy::Priority, RouteRules::default());
    RouteInput { id: None, name: name.into(), strategy, targets, rules }
}

/// A stored route as the page would send it back.
fn again(view: &RouteView) -> RouteInput {
    let target = |t: &parlance_core::view::RouteTargetView| RouteTargetInput {
        target: t.target.clone(),
        account_id: t.account_id.clone(),
        weight: t.weight,
        overrides: t.overrides.clone(),
    };
    RouteInput {
        id: Some(view.id.clone()),
        name: view.name.clone(),
        strategy: view.strategy,
        targets: view.targets.iter().map(target).collect(),
        rules: view.rules.clone(),
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result.unwrap_err() {
        error @ (Error::Invalid { .. } | Error::InvalidPart { .. }) => error.to_string(),
        other => other.code().to_owned(),
    }
}

async fn built_in(bench: &Bench) -> RouteView {
    let first = bench.app.list_routes().await.unwrap().remove(0);
    assert!(first.built_in, "it comes first");
    first
}

fn dry(route: RouteInput) -> DryRunInput {
    DryRunInput { route, model: None, prompt: "Hello".into(), input_tokens: None, output_tokens: 100, images: 0 }
}

/// Each line's provider with what becomes of it.
fn lines(view: &DryRunView) -> Vec<(String, DryRunVerdict, Option<SkipReason>)> {
    view.lines.iter().map(|line| (line.provider_name.clone(), line.verdict, line.skip)).collect()
}

use DryRunVerdict::{Chosen, Next, Skipped};

#[tokio::test]
async fn a_route_is_kept_as_it_was_said_and_its_short_name_stays() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai-compatible", "Two").await);
    let mut input = route("  Every \n day ", vec![target(&one, " gpt-5.4-mini "), target(&two, "any")]);
    input.strategy = RouteStrategy::Weighted;
    input.targets[0].account_id = Some(one.accounts[0].id.clone());
    input.targets[1].weight = 7;
    input.targets[1].overrides = RouteOverrides { temperature: Some(0.5), ..RouteOverrides::default() };
    input.rules = RouteRules {
        tries: 1,
        after_output: AfterOutput::Continue,
        sticky: true,
        switch_on: vec![Category::Network, Category::Refused],
        ..RouteRules::default()
    };
    let saved = bench.app.save_route(input.clone()).await.unwrap();
    assert_eq!((saved.name.as_str(), saved.slug.as_str(), saved.built_in), ("Every day", "every-day", false));
    assert_eq!(saved.targets[0].target.model, "gpt-5.4-mini");
    assert!(saved.targets[0].input_nano.is_some() && saved.targets[0].context.is_some(), "the catalogue knows it");
    assert_eq!(saved.targets[1].overrides, input.targets[1].overrides);
    assert_eq!((saved.strategy, saved.rules.sticky, saved.rules.tries), (RouteStrategy::Weighted, true, 1));
    let renamed = RouteInput { name: "Other".into(), ..again(&saved) };
    let renamed = bench.app.save_route(renamed).await.unwrap();
    assert_eq!((renamed.name.as_str(), &renamed.slug, &renamed.targets), ("Other", &saved.slug, &saved.targets));
    let twin = bench.app.save_route(route("Every day", vec![target(&one, "gpt-5.4-mini")])).await.unwrap();
    assert_eq!(twin.slug, "every-day-2");

    let bench = bench.reopen().await;
    let routes = bench.app.bootstrap().await.unwrap().routes;
    let slugs: Vec<_> = routes.iter().map(|route| route.slug.as_str()).collect();
    assert_eq!(slugs, ["in-my-order", "every-day", "every-day-2"]);
    assert_eq!(routes[1].rules, renamed.rules);
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_by_name_and_place() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai", "Two").await);
    let good = || route("Route", vec![target(&one, "gpt-5.4-mini"), target(&two, "gpt-5.4-mini")]);
    let save = |change: fn(&mut RouteInput)| {
        let mut input = good();
        change(&mut input);
        bench.app.save_route(input)
    };
    type Change = fn(&mut RouteInput);
    let cases: [(&str, Change); 14] = [
        ("name: empty", |r| r.name = " \t ".into()),
        ("name: too_long", |r| r.name = "x".repeat(81)),
        ("targets: empty", |r| r.targets.clear()),
        ("targets: too_many", |r| r.targets = vec![r.targets[0].clone(); 51]),
        ("provider.1: not_found", |r| r.targets[1].target.provider_id = "999".into()),
        ("provider.1: not_an_id", |r| r.targets[1].target.provider_id = "x".into()),
        ("account.0: not_found", |r| r.targets[0].account_id = Some("999".into())),
        ("model.1: empty", |r| r.targets[1].target.model = " ".into()),
        ("weight.1: out_of_range", |r| r.targets[1].weight = 0),
        ("weight.0: out_of_range", |r| r.targets[0].weight = 1_001),
        ("temperature.0: out_of_range", |r| r.targets[0].overrides.temperature = Some(f64::NAN)),
        ("topP.0: out_of_range", |r| r.targets[0].overrides.top_p = Some(1.5)),
        ("maxTokens.0: out_of_range", |r| r.targets[0].overrides.max_tokens = Some(0)),
        ("tries: out_of_range", |r| r.rules.tries = 0),
    ];
    for (expected, change) in cases {
        assert_eq!(refused(save(change).await), expected);
    }
    let mut others = good();
    others.targets[0].account_id = Some(two.accounts[0].id.clone());
    assert_eq!(refused(bench.app.save_route(others).await), "account.0: not_found", "it is another provider's");
    assert_eq!(refused(bench.app.save_route(RouteInput { id: Some("99".into()), ..good() }).await), "not_found");
    assert_eq!(bench.app.list_routes().await.unwrap().len(), 1, "nothing was kept");
}

#[tokio::test]
async fn of_the_built_in_route_only_how_it_chooses_and_moves_on_can_be_set() {
    let bench = Bench::new().await;
    let one = provider(&bench, "openai", "One").await;
    let own = built_in(&bench).await;
    let with = RouteInput { targets: vec![target(&one, "gpt-5.4-mini")], ..again(&own) };
    assert_eq!(refused(bench.app.save_route(with).await), "targets: built_in");
    let mut input = RouteInput { name: "Mine".into(), strategy: RouteStrategy::LowestCost, ..again(&own) };
    input.rules.tries = 2;
    let saved = bench.app.save_route(input).await.unwrap();
    assert_eq!((saved.name.as_str(), saved.strategy, saved.rules.tries), ("", RouteStrategy::LowestCost, 2));
    assert_eq!(refused(bench.app.remove_route(&own.id).await), "not_found");
    assert_eq!(built_in(&bench).await, saved);
}

#[tokio::test]
async fn a_deleted_route_says_so_where_it_is_used_and_comes_back() {
    let mut bench = Bench::new().await;
    let one = provider(&bench, "openai-compatible", "One").await;
    let saved = bench.app.save_route(route("Gone soon", vec![target(&one, "m-1")])).await.unwrap();
    let [chat, ..] = bench.talk(None, "hello", &one).await;
    let set = bench.app.set_chat_fallback(&chat, Some(&saved.id)).await.unwrap();
    assert_eq!(set.fallback_route_id.as_ref(), Some(&saved.id));
    bench.app.remove_route(&saved.id).await.unwrap();
    assert_eq!(bench.app.list_routes().await.unwrap().len(), 1);
    let on_it = ChatTarget::Route { route_id: saved.id.clone(), model: None };
    match bench.app.describe_target(on_it.clone()).await.unwrap_err() {
        Error::Provider(ProviderError { cause, .. }) => assert_eq!(cause, Some("route_deleted")),
        other => panic!("{other:?}"),
    }
    assert_eq!(refused(bench.app.save_route(again(&saved)).await), "not_found");
    assert_eq!(refused(bench.app.set_chat_fallback(&chat, Some(&saved.id)).await), "not_found");
    let twin = bench.app.save_route(route("Gone soon", vec![target(&one, "m-1")])).await.unwrap();
    assert_eq!(twin.slug, "gone-soon-2", "the name of a deleted one is not given away");
    assert_eq!(bench.app.restore_route(&saved.id).await.unwrap(), saved);
    assert!(bench.app.describe_target(on_it).await.is_ok());
    let cleared = bench.app.set_chat_fallback(&chat, None).await.unwrap();
    assert_eq!(cleared.fallback_route_id, None);
}

#[tokio::test]
async fn a_target_whose_provider_or_account_is_deleted_is_shown_as_gone_and_may_stay() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai", "Two").await);
    let second = AccountInput { id: None, provider_id: two.id.clone(), label: "Second".into(), enabled: true };
    let second = bench.app.save_account(second).await.unwrap().accounts[1].id.clone();
    let mut input =
        route("Route", vec![target(&one, "gpt-5.4-mini"), target(&two, "gpt-5.4-mini"), target(&two, "gpt-5.4-mini")]);
    input.targets[2].account_id = Some(second.clone());
    let saved = bench.app.save_route(input).await.unwrap();
    let skips = |route: &RouteView| route.targets.iter().map(|t| t.standing.skip).collect::<Vec<_>>();
    assert_eq!(skips(&saved), [None, None, Some(SkipReason::NoKey)], "the second account has no key");
    bench.app.remove_provider(&one.id).await.unwrap();
    bench.app.remove_account(&second).await.unwrap();
    let found = bench.app.list_routes().await.unwrap().remove(1);
    assert_eq!(skips(&found), [Some(SkipReason::Gone), None, Some(SkipReason::Gone)]);
    let renamed = bench.app.save_route(RouteInput { name: "Still".into(), ..again(&found) }).await.unwrap();
    assert_eq!(renamed.targets.len(), 3, "a person takes it out, nobody else");
    let mut moved = again(&found);
    moved.id = None;
    assert_eq!(refused(bench.app.save_route(moved).await), "provider.0: not_found", "a new route has no past");
}

#[tokio::test]
async fn a_dry_run_says_who_is_asked_and_why_others_are_not() {
    let mut bench = Bench::new().await;
    let (off, bare) = (provider(&bench, "openai", "Off").await, provider(&bench, "openai-compatible", "Bare").await);
    let (open, claude) = (provider(&bench, "openai", "Open").await, provider(&bench, "anthropic", "Claude").await);
    let keyless = bench.app.save_provider(ProviderInput { id: None, ..as_input(&open, "Keyless") }).await.unwrap();
    bench.app.save_provider(ProviderInput { enabled: false, ..as_input(&off, "Off") }).await.unwrap();
    let input = route(
        "Unsaved",
        vec![
            target(&off, "gpt-5.4-mini"),
            target(&keyless, "gpt-5.4-mini"),
            target(&open, "gpt-5.4-mini"),
            target(&claude, "claude-haiku-5-5"),
            target(&bare, "anything"),
        ],
    );
    let view = bench.app.dry_run_route(dry(input.clone())).await.unwrap();
    let expected = [
        ("Off".to_owned(), Skipped, Some(SkipReason::Disabled)),
        ("Keyless".to_owned(), Skipped, Some(SkipReason::NoKey)),
        ("Open".to_owned(), Chosen, None),
        ("Claude".to_owned(), Next, None),
        ("Bare".to_owned(), Next, None),
    ];
    assert_eq!(lines(&view), expected);
    assert_eq!((view.at, view.first_back), (NOON as f64, None));
    assert!(view.lines[2].cost_nano.is_some_and(|nano| nano > 0.0), "{:?}", view.lines[2]);
    assert_eq!(view.lines[4].cost_nano, None, "no price is no zero");

    let cheap = RouteInput { strategy: RouteStrategy::LowestCost, ..input.clone() };
    let costs: Vec<_> =
        bench.app.dry_run_route(dry(cheap)).await.unwrap().lines.iter().map(|line| line.cost_nano).collect();
    let known: Vec<f64> = costs.iter().copied().flatten().collect();
    assert!(known.is_sorted() && costs.last() == Some(&None), "{costs:?}");

    let long = DryRunInput { input_tokens: Some(900_000), ..dry(input.clone()) };
    let view = bench.app.dry_run_route(long).await.unwrap();
    assert_eq!(
        lines(&view)[2..4],
        [("Open".to_owned(), Skipped, Some(SkipReason::ContextTooLong)), ("Claude".to_owned(), Chosen, None)]
    );
    assert!(bench.asked.try_recv().is_err() && bench.checks.try_recv().is_err(), "nobody was asked");
    assert_eq!(bench.app.list_routes().await.unwrap().len(), 1, "nothing was kept");
}

/// A provider as its page would save it, under a name.
fn as_input(view: &ProviderView, name: &str) -> ProviderInput {
    ProviderInput {
        id: Some(view.id.clone()),
        vendor: view.vendor.clone(),
        name: name.into(),
        base_url: view.base_url.clone(),
        enabled: view.enabled,
        default_model: view.default_model.clone(),
        in_clear: false,
        fields: Default::default(),
    }
}

#[tokio::test]
async fn pictures_go_to_whom_can_see_them() {
    let bench = Bench::new().await;
    let (open, claude) = (provider(&bench, "openai", "Open").await, provider(&bench, "anthropic", "Claude").await);
    let blind = Capabilities { images: Some(false), ..Capabilities::default() };
    let blind = ModelInput { id: "blind".into(), name: None, context: None, max_output: None, can: blind };
    bench.app.add_model(&open.id, blind).await.unwrap();
    let input = route("Pictures", vec![target(&open, "blind"), target(&claude, "claude-haiku-5-5")]);
    let with = |images| DryRunInput { images, ..dry(input.clone()) };
    let of = |view: DryRunView| lines(&view).into_iter().map(|(_, verdict, skip)| (verdict, skip)).collect::<Vec<_>>();
    assert_eq!(of(bench.app.dry_run_route(with(0)).await.unwrap()), [(Chosen, None), (Next, None)]);
    let view = bench.app.dry_run_route(with(2)).await.unwrap();
    assert_eq!(of(view), [(Skipped, Some(SkipReason::NoVision)), (Chosen, None)]);
}

#[tokio::test]
async fn the_users_own_limit_hands_over_and_everybody_at_theirs_says_when_the_first_is_back() {
    let mut bench = Bench::new().await;
    let (one, two) =
        (provider(&bench, "openai-compatible", "One").await, provider(&bench, "openai-compatible", "Two").await);
    let app = bench.app.clone();
    let limit = async |provider: &ProviderView| {
        let mut settings = provider.settings.clone();
        settings.limits = LimitSettings { requests_per_minute: Some(1), ..LimitSettings::default() };
        app.save_provider_settings(&provider.id, settings).await.unwrap();
    };
    limit(&one).await;
    let input = route("Limited", vec![target(&one, "m-1"), target(&two, "m-1")]);
    let view = bench.app.dry_run_route(dry(input.clone())).await.unwrap();
    assert_eq!(lines(&view)[0].1, Chosen, "asking what would be takes nothing");
    assert_eq!(lines(&bench.app.dry_run_route(dry(input.clone())).await.unwrap())[0].1, Chosen);
    bench.talk(None, "the one of this minute", &one).await;
    let view = bench.app.dry_run_route(dry(input.clone())).await.unwrap();
    assert_eq!(lines(&view)[0].1, Skipped);
    assert_eq!((view.lines[0].skip, view.first_back), (Some(SkipReason::AtLimit), None));
    assert_eq!(view.lines[1].verdict, Chosen);
    limit(&two).await;
    bench.talk(None, "and here", &two).await;
    let view = bench.app.dry_run_route(dry(input)).await.unwrap();
    let back = view.first_back.unwrap() - NOON as f64;
    assert!((1.0..=60_000.0).contains(&back), "{back}");
}

#[tokio::test]
async fn the_built_in_route_asks_whoever_serves_the_model_by_priority() {
    let bench = Bench::new().await;
    // Known by the catalogue, by a fetched list, by a mapping, by hand; and two that do not serve it.
    let catalogue = provider(&bench, "openai", "Catalogue").await;
    let listed = provider(&bench, "openai-compatible", "Listed").await;
    let mapped = provider(&bench, "anthropic", "Mapped").await;
    let added = provider(&bench, "openai-compatible", "Added").await;
    let other = provider(&bench, "anthropic", "Other").await;
    let off = provider(&bench, "openai", "Off").await;
    bench.app.save_provider(ProviderInput { enabled: false, ..as_input(&off, "Off") }).await.unwrap();
    let db = store(&bench.data());
    let list = "INSERT INTO provider_model (provider_id, model, position, info, fetched_at)
                VALUES (?1, ?2, 0, json_object('id', ?2), 0)";
    db.execute(list, [&listed.id, "gpt-5.4-mini"]).unwrap();
    let mut settings = mapped.settings.clone();
    settings.model_mapping = vec![ModelMapping { asked: "gpt-5.4-mini".into(), sent: "claude-haiku-5-5".into() }];
    bench.app.save_provider_settings(&mapped.id, settings).await.unwrap();
    let by_hand = ModelInput {
        id: "gpt-5.4-mini".into(),
        name: None,
        context: None,
        max_output: None,
        can: Capabilities::default(),
    };
    bench.app.add_model(&added.id, by_hand).await.unwrap();
    bench.app.order_providers(&[mapped.id.clone(), listed.id, other.id, catalogue.id.clone()]).await.unwrap();

    let own = built_in(&bench).await;
    let ask = |model: &str| DryRunInput { model: Some(model.into()), ..dry(again(&own)) };
    let names = |view: DryRunView| view.lines.into_iter().map(|line| line.provider_name).collect::<Vec<_>>();
    assert_eq!(
        names(bench.app.dry_run_route(ask("gpt-5.4-mini")).await.unwrap()),
        ["Mapped", "Listed", "Catalogue", "Added"]
    );
    assert_eq!(names(bench.app.dry_run_route(ask("nobody's")).await.unwrap()), [""; 0]);
    assert_eq!(refused(bench.app.dry_run_route(dry(again(&own))).await), "model: empty");
    // A list that was fetched and does not have it counts more than the catalogue.
    db.execute(list, [&catalogue.id, "gpt-6"]).unwrap();
    assert_eq!(names(bench.app.dry_run_route(ask("gpt-5.4-mini")).await.unwrap()), ["Mapped", "Listed", "Added"]);

    let on_it = ChatTarget::Route { route_id: own.id, model: Some("gpt-5.4-mini".into()) };
    let view = bench.app.describe_target(on_it).await.unwrap();
    assert_eq!(view.can.images, Some(true), "one of them can");
    let alone = Target { provider_id: mapped.id, model: "gpt-5.4-mini".into() };
    assert_eq!(view.context, bench.app.describe_target(alone).await.unwrap().context, "whoever would be asked");
}

#[tokio::test]
async fn a_key_that_is_known_to_be_gone_is_no_key_before_anybody_is_asked() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai-compatible", "Two").await);
    let both = route("Both", vec![target(&one, "gpt-5.4-mini"), target(&two, "m-1")]);
    bench.app.save_route(both).await.unwrap();
    let skips = async |bench: &Bench| -> Vec<_> {
        let routes = bench.app.list_routes().await.unwrap();
        routes[1].targets.iter().map(|target| target.standing.skip).collect()
    };
    assert_eq!(skips(&bench).await, [None, None]);
    let bench = bench.reopen().await;
    assert_eq!(skips(&bench).await, [Some(SkipReason::NoKey), None], "it was kept until the app quit");
    let set = "UPDATE account SET secret_store = 'env', secret_ref = 'NOBODY_SET_THIS'";
    store(&bench.data()).execute(set, []).unwrap();
    assert_eq!(skips(&bench).await, [Some(SkipReason::NoKey), Some(SkipReason::NoKey)], "the variable is not set");
}

#[tokio::test]
async fn routes_go_out_with_a_configuration_and_come_back_as_they_were() {
    let bench = Bench::new().await;
    let (one, two) = (provider(&bench, "openai", "One").await, provider(&bench, "openai-compatible", "Two").await);
    let second = AccountInput { id: None, provider_id: one.id.clone(), label: "Second".into(), enabled: true };
    let second = bench.app.save_account(second).await.unwrap().accounts[1].id.clone();
    let mut input = route("Every day", vec![target(&one, "gpt-5.4-mini"), target(&two, "m-1")]);
    input.strategy = RouteStrategy::Weighted;
    input.targets[0].account_id = Some(second);
    input.targets[1].weight = 9;
    input.targets[1].overrides = RouteOverrides { max_tokens: Some(64), ..RouteOverrides::default() };
    input.rules = RouteRules {
        tries: 2,
        first_token_s: Some(20),
        retry_after_s: 7,
        sticky: true,
        after_output: AfterOutput::Restart,
        switch_on: vec![Category::Overloaded],
        ..RouteRules::default()
    };
    input.rules.cache.any_temperature = true;
    bench.app.save_route(input).await.unwrap();
    let own = built_in(&bench).await;
    bench.app.save_route(RouteInput { strategy: RouteStrategy::LeastBusy, ..again(&own) }).await.unwrap();
    let gone = provider(&bench, "openai", "Gone").await;
    bench.app.save_route(route("All gone", vec![target(&gone, "m")])).await.unwrap();
    bench.app.remove_provider(&gone.id).await.unwrap();

    let written = bench.app.export_config(ExportInput { passphrase: None }).await.unwrap();
    let text = std::fs::read_to_string(written.path).unwrap();
    let other = Bench::new().await;
    let import = || ImportInput { text: text.clone(), passphrase: None, store: "session".into() };
    let preview = async || other.app.preview_import(import()).await.unwrap().routes;
    let shown: Vec<_> =
        preview().await.into_iter().map(|r| (r.name, r.slug, r.strategy, r.targets, r.replaces)).collect();
    let stored = bench.app.list_routes().await.unwrap();
    let (own, stored) = (&stored[0], &stored[1]);
    let count = u32::try_from(stored.targets.len()).unwrap();
    let expected = [
        (String::new(), own.slug.clone(), own.strategy, 0, true),
        (stored.name.clone(), stored.slug.clone(), stored.strategy, count, false),
    ];
    assert_eq!(shown, expected);
    let taken = other.app.import_config(import()).await.unwrap();
    assert!(taken.notes.is_empty(), "{:?}", taken.notes);
    assert!(preview().await.iter().all(|route| route.replaces));
    let told = async |app: &parlance_core::App| {
        let providers = app.list_providers().await.unwrap();
        let routes = app.list_routes().await.unwrap();
        let of = |route: &RouteView| {
            let one = |t: &parlance_core::view::RouteTargetView| {
                let provider = providers.iter().find(|provider| provider.id == t.target.provider_id);
                let label = |id: &String| {
                    let account = provider.and_then(|p| p.accounts.iter().find(|account| account.id == *id));
                    account.map(|account| account.label.clone())
                };
                let name = provider.map(|provider| provider.name.clone());
                (name, t.account_id.as_ref().and_then(label), t.target.model.clone(), t.weight, t.overrides.clone())
            };
            let targets: Vec<_> = route.targets.iter().map(one).collect();
            (route.slug.clone(), route.name.clone(), route.strategy, route.rules.clone(), targets)
        };
        routes.iter().map(of).collect::<Vec<_>>()
    };
    let mut before = told(&bench.app).await;
    before.pop();
    assert_eq!(told(&other.app).await, before, "all but the one that asks nobody any more");
    other.app.remove_route(&other.app.list_routes().await.unwrap()[1].id).await.unwrap();
    other.app.import_config(import()).await.unwrap();
    assert_eq!(told(&other.app).await, before, "a second time changes nothing, and brings back what was deleted");
}
