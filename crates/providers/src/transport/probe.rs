//! Short questions asked only after a failure, to tell its cause: what a proxy says, whether a port speaks TLS.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::BaseUrl;

/// The failure is told without a cause where this is not enough.
const PATIENCE: Duration = Duration::from_secs(2);
/// A status line is shorter, in bytes.
const LONGEST_LINE: usize = 1024;

/// The status with which the proxy at `proxy` refuses a tunnel to `target`, both `host:port`; `None` where it does not
/// answer in HTTP.
pub(super) async fn tunnel_status(proxy: &str, target: &str, login: Option<HeaderValue>) -> Option<u16> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n").into_bytes();
    if let Some(login) = login {
        request.extend_from_slice(b"proxy-authorization: ");
        request.extend_from_slice(login.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let line = first_bytes(proxy, &request, LONGEST_LINE, |seen| seen.contains(&b'\n')).await?;
    let line = std::str::from_utf8(line.split(|byte| *byte == b'\r' || *byte == b'\n').next()?).ok()?;
    let (version, rest) = line.split_once(' ')?;
    version.starts_with("HTTP/1.").then(|| rest.split(' ').next()?.parse().ok()).flatten()
}

/// True where the server of a plain address answers a TLS greeting in TLS.
pub(super) async fn speaks_tls(base: &BaseUrl) -> bool {
    let Some(greeting) = greeting(base) else { return false };
    let answer = first_bytes(&base.authority(), &greeting, 3, |seen| seen.len() >= 3).await;
    // A record of a handshake or an alert, of version 3.x.
    answer.is_some_and(|answer| matches!(answer[..], [0x15 | 0x16, 0x03, _, ..]))
}

fn greeting(base: &BaseUrl) -> Option<Vec<u8>> {
    let host = base.url().host_str()?.trim_matches(['[', ']']).to_owned();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let mut connection = ClientConnection::new(Arc::new(config), ServerName::try_from(host).ok()?).ok()?;
    let mut greeting = Vec::new();
    connection.write_tls(&mut greeting).ok()?;
    Some(greeting)
}

/// Sends `request` and reads until there is `enough`, at most `most` bytes.
async fn first_bytes(authority: &str, request: &[u8], most: usize, enough: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let asking = async {
        let mut stream = TcpStream::connect(authority).await.ok()?;
        stream.write_all(request).await.ok()?;
        let mut seen = Vec::with_capacity(most);
        while seen.len() < most && !enough(&seen) {
            let mut piece = [0; LONGEST_LINE];
            let length = stream.read(&mut piece).await.ok().filter(|length| *length > 0)?;
            seen.extend_from_slice(piece.get(..length)?);
        }
        Some(seen)
    };
    tokio::time::timeout(PATIENCE, asking).await.ok().flatten()
}
