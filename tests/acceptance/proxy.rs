//! The system's proxy is used, but never for this machine itself. The environment is that of a child process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::process::Command;
use std::sync::Arc;

use parlance_providers::transport::{Endpoint, HttpProvider, Proxy};
use parlance_providers::{CancellationToken, Provider};
use parlance_tests::lines::{LineDialect, vendor};
use parlance_tests::{Fact, FaultyUpstream, Script, wire};

const BASE_URL: &str = "PARLANCE_TEST_BASE_URL";
const PROXY: &str = "PARLANCE_TEST_PROXY";

#[tokio::test]
#[ignore = "runs as the child of the other tests, with their environment"]
async fn child() {
    // Without the environment of a parent it is a run of all ignored tests, which the soak is.
    let Ok(setting) = std::env::var(PROXY) else { return };
    let proxy = if setting == "off" { Proxy::Off } else { Proxy::System };
    let endpoint = Endpoint { base_url: std::env::var(BASE_URL).unwrap(), proxy, ..Endpoint::default() };
    let provider = HttpProvider::new(Arc::new(vendor("cloud", "none")), &LineDialect, endpoint).unwrap();
    provider.check(CancellationToken::new()).await.unwrap();
}

/// Runs one check in a child that has `proxy` as its system proxy; true where the check succeeds.
async fn check(base_url: String, proxy: &FaultyUpstream, setting: &'static str) -> bool {
    let address = format!("http://{}", proxy.address());
    let run = move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child", "--ignored", "--nocapture"]);
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env(name, &address);
        }
        for name in ["no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
            command.env_remove(name);
        }
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
