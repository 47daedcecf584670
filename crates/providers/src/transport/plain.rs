//! One document that is no provider's answer, fetched once.

use std::time::Duration;

use http::{HeaderValue, header};
use url::Url;

use super::{BaseUrl, address, body, fault, fault::Stage, plain_client, reading, unpack};
use crate::{CancellationToken, Category, ProviderError};

/// To connect, proxy and TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// How often an address may lead to another one of the same host.
const REDIRECTS: usize = 3;

/// Gets a document of at most `limit` bytes, unpacked, within `patience`. No key and nothing of a person goes along; an
/// answer that leads to another host is refused.
///
/// # Errors
/// As a provider's free requests: `bad_request` / `bad_base_url` and `redirected`, `network`, `timeout`,
/// `broken_stream` / `too_large`; `internal` / `client`. A refusal is `overloaded` for 5xx, else `bad_request`, with
/// the cause `refused_by_server`.
pub async fn get_document(
    address: &str,
    limit: usize,
    patience: Duration,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, ProviderError> {
    let base = BaseUrl::parse(address)?;
    let client = plain_client(base.is_tls(), |builder| {
        let builder = builder.connect_timeout(CONNECT);
        if base.is_loopback() { builder.no_proxy() } else { builder }
    })
    .map_err(|_| ProviderError::because(Category::Internal, "client", "the HTTP client could not be set up"))?;
    let peer = base.authority();
    let work = follow(&client, base.url().clone(), &peer, limit);
    let slow = || reading::timeout("answer_timeout", "the answer did not come in time", &peer);
    let in_time = async { tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(slow())) };
    cancel.run_until_cancelled(in_time).await.unwrap_or_else(|| Err(reading::cancelled()))
}

async fn follow(client: &reqwest::Client, from: Url, peer: &str, limit: usize) -> Result<Vec<u8>, ProviderError> {
    let mut url = from;
    for _ in 0..=REDIRECTS {
        let mut request = reqwest::Request::new(http::Method::GET, url.clone());
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(unpack::KNOWN));
        let response = client.execute(request).await.map_err(|error| fault::read(&error, Stage::Head, peer))?;
        let status = response.status().as_u16();
        match status {
            200..300 => return body::whole(response, limit, peer, None).await,
            300..400 => url = next(&url, &response, peer)?,
            _ => {
                let category = if status >= 500 { Category::Overloaded } else { Category::BadRequest };
                let message = format!("the server answered with the status {status} ({peer})");
                let error = ProviderError::because(category, "refused_by_server", message);
                return Err(ProviderError { status: Some(status), ..error });
            }
        }
    }
    Err(elsewhere(peer))
}

fn next(from: &Url, response: &reqwest::Response, peer: &str) -> Result<Url, ProviderError> {
    let to = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let to = to.and_then(|to| from.join(to).ok());
    to.filter(|to| address::origin_of(to) == address::origin_of(from)).ok_or_else(|| elsewhere(peer))
}

fn elsewhere(peer: &str) -> ProviderError {
    ProviderError::because(Category::BadRequest, "redirected", format!("the address redirects elsewhere ({peer})"))
}
