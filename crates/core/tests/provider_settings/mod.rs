//! What a person sets of a provider, of its models and of the catalogue.
#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test stops where it is surprised, and is a program of its own"
)]

mod clear;
mod fake;
mod models;
mod own_vendors;
mod secrets;
mod settings;
