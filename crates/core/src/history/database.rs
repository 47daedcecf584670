//! Opening the store, and the two ways into it: [`Database::write`] and [`Database::read`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, OpenFlags, Transaction};

use super::error::{OpenError, StoreError};
use super::lock::FolderLock;
use super::migrate::{self, MIGRATIONS, Migration};
use super::peek::{self, APPLICATION_ID, Identity};
use super::reader::Readers;
use super::writer::Writer;
use super::{backup, files};
use crate::clock::Clock;

/// 3.51.3 mended a race that could corrupt a file whose log is reset by one connection while another writes.
const SQLITE_NEEDED: i32 = 3_051_003;
const BUSY: Duration = Duration::from_secs(5);
const READERS: usize = 2;
/// Bytes of log kept on disk after a checkpoint.
const LOG_KEPT: i64 = 32 << 20;
const STATEMENTS_CACHED: usize = 128;

/// An open store. Clones share it.
#[derive(Clone, Debug)]
pub struct Database {
    threads: Arc<Threads>,
}

#[derive(Debug)]
struct Threads {
    writer: Writer,
    readers: Readers,
    path: PathBuf,
}

/// A store just opened, and what that took.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub database: Database,
    /// What opening it took.
    pub report: OpenReport,
}

/// What opening a store took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// The store is new.
    pub created: bool,
    /// The version it was brought from.
    pub migrated_from: Option<u32>,
    /// The copy made before that.
    pub backup: Option<PathBuf>,
    /// Its last user did not close it: a crash, a kill or a power loss. Nothing committed is missing.
    pub unclean: bool,
}

impl Database {
    /// Opens the store of a data folder, making both where they are missing. Blocks; a migration may take long.
    ///
    /// # Errors
    /// See [`OpenError`]. Files that are not ours to write are left as they are, byte for byte.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Opened, OpenError> {
        Self::open_with(dir, clock, MIGRATIONS)
    }

    /// As [`Database::open`] with another list of migrations.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn open_with(dir: &Path, clock: Arc<dyn Clock>, migrations: &[Migration]) -> Result<Opened, OpenError> {
        require_engine()?;
        files::private_dir(dir).map_err(OpenError::folder(dir))?;
        let lock = Arc::new(FolderLock::acquire(dir)?);
        let path = dir.join(files::DATABASE);
        let supported = migrate::latest(migrations);
        let mut report = OpenReport::default();
        match peek::identify(&path)? {
            None => {
                migrate::create(dir, &path, migrations)?;
                report.created = true;
            }
            Some(identity) => {
                accept(identity, supported)?;
                report.unclean = identity.unclean;
                if !identity.unclean {
                    read_something(&backup::open_still(&path)?)?;
                }
                files::owner_only(&path, 0o600).map_err(OpenError::folder(&path))?;
            }
        }
        let mut writer = connect_writer(&path)?;
        let version = recheck(&writer, supported)?;
        if version < supported {
            // With an empty log, closing after a failed step forgets it even where the disk can no longer sync.
            checkpoint(&writer)?;
            let copy = backup::make(&writer, &dir.join(files::BACKUPS), version, clock.now_ms());
            report.backup = Some(copy.map_err(OpenError::Backup)?);
            close_clean(&writer)?;
            migrate::run(&mut writer, version, migrations)?;
            report.migrated_from = Some(version);
        }
        close_clean(&writer)?;
        let readers = (0..READERS).map(|_| connect_reader(&path)).collect::<Result<_, _>>()?;
        let readers = Readers::start(readers, &lock)?;
        let writer = Writer::start(writer, lock)?;
        Ok(Opened { database: Self { threads: Arc::new(Threads { writer, readers, path }) }, report })
    }

    /// Runs `work` as one transaction on the writing thread. When this returns `Ok`, it is on the disk; on `Err`, also
    /// from a panic in `work`, nothing of it is. (One case nobody can settle: where the disk fails in the very commit and
    /// the process dies before its next write, the commit may be there.) Once queued, the work is done even if the
    /// caller stops waiting.
    ///
    /// # Errors
    /// What `work` returns, or why its transaction failed.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.threads.writer.run(work).await
    }

    /// Runs `work` on a reading thread; all it reads is of one moment, with every write that was acknowledged before.
    ///
    /// # Errors
    /// What `work` returns, or why it could not read.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.threads.readers.run(work).await
    }

    /// Finishes what was asked before, writes the log into the file, closes it and unlocks the folder. Later calls of
    /// any clone answer [`StoreError::Closed`]. A store that is dropped instead closes a little later by itself.
    ///
    /// # Errors
    /// Why the log could not be written into the file; it is then read at the next start, and nothing is lost.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.threads.readers.close().await;
        self.threads.writer.close().await
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.threads.path
    }
}

