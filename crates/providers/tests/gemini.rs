//! What only the dialect Gemini has: reading answers, lists and errors.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use crate::common::{self, run};
use parlance_providers::{
    Category::{self, *},
    ChatEvent, EmbedPurpose, EmbedRequest, FinishClass, Part, ProviderError,
    catalog::{Catalog, DialectId, Quirk, Vendor},
    dialect::{Dialect, ResponseHead, StreamDecoder},
    dialects::dialect,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn vendor() -> Vendor {
    common::vendor(DialectId::Gemini)
}

fn gemini() -> &'static dyn Dialect {
    dialect(DialectId::Gemini).unwrap()
}

fn head(status: u16) -> ResponseHead {
    ResponseHead { status, headers: Vec::new() }
}

/// A stream of these chunks.
fn stream(chunks: &[Value]) -> Vec<u8> {
    chunks.iter().flat_map(|chunk| format!("data: {chunk}\r\n\r\n").into_bytes()).collect()
}

fn push_until_refused(decoder: &mut dyn StreamDecoder, mut piece: impl FnMut(usize) -> Vec<u8>) -> Option<usize> {
    let mut out = Vec::new();
    (0..100_000).find(|n| {
        out.clear();
        decoder.push(&piece(*n), &mut out).is_err_and(|e| e.cause == Some("too_large"))
    })
}

#[test]
fn a_stream_that_ends_early_is_never_a_finished_one() {
    for (name, body) in common::fixtures(DialectId::Gemini) {
        let mark = body.windows(14).position(|w| w == b"\"finishReason\"" || w == b"\"blockReason\":");
        let Some(reason) = mark.filter(|_| !name.contains("error")) else { continue };
        for at in 0..reason {
            let (events, error) = run(&vendor(), [&body[..at]]);
            let error = error.unwrap_or_else(|| panic!("{name} cut at {at} ended well"));
            assert!(matches!(error.category, BrokenStream), "{name} cut at {at}: {error:?}");
            assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. } | ChatEvent::ToolCallEnd { .. })));
        }
    }
}

#[test]
fn clocks_see_events_and_progress_but_no_pings() {
    let mut decoder = common::decoder(&vendor());
    let mut out = Vec::new();
    let mut marks = |bytes: &[u8]| {
        decoder.push(bytes, &mut out).unwrap();
        (decoder.events_seen(), decoder.progress_seen())
    };
    assert_eq!(marks(b": ping\n\ndata:\n\ndata: {\"type\":\"keepalive\"}\n\n"), (0, 0));
    assert_eq!(marks(b"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]}}]}\n\n"), (1, 0));
    assert_eq!(marks(b"data: {\"usageMetadata\":{}}\n\n"), (2, 0));
    assert_eq!(marks(b"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n"), (3, 1));
    let mut array = common::decoder(&vendor());
    array.push(b"[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}", &mut out).unwrap();
    assert_eq!((array.events_seen(), array.progress_seen()), (1, 1), "an element is read at its last bracket");
}

#[test]
fn whatever_is_endless_is_stopped() {
    let mut plain = vendor();
    plain.quirks.retain(|q| *q != Quirk::InlineMedia);
    let mut line = common::decoder(&plain);
    line.push(b"data: ", &mut Vec::new()).unwrap();
    assert_eq!(push_until_refused(&mut *line, |_| vec![b'x'; 1 << 16]), Some(15));

    let text = "y".repeat(1 << 19);
    let chunk = stream(&[json!({ "candidates": [{ "content": { "parts": [{ "text": text }] } }] })]);
    assert_eq!(push_until_refused(&mut *common::decoder(&plain), |_| chunk.clone()), Some(63));

    for part in [
        json!({ "functionCall": { "name": "f" } }),
        json!({ "fileData": { "fileUri": "https://f.test" } }),
        json!({ "executableCode": {} }),
        json!({ "thoughtSignature": "YQ==" }),
    ] {
        let chunk = stream(&[json!({ "candidates": [{ "content": { "parts": [part] } }] })]);
        let stopped = push_until_refused(&mut *common::decoder(&plain), |_| chunk.clone());
        assert!(stopped.is_some_and(|n| n < 40_000), "{part} {stopped:?}");
    }

    for opening in ["{\"candidates\":[", "[{\"candidates\":["] {
        let mut body = common::decoder(&plain);
        body.push(opening.as_bytes(), &mut Vec::new()).unwrap();
        assert_eq!(push_until_refused(&mut *body, |_| vec![b' '; 1 << 20]), Some(31), "{opening}");
    }
    let element =
        format!("{chunk},", chunk = json!({ "candidates": [{ "content": { "parts": [{ "text": text }] } }] }));
    let mut array = common::decoder(&plain);
    array.push(b"[", &mut Vec::new()).unwrap();
    assert_eq!(push_until_refused(&mut *array, |_| element.clone().into_bytes()), Some(63));
}

