//! The ledger: all tokens and all money, one entry an attempt, nothing ever changed.

use parlance_providers::Usage;
use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::budgets::Spent;
use super::entry::{LedgerEntry, TokensSource};
use super::price::Amounts;
use super::rate::RateCard;
use super::rollup::{self, Cell};
use crate::history::StoreError;
use crate::view::{CostSource, SpendView};

/// What an entry is booked under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking<'a> {
    /// The attempt; one entry each.
    pub attempt_id: i64,
    /// Its chat, where it has one.
    pub conversation_id: Option<i64>,
    /// The run's purpose, e.g. `chat`.
    pub purpose: &'a str,
    /// Who was asked.
    pub provider_id: i64,
    /// With which account.
    pub account_id: Option<i64>,
    /// On which route.
    pub route_id: Option<i64>,
    /// The vendor's catalogue id.
    pub vendor: &'a str,
    /// The model billed: the one that served where the vendor says, else the one asked for.
    pub model: &'a str,
    /// The attempt's outcome, e.g. `complete`.
    pub outcome: &'a str,
    /// UTC milliseconds.
    pub booked_at: i64,
    /// The local day, YYYY-MM-DD, from [`crate::clock::Clock::local_day`].
    pub booked_day: &'a str,
}

/// A figure that came after the entry was made.
#[derive(Clone, Debug, PartialEq)]
pub struct LateFigure<'a> {
    /// What the attempt cost after all, in nano-USD.
    pub total_nano: i64,
    /// Where the figure comes from; never [`CostSource::Unknown`].
    pub source: CostSource,
    /// The vendor's figure, verbatim.
    pub reported_raw: Option<&'a str>,
    /// The prices used.
    pub rates: Option<&'a RateCard>,
    /// When it came, UTC milliseconds.
    pub booked_at: i64,
}

/// Where the amount of a row of `ledger` comes from, its adjustments considered: as the view `ledger_settled` says it,
/// for queries that need an index of the table.
pub(super) const SETTLED_SOURCE: &str =
    "coalesce((SELECT late.source FROM ledger AS late WHERE late.adjusts = ledger.id ORDER BY late.id DESC LIMIT 1),
         ledger.source)";

/// A checked sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// Nano-USD of all entries with a known amount.
    pub total_nano: i64,
    /// Of these, estimated.
    pub estimated_nano: i64,
    /// Entries without a known amount.
    pub unknown: u32,
    /// All entries.
    pub entries: u32,
}

/// The money of an account: its provider, itself, the sum. Entries without an account are one line a provider.
pub type AccountSpend = (Option<i64>, Option<i64>, Spend);

impl From<Spend> for SpendView {
    fn from(spend: Spend) -> Self {
        Self {
            total_nano: spend.total_nano as f64,
            estimated_nano: spend.estimated_nano as f64,
            unknown: spend.unknown,
            entries: spend.entries,
        }
    }
}

/// Why the ledger could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database says no: a second entry for an attempt, a sum beyond 64 bits, a failing disk.
    #[error("ledger: {0}")]
    Database(#[from] rusqlite::Error),
    /// The frozen prices cannot be written or read as JSON.
    #[error("ledger: prices: {0}")]
    Rates(#[from] serde_json::Error),
    /// The sum does not fit into 64 bits.
    #[error("ledger: the sum does not fit into 64 bits")]
    Overflow,
    /// There is no such attempt.
    #[error("ledger: no such attempt")]
    NoAttempt,
    /// What is stored cannot be read.
    #[error("ledger: a row cannot be read")]
    Corrupt,
    /// An adjustment names no entry, or brings no figure.
    #[error("ledger: nothing to adjust")]
    NothingToAdjust,
}

impl From<LedgerError> for StoreError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Database(error) => error.into(),
            LedgerError::Rates(_) | LedgerError::Corrupt => Self::Corrupt,
            LedgerError::NoAttempt => Self::internal("an entry names no attempt"),
            LedgerError::Overflow => Self::internal("the sum does not fit into 64 bits"),
            LedgerError::NothingToAdjust => Self::internal("an adjustment names no entry"),
        }
    }
}

