//! Tests of whether two groups differ by more than chance, and the correction for testing several pairs.
//!
//! Own code, because the crate at hand (statrs 0.19.1) gives wrong p-values: its Fisher test in about one of six random
//! tables, its exact Mann–Whitney test whenever the first sample is not the larger one, for minutes where the other is
//! large.

/// How often something was tried and how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// How often it went well.
    pub successes: u32,
    /// How often it did not.
    pub failures: u32,
}

impl Counts {
    /// How often it was tried.
    pub fn trials(self) -> u64 {
        u64::from(self.successes) + u64::from(self.failures)
    }
}

/// Tables no likelier than the one seen count as at least as extreme. Equally likely ones differ by rounding, hence the
/// slack, which is that of R's `fisher.test`.
const EQUALLY_LIKELY: f64 = 1.0 + 1e-7;

/// Tables this much less likely than the likeliest count as impossible. The smallest numbers of all would not do: there
/// a step that is nearly 1 rounds back to where it was, and the walk never ends.
const VANISHING: f64 = 1e-300;

/// Fisher's exact test, two-sided: the chance, with the same totals, of a table no likelier than this one.
///
/// From 0 to 1, and 1 if nothing was tried, nothing succeeded or nothing failed. Chances below about 1e-300 come out as
/// 0. Takes time in proportion to the square root of the trials.
pub fn fisher_exact(a: Counts, b: Counts) -> f64 {
    let table = Margins::of(a, b);
    let seen = u64::from(a.successes);
    // A table that the walk does not come to is too unlikely for a number.
    let limit = table.weights().find(|(x, _)| *x == seen).map_or(0.0, |(_, weight)| weight * EQUALLY_LIKELY);
    let (mut extreme, mut all) = (0.0, 0.0);
    for (_, weight) in table.weights() {
        all += weight;
        if weight <= limit {
            extreme += weight;
        }
    }
    (extreme / all).min(1.0)
}

/// All tables with the same totals, told apart by the successes `x` of the first group.
#[derive(Clone, Copy)]
struct Margins {
    /// The trials of the first group, of the second, and the successes of both.
    first: u64,
    second: u64,
    successes: u64,
}

impl Margins {
    fn of(a: Counts, b: Counts) -> Self {
        Self { first: a.trials(), second: b.trials(), successes: u64::from(a.successes) + u64::from(b.successes) }
    }

    /// Each table with its chance over that of the likeliest one, from there upwards and then downwards.
    ///
    /// Steps from table to table need no factorials, which for large counts would lose digits.
    fn weights(self) -> impl Iterator<Item = (u64, f64)> {
        let mode = self.mode();
        let up = std::iter::successors(Some((mode, 1.0)), move |&(x, weight)| {
            let next = weight * self.odds(x);
            (next > VANISHING).then_some((x + 1, next))
        });
        let down = std::iter::successors(Some((mode, 1.0)), move |&(x, weight)| {
            let below = x.checked_sub(1)?;
            let odds = self.odds(below);
            let next = weight / odds;
            (odds > 0.0 && next > VANISHING).then_some((below, next))
        });
        up.chain(down.skip(1))
    }

    /// The likeliest number of successes of the first group.
    fn mode(self) -> u64 {
        let product = (u128::from(self.successes) + 1) * (u128::from(self.first) + 1);
        (product / (u128::from(self.first) + u128::from(self.second) + 2)) as u64
    }

    /// The chance of `x + 1` over that of `x`; zero at both ends of what is possible.
    fn odds(self, x: u64) -> f64 {
        // The failures of the second group were there one success more in the first; none left to give means the end.
        let Some(failures) = (self.second + x + 1).checked_sub(self.successes) else { return 0.0 };
        let up = self.successes.saturating_sub(x) as f64 * self.first.saturating_sub(x) as f64;
        let down = (x + 1) as f64 * failures as f64;
        if down > 0.0 { up / down } else { 0.0 }
    }
}

/// Up to this size of the smaller sample, and without ties, the Mann–Whitney test is exact, as in scipy.
const EXACT_SMALLER: usize = 8;

/// Beyond this size of the larger sample the normal approximation is used also there: the exact way counts up to half
/// the product of both sizes.
const EXACT_LARGER: usize = 8_192;

