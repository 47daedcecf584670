//! Once a day the sums are compared with the rows, and made anew where they differ.

use std::{sync::Arc, time::Duration};

use super::rollup;
use crate::{
    clock::Clock,
    history::{Database, StoreError},
    settings,
};

/// A start has better to do first.
const PATIENCE: Duration = Duration::from_secs(10);

/// Compares every month, unless that was done today. It ends by itself with the store.
pub async fn run(database: Database, clock: Arc<dyn Clock>) {
    tokio::time::sleep(PATIENCE).await;
    match once(&database, &*clock).await {
        Ok(()) | Err(StoreError::Closed) => {}
        Err(error) => tracing::warn!(code = error.code(), "the sums of the ledger could not be compared with its rows"),
    }
}

/// The same at once.
///
/// # Errors
///
/// Those of the store.
pub async fn once(database: &Database, clock: &dyn Clock) -> Result<(), StoreError> {
    let now = clock.now_ms();
    let today = clock.local_day(now);
    if database.read(settings::sums_checked_on).await? == Some(today.clone()) {
        return Ok(());
    }
    // A month a read: none of them holds a reader for long.
    for month in database.read(|connection| Ok(rollup::months(connection)?)).await? {
        let asked = month.clone();
        if !database.read(move |connection| Ok(rollup::check(connection, &asked)?)).await? {
            tracing::warn!(month, "the sums of a month were not those of its entries and are made anew");
            database.write(move |tx| Ok(rollup::rebuild(tx, &month)?)).await?;
        }
    }
    database.write(move |tx| settings::set_sums_checked_on(tx, &today, now)).await
}
