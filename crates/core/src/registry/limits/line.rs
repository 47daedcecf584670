//! The line before a provider, without time of its own: who goes, who waits, and for what.

use std::{
    cell::Cell,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};

use crate::view::{LimitKind, LimitSettings};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes now.
    Passes,
    /// Not yet.
    Waits(Waits),
}

/// Why a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For which limit.
    pub limit: LimitKind,
    /// Requests that come before it.
    pub ahead: u32,
    /// When it goes, where that is known: time since the line began.
    pub until: Option<Duration>,
}

/// The requests of one provider. Only the first in the line may go, so nobody is overtaken.
#[derive(Debug, Default)]
pub struct Line {
    limits: LimitSettings,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    /// Places and their tokens, the lowest place first.
    waiting: Vec<(u64, u64)>,
    running: u32,
    /// The first in the line has its request of the minute and waits for its tokens. If it leaves, the next has it.
    request_taken: bool,
    /// What held the first one back when it asked last.
    held: Option<(LimitKind, Option<Duration>)>,
    last_used: Option<Duration>,
}

impl Line {
    /// Other limits, from now on. What was used of the minute counts on. True where they are others than before.
    pub fn set(&mut self, limits: LimitSettings, now: Duration) -> bool {
        if limits == self.limits {
            return false;
        }
        self.requests = Bucket::instead(self.requests.take(), limits.requests_per_minute, now);
        self.tokens = Bucket::instead(self.tokens.take(), limits.tokens_per_minute, now);
        self.request_taken &= self.requests.is_some();
        self.limits = limits;
        self.held = None;
        true
    }

    fn is_unlimited(&self) -> bool {
        self.limits == LimitSettings::default()
    }

    /// Where there is no limit at all, a request goes now, and is under way.
    pub fn ask_unlimited(&mut self, now: Duration) -> bool {
        if self.is_unlimited() {
            self.go(now);
        }
        self.is_unlimited()
    }

    fn go(&mut self, now: Duration) {
        self.running += 1;
        self.last_used = Some(now);
    }

    /// Requests under way, and those that wait.
    pub fn counts(&self) -> (u32, u32) {
        (self.running, self.waiting.len() as u32)
    }

    /// A request comes to its place.
    pub fn join(&mut self, place: u64, tokens: u64) {
        let at = self.waiting.partition_point(|(other, _)| *other < place);
        self.waiting.insert(at, (place, tokens));
    }

    /// A request is given up. True where it was in the line.
    pub fn leave(&mut self, place: u64) -> bool {
        let at = self.waiting.binary_search_by_key(&place, |(other, _)| *other);
        at.map(|at| self.waiting.remove(at)).is_ok()
    }

    /// A request that went has ended.
    pub fn finish(&mut self, is_use: bool, now: Duration) {
        self.running = self.running.saturating_sub(1);
        if is_use {
            self.last_used = Some(now);
        }
    }

    /// Whether this request goes now; if so it is under way. Beside it, whether others in the line have news.
    pub fn ask(&mut self, place: u64, now: Duration) -> (Standing, bool) {
        let Ok(at) = self.waiting.binary_search_by_key(&place, |(other, _)| *other) else {
            return (Standing::Passes, false);
        };
        if at > 0 && !self.is_unlimited() {
            return (Standing::Waits(self.waits(at)), false);
        }
        let held = self.held_back(self.waiting[at].1, now);
        let news = held != self.held;
        self.held = held;
        if held.is_some() {
            return (Standing::Waits(self.waits(at)), news && self.waiting.len() > 1);
        }
        self.waiting.remove(at);
        self.go(now);
        (Standing::Passes, true)
    }

    /// A request in nobody's way: nobody waits, nothing runs, nothing was asked for so long.
    pub fn ask_idle(&mut self, idle: Duration, now: Duration) -> bool {
        let was_used = self.last_used.is_some_and(|last| now.saturating_sub(last) < idle);
        if was_used || self.running > 0 || !self.waiting.is_empty() || self.held_back(0, now).is_some() {
            return false;
        }
        self.running += 1;
        true
    }

    /// What a request of so many tokens would wait for if it came now; nothing is taken.
    pub fn full(&self, tokens: u64, now: Duration) -> Option<Waits> {
        if self.is_unlimited() {
            return None;
        }
        if !self.waiting.is_empty() {
            return Some(self.waits(self.waiting.len()));
        }
        let waits = |limit, until| Some(Waits { limit, ahead: 0, until });
        if self.limits.concurrent.is_some_and(|most| self.running >= most.max(1)) {
            return waits(LimitKind::Concurrent, None);
        }
        let request = self.requests.as_ref().filter(|_| !self.request_taken);
        if let Some(Err(until)) = request.map(|bucket| bucket.has(1, now)) {
            return waits(LimitKind::Requests, Some(until));
        }
        match self.tokens.as_ref().filter(|_| tokens > 0).map(|bucket| bucket.has(tokens, now)) {
            Some(Err(until)) => waits(LimitKind::Tokens, Some(until)),
            _ => None,
        }
    }

