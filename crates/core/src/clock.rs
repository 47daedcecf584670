//! Time as an argument: nothing in the core asks the system for it but [`SystemClock`].

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, Local, Offset as _, Utc};

/// Tells the time. Order never depends on it (ids do that): it may jump either way.
pub trait Clock: Debug + Send + Sync + 'static {
    /// UTC milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// The calendar day, `YYYY-MM-DD`, that a moment (UTC milliseconds) belongs to where the user is.
    fn local_day(&self, at_ms: i64) -> String;
}

/// The system's time and time zone.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        Utc::now().timestamp_millis()
    }

    fn local_day(&self, at_ms: i64) -> String {
        utc(at_ms).with_timezone(&Local).format("%Y-%m-%d").to_string()
    }
}

/// A clock that stands still until it is moved: for tests and replays.
#[derive(Debug)]
pub struct ManualClock {
    now_ms: AtomicI64,
    zone: FixedOffset,
}

impl ManualClock {
    /// Stands at `now_ms` (UTC milliseconds) in a zone `east_minutes` ahead of UTC; an impossible zone is UTC.
    #[must_use]
    pub fn new(now_ms: i64, east_minutes: i32) -> Self {
        let zone = east_minutes.checked_mul(60).and_then(FixedOffset::east_opt);
        Self { now_ms: AtomicI64::new(now_ms), zone: zone.unwrap_or_else(|| Utc.fix()) }
    }

    /// Moves the clock, back too.
    pub fn advance(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// Puts the clock at `now_ms`.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn local_day(&self, at_ms: i64) -> String {
        utc(at_ms).with_timezone(&self.zone).format("%Y-%m-%d").to_string()
    }
}

fn utc(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_users_day() {
        // 2026-01-01T23:30Z
        let moment = 1_767_310_200_000;
        assert_eq!(ManualClock::new(moment, 0).local_day(moment), "2026-01-01");
        assert_eq!(ManualClock::new(moment, 60).local_day(moment), "2026-01-02");
        assert_eq!(ManualClock::new(moment, -24 * 60 + 1).local_day(moment), "2025-12-31");
    }

    #[test]
    fn it_moves_only_when_told() {
        let clock = ManualClock::new(1_000, 0);
        assert_eq!(clock.now_ms(), 1_000);
        clock.advance(-400);
        assert_eq!(clock.now_ms(), 600);
        clock.set(5);
        assert_eq!(clock.now_ms(), 5);
    }

    #[test]
    fn a_moment_out_of_range_is_no_panic() {
        assert_eq!(SystemClock.local_day(i64::MAX).len(), "1970-01-01".len());
        assert_eq!(ManualClock::new(0, i32::MAX).local_day(0), "1970-01-01");
    }
}
