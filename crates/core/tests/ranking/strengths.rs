//! Strengths against what other implementations found in the same games, at the edges of what has an answer, and how
//! often their intervals hold the truth.

use rand::{RngExt, SeedableRng, rngs::StdRng};

use parlance_core::ranking::bradley_terry::{
    FitError, Leaderboard, MAX_COMPETITORS, MAX_WEIGHT, Prior, Results, Strength, Win, fit, points,
};

/// A fit of another implementation; `fixtures/ranking_make.py` made it.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    n: usize,
    precision: f64,
    wins: Vec<Vec<f64>>,
    theta: Vec<f64>,
    std_error: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    #[serde(default)]
    against_first: Vec<f64>,
    #[serde(default)]
    printed_against_first: Vec<f64>,
}

#[derive(serde::Deserialize)]
struct Fixture {
    published: Vec<Case>,
    simulated: Vec<Case>,
    extremes: Vec<Case>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../fixtures/ranking_strengths.json")).unwrap()
}

fn solved(case: &Case) -> Leaderboard {
    let results = Results::from_matrix(case.n, &case.wins.concat()).unwrap();
    fit(&results, Prior::new(case.precision).unwrap()).unwrap()
}

fn win(winner: usize, loser: usize, weight: f64) -> Win {
    Win { winner, loser, weight }
}

/// The largest difference from the fixture.
fn apart(got: &Leaderboard, case: &Case) -> f64 {
    let of = |field: fn(&Strength) -> f64, wanted: &[f64]| {
        assert_eq!(got.strengths.len(), wanted.len(), "{}", case.name);
        got.strengths.iter().zip(wanted).map(|(strength, wanted)| (field(strength) - wanted).abs()).fold(0.0, f64::max)
    };
    [
        of(|s| s.theta, &case.theta),
        of(|s| s.std_error, &case.std_error),
        of(|s| s.low, &case.low),
        of(|s| s.high, &case.high),
    ]
    .into_iter()
    .fold(0.0, f64::max)
}

#[test]
fn agrees_with_other_implementations() {
    let Fixture { published, simulated, extremes } = fixture();
    assert!(published.len() >= 2 && simulated.len() >= 5 && extremes.len() >= 9);
    for case in published.iter().chain(&simulated).chain(&extremes) {
        let got = solved(case);
        assert!(got.converged, "{}", case.name);
        let apart = apart(&got, case);
        println!("{}: {apart:.1e}", case.name);
        assert!(apart < 1e-7, "{}: {apart:e}", case.name);
    }
}

#[test]
fn agrees_with_what_was_published() {
    for case in fixture().published {
        let got = solved(&case);
        let first = got.strengths[0].theta;
        for (strength, wanted) in got.strengths[1..].iter().zip(&case.against_first) {
            assert!((strength.theta - first - wanted).abs() < 1e-9, "{}", case.name);
        }
        for (strength, printed) in got.strengths[1..].iter().zip(&case.printed_against_first) {
            assert!((strength.theta - first - printed).abs() < 6e-5, "{}", case.name);
        }
    }
}

#[test]
fn without_a_prior_there_must_be_a_maximum() {
    let plain = |n: usize, wins: &[Win]| fit(&Results::from_wins(n, wins).unwrap(), Prior::NONE);
    let cycle = [win(0, 1, 1.0), win(1, 2, 1.0), win(2, 0, 1.0)];
    assert!(plain(3, &cycle).unwrap().converged);
    assert_eq!(plain(3, &cycle[..2]), Err(FitError::NoMaximum), "one who never lost");
    assert_eq!(plain(4, &cycle), Err(FitError::NoMaximum), "one who never played");
    let groups = [win(0, 1, 1.0), win(1, 0, 1.0), win(2, 3, 1.0), win(3, 2, 1.0), win(0, 2, 9.0)];
    assert_eq!(plain(4, &groups), Err(FitError::NoMaximum), "a group that never lost to the other");
    assert_eq!(plain(2, &[]), Err(FitError::NoMaximum), "no games");
    assert!(plain(1, &[]).unwrap().converged);
    assert!(plain(0, &[]).unwrap().strengths.is_empty());
}

#[test]
fn what_is_no_game_is_refused() {
    let add = |win| Results::new(2).unwrap().add(win);
    for weight in [f64::NAN, f64::INFINITY, -1.0, 1e-9, MAX_WEIGHT * 2.0, f64::NEG_INFINITY] {
        assert_eq!(add(win(0, 1, weight)), Err(FitError::Weight), "{weight}");
    }
    for (winner, loser) in [(0, 0), (2, 0), (0, 2), (usize::MAX, 1)] {
        assert_eq!(add(win(winner, loser, 1.0)), Err(FitError::Pair));
    }
    let mut full = Results::from_wins(2, &[win(0, 1, MAX_WEIGHT)]).unwrap();
    assert_eq!(full.add(win(0, 1, 1.0)), Err(FitError::Weight));
    assert_eq!(full, Results::from_wins(2, &[win(0, 1, MAX_WEIGHT)]).unwrap(), "nothing was added");
    assert_eq!(full.add(win(0, 1, 0.0)), Ok(()), "no game");
    assert_eq!(Results::new(MAX_COMPETITORS + 1), Err(FitError::TooMany));
    assert_eq!(Results::from_matrix(2, &[0.0; 3]), Err(FitError::Pair));
    assert_eq!(Results::from_matrix(2, &[1.0, 0.0, 0.0, 0.0]), Err(FitError::Pair));
    assert_eq!(Results::from_matrix(2, &[0.0, f64::NAN, 0.0, 0.0]), Err(FitError::Weight));
    for precision in [f64::NAN, -1.0, 1e-9, 1e9, f64::INFINITY] {
        assert_eq!(Prior::new(precision), Err(FitError::Precision), "{precision}");
    }
}

