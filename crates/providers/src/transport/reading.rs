//! From the bytes of a streamed answer to its events, under the clocks and the cancellation of the request.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::vec;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, FusedStream};
use futures::{FutureExt, Stream, StreamExt};
use tokio::time::{Instant, Sleep};

use super::clocks::Clocks;
use super::hidden::Hidden;
use super::sniff::{Opening, Sniffer};
use crate::dialect::StreamDecoder;
use crate::{CancellationToken, Category, ChatEvent, EventStream, ProviderError};

/// The bytes of an answer's body, failures already in our words.
pub type ByteStream = BoxStream<'static, Result<Bytes, ProviderError>>;

/// Everything a reading needs besides its bytes.
pub struct Reading {
    /// Decodes this one answer.
    pub decoder: Box<dyn StreamDecoder>,
    /// How long to wait for what.
    pub clocks: Clocks,
    /// When the request began; the first-event clock counts from here.
    pub started: Instant,
    /// Ends the reading at once.
    pub cancel: CancellationToken,
    /// `host:port`, for messages.
    pub peer: String,
    /// What no error may repeat.
    pub hidden: Arc<Hidden>,
}

impl Reading {
    /// Reads `body` to its end, its terminal event, or the first failure. Must be called inside a Tokio runtime.
    ///
    /// On cancellation, and when the stream is dropped, the body is dropped at once, also while nobody polls.
    pub fn events(self, body: ByteStream) -> EventStream {
        Events::new(self, body).boxed()
    }
}

/// After so many chunks without an event the reader lets other tasks run.
const FRUITLESS_CHUNKS: usize = 32;

/// Holds the body where both the reader and the watch for cancellation can drop it.
type SharedBody = Arc<Mutex<Option<ByteStream>>>;

/// Stops the watch when the stream goes away first.
struct Watch(tokio::task::AbortHandle);

