use parlance_providers::Category;

use super::*;

const SECOND: i64 = 1_000;
/// Some time after 1970.
const START: i64 = 1_700_000_000_000;

fn key(account_id: i64) -> Key {
    Key { provider_id: 1, account_id, model: "m".into() }
}

fn rules() -> RouteRules {
    RouteRules { failures: 3, window_s: 60, rest_s: 30, rest_cap_s: 300, ..RouteRules::default() }
}

fn overloaded() -> ProviderError {
    ProviderError { status: Some(529), ..ProviderError::new(Category::Overloaded, "busy") }
}

fn fail(health: &Health, now: i64) -> Option<Change> {
    health.note(&key(1), &rules(), Outcome::Failed { error: &overloaded(), excused: false }, now)
}

fn answer(health: &Health, now: i64) -> Option<Change> {
    health.note(&key(1), &rules(), Outcome::Answered { first_token_ms: None }, now)
}

/// One that opened at `START`.
fn opened() -> Health {
    let health = Health::default();
    assert_eq!([fail(&health, START), fail(&health, START)], [None, None]);
    assert!(matches!(fail(&health, START), Some(Change::Opened(_))));
    health
}

/// `closed`, `open` with the seconds it rests, `half-open`, `trying`.
fn stands(health: &Health, now: i64) -> String {
    match health.standing(&key(1), now) {
        Standing::Closed => "closed".into(),
        Standing::Open { until, .. } => format!("open {}", (until - now) / SECOND),
        Standing::HalfOpen { trying: false, .. } => "half-open".into(),
        Standing::HalfOpen { trying: true, .. } => "trying".into(),
    }
}

#[test]
fn enough_failures_in_a_row_within_the_window_open_it() {
    // Seconds and whether it failed then; whether it is open at the end.
    for (events, open) in [
        (&[(0, true), (1, true)][..], false),
        (&[(0, true), (1, true), (2, true)], true),
        (&[(0, true), (1, true), (2, false), (3, true), (4, true)], false),
        (&[(0, true), (30, true), (59, true)], true),
        (&[(0, true), (30, true), (60, true)], false),
        (&[(0, true), (30, true), (60, true), (61, true)], true),
        // The clock was put back: what is said to come yet does not count.
        (&[(100, true), (101, true), (10, true)], false),
        // It jumped ahead.
        (&[(0, true), (1, true), (1_000_000, true)], false),
    ] {
        let health = Health::default();
        for (second, failed) in events {
            let now = START + second * SECOND;
            let _change = if *failed { fail(&health, now) } else { answer(&health, now) };
        }
        let now = START + events.last().unwrap().0 * SECOND;
        assert_eq!(stands(&health, now) == "open 30", open, "{events:?}: {}", stands(&health, now));
    }
}

#[test]
fn it_rests_then_lets_one_request_try_it_and_rests_twice_as_long_where_that_fails() {
    let health = opened();
    let mut now = START;
    for rest in [30, 60, 120, 240, 300, 300] {
        assert_eq!(stands(&health, now), format!("open {rest}"));
        assert_eq!(stands(&health, now + rest * SECOND - 1), "open 0");
        now += rest * SECOND;
        assert_eq!(stands(&health, now), "half-open");
        assert!(health.try_half_open(&key(1), now));
        assert_eq!(stands(&health, now), "trying");
        assert!(!health.try_half_open(&key(1), now), "one at a time");
        assert!(matches!(fail(&health, now), Some(Change::Opened(row)) if row.opened_at == now));
    }
    now += 300 * SECOND;
    assert!(health.try_half_open(&key(1), now));
    assert_eq!(answer(&health, now), Some(Change::Closed(key(1))));
    assert_eq!(stands(&health, now), "closed");
    assert_eq!([fail(&health, now), fail(&health, now)], [None, None], "it counts from nothing again");
    assert!(fail(&health, now).is_some());
    assert_eq!(stands(&health, now), "open 30", "and rests as long as at first");
}

