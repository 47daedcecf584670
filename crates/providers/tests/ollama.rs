//! What only the dialect of Ollama has: its addresses, its requests, and how its lines are read.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::common::{self, decoder, fixtures, run};
use parlance_providers::{
    Category, ChatEvent, ChatRequest, EmbedRequest, Message, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId, Quirk, Vendor},
    dialect::{Dialect, ResponseHead},
    dialects::dialect,
    transport::BaseUrl,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn vendor() -> Vendor {
    common::vendor(DialectId::Ollama)
}

fn ollama() -> &'static dyn Dialect {
    dialect(DialectId::Ollama).unwrap()
}

fn encode(request: &ChatRequest, stream: bool) -> Value {
    let wire = ollama().chat(&vendor(), request, stream).unwrap();
    assert_eq!((wire.method.as_str(), wire.path.as_str(), wire.stream), ("POST", "api/chat", stream));
    let lines = ("accept", "application/x-ndjson".to_owned());
    assert_eq!(wire.headers.contains(&lines), stream);
    serde_json::from_str(&wire.body.unwrap()).unwrap()
}

fn tool(name: &str) -> ToolDefinition {
    let parameters = json!({ "type": "object" });
    ToolDefinition { name: name.into(), description: None, parameters, strict: Some(true) }
}

#[test]
fn an_address_leads_to_the_api_however_it_was_pasted() {
    let table = [
        ("http://localhost:11434", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/api", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/api/", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/api/chat", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/api/tags", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/v1", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/v1/", "http://localhost:11434/api/chat"),
        ("http://localhost:11434/v1/chat/completions", "http://localhost:11434/api/chat"),
        ("https://ollama.com", "https://ollama.com/api/chat"),
        ("https://host/ollama", "https://host/ollama/api/chat"),
        ("https://host/ollama/api/chat", "https://host/ollama/api/chat"),
        ("https://host/myapi", "https://host/myapi/api/chat"),
    ];
    for (typed, asked) in table {
        let url = BaseUrl::parse(typed).unwrap().join(|path| ollama().base_path(path), "api/chat");
        assert_eq!(url.as_str(), asked, "{typed}");
    }
}

#[test]
fn a_plain_question_sends_nothing_it_need_not() {
    let request = ChatRequest::new("qwen3:8b", vec![Message::text(Role::User, "Hi")]);
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    for stream in [true, false] {
        let body = json!({
            "model": "qwen3:8b", "messages": messages, "truncate": false, "shift": false, "stream": stream,
        });
        assert_eq!(encode(&request, stream), body);
    }
}

#[test]
fn parameters_go_where_the_server_looks_for_them() {
    let mut request = ChatRequest::new("m", vec![Message::text(Role::User, "Hi")]);
    let p = &mut request.parameters;
    (p.temperature, p.top_p, p.max_tokens, p.seed) = (Some(0.5), Some(0.9), Some(64), Some(7));
    p.stop = vec!["END".into()];
    request.response_schema = Some(("answer".into(), json!({ "type": "object" })));
    request.extra = json!({ "keep_alive": "5m", "truncate": true }).as_object().unwrap().clone();
    let body = encode(&request, true);
    let options = json!({ "temperature": 0.5, "top_p": 0.9, "num_predict": 64, "seed": 7, "stop": ["END"] });
    assert_eq!((&body["options"], &body["format"]), (&options, &json!({ "type": "object" })));
    assert_eq!((&body["keep_alive"], &body["truncate"]), (&json!("5m"), &json!(true)));
    assert_eq!(body.get("think"), None);
    let levels = [
        (ReasoningEffort::None, json!(false)),
        (ReasoningEffort::Minimal, json!("low")),
        (ReasoningEffort::Low, json!("low")),
        (ReasoningEffort::Medium, json!("medium")),
        (ReasoningEffort::High, json!("high")),
        (ReasoningEffort::Max, json!("max")),
    ];
    for (effort, think) in levels {
        request.parameters.reasoning_effort = Some(effort);
        assert_eq!(encode(&request, true)["think"], think);
    }
}

