//! What keeps a TLS connection from being trusted is told apart (NET-15). A certificate authority of our own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::sync::Arc;

use futures::StreamExt;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, Message, Provider, ProviderError, Role, Secret,
};
use parlance_tests::lines::{LineDialect, vendor};
use parlance_tests::tls::{self, Authority, TlsAcceptor};
use parlance_tests::{FaultyUpstream, Script, wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server with a certificate for `name` that is valid from one year to another.
async fn server(authority: &Authority, name: &str, from: i32, to: i32, end: End) -> u16 {
    serve(authority.acceptor(name, from, to), end).await
}

#[derive(Clone, Copy)]
enum End {
    /// As TLS wants it.
    Proper,
    /// The connection just ends, as if somebody cut it.
    Bare,
}

/// Answers one connection with `role` and `t a`, and ends.
async fn serve(acceptor: TlsAcceptor, end: End) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let Ok(mut tls) = acceptor.accept(socket).await else { return };
        let mut request = Vec::new();
        while !request.windows(4).any(|w| w == b"\r\n\r\n") {
            tls.read_buf(&mut request).await.unwrap();
        }
        tls.write_all(&[wire::sse_head(), b"role\nt a\ndone\n".to_vec()].concat()[..]).await.unwrap();
        tls.flush().await.unwrap();
        match end {
            End::Proper => tls.shutdown().await.unwrap(),
            End::Bare => tls.get_mut().0.shutdown().await.unwrap(),
        }
    });
    port
}

