//! Whole bodies, read with a limit on their decompressed size.

use futures::StreamExt;

use super::unpack;
use crate::traffic::{Exchange, tapped};
use crate::{Category, ProviderError};

/// The most a whole answer may have, decompressed. Images and audio come inline.
pub(super) const ANSWER_LIMIT: usize = 64 * 1024 * 1024;
/// The most a page of a model list may have.
pub(super) const LIST_LIMIT: usize = 16 * 1024 * 1024;
/// What is kept of the body of a refusal.
pub(super) const ERROR_LIMIT: usize = 256 * 1024;

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// `broken_stream` with the causes `too_large`, `unreadable` and `connection_lost`.
pub(super) async fn whole(
    response: reqwest::Response,
    limit: usize,
    peer: &str,
    exchange: Option<&Exchange>,
) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    let mut bytes = tapped(unpack::body(response, peer)?, exchange);
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk?;
        if chunk.len() > limit - body.len() {
            let message = format!("the answer is larger than {} MiB ({peer})", limit / (1024 * 1024));
            return Err(ProviderError::because(Category::BrokenStream, "too_large", message));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads the beginning of the body of a refusal: what comes before the limit, an error or `patience` runs out.
pub(super) async fn beginning(
    response: reqwest::Response,
    patience: std::time::Duration,
    exchange: Option<&Exchange>,
) -> Vec<u8> {
    let mut body = Vec::new();
    let Ok(bytes) = unpack::body(response, "") else { return body };
    let mut bytes = tapped(bytes, exchange);
    let reading = async {
        while let Some(Ok(chunk)) = bytes.next().await {
            let room = ERROR_LIMIT - body.len();
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if body.len() == ERROR_LIMIT {
                break;
            }
        }
    };
    // Half a refusal still says more than none.
    let _ran_out = tokio::time::timeout(patience, reading).await;
    body
}
