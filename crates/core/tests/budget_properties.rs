//! Whatever runs at once, fails, is stopped, ends late or crosses midnight: nobody spends more than a budget has, but
//! for what was under way beyond what it was reckoned with, and nothing stays held.

use std::{collections::BTreeMap, sync::Arc};

use parlance_core::{
    costs::{
        budgets::{Bid, Book, Budget, Consent, Mark, Scope, Spent, Standing},
        reservations::{Hold, Reservations, Taken},
    },
    view::{AtLimit, BudgetPeriod},
};
use proptest::prelude::*;

const DAYS: [&str; 4] = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-11-29"];

/// A ledger and what stands above it, as the app has them.
struct World {
    budgets: Vec<Budget>,
    reservations: Arc<Reservations>,
    /// Day, provider, route, nano-USD.
    ledger: Vec<(&'static str, i64, Option<i64>, i64)>,
    today: &'static str,
    running: Vec<Request>,
}

struct Request {
    bid: Bid,
    hold: Option<Hold>,
    /// What it was let through with, of the budgets that hold it back.
    consent: Consent,
}

impl World {
    fn new(budgets: Vec<Budget>) -> Self {
        let reservations = Arc::default();
        Self { budgets, reservations, ledger: Vec::new(), today: DAYS[0], running: Vec::new() }
    }

    fn spent(&self, budget: &Budget) -> i64 {
        let span = budget.period.around(self.today);
        let counts = |(day, provider, route, _): &&(&str, i64, Option<i64>, i64)| {
            span.holds(day) && budget.counts(*provider, *route)
        };
        self.ledger.iter().filter(counts).map(|(.., nano)| nano).sum()
    }

    /// Reads the book as the app does: from the ledger, where what it knows is older.
    fn book(&self) -> Book {
        let (version, _) = self.reservations.known();
        let standing = |budget: &Budget| Standing {
            span: budget.period.around(self.today),
            spent: Spent { total_nano: self.spent(budget), ..Spent::default() },
            reserved_nano: 0,
            budget: budget.clone(),
        };
        let standings: Vec<_> = self.budgets.iter().map(standing).collect();
        let book = Book::read(self.today.to_owned(), version, Mark::default(), standings);
        self.reservations.learn(&book);
        self.reservations.with_held(&book)
    }

    /// Asks for money by a book that may be old; whether it is let through.
    fn ask(&mut self, bid: Bid, consent: Consent, book: &Book) -> bool {
        let held = match self.reservations.hold(book, bid, consent) {
            Taken::Held(hold) => Some(hold),
            Taken::Denied => None,
            Taken::Stale => match self.reservations.hold(&self.book(), bid, consent) {
                Taken::Held(hold) => Some(hold),
                Taken::Denied => None,
                Taken::Stale => panic!("nothing has changed"),
            },
        };
        let through = held.is_some();
        if let Some(hold) = held {
            self.running.push(Request { bid, hold: Some(hold), consent });
        }
        through
    }

