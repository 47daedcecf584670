//! The circuit of one account and model: closed, open, half-open (NET-10). Told the time, and nothing else.

use std::collections::VecDeque;

use parlance_providers::{Category, Disposition, ProviderError};

use super::snapshot::Standing;
use crate::view::{FailureView, RouteRules};

/// A request that tries a half-open circuit and is never heard of again keeps others out for so long, in milliseconds.
const LOST: i64 = 10 * 60_000;
/// No rest is longer than this, in milliseconds, whatever a store says: the most that a route may be told.
pub(super) const LONGEST_REST: i64 = 86_400_000;
/// The longest time that failures count together, in milliseconds.
const LONGEST_WINDOW: i64 = 3_600_000;

/// Causes that tell of this computer's own connection and nothing of the vendor.
const OURS: [&str; 3] = ["dns", "unreachable", "proxy_unreachable"];

/// Whether a failure says that this computer is not connected, rather than anything about the vendor.
pub fn is_offline(error: &ProviderError) -> bool {
    error.category == Category::Network && error.cause.is_some_and(|cause| OURS.contains(&cause))
}

/// Whether a failure speaks against a target: what a vendor says about a key, a limit or a request does not.
pub(super) fn counts(error: &ProviderError) -> bool {
    error.category.disposition() == Disposition::RetryHere && !is_offline(error)
}

/// One circuit.
#[derive(Clone, Debug, Default)]
pub(super) struct Circuit {
    /// When it failed while it was closed, in a row, UTC milliseconds, the oldest first.
    failures: VecDeque<i64>,
    open: Option<Open>,
}

/// It rests, or waits for a request to try it.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// Since when, UTC milliseconds.
    pub(super) since: i64,
    /// Until when it rests.
    pub(super) until: i64,
    /// Times that it opened again without an answer between.
    pub(super) doublings: u32,
    /// What made it rest.
    pub(super) because: FailureView,
    /// Since when a request tries it.
    trying: Option<i64>,
}

impl Circuit {
    /// One that was open when the app ended.
    pub(super) fn opened(since: i64, until: i64, doublings: u32, because: FailureView) -> Self {
        let until = until.min(since.saturating_add(LONGEST_REST));
        Self { failures: VecDeque::new(), open: Some(Open { since, until, doublings, because, trying: None }) }
    }

    /// Where it stands.
    pub(super) fn standing(&self, now: i64) -> Standing {
        match &self.open {
            None => Standing::Closed,
            Some(open) if open.rests(now) => Standing::Open { until: open.until, because: open.because.clone() },
            Some(open) => Standing::HalfOpen { trying: open.is_tried(now), because: open.because.clone() },
        }
    }

    /// What it rests for, where it is not closed.
    pub(super) fn open(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// A request means to try it; false where its rest is over and another one tries it already. One that still rests
    /// keeps nobody out who asks in spite of it: that was decided with open eyes.
    pub(super) fn try_it(&mut self, now: i64) -> bool {
        let Some(open) = &mut self.open else { return true };
        let taken = open.is_tried(now);
        if !taken {
            open.trying = Some(now);
        }
        !taken || open.rests(now)
    }

    /// A request ended in a way that says nothing.
    pub(super) fn let_go(&mut self) {
        if let Some(open) = &mut self.open {
            open.trying = None;
        }
    }

    /// A request failed in a way that speaks against it. True where it opened, or opened anew.
    pub(super) fn fail(&mut self, rules: &RouteRules, because: &ProviderError, now: i64) -> bool {
        match &self.open {
            // Only the one that tries it says something: the others were under way when it opened.
            Some(open) if open.trying.is_none() && open.rests(now) => false,
            Some(open) => {
                self.rest(rules, open.doublings.saturating_add(1), because, now);
                true
            }
            None => {
                let window = i64::from(rules.window_s) * 1_000;
                self.failures.retain(|at| (0..window).contains(&now.saturating_sub(*at)));
                self.failures.push_back(now);
                let enough = self.failures.len() >= rules.failures.max(1) as usize;
                if enough {
                    self.rest(rules, 0, because, now);
                }
                enough
            }
        }
    }

    fn rest(&mut self, rules: &RouteRules, doublings: u32, because: &ProviderError, now: i64) {
        let (first, cap) = (i64::from(rules.rest_s) * 1_000, i64::from(rules.rest_cap_s) * 1_000);
        let rest = first.saturating_mul(1_i64 << doublings.min(20)).min(cap.max(first)).min(LONGEST_REST);
        let because = FailureView::from(because);
        self.failures.clear();
        self.open = Some(Open { since: now, until: now.saturating_add(rest), doublings, because, trying: None });
    }

    /// Whether it tells nothing any more and can be forgotten.
    pub(super) fn is_stale(&self, now: i64) -> bool {
        let old = |at: &i64| !(0..LONGEST_WINDOW).contains(&now.saturating_sub(*at));
        self.open.is_none() && self.failures.back().is_none_or(old)
    }

    /// When something was heard of it last, UTC milliseconds.
    pub(super) fn heard(&self) -> i64 {
        self.open.as_ref().map_or_else(|| self.failures.back().copied().unwrap_or(i64::MIN), |open| open.since)
    }
}

impl Open {
    /// A clock that was put back ends a rest, so that none is longer than was meant.
    fn rests(&self, now: i64) -> bool {
        (self.since..self.until).contains(&now)
    }

    fn is_tried(&self, now: i64) -> bool {
        self.trying.is_some_and(|since| (0..LOST).contains(&now.saturating_sub(since)))
    }
}
