//! What only the dialect of Cohere has: its addresses, its requests, and how its events are read.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::common::{self, decoder, fixtures, run};
use parlance_providers::{
    Category, ChatEvent, ChatRequest, EmbedPurpose, EmbedRequest, Message, Part, ReasoningEffort, Role, ToolChoice,
    ToolDefinition,
    catalog::{Catalog, DialectId, Vendor},
    dialect::{Dialect, ResponseHead},
    dialects::dialect,
    transport::BaseUrl,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const THINKS: &str = "command-a-reasoning-08-2025";
const DOES_NOT: &str = "command-a-03-2025";

fn vendor() -> &'static Vendor {
    Catalog::bundled().get("cohere").unwrap()
}

fn cohere() -> &'static dyn Dialect {
    dialect(DialectId::Cohere).unwrap()
}

fn encode(request: &ChatRequest) -> Value {
    let wire = cohere().chat(vendor(), request, true).unwrap();
    assert_eq!((wire.method.as_str(), wire.path.as_str(), wire.stream), ("POST", "v2/chat", true));
    assert_eq!(wire.headers, []);
    serde_json::from_str(&wire.body.unwrap()).unwrap()
}

fn ask(model: &str, parts: Vec<Part>) -> ChatRequest {
    ChatRequest::new(model, vec![Message { role: Role::User, parts }])
}

fn tool(name: &str) -> ToolDefinition {
    let parameters = json!({ "type": "object", "properties": { "a": {} }, "required": ["a"] });
    ToolDefinition { name: name.into(), description: None, parameters, strict: None }
}

fn file(name: &str, data: &[u8]) -> Part {
    Part::File { name: name.into(), media_type: "text/csv".into(), data: data.to_vec() }
}

#[test]
fn an_address_leads_to_the_api_however_it_was_pasted() {
    for typed in [
        "https://api.cohere.com",
        "https://api.cohere.com/",
        "https://api.cohere.com/v2",
        "https://api.cohere.com/v2/",
        "https://api.cohere.com/v2/chat",
        "https://api.cohere.com/v2/embed",
        "https://api.cohere.com/v1",
        "https://api.cohere.com/v1/chat",
        "https://api.cohere.com/v1/models",
        "https://api.cohere.com/v1/check-api-key",
        "https://api.cohere.com/compatibility/v1",
        "https://api.cohere.com/compatibility/v1/chat/completions",
    ] {
        let url = BaseUrl::parse(typed).unwrap().join(|path| cohere().base_path(path), "v2/chat");
        assert_eq!(url.as_str(), "https://api.cohere.com/v2/chat", "{typed}");
    }
    for (typed, asked) in [
        ("https://host/cohere", "https://host/cohere/v1/models"),
        ("https://host/cohere/v2/chat", "https://host/cohere/v1/models"),
        ("http://10.0.0.2:8000/myv1", "http://10.0.0.2:8000/myv1/v1/models"),
    ] {
        let url = BaseUrl::parse(typed).unwrap().join(|path| cohere().base_path(path), "v1/models");
        assert_eq!(url.as_str(), asked, "{typed}");
    }
}

#[test]
fn a_plain_question_sends_nothing_it_need_not() {
    let mut request = ask("m", vec![Part::text("Hi")]);
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    assert_eq!(encode(&request), json!({ "model": "m", "messages": messages, "stream": true }));
    let whole = cohere().chat(vendor(), &request, false).unwrap();
    assert!(whole.body.unwrap().ends_with("\"stream\":false}") && !whole.stream);
    (request.system, request.cache) = (Some(" ".into()), true);
    assert_eq!(encode(&request), json!({ "model": "m", "messages": messages, "stream": true }));
}

