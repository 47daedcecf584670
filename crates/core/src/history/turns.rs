//! The prompts of a comparison, with who answered them.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{error::StoreError, judgements};
use crate::view::{BlindView, LaneAnswer, TurnView};

/// A message of a comparison, without its text.
struct Placed {
    id: i64,
    turn_id: i64,
    lane_id: i64,
    parent_id: Option<i64>,
    answers: bool,
    shown: bool,
}

/// A lane, as far as turns go.
struct Column {
    id: i64,
    merges: bool,
    leaf: Option<i64>,
}

/// A turn's own row.
struct Head {
    id: i64,
    created_at: i64,
    lot: Option<i64>,
    revealed: bool,
    shared_from: Option<i64>,
}

/// What a new turn is, beside its prompt.
#[derive(Clone, Copy, Debug, Default)]
pub struct TurnSetup {
    /// The lot its lanes are drawn by, where it is blind.
    pub lot: Option<i64>,
    /// The answer that all lanes go on from.
    pub shared_from: Option<i64>,
}

/// The prompts of a comparison, oldest first; those of which nothing is left are not among them.
pub fn of_conversation(connection: &Connection, conversation_id: i64) -> Result<Vec<TurnView>, StoreError> {
    let columns = columns(connection, conversation_id)?;
    let placed = placed(connection, conversation_id)?;
    let active = active(&columns, &placed);
    let mut of_turn: HashMap<i64, Vec<&Placed>> = HashMap::new();
    for message in placed.iter().filter(|message| message.shown) {
        of_turn.entry(message.turn_id).or_default().push(message);
    }
    let mut turns = Vec::new();
    for head in heads(connection, conversation_id)? {
        if let Some(messages) = of_turn.get(&head.id) {
            turns.push(turn(connection, &head, &columns, messages, &active)?);
        }
    }
    Ok(turns)
}

/// One prompt.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(connection: &Connection, conversation_id: i64, turn_id: i64) -> Result<TurnView, StoreError> {
    let wanted = turn_id.to_string();
    of_conversation(connection, conversation_id)?.into_iter().find(|turn| turn.id == wanted).ok_or(StoreError::NotFound)
}

/// The comparison that a turn belongs to, where it is not in the trash.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn conversation_of(connection: &Connection, turn_id: i64) -> Result<i64, StoreError> {
    let sql = "SELECT t.conversation_id FROM turn t JOIN conversation c ON c.id = t.conversation_id
                WHERE t.id = ?1 AND c.kind = 'compare' AND c.deleted_at IS NULL";
    connection.prepare_cached(sql)?.query_row([turn_id], |row| row.get(0)).optional()?.ok_or(StoreError::NotFound)
}

/// What a prompt of a turn follows in a lane; `None` where the lane was not asked.
pub fn parent_in(connection: &Connection, turn_id: i64, lane_id: i64) -> Result<Option<Option<i64>>, StoreError> {
    let sql = "SELECT parent_id FROM message WHERE turn_id = ?1 AND lane_id = ?2 AND role = 'user' LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([turn_id, lane_id], |row| row.get(0)).optional()?)
}

/// Sets what a turn is beside its prompt.
pub fn set_up(tx: &Transaction<'_>, turn_id: i64, setup: TurnSetup) -> Result<(), StoreError> {
    let sql = "UPDATE turn SET blind_lot = ?2, shared_from = ?3 WHERE id = ?1";
    tx.execute(sql, params![turn_id, setup.lot, setup.shared_from])?;
    Ok(())
}

/// Shows the names of a blind turn from here on.
pub fn reveal(tx: &Transaction<'_>, turn_id: i64, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE turn SET revealed_at = coalesce(revealed_at, ?2) WHERE id = ?1 AND blind_lot IS NOT NULL";
    tx.execute(sql, params![turn_id, now])?;
    Ok(())
}

/// Whether names are hidden in a turn.
pub fn is_hidden(connection: &Connection, turn_id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT blind_lot IS NOT NULL AND revealed_at IS NULL FROM turn WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([turn_id], |row| row.get(0)).optional()?.ok_or(StoreError::NotFound)
}

