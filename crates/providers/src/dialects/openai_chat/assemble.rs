//! Turns chunks into events, one after the other.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    details::{self, Details},
    media,
    sources::Sources,
    think::Think,
    tools::Calls,
    usage,
    wire::{Choice, Chunk, Content, Delta},
};
use crate::{
    Category, ChatEvent, FinishClass, OpaqueData, ProviderError, Usage,
    catalog::{Quirk, Vendor},
    dialects::metered::Meter,
    failure::{self, Facts},
};

/// What kind of block text is being appended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Refusal,
}

/// Where readable reasoning comes from. A vendor that fills several fields says the same in each, so the first one
/// seen stays the only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReasoningField {
    ReasoningContent,
    Reasoning,
    ReasoningText,
    Details,
}

/// The state of one answer.
pub(super) struct Assembler {
    started: bool,
    answer_id: String,
    next_block: u32,
    open: Option<(Kind, u32)>,
    reasoning_block: Option<u32>,
    reasoning_field: Option<ReasoningField>,
    think: Option<Think>,
    calls: Calls,
    details: Details,
    sources: Sources,
    usage: Usage,
    reason: Option<String>,
    /// Bytes of the answer held or handed out, for the limit on a whole message.
    content: usize,
    outside: bool,
    many_choices: bool,
    meter: Meter,
    pub(super) events: u64,
    pub(super) progress: u64,
}

impl Assembler {
    pub(super) fn new(vendor: &Vendor) -> Self {
        Self {
            started: false,
            answer_id: String::new(),
            next_block: 0,
            open: None,
            reasoning_block: None,
            reasoning_field: None,
            think: vendor.has(Quirk::ThinkTags).then(Think::default),
            calls: Calls::default(),
            details: Details::default(),
            sources: Sources::default(),
            usage: Usage::default(),
            reason: None,
            content: 0,
            outside: vendor.has(Quirk::ReasoningOutsideCompletion),
            many_choices: vendor.has(Quirk::ManyChoices),
            meter: Meter::of(vendor),
            events: 0,
            progress: 0,
        }
    }

    /// True once the vendor said why it stopped.
    pub(super) fn has_reason(&self) -> bool {
        self.reason.is_some()
    }

    /// Bytes of content so far.
    pub(super) fn content(&self) -> usize {
        self.content
    }

    /// Takes a chunk, or a whole completion, and its text. Events come out also when an error follows them.
    pub(super) fn chunk(
        &mut self,
        chunk: &Chunk<'_>,
        text: &[u8],
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), ProviderError> {
        if chunk.choices.is_some() || chunk.usage.is_some() || chunk.x_groq.is_some() || chunk.error.is_some() {
            self.events += 1;
        }
        self.start(chunk, out);
        let choices = chunk.choices.as_ref();
        let others = choices.filter(|_| self.many_choices).map(|c| c.1.as_slice()).unwrap_or_default();
        let nothing_yet = self.content == 0;
        for choice in choices.and_then(|c| c.0.as_ref()).into_iter().chain(others) {
            self.choice(choice, nothing_yet, out);
        }
        if let Some(raw) = chunk.usage {
            self.usage(raw, out);
        }
        if let Some(raw) = chunk.copilot_usage {
            self.metered(raw, out);
        }
        if let Some(raw) = chunk.copilot_errors.filter(|_| choices.is_none()) {
            warn(raw, out);
        }
        if chunk.citations.is_some() || chunk.search_results.is_some() {
            self.sources.lists(chunk.citations, chunk.search_results);
        }
        let stopped = chunk.x_groq.and_then(|raw| self.groq(raw, out));
        if is_error(chunk) {
            return Err(failure::provider_error(None, &Facts::of_body(text)));
        }
        match stopped {
            Some(error) => Err(error),
            None => self.failed(),
        }
    }

    fn start(&mut self, chunk: &Chunk<'_>, out: &mut Vec<ChatEvent>) {
        if self.started || chunk.id.0.is_empty() && chunk.model.0.is_empty() {
            return;
        }
        self.started = true;
        self.answer_id.push_str(&chunk.id.0);
        let own = |t: Option<&str>| t.map(str::to_owned);
        out.push(ChatEvent::Started { id: own(chunk.id.some()), model: own(chunk.model.some()) });
    }

    /// `nothing_yet` says that the answer was empty before this chunk.
    fn choice(&mut self, choice: &Choice<'_>, nothing_yet: bool, out: &mut Vec<ChatEvent>) {
        match (&choice.delta, &choice.message) {
            // A whole message beside or after deltas repeats them (Perplexity).
            (None, Some(message)) if nothing_yet => self.delta(message, out),
            (Some(delta), Some(message)) if nothing_yet && delta.is_empty() => self.delta(message, out),
            (Some(delta), _) => self.delta(delta, out),
            _ => {}
        }
        if let Some(reason) = choice.finish_reason.some() {
            self.reason = Some(reason.to_owned());
        }
        if let Some(raw) = choice.usage {
            self.usage(raw, out);
        }
    }

