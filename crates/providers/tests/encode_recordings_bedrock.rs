//! Our requests beside recorded ones of Bedrock's Converse.
#![allow(clippy::unwrap_used)]

use crate::common::sent::{Sent, compare};
use parlance_providers::{
    ChatRequest, Message, Parameters, Part, ReasoningEffort, Role, ToolDefinition,
    catalog::{Catalog, DialectId},
    dialect::WireRequest,
    dialects::dialect,
};
use serde_json::{Value, json};

const EMPTY_SYSTEM: (&str, &str) = ("/system", "theirs is an empty list, ours is not there");
const EMPTY_CONFIG: (&str, &str) = ("/inferenceConfig", "theirs is empty, ours is not there");

fn chat(request: &ChatRequest) -> WireRequest {
    let vendor = Catalog::bundled().get("bedrock").unwrap();
    dialect(DialectId::Bedrock).unwrap().chat(vendor, request, true).unwrap()
}

fn ask(model: &str, text: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, text)])
}

fn tool(name: &str, description: &str, parameters: Value) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: Some(description.into()), parameters, strict: None }
}

#[test]
fn converse_requests_are_those_of_real_clients() {
    compare("bedrock", || {
        vec![budget(), adaptive(), one_tool(), two_tools(), structured(), image(), least(), grounded()]
    });
}

fn budget() -> Sent {
    let mut request = ask("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "Create a riddle for data scientists");
    request.cache = true;
    request.parameters.reasoning_effort = Some(ReasoningEffort::Low);
    Sent {
        recording: "amazon-bedrock-aws-bedrock-thinking",
        ours: chat(&request),
        ignored: &[
            ("/additionalModelRequestFields/thinking/budget_tokens", "a budget of the client's own"),
            ("/inferenceConfig/maxTokens", "ours says the limit that the budget is part of"),
            ("/inferenceConfig/temperature", "theirs says the one value that is allowed"),
        ],
    }
}

fn adaptive() -> Sent {
    let words = "What is the smallest positive integer n such that n! is divisible by 10^6? Reason through this \
                 carefully step by step before answering.";
    let mut request = ask("us.anthropic.claude-sonnet-5", words);
    request.parameters.max_tokens = Some(4096);
    Sent { recording: "amazon-bedrock-thinking-v0", ours: chat(&request), ignored: &[EMPTY_SYSTEM] }
}

fn one_tool() -> Sent {
    let schema =
        json!({ "type": "object", "properties": {}, "required": [], "additionalProperties": false, "strict": true });
    let request = ChatRequest {
        system: Some("You must call the dice_roll tool exactly 3 times when asked to roll dice 3 times.".into()),
        tools: vec![tool("dice_roll", "Rolls a single six-sided die and returns the result", schema)],
        ..ask("us.amazon.nova-2-lite-v1:0", "Roll the dice 3 times")
    };
    Sent {
        recording: "amazon-bedrock-function-calling-bedrock-amazon-nova-2-lite-v1-0-can-handle-multiple",
        ours: chat(&request),
        ignored: &[EMPTY_CONFIG],
    }
}

fn two_tools() -> Sent {
    let schema = json!({ "properties": {}, "required": [], "type": "object" });
    let words = "Call `lookup_harbor_label` and `lookup_orchard_label` exactly once each before answering. After both \
                 tool results are available, stop calling tools and respond in one short sentence that includes both \
                 exact tool outputs.";
    let system = "You are a precise assistant. When tools are available, you must use them instead of guessing. Call \
                  both `lookup_harbor_label` and `lookup_orchard_label` before writing any normal text. Never call the \
                  same tool twice once you already have its result.";
    let request = ChatRequest {
        system: Some(system.into()),
        tools: vec![
            tool("lookup_harbor_label", "Return the alpha signal marker.", schema.clone()),
            tool("lookup_orchard_label", "Return the beta signal marker.", schema),
        ],
        ..ask("amazon.nova-lite-v1", words)
    };
    Sent {
        recording: "amazon-bedrock-raw-stream-surfaces-two-distinct-tool-calls",
        ours: chat(&request),
        ignored: &[EMPTY_CONFIG],
    }
}

fn structured() -> Sent {
    let properties =
        json!({ "city": { "type": "string" }, "country": { "type": "string" }, "population": { "type": "integer" } });
    let schema = json!({
        "additionalProperties": false, "properties": properties, "required": ["city", "country", "population"],
        "type": "object",
    });
    let words = "What is the capital of France? Give me the city name, country, and population.";
    let request = ChatRequest {
        response_schema: Some(("CityInfo".into(), schema)),
        ..ask("us.anthropic.claude-sonnet-4-5-20250929-v1:0", words)
    };
    Sent {
        recording: "amazon-bedrock-bedrock-native-output-stream",
        ours: chat(&request),
        ignored: &[
            EMPTY_SYSTEM,
            EMPTY_CONFIG,
            ("/outputConfig/textFormat/structure/jsonSchema/description", "ours has none"),
            ("/outputConfig/textFormat/structure/jsonSchema/schema", "the same schema, without blanks"),
        ],
    }
}

fn image() -> Sent {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";
    let parts = vec![Part::text("What's in this image?"), Part::image("image/png", STANDARD.decode(png).unwrap())];
    let mut request =
        ChatRequest::new("anthropic.claude-3-5-sonnet-20240620-v1:0", vec![Message { role: Role::User, parts }]);
    request.parameters = Parameters { max_tokens: Some(100), temperature: Some(0.1), ..Parameters::default() };
    Sent {
        recording: "amazon-bedrock-should-handle-text-plus-image-content-with-detailed-structure",
        ours: chat(&request),
        ignored: &[],
    }
}

fn least() -> Sent {
    let mut request = ask("anthropic.claude-3-5-sonnet-20240620-v1:0", "Say hi.");
    request.parameters.max_tokens = Some(8);
    Sent { recording: "amazon-bedrock-retired-model-id-preserves-provider-error", ours: chat(&request), ignored: &[] }
}

fn grounded() -> Sent {
    let mut request =
        ask("us.amazon.nova-2-lite-v1:0", "Search the web: what is the latest stable Ruby version? Cite your source.");
    let tools = json!({ "tools": [{ "systemTool": { "name": "nova_grounding" } }] });
    request.extra.insert("toolConfig".into(), tools);
    Sent {
        recording: "amazon-bedrock-web-search-with-bedrock-amazon-nova-2-lite-v1-0-grounds-the-answer-wi",
        ours: chat(&request),
        ignored: &[EMPTY_CONFIG],
    }
}
