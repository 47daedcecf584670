//! Strengths of competitors from who beat whom: the model of Bradley and Terry (1952).
//!
//! The odds that `i` beats `j` are exp(θᵢ − θⱼ). The strengths maximise the log-likelihood of the wins less λ/2 · Σ
//! θᵢ², a Gaussian prior of precision λ around the mean ([`Prior`]); they sum to zero. The maximum is found with
//! Newton's method, halving a step that does not climb: the function is concave, so there is one maximum.
//!
//! The uncertainty is that of each strength against the mean of all: the inverse of the information (of the games plus
//! the prior) on the vectors that sum to zero. With a prior this is the normal approximation of the posterior.

use super::cholesky::Cholesky;

/// The most competitors one leaderboard takes: the time grows with the cube of it.
pub const MAX_COMPETITORS: usize = 1_000;

/// The largest sum of weights of one competitor's wins over one other.
///
/// Together with [`MIN_WEIGHT`] and the range of [`Prior`] it keeps the matrices within what `f64` resolves.
pub const MAX_WEIGHT: f64 = 1e6;

/// The smallest weight of a win, but for zero, which counts as no game.
pub const MIN_WEIGHT: f64 = 1e-6;

/// The points of a competitor as strong as the mean.
pub const MEAN_POINTS: f64 = 1_000.0;

/// Half the width of a 95 % interval in standard errors: the 97.5 % quantile of the normal distribution.
const HALF_WIDTH: f64 = 1.959_963_984_540_054;

/// Newton doubles the right digits with each step, so a longer way means that the maximum is out of reach.
const MAX_STEPS: usize = 100;

/// A step this small, in θ, is the last: the one after it would be about its square.
const LAST_STEP: f64 = 1e-9;

/// One win, or the half of a tie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Win {
    /// Who won: an index below the number of competitors.
    pub winner: usize,
    /// Who lost: another index.
    pub loser: usize,
    /// How much it counts, in games: 1 for a win, 0.5 for each half of a tie.
    pub weight: f64,
}

/// Why there are no strengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// More than [`MAX_COMPETITORS`].
    #[error("too many competitors")]
    TooMany,
    /// A competitor who is not there, one who met itself, or a matrix of another shape.
    #[error("no such pair of competitors")]
    Pair,
    /// A weight that is not a number, negative, below [`MIN_WEIGHT`] or, summed up, above [`MAX_WEIGHT`].
    #[error("weight out of range")]
    Weight,
    /// A precision outside of what [`Prior::new`] takes.
    #[error("precision out of range")]
    Precision,
    /// Without a prior the likelihood has no maximum: somebody, or some group, never lost to or never won against the
    /// others (Ford 1957).
    #[error("the likelihood has no maximum")]
    NoMaximum,
    /// Without a prior: the games are so unequal that rounding hides the maximum.
    #[error("the games do not determine the strengths")]
    Undetermined,
}

/// How strongly strengths are pulled to the mean: the precision λ (one over the variance) of a Gaussian on each θ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior(f64);

impl Prior {
    /// No pull: plain maximum likelihood, which does not always exist.
    pub const NONE: Self = Self(0.0);

    /// A prior of this precision: 0, or 0.01 to 100.
    ///
    /// # Errors
    /// [`FitError::Precision`] for anything else.
    pub fn new(precision: f64) -> Result<Self, FitError> {
        let known = precision == 0.0 || (0.01..=100.0).contains(&precision);
        if known { Ok(Self(precision)) } else { Err(FitError::Precision) }
    }
}

/// λ = 1/4: what one drawn game against an average competitor tells about θ, because a game between equals has the
/// information p(1 − p) = 1/4. So everybody starts as if they had drawn once. Its spread is 2, or 347 points: among
/// competitors nothing is known of, 95 % lie within ±681 points of the mean, which favours hardly anything.
impl Default for Prior {
    fn default() -> Self {
        Self(0.25)
    }
}

/// Who beat whom how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    n: usize,
    /// Row by row: the weight of the wins of the row's competitor over the column's.
    wins: Vec<f64>,
}

impl Results {
    /// The results of `n` competitors before the first game.
    ///
    /// # Errors
    /// [`FitError::TooMany`].
    pub fn new(n: usize) -> Result<Self, FitError> {
        if n > MAX_COMPETITORS {
            return Err(FitError::TooMany);
        }
        Ok(Self { n, wins: vec![0.0; n * n] })
    }

    /// The results of `n` competitors after these wins, in any order.
    ///
    /// # Errors
    /// Those of [`Results::new`] and [`Results::add`].
    pub fn from_wins(n: usize, wins: &[Win]) -> Result<Self, FitError> {
        let mut results = Self::new(n)?;
        wins.iter().try_for_each(|win| results.add(*win))?;
        Ok(results)
    }

