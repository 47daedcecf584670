//! The tables `budget` and `budget_notice`.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Budget, Mark, Scope, Spent, Standing};
use crate::{
    costs::ledger,
    history::StoreError,
    settings,
    view::{AtLimit, BudgetPeriod},
};

/// What a person may set of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetFields {
    /// What it holds for.
    pub scope: Scope,
    /// How long.
    pub period: BudgetPeriod,
    /// Nano-USD.
    pub limit_nano: i64,
    /// Hundredths of the limit at which to warn, rising.
    pub warn_at: Vec<u32>,
    /// What happens at the limit.
    pub at_limit: AtLimit,
}

/// A share of a budget that was passed just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The budget.
    pub budget_id: i64,
    /// The share, in hundredths.
    pub share: u32,
}

/// A budget of what is deleted is none: nobody can be asked there, and a route that comes back brings it along.
const BUDGET: &str = "SELECT b.id, b.scope, b.provider_id, b.route_id, coalesce(p.name, r.name, ''), b.period,
            b.limit_nano, b.warn_at, b.at_limit
       FROM budget b LEFT JOIN provider p ON p.id = b.provider_id LEFT JOIN route r ON r.id = b.route_id
      WHERE p.deleted_at IS NULL AND r.deleted_at IS NULL";

fn budget(row: &Row<'_>) -> rusqlite::Result<Budget> {
    let scope = match row.get_ref(1)?.as_str()? {
        "provider" => Scope::Provider(row.get(2)?),
        "route" => Scope::Route(row.get(3)?),
        _ => Scope::All,
    };
    let at_limit = match row.get_ref(8)?.as_str()? {
        "warn" => AtLimit::Warn,
        "ask" => AtLimit::Ask,
        _ => AtLimit::Stop,
    };
    let period = if row.get_ref(5)?.as_str()? == "day" { BudgetPeriod::Day } else { BudgetPeriod::Month };
    Ok(Budget {
        id: row.get(0)?,
        scope,
        name: row.get(4)?,
        period,
        limit_nano: row.get(6)?,
        warn_at: serde_json::from_str(row.get_ref(7)?.as_str()?).unwrap_or_default(),
        at_limit,
    })
}

/// All budgets: those for everything first, then providers, then routes, each by its name, days before months.
pub fn list(connection: &Connection) -> Result<Vec<Budget>, StoreError> {
    let sql = format!("{BUDGET} ORDER BY b.scope, coalesce(p.name, r.name), b.period, b.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], budget)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One budget.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(connection: &Connection, id: i64) -> Result<Budget, StoreError> {
    let sql = format!("{BUDGET} AND b.id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], budget).optional()?.ok_or(StoreError::NotFound)
}

/// The budget of a scope and a period.
pub fn find(connection: &Connection, scope: Scope, period: BudgetPeriod) -> Result<Option<i64>, StoreError> {
    let (kind, provider, route) = columns(scope);
    let sql = "SELECT id FROM budget
                WHERE scope = ?1 AND provider_id IS ?2 AND route_id IS ?3 AND period = ?4";
    let found =
        connection.prepare_cached(sql)?.query_row(params![kind, provider, route, period.as_str()], |row| row.get(0));
    Ok(found.optional()?)
}

fn columns(scope: Scope) -> (&'static str, Option<i64>, Option<i64>) {
    match scope {
        Scope::All => ("all", None, None),
        Scope::Provider(id) => ("provider", Some(id), None),
        Scope::Route(id) => ("route", None, Some(id)),
    }
}

/// Adds a budget, or changes one. Shares that are passed as it stands now are not told of: the person sees them.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn save(
    tx: &Transaction<'_>,
    id: Option<i64>,
    fields: &BudgetFields,
    now: i64,
    day: &str,
) -> Result<i64, StoreError> {
    let BudgetFields { scope, period, limit_nano, warn_at, at_limit } = fields;
    let (kind, provider, route) = columns(*scope);
    let warn_at = serde_json::to_string(warn_at).map_err(|_| StoreError::Corrupt)?;
    let (period, at_limit) = (period.as_str(), at_limit.as_str());
    let id = match id {
        Some(id) => {
            let sql = "UPDATE budget SET scope = ?2, provider_id = ?3, route_id = ?4, period = ?5, limit_nano = ?6,
                              warn_at = ?7, at_limit = ?8, updated_at = ?9 WHERE id = ?1";
            let values = params![id, kind, provider, route, period, limit_nano, warn_at, at_limit, now];
            if tx.execute(sql, values)? == 0 {
                return Err(StoreError::NotFound);
            }
            tx.execute("DELETE FROM budget_notice WHERE budget_id = ?1", [id])?;
            id
        }
        None => {
            let sql = "INSERT INTO budget (scope, provider_id, route_id, period, limit_nano, warn_at, at_limit,
                              created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)";
            tx.execute(sql, params![kind, provider, route, period, limit_nano, warn_at, at_limit, now])?;
            tx.last_insert_rowid()
        }
    };
    tell(tx, &get(tx, id)?, now, day)?;
    Ok(id)
}

/// Removes a budget.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn remove(tx: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    let removed = tx.execute("DELETE FROM budget WHERE id = ?1", [id])?;
    if removed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// What stands booked for a budget in the period around a local day.
pub fn standing(connection: &Connection, budget: Budget, day: &str) -> Result<Standing, StoreError> {
    let span = budget.period.around(day);
    let (_, provider, route) = columns(budget.scope);
    let spent: Spent = ledger::spent_in(connection, span.bucket(), provider, route)?;
    Ok(Standing { budget, span, spent, reserved_nano: 0 })
}

/// How far the ledger has come. Rows are never changed: where this is the same, so is every sum.
pub fn mark(connection: &Connection) -> Result<Mark, StoreError> {
    let sql = "SELECT coalesce(max(id), 0) FROM ledger";
    let last = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(Mark { last, checked: settings::sums_checked_on(connection)? })
}

/// Shares that are passed now that this was booked, each once a period.
pub fn passed(
    tx: &Transaction<'_>,
    provider_id: i64,
    route_id: Option<i64>,
    now: i64,
    day: &str,
) -> Result<Vec<Passed>, StoreError> {
    let mut all = Vec::new();
    for budget in list(tx)?.into_iter().filter(|budget| budget.counts(provider_id, route_id)) {
        all.extend(tell(tx, &budget, now, day)?);
    }
    Ok(all)
}

fn tell(tx: &Transaction<'_>, budget: &Budget, now: i64, day: &str) -> Result<Vec<Passed>, StoreError> {
    if budget.shares().next().is_none() {
        return Ok(Vec::new());
    }
    let standing = standing(tx, budget.clone(), day)?;
    let sql = "INSERT OR IGNORE INTO budget_notice (budget_id, period_start, share, told_at) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = tx.prepare_cached(sql)?;
    let mut new = Vec::new();
    for share in budget.passed(standing.spent.total_nano) {
        if statement.execute(params![budget.id, standing.span.first, share, now])? > 0 {
            new.push(Passed { budget_id: budget.id, share });
        }
    }
    Ok(new)
}
