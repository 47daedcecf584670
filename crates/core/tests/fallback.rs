//! Who is asked next, over whole runs in a time of their own: no network, no store, no waiting.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

#[path = "fallback/drive.rs"]
mod drive;
#[path = "fallback/hints.rs"]
mod hints;
#[path = "fallback/order.rs"]
mod order;
#[path = "fallback/properties.rs"]
mod properties;
#[path = "fallback/reactions.rs"]
mod reactions;
#[path = "fallback/storms.rs"]
mod storms;
