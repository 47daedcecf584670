//! What keeps a TLS connection from being trusted is told apart (NET-15). A certificate authority of our own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it is surprised")]

use std::sync::Arc;

use futures::StreamExt;
use parlance_providers::transport::{Endpoint, HttpProvider};
use parlance_providers::{
    CancellationToken, Category, ChatEvent, ChatRequest, Message, Provider, ProviderError, Role, Secret,
};
use parlance_tests::lines::{LineDialect, vendor};
use parlance_tests::{FaultyUpstream, Script, wire};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A server with a certificate for `name` that is valid from one year to another.
    async fn server(&self, name: &str, from: i32, to: i32, end: End) -> u16 {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        serve(TlsAcceptor::from(Arc::new(config)), end).await
    }
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
    let port = authority.server("localhost", 2020, 4000, End::Proper).await;
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
        let port = authority.server(name, from, to, End::Proper).await;
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
async fn an_end_without_goodbye_is_no_end() {
    let authority = Authority::new("Ours");
    let port = authority.server("localhost", 2020, 4000, End::Bare).await;
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