fn columns(connection: &Connection, conversation_id: i64) -> Result<Vec<Column>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, kind = 'merge', active_leaf FROM lane WHERE conversation_id = ?1
          ORDER BY hidden_at IS NOT NULL, position",
    )?;
    let rows = statement
        .query_map([conversation_id], |row| Ok(Column { id: row.get(0)?, merges: row.get(1)?, leaf: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn placed(connection: &Connection, conversation_id: i64) -> Result<Vec<Placed>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.turn_id, m.lane_id, m.parent_id, m.role = 'assistant', m.deleted_at IS NULL
           FROM lane l JOIN message m ON m.lane_id = l.id WHERE l.conversation_id = ?1 ORDER BY m.id",
    )?;
    let rows = statement.query_map([conversation_id], |row| {
        Ok(Placed {
            id: row.get(0)?,
            turn_id: row.get(1)?,
            lane_id: row.get(2)?,
            parent_id: row.get(3)?,
            answers: row.get(4)?,
            shown: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn heads(connection: &Connection, conversation_id: i64) -> Result<Vec<Head>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, created_at, blind_lot, revealed_at IS NOT NULL, shared_from FROM turn
          WHERE conversation_id = ?1 ORDER BY id",
    )?;
    let rows = statement.query_map([conversation_id], |row| {
        Ok(Head {
            id: row.get(0)?,
            created_at: row.get(1)?,
            lot: row.get(2)?,
            revealed: row.get(3)?,
            shared_from: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every message of the branch that some lane stands on.
fn active(columns: &[Column], placed: &[Placed]) -> HashSet<i64> {
    let parents: HashMap<i64, Option<i64>> = placed.iter().map(|message| (message.id, message.parent_id)).collect();
    let mut active = HashSet::new();
    for column in columns {
        let mut at = column.leaf;
        // A parent's id is always below its child's: no damaged row sends this round in circles.
        while let Some(id) = at.filter(|id| active.insert(*id)) {
            at = parents.get(&id).copied().flatten().filter(|parent| *parent < id);
        }
    }
    active
}

fn turn(
    connection: &Connection,
    head: &Head,
    columns: &[Column],
    messages: &[&Placed],
    active: &HashSet<i64>,
) -> Result<TurnView, StoreError> {
    let answer = |column: &Column| {
        let versions: Vec<i64> =
            messages.iter().filter(|m| m.answers && m.lane_id == column.id).map(|m| m.id).collect();
        let shown = versions.iter().rfind(|id| active.contains(id)).or(versions.last()).copied()?;
        Some(LaneAnswer {
            lane_id: column.id.to_string(),
            message_id: shown.to_string(),
            versions: versions.iter().map(i64::to_string).collect(),
        })
    };
    let answers_of = |merges: bool| columns.iter().filter(|c| c.merges == merges).filter_map(answer).collect();
    let answers: Vec<LaneAnswer> = answers_of(false);
    let blind = head.lot.map(|lot| BlindView { order: drawn(&answers, lot), revealed: head.revealed });
    Ok(TurnView {
        id: head.id.to_string(),
        created_at: head.created_at as f64,
        prompts: messages.iter().filter(|m| !m.answers).map(|m| m.id.to_string()).collect(),
        merges: answers_of(true),
        blind,
        judgement: judgements::of_turn(connection, head.id)?,
        shared_from: head.shared_from.map(|id| id.to_string()),
        answers,
    })
}

/// The lanes that answered in an order that has nothing to do with theirs, and is always the same for a lot.
fn drawn(answers: &[LaneAnswer], lot: i64) -> Vec<String> {
    let drawing = |lane: &str| mixed(lot.wrapping_add(lane.parse::<i64>().unwrap_or(0).wrapping_mul(0x9e37_79b9)));
    let mut order: Vec<_> = answers.iter().map(|answer| answer.lane_id.clone()).collect();
    order.sort_by_key(|lane| drawing(lane));
    order
}

/// Spreads numbers that lie close together over all: the finaliser of SplitMix64.
pub fn mixed(number: i64) -> u64 {
    let mut seed = number.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ (seed >> 31)
}
