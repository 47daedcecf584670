//! What is offered of tools. The wire has no word for "none", and insists on an offer where the conversation has calls.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Maker, blocks::BLOCK, encode};
use crate::{
    ChatRequest, Part, ToolChoice, ToolDefinition,
    catalog::Vendor,
    json::{Json, Object},
    loose::Text,
};

/// The offer of one request.
pub(super) struct Offer {
    /// The field `toolConfig`.
    pub(super) config: Option<Object>,
    /// A call is forced.
    pub(super) forces: bool,
}

/// What is offered: what was asked for, else what the conversation needs to be understood.
pub(super) fn offer(vendor: &Vendor, request: &ChatRequest, maker: Maker) -> Offer {
    if says_none(request) {
        return Offer { config: None, forces: false };
    }
    let mut tools: Vec<Json> = request.tools.iter().map(tool).collect();
    if tools.is_empty() {
        tools = remembered(request);
    }
    if tools.is_empty() {
        return Offer { config: None, forces: false };
    }
    // Only Anthropic's models keep what is offered.
    if maker == Maker::Anthropic && encode::keeps_prompts(request, maker) {
        tools.push(encode::cache_point());
    }
    let refuses = vendor.rule(&request.model).is_some_and(|rule| rule.refuses_forced_tools);
    let choice = request.tool_choice.as_ref().filter(|_| !request.tools.is_empty());
    let (choice, forces) = match choice {
        Some(ToolChoice::Required) if !refuses => (Some(json!({ "any": {} })), true),
        Some(ToolChoice::Named(name)) if !refuses => (Some(json!({ "tool": { "name": name } })), true),
        Some(_) => (Some(json!({ "auto": {} })), false),
        None => (None, false),
    };
    let config = Object::new().with("tools", Json::List(tools)).with_some("toolChoice", choice);
    Offer { config: Some(config), forces }
}

/// True where no tool may be called: neither tools nor calls go out then.
pub(super) fn says_none(request: &ChatRequest) -> bool {
    request.tool_choice == Some(ToolChoice::None)
}

fn tool(tool: &ToolDefinition) -> Json {
    let schema = match &tool.parameters {
        Value::Object(schema) if schema.contains_key("type") => tool.parameters.clone(),
        // The wire insists on an object.
        _ => json!({ "type": "object", "properties": {} }),
    };
    let description = tool.description.as_deref().filter(|text| !text.trim().is_empty());
    let spec = Object::new()
        .with("name", tool.name.as_str())
        .with_some("description", description)
        .with("inputSchema", json!({ "json": schema }));
    Object::new().with("toolSpec", spec).into()
}

/// The tools that the conversation has calls of: without an offer the wire refuses them.
fn remembered(request: &ChatRequest) -> Vec<Json> {
    let mut seen = HashSet::new();
    let mut tools = Vec::new();
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        let (kind, name) = match part {
            Part::ToolCall { name, .. } | Part::ToolResult { name, .. } => ("toolSpec", Some(name.clone())),
            Part::ServerTool { opaque, .. } => ("systemTool", opaque.iter().find_map(|o| called(&o.kind, &o.json))),
            _ => continue,
        };
        let Some(name) = name.filter(|name| !name.is_empty() && seen.insert((kind, name.clone()))) else { continue };
        let mut tool = json!({ "name": name });
        if kind == "toolSpec" {
            tool["inputSchema"] = json!({ "json": { "type": "object", "properties": {} } });
        }
        tools.push(Object::new().with(kind, tool).into());
    }
    tools
}

/// The ids and the name in a block of the vendor's tools.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Ran<'a> {
    #[serde(borrow)]
    pub(super) tool_use: Option<RanIds<'a>>,
    #[serde(borrow)]
    pub(super) tool_result: Option<RanIds<'a>>,
}

/// Of a call, or of its result.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RanIds<'a> {
    #[serde(borrow)]
    pub(super) tool_use_id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

fn called(kind: &str, json: &str) -> Option<String> {
    let ran: Ran<'_> = serde_json::from_str(json).ok().filter(|_| kind == BLOCK)?;
    ran.tool_use.and_then(|ids| ids.name.some().map(str::to_owned))
}
