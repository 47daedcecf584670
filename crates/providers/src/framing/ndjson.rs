//! One JSON document a line (NDJSON), bounded and safe to cut anywhere.
//!
//! A whole answer on one line is a stream of one line, so both are read the same way. Only a document that was
//! printed over many lines is told apart: its first line is nothing but a bracket.

use memchr::memchr;

use super::{Assemble, MEDIA_LIMIT, MESSAGE_LIMIT};
use crate::{
    ChatEvent, ProviderError,
    dialect::StreamDecoder,
    failure::{empty, got_html, too_large},
    sse::{SseEvent, SseLimits},
};

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What the first line says the body is.
enum Body {
    /// Nothing but white space so far.
    Unknown,
    Lines,
    Document(Vec<u8>),
}

/// The decoder of one answer. A line reaches the dialect as an event without a name.
pub(crate) struct Lines<A> {
    body: Body,
    /// The line that the last cut went through.
    partial: Vec<u8>,
    first_line: bool,
    line: usize,
    limit: usize,
    answer: A,
}

impl<A: Assemble> Lines<A> {
    /// For a stream that may hold `media` or not, which decides the limits.
    pub(crate) fn new(answer: A, media: bool) -> Self {
        let (line, limit) =
            if media { (MEDIA_LIMIT, MEDIA_LIMIT) } else { (SseLimits::default().event, MESSAGE_LIMIT) };
        Self { body: Body::Unknown, partial: Vec::new(), first_line: true, line, limit, answer }
    }

    /// For a whole answer: its one line may be as long as an answer.
    pub(crate) fn whole(answer: A, media: bool) -> Self {
        let lines = Self::new(answer, media);
        Self { line: lines.limit, ..lines }
    }

    /// Keeps a piece of a line whose end has not come.
    fn keep(&mut self, piece: &[u8]) -> Result<(), ProviderError> {
        if self.partial.len() + piece.len() > self.line {
            return Err(too_large());
        }
        self.partial.extend_from_slice(piece);
        Ok(())
    }

    /// Takes one line without its LF; `terminated` is false for what a body ends in.
    fn line(&mut self, line: &[u8], terminated: bool, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if line.len() > self.line {
            return Err(too_large());
        }
        let mut line = line;
        if std::mem::take(&mut self.first_line) {
            line = line.strip_prefix(MARK).unwrap_or(line);
        }
        if let Body::Document(document) = &mut self.body {
            if document.len() + line.len() >= self.limit {
                return Err(too_large());
            }
            document.extend_from_slice(line);
            if terminated {
                document.push(b'\n');
            }
            return Ok(());
        }
        let data = line.trim_ascii();
        if data.is_empty() || self.answer.is_done() {
            return Ok(());
        }
        if matches!(self.body, Body::Unknown) {
            match data {
                [b'<', ..] => return Err(got_html()),
                b"{" | b"[" => {
                    self.body = Body::Document(data.to_vec());
                    return Ok(());
                }
                _ => self.body = Body::Lines,
            }
        }
        self.answer.event(SseEvent { name: b"", data, terminated }, out)?;
        if self.answer.content() > self.limit { Err(too_large()) } else { Ok(()) }
    }
}

impl<A: Assemble> StreamDecoder for Lines<A> {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            if self.answer.is_done() {
                return Ok(());
            }
            let (line, tail) = (&rest[..end], &rest[end + 1..]);
            rest = tail;
            if self.partial.is_empty() {
                self.line(line, true, out)?;
            } else {
                self.keep(line)?;
                let mut whole = std::mem::take(&mut self.partial);
                self.line(&whole, true, out)?;
                whole.clear();
                self.partial = whole;
            }
        }
        if self.answer.is_done() { Ok(()) } else { self.keep(rest) }
    }

    fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let rest = std::mem::take(&mut self.partial);
        self.line(&rest, false, out)?;
        if self.answer.is_done() {
            return Ok(());
        }
        match std::mem::replace(&mut self.body, Body::Lines) {
            Body::Unknown => Err(empty()),
            Body::Document(document) => self.answer.document(&document, out),
            Body::Lines => self.answer.end(false, out),
        }
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
