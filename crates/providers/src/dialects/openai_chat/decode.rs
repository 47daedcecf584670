//! From bytes to chunks: an event stream by the book, or one JSON document where a server answers a streaming
//! request with it, or something that is not the API at all.

use std::borrow::Cow;

use serde_json::{Value, value::RawValue};

use super::{assemble::Assembler, classify, facts::Facts, wire::Chunk};
use crate::{
    Category, ChatEvent, ProviderError,
    catalog::{Quirk, Vendor},
    dialect::StreamDecoder,
    sse::{SseDecoder, SseError, SseEvent, SseLimits},
};

/// The most content of one answer, in bytes, and the most of a JSON document.
const MESSAGE_LIMIT: usize = 32 << 20;
/// The same, and the limit of one event, where answers may hold images.
const MEDIA_LIMIT: usize = 64 << 20;

/// What the first bytes say the body is.
enum Body {
    /// Only white space so far: a busy server sends blank lines to keep the connection.
    Unknown,
    Stream,
    Document(Vec<u8>),
}

/// The decoder of one answer.
pub(super) struct Decoder {
    body: Body,
    /// Pieces of a byte order mark seen before anything else.
    head: Vec<u8>,
    sse: SseDecoder,
    answer: Answer,
}

/// What does not depend on the framing.
struct Answer {
    assembler: Assembler,
    limit: usize,
    done: bool,
    /// Pieces that were no JSON.
    skipped: u64,
}

/// An error of the framing or of the vendor.
struct Stop(ProviderError);

impl From<SseError> for Stop {
    fn from(e: SseError) -> Self {
        Self(ProviderError::because(Category::BrokenStream, "too_large", e.to_string()))
    }
}

impl Decoder {
    pub(super) fn new(vendor: &Vendor) -> Self {
        let media = vendor.has(Quirk::InlineMedia);
        let limits = if media { SseLimits { line: MEDIA_LIMIT, event: MEDIA_LIMIT } } else { SseLimits::default() };
        Self {
            body: Body::Unknown,
            head: Vec::new(),
            sse: SseDecoder::new(limits),
            answer: Answer {
                assembler: Assembler::new(vendor),
                limit: if media { MEDIA_LIMIT } else { MESSAGE_LIMIT },
                done: false,
                skipped: 0,
            },
        }
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

impl StreamDecoder for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.answer.done {
            return Ok(());
        }
        match &mut self.body {
            Body::Unknown => self.sniff(bytes, out),
            Body::Stream => {
                let answer = &mut self.answer;
                self.sse.push(bytes, &mut |event| answer.event(event, out)).map_err(|Stop(e)| e)
            }
            Body::Document(document) => {
                if document.len() + bytes.len() > self.answer.limit {
                    return Err(too_large());
                }
                document.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.answer.done {
            return Ok(());
        }
        match std::mem::replace(&mut self.body, Body::Stream) {
            Body::Unknown => return Err(empty()),
            Body::Document(document) => return self.answer.document(&document, out),
            Body::Stream => {}
        }
        let answer = &mut self.answer;
        self.sse.finish(&mut |event| answer.event(event, out)).map_err(|Stop(e)| e)?;
        self.answer.end(self.sse.strange_lines() > 0, out)
    }

    fn is_done(&self) -> bool {
        self.answer.done
    }

    fn events_seen(&self) -> u64 {
        self.answer.assembler.events
    }

    fn progress_seen(&self) -> u64 {
        self.answer.assembler.progress
    }
}

impl Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), Stop> {
        if self.done {
            return Ok(());
        }
        let data = event.data.trim_ascii();
        if data == b"[DONE]" {
            self.assembler.events += 1;
            self.complete(out);
            return Ok(());
        }
        if data.is_empty() {
            return Ok(());
        }
        match serde_json::from_slice::<Chunk<'_>>(data) {
            Ok(chunk) => self.assembler.chunk(&chunk, data, out).map_err(Stop)?,
            Err(_) => self.odd(data, event, out).map_err(Stop)?,
        }
        if self.assembler.content() > self.limit { Err(Stop(too_large())) } else { Ok(()) }
    }

    /// Data that is not a chunk as it stands: not UTF-8, an error in another shape, or nothing readable.
    #[cold]
    fn odd(&mut self, data: &[u8], event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = String::from_utf8_lossy(data);
        if let Ok(chunk) = serde_json::from_str::<Chunk<'_>>(&text) {
            return self.assembler.chunk(&chunk, text.as_bytes(), out);
        }
        // A value holds each key once and forgets what no chunk can hold: fields that stand there twice.
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let plain = value.to_string();
            if let Ok(chunk) = serde_json::from_str::<Chunk<'_>>(&plain) {
                return self.assembler.chunk(&chunk, plain.as_bytes(), out);
            }
            if value.get("error").is_some_and(|e| e.is_string() || e.is_object()) {
                return Err(classify::provider_error(None, &Facts::of_body(plain.as_bytes())));
            }
        }
        if text.starts_with('<') {
            return Err(got_html());
        }
        let inner = text.strip_prefix("error:").map(str::trim_start);
        if event.name == b"error" || inner.is_some_and(|t| t.starts_with('{')) {
            let facts = Facts::of_body(inner.unwrap_or(&text).as_bytes());
            return Err(classify::provider_error(None, &facts));
        }
        if event.terminated {
            self.skipped += 1;
        }
        Ok(())
    }

    /// The body ended without `[DONE]`. `strange` says that it had lines that belong to no event stream.
    fn end(&mut self, strange: bool, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.done {
            return Ok(());
        }
        if self.assembler.has_reason() {
            self.complete(out);
            return Ok(());
        }
        if self.assembler.events == 0 && self.assembler.content() == 0 {
            return Err(if strange || self.skipped > 0 { unreadable() } else { empty() });
        }
        Err(ProviderError::because(
            Category::BrokenStream,
            "cut_off",
            "The answer broke off before the vendor said it was complete",
        ))
    }

    /// One JSON document instead of a stream: a whole completion, or an error.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = String::from_utf8_lossy(bytes);
        let body = text.trim();
        let chunk = match serde_json::from_str::<Chunk<'_>>(body) {
            Ok(chunk) => chunk,
            Err(e) if e.is_eof() => {
                return Err(ProviderError::because(Category::BrokenStream, "cut_off", "The answer broke off"));
            }
            Err(_) => return Err(self.not_an_answer(body)),
        };
        self.assembler.chunk(&chunk, body.as_bytes(), out)?;
        if chunk.choices.is_none_or(|c| c.0.is_none()) {
            return Err(self.not_an_answer(body));
        }
        self.complete(out);
        Ok(())
    }

    fn not_an_answer(&self, body: &str) -> ProviderError {
        if serde_json::from_str::<&RawValue>(body).is_ok() {
            let facts = Facts::of_body(body.as_bytes());
            if facts.has_words() {
                return classify::provider_error(None, &facts);
            }
        }
        unreadable()
    }

    fn complete(&mut self, out: &mut Vec<ChatEvent>) {
        self.done = true;
        self.assembler.finish(self.skipped, out);
    }
}

fn empty() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "empty", "The vendor answered with nothing")
}

fn unreadable() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "unreadable", "The answer is not what the API describes")
}

fn too_large() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "too_large", "The answer is larger than allowed")
}

/// A login page, a captive portal or a wrong address.
pub(super) fn got_html() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "got_html", "This is not the API: a web page came back")
}
