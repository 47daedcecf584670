//! What holds for any games: the order and the names do not matter, a win never hurts, more games mean more certainty,
//! and whatever comes in, only numbers come out.

use proptest::prelude::*;

use parlance_core::ranking::bradley_terry::{Leaderboard, MAX_WEIGHT, Prior, Results, Win, fit};

/// Up to eight competitors and their wins, some of them halves of ties.
fn games() -> impl Strategy<Value = (usize, Vec<Win>)> {
    (2_usize..9).prop_flat_map(|n| {
        let weight = prop_oneof![Just(1.0), Just(0.5), 1e-3..50.0];
        let win = (0..n, 1..n, weight).prop_map(move |(winner, on, weight)| {
            let loser = (winner + on) % n;
            Win { winner, loser, weight }
        });
        (Just(n), proptest::collection::vec(win, 0..60))
    })
}

/// Weights for each ordered pair of up to six competitors: enough for a maximum without a prior.
fn everybody() -> impl Strategy<Value = (usize, Vec<f64>)> {
    (2_usize..7).prop_flat_map(|n| {
        let cells = proptest::collection::vec(0.5..40.0_f64, n * n);
        (Just(n), cells.prop_map(move |cells| without_diagonal(n, cells)))
    })
}

fn without_diagonal(n: usize, mut cells: Vec<f64>) -> Vec<f64> {
    (0..n).for_each(|i| cells[i * n + i] = 0.0);
    cells
}

fn board(n: usize, wins: &[Win]) -> Leaderboard {
    let board = fit(&Results::from_wins(n, wins).unwrap(), Prior::default()).unwrap();
    assert!(board.converged);
    board
}

fn plain(n: usize, cells: &[f64]) -> Leaderboard {
    fit(&Results::from_matrix(n, cells).unwrap(), Prior::NONE).unwrap()
}

/// The largest difference between the strengths, or their errors, of `a` at `i` and of `b` at `to[i]`.
fn apart(a: &Leaderboard, b: &Leaderboard, to: &[usize]) -> f64 {
    let pairs = a.strengths.iter().zip(to).map(|(a, &to)| (a, &b.strengths[to]));
    pairs.map(|(a, b)| (a.theta - b.theta).abs().max((a.std_error - b.std_error).abs())).fold(0.0, f64::max)
}

fn shuffled((n, wins): (usize, Vec<Win>)) -> impl Strategy<Value = (usize, Vec<Win>, Vec<Win>, Vec<usize>)> {
    let names: Vec<_> = (0..n).collect();
    (Just(n), Just(wins.clone()), Just(wins).prop_shuffle(), Just(names).prop_shuffle())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_games_does_not_matter((n, wins, other, _) in games().prop_flat_map(shuffled)) {
        let same: Vec<_> = (0..n).collect();
        prop_assert!(apart(&board(n, &wins), &board(n, &other), &same) < 1e-9);
    }

    #[test]
    fn the_names_do_not_matter((n, wins, _, names) in games().prop_flat_map(shuffled)) {
        let renamed: Vec<_> =
            wins.iter().map(|win| Win { winner: names[win.winner], loser: names[win.loser], ..*win }).collect();
        let (before, after) = (board(n, &wins), board(n, &renamed));
        prop_assert!(apart(&before, &after, &names) < 1e-9);
        let ranks = after.ranks();
        let back: Vec<_> = names.iter().map(|&name| ranks[name]).collect();
        prop_assert_eq!(before.ranks(), back);
    }

    #[test]
    fn a_win_never_hurts((n, wins) in games(), winner in 0_usize..8, on in 1_usize..8, weight in 0.1..20.0_f64) {
        let winner = winner % n;
        let loser = (winner + 1 + on % (n - 1)) % n;
        prop_assume!(winner != loser);
        let before = board(n, &wins);
        let after = board(n, &[wins, vec![Win { winner, loser, weight }]].concat());
        prop_assert!(after.strengths[winner].theta > before.strengths[winner].theta - 1e-9);
        prop_assert!(after.strengths[loser].theta < before.strengths[loser].theta + 1e-9);
    }

    #[test]
    fn intervals_shrink_with_the_root_of_the_games((n, cells) in everybody(), times in 1.5..100.0_f64) {
        let more: Vec<_> = cells.iter().map(|weight| weight * times).collect();
        let (few, many) = (plain(n, &cells), plain(n, &more));
        for (few, many) in few.strengths.iter().zip(&many.strengths) {
            prop_assert!((few.theta - many.theta).abs() < 1e-7);
            prop_assert!((few.std_error / many.std_error - times.sqrt()).abs() < 1e-6 * times);
        }
    }

    // Not so for those who never lost: with more of the same wins they are set further apart, where a win tells less.
    #[test]
    fn more_of_the_same_makes_surer((n, cells) in everybody(), times in 2.0..100.0_f64) {
        let more: Vec<_> = cells.iter().map(|weight| weight * times).collect();
        let fit = |cells: &[f64]| fit(&Results::from_matrix(n, cells).unwrap(), Prior::default()).unwrap();
        for (few, many) in fit(&cells).strengths.iter().zip(&fit(&more).strengths) {
            prop_assert!(many.std_error < few.std_error, "{} {}", few.std_error, many.std_error);
        }
    }

    #[test]
    fn only_numbers_come_out(
        n in 0_usize..7,
        cells in proptest::collection::vec(
            prop_oneof![
                4 => Just(0.0),
                2 => 1e-6..MAX_WEIGHT,
                1 => Just(MAX_WEIGHT),
                1 => Just(1e-6),
                1 => any::<f64>(),
            ],
            36,
        ),
        strict in any::<bool>(),
        precision in prop_oneof![Just(0.0), 0.01..100.0_f64, any::<f64>()],
    ) {
        let usable = |weight: &f64| *weight == 0.0 || (1e-6..=MAX_WEIGHT).contains(weight);
        let cells = cells[..n * n].iter().map(|weight| if strict || usable(weight) { *weight } else { 0.0 });
        let results = Results::from_matrix(n, &without_diagonal(n, cells.collect()));
        let (Ok(results), Ok(prior)) = (results, Prior::new(precision)) else { return Ok(()) };
        let fitted = fit(&results, prior);
        prop_assert!(fitted.is_ok() || precision == 0.0, "{fitted:?}");
        let Ok(board) = fitted else { return Ok(()) };
        prop_assert!(board.converged || precision == 0.0);
        let ranks = board.ranks();
        for (strength, rank) in board.strengths.iter().zip(ranks) {
            let numbers = [strength.theta, strength.std_error, strength.low, strength.high, strength.games];
            prop_assert!(numbers.iter().all(|number| number.is_finite()), "{strength:?}");
            prop_assert!(strength.low <= strength.theta && strength.theta <= strength.high);
            prop_assert!((1..=n).contains(&rank));
        }
        prop_assert!(board.strengths.iter().map(|s| s.theta).sum::<f64>().abs() < 1e-9);
        prop_assert_eq!(fit(&results, prior), Ok(board), "the same again");
    }
}
