//! The table `conversation` and its lanes.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{error::StoreError, rows::LaneRow, search};

/// A row of the list, before marks and running state are added.
#[derive(Clone, Debug)]
pub struct ConversationRow {
    /// Its id.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// UTC milliseconds.
    pub updated_at: i64,
    /// The list's order.
    pub touched: i64,
    /// The vendor that was asked last.
    pub vendor: Option<String>,
    /// Known nano-USD.
    pub cost_nano: i64,
}

const SUMMARY: &str = "SELECT c.id, c.title, c.updated_at, c.touched,
        (SELECT p.vendor FROM lane l JOIN provider p ON p.id = l.provider_id
          WHERE l.conversation_id = c.id ORDER BY l.position LIMIT 1),
        (SELECT coalesce(sum(total_nano), 0) FROM ledger WHERE conversation_id = c.id)
    FROM conversation c";

fn summary(row: &Row<'_>) -> rusqlite::Result<ConversationRow> {
    Ok(ConversationRow {
        id: row.get(0)?,
        title: row.get(1)?,
        updated_at: row.get(2)?,
        touched: row.get(3)?,
        vendor: row.get(4)?,
        cost_nano: row.get(5)?,
    })
}

/// A page of the list, newest first; `before` is the `touched` of the last row of the page before.
pub fn page(connection: &Connection, before: Option<i64>, limit: usize) -> Result<Vec<ConversationRow>, StoreError> {
    let sql = format!(
        "{SUMMARY} WHERE c.deleted_at IS NULL AND c.archived_at IS NULL AND c.touched < ?1
         ORDER BY c.touched DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![before.unwrap_or(i64::MAX), limit as i64], summary)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One row, whether deleted or not.
pub fn get(connection: &Connection, id: i64) -> Result<ConversationRow, StoreError> {
    let sql = format!("{SUMMARY} WHERE c.id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], summary).optional()?.ok_or(StoreError::NotFound)
}

/// Begins a chat with its one lane and returns the lane.
pub fn create(tx: &Transaction<'_>, title: &str, now: i64) -> Result<LaneRow, StoreError> {
    tx.execute(
        "INSERT INTO conversation (title, created_at, updated_at, touched)
         VALUES (?1, ?2, ?2, (SELECT coalesce(max(touched), 0) + 1 FROM conversation))",
        params![title, now],
    )?;
    let id = tx.last_insert_rowid();
    tx.execute("INSERT INTO lane (conversation_id, position) VALUES (?1, 0)", [id])?;
    search::index_title(tx, id)?;
    first_lane(tx, id)
}

/// Moves a chat to the top of the list.
pub fn touch(tx: &Transaction<'_>, id: i64, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE conversation SET updated_at = ?2, touched = (SELECT max(touched) + 1 FROM conversation) WHERE id = ?1",
        params![id, now],
    )?;
    Ok(())
}

/// Gives a chat the user's own title.
pub fn rename(tx: &Transaction<'_>, id: i64, title: &str) -> Result<(), StoreError> {
    let sql = "UPDATE conversation SET title = ?2, title_by = 'user' WHERE id = ?1 AND deleted_at IS NULL";
    found(tx.execute(sql, params![id, title])?)?;
    search::index_title(tx, id)
}

/// Puts a chat into the trash.
pub fn delete(tx: &Transaction<'_>, id: i64, now: i64) -> Result<(), StoreError> {
    found(tx.execute("UPDATE conversation SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL", params![id, now])?)
}

/// Takes a chat out of the trash.
pub fn restore(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    found(tx.execute("UPDATE conversation SET deleted_at = NULL WHERE id = ?1 AND deleted_at IS NOT NULL", [id])?)
}

fn found(changed: usize) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

const LANE: &str =
    "SELECT l.id, l.conversation_id, l.provider_id, l.model, l.parameters, l.system_prompt, l.active_leaf
    FROM lane l JOIN conversation c ON c.id = l.conversation_id";

fn lane_row(row: &Row<'_>) -> rusqlite::Result<LaneRow> {
    Ok(LaneRow {
        id: row.get(0)?,
        conversation_id: row.get(1)?,
        provider_id: row.get(2)?,
        model: row.get(3)?,
        parameters: row.get(4)?,
        system_prompt: row.get(5)?,
        active_leaf: row.get(6)?,
    })
}

/// The lane of a plain chat that is not in the trash.
pub fn first_lane(connection: &Connection, conversation_id: i64) -> Result<LaneRow, StoreError> {
    let sql = format!("{LANE} WHERE c.id = ?1 AND c.deleted_at IS NULL ORDER BY l.position LIMIT 1");
    let row = connection.prepare_cached(&sql)?.query_row([conversation_id], lane_row).optional()?;
    row.ok_or(StoreError::NotFound)
}

/// The lane a message lies in.
pub fn lane_of(connection: &Connection, message_id: i64) -> Result<LaneRow, StoreError> {
    let sql = format!("{LANE} JOIN message m ON m.lane_id = l.id WHERE m.id = ?1 AND c.deleted_at IS NULL");
    let row = connection.prepare_cached(&sql)?.query_row([message_id], lane_row).optional()?;
    row.ok_or(StoreError::NotFound)
}

/// Sets what a lane's next message goes to.
pub fn set_lane_target(tx: &Transaction<'_>, lane_id: i64, provider_id: i64, model: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE lane SET provider_id = ?2, model = ?3 WHERE id = ?1", params![lane_id, provider_id, model])?;
    Ok(())
}

/// Moves the end of a lane's active branch.
pub fn set_active_leaf(tx: &Transaction<'_>, lane_id: i64, message_id: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE lane SET active_leaf = ?2 WHERE id = ?1", params![lane_id, message_id])?;
    Ok(())
}
