//! OpenAI chat over real sockets: a stream is whole or it is broken, never in between (NET-3).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::sync::Arc;

use futures::StreamExt;
use parlance_providers::catalog::{Catalog, DialectId};
use parlance_providers::dialects::dialect;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, FinishClass, Message, Part, Provider, ProviderError, Role,
};
use parlance_tests::{FaultyUpstream, Script, wire};

fn provider(base_url: String) -> HttpProvider {
    let vendor = Catalog::bundled().get("openai-compatible").expect("a bundled vendor").clone();
    let dialect = dialect(DialectId::OpenaiChat).expect("a dialect with a wire");
    HttpProvider::new(Arc::new(vendor), dialect, Endpoint { base_url, ..Endpoint::default() }).unwrap()
}

fn request() -> ChatRequest {
    ChatRequest::new("m", vec![Message::text(Role::User, "hello")])
}

async fn play(script: Script) -> (Vec<ChatEvent>, Option<ProviderError>) {
    let upstream = FaultyUpstream::start([script]).await;
    let mut stream = match provider(upstream.base_url()).stream(request(), CancellationToken::new()).await {
        Ok(stream) => stream,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let (mut events, mut failure) = (Vec::new(), None);
    while let Some(item) = stream.next().await {
        assert!(failure.is_none(), "an error is the last item");
        match item {
            Ok(event) => events.push(event),
            Err(error) => failure = Some(error),
        }
    }
    (events, failure)
}

fn piece(delta: &str, finish: &str) -> Vec<u8> {
    wire::event(&format!(
        r#"{{"id":"c1","object":"chat.completion.chunk","model":"served","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
    ))
}

/// Text and a tool call; the last three are the finish reason, the usage and the end marker.
fn answer() -> Vec<Vec<u8>> {
    let call = |rest: &str| piece(&format!(r#"{{"tool_calls":[{{"index":0,{rest}}}]}}"#), "null");
    vec![
        piece(r#"{"role":"assistant","content":""}"#, "null"),
        piece(r#"{"content":"Hello"}"#, "null"),
        piece(r#"{"content":" wörld 👋"}"#, "null"),
        call(r#""id":"t1","type":"function","function":{"name":"look","arguments":""}"#),
        call(r#""function":{"arguments":"{\"a\""}"#),
        call(r#""function":{"arguments":":1}"}"#),
        piece("{}", r#""tool_calls""#),
        wire::event(r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}"#),
        wire::event("[DONE]"),
    ]
}

fn text(events: &[ChatEvent]) -> String {
    let texts = events.iter().filter_map(|e| match e {
        ChatEvent::TextDelta { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn finished(events: &[ChatEvent]) -> bool {
    events.iter().any(|e| matches!(e, ChatEvent::Finished { .. }))
}

#[tokio::test]
async fn a_whole_stream_gives_the_same_events_however_it_is_framed_and_cut() {
    let body = answer().concat();
    let plain = Script::new().send(wire::sse_head()).send(body.clone()).close();
    let (events, error) = play(plain).await;
    assert_eq!(error, None);
    assert_eq!(text(&events), "Hello wörld 👋");
    assert!(matches!(events.last(), Some(ChatEvent::Finished { class: FinishClass::ToolCalls, .. })), "{events:?}");
    assert!(events.iter().any(|e| matches!(e, ChatEvent::Usage(u) if u.output_total == Some(5))));

    let chunks: Vec<u8> = answer().iter().flat_map(|e| wire::chunk(e)).collect();
    let chunked = [wire::sse_head_chunked(), chunks, wire::LAST_CHUNK.to_vec()].concat();
    let sized = [wire::sse_head_sized(body.len()), body.clone()].concat();
    let scripts = [
        ("chunked", Script::new().send(chunked.clone())),
        ("sized", Script::new().send(sized)),
        ("byte by byte", Script::new().dribble(chunked)),
        ("no end of the connection", Script::new().send(wire::sse_head()).send(body).stall()),
    ];
    for (name, script) in scripts {
        let outcome = play(script).await;
        assert_eq!(merged(&outcome.0), merged(&events), "{name}");
        assert_eq!(outcome.1, None, "{name}");
    }
}

/// Neighbouring text is one text, because its borders follow those of the packets.
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

/// Each way a connection can end early, after `body` was sent.
fn faults(events: &[Vec<u8>]) -> [(&'static str, Script); 6] {
    let body = events.concat();
    let chunks: Vec<u8> = events.iter().flat_map(|e| wire::chunk(e)).collect();
    [
        ("end of the connection", Script::new().send(wire::sse_head()).send(body.clone()).close()),
        ("last chunk", Script::new().send(wire::sse_head_chunked()).send([&chunks, wire::LAST_CHUNK].concat()).close()),
        ("reset", Script::new().send(wire::sse_head()).send(body.clone()).reset()),
        (
            "bad chunk",
            Script::new().send(wire::sse_head_chunked()).send([chunks.as_slice(), b"zz\r\n"].concat()).close(),
        ),
        ("no last chunk", Script::new().send(wire::sse_head_chunked()).send(chunks).close()),
        ("short length", Script::new().send(wire::sse_head_sized(body.len() + 9)).send(body).close()),
    ]
}

#[tokio::test]
async fn a_stream_cut_after_any_event_by_any_fault_is_broken() {
    let whole = answer();
    let before_finish = whole.len() - 3;
    for count in 0..=before_finish {
        for (name, script) in faults(&whole[..count]) {
            let (events, error) = play(script).await;
            let error = error.unwrap_or_else(|| panic!("{name} after {count} events: taken for whole"));
            assert_eq!(error.category, Category::BrokenStream, "{name} after {count} events: {error:?}");
            assert!(!finished(&events), "{name} after {count} events: {events:?}");
            let ended = events.iter().any(|e| matches!(e, ChatEvent::ToolCallEnd { .. }));
            assert!(!ended, "{name} after {count} events: a call that was cut off must not run");
            if name != "reset" && count > 2 {
                assert_eq!(text(&events), "Hello wörld 👋", "{name} after {count} events: text is kept");
            }
        }
    }
}

#[tokio::test]
async fn a_cut_within_any_event_is_broken() {
    let whole = answer();
    let end = whole[..whole.len() - 3].concat().len();
    let body = whole.concat();
    for cut in (1..end).step_by(7) {
        let script = Script::new().send(wire::sse_head()).send(body[..cut].to_vec()).close();
        let (events, error) = play(script).await;
        assert_eq!(error.map(|e| e.category), Some(Category::BrokenStream), "after {cut} bytes");
        assert!(!finished(&events), "after {cut} bytes");
    }
}

#[tokio::test]
async fn a_finish_reason_is_an_end_where_the_marker_is_missing() {
    let whole = answer();
    for count in [whole.len() - 2, whole.len() - 1] {
        let script = Script::new().send(wire::sse_head()).send(whole[..count].concat()).close();
        let (events, error) = play(script).await;
        assert_eq!(error, None, "{count} events");
        assert!(matches!(events.last(), Some(ChatEvent::Finished { class: FinishClass::ToolCalls, .. })));
    }
}

#[tokio::test]
async fn an_error_inside_a_good_answer_is_an_error() {
    let error = r#"{"error":{"message":"The engine is overloaded","type":"overloaded_error","code":503}}"#;
    let before = Script::new().send(wire::sse_head()).send(wire::event(error)).close();
    let after = [answer()[..3].concat(), wire::event(error)].concat();
    let after = Script::new().send(wire::sse_head()).send(after).stall();
    let json = Script::new().send(wire::answer("200 OK", "application/json", error.as_bytes()));
    for (name, script) in [("first", before), ("later", after), ("as JSON", json)] {
        let (events, failure) = play(script).await;
        let failure = failure.unwrap_or_else(|| panic!("{name}: no error"));
        assert!(failure.message.contains("overloaded"), "{name}: {failure:?}");
        assert!(!finished(&events), "{name}");
    }
}

#[tokio::test]
async fn a_whole_json_answer_to_a_streaming_request_is_read() {
    let body = r#"{"id":"c1","model":"served","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
    let (events, error) = play(Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()))).await;
    assert_eq!((text(&events).as_str(), error), ("hi", None));
    assert!(matches!(events.last(), Some(ChatEvent::Finished { class: FinishClass::Stop, .. })));

    let upstream =
        FaultyUpstream::start([Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()))]).await;
    let whole = provider(upstream.base_url()).complete(request(), CancellationToken::new()).await.unwrap();
    assert_eq!(whole.parts, [Part::text("hi")]);
}

#[tokio::test]
async fn refusals_keep_the_words_of_the_vendor() {
    let refusal =
        |status: &str, body: &str| Script::new().send(wire::answer(status, "application/json", body.as_bytes()));
    let table = [
        (
            refusal("401 Unauthorized", r#"{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}"#),
            Category::RejectedKey,
        ),
        (refusal("429 Slow", r#"{"error":{"message":"Slow down","type":"requests"}}"#), Category::RateLimited),
        (refusal("529 Busy", r#"{"error":{"message":"Overloaded"}}"#), Category::Overloaded),
    ];
    for (script, category) in table {
        let (events, error) = play(script).await;
        assert_eq!((events.len(), error.map(|e| e.category)), (0, Some(category)));
    }
}

#[tokio::test]
async fn lists_and_checks_models() {
    let list = wire::answer("200 OK", "application/json", br#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#);
    let html = wire::answer("200 OK", "text/html", b"<html>sign in</html>");
    let upstream = FaultyUpstream::start([list.clone(), list, html].map(|bytes| Script::new().send(bytes))).await;
    let provider = provider(upstream.base_url());
    let models = provider.models(CancellationToken::new()).await.unwrap();
    assert_eq!(models.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    provider.check(CancellationToken::new()).await.unwrap();
    assert_eq!(provider.check(CancellationToken::new()).await.unwrap_err().cause, Some("got_html"));
    assert!(upstream.requests().iter().all(|r| r.line() == "GET /v1/models HTTP/1.1"));
}
