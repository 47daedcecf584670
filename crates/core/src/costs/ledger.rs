//! The ledger: all tokens and all money, one entry an attempt, nothing ever changed.

use parlance_providers::Usage;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::entry::{LedgerEntry, TokensSource};
use super::price::Amounts;
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
    /// When it came, UTC milliseconds.
    pub booked_at: i64,
}

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
    /// An adjustment names no entry, or brings no figure.
    #[error("ledger: nothing to adjust")]
    NothingToAdjust,
}

impl From<LedgerError> for StoreError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Database(error) => error.into(),
            LedgerError::Rates(_) => Self::Corrupt,
            LedgerError::Overflow => Self::internal("the sum does not fit into 64 bits"),
            LedgerError::NothingToAdjust => Self::internal("an adjustment names no entry"),
        }
    }
}

/// Writes the entry of an attempt and returns its id.
///
/// # Errors
///
/// [`LedgerError::Database`] where the attempt has its entry already, or a reference does not hold.
pub fn insert_entry(tx: &Transaction<'_>, booking: &Booking<'_>, entry: &LedgerEntry) -> Result<i64, LedgerError> {
    let rates = entry.rates.as_ref().map(serde_json::to_string).transpose()?;
    let count = |tokens: Option<u64>| tokens.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    let (usage, amounts) = (&entry.usage, &entry.amounts);
    tx.prepare_cached(
        "INSERT INTO ledger (attempt_id, conversation_id, purpose, provider_id, account_id, route_id, vendor, model,
             outcome, booked_at, booked_day, input_total, cache_read, cache_write, input_audio, output_total,
             reasoning, output_audio, tokens_source, source, input_nano, cache_read_nano, cache_write_nano,
             output_nano, request_nano, total_nano, reported_raw, rates, saved_nano)
         VALUES (:attempt, :conversation, :purpose, :provider, :account, :route, :vendor, :model,
             :outcome, :booked_at, :booked_day, :input_total, :cache_read, :cache_write, :input_audio, :output_total,
             :reasoning, :output_audio, :tokens_source, :source, :input_nano, :cache_read_nano, :cache_write_nano,
             :output_nano, :request_nano, :total_nano, :reported_raw, :rates, :saved_nano)",
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
        ":source": source_name(&entry.source),
        ":input_nano": amounts.input,
        ":cache_read_nano": amounts.cache_read,
        ":cache_write_nano": amounts.cache_write,
        ":output_nano": amounts.output,
        ":request_nano": amounts.request,
        ":total_nano": amounts.total,
        ":reported_raw": entry.reported_raw,
        ":rates": rates,
        ":saved_nano": entry.saved_nano,
    })?;
    Ok(tx.last_insert_rowid())
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
    let difference = late.total_nano.checked_sub(so_far).ok_or(LedgerError::Overflow)?;
    tx.execute(
        "INSERT INTO ledger (kind, adjusts, attempt_id, conversation_id, purpose, provider_id, account_id, route_id,
             vendor, model, outcome, booked_at, booked_day, tokens_source, source, total_nano, reported_raw)
         SELECT 'adjustment', id, attempt_id, conversation_id, purpose, provider_id, account_id, route_id,
             vendor, model, outcome, ?2, booked_day, 'unknown', ?3, ?4, ?5
         FROM ledger WHERE id = ?1",
        params![entry_id, late.booked_at, source_name(&late.source), difference, late.reported_raw],
    )?;
    Ok(tx.last_insert_rowid())
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
                 tokens_source, source, reported_raw, rates, saved_nano
             FROM ledger WHERE attempt_id = ?1 AND kind = 'entry'",
        )?
        .query_row([attempt_id], |row| Ok((entry_from(row)?, row.get::<_, Option<String>>(16)?)))
        .optional()?;
    let Some((mut entry, rates)) = found else { return Ok(None) };
    entry.rates = rates.map(|json| serde_json::from_str(&json)).transpose()?;
    Ok(Some(entry))
}

/// The money of one chat.
///
/// # Errors
///
/// [`LedgerError::Database`], also where a sum does not fit into 64 bits.
pub fn conversation_spend(conn: &Connection, conversation_id: i64) -> Result<Spend, LedgerError> {
    spend(conn, "conversation_id = ?1", &[&conversation_id])
}

/// The money of one month, `YYYY-MM`, by the local day it was booked on.
///
/// # Errors
///
/// As [`conversation_spend`].
pub fn month_spend(conn: &Connection, month: &str) -> Result<Spend, LedgerError> {
    spend(conn, MONTH, &[&month])
}

