//! The table `setting`: what the user chose, one JSON value a key.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    error::Error,
    history::error::StoreError,
    view::{ChatTarget, CompareDesk, Draft, Preference, SettingChange, Settings, Theme},
};

const THEME: &str = "theme";
const ONBOARDED: &str = "onboarded";
const LAST_TARGET: &str = "last_target";
const RECENT_TARGETS: &str = "recent_targets";
const DEFAULT_TARGET: &str = "default_target";
const ZOOM: &str = "zoom";
const DRAFT: &str = "draft";
const COMPARE_DESK: &str = "compare_desk";
const MODELS_DEV: &str = "models_dev";
/// When data of models was fetched last, UTC milliseconds.
const MODEL_DATA_AT: &str = "model_data_at";
const SUMS_CHECKED_ON: &str = "sums_checked_on";
const RECORD_TRAFFIC: &str = "record_traffic";
/// When price data was fetched last, and what came of it.
const PRICE_REFRESH: &str = "price_refresh";
const WEEKLY_PRICES: &str = "weekly_prices";
const MESSAGE_LIMIT: &str = "message_limit_nano";
/// Before the name of a preference.
const PREFERENCE: &str = "preference.";

/// A million dollars: no message costs that.
const MOST_LIMIT_NANO: f64 = 1e15;
/// Models remembered as sent to lately.
const MOST_RECENT: usize = 8;
const MOST_PREFERENCES: usize = 200;
const LONGEST_PREFERENCE_NAME: usize = 64;
/// In bytes.
const LONGEST_PREFERENCE: usize = 4_000;

/// All settings; what was never set, or cannot be read any more, has its default.
pub fn load(connection: &Connection) -> Result<Settings, StoreError> {
    Ok(Settings {
        theme: get(connection, THEME)?.unwrap_or(Theme::System),
        last_target: get(connection, LAST_TARGET)?,
        recent_targets: get(connection, RECENT_TARGETS)?.unwrap_or_default(),
        default_target: get(connection, DEFAULT_TARGET)?.flatten(),
        zoom: get(connection, ZOOM)?.filter(|zoom| is_zoom(*zoom)).unwrap_or(1.0),
        preferences: preferences(connection)?,
        onboarded: get(connection, ONBOARDED)?.unwrap_or(false),
        models_dev: get(connection, MODELS_DEV)?.unwrap_or(false),
        record_traffic: get(connection, RECORD_TRAFFIC)?.unwrap_or(false),
        weekly_prices: get(connection, WEEKLY_PRICES)?.unwrap_or(false),
        message_limit_nano: get(connection, MESSAGE_LIMIT)?.flatten(),
    })
}

fn preferences(connection: &Connection) -> Result<BTreeMap<String, String>, StoreError> {
    // `/` comes right after `.`.
    let sql = "SELECT substr(key, 12), value FROM setting WHERE key >= 'preference.' AND key < 'preference/'";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut preferences = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let json: String = row.get(1)?;
        if let Ok(value) = serde_json::from_str(&json) {
            preferences.insert(row.get(0)?, value);
        }
    }
    Ok(preferences)
}

/// Whether a change can be made, as far as that shows without the store.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub fn check(change: &SettingChange) -> Result<(), Error> {
    match change {
        SettingChange::Zoom(zoom) if !is_zoom(*zoom) => Err(Error::invalid("zoom", "out_of_range")),
        SettingChange::Preference(preference) => check_preference(preference),
        SettingChange::MessageLimit(Some(nano)) if !(*nano > 0.0 && *nano <= MOST_LIMIT_NANO) => {
            Err(Error::invalid("messageLimitNano", "out_of_range"))
        }
        SettingChange::Theme(_)
        | SettingChange::Onboarded(_)
        | SettingChange::Zoom(_)
        | SettingChange::ModelsDev(_)
        | SettingChange::DefaultTarget(_)
        | SettingChange::WeeklyPrices(_)
        | SettingChange::MessageLimit(_)
        | SettingChange::RecordTraffic(_) => Ok(()),
    }
}

fn is_zoom(zoom: f64) -> bool {
    (0.5..=2.0).contains(&zoom)
}

fn check_preference(preference: &Preference) -> Result<(), Error> {
    let Preference { name, value } = preference;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(Error::invalid("name", "not_a_name"));
    }
    if name.len() > LONGEST_PREFERENCE_NAME {
        return Err(Error::invalid("name", "too_long"));
    }
    if value.as_ref().is_some_and(|value| value.len() > LONGEST_PREFERENCE) {
        return Err(Error::invalid("value", "too_long"));
    }
    Ok(())
}

