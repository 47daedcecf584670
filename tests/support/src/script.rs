//! What an upstream does with one request.

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

/// Opened once by a test to let a script go on.
#[derive(Clone, Debug, Default)]
pub struct Gate(CancellationToken);

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets everything through from now on.
    pub fn open(&self) {
        self.0.cancel();
    }

    pub(crate) async fn passed(&self) {
        self.0.cancelled().await;
    }
}

/// The same bytes many times.
#[derive(Clone, Debug)]
pub struct Flood {
    /// One frame, e.g. a whole server-sent event.
    pub frame: Bytes,
    /// How many frames.
    pub count: u64,
    /// How many a second; `None` as fast as the peer reads.
    pub per_second: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Bytes),
    Dribble(Bytes),
    Wait(Gate),
    Mark(&'static str),
    Flood(Flood),
    Stall,
    Reset,
    Close,
}

/// Steps in order. A script that neither closes nor resets leaves the connection open for the next request.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub(crate) steps: Vec<Step>,
}

impl Script {
    /// Does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes bytes in one piece.
    pub fn send(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::Send(bytes.into()))
    }

    /// Writes bytes one at a time, each a packet of its own.
    pub fn dribble(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::Dribble(bytes.into()))
    }

    /// Goes on once the gate is open.
    pub fn wait(self, gate: &Gate) -> Self {
        self.then(Step::Wait(gate.clone()))
    }

    /// Leaves a mark in the log.
    pub fn mark(self, mark: &'static str) -> Self {
        self.then(Step::Mark(mark))
    }

    /// Writes many frames.
    pub fn flood(self, flood: Flood) -> Self {
        self.then(Step::Flood(flood))
    }

    /// Does nothing until the peer goes away.
    pub fn stall(self) -> Self {
        self.then(Step::Stall)
    }

    /// Ends the connection with a TCP reset.
    pub fn reset(self) -> Self {
        self.then(Step::Reset)
    }

    /// Ends the connection in good order.
    pub fn close(self) -> Self {
        self.then(Step::Close)
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
