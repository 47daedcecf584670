//! Prices that a person gave: the tables `own_price` and `price_question`, and what was booked before there was a price.

use std::collections::HashMap;

use parlance_providers::Usage;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, params};

use super::{
    ledger::{self, LateFigure, LedgerError},
    price::price,
    rate::{Rate, RateCard},
};
use crate::{
    history::StoreError,
    view::{CostSource, OwnPriceView, Rates},
};

/// How own prices are named as the source of a card.
pub(super) const SOURCE: &str = "own price";
/// Requests in a million: the fee for one is kept in nano-USD, a rate is for a million.
const MILLION: u64 = 1_000_000;

/// A price that a person gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPrice {
    /// Its row; 0 before it has one.
    pub id: i64,
    /// Whose model.
    pub provider_id: i64,
    /// The model, as it is asked for or billed.
    pub model: String,
    /// The local day from which on it holds, YYYY-MM-DD.
    pub valid_from: String,
    /// The prices.
    pub card: RateCard,
}

impl OwnPrice {
    /// From prices in nano-USD, which must be whole and in range: input and output at least.
    pub fn new(id: i64, provider_id: i64, model: String, valid_from: String, rates: &Rates) -> Self {
        let rate = |nano: Option<f64>| nano.map(|nano| Rate::from_nano(nano as u64));
        let card = RateCard {
            input: rate(rates.input),
            cache_read: rate(rates.cache_read),
            cache_write: rate(rates.cache_write),
            output: rate(rates.output),
            reasoning: rate(rates.reasoning),
            request: rates.request.map(|nano| Rate::from_nano((nano as u64).saturating_mul(MILLION))),
            source: SOURCE.to_owned(),
            date: valid_from.clone(),
            ..RateCard::default()
        };
        Self { id, provider_id, model, valid_from, card }
    }

    /// For the screen.
    pub fn to_view(&self) -> OwnPriceView {
        OwnPriceView {
            id: self.id.to_string(),
            provider_id: self.provider_id.to_string(),
            model: self.model.clone(),
            valid_from: self.valid_from.clone(),
            rates: rates(&self.card),
        }
    }
}

/// The prices of a card for the screen, in nano-USD per million tokens, for the request nano-USD.
pub fn rates(card: &RateCard) -> Rates {
    let nano = |rate: Option<Rate>| rate.map(|rate| rate.nano() as f64);
    Rates {
        input: nano(card.input),
        cache_read: nano(card.cache_read),
        cache_write: nano(card.cache_write),
        output: nano(card.output),
        reasoning: nano(card.reasoning),
        request: nano(card.request).map(|nano| nano / MILLION as f64),
    }
}

/// All prices that a person gave, by provider and model, the newest first.
#[derive(Clone, Debug, Default)]
pub struct OwnPrices(HashMap<(i64, String), Vec<OwnPrice>>);

impl OwnPrices {
    /// Of these.
    pub fn new(prices: impl IntoIterator<Item = OwnPrice>) -> Self {
        let mut all: HashMap<_, Vec<OwnPrice>> = HashMap::new();
        for price in prices {
            all.entry((price.provider_id, price.model.clone())).or_default().push(price);
        }
        all.values_mut().for_each(|prices| prices.sort_by(|a, b| b.valid_from.cmp(&a.valid_from)));
        Self(all)
    }

    /// What holds on a local day: the newest that is not after it.
    pub fn of(&self, provider_id: i64, model: &str, day: &str) -> Option<&RateCard> {
        self.history(provider_id, model).iter().find(|price| price.valid_from.as_str() <= day).map(|price| &price.card)
    }

