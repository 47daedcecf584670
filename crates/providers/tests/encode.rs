//! What goes on the wire for a request.
#![allow(clippy::unwrap_used)]

use parlance_providers::{
    Category, ChatRequest, EmbedPurpose, EmbedRequest, Message, OpaqueData, Part, ReasoningEffort, Role, ToolChoice,
    ToolDefinition,
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
    let extra = json!({
        "top_k": 5, "model": "other", "messages": [], "stream": false,
        "response_format": { "json_schema": { "strict": null } },
    });
    request.extra = extra.as_object().unwrap().clone();
    let body = encode(&vendor("openai"), &request, true);
    assert_eq!(
        body["response_format"],
        json!({ "type": "json_schema", "json_schema": { "name": "answer", "schema": schema, "strict": null } })
    );
    assert_eq!(body["top_k"], 5);
    assert_eq!((&body["model"], &body["stream"]), (&json!("m"), &json!(true)), "these are not theirs to replace");
    assert_eq!(body["messages"], json!([{ "role": "user", "content": "Hi" }]));
}

fn tool(name: &str) -> ToolDefinition {
    ToolDefinition { name: name.into(), description: None, parameters: json!({ "type": "object" }), strict: None }
}

#[test]
fn ids_of_other_vendors_become_short_where_they_must() {
    let result = |id: &str| Part::ToolResult {
        call_id: id.into(),
        name: "get_time".into(),
        content: "12:00".into(),
        is_error: false,
    };
    let request = ChatRequest::new(
        "m",
        vec![
            Message {
                role: Role::Assistant,
                parts: vec![call("call_abcdef0123456789", "{}"), call("D681PevKs", "{}")],
            },
            Message { role: Role::User, parts: vec![result("call_abcdef0123456789"), result("D681PevKs")] },
        ],
    );
    let body = encode(&vendor("mistral"), &request, true);
    let messages = &body["messages"];
    let short = messages[0]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(short.len() == 9 && short.bytes().all(|b| b.is_ascii_alphanumeric()), "{short}");
    assert_eq!(messages[1], json!({ "role": "tool", "tool_call_id": short, "name": "get_time", "content": "12:00" }));
    assert_eq!(messages[0]["tool_calls"][1]["id"], "D681PevKs");
    assert_eq!(messages[2]["tool_call_id"], "D681PevKs");
    assert_eq!(encode(&vendor("mistral"), &request, true), body, "the same each time");
    let others = encode(&vendor("groq"), &request, true);
    assert_eq!(others["messages"][0]["tool_calls"][0]["id"], "call_abcdef0123456789");
    assert_eq!(others["messages"][1].get("name"), None);
}

#[test]
fn reasoning_goes_back_on_every_message_of_a_request_with_tools() {
    let turn = |parts| Message { role: Role::Assistant, parts };
    let mut request =
        ChatRequest::new("m", vec![turn(vec![Part::reasoning("Hm."), Part::text("a")]), turn(vec![Part::text("b")])]);
    let replayed = |request: &ChatRequest| {
        let body = encode(&vendor("deepseek"), request, true);
        [0, 1].map(|at| body["messages"][at].get("reasoning_content").cloned())
    };
    assert_eq!(replayed(&request), [None, None]);
    request.tools = vec![tool("f")];
    assert_eq!(replayed(&request), [Some(json!("Hm.")), Some(json!(""))]);
    assert_eq!(encode(&vendor("groq"), &request, true)["messages"][0].get("reasoning_content"), None);
}

