//! Configuration in and out.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use parlance_providers::Secret;
use rusqlite::Connection;
use zeroize::Zeroizing;

use super::{App, keys};
use crate::{
    error::Error,
    exchange::{self, Plan, Surroundings, keys as secrets_of, rows, sealed, write},
    history::{StoreError, files},
    registry::{
        routes::{self, IN_MY_ORDER, RouteRow},
        settings::check,
        tables::{self, ProviderRow},
    },
    secrets::{EntryName, SecretError, StoreKind},
    view::{ExportInput, ExportView, ImportInput, ImportView, ImportedProvider, ImportedRoute},
};

/// A sealed file is base64 in lines, and little more.
const LONGEST_SEALED: usize = exchange::LONGEST / 2 * 3;
/// A passphrase longer than any that was ever taken is not worth a second of work, in characters.
const LONGEST_PASSPHRASE: usize = 1_000;

/// A configuration that was taken over, for a host that names providers as the file does.
pub struct TakenOver {
    /// What a page is shown.
    pub view: ImportView,
    /// The file's name of each provider with its id in the store.
    pub names: Vec<(String, String)>,
    /// The file's name of each route with its id in the store.
    pub routes: Vec<(String, String)>,
}

impl App {
    /// What a configuration holds and what would become of it; nothing is written.
    ///
    /// # Errors
    /// [`Error::Config`] with where it cannot be read; [`Error::Invalid`] for the fields `store` and `passphrase`
    /// (`required` where the file is encrypted); [`Error::Secret`] where that is not its passphrase.
    pub async fn preview_import(&self, input: ImportInput) -> Result<ImportView, Error> {
        keeping(&input.store)?;
        let plan = self.plan(input).await?;
        Ok(view(&plan, &self.inner.database.read(before).await?, false))
    }

    /// Takes a configuration over: providers in one transaction, keys straight into their store.
    ///
    /// # Errors
    /// As [`App::preview_import`]; [`Error::Secret`] where a key was not kept: then nothing was taken over.
    pub async fn import_config(&self, input: ImportInput) -> Result<ImportView, Error> {
        Ok(self.take_over(input).await?.view)
    }

    /// The same, and says which provider is which.
    ///
    /// # Errors
    /// As [`App::import_config`].
    pub async fn take_over(&self, input: ImportInput) -> Result<TakenOver, Error> {
        let store = keeping(&input.store)?;
        let plan = self.plan(input).await?;
        let inner = &self.inner;
        let before = inner.database.read(before).await?;
        let secrets = inner.registry.secrets();
        let mut kept = Vec::new();
        let keeping = self.wait_for_person(secrets_of::keep(secrets, store, &plan, &mut kept)).await;
        let of_rows = match keeping {
            Ok(of_rows) => of_rows,
            Err(error) => {
                secrets_of::forget(secrets, &kept).await;
                return Err(error);
            }
        };
        let view = view(&plan, &before, true);
        let ids: Vec<_> = plan.providers.iter().map(|provider| provider.id.clone().unwrap_or_default()).collect();
        let slugs: Vec<_> = plan.over.routes.iter().map(|route| route.slug.clone()).collect();
        let now = inner.clock.now_ms();
        let day = inner.clock.local_day(now);
        let write =
            move |tx: &rusqlite::Transaction<'_>| rows::take_over(tx, &plan.providers, &plan.over, &of_rows, now, &day);
        match inner.database.write(write).await {
            Ok(taken) => {
                inner.purse.changed();
                inner.reload_own_prices().await?;
                taken.accounts.iter().for_each(|account| inner.registry.forget_connection(*account));
                inner.registry.forget_statuses();
                secrets_of::forget(secrets, &taken.replaced).await;
                let names = ids.into_iter().zip(taken.providers).map(|(id, row)| (id, row.to_string())).collect();
                let routes = slugs.into_iter().zip(taken.routes).map(|(slug, row)| (slug, row.to_string())).collect();
                Ok(TakenOver { view, names, routes })
            }
            Err(error) => {
                secrets_of::forget(secrets, &kept).await;
                Err(error.into())
            }
        }
    }

