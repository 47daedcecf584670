//! Full-text search over messages and titles.
//!
//! [`terms`] makes words of text, [`index`] keeps the index true, [`query`] reads what a person typed, [`expression`]
//! turns it into what SQLite's index understands, [`find`] runs it within its time, `rank` orders what was found,
//! [`snippet`] cuts the shown piece out of the real text, and [`backfill`] indexes what was there before the index.

pub mod backfill;
pub mod expression;
pub mod find;
pub mod index;
pub mod needle;
pub mod query;
mod rank;
pub mod show;
pub mod snippet;
pub mod terms;

pub use index::{index_message, index_prompt, index_title};