/// The test of Mann and Whitney (1947), two-sided: the chance that two samples of the same distribution differ in ranks
/// as much as these. Only the order of the values counts.
///
/// Exact without ties and with a sample of at most 8; else the normal approximation with the corrections for ties and
/// for continuity. From 0 to 1, and 1 if a sample is empty or all values are the same.
pub fn mann_whitney<T: Ord>(a: &[T], b: &[T]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 1.0;
    }
    let ranks = Ranks::of(&[a, b]);
    let (first, second) = (a.len(), b.len());
    let pairs = first as u64 * second as u64;
    // Twice the pairs in which `a` is ahead, ties once: an integer.
    let twice = ranks.doubled_sums[0] - first as u64 * (first as u64 + 1);
    let twice_small = twice.min(2 * pairs - twice);
    let (small, large) = (first.min(second), first.max(second));
    if ranks.ties == 0.0 && small <= EXACT_SMALLER && large <= EXACT_LARGER {
        return exact_tail(small, large, (twice_small / 2) as usize);
    }
    let (size, pairs) = ((first + second) as f64, pairs as f64);
    let variance = pairs / 12.0 * (size + 1.0 - ranks.ties / (size * (size - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (pairs / 2.0 - twice_small as f64 / 2.0 - 0.5) / variance.sqrt();
    libm::erfc(z / std::f64::consts::SQRT_2).min(1.0)
}

/// Twice the chance of a U of at most `most`, at most 1, for samples without ties.
///
/// The numbers of orders with U = 0, 1, … are the coefficients of the Gaussian binomial, the product of
/// (1 − q^(large + i)) / (1 − q^i) for i = 1 to `small`. Its parts overflow and come back: the arithmetic is modulo
/// 2^128, and the final numbers, at most the binomial of (8 + 8192 over 8), are far below that.
fn exact_tail(small: usize, large: usize, most: usize) -> f64 {
    let mut orders = vec![0_u128; most + 1];
    orders[0] = 1;
    let mut total = 1_u128;
    for i in 1..=small {
        for u in (large + i..=most).rev() {
            orders[u] = orders[u].wrapping_sub(orders[u - large - i]);
        }
        for u in i..=most {
            orders[u] = orders[u].wrapping_add(orders[u - i]);
        }
        total = total * (large + i) as u128 / i as u128;
    }
    let tail: u128 = orders.iter().sum();
    (2.0 * tail as f64 / total as f64).min(1.0)
}

/// The ranks of all values of several samples among each other.
pub(crate) struct Ranks {
    /// For each sample, twice the sum of its ranks from 1; equal values have the mean of their ranks.
    pub(crate) doubled_sums: Vec<u64>,
    /// The sum of t³ − t over the groups of t equal values.
    ties: f64,
}

impl Ranks {
    pub(crate) fn of<T: Ord>(samples: &[&[T]]) -> Self {
        let mut values: Vec<(&T, usize)> = Vec::new();
        for (which, sample) in samples.iter().enumerate() {
            values.extend(sample.iter().map(|value| (value, which)));
        }
        values.sort_unstable();
        let mut ranks = Self { doubled_sums: vec![0; samples.len()], ties: 0.0 };
        let mut before = 0;
        for equal in values.chunk_by(|a, b| a.0 == b.0) {
            let doubled = (2 * before + equal.len() + 1) as u64;
            equal.iter().for_each(|(_, which)| ranks.doubled_sums[*which] += doubled);
            let size = equal.len() as f64;
            ranks.ties += size * size * size - size;
            before += equal.len();
        }
        ranks
    }
}

/// The correction of Holm (1979) for several tests: each p, in the same order, so raised that the chance of one or more
/// false findings among all of them stays below the level that the raised ones are held against.
///
/// What is not a number counts as 1.
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<_> = ps.iter().map(|p| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }).enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut corrected = vec![1.0; ps.len()];
    let mut highest = 0.0_f64;
    for (before, (at, p)) in order.into_iter().enumerate() {
        highest = highest.max((p * (ps.len() - before) as f64).min(1.0));
        corrected[at] = highest;
    }
    corrected
}
