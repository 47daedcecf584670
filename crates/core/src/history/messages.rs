//! The tables `turn` and `message`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

pub use super::parts::insert as insert_part;
use super::{
    error::StoreError,
    parts,
    rows::{LaneRow, MessageRow, PartRow},
    search,
    tree::UP,
};
use crate::view::{MessageRole, MessageStatus};

const COLUMNS: &str = "m.id, m.lane_id, m.turn_id, m.parent_id, m.role, m.status, m.created_at";

fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let user = row.get_ref(4)?.as_str()? == "user";
    Ok(MessageRow {
        id: row.get(0)?,
        lane_id: row.get(1)?,
        turn_id: row.get(2)?,
        parent_id: row.get(3)?,
        role: if user { MessageRole::User } else { MessageRole::Assistant },
        status: MessageStatus::from_stored(row.get_ref(5)?.as_str()?).unwrap_or(MessageStatus::Failed),
        created_at: row.get(6)?,
        parts: Vec::new(),
    })
}

/// One message with its parts; a deleted one is not found.
pub fn get(connection: &Connection, id: i64) -> Result<MessageRow, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM message m WHERE m.id = ?1 AND m.deleted_at IS NULL");
    let row = connection.prepare_cached(&sql)?.query_row([id], message_row).optional()?;
    let mut message = row.ok_or(StoreError::NotFound)?;
    parts::load(connection, std::slice::from_mut(&mut message))?;
    Ok(message)
}

/// Messages with their parts, in the order of `ids`.
///
/// # Errors
/// [`StoreError::NotFound`] where one is not there or deleted.
pub fn get_all(connection: &Connection, ids: &[i64]) -> Result<Vec<MessageRow>, StoreError> {
    let wanted = serde_json::to_string(ids).map_err(|_| StoreError::internal("ids as JSON"))?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM json_each(?1) wanted CROSS JOIN message m ON m.id = wanted.value
          WHERE m.deleted_at IS NULL ORDER BY wanted.key"
    ))?;
    let mut messages = statement.query_map([wanted], message_row)?.collect::<Result<Vec<_>, _>>()?;
    if messages.len() != ids.len() {
        return Err(StoreError::NotFound);
    }
    parts::load(connection, &mut messages)?;
    Ok(messages)
}

/// The branch that ends at `leaf`, oldest first, with parts and without deleted messages.
pub fn branch(connection: &Connection, leaf: i64) -> Result<Vec<MessageRow>, StoreError> {
    let sql = format!("{UP} SELECT {COLUMNS} FROM up CROSS JOIN message m ON m.id = up.id WHERE m.deleted_at IS NULL");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut messages = statement.query_map([leaf], message_row)?.collect::<Result<Vec<_>, _>>()?;
    messages.sort_unstable_by_key(|message| message.id);
    parts::load(connection, &mut messages)?;
    Ok(messages)
}

/// The stored name of a role.
pub(super) fn role_name(role: MessageRole) -> &'static str {
    match role {
        MessageRole::User => "user",
        MessageRole::Assistant => "assistant",
    }
}

/// A prompt: the turn with its pieces, and its user message after `parent_id`.
pub fn insert_prompt(
    tx: &Transaction<'_>,
    lane: &LaneRow,
    parent_id: Option<i64>,
    pieces: &[PartRow],
    now: i64,
) -> Result<(i64, i64), StoreError> {
    tx.execute("INSERT INTO turn (conversation_id, created_at) VALUES (?1, ?2)", params![lane.conversation_id, now])?;
    let turn_id = tx.last_insert_rowid();
    for piece in pieces {
        parts::insert_into_turn(tx, turn_id, piece)?;
    }
    let user = insert(tx, lane.id, turn_id, parent_id, MessageRole::User, MessageStatus::Complete, now)?;
    search::index_prompt(tx, user)?;
    Ok((turn_id, user))
}

/// A message of a lane.
pub fn insert(
    tx: &Transaction<'_>,
    lane_id: i64,
    turn_id: i64,
    parent_id: Option<i64>,
    role: MessageRole,
    status: MessageStatus,
    now: i64,
) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO message (lane_id, turn_id, parent_id, role, status, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        params![lane_id, turn_id, parent_id, role_name(role), status.as_str(), now],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Sets where a message stands.
pub fn set_status(tx: &Transaction<'_>, id: i64, status: MessageStatus, now: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE message SET status = ?2, updated_at = ?3 WHERE id = ?1", params![id, status.as_str(), now])?;
    Ok(())
}

/// Changes what a user message says; its files stay.
pub fn set_text(tx: &Transaction<'_>, message: &MessageRow, text: &str, now: i64) -> Result<(), StoreError> {
    parts::replace_text(tx, message.turn_id, text)?;
    tx.execute("UPDATE message SET updated_at = ?2 WHERE id = ?1", params![message.id, now])?;
    search::index_prompt(tx, message.id)
}

/// Takes messages out of their chat, or puts them back: all of them, or none.
///
/// # Errors
/// [`StoreError::NotFound`] where one is not there, or is already what it was to become.
pub fn set_deleted(tx: &Transaction<'_>, ids: &[i64], deleted: bool, now: i64) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE message SET deleted_at = CASE WHEN ?2 THEN ?3 END, updated_at = ?3
          WHERE id = ?1 AND (deleted_at IS NULL) = ?2",
    )?;
    for id in ids {
        if statement.execute(params![id, deleted, now])? == 0 {
            return Err(StoreError::NotFound);
        }
    }
    Ok(())
}

/// The lanes that messages lie in, by message, deleted ones included; what is not there is left out.
pub fn lanes_of(connection: &Connection, ids: &[i64]) -> Result<HashMap<i64, i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT lane_id FROM message WHERE id = ?1")?;
    let mut lanes = HashMap::new();
    for id in ids {
        if let Some(lane) = statement.query_row([id], |row| row.get(0)).optional()? {
            lanes.insert(*id, lane);
        }
    }
    Ok(lanes)
}