#[test]
fn requests_that_were_under_way_when_it_opened_make_it_rest_no_longer() {
    let health = opened();
    for _ in 0..195 {
        assert_eq!(fail(&health, START + SECOND), None);
    }
    assert_eq!(stands(&health, START), "open 30");
    assert_eq!(answer(&health, START + SECOND), Some(Change::Closed(key(1))), "an answer is an answer");
}

#[test]
fn a_person_may_try_what_rests_and_its_failure_counts_once() {
    let health = opened();
    assert!(health.try_half_open(&key(1), START + SECOND), "nobody is kept out");
    assert!(health.try_half_open(&key(1), START + SECOND));
    assert!(fail(&health, START + SECOND).is_some());
    assert_eq!(fail(&health, START + SECOND), None);
    assert_eq!(stands(&health, START + SECOND), "open 60");
    assert!(health.try_half_open(&key(9), START), "nothing is known of it: nothing is in the way");
}

#[test]
fn a_clock_that_jumps_makes_no_rest_longer_than_was_meant() {
    let health = opened();
    assert_eq!(stands(&health, START - 1), "half-open", "put back before it opened");
    assert_eq!(stands(&health, START + 10 * SECOND), "open 20");
    assert_eq!(stands(&health, i64::MAX), "half-open", "far ahead");
    assert_eq!(stands(&health, i64::MIN), "half-open", "far behind");
    let because = FailureView::from(&overloaded());
    for (opened_at, until) in [(START, i64::MAX), (i64::MAX - 1, i64::MAX), (START, START - 1)] {
        let health = Health::default();
        let row = OpenCircuit { key: key(1), opened_at, until, doublings: u32::MAX, because: because.clone() };
        health.load(vec![row]);
        assert_ne!(stands(&health, START + circuit::LONGEST_REST), "closed");
        let stands = stands(&health, START + circuit::LONGEST_REST);
        assert_eq!(stands, "half-open", "a store may say what it likes: {opened_at} {until}");
    }
    let health = opened();
    for wide in [u32::MAX, 0] {
        let rules = RouteRules { rest_s: wide, rest_cap_s: wide, window_s: wide, failures: wide, ..rules() };
        assert!(health.try_half_open(&key(1), START));
        health.note(&key(1), &rules, Outcome::Failed { error: &overloaded(), excused: false }, START);
        let until = health.open_circuits(1)[0].until;
        assert!((START..=START + circuit::LONGEST_REST).contains(&until), "{wide}");
    }
}

#[test]
fn what_says_nothing_of_the_target_counts_for_nothing() {
    let mut silent: Vec<ProviderError> = ["dns", "unreachable", "proxy_unreachable"]
        .map(|c| ProviderError::because(Category::Network, c, "away"))
        .into();
    let speaks = |category: &Category| {
        use Category::{BrokenStream, Internal, Network, Overloaded, Timeout};
        matches!(category, Overloaded | Network | Timeout | Internal | BrokenStream)
    };
    silent.extend(Category::ALL.into_iter().filter(|category| !speaks(category)).map(|c| ProviderError::new(c, "no")));
    let health = Health::default();
    let note = |error: &ProviderError, excused| {
        (0..100).filter_map(|n| health.note(&key(1), &rules(), Outcome::Failed { error, excused }, START + n)).count()
    };
    for error in &silent {
        assert_eq!((note(error, false), stands(&health, START)), (0, "closed".into()), "{error:?}");
    }
    assert_eq!(note(&overloaded(), true), 0, "the computer slept");
    let mut counted = 0;
    for category in Category::ALL.into_iter().filter(speaks) {
        assert_eq!(note(&ProviderError::new(category, "no"), false), 1, "{category:?}");
        health.close(&key(1));
        counted += 1;
    }
    assert_eq!(counted, 5);
}