/// Writes the entry of an attempt, adds it to the sums and returns its id. How long the attempt took and how it came
/// about is read from its row, so that has to be ended before.
///
/// # Errors
///
/// [`LedgerError::Database`] where the attempt has its entry already, or a reference does not hold;
/// [`LedgerError::NoAttempt`].
pub fn insert_entry(tx: &Transaction<'_>, booking: &Booking<'_>, entry: &LedgerEntry) -> Result<i64, LedgerError> {
    let rates = entry.rates.as_ref().map(serde_json::to_string).transpose()?;
    let count = |tokens: Option<u64>| tokens.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    let (usage, amounts) = (&entry.usage, &entry.amounts);
    let written = tx.prepare_cached(
        "INSERT INTO ledger (attempt_id, conversation_id, purpose, provider_id, account_id, route_id, vendor, model,
             outcome, booked_at, booked_day, input_total, cache_read, cache_write, input_audio, output_total,
             reasoning, output_audio, tokens_source, source, input_nano, cache_read_nano, cache_write_nano,
             output_nano, request_nano, total_nano, reported_raw, rates, saved_nano, cache_saved_nano,
             first_token_ms, duration_ms, cached, again)
         SELECT attempt.id, :conversation, :purpose, :provider, :account, :route, :vendor, :model,
             :outcome, :booked_at, :booked_day, :input_total, :cache_read, :cache_write, :input_audio, :output_total,
             :reasoning, :output_audio, :tokens_source, :source, :input_nano, :cache_read_nano, :cache_write_nano,
             :output_nano, :request_nano, :total_nano, :reported_raw, :rates, :saved_nano, :cache_saved_nano,
             attempt.first_token_ms, attempt.duration_ms, attempt.cached,
             CASE WHEN attempt.reason <> 'first' THEN 'tried' WHEN run.trigger = 'retry' THEN 'asked' ELSE 'first' END
         FROM attempt JOIN run ON run.id = attempt.run_id WHERE attempt.id = :attempt",
    )?
    .execute(named_params! {
        ":attempt": booking.attempt_id,
        ":conversation": booking.conversation_id,
        ":purpose": booking.purpose,
        ":provider": booking.provider_id,
        ":account": booking.account_id,
        ":route": booking.route_id,
        ":vendor": booking.vendor,
        ":model": booking.model,
        ":outcome": booking.outcome,
        ":booked_at": booking.booked_at,
        ":booked_day": booking.booked_day,
        ":input_total": count(usage.input_total),
        ":cache_read": count(usage.cache_read),
        ":cache_write": count(usage.cache_write),
        ":input_audio": count(usage.input_audio),
        ":output_total": count(usage.output_total),
        ":reasoning": count(usage.reasoning),
        ":output_audio": count(usage.output_audio),
        ":tokens_source": entry.tokens_source.as_str(),
        ":source": entry.source.as_str(),
        ":input_nano": amounts.input,
        ":cache_read_nano": amounts.cache_read,
        ":cache_write_nano": amounts.cache_write,
        ":output_nano": amounts.output,
        ":request_nano": amounts.request,
        ":total_nano": amounts.total,
        ":reported_raw": entry.reported_raw,
        ":rates": rates,
        ":saved_nano": entry.saved_nano,
        ":cache_saved_nano": entry.cache_saved_nano,
    })?;
    if written == 0 {
        return Err(LedgerError::NoAttempt);
    }
    let id = tx.last_insert_rowid();
    rollup::add(tx, id)?;
    Ok(id)
}

/// Books a late figure as a row of its own that holds the difference, and returns its id. It stands on the day
/// and in the chat of its entry, so that a month's sum is what was used in that month.
///
/// # Errors
///
/// [`LedgerError::NothingToAdjust`] where there is no such entry or the figure is unknown.
pub fn insert_adjustment(tx: &Transaction<'_>, entry_id: i64, late: &LateFigure<'_>) -> Result<i64, LedgerError> {
    if late.source == CostSource::Unknown {
        return Err(LedgerError::NothingToAdjust);
    }
    let so_far: Option<i64> = tx
        .query_row(
            "SELECT COALESCE(SUM(total_nano), 0) FROM ledger
             WHERE id = ?1 AND kind = 'entry' OR adjusts = ?1 HAVING COUNT(*) > 0",
            [entry_id],
            |row| row.get(0),
        )
        .optional()?;
    let so_far = so_far.ok_or(LedgerError::NothingToAdjust)?;
    let rates = late.rates.map(serde_json::to_string).transpose()?;
    let difference = late.total_nano.checked_sub(so_far).ok_or(LedgerError::Overflow)?;
    rollup::take_out(tx, entry_id)?;
    tx.execute(
        "INSERT INTO ledger (kind, adjusts, attempt_id, conversation_id, purpose, provider_id, account_id, route_id,
             vendor, model, outcome, booked_at, booked_day, tokens_source, source, total_nano, reported_raw, rates)
         SELECT 'adjustment', id, attempt_id, conversation_id, purpose, provider_id, account_id, route_id,
             vendor, model, outcome, ?2, booked_day, 'unknown', ?3, ?4, ?5, ?6
         FROM ledger WHERE id = ?1",
        params![entry_id, late.booked_at, late.source.as_str(), difference, late.reported_raw, rates],
    )?;
    let id = tx.last_insert_rowid();
    rollup::add(tx, entry_id)?;
    Ok(id)
}

