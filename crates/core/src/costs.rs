//! What an answer costs, and the ledger that remembers it.
//!
//! One finished attempt becomes one [`LedgerEntry`]: [`decide`] settles the tokens (the vendor's, else our guess)
//! and the money (the vendor's figure, else tokens times a [`RateCard`]), and [`ledger`] writes it down for good.
//! All arithmetic is on integers; an amount that is not known is absent, never zero.

pub mod catalogue;
mod entry;
pub mod forecast;
pub(crate) mod guess;
pub mod ledger;
pub mod own_prices;
mod price;
pub mod price_file;
pub mod price_table;
mod quotes;
mod rate;

pub use entry::{AttemptFacts, LedgerEntry, Reach, Tariff, TokensSource, decide};
pub use guess::TextCount;
pub use price::{Amounts, Billed, PriceError, price};
pub use quotes::{Names, Offer, PriceBook, Quotes};
pub use rate::{Rate, RateCard};
