//! The bodies that other clients sent to Gemini, against ours for the same request. Every case says which fields of the
//! recorded body it leaves out of the comparison, and why.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::{fs, path::Path};

use parlance_providers::{
    ChatRequest, EmbedRequest, Message, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId, Quirk, Vendor},
    dialects::dialect,
};
use serde_json::{Value, json};

/// The recorded request without the fields at `ignored` (JSON pointers), and its path without the host's version.
fn recorded(name: &str, ignored: &[&str]) -> Option<(Value, String)> {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return None;
    };
    let text = fs::read_to_string(Path::new(&folder).join("gemini").join(format!("{name}.json"))).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let mut body = file["request"]["body"].take();
    for pointer in ignored {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let gone = body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
        assert!(gone.is_some(), "{name} has no {pointer}");
    }
    let path = file["request"]["path"].as_str().unwrap();
    Some((body, path[path.find("models/").unwrap()..].to_owned()))
}

fn vendor() -> Vendor {
    Catalog::bundled().get("gemini").unwrap().clone()
}

/// The same, for clients that write schemas in the words of OpenAPI.
fn older() -> Vendor {
    let mut vendor = vendor();
    vendor.quirks.push(Quirk::OpenapiSchemas);
    vendor
}

fn sent(vendor: &Vendor, request: &ChatRequest, stream: bool) -> (Value, String) {
    let wire = dialect(DialectId::Gemini).unwrap().chat(vendor, request, stream).unwrap();
    (serde_json::from_str(&wire.body.unwrap()).unwrap(), wire.path)
}

fn ask(model: &str, text: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, text)])
}

fn tool(name: &str, description: &str, parameters: Value) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: Some(description.into()), parameters, strict: None }
}

#[test]
fn a_system_prompt_tools_and_a_budget() {
    // A role on the system prompt means nothing; Google's reference has none.
    let Some(want) = recorded("google-gemini-2-5-pro-thinking", &["/systemInstruction/role"]) else { return };
    let mut request = ask("gemini-2.5-pro", "What's the weather in Florence, Italy?");
    request.system = Some("You are a helpful assistant".into());
    request.tools = vec![tool(
        "weather",
        "Get weather information for a location",
        json!({ "type": "object", "properties": { "location": { "type": "string", "description": "the city" } }, "required": ["location"] }),
    )];
    request.tool_choice = Some(ToolChoice::Auto);
    request.parameters.reasoning_effort = Some(ReasoningEffort::Minimal);
    assert_eq!(sent(&older(), &request, false), want);
}

#[test]
fn two_tools_in_a_stream() {
    // As above.
    let Some((want, _)) = recorded("vertex-gemini-2-5-pro-multi-tool-streaming", &["/systemInstruction/role"]) else {
        return;
    };
    let numbers = json!({
        "type": "object",
        "properties": {
            "a": { "type": "integer", "description": "first number" },
            "b": { "type": "integer", "description": "second number" },
        },
        "required": ["a", "b"],
    });
    let mut request = ask("gemini-2.5-pro", "Add and multiply the number 2 and 3");
    request.system = Some("You are a helpful assistant. Always use both add and multiply at the same time.".into());
    request.tools =
        vec![tool("add", "Add two numbers", numbers.clone()), tool("multiply", "Multiply two numbers", numbers)];
    request.tool_choice = Some(ToolChoice::Auto);
    request.parameters.max_tokens = Some(4000);
    let (body, path) = sent(&older(), &request, true);
    assert_eq!((body, path.as_str()), (want, "models/gemini-2.5-pro:streamGenerateContent?alt=sse"));
}

#[test]
fn a_tool_with_a_json_schema() {
    // `responseModalities` asks for what text models do anyway. The recorded client writes the schema's field in snake
    // case, which the vendor takes for the same; it is compared below.
    let ignored = ["/generationConfig", "/tools"];
    let Some((want, path)) = recorded("google-streaming-tool-call-thought-signature", &ignored) else { return };
    let (all, _) = recorded("google-streaming-tool-call-thought-signature", &[]).unwrap();
    let theirs = &all["tools"][0]["functionDeclarations"][0];
    let mut request = ask("gemini-3-pro-preview", "What is the capital of the user country? Call the tool");
    request.tools = vec![tool("get_country", "", theirs["parameters_json_schema"].clone())];
    let (mut body, ours) = sent(&vendor(), &request, true);
    let function = body.as_object_mut().unwrap().remove("tools").unwrap()[0]["functionDeclarations"][0].take();
    assert_eq!((body, ours), (want, path));
    assert_eq!(function["parametersJsonSchema"], theirs["parameters_json_schema"]);
    assert_eq!((&function["name"], &function["description"]), (&theirs["name"], &theirs["description"]));
}

