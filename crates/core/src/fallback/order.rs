//! In which order a route looks at its targets.

use super::{route::Route, snapshot::Snapshot};
use crate::view::RouteStrategy;

/// Every target, in the order that the strategy means, whether it is ready or not. Equals stay in the user's order.
/// `ready` says who can be asked; `first` is true for the first choice of a run.
pub(super) fn order(
    route: &Route,
    snapshot: &Snapshot,
    seed: u64,
    ready: impl Fn(usize) -> bool,
    first: bool,
) -> Vec<usize> {
    let mut order: Vec<usize> = (0..route.targets.len()).collect();
    if route.strategy != RouteStrategy::Priority {
        let place = |index: usize| place(route, snapshot, seed, index);
        order.sort_unstable_by(|a, b| place(*a).total_cmp(&place(*b)).then(a.cmp(b)));
    }
    if route.strategy == RouteStrategy::LowestLatency && first {
        faster_of_two(&mut order, seed, ready);
    }
    order
}

/// What a strategy sorts by; the lowest is looked at first.
fn place(route: &Route, snapshot: &Snapshot, seed: u64, index: usize) -> f64 {
    let facts = snapshot.targets.get(index);
    match route.strategy {
        RouteStrategy::Priority => index as f64,
        RouteStrategy::RoundRobin => {
            let count = route.targets.len().max(1);
            let turn = usize::try_from(snapshot.turn % count as u64).unwrap_or(0);
            ((index + count - turn) % count) as f64
        }
        // The first of several exponential clocks that run as fast as their weights: each draw without replacement
        // goes by weight.
        RouteStrategy::Weighted => {
            let weight = route.targets.get(index).map_or(1, |target| target.weight.max(1));
            -unit(seed, index as u64).ln() / f64::from(weight)
        }
        RouteStrategy::LowestCost => facts.and_then(|facts| facts.cost_nano).map_or(f64::INFINITY, |nano| nano as f64),
        // What was never measured goes first, or it never would be.
        RouteStrategy::LowestLatency => facts.and_then(|facts| facts.latency_ms).map_or(-1.0, f64::from),
        RouteStrategy::LeastBusy => facts.map_or(f64::INFINITY, |facts| f64::from(facts.busy)),
    }
}

/// Power of two choices: of two that are ready, drawn at random, the faster one comes before the others that are
/// ready. Asking the fastest always would send everybody to one server.
fn faster_of_two(order: &mut [usize], seed: u64, ready: impl Fn(usize) -> bool) {
    let count = order.iter().filter(|index| ready(**index)).count();
    if count < 2 {
        return;
    }
    let draw = |salt: u64, below: usize| (hash(seed, salt) % below as u64) as usize;
    let one = draw(0, count);
    let other = (one + 1 + draw(1, count - 1)) % count;
    // They are sorted: the one that comes earlier is the faster one.
    let mut places = (0..order.len()).filter(|place| ready(order[*place]));
    let Some(front) = places.next() else { return };
    let winner = if one.min(other) == 0 { Some(front) } else { places.nth(one.min(other) - 1) };
    if let Some(winner) = winner {
        order[front..=winner].rotate_right(1);
    }
}

/// A random number that depends on nothing but these (SplitMix64).
pub(super) fn hash(seed: u64, salt: u64) -> u64 {
    let mut z = seed.wrapping_add(salt.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The same above 0 and up to 1.
fn unit(seed: u64, salt: u64) -> f64 {
    ((hash(seed, salt) >> 11) + 1) as f64 / (1_u64 << 53) as f64
}
