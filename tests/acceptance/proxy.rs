//! Requests take the proxy that is set, names are looked up there and not here, loopback never takes one, and each
//! thing a proxy can do wrong is told apart (NET-16). The environment is that of a child process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::process::Command;
use std::sync::Arc;

use parlance_providers::transport::{Endpoint, HttpProvider, Proxy, ProxyServer, check_proxy, proxy_in_effect};
use parlance_providers::{CancellationToken, Category, Provider, ProviderError, Secret};
use parlance_tests::lines::{LineDialect, vendor};
use parlance_tests::proxies::{Habit, MockProxy, Wire};
use parlance_tests::tls::Authority;
use parlance_tests::{Fact, FaultyUpstream, Script, wire};

const BASE_URL: &str = "PARLANCE_TEST_BASE_URL";
const PROXY: &str = "PARLANCE_TEST_PROXY";
const NAMES: [&str; 6] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const NOT: [&str; 3] = ["no_proxy", "NO_PROXY", "REQUEST_METHOD"];
/// A name that nobody can look up: whoever reaches it has asked the proxy to.
const NAME: &str = "name.invalid";
const USER: &str = "zoe-at-home";
const PASSWORD: &str = "canary: p/ss w@rd";

#[tokio::test]
#[ignore = "runs as the child of the other tests, with their environment"]
async fn child() {
    // Without the environment of a parent it is a run of all ignored tests, which the soak is.
    let Ok(setting) = std::env::var(PROXY) else { return };
    let proxy = if setting == "off" { Proxy::Off } else { Proxy::System };
    if setting == "tell" {
        let told = proxy_in_effect(&std::env::var(BASE_URL).unwrap(), &proxy).unwrap();
        return println!("in effect: {}.", told.unwrap_or_default());
    }
    let endpoint = Endpoint { base_url: std::env::var(BASE_URL).unwrap(), proxy, ..Endpoint::default() };
    let provider = HttpProvider::new(Arc::new(vendor("cloud", "none")), &LineDialect, endpoint).unwrap();
    provider.check(CancellationToken::new()).await.unwrap();
}

