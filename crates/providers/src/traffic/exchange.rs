//! One exchange while it goes on.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::{Stream, StreamExt};

use super::{MOST_OF_ONE, Mask, Recorder};
use crate::dialect::ResponseHead;
use crate::transport::ByteStream;
use crate::{Category, ChatEvent, EventStream, ProviderError};

/// Pieces of a body whose lengths are kept one by one; later ones count as one.
const MOST_PIECES: usize = 100_000;

/// What an exchange is for.
pub(crate) struct About {
    /// The vendor's id.
    pub(crate) provider: String,
    /// The dialect.
    pub(crate) wire: &'static str,
    /// `chat-stream`, `chat`, `embeddings`, `models`, `check`, `other`.
    pub(crate) kind: &'static str,
    /// The model asked for.
    pub(crate) model: Option<String>,
    /// What no file may hold.
    pub(crate) mask: Arc<Mask>,
}

/// What was sent, without what is secret.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) host: String,
    /// With its query.
    pub(crate) path: String,
    /// The name of the header with the key.
    pub(crate) auth: Option<String>,
    /// Values that are the user's are already gone.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Bytes>,
}

/// How it ended.
pub(super) enum Outcome {
    /// Somebody stopped it, or nobody waited for its end.
    Cancelled,
    Complete,
    Failed(ProviderError),
}

/// All that is known of an exchange.
pub(crate) struct Draft {
    pub(super) about: About,
    pub(super) sent: Sent,
    pub(super) head: Option<ResponseHead>,
    pub(super) answer: Vec<u8>,
    pub(super) pieces: Vec<usize>,
    /// Bytes of the answer beyond the limit.
    pub(super) beyond: u64,
    pub(super) outcome: Outcome,
}

struct Shared {
    recorder: Arc<Recorder>,
    draft: Mutex<Option<Draft>>,
}

/// The record of an exchange that goes on; it is handed over when the last of its copies goes.
#[derive(Clone)]
pub(crate) struct Exchange(Arc<Shared>);

impl Drop for Shared {
    fn drop(&mut self) {
        let draft = self.draft.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // A request that could not even be written has nothing to show.
        if let Some(draft) = draft.filter(|draft| !draft.sent.method.is_empty()) {
            self.recorder.keep(draft);
        }
    }
}

impl Exchange {
    pub(super) fn new(recorder: Arc<Recorder>, about: About) -> Self {
        let draft = Draft {
            about,
            sent: Sent::default(),
            head: None,
            answer: Vec::new(),
            pieces: Vec::new(),
            beyond: 0,
            outcome: Outcome::Cancelled,
        };
        Self(Arc::new(Shared { recorder, draft: Mutex::new(Some(draft)) }))
    }

    fn change(&self, change: impl FnOnce(&mut Draft)) {
        let mut draft: MutexGuard<'_, Option<Draft>> = self.0.draft.lock().unwrap_or_else(PoisonError::into_inner);
        draft.as_mut().map(change).unwrap_or_default();
    }

    /// The request goes out.
    pub(crate) fn sent(&self, sent: Sent) {
        self.change(|draft| draft.sent = sent);
    }

    /// No file may hold this, either.
    pub(crate) fn hide(&self, mask: Arc<Mask>) {
        self.change(|draft| draft.about.mask = mask);
    }

    /// The head of the answer is there.
    pub(crate) fn head(&self, head: &ResponseHead) {
        self.change(|draft| draft.head = Some(head.clone()));
    }

    /// A piece of the answer's body, unpacked.
    pub(crate) fn piece(&self, bytes: &[u8]) {
        self.change(|draft| {
            let room = MOST_OF_ONE - draft.answer.len();
            let fits = bytes.get(..room).unwrap_or(bytes);
            draft.beyond += (bytes.len() - fits.len()) as u64;
            draft.answer.extend_from_slice(fits);
            let many = draft.pieces.len() >= MOST_PIECES;
            match draft.pieces.last_mut().filter(|_| many) {
                Some(last) => *last += fits.len(),
                None if fits.is_empty() => {}
                None => draft.pieces.push(fits.len()),
            }
        });
    }

    /// It is over.
    pub(crate) fn ended<T>(&self, result: &Result<T, ProviderError>) {
        let outcome = match result {
            Ok(_) => Outcome::Complete,
            Err(error) if error.category == Category::Cancelled => Outcome::Cancelled,
            Err(error) => Outcome::Failed(error.clone()),
        };
        self.change(|draft| draft.outcome = outcome);
    }

    /// Notes how a stream of events ends.
    pub(crate) fn watch(self, events: EventStream) -> EventStream {
        Watched { events, exchange: Some(self) }.boxed()
    }
}

/// The same bytes, each piece noted where the exchange is recorded.
pub(crate) fn tapped(bytes: ByteStream, exchange: Option<&Exchange>) -> ByteStream {
    let Some(exchange) = exchange.cloned() else { return bytes };
    bytes
        .inspect(move |piece| {
            if let Ok(piece) = piece {
                exchange.piece(piece);
            }
        })
        .boxed()
}

struct Watched {
    events: EventStream,
    exchange: Option<Exchange>,
}

impl Stream for Watched {
    type Item = Result<ChatEvent, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.events.poll_next_unpin(cx);
        let ended = match &next {
            Poll::Ready(None) => Ok(()),
            Poll::Ready(Some(Err(error))) => Err(error.clone()),
            _ => return next,
        };
        // After the failure comes the end, which is none of its own.
        if let Some(exchange) = self.exchange.take() {
            exchange.ended(&ended);
        }
        next
    }
}
