//! The tables `run`, `attempt` and `stream_chunk`.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{
    error::StoreError,
    rows::{PartMeta, PartRow, TargetRow},
};
use crate::{
    chat::hub::Chunk,
    view::{AttemptReason, CommandError, FailureView, MessageStatus, PartKind, Purpose, SkipView},
};

/// How an attempt ended.
#[derive(Clone, Debug, Default)]
pub struct AttemptEnd {
    /// The model that served, where the vendor says.
    pub model_served: Option<String>,
    /// The vendor's id of the answer.
    pub response_id: Option<String>,
    /// Milliseconds to the first output.
    pub first_token_ms: Option<i64>,
    /// Milliseconds to the end; unknown where the app was killed.
    pub duration_ms: Option<i64>,
    /// Our reading of why it ended.
    pub finish_class: Option<String>,
    /// The vendor's word.
    pub finish_reason: Option<String>,
    /// Why it failed.
    pub error: Option<FailureView>,
    /// The vendor's request id.
    pub request_id: Option<String>,
}

/// A row of `attempt`.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// Its id.
    pub id: i64,
    /// Its run.
    pub run_id: i64,
    /// Whom it asked.
    pub target: TargetRow,
    /// The provider's name now.
    pub provider_name: String,
    /// The account's label now.
    pub account: Option<String>,
    /// UTC milliseconds.
    pub started_at: i64,
    /// Where it stands.
    pub outcome: MessageStatus,
    /// How it ended, so far as it did.
    pub end: AttemptEnd,
    /// The route it ran on, with its name now.
    pub route: Option<(i64, String)>,
    /// How it came about.
    pub reason: AttemptReason,
    /// Whom it passed over.
    pub skipped: Vec<SkipView>,
    /// Told again from the response cache.
    pub cached: bool,
}

/// A run about to begin.
#[derive(Clone, Copy, Debug)]
pub struct RunStart<'a> {
    /// Its chat.
    pub conversation_id: i64,
    /// The reply it writes.
    pub message_id: i64,
    /// What it is for.
    pub purpose: Purpose,
    /// `send`, `retry` or `continue`.
    pub trigger: &'a str,
    /// The route it runs on from its first attempt.
    pub route_id: Option<i64>,
}

/// An attempt about to begin.
#[derive(Clone, Debug)]
pub struct AttemptStart {
    /// Whom it asks.
    pub target: TargetRow,
    /// The route that named it; its run is on that route from here on.
    pub route_id: Option<i64>,
    /// How it came about.
    pub reason: AttemptReason,
    /// Whom it passed over.
    pub skipped: Vec<SkipView>,
    /// Nobody is asked: an answer is told again.
    pub cached: bool,
}

