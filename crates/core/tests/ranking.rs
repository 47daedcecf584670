//! The arithmetic of rankings beside other implementations, and what must hold of it whatever comes in.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

#[path = "ranking/judgements.rs"]
mod judgements;
#[path = "ranking/properties.rs"]
mod properties;
#[path = "ranking/significance.rs"]
mod significance;
#[path = "ranking/strengths.rs"]
mod strengths;
#[path = "ranking/trials.rs"]
mod trials;
