//! Requests as others really sent them, written again by hand: what we encode must be the recorded body, but for the
//! fields named here with the reason. Reads the recordings where the folder is at hand.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use parlance_providers::{
    ChatRequest, Message, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId},
    dialects::dialect,
};
use serde_json::{Value, json};

/// A recording, the request that must become it, and what is not compared.
struct Case {
    recording: &'static str,
    request: ChatRequest,
    stream: bool,
    /// Dotted paths, and why.
    ignored: &'static [(&'static str, &'static str)],
}

const ONE: (&str, &str) = ("temperature", "with thinking the wire takes only 1, its default: none is sent");
const BUDGET: (&str, &str) = ("thinking.budget_tokens", "ours is one of five steps, not a free number");
const IN_THE_PATH: (&str, &str) = ("model", "clouds have it in the path");
const CLOUD: (&str, &str) = ("anthropic_version", "clouds have it in the body, the vendor itself in a header");

fn ask(model: &str, text: &str, limit: u32) -> ChatRequest {
    let mut request = ChatRequest::new(model, vec![Message::text(Role::User, text)]);
    request.parameters.max_tokens = Some(limit);
    request
}

fn thinking(mut request: ChatRequest, effort: ReasoningEffort) -> ChatRequest {
    request.parameters.reasoning_effort = Some(effort);
    request
}

fn tool(name: &str, description: &str, schema: Value) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: Some(description.into()), parameters: schema, strict: None }
}

/// A question whose answer must be one call of one tool.
fn forced(mut request: ChatRequest, tool: ToolDefinition) -> ChatRequest {
    request.tool_choice = Some(ToolChoice::Named(tool.name.clone()));
    request.tools.push(tool);
    request
}

fn with_extra(mut request: ChatRequest, extra: Value) -> ChatRequest {
    request.extra = extra.as_object().unwrap().clone();
    request
}

fn profile() -> ToolDefinition {
    tool(
        "structured_output",
        "Generate structured output matching the provided schema",
        json!({
            "type": "object", "additionalProperties": false, "required": ["name", "age"],
            "properties": {
                "age": { "description": "Person's age in years", "minimum": 1, "type": "integer" },
                "name": { "description": "Person's full name", "type": "string" },
                "occupation": { "description": "Person's job or profession", "type": "string" },
            },
        }),
    )
}

/// A system prompt and a call whose result is at hand.
fn answered(mut request: ChatRequest, id: &str, name: &str, arguments: &str, result: &str) -> ChatRequest {
    request.system = Some("You are a helpful assistant".into());
    request.messages.push(Message { role: Role::Assistant, parts: vec![Part::tool_call(id, name, arguments)] });
    let result = Part::ToolResult { call_id: id.into(), name: name.into(), content: result.into(), is_error: false };
    request.messages.push(Message { role: Role::User, parts: vec![result] });
    request
}

fn reasoner() -> ChatRequest {
    let text = "Briefly think through your approach, then answer: What is 15*3?";
    let mut request = thinking(ask("claude-sonnet-4-5", text, 5000), ReasoningEffort::Minimal);
    request.system = Some("You are a careful, step-by-step reasoner.".into());
    request.parameters.temperature = Some(1.0);
    request
}

fn cases() -> Vec<Case> {
    let case = |recording, stream, request, ignored| Case { recording, request, stream, ignored };
    vec![
        case("anthropic/azure-claude-sonnet-4-5-reasoning-streaming", true, reasoner(), &[ONE]),
        case(
            "anthropic/vertex-claude-sonnet-4-5-20250929-reasoning-streaming",
            true,
            reasoner(),
            &[ONE, IN_THE_PATH, CLOUD],
        ),
        case("anthropic/anthropic-test-tools", true, pelicans(), &[]),
        case("anthropic/anthropic-tool-with-thinking", false, country(), &[BUDGET]),
        case(
            "bedrock-invoke/amazon-bedrock-bedrock-anthropic-claude-opus-4-6-tool-streaming-1",
            true,
            weather(),
            &[IN_THE_PATH, CLOUD, ("stream", "this cloud has it in the path")],
        ),
        case(
            "anthropic/anthropic-claude-opus-4-20250514-object-streaming",
            true,
            forced(ask("claude-opus-4-20250514", "Generate a software engineer profile", 1225), profile()),
            &[],
        ),
        case(
            "anthropic/vertex-simple-object-streaming",
            true,
            alice(),
            &[IN_THE_PATH, CLOUD, ("tool_choice.disable_parallel_tool_use", "false is what its absence means")],
        ),
        case(
            "anthropic/anthropic-redacted-thinking-streaming",
            true,
            thinking(
                ask(
                    "claude-sonnet-4-6",
                    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D826\
                     41AC0E52CC2876CB Reply with the single word OK.",
                    4096,
                ),
                ReasoningEffort::Minimal,
            ),
            &[
                ("thinking", "this model takes a budget and adaptive thinking: we ask for the newer"),
                ("output_config", "which has its effort here"),
            ],
        ),
        case("anthropic/anthropic-web-search-with-dynamic-filtering-succeeds", false, prices(), &[]),
        case("anthropic/anthropic-text-editor-code-execution-tool", false, editor(), &[]),
    ]
}

