//! Indexes what was in the store before the index was: newest first, in small steps, each one transaction with its
//! place written down, so that a kill at any moment only means going on from there.

use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, params};

use super::{index, terms::VERSION};
use crate::history::{Database, StoreError};

/// How long a step may hold the one writer.
const STEP: Duration = Duration::from_millis(4);
/// Between two steps: others write meanwhile, and a laptop does not heat up.
const REST: Duration = Duration::from_millis(2);
/// Before a failed step is tried again.
const AGAIN: Duration = Duration::from_secs(5);
const FEWEST: usize = 4;
const MOST: usize = 512;

/// Runs until all is indexed or the store closes.
pub async fn run(database: Database) {
    let (mut size, mut begun_anew) = (FEWEST * 4, false);
    loop {
        match database.write(move |tx| timed_step(tx, size)).await {
            Ok((Step::Done, _)) | Err(StoreError::Closed) => return,
            // An index that is damaged again at once is not made a third time.
            Ok((Step::Anew, _)) if begun_anew => return,
            Ok((Step::Anew, _)) => begun_anew = true,
            Ok((Step::More, took)) if took > STEP => size = (size / 2).max(FEWEST),
            Ok((Step::More, took)) if took < STEP / 2 => size = (size * 2).min(MOST),
            Ok((Step::More, _)) => {}
            Err(error) => {
                tracing::warn!(code = error.code(), "older messages could not be indexed, trying again");
                tokio::time::sleep(AGAIN).await;
            }
        }
        tokio::time::sleep(REST).await;
    }
}

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Call again.
    More,
    /// The index was emptied; call again.
    Anew,
    /// All is indexed.
    Done,
}

fn timed_step(tx: &Transaction<'_>, size: usize) -> Result<(Step, Duration), StoreError> {
    let start = Instant::now();
    let step = step(tx, size)?;
    Ok((step, start.elapsed()))
}

/// Indexes up to `size` titles or messages.
///
/// # Errors
/// [`StoreError`]; nothing of the step is done then.
pub fn step(tx: &Transaction<'_>, size: usize) -> Result<Step, StoreError> {
    let state = "SELECT version, next_title, next_message FROM search_state";
    let (version, title, message): (u32, i64, i64) =
        tx.prepare_cached(state)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if version != VERSION {
        begin_anew(tx)?;
        return Ok(Step::Anew);
    }
    if title > 0 {
        let next = each(tx, "conversation", title, size, index::title)?.next;
        tx.execute("UPDATE search_state SET next_title = ?1", [next])?;
        return Ok(Step::More);
    }
    if message > 0 {
        let done = each(tx, "message", message, size, index::index)?;
        tx.execute("UPDATE search_state SET next_message = ?1, done = done + ?2", params![done.next, done.count])?;
        return Ok(Step::More);
    }
    Ok(Step::Done)
}

struct Done {
    next: i64,
    count: i64,
}

/// The newest ids first, but each step in rising order: the index takes falling ids one by one, which is slow.
fn each(
    tx: &Transaction<'_>,
    table: &str,
    from: i64,
    size: usize,
    work: fn(&Connection, i64) -> Result<(), StoreError>,
) -> Result<Done, StoreError> {
    let sql = format!("SELECT id FROM {table} WHERE id <= ?1 ORDER BY id DESC LIMIT ?2");
    let ids: Vec<i64> = tx
        .prepare_cached(&sql)?
        .query_map(params![from, i64::try_from(size).unwrap_or(i64::MAX)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    index::guarded(tx, |tx| ids.iter().rev().try_for_each(|id| work(tx, *id)))?;
    let next = if ids.len() < size { 0 } else { ids.last().map_or(0, |id| id - 1) };
    Ok(Done { next, count: i64::try_from(ids.len()).unwrap_or(i64::MAX) })
}

/// Empties the index. Its tables are made anew from their own words, since a damaged one cannot be emptied.
fn begin_anew(tx: &Transaction<'_>) -> Result<(), StoreError> {
    for table in ["search_index", "search_title"] {
        let sql: String = tx.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0))?;
        tx.execute_batch(&format!("DROP TABLE {table}; {sql};"))?;
        tx.execute(&format!("INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1)"), [])?;
    }
    tx.execute_batch("DELETE FROM search_doc; DELETE FROM search_span;")?;
    tx.execute(
        "UPDATE search_state SET version = ?1, done = 0,
            next_title = (SELECT coalesce(max(id), 0) FROM conversation),
            next_message = (SELECT coalesce(max(id), 0) FROM message),
            total = (SELECT count(*) FROM message)",
        [VERSION],
    )?;
    Ok(())
}
