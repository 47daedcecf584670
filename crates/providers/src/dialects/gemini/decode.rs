//! From the pieces of a body to chunks.

use serde_json::Value;

use super::{assemble::Assembler, elements::Elements, wire::Chunk};
use crate::{
    ChatEvent, ProviderError,
    failure::{self, Facts, cut_off, empty, got_html, unreadable},
    framing::{Assemble, MEDIA_LIMIT},
    loose::readable,
    sse::SseEvent,
};

/// The largest odd piece that is looked at twice, in bytes.
const LARGEST_ODD: usize = 4 << 20;

/// What does not depend on the framing.
#[derive(Default)]
pub(super) struct Answer {
    assembler: Assembler,
    done: bool,
    /// Pieces that were no JSON.
    skipped: u64,
}

impl Assemble for Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let data = event.data.trim_ascii();
        // The wire has no end marker; servers that speak other dialects, too, write theirs.
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        match serde_json::from_slice::<Chunk<'_>>(data) {
            Ok(chunk) => self.assembler.chunk(&chunk, data, out),
            Err(_) => self.odd(data, event, out),
        }
    }

    /// The wire has no end marker: a stream may say several reasons, and the last one before its end counts.
    fn end(&mut self, strange: bool, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.has_reason() {
            self.complete(out);
            return Ok(());
        }
        if self.assembler.events == 0 && self.assembler.content() == 0 {
            return Err(if strange || self.skipped > 0 { unreadable() } else { empty() });
        }
        Err(cut_off())
    }

    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(bytes);
        let body = text.trim();
        if body.starts_with('[') {
            let mut elements = Elements::new(MEDIA_LIMIT);
            elements.push(body.as_bytes(), &mut |element| {
                self.event(SseEvent { name: b"", data: element, terminated: true }, out)
            })?;
            return self.end(true, out);
        }
        let chunk = match serde_json::from_str::<Chunk<'_>>(body) {
            Ok(chunk) => chunk,
            Err(e) if e.is_eof() => return Err(cut_off()),
            Err(_) => return Err(failure::instead(body.as_bytes())),
        };
        self.assembler.chunk(&chunk, body.as_bytes(), out)?;
        if chunk.candidates.is_none_or(|c| c.0.is_none()) && !self.has_reason() {
            return Err(failure::instead(body.as_bytes()));
        }
        self.complete(out);
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn events_seen(&self) -> u64 {
        self.assembler.events
    }

    fn progress_seen(&self) -> u64 {
        self.assembler.progress
    }

    fn content(&self) -> usize {
        self.assembler.content()
    }
}

impl Answer {
    /// True once the vendor said why it stopped.
    pub(super) fn has_reason(&self) -> bool {
        self.assembler.has_reason()
    }

    /// The terminal event.
    pub(super) fn complete(&mut self, out: &mut Vec<ChatEvent>) {
        self.done = true;
        self.assembler.finish(self.skipped, out);
    }

    /// Data that is not a chunk as it stands: not UTF-8, an error in another shape, or nothing readable.
    #[cold]
    fn odd(&mut self, data: &[u8], event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(data);
        if let Ok(chunk) = serde_json::from_str::<Chunk<'_>>(&text) {
            return self.assembler.chunk(&chunk, text.as_bytes(), out);
        }
        // A value holds each key once and forgets what no chunk can hold: fields that stand there twice. It takes many
        // times the memory of its text, so that only what may be an ordinary chunk becomes one.
        let ordinary = text.len() <= LARGEST_ODD;
        if let Some(value) = ordinary.then(|| serde_json::from_str::<Value>(&text).ok()).flatten() {
            let plain = value.to_string();
            if let Ok(chunk) = serde_json::from_str::<Chunk<'_>>(&plain) {
                return self.assembler.chunk(&chunk, plain.as_bytes(), out);
            }
            if value.get("error").is_some_and(|e| e.is_string() || e.is_object()) {
                return Err(failure::provider_error(None, &Facts::of_body(plain.as_bytes())));
            }
        }
        if text.starts_with('<') {
            return Err(got_html());
        }
        if event.name == b"error" {
            return Err(failure::provider_error(None, &Facts::of_body(text.as_bytes())));
        }
        if event.terminated {
            self.skipped += 1;
        }
        Ok(())
    }
}
