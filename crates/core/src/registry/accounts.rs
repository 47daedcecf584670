//! The table `account`: whose key it is and where it lies. Secrets are never in it.

use parlance_providers::credential::Identity;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    history::error::StoreError,
    secrets::{EntryName, KeyRef, Origin, StoreKind},
};

/// A row of `account`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id.
    pub id: i64,
    /// The provider it is of.
    pub provider_id: i64,
    /// The user's name for it; may be empty.
    pub label: String,
    /// Whether it is used.
    pub enabled: bool,
    /// Where its key is.
    pub key: StoredKey,
    /// Whose key it is, where the key alone does not say enough.
    pub identity: Option<Identity>,
}

impl AccountRow {
    /// Whether it has what opens a door: a key, or an identity that says where to look for one.
    pub fn has_key(&self) -> bool {
        self.key.store != "none" || self.identity.as_ref().is_some_and(Identity::stands_alone)
    }
}

/// What the store may know of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// `none`, `session`, `env`, `keyring` or `vault`.
    pub store: String,
    /// The variable's or entry's name.
    pub reference: Option<String>,
    /// scheme://host:port it was given for.
    pub origin: Option<String>,
    /// The last four characters of a key of at least 16.
    pub hint: Option<String>,
}

impl StoredKey {
    /// No key.
    pub fn none() -> Self {
        Self { store: "none".to_owned(), reference: None, origin: None, hint: None }
    }

    /// What the rows may know of a kept key.
    pub fn of(key: &KeyRef, hint: Option<String>) -> Self {
        Self {
            store: key.store.as_str().to_owned(),
            reference: Some(key.entry.as_str().to_owned()),
            origin: Some(key.origin.as_str().to_owned()),
            hint,
        }
    }

    /// Where it is; `None` where there is none, or in a store this version does not have.
    pub fn key_ref(&self) -> Option<KeyRef> {
        Some(KeyRef {
            store: StoreKind::from_name(&self.store)?,
            entry: EntryName::new(self.reference.as_deref()?).ok()?,
            origin: Origin::parse(self.origin.as_deref()?).ok()?,
        })
    }
}

const ACCOUNT: &str =
    "SELECT id, provider_id, label, enabled, secret_store, secret_ref, secret_origin, secret_hint, identity
    FROM account WHERE deleted_at IS NULL";

fn account_row(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    Ok(AccountRow {
        id: row.get(0)?,
        provider_id: row.get(1)?,
        label: row.get(2)?,
        enabled: row.get(3)?,
        key: StoredKey { store: row.get(4)?, reference: row.get(5)?, origin: row.get(6)?, hint: row.get(7)? },
        // What another version wrote and this one cannot read is as good as none: the person is asked anew.
        identity: row.get::<_, Option<String>>(8)?.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// The accounts of a provider, in the order they are used.
pub fn list(connection: &Connection, provider_id: i64) -> Result<Vec<AccountRow>, StoreError> {
    let sql = format!("{ACCOUNT} AND provider_id = ?1 ORDER BY position, id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([provider_id], account_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One account that is not removed.
pub fn get(connection: &Connection, id: i64) -> Result<AccountRow, StoreError> {
    let sql = format!("{ACCOUNT} AND id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], account_row).optional()?.ok_or(StoreError::NotFound)
}

/// Adds an account without a key, after the others.
pub fn insert(tx: &Transaction<'_>, provider_id: i64, label: &str, enabled: bool, now: i64) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO account (provider_id, label, enabled, position, created_at, updated_at)
         VALUES (?1, ?2, ?3, (SELECT coalesce(max(position), -1) + 1 FROM account WHERE provider_id = ?1), ?4, ?4)",
        params![provider_id, label, enabled, now],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Changes an account's label and whether it is used.
pub fn update(tx: &Transaction<'_>, id: i64, label: &str, enabled: bool, now: i64) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE account SET label = ?2, enabled = ?3, updated_at = ?4 WHERE id = ?1 AND deleted_at IS NULL",
        params![id, label, enabled, now],
    )?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Puts a provider's accounts in this order; those that are not named come after them, in the order they were in.
pub fn order(tx: &Transaction<'_>, provider_id: i64, ids: &[i64], now: i64) -> Result<(), StoreError> {
    let mut all: Vec<i64> = list(tx, provider_id)?.iter().map(|row| row.id).collect();
    all.sort_by_key(|id| ids.iter().position(|named| named == id).unwrap_or(usize::MAX));
    let mut statement = tx.prepare_cached("UPDATE account SET position = ?2, updated_at = ?3 WHERE id = ?1")?;
    for (place, id) in all.iter().enumerate() {
        statement.execute(params![id, place as i64, now])?;
    }
    Ok(())
}

/// Removes an account; its row stays for the attempts and the money that name it.
pub fn remove(tx: &Transaction<'_>, id: i64, now: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET deleted_at = ?2 WHERE id = ?1", params![id, now])?;
    set_key(tx, id, &StoredKey::none(), None, now)
}

/// Says where an account's key is, for which address it was given, and whose it is. What failed with the key of before
/// is forgotten.
pub fn set_key(
    tx: &Transaction<'_>,
    id: i64,
    key: &StoredKey,
    identity: Option<&Identity>,
    now: i64,
) -> Result<(), StoreError> {
    let identity = identity.and_then(|identity| serde_json::to_string(identity).ok());
    tx.execute(
        "UPDATE account SET secret_store = ?2, secret_ref = ?3, secret_origin = ?4, secret_hint = ?5, identity = ?6,
                updated_at = ?7
          WHERE id = ?1",
        params![id, key.store, key.reference, key.origin, key.hint, identity, now],
    )?;
    tx.execute("DELETE FROM circuit WHERE account_id = ?1", [id])?;
    Ok(())
}
