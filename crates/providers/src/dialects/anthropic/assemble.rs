//! Turns the events of a message into ours, one after the other.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{
    blocks::{CITATION, Call, Held, Open, REDACTED, SIGNATURE, opaque},
    sources::Sources,
    usage::Counts,
    wire::{Block, Delta, Message, StopDetails, filled},
};
use crate::{ChatEvent, FinishClass, loose::Text};

/// What a block counts towards the limit on an answer, beside its content: what it costs to keep it open.
const BLOCK_COST: usize = 512;

/// The state of one answer.
#[derive(Default)]
pub(crate) struct Assembler {
    started: bool,
    next_block: u32,
    /// By the wire's index.
    open: BTreeMap<u64, Open>,
    calls: Vec<Call>,
    sources: Sources,
    counts: Counts,
    reason: Option<String>,
    /// Bytes of the answer held or handed out, for the limit on a whole message.
    content: usize,
    pub(crate) progress: u64,
}

impl Assembler {
    /// True once the vendor said why it stopped.
    pub(crate) fn has_reason(&self) -> bool {
        self.reason.is_some()
    }

    /// Bytes of content so far.
    pub(crate) fn content(&self) -> usize {
        self.content
    }

    /// Takes the head of a message: who answers, and the counts so far.
    pub(crate) fn message(&mut self, message: &Message<'_>, out: &mut Vec<ChatEvent>) {
        let own = |text: &Text<'_>| text.some().map(str::to_owned);
        let (id, model) = (own(&message.id), own(&message.model));
        if !self.started && (id.is_some() || model.is_some()) {
            self.started = true;
            out.push(ChatEvent::Started { id, model });
        }
        self.usage(message.usage, out);
    }

    /// Takes counts. The last ones hold.
    pub(crate) fn usage(&mut self, raw: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        if raw.is_some_and(|raw| self.counts.take(raw.get())) {
            out.push(ChatEvent::Usage(self.counts.usage()));
        }
    }

    /// A block begins.
    pub(crate) fn start(&mut self, index: u64, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let Ok(begun) = serde_json::from_str::<Block<'_>>(raw.get()) else { return };
        let block = self.new_block(index, out);
        let open = match &*begun.kind.0 {
            "text" => Open::Text { block, any: false, citations: Vec::new() },
            "thinking" => Open::Thinking { block, signature: None },
            "redacted_thinking" => {
                self.note(raw.get().len());
                out.push(opaque(block, REDACTED, raw.get().to_owned()));
                Open::Closed
            }
            "tool_use" => self.call(block, &begun, out),
            kind => self.held(block, kind, &begun, raw),
        };
        let (texts, thinks) = (matches!(open, Open::Text { .. }), matches!(open, Open::Thinking { .. }));
        self.open.insert(index, open);
        if texts {
            self.text(index, begun.text, out);
            let citations = begun.citations.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
            for citation in citations.into_iter().flatten() {
                self.citation(index, citation, out);
            }
        } else if thinks {
            self.thinking(index, begun.thinking, out);
            self.signature(index, begun.signature);
        }
    }

    fn call(&mut self, block: u32, begun: &Block<'_>, out: &mut Vec<ChatEvent>) -> Open {
        let id = begun.id.some().map_or_else(|| format!("call_{block}"), str::to_owned);
        // Nobody can make a call that names no tool.
        let Some(name) = begun.name.some().map(str::to_owned) else { return Open::Closed };
        self.note(id.len() + name.len() + begun.input.map_or(0, |i| i.get().len()));
        self.calls.push(Call::start(block, id, name, begun.input, begun.caller, out));
        Open::Call(self.calls.len() - 1)
    }

    /// A block without a kind says nothing; any other is kept whole.
    fn held(&mut self, block: u32, kind: &str, begun: &Block<'_>, raw: &RawValue) -> Open {
        if kind.is_empty() {
            return Open::Closed;
        }
        self.note(raw.get().len());
        let name = begun.name.some().unwrap_or(kind).to_owned();
        Open::Held(Held { block, name, raw: raw.get().to_owned(), input: String::new(), content: None })
    }

    /// Takes a delta of a block.
    pub(crate) fn delta(&mut self, index: u64, delta: Delta<'_>, out: &mut Vec<ChatEvent>) {
        match &*delta.kind.0 {
            "text_delta" => self.text(index, delta.text, out),
            "thinking_delta" => self.thinking(index, delta.thinking, out),
            "signature_delta" => self.signature(index, delta.signature),
            "input_json_delta" => self.input(index, delta.partial_json, out),
            "citations_delta" => {
                if let Some(citation) = delta.citation {
                    self.citation(index, citation, out);
                }
            }
            "compaction_delta" => {
                if let (Some(Open::Held(held)), Some(content)) = (self.open.get_mut(&index), delta.content) {
                    held.content = Some(content.get().to_owned());
                    self.note(content.get().len());
                }
            }
            // New kinds may come at any time.
            _ => {}
        }
    }

