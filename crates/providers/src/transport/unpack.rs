//! Packed bodies (`content-encoding`), unpacked under the eyes of a guard: a few kilobytes can unpack to gigabytes.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use http::{HeaderMap, header};
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader};

use super::{
    body::ANSWER_LIMIT,
    fault::{self, Stage},
    reading::ByteStream,
};
use crate::{Category, ProviderError};

/// What we can unpack, for `accept-encoding`.
pub(super) const KNOWN: &str = "gzip, br";
/// The most a packed body may unpack to, in bytes.
const MOST: u64 = ANSWER_LIMIT as u64;
/// How many times its size a body may unpack to. JSON and event streams stay far below: they repeat themselves some
/// twenty times.
const RATIO: u64 = 200;
/// Below this size the ratio says nothing, in bytes.
const SMALL: u64 = 1 << 20;
/// How much is unpacked at a time, in bytes.
const PIECE: usize = 16 << 10;

/// The bytes of a body, unpacked where it is packed.
///
/// # Errors
/// `broken_stream` / `unreadable` where it is packed in a way nobody asked for. In the stream: `connection_lost`,
/// `unreadable`, and `too_large` for a body that unpacks to more than it should.
pub(super) fn body(response: reqwest::Response, peer: &str) -> Result<ByteStream, ProviderError> {
    let way = way(response.headers())?;
    let name = peer.to_owned();
    let packed = response.bytes_stream().map_err(move |e| fault::read(&e, Stage::Body, &name));
    let Some(way) = way else { return Ok(packed.boxed()) };
    let came = Arc::new(AtomicU64::new(0));
    let counter = came.clone();
    let counted = packed
        .inspect_ok(move |piece| _ = counter.fetch_add(piece.len() as u64, Ordering::Relaxed))
        .map_err(io::Error::other);
    let reader = StreamReader::new(counted.boxed());
    Ok(match way {
        Way::Gzip => {
            let mut unpacker = GzipDecoder::new(reader);
            unpacker.multiple_members(true);
            guarded(unpacker, came, peer)
        }
        Way::Brotli => guarded(BrotliDecoder::new(reader), came, peer),
    })
}

#[derive(Clone, Copy)]
enum Way {
    Gzip,
    Brotli,
}

fn way(headers: &HeaderMap) -> Result<Option<Way>, ProviderError> {
    let mut named = headers.get_all(header::CONTENT_ENCODING).iter();
    let (first, second) = (named.next(), named.next());
    let first = first.map_or(Ok(""), |v| v.to_str()).unwrap_or("?").trim().to_ascii_lowercase();
    match (&*first, second) {
        ("" | "identity", None) => Ok(None),
        ("gzip" | "x-gzip", None) => Ok(Some(Way::Gzip)),
        ("br", None) => Ok(Some(Way::Brotli)),
        _ => {
            let message = "the answer is packed in a way that was not asked for";
            Err(ProviderError::because(Category::BrokenStream, "unreadable", message))
        }
    }
}

fn guarded(unpacker: impl AsyncRead + Send + 'static, came: Arc<AtomicU64>, peer: &str) -> ByteStream {
    let peer = peer.to_owned();
    let mut unpacked = 0;
    let pieces = ReaderStream::with_capacity(Box::pin(unpacker), PIECE);
    let check = move |piece: io::Result<Bytes>| {
        let piece = piece.map_err(|e| broken(e, &peer))?;
        unpacked += piece.len() as u64;
        let packed = came.load(Ordering::Relaxed);
        if unpacked > MOST || unpacked > SMALL && unpacked / RATIO > packed {
            let message = format!("the answer unpacks to more than it should ({peer})");
            return Err(ProviderError::because(Category::BrokenStream, "too_large", message));
        }
        Ok(piece)
    };
    pieces.map(check).boxed()
}

fn broken(error: io::Error, peer: &str) -> ProviderError {
    let kind = error.kind();
    error.downcast::<ProviderError>().unwrap_or_else(|_| {
        let (cause, words) = match kind {
            io::ErrorKind::UnexpectedEof => ("connection_lost", "the packed answer ends in the middle"),
            _ => ("unreadable", "the answer cannot be unpacked"),
        };
        ProviderError::because(Category::BrokenStream, cause, format!("{words} ({peer})"))
    })
}
