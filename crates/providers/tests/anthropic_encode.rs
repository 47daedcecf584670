//! What goes over the Anthropic wire for a request.
#![allow(clippy::unwrap_used)]

use parlance_providers::{
    Category, ChatRequest, Message, OpaqueData, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId, Vendor},
    dialect::Dialect,
    dialects::dialect,
};
use serde_json::{Value, json};

fn anthropic() -> &'static dyn Dialect {
    dialect(DialectId::Anthropic).unwrap()
}

fn vendor(id: &str) -> Vendor {
    Catalog::bundled().get(id).unwrap().clone()
}

fn text_of(vendor: &Vendor, request: &ChatRequest, stream: bool) -> String {
    let wire = anthropic().chat(vendor, request, stream).unwrap();
    assert_eq!((wire.method.as_str(), wire.path.as_str(), wire.stream), ("POST", "messages", stream));
    assert_eq!(wire.headers, [("anthropic-version", "2023-06-01".to_owned())]);
    wire.body.unwrap()
}

fn encode(request: &ChatRequest) -> Value {
    serde_json::from_str(&text_of(&vendor("anthropic"), request, true)).unwrap()
}

fn ask(model: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::text(Role::User, "Hi")])
}

fn turn(role: Role, parts: Vec<Part>) -> Message {
    Message { role, parts }
}

fn opaque(kind: &str, json: &str) -> OpaqueData {
    OpaqueData { kind: kind.into(), json: json.into() }
}

fn result(id: &str, content: &str, is_error: bool) -> Part {
    Part::ToolResult { call_id: id.into(), name: "f".into(), content: content.into(), is_error }
}

#[test]
fn a_plain_question_sends_nothing_it_need_not() {
    assert_eq!(
        encode(&ask("claude-sonnet-4-5")),
        json!({
            "model": "claude-sonnet-4-5", "max_tokens": 64000, "stream": true,
            "messages": [{ "role": "user", "content": [{ "type": "text", "text": "Hi" }] }],
        })
    );
}

#[test]
fn an_output_limit_is_always_sent() {
    let limit = |vendor: &str, model: &str, asked: Option<u32>, stream: bool| {
        let mut request = ask(model);
        request.parameters.max_tokens = asked;
        let body: Value = serde_json::from_str(&text_of(&self::vendor(vendor), &request, stream)).unwrap();
        body["max_tokens"].as_u64().unwrap()
    };
    for (vendor, model, asked, stream, tokens) in [
        ("anthropic", "claude-opus-5", Some(7), true, 7),
        ("anthropic", "claude-opus-5", Some(100_000), false, 100_000),
        ("anthropic", "claude-opus-5", None, true, 128_000),
        // What does not stream must come within ten minutes.
        ("anthropic", "claude-opus-5", None, false, 21_333),
        // A dated snapshot of a known model, and models that only a rule knows.
        ("anthropic", "claude-opus-4-5-20251101", None, true, 64_000),
        ("anthropic", "claude-opus-4-20250514", None, true, 32_000),
        ("anthropic", "claude-3-haiku-20240307", None, false, 4096),
        ("anthropic", "claude-of-tomorrow", None, true, 64_000),
        ("anthropic", "something-else", None, true, 4096),
        ("anthropic-compatible", "something-else", None, true, 8192),
    ] {
        assert_eq!(limit(vendor, model, asked, stream), tokens, "{vendor} {model} {asked:?} {stream}");
    }
}

