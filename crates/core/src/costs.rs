//! What an answer costs, and the ledger that remembers it.
//!
//! One finished attempt becomes one [`LedgerEntry`]: [`decide`] settles the tokens (the vendor's, else our guess)
//! and the money (the vendor's figure, else tokens times a [`RateCard`]), and [`ledger`] writes it down for good.
//! All arithmetic is on integers; an amount that is not known is absent, never zero.

pub mod audit;
pub mod budgets;
pub mod catalogue;
pub mod dashboard;
mod entry;
pub mod export;
mod first_token;
pub mod forecast;
pub(crate) mod guess;
pub mod ledger;
pub mod own_prices;
pub mod people;
mod price;
pub mod price_file;
pub mod price_table;
pub mod projection;
mod quotes;
pub mod range;
mod rate;
pub mod requests;
pub mod reservations;
pub mod rollup;
mod saved;
mod stored;
pub mod tally;
pub(crate) mod tokens;
pub mod wanted;
pub mod what_if;

pub use entry::{AttemptFacts, LedgerEntry, Reach, Tariff, TokensSource, decide};
pub use first_token::FirstTokens;
pub use guess::TextCount;
pub use price::{Amounts, Billed, PriceError, price};
pub use quotes::{Names, Offer, PriceBook, Quotes};
pub use rate::{Rate, RateCard};
pub use stored::Again;
