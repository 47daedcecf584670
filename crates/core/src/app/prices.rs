//! Prices: a person's own, and models without one. The list is in `price_list`.

use parlance_providers::catalog::Vendor;
use rusqlite::{Connection, Transaction};

use super::{App, Inner, parse_id};
use crate::{
    costs::{
        Names, Tariff,
        catalogue::is_day,
        own_prices::{self, Kept, OwnPrice, Unpriced},
    },
    error::Error,
    history::StoreError,
    registry::{
        model_name,
        tables::{self, ProviderRow},
    },
    view::{OwnPriceInput, PriceSource, Rates, SavedPrice, UnpricedModel},
};

/// A million dollars for a million tokens: nothing costs that.
const MOST_NANO: f64 = 1e15;
/// A thousand dollars for a request.
const MOST_REQUEST_NANO: f64 = 1e12;
/// Requests that get their amounts in one commit, so that nothing else waits for long.
const AT_ONCE: u32 = 500;

impl App {
    /// Keeps a price that a person gave. With `book_late`, requests that were booked without an amount since its day get
    /// theirs, as adjustments; what has an amount keeps it.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field: `providerId` `not_found` or `free`, `model`, `validFrom` `not_a_day` or
    /// `taken`; [`Error::InvalidPart`] with the kind of price: `empty`, `not_a_number`, `negative`, `too_large`;
    /// `not_found` where the price is gone; [`Error::Store`].
    pub async fn save_price(&self, input: OwnPriceInput) -> Result<SavedPrice, Error> {
        let id = input.id.as_deref().map(|id| parse_id("id", id)).transpose()?.unwrap_or(0);
        let model = model_name(&input.model)?;
        let valid_from = input.valid_from.trim().to_owned();
        if !is_day(&valid_from) {
            return Err(Error::invalid("validFrom", "not_a_day"));
        }
        let rates = checked(&input.rates)?;
        let provider = self.seller(&input.provider_id).await?;
        let now = self.inner.clock.now_ms();
        let price = OwnPrice::new(id, provider.id, model.clone(), valid_from, &rates);
        let save = move |tx: &Transaction<'_>| match own_prices::save(tx, &price, now)? {
            Kept::As(id) => Ok(Some(OwnPrice { id, ..price.clone() })),
            Kept::Taken => Ok(None),
        };
        let kept = self.inner.database.write(save).await?.ok_or(Error::invalid("validFrom", "taken"))?;
        self.inner.reload_own_prices().await?;
        let booked = if input.book_late { self.inner.book_late(provider.id, model, now).await? } else { 0 };
        Ok(SavedPrice { price: kept.to_view(), booked })
    }

    /// Removes a price that a person gave. What was booked with it stays.
    ///
    /// # Errors
    /// `not_found`, [`Error::Store`].
    pub async fn remove_price(&self, id: &str) -> Result<(), Error> {
        let id = parse_id("id", id)?;
        self.inner.database.write(move |tx| own_prices::remove(tx, id)).await?;
        self.inner.reload_own_prices().await
    }

    /// Fetches the published price data. Where it is refused, the prices before stay in force.
    ///
    /// # Errors
    /// [`Error::Prices`] with a word of [`crate::costs::price_file::trouble`]; [`Error::Store`].
    pub async fn refresh_prices(&self) -> Result<PriceSource, Error> {
        self.inner.refresh_prices().await?;
        self.inner.price_source().await
    }

    /// Models that were used and that nobody gave a price, most requests first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn unpriced_models(&self) -> Result<Vec<UnpricedModel>, Error> {
        let read = |connection: &Connection| Ok((own_prices::unpriced(connection)?, tables::list(connection)?));
        let (found, providers) = self.inner.database.read(read).await?;
        let quotes = self.inner.quotes();
        let view = |unpriced: Unpriced| {
            let row = providers.iter().find(|row| row.id == unpriced.provider_id)?;
            let vendor = self.inner.registry.vendor_at(&row.vendor, &row.base_url).ok();
            let names = Names::before(&unpriced.model, &unpriced.model);
            let offer = match &vendor {
                Some(vendor) => quotes.offer(row.id, vendor),
                None => quotes.of_tariff(row.id, Tariff::Unknown),
            };
            // Where it has its prices by now, there is nothing to ask.
            if offer.card(&names, 0).is_some_and(|card| card.input.is_some() && card.output.is_some()) {
                return None;
            }
            Some(UnpricedModel {
                provider_id: row.id.to_string(),
                provider_name: row.name.clone(),
                vendor: row.vendor.clone(),
                model: unpriced.model,
                entries: f64::from(unpriced.entries),
                since: unpriced.since,
                asked: unpriced.asked,
            })
        };
        Ok(found.into_iter().filter_map(view).collect())
    }

    /// Remembers that a person does not want to give a price for a model now.
    ///
    /// # Errors
    /// `not_found`, [`Error::Invalid`], [`Error::Store`].
    pub async fn dismiss_unpriced(&self, provider_id: &str, model: &str) -> Result<(), Error> {
        let (provider_id, model) = (parse_id("providerId", provider_id)?, model_name(model)?);
        let now = self.inner.clock.now_ms();
        Ok(self.inner.database.write(move |tx| own_prices::dismiss(tx, provider_id, &model, now)).await?)
    }

    /// The provider that a price is given for.
    async fn seller(&self, provider_id: &str) -> Result<ProviderRow, Error> {
        let id = parse_id("providerId", provider_id)?;
        let row = match self.inner.database.read(move |connection| tables::get(connection, id)).await {
            Ok(row) if !row.deleted => row,
            Ok(_) | Err(StoreError::NotFound) => return Err(Error::invalid("providerId", "not_found")),
            Err(error) => return Err(error.into()),
        };
        let vendor = self.inner.registry.vendor_at(&row.vendor, &row.base_url);
        let is_free = |vendor: &Vendor| Tariff::of(vendor) == Tariff::Free;
        if vendor.is_ok_and(|vendor| is_free(&vendor)) { Err(Error::invalid("providerId", "free")) } else { Ok(row) }
    }
}

