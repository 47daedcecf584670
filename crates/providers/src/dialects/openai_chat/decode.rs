//! From the pieces of a body to chunks.

use serde_json::Value;

use super::{assemble::Assembler, wire::Chunk};
use crate::{
    ChatEvent, ProviderError,
    catalog::Vendor,
    failure::{self, Facts, cut_off, empty, got_html, unreadable},
    framing::Assemble,
    loose::readable,
    sse::SseEvent,
};

/// What does not depend on the framing.
pub(super) struct Answer {
    assembler: Assembler,
    done: bool,
    /// Pieces that were no JSON.
    skipped: u64,
}

impl Answer {
    pub(super) fn new(vendor: &Vendor) -> Self {
        Self { assembler: Assembler::new(vendor), done: false, skipped: 0 }
    }
}

impl Assemble for Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
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
            Ok(chunk) => self.assembler.chunk(&chunk, data, out),
            Err(_) => self.odd(data, event, out),
        }
    }

    /// The body ended without `[DONE]`. `strange` says that it had lines that belong to no event stream.
    fn end(&mut self, strange: bool, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.assembler.has_reason() {
            self.complete(out);
            return Ok(());
        }
        if self.assembler.events == 0 && self.assembler.content() == 0 {
            return Err(if strange || self.skipped > 0 { unreadable() } else { empty() });
        }
        Err(cut_off())
    }

    /// One JSON document instead of a stream: a whole completion, or an error.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(bytes);
        let body = text.trim();
        let chunk = match serde_json::from_str::<Chunk<'_>>(body) {
            Ok(chunk) => chunk,
            Err(e) if e.is_eof() => return Err(cut_off()),
            Err(_) => return Err(failure::instead(body.as_bytes())),
        };
        self.assembler.chunk(&chunk, body.as_bytes(), out)?;
        if chunk.choices.is_none_or(|c| c.0.is_none()) {
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
    /// Data that is not a chunk as it stands: not UTF-8, an error in another shape, or nothing readable.
    #[cold]
    fn odd(&mut self, data: &[u8], event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(data);
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
                return Err(failure::provider_error(None, &Facts::of_body(plain.as_bytes())));
            }
        }
        if text.starts_with('<') {
            return Err(got_html());
        }
        let inner = text.strip_prefix("error:").map(str::trim_start);
        if event.name == b"error" || inner.is_some_and(|t| t.starts_with('{')) {
            let facts = Facts::of_body(inner.unwrap_or(&text).as_bytes());
            return Err(failure::provider_error(None, &facts));
        }
        if event.terminated {
            self.skipped += 1;
        }
        Ok(())
    }

    fn complete(&mut self, out: &mut Vec<ChatEvent>) {
        self.done = true;
        self.assembler.finish(self.skipped, out);
    }
}
