//! Ollama over real sockets: a stream is whole or it is broken, never in between (NET-3).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::sync::Arc;

use futures::StreamExt;
use parlance_providers::catalog::{Catalog, DialectId};
use parlance_providers::dialects::dialect;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, EmbedRequest, FinishClass, Message, Part, Provider,
    ProviderError, Role,
};
use parlance_tests::{FaultyUpstream, Script, wire};

fn provider(base_url: String) -> HttpProvider {
    let vendor = Catalog::bundled().get("ollama").expect("a bundled vendor").clone();
    let dialect = dialect(DialectId::Ollama).expect("a dialect with a wire");
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

fn line(message: &str, rest: &str) -> Vec<u8> {
    let when = "2026-08-01T10:00:00Z";
    format!("{{\"model\":\"m\",\"created_at\":\"{when}\",\"message\":{message},{rest}}}\n").into_bytes()
}

/// Thinking, text and a tool call; the last line is the end.
fn answer() -> Vec<Vec<u8>> {
    let open = r#""done":false"#;
    vec![
        line(r#"{"role":"assistant","content":"","thinking":"Hm."}"#, open),
        line(r#"{"role":"assistant","content":"Hello"}"#, open),
        line(r#"{"role":"assistant","content":" wörld 👋"}"#, open),
        line(r#"{"content":"","tool_calls":[{"function":{"name":"look","arguments":{"a":1}}}]}"#, open),
        line(
            r#"{"role":"assistant","content":""}"#,
            r#""done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":5"#,
        ),
    ]
}

fn head(fields: &[(&str, &str)]) -> Vec<u8> {
    wire::head("200 OK", &[&[("content-type", "application/x-ndjson")], fields].concat())
}

fn text(events: &[ChatEvent]) -> String {
    let texts = events.iter().filter_map(|e| match e {
        ChatEvent::TextDelta { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[tokio::test]
async fn a_whole_stream_gives_the_same_events_however_it_is_framed_and_cut() {
    let body = answer().concat();
    let closing = [("connection", "close")];
    let upstream = FaultyUpstream::start([Script::new().send([head(&closing), body.clone()].concat()).close()]).await;
    let events = provider(upstream.base_url()).stream(request(), CancellationToken::new()).await.unwrap();
    let events: Vec<_> = events.map(Result::unwrap).collect().await;
    assert_eq!(text(&events), "Hello wörld 👋");
    assert!(matches!(events.last(), Some(ChatEvent::Finished { class: FinishClass::ToolCalls, .. })), "{events:?}");
    assert!(events.iter().any(|e| matches!(e, ChatEvent::Usage(u) if u.output_total == Some(5))));
    let asked = upstream.requests().remove(0);
    // The upstream's address ends in `/v1`, as people paste it.
    assert_eq!(asked.line(), "POST /api/chat HTTP/1.1");
    assert_eq!(asked.header("accept"), Some("application/x-ndjson"));
    assert_eq!(asked.header("origin"), None);

    let chunks: Vec<u8> = answer().iter().flat_map(|e| wire::chunk(e)).collect();
    let chunked = [head(&[("transfer-encoding", "chunked")]), chunks, wire::LAST_CHUNK.to_vec()].concat();
    let sized = [head(&[("content-length", &body.len().to_string())]), body.clone()].concat();
    let scripts = [
        ("chunked", Script::new().send(chunked.clone())),
        ("sized", Script::new().send(sized)),
        ("byte by byte", Script::new().dribble(chunked)),
        ("no end of the connection", Script::new().send([head(&closing), body].concat()).stall()),
    ];
    for (name, script) in scripts {
        assert_eq!(play(script).await, (events.clone(), None), "{name}");
    }
}

/// Each way a connection can end early, after `body` was sent.
fn faults(lines: &[Vec<u8>]) -> [(&'static str, Script); 6] {
    let body = lines.concat();
    let chunks: Vec<u8> = lines.iter().flat_map(|e| wire::chunk(e)).collect();
    let closing = [head(&[("connection", "close")]), body.clone()].concat();
    let chunked = [head(&[("transfer-encoding", "chunked")]), chunks].concat();
    let longer = (body.len() + 9).to_string();
    [
        ("end of the connection", Script::new().send(closing.clone()).close()),
        ("last chunk", Script::new().send([&*chunked, wire::LAST_CHUNK].concat()).close()),
        ("reset", Script::new().send(closing).reset()),
        ("bad chunk", Script::new().send([&*chunked, b"zz\r\n"].concat()).close()),
        ("no last chunk", Script::new().send(chunked).close()),
        ("short length", Script::new().send([head(&[("content-length", &longer)]), body].concat()).close()),
    ]
}

#[tokio::test]
async fn a_stream_cut_after_any_line_by_any_fault_is_broken() {
    let whole = answer();
    for count in 0..whole.len() {
        for (name, script) in faults(&whole[..count]) {
            let (events, error) = play(script).await;
            let error = error.unwrap_or_else(|| panic!("{name} after {count} lines: taken for whole"));
            assert_eq!(error.category, Category::BrokenStream, "{name} after {count} lines: {error:?}");
            let ended = |e: &ChatEvent| matches!(e, ChatEvent::Finished { .. } | ChatEvent::ToolCallEnd { .. });
            assert!(!events.iter().any(ended), "{name} after {count} lines: {events:?}");
            if name != "reset" && count > 2 {
                assert_eq!(text(&events), "Hello wörld 👋", "{name} after {count} lines: text is kept");
            }
        }
    }
}

#[tokio::test]
async fn failures_are_told_in_the_servers_words() {
    let json = |status: &str, body: &str| Script::new().send(wire::answer(status, "application/json", body.as_bytes()));
    let inside = [answer()[..2].concat(), b"{\"error\":\"server busy, please try again.\"}\n".to_vec()].concat();
    let table = [
        (json("404 Not Found", r#"{"error":"model 'm' not found"}"#), Category::UnknownModel),
        (json("401 No", r#"{"error":"unauthorized","signin_url":"https://ollama.com/x"}"#), Category::RejectedKey),
        (json("503 Busy", r#"{"error":"server busy, please try again."}"#), Category::Overloaded),
        (
            json("400 Bad Request", r#"{"error":"the input length exceeds the context length"}"#),
            Category::ContextTooLong,
        ),
        (json("400 Bad Request", r#"{"error":"\"m\" does not support tools"}"#), Category::BadRequest),
        (Script::new().send(head(&[("connection", "close")])).send(inside).stall(), Category::Overloaded),
    ];
    for (script, category) in table {
        let (events, error) = play(script).await;
        assert_eq!(error.as_ref().map(|e| e.category), Some(category), "{error:?}");
        assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. })));
    }
}

#[tokio::test]
async fn whole_answers_lists_checks_and_vectors() {
    let json = |body: &str| Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()));
    let scripts = [
        json(r#"{"model":"m","message":{"role":"assistant","content":"hi"},"done":true,"done_reason":"stop"}"#),
        json(r#"{"models":[{"name":"a:1b","model":"a:1b"},{"name":"b:2b"}]}"#),
        json(r#"{"version":"0.12.0"}"#),
        json(r#"{"error":"Unexpected endpoint or method. (GET /api/version)"}"#),
        json(r#"{"model":"m","embeddings":[[1,2],[3,4]],"prompt_eval_count":4}"#),
    ];
    let upstream = FaultyUpstream::start(scripts).await;
    let provider = provider(upstream.base_url());
    let free = CancellationToken::new;
    assert_eq!(provider.complete(request(), free()).await.unwrap().parts, [Part::text("hi")]);
    let models = provider.models(free()).await.unwrap();
    assert_eq!(models.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["a:1b", "b:2b"]);
    provider.check(free()).await.unwrap();
    provider.check(free()).await.unwrap_err();
    let request =
        EmbedRequest { model: "m".into(), inputs: vec!["a".into(), "b".into()], dimensions: None, purpose: None };
    assert_eq!(provider.embed(request, free()).await.unwrap().vectors, [Ok(vec![1.0, 2.0]), Ok(vec![3.0, 4.0])]);
    let lines: Vec<_> = upstream.requests().iter().map(|r| r.line().to_owned()).collect();
    let asked = ["POST /api/chat", "GET /api/tags", "GET /api/version", "GET /api/version", "POST /api/embed"];
    assert_eq!(lines, asked.map(|line| format!("{line} HTTP/1.1")));
}
