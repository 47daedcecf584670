//! The conversation as the wire's items, in their order.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::super::opaque::{CUSTOM, ID, IMAGE, ITEM, LAST_REASONING, NAMESPACE, PHASE, REASONING};
use crate::{
    ChatRequest, Message, OpaqueData, Part, ProviderError, Role,
    catalog::Vendor,
    dialects::openai_chat::encode::{data_url, file_text, takes_pdf},
    json::{Json, Object},
    loose::Fields,
};

/// Every item, the system prompt first.
pub(super) fn all(vendor: &Vendor, request: &ChatRequest) -> Result<Vec<Json>, ProviderError> {
    let mut out = Vec::with_capacity(request.messages.len() + 1);
    let free_text = free_text(&request.messages);
    // As a message and not as `instructions`, which some servers do not know.
    if let Some(system) = request.system.as_deref().filter(|system| !system.is_empty()) {
        out.push(json!({ "role": "system", "content": system }).into());
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(vendor, message, &free_text, &mut out)?,
            Role::Assistant => assistant(message, &mut out),
        }
    }
    Ok(out)
}

/// The ids of calls of tools that take free text.
fn free_text(messages: &[Message]) -> HashSet<&str> {
    let parts = messages.iter().flat_map(|message| &message.parts);
    let ids = parts.filter_map(|part| match part {
        Part::ToolCall { id, opaque, .. } if opaque.iter().any(|data| data.kind == CUSTOM) => Some(id.as_str()),
        _ => None,
    });
    ids.collect()
}

/// Results of tools become items of their own, before what the person says.
fn user(
    vendor: &Vendor,
    message: &Message,
    free_text: &HashSet<&str>,
    out: &mut Vec<Json>,
) -> Result<(), ProviderError> {
    let mut parts = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolResult { call_id, content, .. } => {
                let custom = free_text.contains(call_id.as_str());
                let kind = if custom { "custom_tool_call_output" } else { "function_call_output" };
                out.push(json!({ "type": kind, "call_id": call_id, "output": content }).into());
            }
            Part::Text { text, .. } => parts.push(text_part(text)),
            Part::Image { media_type, data, .. } => {
                parts.push(json!({ "type": "input_image", "image_url": data_url(media_type, data) }));
            }
            Part::File { name, media_type, data } if takes_pdf(vendor, media_type) => {
                let file = data_url(media_type, data);
                parts.push(json!({ "type": "input_file", "filename": name, "file_data": file }));
            }
            Part::File { name, media_type, data } => {
                parts.push(text_part(&file_text(vendor, name, media_type, data)?));
            }
            // A person neither reasons, calls nor refuses.
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ServerTool { .. } | Part::Refusal { .. } => {}
        }
    }
    if !parts.is_empty() {
        out.push(json!({ "role": "user", "content": parts }).into());
    }
    Ok(())
}

fn text_part(text: &str) -> Value {
    json!({ "type": "input_text", "text": text })
}

/// A message under way: parts of one id are one message.
struct Open<'a> {
    id: Option<&'a str>,
    phase: Option<&'a str>,
    content: Vec<Value>,
}

/// The items that an answer goes back as, in the order in which they came.
fn assistant(message: &Message, out: &mut Vec<Json>) {
    let start = out.len();
    // An id belongs to the reasoning that led to its item; the vendor looks for the one where it sees the other.
    let named = message.parts.iter().any(|part| matches!(part, Part::Reasoning { opaque, .. } if holds_item(opaque)));
    let mut open: Option<Open<'_>> = None;
    for part in &message.parts {
        match part {
            Part::Text { text, opaque } if !text.is_empty() => {
                let (id, phase) = (value(opaque, ID).filter(|_| named), value(opaque, PHASE));
                let content = json!({ "type": "output_text", "text": text });
                say(&mut open, Open { id, phase, content: vec![content] }, out);
            }
            Part::Refusal { text } if !text.is_empty() => {
                let content = json!({ "type": "refusal", "refusal": text });
                say(&mut open, Open { id: None, phase: None, content: vec![content] }, out);
            }
            // Nothing was said, and the wire has no other place for files in an answer.
            Part::Text { .. } | Part::Refusal { .. } | Part::File { .. } | Part::ToolResult { .. } => {}
            other => {
                out.extend(open.take().map(Open::item));
                out.extend(item(other, named));
            }
        }
    }
    out.extend(open.take().map(Open::item));
    drop_unfinished(message, start, out);
}

