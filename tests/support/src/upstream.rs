//! A server on loopback that follows scripts.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::log::{Fact, Log};
use crate::script::{Flood, Script, Step};

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Request line and header fields.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Recorded {
    /// The request line, e.g. `POST /v1/chat/completions HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

#[derive(Clone)]
struct Shared {
    scripts: Arc<Mutex<VecDeque<Script>>>,
    requests: Arc<Mutex<Vec<Recorded>>>,
    log: Log,
}

/// Answers each request with the next script. A request beyond the last script is left without an answer.
pub struct FaultyUpstream {
    address: SocketAddr,
    shared: Shared,
    accepting: JoinHandle<()>,
}

impl FaultyUpstream {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Shared {
            scripts: Arc::new(Mutex::new(scripts.into_iter().collect())),
            requests: Arc::default(),
            log: Log::default(),
        };
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self { address, shared, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL of the OpenAI family, `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Adds a script for a later request.
    pub fn then(&self, script: Script) {
        self.shared.scripts.lock().unwrap().push_back(script);
    }

    /// What happened so far.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// Leaves a mark of the test in the log and gives its position.
    pub fn mark(&self, mark: &'static str) -> usize {
        let connection = self.shared.log.count(Fact::Connected).saturating_sub(1);
        self.shared.log.add(connection, Fact::Mark(mark));
        self.shared.log.entries().iter().rposition(|e| e.fact == Fact::Mark(mark)).unwrap_or_default()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for FaultyUpstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Shared) {
    for connection in 0.. {
        let Ok((stream, _)) = listener.accept().await else { return };
        shared.log.add(connection, Fact::Connected);
        tokio::spawn(serve(stream, connection, shared.clone()));
    }
}

async fn serve(stream: TcpStream, connection: usize, shared: Shared) {
    stream.set_nodelay(true).expect("TCP_NODELAY on an open socket");
    let (read, mut write) = stream.into_split();
    let gone = CancellationToken::new();
    let (asked, mut requests) = mpsc::unbounded_channel();
    let reader = tokio::spawn(listen(read, connection, shared.clone(), asked, gone.clone()));
    while requests.recv().await.is_some() {
        let Some(script) = shared.scripts.lock().unwrap().pop_front() else { continue };
        let mut steps = script.steps.into_iter();
        loop {
            match steps.next() {
                None => break,
                Some(Step::Close) => {
                    // Ends our half; the reader still waits for the peer's.
                    drop(write);
                    gone.cancelled().await;
                    return;
                }
                Some(Step::Reset) => return reset(reader, write).await,
                Some(step) => {
                    let work = follow(step, &mut write, connection, &shared.log);
                    if gone.run_until_cancelled(work).await.is_none() {
                        return;
                    }
                }
            }
        }
    }
}

/// Closes with a reset instead of a FIN: nothing may linger, and no half may say goodbye first.
async fn reset(reader: JoinHandle<()>, write: OwnedWriteHalf) {
    write.as_ref().set_zero_linger().expect("SO_LINGER on an open socket");
    reader.abort();
    let _aborted = reader.await;
    write.forget();
}

async fn follow(step: Step, write: &mut OwnedWriteHalf, connection: usize, log: &Log) {
    // A peer that is gone is noted by the reader.
    match step {
        Step::Send(bytes) => drop(write.write_all(&bytes).await),
        Step::Dribble(bytes) => {
            for byte in bytes {
                drop(write.write_all(&[byte]).await);
                tokio::task::yield_now().await;
            }
        }
        Step::Wait(gate) => gate.passed().await,
        Step::Mark(mark) => log.add(connection, Fact::Mark(mark)),
        Step::Flood(flood) => pour(flood, write).await,
        Step::Stall => std::future::pending().await,
        Step::Reset | Step::Close => {}
    }
}

const BATCH_BYTES: usize = 32 * 1024;
const TICKS_PER_SECOND: u64 = 100;

async fn pour(flood: Flood, write: &mut OwnedWriteHalf) {
    let as_fast_as_read = (BATCH_BYTES / flood.frame.len().max(1)).max(1) as u64;
    let mut ticks = tokio::time::interval(Duration::from_millis(1000 / TICKS_PER_SECOND));
    let (mut sent, mut tick) = (0_u64, 0_u64);
    while sent < flood.count {
        let due = match flood.per_second {
            None => as_fast_as_read,
            Some(rate) => {
                ticks.tick().await;
                tick += 1;
                (u64::from(rate) * tick / TICKS_PER_SECOND).saturating_sub(sent)
            }
        };
        let due = due.min(flood.count - sent);
        let batch: Bytes = flood.frame.repeat(usize::try_from(due).expect("a batch fits memory")).into();
        if write.write_all(&batch).await.is_err() {
            return;
        }
        sent += due;
    }
}

/// Takes requests off the connection until the peer closes it.
async fn listen(
    mut read: OwnedReadHalf,
    connection: usize,
    shared: Shared,
    asked: mpsc::UnboundedSender<()>,
    gone: CancellationToken,
) {
    let mut buffer = Vec::new();
    loop {
        while let Some(request) = take_request(&mut buffer) {
            shared.requests.lock().unwrap().push(request);
            shared.log.add(connection, Fact::Asked);
            let _served = asked.send(());
        }
        match read.read_buf(&mut buffer).await {
            Ok(n) if n > 0 => {}
            _ => break,
        }
    }
    shared.log.add(connection, Fact::PeerClosed);
    gone.cancel();
}

/// A whole request with a body of a stated length, off the front of the buffer.
pub(crate) fn take_request(buffer: &mut Vec<u8>) -> Option<Recorded> {
    let end = buffer.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut request = Recorded { head, body: Vec::new() };
    let length = request.header("content-length").map_or(0, |n| n.parse().expect("a content length"));
    if buffer.len() < end + length {
        return None;
    }
    request.body = buffer[end..end + length].to_vec();
    buffer.drain(..end + length);
    Some(request)
}
