//! The tables `route` and `route_target`: named virtual models.

mod check;

pub use check::{MOST_TARGETS, check, check_rules};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    history::error::StoreError,
    view::{AfterOutput, RouteOverrides, RouteRules, RouteStrategy},
};

/// The short name of the route that asks every provider which serves the asked model.
pub const IN_MY_ORDER: &str = "in-my-order";

/// A route with its targets.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteRow {
    /// Its id.
    pub id: i64,
    /// Its short name, which never changes.
    pub slug: String,
    /// Its name; empty for the built-in route.
    pub name: String,
    /// Who is asked first.
    pub strategy: RouteStrategy,
    /// When it moves on, and how. What cannot be read any more has its default.
    pub rules: RouteRules,
    /// Whom it asks, in order.
    pub targets: Vec<RouteTargetRow>,
    /// A person deleted it.
    pub deleted: bool,
}

/// One target of a route. Its provider and account may be gone.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteTargetRow {
    /// The provider.
    pub provider_id: i64,
    /// The only account it may be asked with.
    pub account_id: Option<i64>,
    /// The model as it is asked for.
    pub model: String,
    /// Its share in a weighted route.
    pub weight: u32,
    /// What is asked of it in place of what the chat says.
    pub overrides: RouteOverrides,
}

/// What a person may set of a route.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteFields {
    /// Its name.
    pub name: String,
    /// Who is asked first.
    pub strategy: RouteStrategy,
    /// When it moves on, and how.
    pub rules: RouteRules,
    /// Whom it asks, in order.
    pub targets: Vec<RouteTargetRow>,
}

impl RouteRow {
    /// Whether it asks every provider that serves the asked model.
    pub fn built_in(&self) -> bool {
        self.slug == IN_MY_ORDER
    }
}

impl RouteStrategy {
    /// Every strategy, with the name it has in the store and in configurations.
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Priority, "priority"),
        (Self::RoundRobin, "round_robin"),
        (Self::Weighted, "weighted"),
        (Self::LowestCost, "lowest_cost"),
        (Self::LowestLatency, "lowest_latency"),
        (Self::LeastBusy, "least_busy"),
    ];

    /// Every strategy.
    pub const ALL: [Self; Self::NAMES.len()] = {
        let mut all = [Self::Priority; Self::NAMES.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self::NAMES[at].0;
            at += 1;
        }
        all
    };

    /// The name in the store and in configurations.
    pub fn as_str(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }

    /// From that name.
    pub fn from_name(name: &str) -> Option<Self> {
        named_in(&Self::NAMES, name)
    }
}