    /// The results of `n` competitors from `n`×`n` weights, row by row: the wins of the row's over the column's. Ties
    /// are half a win for each; the diagonal is zero.
    ///
    /// # Errors
    /// [`FitError::Pair`] if the shape or the diagonal is another, else those of [`Results::add`].
    pub fn from_matrix(n: usize, wins: &[f64]) -> Result<Self, FitError> {
        let mut results = Self::new(n)?;
        if wins.len() != n * n {
            return Err(FitError::Pair);
        }
        for (at, weight) in wins.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            results.add(Win { winner: at / n, loser: at % n, weight: *weight })?;
        }
        Ok(results)
    }

    /// Adds a win; nothing is added if it fails.
    ///
    /// # Errors
    /// [`FitError::Pair`] and [`FitError::Weight`].
    pub fn add(&mut self, win: Win) -> Result<(), FitError> {
        if win.winner >= self.n || win.loser >= self.n || win.winner == win.loser {
            return Err(FitError::Pair);
        }
        let cell = &mut self.wins[win.winner * self.n + win.loser];
        let sum = *cell + win.weight;
        if win.weight == 0.0 {
            return Ok(());
        }
        // Not a number is neither above nor below, so both bounds are asked for what must hold.
        if !(win.weight >= MIN_WEIGHT && sum <= MAX_WEIGHT) {
            return Err(FitError::Weight);
        }
        *cell = sum;
        Ok(())
    }

    /// The games of a competitor, as the sum of the weights of its wins and losses.
    fn games(&self, i: usize) -> f64 {
        (0..self.n).map(|j| self.won(i, j) + self.won(j, i)).sum()
    }

    fn won(&self, i: usize, j: usize) -> f64 {
        self.wins[i * self.n + j]
    }

    /// Whether everybody is linked to everybody by a chain of wins: then, and only then, the plain likelihood has a
    /// maximum.
    fn strongly_connected(&self) -> bool {
        let all_reached = |beat: &dyn Fn(usize, usize) -> bool| {
            let mut reached = vec![false; self.n];
            let mut open = vec![0];
            reached[0] = true;
            while let Some(i) = open.pop() {
                let fresh: Vec<_> = (0..self.n).filter(|&j| !reached[j] && beat(i, j)).collect();
                fresh.iter().for_each(|&j| reached[j] = true);
                open.extend(fresh);
            }
            reached.into_iter().all(|reached| reached)
        };
        self.n < 2 || (all_reached(&|i, j| self.won(i, j) > 0.0) && all_reached(&|i, j| self.won(j, i) > 0.0))
    }
}

/// The strength of one competitor. All of θ is in natural log-odds against the mean of all competitors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// The estimate; the sum over all competitors is zero.
    pub theta: f64,
    /// Its standard error; zero for a competitor alone, who is its own mean.
    pub std_error: f64,
    /// The lower end of the 95 % interval.
    pub low: f64,
    /// The upper end of the 95 % interval.
    pub high: f64,
    /// How many games it rests on: the sum of the weights. Zero: the interval is that of the prior.
    pub games: f64,
}

/// All strengths, in the order of the competitors.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaderboard {
    /// One for each competitor.
    pub strengths: Vec<Strength>,
    /// Whether the maximum was reached; else the strengths are those of the last step.
    pub converged: bool,
}

impl Leaderboard {
    /// The rank of each competitor: one more than the number of those whose 95 % interval lies wholly above its own.
    /// Several may share a rank, also the first.
    pub fn ranks(&self) -> Vec<usize> {
        let above = |low: &Strength| self.strengths.iter().filter(|other| other.low > low.high).count();
        self.strengths.iter().map(|strength| 1 + above(strength)).collect()
    }
}

/// A strength on the scale of chess: [`MEAN_POINTS`] + 400/ln 10 · θ, so that 400 points are odds of ten to one.
pub fn points(theta: f64) -> f64 {
    MEAN_POINTS + 400.0 / std::f64::consts::LN_10 * theta
}

/// The strengths that explain the results best under the prior.
///
/// Takes about ten times n³/6 multiplications for n competitors; how many games there were does not matter. The same
/// results give the same strengths.
///
/// # Errors
/// None with a prior. Without one [`FitError::NoMaximum`] and [`FitError::Undetermined`].
pub fn fit(results: &Results, prior: Prior) -> Result<Leaderboard, FitError> {
    if prior.0 == 0.0 && !results.strongly_connected() {
        return Err(FitError::NoMaximum);
    }
    let mut theta = vec![0.0; results.n];
    let mut value = objective(results, prior, &theta);
    let mut converged = false;
    for _ in 0..MAX_STEPS {
        let curvature = Curvature::at(results, prior, &theta)?;
        let step = curvature.factor.solve(gradient(results, prior, &theta));
        let Some((next, next_value)) = climb(results, prior, &theta, value, &step) else { break };
        (theta, value) = (next, next_value);
        if step.iter().all(|part| part.abs() <= LAST_STEP) {
            converged = true;
            break;
        }
    }
    let errors = Curvature::at(results, prior, &theta)?.std_errors();
    let strengths = theta.iter().zip(errors).enumerate().map(|(i, (&theta, std_error))| {
        let margin = HALF_WIDTH * std_error;
        Strength { theta, std_error, low: theta - margin, high: theta + margin, games: results.games(i) }
    });
    Ok(Leaderboard { strengths: strengths.collect(), converged })
}

