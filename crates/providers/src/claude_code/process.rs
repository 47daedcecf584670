//! A program under our hand: what it says is a stream of bytes, and letting go of that ends it with all it started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, StreamExt};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::group::Group;
use crate::transport::ByteStream;
use crate::{Category, ProviderError};

/// Each step of stopping: asked to stop, spoken to no more, told to end. What still lives then is killed.
const STEP: Duration = Duration::from_secs(5);
/// How long what was said to the very end may take to be read once the program is gone.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// What is read at once.
const CHUNK: usize = 32 * 1024;
/// What is kept of its complaints, in bytes: the end says most.
const COMPLAINTS: usize = 8 * 1024;
/// How it is asked to stop what it is at.
const INTERRUPT: &[u8] =
    b"{\"type\":\"control_request\",\"request_id\":\"stop\",\"request\":{\"subtype\":\"interrupt\"}}\n";
/// What ends what it was at.
const ANSWERED: &[u8] = b"\"type\":\"result\"";

/// What to start.
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    /// All of its environment.
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) folder: PathBuf,
    /// What it is told first.
    pub(super) input: Vec<u8>,
    /// Files of its own; they go when it has gone.
    pub(super) files: Option<TempDir>,
}

/// How a program ended.
#[derive(Debug)]
pub(super) struct Death {
    /// As the system says it: `exit status: 1`.
    pub(super) status: String,
    pub(super) success: bool,
    /// The end of what it said on its standard error.
    pub(super) complaint: String,
}

/// What is known of a program by those who read it and the one who keeps it.
#[derive(Debug, Default)]
pub(super) struct Fate {
    /// It has said all that was wanted: there is nothing to stop.
    done: AtomicBool,
    death: OnceLock<Death>,
}

impl Fate {
    pub(super) fn done(&self) {
        self.done.store(true, Ordering::Relaxed);
    }

    /// How it ended, once its output has ended.
    pub(super) fn death(&self) -> Option<&Death> {
        self.death.get()
    }
}

/// The reading end. Dropping it stops the program.
struct Output {
    stdout: Option<ChildStdout>,
    /// Takes the rest of the output to the keeper.
    leave: Option<oneshot::Sender<Option<ChildStdout>>>,
    gone: oneshot::Receiver<()>,
    buffer: BytesMut,
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(leave) = self.leave.take() {
            // Where the keeper is gone, so is the program.
            let _ = leave.send(self.stdout.take());
        }
    }
}

/// Starts a program. Its output ends when it has closed it and is gone; [`Fate::death`] says how then. Must be called
/// inside a Tokio runtime.
///
/// # Errors
/// `bad_request` / `program_unusable`, where the system does not start it.
pub(super) fn start(launch: Launch, fate: &Arc<Fate>) -> Result<ByteStream, ProviderError> {
    let Launch { program, arguments, environment, folder, input, files } = launch;
    let mut command = Command::new(&program);
    command
        .args(arguments)
        .env_clear()
        .envs(environment)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Group::prepare(&mut command);
    let mut child = command.spawn().map_err(|error| unusable(&program, &error))?;
    let group = Group::of(&child);
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(ProviderError::because(Category::Internal, "program_unusable", "a pipe to the program is missing"));
    };
    let (leave, left) = oneshot::channel();
    let (say_gone, gone) = oneshot::channel();
    let keeper = Keeper { child, group, input, stdin, fate: Arc::clone(fate), files };
    tokio::spawn(async move {
        keeper.keep(left, stderr).await;
        // Nobody may be waiting for it any more.
        let _ = say_gone.send(());
    });
    let output = Output { stdout: Some(stdout), leave: Some(leave), gone, buffer: BytesMut::new() };
    Ok(stream::unfold(output, |mut output| async move { output.next().await.map(|item| (item, output)) }).boxed())
}

fn unusable(program: &Path, error: &std::io::Error) -> ProviderError {
    let message = format!("{} cannot be started: {}", program.display(), error.kind());
    ProviderError::because(Category::BadRequest, "program_unusable", message)
}