/// Begins a run of a message. Nobody is asked yet.
pub fn begin(tx: &Transaction<'_>, run: RunStart<'_>, now: i64) -> Result<i64, StoreError> {
    let RunStart { conversation_id, message_id, purpose, trigger, route_id } = run;
    tx.execute(
        "INSERT INTO run (message_id, conversation_id, purpose, trigger, route_id, started_at)
         VALUES (?1, ?2, ?6, ?3, ?4, ?5)",
        params![message_id, conversation_id, trigger, route_id, now, purpose.as_str()],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Begins and ends a run of a reply that nobody can be asked for, with why.
pub fn refuse(tx: &Transaction<'_>, run: RunStart<'_>, why: &CommandError, now: i64) -> Result<i64, StoreError> {
    let why = serde_json::to_string(why).map_err(|_| StoreError::internal("a refusal as JSON"))?;
    let id = begin(tx, run, now)?;
    end(tx, id, MessageStatus::Failed, now)?;
    tx.execute("UPDATE run SET refused = ?2 WHERE id = ?1", params![id, why])?;
    Ok(id)
}

/// Why nobody could be asked for a reply, where its last run says so.
pub fn refused(connection: &Connection, message_id: i64) -> Result<Option<CommandError>, StoreError> {
    let sql = "SELECT refused FROM run WHERE message_id = ?1 ORDER BY id DESC LIMIT 1";
    let json: Option<Option<String>> =
        connection.prepare_cached(sql)?.query_row([message_id], |row| row.get(0)).optional()?;
    Ok(json.flatten().and_then(|json| serde_json::from_str(&json).ok()))
}

/// Begins the next attempt of a run, as its request leaves.
pub fn begin_attempt(tx: &Transaction<'_>, run_id: i64, start: &AttemptStart, now: i64) -> Result<i64, StoreError> {
    let AttemptStart { target, route_id, reason, skipped, cached } = start;
    if route_id.is_some() {
        let sql = "UPDATE run SET route_id = ?2 WHERE id = ?1 AND route_id IS NOT ?2";
        tx.prepare_cached(sql)?.execute(params![run_id, route_id])?;
    }
    let skipped = (!skipped.is_empty()).then(|| serde_json::to_string(skipped).ok()).flatten();
    tx.execute(
        "INSERT INTO attempt (run_id, ordinal, provider_id, account_id, vendor, model, started_at, reason, skipped,
                              cached)
         VALUES (?1, (SELECT coalesce(max(ordinal), -1) + 1 FROM attempt WHERE run_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7,
                 ?8, ?9)",
        params![
            run_id,
            target.provider_id,
            target.account_id,
            target.vendor,
            target.model,
            now,
            reason.as_str(),
            skipped,
            cached
        ],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Writes down how an attempt ended.
pub fn end_attempt(
    tx: &Transaction<'_>,
    attempt_id: i64,
    outcome: MessageStatus,
    end: &AttemptEnd,
) -> Result<(), StoreError> {
    let error = end.error.as_ref();
    tx.execute(
        "UPDATE attempt SET model_served = ?2, response_id = ?3, first_token_ms = ?4, duration_ms = ?5, outcome = ?6,
                finish_class = ?7, finish_reason = ?8, error_category = ?9, error_status = ?10, error_code = ?11,
                error_message = ?12, request_id = ?13 WHERE id = ?1",
        params![
            attempt_id,
            end.model_served,
            end.response_id,
            end.first_token_ms,
            end.duration_ms,
            outcome.as_str(),
            end.finish_class,
            end.finish_reason,
            error.map(|e| e.category.as_str()),
            error.and_then(|e| e.status),
            error.and_then(|e| e.code.as_ref()),
            error.map(|e| &e.message),
            end.request_id,
        ],
    )?;
    Ok(())
}

/// Writes down how a run ended.
pub fn end(tx: &Transaction<'_>, run_id: i64, outcome: MessageStatus, now: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE run SET ended_at = ?2, outcome = ?3 WHERE id = ?1", params![run_id, now, outcome.as_str()])?;
    Ok(())
}

/// Runs that a killed app left between two attempts or in the line for their first, with their messages. Those with an
/// attempt that was left running are not among them once it is closed.
pub fn left_waiting(connection: &Connection) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = "SELECT r.id, m.id FROM message m JOIN run r ON r.message_id = m.id
                WHERE m.status = 'streaming' AND r.outcome IS NULL ORDER BY r.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

const ATTEMPT: &str = "a.id, a.run_id, a.provider_id, a.account_id, a.vendor, a.model, p.name, a.started_at, a.outcome,
    a.model_served, a.response_id, a.first_token_ms, a.duration_ms, a.finish_class, a.finish_reason,
    a.error_category, a.error_status, a.error_code, a.error_message, a.request_id,
    (SELECT label FROM account WHERE account.id = a.account_id), a.reason, a.skipped, a.cached,
    e.id, e.name";

/// The route that named an attempt: as it is booked, or that of its run while it runs. A run may have asked the chat's
/// own model before it came to its route.
const ROUTE: &str = "LEFT JOIN route e ON e.id = (
    SELECT CASE WHEN l.id IS NULL THEN o.route_id ELSE l.route_id END
      FROM run o LEFT JOIN ledger l ON l.attempt_id = a.id AND l.kind = 'entry' WHERE o.id = a.run_id)";

/// Every attempt made for a message, oldest first; for a copy also those of its original up to the copying.
pub fn attempts_of(connection: &Connection, message_id: i64) -> Result<Vec<AttemptRow>, StoreError> {
    let sql = format!(
        "WITH RECURSIVE line (id, until) AS (
             SELECT ?1, {last} UNION ALL
             SELECT m.origin_id, m.origin_run FROM line CROSS JOIN message m ON m.id = line.id WHERE m.origin_id < m.id)
         SELECT {ATTEMPT} FROM line CROSS JOIN run r ON r.message_id = line.id AND r.id <= line.until
             JOIN attempt a ON a.run_id = r.id JOIN provider p ON p.id = a.provider_id {ROUTE} ORDER BY a.id",
        last = i64::MAX
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([message_id], attempt_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Attempts that a killed app left running.
pub fn left_running(connection: &Connection) -> Result<Vec<AttemptRow>, StoreError> {
    let sql = format!(
        "SELECT {ATTEMPT} FROM attempt a JOIN provider p ON p.id = a.provider_id {ROUTE}
          WHERE a.outcome = 'running' ORDER BY a.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], attempt_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn attempt_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<AttemptRow> {
    let outcome: String = row.get(8)?;
    let error = failure(row, 15)?;
    Ok(AttemptRow {
        id: row.get(0)?,
        run_id: row.get(1)?,
        target: TargetRow {
            provider_id: row.get(2)?,
            account_id: row.get(3)?,
            vendor: row.get(4)?,
            model: row.get(5)?,
        },
        provider_name: row.get(6)?,
        account: row.get(20)?,
        started_at: row.get(7)?,
        outcome: MessageStatus::from_stored(&outcome).unwrap_or(MessageStatus::Failed),
        end: AttemptEnd {
            model_served: row.get(9)?,
            response_id: row.get(10)?,
            first_token_ms: row.get(11)?,
            duration_ms: row.get(12)?,
            finish_class: row.get(13)?,
            finish_reason: row.get(14)?,
            error,
            request_id: row.get(19)?,
        },
        reason: AttemptReason::from_stored(&row.get::<_, String>(21)?),
        skipped: skipped(row.get(22)?),
        cached: row.get(23)?,
        route: row.get::<_, Option<i64>>(24)?.zip(row.get(25)?),
    })
}

/// What cannot be read counts as nothing: it explains, and decides nothing.
fn skipped(json: Option<String>) -> Vec<SkipView> {
    json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// Why an attempt failed, from its category, status, code and message, which stand side by side from this column on.
pub fn failure(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Option<FailureView>> {
    let category: Option<String> = row.get(first)?;
    let category = category.and_then(|name| parlance_providers::Category::ALL.into_iter().find(|c| c.as_str() == name));
    let Some(category) = category else { return Ok(None) };
    Ok(Some(FailureView {
        category,
        status: row.get(first + 1)?,
        code: row.get(first + 2)?,
        message: row.get::<_, Option<String>>(first + 3)?.unwrap_or_default(),
    }))
}

/// Appends text of running replies: one call, one commit, all lanes. A reply may have settled while its chunks waited
/// for the writer; they are in its parts then and are dropped here.
pub fn append_chunks(tx: &Transaction<'_>, chunks: &[Chunk]) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO stream_chunk (attempt_id, sequence, part, kind, text, meta)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM attempt WHERE id = ?1 AND outcome = 'running')
         ON CONFLICT DO NOTHING",
    )?;
    for chunk in chunks {
        let meta = chunk.meta.to_json();
        statement.execute(params![
            chunk.attempt_id,
            chunk.sequence,
            chunk.part,
            chunk.kind.as_str(),
            chunk.text,
            meta
        ])?;
    }
    Ok(())
}

/// The parts that an attempt's chunks add up to.
pub fn folded_chunks(connection: &Connection, attempt_id: i64) -> Result<Vec<PartRow>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT part, kind, text, meta FROM stream_chunk WHERE attempt_id = ?1 ORDER BY sequence")?;
    let mut rows = statement.query([attempt_id])?;
    let mut parts: std::collections::BTreeMap<u32, PartRow> = std::collections::BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (ordinal, text, meta): (u32, String, String) = (row.get(0)?, row.get(2)?, row.get(3)?);
        let kind: String = row.get(1)?;
        let kind = PartKind::from_stored(&kind).ok_or(StoreError::Corrupt)?;
        let part = parts.entry(ordinal).or_insert_with(|| PartRow {
            ordinal,
            kind,
            attempt_id: Some(attempt_id),
            text: String::new(),
            meta: PartMeta::from_json(&meta),
            opaque: None,
            attachment: None,
        });
        part.text.push_str(&text);
    }
    Ok(parts.into_values().collect())
}

/// Drops an attempt's chunks once its parts stand.
pub fn drop_chunks(tx: &Transaction<'_>, attempt_id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM stream_chunk WHERE attempt_id = ?1", [attempt_id])?;
    Ok(())
}
