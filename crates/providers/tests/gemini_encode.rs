//! What Gemini is asked.
#![allow(clippy::unwrap_used)]

use crate::common;
use parlance_providers::{
    Category, ChatRequest, Message, OpaqueData, Part, ReasoningEffort, Role, ToolChoice, ToolDefinition,
    catalog::{DialectId, Quirk, Vendor},
    dialects::dialect,
};
use serde_json::{Value, json};

fn vendor() -> Vendor {
    common::vendor(DialectId::Gemini)
}

fn encode(request: &ChatRequest) -> Value {
    let wire = dialect(DialectId::Gemini).unwrap().chat(&vendor(), request, true).unwrap();
    serde_json::from_str(&wire.body.unwrap()).unwrap()
}

fn user(parts: Vec<Part>) -> Message {
    Message { role: Role::User, parts }
}

fn model(parts: Vec<Part>) -> Message {
    Message { role: Role::Assistant, parts }
}

fn ask(parts: Vec<Part>) -> ChatRequest {
    ChatRequest::new("gemini-2.5-flash", vec![user(parts)])
}

fn result(id: &str, name: &str, content: &str, is_error: bool) -> Part {
    Part::ToolResult { call_id: id.into(), name: name.into(), content: content.into(), is_error }
}

fn kept(kind: &str, json: &str) -> Vec<OpaqueData> {
    vec![OpaqueData { kind: kind.into(), json: json.into() }]
}

#[test]
fn the_key_is_no_part_of_the_path() {
    for stream in [true, false] {
        let wire = dialect(DialectId::Gemini).unwrap().chat(&vendor(), &ask(vec![Part::text("Hi")]), stream).unwrap();
        let query = if stream { ":streamGenerateContent?alt=sse" } else { ":generateContent" };
        assert_eq!(wire.path, format!("models/gemini-2.5-flash{query}"));
        assert_eq!((wire.headers, wire.stream), (vec![], stream));
    }
}

#[test]
fn neighbours_of_one_role_are_one_turn() {
    let mut request = ask(vec![Part::text("a")]);
    request.messages.extend([
        user(vec![Part::text("b")]),
        model(vec![Part::reasoning("unsigned")]),
        user(vec![Part::text("c")]),
        model(vec![Part::text("d")]),
        model(vec![Part::Refusal { text: "No.".into() }]),
        user(vec![]),
    ]);
    request.system = Some("Be terse.".into());
    let body = encode(&request);
    assert_eq!(
        body["contents"],
        json!([
            { "role": "user", "parts": [{ "text": "a" }, { "text": "b" }, { "text": "c" }] },
            { "role": "model", "parts": [{ "text": "d" }, { "text": "No." }] },
        ])
    );
    assert_eq!(body["systemInstruction"], json!({ "parts": [{ "text": "Be terse." }] }));
    assert_eq!((body.get("tools"), body.get("toolConfig"), body.get("generationConfig")), (None, None, None));
}

#[test]
fn a_tool_round_trip_keeps_ids_that_are_the_vendors_and_order_without_them() {
    let mut request = ask(vec![Part::text("Q")]);
    request.messages.extend([
        model(vec![
            Part::tool_call("fc1", "get_time", "{\"tz\" : \"CET\"}"),
            Part::tool_call("call_gemini_r1_1", "roll", ""),
            Part::tool_call("call_gemini_r1_2", "roll", "not json"),
        ]),
        user(vec![
            Part::text("Here"),
            result("call_gemini_r1_2", "", "six", false),
            result("call_gemini_r1_1", "roll", "{\"dots\":5}", false),
            result("fc1", "get_time", "no clock", true),
        ]),
    ]);
    let contents = encode(&request)["contents"].take();
    assert_eq!(
        contents[1]["parts"],
        json!([
            { "functionCall": { "id": "fc1", "name": "get_time", "args": { "tz": "CET" } } },
            { "functionCall": { "name": "roll", "args": {} } },
            { "functionCall": { "name": "roll", "args": { "input": "not json" } } },
        ])
    );
    assert_eq!(
        contents[2]["parts"],
        json!([
            { "functionResponse": { "id": "fc1", "name": "get_time", "response": { "error": "no clock" } } },
            { "functionResponse": { "name": "roll", "response": { "dots": 5 } } },
            { "functionResponse": { "name": "roll", "response": { "result": "six" } } },
            { "text": "Here" },
        ])
    );
}

