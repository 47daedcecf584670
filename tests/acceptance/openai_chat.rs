//! What only OpenAI chat does, over real sockets. What every wire must do stands in `wires.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use parlance_providers::catalog::DialectId::OpenaiChat;
use parlance_providers::{CancellationToken, Category, FinishClass, Part, Provider};
use parlance_tests::wires::{Outcome, asking, play, provider};
use parlance_tests::{FaultyUpstream, Script, wire};

async fn outcome_of(script: Script) -> Outcome {
    let upstream = FaultyUpstream::start([script]).await;
    play(&provider(OpenaiChat, &upstream.base_url()), asking("m", "hello")).await
}

#[tokio::test]
async fn a_finish_reason_is_an_end_where_the_marker_is_missing() {
    let events = [
        wire::event(
            r#"{"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"look","arguments":"{}"}}]},"finish_reason":null}]}"#,
        ),
        wire::event(r#"{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#),
        wire::event(r#"{"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}"#),
    ];
    for count in [2, 3] {
        let outcome = outcome_of(Script::new().send(wire::sse_head()).send(events[..count].concat()).close()).await;
        assert_eq!((outcome.error.as_ref(), outcome.finish()), (None, Some(FinishClass::ToolCalls)), "{count} events");
        assert!(outcome.ended_a_call(), "{count} events");
        assert_eq!(outcome.usage().and_then(|u| u.output_total), (count == 3).then_some(5));
    }
}

#[tokio::test]
async fn a_whole_json_answer_to_a_streaming_request_is_read() {
    let body = r#"{"id":"c1","model":"served","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
    let outcome = outcome_of(Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()))).await;
    assert_eq!((outcome.text().as_str(), outcome.error.as_ref()), ("hi", None));
    assert_eq!(outcome.finish(), Some(FinishClass::Stop));

    let upstream =
        FaultyUpstream::start([Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()))]).await;
    let provider = provider(OpenaiChat, &upstream.base_url());
    let whole = provider.complete(asking("m", "hello"), CancellationToken::new()).await.unwrap();
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
        let outcome = outcome_of(script).await;
        assert_eq!((outcome.events.len(), outcome.error.map(|e| e.category)), (0, Some(category)));
    }
}

#[tokio::test]
async fn lists_and_checks_models() {
    let list = wire::answer("200 OK", "application/json", br#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#);
    let html = wire::answer("200 OK", "text/html", b"<html>sign in</html>");
    let upstream = FaultyUpstream::start([list.clone(), list, html].map(|bytes| Script::new().send(bytes))).await;
    let provider = provider(OpenaiChat, &upstream.base_url());
    let models = provider.models(CancellationToken::new()).await.unwrap();
    assert_eq!(models.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    provider.check(CancellationToken::new()).await.unwrap();
    assert_eq!(provider.check(CancellationToken::new()).await.unwrap_err().cause, Some("got_html"));
    assert!(upstream.requests().iter().all(|r| r.line() == "GET /v1/models HTTP/1.1"));
}
