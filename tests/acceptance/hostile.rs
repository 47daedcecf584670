//! Answers made to exhaust whoever reads them, over real sockets: packed bombs, endless heads; and the honest ones
//! that look like them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::io::Write as _;
use std::sync::Arc;

use async_compression::tokio::bufread::BrotliEncoder;
use flate2::{Compression, write::GzEncoder};
use futures::StreamExt;
use parlance_providers::catalog::Catalog;
use parlance_providers::dialects::dialect;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, Message, Part, Provider, ProviderError, Role, Secret,
};
use parlance_tests::lines::{LineDialect, vendor};
use parlance_tests::{Fact, FaultyUpstream, Gate, Script, wire};
use tokio::io::AsyncReadExt;

const MEBI: usize = 1 << 20;
const LINE: &[u8] = b": nothing at all\n";

fn endpoint(base_url: String) -> Endpoint {
    Endpoint { base_url, key: Some(Secret::from_pasted("canary-key-0123456789")), ..Endpoint::default() }
}

fn provider(upstream: &FaultyUpstream) -> HttpProvider {
    HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint(upstream.base_url())).unwrap()
}

fn request() -> ChatRequest {
    ChatRequest::new("m", vec![Message::text(Role::User, "hello")])
}

fn free() -> CancellationToken {
    CancellationToken::new()
}

fn cause<T>(outcome: Result<T, ProviderError>) -> Option<&'static str> {
    let error = outcome.err().expect("a refusal");
    assert_eq!(error.category, Category::BrokenStream, "{error:?}");
    error.cause
}

/// The events of one streamed request and how it ended.
async fn stream(provider: &HttpProvider) -> (Vec<ChatEvent>, Result<(), ProviderError>) {
    let mut events = match provider.stream(request(), free()).await {
        Ok(events) => events,
        Err(error) => return (Vec::new(), Err(error)),
    };
    let mut seen = Vec::new();
    while let Some(item) = events.next().await {
        match item {
            Ok(event) => seen.push(event),
            Err(error) => return (seen, Err(error)),
        }
    }
    (seen, Ok(()))
}

fn gzip(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    pieces.for_each(|piece| packer.write_all(&piece).unwrap());
    packer.finish().unwrap()
}

async fn brotli(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let plain: Vec<u8> = pieces.flatten().collect();
    let mut packed = Vec::new();
    BrotliEncoder::with_quality(&*plain, async_compression::Level::Fastest).read_to_end(&mut packed).await.unwrap();
    packed
}

/// An answer that says how it is packed.
fn packed(kind: &str, way: &str, body: &[u8]) -> Script {
    let length = body.len().to_string();
    let fields = [("content-type", kind), ("content-encoding", way), ("content-length", &*length)];
    Script::new().send([wire::head("200 OK", &fields), body.to_vec()].concat())
}

/// So many mebibytes of lines that say nothing, in pieces.
fn nothing(mebis: usize) -> impl Iterator<Item = Vec<u8>> {
    let piece = LINE.repeat(MEBI / LINE.len());
    (0..mebis).map(move |_| piece.clone())
}

#[tokio::test]
async fn a_small_body_that_unpacks_to_a_huge_one_is_refused() {
    let bombs = [("gzip", gzip(nothing(1)).repeat(80)), ("br", brotli(nothing(8)).await)];
    for (way, bomb) in bombs {
        assert!(bomb.len() < MEBI, "{way}: {} bytes", bomb.len());
        let script = packed("application/json", way, &bomb);
        let upstream = FaultyUpstream::start(vec![script; 2]).await;
        assert_eq!(cause(provider(&upstream).models(free()).await), Some("too_large"), "{way}");
        assert_eq!(cause(provider(&upstream).complete(request(), free()).await), Some("too_large"), "{way}");

        let upstream = FaultyUpstream::start([packed("text/event-stream", way, &bomb).stall()]).await;
        let (events, end) = stream(&provider(&upstream)).await;
        assert_eq!((events.len(), cause(end)), (0, Some("too_large")), "{way}");
        upstream.log().seen(Fact::PeerClosed, 1).await;
    }
}

