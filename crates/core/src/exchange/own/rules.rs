//! Prices: read and checked as a whole file must be, and named as what has no place yet.

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
    document.prices.iter().try_for_each(|price| checks.price(price))?;
    let of = |kind: &str, count: usize| -> Vec<ImportNote> {
        (0..count).map(|at| note(format!("{kind}[{at}]"), ImportCode::LeftOut, None)).collect()
    };
    Ok(of("prices", document.prices.len()))
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
