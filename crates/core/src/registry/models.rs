//! The tables `provider_model` and `model_choice`: what a provider lists, and what the user wants to see of it.

use std::collections::{HashMap, HashSet};

use parlance_providers::ModelInfo;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::history::error::StoreError;

/// The models of a provider.
#[derive(Clone, Debug, Default)]
pub struct KnownModels {
    /// As it lists them; empty where no list was fetched yet.
    pub listed: Vec<ModelInfo>,
    /// The user's choices by name; a model without one is offered.
    pub shown: HashMap<String, bool>,
    /// The user's favourites.
    pub favourites: HashSet<String>,
}

/// Replaces the models a provider is known to list.
pub fn replace(tx: &Transaction<'_>, provider_id: i64, models: &[ModelInfo], now: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM provider_model WHERE provider_id = ?1", [provider_id])?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO provider_model (provider_id, model, position, info, fetched_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
    )?;
    for (position, model) in models.iter().enumerate() {
        let info = serde_json::to_string(model).map_err(|_| StoreError::Corrupt)?;
        statement.execute(params![provider_id, model.id, position as i64, info, now])?;
    }
    Ok(())
}

/// The models of a provider and what the user chose of them.
pub fn known(connection: &Connection, provider_id: i64) -> Result<KnownModels, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT info FROM provider_model WHERE provider_id = ?1 ORDER BY position")?;
    let rows = statement.query_map([provider_id], |row| row.get::<_, String>(0))?;
    let mut listed = Vec::new();
    for json in rows {
        listed.push(serde_json::from_str(&json?).map_err(|_| StoreError::Corrupt)?);
    }
    let mut known = KnownModels { listed, ..KnownModels::default() };
    let sql = "SELECT model, shown, favourite FROM model_choice WHERE provider_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([provider_id])?;
    while let Some(row) = rows.next()? {
        let model: String = row.get(0)?;
        if row.get(2)? {
            known.favourites.insert(model.clone());
        }
        known.shown.insert(model, row.get(1)?);
    }
    Ok(known)
}

/// What a provider's list says of one model.
pub fn listed(connection: &Connection, provider_id: i64, model: &str) -> Result<Option<ModelInfo>, StoreError> {
    let sql = "SELECT info FROM provider_model WHERE provider_id = ?1 AND model = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let info: Option<String> = statement.query_row(params![provider_id, model], |row| row.get(0)).optional()?;
    info.map(|json| serde_json::from_str(&json).map_err(|_| StoreError::Corrupt)).transpose()
}

/// Offers a model in the picker, or not.
pub fn choose(tx: &Transaction<'_>, provider_id: i64, model: &str, shown: bool, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO model_choice (provider_id, model, shown, updated_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET shown = excluded.shown, updated_at = excluded.updated_at",
        params![provider_id, model, shown, now],
    )?;
    Ok(())
}

/// Puts a model among the favourites, or takes it out.
pub fn favour(
    tx: &Transaction<'_>,
    provider_id: i64,
    model: &str,
    favourite: bool,
    now: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO model_choice (provider_id, model, shown, favourite, updated_at) VALUES (?1, ?2, 1, ?3, ?4)
         ON CONFLICT DO UPDATE SET favourite = excluded.favourite, updated_at = excluded.updated_at",
        params![provider_id, model, favourite, now],
    )?;
    Ok(())
}
