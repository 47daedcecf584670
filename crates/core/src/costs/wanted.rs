//! What a filter lets through, beside the days.

use rusqlite::types::Value;

use super::{rollup::Key, stored::Again};
use crate::{
    error::Error,
    view::{CostFilter, CostOutcome, CostSource, Purpose, WasteKind},
};

/// A filter with its ids read. Kinds combine by "and", values of one kind by "or"; an empty list means all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    providers: Vec<i64>,
    accounts: Vec<i64>,
    routes: Vec<i64>,
    models: Vec<String>,
    purposes: Vec<Purpose>,
    outcomes: Vec<CostOutcome>,
    sources: Vec<CostSource>,
    waste: Vec<WasteKind>,
}

/// A piece of SQL with the values it takes.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// Begins with `AND`, or is empty.
    pub sql: String,
    /// Its values, for `?` in order.
    pub values: Vec<Value>,
}

impl Wanted {
    /// Reads a filter.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the field whose id is none.
    pub fn of(filter: &CostFilter) -> Result<Self, Error> {
        let ids = |field, ids: &[String]| {
            let id = |id: &String| if id.is_empty() { Ok(0) } else { crate::app::parse_id(field, id) };
            ids.iter().map(id).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            providers: ids("providers", &filter.providers)?,
            accounts: ids("accounts", &filter.accounts)?,
            routes: ids("routes", &filter.routes)?,
            models: filter.models.clone(),
            purposes: filter.purposes.clone(),
            outcomes: filter.outcomes.clone(),
            sources: filter.sources.clone(),
            waste: filter.waste.clone(),
        })
    }

    /// Only what the index by kinds of request does not know.
    pub fn beyond_kinds(&self) -> Self {
        Self { sources: self.sources.clone(), waste: self.waste.clone(), ..Self::default() }
    }

    /// Whether sums of this key are meant.
    pub fn takes(&self, key: &Key) -> bool {
        fn among<T: PartialEq>(values: &[T], value: &T) -> bool {
            values.is_empty() || values.contains(value)
        }
        among(&self.providers, &key.provider_id)
            && among(&self.accounts, &key.account_id)
            && among(&self.routes, &key.route_id)
            && (self.models.is_empty() || self.models.iter().any(|model| **model == *key.model))
            && among(&self.purposes, &key.purpose)
            && among(&self.outcomes, &key.outcome)
            && among(&self.sources, &key.source)
            && (self.waste.is_empty() || wasted(key).is_some_and(|kind| self.waste.contains(&kind)))
    }

    /// The same for SQL, over `ledger` or `ledger_rollup`; `source` is what the source is called there.
    pub fn condition(&self, source: &str) -> Condition {
        let mut condition = Condition::default();
        let mut add = |what: &str, values: Vec<Value>| {
            if !values.is_empty() {
                let marks = vec!["?"; values.len()].join(", ");
                condition.sql.push_str(&format!(" AND {what} IN ({marks})"));
                condition.values.extend(values);
            }
        };
        let ids = |ids: &[i64]| ids.iter().map(|id| Value::from(*id)).collect::<Vec<_>>();
        let names = |names: Vec<&str>| names.into_iter().map(|name| Value::from(name.to_owned())).collect::<Vec<_>>();
        add("coalesce(provider_id, 0)", ids(&self.providers));
        add("coalesce(account_id, 0)", ids(&self.accounts));
        add("coalesce(route_id, 0)", ids(&self.routes));
        add("model", names(self.models.iter().map(String::as_str).collect()));
        add("purpose", names(self.purposes.iter().map(|purpose| purpose.as_str()).collect()));
        add("outcome", names(self.outcomes.iter().map(|outcome| outcome.as_str()).collect()));
        add(source, names(self.sources.iter().map(|source| source.as_str()).collect()));
        add(WASTED, names(self.waste.iter().map(|kind| stored(*kind)).collect()));
        condition
    }
}

/// What a request was wasted on, if it was. No request counts twice: what became of it goes before how it came about.
pub(super) fn wasted(key: &Key) -> Option<WasteKind> {
    match (key.outcome, key.again) {
        (CostOutcome::Interrupted, _) => Some(WasteKind::CutOff),
        (CostOutcome::Failed, _) => Some(WasteKind::Failed),
        (CostOutcome::Cancelled, _) => Some(WasteKind::Stopped),
        (CostOutcome::Complete, Again::Asked) => Some(WasteKind::AskedAgain),
        (CostOutcome::Complete, Again::Tried) => Some(WasteKind::TriedAgain),
        (CostOutcome::Complete, Again::First) => None,
    }
}

/// [`wasted`] for SQL: the stored name of the outcome, or of how it came about.
const WASTED: &str = "CASE outcome WHEN 'complete' THEN again ELSE outcome END";

fn stored(kind: WasteKind) -> &'static str {
    match kind {
        WasteKind::CutOff => CostOutcome::Interrupted.as_str(),
        WasteKind::Failed => CostOutcome::Failed.as_str(),
        WasteKind::Stopped => CostOutcome::Cancelled.as_str(),
        WasteKind::AskedAgain => Again::Asked.as_str(),
        WasteKind::TriedAgain => Again::Tried.as_str(),
    }
}
