//! How much a provider is asked at most: one gate each, which all its accounts and all purposes pass.
//!
//! A gate waits on monotonic time and never on the wall clock. [`line`] decides and is told the time.

pub mod line;

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use line::{Line, Standing, Waits};
use tokio::{sync::Notify, time::Instant};

use crate::view::LimitSettings;

/// The gates of all providers, in memory only: a start begins with full allowances.
#[derive(Debug)]
pub struct Gates {
    began: Instant,
    gates: Mutex<HashMap<i64, Arc<Gate>>>,
    places: AtomicU64,
}

/// A place in the line, drawn when a request was wished for: the lower one goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u64);

/// The gate of one provider.
#[derive(Debug)]
pub struct Gate {
    began: Instant,
    line: Mutex<Line>,
    changed: Notify,
}

/// A request under way. Dropping it makes room for the next.
#[derive(Debug)]
pub struct Pass {
    gate: Arc<Gate>,
    is_use: bool,
}

/// What a request that waits is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// For which limit, behind how many, and until when if that is known.
    pub waits: Waits,
    /// What `waits.until` is from now.
    pub rest: Option<Duration>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Gates {
    fn default() -> Self {
        Self { began: Instant::now(), gates: Mutex::default(), places: AtomicU64::new(0) }
    }
}

impl Gates {
    /// The gate of a provider, with these limits from now on. Whoever waits at it is judged by them at once.
    pub fn with(&self, provider_id: i64, limits: LimitSettings) -> Arc<Gate> {
        let mut gates = locked(&self.gates);
        let gate = gates.entry(provider_id).or_insert_with(|| Arc::new(Gate::new(self.began)));
        gate.set(limits);
        Arc::clone(gate)
    }

    /// The next place in the line of any gate.
    pub fn place(&self) -> Place {
        Place(self.places.fetch_add(1, Ordering::Relaxed))
    }

    /// What a request of so many tokens would wait for, with these limits from now on; `None` where it would go at once.
    /// Nothing is taken and nobody joins the line.
    pub fn full(&self, provider_id: i64, limits: LimitSettings, tokens: u64) -> Option<Wait> {
        let gate = self.with(provider_id, limits);
        let now = gate.now();
        let waits = locked(&gate.line).full(tokens, now)?;
        Some(Wait { waits, rest: waits.until.map(|until| until.saturating_sub(now)) })
    }

    /// Requests of a provider that are under way, and that wait.
    pub fn counts(&self, provider_id: i64) -> (u32, u32) {
        let gate = locked(&self.gates).get(&provider_id).cloned();
        gate.map_or((0, 0), |gate| locked(&gate.line).counts())
    }
}

impl Gate {
    fn new(began: Instant) -> Self {
        Self { began, line: Mutex::new(Line::default()), changed: Notify::new() }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn set(&self, limits: LimitSettings) {
        if locked(&self.line).set(limits, self.now()) {
            self.changed.notify_waiters();
        }
    }

    /// A way through, where there is no limit at all.
    pub fn open(self: Arc<Self>) -> Option<Pass> {
        let now = self.now();
        let passes = locked(&self.line).ask_unlimited(now);
        passes.then(|| Pass { gate: self, is_use: true })
    }

    /// Waits for its turn with a request of so many tokens. `told` hears where it stands whenever that changes, and
    /// nothing where it goes through at once. Dropping the future leaves the line.
    pub fn enter(
        self: Arc<Self>,
        place: Place,
        tokens: u64,
        mut told: impl FnMut(Wait) + Send,
    ) -> impl Future<Output = Pass> + Send {
        let stand = Stand { gate: self, place: place.0 };
        async move {
            let gate = &stand.gate;
            locked(&gate.line).join(stand.place, tokens);
            let mut before = None;
            loop {
                let changed = gate.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                let waits = match gate.ask(stand.place) {
                    Standing::Passes => return Pass { gate: Arc::clone(gate), is_use: true },
                    Standing::Waits(waits) => waits,
                };
                if before != Some(waits) {
                    before = Some(waits);
                    told(Wait { waits, rest: waits.until.map(|until| until.saturating_sub(gate.now())) });
                }
                match waits.until.filter(|_| waits.ahead == 0) {
                    Some(until) => tokio::select! {
                        () = changed => {}
                        () = tokio::time::sleep_until(gate.began + until) => {}
                    },
                    None => changed.await,
                }
            }
        }
    }

    /// A request that nobody waits for: it passes only where it is in nobody's way and the provider was left alone for
    /// so long.
    pub fn enter_idle(self: Arc<Self>, idle: Duration) -> Option<Pass> {
        let now = self.now();
        let passes = locked(&self.line).ask_idle(idle, now);
        passes.then(|| Pass { gate: self, is_use: false })
    }

    fn ask(&self, place: u64) -> Standing {
        let (standing, news) = locked(&self.line).ask(place, self.now());
        if news {
            self.changed.notify_waiters();
        }
        standing
    }
}

/// A request in the line; it leaves when dropped. One that went through is in the line no more.
struct Stand {
    gate: Arc<Gate>,
    place: u64,
}

impl Drop for Stand {
    fn drop(&mut self) {
        if locked(&self.gate.line).leave(self.place) {
            self.gate.changed.notify_waiters();
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        locked(&self.gate.line).finish(self.is_use, self.gate.now());
        self.gate.changed.notify_waiters();
    }
}
