//! What Copilot adds to the wires it speaks: as its own vendor file makes them.
#![allow(clippy::unwrap_used)]

use crate::common::{self, line, run};
use parlance_providers::{
    ChatRequest, ChatResponse, Message, Part, Role, ToolDefinition,
    catalog::{Catalog, DialectId, Vendor},
    dialect::ResponseHead,
    dialects::dialect,
    fold,
};
use serde_json::{Value, json};

fn vendor(wire: DialectId) -> Vendor {
    Vendor { dialect: wire, ..Catalog::bundled().get("copilot").unwrap().clone() }
}

fn events(wire: DialectId, chunks: &[Value]) -> Vec<String> {
    decoded(wire, chunks).iter().map(line).collect()
}

fn decoded(wire: DialectId, chunks: &[Value]) -> Vec<parlance_providers::ChatEvent> {
    let body: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    let (events, error) = run(&vendor(wire), [format!("{body}data: [DONE]\n\n").as_bytes()]);
    assert_eq!(error, None);
    events
}

fn choice(index: u32, delta: Value, finish: Option<&str>) -> Value {
    json!({ "index": index, "delta": delta, "finish_reason": finish })
}

fn body(wire: DialectId, request: &ChatRequest) -> Value {
    let request = dialect(wire).unwrap().chat(&vendor(wire), request, true).unwrap();
    serde_json::from_str(&request.body.unwrap()).unwrap()
}

#[test]
fn usage_and_cost_stand_in_the_chunk_with_the_finish_reason() {
    let details = json!([
        { "token_type": "input", "token_count": 57, "cost_per_batch": 175_000_000_000_u64, "batch_size": 1_000_000 },
        { "token_type": "cache_read", "token_count": 100 }, { "token_type": "cache_write", "token_count": 0 },
        { "token_type": "output", "token_count": 46 }
    ]);
    let got = events(
        DialectId::OpenaiChat,
        &[
            json!({ "choices": [], "created": 0, "id": "", "prompt_filter_results": [{ "prompt_index": 0 }] }),
            json!({ "choices": [choice(0, json!({ "content": "Hi", "role": "assistant" }), None)], "id": "c", "model": "m" }),
            json!({ "choices": null, "copilot_references": [{}], "copilot_confirmation": {} }),
            json!({ "choices": null, "copilot_errors": [{ "code": "x", "message": "A plug-in is away.", "type": "t" }] }),
            json!({
                "choices": [choice(0, json!({ "content": null }), Some("stop"))], "id": "c", "model": "m",
                "usage": { "prompt_tokens": 157, "prompt_tokens_details": { "cached_tokens": 100 }, "completion_tokens": 46,
                    "reasoning_tokens": 12, "total_tokens": 203 },
                "copilot_usage": { "token_details": details, "total_nano_aiu": 614_775_000 },
            }),
        ],
    );
    assert_eq!(
        got,
        [
            "started c m",
            "text 0 \"Hi\"",
            "warning vendor_warning: A plug-in is away.",
            "usage in 157 read 100 write - out 46 reasoning 12",
            "usage in 157 read 100 write 0 out 46 reasoning 12",
            "cost 6147750 (614775000 nano-AIU)",
            "finished stop stop",
        ]
    );
}

#[test]
fn text_in_one_choice_and_calls_in_another_are_one_answer() {
    let call = |id: &str, arguments: &str| json!({ "tool_calls": [{ "index": 0, "id": id, "type": "function", "function": { "name": "f", "arguments": arguments } }] });
    let got = events(
        DialectId::OpenaiChat,
        &[
            json!({ "choices": [choice(0, json!({ "content": "Let me look." }), None)], "id": "c", "model": "m" }),
            json!({ "choices": [choice(1, call("a", "{}"), None)], "id": "c", "model": "m" }),
            json!({ "choices": [choice(1, call("b", "{}"), None)], "id": "c", "model": "m" }),
            json!({ "choices": [choice(0, json!({}), Some("stop")), choice(1, json!({}), Some("tool_calls"))], "id": "c", "model": "m" }),
        ],
    );
    let calls: Vec<_> = got.iter().filter(|line| line.starts_with("call")).collect();
    assert_eq!(calls, ["call 1 a f", "call 2 b f"]);
    assert_eq!(
        (got[1].as_str(), got.last().unwrap().as_str()),
        ("text 0 \"Let me look.\"", "finished tool_calls tool_calls")
    );

    let message = |index, message: Value| json!({ "index": index, "message": message, "finish_reason": "tool_calls" });
    let whole = json!({ "id": "c", "model": "m", "choices": [
        message(0, json!({ "role": "assistant", "content": "Let me look." })), message(1, call("a", "{}")) ] });
    let vendor = vendor(DialectId::OpenaiChat);
    let head = ResponseHead { status: 200, ..ResponseHead::default() };
    let answer =
        dialect(DialectId::OpenaiChat).unwrap().response(&vendor, &head, whole.to_string().as_bytes()).unwrap();
    assert_eq!(answer.parts, [Part::text("Let me look."), Part::tool_call("a", "f", "{}")]);
}