#[test]
fn a_parameter_that_a_model_refuses_is_not_sent_to_it() {
    let sent = |model: &str, effort: Option<ReasoningEffort>, temperature: Option<f64>| {
        let mut request = ask(model);
        (request.parameters.temperature, request.parameters.top_p) = (temperature, Some(0.9));
        request.parameters.reasoning_effort = effort;
        request.parameters.seed = Some(7);
        let body = encode(&request);
        assert_eq!(body.get("seed"), None, "the wire has no seed");
        json!([body["temperature"], body["top_p"], body["thinking"], body["output_config"]])
    };
    let none = Value::Null;
    let shown = json!({ "type": "adaptive", "display": "summarized" });
    let (off, plain) = (json!({ "type": "disabled" }), json!({ "type": "adaptive" }));
    let budget = |tokens: u64| json!({ "type": "enabled", "budget_tokens": tokens });
    let effort = |word: &str| json!({ "effort": word });
    use ReasoningEffort::{High, Max, Minimal, None as Off};
    for (model, asked, temperature, want) in [
        ("claude-3-haiku-20240307", Some(High), Some(0.5), json!([0.5, 0.9, none, none])),
        ("claude-3-haiku-20240307", None, Some(1.7), json!([1.0, 0.9, none, none])),
        ("claude-3-7-sonnet-20250219", None, Some(0.5), json!([0.5, 0.9, none, none])),
        ("claude-opus-4-5", None, Some(0.5), json!([0.5, none, none, none])),
        ("claude-opus-4-5", None, None, json!([none, 0.9, none, none])),
        ("claude-opus-4-5", Some(High), Some(0.5), json!([none, none, budget(16_384), none])),
        ("claude-opus-4-5", Some(Off), Some(0.5), json!([0.5, none, off, none])),
        ("claude-opus-4-1-20250805", Some(Max), None, json!([none, none, budget(24_000), none])),
        ("claude-opus-4-6", Some(Max), Some(0.5), json!([none, none, plain, effort("max")])),
        ("claude-opus-4-6", None, Some(0.5), json!([0.5, none, none, none])),
        ("claude-opus-4-8", None, Some(0.5), json!([none, none, none, none])),
        ("claude-opus-4-8", Some(Minimal), Some(0.5), json!([none, none, shown, effort("low")])),
        ("claude-opus-4-8", Some(Off), Some(0.5), json!([none, none, off, none])),
        ("claude-sonnet-5", None, Some(0.5), json!([none, none, shown, none])),
        ("claude-sonnet-5", Some(Off), Some(0.5), json!([none, none, off, none])),
        ("claude-opus-5", Some(High), None, json!([none, none, shown, effort("high")])),
        ("claude-opus-5-5", Some(Off), None, json!([none, none, shown, effort("low")])),
        ("claude-fable-5", None, None, json!([none, none, shown, none])),
        ("claude-fable-5", Some(Off), None, json!([none, none, shown, effort("low")])),
    ] {
        assert_eq!(sent(model, asked, temperature), want, "{model} {asked:?} {temperature:?}");
    }
}

#[test]
fn a_forced_call_is_sent_where_the_model_takes_it_and_thinking_gives_way() {
    let sent = |model: &str, choice: ToolChoice, effort: Option<ReasoningEffort>| {
        let mut request = ask(model);
        request.tools = vec![tool("f", json!({ "type": "object" }))];
        request.tool_choice = Some(choice);
        request.parameters.reasoning_effort = effort;
        let body = encode(&request);
        json!([body["tool_choice"], body["thinking"]["type"]])
    };
    let named = || ToolChoice::Named("f".into());
    let high = Some(ReasoningEffort::High);
    assert_eq!(sent("claude-opus-4-5", named(), None), json!([{ "type": "tool", "name": "f" }, null]));
    assert_eq!(sent("claude-opus-4-5", named(), high), json!([{ "type": "tool", "name": "f" }, null]));
    assert_eq!(sent("claude-opus-4-5", ToolChoice::Auto, high), json!([{ "type": "auto" }, "enabled"]));
    assert_eq!(sent("claude-opus-4-5", ToolChoice::None, None), json!([{ "type": "none" }, null]));
    assert_eq!(sent("claude-opus-5", ToolChoice::Required, high), json!([{ "type": "any" }, "adaptive"]));
    assert_eq!(sent("claude-fable-5", ToolChoice::Required, None), json!([{ "type": "auto" }, "adaptive"]));
    let mut without = ask("claude-opus-5");
    without.tool_choice = Some(ToolChoice::Auto);
    assert_eq!((encode(&without).get("tools"), encode(&without).get("tool_choice")), (None, None));
}

