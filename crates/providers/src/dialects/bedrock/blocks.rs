//! The blocks of an answer while they are open.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::de::IgnoredAny;

use crate::{
    ChatEvent, OpaqueData,
    chat::MediaSource,
    json::{Json, Object},
    loose::Fields,
};

/// Opaque data: the signature of reasoning, as the JSON string it was.
pub(super) const SIGNATURE: &str = "signature";
/// Opaque data: reasoning that nobody may read, as the JSON string it was.
pub(super) const REDACTED: &str = "redacted_content";
/// Opaque data: a block of a tool that the vendor ran, whole.
pub(super) const BLOCK: &str = "block";

/// A block that has begun.
pub(super) enum Open {
    Text {
        block: u32,
    },
    /// Its signature comes last; in pieces, where it is long.
    Reasoning {
        block: u32,
        signature: Vec<String>,
    },
    /// The place of a call.
    Call(usize),
    Held(Held),
    Image {
        block: u32,
        media_type: String,
        data: Vec<u8>,
    },
    Closed,
}

/// A block of a tool that the vendor runs itself: kept until it is whole.
pub(super) struct Held {
    pub(super) block: u32,
    /// `toolUse` or `toolResult`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// Its beginning, or all of it.
    pub(super) raw: String,
    /// The text of its input, in a stream.
    pub(super) input: String,
    /// The pieces of its content, in a stream.
    pub(super) content: Vec<String>,
}

impl Held {
    /// The block is whole.
    pub(super) fn end(self, out: &mut Vec<ChatEvent>) {
        let json = Object::new().with_some(self.kind, Json::raw(&self.inner()));
        let json = Json::from(json).text();
        out.push(ChatEvent::ServerTool { block: self.block, name: self.name, json: json.clone() });
        out.push(opaque(self.block, BLOCK, json));
    }

    fn inner(&self) -> String {
        let content = format!("[{}]", self.content.join(","));
        let mut later = Vec::new();
        if !self.input.is_empty() {
            later.push(("input", self.input.as_str()));
        }
        if !self.content.is_empty() {
            later.push(("content", content.as_str()));
        }
        if later.is_empty() {
            return self.raw.clone();
        }
        let fields = serde_json::from_str::<Fields<'_>>(&self.raw).ok();
        fields.and_then(|fields| fields.with(&later)).unwrap_or_else(|| self.raw.clone())
    }
}

/// A call the client shall make. It stays until the answer ends, because only then its end can be told.
pub(super) struct Call {
    block: u32,
    arguments: String,
    stopped: bool,
}

impl Call {
    /// Begins a call.
    pub(super) fn start(block: u32, id: String, name: String, out: &mut Vec<ChatEvent>) -> Self {
        out.push(ChatEvent::ToolCallStart { block, id, name });
        Self { block, arguments: String::new(), stopped: false }
    }

    /// Takes more of the arguments.
    pub(super) fn push(&mut self, more: String, out: &mut Vec<ChatEvent>) {
        self.arguments.push_str(&more);
        out.push(ChatEvent::ToolCallDelta { block: self.block, arguments: more });
    }

    /// Its block ended: the arguments are all there.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The answer ended. A call that was cut short, by the limit or by a vendor that forgot its end, stays open, so
    /// that nobody executes it. One without arguments may be either: only the limit tells.
    pub(super) fn end(&mut self, truncated: bool, out: &mut Vec<ChatEvent>) {
        let bare = self.arguments.trim().is_empty();
        if bare && self.stopped && !truncated {
            self.push("{}".to_owned(), out);
        }
        if self.stopped && !truncated || serde_json::from_str::<IgnoredAny>(&self.arguments).is_ok() {
            out.push(ChatEvent::ToolCallEnd { block: self.block });
        }
    }
}

/// Data for the next turn.
pub(super) fn opaque(block: u32, kind: &str, json: String) -> ChatEvent {
    ChatEvent::Opaque { block, data: OpaqueData { kind: kind.to_owned(), json } }
}

/// A signature as the JSON string it came as; one that came in pieces, put together.
pub(super) fn joined(mut pieces: Vec<String>) -> Option<String> {
    if pieces.len() < 2 {
        return pieces.pop();
    }
    let texts = pieces.iter().map(|piece| serde_json::from_str::<String>(piece));
    let whole: String = texts.collect::<Result<_, _>>().ok()?;
    serde_json::to_string(&whole).ok()
}

/// The bytes of a picture, as far as they are base64.
pub(super) fn decoded(coded: &str) -> Vec<u8> {
    STANDARD.decode(coded.trim()).unwrap_or_default()
}

/// A picture that is whole; nothing where it has no bytes.
pub(super) fn picture(block: u32, media_type: String, data: Vec<u8>, out: &mut Vec<ChatEvent>) {
    if !data.is_empty() {
        out.push(ChatEvent::Media { block, media_type: Some(media_type), source: MediaSource::Inline(data) });
    }
}
