//! The request log, newest first, a page at a time.
//!
//! The sums know how many requests of a day or month a filter lets through: those without any are skipped, those with
//! few are looked up kind by kind, and only the others are read through. So a page never costs more for its place in the
//! log or for how rare its rows are.

use parlance_providers::Usage;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};

use super::{
    LedgerEntry, RateCard, TokensSource,
    ledger::{LedgerError, SETTLED_SOURCE},
    own_prices,
    price::Amounts,
    range::{self, Known, Range},
    wanted::{Condition, Wanted},
};
use crate::{
    error::Error,
    history::runs,
    view::{AttemptReason, CostOutcome, CostSource, PricesUsed, Purpose, RequestView},
};

/// Where one of so many requests is meant, reading through the others costs more than looking these up.
const RARE: i64 = 16;

/// A place in the log: the local day and the entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    day: String,
    id: i64,
}

impl Place {
    /// Reads `day:id`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for `after`.
    pub fn of(text: &str) -> Result<Self, Error> {
        let wrong = Error::invalid("after", "not_a_place");
        let Some((day, id)) = text.split_once(':') else { return Err(wrong) };
        match (range::day(day), id.parse()) {
            (Some(_), Ok(id)) => Ok(Self { day: day.to_owned(), id }),
            _ => Err(wrong),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.day, self.id)
    }
}

/// A day or a month with requests that are meant.
struct Stretch {
    bucket: String,
    first: String,
    last: String,
    /// How many are meant.
    meant: i64,
    /// How many there are.
    all: i64,
}

/// The log of a range under a filter.
pub struct Log<'a> {
    connection: &'a Connection,
    wanted: &'a Wanted,
    /// Newest first.
    stretches: Vec<Stretch>,
}

