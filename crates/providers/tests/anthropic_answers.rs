//! What is read out of Anthropic answers: errors, model lists, endless and odd streams.
#![allow(clippy::unwrap_used)]

use crate::common::{self, rules};
use std::time::Duration;

use crate::common::run;
use parlance_providers::{
    Category::{self, *},
    ChatEvent, FinishClass, ProviderError,
    catalog::{Catalog, DialectId, Vendor},
    dialect::{Dialect, ResponseHead},
    dialects::dialect,
};
use proptest::prelude::*;

/// The n-th piece of a stream without an end.
type Piece<'a> = Box<dyn Fn(usize) -> String + 'a>;

fn anthropic() -> &'static dyn Dialect {
    dialect(DialectId::Anthropic).unwrap()
}

fn vendor() -> Vendor {
    common::vendor(DialectId::Anthropic)
}

fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    ResponseHead { status, headers }
}

fn refused(status: u16, kind: &str, message: &str) -> ProviderError {
    let body = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}},"request_id":"req_1"}}"#);
    anthropic().error(&vendor(), &head(status, &[]), body.as_bytes())
}

#[test]
fn the_category_table() {
    let table: &[(u16, &str, &str, Category)] = &[
        (400, "invalid_request_error", "max_tokens: Field required", BadRequest),
        (400, "invalid_request_error", "model: Field required", BadRequest),
        (400, "invalid_request_error", "prompt is too long: 213462 tokens > 200000 maximum", ContextTooLong),
        (400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 1 + 2 > 2", ContextTooLong),
        (400, "invalid_request_error", "You have reached your specified API usage limits.", NoCredit),
        (400, "invalid_request_error", "Your credit balance is too low to access the API.", NoCredit),
        (401, "authentication_error", "invalid x-api-key", RejectedKey),
        (402, "billing_error", "There is an issue with your account", NoCredit),
        (403, "permission_error", "Your key may not do this", Forbidden),
        (403, "permission_error", "Extra usage is required for long context requests", ContextTooLong),
        (404, "not_found_error", "model: claude-x", UnknownModel),
        (404, "not_found_error", "Not Found", BadRequest),
        (409, "conflict_error", "Conflict", Internal),
        (413, "request_too_large", "Request exceeds the maximum size", ContextTooLong),
        (429, "rate_limit_error", "This would exceed your limit of 40,000 input tokens per minute", RateLimited),
        (429, "rate_limit_error", "Extra usage is required for long context requests", ContextTooLong),
        (500, "api_error", "Internal server error", Internal),
        (504, "timeout_error", "Timed out", Internal),
        (529, "overloaded_error", "Overloaded", Overloaded),
    ];
    for (status, kind, message, category) in table {
        let error = refused(*status, kind, message);
        assert_eq!((error.category, error.status), (*category, Some(*status)), "{status} {kind}: {message}");
        assert_eq!((error.message.as_str(), error.code.as_deref()), (*message, Some(*kind)));
        assert_eq!(error.request_id.as_deref(), Some("req_1"));
    }
    let edge = anthropic().error(&vendor(), &head(429, &[("retry-after", "17"), ("request-id", "req_2")]), b"");
    assert_eq!((edge.category, edge.retry_after), (RateLimited, Some(Duration::from_secs(17))));
    assert_eq!(edge.request_id.as_deref(), Some("req_2"));
}

#[test]
fn an_error_inside_a_200_answer_is_an_error() {
    let head = head(200, &[("request-id", "req_3")]);
    let body = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let error = anthropic().response(&vendor(), &head, body).unwrap_err();
    assert_eq!((error.category, error.status, error.message.as_str()), (Overloaded, Some(200), "Overloaded"));
    assert_eq!(error.request_id.as_deref(), Some("req_3"));
    for (body, cause) in [
        ("", "empty"),
        ("<html>", "got_html"),
        ("{}", "unreadable"),
        ("{\"content\":[{", "cut_off"),
        ("[]", "unreadable"),
    ] {
        let error = anthropic().response(&vendor(), &head, body.as_bytes()).unwrap_err();
        assert_eq!((error.category, error.cause), (BrokenStream, Some(cause)), "{body}");
    }
}

#[test]
fn a_stream_is_read_where_a_whole_answer_was_asked_for() {
    for (name, body) in common::fixtures(DialectId::Anthropic).iter().filter(|(n, _)| n == "two-tools") {
        let answer = anthropic().response(&vendor(), &head(200, &[]), body).unwrap();
        assert_eq!((answer.parts.len(), answer.finish.unwrap().0), (3, FinishClass::ToolCalls), "{name}");
    }
}

#[test]
fn models_come_in_pages_and_the_check_is_the_shortest_page() {
    let vendor = Catalog::bundled().get("anthropic").unwrap();
    let first = anthropic().models(vendor, None).unwrap();
    let version = [("anthropic-version", "2023-06-01".to_owned())];
    assert_eq!((first.path.as_str(), first.headers.as_slice()), ("models?limit=1000", version.as_slice()));
    let next = anthropic().models(vendor, Some("a b&c")).unwrap();
    assert_eq!((next.path.as_str(), next.headers), ("models?limit=1000&after_id=a+b%26c", version.to_vec()));
    let check = anthropic().check(vendor);
    assert_eq!((check.path.as_str(), check.headers), ("models?limit=1", version.to_vec()));

    let page = |body: &str| anthropic().model_list(vendor, &head(200, &[]), body.as_bytes());
    let (models, next) = page(
        r#"{"data":[{"type":"model","id":"a","display_name":"Model A","max_input_tokens":200000,"max_tokens":64000},
            {"id":"a"},{"id":"b","display_name":"b","max_input_tokens":null},{"display_name":"nameless"},null,7],
            "has_more":true,"first_id":"a","last_id":"b"}"#,
    )
    .unwrap();
    let read: Vec<_> = models.iter().map(|m| (m.id.as_str(), m.name.as_deref(), m.context, m.max_output)).collect();
    assert_eq!(read, [("a", Some("Model A"), Some(200_000), Some(64_000)), ("b", None, None, None)]);
    assert_eq!(next.as_deref(), Some("b"));
    assert_eq!(page(r#"{"data":[],"has_more":false,"last_id":"b"}"#).unwrap(), (vec![], None));
    assert_eq!(page(r#"{"data":[]}"#).unwrap(), (vec![], None), "a gateway without pages");
    for (body, cause) in [("<html>", Some("got_html")), ("nothing", Some("unreadable")), ("{}", Some("unreadable"))] {
        let error = page(body).unwrap_err();
        assert_eq!((error.category, error.cause), (BrokenStream, cause), "{body}");
    }
    let body = r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#;
    assert_eq!(page(body).unwrap_err().category, RejectedKey);
}

#[test]
fn a_stream_that_ends_before_its_reason_is_never_a_finished_one() {
    let mut cut = 0;
    for (name, body) in common::fixtures(DialectId::Anthropic) {
        let Some(reason) = body.windows(15).position(|w| w == b"\"stop_reason\":\"") else { continue };
        for at in 1..reason {
            let (events, error) = run(&vendor(), [&body[..at]]);
            let error = error.unwrap_or_else(|| panic!("{name} cut at {at} ended well"));
            assert_eq!(error.category, BrokenStream, "{name} cut at {at}: {error:?}");
            assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. } | ChatEvent::ToolCallEnd { .. })));
            cut += 1;
        }
    }
    assert!(cut > 5000, "{cut} cuts");
}

