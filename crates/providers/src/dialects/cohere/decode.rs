//! From the pieces of a body to the parts of a message.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    assemble::Assembler,
    wire::{Content, Delta, Event, Message, Single, ToolCall, Whole, filled, items},
};
use crate::{
    ChatEvent, ProviderError,
    failure::{self, Facts, cut_off, empty, got_html, unreadable},
    framing::Assemble,
    loose::{Text, readable},
    sse::SseEvent,
};

/// One answer, whichever way it comes.
#[derive(Default)]
pub(super) struct Answer {
    assembler: Assembler,
    done: bool,
    events: u64,
    /// Pieces that were no JSON.
    skipped: u64,
}

impl Assemble for Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let data = event.data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        match serde_json::from_slice::<Event<'_>>(data) {
            Ok(parsed) if data.starts_with(b"{") => self.take(parsed, data, out),
            _ => self.odd(data, event, out),
        }
    }

    /// One JSON document instead of a stream: a whole answer, or an error.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(bytes);
        let body = text.trim();
        let whole = match serde_json::from_str::<Whole<'_>>(body) {
            _ if !body.starts_with('{') => return Err(failure::instead(body.as_bytes())),
            Ok(whole) => whole,
            Err(e) if e.is_eof() => return Err(cut_off()),
            Err(_) => return Err(failure::instead(body.as_bytes())),
        };
        // Errors have a message, too: a sentence.
        let message = whole.message.filter(|raw| raw.get().starts_with('{'));
        let message = message.and_then(|raw| serde_json::from_str::<Message<'_>>(raw.get()).ok());
        let is_answer = |m: &Message<'_>| {
            whole.finish_reason.some().is_some() || m.content.is_some() || filled(m.tool_calls).is_some()
        };
        let Some(message) = message.filter(is_answer) else {
            return Err(failure::instead(body.as_bytes()));
        };
        self.events += 1;
        self.assembler.started(whole.id.some(), out);
        self.message(&message, out);
        self.ends(&whole.finish_reason, whole.usage, None, body.as_bytes(), out)
    }

    /// The body ended without `message-end`. `strange` says that it had lines that belong to no event stream.
    fn end(&mut self, strange: bool, _out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.events > 0 {
            return Err(cut_off());
        }
        Err(if strange || self.skipped > 0 { unreadable() } else { empty() })
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn events_seen(&self) -> u64 {
        self.events
    }

    fn progress_seen(&self) -> u64 {
        self.assembler.progress
    }

    fn content(&self) -> usize {
        self.assembler.content
    }
}

impl Answer {
    /// The type inside the JSON counts; the name of the event repeats it, and proxies lose it.
    fn take(&mut self, event: Event<'_>, text: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let index = event.index.0.unwrap_or(0);
        let Single(delta) = event.delta;
        let Delta { message: Single(message), finish_reason, usage, error } = delta;
        match &*event.kind.0 {
            "content-delta" => self.assembler.add(index, message.content.0, out),
            "content-start" => {
                self.assembler.close(index);
                self.assembler.add(index, message.content.0, out);
            }
            "content-end" => self.assembler.close(index),
            "tool-plan-delta" => self.assembler.plan(&message.tool_plan.0, out),
            "tool-call-start" => self.assembler.call(index, &message.tool_calls.0, out),
            "tool-call-delta" => self.assembler.arguments(index, &message.tool_calls.0, out),
            "tool-call-end" => self.assembler.call_ends(index),
            "citation-start" => {
                if let Some(citation) = message.citations {
                    self.assembler.citation(citation, out);
                }
            }
            "message-start" => self.assembler.started(event.id.some(), out),
            "message-end" => {
                self.events += 1;
                return self.ends(&finish_reason, usage, error, text, out);
            }
            "citation-end" => {}
            "" | "error" => {
                let facts = Facts::of_body(text);
                return if facts.has_words() { Err(failure::provider_error(None, &facts)) } else { Ok(()) };
            }
            // `debug`, and whatever comes to be.
            _ => return Ok(()),
        }
        self.events += 1;
        Ok(())
    }

    fn message(&mut self, message: &Message<'_>, out: &mut Vec<ChatEvent>) {
        let content = filled(message.content).unwrap_or_default();
        if content.starts_with('"') {
            let text = serde_json::from_str::<Text<'_>>(content).unwrap_or_default();
            self.assembler.add(0, Content { text, ..Content::default() }, out);
        } else {
            for (index, part) in (0..).zip(items::<Content<'_>>(message.content)) {
                self.assembler.add(index, part, out);
            }
        }
        self.assembler.plan(&message.tool_plan.0, out);
        for (index, call) in (0..).zip(items::<ToolCall<'_>>(message.tool_calls)) {
            self.assembler.call(index, &call, out);
            self.assembler.call_ends(index);
        }
        let citations = message.citations.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        citations.into_iter().flatten().for_each(|citation| self.assembler.citation(citation, out));
    }

    /// The answer ends, well or with an error; `text` is what says so.
    fn ends(
        &mut self,
        reason: &Text<'_>,
        usage: Option<&RawValue>,
        error: Option<&RawValue>,
        text: &[u8],
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), ProviderError> {
        self.assembler.keep_plan(out);
        Assembler::usage(usage, out);
        let reason = reason.some();
        if matches!(reason, Some("ERROR" | "TIMEOUT")) || reason.is_none() && filled(error).is_some() {
            return Err(failed(reason.unwrap_or("ERROR"), text));
        }
        self.done = true;
        self.assembler.finish(reason, self.skipped, out);
        Ok(())
    }

    /// Data that is not an event as it stands: not UTF-8, an error in another shape, or nothing readable.
    #[cold]
    fn odd(&mut self, data: &[u8], event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(data);
        if let Ok(parsed) = serde_json::from_str::<Event<'_>>(&text)
            && text.starts_with('{')
        {
            return self.take(parsed, text.as_bytes(), out);
        }
        // A value holds each key once and forgets what no event can hold: fields that stand there twice.
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let plain = value.to_string();
            if let Ok(parsed) = serde_json::from_str::<Event<'_>>(&plain)
                && value.is_object()
            {
                return self.take(parsed, plain.as_bytes(), out);
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct End<'a> {
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
}

/// What the end of an answer says went wrong. In a stream it stands in the `delta`, in a whole answer on top.
#[cold]
fn failed(reason: &str, text: &[u8]) -> ProviderError {
    let delta = serde_json::from_slice::<End<'_>>(text).ok().and_then(|end| end.delta);
    let mut facts = Facts::of_body(delta.map_or(text, |raw| raw.get().as_bytes()));
    if facts.codes.is_empty() {
        facts.codes.push(reason.to_owned());
    }
    failure::provider_error(None, &facts)
}
