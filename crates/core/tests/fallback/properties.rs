//! Whole runs over generated routes, facts and failures, held against what is promised of every one of them.

use std::collections::HashSet;

use parlance_core::{
    fallback::{
        decision::{Choice, Output, Stop, Tried},
        next::plan_of,
        route::{Route, Target},
        snapshot::{AccountFacts, Admission, Snapshot, Standing, TargetFacts},
    },
    view::{AfterOutput, AttemptReason, DryRunVerdict, RouteRules, RouteStrategy, SkipReason},
};
use parlance_providers::{Category, Disposition, ProviderError};
use proptest::prelude::*;

use super::drive::{Breakage, Broken, Runner, START, Told, World};

#[derive(Clone, Debug)]
struct Case {
    route: Route,
    snapshot: Snapshot,
    /// How attempts end, by their number; what is beyond is answered.
    script: Vec<Broken>,
    seed: u64,
    explicit: bool,
    avoid: Vec<usize>,
    /// Circuits that are opened before: target, milliseconds ago.
    open: Vec<(usize, i64)>,
}

fn one_target() -> impl Strategy<Value = (Target, TargetFacts)> {
    let who = (1_i64..5, 0..3_usize, 1_u32..10, prop::collection::btree_set(0_i64..3, 0..4), prop::bool::weighted(0.1));
    let can = (prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::option::of(500_u64..4_000));
    let does = (prop::option::of(0_u64..5), prop::option::of(0_u32..5), 0_u32..4);
    (who, can, does, prop::option::weighted(0.15, 1_i64..99_000)).prop_map(|(who, can, does, limited)| {
        let (provider_id, model, weight, accounts, pinned) = who;
        // Ids tell the provider, so that one account never belongs to two.
        let accounts: Vec<i64> = accounts.into_iter().map(|n| provider_id * 10 + n).collect();
        let account_id = accounts.last().copied().filter(|_| pinned);
        let target = Target { provider_id, account_id, model: ["a", "b", "c"][model].into(), weight };
        let account = |id: &i64| AccountFacts { id: *id, rest: None, circuit: Standing::Closed };
        let facts = TargetFacts {
            unfit: can.0.then_some(SkipReason::NoVision),
            admission: if can.1 { Admission::Deny } else { Admission::Allow },
            window: can.2,
            accounts: accounts.iter().map(account).collect(),
            cost_nano: does.0,
            latency_ms: does.1,
            busy: does.2,
            limited_until: limited.map(|ms| START + ms),
            ..TargetFacts::default()
        };
        (target, facts)
    })
}

fn breakage() -> impl Strategy<Value = Broken> {
    let output = prop_oneof![8 => Just(Output::Nothing), 1 => Just(Output::Text), 1 => Just(Output::ToolCall)];
    let hint = prop::option::weighted(0.3, 0_u64..120_000);
    let cause = prop::sample::select(vec![None, None, Some("dns")]);
    let failure = (0..Category::ALL.len(), output, hint, cause, prop::bool::weighted(0.1));
    let failure = failure.prop_map(|(category, output, hint, cause, slept)| {
        let retry_after = hint.map(std::time::Duration::from_millis);
        let error = ProviderError { retry_after, cause, ..ProviderError::new(Category::ALL[category], "no") };
        Breakage { error, output, slept }
    });
    prop::option::weighted(0.97, failure)
}

fn rules() -> impl Strategy<Value = RouteRules> {
    let after = prop::sample::select(vec![AfterOutput::Keep, AfterOutput::Continue, AfterOutput::Restart]);
    (1_u32..=6, 1_u32..=6, prop::bool::weighted(0.2), 0_u32..90, after).prop_map(|rules| {
        let (tries, failures, keeps, retry_after_s, after_output) = rules;
        let switch_on = Category::ALL.into_iter().filter(|c| !keeps || (*c as u8).is_multiple_of(2)).collect();
        RouteRules { tries, failures, retry_after_s, switch_on, after_output, ..RouteRules::default() }
    })
}

fn case() -> impl Strategy<Value = Case> {
    let targets = prop::collection::vec(one_target(), 0..7);
    let script = prop::collection::vec(breakage(), 0..80);
    let odd = (prop::collection::vec(0_usize..7, 0..2), prop::collection::vec((0_usize..7, 0_i64..40_000), 0..4));
    let how = (0..RouteStrategy::ALL.len(), 0_u64..9, any::<u64>(), prop::bool::weighted(0.8));
    (targets, rules(), script, odd, how).prop_map(|(targets, rules, script, (avoid, open), how)| {
        let (targets, facts): (Vec<_>, Vec<_>) = targets.into_iter().unzip();
        let route = Route { strategy: RouteStrategy::ALL[how.0], targets, rules };
        let snapshot = Snapshot { targets: facts, turn: how.1, tokens: 1_000 };
        Case { route, snapshot, script, seed: how.2, explicit: how.3, avoid, open }
    })
}

