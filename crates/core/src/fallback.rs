//! Who is asked next. A decision over what is known, and nothing else: no time of its own, no network, no store.

mod bucket;
mod circuit;
pub mod decision;
pub mod health;
mod latency;
pub mod next;
mod order;
mod retry;
pub mod route;
mod seen;
pub mod snapshot;

pub use circuit::is_offline;

use parlance_providers::{Category, Disposition, ProviderError};

use crate::registry::rests::Rest;

/// An account that a run may ask with.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The account.
    pub account_id: i64,
    /// Why it is left out, where it is.
    pub rest: Option<Rest>,
}

/// An account that a run has tried.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The account.
    pub account_id: i64,
    /// How that failed.
    pub error: ProviderError,
    /// Whether any output came before.
    pub output: bool,
}

/// What a run does now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// It asks with this account.
    Attempt(i64),
    /// It ends with this error; `None` where there is nobody to ask.
    Stop(Option<ProviderError>),
}

/// What a run does now, with the accounts of its provider in the user's order and what it has tried so far, the oldest
/// first. No account is tried twice. One that rests is tried only where no other is left: a person who sends wants to
/// know.
pub fn next(accounts: &[Candidate], so_far: &[Tried], now: i64) -> Next {
    if so_far.last().is_none_or(goes_on) {
        let untried = || accounts.iter().filter(|c| so_far.iter().all(|tried| tried.account_id != c.account_id));
        let awake = |c: &&Candidate| c.rest.as_ref().is_none_or(|rest| !rest.holds(now));
        if let Some(candidate) = untried().find(awake).or_else(|| untried().next()) {
            return Next::Attempt(candidate.account_id);
        }
    }
    // A key that could not be had tells less than what a vendor said.
    let said = so_far.iter().rfind(|tried| tried.error.category != Category::MissingKey);
    Next::Stop(said.or(so_far.first()).map(|tried| tried.error.clone()))
}

/// Whether another account may do better.
fn goes_on(tried: &Tried) -> bool {
    let category = tried.error.category;
    !tried.output && (category.disposition() == Disposition::NextAccount || category == Category::MissingKey)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rest(since: i64, until: Option<i64>) -> Rest {
        let error = ProviderError::new(Category::RejectedKey, "no");
        Rest { since, until, ..Rest::after(&error, 0).unwrap() }
    }

    fn accounts(ids: &[(i64, Option<Rest>)]) -> Vec<Candidate> {
        ids.iter().map(|(account_id, rest)| Candidate { account_id: *account_id, rest: rest.clone() }).collect()
    }

    fn tried(account_id: i64, category: Category, output: bool) -> Tried {
        Tried { account_id, error: ProviderError::new(category, account_id.to_string()), output }
    }

    #[test]
    fn the_first_account_that_does_not_rest_and_one_that_rests_where_no_other_is_left() {
        let asleep = || Some(rest(0, None));
        let three = accounts(&[(3, asleep()), (1, None), (2, Some(rest(0, Some(100))))]);
        assert_eq!(next(&three, &[], 50), Next::Attempt(1));
        let throttled = [tried(1, Category::RateLimited, false)];
        assert_eq!(next(&three, &throttled, 50), Next::Attempt(3), "all rest: the user's order");
        assert_eq!(next(&three, &throttled, 100), Next::Attempt(2), "its rest is over");
        assert_eq!(next(&accounts(&[(9, asleep())]), &[], 0), Next::Attempt(9));
        assert_eq!(next(&[], &[], 0), Next::Stop(None));
    }

    #[test]
    fn only_a_key_that_fails_before_any_output_hands_over() {
        let two = accounts(&[(1, None), (2, None)]);
        for category in Category::ALL {
            let expected = match category {
                Category::RejectedKey | Category::RateLimited | Category::MissingKey => Next::Attempt(2),
                _ => Next::Stop(Some(ProviderError::new(category, "1"))),
            };
            assert_eq!(next(&two, &[tried(1, category, false)], 0), expected, "{category:?}");
            let stops = Next::Stop(Some(ProviderError::new(category, "1")));
            assert_eq!(next(&two, &[tried(1, category, true)], 0), stops, "{category:?} after output");
        }
    }

    #[test]
    fn it_ends_with_what_a_vendor_said_last_or_why_the_first_key_is_missing() {
        let two = accounts(&[(1, None), (2, None), (3, None)]);
        let said = [
            tried(2, Category::RejectedKey, false),
            tried(1, Category::RateLimited, false),
            tried(3, Category::MissingKey, false),
        ];
        assert_eq!(next(&two, &said, 0), Next::Stop(Some(said[1].error.clone())));
        let missing = [1, 2, 3].map(|id| tried(id, Category::MissingKey, false));
        assert_eq!(next(&two, &missing, 0), Next::Stop(Some(missing[0].error.clone())));
    }

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let window = prop::option::of((0_i64..50, prop::option::of(0_i64..100)));
        prop::collection::btree_map(0_i64..9, window, 0..7).prop_map(|map| {
            let of = |(account_id, window): (i64, Option<(i64, Option<i64>)>)| Candidate {
                account_id,
                rest: window.map(|(since, until)| rest(since, until)),
            };
            map.into_iter().rev().map(of).collect()
        })
    }

    proptest! {
        #[test]
        fn a_run_ends_asks_nobody_twice_and_keeps_the_order(
            accounts in candidates(),
            answers in prop::collection::vec((0..Category::ALL.len(), prop::bool::weighted(0.1)), 9),
            now in 0_i64..100,
        ) {
            let mut so_far: Vec<Tried> = Vec::new();
            for (category, output) in answers {
                let Next::Attempt(id) = next(&accounts, &so_far, now) else { break };
                prop_assert!(so_far.iter().all(|tried| tried.account_id != id), "twice");
                so_far.push(tried(id, Category::ALL[category], output));
            }
            prop_assert!(so_far.len() <= accounts.len());
            if let Next::Attempt(id) = next(&accounts, &so_far, now) {
                prop_assert!(false, "{id} after everybody was asked");
            }
            let rests = |id: i64| accounts.iter().any(|c| c.account_id == id && c.rest.as_ref().is_some_and(|r| r.holds(now)));
            let place = |id: i64| accounts.iter().position(|c| c.account_id == id);
            let order: Vec<_> = so_far.iter().map(|tried| (rests(tried.account_id), place(tried.account_id))).collect();
            prop_assert!(order.is_sorted(), "those that rest last, each in the user's order: {:?}", order);
            for tried in so_far.iter().rev().skip(1) {
                prop_assert!(!tried.output, "it went on after output");
            }
        }
    }
}
