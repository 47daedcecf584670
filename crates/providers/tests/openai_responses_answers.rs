//! Answers of OpenAI Responses: errors, what a limit stops, and events nobody wrote down.
#![allow(clippy::unwrap_used)]

use crate::common::{self, rules};
use std::time::Duration;

use crate::common::run;
use parlance_providers::{
    Category::{
        self, BadRequest, BrokenStream, ContextTooLong, Forbidden, Internal, NoCredit, Overloaded, RateLimited,
        RejectedKey, UnknownModel,
    },
    ChatEvent, FinishClass, Part,
    catalog::{DialectId, Vendor},
    dialect::{Dialect, ResponseHead},
    dialects::dialect,
};
use proptest::prelude::*;

/// One of the pieces of an endless answer.
type Piece<'a> = Box<dyn Fn(usize) -> String + 'a>;

fn responses() -> &'static dyn Dialect {
    dialect(DialectId::OpenaiResponses).unwrap()
}

fn vendor() -> Vendor {
    common::vendor(DialectId::OpenaiResponses)
}

fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    ResponseHead { status, headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect() }
}

#[test]
fn each_error_has_its_category() {
    let table: &[(u16, &str, &str, Category)] = &[
        (400, "invalid_value", "Invalid value: 'x'", BadRequest),
        (400, "context_length_exceeded", "Your input exceeds the context window of this model.", ContextTooLong),
        (401, "invalid_api_key", "Incorrect API key provided: sk-…", RejectedKey),
        (403, "unsupported_country_region_territory", "Country not supported", Forbidden),
        (404, "model_not_found", "The model `x` does not exist", UnknownModel),
        (429, "rate_limit_exceeded", "Rate limit reached for gpt-5.6", RateLimited),
        (429, "insufficient_quota", "You exceeded your current quota", NoCredit),
        (429, "credit_balance_exhausted", "No credit is left", NoCredit),
        (500, "server_error", "The server had an error", Internal),
        (503, "server_is_overloaded", "The server is overloaded", Overloaded),
    ];
    for (status, code, message, category) in table {
        let body = format!(r#"{{"error":{{"message":"{message}","type":"t","param":null,"code":"{code}"}}}}"#);
        let error = responses().error(&vendor(), &head(*status, &[("x-request-id", "req_1")]), body.as_bytes());
        assert_eq!((error.category, error.status), (*category, Some(*status)), "{status} {code}");
        assert_eq!((error.message.as_str(), error.code.as_deref()), (*message, Some(*code)));
        assert_eq!(error.request_id.as_deref(), Some("req_1"));
    }
    let xai = responses().error(
        &vendor(),
        &head(400, &[]),
        br#"{"code":"invalid-argument","error":"Incorrect API key provided."}"#,
    );
    assert_eq!((xai.category, xai.message.as_str()), (RejectedKey, "Incorrect API key provided."));
    let edge = responses().error(&vendor(), &head(429, &[("retry-after", "17")]), b"");
    assert_eq!((edge.category, edge.retry_after), (RateLimited, Some(Duration::from_secs(17))));
}

#[test]
fn an_error_inside_a_200_is_an_error() {
    let head = head(200, &[("x-request-id", "req_3")]);
    let failed =
        r#"{"object":"response","status":"failed","output":[],"error":{"code":"server_error","message":"Bad luck"}}"#;
    let error = responses().response(&vendor(), &head, failed.as_bytes()).unwrap_err();
    assert_eq!((error.category, error.status, error.message.as_str()), (Internal, Some(200), "Bad luck"));
    assert_eq!((error.code.as_deref(), error.request_id.as_deref()), (Some("server_error"), Some("req_3")));
    for (body, cause) in [
        ("", "empty"),
        ("<html>", "got_html"),
        ("{}", "unreadable"),
        (r#"{"output":7}"#, "unreadable"),
        (r#"{"object":"response","status":"failed","error":null}"#, "failed"),
        (r#"{"output":[{"#, "cut_off"),
        ("[]", "unreadable"),
    ] {
        let error = responses().response(&vendor(), &head, body.as_bytes()).unwrap_err();
        assert_eq!(error.cause, Some(cause), "{body}");
    }
}

#[test]
fn a_whole_answer_is_that_of_its_stream() {
    for (name, body) in common::fixtures(DialectId::OpenaiResponses).iter().filter(|(n, _)| n == "commentary-and-tools")
    {
        let answer = responses().response(&vendor(), &head(200, &[]), body).unwrap();
        assert_eq!((answer.parts.len(), answer.finish.unwrap().0), (4, FinishClass::ToolCalls), "{name}");
        assert!(matches!(&answer.parts[1], Part::Text { opaque, .. } if opaque.len() == 2));
    }
}

#[test]
fn each_end_is_read_as_what_it_is() {
    let call = r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#;
    for (status, details, output, class, reason) in [
        ("completed", "null", "", FinishClass::Stop, "completed"),
        ("completed", "null", call, FinishClass::ToolCalls, "completed"),
        ("incomplete", r#"{"reason":"max_output_tokens"}"#, "", FinishClass::Length, "incomplete:max_output_tokens"),
        ("incomplete", r#"{"reason":"max_output_tokens"}"#, call, FinishClass::Length, "incomplete:max_output_tokens"),
        ("incomplete", r#"{"reason":"content_filter"}"#, "", FinishClass::ContentFilter, "incomplete:content_filter"),
        ("incomplete", "null", "", FinishClass::Length, "incomplete"),
        ("incomplete", r#"{"reason":"novelty"}"#, "", FinishClass::Other, "incomplete:novelty"),
        ("in_progress", "null", "", FinishClass::Pending, "in_progress"),
        ("cancelled", "null", "", FinishClass::Other, "cancelled"),
    ] {
        let body = format!(r#"{{"status":"{status}","incomplete_details":{details},"output":[{output}]}}"#);
        let answer = responses().response(&vendor(), &head(200, &[]), body.as_bytes()).unwrap();
        assert_eq!(answer.finish, Some((class, Some(reason.to_owned()))), "{body}");
    }
}

#[test]
fn a_stream_that_ends_before_its_last_event_is_never_a_finished_one() {
    let mut cut = 0;
    for (name, body) in common::fixtures(DialectId::OpenaiResponses) {
        let last = |what: &[u8]| body.windows(what.len()).position(|w| w == what);
        let Some(end) = last(b"response.completed").or(last(b"response.incomplete")) else { continue };
        for at in 1..end {
            let (events, error) = run(&vendor(), [&body[..at]]);
            let error = error.unwrap_or_else(|| panic!("{name} cut at {at} ended well"));
            assert!(matches!(error.category, BrokenStream | NoCredit), "{name} cut at {at}: {error:?}");
            assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. } | ChatEvent::ToolCallEnd { .. })));
            cut += 1;
        }
    }
    assert!(cut > 5000, "{cut} cuts");
}

#[test]
fn clocks_see_events_and_progress_but_no_signs_of_life() {
    let mut decoder = common::decoder(&vendor());
    let mut out = Vec::new();
    decoder.push(b": x\n\ndata: {\"type\":\"keepalive\"}\n\ndata: {\"type\":\"novelty\"}\n\n", &mut out).unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (0, 0));
    decoder.push(b"data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n", &mut out).unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (1, 0));
    for (n, kind) in (1..).zip(["output_text", "reasoning_summary_text", "refusal", "code_interpreter_call_code"]) {
        let event = format!("data: {{\"type\":\"response.{kind}.delta\",\"output_index\":{n},\"delta\":\"x\"}}\n\n");
        decoder.push(event.as_bytes(), &mut out).unwrap();
        assert_eq!((decoder.events_seen(), decoder.progress_seen()), (n + 1, n), "{kind}");
    }
    decoder.push(b"data: {\"type\":\"response.web_search_call.searching\",\"output_index\":9}\n\n", &mut out).unwrap();
    assert_eq!((decoder.events_seen(), decoder.progress_seen()), (6, 4));
}

#[test]
fn endless_answers_are_stopped_whatever_they_are_made_of() {
    let long = "y".repeat(1 << 19);
    let delta = |kind: &str, at: usize| {
        format!("data: {{\"type\":\"response.{kind}.delta\",\"output_index\":{at},\"delta\":\"{long}\"}}\n\n")
    };
    let item = |when: &str, at: usize, fields: &str| {
        format!("data: {{\"type\":\"response.output_item.{when}\",\"output_index\":{at},\"item\":{{{fields}}}}}\n\n")
    };
    let call = "\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\"";
    let pieces: [(&str, Piece<'_>); 8] = [
        ("text", Box::new(|_| delta("output_text", 0))),
        ("reasoning", Box::new(|_| delta("reasoning_text", 0))),
        ("arguments", Box::new(|n| if n == 0 { item("added", 0, call) } else { delta("function_call_arguments", 0) })),
        ("tools", Box::new(|n| item("done", n, &format!("\"type\":\"shell_call\",\"action\":\"{long}\"")))),
        (
            "reasoning items",
            Box::new(|n| item("done", n, &format!("\"type\":\"reasoning\",\"encrypted_content\":\"{long}\""))),
        ),
        (
            "sources",
            Box::new(|_| {
                format!(
                    "data: {{\"type\":\"response.output_text.annotation.added\",\"annotation\":{{\"url\":\"{long}\"}}}}\n\n"
                )
            }),
        ),
        ("open items", Box::new(|n| (0..200).map(|i| item("added", n * 200 + i, "\"type\":\"message\"")).collect())),
        ("calls", Box::new(|n| (0..200).map(|i| item("added", n * 200 + i, call)).collect())),
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
        r#"{"type":7,"output_index":"x"}"#,
        r#"{"type":"response.created","response":7}"#,
        r#"{"type":"response.in_progress","response":{"id":{},"model":[],"usage":7,"output":0}}"#,
        r#"{"type":"response.output_item.added","item":[]}"#,
        r#"{"type":"response.output_item.added","output_index":1e99,"item":{"type":null}}"#,
        r#"{"type":"response.output_item.done","output_index":-4,"item":{"type":"message","content":{},"id":7,"phase":[]}}"#,
        r#"{"type":"response.output_item.done","output_index":2,"item":{"type":"function_call","call_id":7,"name":null,"arguments":[]}}"#,
        r#"{"type":"response.output_item.done","output_index":3,"item":{"type":"reasoning","summary":7,"content":[7],"encrypted_content":[]}}"#,
        r#"{"type":"response.output_item.done","output_index":4,"item":{"type":"image_generation_call","result":{"a":1}}}"#,
        r#"{"type":"response.output_text.delta","delta":{"text":"no"}}"#,
        r#"{"type":"response.output_text.annotation.added","annotation":"no object"}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":77,"delta":"{}"}"#,
        r#"{"type":"keepalive","error":null}"#,
        r#"["type"]"#,
        "null",
    ];
    for event in odd {
        let body = format!(
            "data: {event}\n\ndata: {{\"type\":\"response.output_text.delta\",\"output_index\":9,\"delta\":\"x\"}}\n\n\
             data: {{\"type\":\"response.completed\",\"response\":{{\"status\":{{}},\"usage\":\"none\"}}}}\n\n"
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
    let item = format!("data: {{\"type\":\"response.output_item.done\",\"item\":{deep}");
    for body in [item, format!("data: {{\"other\":{deep}\n\n"), deep] {
        let (_, error) = run(&vendor(), [body.as_bytes()]);
        assert_eq!(error.map(|e| e.category), Some(BrokenStream));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Events in any order, again and again, late or without a beginning: nothing panics, nothing comes after the
    /// end, every delta of a call belongs to one that began, and only a finished answer ends its calls.
    #[test]
    fn items_in_any_order_keep_the_rules(picks in prop::collection::vec(any::<prop::sample::Index>(), 1..60)) {
        let lines = rules::data_lines(DialectId::OpenaiResponses);
        let body: String = picks.iter().map(|pick| format!("{}\n\n", pick.get(&lines))).collect();
        let (events, error) = run(&vendor(), [body.as_bytes()]);
        rules::kept(&events, error.as_ref())?;
    }
}
