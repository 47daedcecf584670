//! Budgets: for whom and how long each holds, what is left of it, and who may still be asked. Pure: what was spent and
//! what is under way are given.

pub mod table;

use std::sync::Arc;

use chrono::{Datelike as _, Months, NaiveDate};

use crate::view::{AtLimit, BudgetPeriod, BudgetScope, BudgetStop, BudgetView};

/// Shares at which one budget warns, at most.
pub const MOST_SHARES: usize = 5;
/// A million dollars.
const MOST_LIMIT_NANO: f64 = 1e15;

/// A limit in whole nano-USD; `None` where it is none.
pub fn limit(nano: f64) -> Option<i64> {
    (nano.round() >= 1.0 && nano <= MOST_LIMIT_NANO).then(|| nano.round() as i64)
}

/// What a budget holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// A provider.
    Provider(i64),
    /// A route.
    Route(i64),
}

/// A budget as a person made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Its id.
    pub id: i64,
    /// What it holds for.
    pub scope: Scope,
    /// The provider's or route's name; empty for everything and for the built-in route.
    pub name: String,
    /// How long.
    pub period: BudgetPeriod,
    /// Nano-USD.
    pub limit_nano: i64,
    /// Hundredths of the limit at which to warn, rising.
    pub warn_at: Vec<u32>,
    /// What happens at the limit.
    pub at_limit: AtLimit,
}

/// Days that a budget counts together, by the local calendar, YYYY-MM-DD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub first: String,
    /// The first after them.
    pub next: String,
    /// How many letters of a day name all of it: `YYYY-MM-DD` or `YYYY-MM`.
    named: usize,
}

/// Money that was spent in a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Nano-USD of all that is known.
    pub total_nano: i64,
    /// Of these, not the vendor's own figures.
    pub guessed_nano: i64,
    /// Requests without a known amount.
    pub unknown: u32,
}

/// A budget in its running period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub budget: Budget,
    /// The period.
    pub span: Span,
    /// What is booked.
    pub spent: Spent,
    /// Nano-USD that requests under way may still take.
    pub reserved_nano: i64,
}

/// How far the ledger has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its last row.
    pub last: i64,
    /// The local day on which its sums were compared with its rows last, and made anew where they differed.
    pub checked: Option<String>,
}

/// Every budget as it stands at one moment.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The local day it is of.
    pub(crate) day: String,
    /// How often what is booked has changed before it was read.
    pub(crate) version: u64,
    /// How far the ledger had come.
    pub(crate) mark: Mark,
    /// The budgets.
    pub standings: Arc<[Standing]>,
}

/// A request as budgets see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bid {
    /// Who is asked.
    pub provider_id: i64,
    /// On which route.
    pub route_id: Option<i64>,
    /// Nano-USD it may take; `None` where no price is known, 0 where it costs nothing by nature.
    pub most_nano: Option<i64>,
}

/// What a person lets pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// Nobody is there to ask.
    #[default]
    Nobody,
    /// Somebody is there, and was not asked.
    NotAsked,
    /// Somebody lets the budgets that ask pass, for this one run.
    Given,
}

impl BudgetPeriod {
    /// The days around a local day, YYYY-MM-DD. One that is no day stands for itself.
    pub fn around(self, day: &str) -> Span {
        let named = if self == Self::Day { 10 } else { 7 };
        let alone = || Span { first: day.to_owned(), next: day.to_owned(), named };
        let Ok(date) = NaiveDate::parse_from_str(day, "%Y-%m-%d") else { return alone() };
        let (first, next) = match self {
            Self::Day => (Some(date), date.succ_opt()),
            Self::Month => {
                let first = date.with_day(1);
                (first, first.and_then(|first| first.checked_add_months(Months::new(1))))
            }
        };
        let (Some(first), Some(next)) = (first, next) else { return alone() };
        Span { first: first.to_string(), next: next.to_string(), named }
    }

    /// The name in the store and in configurations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl AtLimit {
    /// The name in the store and in configurations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Ask => "ask",
            Self::Stop => "stop",
        }
    }
}

impl Span {
    /// What the ledger's sums call it.
    pub fn bucket(&self) -> &str {
        self.first.get(..self.named).unwrap_or(&self.first)
    }

    /// Whether a local day lies in it.
    pub fn holds(&self, day: &str) -> bool {
        day == self.first || (self.first.as_str()..self.next.as_str()).contains(&day)
    }
}

impl Budget {
    /// Whether money spent with this provider on this route counts.
    pub fn counts(&self, provider_id: i64, route_id: Option<i64>) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::Provider(id) => id == provider_id,
            Scope::Route(id) => route_id == Some(id),
        }
    }

    /// Hundredths of the limit that are told of. One that only warns tells of its limit, too.
    pub fn shares(&self) -> impl Iterator<Item = u32> + '_ {
        let limit = (self.at_limit == AtLimit::Warn && !self.warn_at.contains(&100)).then_some(100);
        self.warn_at.iter().copied().chain(limit)
    }

    /// Of these, passed with so much spent.
    pub fn passed(&self, spent_nano: i64) -> impl Iterator<Item = u32> + '_ {
        self.shares()
            .filter(move |share| i128::from(spent_nano) * 100 >= i128::from(self.limit_nano) * i128::from(*share))
    }
}

