//! Turns lines into events, one after the other.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::wire::{Line, Message, ToolCall};
use crate::{
    ChatEvent, FinishClass, ProviderError, Usage,
    chat::MediaSource,
    failure::{self, Facts},
    loose::Text,
};

/// What a call or an image counts towards the limit on an answer, beside its bytes: a thousand fill one.
const ITEM_COST: usize = 32 << 10;

/// What kind of block text is being appended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
}

/// The state of one answer.
#[derive(Default)]
pub(super) struct Assembler {
    started: bool,
    /// The digits of the time at which the answer began, to make ids of.
    stamp: String,
    next_block: u32,
    open: Option<(Kind, u32)>,
    /// Blocks of calls, which end with the answer: those of an answer that breaks off must not be made.
    calls: Vec<u32>,
    usage: Usage,
    pub(super) done: bool,
    /// Bytes of the answer handed out, for the limit on a whole message.
    pub(super) content: usize,
    pub(super) events: u64,
    pub(super) progress: u64,
}

impl Assembler {
    /// Takes a line, or a whole answer, and its text. Events come out also when an error follows them. `skipped` is
    /// how many lines could not be read so far.
    pub(super) fn line(
        &mut self,
        line: &Line<'_>,
        text: &[u8],
        skipped: u64,
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), ProviderError> {
        if line.message.is_some() || line.done.is_some() || line.error.is_some() {
            self.events += 1;
        }
        if let Some(model) = line.model.some().filter(|_| !self.started) {
            self.started = true;
            self.stamp = line.created_at.0.chars().filter(char::is_ascii_digit).take(32).collect();
            out.push(ChatEvent::Started { id: None, model: Some(model.to_owned()) });
        }
        if let Some(message) = &line.message {
            self.message(message, out)?;
        }
        self.count(line, out);
        if line.error.is_some_and(means_error) {
            return Err(failure::provider_error(None, &Facts::of_body(text)));
        }
        if line.done.is_some_and(|done| done.get() == "true") {
            self.finish(line, skipped, out);
        }
        Ok(())
    }

    fn message(&mut self, message: &Message<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        self.append(Kind::Reasoning, &message.thinking.0, out);
        self.append(Kind::Text, &message.content.0, out);
        for call in message.tool_calls.map(list::<ToolCall<'_>>).unwrap_or_default() {
            self.call(&call, out)?;
        }
        for image in message.images.map(list::<Text<'_>>).unwrap_or_default() {
            self.image(&image.0, out);
        }
        Ok(())
    }

    fn append(&mut self, kind: Kind, text: &str, out: &mut Vec<ChatEvent>) {
        if text.is_empty() {
            return;
        }
        let block = match self.open {
            Some((open, block)) if open == kind => block,
            _ => {
                let block = self.block();
                self.open = Some((kind, block));
                block
            }
        };
        self.content += text.len();
        self.progress += 1;
        let text = text.to_owned();
        out.push(match kind {
            Kind::Text => ChatEvent::TextDelta { block, text },
            Kind::Reasoning => ChatEvent::ReasoningDelta { block, text },
        });
    }

    fn block(&mut self) -> u32 {
        self.open = None;
        self.next_block += 1;
        self.next_block - 1
    }

    fn call(&mut self, call: &ToolCall<'_>, out: &mut Vec<ChatEvent>) -> Result<(), ProviderError> {
        let Some(function) = &call.function else { return Ok(()) };
        let Some(name) = function.name.some() else { return Ok(()) };
        let id = match call.id.some() {
            Some(id) => id.to_owned(),
            None => format!("call_{}_{}", self.stamp, self.calls.len()),
        };
        let arguments = arguments(function.arguments)?;
        self.content += ITEM_COST + arguments.len();
        self.progress += 1;
        let block = self.block();
        self.calls.push(block);
        out.push(ChatEvent::ToolCallStart { block, id, name: name.to_owned() });
        out.push(ChatEvent::ToolCallDelta { block, arguments });
        Ok(())
    }

    fn image(&mut self, coded: &str, out: &mut Vec<ChatEvent>) {
        let Ok(data) = STANDARD.decode(coded.trim()) else { return };
        self.content += ITEM_COST + data.len();
        self.progress += 1;
        let media_type = image_type(&data).map(str::to_owned);
        out.push(ChatEvent::Media { block: self.block(), media_type, source: MediaSource::Inline(data) });
    }

    /// A count that is nought is left out by the wire, so that none reads as unknown.
    fn count(&mut self, line: &Line<'_>, out: &mut Vec<ChatEvent>) {
        if line.prompt_eval_count.0.is_none() && line.eval_count.0.is_none() {
            return;
        }
        self.usage.input_total = line.prompt_eval_count.0.or(self.usage.input_total);
        self.usage.output_total = line.eval_count.0.or(self.usage.output_total);
        out.push(ChatEvent::Usage(self.usage));
    }

    fn finish(&mut self, line: &Line<'_>, skipped: u64, out: &mut Vec<ChatEvent>) {
        self.done = true;
        out.extend(self.calls.iter().map(|&block| ChatEvent::ToolCallEnd { block }));
        if skipped > 0 {
            let message = format!("{skipped} pieces of the stream could not be read");
            out.push(ChatEvent::Warning { code: "unreadable_data", message });
        }
        let reason = line.done_reason.some().map(str::to_owned);
        let class = match reason.as_deref() {
            Some("length") => FinishClass::Length,
            Some("stop") | None if self.calls.is_empty() => FinishClass::Stop,
            _ if !self.calls.is_empty() => FinishClass::ToolCalls,
            // `load` and `unload` answer requests without messages.
            _ => FinishClass::Other,
        };
        out.push(ChatEvent::Finished { class, reason });
    }
}

/// The items of a list; what is none, or holds something else, has none.
fn list<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Vec<T> {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// The JSON text of the arguments: an object as it stands, the inside of a string, or nothing at all.
fn arguments(raw: Option<&RawValue>) -> Result<String, ProviderError> {
    let Some(text) = raw.map(RawValue::get) else { return Ok("{}".to_owned()) };
    // Whoever makes the call parses it; what is nested too deep for that is no answer.
    match serde_json::from_str::<Value>(text).map_err(|_| failure::unreadable())? {
        Value::Null => Ok("{}".to_owned()),
        Value::String(inner) if inner.trim().is_empty() => Ok("{}".to_owned()),
        Value::String(inner) => Ok(inner),
        _ => Ok(text.to_owned()),
    }
}

fn means_error(raw: &RawValue) -> bool {
    !matches!(raw.get(), "null" | "\"\"" | "{}" | "false" | "0")
}

/// The kind of an image by its first bytes: the wire does not say.
fn image_type(data: &[u8]) -> Option<&'static str> {
    match data {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
