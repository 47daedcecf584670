//! What happened at an upstream, in order.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A peer connected.
    Connected,
    /// A whole request came in.
    Asked,
    /// A script or a test left this mark.
    Mark(&'static str),
    /// The peer closed or reset the connection.
    PeerClosed,
}

/// A fact, where and when.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The number of the connection, from 0; the last one for marks of tests.
    pub connection: usize,
    /// What.
    pub fact: Fact,
    /// When, only to print how long something took.
    pub at: Instant,
}

/// The ordered record of an upstream. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Arc<Mutex<Vec<Entry>>>,
    changed: Arc<Notify>,
}

/// A fact that has not come by then never comes; only a failing test waits so long.
const NEVER: Duration = Duration::from_secs(30);

impl Log {
    /// Adds an entry.
    pub fn add(&self, connection: usize, fact: Fact) {
        self.entries.lock().unwrap().push(Entry { connection, fact, at: Instant::now() });
        self.changed.notify_waiters();
    }

    /// Everything so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }

    /// How often a fact has come so far.
    pub fn count(&self, fact: Fact) -> usize {
        self.entries().iter().filter(|entry| entry.fact == fact).count()
    }

    /// Waits until `fact` has come `times` times, and gives the position of that entry.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn seen(&self, fact: Fact, times: usize) -> usize {
        // A thread's clock and not Tokio's, which may be paused in the test.
        let begun = Instant::now();
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let found =
                self.entries().iter().enumerate().filter(|(_, e)| e.fact == fact).nth(times - 1).map(|(n, _)| n);
            if let Some(position) = found {
                return position;
            }
            let left = NEVER.checked_sub(begun.elapsed());
            let left = left.unwrap_or_else(|| panic!("{fact:?} never came: {:#?}", self.entries()));
            let _woken = tokio::time::timeout(left, changed).await;
        }
    }

    /// The time between two entries, for printing.
    pub fn between(&self, first: usize, second: usize) -> Duration {
        let entries = self.entries();
        entries[second].at - entries[first].at
    }
}