#[test]
fn calls_of_another_model_get_the_documented_signature_where_one_is_wanted() {
    let signed = |name: &str, signature: Option<&str>| Part::ToolCall {
        id: name.into(),
        name: name.into(),
        arguments: "{}".into(),
        opaque: signature.map(|s| kept("thoughtSignature", s)).unwrap_or_default(),
    };
    let turns = |model_name: &str, calls: Vec<Part>| {
        let mut request = ChatRequest::new(model_name, vec![Message::text(Role::User, "Q")]);
        request.messages.push(model(calls.clone()));
        request.messages.push(user(vec![result("a", "a", "1", false)]));
        request.messages.push(model(vec![signed("c", None)]));
        let body = encode(&request);
        let signature = |turn: usize, part: usize| body["contents"][turn]["parts"][part]["thoughtSignature"].clone();
        [signature(1, 0), signature(1, 1), signature(3, 0)]
    };
    let dummy: Value = "skip_thought_signature_validator".into();
    let both = || vec![signed("a", None), signed("b", None)];
    assert_eq!(turns("gemini-3.6-flash", both()), [dummy.clone(), Value::Null, dummy.clone()]);
    assert_eq!(turns("gemini-2.5-pro", both()), [Value::Null, Value::Null, Value::Null]);
    let first = vec![signed("a", Some("\"c2ln\"")), signed("b", None)];
    assert_eq!(turns("gemini-3.6-flash", first), ["c2ln".into(), Value::Null, dummy]);
}

