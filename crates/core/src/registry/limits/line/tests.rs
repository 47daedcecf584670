//! The line as a machine: whatever comes, goes and is given up, it keeps its promises.

use proptest::prelude::*;

use super::*;

const S: Duration = Duration::from_secs(1);

fn limits(requests: Option<u32>, tokens: Option<u32>, concurrent: Option<u32>) -> LimitSettings {
    LimitSettings { requests_per_minute: requests, tokens_per_minute: tokens, concurrent }
}

fn line(limits: LimitSettings) -> Line {
    let mut line = Line::default();
    line.set(limits, Duration::ZERO);
    line
}

fn arrive(line: &mut Line, place: u64, tokens: u64, now: Duration) -> Standing {
    line.join(place, tokens);
    line.ask(place, now).0
}

fn waits(limit: LimitKind, ahead: u32, until: Option<Duration>) -> Standing {
    Standing::Waits(Waits { limit, ahead, until })
}

#[test]
fn without_limits_nobody_waits() {
    let mut line = line(limits(None, None, None));
    for place in 0..500 {
        assert_eq!(arrive(&mut line, place, u64::MAX, Duration::ZERO), Standing::Passes);
    }
    assert_eq!(line.counts(), (500, 0));
}

#[test]
fn requests_pass_at_once_and_then_at_an_even_pace_which_is_told() {
    let mut line = line(limits(Some(2), None, None));
    assert_eq!(arrive(&mut line, 0, 9, Duration::ZERO), Standing::Passes);
    assert_eq!(arrive(&mut line, 1, 9, Duration::ZERO), Standing::Passes);
    assert_eq!(arrive(&mut line, 2, 9, S), waits(LimitKind::Requests, 0, Some(30 * S)));
    assert_eq!(arrive(&mut line, 3, 9, S), waits(LimitKind::Requests, 1, Some(60 * S)));
    assert_eq!(line.ask(3, 30 * S).0, waits(LimitKind::Requests, 1, Some(60 * S)), "nobody is overtaken");
    assert_eq!(line.ask(2, 30 * S).0, Standing::Passes);
    assert_eq!(line.ask(3, 30 * S).0, waits(LimitKind::Requests, 0, Some(60 * S)));
    assert_eq!(line.ask(3, 60 * S).0, Standing::Passes);
    assert_eq!(line.counts(), (4, 0));
}

#[test]
fn one_that_needs_more_than_a_minute_holds_goes_alone_when_it_is_full() {
    let mut line = line(limits(None, Some(100), None));
    assert_eq!(arrive(&mut line, 0, 40, Duration::ZERO), Standing::Passes);
    assert_eq!(arrive(&mut line, 1, 5_000, Duration::ZERO), waits(LimitKind::Tokens, 0, Some(24 * S)));
    assert_eq!(arrive(&mut line, 2, 1, Duration::ZERO), waits(LimitKind::Tokens, 1, None), "also not by a small one");
    assert_eq!(line.ask(1, 24 * S).0, Standing::Passes);
    assert!(matches!(line.ask(2, 24 * S).0, Standing::Waits(Waits { limit: LimitKind::Tokens, ahead: 0, .. })));
    assert_eq!(line.ask(2, 25 * S).0, Standing::Passes);
}

#[test]
fn a_request_of_the_minute_that_waits_for_tokens_is_not_lost_when_it_is_given_up() {
    let mut line = line(limits(Some(2), Some(100), None));
    assert_eq!(arrive(&mut line, 0, 100, Duration::ZERO), Standing::Passes);
    assert!(matches!(arrive(&mut line, 1, 100, Duration::ZERO), Standing::Waits(w) if w.limit == LimitKind::Tokens));
    assert!(line.leave(1));
    assert!(!line.leave(1), "once");
    assert_eq!(arrive(&mut line, 2, 0, Duration::ZERO), Standing::Passes, "it has the request of the one that left");
    assert!(matches!(arrive(&mut line, 3, 0, Duration::ZERO), Standing::Waits(w) if w.limit == LimitKind::Requests));
}

