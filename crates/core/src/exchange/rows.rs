//! A plan into the tables, in one transaction, and the tables as an export wants them.

use parlance_providers::transport;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Over, Planned, PlannedBudget, PlannedPrice, PlannedRoute, PlannedScope, keys::KeptSecrets};
use crate::{
    costs::{
        budgets::{
            Budget, Scope,
            table::{self as budgets, BudgetFields},
        },
        own_prices::{self, OwnPrice, OwnPrices},
    },
    history::error::StoreError,
    registry::{
        accounts::{self, AccountRow, StoredKey},
        routes::{self, RouteFields, RouteRow, RouteTargetRow},
        slots,
        tables::{self, ProviderFields, ProviderRow},
    },
};

/// What a plan came to.
#[derive(Default)]
pub(crate) struct TakenOver {
    /// The provider's row, in the order of the plan.
    pub(crate) providers: Vec<i64>,
    /// Accounts that connect anew.
    pub(crate) accounts: Vec<i64>,
    /// Secrets that nobody points to any more.
    pub(crate) replaced: Vec<StoredKey>,
    /// The route's row, in the order of the plan.
    pub(crate) routes: Vec<i64>,
}

/// Writes a plan down.
pub(crate) fn take_over(
    tx: &Transaction<'_>,
    plan: &[Planned],
    over: &Over,
    kept: &[KeptSecrets],
    now: i64,
    day: &str,
) -> Result<TakenOver, StoreError> {
    let mut taken = TakenOver::default();
    for (planned, kept) in plan.iter().zip(kept) {
        let id = provider(tx, planned, now)?;
        secrets(tx, id, planned, &kept.secrets, now, &mut taken.replaced)?;
        for (account, key) in planned.accounts.iter().zip(&kept.accounts) {
            if let Some(known) = account_for(tx, id, &account.label, &taken.accounts)? {
                accounts::update(tx, known.id, &account.label, account.enabled, now)?;
                // A file without a key leaves the one that there is.
                if key.store != "none" || account.identity.is_some() {
                    accounts::set_key(tx, known.id, key, account.identity.as_ref(), now)?;
                    taken.replaced.push(known.key);
                }
                taken.accounts.push(known.id);
            } else {
                let new = accounts::insert(tx, id, &account.label, account.enabled, now)?;
                accounts::set_key(tx, new, key, account.identity.as_ref(), now)?;
                taken.accounts.push(new);
            }
        }
        taken.providers.push(id);
    }
    for planned in &over.routes {
        let id = route(tx, planned, plan, &taken.providers, now)?;
        taken.routes.push(id);
    }
    for planned in &over.prices {
        price(tx, planned, plan, &taken.providers, now)?;
    }
    for planned in &over.budgets {
        budget(tx, planned, plan, over, &taken, now, day)?;
    }
    Ok(taken)
}

/// The row of the provider that a file calls so.
fn row_of(plan: &[Planned], rows: &[i64], name: &str) -> Option<i64> {
    let place = plan.iter().position(|known| known.id.as_deref() == Some(name))?;
    rows.get(place).copied()
}

/// The price of the same model from the same day on is changed; else there is a new one.
fn price(
    tx: &Transaction<'_>,
    planned: &PlannedPrice,
    plan: &[Planned],
    rows: &[i64],
    now: i64,
) -> Result<(), StoreError> {
    let Some(provider_id) = row_of(plan, rows, &planned.provider) else { return Ok(()) };
    let PlannedPrice { model, valid_from, rates, .. } = planned;
    let own = own_prices::load(tx)?;
    let known = own.history(provider_id, model).iter().find(|price| price.valid_from == *valid_from);
    let id = known.map_or(0, |price| price.id);
    own_prices::save(tx, &OwnPrice::new(id, provider_id, model.clone(), valid_from.clone(), rates), now)?;
    Ok(())
}

/// The budget of the same scope and as long is changed; else there is a new one.
fn budget(
    tx: &Transaction<'_>,
    planned: &PlannedBudget,
    plan: &[Planned],
    over: &Over,
    taken: &TakenOver,
    now: i64,
    day: &str,
) -> Result<(), StoreError> {
    let scope = match &planned.scope {
        PlannedScope::All => Some(Scope::All),
        PlannedScope::Provider(name) => row_of(plan, &taken.providers, name).map(Scope::Provider),
        PlannedScope::Route(slug) => {
            let place = over.routes.iter().position(|known| known.slug == *slug);
            place.and_then(|place| taken.routes.get(place).copied()).map(Scope::Route)
        }
    };
    let Some(scope) = scope else { return Ok(()) };
    let PlannedBudget { period, limit_nano, ref warn_at, at_limit, .. } = *planned;
    let fields = BudgetFields { scope, period, limit_nano, warn_at: warn_at.clone(), at_limit };
    budgets::save(tx, budgets::find(tx, scope, period)?, &fields, now, day)?;
    Ok(())
}

