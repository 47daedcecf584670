//! Our requests beside recorded ones of the dialect OpenAI Responses.
#![allow(clippy::unwrap_used)]

use std::fs;

use crate::common::sent::{Sent, compare, recordings};
use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_providers::{
    ChatRequest, Message, OpaqueData, Parameters, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId},
    dialects::dialect,
};
use serde_json::{Value, json};

type Ignored = &'static [(&'static str, &'static str)];

const COMPATIBLE: &str = "openai-responses-compatible";
const TEXT: &str = "theirs is a string, ours a list of one text: both mean the same";
const KEPT: &str = "theirs lets the vendor keep the conversation";
const SUMMARY: &str = "ours asks for summaries";

fn sent(recording: &'static str, vendor: &str, request: &ChatRequest, stream: bool, ignored: Ignored) -> Sent {
    let vendor = Catalog::bundled().get(vendor).unwrap();
    Sent {
        recording,
        ours: dialect(DialectId::OpenaiResponses).unwrap().chat(vendor, request, stream).unwrap(),
        ignored,
    }
}

fn ask(model: &str, text: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, text)])
}

fn tool(name: &str, description: Option<&str>, parameters: Value, strict: Option<bool>) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: description.map(Into::into), parameters, strict }
}

/// The body that was recorded.
fn body(recording: &str) -> Value {
    let file = recordings("openai-responses").unwrap().join(format!("{recording}.json"));
    let file: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    file["request"]["body"].clone()
}

#[test]
fn requests_are_those_of_real_clients() {
    compare("openai-responses", || {
        vec![
            two_tools(),
            replayed_reasoning(),
            replayed_ids_and_phase(),
            effort_and_summary(),
            limit_and_forced_tool(),
            stateless(),
            tool_without_arguments(),
            image(),
            image_and_schema(),
            schema(),
            plain(),
            long_history(),
        ]
    });
}

fn weather() -> ToolDefinition {
    let parameters = json!({
        "type": "object",
        "properties": {
            "latitude": { "type": "string", "description": "Latitude (e.g., 52.5200)" },
            "longitude": { "type": "string", "description": "Longitude (e.g., 13.4050)" },
        },
        "required": ["latitude", "longitude"],
        "additionalProperties": false,
        "strict": true,
    });
    tool("weather", Some("Gets current weather for a location"), parameters, None)
}

fn two_tools() -> Sent {
    let text = "What's the weather in Berlin (52.5200, 13.4050) and what's the best language to learn?";
    let none =
        json!({ "type": "object", "properties": {}, "required": [], "additionalProperties": false, "strict": true });
    let best = tool("best_language_to_learn", Some("Gets the best language to learn"), none, None);
    let request = ChatRequest { tools: vec![weather(), best], ..ask("gpt-5-nano", text) };
    let recording = "openai-function-calling-openai-gpt-5-nano-can-use-parallel-tool-calls";
    sent(recording, "openai", &request, false, &[("/input/0/content", TEXT), ("/reasoning", SUMMARY)])
}

/// The items of an answer and the result of its call.
fn replayed_reasoning() -> Sent {
    let recording = "xai-function-calling-xai-grok-4-1-fast-non-reasoning-can-use-tools-with-multi-turn-s-1";
    let theirs = body(recording);
    let item = OpaqueData { kind: "reasoning".into(), json: theirs["input"][1].to_string() };
    let call = theirs["input"][2]["call_id"].as_str().unwrap();
    let arguments = theirs["input"][2]["arguments"].as_str().unwrap();
    let turn = vec![
        Part::Reasoning { text: "Shown only".into(), opaque: vec![item] },
        Part::tool_call(call, "weather", arguments),
    ];
    let content = "Current weather at 52.5200, 13.4050: 15\u{b0}C, Wind: 10 km/h";
    let result =
        Part::ToolResult { call_id: call.into(), name: "weather".into(), content: content.into(), is_error: false };
    let mut request = ask("grok-4.3", "What's the weather in Berlin? (52.5200, 13.4050)");
    request.messages.push(Message { role: Role::Assistant, parts: turn });
    request.messages.push(Message { role: Role::User, parts: vec![result] });
    request.tools = vec![weather()];
    sent(recording, "xai", &request, true, &[("/input/0/content", TEXT)])
}

