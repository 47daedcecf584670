//! Turns chunks into events, one after the other.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    calls::Calls,
    finish::{self, Outcome},
    signature,
    sources::Sources,
    usage::Counts,
    wire::{Candidate, Chunk, FunctionCall, InlineData, Part, RawChunk},
};
use crate::{
    ChatEvent, FinishClass, OpaqueData, ProviderError,
    chat::MediaSource,
    failure::{self, Facts},
    loose::Text,
};

/// What a block counts towards the limit on an answer, beside its content.
const BLOCK_COST: usize = 1 << 10;

/// The largest chunk whose error is read, in bytes.
const LARGEST_ERROR: usize = 1 << 20;

/// The text that is being appended to.
#[derive(Clone, Copy, Debug)]
struct Open {
    thought: bool,
    block: u32,
    /// Bytes of its text so far.
    len: usize,
}

/// The state of one answer.
#[derive(Default)]
pub(super) struct Assembler {
    started: bool,
    answer_id: String,
    next_block: u32,
    open: Option<Open>,
    calls: Calls,
    sources: Sources,
    counts: Counts,
    reason: Option<String>,
    /// What the vendor says beside the reason.
    message: String,
    /// The prompt itself was refused, and why.
    blocked: Option<String>,
    content: usize,
    pub(super) events: u64,
    pub(super) progress: u64,
}

/// The parts of a chunk as they came, read a second time only where one of them goes back whole.
struct RawParts<'a> {
    chunk: &'a [u8],
    parts: Option<Vec<&'a RawValue>>,
}

impl<'a> RawParts<'a> {
    fn get(&mut self, index: usize) -> Option<&'a RawValue> {
        let chunk = self.chunk;
        let read = || serde_json::from_slice::<RawChunk<'a>>(chunk).map(RawChunk::parts).unwrap_or_default();
        self.parts.get_or_insert_with(read).get(index).copied()
    }
}

impl Assembler {
    /// True once the vendor said why it stopped, or that it never began.
    pub(super) fn has_reason(&self) -> bool {
        self.reason.is_some() || self.blocked.is_some()
    }

    /// Bytes of the answer held or handed out so far.
    pub(super) fn content(&self) -> usize {
        self.content
    }

    /// Takes a chunk, or a whole answer, and its text. Events come out also when an error follows them.
    pub(super) fn chunk(
        &mut self,
        chunk: &Chunk<'_>,
        text: &[u8],
        out: &mut Vec<ChatEvent>,
    ) -> Result<(), ProviderError> {
        let says = chunk.candidates.is_some() || chunk.usage_metadata.is_some() || chunk.error.is_some();
        if says || chunk.prompt_feedback.is_some() {
            self.events += 1;
        }
        self.start(chunk, out);
        if let Some(candidate) = chunk.candidates.as_ref().and_then(|c| c.0.as_ref()) {
            self.candidate(candidate, text, out);
        }
        if let Some(usage) = chunk.usage_metadata.as_ref().and_then(|wire| self.counts.take(wire)) {
            out.push(ChatEvent::Usage(usage));
        }
        if let Some(feedback) = chunk.prompt_feedback {
            self.feedback(feedback);
        }
        if chunk.error.is_some_and(means_error) {
            let facts = if text.len() <= LARGEST_ERROR { Facts::of_body(text) } else { Facts::default() };
            return Err(failure::provider_error(None, &facts));
        }
        let failed = self.reason.as_deref().and_then(|reason| finish::failure(reason, &self.message));
        failed.map_or(Ok(()), Err)
    }

    fn start(&mut self, chunk: &Chunk<'_>, out: &mut Vec<ChatEvent>) {
        if self.started || chunk.response_id.0.is_empty() && chunk.model_version.0.is_empty() {
            return;
        }
        self.started = true;
        self.answer_id.push_str(&chunk.response_id.0);
        let own = |t: &Text<'_>| t.some().map(str::to_owned);
        out.push(ChatEvent::Started { id: own(&chunk.response_id), model: own(&chunk.model_version) });
    }

    fn candidate(&mut self, candidate: &Candidate<'_>, text: &[u8], out: &mut Vec<ChatEvent>) {
        let parts = candidate.content.as_ref().and_then(|c| c.parts.as_ref()).map_or(&[][..], |list| &list.0);
        let mut raw = RawParts { chunk: text, parts: None };
        for (index, part) in parts.iter().enumerate() {
            self.part(part, index, &mut raw, out);
        }
        if let Some(grounding) = candidate.grounding_metadata {
            self.sources.grounding(grounding, out);
        }
        if let Some(citations) = candidate.citation_metadata {
            self.sources.citations(citations, out);
        }
        if let Some(reason) = candidate.finish_reason.some() {
            self.reason = Some(reason.to_owned());
            self.message = candidate.finish_message.0.clone().into_owned();
        }
    }