#[test]
fn the_default_prior_is_one_drawn_game_against_the_mean() {
    // One who never played has the uncertainty of one drawn game, less what the mean of all of them has.
    let idle = fit(&Results::new(4).unwrap(), Prior::default()).unwrap();
    for strength in idle.strengths {
        assert!((strength.std_error - (4.0 * 0.75_f64).sqrt()).abs() < 1e-12);
        assert_eq!((strength.theta, strength.games), (0.0, 0.0));
    }
}

#[test]
fn points_are_those_of_chess() {
    assert!((points(0.0) - 1_000.0).abs() < 1e-12);
    assert!((points(10.0_f64.ln()) - 1_400.0).abs() < 1e-9);
    assert!((points(-100.0_f64.ln()) - 200.0).abs() < 1e-9);
}

#[test]
fn ranks_count_who_is_surely_above() {
    let of = |(low, high): (f64, f64)| Strength { theta: (low + high) / 2.0, std_error: 1.0, low, high, games: 1.0 };
    let ranks = |intervals: &[(f64, f64)]| {
        Leaderboard { strengths: intervals.iter().copied().map(of).collect(), converged: true }.ranks()
    };
    assert_eq!(ranks(&[(2.0, 3.0), (0.0, 1.0), (0.5, 2.5), (-3.0, -1.0)]), [1, 2, 1, 4]);
    assert_eq!(ranks(&[(0.0, 1.0), (1.0, 2.0)]), [1, 1], "that touch are not apart");
    assert_eq!(ranks(&[]), [0_usize; 0]);
}

#[test]
fn games_are_counted_by_weight() {
    let results = Results::from_wins(3, &[win(0, 1, 2.0), win(1, 0, 0.5), win(0, 1, 0.5)]).unwrap();
    let games: Vec<_> = fit(&results, Prior::default()).unwrap().strengths.iter().map(|s| s.games).collect();
    assert_eq!(games, [3.0, 3.0, 0.0]);
}

#[test]
fn a_long_chain_of_rare_losses_is_solved_or_refused() {
    // Unequal to the limit of the weights: the strengths span some 27 for each link.
    for n in [2, 5, 20, 60] {
        let mut results = Results::new(n).unwrap();
        for i in 1..n {
            results.add(win(i - 1, i, MAX_WEIGHT)).unwrap();
            results.add(win(i, i - 1, 1e-6)).unwrap();
        }
        match fit(&results, Prior::NONE) {
            Ok(board) => {
                assert!(board.strengths.iter().all(|s| s.theta.is_finite() && s.high.is_finite()));
                let link = board.strengths[0].theta - board.strengths[1].theta;
                assert!(!board.converged || (link - 1e12_f64.ln()).abs() < 1e-3, "{n}: {link}");
            }
            Err(error) => assert_eq!(error, FitError::Undetermined),
        }
        let tamed = fit(&results, Prior::default()).unwrap();
        assert!(tamed.converged, "{n}");
        assert!(tamed.strengths.windows(2).all(|pair| pair[0].theta > pair[1].theta));
    }
}

/// The share of intervals that hold the truth, over `rounds` leaderboards of 12, each of `games` games.
fn coverage(rng: &mut StdRng, games: usize, prior: Prior, rounds: usize) -> f64 {
    let truth: Vec<f64> = (0..12).map(|i| -1.5 + 3.0 * f64::from(i) / 11.0).collect();
    let (mut held, mut all) = (0, 0);
    for _ in 0..rounds {
        let mut results = Results::new(12).unwrap();
        for _ in 0..games {
            let first = rng.random_range(0..12);
            let second = (first + rng.random_range(1..12)) % 12;
            let wins = rng.random::<f64>() < 1.0 / (1.0 + (truth[second] - truth[first]).exp());
            let (winner, loser) = if wins { (first, second) } else { (second, first) };
            results.add(win(winner, loser, 1.0)).unwrap();
        }
        let Ok(board) = fit(&results, prior) else { continue };
        assert!(board.converged);
        held += board.strengths.iter().zip(&truth).filter(|(s, truth)| (s.low..=s.high).contains(*truth)).count();
        all += 12;
    }
    assert!(all > 11 * rounds, "nearly all have a maximum");
    held as f64 / f64::from(all as u32)
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let mut rng = StdRng::seed_from_u64(20_261_122);
    for (games, prior) in [(120, Prior::default()), (600, Prior::default()), (600, Prior::NONE), (3_000, Prior::NONE)] {
        let share = coverage(&mut rng, games, prior, 500);
        println!("{games} games, {prior:?}: {share:.4}");
        assert!((0.93..=0.97).contains(&share), "{games} games, {prior:?}: {share}");
    }
}
