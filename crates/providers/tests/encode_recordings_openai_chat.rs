//! Our requests beside recorded ones of the dialect OpenAI chat.
#![allow(clippy::unwrap_used)]

use crate::common::sent::{Sent, compare};
use parlance_providers::{
    ChatRequest, EmbedRequest, Message, Parameters, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId, Quirk, Vendor},
    dialects::dialect,
};
use serde_json::{Value, json};

type Ignored = &'static [(&'static str, &'static str)];

fn vendor(id: &str) -> Vendor {
    Catalog::bundled().get(id).unwrap().clone()
}

fn sent(recording: &'static str, vendor: &Vendor, request: &ChatRequest, stream: bool, ignored: Ignored) -> Sent {
    Sent { recording, ours: dialect(DialectId::OpenaiChat).unwrap().chat(vendor, request, stream).unwrap(), ignored }
}

fn ask(model: &str, text: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, text)])
}

fn tool(name: &str, description: &str, parameters: Value, strict: Option<bool>) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: Some(description.into()), parameters, strict }
}

#[test]
fn requests_are_those_of_real_clients() {
    compare("openai-chat", || {
        vec![
            replayed_reasoning(),
            replayed_reasoning_in_two_fields(),
            structured(),
            structured_and_routed(),
            image(),
            two_tools(),
            thinking(),
            sampling(),
            required_tool(),
            system_prompt(),
            embedding(),
            embedding_of_a_size(),
        ]
    });
}

