//! The table `model_data`: what models.dev says of the models of our vendors. It is used while the user allows that.

use std::collections::BTreeMap;

use parlance_providers::ModelInfo;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{history::error::StoreError, settings};

/// Replaces all that is known from there.
pub fn replace(tx: &Transaction<'_>, models: &BTreeMap<String, Vec<ModelInfo>>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM model_data", [])?;
    let mut statement = tx.prepare_cached("INSERT INTO model_data (vendor, model, info) VALUES (?1, ?2, ?3)")?;
    for (vendor, models) in models {
        for model in models {
            let info = serde_json::to_string(model).map_err(|_| StoreError::Corrupt)?;
            statement.execute(params![vendor, model.id, info])?;
        }
    }
    Ok(())
}

/// How many models are known from there.
pub fn count(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.prepare_cached("SELECT count(*) FROM model_data")?.query_row([], |row| row.get(0))?)
}

/// The models of a provider's vendor, in the order of the names. An entry that cannot be read any more is none.
pub fn of_provider(connection: &Connection, provider_id: i64) -> Result<Vec<ModelInfo>, StoreError> {
    if !settings::models_dev(connection)? {
        return Ok(Vec::new());
    }
    let sql = "SELECT info FROM model_data WHERE vendor = (SELECT vendor FROM provider WHERE id = ?1) ORDER BY model";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([provider_id])?;
    let mut models = Vec::new();
    while let Some(row) = rows.next()? {
        let info: String = row.get(0)?;
        models.extend(serde_json::from_str::<ModelInfo>(&info).ok());
    }
    Ok(models)
}

/// One model of a vendor.
pub fn of_model(connection: &Connection, vendor: &str, model: &str) -> Result<Option<ModelInfo>, StoreError> {
    if !settings::models_dev(connection)? {
        return Ok(None);
    }
    let sql = "SELECT info FROM model_data WHERE vendor = ?1 AND model = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let info: Option<String> = statement.query_row(params![vendor, model], |row| row.get(0)).optional()?;
    Ok(info.and_then(|json| serde_json::from_str(&json).ok()))
}
