//! The order that each strategy means.

use parlance_core::{
    fallback::{
        next::{Look, plan_of},
        route::Route,
        snapshot::{Snapshot, Standing},
    },
    view::{DryRunVerdict, FailureView, RouteStrategy, SkipReason},
};
use parlance_providers::{Category, ProviderError};

use super::drive::{START, facts, known, route, target};

fn many(strategy: RouteStrategy, count: i64) -> (Route, Snapshot) {
    let targets = (1..=count).map(target).collect();
    (route(strategy, targets), known((1..=count).map(|id| facts(&[id * 10])).collect()))
}

fn first(route: &Route, snapshot: &Snapshot, seed: u64) -> usize {
    let chosen = |look: &Look| look.verdict == DryRunVerdict::Chosen;
    plan_of(route, snapshot, seed, START).into_iter().find(chosen).unwrap().target
}

fn order(route: &Route, snapshot: &Snapshot, seed: u64) -> Vec<usize> {
    plan_of(route, snapshot, seed, START).into_iter().map(|look| look.target).collect()
}

fn open(snapshot: &mut Snapshot, target: usize) {
    let because = FailureView::from(&ProviderError::new(Category::Overloaded, "busy"));
    snapshot.targets[target].accounts[0].circuit = Standing::Open { until: START + 9_000, because };
}

/// How often each target goes first, over this many seeds.
fn shares<const N: usize>(route: &Route, snapshot: &Snapshot, seeds: u64) -> [f64; N] {
    let mut counts = [0.0; N];
    for seed in 0..seeds {
        counts[first(route, snapshot, seed)] += 1.0;
    }
    counts
}

/// How far counts are from what is expected.
fn chi_square<const N: usize>(counts: [f64; N], expected: [f64; N]) -> f64 {
    counts.iter().zip(expected).map(|(count, expected)| (count - expected).powi(2) / expected).sum()
}

#[test]
fn in_the_users_order_and_in_turn() {
    let (mut route, mut snapshot) = many(RouteStrategy::Priority, 4);
    assert_eq!(order(&route, &snapshot, 1), [0, 1, 2, 3]);
    open(&mut snapshot, 0);
    let looks = plan_of(&route, &snapshot, 1, START);
    let verdicts: Vec<_> = looks.iter().map(|look| look.verdict).collect();
    use DryRunVerdict::{Chosen, Next, Skipped};
    assert_eq!(verdicts, [Skipped, Chosen, Next, Next]);
    let skip = looks[0].skip.as_ref().unwrap();
    assert_eq!((skip.reason, skip.until), (SkipReason::Resting, Some(START + 9_000)));
    assert_eq!(skip.because.as_ref().unwrap().category, Category::Overloaded);
    route.strategy = RouteStrategy::RoundRobin;
    let firsts = [0, 1, 2, 3, 4, u64::MAX].map(|turn| {
        snapshot.turn = turn;
        (order(&route, &snapshot, 1), first(&route, &snapshot, 1))
    });
    assert_eq!(firsts[0], (vec![0, 1, 2, 3], 1), "the one whose turn it is rests");
    assert_eq!(firsts[1], (vec![1, 2, 3, 0], 1));
    assert_eq!(firsts[3], (vec![3, 0, 1, 2], 3));
    assert_eq!((firsts[4].clone(), firsts[5].1), (firsts[0].clone(), 3));
}

#[test]
fn by_cost_with_the_unknown_last_and_by_requests_under_way() {
    let (mut route, mut snapshot) = many(RouteStrategy::LowestCost, 5);
    let known = [Some(30), None, Some(10), Some(30), Some(0)];
    for (facts, (cost, busy)) in snapshot.targets.iter_mut().zip(known.into_iter().zip([3, 0, 2, 0, 9])) {
        (facts.cost_nano, facts.busy) = (cost, busy);
    }
    assert_eq!(order(&route, &snapshot, 1), [4, 2, 0, 3, 1]);
    route.strategy = RouteStrategy::LeastBusy;
    assert_eq!(order(&route, &snapshot, 1), [1, 3, 2, 0, 4]);
}

#[test]
fn weights_converge_also_where_one_rests() {
    let (mut route, mut snapshot) = many(RouteStrategy::Weighted, 3);
    for (target, weight) in route.targets.iter_mut().zip([1, 2, 7]) {
        target.weight = weight;
    }
    // The limits are exceeded by chance once in a thousand; the seeds are fixed.
    let counts = shares(&route, &snapshot, 10_000);
    let far = chi_square(counts, [1_000.0, 2_000.0, 7_000.0]);
    assert!(far < 13.8, "{counts:?} is {far} away");
    open(&mut snapshot, 2);
    let [light, heavy, resting] = shares(&route, &snapshot, 9_000);
    let far = chi_square([light, heavy], [3_000.0, 6_000.0]);
    assert!(far < 10.8 && resting == 0.0, "{light} {heavy} {resting} is {far} away");
    let sticky = first(&route, &snapshot, 42);
    assert!((0..50).all(|_| first(&route, &snapshot, 42) == sticky), "the same seed, the same target");
}

#[test]
fn the_faster_of_two_and_what_was_never_measured_gets_measured() {
    let (route, mut snapshot) = many(RouteStrategy::LowestLatency, 5);
    for (facts, ms) in snapshot.targets.iter_mut().zip([300, 100, 500, 200, 400]) {
        facts.latency_ms = Some(ms);
    }
    // Of ten pairs the fastest is in four, the next in three, the slowest is never the faster one.
    let [c300, c100, c500, c200, c400] = shares(&route, &snapshot, 10_000);
    let far = chi_square([c100, c200, c300, c400], [4_000.0, 3_000.0, 2_000.0, 1_000.0]);
    assert!(far < 16.3 && c500 == 0.0, "{:?} is {far} away", [c100, c200, c300, c400, c500]);
    let rest: Vec<usize> = order(&route, &snapshot, 3).into_iter().skip(1).collect();
    let ms = |index: &usize| snapshot.targets[*index].latency_ms;
    assert!(rest.is_sorted_by_key(ms), "the others by what was measured");
    open(&mut snapshot, 1);
    let [.., c200, c400] = shares::<5>(&route, &snapshot, 6_000);
    let far = chi_square([c200, c400], [3_000.0, 1_000.0]);
    assert!(far < 10.8, "of the four that are ready: {far}");
    assert_eq!(order(&route, &snapshot, 3)[0], 1, "the fastest rests, and that is told");
    snapshot.targets[2].latency_ms = None;
    let measured = shares::<5>(&route, &snapshot, 6_000)[2];
    assert!((2_800.0..3_200.0).contains(&measured), "{measured}: it wins all its pairs");
}