    /// A request ends at this cost and is booked, or is not.
    fn end(&mut self, at: usize, cost: Option<i64>) {
        let mut request = self.running.swap_remove(at);
        if let Some(hold) = &request.hold {
            hold.came_to(Some(cost.unwrap_or(0)));
        }
        if let Some(nano) = cost {
            self.ledger.push((self.today, request.bid.provider_id, request.bid.route_id, nano));
        }
        drop(request.hold.take());
    }
}

#[derive(Clone, Debug)]
enum Event {
    /// Asks a provider on a route, at most this, with this consent, by a book read so many events ago.
    Ask(i64, Option<i64>, Option<i64>, Consent, bool),
    /// One of those under way ends, at a share of what it was reckoned with.
    End(usize, u32),
    /// One is stopped or fails without a cost.
    Fail(usize),
    /// The clock goes to another day, or back.
    Day(usize),
}

fn consent() -> impl Strategy<Value = Consent> {
    prop_oneof![Just(Consent::Nobody), Just(Consent::NotAsked), Just(Consent::Given)]
}

fn event() -> impl Strategy<Value = Event> {
    let most = prop_oneof![8 => (0_i64..60).prop_map(Some), 1 => Just(None)];
    let route = prop_oneof![Just(None), Just(Some(1))];
    prop_oneof![
        6 => (0_i64..3, route, most, consent(), any::<bool>())
            .prop_map(|(provider, route, most, consent, old)| Event::Ask(provider, route, most, consent, old)),
        4 => (any::<prop::sample::Index>(), 0_u32..150).prop_map(|(at, share)| Event::End(at.index(1_000), share)),
        1 => any::<prop::sample::Index>().prop_map(|at| Event::Fail(at.index(1_000))),
        1 => (0..DAYS.len()).prop_map(Event::Day),
    ]
}

fn budgets() -> impl Strategy<Value = Vec<Budget>> {
    let scope = prop_oneof![Just(Scope::All), Just(Scope::Provider(1)), Just(Scope::Route(1))];
    let at_limit = prop_oneof![Just(AtLimit::Warn), Just(AtLimit::Ask), Just(AtLimit::Stop)];
    let period = prop_oneof![Just(BudgetPeriod::Day), Just(BudgetPeriod::Month)];
    let budget = (scope, at_limit, period, 1_i64..200).prop_map(|(scope, at_limit, period, limit_nano)| Budget {
        id: 0,
        scope,
        name: String::new(),
        period,
        limit_nano,
        warn_at: Vec::new(),
        at_limit,
    });
    prop::collection::vec(budget, 1..4).prop_map(|mut budgets| {
        (0_i64..).zip(&mut budgets).for_each(|(id, budget)| budget.id = id);
        budgets
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn nobody_spends_more_than_there_is_but_for_what_was_under_way(
        budgets in budgets(),
        events in prop::collection::vec(event(), 1..120),
    ) {
        let mut world = World::new(budgets);
        let mut old = world.book();
        // By budget and period: what was let through beyond what it was reckoned with, or by a person.
        let mut excess: BTreeMap<(i64, String), i64> = BTreeMap::new();
        for event in events {
            match event {
                Event::Ask(provider_id, route_id, most_nano, consent, by_old) => {
                    let bid = Bid { provider_id, route_id, most_nano };
                    // The app reads a book of the day anew before it decides; one of the day may still be behind.
                    let book = if by_old && old.day() == world.today { old.clone() } else { world.book() };
                    let through = world.ask(bid, consent, &book);
                    let free = most_nano == Some(0);
                    prop_assert!(through || !free, "what is free always passes");
                    let fresh = world.book();
                    let stops = |at: AtLimit| fresh.of(bid).any(|s| {
                        s.budget.at_limit == at && s.spent.total_nano >= s.budget.limit_nano
                    });
                    prop_assert!(!(through && !free && stops(AtLimit::Stop)), "nothing is left, whatever is said");
                    prop_assert!(!(through && !free && consent != Consent::Given && stops(AtLimit::Ask)));
                }
                Event::End(at, share) if !world.running.is_empty() => {
                    let at = at % world.running.len();
                    let Request { bid, consent, .. } = world.running[at];
                    let reckoned = bid.most_nano.unwrap_or(0);
                    let cost = bid.most_nano.map_or(i64::from(share), |most| most * i64::from(share) / 100);
                    let today = world.today;
                    for budget in world.budgets.iter().filter(|b| b.counts(bid.provider_id, bid.route_id)) {
                        let passed = budget.at_limit == AtLimit::Ask && consent == Consent::Given;
                        let more = if passed { cost } else { (cost - reckoned).max(0) };
                        *excess.entry((budget.id, budget.period.around(today).first)).or_default() += more;
                    }
                    world.end(at, Some(cost));
                }
                Event::Fail(at) if !world.running.is_empty() => {
                    let at = at % world.running.len();
                    world.end(at, None);
                }
                Event::End(..) | Event::Fail(_) => {}
                Event::Day(day) => {
                    // What is under way was let through by another day's budget, and is in flight for this one.
                    world.today = DAYS[day];
                    for budget in &world.budgets {
                        let of = |request: &&Request| budget.counts(request.bid.provider_id, request.bid.route_id);
                        let flying: i64 = world.running.iter().filter(of).filter_map(|r| r.bid.most_nano).sum();
                        *excess.entry((budget.id, budget.period.around(world.today).first)).or_default() += flying;
                    }
                }
            }
            for budget in world.budgets.iter().filter(|budget| budget.at_limit != AtLimit::Warn) {
                let over = world.spent(budget) - budget.limit_nano;
                let excused = excess.get(&(budget.id, budget.period.around(world.today).first)).copied().unwrap_or(0);
                prop_assert!(over <= excused, "{budget:?} is over by {over}, and {excused} were under way");
            }
            if !world.running.is_empty() {
                let held: i64 = world.running.iter().map(|request| request.bid.most_nano.unwrap_or(0)).sum();
                prop_assert_eq!(world.reservations.under_way(), (world.running.len(), held));
            }
            old = world.reservations.known().1.unwrap_or_else(|| world.book());
        }
        while !world.running.is_empty() {
            world.end(0, None);
        }
        prop_assert_eq!(world.reservations.under_way(), (0, 0), "nothing stays held");
    }
}

#[test]
fn of_many_threads_that_want_the_last_cent_one_gets_it() {
    let budget = Budget {
        id: 1,
        scope: Scope::All,
        name: String::new(),
        period: BudgetPeriod::Day,
        limit_nano: 100,
        warn_at: Vec::new(),
        at_limit: AtLimit::Stop,
    };
    for _ in 0..50 {
        let mut world = World::new(vec![budget.clone()]);
        world.ledger.push((world.today, 1, None, 99));
        let (reservations, book) = (Arc::clone(&world.reservations), world.book());
        let bid = Bid { provider_id: 1, route_id: None, most_nano: Some(1) };
        let held: Vec<Hold> = std::thread::scope(|scope| {
            let ask = || match reservations.hold(&book, bid, Consent::NotAsked) {
                Taken::Held(hold) => Some(hold),
                Taken::Denied | Taken::Stale => None,
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(held.len(), 1);
    }
}
