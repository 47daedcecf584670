//! The one rule for experiments: the best arm against the next, corrected for how many were tested.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use parlance_core::ranking::{
    significance::{Counts, fisher_exact, mann_whitney},
    trial::{Better, Finding, MIN_TRIALS, MIN_VALUES, compare_counts, compare_values},
};

fn counts(successes: u32, failures: u32) -> Counts {
    Counts { successes, failures }
}

#[test]
fn two_arms_are_one_test() {
    let arms = [counts(30, 20), counts(43, 7)];
    let found = compare_counts(&arms).unwrap();
    assert_eq!((found.best, found.next, found.tests.len()), (1, 0, 1));
    assert_eq!(found.p, fisher_exact(arms[1], arms[0]));
    let values: [&[i64]; 2] = [&[5, 6, 7, 8, 9, 10, 11, 12], &[1, 2, 3, 4, 13, 14, 15, 16, 17]];
    let found = compare_values(&values, Better::Lower).unwrap();
    assert_eq!((found.best, found.next), (0, 1));
    assert_eq!(found.p, mann_whitney(values[0], values[1]));
    assert_eq!(compare_values(&values, Better::Higher).unwrap().best, 1);
}

#[test]
fn the_p_of_the_next_best_is_corrected_for_all() {
    let arms = [counts(50, 50), counts(80, 20), counts(72, 28), counts(50, 50)];
    let found = compare_counts(&arms).unwrap();
    assert_eq!((found.best, found.next), (1, 2));
    assert_eq!(found.tests.iter().map(|test| test.arm).collect::<Vec<_>>(), [2, 0, 3], "equal ones as they came");
    let alone = fisher_exact(arms[1], arms[2]);
    assert_eq!(found.tests[0].p, alone);
    // The other two are far behind, so they come first and leave the last step of Holm's to this one.
    assert_eq!(found.p, alone);
    assert!((found.tests[1].corrected - 3.0 * found.tests[1].p).abs() < 1e-15);

    // A small third arm hides behind its few trials: now the pair in question is the clearest and pays for both.
    let found = compare_counts(&[counts(80, 20), counts(40, 60), counts(1, 4)]).unwrap();
    assert_eq!((found.best, found.next), (0, 1));
    assert!((found.p - 2.0 * found.tests[0].p).abs() < 1e-15 && found.tests[1].p > found.tests[0].p);
}

#[test]
fn too_little_is_no_finding() {
    let few = MIN_TRIALS as u32 - 1;
    assert_eq!(compare_counts(&[]), None);
    assert_eq!(compare_counts(&[counts(100, 1)]), None);
    assert_eq!(compare_counts(&[counts(100, 1), counts(few, 0)]), None);
    let found = compare_counts(&[counts(few, 0), counts(60, 40), counts(0, few), counts(50, 50)]).unwrap();
    assert_eq!((found.best, found.next, found.tests.len()), (1, 3, 1), "those with less are left out");
    let (enough, less) = (vec![1; MIN_VALUES], vec![1; MIN_VALUES - 1]);
    assert_eq!(compare_values(&[&enough, &less], Better::Lower), None);
    assert_eq!(compare_values(&[&enough, &enough], Better::Lower).unwrap().p, 1.0);
    assert_eq!(compare_values::<i64>(&[], Better::Lower), None);
}

#[test]
fn one_huge_value_decides_nothing() {
    let mut slow: Vec<i64> = (100..140).collect();
    let fast: Vec<i64> = (90..130).collect();
    let before = compare_values(&[&slow, &fast], Better::Lower).unwrap();
    slow[39] = i64::MAX;
    assert_eq!(compare_values(&[&slow, &fast], Better::Lower), Some(before));
}

#[test]
fn two_equal_winners_are_told_apart_at_the_level() {
    // The hardest case of all: the others are far behind, so the correction has nothing left to take off.
    let mut rng = StdRng::seed_from_u64(4);
    let share = false_findings(|| {
        let arms = [0.6, 0.6, 0.05, 0.05].map(|share| {
            let successes = (0..150).filter(|_| rng.random::<f64>() < share).count() as u32;
            counts(successes, 150 - successes)
        });
        compare_counts(&arms)
    });
    println!("{share:.4}");
    assert!((0.02..0.06).contains(&share), "{share}");
}

/// How often a difference is found where there is none, at the level of 5 %.
fn false_findings(mut look: impl FnMut() -> Option<Finding>) -> f64 {
    let rounds = 3_000;
    let found = (0..rounds).filter_map(|_| look()).filter(|finding| finding.p <= 0.05).count();
    found as f64 / f64::from(rounds)
}

#[test]
fn equal_arms_are_rarely_told_apart() {
    let mut rng = StdRng::seed_from_u64(3);
    for sizes in [&[40, 40][..], &[40, 40, 40], &[8, 150, 150], &[300, 300, 10, 10, 10], &[60; 8]] {
        let by_counts = false_findings(|| {
            let arms: Vec<_> = sizes
                .iter()
                .map(|&size| {
                    let successes = (0..size).filter(|_| rng.random::<f64>() < 0.4).count() as u32;
                    counts(successes, size as u32 - successes)
                })
                .collect();
            compare_counts(&arms)
        });
        let by_values = false_findings(|| {
            let arms: Vec<Vec<i64>> =
                sizes.iter().map(|&size| (0..size).map(|_| rng.random_range(0..500)).collect()).collect();
            compare_values(&arms.iter().map(Vec::as_slice).collect::<Vec<_>>(), Better::Lower)
        });
        println!("{sizes:?}: {by_counts:.4} of counts, {by_values:.4} of values");
        assert!(by_counts < 0.06 && by_values < 0.06, "{sizes:?}: {by_counts} {by_values}");
    }
}

fn sane(found: &Finding, arms: usize) -> Result<(), TestCaseError> {
    prop_assert!(found.best < arms && found.next < arms && found.best != found.next);
    prop_assert_eq!((found.next, found.p), (found.tests[0].arm, found.tests[0].corrected));
    for test in &found.tests {
        prop_assert!((0.0..=1.0).contains(&test.p) && test.p <= test.corrected && test.corrected <= 1.0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_arms_can_be_compared(
        successes in proptest::collection::vec((0_u32..3_000, 0_u32..3_000), 0..6),
        values in proptest::collection::vec(proptest::collection::vec(any::<i64>(), 0..20), 0..6),
    ) {
        let arms: Vec<_> = successes.iter().map(|&(good, bad)| counts(good, bad)).collect();
        if let Some(found) = compare_counts(&arms) {
            sane(&found, arms.len())?;
            let share = |arm: usize| f64::from(arms[arm].successes) / arms[arm].trials() as f64;
            prop_assert!(found.tests.iter().all(|test| share(test.arm) <= share(found.best)));
            // The other way round the arms are in the other order, and equal ones are told apart by it alone.
            let turned: Vec<_> = arms.iter().rev().copied().collect();
            prop_assert_eq!(compare_counts(&turned).map(|other| other.p), Some(found.p));
        }
        let values: Vec<_> = values.iter().map(Vec::as_slice).collect();
        for better in [Better::Lower, Better::Higher] {
            if let Some(found) = compare_values(&values, better) {
                sane(&found, values.len())?;
            }
        }
    }
}
