//! Many at once, and a computer whose time is odd.

use parlance_core::{
    fallback::{
        decision::{Output, Stop},
        health::Change,
        route::{Route, Target},
    },
    view::{AttemptReason, RouteStrategy, SkipReason},
};
use parlance_providers::{Category, ProviderError};

use super::drive::{Breakage, Broken, Runner, START, Step, World, broken, facts, known, route, target};

const SECOND: i64 = 1_000;

/// Runs that begin at once against servers that answer nothing but this, each attempt a tenth of a second long.
/// Returns how many attempts there were.
fn storm(route: &Route, runs: u64, broken: &Broken) -> usize {
    let world = World::default();
    let accounts: Vec<_> = (0..route.targets.len()).map(|n| facts(&[n as i64])).collect();
    let mut runners: Vec<_> = (0..runs).map(|seed| Runner::new(route, known(accounts.clone()), seed)).collect();
    // When each acts next; whether an answer is due then.
    let mut due: Vec<Option<(i64, bool)>> = vec![Some((START, false)); runners.len()];
    while let Some((index, (now, answered))) =
        due.iter().enumerate().filter_map(|(index, due)| Some((index, (*due)?))).min_by_key(|(_, due)| *due)
    {
        if answered {
            runners[index].hear(&world, broken, now);
        }
        due[index] = match runners[index].step(&world, now) {
            Step::Asks(_) => Some((now + 100, true)),
            Step::Waits(until) => Some((until, false)),
            Step::Ends(_) => None,
        };
    }
    runners.iter().map(|runner| runner.asked.len()).sum()
}

#[test]
fn two_hundred_runs_against_a_dead_server_ask_no_more_than_that_and_the_bucket() {
    let mut one = route(RouteStrategy::Priority, vec![target(1)]);
    // Without the circuit the bucket alone has to hold.
    for (failures, at_least) in [(5, 200), (100_000, 210)] {
        one.rules.failures = failures;
        let asked = storm(&one, 200, &broken(Category::Overloaded));
        assert!((at_least..=210).contains(&asked), "{asked} with {failures}");
    }
    // Neither other models nor other accounts of a dead provider are a way around.
    let same = |model: &str| Target { model: model.into(), ..target(1) };
    let mut three = route(RouteStrategy::Priority, vec![same("a"), same("b"), same("c")]);
    three.rules.failures = 100_000;
    for category in [Category::Overloaded, Category::Network, Category::RateLimited, Category::Timeout] {
        let asked = storm(&three, 200, &broken(category));
        assert_eq!(asked, 210, "{category:?}");
    }
    let mut two = route(RouteStrategy::Priority, vec![target(1), target(2)]);
    two.rules.failures = 100_000;
    assert_eq!(storm(&two, 200, &broken(Category::Internal)), 420, "each provider has a bucket of its own");
}

#[test]
fn an_empty_bucket_is_told_as_the_reason() {
    let world = World::default();
    while world.health.take_retry(1) {}
    let route = route(RouteStrategy::Priority, vec![target(1), target(2)]);
    let told = Runner::new(&route, known(vec![facts(&[10]), facts(&[20])]), 1)
        .run(&world, START, |choice, _| (choice.target == 0).then(|| broken(Category::Overloaded)).flatten());
    assert_eq!(told.targets(), [0, 1]);
    let skip = &told.asked[1].0.skipped[0];
    assert_eq!((skip.target, skip.reason), (0, SkipReason::RetriesSpent));
    assert_eq!(skip.because.as_ref().unwrap().category, Category::Overloaded);
    assert_eq!(told.asked[1].0.skipped.len(), 1);
}

#[test]
fn a_dead_target_is_left_alone_tried_once_in_a_while_and_used_again_when_it_is_back() {
    let world = World::default();
    let route = route(RouteStrategy::Priority, vec![target(1), target(2)]);
    let snapshot = known(vec![facts(&[10]), facts(&[20])]);
    let back = START + 150 * SECOND;
    let mut first = Vec::new();
    for second in (0..300).step_by(10) {
        let now = START + second * SECOND;
        let told = Runner::new(&route, snapshot.clone(), 1).run(&world, now, |choice, _| {
            (choice.target == 0 && now < back).then(|| broken(Category::Overloaded)).flatten()
        });
        assert_eq!(told.end(), "answered", "{second}");
        let tries = told.targets().iter().filter(|target| **target == 0).count();
        if tries > 0 {
            first.push((second, tries));
        } else {
            assert_eq!(told.asked[0].0.skipped[0].reason, SkipReason::Resting);
        }
    }
    // The fifth failure opens it, and nobody tries a third time then. After 30 s one request tries it, 60 s later
    // another; 120 s after that it is back, and all go there again.
    assert_eq!(first, [(0, 3), (10, 2), (50, 1), (120, 1), (250, 1), (260, 1), (270, 1), (280, 1), (290, 1)]);
}

