//! The two framings of an answer: everything that [`Framed`] knows, and the JSON array that a server streams where
//! nobody asked for `alt=sse` or a proxy lost it. The array is read element by element, so that its text is seen, and
//! kept, before its end.

use memchr::memmem;

use super::{decode::Answer, elements::Elements};
use crate::{
    ChatEvent, ProviderError,
    dialect::StreamDecoder,
    failure::{self, Facts, empty, too_large},
    framing::{Assemble, Framed, MEDIA_LIMIT, MESSAGE_LIMIT},
    sse::SseEvent,
};

/// How much of the end of an event stream is kept, to find an error that came without its framing.
const TAIL: usize = 8 << 10;

/// The decoder of one answer.
pub(super) struct Wire {
    body: Body,
    media: bool,
    tail: Vec<u8>,
}

enum Body {
    /// Only white space so far.
    Blank,
    Framed(Framed<Answer>),
    Array(Array),
}

impl Wire {
    /// For an answer that may hold `media` or not, which decides the limits.
    pub(super) fn new(media: bool) -> Self {
        Self { body: Body::Blank, media, tail: Vec::new() }
    }

    /// Keeps the last bytes.
    fn remember(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }

    /// An error that the server wrote as bare JSON after its events: it knew no better once the stream had begun.
    fn bare_error(&self) -> Option<ProviderError> {
        let tail = &self.tail[self.tail.len().saturating_sub(TAIL)..];
        let last = |mark: &[u8]| memmem::rfind(tail, mark);
        let start = last(b"\n{").max(last(b"\n["))?;
        let bare = &tail[start..];
        let value: serde_json::Value = serde_json::from_slice(bare).ok()?;
        let object = value.get(0).unwrap_or(&value);
        object.get("error").filter(|error| error.is_object() || error.is_string())?;
        Some(failure::provider_error(None, &Facts::of_body(bare)))
    }
}

impl StreamDecoder for Wire {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        match &mut self.body {
            Body::Framed(framed) => {
                let pushed = framed.push(bytes, out);
                self.remember(bytes);
                pushed
            }
            Body::Array(array) => array.push(bytes, out),
            Body::Blank => {
                let Some(start) = bytes.iter().position(|b| !b.is_ascii_whitespace()) else { return Ok(()) };
                self.body = match bytes[start] {
                    b'[' => Body::Array(Array::new(if self.media { MEDIA_LIMIT } else { MESSAGE_LIMIT })),
                    _ => Body::Framed(Framed::new(Answer::default(), self.media)),
                };
                self.push(&bytes[start..], out)
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        match &mut self.body {
            Body::Framed(framed) => {
                let finished = framed.finish(out);
                finished.map_err(|error| self.bare_error().unwrap_or(error))
            }
            Body::Array(array) if array.answer.is_done() => Ok(()),
            Body::Array(array) => array.answer.end(true, out),
            Body::Blank => Err(empty()),
        }
    }

    fn is_done(&self) -> bool {
        match &self.body {
            Body::Framed(framed) => framed.is_done(),
            Body::Array(array) => array.answer.is_done(),
            Body::Blank => false,
        }
    }

    fn events_seen(&self) -> u64 {
        match &self.body {
            Body::Framed(framed) => framed.events_seen(),
            Body::Array(array) => array.answer.events_seen(),
            Body::Blank => 0,
        }
    }

    fn progress_seen(&self) -> u64 {
        match &self.body {
            Body::Framed(framed) => framed.progress_seen(),
            Body::Array(array) => array.answer.progress_seen(),
            Body::Blank => 0,
        }
    }
}

struct Array {
    elements: Elements,
    answer: Answer,
    limit: usize,
}

impl Array {
    fn new(limit: usize) -> Self {
        Self { elements: Elements::new(limit), answer: Answer::default(), limit }
    }

    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let Self { elements, answer, limit } = self;
        if answer.is_done() {
            return Ok(());
        }
        elements.push(bytes, &mut |element| {
            answer.event(SseEvent { name: b"", data: element, terminated: true }, out)?;
            if answer.content() > *limit { Err(too_large()) } else { Ok(()) }
        })?;
        if elements.closed && answer.has_reason() {
            answer.complete(out);
        }
        Ok(())
    }
}