#[test]
fn thinking_by_a_budget_does_not_begin_in_the_middle_of_a_tool_loop() {
    let sent = |model: &str, first: Part| {
        let mut request = ask(model);
        request.messages.push(turn(Role::Assistant, vec![first, Part::tool_call("c", "f", "{}")]));
        request.messages.push(turn(Role::User, vec![result("c", "1", false)]));
        request.parameters.reasoning_effort = Some(ReasoningEffort::High);
        encode(&request)["thinking"]["type"].clone()
    };
    let signed = || Part::Reasoning { text: "Hm.".into(), opaque: vec![opaque("signature", "\"s\"")] };
    assert_eq!(sent("claude-opus-4-5", signed()), "enabled");
    assert_eq!(sent("claude-opus-4-5", Part::reasoning("Of another vendor")), Value::Null);
    assert_eq!(sent("claude-opus-4-5", Part::text("So.")), Value::Null);
    assert_eq!(sent("claude-opus-4-6", Part::text("So.")), "adaptive");
}

fn tool(name: &str, parameters: Value) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: Some("Does it".into()), parameters, strict: Some(true) }
}

#[test]
fn tools_and_a_schema_have_the_wires_form() {
    let mut request = ask("claude-opus-5");
    request.tools = vec![tool("f", json!({ "type": "object", "properties": { "a": {} } })), tool("g", Value::Null)];
    request.tools[1].strict = Some(false);
    request.parameters.stop = vec!["END".into()];
    request.parameters.reasoning_effort = Some(ReasoningEffort::Low);
    let schema = json!({ "type": "object", "additionalProperties": false });
    request.response_schema = Some(("answer".into(), schema.clone()));
    let extra = json!({
        "metadata": { "user_id": "u" }, "max_tokens": 9, "output_config": { "effort": "max" },
        "model": "m", "messages": [], "stream": false,
    });
    request.extra = extra.as_object().unwrap().clone();
    let body = encode(&request);
    assert_eq!(
        body["tools"],
        json!([
            { "name": "f", "description": "Does it", "strict": true,
              "input_schema": { "type": "object", "properties": { "a": {} } } },
            { "name": "g", "description": "Does it", "input_schema": { "type": "object", "properties": {} } },
        ])
    );
    let format = json!({ "type": "json_schema", "schema": schema });
    assert_eq!(body["output_config"], json!({ "effort": "max", "format": format }), "field by field");
    assert_eq!(body["stop_sequences"], json!(["END"]));
    assert_eq!((&body["metadata"]["user_id"], &body["max_tokens"]), (&json!("u"), &json!(9)), "extras come last");
    assert_eq!((&body["model"], &body["stream"]), (&json!("claude-opus-5"), &json!(true)));
    assert_ne!(body["messages"], json!([]));
}

