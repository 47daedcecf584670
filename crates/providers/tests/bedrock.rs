//! What only the dialect of Bedrock has: its requests, its refusals, its addresses, and what goes back byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::{fs, path::Path};

use crate::common::{decoder, fixtures, frames, next_turn, run};
use parlance_providers::{
    Category, ChatRequest, EmbedRequest, Message, OpaqueData, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{Catalog, DialectId, Vendor},
    dialect::{Dialect, ResponseHead},
    dialects::dialect,
    fold::fold,
    transport::BaseUrl,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const CLAUDE: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn vendor() -> &'static Vendor {
    Catalog::bundled().get("bedrock").unwrap()
}

fn bedrock() -> &'static dyn Dialect {
    dialect(DialectId::Bedrock).unwrap()
}

fn encode(request: &ChatRequest) -> Value {
    serde_json::from_str(&bedrock().chat(vendor(), request, true).unwrap().body.unwrap()).unwrap()
}

fn ask(model: &str, parts: Vec<Part>) -> ChatRequest {
    ChatRequest::new(model, vec![Message { role: Role::User, parts }])
}

fn result(id: &str, content: &str, is_error: bool) -> Part {
    Part::ToolResult { call_id: id.into(), name: "look".into(), content: content.into(), is_error }
}

fn talk(model: &str, answer: Vec<Part>, then: Vec<Part>) -> ChatRequest {
    let messages = vec![
        Message::text(Role::User, "Q"),
        Message { role: Role::Assistant, parts: answer },
        Message { role: Role::User, parts: then },
    ];
    ChatRequest::new(model, messages)
}

#[test]
fn a_model_is_one_segment_of_the_path() {
    for (model, path) in [
        ("amazon.nova-lite-v1:0", "model/amazon.nova-lite-v1%3A0/converse"),
        (
            "arn:aws:bedrock:x:1:inference-profile/us.a.b",
            "model/arn%3Aaws%3Abedrock%3Ax%3A1%3Ainference-profile%2Fus.a.b/converse",
        ),
        ("../a b?c#ü", "model/..%2Fa%20b%3Fc%23%C3%BC/converse"),
    ] {
        let wire = bedrock().chat(vendor(), &ask(model, vec![Part::text("Hi")]), false).unwrap();
        assert_eq!((wire.path.as_str(), wire.stream), (path, false));
        let url = BaseUrl::parse("https://host/p").unwrap().join(|typed| bedrock().base_path(typed), &wire.path);
        assert_eq!(url.as_str(), format!("https://host/p/{path}"));
    }
    for typed in ["https://host/p", "https://host/p/", "https://host/p/model", "https://host/p/model/a/converse"] {
        let url = BaseUrl::parse(typed).unwrap().join(|typed| bedrock().base_path(typed), "foundation-models");
        assert_eq!(url.as_str(), "https://host/p/foundation-models", "{typed}");
    }
}

#[test]
fn turns_are_merged_and_what_is_blank_stays_here() {
    let mut request = talk(CLAUDE, vec![Part::text("A"), Part::text(" \n")], vec![Part::text("B")]);
    request.messages.push(Message::text(Role::User, "C"));
    request.messages.push(Message::text(Role::Assistant, "go on \n"));
    let want = json!([
        { "role": "user", "content": [{ "text": "Q" }] },
        { "role": "assistant", "content": [{ "text": "A" }] },
        { "role": "user", "content": [{ "text": "B" }, { "text": "C" }] },
        { "role": "assistant", "content": [{ "text": "go on" }] },
    ]);
    assert_eq!(encode(&request), json!({ "messages": want }));
}

