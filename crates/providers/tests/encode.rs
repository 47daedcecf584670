//! What goes on the wire for a request.
#![allow(clippy::unwrap_used)]

use parlance_providers::{
    Category, ChatRequest, Message, OpaqueData, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId, Quirk, Vendor},
    dialects::dialect,
};
use serde_json::{Value, json};

fn vendor(id: &str) -> Vendor {
    Catalog::bundled().get(id).unwrap().clone()
}

fn encode(vendor: &Vendor, request: &ChatRequest, stream: bool) -> Value {
    let wire = dialect(DialectId::OpenaiChat).unwrap().chat(vendor, request, stream).unwrap();
    assert_eq!((wire.method.as_str(), wire.path.as_str(), wire.stream), ("POST", "chat/completions", stream));
    serde_json::from_str(&wire.body.unwrap()).unwrap()
}

fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

fn call(id: &str, arguments: &str) -> Part {
    Part::tool_call(id, "get_time", arguments)
}

#[test]
fn a_plain_question_sends_nothing_it_need_not() {
    let request = ChatRequest::new("gpt-4.1", vec![user("Hi")]);
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    assert_eq!(
        encode(&vendor("openai"), &request, true),
        json!({ "model": "gpt-4.1", "messages": messages, "stream": true, "stream_options": { "include_usage": true } })
    );
    assert_eq!(
        encode(&vendor("openai"), &request, false),
        json!({ "model": "gpt-4.1", "messages": messages, "stream": false })
    );
    let mut quiet = vendor("openai");
    quiet.quirks.clear();
    assert_eq!(encode(&quiet, &request, true).get("stream_options"), None);
}

#[test]
fn parameters_go_under_the_names_the_vendor_has() {
    let mut request = ChatRequest::new("m", vec![user("Hi")]);
    let p = &mut request.parameters;
    (p.temperature, p.top_p, p.max_tokens, p.seed) = (Some(0.5), Some(0.9), Some(64), Some(7));
    p.stop = vec!["END".into()];
    p.reasoning_effort = Some(ReasoningEffort::Max);
    let openai = encode(&vendor("openai"), &request, false);
    assert_eq!(openai["max_completion_tokens"], 64);
    assert_eq!(openai.get("max_tokens"), None);
    let local = encode(&vendor("vllm"), &request, false);
    assert_eq!(local["max_tokens"], 64);
    assert_eq!(local.get("max_completion_tokens"), None);
    assert_eq!((&local["temperature"], &local["top_p"], &local["seed"]), (&json!(0.5), &json!(0.9), &json!(7)));
    assert_eq!((&local["stop"], &local["reasoning_effort"]), (&json!(["END"]), &json!("xhigh")));
}

#[test]
fn a_tool_round_trip_keeps_its_order() {
    let result = |id: &str| Part::ToolResult {
        call_id: id.into(),
        name: "get_time".into(),
        content: "12:00".into(),
        is_error: false,
    };
    let mut request = ChatRequest::new(
        "m",
        vec![
            user("What time?"),
            Message { role: Role::Assistant, parts: vec![call("c1", "{\"tz\":\"CET\"}"), call("c2", "")] },
            Message { role: Role::User, parts: vec![result("c1"), result("c2"), Part::text("Thanks")] },
        ],
    );
    request.system = Some("Be terse.".into());
    request.tools = vec![ToolDefinition {
        name: "get_time".into(),
        description: Some("The time".into()),
        parameters: json!({ "type": "object", "properties": {} }),
        strict: Some(true),
    }];
    request.tool_choice = Some(ToolChoice::Named("get_time".into()));
    let body = encode(&vendor("openai"), &request, true);
    let call = |id: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": "get_time", "arguments": arguments } });
    assert_eq!(
        body["messages"],
        json!([
            { "role": "system", "content": "Be terse." },
            { "role": "user", "content": "What time?" },
            { "role": "assistant", "content": null, "tool_calls": [call("c1", "{\"tz\":\"CET\"}"), call("c2", "{}")] },
            { "role": "tool", "tool_call_id": "c1", "content": "12:00" },
            { "role": "tool", "tool_call_id": "c2", "content": "12:00" },
            { "role": "user", "content": "Thanks" },
        ])
    );
    assert_eq!(body["tool_choice"], json!({ "type": "function", "function": { "name": "get_time" } }));
    assert_eq!(
        body["tools"],
        json!([{ "type": "function", "function": {
            "name": "get_time", "description": "The time", "strict": true,
            "parameters": { "type": "object", "properties": {} },
        } }])
    );
}

