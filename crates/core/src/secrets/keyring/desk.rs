//! The thread on which a keyring is asked (KEY-1, KEY-2).
//!
//! A call may hang for ever. It must then hold up nobody: not its caller, not the other callers, not the exit of the
//! app. So the thread is never joined, and one that does not answer is left to itself and replaced.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::{Connection, End, Keyring, SecretError};

/// How long a call waits that no person has started.
const BRIEF: Duration = Duration::from_secs(2);
/// How long such calls fail at once after one of them got no answer.
const HOLD_OFF: Duration = Duration::from_secs(30);
/// Threads alive at once; all but one of them hang in a call.
const THREADS: usize = 4;

/// Whether a person waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// No: [`BRIEF`] is enough.
    Brief,
    /// Yes, and may have to type a password meanwhile.
    Person,
}

type Job = Box<dyn FnOnce(&mut Link) + Send>;
/// How to end the connection that a thread is at.
type Ending = Arc<Mutex<Option<End>>>;

/// How far a job is.
#[derive(Default)]
struct Progress {
    begun: AtomicBool,
    given_up: AtomicBool,
}

/// What a job works with: a connection that is kept while it is good.
pub(super) struct Link {
    keyring: Arc<dyn Keyring>,
    kept: Option<Box<dyn Connection>>,
    ending: Ending,
    /// That of the present job.
    progress: Arc<Progress>,
}

impl Link {
    /// Works with the kept connection. Where that has become unavailable (the service was started anew), or there is
    /// none, with a new one; but not for somebody who has given up: it could open another prompt.
    pub(super) fn with<T>(
        &mut self,
        mut work: impl FnMut(&mut dyn Connection) -> Result<T, SecretError>,
    ) -> Result<T, SecretError> {
        if let Some(mut kept) = self.kept.take() {
            let done = work(kept.as_mut());
            if !matches!(done, Err(SecretError::Unavailable)) {
                self.kept = Some(kept);
                return done;
            }
        }
        if self.progress.given_up.load(Ordering::Acquire) {
            return Err(SecretError::Unavailable);
        }
        let mut fresh = self.keyring.connect()?;
        *lock(&self.ending) = fresh.end();
        let done = work(fresh.as_mut());
        if !matches!(done, Err(SecretError::Unavailable)) {
            self.kept = Some(fresh);
        }
        done
    }

    /// What follows is done whether somebody waits or not.
    pub(super) fn go_on_anyway(&mut self) {
        self.progress = Arc::default();
    }

    /// The next call connects anew.
    pub(super) fn hang_up(&mut self) {
        self.kept = None;
    }
}

/// A thread that takes jobs.
struct Line {
    number: u64,
    jobs: mpsc::Sender<Job>,
    ending: Ending,
}

#[derive(Default)]
struct Lines {
    current: Option<Line>,
    made: u64,
    closed_until: Option<Instant>,
}

impl Lines {
    fn is_closed(&self, now: Instant) -> bool {
        self.closed_until.is_some_and(|until| now < until)
    }
}

/// Takes calls and passes them to its thread.
pub(super) struct Desk {
    keyring: Arc<dyn Keyring>,
    lines: Mutex<Lines>,
    threads: Arc<AtomicUsize>,
    persons: AtomicUsize,
}

impl Desk {
    pub(super) fn new(keyring: Arc<dyn Keyring>) -> Self {
        Self { keyring, lines: Mutex::default(), threads: Arc::default(), persons: AtomicUsize::new(0) }
    }

