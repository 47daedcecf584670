//! From a request to the JSON body.

use serde_json::{Map, Value, json};

use super::{address, contents, schema, thinking};
use crate::{
    ChatRequest, ProviderError, ToolChoice, ToolDefinition,
    catalog::{Quirk, Vendor},
    json::Object,
};

/// What extras do not replace: their tools stand beside ours.
const KEPT: [&str; 5] = {
    let [model, messages, contents, stream] = ChatRequest::OWN_FIELDS;
    [model, messages, contents, stream, "tools"]
};

/// The body of `generateContent` and `streamGenerateContent`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest) -> Result<Object, ProviderError> {
    let mut body = Object::new();
    if let Some(system) = request.system.as_deref().filter(|s| !s.is_empty()) {
        body.set("systemInstruction", json!({ "parts": [{ "text": system }] }));
    }
    body.set("contents", contents::contents(vendor, request)?);
    let (tools, config) = (tools(vendor, request), tool_config(request));
    if !tools.is_empty() {
        body.set("tools", tools);
    }
    for (name, fields) in [("toolConfig", config), ("generationConfig", generation(vendor, request))] {
        if !fields.is_empty() {
            body.set(name, fields);
        }
    }
    body.merge(&request.extra, &KEPT);
    Ok(body)
}

/// Our functions, and the vendor's own tools that the extras name.
fn tools(vendor: &Vendor, request: &ChatRequest) -> Vec<Value> {
    let mut tools = Vec::new();
    if !request.tools.is_empty() {
        let functions: Vec<Value> = request.tools.iter().map(|tool| function(vendor, tool)).collect();
        tools.push(json!({ "functionDeclarations": functions }));
    }
    if let Some(Value::Array(extra)) = request.extra.get("tools") {
        tools.extend(extra.iter().cloned());
    }
    tools
}

fn function(vendor: &Vendor, tool: &ToolDefinition) -> Value {
    let mut function = Map::from_iter([("name".to_owned(), tool.name.as_str().into())]);
    if let Some(description) = &tool.description {
        function.insert("description".into(), description.as_str().into());
    }
    let (name, parameters) = match vendor.has(Quirk::OpenapiSchemas) {
        true => ("parameters", schema::open_api(&tool.parameters)),
        false => ("parametersJsonSchema", tool.parameters.clone()),
    };
    function.insert(name.into(), parameters);
    function.into()
}

fn tool_config(request: &ChatRequest) -> Map<String, Value> {
    let strict = request.tools.iter().any(|tool| tool.strict == Some(true));
    let config = match &request.tool_choice {
        _ if request.tools.is_empty() => None,
        None | Some(ToolChoice::Auto) if strict => Some(json!({ "mode": "VALIDATED" })),
        None => None,
        Some(ToolChoice::Auto) => Some(json!({ "mode": "AUTO" })),
        Some(ToolChoice::None) => Some(json!({ "mode": "NONE" })),
        Some(ToolChoice::Required) => Some(json!({ "mode": "ANY" })),
        Some(ToolChoice::Named(name)) => Some(json!({ "mode": "ANY", "allowedFunctionNames": [name] })),
    };
    config.map(|config| ("functionCallingConfig".to_owned(), config)).into_iter().collect()
}

fn generation(vendor: &Vendor, request: &ChatRequest) -> Map<String, Value> {
    let p = vendor.fitted(address::short(&request.model), &request.parameters).parameters;
    let mut out = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    set("temperature", p.temperature.map(Value::from));
    set("topP", p.top_p.map(Value::from));
    set("maxOutputTokens", p.max_tokens.map(Value::from));
    set("stopSequences", (!p.stop.is_empty()).then(|| p.stop.into()));
    set("seed", p.seed.map(Value::from));
    set("thinkingConfig", p.reasoning_effort.and_then(|effort| thinking::config(vendor, &request.model, effort)));
    if let Some((_, schema)) = &request.response_schema {
        set("responseMimeType", Some("application/json".into()));
        match vendor.has(Quirk::OpenapiSchemas) {
            true => set("responseSchema", Some(schema::open_api(schema))),
            false => set("responseJsonSchema", Some(schema.clone())),
        }
    }
    out
}