#[test]
fn parameters_have_the_names_of_the_wire() {
    let mut request = ask("m", vec![Part::text("Hi")]);
    let p = &mut request.parameters;
    (p.temperature, p.top_p, p.max_tokens, p.seed) = (Some(1.5), Some(1.0), Some(64), Some(7));
    p.stop = vec!["END".into()];
    request.response_schema = Some(("answer".into(), json!({ "type": "object" })));
    request.extra = json!({ "safety_mode": "OFF", "k": 5, "model": "no" }).as_object().unwrap().clone();
    let body = encode(&request);
    let schema = json!({ "type": "json_object", "json_schema": { "type": "object" } });
    assert_eq!(
        body,
        json!({
            "model": "m", "messages": [{ "role": "user", "content": "Hi" }], "response_format": schema,
            "max_tokens": 64, "temperature": 1.0, "p": 0.99, "seed": 7, "stop_sequences": ["END"], "stream": true,
            "safety_mode": "OFF", "k": 5,
        })
    );
}

#[test]
fn thinking_is_told_in_tokens_to_models_that_think() {
    let said = |model: &str, effort| {
        let mut request = ask(model, vec![Part::text("Hi")]);
        request.parameters.reasoning_effort = effort;
        encode(&request).get("thinking").cloned()
    };
    let tokens = |n: u32| Some(json!({ "type": "enabled", "token_budget": n }));
    let (on, off) = (Some(json!({ "type": "enabled" })), Some(json!({ "type": "disabled" })));
    let efforts = [
        (None, None, None),
        (Some(ReasoningEffort::None), off.clone(), off),
        (Some(ReasoningEffort::Minimal), tokens(512), on.clone()),
        (Some(ReasoningEffort::Low), tokens(2048), on.clone()),
        (Some(ReasoningEffort::Medium), tokens(8192), on.clone()),
        (Some(ReasoningEffort::High), tokens(16_384), on.clone()),
        (Some(ReasoningEffort::Max), on.clone(), on),
    ];
    for (effort, budget, switch) in efforts {
        assert_eq!(said(THINKS, effort), budget, "{effort:?}");
        assert_eq!(said("a-model-of-tomorrow", effort), budget, "{effort:?}");
        assert_eq!(said("north-mini-code-1-0", effort), switch, "{effort:?}");
        assert_eq!(said(DOES_NOT, effort), None, "{effort:?}");
    }
}

#[test]
fn a_tool_round_trip_keeps_its_order_and_its_bytes() {
    let result =
        |id: &str| Part::ToolResult { call_id: id.into(), name: "f".into(), content: "12:00".into(), is_error: false };
    let parts = vec![
        Part::reasoning("Ask."),
        Part::text("One moment."),
        Part::tool_call("c1", "f", "{ \"tz\":\"CET\",\"big\":12345678901234567890123}"),
        Part::tool_call("c2", "f", " "),
        Part::tool_call("c3", "f", "select 1"),
        Part::tool_call("c4", "f", "null"),
    ];
    let mut request = ChatRequest {
        system: Some("Be terse.".into()),
        ..ChatRequest::new(
            THINKS,
            vec![
                Message::text(Role::User, "What time?"),
                Message { role: Role::Assistant, parts },
                Message { role: Role::User, parts: vec![result("c1"), Part::text("Thanks"), result("c2")] },
                Message { role: Role::Assistant, parts: vec![Part::reasoning("Done."), Part::text("Noon.")] },
                Message { role: Role::Assistant, parts: vec![Part::reasoning("Nothing to say."), Part::text(" ")] },
            ],
        )
    };
    let call = |id: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": "f", "arguments": arguments } });
    let calls = json!([
        call("c1", "{ \"tz\":\"CET\",\"big\":12345678901234567890123}"),
        call("c2", "{}"),
        call("c3", "{\"input\":\"select 1\"}"),
        call("c4", "{}"),
    ]);
    let thought = json!([{ "type": "thinking", "thinking": "Ask." }, { "type": "text", "text": "One moment." }]);
    let with = |content: Value| {
        json!([
            { "role": "system", "content": "Be terse." },
            { "role": "user", "content": "What time?" },
            { "role": "assistant", "content": content, "tool_calls": calls },
            { "role": "tool", "tool_call_id": "c1", "content": "12:00" },
            { "role": "tool", "tool_call_id": "c2", "content": "12:00" },
            { "role": "user", "content": "Thanks" },
            { "role": "assistant", "content": "Noon." },
        ])
    };
    assert_eq!(encode(&request)["messages"], with(thought));
    request.model = DOES_NOT.into();
    assert_eq!(encode(&request)["messages"], with(json!("One moment.")));
}