#[test]
fn each_vendor_has_its_own_scale_of_effort() {
    let sent = |id: &str, effort: ReasoningEffort| {
        let mut request = ChatRequest::new("m", vec![user("Hi")]);
        request.parameters.reasoning_effort = Some(effort);
        let body = encode(&vendor(id), &request, false);
        (body.get("reasoning_effort").cloned(), body.get("thinking").cloned())
    };
    let on = || Some(json!({ "type": "enabled" }));
    use ReasoningEffort::{Low, Max, Minimal, None as Off};
    assert_eq!(sent("openai", Minimal), (Some(json!("minimal")), None));
    assert_eq!(sent("groq", Minimal), (Some(json!("low")), None));
    assert_eq!(sent("groq", Max), (Some(json!("high")), None));
    assert_eq!(sent("groq", Off), (Some(json!("none")), None));
    assert_eq!(sent("deepseek", Max), (Some(json!("max")), on()));
    assert_eq!(sent("deepseek", Low), (Some(json!("low")), on()));
    assert_eq!(sent("deepseek", Off), (None, Some(json!({ "type": "disabled" }))));
}

#[test]
fn a_schema_goes_into_the_prompt_where_it_can_stand_nowhere_else() {
    let mut request = ChatRequest::new("m", vec![user("Hi")]);
    request.response_schema = Some(("answer".into(), json!({ "type": "object" })));
    let words = "Answer with nothing but JSON that follows this JSON schema:\n{\"type\":\"object\"}";
    let body = encode(&vendor("deepseek"), &request, true);
    assert_eq!(body["response_format"], json!({ "type": "json_object" }));
    assert_eq!(body["messages"][0], json!({ "role": "system", "content": words }));
    request.system = Some("Be terse.".into());
    let body = encode(&vendor("deepseek"), &request, true);
    assert_eq!(body["messages"][0]["content"], format!("Be terse.\n\n{words}"));
}

#[test]
fn seeds_documents_and_sizes_have_other_names_somewhere() {
    let pdf = Part::File { name: "a.pdf".into(), media_type: "application/pdf".into(), data: b"%PDF\0".to_vec() };
    let mut request = ChatRequest::new("m", vec![Message { role: Role::User, parts: vec![Part::text("See"), pdf] }]);
    request.parameters.seed = Some(7);
    let body = encode(&vendor("mistral"), &request, true);
    assert_eq!((&body["random_seed"], body.get("seed")), (&json!(7), None));
    let url = "data:application/pdf;base64,JVBERgA=";
    let document = json!({ "type": "document_url", "document_name": "a.pdf", "document_url": url });
    assert_eq!(body["messages"][0]["content"][1], document);
    let request = EmbedRequest { model: "m".into(), inputs: vec!["a".into()], dimensions: Some(8), purpose: None };
    let embed = |id: &str| {
        let wire = dialect(DialectId::OpenaiChat).unwrap().embed(&vendor(id), &request).unwrap();
        assert_eq!(wire.path, "embeddings");
        serde_json::from_str::<Value>(&wire.body.unwrap()).unwrap()
    };
    assert_eq!(embed("mistral"), json!({ "model": "m", "input": ["a"], "output_dimension": 8 }));
    let base64 = json!({ "model": "m", "input": ["a"], "dimensions": 8, "encoding_format": "base64" });
    assert_eq!(embed("openai"), base64);
    assert_eq!(embed("openai-compatible"), json!({ "model": "m", "input": ["a"], "dimensions": 8 }));
}

#[test]
fn what_vectors_are_for_is_said_in_the_vendors_words() {
    use EmbedPurpose::{Document, Query};
    let with = |quirks: &[Quirk], purpose| {
        let vendor = Vendor { quirks: quirks.to_vec(), ..vendor("openai-compatible") };
        let request = EmbedRequest { model: "m".into(), inputs: vec!["a".into()], dimensions: None, purpose };
        let wire = dialect(DialectId::OpenaiChat).unwrap().embed(&vendor, &request).unwrap();
        let mut body: Value = serde_json::from_str(&wire.body.unwrap()).unwrap();
        assert_eq!((body["model"].take(), body["input"].take()), (json!("m"), json!(["a"])));
        let body = body.as_object_mut().unwrap();
        body.retain(|_, value| !value.is_null());
        Value::Object(body.clone())
    };
    for (quirks, purpose, want) in [
        (&[][..], Some(Query), json!({})),
        (&[Quirk::EmbedDocuments], Some(Query), json!({ "input_type": "query" })),
        (&[Quirk::EmbedDocuments], Some(Document), json!({ "input_type": "document" })),
        (&[Quirk::EmbedDocuments], None, json!({})),
        (&[Quirk::EmbedPassages], Some(Query), json!({ "input_type": "query" })),
        (&[Quirk::EmbedPassages], Some(Document), json!({ "input_type": "passage" })),
        (&[Quirk::EmbedPassages], None, json!({ "input_type": "passage" })),
        (&[Quirk::EmbedTruncation], None, json!({ "truncation": false })),
    ] {
        assert_eq!(with(quirks, purpose), want, "{quirks:?} {purpose:?}");
    }
}

