//! From a request to the JSON body.

use serde_json::{Value, json};

use super::{
    blocks::{REDACTED, SIGNATURE},
    cache,
    messages::messages,
    thinking,
};
use crate::{
    ChatRequest, Message, Parameters, Part, ProviderError, Role, ToolChoice, ToolDefinition,
    catalog::{ModelRule, Quirk, Vendor},
    json::{Json, Object},
};

/// What is asked for where nobody says how much a model can put out: every model of this wire ever could as much.
const LIMIT_OF_UNKNOWN: u64 = 4096;
/// The most output, in tokens, that comes within ten minutes: the vendor's own clients refuse to wait longer for an
/// answer that does not stream (3600 s for 128,000 tokens).
const LIMIT_OF_WHOLE: u64 = 21_333;
/// The version of the API on Vertex AI.
const VERTEX_VERSION: &str = "vertex-2023-10-16";

/// The body of `POST messages`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let rule = vendor.rule(&request.model);
    let parameters = vendor.fitted(&request.model, &request.parameters).parameters;
    let limit = limit(vendor, &request.model, &parameters, stream);
    let choice = choice(rule, request);
    let barred = choice.as_ref().is_some_and(forces) || resumes_without_thinking(request);
    let control = thinking::control(rule, &parameters, limit, barred);
    // On Vertex AI the address says the model, and the body the version.
    let named = !vendor.has(Quirk::PublisherPaths);
    let mut body = Object::new()
        .with_some("model", named.then_some(request.model.as_str()))
        .with_some("anthropic_version", (!named).then_some(VERTEX_VERSION))
        .with("max_tokens", limit)
        .with_some("system", request.system.as_deref().filter(|s| !s.trim().is_empty()).map(|s| system(request, s)))
        .with("messages", Json::List(messages(vendor, request)?));
    if !request.tools.is_empty() {
        body.set("tools", Json::List(tools(request)));
    }
    let mut output = Object::new().with_some("effort", control.effort);
    if let Some((_, schema)) = &request.response_schema {
        output.set("format", json!({ "type": "json_schema", "schema": schema }));
    }
    if !control.thinks {
        // The wire's temperature ends at 1.
        body = body
            .with_some("temperature", parameters.temperature.map(|t| t.min(1.0)))
            .with_some("top_p", parameters.top_p);
    }
    let mut body = body
        .with_some("tool_choice", choice.map(|c| tool_choice(&c)))
        .with_some("thinking", control.thinking)
        .with_some("output_config", Some(output).filter(|o| !o.is_empty()));
    if !parameters.stop.is_empty() {
        body.set("stop_sequences", parameters.stop);
    }
    body.set("stream", stream);
    body.merge(&request.extra, &ChatRequest::OWN_FIELDS);
    Ok(body)
}

/// The field that every request must have.
fn limit(vendor: &Vendor, model: &str, parameters: &Parameters, stream: bool) -> u64 {
    if let Some(limit) = parameters.max_tokens {
        return u64::from(limit);
    }
    let most = vendor.max_output(model).unwrap_or(LIMIT_OF_UNKNOWN);
    if stream { most } else { most.min(LIMIT_OF_WHOLE) }
}

/// The system prompt, and where it ends a mark: what comes before a mark is cached. The tools come before it.
fn system(request: &ChatRequest, text: &str) -> Json {
    if !request.cache {
        return text.into();
    }
    let mut block = Object::new().with("type", "text").with("text", text);
    cache::mark(&mut block);
    Json::List(vec![block.into()])
}

fn tools(request: &ChatRequest) -> Vec<Json> {
    let mut tools: Vec<Object> = request.tools.iter().map(tool).collect();
    if let Some(last) = tools.last_mut().filter(|_| request.cache) {
        cache::mark(last);
    }
    tools.into_iter().map(Json::from).collect()
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
