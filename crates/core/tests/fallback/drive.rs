//! A run without an app: it does what the decision says, against a script, in virtual time.

use parlance_core::{
    fallback::{
        decision::{Choice, Next, Output, SoFar, Stop, Tried},
        health::{Change, Health, Key, Outcome},
        next::next,
        route::{Route, Target},
        snapshot::{AccountFacts, Snapshot, Standing, TargetFacts},
    },
    registry::rests::Rests,
    view::{RouteRules, RouteStrategy},
};
use parlance_providers::{Category, ProviderError};

/// Some time after 1970, UTC milliseconds.
pub(crate) const START: i64 = 1_700_000_000_000;

/// What the runs of a test share.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) health: Health,
    pub(crate) rests: Rests,
}

/// How a script answers an attempt; `None` is an answer.
pub(crate) type Broken = Option<Breakage>;

#[derive(Clone, Debug)]
pub(crate) struct Breakage {
    pub(crate) error: ProviderError,
    pub(crate) output: Output,
    pub(crate) slept: bool,
}

/// One run under way.
pub(crate) struct Runner<'a> {
    pub(crate) route: &'a Route,
    pub(crate) snapshot: Snapshot,
    pub(crate) so_far: SoFar,
    pub(crate) seed: u64,
    /// Whom it asked, with what was known then.
    pub(crate) asked: Vec<(Choice, Snapshot, i64)>,
}

/// What a run does.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    Asks(Choice),
    Waits(i64),
    Ends(Stop),
}

/// How a run went.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) asked: Vec<(Choice, Snapshot, i64)>,
    pub(crate) waits: Vec<i64>,
    /// `None` where it was answered.
    pub(crate) stop: Option<Stop>,
    pub(crate) so_far: SoFar,
}

pub(crate) fn target(provider_id: i64) -> Target {
    Target { provider_id, account_id: None, model: "m".into(), weight: 1 }
}

pub(crate) fn route(strategy: RouteStrategy, targets: Vec<Target>) -> Route {
    Route { strategy, targets, rules: RouteRules::default() }
}

/// Ready, with these accounts.
pub(crate) fn facts(accounts: &[i64]) -> TargetFacts {
    let account = |id: &i64| AccountFacts { id: *id, rest: None, circuit: Standing::Closed };
    TargetFacts { accounts: accounts.iter().map(account).collect(), ..TargetFacts::default() }
}

pub(crate) fn known(targets: Vec<TargetFacts>) -> Snapshot {
    Snapshot { targets, turn: 0, tokens: 1_000 }
}

pub(crate) fn broken(category: Category) -> Broken {
    Some(Breakage { error: ProviderError::new(category, category.as_str()), output: Output::Nothing, slept: false })
}

impl World {
    pub(crate) fn key(route: &Route, target: usize, account_id: i64) -> Key {
        let target = &route.targets[target];
        Key { provider_id: target.provider_id, account_id, model: target.model.clone() }
    }

    /// What is known now, over what does not change.
    pub(crate) fn survey(&self, route: &Route, fixed: &Snapshot, now: i64) -> Snapshot {
        let mut snapshot = fixed.clone();
        for (index, facts) in snapshot.targets.iter_mut().enumerate() {
            facts.retries_left = self.health.retries_left(route.targets[index].provider_id);
            for account in &mut facts.accounts {
                account.circuit = self.health.standing(&Self::key(route, index, account.id), now);
                account.rest = self.rests.of(account.id, now);
            }
        }
        snapshot
    }
}

impl<'a> Runner<'a> {
    pub(crate) fn new(route: &'a Route, snapshot: Snapshot, seed: u64) -> Self {
        let so_far = SoFar { explicit: true, ..SoFar::default() };
        Self { route, snapshot, so_far, seed, asked: Vec::new() }
    }

    /// What it does now, with the retry and the circuit that it takes.
    pub(crate) fn step(&mut self, world: &World, now: i64) -> Step {
        for _ in 0..200 {
            let known = world.survey(self.route, &self.snapshot, now);
            let decided = next(self.route, &known, &self.so_far, self.seed, now);
            assert_eq!(decided, next(self.route, &known, &self.so_far, self.seed, now), "it decides by chance");
            let choice = match decided {
                Next::Wait { until, on } => {
                    assert_eq!(Some(on), self.so_far.tried.last().map(|tried| tried.target));
                    assert!(until > now, "it waits for what is past");
                    return Step::Waits(until);
                }
                Next::Stop(stop) => return Step::Ends(stop),
                Next::Attempt(choice) => choice,
            };
            let key = World::key(self.route, choice.target, choice.account_id);
            if choice.probe && !world.health.try_half_open(&key, now) {
                continue;
            }
            if choice.costs_retry && !world.health.take_retry(key.provider_id) {
                continue;
            }
            self.asked.push((choice.clone(), known, now));
            return Step::Asks(choice);
        }
        panic!("it never comes to a decision");
    }

    /// What it asked for last has ended.
    pub(crate) fn hear(&mut self, world: &World, broken: &Broken, now: i64) -> Option<Change> {
        let choice = &self.asked.last().unwrap().0;
        let key = World::key(self.route, choice.target, choice.account_id);
        let rules = &self.route.rules;
        let Some(Breakage { error, output, slept }) = broken else {
            world.rests.note(choice.account_id, None, now);
            return world.health.note(&key, rules, Outcome::Answered { first_token_ms: Some(100) }, now);
        };
        world.rests.note(choice.account_id, Some(error), now);
        let change = world.health.note(&key, rules, Outcome::Failed { error, excused: *slept }, now);
        self.so_far.tried.push(Tried {
            target: choice.target,
            account_id: choice.account_id,
            error: error.clone(),
            output: *output,
            ended_at: now,
            slept: *slept,
        });
        change
    }

    /// Runs to its end; each attempt takes a tenth of a second. The script is told whom it asks and the how manieth
    /// attempt that is.
    pub(crate) fn run(mut self, world: &World, mut now: i64, mut script: impl FnMut(&Choice, usize) -> Broken) -> Told {
        let mut waits = Vec::new();
        let stop = loop {
            assert!(self.asked.len() < 1_000 && waits.len() < 1_000, "it does not end");
            match self.step(world, now) {
                Step::Ends(stop) => break Some(stop),
                Step::Waits(until) => {
                    waits.push(until - now);
                    now = until;
                }
                Step::Asks(choice) => {
                    let broken = script(&choice, self.asked.len() - 1);
                    now += 100;
                    self.hear(world, &broken, now);
                    if broken.is_none() {
                        break None;
                    }
                }
            }
        };
        Told { asked: self.asked, waits, stop, so_far: self.so_far }
    }
}

impl Told {
    /// Whom it asked: targets in order.
    pub(crate) fn targets(&self) -> Vec<usize> {
        self.asked.iter().map(|(choice, ..)| choice.target).collect()
    }

    /// How it ended: `answered`, `nobody`, `keep`, `restart`, or the category of its failure.
    pub(crate) fn end(&self) -> &'static str {
        match &self.stop {
            None => "answered",
            Some(Stop::Nobody(_)) => "nobody",
            Some(Stop::Keep(_)) => "keep",
            Some(Stop::Restart(_)) => "restart",
            Some(Stop::Failed(error)) => error.category.as_str(),
        }
    }
}