#[test]
fn without_tools_no_tool_field_is_sent() {
    let mut request = ChatRequest::new("m", vec![user("Hi")]);
    request.tool_choice = Some(ToolChoice::Auto);
    let body = encode(&vendor("openai"), &request, true);
    assert_eq!((body.get("tools"), body.get("tool_choice")), (None, None));
}

#[test]
fn images_and_files_go_inline() {
    let file = |media_type: &str, data: &[u8]| Part::File {
        name: "a.bin".into(),
        media_type: media_type.into(),
        data: data.to_vec(),
    };
    let ask =
        |part: Part| ChatRequest::new("m", vec![Message { role: Role::User, parts: vec![Part::text("See"), part] }]);
    let image = ask(Part::image("image/png", vec![1, 2, 3]));
    assert_eq!(
        encode(&vendor("openai"), &image, true)["messages"][0]["content"],
        json!([
            { "type": "text", "text": "See" },
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,AQID" } },
        ])
    );
    let pdf = ask(file("application/pdf", b"%PDF\0"));
    assert_eq!(
        encode(&vendor("openai"), &pdf, true)["messages"][0]["content"][1],
        json!({ "type": "file", "file": { "filename": "a.bin", "file_data": "data:application/pdf;base64,JVBERgA=" } })
    );
    let refused = dialect(DialectId::OpenaiChat).unwrap().chat(&vendor("vllm"), &pdf, true).unwrap_err();
    assert_eq!((refused.category, refused.cause), (Category::BadRequest, Some("file_unsupported")));
    let text = ask(file("text/csv", b"a;b"));
    assert_eq!(
        encode(&vendor("vllm"), &text, true)["messages"][0]["content"][1],
        json!({ "type": "text", "text": "a.bin:\n\na;b" })
    );
}

#[test]
fn reasoning_goes_back_only_where_it_is_wanted() {
    let detail = r#"{"type":"reasoning.encrypted","data":"gAAAA="}"#;
    let reasoning = |opaque: Vec<OpaqueData>| Part::Reasoning { text: "Hm.".into(), opaque };
    let turn = |parts| Message { role: Role::Assistant, parts };
    let plain = ChatRequest::new("m", vec![turn(vec![reasoning(vec![]), call("c", "{}")])]);
    let sent = encode(&vendor("openai"), &plain, true)["messages"][0].clone();
    assert_eq!((sent.get("reasoning_content"), sent.get("reasoning_details")), (None, None));

    let mut replaying = vendor("openai");
    replaying.quirks.push(Quirk::ReplayReasoningContent);
    assert_eq!(encode(&replaying, &plain, true)["messages"][0]["reasoning_content"], "Hm.");

    let data = OpaqueData { kind: "reasoning_details".into(), json: detail.into() };
    let foreign = OpaqueData { kind: "signature".into(), json: "\"x\"".into() };
    let opaque = ChatRequest::new("m", vec![turn(vec![reasoning(vec![data, foreign]), call("c", "{}")])]);
    let sent = encode(&vendor("openai"), &opaque, true)["messages"][0].clone();
    assert_eq!(sent["reasoning_details"], json!([{ "type": "reasoning.encrypted", "data": "gAAAA=" }]));
}

#[test]
fn an_empty_answer_is_left_out_and_a_refusal_is_text() {
    let turn = |parts| Message { role: Role::Assistant, parts };
    let reasoning = Part::Reasoning { text: "Hm.".into(), opaque: vec![] };
    let request = ChatRequest::new(
        "m",
        vec![user("Hi"), turn(vec![reasoning]), turn(vec![Part::Refusal { text: "No.".into() }])],
    );
    assert_eq!(
        encode(&vendor("openai"), &request, true)["messages"],
        json!([{ "role": "user", "content": "Hi" }, { "role": "assistant", "content": "No." }])
    );
}

#[test]
fn a_schema_and_extras_are_sent_the_extras_last() {
    let mut request = ChatRequest::new("m", vec![user("Hi")]);
    let schema = json!({ "type": "object" });
    request.response_schema = Some(("answer".into(), schema.clone()));
    request.extra = json!({ "top_k": 5, "model": "other" }).as_object().unwrap().clone();
    let body = encode(&vendor("openai"), &request, true);
    assert_eq!(
        body["response_format"],
        json!({ "type": "json_schema", "json_schema": { "name": "answer", "schema": schema, "strict": true } })
    );
    assert_eq!((&body["top_k"], &body["model"]), (&json!(5), &json!("other")));
}
