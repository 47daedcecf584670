//! What a judgement says about each two competitors.

use rand::{RngExt, SeedableRng, rngs::StdRng};

use parlance_core::ranking::{
    bradley_terry::{Prior, Results, Win, fit},
    judgement::{JudgementError, discount, wins},
};

fn of(groups: &[&[usize]], competitors: &[usize]) -> Result<Vec<(usize, usize, f64)>, JudgementError> {
    let groups: Vec<_> = groups.iter().map(|group| group.to_vec()).collect();
    let mut found: Vec<_> = wins(&groups, competitors)?.iter().map(|win| (win.winner, win.loser, win.weight)).collect();
    found.sort_by(|a, b| a.partial_cmp(b).unwrap());
    Ok(found)
}

#[test]
fn the_better_beat_the_worse() {
    assert_eq!(of(&[&[0], &[1], &[2]], &[10, 11, 12]).unwrap(), [(10, 11, 1.0), (10, 12, 1.0), (11, 12, 1.0)]);
    assert_eq!(of(&[&[2], &[0]], &[10, 11, 12]).unwrap(), [(10, 11, 1.0), (12, 10, 1.0), (12, 11, 1.0)]);
}

#[test]
fn a_vote_for_one_says_nothing_of_the_others() {
    assert_eq!(of(&[&[1]], &[10, 11, 12]).unwrap(), [(11, 10, 1.0), (11, 12, 1.0)]);
    assert_eq!(of(&[], &[10, 11]).unwrap(), []);
    assert_eq!(of(&[&[], &[1], &[]], &[10, 11]).unwrap(), [(11, 10, 1.0)]);
}

#[test]
fn equals_draw() {
    assert_eq!(of(&[&[0, 1]], &[10, 11]).unwrap(), [(10, 11, 0.5), (11, 10, 0.5)]);
    assert_eq!(
        of(&[&[0, 1], &[2]], &[10, 11, 12]).unwrap(),
        [(10, 11, 0.5), (10, 12, 1.0), (11, 10, 0.5), (11, 12, 1.0)]
    );
}

#[test]
fn nobody_beats_itself() {
    assert_eq!(of(&[&[0], &[1], &[2]], &[10, 10, 11]).unwrap(), [(10, 11, 1.0), (10, 11, 1.0)]);
    assert_eq!(of(&[&[0, 1]], &[10, 10]).unwrap(), []);
}

#[test]
fn what_is_not_there_or_there_twice_is_refused() {
    assert_eq!(of(&[&[2]], &[10, 11]), Err(JudgementError::Unknown));
    assert_eq!(of(&[&[0], &[0]], &[10, 11]), Err(JudgementError::Twice));
    assert_eq!(of(&[&[1, 1]], &[10, 11]), Err(JudgementError::Twice));
}

/// An order of `some`, each place drawn by the odds of those that are left: the model of Plackett and Luce.
fn drawn(rng: &mut StdRng, truth: &[f64], mut some: Vec<usize>) -> Vec<usize> {
    let mut order = Vec::new();
    while !some.is_empty() {
        let mut left = rng.random::<f64>() * some.iter().map(|&i| truth[i].exp()).sum::<f64>();
        let at = some.iter().position(|&i| {
            left -= truth[i].exp();
            left <= 0.0
        });
        order.push(some.remove(at.unwrap_or(0)));
    }
    order
}

#[test]
fn a_ranking_counts_for_less_than_its_pairs() {
    let of = |groups: &[&[usize]], k: usize| {
        let groups: Vec<_> = groups.iter().map(|group| group.to_vec()).collect();
        discount(&wins(&groups, &(0..k).collect::<Vec<_>>()).unwrap())
    };
    assert_eq!((of(&[&[0], &[1]], 2), of(&[&[0]], 2), of(&[&[0, 1]], 2), of(&[], 3)), (1.0, 1.0, 1.0, 1.0));
    let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-15, "{got} {wanted}");
    near(of(&[&[0], &[1], &[2]], 3), 3.0 / 4.0);
    near(of(&[&[0], &[1], &[2], &[3]], 4), 3.0 / 5.0);
    near(of(&[&[0], &[1], &[2]], 4), 3.0 / 5.0);
    near(of(&[&[0]], 4), 2.0 / 4.0);
    // One who is both ahead of and behind the others: less spread than independent games, yet no weight above 1.
    assert_eq!(discount(&wins(&[vec![0], vec![1], vec![2], vec![3]], &[0, 1, 2, 0]).unwrap()), 1.0);
}

/// The share of intervals that hold the truth, and how far the best is off on average, when each of 200 judgements
/// ranks the best `listed` of `size` out of eight.
fn coverage(listed: usize, size: usize, discounted: bool) -> (f64, f64) {
    let truth: Vec<f64> = (0..8).map(|i| -1.0 + 2.0 * f64::from(i) / 7.0).collect();
    let mut rng = StdRng::seed_from_u64(5);
    let (mut held, mut bias) = (0, 0.0);
    for _ in 0..400 {
        let mut results = Results::new(8).unwrap();
        for _ in 0..200 {
            let mut some: Vec<_> = (0..8).collect();
            while some.len() > size {
                some.swap_remove(rng.random_range(0..some.len()));
            }
            let competitors = drawn(&mut rng, &truth, some);
            let groups: Vec<_> = (0..listed).map(|answer| vec![answer]).collect();
            let found = wins(&groups, &competitors).unwrap();
            let weight = if discounted { discount(&found) } else { 1.0 };
            found.iter().for_each(|win| results.add(Win { weight, ..*win }).unwrap());
        }
        let board = fit(&results, Prior::default()).unwrap();
        held += board.strengths.iter().zip(&truth).filter(|(s, t)| (s.low..=s.high).contains(*t)).count();
        bias += (board.strengths[7].theta - truth[7]) / 400.0;
    }
    (held as f64 / 3_200.0, bias)
}

#[test]
fn discounted_rankings_hold_the_truth_as_often_as_they_say() {
    for (listed, size) in [(2, 2), (3, 3), (4, 4), (1, 4), (2, 5)] {
        let (full, _) = coverage(listed, size, false);
        let (share, bias) = coverage(listed, size, true);
        println!("the best {listed} of {size}: {full:.4}, discounted {share:.4}, the best is off by {bias:.4}");
        assert!((0.93..0.97).contains(&share) && bias.abs() < 0.05, "{listed} of {size}: {share}, off by {bias}");
        assert!(full < share || size == 2);
    }
}