    /// What holds back a request of so many tokens. Where nothing does, it is taken from the minute.
    fn held_back(&mut self, tokens: u64, now: Duration) -> Option<(LimitKind, Option<Duration>)> {
        if self.limits.concurrent.is_some_and(|most| self.running >= most.max(1)) {
            return Some((LimitKind::Concurrent, None));
        }
        if let Some(bucket) = self.requests.as_ref().filter(|_| !self.request_taken) {
            match bucket.take(1, now) {
                Ok(()) => self.request_taken = true,
                Err(until) => return Some((LimitKind::Requests, Some(until))),
            }
        }
        if let Some(bucket) = self.tokens.as_ref().filter(|_| tokens > 0)
            && let Err(until) = bucket.take(tokens, now)
        {
            return Some((LimitKind::Tokens, Some(until)));
        }
        self.request_taken = false;
        None
    }

    fn waits(&self, ahead: usize) -> Waits {
        // The first has not asked yet under these limits; when it does, the others hear of it.
        let first = self.held.unwrap_or((self.some_limit(), None));
        let ahead = ahead as u32;
        let until = if ahead == 0 { first.1 } else { self.turn(first.1, ahead) };
        Waits { limit: first.0, ahead, until }
    }

    /// When a later one goes: known only where requests a minute are the one limit, which they pass at an even pace.
    fn turn(&self, first: Option<Duration>, ahead: u32) -> Option<Duration> {
        let only_requests = self.limits.concurrent.is_none() && self.limits.tokens_per_minute.is_none();
        let bucket = self.requests.as_ref().filter(|_| only_requests)?;
        Some(first? + bucket.pace() * ahead)
    }

    fn some_limit(&self) -> LimitKind {
        match &self.limits {
            LimitSettings { concurrent: Some(_), .. } => LimitKind::Concurrent,
            LimitSettings { requests_per_minute: Some(_), .. } => LimitKind::Requests,
            _ => LimitKind::Tokens,
        }
    }
}

/// A clock that shows what it was told last.
#[derive(Clone, Debug, Default)]
struct Told(Arc<AtomicU64>);

impl Clock for Told {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// An allowance a minute that fills up evenly.
#[derive(Debug)]
struct Bucket {
    size: NonZeroU32,
    clock: Told,
    /// What was left after the last time that something was taken, and when that was.
    left_then: Cell<(u32, Duration)>,
    limiter: RateLimiter<NotKeyed, InMemoryState, Told, StateInformationMiddleware>,
}

impl Bucket {
    /// A full one.
    fn new(size: NonZeroU32, now: Duration) -> Self {
        let clock = Told::default();
        clock.tell(now);
        let limiter = RateLimiter::direct_with_clock(Quota::per_minute(size), clock.clone()).with_middleware();
        Self { size, clock, left_then: Cell::new((size.get(), now)), limiter }
    }

    /// One of another size, from which as much is gone as from the one before.
    fn instead(before: Option<Self>, size: Option<u32>, now: Duration) -> Option<Self> {
        let size = NonZeroU32::new(size?.max(1))?;
        let Some(before) = before else { return Some(Self::new(size, now)) };
        if before.size == size {
            return Some(before);
        }
        let bucket = Self::new(size, now);
        let used = before.size.get() - before.left(now);
        if used > 0 {
            let _ = bucket.take(u64::from(used), now);
        }
        Some(bucket)
    }

    /// Takes so much, or says when that can be had. More than it ever holds is all that it holds.
    fn take(&self, amount: u64, now: Duration) -> Result<(), Duration> {
        self.clock.tell(now);
        let amount = u32::try_from(amount).unwrap_or(u32::MAX).clamp(1, self.size.get());
        match NonZeroU32::new(amount).map(|amount| self.limiter.check_n(amount)) {
            Some(Ok(Err(not_until))) => Err(not_until.earliest_possible()),
            Some(Ok(Ok(left))) => {
                self.left_then.set((left.remaining_burst_capacity(), now));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether so much could be taken, or when: at most one [`Self::pace`] later than it really can. Nothing is taken.
    fn has(&self, amount: u64, now: Duration) -> Result<(), Duration> {
        let amount = u32::try_from(amount).unwrap_or(u32::MAX).clamp(1, self.size.get());
        let (left, then) = self.left_then.get();
        let until = then + self.pace() * amount.saturating_sub(left);
        if until <= now { Ok(()) } else { Err(until) }
    }

    /// What is left of it. One is taken to know: only a bucket that is thrown away is asked.
    fn left(&self, now: Duration) -> u32 {
        self.clock.tell(now);
        self.limiter.check().map_or(0, |left| left.remaining_burst_capacity() + 1).min(self.size.get())
    }

    /// From one to the next.
    fn pace(&self) -> Duration {
        Duration::from_secs(60) / self.size.get()
    }
}

impl Told {
    fn tell(&self, now: Duration) {
        self.0.store(u64::try_from(now.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
