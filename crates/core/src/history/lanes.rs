//! The lanes of comparisons: how they are laid out, and those that hold answers made of others.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{conversations, error::StoreError, rows::LaneRow};
use crate::{
    chat::setup::StoredSetup,
    costs::ledger,
    view::{MergeMode, MergeSource, MergedView, SpendView},
};

/// Merges stand behind all lanes.
const FIRST_MERGE: i64 = 1_000;

/// A lane as a person wants it.
#[derive(Clone, Debug)]
pub struct WantedLane {
    /// Absent for a new lane.
    pub id: Option<i64>,
    /// The provider and its model.
    pub model: Option<(i64, String)>,
    /// The route, in place of that, and the model asked for where it has no targets of its own.
    pub route: Option<(i64, Option<String>)>,
    /// The route that is asked where the model fails.
    pub fallback: Option<i64>,
    /// What is asked beside the messages.
    pub setup: StoredSetup,
}

/// A lane with whether it was taken out.
#[derive(Clone, Debug)]
pub struct LaidLane {
    /// The lane.
    pub row: LaneRow,
    /// It is asked no more.
    pub hidden: bool,
}

impl MergeMode {
    /// Every mode, with its stored name.
    const NAMES: [(Self, &'static str); 3] =
        [(Self::Fuse, "fuse"), (Self::Checklist, "checklist"), (Self::Table, "table")];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(mode, _)| *mode == self).map_or("fuse", |(_, name)| name)
    }

    /// From the stored name.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, stored)| *stored == name).map(|(mode, _)| *mode)
    }
}

/// The lanes of a comparison in their order, those taken out last; merges are not among them.
pub fn of_conversation(connection: &Connection, conversation_id: i64) -> Result<Vec<LaidLane>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, hidden_at IS NOT NULL FROM lane WHERE conversation_id = ?1 AND kind = 'lane'
          ORDER BY hidden_at IS NOT NULL, position",
    )?;
    let ids = statement
        .query_map([conversation_id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(i64, bool)>, _>>()?;
    ids.into_iter().map(|(id, hidden)| Ok(LaidLane { row: conversations::lane_at(connection, id)?, hidden })).collect()
}

/// Lays a comparison out: these lanes in this order, and no others; lanes that are not among them are taken out and keep
/// what was said in them. Gives their ids.
///
/// # Errors
/// [`StoreError::NotFound`] where a lane is not of this comparison, or a route or provider is not there.
pub fn lay(
    tx: &Transaction<'_>,
    conversation_id: i64,
    wanted: &[WantedLane],
    now: i64,
) -> Result<Vec<i64>, StoreError> {
    // Positions are unique at every moment: all make room first.
    tx.execute(
        "UPDATE lane SET position = -id, hidden_at = coalesce(hidden_at, ?2)
          WHERE conversation_id = ?1 AND kind = 'lane'",
        params![conversation_id, now],
    )?;
    let mut ids = Vec::with_capacity(wanted.len());
    for (position, lane) in wanted.iter().enumerate() {
        let id = match lane.id {
            Some(id) => id,
            None => {
                let sql = "INSERT INTO lane (conversation_id, position)
                           SELECT ?1, coalesce(min(position), 0) - 1 FROM lane WHERE conversation_id = ?1";
                tx.execute(sql, [conversation_id])?;
                tx.last_insert_rowid()
            }
        };
        place(tx, conversation_id, id, position, lane)?;
        ids.push(id);
    }
    Ok(ids)
}

fn place(
    tx: &Transaction<'_>,
    conversation_id: i64,
    id: i64,
    position: usize,
    lane: &WantedLane,
) -> Result<(), StoreError> {
    let (provider, model) = match (&lane.model, &lane.route) {
        (Some((provider, model)), _) => (Some(*provider), Some(model.as_str())),
        (None, Some((_, model))) => (None, model.as_deref()),
        (None, None) => (None, None),
    };
    let changed = tx.execute(
        "UPDATE lane SET position = ?3, hidden_at = NULL, model = ?5, route_id = ?6, fallback_route_id = ?7,
                -- Beside a route the provider is the one that was asked first: it stays until another is asked.
                provider_id = CASE WHEN ?6 IS NOT NULL AND route_id IS ?6 THEN provider_id ELSE ?4 END,
                parameters = ?8, system_prompt = ?9
          WHERE id = ?1 AND conversation_id = ?2 AND kind = 'lane'",
        params![
            id,
            conversation_id,
            position as i64,
            provider,
            model,
            lane.route.as_ref().map(|(id, _)| id),
            lane.fallback,
            lane.setup.parameters,
            lane.setup.system
        ],
    )?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Begins a lane for an answer that is made of these, in this order.
pub fn begin_merge(
    tx: &Transaction<'_>,
    conversation_id: i64,
    mode: MergeMode,
    sources: &[i64],
) -> Result<LaneRow, StoreError> {
    tx.execute(
        "INSERT INTO lane (conversation_id, position, kind, merge_mode)
         SELECT ?1, max(coalesce(max(position), 0) + 1, ?3), 'merge', ?2 FROM lane WHERE conversation_id = ?1",
        params![conversation_id, mode.as_str(), FIRST_MERGE],
    )?;
    let lane = tx.last_insert_rowid();
    for (ordinal, source) in sources.iter().enumerate() {
        let sql = "INSERT INTO merge_source (lane_id, ordinal, source_id) VALUES (?1, ?2, ?3)";
        tx.execute(sql, params![lane, ordinal as i64, source])?;
    }
    conversations::lane_at(tx, lane)
}

/// What the answers of a lane are made of; `None` for those that a model gave by itself.
pub fn merge_of(connection: &Connection, lane_id: i64) -> Result<Option<(MergeMode, Vec<i64>)>, StoreError> {
    let sql = "SELECT merge_mode FROM lane WHERE id = ?1";
    let mode: Option<Option<String>> =
        connection.prepare_cached(sql)?.query_row([lane_id], |row| row.get(0)).optional()?;
    let Some(mode) = mode.flatten().as_deref().and_then(MergeMode::from_stored) else { return Ok(None) };
    let sql = "SELECT source_id FROM merge_source WHERE lane_id = ?1 ORDER BY ordinal";
    let sources = connection.prepare_cached(sql)?.query_map([lane_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Some((mode, sources)))
}

/// The same for the screen, with who wrote them.
pub fn merged(connection: &Connection, lane_id: i64) -> Result<Option<MergedView>, StoreError> {
    let Some((mode, ids)) = merge_of(connection, lane_id)? else { return Ok(None) };
    let mut author = connection.prepare_cached(
        "SELECT p.name, coalesce(a.model_served, a.model) FROM run r JOIN attempt a ON a.run_id = r.id
           JOIN provider p ON p.id = a.provider_id WHERE r.message_id = ?1 ORDER BY a.id DESC LIMIT 1",
    )?;
    let sources = ids.into_iter().map(|id| {
        let named = author.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (provider_name, model) = named.unwrap_or_default();
        Ok(MergeSource { message_id: id.to_string(), provider_name, model })
    });
    Ok(Some(MergedView { mode, sources: sources.collect::<Result<_, StoreError>>()? }))
}

/// The money of one lane.
///
/// # Errors
/// As [`ledger::conversation_spend`].
pub fn spend(connection: &Connection, lane_id: i64) -> Result<SpendView, StoreError> {
    Ok(ledger::lane_spend(connection, lane_id)?.into())
}