#[test]
fn what_is_said_about_tools_is_what_a_model_takes() {
    let said = |model: &str, choice: Option<ToolChoice>| {
        let mut request = ask(model, vec![Part::text("Hi")]);
        (request.tools, request.tool_choice) = (vec![tool("a"), tool("b")], choice);
        let body = encode(&request);
        let tools = body["tools"].as_array().cloned().unwrap_or_default();
        let names: Vec<_> = tools.iter().map(|t| t["function"]["name"].as_str().unwrap().to_owned()).collect();
        (names.join(" "), body.get("tool_choice").cloned())
    };
    for (choice, free, thinking) in [
        (None, ("a b", None), ("a b", None)),
        (Some(ToolChoice::Auto), ("a b", None), ("a b", None)),
        (Some(ToolChoice::None), ("a b", Some("NONE")), ("", None)),
        (Some(ToolChoice::Required), ("a b", Some("REQUIRED")), ("a b", None)),
        (Some(ToolChoice::Named("b".into())), ("b", Some("REQUIRED")), ("b", None)),
        (Some(ToolChoice::Named("c".into())), ("", None), ("", None)),
    ] {
        let want = |(names, word): (&str, Option<&str>)| (names.to_owned(), word.map(Value::from));
        assert_eq!(said(DOES_NOT, choice.clone()), want(free), "{choice:?}");
        assert_eq!(said(THINKS, choice.clone()), want(thinking), "{choice:?}");
    }
}

#[test]
fn schemas_are_kept_by_all_tools_or_by_none() {
    let strict = |name: &str| ToolDefinition { strict: Some(true), description: Some("d".into()), ..tool(name) };
    let bare = ToolDefinition { parameters: json!({ "type": "object" }), ..strict("c") };
    let said = |tools: Vec<ToolDefinition>| encode(&ChatRequest { tools, ..ask("m", vec![Part::text("Hi")]) });
    let body = said(vec![strict("a"), strict("b")]);
    assert_eq!(body["strict_tools"], true);
    let function = json!({ "name": "a", "description": "d", "parameters": tool("a").parameters });
    assert_eq!(body["tools"][0], json!({ "type": "function", "function": function }));
    for tools in [vec![strict("a"), tool("b")], vec![strict("a"), bare], Vec::new()] {
        assert_eq!(said(tools).get("strict_tools"), None);
    }
}

#[test]
fn images_stand_between_the_words_in_their_order() {
    let parts =
        vec![Part::text("See"), Part::text("this"), Part::image("image/jpg", vec![1, 2, 3]), Part::text("and?")];
    let image = json!({ "type": "image_url", "image_url": { "url": "data:image/jpeg;base64,AQID" } });
    assert_eq!(
        encode(&ask("m", parts))["messages"][0]["content"],
        json!([{ "type": "text", "text": "See\n\nthis" }, image, { "type": "text", "text": "and?" }])
    );
    let tiff = ask("m", vec![Part::image("image/tiff", vec![1])]);
    let refused = cohere().chat(vendor(), &tiff, true).unwrap_err();
    assert_eq!((refused.category, refused.cause), (Category::BadRequest, Some("file_unsupported")));
}

#[test]
fn text_files_become_documents_where_the_wire_takes_them() {
    let parts = || vec![Part::text("Sum up"), file("a.csv", b"a;b"), file("empty.csv", b" ")];
    let body = encode(&ask("m", parts()));
    assert_eq!(body["documents"], json!([{ "data": { "title": "a.csv", "text": "a;b" } }]));
    assert_eq!(body["messages"][0]["content"], "Sum up\n\nempty.csv:\n\n ");

    let written = |body: Value, words: &str| {
        assert_eq!(body.get("documents"), None);
        assert_eq!(body["messages"][0]["content"], words);
    };
    let all = "Sum up\n\na.csv:\n\na;b\n\nempty.csv:\n\n ";
    written(encode(&ChatRequest { tools: vec![tool("t")], ..ask("m", parts()) }), all);
    let schema = Some(("s".to_owned(), json!({})));
    written(encode(&ChatRequest { response_schema: schema, ..ask("m", parts()) }), all);
    written(encode(&ask("m", vec![file("a.csv", b"a;b")])), "a.csv:\n\na;b");
    let other = common::vendor(DialectId::Cohere);
    let wire = cohere().chat(&other, &ask("m", parts()), true).unwrap();
    written(serde_json::from_str(&wire.body.unwrap()).unwrap(), all);
    for data in [b"\0".as_slice(), b"\xff"] {
        let refused = cohere().chat(vendor(), &ask("m", vec![Part::text("Q"), file("a", data)]), true).unwrap_err();
        assert_eq!((refused.category, refused.cause), (Category::BadRequest, Some("file_unsupported")));
    }
}