impl<'a> Log<'a> {
    /// Looks up where the requests are that are meant.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Database`].
    pub fn open(
        connection: &'a Connection,
        range: Range,
        known: Option<Known>,
        wanted: &'a Wanted,
    ) -> Result<Self, LedgerError> {
        let Condition { sql, values } = wanted.condition("source");
        let sql = format!(
            "SELECT sum(CASE WHEN true {sql} THEN entries ELSE 0 END), sum(entries) FROM ledger_rollup WHERE bucket = ?"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut stretches = Vec::new();
        for source in range.sources(known).into_iter().rev() {
            let bucket = Value::from(source.bucket.clone());
            let counts = |row: &Row<'_>| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?));
            let values = values.iter().cloned().chain([bucket]);
            let (meant, all) = statement.query_row(params_from_iter(values), counts)?;
            if let (Some(meant @ 1..), Some(all)) = (meant, all) {
                let (first, last) = match source.bucket.len() {
                    7 => (format!("{}-01", source.bucket), format!("{}-31", source.bucket)),
                    _ => (source.bucket.clone(), source.bucket.clone()),
                };
                stretches.push(Stretch { bucket: source.bucket, first, last, meant, all });
            }
        }
        Ok(Self { connection, wanted, stretches })
    }

    /// All requests that are meant.
    pub fn total(&self) -> i64 {
        self.stretches.iter().map(|stretch| stretch.meant).sum()
    }

    /// The places behind another one, or from the newest on.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Database`].
    pub fn page(&self, after: Option<&Place>, limit: usize) -> Result<Vec<Place>, LedgerError> {
        let mut found = Vec::new();
        for stretch in &self.stretches {
            let left = limit - found.len();
            if left == 0 {
                break;
            }
            if after.is_some_and(|after| after.day < stretch.first) {
                continue;
            }
            let end = Place { day: stretch.last.clone(), id: i64::MAX };
            let before = after.filter(|after| **after < end).unwrap_or(&end);
            if stretch.meant.saturating_mul(RARE) < stretch.all {
                found.extend(self.look_up(stretch, before, left)?);
            } else {
                found.extend(self.read_through(stretch, before, left)?);
            }
        }
        Ok(found)
    }

    fn read_through(&self, stretch: &Stretch, before: &Place, limit: usize) -> Result<Vec<Place>, LedgerError> {
        let Condition { sql, values } = self.wanted.condition(SETTLED_SOURCE);
        let sql = format!(
            "SELECT booked_day, id FROM ledger INDEXED BY ledger_log
             WHERE kind = 'entry' AND booked_day >= ? AND (booked_day, id) < (?, ?) {sql}
             ORDER BY booked_day DESC, id DESC LIMIT ?"
        );
        let limit = Value::from(i64::try_from(limit).unwrap_or(i64::MAX));
        let bounds = [stretch.first.clone().into(), before.day.clone().into(), before.id.into()];
        let values = bounds.into_iter().chain(values).chain([limit]);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let places = statement.query_map(params_from_iter(values), place)?;
        Ok(places.collect::<Result<_, _>>()?)
    }

    /// Kind by kind, as the sums know them.
    fn look_up(&self, stretch: &Stretch, before: &Place, limit: usize) -> Result<Vec<Place>, LedgerError> {
        let Condition { sql, values } = self.wanted.condition("source");
        let kinds = format!(
            "SELECT DISTINCT nullif(provider_id, 0), model, purpose, outcome, nullif(account_id, 0), nullif(route_id, 0)
             FROM ledger_rollup WHERE bucket = ? {sql}"
        );
        let mut kinds = self.connection.prepare_cached(&kinds)?;
        let beyond = self.wanted.beyond_kinds().condition(SETTLED_SOURCE);
        let of_kind = format!(
            "SELECT booked_day, id FROM ledger INDEXED BY ledger_alike
             WHERE kind = 'entry' AND provider_id IS ? AND model = ? AND purpose = ? AND outcome = ?
                 AND account_id IS ? AND route_id IS ? AND booked_day BETWEEN ? AND ? {}",
            beyond.sql
        );
        let mut of_kind = self.connection.prepare_cached(&of_kind)?;
        let mut found = Vec::new();
        let bucket = [Value::from(stretch.bucket.clone())];
        let mut rows = kinds.query(params_from_iter(bucket.into_iter().chain(values)))?;
        while let Some(row) = rows.next()? {
            let mut bound = (0..6).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>()?;
            bound.extend([Value::from(stretch.first.clone()), Value::from(before.day.clone())]);
            bound.extend(beyond.values.iter().cloned());
            let places = of_kind.query_map(params_from_iter(bound), place)?;
            found.extend(places.collect::<Result<Vec<_>, _>>()?);
        }
        found.retain(|place| place < before);
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(limit);
        Ok(found)
    }
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place { day: row.get(0)?, id: row.get(1)? })
}

/// What is shown of an entry.
const ROW: &str = "SELECT l.booked_at, l.booked_day, l.provider_id, coalesce(p.name, ''), l.vendor, account.label,
        l.route_id, route.name, l.model, l.purpose, l.outcome, attempt.reason, l.again, l.cached,
        l.first_token_ms, l.duration_ms, l.input_total, l.cache_read, l.cache_write, l.output_total, l.reasoning,
        l.tokens_source, settled.source, CAST(settled.total_nano AS INTEGER), l.saved_nano, l.conversation_id,
        conversation.deleted_at IS NOT NULL, run.message_id,
        attempt.error_category, attempt.error_status, attempt.error_code, attempt.error_message,
        coalesce((SELECT late.rates FROM ledger AS late WHERE late.adjusts = l.id ORDER BY late.id DESC LIMIT 1), l.rates)
    FROM ledger AS l JOIN ledger_settled AS settled ON settled.id = l.id
        LEFT JOIN provider AS p ON p.id = l.provider_id
        LEFT JOIN account ON account.id = l.account_id
        LEFT JOIN route ON route.id = l.route_id
        LEFT JOIN conversation ON conversation.id = l.conversation_id
        LEFT JOIN attempt ON attempt.id = l.attempt_id
        LEFT JOIN run ON run.id = attempt.run_id
    WHERE l.id = ?1";

