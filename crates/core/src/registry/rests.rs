//! Accounts that are left out for a while, because their key was rejected or they were asked too often.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlance_providers::{Category, ProviderError};

use crate::view::FailureView;

/// The longest that an account is left out because it was asked too often, whatever the vendor says.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// The same where the vendor does not say.
const USUAL: Duration = Duration::from_secs(60);

/// Why and until when an account is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Rest {
    /// Since when, UTC milliseconds.
    pub since: i64,
    /// Until when, UTC milliseconds; `None` until its key has changed or proved good.
    pub until: Option<i64>,
    /// Why.
    pub because: FailureView,
}

impl Rest {
    /// What an account needs after this failure; `None` where the failure says nothing of the account.
    pub fn after(error: &ProviderError, now: i64) -> Option<Self> {
        let until = match error.category {
            Category::RejectedKey => None,
            Category::RateLimited => {
                let wait = error.retry_after.unwrap_or(USUAL).min(LONGEST);
                Some(now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
            }
            _ => return None,
        };
        Some(Self { since: now, until, because: FailureView::from(error) })
    }

    /// Whether it is not over yet. A clock that was put back ends a rest, so that none is longer than was meant.
    pub fn holds(&self, now: i64) -> bool {
        self.until.is_none_or(|until| (self.since..until).contains(&now))
    }
}

/// The rests of all accounts, in memory only.
#[derive(Debug, Default)]
pub struct Rests(Mutex<HashMap<i64, Rest>>);

impl Rests {
    fn rests(&self) -> MutexGuard<'_, HashMap<i64, Rest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call with an account has ended: with this error, or well.
    pub fn note(&self, account_id: i64, error: Option<&ProviderError>, now: i64) {
        match error {
            None => self.lift(account_id),
            Some(error) => {
                if let Some(rest) = Rest::after(error, now) {
                    self.rests().insert(account_id, rest);
                }
            }
        }
    }

    /// An account is used again.
    pub fn lift(&self, account_id: i64) {
        self.rests().remove(&account_id);
    }

    /// The rest of an account that rests.
    pub fn of(&self, account_id: i64, now: i64) -> Option<Rest> {
        self.rests().get(&account_id).filter(|rest| rest.holds(now)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(category: Category, retry_after: Option<u64>) -> ProviderError {
        ProviderError { retry_after: retry_after.map(Duration::from_secs), ..ProviderError::new(category, "no") }
    }

    #[test]
    fn a_throttled_account_rests_as_long_as_the_vendor_says_but_no_longer_than_ten_minutes() {
        for (hint, rests_ms) in
            [(Some(7), 7_000), (None, 60_000), (Some(600), 600_000), (Some(86_400), 600_000), (Some(u64::MAX), 600_000)]
        {
            let rest = Rest::after(&failed(Category::RateLimited, hint), 1_000).unwrap();
            assert!(rest.holds(1_000) && rest.holds(1_000 + rests_ms - 1), "{hint:?}");
            assert!(!rest.holds(1_000 + rests_ms), "{hint:?}");
            assert!(!rest.holds(999), "a clock that was put back ends it");
        }
        assert!(!Rest::after(&failed(Category::RateLimited, Some(0)), 1_000).unwrap().holds(1_000));
    }

    #[test]
    fn a_rejected_account_rests_until_it_is_lifted_and_no_other_failure_makes_one_rest() {
        let rests = Rests::default();
        rests.note(1, Some(&failed(Category::RejectedKey, Some(1))), 0);
        assert_eq!(rests.of(1, i64::MAX).unwrap().because.category, Category::RejectedKey);
        assert_eq!(rests.of(2, 0), None);
        rests.note(1, Some(&failed(Category::Network, None)), 5);
        assert!(rests.of(1, 5).is_some(), "a broken connection proves no key");
        rests.note(1, None, 6);
        assert_eq!(rests.of(1, 6), None);
        for category in Category::ALL {
            let rests = matches!(category, Category::RejectedKey | Category::RateLimited);
            assert_eq!(Rest::after(&failed(category, None), 0).is_some(), rests, "{category:?}");
        }
    }
}
