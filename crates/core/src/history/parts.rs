//! The tables `part`, `turn_part` and `attachment`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{
    error::StoreError,
    rows::{AttachmentRow, MessageRow, OpaqueRow, PartMeta, PartRow},
};
use crate::view::{MessageRole, PartKind};

/// Reads the parts of messages, each of which gets its own by ordinal. Two queries, however many messages there are.
pub(super) fn load(connection: &Connection, messages: &mut [MessageRow]) -> Result<(), StoreError> {
    let of_turns = read(
        connection,
        "SELECT p.turn_id, p.ordinal, p.kind, NULL, coalesce(p.text, ''), p.meta, NULL, NULL, NULL, NULL,
                a.id, a.sha256, a.media_type, a.bytes, a.name
           FROM json_each(?1) wanted CROSS JOIN turn_part p ON p.turn_id = wanted.value
                LEFT JOIN attachment a ON a.id = p.attachment_id ORDER BY p.turn_id, p.ordinal",
        messages.iter().filter(|message| message.role == MessageRole::User).map(|message| message.turn_id),
    )?;
    let mut of_messages = read(
        connection,
        "SELECT p.message_id, p.ordinal, p.kind, p.attempt_id, coalesce(p.text, ''), p.meta, p.opaque, p.opaque_dialect,
                p.opaque_provider_id, p.opaque_model, a.id, a.sha256, a.media_type, a.bytes, a.name
           FROM json_each(?1) wanted CROSS JOIN part p ON p.message_id = wanted.value
                LEFT JOIN attachment a ON a.id = p.attachment_id ORDER BY p.message_id, p.ordinal",
        messages.iter().filter(|message| message.role == MessageRole::Assistant).map(|message| message.id),
    )?;
    for message in messages {
        message.parts = match message.role {
            // Lanes may share a turn: it is copied, not taken.
            MessageRole::User => of_turns.get(&message.turn_id).cloned().unwrap_or_default(),
            MessageRole::Assistant => of_messages.remove(&message.id).unwrap_or_default(),
        };
    }
    Ok(())
}

fn read(
    connection: &Connection,
    sql: &str,
    owners: impl Iterator<Item = i64>,
) -> Result<HashMap<i64, Vec<PartRow>>, StoreError> {
    let owners: std::collections::BTreeSet<i64> = owners.collect();
    let mut parts: HashMap<i64, Vec<PartRow>> = HashMap::with_capacity(owners.len());
    if owners.is_empty() {
        return Ok(parts);
    }
    let owners = serde_json::to_string(&owners).map_err(|_| StoreError::internal("ids as JSON"))?;
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([owners])?;
    while let Some(row) = rows.next()? {
        parts.entry(row.get(0)?).or_default().push(part_row(row)?);
    }
    Ok(parts)
}

fn part_row(row: &Row<'_>) -> Result<PartRow, StoreError> {
    let opaque = match row.get_ref(6)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        Some(json) => Some(OpaqueRow {
            data: serde_json::from_str(json).map_err(|_| StoreError::Corrupt)?,
            dialect: row.get(7)?,
            provider_id: row.get(8)?,
            model: row.get(9)?,
        }),
        None => None,
    };
    let text = |column: usize| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let attachment = match row.get::<_, Option<i64>>(10)? {
        Some(id) => Some(attachment_row(row, id, 11)?),
        None => None,
    };
    Ok(PartRow {
        ordinal: row.get(1)?,
        kind: PartKind::from_stored(text(2)?).ok_or(StoreError::Corrupt)?,
        attempt_id: row.get(3)?,
        text: row.get(4)?,
        meta: PartMeta::from_json(text(5)?),
        opaque,
        attachment,
    })
}

fn attachment_row(row: &Row<'_>, id: i64, first: usize) -> rusqlite::Result<AttachmentRow> {
    Ok(AttachmentRow {
        id,
        sha256: row.get(first)?,
        media_type: row.get(first + 1)?,
        bytes: row.get(first + 2)?,
        name: row.get(first + 3)?,
    })
}

/// A kept file by the hash of its content.
pub fn attachment(connection: &Connection, sha256: &str) -> Result<Option<AttachmentRow>, StoreError> {
    let sql = "SELECT id, sha256, media_type, bytes, name FROM attachment WHERE sha256 = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([sha256], |row| attachment_row(row, row.get(0)?, 1)).optional()?)
}

/// Adds a part to a turn.
pub(super) fn insert_into_turn(tx: &Transaction<'_>, turn_id: i64, part: &PartRow) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO turn_part (turn_id, ordinal, kind, text, attachment_id, meta) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let attachment = part.attachment.as_ref().map(|file| file.id);
    tx.prepare_cached(sql)?.execute(params![
        turn_id,
        part.ordinal,
        part.kind.as_str(),
        part.text,
        attachment,
        part.meta.to_json()
    ])?;
    Ok(())
}

/// Replaces the text of a turn; its files stay.
pub(super) fn replace_text(tx: &Transaction<'_>, turn_id: i64, text: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM turn_part WHERE turn_id = ?1 AND kind = 'text'", [turn_id])?;
    if text.is_empty() {
        return Ok(());
    }
    insert_into_turn(tx, turn_id, &PartRow::of_turn(0, PartKind::Text, text))
}

/// Adds a part to a message.
pub fn insert(tx: &Transaction<'_>, message_id: i64, part: &PartRow) -> Result<(), StoreError> {
    let opaque = part.opaque.as_ref();
    let data = opaque.map(|o| serde_json::to_string(&o.data)).transpose().map_err(|_| StoreError::Corrupt)?;
    tx.prepare_cached(
        "INSERT INTO part (message_id, ordinal, kind, attempt_id, text, attachment_id, meta, opaque, opaque_dialect,
                           opaque_provider_id, opaque_model) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        message_id,
        part.ordinal,
        part.kind.as_str(),
        part.attempt_id,
        part.text,
        part.attachment.as_ref().map(|file| file.id),
        part.meta.to_json(),
        data,
        opaque.map(|o| &o.dialect),
        opaque.map(|o| o.provider_id),
        opaque.map(|o| &o.model),
    ])?;
    Ok(())
}
