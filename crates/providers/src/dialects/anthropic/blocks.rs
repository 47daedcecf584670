//! The content blocks of an answer while they are open.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::wire::{Caller, Fields, filled};
use crate::{ChatEvent, OpaqueData};

/// Opaque data of a reasoning part: the signature of a thinking block, a JSON string.
pub(super) const SIGNATURE: &str = "signature";
/// Opaque data of a reasoning part: a thinking block that came encrypted, whole.
pub(super) const REDACTED: &str = "redacted_thinking";
/// Opaque data of a text part: a citation, one each.
pub(super) const CITATION: &str = "citation";
/// Opaque data of a call: who made it, where that was not the model itself.
pub(super) const CALLER: &str = "caller";
/// Opaque data of a server tool: the whole block.
pub(super) const BLOCK: &str = "block";

/// A block that has begun and not ended.
pub(super) enum Open {
    Text {
        block: u32,
        any: bool,
        citations: Vec<String>,
    },
    Thinking {
        block: u32,
        signature: Option<String>,
    },
    /// Which of the answer's calls.
    Call(usize),
    Held(Held),
    /// Nothing more is expected of it.
    Closed,
}

/// A block that is shown and goes back as a whole: a tool of the vendor, its result, or something newer than us.
pub(super) struct Held {
    pub(super) block: u32,
    pub(super) name: String,
    /// The block as it began.
    pub(super) raw: String,
    /// Fragments of `input` that came after it.
    pub(super) input: String,
    /// A `content` that came after it.
    pub(super) content: Option<String>,
}

impl Held {
    /// Shows the block and keeps its text.
    pub(super) fn end(self, out: &mut Vec<ChatEvent>) {
        let (block, name) = (self.block, self.name.clone());
        let json = self.json();
        out.push(ChatEvent::ServerTool { block, name, json: json.clone() });
        out.push(opaque(block, BLOCK, json));
    }

    /// The text as it came, but for what came later.
    fn json(self) -> String {
        let mut later: Vec<(&str, &str)> = Vec::new();
        if is_whole(&self.input) {
            later.push(("input", &self.input));
        }
        if let Some(content) = &self.content {
            later.push(("content", content));
        }
        if later.is_empty() {
            return self.raw;
        }
        serde_json::from_str::<Fields<'_>>(&self.raw).ok().and_then(|f| f.with(&later)).unwrap_or(self.raw)
    }
}

/// A call the client shall make. It stays until the answer ends, because only then its end can be told.
pub(super) struct Call {
    block: u32,
    /// The input that came with the beginning, where there was one.
    whole: Option<String>,
    arguments: String,
    stopped: bool,
}

impl Call {
    /// Begins a call.
    pub(super) fn start(
        block: u32,
        id: String,
        name: String,
        input: Option<&RawValue>,
        caller: Option<&RawValue>,
        out: &mut Vec<ChatEvent>,
    ) -> Self {
        out.push(ChatEvent::ToolCallStart { block, id, name });
        if let Some(caller) = filled(caller).filter(|c| !is_direct(c)) {
            out.push(opaque(block, CALLER, caller.to_owned()));
        }
        Self { block, whole: filled(input).map(str::to_owned), arguments: String::new(), stopped: false }
    }

    /// Takes more of the arguments.
    pub(super) fn push(&mut self, more: String, out: &mut Vec<ChatEvent>) {
        self.arguments.push_str(&more);
        out.push(ChatEvent::ToolCallDelta { block: self.block, arguments: more });
    }

    /// Its block ended: the arguments are all there.
    pub(super) fn stop(&mut self, out: &mut Vec<ChatEvent>) {
        self.stopped = true;
        if let Some(whole) = self.whole.take().filter(|_| self.is_bare()) {
            self.push(whole, out);
        }
    }

    /// The answer ended. A call that was cut short, by the limit or by a vendor that forgot its end, stays open, so
    /// that nobody executes it. One without arguments may be either: only the limit tells.
    pub(super) fn end(&mut self, truncated: bool, out: &mut Vec<ChatEvent>) {
        if self.is_bare() && self.stopped && !truncated {
            self.push("{}".to_owned(), out);
        }
        if self.stopped && !truncated || is_whole(&self.arguments) {
            out.push(ChatEvent::ToolCallEnd { block: self.block });
        }
    }

    fn is_bare(&self) -> bool {
        self.arguments.trim().is_empty()
    }
}

pub(super) fn opaque(block: u32, kind: &str, json: String) -> ChatEvent {
    ChatEvent::Opaque { block, data: OpaqueData { kind: kind.to_owned(), json } }
}

fn is_direct(caller: &str) -> bool {
    serde_json::from_str::<Caller<'_>>(caller).is_ok_and(|c| c.kind.0 == "direct")
}

fn is_whole(json: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(json).is_ok()
}
