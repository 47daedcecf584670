//! The tables `turn`, `message` and their parts.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{
    error::StoreError,
    rows::{AttachmentRow, MessageRow, OpaqueRow, PartMeta, PartRow},
};
use crate::view::{MessageRole, MessageStatus, PartKind};

const MESSAGE: &str = "SELECT m.id, m.lane_id, m.turn_id, m.parent_id, m.role, m.status, m.created_at FROM message m";

fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let role: String = row.get(4)?;
    let status: String = row.get(5)?;
    Ok(MessageRow {
        id: row.get(0)?,
        lane_id: row.get(1)?,
        turn_id: row.get(2)?,
        parent_id: row.get(3)?,
        role: if role == "user" { MessageRole::User } else { MessageRole::Assistant },
        status: MessageStatus::from_stored(&status).unwrap_or(MessageStatus::Failed),
        created_at: row.get(6)?,
        parts: Vec::new(),
    })
}

/// One message with its parts.
pub fn get(connection: &Connection, id: i64) -> Result<MessageRow, StoreError> {
    let sql = format!("{MESSAGE} WHERE m.id = ?1 AND m.deleted_at IS NULL");
    let row = connection.prepare_cached(&sql)?.query_row([id], message_row).optional()?;
    let mut message = row.ok_or(StoreError::NotFound)?;
    load_parts(connection, &mut message)?;
    Ok(message)
}

/// The branch that ends at `leaf`, oldest first, with parts.
pub fn branch(connection: &Connection, leaf: i64) -> Result<Vec<MessageRow>, StoreError> {
    let sql = format!(
        "WITH RECURSIVE up (id, depth) AS (
             SELECT ?1, 0 UNION ALL
             SELECT m.parent_id, up.depth + 1 FROM message m JOIN up ON m.id = up.id WHERE m.parent_id IS NOT NULL)
         {MESSAGE} JOIN up ON up.id = m.id WHERE m.deleted_at IS NULL ORDER BY up.depth DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut messages = statement.query_map([leaf], message_row)?.collect::<Result<Vec<_>, _>>()?;
    for message in &mut messages {
        load_parts(connection, message)?;
    }
    Ok(messages)
}

/// The versions of a message: siblings of one turn, lane, parent and role, oldest first.
pub fn versions(connection: &Connection, message: &MessageRow) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM message WHERE lane_id = ?1 AND parent_id IS ?2 AND role = ?3 AND deleted_at IS NULL ORDER BY id",
    )?;
    let rows =
        statement.query_map(params![message.lane_id, message.parent_id, role_name(message.role)], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest leaf below a message, the message itself where nothing follows.
pub fn newest_leaf(connection: &Connection, message_id: i64) -> Result<i64, StoreError> {
    let mut leaf = message_id;
    let mut statement = connection.prepare_cached(
        "SELECT id FROM message WHERE parent_id = ?1 AND deleted_at IS NULL ORDER BY id DESC LIMIT 1",
    )?;
    while let Some(child) = statement.query_row([leaf], |row| row.get(0)).optional()? {
        leaf = child;
    }
    Ok(leaf)
}

fn role_name(role: MessageRole) -> &'static str {
    match role {
        MessageRole::User => "user",
        MessageRole::Assistant => "assistant",
    }
}

fn load_parts(connection: &Connection, message: &mut MessageRow) -> Result<(), StoreError> {
    let (sql, id) = match message.role {
        MessageRole::User => (
            "SELECT ordinal, kind, NULL, coalesce(text, ''), meta, NULL, NULL, NULL, NULL,
                    a.id, a.sha256, a.name, a.media_type, a.bytes
               FROM turn_part LEFT JOIN attachment a ON a.id = attachment_id WHERE turn_id = ?1 ORDER BY ordinal",
            message.turn_id,
        ),
        MessageRole::Assistant => (
            "SELECT ordinal, kind, attempt_id, coalesce(text, ''), meta, opaque, opaque_dialect, opaque_provider_id,
                    opaque_model, a.id, a.sha256, a.name, a.media_type, a.bytes
               FROM part LEFT JOIN attachment a ON a.id = attachment_id WHERE message_id = ?1 ORDER BY ordinal",
            message.id,
        ),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        message.parts.push(part_row(row)?);
    }
    Ok(())
}

fn part_row(row: &Row<'_>) -> Result<PartRow, StoreError> {
    let kind: String = row.get(1)?;
    let meta: String = row.get(4)?;
    let opaque: Option<String> = row.get(5)?;
    let opaque = match opaque {
        Some(json) => Some(OpaqueRow {
            data: serde_json::from_str(&json).map_err(|_| StoreError::Corrupt)?,
            dialect: row.get(6)?,
            provider_id: row.get(7)?,
            model: row.get(8)?,
        }),
        None => None,
    };
    Ok(PartRow {
        ordinal: row.get(0)?,
        kind: PartKind::from_stored(&kind).ok_or(StoreError::Corrupt)?,
        attempt_id: row.get(2)?,
        text: row.get(3)?,
        meta: PartMeta::from_json(&meta),
        opaque,
        attachment: attachment_row(row)?,
    })
}

fn attachment_row(row: &Row<'_>) -> rusqlite::Result<Option<AttachmentRow>> {
    let Some(id) = row.get(9)? else { return Ok(None) };
    let (sha256, name) = (row.get(10)?, row.get(11)?);
    Ok(Some(AttachmentRow { id, sha256, name, media_type: row.get(12)?, bytes: row.get(13)? }))
}

/// A prompt: the turn with its pieces, and its user message at the end of the lane's branch.
pub fn insert_prompt(
    tx: &Transaction<'_>,
    lane: &super::rows::LaneRow,
    parts: &[PartRow],
    now: i64,
) -> Result<(i64, i64), StoreError> {
    tx.execute("INSERT INTO turn (conversation_id, created_at) VALUES (?1, ?2)", params![lane.conversation_id, now])?;
    let turn_id = tx.last_insert_rowid();
    let mut insert_part = tx.prepare_cached(
        "INSERT INTO turn_part (turn_id, ordinal, kind, text, meta, attachment_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for part in parts {
        let attachment = part.attachment.as_ref().map(|attachment| attachment.id);
        insert_part.execute(params![
            turn_id,
            part.ordinal,
            part.kind.as_str(),
            part.text,
            part.meta.to_json(),
            attachment
        ])?;
    }
    let user = insert(tx, lane.id, turn_id, lane.active_leaf, MessageRole::User, MessageStatus::Complete, now)?;
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

/// Adds a part to a message.
pub fn insert_part(tx: &Transaction<'_>, message_id: i64, part: &PartRow) -> Result<(), StoreError> {
    let opaque = part.opaque.as_ref();
    let data = opaque.map(|o| serde_json::to_string(&o.data)).transpose().map_err(|_| StoreError::Corrupt)?;
    tx.prepare_cached(
        "INSERT INTO part (message_id, ordinal, kind, attempt_id, text, meta, opaque, opaque_dialect,
                           opaque_provider_id, opaque_model, attachment_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        message_id,
        part.ordinal,
        part.kind.as_str(),
        part.attempt_id,
        part.text,
        part.meta.to_json(),
        data,
        opaque.map(|o| &o.dialect),
        opaque.map(|o| o.provider_id),
        opaque.map(|o| &o.model),
        part.attachment.as_ref().map(|attachment| attachment.id),
    ])?;
    Ok(())
}