#[test]
fn where_all_rest_the_one_that_is_back_soonest_is_tried_by_a_person_only() {
    let world = World::default();
    let route = route(RouteStrategy::Priority, vec![target(1), target(2)]);
    let snapshot = known(vec![facts(&[10]), facts(&[20])]);
    let dead = |_: &_, _| broken(Category::Overloaded);
    for now in [START, START + SECOND, START + 2 * SECOND] {
        Runner::new(&route, snapshot.clone(), 1).run(&world, now, dead);
    }
    assert_eq!((world.health.open_circuits(1).len(), world.health.open_circuits(2).len()), (1, 1));
    let later = START + 10 * SECOND;
    let mut quiet = Runner::new(&route, snapshot.clone(), 1);
    quiet.so_far.explicit = false;
    assert_eq!(quiet.run(&world, later, dead).end(), "nobody");
    let person = Runner::new(&route, snapshot.clone(), 1).run(&world, later, dead);
    let untils = [1, 2].map(|id| world.health.open_circuits(id)[0].until);
    assert_eq!((person.targets().len(), person.end()), (2, "overloaded"), "each once, no retries");
    assert!(person.asked.iter().all(|(choice, ..)| choice.probe));
    assert!(untils.iter().all(|until| *until >= later + 60 * SECOND), "they rest for longer then");
    // Two persons at once: the second comes on top, and nobody turns in circles.
    let half_open = later + 300 * SECOND;
    let mut one = Runner::new(&route, snapshot.clone(), 1);
    let mut two = Runner::new(&route, snapshot.clone(), 1);
    let mut three = Runner::new(&route, snapshot, 1);
    let Step::Asks(first) = one.step(&world, half_open) else { panic!() };
    let Step::Asks(second) = two.step(&world, half_open) else { panic!() };
    let Step::Asks(third) = three.step(&world, half_open) else { panic!() };
    assert_eq!((first.target, first.probe), (0, true));
    assert_eq!((second.target, second.probe), (1, true), "the first is being tried");
    assert_eq!((third.target, third.probe), (0, false));
}

#[test]
fn a_clock_that_jumps_makes_no_wait_longer() {
    let route = route(RouteStrategy::Priority, vec![target(1)]);
    let snapshot = known(vec![facts(&[10])]);
    let hinted = ProviderError {
        retry_after: Some(std::time::Duration::from_secs(50)),
        ..ProviderError::new(Category::Overloaded, "busy")
    };
    let hinted = Some(Breakage { error: hinted, output: Output::Nothing, slept: false });
    for (jump, asks) in [(-3_600 * SECOND, true), (-1, true), (1, false), (3_600 * SECOND, true)] {
        let world = World::default();
        let mut runner = Runner::new(&route, snapshot.clone(), 1);
        assert!(matches!(runner.step(&world, START), Step::Asks(_)));
        runner.hear(&world, &hinted, START);
        assert_eq!(runner.step(&world, START), Step::Waits(START + 50 * SECOND));
        assert_eq!(matches!(runner.step(&world, START + jump), Step::Asks(_)), asks, "{jump}");
    }
}

#[test]
fn what_broke_in_sleep_is_asked_again_at_once_and_opens_nothing() {
    let world = World::default();
    let route = route(RouteStrategy::Priority, vec![target(1), target(2)]);
    let snapshot = known(vec![facts(&[10]), facts(&[20])]);
    for n in 0..50 {
        let told = Runner::new(&route, snapshot.clone(), n).run(&world, START, |_, n| {
            (n == 0).then(|| Breakage { slept: true, ..broken(Category::Network).unwrap() })
        });
        assert_eq!((told.targets(), told.waits.len()), (vec![0, 0], 0));
        assert_eq!(told.asked[1].0.reason, AttemptReason::Retry);
    }
    assert_eq!(world.health.retries_left(1), 10, "nor does it cost the provider a retry");
    assert_eq!(world.health.open_circuits(1), []);
}

#[test]
fn a_computer_that_is_offline_opens_nothing_and_every_run_ends() {
    let world = World::default();
    let route = route(RouteStrategy::Priority, vec![target(1), target(2)]);
    let snapshot = known(vec![facts(&[10]), facts(&[20])]);
    let away = ProviderError::because(Category::Network, "dns", "no such host");
    let away = Some(Breakage { error: away, output: Output::Nothing, slept: false });
    for n in 0..50 {
        let told = Runner::new(&route, snapshot.clone(), n).run(&world, START, |_, _| away.clone());
        assert_eq!(told.end(), "network");
        assert!(matches!(told.stop, Some(Stop::Failed(error)) if error.cause == Some("dns")));
    }
    assert_eq!((world.health.open_circuits(1), world.health.retries_left(1)), (vec![], 10));
    // Online again: as if nothing had been.
    let told = Runner::new(&route, snapshot, 1).run(&world, START, |_, _| None);
    assert_eq!((told.targets(), told.asked[0].0.skipped.len()), (vec![0], 0));
}

#[test]
fn what_opens_is_said_once_so_that_it_can_be_written_down() {
    let world = World::default();
    let mut route = route(RouteStrategy::Priority, vec![target(1)]);
    (route.rules.failures, route.rules.tries) = (2, 1);
    let mut changes = Vec::new();
    for (second, breaks) in [(0, true), (1, true), (2, true), (40, true), (200, false), (201, false)] {
        let now = START + second * SECOND;
        let mut runner = Runner::new(&route, known(vec![facts(&[10])]), 1);
        assert!(matches!(runner.step(&world, now), Step::Asks(_)), "a person may always try");
        let broken = breaks.then(|| broken(Category::Timeout)).flatten();
        changes.push(runner.hear(&world, &broken, now).map(|change| match change {
            Change::Opened(row) => (row.until - now) / SECOND,
            Change::Closed(_) => 0,
        }));
    }
    assert_eq!(changes, [None, Some(30), Some(60), Some(120), Some(0), None]);
}
