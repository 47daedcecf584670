//! From a request to the JSON body of `POST api/chat`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    Category, ChatRequest, Message, Parameters, Part, ProviderError, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::Vendor,
    json::{Json, Object},
};

/// The body.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let mut body =
        Object::new().with("model", request.model.as_str()).with("messages", Json::List(messages(vendor, request)?));
    let tools = tools(request);
    if !tools.is_empty() {
        body.set("tools", Json::List(tools));
    }
    if let Some((_, schema)) = &request.response_schema {
        body.set("format", schema.clone());
    }
    let parameters = vendor.fitted(&request.model, &request.parameters).parameters;
    if let Some(effort) = parameters.reasoning_effort {
        body.set("think", think(effort));
    }
    let options = options(&parameters);
    if !options.is_empty() {
        body.set("options", options);
    }
    // Without these two the server drops the beginning of a conversation that is too long and says nothing.
    body.set("truncate", false);
    body.set("shift", false);
    // A stream is the default of the wire.
    body.set("stream", stream);
    body.merge(&request.extra, &ChatRequest::OWN_FIELDS);
    Ok(body)
}

/// Sampling and limits; at the top level they would be ignored. The size of the context is not set: another one
/// than the server's makes it load the model again.
fn options(p: &Parameters) -> Object {
    Object::new()
        .with_some("temperature", p.temperature.map(Value::from))
        .with_some("top_p", p.top_p.map(Value::from))
        .with_some("num_predict", p.max_tokens)
        .with_some("seed", p.seed)
        .with_some("stop", (!p.stop.is_empty()).then(|| Value::from(p.stop.clone())))
}

/// Models that know no levels take each as on.
fn think(effort: ReasoningEffort) -> Value {
    match effort {
        ReasoningEffort::None => false.into(),
        ReasoningEffort::Minimal | ReasoningEffort::Low => "low".into(),
        ReasoningEffort::Medium => "medium".into(),
        ReasoningEffort::High => "high".into(),
        ReasoningEffort::Max => "max".into(),
    }
}

/// The wire has no tool choice: what must not be called is not offered. That one must be called cannot be said.
fn tools(request: &ChatRequest) -> Vec<Json> {
    let offered = |tool: &&ToolDefinition| match &request.tool_choice {
        Some(ToolChoice::None) => false,
        Some(ToolChoice::Named(name)) => tool.name == *name,
        Some(ToolChoice::Auto | ToolChoice::Required) | None => true,
    };
    request.tools.iter().filter(offered).map(|t| tool(t).into()).collect()
}

fn tool(tool: &ToolDefinition) -> Object {
    let function = Object::new()
        .with("name", tool.name.as_str())
        .with_some("description", tool.description.as_deref())
        .with("parameters", tool.parameters.clone());
    Object::new().with("type", "function").with("function", function)
}

fn messages(vendor: &Vendor, request: &ChatRequest) -> Result<Vec<Json>, ProviderError> {
    let mut out = Vec::with_capacity(request.messages.len() + 1);
    if let Some(system) = request.system.as_deref().filter(|s| !s.is_empty()) {
        out.push(json!({ "role": "system", "content": system }).into());
    }
    for message in &request.messages {
        match message.role {
            Role::User => user(vendor, message, &mut out)?,
            Role::Assistant => out.extend(assistant(message).map(Json::from)),
        }
    }
    Ok(out)
}

/// Tool results become messages of their own, before what the person says.
fn user(vendor: &Vendor, message: &Message, out: &mut Vec<Json>) -> Result<(), ProviderError> {
    let mut texts: Vec<String> = Vec::new();
    let mut images: Vec<String> = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolResult { call_id, name, content, .. } => out
                .push(json!({ "role": "tool", "content": content, "tool_name": name, "tool_call_id": call_id }).into()),
            Part::Text { text, .. } => texts.push(text.clone()),
            Part::Image { data, .. } => images.push(STANDARD.encode(data)),
            Part::File { name, media_type, data } => texts.push(file(vendor, name, media_type, data)?),
            // A person neither reasons, calls nor refuses.
            Part::Reasoning { .. } | Part::ToolCall { .. } | Part::ServerTool { .. } | Part::Refusal { .. } => {}
        }
    }
    if texts.is_empty() && images.is_empty() {
        return Ok(());
    }
    let mut user = Object::new().with("role", "user").with("content", texts.join("\n\n"));
    if !images.is_empty() {
        user.set("images", images);
    }
    out.push(user.into());
    Ok(())
}

fn assistant(message: &Message) -> Option<Object> {
    let mut text = String::new();
    let mut thinking = String::new();
    let mut calls: Vec<Json> = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text: more, .. } | Part::Refusal { text: more } => text.push_str(more),
            Part::Reasoning { text: more, .. } => thinking.push_str(more),
            Part::ToolCall { id, name, arguments, .. } => calls.push(call(calls.len(), id, name, arguments).into()),
            // The dialect takes no images or files of the model back.
            Part::Image { .. } | Part::File { .. } | Part::ToolResult { .. } | Part::ServerTool { .. } => {}
        }
    }
    if text.is_empty() && calls.is_empty() {
        return None;
    }
    let mut out = Object::new().with("role", "assistant").with("content", text);
    // Templates show the model its own thoughts only while it works with tools.
    if !calls.is_empty() && !thinking.is_empty() {
        out.set("thinking", thinking);
    }
    if !calls.is_empty() {
        out.set("tool_calls", Json::List(calls));
    }
    Some(out)
}

/// The arguments travel as an object, here as the text they came in.
fn call(index: usize, id: &str, name: &str, arguments: &str) -> Object {
    let text = arguments.trim();
    let arguments = match Json::raw(text) {
        Some(object) if text.starts_with('{') => object,
        _ if text.is_empty() => json!({}).into(),
        // Free text, or what another model made of an object: it keeps its words.
        _ => json!({ "input": text }).into(),
    };
    let function = Object::new().with("index", index).with("name", name).with("arguments", arguments);
    Object::new().with("id", id).with("function", function)
}

/// A file, written out where it is text: the wire has none.
fn file(vendor: &Vendor, name: &str, media_type: &str, data: &[u8]) -> Result<String, ProviderError> {
    match std::str::from_utf8(data) {
        Ok(text) if !text.contains('\0') => Ok(format!("{name}:\n\n{text}")),
        _ => Err(ProviderError::because(
            Category::BadRequest,
            "file_unsupported",
            format!("{} takes no files of the type {media_type}", vendor.name),
        )),
    }
}