impl Standing {
    /// Nano-USD spent and under way; `None` beyond 64 bits.
    fn taken(&self) -> Option<i64> {
        self.spent.total_nano.checked_add(self.reserved_nano)
    }

    /// Whether a request does not fit any more, whatever a person says to that. What costs nothing always fits; what
    /// costs nobody knows how much fits while there is something left.
    pub fn is_over(&self, most_nano: Option<i64>) -> bool {
        let most = match most_nano {
            Some(0) => return false,
            Some(nano) => nano,
            None => 1,
        };
        self.taken().and_then(|taken| taken.checked_add(most)).is_none_or(|all| all > self.budget.limit_nano)
    }

    /// The highest share that so much more would pass and that is not passed yet, in hundredths.
    pub fn nears(&self, nano: i64) -> Option<u32> {
        let taken = self.taken().unwrap_or(i64::MAX);
        let before = self.budget.passed(taken).max();
        self.budget.passed(taken.saturating_add(nano)).max().filter(|share| Some(*share) > before)
    }
}

impl Book {
    /// Budgets with what is booked, read after the `version`th change.
    pub fn read(day: String, version: u64, mark: Mark, standings: Vec<Standing>) -> Self {
        Self { day, version, mark, standings: standings.into() }
    }

    /// The local day it is of, YYYY-MM-DD.
    pub fn day(&self) -> &str {
        &self.day
    }

    /// The budgets that a request does not fit into.
    pub fn in_the_way(&self, bid: Bid) -> impl Iterator<Item = &Standing> {
        let denies =
            move |standing: &&Standing| standing.budget.at_limit != AtLimit::Warn && standing.is_over(bid.most_nano);
        self.of(bid).filter(denies)
    }

    /// The budgets that a request counts for.
    pub fn of(&self, bid: Bid) -> impl Iterator<Item = &Standing> {
        let (provider, route) = (bid.provider_id, bid.route_id);
        self.standings.iter().filter(move |standing| standing.budget.counts(provider, route))
    }

    /// Whether a request may be paid for.
    pub fn admits(&self, bid: Bid, consent: Consent) -> bool {
        let passes = |standing: &Standing| standing.budget.at_limit == AtLimit::Ask && consent == Consent::Given;
        self.in_the_way(bid).all(passes)
    }

    /// Whether it would do for a person to let it pass.
    pub fn may_pass(&self, bid: Bid, consent: Consent) -> bool {
        consent != Consent::Nobody && self.in_the_way(bid).all(|standing| standing.budget.at_limit == AtLimit::Ask)
    }

    /// What keeps requests from being paid for, each budget once: where it would do for a person to let one pass,
    /// what keeps that one.
    pub fn stops(&self, bids: &[Bid], consent: Consent) -> Vec<BudgetStop> {
        let denied: Vec<Bid> = bids.iter().copied().filter(|bid| !self.admits(*bid, consent)).collect();
        let passing: Vec<Bid> = denied.iter().copied().filter(|bid| self.may_pass(*bid, consent)).collect();
        let (meant, may_pass) = if passing.is_empty() { (denied, false) } else { (passing, true) };
        let mut stops: Vec<BudgetStop> = Vec::new();
        for bid in meant {
            for standing in self.in_the_way(bid) {
                let id = standing.budget.id.to_string();
                if stops.iter().all(|stop| stop.budget.id != id) {
                    let expected_nano = bid.most_nano.map(|nano| nano as f64);
                    stops.push(BudgetStop { budget: standing.to_view(), expected_nano, may_pass });
                }
            }
        }
        stops
    }
}

impl From<Scope> for BudgetScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::All => Self::All,
            Scope::Provider(id) => Self::Provider { provider_id: id.to_string() },
            Scope::Route(id) => Self::Route { route_id: id.to_string() },
        }
    }
}

