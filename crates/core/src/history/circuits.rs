//! The table `circuit`: targets that rest because they failed too often, kept over a restart.

use parlance_providers::Category;
use rusqlite::{Connection, Transaction, params};

use super::{error::StoreError, runs};
use crate::{
    fallback::health::{Change, Health, Key, OpenCircuit},
    fallback::snapshot::Standing,
    view::FailureView,
};

/// All that are open, the half-open ones among them.
pub fn load(connection: &Connection) -> Result<Vec<OpenCircuit>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT provider_id, account_id, model, opened_at, until, doublings,
                error_category, error_status, error_code, error_message FROM circuit",
    )?;
    let rows = statement.query_map([], |row| {
        let key = Key { provider_id: row.get(0)?, account_id: row.get(1)?, model: row.get(2)? };
        let unknown = || FailureView { category: Category::Internal, status: None, code: None, message: String::new() };
        Ok(OpenCircuit {
            key,
            opened_at: row.get(3)?,
            until: row.get(4)?,
            doublings: row.get(5)?,
            because: runs::failure(row, 6)?.unwrap_or_else(unknown),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a change down, unless the circuit has moved on since: writes may come in another order than changes.
///
/// # Errors
/// What the store says; an account that is gone meanwhile is none.
pub fn keep(tx: &Transaction<'_>, health: &Health, change: &Change, now: i64) -> Result<(), StoreError> {
    match change {
        Change::Opened(open) if health.standing(&open.key, now) != Standing::Closed => insert(tx, open),
        Change::Closed(key) if health.standing(key, now) == Standing::Closed => remove(tx, key),
        Change::Opened(_) | Change::Closed(_) => Ok(()),
    }
}

fn insert(tx: &Transaction<'_>, open: &OpenCircuit) -> Result<(), StoreError> {
    let OpenCircuit { key, opened_at, until, doublings, because } = open;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO circuit (provider_id, account_id, model, opened_at, until, doublings,
                                         error_category, error_status, error_code, error_message)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
          WHERE EXISTS (SELECT 1 FROM account WHERE id = ?2 AND provider_id = ?1)",
    )?
    .execute(params![
        key.provider_id,
        key.account_id,
        key.model,
        opened_at,
        until,
        doublings,
        because.category.as_str(),
        because.status,
        because.code,
        because.message,
    ])?;
    Ok(())
}

/// Forgets a circuit.
pub fn remove(tx: &Transaction<'_>, key: &Key) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM circuit WHERE provider_id = ?1 AND account_id = ?2 AND model = ?3")?
        .execute(params![key.provider_id, key.account_id, key.model])?;
    Ok(())
}
