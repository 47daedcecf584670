//! From the pieces of a body to the items of a response.

use serde_json::value::RawValue;

use super::{
    assemble::{Assembler, Thought, Words},
    wire::{Event, Response, filled},
};
use crate::{
    Category, ChatEvent, ProviderError,
    catalog::Vendor,
    failure::{self, Facts, cut_off, empty, unreadable},
    framing::{self, Assemble},
    loose::readable,
    sse::SseEvent,
};

/// One answer, whichever way it comes.
#[derive(Default)]
pub(super) struct Answer {
    assembler: Assembler,
    /// The item that was named last.
    index: u64,
    done: bool,
    events: u64,
    /// Pieces that count as progress and are not shown, e.g. of the code that a tool will run.
    unseen: u64,
    /// Pieces that were no JSON.
    skipped: u64,
}

impl Answer {
    pub(super) fn new(vendor: &Vendor) -> Self {
        Self { assembler: Assembler::new(vendor), ..Self::default() }
    }
}

impl Assemble for Answer {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let data = event.data.trim_ascii();
        // Some servers end the stream as chat completions do; the terminal event has come before that.
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        match serde_json::from_slice::<Event<'_>>(data) {
            Ok(parsed) => self.take(parsed, data, out),
            Err(_) => self.odd(data, event, out),
        }
    }

    /// One JSON document instead of a stream: a whole response, or an error.
    fn document(&mut self, bytes: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let text = readable(bytes);
        let body = text.trim();
        let response = match serde_json::from_str::<Response<'_>>(body) {
            Ok(response) => response,
            Err(e) if e.is_eof() => return Err(cut_off()),
            Err(_) => return Err(failure::instead(body.as_bytes())),
        };
        let is_one = response.items().is_some() || response.object.0 == "response";
        if !is_one {
            return Err(failure::instead(body.as_bytes()));
        }
        self.events += 1;
        self.conclude(&response, "", out)
    }

    /// The body ended without a terminal event. `strange` says that it had lines that belong to no event stream.
    fn end(&mut self, strange: bool, _out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        if self.events == 0 {
            return Err(if strange || self.skipped > 0 { unreadable() } else { empty() });
        }
        Err(cut_off())
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn events_seen(&self) -> u64 {
        self.events
    }

    fn progress_seen(&self) -> u64 {
        self.assembler.progress + self.unseen
    }

    fn content(&self) -> usize {
        self.assembler.content()
    }
}

impl Answer {
    /// The type inside the JSON counts; the name of the event repeats it, and proxies lose it. Items are told apart by
    /// their index: some vendors change an item's id from event to event.
    fn take(&mut self, event: Event<'_>, data: &[u8], out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let index = event.output_index.0.unwrap_or(self.index);
        let part = (index, event.content_index.0.or(event.summary_index.0).unwrap_or(0));
        let answer = &mut self.assembler;
        match &*event.kind.0 {
            "response.output_text.delta" => answer.words(part, Words::Text, event.delta, false, out),
            "response.output_text.done" => answer.words(part, Words::Text, event.text, true, out),
            "response.refusal.delta" => answer.words(part, Words::Refusal, event.delta, false, out),
            "response.refusal.done" => answer.words(part, Words::Refusal, event.refusal, true, out),
            "response.reasoning_summary_text.delta" => answer.thought(part, Thought::Summary, event.delta, false, out),
            "response.reasoning_summary_text.done" => answer.thought(part, Thought::Summary, event.text, true, out),
            "response.reasoning_text.delta" => answer.thought(part, Thought::Content, event.delta, false, out),
            "response.reasoning_text.done" => answer.thought(part, Thought::Content, event.text, true, out),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                answer.arguments(index, &event.delta.0, out);
            }
            "response.function_call_arguments.done" => answer.all_arguments(index, event.arguments, out),
            "response.output_text.annotation.added" => event.annotation.iter().for_each(|raw| answer.source(raw, out)),
            "response.output_item.added" => event.item.iter().for_each(|raw| answer.added(index, raw, out)),
            "response.output_item.done" => event.item.iter().for_each(|raw| answer.done(index, raw, out)),
            "response.created" | "response.in_progress" | "response.queued" => {
                answer.head(&response_of(event.response), out);
            }
            kind @ ("response.completed" | "response.incomplete" | "response.failed" | "response.cancelled") => {
                self.events += 1;
                let response = response_of(event.response);
                let response = Response { copilot_usage: event.copilot_usage.or(response.copilot_usage), ..response };
                return self.conclude(&response, kind.trim_start_matches("response."), out);
            }
            "error" => return Err(error(data)),
            _ if filled(event.error).is_some() => return Err(error(data)),
            // How far the vendor's own tools are; what they did comes with the end of their item.
            kind if kind.starts_with("response.") => {
                self.unseen += u64::from(!event.delta.0.is_empty() || kind.ends_with(".partial_image"));
            }
            // Signs of life, and whatever comes to be.
            _ => return Ok(()),
        }
        self.index = index;
        self.events += 1;
        Ok(())
    }

    /// Data that is not an event as it stands.
    #[cold]
    fn odd(&mut self, data: &[u8], event: SseEvent<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let taken = framing::odd(data, event, |text| {
            let parsed = serde_json::from_str::<Event<'_>>(text).ok()?;
            Some(self.take(parsed, text.as_bytes(), out))
        })?;
        self.skipped += u64::from(!taken && event.terminated);
        Ok(())
    }

    /// The end of an answer, with the whole of it. `told` is its status where it does not say that itself.
    fn conclude(&mut self, response: &Response<'_>, told: &str, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        self.assembler.head(response, out);
        if self.assembler.is_empty() {
            for (index, item) in (0..).zip(response.items().unwrap_or_default()) {
                self.assembler.done(index, item, out);
            }
        }
        self.assembler.usage(response, out);
        let status = response.status.some().unwrap_or(told);
        if let Some(raw) = filled(response.error) {
            return Err(failure::provider_error(None, &Facts::of_error(raw)));
        }
        if status == "failed" || told == "failed" {
            let message = "The vendor says that the answer failed, and not why";
            return Err(ProviderError::because(Category::Internal, "failed", message));
        }
        self.done = true;
        self.assembler.finish(status, response, self.skipped, out);
        Ok(())
    }
}

fn response_of(raw: Option<&RawValue>) -> Response<'_> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

fn error(text: &[u8]) -> ProviderError {
    failure::provider_error(None, &Facts::of_body(text))
}
