//! What requests under way may still take, in memory: held before a request leaves, let go of when it is booked.
//!
//! What was spent is read from the ledger, what is under way is here, and both are looked at under one lock: of two
//! requests that both want the last cent one gets it. A book that was read before something was let go of may not know
//! yet what that came to, so it is not good for a decision any more: whoever has it reads anew.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::budgets::{Bid, Book, Consent, Standing};

/// Everything that is held.
#[derive(Debug, Default)]
pub struct Reservations {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Rises when something is let go of, and when budgets change.
    version: u64,
    next: u64,
    held: HashMap<u64, Held>,
    /// The last book that was read, without what is held.
    book: Option<Book>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    provider_id: i64,
    route_id: Option<i64>,
    nano: i64,
}

/// Money held for one request. Dropping it lets go: after the request is booked, or where it never left.
#[derive(Debug)]
pub struct Hold {
    reservations: Arc<Reservations>,
    id: u64,
}

/// What came of wanting to hold money.
#[derive(Debug)]
pub enum Taken {
    /// It is held.
    Held(Hold),
    /// A budget is in its way.
    Denied,
    /// The book is too old to tell.
    Stale,
}

impl Reservations {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often what is booked has changed, and the last book that was read where it is not older than that.
    pub fn known(&self) -> (u64, Option<Book>) {
        let state = self.state();
        (state.version, state.book.clone().filter(|book| book.version == state.version))
    }

    /// Keeps a book that was read.
    pub fn learn(&self, book: &Book) {
        let mut state = self.state();
        if book.version == state.version {
            state.book = Some(book.clone());
        }
    }

    /// Budgets have changed, or something was booked that nothing was held for.
    pub fn changed(&self) {
        self.state().version += 1;
    }

    /// A book with what is held now.
    pub fn with_held(&self, book: &Book) -> Book {
        let state = self.state();
        let held = |standing: &Standing| Standing { reserved_nano: state.reserved(standing), ..standing.clone() };
        Book { standings: book.standings.iter().map(held).collect(), ..book.clone() }
    }

    /// Holds what a request may take, where it may be paid for. All at once: nobody gets between.
    pub fn hold(self: &Arc<Self>, book: &Book, bid: Bid, consent: Consent) -> Taken {
        let mut state = self.state();
        if book.version != state.version {
            return Taken::Stale;
        }
        let held = |standing: &Standing| Standing { reserved_nano: state.reserved(standing), ..standing.clone() };
        let now = Book { standings: book.of(bid).map(held).collect(), ..Book::default() };
        if !now.admits(bid, consent) {
            return Taken::Denied;
        }
        let id = state.next;
        state.next += 1;
        let nano = bid.most_nano.unwrap_or(0);
        state.held.insert(id, Held { provider_id: bid.provider_id, route_id: bid.route_id, nano });
        Taken::Held(Hold { reservations: Arc::clone(self), id })
    }

    /// How many requests hold something, and how much.
    pub fn under_way(&self) -> (usize, i64) {
        let state = self.state();
        (state.held.len(), state.held.values().fold(0, |sum, held| sum.saturating_add(held.nano)))
    }
}

impl State {
    /// What is held that counts for a budget. A sum beyond 64 bits stays at their end: nothing fits any more.
    fn reserved(&self, standing: &Standing) -> i64 {
        let counts = |held: &&Held| standing.budget.counts(held.provider_id, held.route_id);
        self.held.values().filter(counts).fold(0, |sum, held| sum.saturating_add(held.nano))
    }
}

impl Hold {
    /// The request has ended and came to so much; it is not booked yet. More than was held is held, too.
    pub fn came_to(&self, nano: Option<i64>) {
        if let Some(held) = self.reservations.state().held.get_mut(&self.id) {
            held.nano = nano.unwrap_or(0).max(0);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.reservations.state();
        state.held.remove(&self.id);
        state.version += 1;
        let version = state.version;
        // Where there are no budgets, there are none whatever was booked.
        if let Some(book) = state.book.as_mut().filter(|book| book.standings.is_empty()) {
            book.version = version;
        }
    }
}