#[test]
fn other_limits_hold_at_once_and_what_was_used_of_the_minute_counts_on() {
    let mut line = line(limits(Some(4), None, Some(1)));
    assert_eq!(arrive(&mut line, 0, 1, Duration::ZERO), Standing::Passes);
    assert_eq!(arrive(&mut line, 1, 1, Duration::ZERO), waits(LimitKind::Concurrent, 0, None));
    assert!(!line.set(limits(Some(4), None, Some(1)), Duration::ZERO), "the same limits are no news");
    assert!(line.set(limits(Some(4), None, None), Duration::ZERO));
    assert_eq!(line.ask(1, Duration::ZERO).0, Standing::Passes);
    assert!(line.set(limits(Some(3), None, None), Duration::ZERO));
    assert_eq!(arrive(&mut line, 2, 1, Duration::ZERO), Standing::Passes, "two of three are used");
    assert_eq!(arrive(&mut line, 3, 1, Duration::ZERO), waits(LimitKind::Requests, 0, Some(20 * S)));
    assert!(line.set(limits(Some(1), None, None), Duration::ZERO));
    assert_eq!(line.ask(3, Duration::ZERO).0, waits(LimitKind::Requests, 0, Some(60 * S)));
    assert!(line.set(LimitSettings::default(), Duration::ZERO));
    assert_eq!(line.ask(3, Duration::ZERO).0, Standing::Passes);
}

#[test]
fn a_lower_place_that_comes_again_goes_first() {
    let mut line = line(limits(None, None, Some(1)));
    assert_eq!(arrive(&mut line, 0, 1, S), Standing::Passes);
    assert_eq!(arrive(&mut line, 1, 1, S), waits(LimitKind::Concurrent, 0, None));
    line.finish(true, S);
    assert_eq!(arrive(&mut line, 0, 1, S), Standing::Passes, "its next account");
    assert_eq!(line.ask(1, S).0, waits(LimitKind::Concurrent, 0, None));
}

#[test]
fn a_free_question_is_in_nobodys_way() {
    let mut line = line(limits(Some(1), None, None));
    assert!(line.ask_idle(300 * S, S));
    assert!(!line.ask_idle(300 * S, S), "one runs");
    line.finish(false, S);
    assert!(!line.ask_idle(300 * S, S), "the request of this minute is gone");
    assert!(line.ask_idle(300 * S, 61 * S));
    line.finish(false, 61 * S);
    assert_eq!(arrive(&mut line, 0, 1, 200 * S), Standing::Passes);
    line.finish(true, 300 * S);
    assert!(!line.ask_idle(300 * S, 599 * S), "it was used lately");
    assert!(line.ask_idle(300 * S, 600 * S));
}

#[derive(Clone, Debug)]
enum Step {
    Arrive { tokens: u64 },
    End,
    GiveUp(prop::sample::Index),
    Pass { seconds: u32 },
    Limit(LimitSettings),
}

fn some_limits() -> impl Strategy<Value = LimitSettings> {
    (prop::option::of(1_u32..5), prop::option::of(1_u32..50), prop::option::of(1_u32..4))
        .prop_map(|(requests, tokens, concurrent)| limits(requests, tokens, concurrent))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u64..80).prop_map(|tokens| Step::Arrive { tokens }),
        4 => Just(Step::End),
        2 => any::<prop::sample::Index>().prop_map(Step::GiveUp),
        3 => (0_u32..40).prop_map(|seconds| Step::Pass { seconds }),
        1 => some_limits().prop_map(Step::Limit),
    ]
}

/// A line with what a test knows of it.
struct World {
    line: Line,
    limits: LimitSettings,
    now: Duration,
    waiting: Vec<u64>,
    running: u32,
    /// When requests went since the limits are what they are.
    went: Vec<Duration>,
}

impl World {
    /// Everybody asks, the last first, until nobody goes any more.
    fn turn(&mut self) {
        loop {
            let mut went = None;
            for place in self.waiting.iter().rev() {
                if self.line.ask(*place, self.now).0 == Standing::Passes {
                    went = Some(*place);
                    break;
                }
            }
            let Some(place) = went else { return };
            let unlimited = self.limits == LimitSettings::default();
            assert!(unlimited || self.waiting[0] == place, "{place} went before {:?}", self.waiting);
            assert!(self.limits.concurrent.is_none_or(|most| self.running < most), "too many at the same time");
            self.waiting.retain(|other| *other != place);
            self.running += 1;
            self.went.push(self.now);
            let lately = self.went.iter().filter(|at| self.now - **at < 60 * S).count() as u32;
            assert!(self.limits.requests_per_minute.is_none_or(|most| lately <= 2 * most), "too many a minute");
        }
    }