#[test]
fn the_prompt_cache_is_marked_on_tools_system_and_the_end() {
    let mark = json!({ "type": "ephemeral" });
    let marks = |request: &ChatRequest| {
        let body = encode(request);
        let count = body.to_string().matches("cache_control").count();
        assert!(count <= 4, "{body}");
        (count, body)
    };
    let mut request = ask("claude-opus-5");
    request.system = Some("Be terse.".into());
    request.tools = vec![tool("f", json!({ "type": "object" })), tool("g", json!({ "type": "object" }))];
    assert_eq!(marks(&request).0, 0);
    request.cache = true;
    let (count, body) = marks(&request);
    assert_eq!(count, 3);
    assert_eq!(body["system"], json!([{ "type": "text", "text": "Be terse.", "cache_control": mark }]));
    assert_eq!((body["tools"][0].get("cache_control"), &body["tools"][1]["cache_control"]), (None, &mark));
    let last = body["messages"].as_array().unwrap().last().unwrap()["content"].as_array().unwrap().last().unwrap();
    assert_eq!(last["cache_control"], mark);

    // Results come before the words of a turn; the mark is on what is last.
    request.messages = vec![
        turn(Role::User, vec![Part::text("Q")]),
        turn(Role::Assistant, vec![Part::tool_call("c", "f", "{}")]),
        turn(Role::User, vec![result("c", "1", false)]),
    ];
    let (count, body) = marks(&request);
    assert_eq!((count, &body["messages"][2]["content"][0]["cache_control"]), (3, &mark));

    // Neither thinking nor what goes back as it came bears a mark.
    let signed = Part::Reasoning { text: "Hm.".into(), opaque: vec![opaque("signature", "\"s\"")] };
    let raw =
        Part::ServerTool { name: "web".into(), json: "{}".into(), opaque: vec![opaque("block", r#"{"type":"x"}"#)] };
    request.messages.truncate(1);
    request.messages.push(turn(Role::Assistant, vec![raw, signed]));
    let (count, body) = marks(&request);
    assert_eq!((count, &body["messages"][0]["content"][0]["cache_control"]), (3, &mark), "{body}");
    request.messages.clear();
    assert_eq!(marks(&request).0, 2);
}

#[test]
fn results_come_first_and_neighbours_of_one_role_are_one_turn() {
    let call = |id: &str, arguments: &str| Part::tool_call(id, "f", arguments);
    let mut request = ChatRequest::new(
        "claude-opus-4-5",
        vec![
            Message::text(Role::User, "One"),
            turn(Role::User, vec![Part::text("  \n"), Part::text("Two")]),
            turn(Role::Assistant, vec![call("c1", "{\"a\":1.50}"), call("c2", " ")]),
            turn(Role::Assistant, vec![call("c3", "{\"cut"), call("c4", "[1]")]),
            Message::text(Role::User, "By the way"),
            turn(Role::User, vec![result("c1", "12:00", false), result("c2", "", true), result("c3", "x", false)]),
            turn(Role::Assistant, vec![Part::text(""), Part::reasoning("No signature")]),
            Message::text(Role::User, "Go on"),
            turn(Role::Assistant, vec![Part::Refusal { text: "No.".into() }, Part::image("image/png", vec![1])]),
        ],
    );
    request.system = Some("Be terse.".into());
    let body = encode(&request);
    let text = |text: &str| json!({ "type": "text", "text": text });
    let call = |id: &str, input: Value| json!({ "type": "tool_use", "id": id, "name": "f", "input": input });
    assert_eq!(body["system"], "Be terse.");
    assert_eq!(
        body["messages"],
        json!([
            { "role": "user", "content": [text("One"), text("Two")] },
            { "role": "assistant", "content": [
                call("c1", json!({ "a": 1.5 })), call("c2", json!({})),
                call("c3", json!({ "INVALID_JSON": "{\"cut" })), call("c4", json!({ "INVALID_JSON": "[1]" })),
            ] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "c1", "content": "12:00" },
                { "type": "tool_result", "tool_use_id": "c2", "is_error": true },
                { "type": "tool_result", "tool_use_id": "c3", "content": "x" },
                text("By the way"), text("Go on"),
            ] },
            { "role": "assistant", "content": [text("No.")] },
        ])
    );
    let plain = text_of(&vendor("anthropic"), &request, true);
    assert!(plain.contains(r#""input":{"a":1.50}"#), "arguments go out as they came in: {plain}");
}

#[test]
fn what_the_vendor_wants_back_goes_back_byte_for_byte_and_in_place() {
    let redacted = r#"{ "data" : "Em\u0041w==", "type":"redacted_thinking" }"#;
    let signature = r#""EqQB\u002b\/x==""#;
    let citation = r#"{"type":"web_search_result_location","encrypted_index":"E\/1", "url":"u"}"#;
    let search = r#"{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query": "x"}}"#;
    let found = r#"{"type":"web_search_tool_result","tool_use_id":"s1","content":[ ]}"#;
    let left = r#"{"type":"server_tool_use","id":"s2","name":"web_search","input":{}}"#;
    let caller = r#"{"type":"code_execution_20260120", "tool_id":"s1"}"#;
    let server = |json: &str| Part::ServerTool {
        name: "web_search".into(),
        json: "shown".into(),
        opaque: vec![opaque("block", json), opaque("other", "1")],
    };
    let parts = vec![
        Part::Reasoning { text: "Hm. ".into(), opaque: vec![opaque("signature", signature)] },
        Part::Reasoning { text: String::new(), opaque: vec![opaque("redacted_thinking", redacted)] },
        Part::Reasoning { text: "lost".into(), opaque: vec![opaque("reasoning_details", "{}")] },
        server(search),
        server(found),
        Part::Text { text: "So.".into(), opaque: vec![opaque("citation", citation)] },
        server(left),
        Part::ToolCall {
            id: "c".into(),
            name: "f".into(),
            arguments: String::new(),
            opaque: vec![opaque("caller", caller)],
        },
    ];
    let mut request = ask("claude-opus-5");
    request.messages.push(turn(Role::Assistant, parts));
    request.messages.push(turn(Role::User, vec![result("c", "1", false)]));
    let body = text_of(&vendor("anthropic"), &request, true);
    let blocks = |left: &str| {
        format!(
            r#"{{"role":"assistant","content":[{{"type":"thinking","thinking":"Hm. ","signature":{signature}}},{redacted},{search},{found},{{"type":"text","text":"So.","citations":[{citation}]}},{left}{{"type":"tool_use","id":"c","name":"f","input":{{}},"caller":{caller}}}]}}"#
        )
    };
    assert!(body.contains(&blocks("")), "a call of the vendor's without its result is refused: {body}");
    request.messages.pop();
    let paused = text_of(&vendor("anthropic"), &request, true);
    assert!(paused.contains(&blocks(&format!("{left},"))), "the last answer goes on from where it paused: {paused}");
}

#[test]
fn images_and_files_go_inline() {
    let blocks = |vendor: &str, part: Part| {
        let request = ChatRequest::new("m", vec![turn(Role::User, vec![part, Part::text("See")])]);
        anthropic().chat(&self::vendor(vendor), &request, true).map(|wire| {
            serde_json::from_str::<Value>(&wire.body.unwrap()).unwrap()["messages"][0]["content"][0].clone()
        })
    };
    let file = |media_type: &str, data: &[u8]| Part::File {
        name: "a.x".into(),
        media_type: media_type.into(),
        data: data.into(),
    };
    let base64 = |kind: &str, data: &str| json!({ "type": "base64", "media_type": kind, "data": data });
    assert_eq!(
        blocks("anthropic", Part::image("image/jpg", vec![1, 2, 3])).unwrap(),
        json!({ "type": "image", "source": base64("image/jpeg", "AQID") })
    );
    for vendor in ["anthropic", "anthropic-compatible"] {
        assert_eq!(
            blocks(vendor, file("application/pdf", b"%PDF\0")).unwrap(),
            json!({ "type": "document", "title": "a.x", "source": base64("application/pdf", "JVBERgA=") })
        );
    }
    assert_eq!(
        blocks("anthropic", file("text/csv", b"a;b")).unwrap(),
        json!({ "type": "document", "title": "a.x",
                "source": { "type": "text", "media_type": "text/plain", "data": "a;b" } })
    );
    let written_out = json!({ "type": "text", "text": "a.x:\n\na;b" });
    assert_eq!(blocks("anthropic-compatible", file("text/csv", b"a;b")).unwrap(), written_out);
    assert_eq!(blocks("anthropic", file("text/csv", b" ")).unwrap()["type"], "text", "an empty document is refused");
    for part in [
        Part::image("image/svg+xml", vec![1]),
        file("application/zip", b"PK\x03\x04\xff"),
        file("application/octet-stream", b"a\0b"),
    ] {
        let refused = blocks("anthropic", part).unwrap_err();
        assert_eq!((refused.category, refused.cause), (Category::BadRequest, Some("file_unsupported")));
    }
}

#[test]
fn an_address_gets_the_version_it_lacks() {
    for (typed, base) in [
        ("", "/v1"),
        ("/v1", "/v1"),
        ("/v1/messages", "/v1"),
        ("/messages", "/v1"),
        ("/anthropic", "/anthropic/v1"),
        ("/anthropic/v1", "/anthropic/v1"),
        ("/anthropic/v1/messages", "/anthropic/v1"),
        ("/api/anthropic", "/api/anthropic/v1"),
        ("/api/anthropic/messages", "/api/anthropic/v1"),
        ("/api/v1", "/api/v1"),
        ("/apps/xv1", "/apps/xv1/v1"),
    ] {
        assert_eq!(anthropic().base_path(typed), base, "{typed}");
        assert!(!anthropic().base_path(typed).ends_with('/'));
    }
}
