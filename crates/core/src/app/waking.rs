//! Notices that the computer slept: what was connected before is not used again (NET-13).

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use super::Inner;
use crate::clock::Clock;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(5);
/// Wall time beyond the expected that counts as sleep. A clock that is merely set right differs by less.
const GAP_MS: i64 = 30_000;

/// Looks on until the store is gone. After a sleep the next request to each provider connects anew: the other side has
/// long closed what is open here. Streams that run notice by themselves, since the system probes their connections.
pub(super) async fn run(inner: Weak<Inner>, clock: Arc<dyn Clock>) {
    let mut last = clock.now_ms();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = clock.now_ms();
        let slept = slept(last, now);
        last = now;
        let Some(inner) = inner.upgrade() else { return };
        if slept {
            tracing::info!("the computer slept; connections are made anew");
            inner.registry.disconnect_idle();
        }
    }
}

/// Whether more time has passed between two looks than a look waits for.
fn slept(last: i64, now: i64) -> bool {
    now.saturating_sub(last).saturating_sub(LOOK.as_millis() as i64) > GAP_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_of_more_than_half_a_minute_is_sleep_and_a_clock_put_back_is_none() {
        for (now, expected) in [(5_000, false), (35_000, false), (35_001, true), (i64::MAX, true), (-3_600_000, false)]
        {
            assert_eq!(slept(0, now), expected, "{now}");
        }
        assert!(!slept(i64::MAX, i64::MIN));
    }
}
