//! The ledger's sums by day and month, so that no screen has to read every entry. They are written with the entry, by
//! the same statement that makes them anew from the rows.

use std::{collections::HashMap, sync::Arc};

use rusqlite::{Connection, Row, Transaction, params};

use super::{first_token::FirstTokens, ledger::LedgerError, stored::Again};
use crate::view::{CostOutcome, CostSource, Purpose};

/// What a sum is about. Of the ids 0 is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Who was asked.
    pub provider_id: i64,
    /// With which account.
    pub account_id: i64,
    /// On which route.
    pub route_id: i64,
    /// The model billed.
    pub model: Arc<str>,
    /// What for.
    pub purpose: Purpose,
    /// How it ended.
    pub outcome: CostOutcome,
    /// Where the amounts come from, adjustments considered.
    pub source: CostSource,
    /// Whether it was the first request for its answer.
    pub again: Again,
}

/// Checked sums. Each is below 2^53 either way, so that it survives as a JavaScript number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Requests.
    pub entries: i64,
    /// Nano-USD of those with a known amount.
    pub total_nano: i64,
    /// Every input token.
    pub input: i64,
    /// Of these, from the prompt cache.
    pub cache_read: i64,
    /// Of these, written to it.
    pub cache_write: i64,
    /// Every output token.
    pub output: i64,
    /// Of these, reasoning.
    pub reasoning: i64,
    /// Nano-USD that the prompt cache saved.
    pub cache_saved_nano: i64,
    /// Nano-USD that kept answers saved.
    pub answer_saved_nano: i64,
}

/// A day or a month of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Which of the buckets that were asked for.
    pub bucket: usize,
    /// What it is about.
    pub key: Key,
    /// Its sums.
    pub sums: Sums,
    /// Its times to the first token.
    pub first_tokens: FirstTokens,
}

/// 2^53: what is not below it is refused.
const BOUND: i64 = 1 << 53;

const KEY: &str = "bucket, provider_id, account_id, route_id, model, purpose, outcome, source, again";

/// The sums beside the count of entries, in the order of [`Sums`].
const FIGURES: [&str; 8] = [
    "total_nano",
    "input_total",
    "cache_read",
    "cache_write",
    "output_total",
    "reasoning",
    "cache_saved_nano",
    "saved_nano",
];

/// An operand for each figure.
fn figures(each: impl Fn(&str) -> String) -> String {
    FIGURES.map(each).join(", ")
}

/// How much of a day's name its bucket has: all of it, or its month. A join with both would be materialised, which costs
/// ten times the sums themselves.
const LENGTHS: [i64; 2] = [10, 7];