async fn ask(base_url: String, ca_pem: Option<&str>) -> (Vec<ChatEvent>, Option<ProviderError>) {
    let endpoint = Endpoint {
        base_url,
        key: Some(Secret::from_pasted("canary-key-0123456789")),
        ca_pem: ca_pem.map(|pem| pem.as_bytes().to_vec()),
        ..Endpoint::default()
    };
    let provider = HttpProvider::new(Arc::new(vendor("cloud", "bearer")), &LineDialect, endpoint).unwrap();
    let request = ChatRequest::new("m", vec![Message::text(Role::User, "hello")]);
    match provider.stream(request, CancellationToken::new()).await {
        Err(error) => (Vec::new(), Some(error)),
        Ok(stream) => {
            let (mut events, mut failure) = (Vec::new(), None);
            for item in stream.collect::<Vec<_>>().await {
                match item {
                    Ok(event) => events.push(event),
                    Err(error) => failure = Some(error),
                }
            }
            (events, failure)
        }
    }
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_good() {
    let authority = Authority::new("Ours");
    let port = server(&authority, "localhost", 2020, 4000, End::Proper).await;
    let (events, error) = ask(format!("https://localhost:{port}/v1"), Some(&authority.pem)).await;
    assert_eq!((events.len(), error), (3, None));
}

#[tokio::test]
async fn each_fault_of_a_certificate_has_its_name() {
    let (ours, other) = (Authority::new("Ours"), Authority::new("Another"));
    let table = [
        ("tls_unknown_issuer", &other, "localhost", 2020, 4000),
        ("tls_wrong_name", &ours, "elsewhere.example", 2020, 4000),
        ("tls_expired", &ours, "localhost", 2001, 2002),
        ("tls_not_yet_valid", &ours, "localhost", 3999, 4000),
    ];
    for (cause, authority, name, from, to) in table {
        let port = server(authority, name, from, to, End::Proper).await;
        let (events, error) = ask(format!("https://localhost:{port}/v1"), Some(&ours.pem)).await;
        let error = error.unwrap();
        assert!(events.is_empty());
        assert_eq!((error.category, error.cause), (Category::Network, Some(cause)), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[tokio::test]
async fn plain_http_on_a_tls_port_has_its_name() {
    // A web server answers the TLS greeting, which is no request, with plain text.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut greeting = [0; 16];
        socket.read_exact(&mut greeting).await.unwrap();
        socket.write_all(&wire::answer("400 Bad Request", "text/plain", b"no")).await.unwrap();
        let mut rest = Vec::new();
        let _closed = socket.read_to_end(&mut rest).await;
    });
    let (_, error) = ask(format!("https://127.0.0.1:{plain}/v1"), None).await;
    assert_eq!(error.and_then(|e| e.cause), Some("tls_plain_http"));
}

#[tokio::test]
async fn tls_on_a_plain_port_has_its_name() {
    let authority = Authority::new("Ours");
    let upstream = FaultyUpstream::start([]).await;
    // One that sends an alert and one that closes at once look the same from here.
    let port = authority.front("localhost", upstream.address()).await;
    let (_, error) = ask(format!("http://127.0.0.1:{port}/v1"), None).await;
    let error = error.unwrap();
    assert_eq!((error.category, error.cause), (Category::Network, Some("needs_tls")), "{error:?}");
    // Web servers say it in plain words.
    for words in [
        "<center>The plain HTTP request was sent to HTTPS port</center>",
        "Client sent an HTTP request to an HTTPS server.\n",
        "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    ] {
        let script = Script::new().send(wire::answer("400 Bad Request", "text/html", words.as_bytes()));
        let upstream = FaultyUpstream::start([script]).await;
        let error = ask(upstream.base_url(), None).await.1.unwrap();
        assert_eq!((error.category, error.cause), (Category::Network, Some("needs_tls")), "{words}");
    }
    // What is neither keeps its own name.
    let upstream = FaultyUpstream::start([Script::new().send(&b"220 mail.example\r\n"[..]).close()]).await;
    assert_eq!(ask(upstream.base_url(), None).await.1.unwrap().cause, Some("not_http"));
}

#[tokio::test]
async fn each_provider_trusts_its_own_authority_only() {
    let (ours, other) = (Authority::new("Ours"), Authority::new("Another"));
    let both = format!("{}\n{}", other.pem, ours.pem);
    for (pem, cause) in [
        (Some(ours.pem.as_str()), None),
        (Some(both.as_str()), None),
        (Some(other.pem.as_str()), Some("tls_unknown_issuer")),
        (None, Some("tls_unknown_issuer")),
    ] {
        let port = server(&ours, "localhost", 2020, 4000, End::Proper).await;
        let (_, error) = ask(format!("https://localhost:{port}/v1"), pem).await;
        assert_eq!(error.and_then(|e| e.cause), cause);
    }
    let port = serve(tls::self_signed("localhost"), End::Proper).await;
    let (_, error) = ask(format!("https://localhost:{port}/v1"), Some(&ours.pem)).await;
    assert_eq!(error.and_then(|e| e.cause), Some("tls_unknown_issuer"));
}

#[tokio::test]
async fn an_end_without_goodbye_is_no_end() {
    let authority = Authority::new("Ours");
    let port = server(&authority, "localhost", 2020, 4000, End::Bare).await;
    let (events, error) = ask(format!("https://localhost:{port}/v1"), Some(&authority.pem)).await;
    assert_eq!((events.len(), error), (3, None), "after the terminal event nothing is waited for");
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_refused() {
    for pem in [
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!",
        "no certificate",
    ] {
        let endpoint = Endpoint {
            base_url: "https://localhost/v1".to_owned(),
            ca_pem: Some(pem.as_bytes().to_vec()),
            ..Endpoint::default()
        };
        let error = HttpProvider::new(Arc::new(vendor("cloud", "none")), &LineDialect, endpoint).err().unwrap();
        assert_eq!((error.category, error.cause), (Category::BadRequest, Some("bad_ca")));
    }
    let script = Script::new().send(wire::sse_head()).send(&b"done\n"[..]).close();
    let upstream = FaultyUpstream::start([script]).await;
    assert_eq!(ask(upstream.base_url(), None).await.1, None, "plain HTTP needs no certificates");
}
