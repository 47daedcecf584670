//! From a request to the JSON body.

use serde_json::{Value, json};

use super::{
    blocks::{REDACTED, SIGNATURE},
    messages::messages,
    thinking,
};
use crate::{
    ChatRequest, Message, Part, ProviderError, Role, ToolChoice, ToolDefinition,
    catalog::{ModelRule, Sampling, Vendor},
    json::{Json, Object},
};

/// What is asked for where nobody says how much a model can put out: every model of this wire ever could as much.
const LIMIT_OF_UNKNOWN: u64 = 4096;
/// The most output, in tokens, that comes within ten minutes: the vendor's own clients refuse to wait longer for an
/// answer that does not stream (3600 s for 128,000 tokens).
const LIMIT_OF_WHOLE: u64 = 21_333;

/// The body of `POST messages`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let rule = vendor.rule(&request.model);
    let limit = limit(vendor, request, stream);
    let choice = choice(rule, request);
    let barred = choice.as_ref().is_some_and(forces) || resumes_without_thinking(request);
    let control = thinking::control(rule, &request.parameters, limit, barred);
    let mut body = Object::new()
        .with("model", request.model.as_str())
        .with("max_tokens", limit)
        .with_some("system", request.system.as_deref().filter(|s| !s.trim().is_empty()))
        .with("messages", Json::List(messages(vendor, request)?));
    if !request.tools.is_empty() {
        body.set("tools", Json::from_iter(request.tools.iter().map(|t| tool(t).into())));
    }
    let mut output = Object::new().with_some("effort", control.effort);
    if let Some((_, schema)) = &request.response_schema {
        output.set("format", json!({ "type": "json_schema", "schema": schema }));
    }
    if !control.thinks {
        sampling(rule, request, &mut body);
    }
    let mut body = body
        .with_some("tool_choice", choice.map(|c| tool_choice(&c)))
        .with_some("thinking", control.thinking)
        .with_some("output_config", Some(output).filter(|o| !o.is_empty()));
    let stop = &request.parameters.stop;
    if !stop.is_empty() {
        body.set("stop_sequences", stop.clone());
    }
    body.set("stream", stream);
    body.extend(&request.extra);
    Ok(body)
}

/// The field that every request must have.
fn limit(vendor: &Vendor, request: &ChatRequest, stream: bool) -> u64 {
    if let Some(limit) = request.parameters.max_tokens {
        return u64::from(limit);
    }
    let most = vendor.max_output(&request.model).unwrap_or(LIMIT_OF_UNKNOWN);
    if stream { most } else { most.min(LIMIT_OF_WHOLE) }
}

fn sampling(rule: Option<&ModelRule>, request: &ChatRequest, body: &mut Object) {
    // The wire's temperature ends at 1.
    let temperature = request.parameters.temperature.map(|t| t.min(1.0));
    let top_p = request.parameters.top_p;
    let (temperature, top_p) = match rule.map_or(Sampling::Both, |r| r.sampling) {
        Sampling::Both => (temperature, top_p),
        Sampling::One => (temperature, top_p.filter(|_| temperature.is_none())),
        Sampling::None => (None, None),
    };
    for (name, value) in [("temperature", temperature), ("top_p", top_p)] {
        if let Some(value) = value {
            body.set(name, value);
        }
    }
}

fn tool(tool: &ToolDefinition) -> Object {
    let schema = match &tool.parameters {
        Value::Object(schema) if schema.contains_key("type") => tool.parameters.clone(),
        // The wire insists on an object.
        _ => json!({ "type": "object", "properties": {} }),
    };
    Object::new()
        .with("name", tool.name.as_str())
        .with_some("description", tool.description.as_deref())
        .with("input_schema", schema)
        .with_some("strict", tool.strict.filter(|strict| *strict))
}

/// What is asked of the model about tools; one that refuses to be forced is left the choice.
fn choice(rule: Option<&ModelRule>, request: &ChatRequest) -> Option<ToolChoice> {
    let choice = request.tool_choice.clone().filter(|_| !request.tools.is_empty())?;
    Some(if forces(&choice) && rule.is_some_and(|r| r.refuses_forced_tools) { ToolChoice::Auto } else { choice })
}

fn forces(choice: &ToolChoice) -> bool {
    matches!(choice, ToolChoice::Required | ToolChoice::Named(_))
}

/// True where results are brought to an answer that has no thinking to send back, because another model gave it or
/// thinking was off: a model that thinks by a budget refuses to begin in the middle.
fn resumes_without_thinking(request: &ChatRequest) -> bool {
    let thought = |part: &Part| match part {
        Part::Reasoning { opaque, .. } => opaque.iter().any(|o| matches!(o.kind.as_str(), SIGNATURE | REDACTED)),
        _ => false,
    };
    let mut latest = request.messages.iter().rev();
    let brings_results = |m: &Message| m.parts.iter().any(|p| matches!(p, Part::ToolResult { .. }));
    latest.next().is_some_and(brings_results)
        && latest.find(|m| m.role == Role::Assistant).is_some_and(|m| !m.parts.iter().any(thought))
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({ "type": "auto" }),
        ToolChoice::None => json!({ "type": "none" }),
        ToolChoice::Required => json!({ "type": "any" }),
        ToolChoice::Named(name) => json!({ "type": "tool", "name": name }),
    }
}