impl Watch {
    fn over(body: &SharedBody, cancel: CancellationToken) -> Self {
        let body = Arc::downgrade(body);
        Self(
            tokio::spawn(async move {
                cancel.cancelled().await;
                if let Some(body) = body.upgrade() {
                    close(&body);
                }
            })
            .abort_handle(),
        )
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn close(body: &SharedBody) {
    let taken = body.lock().unwrap_or_else(PoisonError::into_inner).take();
    drop(taken);
}

/// What the clocks compare against.
struct Marks {
    events: u64,
    progress: u64,
    last_event: Instant,
    last_progress: Instant,
}

struct Events {
    decoder: Box<dyn StreamDecoder>,
    clocks: Clocks,
    peer: String,
    hidden: Arc<Hidden>,
    body: SharedBody,
    cancelled: BoxFuture<'static, ()>,
    /// Fires at some deadline that held when it was set; a later one is set only then, so that a busy stream
    /// does not touch the timer for each chunk.
    alarm: Pin<Box<Sleep>>,
    marks: Marks,
    sniffer: Sniffer,
    ready: vec::IntoIter<ChatEvent>,
    /// How it ends once `ready` is drained; `Some(None)` is a good end.
    end: Option<Option<ProviderError>>,
    finished: bool,
    _watch: Watch,
}

impl Events {
    fn new(reading: Reading, body: ByteStream) -> Self {
        let Reading { decoder, clocks, started, cancel, peer, hidden } = reading;
        let body = Arc::new(Mutex::new(Some(body)));
        Self {
            decoder,
            peer,
            hidden,
            _watch: Watch::over(&body, cancel.clone()),
            body,
            cancelled: cancel.cancelled_owned().boxed(),
            alarm: Box::pin(tokio::time::sleep_until(started + clocks.first_event)),
            clocks,
            marks: Marks { events: 0, progress: 0, last_event: started, last_progress: started },
            sniffer: Sniffer::default(),
            ready: Vec::new().into_iter(),
            end: None,
            finished: false,
        }
    }

    fn end_with(&mut self, error: Option<ProviderError>) {
        close(&self.body);
        self.end = Some(error.map(|e| self.hidden.clean(e)));
    }

    fn broken(&self, cause: &'static str, message: &str) -> ProviderError {
        ProviderError::because(Category::BrokenStream, cause, format!("{message} ({})", self.peer))
    }

    /// Waits for the next thing to happen; leaves events in `ready` or the outcome in `end`.
    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.cancelled.poll_unpin(cx).is_ready() {
            self.end_with(Some(cancelled()));
            return Poll::Ready(());
        }
        let chunk = match &mut *self.body.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(body) => body.poll_next_unpin(cx),
            // Only the watch takes it, so the cancellation is about to be seen here too.
            None => Poll::Ready(Some(Err(cancelled()))),
        };
        match chunk {
            Poll::Ready(Some(Ok(bytes))) => self.take(&bytes),
            Poll::Ready(Some(Err(error))) => self.end_with(Some(error)),
            Poll::Ready(None) => self.take_end(),
            Poll::Pending => {
                ready!(self.alarm.as_mut().poll(cx));
                let (deadline, error) = self.deadline();
                if deadline > Instant::now() {
                    self.alarm.as_mut().reset(deadline);
                    // Registers the new deadline; it lies in the future.
                    if self.alarm.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
                self.end_with(Some(error));
            }
        }
        Poll::Ready(())
    }

    fn take(&mut self, bytes: &[u8]) {
        if self.sniffer.look(bytes) == Opening::Markup {
            let error = self.broken("got_html", "this is not the API: the answer is an HTML page");
            return self.end_with(Some(error));
        }
        let mut events = Vec::new();
        let result = self.decoder.push(bytes, &mut events);
        let progressed = self.note_progress();
        self.ready = events.into_iter();
        match result {
            Err(error) => self.end_with(Some(error)),
            Ok(()) if self.decoder.is_done() => self.end_with(None),
            Ok(()) => {}
        }
        // The alarm is not asked while bytes keep coming, and bytes alone are no sign of life.
        if self.end.is_none() && !progressed {
            let (deadline, error) = self.deadline();
            if deadline <= Instant::now() {
                self.end_with(Some(error));
            }
        }
    }

    fn take_end(&mut self) {
        if self.sniffer.is_blank() {
            let error = self.broken("empty", "the answer is empty");
            return self.end_with(Some(error));
        }
        let mut events = Vec::new();
        let result = self.decoder.finish(&mut events);
        self.ready = events.into_iter();
        self.end_with(result.err());
    }

    /// True where content came.
    fn note_progress(&mut self) -> bool {
        let (events, progress) = (self.decoder.events_seen(), self.decoder.progress_seen());
        let progressed = progress > self.marks.progress;
        if events == self.marks.events && !progressed {
            return false;
        }
        let now = Instant::now();
        if events > self.marks.events {
            if self.marks.events == 0 {
                self.marks.last_progress = now;
                // The one time at which the deadline may come nearer.
                self.alarm.as_mut().reset(now + self.clocks.idle.min(self.clocks.progress));
            }
            self.marks.last_event = now;
        }
        if progressed {
            self.marks.last_progress = now;
        }
        self.marks.events = events;
        self.marks.progress = progress;
        progressed
    }

    /// The next moment at which patience ends, and what to say then.
    fn deadline(&self) -> (Instant, ProviderError) {
        let Marks { events, last_event, last_progress, .. } = self.marks;
        if events == 0 {
            let error = timeout("first_event_timeout", "no answer began in time", &self.peer);
            return (last_event + self.clocks.first_event, error);
        }
        let idle = last_event + self.clocks.idle;
        let progress = last_progress + self.clocks.progress;
        if idle <= progress {
            (idle, timeout("idle_timeout", "the answer fell silent", &self.peer))
        } else {
            (progress, timeout("progress_timeout", "the answer makes no progress", &self.peer))
        }
    }
}

impl Stream for Events {
    type Item = Result<ChatEvent, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        for _ in 0..FRUITLESS_CHUNKS {
            if let Some(event) = self.ready.next() {
                return Poll::Ready(Some(Ok(event)));
            }
            if self.finished {
                return Poll::Ready(None);
            }
            if let Some(end) = self.end.take() {
                self.finished = true;
                return Poll::Ready(end.map(Err));
            }
            ready!(self.advance(cx));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl FusedStream for Events {
    fn is_terminated(&self) -> bool {
        self.finished && self.ready.len() == 0
    }
}

/// What a stopped request says.
pub(super) fn cancelled() -> ProviderError {
    ProviderError::new(Category::Cancelled, "stopped")
}

pub(super) fn timeout(cause: &'static str, message: &str, peer: &str) -> ProviderError {
    ProviderError::because(Category::Timeout, cause, format!("{message} ({peer})"))
}