impl Inner {
    /// Reads the person's prices anew, after they were changed.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn reload_own_prices(&self) -> Result<(), Error> {
        self.prices.replace_own(self.database.read(own_prices::load).await?);
        Ok(())
    }

    async fn book_late(&self, provider_id: i64, model: String, now: i64) -> Result<u32, Error> {
        let (own, mut after, mut booked) = (self.prices.own(), Some(0), 0_u32);
        while let Some(from) = after {
            let (own, model) = (own.clone(), model.clone());
            let book = move |tx: &Transaction<'_>| {
                Ok(own_prices::book_late(tx, &own, (provider_id, &model), from, AT_ONCE, now)?)
            };
            let (more, next) = self.database.write(book).await?;
            (booked, after) = (booked.saturating_add(more), next);
        }
        Ok(booked)
    }
}

/// Prices in whole nano-USD, none of them absurd: input and output at least.
fn checked(rates: &Rates) -> Result<Rates, Error> {
    let one = |part: &str, value: Option<f64>, most: f64| {
        let wrong = |reason| Err(Error::invalid_part("rates", part, reason));
        match value {
            None => Ok(None),
            Some(value) if !value.is_finite() => wrong("not_a_number"),
            Some(value) if value < 0.0 => wrong("negative"),
            Some(value) if value > most => wrong("too_large"),
            Some(value) => Ok(Some(value.round())),
        }
    };
    let needed = |part: &str, value: Option<f64>| match value {
        None => Err(Error::invalid_part("rates", part, "empty")),
        some => one(part, some, MOST_NANO),
    };
    Ok(Rates {
        input: needed("input", rates.input)?,
        cache_read: one("cacheRead", rates.cache_read, MOST_NANO)?,
        cache_write: one("cacheWrite", rates.cache_write, MOST_NANO)?,
        output: needed("output", rates.output)?,
        reasoning: one("reasoning", rates.reasoning, MOST_NANO)?,
        request: one("request", rates.request, MOST_REQUEST_NANO)?,
    })
}