#[test]
fn large_images_pass_only_where_the_vendor_has_them() {
    let data = "A".repeat(8 << 20);
    let body = stream(&[json!({ "candidates": [{
        "content": { "parts": [{ "inlineData": { "mimeType": "image/png", "data": data } }] }, "finishReason": "STOP" }] })]);
    let (events, error) = run(&vendor(), [body.as_slice()]);
    assert_eq!(error, None);
    assert!(matches!(&events[0], ChatEvent::Media { .. }));
    let mut plain = vendor();
    plain.quirks.clear();
    assert_eq!(run(&plain, [body.as_slice()]).1.and_then(|e| e.cause), Some("too_large"));
}

#[test]
fn lists_without_end_and_paths_without_sense_are_bounded() {
    let parts = vec!["{}"; 100_000].join(",") + r#",{"text":"never read"}"#;
    let body =
        format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{parts}]}},\"finishReason\":\"STOP\"}}]}}\n\n");
    let (events, error) = run(&vendor(), [body.as_bytes()]);
    assert_eq!((error, events.len()), (None, 1));

    let mut plain = vendor();
    plain.quirks.clear();
    let mut decoder = common::decoder(&plain);
    let begin = json!({ "candidates": [{ "content": { "parts": [{ "functionCall": { "name": "f", "willContinue": true } }] } }] });
    decoder.push(&stream(&[begin]), &mut Vec::new()).unwrap();
    let stopped = push_until_refused(&mut *decoder, |n| {
        let leaf = json!({ "jsonPath": format!("$.k{n}{}", ".x".repeat(60)), "boolValue": true });
        let call = json!({ "functionCall": { "partialArgs": [leaf], "willContinue": true } });
        stream(&[json!({ "candidates": [{ "content": { "parts": [call] } }] })])
    });
    assert!(stopped.is_some_and(|n| n < 1000), "{stopped:?}");
}

#[test]
fn long_streamed_arguments_are_no_flood() {
    let piece = |n: u32| {
        let leaf = json!({ "jsonPath": "$.text", "stringValue": "word ", "willContinue": true });
        let name = if n == 0 { json!("write") } else { Value::Null };
        json!({ "candidates": [{ "content": { "parts": [{ "functionCall": { "name": name, "partialArgs": [leaf], "willContinue": true } }] } }] })
    };
    let mut chunks: Vec<Value> = (0..70_000).map(piece).collect();
    chunks.push(json!({ "candidates": [{ "finishReason": "STOP" }] }));
    let (events, error) = run(&vendor(), [stream(&chunks).as_slice()]);
    assert_eq!(error, None);
    let arguments = events
        .iter()
        .find_map(|e| if let ChatEvent::ToolCallDelta { arguments, .. } = e { Some(arguments.len()) } else { None });
    assert_eq!(arguments, Some(70_000 * 5 + "{\"text\":\"\"}".len()));
}

#[test]
fn one_chunk_of_very_many_parts_takes_linear_time() {
    // Parts that go back whole are read twice, never once more for each part: else this takes hours.
    let part = r#"{"toolCall":{}}"#;
    let parts = vec![part; 20_000].join(",");
    let body =
        format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{parts}]}},\"finishReason\":\"STOP\"}}]}}\n\n");
    let (events, error) = run(&vendor(), [body.as_bytes()]);
    assert_eq!((error, events.len()), (None, 40_001));
}

