//! From a request to the JSON body. Only fields on this list are ever sent: OpenAI, Mistral and others refuse
//! what they do not know.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::details;
use crate::{
    Category, ChatRequest, Message, Part, ProviderError, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Quirk, Vendor},
    json::{Json, Object},
};

/// The body of `POST chat/completions`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let mut body =
        Object::new().with("model", request.model.as_str()).with("messages", Json::List(messages(vendor, request)?));
    if !request.tools.is_empty() {
        body.set("tools", Json::from_iter(request.tools.iter().map(|t| tool(t).into())));
        if let Some(choice) = &request.tool_choice {
            body.set("tool_choice", tool_choice(choice));
        }
    }
    if let Some((name, schema)) = &request.response_schema {
        let format = json!({ "name": name, "schema": schema, "strict": true });
        body.set("response_format", json!({ "type": "json_schema", "json_schema": format }));
    }
    parameters(vendor, request, &mut body);
    body.set("stream", stream);
    if stream && vendor.has(Quirk::AskForUsage) {
        body.set("stream_options", json!({ "include_usage": true }));
    }
    body.extend(&request.extra);
    Ok(body)
}

fn parameters(vendor: &Vendor, request: &ChatRequest, body: &mut Object) {
    let p = &request.parameters;
    let limit = if vendor.has(Quirk::MaxCompletionTokens) { "max_completion_tokens" } else { "max_tokens" };
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.set(name, value);
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

fn tool(tool: &ToolDefinition) -> Object {
    let function = Object::new()
        .with("name", tool.name.as_str())
        .with_some("description", tool.description.as_deref())
        .with("parameters", tool.parameters.clone())
        .with_some("strict", tool.strict);
    Object::new().with("type", "function").with("function", function)
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Named(name) => json!({ "type": "function", "function": { "name": name } }),
    }
}

fn messages(vendor: &Vendor, request: &ChatRequest) -> Result<Vec<Json>, ProviderError> {
    let mut out = Vec::with_capacity(request.messages.len() + 1);
    if let Some(system) = request.system.as_deref().filter(|s| !s.is_empty()) {
        out.push(json!({ "role": "system", "content": system }).into());
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(vendor, message, &mut out)?,
            Role::Assistant => out.extend(assistant(vendor, message).map(Json::from)),
        }
    }
    Ok(out)
}

/// Tool results become messages of their own, before what the person says.
fn user(vendor: &Vendor, message: &Message, out: &mut Vec<Json>) -> Result<(), ProviderError> {
    let mut texts = Vec::new();
    let mut parts = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolResult { call_id, content, .. } => {
                out.push(json!({ "role": "tool", "tool_call_id": call_id, "content": content }).into());
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

fn assistant(vendor: &Vendor, message: &Message) -> Option<Object> {
    let mut text = String::new();
    let mut reasoning = String::new();
    let mut details: Vec<Json> = Vec::new();
    let mut calls: Vec<Value> = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text: more, .. } | Part::Refusal { text: more } => text.push_str(more),
            Part::Reasoning { text: more, opaque } => {
                reasoning.push_str(more);
                details.extend(opaque.iter().filter(|o| o.kind == details::KIND).filter_map(|o| Json::raw(&o.json)));
            }
            Part::ToolCall { id, name, arguments, .. } => {
                let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
                let function = json!({ "name": name, "arguments": arguments });
                calls.push(json!({ "id": id, "type": "function", "function": function }));
            }
            // The dialect takes no images or files of the model back.
            Part::Image { .. } | Part::File { .. } | Part::ToolResult { .. } | Part::ServerTool { .. } => {}
        }
    }
    if text.is_empty() && calls.is_empty() && details.is_empty() {
        return None;
    }
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { text.into() };
    let mut out = Object::new().with("role", "assistant").with("content", content);
    if !details.is_empty() {
        out.set("reasoning_details", Json::List(details));
    }
    if vendor.has(Quirk::ReplayReasoningContent) && !calls.is_empty() {
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
