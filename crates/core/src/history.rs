//! The history on disk: one SQLite file that loses nothing it has acknowledged.

pub mod apart;
pub mod backup;
pub mod ballots;
pub mod circuits;
pub mod compare_sets;
pub mod conversations;
pub mod copies;
pub mod database;
pub mod drafts;
pub mod error;
pub mod facts;
pub mod files;
pub mod health;
pub mod judgements;
pub mod lanes;
pub mod lock;
pub mod messages;
pub mod migrate;
pub mod parts;
pub mod peek;
mod reader;
pub mod response_cache;
pub mod rows;
pub mod runs;
pub mod search;
pub mod switches;
pub mod tree;
pub mod turns;
mod writer;

pub use database::{Database, OpenReport, Opened};
pub use error::{OpenError, StoreError};