fn thought() -> ChatResponse {
    fold::fold(decoded(
        DialectId::OpenaiChat,
        &[
            json!({ "choices": [choice(0, json!({ "content": null, "reasoning_text": "Hm, " }), None)], "id": "c", "model": "m" }),
            json!({ "choices": [choice(0, json!({ "reasoning_text": "so." }), None)], "id": "c", "model": "m" }),
            json!({ "choices": [choice(0, json!({ "reasoning_opaque": "s1gn\u{e9}d/+=" }), None)], "id": "c", "model": "m" }),
            json!({ "choices": [choice(0, json!({ "content": "Yes." }), Some("stop"))], "id": "c", "model": "m" }),
        ],
    ))
}

#[test]
fn reasoning_is_shown_and_goes_back_with_its_signature_to_copilot_alone() {
    let answer = thought();
    let [Part::Reasoning { text, opaque }, Part::Text { text: said, .. }] = answer.parts.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!((text.as_str(), said.as_str(), opaque.len()), ("Hm, so.", "Yes.", 1));
    let turn = Message { role: Role::Assistant, parts: answer.parts.clone() };
    let request = ChatRequest::new("m", vec![Message::text(Role::User, "Hi"), turn, Message::text(Role::User, "And?")]);
    let sent = &body(DialectId::OpenaiChat, &request)["messages"][1];
    assert_eq!(
        *sent,
        json!({ "role": "assistant", "content": "Yes.", "reasoning_text": "Hm, so.", "reasoning_opaque": "s1gn\u{e9}d/+=" })
    );
    let elsewhere = common::vendor(DialectId::OpenaiChat);
    let sent = dialect(DialectId::OpenaiChat).unwrap().chat(&elsewhere, &request, true).unwrap().body.unwrap();
    assert!(!sent.contains("reasoning_"), "{sent}");
    // A signature that was made anew is the one that counts.
    let mut twice = answer;
    if let Some(Part::Reasoning { opaque, .. }) = twice.parts.first_mut() {
        let mut later = opaque[0].clone();
        later.json = "\"later\"".into();
        opaque.push(later);
    }
    let turn = Message { role: Role::Assistant, parts: twice.parts };
    let sent = body(DialectId::OpenaiChat, &ChatRequest::new("m", vec![turn]));
    assert_eq!(sent["messages"][0]["reasoning_opaque"], "later");
}

#[test]
fn responses_keep_nothing_at_the_vendor_and_ask_for_what_was_thought() {
    let tools = vec![ToolDefinition {
        name: "f".into(),
        description: None,
        parameters: json!({ "type": "object", "properties": {} }),
        strict: None,
    }];
    let request = ChatRequest { tools, ..ChatRequest::new("gpt-5.3-codex", vec![Message::text(Role::User, "Hi")]) };
    let sent = body(DialectId::OpenaiResponses, &request);
    assert_eq!((&sent["store"], &sent["include"]), (&json!(false), &json!(["reasoning.encrypted_content"])));
    let chat = body(DialectId::OpenaiChat, &ChatRequest::new("gpt-4o", vec![Message::text(Role::User, "Hi")]));
    assert_eq!(chat["stream_options"], json!({ "include_usage": true }));
}

#[test]
fn ids_that_change_within_an_item_are_one_item_and_the_cost_stands_beside_the_response() {
    let got = events(
        DialectId::OpenaiResponses,
        &[
            json!({ "type": "response.created", "response": { "id": "r", "model": "m" } }),
            json!({ "type": "response.output_item.added", "output_index": 0, "item": { "type": "function_call", "id": "x1", "call_id": "c", "name": "f", "arguments": "" } }),
            json!({ "type": "response.function_call_arguments.delta", "output_index": 0, "item_id": "x2", "delta": "{\"a\":" }),
            json!({ "type": "response.function_call_arguments.delta", "output_index": 0, "item_id": "x3", "delta": "1}" }),
            json!({ "type": "response.output_item.done", "output_index": 0, "item": { "type": "function_call", "id": "x4", "call_id": "c", "name": "f", "arguments": "{\"a\":1}" } }),
            json!({ "type": "response.completed", "response": { "id": "r", "status": "completed", "usage": { "input_tokens": 73, "output_tokens": 430 } },
                "copilot_usage": { "total_nano_aiu": 0, "token_details": [{ "token_type": "input", "token_count": 73, "cost_per_batch": 0 }] } }),
        ],
    );
    let calls = got.iter().filter(|line| line.starts_with("call")).count();
    assert_eq!(calls, 1, "{got:?}");
    assert!(got.contains(&"cost 0 (0 nano-AIU)".to_owned()), "part of the plan: {got:?}");
    assert!(got.contains(&"usage in 73 read - write - out 430 reasoning -".to_owned()), "{got:?}");
}

