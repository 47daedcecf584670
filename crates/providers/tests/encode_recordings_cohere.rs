//! Our requests beside recorded ones of the dialect of Cohere.
#![allow(clippy::unwrap_used)]

use crate::common::sent::{Sent, compare};
use parlance_providers::{
    ChatRequest, EmbedPurpose, EmbedRequest, Message, Part, Role, ToolDefinition,
    catalog::{Catalog, DialectId},
    dialect::WireRequest,
    dialects::dialect,
};
use serde_json::{Value, json};

const ONE_TEXT: &str = "theirs is a list of one text, ours the text itself";

fn chat(request: &ChatRequest, stream: bool) -> WireRequest {
    let vendor = Catalog::bundled().get("cohere").unwrap();
    dialect(DialectId::Cohere).unwrap().chat(vendor, request, stream).unwrap()
}

fn ask(model: &str, text: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, text)])
}

fn tool(name: &str, description: &str, parameters: Value) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: Some(description.into()), parameters, strict: None }
}

fn nothing() -> Value {
    json!({ "type": "object", "properties": {}, "required": [], "additionalProperties": false })
}

#[test]
fn requests_are_those_of_real_clients() {
    compare("cohere", || {
        vec![two_tools(), bare_tool(), after_a_tool(), structured(), image(), thinking(), embedding()]
    });
}

fn two_tools() -> Sent {
    let place = json!({ "description": "The city and state, e.g. San Francisco, CA", "type": "string" });
    let parameters = json!({ "type": "object", "properties": { "location": place }, "required": ["location"] });
    let request = ChatRequest {
        tools: vec![
            tool("get_weather", "Get the current weather in a given location", parameters.clone()),
            tool("get_time", "Get the current time in a given location", parameters),
        ],
        ..ask("command-r", "What is the weather and current time in Tokyo?")
    };
    Sent { recording: "cohere-v2-chat-legacy-with-tool-calls-and-streaming", ours: chat(&request, true), ignored: &[] }
}

fn bare_tool() -> Sent {
    let request = ChatRequest {
        system: Some("You must use tools whenever possible.".into()),
        tools: vec![tool("best_language_to_learn", "Gets the best language to learn", nothing())],
        ..ask("command-a-03-2025", "What's the best language to learn?")
    };
    Sent {
        recording: "cohere-function-calling-cohere-command-a-03-2025-can-use-tools-without-parameters-in",
        ours: chat(&request, true),
        ignored: &[("/messages/0/content", ONE_TEXT), ("/messages/1/content", ONE_TEXT)],
    }
}

fn after_a_tool() -> Sent {
    let parameters = json!({
        "type": "object",
        "properties": {
            "latitude": { "type": "string", "description": "Latitude (e.g., 52.5200)" },
            "longitude": { "type": "string", "description": "Longitude (e.g., 13.4050)" },
        },
        "required": ["latitude", "longitude"],
        "additionalProperties": false,
    });
    let id = "weather_vvavrb8p34fk";
    let call = Part::tool_call(id, "weather", r#"{"latitude":"52.5200","longitude":"13.4050"}"#);
    let result = Part::ToolResult {
        call_id: id.into(),
        name: "weather".into(),
        content: "Current weather at 52.5200, 13.4050: 15°C, Wind: 10 km/h".into(),
        is_error: false,
    };
    let mut request = ask("command-a-03-2025", "What's the weather in Berlin? (52.5200, 13.4050)");
    request.messages.push(Message { role: Role::Assistant, parts: vec![call] });
    request.messages.push(Message { role: Role::User, parts: vec![result] });
    request.tools = vec![tool("weather", "Gets current weather for a location", parameters)];
    Sent {
        recording: "cohere-function-calling-cohere-command-a-03-2025-can-use-tools-with-multi-turn-strea-1",
        ours: chat(&request, true),
        ignored: &[
            ("/messages/0/content", ONE_TEXT),
            ("/messages/1/content", "theirs is a list of one empty text, ours leaves it out"),
        ],
    }
}

fn structured() -> Sent {
    let schema = json!({
        "type": "object",
        "properties": { "name": { "type": "string" }, "age": { "type": "integer" } },
        "required": ["name", "age"],
        "additionalProperties": false,
    });
    let request = ChatRequest {
        response_schema: Some(("person".into(), schema)),
        ..ask("command-a-03-2025", "Generate a person named Bob")
    };
    Sent {
        recording: "cohere-with-schema-with-cohere-command-a-03-2025-allows-removing-schema-mid-conversa",
        ours: chat(&request, false),
        ignored: &[("/messages/0/content", ONE_TEXT)],
    }
}

fn image() -> Sent {
    let mut request = ask("command-a-vision-07-2025", "What's in this image?");
    request.messages[0].parts.push(Part::image("image/png", vec![1, 2, 3]));
    Sent {
        recording: "cohere-astream-with-vision",
        ours: chat(&request, true),
        ignored: &[("/messages/0/content/1/image_url/url", "ours brings the bytes, theirs says where they are")],
    }
}

fn thinking() -> Sent {
    let question = "Considering the way to cross the street, analogously, how do I cross the river?";
    let mut request = ask("command-a-reasoning-08-2025", "How do I cross the street?");
    let answer = vec![Part::reasoning("Hm."), Part::text("Look both ways.")];
    request.messages.push(Message { role: Role::Assistant, parts: answer });
    request.messages.push(Message::text(Role::User, question));
    Sent {
        recording: "cohere-model-thinking-part-1",
        ours: chat(&request, false),
        ignored: &[("/messages/1/content", "theirs sends old thinking back without calls, which fills the window")],
    }
}

fn embedding() -> Sent {
    let request = EmbedRequest {
        model: "embed-v4.0".into(),
        inputs: vec!["Ruby is a programmer's best friend".into()],
        dimensions: Some(1024),
        purpose: Some(EmbedPurpose::Document),
    };
    let vendor = Catalog::bundled().get("cohere").unwrap();
    Sent {
        recording: "cohere-embedding-basic-functionality-cohere-embed-v4-0-can-handle-a-single-text-with",
        ours: dialect(DialectId::Cohere).unwrap().embed(vendor, &request).unwrap(),
        ignored: &[("/truncate", "ours: a text that is too long must not be cut without a word")],
    }
}
