//! Takes a store from any older version to this one, whole or not at all (DB-6).

use std::borrow::Cow;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::error::{OpenError, StoreError};
use super::peek::APPLICATION_ID;
use super::{database, files};

/// One numbered step of the schema.
#[derive(Clone, Debug)]
pub struct Migration {
    /// The `user_version` after it; steps are numbered 1, 2, 3, …
    pub version: u32,
    /// What it does, as in its file name.
    pub name: Cow<'static, str>,
    /// Statements, without transactions of their own.
    pub sql: Cow<'static, str>,
}

impl Migration {
    /// A step known at build time.
    #[must_use]
    pub const fn of(version: u32, name: &'static str, sql: &'static str) -> Self {
        Self { version, name: Cow::Borrowed(name), sql: Cow::Borrowed(sql) }
    }
}

/// Every step of Parlance's schema, oldest first. A released step never changes.
pub const MIGRATIONS: &[Migration] = &[
    Migration::of(1, "initial", include_str!("../../migrations/0001_initial.sql")),
    Migration::of(2, "model_choice", include_str!("../../migrations/0002_model_choice.sql")),
    Migration::of(3, "search", include_str!("../../migrations/0003_search.sql")),
    Migration::of(4, "chats", include_str!("../../migrations/0004_chats.sql")),
    Migration::of(5, "attachments", include_str!("../../migrations/0005_attachments.sql")),
    Migration::of(6, "providers", include_str!("../../migrations/0006_providers.sql")),
    Migration::of(7, "identity", include_str!("../../migrations/0007_identity.sql")),
    Migration::of(8, "routes", include_str!("../../migrations/0008_routes.sql")),
    Migration::of(9, "costs", include_str!("../../migrations/0009_costs.sql")),
    Migration::of(10, "prices", include_str!("../../migrations/0010_prices.sql")),
    Migration::of(11, "budgets", include_str!("../../migrations/0011_budgets.sql")),
    Migration::of(12, "compare", include_str!("../../migrations/0012_compare.sql")),
];

/// The version a list leads to.
#[must_use]
pub fn latest(migrations: &[Migration]) -> u32 {
    migrations.last().map_or(0, |step| step.version)
}

/// Runs the steps after `from`. All of them share one transaction: a crash or failure at any moment leaves the old
/// version or the new one, never a version in between that no release had.
///
/// # Errors
/// [`OpenError::Migration`] names the step that failed; everything was undone.
pub fn run(connection: &mut Connection, from: u32, migrations: &[Migration]) -> Result<(), OpenError> {
    // Tables are rebuilt by copy, drop and rename, which foreign keys forbid; they are checked at the end instead.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = steps(connection, from, migrations);
    if done.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    done?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

fn steps(connection: &mut Connection, from: u32, migrations: &[Migration]) -> Result<(), OpenError> {
    let failed = |version: u32| move |error: StoreError| OpenError::Migration { version, error };
    let mut version = from;
    for step in migrations.iter().filter(|step| step.version > from) {
        if step.version != version + 1 {
            return Err(failed(step.version)(StoreError::internal("migrations are not numbered one by one")));
        }
        version = step.version;
        apply(connection, &step.sql).map_err(failed(version))?;
    }
    check_foreign_keys(connection).map_err(failed(version))?;
    connection.pragma_update(None, "user_version", version)?;
    connection.execute_batch("COMMIT").map_err(StoreError::from).map_err(failed(version))
}

/// Runs one step with transactions forbidden: a stray COMMIT in it would save half a migration.
fn apply(connection: &mut Connection, sql: &str) -> Result<(), StoreError> {
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Transaction { .. } | AuthAction::Attach { .. } => Authorization::Deny,
        _ => Authorization::Allow,
    }))?;
    let done = connection.execute_batch(sql);
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
    Ok(done?)
}

fn check_foreign_keys(connection: &Connection) -> Result<(), StoreError> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let mut broken = statement.query([])?;
    match broken.next()? {
        None => Ok(()),
        Some(row) => Err(StoreError::internal(format!("a row of {} points nowhere", row.get::<_, String>(0)?))),
    }
}

/// Makes a new store. It is built beside its place and moved there when it is whole and on the disk, so that no crash
/// leaves half a store behind.
///
/// # Errors
/// As [`run`], and those of the file system.
pub fn create(dir: &Path, path: &Path, migrations: &[Migration]) -> Result<(), OpenError> {
    let building = files::companion(path, ".new");
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let leftover = files::companion(&building, suffix);
        files::remove_if_there(&leftover).map_err(OpenError::folder(&leftover))?;
    }
    drop(files::new_private_file(&building).map_err(OpenError::folder(&building))?);
    let mut connection = database::connect_writer(&building)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    run(&mut connection, 0, migrations)?;
    database::checkpoint(&connection)?;
    database::close_clean(&connection)?;
    connection.close().map_err(|(_, error)| error)?;
    files::sync_file(&building).map_err(OpenError::folder(&building))?;
    std::fs::rename(&building, path).map_err(OpenError::folder(path))?;
    files::sync_dir(dir).map_err(OpenError::folder(dir))
}