/// The recorded list of models and streams, where the folder is at hand.
#[test]
fn recorded_answers_are_read() {
    let Some(folder) = std::env::var_os("PARLANCE_RECORDINGS").map(std::path::PathBuf::from) else { return };
    let recorded = |wire: &str, name: &str| {
        let text = std::fs::read(folder.join(wire).join(format!("github-copilot-{name}.json"))).unwrap();
        let file: Value = serde_json::from_slice(&text).unwrap();
        file["response"]["body"].as_str().unwrap().to_owned()
    };
    let vendor_of_list = vendor(DialectId::OpenaiChat);
    let list = recorded("openai-chat", "models-list-models-smoke");
    let head = ResponseHead { status: 200, ..ResponseHead::default() };
    let (models, next) =
        dialect(DialectId::OpenaiChat).unwrap().model_list(&vendor_of_list, &head, list.as_bytes()).unwrap();
    assert_eq!(next, None);
    let wires: Vec<_> = models.iter().filter(|model| model.chats == Some(true)).map(|model| model.wire).collect();
    for wire in [DialectId::OpenaiChat, DialectId::OpenaiResponses, DialectId::Anthropic] {
        assert!(wires.contains(&Some(wire)), "{wire:?}: {models:#?}");
    }
    let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    assert!(!ids.iter().any(|id| id.contains("compaction") || *id == "claude-opus-4.7"), "{ids:?}");
    assert!(models.iter().any(|model| model.can.embeddings == Some(true)), "{ids:?}");
    for (wire, name, cost) in [
        (DialectId::OpenaiChat, "raw-stream-surfaces-two-distinct-tool-calls-before-text", Some(0)),
        (DialectId::OpenaiResponses, "reasoning-roundtrip-streaming", Some(6_147_750)),
    ] {
        let (events, error) = run(&vendor(wire), [recorded(wire.as_str(), name).as_bytes()]);
        assert_eq!(error, None, "{name}");
        let answer = fold::fold(events);
        assert!(answer.finish.is_some() && answer.usage.is_some(), "{name}");
        assert_eq!(answer.reported_cost.map(|(nano_usd, _)| nano_usd), cost, "{name}");
    }
}

#[test]
fn a_sign_in_that_could_lose_a_token_is_refused_with_the_reason() {
    let bundled = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/copilot.toml")).unwrap();
    assert!(Vendor::from_toml("copilot", &bundled).is_ok());
    for (from, to, reason) in [
        ("web = \"https://github.com\"", "web = \"http://github.com\"", "in clear"),
        ("web = \"https://github.com\"", "web = \"https://github.com/login\"", "more than an origin"),
        ("api = \"https://api.github.com\"", "api = \"https://u:p@api.github.com\"", "no user"),
        ("hosts = [\"githubcopilot.com\"]", "hosts = [\"com\"]", "`com` is no name of a host"),
        ("hosts = [\"githubcopilot.com\"]", "hosts = [\"https://a.com\"]", "no name of a host"),
        ("client_id = \"Iv1.b507a08c87ecfe98\"", "client_id = \"\"", "client_id"),
        ("editor-version =", "authorization =", "is not free"),
        ("editor-version =", "\"editor version\" =", "cannot be sent"),
        ("field = \"enterprise_domain\"", "field = \"company\"", "no field `company`"),
        ("web = \"https://{domain}\"", "web = \"https://example.com\"", "holds no `{domain}`"),
        ("base_url = \"https://copilot-api.{domain}\"", "base_url = \"http://copilot-api.{domain}\"", "web"),
        ("auth = \"copilot\"", "auth = \"bearer\"", "that auth does not want"),
        ("client_id =", "secret = \"x\"\nclient_id =", "unknown field `secret`"),
    ] {
        let text = bundled.replacen(from, to, 1);
        assert_ne!(text, bundled, "{from}");
        let refused = Vendor::from_toml("copilot", &text).expect_err(to);
        assert!(refused.contains(reason), "{to}: {refused}");
    }
    let without = bundled.split("# As whom").next().unwrap();
    assert!(Vendor::from_toml("copilot", without).unwrap_err().contains("auth wants a sign_in"));
}

#[test]
fn the_lists_wire_counts_for_its_model_and_leaves_what_the_rules_say() {
    let copilot = Catalog::bundled().shared("copilot").unwrap();
    let model = "claude-opus-4.5";
    let speaking = copilot.clone().speaking(model, Some(DialectId::Anthropic));
    assert_eq!(speaking.dialect_of(model), DialectId::Anthropic);
    assert_eq!(speaking.dialect_of("gpt-4o"), DialectId::OpenaiChat);
    let (before, after) = (copilot.rule(model).unwrap(), speaking.rule(model).unwrap());
    assert_eq!((before.thinking, &before.parameters), (after.thinking, &after.parameters));
    assert_eq!(*copilot.clone().speaking(model, None), *copilot);
    // Only vendors whose lists are known to say so are believed.
    let openai = Catalog::bundled().shared("openai-compatible").unwrap();
    assert_eq!(openai.speaking("m", Some(DialectId::Anthropic)).dialect_of("m"), DialectId::OpenaiChat);
}