#[tokio::test]
async fn what_unpacks_to_two_hundred_times_its_size_is_refused_long_before_the_limit() {
    for (way, body) in [("gzip", gzip(nothing(1)).repeat(8)), ("br", brotli(nothing(8)).await)] {
        let upstream = FaultyUpstream::start([packed("text/event-stream", way, &body)]).await;
        let (_, end) = stream(&provider(&upstream)).await;
        assert_eq!(cause(end), Some("too_large"), "{way}: {} bytes", body.len());
    }
    // Below a mebibyte nobody is harmed.
    let small = [br#"{"text":"hi"}"#.to_vec(), vec![b' '; MEBI - 100]].concat();
    let upstream = FaultyUpstream::start([packed("application/json", "gzip", &gzip([small].into_iter()))]).await;
    assert_eq!(provider(&upstream).complete(request(), free()).await.unwrap().parts, [Part::text("hi")]);
}

#[tokio::test]
async fn what_unpacks_to_more_than_is_ever_read_is_refused_at_any_ratio() {
    // Stored, not packed: one mebibyte of comments, over and over.
    let mut packer = GzEncoder::new(Vec::new(), Compression::none());
    (0..1024).for_each(|_| packer.write_all(&[b":".as_slice(), &[b'x'; 1022], b"\n"].concat()).unwrap());
    let mebi = packer.finish().unwrap();
    for (count, expected) in [(60, "empty"), (70, "too_large")] {
        let upstream = FaultyUpstream::start([packed("text/event-stream", "gzip", &mebi.repeat(count))]).await;
        let vendor = Arc::new(Catalog::bundled().get("openai-compatible").unwrap().clone());
        let dialect = dialect(vendor.dialect).unwrap();
        let provider = HttpProvider::new(vendor, dialect, endpoint(upstream.base_url())).unwrap();
        let (_, end) = stream(&provider).await;
        assert_eq!(cause(end), Some(expected), "{count} MiB");
    }
}

#[tokio::test]
async fn honest_packed_answers_are_read() {
    let body = || [br#"{"text":"hi"}"#.to_vec()].into_iter();
    let two_members = [gzip([b"{\"text\":".to_vec()].into_iter()), gzip([b"\"hi\"}".to_vec()].into_iter())].concat();
    let answers = [
        ("gzip", gzip(body())),
        ("x-gzip", two_members),
        ("br", brotli(body()).await),
        ("identity", body().collect::<Vec<_>>().concat()),
    ];
    for (way, bytes) in answers {
        let upstream = FaultyUpstream::start([packed("application/json", way, &bytes)]).await;
        let whole = provider(&upstream).complete(request(), free()).await.unwrap();
        assert_eq!(whole.parts, [Part::text("hi")], "{way}");
        assert_eq!(upstream.requests()[0].header("accept-encoding"), Some("gzip, br"));
    }
}

#[tokio::test]
async fn events_of_a_packed_stream_come_as_they_are_sent() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(b"role\nt a\n").unwrap();
    packer.flush().unwrap();
    let first = std::mem::take(packer.get_mut());
    packer.write_all(b"t b\ndone\n").unwrap();
    let rest = packer.finish().unwrap();
    let gate = Gate::new();
    let head = wire::head("200 OK", &[("content-encoding", "gzip"), ("connection", "close")]);
    let script = Script::new().send([head, first].concat()).wait(&gate).send(rest).close();
    let upstream = FaultyUpstream::start([script]).await;
    let mut events = provider(&upstream).stream(request(), free()).await.unwrap();
    assert!(matches!(events.next().await, Some(Ok(ChatEvent::Started { .. }))));
    assert!(matches!(events.next().await, Some(Ok(ChatEvent::TextDelta { .. }))));
    gate.open();
    let rest: Vec<_> = events.collect().await;
    assert!(matches!(rest.as_slice(), [Ok(ChatEvent::TextDelta { .. }), Ok(ChatEvent::Finished { .. })]), "{rest:?}");
}

#[tokio::test]
async fn what_cannot_be_unpacked_says_so() {
    let whole = gzip(nothing(1));
    let half = &whole[..whole.len() / 2];
    let head = |way: &str| wire::head("200 OK", &[("content-encoding", way), ("connection", "close")]);
    let table: [(&str, &[u8], &str); 7] = [
        ("gzip", b"not gzip at all", "unreadable"),
        ("br", b"\xff\xff\xff\xff\xff", "unreadable"),
        ("gzip", half, "connection_lost"),
        ("deflate", b"x", "unreadable"),
        ("zstd", b"x", "unreadable"),
        ("gzip, br", b"x", "unreadable"),
        ("gzip\r\ncontent-encoding: gzip", b"x", "unreadable"),
    ];
    for (way, body, expected) in table {
        let script = Script::new().send([head(way), body.to_vec()].concat()).close();
        let upstream = FaultyUpstream::start(vec![script; 2]).await;
        assert_eq!(cause(provider(&upstream).models(free()).await), Some(expected), "{way}");
        assert_eq!(cause(stream(&provider(&upstream)).await.1), Some(expected), "{way}");
    }
    // A refusal is told by its status, whatever its body is.
    let refusal = wire::head("503 Busy", &[("content-encoding", "zstd"), ("content-length", "0")]);
    let upstream = FaultyUpstream::start([Script::new().send(refusal)]).await;
    assert_eq!(provider(&upstream).models(free()).await.unwrap_err().status, Some(503));
}

#[tokio::test]
async fn a_head_beyond_its_limit_is_refused() {
    let value = "x".repeat(1000);
    let answer = |count: usize| {
        let body = br#"{"models":["a"]}"#;
        let names: Vec<String> = (0..count).map(|n| format!("x-{n}")).collect();
        let mut fields: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), value.as_str())).collect();
        fields.extend([("content-type", "application/json"), ("content-length", "16")]);
        Script::new().send([wire::head("200 OK", &fields), body.to_vec()].concat())
    };
    let upstream = FaultyUpstream::start([answer(60), answer(70)]).await;
    assert_eq!(provider(&upstream).models(free()).await.unwrap().len(), 1);
    assert_eq!(cause(provider(&upstream).models(free()).await), Some("too_large"));

    // One line without an end: the connection is given up, whatever it is called.
    let endless = [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'x'; 4 * MEBI]].concat();
    let upstream = FaultyUpstream::start([Script::new().send(endless).stall()]).await;
    cause(provider(&upstream).models(free()).await);
    upstream.log().seen(Fact::PeerClosed, 1).await;
}

