//! Test support of Parlance: an upstream that answers byte for byte what a test says, and fails as it says.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "only tests use this crate: a broken assumption must stop the test that made it"
)]

mod aimock;
pub mod bedrock;
pub mod copilot;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod frames;
pub mod google;
pub mod lines;
mod log;
pub mod proxies;
pub mod replicate;
mod script;
pub mod sigv4;
pub mod tls;
mod upstream;
pub mod wire;
pub mod wires;

pub use aimock::Aimock;
pub use log::{Entry, Fact, Log};
pub use script::{Flood, Gate, Script};
pub use upstream::{FaultyUpstream, Recorded};
