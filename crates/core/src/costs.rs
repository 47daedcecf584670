//! What an answer costs, and the ledger that remembers it.
//!
//! One finished attempt becomes one [`LedgerEntry`]: [`decide`] settles the tokens (the vendor's, else our guess)
//! and the money (the vendor's figure, else tokens times a [`RateCard`]), and [`ledger`] writes it down for good.
//! All arithmetic is on integers; an amount that is not known is absent, never zero.

pub mod budgets;
pub mod catalogue;
mod entry;
pub mod forecast;
pub(crate) mod guess;
pub mod ledger;
mod price;
mod rate;
pub mod reservations;

pub use entry::{AttemptFacts, LedgerEntry, Reach, Tariff, TokensSource, decide};
pub use guess::TextCount;
pub use price::{Amounts, Billed, PriceError, price};
pub use rate::{Rate, RateCard};
