//! What the contract says to each failure, under each strategy, before output and after it. The table is written out
//! by hand: it does not ask the code what it thinks.

use Category::*;
use parlance_core::{
    fallback::{decision::Output, route::Route, snapshot::Snapshot},
    view::{AfterOutput, AttemptReason, RouteStrategy, SkipReason},
};
use parlance_providers::Category;

use super::drive::{Breakage, Runner, START, Told, World, broken, facts, known, route, target};

/// Before any output, in a route that switches on everything: what one failure of the first target leads to. `again` is
/// the same target after a wait, `account` another account of it, `next` the next target, `stop` the end.
const BEFORE: [(Category, &str, &str); 15] = [
    // with one account, with two
    (MissingKey, "next", "account"),
    (RejectedKey, "next", "account"),
    (Forbidden, "next", "next"),
    (NoCredit, "next", "next"),
    (RateLimited, "next", "account"),
    (Overloaded, "again", "again"),
    (Timeout, "again", "again"),
    (Network, "again", "again"),
    (ContextTooLong, "next", "next"),
    (BadRequest, "stop", "stop"),
    (UnknownModel, "next", "next"),
    (Refused, "next", "next"),
    (BrokenStream, "again", "again"),
    (Cancelled, "stop", "stop"),
    (Internal, "again", "again"),
];

/// Two targets of which the first one goes first under every strategy, with a seed that makes it so.
fn pair(strategy: RouteStrategy, accounts: &[i64]) -> (Route, Snapshot, u64) {
    let mut route = route(strategy, vec![target(1), target(2)]);
    route.targets[0].weight = 1_000;
    route.rules.switch_on = Category::ALL.to_vec();
    let mut snapshot = known(vec![facts(accounts), facts(&[20])]);
    for (index, facts) in snapshot.targets.iter_mut().enumerate() {
        let rank = u32::try_from(index).unwrap();
        facts.cost_nano = Some(rank.into());
        facts.latency_ms = Some(100 * (rank + 1));
        facts.busy = rank;
    }
    (route, snapshot, 7)
}

/// The first target fails like this, always; the second one answers.
fn told(route: &Route, snapshot: &Snapshot, seed: u64, breakage: &Breakage) -> Told {
    let script =
        |choice: &parlance_core::fallback::decision::Choice, _: usize| (choice.target == 0).then(|| breakage.clone());
    Runner::new(route, snapshot.clone(), seed).run(&World::default(), START, script)
}

/// What became of the first failure.
fn reaction(told: &Told) -> &'static str {
    match told.asked.get(1).map(|(choice, ..)| choice.reason) {
        Some(AttemptReason::Retry) if !told.waits.is_empty() => "again",
        Some(AttemptReason::Retry) => "at once",
        Some(AttemptReason::NextAccount) => "account",
        Some(AttemptReason::NextTarget) => "next",
        Some(AttemptReason::Continued) => "continued",
        Some(AttemptReason::First) => "first again",
        None if matches!(told.end(), "keep" | "restart") => told.end(),
        None => "stop",
    }
}

#[test]
fn each_failure_under_each_strategy_before_output() {
    for strategy in RouteStrategy::ALL {
        for (category, one, two) in BEFORE {
            for (accounts, expected) in [(&[10][..], one), (&[10, 11], two)] {
                let (mut route, snapshot, seed) = pair(strategy, accounts);
                let breakage = broken(category).unwrap();
                let case = format!("{strategy:?} {category:?} {} accounts", accounts.len());
                let said = told(&route, &snapshot, seed, &breakage);
                assert_eq!(said.asked[0].0.target, 0, "{case}");
                assert_eq!(reaction(&said), expected, "{case}: {said:?}");
                let tries = if expected == "again" { 3 } else { usize::from(expected == "account") + 1 };
                let ends = if expected == "stop" { category.as_str() } else { "answered" };
                let whole: Vec<usize> = [vec![0; tries], vec![1; usize::from(expected != "stop")]].concat();
                assert_eq!((said.targets(), said.end()), (whole, ends), "{case}");

                route.rules.switch_on.clear();
                let said = told(&route, &snapshot, seed, &breakage);
                assert_eq!((said.targets(), said.end()), (vec![0; tries], category.as_str()), "{case}, no switching");
            }
        }
    }
}

