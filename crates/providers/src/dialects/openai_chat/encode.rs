//! From a request to the JSON body. Only fields on this list are ever sent: OpenAI, Mistral and others refuse
//! what they do not know.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json, value::RawValue};

use super::details;
use crate::{
    Category, ChatRequest, Message, Part, ProviderError, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Quirk, Vendor},
};

/// The body of `POST chat/completions`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Value, ProviderError> {
    let mut body = Map::new();
    body.insert("model".into(), request.model.as_str().into());
    body.insert("messages".into(), Value::Array(messages(vendor, request)?));
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
        if let Some(choice) = &request.tool_choice {
            body.insert("tool_choice".into(), tool_choice(choice));
        }
    }
    if let Some((name, schema)) = &request.response_schema {
        let format = json!({ "name": name, "schema": schema, "strict": true });
        body.insert("response_format".into(), json!({ "type": "json_schema", "json_schema": format }));
    }
    parameters(vendor, request, &mut body);
    body.insert("stream".into(), stream.into());
    if stream && vendor.has(Quirk::AskForUsage) {
        body.insert("stream_options".into(), json!({ "include_usage": true }));
    }
    body.extend(request.extra.clone());
    Ok(Value::Object(body))
}

fn parameters(vendor: &Vendor, request: &ChatRequest, body: &mut Map<String, Value>) {
    let p = &request.parameters;
    let limit = if vendor.has(Quirk::MaxCompletionTokens) { "max_completion_tokens" } else { "max_tokens" };
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.into(), value);
        }
    };
    set("temperature", p.temperature.map(Value::from));
    set("top_p", p.top_p.map(Value::from));
    set(limit, p.max_tokens.map(Value::from));
    set("stop", (!p.stop.is_empty()).then(|| p.stop.clone().into()));
    set("seed", p.seed.map(Value::from));
    set("reasoning_effort", p.reasoning_effort.map(|e| effort(e).into()));
}

/// The words of OpenAI's scale; not every model takes every one.
fn effort(effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::None => "none",
        ReasoningEffort::Minimal => "minimal",
        ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::Max => "xhigh",
    }
}

fn tool(tool: &ToolDefinition) -> Value {
    let mut function = Map::new();
    function.insert("name".into(), tool.name.as_str().into());
    if let Some(description) = &tool.description {
        function.insert("description".into(), description.as_str().into());
    }
    function.insert("parameters".into(), tool.parameters.clone());
    if let Some(strict) = tool.strict {
        function.insert("strict".into(), strict.into());
    }
    json!({ "type": "function", "function": function })
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Named(name) => json!({ "type": "function", "function": { "name": name } }),
    }
}

fn messages(vendor: &Vendor, request: &ChatRequest) -> Result<Vec<Value>, ProviderError> {
    let mut out = Vec::with_capacity(request.messages.len() + 1);
    if let Some(system) = request.system.as_deref().filter(|s| !s.is_empty()) {
        out.push(json!({ "role": "system", "content": system }));
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(vendor, message, &mut out)?,
            Role::Assistant => out.extend(assistant(vendor, message)),
        }
    }
    Ok(out)
}

/// Tool results become messages of their own, before what the person says.
fn user(vendor: &Vendor, message: &Message, out: &mut Vec<Value>) -> Result<(), ProviderError> {
    let mut texts = Vec::new();
    let mut parts = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolResult { call_id, content, .. } => {
                out.push(json!({ "role": "tool", "tool_call_id": call_id, "content": content }));
            }
            Part::Text { text } => {
                texts.push(text.clone());
                parts.push(text_part(text));
            }
            Part::Image { media_type, data } => {
                parts.push(json!({ "type": "image_url", "image_url": { "url": data_url(media_type, data) } }));
            }
            Part::File { name, media_type, data } => parts.push(file(vendor, name, media_type, data)?),
            // A person neither reasons, calls nor refuses.
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::Refusal { .. } => {}
        }
    }
    if parts.is_empty() {
        return Ok(());
    }
    // Text alone goes as a string: some servers' templates cannot read a list.
    let content = if texts.len() == parts.len() { texts.join("\n\n").into() } else { Value::Array(parts) };
    out.push(json!({ "role": "user", "content": content }));
    Ok(())
}

fn assistant(vendor: &Vendor, message: &Message) -> Option<Value> {
    let mut text = String::new();
    let mut reasoning = String::new();
    let mut details = Vec::new();
    let mut calls: Vec<Value> = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text: more } | Part::Refusal { text: more } => text.push_str(more),
            Part::Reasoning { text: more, opaque } => {
                reasoning.push_str(more);
                details.extend(opaque.iter().filter(|o| o.kind == details::KIND).filter_map(|o| parsed(&o.json)));
            }
            Part::ToolCall { id, name, arguments } => {
                let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
                let function = json!({ "name": name, "arguments": arguments });
                calls.push(json!({ "id": id, "type": "function", "function": function }));
            }
            // The dialect takes no images or files of the model back.
            Part::Image { .. } | Part::File { .. } | Part::ToolResult { .. } => {}
        }
    }
    if text.is_empty() && calls.is_empty() {
        return None;
    }
    let mut out = Map::new();
    out.insert("role".into(), "assistant".into());
    out.insert("content".into(), if text.is_empty() { Value::Null } else { text.into() });
    if !details.is_empty() {
        out.insert("reasoning_details".into(), details.into());
    }
    if vendor.has(Quirk::ReplayReasoningContent) && !calls.is_empty() {
        out.insert("reasoning_content".into(), reasoning.into());
    }
    if !calls.is_empty() {
        out.insert("tool_calls".into(), calls.into());
    }
    Some(Value::Object(out))
}

fn parsed(json: &str) -> Option<Value> {
    serde_json::from_str::<&RawValue>(json).ok().and_then(|raw| serde_json::from_str(raw.get()).ok())
}

fn text_part(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn data_url(media_type: &str, data: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(data))
}

/// A file as the vendor takes it: as it is, or written out where it is text.
fn file(vendor: &Vendor, name: &str, media_type: &str, data: &[u8]) -> Result<Value, ProviderError> {
    if vendor.has(Quirk::NativeFiles) && media_type == "application/pdf" {
        let file = json!({ "filename": name, "file_data": data_url(media_type, data) });
        return Ok(json!({ "type": "file", "file": file }));
    }
    match std::str::from_utf8(data) {
        Ok(text) if !text.contains('\0') => Ok(text_part(&format!("{name}:\n\n{text}"))),
        _ => Err(ProviderError::because(
            Category::BadRequest,
            "file_unsupported",
            format!("{} takes no files of the type {media_type}", vendor.name),
        )),
    }
}