/// The sums of entries in this scope of `ledger_settled`, each times ?1, by the first ?3 letters of their days: the one
/// definition of them. A migration holds a copy; a test compares.
fn definition(scope: &str) -> String {
    let bounded = |figure: &str| format!("?1 * CAST(max(-{BOUND}, min({BOUND}, total({figure}))) AS INTEGER)");
    format!(
        "SELECT {KEY}, ?1 * sum(entries), {sums},
             json_group_object(first_token, ?1 * entries) FILTER (WHERE first_token IS NOT NULL) AS first_token
         FROM (SELECT substr(booked_day, 1, ?3) AS bucket, provider_id, account_id, route_id, model, purpose,
                   outcome, source, again, first_token, count(*) AS entries, {totals}
               FROM ledger_settled WHERE {scope} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
        sums = figures(bounded),
        totals = figures(|figure| format!("total({figure}) AS {figure}")),
    )
}

/// Adds to what is there. A sum that has reached the bound stays there, so that no booking ever fails for its sake.
fn upsert(scope: &str) -> String {
    let grown = |figure: &str| {
        format!(
            "{figure} = CASE WHEN abs({figure}) >= {BOUND} THEN {figure}
                 ELSE max(-{BOUND}, min({BOUND}, {figure} + excluded.{figure})) END"
        )
    };
    format!(
        "INSERT INTO ledger_rollup ({KEY}, entries, {names}, first_token)
         SELECT * FROM ({definition}) WHERE true
         ON CONFLICT DO UPDATE SET entries = entries + excluded.entries, {grown},
             first_token = CASE WHEN excluded.first_token = '{{}}' THEN first_token ELSE (
                 SELECT json_group_object(key, count) FROM (
                     SELECT key, sum(value) AS count FROM (
                         SELECT key, value FROM json_each(ledger_rollup.first_token)
                         UNION ALL SELECT key, value FROM json_each(excluded.first_token))
                     GROUP BY key HAVING sum(value) <> 0)) END",
        names = figures(str::to_owned),
        definition = definition(scope),
        grown = figures(grown),
    )
}

/// Adds an entry with its adjustments, in the transaction that wrote it.
///
/// # Errors
///
/// [`LedgerError::Database`].
pub(super) fn add(tx: &Transaction<'_>, entry_id: i64) -> Result<(), LedgerError> {
    let mut statement = tx.prepare_cached(&upsert("id = ?2"))?;
    for length in LENGTHS {
        statement.execute(params![1, entry_id, length])?;
    }
    Ok(())
}

/// Takes an entry with its adjustments out again, before one is added to it.
///
/// # Errors
///
/// [`LedgerError::Database`].
pub(super) fn take_out(tx: &Transaction<'_>, entry_id: i64) -> Result<(), LedgerError> {
    let mut less = tx.prepare_cached(&upsert("id = ?2"))?;
    let mut empty = tx.prepare_cached(
        "DELETE FROM ledger_rollup
         WHERE entries = 0 AND bucket = (SELECT substr(booked_day, 1, ?2) FROM ledger WHERE id = ?1)",
    )?;
    for length in LENGTHS {
        less.execute(params![-1, entry_id, length])?;
        empty.execute(params![entry_id, length])?;
    }
    Ok(())
}

/// The months that have entries or sums, oldest first.
///
/// # Errors
///
/// [`LedgerError::Database`].
pub fn months(connection: &Connection) -> Result<Vec<String>, LedgerError> {
    // From one to the next, so that not every row is read.
    let next = |table: &str, day: &str, condition: &str| {
        format!("SELECT min(substr({day}, 1, 7)) FROM {table} WHERE {day} >= ?1 {condition}")
    };
    let mut entries = connection.prepare_cached(&next("ledger", "booked_day", "AND kind = 'entry'"))?;
    let mut sums = connection.prepare_cached(&next("ledger_rollup", "bucket", ""))?;
    let mut found: Vec<String> = Vec::new();
    loop {
        // Sorts behind every day of that month.
        let after = found.last().map_or_else(String::new, |month| format!("{month}~"));
        let of = |row: &Row<'_>| row.get::<_, Option<String>>(0);
        let nexts = [entries.query_row([&after], of)?, sums.query_row([&after], of)?];
        match nexts.into_iter().flatten().min() {
            Some(month) => found.push(month),
            None => return Ok(found),
        }
    }
}

/// Makes the sums of a month and of its days anew.
///
/// # Errors
///
/// [`LedgerError::Database`].
pub fn rebuild(tx: &Transaction<'_>, month: &str) -> Result<(), LedgerError> {
    tx.execute("DELETE FROM ledger_rollup WHERE bucket BETWEEN ?1 AND ?1 || '~'", [month])?;
    let mut statement = tx.prepare_cached(&upsert(MONTH))?;
    for length in LENGTHS {
        statement.execute(params![1, month, length])?;
    }
    Ok(())
}

/// Every sum of the ledger made anew, for what writes entries by itself.
///
/// # Errors
///
/// [`LedgerError::Database`].
pub fn rebuild_all(tx: &Transaction<'_>) -> Result<(), LedgerError> {
    months(tx)?.iter().try_for_each(|month| rebuild(tx, month))
}

/// Whether the sums of a month and of its days are those of the rows.
///
/// # Errors
///
/// [`LedgerError::Database`].
pub fn check(connection: &Connection, month: &str) -> Result<bool, LedgerError> {
    let of = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<Sheet, LedgerError> {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, line)?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let kept = format!(
        "SELECT {KEY}, entries, {}, first_token FROM ledger_rollup WHERE bucket BETWEEN ?1 AND ?1 || '~'",
        figures(str::to_owned)
    );
    let mut made = Sheet::new();
    for length in LENGTHS {
        made.extend(of(&definition(MONTH), &[&1, &month, &length])?);
    }
    Ok(of(&kept, &[&month])? == made)
}

const MONTH: &str = "booked_day BETWEEN ?2 AND ?2 || '~'";

/// A month's sums by their keys, as text.
type Sheet = HashMap<String, Figures>;
type Figures = (Vec<i64>, Option<FirstTokens>);

fn line(row: &Row<'_>) -> rusqlite::Result<(String, Figures)> {
    let key = (0..9).map(|column| {
        Ok(match row.get_ref(column)? {
            rusqlite::types::ValueRef::Integer(id) => id.to_string(),
            other => other.as_str()?.to_owned(),
        })
    });
    let key = key.collect::<rusqlite::Result<Vec<_>>>()?.join("\n");
    let figures = (9..18).map(|column| row.get(column)).collect::<rusqlite::Result<_>>()?;
    Ok((key, (figures, FirstTokens::from_stored(row.get_ref(18)?.as_str()?))))
}

/// The sums of these days and months, each `YYYY-MM-DD` or `YYYY-MM`.
///
/// # Errors
///
/// [`LedgerError::Overflow`] where a sum is beyond 2^53; [`LedgerError::Database`].
pub fn cells(connection: &Connection, buckets: &[String]) -> Result<Vec<Cell>, LedgerError> {
    let sql = format!(
        "SELECT provider_id, account_id, route_id, model, purpose, outcome, source, again, entries, {}, first_token
         FROM ledger_rollup WHERE bucket = ?1",
        figures(str::to_owned)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let (mut found, mut model) = (Vec::new(), Arc::from(""));
    for (bucket, name) in buckets.iter().enumerate() {
        let mut rows = statement.query([name])?;
        while let Some(row) = rows.next()? {
            let first_tokens = FirstTokens::from_stored(text(row, 17)?).ok_or(LedgerError::Corrupt)?;
            found.push(Cell { bucket, key: key(row, &mut model)?, sums: sums(row)?, first_tokens });
        }
    }
    Ok(found)
}

/// The model is mostly that of the row before, and then its name is shared.
fn key(row: &Row<'_>, model: &mut Arc<str>) -> Result<Key, LedgerError> {
    let name = text(row, 3)?;
    if **model != *name {
        *model = name.into();
    }
    Ok(Key {
        provider_id: row.get(0)?,
        account_id: row.get(1)?,
        route_id: row.get(2)?,
        model: Arc::clone(model),
        purpose: Purpose::from_stored(text(row, 4)?).ok_or(LedgerError::Corrupt)?,
        outcome: CostOutcome::from_stored(text(row, 5)?).ok_or(LedgerError::Corrupt)?,
        source: CostSource::from_stored(text(row, 6)?).ok_or(LedgerError::Corrupt)?,
        again: Again::from_stored(text(row, 7)?).ok_or(LedgerError::Corrupt)?,
    })
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, LedgerError> {
    row.get_ref(column)?.as_str().map_err(|_| LedgerError::Corrupt)
}

fn sums(row: &Row<'_>) -> Result<Sums, LedgerError> {
    let figure = |column: usize| bounded(row.get(column)?);
    Ok(Sums {
        entries: figure(8)?,
        total_nano: figure(9)?,
        input: figure(10)?,
        cache_read: figure(11)?,
        cache_write: figure(12)?,
        output: figure(13)?,
        reasoning: figure(14)?,
        cache_saved_nano: figure(15)?,
        answer_saved_nano: figure(16)?,
    })
}

/// A sum, unless it is beyond 2^53.
pub(super) fn bounded(figure: i64) -> Result<i64, LedgerError> {
    (figure.unsigned_abs() < BOUND.unsigned_abs()).then_some(figure).ok_or(LedgerError::Overflow)
}

impl Sums {
    /// Both together.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, LedgerError> {
        // Two below 2^53 are far below 2^63.
        let sum = |a: i64, b: i64| bounded(a + b);
        Ok(Self {
            entries: sum(self.entries, other.entries)?,
            total_nano: sum(self.total_nano, other.total_nano)?,
            input: sum(self.input, other.input)?,
            cache_read: sum(self.cache_read, other.cache_read)?,
            cache_write: sum(self.cache_write, other.cache_write)?,
            output: sum(self.output, other.output)?,
            reasoning: sum(self.reasoning, other.reasoning)?,
            cache_saved_nano: sum(self.cache_saved_nano, other.cache_saved_nano)?,
            answer_saved_nano: sum(self.answer_saved_nano, other.answer_saved_nano)?,
        })
    }
}
