//! How models did lately, from the table `attempt`.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{error::StoreError, runs};
use crate::view::{FailureView, MessageStatus};

/// Pairs of provider and model looked at, however many there are.
const MOST_PAIRS: usize = 2_000;

/// The calls of one model at one provider.
#[derive(Clone, Debug)]
pub struct CallsRow {
    /// The provider.
    pub provider_id: i64,
    /// The model.
    pub model: String,
    /// The newest first, never empty.
    pub calls: Vec<CallRow>,
}

/// One call that has ended.
#[derive(Clone, Debug)]
pub struct CallRow {
    /// When it began, UTC milliseconds.
    pub started_at: i64,
    /// To the first output.
    pub first_token_ms: Option<i64>,
    /// To the end.
    pub duration_ms: Option<i64>,
    /// How it ended.
    pub outcome: MessageStatus,
    /// Why it failed.
    pub error: Option<FailureView>,
    /// Output tokens as the vendor counted them.
    pub output_tokens: Option<i64>,
}

/// The last `most` calls of each model asked since a moment, for the `rows` asked last. Reads an index from model to
/// model, never all calls.
pub fn lately(connection: &Connection, since: i64, most: usize, rows: usize) -> Result<Vec<CallsRow>, StoreError> {
    let mut pairs = pairs(connection, since)?;
    pairs.sort_unstable_by_key(|(_, _, last)| std::cmp::Reverse(*last));
    pairs.truncate(rows);
    let mut statement = connection.prepare_cached(
        "SELECT a.started_at, a.first_token_ms, a.duration_ms, a.outcome, a.error_category, a.error_status,
                a.error_code, a.error_message,
                (SELECT output_total FROM ledger WHERE attempt_id = a.id AND attempt_id IS NOT NULL
                     AND kind = 'entry' AND tokens_source = 'reported')
           FROM (SELECT * FROM attempt WHERE provider_id = ?1 AND model = ?2 AND outcome <> 'running'
                  ORDER BY id DESC LIMIT ?4) a
          WHERE a.started_at >= ?3 ORDER BY a.id DESC",
    )?;
    let mut found = Vec::with_capacity(pairs.len());
    for (provider_id, model, _) in pairs {
        let calls = statement
            .query_map(params![provider_id, model, since, most as i64], call_row)?
            .collect::<Result<Vec<_>, _>>()?;
        if !calls.is_empty() {
            found.push(CallsRow { provider_id, model, calls });
        }
    }
    Ok(found)
}

/// Every provider and model whose last attempt began since a moment, with that attempt.
fn pairs(connection: &Connection, since: i64) -> Result<Vec<(i64, String, i64)>, StoreError> {
    let mut next = connection.prepare_cached(
        "SELECT provider_id, model FROM attempt WHERE (provider_id, model) > (?1, ?2)
          ORDER BY provider_id, model LIMIT 1",
    )?;
    let mut last = connection.prepare_cached(
        "SELECT id, started_at FROM attempt WHERE provider_id = ?1 AND model = ?2 ORDER BY id DESC LIMIT 1",
    )?;
    let mut at = (0_i64, String::new());
    let mut pairs = Vec::new();
    for _ in 0..MOST_PAIRS {
        let found = next.query_row(params![at.0, at.1], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some(pair) = found else { break };
        at = pair;
        let (attempt, began): (i64, i64) = last.query_row(params![at.0, at.1], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if began >= since {
            pairs.push((at.0, at.1.clone(), attempt));
        }
    }
    Ok(pairs)
}

fn call_row(row: &Row<'_>) -> rusqlite::Result<CallRow> {
    Ok(CallRow {
        started_at: row.get(0)?,
        first_token_ms: row.get(1)?,
        duration_ms: row.get(2)?,
        outcome: MessageStatus::from_stored(row.get_ref(3)?.as_str()?).unwrap_or(MessageStatus::Failed),
        error: runs::failure(row, 4)?,
        output_tokens: row.get(8)?,
    })
}