/// Reasoning whose item after it never came is refused.
fn drop_unfinished(message: &Message, start: usize, out: &mut Vec<Json>) {
    let kinds = message.parts.iter().flat_map(|part| part.opaque().unwrap_or_default()).map(|data| data.kind.as_str());
    let complete = kinds.into_iter().any(|kind| kind == LAST_REASONING);
    let trailing =
        out[start..].iter().rev().take_while(|item| matches!(item, Json::Raw(raw) if is_reasoning(raw.get())));
    let trailing = trailing.count();
    if !complete || trailing == out.len() - start {
        out.truncate(out.len() - trailing);
    }
}

fn is_reasoning(item: &str) -> bool {
    serde_json::from_str::<Fields<'_>>(item).is_ok_and(|fields| fields.get("type") == Some("\"reasoning\""))
}

fn holds_item(opaque: &[OpaqueData]) -> bool {
    opaque.iter().any(|data| data.kind == REASONING || data.kind == LAST_REASONING)
}

fn value<'a>(opaque: &'a [OpaqueData], kind: &str) -> Option<&'a str> {
    opaque.iter().find(|data| data.kind == kind).map(|data| data.json.as_str())
}

/// Adds to the message under way, or begins another.
fn say<'a>(open: &mut Option<Open<'a>>, mut more: Open<'a>, out: &mut Vec<Json>) {
    match open {
        Some(message) if message.id == more.id && message.phase == more.phase => {
            message.content.append(&mut more.content)
        }
        _ => out.extend(open.replace(more).map(Open::item)),
    }
}

impl Open<'_> {
    fn item(self) -> Json {
        let raw = |json: Option<&str>| json.and_then(Json::raw);
        let message = Object::new()
            .with("type", "message")
            .with_some("id", raw(self.id))
            .with_some("status", self.id.map(|_| "completed"))
            .with("role", "assistant")
            .with_some("phase", raw(self.phase));
        message.with("content", self.content).into()
    }
}

/// A part that is an item of its own.
fn item(part: &Part, named: bool) -> Option<Json> {
    match part {
        Part::Reasoning { opaque, .. } => {
            value(opaque, REASONING).or_else(|| value(opaque, LAST_REASONING)).and_then(Json::raw)
        }
        Part::ServerTool { opaque, .. } => value(opaque, ITEM).and_then(Json::raw),
        Part::Image { data, opaque, .. } => {
            let result = Value::from(STANDARD.encode(data)).to_string();
            let fields: Fields<'_> = serde_json::from_str(value(opaque, IMAGE)?).ok()?;
            Json::raw(&fields.with(&[("result", &result)])?)
        }
        Part::ToolCall { id, name, arguments, opaque } => {
            let raw = |kind: &str| value(opaque, kind).and_then(Json::raw);
            let custom = value(opaque, CUSTOM).is_some();
            let arguments = if arguments.trim().is_empty() && !custom { "{}" } else { arguments };
            let call = Object::new()
                .with("type", if custom { "custom_tool_call" } else { "function_call" })
                .with_some("id", raw(ID).filter(|_| named))
                .with_some("namespace", raw(NAMESPACE))
                .with("call_id", id.as_str())
                .with("name", name.as_str())
                .with(if custom { "input" } else { "arguments" }, arguments);
            Some(call.into())
        }
        _ => None,
    }
}
