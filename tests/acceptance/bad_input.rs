//! What a person can get wrong when adding a provider, and what the network can do to it: each ends in one category
//! and one cause, the same for a check and for a message, and each cause of ours has words of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]
#![allow(clippy::print_stdout, reason = "the table is the result")]

use crate::wires::answers;
use std::net::SocketAddr;
use std::sync::Arc;

use parlance_core::clock::SystemClock;
use parlance_core::registry::{Connect, OverHttp};
use parlance_core::secrets::Secrets;
use parlance_core::view::{FailureView, KeyInput, ProviderInput, SendInput, Target};
use parlance_core::{App, Error, Host, Outside};
use parlance_providers::catalog::DialectId::{self, Anthropic, Bedrock, Cohere, Gemini, Ollama, OpenaiChat};
use parlance_providers::catalog::Vendor;
use parlance_providers::transport::{Endpoint, Proxy, ProxyServer};
use parlance_providers::{Category, Provider, ProviderError};
use parlance_tests::proxies::{Habit, MockProxy, Wire};
use parlance_tests::tls::{self, Authority};
use parlance_tests::{FaultyUpstream, Script, wire, wires};

const EVERY: [DialectId; 5] = [OpenaiChat, Anthropic, Gemini, Ollama, Cohere];
const KEY: &str = "canary-key-0123456789";
/// The words for every cause.
const SENTENCES: &str = include_str!("../../ui/src/lib/i18n/failures.en.ts");

/// What a person would set beside the address.
#[derive(Clone, Default)]
struct Beside {
    proxy: Option<String>,
    ca: Option<String>,
}

impl Connect for Beside {
    fn connect(&self, vendor: Arc<Vendor>, endpoint: Endpoint) -> Result<Arc<dyn Provider>, ProviderError> {
        let via = |url: &String| Proxy::Via(ProxyServer { url: url.clone(), user: None, password: None });
        let proxy = self.proxy.as_ref().map_or(Proxy::Off, via);
        OverHttp.connect(vendor, Endpoint { proxy, ca_pem: self.ca.clone().map(String::into_bytes), ..endpoint })
    }
}

/// How something ended: category, and our cause or the vendor's code.
type Ending = Result<String, (Category, Option<String>, String)>;

fn of(failure: &FailureView) -> (Category, Option<String>, String) {
    (failure.category, failure.code.clone(), failure.message.clone())
}

/// Adds a provider, checks it and sends a message: as a person would.
async fn tried(dialect: DialectId, base_url: &str, beside: &Beside) -> (Ending, Ending) {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Host {
        data_dir: folder.path().join("data"),
        version: "0.0.0",
        demo: false,
        clock: Arc::new(SystemClock),
        secrets: Secrets::new(|_| None),
        connect: Arc::new(beside.clone()),
        outside: Outside::below(folder.path()),
    })
    .await
    .unwrap();
    let input = ProviderInput {
        id: None,
        vendor: wires::vendor(dialect).id.clone(),
        name: "Mine".into(),
        base_url: base_url.into(),
        enabled: true,
        default_model: None,
        in_clear: true,
        fields: Default::default(),
    };
    let provider = app.save_provider(input).await.unwrap();
    app.set_key(&provider.accounts[0].id, KeyInput::Session { key: KEY.into() }).await.unwrap();
    let checked = app.check_provider(&provider.id, None).await.unwrap();
    let checked = match &checked.error {
        None => Ok(format!("{} models", checked.models)),
        Some(failure) => Err(of(failure)),
    };
    let (snapshot, mut reader) = app.attach("main");
    let target = Target { provider_id: provider.id, model: "m-1".into() };
    let sent = match app.send(SendInput::text(None, "hello", target)).await {
        Err(Error::Provider(error)) => Err(of(&FailureView::from(&error))),
        Err(error) => panic!("{error:?}"),
        Ok(receipt) => loop {
            let frame = reader.next().await.unwrap();
            app.acknowledge("main", &snapshot.attachment, frame.frame);
            let of_run = frame.runs.into_iter().filter(|delta| delta.run_id == receipt.run_id);
            if let Some(settled) = of_run.filter_map(|delta| delta.settled).next_back() {
                let failure = settled.attempts.last().and_then(|attempt| attempt.error.as_ref());
                break failure.map_or(Ok("an answer".to_owned()), |failure| Err(of(failure)));
            }
        },
    };
    app.close().await;
    (checked, sent)
}

