//! The state of one answer: which blocks are open, and what they became.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    blocks::{Call, Held, Open, REDACTED, SIGNATURE, decoded, joined, opaque, picture},
    usage::usage,
    wire::{Block, Cited, Delta, Image, Reasoning, Tool, filled, read},
};
use crate::{ChatEvent, FinishClass, loose::Text};

/// What a block counts towards the limit on an answer, beside its content: what it costs to keep it open.
const BLOCK_COST: usize = 512;
/// The kind of a call that the vendor answers itself.
const SERVER: &str = "server_tool_use";

/// The state of one answer.
#[derive(Default)]
pub(super) struct Assembler {
    next_block: u32,
    /// By the wire's index.
    open: BTreeMap<u64, Open>,
    calls: Vec<Call>,
    reason: Option<String>,
    /// Bytes of the answer held or handed out, for the limit on a whole message.
    pub(super) content: usize,
    pub(super) progress: u64,
}

impl Assembler {
    /// True once the vendor said why it stopped.
    pub(super) fn has_reason(&self) -> bool {
        self.reason.is_some()
    }

    /// Takes counts. The last ones hold.
    pub(super) fn usage(&mut self, raw: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        out.extend(filled(raw).and_then(usage).map(ChatEvent::Usage));
    }

    /// A block begins, or is there as a whole.
    pub(super) fn start(&mut self, index: u64, begun: &Block<'_>, out: &mut Vec<ChatEvent>) {
        if let Some(raw) = begun.tool_use {
            self.tool(index, raw, out);
        } else if let Some(raw) = begun.tool_result {
            let result: Tool<'_> = read(Some(raw));
            let name = result.kind.some().unwrap_or("toolResult").to_owned();
            self.hold(index, "toolResult", name, raw, out);
        } else if let Some(raw) = begun.image {
            let image: Image<'_> = read(Some(raw));
            self.image(index, &image, out);
        } else if let Some(raw) = begun.citations_content {
            self.cited(index, &read(Some(raw)), out);
        } else if let Some(raw) = begun.reasoning_content {
            self.reasoning(index, &read(Some(raw)), out);
        } else {
            self.text(index, &begun.text, out);
        }
    }

    fn tool(&mut self, index: u64, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let begun: Tool<'_> = read(Some(raw));
        if begun.kind.0 == SERVER {
            let name = begun.name.some().unwrap_or("toolUse").to_owned();
            return self.hold(index, "toolUse", name, raw, out);
        }
        let block = self.new_block(index, out);
        // Nobody can make a call that names no tool.
        let Some(name) = begun.name.some().map(str::to_owned) else {
            self.open.insert(index, Open::Closed);
            return;
        };
        let id = begun.tool_use_id.some().map_or_else(|| format!("call_{block}"), str::to_owned);
        self.note(id.len() + name.len());
        let mut call = Call::start(block, id, name, out);
        if let Some(input) = filled(begun.input) {
            self.note(input.len());
            call.push(input.to_owned(), out);
        }
        self.calls.push(call);
        self.open.insert(index, Open::Call(self.calls.len() - 1));
    }

    fn hold(&mut self, index: u64, kind: &'static str, name: String, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        let block = self.new_block(index, out);
        self.note(raw.get().len());
        let held = Held { block, kind, name, raw: raw.get().to_owned(), input: String::new(), content: Vec::new() };
        self.open.insert(index, Open::Held(held));
    }

    /// Takes more of a block. One of text or of reasoning begins with it.
    pub(super) fn delta(&mut self, index: u64, delta: Delta<'_>, out: &mut Vec<ChatEvent>) {
        if !delta.text.0.is_empty() {
            self.text(index, &delta.text, out);
        }
        if let Some(raw) = delta.reasoning_content {
            self.reasoning(index, &read(Some(raw)), out);
        }
        if let Some(raw) = delta.tool_use {
            let piece: Tool<'_> = read(Some(raw));
            let input: Text<'_> = read(piece.input);
            self.input(index, input, out);
        }
        if let Some(raw) = delta.tool_result {
            self.result(index, raw);
        }
        if let Some(raw) = delta.citation {
            self.note(raw.get().len());
            citation(raw, out);
        }
        if let Some(raw) = delta.image {
            self.image(index, &read(Some(raw)), out);
        }
    }

    fn text(&mut self, index: u64, text: &Text<'_>, out: &mut Vec<ChatEvent>) {
        let Some(text) = text.some().map(str::to_owned) else { return };
        self.note(text.len());
        if let Some(Open::Text { block }) = self.open.get(&index) {
            return out.push(ChatEvent::TextDelta { block: *block, text });
        }
        let block = self.new_block(index, out);
        self.open.insert(index, Open::Text { block });
        out.push(ChatEvent::TextDelta { block, text });
    }