#[test]
fn the_prompt_cache_is_asked_for_where_the_wire_has_a_word_for_it() {
    let picture = Message { role: Role::User, parts: vec![Part::text("See"), Part::image("image/png", vec![1])] };
    let mut request = ChatRequest::new("m", vec![user("First"), Message::text(Role::Assistant, "Yes."), picture]);
    request.system = Some("Be terse.".into());
    let plain = encode(&vendor("openrouter"), &request, true);
    request.cache = true;
    for silent in ["openai-compatible", "groq", "deepseek"] {
        let asked = encode(&vendor(silent), &request, true);
        assert_eq!(asked, encode(&vendor(silent), &ChatRequest { cache: false, ..request.clone() }, true), "{silent}");
    }
    let body = encode(&vendor("openrouter"), &request, true);
    let mark = json!({ "type": "ephemeral" });
    assert_eq!(
        body["messages"],
        json!([
            { "role": "system", "content": [{ "type": "text", "text": "Be terse.", "cache_control": mark }] },
            { "role": "user", "content": "First" },
            { "role": "assistant", "content": "Yes." },
            { "role": "user", "content": [
                { "type": "text", "text": "See", "cache_control": mark },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,AQ==" } },
            ] },
        ])
    );
    assert_eq!(plain["messages"][0]["content"], "Be terse.");
}

#[test]
fn the_key_of_the_prompt_cache_stays_while_a_conversation_grows() {
    let key = |request: &ChatRequest| encode(&vendor("mistral"), request, true)["prompt_cache_key"].clone();
    let mut request = ChatRequest::new("m", vec![user("First")]);
    assert_eq!(key(&request), Value::Null);
    request.cache = true;
    let first = key(&request);
    assert_eq!(first.as_str().map(str::len), Some(16));
    assert_eq!(encode(&vendor("openai"), &request, false)["prompt_cache_key"], first);
    request.messages.push(Message::text(Role::Assistant, "Yes."));
    request.messages.push(user("Second"));
    assert_eq!(key(&request), first);
    assert_ne!(key(&ChatRequest { system: Some("Be terse.".into()), ..request.clone() }), first);
    assert_ne!(key(&ChatRequest { cache: true, ..ChatRequest::new("m", vec![user("Other")]) }), first);
}

#[test]
fn an_answer_of_nothing_but_sealed_reasoning_goes_back() {
    let data = OpaqueData { kind: "reasoning_details".into(), json: r#"{ "data" : "\/=" }"#.into() };
    let parts = vec![Part::Reasoning { text: String::new(), opaque: vec![data] }];
    let request = ChatRequest::new("m", vec![Message { role: Role::Assistant, parts }]);
    let body =
        dialect(DialectId::OpenaiChat).unwrap().chat(&vendor("openrouter"), &request, true).unwrap().body.unwrap();
    assert!(body.contains(r#"{"role":"assistant","content":"","reasoning_details":[{ "data" : "\/=" }]}"#), "{body}");
}

#[test]
fn keys_are_checked_where_the_list_is_not_open() {
    let path = |id: &str| dialect(DialectId::OpenaiChat).unwrap().check(&vendor(id)).path;
    assert_eq!((path("openrouter"), path("mistral")), ("key".to_owned(), "models".to_owned()));
}