fn played(case: &Case) -> Told {
    let world = World::default();
    let dead = ProviderError::new(Category::Overloaded, "dead");
    for (target, ago) in case.open.iter().filter(|(target, _)| *target < case.route.targets.len()) {
        for account in &case.snapshot.targets[*target].accounts {
            let key = World::key(&case.route, *target, account.id);
            let rules = RouteRules { failures: 1, ..RouteRules::default() };
            let failed = parlance_core::fallback::health::Outcome::Failed { error: &dead, excused: false };
            world.health.note(&key, &rules, failed, START - ago);
        }
    }
    let known = world.survey(&case.route, &case.snapshot, START);
    let mut runner = Runner::new(&case.route, case.snapshot.clone(), case.seed);
    runner.so_far.explicit = case.explicit;
    runner.so_far.avoid = case.avoid.clone();
    let told = runner.run(&world, START, |_, n| case.script.get(n).cloned().flatten());
    if case.explicit && case.avoid.is_empty() {
        agrees(case, &known, &told);
    }
    told
}

/// The dry run says what then happens.
fn agrees(case: &Case, known: &Snapshot, told: &Told) {
    let looks = plan_of(&case.route, known, case.seed, START);
    let chosen: Vec<_> = looks.iter().filter(|look| look.verdict == DryRunVerdict::Chosen).collect();
    let asked = told.asked.first().map(|(choice, ..)| (choice.target, Some(choice.account_id)));
    assert_eq!(chosen.first().map(|look| (look.target, look.account_id)), asked);
    assert!(chosen.len() <= 1);
    let all: HashSet<usize> = looks.iter().map(|look| look.target).collect();
    assert_eq!((looks.len(), all.len()), (case.route.targets.len(), case.route.targets.len()), "each once");
    // One that rests may be chosen all the same: that is told, too.
    assert!(looks.iter().all(|look| match look.verdict {
        DryRunVerdict::Skipped => look.skip.is_some(),
        DryRunVerdict::Next => look.skip.is_none(),
        DryRunVerdict::Chosen => look.skip.as_ref().is_none_or(|skip| skip.target == look.target),
    }));
    if let Some(Stop::Nobody(skips)) = &told.stop {
        assert_eq!(skips.len(), looks.len(), "each says why");
    }
}

/// Whether an account is at anybody's service.
fn is_awake(account: &AccountFacts, now: i64) -> bool {
    let closed = matches!(account.circuit, Standing::Closed | Standing::HalfOpen { trying: false, .. });
    closed && account.rest.as_ref().is_none_or(|rest| !rest.holds(now))
}

/// Whether a target that the run has not been at could be asked without reserve, as the contract has it.
fn is_ready(case: &Case, known: &Snapshot, before: &[Tried], index: usize, now: i64) -> bool {
    let (target, facts) = (&case.route.targets[index], &known.targets[index]);
    let provider = |tried: &Tried| case.route.targets[tried.target].provider_id;
    let model = |tried: &Tried| &case.route.targets[tried.target].model;
    let used = |id: i64| before.iter().any(|t| t.account_id == id && model(t) == &target.model);
    let mine = |id: i64| target.account_id.is_none_or(|only| only == id);
    let broke = before.iter().any(|tried| provider(tried) == target.provider_id);
    // A prompt that was too long for one is too long for the same model, and for windows that are no larger.
    let outgrew = |tried: &Tried| {
        let small = known.targets[tried.target].window.zip(facts.window).is_some_and(|(was, is)| is <= was);
        let same = provider(tried) == target.provider_id && model(tried) == &target.model;
        tried.error.category == Category::ContextTooLong && (small || same)
    };
    before.iter().all(|tried| tried.target != index && !outgrew(tried))
        && !case.avoid.contains(&index)
        && facts.unfit.is_none()
        && facts.admission == Admission::Allow
        && facts.limited_until.is_none_or(|until| until <= now)
        && facts.window.is_none_or(|window| window >= known.tokens)
        && (facts.retries_left > 0 || !broke)
        && facts.accounts.iter().any(|account| mine(account.id) && !used(account.id) && is_awake(account, now))
}

