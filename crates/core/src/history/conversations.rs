//! The table `conversation` and its lanes.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{
    error::StoreError,
    rows::{LaneKind, LaneRow},
    search, tree,
};
use crate::view::{ConversationKind, Shelf, ShelfChange};

/// A row of the list, before marks and running state are added.
#[derive(Clone, Debug)]
pub struct ConversationRow {
    /// Its id.
    pub id: i64,
    /// What it is.
    pub kind: ConversationKind,
    /// Its title.
    pub title: String,
    /// UTC milliseconds.
    pub updated_at: i64,
    /// The list's order.
    pub touched: i64,
    /// The vendor that answered last; before the first answer the one that is asked.
    pub vendor: Option<String>,
    /// Known nano-USD.
    pub cost_nano: i64,
    /// Kept above the list.
    pub pinned: bool,
    /// Where it stands.
    pub shelf: Shelf,
}

const SUMMARY: &str = "SELECT c.id, c.title, c.updated_at, c.touched,
        coalesce(
            (SELECT vendor FROM ledger WHERE conversation_id = c.id AND kind = 'entry' AND outcome = 'complete'
              ORDER BY id DESC LIMIT 1),
            (SELECT p.vendor FROM lane l JOIN provider p ON p.id = l.provider_id
              WHERE l.conversation_id = c.id ORDER BY l.position LIMIT 1)),
        (SELECT coalesce(sum(total_nano), 0) FROM ledger WHERE conversation_id = c.id),
        c.pinned, c.archived_at IS NOT NULL, c.deleted_at IS NOT NULL, c.kind = 'compare'
    FROM conversation c";

fn summary(row: &Row<'_>) -> rusqlite::Result<ConversationRow> {
    let shelf = match (row.get(7)?, row.get(8)?) {
        (_, true) => Shelf::Trash,
        (true, false) => Shelf::Archive,
        (false, false) => Shelf::List,
    };
    Ok(ConversationRow {
        id: row.get(0)?,
        kind: if row.get(9)? { ConversationKind::Compare } else { ConversationKind::Chat },
        title: row.get(1)?,
        updated_at: row.get(2)?,
        touched: row.get(3)?,
        vendor: row.get(4)?,
        cost_nano: row.get(5)?,
        pinned: row.get(6)?,
        shelf,
    })
}

