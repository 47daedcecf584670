//! Budgets: how much may be spent, what is left, and who is told.

use std::sync::Arc;

use rusqlite::{Connection, Transaction};
use tokio::sync::broadcast;

use super::{App, Inner, parse_id};
use crate::{
    costs::{
        budgets::{
            Bid, Book, Consent, MOST_SHARES, Mark, Scope, Standing, limit,
            table::{self, BudgetFields, Passed},
        },
        reservations::{Hold, Reservations, Taken},
    },
    error::Error,
    history::StoreError,
    registry::{routes, tables},
    view::{BudgetInput, BudgetPeriod, BudgetScope, BudgetView, BudgetWarning},
};

/// Warnings that wait for whoever shows them; an older one that nobody took is dropped.
const MOST_NOTICES: usize = 32;

/// What the budgets of an open store are kept with.
pub(crate) struct Purse {
    reservations: Arc<Reservations>,
    notices: broadcast::Sender<BudgetWarning>,
}

impl Default for Purse {
    fn default() -> Self {
        Self { reservations: Arc::default(), notices: broadcast::Sender::new(MOST_NOTICES) }
    }
}

impl Purse {
    /// Budgets have changed.
    pub(crate) fn changed(&self) {
        self.reservations.changed();
    }
}

impl App {
    /// The budgets as they stand: those for everything first, then providers, then routes. Those of what is deleted are
    /// left out.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_budgets(&self) -> Result<Vec<BudgetView>, Error> {
        Ok(self.inner.book().await?.standings.iter().map(Standing::to_view).collect())
    }

    /// Makes or changes a budget.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field: `scope` with `taken` where there is one for the same and as long, or with
    /// `not_found`; `limitNano`, `warnAt`; `not_found` where the budget is gone.
    pub async fn save_budget(&self, input: BudgetInput) -> Result<BudgetView, Error> {
        let id = input.id.as_deref().map(|id| parse_id("id", id)).transpose()?;
        let fields = fields(input)?;
        let now = self.inner.clock.now_ms();
        let day = self.inner.clock.local_day(now);
        let save = move |tx: &Transaction<'_>| {
            if !is_there(tx, fields.scope)? {
                return Ok(Err(Error::invalid("scope", "not_found")));
            }
            if table::find(tx, fields.scope, fields.period)?.is_some_and(|other| Some(other) != id) {
                return Ok(Err(Error::invalid("scope", "taken")));
            }
            table::save(tx, id, &fields, now, &day).map(Ok)
        };
        let id = self.inner.database.write(save).await??;
        self.inner.purse.changed();
        let book = self.inner.book().await?;
        let saved = book.standings.iter().find(|standing| standing.budget.id == id);
        Ok(saved.ok_or(StoreError::NotFound)?.to_view())
    }

    /// Removes a budget. What it counted stays in the ledger.
    ///
    /// # Errors
    /// `not_found`, [`Error::Store`].
    pub async fn remove_budget(&self, id: &str) -> Result<(), Error> {
        let id = parse_id("id", id)?;
        self.inner.database.write(move |tx| table::remove(tx, id)).await?;
        self.inner.purse.changed();
        Ok(())
    }

    /// Shares of budgets as they are passed, whatever passed them: for a desktop notification.
    pub fn notices(&self) -> broadcast::Receiver<BudgetWarning> {
        self.inner.purse.notices.subscribe()
    }

    /// Requests under way for which money is held, and how much, in nano-USD.
    pub fn under_way(&self) -> (usize, i64) {
        self.inner.purse.reservations.under_way()
    }
}

impl Inner {
    /// Every budget as it stands now, with what is under way. Without budgets nothing is read; with an unchanged ledger
    /// nothing is summed up.
    pub(crate) async fn book(&self) -> Result<Book, StoreError> {
        let reservations = &self.purse.reservations;
        let day = self.clock.local_day(self.clock.now_ms());
        let (version, known) = reservations.known();
        let known = known.filter(|book| book.day == day);
        let book = match known {
            Some(book) if book.standings.is_empty() => book,
            known => {
                let read = move |connection: &Connection| match (known, table::mark(connection)?) {
                    (Some(book), mark) if book.mark == mark => Ok(book),
                    (_, mark) => read(connection, day, version, mark),
                };
                let book = self.database.read(read).await?;
                reservations.learn(&book);
                book
            }
        };
        Ok(reservations.with_held(&book))
    }

