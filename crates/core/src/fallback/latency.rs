//! How soon a model usually answers: a moving average of the times to the first token.

/// What a new measurement counts for against the average.
const SHARE: f64 = 0.3;
/// In this time, in milliseconds, an average loses half of what it counts for.
const HALF_LIFE: f64 = 10.0 * 60_000.0;
/// An average that is older than this, in milliseconds, tells nothing: the model is measured anew.
const FORGOTTEN: i64 = 60 * 60_000;

/// The usual time to the first token of one model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    mean_ms: f64,
    /// When it was measured last, UTC milliseconds.
    at: i64,
}

impl Latency {
    /// The first measurement.
    pub(super) fn first(ms: u32, now: i64) -> Self {
        Self { mean_ms: f64::from(ms), at: now }
    }

    /// One more measurement.
    pub(super) fn add(&mut self, ms: u32, now: i64) {
        if !self.holds(now) {
            *self = Self::first(ms, now);
            return;
        }
        let faded = (-((now - self.at) as f64) / HALF_LIFE).exp2();
        let old = (1.0 - SHARE) * faded;
        self.mean_ms = old.mul_add(self.mean_ms, (1.0 - old) * f64::from(ms));
        self.at = now;
    }

    /// Milliseconds; `None` where the last measurement is too old, or from a time that has not come yet.
    pub(super) fn ms(&self, now: i64) -> Option<u32> {
        // An average of `u32`s is one.
        self.holds(now).then_some(self.mean_ms.round() as u32)
    }

    /// Whether it tells something still.
    pub(super) fn holds(&self, now: i64) -> bool {
        (0..FORGOTTEN).contains(&now.saturating_sub(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_what_is_measured_and_forgets() {
        let mut latency = Latency::first(1_000, 0);
        assert_eq!(latency.ms(0), Some(1_000));
        latency.add(2_000, 0);
        assert_eq!(latency.ms(0), Some(1_300), "three tenths of the new one");
        for n in 1..40 {
            latency.add(200, n);
        }
        assert_eq!(latency.ms(40), Some(200), "it converges");
        assert_eq!(latency.ms(39 + FORGOTTEN), None, "too old");
        assert_eq!(latency.ms(38), None, "the clock was put back");
        latency.add(900, 39 + FORGOTTEN);
        assert_eq!(latency.ms(39 + FORGOTTEN), Some(900), "an old average is not mixed in");
    }

    #[test]
    fn an_older_average_counts_for_less() {
        let half_life = HALF_LIFE as i64;
        let after = |pause: i64| {
            let mut latency = Latency::first(1_000, 0);
            latency.add(0, pause);
            latency.ms(pause)
        };
        assert_eq!([after(0), after(half_life), after(2 * half_life)], [Some(700), Some(350), Some(175)]);
    }
}