fn json(status: &str, body: &str) -> Script {
    // It serves a connection once: what is asked again comes by another one.
    Script::new().send(wire::answer(status, "application/json", body.as_bytes())).close()
}

fn page(status: &str) -> Script {
    Script::new().send(wire::answer(status, "text/html; charset=utf-8", b"<!doctype html><title>Log in</title>"))
}

fn moved(to: &str) -> Script {
    Script::new().send(wire::head("302 Found", &[("location", to), ("content-length", "0")]))
}

/// A list of models.
fn list(dialect: DialectId, ids: &[&str]) -> Script {
    let items = |name: &str| ids.iter().map(|id| format!(r#"{{"{name}":"{id}"}}"#)).collect::<Vec<_>>().join(",");
    json(
        "200 OK",
        &match dialect {
            OpenaiChat => format!(r#"{{"object":"list","data":[{}]}}"#, items("id")),
            Anthropic => format!(r#"{{"data":[{}],"has_more":false}}"#, items("id")),
            Gemini => format!(r#"{{"models":[{}]}}"#, items("name")),
            _ => format!(r#"{{"models":[{}]}}"#, items("name")),
        },
    )
}

fn reply(dialect: DialectId) -> Script {
    let answer = answers::answer(dialect);
    let body = answer.events.concat();
    Script::new().send(wire::answer("200 OK", answer.content_type, &body))
}

/// What was done, the status, the body, and what it means: the category and the vendor's code.
type Refusal = (&'static str, &'static str, &'static str, Category, Option<&'static str>);

/// What each vendor says to a wrong key, an empty account and a name it does not know, each with its code.
fn refusals(dialect: DialectId) -> [Refusal; 3] {
    use Category::{NoCredit, RejectedKey, UnknownModel};
    match dialect {
        OpenaiChat => [
            (
                "wrong key",
                "401 Unauthorized",
                r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                RejectedKey,
                Some("invalid_api_key"),
            ),
            (
                "no credit",
                "429 Too Many Requests",
                r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                NoCredit,
                Some("insufficient_quota"),
            ),
            (
                "unknown model",
                "404 Not Found",
                r#"{"error":{"message":"The model `m-1` does not exist","type":"invalid_request_error","code":"model_not_found"}}"#,
                UnknownModel,
                Some("model_not_found"),
            ),
        ],
        Anthropic => [
            (
                "wrong key",
                "401 Unauthorized",
                r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
                RejectedKey,
                Some("authentication_error"),
            ),
            (
                "no credit",
                "400 Bad Request",
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#,
                NoCredit,
                Some("invalid_request_error"),
            ),
            (
                "unknown model",
                "404 Not Found",
                r#"{"type":"error","error":{"type":"not_found_error","message":"model: m-1"}}"#,
                UnknownModel,
                Some("not_found_error"),
            ),
        ],
        Gemini => [
            (
                "wrong key",
                "400 Bad Request",
                r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
                RejectedKey,
                Some("API_KEY_INVALID"),
            ),
            (
                "no credit",
                "429 Too Many Requests",
                r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDay"}]}]}}"#,
                NoCredit,
                Some("GenerateRequestsPerDay"),
            ),
            (
                "unknown model",
                "404 Not Found",
                r#"{"error":{"code":404,"message":"models/m-1 is not found for API version v1beta","status":"NOT_FOUND"}}"#,
                UnknownModel,
                Some("404"),
            ),
        ],
        Cohere => [
            ("wrong key", "401 Unauthorized", r#"{"id":"e1","message":"invalid api token"}"#, RejectedKey, None),
            (
                "no credit",
                "429 Too Many Requests",
                r#"{"id":"e2","message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#,
                NoCredit,
                None,
            ),
            (
                "unknown model",
                "404 Not Found",
                r#"{"id":"e3","message":"model 'm-1' not found, make sure the correct model ID was used"}"#,
                UnknownModel,
                None,
            ),
        ],
        Bedrock => [
            (
                "wrong key",
                "403 Forbidden",
                r#"{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}"#,
                RejectedKey,
                Some("UnrecognizedClientException"),
            ),
            (
                "no credit",
                "429 Too Many Requests",
                r#"{"__type":"ThrottlingException","message":"Too many tokens per day, please wait before trying again."}"#,
                NoCredit,
                Some("ThrottlingException"),
            ),
            (
                "unknown model",
                "404 Not Found",
                r#"{"__type":"ResourceNotFoundException","message":"This model version has reached the end of its life."}"#,
                UnknownModel,
                Some("ResourceNotFoundException"),
            ),
        ],
        _ => [
            ("wrong key", "401 Unauthorized", r#"{"error":"unauthorized"}"#, RejectedKey, None),
            ("no credit", "402 Payment Required", r#"{"error":"payment required"}"#, NoCredit, None),
            ("unknown model", "404 Not Found", r#"{"error":"model 'm-1' not found"}"#, UnknownModel, None),
        ],
    }
}

/// Prints a row, and holds it against what is expected of the check and of the message.
fn row(dialect: DialectId, what: &str, endings: &(Ending, Ending), expected: [(Category, Option<&str>); 2]) {
    let told = |ending: &Ending| match ending {
        Ok(good) => good.clone(),
        Err((category, code, _)) => format!("{} / {}", category.as_str(), code.as_deref().unwrap_or("-")),
    };
    println!("{:<12} {what:<34} {:<34} {}", dialect.as_str(), told(&endings.0), told(&endings.1));
    for (ending, (category, code)) in [&endings.0, &endings.1].into_iter().zip(expected) {
        let Err((found, cause, message)) = ending else { panic!("{dialect:?} {what}: it worked") };
        assert_eq!((*found, cause.as_deref()), (category, code), "{dialect:?} {what}: {message}");
        assert!(!message.contains("canary"), "{message}");
    }
}

/// One of our causes, which has words of its own in the table of its category.
fn ours(category: Category, cause: &'static str) -> [(Category, Option<&'static str>); 2] {
    let head = format!("\n  {}: {{\n", category.as_str());
    let from = SENTENCES.find(&head).unwrap_or_else(|| panic!("no words for {category:?}"));
    let table = SENTENCES[from..].split("\n  },\n").next().unwrap();
    assert!(table.contains(&format!("\n    {cause}: {{")), "{category:?} has no words for {cause}");
    [(category, Some(cause)); 2]
}

#[tokio::test]
async fn what_the_server_says() {
    for dialect in EVERY.into_iter().chain([Bedrock]) {
        for (what, status, body, category, code) in refusals(dialect) {
            // A check asks for no model: what is not there is the list itself.
            let checked =
                if what == "unknown model" { ours(Category::BadRequest, "no_api")[0] } else { (category, code) };
            let upstream = FaultyUpstream::start([json(status, body), json(status, body)]).await;
            let endings = tried(dialect, &format!("http://{}", upstream.address()), &Beside::default()).await;
            row(dialect, what, &endings, [checked, (category, code)]);
        }
        let portal = "http://portal.example/login?back=canary";
        let cases = [
            ("a web page", page("200 OK"), ours(Category::BrokenStream, "got_html")),
            (
                "captive portal: a page as JSON",
                json("200 OK", "<html>Log in</html>"),
                ours(Category::BrokenStream, "got_html"),
            ),
            ("captive portal: elsewhere", moved(portal), ours(Category::BadRequest, "redirected")),
            ("wrong path: a page not found", page("404 Not Found"), ours(Category::BadRequest, "no_api")),
            (
                "wrong path: words not found",
                Script::new().send(wire::answer("404 Not Found", "text/plain", b"404 page not found")),
                ours(Category::BadRequest, "no_api"),
            ),
            (
                "wrong path: method not allowed",
                json("405 Method Not Allowed", "{}"),
                ours(Category::BadRequest, "no_api"),
            ),
            ("another API", json("200 OK", r#"{"status":"ok"}"#), ours(Category::BrokenStream, "unreadable")),
            (
                "nothing",
                Script::new().send(wire::answer("200 OK", "application/json", b"")),
                ours(Category::BrokenStream, "empty"),
            ),
            (
                "no web server",
                Script::new().send(&b"220 mail.example ESMTP\r\n"[..]).close(),
                ours(Category::BrokenStream, "not_http"),
            ),
        ];
        for (what, script, mut expected) in cases {
            if (dialect, what) == (Ollama, "another API") {
                // A line of its stream may hold anything: one that holds nothing it knows is no answer.
                expected[1] = ours(Category::BrokenStream, "empty")[1];
            }
            let upstream = FaultyUpstream::start(vec![script; 8]).await;
            let endings = tried(dialect, &format!("http://{}", upstream.address()), &Beside::default()).await;
            row(dialect, what, &endings, expected);
        }
    }
}

#[tokio::test]
async fn an_empty_list_is_said_and_a_message_still_goes_out() {
    for dialect in EVERY {
        let upstream = FaultyUpstream::start([list(dialect, &[]), list(dialect, &[]), reply(dialect)]).await;
        let (checked, sent) = tried(dialect, &format!("http://{}", upstream.address()), &Beside::default()).await;
        println!("{:<12} {:<34} {:?}", dialect.as_str(), "an empty list", checked);
        let words = "the list of models is empty".to_owned();
        assert_eq!(checked, Err((Category::BrokenStream, Some("empty_list".into()), words)), "{dialect:?}");
        assert_eq!(sent, Ok("an answer".to_owned()), "{dialect:?}");
    }
}

#[tokio::test]
async fn addresses_that_can_be_mended_simply_work() {
    for dialect in EVERY {
        let typed: &[&str] = match dialect {
            OpenaiChat => {
                &["", "/", "/v1", "/v1/", "/v1/chat/completions", "/v1/models", "/v1/embeddings", "/v1/completions"]
            }
            Anthropic => &["", "/", "/v1", "/v1/messages", "/v1/models", "/v1/messages/"],
            Gemini => &["", "/v1beta", "/v1beta/models", "/v1beta/models/m-1:generateContent"],
            Cohere => &["", "/", "/v2", "/v2/chat", "/v2/embed", "/v1", "/v1/models", "/compatibility/v1"],
            _ => &["", "/", "/api", "/api/chat", "/api/tags", "/v1"],
        };
        let mut lines: Option<Vec<String>> = None;
        for path in typed {
            // Two requests for the check, unless it is the list; then the message.
            let scripts = [list(dialect, &["m-1"]), list(dialect, &["m-1"]), reply(dialect)];
            let upstream = FaultyUpstream::start(scripts).await;
            let endings = tried(dialect, &format!("http://{}{path}", upstream.address()), &Beside::default()).await;
            println!("{:<12} {:<34} {:?}", dialect.as_str(), format!("address {path:?}"), endings);
            assert_eq!(endings, (Ok("1 models".to_owned()), Ok("an answer".to_owned())), "{dialect:?} {path}");
            let asked: Vec<String> = upstream.requests().iter().map(|request| request.line().to_owned()).collect();
            assert_eq!(*lines.get_or_insert_with(|| asked.clone()), asked, "{dialect:?} {path}: the same requests");
        }
    }
}

#[tokio::test]
async fn what_the_network_does() {
    let authority = Authority::new("Ours");
    let behind = FaultyUpstream::start([]).await.address();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let front = |acceptor| tls::front(acceptor, behind);
    let network = |cause| ours(Category::Network, cause);
    let web = MockProxy::start(Wire::Http, Habit::Says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None).await;
    let trusting = Beside { ca: Some(authority.pem.clone()), ..Beside::default() };
    let cases = [
        ("nobody there", format!("http://{nowhere}"), network("refused")),
        ("no such host", "https://no-such-host.invalid/v1".to_owned(), network("dns")),
        ("self-signed", at(front(tls::self_signed("localhost")).await), network("tls_unknown_issuer")),
        ("another name", at(front(authority.acceptor("other.example", 2020, 4000)).await), network("tls_wrong_name")),
        ("expired", at(front(authority.acceptor("localhost", 2001, 2002)).await), network("tls_expired")),
        ("not yet valid", at(front(authority.acceptor("localhost", 3999, 4000)).await), network("tls_not_yet_valid")),
        ("https at a plain port", format!("https://{}", web.address()), network("tls_plain_http")),
        (
            "http at a TLS port",
            at(front(authority.acceptor("localhost", 2020, 4000)).await).replace("https", "http"),
            network("needs_tls"),
        ),
    ];
    for dialect in [OpenaiChat, Ollama] {
        for (what, base_url, expected) in &cases {
            row(dialect, what, &tried(dialect, base_url, &trusting).await, *expected);
        }
    }
}

fn at(port: u16) -> String {
    format!("https://localhost:{port}")
}

#[tokio::test]
async fn what_a_proxy_does() {
    let network = |cause| ours(Category::Network, cause);
    let nowhere: SocketAddr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stranger = Some(("somebody", "else"));
    let cases = [
        ("proxy wants a password", Wire::Http, Habit::Tunnel(nowhere), stranger, network("proxy_auth")),
        ("proxy forbids it", Wire::Http, Habit::Status("403 Forbidden"), None, network("proxy_refused")),
        ("proxy reaches nobody", Wire::Http, Habit::Status("502 Bad Gateway"), None, network("proxy_no_way")),
        ("no proxy", Wire::Http, Habit::Says(b"220 mail.example\r\n"), None, network("proxy_not_one")),
        ("SOCKS wants a password", Wire::Socks, Habit::Tunnel(nowhere), stranger, network("proxy_auth")),
        ("SOCKS forbids it", Wire::Socks, Habit::Code(2), None, network("proxy_refused")),
        ("SOCKS reaches nobody", Wire::Socks, Habit::Code(4), None, network("proxy_no_way")),
    ];
    for (what, kind, habit, login, expected) in cases {
        let proxy = MockProxy::start(kind, habit, login).await;
        let scheme = if matches!(kind, Wire::Http) { "http" } else { "socks5h" };
        let beside = Beside { proxy: Some(format!("{scheme}://{}", proxy.address())), ..Beside::default() };
        let endings = tried(OpenaiChat, "https://name.invalid/v1", &beside).await;
        row(OpenaiChat, what, &endings, expected);
    }
    for (what, url, cause) in [
        ("nobody where the proxy should be", format!("http://{nowhere}"), "proxy_unreachable"),
        ("nobody where SOCKS should be", format!("socks5h://{nowhere}"), "proxy_unreachable"),
    ] {
        let beside = Beside { proxy: Some(url), ..Beside::default() };
        row(OpenaiChat, what, &tried(OpenaiChat, "https://name.invalid/v1", &beside).await, network(cause));
    }
    let beside = Beside { proxy: Some("ftp://p.example".to_owned()), ..Beside::default() };
    let endings = tried(OpenaiChat, "https://name.invalid/v1", &beside).await;
    row(OpenaiChat, "no address of a proxy", &endings, ours(Category::BadRequest, "bad_proxy"));
}
