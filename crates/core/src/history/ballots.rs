//! What judgements say of who wrote the answers, and what answers of weighted routes came to.

use rusqlite::{Connection, Row, params};

use super::error::StoreError;

/// An answer that was judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The prompt it answers.
    pub turn_id: i64,
    /// Its rank, 0 the best; `None` is behind all that have one.
    pub place: Option<i64>,
    /// Who wrote it.
    pub provider_id: i64,
    /// With which model.
    pub model: String,
    /// The route it was asked on.
    pub route_id: Option<i64>,
    /// Nano-USD of all that was asked for it; `None` where some of it is not known.
    pub nano: Option<i64>,
    /// To the first output.
    pub first_token_ms: Option<i64>,
    /// Output tokens a second after that.
    pub tokens_per_second: Option<f64>,
}

/// The last run of a weighted route that are looked at.
const MOST_PICKS: i64 = 20_000;

/// All judged answers, prompt by prompt in their order; those of comparisons in the trash are left out.
pub fn judged(connection: &Connection, tag: Option<&str>, blind_only: bool) -> Result<Vec<Judged>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT j.turn_id, j.place, j.provider_id, j.model, j.route_id, money.nano, a.first_token_ms,
                CASE WHEN a.duration_ms > a.first_token_ms AND l.output_total > 0
                     THEN l.output_total * 1000.0 / (a.duration_ms - a.first_token_ms) END
           FROM judgement g JOIN turn t ON t.id = g.turn_id JOIN conversation c ON c.id = t.conversation_id
           JOIN judged j ON j.turn_id = g.turn_id
           LEFT JOIN attempt a ON a.id = j.attempt_id
           LEFT JOIN ledger l ON l.attempt_id = a.id AND l.kind = 'entry'
           LEFT JOIN (
               SELECT r.message_id, CASE WHEN max(s.source = 'unknown') = 0 THEN sum(s.total_nano) END AS nano
                 FROM judged ours JOIN run r ON r.message_id = ours.message_id JOIN attempt x ON x.run_id = r.id
                 JOIN ledger e ON e.attempt_id = x.id AND e.kind = 'entry' JOIN ledger_settled s ON s.id = e.id
                GROUP BY r.message_id) money ON money.message_id = j.message_id
          WHERE c.deleted_at IS NULL AND (NOT ?2 OR g.blind)
            AND (?1 IS NULL OR EXISTS (SELECT 1 FROM judgement_tag w WHERE w.turn_id = g.turn_id AND w.tag = ?1))
          ORDER BY j.turn_id, j.place IS NULL, j.place, j.message_id",
    )?;
    let rows = statement.query_map(params![tag, blind_only], |row| {
        Ok(Judged {
            turn_id: row.get(0)?,
            place: row.get(1)?,
            provider_id: row.get(2)?,
            model: row.get(3)?,
            route_id: row.get(4)?,
            nano: row.get::<_, Option<f64>>(5)?.map(|nano| nano as i64),
            first_token_ms: row.get(6)?,
            tokens_per_second: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every tag with how often it was given, the most used first.
pub fn tags(connection: &Connection) -> Result<Vec<(String, u32)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT w.tag, count(*) FROM judgement_tag w JOIN turn t ON t.id = w.turn_id
           JOIN conversation c ON c.id = t.conversation_id WHERE c.deleted_at IS NULL
          GROUP BY w.tag ORDER BY count(*) DESC, w.tag",
    )?;
    let rows = statement.query_map([], |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A run of a weighted route, by whom it asked first.
#[derive(Clone, Debug)]
pub struct Pick {
    /// Whom.
    pub provider_id: i64,
    /// With which model.
    pub model: String,
    /// It answered.
    pub answered: bool,
    /// To the first output.
    pub first_token_ms: Option<i64>,
    /// Nano-USD; `None` where it is not known.
    pub nano: Option<i64>,
    /// What the person thought of the answer: true is up.
    pub thumb: Option<bool>,
    /// When, UTC milliseconds.
    pub at: i64,
}

/// The runs of a route that were drawn by its weights: of those that passed somebody over the first was not.
pub fn picks(connection: &Connection, route_id: i64) -> Result<Vec<Pick>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT a.provider_id, a.model, a.outcome = 'complete', a.first_token_ms,
                CASE WHEN s.source <> 'unknown' THEN s.total_nano END,
                CASE WHEN a.outcome = 'complete' THEN t.up END, a.started_at
           FROM run r JOIN attempt a ON a.run_id = r.id
           LEFT JOIN ledger l ON l.attempt_id = a.id AND l.kind = 'entry' LEFT JOIN ledger_settled s ON s.id = l.id
           LEFT JOIN thumb t ON t.message_id = r.message_id
          WHERE r.route_id = ?1 AND r.purpose IN ('chat', 'compare') AND a.reason = 'first' AND a.skipped IS NULL
            AND a.cached = 0 AND a.outcome <> 'running'
          ORDER BY r.id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![route_id, MOST_PICKS], |row| {
        Ok(Pick {
            provider_id: row.get(0)?,
            model: row.get(1)?,
            answered: row.get(2)?,
            first_token_ms: row.get(3)?,
            nano: row.get::<_, Option<f64>>(4)?.map(|nano| nano as i64),
            thumb: row.get(5)?,
            at: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