#[test]
fn a_chunk_of_odd_types_is_still_read() {
    let odd = [
        r#"{"responseId":7,"modelVersion":null,"candidates":[{"index":null,"content":{"parts":[{"text":"x"}]}}]}"#,
        r#"{"candidates":[{"index":"0","content":{"parts":[{"text":"x","thought":null,"thoughtSignature":7}],"role":1}}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"groundingMetadata":7,"citationMetadata":[]}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"promptFeedback":7,"usageMetadata":{"promptTokenCount":{}}}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"x"}]}}],"candidates":[{"content":{"parts":[{"text":"x"}]}}]}"#,
    ];
    for chunk in odd {
        let body = format!("data: {chunk}\n\ndata: {{\"candidates\":[{{\"finishReason\":\"STOP\"}}]}}\n\n");
        let (events, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error, None, "{chunk}");
        assert!(events.contains(&ChatEvent::TextDelta { block: 0, text: "x".into() }), "{chunk}: {events:?}");
    }
    let (_, error) = run(&vendor(), [b"data: {\"error\":\"No\",\"candidates\":{}}\n\n".as_slice()]);
    assert_eq!(error.map(|e| e.message), Some("No".to_owned()));
}

#[test]
fn deep_json_is_refused_without_a_crash() {
    let deep = "[".repeat(200_000);
    for body in [
        format!("data: {{\"candidates\":{deep}\n\n"),
        format!("data: {{\"other\":{deep}\n\n"),
        format!("{{\"candidates\":{deep}"),
        deep,
    ] {
        let (_, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error.map(|e| e.category), Some(BrokenStream));
    }
}

#[test]
fn a_source_comes_once_and_not_without_end() {
    let chunk = |n: usize| {
        let chunks: Vec<Value> =
            (0..10).map(|i| json!({ "web": { "uri": format!("https://s.test/{}", n * 5 + i) } })).collect();
        json!({ "candidates": [{ "groundingMetadata": { "groundingChunks": chunks } }] })
    };
    let mut chunks: Vec<Value> = (0..200).map(chunk).collect();
    chunks.push(json!({ "candidates": [{ "finishReason": "STOP" }] }));
    let (events, error) = run(&vendor(), [stream(&chunks).as_slice()]);
    assert_eq!(error, None);
    let urls: Vec<&str> = events
        .iter()
        .filter_map(|e| if let ChatEvent::Citation { url, .. } = e { url.as_deref() } else { None })
        .collect();
    let once: std::collections::HashSet<_> = urls.iter().collect();
    assert_eq!((urls.len(), once.len()), (500, 500));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Chunks of all fixtures in any order, also twice: nothing after the end, a call ends once and after it began, and
    /// opaque data never stands before its block's first piece unless the block has nothing else.
    #[test]
    fn chunks_in_any_order_keep_the_rules(picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..25)) {
        let all = common::fixtures(DialectId::Gemini);
        let mut body = String::new();
        for (file, line) in picks {
            let text = String::from_utf8_lossy(&file.get(&all).1).into_owned();
            let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("data:") && !l.contains("\"error\"")).collect();
            if !lines.is_empty() {
                body.push_str(lines[line.index(lines.len())]);
                body.push_str("\n\n");
            }
        }
        let (events, error) = run(&vendor(), [body.as_bytes()]);
        let ends = events.iter().filter(|e| matches!(e, ChatEvent::Finished { .. })).count();
        prop_assert_eq!(ends, usize::from(error.is_none()));
        let last = matches!(events.last(), Some(ChatEvent::Finished { .. }));
        prop_assert!(error.is_some() || last);
        let mut begun = std::collections::HashSet::new();
        let mut ended = std::collections::HashSet::new();
        let mut opaque_only = std::collections::HashSet::new();
        for event in &events {
            match event {
                ChatEvent::ToolCallStart { block, .. } => prop_assert!(begun.insert(*block)),
                ChatEvent::ToolCallDelta { block, arguments } => {
                    prop_assert!(begun.contains(block) && !ended.contains(block));
                    prop_assert!(serde_json::from_str::<Value>(arguments).is_ok());
                }
                ChatEvent::ToolCallEnd { block } => prop_assert!(begun.contains(block) && ended.insert(*block)),
                ChatEvent::TextDelta { block, .. } | ChatEvent::ReasoningDelta { block, .. } => {
                    prop_assert!(!opaque_only.contains(block));
                    begun.insert(*block);
                }
                ChatEvent::Media { block, .. } | ChatEvent::ServerTool { block, .. } => {
                    prop_assert!(begun.insert(*block));
                }
                ChatEvent::Opaque { block, .. } if !begun.contains(block) => {
                    prop_assert!(opaque_only.insert(*block));
                }
                _ => {}
            }
        }
    }
}