    fn text(&mut self, index: u64, text: Text<'_>, out: &mut Vec<ChatEvent>) {
        if text.0.is_empty() {
            return;
        }
        self.note(text.0.len());
        let text = text.0.into_owned();
        if let Some(Open::Text { block, any, .. }) = self.open.get_mut(&index) {
            *any = true;
            return out.push(ChatEvent::TextDelta { block: *block, text });
        }
        // Some servers forget the beginning of a block, or change its kind under way.
        let block = self.new_block(index, out);
        self.open.insert(index, Open::Text { block, any: true, citations: Vec::new() });
        out.push(ChatEvent::TextDelta { block, text });
    }

    fn thinking(&mut self, index: u64, text: Text<'_>, out: &mut Vec<ChatEvent>) {
        if text.0.is_empty() {
            return;
        }
        self.note(text.0.len());
        let text = text.0.into_owned();
        if let Some(Open::Thinking { block, .. }) = self.open.get_mut(&index) {
            return out.push(ChatEvent::ReasoningDelta { block: *block, text });
        }
        let block = self.new_block(index, out);
        self.open.insert(index, Open::Thinking { block, signature: None });
        out.push(ChatEvent::ReasoningDelta { block, text });
    }

    fn signature(&mut self, index: u64, raw: Option<&RawValue>) {
        if let (Some(Open::Thinking { signature, .. }), Some(raw)) = (self.open.get_mut(&index), filled(raw)) {
            *signature = Some(raw.to_owned());
            self.note(raw.len());
        }
    }

    fn input(&mut self, index: u64, json: Text<'_>, out: &mut Vec<ChatEvent>) {
        if json.0.is_empty() {
            return;
        }
        self.note(json.0.len());
        match self.open.get_mut(&index) {
            Some(Open::Call(at)) => {
                if let Some(call) = self.calls.get_mut(*at) {
                    call.push(json.0.into_owned(), out);
                }
            }
            Some(Open::Held(held)) => held.input.push_str(&json.0),
            // Arguments without a name are nobody's.
            _ => {}
        }
    }

    fn citation(&mut self, index: u64, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        self.note(raw.get().len());
        if self.sources.push(raw.get(), out)
            && let Some(Open::Text { citations, .. }) = self.open.get_mut(&index)
        {
            citations.push(raw.get().to_owned());
        }
    }

    /// A block ends.
    pub(crate) fn stop(&mut self, index: u64, out: &mut Vec<ChatEvent>) {
        match self.open.remove(&index) {
            Some(Open::Text { block, any: true, citations }) => {
                out.extend(citations.into_iter().map(|json| opaque(block, CITATION, json)));
            }
            Some(Open::Thinking { block, signature: Some(json) }) => out.push(opaque(block, SIGNATURE, json)),
            Some(Open::Call(at)) => {
                if let Some(call) = self.calls.get_mut(at) {
                    call.stop(out);
                }
            }
            Some(Open::Held(held)) => held.end(out),
            Some(Open::Text { .. } | Open::Thinking { .. } | Open::Closed) | None => {}
        }
    }

    /// A new block takes an index; one that had it ends.
    fn new_block(&mut self, index: u64, out: &mut Vec<ChatEvent>) -> u32 {
        self.stop(index, out);
        self.content += BLOCK_COST;
        let block = self.next_block;
        self.next_block += 1;
        block
    }

    fn note(&mut self, bytes: usize) {
        self.content += bytes;
        self.progress += 1;
    }

    /// Why the message ends.
    pub(crate) fn ends(&mut self, reason: &Text<'_>, details: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        let Some(reason) = reason.some() else { return };
        if self.reason.replace(reason.to_owned()).is_some() {
            return;
        }
        let said = filled(details).and_then(|d| serde_json::from_str::<StopDetails<'_>>(d).ok());
        if let Some(words) = said.as_ref().and_then(|d| d.explanation.some())
            && reason == "refusal"
        {
            let block = self.next_block;
            self.next_block += 1;
            self.note(words.len());
            out.push(ChatEvent::RefusalDelta { block, text: words.to_owned() });
        }
    }

    /// Closes the answer.
    pub(crate) fn finish(&mut self, skipped: u64, out: &mut Vec<ChatEvent>) {
        // A call whose end was not told must not look whole.
        self.open.retain(|_, open| !matches!(open, Open::Call(_)));
        while let Some(index) = self.open.keys().next().copied() {
            self.stop(index, out);
        }
        let reason = self.reason.take();
        let class = self.class(reason.as_deref());
        for call in &mut self.calls {
            call.end(class == FinishClass::Length, out);
        }
        if skipped > 0 {
            let message = format!("{skipped} pieces of the stream could not be read");
            out.push(ChatEvent::Warning { code: "unreadable_data", message });
        }
        out.push(ChatEvent::Finished { class, reason });
    }

    fn class(&self, reason: Option<&str>) -> FinishClass {
        let stated = match reason.unwrap_or_default() {
            "end_turn" | "stop_sequence" => FinishClass::Stop,
            "max_tokens" | "model_context_window_exceeded" => FinishClass::Length,
            "tool_use" => FinishClass::ToolCalls,
            "pause_turn" | "compaction" => FinishClass::Pause,
            "refusal" => FinishClass::Refusal,
            _ => FinishClass::Other,
        };
        match stated {
            FinishClass::Stop | FinishClass::Other if !self.calls.is_empty() => FinishClass::ToolCalls,
            stated => stated,
        }
    }
}