    /// All of a model, newest first.
    pub fn history(&self, provider_id: i64, model: &str) -> &[OwnPrice] {
        if self.0.is_empty() {
            return &[];
        }
        self.0.get(&(provider_id, model.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Every model that has one, with its provider.
    pub fn models(&self) -> impl Iterator<Item = (i64, &str)> {
        self.0.keys().map(|(provider_id, model)| (*provider_id, model.as_str()))
    }
}

const COLUMNS: &str =
    "id, provider_id, model, valid_from, input, cache_read, cache_write, output, reasoning, request FROM own_price";

/// Reads all of them.
///
/// # Errors
/// Those of the store.
pub fn load(connection: &Connection) -> Result<OwnPrices, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS}"))?;
    let rows = statement.query_map([], from_row)?;
    Ok(OwnPrices::new(rows.collect::<Result<Vec<_>, _>>()?))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<OwnPrice> {
    let nano = |column: usize| row.get::<_, Option<i64>>(column).map(|nano| nano.map(|nano| nano as f64));
    let rates = Rates {
        input: nano(4)?,
        cache_read: nano(5)?,
        cache_write: nano(6)?,
        output: nano(7)?,
        reasoning: nano(8)?,
        request: nano(9)?,
    };
    Ok(OwnPrice::new(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, &rates))
}

/// What came of keeping a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is the row of this id.
    As(i64),
    /// The model has another price from that day on.
    Taken,
}

/// Keeps a price: a new one where its id is 0, else in place of what it was.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such price; those of the store.
pub fn save(tx: &Transaction<'_>, price: &OwnPrice, now: i64) -> Result<Kept, StoreError> {
    let taken = "SELECT id FROM own_price WHERE provider_id = ?1 AND model = ?2 AND valid_from = ?3 AND id <> ?4";
    let place = params![price.provider_id, price.model, price.valid_from, price.id];
    if tx.query_row(taken, place, |_| Ok(())).optional()?.is_some() {
        return Ok(Kept::Taken);
    }
    let rates = rates(&price.card);
    let nano = |value: Option<f64>| value.map(|value| value as i64);
    let kinds =
        [rates.input, rates.cache_read, rates.cache_write, rates.output, rates.reasoning, rates.request].map(nano);
    let [input, cache_read, cache_write, output, reasoning, request] = &kinds;
    let values: [&dyn ToSql; 11] = [
        &price.provider_id,
        &price.model,
        &price.valid_from,
        input,
        cache_read,
        cache_write,
        output,
        reasoning,
        request,
        &now,
        &price.id,
    ];
    if price.id != 0 {
        let changed = tx.execute(
            "UPDATE own_price SET provider_id = ?1, model = ?2, valid_from = ?3, input = ?4, cache_read = ?5,
                 cache_write = ?6, output = ?7, reasoning = ?8, request = ?9, updated_at = ?10 WHERE id = ?11",
            &values[..],
        )?;
        return if changed == 0 { Err(StoreError::NotFound) } else { Ok(Kept::As(price.id)) };
    }
    tx.execute(
        "INSERT INTO own_price (provider_id, model, valid_from, input, cache_read, cache_write, output, reasoning,
             request, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
        &values[..10],
    )?;
    Ok(Kept::As(tx.last_insert_rowid()))
}

/// Removes a price. What was booked with it stays.
///
/// # Errors
/// [`StoreError::NotFound`]; those of the store.
pub fn remove(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM own_price WHERE id = ?1", [id])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// A model with requests that have no known amount, though their tokens are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpriced {
    /// Whose model.
    pub provider_id: i64,
    /// The model billed.
    pub model: String,
    /// Requests.
    pub entries: u32,
    /// The first local day of these.
    pub since: String,
    /// The person said "not now".
    pub asked: bool,
}

/// Models whose requests a price would give an amount, most requests first. Adjusted ones have theirs.
///
/// # Errors
/// Those of the store.
pub fn unpriced(connection: &Connection) -> Result<Vec<Unpriced>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT l.provider_id, l.model, COUNT(*), MIN(l.booked_day),
                EXISTS (SELECT 1 FROM price_question q WHERE q.provider_id = l.provider_id AND q.model = l.model)
           FROM ledger l JOIN provider p ON p.id = l.provider_id
          WHERE l.kind = 'entry' AND l.source = 'unknown' AND p.deleted_at IS NULL
            AND l.input_total IS NOT NULL AND l.output_total IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM ledger late WHERE late.adjusts = l.id)
          GROUP BY l.provider_id, l.model ORDER BY COUNT(*) DESC, l.model",
    )?;
    let rows = statement.query_map([], |row| {
        let (provider_id, model, entries) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Unpriced { provider_id, model, entries, since: row.get(3)?, asked: row.get(4)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Remembers that a person does not want to give a price for a model now.
///
/// # Errors
/// [`StoreError::NotFound`] where there is no such provider; those of the store.
pub fn dismiss(tx: &Transaction<'_>, provider_id: i64, model: &str, now: i64) -> Result<(), StoreError> {
    let kept = tx.execute(
        "INSERT INTO price_question (provider_id, model, answered_at) SELECT id, ?2, ?3 FROM provider WHERE id = ?1
         ON CONFLICT (provider_id, model) DO UPDATE SET answered_at = excluded.answered_at",
        params![provider_id, model, now],
    )?;
    if kept == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Gives requests that were booked without an amount the amounts that the person's prices come to, as adjustments on
/// their days: at most `limit` of them, in the order in which they were booked, those after the entry `after`. An entry
/// that was adjusted stays as it is, and one whose tokens nobody knows stays unknown. Says how many were booked and
/// the last entry that was looked at; `None` at the end.
///
/// # Errors
/// [`LedgerError`].
pub fn book_late(
    tx: &Transaction<'_>,
    own: &OwnPrices,
    (provider_id, model): (i64, &str),
    after: i64,
    limit: u32,
    now: i64,
) -> Result<(u32, Option<i64>), LedgerError> {
    let history = own.history(provider_id, model);
    let Some(first) = history.iter().map(|price| price.valid_from.as_str()).min() else { return Ok((0, None)) };
    let mut statement = tx.prepare_cached(
        "SELECT id, booked_day FROM ledger AS entry
          WHERE kind = 'entry' AND source = 'unknown' AND provider_id = ?1 AND model = ?2 AND booked_day >= ?3
            AND id > ?4 AND NOT EXISTS (SELECT 1 FROM ledger late WHERE late.adjusts = entry.id)
          ORDER BY id LIMIT ?5",
    )?;
    let found = statement.query_map(params![provider_id, model, first, after, limit], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let mut booked = 0;
    for (id, day) in &found {
        let Some(card) = own.of(provider_id, model, day) else { continue };
        let (usage, source) = counted(tx, *id)?;
        let Some(total_nano) = price(usage, card).ok().and_then(|amounts| amounts.total) else { continue };
        let late = LateFigure { total_nano, source, reported_raw: None, rates: Some(card), booked_at: now };
        ledger::insert_adjustment(tx, *id, &late)?;
        booked += 1;
    }
    let is_more = found.len() as u64 == u64::from(limit);
    Ok((booked, found.last().map(|(id, _)| *id).filter(|_| is_more)))
}

/// The tokens of an entry, and how sure an amount is that is made from them.
fn counted(tx: &Transaction<'_>, entry_id: i64) -> Result<(Usage, CostSource), LedgerError> {
    let mut statement = tx.prepare_cached(
        "SELECT input_total, cache_read, cache_write, input_audio, output_total, reasoning, output_audio,
                tokens_source = 'reported'
           FROM ledger WHERE id = ?1",
    )?;
    let counted = statement.query_row([entry_id], |row| {
        Ok((ledger::usage_from(row, 0)?, if row.get(7)? { CostSource::Priced } else { CostSource::Estimated }))
    });
    Ok(counted?)
}
