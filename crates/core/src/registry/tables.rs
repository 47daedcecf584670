//! The tables `provider`, `account` and `provider_model`. Secrets are never in them.

use parlance_providers::ModelInfo;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::history::error::StoreError;

/// A configured provider with its account. (Several accounts a provider come with the registry's own issue; the
/// table holds them already.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRow {
    /// Its id.
    pub id: i64,
    /// The vendor's catalogue id.
    pub vendor: String,
    /// The user's name for it.
    pub name: String,
    /// The address it is asked at.
    pub base_url: String,
    /// Whether it is offered.
    pub enabled: bool,
    /// The model that is offered first.
    pub default_model: Option<String>,
    /// The account whose key is used.
    pub account_id: i64,
    /// `none`, `session`, `env`, `keyring` or `vault`.
    pub secret_store: String,
    /// The variable's or entry's name.
    pub secret_ref: Option<String>,
    /// scheme://host:port the secret was given for.
    pub secret_origin: Option<String>,
}

const PROVIDER: &str = "SELECT p.id, p.vendor, p.name, p.base_url, p.enabled, p.default_model,
        a.id, a.secret_store, a.secret_ref, a.secret_origin
    FROM provider p JOIN account a ON a.id = (SELECT id FROM account
        WHERE provider_id = p.id AND deleted_at IS NULL ORDER BY position, id LIMIT 1)";

fn provider_row(row: &Row<'_>) -> rusqlite::Result<ProviderRow> {
    Ok(ProviderRow {
        id: row.get(0)?,
        vendor: row.get(1)?,
        name: row.get(2)?,
        base_url: row.get(3)?,
        enabled: row.get(4)?,
        default_model: row.get(5)?,
        account_id: row.get(6)?,
        secret_store: row.get(7)?,
        secret_ref: row.get(8)?,
        secret_origin: row.get(9)?,
    })
}

/// All providers, in the user's order.
pub fn list(connection: &Connection) -> Result<Vec<ProviderRow>, StoreError> {
    let sql = format!("{PROVIDER} WHERE p.deleted_at IS NULL ORDER BY p.priority, p.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], provider_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One provider that is not removed.
pub fn get(connection: &Connection, id: i64) -> Result<ProviderRow, StoreError> {
    let sql = format!("{PROVIDER} WHERE p.id = ?1 AND p.deleted_at IS NULL");
    connection.prepare_cached(&sql)?.query_row([id], provider_row).optional()?.ok_or(StoreError::NotFound)
}

/// What a user may set of a provider.
#[derive(Clone, Debug)]
pub struct ProviderFields {
    /// The vendor's catalogue id.
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub base_url: String,
    /// Whether it is offered.
    pub enabled: bool,
    /// The model that is offered first.
    pub default_model: Option<String>,
}

/// Adds a provider with its first account.
pub fn insert(tx: &Transaction<'_>, fields: &ProviderFields, now: i64) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO provider (slug, vendor, name, base_url, enabled, default_model, created_at, updated_at)
         VALUES (?1 || '-' || (SELECT coalesce(max(id), 0) + 1 FROM provider), ?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        params![fields.vendor, fields.name, fields.base_url, fields.enabled, fields.default_model, now],
    )?;
    let id = tx.last_insert_rowid();
    tx.execute(
        "INSERT INTO account (provider_id, label, created_at, updated_at) VALUES (?1, '', ?2, ?2)",
        params![id, now],
    )?;
    Ok(id)
}

/// Changes a provider. Its vendor stays what it was.
pub fn update(tx: &Transaction<'_>, id: i64, fields: &ProviderFields, now: i64) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE provider SET name = ?2, base_url = ?3, enabled = ?4, default_model = ?5, updated_at = ?6
          WHERE id = ?1 AND deleted_at IS NULL",
        params![id, fields.name, fields.base_url, fields.enabled, fields.default_model, now],
    )?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Removes a provider; its row stays for the answers and the money that name it.
pub fn remove(tx: &Transaction<'_>, id: i64, now: i64) -> Result<(), StoreError> {
    let changed =
        tx.execute("UPDATE provider SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL", params![id, now])?;
    if changed == 0 {
        return Err(StoreError::NotFound);
    }
    tx.execute(
        "UPDATE account SET deleted_at = ?2, secret_store = 'none', secret_ref = NULL, secret_origin = NULL
          WHERE provider_id = ?1",
        params![id, now],
    )?;
    Ok(())
}

/// Says where an account's secret is, and for which address it was given.
pub fn set_secret(
    tx: &Transaction<'_>,
    account_id: i64,
    store: &str,
    reference: Option<&str>,
    origin: Option<&str>,
    now: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE account SET secret_store = ?2, secret_ref = ?3, secret_origin = ?4, updated_at = ?5 WHERE id = ?1",
        params![account_id, store, reference, origin, now],
    )?;
    Ok(())
}

/// Replaces the models a provider is known to list.
pub fn set_models(tx: &Transaction<'_>, provider_id: i64, models: &[ModelInfo], now: i64) -> Result<(), StoreError> {
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

/// The models a provider is known to list.
pub fn models(connection: &Connection, provider_id: i64) -> Result<Vec<ModelInfo>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT info FROM provider_model WHERE provider_id = ?1 ORDER BY position")?;
    let rows = statement.query_map([provider_id], |row| row.get::<_, String>(0))?;
    let mut models = Vec::new();
    for json in rows {
        models.push(serde_json::from_str(&json?).map_err(|_| StoreError::Corrupt)?);
    }
    Ok(models)
}