    /// Reads a configuration, and decrypts it first where it is encrypted.
    async fn plan(&self, input: ImportInput) -> Result<Plan, Error> {
        let text = Zeroizing::new(input.text);
        let passphrase = input.passphrase.map(keys::secret);
        let text = if text.len() <= LONGEST_SEALED && sealed::is_sealed(&text) {
            let passphrase = passphrase.ok_or(Error::invalid("passphrase", "required"))?;
            if passphrase.expose().chars().count() > LONGEST_PASSPHRASE {
                return Err(SecretError::WrongPassphrase.into());
            }
            let open = move || sealed::open(&text, &passphrase);
            tokio::task::spawn_blocking(open).await.map_err(|_| StoreError::Panicked)??
        } else {
            text
        };
        let app = self.clone();
        let read = move || {
            let registry = &app.inner.registry;
            let variable = |name: &str| registry.secrets().variable(&EntryName::new(name).ok()?);
            let check = |vendor: &str, settings| check(&*registry.vendor(vendor)?, settings);
            let address = |vendor: &str, given: Option<&str>, fields| registry.address_for(vendor, given, fields);
            let vendors = registry.vendors();
            let around = Surroundings { vendors: &vendors, variable: &variable, check: &check, address: &address };
            Ok(exchange::read(&text, &around)?)
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| StoreError::Panicked)?
    }

    /// Writes the configuration into the host's folder for such files.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the passphrase; [`Error::CancelledWaiting`]; [`Error::Store`].
    pub async fn export_config(&self, input: ExportInput) -> Result<ExportView, Error> {
        let passphrase = input.passphrase.map(keys::chosen).transpose()?;
        let inner = &self.inner;
        let everything = inner.database.read(rows::export).await?;
        let count = u32::try_from(everything.providers.len()).unwrap_or(u32::MAX);
        let with_secrets = passphrase.is_some().then(|| inner.registry.secrets());
        let written = self.wait_for_person(write::write(everything, with_secrets)).await?;
        let day = inner.clock.local_day(inner.clock.now_ms());
        let folder = inner.outside.exports.clone();
        let text = written.text;
        let save = move || save(&folder, &day, &text, passphrase.as_ref());
        let path = tokio::task::spawn_blocking(save).await.map_err(|_| StoreError::Panicked)??;
        Ok(ExportView { path: path.display().to_string(), count, keys_missing: written.missing })
    }
}

/// Where the keys of a file go.
fn keeping(store: &str) -> Result<StoreKind, Error> {
    StoreKind::from_name(store).filter(|kind| *kind != StoreKind::Env).ok_or(Error::invalid("store", "unknown"))
}

/// What a configuration is laid over: the providers and the routes that there are.
fn before(connection: &Connection) -> Result<(Vec<ProviderRow>, Vec<RouteRow>), StoreError> {
    Ok((tables::list(connection)?, routes::list(connection)?))
}

fn view(plan: &Plan, (providers, routes): &(Vec<ProviderRow>, Vec<RouteRow>), done: bool) -> ImportView {
    let provider = |planned: &exchange::Planned| ImportedProvider {
        name: planned.name.clone(),
        vendor: planned.vendor.id.clone(),
        vendor_name: planned.vendor.name.clone(),
        mark: planned.vendor.mark.clone(),
        category: planned.vendor.category.clone(),
        base_url: planned.base_url.clone(),
        keys: u32::try_from(planned.keys()).unwrap_or(u32::MAX),
        replaces: rows::same(providers, planned).is_some(),
    };
    let route = |planned: &exchange::PlannedRoute| ImportedRoute {
        name: if planned.slug == IN_MY_ORDER { String::new() } else { planned.name.clone() },
        slug: planned.slug.clone(),
        strategy: planned.strategy,
        targets: u32::try_from(planned.targets.len()).unwrap_or(u32::MAX),
        replaces: routes.iter().any(|known| known.slug == planned.slug),
    };
    ImportView {
        format: plan.format,
        providers: plan.providers.iter().map(provider).collect(),
        routes: plan.over.routes.iter().map(route).collect(),
        budgets: u32::try_from(plan.over.budgets.len()).unwrap_or(u32::MAX),
        prices: u32::try_from(plan.over.prices.len()).unwrap_or(u32::MAX),
        notes: plan.notes.clone(),
        done,
    }
}

/// Writes a new file that only its owner can read, and never over another.
fn save(folder: &Path, day: &str, text: &str, passphrase: Option<&Secret>) -> Result<PathBuf, Error> {
    let sealed = passphrase.map(|passphrase| sealed::seal(text, passphrase)).transpose()?;
    let ending = if sealed.is_some() { "toml.age" } else { "toml" };
    let content = sealed.as_deref().unwrap_or(text);
    // Commonly the folder of downloads: its rights are not ours to change.
    std::fs::create_dir_all(folder).map_err(StoreError::from)?;
    for number in 1.. {
        let again = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("parlance-{day}{again}.{ending}"));
        let mut file = match files::new_private_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            other => other.map_err(StoreError::from)?,
        };
        let written = file.write_all(content.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            files::remove_if_there(&path).map_err(StoreError::from)?;
            return Err(StoreError::from(error).into());
        }
        return Ok(path);
    }
    Err(StoreError::internal("no name is left for an export").into())
}