#[test]
fn structured_output() {
    // Every client of ours reads one candidate, which is what the vendor gives unasked.
    let ignored = ["/generationConfig/candidateCount"];
    let Some((want, _)) = recorded("vertex-gemini-2-5-flash-lite-object-streaming", &ignored) else { return };
    let mut request = ask("gemini-2.5-flash-lite", "Generate a software engineer profile");
    request.parameters.max_tokens = Some(4001);
    request.parameters.temperature = Some(1.0);
    request.response_schema = Some((
        "profile".into(),
        json!({
            "type": "object", "additionalProperties": false, "required": ["name", "age"],
            "properties": {
                "name": { "description": "Person's full name", "type": "string" },
                "age": { "description": "Person's age in years", "minimum": 1, "type": "integer" },
                "occupation": { "description": "Person's job or profession", "type": "string" },
            },
        }),
    ));
    assert_eq!(sent(&vendor(), &request, true).0, want);
}

#[test]
fn structured_output_beside_the_vendors_own_search() {
    let Some(want) = recorded("google-native-output-with-builtin-tools-stream", &[]) else { return };
    let mut request = ask("gemini-3-flash-preview", "What is the largest city in Mexico?");
    request.response_schema = Some((
        "city".into(),
        json!({
            "type": "object", "title": "CityLocation", "required": ["city", "country"],
            "properties": { "city": { "type": "string" }, "country": { "type": "string" } },
        }),
    ));
    request.extra = json!({
        "tools": [{ "googleSearch": {} }],
        "toolConfig": { "includeServerSideToolInvocations": true },
        "generationConfig": { "responseModalities": ["TEXT"] },
    })
    .as_object()
    .unwrap()
    .clone();
    assert_eq!(sent(&vendor(), &request, true), want);
}

#[test]
fn a_level_of_thinking() {
    let name = "vertex-with-extended-thinking-vertexai-gemini-3-flash-preview-streams-thinking-conte-1";
    let Some(want) = recorded(name, &[]) else { return };
    let text = want.0["contents"][0]["parts"][0]["text"].as_str().unwrap().to_owned();
    let mut request = ask("gemini-3-flash-preview", &text);
    request.parameters.reasoning_effort = Some(ReasoningEffort::Medium);
    assert_eq!(sent(&vendor(), &request, true), want);
}

#[test]
fn an_image_is_inline() {
    // The role as above. The recording cut the image: its beginning is compared, and its length.
    let name = "google-testcrewmultimodalgemini-test-image-file-gemini-gemini-1-5-flash";
    let Some((mut want, path)) = recorded(name, &["/systemInstruction/role"]) else { return };
    let cut = want["contents"][0]["parts"][1]["inlineData"]["data"].take();
    let (kept, _) = cut.as_str().unwrap().split_once("...(").unwrap();
    let mut bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, kept).unwrap();
    bytes.resize(37_000 / 4 * 3, 0);
    let text = want["contents"][0]["parts"][0]["text"].as_str().unwrap().to_owned();
    let parts = vec![Part::text(text), Part::image("image/png", bytes)];
    let mut request = ChatRequest::new("gemini-1.5-flash", vec![Message { role: Role::User, parts }]);
    request.system = want["systemInstruction"]["parts"][0]["text"].as_str().map(str::to_owned);
    request.parameters.stop = vec!["\nObservation:".into()];
    let (mut body, ours) = sent(&vendor(), &request, false);
    let data = body["contents"][0]["parts"][1]["inlineData"]["data"].take();
    assert!(data.as_str().unwrap().starts_with(kept));
    assert_eq!(data.as_str().unwrap().len(), 37_000);
    assert_eq!((body, ours), (want, path));
}

#[test]
fn turns_of_both_sides() {
    // An empty `generationConfig` says nothing.
    let name = "google-real-error-scenarios-gemini-gemini-2-5-flash-handles-context-length-exceeded";
    let Some(want) = recorded(name, &["/generationConfig"]) else { return };
    let turn = |at: usize| {
        let role = if at.is_multiple_of(2) { Role::User } else { Role::Assistant };
        Message::text(role, if at == 10 { "Hi" } else { "<MASSIVE_TEXT>" })
    };
    let request = ChatRequest::new("models/gemini-2.5-flash", (0..11).map(turn).collect());
    assert_eq!(sent(&vendor(), &request, false), want);
}

#[test]
fn a_text_to_embed() {
    let name = "google-embedding-basic-functionality-gemini-gemini-embedding-001-can-handle-a-single";
    let Some(want) = recorded(name, &[]) else { return };
    let request = EmbedRequest {
        model: "gemini-embedding-001".into(),
        inputs: vec!["Ruby is a programmer's best friend".into()],
        dimensions: Some(768),
        purpose: None,
    };
    let wire = dialect(DialectId::Gemini).unwrap().embed(&vendor(), &request).unwrap();
    let body: Value = serde_json::from_str(&wire.body.unwrap()).unwrap();
    assert_eq!((body, wire.path), want);
}
