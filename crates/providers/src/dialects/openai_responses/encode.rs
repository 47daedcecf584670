//! From a request to the JSON body. Only fields on this list are ever sent.

mod input;

use serde_json::{Value, json};

use crate::{
    ChatRequest, ProviderError, ToolChoice, ToolDefinition,
    catalog::{Quirk, Thinking as Way, Vendor},
    dialects::openai_chat::encode::{Thinking, cache_key, word},
    json::{Json, Object},
};

/// What extras do not replace.
const KEPT: [&str; 5] = {
    let [model, messages, contents, stream] = ChatRequest::OWN_FIELDS;
    [model, messages, contents, stream, "input"]
};
/// The fewest tokens that an answer can be limited to.
const LEAST_OUTPUT: u32 = 16;

/// The body of `POST responses`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let input = input::all(vendor, request)?;
    // Without `store` the vendor would keep every conversation.
    let mut body =
        Object::new().with("model", request.model.as_str()).with("input", Json::List(input)).with("store", false);
    if thinks(vendor, &request.model) {
        body.set("include", json!(["reasoning.encrypted_content"]));
    }
    if !request.tools.is_empty() {
        body.set("tools", Json::from_iter(request.tools.iter().map(|t| tool(t).into())));
        if let Some(choice) = &request.tool_choice {
            let refuses = vendor.rule(&request.model).is_some_and(|rule| rule.refuses_forced_tools);
            let forces = matches!(choice, ToolChoice::Required | ToolChoice::Named(_));
            body.set("tool_choice", tool_choice(if refuses && forces { &ToolChoice::Auto } else { choice }));
        }
    }
    if let Some((name, schema)) = &request.response_schema {
        let format = json!({ "type": "json_schema", "name": name, "schema": schema, "strict": true });
        body.set("text", json!({ "format": format }));
    }
    parameters(vendor, request, &mut body);
    body.set("stream", stream);
    if request.cache && vendor.has(Quirk::CacheKey) {
        body.set("prompt_cache_key", cache_key(request));
    }
    body.merge(&request.extra, &KEPT);
    Ok(body)
}

/// Whether a model is known to think. To ask any other for its encrypted reasoning is an error.
fn thinks(vendor: &Vendor, model: &str) -> bool {
    let way = vendor.rule(model).map(|rule| rule.thinking).unwrap_or_default();
    match vendor.abilities(model).reasoning {
        Some(reasons) => reasons && way != Way::None,
        None => matches!(way, Way::Adaptive | Way::OnByDefault | Way::AlwaysOn),
    }
}

fn parameters(vendor: &Vendor, request: &ChatRequest, body: &mut Object) {
    let p = vendor.fitted(&request.model, &request.parameters).parameters;
    let thinking = Thinking::of(vendor, &request.model, p.reasoning_effort);
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.set(name, value);
        }
    };
    // A model of OpenAI that thinks refuses to be told how to sample. The wire has no seed and no texts that end.
    set("temperature", p.temperature.filter(|_| !thinking.rules_out_sampling).map(Value::from));
    set("top_p", p.top_p.filter(|_| !thinking.rules_out_sampling).map(Value::from));
    set("max_output_tokens", p.max_tokens.map(|most| most.max(LEAST_OUTPUT).into()));
    let hides = vendor.rule(&request.model).is_some_and(|rule| rule.hides_thinking);
    let reasoning = Object::new()
        .with_some("effort", thinking.effort.map(|effort| word(vendor, effort)))
        .with_some("summary", (hides && thinking.on).then_some("auto"));
    if reasoning.get("effort").or(reasoning.get("summary")).is_some() {
        body.set("reasoning", reasoning);
    }
}

/// OpenAI gives summaries of reasoning to organisations that it has verified, and refuses the whole request of others
/// with a 400: `Your organization must be verified to generate reasoning summaries.`
pub(super) fn without_summary(request: &ChatRequest, refusal: &ProviderError) -> Option<ChatRequest> {
    let said = refusal.message.to_ascii_lowercase();
    if refusal.status != Some(400) || !said.contains("verified") || !said.contains("reasoning summar") {
        return None;
    }
    let mut simpler = request.clone();
    let reasoning = simpler.extra.entry("reasoning").or_insert_with(|| json!({})).as_object_mut()?;
    if reasoning.contains_key("summary") {
        return None;
    }
    reasoning.insert("summary".to_owned(), Value::Null);
    Some(simpler)
}

/// `strict` must be said: left out it means yes, and a schema that is not fit for it is refused.
fn tool(tool: &ToolDefinition) -> Object {
    let parameters = match &tool.parameters {
        Value::Null => json!({ "type": "object", "properties": {} }),
        schema => schema.clone(),
    };
    Object::new()
        .with("type", "function")
        .with("name", tool.name.as_str())
        .with_some("description", tool.description.as_deref())
        .with("parameters", parameters)
        .with("strict", tool.strict.unwrap_or(false))
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Named(name) => json!({ "type": "function", "name": name }),
    }
}