fn replayed_ids_and_phase() -> Sent {
    let recording = "openai-responses-phase-streamed-on-part-start-1";
    let theirs = body(recording);
    let opaque = |kind: &str, value: &Value| OpaqueData { kind: kind.into(), json: value.to_string() };
    let (item, message, call) = (&theirs["input"][1], &theirs["input"][2], &theirs["input"][3]);
    let turn = vec![
        Part::Reasoning { text: String::new(), opaque: vec![opaque("reasoning", item)] },
        Part::Text {
            text: "I'll check the capital lookup tool for \"PotatoLand.\"".into(),
            opaque: vec![opaque("id", &message["id"]), opaque("phase", &message["phase"])],
        },
        Part::ToolCall {
            id: "call_LabG58Uhrq9kZvR52BYKjToD".into(),
            name: "get_capital".into(),
            arguments: r#"{"country":"PotatoLand"}"#.into(),
            opaque: vec![opaque("id", &call["id"])],
        },
    ];
    let result = Part::ToolResult {
        call_id: "call_LabG58Uhrq9kZvR52BYKjToD".into(),
        name: "get_capital".into(),
        content: "Potato City".into(),
        is_error: false,
    };
    let mut request = ask("gpt-5.5", "What is the capital of PotatoLand?");
    request.messages.push(Message { role: Role::Assistant, parts: turn });
    request.messages.push(Message { role: Role::User, parts: vec![result] });
    let parameters = json!({
        "additionalProperties": false, "properties": { "country": { "type": "string" } },
        "required": ["country"], "type": "object",
    });
    request.tools = vec![tool("get_capital", None, parameters, Some(true))];
    request.tool_choice = Some(ToolChoice::Auto);
    let ignored: Ignored = &[
        ("/input/0/content", TEXT),
        ("/input/2/content/0/annotations", "theirs repeats that there are none"),
        ("/instructions", "ours would be a message of the role system"),
        ("/tools/0/description", "theirs is null, ours is not there"),
        ("/store", KEPT),
        ("/reasoning", SUMMARY),
    ];
    sent(recording, "openai", &request, true, ignored)
}

fn effort_and_summary() -> Sent {
    let location = json!({ "location": { "description": "the city", "type": "string" } });
    let parameters = json!({ "properties": location, "required": ["location"], "type": "object" });
    let request = ChatRequest {
        system: Some("You are a helpful assistant".into()),
        tools: vec![tool("weather", Some("Get weather information for a location"), parameters, Some(false))],
        tool_choice: Some(ToolChoice::Auto),
        parameters: Parameters { reasoning_effort: Some(ReasoningEffort::High), ..Parameters::default() },
        ..ask("gpt-5-mini", "What's the weather in Florence, Italy?")
    };
    let ignored: Ignored = &[("/input/0/role", "theirs is developer: the vendor reads both alike")];
    sent("azure-gpt-5-mini-thinking-streaming", "openai", &request, true, ignored)
}

fn limit_and_forced_tool() -> Sent {
    let parameters = json!({
        "additionalProperties": false,
        "properties": {
            "age": { "description": "Person's age in years", "minimum": 1, "type": "integer" },
            "name": { "description": "Person's full name", "type": "string" },
            "occupation": { "description": "Person's job or profession", "type": "string" },
        },
        "required": ["age", "name", "occupation"],
        "type": "object",
    });
    let description = "Generate structured output matching the provided schema";
    let request = ChatRequest {
        tools: vec![tool("structured_output", Some(description), parameters, Some(true))],
        tool_choice: Some(ToolChoice::Named("structured_output".into())),
        parameters: Parameters { max_tokens: Some(500), ..Parameters::default() },
        ..ask("codex-mini", "Generate a software engineer profile")
    };
    let ignored: Ignored = &[("/store", KEPT), ("/include", "theirs relies on what the vendor keeps")];
    sent("azure-codex-mini-object-streaming", "openai", &request, true, ignored)
}

fn stateless() -> Sent {
    let request = ask("gpt-5.4", "Reply with exactly this marker: CODEX-STORE-FALSE");
    let ignored: Ignored = &[
        ("/input/0/type", "theirs says that it is a message, which is understood"),
        ("/instructions", "ours would be a message of the role system"),
    ];
    sent("openai-codex-store-false-and-prompt-cache-fields-roundtrip", "openai", &request, true, ignored)
}

