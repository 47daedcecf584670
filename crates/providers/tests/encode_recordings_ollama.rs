//! Our requests beside recorded ones of the dialect of Ollama. Of its recordings six keep their request; images, tool
//! results and structured output are not among them (see `ollama.rs`).
#![allow(clippy::unwrap_used)]

use crate::common::sent::{Sent, compare};
use parlance_providers::{
    ChatRequest, EmbedRequest, Message, Parameters, ReasoningEffort, Role, ToolDefinition,
    catalog::{Catalog, DialectId},
    dialect::WireRequest,
    dialects::dialect,
};
use serde_json::json;

const TRUNCATE: (&str, &str) = ("/truncate", "ours: a conversation that is too long must not be cut without a word");
const SHIFT: (&str, &str) = ("/shift", "ours, for the same reason");
const NO_TOOLS: (&str, &str) = ("/tools", "theirs is empty, which says nothing");

fn chat(request: &ChatRequest, stream: bool) -> WireRequest {
    let vendor = Catalog::bundled().get("ollama").unwrap();
    dialect(DialectId::Ollama).unwrap().chat(vendor, request, stream).unwrap()
}

fn ask(model: &str, text: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, text)])
}

#[test]
fn requests_are_those_of_real_clients() {
    compare("ollama", || vec![limited(), unknown_model(), with_tools(), streamed(), seeded(), embedding()]);
}

fn limited() -> Sent {
    let question = "In one or two sentences, explain what Rust programming language is and why memory safety matters.";
    let request = ChatRequest {
        system: Some("You are a concise assistant. Answer directly.".into()),
        parameters: Parameters {
            max_tokens: Some(24),
            reasoning_effort: Some(ReasoningEffort::None),
            ..Parameters::default()
        },
        ..ask("qwen3:4b", question)
    };
    Sent { recording: "ollama-agent-max-tokens", ours: chat(&request, false), ignored: &[TRUNCATE, SHIFT] }
}

fn unknown_model() -> Sent {
    Sent {
        recording: "ollama-chat-error-records-model-name",
        ours: chat(&ask("nonexistent-model:latest", "Why is the sky blue?"), false),
        ignored: &[TRUNCATE, SHIFT, NO_TOOLS],
    }
}

fn with_tools() -> Sent {
    let city = json!({ "description": "City name to get weather for", "type": "string" });
    let tool = ToolDefinition {
        name: "get_weather".into(),
        description: Some("Get the current weather for a city. Must be called for weather questions.".into()),
        parameters: json!({ "type": "object", "properties": { "city": city }, "required": ["city"] }),
        strict: None,
    };
    let system = "You are a weather assistant. You have access to a get_weather tool. You must call the get_weather \
                  tool for any weather question and never guess weather data. After receiving the tool result, \
                  provide a concise summary of the weather.";
    let question = "I'm planning a trip. What is the current weather in Tokyo, Japan? Based on the weather conditions, \
                    should I pack an umbrella or sunscreen? Use the get_weather tool to check before answering.";
    let request = ChatRequest {
        system: Some(system.into()),
        tools: vec![tool],
        parameters: Parameters { reasoning_effort: Some(ReasoningEffort::Medium), ..Parameters::default() },
        ..ask("qwen3:4b", question)
    };
    Sent {
        recording: "ollama-reasoning-tool-roundtrip-nonstreaming",
        ours: chat(&request, false),
        ignored: &[
            TRUNCATE,
            SHIFT,
            ("/think", "ours names a level, which a model without levels takes as the `true` of theirs"),
            ("/options", "theirs is empty, which says nothing"),
        ],
    }
}

fn streamed() -> Sent {
    let request = ChatRequest {
        parameters: Parameters { temperature: Some(0.0), ..Parameters::default() },
        ..ask("gemma3:1b", "Say hello")
    };
    Sent {
        recording: "ollama-testwithpullmodel-1",
        ours: chat(&request, true),
        ignored: &[
            TRUNCATE,
            SHIFT,
            ("/stream", "theirs relies on the default, which is to stream"),
            ("/format", "theirs is empty, which says nothing"),
        ],
    }
}

fn seeded() -> Sent {
    let request = ChatRequest {
        parameters: Parameters { temperature: Some(0.0), seed: Some(42), ..Parameters::default() },
        ..ask("qwen3.6:latest", "This contains PII")
    };
    Sent {
        recording: "ollama-trace-config-masking",
        ours: chat(&request, false),
        ignored: &[TRUNCATE, SHIFT, NO_TOOLS],
    }
}

fn embedding() -> Sent {
    let request = EmbedRequest {
        model: "nomic-embed-text".into(),
        inputs: vec!["The quick brown fox jumps over the lazy dog".into()],
        dimensions: None,
        purpose: None,
    };
    let vendor = Catalog::bundled().get("ollama").unwrap();
    Sent {
        recording: "ollama-testcreateembedding-1",
        ours: dialect(DialectId::Ollama).unwrap().embed(vendor, &request).unwrap(),
        ignored: &[
            TRUNCATE,
            ("/input", "theirs is the one text itself, ours a list of one"),
            ("/options", "theirs sets a temperature, which vectors do not have"),
        ],
    }
}