fn require_engine() -> Result<(), OpenError> {
    if rusqlite::version_number() < SQLITE_NEEDED {
        return Err(OpenError::Engine(format!("version {}", rusqlite::version())));
    }
    Ok(())
}

fn accept(identity: Identity, supported: u32) -> Result<(), OpenError> {
    if identity.application_id != APPLICATION_ID {
        return Err(OpenError::Foreign { application_id: identity.application_id });
    }
    if identity.version > supported {
        return Err(OpenError::Newer { found: identity.version, supported });
    }
    Ok(())
}

/// Reads the schema and a real row, so that damage shows before anything is written.
fn read_something(connection: &Connection) -> Result<(), StoreError> {
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Err(StoreError::Corrupt);
    }
    Ok(())
}

/// Asks SQLite what [`peek`] read, now that it has recovered the log.
fn recheck(connection: &Connection, supported: u32) -> Result<u32, OpenError> {
    let application_id: u32 = value(connection, "application_id")?;
    let version = value(connection, "user_version")?;
    accept(Identity { application_id, version, unclean: false }, supported)?;
    read_something(connection)?;
    Ok(version)
}

/// The connection that writes. Until it is known to be good, closing it leaves the log alone.
pub(super) fn connect_writer(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    set_common(&connection)?;
    demand(&connection, "journal_mode", "wal".to_owned())?;
    demand(&connection, "synchronous", 2)?;
    // What is deleted is overwritten: a deleted chat is not to be found in the file's bytes.
    demand(&connection, "secure_delete", 1)?;
    demand(&connection, "journal_size_limit", LOG_KEPT)?;
    if cfg!(target_os = "macos") {
        // There fsync alone leaves data in the drive's cache.
        demand(&connection, "fullfsync", 1)?;
        demand(&connection, "checkpoint_fullfsync", 1)?;
    }
    Ok(connection)
}

/// Lets the connection, now known to be good, write its log into the file and remove it when it closes.
pub(super) fn close_clean(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

fn connect_reader(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_common(&connection)?;
    demand(&connection, "query_only", 1)?;
    Ok(connection)
}

fn set_common(connection: &Connection) -> Result<(), OpenError> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    demand(connection, "foreign_keys", 1)?;
    demand(connection, "trusted_schema", 0)?;
    demand(connection, "mmap_size", 0)?;
    demand(connection, "cell_size_check", 1)?;
    // Sorting a chat must not leave its text in a temporary file.
    demand(connection, "temp_store", 2)
}

/// Sets a pragma and reads it back: SQLite ignores silently what it does not know or cannot do.
fn demand<T>(connection: &Connection, pragma: &str, wanted: T) -> Result<(), OpenError>
where
    T: ToSql + FromSql + PartialEq,
{
    connection.pragma_update(None, pragma, &wanted)?;
    if value::<T>(connection, pragma)? == wanted {
        return Ok(());
    }
    Err(OpenError::Engine(format!("pragma {pragma} did not hold")))
}

fn value<T: FromSql>(connection: &Connection, pragma: &str) -> Result<T, StoreError> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}

/// Writes the whole log into the file and empties it.
pub(super) fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy { Err(StoreError::Busy) } else { Ok(()) }
}
