//! The conversation in the wire's messages: blocks in order, roles in turns.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    blocks::{BLOCK, CALLER, CITATION, REDACTED, SIGNATURE},
    cache,
};
use crate::{
    Category, ChatRequest, Message, OpaqueData, Part, ProviderError, Role,
    catalog::{Quirk, Vendor},
    json::{Json, Object},
    loose::Text,
};

/// The image types of the wire.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// The blocks of one turn.
struct Turn {
    role: Role,
    /// Results of tools come first in a turn of the person.
    results: Vec<Json>,
    blocks: Vec<Json>,
}

/// The messages of a request. Neighbours of one role become one, what would be empty is left out.
pub(super) fn messages(vendor: &Vendor, request: &ChatRequest) -> Result<Vec<Json>, ProviderError> {
    let answered = answered(request);
    let mut turns: Vec<Turn> = Vec::new();
    for (at, message) in request.messages.iter().enumerate() {
        let mut turn = Turn { role: message.role, results: Vec::new(), blocks: Vec::new() };
        match message.role {
            Role::User => user(vendor, message, &mut turn)?,
            Role::Assistant => {
                // The last answer may have been paused while a tool ran, and goes on from there.
                let goes_on = at + 1 == request.messages.len();
                turn.blocks.extend(message.parts.iter().flat_map(|p| assistant(p, &answered, goes_on)));
            }
        }
        if turn.results.is_empty() && turn.blocks.is_empty() {
            continue;
        }
        match turns.last_mut().filter(|last| last.role == turn.role) {
            Some(last) => {
                last.results.append(&mut turn.results);
                last.blocks.append(&mut turn.blocks);
            }
            None => turns.push(turn),
        }
    }
    if request.cache {
        turns.iter_mut().rev().any(|turn| cache::mark_last(turn.results.iter_mut().chain(&mut turn.blocks)));
    }
    Ok(turns.into_iter().map(Turn::json).collect())
}

impl Turn {
    fn json(self) -> Json {
        let role = match self.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let content = self.results.into_iter().chain(self.blocks).collect::<Json>();
        Object::new().with("role", role).with("content", content).into()
    }
}

fn user(vendor: &Vendor, message: &Message, turn: &mut Turn) -> Result<(), ProviderError> {
    for part in &message.parts {
        match part {
            Part::ToolResult { call_id, content, is_error, .. } => {
                let result = Object::new()
                    .with("type", "tool_result")
                    .with("tool_use_id", call_id.as_str())
                    .with_some("content", Some(content.as_str()).filter(|c| !c.is_empty()))
                    .with_some("is_error", is_error.then_some(true));
                turn.results.push(result.into());
            }
            Part::Text { text, .. } => turn.blocks.extend(text_block(text).map(Json::from)),
            Part::Image { media_type, data, .. } => turn.blocks.push(image(vendor, media_type, data)?.into()),
            Part::File { name, media_type, data } => turn.blocks.push(file(vendor, name, media_type, data)?.into()),
            // A person neither reasons, calls nor refuses.
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ServerTool { .. } | Part::Refusal { .. } => {}
        }
    }
    Ok(())
}

/// The block of a picture or a file, for wires that take the same ones; `None` for what is neither.
///
/// # Errors
/// `bad_request` / `file_unsupported`.
pub(crate) fn file_block(vendor: &Vendor, part: &Part) -> Result<Option<Value>, ProviderError> {
    match part {
        Part::Image { media_type, data, .. } => image(vendor, media_type, data).map(Some),
        Part::File { name, media_type, data } => file(vendor, name, media_type, data).map(Some),
        _ => Ok(None),
    }
}

