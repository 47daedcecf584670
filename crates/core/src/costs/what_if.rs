//! What requests would have cost elsewhere.

use parlance_providers::Usage;
use rusqlite::{Connection, params_from_iter, types::Value};

use super::{
    Names, Offer,
    ledger::{LedgerError, SETTLED_SOURCE},
    price,
    range::{self, Range},
    rollup::bounded,
    wanted::Wanted,
};

/// Requests of about one length, so that prices that depend on it are those of each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Requests.
    pub entries: i64,
    /// The largest input of one of them, in tokens.
    pub longest: u64,
    /// Their tokens together.
    pub usage: Usage,
    /// Nano-USD that they did cost.
    pub actual_nano: i64,
}

/// The requests of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Those with counts, shortest first.
    pub batches: Vec<Batch>,
    /// Those without.
    pub uncounted: i64,
}

/// Tokens that requests of one batch may differ by.
const ABOUT: i64 = 8_192;

/// Reads the answers in chats and comparisons that a filter lets through.
///
/// # Errors
///
/// [`LedgerError::Overflow`]; [`LedgerError::Database`].
pub fn read(connection: &Connection, range: Range, wanted: &Wanted) -> Result<Requests, LedgerError> {
    let condition = wanted.condition(SETTLED_SOURCE);
    let sql = format!(
        "SELECT CASE WHEN tokens_source <> 'unknown' THEN input_total / {ABOUT} END AS about, count(*),
             max(input_total), total(input_total), total(cache_read), total(cache_write), total(output_total),
             total(min(reasoning, output_total)),
             total(total_nano) + total((SELECT sum(late.total_nano) FROM ledger AS late WHERE late.adjusts = ledger.id))
         FROM ledger WHERE kind = 'entry' AND purpose IN ('chat', 'compare') AND booked_day BETWEEN ? AND ? {}
         GROUP BY about ORDER BY about",
        condition.sql
    );
    let days = [range.first, range.last].map(|day| Value::from(range::name(day)));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(days.into_iter().chain(condition.values)))?;
    let mut requests = Requests::default();
    while let Some(row) = rows.next()? {
        if row.get::<_, Option<i64>>(0)?.is_none() {
            requests.uncounted = row.get(1)?;
            continue;
        }
        // Whole numbers below 2^53 are exact, and `as` holds what is beyond at the edges.
        let sum = |column: usize| bounded(row.get::<_, f64>(column)? as i64);
        let tokens = |column: usize| sum(column).map(|sum| u64::try_from(sum).ok());
        let usage = Usage {
            input_total: tokens(3)?,
            cache_read: tokens(4)?,
            cache_write: tokens(5)?,
            output_total: tokens(6)?,
            reasoning: tokens(7)?,
            ..Usage::default()
        };
        let longest = u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
        requests.batches.push(Batch { entries: row.get(1)?, longest, usage, actual_nano: sum(8)? });
    }
    Ok(requests)
}

impl Requests {
    /// The largest input of any of them, in tokens.
    pub fn longest(&self) -> u64 {
        self.batches.iter().map(|batch| batch.longest).max().unwrap_or(0)
    }

    /// How many are reckoned with, and what they did cost in nano-USD.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Overflow`].
    pub fn actual(&self) -> Result<(i64, i64), LedgerError> {
        self.batches.iter().try_fold((0, 0), |(entries, nano), batch| {
            Ok((entries + batch.entries, bounded(nano + batch.actual_nano)?))
        })
    }

    /// Nano-USD that they would cost a model at the price of now. `None` where a price is not known.
    pub fn at(&self, offer: &Offer<'_>, names: &Names<'_>) -> Option<i64> {
        let cost = |batch: &Batch| {
            if offer.is_free() {
                return Some(0);
            }
            price(batch.usage, &offer.card(names, batch.longest)?).ok()?.total
        };
        self.batches.iter().try_fold(0_i64, |sum, batch| bounded(sum + bounded(cost(batch)?).ok()?).ok())
    }
}