#[test]
fn a_tool_round_trip_keeps_its_order_and_its_numbers() {
    let result = |id: &str, name: &str| Part::ToolResult {
        call_id: id.into(),
        name: name.into(),
        content: "12:00".into(),
        is_error: false,
    };
    let calls = vec![
        Part::reasoning("Ask."),
        Part::text("One moment."),
        Part::tool_call("c1", "get_time", r#"{"tz":"CET","big":12345678901234567890123}"#),
        Part::tool_call("c2", "other", " "),
        Part::tool_call("c3", "free", "select 1"),
    ];
    let request = ChatRequest {
        system: Some("Be terse.".into()),
        tools: vec![tool("get_time")],
        ..ChatRequest::new(
            "m",
            vec![
                Message::text(Role::User, "What time?"),
                Message { role: Role::Assistant, parts: calls },
                Message {
                    role: Role::User,
                    parts: vec![result("c1", "get_time"), result("c2", "other"), Part::text("Thanks")],
                },
                Message { role: Role::Assistant, parts: vec![Part::reasoning("Done."), Part::text("Noon.")] },
                Message { role: Role::Assistant, parts: vec![Part::reasoning("Nothing to say.")] },
            ],
        )
    };
    let text = ollama().chat(&vendor(), &request, true).unwrap().body.unwrap();
    assert!(text.contains(r#""arguments":{"tz":"CET","big":12345678901234567890123}"#), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    let call = |id: &str, index: u8, name: &str, arguments: &Value| json!({ "id": id, "function": { "index": index, "name": name, "arguments": arguments } });
    let first = body["messages"][2]["tool_calls"][0]["function"]["arguments"].clone();
    assert_eq!(
        body["messages"],
        json!([
            { "role": "system", "content": "Be terse." },
            { "role": "user", "content": "What time?" },
            { "role": "assistant", "content": "One moment.", "thinking": "Ask.", "tool_calls": [
                call("c1", 0, "get_time", &first), call("c2", 1, "other", &json!({})),
                call("c3", 2, "free", &json!({ "input": "select 1" })),
            ] },
            { "role": "tool", "content": "12:00", "tool_name": "get_time", "tool_call_id": "c1" },
            { "role": "tool", "content": "12:00", "tool_name": "other", "tool_call_id": "c2" },
            { "role": "user", "content": "Thanks" },
            { "role": "assistant", "content": "Noon." },
        ])
    );
    let function = json!({ "name": "get_time", "parameters": { "type": "object" } });
    assert_eq!(body["tools"], json!([{ "type": "function", "function": function }]));
}

#[test]
fn what_must_not_be_called_is_not_offered() {
    let mut request = ChatRequest::new("m", vec![Message::text(Role::User, "Hi")]);
    request.tools = vec![tool("a"), tool("b")];
    let offered = |choice: Option<ToolChoice>| {
        let body = encode(&ChatRequest { tool_choice: choice, ..request.clone() }, true);
        assert_eq!(body.get("tool_choice"), None);
        let tools = body["tools"].as_array().cloned().unwrap_or_default();
        tools.iter().map(|t| t["function"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(offered(None), "a b");
    assert_eq!(offered(Some(ToolChoice::Required)), "a b");
    assert_eq!(offered(Some(ToolChoice::Named("b".into()))), "b");
    assert_eq!(offered(Some(ToolChoice::None)), "");
}

#[test]
fn images_go_beside_the_text_and_files_into_it() {
    let file = |data: &[u8]| Part::File { name: "a.csv".into(), media_type: "text/csv".into(), data: data.to_vec() };
    let ask = |parts| ChatRequest::new("m", vec![Message { role: Role::User, parts }]);
    let seen = ask(vec![Part::text("See"), Part::image("image/png", vec![1, 2, 3]), file(b"a;b")]);
    assert_eq!(
        encode(&seen, true)["messages"],
        json!([{ "role": "user", "content": "See\n\na.csv:\n\na;b", "images": ["AQID"] }])
    );
    let refused = ollama().chat(&vendor(), &ask(vec![file(b"\0")]), true).unwrap_err();
    assert_eq!((refused.category, refused.cause), (Category::BadRequest, Some("file_unsupported")));
}

#[test]
fn lists_checks_and_embeddings_ask_the_right_paths() {
    let request = EmbedRequest { model: "m".into(), inputs: vec!["a".into()], dimensions: Some(8), purpose: None };
    let wire = ollama().embed(&vendor(), &request).unwrap();
    let body: Value = serde_json::from_str(&wire.body.unwrap()).unwrap();
    assert_eq!(wire.path, "api/embed");
    assert_eq!(body, json!({ "model": "m", "input": ["a"], "truncate": false, "dimensions": 8 }));
    assert_eq!(ollama().models(&vendor(), None).unwrap().path, "api/tags");
    assert_eq!(ollama().models(&vendor(), Some("2")), None);
    assert_eq!(ollama().check(&vendor()).path, "api/version");
    let local = Catalog::bundled().get("ollama").unwrap();
    assert_eq!(local.base_url.as_deref(), Some("http://localhost:11434"));
}

#[test]
fn a_failed_whole_answer_says_what_its_head_says() {
    let head = ResponseHead { status: 200, headers: vec![("x-request-id".into(), "r1".into())] };
    let error = ollama().response(&vendor(), &head, br#"{"error":"model 'x' not found"}"#).unwrap_err();
    assert_eq!((error.status, error.request_id.as_deref()), (Some(200), Some("r1")));
    let head = ResponseHead { status: 404, headers: Vec::new() };
    let error = ollama().error(&vendor(), &head, br#"{"error":"model 'x' not found"}"#);
    assert_eq!((error.category, error.message.as_str()), (Category::UnknownModel, "model 'x' not found"));
}

#[test]
fn a_stream_that_ends_early_is_never_a_finished_one() {
    for (name, body) in fixtures(DialectId::Ollama) {
        let Some(done) = body.windows(11).position(|w| w == b"\"done\":true") else { continue };
        for at in 0..done {
            let (events, error) = run(&vendor(), [&body[..at]]);
            let error = error.unwrap_or_else(|| panic!("{name} cut at {at} ended well"));
            assert_eq!(error.category, Category::BrokenStream, "{name} cut at {at}: {error:?}");
            assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. } | ChatEvent::ToolCallEnd { .. })));
        }
    }
}

#[test]
fn clocks_see_lines_and_progress() {
    let mut decoder = decoder(&vendor());
    let mut out = Vec::new();
    let mut after = |line: &str| {
        decoder.push(line.as_bytes(), &mut out).unwrap();
        (decoder.events_seen(), decoder.progress_seen())
    };
    assert_eq!(after("\n\r\n"), (0, 0));
    assert_eq!(after("{\"status\":\"pulling\"}\n"), (0, 0));
    assert_eq!(after("{\"message\":{\"content\":\"\"},\"done\":false}\n"), (1, 0));
    assert_eq!(after("{\"message\":{\"thinking\":\"x\"},\"done\":false}\n"), (2, 1));
    assert_eq!(after("{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]}}\n"), (3, 2));
}

#[test]
fn endless_lines_answers_and_documents_are_stopped() {
    let pieces = |before: &str, piece: &str| {
        let mut decoder = decoder(&vendor());
        let mut out = Vec::new();
        decoder.push(before.as_bytes(), &mut out).unwrap();
        (0..100_000).find_map(|n| {
            out.clear();
            decoder.push(piece.as_bytes(), &mut out).err().map(|e| (n, e.cause))
        })
    };
    let mebi = "x".repeat(1 << 20);
    let line = |text: &str| format!("{{\"message\":{{\"content\":\"{text}\"}}}}\n");
    assert_eq!(pieces("", &mebi), Some((4, Some("too_large"))), "the first line");
    assert_eq!(pieces(&line("a"), &mebi), Some((4, Some("too_large"))), "a later line");
    assert_eq!(pieces("{\n", &line(&mebi)), Some((31, Some("too_large"))), "a document");
    assert_eq!(pieces("", &line(&mebi)), Some((32, Some("too_large"))), "an answer");
    let call = "{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]}}\n";
    let whole = |text: &str| {
        let body = format!("{{\"message\":{{\"content\":\"{text}\"}},\"done\":true}}");
        ollama().response(&vendor(), &ResponseHead { status: 200, headers: Vec::new() }, body.as_bytes())
    };
    assert_eq!(whole(&mebi.repeat(31)).unwrap().parts, [Part::text(mebi.repeat(31))]);
    assert_eq!(whole(&mebi.repeat(33)).unwrap_err().cause, Some("too_large"));
    assert!(pieces("", call).is_some_and(|(n, cause)| n < 1100 && cause == Some("too_large")), "calls");
}

#[test]
fn an_image_larger_than_a_line_needs_the_quirk() {
    let first = "{\"message\":{\"content\":\"a\"}}\n";
    let image = format!("{{\"message\":{{\"images\":[\"iVBO{}\"]}}}}\n{{\"done\":true}}\n", "A".repeat(6 << 20));
    let body = format!("{first}{image}");
    assert_eq!(run(&vendor(), [body.as_bytes()]).1.map(|e| e.cause), Some(Some("too_large")));
    let mut media = vendor();
    media.quirks.push(Quirk::InlineMedia);
    let (events, error) = run(&media, [body.as_bytes()]);
    assert_eq!(error, None);
    assert!(events.iter().any(|e| matches!(e, ChatEvent::Media { .. })));
}

#[test]
fn deep_json_is_refused_without_a_crash() {
    let deep = "[".repeat(200_000);
    let call = |depth: usize| {
        let arguments = format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        format!("{{\"message\":{{\"tool_calls\":[{{\"function\":{{\"name\":\"f\",\"arguments\":{arguments}}}}}]}}}}\n")
    };
    for (body, cause) in [
        (format!("{{\"message\":{deep}\n"), "unreadable"),
        (format!("{{\"other\":{deep}\n"), "unreadable"),
        (format!("{{\n\"other\":{deep}\n"), "cut_off"),
        (call(127), "cut_off"),
        (call(128), "unreadable"),
        (call(200_000), "unreadable"),
        (deep, "unreadable"),
    ] {
        let (_, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error.map(|e| (e.category, e.cause)), Some((Category::BrokenStream, Some(cause))), "{body:.60}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Lines of all fixtures, in any order and number: nothing comes after the end, and calls end only with it.
    #[test]
    fn any_order_of_lines_keeps_the_order_of_events(which in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let bodies = fixtures(DialectId::Ollama);
        let lines: Vec<&[u8]> = bodies.iter().flat_map(|(_, body)| body.split_inclusive(|b| *b == b'\n')).collect();
        let body = which.iter().map(|at| *at.get(&lines)).collect::<Vec<_>>().concat();
        let (events, error) = run(&vendor(), [body.as_slice()]);
        let finished = events.iter().position(|e| matches!(e, ChatEvent::Finished { .. }));
        prop_assert_eq!(finished.is_some(), error.is_none());
        prop_assert!(finished.is_none_or(|at| at + 1 == events.len()));
        let ends = events.iter().filter(|e| matches!(e, ChatEvent::ToolCallEnd { .. })).count();
        let starts = events.iter().filter(|e| matches!(e, ChatEvent::ToolCallStart { .. })).count();
        prop_assert_eq!(ends, if finished.is_some() { starts } else { 0 });
    }
}
