//! What a way in may ask of the machine: the time, and the variables of the environment.

use std::{fmt, sync::Arc, time::SystemTime};

/// Reads a variable of the environment.
type Variables = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The time and the variables of the environment. Tests give their own.
#[derive(Clone)]
pub struct Surroundings {
    /// The time by the machine's clock, which may be wrong.
    pub now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// A variable of the environment; `None` where it is not set or no text.
    pub variable: Arc<Variables>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { now: Arc::new(SystemTime::now), variable: Arc::new(|name| std::env::var(name).ok()) }
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}
