//! What one target looks like to a run: ready, later, or never.

use parlance_providers::{Category, Disposition, ProviderError};

use super::{
    circuit,
    decision::{Skip, SoFar, Tried},
    route::Route,
    snapshot::{AccountFacts, Admission, Snapshot, Standing, TargetFacts},
};
use crate::view::{FailureView, SkipReason};

/// A run at the moment of a decision.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) route: &'a Route,
    pub(super) snapshot: &'a Snapshot,
    pub(super) so_far: &'a SoFar,
    pub(super) now: i64,
    /// The prompt was too long for a target: the largest window that was too small, 0 where none was known.
    outgrown: Option<u64>,
}

/// What may be done with a target.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    /// It can be asked, with this account.
    Ready(&'a AccountFacts),
    /// It can be asked with this account where nobody is ready, the lowest first.
    Later(&'a AccountFacts, (bool, i64), Why<'a>),
    /// It cannot be asked.
    Never(Why<'a>),
}

/// Why a target is not ready.
#[derive(Clone, Copy)]
pub(super) struct Why<'a> {
    pub(super) reason: SkipReason,
    pub(super) until: Option<i64>,
    because: Because<'a>,
}

#[derive(Clone, Copy)]
enum Because<'a> {
    Nothing,
    Known(&'a FailureView),
    Said(&'a ProviderError),
}

impl<'a> Why<'a> {
    fn plain(reason: SkipReason) -> Self {
        Self { reason, until: None, because: Because::Nothing }
    }

    /// The provider has failed too often lately for one more try after this failure.
    pub(super) fn spent(error: &'a ProviderError) -> Self {
        Self { reason: SkipReason::RetriesSpent, until: None, because: Because::Said(error) }
    }

    pub(super) fn skip(self, target: usize) -> Skip {
        let because = match self.because {
            Because::Nothing => None,
            Because::Known(failure) => Some(failure.clone()),
            Because::Said(error) => Some(FailureView::from(error)),
        };
        Skip { target, reason: self.reason, until: self.until, because }
    }
}

/// Whether another account of the same target may do better.
pub(super) fn may_change_account(category: Category) -> bool {
    category.disposition() == Disposition::NextAccount || category == Category::MissingKey
}

impl<'a> Run<'a> {
    pub(super) fn new(route: &'a Route, snapshot: &'a Snapshot, so_far: &'a SoFar, now: i64) -> Self {
        let too_long = so_far.tried.iter().filter(|tried| tried.error.category == Category::ContextTooLong);
        let window = |tried: &Tried| snapshot.targets.get(tried.target).and_then(|facts| facts.window).unwrap_or(0);
        Self { route, snapshot, so_far, now, outgrown: too_long.map(window).max() }
    }

    /// What may be done with a target now.
    pub(super) fn see(&self, index: usize) -> Seen<'a> {
        let Some(facts) = self.snapshot.targets.get(index) else { return Seen::Never(Why::plain(SkipReason::Gone)) };
        if let Some(why) = self.never(index, facts) {
            return Seen::Never(why);
        }
        let (account, mut back, mut why) = match self.account(index, facts) {
            Ok(found) => found,
            Err(why) => return Seen::Never(why),
        };
        if let Some(limit) = facts.limited_until.filter(|until| *until > self.now && why.is_none()) {
            (back, why) = (limit, Some(Why { until: Some(limit), ..Why::plain(SkipReason::AtLimit) }));
        }
        // Tokens are guessed before anybody was asked: a person who has nobody else may be right.
        let tight = facts.window.filter(|window| *window < self.snapshot.tokens);
        if tight.is_some() && why.is_none() {
            why = Some(Why::plain(SkipReason::ContextTooLong));
        }
        let rank = (tight.is_some(), tight.map_or(back, |window| i64::MAX.saturating_sub_unsigned(window)));
        match why {
            None => Seen::Ready(account),
            // Whoever waits in line for the user's own limits is asked only when they allow it.
            Some(why) if self.so_far.explicit || why.reason == SkipReason::AtLimit => Seen::Later(account, rank, why),
            Some(why) => Seen::Never(why),
        }
    }

    /// Whether a run may go back to it, and whether it could answer at all.
    fn never(&self, index: usize, facts: &TargetFacts) -> Option<Why<'a>> {
        let last = self.so_far.tried.last();
        let left = |tried: &Tried| {
            let here = last.is_some_and(|last| last.target == index && may_change_account(last.error.category));
            tried.target == index && !here
        };
        if self.so_far.avoid.contains(&index) || self.so_far.tried.iter().any(left) {
            return Some(Why::plain(SkipReason::Tried));
        }
        if let Some(reason) = facts.unfit {
            return Some(Why::plain(reason));
        }
        if facts.admission == Admission::Deny {
            return Some(Why::plain(SkipReason::OverBudget));
        }
        if self.is_outgrown(index, facts) {
            return Some(Why::plain(SkipReason::ContextTooLong));
        }
        let broke = self.costly(index).filter(|_| facts.retries_left == 0)?;
        Some(Why::spent(&broke.error))
    }

    /// A prompt that was too long for one is too long for others that take no more, and for the same model.
    fn is_outgrown(&self, index: usize, facts: &TargetFacts) -> bool {
        let Some(floor) = self.outgrown else { return false };
        let same =
            |tried: &Tried| tried.error.category == Category::ContextTooLong && self.alike(tried.target, index, true);
        facts.window.is_some_and(|window| window <= floor.max(self.snapshot.tokens.saturating_sub(1)))
            || self.so_far.tried.iter().any(same)
    }

    /// A prompt was too long: whose window is known comes before whose is not.
    pub(super) fn prefers_known_windows(&self) -> bool {
        self.outgrown.is_some()
    }

    /// The failure for which a request to this target's provider costs a retry.
    pub(super) fn costly(&self, index: usize) -> Option<&'a Tried> {
        let retryable = |tried: &&Tried| {
            let category = tried.error.category;
            let ours = tried.slept || circuit::is_offline(&tried.error);
            (category == Category::RateLimited || category.disposition() == Disposition::RetryHere)
                && !ours
                && self.alike(tried.target, index, false)
        };
        self.so_far.tried.iter().rfind(retryable)
    }

    /// Whether two targets have the same provider, and the same model where that matters.
    fn alike(&self, one: usize, other: usize, model: bool) -> bool {
        let (one, other) = (self.route.targets.get(one), self.route.targets.get(other));
        one.zip(other).is_some_and(|(a, b)| a.provider_id == b.provider_id && (!model || a.model == b.model))
    }

    /// The account to ask with, when it is back, and what is in its way: the first that is ready, else the one that is
    /// back soonest.
    fn account(
        &self,
        index: usize,
        facts: &'a TargetFacts,
    ) -> Result<(&'a AccountFacts, i64, Option<Why<'a>>), Why<'a>> {
        let only = self.route.targets.get(index).and_then(|target| target.account_id);
        let mut best: Option<(&AccountFacts, i64, Option<Why<'_>>)> = None;
        let mut used = false;
        for account in facts.accounts.iter().filter(|account| only.is_none_or(|id| id == account.id)) {
            if self.is_used(index, account.id) {
                used = true;
                continue;
            }
            let (back, why) = self.rest(account);
            if why.is_none() {
                return Ok((account, back, None));
            }
            if best.is_none_or(|(_, soonest, _)| back < soonest) {
                best = Some((account, back, why));
            }
        }
        best.ok_or_else(|| Why::plain(if used { SkipReason::Tried } else { SkipReason::NoKey }))
    }

    /// The same account is asked for the same model on one target of a run only.
    fn is_used(&self, index: usize, account_id: i64) -> bool {
        self.so_far.tried.iter().any(|t| t.account_id == account_id && self.alike(t.target, index, true))
    }

    /// When an account is back, and what is in its way.
    fn rest(&self, account: &'a AccountFacts) -> (i64, Option<Why<'a>>) {
        if let Some(rest) = account.rest.as_ref().filter(|rest| rest.holds(self.now)) {
            let rejected = rest.because.category == Category::RejectedKey;
            let reason = if rejected { SkipReason::KeyRejected } else { SkipReason::Throttled };
            let why = Why { reason, until: rest.until, because: Because::Known(&rest.because) };
            return (rest.until.unwrap_or(i64::MAX), Some(why));
        }
        let resting = |until, because| Why { reason: SkipReason::Resting, until, because: Because::Known(because) };
        match &account.circuit {
            Standing::Open { until, because } => (*until, Some(resting(Some(*until), because))),
            Standing::HalfOpen { trying: true, because } => (self.now, Some(resting(None, because))),
            Standing::Closed | Standing::HalfOpen { trying: false, .. } => (self.now, None),
        }
    }
}