/// The request at a place.
///
/// # Errors
///
/// [`LedgerError`] where there is none or it cannot be read.
pub fn request(connection: &Connection, place: &Place) -> Result<RequestView, LedgerError> {
    let found =
        connection.prepare_cached(ROW)?.query_row(params![place.id], |row| Ok(view(row, place.id))).optional()?;
    found.ok_or(LedgerError::Corrupt)?
}

fn view(row: &Row<'_>, id: i64) -> Result<RequestView, LedgerError> {
    let text = |column: usize| row.get::<_, String>(column);
    let source = CostSource::from_stored(&text(22)?).ok_or(LedgerError::Corrupt)?;
    let small = |ms: Option<i64>| ms.map(|ms| u32::try_from(ms).unwrap_or(u32::MAX));
    let named = |id: Option<i64>| id.map(|id| id.to_string());
    let reason = row.get::<_, Option<String>>(11)?.map(|reason| AttemptReason::from_stored(&reason));
    Ok(RequestView {
        id: id.to_string(),
        at: row.get::<_, i64>(0)? as f64,
        day: text(1)?,
        provider_id: named(row.get(2)?),
        provider_name: text(3)?,
        vendor: text(4)?,
        account_name: row.get::<_, Option<String>>(5)?.filter(|label| !label.is_empty()),
        route_id: named(row.get(6)?),
        route_name: row.get(7)?,
        model: text(8)?,
        purpose: Purpose::from_stored(&text(9)?).ok_or(LedgerError::Corrupt)?,
        outcome: CostOutcome::from_stored(&text(10)?).ok_or(LedgerError::Corrupt)?,
        // Of an attempt whose chat is gone nobody knows more than that it was not the first.
        reason: reason.unwrap_or(if text(12)? == "tried" { AttemptReason::Retry } else { AttemptReason::First }),
        cached: row.get(13)?,
        error: runs::failure(row, 28)?,
        first_token_ms: small(row.get(14)?),
        duration_ms: small(row.get(15)?),
        cost: settled(row, source)?.to_view(),
        prices: prices(row, source)?,
        conversation_id: named(row.get(25)?),
        in_trash: row.get(26)?,
        message_id: named(row.get(27)?),
    })
}

/// The prices that an amount was reckoned with.
fn prices(row: &Row<'_>, source: CostSource) -> Result<Option<PricesUsed>, LedgerError> {
    if !matches!(source, CostSource::Priced | CostSource::Estimated) {
        return Ok(None);
    }
    let Some(stored) = row.get::<_, Option<String>>(32)? else { return Ok(None) };
    let card: RateCard = serde_json::from_str(&stored)?;
    let own = card.source == own_prices::SOURCE;
    let source = if own { String::new() } else { card.source.clone() };
    Ok(Some(PricesUsed { rates: own_prices::rates(&card), own, source, day: card.date }))
}

/// The entry with its adjustments.
fn settled(row: &Row<'_>, source: CostSource) -> Result<LedgerEntry, LedgerError> {
    let tokens = |column: usize| -> Result<Option<u64>, LedgerError> {
        Ok(row.get::<_, Option<i64>>(column)?.and_then(|count| u64::try_from(count).ok()))
    };
    let total = row.get::<_, i64>(23)?;
    Ok(LedgerEntry {
        usage: Usage {
            input_total: tokens(16)?,
            cache_read: tokens(17)?,
            cache_write: tokens(18)?,
            output_total: tokens(19)?,
            reasoning: tokens(20)?,
            ..Usage::default()
        },
        tokens_source: TokensSource::from_stored(&row.get::<_, String>(21)?),
        source,
        amounts: Amounts { total: (source != CostSource::Unknown).then_some(total), ..Amounts::default() },
        reported_raw: None,
        rates: None,
        saved_nano: row.get(24)?,
        cache_saved_nano: None,
    })
}
