//! The table `response_cache`: answers of routes that keep them, to be told again.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;
use crate::view::RouteCache;

/// An answer that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Its row.
    pub id: i64,
    /// What came, as JSON.
    pub answer: String,
    /// Nano-USD it cost when it was asked for; `None` where that is not known.
    pub cost_nano: Option<i64>,
}

/// An answer to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAnswer {
    /// The route it was given on.
    pub route_id: i64,
    /// A digest of all that was asked.
    pub key: String,
    /// What came, as JSON.
    pub answer: String,
    /// How long and how much is kept.
    pub cache: RouteCache,
}

/// An answer to exactly this, not older than it may be. One from the future is none: the clock was put back.
pub fn find(
    connection: &Connection,
    route_id: i64,
    key: &str,
    cache: RouteCache,
    now: i64,
) -> Result<Option<KeptAnswer>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, answer, cost_nano FROM response_cache
          WHERE route_id = ?1 AND key = ?2 AND created_at > ?3 AND created_at <= ?4",
    )?;
    let oldest = now.saturating_sub(i64::from(cache.ttl_s) * 1_000);
    let found = statement.query_row(params![route_id, key, oldest, now], |row| {
        Ok(KeptAnswer { id: row.get(0)?, answer: row.get(1)?, cost_nano: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// An answer was told again.
pub fn used(tx: &Transaction<'_>, id: i64, now: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE response_cache SET used_at = ?2 WHERE id = ?1")?.execute(params![id, now])?;
    Ok(())
}

/// Drops an answer that cannot be read.
pub fn remove(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM response_cache WHERE id = ?1", [id])?;
    Ok(())
}

/// Keeps an answer in place of an older one, and makes room: what is too old goes, then what was used longest ago. One
/// that is larger than all the room is not kept.
pub fn keep(tx: &Transaction<'_>, new: &NewAnswer, cost_nano: Option<i64>, now: i64) -> Result<(), StoreError> {
    let NewAnswer { route_id, key, answer, cache } = new;
    let (bytes, most) = (answer.len() as i64, i64::from(cache.max_mb) * 1024 * 1024);
    if bytes > most {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO response_cache (route_id, key, answer, bytes, cost_nano, created_at, used_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         ON CONFLICT (route_id, key) DO UPDATE SET answer = excluded.answer, bytes = excluded.bytes,
             cost_nano = excluded.cost_nano, created_at = excluded.created_at, used_at = excluded.used_at",
    )?
    .execute(params![route_id, key, answer, bytes, cost_nano, now])?;
    let oldest = now.saturating_sub(i64::from(cache.ttl_s) * 1_000);
    tx.prepare_cached("DELETE FROM response_cache WHERE route_id = ?1 AND (created_at <= ?2 OR created_at > ?3)")?
        .execute(params![route_id, oldest, now])?;
    // The newest use comes first; what the sum passes the room with, and all after it, goes.
    tx.prepare_cached(
        "DELETE FROM response_cache WHERE id IN (
             SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY used_at DESC, id DESC) AS sum
                               FROM response_cache WHERE route_id = ?1) WHERE sum > ?2)",
    )?
    .execute(params![route_id, most])?;
    Ok(())
}

/// Drops all that a route keeps.
pub fn purge(tx: &Transaction<'_>, route_id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM response_cache WHERE route_id = ?1", [route_id])?;
    Ok(())
}
