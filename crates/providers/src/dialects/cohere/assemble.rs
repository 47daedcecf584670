//! Turns the events of a message into ours, one after the other.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{
    calls::Call,
    sources::Sources,
    usage,
    wire::{Content, ToolCall, arguments},
};
use crate::{ChatEvent, FinishClass, OpaqueData};

/// Opaque data of a reasoning part that is the plan for a tool: a JSON string.
pub(super) const PLAN: &str = "tool_plan";

/// What a block counts towards the limit on an answer, beside its content: what it costs to keep it open.
const BLOCK_COST: usize = 512;

/// What kind of block text is being appended to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
}

/// What the model says it will do before it calls tools. Later events may add to it, up to the end.
struct Plan {
    block: u32,
    text: String,
}

/// The state of one answer.
#[derive(Default)]
pub(super) struct Assembler {
    started: bool,
    next_block: u32,
    /// Content by the wire's index.
    open: BTreeMap<u64, (Kind, u32)>,
    plan: Option<Plan>,
    /// Calls by the wire's index, which counts them apart from the content.
    calling: BTreeMap<u64, usize>,
    calls: Vec<Call>,
    sources: Sources,
    /// Bytes of the answer held or handed out, for the limit on a whole message.
    pub(super) content: usize,
    pub(super) progress: u64,
}

impl Assembler {
    /// The answer begins. The wire does not say which model gives it.
    pub(super) fn started(&mut self, id: Option<&str>, out: &mut Vec<ChatEvent>) {
        if let Some(id) = id.filter(|_| !self.started) {
            self.started = true;
            out.push(ChatEvent::Started { id: Some(id.to_owned()), model: None });
        }
    }

    /// Takes text or thinking.
    pub(super) fn add(&mut self, index: u64, content: Content<'_>, out: &mut Vec<ChatEvent>) {
        if !content.thinking.0.is_empty() {
            let block = self.at(index, Kind::Reasoning);
            self.note(content.thinking.0.len());
            out.push(ChatEvent::ReasoningDelta { block, text: content.thinking.0.into_owned() });
        }
        if !content.text.0.is_empty() {
            let block = self.at(index, Kind::Text);
            self.note(content.text.0.len());
            out.push(ChatEvent::TextDelta { block, text: content.text.0.into_owned() });
        }
    }

    /// The block at an index: the open one, unless it is of the other kind.
    fn at(&mut self, index: u64, kind: Kind) -> u32 {
        match self.open.get(&index) {
            Some((open, block)) if *open == kind => *block,
            _ => {
                let block = self.new_block();
                self.open.insert(index, (kind, block));
                block
            }
        }
    }

    /// The content at an index is complete.
    pub(super) fn close(&mut self, index: u64) {
        self.open.remove(&index);
    }

    /// Takes more of the plan: reasoning for who reads it, marked as a plan for the way back.
    pub(super) fn plan(&mut self, more: &str, out: &mut Vec<ChatEvent>) {
        if more.is_empty() {
            return;
        }
        self.note(more.len() * 2);
        let mut plan = self.plan.take().unwrap_or_else(|| Plan { block: self.new_block(), text: String::new() });
        plan.text.push_str(more);
        out.push(ChatEvent::ReasoningDelta { block: plan.block, text: more.to_owned() });
        self.plan = Some(plan);
    }

    /// A call begins.
    pub(super) fn call(&mut self, index: u64, call: &ToolCall<'_>, out: &mut Vec<ChatEvent>) {
        self.calling.remove(&index);
        let function = &call.function.0;
        // Nobody can make a call that names no tool.
        let Some(name) = function.name.some() else { return };
        let block = self.new_block();
        let id = call.id.some().map_or_else(|| format!("call_{block}"), str::to_owned);
        self.note(id.len() + name.len());
        self.calling.insert(index, self.calls.len());
        self.calls.push(Call::start(block, id, name.to_owned(), out));
        self.arguments(index, call, out);
    }

    /// Takes more of the arguments of a call.
    pub(super) fn arguments(&mut self, index: u64, call: &ToolCall<'_>, out: &mut Vec<ChatEvent>) {
        let more = arguments(call.function.0.arguments);
        let Some(call) = self.calling.get(&index).and_then(|at| self.calls.get_mut(*at)) else { return };
        if !more.is_empty() {
            call.push(&more, out);
            // Kept, too, because only the whole tells whether the call was cut short.
            self.note(more.len() * 2);
        }
    }

    /// The arguments of a call are complete.
    pub(super) fn call_ends(&mut self, index: u64) {
        if let Some(call) = self.calling.remove(&index).and_then(|at| self.calls.get_mut(at)) {
            call.stop();
        }
    }

    /// Takes a citation.
    pub(super) fn citation(&mut self, raw: &RawValue, out: &mut Vec<ChatEvent>) {
        self.note(raw.get().len());
        self.sources.push(raw, out);
    }

    /// Takes the counts.
    pub(super) fn usage(raw: Option<&RawValue>, out: &mut Vec<ChatEvent>) {
        out.extend(raw.and_then(|raw| usage::read(raw.get())).map(ChatEvent::Usage));
    }

    /// The plan is complete, whatever the answer comes to.
    pub(super) fn keep_plan(&mut self, out: &mut Vec<ChatEvent>) {
        if let Some(Plan { block, text }) = self.plan.take() {
            let json = serde_json::Value::from(text).to_string();
            out.push(ChatEvent::Opaque { block, data: OpaqueData { kind: PLAN.to_owned(), json } });
        }
    }

    /// Closes the answer.
    pub(super) fn finish(&mut self, reason: Option<&str>, skipped: u64, out: &mut Vec<ChatEvent>) {
        let class = self.class(reason);
        for call in &mut self.calls {
            call.end(class == FinishClass::Length, out);
        }
        if skipped > 0 {
            let message = format!("{skipped} pieces of the stream could not be read");
            out.push(ChatEvent::Warning { code: "unreadable_data", message });
        }
        out.push(ChatEvent::Finished { class, reason: reason.map(str::to_owned) });
    }

    fn class(&self, reason: Option<&str>) -> FinishClass {
        let stated = match reason.unwrap_or_default() {
            "COMPLETE" | "STOP_SEQUENCE" => FinishClass::Stop,
            "MAX_TOKENS" => FinishClass::Length,
            "TOOL_CALL" => FinishClass::ToolCalls,
            // Of older servers.
            "ERROR_TOXIC" => FinishClass::ContentFilter,
            _ => FinishClass::Other,
        };
        match stated {
            FinishClass::Stop | FinishClass::Other if !self.calls.is_empty() => FinishClass::ToolCalls,
            stated => stated,
        }
    }

    fn new_block(&mut self) -> u32 {
        self.content += BLOCK_COST;
        self.next_block += 1;
        self.next_block - 1
    }

    fn note(&mut self, bytes: usize) {
        self.content += bytes;
        self.progress += 1;
    }
}