/// Runs one check in a child that has `proxy` as its system proxy; true where the check succeeds.
async fn check(base_url: String, proxy: &FaultyUpstream, setting: &'static str) -> bool {
    let address = format!("http://{}", proxy.address());
    let run = move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "proxy::child", "--ignored", "--nocapture"]);
        NAMES.iter().for_each(|name| _ = command.env(name, &address));
        NOT.iter().for_each(|name| _ = command.env_remove(name));
        let output = command.env(BASE_URL, base_url).env(PROXY, setting).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("running 1 test"), "the child ran nothing: {said}");
        output.status.success()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn list() -> Script {
    Script::new().send(wire::answer("200 OK", "application/json", br#"{"models":["a"]}"#))
}

#[tokio::test]
async fn loopback_never_uses_it() {
    let proxy = FaultyUpstream::start([]).await;
    let upstream = FaultyUpstream::start([list(), list()]).await;
    assert!(check(upstream.base_url(), &proxy, "system").await);
    assert!(check(upstream.base_url().replace("127.0.0.1", "localhost"), &proxy, "system").await);
    assert_eq!(proxy.log().count(Fact::Connected), 0);
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn other_hosts_use_it_unless_it_is_off() {
    let base_url = || "http://no-such-host.invalid/v1".to_owned();
    let proxy = FaultyUpstream::start([list()]).await;
    assert!(check(base_url(), &proxy, "system").await);
    assert_eq!(proxy.requests()[0].line(), "GET http://no-such-host.invalid/v1/models HTTP/1.1");
    assert!(!check(base_url(), &proxy, "off").await);
    assert_eq!(proxy.log().count(Fact::Connected), 1);
}

/// Variables and their values.
type Environment<'a> = &'a [(&'a str, &'a str)];

/// The proxy that a child names for a base URL in an environment.
fn told(base_url: &str, environment: Environment<'_>) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxy::child", "--ignored", "--nocapture"]).env(BASE_URL, base_url).env(PROXY, "tell");
    NAMES.iter().chain(&NOT).for_each(|name| _ = command.env_remove(name));
    let output = command.envs(environment.iter().copied()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!said.contains("secret"), "{said}");
    let (_, rest) = said.split_once("in effect: ").unwrap_or_else(|| panic!("the child said {said}"));
    rest.split_once(".\n").unwrap().0.to_owned()
}

#[test]
fn the_environment_is_read_as_everybody_reads_it() {
    let (http, https) = ("http://api.example/v1", "https://api.example/v1");
    let table: [(&str, Environment<'_>, &str); 17] = [
        (https, &[], ""),
        (https, &[("HTTPS_PROXY", "http://a:1")], "http://a:1"),
        (https, &[("https_proxy", "http://a:1")], "http://a:1"),
        (https, &[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:2")], "http://a:1"),
        (https, &[("HTTPS_PROXY", "http://a:1"), ("ALL_PROXY", "http://b:2")], "http://a:1"),
        (https, &[("ALL_PROXY", "http://b:2")], "http://b:2"),
        (https, &[("all_proxy", "socks5://b:2")], "socks5h://b:2"),
        (https, &[("HTTP_PROXY", "http://a:1")], ""),
        (http, &[("HTTP_PROXY", "http://a:1"), ("HTTPS_PROXY", "http://b:2")], "http://a:1"),
        (http, &[("http_proxy", "a:1")], "http://a:1"),
        (https, &[("HTTPS_PROXY", "http://me:secret@a:1")], "http://a:1"),
        (https, &[("HTTPS_PROXY", "http://a")], "http://a:80"),
        (https, &[("ALL_PROXY", "http://a:1"), ("NO_PROXY", "example")], ""),
        (https, &[("ALL_PROXY", "http://a:1"), ("no_proxy", ".example, other")], ""),
        (https, &[("ALL_PROXY", "http://a:1"), ("NO_PROXY", "*")], ""),
        (https, &[("ALL_PROXY", "http://a:1"), ("NO_PROXY", "other.example")], "http://a:1"),
        ("http://127.0.0.1:11434", &[("ALL_PROXY", "http://a:1")], ""),
    ];
    for (base_url, environment, expected) in table {
        assert_eq!(told(base_url, environment), expected, "{base_url} {environment:?}");
    }
}

#[test]
fn the_setting_says_what_is_in_effect() {
    let in_effect = |base_url, proxy: &Proxy| proxy_in_effect(base_url, proxy).unwrap();
    let via = |url: &str| Proxy::Via(server(url, true));
    assert_eq!(in_effect("https://api.example/v1", &Proxy::Off), None);
    for (url, expected) in [
        ("http://p.example:3128", "http://p.example:3128"),
        (" http://p.example ", "http://p.example:80"),
        ("https://p.example/", "https://p.example:443"),
        ("socks5h://10.0.0.1", "socks5h://10.0.0.1:1080"),
        ("socks5h://[::1]:9", "socks5h://[::1]:9"),
    ] {
        assert_eq!(in_effect("https://api.example/v1", &via(url)).as_deref(), Some(expected));
        assert_eq!(in_effect("http://localhost:1/v1", &via(url)), None, "loopback takes none");
        check_proxy(url).unwrap();
    }
    for url in [
        "",
        "p.example:3128",
        "ftp://p.example",
        "socks5://p.example",
        "http://ann@p.example",
        "http://p.example/x",
        "http://p.example?x",
        "http://p.example#x",
        "socks5h://",
        "http://:canary@p.example",
    ] {
        let error = proxy_in_effect("https://api.example/v1", &via(url)).unwrap_err();
        assert_eq!((error.category, error.cause), (Category::BadRequest, Some("bad_proxy")), "{url}");
        assert_eq!(check_proxy(url).unwrap_err(), error);
        assert!(!format!("{error:?}").contains("canary"));
    }
}

fn server(url: &str, login: bool) -> ProxyServer {
    let password = login.then(|| Secret::verbatim(PASSWORD.to_owned().into()));
    ProxyServer { url: url.to_owned(), user: login.then(|| USER.to_owned()), password }
}

/// One check through a proxy.
async fn ask(base_url: &str, proxy: ProxyServer, ca: &Authority) -> Result<(), ProviderError> {
    let endpoint = Endpoint {
        base_url: base_url.to_owned(),
        key: Some(Secret::from_pasted("canary-key-0123456789")),
        proxy: Proxy::Via(proxy),
        ca_pem: Some(ca.pem.clone().into_bytes()),
        ..Endpoint::default()
    };
    let provider = HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint)?;
    provider.check(CancellationToken::new()).await
}

#[tokio::test]
async fn every_kind_of_proxy_looks_up_the_name_and_gets_its_password() {
    let ca = Authority::new("Ours");
    for login in [false, true] {
        for (scheme, wire, targets) in [
            ("http", Wire::Http, &["https"][..]),
            ("https", Wire::Http, &["https"]),
            ("socks5h", Wire::Socks, &["https", "http"]),
        ] {
            for target in targets {
                let upstream = FaultyUpstream::start([list()]).await;
                let behind = match *target {
                    "https" => ([127, 0, 0, 1], ca.front(NAME, upstream.address()).await).into(),
                    _ => upstream.address(),
                };
                let who = login.then_some((USER, PASSWORD));
                let proxy = MockProxy::start(wire, Habit::Tunnel(behind), who).await;
                let port = match scheme {
                    "https" => ca.front("localhost", proxy.address()).await,
                    _ => proxy.address().port(),
                };
                let url = format!("{scheme}://localhost:{port}");
                ask(&format!("{target}://{NAME}:8443/v1"), server(&url, login), &ca).await.unwrap();
                assert_eq!(proxy.asked(), [format!("{NAME}:8443")], "by its name: {url} {target}");
                let request = &upstream.requests()[0];
                assert_eq!(request.line(), "GET /v1/models HTTP/1.1");
                assert_eq!(request.header("proxy-authorization"), None, "the vendor learns nothing of the proxy");
            }
        }
    }
}

#[tokio::test]
async fn plain_requests_are_passed_on_by_the_proxy() {
    let ca = Authority::new("Ours");
    let proxy = FaultyUpstream::start([list()]).await;
    ask("http://name.invalid/v1", server(&format!("http://{}", proxy.address()), true), &ca).await.unwrap();
    let request = &proxy.requests()[0];
    assert_eq!(request.line(), "GET http://name.invalid/v1/models HTTP/1.1");
    assert_eq!(request.header("proxy-authorization"), Some(wire::basic(USER, PASSWORD).as_str()));
}

#[tokio::test]
async fn loopback_takes_no_proxy_of_ones_own_either() {
    let ca = Authority::new("Ours");
    let proxy = FaultyUpstream::start([]).await;
    let upstream = FaultyUpstream::start([list()]).await;
    ask(&upstream.base_url(), server(&format!("http://{}", proxy.address()), true), &ca).await.unwrap();
    assert_eq!((proxy.log().count(Fact::Connected), upstream.requests().len()), (0, 1));
}

#[tokio::test]
async fn each_failure_of_a_proxy_has_its_name() {
    use Habit::{Code, Says, Status};
    let ca = Authority::new("Ours");
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let other = Some((USER, "another"));
    let table = [
        ("proxy_auth", "http", Wire::Http, Habit::Tunnel(nowhere), other),
        ("proxy_refused", "http", Wire::Http, Status("403 Forbidden"), None),
        ("proxy_no_way", "http", Wire::Http, Status("502 Bad Gateway"), None),
        ("proxy_not_one", "http", Wire::Http, Status("404 Not Found"), None),
        ("proxy_not_one", "http", Wire::Http, Says(b"220 mail.example ESMTP\r\n"), None),
        ("proxy_not_one", "http", Wire::Http, Says(b""), None),
        ("proxy_tls", "https", Wire::Http, Says(b"no TLS here"), None),
        ("proxy_auth", "socks5h", Wire::Socks, Habit::Tunnel(nowhere), other),
        ("proxy_refused", "socks5h", Wire::Socks, Code(2), None),
        ("proxy_no_way", "socks5h", Wire::Socks, Code(1), None),
        ("proxy_no_way", "socks5h", Wire::Socks, Code(3), None),
        ("proxy_no_way", "socks5h", Wire::Socks, Code(4), None),
        ("proxy_no_way", "socks5h", Wire::Socks, Code(5), None),
        ("proxy_no_way", "socks5h", Wire::Socks, Code(6), None),
        ("proxy_not_one", "socks5h", Wire::Socks, Says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None),
        ("proxy_not_one", "socks5h", Wire::Socks, Says(b""), None),
    ];
    for (cause, scheme, wire, habit, login) in table {
        let proxy = MockProxy::start(wire, habit, login).await;
        let url = format!("{scheme}://{}", proxy.address());
        let error = ask("https://name.invalid/v1", server(&url, login.is_some()), &ca).await.unwrap_err();
        assert_eq!((error.category, error.cause), (Category::Network, Some(cause)), "{habit:?} {error:?}");
        names_the_proxy_only(&error, &proxy.address().to_string());
    }
    // A server that wants to know who asks, and is not told.
    for (scheme, wire) in [("http", Wire::Http), ("socks5h", Wire::Socks)] {
        let proxy = MockProxy::start(wire, Habit::Tunnel(nowhere), other).await;
        let url = format!("{scheme}://{}", proxy.address());
        let error = ask("https://name.invalid/v1", server(&url, false), &ca).await.unwrap_err();
        assert_eq!(error.cause, Some("proxy_auth"), "{error:?}");
    }
    for (scheme, base_url) in [
        ("http", "https://name.invalid/v1"),
        ("http", "http://name.invalid/v1"),
        ("https", "https://name.invalid/v1"),
        ("socks5h", "https://name.invalid/v1"),
        ("socks5h", "http://name.invalid/v1"),
    ] {
        // Nobody listens there any more.
        let error = ask(base_url, server(&format!("{scheme}://{nowhere}"), true), &ca).await.unwrap_err();
        assert_eq!((error.category, error.cause), (Category::Network, Some("proxy_unreachable")), "{error:?}");
        names_the_proxy_only(&error, &nowhere.to_string());
    }
}

#[tokio::test]
async fn a_proxy_that_passes_requests_on_is_told_from_the_vendor() {
    let ca = Authority::new("Ours");
    let say = |status: &str, fields: &[(&str, &str)]| {
        let fields = [fields, &[("content-length", "0")]].concat();
        Script::new().send(wire::head(status, &fields))
    };
    for (cause, script) in [
        (Some("proxy_auth"), say("407 Proxy Authentication Required", &[])),
        (Some("proxy_refused"), say("403 Forbidden", &[("x-squid-error", "ERR_ACCESS_DENIED 0")])),
        (Some("proxy_no_way"), say("503 Service Unavailable", &[("proxy-status", "p; error=dns_error")])),
        (Some("proxy_not_one"), Script::new().send(&b"220 mail.example\r\n"[..]).close()),
        (None, say("403 Forbidden", &[])),
        (None, say("503 Service Unavailable", &[])),
    ] {
        let proxy = FaultyUpstream::start([script]).await;
        let url = format!("http://{}", proxy.address());
        let error = ask("http://name.invalid/v1", server(&url, true), &ca).await.unwrap_err();
        assert_eq!(error.cause, cause, "{error:?}");
        if cause.is_some() {
            assert_eq!(error.category, Category::Network);
            names_the_proxy_only(&error, &proxy.address().to_string());
        }
    }
}

#[tokio::test]
async fn what_lies_behind_the_proxy_is_blamed_on_nobody_else() {
    let (ours, other) = (Authority::new("Ours"), Authority::new("Another"));
    let upstream = FaultyUpstream::start([]).await;
    let behind = ([127, 0, 0, 1], other.front(NAME, upstream.address()).await).into();
    for (scheme, wire) in [("http", Wire::Http), ("socks5h", Wire::Socks)] {
        let proxy = MockProxy::start(wire, Habit::Tunnel(behind), None).await;
        let url = format!("{scheme}://{}", proxy.address());
        let error = ask("https://name.invalid/v1", server(&url, false), &ours).await.unwrap_err();
        assert_eq!(error.cause, Some("tls_unknown_issuer"), "{error:?}");
        assert!(error.message.contains(NAME));
    }
}

fn names_the_proxy_only(error: &ProviderError, proxy: &str) {
    assert!(error.message.contains(proxy), "{}", error.message);
    for word in ["name.invalid", "canary", USER] {
        assert!(!format!("{error:?}").contains(word), "{error:?}");
    }
}
