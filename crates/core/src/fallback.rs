//! Who is asked next. A decision over what is known, and nothing else: no time of its own, no network, no store.

mod bucket;
mod circuit;
pub mod decision;
pub mod health;
mod latency;
pub mod next;
mod order;
mod retry;
pub mod route;
mod seen;
pub mod snapshot;

pub use circuit::is_offline;
pub use next::next;