#[test]
fn lists_checks_and_embeddings_ask_the_right_paths() {
    let embed = |purpose, dimensions| {
        let request = EmbedRequest { model: "m".into(), inputs: vec!["a".into()], dimensions, purpose };
        let wire = cohere().embed(vendor(), &request).unwrap();
        assert_eq!((wire.method.as_str(), wire.path.as_str(), wire.stream), ("POST", "v2/embed", false));
        serde_json::from_str::<Value>(&wire.body.unwrap()).unwrap()
    };
    let body = |purpose: &str| json!({ "model": "m", "texts": ["a"], "input_type": purpose, "embedding_types": ["float"], "truncate": "NONE" });
    assert_eq!(embed(None, None), body("search_document"));
    assert_eq!(embed(Some(EmbedPurpose::Document), None), body("search_document"));
    assert_eq!(embed(Some(EmbedPurpose::Query), None), body("search_query"));
    assert_eq!(embed(None, Some(256))["output_dimension"], 256);
    assert_eq!(cohere().models(vendor(), None).unwrap().path, "v1/models?page_size=1000");
    assert_eq!(cohere().models(vendor(), Some("a+/=")).unwrap().path, "v1/models?page_size=1000&page_token=a%2B%2F%3D");
    assert_eq!(cohere().check(vendor()).path, "v1/models?page_size=1");
    assert_eq!(vendor().embed_batch, Some(96));
}

#[test]
fn a_failed_whole_answer_says_what_its_head_says() {
    let head = ResponseHead { status: 200, headers: vec![("x-request-id".into(), "r1".into())] };
    let error = cohere().response(vendor(), &head, br#"{"id":"b","message":"invalid request: x"}"#).unwrap_err();
    assert_eq!((error.status, error.request_id.as_deref()), (Some(200), Some("r1")));
    assert_eq!(error.message, "invalid request: x");
    let error = cohere().model_list(vendor(), &head, br#"{"message":"invalid api token"}"#).unwrap_err();
    assert_eq!((error.status, error.message.as_str()), (Some(200), "invalid api token"));
}

#[test]
fn a_stream_that_ends_early_is_never_a_finished_one() {
    let vendor = common::vendor(DialectId::Cohere);
    for (name, body) in fixtures(DialectId::Cohere) {
        let Some(end) = body.windows(20).position(|w| w == b"\"type\":\"message-end\"") else { continue };
        for at in 0..end {
            let (events, error) = run(&vendor, [&body[..at]]);
            let error = error.unwrap_or_else(|| panic!("{name} cut at {at} ended well"));
            assert_eq!(error.category, Category::BrokenStream, "{name} cut at {at}: {error:?}");
            assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. } | ChatEvent::ToolCallEnd { .. })));
        }
    }
}

#[test]
fn clocks_see_events_and_progress() {
    let mut decoder = decoder(vendor());
    let mut out = Vec::new();
    let mut after = |kind: &str, message: Value| {
        let data = json!({ "type": kind, "index": 0, "delta": { "message": message } });
        decoder.push(format!("data: {data}\n\n").as_bytes(), &mut out).unwrap();
        (decoder.events_seen(), decoder.progress_seen())
    };
    assert_eq!(after("pulse", json!({})), (0, 0));
    assert_eq!(after("message-start", json!({})), (1, 0));
    assert_eq!(after("content-start", json!({ "content": { "type": "text", "text": "" } })), (2, 0));
    assert_eq!(after("content-delta", json!({ "content": { "thinking": "x" } })), (3, 1));
    assert_eq!(after("tool-plan-delta", json!({ "tool_plan": "x" })), (4, 2));
    assert_eq!(after("tool-call-start", json!({ "tool_calls": { "id": "a", "function": { "name": "f" } } })), (5, 3));
    assert_eq!(after("tool-call-delta", json!({ "tool_calls": { "function": { "arguments": "{" } } })), (6, 4));
}