/// The route of this short name is changed, and back where it was deleted; else there is a new one.
fn route(
    tx: &Transaction<'_>,
    planned: &PlannedRoute,
    plan: &[Planned],
    rows: &[i64],
    now: i64,
) -> Result<i64, StoreError> {
    let mut targets = Vec::with_capacity(planned.targets.len());
    for target in &planned.targets {
        let Some(provider_id) = row_of(plan, rows, &target.provider) else { continue };
        let labelled = |label: &String| {
            let of_it = accounts::list(tx, provider_id)?;
            Ok::<_, StoreError>(of_it.into_iter().find(|account| account.label == *label).map(|account| account.id))
        };
        targets.push(RouteTargetRow {
            provider_id,
            account_id: target.account.as_ref().map(labelled).transpose()?.flatten(),
            model: target.model.clone(),
            weight: target.weight,
            overrides: target.overrides.clone(),
        });
    }
    let fields =
        RouteFields { name: planned.name.clone(), strategy: planned.strategy, rules: planned.rules.clone(), targets };
    let Some(known) = routes::find(tx, &planned.slug)? else {
        return routes::insert(tx, &fields, Some(&planned.slug), now);
    };
    let built_in = known.built_in();
    if known.deleted {
        routes::set_deleted(tx, known.id, false, now)?;
    }
    let name = if built_in { String::new() } else { fields.name };
    routes::update(tx, known.id, &RouteFields { name, ..fields }, now)?;
    Ok(known.id)
}

/// The provider of the same name, vendor and address, if there is one.
pub(crate) fn same<'a>(rows: &'a [ProviderRow], planned: &Planned) -> Option<&'a ProviderRow> {
    let same = |row: &&ProviderRow| {
        row.name == planned.name && row.vendor == planned.vendor.id && row.base_url == planned.base_url
    };
    rows.iter().find(same)
}

fn provider(tx: &Transaction<'_>, planned: &Planned, now: i64) -> Result<i64, StoreError> {
    let fields = ProviderFields {
        vendor: planned.vendor.id.clone(),
        name: planned.name.clone(),
        base_url: planned.base_url.clone(),
        enabled: planned.enabled,
        default_model: planned.default_model.clone(),
        // Who imports an address in clear was told so.
        clear_origin: transport::sends_in_clear(&planned.base_url)
            .then(|| transport::origin(&planned.base_url).ok())
            .flatten(),
    };
    let known = same(&tables::list(tx)?, planned).map(|row| row.id);
    let id = match known {
        Some(id) => {
            tables::update(tx, id, &fields, now)?;
            id
        }
        None => {
            let id = tables::insert(tx, &fields, now)?;
            if let Some(slug) = &planned.id {
                name(tx, id, slug)?;
            }
            id
        }
    };
    Ok(id)
}

/// Gives a provider the name that targets know it by, or the next that is free.
fn name(tx: &Transaction<'_>, id: i64, wanted: &str) -> Result<(), StoreError> {
    let mut slug = wanted.to_owned();
    let mut taken = tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM provider WHERE slug = ?1 AND id <> ?2)")?;
    let mut number = 2;
    while taken.query_row(params![slug, id], |row| row.get(0))? {
        slug = format!("{wanted}-{number}");
        number += 1;
    }
    tx.execute("UPDATE provider SET slug = ?2 WHERE id = ?1", params![id, slug])?;
    Ok(())
}

/// The account of this label that the file has not named yet. A new provider's first account has no label and no key,
/// and stands for whichever comes first.
fn account_for(tx: &Transaction<'_>, id: i64, label: &str, named: &[i64]) -> Result<Option<AccountRow>, StoreError> {
    let free = || Ok::<_, StoreError>(accounts::list(tx, id)?.into_iter().filter(|row| !named.contains(&row.id)));
    if let Some(same) = free()?.find(|row| row.label == label) {
        return Ok(Some(same));
    }
    Ok(free()?.find(|row| row.label.is_empty() && row.key.store == "none"))
}

fn secrets(
    tx: &Transaction<'_>,
    id: i64,
    planned: &Planned,
    kept: &[StoredKey],
    now: i64,
    replaced: &mut Vec<StoredKey>,
) -> Result<(), StoreError> {
    let gone = tables::configure(tx, id, &planned.settings, now)?;
    replaced.extend(gone.into_iter().map(|row| row.key));
    for (secret, key) in planned.secrets.iter().zip(kept).filter(|(_, key)| key.store != "none") {
        replaced.extend(slots::set(tx, id, &secret.slot, key, now)?);
    }
    Ok(())
}

/// A provider as an export wants it.
pub(crate) struct Exported {
    pub(crate) slug: String,
    pub(crate) row: ProviderRow,
}

/// What an export writes down.
pub(crate) struct Everything {
    /// In their order.
    pub(crate) providers: Vec<Exported>,
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) prices: OwnPrices,
}

/// All of it, of one moment.
pub(crate) fn export(connection: &Connection) -> Result<Everything, StoreError> {
    let mut statement = connection.prepare_cached("SELECT slug FROM provider WHERE id = ?1")?;
    let mut exported = |row: ProviderRow| {
        let slug = statement.query_row([row.id], |found| found.get(0)).optional()?.ok_or(StoreError::NotFound)?;
        Ok(Exported { slug, row })
    };
    let providers = tables::list(connection)?.into_iter().map(&mut exported).collect::<Result<_, StoreError>>()?;
    Ok(Everything {
        providers,
        routes: routes::list(connection)?,
        budgets: budgets::list(connection)?,
        prices: own_prices::load(connection)?,
    })
}