impl Output {
    async fn next(&mut self) -> Option<Result<Bytes, ProviderError>> {
        let stdout = self.stdout.as_mut()?;
        self.buffer.reserve(CHUNK);
        match stdout.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => {
                self.stdout = None;
                // Its end says why there is no more; a program that only closed its output is waited for.
                let _ = (&mut self.gone).await;
                None
            }
            Ok(_) => Some(Ok(self.buffer.split().freeze())),
        }
    }
}

/// Who owns a program to its end.
struct Keeper {
    child: Child,
    group: Group,
    input: Vec<u8>,
    stdin: ChildStdin,
    fate: Arc<Fate>,
    files: Option<TempDir>,
}

impl Keeper {
    async fn keep(self, left: oneshot::Receiver<Option<ChildStdout>>, stderr: ChildStderr) {
        let Self { mut child, group, input, mut stdin, fate, files } = self;
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let listening = tokio::spawn(listen(stderr, Arc::clone(&complaints)));
        let wants_more = !input.is_empty();
        // Beside the reading: a program that answers before it has heard all would stand still otherwise.
        let speaking = tokio::spawn(async move {
            let _closed = stdin.write_all(&input).await;
            stdin
        });
        let abort = speaking.abort_handle();
        let mut speaking = Some(speaking);
        if !wants_more && let Some(said) = speaking.take() {
            drop(said.await);
        }
        tokio::select! {
            _ = child.wait() => {}
            rest = left => {
                let stdin = match speaking {
                    Some(said) if said.is_finished() => said.await.ok(),
                    _ => None,
                };
                abort.abort();
                stop(&mut child, &group, stdin, rest.ok().flatten(), fate.done.load(Ordering::Relaxed)).await;
            }
        }
        // Whatever it started goes with it, at once: later its number may be somebody else's.
        drop(group);
        let status = child.wait().await;
        let _late = timeout(LAST_WORDS, listening).await;
        let complaint =
            String::from_utf8_lossy(&complaints.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
        let death = Death {
            status: status.as_ref().map_or_else(|_| "unknown".to_owned(), ToString::to_string),
            success: status.is_ok_and(|status| status.success()),
            complaint,
        };
        let _first = fate.death.set(death);
        drop(files);
    }
}

/// From a polite word to the end, each step with its time.
async fn stop(child: &mut Child, group: &Group, stdin: Option<ChildStdin>, rest: Option<ChildStdout>, done: bool) {
    let (answered, mut heard) = oneshot::channel();
    // Nobody reads it any more, but a full pipe would keep the program from ending.
    let draining = tokio::spawn(drain(rest, answered));
    if let Some(mut stdin) = stdin.filter(|_| !done)
        && matches!(timeout(STEP, stdin.write_all(INTERRUPT)).await, Ok(Ok(())))
    {
        let stopped = async {
            tokio::select! { _ = child.wait() => {}, _ = &mut heard => {} }
        };
        let _late = timeout(STEP, stopped).await;
    }
    // Its input is closed by now: a program that waits for more ends.
    if timeout(STEP, child.wait()).await.is_err() {
        group.terminate();
        if timeout(STEP, child.wait()).await.is_err() {
            group.kill();
            let _ = child.start_kill();
        }
    }
    draining.abort();
}

/// Reads to the end and says when an answer has ended. Pieces may be cut anywhere.
async fn drain(rest: Option<ChildStdout>, answered: oneshot::Sender<()>) {
    let (Some(mut rest), mut answered) = (rest, Some(answered)) else { return };
    let (mut buffer, mut seen) = (vec![0; CHUNK], Vec::new());
    while let Ok(read @ 1..) = rest.read(&mut buffer).await {
        if answered.is_none() {
            continue;
        }
        seen.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if memchr::memmem::find(&seen, ANSWERED).is_some() {
            answered.take().map(|answered| answered.send(()));
        }
        seen.drain(..seen.len().saturating_sub(ANSWERED.len()));
    }
}

/// Reads its complaints to their end and keeps the last of them.
async fn listen(mut stderr: ChildStderr, kept: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; CHUNK];
    while let Ok(read @ 1..) = stderr.read(&mut buffer).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let surplus = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..surplus);
    }
}
