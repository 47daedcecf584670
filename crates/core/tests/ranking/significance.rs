//! The tests of significance against scipy and statsmodels, and what must hold for any data.

use proptest::prelude::*;

use parlance_core::ranking::significance::{Counts, fisher_exact, holm, mann_whitney};

/// What scipy and statsmodels say; `fixtures/ranking_make.py` wrote it down.
#[derive(serde::Deserialize)]
struct Fixture {
    fisher: Vec<Table>,
    mann_whitney: Vec<Samples>,
    holm: Vec<Corrected>,
}

#[derive(serde::Deserialize)]
struct Table {
    table: [u32; 4],
    p: f64,
    exact: f64,
}

#[derive(serde::Deserialize)]
struct Samples {
    a: Vec<i64>,
    b: Vec<i64>,
    p: f64,
}

#[derive(serde::Deserialize)]
struct Corrected {
    p: Vec<f64>,
    corrected: Vec<f64>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../fixtures/ranking_significance.json")).unwrap()
}

fn counts(successes: u32, failures: u32) -> Counts {
    Counts { successes, failures }
}

/// The difference as a share of what is wanted; below 1e-290 both are as good as zero.
fn off(got: f64, wanted: f64) -> f64 {
    if wanted < 1e-290 { if got < 1e-280 { 0.0 } else { 1.0 } } else { (got - wanted).abs() / wanted }
}

#[test]
fn fisher_agrees_with_scipy() {
    let cases = fixture().fisher;
    assert!(cases.len() >= 100);
    let mut worst = (0.0_f64, 0.0_f64);
    for Table { table: [a, b, c, d], p, exact } in cases {
        let got = fisher_exact(counts(a, b), counts(c, d));
        worst = (worst.0.max(off(got, p)), worst.1.max(off(got, exact)));
        assert!(off(got, p) < 1e-8 && off(got, exact) < 1e-11, "{a} {b} {c} {d}: {p}, exactly {exact}, not {got}");
    }
    println!("worst: {:.1e}, of the exact one {:.1e}", worst.0, worst.1);
}

#[test]
fn mann_whitney_agrees_with_scipy() {
    let cases = fixture().mann_whitney;
    assert!(cases.len() >= 90);
    let mut worst = 0.0_f64;
    for Samples { a, b, p } in cases {
        let off = off(mann_whitney(&a, &b), p);
        worst = worst.max(off);
        assert!(off < 1e-10, "{a:?} {b:?}: {p}, off by {off:e}");
    }
    println!("worst: {worst:.1e}");
}

#[test]
fn holm_agrees_with_statsmodels() {
    let cases = fixture().holm;
    assert!(cases.len() >= 30);
    for Corrected { p, corrected } in cases {
        for (got, wanted) in holm(&p).into_iter().zip(corrected) {
            assert!((got - wanted).abs() < 1e-15, "{p:?}");
        }
    }
}

#[test]
fn where_there_is_nothing_to_tell_apart_p_is_one() {
    for (a, b) in [((0, 0), (0, 0)), ((0, 0), (3, 4)), ((5, 0), (7, 0)), ((0, 5), (0, 7))] {
        assert_eq!(fisher_exact(counts(a.0, a.1), counts(b.0, b.1)), 1.0);
    }
    assert_eq!(mann_whitney::<i64>(&[], &[1]), 1.0);
    assert_eq!(mann_whitney(&[4; 30], &[4; 9]), 1.0);
    assert_eq!(holm(&[]), [0.0; 0]);
    assert_eq!(holm(&[f64::NAN, 0.01, -1.0, 2.0]), [1.0, 0.03, 0.0, 1.0]);
}

#[test]
fn the_largest_counts_take_no_longer_than_a_glance() {
    let half = counts(u32::MAX / 2, u32::MAX / 2);
    assert!((fisher_exact(half, half) - 1.0).abs() < 1e-9);
    assert_eq!(fisher_exact(counts(u32::MAX, 0), counts(0, u32::MAX)), 0.0, "too small for a number");
    let p = fisher_exact(counts(u32::MAX, u32::MAX), counts(u32::MAX - 300_000, u32::MAX));
    // That of the normal approximation, which is exact enough for so many.
    assert!((p - 0.022_087).abs() < 1e-5, "{p}");
}

#[test]
fn the_exact_way_meets_the_approximation_where_it_ends() {
    // The ranks of the small sample lie a third into those of the large one, on both sides of the limit.
    let p = |large: i64| {
        let values: Vec<_> = (0..large).map(|i| 2 * i).collect();
        let small: Vec<_> = (1..9).map(|i| 2 * (i * large / 14) + 1).collect();
        mann_whitney(&small, &values)
    };
    let (exact, approximate) = (p(8_192), p(8_193));
    assert!((exact - approximate).abs() < 0.01 && exact != approximate, "{exact} {approximate}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fisher_is_symmetric((a, b, c, d) in prop_oneof![
        (0_u32..60, 0_u32..60, 0_u32..60, 0_u32..60),
        (0_u32..1_000_000, 0_u32..1_000_000, 0_u32..40, 0_u32..1_000_000),
    ]) {
        let p = fisher_exact(counts(a, b), counts(c, d));
        prop_assert!((0.0..=1.0).contains(&p), "{p}");
        for other in [fisher_exact(counts(c, d), counts(a, b)), fisher_exact(counts(b, a), counts(d, c))] {
            prop_assert!((p - other).abs() < 1e-9 * p.max(1e-300), "{p} {other}");
        }
    }

    #[test]
    fn only_the_order_of_the_values_counts(
        a in proptest::collection::vec(-50_i64..50, 0..30),
        b in proptest::collection::vec(-50_i64..50, 0..30),
    ) {
        let p = mann_whitney(&a, &b);
        prop_assert!((0.0..=1.0).contains(&p), "{p}");
        prop_assert_eq!(p, mann_whitney(&b, &a));
        let [wide, turned] = [|v: &i64| v * v * v + 7 * v, |v: &i64| -v];
        let map = |values: &[i64], by: fn(&i64) -> i64| values.iter().map(by).collect::<Vec<_>>();
        prop_assert_eq!(p, mann_whitney(&map(&a, wide), &map(&b, wide)));
        prop_assert_eq!(p, mann_whitney(&map(&a, turned), &map(&b, turned)));
    }

    #[test]
    fn corrected_means_raised(ps in proptest::collection::vec(0.0..=1.0_f64, 0..12)) {
        let corrected = holm(&ps);
        let least = ps.iter().copied().fold(1.0, f64::min);
        for (p, corrected) in ps.iter().zip(&corrected) {
            prop_assert!(corrected >= p && *corrected <= 1.0);
            prop_assert!(*corrected >= (least * ps.len() as f64).min(1.0));
        }
        let (turned, mut back) = (holm(&ps.iter().rev().copied().collect::<Vec<_>>()), corrected);
        back.reverse();
        prop_assert_eq!(turned, back);
    }
}