    /// Holds money for a request, by a book that was just read.
    pub(crate) fn hold_money(&self, book: &Book, bid: Bid, consent: Consent) -> Taken {
        self.purse.reservations.hold(book, bid, consent)
    }

    /// Holds money for a request that nobody is there to be asked about, or says what is in its way.
    ///
    /// # Errors
    /// [`Error::OverBudget`], [`Error::Store`].
    pub(crate) async fn hold_alone(&self, bid: Bid) -> Result<Hold, Error> {
        loop {
            let book = self.book().await?;
            match self.hold_money(&book, bid, Consent::Nobody) {
                Taken::Held(hold) => return Ok(hold),
                Taken::Denied => {
                    let budgets = self.book().await?.stops(&[bid], Consent::Nobody);
                    // Something may have been let go of at that very moment.
                    if !budgets.is_empty() {
                        return Err(Error::OverBudget { budgets });
                    }
                }
                Taken::Stale => {}
            }
        }
    }

    /// The overall budget of the month, else of the day.
    pub(crate) async fn overall_budget(&self) -> Result<Option<BudgetView>, StoreError> {
        let book = self.book().await?;
        let overall =
            |period| book.standings.iter().find(|s| s.budget.scope == Scope::All && s.budget.period == period);
        Ok(overall(BudgetPeriod::Month).or_else(|| overall(BudgetPeriod::Day)).map(Standing::to_view))
    }

    /// Tells of shares that were passed.
    pub(crate) async fn warn(&self, passed: &[Passed]) -> Vec<BudgetWarning> {
        if passed.is_empty() {
            return Vec::new();
        }
        let book = match self.book().await {
            Ok(book) => book,
            Err(error) => {
                tracing::warn!(code = error.code(), "a share of a budget was passed, and the budget could not be read");
                return Vec::new();
            }
        };
        let warning = |passed: &Passed| {
            let standing = book.standings.iter().find(|standing| standing.budget.id == passed.budget_id)?;
            Some(BudgetWarning { budget: standing.to_view(), share: passed.share })
        };
        let warnings: Vec<_> = passed.iter().filter_map(warning).collect();
        for warning in &warnings {
            // Nobody may be there to hear it.
            let _heard = self.purse.notices.send(warning.clone());
        }
        warnings
    }
}

fn read(connection: &Connection, day: String, version: u64, mark: Mark) -> Result<Book, StoreError> {
    let budgets = table::list(connection)?.into_iter();
    let standings = budgets.map(|budget| table::standing(connection, budget, &day)).collect::<Result<_, _>>()?;
    Ok(Book::read(day, version, mark, standings))
}

/// Whether there is what a budget holds for.
fn is_there(connection: &Connection, scope: Scope) -> Result<bool, StoreError> {
    let found = match scope {
        Scope::All => return Ok(true),
        Scope::Provider(id) => tables::get(connection, id).map(|_| true),
        Scope::Route(id) => routes::get(connection, id).map(|route| !route.deleted),
    };
    match found {
        Err(StoreError::NotFound) => Ok(false),
        found => found,
    }
}

/// What a page says of a budget, checked.
fn fields(input: BudgetInput) -> Result<BudgetFields, Error> {
    let BudgetInput { scope, period, limit_nano, mut warn_at, at_limit, id: _ } = input;
    let scope = match &scope {
        BudgetScope::All => Scope::All,
        BudgetScope::Provider { provider_id } => Scope::Provider(parse_id("scope", provider_id)?),
        BudgetScope::Route { route_id } => Scope::Route(parse_id("scope", route_id)?),
    };
    let limit_nano = limit(limit_nano).ok_or(Error::invalid("limitNano", "out_of_range"))?;
    if !warn_at.iter().all(|share| (1..=100).contains(share)) {
        return Err(Error::invalid("warnAt", "out_of_range"));
    }
    warn_at.sort_unstable();
    warn_at.dedup();
    if warn_at.len() > MOST_SHARES {
        return Err(Error::invalid("warnAt", "too_many"));
    }
    Ok(BudgetFields { scope, period, limit_nano, warn_at, at_limit })
}