    fn part(&mut self, part: &Part<'_>, index: usize, raw: &mut RawParts<'_>, out: &mut Vec<ChatEvent>) {
        let signature = part.thought_signature.map(RawValue::get).filter(|s| s.len() > 2 && s.starts_with('"'));
        if let Some(text) = &part.text {
            return self.text(&text.0, part.thought == Some(true), signature, out);
        }
        if let Some(call) = &part.function_call {
            self.call(call, signature, out);
        } else if let Some(data) = &part.inline_data {
            // Pictures the model drew while it thought are no part of the answer.
            if part.thought != Some(true) {
                self.media(data, signature, out);
            }
        } else if let Some(file) = &part.file_data {
            let source = MediaSource::Url(file.file_uri.0.clone().into_owned());
            let media_type = file.mime_type.some().map(str::to_owned);
            let block = self.new_block();
            self.progress += 1;
            out.push(ChatEvent::Media { block, media_type, source });
        } else {
            self.other(part, signature, index, raw, out);
        }
    }

    fn call(&mut self, call: &FunctionCall<'_>, signature: Option<&str>, out: &mut Vec<ChatEvent>) {
        self.open = None;
        self.progress += 1;
        self.content += call.args.map_or(0, |args| args.get().len());
        let leaves = call.partial_args.iter().flat_map(|leaves| &leaves.0);
        self.content += leaves.filter_map(|leaf| Some(leaf.string_value.as_ref()?.0.len())).sum::<usize>();
        let (begun, made) = self.calls.push(call, &self.answer_id, &mut self.next_block, out);
        self.content += made * BLOCK_COST;
        if let Some(block) = begun {
            self.content += BLOCK_COST;
            if let Some(signature) = signature {
                self.keep(block, signature::WHOLE, signature, out);
            }
        }
    }

    /// What the vendor's own tools did, and parts nobody knows yet: they go back whole.
    fn other(
        &mut self,
        part: &Part<'_>,
        signature: Option<&str>,
        index: usize,
        raw: &mut RawParts<'_>,
        out: &mut Vec<ChatEvent>,
    ) {
        let code =
            part.executable_code.or(part.code_execution_result).map(|inner| ("code_execution".to_owned(), inner));
        let tool = part.tool_call.or(part.tool_response).map(|inner| (tool_name(inner), inner));
        let known = code.or(tool);
        if known.is_none() && signature.is_none() {
            return;
        }
        let Some(whole) = raw.get(index) else { return };
        let Some((name, inner)) = known.or_else(|| unknown(whole)) else {
            // A signature on nothing is one on an empty text.
            return self.text("", part.thought == Some(true), signature, out);
        };
        let block = self.new_block();
        out.push(ChatEvent::ServerTool { block, name, json: inner.get().to_owned() });
        self.keep(block, signature::PART, whole.get(), out);
    }

    fn text(&mut self, text: &str, thought: bool, signature: Option<&str>, out: &mut Vec<ChatEvent>) {
        let continues = self.open.filter(|open| open.thought == thought);
        if text.is_empty() && continues.is_none() {
            if let Some(signature) = signature {
                let block = self.new_block();
                let kind = if thought { signature::EMPTY_THOUGHT } else { signature::EMPTY_TEXT };
                self.keep(block, kind, signature, out);
            }
            return;
        }
        let mut open = continues.unwrap_or_else(|| Open { thought, block: self.new_block(), len: 0 });
        let (block, start) = (open.block, open.len);
        if !text.is_empty() {
            self.content += text.len();
            self.progress += 1;
            let text = text.to_owned();
            out.push(if thought {
                ChatEvent::ReasoningDelta { block, text }
            } else {
                ChatEvent::TextDelta { block, text }
            });
        }
        open.len += text.len();
        self.open = Some(open);
        if let Some(signature) = signature {
            self.keep(block, &signature::stretch(start, open.len), signature, out);
        }
    }

