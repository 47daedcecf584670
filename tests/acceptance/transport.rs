//! The transport over real sockets: what leaves, what comes back, what each fault is called.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test stops where it is surprised")]

use std::sync::Arc;

use futures::StreamExt;
use parlance_providers::catalog::VendorTimeouts;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, Message, Part, Provider, ProviderError, Role, Secret,
};
use parlance_tests::lines::{LineDialect, vendor};
use parlance_tests::{Fact, FaultyUpstream, Flood, Gate, Script, wire};

const KEY: &str = "canary-key-0123456789";

fn endpoint(base_url: String) -> Endpoint {
    Endpoint { base_url, key: Some(Secret::from_pasted(KEY)), ..Endpoint::default() }
}

fn provider(base_url: String) -> HttpProvider {
    HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint(base_url)).unwrap()
}

fn request() -> ChatRequest {
    ChatRequest::new("m", vec![Message::text(Role::User, "hello")])
}

fn free() -> CancellationToken {
    CancellationToken::new()
}

/// The events and the error of one streamed request.
async fn stream(provider: &HttpProvider) -> (Vec<ChatEvent>, Option<ProviderError>) {
    let mut events = match provider.stream(request(), free()).await {
        Ok(events) => events,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let (mut seen, mut failure) = (Vec::new(), None);
    while let Some(item) = events.next().await {
        assert!(failure.is_none(), "an error is the last item");
        match item {
            Ok(event) => seen.push(event),
            Err(error) => failure = Some(error),
        }
    }
    (seen, failure)
}

async fn outcome_of(script: Script) -> (Vec<ChatEvent>, Option<ProviderError>) {
    let upstream = FaultyUpstream::start([script]).await;
    stream(&provider(upstream.base_url())).await
}

const GOOD: &[u8] = b"role\nt a\nt b\ndone\n";

#[tokio::test]
async fn sends_what_it_should_and_nothing_else() {
    let script = Script::new().send(wire::sse_head()).send(GOOD).close();
    let upstream = FaultyUpstream::start([script]).await;
    let (events, error) = stream(&provider(upstream.base_url())).await;
    assert_eq!((events.len(), error), (4, None));

    let sent = upstream.requests().remove(0);
    assert_eq!(sent.line(), "POST /v1/chat HTTP/1.1");
    assert_eq!(sent.body, br#"{"model":"m"}"#);
    let agent = format!("Parlance/{}", env!("CARGO_PKG_VERSION"));
    let expected = [
        ("authorization", Some(format!("Bearer {KEY}"))),
        ("accept", Some("text/event-stream".to_owned())),
        ("accept-encoding", Some("identity".to_owned())),
        ("content-type", Some("application/json".to_owned())),
        ("user-agent", Some(agent)),
        ("x-line", Some("1".to_owned())),
        ("origin", None),
        ("referer", None),
        ("cookie", None),
    ];
    for (name, value) in expected {
        assert_eq!(sent.header(name), value.as_deref(), "{name}");
    }
}

#[tokio::test]
async fn puts_the_key_where_the_vendor_wants_it() {
    let styles = [
        ("bearer", "authorization", Some(format!("Bearer {KEY}"))),
        ("x-api-key", "x-api-key", Some(KEY.to_owned())),
        ("x-goog-api-key", "x-goog-api-key", Some(KEY.to_owned())),
        ("api-key", "api-key", Some(KEY.to_owned())),
        ("none", "authorization", None),
    ];
    for (style, header, value) in styles {
        let list = wire::answer("200 OK", "application/json", br#"{"models":["a"]}"#);
        let upstream = FaultyUpstream::start([Script::new().send(list)]).await;
        let vendor = Arc::new(vendor("cloud", style));
        let provider = HttpProvider::new(vendor, &LineDialect, endpoint(upstream.base_url())).unwrap();
        provider.check(free()).await.unwrap();
        let sent = upstream.requests().remove(0);
        assert_eq!(sent.header(header), value.as_deref(), "{style}");
        assert_eq!(sent.head.matches(KEY).count(), usize::from(value.is_some()), "{style}: nowhere else");
    }
}

#[tokio::test]
async fn without_a_required_key_nothing_leaves() {
    let upstream = FaultyUpstream::start([]).await;
    for key in [None, Some(Secret::from_pasted("  ''"))] {
        let endpoint = Endpoint { key, ..endpoint(upstream.base_url()) };
        let provider = HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint).unwrap();
        let errors = [
            provider.models(free()).await.unwrap_err(),
            provider.check(free()).await.unwrap_err(),
            provider.complete(request(), free()).await.unwrap_err(),
            stream(&provider).await.1.unwrap(),
        ];
        assert!(errors.iter().all(|e| e.category == Category::MissingKey), "{errors:?}");
    }
    assert_eq!(upstream.log().count(Fact::Connected), 0);
}

#[tokio::test]
async fn refuses_keys_and_headers_that_cannot_travel_without_repeating_them() {
    let new = |endpoint| HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint).err().unwrap();
    let base = || endpoint("http://127.0.0.1:1/v1".to_owned());
    for key in ["canary-ключ", "canary key", "canary\u{a0}key", "canary\r\nx-evil: 1", "canary\0"] {
        let error = new(Endpoint { key: Some(Secret::from_pasted(key)), ..base() });
        assert_eq!((error.category, error.cause), (Category::RejectedKey, Some("key_not_ascii")));
        assert!(!format!("{error:?}").contains("canary"));
    }
    let headers =
        [("Origin", "canary"), ("host", "canary"), ("bad name", "canary"), ("x-a", "canary\r\nb: c"), ("", "canary")];
    for (name, value) in headers {
        let error = new(Endpoint { headers: vec![(name.to_owned(), value.to_owned())], ..base() });
        assert_eq!(error.cause, Some("bad_header"), "{name}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn never_follows_a_redirect() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let canary = FaultyUpstream::start([]).await;
        let port = canary.address().port();
        let targets = [
            (format!("http://127.0.0.1:{port}/canary-path?key=canary"), format!("http://127.0.0.1:{port}")),
            (format!("http://localhost:{port}/canary-path"), format!("http://localhost:{port}")),
            (format!("https://127.0.0.1:{port}/canary-path"), format!("https://127.0.0.1:{port}")),
            (format!("//user:canary@127.0.0.1:{port}/canary-path"), format!("http://127.0.0.1:{port}")),
        ];
        for (target, origin) in targets {
            let answer = wire::head(status, &[("location", &target), ("content-length", "0")]);
            let upstream = FaultyUpstream::start(vec![Script::new().send(answer); 4]).await;
            let provider = provider(upstream.base_url());
            let errors = [
                stream(&provider).await.1.unwrap(),
                provider.complete(request(), free()).await.unwrap_err(),
                provider.models(free()).await.unwrap_err(),
                provider.check(free()).await.unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.cause, Some("redirected"));
                assert!(error.message.contains(&origin), "{error}");
                assert!(!error.message.contains("canary"), "{error}");
            }
        }
        assert_eq!(canary.log().count(Fact::Connected), 0, "the canary gets nothing");
    }
}

#[tokio::test]
async fn every_fault_has_its_name_and_repeats_no_secret() {
    let head = wire::sse_head;
    let broken = Category::BrokenStream;
    let table: Vec<(&str, Script, Category, Option<&str>, usize)> = vec![
        ("close before the head", Script::new().close(), Category::Network, Some("reset"), 0),
        ("reset before the head", Script::new().reset(), Category::Network, Some("reset"), 0),
        ("garbage", Script::new().send(&b"\x15\x03\x01\x00\x02\x02\x28"[..]).close(), broken, Some("not_http"), 0),
        (
            "half a head",
            Script::new().send(&b"HTTP/1.1 200 OK\r\ncont"[..]).close(),
            Category::Network,
            Some("reset"),
            0,
        ),
        ("nothing", Script::new().send(head()).close(), broken, Some("empty"), 0),
        ("blank", Script::new().send(head()).send(&b"\n\n"[..]).close(), broken, Some("empty"), 0),
        ("cut", Script::new().send(head()).send(&b"role\nt a\n"[..]).close(), broken, Some("cut_off"), 2),
        ("reset", Script::new().send(head()).send(&b"role\nt a\n"[..]).reset(), broken, Some("connection_lost"), 2),
        (
            "short length",
            Script::new().send(wire::sse_head_sized(500)).send(&b"role\nt a\n"[..]).close(),
            broken,
            Some("connection_lost"),
            2,
        ),
        (
            "bad chunk",
            Script::new()
                .send(wire::sse_head_chunked())
                .send(wire::chunk(b"role\nt a\n"))
                .send(&b"zz\r\nx"[..])
                .close(),
            broken,
            Some("connection_lost"),
            2,
        ),
        (
            "no last chunk",
            Script::new().send(wire::sse_head_chunked()).send(wire::chunk(b"role\nt a\n")).close(),
            broken,
            Some("connection_lost"),
            2,
        ),
        (
            "html type",
            Script::new().send(wire::answer("200 OK", "text/html; charset=utf-8", b"x")),
            broken,
            Some("got_html"),
            0,
        ),
        ("html body", Script::new().send(head()).send(&b"\n <!doctype html>"[..]).close(), broken, Some("got_html"), 0),
        (
            "error in the stream",
            Script::new().send(head()).send(&b"t a\nerror\n"[..]).stall(),
            Category::Overloaded,
            None,
            1,
        ),
        (
            "a refusal that repeats the key",
            Script::new().send(wire::answer("401 No", "text/plain", format!("bad key {KEY}!").as_bytes())),
            Category::Internal,
            None,
            0,
        ),
    ];
    for (name, script, category, cause, count) in table {
        // A reset may overtake the bytes before it: those that come are judged, not how many.
        let overtaken = name == "reset";
        let (events, error) = outcome_of(script).await;
        let error = error.unwrap_or_else(|| panic!("{name}: no error"));
        assert_eq!((error.category, error.cause), (category, cause), "{name}: {error:?}");
        assert!(events.len() == count || (overtaken && events.len() <= count), "{name}: {events:?}");
        assert!(!format!("{error:?} {error}").contains(KEY), "{name}: {error:?}");
        assert!(!events.iter().any(|e| matches!(e, ChatEvent::Finished { .. })), "{name}: never a good end");
    }
}

#[tokio::test]
async fn names_what_keeps_it_from_connecting() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_, error) = stream(&provider(format!("http://{closed}"))).await;
    assert_eq!(error.as_ref().map(|e| (e.category, e.cause)), Some((Category::Network, Some("refused"))));

    let (_, error) = stream(&provider("http://no-such-host.invalid/v1".to_owned())).await;
    assert_eq!(error.as_ref().map(|e| (e.category, e.cause)), Some((Category::Network, Some("dns"))), "{error:?}");

    let plain = FaultyUpstream::start([]).await;
    let timeouts = VendorTimeouts { connect_s: Some(1), ..VendorTimeouts::default() };
    let base_url = plain.base_url().replace("http://", "https://");
    let endpoint = Endpoint { timeouts, ..endpoint(base_url) };
    let provider = HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint).unwrap();
    let (_, error) = stream(&provider).await;
    assert_eq!(error.map(|e| (e.category, e.cause)), Some((Category::Timeout, Some("connect_timeout"))));
}