#[test]
fn clocks_see_events_and_progress_but_no_pings() {
    let mut decoder = common::decoder(&vendor());
    let mut out = Vec::new();
    decoder
        .push(b": x\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\ndata: {\"type\":\"novelty\"}\n\n", &mut out)
        .unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (0, 0));
    decoder.push(b"data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n", &mut out).unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (1, 0));
    let delta = |kind: &str, field: &str| {
        format!("data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"{kind}\",{field}}}}}\n\n")
    };
    for (n, (kind, field)) in (1..).zip([
        ("text_delta", "\"text\":\"x\""),
        ("thinking_delta", "\"thinking\":\"x\""),
        ("signature_delta", "\"signature\":\"x\""),
        ("input_json_delta", "\"partial_json\":\"{\""),
    ]) {
        decoder.push(delta(kind, field).as_bytes(), &mut out).unwrap();
        assert_eq!((decoder.events_seen(), decoder.progress_seen()), (n + 1, n));
    }
    decoder.push(delta("text_delta", "\"text\":\"\"").as_bytes(), &mut out).unwrap();
    assert_eq!(decoder.progress_seen(), 4);
}

#[test]
fn endless_answers_are_stopped_whatever_they_are_made_of() {
    let start = |n: usize, block: &str| {
        format!("data: {{\"type\":\"content_block_start\",\"index\":{n},\"content_block\":{block}}}\n\n")
    };
    let delta =
        |fields: &str| format!("data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{{fields}}}}}\n\n");
    let long = "y".repeat(1 << 19);
    let pieces: [(&str, Piece<'_>); 7] = [
        ("text", Box::new(|_| delta(&format!("\"type\":\"text_delta\",\"text\":\"{long}\"")))),
        ("thinking", Box::new(|_| delta(&format!("\"type\":\"thinking_delta\",\"thinking\":\"{long}\"")))),
        (
            "server input",
            Box::new(|n| match n {
                0 => start(0, "{\"type\":\"server_tool_use\",\"name\":\"s\"}"),
                _ => delta(&format!("\"type\":\"input_json_delta\",\"partial_json\":\"{long}\"")),
            }),
        ),
        (
            "citations",
            Box::new(|n| match n {
                0 => start(0, "{\"type\":\"text\"}"),
                _ => delta(&format!("\"type\":\"citations_delta\",\"citation\":{{\"encrypted_index\":\"{long}\"}}")),
            }),
        ),
        ("results", Box::new(|n| start(n, &format!("{{\"type\":\"web_search_tool_result\",\"content\":\"{long}\"}}")))),
        ("open blocks", Box::new(|n| (0..100).map(|i| start(n * 100 + i, "{\"type\":\"text\"}")).collect())),
        (
            "calls",
            Box::new(|n| {
                (0..100).map(|i| start(n * 100 + i, "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\"}")).collect()
            }),
        ),
    ];
    for (what, piece) in pieces {
        let mut decoder = common::decoder(&vendor());
        let mut out = Vec::new();
        let stopped = (0..2000).find_map(|n| {
            out.clear();
            decoder.push(piece(n).as_bytes(), &mut out).err().map(|e| e.cause)
        });
        assert_eq!(stopped, Some(Some("too_large")), "{what}");
    }
}

#[test]
fn an_event_of_odd_types_does_no_harm() {
    let odd = [
        r#"{"type":7,"index":"x"}"#,
        r#"{"type":"message_start","message":7}"#,
        r#"{"type":"message_start","message":{"id":{},"model":[],"usage":7,"content":0}}"#,
        r#"{"type":"content_block_start","index":null,"content_block":[]}"#,
        r#"{"type":"content_block_start","index":1e99,"content_block":{"type":null}}"#,
        r#"{"type":"content_block_start","index":-4,"content_block":{"type":"text","text":{},"citations":7}}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":7,"name":null,"input":[],"caller":7}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":null}"#,
        r#"{"type":"content_block_delta","delta":{"type":"citations_delta","citation":"no object"}}"#,
        r#"{"type":"content_block_stop"}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":null,"stop_details":[]},"usage":"none"}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":{}},"usage":{"output_tokens":"5","input_tokens":2.0}}"#,
        r#"{"type":"ping","error":null}"#,
        r#"["type"]"#,
        "null",
    ];
    let end = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n\
               data: {\"type\":\"message_stop\"}\n\n";
    for event in odd {
        let body = format!(
            "data: {event}\n\ndata: {{\"type\":\"content_block_delta\",\"index\":9,\"delta\":{{\"type\":\"text_delta\",\
             \"text\":\"x\"}}}}\n\n{end}"
        );
        let (events, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error, None, "{event}");
        assert!(events.iter().any(|e| matches!(e, ChatEvent::TextDelta { text, .. } if text == "x")), "{event}");
        assert!(matches!(events.last(), Some(ChatEvent::Finished { .. })), "{event}");
    }
}

#[test]
fn deep_json_is_refused_without_a_crash() {
    let deep = "[".repeat(200_000);
    let block = format!("data: {{\"type\":\"content_block_start\",\"content_block\":{deep}");
    for body in [block, format!("data: {{\"other\":{deep}\n\n"), deep] {
        let (_, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error.map(|e| e.category), Some(BrokenStream));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Events in any order, again and again, late or without a beginning: nothing panics, nothing comes after the
    /// end, every delta of a call belongs to one that began, and only a finished answer ends its calls.
    #[test]
    fn events_in_any_order_keep_the_rules(picks in prop::collection::vec(any::<prop::sample::Index>(), 1..60)) {
        let lines = rules::data_lines(DialectId::Anthropic);
        let body: String = picks.iter().map(|pick| format!("{}\n\n", pick.get(&lines))).collect();
        let (events, error) = run(&vendor(), [body.as_bytes()]);
        rules::kept(&events, error.as_ref())?;
    }
}
