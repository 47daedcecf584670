//! From a request to the JSON body of `POST v2/chat`.

use serde_json::{Value, json};

use super::{messages::conversation, thinking};
use crate::{
    ChatRequest, ProviderError, ToolChoice, ToolDefinition,
    catalog::{ModelRule, Vendor},
    json::{Json, Object},
};

/// The body.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let rule = vendor.rule(&request.model);
    let p = vendor.fitted(&request.model, &request.parameters).parameters;
    let (tools, choice) = tools(rule, request);
    let talk = conversation(vendor, request)?;
    let mut body = Object::new().with("model", request.model.as_str()).with("messages", Json::List(talk.messages));
    if !talk.documents.is_empty() {
        body.set("documents", Json::List(talk.documents));
    }
    if !tools.is_empty() {
        if tools.iter().all(|tool| is_strict(tool)) {
            body.set("strict_tools", true);
        }
        body.set("tools", tools.into_iter().map(|t| tool(t).into()).collect::<Json>());
    }
    let mut body = body
        .with_some("tool_choice", choice)
        .with_some("response_format", request.response_schema.as_ref().map(|(_, schema)| format(schema)))
        .with_some("thinking", thinking::control(rule, p.reasoning_effort, p.max_tokens))
        .with_some("max_tokens", p.max_tokens)
        .with_some("temperature", p.temperature)
        .with_some("p", p.top_p)
        .with_some("seed", p.seed);
    if !p.stop.is_empty() {
        body.set("stop_sequences", p.stop);
    }
    body.set("stream", stream);
    body.merge(&request.extra, &ChatRequest::OWN_FIELDS);
    Ok(body)
}

/// The tools on offer, and what is said about calling them. That one of them must be called is said by offering no
/// other. A model that refuses every word about it is not offered what it must not call, and left the choice.
fn tools<'a>(rule: Option<&ModelRule>, request: &'a ChatRequest) -> (Vec<&'a ToolDefinition>, Option<&'static str>) {
    let refuses = rule.is_some_and(|r| r.refuses_forced_tools);
    let choice = request.tool_choice.as_ref().unwrap_or(&ToolChoice::Auto);
    let offered = |tool: &&ToolDefinition| match choice {
        ToolChoice::Named(name) => tool.name == *name,
        ToolChoice::None => !refuses,
        ToolChoice::Auto | ToolChoice::Required => true,
    };
    let tools: Vec<_> = request.tools.iter().filter(offered).collect();
    let word = match choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some("NONE"),
        ToolChoice::Required | ToolChoice::Named(_) => Some("REQUIRED"),
    };
    let word = word.filter(|_| !refuses && !tools.is_empty());
    (tools, word)
}

/// The vendor keeps to the schemas of all tools or of none, and refuses to where one needs no parameter.
fn is_strict(tool: &ToolDefinition) -> bool {
    let required = tool.parameters.get("required").and_then(Value::as_array);
    tool.strict == Some(true) && required.is_some_and(|names| !names.is_empty())
}

fn tool(tool: &ToolDefinition) -> Object {
    let function = Object::new()
        .with("name", tool.name.as_str())
        .with_some("description", tool.description.as_deref())
        .with("parameters", tool.parameters.clone());
    Object::new().with("type", "function").with("function", function)
}

fn format(schema: &Value) -> Value {
    json!({ "type": "json_object", "json_schema": schema })
}
