//! Who is better than whom, and how sure that is.
//!
//! [`judgement`] turns what a person preferred into wins, [`bradley_terry`] turns wins into strengths with their
//! uncertainty, and [`trial`] says whether one arm of a split route does better than the others by more than chance,
//! with the tests of [`significance`]. All of it is arithmetic on what is given: nothing is read, stored or timed.

pub mod bradley_terry;
mod cholesky;
pub mod judgement;
pub mod significance;
pub mod trial;