    fn media(&mut self, data: &InlineData<'_>, signature: Option<&str>, out: &mut Vec<ChatEvent>) {
        let block = self.new_block();
        self.progress += 1;
        self.content += data.data.0.len();
        let Ok(bytes) = STANDARD.decode(data.data.0.trim()) else {
            let message = format!("{} came and cannot be read", data.mime_type.some().unwrap_or("A file"));
            return out.push(ChatEvent::Warning { code: "unreadable_media", message });
        };
        let media_type = data.mime_type.some().map(str::to_owned);
        let goes_back = media_type.as_deref().is_some_and(|kind| kind.starts_with("image/"));
        out.push(ChatEvent::Media { block, media_type, source: MediaSource::Inline(bytes) });
        if let Some(signature) = signature.filter(|_| goes_back) {
            self.keep(block, signature::WHOLE, signature, out);
        }
    }

    fn keep(&mut self, block: u32, kind: &str, json: &str, out: &mut Vec<ChatEvent>) {
        self.content += json.len() + kind.len();
        self.progress += 1;
        out.push(ChatEvent::Opaque { block, data: OpaqueData { kind: kind.to_owned(), json: json.to_owned() } });
    }

    /// A block for something new: what follows is no longer the text that was open.
    fn new_block(&mut self) -> u32 {
        self.open = None;
        self.content += BLOCK_COST;
        let block = self.next_block;
        self.next_block += 1;
        block
    }

    fn feedback(&mut self, raw: &RawValue) {
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Feedback<'a> {
            #[serde(borrow)]
            block_reason: Text<'a>,
            #[serde(borrow)]
            block_reason_message: Text<'a>,
        }
        let Ok(feedback) = serde_json::from_str::<Feedback<'_>>(raw.get()) else { return };
        if let Some(reason) = feedback.block_reason.some().filter(|r| *r != "BLOCK_REASON_UNSPECIFIED") {
            self.blocked = Some(reason.to_owned());
            self.message = feedback.block_reason_message.0.into_owned();
        }
    }

    /// Closes the answer: the calls, what there is to say about its end, then the terminal event.
    pub(super) fn finish(&mut self, skipped: u64, out: &mut Vec<ChatEvent>) {
        let mut told = "finish_message";
        let (class, reason) = match (self.reason.take(), self.blocked.take()) {
            (None, Some(blocked)) => {
                told = "prompt_blocked";
                if self.message.is_empty() {
                    self.message = format!("The vendor refused the prompt: {blocked}");
                }
                (FinishClass::ContentFilter, Some(blocked))
            }
            (reason, _) => (self.class(reason.as_deref()), reason),
        };
        let nameless = self.calls.end(class == FinishClass::Length, out);
        let mut warn = |code, message| out.push(ChatEvent::Warning { code, message });
        if nameless > 0 {
            warn("nameless_tool_call", format!("{nameless} tool calls came without a name"));
        }
        if skipped > 0 {
            warn("unreadable_data", format!("{skipped} pieces of the stream could not be read"));
        }
        // Beside a good end stand words like "Model generated function call(s)."
        if !self.message.is_empty() && matches!(class, FinishClass::ContentFilter | FinishClass::Other) {
            warn(told, std::mem::take(&mut self.message));
        }
        out.push(ChatEvent::Finished { class, reason });
    }

    fn class(&self, reason: Option<&str>) -> FinishClass {
        let stated = match reason.map(finish::outcome) {
            Some(Outcome::Ended(class)) => class,
            Some(Outcome::Failed(_)) => FinishClass::Error,
            None => FinishClass::Other,
        };
        match stated {
            FinishClass::Stop | FinishClass::Other if self.calls.any() => FinishClass::ToolCalls,
            stated => stated,
        }
    }
}

/// `toolType` of the inner object.
fn tool_name(inner: &RawValue) -> String {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Tool<'a> {
        #[serde(borrow)]
        tool_type: Text<'a>,
    }
    let tool: Tool<'_> = serde_json::from_str(inner.get()).unwrap_or_default();
    tool.tool_type.some().unwrap_or("tool").to_ascii_lowercase()
}

/// The payload of a part of a kind nobody knows yet.
fn unknown(whole: &RawValue) -> Option<(String, &RawValue)> {
    #[derive(Deserialize)]
    struct Fields<'a>(#[serde(borrow)] std::collections::BTreeMap<String, &'a RawValue>);
    let Fields(fields) = serde_json::from_str(whole.get()).ok()?;
    fields.into_iter().find(|(name, _)| name != "thought" && name != "thoughtSignature")
}

fn means_error(raw: &RawValue) -> bool {
    !matches!(raw.get(), "null" | "\"\"" | "{}" | "false" | "0")
}
