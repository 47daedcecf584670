//! The prices that hold at a moment: what a person gave, before the price data in use.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use parlance_providers::catalog::Vendor;

use super::{
    catalogue::{ListPrice, PriceData},
    entry::Tariff,
    own_prices::OwnPrices,
    price_file::{self, Found},
    rate::RateCard,
};

/// All prices of an open store, kept in memory so that a look-up costs no read. Both halves are swapped as a whole.
#[derive(Debug)]
pub struct PriceBook {
    /// Where the last good copy of fetched data lies.
    kept: PathBuf,
    data: RwLock<Option<Arc<PriceData>>>,
    own: RwLock<Arc<OwnPrices>>,
    /// The kept copy was found broken and was set aside.
    broken: AtomicBool,
}

impl PriceBook {
    /// Prices whose fetched data lies in this file. Nothing is read yet.
    pub fn new(kept: PathBuf) -> Self {
        Self { kept, data: RwLock::default(), own: RwLock::default(), broken: AtomicBool::new(false) }
    }

    /// Where the last good copy of fetched data lies.
    pub fn kept(&self) -> &Path {
        &self.kept
    }

    /// The price data in use: the last good copy where there is one, else what came with the app. The first call reads
    /// it, which takes tens of milliseconds.
    pub fn data(&self) -> Arc<PriceData> {
        let known = self.data.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.unwrap_or_else(|| {
            let mut data = self.data.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(data.get_or_insert_with(|| self.read_data()))
        })
    }

    fn read_data(&self) -> Arc<PriceData> {
        match price_file::look(&self.kept) {
            Found::Good(kept) => return Arc::new(kept),
            Found::Nothing | Found::Older => {}
            Found::Broken => {
                tracing::warn!("the kept copy of price data is broken and is set aside");
                self.broken.store(true, Ordering::Relaxed);
                if let Err(error) = price_file::set_aside(&self.kept) {
                    tracing::warn!(kind = ?error.kind(), "it could not be set aside");
                }
            }
        }
        PriceData::bundled()
    }

    /// True where the kept copy was found broken and nothing was fetched since.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Takes other price data into use.
    pub fn replace_data(&self, data: PriceData) {
        *self.data.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(data));
        self.broken.store(false, Ordering::Relaxed);
    }

    /// What a person gave.
    pub fn own(&self) -> Arc<OwnPrices> {
        Arc::clone(&self.own.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes other prices of a person into use.
    pub fn replace_own(&self, own: OwnPrices) {
        *self.own.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(own);
    }

    /// The prices that hold at a moment: UTC milliseconds, and the local day it is booked on.
    pub fn at(&self, at_ms: i64, day: String) -> Quotes {
        Quotes { data: self.data(), own: self.own(), at_ms, day }
    }
}

/// The prices that hold at one moment.
#[derive(Clone, Debug)]
pub struct Quotes {
    data: Arc<PriceData>,
    own: Arc<OwnPrices>,
    at_ms: i64,
    day: String,
}

impl Quotes {
    /// From both halves; `at_ms` is UTC milliseconds, `day` the local day.
    pub fn new(data: Arc<PriceData>, own: Arc<OwnPrices>, at_ms: i64, day: String) -> Self {
        Self { data, own, at_ms, day }
    }

    /// The moment, UTC milliseconds.
    pub fn at_ms(&self) -> i64 {
        self.at_ms
    }

    /// What a provider of this vendor asks for its models.
    pub fn offer<'a>(&'a self, provider_id: i64, vendor: &'a Vendor) -> Offer<'a> {
        self.of_tariff(provider_id, Tariff::of(vendor))
    }

    /// What a provider asks that charges like this.
    pub fn of_tariff<'a>(&'a self, provider_id: i64, tariff: Tariff<'a>) -> Offer<'a> {
        Offer { quotes: self, provider_id, tariff }
    }
}

/// What a provider asks for its models at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    quotes: &'a Quotes,
    provider_id: i64,
    tariff: Tariff<'a>,
}

