//! What a person made of answers: ranks, remarks and tags of a prompt, and thumbs.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::StoreError;
use crate::view::{JudgementView, Thumb};

/// A judgement to keep.
#[derive(Clone, Debug, Default)]
pub struct NewJudgement {
    /// Answers by rank, the best first.
    pub ranks: Vec<Vec<i64>>,
    /// Answers that took part and are in no rank.
    pub behind: Vec<i64>,
    /// A remark.
    pub note: String,
    /// Words to rank by.
    pub tags: Vec<String>,
    /// Names were hidden.
    pub blind: bool,
}

/// The judgement of a turn.
pub fn of_turn(connection: &Connection, turn_id: i64) -> Result<Option<JudgementView>, StoreError> {
    let sql = "SELECT blind, note, at FROM judgement WHERE turn_id = ?1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([turn_id], |row| Ok((row.get::<_, bool>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)));
    let Some((blind, note, at)) = row.optional()? else { return Ok(None) };
    let sql = "SELECT tag FROM judgement_tag WHERE turn_id = ?1 ORDER BY tag";
    let tags = connection.prepare_cached(sql)?.query_map([turn_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let sql =
        "SELECT place, message_id FROM judged WHERE turn_id = ?1 AND place IS NOT NULL ORDER BY place, message_id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([turn_id])?;
    let mut ranks: Vec<(i64, Vec<String>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (place, message): (i64, i64) = (row.get(0)?, row.get(1)?);
        match ranks.last_mut() {
            Some((last, group)) if *last == place => group.push(message.to_string()),
            _ => ranks.push((place, vec![message.to_string()])),
        }
    }
    let ranks = ranks.into_iter().map(|(_, group)| group).collect();
    Ok(Some(JudgementView { ranks, note, tags, blind, at: at as f64 }))
}

/// Keeps a judgement in place of the one before; one that says nothing takes it back.
pub fn keep(tx: &Transaction<'_>, turn_id: i64, judgement: &NewJudgement, now: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM judgement WHERE turn_id = ?1", [turn_id])?;
    let NewJudgement { ranks, behind, note, tags, blind } = judgement;
    if ranks.is_empty() && note.is_empty() && tags.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO judgement (turn_id, blind, note, at) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![turn_id, blind, note, now])?;
    for tag in tags {
        tx.execute("INSERT OR IGNORE INTO judgement_tag (turn_id, tag) VALUES (?1, ?2)", params![turn_id, tag])?;
    }
    for (place, group) in ranks.iter().enumerate() {
        group.iter().try_for_each(|message| judged(tx, turn_id, *message, Some(place as i64)))?;
    }
    if ranks.is_empty() { Ok(()) } else { behind.iter().try_for_each(|message| judged(tx, turn_id, *message, None)) }
}

/// With whom the answer came from: the last that was asked for it.
fn judged(tx: &Transaction<'_>, turn_id: i64, message_id: i64, place: Option<i64>) -> Result<(), StoreError> {
    let written = tx.execute(
        "INSERT INTO judged (turn_id, message_id, place, attempt_id, provider_id, model, route_id)
         SELECT ?1, ?2, ?3, a.id, a.provider_id, a.model, r.route_id
           FROM run r JOIN attempt a ON a.run_id = r.id WHERE r.message_id = ?2 ORDER BY a.id DESC LIMIT 1",
        params![turn_id, message_id, place],
    )?;
    if written == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// What a person thinks of an answer.
pub fn thumb(connection: &Connection, message_id: i64) -> Result<Option<Thumb>, StoreError> {
    let sql = "SELECT up FROM thumb WHERE message_id = ?1";
    let up: Option<bool> = connection.prepare_cached(sql)?.query_row([message_id], |row| row.get(0)).optional()?;
    Ok(up.map(|up| if up { Thumb::Up } else { Thumb::Down }))
}

/// Keeps that, or takes it back.
pub fn set_thumb(tx: &Transaction<'_>, message_id: i64, thumb: Option<Thumb>, now: i64) -> Result<(), StoreError> {
    match thumb {
        None => tx.execute("DELETE FROM thumb WHERE message_id = ?1", [message_id])?,
        Some(thumb) => tx.execute(
            "INSERT INTO thumb (message_id, up, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (message_id) DO UPDATE SET up = excluded.up, at = excluded.at",
            params![message_id, thumb == Thumb::Up, now],
        )?,
    };
    Ok(())
}
