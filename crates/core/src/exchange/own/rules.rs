//! Budgets and prices: read and checked as a whole file must be, and named as what has no place yet.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, ConfigFault, Document};
use crate::{
    exchange::note,
    view::{ImportCode, ImportNote},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    scope: Spanned<String>,
    #[serde(rename = "period")]
    _period: Period,
    limit_usd: Spanned<f64>,
    #[serde(default)]
    warn_at: Vec<Spanned<f64>>,
    #[serde(default, rename = "at_limit")]
    _at_limit: AtLimit,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Period {
    Day,
    Month,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AtLimit {
    Warn,
    #[default]
    Ask,
    Stop,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    provider: Spanned<String>,
    #[serde(rename = "model")]
    _model: String,
    valid_from: Option<Spanned<String>>,
    input: Option<Spanned<f64>>,
    output: Option<Spanned<f64>>,
    cache_read: Option<Spanned<f64>>,
    cache_write: Option<Spanned<f64>>,
}

/// Whether they hold together; what is left out of each.
pub(super) fn check(text: &str, document: &Document) -> Result<Vec<ImportNote>, ConfigError> {
    let checks = Checks { text, document };
    document.budgets.iter().try_for_each(|budget| checks.budget(budget))?;
    document.prices.iter().try_for_each(|price| checks.price(price))?;
    let of = |kind: &str, count: usize| -> Vec<ImportNote> {
        (0..count).map(|at| note(format!("{kind}[{at}]"), ImportCode::LeftOut, None)).collect()
    };
    Ok([of("budgets", document.budgets.len()), of("prices", document.prices.len())].concat())
}

struct Checks<'a> {
    text: &'a str,
    document: &'a Document,
}

impl Checks<'_> {
    fn fault<T, U>(&self, place: &Spanned<T>, fault: ConfigFault, name: Option<&str>) -> Result<U, ConfigError> {
        Err(ConfigError::at(self.text, place.span().start, fault, name))
    }

    fn provider(&self, name: &Spanned<String>) -> Result<(), ConfigError> {
        let known = self.document.providers.iter().any(|provider| provider.id.get_ref() == name.get_ref());
        if known { Ok(()) } else { self.fault(name, ConfigFault::UnknownName, Some(name.get_ref())) }
    }

    fn budget(&self, budget: &Budget) -> Result<(), ConfigError> {
        let scope = budget.scope.get_ref();
        let known = match scope.split_once(':') {
            None => scope == "all",
            Some(("provider", id)) => self.document.providers.iter().any(|provider| provider.id.get_ref() == id),
            Some(("route", id)) => self.document.routes.iter().any(|route| route.id.get_ref() == id),
            Some(_) => false,
        };
        if !known {
            return self.fault(&budget.scope, ConfigFault::UnknownName, Some(scope));
        }
        self.amount(&budget.limit_usd, "limit_usd")?;
        budget.warn_at.iter().try_for_each(|share| self.amount(share, "warn_at"))
    }

    fn price(&self, price: &Price) -> Result<(), ConfigError> {
        self.provider(&price.provider)?;
        if let Some(day) = &price.valid_from
            && NaiveDate::parse_from_str(day.get_ref(), "%Y-%m-%d").is_err()
        {
            return self.fault(day, ConfigFault::WrongValue, Some("valid_from"));
        }
        let amounts = [&price.input, &price.output, &price.cache_read, &price.cache_write];
        amounts.into_iter().flatten().try_for_each(|amount| self.amount(amount, "price"))
    }

    fn amount(&self, amount: &Spanned<f64>, name: &str) -> Result<(), ConfigError> {
        let fits = amount.get_ref().is_finite() && *amount.get_ref() >= 0.0;
        if fits { Ok(()) } else { self.fault(amount, ConfigFault::WrongValue, Some(name)) }
    }
}
