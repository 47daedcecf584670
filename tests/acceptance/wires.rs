//! Every wire over a socket that fails: a stream is whole or it is broken (NET-3), an error inside a 200 is an error
//! (NET-6), a web page is not the API (NET-7).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

pub(crate) mod answers;

use answers::{Answer, TEXT, answer, failing_event, failures};
use futures::StreamExt;
use parlance_providers::catalog::DialectId;
use parlance_providers::{CancellationToken, Category, ChatEvent, FinishClass, Provider, ProviderError};
use parlance_tests::wires::{Outcome, WIRES, asking, calls, play, provider};
use parlance_tests::{FaultyUpstream, Gate, Script, wire};
use serde_json::{Value, json};

async fn outcome_of(id: DialectId, script: Script) -> Outcome {
    let upstream = FaultyUpstream::start([script]).await;
    play(&provider(id, &origin(&upstream)), asking("m", "hello")).await
}

fn origin(upstream: &FaultyUpstream) -> String {
    format!("http://{}", upstream.address())
}

fn head(answer: &Answer, framing: &[(&str, &str)]) -> Vec<u8> {
    wire::head("200 OK", &[&[("content-type", answer.content_type)], framing].concat())
}

const UNTIL_CLOSED: &[(&str, &str)] = &[("connection", "close")];
const CHUNKED: &[(&str, &str)] = &[("transfer-encoding", "chunked")];

fn chunks(events: &[Vec<u8>]) -> Vec<u8> {
    events.iter().flat_map(|event| wire::chunk(event)).collect()
}

/// Neighbouring text is one text, because its borders may follow those of the packets.
fn merged(events: &[ChatEvent]) -> Vec<ChatEvent> {
    let mut out: Vec<ChatEvent> = Vec::new();
    for event in events {
        match (out.last_mut(), event) {
            (Some(ChatEvent::TextDelta { block: a, text }), ChatEvent::TextDelta { block: b, text: more })
                if a == b =>
            {
                text.push_str(more);
            }
            _ => out.push(event.clone()),
        }
    }
    out
}

#[tokio::test]
async fn a_whole_stream_gives_the_same_events_however_it_is_framed_and_cut() {
    for id in WIRES {
        let answer = answer(id);
        let body = answer.events.concat();
        let plain = outcome_of(id, Script::new().send(head(&answer, UNTIL_CLOSED)).send(body.clone()).close()).await;
        assert_eq!((plain.error.as_ref(), plain.text().as_str()), (None, TEXT), "{id:?}");
        let whole = plain.whole();
        let asked = calls(&whole.parts);
        let arguments: Value = serde_json::from_str(asked[0].2).unwrap();
        assert_eq!((asked.len(), asked[0].1, arguments), (1, "look", json!({ "a": 1 })), "{id:?}");
        assert!(
            matches!(plain.events.last(), Some(ChatEvent::Finished { class: FinishClass::ToolCalls, .. })),
            "{id:?}: {:?}",
            plain.events
        );
        let usage = plain.usage().unwrap();
        assert_eq!((usage.input_total, usage.output_total), (Some(3), Some(5)), "{id:?}");

        let chunked = [head(&answer, CHUNKED), chunks(&answer.events), wire::LAST_CHUNK.to_vec()].concat();
        let sized = [head(&answer, &[("content-length", &body.len().to_string())]), body.clone()].concat();
        let mut scripts = vec![
            ("chunked", Script::new().send(chunked.clone())),
            ("sized", Script::new().send(sized)),
            ("byte by byte", Script::new().dribble(chunked)),
        ];
        // Gemini's wire has no other end marker than the end of the body.
        if id != DialectId::Gemini {
            let open = Script::new().send(head(&answer, UNTIL_CLOSED)).send(body).stall();
            scripts.push(("no end of the connection", open));
        }
        for (name, script) in scripts {
            let outcome = outcome_of(id, script).await;
            assert_eq!(outcome.error, None, "{id:?}, {name}");
            assert_eq!(merged(&outcome.events), merged(&plain.events), "{id:?}, {name}");
        }
    }
}

