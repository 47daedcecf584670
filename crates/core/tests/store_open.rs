//! Opening a store: what it makes, what it refuses, and that refusing changes nothing.

use std::sync::Arc;

use parlance_core::clock::SystemClock;
use parlance_core::history::{Database, StoreError};

#[tokio::test]
async fn a_new_store_keeps_what_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Database::open(dir.path(), Arc::new(SystemClock)).unwrap();
    assert!(opened.report.created);
    let id = opened
        .database
        .write(|tx| {
            tx.execute("INSERT INTO conversation (created_at, updated_at, touched) VALUES (1, 1, 1)", [])?;
            Ok(tx.last_insert_rowid())
        })
        .await
        .unwrap();
    opened.database.close().await.unwrap();
    assert_eq!(opened.database.read(|_| Ok(())).await, Err(StoreError::Closed));

    let again = Database::open(dir.path(), Arc::new(SystemClock)).unwrap();
    assert!(!again.report.created && !again.report.unclean && again.report.migrated_from.is_none());
    let found: i64 = again
        .database
        .read(|connection| Ok(connection.query_row("SELECT max(id) FROM conversation", [], |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(found, id);
}