#[test]
fn files_have_legal_names_and_a_text_beside_them() {
    let file = |name: &str, kind: &str, data: &[u8]| Part::File {
        name: name.into(),
        media_type: kind.into(),
        data: data.to_vec(),
    };
    let request =
        ask(CLAUDE, vec![file("a_b.pdf", "application/pdf", b"%PDF"), file("a b.pdf", "application/pdf", b"%PDF")]);
    let content = encode(&request)["messages"][0]["content"].take();
    assert_eq!(content[0], json!({ "text": "a_b.pdf" }));
    assert_eq!(content[1]["document"], json!({ "format": "pdf", "name": "a b", "source": { "bytes": "JVBERg==" } }));
    assert_eq!(content[2]["document"]["name"], "a b (2)");
    let spoken = ask(CLAUDE, vec![Part::text("Sum up"), file("x.docx", "", b"PK"), file("n.csv", "text/csv", b"a,b")]);
    let content = encode(&spoken)["messages"][0]["content"].take();
    assert_eq!((&content[0], &content[1]["document"]["format"]), (&json!({ "text": "Sum up" }), &json!("docx")));
    assert_eq!(content[2], json!({ "text": "n.csv:\n\na,b" }));
    let error =
        bedrock().chat(vendor(), &ask(CLAUDE, vec![file("a.mp3", "audio/mpeg", &[0xFF, 0])]), true).unwrap_err();
    assert_eq!((error.category, error.cause), (Category::BadRequest, Some("file_unsupported")));
}

