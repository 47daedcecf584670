//! Budgets in our own form: read, checked, and written.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{ConfigError, ConfigFault, Document, Planning};
use crate::{
    costs::budgets::{MOST_SHARES, limit},
    exchange::{PlannedBudget, PlannedScope},
    view::{AtLimit, BudgetPeriod},
};

/// Nano-USD in a dollar.
const DOLLAR: f64 = 1e9;

/// A budget.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::exchange) struct Budget {
    scope: Spanned<String>,
    period: Period,
    limit_usd: Spanned<f64>,
    /// Shares of the limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warn_at: Vec<Spanned<f64>>,
    #[serde(default)]
    at_limit: Word,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Period {
    Day,
    Month,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Warn,
    #[default]
    Ask,
    Stop,
}

impl Budget {
    /// A budget of the store, with the name by which the file knows what it is for.
    pub(in crate::exchange) fn of(planned: &PlannedBudget) -> Self {
        let scope = match &planned.scope {
            PlannedScope::All => "all".to_owned(),
            PlannedScope::Provider(id) => format!("provider:{id}"),
            PlannedScope::Route(id) => format!("route:{id}"),
        };
        Self {
            scope: Spanned::new(0..0, scope),
            period: match planned.period {
                BudgetPeriod::Day => Period::Day,
                BudgetPeriod::Month => Period::Month,
            },
            limit_usd: Spanned::new(0..0, planned.limit_nano as f64 / DOLLAR),
            warn_at: planned.warn_at.iter().map(|share| Spanned::new(0..0, f64::from(*share) / 100.0)).collect(),
            at_limit: match planned.at_limit {
                AtLimit::Warn => Word::Warn,
                AtLimit::Ask => Word::Ask,
                AtLimit::Stop => Word::Stop,
            },
        }
    }
}

/// The budgets of a file, once all of it holds together.
///
/// # Errors
/// [`ConfigError`] with the line of what cannot be used.
pub(super) fn plan(text: &str, document: &Document) -> Result<Vec<PlannedBudget>, ConfigError> {
    let planning = Planning { text, document };
    let mut planned: Vec<PlannedBudget> = Vec::with_capacity(document.budgets.len());
    for (at, budget) in document.budgets.iter().enumerate() {
        let new = planning.budget(at, budget)?;
        if planned.iter().any(|other| (&other.scope, other.period) == (&new.scope, new.period)) {
            let name = budget.scope.get_ref();
            return Err(planning.fault(&budget.scope, ConfigFault::TakenName, name.as_str()));
        }
        planned.push(new);
    }
    Ok(planned)
}

impl Planning<'_> {
    fn budget(&self, at: usize, budget: &Budget) -> Result<PlannedBudget, ConfigError> {
        let limit_nano = limit(*budget.limit_usd.get_ref() * DOLLAR)
            .ok_or_else(|| self.fault(&budget.limit_usd, ConfigFault::WrongValue, "limit_usd"))?;
        let mut warn_at = Vec::with_capacity(budget.warn_at.len());
        for (place, share) in budget.warn_at.iter().enumerate() {
            let hundredths = (share.get_ref() * 100.0).round();
            if !(1.0..=100.0).contains(&hundredths) || place >= MOST_SHARES {
                return Err(self.fault(share, ConfigFault::WrongValue, "warn_at"));
            }
            warn_at.push(hundredths as u32);
        }
        warn_at.sort_unstable();
        warn_at.dedup();
        Ok(PlannedBudget {
            at,
            scope: self.scope(&budget.scope)?,
            period: match budget.period {
                Period::Day => BudgetPeriod::Day,
                Period::Month => BudgetPeriod::Month,
            },
            limit_nano,
            warn_at,
            at_limit: match budget.at_limit {
                Word::Warn => AtLimit::Warn,
                Word::Ask => AtLimit::Ask,
                Word::Stop => AtLimit::Stop,
            },
        })
    }

    fn scope(&self, scope: &Spanned<String>) -> Result<PlannedScope, ConfigError> {
        let text = scope.get_ref();
        let provider = |id: &str| self.document.providers.iter().any(|provider| provider.id.get_ref() == id);
        let route = |id: &str| self.document.routes.iter().any(|route| route.id.get_ref() == id);
        match text.split_once(':') {
            None if text == "all" => Ok(PlannedScope::All),
            Some(("provider", id)) if provider(id) => Ok(PlannedScope::Provider(id.to_owned())),
            Some(("route", id)) if route(id) => Ok(PlannedScope::Route(id.to_owned())),
            _ => Err(self.fault(scope, ConfigFault::UnknownName, text.as_str())),
        }
    }
}
