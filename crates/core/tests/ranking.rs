//! The arithmetic of rankings beside other implementations, and what must hold of it whatever comes in.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod judgements;
mod properties;
mod significance;
mod strengths;
mod trials;
