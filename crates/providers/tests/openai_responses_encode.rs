//! What goes over the wire of OpenAI Responses for a request.
#![allow(clippy::unwrap_used)]

use parlance_providers::{
    Category, ChatRequest, Message, OpaqueData, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId},
    dialect::Dialect,
    dialects::dialect,
};
use serde_json::{Value, json};

const COMPATIBLE: &str = "openai-responses-compatible";

fn responses() -> &'static dyn Dialect {
    dialect(DialectId::OpenaiResponses).unwrap()
}

fn text_of(vendor: &str, request: &ChatRequest, stream: bool) -> String {
    let wire = responses().chat(Catalog::bundled().get(vendor).unwrap(), request, stream).unwrap();
    assert_eq!((wire.method.as_str(), wire.path.as_str(), wire.stream), ("POST", "responses", stream));
    assert!(wire.headers.is_empty());
    wire.body.unwrap()
}

fn encode(vendor: &str, request: &ChatRequest) -> Value {
    serde_json::from_str(&text_of(vendor, request, true)).unwrap()
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

fn said(text: &str, opaque: Vec<OpaqueData>) -> Part {
    Part::Text { text: text.into(), opaque }
}

fn result(id: &str, content: &str) -> Part {
    Part::ToolResult { call_id: id.into(), name: "f".into(), content: content.into(), is_error: false }
}

#[test]
fn a_plain_question_is_kept_by_nobody_and_says_nothing_it_need_not() {
    let input = json!([{ "role": "user", "content": [{ "type": "input_text", "text": "Hi" }] }]);
    assert_eq!(
        encode(COMPATIBLE, &ask("any")),
        json!({ "model": "any", "input": input, "store": false, "stream": true })
    );
    assert_eq!(
        encode("openai", &ask("gpt-5.6-terra")),
        json!({ "model": "gpt-5.6-terra", "input": input, "store": false, "stream": true,
                "include": ["reasoning.encrypted_content"], "reasoning": { "summary": "auto" } })
    );
    let whole: Value = serde_json::from_str(&text_of("xai", &ask("grok-4.7"), false)).unwrap();
    assert_eq!((&whole["stream"], &whole["include"]), (&json!(false), &json!(["reasoning.encrypted_content"])));
    assert_eq!(encode("openai", &ask("gpt-4.1")).get("include"), None, "a model that does not think refuses it");
    assert_eq!(encode("xai", &ask("grok-4.20-0309-non-reasoning")).get("include"), None);
}

#[test]
fn effort_and_sampling_go_by_what_a_model_takes() {
    use ReasoningEffort::{High, Max, Minimal, None as Off};
    let sent = |vendor: &str, model: &str, effort: Option<ReasoningEffort>| {
        let mut request = ask(model);
        (request.parameters.temperature, request.parameters.top_p) = (Some(0.5), Some(0.9));
        (request.parameters.reasoning_effort, request.parameters.seed) = (effort, Some(7));
        request.parameters.stop = vec!["END".into()];
        let body = encode(vendor, &request);
        assert_eq!((body.get("seed"), body.get("stop"), body.get("text")), (None, None, None), "the wire has none");
        json!([body["temperature"], body["top_p"], body["reasoning"]])
    };
    let auto = |effort: &str| json!([null, null, { "effort": effort, "summary": "auto" }]);
    for (vendor, model, asked, want) in [
        ("openai", "gpt-4.1", Some(High), json!([0.5, 0.9, null])),
        ("openai", "gpt-5-mini", Some(Minimal), auto("minimal")),
        ("openai", "gpt-5-mini", Some(Off), auto("minimal")),
        ("openai", "gpt-5.2", None, json!([0.5, 0.9, null])),
        ("openai", "gpt-5.2", Some(Max), auto("xhigh")),
        ("openai", "gpt-5.6-luna", None, json!([null, null, { "summary": "auto" }])),
        ("openai", "gpt-5.6-luna", Some(Off), json!([0.5, 0.9, { "effort": "none" }])),
        ("openai", "gpt-5.2-pro", Some(Off), auto("medium")),
        ("openai", "gpt-5.2-chat-latest", Some(High), json!([null, null, { "effort": "medium" }])),
        ("openai", "o1", Some(High), json!([null, null, { "effort": "high" }])),
        ("openai", "o3-mini", Some(High), auto("high")),
        ("xai", "grok-4.7", Some(Off), json!([0.5, 0.9, { "effort": "low" }])),
        ("xai", "grok-4.20-0309-reasoning", Some(High), json!([0.5, 0.9, null])),
        (COMPATIBLE, "any", Some(High), json!([0.5, 0.9, { "effort": "high" }])),
    ] {
        assert_eq!(sent(vendor, model, asked), want, "{model} {asked:?}");
    }
    for (asked, want) in [(None, Value::Null), (Some(4000), json!(4000)), (Some(3), json!(16))] {
        let mut request = ask("any");
        request.parameters.max_tokens = asked;
        assert_eq!(encode(COMPATIBLE, &request)["max_output_tokens"], want);
    }
}

#[test]
fn tools_schema_cache_and_extras_have_the_wires_form() {
    let mut request = ask("gpt-5.6-terra");
    let tool = |name: &str, parameters: Value, strict| ToolDefinition {
        name: name.into(),
        description: (name == "f").then(|| "Does it".into()),
        parameters,
        strict,
    };
    let schema = json!({ "type": "object", "properties": { "a": {} } });
    request.tools = vec![tool("f", schema.clone(), None), tool("g", Value::Null, Some(true))];
    request.response_schema = Some(("answer".into(), schema.clone()));
    request.cache = true;
    let extra = json!({
        "text": { "verbosity": "low" }, "reasoning": { "summary": null }, "store": true,
        "model": "m", "input": [], "stream": false,
    });
    request.extra = extra.as_object().unwrap().clone();
    let body = encode("openai", &request);
    assert_eq!(
        body["tools"],
        json!([
            { "type": "function", "name": "f", "description": "Does it", "parameters": schema, "strict": false },
            { "type": "function", "name": "g", "parameters": { "type": "object", "properties": {} }, "strict": true },
        ])
    );
    let format = json!({ "type": "json_schema", "name": "answer", "schema": schema, "strict": true });
    assert_eq!(body["text"], json!({ "format": format, "verbosity": "low" }), "field by field");
    assert_eq!((&body["reasoning"], &body["store"]), (&json!({ "summary": null }), &json!(true)), "extras come last");
    assert_eq!((&body["model"], &body["stream"]), (&json!("gpt-5.6-terra"), &json!(true)));
    assert_eq!(body["input"].as_array().unwrap().len(), 1);
    let key = body["prompt_cache_key"].as_str().unwrap();
    request.messages.push(Message::text(Role::Assistant, "More"));
    assert_eq!(encode("openai", &request)["prompt_cache_key"], key, "a conversation keeps its key");
    assert_eq!(encode(COMPATIBLE, &request).get("prompt_cache_key"), None);
    for (choice, want) in [
        (ToolChoice::Auto, json!("auto")),
        (ToolChoice::None, json!("none")),
        (ToolChoice::Required, json!("required")),
        (ToolChoice::Named("f".into()), json!({ "type": "function", "name": "f" })),
    ] {
        request.tool_choice = Some(choice);
        assert_eq!(encode("openai", &request)["tool_choice"], want);
    }
    request.tools.clear();
    assert_eq!((encode("openai", &request).get("tools"), encode("openai", &request).get("tool_choice")), (None, None));
}

#[test]
fn what_a_person_says_and_shows_has_its_place() {
    let pdf = |name: &str| Part::File { name: name.into(), media_type: "application/pdf".into(), data: vec![0xff, 0] };
    let text = Part::File { name: "a.txt".into(), media_type: "text/plain".into(), data: b"abc".to_vec() };
    let parts = vec![Part::text("See"), Part::image("image/png", vec![1, 2]), pdf("a.pdf"), text, result("c", "12:00")];
    let mut request = ChatRequest::new("any", vec![turn(Role::User, parts)]);
    request.system = Some("Be terse.".into());
    assert_eq!(
        encode(COMPATIBLE, &request)["input"],
        json!([
            { "role": "system", "content": "Be terse." },
            { "type": "function_call_output", "call_id": "c", "output": "12:00" },
            { "role": "user", "content": [
                { "type": "input_text", "text": "See" },
                { "type": "input_image", "image_url": "data:image/png;base64,AQI=" },
                { "type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,/wA=" },
                { "type": "input_text", "text": "a.txt:\n\nabc" },
            ] },
        ])
    );
    let vendor = Catalog::bundled().get("xai").unwrap();
    let refused = responses().chat(vendor, &request, true).unwrap_err();
    assert_eq!((refused.category, refused.cause), (Category::BadRequest, Some("file_unsupported")));
}

#[test]
fn what_the_vendor_wants_back_goes_back_byte_for_byte_and_in_place() {
    let thought = r#"{ "type":"reasoning","id":"rs_1","encrypted_content":"gA\u0041\/==","summary":[ ] }"#;
    let search = r#"{"id":"ws_1","type":"web_search_call", "status":"completed","action":{"query":"\u00e9"}}"#;
    let image = r#"{"id":"ig_1","type":"image_generation_call","result":null, "quality":"low"}"#;
    let named = |id: &str, phase: &str| vec![opaque("id", id), opaque("phase", phase)];
    let answer = vec![
        Part::Reasoning { text: "Hm".into(), opaque: vec![opaque("reasoning", thought)] },
        said("I look.", named("\"msg_1\"", "\"commentary\"")),
        said(" Wait.", named("\"msg_1\"", "\"commentary\"")),
        Part::ServerTool { name: "web_search".into(), json: "{}".into(), opaque: vec![opaque("item", search)] },
        Part::ServerTool { name: "shown".into(), json: "{}".into(), opaque: vec![] },
        Part::Image { media_type: "image/png".into(), data: vec![1], opaque: vec![opaque("image", image)] },
        Part::ToolCall {
            id: "call_1".into(),
            name: "f".into(),
            arguments: "{\"a\":1.50}".into(),
            opaque: vec![opaque("id", "\"fc_1\""), opaque("namespace", "\"crm\"")],
        },
        Part::ToolCall {
            id: "call_2".into(),
            name: "sql".into(),
            arguments: "select 1".into(),
            opaque: vec![opaque("custom", "true")],
        },
    ];
    let messages =
        vec![turn(Role::Assistant, answer), turn(Role::User, vec![result("call_1", "1"), result("call_2", "2")])];
    let sent = text_of("openai", &ChatRequest::new("gpt-5.6-terra", messages), true);
    let image = image.replace("null", "\"AQ==\"").replace(", ", ",");
    let message = r#"{"type":"message","id":"msg_1","status":"completed","role":"assistant","phase":"commentary","content":[{"text":"I look.","type":"output_text"},{"text":" Wait.","type":"output_text"}]}"#;
    let call = r#"{"type":"function_call","id":"fc_1","namespace":"crm","call_id":"call_1","name":"f","arguments":"{\"a\":1.50}"}"#;
    let custom = r#"{"type":"custom_tool_call","call_id":"call_2","name":"sql","input":"select 1"}"#;
    let outputs = r#"{"call_id":"call_1","output":"1","type":"function_call_output"},{"call_id":"call_2","output":"2","type":"custom_tool_call_output"}"#;
    let want = format!(r#""input":[{thought},{message},{search},{image},{call},{custom},{outputs}],"#);
    assert!(sent.contains(&want), "{sent}\n{want}");
}

#[test]
fn an_id_goes_only_with_the_reasoning_it_belongs_to() {
    let answer = |opaque| {
        vec![
            Part::Reasoning { text: "Hm".into(), opaque },
            said("Yes", vec![opaque_id()]),
            Part::Refusal { text: "No".into() },
        ]
    };
    let input =
        |parts| encode("openai", &ChatRequest::new("gpt-5.6", vec![turn(Role::Assistant, parts)]))["input"].clone();
    let yes = json!({ "type": "output_text", "text": "Yes" });
    let no = json!({ "type": "refusal", "refusal": "No" });
    assert_eq!(
        input(answer(vec![])),
        json!([{ "type": "message", "role": "assistant", "content": [yes, no] }]),
        "reasoning of somebody else stays here"
    );
    let item = json!({ "type": "reasoning", "id": "rs_1" });
    assert_eq!(
        input(answer(vec![opaque("reasoning", &item.to_string())])),
        json!([
            item,
            { "type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [yes] },
            { "type": "message", "role": "assistant", "content": [no] },
        ])
    );
    let chat =
        vec![Part::Reasoning { text: "Hm".into(), opaque: vec![opaque("reasoning_details", "{}")] }, said("", vec![])];
    assert_eq!(input(chat), json!([]), "what another wire kept is nothing to this one");
}

fn opaque_id() -> OpaqueData {
    opaque("id", "\"msg_1\"")
}

#[test]
fn reasoning_whose_item_never_came_stays_here() {
    let item = |n: u8| format!(r#"{{"type":"reasoning","id":"rs_{n}","encrypted_content":"x"}}"#);
    let reasoning = |kind: &str, n| Part::Reasoning { text: String::new(), opaque: vec![opaque(kind, &item(n))] };
    let sent = |parts| {
        let body = encode(
            "openai",
            &ChatRequest::new("gpt-5.6", vec![turn(Role::Assistant, parts), turn(Role::User, vec![Part::text("?")])]),
        );
        let items = body["input"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap_or(item["role"].as_str().unwrap_or("?")).to_owned())
            .collect::<Vec<_>>()
    };
    let text = || said("So", vec![opaque_id()]);
    assert_eq!(sent(vec![reasoning("reasoning", 1), text(), reasoning("reasoning", 2)]), ["rs_1", "msg_1", "user"]);
    assert_eq!(sent(vec![reasoning("reasoning", 1)]), ["user"]);
    assert_eq!(sent(vec![text(), reasoning("last_reasoning", 2)]), ["msg_1", "rs_2", "user"]);
    assert_eq!(sent(vec![reasoning("last_reasoning", 2)]), ["user"]);
}

#[test]
fn lists_checks_and_embeddings_are_those_of_chat_completions() {
    let chat = dialect(DialectId::OpenaiChat).unwrap();
    for id in ["openai", "xai", COMPATIBLE] {
        let vendor = Catalog::bundled().get(id).unwrap();
        assert_eq!(responses().check(vendor), chat.check(vendor));
        assert_eq!(responses().models(vendor, None), chat.models(vendor, None));
    }
    for typed in ["", "/v1", "/v1/responses", "/api/v3/chat/completions"] {
        assert_eq!(responses().base_path(typed), chat.base_path(typed));
    }
    assert_eq!(responses().base_path("/v1/responses"), "/v1");
}
