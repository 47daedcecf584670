//! The same target once more: whether, and when.

use std::time::Duration;

use parlance_providers::{Category, Disposition};

use super::{
    decision::Tried,
    order::hash,
    seen::{Run, Why},
    snapshot::{AccountFacts, Admission, Standing},
};
use crate::view::RouteRules;

/// Whether a target is asked again with the same account.
pub(super) enum Again<'a> {
    /// Now.
    Now(&'a AccountFacts),
    /// Not before this, UTC milliseconds.
    At(i64),
    /// It would be, but its provider has failed too often lately.
    Spent(Why<'a>),
    /// No.
    No,
}

impl<'a> Run<'a> {
    /// Whether the target that failed last is asked again with the same account.
    pub(super) fn again(&self, last: &'a Tried, seed: u64) -> Again<'a> {
        let rules = &self.route.rules;
        let tries = self.so_far.tried.iter().filter(|t| (t.target, t.account_id) == (last.target, last.account_id));
        let tries = u32::try_from(tries.count()).unwrap_or(u32::MAX);
        if tries >= rules.tries || !is_retried(last, rules) {
            return Again::No;
        }
        let Some(facts) = self.snapshot.targets.get(last.target) else { return Again::No };
        let fit = facts.unfit.is_none() && facts.admission == Admission::Allow;
        let only = self.route.targets.get(last.target).and_then(|target| target.account_id);
        let account = facts.accounts.iter().find(|account| account.id == last.account_id);
        let account = account.filter(|account| fit && only.is_none_or(|id| id == account.id) && is_closed(account));
        let Some(account) = account else { return Again::No };
        if facts.retries_left == 0
            && let Some(broke) = self.costly(last.target)
        {
            return Again::Spent(Why::spent(&broke.error));
        }
        let limited = facts.limited_until.unwrap_or(self.now);
        if limited.saturating_sub(self.now) > longest_hint_ms(rules) {
            return Again::No;
        }
        let until = until(last, rules, tries, seed).max(limited);
        // A clock that was put back ends a wait, so that none is longer than was meant.
        let over = until <= self.now || self.now < last.ended_at;
        if over { Again::Now(account) } else { Again::At(until) }
    }
}

/// What is wrong with an address, a certificate or a proxy is still wrong a second later.
const LASTING: [&str; 14] = [
    "got_html",
    "needs_tls",
    "not_http",
    "proxy_auth",
    "proxy_no_way",
    "proxy_not_one",
    "proxy_tls",
    "strange_host",
    "tls_bad_certificate",
    "tls_expired",
    "tls_plain_http",
    "tls_unknown_issuer",
    "tls_wrong_name",
    "too_large",
];

/// Whether a failure is one after which the same target may do better soon.
fn is_retried(last: &Tried, rules: &RouteRules) -> bool {
    if last.error.cause.is_some_and(|cause| LASTING.contains(&cause)) {
        return false;
    }
    let hinted = last.error.retry_after;
    let soon = hinted.is_none_or(|hint| hint <= Duration::from_secs(rules.retry_after_s.into()));
    let category = last.error.category;
    let hinted_limit = category == Category::RateLimited && hinted.is_some();
    soon && (category.disposition() == Disposition::RetryHere || hinted_limit)
}

/// Nobody asks twice what rests: only one request may try it, and this run's has failed.
fn is_closed(account: &AccountFacts) -> bool {
    account.circuit == Standing::Closed
}

fn longest_hint_ms(rules: &RouteRules) -> i64 {
    i64::from(rules.retry_after_s) * 1_000
}

/// When the next try is due. What broke because the computer slept is tried at once.
fn until(last: &Tried, rules: &RouteRules, tries: u32, seed: u64) -> i64 {
    let wait = match last.error.retry_after {
        _ if last.slept => 0,
        Some(hint) => i64::try_from(hint.as_millis()).unwrap_or(i64::MAX),
        // A seed may stand for a whole chat: the same wait each time would bring all that failed together back together.
        None => backoff_ms(rules, tries, hash(seed, last.ended_at.cast_unsigned())),
    };
    last.ended_at.saturating_add(wait)
}

/// Full jitter: anything from nothing to the base, doubled with each try, up to the cap. `tries` from 1.
pub(super) fn backoff_ms(rules: &RouteRules, tries: u32, random: u64) -> i64 {
    let doubled = u64::from(rules.backoff_base_ms) << tries.saturating_sub(1).min(30);
    let longest = doubled.min(rules.backoff_cap_ms.into());
    i64::try_from(random % (longest + 1)).unwrap_or(0)
}
