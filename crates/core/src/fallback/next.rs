//! Who is asked next: the decision of a run, over what is known and nothing else. No time of its own, no chance of its
//! own, no network, no store.

use parlance_providers::{Category, Disposition, ProviderError};

use super::{
    decision::{Choice, Next, Output, Skip, SoFar, Stop, Tried},
    order::order,
    retry::Again,
    route::Route,
    seen::{Run, Seen, Why, may_change_account},
    snapshot::{AccountFacts, Snapshot, Standing},
};
use crate::view::{AfterOutput, AttemptReason, DryRunVerdict};

/// What a run does now. The same arguments give the same answer. Whoever asks takes the retry that a choice costs, and
/// tries the circuit that it probes, first; where either is gone, it decides anew with what is known then.
pub fn next(route: &Route, snapshot: &Snapshot, so_far: &SoFar, seed: u64, now: i64) -> Next {
    let run = Run::new(route, snapshot, so_far, now);
    let Some(last) = so_far.tried.last() else {
        return match run.pick(seed, AttemptReason::First, None) {
            Some(choice) => Next::Attempt(choice),
            None => Next::Stop(Stop::Nobody(run.nobody(seed))),
        };
    };
    let came = |output| so_far.tried.iter().any(|tried| tried.output == output);
    if came(Output::Text) || came(Output::ToolCall) {
        return run.after_output(last, came(Output::ToolCall), seed);
    }
    run.before_output(last, seed)
}

/// What would become of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Which target of the route.
    pub target: usize,
    /// What would become of it.
    pub verdict: DryRunVerdict,
    /// The account that it would be asked with.
    pub account_id: Option<i64>,
    /// Why it is passed over, where it is; of the one that is chosen, why it is not ready, where nobody is.
    pub skip: Option<Skip>,
}

/// What a run that a person starts now would do, with every target in the order it is looked at.
pub fn plan_of(route: &Route, snapshot: &Snapshot, seed: u64, now: i64) -> Vec<Look> {
    let so_far = SoFar { explicit: true, ..SoFar::default() };
    let run = Run::new(route, snapshot, &so_far, now);
    let chosen = run.pick(seed, AttemptReason::First, None).map(|choice| (choice.target, choice.account_id));
    let seen = run.see_all();
    let look = |target: usize| {
        let (account, skip) = match seen[target] {
            Seen::Ready(account) => (Some(account.id), None),
            Seen::Later(_, _, why) | Seen::Never(why) => (None, Some(why.skip(target))),
        };
        match chosen.filter(|(first, _)| *first == target) {
            Some((_, account)) => Look { target, verdict: DryRunVerdict::Chosen, account_id: Some(account), skip },
            None if skip.is_none() => Look { target, verdict: DryRunVerdict::Next, account_id: account, skip },
            None => Look { target, verdict: DryRunVerdict::Skipped, account_id: None, skip },
        }
    };
    run.ordered(&seen, seed).into_iter().map(look).collect()
}