#[test]
fn endless_answers_are_stopped() {
    let vendor = vendor();
    let endless = |piece: &str| {
        let mut decoder = decoder(vendor);
        let mut out = Vec::new();
        (0..200_000).find_map(|n| {
            out.clear();
            decoder.push(piece.as_bytes(), &mut out).err().map(|e| (n, e.cause))
        })
    };
    let half = "x".repeat(1 << 19);
    let event = |kind: &str, message: Value| {
        format!("data: {}\n\n", json!({ "type": kind, "index": 0, "delta": { "message": message } }))
    };
    let call = event("tool-call-start", json!({ "tool_calls": { "id": "a", "function": { "name": "f" } } }));
    assert_eq!(endless(&event("content-delta", json!({ "content": { "text": half } }))), Some((63, Some("too_large"))));
    assert_eq!(endless(&event("tool-plan-delta", json!({ "tool_plan": half }))), Some((31, Some("too_large"))));
    assert!(endless(&call).is_some_and(|(n, cause)| n < 70_000 && cause == Some("too_large")), "calls");
    let starts = event("content-start", json!({ "content": { "text": "x" } }));
    assert!(endless(&starts).is_some_and(|(n, cause)| n < 70_000 && cause == Some("too_large")), "blocks");
}

#[test]
fn deep_json_is_refused_without_a_crash() {
    let deep = "[".repeat(200_000);
    let event = |field: &str| format!("data: {{\"type\":\"content-delta\",\"delta\":{{\"message\":{{{field}{deep}\n\n");
    for (body, cause) in [
        (event("\"content\":"), "unreadable"),
        (event("\"tool_calls\":"), "unreadable"),
        (event("\"citations\":"), "unreadable"),
        (format!("data: {deep}\n\n"), "unreadable"),
        (format!("{{\"message\":{{\"content\":{deep}"), "cut_off"),
        (deep.clone(), "unreadable"),
    ] {
        let (_, error) = run(vendor(), [body.as_bytes()]);
        assert_eq!(error.map(|e| (e.category, e.cause)), Some((Category::BrokenStream, Some(cause))), "{body:.60}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Events of all fixtures, in any order and number: nothing comes after the end, calls end only before it, and a
    /// plan is kept as it was read.
    #[test]
    fn any_order_of_events_keeps_the_order_of_ours(which in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let bodies = fixtures(DialectId::Cohere);
        let streams = bodies.iter().filter(|(_, body)| body.starts_with(b"event:"));
        let pieces: Vec<String> = streams
            .flat_map(|(_, body)| String::from_utf8_lossy(body).split_inclusive("\n\n").map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let body = which.iter().map(|at| at.get(&pieces).as_str()).collect::<String>();
        let (events, error) = run(vendor(), [body.as_bytes()]);
        let finished = events.iter().position(|e| matches!(e, ChatEvent::Finished { .. }));
        prop_assert_eq!(finished.is_some(), error.is_none());
        prop_assert!(finished.is_none_or(|at| at + 1 == events.len()));
        let ends = events.iter().any(|e| matches!(e, ChatEvent::ToolCallEnd { .. }));
        prop_assert!(!ends || finished.is_some());
        for event in &events {
            if let ChatEvent::Opaque { block, data } = event {
                let read = events.iter().filter_map(|e| match e {
                    ChatEvent::ReasoningDelta { block: at, text } if at == block => Some(text.as_str()),
                    _ => None,
                });
                prop_assert_eq!(serde_json::from_str::<String>(&data.json).unwrap(), read.collect::<String>());
            }
        }
    }
}
