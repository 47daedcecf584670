//! A person's own prices in our own form: read, checked, and written. USD per million tokens; `request` for one request.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{ConfigError, ConfigFault, Document, Planning};
use crate::{
    costs::{Rate, catalogue::is_day},
    exchange::PlannedPrice,
    registry::model_name,
    view::Rates,
};

/// From when on a price holds that names no day.
const ALWAYS: &str = "1970-01-01";
/// Nano-USD in a dollar.
const DOLLAR: f64 = 1e9;

/// A price.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::exchange) struct Price {
    provider: Spanned<String>,
    model: Spanned<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<Spanned<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Spanned<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Spanned<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_read: Option<Spanned<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write: Option<Spanned<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Spanned<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Spanned<f64>>,
}

impl Price {
    /// A price of the store, with the name by which the file knows its provider.
    pub(in crate::exchange) fn of(planned: PlannedPrice) -> Self {
        let word = |text: String| Spanned::new(0..0, text);
        let usd = |nano: Option<f64>| nano.map(|nano| Spanned::new(0..0, nano / DOLLAR));
        let PlannedPrice { provider, model, valid_from, rates, .. } = planned;
        Self {
            provider: word(provider),
            model: word(model),
            valid_from: Some(valid_from).filter(|day| day != ALWAYS).map(word),
            input: usd(rates.input),
            output: usd(rates.output),
            cache_read: usd(rates.cache_read),
            cache_write: usd(rates.cache_write),
            reasoning: usd(rates.reasoning),
            request: usd(rates.request),
        }
    }
}

/// The prices of a file, once all of it holds together.
///
/// # Errors
/// [`ConfigError`] with the line of what cannot be used.
pub(super) fn plan(text: &str, document: &Document) -> Result<Vec<PlannedPrice>, ConfigError> {
    let planning = Planning { text, document };
    let mut planned: Vec<PlannedPrice> = Vec::with_capacity(document.prices.len());
    for (at, price) in document.prices.iter().enumerate() {
        let new = planning.price(at, price)?;
        let place = |price: &PlannedPrice| (price.provider.clone(), price.model.clone(), price.valid_from.clone());
        if planned.iter().any(|other| place(other) == place(&new)) {
            return Err(planning.fault(&price.model, ConfigFault::TakenName, "model"));
        }
        planned.push(new);
    }
    Ok(planned)
}

impl Planning<'_> {
    fn price(&self, at: usize, price: &Price) -> Result<PlannedPrice, ConfigError> {
        let provider = price.provider.get_ref();
        if !self.document.providers.iter().any(|known| known.id.get_ref() == provider) {
            return Err(self.fault(&price.provider, ConfigFault::UnknownName, provider.as_str()));
        }
        let model = model_name(price.model.get_ref());
        let model = model.map_err(|_| self.fault(&price.model, ConfigFault::WrongValue, "model"))?;
        if let Some(day) = price.valid_from.as_ref().filter(|day| !is_day(day.get_ref())) {
            return Err(self.fault(day, ConfigFault::WrongValue, "valid_from"));
        }
        let needed = |key: &str, amount: &Option<Spanned<f64>>| match amount {
            None => Err(self.fault(&price.model, ConfigFault::MissingKey, key)),
            Some(_) => self.amount(key, amount),
        };
        Ok(PlannedPrice {
            at,
            provider: provider.clone(),
            model,
            valid_from: price.valid_from.as_ref().map_or(ALWAYS, |day| day.get_ref().as_str()).to_owned(),
            rates: Rates {
                input: needed("input", &price.input)?,
                output: needed("output", &price.output)?,
                cache_read: self.amount("cache_read", &price.cache_read)?,
                cache_write: self.amount("cache_write", &price.cache_write)?,
                reasoning: self.amount("reasoning", &price.reasoning)?,
                request: self.amount("request", &price.request)?,
            },
        })
    }

    /// Whole nano-USD.
    fn amount(&self, key: &str, amount: &Option<Spanned<f64>>) -> Result<Option<f64>, ConfigError> {
        let Some(amount) = amount else { return Ok(None) };
        let rate = Rate::from_usd(*amount.get_ref());
        rate.map(|rate| Some(rate.nano() as f64)).ok_or_else(|| self.fault(amount, ConfigFault::WrongValue, key))
    }
}
