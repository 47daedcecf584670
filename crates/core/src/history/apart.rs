//! Runs outside any chat: embeddings.

use rusqlite::{Transaction, params};

use super::{error::StoreError, rows::TargetRow};

/// Begins a run that no message waits for, with its one attempt; gives their ids.
///
/// # Errors
/// Those of the store.
pub fn begin(tx: &Transaction<'_>, purpose: &str, target: &TargetRow, now: i64) -> Result<(i64, i64), StoreError> {
    tx.execute("INSERT INTO run (purpose, trigger, started_at) VALUES (?1, 'other', ?2)", params![purpose, now])?;
    let run_id = tx.last_insert_rowid();
    tx.execute(
        "INSERT INTO attempt (run_id, ordinal, provider_id, account_id, vendor, model, started_at)
         VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6)",
        params![run_id, target.provider_id, target.account_id, target.vendor, target.model, now],
    )?;
    Ok((run_id, tx.last_insert_rowid()))
}
