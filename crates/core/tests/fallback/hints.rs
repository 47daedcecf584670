//! How long a vendor asks to wait, from the header to the decision.

use parlance_core::view::{AttemptReason, RouteStrategy};
use parlance_providers::{
    Category, ProviderError,
    catalog::{Catalog, DialectId},
    dialect::ResponseHead,
    dialects,
};

use super::drive::{Breakage, Runner, START, Told, World, broken, facts, known, route, target};

const DATE: (&str, &str) = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");

/// What a vendor's answer is read as.
fn refusal(status: u16, headers: &[(&str, &str)]) -> ProviderError {
    let vendor = Catalog::bundled().get("openai-compatible").unwrap();
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let dialect = dialects::dialect(DialectId::OpenaiChat).unwrap();
    dialect.error(vendor, &ResponseHead { status, headers }, br#"{"error":{"message":"slow down"}}"#)
}

/// The first target of two, or of one, answers once like this.
fn told(error: &ProviderError, targets: i64) -> Told {
    let route = route(RouteStrategy::Priority, (1..=targets).map(target).collect());
    let snapshot = known((1..=targets).map(|id| facts(&[id * 10])).collect());
    Runner::new(&route, snapshot, 3).run(&World::default(), START, |_, n| {
        (n == 0).then(|| Breakage { error: error.clone(), ..broken(Category::Internal).unwrap() })
    })
}

#[test]
fn a_hint_in_every_form_from_the_header_to_the_decision() {
    let jitter = None;
    for (headers, expected) in [
        // The wait in milliseconds; `Err` where the next target is asked instead.
        (&[("retry-after", "7")][..], Ok(Some(7_000))),
        (&[("retry-after", "0")], Ok(Some(0))),
        (&[("retry-after", "0.25")], Ok(Some(250))),
        (&[("retry-after", "60")], Ok(Some(60_000))),
        (&[("retry-after", "61")], Err(())),
        (&[("retry-after-ms", "1250")], Ok(Some(1_250))),
        (&[("retry-after-ms", "60001")], Err(())),
        (&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"), DATE], Ok(Some(30_000))),
        (&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), DATE], Ok(Some(0))),
        (&[("retry-after", "Sat, 06 Nov 2094 08:00:00 GMT"), DATE], Err(())),
        (&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], Ok(jitter)),
        (&[("retry-after", "1e300")], Err(())),
        (&[("retry-after", "inf")], Err(())),
        (&[("retry-after", "-3")], Ok(jitter)),
        (&[("retry-after", "NaN")], Ok(jitter)),
        (&[("retry-after", "soon")], Ok(jitter)),
        (&[], Ok(jitter)),
    ] {
        for status in [429, 503] {
            let error = refusal(status, headers);
            let limited = error.category == Category::RateLimited;
            assert!(limited == (status == 429), "{error:?}");
            let case = format!("{status} {headers:?}: {error:?}");
            let two = told(&error, 2);
            let one = told(&error, 1);
            assert_eq!(two.end(), "answered", "{case}");
            let second = two.asked[1].0.reason;
            match expected {
                Err(()) => {
                    assert_eq!((second, two.waits.len()), (AttemptReason::NextTarget, 0), "{case}");
                    assert_eq!((one.asked.len(), one.end()), (1, error.category.as_str()), "{case}: nobody else");
                    let Some(parlance_core::fallback::decision::Stop::Failed(said)) = one.stop else { panic!() };
                    assert!(said.retry_after.is_some(), "the page can show how long");
                }
                // Nothing says when a limit is over: the next target is the better choice.
                Ok(None) if limited => {
                    assert_eq!((second, two.waits.len()), (AttemptReason::NextTarget, 0), "{case}");
                    assert_eq!(one.asked.len(), 1, "{case}");
                }
                Ok(None) => {
                    assert_eq!(second, AttemptReason::Retry, "{case}");
                    assert!(two.waits.iter().sum::<i64>() <= 500, "{case}: {:?}", two.waits);
                }
                Ok(Some(wait)) => {
                    assert_eq!((second, one.end()), (AttemptReason::Retry, "answered"), "{case}");
                    assert_eq!(two.waits.iter().sum::<i64>(), wait, "{case}");
                }
            }
        }
    }
}

#[test]
fn waits_without_a_hint_are_spread_from_nothing_to_a_doubled_longest() {
    let mut route = route(RouteStrategy::Priority, vec![target(1)]);
    (route.rules.tries, route.rules.backoff_base_ms, route.rules.backoff_cap_ms) = (6, 500, 3_000);
    route.rules.failures = 50;
    let longest = [500, 1_000, 2_000, 3_000, 3_000];
    let mut sums = [0; 5];
    let mut most = [0; 5];
    for seed in 0..2_000 {
        let mut waits = [0; 5];
        let mut now = START;
        let world = World::default();
        let mut runner = Runner::new(&route, known(vec![facts(&[10])]), seed);
        for wait in &mut waits {
            assert!(matches!(runner.step(&world, now), super::drive::Step::Asks(_)));
            runner.hear(&world, &broken(Category::Overloaded), now);
            if let super::drive::Step::Waits(until) = runner.step(&world, now) {
                *wait = until - now;
                now = until;
            }
        }
        for n in 0..5 {
            sums[n] += waits[n];
            most[n] = most[n].max(waits[n]);
        }
    }
    for n in 0..5 {
        let mean = sums[n] / 2_000;
        assert!(most[n] <= longest[n] && most[n] > longest[n] * 98 / 100, "{n}: {}", most[n]);
        assert!((longest[n] * 47 / 100..longest[n] * 53 / 100).contains(&mean), "{n}: {mean} of {}", longest[n]);
    }
}
