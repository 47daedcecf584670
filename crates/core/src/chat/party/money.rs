//! The money of a run: what budgets say of whom it may ask, and what is held for whom it asks.

use parlance_providers::{Category, ProviderError};

use super::Party;
use crate::{
    app::Inner,
    costs::{budgets::Bid, reservations::Taken},
    error::Error,
    fallback::decision::{Skip, Stop},
    history::StoreError,
    view::SkipReason,
};

impl Party {
    /// It has waited: whether there is money is looked at anew before it leaves.
    pub(crate) fn put_back(&mut self) {
        self.hold = None;
    }

    /// Whether a run that nobody can be asked for may be told a kept answer: it is chosen anew as if there were money.
    pub(crate) fn may_recall(&mut self, stop: &Stop) -> bool {
        let Stop::Nobody(skips) = stop else { return false };
        let cache = self.plan.route.rules.cache;
        let recalls = |skip: &Skip| {
            let settled = || self.seat(skip.target).is_some_and(|seat| seat.is_settled(self.purpose.need.temperature));
            skip.reason == SkipReason::OverBudget && (cache.any_temperature || settled())
        };
        let may = !self.unpaid && self.plan.route_id.is_some() && cache.enabled && skips.iter().any(recalls);
        self.unpaid |= may;
        may
    }

    /// Whether it was chosen without money.
    pub(crate) fn is_unpaid(&self) -> bool {
        self.unpaid
    }

    /// Whether a budget keeps a target from being asked, as it stood when the run chose last.
    pub(crate) fn is_over_budget(&self, target: usize) -> bool {
        let bid = self.bid(target);
        bid.is_some_and(|bid| !self.book.admits(bid, self.purpose.consent))
    }

    /// No kept answer was found: from now on there must be money.
    pub(crate) fn pays(&mut self) {
        self.unpaid = false;
    }

    /// Reads how the budgets stand, and what things cost.
    pub(super) async fn look(&mut self, app: &Inner) -> Result<(), StoreError> {
        self.quotes = Some(app.quotes());
        // What it holds itself is not in its own way.
        if self.hold.is_none() {
            self.book = app.book().await?;
        }
        Ok(())
    }

    /// Holds the money that a request to a target may take; false where there is none any more, or nobody can say.
    pub(super) fn pay(&mut self, app: &Inner, target: usize) -> bool {
        if self.unpaid || self.hold.is_some() {
            return true;
        }
        let Some(bid) = self.bid(target) else { return false };
        match app.hold_money(&self.book, bid, self.purpose.consent) {
            Taken::Held(hold) => self.hold = Some(hold),
            Taken::Denied | Taken::Stale => {}
        }
        self.hold.is_some()
    }

    /// What budgets see of a request to a target; `None` before the run has looked at them.
    pub(super) fn bid(&self, target: usize) -> Option<Bid> {
        self.plan.bid(target, &self.purpose.need, self.quotes.as_ref()?)
    }

    /// What budgets keep from being asked, where passing one over would not do: everybody, or whom a person may let
    /// pass.
    pub(super) fn over_budget(&self, skips: &[Skip]) -> Option<Error> {
        let kept = skips.iter().filter(|skip| skip.reason == SkipReason::OverBudget);
        let bids: Vec<Bid> = kept.filter_map(|skip| self.bid(skip.target)).collect();
        let budgets = self.book.stops(&bids, self.purpose.consent);
        let all = bids.len() == skips.len() || budgets.iter().any(|stop| stop.may_pass);
        (all && !budgets.is_empty()).then_some(Error::OverBudget { budgets })
    }
}

/// Without the budgets nobody is asked.
pub(super) fn unread(error: &StoreError) -> ProviderError {
    tracing::warn!(code = error.code(), "the budgets could not be read, and nobody is asked without them");
    ProviderError::because(Category::Internal, "budgets_unread", "the budgets could not be read")
}
