//! Free questions: providers whose user wants that are asked now and then whether they answer. Nothing is booked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::join_all;
use parlance_providers::{CancellationToken, Category, ProviderError};
use rand::RngExt;
use tokio::{sync::Notify, time::Instant};

use super::Inner;
use crate::{
    error::Error,
    registry::tables::{self, ProviderRow},
    view::{FailureView, ProbeMark},
};

/// From one question to the next.
const PERIOD: Duration = Duration::from_secs(5 * 60);
/// What comes to it, at most, so that not all providers are asked at the same moment.
const SPREAD: Duration = Duration::from_secs(30);
/// A provider that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The last answers, in memory only.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    marks: Mutex<HashMap<i64, ProbeMark>>,
    changed: Notify,
}

impl Probes {
    fn marks(&self) -> MutexGuard<'_, HashMap<i64, ProbeMark>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of the last question to a provider.
    pub(crate) fn last(&self, provider_id: i64) -> Option<ProbeMark> {
        self.marks().get(&provider_id).cloned()
    }

    /// A provider's settings may have changed.
    pub(crate) fn look_again(&self) {
        self.changed.notify_one();
    }
}

/// Asks whoever is due, until it is aborted.
pub(crate) async fn run(app: Arc<Inner>) {
    let began = Instant::now();
    let mut rota = Rota::default();
    loop {
        let rows = match app.database.read(tables::list).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(code = error.code(), "the providers to ask could not be read");
                Vec::new()
            }
        };
        let on: Vec<ProviderRow> = rows.into_iter().filter(|row| row.enabled && row.settings.probes).collect();
        let ids: Vec<i64> = on.iter().map(|row| row.id).collect();
        app.probes.marks().retain(|id, _| ids.contains(id));
        let due = rota.due(&ids, began.elapsed(), || rand::rng().random_range(Duration::ZERO..SPREAD));
        let asked = on.into_iter().filter(|row| due.contains(&row.id));
        join_all(asked.map(|row| probe(&app, row))).await;
        match rota.next() {
            Some(next) => tokio::select! {
                () = app.probes.changed.notified() => {}
                () = tokio::time::sleep_until(began + next) => {}
            },
            None => app.probes.changed.notified().await,
        }
    }
}

/// Asks one provider, unless it was used lately: then that says more.
async fn probe(app: &Inner, row: ProviderRow) {
    let gate = app.registry.gates().with(row.id, row.settings.limits);
    let Some(_pass) = gate.enter_idle(PERIOD) else { return };
    let (id, at, started) = (row.id, app.clock.now_ms(), Instant::now());
    let asked = tokio::time::timeout(PATIENCE, check(app, row)).await;
    let late = || ProviderError::because(Category::Timeout, "probe_timeout", "no answer came").into();
    let failure = match asked.unwrap_or_else(|_| Err(late())) {
        Ok(()) => None,
        Err(Error::Provider(error)) => Some(FailureView::from(&error)),
        Err(error) => Some(FailureView::internal(error.code(), "the provider could not be asked")),
    };
    let duration_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
    app.probes.marks().insert(id, ProbeMark { at: at as f64, duration_ms, failure });
}

async fn check(app: &Inner, row: ProviderRow) -> Result<(), Error> {
    // The name is not used: a check names no model.
    let resolved = app.registry.resolve(&row, "-", app.clock.now_ms()).await?;
    Ok(resolved.provider.check(CancellationToken::new()).await?)
}

/// When each provider is asked next: time since the rota began.
#[derive(Debug, Default)]
struct Rota(HashMap<i64, Duration>);

impl Rota {
    /// Those of these providers that are due; they are due again a period later. One that is new here is due within
    /// the spread, one that is not among them any more is forgotten.
    fn due(&mut self, on: &[i64], now: Duration, mut spread: impl FnMut() -> Duration) -> Vec<i64> {
        self.0.retain(|id, _| on.contains(id));
        let mut due = Vec::new();
        for id in on {
            let at = self.0.entry(*id).or_insert_with(|| now + spread());
            if *at <= now {
                *at = now + PERIOD + spread();
                due.push(*id);
            }
        }
        due
    }

    /// When the next one is due.
    fn next(&self) -> Option<Duration> {
        self.0.values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn a_provider_is_asked_a_period_apart_and_not_once_it_is_switched_off() {
        let mut rota = Rota::default();
        assert_eq!(rota.next(), None);
        assert!(rota.due(&[1], S, || 10 * S).is_empty());
        assert_eq!(rota.next(), Some(11 * S));
        assert!(rota.due(&[1, 2], 5 * S, || 20 * S).is_empty());
        assert_eq!(rota.due(&[1, 2], 11 * S, || 7 * S), [1]);
        assert_eq!(rota.next(), Some(25 * S));
        assert_eq!(rota.due(&[1, 2], 25 * S, || S), [2]);
        assert_eq!(rota.next(), Some(11 * S + PERIOD + 7 * S));
        assert!(rota.due(&[], 26 * S, || S).is_empty());
        assert_eq!(rota.next(), None);
        assert!(rota.due(&[1], 27 * S, || 3 * S).is_empty(), "switched on again it is new");
        assert_eq!(rota.next(), Some(30 * S));
    }

    proptest! {
        #[test]
        fn no_provider_is_asked_twice_within_a_period_and_none_is_forgotten(
            steps in prop::collection::vec((0_u64..400, 0_u64..30), 1..60),
        ) {
            let mut rota = Rota::default();
            let (mut now, mut last) = (Duration::ZERO, None);
            for (passes, spread) in steps {
                now += passes as u32 * S;
                let before = rota.next();
                let due = rota.due(&[7], now, || spread as u32 * S);
                prop_assert_eq!(due.is_empty(), before.is_none_or(|at| at > now) && !(before.is_none() && spread == 0));
                if !due.is_empty() {
                    prop_assert!(last.is_none_or(|last| now - last >= PERIOD));
                    last = Some(now);
                }
                prop_assert!(rota.next().is_some_and(|next| next > now || due.is_empty()));
                prop_assert!(rota.next().is_some_and(|next| next <= now + PERIOD + SPREAD));
            }
        }
    }
}