/// As [`month_spend`], account by account. Reads the entries of the month once.
///
/// # Errors
///
/// As [`conversation_spend`].
pub fn month_spend_by_account(conn: &Connection, month: &str) -> Result<Vec<AccountSpend>, LedgerError> {
    let sql = format!("{}, provider_id, account_id FROM settled GROUP BY provider_id, account_id", sums(MONTH));
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([month])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(6)?, row.get(7)?, spend_from(row)?));
    }
    Ok(found)
}

const MONTH: &str = "booked_day BETWEEN ?1 || '-01' AND ?1 || '-31'";

fn spend(conn: &Connection, scope: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Spend, LedgerError> {
    let sql = format!("{} FROM settled", sums(scope));
    conn.prepare_cached(&sql)?.query_row(values, |row| Ok(spend_from(row)))?
}

/// Sums entries with their adjustments. An adjusted entry is as sure as its last adjustment. SQLite's `SUM` of
/// integers fails on overflow; it never wraps.
fn sums(scope: &str) -> String {
    format!(
        "WITH late AS (
             SELECT adjusts, SUM(total_nano) AS nano, MAX(id), source
             FROM ledger WHERE kind = 'adjustment' AND {scope} GROUP BY adjusts
         ), settled AS (
             SELECT COALESCE(late.source, entry.source) AS source, entry.provider_id, entry.account_id,
                 COALESCE(entry.total_nano, 0) AS nano, COALESCE(late.nano, 0) AS late_nano
             FROM (SELECT id, source, total_nano, provider_id, account_id
                     FROM ledger WHERE kind = 'entry' AND {scope}) AS entry
             LEFT JOIN late ON late.adjusts = entry.id
         )
         SELECT COALESCE(SUM(nano), 0), COALESCE(SUM(late_nano), 0),
             COALESCE(SUM(nano) FILTER (WHERE source = 'estimated'), 0),
             COALESCE(SUM(late_nano) FILTER (WHERE source = 'estimated'), 0),
             COUNT(*) FILTER (WHERE source = 'unknown'), COUNT(*)"
    )
}

fn spend_from(row: &Row<'_>) -> Result<Spend, LedgerError> {
    let sum = |known: usize, late: usize| -> Result<i64, LedgerError> {
        row.get::<_, i64>(known)?.checked_add(row.get(late)?).ok_or(LedgerError::Overflow)
    };
    Ok(Spend { total_nano: sum(0, 1)?, estimated_nano: sum(2, 3)?, unknown: row.get(4)?, entries: row.get(5)? })
}

impl Spend {
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

fn entry_from(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let tokens = |column: usize| -> rusqlite::Result<Option<u64>> {
        Ok(row.get::<_, Option<i64>>(column)?.and_then(|count| u64::try_from(count).ok()))
    };
    Ok(LedgerEntry {
        usage: Usage {
            input_total: tokens(0)?,
            cache_read: tokens(1)?,
            cache_write: tokens(2)?,
            input_audio: tokens(3)?,
            output_total: tokens(4)?,
            reasoning: tokens(5)?,
            output_audio: tokens(6)?,
            // The price of what is invoiced beside these is in the row already.
            ..Usage::default()
        },
        amounts: Amounts {
            input: row.get(7)?,
            cache_read: row.get(8)?,
            cache_write: row.get(9)?,
            output: row.get(10)?,
            request: row.get(11)?,
            total: row.get(12)?,
        },
        tokens_source: match row.get_ref(13)?.as_str()? {
            "reported" => TokensSource::Reported,
            "estimated" => TokensSource::Estimated,
            _ => TokensSource::Unknown,
        },
        source: source_from(row.get_ref(14)?.as_str()?),
        reported_raw: row.get(15)?,
        rates: None,
        saved_nano: row.get(17)?,
    })
}

/// The stable name of a source, as stored.
pub fn source_name(source: &CostSource) -> &'static str {
    match source {
        CostSource::Reported => "reported",
        CostSource::Priced => "priced",
        CostSource::Estimated => "estimated",
        CostSource::Free => "free",
        CostSource::Unknown => "unknown",
    }
}

fn source_from(name: &str) -> CostSource {
    match name {
        "reported" => CostSource::Reported,
        "priced" => CostSource::Priced,
        "estimated" => CostSource::Estimated,
        "free" => CostSource::Free,
        _ => CostSource::Unknown,
    }
}