impl<'a> Run<'a> {
    fn see_all(&self) -> Vec<Seen<'a>> {
        (0..self.route.targets.len()).map(|index| self.see(index)).collect()
    }

    fn ordered(&self, seen: &[Seen<'a>], seed: u64) -> Vec<usize> {
        let ready = |index: usize| matches!(seen[index], Seen::Ready(_));
        order(self.route, self.snapshot, seed, ready, self.so_far.tried.is_empty())
    }

    /// Nothing has come that a person would miss.
    fn before_output(&self, last: &'a Tried, seed: u64) -> Next {
        let category = last.error.category;
        if category.disposition() == Disposition::Stop {
            return self.failed();
        }
        if may_change_account(category)
            && let Seen::Ready(account) = self.see(last.target)
        {
            return Next::Attempt(self.choice(last.target, account, AttemptReason::NextAccount, Vec::new()));
        }
        let spent = match self.again(last, seed) {
            Again::Now(account) => {
                return Next::Attempt(self.choice(last.target, account, AttemptReason::Retry, Vec::new()));
            }
            Again::At(until) => return Next::Wait { until, on: last.target },
            Again::Spent(why) => Some(why),
            Again::No => None,
        };
        self.pick(seed, AttemptReason::NextTarget, spent).map_or_else(|| self.failed(), Next::Attempt)
    }

    /// Something has come: it is never asked for again behind a person's back.
    fn after_output(&self, last: &'a Tried, half_a_call: bool, seed: u64) -> Next {
        let error = || Box::new(last.error.clone());
        let moves_on = last.error.category.disposition() != Disposition::Stop && !half_a_call;
        let choice = match self.route.rules.after_output {
            AfterOutput::Keep => None,
            AfterOutput::Continue | AfterOutput::Restart if !moves_on => None,
            AfterOutput::Continue | AfterOutput::Restart => self.pick(seed, AttemptReason::Continued, None),
        };
        match choice {
            None => Next::Stop(Stop::Keep(error())),
            Some(_) if self.route.rules.after_output == AfterOutput::Restart => Next::Stop(Stop::Restart(error())),
            Some(choice) => Next::Attempt(choice),
        }
    }

    /// The first target that is ready; where none is, the one that is back soonest. `spent` tells why the one that
    /// failed last is not asked again, where that is worth telling.
    fn pick(&self, seed: u64, reason: AttemptReason, spent: Option<Why<'a>>) -> Option<Choice> {
        let seen = self.see_all();
        let order = self.ordered(&seen, seed);
        let last = self.so_far.tried.last();
        let stays = last.is_some_and(|last| !self.route.switches_on(last.error.category));
        // Once text has come no account of the same target goes on with it.
        let here = |index: usize| last.is_some_and(|last| last.target == index);
        let allowed = |index: &usize| match reason {
            AttemptReason::Continued => !stays && !here(*index),
            _ => !stays || here(*index),
        };
        let window = |index: usize| self.snapshot.targets.get(index).and_then(|facts| facts.window);
        let ready = |known: bool| {
            let mut looked_at = order.iter().enumerate().filter(|(_, index)| allowed(index));
            looked_at.find_map(|(place, index)| match seen[*index] {
                Seen::Ready(account) if !known || window(*index).is_some() => Some((place, account)),
                _ => None,
            })
        };
        let found = if self.prefers_known_windows() { ready(true).or_else(|| ready(false)) } else { ready(false) };
        if let Some((place, account)) = found {
            let skipped = self.skips(&seen, &order[..place], spent);
            return Some(self.choice(order[place], account, reason, skipped));
        }
        let later = order.iter().filter(|index| allowed(index)).filter_map(|index| match seen[*index] {
            Seen::Later(account, rank, _) => Some((rank, *index, account)),
            _ => None,
        });
        let (_, target, account) = later.min_by_key(|(rank, ..)| *rank)?;
        let others: Vec<usize> = order.iter().copied().filter(|index| *index != target).collect();
        let reason = if here(target) { AttemptReason::NextAccount } else { reason };
        Some(self.choice(target, account, reason, self.skips(&seen, &others, spent)))
    }

    /// Why those who were looked at were passed over. Whom the run has asked needs no telling, but for why it is not
    /// asked again.
    fn skips(&self, seen: &[Seen<'a>], looked_at: &[usize], spent: Option<Why<'a>>) -> Vec<Skip> {
        let last = self.so_far.tried.last().map(|last| last.target);
        let again = spent.zip(last).map(|(why, target)| why.skip(target));
        let asked = |index: usize| self.so_far.tried.iter().any(|tried| tried.target == index);
        let passed = looked_at.iter().filter(|index| !asked(**index)).filter_map(|index| match seen[*index] {
            Seen::Ready(_) => None,
            Seen::Later(_, _, why) | Seen::Never(why) => Some(why.skip(*index)),
        });
        again.into_iter().chain(passed).collect()
    }

    fn choice(&self, target: usize, account: &AccountFacts, reason: AttemptReason, skipped: Vec<Skip>) -> Choice {
        // Where another request tries it already, this one comes on top of it and claims nothing.
        let probe = !matches!(account.circuit, Standing::Closed | Standing::HalfOpen { trying: true, .. });
        let costs_retry = self.costly(target).is_some();
        Choice { target, account_id: account.id, reason, probe, costs_retry, skipped }
    }

    /// Why nobody can be asked.
    fn nobody(&self, seed: u64) -> Vec<Skip> {
        let seen = self.see_all();
        self.skips(&seen, &self.ordered(&seen, seed), None)
    }

    /// The failure that tells most: a key that could not be had tells less than what a vendor said.
    fn failed(&self) -> Next {
        let tried = &self.so_far.tried;
        let said = tried.iter().rfind(|tried| tried.error.category != Category::MissingKey).or(tried.first());
        let nobody = || ProviderError::new(Category::Internal, "nobody was asked");
        Next::Stop(Stop::Failed(Box::new(said.map_or_else(nobody, |tried| tried.error.clone()))))
    }
}
