//! From messages to `contents`: turns of `user` and `model`, neighbours of one role as one, parts in their order.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{calls, signature, thinking};
use crate::{
    Category, ChatRequest, Message, OpaqueData, Part, ProviderError, Role,
    catalog::Vendor,
    json::{Json, Object},
};

/// What the vendor documents for calls that another model made, and which therefore have no signature.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// The turns of a request.
pub(super) fn contents(vendor: &Vendor, request: &ChatRequest) -> Result<Json, ProviderError> {
    let mut turns: Vec<(Role, Vec<Json>)> = Vec::new();
    let mut writer =
        Writer { vendor, signs: thinking::wants_signed_calls(&request.model), called: false, calls: HashMap::new() };
    for message in &request.messages {
        let same = turns.last().is_some_and(|(role, _)| *role == message.role);
        writer.called &= same;
        let parts = match message.role {
            Role::User => writer.user(message)?,
            Role::Assistant => writer.model(message),
        };
        match turns.last_mut().filter(|_| same) {
            Some((_, before)) => before.extend(parts),
            None if parts.is_empty() => {}
            None => turns.push((message.role, parts)),
        }
    }
    let role = |role| if role == Role::User { "user" } else { "model" };
    let turn = |(who, parts)| Object::new().with("role", role(who)).with("parts", Json::List(parts)).into();
    Ok(turns.into_iter().map(turn).collect())
}

struct Writer<'a> {
    vendor: &'a Vendor,
    /// The model refuses unsigned calls.
    signs: bool,
    /// The turn under way has a call already: only the first one of a turn is signed.
    called: bool,
    /// The name of each call, and how many came before it.
    calls: HashMap<&'a str, (&'a str, usize)>,
}

impl<'a> Writer<'a> {
    fn user(&self, message: &Message) -> Result<Vec<Json>, ProviderError> {
        let mut out = self.results(message);
        for part in &message.parts {
            match part {
                Part::Text { text, .. } => out.push(json!({ "text": text }).into()),
                Part::Image { media_type, data, .. } => out.push(inline(media_type, data).into()),
                Part::File { name, media_type, data } => out.push(self.file(name, media_type, data)?),
                // Results are out already; a person neither reasons, calls nor refuses.
                Part::ToolResult { .. }
                | Part::Reasoning { .. }
                | Part::ToolCall { .. }
                | Part::ServerTool { .. }
                | Part::Refusal { .. } => {}
            }
        }
        Ok(out)
    }

    /// Results in the order of their calls: without ids the vendor tells them apart by nothing else.
    fn results(&self, message: &Message) -> Vec<Json> {
        let mut results = Vec::new();
        for part in &message.parts {
            let Part::ToolResult { call_id, name, content, is_error } = part else { continue };
            let (called, place) = self.calls.get(call_id.as_str()).copied().unwrap_or(("", usize::MAX));
            let name = if name.is_empty() { called } else { name };
            let response = Object::new()
                .with_some("id", calls::wire_id(call_id))
                .with("name", name)
                .with("response", response(content, *is_error));
            results.push((place, Object::new().with("functionResponse", response).into()));
        }
        results.sort_by_key(|(place, _)| *place);
        results.into_iter().map(|(_, result)| result).collect()
    }

    fn model(&mut self, message: &'a Message) -> Vec<Json> {
        let mut out = Vec::new();
        for part in &message.parts {
            match part {
                Part::Text { text, opaque } => {
                    out.extend(signature::pieces(text, opaque).iter().map(|p| text_part(p.text, false, p.signature)));
                }
                Part::Refusal { text } => out.push(text_part(text, false, None)),
                Part::Reasoning { text, opaque } => thoughts(text, opaque, &mut out),
                Part::Image { media_type, data, opaque } => {
                    out.push(inline(media_type, data).with_some("thoughtSignature", whole(opaque)).into());
                }
                Part::ToolCall { id, name, arguments, opaque } => out.push(self.call(id, name, arguments, opaque)),
                Part::ServerTool { opaque, .. } => {
                    let parts = opaque.iter().filter(|data| data.kind == signature::PART);
                    out.extend(parts.filter_map(|data| Json::raw(&data.json)));
                }
                // A model sends neither files nor results.
                Part::File { .. } | Part::ToolResult { .. } => {}
            }
        }
        out
    }

    fn call(&mut self, id: &'a str, name: &'a str, arguments: &str, opaque: &[OpaqueData]) -> Json {
        let place = self.calls.len();
        self.calls.insert(id, (name, place));
        let signature = whole(opaque).or_else(|| {
            let needs_one = self.signs && !self.called;
            needs_one.then(|| UNSIGNED.into())
        });
        self.called = true;
        let call = Object::new()
            .with_some("id", calls::wire_id(id))
            .with("name", name)
            .with("args", if arguments.trim().is_empty() { json!({}).into() } else { object(arguments, "input") });
        Object::new().with("functionCall", call).with_some("thoughtSignature", signature).into()
    }

    /// A file as the vendor takes it: as it is, or written out where it is text.
    fn file(&self, name: &str, media_type: &str, data: &[u8]) -> Result<Json, ProviderError> {
        let native = media_type == "application/pdf"
            || ["image/", "audio/", "video/"].iter().any(|kind| media_type.starts_with(kind));
        if native {
            return Ok(inline(media_type, data).into());
        }
        match std::str::from_utf8(data) {
            Ok(text) if !text.contains('\0') => Ok(json!({ "text": format!("{name}:\n\n{text}") }).into()),
            _ => {
                let message = format!("{} takes no files of the type {media_type}", self.vendor.name);
                Err(ProviderError::because(Category::BadRequest, "file_unsupported", message))
            }
        }
    }
}

/// Thoughts go back only where they are signed.
fn thoughts(text: &str, opaque: &[OpaqueData], out: &mut Vec<Json>) {
    for data in opaque.iter().filter(|data| data.kind == signature::EMPTY_TEXT) {
        out.push(text_part("", false, Some(&data.json)));
    }
    let empty_text = |data: &&OpaqueData| data.kind != signature::EMPTY_TEXT;
    let rest: Vec<OpaqueData> = opaque.iter().filter(empty_text).cloned().collect();
    let pieces = signature::pieces(text, &rest);
    out.extend(pieces.iter().filter(|p| p.signature.is_some()).map(|p| text_part(p.text, true, p.signature)));
}

fn text_part(text: &str, thought: bool, signature: Option<&str>) -> Json {
    let signature = signature.and_then(Json::raw);
    let part = Object::new().with("text", text).with_some("thought", thought.then_some(true));
    part.with_some("thoughtSignature", signature).into()
}

/// The signature on a part that is a block of its own.
fn whole(opaque: &[OpaqueData]) -> Option<Json> {
    opaque.iter().find(|data| data.kind == signature::WHOLE).and_then(|data| Json::raw(&data.json))
}

fn inline(media_type: &str, data: &[u8]) -> Object {
    Object::new().with("inlineData", json!({ "mimeType": media_type, "data": STANDARD.encode(data) }))
}

/// What a function gave: an object, so that anything else is wrapped.
fn response(content: &str, is_error: bool) -> Json {
    if is_error { json!({ "error": content }).into() } else { object(content, "result") }
}

/// JSON text that is an object, as it is; anything else as the field `otherwise` of one.
fn object(text: &str, otherwise: &str) -> Json {
    let raw = text.trim_start().starts_with('{').then(|| Json::raw(text)).flatten();
    raw.unwrap_or_else(|| {
        let value: Value = text.into();
        Object::new().with(otherwise, value).into()
    })
}
