//! The tables `provider_model` and `model_choice`: what a provider lists, and what the user says and wants to see of it.

mod facts;

use std::collections::{HashMap, HashSet};

pub use facts::{Facts, facts, views};
use parlance_providers::{ModelInfo, catalog::Vendor};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{model_data, tables::ProviderRow};
use crate::history::error::StoreError;

/// The models of a provider, as its sources say.
#[derive(Clone, Debug, Default)]
pub struct KnownModels {
    /// What the user added by hand, or knows more of, in the order of the names.
    pub added: Vec<ModelInfo>,
    /// As it lists them; empty where no list was fetched yet.
    pub listed: Vec<ModelInfo>,
    /// As models.dev knows its vendor's models, in the order of the names.
    pub models_dev: Vec<ModelInfo>,
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
    tx.execute("UPDATE provider SET models_fetched_at = ?2 WHERE id = ?1", params![provider_id, now])?;
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
    let sql = "SELECT model, shown, favourite, added, info FROM model_choice WHERE provider_id = ?1 ORDER BY model";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([provider_id])?;
    while let Some(row) = rows.next()? {
        let model: String = row.get(0)?;
        if row.get(2)? {
            known.favourites.insert(model.clone());
        }
        if row.get(3)? {
            let said: String = row.get(4)?;
            known.added.push(info(&model, &said));
        }
        known.shown.insert(model, row.get(1)?);
    }
    known.models_dev = model_data::of_provider(connection, provider_id)?;
    Ok(known)
}

/// What a person said of a model; what cannot be read any more was never said.
fn info(model: &str, json: &str) -> ModelInfo {
    let info: ModelInfo = serde_json::from_str(json).unwrap_or_default();
    ModelInfo { id: model.to_owned(), ..info }
}

/// What the sources but the catalogue say of one model: the user first, then the vendor's list, then models.dev. Where
/// another name goes out than the one that is asked for, what is known of that one counts, too; and so does what is known
/// of it whoever serves it.
pub fn said(
    connection: &Connection,
    provider_id: i64,
    vendor: &Vendor,
    asked: &str,
    sent: &str,
) -> Result<ModelInfo, StoreError> {
    let own = "SELECT info FROM model_choice WHERE provider_id = ?1 AND model = ?2 AND added = 1";
    let listed = "SELECT info FROM provider_model WHERE provider_id = ?1 AND model = ?2";
    let read = |sql: &str, model: &str| -> Result<Option<ModelInfo>, StoreError> {
        let mut statement = connection.prepare_cached(sql)?;
        let json: Option<String> = statement.query_row(params![provider_id, model], |row| row.get(0)).optional()?;
        Ok(json.map(|json| info(model, &json)))
    };
    let mut sayings = Vec::new();
    for name in vendor.names_of(asked, sent) {
        sayings.extend([read(own, name)?, read(listed, name)?, model_data::of_model(connection, &vendor.id, name)?]);
    }
    Ok(facts::merged(asked, sayings.iter().flatten()))
}

/// Whether a provider serves a model that is asked for by this name: the user mapped or added it, its list has it, or,
/// where none was fetched, the catalogue or models.dev does; or it is the one it is offered with.
pub fn serves(connection: &Connection, row: &ProviderRow, vendor: &Vendor, asked: &str) -> Result<bool, StoreError> {
    let mapped = row.settings.model_mapping.iter().any(|mapping| mapping.asked == asked);
    if mapped || row.default_model.as_deref() == Some(asked) {
        return Ok(true);
    }
    let known =
        |sql: &str| -> Result<bool, StoreError> { Ok(connection.prepare_cached(sql)?.exists(params![row.id, asked])?) };
    if known("SELECT 1 FROM model_choice WHERE provider_id = ?1 AND model = ?2 AND added = 1")?
        || known("SELECT 1 FROM provider_model WHERE provider_id = ?1 AND model = ?2")?
    {
        return Ok(true);
    }
    let listed = connection.prepare_cached("SELECT 1 FROM provider_model WHERE provider_id = ?1")?.exists([row.id])?;
    let bundled = || vendor.models.iter().any(|model| model.id == asked);
    Ok(!listed && (bundled() || model_data::of_model(connection, &vendor.id, asked)?.is_some()))
}

/// Adds a model by hand, or says more of one. It is offered.
pub fn add(tx: &Transaction<'_>, provider_id: i64, model: &ModelInfo, now: i64) -> Result<(), StoreError> {
    let info = serde_json::to_string(model).map_err(|_| StoreError::Corrupt)?;
    tx.execute(
        "INSERT INTO model_choice (provider_id, model, shown, added, info, updated_at) VALUES (?1, ?2, 1, 1, ?3, ?4)
         ON CONFLICT DO UPDATE SET shown = 1, added = 1, info = excluded.info, updated_at = excluded.updated_at",
        params![provider_id, model.id, info, now],
    )?;
    Ok(())
}

/// Forgets what a person said of a model; whether it is offered, and a favourite, stays.
pub fn forget(tx: &Transaction<'_>, provider_id: i64, model: &str, now: i64) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE model_choice SET added = 0, info = '{}', updated_at = ?3
          WHERE provider_id = ?1 AND model = ?2 AND added = 1",
        params![provider_id, model, now],
    )?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
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
