//! From a request to the JSON body. Only fields on this list are ever sent: OpenAI, Mistral and others refuse
//! what they do not know.

mod cache;
mod messages;
mod switch;
mod tool_ids;
mod without;

pub(in crate::dialects) use cache::key as cache_key;
pub(in crate::dialects) use messages::{data_url, file_text, takes_pdf};
pub(super) use without::without;

use serde_json::{Value, json};
use without::STREAM_OPTIONS;

use crate::{
    ChatRequest, ProviderError, ReasoningEffort, ToolChoice, ToolDefinition,
    catalog::{Quirk, Thinking as Way, Vendor},
    json::{Json, Object},
};

/// The body of `POST chat/completions`.
pub(super) fn body(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Result<Object, ProviderError> {
    let mut messages = messages::all(vendor, request)?;
    if request.cache && vendor.has(Quirk::CacheMarks) {
        cache::mark(&mut messages);
    }
    let mut body = Object::new().with("model", request.model.as_str()).with("messages", Json::List(messages));
    if !request.tools.is_empty() {
        body.set("tools", Json::from_iter(request.tools.iter().map(|t| tool(t).into())));
        if let Some(choice) = &request.tool_choice {
            let refuses = vendor.rule(&request.model).is_some_and(|rule| rule.refuses_forced_tools);
            let forces = matches!(choice, ToolChoice::Required | ToolChoice::Named(_));
            body.set("tool_choice", tool_choice(if refuses && forces { &ToolChoice::Auto } else { choice }));
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
    let told = without::tells_stream_options(request);
    if stream && vendor.has(Quirk::AskForUsage) && told {
        body.set("stream_options", json!({ "include_usage": true }));
    }
    if request.cache && vendor.has(Quirk::CacheKey) {
        body.set("prompt_cache_key", cache::key(request));
    }
    let [model, messages, contents, stream] = ChatRequest::OWN_FIELDS;
    let kept = [model, messages, contents, stream, STREAM_OPTIONS];
    body.merge(&request.extra, if told { &ChatRequest::OWN_FIELDS } else { &kept });
    Ok(body)
}

fn parameters(vendor: &Vendor, request: &ChatRequest, body: &mut Object) {
    let p = vendor.fitted(&request.model, &request.parameters).parameters;
    let limit = if vendor.has(Quirk::MaxCompletionTokens) { "max_completion_tokens" } else { "max_tokens" };
    let seed = if vendor.has(Quirk::RandomSeed) { "random_seed" } else { "seed" };
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.set(name, value);
        }
    };
    let thinking = Thinking::of(vendor, &request.model, p.reasoning_effort);
    // A model of OpenAI that thinks refuses to be told how to sample.
    set("temperature", p.temperature.filter(|_| !thinking.rules_out_sampling).map(Value::from));
    set("top_p", p.top_p.filter(|_| !thinking.rules_out_sampling).map(Value::from));
    set(limit, p.max_tokens.map(Value::from));
    set("stop", (!p.stop.is_empty()).then(|| p.stop.into()));
    set(seed, p.seed.map(Value::from));
    let Some(effort) = thinking.effort else { return };
    switch::tell(vendor, &request.model, effort, body);
}

/// What the vendor's data makes of an effort.
pub(in crate::dialects) struct Thinking {
    /// As the model takes it; `None` is not sent.
    pub(in crate::dialects) effort: Option<ReasoningEffort>,
    /// It will think.
    pub(in crate::dialects) on: bool,
    /// It refuses sampling parameters.
    pub(in crate::dialects) rules_out_sampling: bool,
}

impl Thinking {
    /// Where the data says nothing of a model, everything is sent as it was asked for.
    pub(in crate::dialects) fn of(vendor: &Vendor, model: &str, asked: Option<ReasoningEffort>) -> Self {
        let rule = vendor.rule(model);
        let way = rule.map(|rule| rule.thinking).unwrap_or_default();
        if way == Way::None || vendor.abilities(model).reasoning == Some(false) {
            return Self { effort: None, on: false, rules_out_sampling: false };
        }
        let off = asked == Some(ReasoningEffort::None);
        let on = match way {
            Way::AlwaysOn => true,
            Way::OnByDefault => !off,
            Way::Adaptive => asked.is_some() && !off,
            Way::Budget | Way::None => false,
        };
        let rules_out_sampling = on && !vendor.has(Quirk::SamplesWhileThinking);
        let levels = rule.map(|rule| rule.thinking_levels.as_slice()).unwrap_or_default();
        let effort = asked.map(|effort| if off && way != Way::AlwaysOn { effort } else { nearest(effort, levels) });
        Self { effort, on, rules_out_sampling }
    }
}

/// The effort itself, else the next one up, else the highest there is.
fn nearest(effort: ReasoningEffort, levels: &[ReasoningEffort]) -> ReasoningEffort {
    let upward = levels.iter().filter(|level| **level >= effort).min();
    upward.or_else(|| levels.iter().max()).copied().unwrap_or(effort)
}

/// The vendor's word for an effort; not every model takes every one.
pub(in crate::dialects) fn word(vendor: &Vendor, effort: ReasoningEffort) -> &'static str {
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