fn read(status: u16, body: &str) -> ProviderError {
    gemini().error(&vendor(), &head(status), body.as_bytes())
}

fn google(code: u16, status: &str, message: &str, details: Value) -> String {
    json!({ "error": { "code": code, "status": status, "message": message, "details": details } }).to_string()
}

#[test]
fn googles_errors_have_their_categories() {
    let none = || json!([]);
    let quota = |id: &str| json!([{ "violations": [{ "quotaId": "GenerateRequestsPerMinutePerProject" }, { "quotaId": id }] }, { "retryDelay": "37s" }]);
    let used_up = "You exceeded your current quota, please check your plan and billing details. Please retry in 37.2s.";
    let table: &[(u16, String, Category)] = &[
        (
            400,
            google(400, "INVALID_ARGUMENT", "API key not valid.", json!([{ "reason": "API_KEY_INVALID" }])),
            RejectedKey,
        ),
        (400, google(400, "INVALID_ARGUMENT", "Invalid value at 'contents'", none()), BadRequest),
        (400, google(400, "FAILED_PRECONDITION", "User location is not supported for the API use.", none()), Forbidden),
        (
            400,
            google(
                400,
                "INVALID_ARGUMENT",
                "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
                none(),
            ),
            ContextTooLong,
        ),
        (401, google(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", none()), RejectedKey),
        (
            403,
            google(403, "PERMISSION_DENIED", "The API is disabled.", json!([{ "reason": "SERVICE_DISABLED" }])),
            Forbidden,
        ),
        (404, google(404, "NOT_FOUND", "models/x is not found for API version v1beta", none()), UnknownModel),
        (
            429,
            google(429, "RESOURCE_EXHAUSTED", used_up, quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")),
            NoCredit,
        ),
        (429, google(429, "RESOURCE_EXHAUSTED", used_up, quota("GenerateInputTokensPerMinute")), RateLimited),
        (429, google(429, "RESOURCE_EXHAUSTED", used_up, none()), NoCredit),
        (429, google(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted.", none()), RateLimited),
        (499, google(499, "CANCELLED", "The operation was cancelled.", none()), Internal),
        (500, google(500, "INTERNAL", "An internal error has occurred.", none()), Internal),
        (503, google(503, "UNAVAILABLE", "The model is overloaded.", none()), Overloaded),
        (504, google(504, "DEADLINE_EXCEEDED", "Deadline expired.", none()), Internal),
    ];
    for (status, body, category) in table {
        for body in [body.clone(), format!("[{body}]")] {
            let error = read(*status, &body);
            assert_eq!((error.category, error.status), (*category, Some(*status)), "{body}");
        }
    }
    let minute = read(429, &table[8].1);
    assert_eq!(minute.retry_after, Some(Duration::from_secs(37)));
    let day = read(429, &table[7].1);
    assert_eq!(day.retry_after, None, "seconds do not bring a used-up day back");
    assert_eq!(day.code.as_deref(), Some("GenerateRequestsPerDayPerProjectPerModel-FreeTier"));
    assert_eq!(read(400, &table[0].1).code.as_deref(), Some("API_KEY_INVALID"));
}

#[test]
fn an_error_inside_a_200_answer_is_an_error() {
    let error = gemini().response(&vendor(), &head(200), google(503, "UNAVAILABLE", "Busy", json!([])).as_bytes());
    let error = error.unwrap_err();
    assert_eq!((error.category, error.message.as_str(), error.status), (Overloaded, "Busy", Some(200)));
    for (body, cause) in
        [("", "empty"), ("<html>", "got_html"), ("{}", "unreadable"), ("{\"candidates\":[{", "cut_off")]
    {
        let error = gemini().response(&vendor(), &head(200), body.as_bytes()).unwrap_err();
        assert_eq!((error.category, error.cause), (BrokenStream, Some(cause)), "{body}");
    }
}

#[test]
fn a_whole_answer_folds_to_a_message() {
    let body = json!({ "candidates": [{ "content": { "parts": [{ "text": "Hi" }] }, "finishReason": "STOP" }], "responseId": "r" });
    let response = gemini().response(&vendor(), &head(200), body.to_string().as_bytes()).unwrap();
    assert_eq!(response.parts, [Part::text("Hi")]);
    assert_eq!(response.finish, Some((FinishClass::Stop, Some("STOP".into()))));
}

#[test]
fn the_model_list_has_pages_and_says_what_a_model_is_for() {
    let path = |page: Option<&str>| gemini().models(&vendor(), page).unwrap().path;
    assert_eq!(path(None), "models?pageSize=1000");
    assert_eq!(path(Some("a/b=&c")), "models?pageSize=1000&pageToken=a%2Fb%3D%26c");
    assert_eq!(gemini().check(&vendor()).path, "models?pageSize=1");
    let body = json!({
        "models": [
            { "name": "models/gemini-x", "displayName": "Gemini X", "inputTokenLimit": 1000, "outputTokenLimit": 10,
              "supportedGenerationMethods": ["countTokens", "generateContent"] },
            { "name": "models/embed-x", "inputTokenLimit": 0, "supportedGenerationMethods": ["embedContent"] },
            { "name": "models/gemini-x" },
            { "displayName": "nameless" },
            { "name": "bare" },
        ],
        "nextPageToken": "t2",
    });
    let (models, next) = gemini().model_list(&vendor(), &head(200), body.to_string().as_bytes()).unwrap();
    let read: Vec<_> =
        models.iter().map(|m| (m.id.as_str(), m.name.as_deref(), m.context, m.max_output, m.chats)).collect();
    assert_eq!(
        read,
        [
            ("gemini-x", Some("Gemini X"), Some(1000), Some(10), Some(true)),
            ("embed-x", None, None, None, Some(false)),
            ("bare", None, None, None, None),
        ]
    );
    let listed: Vec<_> = models.iter().map(|m| m.listed_as.as_deref()).collect();
    assert_eq!((listed, next.as_deref()), (vec![Some("models/gemini-x"), Some("models/embed-x"), None], Some("t2")));
    let last = gemini().model_list(&vendor(), &head(200), b"{\"models\":[],\"nextPageToken\":\"\"}").unwrap();
    assert_eq!(last, (vec![], None));
    for (body, cause) in [("<html>", Some("got_html")), ("{}", Some("unreadable")), ("[]", Some("unreadable"))] {
        let error = gemini().model_list(&vendor(), &head(200), body.as_bytes()).unwrap_err();
        assert_eq!((error.category, error.cause), (BrokenStream, cause), "{body}");
    }
    let refused = gemini().model_list(&vendor(), &head(200), google(400, "X", "No key", json!([])).as_bytes());
    assert_eq!(refused.unwrap_err().message, "No key");
}

#[test]
fn embeddings_say_what_they_are_for() {
    let ask = |purpose| EmbedRequest {
        model: "models/e".into(),
        inputs: vec!["a".into(), "b".into()],
        dimensions: None,
        purpose,
    };
    let wire = gemini().embed(&vendor(), &ask(Some(EmbedPurpose::Query))).unwrap();
    assert_eq!(wire.path, "models/e:batchEmbedContents");
    let body: Value = serde_json::from_str(&wire.body.unwrap()).unwrap();
    let one = |text: &str| json!({ "model": "models/e", "content": { "parts": [{ "text": text }] }, "taskType": "RETRIEVAL_QUERY" });
    assert_eq!(body, json!({ "requests": [one("a"), one("b")] }));
    let document = gemini().embed(&vendor(), &ask(Some(EmbedPurpose::Document))).unwrap().body.unwrap();
    assert!(document.contains("RETRIEVAL_DOCUMENT"));

    let vectors = |body: &str| gemini().embeddings(&vendor(), &head(200), body.as_bytes());
    let two = vectors(r#"{"embeddings":[{"values":[0.5,-1]},{"values":[2,3.5]}]}"#).unwrap();
    assert_eq!((two.vectors, two.usage), (vec![Ok(vec![0.5, -1.0]), Ok(vec![2.0, 3.5])], None));
    let one = vectors(r#"{"embedding":{"values":[1]}}"#).unwrap();
    assert_eq!((one.vectors, one.usage), (vec![Ok(vec![1.0])], None));
    assert_eq!(vectors("{}").unwrap_err().cause, Some("unreadable"));
    assert_eq!(vectors(r#"{"error":{"message":"No","code":429}}"#).unwrap_err().category, RateLimited);
    assert_eq!(Catalog::bundled().get("gemini").unwrap().embed_batch, Some(100));
}