/// The blocks a part of an answer goes back as.
fn assistant(part: &Part, answered: &HashSet<String>, goes_on: bool) -> Vec<Json> {
    match part {
        Part::Text { text, opaque } => {
            let citations: Vec<Json> = of_kind(opaque, CITATION).collect();
            let citations = Some(citations).filter(|c| !c.is_empty()).map(Json::List);
            text_block(text).map(|block| block.with_some("citations", citations).into()).into_iter().collect()
        }
        Part::Refusal { text } => text_block(text).map(Json::from).into_iter().collect(),
        Part::Reasoning { text, opaque } => opaque.iter().filter_map(|data| reasoning(text, data)).collect(),
        Part::ToolCall { id, name, arguments, opaque } => {
            let call = Object::new()
                .with("type", "tool_use")
                .with("id", id.as_str())
                .with("name", name.as_str())
                .with("input", Json::arguments(arguments))
                .with_some("caller", of_kind(opaque, CALLER).next());
            vec![call.into()]
        }
        Part::ServerTool { opaque, .. } => {
            let whole = opaque.iter().filter(|o| goes_on || !is_left_open(&o.json, answered)).cloned();
            of_kind(&whole.collect::<Vec<_>>(), BLOCK).collect()
        }
        // The wire has no place for media in an answer.
        Part::Image { .. } | Part::File { .. } | Part::ToolResult { .. } => Vec::new(),
    }
}

/// Thinking without a signature is refused, so it stays here.
fn reasoning(text: &str, data: &OpaqueData) -> Option<Json> {
    let raw = Json::raw(&data.json)?;
    match data.kind.as_str() {
        SIGNATURE => Some(Object::new().with("type", "thinking").with("thinking", text).with("signature", raw).into()),
        REDACTED => Some(raw),
        _ => None,
    }
}

fn of_kind<'a>(opaque: &'a [OpaqueData], kind: &'a str) -> impl Iterator<Item = Json> + use<'a> {
    opaque.iter().filter(move |o| o.kind == kind).filter_map(|o| Json::raw(&o.json))
}

/// The wire refuses empty text.
fn text_block(text: &str) -> Option<Object> {
    (!text.trim().is_empty()).then(|| Object::new().with("type", "text").with("text", text))
}

fn image(vendor: &Vendor, media_type: &str, data: &[u8]) -> Result<Value, ProviderError> {
    let media_type = if media_type == "image/jpg" { "image/jpeg" } else { media_type };
    if !IMAGES.contains(&media_type) {
        return Err(unsupported(vendor, "images", media_type));
    }
    Ok(json!({ "type": "image", "source": base64(media_type, data) }))
}

/// A file as the vendor takes it: as a document, or written out where it is text.
fn file(vendor: &Vendor, name: &str, media_type: &str, data: &[u8]) -> Result<Value, ProviderError> {
    if media_type == "application/pdf" {
        return Ok(json!({ "type": "document", "title": name, "source": base64(media_type, data) }));
    }
    match std::str::from_utf8(data) {
        Ok(text) if text.contains('\0') => Err(unsupported(vendor, "files", media_type)),
        Ok(text) if vendor.has(Quirk::NativeFiles) && !text.trim().is_empty() => {
            let source = json!({ "type": "text", "media_type": "text/plain", "data": text });
            Ok(json!({ "type": "document", "title": name, "source": source }))
        }
        Ok(text) => Ok(json!({ "type": "text", "text": format!("{name}:\n\n{text}") })),
        Err(_) => Err(unsupported(vendor, "files", media_type)),
    }
}

fn base64(media_type: &str, data: &[u8]) -> Value {
    json!({ "type": "base64", "media_type": media_type, "data": STANDARD.encode(data) })
}

fn unsupported(vendor: &Vendor, what: &str, media_type: &str) -> ProviderError {
    let message = format!("{} takes no {what} of the type {media_type}", vendor.name);
    ProviderError::because(Category::BadRequest, "file_unsupported", message)
}

/// The ids in a block of the vendor's tools.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Ids<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    tool_use_id: Text<'a>,
}

/// The calls of the vendor's tools whose results are in the conversation.
fn answered(request: &ChatRequest) -> HashSet<String> {
    let parts = request.messages.iter().flat_map(|m| &m.parts);
    let blocks = parts.filter_map(|p| if let Part::ServerTool { opaque, .. } = p { Some(opaque) } else { None });
    let ids = blocks.flatten().filter_map(|o| serde_json::from_str::<Ids<'_>>(&o.json).ok());
    ids.filter_map(|ids| ids.tool_use_id.some().map(str::to_owned)).collect()
}

/// A call whose result never came, because the answer was stopped: the wire refuses it.
fn is_left_open(block: &str, answered: &HashSet<String>) -> bool {
    let Ok(ids) = serde_json::from_str::<Ids<'_>>(block) else { return false };
    let calls = matches!(&*ids.kind.0, "server_tool_use" | "mcp_tool_use");
    calls && !answered.contains(&*ids.id.0)
}