impl Standing {
    /// For the screen.
    pub fn to_view(&self) -> BudgetView {
        let Self { budget, span, spent, reserved_nano } = self;
        BudgetView {
            id: budget.id.to_string(),
            scope: budget.scope.into(),
            name: budget.name.clone(),
            period: budget.period,
            limit_nano: budget.limit_nano as f64,
            warn_at: budget.warn_at.clone(),
            at_limit: budget.at_limit,
            spent_nano: spent.total_nano as f64,
            guessed_nano: spent.guessed_nano as f64,
            reserved_nano: *reserved_nano as f64,
            unknown: f64::from(spent.unknown),
            until: span.next.clone(),
            warned: budget.passed(spent.total_nano).max().unwrap_or(0),
            reached: spent.total_nano >= budget.limit_nano,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(at_limit: AtLimit, limit: i64, spent: i64, reserved: i64) -> Standing {
        Standing {
            budget: Budget {
                id: 1,
                scope: Scope::All,
                name: String::new(),
                period: BudgetPeriod::Month,
                limit_nano: limit,
                warn_at: vec![50, 80],
                at_limit,
            },
            span: BudgetPeriod::Month.around("2026-11-22"),
            spent: Spent { total_nano: spent, ..Spent::default() },
            reserved_nano: reserved,
        }
    }

    #[test]
    fn periods_are_local_days_and_months() {
        let all = |span: Span| (span.first.clone(), span.next.clone(), span.bucket().to_owned());
        let of = |first: &str, next: &str, bucket: &str| (first.to_owned(), next.to_owned(), bucket.to_owned());
        assert_eq!(all(BudgetPeriod::Day.around("2026-12-31")), of("2026-12-31", "2027-01-01", "2026-12-31"));
        assert_eq!(all(BudgetPeriod::Month.around("2026-12-31")), of("2026-12-01", "2027-01-01", "2026-12"));
        assert_eq!(all(BudgetPeriod::Month.around("2028-02-29")), of("2028-02-01", "2028-03-01", "2028-02"));
        assert_eq!(all(BudgetPeriod::Day.around("no day")), of("no day", "no day", "no day"));
        let month = BudgetPeriod::Month.around("2026-11-22");
        assert!(month.holds("2026-11-01") && month.holds("2026-11-30") && !month.holds("2026-12-01"));
    }

    #[test]
    fn the_last_cent_fits_and_nothing_beyond_it() {
        let standing = standing(AtLimit::Stop, 100, 60, 30);
        assert!(!standing.is_over(Some(10)) && standing.is_over(Some(11)));
        assert!(!standing.is_over(None), "nobody knows, and there is something left");
        assert!(standing.is_over(Some(i64::MAX)), "a sum beyond 64 bits does not fit");
    }

    #[test]
    fn what_costs_nothing_fits_where_nothing_is_left() {
        let full = standing(AtLimit::Stop, 100, 170, 0);
        assert!(!full.is_over(Some(0)));
        assert!(full.is_over(None) && full.is_over(Some(1)));
        assert!(standing(AtLimit::Stop, 100, 100, 0).is_over(None));
    }

    #[test]
    fn a_budget_that_asks_stops_whom_nobody_lets_pass() {
        let bid = Bid { provider_id: 7, route_id: None, most_nano: Some(1) };
        let book = |at_limit| Book { standings: [standing(at_limit, 100, 100, 0)].into(), ..Book::default() };
        for (at_limit, nobody, not_asked, given) in [
            (AtLimit::Warn, true, true, true),
            (AtLimit::Ask, false, false, true),
            (AtLimit::Stop, false, false, false),
        ] {
            let book = book(at_limit);
            let all = [Consent::Nobody, Consent::NotAsked, Consent::Given].map(|consent| book.admits(bid, consent));
            assert_eq!(all, [nobody, not_asked, given], "{at_limit:?}");
        }
        let stops = book(AtLimit::Ask).stops(&[bid], Consent::NotAsked);
        assert!(stops.len() == 1 && stops[0].may_pass && stops[0].expected_nano == Some(1.0));
        assert!(!book(AtLimit::Ask).stops(&[bid], Consent::Nobody)[0].may_pass);
        assert!(!book(AtLimit::Stop).stops(&[bid], Consent::NotAsked)[0].may_pass);
    }

    #[test]
    fn where_one_target_may_pass_only_what_keeps_it_is_told() {
        let mut asks = standing(AtLimit::Ask, 100, 100, 0);
        asks.budget.scope = Scope::Provider(1);
        let mut stops = standing(AtLimit::Stop, 100, 100, 0);
        (stops.budget.id, stops.budget.scope) = (2, Scope::Provider(2));
        let book = Book { standings: [asks, stops].into(), ..Book::default() };
        let bid = |provider_id| Bid { provider_id, route_id: None, most_nano: Some(5) };
        let told = book.stops(&[bid(1), bid(2)], Consent::NotAsked);
        assert_eq!(told.iter().map(|stop| (stop.budget.id.as_str(), stop.may_pass)).collect::<Vec<_>>(), [("1", true)]);
        let told = book.stops(&[bid(2), bid(2)], Consent::NotAsked);
        assert_eq!(
            told.iter().map(|stop| (stop.budget.id.as_str(), stop.may_pass)).collect::<Vec<_>>(),
            [("2", false)]
        );
    }

    #[test]
    fn a_share_is_passed_when_it_is_reached() {
        let standing = standing(AtLimit::Warn, 1_000, 0, 0);
        let passed = |spent| standing.budget.passed(spent).collect::<Vec<_>>();
        assert_eq!(passed(499), Vec::<u32>::new());
        assert_eq!(passed(500), [50]);
        assert_eq!(passed(1_000), [50, 80, 100], "one that only warns tells of its limit");
        assert_eq!(passed(i64::MAX), [50, 80, 100]);
        assert_eq!((standing.nears(499), standing.nears(500), standing.nears(900)), (None, Some(50), Some(80)));
    }
}
