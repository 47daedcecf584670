//! What people call those that the ledger names by ids, also what is deleted.

use std::collections::HashMap;

use rusqlite::Connection;

use super::ledger::LedgerError;
use crate::view::CostKey;

/// The names of everything that an entry can name.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Name and vendor by provider.
    providers: HashMap<i64, (String, String)>,
    /// Label and provider by account.
    accounts: HashMap<i64, (String, i64)>,
    routes: HashMap<i64, String>,
}

impl People {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// [`LedgerError::Database`].
    pub fn read(connection: &Connection) -> Result<Self, LedgerError> {
        let mut providers = connection.prepare_cached("SELECT id, name, vendor FROM provider")?;
        let mut accounts = connection.prepare_cached("SELECT id, label, provider_id FROM account")?;
        let mut routes = connection.prepare_cached("SELECT id, name FROM route")?;
        Ok(Self {
            providers: providers
                .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
                .collect::<Result<_, _>>()?,
            accounts: accounts
                .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
                .collect::<Result<_, _>>()?,
            routes: routes.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?,
        })
    }

    /// A provider.
    pub fn provider(&self, id: i64) -> CostKey {
        let found = self.providers.get(&id);
        CostKey {
            id: id_or_none(id),
            name: found.map(|(name, _)| name.clone()).unwrap_or_default(),
            vendor: found.map(|(_, vendor)| vendor.clone()),
        }
    }

    /// An account. One without a label of its own goes by its provider's name.
    pub fn account(&self, id: i64) -> CostKey {
        let Some((label, provider)) = self.accounts.get(&id) else {
            return CostKey { id: id_or_none(id), name: String::new(), vendor: None };
        };
        let of = self.provider(*provider);
        let name = if label.is_empty() { of.name } else { label.clone() };
        CostKey { id: id_or_none(id), name, vendor: of.vendor }
    }

    /// A route.
    pub fn route(&self, id: i64) -> CostKey {
        let name = self.routes.get(&id).cloned().unwrap_or_default();
        CostKey { id: id_or_none(id), name, vendor: None }
    }

    /// A model of these providers; it has a vendor where they are all of one.
    pub fn model(&self, model: &str, providers: impl IntoIterator<Item = i64>) -> CostKey {
        let mut vendors = providers.into_iter().map(|id| self.providers.get(&id).map(|(_, vendor)| vendor));
        let first = vendors.next().flatten();
        let vendor = first.filter(|first| vendors.all(|other| other == Some(first))).cloned();
        CostKey { id: model.to_owned(), name: model.to_owned(), vendor }
    }
}

fn id_or_none(id: i64) -> String {
    if id == 0 { String::new() } else { id.to_string() }
}
