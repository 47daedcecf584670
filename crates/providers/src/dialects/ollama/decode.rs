//! From the lines of a body to the assembler.

use serde_json::Value;

use super::{assemble::Assembler, wire::Line};
use crate::{
    ChatEvent, ProviderError,
    failure::{self, Facts, cut_off, empty, got_html, unreadable},
    framing::Assemble,
    loose::readable,
    sse::SseEvent,
};

/// One answer.
#[derive(Default)]
pub(super) struct Answer {
    assembler: Assembler,
    /// Lines that were no JSON.
    skipped: u64,
}

impl Assemble for Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        match serde_json::from_slice::<Line<'_>>(event.data) {
            Ok(line) if event.data.starts_with(b"{") => self.assembler.line(&line, event.data, self.skipped, out),
            _ => self.odd(event, out),
        }
    }

    /// A document printed over many lines: a whole answer, or an error.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(bytes);
        match serde_json::from_str::<Line<'_>>(&text) {
            Ok(line) => self.assembler.line(&line, text.as_bytes(), self.skipped, out)?,
            Err(e) if e.is_eof() => return Err(cut_off()),
            Err(_) => return Err(not_an_answer(&text)),
        }
        if self.is_done() { Ok(()) } else { Err(not_an_answer(&text)) }
    }

    fn end(&mut self, _strange: bool, _out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.assembler.events > 0 || self.assembler.content > 0 {
            return Err(cut_off());
        }
        Err(if self.skipped > 0 { unreadable() } else { empty() })
    }

    fn is_done(&self) -> bool {
        self.assembler.done
    }

    fn events_seen(&self) -> u64 {
        self.assembler.events
    }

    fn progress_seen(&self) -> u64 {
        self.assembler.progress
    }

    fn content(&self) -> usize {
        self.assembler.content
    }
}

impl Answer {
    /// A line that does not read as it stands: not UTF-8, an error in another shape, or nothing readable.
    #[cold]
    fn odd(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(event.data);
        if let Ok(line) = serde_json::from_str::<Line<'_>>(&text)
            && text.starts_with('{')
        {
            return self.assembler.line(&line, text.as_bytes(), self.skipped, out);
        }
        // A value holds each key once and forgets what no line can hold: fields that stand there twice.
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let plain = value.to_string();
            if let Ok(line) = serde_json::from_str::<Line<'_>>(&plain)
                && value.is_object()
            {
                return self.assembler.line(&line, plain.as_bytes(), self.skipped, out);
            }
            let facts = Facts::of_body(plain.as_bytes());
            if facts.has_words() {
                return Err(failure::provider_error(None, &facts));
            }
        }
        if text.starts_with('<') {
            return Err(got_html());
        }
        self.skipped += 1;
        Ok(())
    }
}

fn not_an_answer(body: &str) -> ProviderError {
    let is_cut = serde_json::from_str::<Value>(body).is_ok_and(|value| value.get("done").is_some());
    if is_cut { cut_off() } else { failure::instead(body.as_bytes()) }
}
