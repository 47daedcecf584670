//! The dashboard and the log over random ledgers, beside a reference that knows nothing but the rows.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of a test are test code too")]

mod app;
mod fixed;
mod ledgers;
mod properties;
