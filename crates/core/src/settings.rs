//! The table `setting`: what the user chose, one JSON value a key.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    history::error::StoreError,
    view::{SettingChange, Settings, Target, Theme},
};

const THEME: &str = "theme";
const ONBOARDED: &str = "onboarded";
const LAST_TARGET: &str = "last_target";

/// All settings; what was never set, or cannot be read any more, has its default.
pub fn load(connection: &Connection) -> Result<Settings, StoreError> {
    Ok(Settings {
        theme: get(connection, THEME)?.unwrap_or(Theme::System),
        last_target: get(connection, LAST_TARGET)?,
        recent_targets: Vec::new(),
        zoom: 1.0,
        preferences: Default::default(),
        onboarded: get(connection, ONBOARDED)?.unwrap_or(false),
    })
}

/// Applies one change.
pub fn change(tx: &Transaction<'_>, change: &SettingChange, now: i64) -> Result<(), StoreError> {
    match change {
        SettingChange::Theme(theme) => set(tx, THEME, theme, now),
        SettingChange::Onboarded(done) => set(tx, ONBOARDED, done, now),
        SettingChange::Zoom(_) | SettingChange::Preference(_) => Err(StoreError::NotFound),
    }
}

/// Remembers the model last sent to.
pub fn remember_target(tx: &Transaction<'_>, target: &Target, now: i64) -> Result<(), StoreError> {
    set(tx, LAST_TARGET, target, now)
}

fn get<T: DeserializeOwned>(connection: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
    let value: Option<String> = statement.query_row([key], |row| row.get(0)).optional()?;
    Ok(value.and_then(|json| serde_json::from_str(&json).ok()))
}

fn set<T: Serialize>(tx: &Transaction<'_>, key: &str, value: &T, now: i64) -> Result<(), StoreError> {
    let json = serde_json::to_string(value).map_err(|_| StoreError::Corrupt)?;
    tx.execute(
        "INSERT INTO setting (key, value, updated_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        params![key, json, now],
    )?;
    Ok(())
}
