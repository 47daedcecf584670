//! Runs a search: finds, counts and ranks within bounds, so that the worst query costs little more than a good one.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, InterruptHandle, ToSql, types::Value};

use super::{
    expression::{self, Plan},
    index, rank,
};
use crate::history::error::StoreError;

/// Hits that are looked at; of more, the newest.
pub const MOST_HITS: usize = 1_000;
/// Memory for pages of a connection that searches, in KiB; it grows only as far as searches read.
const CACHE_KIB: i64 = 32_768;
/// Titles that are looked at.
const MOST_TITLES: usize = 20;
/// How long finding may take before it answers with what it has.
pub const TIME: Duration = Duration::from_millis(150);

/// Ends a search from outside: a newer one has begun, or its time is over.
#[derive(Clone)]
pub struct Stop {
    time: Duration,
    stopped: Arc<AtomicBool>,
    superseded: Arc<AtomicBool>,
    running: Arc<Mutex<Option<InterruptHandle>>>,
}

impl Stop {
    /// For a search that answers with what it has after so long.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self { time, stopped: Arc::default(), superseded: Arc::default(), running: Arc::default() }
    }

    /// Ends it, wherever it is.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Held while interrupting, so that what the connection does next is not hit.
        if let Some(handle) = self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            handle.interrupt();
        }
    }

    /// Ends it because a newer one has begun.
    pub fn supersede(&self) {
        self.superseded.store(true, Ordering::SeqCst);
        self.stop();
    }

    /// Whether a newer one has begun.
    #[must_use]
    pub fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::SeqCst)
    }

    /// Whether it was ended.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn watch(&self, connection: &Connection) -> Watched<'_> {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.get_interrupt_handle());
        Watched { stop: self, until: Instant::now() + self.time }
    }
}

/// While this lives, the connection may be interrupted.
pub(super) struct Watched<'a> {
    stop: &'a Stop,
    until: Instant,
}

impl Watched<'_> {
    fn over(&self) -> bool {
        self.stop.is_stopped() || Instant::now() > self.until
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        *self.stop.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// One message that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub id: i64,
    /// Its conversation.
    pub conversation_id: i64,
    /// When it was written, UTC milliseconds.
    pub at: i64,
    /// The bits of [`index`].
    pub flags: i64,
    /// Who wrote it last.
    pub provider_id: Option<i64>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// In the order asked for.
    pub hits: Vec<Hit>,
    /// These are all there are.
    pub all: bool,
    /// They are ordered by how well they match.
    pub ranked: bool,
    /// Conversations whose title matches, last used first, with that time.
    pub titles: Vec<(i64, i64)>,
}

/// Finds the messages of a plan. Where it is stopped, with what it has so far.
///
/// # Errors
/// [`StoreError`].
pub fn find(
    connection: &Connection,
    plan: &Plan,
    chat: Option<i64>,
    best: bool,
    stop: &Stop,
) -> Result<Found, StoreError> {
    let watched = stop.watch(connection);
    // Pages of the index that a person's next keystroke needs again. Given back as others are read.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    let (mut hits, all) = scan(connection, plan, chat, MOST_HITS, &watched)?;
    let titles = if chat.is_none() { titles(connection, plan, &watched)? } else { Vec::new() };
    let mut ranked = false;
    if best && all && hits.len() > 1 {
        ranked = rank::rank(connection, &plan.needles, &mut hits, &watched)?;
    }
    Ok(Found { hits, all, ranked, titles })
}

/// How many messages a plan finds, counted up to `most`.
///
/// # Errors
/// [`StoreError`].
pub fn count(connection: &Connection, plan: &Plan, most: usize, stop: &Stop) -> Result<(usize, bool), StoreError> {
    let watched = stop.watch(connection);
    let (hits, all) = scan(connection, plan, None, most, &watched)?;
    Ok((hits.len(), all))
}

