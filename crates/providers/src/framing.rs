//! What a body is before any dialect reads it: an event stream by the book, or one JSON document where a server
//! answers a streaming request with it, or something that is not the API at all.

mod ndjson;

use std::borrow::Cow;

pub(crate) use ndjson::Lines;
use serde_json::Value;

use crate::{
    ChatEvent, ProviderError,
    dialect::StreamDecoder,
    failure::{self, Facts, empty, got_html, too_large},
    loose::readable,
    sse::{SseDecoder, SseError, SseEvent, SseLimits},
};

/// The most content of one answer, in bytes, and the most of a JSON document.
pub(crate) const MESSAGE_LIMIT: usize = 32 << 20;
/// The same, and the limit of one event, where answers may hold images or sound.
pub(crate) const MEDIA_LIMIT: usize = 64 << 20;

/// What a dialect makes of the pieces of one answer.
pub(crate) trait Assemble: Send {
    /// Takes the data of one event. Events come out also when an error follows them.
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError>;

    /// Takes one JSON document instead of a stream: a whole answer, or an error.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError>;

    /// The body ended cleanly, perhaps before the terminal event. `strange` says that it had lines that belong to no
    /// event stream.
    fn end(&mut self, strange: bool, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError>;

    /// True once the terminal event was seen.
    fn is_done(&self) -> bool;

    /// As [`StreamDecoder::events_seen`].
    fn events_seen(&self) -> u64;

    /// As [`StreamDecoder::progress_seen`].
    fn progress_seen(&self) -> u64;

    /// Bytes of the answer held or handed out so far, for the limit on a whole message.
    fn content(&self) -> usize;
}

/// What the first bytes say the body is.
enum Body {
    /// Only white space so far: a busy server sends blank lines to keep the connection.
    Unknown,
    Stream,
    Document(Vec<u8>),
}

/// The decoder of one answer.
pub(crate) struct Framed<A> {
    body: Body,
    /// Pieces of a byte order mark seen before anything else.
    head: Vec<u8>,
    sse: SseDecoder,
    limit: usize,
    answer: A,
}

/// An error of the framing or of the vendor.
struct Stop(ProviderError);

impl From<SseError> for Stop {
    fn from(_: SseError) -> Self {
        Self(too_large())
    }
}

impl<A: Assemble> Framed<A> {
    /// For an answer that may hold `media` or not, which decides the limits.
    pub(crate) fn new(answer: A, media: bool) -> Self {
        let limits = if media { SseLimits { line: MEDIA_LIMIT, event: MEDIA_LIMIT } } else { SseLimits::default() };
        let limit = if media { MEDIA_LIMIT } else { MESSAGE_LIMIT };
        Self { body: Body::Unknown, head: Vec::new(), sse: SseDecoder::new(limits), limit, answer }
    }

    /// Looks at the first bytes that are not white space.
    fn sniff(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let blank = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
        if self.head.is_empty() && blank == bytes.len() {
            return Ok(());
        }
        let mut bytes = if self.head.is_empty() { Cow::Borrowed(&bytes[blank..]) } else { Cow::Borrowed(bytes) };
        if !self.head.is_empty() || bytes.starts_with(&[0xEF]) {
            self.head.extend_from_slice(&bytes);
            if self.head.len() <= 3 && b"\xEF\xBB\xBF".starts_with(&self.head) {
                return Ok(());
            }
            let head = std::mem::take(&mut self.head);
            bytes = Cow::Owned(head.strip_prefix(b"\xEF\xBB\xBF").map_or(head.clone(), <[u8]>::to_vec));
        }
        match bytes.iter().find(|b| !b.is_ascii_whitespace()) {
            Some(b'{' | b'[') => {
                self.body = Body::Document(Vec::new());
                self.push(&bytes, out)
            }
            Some(b'<') => Err(got_html()),
            Some(_) => {
                self.body = Body::Stream;
                self.push(&bytes, out)
            }
            None => Ok(()),
        }
    }
}

impl<A: Assemble> StreamDecoder for Framed<A> {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.answer.is_done() {
            return Ok(());
        }
        match &mut self.body {
            Body::Unknown => self.sniff(bytes, out),
            Body::Stream => {
                let (answer, limit) = (&mut self.answer, self.limit);
                self.sse.push(bytes, &mut |event| take(answer, limit, event, out)).map_err(|Stop(e)| e)
            }
            Body::Document(document) => {
                if document.len() + bytes.len() > self.limit {
                    return Err(too_large());
                }
                document.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.answer.is_done() {
            return Ok(());
        }
        match std::mem::replace(&mut self.body, Body::Stream) {
            Body::Unknown => return Err(empty()),
            Body::Document(document) => return self.answer.document(&document, out),
            Body::Stream => {}
        }
        let (answer, limit) = (&mut self.answer, self.limit);
        self.sse.finish(&mut |event| take(answer, limit, event, out)).map_err(|Stop(e)| e)?;
        if self.answer.is_done() {
            return Ok(());
        }
        self.answer.end(self.sse.strange_lines() > 0, out)
    }

    fn is_done(&self) -> bool {
        self.answer.is_done()
    }

    fn events_seen(&self) -> u64 {
        self.answer.events_seen()
    }

    fn progress_seen(&self) -> u64 {
        self.answer.progress_seen()
    }
}

fn take<A: Assemble>(answer: &mut A, limit: usize, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), Stop> {
    if answer.is_done() {
        return Ok(());
    }
    answer.event(event, out).map_err(Stop)?;
    if answer.content() > limit { Err(Stop(too_large())) } else { Ok(()) }
}
/// Data that is not an event as it stands: not UTF-8, an error in another shape, or nothing readable. `take` reads text
/// and says nothing where that is no event. False where nothing was taken.
#[cold]
pub(crate) fn odd(
    data: &[u8],
    event: SseEvent<'_>,
    mut take: impl FnMut(&str) -> Option<Result<(), ProviderError>>,
) -> Result<bool, ProviderError> {
    let text = readable(data);
    if let Some(taken) = take(&text) {
        return taken.map(|()| true);
    }
    // A value holds each key once and forgets what no event can hold: fields that stand there twice.
    let plain = serde_json::from_str::<Value>(&text).ok().map(|value| value.to_string());
    if let Some(taken) = plain.and_then(|plain| take(&plain)) {
        return taken.map(|()| true);
    }
    if text.starts_with('<') {
        return Err(got_html());
    }
    if event.name == b"error" {
        return Err(failure::provider_error(None, &Facts::of_body(text.as_bytes())));
    }
    Ok(false)
}
