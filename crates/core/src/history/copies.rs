//! Chats that begin as a copy of a branch, and what becomes of copies when the original goes.
//!
//! A copy says where it came from, so that it shows whom the original asked and at what cost. The money stays where
//! it was spent: the ledger knows nothing of copies.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{error::StoreError, search, tree::UP};

/// Whether a reply of the branch that ends at a message is being written.
pub fn is_being_written(connection: &Connection, leaf: i64) -> Result<bool, StoreError> {
    let sql =
        format!("{UP} SELECT 1 FROM up CROSS JOIN message m ON m.id = up.id WHERE m.status = 'streaming' LIMIT 1");
    Ok(connection.prepare_cached(&sql)?.query_row([leaf], |_| Ok(())).optional()?.is_some())
}

/// Begins a chat with copies of the branch that ends at a message, and returns its id. Title, target and setup are
/// the original's; files are shared.
pub fn branch_off(tx: &Transaction<'_>, leaf: i64, now: i64) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO conversation (title, title_by, created_at, updated_at, touched)
         SELECT c.title, c.title_by, ?2, ?2, (SELECT max(touched) + 1 FROM conversation)
           FROM message m JOIN lane l ON l.id = m.lane_id JOIN conversation c ON c.id = l.conversation_id
          WHERE m.id = ?1",
        params![leaf, now],
    )?;
    let conversation = tx.last_insert_rowid();
    tx.execute(
        "INSERT INTO lane (conversation_id, position, provider_id, model, route_id, fallback_route_id, parameters,
                           system_prompt)
         SELECT ?2, 0, provider_id, model, route_id, fallback_route_id, parameters, system_prompt FROM lane
          WHERE id = (SELECT lane_id FROM message WHERE id = ?1)",
        params![leaf, conversation],
    )?;
    let lane = tx.last_insert_rowid();
    let last = copy_branch(tx, leaf, conversation, lane, now)?;
    tx.execute("UPDATE lane SET active_leaf = ?2 WHERE id = ?1", params![lane, last])?;
    Ok(conversation)
}

fn copy_branch(
    tx: &Transaction<'_>,
    leaf: i64,
    conversation: i64,
    lane: i64,
    now: i64,
) -> Result<Option<i64>, StoreError> {
    let mut originals: Vec<(i64, i64, bool)> = {
        let sql = format!(
            "{UP} SELECT m.id, m.turn_id, m.role = 'user' FROM up CROSS JOIN message m ON m.id = up.id
              WHERE m.deleted_at IS NULL"
        );
        let mut statement = tx.prepare_cached(&sql)?;
        let rows = statement.query_map([leaf], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    originals.sort_unstable();
    let mut turns: HashMap<i64, i64> = HashMap::new();
    let mut parent = None;
    for (original, original_turn, prompts) in originals {
        let turn = match turns.get(&original_turn) {
            Some(turn) => *turn,
            None => {
                tx.prepare_cached(
                    "INSERT INTO turn (conversation_id, created_at) SELECT ?2, created_at FROM turn WHERE id = ?1",
                )?
                .execute(params![original_turn, conversation])?;
                let turn = tx.last_insert_rowid();
                turns.insert(original_turn, turn);
                turn
            }
        };
        if prompts {
            copy_prompt(tx, original_turn, turn)?;
        }
        parent = Some(copy_message(tx, original, lane, turn, parent, now)?);
    }
    Ok(parent)
}

/// The pieces of a turn are copied with its user message, so that a deleted prompt does not come along with its reply.
fn copy_prompt(tx: &Transaction<'_>, from: i64, to: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO turn_part (turn_id, ordinal, kind, text, attachment_id, meta)
         SELECT ?2, ordinal, kind, text, attachment_id, meta FROM turn_part WHERE turn_id = ?1",
    )?
    .execute([from, to])?;
    Ok(())
}

fn copy_message(
    tx: &Transaction<'_>,
    original: i64,
    lane: i64,
    turn: i64,
    parent: Option<i64>,
    now: i64,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO message (lane_id, turn_id, parent_id, role, status, created_at, updated_at, origin_id, origin_run)
         SELECT ?2, ?3, ?4, role, status, created_at, ?5, id, (SELECT coalesce(max(id), 0) FROM run)
           FROM message WHERE id = ?1",
    )?
    .execute(params![original, lane, turn, parent, now])?;
    let copy = tx.last_insert_rowid();
    tx.prepare_cached(
        "INSERT INTO part (message_id, ordinal, kind, attempt_id, text, attachment_id, meta, opaque, opaque_dialect,
                           opaque_provider_id, opaque_model)
         SELECT ?2, ordinal, kind, attempt_id, text, attachment_id, meta, opaque, opaque_dialect, opaque_provider_id,
                opaque_model FROM part WHERE message_id = ?1",
    )?
    .execute([original, copy])?;
    search::index_message(tx, copy)?;
    Ok(copy)
}

/// Removes a chat of the trash for good. Its money stays in the ledger, without the reference; runs that copies of its
/// messages show go over to them.
///
/// # Errors
/// [`StoreError::NotFound`] where it is not in the trash.
pub fn purge(tx: &Transaction<'_>, conversation: i64) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM conversation WHERE id = ?1 AND deleted_at IS NOT NULL";
    tx.query_row(sql, [conversation], |_| Ok(())).optional()?.ok_or(StoreError::NotFound)?;
    hand_over(tx, conversation)?;
    tx.execute(
        "DELETE FROM run WHERE conversation_id = ?1 OR message_id IN
             (SELECT m.id FROM lane l JOIN message m ON m.lane_id = l.id WHERE l.conversation_id = ?1)",
        [conversation],
    )?;
    tx.execute("DELETE FROM conversation WHERE id = ?1", [conversation])?;
    Ok(())
}

struct Copied {
    original: i64,
    origin: (Option<i64>, Option<i64>),
    copy: i64,
    until: Option<i64>,
}

/// Makes each copy the original of the next younger one. Of the runs of the original each gets those that it shows and
/// its elders do not, and sees theirs through them.
fn hand_over(tx: &Transaction<'_>, conversation: i64) -> Result<(), StoreError> {
    let mut of_copies = tx.prepare_cached(
        "SELECT m.id, m.origin_id, m.origin_run, c.id, c.origin_run
           FROM lane l JOIN message m ON m.lane_id = l.id JOIN message c ON c.origin_id = m.id
          WHERE l.conversation_id = ?1 ORDER BY m.id, c.id",
    )?;
    let copies = of_copies
        .query_map([conversation], |row| {
            let origin = (row.get(1)?, row.get(2)?);
            Ok(Copied { original: row.get(0)?, origin, copy: row.get(3)?, until: row.get(4)? })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut elder: Option<&Copied> = None;
    for copied in &copies {
        let elder_copy = elder.filter(|elder| elder.original == copied.original);
        let origin = elder_copy.map_or(copied.origin, |elder| (Some(elder.copy), elder.until));
        tx.prepare_cached("UPDATE message SET origin_id = ?2, origin_run = ?3 WHERE id = ?1")?.execute(params![
            copied.copy,
            origin.0,
            origin.1
        ])?;
        tx.prepare_cached(
            "UPDATE run SET message_id = ?2, conversation_id =
                 (SELECT l.conversation_id FROM message m JOIN lane l ON l.id = m.lane_id WHERE m.id = ?2)
              WHERE message_id = ?1 AND id <= ?3",
        )?
        .execute(params![copied.original, copied.copy, copied.until])?;
        elder = Some(copied);
    }
    Ok(())
}