#[test]
fn one_that_tries_and_says_nothing_lets_another_try() {
    let health = opened();
    let later = START + 30 * SECOND;
    let bad = ProviderError::new(Category::BadRequest, "no");
    for silent in [
        Outcome::Unproven,
        Outcome::Failed { error: &bad, excused: false },
        Outcome::Failed { error: &overloaded(), excused: true },
    ] {
        assert!(health.try_half_open(&key(1), later));
        assert_eq!(stands(&health, later), "trying");
        assert_eq!(health.note(&key(1), &rules(), silent, later), None);
        assert_eq!(stands(&health, later), "half-open", "{silent:?}");
    }
    assert!(health.try_half_open(&key(1), later));
    let much_later = later + 600 * SECOND;
    assert_eq!(stands(&health, much_later), "half-open", "one that is never heard of again");
    assert!(health.try_half_open(&key(1), much_later));
}

#[test]
fn what_is_open_is_told_loaded_and_forgotten() {
    let health = opened();
    let rows = health.open_circuits(1);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].opened_at, rows[0].until, rows[0].doublings), (START, START + 30 * SECOND, 0));
    assert_eq!(rows[0].because.status, Some(529));
    assert_eq!(health.open_circuits(2), []);
    let restarted = Health::default();
    restarted.load(rows.clone());
    assert_eq!(restarted.open_circuits(1), rows);
    assert_eq!(stands(&restarted, START + 10 * SECOND), "open 20");
    assert_eq!(restarted.forget_account(2), []);
    assert_eq!(restarted.forget_account(1), [key(1)]);
    assert_eq!(stands(&restarted, START), "closed");
    assert_eq!(health.close(&key(1)), Some(Change::Closed(key(1))));
    assert_eq!(health.close(&key(1)), None);
    fail(&health, START);
    assert_eq!(health.forget_account(1), [], "one that never opened is in no store");
}

#[test]
fn answers_give_retries_back_and_turns_go_round() {
    let health = Health::default();
    assert_eq!((0..20).filter(|_| health.take_retry(7)).count(), 10);
    assert_eq!((health.retries_left(7), health.retries_left(8)), (0, 10), "each provider has its own");
    let key = Key { provider_id: 7, ..key(1) };
    for _ in 0..3 {
        health.note(&key, &rules(), Outcome::Answered { first_token_ms: Some(120) }, START);
    }
    assert_eq!(health.retries_left(7), 1);
    assert_eq!(health.latency_ms(7, "m", START), Some(120));
    assert_eq!((health.latency_ms(7, "n", START), health.latency_ms(8, "m", START)), (None, None));
    assert_eq!([health.next_turn(1), health.next_turn(1), health.next_turn(2), health.next_turn(1)], [0, 1, 0, 2]);
}

#[test]
fn what_is_remembered_is_bounded_and_what_is_open_goes_last() {
    let health = opened();
    let other = |n: usize| Key { provider_id: 2, account_id: 2, model: n.to_string() };
    let patient = RouteRules { failures: 50, ..rules() };
    for n in 0..MOST + 50 {
        let now = START + 1 + i64::try_from(n).unwrap();
        let failed = Outcome::Failed { error: &overloaded(), excused: false };
        health.note(&other(n % (MOST - 1)), &patient, failed, now);
        health.note(&other(n), &patient, Outcome::Answered { first_token_ms: Some(1) }, now);
        health.note(&other(n), &patient, failed, now);
    }
    assert_eq!(stands(&health, START), "open 30", "the oldest of all, but open");
    let state = health.state();
    assert!(state.circuits.len() <= MOST && state.speeds[&2].len() <= MOST);
}

#[test]
fn only_one_of_many_threads_tries_it_and_only_ten_retry() {
    let health = opened();
    let later = START + 30 * SECOND;
    let counts = std::thread::scope(|scope| {
        let one = || {
            let tries = (0..100).filter(|_| health.try_half_open(&key(1), later)).count();
            (tries, (0..100).filter(|_| health.take_retry(1)).count())
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    });
    assert_eq!(counts, (1, 10));
}
