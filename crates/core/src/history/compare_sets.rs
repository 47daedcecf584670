//! Lanes kept under a name.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;
use crate::view::{CompareSet, LaneInput};

/// Sets that are kept at most.
const MOST: i64 = 200;

/// All sets, by name. One that cannot be read any more is left out and kept.
pub fn list(connection: &Connection) -> Result<Vec<CompareSet>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, lanes FROM compare_set ORDER BY lower(name), id")?;
    let mut rows = statement.query([])?;
    let mut sets = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, lanes): (i64, String) = (row.get(0)?, row.get(2)?);
        match serde_json::from_str(&lanes) {
            Ok(lanes) => sets.push(CompareSet { id: id.to_string(), name: row.get(1)?, lanes }),
            Err(error) => tracing::warn!(%error, id, "a set of lanes cannot be read"),
        }
    }
    Ok(sets)
}

/// Keeps a set; `None` where there is no room for one more, or another has its name.
///
/// # Errors
/// [`StoreError::NotFound`] where the one to change is not there.
pub fn save(
    tx: &Transaction<'_>,
    id: Option<i64>,
    name: &str,
    lanes: &[LaneInput],
    now: i64,
) -> Result<Result<i64, &'static str>, StoreError> {
    let taken = "SELECT 1 FROM compare_set WHERE lower(name) = lower(?1) AND id IS NOT ?2";
    if tx.prepare_cached(taken)?.query_row(params![name, id], |_| Ok(())).optional()?.is_some() {
        return Ok(Err("taken"));
    }
    let lanes = serde_json::to_string(lanes).map_err(|_| StoreError::internal("lanes as JSON"))?;
    let Some(id) = id else {
        let count: i64 = tx.query_row("SELECT count(*) FROM compare_set", [], |row| row.get(0))?;
        if count >= MOST {
            return Ok(Err("too_many"));
        }
        let sql = "INSERT INTO compare_set (name, lanes, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)";
        tx.execute(sql, params![name, lanes, now])?;
        return Ok(Ok(tx.last_insert_rowid()));
    };
    let sql = "UPDATE compare_set SET name = ?2, lanes = ?3, updated_at = ?4 WHERE id = ?1";
    if tx.execute(sql, params![id, name, lanes, now])? == 0 { Err(StoreError::NotFound) } else { Ok(Ok(id)) }
}

/// Removes a set.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn remove(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    if tx.execute("DELETE FROM compare_set WHERE id = ?1", [id])? == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}