/// Applies one change that [`check`] let pass. Where there is no room for one more preference, nothing is changed and
/// the inner result says so.
///
/// # Errors
/// Those of the store.
pub fn change(tx: &Transaction<'_>, change: &SettingChange, now: i64) -> Result<Result<(), Error>, StoreError> {
    match change {
        SettingChange::Theme(theme) => set(tx, THEME, theme, now)?,
        SettingChange::Onboarded(done) => set(tx, ONBOARDED, done, now)?,
        SettingChange::Zoom(zoom) => set(tx, ZOOM, zoom, now)?,
        SettingChange::ModelsDev(allowed) => set(tx, MODELS_DEV, allowed, now)?,
        SettingChange::RecordTraffic(on) => set(tx, RECORD_TRAFFIC, on, now)?,
        SettingChange::DefaultTarget(target) => set(tx, DEFAULT_TARGET, target, now)?,
        SettingChange::WeeklyPrices(allowed) => set(tx, WEEKLY_PRICES, allowed, now)?,
        SettingChange::MessageLimit(nano) => set(tx, MESSAGE_LIMIT, &nano.map(f64::round), now)?,
        SettingChange::Preference(preference) => return prefer(tx, preference, now),
    }
    Ok(Ok(()))
}

fn prefer(tx: &Transaction<'_>, preference: &Preference, now: i64) -> Result<Result<(), Error>, StoreError> {
    let key = format!("{PREFERENCE}{}", preference.name);
    let Some(value) = &preference.value else {
        tx.execute("DELETE FROM setting WHERE key = ?1", [key])?;
        return Ok(Ok(()));
    };
    let known = preferences(tx)?;
    if known.len() >= MOST_PREFERENCES && !known.contains_key(&preference.name) {
        return Ok(Err(Error::invalid("name", "too_many")));
    }
    set(tx, &key, value, now)?;
    Ok(Ok(()))
}

/// Remembers the model or route last sent to, and that it was sent to lately.
pub fn remember_target(tx: &Transaction<'_>, target: &ChatTarget, now: i64) -> Result<(), StoreError> {
    let mut recent: Vec<ChatTarget> = get(tx, RECENT_TARGETS)?.unwrap_or_default();
    recent.retain(|known| known != target);
    recent.insert(0, target.clone());
    recent.truncate(MOST_RECENT);
    set(tx, RECENT_TARGETS, &recent, now)?;
    set(tx, LAST_TARGET, target, now)
}

/// Whether data of models may be fetched from models.dev.
pub fn models_dev(connection: &Connection) -> Result<bool, StoreError> {
    Ok(get(connection, MODELS_DEV)?.unwrap_or(false))
}

/// Nano-USD above which a person wants to be told before a message is sent.
pub fn message_limit(connection: &Connection) -> Result<Option<f64>, StoreError> {
    Ok(get(connection, MESSAGE_LIMIT)?.flatten())
}

/// The local day on which the sums of the ledger were last compared with its rows.
pub fn sums_checked_on(connection: &Connection) -> Result<Option<String>, StoreError> {
    get(connection, SUMS_CHECKED_ON)
}

/// Remembers that day.
pub fn set_sums_checked_on(tx: &Transaction<'_>, day: &str, now: i64) -> Result<(), StoreError> {
    set(tx, SUMS_CHECKED_ON, &day, now)
}

/// When data of models was fetched last, UTC milliseconds.
pub fn model_data_at(connection: &Connection) -> Result<Option<i64>, StoreError> {
    get(connection, MODEL_DATA_AT)
}

/// Remembers when data of models was fetched.
pub fn remember_model_data(tx: &Transaction<'_>, now: i64) -> Result<(), StoreError> {
    set(tx, MODEL_DATA_AT, &now, now)
}

/// The last try to fetch price data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRefresh {
    /// UTC milliseconds.
    pub at: i64,
    /// Why it came to nothing, as a stable word.
    pub trouble: Option<String>,
}

/// What came of the last try to fetch price data.
pub fn price_refresh(connection: &Connection) -> Result<Option<PriceRefresh>, StoreError> {
    get(connection, PRICE_REFRESH)
}

/// Remembers what came of a try to fetch price data.
pub fn remember_price_refresh(tx: &Transaction<'_>, refresh: &PriceRefresh) -> Result<(), StoreError> {
    set(tx, PRICE_REFRESH, refresh, refresh.at)
}

/// What stands in the composer of a chat that is not begun.
pub fn draft(connection: &Connection) -> Result<Draft, StoreError> {
    Ok(get(connection, DRAFT)?.unwrap_or_default())
}

/// Keeps what stands in the composer of a chat that is not begun.
pub fn keep_draft(tx: &Transaction<'_>, draft: &Draft, now: i64) -> Result<(), StoreError> {
    set(tx, DRAFT, draft, now)
}

/// The comparison that is not begun.
pub fn desk(connection: &Connection) -> Result<CompareDesk, StoreError> {
    Ok(get(connection, COMPARE_DESK)?.unwrap_or_default())
}

/// Keeps it.
pub fn keep_desk(tx: &Transaction<'_>, desk: &CompareDesk, now: i64) -> Result<(), StoreError> {
    set(tx, COMPARE_DESK, desk, now)
}

/// Its prompt was sent: its lanes stay for the next one.
pub fn clear_desk_draft(tx: &Transaction<'_>, now: i64) -> Result<(), StoreError> {
    let desk = desk(tx)?;
    keep_desk(tx, &CompareDesk { draft: Draft::default(), ..desk }, now)
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
