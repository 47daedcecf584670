//! Test support of Parlance.
