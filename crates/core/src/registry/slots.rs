//! The table `provider_secret`: where header values and the proxy's password are. Secrets are never in it.

use rusqlite::{Connection, Transaction, params};

use super::accounts::StoredKey;
use crate::{history::error::StoreError, view::SecretSlot};

const PROXY: &str = "proxy";
/// Before a header's name.
const HEADER: &str = "header:";

/// A row of `provider_secret`.
#[derive(Clone, Debug, PartialEq)]
pub struct SecretRow {
    /// What it is the secret of.
    pub slot: SecretSlot,
    /// Where it is.
    pub key: StoredKey,
}

fn name(slot: &SecretSlot) -> String {
    match slot {
        SecretSlot::Header { name } => format!("{HEADER}{name}"),
        SecretSlot::Proxy => PROXY.to_owned(),
    }
}

fn slot(name: &str) -> Option<SecretSlot> {
    match name.strip_prefix(HEADER) {
        Some(header) => Some(SecretSlot::Header { name: header.to_owned() }),
        None => (name == PROXY).then_some(SecretSlot::Proxy),
    }
}

/// The secrets of a provider.
pub fn list(connection: &Connection, provider_id: i64) -> Result<Vec<SecretRow>, StoreError> {
    let sql = "SELECT slot, secret_store, secret_ref, secret_origin, secret_hint FROM provider_secret
                WHERE provider_id = ?1 ORDER BY slot";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([provider_id])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let Some(slot) = slot(&name) else { continue };
        let key = StoredKey { store: row.get(1)?, reference: row.get(2)?, origin: row.get(3)?, hint: row.get(4)? };
        found.push(SecretRow { slot, key });
    }
    Ok(found)
}

/// Says where a secret is; one that is nowhere has no row. Returns where it was before.
pub fn set(
    tx: &Transaction<'_>,
    provider_id: i64,
    slot: &SecretSlot,
    key: &StoredKey,
    now: i64,
) -> Result<Option<StoredKey>, StoreError> {
    let before = list(tx, provider_id)?.into_iter().find(|row| row.slot == *slot).map(|row| row.key);
    let name = name(slot);
    match (&key.reference, &key.origin) {
        (Some(reference), Some(origin)) => tx.execute(
            "INSERT INTO provider_secret (provider_id, slot, secret_store, secret_ref, secret_origin, secret_hint, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET secret_store = excluded.secret_store, secret_ref = excluded.secret_ref,
                 secret_origin = excluded.secret_origin, secret_hint = excluded.secret_hint,
                 updated_at = excluded.updated_at",
            params![provider_id, name, key.store, reference, origin, key.hint, now],
        )?,
        _ => tx.execute("DELETE FROM provider_secret WHERE provider_id = ?1 AND slot = ?2", params![provider_id, name])?,
    };
    Ok(before)
}

/// Drops the rows of all slots but these, and returns them.
pub fn keep_only(tx: &Transaction<'_>, provider_id: i64, slots: &[SecretSlot]) -> Result<Vec<SecretRow>, StoreError> {
    let gone: Vec<_> = list(tx, provider_id)?.into_iter().filter(|row| !slots.contains(&row.slot)).collect();
    let mut statement = tx.prepare_cached("DELETE FROM provider_secret WHERE provider_id = ?1 AND slot = ?2")?;
    for row in &gone {
        statement.execute(params![provider_id, name(&row.slot)])?;
    }
    Ok(gone)
}
