//! The messages of a request.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{super::details, tool_ids::ToolIds};
use crate::{
    Category, ChatRequest, Message, Part, ProviderError, Role,
    catalog::{Quirk, Vendor},
    json::{Json, Object},
};

/// Every message, the system prompt first.
pub(super) fn all(vendor: &Vendor, request: &ChatRequest) -> Result<Vec<Json>, ProviderError> {
    let mut out = Vec::with_capacity(request.messages.len() + 1);
    let ids = if vendor.has(Quirk::ShortToolIds) { ToolIds::short(&request.messages) } else { ToolIds::default() };
    if let Some(system) = system(vendor, request) {
        out.push(json!({ "role": "system", "content": system }).into());
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(vendor, message, &ids, &mut out)?,
            Role::Assistant => out.extend(assistant(vendor, request, message, &ids).map(Json::from)),
        }
    }
    Ok(out)
}

/// The system prompt, with the schema of the answer where it can stand nowhere else.
fn system(vendor: &Vendor, request: &ChatRequest) -> Option<String> {
    let mut system = request.system.clone().unwrap_or_default();
    if let Some((_, schema)) = request.response_schema.as_ref().filter(|_| vendor.has(Quirk::SchemaInPrompt)) {
        if !system.is_empty() {
            system.push_str("\n\n");
        }
        system.push_str("Answer with nothing but JSON that follows this JSON schema:\n");
        system.push_str(&schema.to_string());
    }
    (!system.is_empty()).then_some(system)
}

/// Tool results become messages of their own, before what the person says.
fn user(vendor: &Vendor, message: &Message, ids: &ToolIds, out: &mut Vec<Json>) -> Result<(), ProviderError> {
    let mut texts = Vec::new();
    let mut parts = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolResult { call_id, name, content, .. } => {
                let name = (vendor.has(Quirk::NamedToolResults) && !name.is_empty()).then_some(name.as_str());
                let result = Object::new().with("role", "tool").with("tool_call_id", ids.of(call_id));
                out.push(result.with_some("name", name).with("content", content.as_str()).into());
            }
            Part::Text { text, .. } => {
                texts.push(text.clone());
                parts.push(text_part(text));
            }
            Part::Image { media_type, data, .. } => {
                parts.push(json!({ "type": "image_url", "image_url": { "url": data_url(media_type, data) } }));
            }
            Part::File { name, media_type, data } => parts.push(file(vendor, name, media_type, data)?),
            // A person neither reasons, calls nor refuses.
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ServerTool { .. } | Part::Refusal { .. } => {}
        }
    }
    if parts.is_empty() {
        return Ok(());
    }
    // Text alone goes as a string: some servers' templates cannot read a list.
    let content = if texts.len() == parts.len() { texts.join("\n\n").into() } else { Value::Array(parts) };
    out.push(json!({ "role": "user", "content": content }).into());
    Ok(())
}

fn assistant(vendor: &Vendor, request: &ChatRequest, message: &Message, ids: &ToolIds) -> Option<Object> {
    let mut text = String::new();
    let mut reasoning = String::new();
    let mut details: Vec<Json> = Vec::new();
    let mut signed: Option<Json> = None;
    let mut calls: Vec<Value> = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text: more, .. } | Part::Refusal { text: more } => text.push_str(more),
            Part::Reasoning { text: more, opaque } => {
                reasoning.push_str(more);
                let own = opaque.iter().rfind(|o| o.kind == details::OPAQUE && vendor.has(Quirk::ReasoningText));
                signed = own.and_then(|o| Json::raw(&o.json)).or(signed);
                details.extend(opaque.iter().filter(|o| o.kind == details::KIND).filter_map(|o| Json::raw(&o.json)));
            }
            Part::ToolCall { id, name, arguments, .. } => {
                let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
                let function = json!({ "name": name, "arguments": arguments });
                calls.push(json!({ "id": ids.of(id), "type": "function", "function": function }));
            }
            // The dialect takes no images or files of the model back.
            Part::Image { .. } | Part::File { .. } | Part::ToolResult { .. } | Part::ServerTool { .. } => {}
        }
    }
    if text.is_empty() && calls.is_empty() && details.is_empty() && signed.is_none() {
        return None;
    }
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { text.into() };
    let mut out = Object::new().with("role", "assistant").with("content", content);
    if !details.is_empty() {
        out.set("reasoning_details", Json::List(details));
    }
    if let Some(signed) = signed {
        out.set("reasoning_text", reasoning.as_str());
        out.set("reasoning_opaque", signed);
    }
    if vendor.has(Quirk::ReplayReasoningContent) && (!calls.is_empty() || !request.tools.is_empty()) {
        out.set("reasoning_content", reasoning);
    }
    if !calls.is_empty() {
        out.set("tool_calls", calls);
    }
    Some(out)
}

fn text_part(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// Bytes inside an address.
pub(in crate::dialects) fn data_url(media_type: &str, data: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(data))
}

/// A file as the vendor takes it: as it is, or written out where it is text.
fn file(vendor: &Vendor, name: &str, media_type: &str, data: &[u8]) -> Result<Value, ProviderError> {
    if takes_pdf(vendor, media_type) {
        let file = json!({ "filename": name, "file_data": data_url(media_type, data) });
        return Ok(json!({ "type": "file", "file": file }));
    }
    if vendor.has(Quirk::DocumentUrls) && media_type == "application/pdf" {
        let url = data_url(media_type, data);
        return Ok(json!({ "type": "document_url", "document_name": name, "document_url": url }));
    }
    file_text(vendor, name, media_type, data).map(|text| text_part(&text))
}

/// Whether a file goes out as a part of its own.
pub(in crate::dialects) fn takes_pdf(vendor: &Vendor, media_type: &str) -> bool {
    vendor.has(Quirk::NativeFiles) && media_type == "application/pdf"
}

/// A file written out.
///
/// # Errors
/// `bad_request` / `file_unsupported` where it is no text.
pub(in crate::dialects) fn file_text(
    vendor: &Vendor,
    name: &str,
    media_type: &str,
    data: &[u8],
) -> Result<String, ProviderError> {
    match std::str::from_utf8(data) {
        Ok(text) if !text.contains('\0') => Ok(format!("{name}:\n\n{text}")),
        _ => Err(ProviderError::because(
            Category::BadRequest,
            "file_unsupported",
            format!("{} takes no files of the type {media_type}", vendor.name),
        )),
    }
}
