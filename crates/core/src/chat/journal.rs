//! The journal: text of all running replies, appended to disk in one commit a tick.

use std::{sync::Arc, time::Duration};

use super::hub::StreamHub;
use crate::history::{Database, StoreError, runs};

/// How long text may wait for its commit. With the commit itself it stays below the promised 500 ms.
const PERIOD: Duration = Duration::from_millis(250);
/// Before a failed commit is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Runs until dropped.
pub async fn run(hub: Arc<StreamHub>, database: Database) {
    loop {
        hub.journal_due(PERIOD).await;
        if let Err(error) = flush(&hub, &database).await {
            // The text is in memory still and the cursors have not moved: nothing is lost unless we are killed.
            tracing::warn!(code = error.code(), "the journal could not be written");
            tokio::time::sleep(AGAIN).await;
            hub.journal_again();
        }
    }
}

/// Commits what is not on disk yet.
pub async fn flush(hub: &StreamHub, database: &Database) -> Result<(), StoreError> {
    let (chunks, mark) = hub.unjournaled();
    if chunks.is_empty() {
        return Ok(());
    }
    database.write(move |tx| runs::append_chunks(tx, &chunks)).await?;
    hub.journaled(mark);
    Ok(())
}
