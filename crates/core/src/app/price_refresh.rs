//! Price data is fetched when a person asks, and once a week where that is allowed.

use std::{sync::Arc, time::Duration};

use parlance_providers::CancellationToken;
use rusqlite::Connection;
use tokio::sync::{Mutex, Notify};

use super::Inner;
use crate::{
    costs::price_file::{self, trouble},
    error::Error,
    settings::{self, PriceRefresh},
    view::PriceSource,
};

const DAY_MS: i64 = 24 * 3_600_000;
/// From one fetch to the next unasked one.
const PERIOD_MS: i64 = 7 * DAY_MS;
/// From one that failed to the next.
const AGAIN_MS: i64 = DAY_MS;
/// How often it is looked whether one is due; the first time a while after the start, which has other things to do.
const LOOK: Duration = Duration::from_secs(3_600);
const AFTER_START: Duration = Duration::from_secs(60);

/// The refreshing of price data: one at a time.
#[derive(Debug, Default)]
pub(crate) struct Refreshing {
    turn: Mutex<()>,
    changed: Notify,
}

impl Refreshing {
    /// The settings may allow now what they did not.
    pub(crate) fn look_again(&self) {
        self.changed.notify_one();
    }
}

impl Inner {
    /// Fetches the published data and takes it into use. What is refused leaves everything as it was, and is remembered.
    ///
    /// # Errors
    /// [`Error::Prices`] with the reason; [`Error::Store`].
    pub(super) async fn refresh_prices(&self) -> Result<(), Error> {
        let _turn = self.refreshing.turn.lock().await;
        let done = self.fetch_prices().await;
        let refresh = PriceRefresh { at: self.clock.now_ms(), trouble: done.err().map(str::to_owned) };
        self.database.write(move |tx| settings::remember_price_refresh(tx, &refresh)).await?;
        done.map_err(Error::Prices)
    }

    async fn fetch_prices(&self) -> Result<(), &'static str> {
        let document = price_file::fetch(&self.outside.prices, &CancellationToken::new()).await?;
        let (book, now) = (Arc::clone(&self.prices), self.clock.now_ms());
        let taken = tokio::task::spawn_blocking(move || {
            let data = price_file::check(&document, &book.data(), now)?;
            // What cannot be kept would be forgotten at the next start: then the old ones stay in force.
            price_file::keep(book.kept(), &document, &data).map_err(|error| {
                tracing::warn!(kind = ?error.kind(), "price data could not be kept");
                trouble::NOT_KEPT
            })?;
            book.replace_data(data);
            Ok(())
        });
        taken.await.unwrap_or(Err(trouble::NOT_JSON))
    }

    /// Where the prices come from.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn price_source(&self) -> Result<PriceSource, Error> {
        let read = |connection: &Connection| {
            Ok((settings::price_refresh(connection)?, settings::load(connection)?.weekly_prices))
        };
        let (refresh, weekly) = self.database.read(read).await?;
        let data = self.prices.data();
        let broken = self.prices.is_broken().then(|| trouble::KEPT_BROKEN.to_owned());
        Ok(PriceSource {
            date: data.date().to_owned(),
            bundled: data.fetched_at().is_none(),
            fetched_at: data.fetched_at().map(|at| at as f64),
            models: u32::try_from(data.models()).unwrap_or(u32::MAX),
            trouble: broken.or(refresh.and_then(|refresh| refresh.trouble)),
            weekly,
        })
    }
}

/// Refreshes once a week while that is allowed, until it is aborted.
pub(super) async fn run(app: Arc<Inner>) {
    let mut wait = AFTER_START;
    loop {
        tokio::select! {
            () = app.refreshing.changed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
        wait = LOOK;
        let read = |connection: &Connection| {
            Ok((settings::price_refresh(connection)?, settings::load(connection)?.weekly_prices))
        };
        let due = match app.database.read(read).await {
            Ok((last, allowed)) => allowed && is_due(last.as_ref(), app.clock.now_ms()),
            Err(_) => false,
        };
        if due && let Err(error) = app.refresh_prices().await {
            tracing::warn!(code = error.code(), %error, "price data was not refreshed");
        }
    }
}

/// Whether data is to be fetched again. A clock that was put back does not stop it for longer than a week.
fn is_due(last: Option<&PriceRefresh>, now: i64) -> bool {
    last.is_none_or(|last| {
        let period = if last.trouble.is_some() { AGAIN_MS } else { PERIOD_MS };
        now.saturating_sub(last.at).saturating_abs() >= period
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_week_and_a_day_after_a_failure() {
        let last = |trouble: Option<&str>| PriceRefresh { at: 100 * DAY_MS, trouble: trouble.map(str::to_owned) };
        assert!(is_due(None, 0));
        let good = last(None);
        assert!(!is_due(Some(&good), 107 * DAY_MS - 1) && is_due(Some(&good), 107 * DAY_MS));
        let bad = last(Some("network"));
        assert!(!is_due(Some(&bad), 101 * DAY_MS - 1) && is_due(Some(&bad), 101 * DAY_MS));
        assert!(!is_due(Some(&good), 99 * DAY_MS), "a clock put back a little");
        assert!(is_due(Some(&good), 10 * DAY_MS), "a clock that was far ahead");
    }
}