fn pelicans() -> ChatRequest {
    let mut request = ask("claude-haiku-4-5-20251001", "Two names for a pet pelican", 8192);
    request.parameters.temperature = Some(1.0);
    request.tools = vec![tool("pelican_name_generator", "", json!({ "type": "object", "properties": {} }))];
    request
}

fn country() -> ChatRequest {
    let mut request = ask("claude-sonnet-4-0", "What is the largest city in the user country?", 4096);
    let schema = json!({ "type": "object", "properties": {}, "additionalProperties": false });
    request.tools = vec![tool("get_user_country", "", schema)];
    request.tool_choice = Some(ToolChoice::Auto);
    thinking(request, ReasoningEffort::Low)
}

fn weather() -> ChatRequest {
    let id = "toolu_bdrk_01J3qB12vH7tghDJ74pNzgp8";
    let request = ask("claude-opus-4-6", "What's the weather in Florence,Italy?", 4000);
    let mut request = answered(request, id, "weather", r#"{"location":"Florence, Italy"}"#, "40 C");
    let schema = json!({
        "type": "object", "required": ["location"],
        "properties": { "location": { "description": "the city", "type": "string" } },
    });
    request.tools = vec![tool("weather", "Get weather information for a location", schema)];
    request.tool_choice = Some(ToolChoice::Auto);
    request
}

fn alice() -> ChatRequest {
    let text = "Generate information about a person named Alice who is 30 years old and lives in Paris.";
    let field = |kind: &str, description: &str| json!({ "type": kind, "description": description });
    let schema = json!({
        "type": "object", "required": ["name", "age", "city"],
        "properties": {
            "age": field("integer", "The person's age"),
            "city": field("string", "The city where the person lives"),
            "name": field("string", "The person's name"),
        },
    });
    forced(ask("claude-3-7-sonnet@20250219", text, 4000), tool("Person", "A person with name, age, and city", schema))
}

fn prices() -> ChatRequest {
    let text = "Search for the current prices of AAPL and GOOGL, then calculate which has a better P/E ratio.";
    let tools = json!({ "tools": [{ "type": "web_search_20260209", "name": "web_search" }] });
    with_extra(ask("claude-opus-4-8", text, 1024), tools)
}

fn editor() -> ChatRequest {
    let text = "Use the text editor to create /tmp/hello.txt with the text: Hello, world! Then use the text editor to \
                view the file and tell me what it contains.";
    let mut request = ask("claude-sonnet-4-6", text, 4096);
    let system = "Use only the text editor `create` and `view` commands from the code execution sandbox. Do not run \
                  any shell commands.";
    request.system = Some(system.into());
    let tools = json!([{ "name": "code_execution", "type": "code_execution_20260120" }]);
    with_extra(request, json!({ "tools": tools, "tool_choice": { "type": "auto" } }))
}

/// The recorded body; `None` where there are no recordings.
fn recorded(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return None;
    };
    let text = fs::read(Path::new(&folder).join(format!("{name}.json"))).unwrap();
    let file: Value = serde_json::from_slice(&text).unwrap();
    assert!(file["request"]["body"].is_object(), "{name} has no request");
    Some(file["request"]["body"].clone())
}