    /// Has something done on the thread. What nobody waits for any more is not begun.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        patience: Patience,
        work: impl FnOnce(&mut Link) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        self.ask_or_undo(patience, work, |_, _| ()).await
    }

    /// As [`Self::ask`]; what was done when nobody waited any more is undone.
    pub(super) async fn ask_or_undo<T: Send + 'static>(
        &self,
        patience: Patience,
        work: impl FnOnce(&mut Link) -> Result<T, SecretError> + Send + 'static,
        undo: impl FnOnce(&mut Link, T) + Send + 'static,
    ) -> Result<T, SecretError> {
        let (reply, answer) = oneshot::channel();
        let progress = Arc::new(Progress::default());
        let known = Arc::clone(&progress);
        let job = move |link: &mut Link| {
            if reply.is_closed() {
                return;
            }
            known.begun.store(true, Ordering::Release);
            link.progress = known;
            if let Err(Ok(done)) = reply.send(work(link)) {
                link.go_on_anyway();
                undo(link, done);
            }
        };
        let number = self.pass(patience, Box::new(job))?;
        match patience {
            Patience::Brief => match timeout(BRIEF, answer).await {
                Ok(answer) => self.hear(answer),
                Err(_) => Err(self.no_answer(number, &progress)),
            },
            Patience::Person => {
                let mut waiting = Waiting::new(self, number, progress);
                let answer = answer.await;
                waiting.answered = true;
                self.hear(answer)
            }
        }
    }

    fn pass(&self, patience: Patience, job: Job) -> Result<u64, SecretError> {
        let mut lines = lock(&self.lines);
        if patience == Patience::Brief && lines.is_closed(Instant::now()) {
            return Err(SecretError::Unavailable);
        }
        let job = match &lines.current {
            Some(line) => match line.jobs.send(job) {
                Ok(()) => return Ok(line.number),
                // A panic in a library has ended the thread.
                Err(mpsc::SendError(job)) => job,
            },
            None => job,
        };
        lines.current = None;
        let line = self.open(&mut lines)?;
        let number = line.number;
        line.jobs.send(job).map_err(|_| SecretError::Unavailable)?;
        lines.current = Some(line);
        Ok(number)
    }

    fn open(&self, lines: &mut Lines) -> Result<Line, SecretError> {
        if self.threads.load(Ordering::Acquire) >= THREADS {
            return Err(SecretError::Unavailable);
        }
        let alive = Alive::new(&self.threads);
        let keyring = Arc::clone(&self.keyring);
        let (jobs, taken) = mpsc::channel::<Job>();
        let ending = Ending::default();
        let known = Arc::clone(&ending);
        let work = move || {
            let _alive = alive;
            let mut link = Link { keyring, kept: None, ending: known, progress: Arc::default() };
            for job in taken {
                job(&mut link);
            }
        };
        std::thread::Builder::new().name("keyring".to_owned()).spawn(work).map_err(|_| SecretError::Unavailable)?;
        lines.made += 1;
        Ok(Line { number: lines.made, jobs, ending })
    }

    /// Whoever answers is there: calls may go on.
    fn hear<T>(&self, answer: Result<Result<T, SecretError>, oneshot::error::RecvError>) -> Result<T, SecretError> {
        let answer = answer.map_err(|_| SecretError::Unavailable)?;
        lock(&self.lines).closed_until = None;
        answer
    }

    /// Leaves a thread to itself: it ends once it has done what it was given. Where it is at a job that nobody waits
    /// for any more, its connection is ended, and with that the prompt. False where it was left before.
    fn leave(lines: &mut Lines, number: u64, progress: &Progress) -> bool {
        progress.given_up.store(true, Ordering::Release);
        let Some(line) = lines.current.take_if(|line| line.number == number) else { return false };
        if progress.begun.load(Ordering::Acquire)
            && let Some(end) = lock(&line.ending).take()
        {
            // It may block, and nobody waits for it: without a thread to spare the prompt stays.
            let _ = std::thread::Builder::new().name("keyring-end".to_owned()).spawn(end);
        }
        true
    }

    /// A thread that waits on a person, or on one who has given up, says nothing about the service; any other silence
    /// does.
    fn no_answer(&self, number: u64, progress: &Progress) -> SecretError {
        let mut lines = lock(&self.lines);
        let now = Instant::now();
        if Self::leave(&mut lines, number, progress) && self.persons.load(Ordering::Acquire) == 0 {
            lines.closed_until = Some(now + HOLD_OFF);
        }
        if lines.is_closed(now) { SecretError::Unavailable } else { SecretError::Locked }
    }
}

/// Nothing that happens under these locks can leave a change half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A person who waits. One who gives up leaves the thread to itself.
struct Waiting<'a> {
    desk: &'a Desk,
    number: u64,
    progress: Arc<Progress>,
    answered: bool,
}

impl<'a> Waiting<'a> {
    fn new(desk: &'a Desk, number: u64, progress: Arc<Progress>) -> Self {
        desk.persons.fetch_add(1, Ordering::AcqRel);
        Self { desk, number, progress, answered: false }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.desk.persons.fetch_sub(1, Ordering::AcqRel);
        if !self.answered {
            Desk::leave(&mut lock(&self.desk.lines), self.number, &self.progress);
        }
    }
}

/// Counts a thread while it lives.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(threads: &Arc<AtomicUsize>) -> Self {
        threads.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(threads))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
