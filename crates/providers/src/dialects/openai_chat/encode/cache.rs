//! How the prompt cache is asked for, by the vendors that want to be asked.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use crate::{ChatRequest, Part, json::Json};

/// Marks the end of the system prompt and of what the person said last: everything before a mark is kept.
pub(super) fn mark(messages: &mut [Json]) {
    for role in ["system", "user"] {
        let last = messages.iter_mut().rev().find_map(|message| match message {
            Json::Value(message) if message["role"] == role => message.get_mut("content"),
            _ => None,
        });
        if let Some(content) = last {
            mark_text(content);
        }
    }
}

/// Marks the last text of a message; only text bears a mark.
fn mark_text(content: &mut Value) {
    if let Value::String(text) = content {
        *content = json!([{ "type": "text", "text": std::mem::take(text) }]);
    }
    let parts = content.as_array_mut().into_iter().flatten();
    if let Some(part) = parts.rev().find(|part| part["type"] == "text") {
        part["cache_control"] = json!({ "type": "ephemeral" });
    }
}

/// A name that all requests of one conversation share and other conversations do not: its beginning is the same. It
/// tells the vendor nothing that the request does not.
pub(in crate::dialects) fn key(request: &ChatRequest) -> String {
    let mut hasher = DefaultHasher::new();
    request.system.hash(&mut hasher);
    request.tools.iter().for_each(|tool| tool.name.hash(&mut hasher));
    for part in request.messages.first().into_iter().flat_map(|message| &message.parts) {
        match part {
            Part::Text { text, .. } => text.hash(&mut hasher),
            Part::Image { data, .. } | Part::File { data, .. } => data.hash(&mut hasher),
            _ => {}
        }
    }
    format!("{:016x}", hasher.finish())
}