/// What a model is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<'a> {
    /// By the person who asks.
    pub asked: &'a str,
    /// In the request.
    pub sent: &'a str,
    /// In the answer, where it says so: this is billed.
    pub served: Option<&'a str>,
}

impl<'a> Names<'a> {
    /// Before there is an answer.
    pub fn before(asked: &'a str, sent: &'a str) -> Self {
        Self { asked, sent, served: None }
    }
}

impl Offer<'_> {
    /// True where nothing is charged, by nature.
    pub fn is_free(&self) -> bool {
        self.tariff == Tariff::Free
    }

    /// The prices of a model for a request of so many input tokens. The one that served is billed: at the person's
    /// price for it, or for the model of which it is a dated version, else at the public one. Only where it has none,
    /// the model asked for stands in. `None` where nobody gave a price.
    pub fn card(&self, names: &Names<'_>, input_total: u64) -> Option<RateCard> {
        if self.is_free() {
            return None;
        }
        let served = names.served.unwrap_or(names.sent);
        let is_same = names.served.is_none() || is_version(names.asked, served) || is_version(names.sent, served);
        let own = |model: &str| self.quotes.own.of(self.provider_id, model, &self.quotes.day);
        let asked = || own(names.asked).or_else(|| own(names.sent));
        own(served)
            .or_else(|| if is_same { asked() } else { None })
            .cloned()
            .or_else(|| self.public(served, input_total))
            .or_else(|| asked().cloned())
            .or_else(|| self.public(names.sent, input_total))
    }

    /// What a list of models shows: as [`Offer::card`] below any tier; nothing where no price is known.
    pub fn list_price(&self, names: &Names<'_>) -> ListPrice {
        let own = |model: &str| self.quotes.own.of(self.provider_id, model, &self.quotes.day);
        match self.tariff {
            Tariff::Free => ListPrice::FREE,
            _ => match (own(names.asked).or_else(|| own(names.sent)), self.tariff) {
                (Some(card), _) => ListPrice { input: card.input, cache_read: card.cache_read, output: card.output },
                (None, Tariff::Catalogue(prices)) => {
                    self.quotes.data.list_price(prices, names.sent, self.quotes.at_ms).unwrap_or_default()
                }
                (None, _) => ListPrice::default(),
            },
        }
    }

    fn public(&self, model: &str, input_total: u64) -> Option<RateCard> {
        match self.tariff {
            Tariff::Catalogue(prices) => self.quotes.data.card(prices, model, input_total, self.quotes.at_ms),
            Tariff::Free | Tariff::Unknown => None,
        }
    }
}

/// Whether a model that served is the one asked for, with the date or number of its version behind the name.
fn is_version(asked: &str, served: &str) -> bool {
    let base = asked.strip_suffix("-latest").unwrap_or(asked);
    let Some(rest) = served.strip_prefix(base) else { return false };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let is_number = rest.starts_with(['-', '@', ':']) && rest[1..].bytes().all(|b| b.is_ascii_digit() || b == b'-');
    served == asked || (is_number && digits >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_a_model_is_that_model() {
        for (asked, served, is) in [
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o-2024-08-06", true),
            ("gpt-4", "gpt-4-0613", true),
            ("claude-haiku-4-5", "claude-haiku-4-5@20251001", true),
            ("mistral-large-latest", "mistral-large-2512", true),
            ("gemini-2.0-flash", "gemini-2.0-flash-001", true),
            ("gpt-4", "gpt-4-32k", false),
            ("gpt-4", "gpt-4o", false),
            ("claude-3", "claude-3-5-sonnet", false),
            ("claude-3", "claude-3-5", false),
            ("grok-3-mini", "grok-4.3", false),
            ("gpt-4é", "gpt-4é-", false),
        ] {
            assert_eq!(is_version(asked, served), is, "{asked} {served}");
        }
    }
}