fn encoded(request: &ChatRequest, stream: bool) -> Value {
    let vendor = Catalog::bundled().get("anthropic").unwrap();
    let wire = dialect(DialectId::Anthropic).unwrap().chat(vendor, request, stream).unwrap();
    serde_json::from_str(&wire.body.unwrap()).unwrap()
}

/// The long form of what the wire lets one shorten: text as a list of one block, and streaming said or not said.
fn long_form(body: &mut Value) {
    let spell_out = |value: &mut Value| {
        if let Some(text) = value.as_str() {
            *value = json!([{ "type": "text", "text": text }]);
        }
    };
    if let Some(system) = body.get_mut("system") {
        spell_out(system);
    }
    for message in body["messages"].as_array_mut().unwrap() {
        spell_out(&mut message["content"]);
        for block in message["content"].as_array_mut().unwrap() {
            block.get_mut("content").into_iter().for_each(spell_out);
        }
    }
    body.as_object_mut().unwrap().entry("stream").or_insert(false.into());
}

fn remove(body: &mut Value, path: &str) {
    let mut place = body;
    let (parents, last) = path.rsplit_once('.').map_or((None, path), |(p, l)| (Some(p), l));
    for step in parents.into_iter().flat_map(|p| p.split('.')) {
        place = &mut place[step];
    }
    if let Some(object) = place.as_object_mut() {
        object.remove(last);
    }
}

#[test]
fn requests_are_encoded_as_others_sent_them() {
    for Case { recording, request, stream, ignored } in cases() {
        let Some(mut theirs) = recorded(recording) else { return };
        let mut ours = encoded(&request, stream);
        for body in [&mut ours, &mut theirs] {
            long_form(body);
        }
        for (path, _why) in ignored {
            assert_ne!(ours.pointer(&pointer(path)), theirs.pointer(&pointer(path)), "{recording}: {path} is the same");
            remove(&mut ours, path);
            remove(&mut theirs, path);
        }
        assert_eq!(ours, theirs, "{recording}");
    }
}

fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

#[test]
fn a_schema_goes_out_in_todays_place() {
    let Some(theirs) = recorded("anthropic/anthropic-claude-sonnet-4-5") else { return };
    let mut request = ask("claude-sonnet-4-5", "Answer this question: What is 2 + 2?", 16_000);
    request = thinking(request, ReasoningEffort::Medium);
    let number = |title: &str| json!({ "type": "integer", "title": title });
    let schema = json!({
        "type": "object", "title": "IntegerAdditionResponse", "description": "A simple response for testing.",
        "additionalProperties": false, "required": ["integer_a", "integer_b", "answer"],
        "properties": {
            "integer_a": number("Integer A"), "integer_b": number("Integer B"), "answer": number("Answer"),
        },
    });
    request.response_schema = Some(("IntegerAdditionResponse".into(), schema));
    let (mut ours, mut theirs) = (encoded(&request, false), theirs);
    // The recording is of the time when it was in beta.
    assert_eq!(ours["output_config"]["format"], theirs["output_format"]);
    for body in [&mut ours, &mut theirs] {
        long_form(body);
        for path in ["output_config", "output_format", BUDGET.0] {
            remove(body, path);
        }
    }
    assert_eq!(ours, theirs);
}

#[test]
fn an_image_stands_beside_the_result_it_belongs_to() {
    let Some(mut theirs) = recorded("anthropic/anthropic-claude-opus-4-6-computer-use-1") else { return };
    let image = theirs["messages"][2]["content"][0]["content"][0].clone();
    let id = theirs["messages"][2]["content"][0]["tool_use_id"].as_str().unwrap().to_owned();
    let request = ask("claude-opus-4-6", "Take a screenshot of the desktop", 4096);
    let mut request = answered(request, &id, "computer", r#"{"action":"screenshot"}"#, "");
    let data = STANDARD.decode(image["source"]["data"].as_str().unwrap()).unwrap();
    request.messages[2].parts.push(Part::image("image/png", data));
    let request = with_extra(request, json!({ "tools": theirs["tools"] }));
    let mut ours = encoded(&request, false);
    // Our results are text, so the image follows its result instead of standing in it.
    remove(&mut theirs["messages"][2]["content"][0], "content");
    theirs["messages"][2]["content"].as_array_mut().unwrap().push(image);
    for body in [&mut ours, &mut theirs] {
        long_form(body);
    }
    assert_eq!(ours, theirs);
}
