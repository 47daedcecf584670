//! How targets have done lately: circuits, retries, speeds and turns, in memory. It is told the time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use parlance_providers::ProviderError;

use super::{
    bucket::Bucket,
    circuit::{self, Circuit, Open},
    latency::Latency,
    snapshot::Standing,
};
use crate::view::{FailureView, RouteRules};

/// Circuits, and speeds, that are remembered at most.
const MOST: usize = 20_000;

/// What a circuit belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The provider.
    pub provider_id: i64,
    /// The account.
    pub account_id: i64,
    /// The model as it is asked for.
    pub model: String,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// It was answered.
    Answered {
        /// Milliseconds to the first token, where one came.
        first_token_ms: Option<u32>,
    },
    /// It failed.
    Failed {
        /// How.
        error: &'a ProviderError,
        /// It says nothing of the target, e.g. because the computer slept.
        excused: bool,
    },
    /// It says nothing, e.g. because a person stopped it.
    Unproven,
}

/// What has to be written down, so that it survives a restart.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A circuit opened, or opened anew.
    Opened(OpenCircuit),
    /// It closed.
    Closed(Key),
}

/// A circuit that is open, or half-open.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenCircuit {
    /// Whose.
    pub key: Key,
    /// Since when, UTC milliseconds.
    pub opened_at: i64,
    /// Until when it rests; from then on one request at a time may try it.
    pub until: i64,
    /// Times that it opened again without an answer between.
    pub doublings: u32,
    /// What made it rest.
    pub because: FailureView,
}

/// How all targets have done lately.
#[derive(Debug, Default)]
pub struct Health(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    circuits: HashMap<Key, Circuit>,
    /// By provider.
    buckets: HashMap<i64, Bucket>,
    /// By provider, then model.
    speeds: HashMap<i64, HashMap<String, Latency>>,
    /// Runs by route.
    turns: HashMap<i64, u64>,
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Circuits that were open when the app ended.
    pub fn load(&self, rows: Vec<OpenCircuit>) {
        let circuit =
            |row: OpenCircuit| (row.key, Circuit::opened(row.opened_at, row.until, row.doublings, row.because));
        self.state().circuits.extend(rows.into_iter().map(circuit));
    }

    /// Where a circuit stands.
    pub fn standing(&self, key: &Key, now: i64) -> Standing {
        self.state().circuits.get(key).map(|circuit| circuit.standing(now)).unwrap_or_default()
    }

    /// The usual time to a model's first token in milliseconds; `None` where nothing was measured lately.
    pub fn latency_ms(&self, provider_id: i64, model: &str, now: i64) -> Option<u32> {
        self.state().speeds.get(&provider_id)?.get(model)?.ms(now)
    }

    /// Whole retries that a provider is worth yet.
    pub fn retries_left(&self, provider_id: i64) -> u32 {
        self.state().buckets.get(&provider_id).copied().unwrap_or_default().left()
    }

    /// Takes a retry; false where none is left.
    pub fn take_retry(&self, provider_id: i64) -> bool {
        self.state().buckets.entry(provider_id).or_default().take()
    }

    /// A request means to try what rests. False where another one tries it already: decide anew. What it comes to has
    /// to be noted, also where it says nothing.
    pub fn try_half_open(&self, key: &Key, now: i64) -> bool {
        self.state().circuits.get_mut(key).is_none_or(|circuit| circuit.try_it(now))
    }

    /// An attempt has ended. Says what changed for good.
    pub fn note(&self, key: &Key, rules: &RouteRules, outcome: Outcome<'_>, now: i64) -> Option<Change> {
        let state = &mut *self.state();
        match outcome {
            Outcome::Answered { first_token_ms } => {
                state.answered(key.provider_id);
                if let Some(ms) = first_token_ms {
                    state.measured(key, ms, now);
                }
                let was_open = state.circuits.remove(key).is_some_and(|circuit| circuit.open().is_some());
                was_open.then(|| Change::Closed(key.clone()))
            }
            Outcome::Failed { error, excused: false } if circuit::counts(error) => {
                state.make_room(key, now);
                let circuit = state.circuits.entry(key.clone()).or_default();
                let opened = circuit.fail(rules, error, now);
                circuit.open().filter(|_| opened).map(|open| Change::Opened(row(key, open)))
            }
            Outcome::Failed { .. } | Outcome::Unproven => {
                if let Some(circuit) = state.circuits.get_mut(key) {
                    circuit.let_go();
                }
                None
            }
        }
    }

    /// An attempt that failed had its first token after so many milliseconds: how fast a target begins to answer is
    /// known also where it breaks off.
    pub fn began(&self, key: &Key, first_token_ms: u32, now: i64) {
        self.state().measured(key, first_token_ms, now);
    }

    /// The circuits of a provider that are not closed.
    pub fn open_circuits(&self, provider_id: i64) -> Vec<OpenCircuit> {
        let state = self.state();
        let of_it = state.circuits.iter().filter(|(key, _)| key.provider_id == provider_id);
        let mut rows: Vec<_> = of_it.filter_map(|(key, circuit)| Some(row(key, circuit.open()?))).collect();
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        rows
    }

    /// A person lets a target be tried again.
    pub fn close(&self, key: &Key) -> Option<Change> {
        let was_open = self.state().circuits.remove(key)?.open().is_some();
        was_open.then(|| Change::Closed(key.clone()))
    }

    /// The key of an account changed, or it is gone. Says which circuits that closed.
    pub fn forget_account(&self, account_id: i64) -> Vec<Key> {
        let of_it = |key: &Key| key.account_id == account_id;
        let gone = self.state().circuits.extract_if(|key, _| of_it(key)).collect::<Vec<_>>();
        gone.into_iter().filter(|(_, circuit)| circuit.open().is_some()).map(|(key, _)| key).collect()
    }

    /// Whose turn is next in a route: the number of runs so far.
    pub fn turn(&self, route_id: i64) -> u64 {
        self.state().turns.get(&route_id).copied().unwrap_or_default()
    }

    /// Whose turn it is in a route: the number of runs before this one.
    pub fn next_turn(&self, route_id: i64) -> u64 {
        let mut state = self.state();
        let turn = state.turns.entry(route_id).or_default();
        let mine = *turn;
        *turn = turn.wrapping_add(1);
        mine
    }
}