#[test]
fn signatures_go_out_as_they_came_and_unsigned_thoughts_not_at_all() {
    let odd = r#""a\/b+\u003d""#;
    let part = r#"{ "toolCall" : {"id":1.0}, "thoughtSignature":"x" }"#;
    let opaque = |kind: &str| kept(kind, odd);
    let image = Part::Image { media_type: "image/png".into(), data: vec![1, 2, 3], opaque: opaque("thoughtSignature") };
    let server = Part::ServerTool { name: "search".into(), json: "{}".into(), opaque: kept("part", part) };
    let mut request = ask(vec![Part::text("Q")]);
    request.messages.push(model(vec![
        Part::Reasoning { text: "Hm. So".into(), opaque: opaque("thoughtSignature:4-6") },
        Part::Reasoning { text: String::new(), opaque: opaque("thoughtSignature:text") },
        Part::Reasoning { text: String::new(), opaque: opaque("thoughtSignature:thought") },
        Part::Reasoning { text: "Foreign".into(), opaque: opaque("reasoning_details") },
        Part::Text { text: "Hello you".into(), opaque: opaque("thoughtSignature:6-9") },
        image,
        server,
        Part::ServerTool { name: "foreign".into(), json: "{}".into(), opaque: vec![] },
    ]));
    let wire = dialect(DialectId::Gemini).unwrap().chat(&vendor(), &request, true).unwrap();
    let text = wire.body.unwrap();
    let (_, parts) = text.split_once(r#"{"role":"model","parts":"#).unwrap();
    assert_eq!(
        parts,
        format!(
            r#"[{{"text":"So","thought":true,"thoughtSignature":{odd}}},{{"text":"","thoughtSignature":{odd}}},{{"text":"","thought":true,"thoughtSignature":{odd}}},{{"text":"Hello "}},{{"text":"you","thoughtSignature":{odd}}},{{"inlineData":{{"data":"AQID","mimeType":"image/png"}},"thoughtSignature":{odd}}},{part}]}}]}}"#
        )
    );
}

#[test]
fn files_go_inline_or_written_out() {
    let file = |media_type: &str, data: &[u8]| Part::File {
        name: "a.bin".into(),
        media_type: media_type.into(),
        data: data.to_vec(),
    };
    let parts = vec![
        Part::image("image/webp", vec![1, 2, 3]),
        file("application/pdf", b"%PDF\0"),
        file("audio/mpeg", b"ID3"),
        file("text/csv", b"a;b"),
    ];
    assert_eq!(
        encode(&ask(parts))["contents"][0]["parts"],
        json!([
            { "inlineData": { "mimeType": "image/webp", "data": "AQID" } },
            { "inlineData": { "mimeType": "application/pdf", "data": "JVBERgA=" } },
            { "inlineData": { "mimeType": "audio/mpeg", "data": "SUQz" } },
            { "text": "a.bin:\n\na;b" },
        ])
    );
    let zip = ask(vec![file("application/zip", b"PK\0")]);
    let refused = dialect(DialectId::Gemini).unwrap().chat(&vendor(), &zip, true).unwrap_err();
    assert_eq!((refused.category, refused.cause), (Category::BadRequest, Some("file_unsupported")));
}

#[test]
fn tools_choices_and_schemas() {
    let mut request = ask(vec![Part::text("Q")]);
    let schema = json!({ "type": "object", "properties": { "a": { "type": ["string", "null"] } }, "additionalProperties": false });
    request.tools =
        vec![ToolDefinition { name: "f".into(), description: None, parameters: schema.clone(), strict: None }];
    request.response_schema = Some(("answer".into(), schema.clone()));
    let body = encode(&request);
    assert_eq!(body["tools"], json!([{ "functionDeclarations": [{ "name": "f", "parametersJsonSchema": schema }] }]));
    assert_eq!(
        body["generationConfig"],
        json!({ "responseMimeType": "application/json", "responseJsonSchema": schema })
    );
    assert_eq!(body.get("toolConfig"), None);

    let mut mode = |choice: Option<ToolChoice>, strict: Option<bool>| {
        request.tool_choice = choice;
        request.tools[0].strict = strict;
        encode(&request)["toolConfig"]["functionCallingConfig"].take()
    };
    assert_eq!(mode(Some(ToolChoice::Auto), None), json!({ "mode": "AUTO" }));
    assert_eq!(mode(None, Some(true)), json!({ "mode": "VALIDATED" }));
    assert_eq!(mode(Some(ToolChoice::None), Some(true)), json!({ "mode": "NONE" }));
    assert_eq!(mode(Some(ToolChoice::Required), None), json!({ "mode": "ANY" }));
    let named = mode(Some(ToolChoice::Named("f".into())), None);
    assert_eq!(named, json!({ "mode": "ANY", "allowedFunctionNames": ["f"] }));

    let mut older = vendor();
    older.quirks.push(Quirk::OpenapiSchemas);
    let wire = dialect(DialectId::Gemini).unwrap().chat(&older, &request, false).unwrap();
    let body: Value = serde_json::from_str(&wire.body.unwrap()).unwrap();
    let open_api = json!({ "type": "OBJECT", "properties": { "a": { "type": "STRING", "nullable": true } } });
    assert_eq!(body["tools"][0]["functionDeclarations"][0]["parameters"], open_api);
    assert_eq!(body["generationConfig"]["responseSchema"], open_api);
    assert_eq!(body["generationConfig"].get("responseJsonSchema"), None);
}

#[test]
fn parameters_are_the_wires_own_and_extras_win_field_by_field() {
    let mut request = ask(vec![Part::text("Q")]);
    let p = &mut request.parameters;
    (p.temperature, p.top_p, p.max_tokens, p.seed) = (Some(0.5), Some(0.9), Some(64), Some(7));
    p.stop = vec!["END".into()];
    p.reasoning_effort = Some(ReasoningEffort::None);
    request.extra = json!({
        "generationConfig": { "topK": 5, "seed": 8, "thinkingConfig": { "includeThoughts": true } },
        "contents": [], "model": "other", "stream": true,
        "safetySettings": [{ "category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF" }],
        "tools": [{ "googleSearch": {} }],
    })
    .as_object()
    .unwrap()
    .clone();
    let body = encode(&request);
    assert_eq!(
        body["generationConfig"],
        json!({
            "temperature": 0.5, "topP": 0.9, "maxOutputTokens": 64, "stopSequences": ["END"], "seed": 8, "topK": 5,
            "thinkingConfig": { "thinkingBudget": 0, "includeThoughts": true },
        })
    );
    assert_eq!(body["contents"][0]["parts"], json!([{ "text": "Q" }]));
    assert_eq!((body.get("model"), body.get("stream")), (None, None));
    assert_eq!(
        (&body["tools"], &body["safetySettings"][0]["threshold"]),
        (&json!([{ "googleSearch": {} }]), &json!("OFF"))
    );
}