/// The entry of an attempt as it was booked, adjustments left out. `None` while it runs.
///
/// # Errors
///
/// [`LedgerError`] where the database or the frozen prices cannot be read.
pub fn read_entry(conn: &Connection, attempt_id: i64) -> Result<Option<LedgerEntry>, LedgerError> {
    let found = conn
        .prepare_cached(
            "SELECT input_total, cache_read, cache_write, input_audio, output_total, reasoning, output_audio,
                 input_nano, cache_read_nano, cache_write_nano, output_nano, request_nano, total_nano,
                 tokens_source, source, reported_raw, rates, saved_nano, cache_saved_nano
             FROM ledger WHERE attempt_id = ?1 AND kind = 'entry'",
        )?
        .query_row([attempt_id], |row| Ok((entry_from(row)?, row.get::<_, Option<String>>(16)?)))
        .optional()?;
    let Some((mut entry, rates)) = found else { return Ok(None) };
    entry.rates = rates.map(|json| serde_json::from_str(&json)).transpose()?;
    Ok(Some(entry))
}

/// The money of one chat, read from its entries.
///
/// # Errors
///
/// [`LedgerError::Overflow`] where a sum is beyond 2^53; [`LedgerError::Database`].
pub fn conversation_spend(conn: &Connection, conversation_id: i64) -> Result<Spend, LedgerError> {
    let sql =
        "SELECT source, total(total_nano), count(*) FROM ledger_settled WHERE conversation_id = ?1 GROUP BY source";
    summed(conn, sql, conversation_id)
}

/// The money of one lane of a comparison: of all answers in it.
///
/// # Errors
///
/// As [`conversation_spend`].
pub fn lane_spend(conn: &Connection, lane_id: i64) -> Result<Spend, LedgerError> {
    let sql = "SELECT s.source, total(s.total_nano), count(*)
                 FROM message m JOIN run r ON r.message_id = m.id JOIN attempt a ON a.run_id = r.id
                 JOIN ledger e ON e.attempt_id = a.id AND e.kind = 'entry' JOIN ledger_settled s ON s.id = e.id
                WHERE m.lane_id = ?1 GROUP BY s.source";
    summed(conn, sql, lane_id)
}

fn summed(conn: &Connection, sql: &str, id: i64) -> Result<Spend, LedgerError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    let mut spend = Spend::default();
    while let Some(row) = rows.next()? {
        let source = CostSource::from_stored(&row.get::<_, String>(0)?).ok_or(LedgerError::Corrupt)?;
        // Whole numbers below 2^53 are exact, and `as` holds what is beyond at the edges.
        let total_nano = rollup::bounded(row.get::<_, f64>(1)? as i64)?;
        spend = spend.plus(Spend::of(source, total_nano, row.get(2)?))?;
    }
    Ok(spend)
}

/// The money of one month, `YYYY-MM`, by the local day it was booked on, or of one such day.
///
/// # Errors
///
/// As [`conversation_spend`].
pub fn month_spend(conn: &Connection, month: &str) -> Result<Spend, LedgerError> {
    let by_account = month_spend_by_account(conn, month)?;
    by_account.into_iter().try_fold(Spend::default(), |sum, (_, _, spend)| sum.plus(spend))
}