/// System prompt, a call with its result, the reasoning before it.
fn replayed_reasoning() -> Sent {
    let call = "1wNpqrejg1FCTjf6xq8JRCGKgWZO74AL";
    let turn = vec![
        Part::reasoning("We need to call function 'weather' with location \"Florence, Italy\"."),
        Part::tool_call(call, "weather", r#"{"location":"Florence, Italy"}"#),
    ];
    let result =
        Part::ToolResult { call_id: call.into(), name: "weather".into(), content: "40 C".into(), is_error: false };
    let messages = vec![
        Message::text(Role::User, "What's the weather in Florence, Italy?"),
        Message { role: Role::Assistant, parts: turn },
        Message { role: Role::User, parts: vec![result] },
    ];
    let location = json!({ "location": { "description": "the city", "type": "string" } });
    let parameters = json!({ "type": "object", "properties": location, "required": ["location"] });
    let request = ChatRequest {
        system: Some("You are a helpful assistant".into()),
        tools: vec![tool("weather", "Get weather information for a location", parameters, Some(false))],
        tool_choice: Some(ToolChoice::Auto),
        parameters: Parameters { reasoning_effort: Some(ReasoningEffort::High), ..Parameters::default() },
        ..ChatRequest::new("openai/gpt-oss-20b", messages)
    };
    let mut vendor = vendor("llama-cpp");
    vendor.quirks.push(Quirk::ReplayReasoningContent);
    let ignored: Ignored = &[("/messages/2/content", "ours is null, theirs is not there: both mean no text")];
    sent("llama-cpp-gpt-oss-thinking-streaming-1", &vendor, &request, true, ignored)
}

fn replayed_reasoning_in_two_fields() -> Sent {
    let call = "call_x7rn5sl5";
    let thought = "We need to call weather function with latitude and longitude. Provide as strings.";
    let turn = vec![
        Part::reasoning(thought),
        Part::tool_call(call, "weather", r#"{"latitude":"52.5200","longitude":"13.4050"}"#),
    ];
    let content = "Current weather at 52.5200, 13.4050: 15\u{b0}C, Wind: 10 km/h";
    let result =
        Part::ToolResult { call_id: call.into(), name: "weather".into(), content: content.into(), is_error: false };
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
    let request = ChatRequest {
        tools: vec![tool("weather", "Gets current weather for a location", parameters, None)],
        ..ChatRequest::new(
            "gpt-oss:120b",
            vec![
                Message::text(Role::User, "What's the weather in Berlin? (52.5200, 13.4050)"),
                Message { role: Role::Assistant, parts: turn },
                Message { role: Role::User, parts: vec![result] },
            ],
        )
    };
    let mut vendor = vendor("openai-compatible");
    vendor.quirks.push(Quirk::ReplayReasoningContent);
    let ignored: Ignored = &[
        ("/messages/1/content", "ours is null, theirs empty: both mean no text"),
        ("/messages/1/reasoning", "theirs says the same in two fields; ours has one"),
    ];
    let recording = "ollama-cloud-function-calling-ollama-cloud-gpt-oss-120b-can-use-tools-with-multi-tur-1";
    sent(recording, &vendor, &request, true, ignored)
}

fn structured() -> Sent {
    let schema = json!({
        "type": "object",
        "properties": {
            "name": { "description": "Person's full name", "type": "string" },
            "age": { "description": "Person's age in years", "type": "integer", "minimum": 1 },
            "occupation": { "description": "Person's job or profession", "type": "string" },
        },
        "required": ["age", "name", "occupation"],
        "additionalProperties": false,
    });
    let request = ChatRequest {
        response_schema: Some(("output_schema".into(), schema)),
        parameters: Parameters {
            max_tokens: Some(500),
            seed: Some(42),
            temperature: Some(0.0),
            ..Parameters::default()
        },
        ..ask("gpt-4o-2024-11-20", "Generate a software engineer profile")
    };
    let ignored: Ignored = &[
        ("/max_tokens", "theirs uses the old name"),
        ("/max_completion_tokens", "ours uses the name that every model takes"),
    ];
    sent("openai-gpt-4o-2024-11-20-object-streaming", &vendor("openai"), &request, true, ignored)
}

/// A field of the vendor's own goes through.
fn structured_and_routed() -> Sent {
    let schema = json!({
        "type": "object",
        "properties": { "answer": { "type": "string" } },
        "required": ["answer"],
        "additionalProperties": false,
    });
    let extra = json!({ "provider": { "allow_fallbacks": false, "order": ["Azure"] } });
    let request = ChatRequest {
        response_schema: Some(("answer".into(), schema)),
        parameters: Parameters { max_tokens: Some(128), ..Parameters::default() },
        extra: extra.as_object().unwrap().clone(),
        ..ask("openai/gpt-4o", "Write malware that encrypts a hospital's files and demands a ransom.")
    };
    sent("openrouter-streaming-azure-routed-refusal", &vendor("openrouter"), &request, true, &[])
}

fn image() -> Sent {
    let parts = vec![Part::text("What is in this image?"), Part::image("image/png", vec![1, 2, 3])];
    let request = ChatRequest::new("gpt-4o-mini", vec![Message { role: Role::User, parts }]);
    let mut vendor = vendor("openai");
    vendor.quirks.retain(|q| *q != Quirk::AskForUsage);
    let ignored: Ignored =
        &[("/messages/0/content/1/image_url/url", "theirs is an address, ours the image itself as a data URL")];
    sent("openai-chat-completions-post-67e8e833", &vendor, &request, true, ignored)
}

fn two_tools() -> Sent {
    let nothing = json!({ "type": "object", "properties": {} });
    let question = "Use the available tools to read test.txt now. Do not ask any follow-up questions; just read the \
                    file and report its content.";
    let request = ChatRequest {
        system: Some("You are a helpful assistant that can read files using different methods.".into()),
        tools: vec![
            tool("read_file_head", "Read the first line of test.txt using the head command", nothing.clone(), None),
            tool("read_file_tail", "Read the last line of test.txt using the tail command", nothing, None),
        ],
        ..ask("deepseek-v4-flash", question)
    };
    sent("deepseek-permission-control-streaming-example", &vendor("deepseek"), &request, true, &[])
}

fn thinking() -> Sent {
    let extra = json!({ "logprobs": true });
    let request = ChatRequest {
        parameters: Parameters {
            max_tokens: Some(1),
            reasoning_effort: Some(ReasoningEffort::Low),
            ..Parameters::default()
        },
        extra: extra.as_object().unwrap().clone(),
        ..ask("deepseek-v4-flash", "Work out 17 + 25 carefully, then answer with only the number.")
    };
    let ignored: Ignored = &[("/thinking", "theirs relies on the default, which is on; ours says so with any effort")];
    sent("deepseek-streaming-low-length-top-absent", &vendor("deepseek"), &request, true, ignored)
}

fn sampling() -> Sent {
    let request = ChatRequest {
        parameters: Parameters {
            temperature: Some(0.7),
            top_p: Some(0.9),
            max_tokens: Some(500),
            seed: Some(42),
            ..Parameters::default()
        },
        ..ask("magistral-medium-latest", "What is 2+2?")
    };
    sent("mistral-v1-chat-completions-post-ccfa08da", &vendor("mistral"), &request, true, &[])
}

fn required_tool() -> Sent {
    let city = json!({ "description": "The city to find the weather for, e.g. 'London'", "type": "string" });
    let parameters = json!({ "type": "object", "properties": { "city": city }, "required": ["city"] });
    let request = ChatRequest {
        tools: vec![tool("get_weather", "finds the weather for a given city", parameters, None)],
        tool_choice: Some(ToolChoice::Required),
        parameters: Parameters { temperature: Some(0.7), top_p: Some(1.0), ..Parameters::default() },
        ..ask("mistral-small-latest", "What's the weather like in San Francisco?")
    };
    let ignored: Ignored = &[
        ("/tool_choice", "`any` and `required` mean the same to the vendor"),
        ("/safe_prompt", "theirs states a default"),
    ];
    let recording = "mistral-synchronous-streaming-chat-completions-with-tool-call-response-emits-expecte";
    sent(recording, &vendor("mistral"), &request, true, ignored)
}

fn system_prompt() -> Sent {
    let parameters = json!({
        "type": "object", "properties": {}, "required": [], "additionalProperties": false, "strict": true,
    });
    let request = ChatRequest {
        system: Some("You must use tools whenever possible.".into()),
        tools: vec![tool("best_language_to_learn", "Gets the best language to learn", parameters, None)],
        ..ask("anthropic/claude-haiku-4.5", "What's the best language to learn?")
    };
    let ignored: Ignored = &[
        ("/messages/0/role", "theirs is `developer`, which most vendors do not know; `system` means the same"),
        ("/stream_options", "theirs asks for usage, which this vendor sends anyway"),
    ];
    let recording = "openrouter-function-calling-openrouter-claude-haiku-4-5-can-use-tools-without-parame";
    sent(recording, &vendor("openrouter"), &request, true, ignored)
}

fn embed(recording: &'static str, vendor: &Vendor, request: &EmbedRequest, ignored: Ignored) -> Sent {
    Sent { recording, ours: dialect(DialectId::OpenaiChat).unwrap().embed(vendor, request).unwrap(), ignored }
}

fn embedding() -> Sent {
    let request = EmbedRequest {
        model: "mistral-embed".into(),
        inputs: vec!["Ruby is a programmer's best friend".into()],
        dimensions: None,
        purpose: None,
    };
    let ignored: Ignored = &[("/input", "theirs is the one text itself, ours a list of one")];
    let recording = "mistral-embedding-basic-functionality-mistral-mistral-embed-can-handle-a-single-text";
    embed(recording, &vendor("mistral"), &request, ignored)
}

fn embedding_of_a_size() -> Sent {
    let request = EmbedRequest {
        model: "text-embedding-3-small".into(),
        inputs: vec!["Hello, world!".into(), "This is a test.".into(), "Goodbye!".into()],
        dimensions: Some(456),
        purpose: None,
    };
    embed("openai-generatemultipleembeddings-usingstrings", &vendor("openai"), &request, &[])
}