/// Each way a connection can end early, after `events` were sent. The gate opens once they were read: a reset takes
/// away what was not.
fn faults(answer: &Answer, events: &[Vec<u8>], read: &Gate) -> [(&'static str, Script); 6] {
    let body = events.concat();
    let short = (body.len() + 9).to_string();
    let plain = Script::new().send([head(answer, UNTIL_CLOSED), body.clone()].concat());
    let chunked = [head(answer, CHUNKED), chunks(events)].concat();
    [
        ("end of the connection", plain.clone().close()),
        ("last chunk", Script::new().send([chunked.as_slice(), wire::LAST_CHUNK].concat()).close()),
        ("reset", plain.wait(read).reset()),
        ("bad chunk", Script::new().send([chunked.as_slice(), b"zz\r\n"].concat()).close()),
        ("no last chunk", Script::new().send(chunked).close()),
        ("short length", Script::new().send([head(answer, &[("content-length", &short)]), body].concat()).close()),
    ]
}

/// As [`play`], and the gate opens once all of `text` has come.
async fn play_to(id: DialectId, script: Script, text: &str, read: &Gate) -> Outcome {
    let upstream = FaultyUpstream::start([script]).await;
    let mut outcome = Outcome { events: Vec::new(), error: None };
    if text.is_empty() {
        read.open();
    }
    match provider(id, &origin(&upstream)).stream(asking("m", "hello"), CancellationToken::new()).await {
        Err(error) => outcome.error = Some(error),
        Ok(mut stream) => {
            while let Some(item) = stream.next().await {
                match item {
                    Ok(event) => outcome.events.push(event),
                    Err(error) => outcome.error = Some(error),
                }
                if outcome.text() == text {
                    read.open();
                }
            }
        }
    }
    outcome
}

#[tokio::test]
async fn a_stream_cut_after_any_event_by_any_fault_is_broken() {
    for id in WIRES {
        let answer = answer(id);
        for count in 0..answer.ended {
            let text = answer.text(count);
            for which in 0..6 {
                let read = Gate::new();
                let (fault, script) = faults(&answer, &answer.events[..count], &read)[which].clone();
                let name = format!("{id:?}, {fault} after {count} events");
                let outcome = play_to(id, script, &text, &read).await;
                let error = outcome.error.as_ref().unwrap_or_else(|| panic!("{name}: taken for whole"));
                // A reset may take the head of the answer with it, where nothing has come that would open the gate.
                let before_any = fault == "reset" && text.is_empty() && error.category == Category::Network;
                assert!(error.category == Category::BrokenStream || before_any, "{name}: {error:?}");
                assert_eq!(outcome.finish(), None, "{name}: {:?}", outcome.events);
                assert!(!outcome.ended_a_call(), "{name}: a call that was cut off must not run");
                assert_eq!(outcome.text(), text, "{name}: the text so far is kept");
                let usage = outcome.usage().unwrap_or_default();
                let input = (count >= answer.counted.0).then_some(3);
                assert!(usage.input_total == input || before_any || fault == "reset", "{name}: {usage:?}");
                assert_ne!(usage.output_total, Some(5), "{name}: the count of an answer that has not ended");
                if count < answer.counted.0 {
                    assert_eq!(outcome.usage(), None, "{name}: nobody has counted yet");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_cut_within_any_event_is_broken() {
    for id in WIRES {
        let answer = answer(id);
        let body = answer.events.concat();
        // The last event with the end in it must come whole.
        let end = answer.events[..answer.ended].concat().len() - 3;
        for cut in (1..end).step_by(7) {
            let script = Script::new().send(head(&answer, UNTIL_CLOSED)).send(body[..cut].to_vec()).close();
            let outcome = outcome_of(id, script).await;
            let category = outcome.error.as_ref().map(|e| e.category);
            assert_eq!(category, Some(Category::BrokenStream), "{id:?} after {cut} bytes");
            assert_eq!((outcome.finish(), outcome.ended_a_call()), (None, false), "{id:?} after {cut} bytes");
            assert!(TEXT.starts_with(&outcome.text()), "{id:?} after {cut} bytes: {:?}", outcome.events);
        }
    }
}

#[tokio::test]
async fn an_error_inside_a_good_answer_is_an_error() {
    for id in WIRES {
        let answer = answer(id);
        let begun = answer.texts.iter().rposition(|text| !text.is_empty()).unwrap() + 1;
        for (error, words, category) in failures(id) {
            let event = failing_event(id, error);
            let later = [answer.events[..begun].concat(), event.clone()].concat();
            let stream = |body: Vec<u8>| Script::new().send(head(&answer, UNTIL_CLOSED)).send(body);
            let table = [
                ("first", stream(event).stall(), ""),
                ("after text", stream(later).stall(), TEXT),
                ("as a document", Script::new().send(document(error)), ""),
            ];
            for (place, script, text) in table {
                let outcome = outcome_of(id, script).await;
                let name = format!("{id:?}, {place}: {error}");
                let failure = outcome.error.as_ref().unwrap_or_else(|| panic!("{name}: no error"));
                assert_eq!((failure.category, failure.message.as_str()), (category, words), "{name}: {failure:?}");
                assert_eq!((outcome.text().as_str(), outcome.finish()), (text, None), "{name}");
            }
            let upstream = FaultyUpstream::start([Script::new().send(document(error))]).await;
            let asked = provider(id, &origin(&upstream)).complete(asking("m", "hello"), CancellationToken::new()).await;
            let failure = asked.expect_err("an error, not an empty answer");
            assert_eq!((failure.category, failure.message.as_str()), (category, words), "{id:?}, whole: {error}");
        }
    }
}

fn document(body: &str) -> Vec<u8> {
    wire::answer("200 OK", "application/json", body.as_bytes())
}

const PORTAL: &str = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";
const LOGIN: &str = "<!doctype html>\n<html><body><form action=\"/login\"><input type=password></form></body></html>";
const MOVED: &str = "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><meta \
                     http-equiv=\"refresh\" content=\"0; url=https://portal.example/\"/></head></html>";

/// What a 200 may be that is not the API, and how it is called.
fn strangers() -> Vec<(&'static str, &'static str, String, &'static str)> {
    vec![
        ("a login page", "text/html; charset=utf-8", LOGIN.to_owned(), "got_html"),
        ("a captive portal", "TEXT/HTML", PORTAL.to_owned(), "got_html"),
        ("a page that moves on", "application/xhtml+xml", MOVED.to_owned(), "got_html"),
        ("a page under JSON's name", "application/json", LOGIN.to_owned(), "got_html"),
        ("a page under a stream's name", "text/event-stream", PORTAL.to_owned(), "got_html"),
        ("a page under the name of lines", "application/x-ndjson", MOVED.to_owned(), "got_html"),
        ("a page without a name", "", LOGIN.to_owned(), "got_html"),
        ("a page after white space", "text/plain", format!("\u{feff}\r\n\t {LOGIN}"), "got_html"),
        ("an empty page", "text/html", String::new(), "got_html"),
        ("nothing", "application/json", String::new(), "empty"),
        ("nothing of a stream", "text/event-stream", String::new(), "empty"),
        ("nothing without a name", "", String::new(), "empty"),
        ("white space", "application/json", "\r\n \n\n".to_owned(), "empty"),
    ]
}

fn stranger(content_type: &str, body: &str) -> Script {
    let length = body.len().to_string();
    let mut fields = vec![("content-length", length.as_str())];
    if !content_type.is_empty() {
        fields.push(("content-type", content_type));
    }
    Script::new().send([wire::head("200 OK", &fields).as_slice(), body.as_bytes()].concat())
}

#[tokio::test]
async fn what_is_not_the_api_is_called_by_its_name() {
    for id in WIRES {
        for (name, content_type, body, cause) in strangers() {
            let upstream =
                FaultyUpstream::start(std::array::from_fn::<_, 4, _>(|_| stranger(content_type, &body))).await;
            let provider = provider(id, &origin(&upstream));
            let outcome = play(&provider, asking("m", "hello")).await;
            assert_eq!(outcome.events, [], "{id:?}, {name}");
            let errors: [(&str, ProviderError); 4] = [
                ("stream", outcome.error.expect("an error")),
                ("whole", provider.complete(asking("m", "hello"), CancellationToken::new()).await.unwrap_err()),
                ("models", provider.models(CancellationToken::new()).await.unwrap_err()),
                ("check", provider.check(CancellationToken::new()).await.unwrap_err()),
            ];
            for (call, error) in errors {
                assert_eq!(
                    (error.category, error.cause),
                    (Category::BrokenStream, Some(cause)),
                    "{id:?}, {name}, {call}"
                );
                let peer = upstream.address().to_string();
                assert!(error.message.contains(&peer), "{id:?}, {name}, {call} names its host: {}", error.message);
            }
        }
    }
}

#[tokio::test]
async fn another_api_is_not_taken_for_an_empty_answer() {
    let others = [
        ("a status", "application/json", r#"{"status":"ok"}"#),
        ("a list", "application/json", "[]"),
        ("a text", "application/json", r#""pong""#),
        ("a number", "application/json", "42"),
        ("words", "text/plain", "It works!\n"),
        ("another stream", "text/event-stream", "event: hello\ndata: {\"hello\":1}\n\n"),
        ("other lines", "application/x-ndjson", "{\"hello\":1}\n{\"hello\":2}\n"),
    ];
    for id in WIRES {
        for (name, content_type, body) in others {
            let upstream = FaultyUpstream::start([stranger(content_type, body), stranger(content_type, body)]).await;
            let provider = provider(id, &origin(&upstream));
            let outcome = play(&provider, asking("m", "hello")).await;
            assert!(!outcome.events.iter().any(ChatEvent::is_output), "{id:?}, {name}: {:?}", outcome.events);
            let streamed = outcome.error.unwrap_or_else(|| panic!("{id:?}, {name}: taken for an answer"));
            let whole = provider.complete(asking("m", "hello"), CancellationToken::new()).await;
            let whole = whole.expect_err("taken for an answer");
            for error in [streamed, whole] {
                // A bare text may be read as words about a failure.
                let fits = matches!(error.category, Category::BrokenStream | Category::Internal);
                assert!(fits && error.code.is_none(), "{id:?}, {name}: {error:?}");
            }
        }
    }
}