/// As [`month_spend`], account by account.
///
/// # Errors
///
/// As [`conversation_spend`].
pub fn month_spend_by_account(conn: &Connection, month: &str) -> Result<Vec<AccountSpend>, LedgerError> {
    let mut found: BTreeMap<(i64, i64), Spend> = BTreeMap::new();
    for Cell { key, sums, .. } in rollup::cells(conn, &[month.to_owned()])? {
        let spend = found.entry((key.provider_id, key.account_id)).or_default();
        let entries = u32::try_from(sums.entries).unwrap_or(u32::MAX);
        *spend = spend.plus(Spend::of(key.source, sums.total_nano, entries))?;
    }
    let some = |id: i64| (id != 0).then_some(id);
    Ok(found.into_iter().map(|((provider, account), spend)| (some(provider), some(account), spend)).collect())
}

/// The money of one bucket of the rollup, a day or a month, of a provider, a route, or all. A sum beyond 2^53 stays
/// there: it is beyond every budget.
///
/// # Errors
///
/// [`LedgerError::Database`].
pub fn spent_in(
    conn: &Connection,
    bucket: &str,
    provider_id: Option<i64>,
    route_id: Option<i64>,
) -> Result<Spent, LedgerError> {
    let mut statement = conn.prepare_cached(
        "SELECT source, total_nano, entries FROM ledger_rollup
          WHERE bucket = ?1 AND (?2 IS NULL OR provider_id = ?2) AND (?3 IS NULL OR route_id = ?3)",
    )?;
    let mut rows = statement.query(params![bucket, provider_id, route_id])?;
    let mut spent = Spent::default();
    while let Some(row) = rows.next()? {
        let source = CostSource::from_stored(row.get_ref(0)?.as_str().map_err(|_| LedgerError::Corrupt)?);
        let (nano, entries): (i64, i64) = (row.get(1)?, row.get(2)?);
        spent.total_nano = spent.total_nano.saturating_add(nano);
        if source != Some(CostSource::Reported) {
            spent.guessed_nano = spent.guessed_nano.saturating_add(nano);
        }
        if source == Some(CostSource::Unknown) {
            spent.unknown = spent.unknown.saturating_add(u32::try_from(entries).unwrap_or(u32::MAX));
        }
    }
    Ok(spent)
}

impl Spend {
    /// That of requests whose amounts come from one source.
    fn of(source: CostSource, total_nano: i64, entries: u32) -> Self {
        Self {
            total_nano,
            estimated_nano: if source == CostSource::Estimated { total_nano } else { 0 },
            unknown: if source == CostSource::Unknown { entries } else { 0 },
            entries,
        }
    }

    /// Both together.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, LedgerError> {
        let sum = |a: i64, b: i64| a.checked_add(b).ok_or(LedgerError::Overflow);
        Ok(Self {
            total_nano: sum(self.total_nano, other.total_nano)?,
            estimated_nano: sum(self.estimated_nano, other.estimated_nano)?,
            unknown: self.unknown.saturating_add(other.unknown),
            entries: self.entries.saturating_add(other.entries),
        })
    }
}

/// The columns `input_total` to `output_audio`, as they stand in the table, from this one on.
pub(super) fn usage_from(row: &Row<'_>, first: usize) -> rusqlite::Result<Usage> {
    let tokens = |nth: usize| -> rusqlite::Result<Option<u64>> {
        Ok(row.get::<_, Option<i64>>(first + nth)?.and_then(|count| u64::try_from(count).ok()))
    };
    Ok(Usage {
        input_total: tokens(0)?,
        cache_read: tokens(1)?,
        cache_write: tokens(2)?,
        input_audio: tokens(3)?,
        output_total: tokens(4)?,
        reasoning: tokens(5)?,
        output_audio: tokens(6)?,
        // The price of what is invoiced beside these is in the row already.
        ..Usage::default()
    })
}

fn entry_from(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    Ok(LedgerEntry {
        usage: usage_from(row, 0)?,
        amounts: Amounts {
            input: row.get(7)?,
            cache_read: row.get(8)?,
            cache_write: row.get(9)?,
            output: row.get(10)?,
            request: row.get(11)?,
            total: row.get(12)?,
        },
        tokens_source: TokensSource::from_stored(row.get_ref(13)?.as_str()?),
        source: CostSource::from_stored(row.get_ref(14)?.as_str()?).unwrap_or(CostSource::Unknown),
        reported_raw: row.get(15)?,
        rates: None,
        saved_nano: row.get(17)?,
        cache_saved_nano: row.get(18)?,
    })
}
