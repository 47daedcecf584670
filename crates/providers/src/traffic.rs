//! Keeps exchanges with vendors as files, for those who want to see them or send them with a report.
//!
//! It is off until it is switched on. An exchange is gathered in memory, within a limit, and written by a thread of the
//! recorder's own once it is over. What is known to be secret is masked before anything reaches the disk.

mod exchange;
mod file;
mod folder;
mod mask;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use exchange::{About, Exchange, Sent, tapped};
pub use folder::{Kept, clear, export, list};
pub(crate) use mask::{Mask, found, spellings};

use exchange::Draft;

/// The most that is kept of one exchange's body, request and answer each, in bytes.
pub const MOST_OF_ONE: usize = 8 << 20;
/// The most that all files may have, in bytes; the oldest go.
pub const MOST_OF_ALL: u64 = 256 << 20;
/// The most files, so that looking through them stays quick; the oldest go.
pub const MOST_FILES: usize = 2_000;
/// Exchanges that wait to be written; what comes beyond is not kept.
const MOST_WAITING: usize = 16;

enum Job {
    Keep(Box<Draft>),
    Tell(Sender<()>),
}

/// Keeps exchanges in a folder while it is switched on.
pub struct Recorder {
    folder: PathBuf,
    most_of_all: u64,
    on: AtomicBool,
    /// To the thread that writes, once there is one.
    jobs: Mutex<Option<SyncSender<Job>>>,
}

impl Recorder {
    /// One that is off. The folder is made when there is something to keep.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self::within(folder, MOST_OF_ALL)
    }

    /// The same with another limit for all files, in bytes.
    pub fn within(folder: impl Into<PathBuf>, most_of_all: u64) -> Self {
        Self { folder: folder.into(), most_of_all, on: AtomicBool::new(false), jobs: Mutex::default() }
    }

    /// Records what begins from now on, or nothing any more.
    pub fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Whether it records.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Where the files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The most that all files may have, in bytes.
    pub fn most_of_all(&self) -> u64 {
        self.most_of_all
    }

    /// Waits until every exchange that is over is on the disk. It blocks.
    pub fn settle(&self) {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (done, wait) = channel();
        if let Some(jobs) = jobs
            && jobs.send(Job::Tell(done)).is_ok()
        {
            // Nothing comes where the thread has died; nothing is left to wait for then.
            let _told = wait.recv();
        }
    }

    /// The record of an exchange that begins; `None` while it is off.
    pub(crate) fn begin(self: &Arc<Self>, about: About) -> Option<Exchange> {
        self.is_on().then(|| Exchange::new(Arc::clone(self), about))
    }

    fn keep(&self, draft: Draft) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = match &mut *jobs {
            Some(sender) => sender,
            none => match self.start() {
                Some(sender) => none.insert(sender),
                None => return,
            },
        };
        if let Err(TrySendError::Full(_)) = sender.try_send(Job::Keep(Box::new(draft))) {
            tracing::warn!("an exchange was not recorded: too many wait to be written");
        }
    }

    fn start(&self) -> Option<SyncSender<Job>> {
        let (sender, jobs) = sync_channel(MOST_WAITING);
        let (folder, most) = (self.folder.clone(), self.most_of_all);
        match std::thread::Builder::new().name("traffic".to_owned()).spawn(move || write(&jobs, folder, most)) {
            Ok(_) => Some(sender),
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "nothing is recorded: no thread to write with");
                None
            }
        }
    }
}

/// Writes until the recorder is gone and everything is written.
fn write(jobs: &Receiver<Job>, folder: PathBuf, most: u64) {
    let mut folder = folder::Folder::new(folder, most);
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Keep(draft) => {
                if let Err(error) = folder.keep(&draft) {
                    tracing::warn!(kind = ?error.kind(), "an exchange was not recorded");
                }
            }
            Job::Tell(done) => {
                // Who asked may have gone.
                let _gone = done.send(());
            }
        }
    }
}
