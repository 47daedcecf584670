//! From a request to the JSON body. Only fields on this list are ever sent: OpenAI, Mistral and others refuse
//! what they do not know.

mod messages;
mod tool_ids;

use serde_json::{Value, json};

use crate::{
    ChatRequest, ProviderError, ReasoningEffort, ToolChoice, ToolDefinition,
    catalog::{Quirk, Vendor},
    json::{Json, Object},
};

/// The body of `POST chat/completions`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let mut body = Object::new()
        .with("model", request.model.as_str())
        .with("messages", Json::List(messages::all(vendor, request)?));
    if !request.tools.is_empty() {
        body.set("tools", Json::from_iter(request.tools.iter().map(|t| tool(t).into())));
        if let Some(choice) = &request.tool_choice {
            body.set("tool_choice", tool_choice(choice));
        }
    }
    if let Some((name, schema)) = &request.response_schema {
        let format = json!({ "name": name, "schema": schema, "strict": true });
        body.set(
            "response_format",
            match vendor.has(Quirk::SchemaInPrompt) {
                true => json!({ "type": "json_object" }),
                false => json!({ "type": "json_schema", "json_schema": format }),
            },
        );
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
    let seed = if vendor.has(Quirk::RandomSeed) { "random_seed" } else { "seed" };
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.set(name, value);
        }
    };
    set("temperature", p.temperature.map(Value::from));
    set("top_p", p.top_p.map(Value::from));
    set(limit, p.max_tokens.map(Value::from));
    set("stop", (!p.stop.is_empty()).then(|| p.stop.clone().into()));
    set(seed, p.seed.map(Value::from));
    let Some(effort) = p.reasoning_effort else { return };
    if vendor.has(Quirk::ThinkingSwitch) {
        let kind = if effort == ReasoningEffort::None { "disabled" } else { "enabled" };
        set("thinking", Some(json!({ "type": kind })));
        if effort == ReasoningEffort::None {
            return;
        }
    }
    set("reasoning_effort", Some(word(vendor, effort).into()));
}

/// The vendor's word for an effort; not every model takes every one.
fn word(vendor: &Vendor, effort: ReasoningEffort) -> &'static str {
    match effort {
        ReasoningEffort::None => "none",
        ReasoningEffort::Minimal if vendor.has(Quirk::ThreeEfforts) || vendor.has(Quirk::ThinkingSwitch) => "low",
        ReasoningEffort::Minimal => "minimal",
        ReasoningEffort::Low => "low",
        ReasoningEffort::Medium => "medium",
        ReasoningEffort::High => "high",
        ReasoningEffort::Max if vendor.has(Quirk::ThreeEfforts) => "high",
        ReasoningEffort::Max if vendor.has(Quirk::ThinkingSwitch) => "max",
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