/// Steps through rows until there are no more, `take` has enough, or the time is over. Whether it came to the end.
pub(super) fn rows(
    connection: &Connection,
    sql: &str,
    parameters: &[Value],
    watched: &Watched<'_>,
    mut take: impl FnMut(&rusqlite::Row<'_>) -> Result<bool, StoreError>,
) -> Result<bool, StoreError> {
    if watched.over() {
        return Ok(false);
    }
    let mut statement = connection.prepare_cached(sql)?;
    let bound: Vec<&dyn ToSql> = parameters.iter().map(|value| value as &dyn ToSql).collect();
    let mut rows = statement.query(bound.as_slice())?;
    for step in 0_u32.. {
        if step % 64 == 63 && watched.over() {
            return Ok(false);
        }
        match rows.next() {
            Ok(None) => return Ok(true),
            Ok(Some(row)) if !take(row)? => return Ok(false),
            Ok(Some(_)) => {}
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

fn scan(
    connection: &Connection,
    plan: &Plan,
    chat: Option<i64>,
    most: usize,
    watched: &Watched<'_>,
) -> Result<(Vec<Hit>, bool), StoreError> {
    let (first, last) = expression::id_bounds(connection, plan, chat)?;
    let mut parameters = vec![Value::Integer(first), Value::Integer(last)];
    let mut conditions = String::new();
    if let Some(matching) = &plan.matching {
        parameters.insert(0, Value::Text(matching.clone()));
    }
    for (value, condition) in
        [(plan.after, " AND d.at >= ?"), (plan.before, " AND d.at < ?"), (chat, " AND d.conversation_id = ?")]
    {
        if let Some(value) = value {
            conditions.push_str(condition);
            parameters.push(Value::Integer(value));
        }
    }
    parameters.extend(plan.parameters.iter().cloned());
    let (from, key) = match plan.matching {
        // CROSS JOIN: the index first, whatever the planner guesses of it.
        Some(_) => (
            "search_index CROSS JOIN search_doc d ON d.id = search_index.rowid
             CROSS JOIN conversation c ON c.id = d.conversation_id WHERE search_index MATCH ? AND",
            "search_index.rowid",
        ),
        None => ("search_doc d CROSS JOIN conversation c ON c.id = d.conversation_id WHERE", "d.id"),
    };
    let sql = format!(
        "SELECT d.id, d.conversation_id, d.at, d.flags, d.provider_id FROM {from} {key} BETWEEN ? AND ?{conditions}{}
            AND d.hidden = 0 AND {} ORDER BY {key} DESC",
        plan.conditions, plan.place
    );
    let mut hits = Vec::new();
    let all = rows(connection, &sql, &parameters, watched, |row| {
        if hits.len() >= most {
            return Ok(false);
        }
        hits.push(Hit {
            id: row.get(0)?,
            conversation_id: row.get(1)?,
            at: row.get(2)?,
            flags: row.get(3)?,
            provider_id: row.get(4)?,
        });
        Ok(true)
    })?;
    Ok((hits, all))
}

fn titles(connection: &Connection, plan: &Plan, watched: &Watched<'_>) -> Result<Vec<(i64, i64)>, StoreError> {
    let Some(matching) = &plan.titles else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT c.id, c.updated_at FROM search_title CROSS JOIN conversation c ON c.id = search_title.rowid
          WHERE search_title MATCH ? AND {} ORDER BY search_title.rowid DESC LIMIT {MOST_TITLES}",
        plan.place
    );
    let mut found = Vec::new();
    rows(connection, &sql, &[Value::Text(matching.clone())], watched, |row| {
        found.push((row.get(0)?, row.get(1)?));
        Ok(true)
    })?;
    found.sort_by_key(|(id, at)| (std::cmp::Reverse(*at), *id));
    Ok(found)
}

/// How the hits spread, for the filters beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Written by the person.
    pub you: u32,
    /// By provider, most first.
    pub providers: Vec<(i64, u32)>,
    /// With code.
    pub code: u32,
    /// With an image.
    pub image: u32,
    /// With a file.
    pub attachment: u32,
    /// Failed or cut off.
    pub failed: u32,
}

impl Facets {
    /// Counts hits.
    #[must_use]
    pub fn of(hits: &[Hit]) -> Self {
        let with = |bit: i64| u32::try_from(hits.iter().filter(|hit| hit.flags & bit != 0).count()).unwrap_or(u32::MAX);
        let mut providers: HashMap<i64, u32> = HashMap::new();
        for id in hits.iter().filter_map(|hit| hit.provider_id) {
            *providers.entry(id).or_default() += 1;
        }
        let mut providers: Vec<_> = providers.into_iter().collect();
        providers.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
        Self {
            you: with(index::YOU),
            providers,
            code: with(index::CODE),
            image: with(index::IMAGE),
            attachment: with(index::ATTACHMENT),
            failed: with(index::FAILED),
        }
    }
}
