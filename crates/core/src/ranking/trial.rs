//! Weighted routes as experiments: whether one arm does better than the others by more than chance.
//!
//! The rule, the same for counts and for samples: arms with enough data are put in order; the best is tested,
//! two-sided, against each other one; the p-values are corrected with Holm's method for the number of these tests; the
//! p that is reported is the corrected one of the best against the second best. So it answers whether the best arm is
//! better than the one next to it, and the chance to report a difference between arms that are all the same stays below
//! the level, however many arms there are.
//!
//! It holds for one look at the end. Whoever looks again and again and stops at the first small p finds differences
//! where there are none.

use std::cmp::Ordering;

use super::significance::{Counts, Ranks, fisher_exact, holm, mann_whitney};

/// The least trials of an arm to take part.
///
/// With fewer than four in each of two arms no outcome at all has a p below 5 %; with five, only all against none or
/// nearly so.
pub const MIN_TRIALS: u64 = 5;

/// The least values of an arm to take part: below it the normal approximation, which ties call for, is too coarse.
pub const MIN_VALUES: usize = 8;

/// Which values are the better ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The lower ones: costs, waiting.
    Lower,
    /// The higher ones: grades.
    Higher,
}

/// What an experiment says so far. Arms are indices into what was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The best arm; of equally good ones the one with more data, else the first.
    pub best: usize,
    /// The second best, likewise.
    pub next: usize,
    /// The corrected p of the best arm against the second best.
    pub p: f64,
    /// The best arm against each other one that took part, from the second best to the worst.
    pub tests: Vec<ArmTest>,
}

/// The best arm against another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArmTest {
    /// The other arm.
    pub arm: usize,
    /// The p of this test alone, two-sided.
    pub p: f64,
    /// The p corrected for all tests of the finding.
    pub corrected: f64,
}

/// Compares arms by their share of successes, with [`fisher_exact`]. What is a success is up to the caller: answered, a
/// vote, a thumb up.
///
/// `None` unless at least two arms have [`MIN_TRIALS`]; arms with less are left out.
pub fn compare_counts(arms: &[Counts]) -> Option<Finding> {
    let mut order: Vec<_> = (0..arms.len()).filter(|&arm| arms[arm].trials() >= MIN_TRIALS).collect();
    let share = |a: usize, b: usize| {
        compare_shares((arms[a].successes.into(), arms[a].trials()), (arms[b].successes.into(), arms[b].trials()))
    };
    order.sort_by(|&a, &b| share(b, a).then(arms[b].trials().cmp(&arms[a].trials())));
    finding(&order, |best, other| fisher_exact(arms[best], arms[other]))
}

/// Compares arms by their values, such as costs or milliseconds, with [`mann_whitney`].
///
/// The order of the arms is that of their mean ranks among all values, which is what the test looks at; a single huge
/// value counts no more than a large one. `None` unless at least two arms have [`MIN_VALUES`]; arms with less are left
/// out.
pub fn compare_values<T: Ord>(arms: &[&[T]], better: Better) -> Option<Finding> {
    let mut order: Vec<_> = (0..arms.len()).filter(|&arm| arms[arm].len() >= MIN_VALUES).collect();
    let taking_part: Vec<_> = order.iter().map(|&arm| arms[arm]).collect();
    let mut sums = vec![0; arms.len()];
    for (&arm, sum) in order.iter().zip(Ranks::of(&taking_part).doubled_sums) {
        sums[arm] = sum;
    }
    let mean = |a: usize, b: usize| compare_shares((sums[a], arms[a].len() as u64), (sums[b], arms[b].len() as u64));
    order.sort_by(|&a, &b| {
        let by_mean = if better == Better::Lower { mean(a, b) } else { mean(b, a) };
        by_mean.then(arms[b].len().cmp(&arms[a].len()))
    });
    finding(&order, |best, other| mann_whitney(arms[best], arms[other]))
}

/// Compares two fractions without rounding; the lower numbers are not zero.
fn compare_shares(a: (u64, u64), b: (u64, u64)) -> Ordering {
    let cross = |over: u64, under: u64| u128::from(over) * u128::from(under);
    cross(a.0, b.1).cmp(&cross(b.0, a.1))
}

/// The rule of the module, for arms in order, the best first.
fn finding(order: &[usize], p: impl Fn(usize, usize) -> f64) -> Option<Finding> {
    let (&best, others) = order.split_first()?;
    let &next = others.first()?;
    let alone: Vec<_> = others.iter().map(|&arm| p(best, arm)).collect();
    let corrected = holm(&alone);
    let tests = others.iter().zip(alone).zip(&corrected);
    let tests = tests.map(|((&arm, p), &corrected)| ArmTest { arm, p, corrected }).collect();
    Some(Finding { best, next, p: *corrected.first()?, tests })
}