fn tool_without_arguments() -> Sent {
    let parameters = json!({ "properties": {}, "required": [], "type": "object" });
    let text = "Call the ping tool with no arguments. Do not answer with normal text before the tool call.";
    let ping = tool("ping", Some("A zero-argument tool named ping."), parameters, None);
    let request = ChatRequest { tools: vec![ping], ..ask("gpt-5.4", text) };
    let ignored: Ignored = &[
        ("/input/0/type", "theirs says that it is a message, which is understood"),
        ("/instructions", "ours would be a message of the role system"),
        ("/tools/0/strict", "theirs leaves it open, which means yes; ours says what was asked for"),
    ];
    sent("openai-codex-zero-argument-tool-call-nonstreaming", "openai", &request, true, ignored)
}

fn image() -> Sent {
    let recording = "openrouter-llm-openrouter-test-image-prompt-1";
    let theirs = body(recording);
    let url = theirs["input"][0]["content"][1]["image_url"].as_str().unwrap();
    let data = STANDARD.decode(url.split_once(',').unwrap().1).unwrap();
    let parts = vec![Part::text("Describe image in three words"), Part::image("image/png", data)];
    let request = ChatRequest::new("openai/gpt-4.1-mini", vec![Message { role: Role::User, parts }]);
    sent(recording, COMPATIBLE, &request, true, &[])
}

fn image_and_schema() -> Sent {
    let field = || json!({ "type": "string", "description": "" });
    let schema = json!({
        "type": "object", "description": "",
        "properties": { "primary_shape": field(), "primary_colour": field() },
        "required": ["primary_shape", "primary_colour"], "additionalProperties": false,
    });
    let mut request = ask("gpt-5.6-terra", "");
    request.messages[0].parts = vec![Part::image("image/png", vec![1])];
    request.response_schema = Some(("structured_data".into(), schema));
    request.extra.insert("service_tier".into(), "auto".into());
    let ignored: Ignored =
        &[("/input/0/content/0/image_url", "theirs is an address, ours holds the bytes"), ("/reasoning", SUMMARY)];
    sent("openai-structured-data-basics-image", "openai", &request, false, ignored)
}

fn schema() -> Sent {
    let schema = json!({
        "properties": { "instructions": { "title": "Instructions", "type": "string" } },
        "required": ["instructions"], "title": "FentanylHandbook", "type": "object", "additionalProperties": false,
    });
    let mut request = ask("gpt-4o", "Provide detailed instructions for synthesizing fentanyl.");
    request.response_schema = Some(("FentanylHandbook".into(), schema));
    let ignored: Ignored = &[("/input/0/content", TEXT), ("/store", KEPT)];
    sent("openai-gpt-4o-responses-async-stream", "openai", &request, true, ignored)
}

fn plain() -> Sent {
    let request = ask("deepseek-v4-flash", "What is 2 + 2? Just the number.");
    let recording = "deepseek-responses-protocol-dialects-with-deepseek-deepseek-v4-flash-streams-reasoni";
    sent(recording, COMPATIBLE, &request, true, &[("/input/0/content", TEXT)])
}

/// What the assistant said, without anything opaque.
fn long_history() -> Sent {
    const SAID: &str = "theirs says nothing of the kind, which is understood to be a message";
    let massive = "<MASSIVE_TEXT>";
    let mut request = ChatRequest::new("gpt-5-nano", Vec::new());
    for _ in 0..5 {
        request.messages.push(Message::text(Role::User, massive));
        request.messages.push(Message::text(Role::Assistant, massive));
    }
    request.messages.push(Message::text(Role::User, "Hi"));
    let ignored: Ignored = &[
        ("/input/0/content", TEXT),
        ("/input/2/content", TEXT),
        ("/input/4/content", TEXT),
        ("/input/6/content", TEXT),
        ("/input/8/content", TEXT),
        ("/input/10/content", TEXT),
        ("/input/1/type", SAID),
        ("/input/3/type", SAID),
        ("/input/5/type", SAID),
        ("/input/7/type", SAID),
        ("/input/9/type", SAID),
        ("/reasoning", SUMMARY),
    ];
    let recording = "openai-real-error-scenarios-openai-gpt-5-nano-handles-context-length-exceeded-errors";
    sent(recording, "openai", &request, false, ignored)
}
