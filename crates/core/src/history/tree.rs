//! The tree that the messages of a lane form, and the branch of it that is shown.
//!
//! A deleted message keeps its place: branches pass through it without showing it, so that putting it back needs
//! nothing but clearing its mark. A parent's id is always below its child's; walking up keeps to that, so that no
//! damaged row can send it round in circles.

use rusqlite::{Connection, OptionalExtension, params};

use super::{error::StoreError, messages::role_name, rows::MessageRow};
use crate::view::MessageRole;

/// The walk from `?1` to the first message of its branch, deleted ones included.
pub(super) const UP: &str = "WITH RECURSIVE up (id) AS (
     SELECT ?1 UNION ALL
     SELECT m.parent_id FROM up CROSS JOIN message m ON m.id = up.id WHERE m.parent_id < m.id)";

/// A message of a branch without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vertebra {
    /// The message.
    pub id: i64,
    /// Who speaks.
    pub role: MessageRole,
    /// Bytes of its text.
    pub size: i64,
}

/// Where a lane's branch ends, now that some of its messages may be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The last message that is shown.
    pub shown: Option<i64>,
    /// What the next message follows: deleted messages at the end keep their place before it.
    pub follows: Option<i64>,
}

/// The branch that ends at `leaf`, oldest first. No text is read.
pub fn spine(connection: &Connection, leaf: Option<i64>) -> Result<Vec<Vertebra>, StoreError> {
    // SQLite knows the length of a text from its row's head and leaves the text where it lies.
    let sql = format!(
        "{UP} SELECT m.id, m.role, CASE m.role
             WHEN 'user' THEN (SELECT sum(octet_length(text)) FROM turn_part
                                WHERE turn_id = m.turn_id AND kind = 'text')
             ELSE (SELECT sum(octet_length(text)) FROM part WHERE message_id = m.id AND kind IN ('text', 'refusal')) END
         FROM up CROSS JOIN message m ON m.id = up.id WHERE m.deleted_at IS NULL"
    );
    let Some(leaf) = leaf else { return Ok(Vec::new()) };
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([leaf], |row| {
        let user = row.get_ref(1)?.as_str()? == "user";
        Ok(Vertebra {
            id: row.get(0)?,
            role: if user { MessageRole::User } else { MessageRole::Assistant },
            size: row.get::<_, Option<i64>>(2)?.unwrap_or(0),
        })
    })?;
    let mut spine = rows.collect::<Result<Vec<_>, _>>()?;
    spine.sort_unstable_by_key(|vertebra| vertebra.id);
    Ok(spine)
}

/// Where the branch stands whose end was chosen to be `leaf`. Where the leaf is deleted another version of it is
/// shown, or of the deleted messages before it; without one the branch ends at the last message that is left.
pub fn standing(connection: &Connection, leaf: Option<i64>) -> Result<Standing, StoreError> {
    let mut link = connection
        .prepare_cached("SELECT lane_id, parent_id, role, deleted_at IS NOT NULL FROM message WHERE id = ?1")?;
    let mut sibling = connection.prepare_cached(
        "SELECT max(id) FROM message WHERE parent_id IS ?1 AND lane_id = ?2 AND role = ?3 AND deleted_at IS NULL",
    )?;
    let mut at = leaf;
    while let Some(id) = at {
        let (lane, parent, role, deleted): (i64, Option<i64>, String, bool) =
            link.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        if !deleted {
            return Ok(Standing { shown: Some(id), follows: leaf });
        }
        let version: Option<i64> = sibling.query_row(params![parent, lane, role], |row| row.get(0))?;
        if let Some(version) = version {
            let shown = newest_leaf(connection, version)?;
            return Ok(Standing { shown: Some(shown), follows: Some(shown) });
        }
        at = parent.filter(|parent| *parent < id);
    }
    Ok(Standing { shown: None, follows: leaf })
}

/// The versions of a message: siblings of one lane, parent and role, oldest first.
pub fn versions(connection: &Connection, message: &MessageRow) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM message WHERE parent_id IS ?1 AND lane_id = ?2 AND role = ?3 AND deleted_at IS NULL ORDER BY id",
    )?;
    let rows =
        statement.query_map(params![message.parent_id, message.lane_id, role_name(message.role)], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest message below one, itself where nothing follows: where the person last was in this branch.
pub fn newest_leaf(connection: &Connection, message_id: i64) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE down (id) AS (
             SELECT ?1 UNION ALL
             SELECT m.id FROM down CROSS JOIN message m ON m.parent_id = down.id WHERE m.id > m.parent_id)
         SELECT max(m.id) FROM down CROSS JOIN message m ON m.id = down.id WHERE m.deleted_at IS NULL",
    )?;
    let leaf: Option<i64> = statement.query_row([message_id], |row| row.get(0))?;
    leaf.ok_or(StoreError::NotFound)
}

/// Whether a message is there and not deleted.
pub fn is_shown(connection: &Connection, message_id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM message WHERE id = ?1 AND deleted_at IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([message_id], |_| Ok(())).optional()?.is_some())
}