/// The point along the step, or half of it, and so on, that is not below where it started, and its height.
fn climb(results: &Results, prior: Prior, theta: &[f64], value: f64, step: &[f64]) -> Option<(Vec<f64>, f64)> {
    // Next to the maximum the heights differ by less than the rounding of their sums.
    let floor = value - 1e-12 * (1.0 + value.abs());
    (0..40).map(|halvings| 0.5_f64.powi(halvings)).find_map(|share| {
        let mut next: Vec<_> = theta.iter().zip(step).map(|(theta, step)| theta + share * step).collect();
        // The step sums to zero but for rounding, which would pile up.
        let mean = next.iter().sum::<f64>() / next.len().max(1) as f64;
        next.iter_mut().for_each(|theta| *theta -= mean);
        let next_value = objective(results, prior, &next);
        (next_value >= floor).then_some((next, next_value))
    })
}

/// The log-likelihood less the penalty of the prior.
fn objective(results: &Results, prior: Prior, theta: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (i, row) in results.wins.chunks_exact(results.n.max(1)).enumerate() {
        for (j, won) in row.iter().enumerate().filter(|(_, won)| **won > 0.0) {
            // ln of the chance to win, written so that it never takes the logarithm of zero.
            let ahead = theta[i] - theta[j];
            sum += won * (ahead.min(0.0) - (-ahead.abs()).exp().ln_1p());
        }
    }
    sum - prior.0 / 2.0 * theta.iter().map(|theta| theta * theta).sum::<f64>()
}

/// The chance that one who is this far ahead, in θ, wins.
fn chance(ahead: f64) -> f64 {
    1.0 / (1.0 + (-ahead).exp())
}

fn gradient(results: &Results, prior: Prior, theta: &[f64]) -> Vec<f64> {
    let surplus = |i: usize, j: usize| {
        let ahead = theta[i] - theta[j];
        // Wins less expected wins; 1 − chance(ahead) would lose its digits far ahead.
        results.won(i, j) * chance(-ahead) - results.won(j, i) * chance(ahead)
    };
    let of = |i: usize| (0..results.n).map(|j| surplus(i, j)).sum::<f64>() - prior.0 * theta[i];
    (0..results.n).map(of).collect()
}

/// The information of the games and the prior at one point.
struct Curvature {
    n: usize,
    factor: Cholesky,
    /// The eigenvalue of the vector of ones, which the information of the games knows nothing of.
    mean: f64,
}

impl Curvature {
    /// Lifts the information by a multiple of the matrix of ones. It is singular along the vector of ones (and has λ
    /// there with a prior); lifted, it is regular, has the same inverse on all that sums to zero, and along the ones
    /// an inverse that is known and taken off again.
    fn at(results: &Results, prior: Prior, theta: &[f64]) -> Result<Self, FitError> {
        let n = results.n;
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in (0..i).filter(|&j| results.won(i, j) + results.won(j, i) > 0.0) {
                let ahead = theta[i] - theta[j];
                let information = (results.won(i, j) + results.won(j, i)) * chance(ahead) * chance(-ahead);
                matrix[i * n + j] = -information;
                matrix[i * n + i] += information;
                matrix[j * n + j] += information;
            }
        }
        let trace: f64 = (0..n).map(|i| matrix[i * n + i]).sum();
        // As large as an entry of the diagonal, so that neither drowns the other.
        let lift = if trace > 0.0 { trace / n as f64 } else { 1.0 };
        matrix.iter_mut().for_each(|entry| *entry += lift / n as f64);
        (0..n).for_each(|i| matrix[i * n + i] += prior.0);
        let factor = Cholesky::of(n, matrix).ok_or(FitError::Undetermined)?;
        Ok(Self { n, factor, mean: prior.0 + lift })
    }

    fn std_errors(&self) -> Vec<f64> {
        let of_mean = 1.0 / (self.n as f64 * self.mean);
        let variances = self.factor.inverse_diagonal();
        // Alone, a competitor is the mean: what is left is rounding.
        variances.iter().map(|variance| if self.n < 2 { 0.0 } else { (variance - of_mean).max(0.0).sqrt() }).collect()
    }
}
