//! A route, as far as the decision needs it.

use parlance_providers::Category;

use crate::view::{AfterOutput, RouteRules, RouteStrategy};

/// Whom a run may ask, and by which rules. A chat with a plain model is a route of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Who is asked first.
    pub strategy: RouteStrategy,
    /// Whom it asks, in the user's order.
    pub targets: Vec<Target>,
    /// When it moves on, and how.
    pub rules: RouteRules,
}

/// One target of a route. Two may differ in the account alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The provider.
    pub provider_id: i64,
    /// The only account it may be asked with; `None` for any.
    pub account_id: Option<i64>,
    /// The model as it is asked for.
    pub model: String,
    /// Its share in a weighted route, at least 1.
    pub weight: u32,
}

impl Route {
    /// One model, and nobody else: a chat with a plain model. After output the person chooses.
    pub fn of_one(target: Target) -> Self {
        let rules = RouteRules { after_output: AfterOutput::Keep, ..RouteRules::default() };
        Self { strategy: RouteStrategy::Priority, targets: vec![target], rules }
    }

    /// Whether this failure may hand over to the next target.
    pub fn switches_on(&self, category: Category) -> bool {
        self.rules.switch_on.contains(&category)
    }
}