#[tokio::test]
async fn a_check_beside_the_model_list_wants_a_json_object() {
    let table = [
        ("200 OK", r#"{"data":{"label":"mine","limit":null}}"#, None),
        ("200 OK", r#"{"error":null,"data":{}}"#, None),
        ("200 OK", r#"{"error":{"code":401,"message":"No auth credentials found"}}"#, Some(Category::RejectedKey)),
        ("401 Unauthorized", r#"{"error":{"code":401,"message":"No"}}"#, Some(Category::RejectedKey)),
        ("200 OK", "<!doctype html><title>Sign in</title>", Some(Category::BrokenStream)),
        ("200 OK", "[]", Some(Category::BrokenStream)),
        ("200 OK", "OK", Some(Category::BrokenStream)),
        ("200 OK", "", Some(Category::BrokenStream)),
    ];
    let vendor = Arc::new(Catalog::bundled().get("openrouter").unwrap().clone());
    for (status, body, category) in table {
        let answer = wire::answer(status, "application/json", body.as_bytes());
        let upstream = FaultyUpstream::start([Script::new().send(answer)]).await;
        let dialect = dialect(vendor.dialect).unwrap();
        let base_url = upstream.base_url();
        let provider = HttpProvider::new(vendor.clone(), dialect, endpoint(base_url)).unwrap();
        let outcome = provider.check(free()).await;
        assert_eq!(outcome.err().map(|e| e.category), category, "{status} {body}");
        assert_eq!(upstream.requests()[0].line(), "GET /v1/key HTTP/1.1");
    }
}