    fn take(&mut self, step: Step, place: u64) {
        match step {
            Step::Arrive { tokens } => {
                self.line.join(place, tokens);
                self.waiting.push(place);
            }
            Step::End if self.running > 0 => {
                self.line.finish(true, self.now);
                self.running -= 1;
            }
            Step::GiveUp(index) if !self.waiting.is_empty() => {
                let place = self.waiting.remove(index.index(self.waiting.len()));
                assert!(self.line.leave(place));
            }
            Step::Pass { seconds } => self.now += seconds * S,
            Step::Limit(limits) => {
                self.line.set(limits, self.now);
                (self.limits, self.went) = (limits, Vec::new());
            }
            Step::End | Step::GiveUp(_) => {}
        }
        self.turn();
        assert_eq!(self.line.counts(), (self.running, self.waiting.len() as u32));
    }
}

proptest! {
    #[test]
    fn nobody_is_overtaken_nobody_starves_and_nothing_leaks(
        first in some_limits(),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World {
            line: line(first), limits: first, now: Duration::ZERO, waiting: Vec::new(), running: 0, went: Vec::new(),
        };
        for (place, step) in steps.into_iter().enumerate() {
            world.take(step, place as u64);
        }
        // With time and ends everybody goes: one a minute at the least.
        for _ in 0..=world.waiting.len() {
            while world.running > 0 {
                world.take(Step::End, 0);
            }
            world.take(Step::Pass { seconds: 61 }, 0);
        }
        prop_assert!(world.waiting.is_empty(), "{:?} starved", world.waiting);
        while world.running > 0 {
            world.take(Step::End, 0);
        }
        prop_assert_eq!(world.line.counts(), (0, 0));
        // And after a quiet minute the line is as good as new.
        world.now += 61 * S;
        let most = [world.limits.requests_per_minute, world.limits.concurrent].into_iter().flatten().min();
        for place in 0..u64::from(most.unwrap_or(9)) {
            prop_assert_eq!(arrive(&mut world.line, 10_000 + place, 0, world.now), Standing::Passes);
        }
    }
}

proptest! {
    #[test]
    fn what_a_line_says_of_its_room_is_what_asking_finds(
        requests in prop::option::of(1_u32..20),
        tokens in prop::option::of(1_u32..500),
        concurrent in prop::option::of(1_u32..4),
        steps in prop::collection::vec((0_u64..8_000, 0_u64..200, prop::bool::ANY), 1..40),
    ) {
        let limits = LimitSettings { requests_per_minute: requests, tokens_per_minute: tokens, concurrent };
        let mut line = Line::default();
        let mut now = Duration::ZERO;
        line.set(limits, now);
        // What is said may be later than what is so by one step of an even pace, no more.
        let pace = |size: Option<u32>| size.map_or(Duration::ZERO, |size| Duration::from_secs(60) / size);
        let slack = pace(requests) + pace(tokens);
        for (place, (wait, amount, ends)) in (0_u64..).zip(steps) {
            now += Duration::from_millis(wait);
            if ends && line.counts().0 > 0 {
                line.finish(true, now);
            }
            let room = line.full(amount, now);
            prop_assert_eq!(room, line.full(amount, now), "asking twice takes nothing");
            line.join(place, amount);
            match (room, line.ask(place, now).0) {
                (None, found) => prop_assert_eq!(found, Standing::Passes),
                (Some(said), Standing::Passes) => {
                    prop_assert!(said.until.is_some_and(|until| until <= now + slack), "{:?} at {:?}", said, now);
                }
                (Some(said), Standing::Waits(found)) => {
                    prop_assert_eq!(said.limit == LimitKind::Concurrent, found.limit == LimitKind::Concurrent);
                    line.leave(place);
                }
            }
        }
    }
}
