//! What can go wrong with the store. No error carries anything a user wrote: only codes, paths and our own SQL.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// A read or write that did not happen. A write that failed left nothing behind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another program held the file for longer than we wait.
    #[error("the store is locked by another program")]
    Busy,
    /// No room left.
    #[error("the disk is full")]
    DiskFull,
    /// The file or its folder cannot be written.
    #[error("the store cannot be written")]
    ReadOnly,
    /// The disk failed; `code` is SQLite's extended result code, 0 where the failure is not SQLite's.
    #[error("the disk failed (SQLite code {code})")]
    Io {
        /// SQLite's extended result code.
        code: i32,
    },
    /// The file is damaged.
    #[error("the store is damaged")]
    Corrupt,
    /// A rule of the schema was broken.
    #[error("a rule of the store was broken (SQLite code {code}): {rule}")]
    Constraint {
        /// SQLite's extended result code.
        code: i32,
        /// The rule's name or expression, from the schema.
        rule: String,
    },
    /// A row that had to be there is not.
    #[error("not found")]
    NotFound,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The code that ran inside the transaction panicked; the transaction was undone.
    #[error("the operation panicked")]
    Panicked,
    /// A mistake of ours; `detail` is about our SQL, never about its parameters.
    #[error("internal store error: {detail}")]
    Internal {
        /// What, in technical words.
        detail: String,
    },
}

impl StoreError {
    /// The stable word for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::Io { .. } => "io",
            Self::Corrupt => "corrupt",
            Self::Constraint { .. } => "constraint",
            Self::NotFound => "not_found",
            Self::Closed => "closed",
            Self::Panicked => "panicked",
            Self::Internal { .. } => "internal",
        }
    }

    /// An internal error in technical words, which must not hold what a user wrote.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::Internal { detail: detail.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(failure, message) => of_sqlite(failure, message),
            // The text comes from compiling our SQL, whose parameters are always bound.
            rusqlite::Error::SqlInputError { msg, .. } => Self::internal(msg),
            rusqlite::Error::InvalidColumnName(name) => Self::internal(format!("no column {name}")),
            rusqlite::Error::InvalidColumnType(at, name, kind) => {
                Self::internal(format!("column {at} ({name}) holds {kind}"))
            }
            rusqlite::Error::FromSqlConversionFailure(at, kind, _) => {
                Self::internal(format!("column {at} holds a {kind} that does not convert"))
            }
            rusqlite::Error::InvalidParameterCount(got, want) => {
                Self::internal(format!("{got} parameters given, {want} wanted"))
            }
            _ => Self::internal("SQLite interface misused"),
        }
    }
}

fn of_sqlite(failure: rusqlite::ffi::Error, message: Option<String>) -> StoreError {
    let code = failure.extended_code;
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DiskFull => StoreError::DiskFull,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => StoreError::ReadOnly,
        ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed => StoreError::Io { code },
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt,
        // SQLite names the rule, never the value.
        ErrorCode::ConstraintViolation => StoreError::Constraint { code, rule: message.unwrap_or_default() },
        // The message may quote a search expression, which a user wrote.
        _ => StoreError::internal(format!("SQLite code {code}")),
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Io { code: 0 },
        }
    }
}

/// Why a store was not opened. But for [`OpenError::Migration`] and [`OpenError::Backup`], which are undone, nothing of
/// the user's files was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has this data folder open.
    #[error("another Parlance uses this data folder")]
    InUse,
    /// A later Parlance wrote this file.
    #[error("the store has version {found}, this Parlance knows versions up to {supported}")]
    Newer {
        /// The file's version.
        found: u32,
        /// The latest this build knows.
        supported: u32,
    },
    /// An SQLite file of another application.
    #[error("the file belongs to another application (id {application_id:#010x})")]
    Foreign {
        /// The application id in the file; 0 where it has none.
        application_id: u32,
    },
    /// Not an SQLite file: empty, cut inside its header, or something else.
    #[error("the file is not a database")]
    NotADatabase,
    /// An SQLite file that contradicts itself.
    #[error("the store is damaged")]
    Corrupt,
    /// The database is gone but its journal is there and may hold what was last written.
    #[error("the database is missing, its journal {} is still there", .path.display())]
    Orphan {
        /// The journal.
        path: PathBuf,
    },
    /// A file or folder could not be made, read or locked.
    #[error("{} cannot be used: {source}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No good backup could be made, so nothing was migrated.
    #[error("no backup could be made: {0}")]
    Backup(StoreError),
    /// A migration failed and was undone.
    #[error("migration to version {version} failed and was undone: {error}")]
    Migration {
        /// The step that failed.
        version: u32,
        /// Why.
        error: StoreError,
    },
    /// SQLite here is not what we need, or would not take a setting.
    #[error("SQLite does not fit: {0}")]
    Engine(String),
    /// Any other failure of the store.
    #[error(transparent)]
    Store(StoreError),
}

impl OpenError {
    /// The stable word for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse => "in_use",
            Self::Newer { .. } => "newer",
            Self::Foreign { .. } => "foreign",
            Self::NotADatabase => "not_a_database",
            Self::Corrupt => "corrupt",
            Self::Orphan { .. } => "orphan",
            Self::Folder { .. } => "folder",
            Self::Backup(_) => "backup",
            Self::Migration { .. } => "migration",
            Self::Engine(_) => "engine",
            Self::Store(error) => error.code(),
        }
    }

    pub(crate) fn folder(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Folder { path: path.to_owned(), source }
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt => Self::Corrupt,
            other => Self::Store(other),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}
