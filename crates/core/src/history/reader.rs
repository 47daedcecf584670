//! The threads that read: each read sees one moment of the store, and none waits for a write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::error::{OpenError, StoreError};
use super::lock::FolderLock;

const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&Connection) + Send>;

enum Order {
    Run(Job),
    Close,
}

type Inbox = Arc<Mutex<mpsc::Receiver<Order>>>;

/// The way to the threads, which share one queue.
#[derive(Debug)]
pub(super) struct Readers {
    orders: mpsc::Sender<Order>,
    ended: Vec<watch::Receiver<bool>>,
}

impl Readers {
    /// Starts one thread a connection.
    pub(super) fn start(connections: Vec<Connection>, lock: &Arc<FolderLock>) -> Result<Self, OpenError> {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let inbox = Arc::new(Mutex::new(inbox));
        let mut ended = Vec::new();
        for (nth, connection) in connections.into_iter().enumerate() {
            let (end, end_seen) = watch::channel(false);
            let (inbox, lock) = (Arc::clone(&inbox), Arc::clone(lock));
            thread::Builder::new()
                .name(format!("parlance-store-reader-{nth}"))
                .spawn(move || {
                    serve(&connection, &inbox);
                    drop(connection);
                    drop(lock);
                    end.send_replace(true);
                })
                .map_err(|error| OpenError::Store(error.into()))?;
            ended.push(end_seen);
        }
        Ok(Self { orders, ended })
    }

    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |connection: &Connection| {
            let _ = reply.send(look(connection, work));
        });
        self.orders.send(Order::Run(job)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Answers what was asked before and ends the threads.
    pub(super) async fn close(&self) {
        let _ = self.orders.send(Order::Close).await;
        for mut ended in self.ended.iter().cloned() {
            let _ = ended.wait_for(|ended| *ended).await;
        }
    }
}

fn serve(connection: &Connection, inbox: &Inbox) {
    loop {
        let mut turn = inbox.lock().unwrap_or_else(PoisonError::into_inner);
        match turn.blocking_recv() {
            Some(Order::Run(job)) => {
                // The other thread takes the next one meanwhile.
                drop(turn);
                job(connection);
            }
            Some(Order::Close) => turn.close(),
            None => return,
        }
    }
}

fn look<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(|| {
        let moment = connection.unchecked_transaction()?;
        let value = work(&moment)?;
        moment.rollback()?;
        Ok(value)
    }))
    .unwrap_or(Err(StoreError::Panicked))
}