/// One attempt, with what was known and what had been before it.
fn holds_for(case: &Case, choice: &Choice, known: &Snapshot, before: &[Tried], now: i64) {
    let (target, facts) = (&case.route.targets[choice.target], &known.targets[choice.target]);
    let account = facts.accounts.iter().find(|account| account.id == choice.account_id).unwrap();
    assert!(target.account_id.is_none_or(|only| only == choice.account_id), "another account");
    assert!(facts.unfit.is_none() && facts.admission == Admission::Allow && !case.avoid.contains(&choice.target));
    let tries = before.iter().filter(|t| (t.target, t.account_id) == (choice.target, choice.account_id)).count();
    assert!(tries < case.route.rules.tries as usize, "too often");
    let last = before.last();
    let goes_back = before.iter().rev().skip_while(|t| Some(t.target) == last.map(|l| l.target));
    assert!(!goes_back.into_iter().any(|t| t.target == choice.target), "back to one that it had left");

    let text = before.iter().any(|tried| tried.output == Output::Text);
    assert!(before.iter().all(|tried| tried.output != Output::ToolCall), "on after half a call");
    assert!(last.is_none_or(|last| last.error.category.disposition() != Disposition::Stop), "on after the end");
    let here = last.is_some_and(|last| last.target == choice.target);
    let same = here && last.is_some_and(|last| last.account_id == choice.account_id);
    let expected = match last {
        None => AttemptReason::First,
        Some(_) if text => AttemptReason::Continued,
        Some(_) if same => AttemptReason::Retry,
        Some(_) if here => AttemptReason::NextAccount,
        Some(_) => AttemptReason::NextTarget,
    };
    assert_eq!(choice.reason, expected);
    if text {
        assert!(case.route.rules.after_output == AfterOutput::Continue && !here, "nobody was to go on");
    }
    if let Some(last) = last.filter(|_| !here) {
        assert!(case.route.switches_on(last.error.category), "it was not to switch");
    }
    if let Some(last) = last.filter(|last| same && !last.slept) {
        let hint = last.error.retry_after.unwrap_or_default().as_millis();
        assert!(now - last.ended_at >= i64::try_from(hint).unwrap(), "before the vendor's time");
        return;
    }
    if same {
        return;
    }
    let ready: Vec<usize> =
        (0..case.route.targets.len()).filter(|index| is_ready(case, known, before, *index, now)).collect();
    let limited = facts.limited_until.is_some_and(|until| until > now);
    let awake = is_awake(account, now);
    assert!(awake || case.explicit, "nobody asked for that");
    assert!((awake && !limited) || here || ready.is_empty(), "{ready:?} would have been ready");
    assert_eq!(
        choice.probe,
        matches!(account.circuit, Standing::Open { .. } | Standing::HalfOpen { trying: false, .. })
    );
    let too_long = before.iter().any(|tried| tried.error.category == Category::ContextTooLong);
    if awake && !limited && !here && !too_long {
        keeps_order(case, known, &ready, choice.target, before.is_empty());
    }
}

/// The choice among the ready ones is the one that the strategy means.
fn keeps_order(case: &Case, known: &Snapshot, ready: &[usize], chosen: usize, first: bool) {
    let Some(first_ready) = ready.first() else { return };
    let count = case.route.targets.len();
    let facts = |index: &usize| &known.targets[*index];
    let cost = |index: &usize| facts(index).cost_nano.unwrap_or(u64::MAX);
    let speed = |index: &usize| facts(index).latency_ms.map_or(-1, i64::from);
    let place = |index: &usize| (index + count - known.turn as usize % count) % count;
    let fits = match case.route.strategy {
        RouteStrategy::Priority => chosen == *first_ready,
        RouteStrategy::RoundRobin => ready.iter().all(|other| place(&chosen) <= place(other)),
        RouteStrategy::LowestCost => ready.iter().all(|other| (cost(&chosen), chosen) <= (cost(other), *other)),
        RouteStrategy::LeastBusy => {
            ready.iter().all(|other| (facts(&chosen).busy, chosen) <= (facts(other).busy, *other))
        }
        RouteStrategy::LowestLatency if first => {
            ready.len() < 2 || ready.iter().any(|other| *other != chosen && speed(other) >= speed(&chosen))
        }
        RouteStrategy::LowestLatency => ready.iter().all(|other| (speed(&chosen), chosen) <= (speed(other), *other)),
        RouteStrategy::Weighted => ready.contains(&chosen),
    };
    assert!(fits, "{:?} chose {chosen} of {ready:?}", case.route.strategy);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_route_and_whatever_fails_a_run_keeps_what_was_promised(case in case()) {
        let told = played(&case);
        let seats: usize = case.snapshot.targets.iter().map(|facts| facts.accounts.len()).sum();
        prop_assert!(told.asked.len() <= seats * case.route.rules.tries as usize, "bounded by seats and tries");
        for (n, (choice, known, now)) in told.asked.iter().enumerate() {
            holds_for(&case, choice, known, &told.so_far.tried[..n], *now);
        }
        let last = told.so_far.tried.last();
        match &told.stop {
            None => prop_assert_eq!(told.so_far.tried.len() + 1, told.asked.len()),
            Some(Stop::Nobody(_)) => prop_assert!(last.is_none()),
            Some(Stop::Failed(_)) => {
                prop_assert!(told.so_far.tried.iter().all(|tried| tried.output == Output::Nothing));
            }
            Some(Stop::Keep(error) | Stop::Restart(error)) => {
                prop_assert_eq!(&**error, &last.unwrap().error);
                prop_assert!(told.so_far.tried.iter().any(|tried| tried.output != Output::Nothing));
            }
        }
    }
}
