//! The history on disk: one SQLite file that loses nothing it has acknowledged.

pub mod backup;
pub mod conversations;
pub mod database;
pub mod error;
pub mod files;
pub mod lock;
pub mod messages;
pub mod migrate;
pub mod peek;
mod reader;
pub mod rows;
pub mod runs;
pub mod search;
mod writer;

pub use database::{Database, OpenReport, Opened};
pub use error::{OpenError, StoreError};
