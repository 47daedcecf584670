//! The table `provider`. Secrets are never in it.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{
    accounts::{self, AccountRow},
    settings,
    slots::{self, SecretRow},
};
use crate::{history::error::StoreError, view::ProviderSettings};

/// A configured provider with its accounts.
#[derive(Clone, Debug, PartialEq)]
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
    /// Its accounts, in the order they are used.
    pub accounts: Vec<AccountRow>,
    /// Where its secrets beside the keys are.
    pub secrets: Vec<SecretRow>,
    /// All else that can be set. What cannot be read any more has its default.
    pub settings: ProviderSettings,
    /// scheme://host:port that a person agreed to send keys to in clear.
    pub clear_origin: Option<String>,
    /// When its list of models was fetched last, UTC milliseconds.
    pub models_fetched_at: Option<i64>,
    /// A person deleted it.
    pub deleted: bool,
}

const PROVIDER: &str =
    "SELECT id, vendor, name, base_url, enabled, default_model, config, clear_origin, models_fetched_at,
            deleted_at IS NOT NULL
    FROM provider";

fn provider_row(row: &Row<'_>) -> rusqlite::Result<ProviderRow> {
    Ok(ProviderRow {
        id: row.get(0)?,
        vendor: row.get(1)?,
        name: row.get(2)?,
        base_url: row.get(3)?,
        enabled: row.get(4)?,
        default_model: row.get(5)?,
        accounts: Vec::new(),
        secrets: Vec::new(),
        settings: settings::read(row.get_ref(6)?.as_str()?),
        clear_origin: row.get(7)?,
        models_fetched_at: row.get(8)?,
        deleted: row.get(9)?,
    })
}

/// All providers, in the user's order.
pub fn list(connection: &Connection) -> Result<Vec<ProviderRow>, StoreError> {
    let sql = format!("{PROVIDER} WHERE deleted_at IS NULL ORDER BY priority, id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], provider_row)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(|row| whole(connection, row)).collect()
}

fn whole(connection: &Connection, row: ProviderRow) -> Result<ProviderRow, StoreError> {
    let (accounts, secrets) = (accounts::list(connection, row.id)?, slots::list(connection, row.id)?);
    Ok(ProviderRow { accounts, secrets, ..row })
}

/// One provider that is not removed.
pub fn get(connection: &Connection, id: i64) -> Result<ProviderRow, StoreError> {
    let row = get_even_removed(connection, id)?;
    if row.deleted { Err(StoreError::NotFound) } else { Ok(row) }
}

/// One provider, removed or not.
pub fn get_even_removed(connection: &Connection, id: i64) -> Result<ProviderRow, StoreError> {
    let sql = format!("{PROVIDER} WHERE id = ?1");
    let row = connection.prepare_cached(&sql)?.query_row([id], provider_row).optional()?.ok_or(StoreError::NotFound)?;
    whole(connection, row)
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
    /// scheme://host:port that a person agreed to send keys to in clear.
    pub clear_origin: Option<String>,
}

/// Adds a provider at the end of the order, with its first account.
pub fn insert(tx: &Transaction<'_>, fields: &ProviderFields, now: i64) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO provider (slug, vendor, name, base_url, enabled, default_model, priority, created_at, updated_at,
                               clear_origin)
         VALUES (?1 || '-' || (SELECT coalesce(max(id), 0) + 1 FROM provider), ?1, ?2, ?3, ?4, ?5,
                 (SELECT coalesce(max(priority), -1) + 1 FROM provider WHERE deleted_at IS NULL), ?6, ?6, ?7)",
        params![
            fields.vendor,
            fields.name,
            fields.base_url,
            fields.enabled,
            fields.default_model,
            now,
            fields.clear_origin
        ],
    )?;
    let id = tx.last_insert_rowid();
    accounts::insert(tx, id, "", true, now)?;
    Ok(id)
}

/// Changes a provider. Its vendor stays what it was. What failed before is forgotten.
pub fn update(tx: &Transaction<'_>, id: i64, fields: &ProviderFields, now: i64) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE provider SET name = ?2, base_url = ?3, enabled = ?4, default_model = ?5, updated_at = ?6,
                clear_origin = ?7
          WHERE id = ?1 AND deleted_at IS NULL",
        params![id, fields.name, fields.base_url, fields.enabled, fields.default_model, now, fields.clear_origin],
    )?;
    tx.execute("DELETE FROM circuit WHERE provider_id = ?1", [id])?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Gives a provider another address that its settings lead to. What a person agreed to holds for the address of before.
pub fn move_to(tx: &Transaction<'_>, id: i64, base_url: &str, now: i64) -> Result<(), StoreError> {
    let origin = parlance_providers::transport::origin(base_url).ok();
    tx.execute(
        "UPDATE provider SET base_url = ?2, clear_origin = CASE WHEN clear_origin = ?3 THEN clear_origin END,
                updated_at = ?4
          WHERE id = ?1 AND deleted_at IS NULL",
        params![id, base_url, origin, now],
    )?;
    Ok(())
}

/// Sets all else of a provider. Returns the secrets that have no place any more; their rows are gone.
pub fn configure(
    tx: &Transaction<'_>,
    id: i64,
    settings: &ProviderSettings,
    now: i64,
) -> Result<Vec<SecretRow>, StoreError> {
    let json = serde_json::to_string(settings).map_err(|_| StoreError::Corrupt)?;
    let changed = tx.execute(
        "UPDATE provider SET config = ?2, updated_at = ?3 WHERE id = ?1 AND deleted_at IS NULL",
        params![id, json, now],
    )?;
    if changed == 0 { Err(StoreError::NotFound) } else { slots::keep_only(tx, id, &settings.slots()) }
}

/// Puts providers in this order; those that are not named come after them, in the order they were in.
pub fn order(tx: &Transaction<'_>, ids: &[i64], now: i64) -> Result<(), StoreError> {
    let mut all: Vec<i64> = list(tx)?.iter().map(|row| row.id).collect();
    all.sort_by_key(|id| ids.iter().position(|named| named == id).unwrap_or(usize::MAX));
    let mut statement = tx.prepare_cached("UPDATE provider SET priority = ?2, updated_at = ?3 WHERE id = ?1")?;
    for (place, id) in all.iter().enumerate() {
        statement.execute(params![id, place as i64, now])?;
    }
    Ok(())
}

/// Removes a provider and its accounts; the rows stay for the answers and the money that name them.
pub fn remove(tx: &Transaction<'_>, id: i64, now: i64) -> Result<(), StoreError> {
    let changed =
        tx.execute("UPDATE provider SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL", params![id, now])?;
    if changed == 0 {
        return Err(StoreError::NotFound);
    }
    for account in accounts::list(tx, id)? {
        accounts::remove(tx, account.id, now)?;
    }
    tx.execute("DELETE FROM budget WHERE provider_id = ?1", [id])?;
    slots::keep_only(tx, id, &[])?;
    Ok(())
}