    fn delta(&mut self, delta: &Delta<'_>, out: &mut Vec<ChatEvent>) {
        self.reasoning_of(delta, out);
        match &delta.content {
            Content::Absent => {}
            Content::Text(text) => self.content_text(text, out),
            Content::Parts(parts) => {
                for part in parts {
                    self.part(part, out);
                }
            }
        }
        self.append(Kind::Refusal, &delta.refusal.0, out);
        if let Some(raw) = delta.images {
            self.images(raw, out);
        }
        if let Some(raw) = delta.annotations {
            self.sources.annotations(raw);
        }
        for call in delta.tool_calls.iter().flatten() {
            self.open = None;
            self.progress += 1;
            self.content += self.calls.push(call, &self.answer_id, &mut self.next_block, out);
        }
        if let Some(function) = &delta.function_call {
            self.open = None;
            self.progress += 1;
            self.content += self.calls.push_legacy(function, &self.answer_id, &mut self.next_block, out);
        }
    }

    fn reasoning_of(&mut self, delta: &Delta<'_>, out: &mut Vec<ChatEvent>) {
        let plain = [
            (ReasoningField::ReasoningContent, delta.reasoning_content.some()),
            (ReasoningField::Reasoning, delta.reasoning.some()),
            (ReasoningField::ReasoningText, delta.reasoning_text.some()),
        ];
        for (field, text) in plain {
            if let Some(text) = text
                && *self.reasoning_field.get_or_insert(field) == field
            {
                self.append(Kind::Reasoning, text, out);
            }
        }
        if let Some(raw) = delta.reasoning_opaque.filter(|raw| raw.get().len() > 2 && raw.get().starts_with('"')) {
            let block = self.reasoning_block.unwrap_or_else(|| self.new_block(Kind::Reasoning));
            self.content += raw.get().len();
            self.progress += 1;
            let data = OpaqueData { kind: details::OPAQUE.to_owned(), json: raw.get().to_owned() };
            out.push(ChatEvent::Opaque { block, data });
        }
        let Some(raw) = delta.reasoning_details else { return };
        if raw.get().len() <= 2 {
            return;
        }
        if self.reasoning_field.is_none_or(|f| f == ReasoningField::Details)
            && let Some(text) = details::readable(raw)
        {
            self.reasoning_field = Some(ReasoningField::Details);
            self.append(Kind::Reasoning, &text, out);
        }
        let block = self.reasoning_block.unwrap_or_else(|| self.new_block(Kind::Reasoning));
        self.content += self.details.push(raw, block, out);
        self.progress += 1;
    }

    fn content_text(&mut self, text: &str, out: &mut Vec<ChatEvent>) {
        let Some(mut think) = self.think.take() else { return self.append(Kind::Text, text, out) };
        think.push(text, &mut |is_reasoning, piece| {
            self.append(if is_reasoning { Kind::Reasoning } else { Kind::Text }, piece, out);
        });
        self.think = Some(think);
    }

    fn part(&mut self, part: &super::wire::ContentPart<'_>, out: &mut Vec<ChatEvent>) {
        match &*part.kind.0 {
            "thinking" | "reasoning" => match &part.thinking {
                Content::Text(text) => self.append(Kind::Reasoning, text, out),
                Content::Parts(parts) => {
                    for inner in parts {
                        self.append(Kind::Reasoning, &inner.text.0, out);
                    }
                }
                Content::Absent => self.append(Kind::Reasoning, &part.text.0, out),
            },
            "image_url" => self.media(&part.image_url.0.0, out),
            _ => self.append(Kind::Text, &part.text.0, out),
        }
    }

    fn append(&mut self, kind: Kind, text: &str, out: &mut Vec<ChatEvent>) {
        if text.is_empty() {
            return;
        }
        let block = match self.open {
            Some((open, block)) if open == kind => block,
            _ => self.new_block(kind),
        };
        self.content += text.len();
        self.progress += 1;
        let text = text.to_owned();
        out.push(match kind {
            Kind::Text => ChatEvent::TextDelta { block, text },
            Kind::Reasoning => ChatEvent::ReasoningDelta { block, text },
            Kind::Refusal => ChatEvent::RefusalDelta { block, text },
        });
    }

    fn new_block(&mut self, kind: Kind) -> u32 {
        let block = self.next_block;
        self.next_block += 1;
        self.open = Some((kind, block));
        if kind == Kind::Reasoning {
            self.reasoning_block = Some(block);
        }
        block
    }

    fn images(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Ok(images) = serde_json::from_str::<Vec<super::wire::ContentPart<'_>>>(raw.get()) else { return };
        for image in images {
            self.media(&image.image_url.0.0, out);
        }
    }

    fn media(&mut self, address: &str, out: &mut Vec<ChatEvent>) {
        if let Some(event) = media::event(self.next_block, address) {
            self.next_block += 1;
            self.open = None;
            self.content += address.len();
            self.progress += 1;
            out.push(event);
        }
    }