    fn reasoning(&mut self, index: u64, said: &Reasoning<'_>, out: &mut Vec<ChatEvent>) {
        if let Some(raw) = said.reasoning_text {
            // Of a whole answer: the text and its signature, one object deeper.
            let inner: Reasoning<'_> = read(Some(raw));
            if inner.reasoning_text.is_none() {
                self.reasoning(index, &inner, out);
            }
            return;
        }
        let (text, signature) = (said.text.some(), filled(said.signature));
        let redacted = filled(said.redacted_content);
        if text.is_none() && signature.is_none() && redacted.is_none() {
            return;
        }
        self.note([text, signature, redacted].into_iter().flatten().map(str::len).sum());
        let block = match self.open.get(&index) {
            Some(Open::Reasoning { block, .. }) => *block,
            _ => {
                let block = self.new_block(index, out);
                self.open.insert(index, Open::Reasoning { block, signature: Vec::new() });
                block
            }
        };
        if let Some(text) = text {
            out.push(ChatEvent::ReasoningDelta { block, text: text.to_owned() });
        }
        if let (Some(piece), Some(Open::Reasoning { signature, .. })) = (signature, self.open.get_mut(&index)) {
            signature.push(piece.to_owned());
        }
        if let Some(redacted) = redacted {
            out.push(opaque(block, REDACTED, redacted.to_owned()));
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

    /// More of the result of a tool that the vendor ran: a list of pieces.
    fn result(&mut self, index: u64, raw: &RawValue) {
        let pieces = serde_json::from_str::<Vec<&RawValue>>(raw.get()).unwrap_or_default();
        self.note(raw.get().len());
        if let Some(Open::Held(held)) = self.open.get_mut(&index) {
            held.content.extend(pieces.into_iter().map(|piece| piece.get().to_owned()));
        }
    }

    fn image(&mut self, index: u64, image: &Image<'_>, out: &mut Vec<ChatEvent>) {
        self.note(image.source.bytes.0.len());
        let piece = decoded(&image.source.bytes.0);
        if let Some(Open::Image { data, .. }) = self.open.get_mut(&index) {
            return data.extend_from_slice(&piece);
        }
        let block = self.new_block(index, out);
        let media_type = format!("image/{}", image.format.some().unwrap_or("png"));
        self.open.insert(index, Open::Image { block, media_type, data: piece });
    }

    /// Text with its sources, as a whole answer has it.
    fn cited(&mut self, index: u64, cited: &Cited<'_>, out: &mut Vec<ChatEvent>) {
        let texts: Vec<Block<'_>> = read(cited.content);
        for text in texts {
            self.text(index, &text.text, out);
        }
        let citations: Vec<&RawValue> =
            cited.citations.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        for raw in citations {
            self.note(raw.get().len());
            citation(raw, out);
        }
    }

    /// A block ends.
    pub(super) fn stop(&mut self, index: u64, out: &mut Vec<ChatEvent>) {
        match self.open.remove(&index) {
            Some(Open::Reasoning { block, signature }) => {
                out.extend(joined(signature).map(|json| opaque(block, SIGNATURE, json)));
            }
            Some(Open::Call(at)) => {
                if let Some(call) = self.calls.get_mut(at) {
                    call.stop();
                }
            }
            Some(Open::Held(held)) => held.end(out),
            Some(Open::Image { block, media_type, data }) => picture(block, media_type, data, out),
            Some(Open::Text { .. } | Open::Closed) | None => {}
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
    pub(super) fn ends(&mut self, reason: &Text<'_>) {
        if self.reason.is_none() {
            // A vendor that ends without a word has ended all the same.
            self.reason = Some(reason.0.clone().into_owned());
        }
    }

    /// Closes the answer.
    pub(super) fn finish(&mut self, skipped: u64, out: &mut Vec<ChatEvent>) {
        // A call whose end was not told must not look whole.
        self.open.retain(|_, open| !matches!(open, Open::Call(_)));
        while let Some(index) = self.open.keys().next().copied() {
            self.stop(index, out);
        }
        let reason = self.reason.take().filter(|reason| !reason.is_empty());
        let class = self.class(reason.as_deref());
        for call in &mut self.calls {
            call.end(matches!(class, FinishClass::Length | FinishClass::Error), out);
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
            "guardrail_intervened" | "content_filtered" => FinishClass::ContentFilter,
            "refusal" => FinishClass::Refusal,
            "malformed_model_output" | "malformed_tool_use" => FinishClass::Error,
            _ => FinishClass::Other,
        };
        match stated {
            FinishClass::Stop | FinishClass::Other if !self.calls.is_empty() => FinishClass::ToolCalls,
            stated => stated,
        }
    }
}

/// A source: a page of the web, or a part of a document that went along.
fn citation(raw: &RawValue, out: &mut Vec<ChatEvent>) {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Source {
        title: Value,
        source: Value,
        source_content: Value,
        location: Value,
    }
    let said: Source = read(Some(raw));
    let own = |value: Option<&Value>| value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let url =
        own(said.location.pointer("/web/url")).or_else(|| own(said.location.pointer("/searchResultLocation/source")));
    let title = own(Some(&said.title)).or_else(|| own(Some(&said.source)));
    let text = own(said.source_content.pointer("/0/text"));
    if url.is_some() || title.is_some() || text.is_some() {
        out.push(ChatEvent::Citation { url, title, text });
    }
}