#[tokio::test]
async fn reads_a_stream_however_it_is_cut() {
    let expected = outcome_of(Script::new().send(wire::sse_head()).send(GOOD).close()).await;
    assert_eq!((expected.0.len(), &expected.1), (4, &None));
    let whole = [wire::sse_head_chunked(), wire::chunk(GOOD), wire::LAST_CHUNK.to_vec()].concat();
    assert_eq!(outcome_of(Script::new().dribble(whole)).await, expected);
    let ones = GOOD.iter().flat_map(|b| wire::chunk(&[*b]));
    let ones: Vec<u8> = wire::sse_head_chunked().into_iter().chain(ones).chain(wire::LAST_CHUNK.to_vec()).collect();
    assert_eq!(outcome_of(Script::new().send(ones)).await, expected);
}

#[tokio::test]
async fn a_finished_stream_leaves_its_connection_for_the_next() {
    let whole = [wire::sse_head_chunked(), wire::chunk(GOOD), wire::LAST_CHUNK.to_vec()].concat();
    let upstream = FaultyUpstream::start(vec![Script::new().send(whole); 3]).await;
    let provider = provider(upstream.base_url());
    for _ in 0..3 {
        assert_eq!(stream(&provider).await.1, None);
        // The connection goes back to the pool in a task of its own, on this same thread.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(upstream.log().count(Fact::Asked), 3);
    assert_eq!(upstream.log().count(Fact::Connected), 1);
}

/// Cancels once the upstream says `when`, and asserts that it saw the close while our side still held everything.
async fn cancelled_when(name: &str, base_url: String, upstream: &FaultyUpstream, when: Fact) {
    let cancel = free();
    let provider = provider(base_url);
    let token = cancel.clone();
    let call = async move {
        let mut events = provider.stream(request(), token).await.map_err(|e| e.category)?;
        while let Some(item) = events.next().await {
            item.map_err(|e| e.category)?;
        }
        Ok(())
    };
    let watch = async {
        upstream.log().seen(when, 1).await;
        let cancelled = upstream.mark("cancelled");
        cancel.cancel();
        let closed = upstream.log().seen(Fact::PeerClosed, 1).await;
        assert!(cancelled < closed, "{name}: closed before it was cancelled");
        println!("{name}: the peer saw the close after {:?}", upstream.log().between(cancelled, closed));
    };
    let (outcome, ()) = tokio::join!(call, watch);
    assert_eq!(outcome, Err::<(), _>(Category::Cancelled), "{name}");
}

#[tokio::test]
async fn the_peer_sees_the_close_at_every_stage() {
    let stages = [
        ("before the head", Script::new().mark("here").stall()),
        ("after the head", Script::new().send(wire::sse_head()).mark("here").stall()),
        ("in mid-stream", Script::new().send(wire::sse_head()).send(&b"role\nt a\n"[..]).mark("here").stall()),
        ("in a refusal", Script::new().send(wire::head("500 No", &[("content-length", "9")])).mark("here").stall()),
    ];
    for (name, script) in stages {
        let upstream = FaultyUpstream::start([script]).await;
        cancelled_when(name, upstream.base_url(), &upstream, Fact::Mark("here")).await;
    }
    let upstream = FaultyUpstream::start([]).await;
    let tls = upstream.base_url().replace("http://", "https://");
    cancelled_when("in the TLS handshake", tls, &upstream, Fact::Connected).await;
}

#[tokio::test]
async fn the_peer_sees_the_close_while_nobody_reads() {
    let flood = Flood { frame: b"t some words\n"[..].into(), count: u64::MAX, per_second: None };
    let upstream = FaultyUpstream::start([Script::new().send(wire::sse_head()).flood(flood)]).await;
    let cancel = free();
    let mut events = provider(upstream.base_url()).stream(request(), cancel.clone()).await.unwrap();
    events.next().await.unwrap().unwrap();
    let cancelled = upstream.mark("cancelled");
    cancel.cancel();
    let closed = upstream.log().seen(Fact::PeerClosed, 1).await;
    println!("back-pressure: the peer saw the close after {:?}", upstream.log().between(cancelled, closed));
    let last = events.collect::<Vec<_>>().await.pop().unwrap();
    assert_eq!(last.unwrap_err().category, Category::Cancelled);
}

#[tokio::test]
async fn the_peer_sees_the_close_when_the_stream_is_dropped() {
    let script = Script::new().send(wire::sse_head()).send(&b"t a\n"[..]).stall();
    let upstream = FaultyUpstream::start([script]).await;
    let mut events = provider(upstream.base_url()).stream(request(), free()).await.unwrap();
    events.next().await.unwrap().unwrap();
    let dropped = upstream.mark("dropped");
    drop(events);
    assert!(dropped < upstream.log().seen(Fact::PeerClosed, 1).await);
}

#[tokio::test]
async fn a_cancelled_request_does_not_leave() {
    let upstream = FaultyUpstream::start([]).await;
    let cancel = free();
    cancel.cancel();
    let provider = provider(upstream.base_url());
    assert_eq!(provider.stream(request(), cancel.clone()).await.err().unwrap().category, Category::Cancelled);
    assert_eq!(provider.models(cancel.clone()).await.unwrap_err().category, Category::Cancelled);
    assert_eq!(provider.complete(request(), cancel).await.unwrap_err().category, Category::Cancelled);
    assert_eq!(upstream.log().count(Fact::Connected), 0);
}

#[tokio::test]
async fn silence_before_the_head_ends_with_the_first_event_clock() {
    let upstream = FaultyUpstream::start([Script::new().mark("here").stall()]).await;
    let provider = provider(upstream.base_url());
    let pause = async {
        upstream.log().seen(Fact::Mark("here"), 1).await;
        tokio::time::pause();
    };
    let ((_, error), ()) = tokio::join!(stream(&provider), pause);
    assert_eq!(error.map(|e| (e.category, e.cause)), Some((Category::Timeout, Some("first_event_timeout"))));
    upstream.log().seen(Fact::PeerClosed, 1).await;
}

#[tokio::test]
async fn half_a_refusal_is_told_when_the_rest_does_not_come() {
    let head = wire::head("503 Busy", &[("content-length", "900"), ("x-request-id", "r1")]);
    let script = Script::new().send(head).send(&b"try later"[..]).mark("here").stall();
    let upstream = FaultyUpstream::start([script]).await;
    let provider = provider(upstream.base_url());
    let cut = Gate::new();
    let pause = async {
        upstream.log().seen(Fact::Mark("here"), 1).await;
        cut.open();
        tokio::time::pause();
    };
    let ((_, error), ()) = tokio::join!(stream(&provider), pause);
    let error = error.unwrap();
    assert_eq!((error.status, error.request_id.as_deref()), (Some(503), Some("r1")));
}

#[tokio::test]
async fn whole_answers_and_lists_are_read_and_bounded() {
    let json = |body: &str| Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()));
    let upstream = FaultyUpstream::start([json(r#"{"text":"hi"}"#)]).await;
    let whole = provider(upstream.base_url()).complete(request(), free()).await.unwrap();
    assert_eq!(whole.parts, [Part::text("hi")]);
    assert_eq!(upstream.requests()[0].header("accept"), Some("application/json"));

    let flood = Flood { frame: vec![b' '; 1 << 16].into(), count: 1 << 14, per_second: None };
    let endless = Script::new().send(wire::head("200 OK", &[("connection", "close")])).flood(flood).close();
    let upstream = FaultyUpstream::start([endless]).await;
    let error = provider(upstream.base_url()).models(free()).await.unwrap_err();
    assert_eq!((error.category, error.cause), (Category::BrokenStream, Some("too_large")));
    upstream.log().seen(Fact::PeerClosed, 1).await;

    for (body, cause) in [("", "empty"), (" \n", "empty"), ("<html>", "got_html")] {
        let upstream = FaultyUpstream::start([json(body)]).await;
        assert_eq!(provider(upstream.base_url()).check(free()).await.unwrap_err().cause, Some(cause));
    }
    let upstream = FaultyUpstream::start([json(r#"{"hello":"from another server"}"#)]).await;
    provider(upstream.base_url()).check(free()).await.unwrap_err();
}

#[tokio::test]
async fn model_lists_are_followed_page_by_page_and_end() {
    let page = |body: String| Script::new().send(wire::answer("200 OK", "application/json", body.as_bytes()));
    let pages = [r#"{"models":["a"],"next":"2"}"#, r#"{"models":["b"],"next":"3"}"#, r#"{"models":["c"]}"#];
    let upstream = FaultyUpstream::start(pages.map(|p| page(p.to_owned()))).await;
    let models = provider(upstream.base_url()).models(free()).await.unwrap();
    assert_eq!(models.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let lines: Vec<_> = upstream.requests().iter().map(|r| r.line().to_owned()).collect();
    assert_eq!(lines[1..], ["GET /v1/models?page=2 HTTP/1.1", "GET /v1/models?page=3 HTTP/1.1"]);

    let same = vec![page(r#"{"models":["a"],"next":"1"}"#.to_owned()); 9];
    let upstream = FaultyUpstream::start(same).await;
    assert_eq!(provider(upstream.base_url()).models(free()).await.unwrap().len(), 2);

    let endless = (0..99).map(|n| page(format!(r#"{{"models":["a"],"next":"{n}"}}"#)));
    let upstream = FaultyUpstream::start(endless).await;
    assert_eq!(provider(upstream.base_url()).models(free()).await.unwrap().len(), 50);
}