    fn usage(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Some(reading) = usage::read(raw.get(), self.outside) else { return };
        self.usage = usage::merge(self.usage, reading.usage);
        out.push(ChatEvent::Usage(self.usage));
        if let Some((nano_usd, raw)) = reading.cost {
            out.push(ChatEvent::ReportedCost { nano_usd, raw });
        }
    }

    /// What Copilot charged for, and how much.
    fn metered(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let metered = self.meter.read(Some(raw));
        let usage = metered.over(self.usage);
        if usage != self.usage {
            self.usage = usage;
            out.push(ChatEvent::Usage(usage));
        }
        out.extend(metered.cost.map(|(nano_usd, raw)| ChatEvent::ReportedCost { nano_usd, raw }));
    }

    /// Groq's extra object: usage on the last chunk, and a text that tells why a stream stopped early.
    fn groq(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) -> Option<ProviderError> {
        #[derive(Deserialize)]
        struct Groq<'a> {
            #[serde(borrow, default)]
            usage: Option<&'a RawValue>,
            #[serde(borrow, default)]
            error: Option<&'a RawValue>,
        }
        let groq: Groq<'_> = serde_json::from_str(raw.get()).ok()?;
        if let Some(usage) = groq.usage {
            self.usage(usage, out);
        }
        groq.error.filter(|e| means_error(e)).map(|e| failure::provider_error(None, &Facts::of_error(e.get())))
    }

    /// A finish reason that is a failure.
    fn failed(&self) -> Result<(), ProviderError> {
        let Some(reason) = self.reason.as_deref() else { return Ok(()) };
        let category = match reason {
            "error" | "network_error" => Category::Internal,
            "insufficient_system_resource" => Category::Overloaded,
            "model_context_window_exceeded" if self.content == 0 => Category::ContextTooLong,
            _ => return Ok(()),
        };
        let message = format!("The vendor ended the answer with `{reason}`");
        Err(ProviderError {
            code: Some(reason.to_owned()),
            ..ProviderError::because(category, "finish_reason", message)
        })
    }

    /// Closes the answer: what was held back, then the terminal event.
    pub(super) fn finish(&mut self, skipped: u64, out: &mut Vec<ChatEvent>) {
        if let Some(mut think) = self.think.take() {
            think.end(&mut |is_reasoning, piece| {
                self.append(if is_reasoning { Kind::Reasoning } else { Kind::Text }, piece, out);
            });
        }
        self.details.end(out);
        let reason = self.reason.take();
        let class = self.class(reason.as_deref());
        let nameless = self.calls.end(class == FinishClass::Length, out);
        self.sources.end(out);
        if nameless > 0 {
            let message = format!("{nameless} tool calls came without a name");
            out.push(ChatEvent::Warning { code: "nameless_tool_call", message });
        }
        if skipped > 0 {
            let message = format!("{skipped} pieces of the stream could not be read");
            out.push(ChatEvent::Warning { code: "unreadable_data", message });
        }
        out.push(ChatEvent::Finished { class, reason });
    }

    fn class(&self, reason: Option<&str>) -> FinishClass {
        let stated = match reason.unwrap_or_default() {
            "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" => FinishClass::Stop,
            "length" | "max_tokens" | "model_length" | "model_context_window_exceeded" => FinishClass::Length,
            "tool_calls" | "function_call" | "tool_use" => FinishClass::ToolCalls,
            "content_filter" | "sensitive" => FinishClass::ContentFilter,
            "refusal" => FinishClass::Refusal,
            _ => FinishClass::Other,
        };
        match stated {
            FinishClass::Stop | FinishClass::Other if self.calls.any() => FinishClass::ToolCalls,
            stated => stated,
        }
    }
}

impl Delta<'_> {
    fn is_empty(&self) -> bool {
        let no_text = match &self.content {
            Content::Absent => true,
            Content::Text(text) => text.is_empty(),
            Content::Parts(parts) => parts.is_empty(),
        };
        no_text && self.tool_calls.is_none() && self.function_call.is_none() && self.refusal.0.is_empty()
    }
}

/// Whether a chunk is an error: an `error` field that means it, or one of the flat shapes without one
/// (`{"object":"error",…}`, `{"message":…,"code":…}`, `{"detail":…}`).
fn is_error(chunk: &Chunk<'_>) -> bool {
    if chunk.error.is_some_and(means_error) {
        return true;
    }
    let no_answer = chunk.choices.is_none() && chunk.usage.is_none();
    let words = chunk.message.or(chunk.detail);
    no_answer && (chunk.object.0 == "error" || words.is_some_and(|w| w.get().starts_with(['"', '['])))
}

/// Failures beside the model, which goes on without what failed.
fn warn(raw: &RawValue, out: &mut Vec<ChatEvent>) {
    let failures = serde_json::from_str::<Vec<&RawValue>>(raw.get()).unwrap_or_default();
    let words = failures.into_iter().filter_map(|failure| Facts::of_error(failure.get()).message);
    out.extend(words.map(|message| ChatEvent::Warning { code: "vendor_warning", message }));
}

fn means_error(raw: &RawValue) -> bool {
    !matches!(raw.get(), "null" | "\"\"" | "{}" | "false" | "0")
}
