//! Who is asked next, over whole runs in a time of their own: no network, no store, no waiting.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod drive;
mod hints;
mod order;
mod properties;
mod reactions;
mod storms;