impl State {
    fn answered(&mut self, provider_id: i64) {
        if let Some(bucket) = self.buckets.get_mut(&provider_id) {
            bucket.give_back();
            if bucket.is_full() {
                self.buckets.remove(&provider_id);
            }
        }
    }

    fn measured(&mut self, key: &Key, ms: u32, now: i64) {
        let speeds = self.speeds.entry(key.provider_id).or_default();
        if let Some(speed) = speeds.get_mut(&key.model) {
            speed.add(ms, now);
            return;
        }
        if speeds.len() >= MOST {
            speeds.retain(|_, speed| speed.holds(now));
        }
        if speeds.len() < MOST {
            speeds.insert(key.model.clone(), Latency::first(ms, now));
        }
    }

    /// Forgets what tells nothing any more, then the oldest that is closed, before a new circuit is remembered.
    fn make_room(&mut self, key: &Key, now: i64) {
        if self.circuits.len() < MOST || self.circuits.contains_key(key) {
            return;
        }
        self.circuits.retain(|_, circuit| !circuit.is_stale(now));
        if self.circuits.len() >= MOST {
            let rank = |circuit: &Circuit| (circuit.open().is_some(), circuit.heard());
            let oldest = self.circuits.iter().min_by_key(|(_, circuit)| rank(circuit)).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.circuits.remove(&key));
        }
    }
}

fn row(key: &Key, open: &Open) -> OpenCircuit {
    OpenCircuit {
        key: key.clone(),
        opened_at: open.since,
        until: open.until,
        doublings: open.doublings,
        because: open.because.clone(),
    }
}

#[cfg(test)]
mod tests;