#[test]
fn a_conversation_with_calls_has_tools_and_none_has_neither() {
    let answer = vec![Part::tool_call("t1", "look", r#"{"b":1.50,"a":2}"#), Part::tool_call("t2", "look", "")];
    let mut request =
        talk(CLAUDE, answer, vec![Part::text("And?"), result("t1", "42", false), result("t2", " ", true)]);
    let body = encode(&request);
    let tool =
        json!({ "toolSpec": { "name": "look", "inputSchema": { "json": { "type": "object", "properties": {} } } } });
    assert_eq!(body["toolConfig"], json!({ "tools": [tool] }));
    let results = json!([
        { "toolResult": { "toolUseId": "t1", "content": [{ "text": "42" }], "status": "success" } },
        { "toolResult": { "toolUseId": "t2", "content": [{ "text": "(no output)" }], "status": "error" } },
        { "text": "And?" },
    ]);
    assert_eq!(body["messages"][2]["content"], results);
    let sent = bedrock().chat(vendor(), &request, true).unwrap().body.unwrap();
    assert!(sent.contains(r#""input":{"b":1.50,"a":2}"#), "{sent}");

    let tool = ToolDefinition { name: "look".into(), description: None, parameters: json!({}), strict: None };
    request.tools = vec![tool];
    for (choice, want) in [
        (ToolChoice::Auto, json!({ "auto": {} })),
        (ToolChoice::Required, json!({ "any": {} })),
        (ToolChoice::Named("look".into()), json!({ "tool": { "name": "look" } })),
    ] {
        request.tool_choice = Some(choice);
        assert_eq!(encode(&request)["toolConfig"]["toolChoice"], want);
    }
    request.tool_choice = Some(ToolChoice::None);
    let body = encode(&request);
    assert_eq!((body.get("toolConfig"), body["messages"].as_array().unwrap().len()), (None, 1));
    let texts = json!([{ "text": "Q" }, { "text": "look: 42" }, { "text": "look: (no output)" }, { "text": "And?" }]);
    let mut said = body["messages"][0]["content"].clone();
    said.as_array_mut().unwrap().sort_by_key(|block| texts.as_array().unwrap().iter().position(|text| text == block));
    assert_eq!(said, texts);
}

#[test]
fn ids_of_calls_are_those_the_model_takes() {
    let long = "x".repeat(80);
    let turn = |model: &str| {
        let answer = vec![Part::tool_call(long.clone(), "look", "{}"), Part::tool_call("abcDEF123", "look", "{}")];
        let body = encode(&talk(model, answer, vec![result(&long, "1", false), result("abcDEF123", "2", false)]));
        let ids = |message: usize, kind: &str| {
            let blocks = body["messages"][message]["content"].as_array().unwrap();
            blocks.iter().map(|block| block[kind]["toolUseId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(1, "toolUse"), ids(2, "toolResult"));
        ids(1, "toolUse")
    };
    for model in [CLAUDE, "mistral.mistral-large-3-675b-instruct"] {
        assert_eq!(turn(model), ["call00001", "abcDEF123"], "{model}");
    }
    let answer = vec![Part::tool_call("tooluse_1", "look", "{}")];
    let body = encode(&talk("mistral.x", answer.clone(), vec![result("tooluse_1", "1", false)]));
    assert_eq!(body["messages"][1]["content"][0]["toolUse"]["toolUseId"], "call00001");
    assert_eq!(body["messages"][2]["content"][0]["toolResult"].get("status"), None);
    let body = encode(&talk(CLAUDE, answer, vec![result("tooluse_1", "1", false)]));
    assert_eq!(body["messages"][1]["content"][0]["toolUse"]["toolUseId"], "tooluse_1");
}

#[test]
fn thinking_is_asked_for_in_the_words_of_the_maker() {
    let table = [
        (CLAUDE, json!({ "thinking": { "type": "enabled", "budget_tokens": 8192 } }), Some(64_000)),
        (
            "us.anthropic.claude-opus-4-8",
            json!({ "thinking": { "type": "adaptive", "display": "summarized" }, "output_config": { "effort": "medium" } }),
            None,
        ),
        ("openai.gpt-oss-120b-1:0", json!({ "reasoning_effort": "medium" }), None),
        (
            "us.amazon.nova-2-lite-v1:0",
            json!({ "reasoningConfig": { "type": "enabled", "maxReasoningEffort": "medium" } }),
            None,
        ),
        ("us.meta.llama4-maverick-17b-instruct-v1:0", Value::Null, None),
        (
            "arn:aws:bedrock:x:1:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0",
            json!({ "thinking": { "type": "enabled", "budget_tokens": 8192 } }),
            Some(64_000),
        ),
    ];
    for (model, fields, limit) in table {
        let mut request = ask(model, vec![Part::text("Hi")]);
        request.parameters.reasoning_effort = Some(ReasoningEffort::Medium);
        let body = encode(&request);
        assert_eq!(body["additionalModelRequestFields"], fields, "{model}");
        assert_eq!(body["inferenceConfig"]["maxTokens"].as_u64(), limit, "{model}");
    }
}

#[test]
fn what_can_be_kept_is_marked_where_the_model_knows_the_mark() {
    for (model, tools, others) in
        [(CLAUDE, true, true), ("amazon.nova-lite-v1:0", false, true), ("qwen.x", false, false)]
    {
        let mut request = ask(model, vec![Part::text("Hi")]);
        (request.cache, request.system) = (true, Some("S".into()));
        request.tools =
            vec![ToolDefinition { name: "f".into(), description: None, parameters: json!({}), strict: None }];
        let body = encode(&request);
        let marked =
            |list: &Value| list.as_array().unwrap().last() == Some(&json!({ "cachePoint": { "type": "default" } }));
        assert_eq!(marked(&body["toolConfig"]["tools"]), tools, "{model}");
        assert_eq!(marked(&body["system"]), others, "{model}");
        assert_eq!(marked(&body["messages"][0]["content"]), others, "{model}");
    }
}

#[test]
fn thinking_without_a_signature_never_goes_back() {
    let opaque = |kind: &str, json: &str| OpaqueData { kind: kind.into(), json: json.into() };
    let answer = vec![
        Part::reasoning("secret musing"),
        Part::Reasoning { text: "signed".into(), opaque: vec![opaque("signature", r#""Eq\/QB==""#)] },
        Part::Reasoning { text: String::new(), opaque: vec![opaque("redacted_content", r#""b3Bh""#)] },
        Part::text("A"),
    ];
    let sent = bedrock().chat(vendor(), &talk(CLAUDE, answer, vec![Part::text("B")]), true).unwrap().body.unwrap();
    assert!(!sent.contains("musing"), "{sent}");
    assert!(
        sent.contains(r#"{"reasoningContent":{"reasoningText":{"text":"signed","signature":"Eq\/QB=="}}}"#),
        "{sent}"
    );
    assert!(sent.contains(r#"{"reasoningContent":{"redactedContent":"b3Bh"}}"#), "{sent}");
}

#[test]
fn what_the_fixtures_kept_goes_back_byte_for_byte() {
    let mut kept = 0;
    for (name, body) in fixtures(DialectId::Bedrock) {
        let (events, error) = run(vendor(), [body.as_slice()]);
        if error.is_some() {
            continue;
        }
        let response = fold(events);
        let opaque: Vec<_> = response.parts.iter().filter_map(Part::opaque).flatten().cloned().collect();
        let sent = next_turn("bedrock", DialectId::Bedrock, CLAUDE, response);
        for data in opaque {
            assert!(sent.contains(&data.json), "{name}: {} is missing from {sent}", data.json);
            kept += 1;
        }
    }
    assert!(kept >= 7, "{kept} pieces");
}

#[test]
fn what_recordings_kept_goes_back_byte_for_byte() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS") else {
        eprintln!("SKIPPED: PARLANCE_RECORDINGS is not set");
        return;
    };
    let mut kept = 0;
    for entry in fs::read_dir(Path::new(&folder).join("bedrock")).unwrap() {
        let file: Value = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        if !file["kind"].as_str().unwrap().starts_with("chat") {
            continue;
        }
        let response = &file["response"];
        let body = response["body"].as_str().map_or_else(
            || STANDARD.decode(response["body_base64"].as_str().unwrap()).unwrap(),
            |text| text.as_bytes().to_vec(),
        );
        let (events, error) = run(vendor(), [body.as_slice()]);
        assert_eq!(error, None);
        let answer = fold(events);
        let opaque: Vec<_> = answer.parts.iter().filter_map(Part::opaque).flatten().cloned().collect();
        let sent = next_turn("bedrock", DialectId::Bedrock, CLAUDE, answer);
        for data in opaque {
            assert!(sent.contains(&data.json), "{}: {}", file["name"], data.json);
            kept += 1;
        }
    }
    assert!(kept >= 6, "{kept} pieces");
}

fn refusal(status: u16, kind: &str, words: &str) -> (Category, Option<String>) {
    let headers = vec![("x-amzn-errortype".to_owned(), format!("{kind}:http://internal.amazon.com/coral/"))];
    let body = json!({ "message": words }).to_string();
    let error = bedrock().error(vendor(), &ResponseHead { status, headers }, body.as_bytes());
    assert_eq!((error.status, error.message.as_str()), (Some(status), words));
    (error.category, error.code)
}

#[test]
fn the_category_table_of_bedrock() {
    use Category::{
        BadRequest, ContextTooLong, Forbidden, Internal, NoCredit, Overloaded, RateLimited, RejectedKey, UnknownModel,
    };
    for (status, kind, words, category) in [
        (400, "ValidationException", "Malformed input request", BadRequest),
        (400, "ValidationException", "Input is too long for requested model.", ContextTooLong),
        (
            400,
            "ValidationException",
            "The model returned the following errors: prompt is too long: 9 tokens",
            ContextTooLong,
        ),
        (400, "ValidationException", "This model's maximum context length is 9 tokens", ContextTooLong),
        (400, "ValidationException", "The provided model identifier is invalid.", UnknownModel),
        (
            400,
            "ValidationException",
            "Invocation of model ID a with on-demand throughput isn’t supported.",
            UnknownModel,
        ),
        (400, "ServiceQuotaExceededException", "Your quota", NoCredit),
        (403, "AccessDeniedException", "User: x is not authorized to perform: bedrock:InvokeModel", Forbidden),
        (403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.", RejectedKey),
        (403, "UnrecognizedClientException", "The security token included in the request is invalid.", RejectedKey),
        (403, "InvalidSignatureException", "Signature expired", RejectedKey),
        (400, "ExpiredTokenException", "The security token included in the request is expired", RejectedKey),
        (404, "ResourceNotFoundException", "Model use case details have not been submitted", UnknownModel),
        (408, "ModelTimeoutException", "Timed out", Internal),
        (424, "ModelErrorException", "Failed", Internal),
        (429, "ThrottlingException", "Too many tokens, please wait before trying again.", RateLimited),
        (429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", NoCredit),
        (429, "ModelNotReadyException", "Not ready", Overloaded),
        (500, "InternalServerException", "Failed", Internal),
        (503, "ServiceUnavailableException", "Later", Overloaded),
    ] {
        assert_eq!(refusal(status, kind, words), (category, Some(kind.to_owned())), "{kind}: {words}");
    }
    let shapes =
        [r#"{"Message":"words"}"#, r#"{"__type":"com.amazon.coral.service#ThrottlingException","message":"words"}"#];
    for body in shapes {
        let head = ResponseHead { status: 429, headers: vec![("x-amzn-requestid".into(), "r1".into())] };
        let error = bedrock().error(vendor(), &head, body.as_bytes());
        assert_eq!((error.category, error.message.as_str()), (RateLimited, "words"), "{body}");
        assert_eq!(error.request_id.as_deref(), Some("r1"));
    }
}

#[test]
fn embeddings_are_asked_for_in_the_words_of_the_maker() {
    let ask = |model: &str, count: usize| {
        let inputs = (0..count).map(|n| n.to_string()).collect();
        let request = EmbedRequest { model: model.into(), inputs, dimensions: Some(256), purpose: None };
        bedrock().embed(vendor(), &request).map(|wire| serde_json::from_str::<Value>(&wire.body.unwrap()).unwrap())
    };
    let titan = ask("amazon.titan-embed-text-v2:0", 1).unwrap();
    assert_eq!(titan, json!({ "inputText": "0", "dimensions": 256, "normalize": true }));
    assert_eq!(ask("amazon.titan-embed-text-v1", 1).unwrap(), json!({ "inputText": "0" }));
    let cohere = ask("us.cohere.embed-v4:0", 2).unwrap();
    assert_eq!((&cohere["texts"], &cohere["output_dimension"]), (&json!(["0", "1"]), &json!(256)));
    assert_eq!(ask("cohere.embed-english-v3", 1).unwrap().get("output_dimension"), None);
    assert_eq!(ask("amazon.titan-embed-text-v2:0", 2).unwrap_err().cause, Some("one_text"));
    assert_eq!(ask("amazon.nova-lite-v1:0", 1).unwrap_err().cause, Some("no_embeddings"));
}

#[test]
fn an_endless_frame_and_an_endless_answer_are_stopped() {
    let mut out = Vec::new();
    let mut prelude = [(30_u32 << 20).to_be_bytes(), 0_u32.to_be_bytes()].concat();
    prelude.extend(crc32fast::hash(&prelude).to_be_bytes());
    assert_eq!(decoder(vendor()).push(&prelude, &mut out).unwrap_err().cause, Some("too_large"));
    let mut endless = decoder(vendor());
    let chunk = frames::text(&"y".repeat(1 << 19));
    let stopped = (0..1000).find_map(|n| {
        out.clear();
        endless.push(&chunk, &mut out).err().map(|error| (n, error.cause))
    });
    assert!(stopped.is_some_and(|(n, cause)| n < 70 && cause == Some("too_large")), "{stopped:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_bit_of_a_frame_that_turns_is_never_another_word(at in 0_usize..600, bit in 0_u32..8) {
        let body = [frames::text("Hello"), frames::text(" there"), frames::end("end_turn")].concat();
        let mut turned = body.clone();
        let at = at % body.len();
        turned[at] ^= 1 << bit;
        let (events, error) = run(vendor(), [turned.as_slice()]);
        let whole = run(vendor(), [body.as_slice()]).0;
        prop_assert!(error.is_some(), "{events:?}");
        prop_assert!(whole.starts_with(&events), "{events:?}");
    }
}
