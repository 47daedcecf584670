//! The one thread that writes: each job is one transaction, and no job can hurt another.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::database;
use super::error::{OpenError, StoreError};
use super::lock::FolderLock;

/// Jobs that may wait; more make their callers wait.
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

enum Order {
    Run(Job),
    Close,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
    ended: watch::Receiver<Option<Result<(), StoreError>>>,
}

impl Writer {
    /// Starts the thread. It lives until [`Writer::close`] or until nobody can send to it any more.
    pub(super) fn start(connection: Connection, lock: Arc<FolderLock>) -> Result<Self, OpenError> {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let (end, ended) = watch::channel(None);
        thread::Builder::new()
            .name("parlance-store-writer".into())
            .spawn(move || {
                let result = serve(connection, inbox);
                drop(lock);
                end.send_replace(Some(result));
            })
            .map_err(|error| OpenError::Store(error.into()))?;
        Ok(Self { orders, ended })
    }

    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |connection: &mut Connection| {
            // A caller that no longer waits has its work done all the same.
            let _ = reply.send(transact(connection, work));
        });
        self.orders.send(Order::Run(job)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Does what was asked before, writes the log into the file and ends the thread.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let _ = self.orders.send(Order::Close).await;
        let mut ended = self.ended.clone();
        let result = ended.wait_for(Option::is_some).await;
        result.map_or(Err(StoreError::Closed), |result| result.clone().unwrap_or(Ok(())))
    }
}

fn serve(mut connection: Connection, mut inbox: mpsc::Receiver<Order>) -> Result<(), StoreError> {
    while let Some(order) = inbox.blocking_recv() {
        match order {
            Order::Run(job) => job(&mut connection),
            Order::Close => inbox.close(),
        }
    }
    let checkpointed = database::checkpoint(&connection);
    connection.close().map_err(|(_, error)| error)?;
    checkpointed
}

fn transact<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(|| {
        // A transaction that could not even be undone must not take every later one with it.
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK")?;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }))
    .unwrap_or(Err(StoreError::Panicked))
}