impl AfterOutput {
    /// Every choice, with the name it has in configurations.
    const NAMES: [(Self, &'static str); 3] =
        [(Self::Keep, "keep"), (Self::Continue, "continue"), (Self::Restart, "restart")];

    /// The name in configurations.
    pub fn as_str(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }

    /// From that name.
    pub fn from_name(name: &str) -> Option<Self> {
        named_in(&Self::NAMES, name)
    }
}

fn name_in<T: PartialEq>(names: &[(T, &'static str)], of: T) -> &'static str {
    names.iter().find(|(value, _)| *value == of).map_or("", |(_, name)| name)
}

fn named_in<T: Copy>(names: &[(T, &'static str)], name: &str) -> Option<T> {
    names.iter().find(|(_, known)| *known == name).map(|(value, _)| *value)
}

const ROUTE: &str = "SELECT id, slug, name, strategy, config, deleted_at IS NOT NULL FROM route";

fn route_row(row: &Row<'_>) -> rusqlite::Result<RouteRow> {
    Ok(RouteRow {
        id: row.get(0)?,
        slug: row.get(1)?,
        name: row.get(2)?,
        strategy: RouteStrategy::from_name(row.get_ref(3)?.as_str()?).unwrap_or_default(),
        rules: read(row.get_ref(4)?.as_str()?),
        targets: Vec::new(),
        deleted: row.get(5)?,
    })
}

/// Reads JSON member by member: one that cannot be read any more has its default, and costs no other.
fn read<T: DeserializeOwned + Default>(json: &str) -> T {
    let Ok(Value::Object(all)) = serde_json::from_str(json) else { return T::default() };
    let reads = |members: Map<String, Value>| serde_json::from_value::<T>(Value::Object(members)).ok();
    let good = |(name, value): &(String, Value)| reads(Map::from_iter([(name.clone(), value.clone())])).is_some();
    reads(all.into_iter().filter(|(name, value)| good(&(name.clone(), value.clone()))).collect()).unwrap_or_default()
}

fn whole(connection: &Connection, row: RouteRow) -> Result<RouteRow, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT provider_id, account_id, model, weight, parameters FROM route_target
          WHERE route_id = ?1 ORDER BY position, id",
    )?;
    let target = |row: &Row<'_>| {
        Ok(RouteTargetRow {
            provider_id: row.get(0)?,
            account_id: row.get(1)?,
            model: row.get(2)?,
            weight: row.get(3)?,
            overrides: read(row.get_ref(4)?.as_str()?),
        })
    };
    let targets = statement.query_map([row.id], target)?.collect::<Result<_, _>>()?;
    Ok(RouteRow { targets, ..row })
}

/// All routes that are not deleted: the built-in one first, then as they were made.
pub fn list(connection: &Connection) -> Result<Vec<RouteRow>, StoreError> {
    let sql = format!("{ROUTE} WHERE deleted_at IS NULL ORDER BY slug <> ?1, id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([IN_MY_ORDER], route_row)?.collect::<Result<Vec<_>, _>>()?;
    rows.into_iter().map(|row| whole(connection, row)).collect()
}

/// One route, deleted or not.
pub fn get(connection: &Connection, id: i64) -> Result<RouteRow, StoreError> {
    let sql = format!("{ROUTE} WHERE id = ?1");
    let row = connection.prepare_cached(&sql)?.query_row([id], route_row).optional()?.ok_or(StoreError::NotFound)?;
    whole(connection, row)
}

/// One route that is not deleted.
///
/// # Errors
/// [`StoreError::NotFound`], also where it was deleted.
pub fn standing(connection: &Connection, id: i64) -> Result<RouteRow, StoreError> {
    let row = get(connection, id)?;
    if row.deleted { Err(StoreError::NotFound) } else { Ok(row) }
}

/// The route of a short name, deleted or not.
pub fn find(connection: &Connection, slug: &str) -> Result<Option<RouteRow>, StoreError> {
    let sql = format!("{ROUTE} WHERE slug = ?1");
    let row = connection.prepare_cached(&sql)?.query_row([slug], route_row).optional()?;
    row.map(|row| whole(connection, row)).transpose()
}

/// Adds a route, with a short name made from its name, or from the one that is wished for.
pub fn insert(tx: &Transaction<'_>, fields: &RouteFields, wished: Option<&str>, now: i64) -> Result<i64, StoreError> {
    let slug = free_slug(tx, &wished.map_or_else(|| slug_of(&fields.name), str::to_owned))?;
    tx.execute(
        "INSERT INTO route (slug, name, strategy, config, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        params![slug, fields.name, fields.strategy.as_str(), json(&fields.rules)?, now],
    )?;
    let id = tx.last_insert_rowid();
    insert_targets(tx, id, &fields.targets)?;
    Ok(id)
}

/// Changes a route that is not deleted. Its short name stays.
pub fn update(tx: &Transaction<'_>, id: i64, fields: &RouteFields, now: i64) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE route SET name = ?2, strategy = ?3, config = ?4, updated_at = ?5 WHERE id = ?1 AND deleted_at IS NULL",
        params![id, fields.name, fields.strategy.as_str(), json(&fields.rules)?, now],
    )?;
    if changed == 0 {
        return Err(StoreError::NotFound);
    }
    tx.execute("DELETE FROM route_target WHERE route_id = ?1", [id])?;
    insert_targets(tx, id, &fields.targets)
}

fn insert_targets(tx: &Transaction<'_>, id: i64, targets: &[RouteTargetRow]) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO route_target (route_id, position, provider_id, account_id, model, weight, parameters)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (position, target) in targets.iter().enumerate() {
        let RouteTargetRow { provider_id, account_id, model, weight, overrides } = target;
        statement.execute(params![id, position as i64, provider_id, account_id, model, weight, json(overrides)?])?;
    }
    Ok(())
}

/// Deletes a route, or takes that back. Its row stays for the chats, the answers and the money that name it. What is so
/// already stays so.
///
/// # Errors
/// [`StoreError::NotFound`], also for the built-in route.
pub fn set_deleted(tx: &Transaction<'_>, id: i64, deleted: bool, now: i64) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE route SET deleted_at = CASE WHEN ?2 THEN coalesce(deleted_at, ?3) END WHERE id = ?1 AND slug <> ?4",
        params![id, deleted, now, IN_MY_ORDER],
    )?;
    if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt)
}

/// Most bytes of a short name made from a name: room for a number behind it.
const LONGEST_SLUG: usize = 48;

/// A name in lower case, of letters, digits and hyphens.
fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for byte in name.bytes().map(|byte| byte.to_ascii_lowercase()) {
        if slug.len() >= LONGEST_SLUG {
            break;
        }
        if byte.is_ascii_alphanumeric() {
            slug.push(char::from(byte));
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "route".to_owned() } else { slug.to_owned() }
}

/// The first of `slug`, `slug-2`, `slug-3` … that no route has, deleted ones among them. `route` alone names all routes.
fn free_slug(connection: &Connection, slug: &str) -> Result<String, StoreError> {
    let mut taken = connection.prepare_cached("SELECT 1 FROM route WHERE slug = ?1")?;
    let numbered = (2_u64..).map(|number| format!("{slug}-{number}"));
    for candidate in std::iter::once(slug.to_owned()).chain(numbered) {
        if candidate != "route" && !taken.exists([&candidate])? {
            return Ok(candidate);
        }
    }
    Err(StoreError::internal("no short name is left for a route"))
}

#[cfg(test)]
mod tests {
    use parlance_providers::Category;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_name_is_plain_and_never_empty() {
        for (name, slug) in [
            ("Everyday", "everyday"),
            ("  Fast & cheap!  ", "fast-cheap"),
            ("Über 5.5", "ber-5-5"),
            ("日本", "route"),
            ("", "route"),
        ] {
            assert_eq!(slug_of(name), slug, "{name}");
        }
        let long = slug_of(&"word ".repeat(40));
        assert!(long.len() <= LONGEST_SLUG && !long.ends_with('-'), "{long}");
    }

    #[test]
    fn rules_that_cannot_be_read_have_their_default_and_cost_no_other() {
        let rules = RouteRules { tries: 5, switch_on: vec![Category::Network], ..RouteRules::default() };
        let mut stored = serde_json::to_value(&rules).unwrap();
        assert_eq!(read::<RouteRules>(&stored.to_string()), rules);
        stored["backoffCapMs"] = json!("long");
        stored["afterOutput"] = json!("sing");
        stored["later"] = json!([1]);
        assert_eq!(read::<RouteRules>(&stored.to_string()), rules);
        for nonsense in ["", "[]", "null", "7", "{"] {
            assert_eq!(read::<RouteRules>(nonsense), RouteRules::default(), "{nonsense}");
        }
    }

    #[test]
    fn every_name_comes_back() {
        for (strategy, name) in RouteStrategy::NAMES {
            assert_eq!((strategy.as_str(), RouteStrategy::from_name(name)), (name, Some(strategy)));
        }
        for (choice, name) in AfterOutput::NAMES {
            assert_eq!((choice.as_str(), AfterOutput::from_name(name)), (name, Some(choice)));
        }
        assert_eq!(RouteStrategy::from_name("roulette"), None);
    }
}
