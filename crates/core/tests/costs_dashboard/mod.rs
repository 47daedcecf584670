//! The dashboard and the log over random ledgers, beside a reference that knows nothing but the rows.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of a test are test code too"
)]

mod app;
mod fixed;
mod ledgers;
mod properties;