#[test]
fn each_failure_under_each_strategy_after_output() {
    for strategy in RouteStrategy::ALL {
        for (category, ..) in BEFORE {
            let ends = matches!(category, BadRequest | Cancelled);
            for (rule, choice) in
                [(AfterOutput::Keep, "keep"), (AfterOutput::Continue, "continued"), (AfterOutput::Restart, "restart")]
            {
                for output in [Output::Text, Output::ToolCall] {
                    for switches in [true, false] {
                        let (mut route, snapshot, seed) = pair(strategy, &[10, 11]);
                        route.rules.after_output = rule;
                        if !switches {
                            route.rules.switch_on.clear();
                        }
                        let breakage = Breakage { output, ..broken(category).unwrap() };
                        let said = told(&route, &snapshot, seed, &breakage);
                        let kept = ends || output == Output::ToolCall || !switches;
                        let expected = if kept { "keep" } else { choice };
                        let case = format!("{strategy:?} {category:?} {rule:?} {output:?} {switches}");
                        assert_eq!(reaction(&said), expected, "{case}");
                        let whole = if expected == "continued" { vec![0, 1] } else { vec![0] };
                        assert_eq!(said.targets(), whole, "{case}");
                        assert_eq!(said.waits, [0_i64; 0], "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn refusals_hand_over_only_where_the_route_says_so_and_nobody_is_left_at_the_end() {
    let (mut route, snapshot, seed) = pair(RouteStrategy::Priority, &[10]);
    route.rules.switch_on = parlance_core::view::RouteRules::default().switch_on;
    assert_eq!(told(&route, &snapshot, seed, &broken(Refused).unwrap()).end(), "refused");
    let all =
        |category| Runner::new(&route, snapshot.clone(), seed).run(&World::default(), START, |_, _| broken(category));
    assert_eq!((all(Overloaded).targets(), all(Overloaded).end()), (vec![0, 0, 0, 1, 1, 1], "overloaded"));
    assert_eq!((all(NoCredit).targets(), all(NoCredit).end()), (vec![0, 1], "no_credit"));
    route.rules.after_output = AfterOutput::Restart;
    let mut runner = Runner::new(&route, snapshot.clone(), seed);
    runner.so_far.avoid = vec![1];
    let text = Breakage { output: Output::Text, ..broken(Network).unwrap() };
    let said = runner.run(&World::default(), START, |_, _| Some(text.clone()));
    assert_eq!(said.end(), "keep", "nobody is left who could answer anew");
}

#[test]
fn a_model_that_goes_on_and_fails_is_followed_by_the_next_one_once() {
    let (mut route, mut snapshot, seed) = pair(RouteStrategy::Priority, &[10, 11]);
    route.targets.push(target(3));
    route.rules.after_output = AfterOutput::Continue;
    snapshot.targets.push(facts(&[30]));
    let said = Runner::new(&route, snapshot, seed).run(&World::default(), START, |_, n| {
        let output = if n == 0 { Output::Text } else { Output::Nothing };
        Some(Breakage { output, ..broken(Overloaded).unwrap() })
    });
    assert_eq!((said.targets(), said.end()), (vec![0, 1, 2], "keep"));
    assert!(said.asked[1..].iter().all(|(choice, ..)| choice.reason == AttemptReason::Continued));
}

#[test]
fn what_was_too_long_goes_to_larger_windows_first_and_never_to_smaller_ones() {
    let route = route(RouteStrategy::Priority, (1..=6).map(target).collect());
    let windows = [Some(8_000), None, Some(4_000), Some(8_000), Some(16_000), Some(32_000)];
    let mut snapshot = known((1..=6).map(|id| facts(&[id * 10])).collect());
    for (facts, window) in snapshot.targets.iter_mut().zip(windows) {
        facts.window = window;
    }
    let run = |snapshot: &Snapshot, category: Category| {
        Runner::new(&route, snapshot.clone(), 1).run(&World::default(), START, move |_, _| broken(category))
    };
    let said = run(&snapshot, ContextTooLong);
    assert_eq!(said.targets(), [0, 4, 5, 1], "larger known ones, then the one that may be");
    assert_eq!(said.end(), "context_too_long");
    let skipped: Vec<_> = said.asked[1].0.skipped.iter().map(|skip| (skip.target, skip.reason)).collect();
    assert_eq!(skipped, [(2, SkipReason::ContextTooLong), (3, SkipReason::ContextTooLong)]);
    // What is known to be too small is passed over from the start, unless a person has nothing else.
    snapshot.tokens = 10_000;
    assert_eq!(run(&snapshot, NoCredit).targets(), [1, 4, 5, 0, 3, 2]);
    for facts in &mut snapshot.targets {
        facts.window = Some(1_000);
    }
    assert_eq!(run(&snapshot, BadRequest).targets(), [0], "tokens are guessed");
}

#[test]
fn a_prompt_that_nobody_takes_is_told_with_every_reason() {
    use parlance_core::fallback::{decision::Stop, snapshot::Admission};
    let route = route(RouteStrategy::Priority, (1..=4).map(target).collect());
    let mut snapshot = known((1..=4).map(|id| facts(&[id * 10])).collect());
    snapshot.targets[0].unfit = Some(SkipReason::NoVision);
    snapshot.targets[1].admission = Admission::Deny;
    snapshot.targets[2].accounts.clear();
    snapshot.targets[3].unfit = Some(SkipReason::Disabled);
    let said = Runner::new(&route, snapshot, 1).run(&World::default(), START, |_, _| None);
    let Some(Stop::Nobody(skips)) = said.stop else { panic!("{said:?}") };
    let reasons: Vec<_> = skips.iter().map(|skip| (skip.target, skip.reason)).collect();
    let expected = [SkipReason::NoVision, SkipReason::OverBudget, SkipReason::NoKey, SkipReason::Disabled];
    assert_eq!(reasons, expected.into_iter().enumerate().collect::<Vec<_>>());
}
