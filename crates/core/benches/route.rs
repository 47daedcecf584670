//! What it takes to decide who is asked: time and allocations, with 40 targets and 10,000 circuits.
//!
//! `cargo bench -p parlance-core --bench route` prints one JSON line and fails past its limits.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::{alloc::System, hint::black_box, process::ExitCode};

use cpu_time::ProcessTime;
use parlance_core::{
    fallback::{
        decision::{Next, Output, SoFar, Tried},
        health::{Health, Key, OpenCircuit, Outcome},
        next::next,
        route::{Route, Target},
        snapshot::{AccountFacts, Snapshot, TargetFacts},
    },
    view::{FailureView, RouteRules, RouteStrategy},
};
use parlance_providers::{Category, ProviderError};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TARGETS: i64 = 40;
const CIRCUITS: i64 = 10_000;
const DECISIONS: u32 = 2_000;
const ROUNDS: usize = 9;
const NOW: i64 = 1_700_000_000_000;

/// Past these the benchmark fails: microseconds of CPU and allocations, to look a route up and to decide, with the
/// costliest of the strategies. A request takes a thousand times as long to get to its vendor.
const MOST_US: f64 = 100.0;
/// Every target passed over says why, in the vendor's words.
const MOST_ALLOCATIONS: f64 = 250.0;
/// The decision alone, where all are ready: the order, what each looks like, and nothing for each target.
const MOST_TO_DECIDE: f64 = 8.0;

/// What a step costs.
#[derive(Clone, Copy, Debug)]
struct Cost {
    us: f64,
    allocations: f64,
}

fn main() -> ExitCode {
    // `cargo test --benches` runs this too; it measures only when asked to.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let health = health();
    let [ready, resting] = [false, true].map(|rests| known(&health, rests));
    let broke = broke();
    let fresh = SoFar { explicit: true, ..SoFar::default() };
    let dearest = |work: &dyn Fn(&Route)| {
        let costs = RouteStrategy::ALL.map(|strategy| measured(&route(strategy), work)).into_iter();
        costs.reduce(|a, b| Cost { us: a.us.max(b.us), allocations: a.allocations.max(b.allocations) })
    };
    let decide = |known: &Snapshot, so_far: &SoFar, route: &Route| {
        assert!(matches!(black_box(next(route, known, so_far, 7, NOW)), Next::Attempt(_)));
    };
    let figures = [
        dearest(&|route| decide(&ready, &fresh, route)),
        dearest(&|route| decide(&resting, &fresh, route)),
        dearest(&|route| decide(&ready, &broke, route)),
        dearest(&|route| decide(&known(&health, true), &fresh, route)),
    ];
    let [Some(ready), Some(resting), Some(broken), Some(whole)] = figures else { return ExitCode::FAILURE };
    let figure =
        |name: &str, cost: Cost| format!("\"{name}_us\":{:.2},\"{name}_allocations\":{:.0}", cost.us, cost.allocations);
    println!(
        "{{\"bench\":\"route\",\"targets\":{TARGETS},\"circuits\":{CIRCUITS},{},{},{},{}}}",
        figure("ready", ready),
        figure("resting", resting),
        figure("after_ten", broken),
        figure("looked_up", whole)
    );
    println!("limits: {MOST_US} us and {MOST_ALLOCATIONS} allocations looked up, {MOST_TO_DECIDE} to decide alone");
    let decides = ready.allocations.max(broken.allocations) <= MOST_TO_DECIDE;
    let holds = whole.us <= MOST_US && whole.allocations <= MOST_ALLOCATIONS && decides;
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// CPU and allocations of one decision, the median of several rounds.
fn measured(route: &Route, work: &dyn Fn(&Route)) -> Cost {
    work(route);
    let region = Region::new(COUNTED);
    work(route);
    let allocations = region.change().allocations as f64;
    let mut rounds = [0.0; ROUNDS];
    for round in &mut rounds {
        let start = ProcessTime::now();
        for _ in 0..DECISIONS {
            work(route);
        }
        *round = start.elapsed().as_nanos() as f64 / 1_000.0 / f64::from(DECISIONS);
    }
    rounds.sort_by(f64::total_cmp);
    Cost { us: rounds[ROUNDS / 2], allocations }
}

/// The targets that are asked have model 0, of which the first half rests.
fn key(provider_id: i64, model: i64) -> Key {
    Key { provider_id, account_id: provider_id, model: format!("vendor/some-model-with-a-usual-name-{model}") }
}

fn busy() -> ProviderError {
    ProviderError {
        status: Some(529),
        code: Some("overloaded_error".into()),
        ..ProviderError::new(Category::Overloaded, "Overloaded")
    }
}

fn health() -> Health {
    let health = Health::default();
    let row = |n: i64| OpenCircuit {
        key: key(n % TARGETS, n / TARGETS),
        opened_at: NOW - 1,
        until: NOW + 60_000,
        doublings: 0,
        because: FailureView::from(&busy()),
    };
    let ready = |n: &i64| n / TARGETS == 0 && n % TARGETS >= TARGETS / 2;
    health.load((0..CIRCUITS).filter(|n| !ready(n)).map(row).collect());
    for provider_id in 0..TARGETS {
        let first_token_ms = u32::try_from(provider_id * 37 % 500).ok();
        let answered = Outcome::Answered { first_token_ms };
        health.note(&key(provider_id, CIRCUITS), &RouteRules::default(), answered, NOW);
    }
    health
}

fn route(strategy: RouteStrategy) -> Route {
    let target = |provider_id: i64| Target {
        provider_id,
        account_id: None,
        model: key(provider_id, 0).model,
        weight: u32::try_from(provider_id % 7 + 1).unwrap_or(1),
    };
    Route { strategy, targets: (0..TARGETS).map(target).collect(), rules: RouteRules::default() }
}

/// What is known of all targets: half of them rest, or none does.
fn known(health: &Health, rests: bool) -> Snapshot {
    let facts = |provider_id: i64| {
        let circuit = if rests { health.standing(&key(provider_id, 0), NOW) } else { Default::default() };
        TargetFacts {
            window: Some(128_000),
            accounts: vec![AccountFacts { id: provider_id, rest: None, circuit }],
            cost_nano: u64::try_from(provider_id * 31 % 17).ok(),
            latency_ms: health.latency_ms(provider_id, &key(provider_id, CIRCUITS).model, NOW),
            busy: u32::try_from(provider_id % 5).unwrap_or(0),
            retries_left: health.retries_left(provider_id),
            ..TargetFacts::default()
        }
    };
    Snapshot { targets: (0..TARGETS).map(facts).collect(), turn: 17, tokens: 2_000 }
}

/// Ten have failed.
fn broke() -> SoFar {
    let tried = |target: usize| Tried {
        target,
        account_id: i64::try_from(target).unwrap_or(0),
        error: ProviderError::new(Category::NoCredit, "no credit"),
        output: Output::Nothing,
        ended_at: NOW,
        slept: false,
    };
    SoFar { tried: (0..10).map(tried).collect(), explicit: true, avoid: Vec::new() }
}