/// A page of a shelf, newest first; `before` is the `touched` of the last row of the page before. The list leaves out
/// what is pinned above it.
pub fn page(
    connection: &Connection,
    shelf: Shelf,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<ConversationRow>, StoreError> {
    let stands = match shelf {
        Shelf::List => "c.deleted_at IS NULL AND c.archived_at IS NULL AND c.pinned = 0",
        Shelf::Archive => "c.deleted_at IS NULL AND c.archived_at IS NOT NULL",
        Shelf::Trash => "c.deleted_at IS NOT NULL",
    };
    let sql = format!("{SUMMARY} WHERE {stands} AND c.touched < ?1 ORDER BY c.touched DESC LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![before.unwrap_or(i64::MAX), limit as i64], summary)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is kept above the list, newest first.
pub fn pinned(connection: &Connection) -> Result<Vec<ConversationRow>, StoreError> {
    let sql = format!(
        "{SUMMARY} WHERE c.pinned = 1 AND c.deleted_at IS NULL AND c.archived_at IS NULL ORDER BY c.touched DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], summary)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One row, whether deleted or not.
pub fn get(connection: &Connection, id: i64) -> Result<ConversationRow, StoreError> {
    let sql = format!("{SUMMARY} WHERE c.id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], summary).optional()?.ok_or(StoreError::NotFound)
}

/// Does one thing with a chat; see [`ShelfChange`]. What is so already stays so.
///
/// # Errors
/// [`StoreError::NotFound`] where it is not there, or in the trash and not to come out of it, or the other way round.
pub fn shelve(tx: &Transaction<'_>, id: i64, change: ShelfChange, now: i64) -> Result<(), StoreError> {
    let (set, trashed) = match change {
        ShelfChange::Pin => ("pinned = 1", false),
        ShelfChange::Unpin => ("pinned = 0", false),
        ShelfChange::Archive => ("archived_at = coalesce(archived_at, :now)", false),
        ShelfChange::Unarchive => ("archived_at = NULL", false),
        ShelfChange::Trash => ("deleted_at = :now", false),
        ShelfChange::Restore => ("deleted_at = NULL", true),
        ShelfChange::Purge => return super::copies::purge(tx, id),
    };
    let sql = format!("UPDATE conversation SET {set} WHERE id = :id AND (deleted_at IS NOT NULL) = :trashed");
    let mut statement = tx.prepare_cached(&sql)?;
    for (name, value) in [(":id", id), (":trashed", trashed.into()), (":now", now)] {
        if let Some(at) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(at, value)?;
        }
    }
    found(statement.raw_execute()?)
}

/// A chat that lies in the trash since before a moment, UTC milliseconds.
pub fn trashed_before(connection: &Connection, moment: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM conversation WHERE deleted_at IS NOT NULL AND deleted_at < ?1 LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([moment], |row| row.get(0)).optional()?)
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

/// Begins a comparison without any lane and returns its id.
pub fn create_comparison(tx: &Transaction<'_>, title: &str, now: i64) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO conversation (kind, title, created_at, updated_at, touched)
         VALUES ('compare', ?1, ?2, ?2, (SELECT coalesce(max(touched), 0) + 1 FROM conversation))",
        params![title, now],
    )?;
    let id = tx.last_insert_rowid();
    search::index_title(tx, id)?;
    Ok(id)
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

/// Gives a chat a title of ours, unless it has one of the user's.
pub fn title(tx: &Transaction<'_>, id: i64, title: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE conversation SET title = ?2 WHERE id = ?1 AND title_by = 'auto'", params![id, title])?;
    search::index_title(tx, id)
}

fn found(changed: usize) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

const LANE: &str =
    "SELECT l.id, l.conversation_id, l.provider_id, l.model, l.parameters, l.system_prompt, l.active_leaf, l.route_id,
            l.fallback_route_id, c.kind = 'compare', l.kind = 'merge'
    FROM lane l JOIN conversation c ON c.id = l.conversation_id";

fn lane_row(row: &Row<'_>) -> rusqlite::Result<LaneRow> {
    Ok(LaneRow {
        id: row.get(0)?,
        conversation_id: row.get(1)?,
        kind: match (row.get(9)?, row.get(10)?) {
            (false, _) => LaneKind::Chat,
            (true, false) => LaneKind::Compare,
            (true, true) => LaneKind::Merge,
        },
        provider_id: row.get(2)?,
        model: row.get(3)?,
        parameters: row.get(4)?,
        system_prompt: row.get(5)?,
        active_leaf: row.get(6)?,
        route_id: row.get(7)?,
        fallback_route_id: row.get(8)?,
    })
}

/// The lane of a plain chat that is not in the trash; comparisons are not found.
pub fn first_lane(connection: &Connection, conversation_id: i64) -> Result<LaneRow, StoreError> {
    let sql =
        format!("{LANE} WHERE c.id = ?1 AND c.kind = 'chat' AND c.deleted_at IS NULL ORDER BY l.position LIMIT 1");
    lane(connection, &sql, conversation_id)
}

/// The lane a message lies in, deleted or not, in a chat that is not in the trash.
pub fn lane_of(connection: &Connection, message_id: i64) -> Result<LaneRow, StoreError> {
    let sql = format!("{LANE} JOIN message m ON m.lane_id = l.id WHERE m.id = ?1 AND c.deleted_at IS NULL");
    lane(connection, &sql, message_id)
}

/// The id of the lane a message lies in.
pub fn lane_id_of(connection: &Connection, message_id: i64) -> Result<i64, StoreError> {
    let sql = "SELECT lane_id FROM message WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([message_id], |row| row.get(0)).optional()?.ok_or(StoreError::NotFound)
}

/// A lane of a chat that is not in the trash.
pub fn lane_at(connection: &Connection, lane_id: i64) -> Result<LaneRow, StoreError> {
    lane(connection, &format!("{LANE} WHERE l.id = ?1 AND c.deleted_at IS NULL"), lane_id)
}

fn lane(connection: &Connection, sql: &str, id: i64) -> Result<LaneRow, StoreError> {
    let row = connection.prepare_cached(sql)?.query_row([id], lane_row).optional()?;
    let mut lane = row.ok_or(StoreError::NotFound)?;
    lane.active_leaf = tree::standing(connection, lane.active_leaf)?.shown;
    Ok(lane)
}

/// What the next message of a lane follows.
pub fn follows(connection: &Connection, lane_id: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT active_leaf FROM lane WHERE id = ?1";
    let leaf = connection.prepare_cached(sql)?.query_row([lane_id], |row| row.get(0))?;
    Ok(tree::standing(connection, leaf)?.follows)
}

/// Sets what is asked of a lane's model beside the messages: parameters as JSON, and the system prompt.
pub fn set_up(tx: &Transaction<'_>, lane_id: i64, parameters: &str, system: Option<&str>) -> Result<(), StoreError> {
    let sql = "UPDATE lane SET parameters = ?2, system_prompt = ?3 WHERE id = ?1";
    tx.execute(sql, params![lane_id, parameters, system])?;
    Ok(())
}

/// What a lane's next message goes to.
#[derive(Clone, Debug)]
pub struct LaneTarget {
    /// The route, where it is one.
    pub route_id: Option<i64>,
    /// The provider; beside a route the one that is asked first, for the mark of a chat that nobody answered yet.
    pub provider_id: i64,
    /// The model; beside a route only where the route has no targets of its own.
    pub model: Option<String>,
}

/// Sets what a lane's next message goes to.
pub fn set_lane_target(tx: &Transaction<'_>, lane_id: i64, target: &LaneTarget) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE lane SET provider_id = ?2, model = ?3, route_id = ?4 WHERE id = ?1",
        params![lane_id, target.provider_id, target.model, target.route_id],
    )?;
    Ok(())
}

/// When a chat was begun, UTC milliseconds.
pub fn created_at(connection: &Connection, id: i64) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT created_at FROM conversation WHERE id = ?1")?;
    statement.query_row([id], |row| row.get(0)).optional()?.ok_or(StoreError::NotFound)
}

/// Sets the route that is asked where a lane's model fails, or none.
pub fn set_lane_fallback(tx: &Transaction<'_>, lane_id: i64, route_id: Option<i64>) -> Result<(), StoreError> {
    tx.execute("UPDATE lane SET fallback_route_id = ?2 WHERE id = ?1", params![lane_id, route_id])?;
    Ok(())
}

/// Moves the end of a lane's active branch.
pub fn set_active_leaf(tx: &Transaction<'_>, lane_id: i64, message_id: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE lane SET active_leaf = ?2 WHERE id = ?1", params![lane_id, message_id])?;
    Ok(())
}
